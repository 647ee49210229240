"""Craft keep to their plan, and each sensor sees what it can see."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.geo import distance_nm
from pipeline.simulate import day
from pipeline.simulate.aegean import MYTILINI_AYVALIK, boat, imo_number, ship
from pipeline.simulate.craft import (
    AT_ANCHOR,
    AWAY,
    DAY_S,
    STEP_S,
    UNDER_WAY,
    Craft,
    Plan,
    clock,
    move,
    sail,
    shuttle,
    stay,
)
from pipeline.simulate.sensors import CLUTTER_NM, RADARS, Passage, hear, watch

SEA = (26.62, 39.19)


def test_clock() -> None:
    assert clock("01:02") == 3720.0
    assert clock("23:59:59") == DAY_S - 1


def test_a_leg_takes_the_time_that_its_speed_says() -> None:
    motion = move((26.6, 39.0), sail((26.6, 39.1), sog_kn=6.0), begins_at_s=600.0)
    assert motion.at_s[0] == 600
    assert motion.at_s[-1] == pytest.approx(600 + 3600, abs=2 * STEP_S)  # 0.1 degree is 6 nm, less 0.1 %
    assert set(motion.cog_deg) == {0.0}
    assert np.all(np.diff(motion.lat) > 0.0)


def test_a_stay_that_is_over_already_is_none() -> None:
    motion = move(SEA, [*stay(500.0), *sail((26.62, 39.2), sog_kn=5.0)], begins_at_s=600.0)
    assert np.all(motion.sog_kn == 5.0)


def test_a_shuttle_ends_where_it_began() -> None:
    legs = shuttle(MYTILINI_AYVALIK, (3600.0, 14_400.0), 15.0)
    motion = move(MYTILINI_AYVALIK[0], [*legs, *stay(DAY_S)])
    assert (motion.lon[0], motion.lat[0]) == (motion.lon[-1], motion.lat[-1]) == MYTILINI_AYVALIK[0]
    assert np.ptp(motion.lon) > 0.1


def test_ais_is_silent_from_the_start_of_a_silence_to_before_its_end() -> None:
    rest = move(SEA, stay(3600.0, AT_ANCHOR))
    heard = hear(Passage(ship(1, "237", 70, 90, 14, 5), rest, ((1200.0, 2400.0),), 60), np.random.default_rng(1))
    offset_s = int(heard.at_s[0])
    assert 0 <= offset_s < STEP_S
    missing = sorted(set(range(0, 3600, 60)) - set((heard.at_s - offset_s).tolist()))
    assert missing == list(range(1200, 2400, 60))


def test_class_b_has_no_heading() -> None:
    under_way = move(SEA, sail((26.62, 39.25), sog_kn=6.0))
    rng = np.random.default_rng(1)
    assert set(hear(Passage(boat(1, "237", 30, 9), under_way), rng).heading_deg) == {511}
    assert 511 not in hear(Passage(ship(1, "237", 30, 9, 3, 1), under_way), rng).heading_deg


def test_a_radar_sees_neither_berths_nor_the_shore_nor_beyond_its_sector() -> None:
    radar = replace(RADARS[1], north=39.2)
    rng = np.random.default_rng(1)

    def seen(passage: Passage) -> int:
        return sum(len(track.reports.at_s) for track in watch(radar, [passage], rng))

    assert seen(Passage(Craft("at sea"), move(SEA, stay(3600.0, AT_ANCHOR)))) > 0
    assert seen(Passage(Craft("berthed"), move(SEA, stay(3600.0)))) == 0
    assert seen(Passage(Craft("beyond its sector"), move((26.62, 39.201), stay(3600.0, AT_ANCHOR)))) == 0
    assert seen(Passage(Craft("out of range"), move((26.62, 38.7), stay(3600.0, AT_ANCHOR)))) == 0
    to_the_beach = move(SEA, sail((26.5415, 39.155), sog_kn=8.0))
    (track,) = watch(radar, [Passage(Craft("to the beach"), to_the_beach)], rng)
    last_nm = distance_nm(39.155, 26.5415, track.reports.lat[-1], track.reports.lon[-1])
    assert CLUTTER_NM - 0.06 < last_nm < 0.6


def test_a_radar_gives_a_lost_craft_a_new_number() -> None:
    out_and_back = [*sail((26.62, 39.285), sog_kn=10.0), *sail((26.62, 39.295), sog_kn=2.0), *sail(SEA, sog_kn=10.0)]
    tracks = watch(RADARS[1], [Passage(Craft("twice"), move(SEA, out_and_back))], np.random.default_rng(1))
    assert [track.track_no for track in tracks] == [301, 302]


def test_a_way_over_land_is_refused() -> None:
    ashore = Passage(Craft("ashore"), move((26.62, 39.1), sail((26.4, 39.1), sog_kn=10.0)))
    with pytest.raises(ValueError, match="ashore would be on land at 39"):
        day.observe([ashore], 1)


def test_imo_numbers_have_their_check_digit() -> None:
    assert imo_number(1) == "2900010"  # 2x7 + 9x6 + 1x2 = 70, its last digit
    for serial in range(100):
        digits = [int(digit) for digit in imo_number(serial)]
        assert len(digits) == 7
        assert sum(a * b for a, b in zip(digits, range(7, 1, -1), strict=False)) % 10 == digits[6]


def test_a_plan_is_known_between_its_changes() -> None:
    plan = Plan((26.6, 39.0), -600.0)
    plan.stay(0.0, AT_ANCHOR)
    plan.sail([(26.6, 39.0), (26.6, 39.1)], 6.0)
    plan.leave(10_000.0, (26.0, 38.0))
    plan.stay(9_000.0, AT_ANCHOR)  # over already
    motion = plan.motion()
    assert motion.at_s.tolist() == [-600, 0, pytest.approx(3603, abs=3), 10_000]
    assert motion.nav_status.tolist() == [AT_ANCHOR, UNDER_WAY, AWAY, AWAY]
    state = motion.at(np.array([-300, 0, 1800, 5000]))
    assert state.lat[:3] == pytest.approx([39.0, 39.0, 39.05], abs=1e-3)
    assert state.sog_kn.tolist() == [0.0, 6.0, 6.0, 0.0]
    assert state.nav_status.tolist() == [AT_ANCHOR, UNDER_WAY, UNDER_WAY, AWAY]
    assert (motion.lon[-1], motion.lat[-1]) == (26.0, 38.0)
