"""
The truth beside simulated files: which behaviours were acted out, by whom, and what must be found of them.

    format      "pharos-truth/1"
    theatre, seed, first_day, days, vessels (background vessels, null for real traffic)
    behaviours  label, behaviour (its kind), section (of definitions.md), positive, story, subjects, started_at, ended_at, path, events, alerts
    silences    mmsi, started_at, ended_at: craft of no behaviour that were not heard for long at sea
    unobserved  how many behaviours no sensor saw anything of: they are left out

A subject has an `mmsi`, or null, and `track_prefixes`: how the ids of its radar tracks begin. The first subject is the one that it is about; `path`
is its true way. An event says whose it is by `mmsi` or by `track_prefixes` (the other craft of two: `other_…`), and where it is about no craft, by
`lon` and `lat` if it has a place. What was not over at the end of the data ends there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.simulate.behaviours.behaviour import Behaviour, Expected
from pipeline.simulate.craft import DAY_S, Craft, Motion
from pipeline.simulate.sensors import RadarTrack

FORMAT = "pharos-truth/1"
PATH_POINTS = 60


@dataclass(frozen=True)
class Sightings:
    """Who was seen by what: the MMSIs that were heard, and how the ids of a craft's radar tracks begin (`track_prefix`)."""

    mmsis: frozenset[str]
    track_prefixes: Mapping[Craft, Sequence[str]]

    def of(self, craft: Craft) -> dict[str, Any]:
        """The craft as a subject."""
        mmsi = craft.mmsi if craft.mmsi in self.mmsis else None
        return {"mmsi": mmsi, "track_prefixes": list(self.track_prefixes.get(craft, ()))}


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
) -> dict[str, Any]:
    """The document."""
    until_s = days * DAY_S
    told = [describe(first_day, behaviour, seen, until_s) for behaviour in behaviours]
    observed = [one for one in told if one is not None]
    return {
        "format": FORMAT,
        "theatre": theatre,
        "seed": seed,
        "first_day": first_day.isoformat(),
        "days": days,
        "vessels": vessels,
        "unobserved": len(told) - len(observed),
        "behaviours": observed,
        "silences": [
            {"mmsi": one.mmsi, "started_at": stamp(first_day, one.started_s), "ended_at": stamp(first_day, one.ended_s)}
            for one in silences
        ],
    }


def describe(first_day: date, behaviour: Behaviour, seen: Sightings, until_s: float) -> dict[str, Any] | None:
    """One entry of `behaviours`; None where no sensor saw one of its craft and nobody reported anything."""
    subjects = [seen.of(passage.craft) for passage in behaviour.passages]
    if not behaviour.incidents and not any(one["mmsi"] or one["track_prefixes"] for one in subjects):
        return None
    if behaviour.passages:
        way = behaviour.passages[0].motion
        first_s, last_s, path = float(way.at_s[0]), float(way.at_s[-1]), thinned(first_day, way)
    else:
        times_s = [incident.at_s for incident in behaviour.incidents]
        first_s, last_s, path = min(times_s), max(times_s), []
    events = [expected_event(first_day, behaviour, event, seen, until_s) for event in behaviour.events]
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
        "events": [event for event in events if event is not None],
        "alerts": [{"category": category, "status": status} for category, status in behaviour.alerts],
    }


def expected_event(
    first_day: date, behaviour: Behaviour, event: Expected, seen: Sightings, until_s: float
) -> dict[str, Any] | None:
    """One entry of `events`; None where the sensor whose track would bear it did not see the craft."""
    whose: dict[str, Any] = {}
    if event.sensor != "none":
        for who, number in (("", event.about), ("other_", event.other)):
            if number is None:
                continue
            subject = seen.of(behaviour.passages[number].craft)
            sensor = event.sensor if not who else ""
            keys = {"ais": ("mmsi",), "radar": ("track_prefixes",)}.get(sensor, ("mmsi", "track_prefixes"))
            key = next((key for key in keys if subject[key]), None)
            if key is None:
                return None
            whose[who + key] = subject[key]
    if event.where:
        whose |= {"lon": event.where[0], "lat": event.where[1]}
    said = {"phase": event.phase, "rule": event.rule, "state": event.state}
    ended_s = until_s if event.ended_s is None else min(event.ended_s, until_s)
    return {
        "event_type": event.event_type,
        **{key: value for key, value in said.items() if value},
        **whose,
        "started_at": stamp(first_day, event.started_s),
        "ended_at": stamp(first_day, ended_s),
        "known_at": stamp(first_day, event.known_s),
        "tolerance_s": event.tolerance_s,
        "is_distress": event.event_type == "distress",
    }


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
