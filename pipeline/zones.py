"""
Zones and gates: read from GeoJSON files, checked, and asked "which zones is this point in".

A zone is an area with an id, a kind, a theatre and a period of validity; a gate is a directed line with a
name for either side. An area may be drawn as an outline, as a point with a radius or as a line with a width.
One file holds what belongs together (a corridor with the regions that pick its two coasts; the ports of one
sea). A file with any fault is refused whole, by its name and with one reason, and everything else stays in
force; where it would have replaced another file, that one stays. Geometry is WGS 84 (lon, lat); membership
is planar in degrees.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from pipeline.areas import MAX_AREAS, Area, AreaIndex
from pipeline.geo import NM_M, LocalPlane, as_points

PACKAGED = Path(__file__).parent / "reference"

# What an analyst may call a zone, and the properties that each kind must have beside those of every zone.
KINDS: Mapping[str, tuple[str, ...]] = {
    "watch": (),  # a watched sea; its file's `bbox` is the frame of its theatre
    "corridor": ("departure_country", "arrival_country", "local_width_nm", "max_duration_s", "gate_id"),
    "coast": ("corridor_id", "side"),  # picks the land of a corridor's departure or arrival coast
    "srr": ("mrcc", "claimants"),  # search-and-rescue region
    "country": (
        "country",
    ),  # holds the shores of a country (ISO 3166-1 alpha-3); two overlap where both claim an islet
    "territorial_sea": ("country", "claimants", "breadth_nm"),  # the region of a claim: see `pipeline.sea`
    "port": ("country",),  # `of_interest` says in one line why calls there are watched
    "anchorage": ("country",),
    "ferry_line": ("from_port", "to_port", "sog_kn", "crossings_per_day"),
    "fishing_ground": (),
    "tss_lane": ("scheme",),  # a lane of a traffic separation scheme, drawn in the direction of its traffic
    "infrastructure": ("asset",),
}
ASSETS = ("cable", "pipeline", "platform")
ZONE_PROPERTIES = ("zone_id", "kind", "title", "theatre", "source", "licence", "status")
GATE_PROPERTIES = ("gate_id", "title", "corridor_id", "left", "right", "source", "licence")
# own: drawn by this project or its user; the others: how far a limit of a state is agreed
STATUSES = ("own", "declared", "claimed", "agreed", "disputed", "public")
QUANTITIES = (
    "local_width_nm",
    "max_duration_s",
    "radius_nm",
    "width_nm",
    "min_land_km2",
    "breadth_nm",
    "sog_kn",
    "crossings_per_day",
)
MAX_RADIUS_NM = 5.0
MAX_WIDTH_NM = 20.0
MAX_TITLE = 120
FRAME_MARGIN_DEG = 1.0  # what a theatre needs to know of its surroundings may lie so far outside
STRIP_STEP_DEG = 0.1  # a line's long edges are straight in degrees; its strip follows them to some metres

Bools = npt.NDArray[np.bool_]
Frame = tuple[float, float, float, float]  # west, south, east, north in degrees


class Origin(NamedTuple):
    """The file that a zone or gate stands in; the later folder has the higher rank."""

    rank: int
    path: Path


BY_HAND = Origin(0, Path())  # of a zone that no file declares


@dataclass(frozen=True)
class Zone:
    """
    An area of the sea or the shore, in force in [valid_from, valid_until); its geometry is valid and not
    empty. `drawn` is what the file has: the area, or the point or line that it lies around.
    """

    zone_id: str
    kind: str
    title: str
    theatre: str
    geometry: Area
    drawn: shapely.Geometry
    valid_from: date | None
    valid_until: date | None
    source: str
    licence: str
    status: str
    properties: Mapping[str, Any]
    file: Origin = BY_HAND

    def in_force(self, on: date) -> bool:
        """Whether the zone is valid on a UTC date."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


@dataclass(frozen=True)
class Gate:
    """A directed line with `left` on the left hand, which is the side of its corridor's departure coast."""

    gate_id: str
    title: str
    corridor_id: str
    left: str
    right: str
    geometry: shapely.LineString
    source: str
    licence: str
    properties: Mapping[str, Any]
    file: Origin = BY_HAND


@dataclass(frozen=True)
class Loaded:
    """
    What is in force, (file name, reason) of what was refused, each theatre's frame, a SHA-256 of all in
    force.
    """

    zones: tuple[Zone, ...]
    gates: tuple[Gate, ...]
    refused: tuple[tuple[str, str], ...]
    frames: Mapping[str, Frame]
    digest: str


