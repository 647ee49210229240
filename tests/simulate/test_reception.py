"""Receivers, radars and satellites hear and see what they can, with the faults of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from pipeline.geo import distance_nm
from pipeline.simulate.aegean import boat, ship
from pipeline.simulate.craft import AT_ANCHOR, DAY_S, MOORED, Craft, Plan, Point, move, sail, stay
from pipeline.simulate.land import Plane, Shore
from pipeline.simulate.radar_chain import RadarChain
from pipeline.simulate.reception import Disturbance, Network, collect, misstated, spoiled
from pipeline.simulate.satellite import SCENE_HEADER, scene_lines
from pipeline.simulate.sensors import Passage, Radar, RadarTrack
from pipeline.simulate.theatres import Station
from pipeline.simulate.waters import Waters

STATION = Station("alone", 25.0, 36.2, 40.0)
OTHER = Station("far", 25.0, 39.5, 40.0)
DAY = date(2026, 5, 14)


def network(aegean: Waters, *stations: Station, seed: int = 1, day: int = 0) -> Network:
    return Network(stations or (STATION,), aegean.ways.plane, seed, day, undisturbed=True)


def north_of(station: Station, away_nm: float) -> Point:
    return station.lon, station.lat + away_nm / 60.0


def lying(craft: Craft, where: Point, nav_status: int = AT_ANCHOR, until_s: float = DAY_S) -> Passage:
    return Passage(craft, move(where, stay(until_s, nav_status)))


def cruising(craft: Craft, where: Point, sog_kn: float) -> Passage:
    """To and fro between a place and one two miles north of it, all day."""
    plan, there = Plan(where, 0.0), (where[0], where[1] + 2.0 / 60.0)
    while plan.now_s < DAY_S:
        plan.sail([plan.where, there if plan.where == where else where], sog_kn)
    return Passage(craft, plan.motion())


CLASS_A, CLASS_B = ship(1, "237", 70, 120, 18, 6), boat(2, "237", 36, 12)


def n_heard(passage: Passage, of: Network) -> int:
    heard = of.hear(passage)
    return 0 if heard is None else len(heard.arrived_s)


@pytest.mark.parametrize(
    ("passage", "per_day"),
    [
        (cruising(CLASS_A, north_of(STATION, 5.0), 12.0), 1440),
        (cruising(CLASS_A, north_of(STATION, 5.0), 30.0), 1440),
        (cruising(CLASS_B, north_of(STATION, 5.0), 6.0), 1440),
        (lying(CLASS_A, north_of(STATION, 5.0)), 480),
        (lying(CLASS_B, north_of(STATION, 5.0), MOORED), 480),
    ],
    ids=["class A", "fast class A", "class B", "at anchor", "class B at rest"],
)
def test_close_by_a_report_a_minute_is_heard_and_at_rest_one_in_three(
    aegean: Waters, passage: Passage, per_day: int
) -> None:
    heard = network(aegean).hear(passage)
    assert heard is not None
    assert 0.86 * per_day <= len(heard.arrived_s) <= per_day
    assert np.diff(np.sort(heard.reports.at_s)).min() >= 1
    assert np.bincount(heard.reports.at_s // 60).max() == 1
    assert np.median(np.diff(np.sort(heard.reports.at_s))) == DAY_S / per_day


@pytest.mark.parametrize("craft", [CLASS_A, CLASS_B])
def test_reception_fades_with_distance(aegean: Waters, craft: Craft) -> None:
    counts = [
        n_heard(cruising(craft, north_of(STATION, away_nm), 5.0), network(aegean)) for away_nm in (5, 26, 38, 48, 70)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 1200
    assert 0 < counts[-1] < 60  # by satellite only


def test_class_b_fades_sooner_than_class_a(aegean: Waters) -> None:
    place = north_of(STATION, 30.0)
    a, b = (n_heard(cruising(craft, place, 5.0), network(aegean)) for craft in (CLASS_A, CLASS_B))
    assert b < a / 4


def test_the_chance_is_a_half_at_the_range_of_the_station(aegean: Waters) -> None:
    at_range = lying(replace(CLASS_A, name="at the range"), north_of(STATION, STATION.range_nm))
    assert 0.35 * 480 < n_heard(at_range, network(aegean)) < 0.55 * 480  # of 0.9 at best


def disturbed(aegean: Waters, *troubles: Disturbance) -> Network:
    one = network(aegean, STATION, OTHER)
    one.disturbances = list(troubles)
    return one


def test_a_deaf_station_hears_nothing_for_a_while(aegean: Waters) -> None:
    near, far = lying(CLASS_A, north_of(STATION, 5.0)), lying(CLASS_A, north_of(OTHER, 5.0))
    deaf = disturbed(aegean, Disturbance(0, "deaf", 30_000.0, 40_000.0, 0))
    heard, elsewhere = deaf.hear(near), deaf.hear(far)
    assert heard is not None
    assert elsewhere is not None
    during = (heard.reports.at_s >= 30_000) & (heard.reports.at_s < 40_000)
    assert during.sum() <= 2  # a satellite
    assert ((elsewhere.reports.at_s >= 30_000) & (elsewhere.reports.at_s < 40_000)).sum() > 45
    assert not heard.is_late.any()


def test_what_a_station_heard_while_its_line_was_down_comes_late(aegean: Waters) -> None:
    heard = disturbed(aegean, Disturbance(0, "line", 30_000.0, 40_000.0, 0)).hear(
        lying(CLASS_A, north_of(STATION, 5.0))
    )
    assert heard is not None
    during = (heard.reports.at_s >= 30_000) & (heard.reports.at_s < 40_000)
    assert during.sum() > 45
    assert np.array_equal(heard.is_late, during)


def test_a_wrong_clock_shifts_the_stamps_and_not_the_order(aegean: Waters) -> None:
    passage = lying(CLASS_A, north_of(STATION, 5.0))
    right, wrong = (
        disturbed(aegean).hear(passage),
        disturbed(aegean, Disturbance(0, "clock", 30_000.0, 40_000.0, -77)).hear(passage),
    )
    assert right is not None
    assert wrong is not None
    shift_s = wrong.reports.at_s - right.reports.at_s
    during = (right.reports.at_s >= 30_000) & (right.reports.at_s < 40_000)
    assert set(shift_s[during]) == {-77}
    assert set(shift_s[~during]) == {0}
    assert np.array_equal(right.arrived_s, wrong.arrived_s)


def test_a_labelled_craft_is_silent_skewed_and_elsewhere_as_its_story_says(aegean: Waters) -> None:
    where, said = north_of(STATION, 5.0), move(north_of(STATION, 9.0), stay(DAY_S, AT_ANCHOR))
    told = replace(
        lying(CLASS_A, where), ais_silences=((7200.0, 9000.0),), clock_skews=((20_000.0, 30_000.0, 900),), reported=said
    )
    honest, heard = network(aegean).hear(lying(CLASS_A, where)), network(aegean).hear(told)
    assert honest is not None
    assert heard is not None
    assert not ((heard.reports.at_s >= 7200) & (heard.reports.at_s < 9000)).any()
    assert np.diff(np.sort(heard.reports.at_s)).max() > 1000
    assert distance_nm(*reversed(where), heard.reports.lat, heard.reports.lon).min() > 3.9
    assert distance_nm(*reversed(where), honest.reports.lat, honest.reports.lon).max() < 0.02


def test_an_interval_that_a_story_asks_for_is_kept(aegean: Waters) -> None:
    heard = network(aegean).hear(replace(cruising(CLASS_A, north_of(STATION, 5.0), 10.0), ais_interval_s=300))
    assert heard is not None
    assert 0.9 * 288 < len(heard.arrived_s) <= 288


def test_disturbances_befall_stations_on_some_days(aegean: Waters) -> None:
    found = [one for day in range(40) for one in Network((STATION, OTHER), aegean.ways.plane, 1, day).disturbances]
    assert set(Counter(one.kind for one in found)) == {"deaf", "line", "clock"}
    assert 5 < len(found) < 35


def test_lines_stand_in_the_order_of_arrival(aegean: Waters) -> None:
    craft = [replace(CLASS_A, mmsi=f"2379{n:05d}") for n in range(20)]
    lines = collect(network(aegean).hear_all([lying(one, north_of(STATION, 5.0)) for one in craft])).in_order()
    backward = np.diff(lines.at_s) < 0
    assert 0.002 < backward.mean() < 0.2
    assert np.all(np.diff(lines.arrived_s) >= 0.0)
    assert (lines.arrived_s - lines.at_s).max() <= 202.0


def test_the_faults_planted_are_those_counted(aegean: Waters) -> None:
    craft = [replace(CLASS_A, mmsi=f"2379{n:05d}") for n in range(30)]
    lines = collect(network(aegean).hear_all([cruising(one, north_of(STATION, 5.0), 8.0) for one in craft]))
    faulty, counts = spoiled(lines, np.random.default_rng(1))
    assert min(counts.values()) > 5
    assert len(faulty) == len(lines) + counts["repeat"]
    sound = faulty.take(np.arange(len(lines)))
    assert (sound.sog_kn == 102.3).sum() == counts["sog_kn"]
    assert (sound.heading_deg == 511).sum() == counts["heading_deg"]
    assert (sound.cog_deg == 360.0).sum() == counts["cog_deg"]  # none of them is at rest
    assert ((sound.lon == 181.0) & (sound.lat == 91.0)).sum() == counts["no_position"]
    assert (lines.sog_kn < 100.0).all()  # what was heard is as it was


def test_some_craft_say_wrong_things_of_themselves_all_the_time(aegean: Waters) -> None:
    craft = [replace(CLASS_A, mmsi=f"2379{n:05d}") for n in range(400)]
    heard = [network(aegean).hear(lying(one, north_of(STATION, 5.0), until_s=3600.0)) for one in craft]
    said = [misstated(one, 1).craft for one in heard if one is not None]
    wrong = Counter((one.name == "", one.length_m == 0.0, one.ship_type == 90) for one in said)
    assert sum(count for flags, count in wrong.items() if any(flags)) == pytest.approx(12, abs=8)
    assert set(wrong) == {(False, False, False), (True, False, False), (False, True, False), (False, False, True)}


# radars

RADAR = Radar("R-TEST", 25.0, 36.2, 18.0)
BOAT = Craft("a boat", length_m=7.0)


def chain(aegean: Waters, *radars: Radar) -> RadarChain:
    return RadarChain(radars or (RADAR,), aegean.ways.plane, aegean.ways.shore, 1)


def tracks_of(craft: Craft, tracks: Sequence[RadarTrack]) -> list[RadarTrack]:
    return [track for track in tracks if track.craft == craft]


def plots(aegean: Waters, craft: Craft, away_nm: float) -> int:
    tracks = tracks_of(craft, chain(aegean).watch([cruising(craft, north_of(STATION, away_nm), 5.0)], 0))
    return sum(len(track.reports.at_s) for track in tracks)


def test_radar_misses_more_of_what_is_far_and_small(aegean: Waters) -> None:
    counts = [plots(aegean, BOAT, away_nm) for away_nm in (3.0, 10.0, 15.5, 20.0)]
    assert 0.9 * 1440 < counts[0] < 1440
    assert counts[0] >= counts[1] > 2 * counts[2]
    assert counts[3] == 0
    big = Craft("a ship", length_m=80.0)
    assert plots(aegean, big, 14.0) > 2 * plots(aegean, BOAT, 14.0)


def test_radar_knows_no_names_and_measures_no_small_craft(aegean: Waters) -> None:
    tracks = chain(aegean).watch(
        [cruising(BOAT, north_of(STATION, 3.0), 5.0), cruising(CLASS_A, north_of(STATION, 6.0), 5.0)], 0
    )
    assert np.isnan(tracks_of(BOAT, tracks)[0].length_m).all()
    assert 100.0 < np.median(tracks_of(CLASS_A, tracks)[0].length_m) < 140.0
    of_ship = np.concatenate([track.reports.at_s for track in tracks_of(CLASS_A, tracks)])
    assert np.median(np.diff(of_ship)) == 180


def test_a_track_breaks_now_and_then_and_when_it_was_lost_for_ten_minutes(aegean: Waters) -> None:
    steady = cruising(BOAT, north_of(STATION, 3.0), 5.0)
    whole = tracks_of(BOAT, chain(aegean).watch([steady], 0))
    assert 1 < len(whole) < 10
    assert len({track.track_no for track in whole}) == len(whole)
    hidden = replace(steady, radar_silences=((30_000.0, 31_200.0),))
    parted = tracks_of(BOAT, chain(aegean).watch([hidden], 0))
    times_s = np.concatenate([track.reports.at_s for track in parted])
    assert not ((times_s >= 30_010) & (times_s < 31_200)).any()
    before, after = (
        next(track.track_no for track in parted if track.reports.at_s[at] > after_s)
        for at, after_s in ((-1, 29_000), (0, 31_000))
    )
    assert before != after


def test_a_track_keeps_its_number_over_midnight(aegean: Waters) -> None:
    plan = Plan(north_of(STATION, 3.0), 0.0)
    plan.stay(2.0 * DAY_S, AT_ANCHOR)
    at_anchor = Passage(BOAT, plan.motion())
    two_days = chain(aegean)
    first, second = (tracks_of(BOAT, two_days.watch([at_anchor], day)) for day in range(2))
    assert first[-1].track_no == second[0].track_no
    assert {track.track_no for track in first[:-1]}.isdisjoint(track.track_no for track in second)
    assert max(track.reports.at_s.max() for track in first) < DAY_S <= second[0].reports.at_s[0]


def test_radar_sees_neither_berths_nor_the_shore_nor_who_is_away(aegean: Waters) -> None:
    radar = Radar("R-LESVOS", 26.545, 39.130)
    berthed = lying(BOAT, aegean.ways.nearest((26.567, 39.1025)), MOORED)
    ashore = lying(replace(BOAT, name="by the beach"), aegean.ways.nearest((26.545, 39.130)))
    out = lying(replace(BOAT, name="out"), (26.62, 39.19))
    tracks = chain(aegean, radar).watch([berthed, ashore, out], 0)
    assert aegean.ways.shore.nearness(ashore.motion.lon[0], ashore.motion.lat[0])[0] <= Shore.CLUTTER
    assert not tracks_of(berthed.craft, tracks)
    assert not tracks_of(ashore.craft, tracks)
    assert tracks_of(out.craft, tracks)


def test_neighbours_hand_over(aegean: Waters) -> None:
    north = replace(RADAR, sensor_id="R-NORTH", lat=RADAR.lat + 0.3)
    through = Passage(BOAT, move((25.0, 36.15), sail((25.0, 36.55), sog_kn=8.0)))
    tracks = tracks_of(BOAT, chain(aegean, RADAR, north).watch([through], 0))
    lats = {name: [t.reports.lat for t in tracks if t.sensor_id == name] for name in ("R-TEST", "R-NORTH")}
    assert np.concatenate(lats["R-TEST"]).max() < 36.36
    assert np.concatenate(lats["R-NORTH"]).min() > 36.34


def test_the_sea_gives_tracks_of_its_own(aegean: Waters) -> None:
    tracks = chain(aegean).watch([], 0)
    assert 3 < len(tracks) < 30
    assert all(3 <= len(track.reports.at_s) < 9 for track in tracks)
    assert {tuple(t.reports.at_s) for t in tracks} != {tuple(t.reports.at_s) for t in chain(aegean).watch([], 1)}


# satellites


def test_a_scene_shows_what_is_large_with_an_error_and_misses_what_is_small(aegean: Waters) -> None:
    west, south, east, north = aegean.ways.frame
    rng = np.random.default_rng(1)
    places = [(float(lon), float(lat)) for lon, lat in rng.uniform((west, south), (east, north), (1500, 2))]
    at_sea = [place for place in places if aegean.ways.shore.nearness(*place)[0] == Shore.OPEN][:600]
    large = [lying(replace(CLASS_A, name=f"large {n}", mmsi=f"2379{n:05d}"), place) for n, place in enumerate(at_sea)]
    small = [lying(Craft(f"small {n}", length_m=7.0), place) for n, place in enumerate(at_sea)]
    mmsis = {passage.craft.mmsi for passage in large[:300]}
    rows = [
        dict(zip(SCENE_HEADER.split(","), line.split(","), strict=True))
        for line in scene_lines([*large, *small], mmsis, aegean.ways, DAY, 0, 1)
    ]
    lengths_m = np.array([float(row["length_m"]) for row in rows])
    assert len({row["scene_id"] for row in rows}) == 2
    assert (lengths_m > 50).sum() > 100
    assert (lengths_m < 20).sum() < 0.15 * (lengths_m > 50).sum()
    matched = {row["mmsi"] for row in rows if row["mmsi"]}
    assert matched
    assert matched <= mmsis
    true = {passage.craft.mmsi: (passage.motion.lon[0], passage.motion.lat[0]) for passage in large}
    errors_m = [
        1852.0 * float(distance_nm(float(r["lat"]), float(r["lon"]), true[r["mmsi"]][1], true[r["mmsi"]][0]))
        for r in rows
        if r["mmsi"]
    ]
    assert 40.0 < np.median(errors_m) < 110.0
    assert np.ptp([float(row["lon"]) for row in rows if row["scene_id"] == rows[0]["scene_id"]]) < 5.0  # a strip


def test_the_plane_is_right_to_six_per_cent() -> None:
    plane = Plane((22.5, 34.5, 30.2, 41.3))
    for lat in (34.5, 38.0, 41.3):
        x, y = plane.xy(np.array([25.0, 25.5]), np.array([lat, lat]))
        assert np.hypot(np.diff(x), np.diff(y))[0] == pytest.approx(float(distance_nm(lat, 25.0, lat, 25.5)), rel=0.06)
