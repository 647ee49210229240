"""Ships from port to port, and what happens to them or is told of them on the way: silences, meetings, stays, calls."""

from collections.abc import Callable

import numpy as np

from pipeline.simulate.behaviours import distress as needs
from pipeline.simulate.behaviours import loitering as stays
from pipeline.simulate.behaviours import meetings, ordinary, ports, silences
from pipeline.simulate.behaviours.behaviour import Behaviour, length_nm, sailed, sailing_s
from pipeline.simulate.behaviours.crossings import line_crossing as passes_line
from pipeline.simulate.behaviours.crossings import zone_visit as visits_zone
from pipeline.simulate.behaviours.meetings import Party
from pipeline.simulate.behaviours.patterns import off_route as strays
from pipeline.simulate.craft import Craft, Point
from pipeline.simulate.sensors import Passage
from pipeline.simulate.staging.places import LONGEST_ROUTE_NM, NoPlaceError, Places
from pipeline.simulate.waters import Port

HOUR_S = 3600.0


def ais_gap(places: Places, label: str) -> Behaviour:
    """A merchant ship unheard for twice as long as it may be."""
    path, sog_kn = _voyage(places), places.speed(9.0, 14.0)
    lasts_s = sailing_s(path, sog_kn)
    gap_s = places.waters.theatre.gap_s
    silent_s = gap_s * float(places.rng.uniform(1.4, 2.2))
    if lasts_s < silent_s + 2.0 * HOUR_S:
        raise NoPlaceError("too short a voyage")
    begins_s = places.time(lasts_s)
    off_s = begins_s + float(places.rng.uniform(HOUR_S, lasts_s - silent_s - HOUR_S))
    way = sailed(path, sog_kn, begins_s, places.until_s)
    return silences.ais_gap(label, Passage(places.ship(70, 140.0), way, ((off_s, off_s + silent_s),)), gap_s)


def silent_tanker(places: Places, label: str) -> Behaviour:
    """A detour unheard."""
    off_at = places.at_sea(3.0)
    one, other = places.two_ports(off_at)
    far = places.at_sea(3.0, off_at, 40.0)
    on_at = places.at_sea(3.0, off_at, 15.0)
    comes, detour_out, detour_in, goes = places.legs(one.quay, off_at, far, on_at, other.quay)
    detour, sog_kn = [*detour_out[1:], *detour_in[1:]], 11.0
    gap_s = places.waters.theatre.gap_s
    if sailing_s([off_at, *detour], sog_kn) < 1.3 * gap_s:
        raise NoPlaceError("too short a detour")
    begins_s = places.time(sailing_s([*comes, *detour, *goes], sog_kn))
    return silences.silent_tanker(
        label, places.ship(80, 170.0), comes, detour, goes[1:], sog_kn, begins_s, gap_s, places.until_s
    )


def poor_reception(places: Places, label: str) -> Behaviour:
    """Heard now and then."""
    path = _voyage(places)
    begins_s = places.time(sailing_s(path, 12.0))
    return silences.poor_reception(label, places.ship(70, 150.0), path, 12.0, begins_s, 1260.0, (6, 11), places.until_s)


def clock_leap(places: Places, label: str) -> Behaviour:
    """Stamps a quarter of an hour fast for a while."""
    path = _voyage(places)
    begins_s = places.time(sailing_s(path, 12.0))
    passage = Passage(places.ship(70, 120.0), sailed(path, 12.0, begins_s, places.until_s))
    return silences.clock_leap(label, passage, begins_s + HOUR_S, begins_s + HOUR_S + 1200.0, 900)


def quay_overnight(places: Places, label: str) -> Behaviour:
    """At the quay with its AIS off."""
    port = places.port()
    off_s = places.time(5.0 * HOUR_S, by="night", at=port.quay)
    return silences.quay_overnight(
        label, places.ship(70, 92.0), port.quay, ((off_s, off_s + 5.0 * HOUR_S),), places.until_s
    )


