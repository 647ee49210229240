"""
Labelled behaviours: what a craft does, and what a detector that knows the definitions must say of it.

Each function makes one `Behaviour` from a path, a speed and a time, so that the sample day and the scenario folders
tell the same stories in different places. Positive ones name the events expected; negative ones (`innocent`) must
raise no alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.geo import destination, distance_nm
from pipeline.simulate.craft import DAY_S, SART_ACTIVE, UNDEFINED, Craft, Leg, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

DRIFT_KN = 0.5  # an open boat without engine in a light breeze


@dataclass(frozen=True)
class Expected:
    """
    One event that must be found. `state` is empty where it depends on how soon the data ends. `started_s` is the second of
    the day at which a person would say that it began, the detector may say up to `tolerance_s` earlier or later.
    `sensor` (ais | radar | feed) says whose track bears it, of passage number `about`; `rule` names a rule of distress.
    """

    event_type: str
    state: str
    started_s: float
    tolerance_s: float = 1800.0
    sensor: str = "radar"
    phase: str = ""
    rule: str = ""
    about: int = 0


@dataclass(frozen=True)
class Behaviour:
    """One story: who takes part (the first is the one that it is about), what must be found, and the alerts (category, status)."""

    label: str
    is_positive: bool
    story: str
    passages: tuple[Passage, ...]
    events: tuple[Expected, ...] = ()
    alerts: tuple[tuple[str, str], ...] = ()


def length_nm(path: Sequence[Point]) -> float:
    """Length of a path in nautical miles."""
    return sum(float(distance_nm(a[1], a[0], b[1], b[0])) for a, b in pairwise(path))


def dark_crossing(label: str, path: Sequence[Point], sog_kn: float, begins_at_s: float) -> Behaviour:
    """A small craft without AIS crosses by night from shore to shore and is lost in the clutter of the far beach."""
    return _unidentified(
        label,
        f"A boat of some seven metres without AIS crosses the strait by night at {sog_kn:g} knots and lands "
        "away from any port.",
        path,
        sog_kn,
        begins_at_s,
        (Expected("coast_crossing", "closed", begins_at_s, phase="completed"), _night(begins_at_s)),
        (("crossing", "new"), ("distress", "new")),
    )


def dark_approach(label: str, path: Sequence[Point], sog_kn: float, ends_at_s: float, left_nm: float) -> Behaviour:
    """The same boat while it is still at sea: the data ends when `left_nm` of its path are left."""
    begins_at_s = ends_at_s - (length_nm(path) - left_nm) / sog_kn * 3600.0
    motion = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_at_s, ends_at_s)
    return Behaviour(
        label,
        True,
        f"At the end of the data a small boat without AIS has passed the line and has {left_nm:g} nautical "
        "miles to go.",
        (Passage(Craft(label), motion),),
        (
            Expected("coast_crossing", "open", begins_at_s, phase="approaching"),
            _night(begins_at_s),
        ),
        (("crossing", "new"), ("distress", "new")),
    )


def turned_back(label: str, out: Sequence[Point], sog_kn: float, begins_at_s: float) -> Behaviour:
    """A small craft without AIS passes the line, turns and goes back to the shore that it came from."""
    return _unidentified(
        label,
        "A small boat without AIS passes the middle of the strait by night, turns and goes back to where it came from.",
        [*out, *out[-2::-1]],
        sog_kn,
        begins_at_s,
        (Expected("coast_crossing", "closed", begins_at_s, phase="turned_back"), _night(begins_at_s)),
        (("crossing", "new"), ("distress", "new")),
    )


def vanished(label: str, path: Sequence[Point], sog_kn: float, begins_at_s: float) -> Behaviour:
    """A small craft without AIS is lost between the coasts, past the line, at the end of its path, while the radar goes on hearing others."""
    lost_s = begins_at_s + length_nm(path) / sog_kn * 3600.0
    return _unidentified(
        label,
        "A small boat without AIS is lost between the coasts, past the line; the radar goes on seeing others.",
        path,
        sog_kn,
        begins_at_s,
        (
            Expected("coast_crossing", "closed", begins_at_s, phase="vanished"),
            Expected("distress", "open", lost_s, 900.0, rule="b_vanish"),
            _night(begins_at_s),
        ),
        (("crossing", "new"), ("distress", "new")),
    )


def ais_off_crossing(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_at_s: float,
    off: tuple[float, float],
) -> Behaviour:
    """A class B craft stops its AIS off one coast and starts it off the other; a radar sees it go across in between."""
    motion = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_at_s)
    return Behaviour(
        label,
        True,
        f"{craft.name} stops its AIS off one coast and starts it off the other; the radar sees it go across "
        "in between.",
        (Passage(craft, motion, (off,)),),
        (
            Expected("ais_gap", "closed", off[0], 120.0, sensor="ais"),
            Expected("coast_crossing", "closed", off[0], 300.0, sensor="ais", phase="completed"),
            Expected(
                "coast_crossing", "closed", off[0], phase="completed"
            ),  # by radar and AIS: two tracks of one craft
            _night(begins_at_s),
        ),
        (("crossing", "new"), ("distress", "new")),
    )


def sart(label: str, mmsi: str, where: Point, begins_at_s: float, duration_s: float, *, test: bool) -> Behaviour:
    """A search and rescue transmitter (MMSI 970…) drifts and sends; status 14 when it is in earnest, 15 when it is tested."""
    status = UNDEFINED if test else SART_ACTIVE
    craft = Craft("SART TEST" if test else "SART ACTIVE", mmsi, length_m=None, transceiver="A")
    drift = [] if test else _drift(where, duration_s, status)
    motion = move(where, drift or stay(begins_at_s + duration_s, status), begins_at_s)
    event = Expected(
        "distress_test" if test else "distress", "closed", begins_at_s, 120.0, "ais", rule="" if test else "a"
    )
    return Behaviour(
        label,
        not test,
        f"A search and rescue transmitter sends {'a test' if test else 'in earnest'} for "
        f"{duration_s / 60:.0f} minutes.",
        (Passage(craft, motion),),
        (event,),
        () if test else (("distress", "new"),),
    )


def engine_failure(
    label: str,
    path: Sequence[Point],
    onward: Sequence[Point],
    sog_kn: float,
    begins_at_s: float,
    drift_s: float,
) -> Behaviour:
    """A small craft without AIS stops in mid strait by night, drifts, and goes on slowly along `onward` to the other shore."""
    stops_s = begins_at_s + length_nm(path) / sog_kn * 3600.0
    legs = [*sail(*path[1:], sog_kn=sog_kn), *_drift(path[-1], drift_s), *sail(*onward, sog_kn=0.6 * sog_kn)]
    return Behaviour(
        label,
        True,
        f"A small boat without AIS stops in mid strait, drifts for {drift_s / 60:.0f} minutes and limps on "
        "to the shore.",
        (Passage(Craft(label), move(path[0], legs, begins_at_s)),),
        (
            Expected("distress", "closed", stops_s, 600.0, rule="b_stop"),
            _night(begins_at_s),
            Expected("coast_crossing", "closed", begins_at_s, phase="completed"),
        ),
        (("distress", "new"), ("crossing", "new")),
    )


def ais_gap(label: str, passage: Passage) -> Behaviour:
    """A merchant ship under way is not heard for a while although its neighbours are: an event, no alert."""
    off_s, on_s = passage.ais_silences[0]
    return Behaviour(
        label,
        True,
        f"{passage.craft.name} is not heard for {(on_s - off_s) / 60:.0f} minutes while its neighbours are. "
        "A gap alone is no alert.",
        (passage,),
        (Expected("ais_gap", "closed", off_s, 300.0, sensor="ais"),),
    )


def steady_steaming(
    label: str, path: Sequence[Point], sog_kn: float, begins_at_s: float, ends_at_s: float = DAY_S
) -> Behaviour:
    """A small craft without AIS steams steadily through a corridor by night, from no coast to no coast."""
    motion = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_at_s, ends_at_s)
    return Behaviour(
        label,
        True,
        f"A small boat without AIS steams through the corridor by night at a steady {sog_kn:g} knots.",
        (Passage(Craft(label), motion),),
        (_night(begins_at_s),),
        (("distress", "new"),),
    )


def innocent(label: str, story: str, *passages: Passage) -> Behaviour:
    """Something that looks like one of the above to a careless rule and must raise no alert."""
    return Behaviour(label, False, story, passages)


def _unidentified(
    label: str,
    story: str,
    path: Sequence[Point],
    sog_kn: float,
    begins_at_s: float,
    events: tuple[Expected, ...],
    alerts: tuple[tuple[str, str], ...],
) -> Behaviour:
    motion = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_at_s)
    return Behaviour(label, True, story, (Passage(Craft(label), motion),), events, alerts)


def _night(begins_at_s: float) -> Expected:
    """Rule f, whether over by the end of the data or not: it waits an hour for the craft to come again."""
    return Expected("distress", "", begins_at_s, 3600.0, rule="f")


def _drift(where: Point, duration_s: float, nav_status: int = 0) -> list[Leg]:
    """Adrift to the north-west with the current, at DRIFT_KN."""
    lat, lon = destination(where[1], where[0], 315.0, DRIFT_KN * duration_s / 3600.0)
    return sail((float(lon), float(lat)), sog_kn=DRIFT_KN, nav_status=nav_status)
