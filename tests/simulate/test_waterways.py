"""Ways over the sea keep off land, pass the straits, and keep to the lanes."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from pipeline.geo import distance_nm
from pipeline.simulate.land import Shore, on_land
from pipeline.simulate.theatres import THEATRES
from pipeline.simulate.waters import Waters
from pipeline.simulate.waterways import Waterways, open_waterways
from pipeline.zones import Zone

Path_ = tuple[tuple[float, float], ...]

OPEN_FRAME = (24.6, 33.55, 25.6, 34.45)  # south of Crete
EAST_LON, WEST_LON = 25.0, 24.9  # of two lanes, northward in the east
STRAITS = {
    "Samos": ((26.6, 37.45), (27.16, 37.9), shapely.box(27.02, 37.68, 27.08, 37.71)),
    "Kastellorizo": ((29.52, 36.18), (29.648, 36.155), shapely.box(29.58, 36.15, 29.6, 36.2)),
    "Dardanelles": ((25.6, 39.9), (28.2, 40.7), shapely.box(26.35, 40.1, 26.45, 40.25)),
}


def length_nm(path: Path_) -> float:
    lon, lat = np.array(path).T
    return float(distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def dense(path: Path_) -> np.ndarray:
    """Places [n, 2] along a path, some 50 m apart."""
    line = shapely.LineString(path)
    return shapely.get_coordinates(line.interpolate(np.arange(0.0, line.length, 0.0005)))


@pytest.fixture(scope="module")
def routes(aegean: Waters) -> list[Path_]:
    """Ways between random places of the sea."""
    ways, rng = aegean.ways, np.random.default_rng(5)
    west, south, east, north = ways.frame
    ends = [ways.nearest((rng.uniform(west, east), rng.uniform(south, north))) for _ in range(60)]
    return [ways.route(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True)]


def test_ways_keep_off_land(aegean: Waters, routes: list[Path_]) -> None:
    assert sum(len(route) > 4 for route in routes) > 10
    for route in routes:
        assert not aegean.ways.shore.touched(np.array(route)).any()
    along = np.vstack([dense(route) for route in routes])
    assert len(along) > 50_000
    assert not on_land(along[:, 0], along[:, 1]).any()


def test_a_way_begins_and_ends_where_it_was_asked_to(aegean: Waters) -> None:
    start, end = (26.3, 38.9), (25.2, 37.9)
    route = aegean.ways.route(start, end)
    assert (route[0], route[-1]) == (start, end)
    assert route == aegean.ways.route(start, end)
    assert aegean.ways.route(start, start) == (start, start)


def test_ways_are_not_much_longer_than_they_must_be(aegean: Waters) -> None:
    across_open_sea = aegean.ways.route((25.6, 35.6), (25.6, 36.2))
    assert len(across_open_sea) == 2
    round_a_cape = aegean.ways.route((26.45, 38.85), (26.62, 39.19))  # from the south of Lesvos to its east
    assert length_nm(round_a_cape) < 1.15 * length_nm((round_a_cape[0], (26.63, 38.97), round_a_cape[-1]))


@pytest.mark.parametrize("name", STRAITS)
def test_straits_are_passed(aegean: Waters, name: str) -> None:
    start, end, narrows = STRAITS[name]
    for route in (aegean.ways.route(start, end), aegean.ways.route(end, start)):
        assert shapely.LineString(route).intersects(narrows)


def test_ways_keep_clear_of_the_shore_where_there_is_room(aegean: Waters, routes: list[Path_]) -> None:
    lon, lat = np.vstack([dense(route) for route in routes]).T
    nearness = aegean.ways.shore.nearness(lon, lat)
    assert np.mean(nearness <= Shore.CLUTTER) < 0.02
    assert np.mean(nearness == Shore.OPEN) > 0.75


def test_what_lies_ashore_cannot_be_reached(aegean: Waters) -> None:
    with pytest.raises(ValueError, match=r"no navigable water can be reached from 39\.1500 N 26\.4000 E"):
        aegean.ways.route((26.4, 39.15), (26.62, 39.19))
    lon, lat = aegean.ways.nearest((26.4, 39.15))
    assert aegean.ways.shore.nearness(lon, lat)[0] > Shore.ASHORE


def test_berths_are_reached(aegean: Waters) -> None:
    quays = {port.zone.zone_id: port.quay for port in aegean.ports}
    route = aegean.ways.route(quays["port_mytilini"], quays["port_piraeus"])
    assert 150.0 < length_nm(route) < 200.0


@pytest.fixture(scope="module")
def laned(cache: Path) -> Waterways:
    """Open sea with a separation scheme of two lanes, a mile wide each."""

    def lane(zone_id: str, line: shapely.LineString) -> Zone:
        return Zone(zone_id, "tss_lane", zone_id, "aegean", line.buffer(0.01), shapely.MultiLineString([line]), None, None,
                    "drawn for this test", "own", "own", {"width_nm": 1.0})  # fmt: skip

    north = lane("north", shapely.LineString([(EAST_LON, 33.8), (EAST_LON, 34.3)]))
    south = lane("south", shapely.LineString([(WEST_LON, 34.3), (WEST_LON, 33.8)]))
    return open_waterways(OPEN_FRAME, [north, south], cache)


@pytest.mark.parametrize(("from_lat", "to_lat", "lane_lon"), [(33.6, 34.43, EAST_LON), (34.43, 33.6, WEST_LON)])
def test_ways_go_with_the_lanes(laned: Waterways, from_lat: float, to_lat: float, lane_lon: float) -> None:
    route = dense(laned.route((24.95, from_lat), (24.95, to_lat)))
    between = route[(route[:, 1] > 33.98) & (route[:, 1] < 34.12)]
    off_nm = np.abs(between[:, 0] - lane_lon) * 60.0 * np.cos(np.radians(34.0))
    assert len(between) > 200
    assert off_nm.max() <= 0.5


def test_what_the_theatres_say_lies_where_it_should(aegean: Waters) -> None:
    radars = [(radar.lon, radar.lat) for theatre in THEATRES.values() for radar in theatre.radars]
    stations = [(station.lon, station.lat) for theatre in THEATRES.values() for station in theatre.stations]
    assert on_land(*np.array(radars + stations).T).all()
    assert not on_land(*np.array([gate for theatre in THEATRES.values() for gate in theatre.gates]).T).any()
    for theatre in THEATRES.values():
        assert sum(theatre.shares.values()) == pytest.approx(1.0)
