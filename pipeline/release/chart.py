"""
The map of a brief as numbers: coast, zones, dividing lines, tracks and alerts projected into the pixels of a panel. The template draws them.

Projection: equidistant cylindrical, true to scale at the panel's middle latitude (off by < 0.5 % at the edge of a panel of one degree). Nothing here is text
from outside but the names of ports and zones, which are reference data.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import shapely

from pipeline.coast import Bounds, Coast
from pipeline.release.contents import Item, Release
from pipeline.release.craft import Fix
from pipeline.sea import Sea
from pipeline.zones import Gate

GAP = timedelta(minutes=20)  # own: a longer pause between fixes is drawn as a broken line
MARGIN = 0.12  # share of the content's extent kept free on each side
MIN_HEIGHT_DEG = 0.2  # 12 nm: closer in, a panel no longer shows where it is
GRATICULE_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120)
APART_PX = 19.0
TIME_PLACES = ((5, 9), (5, -4), (-27, 9), (-27, -4))
NARROW_PX, WIDE_PX, GAP_PX = 150, 586, 5
HEIGHT_PX, QUIET_HEIGHT_PX, OVERVIEW_PX = 254, 520, 200  # without a table there is room for a taller map
SCALE_STEPS_NM = (0.5, 1, 2, 5, 10, 20, 50, 100)


class Label(NamedTuple):
    """A text at a place in pixels."""

    x: float
    y: float
    text: str


class Track(NamedTuple):
    """A craft's track: SVG paths of what was seen and of the pauses, the place of its first fix, and its time where there is room."""

    seen: str
    pauses: str
    start: tuple[float, float]
    time: Label | None


class Frame(NamedTuple):
    """The outline of another panel: upper left corner, width, height."""

    letter: str
    x: float
    y: float
    width: float
    height: float


