"""
Where the sun stands: elevation, night, and how much of a passage was dark.

Definition  Elevation is the geometric height of the sun's centre above the horizon, without refraction.
            Night is an elevation below -6 degrees: civil twilight is over, a craft without lights is hard
            to see.
Cannot see  the moon, clouds, or the glow of a town
Source      Low-precision formulae for the Sun of the Astronomical Almanac (0.01 degrees between 1950 and
            2050)
"""

import numpy as np
import numpy.typing as npt

from pipeline.geo import FloatArray, interpolate

NIGHT_ELEVATION_DEG = -6.0  # civil twilight ends

J2000_EPOCH_S = 946_728_000.0  # 2000-01-01 12:00 UTC
STEP_S = 600.0  # elevation is straight enough over ten minutes: the moment of dusk comes out within 2 s


def elevation_deg(lon: npt.ArrayLike, lat: npt.ArrayLike, epoch_s: npt.ArrayLike) -> FloatArray:
    """
    Elevation of the sun in degrees at (lon, lat) and a UTC instant in seconds since 1970; scalars or
    arrays.
    """
    days = (np.asarray(epoch_s, dtype=np.float64) - J2000_EPOCH_S) / 86_400.0
    mean_longitude_deg = 280.460 + 0.9856474 * days
    mean_anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(mean_longitude_deg + 1.915 * np.sin(mean_anomaly) + 0.020 * np.sin(2.0 * mean_anomaly))
    obliquity = np.radians(23.439 - 0.0000004 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    sidereal_deg = 280.46062 + 360.985647366 * days
    hour_angle = np.radians(sidereal_deg + np.asarray(lon, dtype=np.float64)) - right_ascension
    phi = np.radians(lat)
    height = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    elevation: FloatArray = np.degrees(np.arcsin(np.clip(height, -1.0, 1.0)))
    return elevation


def is_night(lon: npt.ArrayLike, lat: npt.ArrayLike, epoch_s: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether the sun stands below -6 degrees (strict)."""
    return elevation_deg(lon, lat, epoch_s) < NIGHT_ELEVATION_DEG


def dark_fraction(
    lon1: npt.ArrayLike,
    lat1: npt.ArrayLike,
    start_s: npt.ArrayLike,
    lon2: npt.ArrayLike,
    lat2: npt.ArrayLike,
    end_s: npt.ArrayLike,
) -> FloatArray:
    """
    The share (0-1) of [start, end) during which it is night on the straight passage from point 1 to point 2.

    Scalars or arrays [n]. A passage without duration counts 1 when it is night at its start, else 0.
    """
    lon1, lat1, start_s, lon2, lat2, end_s = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64)[..., None] for a in (lon1, lat1, start_s, lon2, lat2, end_s))
    )
    longest_s = float(np.max(end_s - start_s, initial=0.0))
    fraction = np.linspace(0.0, 1.0, int(np.ceil(longest_s / STEP_S)) + 2)
    lat, lon = interpolate(lat1, lon1, lat2, lon2, fraction)
    below = NIGHT_ELEVATION_DEG - elevation_deg(lon, lat, start_s + fraction * (end_s - start_s))
    a, b = below[..., :-1], below[..., 1:]
    # the dark share of each step, were the elevation straight within it
    dark = np.clip(np.maximum(a, b) / np.where(a == b, 1.0, np.abs(b - a)), 0.0, 1.0)
    dark = np.where(a == b, a > 0.0, dark)
    return np.asarray(dark.mean(axis=-1))
