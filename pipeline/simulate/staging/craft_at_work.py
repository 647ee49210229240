"""Craft near the coasts by day and night: fast ones, dark ones, launches, beacons; and those who work, race, patrol or help."""

from collections.abc import Callable

import numpy as np

from pipeline.simulate.behaviours import detections, distress, ordinary, patterns, speed
from pipeline.simulate.behaviours.behaviour import (
    ENDLESS_S,
    Behaviour,
    beside,
    length_nm,
    sailed,
    sailing_s,
    to_and_fro,
)
from pipeline.simulate.craft import FISHING, Craft, Point, move, sail, stay
from pipeline.simulate.sensors import Passage
from pipeline.simulate.staging.places import NoPlaceError, Places
from pipeline.simulate.staging.straits import engine_failure

HOUR_S = 3600.0


def dark_vessel(places: Places, label: str) -> Behaviour:
    """A ship without AIS, from port to port, past a radar."""
    place = places.at_sea(2.0, by_radar=True)
    port, *_ = places.waters.nearest_ports(place, places.waters.large_ports, 1)
    out, back = places.legs(port.quay, place, port.quay)
    path = [*out, *back[1:]]
    return detections.dark_vessel(label, path, 9.0, places.time(sailing_s(path, 9.0)), places.speed(40.0, 120.0))


def high_speed_by_radar(places: Places, label: str) -> Behaviour:
    """From beach to beach at more than 30 kn, without AIS, by day."""
    path, sog_kn = _along_the_shore(places, 8.0, 30.0), places.speed(32.0, 40.0)
    begins_s = places.time(sailing_s(path, sog_kn), by="day", at=path[0])
    return speed.high_speed(label, Craft(label), path, sog_kn, begins_s)


def high_speed_by_ais(places: Places, label: str) -> Behaviour:
    """A motor yacht in a hurry."""
    port = places.port(large=False)
    (path,) = places.legs(port.quay, places.waters.nearest_ports(port.quay, places.waters.ports, 3)[-1].quay)
    sog_kn = places.speed(26.0, 32.0)
    if length_nm(path) < 8.0:
        raise NoPlaceError("too short a way")
    begins_s = places.time(sailing_s(path, sog_kn), by="day", at=path[0])
    return speed.high_speed(label, places.boat(37, 12.0, port), path, sog_kn, begins_s, places.until_s)


def sudden_acceleration(places: Places, label: str) -> Behaviour:
    """Slow off a shore, and gone."""
    port = places.port(large=False)
    place = places.at_sea(1.2, port.quay, 8.0)
    path = places.route(place, port.quay)
    sog_kn = places.speed(18.0, 24.0)
    begins_s = places.time(2400.0 + sailing_s(path, sog_kn), by="day", at=place)
    boat = places.boat(37, 9.0, port)
    return speed.sudden_acceleration(label, boat, place, path[1:], sog_kn, begins_s, 2400.0, places.until_s)


def mothership_launch(places: Places, label: str) -> Behaviour:
    """A parent far off, a child to the coast."""
    parent, out, back, place, coast = _parent_and_coast(places)
    way_in = places.route(place, coast)
    begins_s = places.time(sailing_s([*out, *back], 9.0) + sailing_s(way_in, 14.0) + 2400.0, by="day", at=place)
    return patterns.mothership_launch(
        label, parent, out[:-1], place, back[1:], way_in[1:], (9.0, 14.0), begins_s, 2400.0, places.until_s
    )


def pick_up(places: Places, label: str) -> Behaviour:
    """The same the other way round."""
    parent, out, back, place, coast = _parent_and_coast(places)
    way_out = places.route(coast, place)
    lead_s = max(0.0, sailing_s(way_out, 14.0) - sailing_s(out, 9.0))
    begins_s = lead_s + places.time(sailing_s([*out, *back], 9.0) + 2400.0 + lead_s, by="day", at=place)
    return patterns.pick_up(
        label, parent, out[:-1], place, back[1:], way_out[:-1], (9.0, 14.0), begins_s, 2400.0, places.until_s
    )


def suspicious_approach(places: Places, label: str) -> Behaviour:
    """A skiff closes on a merchant ship by day."""
    place = places.at_sea(2.5, by_radar=True)
    one, other = places.two_ports(place)
    comes, goes = places.legs(one.quay, place, other.quay)
    beach = places.beach_near(place, 10.0, by_radar=True)
    skiff_out, skiff_back = places.legs(beach, place, beach)
    merchant_kn, skiff_kn = places.speed(11.0, 15.0), places.speed(27.0, 32.0)
    lead_s = sailing_s(comes, merchant_kn)
    begins_s = places.time(lead_s + sailing_s(goes, merchant_kn))
    meets_s = begins_s + lead_s
    if not (places.is_day(meets_s - HOUR_S, place) and places.is_day(meets_s + HOUR_S, place)):
        raise NoPlaceError("not by day")
    return patterns.suspicious_approach(
        label,
        places.ship(80, 180.0),
        [*comes, *goes[1:]],
        merchant_kn,
        begins_s,
        skiff_out[:-1],
        skiff_back[1:],
        skiff_kn,
        meets_s,
        places.until_s,
    )


