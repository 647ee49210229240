"""Corridors, ports, search-and-rescue regions: what the detectors ask of the sea."""

import json
import shutil

import numpy as np
import pytest
import shapely

from pipeline import zones
from pipeline.coast import GEOD, Shoreline
from pipeline.gates import step_m, tolerance_m
from pipeline.geo import NM_M, destination
from pipeline.median_line import median_line
from pipeline.sea import coast_band_nm, coast_lines, offshore_nm, open_sea

# One of each sort: a strait around an island, narrows, islands close to the other coast, an island alone.
CORRIDORS = ["corridor_lesvos", "corridor_samos", "corridor_kos", "corridor_kastellorizo"]
AEGEAN = [
    "alexandroupoli", "chios", "farmakonisi_agathonisi", "ikaria", "kastellorizo", "kos", "lemnos", "leros_kalymnos", "lesvos",
    "nisyros_tilos", "rhodes", "samos", "samothraki", "symi",
]  # fmt: skip


def named(sea, zone_id):
    return next(c for c in sea.corridors if c.zone_id == zone_id)


@pytest.fixture(params=CORRIDORS)
def corridor(sea, request):
    return named(sea, request.param)


@pytest.fixture
def lesvos(sea):
    return named(sea, "corridor_lesvos")


@pytest.fixture
def water(sea, corridor):
    """10,000 points at sea in the corridor: (lon, lat)."""
    west, south, east, north = corridor.zone.geometry.bounds
    rng = np.random.default_rng(12)
    lon, lat = rng.uniform(west, east, 40_000), rng.uniform(south, north, 40_000)
    keep = corridor.inside(lon, lat) & ~sea.coast.on_land(lon, lat)
    return lon[keep][:10_000], lat[keep][:10_000]


def test_everything_packaged_is_usable(sea):
    assert sea.refused == ()
    of = {theatre: [c for c in sea.corridors if c.zone.theatre == theatre] for theatre in sea.theatres}
    assert [c.zone_id for c in of["aegean"]] == [f"corridor_{name}" for name in AEGEAN]
    for c in of["aegean"]:
        assert (c.departure_country, c.arrival_country, c.max_duration_s) == ("TUR", "GRC", 6 * 3600)
        assert c.gate.left == "Türkiye"
    assert {(c.departure_country, c.arrival_country) for c in of["central_mediterranean"]} >= {
        ("TUN", "ITA"),
        ("LBY", "ITA"),
        ("LBY", "MLT"),
        ("LBY", "GRC"),
    }
    assert {(c.departure_country, c.arrival_country) for c in of["gulf_of_aden"]} >= {("DJI", "YEM"), ("SOM", "YEM")}


@pytest.mark.parametrize(
    ("width_nm", "band_nm", "off_nm"),
    [(0.896, 0.2688, 0.2688), (3.333, 0.9999, 0.9999), (4.76, 1.428, 1.0), (5.0, 1.5, 1.0), (60.0, 1.5, 1.0)],
)
def test_distances_scale_with_the_width_up_to_a_limit(width_nm, band_nm, off_nm):
    assert coast_band_nm(width_nm) == pytest.approx(band_nm)
    assert offshore_nm(width_nm) == pytest.approx(off_nm)


def width_nm(sea, corridor):
    lines = coast_lines(corridor.zone, sea.zones, sea.coast, "departure")
    return corridor.to_arrival(*shapely.get_coordinates(shapely.segmentize(lines, 5e-4)).T)[0].min()


@pytest.mark.parametrize(
    ("zone_id", "width_km"),
    [
        ("corridor_samos", 1.66),
        ("corridor_kastellorizo", 2.01),
        ("corridor_kos", 4.66),
        ("corridor_chios", 6.75),
        ("corridor_lesvos", 8.82),
    ],
)
def test_the_published_widths_of_straits(sea, zone_id, width_km):
    assert width_nm(sea, named(sea, zone_id)) * NM_M / 1000 == pytest.approx(width_km, rel=0.02)


def test_the_declared_width_is_the_width_of_the_corridor(sea):
    for corridor in sea.corridors:
        assert width_nm(sea, corridor) == pytest.approx(corridor.local_width_nm, rel=0.02), corridor.zone_id


