"""
What is at a place: land or sea, coast, zones, corridors and their sides, rescue regions, the nearest port.

Definition  Everything that the rest of Pharos asks of the sea, asked for single points. Land is exact; the
            distance to the coast is that to the nearest shoreline, from either side of it, within the theatres'
            frames and one degree around them. The nearest coast is of every country whose region holds the
            nearest point of the shore: two, where two claim it.
Cannot see  how far the coast is outside the theatres (None)
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.geo import as_points
from pipeline.sea import Sea


def where(sea: Sea, lon: npt.ArrayLike, lat: npt.ArrayLike) -> list[dict[str, Any]]:
    """
    One record a point [n] (degrees, WGS 84, finite).

    `lon`, `lat`, `land`, `coast_distance_nm` and `nearest_coasts` (ISO 3166-1 alpha-3), `zones`, `corridors`,
    `sides` (arrival or departure, one for each corridor; on its gate: departure), `srrs`, `mrccs` (lists of ids), `nearest_port` (an
    id), `nearest_port_nm`, `theatre`.
    """
    lon, lat = as_points(lon, lat)
    land = sea.coast.on_land(lon, lat)
    shore = sea.coast.nearest(lon, lat)
    at_shore = sea.index.at(shore.lon, shore.lat)
    places = []
    for i, here in enumerate(sea.index.at(lon, lat)):
        x, y, is_land = float(lon[i]), float(lat[i]), bool(land[i])
        crossed = [c for c in sea.corridors if any(zone.zone_id == c.zone_id for zone in here)]
        srrs = [zone for zone in here if zone.kind == "srr"]
        port = sea.nearest_port(x, y)
        places.append(
            {
                "lon": x,
                "lat": y,
                "land": is_land,
                "coast_distance_nm": None if np.isnan(shore.distance_nm[i]) else round(float(shore.distance_nm[i]), 4),
                "nearest_coasts": sorted({z.properties["country"] for z in at_shore[i] if z.kind == "country"}),
                "theatre": next((zone.theatre for zone in here if zone.kind == "watch"), None),
                "zones": sorted(
                    {z.zone_id for z in here if z.kind != "country" and not (is_land and z.kind == "territorial_sea")}
                ),
                "corridors": [corridor.zone_id for corridor in crossed],
                "sides": ["arrival" if corridor.side(x, y)[0] > 0 else "departure" for corridor in crossed],
                "srrs": sorted({zone.zone_id for zone in srrs}),
                "mrccs": sorted({str(zone.properties["mrcc"]) for zone in srrs}),
                "nearest_port": port.port_id or None,
                "nearest_port_nm": round(port.distance_nm, 2) if port.port_id else None,
            }
        )
    return places
