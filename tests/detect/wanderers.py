"""
Random traffic about the Lesvos strait: craft of every kind that sail, stay, fall silent and come back for no reason, some together.

Nothing here is likely; it is meant to bring rules into states that nobody thought of. The same seed gives the same traffic.
"""

import numpy as np
import pyarrow as pa

from tests.detect.motions import Leg, Point, ais, at, radar, together, voyage
from tests.detect.three_days import ANCHORAGES, BEACH, COVE, MIDDLE

PAST_THE_LINE = (26.61, 39.185)
PLACES: tuple[Point, ...] = (
    BEACH, BEACH, BEACH, MIDDLE, PAST_THE_LINE, PAST_THE_LINE, COVE, COVE, (26.56, 39.105), (26.66, 39.05), *ANCHORAGES[:3],
)  # fmt: skip
SPEEDS_KN = (0.5, 2.5, 4.0, 7.0, 7.0, 12.0, 28.0)
INTERVALS_S = (60.0, 120.0, 120.0, 300.0, 300.0, 600.0, 900.0)
CLAIMS = (
    {"transceiver": "A", "ship_type": 70, "length_m": 90.0},
    {"transceiver": "A", "ship_type": 60, "length_m": 30.0},
    {"transceiver": "A", "ship_type": 55, "length_m": 25.0},
    {"transceiver": "B", "ship_type": 36, "length_m": 12.0},
    {"transceiver": "B"},
)
PREFIXES = ("237", "271", "538", "111", "970", "972", "992", "002")
LONG_S = 9 * 3600.0


def motion(seed: int) -> pa.Table:
    """Some two days that begin at any hour; of every fifth seed some five days with fewer reports."""
    rng = np.random.default_rng(seed)
    begins_s = at("2026-05-20") + rng.uniform(0, 86_400)
    sparser = 1 if seed % 5 else 3
    ends_s = begins_s + sparser * rng.uniform(30, 45) * 3600
    together_off = [silence(rng, begins_s, ends_s, 4 * 3600.0) for _ in range(2)]
    tracks = []
    for number in range(12):
        fixes = wander(rng, begins_s, ends_s, together_off if rng.random() < 0.7 else [], sparser)
        n = len(fixes["time"])
        if not n:
            continue
        status = np.where(runs(rng, n, 0.02), 14, np.where(runs(rng, n, 0.1), 15, 0)).tolist()
        prefix = PREFIXES[int(rng.integers(len(PREFIXES)))] if rng.random() < 0.4 else "237"
        tracks.append(ais(f"{prefix}{number:06}", fixes, nav_status=status, **CLAIMS[int(rng.integers(len(CLAIMS)))]))
    for number in range(8):
        fixes = wander(rng, begins_s, ends_s, together_off if rng.random() < 0.5 else [], sparser)
        holes = np.flatnonzero(np.diff(fixes["time"]) > 1800.0) + 1
        for part, rows in enumerate(np.split(np.arange(len(fixes["time"])), holes)):
            if len(rows):
                seen = {name: values[rows] for name, values in fixes.items()}
                echo = runs(rng, len(rows), 0.3).tolist()
                tracks.append(
                    radar(100 * number + part, seen, echo=echo, length_m=None if rng.random() < 0.7 else 30.0)
                )
    return together(*tracks)


def silence(rng: np.random.Generator, begins_s: float, ends_s: float, longest_s: float) -> tuple[float, float]:
    """A silence somewhere in between."""
    from_s = rng.uniform(begins_s, ends_s)
    return from_s, from_s + rng.uniform(300, longest_s)


def wander(
    rng: np.random.Generator, begins_s: float, ends_s: float, off: list[tuple[float, float]], sparser: int
) -> dict[str, np.ndarray]:
    """From place to place, with stays and silences, until the end."""
    legs: list[Leg] = []
    for _ in range(60 * sparser):
        place = PLACES[int(rng.integers(len(PLACES)))]
        speed = SPEEDS_KN[int(rng.integers(len(SPEEDS_KN)))]
        legs.append((None, rng.uniform(300, 5400)) if rng.random() < 0.3 else (place, speed))
    silent = [*off, *(silence(rng, begins_s, ends_s, LONG_S) for _ in range(int(rng.integers(4))))]
    start = PLACES[int(rng.integers(len(PLACES)))]
    every_s = sparser * INTERVALS_S[int(rng.integers(len(INTERVALS_S)))]
    fixes = voyage(begins_s + rng.uniform(0, 3600), start, *legs, every_s=every_s, silent=silent)
    kept = fixes["time"] < ends_s
    fixes = {name: values[kept] for name, values in fixes.items()}
    unknown = rng.random(len(fixes["time"])) < 0.02
    return {**fixes, "sog_kn": np.where(unknown, np.nan, fixes["sog_kn"])}


def runs(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """Blocks of rows [n], about this share of them true."""
    block = np.repeat(rng.random(n // 10 + 1) < share, 10)
    return block[:n]
