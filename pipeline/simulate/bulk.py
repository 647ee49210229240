"""
Much traffic for measuring speed: random walkers over the open Aegean, one report a minute each, in NOAA's format.

Nothing in it is true to life but the shape of the data; the walkers do not know of land.
"""

from datetime import date
from pathlib import Path

import numpy as np

from pipeline.simulate.craft import Craft
from pipeline.simulate.providers import NOAA_HEADER, TimedLine, in_order, noaa_lines, write_file
from pipeline.simulate.sensors import Reports

MINUTES = 1440
SEA = (24.5, 36.5, 26.8, 39.5)  # west, south, east, north in degrees: where walkers start and turn back


def traffic(folder: Path, seed: int, vessels: int, day: date) -> Path:
    """Write `AIS_<day>.csv` with `vessels` x 1440 reports and return its path; a million reports take about 10 s."""
    rng = np.random.default_rng([seed, 4])
    lines: list[TimedLine] = []
    for number in range(vessels):
        craft = Craft(
            f"PHAROS SIM {number:05d}",
            f"237{number:06d}",
            70,
            90.0,
            14.0,
            5.0,
            call_sign="SIM",
            transceiver="A",
        )
        lines += noaa_lines(day, craft, _walk(rng))
    path = folder / f"AIS_{day:%Y_%m_%d}.csv"
    write_file(path, NOAA_HEADER, in_order(lines))
    return path


def _walk(rng: np.random.Generator) -> Reports:
    """A day of one walker: speed and course change slowly, and the box reflects it."""
    west, south, east, north = SEA
    sog_kn = np.clip(11.0 + np.cumsum(rng.normal(0.0, 0.1, MINUTES)), 2.0, 20.0)
    course_rad = rng.uniform(0.0, 2.0 * np.pi) + np.cumsum(rng.normal(0.0, 0.02, MINUTES))
    step_deg = sog_kn / 3600.0  # a minute's way: sog_kn / 60 nm, a nautical mile being a 60th of a degree
    lat = _reflect(rng.uniform(south, north) + np.cumsum(step_deg * np.cos(course_rad)), south, north)
    lon = _reflect(rng.uniform(west, east) + np.cumsum(step_deg * np.sin(course_rad) / 0.79), west, east)
    cog_deg = np.degrees(np.arctan2(np.gradient(lon) * 0.79, np.gradient(lat))) % 360.0
    return Reports(
        at_s=np.arange(MINUTES) * 60 + int(rng.integers(60)),
        lon=np.round(lon, 5),
        lat=np.round(lat, 5),
        sog_kn=np.round(sog_kn, 1),
        cog_deg=np.round(cog_deg, 1) % 360.0,
        heading_deg=np.floor(cog_deg).astype(np.int64),
        nav_status=np.zeros(MINUTES, dtype=np.int64),
    )


def _reflect(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values folded back into [low, high] at its ends."""
    folded = (values - low) % (2.0 * (high - low))
    return low + np.minimum(folded, 2.0 * (high - low) - folded)
