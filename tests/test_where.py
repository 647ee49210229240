"""What is at a place: known points, corridors and their sides, countries, the file of many points."""

import csv
import json

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from pipeline import zones
from pipeline.cli import app
from pipeline.where import where

KEYS = {
    "lon", "lat", "land", "coast_distance_nm", "nearest_coasts", "theatre", "zones", "corridors", "sides", "srrs", "mrccs",
    "nearest_port", "nearest_port_nm",
}  # fmt: skip


def pharos(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_known_points(sea, shared):
    with (shared / "reference/geo_aegean/testpoints.csv").open(encoding="utf-8") as file:
        points = list(csv.DictReader(file))
    found = where(sea, [float(p["lon"]) for p in points], [float(p["lat"]) for p in points])
    assert [p["land"] for p in found] == [p["truth"] == "1" for p in points]
    assert len(found) == 28


@pytest.mark.parametrize(
    ("lon", "lat", "coasts", "corridors", "sides", "mrccs"),
    [
        (26.30, 39.39, ["GRC"], ["corridor_lesvos"], ["arrival"], ["mrcc_ankara", "mrcc_piraeus"]),
        (26.34, 39.48, ["TUR"], ["corridor_lesvos"], ["departure"], ["mrcc_ankara"]),
        (27.0341, 37.6910, ["TUR"], ["corridor_samos"], ["departure"], None),
        (27.1535, 37.0496, ["GRC", "TUR"], None, None, ["mrcc_ankara", "mrcc_piraeus"]),  # Imia / Kardak: both claim it
        (14.51, 35.93, ["MLT"], None, None, None),
        (12.55, 35.49, ["ITA"], None, None, None),
        (11.5, 33.5, ["TUN"], None, None, None),
        (13.2, 33.0, ["LBY"], None, None, None),
        (49.2, 11.4, ["SOM"], None, None, None),
        (45.0, 12.7, ["YEM"], None, None, None),
        (43.2, 11.7, ["DJI"], None, None, None),
    ],
)
def test_places(sea, lon, lat, coasts, corridors, sides, mrccs):
    (place,) = where(sea, lon, lat)
    assert set(place) == KEYS
    assert place["nearest_coasts"] == coasts
    for name, expected in (("corridors", corridors), ("sides", sides), ("mrccs", mrccs)):
        assert expected is None or place[name] == expected
    assert len(place["sides"]) == len(place["corridors"])


def test_it_agrees_with_the_functions_behind_it(sea):
    rng = np.random.default_rng(21)
    lon, lat = rng.uniform(22.5, 30.2, 300), rng.uniform(34.5, 41.3, 300)
    for x, y, place in zip(lon.tolist(), lat.tolist(), where(sea, lon, lat), strict=True):
        assert place["land"] == bool(sea.coast.on_land(x, y)[0])
        assert place["coast_distance_nm"] == pytest.approx(float(sea.coast.distance_nm(x, y)[0]), abs=1e-4)
        assert place["mrccs"] == sea.mrccs(x, y)
        assert place["theatre"] == (sea.theatre(x, y) or None)
        assert place["nearest_port"] == sea.nearest_port(x, y).port_id
        assert place["corridors"] == [c.zone_id for c in sea.corridors if c.inside(x, y)[0]]
        assert not any(z.startswith("country_") for z in place["zones"])


def test_no_territorial_sea_on_land(sea):
    land, water = where(sea, [26.375, 26.22], [39.08, 39.40])
    assert land["land"]
    assert not water["land"]
    kinds = {z.zone_id: z.kind for z in sea.zones}
    assert "territorial_sea" not in {kinds[z] for z in land["zones"]}
    assert "territorial_sea" in {kinds[z] for z in water["zones"]}


def test_outside_the_theatres_the_distance_is_unknown_but_land_is_not(sea):
    ocean, paris = where(sea, [-30.0, 2.35], [40.0, 48.85])
    assert (ocean["land"], paris["land"]) == (False, True)
    for place in (ocean, paris):
        assert place["coast_distance_nm"] is None
        assert (place["nearest_coasts"], place["zones"], place["theatre"]) == ([], [], None)


def test_the_nearest_coast_is_one_of_the_country_that_the_shore_belongs_to(sea, shared):
    """
    Against the country that the shared polygons give each piece of land; left out are islets, at which they only guess, and
    the mainland of Europe, which they give to Greece with Turkish Thrace.
    """
    geopandas = pytest.importorskip("geopandas")
    land = geopandas.read_parquet(shared / "reference/geo_aegean/aegean_land_osm_full.parquet")
    land = land[(land["area_km2"] > 0.5) & ~((land["area_km2"] > 20_000) & (land["A3"] == "GRC"))]
    rng = np.random.default_rng(22)
    lon, lat = rng.uniform(22.6, 30.1, 4000), rng.uniform(34.7, 41.0, 4000)
    found = where(sea, lon, lat)
    shore = sea.coast.nearest(lon, lat)
    tree = shapely.STRtree(land.geometry.values)
    piece, distance = tree.query_nearest(shapely.points(shore.lon, shore.lat), return_distance=True, all_matches=False)
    right = [
        expected in place["nearest_coasts"]
        for place, expected, off in zip(found, land["A3"].values[piece[1]], distance, strict=True)
        if off < 1e-4 and expected in ("GRC", "TUR")
    ]
    assert len(right) > 1500
    assert np.mean(right) > 0.995


def test_the_command(home):
    done = pharos("--home", home.root, "--json", "where", "26.30", "39.39")
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.output)) == KEYS
    west = pharos("--home", home.root, "--json", "where", "-5.3", "35.9")
    assert json.loads(west.output)["lon"] == -5.3
    lines = pharos("--home", home.root, "where", "26.30", "39.39").output
    assert 'nearest_coasts: ["GRC"]' in lines


