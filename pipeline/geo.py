"""
Geodesy: distances, bearings and positions on a sphere, and a flat plane of metres around one place.

Arguments come as (lat, lon) where a function computes on the sphere, and as (lon, lat) or (x, y) where it
speaks to geometry (planes, zones, coasts). Scalars or arrays [n] in degrees WGS 84 (float64); arrays
broadcast. All functions are safe at the antimeridian. Radius: mean Earth radius R1 of GRS 80 (IUGG),
6,371,008.8 m.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

EARTH_RADIUS_M = 6_371_008.8
NM_M = 1852.0  # international nautical mile, exact by definition

FloatArray = npt.NDArray[np.float64]


def distance_nm(lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike) -> FloatArray:
    """Great-circle distance in nautical miles (haversine on the sphere; < 0.6 % off WGS 84)."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_dphi = (phi2 - phi1) / 2.0
    half_dlambda = np.radians(np.subtract(lon2, lon1)) / 2.0
    h = np.sin(half_dphi) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_dlambda) ** 2
    distance: FloatArray = 2.0 * EARTH_RADIUS_M / NM_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))
    return distance


def bearing_deg(lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike) -> FloatArray:
    """
    Initial great-circle bearing from point 1 to point 2 in degrees [0, 360), true; 0 when they coincide.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    dlambda = np.radians(np.subtract(lon2, lon1))
    east = np.sin(dlambda) * np.cos(phi2)
    north = np.cos(phi1) * np.sin(phi2) - np.sin(phi1) * np.cos(phi2) * np.cos(dlambda)
    bearing = np.degrees(np.arctan2(east, north)) % 360.0
    return np.where(bearing >= 360.0, 0.0, bearing)  # -1e-17 % 360 rounds to 360


def destination(
    lat: npt.ArrayLike, lon: npt.ArrayLike, bearing_deg: npt.ArrayLike, distance_nm: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """
    The point (lat, lon) reached from (lat, lon) on an initial bearing after a distance; lon in [-180, 180).
    """
    phi, theta = np.radians(lat), np.radians(bearing_deg)
    delta = np.multiply(distance_nm, NM_M / EARTH_RADIUS_M)
    sin_phi2 = np.sin(phi) * np.cos(delta) + np.cos(phi) * np.sin(delta) * np.cos(theta)
    dlambda = np.arctan2(np.sin(theta) * np.sin(delta) * np.cos(phi), np.cos(delta) - np.sin(phi) * sin_phi2)
    return np.degrees(np.arcsin(np.clip(sin_phi2, -1.0, 1.0))), wrap_lon(np.add(lon, np.degrees(dlambda)))


def wrap_lon(lon: npt.ArrayLike) -> FloatArray:
    """Longitude brought into [-180, 180)."""
    return np.asarray((np.asarray(lon, dtype=np.float64) + 180.0) % 360.0 - 180.0)


def angle_between_deg(a_deg: npt.ArrayLike, b_deg: npt.ArrayLike) -> FloatArray:
    """The smaller angle between two directions, degrees in [0, 180]."""
    return np.abs((np.subtract(a_deg, b_deg) + 180.0) % 360.0 - 180.0)


def interpolate(
    lat1: npt.ArrayLike,
    lon1: npt.ArrayLike,
    lat2: npt.ArrayLike,
    lon2: npt.ArrayLike,
    fraction: npt.ArrayLike,
) -> tuple[FloatArray, FloatArray]:
    """
    The point (lat, lon) at a fraction (0 = point 1, 1 = point 2) of the segment, the short way round.

    Linear in degrees: within 15 m of the great circle for a segment of 10 nm below 60 degrees of latitude.
    """
    dlon = wrap_lon(np.subtract(lon2, lon1))
    lat = np.add(lat1, np.multiply(fraction, np.subtract(lat2, lat1)))
    return lat, wrap_lon(np.add(lon1, np.multiply(fraction, dlon)))


def as_points(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """(lon, lat) as two contiguous float64 arrays [n] of one length; scalars become arrays of length 1."""
    lon, lat = np.broadcast_arrays(np.atleast_1d(np.asarray(lon)), np.atleast_1d(np.asarray(lat)))
    return np.ascontiguousarray(lon, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)


@dataclass(frozen=True)
class LocalPlane:
    """
    A plane of metres around a centre: azimuthal equidistant on WGS 84, x to the east, y to the north.

    Distances from the centre are exact; between two points within 100 km of it they are right to 1 in 20,000.
    """

    lon: float
    lat: float

    @cached_property
    def _proj(self) -> pyproj.Proj:
        return pyproj.Proj(proj="aeqd", lat_0=self.lat, lon_0=self.lon, ellps="WGS84", units="m")

    def to_xy_m(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(x, y) in metres of (lon, lat) in degrees."""
        x, y = self._proj(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
        return np.asarray(x), np.asarray(y)

    def to_lonlat(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(lon, lat) in degrees of (x, y) in metres."""
        lon, lat = self._proj(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64), inverse=True)
        return np.asarray(lon), np.asarray(lat)

    def to_metres(self, shapes: Any) -> Any:
        """Geometries (one or an array) from degrees to metres."""
        return shapely.transform(shapes, lambda xy: np.column_stack(self.to_xy_m(xy[:, 0], xy[:, 1])))

    def to_degrees(self, shapes: Any) -> Any:
        """Geometries (one or an array) from metres back to degrees."""
        return shapely.transform(shapes, lambda xy: np.column_stack(self.to_lonlat(xy[:, 0], xy[:, 1])))
