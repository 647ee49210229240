"""The table `events`: what is in force after each run of each day, whatever the order of the runs."""

import json
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline import contracts, events, store
from pipeline.carry import Carried
from pipeline.sea import Sea
from tests.detect.motions import ais, at, scene, together, voyage

DAYS = ("2026-05-20", "2026-05-21", "2026-05-22")


def event(
    name: str, started_at: str, *, state: str = "open", ended_at: str | None = None, kind: str = "ais_gap"
) -> dict[str, Any]:
    """One event as a detector emits it."""
    start, end = (datetime.fromisoformat(f"{text}+00:00") if text else None for text in (started_at, ended_at))
    return {
        "event_id": f"{name:0>16}",
        "event_type": kind,
        "state": state,
        "track_id": "mmsi:237000001.1",
        "started_at": start,
        "ended_at": end,
        "known_at": start,
        "confidence": 0.9,
        "is_distress": False,
        "source_ids": ["ais"],
        "detector_version": 1,
        "evidence": json.dumps({"name": name}),
    }


def emitted(*found: dict[str, Any]) -> pa.Table:
    return contracts.rows("events", list(found))


def in_force(lake: Path, day: str | None = None) -> dict[str, tuple[str, str]]:
    """(state, day of its partition) by name, of one partition or of all."""
    found = {}
    for path in store.parts(lake, "events", f"day={day}" if day else "*"):
        for row in store.read([path], "events").to_pylist():
            assert row["event_id"] not in found, "an event lies in two partitions"
            found[row["event_id"].lstrip("0")] = (row["state"], path.parent.name.removeprefix("day="))
    return found


OPEN = event("a", "2026-05-20T23:40:00")
CLOSED = event("a", "2026-05-20T23:40:00", state="closed", ended_at="2026-05-21T00:50:00")
OTHER = event("b", "2026-05-20T10:00:00", state="closed", ended_at="2026-05-20T11:00:00")
NEXT = event("c", "2026-05-21T02:00:00", state="closed", ended_at="2026-05-21T03:00:00")


def test_an_open_event_closes_under_its_id_in_the_partition_of_its_start(tmp_path: Path) -> None:
    assert events.emit(tmp_path, DAYS[0], emitted(OPEN, OTHER)) == {DAYS[0]}
    assert in_force(tmp_path) == {"a": ("open", DAYS[0]), "b": ("closed", DAYS[0])}
    assert events.emit(tmp_path, DAYS[1], emitted(CLOSED, NEXT)) == {DAYS[0], DAYS[1]}
    assert in_force(tmp_path) == {"a": ("closed", DAYS[0]), "b": ("closed", DAYS[0]), "c": ("closed", DAYS[1])}


def test_what_a_later_day_does_not_say_again_stays_as_it_was(tmp_path: Path) -> None:
    events.emit(tmp_path, DAYS[0], emitted(OPEN, OTHER))
    events.emit(tmp_path, DAYS[1], emitted(CLOSED))
    events.emit(tmp_path, DAYS[2], emitted())
    assert in_force(tmp_path) == {"a": ("closed", DAYS[0]), "b": ("closed", DAYS[0])}


def test_an_earlier_day_that_runs_again_does_not_overrule_a_later_one(tmp_path: Path) -> None:
    events.emit(tmp_path, DAYS[0], emitted(OPEN))
    events.emit(tmp_path, DAYS[1], emitted(CLOSED))
    events.emit(tmp_path, DAYS[0], emitted(OPEN))
    assert in_force(tmp_path) == {"a": ("closed", DAYS[0])}


