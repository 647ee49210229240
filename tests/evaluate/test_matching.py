"""Which found event is which true one: boundaries, and an oracle that takes the best pair again and again."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.evaluate.matching import iou, match
from pipeline.evaluate.truth import TrueEvent
from tests.evaluate.told import at, event, true_event

DATA_END = at(24 * 60)


def true(start: float, end: float | None, **columns: Any) -> TrueEvent:
    return TrueEvent.model_validate(true_event(start, end, **columns))


def found_ids(wanted: list[TrueEvent], rows: list[dict[str, Any]]) -> tuple[dict[int, str], list[str], list[str]]:
    matches = match(wanted, rows, DATA_END)
    return (
        {number: row["event_id"] for number, row in matches.found.items()},
        [row["event_id"] for row in matches.repeats],
        [row["event_id"] for row in matches.false],
    )


@pytest.mark.parametrize(
    ("minutes", "is_found"), [(29, False), (30, True), (31, True), (100, True), (333, True), (334, False)]
)
def test_the_overlap_decides_from_three_tenths_on(minutes: float, is_found: bool) -> None:
    assert bool(found_ids([true(0, 100)], [event("a", 0, minutes)])[0]) is is_found


@pytest.mark.parametrize(("seconds", "is_found"), [(0, True), (323, True), (324, False), (600, False)])
def test_moments_are_widened_to_ten_minutes(seconds: int, is_found: bool) -> None:
    # (600 - d) / (600 + d) is 0.3 at d = 323.1 s
    for sign in (1, -1):
        moment = 60 + sign * seconds / 60
        assert bool(found_ids([true(60, 60)], [event("a", moment, moment)])[0]) is is_found


def test_a_time_shorter_than_ten_minutes_is_widened_around_its_middle() -> None:
    assert iou(at(60), at(64), at(57), at(67), DATA_END) == 1.0
    assert iou(at(60), at(70), at(60), at(70), DATA_END) == 1.0
    assert iou(at(60), at(71), at(60), at(70), DATA_END) == pytest.approx(10 / 11)


def test_what_has_no_end_lasts_until_the_end_of_the_data() -> None:
    assert iou(at(60), None, at(60), at(24 * 60), DATA_END) == 1.0
    assert iou(at(60), at(24 * 60), at(24 * 30 + 30), None, DATA_END) == pytest.approx(690 / 1380)


def test_times_apart_do_not_overlap() -> None:
    assert iou(at(0), at(60), at(60), at(120), DATA_END) == 0.0
    assert iou(at(0), at(60), at(200), at(300), DATA_END) == 0.0


def test_each_event_is_matched_once_and_the_others_repeat_it() -> None:
    rows = [event("half", 0, 50), event("whole", 0, 100), event("third", 0, 35)]
    assert found_ids([true(0, 100)], rows) == ({0: "whole"}, ["half", "third"], [])
    assert found_ids([true(0, 100), true(0, 60)], rows) == ({0: "whole", 1: "half"}, ["third"], [])


def test_of_equal_ones_the_smaller_id_is_taken_whatever_the_order() -> None:
    rows = [event("b", 0, 100), event("a", 0, 100)]
    assert found_ids([true(0, 100)], rows) == ({0: "a"}, ["b"], [])
    assert found_ids([true(0, 100)], rows[::-1]) == ({0: "a"}, ["b"], [])


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        ({"event_type": "loitering"}, {}),
        ({"mmsi": "237000002"}, {}),
        ({"mmsi": None, "track_prefixes": ["radar:R-SAMOS:5:20260514"]}, {}),
        ({"mmsi": None, "track_prefixes": ["mmsi:2370000011"]}, {}),
        ({"mmsi": None, "track_prefixes": ["radar:R:5:"]}, {"mmsi": None, "track_id": "radar:R:6:20260514.1.1"}),
        (
            {"event_type": "coast_crossing", "phase": "completed"},
            {"event_type": "coast_crossing", "phase": "approaching"},
        ),
        ({"event_type": "distress", "rule": "f"}, {"event_type": "distress", "rule": "b_stop"}),
        ({"mmsi": None}, {}),
        ({}, {"mmsi": None, "track_id": None, "vessel_id": None}),
        ({"other_mmsi": "237000002"}, {}),
        ({"other_mmsi": "237000002"}, {"other_mmsi": "237000003", "other_track_id": "mmsi:237000003.1"}),
    ],
)
def test_what_is_no_match(wanted: dict[str, Any], row: dict[str, Any]) -> None:
    assert found_ids([true(0, 100, **wanted)], [event("a", 0, 100, **row)]) == ({}, [], ["a"])


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        ({}, {}),
        (
            {"mmsi": None, "track_prefixes": ["radar:R-SAMOS:5:20260514"]},
            {"mmsi": None, "track_id": "radar:R-SAMOS:5:20260514.1.1"},
        ),
        ({"mmsi": "237000002", "track_prefixes": ["x", "mmsi:237000001"]}, {}),
        ({"event_type": "coast_crossing"}, {"event_type": "coast_crossing", "phase": "approaching"}),
        ({"event_type": "distress", "rule": "f"}, {"event_type": "distress", "rule": "f"}),
        ({"event_type": "feed_outage", "mmsi": None}, {"event_type": "feed_outage", "mmsi": None, "track_id": None}),
        ({"other_mmsi": "237000002"}, {"other_mmsi": "237000002", "other_track_id": "mmsi:237000002.1"}),
        (
            {"other_mmsi": "237000002"},
            {"mmsi": "237000002", "other_mmsi": "237000001", "other_track_id": "mmsi:237000001.1"},
        ),
        ({"other_track_prefixes": ["radar:R"]}, {"other_track_id": "radar:R-SAMOS:5:20260514.1.1"}),
        ({}, {"mmsi": "237000009", "other_mmsi": "237000001", "other_track_id": "mmsi:237000001.1"}),
    ],
)
def test_what_is_a_match(wanted: dict[str, Any], row: dict[str, Any]) -> None:
    assert found_ids([true(0, 100, **wanted)], [event("a", 0, 100, **row)]) == ({0: "a"}, [], [])


def brute_force(wanted: list[TrueEvent], rows: list[dict[str, Any]]) -> tuple[dict[int, str], set[str]]:
    """Pairs (true, found) and repeats, felt for second by second in whole minutes."""

    def minutes(start: datetime, end: datetime) -> set[int]:
        first, last = (round((moment - at(0)) / timedelta(minutes=1)) for moment in (start, end))
        return set(range(first, last))

    def overlap(one: TrueEvent, row: dict[str, Any]) -> float:
        if one.mmsi != row["mmsi"]:
            return 0.0
        a, b = (
            minutes(one.started_at, one.ended_at or DATA_END),
            minutes(row["started_at"], row["ended_at"] or DATA_END),
        )
        return len(a & b) / len(a | b)

    left_true, left_found = set(range(len(wanted))), set(range(len(rows)))
    pairs: dict[int, str] = {}
    while True:
        best = None
        for i in sorted(left_true):
            for j in sorted(left_found, key=lambda j: rows[j]["event_id"]):
                size = overlap(wanted[i], rows[j])
                if size >= 0.3 and (best is None or size > best[0]):
                    best = (size, i, j)
        if best is None:
            break
        _, i, j = best
        pairs[i] = rows[j]["event_id"]
        left_true.remove(i)
        left_found.remove(j)
    return pairs, {rows[j]["event_id"] for j in left_found if any(overlap(one, rows[j]) >= 0.3 for one in wanted)}


@pytest.mark.parametrize("seed", range(40))
def test_an_oracle_agrees(seed: int) -> None:
    rng = random.Random(seed)
    crafts = ["237000001", "237000002", "237000003"]

    def times() -> tuple[int, int | None]:
        start = rng.randrange(0, 500)
        return start, None if rng.random() < 0.1 else start + rng.randrange(10, 200)

    wanted = [true(*times(), mmsi=rng.choice(crafts)) for _ in range(12)]
    rows = [event(f"{rng.randrange(10**6):06}", *times(), mmsi=rng.choice(crafts)) for _ in range(30)]
    pairs, repeats = brute_force(wanted, rows)
    found, again, false = found_ids(wanted, rows)
    assert pairs
    assert repeats
    assert found == pairs
    assert set(again) == repeats
    assert len(found) + len(again) + len(false) == len(rows)
    assert [row["event_id"] for row in rows if row["event_id"] in false] == false
