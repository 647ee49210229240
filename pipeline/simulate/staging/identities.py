"""Ships that say that they are somebody else, or somewhere else."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.simulate.behaviours import identity
from pipeline.simulate.behaviours.behaviour import Behaviour, length_nm, sailing_s
from pipeline.simulate.craft import Craft, Point
from pipeline.simulate.staging.places import NoPlaceError, Places

JUMP_AFTER, JUMP_UNTIL = 0.3, 0.7  # own: the part of a voyage that is told falsely
FAR_NM = 25.0
INLAND_NM = 3.0


def shared_mmsi(places: Places, label: str) -> Behaviour:
    """Two ships of one MMSI, far apart."""
    paths = (_voyage(places), _voyage(places))
    if length_nm([paths[0][0], paths[1][0]]) < 2.0 * FAR_NM:
        raise NoPlaceError("too close together")
    lasts_s = max(sailing_s(path, 12.0) for path in paths)
    return identity.shared_mmsi(label, places.ship(70, 130.0), paths, 12.0, places.time(lasts_s), places.until_s)


def implausible_jump(places: Places, label: str) -> Behaviour:
    """Somewhere else for some hours."""
    path, begins_s, jump = _told_falsely(places)
    there = places.at_sea(6.0)
    on = places.at_sea(6.0, there, 12.0)
    if length_nm([path[len(path) // 2], there]) < FAR_NM:
        raise NoPlaceError("not far enough")
    return identity.implausible_jump(
        label, places.ship(70, 150.0), path, places.route(there, on), 12.0, begins_s, jump, places.until_s
    )


def on_land(places: Places, label: str) -> Behaviour:
    """In the hills for some hours."""
    path, begins_s, jump = _told_falsely(places)
    return identity.on_land(label, places.ship(70, 150.0), path, _inland(places), 12.0, begins_s, jump, places.until_s)


def gnss_interference(places: Places, label: str) -> Behaviour:
    """Four ships at one place."""
    path, begins_s, jump = _told_falsely(places)
    ships = [places.ship(70, 120.0 + 15.0 * number) for number in range(4)]
    return identity.gnss_interference(label, ships, path, _inland(places), 12.0, begins_s, jump, places.until_s)


def identity_change(places: Places, label: str) -> Behaviour:
    """Another MMSI, name and flag on the way."""
    path = _voyage(places)
    lasts_s = sailing_s(path, 11.0)
    begins_s = places.time(lasts_s)
    before, after = places.ship(70, 104.0), places.ship(70, 104.0)
    changes_s, gap_s = begins_s + 0.5 * lasts_s, places.waters.theatre.gap_s
    return identity.identity_change(
        label, before, replace(after, imo=before.imo), path, 11.0, begins_s, changes_s, gap_s, places.until_s
    )


def mid_of_no_country(places: Places, label: str) -> Behaviour:
    """An MMSI that begins with 200."""
    return _invalid(places, label, places.ship(70, 104.0, "200"))


def imo_of_no_ship(places: Places, label: str) -> Behaviour:
    """An IMO number with a wrong check digit."""
    ship = places.ship(70, 104.0)
    return _invalid(places, label, replace(ship, imo=f"{ship.imo[:-1]}{(int(ship.imo[-1]) + 1) % 10}"))


def _invalid(places: Places, label: str, ship: Craft) -> Behaviour:
    path = _voyage(places)
    begins_s = places.time(sailing_s(path, 11.0))
    return identity.invalid_identity(label, ship, path, 11.0, begins_s, places.until_s)


def _voyage(places: Places) -> tuple[Point, ...]:
    one, other = places.two_ports()
    return places.route(one.quay, other.quay)


def _told_falsely(places: Places) -> tuple[tuple[Point, ...], float, tuple[float, float]]:
    """A voyage, its start, and the time for which the position is false."""
    path = _voyage(places)
    lasts_s = sailing_s(path, 12.0)
    begins_s = places.time(lasts_s)
    return path, begins_s, (begins_s + JUMP_AFTER * lasts_s, begins_s + JUMP_UNTIL * lasts_s)


def _inland(places: Places) -> Point:
    """A place some miles inland behind a port."""
    quay = places.port().quay
    for _ in range(40):
        lon, lat = places.rng.uniform((quay[0] - 0.5, quay[1] - 0.5), (quay[0] + 0.5, quay[1] + 0.5))
        around = [
            (lon + dx, lat + dy) for dx in (-0.06, 0.0, 0.06) for dy in (-INLAND_NM / 60.0, 0.0, INLAND_NM / 60.0)
        ]
        if places.waters.ways.shore.ashore(*np.array(around).T).all():
            return float(lon), float(lat)
    raise NoPlaceError("no land behind the port")


CAST: tuple[tuple[Callable[[Places, str], Behaviour], int], ...] = (
    (shared_mmsi, 1),
    (implausible_jump, 1),
    (on_land, 1),
    (gnss_interference, 1),
    (identity_change, 1),
    (mid_of_no_country, 1),
    (imo_of_no_ship, 1),
)
