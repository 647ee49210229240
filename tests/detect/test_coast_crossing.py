"""Crossings from coast to coast: each state, and each number at, just below and just above its threshold."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.sea import Corridor, Sea
from tests.detect.motions import Leg, Point, ais, at, fixes, in_one, radar, together, voyage
from tests.detect.three_days import ACROSS, BEACH, COVE, MIDDLE

EVENING = at("2026-05-20", "20:00")
LAT = 39.19  # along this parallel, from east to west: the departure band ends, the gate, the arrival band begins
BAND_ENDS, GATE, BAND_BEGINS = 26.711684, 26.634635, 26.552940
PAST: Point = (26.61, 39.185)
YACHT = {"transceiver": "B", "length_m": 12.0}
HOUR = 3600.0


@pytest.fixture(scope="module")
def strait(sea: Sea) -> Corridor:
    """The corridor of Lesvos."""
    return next(corridor for corridor in sea.corridors if corridor.zone_id == "corridor_lesvos")


def crossings(sea: Sea, *tracks: pa.Table) -> list[dict[str, Any]]:
    """The crossings found, with evidence, in order of start."""
    found = [event for event in in_one(together(*tracks), sea).values() if event["event_type"] == "coast_crossing"]
    return [
        event | {"evidence": json.loads(event["evidence"])}
        for event in sorted(found, key=lambda event: event["started_at"])
    ]


def phases(sea: Sea, *tracks: pa.Table) -> list[tuple[str, str]]:
    return [(event["phase"], event["state"]) for event in crossings(sea, *tracks)]


def at_speed(sog_kn: float, *points: Point) -> list[Leg]:
    return [(point, sog_kn) for point in points]


def boat(*legs: Leg, start: Point = BEACH, begins_s: float = EVENING) -> pa.Table:
    """A radar track without AIS."""
    return radar(1, voyage(begins_s, start, *legs))


def watching(until_s: float) -> list[pa.Table]:
    """Three echoes of ships at anchor in the strait, by which the radar and the AIS are heard to be up."""
    places = ((26.63, 39.21), (26.64, 39.2), (26.62, 39.22))
    rest = [voyage(EVENING - HOUR, place, (None, until_s + HOUR - EVENING), every_s=120.0) for place in places]
    return [
        *(radar(90 + k, track, echo=True, length_m=90.0) for k, track in enumerate(rest)),
        *(ais(f"63600000{k}", track, transceiver="A", length_m=90.0) for k, track in enumerate(rest)),
    ]


def test_it_goes_from_approaching_to_completed_under_one_id(sea: Sea) -> None:
    whole = voyage(EVENING, BEACH, *at_speed(7.0, *ACROSS))
    seen = {}
    for n in range(20, len(whole["time"]) + 1, 3):
        part: Mapping[str, np.ndarray] = {name: values[:n] for name, values in whole.items()}
        for event in crossings(sea, radar(1, part)):
            seen.setdefault(event["event_id"], []).append((event["phase"], event["state"], event["known_at"]))
    (history,) = seen.values()
    words = [(phase, state) for phase, state, _ in history]
    assert sorted(set(words), key=words.index) == [("approaching", "open"), ("completed", "closed")]
    assert len({known for *_, known in history}) == 1, "known at the approach, and from then on"


@pytest.mark.parametrize(("lon", "kinds"), [(BAND_ENDS + 2e-6, ["coast"]), (BAND_ENDS - 2e-6, [])])
def test_it_departs_within_d_of_the_departure_coast(sea: Sea, lon: float, kinds: list[str]) -> None:
    track = fixes(
        (EVENING, lon, LAT, 7, 270), *((EVENING + 600 * k, 26.70 - 0.02 * k, LAT, 7, 270) for k in range(1, 9))
    )
    assert [
        event["evidence"]["departure"]["kind"] for event in crossings(sea, ais("237000001", track, **YACHT))
    ] == kinds
    seen_by_radar = crossings(sea, radar(1, track))
    assert [event["evidence"]["departure"]["kind"] for event in seen_by_radar] == (kinds or ["first_seen"])


@pytest.mark.parametrize(("lon", "phase"), [(BAND_BEGINS - 2e-6, "completed"), (BAND_BEGINS + 2e-6, "approaching")])
def test_it_is_completed_within_d_of_the_arrival_coast(sea: Sea, lon: float, phase: str) -> None:
    assert [
        name
        for name, _ in phases(sea, boat(*at_speed(7.0, (26.66, LAT), (26.60, LAT)), ((lon, LAT), 7.0), (None, 61.0)))
    ] == [phase]


def one_step(sog_kn: float, cog_deg: float, place: Point = PAST) -> pa.Table:
    """A yacht leaves the coast, and its only fix past the line has this speed and course."""
    return ais(
        "237000001",
        fixes((EVENING, *BEACH, 7, 250), (EVENING + 1500, *MIDDLE, 7, 250), (EVENING + 3000, *place, sog_kn, cog_deg)),
        **YACHT,
    )


@pytest.mark.parametrize(("off_deg", "n"), [(29.99, 1), (-29.99, 1), (30.01, 0), (-30.01, 0), (180.0, 0)])
def test_it_heads_for_the_arrival_coast_within_thirty_degrees(
    sea: Sea, strait: Corridor, off_deg: float, n: int
) -> None:
    _, bearing = strait.to_arrival(*PAST)
    found = crossings(sea, one_step(7.0, (float(bearing[0]) + off_deg) % 360))
    assert [event["phase"] for event in found] == ["approaching"] * n


@pytest.mark.parametrize(("hours", "n"), [(1.999, 1), (2.001, 0)])
def test_it_would_be_there_within_two_hours(sea: Sea, strait: Corridor, hours: float, n: int) -> None:
    to_go_nm, bearing = strait.to_arrival(*PAST)
    assert len(crossings(sea, one_step(float(to_go_nm[0]) / hours, float(bearing[0])))) == n


def test_without_a_course_or_speed_nobody_heads_anywhere(sea: Sea, strait: Corridor) -> None:
    _, bearing = strait.to_arrival(*PAST)
    assert crossings(sea, one_step(7.0, np.nan)) == []
    assert crossings(sea, one_step(np.nan, float(bearing[0]))) == []
    near = (26.555, LAT)
    _, bearing = strait.to_arrival(*near)
    assert len(crossings(sea, one_step(0.5, float(bearing[0]), near))) == 0, "more than two hours off at half a knot"


@pytest.mark.parametrize(("after_s", "n"), [(6 * HOUR, 1), (6 * HOUR + 1, 0)])
def test_the_line_is_crossed_within_the_limit_of_the_departure(
    sea: Sea, strait: Corridor, after_s: float, n: int
) -> None:
    _, bearing = strait.to_arrival(*PAST)
    track = fixes(
        (EVENING, *BEACH, 7, 250), (EVENING + 1800, *MIDDLE, 0, 250), (EVENING + after_s, *PAST, 7, float(bearing[0]))
    )
    assert len(crossings(sea, ais("237000001", track, **YACHT))) == n


@pytest.mark.parametrize(("after_s", "phase"), [(6 * HOUR, "completed"), (6 * HOUR + 1, "approaching")])
def test_the_arrival_coast_is_reached_within_the_limit(sea: Sea, after_s: float, phase: str) -> None:
    there = voyage(EVENING, BEACH, *at_speed(7.0, MIDDLE, PAST), (None, after_s - 4200.0), every_s=600.0)
    track = {
        name: np.append(there[name], value)
        for name, value in zip(there, (EVENING + after_s, *COVE, 7.0, 250.0), strict=True)
    }
    departed = [row for row in range(6) if track["lon"][row] > BAND_ENDS]
    track["time"] = track["time"] - (track["time"][departed[-1]] - EVENING)
    track["time"][-1] = EVENING + after_s
    (event,) = crossings(sea, ais("237000001", track, **YACHT))
    assert (event["phase"], event["state"]) == (phase, "closed")


def test_the_other_way_round_is_none(sea: Sea) -> None:
    assert phases(sea, boat(*at_speed(7.0, *ACROSS[-2::-1], BEACH), start=COVE)) == []


def test_without_a_crossing_of_the_line_there_is_none(sea: Sea) -> None:
    assert phases(sea, boat(*at_speed(7.0, MIDDLE, BEACH, MIDDLE))) == []


def test_turned_back_over_the_line_or_to_the_departure_coast(sea: Sea) -> None:
    over_the_line = crossings(sea, boat(*at_speed(7.0, MIDDLE, PAST, MIDDLE)))
    to_the_coast = crossings(sea, boat(*at_speed(7.0, MIDDLE, PAST, MIDDLE, BEACH)))
    assert [(event["phase"], event["state"]) for event in (*over_the_line, *to_the_coast)] == [
        ("turned_back", "closed")
    ] * 2
    assert over_the_line[0]["ended_at"] == to_the_coast[0]["ended_at"], "it turned back where it passed the line"


def test_wavering_about_the_line_is_one_crossing(sea: Sea) -> None:
    assert phases(sea, boat(*at_speed(7.0, MIDDLE, PAST, MIDDLE, PAST, MIDDLE, *ACROSS[1:]))) == [
        ("completed", "closed")
    ]


def test_never_approaching_is_no_crossing(sea: Sea) -> None:
    """Along the line and over it, bound for neither coast."""
    assert phases(sea, boat(((26.66, 39.2), 7.0), ((26.63, 39.3), 7.0), ((26.64, 39.25), 7.0))) == []


def test_vanished_between_the_coasts_while_others_are_heard(sea: Sea) -> None:
    lost = boat(*at_speed(7.0, MIDDLE, PAST))
    lost_s = lost.column("observed_at")[-1].as_py().timestamp()
    assert phases(sea, lost, *watching(lost_s + 1800)) == [("approaching", "open")], (
        "half an hour is not more than half an hour"
    )
    (event,) = crossings(sea, lost, *watching(lost_s + 2000))
    assert (event["phase"], event["state"], event["evidence"]["coverage"]) == ("vanished", "closed", "covered")
    assert event["ended_at"].timestamp() == lost_s


def test_a_craft_that_is_heard_again_in_time_has_not_vanished(sea: Sea) -> None:
    for legs, wanted in (
        (at_speed(5.0, *ACROSS), "completed"),
        (at_speed(5.0, MIDDLE, PAST, MIDDLE, BEACH), "turned_back"),
    ):
        track = voyage(EVENING, BEACH, *legs, silent=((EVENING + 3900, EVENING + 5880),))
        assert [name for name, _ in phases(sea, ais("237000001", track, **YACHT), *watching(EVENING + 4 * HOUR))] == [
            wanted
        ]


def test_where_the_feed_was_down_it_is_void_and_not_vanished(sea: Sea) -> None:
    lost = boat(*at_speed(7.0, MIDDLE, PAST))
    lost_s = lost.column("observed_at")[-1].as_py().timestamp()
    too = [radar(90 + k, voyage(EVENING, (26.63 + 0.005 * k, 39.21), (None, lost_s - EVENING))) for k in range(3)]
    elsewhere = radar(80, voyage(EVENING, (27.1, 37.7), (None, 4 * HOUR)))
    (event,) = crossings(sea, lost, *too, elsewhere)
    assert (event["phase"], event["state"], event["ended_at"], event["evidence"]["coverage"]) == (
        "approaching",
        "void_coverage",
        None,
        "down",
    )


def test_who_left_the_corridor_and_is_silent_then_has_not_vanished(sea: Sea) -> None:
    """Nor has it when it is heard again after the limit."""
    away = [
        *at_speed(9.0, MIDDLE, PAST),
        *at_speed(30.0, (26.65, 39.07), (26.645, 39.0), (26.56, 38.9), (26.45, 38.87), (26.25, 38.85)),
    ]
    out = voyage(EVENING, BEACH, *away)
    out_s = float(out["time"][-1])
    gone = ais("237000001", out, **YACHT)
    back = {
        name: np.append(out[name], value)
        for name, value in zip(out, (out_s + 8 * HOUR, 26.2, 38.85, 7.0, 180.0), strict=True)
    }
    for track, until_s in (
        (gone, out_s + 2 * HOUR),
        (gone, out_s + 8 * HOUR),
        (ais("237000001", back, **YACHT), out_s + 9 * HOUR),
    ):
        assert [name for name, _ in phases(sea, track, *watching(until_s))] == ["approaching"]


@pytest.mark.parametrize(("share", "n"), [(0.49, 1), (0.51, 0)])
def test_the_echo_of_an_ais_vessel_is_left_to_its_ais_track(sea: Sea, share: float, n: int) -> None:
    track = voyage(EVENING, BEACH, *at_speed(7.0, *ACROSS))
    (event,) = crossings(sea, radar(1, track))
    start, known = (
        int(np.flatnonzero(track["time"] == event[name].timestamp())[0]) for name in ("started_at", "known_at")
    )
    rows = np.arange(start, known + 1)
    near = np.zeros(len(track["time"]), dtype=bool)
    near[rows[: round(share * len(rows))]] = True
    assert len(crossings(sea, radar(1, track, echo=near.tolist()))) == n


@pytest.mark.parametrize("mmsi", ["111237001", "972000001", "992370001"])
def test_aircraft_beacons_and_aids_to_navigation_cross_nothing(sea: Sea, mmsi: str) -> None:
    assert phases(sea, ais(mmsi, voyage(EVENING, BEACH, *at_speed(20.0, *ACROSS)))) == []


@pytest.mark.parametrize(("rest_s", "returned"), [(1800.0, True), (12 * HOUR, False)])
def test_out_and_back_within_twice_the_limit(sea: Sea, rest_s: float, returned: bool) -> None:
    track = voyage(EVENING, BEACH, *at_speed(12.0, *ACROSS), (None, rest_s), *at_speed(12.0, *ACROSS[-2::-1]))
    (event,) = crossings(sea, ais("237000001", track, **YACHT))
    assert (event["evidence"]["returned_at"] is not None) == returned
    assert event["phase"] == "completed"


def test_port_calls_at_both_ends(sea: Sea) -> None:
    """From the quay of Ayvalik and Mytilini it is a port call; off a beach it is none; close to a port nothing is said."""
    ayvalik, mytilini = (26.687, 39.317), (26.56, 39.103)
    to_port = voyage(EVENING, ayvalik, *at_speed(12.0, (26.66, 39.24), (26.60, 39.14), mytilini), (None, 600.0))
    (event,) = crossings(sea, ais("237000001", to_port, **YACHT))
    assert (event["evidence"]["departure"]["from_port"], event["evidence"]["last"]["to_port"]) == (True, True)
    (event,) = crossings(sea, boat(*at_speed(7.0, *ACROSS)))
    assert (event["evidence"]["departure"]["from_port"], event["evidence"]["last"]["to_port"]) == (False, None)
    arrived_s = event["ended_at"].timestamp()
    for after_s, said in ((HOUR - 60, None), (HOUR, False)):
        (event,) = crossings(
            sea,
            boat(*at_speed(7.0, *ACROSS)),
            radar(2, voyage(EVENING, (19.0, 55.0), (None, arrived_s + after_s + 60 - EVENING))),
        )
        assert event["evidence"]["last"]["to_port"] is said


@pytest.mark.parametrize(("sog_kn", "fast"), [(25.0, True), (24.9, False)])
def test_high_speed_is_counted_from_25_knots(sea: Sea, sog_kn: float, fast: bool) -> None:
    (event,) = crossings(sea, boat(*at_speed(sog_kn, *ACROSS)))
    assert (event["evidence"]["fast_for_s"] > 300.0) == fast
    assert event["evidence"]["mean_speed_kn"] == pytest.approx(sog_kn, rel=0.02)


def test_night_and_silence_are_in_the_evidence(sea: Sea) -> None:
    (by_night,) = crossings(sea, boat(*at_speed(7.0, *ACROSS)))
    (by_day,) = crossings(sea, boat(*at_speed(7.0, *ACROSS), begins_s=at("2026-05-20", "10:00")))
    assert (by_night["evidence"]["dark_fraction"], by_night["evidence"]["is_night_at_midpoint"]) == (1.0, True)
    assert (by_day["evidence"]["dark_fraction"], by_day["evidence"]["is_night_at_midpoint"]) == (0.0, False)
    dark_middle = voyage(EVENING, BEACH, *at_speed(6.0, *ACROSS), silent=((EVENING + 1200, EVENING + 3600),))
    (inferred,) = crossings(sea, ais("237000001", dark_middle, **YACHT))
    assert inferred["evidence"]["gate"]["is_inferred"]
    assert inferred["evidence"]["longest_silence_s"] == 2460.0
    assert not by_night["evidence"]["gate"]["is_inferred"]


def test_each_crossing_of_a_day_has_its_id_and_keeps_it_when_late_data_move_its_start(sea: Sea) -> None:
    legs = [*at_speed(12.0, *ACROSS), (None, 600.0), *at_speed(12.0, *ACROSS[-2::-1], BEACH), *at_speed(12.0, *ACROSS)]
    begins_s = at("2026-05-20", "08:00")
    track = voyage(begins_s, BEACH, *legs)
    whole = crossings(sea, ais("237000001", track, **YACHT))
    assert [event["phase"] for event in whole] == ["completed", "completed"]
    assert len({event["event_id"] for event in whole}) == 2
    start = int(np.flatnonzero(track["time"] == whole[0]["started_at"].timestamp())[0])
    without = np.delete(np.arange(len(track["time"])), range(start - 2, start + 1))
    lacking = crossings(sea, ais("237000001", {name: values[without] for name, values in track.items()}, **YACHT))
    assert lacking[0]["started_at"] < whole[0]["started_at"]
    assert [event["event_id"] for event in lacking] == [event["event_id"] for event in whole]
