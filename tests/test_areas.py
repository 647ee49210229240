"""Point in area: the grid against shapely, with points on every awkward place."""

import numpy as np
import pytest
import shapely

from pipeline.areas import AreaIndex

ODD = [
    shapely.box(25, 37, 27, 39),
    shapely.Polygon([(25, 37), (27, 37), (27, 39), (25, 39)], [[(25.5, 37.5), (26, 37.5), (26, 38), (25.5, 38)]]),
    shapely.MultiPolygon([shapely.box(20, 34, 21, 35), shapely.box(21, 35, 22, 36)]),  # touch in a corner
    shapely.Polygon([(24, 36), (28, 36.000001), (24, 36.000002)]),  # a needle
    shapely.Point(26, 38).buffer(0.7, quad_segs=64),
    shapely.Polygon([(23, 35), (29, 35), (29, 41), (23, 41), (23, 40), (28, 40), (28, 36), (23, 36)]),  # a C
]


def membership(index: AreaIndex, lon: np.ndarray, lat: np.ndarray, i: int) -> np.ndarray:
    return (index.bits(lon, lat) >> np.uint64(i) & np.uint64(1)).astype(bool)


def awkward_points(areas: list, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Points at random, on vertices, on edges, beside vertices by one rounding, and level with vertices."""
    west, south, east, north = shapely.total_bounds(areas)
    corners = shapely.get_coordinates(areas)
    k = rng.integers(0, len(corners) - 1, n)
    share = rng.choice([0.0, 0.5, 1 / 3, 0.123], n)[:, None]
    on_edge = corners[k] + share * (corners[k + 1] - corners[k])
    beside = np.nextafter(corners[k], corners[k] + rng.choice([-1.0, 1.0], (n, 2)))
    random = np.column_stack([rng.uniform(west - 1, east + 1, n), rng.uniform(south - 1, north + 1, n)])
    level = np.column_stack([random[:, 0], corners[k, 1]])
    above = np.column_stack([corners[k, 0], random[:, 1]])
    return tuple(np.vstack([random, corners[k], on_edge, beside, level, above]).T.copy())


def test_agrees_with_shapely_on_awkward_shapes():
    index = AreaIndex(ODD)
    lon, lat = awkward_points(ODD, np.random.default_rng(1), 20_000)
    for i, area in enumerate(ODD):
        expected = shapely.intersects_xy(area, lon, lat)
        assert expected.any()
        assert not expected.all()
        assert (membership(index, lon, lat, i) == expected).all()


def test_agrees_with_shapely_on_stars_of_many_seeds():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        angle = np.sort(rng.uniform(0, 2 * np.pi, 60))
        radius = rng.uniform(0.1, 1.0, 60)
        centre = rng.uniform(-20, 20, 2)
        star = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None] + centre)
        areas = [a for a in (star, shapely.box(*(star.bounds))) if a.is_valid]
        index = AreaIndex(areas)
        lon, lat = awkward_points(areas, rng, 2000)
        for i, area in enumerate(areas):
            assert (membership(index, lon, lat, i) == shapely.intersects_xy(area, lon, lat)).all()


def test_whole_numbers_everywhere():
    area = shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 2), (0, 4)])
    lon, lat = (a.ravel() for a in np.meshgrid(np.arange(-1, 5.5, 0.5), np.arange(-1, 5.5, 0.5)))
    assert (membership(AreaIndex([area]), lon, lat, 0) == shapely.intersects_xy(area, lon, lat)).all()


def test_64_areas_are_taken_and_65_are_not():
    boxes = [shapely.box(i, 0, i + 0.5, 1) for i in range(65)]
    index = AreaIndex(boxes[:64])
    assert index.bits([63.2, 0.2, 0.7], [0.5, 0.5, 0.5]).tolist() == [1 << 63, 1, 0]
    with pytest.raises(ValueError, match="65 areas in one index: at most 64"):
        AreaIndex(boxes)


def test_no_area_no_point_and_no_position():
    assert AreaIndex([]).bits([1.0], [1.0]).tolist() == [0]
    index = AreaIndex(ODD)
    assert index.bits([], []).shape == (0,)
    assert index.bits([np.nan, np.inf, 26.0, -np.inf], [38.0, 38.0, np.nan, np.inf]).tolist() == [0] * 4
    assert index.bits(26.2, 38.2).shape == (1,)
