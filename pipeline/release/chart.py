"""
The map of a brief as numbers: coast, zones, dividing lines, tracks and alerts projected into the pixels of a panel. The template draws them.

Projection: equidistant cylindrical, true to scale at the panel's middle latitude (off by < 0.5 % at the edge of a panel of one degree). Nothing here is text
from outside but the names of ports and zones, which are reference data.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

import shapely

from pipeline.release.contents import Item, Release
from pipeline.release.craft import Fix
from pipeline.sea import Sea

GAP = timedelta(minutes=20)  # own: a longer pause between fixes is drawn as a broken line
MARGIN = 0.12  # share of the content's extent kept free on each side
MIN_HEIGHT_DEG = 0.2  # 12 nm: closer in, a panel no longer shows where it is
GRATICULE_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120)
APART_PX = 20.0
NARROW_PX, WIDE_PX, HEIGHT_PX, GAP_PX = 150, 586, 305, 5
SCALE_STEPS_NM = (0.5, 1, 2, 5, 10, 20, 50, 100)

Bounds = tuple[float, float, float, float]


class Label(NamedTuple):
    """A text at a place in pixels."""

    x: float
    y: float
    text: str


class Track(NamedTuple):
    """One alert's track: SVG paths of what was seen and of the pauses, where it begins, its two ends in time."""

    number: int
    seen: str
    pauses: str
    start: Label
    end: Label


class Frame(NamedTuple):
    """The outline of another panel: upper left corner, width, height."""

    letter: str
    x: float
    y: float
    width: float
    height: float


class Symbol(NamedTuple):
    """One alert: where, its number, 1 (mild) to 4 (worst), distress or not, and the true place where the symbol had to be moved aside."""

    x: float
    y: float
    at_x: float
    at_y: float
    number: int
    severity: int
    is_distress: bool
    is_cancelled: bool


@dataclass(frozen=True)
class Panel:
    """One map; everything is in pixels from the upper left corner."""

    title: str
    letter: str
    bounds: Bounds
    width: int
    height: int
    land: str
    zones: str
    gates: str
    sides: tuple[Label, ...]
    meridians: tuple[Label, ...]
    parallels: tuple[Label, ...]
    ports: tuple[Label, ...]
    tracks: tuple[Track, ...]
    symbols: tuple[Symbol, ...]
    frames: tuple[Frame, ...]
    scale_px: float
    scale_nm: float


@dataclass(frozen=True)
class _View:
    """Bounds in degrees of a panel, widened to its shape."""

    west: float
    south: float
    east: float
    north: float
    width: int
    height: int

    @property
    def px_per_deg_lat(self) -> float:
        return self.height / (self.north - self.south)

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.west) / (self.east - self.west) * self.width
        return round(x, 1), round((self.north - lat) * self.px_per_deg_lat, 1)

    @property
    def bounds(self) -> Bounds:
        return self.west, self.south, self.east, self.north


def panels(release: Release) -> tuple[list[Panel], list[Panel]]:
    """
    (narrow, wide) panels. Wide: one for each corridor of the agency's area, on the alerts in it if there are any. Narrow: the whole area with the
    frames of the others, and one for the alerts elsewhere. Where there are no corridors or more than three, one wide panel shows everything.
    """
    sea = release.sea
    area = [zone.geometry.bounds for zone in sea.zones if zone.zone_id in release.agency.zones]
    corridors = [corridor.zone_id for corridor in sea.corridors if corridor.zone_id in release.agency.zones]
    groups: dict[str, list[list[Item]]] = {zone_id: [] for zone_id in corridors}
    elsewhere: list[list[Item]] = []
    for craft in release.crafts():
        groups.get(craft[0].fields["zone_id"], elsewhere).append(craft)
    if not 0 < len(groups) <= 3:
        groups, elsewhere = {"": release.crafts()}, []
    each = (WIDE_PX - GAP_PX * (len(groups) - 1)) // len(groups)
    wide = []
    for letter, (zone_id, crafts) in zip("ABC", groups.items(), strict=False):
        outline = [zone.geometry.bounds for zone in sea.zones if zone.zone_id == zone_id] or area
        view = _fitted(_extent(crafts) or _around(outline), each, HEIGHT_PX)
        wide.append(_panel(sea, view, release.zone_title(zone_id) if zone_id else "Area", letter, crafts))
    narrow = []
    high = (HEIGHT_PX - GAP_PX) // 2 if elsewhere else HEIGHT_PX
    if found := _extent(elsewhere):
        view = _fitted(found, NARROW_PX, high)
        narrow.append(_panel(sea, view, "Elsewhere", "ABCD"[len(wide)], elsewhere))
    within = _around([*area, *(panel.bounds for panel in wide + narrow)])
    narrow.insert(0, _panel(sea, _fitted(within, NARROW_PX, min(high, NARROW_PX), margin=0.0), "Area", "", [], wide + narrow))
    return narrow, wide


