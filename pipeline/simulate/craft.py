"""
Craft and how they move: a plan of legs becomes the true state of one craft every ten seconds.

The day's clock is `at_s`, seconds since 00:00 UTC of the simulated day. Positions are (lon, lat) in degrees WGS 84. A
leg is sailed on a rhumb line at a constant speed; changes of speed take no time, so a plan that needs a gentle one
says it in two legs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.geo import bearing_deg, distance_nm

STEP_S = 10
DAY_S = 86_400
Point = tuple[float, float]  # lon, lat

AWAY = -1  # beyond the theatre: no sensor sees it
# AIS navigational status, ITU-R M.1371-5 table 47
UNDER_WAY, AT_ANCHOR, MOORED, FISHING, SART_ACTIVE, UNDEFINED = 0, 1, 5, 7, 14, 15


@dataclass(frozen=True)
class Craft:
    """One craft and what it says of itself; `mmsi` is empty when it carries no AIS. `ship_type` as in ITU-R M.1371-5 table 53."""

    name: str
    mmsi: str = ""
    ship_type: int | None = None
    length_m: float | None = 7.0
    width_m: float | None = None
    draught_m: float | None = None
    imo: str = ""
    call_sign: str = ""
    transceiver: str = ""  # A | B | empty without AIS


@dataclass(frozen=True)
class Leg:
    """Sail to a point at a speed, or stay in place until a time of the day (`to` is None)."""

    to: Point | None
    sog_kn: float
    until_s: float
    nav_status: int


@dataclass(frozen=True)
class Motion:
    """
    The true state of a craft at times [n] in order, speeds in kn over ground, courses in degrees: every STEP_S, or where it changes.
    Between two times its position goes straight in degrees, and the rest stays as it was.
    """

    at_s: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    sog_kn: npt.NDArray[np.float64]
    cog_deg: npt.NDArray[np.float64]
    nav_status: npt.NDArray[np.int64]

    def at(self, times_s: npt.NDArray[np.int64]) -> "Motion":
        """The state at other times [m], which must lie within its own."""
        since = np.clip(np.searchsorted(self.at_s, times_s, side="right") - 1, 0, len(self.at_s) - 1)
        return Motion(
            at_s=times_s,
            lon=np.interp(times_s, self.at_s, self.lon),
            lat=np.interp(times_s, self.at_s, self.lat),
            sog_kn=self.sog_kn[since],
            cog_deg=self.cog_deg[since],
            nav_status=self.nav_status[since],
        )

    def where_it_changes(self) -> "Motion":
        """The same with only the times before and after each change of course, speed or status, and the first and the last."""
        changes = (
            np.diff(self.cog_deg).astype(bool)
            | np.diff(self.sog_kn).astype(bool)
            | np.diff(self.nav_status).astype(bool)
        )
        before = np.flatnonzero(changes)
        kept = np.unique(np.concatenate(([0], before, before + 1, [len(self.at_s) - 1])))
        return Motion(
            self.at_s[kept],
            self.lon[kept],
            self.lat[kept],
            self.sog_kn[kept],
            self.cog_deg[kept],
            self.nav_status[kept],
        )


class Plan:
    """A plan as it is made, from a place and a time on, to whole seconds: what a craft does next, and when it will have done it."""

    def __init__(self, start: Point, begins_at_s: float) -> None:
        self.where, self.now_s = start, begins_at_s
        self._at_s: list[float] = []
        self._where: list[Point] = []
        self._doing: list[tuple[float, float, int]] = []

    def sail(self, path: Sequence[Point], sog_kn: float, nav_status: int = UNDER_WAY) -> None:
        """Along a path that begins where the craft is, at one speed."""
        lon, lat = np.array(path, dtype=np.float64).T
        durations_s = distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]) / sog_kn * 3600.0
        courses_deg = bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
        for to, duration_s, course_deg in zip(path[1:], durations_s.tolist(), courses_deg.tolist(), strict=True):
            self._do(to, duration_s, sog_kn, course_deg, nav_status)

    def stay(self, until_s: float, nav_status: int) -> None:
        """In place until a time; nothing when the time has passed already."""
        self._do(self.where, until_s - self.now_s, 0.0, 0.0, nav_status)

    def leave(self, until_s: float, comes_back_at: Point) -> None:
        """Beyond the theatre until a time, and in again at another of its edges."""
        self._do(comes_back_at, until_s - self.now_s, 0.0, 0.0, AWAY)

    def motion(self) -> Motion:
        """Its states where they change."""
        lon, lat = np.array([*self._where, self.where], dtype=np.float64).T
        sog_kn, cog_deg, nav_status = np.array([*self._doing, self._doing[-1]], dtype=np.float64).T
        at_s = np.round([*self._at_s, self.now_s]).astype(np.int64)
        return Motion(at_s, lon, lat, sog_kn, cog_deg, nav_status.astype(np.int64))

    def _do(self, to: Point, duration_s: float, sog_kn: float, course_deg: float, nav_status: int) -> None:
        if duration_s < 1.0:  # rounded away
            self.where = to
            return
        self._at_s.append(self.now_s)
        self._where.append(self.where)
        self._doing.append((sog_kn, course_deg, nav_status))
        self.now_s += duration_s
        self.where = to


def sail(*points: Point, sog_kn: float, nav_status: int = UNDER_WAY) -> list[Leg]:
    """Legs through `points` at one speed."""
    return [Leg(to, sog_kn, 0.0, nav_status) for to in points]


def stay(until_s: float, nav_status: int = MOORED) -> list[Leg]:
    """One leg that keeps the craft where it is until a time; nothing when the time has passed already."""
    return [Leg(None, 0.0, until_s, nav_status)]


def shuttle(route: tuple[Point, ...], departures_s: Iterable[float], sog_kn: float) -> list[Leg]:
    """Out along `route`, back along it, and so on: one departure after the other, moored between them."""
    legs: list[Leg] = []
    out = True
    for departure_s in departures_s:
        points = route[1:] if out else route[-2::-1]
        legs += stay(departure_s) + sail(*points, sog_kn=sog_kn)
        out = not out
    return legs


def move(start: Point, legs: Iterable[Leg], begins_at_s: float = 0.0, ends_at_s: float = DAY_S) -> Motion:
    """
    Run a plan from `start` at `begins_at_s`; it ends with its last leg or at `ends_at_s`, whichever comes first.

    Between the ends of the legs the state is linear in time. Times are multiples of STEP_S.
    """
    at_s, points, nodes = [begins_at_s], [start], []
    for leg in legs:
        lon, lat = points[-1]
        if leg.to is None:
            duration_s, course_deg, to = leg.until_s - at_s[-1], 0.0, points[-1]
        else:
            to = leg.to
            duration_s = float(distance_nm(lat, lon, to[1], to[0])) / leg.sog_kn * 3600.0
            course_deg = float(bearing_deg(lat, lon, to[1], to[0]))
        if duration_s <= 0.0:
            continue
        at_s.append(at_s[-1] + duration_s)
        points.append(to)
        nodes.append((leg.sog_kn, course_deg, leg.nav_status))
    first_s = int(np.ceil(begins_at_s / STEP_S)) * STEP_S
    times = np.arange(first_s, min(at_s[-1], ends_at_s - 1), STEP_S, dtype=np.int64)
    leg_of = np.clip(np.searchsorted(at_s, times, side="right") - 1, 0, len(nodes) - 1)
    state = np.array(nodes, dtype=np.float64)[leg_of]
    where = np.array(points, dtype=np.float64)
    return Motion(
        at_s=times,
        lon=np.interp(times, at_s, where[:, 0]),
        lat=np.interp(times, at_s, where[:, 1]),
        sog_kn=state[:, 0],
        cog_deg=state[:, 1],
        nav_status=state[:, 2].astype(np.int64),
    )


def clock(text: str) -> float:
    """`"HH:MM"` or `"HH:MM:SS"` as seconds of the day."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return float(hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0))
