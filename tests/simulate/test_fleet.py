"""The fleet is the same for a seed, keeps off land and to the speeds of its kinds, and is where such craft are."""

import numpy as np
import pytest

from pipeline.geo import distance_nm
from pipeline.sea import Sea
from pipeline.simulate.craft import AWAY, DAY_S, FISHING, MOORED, Motion
from pipeline.simulate.fleet import fleet
from pipeline.simulate.land import on_land
from pipeline.simulate.sensors import Passage
from pipeline.simulate.waters import Waters

VESSELS, DAYS = 120, 2
MINUTES = np.arange(0, DAYS * DAY_S, 60)
MERCHANT, FAST, FERRY, CRUISE, FISHER, YACHTS = range(70, 90), (40,), (60,), (69,), (30,), (36, 37)
# ship types and the speeds between which the fastest of them goes at sea, in kn
SPEEDS = {
    "merchant": (MERCHANT, 9.0, 19.0),
    "fast ferry": (FAST, 30.0, 38.0),
    "ferry": (FERRY, 10.0, 30.0),
    "cruise": (CRUISE, 8.0, 20.0),
    "fishing": (FISHER, 7.5, 9.5),
    "yacht": (YACHTS, 5.0, 22.0),
    "patrol": ((55,), 12.0, 22.0),
    "service": ((50, 52), 8.0, 18.0),
}


@pytest.fixture(scope="module")
def craft(aegean: Waters) -> list[Passage]:
    """A small fleet."""
    return list(fleet(aegean, 3, VESSELS, DAYS))


def of_types(craft: list[Passage], ship_types: tuple[int, ...] | range) -> list[Passage]:
    return [passage for passage in craft if passage.craft.ship_type in ship_types]


def minute_by_minute(passage: Passage) -> Motion:
    return passage.motion.at(MINUTES[passage.motion.at_s[0] <= MINUTES])


def test_a_craft_does_the_same_in_a_larger_fleet_and_for_longer(aegean: Waters, craft: list[Passage]) -> None:
    smaller = list(fleet(aegean, 3, 50, 1))
    for one, same in zip(smaller, craft, strict=False):
        assert one.craft == same.craft
        first_day = MINUTES[(MINUTES < DAY_S) & (one.motion.at_s[0] <= MINUTES)]
        assert np.array_equal(one.motion.at(first_day).lon, same.motion.at(first_day).lon)
        assert np.array_equal(one.motion.at(first_day).nav_status, same.motion.at(first_day).nav_status)


def test_another_seed_is_another_fleet(aegean: Waters, craft: list[Passage]) -> None:
    others = list(fleet(aegean, 4, 50, 1))
    assert sum(one.craft == other.craft for one, other in zip(craft, others, strict=False)) < 5


def test_every_plan_lasts_to_the_end(craft: list[Passage]) -> None:
    assert len(craft) == VESSELS
    for passage in craft:
        assert passage.motion.at_s[0] <= 0
        assert passage.motion.at_s[-1] >= DAYS * DAY_S
        assert np.all(np.diff(passage.motion.at_s) >= 0)


def test_nobody_touches_land(aegean: Waters, craft: list[Passage]) -> None:
    for passage in craft:
        way = passage.motion
        path = np.column_stack((way.lon, way.lat))
        here = way.nav_status[:-1] != AWAY
        assert not aegean.ways.shore.touched(path)[here].any(), passage.craft.name
    states = [minute_by_minute(passage) for passage in craft]
    lon, lat = (np.concatenate([getattr(s, name)[s.nav_status != AWAY] for s in states]) for name in ("lon", "lat"))
    assert len(lon) > 200_000
    assert not on_land(lon[::5], lat[::5]).any()


@pytest.mark.parametrize("kind", SPEEDS)
def test_nobody_is_faster_or_slower_than_its_kind(craft: list[Passage], kind: str) -> None:
    ship_types, least_kn, most_kn = SPEEDS[kind]
    under_way = []
    for passage in of_types(craft, ship_types):
        state = minute_by_minute(passage)
        here = (state.nav_status[:-1] != AWAY) & (state.nav_status[1:] != AWAY)
        step_nm = distance_nm(state.lat[:-1], state.lon[:-1], state.lat[1:], state.lon[1:])[here]
        assert step_nm.max(initial=0.0) * 60.0 <= most_kn * 1.01, passage.craft.name
        assert state.sog_kn.max() <= most_kn
        if state.sog_kn.max() > 0.0:  # others lie in port or at anchor
            under_way.append(state.sog_kn.max())
    assert under_way
    assert min(under_way) >= least_kn