def _extent(crafts: Sequence[Sequence[Item]]) -> Bounds | None:
    places = [(item.fields["lon"], item.fields["lat"]) for craft in crafts for item in craft]
    places += [(fix.lon, fix.lat) for craft in crafts for item in craft for fix in item.fixes]
    if not places:
        return None
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    return min(lons), min(lats), max(lons), max(lats)


def _around(bounds: Sequence[Bounds]) -> Bounds:
    return min(b[0] for b in bounds), min(b[1] for b in bounds), max(b[2] for b in bounds), max(b[3] for b in bounds)


def _fitted(bounds: Bounds, width: int, height: int, margin: float = MARGIN) -> _View:
    west, south, east, north = bounds
    lat = (south + north) / 2
    shrink = math.cos(math.radians(lat))
    grown = 1 + 2 * margin
    high = max((north - south) * grown, (east - west) * grown * shrink * height / width, MIN_HEIGHT_DEG)
    wide = high * width / height / shrink
    lon = (west + east) / 2
    return _View(lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2, width, height)


def _panel(
    sea: Sea,
    view: _View,
    title: str,
    letter: str,
    crafts: Sequence[Sequence[Item]],
    inner: Sequence[Panel] = (),
) -> Panel:
    m_per_px = 60.0 * 1852.0 / view.px_per_deg_lat
    box = shapely.box(*view.bounds)
    land = sea.coast.land_in(view.bounds, 0.6 * m_per_px)
    px_per_nm = view.px_per_deg_lat / 60.0
    scale_nm = next((nm for nm in reversed(SCALE_STEPS_NM) if nm * px_per_nm <= 0.3 * view.width), SCALE_STEPS_NM[0])
    zones = [zone for zone in sea.zones if zone.kind in ("corridor", "watch")] if not inner else []
    gates = [part for gate in sea.gates for part in shapely.get_parts(gate.geometry.intersection(box)) if not inner]
    symbols = _symbols(items, view)
    meridians, parallels = _graticule(view)
    return Panel(
        title=title,
        letter=letter,
        bounds=view.bounds,
        width=view.width,
        height=view.height,
        land="".join(
            _path(view, ring.coords, "Z") for polygon in land for ring in (polygon.exterior, *polygon.interiors)
        ),
        zones="".join(
            _path(view, line.coords) for zone in zones for line in _lines(zone.geometry.boundary.intersection(box))
        ),
        gates="".join(_path(view, line.coords) for line in gates if line.geom_type == "LineString"),
        sides=_sides(sea, view) if not inner else (),
        meridians=meridians,
        parallels=parallels,
        ports=_ports(sea, view, symbols) if not inner else (),
        tracks=tuple(_track(view, item) for item in items if len(item.fixes) > 1),
        symbols=symbols,
        frames=tuple(_frame(view, panel) for panel in inner),
        scale_px=round(scale_nm * px_per_nm, 1),
        scale_nm=scale_nm,
    )


def _path(view: _View, coords: Iterable[tuple[float, ...]], close: str = "") -> str:
    points = [view.xy(lon, lat) for lon, lat in coords]
    kept = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + close


def _lines(geometry: shapely.Geometry) -> list[shapely.LineString]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "LineString"]


def _frame(view: _View, panel: Panel) -> Frame:
    west, south, east, north = panel.bounds
    x, y = view.xy(west, north)
    right, below = view.xy(east, south)
    return Frame(panel.letter, x, y, round(right - x, 1), round(below - y, 1))


