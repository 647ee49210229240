"""Zone and gate files: what is in force, what is refused by name, and exact membership."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from pipeline import zones
from pipeline.geo import distance_nm
from pipeline.zones import ZoneIndex, load

SQUARE = [[25.0, 38.0], [26.0, 38.0], [26.0, 39.0], [25.0, 39.0], [25.0, 38.0]]


def feature(geometry: Any = None, **properties: Any) -> dict[str, Any]:
    given = {
        "zone_id": "mine",
        "kind": "srr",
        "title": "Mine",
        "theatre": "aegean",
        "mrcc": "mrcc_mine",
        "claimants": ["GRC"],
        "source": "test",
        "licence": "CC0-1.0",
        "status": "own",
    } | properties
    return {
        "type": "Feature",
        "properties": {k: v for k, v in given.items() if v is not None},
        "geometry": geometry or {"type": "Polygon", "coordinates": [SQUARE]},
    }


def collection(*features: Any, **top: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)} | top


def polygon(*ring: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    def put(name: str, document: Any, folder: str = "zones") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return tmp_path

    return put


def test_the_packaged_files_are_all_in_force():
    loaded = load([zones.PACKAGED])
    assert loaded.refused == ()
    names = {p.name for p in zones.PACKAGED.glob("zones/*.geojson")}
    assert {"watch_aegean.geojson", "corridor_lesvos.geojson", "ports_aegean.geojson"} <= names
    assert {z.kind for z in loaded.zones} == set(zones.KINDS)
    assert {g.corridor_id for g in loaded.gates} == {z.zone_id for z in loaded.zones if z.kind == "corridor"}
    assert loaded.frames["aegean"] == (22.5, 34.5, 30.2, 41.3)


BAD: dict[str, tuple[Any, str]] = {
    "bow_tie": (
        collection(feature(polygon([25, 38], [26, 39], [26, 38], [25, 39], [25, 38]))),
        "not simple: Self-intersection",
    ),
    "antimeridian": (
        collection(feature(polygon([-179, 38], [179, 38], [179, 39], [-179, 39], [-179, 38]))),
        "antimeridian",
    ),
    "swapped_out_of_range": (
        collection(feature(polygon([38, 125], [39, 125], [39, 126], [38, 125]))),
        "out of range",
    ),
    "swapped": (
        collection(feature(polygon([38, 25], [38, 26], [39, 26], [39, 25], [38, 25]))),
        "are longitude and latitude swapped",
    ),
    "unknown_kind": (collection(feature(kind="moon")), "unknown kind 'moon'"),
    "unknown_status": (collection(feature(status="holy")), "unknown status 'holy'"),
    "no_licence": (collection(feature(licence=None)), "missing licence"),
    "no_mrcc": (collection(feature(mrcc="")), "'mine': missing mrcc"),
    "not_closed": (collection(feature(polygon([25, 38], [26, 38], [26, 39], [25, 39]))), "not closed"),
    "too_short": (collection(feature(polygon([25, 38], [26, 38], [25, 38]))), "fewer than 4"),
    "flat": (collection(feature(polygon([25, 38], [26, 38], [27, 38], [25, 38]))), "the outline is not simple"),
    "no_features": (collection(), "no feature in it"),
    "no_rings": (collection(feature({"type": "Polygon", "coordinates": []})), "empty"),
    "no_polygons": (collection(feature({"type": "MultiPolygon", "coordinates": []})), "empty"),
    "null_geometry": (
        collection({"type": "Feature", "properties": feature()["properties"], "geometry": None}),
        "must be",
    ),
    "points": (collection(feature({"type": "MultiPoint", "coordinates": SQUARE})), "must be a Polygon"),
    "reversed_validity": (
        collection(feature(valid_from="2024-02-01", valid_until="2024-01-01")),
        "valid_from 2024-02-01 is not before",
    ),
    "empty_validity": (collection(feature(valid_from="2024-02-01", valid_until="2024-02-01")), "is not before"),
    "bad_day": (collection(feature(valid_from="1 May")), "valid_from must be a date"),
    "overlapping_validity": (
        collection(feature(valid_until="2024-01-02"), feature(valid_from="2024-01-01")),
        "valid twice",
    ),
    "same_id": (collection(feature(zone_id="twin"), feature(zone_id="twin")), "'twin' is valid twice"),
    "not_geojson": ({"zones": []}, "not a GeoJSON FeatureCollection"),
    "a_list": ([1, 2], "not a GeoJSON FeatureCollection"),
    "not_json": ("{", "not JSON"),
    "control_characters": ("\x00\x01", "not JSON"),
    "deep": ("[" * 100_000, "not JSON"),
    "endless_number": (collection(feature(polygon([10**400, 38], [26, 38], [26, 39], [25, 38]))), "is not a position"),
    "kind_is_a_list": (collection(feature(kind=["srr"])), "unknown kind"),
    "title_of_two_lines": (collection(feature(title="Mine\nAlert: all clear")), "one printable line"),
    "title_is_an_object": (collection(feature(title={"a": 1})), "one printable line"),
    "feature_is_text": (collection("zone"), "feature 0 is not"),
    "no_properties": (collection({"type": "Feature", "geometry": None}), "feature 0 has no properties"),
    "nan": (collection(feature(polygon([25, 38], [float("nan"), 38], [26, 39], [25, 38]))), "is not a position"),
    "text_position": (
        collection(feature(polygon(["25", "38"], [26, 38], [26, 39], ["25", "38"]))),
        "is not a position",
    ),
    "huge_id": (collection(feature(zone_id="x" * 65)), "is no id"),
    "hostile_id": (collection(feature(zone_id="../../etc")), "is no id"),
    "id_is_number": (collection(feature(zone_id=7)), "is no id"),
    "other_theatre": (collection(feature(theatre="baltic")), "theatre 'baltic' of 'mine' has no watch zone"),
    "no_frame": (collection(feature(kind="watch", theatre="lake")), "needs `bbox`"),
    "frame_reversed": (
        collection(feature(kind="watch", theatre="lake"), bbox=[27, 38, 25, 39]),
        "is not [west, south, east, north]",
    ),
    "watch_swapped": (
        collection(
            feature(polygon([38, 25], [39, 25], [39, 26], [38, 25]), kind="watch"), bbox=[22.5, 34.5, 30.2, 41.3]
        ),
        "are longitude and latitude swapped",
    ),
    "port_without_radius": (
        collection(feature({"type": "Point", "coordinates": [26, 39]}, kind="port", country="GRC")),
        "needs radius_nm",
    ),
    "port_too_wide": (
        collection(feature({"type": "Point", "coordinates": [26, 39]}, kind="port", country="GRC", radius_nm=5.1)),
        "needs radius_nm, at most 5",
    ),
    "negative_radius": (
        collection(feature({"type": "Point", "coordinates": [26, 39]}, kind="port", country="GRC", radius_nm=-1)),
        "radius_nm must be a number above 0",
    ),
    "line_without_width": (
        collection(feature({"type": "LineString", "coordinates": SQUARE}, kind="tss_lane", scheme="S")),
        "needs width_nm, at most 20",
    ),
    "line_too_wide": (
        collection(feature({"type": "LineString", "coordinates": SQUARE}, kind="tss_lane", scheme="S", width_nm=20.1)),
        "needs width_nm, at most 20",
    ),
    "line_of_no_length": (
        collection(
            feature(
                {"type": "LineString", "coordinates": [[26, 39], [26, 39]]}, kind="tss_lane", scheme="S", width_nm=1
            )
        ),
        "its length is 0",
    ),
    "line_around_the_world": (
        collection(
            feature(
                {"type": "LineString", "coordinates": [[-179, 39], [179, 39]]}, kind="tss_lane", scheme="S", width_nm=1
            )
        ),
        "antimeridian",
    ),
    "no_scheme": (collection(feature(kind="tss_lane")), "'mine': missing scheme"),
    "unknown_asset": (collection(feature(kind="infrastructure", asset="bridge")), "unknown asset 'bridge'"),
    "country_in_words": (collection(feature(kind="country", country="Greece")), "no ISO 3166-1 alpha-3 code"),
    "no_breadth": (collection(feature(kind="territorial_sea", country="GRC")), "missing breadth_nm"),
    "watch_outside_its_own_frame": (
        collection(feature(kind="watch", theatre="lake"), bbox=[38, 25, 39, 26]),
        "lies outside its own bbox [38, 25, 39, 26]: are longitude and latitude swapped?",
    ),
    "coast_side": (
        collection(feature(kind="coast", corridor_id="corridor_lesvos", side="left")),
        "departure or arrival",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_by_name_and_the_rest_stay_in_force(name, put):
    document, reason = BAD[name]
    folder = put(f"{name}.geojson", document)
    put("good.geojson", collection(feature(zone_id="good")))
    packaged, loaded = load([zones.PACKAGED]), load([zones.PACKAGED, folder])
    assert [file for file, _ in loaded.refused] == [f"{name}.geojson"]
    assert reason in loaded.refused[0][1]
    assert "\n" not in loaded.refused[0][1]
    assert {z.zone_id for z in loaded.zones} == {z.zone_id for z in packaged.zones} | {"good"}


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "LineString", "coordinates": [[26, 39]]}, "fewer than 2"),
        ({"type": "LineString", "coordinates": [[26, 39], [27, 39], [26.5, 40], [26.5, 38]]}, "crosses itself"),
        ({"type": "Polygon", "coordinates": [SQUARE]}, "a gate is a LineString"),
        ({"type": "LineString", "coordinates": [[60, 60], [61, 61]]}, "lies outside every theatre"),
    ],
)
def test_a_bad_gate_is_refused(geometry, reason, put):
    gate = {"gate_id": "g", "title": "G", "corridor_id": "corridor_lesvos", "left": "A", "right": "B"}
    gate |= {"source": "test", "licence": "CC0-1.0"}
    document = collection({"type": "Feature", "properties": gate, "geometry": geometry})
    loaded = load([zones.PACKAGED, put("gate_lesvos.geojson", document, "gates")])
    assert loaded.refused[0][0] == "gate_lesvos.geojson"
    assert reason in loaded.refused[0][1]
    assert loaded.gates == load([zones.PACKAGED]).gates  # the packaged gate stays


def test_a_users_file_overrides_the_packaged_one_of_its_name(put):
    folder = put("srr_turkey.geojson", collection(feature(zone_id="srr_turkey", title="Redrawn")))
    loaded = load([zones.PACKAGED, folder])
    assert [z.title for z in loaded.zones if z.zone_id == "srr_turkey"] == ["Redrawn"]
    assert loaded.digest != load([zones.PACKAGED]).digest


def test_a_users_zone_overrides_the_packaged_one_of_its_id_and_spares_its_neighbours(put):
    port = feature(zone_id="port_chios", kind="port", country="GRC", title="Redrawn")
    loaded = load([zones.PACKAGED, put("my_ports.geojson", collection(port))])
    assert [z.title for z in loaded.zones if z.zone_id == "port_chios"] == ["Redrawn"]
    assert any(z.zone_id == "port_mytilini" for z in loaded.zones)


def test_a_bad_override_leaves_the_packaged_file_in_force(put):
    folder = put("srr_turkey.geojson", collection(feature(zone_id="srr_turkey", kind="moon")))
    packaged, loaded = load([zones.PACKAGED]), load([zones.PACKAGED, folder])
    assert loaded.zones == packaged.zones
    assert loaded.digest == packaged.digest
    assert [file for file, _ in loaded.refused] == ["srr_turkey.geojson"]


def test_an_id_in_two_files_of_one_folder_refuses_the_second(put):
    put("a.geojson", collection(feature(title="A")))
    folder = put("b.geojson", collection(feature(title="B")))
    loaded = load([zones.PACKAGED, folder])
    assert [z.title for z in loaded.zones if z.zone_id == "mine"] == ["A"]
    assert loaded.refused == (
        ("b.geojson", "zone_id 'mine' is valid twice at one time: end one period before the other begins"),
    )


def test_validity_is_half_open(put):
    folder = put(
        "mine.geojson",
        collection(
            feature(title="old", valid_until="2024-01-01"),
            feature(title="new", valid_from="2024-01-01", valid_until="2024-02-01"),
        ),
    )
    for day, titles in {
        date(2023, 12, 31): ["old"],
        date(2024, 1, 1): ["new"],
        date(2024, 1, 31): ["new"],
        date(2024, 2, 1): [],
        None: ["old", "new"],
    }.items():
        assert [z.title for z in load([zones.PACKAGED, folder], day).zones if z.zone_id == "mine"] == titles


def test_a_user_can_add_a_theatre(put):
    watch = feature(zone_id="watch_lake", kind="watch", theatre="lake")
    srr = feature(zone_id="srr_lake", theatre="lake")
    put("watch_lake.geojson", collection(watch, bbox=[24, 37, 27, 40]))
    loaded = load([zones.PACKAGED, put("srr_lake.geojson", collection(srr))])
    assert loaded.refused == ()
    assert loaded.frames["lake"] == (24, 37, 27, 40)


def test_a_folder_that_does_not_exist_is_empty(tmp_path):
    loaded = load([tmp_path / "none"])
    assert (loaded.zones, loaded.gates, loaded.refused) == ((), (), ())


def test_a_port_drawn_as_a_point_is_a_circle(put):
    point = {"type": "Point", "coordinates": [26.0, 39.0]}
    port = feature(point, zone_id="port_x", kind="port", country="GRC", radius_nm=0.5)
    loaded = load([zones.PACKAGED, put("x.geojson", collection(port))])
    ring = shapely.get_coordinates(next(z for z in loaded.zones if z.zone_id == "port_x").geometry)
    np.testing.assert_allclose(distance_nm(39.0, 26.0, ring[:, 1], ring[:, 0]), 0.5, rtol=0.006)


def test_a_line_with_a_width_is_a_strip_around_it(put):
    line = {"type": "LineString", "coordinates": [[25.0, 38.0], [25.5, 38.4], [26.0, 38.4]]}
    lane = feature(line, zone_id="lane", kind="tss_lane", scheme="Mine", width_nm=2.0)
    loaded = load([zones.PACKAGED, put("x.geojson", collection(lane))])
    zone = next(z for z in loaded.zones if z.zone_id == "lane")
    assert zone.drawn == shapely.MultiLineString([line["coordinates"]])
    for side in (-1, 1):
        for factor, inside in ((0.99, True), (1.01, False)):
            lat = 38.4 + side * factor / 60
            assert shapely.intersects_xy(zone.geometry, 25.8, lat) == inside
    assert not shapely.intersects_xy(zone.geometry, 26.001, 38.4)  # it ends where the line does


def test_an_area_is_drawn_as_it_is(put):
    loaded = load([zones.PACKAGED, put("x.geojson", collection(feature()))])
    zone = next(z for z in loaded.zones if z.zone_id == "mine")
    assert zone.drawn is zone.geometry


def test_a_million_points_against_shapely(sea):
    """All zones of all theatres: random points, and points on corners and edges."""
    indexed = [z for z in sea.zones if z.kind != "coast"]
    rng = np.random.default_rng(11)
    corners = shapely.get_coordinates([z.geometry for z in indexed])
    k = rng.integers(0, len(corners) - 1, 250_000)
    share = rng.uniform(0, 1, (250_000, 1))
    west, south, east, north = shapely.total_bounds([z.geometry for z in indexed])
    everywhere = np.column_stack([rng.uniform(west, east, 500_000), rng.uniform(south, north, 500_000)])
    lon, lat = np.vstack([everywhere, corners[k], corners[k] + share * (corners[k + 1] - corners[k])]).T.copy()
    asked, mismatches = 0, 0
    for zone in indexed:
        west, south, east, north = zone.geometry.bounds
        near = (lon > west - 1e-6) & (lon < east + 1e-6) & (lat > south - 1e-6) & (lat < north + 1e-6)
        expected = np.zeros(lon.size, dtype=bool)
        expected[near] = shapely.intersects_xy(zone.geometry, lon[near], lat[near])
        asked += int(expected.sum())
        mismatches += int((sea.index.inside(zone.zone_id, lon, lat) != expected).sum())
    assert asked > 1_000_000
    assert mismatches == 0


def test_what_is_at_a_point_is_what_it_is_inside_of(sea):
    rng = np.random.default_rng(12)
    lon, lat = rng.uniform(20, 30, 3000), rng.uniform(33, 41, 3000)
    at = sea.index.at(lon, lat)
    for zone in (z for z in sea.zones if z.kind in ("watch", "corridor", "srr", "port")):
        inside = sea.index.inside(zone.zone_id, lon, lat)
        assert [any(z.zone_id == zone.zone_id for z in here) for here in at] == inside.tolist()
    assert sea.index.at(np.nan, 38.0) == [()]


def test_more_than_64_zones_of_a_theatre_and_all_periods_of_one(put):
    boxes = [
        feature(polygon([x, 38], [x + 0.04, 38], [x + 0.04, 39], [x, 38]), zone_id=f"z{i}")
        for i, x in enumerate(np.linspace(24, 28, 70))
    ]
    periods = [feature(valid_until="2024-01-01"), feature(valid_from="2024-01-01")]
    found = load([zones.PACKAGED, put("mine.geojson", collection(*boxes, *periods))]).zones
    mine = [z for z in found if z.zone_id == "mine" or z.zone_id.startswith("z")]
    assert len(mine) == 72
    index = ZoneIndex(mine)
    for zone in mine:
        place = zone.geometry.representative_point()
        assert index.inside(zone.zone_id, place.x, place.y).tolist() == [True]
    assert [z.zone_id for z in index.at(25.9999, 38.00001)[0]].count("mine") == 2
    with pytest.raises(KeyError, match="yours"):
        index.inside("yours", 25.5, 38.5)
