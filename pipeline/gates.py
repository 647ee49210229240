"""
Dividing gates: the median line of a corridor as the file that declares it.

A gate is computed once from the corridor's two coasts and kept as data, so that what divides a strait can be
read, reviewed and overridden like every other zone. `pharos gate CORRIDOR` prints the file.
"""

import json
from importlib.metadata import version
from typing import Any

import numpy as np
import shapely

from pipeline.errors import SettingsError
from pipeline.geo import NM_M
from pipeline.median_line import STEP_M, TOLERANCE_M, median_line
from pipeline.sea import Sea, coast_lines
from pipeline.zones import Zone

OVERHANG_DEG = 0.002  # the ends run so far out over the corridor's outline, which is divided in two without doubt
DECIMALS = 5


def gate(sea: Sea, corridor_id: str) -> dict[str, Any]:
    """
    The gate of a corridor as a GeoJSON document for `reference/gates/`.

    Names that a gate of the corridor has already are kept. SettingsError where there is no such corridor, or
    no median line between its coasts.
    """
    zone = next((zone for zone in sea.zones if zone.zone_id == corridor_id and zone.kind == "corridor"), None)
    if zone is None:
        raise SettingsError(f"{corridor_id}: no corridor of this id is in force; see `pharos list zones`")
    try:
        line = divide(sea, zone)
    except ValueError as fault:
        raise SettingsError(f"{corridor_id}: {fault}; draw its outline and its coasts anew") from None
    named = next((g.properties for g in sea.gates if g.gate_id == zone.properties["gate_id"]), {})
    properties = {
        "gate_id": zone.properties["gate_id"],
        "title": named.get("title", f"Median line: {zone.title}"),
        "corridor_id": corridor_id,
        "left": named.get("left", zone.properties["departure_country"]),
        "right": named.get("right", zone.properties["arrival_country"]),
        "source": "Computed by `pharos gate` from OpenStreetMap shorelines (roaring-landmask "
        f"{version('roaring-landmask')}): equidistant, simplified to {tolerance_m(zone):.0f} m; both ends run "
        f"{OVERHANG_DEG} degrees out over the corridor's outline",
        "licence": "ODbL-1.0",
    }
    geometry = {"type": "LineString", "coordinates": shapely.get_coordinates(line).round(DECIMALS).tolist()}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [feature]}


def divide(sea: Sea, corridor: Zone) -> shapely.LineString:
    """The median line of a corridor's coasts, its ends beyond the outline; ValueError where there is none."""
    departure, arrival = (coast_lines(corridor, sea.zones, sea.coast, side) for side in ("departure", "arrival"))
    line = median_line(departure, arrival, corridor.geometry, step_m(corridor), tolerance_m(corridor))
    xy = shapely.get_coordinates(line)
    ends = [
        end + OVERHANG_DEG * (end - before) / np.hypot(*(end - before))
        for end, before in ((xy[0], xy[1]), (xy[-1], xy[-2]))
    ]
    return shapely.LineString([ends[0], *xy[1:-1], ends[1]])


def step_m(corridor: Zone) -> float:
    """Between points along the coasts: the median of a wide strait needs fewer (its error is step^2 / (8 x width))."""
    return max(STEP_M, _width_m(corridor) / 200.0)


def tolerance_m(corridor: Zone) -> float:
    """By how much the line may be simplified."""
    return max(TOLERANCE_M, _width_m(corridor) / 1000.0)


def _width_m(corridor: Zone) -> float:
    return float(corridor.properties["local_width_nm"]) * NM_M


def written(document: dict[str, Any]) -> str:
    """The document as the files of `reference/` are written: a line a feature."""
    features = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in document["features"])
    return f'{{"type": "FeatureCollection",\n"features": [\n{features}\n]}}'
