"""Speed (definitions.md 9): much of it for long, or much of it all at once."""

from collections.abc import Sequence

import numpy as np

from pipeline.simulate.behaviours.behaviour import (
    ENDLESS_S,
    Behaviour,
    Expected,
    beside,
    innocent,
    sailed,
    sailing_s,
    to_and_fro,
)
from pipeline.simulate.craft import Craft, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

FAST_FOR_S, ACCELERATES_WITHIN_S = 300.0, 300.0


def high_speed(
    label: str, craft: Craft, path: Sequence[Point], sog_kn: float, begins_s: float, until_s: float = 0.0
) -> Behaviour:
    """A craft that is no high-speed craft goes at 25 kn or more for long (without AIS: at 30)."""
    way = sailed(path, sog_kn, begins_s, until_s)
    ends_s = begins_s + sailing_s(path, sog_kn)
    return Behaviour(
        label,
        "high_speed",
        "9",
        True,
        f"{craft.name} goes at {sog_kn:g} knots for {(ends_s - begins_s) / 60:.0f} minutes, by day.",
        (Passage(craft, way),),
        (Expected("high_speed", begins_s, ends_s, begins_s + FAST_FOR_S, 600.0),),
    )


def sudden_acceleration(
    label: str,
    craft: Craft,
    place: Point,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    slow_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A craft that has been slow for long leaves at full speed within a minute."""
    legs = to_and_fro(place, slow_s, 0.3, 2.0)
    leaves_s = begins_s + sailing_s([place, *(leg.to for leg in legs if leg.to)], 2.0)
    way = move(place, [*legs, *sail(*path, sog_kn=sog_kn), *stay(until_s)], begins_s, ENDLESS_S)
    return Behaviour(
        label,
        "sudden_acceleration",
        "9",
        True,
        f"{craft.name} keeps about one place at two knots for {slow_s / 60:.0f} minutes, and leaves at {sog_kn:g} knots from one minute to the next.",
        (Passage(craft, way),),
        (Expected("sudden_acceleration", leaves_s, leaves_s + ACCELERATES_WITHIN_S, leaves_s + 60.0, 600.0),),
    )


def fast_ferry(label: str, passage: Passage) -> Behaviour:
    """A high-speed craft (types 40-49) keeps its timetable at 30 knots and more, between ports of call."""
    sog_kn = passage.motion.sog_kn.max()
    return innocent(
        label,
        "fast_ferry",
        "9",
        f"{passage.craft.name}, a catamaran, crosses at {sog_kn:.0f} knots between two ports.",
        passage,
    )


def regatta(
    label: str,
    crafts: Sequence[Craft],
    marks: Sequence[Point],
    laps: int,
    begins_s: float,
    seed: int,
    home: Sequence[Point] = (),
    until_s: float = 0.0,
) -> Behaviour:
    """Many yachts race round marks, close together, on one course, turning at once, some of them fast, and sail home."""
    rng = np.random.default_rng([seed, 17])
    passages = []
    for number, craft in enumerate(crafts):
        course = beside([*marks, marks[0]] * laps, 0.04 * (number % 4), 90.0 * (number // 4))
        sog_kn = float(np.round(rng.uniform(8.0, 12.0), 1))
        legs = [*sail(*course[1:], sog_kn=sog_kn), *sail(*home, sog_kn=5.0), *stay(until_s)]
        passages.append(Passage(craft, move(course[0], legs, begins_s + 20.0 * number, ENDLESS_S)))
    return innocent(
        label,
        "regatta",
        "9",
        f"{len(crafts)} yachts race round marks by day, close together, now all on one course and now turning.",
        *passages,
    )
