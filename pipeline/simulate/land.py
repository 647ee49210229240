"""
Land, exactly: OpenStreetMap's polygons as roaring-landmask ships them.

The sample day and the scenario folders ask the package itself (`on_land`, `near_shore`), so that a mistake in the
pipeline's coast shows as a wrong event and is not repeated by the data that should find it. Much traffic asks `Shore`:
the same polygons cut to a theatre, with how near a place is to them made fast.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from roaring_landmask import LandmaskProvider, Shapes

from pipeline.areas import AreaIndex
from pipeline.coast import Bounds, Coast, cached
from pipeline.geo import FloatArray, destination

SHALLOW_NM, CLUTTER_NM, INSHORE_NM, COASTAL_NM = 0.05, 0.15, 0.5, 1.0
RECIPE = 1  # of the bands along the shore: raise it with every change, so that no cache of another is read


Ashore = Callable[
    [npt.NDArray[np.float64], npt.NDArray[np.float64]], npt.NDArray[np.bool_]
]  # which of (lon, lat) lie on land


@cache
def _shapes() -> Shapes:
    return Shapes.new(LandmaskProvider.Osm)  # 5 s


def on_land(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which of the points [n] lie on land."""
    x, y = (np.ascontiguousarray(values, dtype=np.float64) for values in (lon, lat))
    return np.asarray(_shapes().contains_many(x, y), dtype=np.bool_)


def near_shore(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], within_nm: float, ashore: Ashore = on_land
) -> npt.NDArray[np.bool_]:
    """Which of the points [n] have land within `within_nm`, felt for at 16 points of a circle and at 8 of one half as wide."""
    near = ashore(lon, lat)
    for radius_nm, n_bearings in ((within_nm, 16), (within_nm / 2.0, 8)):
        for bearing in np.arange(n_bearings) * 360.0 / n_bearings:
            around_lat, around_lon = destination(lat, lon, bearing, radius_nm)
            near |= ashore(around_lon, around_lat)
    return near


class Plane:
    """A plane of nautical miles over a theatre, straight where degrees are; right to 6 % from east to west at its edges."""

    def __init__(self, frame: Bounds) -> None:
        self._west, self._south, _, north = frame
        self._x_per_deg = 60.0 * float(np.cos(np.radians((self._south + north) / 2.0)))

    def xy(self, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(x, y) [n] in nautical miles east and north of the south-west corner."""
        return (lon - self._west) * self._x_per_deg, (lat - self._south) * 60.0

    def shapes(self, shapes: Any, *, back: bool = False) -> Any:
        """Geometries from degrees to nautical miles, or back."""
        scale, corner = np.array([self._x_per_deg, 60.0]), np.array([self._west, self._south])
        return shapely.transform(shapes, lambda c: c / scale + corner if back else (c - corner) * scale)


class Shore:
    """The land of a theatre and the bands along its shore: SHALLOW, CLUTTER, INSHORE and COASTAL, each within the next."""

    ASHORE, SHALLOW, CLUTTER, INSHORE, COASTAL, OPEN = range(6)

    def __init__(self, coast: Coast, bands: Sequence[shapely.MultiPolygon]) -> None:
        """The coast of the theatre and the land widened by SHALLOW_NM to COASTAL_NM."""
        self._index = AreaIndex([shapely.MultiPolygon(list(coast.lands[0].polygons)), *bands])
        self._land, self._shallow = Polygons(coast.lands[0].polygons), Polygons(shapely.get_parts(bands[0]))

    def ashore(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of the points [n] lie on land."""
        return np.asarray(self.nearness(lon, lat) == self.ASHORE)

    def nearness(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """ASHORE … OPEN [n]: the innermost band that holds each point."""
        return self.OPEN - np.bitwise_count(self._index.bits(lon, lat)).astype(np.int64)

    def touched(self, path: FloatArray, *, shallow: bool = False) -> npt.NDArray[np.bool_]:
        """Which legs [n - 1] of a path [n, 2] (lon, lat), straight in degrees, touch land, or the shallow band along it; exactly."""
        return self.legs_touched(path[:-1], path[1:], shallow=shallow)

    def legs_touched(self, starts: FloatArray, ends: FloatArray, *, shallow: bool = False) -> npt.NDArray[np.bool_]:
        """The same of single legs, from starts to ends [n, 2], or from one place [2] to all ends."""
        legs: Any = shapely.linestrings(np.stack(np.broadcast_arrays(starts, ends), axis=1))
        return (self._shallow if shallow else self._land).touched(legs)


class Polygons:
    """Many polygons, asked which lines touch one of them."""

    def __init__(self, polygons: npt.NDArray[np.object_]) -> None:
        self._polygons = polygons
        self._tree = shapely.STRtree(polygons)
        shapely.prepare(polygons)

    def touched(self, lines: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        """bool [n]."""
        line, polygon = self._tree.query(lines)
        touched = np.zeros(len(lines), dtype=np.bool_)
        touched[line[shapely.intersects(self._polygons[polygon], lines[line])]] = True
        return touched


def open_shore(frame: Bounds, coast: Coast, cache_folder: Path) -> Shore:
    """The land of a theatre; its bands are made in some five seconds, once, and then kept in the cache folder."""
    widths_nm = (SHALLOW_NM, CLUTTER_NM, INSHORE_NM, COASTAL_NM)
    key = hashlib.sha256(repr((RECIPE, frame, coast.digest, widths_nm)).encode()).hexdigest()
    bands = cached(
        cache_folder / f"shore-{key[:16]}.wkb",
        lambda: [_widened(coast.lands[0].polygons, width_nm, Plane(frame)) for width_nm in widths_nm],
    )
    return Shore(coast, bands)


def _widened(polygons: npt.NDArray[np.object_], width_nm: float, plane: Plane) -> shapely.MultiPolygon:
    """The land and what lies within `width_nm` of it, at most a fifth more, never less."""
    slack_nm = 0.1 * width_nm
    coarse = shapely.simplify(plane.shapes(polygons), slack_nm)
    wide = shapely.union_all(shapely.buffer(coarse, width_nm + slack_nm, quad_segs=4))
    return shapely.MultiPolygon(list(shapely.get_parts(plane.shapes(wide, back=True))))