@pytest.mark.parametrize("header", ["", "lon,lat\n", "Lon, Lat\n"])
def test_a_file_of_points(home, tmp_path, header):
    file = tmp_path / "points.csv"
    file.write_text(f"{header}26.30,39.39\n\n26.375,39.08\n", encoding="utf-8")
    done = pharos("--home", home.root, "--json", "where", "--file", file)
    points = json.loads(done.output)["points"]
    assert [(p["lon"], p["lat"], p["land"]) for p in points] == [(26.3, 39.39, False), (26.375, 39.08, True)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("26.3,39.4\n26.4;39.4\n", "points.csv, line 2: '26.4;39.4' is no point"),
        ("26.3\n", "points.csv, line 1: '26.3' is no point"),
        ("lat,lon\n39.4,26.3\n", "line 1: 'lat,lon' is no point: write lon,lat in degrees, a header only so"),
        ("26.3,north\n", "'26.3,north' is no point"),
        ("nan,39\n", "is no place"),
        ("181,39\n", "181, 39 is no place"),
        ("26,-90.1\n", "26, -90.1 is no place"),
    ],
)
def test_a_file_that_is_none_is_refused(home, tmp_path, rows, said):
    file = tmp_path / "points.csv"
    file.write_text(rows, encoding="utf-8")
    done = pharos("--home", home.root, "where", "--file", file)
    assert done.exit_code == 1
    assert said in done.output


def test_many_points_for_a_person_are_a_line_each(home, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("26.30,39.39\n26.375,39.08\n", encoding="utf-8")
    first, second = pharos("--home", home.root, "where", "--file", file).output.splitlines()
    assert first.startswith("lon=26.3  lat=39.39  land=False")
    assert "sides=arrival" in first
    assert "land=True" in second


def test_the_poles_and_the_date_line(sea):
    south, north, line = where(sea, [0.0, 0.0, 180.0], [-90.0, 90.0, 0.0])
    assert (south["land"], north["land"], line["land"]) == (True, False, False)


def test_a_zone_that_is_over_is_not_there(home):
    folder = home.reference / "zones"
    folder.mkdir()
    packaged = json.loads((zones.PACKAGED / "zones" / "srr_turkey.geojson").read_text(encoding="utf-8"))
    for zone_id, period in (("srr_old", {"valid_until": "2001-01-01"}), ("srr_new", {"valid_from": "2001-01-01"})):
        feature = json.loads(json.dumps(packaged["features"][0]))
        feature["properties"] |= {"zone_id": zone_id, **period}
        (folder / f"{zone_id}.geojson").write_text(json.dumps({**packaged, "features": [feature]}), encoding="utf-8")
    found = json.loads(pharos("--home", home.root, "--json", "where", "26.34", "39.48").output)["srrs"]
    assert "srr_new" in found
    assert "srr_old" not in found


def test_wrong_usage(home, tmp_path):
    assert pharos("--home", home.root, "where", "26.3", "--file", tmp_path / "x.csv").exit_code == 2
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe")
    assert (
        "binary.csv: cannot be read as CSV in UTF-8"
        in pharos("--home", home.root, "where", "--file", tmp_path / "binary.csv").output
    )
    assert pharos("--home", home.root, "where").exit_code == 2
    assert pharos("--home", home.root, "where", "26.3").exit_code == 2
    assert pharos("--home", home.root, "where", "26.3", "39", "--file", tmp_path / "x.csv").exit_code == 2
    assert pharos("--home", home.root, "where", "--file", tmp_path / "none.csv").exit_code == 1