def test_every_corridor_is_divided_where_either_coast_is_nearer(sea):
    rng = np.random.default_rng(15)
    for corridor in sea.corridors:
        west, south, east, north = corridor.zone.geometry.bounds
        lon, lat = rng.uniform(west, east, 4000), rng.uniform(south, north, 4000)
        keep = corridor.inside(lon, lat) & ~sea.coast.on_land(lon, lat)
        lon, lat = lon[keep], lat[keep]
        side = corridor.side(lon, lat)
        assert set(np.unique(side)) == {-1, 1}
        nearer_arrival = corridor.to_arrival(lon, lat)[0] < corridor.to_departure(lon, lat)[0]
        assert ((side == 1) == nearer_arrival).mean() > 0.985, corridor.zone_id


def test_the_bands_of_a_wide_corridor(sea):
    """On a plane of 300 km the distances are right to 0.5 %."""
    corridor = named(sea, "corridor_libya_malta")
    rng = np.random.default_rng(16)
    west, south, east, north = corridor.zone.geometry.bounds
    lon, lat = rng.uniform(west, east, 200_000), rng.uniform(south, north, 200_000)
    keep = corridor.inside(lon, lat) & ~sea.coast.on_land(lon, lat)
    lon, lat = lon[keep], lat[keep]
    for near, to in ((corridor.near_departure, corridor.to_departure), (corridor.near_arrival, corridor.to_arrival)):
        distance = to(lon, lat)[0]
        clear = np.abs(distance / corridor.coast_band_nm - 1) > 0.005
        assert near(lon, lat).sum() > 20
        assert (near(lon, lat) == (distance <= corridor.coast_band_nm))[clear].all()


def test_the_gate_is_the_median_line(sea, corridor):
    """Recomputed from the coasts, it is the committed one; its ends alone run out over the outline."""
    coasts = [coast_lines(corridor.zone, sea.zones, sea.coast, side) for side in ("departure", "arrival")]
    computed = median_line(*coasts, corridor.zone.geometry, step_m(corridor.zone), tolerance_m(corridor.zone))
    committed = corridor.gate.geometry
    assert computed.hausdorff_distance(shapely.intersection(committed, corridor.zone.geometry)) < 1e-4
    lon, lat = shapely.get_coordinates(committed)[1:-1].T
    np.testing.assert_allclose(corridor.to_departure(lon, lat)[0], corridor.to_arrival(lon, lat)[0], rtol=0.01)
    along = shapely.get_coordinates(shapely.segmentize(committed, 1e-3)).T
    assert not sea.coast.on_land(*along).any()
    near = [f(*along)[0] for f in (corridor.to_departure, corridor.to_arrival)]
    np.testing.assert_allclose(near[0], near[1], rtol=0.05)
    assert not corridor.inside(*committed.coords[0]).any()
    assert not corridor.inside(*committed.coords[-1]).any()


def test_both_sides_cover_the_corridor(sea, corridor, water):
    side = corridor.side(*water)
    assert set(np.unique(side)) == {-1, 1}
    nearer_arrival = corridor.to_arrival(*water)[0] < corridor.to_departure(*water)[0]
    assert ((side == 1) == nearer_arrival).mean() > 0.995  # the gate is simplified to 30 m
    assert corridor.side([20.0, np.nan], [36.0, 38.0]).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("zone_id", "lon", "lat", "side"),
    [
        ("corridor_lesvos", 26.336, 39.480, -1),  # off Behramkale
        ("corridor_lesvos", 26.302, 39.385, 1),  # off Skala Sykamineas
        ("corridor_lesvos", 26.580, 39.330, -1),  # off Cunda: the Ayvalik islands are departure coast
        ("corridor_lesvos", 26.45, 38.70, -1),  # off Karaburun
        ("corridor_lesvos", 26.40, 38.95, 1),  # off Plomari
        ("corridor_samos", 27.0341, 37.6910, -1),  # the narrows, by Mycale
        ("corridor_samos", 27.0341, 37.7020, 1),  # the narrows, by Samos
        ("corridor_samos", 26.78, 38.17, -1),  # Sigacik bay
        ("corridor_samos", 26.82, 37.82, 1),  # off Agios Konstantinos
        ("corridor_samos", 26.90, 37.60, 1),  # south of Samos
    ],
)
def test_sides_of_known_places(sea, zone_id, lon, lat, side):
    corridor = next(c for c in sea.corridors if c.zone_id == zone_id)
    assert corridor.side(lon, lat).tolist() == [side]
    assert sea.zone_of(lon, lat) == zone_id


