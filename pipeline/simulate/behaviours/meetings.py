"""Two craft close together (definitions.md 5): encounters, and the meetings that are none."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.simulate.behaviours.behaviour import ENDLESS_S, Behaviour, Expected, beside, innocent, sailed, sailing_s
from pipeline.simulate.craft import MOORED, Craft, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

ENCOUNTER_FOR_S, TRANSFER_FOR_S = 7200.0, 600.0  # definitions.md 5: rules gfw and pharos
ALONGSIDE_NM = 0.03  # some 60 m
DRIFT_KN = 0.4


@dataclass(frozen=True)
class Party:
    """One of two craft that meet: where it comes from and where it goes to (the place itself left out), and how fast."""

    craft: Craft
    comes: Sequence[Point]
    goes: Sequence[Point]
    sog_kn: float


def encounter(
    label: str, one: Party, other: Party, place: Point, begins_s: float, duration_s: float, until_s: float = 0.0
) -> Behaviour:
    """Two ships lie side by side, adrift, for hours, far from any port."""
    return Behaviour(
        label,
        "encounter",
        "5",
        True,
        f"{one.craft.name} and {other.craft.name} lie side by side at sea for {duration_s / 3600:.1f} hours and part again.",
        _meet(one, other, place, begins_s, duration_s, DRIFT_KN, until_s),
        (Expected("encounter", begins_s, begins_s + duration_s, begins_s + ENCOUNTER_FOR_S, rule="gfw", other=1),),
    )


def fast_transfer(
    label: str, one: Party, other: Party, place: Point, begins_s: float, duration_s: float, until_s: float = 0.0
) -> Behaviour:
    """A small craft lies alongside a larger one for some minutes, at little speed, and each goes its way."""
    return Behaviour(
        label,
        "fast_transfer",
        "5",
        True,
        f"A small craft lies alongside {one.craft.name} for {duration_s / 60:.0f} minutes by day, and each goes its way.",
        _meet(one, other, place, begins_s, duration_s, 2.0, until_s),
        (
            Expected(
                "encounter", begins_s, begins_s + duration_s, begins_s + TRANSFER_FOR_S, 600.0, rule="pharos", other=1
            ),
        ),
    )


def pilot_transfer(
    label: str, ship: Party, pilot: Party, place: Point, begins_s: float, duration_s: float, until_s: float = 0.0
) -> Behaviour:
    """A pilot boat keeps alongside a ship for some minutes and goes back to its port."""
    return innocent(
        label,
        "pilot_transfer",
        "5",
        f"A pilot boat keeps alongside {ship.craft.name} for {duration_s / 60:.0f} minutes off the port and goes home.",
        *_meet(ship, pilot, place, begins_s, duration_s, 4.0, until_s),
    )


def fly_by(
    label: str, one: Craft, other: Craft, path: Sequence[Point], sog_kn: float, begins_s: float, until_s: float = 0.0
) -> Behaviour:
    """Two ships pass each other on opposite courses, a cable apart."""
    back = beside(path[::-1], 0.1, 0.0)
    return innocent(
        label,
        "fly_by",
        "5",
        f"{one.name} and {other.name} pass each other at sea, a cable apart, each at its own speed.",
        Passage(one, sailed(path, sog_kn, begins_s, until_s)),
        Passage(other, sailed(back, sog_kn, begins_s, until_s)),
    )


def overtaking(
    label: str,
    slow: Craft,
    fast: Craft,
    path: Sequence[Point],
    speeds_kn: tuple[float, float],
    begins_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A ferry comes up behind a slower ship, passes it a cable off, and is gone."""
    slow_kn, fast_kn = speeds_kn
    later_s = 0.6 * (sailing_s(path, slow_kn) - sailing_s(path, fast_kn))
    return innocent(
        label,
        "overtaking",
        "5",
        f"{fast.name}, a ferry, comes up behind {slow.name}, passes it a cable off, and is gone.",
        Passage(fast, sailed(beside(path, 0.1, 0.0), fast_kn, begins_s + later_s, until_s)),
        Passage(slow, sailed(path, slow_kn, begins_s, until_s)),
    )


def tow(
    label: str, tug: Craft, towed: Craft, path: Sequence[Point], sog_kn: float, begins_s: float, until_s: float = 0.0
) -> Behaviour:
    """A tug tows a ship for hours, some 150 m ahead of it."""
    behind_s = 0.08 / sog_kn * 3600.0
    return innocent(
        label,
        "tow",
        "5",
        f"{tug.name}, a tug, tows {towed.name} for hours at {sog_kn:g} knots, some 150 metres ahead of it.",
        Passage(tug, sailed(path, sog_kn, begins_s, until_s)),
        Passage(towed, sailed(path, sog_kn, begins_s + behind_s, until_s)),
    )


def moored_pair(label: str, one: Craft, other: Craft, berth: Point, begins_s: float, until_s: float) -> Behaviour:
    """Two ships lie at one quay, side by side."""
    (next_berth,) = beside([berth], 0.02, 0.0)
    return innocent(
        label,
        "moored_pair",
        "5",
        f"{one.name} and {other.name} lie side by side at the quay.",
        *(
            Passage(craft, move(where, stay(until_s, MOORED), begins_s, until_s))
            for craft, where in ((one, berth), (other, next_berth))
        ),
    )


def _meet(
    one: Party, other: Party, place: Point, begins_s: float, duration_s: float, sog_kn: float, until_s: float
) -> tuple[Passage, Passage]:
    """Both arrive at `begins_s`, keep side by side at one slow speed, to and fro, and part."""
    n_legs = 2 * max(1, round(duration_s / 3600.0))
    leg_nm = sog_kn * duration_s / 3600.0 / n_legs
    passages = []
    for party, berth in ((one, place), (other, beside([place], ALONGSIDE_NM, 90.0)[0])):
        comes = [*party.comes, berth]
        there = beside([berth], leg_nm, 340.0)[0]
        legs = [
            *sail(*comes[1:], sog_kn=party.sog_kn),
            *sail(*[there, berth] * (n_legs // 2), sog_kn=sog_kn),
            *sail(*party.goes, sog_kn=party.sog_kn),
            *stay(until_s),
        ]
        passages.append(
            Passage(party.craft, move(comes[0], legs, begins_s - sailing_s(comes, party.sog_kn), ENDLESS_S))
        )
    return passages[0], passages[1]
