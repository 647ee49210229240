"""Distances, bearings and the local plane, against WGS 84 geodesics."""

import numpy as np
import pyproj
import pytest

from pipeline import geo

GEOD = pyproj.Geod(ellps="WGS84")
SPHERE = pyproj.Geod(a=geo.EARTH_RADIUS_M, b=geo.EARTH_RADIUS_M)


@pytest.fixture(scope="module")
def pairs() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(7)
    lat1, lat2 = rng.uniform(-89, 89, (2, 5000))
    lon1, lon2 = rng.uniform(-180, 180, (2, 5000))
    return lat1, lon1, lat2, lon2


def test_distance_is_the_great_circle_on_the_sphere_and_near_the_ellipsoid(pairs):
    lat1, lon1, lat2, lon2 = pairs
    got = geo.distance_nm(*pairs) * geo.NM_M
    np.testing.assert_allclose(got, SPHERE.inv(lon1, lat1, lon2, lat2)[2], rtol=1e-9)
    np.testing.assert_allclose(got, GEOD.inv(lon1, lat1, lon2, lat2)[2], rtol=0.006)


def test_distance_takes_scalars_and_broadcasts():
    assert float(geo.distance_nm(0, 0, 1, 0)) == pytest.approx(60.04, abs=0.01)
    assert geo.distance_nm(0, 0, [1, 2], 0).shape == (2,)
    assert float(geo.distance_nm(10, 20, 10, 20)) == 0.0


def test_distance_and_bearing_across_the_antimeridian():
    assert float(geo.distance_nm(0, 179.5, 0, -179.5)) == pytest.approx(60.04, abs=0.01)
    assert float(geo.bearing_deg(0, 179.5, 0, -179.5)) == pytest.approx(90.0)


def test_bearing_is_in_0_360_and_agrees_with_the_sphere(pairs):
    lat1, lon1, lat2, lon2 = pairs
    got = geo.bearing_deg(*pairs)
    assert ((got >= 0.0) & (got < 360.0)).all()
    assert geo.angle_between_deg(got, SPHERE.inv(lon1, lat1, lon2, lat2)[0]).max() < 1e-6
    assert float(geo.bearing_deg(0, 0, 1, -1e-18)) == 0.0


def test_destination_is_the_inverse_of_distance_and_bearing(pairs):
    lat1, lon1, _, _ = pairs
    bearing, distance = np.linspace(0, 359.9, lat1.size), np.linspace(0.01, 500, lat1.size)
    lat, lon = geo.destination(lat1, lon1, bearing, distance)
    np.testing.assert_allclose(geo.distance_nm(lat1, lon1, lat, lon), distance, rtol=1e-6)
    assert geo.angle_between_deg(geo.bearing_deg(lat1, lon1, lat, lon), bearing)[1:].max() < 1e-3
    assert ((lon >= -180) & (lon < 180)).all()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(0, 0, 0), (350, 10, 20), (10, 350, 20), (0, 180, 180), (90, 271, 179), (-90, 90, 180)],
)
def test_angle_between(a, b, expected):
    assert float(geo.angle_between_deg(a, b)) == pytest.approx(expected)


def test_interpolate_goes_the_short_way_round():
    lat, lon = geo.interpolate(0.0, 179.0, 2.0, -179.0, [0.0, 0.5, 1.0])
    np.testing.assert_allclose(lat, [0, 1, 2])
    np.testing.assert_allclose(geo.angle_between_deg(lon, [179, 180, -179]), 0, atol=1e-9)


def test_local_plane_keeps_distances_and_comes_back():
    plane = geo.LocalPlane(26.5, 39.2)
    rng = np.random.default_rng(8)
    lon, lat = rng.uniform(26.0, 27.0, (2, 500))[0], rng.uniform(38.7, 39.7, 500)
    x, y = plane.to_xy_m(lon, lat)
    np.testing.assert_allclose(np.hypot(x, y), GEOD.inv(np.full(500, 26.5), np.full(500, 39.2), lon, lat)[2], rtol=1e-6)
    between = np.hypot(np.diff(x), np.diff(y))
    np.testing.assert_allclose(between, GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2], rtol=1 / 20_000)
    np.testing.assert_allclose(plane.to_lonlat(x, y), [lon, lat], atol=1e-9)
