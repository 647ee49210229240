"""
Maps of the page as numbers: coast, corridors, dividing lines, the true way, what the sensors saw and where an alert stands, in pixels.

Projection: equidistant cylindrical, true to scale at the map's middle latitude. All lines are cut at the frame and simplified to the map's scale.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from pipeline.coast import Bounds, Coast, open_coast
from pipeline.geo import FloatArray
from pipeline.sea import Sea
from pipeline.units import METRES_PER_NM

WIDTH_PX, HEIGHT_PX = 480, 320
TOLERANCE_PX = 0.7  # less is not seen
MARGIN = 0.15  # share of what is shown, kept free on each side
MIN_HEIGHT_DEG = 0.12  # 7 nm: closer in, a map no longer shows where it is
GAP = timedelta(minutes=20)  # own: a longer pause between fixes is drawn as a broken line
AROUND = timedelta(hours=1)  # own: of a longer way, what is shown before and after
CELL_DEG = (
    3.0  # own: outside the theatres, coast is cut in such steps, as the simulator does: most of it is cut already
)
SCALE_STEPS_NM = (0.5, 1, 2, 5, 10, 20, 50, 100, 200)


class Fix(NamedTuple):
    """A craft at a place and time, in truth or as a sensor saw it."""

    at: datetime
    lon: float
    lat: float


class Ground(NamedTuple):
    """What lies under all maps of a page: coast, corridors and lines; and the frame of a map on which nothing stands."""

    coast: Coast
    sea: Sea
    frame: Bounds


class Mark(NamedTuple):
    """A place in pixels, with a text beside it."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Map:
    """One map; the lines are SVG paths, `seen` and `pauses` of what sensors saw, `ends` those of the true way, `spots` where an event or alert stands."""

    title: str
    land: str
    corridors: str
    gates: str
    way: str
    seen: str
    pauses: str
    ends: list[Mark]
    spots: list[Mark]
    scale_px: float
    scale_nm: float
    width: int = WIDTH_PX
    height: int = HEIGHT_PX


@dataclass(frozen=True)
class View:
    """The bounds of a map in degrees, of the shape WIDTH_PX to HEIGHT_PX."""

    bounds: Bounds

    @property
    def px_per_deg_lat(self) -> float:
        return HEIGHT_PX / (self.bounds[3] - self.bounds[1])

    def px(self, lonlat: FloatArray) -> FloatArray:
        """Pixels [n, 2] of degrees [n, 2]."""
        west, _, east, north = self.bounds
        return (lonlat - [west, north]) * [WIDTH_PX / (east - west), -self.px_per_deg_lat]

    def path(self, lines: Sequence[shapely.LineString], close: str = "") -> str:
        """Lines as one SVG path, simplified to what can be seen."""
        flat = shapely.simplify(shapely.transform(np.array(lines, dtype=object), self.px), TOLERANCE_PX)
        return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line.coords) + close for line in flat)

    def cut(self, geometry: shapely.Geometry) -> list[shapely.LineString]:
        """The parts of a line or lines within the frame."""
        parts = shapely.get_parts(shapely.intersection(geometry, shapely.box(*self.bounds)))
        return [part for part in parts if part.geom_type == "LineString" and not part.is_empty]

    def mark(self, fix: Fix) -> Mark:
        """The place of a fix, with its time of day."""
        ((x, y),) = self.px(np.array([[fix.lon, fix.lat]])).round(1).tolist()
        return Mark(x, y, f"{fix.at:%H:%M}")


def ground(sea: Sea, theatre: str | None, ways: Iterable[Sequence[Fix]], cache: Path) -> Ground:
    """
    That of a theatre; where there is none, the waters around the true ways, whose coast is cut anew unless it lies in the cache; where there are none
    either, all that is watched.
    """
    watches = [zone for zone in sea.zones if zone.kind == "watch"]
    places = [(fix.lon, fix.lat) for way in ways for fix in way]
    if theatre is None and places:
        west, south = (np.floor(np.min(places, axis=0) / CELL_DEG) * CELL_DEG).tolist()
        east, north = (np.ceil(np.max(places, axis=0) / CELL_DEG) * CELL_DEG).tolist()
        around = (west, south, east, north)
        return Ground(open_coast([around], cache), sea, around)
    theirs = [zone for zone in watches if zone.theatre == theatre] or watches
    west, south, east, north = shapely.total_bounds([zone.geometry for zone in theirs]).tolist()
    return Ground(sea.coast, sea, (west, south, east, north))


