"""
Ways over the sea of a theatre: from any point of it to any other, off land, clear of the shore where there is room,
and in lanes where there are some.

How     The sea is cut into squares, the smaller the nearer the shore (19 nm in the open, 0.15 nm along a beach). Two
        squares that touch are joined where the land-free circles around their centres overlap, so that no way over
        them touches land. A* finds the cheapest way; it is then pulled straight wherever a straight leg costs no more
        than what it stands for and keeps SHALLOW_NM off all land.
Cost    Nautical miles: dearer near the shore and beside a lane, much dearer against one.
Cannot  pass what is narrower than 0.2 nm. A start or an end closer to the shore than the squares come (a berth) is
        joined to them by a straight leg that keeps off land.
"""

import hashlib
import heapq
import os
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import shapely

from pipeline import zones
from pipeline.areas import Area
from pipeline.coast import Coast, open_coast
from pipeline.geo import FloatArray
from pipeline.simulate.craft import Point
from pipeline.simulate.land import SHALLOW_NM, Plane, Shore, open_shore

COARSEST_DEG, FINEST_LEVEL = 0.32, 7  # the finest squares are 0.0025 degrees wide
SAMPLE_NM = 0.1  # how closely the cost of a leg is felt for
SHORE_COST = np.array([5.0, 5.0, 5.0, 2.0, 1.3, 1.0])  # own; of a mile by nearness: Shore.ASHORE … Shore.OPEN
AGAINST_LANE, BESIDE_LANE, BESIDE_NM = (
    5.0,
    1.4,
    3.0,
)  # own; against it: more than 120 degrees off its direction; beside: so near to one and in none
LANE_WIDTH_NM = 1.0  # of a lane whose file gives none
PLANE_ERROR = 1.07  # distances on a theatre's plane are right to 6 %
JOINED_NM, N_JOINED = 15.0, 400  # how far around a start or an end, and how many, squares are tried
RECIPE = 8  # of squares and routes: raise it with every change, so that no cache of another is read

Ints = npt.NDArray[np.int64]


class Squares(NamedTuple):
    """Squares of navigable sea [n], and the ways between them: of square i those in [starts[i], starts[i + 1])."""

    lon: FloatArray
    lat: FloatArray
    starts: Ints
    to: Ints
    cost: FloatArray


class Level(NamedTuple):
    """The squares of one size [n], in order of row and column."""

    column: Ints
    row: Ints
    lon: FloatArray
    lat: FloatArray
    shore_nm: FloatArray

    def find(self, column: Ints, row: Ints) -> Ints:
        """Index [m] of the square at each column and row, -1 where there is none."""
        keys, wanted = self.row << 32 | self.column, row << 32 | column
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, at, -1) if len(keys) else np.full(len(wanted), -1)


