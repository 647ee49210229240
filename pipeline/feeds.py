"""
Feeds: how much each source said in every hour of a day, and what is usual for it. The feed-outage guard rests on this.
"""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline import contracts, store
from pipeline.tracks import instant, seconds
from pipeline.units import SECONDS_PER_HOUR

BASELINE_DAYS = 7  # definitions.md 0
BASELINE_COLUMNS = ["source_id", "hour_at", "n_vessels"]  # what the days after a day rest on
LEAST_BASELINE_DAYS = 3  # own: fewer days make no median


def health(positions: pa.Table, day: str) -> pa.Table:
    """The day's rows of `feed_health`: 24 hours for every source that was heard on the day."""
    start_s = np.datetime64(day).astype("datetime64[s]").astype(np.int64)
    time = seconds(positions.column("observed_at"))
    names, source = np.unique(
        positions.column("source_id").to_numpy(zero_copy_only=False).astype(str), return_inverse=True
    )
    vessel = contracts.codes(positions.column("vessel_id"))
    hour = ((time - start_s) // SECONDS_PER_HOUR).astype(np.int64)
    records = []
    for number, name in enumerate(names.tolist()):
        for h in range(24):
            here = (source == number) & (hour == h)
            edges = [start_s + h * SECONDS_PER_HOUR, start_s + (h + 1) * SECONDS_PER_HOUR]
            times = np.sort(np.concatenate((time[here], edges)))
            records.append(
                {
                    "source_id": name,
                    "hour_at": instant(float(edges[0])),
                    "n_reports": int(here.sum()),
                    "n_vessels": len(np.unique(vessel[here])),
                    "longest_silence_s": float(np.diff(times).max()),
                }
            )
    return contracts.rows("feed_health", records)


def usual_vessels(lake: Path, day: str) -> dict[tuple[str, int], float]:
    """Vessels that a source hears at an hour of the day, as the median of the days before that have the hour; few days give nothing."""
    before = [str(date.fromisoformat(day) - timedelta(days=n)) for n in range(1, BASELINE_DAYS + 1)]
    parts = [path for name in before for path in store.parts(lake, "feed_health", f"day={name}")]
    heard: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for row in store.read(parts, "feed_health").to_pylist():
        heard[row["source_id"], row["hour_at"].hour].append(row["n_vessels"])
    return {key: float(np.median(counts)) for key, counts in heard.items() if len(counts) >= LEAST_BASELINE_DAYS}
