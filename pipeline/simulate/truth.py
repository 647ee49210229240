"""
The truth beside simulated files: which behaviours were acted out, by whom, and what must be found of them.

    format      "pharos-truth/1"
    theatre, seed, first_day, days, vessels (background vessels, null for real traffic)
    behaviours  label, behaviour (its kind), section (of definitions.md), positive, story, subjects, started_at, ended_at, path, events, alerts
    silences    mmsi, started_at, ended_at: craft of no behaviour that were not heard for long at sea
    unobserved  how many were left out because no sensor reported anything of them in their time: behaviours of which nobody saw anything or, of
                a positive one, nothing that makes an event; and single events of the behaviours that are kept
    left_out    labels of behaviours for which the theatre or the days had no place

A subject has an `mmsi`, or null, and `track_prefixes`: how the ids of its radar tracks begin. The first subject is the one that it is about; `path`
is its true way. An event says whose it is by `mmsi` or by `track_prefixes` (the other craft of two: `other_…`), and where it is about no craft, by
`lon` and `lat` if it has a place. What was not over at the end of the data ends there.

`path` is the true way, but an event's times are what could be known of it: it begins and ends with what the sensor that bears it reported of the
craft, and is known from the first report after the definition was met; rule f not before UNDER_WAY_FOR_S of reports under way in the dark. What a
silence makes (an AIS gap, a craft that vanished) begins where the silence does.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.simulate.behaviours.behaviour import Behaviour, Expected
from pipeline.simulate.craft import DAY_S, Craft, Motion
from pipeline.simulate.sensors import RadarTrack

FORMAT = "pharos-truth/1"
PATH_POINTS = 60
MARGIN_S = 300.0  # own: a report so shortly before or after an event still speaks of it
UNDER_WAY_FOR_S = 600.0  # definitions.md 7 f: a shorter radar track is no craft
RAISED_BY = {
    "crossing": "coast_crossing",
    "distress": "distress",
}  # category of alert: the type of event that raises it

Times = npt.NDArray[np.int64]


class Borne(NamedTuple):
    """By whose reports an event is borne: `mmsi` or `track_prefixes`, and the times of those reports in order [n]."""

    key: str
    whose: str | list[str]
    times_s: Times


@dataclass(frozen=True)
class Sightings:
    """
    When craft were reported, in seconds of the simulated time in order [n]: by AIS, for each MMSI, and by radars, for each craft and the beginning of
    the id of a track of it (`track_prefix`).
    """

    heard_s: Mapping[str, Times]
    plotted_s: Mapping[Craft, Mapping[str, Times]]

    def of(self, craft: Craft) -> dict[str, Any]:
        """The craft as a subject."""
        mmsi = craft.mmsi if craft.mmsi in self.heard_s else None
        return {"mmsi": mmsi, "track_prefixes": list(self.plotted_s.get(craft, ()))}

    def between(self, craft: Craft, sensor: str, start_s: float, end_s: float) -> Borne | None:
        """
        The reports of a craft in [start, end] by "ais" or by "radar", for "" by AIS or, where it was not heard then, by radar. None where there are none.
        """
        if sensor in ("ais", ""):
            heard_s = _within(self.heard_s.get(craft.mmsi, NEVER), start_s, end_s)
            if len(heard_s):
                return Borne("mmsi", craft.mmsi, heard_s)
        if sensor in ("radar", ""):
            tracks = {name: _within(at_s, start_s, end_s) for name, at_s in self.plotted_s.get(craft, {}).items()}
            names = [name for name, at_s in tracks.items() if len(at_s)]
            if names:
                return Borne("track_prefixes", names, np.sort(np.concatenate([tracks[name] for name in names])))
        return None


NEVER = np.empty(0, dtype=np.int64)


def _within(at_s: Times, start_s: float, end_s: float) -> Times:
    return at_s[(at_s >= start_s) & (at_s <= end_s)]


@dataclass(frozen=True)
class Silence:
    """A craft of no behaviour that was not heard, in seconds of the simulated time."""

    mmsi: str
    started_s: float
    ended_s: float


def truth(
    *,
    theatre: str,
    seed: int,
    first_day: date,
    days: int,
    vessels: int | None,
    behaviours: Sequence[Behaviour],
    seen: Sightings,
    silences: Sequence[Silence] = (),
    left_out: Sequence[str] = (),
) -> dict[str, Any]:
    """The document."""
    until_s = days * DAY_S
    observed, unobserved = [], 0
    for behaviour in behaviours:
        one = describe(first_day, behaviour, seen, until_s)
        if one is None:
            unobserved += 1
        else:
            observed.append(one)
            unobserved += len(behaviour.events) - len(one["events"])
    return {
        "format": FORMAT,
        "theatre": theatre,
        "seed": seed,
        "first_day": first_day.isoformat(),
        "days": days,
        "vessels": vessels,
        "unobserved": unobserved,
        "left_out": list(left_out),
        "behaviours": observed,
        "silences": [
            {"mmsi": one.mmsi, "started_at": stamp(first_day, one.started_s), "ended_at": stamp(first_day, one.ended_s)}
            for one in silences
        ],
    }


def describe(first_day: date, behaviour: Behaviour, seen: Sightings, until_s: float) -> dict[str, Any] | None:
    """
    One entry of `behaviours`; None where no sensor saw one of its craft and nobody reported anything, or where what was seen of a positive one makes
    no event.
    """
    subjects = [seen.of(passage.craft) for passage in behaviour.passages]
    if subjects and not behaviour.incidents and not any(one["mmsi"] or one["track_prefixes"] for one in subjects):
        return None
    borne = [expected_event(first_day, behaviour, event, seen, until_s) for event in behaviour.events]
    events = [event for event in borne if event is not None]
    if behaviour.is_positive and not events:
        return None
    raised_by = {event["event_type"] for event in events}
    if behaviour.passages:
        way = behaviour.passages[0].motion
        first_s, last_s, path = float(way.at_s[0]), float(way.at_s[-1]), thinned(first_day, way)
    else:
        times_s = [incident.at_s for incident in behaviour.incidents]
        times_s += [at_s for event in behaviour.events for at_s in (event.started_s, event.ended_s or until_s)]
        first_s, last_s, path = min(times_s), max(times_s), []
    return {
        "label": behaviour.label,
        "behaviour": behaviour.name,
        "section": behaviour.section,
        "positive": behaviour.is_positive,
        "story": behaviour.story,
        "subjects": subjects,
        "started_at": stamp(first_day, first_s),
        "ended_at": stamp(first_day, last_s),
        "path": path,
        "events": events,
        "alerts": [
            {"category": category, "status": status}
            for category, status in behaviour.alerts
            if RAISED_BY[category] in raised_by
        ],
    }


def expected_event(
    first_day: date, behaviour: Behaviour, event: Expected, seen: Sightings, until_s: float
) -> dict[str, Any] | None:
    """One entry of `events`; None where the sensor whose track would bear it reported nothing of the craft in its time, or too little."""
    started_s, known_s = event.started_s, event.known_s
    ended_s = until_s if event.ended_s is None else min(event.ended_s, until_s)
    whose: dict[str, Any] = {}
    for who, number in (("", event.about), ("other_", event.other)):
        if event.sensor == "none" or number is None:
            continue
        craft = behaviour.passages[number].craft
        borne = _borne(event, seen, craft, event.sensor if not who else "", ended_s)
        if borne is None:
            return None
        whose[who + borne.key] = borne.whose
        if event.is_silence:
            continue
        first_s, last_s = float(borne.times_s[0]), float(borne.times_s[-1])
        known_s = max(known_s, _known_s(event, borne.times_s))
        if not who:
            started_s = max(started_s, first_s)
            ended_s = ended_s if event.ended_s is None else max(started_s, min(ended_s, last_s))
    if event.where:
        whose |= {"lon": event.where[0], "lat": event.where[1]}
    said = {"phase": event.phase, "rule": event.rule, "state": event.state}
    return {
        "event_type": event.event_type,
        **{key: value for key, value in said.items() if value},
        **whose,
        "started_at": stamp(first_day, started_s),
        "ended_at": stamp(first_day, ended_s),
        "known_at": stamp(first_day, known_s),
        "tolerance_s": event.tolerance_s,
        "is_distress": event.event_type == "distress",
    }


def _borne(event: Expected, seen: Sightings, craft: Craft, sensor: str, ended_s: float) -> Borne | None:
    """The reports of one of its craft that bear an event: in its time, or before a silence."""
    if event.is_silence:
        return seen.between(craft, sensor, -np.inf, event.started_s + MARGIN_S)
    if event.rule == "f":
        borne = seen.between(craft, sensor, event.started_s, ended_s)
        return borne if borne and borne.times_s[-1] - borne.times_s[0] >= UNDER_WAY_FOR_S else None
    return seen.between(craft, sensor, event.started_s - MARGIN_S, ended_s + MARGIN_S)


def _known_s(event: Expected, times_s: Times) -> float:
    """When the reports [n] of a craft first suffice: with the first one after the definition was met; without one, then."""
    due_s = max(event.known_s, float(times_s[0]) + (UNDER_WAY_FOR_S if event.rule == "f" else 0.0))
    after = times_s[times_s >= due_s]
    return float(after[0]) if len(after) else due_s


def track_prefix(first_day: date, track: RadarTrack) -> str:
    """How the id of a radar track begins: `radar:<sensor>:<track_no>:<yyyymmdd>`, of the day on which it begins."""
    began = first_day + timedelta(days=int(track.reports.at_s[0]) // DAY_S)
    return f"radar:{track.sensor_id}:{track.track_no}:{began:%Y%m%d}"


def thinned(first_day: date, way: Motion) -> list[list[Any]]:
    """A way as [time, lon, lat] where it changes course or speed, at most PATH_POINTS of them, its ends included."""
    turns = np.flatnonzero((np.diff(way.cog_deg) != 0.0) | (np.diff(way.sog_kn) != 0.0)) + 1
    kept = np.unique([0, *turns.tolist(), len(way.at_s) - 1])
    if len(kept) > PATH_POINTS:
        kept = kept[np.linspace(0, len(kept) - 1, PATH_POINTS).round().astype(np.int64)]
    return [
        [stamp(first_day, float(way.at_s[i])), round(float(way.lon[i]), 5), round(float(way.lat[i]), 5)] for i in kept
    ]


def stamp(first_day: date, at_s: float) -> str:
    """A second of the simulated time as a UTC instant."""
    midnight = datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC)
    return (midnight + timedelta(seconds=round(at_s))).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document for people and programs: indented, in the order given, a point of a path on one line."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    text = re.sub(r'\[\s+("[^"\n]*"),\s+(-?[\d.]+),\s+(-?[\d.]+)\s+\]', r"[\1, \2, \3]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