def zone_visit(places: Places, label: str) -> Behaviour:
    """Through a corridor."""
    strait = places.strait(narrow=False)
    path, sog_kn = _voyage(places, near=strait.middle), places.speed(10.0, 15.0)
    begins_s = places.time(sailing_s(path, sog_kn))
    inside = strait.setting.inside(sailed(path, sog_kn, begins_s))
    if inside[0] or inside[-1] or np.count_nonzero(np.diff(inside)) != 2:
        raise NoPlaceError("not once into the corridor and out of it")
    return visits_zone(label, strait.setting, places.ship(70, 110.0), path, sog_kn, begins_s, places.until_s)


def line_crossing(places: Places, label: str) -> Behaviour:
    """Over a dividing line."""
    strait = places.strait(narrow=False)
    path, sog_kn = _voyage(places, near=strait.middle), places.speed(10.0, 15.0)
    begins_s = places.time(sailing_s(path, sog_kn))
    if strait.setting.crossed_s(sailed(path, sog_kn, begins_s)) is None:
        raise NoPlaceError("not over the line")
    return passes_line(label, strait.setting, places.ship(70, 110.0), path, sog_kn, begins_s, places.until_s)


def encounter(places: Places, label: str) -> Behaviour:
    """Two ships side by side for hours, far off."""
    place = places.at_sea(8.0)
    lasts_s = float(places.rng.uniform(2.3, 4.0)) * HOUR_S
    one, other = _party(places, 80, 150.0, place, 11.0), _party(places, 80, 100.0, place, 9.5)
    return meetings.encounter(
        label, one, other, place, _meeting_s(places, one, other, place, lasts_s), lasts_s, places.until_s
    )


def fast_transfer(places: Places, label: str) -> Behaviour:
    """A small craft alongside for some minutes, by day."""
    place = places.at_sea(2.5, by_radar=True)
    ship = _party(places, 70, 180.0, place, 11.0)
    beach = places.beach_near(place, 8.0, by_radar=True)
    out, back = places.legs(beach, place, beach)
    boat = Party(Craft(f"{label} boat"), out[:-1], back[1:], 16.0)
    begins_s = _meeting_s(places, ship, boat, place, 1080.0, by="day")
    return meetings.fast_transfer(label, ship, boat, place, begins_s, 1080.0, places.until_s)


def pilot_transfer(places: Places, label: str) -> Behaviour:
    """Off a port."""
    port = places.port()
    place = places.at_sea(0.7, port.quay, 6.0)
    ship = _party(places, 70, 170.0, place, 10.0)
    out, back = places.legs(port.quay, place, port.quay)
    pilot = Party(places.ship(50, 15.0, port.flag(places.rng)), out[:-1], back[1:], 16.0)
    return meetings.pilot_transfer(
        label, ship, pilot, place, _meeting_s(places, ship, pilot, place, 900.0), 900.0, places.until_s
    )


def fly_by(places: Places, label: str) -> Behaviour:
    """Two ships on opposite courses."""
    path = _voyage(places)
    begins_s = places.time(sailing_s(path, 11.0))
    return meetings.fly_by(label, places.ship(70, 150.0), places.ship(80, 140.0), path, 11.0, begins_s, places.until_s)


def overtaking(places: Places, label: str) -> Behaviour:
    """A ferry passes a coaster."""
    path = _voyage(places)
    begins_s = places.time(sailing_s(path, 8.0))
    return meetings.overtaking(
        label, places.ship(70, 90.0), places.ship(60, 130.0), path, (8.0, 17.0), begins_s, places.until_s
    )


def tow(places: Places, label: str) -> Behaviour:
    """A tug and its tow."""
    path = _voyage(places, 60.0)
    begins_s = places.time(sailing_s(path, 5.0))
    return meetings.tow(label, places.ship(52, 29.0), places.ship(70, 96.0), path, 5.0, begins_s, places.until_s)


