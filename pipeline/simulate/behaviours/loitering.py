"""Staying about one place (definitions.md 6, and 12 over cables and pipelines), and the stays that are work or rest."""

from collections.abc import Sequence

from pipeline.simulate.behaviours.behaviour import (
    ENDLESS_S,
    Behaviour,
    Expected,
    innocent,
    legs_s,
    sailing_s,
    to_and_fro,
)
from pipeline.simulate.craft import AT_ANCHOR, FISHING, Craft, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

SLOW_HOUR_S, FOUR_HOURS_S = 3600.0, 14_400.0  # definitions.md 6: rules gfw and pharos
SLOW_KN = 1.3


def loitering(
    label: str,
    craft: Craft,
    comes: Sequence[Point],
    place: Point,
    goes: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    duration_s: float,
    *,
    is_offshore: bool,
    until_s: float = 0.0,
) -> Behaviour:
    """A ship idles under 2 kn about one place for hours: 20 nm off any shore an hour is enough (`is_offshore`, rule gfw), else it takes four."""
    there_s, leaves_s, passage = _stays(craft, comes, place, goes, sog_kn, begins_s, duration_s, SLOW_KN, 0, until_s)
    known_s = there_s + (SLOW_HOUR_S if is_offshore else FOUR_HOURS_S)
    return Behaviour(
        label,
        "loitering_offshore" if is_offshore else "loitering",
        "6",
        True,
        f"{craft.name} idles about one place at sea for {duration_s / 3600:.1f} hours, at less than two knots, and goes on.",
        (passage,),
        (Expected("loitering", there_s, leaves_s, known_s, rule="gfw" if is_offshore else "pharos"),),
    )


def infrastructure_loiter(
    label: str,
    craft: Craft,
    comes: Sequence[Point],
    place: Point,
    goes: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    duration_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A ship slows down over a cable or a pipeline, goes to and fro across it, and goes on."""
    there_s, leaves_s, passage = _stays(craft, comes, place, goes, sog_kn, begins_s, duration_s, SLOW_KN, 0, until_s)
    return Behaviour(
        label,
        "infrastructure_loiter",
        "12",
        True,
        f"{craft.name} slows down over a cable on the sea bed, goes to and fro across it for {duration_s / 60:.0f} minutes, and goes on.",
        (passage,),
        (Expected("infrastructure_loiter", there_s, leaves_s, there_s),),
    )


def fishing_on_the_ground(
    label: str,
    craft: Craft,
    home: Sequence[Point],
    ground: Point,
    reach_nm: float,
    begins_s: float,
    duration_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A fishing boat works a known ground for hours at little speed and goes home."""
    _, _, passage = _stays(craft, home, ground, home[::-1], 8.0, begins_s, duration_s, 2.4, FISHING, until_s, reach_nm)
    return innocent(
        label,
        "fishing_on_the_ground",
        "6",
        f"{craft.name} works a fishing ground for {duration_s / 3600:.1f} hours, slowly, to and fro, and goes home.",
        passage,
    )


def at_anchor(label: str, craft: Craft, place: Point, begins_s: float, until_s: float) -> Behaviour:
    """A ship waits at a known anchorage."""
    return innocent(
        label,
        "at_anchor",
        "6",
        f"{craft.name} lies at a known anchorage and waits for a berth.",
        Passage(craft, move(place, stay(until_s, AT_ANCHOR), begins_s, until_s)),
    )


def _stays(
    craft: Craft,
    comes: Sequence[Point],
    place: Point,
    goes: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    duration_s: float,
    slow_kn: float,
    nav_status: int,
    until_s: float,
    reach_nm: float = 0.4,
) -> tuple[float, float, Passage]:
    """(when it is there, when it leaves, the passage)."""
    way_in = [*comes, place]
    there_s = begins_s + sailing_s(way_in, sog_kn)
    slow = to_and_fro(place, duration_s, reach_nm, slow_kn, nav_status)
    legs = [*sail(*way_in[1:], sog_kn=sog_kn), *slow, *sail(*goes, sog_kn=sog_kn), *stay(until_s)]
    return there_s, there_s + legs_s(place, slow), Passage(craft, move(way_in[0], legs, begins_s, ENDLESS_S))