class _RefusedError(ValueError):
    """Why one file cannot be used: one line."""


@dataclass
class _File:
    path: Path
    rank: int  # the later folder overrides
    sha256: str
    zones: list[Zone] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    frame: Frame | None = None


def load(
    folders: Sequence[Path], on: date | None = None, unusable: Mapping[Path, str] = MappingProxyType({})
) -> Loaded:
    """
    Read `zones/*.geojson` and `gates/*.geojson` of each reference folder; a later folder overrides an
    earlier one, by file name and by id. A folder that does not exist is empty.

    With `on`, only the zones valid on that UTC date. No file raises: see `Loaded.refused`. `unusable` are files
    that are refused for a reason that was found later: what they would have replaced stays.
    """
    refused: list[tuple[str, str]] = []
    files: list[_File] = []
    for rank, folder in enumerate(folders):
        for path in sorted(folder.glob("zones/*.geojson")) + sorted(folder.glob("gates/*.geojson")):
            try:
                if path in unusable:
                    raise _RefusedError(unusable[path])
                files.append(_read(path, rank))
            except _RefusedError as fault:
                refused.append((path.name, str(fault)))

    # the frames of the theatres come first: every other file is checked against them
    watches = _override([f for f in files if any(z.kind == "watch" for z in f.zones)], refused)
    frames = {z.theatre: f.frame for f in watches for z in f.zones if z.kind == "watch" and f.frame}
    framed: list[_File] = []
    for file in files:
        try:
            _check_frames(file, frames)
            framed.append(file)
        except _RefusedError as fault:
            refused.append((file.path.name, str(fault)))

    in_force = _override(framed, refused)
    zones = sorted((z for f in in_force for z in f.zones), key=lambda z: (z.zone_id, z.valid_from or date.min))
    gates = sorted((g for f in in_force for g in f.gates), key=lambda g: g.gate_id)
    digest = hashlib.sha256()
    for file in sorted(in_force, key=lambda f: (f.path.parent.name, f.path.name, f.rank)):
        digest.update(f"{file.path.parent.name}/{file.path.name} {file.sha256}\n".encode())
    return Loaded(
        zones=tuple(z for z in zones if on is None or z.in_force(on)),
        gates=tuple(gates),
        refused=tuple(dict.fromkeys(refused)),
        frames=frames,
        digest=digest.hexdigest(),
    )


def _override(files: list[_File], refused: list[tuple[str, str]]) -> list[_File]:
    """The files in force: the later folder wins by name, then by id; an id twice in one folder is refused."""
    by_name: dict[tuple[str, str], _File] = {}
    for file in files:
        by_name[file.path.parent.name, file.path.name] = file
    kept: list[_File] = []
    for file in sorted(by_name.values(), key=lambda f: -f.rank):
        clash = _clash(file, [k for k in kept if k.rank == file.rank])
        if clash:
            refused.append((file.path.name, clash))
            continue
        taken = {z.zone_id for k in kept if k.rank > file.rank for z in k.zones}
        taken_gates = {g.gate_id for k in kept if k.rank > file.rank for g in k.gates}
        rest = [z for z in file.zones if z.zone_id not in taken]
        rest_gates = [g for g in file.gates if g.gate_id not in taken_gates]
        if rest or rest_gates:
            kept.append(_File(file.path, file.rank, file.sha256, rest, rest_gates, file.frame))
    return kept


def _clash(file: _File, others: list[_File]) -> str:
    """Why a file's ids collide with themselves or with other files of its folder, or an empty string."""
    seen = [z for other in others for z in other.zones]
    for zone in file.zones:
        if any(zone.zone_id == o.zone_id and overlap(zone, o) for o in seen):
            return f"zone_id '{zone.zone_id}' is valid twice at one time: end one period before the other begins"
        seen.append(zone)
    gate_ids = [g.gate_id for other in others for g in other.gates]
    for gate in file.gates:
        if gate.gate_id in gate_ids:
            return f"gate_id '{gate.gate_id}' is used twice: rename one"
        gate_ids.append(gate.gate_id)
    return ""


def overlap(a: Zone, b: Zone) -> bool:
    """Whether two zones are valid at one time."""
    return (a.valid_from or date.min) < (b.valid_until or date.max) and (b.valid_from or date.min) < (
        a.valid_until or date.max
    )


