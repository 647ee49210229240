"""
The chart of a theatre: coast, watch zone, corridors and their gates, territorial seas, rescue regions, lanes, lines, grounds, anchorages and ports, as one
SVG that a person can hold against the chart on the wall.

Projection: equidistant cylindrical, true to scale at the middle latitude. Everything is drawn from what is in force.
"""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import jinja2
import shapely

from pipeline.coast import Bounds
from pipeline.errors import SettingsError
from pipeline.sea import Sea
from pipeline.zones import Zone

WIDTH_PX = 1400
DETAIL_PX = 0.6  # outlines are simplified by no more
FRAME_MARGIN_DEG = 0.1
# In order of drawing: kind, what the legend calls it. How each looks stands in the template. The first ones lie under the land.
LAYERS = (
    ("srr", "Search-and-rescue region"),
    ("territorial_sea", "Territorial sea (operational line)"),
    ("fishing_ground", "Fishing ground"),
    ("watch", "Watch zone"),
    ("corridor", "Corridor"),
    ("tss_lane", "Traffic lane"),
    ("ferry_line", "Ferry line"),
    ("infrastructure", "Cable, pipeline, platform"),
    ("anchorage", "Anchorage"),
    ("port", "Port"),
)
UNDER_LAND = ("srr", "territorial_sea", "fishing_ground")
AS_DRAWN = ("tss_lane", "ferry_line", "infrastructure")  # lines; the areas around them would hide the rest


class Label(NamedTuple):
    """A text in the middle of its place, in pixels."""

    x: float
    y: float
    text: str


class View(NamedTuple):
    """Degrees to pixels."""

    bounds: Bounds
    width: int
    height: int

    def path(self, geometry: shapely.Geometry) -> str:
        """The `d` of an SVG path: lines and rings; of a point nothing."""
        return "".join(self._run(line) for line in _lines(geometry))

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return (
            round((lon - west) / (east - west) * self.width, 1),
            round((north - lat) / (north - south) * self.height, 1),
        )

    def _run(self, line: shapely.LineString) -> str:
        points = [self.xy(lon, lat) for lon, lat, *_ in line.coords]
        kept = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
        close = "Z" if line.is_ring else ""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + close if len(kept) > 1 else ""


def chart(sea: Sea, theatre: str) -> str:
    """The SVG of a theatre; SettingsError where no watch zone in force has it."""
    watch = next((zone for zone in sea.zones if zone.kind == "watch" and zone.theatre == theatre), None)
    if watch is None:
        raise SettingsError(f"{theatre}: no such theatre; known are {', '.join(sea.theatres)}")
    view = _view(sea, theatre)
    frame = shapely.box(*view.bounds)
    px_deg = (view.bounds[3] - view.bounds[1]) / view.height
    zones = [zone for zone in sea.zones if zone.geometry.intersects(frame)]
    land = sea.coast.land_in(view.bounds, DETAIL_PX * px_deg * 60.0 * 1852.0)
    layers = []
    for kind, title in LAYERS:
        found = [zone for zone in zones if zone.kind == kind]
        if found:
            layers.append(
                {"kind": kind, "title": title, "zones": [_drawn(zone, view, frame, px_deg) for zone in found]}
            )
    taken: list[tuple[float, float, float, float]] = []
    gates = [gate for gate in sea.gates if gate.geometry.intersects(frame)]
    return TEMPLATE.render(
        title=watch.title,
        width=view.width,
        height=view.height,
        land=view.path(shapely.GeometryCollection(land)),
        layers=layers,
        n_under_land=sum(layer["kind"] in UNDER_LAND for layer in layers),
        gates=[{"title": gate.title, "path": view.path(gate.geometry & frame)} for gate in gates],
        corridors=_labels([z for z in zones if z.kind == "corridor"], view, frame, taken, 7.0),
        ports=_labels([z for z in zones if z.kind == "port" and z.theatre == theatre], view, frame, taken, 5.2),
        graticule=_graticule(view),
    )


def _view(sea: Sea, theatre: str) -> View:
    zones = [z.geometry for z in sea.zones if z.theatre == theatre and z.kind in ("watch", "corridor")]
    west, south, east, north = shapely.total_bounds(zones)
    bounds = (west - FRAME_MARGIN_DEG, south - FRAME_MARGIN_DEG, east + FRAME_MARGIN_DEG, north + FRAME_MARGIN_DEG)
    shrink = math.cos(math.radians((south + north) / 2.0))
    return View(bounds, WIDTH_PX, round(WIDTH_PX * (bounds[3] - bounds[1]) / ((bounds[2] - bounds[0]) * shrink)))


def _drawn(zone: Zone, view: View, frame: shapely.Polygon, px_deg: float) -> dict[str, Any]:
    """One zone for the template: its title, and its path or the centre of a small one."""
    geometry = zone.drawn if zone.kind in AS_DRAWN else zone.geometry
    x, y = view.xy(*zone.geometry.centroid.coords[0])
    path = view.path(shapely.intersection(shapely.simplify(geometry, DETAIL_PX * px_deg), frame))
    return {"title": zone.title, "status": zone.status, "path": path, "x": x, "y": y}


def _labels(
    zones: list[Zone], view: View, frame: shapely.Polygon, taken: list[tuple[float, float, float, float]], px: float
) -> list[Label]:
    """The titles that have room, in order of id; the boxes that they take are added to `taken`."""
    found = []
    for zone in zones:
        place = (zone.geometry & frame).representative_point() if zone.kind == "corridor" else zone.geometry.centroid
        x, y = view.xy(place.x, place.y)
        wide = px * len(zone.title)
        box = (
            (x - wide / 2, y - 9, x + wide / 2, y + 3)
            if zone.kind == "corridor"
            else (x + 3, y - 7, x + 5 + wide, y + 4)
        )
        inside = box[0] > 2 and box[2] < view.width - 2 and box[1] > 2 and box[3] < view.height - 2
        if inside and not any(
            box[0] < right and box[2] > left and box[1] < low and box[3] > top for left, top, right, low in taken
        ):
            taken.append(box)
            found.append(Label(x, y, zone.title))
    return found


def _graticule(view: View) -> dict[str, list[Label]]:
    west, south, east, north = view.bounds
    step = next(step for step in (0.5, 1.0, 2.0, 5.0) if (east - west) / step <= 12)
    meridians = [i * step for i in range(math.ceil(west / step), math.floor(east / step) + 1)]
    parallels = [i * step for i in range(math.ceil(south / step), math.floor(north / step) + 1)]
    return {
        "meridians": [
            Label(view.xy(lon, south)[0], view.height - 4, f"{abs(lon):g}°{'EW'[lon < 0]}") for lon in meridians
        ],
        "parallels": [Label(4, view.xy(west, lat)[1], f"{abs(lat):g}°{'NS'[lat < 0]}") for lat in parallels],
    }


def _lines(geometry: shapely.Geometry) -> Iterable[shapely.LineString]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            yield from (part.exterior, *part.interiors)
        elif part.geom_type == "LineString":
            yield part
        elif part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            yield from _lines(part)


TEMPLATE = jinja2.Environment(
    loader=jinja2.PackageLoader("pipeline", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
).get_template("theatre_chart.svg.j2")
