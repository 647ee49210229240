"""
The contract of a detector, and what every detector sees.

A detector is one module with a docstring that defines it, a frozen `Params` whose names carry units and whose defaults carry their source, and a
pure function `detect(scene, params, carried) -> Found`. It is listed in `pipeline.detect.DETECTORS`.

A scene covers the positions of one day and the tail of the days before. A detector emits every event whose evidence the scene holds;
what it emitted on an earlier day and does not emit again stays as it was. So a day can be run alone, and days in a row give what
one scene over all of them gives.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, vessels
from pipeline.sea import Sea
from pipeline.tracks import Floats, Ints, floats, instant, of_radar, seconds

REMEMBERED_S = 2 * 86_400.0  # numbers of events are remembered for the days on which they can still change
NO_VESSELS = ("beacon", "coast_station", "aid_to_navigation", "group", "sar_aircraft")
ECHO_SHARE = 0.5  # own: from this share of its positions on, a radar track is the echo of an AIS vessel


@dataclass(frozen=True)
class Outage:
    """
    A feed that was down. `rule` is feed_silent or many_silent; `ended_s` is None while it lasts. `silent` maps each track that fell
    silent to the time at which it was heard again, None while it was not.
    """

    source_id: str
    rule: str
    started_s: float
    known_s: float
    ended_s: float | None
    n_active: int
    silent: Mapping[str, float | None]


@dataclass(frozen=True)
class Scene:
    """
    What detectors read: `motion` in order of (track, time); how far each source has been heard, before this day (`since_s`) and
    now (`until_s`); its usual longest pause; the vessels that it usually hears at an hour of the day; outages; the sea.
    """

    motion: pa.Table
    since_s: Mapping[str, float]
    until_s: Mapping[str, float]
    usual_pause_s: Mapping[str, float]
    usual_vessels: Mapping[tuple[str, int], float]
    sea: Sea
    outages: tuple[Outage, ...] = ()

    @cached_property
    def time(self) -> Floats:
        """Seconds since 1970 [n]."""
        return seconds(self.motion.column("observed_at"))

    @cached_property
    def lon(self) -> Floats:
        """Longitude [n]."""
        return floats(self.motion, "lon")

    @cached_property
    def lat(self) -> Floats:
        """Latitude [n]."""
        return floats(self.motion, "lat")

    @cached_property
    def sog_kn(self) -> Floats:
        """Reported speed over ground [n], NaN where there is none."""
        return floats(self.motion, "sog_kn")

    @cached_property
    def cog_deg(self) -> Floats:
        """Reported course over ground [n], NaN where there is none."""
        return floats(self.motion, "cog_deg")

    @cached_property
    def track(self) -> Ints:
        """A number [n] for each track, in order of track id."""
        return contracts.codes(self.motion.column("track_id"))

    @cached_property
    def is_last(self) -> np.ndarray:
        """Whether a row [n] is the last of its track."""
        return np.append(self.track[1:] != self.track[:-1], [True])[: len(self.track)]

    @cached_property
    def first_row(self) -> Ints:
        """The first row [n] of each row's track."""
        begins = np.append([True], self.is_last[:-1])[: len(self.track)]
        return np.maximum.accumulate(np.where(begins, np.arange(len(self.track)), 0)) if len(self.track) else self.track

    @cached_property
    def sources(self) -> list[str]:
        """The sources in order; `source` numbers them."""
        return sorted(pc.unique(self.motion.column("source_id")).to_pylist())

    @cached_property
    def source(self) -> Ints:
        """The number [n] of each row's source in `sources`."""
        return contracts.codes(self.motion.column("source_id"))

    @cached_property
    def by_time(self) -> list[tuple[Ints, Floats]]:
        """For each source: its rows in order of time, and those times."""
        found = []
        for number in range(len(self.sources)):
            rows = np.flatnonzero(self.source == number)
            rows = rows[np.argsort(self.time[rows], kind="stable")]
            found.append((rows, self.time[rows]))
        return found

    @cached_property
    def heard_until(self) -> Floats:
        """How far each row's source has been heard [n]."""
        by_source = np.array([self.until_s[name] for name in self.sources])
        return by_source[self.source] if len(self.source) else np.zeros(0)

    @cached_property
    def heard_since(self) -> Floats:
        """How far each row's source had been heard before this day [n]; minus infinity when never."""
        by_source = np.array([self.since_s.get(name, -np.inf) for name in self.sources])
        return by_source[self.source] if len(self.source) else np.zeros(0)

    @cached_property
    def is_radar(self) -> np.ndarray:
        """Whether a row [n] came from a radar: a vessel without identity."""
        return of_radar(self.motion.column("track_id"))

    @cached_property
    def is_vessel(self) -> np.ndarray:
        """Whether a row [n] comes from a vessel: all but those with the MMSI of a beacon, a station, an aid to navigation or an aircraft."""
        mmsi = self.motion.column("mmsi")
        others = [one for one in pc.unique(mmsi).to_pylist() if one and vessels.mmsi_kind(one) in NO_VESSELS]
        return ~np.asarray(pc.is_in(mmsi, pa.array(others, pa.string())))

    @cached_property
    def has_ais_nearby(self) -> np.ndarray:
        """Whether an AIS vessel was at the place of a row [n]."""
        return np.asarray(self.motion.column("has_ais_nearby"))

    @cached_property
    def followed_s(self) -> np.ndarray:
        """For how long the track of a row [n] had been followed."""
        return self.time - seconds(self.motion.column("track_first_at"))

    @cached_property
    def in_port(self) -> np.ndarray:
        """Whether a row [n] lies in a port."""
        return np.asarray(self.sea.in_port(self.lon, self.lat))

    @cached_property
    def is_small(self) -> np.ndarray:
        """Whether a row's craft [n] is small."""
        class_a = np.asarray(pc.fill_null(pc.equal(self.motion.column("transceiver"), "A"), False))
        return vessels.is_small(floats(self.motion, "length_m"), class_a)

    def row(self, i: int) -> dict[str, Any]:
        """One row as a record."""
        record: dict[str, Any] = self.motion.slice(i, 1).to_pylist()[0]
        return record

    def ais_share(self, first: int, last: int) -> float:
        """The share of the rows first..last with an AIS vessel at their place: a radar track at 0.5 or more is that vessel's echo."""
        return float(self.has_ais_nearby[first : last + 1].mean())