def test_nobody_is_fast_at_a_berth(craft: list[Passage]) -> None:
    for passage in of_types(craft, (*FAST, *FERRY, *CRUISE)):
        state = minute_by_minute(passage)
        leaves = np.flatnonzero((state.nav_status[:-1] == MOORED) & (state.nav_status[1:] != MOORED)) + 1
        assert (state.sog_kn[leaves] <= 8.0).all()


def test_ferries_keep_to_their_line_and_timetable(aegean: Waters, craft: list[Passage]) -> None:
    ends = np.array([line.path[end] for line in aegean.ferry_lines for end in (0, -1)])
    for passage in of_types(craft, (*FAST, *FERRY)):
        state = minute_by_minute(passage)
        if state.sog_kn.max() == 0.0:
            continue  # one that is laid up
        at_berth = state.nav_status == MOORED
        away_nm = distance_nm(state.lat[at_berth], state.lon[at_berth], ends[:, 1, None], ends[:, 0, None]).min(axis=0)
        assert 0.05 < at_berth.mean() < 0.97
        assert away_nm.max() < 0.1


def test_fishing_boats_work_on_the_grounds(aegean: Waters, craft: list[Passage]) -> None:
    grounds = np.vstack([ground.places for ground in aegean.grounds])
    working = [minute_by_minute(passage) for passage in of_types(craft, FISHER)]
    assert np.mean([np.mean(state.nav_status == FISHING) for state in working]) > 0.1
    for state in working:
        at_work = np.flatnonzero(state.nav_status == FISHING)[::60]
        assert (state.sog_kn[at_work] <= 3.8).all()
        away_nm = distance_nm(state.lat[at_work, None], state.lon[at_work, None], grounds[:, 1], grounds[:, 0]).min(
            axis=1
        )
        assert away_nm.max(initial=0.0) < 2.1  # halfway between two places of it


def test_who_has_no_ais_and_who_is_a_yacht_is_out_by_day(craft: list[Passage]) -> None:
    boats = [passage for passage in craft if not passage.craft.mmsi]
    assert boats
    for passage in boats:
        state = minute_by_minute(passage)
        out_at_s = MINUTES[-len(state.at_s) :][state.nav_status != MOORED] % DAY_S
        assert out_at_s.min() >= 5 * 3600
        assert out_at_s.max() <= 17 * 3600
        assert np.ptp(state.lat) * 60.0 < 4.0
    for passage in of_types(craft, YACHTS):
        state = minute_by_minute(passage)
        out_at_s = state.at_s[state.nav_status != MOORED] % DAY_S
        assert ((out_at_s >= 6 * 3600) & (out_at_s <= 18.1 * 3600)).all()


def test_who_is_moored_lies_in_a_port(sea: Sea, craft: list[Passage]) -> None:
    for passage in craft:
        if passage.craft.ship_type in (*FAST, *FERRY):
            continue  # a line may end outside of the port's circle
        state = minute_by_minute(passage)
        moored = state.nav_status == MOORED
        assert sea.in_port(state.lon[moored], state.lat[moored]).all(), passage.craft.name


def test_identities_are_invented_and_well_formed(craft: list[Passage]) -> None:
    with_ais = [passage.craft for passage in craft if passage.craft.mmsi]
    assert len({one.mmsi for one in with_ais}) == len(with_ais) > 100
    assert all(len(one.mmsi) == 9 and one.mmsi[3] == "9" for one in with_ais)
    assert {one.transceiver for one in with_ais} == {"A", "B"}
    assert all(one.name.startswith("PHAROS SIM ") for one in with_ais)
    numbers = [one.imo for one in with_ais if one.imo]
    assert len(set(numbers)) == len(numbers) > 30
    for number in numbers:
        assert number.startswith("29")
        assert sum(int(digit) * weight for digit, weight in zip(number, range(7, 1, -1), strict=False)) % 10 == int(
            number[6]
        )


def test_ships_come_in_and_go_out_by_the_gates(aegean: Waters, craft: list[Passage]) -> None:
    gates = np.array(aegean.gates)
    left = 0
    for passage in of_types(craft, MERCHANT):
        way = passage.motion
        for out in np.flatnonzero(way.nav_status == AWAY):
            if out + 1 < len(way.at_s):
                left += 1
                for at in (out, out + 1):
                    assert distance_nm(way.lat[at], way.lon[at], gates[:, 1], gates[:, 0]).min() < 0.1
    assert left > 10
