"""
Staging: labelled behaviours of every kind, placed at random (for a seed) into a theatre.

    stage(waters, seed, days, first_day) -> Staged

`places` draws shores, ports, places at sea, times and craft; the other modules place one family each. The places are those of the theatre: corridors,
coasts, ports, what its radars and stations reach. All ways keep off land; craft with AIS go from berth to berth, so that none falls silent at sea
but by its story. A behaviour for which the theatre has no place, or the days no time, is left out, and named.

Labelled craft have MMSIs of MID + 8 + five digits (beacons: 970, 972, 974 + 8 + five digits) and IMO numbers from 2940000 on; no other craft of the
simulator has such numbers.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from pipeline.simulate.behaviours.behaviour import Behaviour
from pipeline.simulate.behaviours.crossings import NoCrossingError
from pipeline.simulate.reception import NEVER_DOWN
from pipeline.simulate.staging import craft_at_work, identities, ships, straits
from pipeline.simulate.staging.places import NoPlaceError, Places
from pipeline.simulate.truth import MARGIN_S
from pipeline.simulate.waters import Waters

FIRST_DAY = date(2026, 5, 14)
ATTEMPTS = 12  # own: places that are tried for one behaviour

Placed = Callable[[Places, str], Behaviour | tuple[Behaviour, ...]]
CAST: tuple[tuple[Placed, int], ...] = (*straits.CAST, *ships.CAST, *identities.CAST, *craft_at_work.CAST)


class Staged(NamedTuple):
    """The behaviours that were placed, and the labels of those for which there was no place."""

    behaviours: list[Behaviour]
    left_out: list[str]


def stage(
    waters: Waters, seed: int, days: int, first_day: date = FIRST_DAY, down_s: tuple[float, float] = NEVER_DOWN
) -> Staged:
    """
    Behaviours in the theatre of the waters, within so many days; the same arguments give the same ones. No AIS gap of theirs meets the time for which
    the network is down.
    """
    staged, left_out = list[Behaviour](), list[str]()
    for number, (place, n_times) in enumerate(CAST):
        for time in range(n_times):
            label = f"{place.__name__}_{time + 1}"
            for attempt in range(ATTEMPTS):
                rng = np.random.default_rng([seed, 31, number, time, attempt])
                places = Places(waters, first_day, days, rng, first_number=100 * number + 20 * time)
                try:
                    placed = place(places, label)
                except (NoPlaceError, NoCrossingError):
                    continue
                together = placed if isinstance(placed, tuple) else (placed,)
                if all(places.holds(one) and _keeps_clear(one, down_s) for one in together):
                    staged += [_planned(behaviour) for behaviour in together]
                    break
            else:
                left_out.append(label)
    return Staged(staged, left_out)


def _keeps_clear(behaviour: Behaviour, down_s: tuple[float, float]) -> bool:
    """Whether no AIS gap that it makes meets the time for which the network is down."""
    gaps = [event for event in behaviour.events if event.event_type == "ais_gap"]
    return not any(
        event.started_s - MARGIN_S < down_s[1] and (event.ended_s is None or event.ended_s + MARGIN_S > down_s[0])
        for event in gaps
    )


def _planned(behaviour: Behaviour) -> Behaviour:
    """The behaviour with ways that are told where they change only: what is held of it does not grow with the days."""
    passages = [
        replace(one, motion=one.motion.where_it_changes(), reported=one.reported and one.reported.where_it_changes())
        for one in behaviour.passages
    ]
    return replace(behaviour, passages=tuple(passages))
