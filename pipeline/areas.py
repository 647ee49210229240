"""
Which of up to 64 areas is a point in: exact, and fast enough to ask of every position.

Definition  Bit i of the answer says area i (a valid Polygon or MultiPolygon, planar in degrees). A point on
            the boundary is inside: the semantics of `shapely.intersects_xy`, which the tests hold it to,
            without a mismatch.
How         A grid knows of each cell which areas hold its lower left corner and which edges touch it. On
            the way from the corner up and then right to the point, an area whose edges are crossed an odd
            number of times holds one of the two and not the other. Where rounding leaves the sign of an
            orientation in doubt (the point lies on an edge, or all but), shapely decides.
Source      Error bound of an orientation: J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997
"""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import shapely

from pipeline.geo import as_points

Area = shapely.Polygon | shapely.MultiPolygon
Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

MAX_AREAS = 64  # one bit each
MAX_CELLS = 1 << 19  # 4 MiB of corners: stays in the cache of one core
CELLS_PER_EDGE = 16
PAD = 1e-9  # cells; an edge this near touches the cell, whichever way the cell of a point is rounded
SURE = 4.0e-16  # times an orientation's products, its sign is certain beyond (Shewchuk's bound A, rounded)


class _Grid(NamedTuple):
    """Cells in rows from the south: the areas at each one's lower left corner, and the edges that touch it."""

    corners: Bits
    starts: npt.NDArray[np.int32]
    edges: Floats
    owners: Bits
    west: float
    south: float
    per_degree: float
    size: float
    columns: int
    rows: int


class AreaIndex:
    """A grid over some areas: built in 0.1 s for 100,000 edges when first asked, then asked with arrays."""

    def __init__(self, areas: Sequence[Area]) -> None:
        """Areas in the order of their bits; ValueError for more than 64."""
        if len(areas) > MAX_AREAS:
            raise ValueError(f"{len(areas)} areas in one index: at most {MAX_AREAS}, split them in two")
        self._areas = list(areas)
        self._box = tuple(shapely.total_bounds(self._areas)) if areas else (0.0, 0.0, -1.0, -1.0)

    def bits(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bits:
        """uint64 [n]; 0 for a position that is not finite."""
        lon, lat = as_points(lon, lat)
        west, south, east, north = self._box
        if not ((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).any():
            return np.zeros(lon.shape, dtype=np.uint64)
        bits: Bits
        bits, doubt = _bits(lon, lat, *self._grid)
        rows = np.flatnonzero(doubt)
        for i, area in enumerate(self._areas if rows.size else []):
            mask = np.uint64(1 << i)
            asked = rows[(doubt[rows] & mask) != 0]
            if asked.size:
                inside = shapely.intersects_xy(area, lon[asked], lat[asked])
                bits[asked] = np.where(inside, bits[asked] | mask, bits[asked] & ~mask)
        return bits

    @cached_property
    def _grid(self) -> _Grid:
        shapely.prepare(self._areas)
        edges, owners = _edges(self._areas)
        west, south, east, north = self._box
        cells = min(CELLS_PER_EDGE * len(edges), MAX_CELLS)
        # a rim of one cell in each direction keeps every edge off the border of the grid
        size = max(np.sqrt((east - west) * (north - south) / cells), (east - west) / cells, (north - south) / cells)
        west, south = west - 1.37 * size, south - 1.37 * size
        columns, rows = int((east - west) / size) + 3, int((north - south) / size) + 3
        shape = (west, south, 1.0 / size, size, columns, rows)
        touched, numbers = _touched(edges, *shape)
        order = np.argsort(touched, kind="stable")
        return _Grid(
            _corners(edges, owners, *shape),
            np.searchsorted(touched[order], np.arange(columns * rows + 1)).astype(np.int32),
            np.ascontiguousarray(edges[numbers[order]]),
            owners[numbers[order]],
            *shape,
        )


def _edges(areas: Sequence[Area]) -> tuple[Floats, Bits]:
    """All edges [n, 4] (x1, y1, x2, y2) and the bit of the area that each belongs to."""
    edges, owners = [np.empty((0, 4))], [np.empty(0, dtype=np.uint64)]
    for i, area in enumerate(areas):
        xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(area)), return_index=True)
        joined = ring[1:] == ring[:-1]
        edges.append(np.hstack([xy[:-1][joined], xy[1:][joined]]))
        owners.append(np.full(int(joined.sum()), 1 << i, dtype=np.uint64))
    return np.ascontiguousarray(np.vstack(edges)), np.concatenate(owners)


