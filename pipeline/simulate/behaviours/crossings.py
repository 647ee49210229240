"""
Crossings from coast to coast (definitions.md 4), and what each of them also is: a line passed, a zone visited, a convoy, a craft without AIS under
way by night (7 f).

A crossing begins when the craft was last near the shore that it left and ends when it first comes near the other; it is known once the line is
passed and the other shore is within two hours.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.simulate.behaviours.behaviour import (
    CROSSING_AND_DISTRESS,
    DISTRESS,
    ENDLESS_S,
    Behaviour,
    Expected,
    beside,
    legs_s,
    length_nm,
    sailed,
    sailing_s,
    to_and_fro,
)
from pipeline.simulate.behaviours.setting import LONGEST_ETA_S, Setting
from pipeline.simulate.craft import STEP_S, Craft, Leg, Motion, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

FAST_WITHOUT_AIS_KN, FAST_FOR_S = 30.0, 300.0  # definitions.md 9
SMALL_CRAFT_M = 20.0  # definitions.md
CONVOY_FOR_S = 1800.0  # definitions.md 12
LOITERING_FOR_S = 1800.0  # definitions.md 6, off a departure coast
BESIDE_NM = 0.15  # of craft that keep company


class NoCrossingError(ValueError):
    """A way that is told as a crossing does not pass the dividing line, or never comes near the shore beyond it."""


def dark_crossing(
    label: str, setting: Setting, path: Sequence[Point], sog_kn: float, begins_s: float, story: str = ""
) -> Behaviour:
    """A small craft without AIS crosses from shore to shore, away from any port. It may be slow or fast: at 30 kn that is an event of its own."""
    way = sailed(path, sog_kn, begins_s)
    fast = (_fast(way),) if sog_kn >= FAST_WITHOUT_AIS_KN else ()
    return Behaviour(
        label,
        "dark_crossing",
        "4",
        True,
        story
        or f"A boat of some seven metres without AIS crosses the strait by night at {sog_kn:g} knots and lands away from any port.",
        (Passage(Craft(label), way),),
        (completed(setting, way), *under_way_by_night(setting, way), *fast),
        CROSSING_AND_DISTRESS,
    )


def dark_approach(
    label: str, setting: Setting, path: Sequence[Point], sog_kn: float, ends_s: float, left_nm: float
) -> Behaviour:
    """A small craft without AIS is still at sea, past the line and bound for the other shore, when the data ends with `left_nm` of its path to go."""
    begins_s = ends_s - (length_nm(path) - left_nm) / sog_kn * 3600.0
    whole = sailed(path, sog_kn, begins_s)
    way = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_s, ends_s)
    crossing = completed(setting, whole)
    return Behaviour(
        label,
        "dark_approach",
        "4",
        True,
        f"At the end of the data a small boat without AIS has passed the line and has {left_nm:g} nautical miles to go.",
        (Passage(Craft(label), way),),
        (
            replace(crossing, ended_s=None, phase="approaching", state="open"),
            *under_way_by_night(setting, way, ends_s),
        ),
        CROSSING_AND_DISTRESS,
    )


def turned_back(
    label: str, setting: Setting, out: Sequence[Point], sog_kn: float, begins_s: float, left_nm: float = 0.0
) -> Behaviour:
    """A small craft without AIS passes the line, turns with `left_nm` to go to the other shore, and goes back to the one that it came from."""
    turns_s = begins_s + sailing_s(out, sog_kn)
    crossing = _crossing(setting, sailed(out, sog_kn, begins_s), "turned_back", turns_s + left_nm / sog_kn * 3600.0)
    way = sailed([*out, *out[-2::-1]], sog_kn, begins_s)
    return Behaviour(
        label,
        "turned_back",
        "4",
        True,
        "A small boat without AIS passes the middle of the strait by night, turns and goes back to where it came from.",
        (Passage(Craft(label), way),),
        (
            replace(crossing, ended_s=_crossed_s(setting, sailed(out[::-1], sog_kn, turns_s), label)),
            *under_way_by_night(setting, way),
        ),
        CROSSING_AND_DISTRESS,
    )


def vanished(
    label: str, setting: Setting, path: Sequence[Point], sog_kn: float, begins_s: float, left_nm: float = 0.0
) -> Behaviour:
    """A small craft without AIS is lost between the coasts at the end of its path, past the line, `left_nm` off the shore that it was bound for."""
    way = sailed(path, sog_kn, begins_s)
    lost_s = float(way.at_s[-1])
    missed_s = lost_s + setting.gap_s
    crossing = _crossing(setting, way, "vanished", lost_s + left_nm / sog_kn * 3600.0)
    return Behaviour(
        label,
        "vanished",
        "4",
        True,
        "A small boat without AIS is lost between the coasts, past the line; the radar goes on seeing others.",
        (Passage(Craft(label), way),),
        (
            replace(crossing, ended_s=lost_s, known_s=crossing.known_s if crossing.known_s <= lost_s else missed_s),
            Expected("distress", lost_s, None, missed_s, 900.0, rule="b_vanish", state="open"),
            *under_way_by_night(setting, way),
        ),
        CROSSING_AND_DISTRESS,
    )


def ais_off_crossing(
    label: str,
    setting: Setting,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    off: tuple[float, float],
    until_s: float = 0.0,
) -> Behaviour:
    """
    A craft stops its AIS off one coast and starts it off the other; a radar sees it go across in between: two tracks of one craft. A small one that
    stops sending far enough off has vanished, as far as AIS can tell (definitions.md 7 b).
    """
    way = sailed(path, sog_kn, begins_s, until_s)
    by_radar = replace(completed(setting, way), sensor="radar")
    by_ais = replace(
        by_radar,
        started_s=min(off[0], by_radar.started_s),
        ended_s=max(off[1], float(by_radar.ended_s or 0.0)),
        known_s=off[1],
        tolerance_s=300.0,
        sensor="ais",
    )
    in_between = _between(way, *off)
    at = int(np.searchsorted(way.at_s, off[0]))
    is_offshore = setting.is_clear(float(way.lon[at]), float(way.lat[at]), setting.offshore_nm)
    vanishes = is_offshore and craft.length_m is not None and craft.length_m <= SMALL_CRAFT_M
    lost = Expected("distress", off[0], off[1], off[0] + setting.gap_s, 300.0, rule="b_vanish", sensor="ais")
    return Behaviour(
        label,
        "ais_off_crossing",
        "4",
        True,
        f"{craft.name} stops its AIS off one coast and starts it off the other; the radar sees it go across in between.",
        (Passage(craft, way, (off,)),),
        (
            Expected("ais_gap", off[0], off[1], off[0] + setting.gap_s, 120.0, state="closed", sensor="ais"),
            by_ais,
            by_radar,
            *((lost,) if vanishes else ()),
            *(replace(event, sensor="radar") for event in under_way_by_night(setting, in_between)),
        ),
        CROSSING_AND_DISTRESS,
    )


def departure_after_loitering(
    label: str,
    setting: Setting,
    place: Point,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    waits_s: float,
    gathering: Sequence[Point] = (),
) -> Behaviour:
    """A small craft without AIS comes to `place` off the shore (by `gathering`), idles there for `waits_s`, and crosses along `path` from there."""
    there_s = begins_s + sailing_s([*gathering, place], sog_kn)
    idle = to_and_fro(place, waits_s, 0.12, 1.2)
    leaves_s = there_s + legs_s(place, idle)
    legs = [*sail(*gathering[1:], place, sog_kn=sog_kn), *idle, *sail(*path, sog_kn=sog_kn)]
    way = move(gathering[0] if gathering else place, legs, begins_s, ENDLESS_S)
    return Behaviour(
        label,
        "departure_after_loitering",
        "4",
        True,
        f"A small boat without AIS idles off the shore by night for {waits_s / 60:.0f} minutes and then crosses.",
        (Passage(Craft(label), way),),
        (
            replace(completed(setting, way), tolerance_s=waits_s + 1800.0),
            Expected("loitering", there_s, leaves_s, there_s + LOITERING_FOR_S, 900.0),
            *under_way_by_night(setting, way),
        ),
        CROSSING_AND_DISTRESS,
    )


def out_and_back(
    label: str, setting: Setting, path: Sequence[Point], sog_kn: float, begins_s: float, stays_s: float
) -> Behaviour:
    """A small craft without AIS crosses, stays off the other shore for some minutes, and goes back empty the same night."""
    across = sailed(path, sog_kn, begins_s)
    legs = [
        *sail(*path[1:], sog_kn=sog_kn),
        *stay(begins_s + sailing_s(path, sog_kn) + stays_s, 0),
        *sail(*path[-2::-1], sog_kn=sog_kn),
    ]
    way = move(path[0], legs, begins_s, ENDLESS_S)
    return Behaviour(
        label,
        "out_and_back",
        "4",
        True,
        f"A small boat without AIS crosses by night, stays off the other shore for {stays_s / 60:.0f} minutes, and is back before the morning.",
        (Passage(Craft(label), way),),
        (completed(setting, across), *under_way_by_night(setting, way)),
        CROSSING_AND_DISTRESS,
    )


def repeat_crossing(
    label: str,
    setting: Setting,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    departures_s: Sequence[float],
    stays_s: float = 1800.0,
    ais_interval_s: int | None = None,
    until_s: float = 0.0,
) -> Behaviour:
    """
    A craft with AIS leaves its port by night, crosses, and comes back, three times or more within the days that are simulated: a pattern
    (definitions.md 12). Between the trips it lies in its port with its AIS off.
    """
    legs: list[Leg] = []
    events: list[Expected] = []
    for departure_s in departures_s:
        there_s = departure_s + sailing_s(path, sog_kn)
        events.append(completed(setting, sailed(path, sog_kn, departure_s)))
        legs += [*stay(departure_s), *sail(*path[1:], sog_kn=sog_kn), *stay(there_s + stays_s, 0)]
        legs += sail(*path[-2::-1], sog_kn=sog_kn)
    homes_s = [departure_s + 2.0 * sailing_s(path, sog_kn) + stays_s + 600.0 for departure_s in departures_s]
    at_home_s = zip(homes_s, [departure_s - 600.0 for departure_s in departures_s[1:]], strict=False)
    way = move(path[0], [*legs, *stay(max(homes_s[-1], until_s))], departures_s[0] - 600.0, ENDLESS_S)
    pattern = Expected("repeat_crossing", events[0].started_s, events[-1].ended_s, events[2].known_s, 3600.0)
    return Behaviour(
        label,
        "repeat_crossing",
        "12",
        True,
        f"{craft.name} crosses {len(departures_s)} times, always by night, and comes back.",
        (Passage(craft, way, tuple(at_home_s), ais_interval_s),),
        (*events, pattern),
        (("crossing", "new"),),
    )


def convoy(
    label: str, setting: Setting, path: Sequence[Point], sog_kn: float, begins_s: float, n_craft: int
) -> Behaviour:
    """Small craft without AIS cross in company, less than half a mile apart, on one course."""
    passages, events = [], []
    for number in range(n_craft):
        own = path if number == 0 else [*beside(path[:-1], BESIDE_NM * number, 50.0), path[-1]]
        way = sailed(own, sog_kn, begins_s + 20.0 * number)
        passages.append(Passage(Craft(f"{label} {number + 1}" if number else label), way))
        events += [
            replace(event, about=number) for event in (completed(setting, way), *under_way_by_night(setting, way))
        ]
    first = passages[0].motion
    together_s, apart_s = float(first.at_s[0]), float(first.at_s[-1])
    events += [
        Expected("convoy", together_s, apart_s, together_s + CONVOY_FOR_S, 900.0, about=0, other=number)
        for number in range(1, n_craft)
    ]
    return Behaviour(
        label,
        "convoy",
        "12",
        True,
        f"{n_craft} small boats without AIS cross by night side by side, a few hundred metres apart.",
        tuple(passages),
        tuple(events),
        CROSSING_AND_DISTRESS,
    )


def steady_steaming(
    label: str, setting: Setting, path: Sequence[Point], sog_kn: float, begins_s: float, ends_s: float = ENDLESS_S
) -> Behaviour:
    """A small craft without AIS steams steadily through a corridor by night, from no coast to no coast (definitions.md 7 f)."""
    way = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_s, ends_s)
    return Behaviour(
        label,
        "steady_steaming",
        "7",
        True,
        f"A small boat without AIS steams through the corridor by night at a steady {sog_kn:g} knots.",
        (Passage(Craft(label), way),),
        under_way_by_night(setting, way),
        DISTRESS,
    )


def line_crossing(
    label: str,
    setting: Setting,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A ship passes the dividing line on its way, near neither coast (definitions.md 3)."""
    way = sailed(path, sog_kn, begins_s, until_s)
    crossed_s = _crossed_s(setting, way, label)
    return Behaviour(
        label,
        "line_crossing",
        "3",
        True,
        f"{craft.name} passes the line between the two coasts once, by day, on its way through.",
        (Passage(craft, way),),
        (Expected("line_crossing", crossed_s, crossed_s, crossed_s, 300.0),),
    )


