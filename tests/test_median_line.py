"""The median line of simple coasts whose median is known."""

import numpy as np
import pytest
import shapely

from pipeline.geo import distance_nm
from pipeline.median_line import median_line

WEST = [shapely.LineString([(26.0, 38.0), (26.0, 40.0)])]
EAST = [shapely.LineString([(26.2, 38.0), (26.2, 40.0)])]
AREA = shapely.box(25.9, 38.5, 26.3, 39.5)


def test_between_two_meridians_lies_the_one_in_the_middle():
    line = median_line(WEST, EAST, AREA)
    xy = shapely.get_coordinates(line)
    np.testing.assert_allclose(xy[:, 0], 26.1, atol=2e-4)
    assert [xy[:, 1].min(), xy[:, 1].max()] == pytest.approx([38.5, 39.5], abs=1e-3)


@pytest.mark.parametrize(("left", "right", "northward"), [(WEST, EAST, True), (EAST, WEST, False)])
def test_it_is_directed_with_the_left_coast_on_the_left(left, right, northward):
    start, *_, end = shapely.get_coordinates(median_line(left, right, AREA))
    assert (end[1] > start[1]) == northward


def test_around_an_island_it_is_as_far_from_either_coast():
    island = [shapely.Point(26.0, 39.0).buffer(0.1).exterior]
    mainland = [shapely.LineString([(25.5, 39.4), (26.5, 39.3)])]
    line = median_line(mainland, island, shapely.box(25.6, 39.05, 26.4, 39.45))
    coasts = [shapely.get_coordinates(shapely.segmentize(coast, 1e-4)) for coast in (mainland, island)]
    for lon, lat in shapely.get_coordinates(line):
        near = [float(distance_nm(lat, lon, xy[:, 1], xy[:, 0]).min()) for xy in coasts]
        assert near[0] == pytest.approx(near[1], rel=0.01)


def test_coasts_without_a_median_in_the_area_are_refused():
    with pytest.raises(ValueError, match="no median line in this area"):
        median_line(WEST, EAST, shapely.box(27.0, 38.5, 27.1, 39.0))
