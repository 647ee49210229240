"""
Events: run every detector over one day, and keep the table `events` in force.

What a day's run emitted lies in `lake/emitted/day=<day of the run>/`; an event can start on an earlier day. The table `events` holds, for each event, what the
latest day said of it. An event that no day says any more (late data took it back) stays with state retracted.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, store
from pipeline.carry import Carried
from pipeline.detect import DETECTORS, coast_crossing, silence
from pipeline.detect.contract import Scene
from pipeline.sea import Sea
from pipeline.tracks import FORGET_AIS_S, seconds, tail
from pipeline.units import SECONDS_PER_DAY

OUTAGES_KEPT_S = 30 * SECONDS_PER_DAY  # as long as a silent track is remembered


def scene_of(
    motion: pa.Table,
    carried: Carried,
    usual_pause_s: Mapping[str, float],
    usual_vessels: Mapping[tuple[str, int], float],
    sea: Sea,
) -> Scene:
    """The scene of one day: its motion in order, how far each feed is heard now, and the outages found."""
    motion = contracts.in_order(motion, ["track_id", "observed_at"])
    time = seconds(motion.column("observed_at"))
    until_s = dict(carried.until_s)
    source_ids = motion.column("source_id").to_numpy(zero_copy_only=False).astype(str)
    for name in np.unique(source_ids).tolist():
        until_s[name] = max(float(time[source_ids == name].max()), until_s.get(name, -np.inf))
    bare = Scene(motion, dict(carried.until_s), until_s, usual_pause_s, usual_vessels, sea)
    outages = silence.find_outages(bare, carried.outages)
    return Scene(motion, dict(carried.until_s), until_s, usual_pause_s, usual_vessels, sea, outages)


def detect(scene: Scene, carried: Carried, day: str) -> tuple[pa.Table, Carried]:
    """All detectors over one scene: (events emitted, what the day leaves)."""
    events, remembered = [], {}
    for detector in DETECTORS:
        found, remembered[detector.name] = detector.run(scene, carried.detectors[detector.name])
        events.append(found)
    end_s = end_of_day_s(day)
    outages = tuple(o for o in scene.outages if o.ended_s is None or end_s - o.ended_s <= OUTAGES_KEPT_S)
    left = Carried(tail(scene.motion, end_s, needed_s(scene, end_s)), remembered, scene.until_s, outages)
    return contracts.conform(pa.concat_tables(events), "events"), left


def needed_s(scene: Scene, end_s: float) -> np.ndarray:
    """
    Up to which age at the end of the day each row [n] is needed, with all younger rows of its track.

    Everywhere as long as a silence that is not judged yet may have been; inside a corridor until a crossing is settled, with the port call and
    the reporting intervals before it. For a feed that is not heard any more time stands still, for at most 30 days.
    """
    age_s = scene.heard_until - scene.time
    allowed_s = silence.base_allowed_s(scene)
    keep_s = np.where(np.isfinite(allowed_s), allowed_s + silence.LOOKS_BACK_S, 0.0)
    fixes_before = np.maximum(scene.first_row, np.arange(len(age_s)) - silence.RECENT_INTERVALS)
    for corridor in scene.sea.corridors:
        asked = corridor.inside(scene.lon, scene.lat) & (
            age_s <= coast_crossing.SETTLED_AFTER * corridor.max_duration_s
        )
        if not asked.any():
            continue
        before_s = np.maximum(age_s[fixes_before], age_s + coast_crossing.DETECTOR.params.port_call_within_s)
        keep_s = np.where(asked, np.maximum(keep_s, before_s), keep_s)
    unheard_s = end_s - scene.heard_until
    return np.where(unheard_s <= FORGET_AIS_S, keep_s + unheard_s, 0.0)


def end_of_day_s(day: str) -> float:
    """The end of a UTC day in seconds since 1970."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * SECONDS_PER_DAY + SECONDS_PER_DAY


def starting_days(events: pa.Table) -> set[str]:
    """The days (ISO dates) on which events start."""
    return {str(moment.date()) for moment in events.column("started_at").to_pylist()}


def affected(lake: Path, day: str, events: pa.Table) -> set[str]:
    """The days on whose events it bears when a day's run says `events` in place of what it said before."""
    path = store.part_path(lake, "emitted", f"day={day}", "all")
    before = store.read([path] if path.exists() else [], "events")
    return starting_days(before) | starting_days(events)


def emit(lake: Path, day: str, events: pa.Table, due: Iterable[str] = ()) -> set[str]:
    """
    Replace what a day's run said, and bring the table `events` up to date. Returns the days whose events may have changed.

    `due` are days that a run before had begun to change when it was killed: what it had replaced already says nothing of them any more.
    """
    days = affected(lake, day, events) | set(due)
    path = store.part_path(lake, "emitted", f"day={day}", "all")
    if events.num_rows:
        store.write_parquet(path, events)
    else:
        path.unlink(missing_ok=True)
    for started_on in sorted(days):
        store.write(lake, "events", f"day={started_on}", "all", in_force(lake, started_on))
    return days


def in_force(lake: Path, started_on: str) -> pa.Table:
    """All events that start on a day, as the latest run said, and those taken back."""
    later = [path for path in store.parts(lake, "emitted") if path.parent.name >= f"day={started_on}"]
    said: dict[str, dict[str, object]] = {}
    for path in later:
        table = store.read([path], "events")
        on_day = table.filter(pc.equal(pc.strftime(table.column("started_at"), "%Y-%m-%d"), started_on))
        said.update({row["event_id"]: row for row in on_day.to_pylist()})
    for row in store.read(store.parts(lake, "events", f"day={started_on}"), "events").to_pylist():
        if row["event_id"] not in said:
            said[row["event_id"]] = {**row, "state": "retracted"}
    return contracts.rows("events", list(said.values()))