def sart(places: Places, label: str) -> Behaviour:
    """A search and rescue transmitter."""
    return _beacon(places, label, "970")


def man_overboard(places: Places, label: str) -> Behaviour:
    """A man-overboard device."""
    return _beacon(places, label, "972")


def epirb(places: Places, label: str) -> Behaviour:
    """A ship's emergency beacon."""
    return _beacon(places, label, "974")


def sart_test(places: Places, label: str) -> Behaviour:
    """A test of a transmitter."""
    place = places.at_sea(2.0)
    return distress.beacon_test(label, places.beacon_mmsi("970"), place, places.time(HOUR_S), 300.0)


def rescue(places: Places, label: str) -> tuple[Behaviour, Behaviour]:
    """A boat whose engine fails, and a rescue vessel and a merchant ship that stand by it for a quarter of an hour."""
    boat = engine_failure(places, f"{label}_boat")
    stops = next(event for event in boat.events if event.rule == "b_stop")
    way = boat.passages[0].motion
    at = int(np.searchsorted(way.at_s, stops.started_s))
    place = (float(way.lon[at]) + 0.004, float(way.lat[at]))
    unit_port, ship_port, *_ = places.waters.nearest_ports(place, places.waters.large_ports, 2)
    paths = [places.route(port.quay, place) for port in (unit_port, ship_port)]
    arrives_s = stops.known_s + 120.0
    if arrives_s < max(sailing_s(path, 11.0) for path in paths):
        raise NoPlaceError("no time to come")
    unit, merchant = places.ship(51, 26.0, unit_port.flag(places.rng)), places.ship(70, 150.0)
    rescuers = distress.rescue(
        label, boat, unit, paths[0], merchant, paths[1], arrives_s, arrives_s + 480.0, places.until_s
    )
    return rescuers, boat


def regatta(places: Places, label: str) -> Behaviour:
    """Eight yachts round three marks off a port, by day."""
    port = places.port(large=False)
    start = places.at_sea(0.8, port.quay, 5.0)
    marks = [start, *(beside([start], 1.6, bearing_deg)[0] for bearing_deg in (20.0, 80.0))]
    begins_s = places.time(3.0 * HOUR_S, by="day", at=start)
    yachts = [places.boat(36, 9.0 + 0.5 * number, port) for number in range(8)]
    home = places.route(start, port.quay)[1:]
    seed = int(places.rng.integers(1_000_000))
    return speed.regatta(label, yachts, marks, 2, begins_s, seed, home, places.until_s)


def fast_ferry(places: Places, label: str) -> Behaviour:
    """A catamaran on a ferry line, there and back."""
    lines = [line for line in places.waters.ferry_lines if line.sog_kn >= 25.0] or list(places.waters.ferry_lines)
    line = places.one_of(lines)
    path, sog_kn = [*line.path, *line.path[-2::-1]], max(line.sog_kn, 32.0)
    begins_s = places.time(sailing_s(path, sog_kn))
    ferry = places.ship(40, 42.0, line.flag)
    return speed.fast_ferry(label, Passage(ferry, sailed(path, sog_kn, begins_s, places.until_s)))


