"""Calls at ports (definitions.md 11)."""

from collections.abc import Sequence

import numpy as np

from pipeline.geo import distance_nm
from pipeline.simulate.behaviours.behaviour import ENDLESS_S, Behaviour, Expected, sailing_s
from pipeline.simulate.craft import MOORED, Craft, Point, move, sail, stay
from pipeline.simulate.sensors import Passage
from pipeline.units import METRES_PER_NM

IN_WITHIN_NM, OUT_BEYOND_NM = 3000.0 / METRES_PER_NM, 4000.0 / METRES_PER_NM  # definitions.md 11


def port_visit(
    label: str,
    craft: Craft,
    comes: Sequence[Point],
    berth: Point,
    goes: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    stays_s: float,
    *,
    of_interest: str = "",
    until_s: float = 0.0,
) -> Behaviour:
    """A ship calls at a port, stops at the quay and leaves; `of_interest` says why calls there are watched."""
    there_s = begins_s + sailing_s([*comes, berth], sog_kn)
    legs = [
        *sail(*comes[1:], berth, sog_kn=sog_kn),
        *stay(there_s + stays_s, MOORED),
        *sail(*goes, sog_kn=sog_kn),
        *stay(until_s),
    ]
    way = move(comes[0], legs, begins_s, ENDLESS_S)
    off_nm = distance_nm(berth[1], berth[0], way.lat, way.lon)
    entered_s = float(way.at_s[np.argmax(off_nm <= IN_WITHIN_NM)])
    outside = np.flatnonzero((off_nm > OUT_BEYOND_NM) & (way.at_s > there_s))
    left_s = float(way.at_s[outside[0]]) if len(outside) else None
    visit = Expected("port_visit", entered_s, left_s, there_s)
    watched = (Expected("port_of_interest", entered_s, left_s, there_s),) if of_interest else ()
    return Behaviour(
        label,
        "port_of_interest" if of_interest else "port_visit",
        "11",
        True,
        f"{craft.name} calls at a port, lies at the quay for {stays_s / 3600:.1f} hours, and leaves."
        + (f" Calls there are watched: {of_interest}." if of_interest else ""),
        (Passage(craft, way),),
        (visit, *watched),
    )