def _check_frames(file: _File, frames: Mapping[str, Frame]) -> None:
    everywhere = shapely.union_all([shapely.box(*frame) for frame in frames.values()])
    for gate in file.gates:
        if frames and not everywhere.intersects(gate.geometry):
            raise _RefusedError(f"'{gate.gate_id}' lies outside every theatre: are longitude and latitude swapped?")
    for zone in file.zones:
        frame = frames.get(zone.theatre)
        if frame is None:
            raise _RefusedError(f"theatre '{zone.theatre}' of '{zone.zone_id}' has no watch zone in force")
        if not shapely.box(*frame).buffer(FRAME_MARGIN_DEG).intersects(zone.geometry):
            raise _RefusedError(
                f"'{zone.zone_id}' lies outside its theatre '{zone.theatre}' {list(frame)}: "
                "are longitude and latitude swapped?"
            )


def _read(path: Path, rank: int) -> _File:
    try:
        content = path.read_bytes()
        document = json.loads(content)
    except OSError as fault:
        raise _RefusedError(f"cannot be read: {fault.strerror}") from None
    except (ValueError, RecursionError) as fault:
        raise _RefusedError(f"not JSON: {fault}") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise _RefusedError("not a GeoJSON FeatureCollection")
    if not features:
        raise _RefusedError("no feature in it: remove the file or draw the zone")
    file = _File(path, rank, hashlib.sha256(content).hexdigest())
    for i, feature in enumerate(features):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise _RefusedError(f"feature {i} is not a GeoJSON Feature")
        properties = feature.get("properties")
        if not isinstance(properties, dict):
            raise _RefusedError(f"feature {i} has no properties")
        if path.parent.name == "gates":
            file.gates.append(_gate(feature, properties, f"feature {i}", Origin(rank, path)))
        else:
            file.zones.append(_zone(feature, properties, f"feature {i}", Origin(rank, path)))
    watches = [zone for zone in file.zones if zone.kind == "watch"]
    if watches:
        file.frame = _frame(document.get("bbox"))
    for zone in watches:
        if not shapely.box(*(file.frame or ())).buffer(FRAME_MARGIN_DEG).covers(zone.geometry):
            raise _RefusedError(
                f"'{zone.zone_id}' lies outside its own bbox {document['bbox']}: are longitude and latitude swapped?"
            )
    return file


def _frame(bbox: object) -> Frame:
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(_is_number(v) for v in bbox):
        raise _RefusedError("a watch zone's file needs `bbox` [west, south, east, north], the frame of its theatre")
    west, south, east, north = (float(v) for v in bbox)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise _RefusedError(f"bbox {bbox} is not [west, south, east, north] in degrees")
    return west, south, east, north


def _zone(feature: Mapping[str, Any], properties: Mapping[str, Any], where: str, file: Origin) -> Zone:
    _require(properties, ZONE_PROPERTIES, where)
    kind, zone_id = properties["kind"], _identifier(properties["zone_id"], where)
    if not isinstance(kind, str) or kind not in KINDS:
        raise _RefusedError(f"'{zone_id}': unknown kind '{kind}' (one of {', '.join(KINDS)})")
    _require(properties, KINDS[kind], f"'{zone_id}'")
    if properties["status"] not in STATUSES:
        raise _RefusedError(f"'{zone_id}': unknown status '{properties['status']}' (one of {', '.join(STATUSES)})")
    if kind == "coast" and properties["side"] not in ("departure", "arrival"):
        raise _RefusedError(f"'{zone_id}': side must be departure or arrival, not '{properties['side']}'")
    if kind == "infrastructure" and properties["asset"] not in ASSETS:
        raise _RefusedError(f"'{zone_id}': unknown asset '{properties['asset']}' (one of {', '.join(ASSETS)})")
    for name in QUANTITIES:
        if name in properties and not (_is_number(properties[name]) and properties[name] > 0):
            raise _RefusedError(f"'{zone_id}': {name} must be a number above 0, not {properties[name]!r}")
    valid_from, valid_until = (_day(properties.get(p), p, zone_id) for p in ("valid_from", "valid_until"))
    if valid_from and valid_until and valid_from >= valid_until:
        raise _RefusedError(f"'{zone_id}': valid_from {valid_from} is not before valid_until {valid_until}")
    for name in ("country", "departure_country", "arrival_country"):
        if name in properties and not re.fullmatch(r"[A-Z]{3}", str(properties[name])):
            raise _RefusedError(f"'{zone_id}': {name} {str(properties[name])[:40]!r} is no ISO 3166-1 alpha-3 code")
    area, drawn = _shape(feature.get("geometry"), properties, zone_id)
    return Zone(
        zone_id=zone_id,
        kind=kind,
        title=_title(properties["title"], zone_id),
        theatre=_identifier(properties["theatre"], f"'{zone_id}'"),
        geometry=area,
        drawn=drawn,
        valid_from=valid_from,
        valid_until=valid_until,
        source=str(properties["source"]),
        licence=str(properties["licence"]),
        status=str(properties["status"]),
        properties=dict(properties),
        file=file,
    )