class Waterways:
    """The navigable sea of one theatre. Made by `open_waterways`."""

    def __init__(self, frame: zones.Frame, shore: Shore, lanes: FloatArray, squares: Squares, digest: str) -> None:
        """`digest` says what all the others were made from."""
        self.frame, self.shore, self.digest = frame, shore, digest
        self.plane, self._lanes, self._squares = Plane(frame), lanes, squares
        self._x, self._y = self.plane.xy(squares.lon, squares.lat)

    def route(self, start: Point, end: Point) -> tuple[Point, ...]:
        """
        From `start` to `end`, both included, straight in degrees between its points. ValueError when one of them is
        ashore or no water leads from one to the other.
        """
        squares = self._squares
        way = _cheapest(
            self._joined(start), self._joined(end), squares.starts, squares.to, squares.cost, self._x, self._y
        )
        if not len(way):
            raise ValueError(f"no water leads from {_said(start)} to {_said(end)}")
        inner = np.column_stack((squares.lon[way], squares.lat[way]))
        path = self._pulled_straight(np.vstack((start, inner, end)))
        return tuple((float(lon), float(lat)) for lon, lat in path)

    def nearest(self, point: Point) -> Point:
        """The place of the navigable sea nearest to a point, which may be ashore: a berth for a port, an offing for a beach."""
        square = int(np.argmin(self._away(point)))
        return float(self._squares.lon[square]), float(self._squares.lat[square])

    def places_in(self, area: Area) -> FloatArray:
        """The navigable sea of an area as places [n, 2] (lon, lat), the denser the nearer the shore."""
        west, south, east, north = area.bounds
        lon, lat = self._squares.lon, self._squares.lat
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        inside = near[shapely.contains_xy(area, lon[near], lat[near])]
        return np.column_stack((lon[inside], lat[inside]))

    def _joined(self, point: Point) -> int:
        """The nearest square to which a straight leg from `point` keeps off land."""
        away = self._away(point)
        near = np.flatnonzero(away < JOINED_NM**2)
        for square in near[np.argsort(away[near], kind="stable")][:N_JOINED].tolist():
            leg = np.array([point, (self._squares.lon[square], self._squares.lat[square])])
            if not self.shore.touched(leg).any():
                return int(square)
        raise ValueError(f"no navigable water can be reached from {_said(point)}")

    def _away(self, point: Point) -> FloatArray:
        """Squares [n] of the distances to the squares of the sea, in square nautical miles."""
        x, y = self.plane.xy(np.array(point[0]), np.array(point[1]))
        return np.asarray((self._x - x) ** 2 + (self._y - y) ** 2)

    def _pulled_straight(self, path: FloatArray) -> FloatArray:
        """The same way [n, 2] with as few points as keep it no dearer."""
        while True:
            spent = np.concatenate(([0.0], np.cumsum(self._costs(path[:-1], path[1:]))))
            last = len(path) - 1

            def allowed(a: int, b: int) -> bool:
                """Whether the straight leg from point a to b may stand for what lies between."""
                if self._costs(path[a][None], path[b][None])[0] > spent[b] - spent[a] + 1e-9:  # noqa: B023
                    return False
                at_berth = a == 0 or b == last  # noqa: B023
                return not self.shore.touched(path[[a, b]], shallow=not at_berth).any()  # noqa: B023

            kept = [0]
            while kept[-1] < last:
                kept.append(_farthest(kept[-1], last, allowed))
            if len(kept) == len(path):
                return path
            path = path[kept]

    def _costs(self, starts: FloatArray, ends: FloatArray) -> FloatArray:
        """What straight legs [n] from starts to ends [n, 2] cost, felt for every SAMPLE_NM."""
        x, y = self.plane.xy(starts[:, 0], starts[:, 1])
        dx, dy = (end - start for end, start in zip(self.plane.xy(ends[:, 0], ends[:, 1]), (x, y), strict=True))
        lengths_nm = np.hypot(dx, dy)
        counts = (lengths_nm / SAMPLE_NM).astype(np.int64) + 2
        firsts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        leg = np.repeat(np.arange(len(counts)), counts)
        share = (np.arange(len(leg)) - firsts[leg]) / (counts[leg] - 1)
        lon, lat = (starts[leg] + share[:, None] * (ends - starts)[leg]).T
        mile = SHORE_COST[self.shore.nearness(lon, lat)]
        mile *= _lane_cost(self._lanes, x[leg] + share * dx[leg], y[leg] + share * dy[leg], dx[leg], dy[leg])
        return np.asarray(lengths_nm * np.add.reduceat(mile, firsts) / counts)


def open_waterways(frame: zones.Frame, drawn: Sequence[zones.Zone], cache: Path) -> Waterways:
    """
    The waterways of a frame, with the lanes (kind tss_lane) among the zones drawn in it; cut in some twenty seconds, once, and then kept
    in the cache folder. ValueError where there is no water.
    """
    lanes = _pieces([zone for zone in drawn if zone.kind == "tss_lane"], Plane(frame))
    coast = open_coast([frame], cache)
    shore = open_shore(frame, coast, cache)
    key = hashlib.sha256(repr((RECIPE, frame, coast.digest, lanes.tolist())).encode()).hexdigest()
    squares = _kept(cache / f"waterways-{key[:16]}.npz", lambda: _cut(frame, coast, shore, lanes))
    return Waterways(frame, shore, lanes, squares, key)


def _farthest(here: int, last: int, allowed: Callable[[int, int], bool]) -> int:
    """A far point that may follow `here`: doubling the stride while it may, then halving in between."""
    reach, stride = here + 1, 2
    while here + stride <= last and allowed(here, here + stride):
        reach, stride = here + stride, 2 * stride
    too_far = min(here + stride, last + 1)
    while too_far - reach > 1:
        middle = (reach + too_far) // 2
        if allowed(here, middle):
            reach = middle
        else:
            too_far = middle
    return reach


def _said(point: Point) -> str:
    return f"{point[1]:.4f} N {point[0]:.4f} E"


