"""
The places of a theatre between which craft go: gates at its edges, ports and their berths, anchorages, ferry lines, fishing
grounds, and the routes from one to another.

They come from the theatre's zones. Where a kind of zone is missing there is a plain stand-in: off the ports.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from pipeline import zones
from pipeline.coast import cached
from pipeline.geo import FloatArray, distance_nm
from pipeline.simulate.craft import Point
from pipeline.simulate.theatres import Theatre, theatre
from pipeline.simulate.waterways import Waterways, open_waterways
from pipeline.zones import Zone

LARGE_PORT_NM = (
    0.7  # own: ships call at ports of at least this radius; fishing boats and yachts have the smaller ones too
)
FLAGS = {
    "GRC": ("237", "239", "240", "241"), "TUR": ("271",), "ITA": ("247",), "MLT": ("215", "229", "248", "249", "256"), "CYP": ("209", "210", "212"),
    "TUN": ("672",), "LBY": ("642",), "EGY": ("622",), "DZA": ("605",), "BGR": ("207",), "ALB": ("201",),
    "DJI": ("621",), "YEM": ("473", "475"), "SOM": ("666",), "OMN": ("461",), "ERI": ("625",), "SAU": ("403",), "KEN": ("634",),
    "TZA": ("674", "677"), "SYC": ("664",), "IRN": ("422",),
}  # fmt: skip  # country: its digits, ITU Table of MIDs


@dataclass(frozen=True)
class Port:
    """A port with navigable water: `berths` [n, 2] within it, from each of which a straight leg leads to the `quay`."""

    zone: Zone
    quay: Point
    berths: FloatArray

    @property
    def radius_nm(self) -> float:
        return float(np.sqrt(self.zone.geometry.area / np.pi) * 60.0)

    def flag(self, rng: np.random.Generator) -> str:
        """The digits of one of its own craft."""
        return str(rng.choice(FLAGS.get(str(self.zone.properties["country"]), FLAGS["GRC"])))


@dataclass(frozen=True)
class FerryLine:
    """A ferry line as it is sailed: from berth to berth, off land."""

    path: tuple[Point, ...]
    sog_kn: float
    crossings_per_day: float
    flag: str


@dataclass(frozen=True)
class Ground:
    """A fishing ground as the boats of one port use it: the navigable places in it [n, 2], and the one at which they come to it."""

    port: Port
    entry: Point
    places: FloatArray


@dataclass
class Waters:
    """The places of a theatre between which craft go, and the routes between them, each found once and kept in the cache folder."""

    theatre: Theatre
    ways: Waterways
    zones: Sequence[Zone]
    cache: Path
    _routes: dict[tuple[Point, Point], tuple[Point, ...]] = field(default_factory=dict)
    _offings: dict[tuple[str, float, float], FloatArray] = field(default_factory=dict)

    def route(self, start: Point, end: Point) -> tuple[Point, ...]:
        """A way off land between two of the fixed places."""
        if (start, end) not in self._routes:
            key = hashlib.sha256(repr((self.ways.digest, start, end)).encode()).hexdigest()
            line = cached(
                self.cache / "routes" / f"{key[:20]}.wkb", lambda: [shapely.LineString(self.ways.route(start, end))]
            )
            self._routes[start, end] = tuple((float(lon), float(lat)) for lon, lat in line[0].coords)
        return self._routes[start, end]

    @cached_property
    def gates(self) -> tuple[Point, ...]:
        """Where ships come in and go out, on navigable water."""
        return tuple(self.ways.nearest(gate) for gate in self.theatre.gates)

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """All ports with navigable water in them, in order of their ids."""
        ports = []
        for zone in self._of_kind("port"):
            places = self.ways.places_in(zone.geometry)
            if len(places):
                centre = zone.geometry.centroid
                quay = _nearest((centre.x, centre.y), places)
                ports.append(Port(zone, quay, self._in_sight(quay, places)))
        return tuple(ports)

    @cached_property
    def large_ports(self) -> tuple[Port, ...]:
        """The ports that ships call at."""
        return tuple(port for port in self.ports if port.radius_nm >= LARGE_PORT_NM) or self.ports

    @cached_property
    def anchorages(self) -> tuple[FloatArray, ...]:
        """The navigable places [n, 2] of each anchorage; off the large ports where none are known."""
        drawn = [self.ways.places_in(zone.geometry) for zone in self._of_kind("anchorage")]
        found = tuple(places for places in drawn if len(places))
        return found or tuple(self.offing(port, 1.5, 4.0) for port in self.large_ports)

    @cached_property
    def ferry_lines(self) -> tuple[FerryLine, ...]:
        """The ferry lines as drawn where that keeps off land, else along the waterways."""
        countries = {port.zone.zone_id: str(port.zone.properties["country"]) for port in self.ports}
        lines = []
        for zone in self._of_kind("ferry_line"):
            drawn = shapely.get_coordinates(zone.drawn)
            path = tuple((float(lon), float(lat)) for lon, lat in drawn)
            if self.ways.shore.touched(drawn).any():
                path = self.route(self.ways.nearest(path[0]), self.ways.nearest(path[-1]))
            country = countries.get(str(zone.properties["from_port"]), "")
            sog_kn, crossings = float(zone.properties["sog_kn"]), float(zone.properties["crossings_per_day"])
            lines.append(FerryLine(path, sog_kn, crossings, FLAGS.get(country, FLAGS["GRC"])[0]))
        return tuple(lines)

    @cached_property
    def grounds(self) -> tuple[Ground, ...]:
        """Each fishing ground for each of the three ports nearest to it; off every port where none are drawn."""
        found = []
        for zone in self._of_kind("fishing_ground"):
            places = self.ways.places_in(zone.geometry)
            if len(places) > 3:
                centre = zone.geometry.centroid
                near = self.nearest_ports((centre.x, centre.y), self.ports, 3)
                found += [Ground(port, _nearest(port.quay, places), places) for port in near]
        if not found:
            for port in self.ports:
                places = self.offing(port, 2.0, 8.0)
                found.append(Ground(port, _nearest(port.quay, places), places))
        return tuple(found)

    def berth(self, port: Port, rng: np.random.Generator) -> Point:
        """One of a port's berths, some metres to a side where that is still in port and a straight leg leads to the quay."""
        berth = port.berths[rng.integers(len(port.berths))]
        beside = berth + rng.uniform(-0.0004, 0.0004, 2)
        in_port = shapely.contains_xy(port.zone.geometry, *beside)
        lon, lat = beside if in_port and len(self._in_sight(port.quay, beside[None])) else berth
        return float(lon), float(lat)

    def clear(self, start: Point, ends: FloatArray) -> npt.NDArray[np.bool_]:
        """To which of the ends [n, 2] a straight leg keeps off the shallow band along the shore."""
        return ~self.ways.shore.legs_touched(np.array(start), ends, shallow=True)

    def offing(self, port: Port, from_nm: float, to_nm: float) -> FloatArray:
        """Navigable places [n, 2] off a port from which a straight leg leads to its quay; its berths where there are none."""
        key = (port.zone.zone_id, from_nm, to_nm)
        if key not in self._offings:
            x, y = port.quay
            around = self.ways.places_in(
                shapely.box(x - to_nm / 40.0, y - to_nm / 60.0, x + to_nm / 40.0, y + to_nm / 60.0)
            )
            away_nm = distance_nm(y, x, around[:, 1], around[:, 0])
            seen = self._in_sight(port.quay, around[(away_nm >= from_nm) & (away_nm <= to_nm)])
            self._offings[key] = seen if len(seen) else port.berths
        return self._offings[key]

    def nearest_ports(self, to: Point, ports: Sequence[Port], n: int) -> list[Port]:
        """The nearest of some ports as the crow flies, without one that lies at the very place."""
        quays = np.array([port.quay for port in ports])
        away_nm = distance_nm(to[1], to[0], quays[:, 1], quays[:, 0])
        return [ports[i] for i in np.argsort(away_nm, kind="stable") if away_nm[i] > 0.0][:n]

    def _in_sight(self, of: Point, places: FloatArray) -> FloatArray:
        """Those of the places [n, 2] from which a straight leg leads to one place off land."""
        return places[~self.ways.shore.legs_touched(np.array(of), places)]

    def _of_kind(self, kind: str) -> list[Zone]:
        return [zone for zone in self.zones if zone.kind == kind]


def open_waters(theatre_id: str, cache: Path) -> Waters:
    """The waters of a theatre; SettingsError when it is not known."""
    known, loaded = theatre(theatre_id), zones.load([zones.PACKAGED])
    drawn = [zone for zone in loaded.zones if zone.theatre == theatre_id]
    return Waters(known, open_waterways(loaded.frames[theatre_id], drawn, cache), drawn, cache)


def _nearest(to: Point, places: FloatArray) -> Point:
    """The nearest of some places [n, 2]."""
    lon, lat = places[np.argmin(distance_nm(to[1], to[0], places[:, 1], places[:, 0]))]
    return float(lon), float(lat)
