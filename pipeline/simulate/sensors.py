"""
What sensors make of the motion of craft: AIS reports and the tracks of coastal radars, with the errors of each.

Both give columns of one report each (`Reports`). AIS hears a craft that transmits, wherever it is; a radar sees every
craft under way within its range and sector, known or not, and knows no identity.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.geo import distance_nm
from pipeline.simulate.craft import (
    AT_ANCHOR,
    FISHING,
    MOORED,
    SART_ACTIVE,
    STEP_S,
    UNDEFINED,
    Craft,
    Motion,
)
from pipeline.simulate.land import near_shore

# Own: what a shore network keeps of the 2 s to 3 min of ITU-R M.1371, thinned so that a day stays small.
CORRIDOR_INTERVAL_S, FISHING_INTERVAL_S, SEA_INTERVAL_S = 60, 120, 180
ANCHOR_INTERVAL_S, MOORED_INTERVAL_S = 300, 480
RADAR_SMALL_INTERVAL_S, RADAR_INTERVAL_S, RADAR_ANCHOR_INTERVAL_S = 60, 180, 300
CORRIDORS = (
    (26.00, 39.35, 26.75, 39.56),
    (26.50, 39.05, 26.80, 39.35),
    (26.93, 37.62, 27.22, 37.86),
)  # W, S, E, N
CLUTTER_NM = 0.15  # a radar shows nothing closer to the shore
TRACK_LOST_S = 600  # a radar gives a new number to what it had lost for longer
LENGTH_MEASURED_M = 15.0  # a radar measures no shorter craft


@dataclass(frozen=True)
class Passage:
    """
    One craft's way through the simulated time, and what sensors make of it: intervals [start, end) are in seconds of the day.

    `ais_silences`, `radar_silences`: when it does not transmit, when radars miss it. `reported`: where its AIS says that it is, if not where it
    is. `clock_skews`: (from, until, skew in s) of the stamps of its reports. `headings`: (from, until, degrees) where its bow does not point where it goes.
    """

    craft: Craft
    motion: Motion
    ais_silences: tuple[tuple[float, float], ...] = ()
    ais_interval_s: int | None = None
    reported: Motion | None = None
    clock_skews: tuple[tuple[float, float, int], ...] = ()
    radar_silences: tuple[tuple[float, float], ...] = ()
    headings: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class Reports:
    """Reports of one craft by one sensor, columns [n]; heading 511 and course 360 say "not available"."""

    at_s: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    sog_kn: npt.NDArray[np.float64]
    cog_deg: npt.NDArray[np.float64]
    heading_deg: npt.NDArray[np.int64]
    nav_status: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Radar:
    """A coastal radar: its place, its range, and the latitudes between which it answers (neighbours hand over at a parallel)."""

    sensor_id: str
    lon: float
    lat: float
    range_nm: float = 15.0
    south: float = -90.0
    north: float = 90.0
    first_track_no: int = 101


@dataclass(frozen=True)
class RadarTrack:
    """One number of one radar: what it followed without losing it, lengths as measured (NaN where the craft is small)."""

    sensor_id: str
    track_no: int
    craft: Craft
    reports: Reports
    length_m: npt.NDArray[np.float64]


RADARS = (
    Radar("R-LESVOS-N", 26.300, 39.372, south=39.28),
    Radar("R-LESVOS-E", 26.545, 39.130, north=39.28, first_track_no=301),
    Radar("R-SAMOS", 26.990, 37.725, first_track_no=501),
)


def hear(passage: Passage, rng: np.random.Generator) -> Reports:
    """The AIS reports of a craft that has an MMSI: position to 5 m, class A with heading, more often under way and in a corridor."""
    motion = passage.reported or passage.motion
    interval_s = np.where(_in_corridor(motion), CORRIDOR_INTERVAL_S, SEA_INTERVAL_S)
    interval_s[motion.nav_status == FISHING] = FISHING_INTERVAL_S
    interval_s[motion.nav_status == AT_ANCHOR] = ANCHOR_INTERVAL_S
    interval_s[motion.nav_status == MOORED] = MOORED_INTERVAL_S
    interval_s[np.isin(motion.nav_status, (SART_ACTIVE, UNDEFINED))] = 60
    if passage.ais_interval_s:
        interval_s[:] = passage.ais_interval_s
    kept = _every(motion.at_s, interval_s)
    for start_s, end_s in passage.ais_silences:
        kept = kept[(motion.at_s[kept] < start_s) | (motion.at_s[kept] >= end_s)]
    reports = say(passage, motion, kept, rng)
    at_s = reports.at_s + int(rng.integers(STEP_S))
    for start_s, end_s, skew_s in passage.clock_skews:
        at_s[(motion.at_s[kept] >= start_s) & (motion.at_s[kept] < end_s)] += skew_s
    return replace(reports, at_s=at_s)


def say(passage: Passage, motion: Motion, at: npt.NDArray[np.int64], rng: np.random.Generator) -> Reports:
    """What the AIS of a craft says of some of its states [n]: position to 5 m, class A with its heading."""
    n = len(at)
    resting = motion.sog_kn[at] < 0.2
    lon, lat = _scatter(motion.lon[at], motion.lat[at], 5.0, rng)
    sog_kn = np.abs(motion.sog_kn[at] + np.where(resting, 0.04, 0.2) * rng.standard_normal(n))
    cog_deg = (motion.cog_deg[at] + 1.5 * rng.standard_normal(n)) % 360.0
    bow_deg = motion.cog_deg[at].copy()
    for start_s, end_s, degrees in passage.headings:
        bow_deg[(motion.at_s[at] >= start_s) & (motion.at_s[at] < end_s)] = degrees
    heading_deg = np.round(bow_deg + 1.5 * rng.standard_normal(n)).astype(np.int64) % 360
    at_berth_deg = int(rng.integers(360))
    class_b = passage.craft.transceiver == "B"
    return Reports(
        at_s=motion.at_s[at],
        lon=lon,
        lat=lat,
        sog_kn=_tenths(sog_kn),
        cog_deg=np.where(resting, 360.0, np.round(cog_deg, 1) % 360.0),
        heading_deg=np.full(n, 511) if class_b else np.where(resting, at_berth_deg, heading_deg),
        nav_status=motion.nav_status[at],
    )


def watch(radar: Radar, passages: Sequence[Passage], rng: np.random.Generator) -> list[RadarTrack]:
    """The tracks of one radar over all craft, in the order in which it first saw them; position to some 40 m, course and speed rough."""
    found: list[tuple[int, Craft, Reports]] = []
    for passage in passages:
        motion = passage.motion
        hidden = (
            (motion.nav_status == MOORED)
            | (distance_nm(radar.lat, radar.lon, motion.lat, motion.lon) > radar.range_nm)
            | (motion.lat < radar.south)
            | (motion.lat >= radar.north)
        )
        for start_s, end_s in passage.radar_silences:
            hidden |= (motion.at_s >= start_s) & (motion.at_s < end_s)
        with_ais = bool(passage.craft.mmsi)
        interval_s = np.full(len(motion.at_s), RADAR_INTERVAL_S if with_ais else RADAR_SMALL_INTERVAL_S)
        interval_s[motion.nav_status == AT_ANCHOR] = RADAR_ANCHOR_INTERVAL_S
        seen = _every(motion.at_s, interval_s)
        seen = seen[~hidden[seen]]
        seen = seen[~near_shore(motion.lon[seen], motion.lat[seen], CLUTTER_NM)]
        breaks = np.flatnonzero(np.diff(motion.at_s[seen]) > TRACK_LOST_S) + 1
        for part in np.split(seen, breaks):
            if len(part) > 1:
                reports = measure(motion, part, rng)
                found.append((int(reports.at_s[0]), passage.craft, reports))
    found.sort(key=lambda entry: (entry[0], entry[1].mmsi, entry[1].name))
    return [
        RadarTrack(radar.sensor_id, radar.first_track_no + n, craft, reports, lengths_m(craft, reports, rng))
        for n, (_, craft, reports) in enumerate(found)
    ]


def measure(motion: Motion, seen: npt.NDArray[np.int64], rng: np.random.Generator) -> Reports:
    """What a radar makes of some states [n] of a craft: position to some 40 m, course and speed rough."""
    n = len(seen)
    lon, lat = _scatter(motion.lon[seen], motion.lat[seen], 40.0, rng)
    slow = motion.sog_kn[seen] < 1.0
    sog_spread_kn, cog_spread_deg = np.where(slow, 0.15, 0.25), np.where(slow, 40.0, 3.0)
    return Reports(
        at_s=motion.at_s[seen] + int(rng.integers(STEP_S)),
        lon=lon,
        lat=lat,
        sog_kn=_tenths(np.abs(motion.sog_kn[seen] + sog_spread_kn * np.clip(rng.standard_normal(n), -2, 2))),
        cog_deg=np.round((motion.cog_deg[seen] + cog_spread_deg * rng.standard_normal(n)) % 360.0, 1) % 360.0,
        heading_deg=np.full(n, 511),
        nav_status=motion.nav_status[seen],
    )


def lengths_m(craft: Craft, reports: Reports, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """The length that a radar measures with each plot [n]; NaN for a small craft."""
    spread = 1.0 + 0.06 * rng.standard_normal(len(reports.at_s))
    if craft.length_m is None or craft.length_m <= LENGTH_MEASURED_M:
        return np.full(len(spread), np.nan)
    return np.round(craft.length_m * spread, 1)


def _tenths(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(np.round(values, 1), dtype=np.float64)


def _every(at_s: npt.NDArray[np.int64], interval_s: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Indices of the steps at which a report falls due, when each is followed by the next after its own interval."""
    kept, due_s = [], int(at_s[0])
    for index, step_s in enumerate(at_s.tolist()):
        if step_s >= due_s:
            kept.append(index)
            due_s = step_s + int(interval_s[index])
    return np.array(kept, dtype=np.int64)


def _in_corridor(motion: Motion) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(motion.at_s), dtype=np.bool_)
    for west, south, east, north in CORRIDORS:
        inside |= (motion.lon >= west) & (motion.lon < east) & (motion.lat >= south) & (motion.lat < north)
    return inside


def _scatter(
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    spread_m: float,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Positions with a normal error in each direction, cut at two and a half spreads, to the five decimals that are reported."""
    north_m, east_m = spread_m * np.clip(rng.standard_normal((2, len(lon))), -2.5, 2.5)
    return (
        np.round(lon + east_m / (111_195.0 * np.cos(np.radians(lat))), 5),
        np.round(lat + north_m / 111_195.0, 5),
    )