def moored_pair(places: Places, label: str) -> Behaviour:
    """Two ships at one quay."""
    berth = places.port().quay
    return meetings.moored_pair(label, places.ship(70, 90.0), places.ship(60, 120.0), berth, 0.0, places.until_s)


def loitering_offshore(places: Places, label: str) -> Behaviour:
    """Adrift far out for some hours."""
    return _stay(places, label, places.at_sea(20.0), 2.5, is_offshore=True)


def loitering(places: Places, label: str) -> Behaviour:
    """Nearer the shore for longer."""
    return _stay(places, label, places.at_sea(4.0), 4.6, is_offshore=False)


def infrastructure_loiter(places: Places, label: str) -> Behaviour:
    """Over a cable or a pipeline."""
    zone = places.zone("infrastructure")
    on_it = places.one_of(places.waters.ways.places_in(zone.geometry).tolist())
    place = (on_it[0], on_it[1])
    comes, goes, begins_s = _stop(places, place, 10.0, 3.0)
    return stays.infrastructure_loiter(
        label, places.ship(70, 150.0), comes[:-1], place, goes[1:], 10.0, begins_s, 4800.0, places.until_s
    )


def fishing_on_the_ground(places: Places, label: str) -> Behaviour:
    """At work on a ground."""
    ground = places.one_of(places.waters.grounds)
    port = ground.port
    home, _ = places.legs(port.quay, ground.entry, port.quay)
    begins_s = places.time(2.0 * sailing_s(home, 8.0) + 5.5 * HOUR_S)
    return stays.fishing_on_the_ground(
        label, places.boat(30, 12.0, port), home[:-1], ground.entry, 0.5, begins_s, 4.0 * HOUR_S, places.until_s
    )


def at_anchor(places: Places, label: str) -> Behaviour:
    """At a known anchorage."""
    lon, lat = places.one_of(places.one_of(places.waters.anchorages).tolist())
    return stays.at_anchor(label, places.ship(70, 150.0), (lon, lat), 0.0, places.until_s)


def adrift(places: Places, label: str) -> Behaviour:
    """Carried off sideways."""
    comes, goes, begins_s = _stop(places, places.at_sea(6.0), 10.0, 2.0)
    return needs.adrift(label, places.ship(70, 96.0), comes, goes, 10.0, begins_s, 5400.0, places.until_s)


def not_under_command(places: Places, label: str) -> Behaviour:
    """Says so, and drifts."""
    comes, goes, begins_s = _stop(places, places.at_sea(6.0), 10.0, 2.0)
    return needs.not_under_command(label, places.ship(80, 120.0), comes, goes, 10.0, begins_s, 5400.0, places.until_s)


def port_visit(places: Places, label: str) -> Behaviour:
    """A call on the way from one port to another."""
    return _call(places, label, places.port(), "")


def port_of_interest(places: Places, label: str) -> Behaviour:
    """A call where calls are watched."""
    watched = [port for port in places.waters.large_ports if port.zone.properties.get("of_interest")]
    port = places.one_of(watched)
    return _call(places, label, port, str(port.zone.properties["of_interest"]))


def off_route(places: Places, label: str) -> Behaviour:
    """By a place to which no way leads."""
    comes, goes, begins_s = _stop(places, places.at_sea(6.0), 11.0, 0.0)
    path = [*comes, *goes[1:]]
    strays_s = begins_s + 0.5 * sailing_s(comes, 11.0)
    return strays(label, places.ship(70, 160.0), path, 11.0, begins_s, strays_s, places.until_s)


def honest_ferry(places: Places, label: str) -> Behaviour:
    """Along a ferry line and back."""
    line = places.one_of(places.waters.ferry_lines)
    path = [*line.path, *line.path[-2::-1]]
    begins_s = places.time(sailing_s(path, line.sog_kn))
    way = sailed(path, line.sog_kn, begins_s, places.until_s)
    return ordinary.honest_ferry(
        label,
        "A ferry goes along its line and back, from quay to quay.",
        Passage(places.ship(60, 90.0, line.flag), way),
    )


