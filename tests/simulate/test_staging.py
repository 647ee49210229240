"""Staged behaviours: every kind, off land, by night where it matters, of craft that nobody else is, and the same for a seed."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from pipeline.simulate.behaviours.behaviour import Behaviour
from pipeline.simulate.behaviours.setting import is_dark
from pipeline.simulate.craft import DAY_S
from pipeline.simulate.fleet import fleet
from pipeline.simulate.land import on_land
from pipeline.simulate.staging import CAST, FIRST_DAY, Staged, ships, stage
from pipeline.simulate.staging.places import NoPlaceError, Places
from pipeline.simulate.waters import Waters, open_waters

DAYS = 2
NO_PLACE_IN_THE_AEGEAN = {"port_of_interest"}  # no port of it is of interest


@pytest.fixture(scope="module")
def waters(cache: Path) -> Waters:
    return open_waters("aegean", cache)


@pytest.fixture(scope="module")
def cast(waters: Waters) -> Staged:
    return stage(waters, 1, DAYS)


@pytest.fixture(scope="module")
def staged(cast: Staged) -> Sequence[Behaviour]:
    return cast.behaviours


def test_every_kind_is_staged(staged: Sequence[Behaviour]) -> None:
    staged_times = Counter(behaviour.label.rpartition("_")[0] for behaviour in staged)
    assert {place.__name__ for place, _ in CAST if not staged_times[place.__name__]} <= NO_PLACE_IN_THE_AEGEAN
    assert all(staged_times[place.__name__] <= n_times for place, n_times in CAST)
    for core in ("dark_crossing", "dark_approach", "turned_back", "vanished", "ais_off_crossing", "engine_failure"):
        assert staged_times[core] >= 2, core
    assert max(Counter(behaviour.label for behaviour in staged).values()) == 1


def test_all_ways_keep_off_land(staged: Sequence[Behaviour]) -> None:
    ways = [passage.motion for behaviour in staged for passage in behaviour.passages]
    assert len(ways) > 80
    states = [way.at(np.arange(way.at_s[0], way.at_s[-1], 30)) for way in ways]
    lon, lat = (np.concatenate([getattr(state, name) for state in states]) for name in ("lon", "lat"))
    assert not on_land(lon, lat).any()


def test_all_of_it_plays_within_the_days(staged: Sequence[Behaviour]) -> None:
    for behaviour in staged:
        for passage in behaviour.passages:
            assert 0 <= passage.motion.at_s[0] < DAYS * DAY_S, behaviour.label
        for event in behaviour.events:
            assert event.started_s <= event.known_s <= DAYS * DAY_S, behaviour.label
            if event.sensor != "none":
                way = behaviour.passages[event.about].motion
                assert way.at_s[0] - 60 <= event.started_s <= way.at_s[-1] + 60, behaviour.label


def test_what_is_done_by_night_is_done_by_night(staged: Sequence[Behaviour]) -> None:
    by_night = [one for one in staged if one.name in ("dark_crossing", "turned_back", "out_and_back", "convoy")]
    assert len(by_night) >= 8
    for behaviour in by_night:
        assert is_dark(FIRST_DAY, behaviour.passages[0].motion)[0], behaviour.label
        assert any(event.rule == "f" for event in behaviour.events), behaviour.label
    transfers = [one for one in staged if one.name in ("fast_transfer", "sudden_acceleration")]
    assert transfers
    for behaviour in transfers:
        (event,) = behaviour.events
        way = behaviour.passages[0].motion
        assert not is_dark(FIRST_DAY, way.at(np.array([round(event.started_s)], dtype=np.int64))).any()


def test_their_numbers_are_theirs_alone(staged: Sequence[Behaviour], waters: Waters) -> None:
    crafts = {passage.craft for behaviour in staged for passage in behaviour.passages if passage.craft.mmsi}
    mmsis = Counter(craft.mmsi for craft in crafts)
    assert all(mmsi[3] == "8" and len(mmsi) == 9 and mmsi.isdigit() for mmsi in mmsis)
    assert max(mmsis.values()) == 1
    others = {passage.craft for passage in fleet(waters, 1, 60, 1)}
    assert not {craft.mmsi for craft in others} & set(mmsis)
    shared = Counter(craft.imo for craft in crafts if craft.imo)
    assert sorted(shared.values())[-2:] == [1, 2]  # a ship that changed its MMSI
    assert not {craft.imo for craft in others if craft.imo} & set(shared)
    without = [passage.craft.name for behaviour in staged for passage in behaviour.passages if not passage.craft.mmsi]
    assert max(Counter(without).values()) == 1


def test_what_has_no_place_is_named(cast: Staged) -> None:
    behaviours, left_out = cast
    assert "port_of_interest_1" in left_out
    assert not set(left_out) & {behaviour.label for behaviour in behaviours}
    assert len({*left_out, *(one.label for one in behaviours)}) >= sum(n_times for _, n_times in CAST)


def test_a_way_is_held_where_it_changes_only(staged: Sequence[Behaviour], waters: Waters) -> None:
    held = sum(len(passage.motion.at_s) for behaviour in staged for passage in behaviour.passages)
    longer = stage(waters, 1, 3 * DAYS).behaviours
    assert sum(len(passage.motion.at_s) for behaviour in longer for passage in behaviour.passages) < 1.5 * held


def test_a_ship_that_visits_a_corridor_comes_from_outside_and_leaves_it(waters: Waters) -> None:
    visits = []
    for seed in range(60):
        with suppress(NoPlaceError):
            visits.append(ships.zone_visit(Places(waters, FIRST_DAY, 1, np.random.default_rng(seed), 0), "visit"))
    assert len(visits) >= 3
    for behaviour in visits:
        (event,), way = behaviour.events, behaviour.passages[0].motion
        assert event.ended_s is not None
        assert way.at_s[0] < event.started_s < event.ended_s < way.at_s[-1]


def test_no_gap_is_staged_while_the_network_is_down(waters: Waters, cast: Staged) -> None:
    gaps = [event for one in cast.behaviours for event in one.events if event.event_type == "ais_gap"]
    down_s = (gaps[0].started_s - 60.0, gaps[0].started_s + 1740.0)
    clear = stage(waters, 1, DAYS, FIRST_DAY, down_s).behaviours
    others = [event for one in clear for event in one.events if event.event_type == "ais_gap"]
    assert others
    for event in others:
        assert event.started_s >= down_s[1] or (event.ended_s is not None and event.ended_s <= down_s[0])


def test_some_reports_are_vague(staged: Sequence[Behaviour]) -> None:
    (vague,) = [one for one in staged if one.name == "vague_reports"]
    assert {incident.precision for incident in vague.incidents} == {"month"}
    assert {incident.decimals for incident in vague.incidents} == {0, 1}
    assert (vague.is_positive, vague.events) == (False, ())


def test_the_same_seed_stages_the_same(staged: Sequence[Behaviour], waters: Waters) -> None:
    again = stage(waters, 1, DAYS).behaviours
    assert [(one.label, one.events, one.alerts, one.incidents) for one in again] == [
        (one.label, one.events, one.alerts, one.incidents) for one in staged
    ]
    for one, other in zip(again, staged, strict=True):
        for a, b in zip(one.passages, other.passages, strict=True):
            assert a.craft == b.craft
            assert np.array_equal(a.motion.lon, b.motion.lon)
            assert np.array_equal(a.motion.at_s, b.motion.at_s)


def test_another_day_has_another_night(waters: Waters) -> None:
    winter = date(2026, 12, 14)
    nights = [one for one in stage(waters, 2, 1, winter).behaviours if one.name == "dark_crossing"]
    assert nights
    for behaviour in nights:
        assert is_dark(winter, behaviour.passages[0].motion)[0]