class Symbol(NamedTuple):
    """One craft: where, its number, 1 (mild) to 4 (worst), distress or not, and the true place where the symbol had to be moved aside."""

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
    (narrow, wide) panels. Wide: one for each corridor of the agency's area, on the alerts in it if there are any; where there are more than three
    corridors, only for those with alerts. Narrow: the whole area with the frames of the others, and one for the alerts elsewhere. Where that leaves
    no corridor or more than three, one wide panel shows everything.
    """
    sea = release.sea
    height = HEIGHT_PX if release.items else QUIET_HEIGHT_PX
    area = [zone.geometry.bounds for zone in sea.zones if zone.zone_id in release.agency.zones]
    corridors = [corridor.zone_id for corridor in sea.corridors if corridor.zone_id in release.agency.zones]
    groups: dict[str, list[list[Item]]] = {zone_id: [] for zone_id in corridors}
    elsewhere: list[list[Item]] = []
    for craft in release.crafts():
        groups.get(craft[0].fields["zone_id"], elsewhere).append(craft)
    if len(groups) > 3:
        groups = {zone_id: crafts for zone_id, crafts in groups.items() if crafts}
    if not 0 < len(groups) <= 3:
        groups, elsewhere = {"": release.crafts()}, []
    each = (WIDE_PX - GAP_PX * (len(groups) - 1)) // len(groups)
    wide = []
    for letter, (zone_id, crafts) in zip("ABC", groups.items(), strict=False):
        outline = [zone.geometry.bounds for zone in sea.zones if zone.zone_id == zone_id] or area
        view = _fitted(_extent(crafts) or _around(outline), each, height)
        wide.append(_panel(sea, view, release.zone_title(zone_id) if zone_id else "Area", letter, crafts))
    narrow = []
    high = (height - GAP_PX) // 2 if elsewhere else height
    if found := _extent(elsewhere):
        view = _fitted(found, NARROW_PX, high)
        narrow.append(_panel(sea, view, "Elsewhere", "ABCD"[len(wide)], elsewhere))
    within = _around([*area, *(panel.bounds for panel in wide + narrow)])
    narrow.insert(
        0, _panel(sea, _fitted(within, NARROW_PX, min(high, OVERVIEW_PX), margin=0.0), "Area", "", [], wide + narrow)
    )
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
    land = _land(sea.coast, view.bounds, 0.6 * m_per_px)
    px_per_nm = view.px_per_deg_lat / 60.0
    scale_nm = next((nm for nm in reversed(SCALE_STEPS_NM) if nm * px_per_nm <= 0.3 * view.width), SCALE_STEPS_NM[0])
    zones = [zone for zone in sea.zones if zone.kind in ("corridor", "watch") and not inner]
    gates = [] if inner else list(sea.gates)
    symbols = _symbols(crafts, view)
    room = _Room(view)
    for symbol in symbols:
        room.take(symbol.x - 9, symbol.y - 9, symbol.x + 9, symbol.y + 9)
    for x, y in _along(crafts, view):
        room.take(x - 2, y - 2, x + 2, y + 2)
    sides = tuple(label for gate in gates for label in _sides(gate, view, room))
    tracks = tuple(_track(view, craft, room) for craft in crafts if any(len(item.fixes) > 1 for item in craft))
    meridians, parallels = _graticule(view)
    return Panel(
        title=title,
        letter=letter,
        bounds=view.bounds,
        width=view.width,
        height=view.height,
        land="".join(_path(view, ring.coords, "Z") for area in land for ring in (area.exterior, *area.interiors)),
        zones="".join(_path(view, line.coords) for zone in zones for line in _lines(zone.geometry.boundary & box)),
        gates="".join(_path(view, line.coords) for gate in gates for line in _lines(gate.geometry & box)),
        sides=sides,
        meridians=meridians,
        parallels=parallels,
        ports=() if inner else _ports(sea, view, room),
        tracks=tracks,
        symbols=symbols,
        frames=tuple(_frame(view, panel) for panel in inner),
        scale_px=round(scale_nm * px_per_nm, 1),
        scale_nm=scale_nm,
    )


@lru_cache(maxsize=16)
def _land(coast: Coast, bounds: Bounds, tolerance_m: float) -> list[shapely.Polygon]:
    """The land of a panel; the same few are asked for again and again."""
    return coast.land_in(bounds, tolerance_m)


class _Room:
    """Where in a panel a text can still stand without covering another."""

    def __init__(self, view: _View) -> None:
        self.width, self.height = view.width, view.height
        self.taken: list[tuple[float, float, float, float]] = [
            (0, 0, 130, 17),  # the title
            (view.width - 26, 0, view.width, 34),  # north
            (0.62 * view.width, view.height - 36, view.width, view.height),  # the scale
        ]

    def take(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Take a box if it is free and in the panel."""
        inside = left >= 0 and top >= 0 and right <= self.width and bottom <= self.height - 10
        if not inside or any(left < r and right > x and top < b and bottom > y for x, y, r, b in self.taken):
            return False
        self.taken.append((left, top, right, bottom))
        return True

    def take_text(self, x: float, y: float, text: str, px_per_char: float = 4.9) -> bool:
        """Take the box of a text that begins at x on the base line y."""
        return self.take(x - 1, y - 8, x + px_per_char * len(text), y + 2)


def _path(view: _View, coords: Iterable[tuple[float, ...]], close: str = "") -> str:
    points = [view.xy(lon, lat) for lon, lat in coords]
    kept = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + close


def _lines(geometry: shapely.Geometry) -> list[shapely.LineString]:
    parts = shapely.get_parts(geometry)
    return [part for part in parts if part.geom_type == "LineString" and not part.is_empty]


def _frame(view: _View, panel: Panel) -> Frame:
    west, south, east, north = panel.bounds
    x, y = view.xy(west, north)
    right, below = view.xy(east, south)
    return Frame(panel.letter, x, y, round(right - x, 1), round(below - y, 1))


