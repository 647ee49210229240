"""
The median line between two coasts: every point of it is equally far from the nearest point of either.

Definition  The border between the Voronoi cells of points set along one coast and of points along the
            other. UNCLOS article 15 has the same line between baselines; here it runs between shorelines
            and makes no claim: it serves to say on which side of a strait a craft is.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from pipeline.areas import Area
from pipeline.geo import FloatArray, LocalPlane

STEP_M = 60.0  # between points along a coast: the line is off by step^2 / (8 x width), here 0.3 m
TOLERANCE_M = 30.0  # the line is simplified by no more


def median_line(
    left_coast: Sequence[shapely.LineString],
    right_coast: Sequence[shapely.LineString],
    area: Area,
    step_m: float = STEP_M,
    tolerance_m: float = TOLERANCE_M,
) -> shapely.LineString:
    """
    The longest stretch within an area of the median line between two coasts; lines and area in degrees
    (lon, lat).

    Directed so that the left coast lies on its left hand. ValueError if the coasts have no median line in
    the area.
    """
    plane = LocalPlane(*area.centroid.coords[0])
    left, right = (_spaced(coast, plane, step_m) for coast in (left_coast, right_coast))
    frame = plane.to_metres(area).buffer(10 * step_m).envelope
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(np.vstack([left, right])), extend_to=frame, ordered=True)
    )
    border = plane.to_degrees(_shared_edges(cells[: len(left)], cells[len(left) :]))
    # cut in degrees: the outline's long edges are straight there, not on the plane
    within = shapely.get_parts(shapely.line_merge(shapely.intersection(border, area)))
    lines = [part for part in plane.to_metres(within) if part.geom_type == "LineString" and part.length > 0.0]
    if not lines:
        raise ValueError("the two coasts have no median line in this area")
    line = shapely.simplify(max(lines, key=lambda part: part.length), tolerance_m)
    middle = line.interpolate(0.5, normalized=True)
    ahead = line.interpolate(0.5 + 1e-3, normalized=True)
    nearest = left[np.argmin(np.hypot(*(left - [middle.x, middle.y]).T))]
    turn = (ahead.x - middle.x) * (nearest[1] - middle.y) - (ahead.y - middle.y) * (nearest[0] - middle.x)
    line = line if turn > 0.0 else line.reverse()
    return shapely.LineString(plane.to_degrees(line))


def _shared_edges(left: Any, right: Any) -> Any:
    """The lines along which the cells of the left coast touch those of the right."""
    edges = []
    for cells in (left, right):
        xy, cell = shapely.get_coordinates(cells, return_index=True)
        xy = np.round(xy, 2)
        joined = cell[1:] == cell[:-1]
        points = xy[:, 0] + 1j * xy[:, 1]
        ends = np.sort(np.stack([points[:-1][joined], points[1:][joined]], axis=1), axis=1)
        edges.append(np.unique(ends, axis=0))
    shared, times = np.unique(np.vstack(edges), axis=0, return_counts=True)
    shared = shared[(times == 2) & (shared[:, 0] != shared[:, 1])]
    lines: Any = shapely.linestrings(np.stack([shared.real, shared.imag], axis=2))
    return shapely.line_merge(shapely.multilinestrings(lines))


def _spaced(lines: Sequence[shapely.LineString], plane: LocalPlane, step_m: float) -> FloatArray:
    """Points [n, 2] in metres along lines, no farther apart than the step."""
    flat = plane.to_metres(list(lines))
    return np.unique(np.round(shapely.get_coordinates(shapely.segmentize(flat, step_m)), 2), axis=0)
