"""Land and the distance to it, against the points whose truth is known and against the shared polygons."""

import csv

import numpy as np
import pyproj
import pytest
import shapely

from pipeline import coast
from pipeline.geo import NM_M

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture
def aegean(sea):
    return sea.coast.lands[sea.theatres.index("aegean")]


def test_the_known_points(sea, shared):
    with (shared / "reference/geo_aegean/testpoints.csv").open(encoding="utf-8") as file:
        points = list(csv.DictReader(file))
    assert len(points) == 28
    lon, lat = ([float(p[name]) for p in points] for name in ("lon", "lat"))
    truth = [p["truth"] == "1" for p in points]
    assert sea.coast.on_land(lon, lat).tolist() == truth
    assert coast.on_land_anywhere(lon, lat).tolist() == truth


def test_points_near_the_shore_against_the_shared_polygons(sea, shared):
    geopandas = pytest.importorskip("geopandas")
    land = geopandas.read_parquet(shared / "reference/geo_aegean/aegean_land_osm_full.parquet").geometry.values
    tree = shapely.STRtree(np.asarray(land))
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(22.6, 30.1, 200_000), rng.uniform(34.7, 41.2, 200_000)
    near = sea.coast.distance_nm(lon, lat) * NM_M < 1000
    lon, lat = lon[near], lat[near]
    assert lon.size > 4000
    expected = np.zeros(lon.size, dtype=bool)
    expected[tree.query(shapely.points(lon, lat), predicate="intersects")[0]] = True
    assert 0.2 < expected.mean() < 0.8
    assert (sea.coast.on_land(lon, lat) != expected).mean() < 0.005


def test_the_land_is_valid_and_agrees_with_shapely_everywhere(sea, aegean):
    land = shapely.MultiPolygon(list(aegean.polygons))
    assert land.is_valid
    rng = np.random.default_rng(9)
    corners = shapely.get_coordinates(land)
    k = rng.integers(0, len(corners), 20_000)
    lon = np.concatenate([rng.uniform(21.5, 31.2, 80_000), corners[k, 0]])
    lat = np.concatenate([rng.uniform(33.5, 42.3, 80_000), corners[k, 1]])
    assert (sea.coast.on_land(lon, lat) == shapely.intersects_xy(land, lon, lat)).all()


def test_distance_against_a_search_over_all_shores(sea):
    """A second way: the nearest of points set every 20 m along all shores around, by geodesic."""
    rng = np.random.default_rng(10)
    shore = shapely.get_coordinates(shapely.segmentize(sea.coast.shore_in(shapely.box(24.5, 37.0, 28.5, 40.5)), 0.0002))
    for lon, lat in zip(rng.uniform(25.5, 27.5, 40), rng.uniform(38.0, 39.6, 40), strict=True):
        around = shore[np.hypot((shore[:, 0] - lon) * 0.78, shore[:, 1] - lat) < 0.9]
        n = np.full(len(around), 1.0)
        expected_m = GEOD.inv(n * lon, n * lat, around[:, 0], around[:, 1])[2].min()
        got_m = float(sea.coast.distance_nm(lon, lat)[0]) * NM_M
        assert got_m <= expected_m * 1.0001
        assert got_m == pytest.approx(expected_m, rel=0.001, abs=12)  # half a step between points, at a right angle


def test_distance_is_zero_on_the_shoreline_and_nan_outside(sea, aegean):
    lon, lat = shapely.get_coordinates(aegean.polygons[0])[5]
    assert float(sea.coast.distance_nm(lon, lat)[0]) == pytest.approx(0, abs=1e-6)
    assert np.isnan(sea.coast.distance_nm([-5.0, np.nan], [40.0, 40.0])).all()


def test_the_cut_of_the_frame_is_no_shore(sea, aegean):
    """Deep in Anatolia at the eastern edge of the frame the nearest shore is far; the edge itself is a few metres away."""
    east = aegean.frame[2]
    assert float(sea.coast.distance_nm(east - 1e-4, 38.5)[0]) > 60


def test_outside_the_frames_the_world_is_asked(sea):
    assert sea.coast.on_land([2.35, -30.0, np.nan], [48.85, 40.0, 40.0]).tolist() == [True, False, False]


def test_land_for_maps(sea):
    bounds = (25.8, 38.8, 27.0, 39.6)
    coarse, fine = (sea.coast.land_in(bounds, tolerance_m) for tolerance_m in (500, 20))
    assert shapely.get_num_coordinates(coarse).sum() < shapely.get_num_coordinates(fine).sum() / 5
    assert all(p.is_valid and p.within(shapely.box(*bounds).buffer(1e-6)) for p in fine)
    areas = [shapely.area(p).sum() for p in (coarse, fine)]
    assert areas[0] == pytest.approx(areas[1], rel=0.01)
    lesvos = max(fine, key=lambda p: p.contains(shapely.Point(26.3, 39.1)))
    assert coast.area_km2(lesvos) == pytest.approx(1633, rel=0.01)


def test_a_damaged_cache_is_made_anew(tmp_path):
    path, calls = tmp_path / "deep" / "x.wkb", []

    def make() -> list[shapely.Polygon]:
        calls.append(1)
        return [shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]

    assert coast.cached(path, make) == coast.cached(path, make) == make()
    assert len(calls) == 2  # once in cached, once here
    path.write_bytes(path.read_bytes()[:50])
    assert coast.cached(path, make) == make()
    assert [p.name for p in path.parent.iterdir()] == ["x.wkb"]
