"""
What a network of AIS receivers makes of a day of traffic.

Intervals   Class A sends every 10 s, above 14 kn every 6 s, above 23 kn every 2 s, at rest every 3 min; class B every
            30 s, below 2 kn every 3 min (ITU-R M.1371-5, tables 1 and 2; a change of course is not regarded). Of each
            minute the network keeps the first report that it heard, as MarineCadastre does.
Range       A transmission is heard with a chance that falls with the distance from the nearest station, to a half at
            its range, which for class B (2 W for 12.5 W) is 0.6 of what it is for class A. Beyond, satellites pass every
            100 minutes for 8 and hear a little.
Outages     On some days a station hears nothing for hours; on others only its line is down, and what it heard comes a day
            later in a file of its own. A clock of one station may be off for hours. Once the whole network may be down.
Order       Lines stand in the order in which they arrived: most after seconds, some after minutes.
Faults      Repeated lines, sentinels (SOG 102.3, COG 360, heading 511), 91/181 for no position; craft whose static data
            is wrong (no name, length 0, a wrong type). They befall the fleet and spare the labelled craft, whose truth
            would not be true any more.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from pipeline.simulate.craft import AT_ANCHOR, AWAY, DAY_S, MOORED, Craft, Motion
from pipeline.simulate.land import Plane
from pipeline.simulate.sensors import Passage, Reports, say
from pipeline.simulate.theatres import Station

MINUTE_S = 60
REST_S = 180
CLASS_B_RANGE = 0.6
HEARD_AT_BEST, FADE = (
    0.9,
    0.07,
)  # own: slots collide; and over this share of the range the chance falls from three quarters to a quarter (about)
SATELLITE_EVERY_S, SATELLITE_PASS_S = 6000, 480
SATELLITE_A, SATELLITE_B = (
    0.02,
    0.004,
)  # own: of the transmissions during a pass, what a satellite hears of class A and B
OUTAGES_PER_DAY, SKEWS_PER_DAY = 0.08, 0.04  # own: of each station
DELAYED_SHARE, DELAY_S = 0.01, 200.0  # own
MISSTATED_SHARE = 0.03  # own: of the craft
FAULT_SHARES = {
    "repeat": 5e-4,
    "sog_kn": 4e-4,
    "cog_deg": 4e-4,
    "heading_deg": 4e-4,
    "no_position": 4e-4,
}  # own: of the lines

NEVER_DOWN = (-1e9, -1e9)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Disturbance(NamedTuple):
    """What is wrong with one station for a while: `kind` is "deaf", "line" or "clock"."""

    station: int
    kind: str
    from_s: float
    until_s: float
    skew_s: int


@dataclass(frozen=True)
class Heard:
    """Reports of one craft as the network has them: when each arrived, and whether so late that it comes in a file of its own."""

    craft: Craft
    reports: Reports
    arrived_s: Floats
    is_late: Bools


_FLOATS, _INTS = np.empty(0), np.empty(0, dtype=np.int64)
NOTHING = Heard(
    Craft(""), Reports(_INTS, _FLOATS, _FLOATS, _FLOATS, _FLOATS, _INTS, _INTS), _FLOATS, np.empty(0, dtype=np.bool_)
)


@dataclass(frozen=True)
class AisLines:
    """Lines of an AIS file [n] in order of arrival: which of `crafts` each is `of`, and what it says."""

    crafts: Sequence[Craft]
    of: Ints
    at_s: Ints
    lon: Floats
    lat: Floats
    sog_kn: Floats
    cog_deg: Floats
    heading_deg: Ints
    nav_status: Ints
    arrived_s: Floats
    is_late: Bools

    def __len__(self) -> int:
        return len(self.of)

    def take(self, rows: Ints | Bools) -> "AisLines":
        """Some of the lines."""
        columns = {field.name: getattr(self, field.name)[rows] for field in fields(self) if field.name != "crafts"}
        return replace(self, **columns)

    @property
    def mmsis(self) -> set[str]:
        """Who is in it."""
        return {craft.mmsi for craft in self.crafts}

    def with_also(self, others: "AisLines") -> "AisLines":
        """These lines and others."""
        columns = {
            field.name: np.concatenate((getattr(self, field.name), getattr(others, field.name)))
            for field in fields(self)
            if field.name not in ("crafts", "of")
        }
        return AisLines(
            [*self.crafts, *others.crafts], np.concatenate((self.of, len(self.crafts) + others.of)), **columns
        )

    def in_order(self) -> "AisLines":
        """By arrival; what arrived in one instant by MMSI and time."""
        return self.take(np.lexsort((self.at_s, self.of, self.arrived_s)))


def collect(heard: Sequence[Heard]) -> AisLines:
    """All reports of a day, one craft after the other."""
    parts = [NOTHING, *heard]
    columns = {
        name: np.concatenate([getattr(one.reports, name) for one in parts]) for name in Reports.__dataclass_fields__
    }
    return AisLines(
        crafts=[one.craft for one in heard],
        of=np.repeat(np.arange(len(heard)), [len(one.arrived_s) for one in heard]),
        arrived_s=np.concatenate([one.arrived_s for one in parts]),
        is_late=np.concatenate([one.is_late for one in parts]),
        **columns,
    )


class Network:
    """The stations of a theatre on one day of the simulated time (from 0)."""

    def __init__(
        self,
        stations: Sequence[Station],
        plane: Plane,
        seed: int,
        day: int,
        *,
        undisturbed: bool = False,
        down_s: tuple[float, float] = NEVER_DOWN,
    ) -> None:
        """`undisturbed`: no station has an outage or a wrong clock. `down_s`: from when until when the whole network says nothing."""
        rng = np.random.default_rng([seed, 11, day])
        self.day, self._seed, self._plane, self._down_s = day, seed, plane, down_s
        lon, lat, self._range_nm = np.array([(s.lon, s.lat, s.range_nm) for s in stations]).T
        self._x, self._y = plane.xy(lon, lat)
        troubles = [trouble for number in range(len(stations)) for trouble in _troubles(number, day, rng)]
        self.disturbances = [] if undisturbed else troubles
        self._first_pass_s = int(rng.integers(SATELLITE_EVERY_S))

    def hear_all(self, passages: Iterable[Passage]) -> list[Heard]:
        """What it hears of those craft that have AIS and of which it hears anything."""
        found = (self.hear(passage) for passage in passages if passage.craft.mmsi)
        return [one for one in found if one is not None]

    def hear(self, passage: Passage) -> Heard | None:
        """What it hears of a craft on this day; None when that is nothing."""
        craft, way = passage.craft, passage.motion
        rng = np.random.default_rng([self._seed, 12, self.day, crc32(f"{craft.mmsi} {craft.name}".encode())])
        phase_s = crc32(craft.mmsi.encode()) % REST_S
        slot_s = passage.ais_interval_s or MINUTE_S
        due_s = self.day * DAY_S + np.arange(0, DAY_S, slot_s, dtype=np.int64)
        due_s = due_s[(due_s + slot_s > way.at_s[0]) & (due_s <= way.at_s[-1])]
        if not len(due_s):
            return None
        state = way.at(due_s)
        interval_s, at_rest = _intervals(craft, state)
        kept = state.nav_status != AWAY
        if not passage.ais_interval_s:
            kept &= ~at_rest | ((due_s // MINUTE_S) % (REST_S // MINUTE_S) == phase_s % (REST_S // MINUTE_S))
        chance, station = self._chance(craft, state)
        sent = np.maximum(slot_s // interval_s, 1)
        with np.errstate(divide="ignore"):
            lost_before = np.floor(np.log(rng.random(len(due_s))) / np.log1p(-chance))
        kept &= lost_before < sent
        n_lost = np.where(kept, lost_before, 0.0).astype(np.int64)
        at_s = due_s + phase_s % np.minimum(interval_s, slot_s) + n_lost * interval_s
        kept &= (at_s >= way.at_s[0]) & (at_s <= way.at_s[-1])
        for start_s, end_s in (*passage.ais_silences, self._down_s):
            kept &= (at_s < start_s) | (at_s >= end_s)
        if not kept.any():
            return None
        at_s, station = at_s[kept], station[kept]
        states = (passage.reported or way).at(at_s)
        reports = say(passage, states, np.arange(len(at_s)), rng)
        n = len(at_s)
        delayed = rng.random(n) < DELAYED_SHARE
        arrived_s = at_s + np.where(delayed, rng.uniform(20.0, DELAY_S, n), rng.uniform(0.0, 2.0, n))
        stamped_s, is_late = at_s.copy(), np.zeros(n, dtype=np.bool_)
        for start_s, end_s, skew_s in passage.clock_skews:
            stamped_s[(at_s >= start_s) & (at_s < end_s)] += skew_s
        for trouble in self.disturbances:
            struck = (station == trouble.station) & (at_s >= trouble.from_s) & (at_s < trouble.until_s)
            if trouble.kind == "line":
                is_late |= struck
            elif trouble.kind == "clock":
                stamped_s[struck] += trouble.skew_s
        return Heard(craft, replace(reports, at_s=stamped_s), arrived_s, is_late)

    def _chance(self, craft: Craft, state: Motion) -> tuple[Floats, Ints]:
        """(chance that one transmission is heard, the station that hears it best or -1 for a satellite) [n]."""
        class_b = craft.transceiver == "B"
        x, y = self._plane.xy(state.lon, state.lat)
        away_nm = np.hypot(x[:, None] - self._x, y[:, None] - self._y)
        range_nm = self._range_nm * (CLASS_B_RANGE if class_b else 1.0)
        chances = HEARD_AT_BEST / (1.0 + np.exp(np.minimum((away_nm - range_nm) / (FADE * range_nm), 700.0)))
        for trouble in self.disturbances:
            if trouble.kind == "deaf":
                chances[(state.at_s >= trouble.from_s) & (state.at_s < trouble.until_s), trouble.station] = 0.0
        station = chances.argmax(axis=1)
        chance = chances[np.arange(len(x)), station]
        above = (state.at_s - self._first_pass_s) % SATELLITE_EVERY_S < SATELLITE_PASS_S
        from_space = np.where(above, SATELLITE_B if class_b else SATELLITE_A, 0.0)
        return np.maximum(chance, from_space), np.where(from_space > chance, -1, station)


def misstated(heard: Heard, seed: int) -> Heard:
    """What a craft of the fleet says of itself: of some, the name is missing, the length is 0 or the type is wrong."""
    craft = heard.craft
    rng = np.random.default_rng([seed, 13, crc32(craft.mmsi.encode())])
    if rng.random() >= MISSTATED_SHARE:
        return heard
    wrong = (replace(craft, name=""), replace(craft, length_m=0.0, width_m=0.0), replace(craft, ship_type=90))
    return replace(heard, craft=wrong[int(rng.integers(len(wrong)))])


def spoiled(lines: AisLines, rng: np.random.Generator) -> tuple[AisLines, Counter[str]]:
    """The lines of a day with the faults of a real file, each in a line of its own, and how many of each were planted."""
    counts = Counter({fault: int(rng.binomial(len(lines), share)) for fault, share in FAULT_SHARES.items()})
    chosen = np.split(rng.permutation(len(lines))[: counts.total()], np.cumsum(list(counts.values())))
    rows = dict(zip(FAULT_SHARES, chosen, strict=False))
    columns = {name: getattr(lines, name).copy() for name in ("lon", "lat", "sog_kn", "cog_deg", "heading_deg")}
    for name, unknown in (("sog_kn", 102.3), ("cog_deg", 360.0), ("heading_deg", 511)):
        columns[name][rows[name]] = unknown
    columns["lon"][rows["no_position"]], columns["lat"][rows["no_position"]] = 181.0, 91.0
    return replace(lines, **columns).take(np.concatenate((np.arange(len(lines)), rows["repeat"]))), counts


def _troubles(number: int, day: int, rng: np.random.Generator) -> list[Disturbance]:
    """What befalls a station on a day."""
    found = []
    for kind, share in (("deaf", OUTAGES_PER_DAY), ("line", OUTAGES_PER_DAY), ("clock", SKEWS_PER_DAY)):
        from_s, lasts_s = day * DAY_S + rng.uniform(0.0, 20.0) * 3600.0, rng.uniform(0.5, 4.0) * 3600.0
        skew_s = int(rng.integers(20, 120)) * (1 if rng.random() < 0.5 else -1)
        if rng.random() < share:
            found.append(Disturbance(number, kind, from_s, from_s + lasts_s, skew_s))
    return found


def _intervals(craft: Craft, state: Motion) -> tuple[Ints, Bools]:
    """(reporting interval in s, whether it is that of a craft at rest) [n]."""
    if craft.transceiver == "B":
        at_rest = state.sog_kn <= 2.0
        return np.where(at_rest, REST_S, 30), at_rest
    at_rest = np.isin(state.nav_status, (AT_ANCHOR, MOORED)) & (state.sog_kn <= 3.0)
    return np.where(at_rest, REST_S, np.select([state.sog_kn > 23.0, state.sog_kn > 14.0], [2, 6], 10)), at_rest
