"""
Staging: labelled behaviours of every kind, placed at random (for a seed) into a theatre.

    stage(waters, seed, days, first_day) -> list[Behaviour]

`places` draws shores, ports, places at sea, times and craft; the other modules place one family each. The places are those of the theatre: corridors,
coasts, ports, what its radars and stations reach. All ways keep off land; craft with AIS go from berth to berth, so that none falls silent at sea
but by its story. A behaviour for which the theatre has no place, or the days no time, is left out.

Labelled craft have MMSIs of MID + 8 + five digits (beacons: 970, 972, 974 + 8 + five digits) and IMO numbers from 2940000 on; no other craft of the
simulator has such numbers.
"""

from collections.abc import Callable
from datetime import date

import numpy as np

from pipeline.simulate.behaviours.behaviour import Behaviour
from pipeline.simulate.staging import craft_at_work, identities, ships, straits
from pipeline.simulate.staging.places import NoPlaceError, Places
from pipeline.simulate.waters import Waters

FIRST_DAY = date(2026, 5, 14)
ATTEMPTS = 12  # own: places that are tried for one behaviour

Placed = Callable[[Places, str], Behaviour | tuple[Behaviour, ...]]
CAST: tuple[tuple[Placed, int], ...] = (*straits.CAST, *ships.CAST, *identities.CAST, *craft_at_work.CAST)


def stage(waters: Waters, seed: int, days: int, first_day: date = FIRST_DAY) -> list[Behaviour]:
    """Behaviours in the theatre of the waters, within so many days; the same arguments give the same ones."""
    staged: list[Behaviour] = []
    for number, (place, n_times) in enumerate(CAST):
        for time in range(n_times):
            label = f"{place.__name__}_{time + 1}"
            for attempt in range(ATTEMPTS):
                rng = np.random.default_rng([seed, 31, number, time, attempt])
                places = Places(waters, first_day, days, rng, first_number=100 * number + 20 * time)
                try:
                    placed = place(places, label)
                except NoPlaceError:
                    continue
                together = placed if isinstance(placed, tuple) else (placed,)
                if all(places.holds(behaviour) for behaviour in together):
                    staged += together
                    break
    return staged
