"""What a labelled behaviour is: who takes part, what was acted out, and what must come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.geo import destination, distance_nm
from pipeline.simulate.craft import Leg, Motion, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

CROSSING_AND_DISTRESS = (("crossing", "new"), ("distress", "new"))
DISTRESS = (("distress", "new"),)
ENDLESS_S = 1e9  # a plan that ends with its last leg


@dataclass(frozen=True)
class Expected:
    """
    One event that must be found. Times are seconds since 00:00 UTC of the first day; `ended_s` is None where it is not over when the data ends,
    `known_s` is when the evidence first suffices by the definition. A detector may begin it up to `tolerance_s` earlier or later.

    `about` and `other` are numbers of passages. `sensor` says whose track bears it: "ais", "radar", "" for AIS where the craft was heard and else
    radar, "none" where it is about no craft; then `where` may say about which place. `state` is empty where it depends on how soon the data ends;
    `rule` names a rule of distress.
    """

    event_type: str
    started_s: float
    ended_s: float | None
    known_s: float
    tolerance_s: float = 1800.0
    phase: str = ""
    rule: str = ""
    state: str = ""
    sensor: str = ""
    about: int = 0
    other: int | None = None
    where: Point | None = None

    @property
    def is_silence(self) -> bool:
        """Whether it is that nothing was reported which makes it: a gap, a craft that vanished."""
        return self.event_type == "ais_gap" or self.rule == "b_vanish"


@dataclass(frozen=True)
class Incident:
    """
    What people reported, as the file of the IOM has it: a day without an hour, a place with as many decimals as were known, a cause in the words
    of its list (empty: "Drowning" of those who died or are missing, else not known). `precision` is "day" or "month".
    """

    at_s: float
    where: Point
    place: str
    dead: int = 0
    missing: int = 0
    survivors: int | None = None
    cause: str = ""
    decimals: int = 4
    precision: str = "day"


@dataclass(frozen=True)
class Behaviour:
    """
    One labelled story. `name` is its kind (the function that makes it), `section` that of definitions.md; the first passage is of the craft that
    it is about. `alerts` are (category, status) by the rules of `pipeline.alerts`. A negative one must raise no alert.
    """

    label: str
    name: str
    section: str
    is_positive: bool
    story: str
    passages: tuple[Passage, ...] = ()
    events: tuple[Expected, ...] = ()
    alerts: tuple[tuple[str, str], ...] = ()
    incidents: tuple[Incident, ...] = ()


def length_nm(path: Sequence[Point]) -> float:
    """Length of a path in nautical miles."""
    return sum(float(distance_nm(a[1], a[0], b[1], b[0])) for a, b in pairwise(path))


def sailing_s(path: Sequence[Point], sog_kn: float) -> float:
    """How long a path takes at a speed."""
    return length_nm(path) / sog_kn * 3600.0


def sailed(path: Sequence[Point], sog_kn: float, begins_s: float, until_s: float = 0.0) -> Motion:
    """A way along a path at one speed; moored at its end until `until_s`."""
    return move(path[0], [*sail(*path[1:], sog_kn=sog_kn), *stay(until_s)], begins_s, ENDLESS_S)


def beside(path: Sequence[Point], distance_nm: float, bearing_deg: float) -> list[Point]:
    """A path moved to one side."""
    moved = [destination(lat, lon, bearing_deg, distance_nm) for lon, lat in path]
    return [(float(lon), float(lat)) for lat, lon in moved]


def to_and_fro(place: Point, duration_s: float, reach_nm: float, sog_kn: float, nav_status: int = 0) -> list[Leg]:
    """Legs about a place at working speed, out of it and back, until the time is over; they end within `reach_nm` of it."""
    legs: list[Leg] = []
    passed_s, bearing_deg = 0.0, 40.0
    out_s = reach_nm / sog_kn * 3600.0
    while passed_s < duration_s:
        legs += sail(*beside([place], reach_nm, bearing_deg), place, sog_kn=sog_kn, nav_status=nav_status)
        passed_s += 2.0 * out_s
        bearing_deg += 75.0
    return legs


def legs_s(start: Point, legs: Sequence[Leg]) -> float:
    """How long legs take that are all sailed."""
    points = [start, *(leg.to for leg in legs if leg.to)]
    return sum(sailing_s(pair, leg.sog_kn) for pair, leg in zip(pairwise(points), legs, strict=True))


def innocent(label: str, name: str, section: str, story: str, *passages: Passage) -> Behaviour:
    """Something that looks like one of the positive behaviours to a careless rule and must raise no alert."""
    return Behaviour(label, name, section, False, story, passages)
