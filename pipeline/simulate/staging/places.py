"""
Where and when a behaviour can play in a theatre: draws of shores, ports, places at sea, hours and craft.

Every draw is one of a `numpy` generator; a draw for which there is nothing raises NoPlaceError, and another behaviour, or another attempt, is staged.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
import shapely
from shapely.ops import substring

from pipeline import sun, zones
from pipeline.areas import Area
from pipeline.geo import FloatArray, distance_nm
from pipeline.simulate.aegean import imo_number
from pipeline.simulate.behaviours.behaviour import Behaviour, length_nm, sailed
from pipeline.simulate.behaviours.setting import Setting, midnight_s, setting
from pipeline.simulate.craft import DAY_S, Craft, Point
from pipeline.simulate.land import Shore, near_shore
from pipeline.simulate.waters import Port, Waters
from pipeline.zones import Gate, Zone

NARROW_NM = 20.0  # own: a corridor that is crossed in one night
AWAY_FROM_PORT_NM = 1.5  # own: farther than the 1 nm from which the alerts' rules call it away
RADAR_SHARE, STATION_SHARE = 0.6, 0.8  # own: of its range, to which a radar sees a boat and a station hears a ship well
LONGEST_ROUTE_NM = 220.0  # own: of a ship from port to port
DETOUR, DETOUR_NM = 1.3, 3.0  # own: how much farther than the nearest beach a crossing may begin
ANY_KN = 10.0
QUARTER_S = 900.0
FIRST_IMO = 4000  # of `imo_number`; the fleet's begin with 1

T = TypeVar("T")


class NoPlaceError(Exception):
    """A theatre, or the days, have no place for a behaviour; another attempt may find one."""


class Places:
    """The places of one behaviour: draws from its own generator, craft with numbers of its own."""

    def __init__(self, waters: Waters, first_day: date, days: int, rng: np.random.Generator, first_number: int) -> None:
        self.waters, self.first_day, self.rng = waters, first_day, rng
        self.until_s = float(days * DAY_S)
        self._number = first_number

    # craft

    def ship(self, ship_type: int, length_m: float, mid: str = "") -> Craft:
        """A class A ship; merchant and passenger ships have an IMO number."""
        number = self._next()
        mid = mid or str(self.rng.choice(self.waters.theatre.flags))
        imo = imo_number(FIRST_IMO + number) if ship_type >= 60 else ""
        return Craft(
            f"PHAROS SIM B{number:04d}", f"{mid}8{number:05d}", ship_type, length_m, round(length_m / 6.3, 1),
            round(length_m / 19.0, 1), imo, f"SIMB{number:04d}"[-7:], "A",
        )  # fmt: skip

    def boat(self, ship_type: int, length_m: float, port: Port) -> Craft:
        """A class B boat of a port."""
        number = self._next()
        return Craft(
            f"PHAROS SIM B{number:04d}", f"{port.flag(self.rng)}8{number:05d}", ship_type, length_m, round(length_m / 3.2, 1),
            call_sign=f"SIMB{number:04d}"[-7:], transceiver="B",
        )  # fmt: skip

    def beacon_mmsi(self, prefix: str) -> str:
        """An MMSI of a beacon: 970, 972 or 974 and a number of its own."""
        return f"{prefix}8{self._next():05d}"

    # corridors

    def strait(self, *, narrow: bool) -> "Strait":
        """A corridor of the theatre; a narrow one is crossed within a night."""
        corridors = [
            zone
            for zone in self._of_kind("corridor")
            if not narrow or float(zone.properties["local_width_nm"]) <= NARROW_NM
        ]
        gates = _gates()
        usable = [zone for zone in corridors if zone.zone_id in gates]
        zone = self.one_of(usable)
        return Strait(self, zone, setting(zone, gates[zone.zone_id], self.first_day, self.waters.ways.shore.ashore))

    # places

    def port(self, *, large: bool = True) -> Port:
        """A port; one that ships call at when `large`."""
        return self.one_of(self.waters.large_ports if large else self.waters.ports)

    def two_ports(self, near: Point | None = None) -> tuple[Port, Port]:
        """Two ports that ships call at, some hours apart; of those nearest to a place if one is given."""
        one = self.one_of(self.waters.nearest_ports(near, self.waters.large_ports, 8)) if near else self.port()
        others = [
            port
            for port in self.waters.nearest_ports(near or one.quay, self.waters.large_ports, 12)
            if 15.0 <= length_nm([one.quay, port.quay]) <= LONGEST_ROUTE_NM
        ]
        return one, self.one_of(others)

    def at_sea(
        self, off_nm: float, near: Point | None = None, within_nm: float = 60.0, *, by_radar: bool = False
    ) -> Point:
        """A place at least so far off any shore that a station hears, or a radar sees; near another place if one is given."""
        west, south, east, north = self.waters.ways.frame
        if near:
            reach_deg = within_nm / 60.0
            west, east = max(west, near[0] - 1.3 * reach_deg), min(east, near[0] + 1.3 * reach_deg)
            south, north = max(south, near[1] - reach_deg), min(north, near[1] + reach_deg)
        lon, lat = self.rng.uniform((west, south), (east, north), (600, 2)).T
        kept = self.waters.ways.shore.nearness(lon, lat) == Shore.OPEN
        kept &= self.reached(lon, lat, by_radar=by_radar)
        if near:
            kept &= distance_nm(near[1], near[0], lat, lon) <= within_nm
        lon, lat = lon[kept], lat[kept]
        for radius_nm in (0.35 * off_nm, 0.7 * off_nm, off_nm):
            far = ~near_shore(lon, lat, radius_nm, self.waters.ways.shore.ashore)
            lon, lat = lon[far], lat[far]
        if not len(lon):
            raise NoPlaceError("no place so far off the shore")
        return float(lon[0]), float(lat[0])

    def beaches(self, area: Area, *, by_radar: bool = False) -> FloatArray:
        """The places [n, 2] close to the shore of an area and away from any port."""
        places: FloatArray = self.waters.ways.places_in(area)
        lon, lat = places.T
        kept = self.waters.ways.shore.nearness(lon, lat) <= Shore.CLUTTER
        if by_radar:
            kept &= self.reached(lon, lat, by_radar=True)
        places = places[kept]
        quays = np.array([port.quay for port in self.waters.ports])
        away_nm = distance_nm(places[:, 1:], places[:, :1], quays[:, 1], quays[:, 0]).min(axis=1)
        places = places[away_nm >= AWAY_FROM_PORT_NM]
        if not len(places):
            raise NoPlaceError("no beach there")
        return places

    def beach_near(self, place: Point, within_nm: float, *, by_radar: bool = False) -> Point:
        """A beach near a place."""
        return self.row_of(self.beaches(shapely.Point(place).buffer(within_nm / 60.0), by_radar=by_radar))

    def route(self, start: Point, end: Point) -> tuple[Point, ...]:
        """A way off land; between two quays it is found once and kept."""
        is_known = {start, end} <= {port.quay for port in self.waters.ports}
        try:
            return self.waters.route(start, end) if is_known else self.waters.ways.route(start, end)
        except ValueError as fault:
            raise NoPlaceError(str(fault)) from None

    def legs(self, *stops: Point) -> list[list[Point]]:
        """Ways from stop to stop; each holds where it begins and ends."""
        return [list(self.route(one, other)) for one, other in pairwise(stops)]

    def zone(self, kind: str) -> Zone:
        """A zone of a kind."""
        return self.one_of(self._of_kind(kind))

    # times

    def time(self, lasts_s: float, *, by: str = "any", at: Point | None = None) -> float:
        """A start of something that lasts so long and ends before the data; `by` day or night at a place, at its start and its middle."""
        starts_s = np.arange(0.0, self.until_s - lasts_s - QUARTER_S, QUARTER_S)
        if by != "any" and at is not None:
            judged_s = starts_s[:, None] + np.minimum(np.array([0.0, 0.5, 0.9]) * lasts_s, [0.0, 7200.0, 14_400.0])
            dark = sun.is_night(at[0], at[1], midnight_s(self.first_day) + judged_s)
            starts_s = starts_s[(dark if by == "night" else ~dark).all(axis=1)]
        if not len(starts_s):
            raise NoPlaceError("no time for it")
        return float(starts_s[self.rng.integers(len(starts_s))])

    def is_day(self, at_s: float, at: Point) -> bool:
        """Whether it is not night at a place then."""
        return not bool(sun.is_night(at[0], at[1], midnight_s(self.first_day) + at_s))

    def speed(self, least_kn: float, most_kn: float) -> float:
        """A speed to a tenth of a knot."""
        return round(float(self.rng.uniform(least_kn, most_kn)), 1)

    # checks

    def holds(self, behaviour: Behaviour) -> bool:
        """Whether all of its craft keep off land and it begins within the simulated time."""
        for passage in behaviour.passages:
            way = passage.motion
            if not len(way.at_s) or not 0.0 <= way.at_s[0] < self.until_s:
                return False
            turns = np.flatnonzero(np.diff(way.cog_deg) != 0.0) + 1
            kept = np.unique([0, *turns.tolist(), *(turns - 1).tolist(), len(way.at_s) - 1])
            path = np.column_stack([way.lon[kept], way.lat[kept]])
            if self.waters.ways.shore.touched(path).any():
                return False
        return all(event.known_s <= self.until_s for event in behaviour.events)

    def one_of(self, several: Sequence[T]) -> T:
        """One of several; NoPlaceError when there is none."""
        if not len(several):
            raise NoPlaceError("none of this kind here")
        return several[int(self.rng.integers(len(several)))]

    def row_of(self, places: FloatArray) -> Point:
        """One of the places [n, 2]."""
        lon, lat = places[self.rng.integers(len(places))]
        return float(lon), float(lat)

    def _of_kind(self, kind: str) -> list[Zone]:
        return [zone for zone in self.waters.zones if zone.kind == kind]

    def reached(self, lon: FloatArray, lat: FloatArray, *, by_radar: bool) -> np.ndarray:
        """Which places [n] a station hears well, or a radar sees a boat at."""
        reached = np.zeros(len(lon), dtype=np.bool_)
        share = RADAR_SHARE if by_radar else STATION_SHARE
        for sensor in self.waters.theatre.radars if by_radar else self.waters.theatre.stations:
            reached |= distance_nm(sensor.lat, sensor.lon, lat, lon) <= share * sensor.range_nm
        return reached

    def _next(self) -> int:
        self._number += 1
        return self._number


@cache
def _gates() -> Mapping[str, Gate]:
    """The packaged dividing lines by corridor."""
    return {gate.corridor_id: gate for gate in zones.load([zones.PACKAGED]).gates}


class Strait:
    """A corridor as the stage of small craft: beaches on either side, and ways between them."""

    def __init__(self, places: Places, zone: Zone, setting: Setting) -> None:
        self.places, self.zone, self.setting = places, zone, setting

    @property
    def is_narrow(self) -> bool:
        return self.setting.width_nm <= NARROW_NM

    @property
    def middle(self) -> Point:
        """The middle of its dividing line."""
        middle = self.setting.gate.interpolate(0.5, normalized=True)
        return round(float(middle.x), 4), round(float(middle.y), 4)

    def beaches(self, side: str, *, by_radar: bool = False) -> FloatArray:
        """The beaches [n, 2] of its departure or arrival coast."""
        picked = [
            zone.geometry
            for zone in self.places.waters.zones
            if zone.kind == "coast"
            and zone.properties["corridor_id"] == self.zone.zone_id
            and zone.properties["side"] == side
        ]
        coast = shapely.union_all(picked).intersection(self.zone.geometry)
        if not isinstance(coast, shapely.Polygon | shapely.MultiPolygon):
            raise NoPlaceError("no coast of that side")
        return self.places.beaches(coast, by_radar=by_radar)

    def beach(self, side: str, *, by_radar: bool = False) -> Point:
        """A beach of its departure or arrival coast."""
        return self.places.row_of(self.beaches(side, by_radar=by_radar))

    def ports(self, side: str) -> list[Port]:
        """The ports in it of its departure or arrival country."""
        country = self.zone.properties[f"{side}_country"]
        ports = [port for port in self.places.waters.ports if port.zone.properties["country"] == country]
        return [port for port in ports if self.zone.geometry.covers(port.zone.geometry.centroid)]

    def across(self) -> tuple[Point, ...]:
        """
        A way from a beach of the departure coast to one of the arrival coast, which a radar watches, over the dividing line once. It is not much
        longer than the shortest one to that beach.
        """
        end = self.beach("arrival", by_radar=True)
        path = self.places.route(self.near(end, self.beaches("departure")), end)
        self.line_at(path)
        if not self.zone.geometry.covers(shapely.LineString(path)):
            raise NoPlaceError("out of the corridor")
        return path

    def near(self, place: Point, beaches: FloatArray) -> Point:
        """One of the beaches [n, 2] that are not much farther from a place than the nearest one."""
        away_nm = distance_nm(place[1], place[0], beaches[:, 1], beaches[:, 0])
        return self.places.row_of(beaches[away_nm <= DETOUR * away_nm.min() + DETOUR_NM])

    def past_the_line(self, path: Sequence[Point], most: float = 0.6) -> tuple[list[Point], float]:
        """
        The part of a way to a place past the dividing line, at most a share `most` of what lies beyond, and how many miles are left from there. The
        place is offshore, watched by a radar, and the way passes no shore before it.
        """
        line, crossed = shapely.LineString(path), self.line_at(path)
        shares = crossed + self.places.rng.uniform(0.1, most, 12) * (1.0 - crossed)
        ends = shapely.get_coordinates(shapely.line_interpolate_point(line, shares, normalized=True))
        watched = self.places.reached(ends[:, 0], ends[:, 1], by_radar=True)
        clear_nm = max(self.setting.offshore_nm, self.setting.coast_band_nm)
        for share, (lon, lat), is_watched in zip(shares.tolist(), ends.tolist(), watched, strict=True):
            if is_watched and self.setting.is_clear(lon, lat, clear_nm):
                out = shapely.get_coordinates(substring(line, 0.0, share, normalized=True))
                points = [(float(x), float(y)) for x, y in out]
                way = sailed(points, ANY_KN, 0.0)
                _, reached_s = self.setting.shores_s(way, self.setting.crossed_s(way) or 0.0)
                if reached_s is None:
                    return points, length_nm(path) - length_nm(points)
        raise NoPlaceError("no place offshore that a radar watches")

    def line_at(self, path: Sequence[Point]) -> float:
        """The share of a way at which it passes the dividing line; NoPlaceError unless it does so once."""
        line = shapely.LineString(path)
        crossed = shapely.intersection(line, self.setting.gate)
        if not isinstance(crossed, shapely.Point) or crossed.is_empty:
            raise NoPlaceError("not once over the line")
        return float(shapely.line_locate_point(line, crossed, normalized=True))