def _voyage(places: Places, most_nm: float = LONGEST_ROUTE_NM, near: Point | None = None) -> tuple[Point, ...]:
    """A way from port to port; of those nearest to a place if one is given."""
    one, other = places.two_ports(near)
    path = places.route(one.quay, other.quay)
    if length_nm(path) > most_nm:
        raise NoPlaceError("too long a voyage")
    return path


def _stop(places: Places, place: Point, sog_kn: float, stays_h: float) -> tuple[list[Point], list[Point], float]:
    """Ways from a port to a place and on to another port, and a start."""
    one, other = places.two_ports(place)
    comes, goes = places.legs(one.quay, place, other.quay)
    return comes, goes, places.time(sailing_s([*comes, *goes], sog_kn) + stays_h * HOUR_S)


def _stay(places: Places, label: str, place: Point, stays_h: float, *, is_offshore: bool) -> Behaviour:
    comes, goes, begins_s = _stop(places, place, 11.0, stays_h + 1.0)
    return stays.loitering(
        label,
        places.ship(70, 100.0),
        comes[:-1],
        place,
        goes[1:],
        11.0,
        begins_s,
        stays_h * HOUR_S,
        is_offshore=is_offshore,
        until_s=places.until_s,
    )


def _call(places: Places, label: str, port: Port, of_interest: str) -> Behaviour:
    near = places.waters.nearest_ports(port.quay, places.waters.large_ports, 6)
    comes, goes = places.legs(places.one_of(near).quay, port.quay, places.one_of(near).quay)
    begins_s = places.time(sailing_s([*comes, *goes], 11.0) + 3.0 * HOUR_S)
    return ports.port_visit(
        label,
        places.ship(70, 110.0),
        comes[:-1],
        port.quay,
        goes[1:],
        11.0,
        begins_s,
        3.0 * HOUR_S,
        of_interest=of_interest,
        until_s=places.until_s,
    )


def _party(places: Places, ship_type: int, length_m: float, place: Point, sog_kn: float) -> Party:
    one, other = places.two_ports(place)
    comes, goes = places.legs(one.quay, place, other.quay)
    return Party(places.ship(ship_type, length_m), comes[:-1], goes[1:], sog_kn)


def _meeting_s(places: Places, one: Party, other: Party, place: Point, lasts_s: float, by: str = "any") -> float:
    """When two can meet who both have to come and go within the simulated time."""
    comes_s = max(sailing_s([*party.comes, place], party.sog_kn) for party in (one, other))
    goes_s = max(sailing_s([place, *party.goes], party.sog_kn) for party in (one, other))
    for _ in range(8):
        begins_s = places.time(lasts_s + goes_s, by=by, at=place)
        if begins_s >= comes_s:
            return begins_s
    raise NoPlaceError("no time to come and go")


CAST: tuple[tuple[Callable[[Places, str], Behaviour], int], ...] = (
    (ais_gap, 3),
    (silent_tanker, 1),
    (poor_reception, 1),
    (clock_leap, 1),
    (quay_overnight, 1),
    (zone_visit, 1),
    (line_crossing, 1),
    (encounter, 2),
    (fast_transfer, 1),
    (pilot_transfer, 1),
    (fly_by, 1),
    (overtaking, 1),
    (tow, 1),
    (moored_pair, 1),
    (loitering_offshore, 1),
    (loitering, 1),
    (infrastructure_loiter, 1),
    (fishing_on_the_ground, 1),
    (at_anchor, 1),
    (adrift, 1),
    (not_under_command, 1),
    (port_visit, 1),
    (port_of_interest, 1),
    (off_route, 1),
    (honest_ferry, 1),
)
