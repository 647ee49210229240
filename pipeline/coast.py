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
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

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


class Shoreline:
    """Lines of coast, asked for their nearest point; right to 0.1 % within 1,000 km of their centre."""

    def __init__(self, lines: Sequence[shapely.LineString]) -> None:
        """Lines in degrees (lon, lat), at least one."""
        xy, line = shapely.get_coordinates(lines, return_index=True)
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

    def nearest(self, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """
        (lon, lat, distance_nm, bearing_deg) [n]: the nearest points, geodesic on WGS 84, from finite
        positions.
        """
        xy = np.column_stack(self._proj(lon, lat))
        edge = self._tree.nearest(shapely.points(xy))
        start, along = self._from[edge], self._to[edge] - self._from[edge]
        length2 = np.einsum("ij,ij->i", along, along)
        share = np.einsum("ij,ij->i", xy - start, along) / np.where(length2 > 0.0, length2, 1.0)
        foot = start + along * np.clip(share, 0.0, 1.0)[:, None]
        foot_lon, foot_lat = self._proj(foot[:, 0], foot[:, 1], inverse=True)
        azimuth, _, distance_m = GEOD.inv(lon, lat, foot_lon, foot_lat)
        return foot_lon, foot_lat, distance_m / NM_M, azimuth % 360.0


class Coast:
    """The land within some frames (west, south, east, north), each widened by one degree."""

    def __init__(self, frames: Sequence[Bounds], polygons: Sequence[shapely.Polygon]) -> None:
        self.frames = tuple(_widened(frame) for frame in frames)
        self.polygons = np.array(polygons, dtype=object)  # valid, disjoint, cut at the frames
        land = shapely.MultiPolygon(list(polygons))
        self.digest = hashlib.sha256(land.wkb).hexdigest()
        self._land = AreaIndex([land])
        self._tree = shapely.STRtree(self.polygons)
        self._shores = [Shoreline(self.shore_in(shapely.box(*frame))) for frame in self.frames]

    def on_land(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """
        Whether each point [n] is on land, exactly; outside all frames the polygons of the world are asked.
        """
        lon, lat = as_points(lon, lat)
        land = np.asarray(self._land.bits(lon, lat) != 0)
        outside = self._frame_of(lon, lat) < 0
        if outside.any():
            land[outside] = on_land_anywhere(lon[outside], lat[outside])
        return land

    def distance_nm(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> FloatArray:
        """Distance [n] to the nearest shoreline in nautical miles, error < 0.1 %; NaN outside all frames."""
        lon, lat = as_points(lon, lat)
        frame = self._frame_of(lon, lat)
        distance = np.full(lon.shape, np.nan)
        for i, shore in enumerate(self._shores):
            rows = np.flatnonzero(frame == i)
            if rows.size:
                distance[rows] = shore.nearest(lon[rows], lat[rows])[2]
        return distance

    def land_in(self, bounds: Bounds, tolerance_m: float) -> list[shapely.Polygon]:
        """
        For maps: the land within bounds, outlines simplified to a tolerance in metres, smaller islets left
        out.
        """
        west, south, east, north = bounds
        plane = LocalPlane((west + east) / 2, (south + north) / 2)
        box = shapely.box(*bounds)
        cut = shapely.intersection(self.polygons[self._tree.query(box, predicate="intersects")], box)
        parts = shapely.get_parts(plane.to_degrees(shapely.simplify(plane.to_metres(cut), tolerance_m)))
        return [p for p in parts if p.geom_type == "Polygon" and p.area > (tolerance_m / 111_000.0) ** 2]

    def land_near(self, area: shapely.Geometry) -> list[shapely.Polygon]:
        """The whole land polygons that touch an area, in a fixed order."""
        return list(self.polygons[np.sort(self._tree.query(area, predicate="intersects"))])

    def shore_in(self, area: Area, min_land_km2: float = 0.0) -> list[shapely.LineString]:
        """The shorelines within an area (not the cuts of the frames), of land of at least `min_land_km2`."""
        land = [p for p in self.land_near(area) if min_land_km2 <= 0.0 or area_km2(p) >= min_land_km2]
        rims = shapely.union_all([shapely.box(*frame).exterior for frame in self.frames])
        lines = shapely.intersection(shapely.boundary(land), area)
        at_rim = shapely.intersects(lines, rims)
        lines[at_rim] = shapely.difference(lines[at_rim], rims)
        return [part for part in shapely.get_parts(lines) if part.geom_type == "LineString" and not part.is_empty]

    def _frame_of(self, lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.int64]:
        frame = np.full(lon.shape, -1, dtype=np.int64)
        for i, (west, south, east, north) in reversed(list(enumerate(self.frames))):
            frame[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)] = i
        return frame


def open_coast(frames: Sequence[Bounds], cache_folder: Path) -> Coast:
    """
    The coast within some frames.

    Cutting the world takes about five seconds, once: the result lies in the cache folder under the version
    of the polygons and the frames.
    """
    widened = [_widened(frame) for frame in frames]
    key = hashlib.sha256(repr((version("roaring-landmask"), shapely.geos_version, widened)).encode()).hexdigest()
    return Coast(frames, cached(cache_folder / f"land-{key[:16]}.wkb", lambda: _cut(widened)))


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
    Path(file.name).replace(path)
    return geometries


def on_land_anywhere(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
    """
    Whether each point [n] of the world is on land, exactly; False where not finite.

    The first call loads all polygons: five seconds, 1.4 GB.
    """
    lon, lat = as_points(lon, lat)
    land = np.zeros(lon.shape, dtype=np.bool_)
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any():
        land[known] = _world().contains_many(lon[known], lat[known])
    return land


def area_km2(polygon: Area) -> float:
    """Area in square kilometres on WGS 84."""
    return abs(float(GEOD.geometry_area_perimeter(polygon)[0])) / 1e6


@cache
def _world() -> roaring_landmask.Shapes:
    return roaring_landmask.Shapes.new(roaring_landmask.LandmaskProvider.Osm)


def _cut(frames: Sequence[Bounds]) -> list[shapely.Polygon]:
    area = shapely.union_all([shapely.box(*frame) for frame in frames])
    world = shapely.get_parts(shapely.from_wkb(roaring_landmask.Shapes.wkb(roaring_landmask.LandmaskProvider.Osm)))
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