@dataclass
class Found:
    """Events (records of the table `events`) and what the detector has to remember (records of `carried`)."""

    events: list[dict[str, Any]] = field(default_factory=list)
    carried: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Detector:
    """A rule with its version and parameters. `detect(scene, params, carried)` gets and gives rows of the table `carried`."""

    name: str
    version: int
    params: Any
    detect: Callable[[Scene, Any, list[dict[str, Any]]], Found]

    @property
    def definition(self) -> str:
        """What the detector means: the docstring of its module."""
        return (sys.modules[self.detect.__module__].__doc__ or "").strip()

    def run(self, scene: Scene, carried: pa.Table) -> tuple[pa.Table, pa.Table]:
        """(events, carried), checked against their contracts."""
        found = self.detect(scene, self.params, carried.to_pylist())
        for event in found.events:
            event["detector_version"] = self.version
        return contracts.rows("events", found.events), contracts.rows("carried", found.carried)


def event_id(*what_does_not_move: str) -> str:
    """An event's id: 16 hexadecimal digits of a hash over its type, track, place and anchor."""
    return hashlib.sha256("\n".join(what_does_not_move).encode()).hexdigest()[:16]


class Numbers:
    """
    Numbers events of one track, zone and rule within the UTC day of their start, so that their ids survive when late data move the start.

    Made from the carried rows; an event seen before (same start) keeps its number, a new one takes the next.
    """

    def __init__(self, carried: Iterable[Mapping[str, Any]]) -> None:
        self.rows = {(row["track_id"], row["zone_id"], row["rule"], row["started_at"]): dict(row) for row in carried}
        self.asked: set[tuple[str, str, str, datetime]] = set()
        self.last: dict[tuple[str, str, str, date], int] = {}
        for (*what, start), row in self.rows.items():
            key = (*what, start.date())
            self.last[key] = max(self.last.get(key, 0), row["number"])

    def number(self, track_id: str, zone_id: str, rule: str, started_at: datetime) -> int:
        """The number of the event that starts then."""
        key = (track_id, zone_id, rule, started_at)
        self.asked.add(key)
        if key not in self.rows:
            of_day = (track_id, zone_id, rule, started_at.date())
            self.last[of_day] = self.last.get(of_day, 0) + 1
            self.rows[key] = {
                "track_id": track_id,
                "zone_id": zone_id,
                "rule": rule,
                "started_at": started_at,
                "number": self.last[of_day],
                "note": "null",
            }
        return int(self.rows[key]["number"])

    def once(self, scene: Scene, i: int, compute: Callable[[Scene, int], dict[str, Any]]) -> dict[str, Any]:
        """What `compute` says of row i, worked out when it is first asked and remembered: later scenes no longer hold all that it needs."""
        what = (scene.motion.column("track_id")[i].as_py(), "", compute.__name__, instant(scene.time[i]))
        is_new = what not in self.rows
        self.number(*what)
        if is_new:
            self.rows[what]["note"] = contracts.to_json(compute(scene, i))
        found: dict[str, Any] = json.loads(self.rows[what]["note"])
        return found

    def begun(
        self, scene: Scene, zone_id: str, rule: str, first: int, last: int, pause_s: float
    ) -> tuple[datetime, dict[str, Any]]:
        """
        When and where (`spot`) the matter of the rows first..last began: earlier than the scene shows when it was remembered as still
        going on less than a pause before.
        """
        track_id = scene.motion.column("track_id")[first].as_py()
        start, key = spot(scene, first), (track_id, zone_id, rule, instant(scene.time[first]))
        for other, row in self.rows.items():
            if other[:3] == key[:3] and other[3] <= key[3]:
                note = json.loads(row["note"])
                if scene.time[first] - note["last_s"] <= pause_s:
                    start, key = note["start"], other
        self.number(*key)
        self.rows[key]["note"] = contracts.to_json({"start": start, "last_s": float(scene.time[last])})
        return key[3], start

    def remembered(self, scene: Scene) -> list[dict[str, Any]]:
        """The rows to carry on: what this scene asked for, and what began in the last days."""
        until = max(scene.until_s.values(), default=0.0)
        return [
            row
            for key, row in self.rows.items()
            if key in self.asked or until - row["started_at"].timestamp() <= REMEMBERED_S
        ]


def on_track(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an event that say whose track it is, from a row of motion."""
    return {"track_id": row["track_id"], "vessel_id": row["vessel_id"], "mmsi": row["mmsi"]}


def spot(scene: Scene, i: int) -> dict[str, Any]:
    """Time and place of a row as evidence."""
    return {"at": stamp(scene.time[i]), "lon": round(float(scene.lon[i]), 5), "lat": round(float(scene.lat[i]), 5)}


def stamp(epoch_s: float) -> str:
    """A UTC instant as evidence writes it, whole seconds."""
    return f"{instant(epoch_s):%Y-%m-%dT%H:%M:%SZ}"


def rounded(value: float, digits: int = 2) -> float | None:
    """A number as evidence writes it; None when it is not known."""
    return round(float(value), digits) if np.isfinite(value) else None