def test_bands_at_below_and_above_their_distance(sea, corridor, water):
    """
    Both sides of each threshold, by the geodesic distance to the exact shoreline.

    Right to 0.1 % but for a few metres of concave shore, which GEOS straightens before it buffers: there to
    1 %.
    """
    for inside, to, limit_nm in (
        (corridor.near_departure, corridor.to_departure, corridor.coast_band_nm),
        (corridor.near_arrival, corridor.to_arrival, corridor.coast_band_nm),
    ):
        lon, lat = water
        distance, bearing = to(lon, lat)
        for factor, share in ((0.99, 1.0), (0.999, 1.0), (1.001, 0.0), (1.01, 0.0)):
            # move each point towards its nearest shore until it is at the wanted distance
            wanted_nm = factor * limit_nm
            at_lon, at_lat, _ = GEOD.fwd(lon, lat, bearing, (distance - wanted_nm) * NM_M)
            keep = corridor.inside(at_lon, at_lat) & (np.abs(to(at_lon, at_lat)[0] / wanted_nm - 1) < 2e-4)
            assert keep.sum() > 500
            off_by = abs(inside(at_lon, at_lat)[keep].mean() - share)
            assert off_by <= (1e-3 if factor == 1.001 else 0.0)


def test_near_and_offshore_agree_with_the_distances(sea, corridor, water):
    lon, lat = water
    off = sea.coast.distance_nm(lon, lat)
    clear = np.abs(off / corridor.offshore_nm - 1) > 0.001
    assert clear.mean() > 0.1
    assert (corridor.offshore(lon, lat)[clear] == (off >= corridor.offshore_nm)[clear]).all()
    for inside, to in (
        (corridor.near_departure, corridor.to_departure),
        (corridor.near_arrival, corridor.to_arrival),
    ):
        distance = to(lon, lat)[0]
        clear = np.abs(distance / corridor.coast_band_nm - 1) > 0.001
        assert (inside(lon, lat)[clear] == (distance <= corridor.coast_band_nm)[clear]).all()
        assert not inside([20.0], [36.0]).any()


def test_the_shore_itself_is_near_and_not_offshore(sea, corridor):
    for side, near in (("departure", corridor.near_departure), ("arrival", corridor.near_arrival)):
        lines = coast_lines(corridor.zone, sea.zones, sea.coast, side)
        lon, lat = shapely.get_coordinates(lines).T
        within = corridor.inside(lon, lat)
        assert within.sum() > 100
        assert near(lon, lat)[within].all()
        assert not corridor.offshore(lon, lat).any()


def test_islets_count_for_offshore_even_where_they_are_no_coast(lesvos):
    """
    Güvercin islet west of Cunda is too small for a departure coast, but a craft at its shore is not
    offshore.
    """
    islet = (26.5307, 39.3254)
    assert not lesvos.near_departure(*islet)[0]
    assert not lesvos.offshore(*islet)[0]


# --- crossings ----------------------------------------------------------------------------------------------------------


def test_crossing_there_and_back_and_none(lesvos):
    turkey, greece = (26.34, 39.475), (26.30, 39.385)
    direction, fraction = lesvos.crossings(
        [turkey[0], greece[0], turkey[0], turkey[0]],
        [turkey[1], greece[1], turkey[1], turkey[1]],
        [greece[0], turkey[0], turkey[0], turkey[0]],
        [greece[1], turkey[1], turkey[1], turkey[1] - 0.005],
    )
    assert direction.tolist() == [1, -1, 0, 0]
    assert fraction[0] == pytest.approx(1 - fraction[1])
    assert np.isnan(fraction[2:]).all()
    lon, lat = (a + fraction[0] * (b - a) for a, b in zip(turkey, greece, strict=True))
    assert shapely.distance(lesvos.gate.geometry, shapely.Point(lon, lat)) < 1e-9


