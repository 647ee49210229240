"""
What a chain of coastal radars makes of a day of traffic: tracks without identity.

A craft under way or at anchor is followed by the nearest radar of the chain that reaches it, one plot a minute (a ship
with AIS: one in three), not within CLUTTER_NM of a shore, not at its berth. Plots are missed, the more the farther the
craft and the smaller; after TRACK_LOST_S without one, or now and then without a reason, it gets a new number. The sea
gives plots too: tracks of a few minutes of nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from pipeline.geo import destination
from pipeline.simulate.craft import AWAY, DAY_S, MOORED, STEP_S, Craft, Motion
from pipeline.simulate.land import Plane, Shore
from pipeline.simulate.sensors import TRACK_LOST_S, Passage, Radar, RadarTrack, Reports, lengths_m, measure

PLOT_S = 60
SHIP_PLOTS = 3  # one plot of a ship with AIS in so many minutes
SHIP_M = 25.0  # a radar sees a ship of this length to its range, a boat of 5 m to SMALL_RANGE of it
SMALL_RANGE = 0.7
SEEN_AT_BEST, FADE = 0.97, 0.05  # own
BREAK_SHARE = 1.0 / 500.0  # own: plots after which a radar starts a new number
FALSE_TRACKS = 12.0  # own: of a radar and day, on average
FALSE_PLOTS = (3, 9)  # own

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Stretch:
    """Plots of one craft by one radar under one number, not yet given where it is None."""

    radar: int
    craft: Craft
    reports: Reports
    length_m: Floats
    track_no: int | None


class RadarChain:
    """The radars of a theatre; from day to day it knows whom each number belongs to."""

    def __init__(self, radars: Sequence[Radar], plane: Plane, shore: Shore, seed: int) -> None:
        self._radars, self._plane, self._shore, self._seed = radars, plane, shore, seed
        self._x, self._y = plane.xy(*np.array([(radar.lon, radar.lat) for radar in radars]).T)
        self._range_nm = np.array([radar.range_nm for radar in radars])
        self._next_no = [radar.first_track_no for radar in radars]
        self._followed: dict[Craft, tuple[int, int, int]] = {}  # radar, number, last seen

    def watch(self, passages: Iterable[Passage], day: int) -> list[RadarTrack]:
        """The plots of a day by radar and number; a track that goes on from the day before keeps its number."""
        stretches = [one for passage in passages for one in self._follow(passage, day)]
        stretches += [one for number in range(len(self._radars)) for one in self._clutter(number, day)]
        stretches.sort(key=lambda one: (one.radar, int(one.reports.at_s[0]), one.craft.mmsi, one.craft.name))
        self._followed = {}
        tracks = []
        for one in stretches:
            track_no = one.track_no
            if track_no is None:
                track_no = self._next_no[one.radar]
                self._next_no[one.radar] += 1
            last_s = int(one.reports.at_s[-1])
            if last_s > self._followed.get(one.craft, (0, 0, 0))[2]:
                self._followed[one.craft] = (one.radar, track_no, last_s)
            tracks.append(RadarTrack(self._radars[one.radar].sensor_id, track_no, one.craft, one.reports, one.length_m))
        return tracks

    def _follow(self, passage: Passage, day: int) -> list[_Stretch]:
        """What the chain sees of one craft on a day."""
        craft, way = passage.craft, passage.motion
        key = crc32(f"{craft.mmsi} {craft.name}".encode())
        every_s = PLOT_S * SHIP_PLOTS if craft.mmsi else PLOT_S
        due_s = day * DAY_S + np.arange(key % every_s, DAY_S - STEP_S, every_s)
        state = way.at(due_s[(due_s >= way.at_s[0]) & (due_s <= way.at_s[-1])])
        radar, reach = self._nearest(state)
        visible = (reach <= 1.0) & ~np.isin(state.nav_status, (MOORED, AWAY))
        for start_s, end_s in passage.radar_silences:
            visible &= (state.at_s < start_s) | (state.at_s >= end_s)
        visible[visible] = self._shore.nearness(state.lon[visible], state.lat[visible]) > Shore.CLUTTER
        if not visible.any():
            return []
        rng = np.random.default_rng([self._seed, 14, day, key])
        size = (
            1.0
            if craft.length_m is None
            else np.clip(SMALL_RANGE + (1.0 - SMALL_RANGE) * (craft.length_m - 5.0) / (SHIP_M - 5.0), SMALL_RANGE, 1.0)
        )
        chance = SEEN_AT_BEST / (1.0 + np.exp((reach / size - 0.95) / FADE))
        seen = np.flatnonzero(visible & (rng.random(len(visible)) < chance))
        if not len(seen):
            return []
        breaks = (
            (np.diff(state.at_s[seen]) > TRACK_LOST_S)
            | (np.diff(radar[seen]) != 0)
            | (rng.random(len(seen) - 1) < BREAK_SHARE)
        )
        stretches = []
        for part in np.split(seen, np.flatnonzero(breaks) + 1):
            before = self._followed.get(craft) if part[0] == seen[0] else None
            goes_on = (
                before is not None and before[0] == radar[part[0]] and state.at_s[part[0]] - before[2] <= TRACK_LOST_S
            )
            if goes_on or len(part) > 1:
                reports = measure(state, part, rng)
                stretches.append(
                    _Stretch(
                        int(radar[part[0]]),
                        craft,
                        reports,
                        lengths_m(craft, reports, rng),
                        before[1] if goes_on and before else None,
                    )
                )
        return stretches

    def _nearest(self, state: Motion) -> tuple[Ints, Floats]:
        """(the radar in whose range a place lies deepest, its distance as a share of that range) [n]."""
        x, y = self._plane.xy(state.lon, state.lat)
        shares = np.hypot(x[:, None] - self._x, y[:, None] - self._y) / self._range_nm
        radar = shares.argmin(axis=1)
        return radar, shares[np.arange(len(x)), radar]

    def _clutter(self, number: int, day: int) -> list[_Stretch]:
        """Tracks of nothing: waves, birds, a squall."""
        rng = np.random.default_rng([self._seed, 15, day, number])
        radar, stretches = self._radars[number], []
        for serial in range(int(rng.poisson(FALSE_TRACKS))):
            lat, lon = destination(
                radar.lat, radar.lon, rng.uniform(0.0, 360.0), radar.range_nm * np.sqrt(rng.uniform())
            )
            begins_s, n_plots = day * DAY_S + int(rng.integers(DAY_S - 3600)), int(rng.integers(*FALSE_PLOTS))
            if self._shore.nearness(lon, lat)[0] <= Shore.CLUTTER:
                continue
            drift = rng.normal(0.0, 0.002, (2, n_plots)).cumsum(axis=1)
            zero = np.zeros(n_plots)
            way = Motion(
                begins_s + PLOT_S * np.arange(n_plots),
                lon + drift[0],
                lat + drift[1],
                zero + rng.uniform(0.0, 4.0),
                zero + rng.uniform(0.0, 360.0),
                zero.astype(np.int64),
            )
            nothing = Craft(f"clutter {radar.sensor_id} {day} {serial}", length_m=None)
            stretches.append(
                _Stretch(number, nothing, measure(way, np.arange(n_plots), rng), np.full(n_plots, np.nan), None)
            )
        return stretches
