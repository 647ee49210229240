"""
The sea: everything geographic that the rest of Pharos asks, opened once.

Zones and gates come from the reference folders, land from `pipeline.coast`. What a corridor derives from
them (its two coasts, the bands along them, the open water between, its two sides) is computed here, in
metres on a plane around the corridor.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import split

from pipeline import zones as zone_files
from pipeline.areas import Area, AreaIndex
from pipeline.coast import Bools, Coast, Shoreline, cached, open_coast
from pipeline.geo import NM_M, FloatArray, LocalPlane, as_points, distance_nm
from pipeline.territorial_sea import within_breadth
from pipeline.zones import Gate, Origin, Zone, ZoneIndex

COAST_BAND_MAX_NM = 1.5  # own: near a coast is min(1.5 nm, 0.3 x local width)
OFFSHORE_MAX_NM = 1.0  # own: offshore is min(1 nm, 0.3 x local width) from any coast
SHARE_OF_WIDTH = 0.3
QUAD_SEGS = 48  # a buffer's arc is then within 0.01 % of its radius
WIDTH_TOLERANCE = 0.1  # by how much a declared width may differ from that of the coasts
DERIVED_VERSION = 3  # of what is derived here: raise it with every change, so that no cache of another is read

Int8s = npt.NDArray[np.int8]


class NearestPort(NamedTuple):
    """A port (zone_id, title) and the distance to its centre; empty and infinite where no port is known."""

    port_id: str
    title: str
    distance_nm: float


@dataclass(frozen=True)
class Corridor:
    """
    A strait that people cross from one country's coast to another's.

    `gate` is the median line, directed so that the departure coast is on its left. All methods take arrays
    [n] or scalars in degrees and answer with arrays [n].
    """

    zone: Zone
    gate: Gate
    shapes: tuple[Any, ...]  # what `_derived` makes

    INSIDE, NEAR_DEPARTURE, NEAR_ARRIVAL, OFFSHORE, DEPARTURE_SIDE, ARRIVAL_SIDE = (np.uint64(1 << i) for i in range(6))

    @cached_property
    def areas(self) -> AreaIndex:
        """Bits in the order of the constants above."""
        return AreaIndex([self.zone.geometry, *self.shapes[:5]])

    @cached_property
    def departure_coast(self) -> Shoreline:
        return Shoreline([self.shapes[5]])

    @cached_property
    def arrival_coast(self) -> Shoreline:
        return Shoreline([self.shapes[6]])

    @property
    def zone_id(self) -> str:
        return self.zone.zone_id

    @property
    def title(self) -> str:
        return self.zone.title

    @property
    def departure_country(self) -> str:
        return str(self.zone.properties["departure_country"])

    @property
    def arrival_country(self) -> str:
        return str(self.zone.properties["arrival_country"])

    @property
    def local_width_nm(self) -> float:
        return float(self.zone.properties["local_width_nm"])

    @property
    def max_duration_s(self) -> float:
        return float(self.zone.properties["max_duration_s"])

    @property
    def coast_band_nm(self) -> float:
        return coast_band_nm(self.local_width_nm)

    @property
    def offshore_nm(self) -> float:
        return offshore_nm(self.local_width_nm)

    def inside(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """Whether each point is within the corridor's outline, its shores included."""
        return self._is(self.INSIDE, lon, lat)

    def near_departure(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """
        Inside the corridor and within `coast_band_nm` of the departure shoreline, at sea or on the shore.
        """
        return self._is(self.NEAR_DEPARTURE, lon, lat)

    def near_arrival(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """Inside the corridor and within `coast_band_nm` of the arrival shoreline, at sea or on the shore."""
        return self._is(self.NEAR_ARRIVAL, lon, lat)

    def offshore(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """Inside the corridor and at least `offshore_nm` from any land, islets included."""
        return self._is(self.OFFSHORE, lon, lat)

    def side(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Int8s:
        """
        -1 on the departure side of the gate or exactly on it, +1 on the arrival side, 0 outside the
        corridor.
        """
        bits = self.areas.bits(lon, lat)
        side = np.where(bits & self.ARRIVAL_SIDE != 0, 1, 0)
        return np.where(bits & self.DEPARTURE_SIDE != 0, -1, side).astype(np.int8)

    def crossings(
        self, lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
    ) -> tuple[Int8s, FloatArray]:
        """
        (direction, fraction) of the segments P1 -> P2 [n] over the gate.

        Direction is +1 from the departure to the arrival side, -1 back, 0 for none or there and back within
        one segment; fraction is the share (0-1) of the segment at which the gate is first crossed that way,
        else NaN. Half-open: a point on the line counts as on the departure side, so a track with a fix on
        it crosses once.
        """
        lon1, lat1 = as_points(lon1, lat1)
        lon2, lat2 = as_points(lon2, lat2)
        direction, fraction = _crossings(lon1, lat1, lon2, lat2, self._gate_xy, self._gate_box)
        return direction, fraction

    def to_arrival(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(distance_nm, bearing_deg) [n] from finite points to the nearest point of the arrival shoreline."""
        return _to(self.arrival_coast, lon, lat)

    def to_departure(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """
        (distance_nm, bearing_deg) [n] from finite points to the nearest point of the departure shoreline.
        """
        return _to(self.departure_coast, lon, lat)

    def _is(self, mask: np.uint64, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        return np.asarray(self.areas.bits(lon, lat) & mask != 0)

    @cached_property
    def _gate_xy(self) -> FloatArray:
        return np.ascontiguousarray(shapely.get_coordinates(self.gate.geometry))

    @cached_property
    def _gate_box(self) -> tuple[float, float, float, float]:
        west, south, east, north = self.gate.geometry.bounds
        return west, south, east, north


class UnusableError(ValueError):
    """Why a file that could be read cannot be used after all: one line, and the file."""

    def __init__(self, reason: str, *origins: Origin) -> None:
        super().__init__(reason)
        self.path = max(origins).path  # of several, that of the later folder


class Sea:
    """Zones, gates, coast, corridors and ports in force. Made by `open_sea`."""

    def __init__(self, loaded: zone_files.Loaded, coast: Coast, cache: Path) -> None:
        self.gates = loaded.gates
        self.coast = coast
        self.theatres = tuple(sorted(loaded.frames))
        zones, corridors, unusable = [], [], {}
        for zone in loaded.zones:
            try:
                if zone.kind == "corridor":
                    corridors.append(_corridor(zone, loaded, coast, cache))
                zones.append(_territorial_sea(zone, loaded, coast, cache) if zone.kind == "territorial_sea" else zone)
            except UnusableError as fault:
                unusable[fault.path] = f"'{zone.zone_id}': {fault}"
        self.unusable = unusable
        self.zones = tuple(zones)
        self.index = ZoneIndex([zone for zone in zones if zone.kind != "coast"])
        self.ports = tuple(zone for zone in zones if zone.kind == "port")
        self.corridors = tuple(corridors)
        self.refused = loaded.refused
        self.digest = hashlib.sha256(f"{loaded.digest} {coast.digest}".encode()).hexdigest()
        self._harbours = AreaIndex([_joined(self.ports)] if self.ports else [])
        centres = shapely.centroid([port.geometry for port in self.ports])
        self._port_lon, self._port_lat = shapely.get_x(centres), shapely.get_y(centres)

    def in_port(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """Whether each point [n] is within a port."""
        return np.asarray(self._harbours.bits(lon, lat) != 0)

    def nearest_port(self, lon: float, lat: float) -> NearestPort:
        """The port whose centre is nearest to one point."""
        if not self.ports:
            return NearestPort("", "", float("inf"))
        distances = distance_nm(lat, lon, self._port_lat, self._port_lon)
        i = int(np.argmin(distances))
        return NearestPort(self.ports[i].zone_id, self.ports[i].title, float(distances[i]))

    def zones_at(self, lon: float, lat: float) -> tuple[Zone, ...]:
        """All zones that one point is in, but those of kind "coast"."""
        return self.index.at(lon, lat)[0]

    def theatre(self, lon: float, lat: float) -> str:
        """The theatre of the watch zone that one point is in, or an empty string."""
        return next((zone.theatre for zone in self.zones_at(lon, lat) if zone.kind == "watch"), "")

    def mrccs(self, lon: float, lat: float) -> list[str]:
        """
        The agency ids of the rescue coordination centres of all search-and-rescue regions that one point is
        in: they overlap.
        """
        return sorted({str(zone.properties["mrcc"]) for zone in self.zones_at(lon, lat) if zone.kind == "srr"})

    def zone_of(self, lon: float, lat: float) -> str:
        """
        The most specific zone that one point is in: its narrowest corridor, else a watch zone, else an empty
        string.
        """
        here = self.zones_at(lon, lat)
        corridors = [zone for zone in here if zone.kind == "corridor"]
        if corridors:
            return min(corridors, key=lambda zone: float(zone.properties["local_width_nm"])).zone_id
        return next((zone.zone_id for zone in here if zone.kind == "watch"), "")


def open_sea(reference_folders: Sequence[Path], cache: Path, on: date | None = None) -> Sea:
    """
    The sea as the reference folders describe it: `pipeline.zones.PACKAGED` first, a later folder overrides.

    With `on`, as of a UTC date. Land, and what corridors and territorial seas derive from it, is computed once
    and kept in the cache folder. What cannot be used is in `Sea.refused`.
    """
    unusable: dict[Path, str] = {}
    while True:
        loaded = zone_files.load(reference_folders, on, unusable)
        coast = open_coast([loaded.frames[theatre] for theatre in sorted(loaded.frames)], cache)
        opened = Sea(loaded, coast, cache)
        if not opened.unusable:
            return opened
        unusable |= opened.unusable  # what these files had replaced comes back


def _joined(zones: Sequence[Zone]) -> Area:
    parts = shapely.get_parts(shapely.union_all([zone.geometry for zone in zones]))
    return shapely.MultiPolygon(list(parts))


def coast_lines(corridor: Zone, zones: Sequence[Zone], coast: Coast, side: str) -> list[shapely.LineString]:
    """
    The shorelines within a corridor's regions for its departure or arrival side; ValueError if there are
    none.
    """
    lines = [
        line
        for zone in zones
        if zone.kind == "coast"
        and zone.properties["corridor_id"] == corridor.zone_id
        and zone.properties["side"] == side
        for line in coast.shore_in(zone.geometry, float(zone.properties.get("min_land_km2", 0.0)))
    ]
    if not lines:
        raise ValueError(f"no land in the region of its {side} coast")
    return lines


def coast_band_nm(local_width_nm: float) -> float:
    """How far from a shoreline "near the coast" reaches at a strait of this width."""
    return min(COAST_BAND_MAX_NM, SHARE_OF_WIDTH * local_width_nm)


def offshore_nm(local_width_nm: float) -> float:
    """From how far off any land a craft counts as offshore at a strait of this width."""
    return min(OFFSHORE_MAX_NM, SHARE_OF_WIDTH * local_width_nm)


def _corridor(zone: Zone, loaded: zone_files.Loaded, coast: Coast, cache: Path) -> Corridor:
    """UnusableError says why the corridor cannot be used."""
    gate = next((gate for gate in loaded.gates if gate.gate_id == zone.properties["gate_id"]), None)
    if gate is None:
        raise UnusableError(f"its gate '{zone.properties['gate_id']}' is not in force", zone.file)
    pickers = [
        z
        for z in loaded.zones
        if z.kind == "coast" and z.properties["corridor_id"] == zone.zone_id and zone_files.overlap(z, zone)
    ]
    recipe = [zone.properties["local_width_nm"], QUAD_SEGS, zone.geometry.wkb, gate.geometry.wkb]
    recipe += [(z.properties["side"], z.properties.get("min_land_km2"), z.geometry.wkb) for z in pickers]
    around = shapely.union_all([zone.geometry, *(z.geometry for z in pickers)])
    path = _cache_path(cache, "corridor", coast.digest_near(around), recipe)
    try:
        return Corridor(zone, gate, tuple(cached(path, lambda: _derived(zone, gate, pickers, coast))))
    except ValueError as fault:
        raise UnusableError(str(fault), zone.file, gate.file) from None


def _cache_path(cache: Path, what: str, land: str, recipe: list[Any]) -> Path:
    key = repr((DERIVED_VERSION, land, shapely.geos_version, recipe))
    return cache / f"{what}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.wkb"


def _derived(zone: Zone, gate: Gate, pickers: Sequence[Zone], coast: Coast) -> list[Any]:
    """
    Within a corridor: near the departure coast, near the arrival coast, offshore, the departure side, the
    arrival side (areas); the departure coast, the arrival coast (lines). ValueError says what is wrong with it.
    """
    departure, arrival = (coast_lines(zone, pickers, coast, side) for side in ("departure", "arrival"))
    land = coast.land_near(zone.geometry.buffer(0.1))
    width_nm = float(zone.properties["local_width_nm"])
    apart_nm = _apart_nm(zone, departure, arrival)
    if abs(apart_nm / width_nm - 1.0) > WIDTH_TOLERANCE:
        raise ValueError(f"local_width_nm is {width_nm:g}, but its coasts are {apart_nm:.3g} nm apart")
    bands = _bands(
        zone.geometry, departure, arrival, land, coast_band_nm(width_nm) * NM_M, offshore_nm(width_nm) * NM_M
    )
    departure_side, arrival_side = _sides(zone, gate)
    if departure_side.intersection(bands[0]).area < arrival_side.intersection(bands[0]).area:
        raise ValueError(f"its gate '{gate.gate_id}' runs the wrong way: the departure coast belongs on its left")
    return [*bands, departure_side, arrival_side, shapely.MultiLineString(departure), shapely.MultiLineString(arrival)]


def _apart_nm(zone: Zone, departure: list[shapely.LineString], arrival: list[shapely.LineString]) -> float:
    plane = LocalPlane(*zone.geometry.centroid.coords[0])
    one, other = (plane.to_metres(shapely.MultiLineString(lines)) for lines in (departure, arrival))
    return float(shapely.distance(one, other)) / NM_M


def _bands(
    outline: Area,
    departure: list[shapely.LineString],
    arrival: list[shapely.LineString],
    land: list[shapely.Polygon],
    band_m: float,
    offshore_m: float,
) -> list[Area]:
    """
    Within an outline: near the departure coast, near the arrival coast, and far from any land; in degrees.
    """
    plane = LocalPlane(*outline.centroid.coords[0])

    def reach(shapes: Sequence[shapely.Geometry], distance_m: float) -> Any:
        flat = plane.to_metres(shapely.GeometryCollection(list(shapes)))
        return plane.to_degrees(flat.buffer(distance_m, quad_segs=QUAD_SEGS))

    # cut in degrees: the outline's long edges are straight there, not on the plane
    return [
        outline.intersection(reach(departure, band_m)),
        outline.intersection(reach(arrival, band_m)),
        outline.difference(reach(land, offshore_m)),
    ]


def _territorial_sea(zone: Zone, loaded: zone_files.Loaded, coast: Coast, cache: Path) -> Zone:
    """The zone with what counts of its region; UnusableError says why it cannot be used."""
    country, breadth_nm = zone.properties["country"], float(zone.properties["breadth_nm"])
    shores = [z.geometry for z in loaded.zones if z.kind == "country" and z.properties["country"] == country]
    recipe = [breadth_nm, zone.geometry.wkb, *(shore.wkb for shore in shores)]
    path = _cache_path(cache, "territorial-sea", coast.digest_near(zone.geometry), recipe)
    try:
        (area,) = cached(path, lambda: [within_breadth(zone.geometry, shores, coast, breadth_nm)])
    except ValueError as fault:
        raise UnusableError(str(fault), zone.file) from None
    return replace(zone, geometry=area)


def _sides(zone: Zone, gate: Gate) -> tuple[Area, Area]:
    """
    A corridor's areas to the left and to the right of its gate; ValueError if the gate does not cut it in
    two.
    """
    halves: list[Any] = list(split(zone.geometry, gate.geometry).geoms)
    if len(halves) != 2:
        raise ValueError(f"its gate '{gate.gate_id}' does not divide it in two")
    left_of_line = gate.geometry.parallel_offset(1e-6, "left")
    halves.sort(key=lambda half: -half.intersection(left_of_line).length)
    return halves[0], halves[1]


def _to(shore: Shoreline, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    nearest = shore.nearest(*as_points(lon, lat))
    return nearest.distance_nm, nearest.bearing_deg


# The direction into which points on no gate are thought shifted, along no coordinate axis and no edge.
GENERIC = (0.8414709848078965, 0.5403023058681398)


@numba.njit(cache=True, nogil=True)
def _turn(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]
    """Above 0 when P is left of A -> B, below 0 right, 0 on the line."""
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@numba.njit(cache=True, nogil=True)
def _shift(gate, x, y):  # type: ignore[no-untyped-def]
    """
    Into which direction a point is thought shifted, by less than any distance: off the gate to its left, if
    on it.
    """
    vx, vy = 0.0, 0.0
    for k in range(gate.shape[0] - 1):
        ax, ay, bx, by = gate[k, 0], gate[k, 1], gate[k + 1, 0], gate[k + 1, 1]
        within = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
        if within and _turn(ax, ay, bx, by, x, y) == 0.0:
            length = np.hypot(bx - ax, by - ay)
            vx, vy = vx - (by - ay) / length, vy + (bx - ax) / length
    return vx, vy


@numba.njit(cache=True, nogil=True)
def _first_sign(first, second, third):  # type: ignore[no-untyped-def]
    for value in (first, second, third):
        if value != 0.0:
            return 1 if value > 0.0 else -1
    return -1


@numba.njit(cache=True, nogil=True)
def _crossings(lon1, lat1, lon2, lat2, gate, box):  # type: ignore[no-untyped-def]
    n = lon1.shape[0]
    direction = np.zeros(n, dtype=np.int8)
    fraction = np.full(n, np.nan)
    west, south, east, north = box
    gx, gy = GENERIC
    for i in range(n):
        x1, y1, x2, y2 = lon1[i], lat1[i], lon2[i], lat2[i]
        left, right, low, high = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
        if not (right >= west and left <= east and high >= south and low <= north):
            continue
        u1, v1 = _shift(gate, x1, y1)
        u2, v2 = _shift(gate, x2, y2)
        dx, dy, du, dv = x2 - x1, y2 - y1, u2 - u1, v2 - v1
        net = 0
        first_there, first_back = 2.0, 2.0
        for k in range(gate.shape[0] - 1):
            ax, ay, bx, by = gate[k, 0], gate[k, 1], gate[k + 1, 0], gate[k + 1, 1]
            if right < min(ax, bx) or left > max(ax, bx) or high < min(ay, by) or low > max(ay, by):
                continue
            ex, ey = bx - ax, by - ay
            here, there = _turn(ax, ay, bx, by, x1, y1), _turn(ax, ay, bx, by, x2, y2)
            generic = ex * gy - ey * gx
            side1 = _first_sign(here, ex * v1 - ey * u1, generic)
            side2 = _first_sign(there, ex * v2 - ey * u2, generic)
            if side1 == side2:
                continue
            # where the ends of the edge lie from the segment, shifted as its points are
            generic = dy * gx - dx * gy
            moved = dy * u1 - dx * v1
            turn_a, turn_b = _turn(x1, y1, x2, y2, ax, ay), _turn(x1, y1, x2, y2, bx, by)
            end_a = _first_sign(turn_a, du * (ay - y1) - dv * (ax - x1) + moved, generic)
            end_b = _first_sign(turn_b, du * (by - y1) - dv * (bx - x1) + moved, generic)
            if end_a == end_b:
                continue
            share = 0.0 if here == there else min(max(here / (here - there), 0.0), 1.0)
            net += side1  # +1: from the left (departure) to the right (arrival)
            if side1 > 0:
                first_there = min(first_there, share)
            else:
                first_back = min(first_back, share)
        if net != 0:
            direction[i] = 1 if net > 0 else -1
            fraction[i] = first_there if net > 0 else first_back
    return direction, fraction
