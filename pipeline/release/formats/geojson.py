"""
The map layer: `alerts.geojson` (RFC 7946), alerts as points, and the track of each as a line.

Coordinates are lon, lat in WGS 84, to 0.00001 degree (1 m); a line that crosses 180 degrees is cut there. `layer` tells points from lines.
"""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

from pipeline.release import text
from pipeline.release.contents import COLUMNS, Item, Release

DECIMALS = 5


def render(release: Release) -> dict[str, bytes]:
    """One FeatureCollection; empty of features when there is no alert."""
    features = [_alert(item) for item in release.items]
    features += [_track(item) for item in release.items if len(item.fixes) > 1]
    document = {
        "type": "FeatureCollection",
        "agency_id": release.agency.agency_id,
        "day": release.day,
        "tlp": f"TLP:{release.tlp}",
        "marking": release.agency.marking,
        "attribution": list(release.attributions),
        "features": features,
    }
    return {"alerts.geojson": (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()}


def _alert(item: Item) -> dict[str, Any]:
    properties = {name: _value(item.fields[name]) for name in COLUMNS if name not in ("lon", "lat")}
    return {
        "type": "Feature",
        "id": item.alert_id,
        "geometry": {"type": "Point", "coordinates": _place(item.fields["lon"], item.fields["lat"])},
        "properties": {"layer": "alert", "number": item.number, "message": item.kind, **properties},
    }


def _track(item: Item) -> dict[str, Any]:
    cut = cut_at_180([(fix.lon, fix.lat) for fix in item.fixes])
    lines = [[_place(lon, lat) for lon, lat in line] for line in cut]
    geometry = (
        {"type": "LineString", "coordinates": lines[0]}
        if len(lines) == 1
        else {"type": "MultiLineString", "coordinates": lines}
    )
    properties = {
        "layer": "track",
        "number": item.number,
        "alert_id": item.alert_id,
        "first_at": text.iso_z(item.fixes[0].observed_at),
        "last_at": text.iso_z(item.fixes[-1].observed_at),
    }
    return {"type": "Feature", "id": f"{item.alert_id}-track", "geometry": geometry, "properties": properties}


def cut_at_180(line: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The line (lon, lat) in parts, each on one side of the antimeridian and ending on it (RFC 7946, 3.1.9)."""
    parts = [[line[0]]]
    for (lon1, lat1), (lon2, lat2) in pairwise(line):
        if abs(lon2 - lon1) > 180.0:
            side = 180.0 if lon1 > 0 else -180.0
            beyond = lon2 + 2 * side
            lat = lat1 if beyond == lon1 else lat1 + (side - lon1) / (beyond - lon1) * (lat2 - lat1)
            parts[-1].append((side, lat))
            parts.append([(-side, lat)])
        parts[-1].append((lon2, lat2))
    return parts


def _place(lon: float, lat: float) -> list[float]:
    return [round(lon, DECIMALS), round(lat, DECIMALS)]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return text.iso_z(value)
    return list(value) if isinstance(value, tuple) else value
