"""Feeds: what each source said in every hour, and what is usual for it."""

import itertools
import statistics
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts, feeds, sources, store, tracks
from pipeline.config import Home
from pipeline.sources import Limits, Source

DAY = datetime(2026, 5, 14, tzinfo=UTC)
NOTHING_ELSE = {"n_repeated": 0, "n_surplus": 0}


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


def only_heard(heard: list[tuple[str, str, int]]) -> pa.Table:
    """Reports that became no positions, of (source, vessel, second of the day)."""
    schema = pa.schema([contracts.load("reports").schema.field(name) for name in tracks.HEARD])
    rows = [
        {
            "source_id": source_id,
            "vessel_key": f"{source_id}:{vessel}",
            "observed_at": DAY + timedelta(seconds=at_s),
        }
        for source_id, vessel, at_s in heard
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def health(
    heard: list[tuple[str, str, int]],
    repeated: list[tuple[str, str, int]] | None = None,
    surplus: list[tuple[str, str, int]] | None = None,
) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows of `feed_health` by source and hour."""
    again, too_many = only_heard(repeated or []), only_heard(surplus or [])
    found = feeds.health(positions(heard), again, too_many, "2026-05-14").to_pylist()
    return {(row["source_id"], row["hour_at"].hour): row for row in found}


def test_a_source_that_was_heard_has_24_hours() -> None:
    found = health([("ais", "a", 0), ("radar", "b", 40_000)])
    assert sorted(found) == [(source_id, hour) for source_id in ("ais", "radar") for hour in range(24)]
    assert found["ais", 0]["hour_at"] == DAY
    assert found["ais", 23]["hour_at"] == DAY + timedelta(hours=23)


def test_no_positions_no_health() -> None:
    assert health([]) == {}


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


def test_a_source_whose_reports_all_became_no_positions_was_heard() -> None:
    """Of two sources that hear the same vessels one may have nothing but repeats: it is well, and its vessels count."""
    found = health([("ais", "a", 0)], repeated=[("again", "a", 5400)], surplus=[("flood", "a", 86_399)])
    assert sorted({source_id for source_id, _ in found}) == ["again", "ais", "flood"]
    assert len(found) == 3 * 24
    row = found["again", 1]
    assert (row["n_reports"], row["n_repeated"], row["n_surplus"], row["n_vessels"]) == (0, 1, 0, 1)
    assert row["longest_silence_s"] == 1800.0
    row = found["flood", 23]
    assert (row["n_reports"], row["n_repeated"], row["n_surplus"], row["n_vessels"]) == (0, 0, 1, 1)
    assert row["longest_silence_s"] == 3599.0
    assert sum(row["n_repeated"] + row["n_surplus"] for row in found.values()) == 2


def test_a_vessel_that_is_heard_in_several_ways_is_one() -> None:
    row = health([("ais", "a", 0)], repeated=[("ais", "a", 1), ("ais", "b", 2)], surplus=[("ais", "b", 3)])["ais", 0]
    assert (row["n_reports"], row["n_repeated"], row["n_surplus"], row["n_vessels"]) == (1, 2, 1, 2)


def test_echoes_that_became_no_positions_are_of_no_known_vessel() -> None:
    """A radar's vessel is a track, and they are in none."""
    row = health([("radar", "7", 0)], repeated=[("radar", "7", 1)], surplus=[("radar", "8", 1800)])["radar", 0]
    assert (row["n_vessels"], row["longest_silence_s"]) == (1, 1800.0)


@pytest.mark.parametrize(("at_s", "hour"), [(0, 0), (3599, 0), (3600, 1), (7199, 1), (86_399, 23)])
def test_repeats_and_surplus_are_counted_in_the_hour_that_they_are_of(at_s: int, hour: int) -> None:
    one = ("ais", "b", at_s)
    found = health([("ais", "a", 40_000)], repeated=[one] * 3, surplus=[one] * 2)
    assert {h: (row["n_repeated"], row["n_surplus"]) for (_, h), row in found.items() if row["n_repeated"]} == {
        hour: (3, 2)
    }


HEARD = st.lists(
    st.tuples(st.sampled_from(["ais", "radar"]), st.sampled_from("abc"), st.integers(0, 86_399)), max_size=40
)


@given(HEARD, HEARD, HEARD)
@settings(max_examples=60, deadline=None)
def test_health_agrees_with_plain_python(
    heard: list[tuple[str, str, int]], repeated: list[tuple[str, str, int]], surplus: list[tuple[str, str, int]]
) -> None:
    heard = sorted(set(heard))  # a position of a vessel at a time is there once
    found = health(heard, repeated, surplus)
    assert {source_id for source_id, _ in found} == {one[0] for one in (*heard, *repeated, *surplus)}
    for (source_id, hour), row in found.items():
        here, again, too_many = (
            [(vessel, at_s) for other, vessel, at_s in those if other == source_id and at_s // 3600 == hour]
            for those in (heard, repeated, surplus)
        )
        every = [*here, *again, *too_many]
        named = here if source_id == "radar" else every
        edges = sorted([hour * 3600, *(at_s for _, at_s in every), hour * 3600 + 3600])
        assert (row["n_reports"], row["n_repeated"], row["n_surplus"]) == (len(here), len(again), len(too_many))
        assert row["n_vessels"] == len({vessel for vessel, _ in named})
        assert row["longest_silence_s"] == max(b - a for a, b in itertools.pairwise(edges))


def write_days(lake: Path, counts: dict[int, int]) -> None:
    """Health of the days before 14 May 2026: at six o'clock so many vessels, that many days ago."""
    for ago, n_vessels in counts.items():
        day = date(2026, 5, 14) - timedelta(days=ago)
        row = {
            "source_id": "ais",
            "hour_at": datetime(day.year, day.month, day.day, 6, tzinfo=UTC),
            "longest_silence_s": 0.0,
            **NOTHING_ELSE,
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
                    **NOTHING_ELSE,
                }
            )
            heard["ais", hour].append(n_vessels)
        store.write(tmp_path, "feed_health", f"day={day:%Y-%m-%d}", "all", contracts.rows("feed_health", rows))
    expected = {key: statistics.median(counts) for key, counts in heard.items()}
    assert feeds.usual_vessels(tmp_path, "2026-05-14") == expected


# The last file of a source -------------------------------------------------------------------------------------------

PERIOD_S = {
    "minutes": 900,
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 31 * 86_400,
    "yearly": 366 * 86_400,
}


def of_cadence(cadence: str) -> Source:
    """A source whose files come so often."""
    radar = sources.load(Home(Path("no home")), "coastal_radar")
    return radar.model_copy(update={"limits": radar.limits.model_copy(update={"cadence": cadence})})


def file(name: str, received_at: datetime, **changed: Any) -> dict[str, Any]:
    """A row of `source_files`, of which 10 of 200 records were rejected."""
    counts = {"lines_in": 200, "accepted": 190, "rejected": 10}
    return {
        "file_name": name,
        "received_at": received_at,
        "last_at": received_at - timedelta(hours=1),
        "state": "accepted",
        **counts,
        **changed,
    }


def test_a_source_without_a_file_was_never_heard() -> None:
    found = feeds.last_file(of_cadence("daily"), [], DAY)
    assert found.pop("health") == "never"
    assert set(found.values()) == {None}


def test_the_last_file_is_the_one_that_came_last_and_the_data_reach_as_far_as_any() -> None:
    files = [
        file("b.csv", DAY - timedelta(hours=2), last_at=DAY - timedelta(hours=3)),
        file("c.csv", DAY - timedelta(hours=1), last_at=DAY - timedelta(days=9), lines_in=3, rejected=1),
        file("a.csv", DAY - timedelta(days=2)),
    ]
    for order in itertools.permutations(files):
        assert feeds.last_file(of_cadence("daily"), list(order), DAY) == {
            "last_file": "c.csv",
            "last_received_at": DAY - timedelta(hours=1),
            "last_data_at": DAY - timedelta(hours=3),
            "rejected_share": 0.3333,
            "health": "ok",
        }


def test_every_cadence_that_a_source_can_have_is_known() -> None:
    declared = get_args(Limits.model_fields["cadence"].annotation)
    assert set(feeds.CADENCE_S) == set(declared) == {*PERIOD_S, "irregular"}


@pytest.mark.parametrize("cadence", PERIOD_S)
@pytest.mark.parametrize(("off_us", "health"), [(-1, "ok"), (0, "ok"), (1, "late")])
def test_a_feed_is_late_after_twice_its_cadence(cadence: str, off_us: int, health: str) -> None:
    received_at = DAY - timedelta(seconds=2 * PERIOD_S[cadence], microseconds=off_us)
    assert feeds.last_file(of_cadence(cadence), [file("a.csv", received_at)], DAY)["health"] == health


def test_an_irregular_feed_is_never_late() -> None:
    long_ago = file("a.csv", DAY - timedelta(days=10_000))
    assert feeds.last_file(of_cadence("irregular"), [long_ago], DAY)["health"] == "ok"


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=30)])
def test_a_feed_whose_last_file_was_quarantined_says_so(age: timedelta) -> None:
    nothing = {"state": "quarantined", "lines_in": 0, "accepted": 0, "rejected": 0, "last_at": None}
    good, bad = file("a.csv", DAY - age - timedelta(hours=1)), file("b.csv", DAY - age, **nothing)
    found = feeds.last_file(of_cadence("daily"), [good, bad], DAY)
    assert (found["last_file"], found["health"], found["rejected_share"]) == ("b.csv", "quarantined", None)
    assert found["last_data_at"] == good["last_at"], "what came before is still there"
    mended = file("b.csv", DAY - age + timedelta(seconds=1))
    assert feeds.last_file(of_cadence("yearly"), [good, bad, mended], DAY)["health"] == "ok"