def patrol(places: Places, label: str) -> Behaviour:
    """Over the line by night and home."""
    strait = places.strait(narrow=True)
    port = places.one_of([*strait.ports("departure"), *strait.ports("arrival")])
    path = strait.across()
    out, back = places.legs(port.quay, path[len(path) // 2], port.quay)
    begins_s = places.time(sailing_s([*out, *back], 14.0), by="night", at=port.quay)
    way = sailed([*out, *back[1:]], 14.0, begins_s, places.until_s)
    unit = places.ship(55, 25.0, port.flag(places.rng))
    return ordinary.patrol(
        label, "A law-enforcement unit goes out into the strait by night and comes home.", Passage(unit, way)
    )


def fisherman(places: Places, label: str) -> Behaviour:
    """At work by night in the middle of a strait, near the line."""
    strait = places.strait(narrow=True)
    port = places.one_of([*strait.ports("departure"), *strait.ports("arrival")])
    middle = strait.setting.gate.interpolate(float(places.rng.uniform(0.2, 0.8)), normalized=True)
    place = (float(middle.x), float(middle.y))
    out, back = places.legs(port.quay, place, port.quay)
    begins_s = places.time(sailing_s([*out, *back], 8.0) + 3.0 * HOUR_S, by="night", at=place)
    work = to_and_fro(place, 2.5 * HOUR_S, 0.2, 2.4, FISHING)
    legs = [*sail(*out[1:], sog_kn=8.0), *work, *sail(*back[1:], sog_kn=8.0), *stay(places.until_s)]
    way = move(out[0], legs, begins_s, ENDLESS_S)
    return ordinary.fisherman(
        label,
        "A fishing boat works by night at the dividing line and goes home to the port that it came from.",
        Passage(places.boat(30, 11.5, port), way),
    )


def yacht(places: Places, label: str) -> Behaviour:
    """From port to port by day."""
    port = places.port(large=False)
    path = places.route(port.quay, places.waters.nearest_ports(port.quay, places.waters.ports, 4)[-1].quay)
    begins_s = places.time(sailing_s(path, 6.5), by="day", at=path[0])
    way = sailed(path, 6.5, begins_s, places.until_s)
    return ordinary.yacht(label, "A yacht goes from port to port by day.", Passage(places.boat(36, 12.5, port), way))


def merchant_transit(places: Places, label: str) -> Behaviour:
    """From gate to gate of the theatre."""
    gates = places.waters.gates
    one = places.one_of(gates)
    path = places.route(one, places.one_of([gate for gate in gates if gate != one]))
    begins_s = places.until_s - sailing_s(path, 13.0) - 600.0
    if begins_s < 0.0:
        raise NoPlaceError("too long a way for so few days")
    return ordinary.merchant_transit(
        label,
        "A merchant ship passes through from edge to edge of the theatre.",
        Passage(places.ship(70, 190.0), sailed(path, 13.0, begins_s)),
    )


def day_boat(places: Places, label: str) -> Behaviour:
    """Out and back by day, without AIS."""
    port = places.port(large=False)
    place = places.at_sea(0.5, port.quay, 4.0)
    out, back = places.legs(port.quay, place, port.quay)
    work = to_and_fro(place, 1.5 * HOUR_S, 0.2, 2.2)
    begins_s = places.time(sailing_s([*out, *back], 5.0) + 2.0 * HOUR_S, by="day", at=place)
    way = move(out[0], [*sail(*out[1:], sog_kn=5.0), *work, *sail(*back[1:], sog_kn=5.0)], begins_s, ENDLESS_S)
    return ordinary.day_boat(
        label,
        "A small boat without AIS fishes off its port by day and goes home.",
        Passage(Craft(label, length_m=6.0), way),
    )


def _along_the_shore(places: Places, least_nm: float, most_nm: float) -> tuple[Point, ...]:
    """A way from a beach to another of the same side of the sea."""
    start = places.beach_near(places.at_sea(0.5, by_radar=True), 6.0, by_radar=True)
    path = places.route(start, places.beach_near(start, 0.7 * most_nm, by_radar=True))
    if not least_nm <= length_nm(path) <= most_nm:
        raise NoPlaceError("no way of that length")
    return path


def _parent_and_coast(places: Places) -> tuple[Craft, list[Point], list[Point], Point, Point]:
    """A trawler or a dhow, its ways out and back, the place twelve miles off, and a beach that it does not come from."""
    place = places.at_sea(12.5)
    port = places.one_of(places.waters.nearest_ports(place, places.waters.ports, 8))
    coast = places.beach_near(place, 30.0)
    out, back = places.legs(port.quay, place, port.quay)
    ways = np.array(coast) - place, np.array(port.quay) - place
    if float(ways[0] @ ways[1]) > 0.0:
        raise NoPlaceError("coast and port lie on one side")
    if length_nm(out) > 80.0:
        raise NoPlaceError("too far a port")
    return places.ship(30, 24.0, port.flag(places.rng)), out, back, place, coast


def _beacon(places: Places, label: str, prefix: str) -> Behaviour:
    place = places.at_sea(2.0)
    lasts_s = float(places.rng.uniform(1500.0, 5400.0))
    return distress.beacon(label, places.beacon_mmsi(prefix), place, places.time(lasts_s + 2.0 * HOUR_S), lasts_s)


CAST: tuple[tuple[Callable[[Places, str], Behaviour | tuple[Behaviour, ...]], int], ...] = (
    (dark_vessel, 2),
    (high_speed_by_radar, 1),
    (high_speed_by_ais, 1),
    (sudden_acceleration, 1),
    (mothership_launch, 1),
    (pick_up, 1),
    (suspicious_approach, 1),
    (sart, 1),
    (man_overboard, 1),
    (epirb, 1),
    (sart_test, 1),
    (rescue, 1),
    (regatta, 1),
    (fast_ferry, 1),
    (patrol, 1),
    (fisherman, 1),
    (yacht, 1),
    (merchant_transit, 1),
    (day_boat, 1),
)
