"""Feeds: what each source said in every hour, and what is usual for it."""

import itertools
import statistics
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts, feeds, store

DAY = datetime(2026, 5, 14, tzinfo=UTC)


def positions(heard: list[tuple[str, str, int]]) -> pa.Table:
    """Positions of (source, vessel, second of the day)."""
    rows = {}
    for source_id, vessel, at_s in heard:
        at = DAY + timedelta(seconds=at_s)
        track = f"{source_id}:{vessel}"
        rows[track, at] = {
            "vessel_id": track,
            "track_id": track,
            "observed_at": at,
            "lon": 0.0,
            "lat": 0.0,
            "source_id": source_id,
        }
    return contracts.rows("positions", list(rows.values()))


def health(heard: list[tuple[str, str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows of `feed_health` by source and hour."""
    found = feeds.health(positions(heard), "2026-05-14").to_pylist()
    return {(row["source_id"], row["hour_at"].hour): row for row in found}


def test_a_source_that_was_heard_has_24_hours() -> None:
    found = health([("ais", "a", 0), ("radar", "b", 40_000)])
    assert sorted(found) == [(source_id, hour) for source_id in ("ais", "radar") for hour in range(24)]
    assert found["ais", 0]["hour_at"] == DAY
    assert found["ais", 23]["hour_at"] == DAY + timedelta(hours=23)


def test_no_positions_no_health() -> None:
    assert feeds.health(positions([]), "2026-05-14").num_rows == 0


@pytest.mark.parametrize(
    ("seconds", "n_reports", "n_vessels", "silence_s"),
    [
        ([], 0, 0, 3600.0),
        ([3600], 1, 1, 3600.0),  # at the beginning of the hour
        ([7199], 1, 1, 3599.0),
        ([3599], 0, 0, 3600.0),
        ([7200], 0, 0, 3600.0),
        ([5400], 1, 1, 1800.0),
        ([4500, 5400, 6300], 3, 1, 900.0),
    ],
)
def test_counts_and_longest_silence_of_an_hour(
    seconds: list[int], n_reports: int, n_vessels: int, silence_s: float
) -> None:
    row = health([("ais", "other", 80_000), *(("ais", "a", at_s) for at_s in seconds)])["ais", 1]
    assert (row["n_reports"], row["n_vessels"], row["longest_silence_s"]) == (n_reports, n_vessels, silence_s)


@given(
    st.lists(st.tuples(st.sampled_from(["ais", "radar"]), st.sampled_from("abc"), st.integers(0, 86_399)), max_size=40)
)
@settings(max_examples=60, deadline=None)
def test_health_agrees_with_plain_python(heard: list[tuple[str, str, int]]) -> None:
    found = health(heard)
    assert {source_id for source_id, _ in found} == {source_id for source_id, _, _ in heard}
    for (source_id, hour), row in found.items():
        here = sorted({(at_s, vessel) for other, vessel, at_s in heard if other == source_id and at_s // 3600 == hour})
        edges = [hour * 3600, *(at_s for at_s, _ in here), hour * 3600 + 3600]
        assert row["n_reports"] == len(here)
        assert row["n_vessels"] == len({vessel for _, vessel in here})
        assert row["longest_silence_s"] == max(b - a for a, b in itertools.pairwise(edges))


def write_days(lake: Path, counts: dict[int, int]) -> None:
    """Health of the days before 14 May 2026: at six o'clock so many vessels, that many days ago."""
    for ago, n_vessels in counts.items():
        day = date(2026, 5, 14) - timedelta(days=ago)
        row = {
            "source_id": "ais",
            "hour_at": datetime(day.year, day.month, day.day, 6, tzinfo=UTC),
            "longest_silence_s": 0.0,
        }
        table = contracts.rows("feed_health", [{**row, "n_reports": n_vessels, "n_vessels": n_vessels}])
        store.write(lake, "feed_health", f"day={day}", "all", table)


@pytest.mark.parametrize(
    ("counts", "usual"),
    [
        ({}, {}),
        ({1: 10, 2: 20}, {}),  # too few days for a median
        ({1: 10, 2: 20, 3: 90}, {("ais", 6): 20.0}),
        ({1: 10, 2: 20, 3: 30, 4: 90}, {("ais", 6): 25.0}),
        ({1: 10, 6: 20, 7: 30}, {("ais", 6): 20.0}),
        ({1: 10, 6: 20, 8: 30}, {}),  # the eighth day before no longer counts
        ({0: 99, 1: 10, 2: 20, 3: 30}, {("ais", 6): 20.0}),  # the day itself says nothing of what is usual
        ({-1: 99, 1: 10, 2: 20, 3: 30}, {("ais", 6): 20.0}),
    ],
)
def test_what_is_usual_is_the_median_of_the_week_before(
    tmp_path: Path, counts: dict[int, int], usual: dict[Any, float]
) -> None:
    write_days(tmp_path, counts)
    assert feeds.usual_vessels(tmp_path, "2026-05-14") == usual


def test_usual_of_many_hours_agrees_with_plain_python(tmp_path: Path) -> None:
    heard = defaultdict(list)
    for ago in range(1, 8):
        day = DAY - timedelta(days=ago)
        rows = []
        for hour in range(24):
            n_vessels = (ago * 7 + hour * 5) % 11
            rows.append(
                {
                    "source_id": "ais",
                    "hour_at": day + timedelta(hours=hour),
                    "n_reports": n_vessels,
                    "n_vessels": n_vessels,
                    "longest_silence_s": 0.0,
                }
            )
            heard["ais", hour].append(n_vessels)
        store.write(tmp_path, "feed_health", f"day={day:%Y-%m-%d}", "all", contracts.rows("feed_health", rows))
    expected = {key: statistics.median(counts) for key, counts in heard.items()}
    assert feeds.usual_vessels(tmp_path, "2026-05-14") == expected
