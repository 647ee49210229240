"""Craft that a sensor sees and AIS does not (definitions.md 8)."""

from collections.abc import Sequence

from pipeline.simulate.behaviours.behaviour import Behaviour, Expected, sailed
from pipeline.simulate.craft import Craft, Point
from pipeline.simulate.sensors import Passage


def dark_vessel(label: str, path: Sequence[Point], sog_kn: float, begins_s: float, length_m: float = 62.0) -> Behaviour:
    """A ship, long enough to be measured, goes its way by day without AIS, seen by radar and satellites only."""
    way = sailed(path, sog_kn, begins_s)
    first_s = float(way.at_s[0])
    return Behaviour(
        label,
        "dark_vessel",
        "8",
        True,
        f"A ship of some {length_m:.0f} metres goes its way without AIS. Only the radar sees it, and a satellite might.",
        (Passage(Craft(label, length_m=length_m), way),),
        (Expected("dark_vessel", first_s, float(way.at_s[-1]), first_s),),
    )