def _pieces(drawn: Sequence[zones.Zone], plane: Plane) -> FloatArray:
    """Lanes as straight, directed pieces [m, 5]: x1, y1, x2, y2 on the plane and half the width, in nautical miles."""
    pieces = [
        (*a, *b, float(zone.properties.get("width_nm", LANE_WIDTH_NM)) / 2.0)
        for zone in drawn
        for line in shapely.get_parts(plane.shapes(zone.drawn))
        for a, b in pairwise(line.coords)
    ]
    return np.array(pieces, dtype=np.float64).reshape(-1, 5)


def _lane_cost(lanes: FloatArray, x: FloatArray, y: FloatArray, dx: FloatArray, dy: FloatArray) -> FloatArray:
    """Factor [n] on the cost of going in direction (dx, dy) at (x, y)."""
    alignment = _alignment(lanes, x, y, dx, dy)
    beside = np.isnan(alignment) & ~np.isnan(_alignment(_widened(lanes, BESIDE_NM), x, y, dx, dy))
    return np.select([alignment < -0.5, beside], [AGAINST_LANE, BESIDE_LANE], 1.0)


def _widened(lanes: FloatArray, by_nm: float) -> FloatArray:
    return np.asarray(lanes + (np.arange(5) == 4) * by_nm)


@numba.njit(cache=True)
def _alignment(lanes, x, y, dx, dy):  # type: ignore[no-untyped-def]
    """Cosine [n] of the angle between a direction and that of the last lane that holds the point; NaN where none does."""
    found = np.full(len(x), np.nan)
    if not len(x):
        return found
    x_min, x_max, y_min, y_max = x.min(), x.max(), y.min(), y.max()
    for k in range(len(lanes)):
        x1, y1, x2, y2, half = lanes[k]
        length = np.hypot(x2 - x1, y2 - y1)
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        west, east = min(x1, x2) - half, max(x1, x2) + half
        south, north = min(y1, y2) - half, max(y1, y2) + half
        if west > x_max or east < x_min or south > y_max or north < y_min:
            continue
        for i in range(len(x)):
            if west <= x[i] <= east and south <= y[i] <= north:
                along = (x[i] - x1) * ux + (y[i] - y1) * uy
                across = (y[i] - y1) * ux - (x[i] - x1) * uy
                if -half <= along <= length + half and abs(across) <= half:
                    found[i] = (dx[i] * ux + dy[i] * uy) / max(np.hypot(dx[i], dy[i]), 1e-12)
    return found


def _kept(path: Path, make: Callable[[], Squares]) -> Squares:
    """Squares from a file whose name says its content, else made and kept there."""
    if not path.is_file():
        squares = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            np.savez(file, **squares._asdict())
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    with np.load(path) as found:
        return Squares(*(found[name] for name in Squares._fields))


def _cut(frame: zones.Frame, coast: Coast, shore: Shore, lanes: FloatArray) -> Squares:
    """The squares of a frame and the ways between them; of waters that do not join, the largest."""
    west, south, east, north = frame
    columns, rows = int(np.ceil((east - west) / COARSEST_DEG)), int(np.ceil((north - south) / COARSEST_DEG))
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(columns), np.arange(rows)))
    squares: list[Level] = []
    for level in range(FINEST_LEVEL + 1):
        size_deg = COARSEST_DEG / 2**level
        lon, lat = west + (column + 0.5) * size_deg, south + (row + 0.5) * size_deg
        shore_nm, ashore = coast.distance_nm(lon, lat), shore.nearness(lon, lat) == Shore.ASHORE
        if level < FINEST_LEVEL:
            whole = (shore_nm >= 120.0 * size_deg) & ~_near_lanes(lanes, Plane(frame), lon, lat, size_deg)
            parted = np.where(ashore, shore_nm < 45.0 * size_deg, ~whole)  # else it is all land, to its corners
        else:
            whole, parted = shore_nm >= SHALLOW_NM, np.zeros(len(lon), dtype=np.bool_)
        whole &= ~ashore & (lon <= east) & (lat <= north)
        kept = np.flatnonzero(whole)[np.lexsort((column[whole], row[whole]))]
        squares.append(Level(column[kept], row[kept], lon[kept], lat[kept], shore_nm[kept]))
        column = np.concatenate([2 * column[parted] + right for right in (0, 1, 0, 1)])
        row = np.concatenate([2 * row[parted] + up for up in (0, 0, 1, 1)])
    return _with_ways(squares, Plane(frame), shore, lanes)