def _sides(gate: Gate, view: _View, room: _Room) -> list[Label]:
    """The names of the two sides of a dividing line, each once, where there is room beside its visible part."""
    visible = _lines(shapely.line_merge(gate.geometry & shapely.box(*view.bounds)))
    if not visible:
        return []
    line = max(visible, key=lambda part: part.length)
    found = []
    for name, side in ((gate.left, 1), (gate.right, -1)):
        for share in (0.5, 0.35, 0.65, 0.2, 0.8, 0.08, 0.92):
            ends = (line.interpolate(share + step, normalized=True).coords[0] for step in (-0.04, 0.04))
            (x1, y1), (x2, y2) = (view.xy(lon, lat) for lon, lat in ends)
            length = math.hypot(x2 - x1, y2 - y1) or 1.0
            away = side * (12 + 2.4 * len(name) * abs(y2 - y1) / length)
            # to the left of who walks along it, y pointing down
            x = round((x1 + x2) / 2 + away * (y2 - y1) / length, 1)
            y = round((y1 + y2) / 2 - away * (x2 - x1) / length + 3, 1)
            if room.take(x - 2.6 * len(name), y - 9, x + 2.6 * len(name), y + 2):
                found.append(Label(x, y, name))
                break
    return found


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


def _ports(sea: Sea, view: _View, room: _Room) -> tuple[Label, ...]:
    """Ports in view whose names have room, in order of id."""
    found = []
    for port in sea.ports:
        centre = port.geometry.centroid
        x, y = view.xy(centre.x, centre.y)
        if room.take_text(x - 3, y + 3, f"{port.title}..", 4.5):
            found.append(Label(x, y, port.title))
    return tuple(found)


def _track(view: _View, craft: Sequence[Item], room: _Room) -> Track:
    fixes = sorted({fix for item in craft for fix in item.fixes})
    seen, pauses = [], []
    part = [fixes[0]]
    for before, fix in pairwise(fixes):
        if fix.observed_at - before.observed_at > GAP:
            pauses.append(_path(view, [(before.lon, before.lat), (fix.lon, fix.lat)]))
            seen.append(_simple(view, part))
            part = []
        part.append(fix)
    seen.append(_simple(view, part))
    x, y = view.xy(fixes[0].lon, fixes[0].lat)
    time = f"{fixes[0].observed_at:%H:%M}"
    label = next(
        (Label(x + dx, y + dy, time) for dx, dy in TIME_PLACES if room.take_text(x + dx, y + dy, time, 4.4)), None
    )
    return Track("".join(seen), "".join(pauses), (x, y), label)


def _along(crafts: Sequence[Sequence[Item]], view: _View) -> Iterator[tuple[float, float]]:
    """Points in pixels every few pixels of the tracks."""
    for craft in crafts:
        for item in craft:
            if len(item.fixes) > 1:
                line = shapely.LineString([view.xy(fix.lon, fix.lat) for fix in item.fixes])
                for px in range(0, int(line.length) + 1, 5):
                    point = line.interpolate(px)
                    yield point.x, point.y


def _simple(view: _View, fixes: Sequence[Fix]) -> str:
    points = [(fix.lon, fix.lat) for fix in fixes]
    if len(points) > 1:
        line = shapely.simplify(shapely.LineString(points), 0.4 / view.px_per_deg_lat)
        points = [(lon, lat) for lon, lat, *_ in line.coords]
    return _path(view, points)


def _symbols(crafts: Sequence[Sequence[Item]], view: _View) -> tuple[Symbol, ...]:
    """One symbol a craft, where its most urgent alert is; one that would cover another is moved aside and keeps a line to its place."""
    found: list[Symbol] = []
    for craft in crafts:
        fields = craft[0].fields
        at_x, at_y = view.xy(fields["lon"], fields["lat"])
        x, y, turn = at_x, at_y, 0
        while any(math.hypot(x - other.x, y - other.y) < APART_PX for other in found) and turn < 200:
            turn += 1
            away, angle = 12 + 1.5 * turn, turn * 2.4  # a sunflower's spiral: near places first, all round
            x = round(min(max(at_x + away * math.cos(angle), 12), view.width - 12), 1)
            y = round(min(max(at_y + away * math.sin(angle), 12), view.height - 12), 1)
        is_distress = any(item.fields["is_distress"] for item in craft)
        is_cancelled = all(item.kind == "cancel" for item in craft)
        found.append(Symbol(x, y, at_x, at_y, craft[0].number, fields["severity"], is_distress, is_cancelled))
    return tuple(found)
