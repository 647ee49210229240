"""
Feeds: how much each source said in every hour of a day, and what is usual for it. The feed-outage guard rests on this.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, store
from pipeline.sources import Source
from pipeline.tracks import HEARD, instant, of_radar, seconds
from pipeline.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

BASELINE_DAYS = 7  # definitions.md 0
BASELINE_COLUMNS = ["source_id", "hour_at", "n_vessels"]  # what the days after a day rest on
LEAST_BASELINE_DAYS = 3  # own: fewer days make no median


# How long after the last file the next one is due, by what the source's TOML calls its cadence; an irregular one is never late.
CADENCE_S = {
    "minutes": 900.0,
    "hourly": SECONDS_PER_HOUR,
    "daily": SECONDS_PER_DAY,
    "weekly": 7 * SECONDS_PER_DAY,
    "monthly": 31 * SECONDS_PER_DAY,
    "yearly": 366 * SECONDS_PER_DAY,
    "irregular": np.inf,
}
LATE_AFTER = 2.0  # own: cadences without a file


def last_file(source: Source, files: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """
    The last file of a source and the health of its feed, from its rows of `source_files`: `never` a file came, the last one was `quarantined`, the next
    one is `late`, or `ok`. Also the share of the last file's records that were rejected.
    """
    if not files:
        return {
            "last_file": None,
            "last_received_at": None,
            "last_data_at": None,
            "rejected_share": None,
            "health": "never",
        }
    last = max(files, key=lambda file: (file["received_at"], file["file_name"]))
    data = [file["last_at"] for file in files if file["last_at"]]
    is_late = (now - last["received_at"]).total_seconds() > LATE_AFTER * CADENCE_S[source.limits.cadence]
    return {
        "last_file": last["file_name"],
        "last_received_at": last["received_at"],
        "last_data_at": max(data, default=None),
        "rejected_share": round(last["rejected"] / last["lines_in"], 4) if last["lines_in"] else None,
        "health": "quarantined" if last["state"] == "quarantined" else "late" if is_late else "ok",
    }


def health(positions: pa.Table, repeated: pa.Table, surplus: pa.Table, day: str) -> pa.Table:
    """
    The day's rows of `feed_health`: 24 hours for every source that was heard on the day. `repeated` and `surplus` hold source and time of the reports
    that are no positions: see `tracks.Tracked`.
    """
    start_s = np.datetime64(day).astype("datetime64[s]").astype(np.int64)
    time = seconds(positions.column("observed_at"))
    heard = pa.concat_tables([table.select(["source_id"]) for table in (positions, repeated, surplus)])
    names = sorted(pc.unique(heard.column("source_id")).to_pylist())
    source = np.asarray(pc.index_in(positions.column("source_id"), pa.array(names, pa.string())))
    key = ["source_id", "observed_at", "vessel_id"]
    every = pa.concat_tables(
        [positions.select(key), *(one.select(HEARD).rename_columns(key) for one in (repeated, surplus))]
    )
    # A radar's number alone is no vessel: it gives it again.
    is_vessel = ~of_radar(every.column("vessel_id")) | (np.arange(every.num_rows) < positions.num_rows)
    vessel = contracts.codes(every.column("vessel_id"))
    spoke_s = seconds(every.column("observed_at"))
    spoke_hour = ((spoke_s - start_s) // SECONDS_PER_HOUR).astype(np.int64)
    speaker = np.asarray(pc.index_in(every.column("source_id"), pa.array(names, pa.string())))
    hour = ((time - start_s) // SECONDS_PER_HOUR).astype(np.int64)
    again, too_many = (by_hour(table, names, start_s) for table in (repeated, surplus))
    records = []
    for number, name in enumerate(names):
        for h in range(24):
            here = (source == number) & (hour == h)
            edges = [start_s + h * SECONDS_PER_HOUR, start_s + (h + 1) * SECONDS_PER_HOUR]
            spoke = (speaker == number) & (spoke_hour == h)
            times = np.sort(np.concatenate((spoke_s[spoke], edges)))
            records.append(
                {
                    "source_id": name,
                    "hour_at": instant(float(edges[0])),
                    "n_reports": int(here.sum()),
                    "n_repeated": int(again[number, h]),
                    "n_surplus": int(too_many[number, h]),
                    "n_vessels": len(np.unique(vessel[spoke & is_vessel])),
                    "longest_silence_s": float(np.diff(times).max()),
                }
            )
    return contracts.rows("feed_health", records)


def by_hour(table: pa.Table, names: list[str], start_s: int) -> np.ndarray:
    """Rows of a table with source and time, counted by source and hour of the day [sources, 24]."""
    source = np.asarray(pc.index_in(table.column("source_id"), pa.array(names, pa.string())))
    hour = ((seconds(table.column("observed_at")) - start_s) // SECONDS_PER_HOUR).astype(np.int64)
    found = np.zeros((len(names), 24), dtype=np.int64)
    np.add.at(found, (source, hour), 1)
    return found


def usual_vessels(lake: Path, day: str) -> dict[tuple[str, int], float]:
    """Vessels that a source hears at an hour of the day, as the median of the days before that have the hour; few days give nothing."""
    before = [str(date.fromisoformat(day) - timedelta(days=n)) for n in range(1, BASELINE_DAYS + 1)]
    parts = [path for name in before for path in store.parts(lake, "feed_health", f"day={name}")]
    heard: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for row in store.read(parts, "feed_health").to_pylist():
        heard[row["source_id"], row["hour_at"].hour].append(row["n_vessels"])
    return {key: float(np.median(counts)) for key, counts in heard.items() if len(counts) >= LEAST_BASELINE_DAYS}