def draw(
    under: Ground,
    title: str,
    window: tuple[datetime, datetime],
    way: Sequence[Fix],
    tracks: Iterable[Sequence[Fix]],
    spots: Sequence[Fix],
) -> Map:
    """
    The map of what happened in a time, an hour before and after included: the true way, the tracks that sensors made of it, and where events or alerts
    stand. Fixes are in order of time. Where there is none, the map shows the whole frame.
    """
    way = during(window, way)
    seen = [track for track in (during(window, track) for track in tracks) if track]
    runs = [run for track in seen for run in heard(track)]
    pauses = [[before[-1], after[0]] for track in seen for before, after in pairwise(heard(track))]
    shown = [*way, *(fix for run in runs for fix in run), *spots]
    view = fitted([(fix.lon, fix.lat) for fix in shown] or corners(under.frame))
    px_per_nm = view.px_per_deg_lat / 60.0
    scale_nm = max((nm for nm in SCALE_STEPS_NM if nm * px_per_nm <= WIDTH_PX / 4), default=SCALE_STEPS_NM[0])
    beyond = shapely.box(*view.bounds).buffer(4 / view.px_per_deg_lat).bounds  # the frame is no coast
    land = under.coast.land_in(beyond, TOLERANCE_PX / px_per_nm * METRES_PER_NM)
    return Map(
        title=title,
        land=view.path([ring for area in land for ring in (area.exterior, *area.interiors)], "Z"),
        corridors=view.path([line for one in under.sea.corridors for line in view.cut(one.zone.geometry.boundary)]),
        gates=view.path([line for gate in under.sea.gates for line in view.cut(gate.geometry)]),
        way=view.path([line(way)] if way else []),
        seen=view.path([line(run) for run in runs]),
        pauses=view.path([line(pause) for pause in pauses]),
        ends=[view.mark(fix) for fix in (way[:1] + way[1:][-1:])],
        spots=[view.mark(fix) for fix in spots],
        scale_px=round(scale_nm * px_per_nm, 1),
        scale_nm=scale_nm,
    )


def during(window: tuple[datetime, datetime], fixes: Sequence[Fix]) -> list[Fix]:
    """The fixes of a time and of an hour around it; all of them when none is in it."""
    within = [fix for fix in fixes if window[0] - AROUND <= fix.at <= window[1] + AROUND]
    return within or list(fixes)


def heard(track: Sequence[Fix]) -> list[list[Fix]]:
    """A track in runs without a long pause."""
    runs = [[track[0]]]
    for before, fix in pairwise(track):
        if fix.at - before.at > GAP:
            runs.append([])
        runs[-1].append(fix)
    return runs


def line(fixes: Sequence[Fix]) -> shapely.LineString:
    """Fixes as a line; one alone is a line of no length, which round ends make a dot."""
    places = [(fix.lon, fix.lat) for fix in fixes]
    return shapely.LineString(places if len(places) > 1 else places * 2)


def corners(bounds: Bounds) -> list[tuple[float, float]]:
    """Two corners (lon, lat) of a frame."""
    west, south, east, north = bounds
    return [(west, south), (east, north)]


def fitted(places: Sequence[tuple[float, float]]) -> View:
    """The view of some places (lon, lat), with a margin."""
    (west, south), (east, north) = np.min(places, axis=0).tolist(), np.max(places, axis=0).tolist()
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = math.cos(math.radians(lat))
    high = max((1 + 2 * MARGIN) * max(north - south, (east - west) * shrink * HEIGHT_PX / WIDTH_PX), MIN_HEIGHT_DEG)
    wide = high * WIDTH_PX / HEIGHT_PX / shrink
    return View((lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2))