def _sides(sea: Sea, view: _View) -> tuple[Label, ...]:
    """The names of the two sides of each dividing line, written beside the middle of its visible part."""
    found = []
    for gate in sea.gates:
        visible = _lines(shapely.line_merge(gate.geometry.intersection(shapely.box(*view.bounds))))
        if not visible:
            continue
        line = max(visible, key=lambda part: part.length)
        (x1, y1), (x2, y2) = (view.xy(*line.interpolate(share, normalized=True).coords[0]) for share in (0.45, 0.55))
        length = math.hypot(x2 - x1, y2 - y1)
        if length < 4:
            continue
        across_x, across_y = (y2 - y1) / length, -(x2 - x1) / length  # to the left of who walks along it, in pixels
        middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
        for name, away in ((gate.left, 26), (gate.right, -26)):
            x, y = middle_x + across_x * away, middle_y + across_y * away
            if 30 < x < view.width - 30 and 14 < y < view.height - 8:
                found.append(Label(round(x, 1), round(y, 1), name))
    return tuple(found)


def _graticule(view: _View) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    step = next((s for s in GRATICULE_STEPS_MIN if (view.north - view.south) * 60 / s <= 5), GRATICULE_STEPS_MIN[-1])
    meridians = tuple(
        Label(view.xy(minutes / 60, view.north)[0], 0.0, _degrees(minutes, "EW"))
        for minutes in range(math.ceil(view.west * 60 / step) * step, math.floor(view.east * 60) + 1, step)
    )
    parallels = tuple(
        Label(0.0, view.xy(view.west, minutes / 60)[1], _degrees(minutes, "NS"))
        for minutes in range(math.ceil(view.south * 60 / step) * step, math.floor(view.north * 60) + 1, step)
    )
    return meridians, parallels


def _degrees(minutes: int, sides: str) -> str:
    degrees, rest = divmod(abs(minutes), 60)
    return f"{degrees}°{rest:02d}\u2032{sides[minutes < 0]}"


def _ports(sea: Sea, view: _View, symbols: Sequence[Symbol]) -> tuple[Label, ...]:
    """Ports in view whose names have room, in order of id."""
    taken = [(symbol.x, symbol.y) for symbol in symbols]
    found = []
    for port in sea.ports:
        centre = port.geometry.centroid
        x, y = view.xy(centre.x, centre.y)
        if not (12 < x < view.width - 70 and 16 < y < view.height - 22):
            continue
        if any(abs(x - other_x) < 62 and abs(y - other_y) < 13 for other_x, other_y in taken):
            continue
        taken.append((x, y))
        found.append(Label(x, y, port.title))
    return tuple(found)


def _track(view: _View, item: Item) -> Track:
    seen, pauses = [], []
    part = [item.fixes[0]]
    for before, fix in pairwise(item.fixes):
        if fix.observed_at - before.observed_at > GAP:
            pauses.append(_path(view, [(before.lon, before.lat), (fix.lon, fix.lat)]))
            seen.append(_simple(view, part))
            part = []
        part.append(fix)
    seen.append(_simple(view, part))
    first, last = item.fixes[0], item.fixes[-1]
    ends = (Label(*view.xy(fix.lon, fix.lat), f"{fix.observed_at:%H:%M}") for fix in (first, last))
    return Track(item.number, "".join(seen), "".join(pauses), *ends)


def _simple(view: _View, fixes: Sequence[Fix]) -> str:
    points = [(fix.lon, fix.lat) for fix in fixes]
    if len(points) > 1:
        line = shapely.simplify(shapely.LineString(points), 0.4 / view.px_per_deg_lat)
        points = [(lon, lat) for lon, lat, *_ in line.coords]
    return _path(view, points)


def _symbols(items: Sequence[Item], view: _View) -> tuple[Symbol, ...]:
    """Symbols that do not cover one another: one that would is moved aside and keeps a line to its place."""
    found: list[Symbol] = []
    for item in items:
        at_x, at_y = view.xy(item.fields["lon"], item.fields["lat"])
        x, y, turn = at_x, at_y, 0
        while any(math.hypot(x - other.x, y - other.y) < APART_PX for other in found) and turn < 200:
            turn += 1
            away, angle = 12 + 1.5 * turn, turn * 2.4  # a sunflower's spiral: near places first, all round
            x = round(min(max(at_x + away * math.cos(angle), 12), view.width - 12), 1)
            y = round(min(max(at_y + away * math.sin(angle), 12), view.height - 12), 1)
        fields = item.fields
        found.append(
            Symbol(
                x, y, at_x, at_y, item.number, fields["severity"], bool(fields["is_distress"]), item.kind == "cancel"
            )
        )
    return tuple(found)