@numba.njit(cache=True, nogil=True)
def _corners(  # type: ignore[no-untyped-def]
    edges, owners, west, south, per_degree, size, columns, rows
):
    """uint64 [rows * columns]: the areas that hold the lower left corner of each cell."""
    corners = np.zeros(rows * columns, dtype=np.uint64)
    for k in range(edges.shape[0]):
        x1, y1, x2, y2 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        low, high = min(y1, y2), max(y1, y2)
        first = max(int(np.floor((low - south) * per_degree)) - 1, 0)
        last = min(int(np.floor((high - south) * per_degree)) + 1, rows - 1)
        for r in range(first, last + 1):
            y = south + r * size
            if (y1 > y) != (y2 > y):
                x = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
                c = int(np.ceil((x - west) * per_degree))
                if c < columns:
                    corners[r * columns + max(c, 0)] ^= owners[k]
    for r in range(rows):
        for c in range(1, columns):
            corners[r * columns + c] ^= corners[r * columns + c - 1]
    return corners


@numba.njit(cache=True, nogil=True)
def _touched(  # type: ignore[no-untyped-def]
    edges, west, south, per_degree, size, columns, rows
):
    """(cells, edge numbers): each pair of a cell and an edge that touches it, all but rounding."""
    cells = [np.int64(0) for _ in range(0)]
    numbers = [np.int64(0) for _ in range(0)]
    for k in range(edges.shape[0]):
        x1 = (edges[k, 0] - west) * per_degree
        y1 = (edges[k, 1] - south) * per_degree
        x2 = (edges[k, 2] - west) * per_degree
        y2 = (edges[k, 3] - south) * per_degree
        if y2 < y1:
            x1, y1, x2, y2 = x2, y2, x1, y1
        for r in range(int(np.floor(y1 - PAD)), int(np.floor(y2 + PAD)) + 1):
            # the part of the edge within the padded row
            xa, xb = x1, x2
            if y2 - y1 > 2.0 * PAD:
                if y1 < r - PAD:
                    xa = x1 + (r - PAD - y1) * (x2 - x1) / (y2 - y1)
                if y2 > r + 1 + PAD:
                    xb = x1 + (r + 1 + PAD - y1) * (x2 - x1) / (y2 - y1)
            left, right = min(xa, xb) - PAD, max(xa, xb) + PAD
            for c in range(int(np.floor(left)), int(np.floor(right)) + 1):
                if 0 <= r < rows and 0 <= c < columns:
                    cells.append(np.int64(r * columns + c))
                    numbers.append(np.int64(k))
    return np.array(cells, dtype=np.int64), np.array(numbers, dtype=np.int64)


@numba.njit(cache=True, nogil=True)
def _orientation(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]
    """+1 when P lies left of A -> B, -1 right, 0 where rounding leaves it in doubt."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    turn = left - right
    bound = SURE * (abs(left) + abs(right))
    if turn > bound:
        return 1
    if turn < -bound:
        return -1
    return 0


@numba.njit(cache=True, nogil=True)
def _bits(  # type: ignore[no-untyped-def]
    lon, lat, corners, starts, edges, owners, west, south, per_degree, size, columns, rows
):
    """(bits, doubt): the areas of each point, and the areas of which another must decide."""
    n = lon.shape[0]
    bits = np.zeros(n, dtype=np.uint64)
    doubt = np.zeros(n, dtype=np.uint64)
    for i in range(n):
        x, y = lon[i], lat[i]
        fx, fy = (x - west) * per_degree, (y - south) * per_degree
        if not (fx >= 0.0 and fy >= 0.0 and fx < columns and fy < rows):
            continue
        c, r = int(fx), int(fy)
        cell = r * columns + c
        inside = corners[cell]
        unsure = np.uint64(0)
        x0, y0 = west + c * size, south + r * size
        for k in range(starts[cell], starts[cell + 1]):
            x1, y1, x2, y2 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
            if (x1 > x0) != (x2 > x0):  # up along the left side of the cell
                below = _orientation(x1, y1, x2, y2, x0, y0)
                level = _orientation(x1, y1, x2, y2, x0, y)
                if below == 0 or level == 0:
                    unsure |= owners[k]
                elif below != level:
                    inside ^= owners[k]
            if (y1 > y) != (y2 > y):  # then right to the point
                level = _orientation(x1, y1, x2, y2, x0, y)
                here = _orientation(x1, y1, x2, y2, x, y)
                if level == 0 or here == 0:
                    unsure |= owners[k]
                elif level != here:
                    inside ^= owners[k]
            elif (y1 == y or y2 == y) and min(x1, x2) <= x <= max(x1, x2):  # at an end or on a level edge
                unsure |= owners[k]
        bits[i] = inside
        doubt[i] = unsure
    return bits, doubt
