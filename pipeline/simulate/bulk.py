"""
Much traffic for measuring speed: random walkers over the open Aegean, one report a minute each, in NOAA's format.

Nothing in it is true to life but the shape of the data; the walkers do not know of land.
"""

from datetime import date
from functools import reduce
from operator import xor
from pathlib import Path

import numpy as np
import pyais

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


def nmea_log(folder: Path, seed: int, messages: int, day: date) -> tuple[Path, int]:
    """
    Write `AIS_<day>.nmea`, position messages of walkers with tag blocks, every twentieth a static one of two sentences; returns its path and the number
    of messages. A hundred thousand messages take about 10 s.
    """
    rng = np.random.default_rng([seed, 5])
    start_s = int(np.datetime64(day).astype("datetime64[s]").astype(np.int64))
    timed: list[tuple[int, int, list[str]]] = []
    number = 0
    while len(timed) < messages:
        walk = _walk(rng)
        for k in range(0, MINUTES, 2):
            said: dict[str, str | int | float | bytes | bool] = {"mmsi": 237_000_000 + number, "type": 1}
            if k % 40 == 0:
                said |= {
                    "type": 5,
                    "imo": 9_074_729,
                    "callsign": "SIM",
                    "shipname": f"PHAROS SIM {number:05d}",
                    "ship_type": 70,
                }
                said |= {"to_bow": 70, "to_stern": 20, "draught": 5.0}
            else:
                said |= {"lon": float(walk.lon[k]), "lat": float(walk.lat[k]), "speed": float(walk.sog_kn[k])}
                said |= {"course": float(walk.cog_deg[k]), "heading": int(walk.heading_deg[k]) % 360, "status": 0}
            at_s = start_s + int(walk.at_s[k])
            timed.append((at_s, number, pyais.encode_dict(said, talker_id="AI", seq_id=number % 10)))
        number += 1
    path = folder / f"AIS_{day:%Y_%m_%d}.nmea"
    lines = []
    for group, (at_s, _, sentences) in enumerate(sorted(timed)[:messages]):
        for part, sentence in enumerate(sentences, start=1):
            tag = f"s:sim,c:{at_s}" if len(sentences) == 1 else f"g:{part}-{len(sentences)}-{group},s:sim,c:{at_s}"
            check = reduce(xor, tag.encode())
            lines.append(f"\\{tag}*{check:02X}\\{sentence}\n")
    path.write_text("".join(lines), encoding="ascii")
    return path, messages


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