def _near_lanes(
    lanes: FloatArray, plane: Plane, lon: FloatArray, lat: FloatArray, size_deg: float
) -> npt.NDArray[np.bool_]:
    """Which squares are too wide for a lane that they touch."""
    reach = _widened(lanes[lanes[:, 4] < 60.0 * size_deg], 45.0 * size_deg)
    return np.asarray(~np.isnan(_alignment(reach, *plane.xy(lon, lat), lon, lat)))


def _with_ways(squares: Sequence[Level], plane: Plane, shore: Shore, lanes: FloatArray) -> Squares:
    """Each square joined to those around it where the land-free circles around both centres overlap."""
    firsts = np.concatenate(([0], np.cumsum([len(level.lon) for level in squares])))
    lon, lat, shore_nm = (
        np.concatenate([getattr(level, name) for level in squares]) for name in ("lon", "lat", "shore_nm")
    )
    pairs: list[Ints] = []
    for number, level in enumerate(squares):
        own = firsts[number] + np.arange(len(level.lon))
        for right, up in ((-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)):
            for coarser in range(number + 1):  # a smaller neighbour finds this one itself
                there = squares[number - coarser]
                found = there.find((level.column + right) >> coarser, (level.row + up) >> coarser)
                hit = found >= 0
                pairs.append(np.column_stack((own[hit], firsts[number - coarser] + found[hit])))
    one, other = np.vstack(pairs).T
    a, b = np.divmod(np.unique(np.concatenate((one * len(lon) + other, other * len(lon) + one))), len(lon))
    x, y = plane.xy(lon, lat)
    dx, dy = x[b] - x[a], y[b] - y[a]
    safe = shore_nm[a] + shore_nm[b] > PLANE_ERROR * np.hypot(dx, dy)
    a, b, dx, dy = a[safe], b[safe], dx[safe], dy[safe]
    mile = SHORE_COST[shore.nearness(lon, lat)]
    lane = _lane_cost(lanes, (x[a] + x[b]) / 2.0, (y[a] + y[b]) / 2.0, dx, dy)
    cost = np.hypot(dx, dy) * (mile[a] + mile[b]) / 2.0 * lane
    water = _waters(np.searchsorted(a, np.arange(len(lon) + 1)), b)
    if not len(water):
        raise ValueError("there is no water in this frame")
    largest = water == np.argmax(np.bincount(water))
    new = np.cumsum(largest) - 1
    kept = largest[a]
    starts = np.searchsorted(new[a[kept]], np.arange(int(largest.sum()) + 1))
    return Squares(lon[largest], lat[largest], starts, new[b[kept]], cost[kept])


@numba.njit(cache=True)
def _waters(starts, to):  # type: ignore[no-untyped-def]
    """int64 [n]: the water that each square belongs to."""
    water = np.full(len(starts) - 1, -1, dtype=np.int64)
    n_waters = 0
    for first in range(len(water)):
        if water[first] >= 0:
            continue
        water[first] = n_waters
        open_ = [first]
        while len(open_):
            here = open_.pop()
            for k in range(starts[here], starts[here + 1]):
                if water[to[k]] < 0:
                    water[to[k]] = n_waters
                    open_.append(to[k])
        n_waters += 1
    return water


@numba.njit(cache=True)
def _cheapest(start, goal, starts, to, cost, x, y):  # type: ignore[no-untyped-def]
    """Squares [k] of the cheapest way from start to goal, both included; empty when there is none (A*)."""
    spent = np.full(len(x), np.inf)
    came_from = np.full(len(x), -1, dtype=np.int64)
    spent[start] = 0.0
    waiting = [(0.0, start)]
    while len(waiting):
        estimate, here = heapq.heappop(waiting)
        if here == goal:
            break
        if estimate > spent[here] + np.hypot(x[here] - x[goal], y[here] - y[goal]) + 1e-9:
            continue  # found again, cheaper, since
        for k in range(starts[here], starts[here + 1]):
            there = to[k]
            total = spent[here] + cost[k]
            if total < spent[there]:
                spent[there] = total
                came_from[there] = here
                heapq.heappush(waiting, (total + np.hypot(x[there] - x[goal], y[there] - y[goal]), there))
    way = np.empty(0, dtype=np.int64)
    if spent[goal] < np.inf:
        back = [goal]
        while back[-1] != start:
            back.append(came_from[back[-1]])
        way = np.array(back[::-1], dtype=np.int64)
    return way