def test_what_no_day_says_any_more_is_retracted_and_comes_back_when_said_again(tmp_path: Path) -> None:
    events.emit(tmp_path, DAYS[0], emitted(OPEN, OTHER))
    assert events.emit(tmp_path, DAYS[0], emitted(OTHER)) == {DAYS[0]}
    assert in_force(tmp_path) == {"a": ("retracted", DAYS[0]), "b": ("closed", DAYS[0])}
    events.emit(tmp_path, DAYS[0], emitted(OTHER))
    events.emit(tmp_path, DAYS[1], emitted(NEXT))
    assert in_force(tmp_path)["a"] == ("retracted", DAYS[0]), "for good, whatever runs"
    assert events.emit(tmp_path, DAYS[0], emitted(OPEN, OTHER)) == {DAYS[0]}
    assert in_force(tmp_path)["a"] == ("open", DAYS[0])


def test_retraction_keeps_all_but_the_state(tmp_path: Path) -> None:
    events.emit(tmp_path, DAYS[0], emitted(CLOSED))
    (before,) = store.read(store.parts(tmp_path, "events"), "events").to_pylist()
    events.emit(tmp_path, DAYS[0], emitted())
    (after,) = store.read(store.parts(tmp_path, "events"), "events").to_pylist()
    assert after == {**before, "state": "retracted"}


def test_it_is_retracted_only_when_every_day_that_said_it_takes_it_back(tmp_path: Path) -> None:
    events.emit(tmp_path, DAYS[0], emitted(OPEN))
    events.emit(tmp_path, DAYS[1], emitted(CLOSED))
    events.emit(tmp_path, DAYS[0], emitted())
    assert in_force(tmp_path)["a"][0] == "closed"
    events.emit(tmp_path, DAYS[1], emitted())
    assert in_force(tmp_path)["a"][0] == "retracted"


def test_a_day_that_says_nothing_leaves_nothing_and_touches_nothing(tmp_path: Path) -> None:
    assert events.emit(tmp_path, DAYS[0], emitted()) == set()
    assert list(tmp_path.rglob("*.parquet")) == []


def test_the_same_again_changes_no_byte(tmp_path: Path) -> None:
    events.emit(tmp_path, DAYS[0], emitted(OPEN, OTHER))
    events.emit(tmp_path, DAYS[1], emitted(NEXT, CLOSED))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    events.emit(tmp_path, DAYS[1], emitted(CLOSED, NEXT))
    events.emit(tmp_path, DAYS[0], emitted(OTHER, OPEN))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_days_run_does_not_matter(tmp_path: Path, order: tuple[int, ...]) -> None:
    said = (emitted(OPEN, OTHER), emitted(CLOSED, NEXT), emitted(NEXT))
    for number in order:
        events.emit(tmp_path, DAYS[number], said[number])
    assert in_force(tmp_path) == {"a": ("closed", DAYS[0]), "b": ("closed", DAYS[0]), "c": ("closed", DAYS[1])}


def test_the_end_of_a_day() -> None:
    assert events.end_of_day_s("1970-01-01") == 86_400.0
    assert events.end_of_day_s("2026-05-20") == datetime.fromisoformat("2026-05-21T00:00:00+00:00").timestamp()


def test_time_stands_still_for_a_feed_that_is_not_heard(sea: Sea) -> None:
    """
    Of a feed that was last heard at 18:00, what may still be asked is kept until it is heard again: two hours of all, and the last fixes of each.
    For another, two hours before midnight.
    """
    day, far = at(DAYS[0]), (25.5, 36.5)
    gone = ais("237000001", voyage(day, far, (None, 18 * 3600.0)), source_id="gone")
    heard = ais("237000002", voyage(day, far, (None, 24 * 3600.0)))
    for end, kept_from in ((DAYS[0], 22.0), (DAYS[1], None)):
        whole = scene(together(gone, heard), sea)
        _, left = events.detect(whole, Carried(), end)
        time = np.asarray(left.motion.column("observed_at").cast("int64")) / 1e6 - day
        of_gone = np.asarray(pc.equal(left.motion.column("source_id"), "gone"))
        assert time[of_gone].min() / 3600.0 == pytest.approx(16.0, abs=0.05)
        assert kept_from is None or time[~of_gone].min() / 3600.0 == pytest.approx(kept_from, abs=0.05)