def test_crossings_are_the_changes_of_side(corridor, water):
    lon, lat = water
    direction, fraction = corridor.crossings(lon[:-1], lat[:-1], lon[1:], lat[1:])
    points = np.column_stack(water)
    line = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    # others may leave the corridor and come back around the gate
    within = shapely.within(line, corridor.zone.geometry)
    side = corridor.side(lon, lat)
    assert within.sum() > 1000
    assert (direction == (side[1:] - side[:-1]) // 2)[within].all()
    assert (np.isnan(fraction) == (direction == 0)).all()


def test_a_segment_that_touches_no_gate_but_lies_in_its_box_is_none(corridor):
    (x1, y1), (x2, y2) = corridor.gate.geometry.coords[0], corridor.gate.geometry.coords[-1]
    assert corridor.crossings(x1 - 1, y1 - 1, x2 - 1, y2 - 1)[0].tolist() == [0]
    assert corridor.crossings(np.nan, y1, x2, np.nan)[0].tolist() == [0]


def test_a_fix_on_the_line_counts_once_and_on_the_departure_side(corridor):
    """Over every vertex of the gate and over points of its edges, in many directions."""
    xy = shapely.get_coordinates(corridor.gate.geometry)
    middle = (xy[:-1] + xy[1:]) / 2
    on_line = np.repeat(np.vstack([xy[1:-1], middle]), 32, axis=0)
    n_exact = 32 * (len(xy) - 2)  # a vertex is exactly on the line, a middle to rounding only
    angle = np.tile(np.linspace(0, 2 * np.pi, 32, endpoint=False), len(on_line) // 32) + 0.1
    step = 1e-5 * np.column_stack([np.cos(angle), np.sin(angle)])
    before, after = on_line - step, on_line + np.roll(step, 7, axis=0)
    sides = [corridor.side(*p.T) for p in (before, on_line, after)]
    assert (sides[1][:n_exact] == -1).all()
    assert set(np.unique(sides[0])) == set(np.unique(sides[2])) == {-1, 1}

    def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return corridor.crossings(*a.T, *b.T)[0]

    there, on = crossed(before, on_line), crossed(on_line, after)
    assert (there + on == (sides[2] - sides[0]) // 2).all()
    assert (there[:n_exact] == np.where(sides[0] == 1, -1, 0)[:n_exact]).all()
    assert (on[:n_exact] == np.where(sides[2] == 1, 1, 0)[:n_exact]).all()
    assert (crossed(on_line, on_line) == 0).all()
    assert (crossed(before, after)[n_exact:] == (sides[2] - sides[0])[n_exact:] // 2).all()


def test_walking_along_the_gate_from_vertex_to_vertex_crosses_nothing(corridor):
    xy = shapely.get_coordinates(corridor.gate.geometry)[1:-1]
    assert (corridor.crossings(*xy[:-1].T, *xy[1:].T)[0] == 0).all()
    assert (corridor.crossings(*xy[1:].T, *xy[:-1].T)[0] == 0).all()


def test_out_and_back_within_one_segment_is_none(sea):
    """
    Around Samos: from Kusadasi bay over the island to the strait's southern side the gate is crossed there
    and back.
    """
    samos = named(sea, "corridor_samos")
    direction, fraction = samos.crossings(27.15, 37.85, 27.05, 37.66)
    assert samos.side([27.15, 27.10, 27.05], [37.85, 37.755, 37.66]).tolist() == [-1, 1, -1]
    assert direction.tolist() == [0]
    assert np.isnan(fraction).all()


def test_bearing_and_distance_to_the_coast(lesvos):
    distance, bearing = lesvos.to_arrival(26.30, 39.43)
    assert float(distance[0]) == pytest.approx(2.9, abs=0.4)
    assert 120 < float(bearing[0]) < 240
    assert np.cos(np.radians(lesvos.to_departure(26.30, 39.43)[1][0])) > 0.8  # north


# --- ports, theatre, rescue ---------------------------------------------------------------------------------------------


def test_ports(sea):
    assert sea.in_port([26.560, 26.302, 26.35], [39.103, 39.3755, 39.43]).tolist() == [True, True, False]
    port = sea.nearest_port(26.565, 39.110)
    assert (port.port_id, port.title) == ("port_mytilini", "Mytilini")
    assert port.distance_nm == pytest.approx(0.48, abs=0.05)


def test_a_port_ends_at_its_radius(sea):
    for port in sea.ports:
        centre = port.geometry.centroid
        radius = port.properties["radius_nm"]
        for bearing in range(0, 360, 20):
            for factor, expected in ((0.99, True), (1.01, False)):
                lat, lon = destination(centre.y, centre.x, bearing, radius * factor)
                assert shapely.intersects_xy(port.geometry, lon, lat) == expected, port.zone_id


def test_ports_leave_the_open_shores_free(sea, corridor):
    """Most of the shore of a corridor is no port: a landing on a beach must not read as a port call."""
    for side in ("departure", "arrival"):
        lines = shapely.segmentize(coast_lines(corridor.zone, sea.zones, sea.coast, side), 1e-3)
        lon, lat = shapely.get_coordinates(lines).T
        within = corridor.inside(lon, lat)
        assert sea.in_port(lon[within], lat[within]).mean() < 0.2


def test_every_port_lies_at_the_water(sea):
    centres = [p.geometry.centroid for p in sea.ports]
    distance = sea.coast.distance_nm([c.x for c in centres], [c.y for c in centres])
    assert (distance < [p.properties["radius_nm"] for p in sea.ports]).all()


def test_theatre_and_zone_of(sea):
    assert sea.theatre(26.0, 38.9) == "aegean"
    assert sea.theatre(15.0, 35.0) == "central_mediterranean"
    assert sea.theatre(48.0, 12.5) == "gulf_of_aden"
    assert sea.theatre(3.0, 40.0) == ""
    assert sea.zone_of(25.0, 38.0) == "watch_aegean"
    assert sea.zone_of(3.0, 40.0) == ""
    assert sea.zone_of(np.nan, 38.0) == ""


@pytest.mark.parametrize(
    ("place", "lon", "lat", "mrccs"),
    [
        ("Piraeus", 23.6, 37.9, ["mrcc_piraeus"]),
        ("middle of the Aegean", 24.5, 38.5, ["mrcc_piraeus"]),
        ("claimed by both", 25.8, 38.9, ["mrcc_ankara", "mrcc_piraeus"]),
        ("off Lesvos", 26.30, 39.40, ["mrcc_ankara", "mrcc_piraeus"]),
        ("off Ayvalik", 26.58, 39.27, ["mrcc_ankara"]),
        ("Marmara", 28.0, 40.7, ["mrcc_ankara"]),
        ("off Malta", 14.5, 35.7, ["mrcc_malta"]),
        ("off Zuwara", 12.1, 33.0, ["mrcc_tripoli"]),
        ("Gulf of Lion", 4.0, 42.5, []),
    ],
)
def test_all_rescue_centres_whose_region_contains_the_place(sea, place, lon, lat, mrccs):
    assert sea.mrccs(lon, lat) == mrccs, place


@pytest.mark.parametrize("theatre", ["aegean", "central_mediterranean", "gulf_of_aden"])
def test_no_watched_water_is_without_a_rescue_centre(sea, theatre):
    rng = np.random.default_rng(13)
    west, south, east, north = next(z.geometry.bounds for z in sea.zones if z.zone_id == f"watch_{theatre}")
    lon, lat = rng.uniform(west, east, 60_000), rng.uniform(south, north, 60_000)
    watched = sea.index.inside(f"watch_{theatre}", lon, lat) & ~sea.coast.on_land(lon, lat)
    assert watched.sum() > 10_000
    assert all(any(zone.kind == "srr" for zone in here) for here in sea.index.at(lon[watched], lat[watched]))


def test_the_greek_region_agrees_with_the_declared_one(sea, shared):
    """Drawn by the project; held against the outline exported from IMO GISIS, at sea in the Aegean."""
    text = (shared / "reference/srr_polygons/greece_srr_combined.geojson").read_text(encoding="utf-8")
    declared = shapely.union_all(
        [shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(text)["features"]]
    )
    rng = np.random.default_rng(14)
    lon, lat = rng.uniform(22.5, 30.2, 100_000), rng.uniform(34.5, 41.3, 100_000)
    at_sea = sea.index.inside("watch_aegean", lon, lat) & ~sea.coast.on_land(lon, lat)
    ours = sea.index.inside("srr_greece", lon, lat)
    theirs = shapely.intersects_xy(declared, lon, lat)
    assert (ours == theirs)[at_sea].mean() > 0.99
    assert ours[theirs & at_sea].all(), "to tell one centre too many is harmless, one too few is not"


# --- what a user's files may break --------------------------------------------------------------------------------------


@pytest.fixture
def reference(tmp_path):
    shutil.copytree(zones.PACKAGED / "zones", tmp_path / "zones")
    shutil.copytree(zones.PACKAGED / "gates", tmp_path / "gates")
    return tmp_path


def edit(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")


def reverse(features):
    features[0]["geometry"]["coordinates"].reverse()


def cut_short(features):
    features[0]["geometry"]["coordinates"] = features[0]["geometry"]["coordinates"][:20]


def to_the_open_sea(features):
    features[1]["geometry"]["coordinates"] = [[[25, 36], [25.01, 36], [25.01, 36.01], [25, 36]]]


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        ("gates/gate_samos.geojson", reverse, "runs the wrong way"),
        ("gates/gate_samos.geojson", cut_short, "does not divide it in two"),
        ("zones/corridor_samos.geojson", to_the_open_sea, "no land in the region of its departure coast"),
    ],
)
def test_a_corridor_that_cannot_work_is_refused_and_the_others_stay(sea, reference, cache, file, change, reason):
    edit(reference / file, change)
    mine = open_sea([reference], cache)
    assert {c.zone_id for c in sea.corridors} - {c.zone_id for c in mine.corridors} == {"corridor_samos"}
    assert [name for name, _ in mine.refused] == ["corridor_samos.geojson"]
    assert "'corridor_samos': " in mine.refused[0][1]
    assert reason in mine.refused[0][1]
    assert mine.digest != sea.digest


def test_a_gate_of_the_home_that_cannot_work_leaves_the_packaged_one(sea, tmp_path, cache):
    (tmp_path / "gates").mkdir()
    shutil.copy(zones.PACKAGED / "gates/gate_samos.geojson", tmp_path / "gates")
    edit(tmp_path / "gates/gate_samos.geojson", reverse)
    mine = open_sea([zones.PACKAGED, tmp_path], cache)
    ((name, reason),) = mine.refused
    assert name == "gate_samos.geojson"
    assert "runs the wrong way" in reason
    assert mine.digest == sea.digest
    assert [c.zone_id for c in mine.corridors] == [c.zone_id for c in sea.corridors]


@pytest.mark.parametrize(("factor", "works"), [(0.89, False), (0.92, True), (1.08, True), (1.13, False)])
def test_a_width_that_is_not_that_of_the_coasts_is_refused(reference, cache, factor, works):
    def stretch(features):
        features[0]["properties"]["local_width_nm"] *= factor

    edit(reference / "zones/corridor_samos.geojson", stretch)
    refused = open_sea([reference], cache).refused
    assert (refused == ()) == works
    assert works or "but its coasts are 0.894 nm apart" in refused[0][1]


def test_a_missing_gate_is_said(reference, cache):
    (reference / "gates/gate_samos.geojson").unlink()
    reason = "'corridor_samos': its gate 'gate_samos' is not in force"
    assert open_sea([reference], cache).refused == (("corridor_samos.geojson", reason),)


def test_a_claim_without_a_shore_is_refused(reference, cache):
    def far_out(features):
        features[0]["geometry"] = {
            "type": "Polygon",
            "coordinates": [[[24, 35.9], [24.1, 35.9], [24.1, 36], [24, 35.9]]],
        }
        features[0]["properties"] |= {"country": "TUR", "breadth_nm": 6}

    edit(reference / "zones/territorial_seas_aegean.geojson", far_out)
    ((name, reason),) = open_sea([reference], cache).refused
    assert name == "territorial_seas_aegean.geojson"
    assert reason == "'territorial_sea_grc_aegean': no shore of its country within 6 nm of its region"


def test_opening_twice_gives_the_same_digest(sea, cache):
    assert open_sea([zones.PACKAGED], cache).digest == sea.digest


def test_a_shoreline_of_one_edge():
    shore = Shoreline([shapely.LineString([(26.0, 39.0), (26.0, 39.1)])])
    lon, lat, distance, bearing = shore.nearest(np.array([26.1]), np.array([39.05]))
    assert [float(lon[0]), float(lat[0])] == pytest.approx([26.0, 39.05], abs=1e-4)
    assert float(distance[0]) == pytest.approx(4.67, abs=0.01)
    assert float(bearing[0]) == pytest.approx(270, abs=0.1)
