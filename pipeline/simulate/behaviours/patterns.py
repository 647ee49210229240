"""
Patterns over several craft (definitions.md 12): launches from a parent, approaches to merchant ships, ways that nobody takes. Convoys and repeated
crossings stand with the crossings, loitering over cables with the loitering.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.geo import distance_nm
from pipeline.simulate.behaviours.behaviour import (
    ENDLESS_S,
    Behaviour,
    Expected,
    legs_s,
    sailed,
    sailing_s,
    to_and_fro,
)
from pipeline.simulate.craft import Craft, Motion, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

CHILD_NM, PARENT_NM = 3.0, 2.0  # definitions.md 12: how far the two go before the launch is known
CLOSE_NM = 0.5
RENDEZVOUS_NM = 0.1


def mothership_launch(
    label: str,
    parent: Craft,
    comes: Sequence[Point],
    place: Point,
    goes: Sequence[Point],
    child_goes: Sequence[Point],
    speeds_kn: tuple[float, float],
    begins_s: float,
    slow_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A larger craft slows down far off, a small one without AIS leaves it for the coast, and it goes back to where it came from."""
    parent_kn, child_kn = speeds_kn
    slows_s, leaves_s, way = _slows(comes, place, goes, parent_kn, begins_s, slow_s, until_s)
    born_s = slows_s + 0.7 * (leaves_s - slows_s)
    child = sailed([place, *child_goes], child_kn, born_s)
    known_s = max(_far_s(child, place, CHILD_NM, born_s), _far_s(way, place, PARENT_NM, leaves_s))
    return Behaviour(
        label,
        "mothership_launch",
        "12",
        True,
        f"{parent.name} slows down far off for {(leaves_s - slows_s) / 60:.0f} minutes. A small boat without AIS leaves it for the coast, and it "
        "goes back to where it came from.",
        (Passage(parent, way), Passage(Craft(f"{label} boat"), child)),
        (Expected("mothership_launch", slows_s, known_s, known_s, 3600.0, other=1),),
    )


def pick_up(
    label: str,
    parent: Craft,
    comes: Sequence[Point],
    place: Point,
    goes: Sequence[Point],
    child_comes: Sequence[Point],
    speeds_kn: tuple[float, float],
    begins_s: float,
    slow_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """The mirror image of a launch: a small craft without AIS comes from the coast to a larger one far off, and is seen no more."""
    parent_kn, child_kn = speeds_kn
    slows_s, leaves_s, way = _slows(comes, place, goes, parent_kn, begins_s, slow_s, until_s)
    met_s = slows_s + 0.5 * (leaves_s - slows_s)
    path = [*child_comes, place]
    child = sailed(path, child_kn, met_s - sailing_s(path, child_kn))
    known_s = _far_s(way, place, PARENT_NM, leaves_s)
    return Behaviour(
        label,
        "pick_up",
        "12",
        True,
        f"A small boat without AIS comes from the coast to {parent.name}, which waits far off, and is seen no more; the larger craft leaves.",
        (Passage(parent, way), Passage(Craft(f"{label} boat"), child)),
        (Expected("mothership_launch", slows_s, known_s, known_s, 3600.0, other=1),),
    )


def suspicious_approach(
    label: str,
    merchant: Craft,
    path: Sequence[Point],
    merchant_kn: float,
    begins_s: float,
    approach: Sequence[Point],
    retreat: Sequence[Point],
    craft_kn: float,
    meets_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A fast small craft without AIS closes on a merchant ship under way, comes within half a mile at `meets_s`, and turns away."""
    way = sailed(path, merchant_kn, begins_s, until_s)
    at = int(np.searchsorted(way.at_s, meets_s))
    ship_at = (float(way.lon[at]), float(way.lat[at]) + RENDEZVOUS_NM / 60.0)
    comes = [*approach, ship_at]
    fast = move(comes[0], sail(*comes[1:], *retreat, sog_kn=craft_kn), meets_s - sailing_s(comes, craft_kn), ENDLESS_S)
    there = np.interp(fast.at_s, way.at_s, way.lat), np.interp(fast.at_s, way.at_s, way.lon)
    close = np.flatnonzero(distance_nm(fast.lat, fast.lon, *there) < CLOSE_NM)
    close_s, apart_s = float(fast.at_s[close[0]]), float(fast.at_s[close[-1]])
    return Behaviour(
        label,
        "suspicious_approach",
        "12",
        True,
        f"A small boat without AIS comes up to {merchant.name}, a merchant ship under way, at {craft_kn:g} knots, and turns away close to it.",
        (Passage(Craft(label), fast), Passage(merchant, way)),
        (Expected("suspicious_approach", float(fast.at_s[0]), apart_s, close_s, other=1),),
    )


def off_route(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    strays_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A merchant ship goes where no ship of its type goes, from `strays_s` on."""
    way = sailed(path, sog_kn, begins_s, until_s)
    return Behaviour(
        label,
        "off_route",
        "12",
        True,
        f"{craft.name}, a merchant ship, leaves the way that ships of its type take and goes where none of them goes.",
        (Passage(craft, way),),
        (Expected("off_route", strays_s, begins_s + sailing_s(path, sog_kn), strays_s, 3600.0),),
    )


def _slows(
    comes: Sequence[Point],
    place: Point,
    goes: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    slow_s: float,
    until_s: float,
) -> tuple[float, float, Motion]:
    """(when it slows down, when it leaves, its way)."""
    slow = to_and_fro(place, slow_s, 0.1, 1.5)
    slows_s = begins_s + sailing_s([*comes, place], sog_kn)
    legs = [*sail(*comes[1:], place, sog_kn=sog_kn), *slow, *sail(*goes, sog_kn=sog_kn), *stay(until_s)]
    return slows_s, slows_s + legs_s(place, slow), move(comes[0], legs, begins_s, ENDLESS_S)


def _far_s(way: Motion, place: Point, far_nm: float, after_s: float) -> float:
    """When a way is first so far from a place, after a time; its end when it never is."""
    far = (distance_nm(place[1], place[0], way.lat, way.lon) >= far_nm) & (way.at_s >= after_s)
    return float(way.at_s[np.argmax(far)]) if far.any() else float(way.at_s[-1])
