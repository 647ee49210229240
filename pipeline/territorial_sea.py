"""
Territorial seas as operational lines: of the region that a claim is drawn in, what lies near enough to the claimant's shore.

Definition  UNCLOS articles 3 and 5 measure the breadth from the low-water line; here it is measured from the shoreline of the
            map, from islets too, without straight baselines. Limits between two states are those of the drawn region. The
            line is right to some 150 m, for which the shore is simplified; it asserts no sovereignty.
Cannot see  straight baselines and historic bays, unless the region and its breadth are drawn for them; the land side is not cut
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import shapely

from pipeline.areas import Area
from pipeline.coast import Coast
from pipeline.geo import NM_M, LocalPlane

TILE_DEG = 2.0  # a shore is widened in tiles of this size, each on a plane of its own
SHORE_TOLERANCE_M = 50.0
FIRST_STEP_M = 500.0


def within_breadth(region: Area, shores: Sequence[Area], coast: Coast, breadth_nm: float) -> Area:
    """
    The part of a region within `breadth_nm` of the shore in the regions of one country; all in degrees.

    ValueError where no such shore is near.
    """
    reach_deg = breadth_nm / 60.0 / float(np.cos(np.radians(np.abs(region.bounds[1::2]).max())))
    reach = region.buffer(reach_deg)
    strips: list[Any] = []
    for shore in shores:
        near: Any = reach.intersection(shore)
        lines = [] if near.is_empty else coast.shore_in(near)
        west, south, east, north = shapely.total_bounds(lines) if lines else (0.0, 0.0, 0.0, 0.0)
        for lon, lat in product(np.arange(west, east, TILE_DEG), np.arange(south, north, TILE_DEG)):
            tile = shapely.box(lon, lat, lon + TILE_DEG, lat + TILE_DEG)
            plane = LocalPlane(lon + TILE_DEG / 2, lat + TILE_DEG / 2)
            strips.append(
                plane.to_degrees(_widened(plane.to_metres(shapely.intersection(lines, tile)), breadth_nm * NM_M))
            )
    area: Any = shapely.union_all(strips).intersection(region)
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    if not parts:
        raise ValueError(f"no shore of its country within {breadth_nm:g} nm of its region")
    return shapely.MultiPolygon(parts)


def _widened(lines: Any, breadth_m: float) -> Any:
    """Lines on a plane widened in steps: after the first, little of a rugged shore is left to widen."""
    parts = shapely.simplify(lines, SHORE_TOLERANCE_M)
    done_m, step_m = 0.0, FIRST_STEP_M
    while done_m < breadth_m:
        step_m = min(step_m, breadth_m - done_m)
        parts = [shapely.simplify(shapely.union_all(shapely.buffer(parts, step_m)), SHORE_TOLERANCE_M / 2)]
        done_m, step_m = done_m + step_m, 3.0 * step_m
    return parts[0]
