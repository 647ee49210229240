"""
Land and shore: whether a point is on land, and how far the nearest coast is.

Definition  Land is OpenStreetMap's land polygons as the package roaring-landmask carries them (ODbL 1.0, see
            NOTICE). A point on the shoreline is land. The distance to the coast is geodesic on WGS 84, to the
            nearest point of any shoreline, islets included, from the sea or from the land.
Cannot see  tides, piers built since the map, lakes and rivers (they are land); a coast beyond a frame's
            margin
Source      The package's polygons are exact; its raster (`RoaringLandmask.contains_many`) misjudges points
            within 1 km of a shore and is never asked.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyproj
import roaring_landmask
import shapely

from pipeline.areas import Area, AreaIndex
from pipeline.geo import NM_M, FloatArray, LocalPlane, as_points

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
Bools = npt.NDArray[np.bool_]

MARGIN_DEG = 1.0  # land is kept this far beyond a frame, so that distances up to 45 nm are right at its edge
GEOD = pyproj.Geod(ellps="WGS84")


class Nearest(NamedTuple):
    """The nearest points [n] of a shoreline (lon, lat), how far and in which direction they are."""

    lon: FloatArray
    lat: FloatArray
    distance_nm: FloatArray
    bearing_deg: FloatArray


class Shoreline:
    """Lines of coast, asked for their nearest point; right to 0.1 % within 1,000 km of their centre."""

    def __init__(self, lines: Sequence[shapely.Geometry]) -> None:
        """Lines in degrees (lon, lat), at least one; several may make one MultiLineString."""
        xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
        west, south, east, north = shapely.total_bounds(lines)
        # conformal: what is nearest on the plane is nearest on the ground
        self._proj = pyproj.Proj(
            proj="stere", lat_0=(south + north) / 2, lon_0=(west + east) / 2, ellps="WGS84", units="m"
        )
        xy = np.column_stack(self._proj(xy[:, 0], xy[:, 1]))
        joined = line[1:] == line[:-1]
        self._from, self._to = xy[:-1][joined], xy[1:][joined]
        edges: Any = shapely.linestrings(np.stack([self._from, self._to], axis=1))
        self._tree = shapely.STRtree(edges)

    def nearest(self, lon: FloatArray, lat: FloatArray) -> Nearest:
        """The nearest points [n], geodesic on WGS 84, from finite positions."""
        xy = np.column_stack(self._proj(lon, lat))
        edge = self._tree.nearest(shapely.points(xy))
        start, along = self._from[edge], self._to[edge] - self._from[edge]
        length2 = np.einsum("ij,ij->i", along, along)
        share = np.einsum("ij,ij->i", xy - start, along) / np.where(length2 > 0.0, length2, 1.0)
        foot = start + along * np.clip(share, 0.0, 1.0)[:, None]
        foot_lon, foot_lat = self._proj(foot[:, 0], foot[:, 1], inverse=True)
        azimuth, _, distance_m = GEOD.inv(lon, lat, foot_lon, foot_lat)
        return Nearest(foot_lon, foot_lat, distance_m / NM_M, azimuth % 360.0)


class Land:
    """The land of one frame, read when it is first asked for."""

    def __init__(self, frame: Bounds, digest: str, read: Callable[[], Sequence[shapely.Polygon]]) -> None:
        self.frame = frame
        self.digest = digest
        self._read = read

    @cached_property
    def polygons(self) -> Any:
        """Array [n] of polygons: valid, disjoint, cut at the frame."""
        return np.array(self._read(), dtype=object)

    @cached_property
    def index(self) -> AreaIndex:
        """Bit 0 is land."""
        return AreaIndex([shapely.MultiPolygon(list(self.polygons))])

    @cached_property
    def shore(self) -> Shoreline:
        """All shorelines of the frame."""
        return Shoreline(self.shore_in(shapely.box(*self.frame)))

    def touching(self, area: shapely.Geometry) -> list[shapely.Polygon]:
        """The whole land polygons that touch an area, in a fixed order."""
        return list(self.polygons[np.sort(self._tree.query(area, predicate="intersects"))])

    def shore_in(self, area: Area, min_land_km2: float = 0.0) -> list[shapely.LineString]:
        """The shorelines within an area (not the cuts of the frame), of land of at least `min_land_km2`."""
        land = [p for p in self.touching(area) if min_land_km2 <= 0.0 or area_km2(p) >= min_land_km2]
        rim = shapely.box(*self.frame).exterior
        lines = shapely.intersection(shapely.boundary(land), area)
        at_rim = shapely.intersects(lines, rim)
        lines[at_rim] = shapely.difference(lines[at_rim], rim)
        return [part for part in shapely.get_parts(lines) if part.geom_type == "LineString" and not part.is_empty]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.polygons)


class Coast:
    """The land within some frames (west, south, east, north), each widened by one degree; frames may overlap."""

    def __init__(self, lands: Sequence[Land]) -> None:
        self.lands = tuple(lands)
        self.digest = " ".join(land.digest for land in lands)

    def on_land(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """
        Whether each point [n] is on land, exactly; outside all frames the polygons of the world are asked.
        """
        lon, lat = as_points(lon, lat)
        frame = self._frame_of(lon, lat)
        on_land = np.zeros(lon.shape, dtype=np.bool_)
        for i, land in enumerate(self.lands):
            rows = np.flatnonzero(frame == i)
            if rows.size:
                on_land[rows] = land.index.bits(lon[rows], lat[rows]) != 0
        outside = frame < 0
        if outside.any():
            on_land[outside] = on_land_anywhere(lon[outside], lat[outside])
        return on_land

    def nearest(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Nearest:
        """The nearest points [n] of any shoreline, distance to 0.1 %; NaN outside all frames."""
        lon, lat = as_points(lon, lat)
        frame = self._frame_of(lon, lat)
        found = Nearest(*(np.full(lon.shape, np.nan) for _ in Nearest._fields))
        for i, land in enumerate(self.lands):
            rows = np.flatnonzero(frame == i)
            if rows.size:
                for column, values in zip(found, land.shore.nearest(lon[rows], lat[rows]), strict=True):
                    column[rows] = values
        return found

    def distance_nm(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> FloatArray:
        """Distance [n] to the nearest shoreline in nautical miles, error < 0.1 %; NaN outside all frames."""
        return self.nearest(lon, lat).distance_nm

    def land_in(self, bounds: Bounds, tolerance_m: float) -> list[shapely.Polygon]:
        """
        For maps: the land within bounds, outlines simplified to a tolerance in metres, smaller islets left
        out.
        """
        west, south, east, north = bounds
        plane = LocalPlane((west + east) / 2, (south + north) / 2)
        box = shapely.box(*bounds)
        cut = shapely.intersection(self.land_near(box), box)
        parts = shapely.get_parts(plane.to_degrees(shapely.simplify(plane.to_metres(cut), tolerance_m)))
        return [p for p in parts if p.geom_type == "Polygon" and p.area > (tolerance_m / 111_000.0) ** 2]

    def land_near(self, area: shapely.Geometry) -> list[shapely.Polygon]:
        """The whole land polygons that touch an area, in a fixed order; of the frame that holds most of it."""
        land = self._around(area)
        return land.touching(area) if land else []

    def shore_in(self, area: Area, min_land_km2: float = 0.0) -> list[shapely.LineString]:
        """
        The shorelines within an area, of land of at least `min_land_km2`; of the frame that holds most of it.
        """
        land = self._around(area)
        return land.shore_in(area, min_land_km2) if land else []

    def digest_near(self, area: shapely.Geometry) -> str:
        """Says which land there is around an area: what is derived of it is to be made anew when this changes."""
        box = shapely.box(*shapely.bounds(area))
        return " ".join(land.digest for land in self.lands if box.intersects(shapely.box(*land.frame)))

    def _around(self, area: shapely.Geometry) -> Land | None:
        box = shapely.box(*shapely.bounds(area))
        shared = [shapely.box(*land.frame).intersection(box).area for land in self.lands]
        return self.lands[int(np.argmax(shared))] if any(shared) else None

    def _frame_of(self, lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.int64]:
        frame = np.full(lon.shape, -1, dtype=np.int64)
        for i, land in reversed(list(enumerate(self.lands))):
            west, south, east, north = land.frame
            frame[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)] = i
        return frame


def open_coast(frames: Sequence[Bounds], cache_folder: Path) -> Coast:
    """
    The coast within some frames.

    Cutting the world takes about ten seconds, once: the result lies in the cache folder under the version of
    the polygons and the frame, and is read when a point of the frame is first asked for.
    """
    lands, missing = [], []
    for frame in map(_widened, frames):
        recipe = (version("roaring-landmask"), shapely.geos_version, [frame])
        digest = hashlib.sha256(repr(recipe).encode()).hexdigest()
        path = cache_folder / f"land-{digest[:16]}.wkb"
        lands.append(Land(frame, digest, partial(cached, path, partial(_cut_anew, frame))))
        if not path.is_file():
            missing.append((path, frame))
    if missing:
        world = _all_land()
        for path, frame in missing:
            cached(path, partial(_cut, frame, world))
    return Coast(lands)


def cached(path: Path, make: Callable[[], Sequence[shapely.Geometry]]) -> list[Any]:
    """
    Geometries from a file whose name says its content, else made and kept there; a damaged file is made
    anew.
    """
    if path.is_file():
        try:
            return list(shapely.get_parts(shapely.from_wkb(path.read_bytes())))
        except shapely.errors.GEOSException:
            path.unlink()
    geometries = list(make())
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        file.write(shapely.GeometryCollection(geometries).wkb)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)  # whoever runs Pharos next on this home may be another user
    Path(file.name).replace(path)
    return geometries


def on_land_anywhere(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
    """
    Whether each point [n] of the world is on land, exactly; False where not finite.

    The first call loads all polygons: five seconds, 1.4 GB.
    """
    lon, lat = as_points(lon, lat)
    land = np.asarray(lat <= -90.0)  # the South Pole, at which the package's polygons end
    known = np.isfinite(lon) & np.isfinite(lat) & ~land
    if known.any():
        land[known] = _world().contains_many(lon[known], lat[known])
    return land


def area_km2(polygon: Area) -> float:
    """Area in square kilometres on WGS 84."""
    return abs(float(GEOD.geometry_area_perimeter(polygon)[0])) / 1e6


@cache
def _world() -> roaring_landmask.Shapes:
    return roaring_landmask.Shapes.new(roaring_landmask.LandmaskProvider.Osm)


def _all_land() -> Any:
    return shapely.get_parts(shapely.from_wkb(roaring_landmask.Shapes.wkb(roaring_landmask.LandmaskProvider.Osm)))


def _cut_anew(frame: Bounds) -> list[shapely.Polygon]:
    return _cut(frame, _all_land())


def _cut(frame: Bounds, world: Any) -> list[shapely.Polygon]:
    area = shapely.box(*frame)
    touching = np.sort(shapely.STRtree(world).query(area, predicate="intersects"))
    parts = shapely.get_parts(shapely.intersection(world[touching], area))
    return list(shapely.normalize(parts[shapely.get_dimensions(parts) == 2]))


def _widened(frame: Bounds) -> Bounds:
    west, south, east, north = frame
    return (
        max(west - MARGIN_DEG, -180.0),
        max(south - MARGIN_DEG, -90.0),
        min(east + MARGIN_DEG, 180.0),
        min(north + MARGIN_DEG, 90.0),
    )