def zone_visit(
    label: str,
    setting: Setting,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A ship enters a zone, the corridor, stays in it for a while, and leaves it (definitions.md 2)."""
    way = sailed(path, sog_kn, begins_s, until_s)
    inside = np.flatnonzero(setting.inside(way))
    entered_s, left_s = float(way.at_s[inside[0]]), float(way.at_s[inside[-1]])
    return Behaviour(
        label,
        "zone_visit",
        "2",
        True,
        f"{craft.name} comes into the corridor, passes through it, and leaves it at its other end.",
        (Passage(craft, way),),
        (Expected("zone_visit", entered_s, left_s, entered_s, 600.0),),
    )


def _crossed_s(setting: Setting, way: Motion, label: str) -> float:
    crossed_s = setting.crossed_s(way)
    if crossed_s is None:
        raise NoCrossingError(f"{label} does not pass the dividing line of {setting.corridor_id}: correct its way")
    return crossed_s


def completed(setting: Setting, way: Motion) -> Expected:
    """The crossing that a way from shore to shore is. NoCrossingError when it is none."""
    crossed_s = _crossed_s(setting, way, "a crossing")
    left_s, reached_s = setting.shores_s(way, crossed_s)
    if reached_s is None:
        raise NoCrossingError(f"a crossing comes near no shore past the line of {setting.corridor_id}: correct its way")
    known_s = max(crossed_s, reached_s - LONGEST_ETA_S)
    return Expected("coast_crossing", left_s, reached_s, known_s, phase="completed", state="closed")


def _crossing(setting: Setting, way: Motion, phase: str, reaches_s: float) -> Expected:
    """A crossing that has not ended, of a craft that would reach the other shore then."""
    crossed_s = _crossed_s(setting, way, "a crossing")
    left_s, _ = setting.shores_s(way, crossed_s)
    return Expected(
        "coast_crossing", left_s, None, max(crossed_s, reaches_s - LONGEST_ETA_S), phase=phase, state="closed"
    )


def under_way_by_night(setting: Setting, way: Motion, ends_s: float = np.inf) -> tuple[Expected, ...]:
    """Rule f, for as long as the craft is under way in the corridor in the dark; none when it never is. `ends_s`: still going on then."""
    chosen = np.flatnonzero(setting.inside(way) & setting.dark(way))
    if not len(chosen):
        return ()
    first_s, last_s = float(way.at_s[chosen[0]]), float(way.at_s[chosen[-1]])
    is_over = last_s < ends_s - 2 * STEP_S
    return (Expected("distress", first_s, last_s if is_over else None, first_s, 3600.0, rule="f"),)


def _fast(way: Motion) -> Expected:
    begins_s = float(way.at_s[0])
    return Expected("high_speed", begins_s, float(way.at_s[-1]), begins_s + FAST_FOR_S, 600.0)


def _between(way: Motion, start_s: float, end_s: float) -> Motion:
    """The part of a way in [start, end)."""
    kept = (way.at_s >= start_s) & (way.at_s < end_s)
    return Motion(
        way.at_s[kept], way.lon[kept], way.lat[kept], way.sog_kn[kept], way.cog_deg[kept], way.nav_status[kept]
    )
