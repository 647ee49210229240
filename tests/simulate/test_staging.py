"""Staged behaviours: every kind, off land, by night where it matters, of craft that nobody else is, and the same for a seed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from pipeline.simulate.behaviours.behaviour import Behaviour
from pipeline.simulate.behaviours.setting import is_dark
from pipeline.simulate.craft import DAY_S
from pipeline.simulate.fleet import fleet
from pipeline.simulate.land import on_land
from pipeline.simulate.staging import CAST, FIRST_DAY, stage
from pipeline.simulate.waters import Waters, open_waters

DAYS = 2
NO_PLACE_IN_THE_AEGEAN = {"port_of_interest"}  # no port of it is of interest


@pytest.fixture(scope="module")
def waters(cache: Path) -> Waters:
    return open_waters("aegean", cache)


@pytest.fixture(scope="module")
def staged(waters: Waters) -> Sequence[Behaviour]:
    return stage(waters, 1, DAYS)


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
    lon, lat = (np.concatenate([getattr(way, name)[::3] for way in ways]) for name in ("lon", "lat"))
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
        assert not is_dark(FIRST_DAY, way)[np.searchsorted(way.at_s, event.started_s)]


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


def test_the_same_seed_stages_the_same(staged: Sequence[Behaviour], waters: Waters) -> None:
    again = stage(waters, 1, DAYS)
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
    nights = [one for one in stage(waters, 2, 1, winter) if one.name == "dark_crossing"]
    assert nights
    for behaviour in nights:
        assert is_dark(winter, behaviour.passages[0].motion)[0]