def _gate(feature: Mapping[str, Any], properties: Mapping[str, Any], where: str, file: Origin) -> Gate:
    _require(properties, GATE_PROPERTIES, where)
    gate_id = _identifier(properties["gate_id"], where)
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString":
        raise _RefusedError(f"'{gate_id}': a gate is a LineString")
    line = shapely.LineString(_positions(geometry.get("coordinates"), gate_id, at_least=2))
    if not line.is_simple or line.is_ring:
        raise _RefusedError(f"'{gate_id}': the line crosses itself or is closed")
    return Gate(
        gate_id=gate_id,
        title=_title(properties["title"], gate_id),
        corridor_id=_identifier(properties["corridor_id"], f"'{gate_id}'"),
        left=str(properties["left"]),
        right=str(properties["right"]),
        geometry=line,
        source=str(properties["source"]),
        licence=str(properties["licence"]),
        properties=dict(properties),
        file=file,
    )


def _require(properties: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    missing = [n for n in names if properties.get(n) in (None, "")]
    if missing:
        raise _RefusedError(f"{where}: missing {', '.join(missing)}")


def _identifier(value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", value):
        raise _RefusedError(f"{where}: {str(value)[:40]!r} is no id (a-z, 0-9, _, starting with a letter)")
    return value


def _title(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > MAX_TITLE:
        raise _RefusedError(f"'{name}': its title must be one printable line of at most {MAX_TITLE} characters")
    return value


def _day(value: object, name: str, zone_id: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _RefusedError(f"'{zone_id}': {name} must be a date YYYY-MM-DD, not {str(value)[:40]!r}") from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _positions(coordinates: object, name: str, at_least: int) -> list[tuple[float, float]]:
    if not isinstance(coordinates, list) or len(coordinates) < at_least:
        raise _RefusedError(f"'{name}': empty, or fewer than {at_least} positions")
    out: list[tuple[float, float]] = []
    for position in coordinates:
        if not isinstance(position, list) or len(position) < 2 or not all(_is_number(v) for v in position):
            raise _RefusedError(f"'{name}': {str(position)[:40]} is not a position [lon, lat]")
        lon, lat = float(position[0]), float(position[1])
        if abs(lat) > 90.0 or abs(lon) > 180.0:
            raise _RefusedError(f"'{name}': [{lon}, {lat}] is out of range: positions are [lon, lat] in degrees")
        out.append((lon, lat))
    return out


def _shape(geometry: object, properties: Mapping[str, Any], zone_id: str) -> tuple[Area, shapely.Geometry]:
    """(area, what was drawn)."""
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        return _circle(geometry.get("coordinates"), properties, zone_id)
    if isinstance(geometry, dict) and geometry.get("type") in ("LineString", "MultiLineString"):
        return _strip(geometry, properties, zone_id)
    area = _area(geometry, zone_id)
    return area, area


def _area(geometry: object, zone_id: str) -> Area:
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise _RefusedError(f"'{zone_id}': its geometry must be a Polygon or MultiPolygon")
    coordinates = geometry.get("coordinates")
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    if not isinstance(polygons, list) or not polygons or not all(isinstance(p, list) and p for p in polygons):
        raise _RefusedError(f"'{zone_id}': empty geometry")
    parts: list[shapely.Polygon] = []
    for rings in polygons:
        closed = [_positions(ring, zone_id, at_least=4) for ring in rings]
        if any(ring[0] != ring[-1] for ring in closed):
            raise _RefusedError(f"'{zone_id}': a ring is not closed (its last position must repeat the first)")
        parts.append(shapely.Polygon(closed[0], closed[1:]))
    area: Area = parts[0] if geometry["type"] == "Polygon" else shapely.MultiPolygon(parts)
    west, _, east, _ = area.bounds
    if east - west > 180.0:
        raise _RefusedError(f"'{zone_id}': {east - west:.0f} degrees wide: split it where it spans the antimeridian")
    if not area.is_valid:
        raise _RefusedError(f"'{zone_id}': the outline is not simple: {shapely.is_valid_reason(area)}")
    if area.area == 0.0:
        raise _RefusedError(f"'{zone_id}': empty, its area is 0")
    return area


def _circle(coordinates: object, properties: Mapping[str, Any], zone_id: str) -> tuple[shapely.Polygon, shapely.Point]:
    radius_nm = properties.get("radius_nm")
    if radius_nm is None or radius_nm > MAX_RADIUS_NM:
        raise _RefusedError(f"'{zone_id}': a zone drawn as a Point needs radius_nm, at most {MAX_RADIUS_NM}")
    ((lon, lat),) = _positions([coordinates], zone_id, at_least=1)
    angle = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
    ring = LocalPlane(lon, lat).to_lonlat(radius_nm * NM_M * np.cos(angle), radius_nm * NM_M * np.sin(angle))
    return shapely.Polygon(np.column_stack(ring)), shapely.Point(lon, lat)


def _strip(
    geometry: Mapping[str, Any], properties: Mapping[str, Any], zone_id: str
) -> tuple[Area, shapely.MultiLineString]:
    width_nm = properties.get("width_nm")
    if width_nm is None or width_nm > MAX_WIDTH_NM:
        raise _RefusedError(f"'{zone_id}': a zone drawn as a line needs width_nm, at most {MAX_WIDTH_NM}")
    coordinates = geometry.get("coordinates")
    lines = coordinates if geometry["type"] == "MultiLineString" else [coordinates]
    if not isinstance(lines, list) or not lines:
        raise _RefusedError(f"'{zone_id}': empty geometry")
    drawn = shapely.MultiLineString([_positions(line, zone_id, at_least=2) for line in lines])
    west, _, east, _ = drawn.bounds
    if east - west > 180.0:
        raise _RefusedError(f"'{zone_id}': {east - west:.0f} degrees wide: split it where it spans the antimeridian")
    if drawn.length == 0.0:
        raise _RefusedError(f"'{zone_id}': empty, its length is 0")
    plane = LocalPlane(*drawn.centroid.coords[0])
    flat = plane.to_metres(shapely.segmentize(drawn, STRIP_STEP_DEG))
    area: Area = plane.to_degrees(flat.buffer(width_nm / 2.0 * NM_M, cap_style="flat"))
    return area, drawn


class ZoneIndex:
    """
    Exact membership of points in zones, a boundary included: one grid for up to 64 zones of a theatre (see
    `pipeline.areas`).
    """

    def __init__(self, zones: Sequence[Zone]) -> None:
        theatres = sorted({zone.theatre for zone in zones})
        # the kinds that are asked of every position share the first grid of their theatre
        in_order = sorted(zones, key=lambda zone: list(KINDS).index(zone.kind))
        groups = [[zone for zone in in_order if zone.theatre == theatre] for theatre in theatres]
        self._parts = tuple(
            (group[i : i + MAX_AREAS], AreaIndex([zone.geometry for zone in group[i : i + MAX_AREAS]]))
            for group in groups
            for i in range(0, len(group), MAX_AREAS)
        )

    def inside(self, zone_id: str, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bools:
        """Whether each point [n] is in a zone (in any of its periods); KeyError if it is not in the index."""
        lon, lat = as_points(lon, lat)
        inside = np.zeros(lon.shape, dtype=np.bool_)
        known = False
        for zones, areas in self._parts:
            mask = sum(1 << i for i, zone in enumerate(zones) if zone.zone_id == zone_id)
            if mask:
                known = True
                inside |= areas.bits(lon, lat) & np.uint64(mask) != 0
        if not known:
            raise KeyError(zone_id)
        return inside

    def words(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.uint64]:
        """All memberships [grids, n], a bit a zone: equal columns, equal zones."""
        lon, lat = as_points(lon, lat)
        return np.array([areas.bits(lon, lat) for _, areas in self._parts], dtype=np.uint64).reshape(-1, len(lon))

    def at(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> list[tuple[Zone, ...]]:
        """The zones that each point [n] is in; none for a position that is not finite."""
        kinds, kind_of = np.unique(self.words(lon, lat), axis=1, return_inverse=True)
        members = [
            tuple(
                zone
                for (zones, _), word in zip(self._parts, words.tolist(), strict=True)
                for i, zone in enumerate(zones)
                if word >> i & 1
            )
            for words in kinds.T
        ]
        return [members[i] for i in kind_of.ravel()]
