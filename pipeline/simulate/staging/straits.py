"""Small craft in the corridors of a theatre, most of them by night."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from pipeline.simulate.behaviours import crossings, distress, reports
from pipeline.simulate.behaviours.behaviour import Behaviour, Incident, length_nm, sailing_s
from pipeline.simulate.craft import DAY_S, Point
from pipeline.simulate.staging.places import NoPlaceError, Places, Strait

ONE_TRIP_S = 9000.0  # own: of the three trips of one night
SETTLES_S = 5400.0  # own: what a detector waits for after the last that was seen


def dark_crossing(places: Places, label: str) -> Behaviour:
    """Anywhere, at the speed of an open boat."""
    return _crossing(places, label, places.strait(narrow=False), 5.0, 9.0)


def fast_crossing(places: Places, label: str) -> Behaviour:
    """By a rigid inflatable."""
    return _crossing(places, label, places.strait(narrow=True), 31.0, 38.0)


def slow_crossing(places: Places, label: str) -> Behaviour:
    """By a boat that carries too many."""
    return _crossing(places, label, places.strait(narrow=True), 2.6, 4.2)


def dark_approach(places: Places, label: str) -> Behaviour:
    """Still at sea when the data ends, at midnight UTC."""
    strait = places.strait(narrow=False)
    path, sog_kn = strait.across(), places.speed(5.0, 8.0)
    beyond_nm = (1.0 - strait.line_at(path)) * length_nm(path)
    left_nm = min(float(places.rng.uniform(0.3, 0.7)) * beyond_nm, float(places.rng.uniform(0.5, 1.8)) * sog_kn)
    begins_s = places.until_s - (length_nm(path) - left_nm) / sog_kn * 3600.0
    if begins_s < 0.0:
        raise NoPlaceError("too long a way for so few days")
    behaviour = crossings.dark_approach(label, strait.setting, path, sog_kn, places.until_s, round(left_nm, 2))
    way = behaviour.passages[0].motion
    if not strait.setting.heads_for_shore(way, float(way.at_s[-1]), 1.2 * left_nm + 0.5):
        raise NoPlaceError("along the shore and not towards it")
    return behaviour


def turned_back(places: Places, label: str) -> Behaviour:
    """Past the line and back."""
    strait = places.strait(narrow=True)
    path, sog_kn = strait.across(), places.speed(5.0, 9.0)
    out, left_nm = strait.past_the_line(path)
    begins_s = places.time(2.0 * sailing_s(out, sog_kn), by="night", at=path[0])
    return crossings.turned_back(label, strait.setting, out, sog_kn, begins_s, left_nm)


def vanished(places: Places, label: str) -> Behaviour:
    """Lost past the line."""
    strait = places.strait(narrow=False)
    path, sog_kn = strait.across(), places.speed(5.0, 8.0)
    out, left_nm = strait.past_the_line(path, 0.6 if strait.is_narrow else 0.9)
    begins_s = places.time(sailing_s(out, sog_kn) + strait.setting.gap_s + SETTLES_S, by="night", at=path[0])
    return crossings.vanished(label, strait.setting, out, sog_kn, begins_s, left_nm)


def ais_off_crossing(places: Places, label: str) -> Behaviour:
    """By a motor yacht that goes from port to port and keeps its AIS off in the middle."""
    strait = places.strait(narrow=True)
    path, sog_kn = _between_ports(places, strait), places.speed(6.0, 10.0)
    begins_s = places.time(sailing_s(path, sog_kn), by="night", at=path[0])
    lasts_s = sailing_s(path, sog_kn)
    off = (begins_s + 0.25 * lasts_s, begins_s + 0.8 * lasts_s)
    if off[1] - off[0] < strait.setting.gap_s + 600.0:
        raise NoPlaceError("too short a way to be silent for long")
    port = places.port(large=False)
    return crossings.ais_off_crossing(
        label, strait.setting, places.boat(37, 11.0, port), path, sog_kn, begins_s, off, places.until_s
    )


def engine_failure(places: Places, label: str) -> Behaviour:
    """A stop in the middle, and on to the shore."""
    strait = places.strait(narrow=False)
    path, sog_kn = strait.across(), places.speed(5.0, 8.0)
    out, _ = strait.past_the_line(path, 0.3 if strait.is_narrow else 0.9)
    drift_s = float(places.rng.uniform(1800.0, 3300.0))
    begins_s = places.time(2.0 * sailing_s(path, sog_kn) + drift_s, by="night", at=path[0])
    return distress.engine_failure(label, strait.setting, out, (path[-1],), sog_kn, begins_s, drift_s)


def steady_steaming(places: Places, label: str) -> Behaviour:
    """By night along a corridor, from a beach to another of the same coast."""
    strait = places.strait(narrow=False)
    start = strait.beach("arrival", by_radar=True)
    path, sog_kn = places.route(start, strait.beach("arrival", by_radar=True)), places.speed(5.0, 8.0)
    begins_s = places.time(sailing_s(path, sog_kn), by="night", at=start)
    if not 6.0 <= length_nm(path) <= 40.0:
        raise NoPlaceError("no passage of some hours")
    behaviour = crossings.steady_steaming(label, strait.setting, path, sog_kn, begins_s)
    if not behaviour.events or strait.setting.crossed_s(behaviour.passages[0].motion) is not None:
        raise NoPlaceError("not along the corridor")
    return behaviour


def departure_after_loitering(places: Places, label: str) -> Behaviour:
    """After three quarters of an hour off the departure coast."""
    strait = places.strait(narrow=True)
    path, sog_kn = strait.across(), places.speed(6.0, 9.0)
    least_nm = min(1.0, 0.2 * strait.setting.width_nm) + 0.2
    waits_at = next((point for point in _every_cable(path) if length_nm([path[0], point]) >= least_nm), None)
    if waits_at is None:
        raise NoPlaceError("no place to wait at")
    waits_s = float(places.rng.uniform(2400.0, 3600.0))
    begins_s = places.time(1.2 * sailing_s(path, sog_kn) + waits_s, by="night", at=path[0])
    onward = places.route(waits_at, path[-1])[1:]
    return crossings.departure_after_loitering(
        label, strait.setting, waits_at, onward, sog_kn, begins_s, waits_s, (path[0],)
    )


def out_and_back(places: Places, label: str) -> Behaviour:
    """There and back in one night."""
    strait = places.strait(narrow=True)
    path, sog_kn = strait.across(), places.speed(9.0, 16.0)
    begins_s = places.time(2.0 * sailing_s(path, sog_kn) + 600.0, by="night", at=path[0])
    return crossings.out_and_back(label, strait.setting, path, sog_kn, begins_s, 420.0)


def repeat_crossing(places: Places, label: str) -> Behaviour:
    """Three trips, on three nights if there are so many, else in one."""
    strait = places.strait(narrow=True)
    port = places.one_of(strait.ports("departure"))
    path, sog_kn = places.route(port.quay, strait.near(port.quay, strait.beaches("arrival"))), places.speed(12.0, 18.0)
    strait.line_at(path)
    trip_s = 2.0 * sailing_s(path, sog_kn) + 1200.0
    nights = places.until_s >= 3.0 * DAY_S
    apart_s = DAY_S if nights else ONE_TRIP_S
    if not nights and trip_s > ONE_TRIP_S - 1800.0:
        raise NoPlaceError("too long for three trips a night")
    first_s = places.time(2.0 * apart_s + trip_s, by="night", at=path[0])
    departures_s = [first_s + apart_s * trip for trip in range(3)]
    return crossings.repeat_crossing(
        label, strait.setting, places.boat(37, 10.0, port), path, sog_kn, departures_s, 1200.0, None, places.until_s
    )


def convoy(places: Places, label: str) -> Behaviour:
    """Two or three boats side by side."""
    strait = places.strait(narrow=False)
    path, sog_kn = strait.across(), places.speed(5.0, 8.0)
    if sailing_s(path, sog_kn) < 2400.0:
        raise NoPlaceError("too short for a convoy")
    begins_s = places.time(sailing_s(path, sog_kn), by="night", at=path[0])
    return crossings.convoy(label, strait.setting, path, sog_kn, begins_s, int(places.rng.integers(2, 4)))


def incident_near_track(places: Places, label: str) -> Behaviour:
    """A crossing, and people reported dead or missing nearby."""
    crossing = dark_crossing(places, label)
    way = crossing.passages[0].motion
    middle = len(way.at_s) // 2
    where = (float(way.lon[middle]), float(way.lat[middle]))
    at_s = float(way.at_s[0] // DAY_S * DAY_S)
    return reports.incident_near_track(
        crossing, Incident(at_s, where, "At sea, between the coasts", dead=1, missing=2, survivors=20, decimals=2)
    )


def seen_again(places: Places, label: str) -> Behaviour:
    """An object adrift in the middle of a strait, until the data ends."""
    strait = places.strait(narrow=False)
    path = strait.across()
    out, _ = strait.past_the_line(path, 0.2 if strait.is_narrow else 0.9)
    unseen_s, seen_s = float(places.rng.uniform(9000.0, 14_400.0)), 2400.0
    begins_s = places.until_s - 1800.0 - unseen_s - seen_s
    return distress.seen_again(
        label, strait.setting, out[-1], begins_s, 1800.0, unseen_s, seen_s, float(places.rng.uniform(0.0, 360.0))
    )


def reported(places: Places, label: str) -> Behaviour:
    """A report of a boat in distress."""
    strait = places.strait(narrow=False)
    middle = strait.middle
    day = int(places.rng.integers(int(places.until_s // DAY_S)))
    return distress.reported(
        label, Incident(day * DAY_S, middle, "Boat in distress, engine failed, people on board", decimals=2)
    )


def vague_reports(places: Places, label: str) -> Behaviour:
    """Incidents of a month, at a place to a degree or to a tenth of one."""
    strait = places.strait(narrow=False)
    incidents = [
        Incident(0.0, strait.middle, "Unspecified place at sea", dead, missing, decimals=decimals, precision="month")
        for dead, missing, decimals in ((1, 0, 0), (0, 6, 1), (2, 3, 1))
    ]
    return reports.vague_reports(label, incidents)


def incident_surge(places: Places, label: str) -> Behaviour:
    """Many incidents on one of the days."""
    strait = places.strait(narrow=False)
    day, seed = int(places.rng.integers(int(places.until_s // DAY_S))), int(places.rng.integers(1_000_000))
    return reports.incident_surge(label, strait.middle, strait.zone.title, 1, 12, day, seed)


def _crossing(places: Places, label: str, strait: Strait, least_kn: float, most_kn: float) -> Behaviour:
    path, sog_kn = strait.across(), places.speed(least_kn, most_kn)
    begins_s = places.time(sailing_s(path, sog_kn) + SETTLES_S, by="night", at=path[0])
    return crossings.dark_crossing(label, strait.setting, path, sog_kn, begins_s)


def _between_ports(places: Places, strait: Strait) -> tuple[Point, ...]:
    """A way from a port on the departure side to one on the arrival side of a corridor."""
    path = places.route(places.one_of(strait.ports("departure")).quay, places.one_of(strait.ports("arrival")).quay)
    if length_nm(path) > 40.0:
        raise NoPlaceError("ports far apart")
    strait.line_at(path)
    return path


def _every_cable(path: tuple[Point, ...]) -> list[Point]:
    """Points of a way a tenth of a mile apart."""
    points = []
    for one, other in pairwise(path):
        shares = np.linspace(0.0, 1.0, max(2, int(length_nm([one, other]) / 0.1)))
        points += [(float(one[0] + s * (other[0] - one[0])), float(one[1] + s * (other[1] - one[1]))) for s in shares]
    return points


CAST: tuple[tuple[Callable[[Places, str], Behaviour], int], ...] = (
    (dark_crossing, 5),
    (dark_approach, 2),
    (turned_back, 2),
    (vanished, 2),
    (ais_off_crossing, 2),
    (engine_failure, 2),
    (steady_steaming, 2),
    (fast_crossing, 1),
    (slow_crossing, 1),
    (departure_after_loitering, 1),
    (out_and_back, 1),
    (repeat_crossing, 1),
    (convoy, 1),
    (incident_near_track, 1),
    (seen_again, 1),
    (reported, 1),
    (incident_surge, 1),
    (vague_reports, 1),
)
