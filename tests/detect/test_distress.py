"""Distress: who may need help, each rule at, just below and just above its numbers. Safety of life: a missed case is the worse error."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astral import Observer
from astral.sun import elevation

from pipeline.sea import Sea
from tests.detect.motions import Leg, Point, ais, at, day_by_day, fixes, in_one, radar, together, voyage
from tests.detect.three_days import BEACH, MIDDLE

NOON = at("2026-05-20", "12:00")
NIGHT = at("2026-05-20", "21:00")
LAT = 39.19
OFFSHORE_FROM, OFFSHORE_UNTIL = 26.525121, 26.722984  # along that parallel, from west to east
ELSEWHERE: Point = (24.0, 36.0)  # in no corridor, and in no watch zone's corridor
HOUR = 3600.0


def found(sea: Sea, *tracks: pa.Table, rule: str | None = None) -> list[dict[str, Any]]:
    """The events of distress and of tests of beacons, with evidence, in order of start."""
    events = [event for event in in_one(together(*tracks), sea).values() if event["event_type"].startswith("distress")]
    events = [
        event | {"evidence": json.loads(event["evidence"])}
        for event in sorted(events, key=lambda event: event["started_at"])
    ]
    return [event for event in events if rule in (None, event["evidence"]["rule"])]


def after_noon(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp() - NOON


def sending(status: int | None, minutes: float = 10.0, begins_s: float = NOON) -> dict[str, Any]:
    return {"fixes": voyage(begins_s, ELSEWHERE, ((24.01, 36.0), 0.5), every_s=60.0 * minutes), "nav_status": status}


# (a)


@pytest.mark.parametrize(
    ("mmsi", "status", "what"),
    [
        ("237000001", 14, "distress"),
        ("237000001", 13, None),
        ("237000001", 15, None),
        ("237000001", None, None),
        ("970000001", None, "distress"),
        ("970000001", 0, "distress"),
        ("970000001", 14, "distress"),
        ("970000001", 15, "distress_test"),
        ("972000001", 14, "distress"),
        ("974000001", 14, "distress"),
        ("974000001", 15, "distress_test"),
        ("969000001", 0, None),
        ("971000001", 0, None),
        ("973000001", 0, None),
        ("975000001", 0, None),
        ("111237001", 14, "distress"),
    ],
)
def test_a_status_14_and_beacons_and_their_tests(sea: Sea, mmsi: str, status: int | None, what: str | None) -> None:
    events = found(sea, ais(mmsi, **sending(status)))
    assert [event["event_type"] for event in events] == ([what] if what else [])
    for event in events:
        assert event["is_distress"] == (what == "distress")
        assert event["sar_phase"] == ("distress" if what == "distress" else None)
        assert event["known_at"] == event["started_at"], "the first message is enough"
        assert event["mmsi"] == mmsi


def test_a_wherever_it_sends(sea: Sea) -> None:
    for place in (ELSEWHERE, (-150.0, -40.0), (26.56, 39.103), BEACH):
        events = found(sea, ais("970000001", fixes((NOON, *place, 0, 0)), nav_status=14))
        assert [event["evidence"]["rule"] for event in events] == ["a"]


@pytest.mark.parametrize(("pause_s", "n"), [(3600.0, 1), (3601.0, 2)])
def test_a_is_one_matter_until_an_hour_has_passed(sea: Sea, pause_s: float, n: int) -> None:
    times = (NOON, NOON + 60, NOON + 60 + pause_s)
    events = found(sea, ais("970000001", fixes(*((t, *ELSEWHERE, 0, 0) for t in times)), nav_status=14))
    assert len(events) == n
    assert len({event["event_id"] for event in events}) == n


@pytest.mark.parametrize(("until_s", "state"), [(3600.0, "open"), (3601.0, "closed")])
def test_a_is_over_after_an_hour_without_a_message(sea: Sea, until_s: float, state: str) -> None:
    other = ais("237000001", fixes((NOON, *ELSEWHERE, 0, 0), (NOON + until_s, *ELSEWHERE, 0, 0)))
    (event,) = found(
        sea, ais("970000001", fixes((NOON - 60, *ELSEWHERE, 0, 0), (NOON, *ELSEWHERE, 0, 0)), nav_status=14), other
    )
    assert (event["state"], after_noon(event["ended_at"])) == (state, 0.0 if state == "closed" else None)


def test_a_of_days_ago_is_not_raised_again(sea: Sea) -> None:
    """The last fixes of a silent track stay in the scene for weeks; they are no new message."""
    beacon = ais("970000001", voyage(at("2026-05-20", "10:00"), ELSEWHERE, ((24.02, 36.0), 0.5)), nav_status=14)
    others = ais("237000001", voyage(at("2026-05-20", "10:00"), ELSEWHERE, (None, 5 * 86_400.0), every_s=600.0))
    motion = together(beacon, others)
    assert day_by_day(motion, sea) == in_one(motion, sea)
    assert len(found(sea, beacon, others)) == 1


def test_a_set_and_drift(sea: Sea) -> None:
    (event,) = found(sea, ais("970000001", voyage(NOON, ELSEWHERE, ((24.0, 36.02), 0.5)), nav_status=14))
    assert event["evidence"]["drift_kn"] == pytest.approx(0.5, abs=0.01)
    assert event["evidence"]["set_deg"] == 0.0


# (b), stop

SMALL = {"transceiver": "B", "length_m": 8.0}


def drop(
    from_kn: float, to_kn: float, *, lasts_s: float = 1200.0, pause_s: float = 60.0, lon: float = 26.66, **claims: Any
) -> pa.Table:
    """Under way until noon, then at another speed: a fix every minute from `pause_s` after noon on, the last one `lasts_s` later."""
    slow = np.append(np.arange(0.0, lasts_s, 60.0), lasts_s) + NOON + pause_s
    rows = [
        (NOON - 120, lon, LAT, from_kn, 250),
        (NOON, lon, LAT, from_kn, 250),
        *((t, lon, LAT, to_kn, 250) for t in slow),
    ]
    return ais("237000001", fixes(*rows), **{**SMALL, **claims})


@pytest.mark.parametrize(
    ("stop", "n"),
    [
        ({"from_kn": 3.0, "to_kn": 0.9}, 1),
        ({"from_kn": 2.9, "to_kn": 0.9}, 0),
        ({"from_kn": 7.0, "to_kn": 1.0}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "lasts_s": 1199.0}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "lasts_s": 1200.0}, 1),
        ({"from_kn": 7.0, "to_kn": 0.9, "pause_s": 600.0}, 1),
        ({"from_kn": 7.0, "to_kn": 0.9, "pause_s": 601.0}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "lon": OFFSHORE_UNTIL - 2e-6}, 1),
        ({"from_kn": 7.0, "to_kn": 0.9, "lon": OFFSHORE_UNTIL + 2e-6}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "lon": OFFSHORE_FROM + 2e-6}, 1),
        ({"from_kn": 7.0, "to_kn": 0.9, "lon": OFFSHORE_FROM - 2e-6}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "length_m": 20.0, "transceiver": "A"}, 1),
        ({"from_kn": 7.0, "to_kn": 0.9, "length_m": 20.1}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "length_m": None}, 1),
        ({"from_kn": 7.0, "to_kn": 0.9, "length_m": None, "transceiver": "A"}, 0),
        ({"from_kn": 7.0, "to_kn": 0.9, "length_m": None, "transceiver": None}, 1),
    ],
)
def test_b_stop(sea: Sea, stop: dict[str, Any], n: int) -> None:
    events = found(sea, drop(**stop), rule="b_stop")
    assert len(events) == n
    for event in events:
        assert (event["sar_phase"], event["is_distress"], event["state"]) == ("alert", True, "open")
        assert after_noon(event["started_at"]) == stop.get("pause_s", 60.0)
        assert after_noon(event["known_at"]) == stop.get("pause_s", 60.0) + 1200.0


def stopped(*then: Leg) -> pa.Table:
    return radar(1, voyage(NOON, BEACH, (MIDDLE, 7.0), (None, 1800.0), *then))


@pytest.mark.parametrize(("sog_kn", "state"), [(3.0, "closed"), (2.9, "open")])
def test_b_stop_ends_when_under_way_again(sea: Sea, sog_kn: float, state: str) -> None:
    (event,) = found(sea, stopped(((26.63, 39.19), sog_kn)), rule="b_stop")
    assert event["state"] == state


def test_b_stop_lasts_at_most_six_hours(sea: Sea) -> None:
    for hours, state in ((5.9, "open"), (6.1, "closed")):
        (event,) = found(sea, stopped((None, hours * HOUR - 1800.0)), rule="b_stop")
        assert event["state"] == state


def test_b_stop_of_an_echo_is_left_to_the_ais_track(sea: Sea) -> None:
    assert found(sea, radar(1, voyage(NOON, BEACH, (MIDDLE, 7.0), (None, 1800.0)), echo=True), rule="b_stop") == []


def test_b_stop_outside_a_corridor_is_none(sea: Sea) -> None:
    track = voyage(NOON, ELSEWHERE, ((24.1, 36.0), 7.0), (None, 3600.0))
    assert found(sea, ais("237000001", track, **SMALL), rule="b_stop") == []


# (b), vanish


def watchers(until_s: float) -> list[pa.Table]:
    """Three at anchor nearby by AIS and their echoes on the radar, until then."""
    rest = [
        voyage(NOON - HOUR, (26.65 + 0.005 * k, 39.21), (None, until_s + 60 - NOON + HOUR), every_s=60.0)
        for k in range(3)
    ]
    claims = {"length_m": 90.0, "transceiver": "A"}
    return [
        *(ais(f"63600000{k}", track, **claims) for k, track in enumerate(rest)),
        *(radar(90 + k, track, echo=True, **claims) for k, track in enumerate(rest)),
    ]


UNTIL_NOON = voyage(NOON - 1800.0, (26.70, LAT), (MIDDLE, 3.0))
UNTIL_NOON = {name: values[UNTIL_NOON["time"] <= NOON] for name, values in UNTIL_NOON.items()}


@pytest.mark.parametrize(("quiet_s", "n"), [(1800.0, 0), (1860.0, 1)])
def test_b_vanish_after_the_silence_of_a_gap(sea: Sea, quiet_s: float, n: int) -> None:
    events = found(sea, radar(1, UNTIL_NOON), *watchers(NOON + quiet_s), rule="b_vanish")
    assert [(event["state"], event["sar_phase"], event["confidence"]) for event in events] == [
        ("open", "alert", 0.6)
    ] * n
    assert [(after_noon(event["started_at"]), after_noon(event["known_at"])) for event in events] == [(0.0, 1800.0)] * n


@pytest.mark.parametrize(("followed_s", "n"), [(540.0, 0), (600.0, 1)])
def test_b_vanish_of_what_a_radar_followed_for_ten_minutes(sea: Sea, followed_s: float, n: int) -> None:
    short = {
        name: values[UNTIL_NOON["time"] >= UNTIL_NOON["time"][-1] - followed_s] for name, values in UNTIL_NOON.items()
    }
    assert len(found(sea, radar(1, short), *watchers(NOON + HOUR), rule="b_vanish")) == n
    assert len(found(sea, ais("237000001", short, **SMALL), *watchers(NOON + HOUR), rule="b_vanish")) == 1


@pytest.mark.parametrize(
    ("mmsi", "claims", "n"),
    [
        ("237000001", SMALL, 1),
        ("237000001", {"transceiver": "B"}, 1),
        ("237000001", {"transceiver": "A"}, 0),
        ("237000001", {"transceiver": "A", "length_m": 20.1}, 0),
        ("970000001", {}, 0),  # a beacon that stops sending is no craft; rule (a) speaks of it
        ("111237001", {}, 0),
        ("992370001", {}, 0),
        ("002370001", {}, 0),
    ],
)
def test_b_vanish_of_small_craft_only(sea: Sea, mmsi: str, claims: dict[str, Any], n: int) -> None:
    assert len(found(sea, ais(mmsi, UNTIL_NOON, **claims), *watchers(NOON + HOUR), rule="b_vanish")) == n


@pytest.mark.parametrize(
    ("last_lon", "n"),
    [(OFFSHORE_UNTIL - 2e-6, 1), (OFFSHORE_UNTIL + 2e-6, 0), (OFFSHORE_FROM + 2e-6, 1), (OFFSHORE_FROM - 2e-6, 0)],
)
def test_b_vanish_away_from_the_coast_only(sea: Sea, last_lon: float, n: int) -> None:
    track = fixes((NOON - 60, 26.6, LAT, 5, 0), (NOON, last_lon, LAT, 5, 0))
    assert len(found(sea, ais("237000001", track, **SMALL), *watchers(NOON + HOUR), rule="b_vanish")) == n


def test_b_vanish_closes_when_heard_again_and_is_less_sure_without_coverage(sea: Sea) -> None:
    again = {
        name: np.append(UNTIL_NOON[name], value)
        for name, value in zip(UNTIL_NOON, (NOON + 4000, *MIDDLE, 5.0, 0.0), strict=True)
    }
    elsewhere = ais("238000001", voyage(NOON - HOUR, ELSEWHERE, (None, HOUR + 5700.0)))
    (event,) = found(sea, ais("237000001", again, **SMALL), elsewhere, rule="b_vanish")
    assert (event["state"], after_noon(event["ended_at"]), event["confidence"]) == ("closed", 4000.0, 0.4)


def test_b_vanish_where_the_feed_was_down_is_void(sea: Sea) -> None:
    gone = [radar(90 + k, voyage(NOON - HOUR, (26.65 + 0.005 * k, 39.21), (None, HOUR))) for k in range(3)]
    elsewhere = radar(80, voyage(NOON - HOUR, (27.1, 37.7), (None, 3 * HOUR)), length_m=90.0, echo=True)
    events = found(sea, radar(1, UNTIL_NOON), *gone, elsewhere, rule="b_vanish")
    assert {(event["state"], event["confidence"], event["evidence"]["coverage"]) for event in events} == {
        ("void_coverage", 0.0, "down")
    }


@pytest.mark.parametrize(("n_echo", "n"), [(15, 1), (16, 0)])
def test_b_vanish_of_an_echo_in_the_last_half_hour(sea: Sea, n_echo: int, n: int) -> None:
    """31 fixes of the last half hour: at half of them or more with an AIS vessel at its place it is the echo of one."""
    assert len(UNTIL_NOON["time"]) == 31
    echo = [k < n_echo for k in range(31)]
    assert len(found(sea, radar(1, UNTIL_NOON, echo=echo), *watchers(NOON + HOUR), rule="b_vanish")) == n


# (f)


def steaming(
    sog_kn: float = 6.0, minutes: float = 30.0, begins_s: float = NIGHT, start: Point = (26.66, 39.25), **claims: Any
) -> pa.Table:
    """Southward along the middle of the strait; fixes every minute, the last one so many minutes after the first."""
    track = voyage(begins_s, start, ((start[0], start[1] - 0.5), sog_kn))
    keep = track["time"] <= begins_s + 60 * minutes
    return radar(1, {name: values[keep] for name, values in track.items()}, **claims)


@pytest.mark.parametrize(
    ("boat", "n"),
    [
        ({}, 1),
        ({"sog_kn": 2.0}, 1),
        ({"sog_kn": 1.9}, 0),
        ({"minutes": 10.0}, 1),
        ({"minutes": 9.0}, 0),
        ({"begins_s": NOON}, 0),
        ({"length_m": 20.0}, 1),
        ({"length_m": 20.1}, 0),
        ({"start": (24.0, 36.0)}, 0),
        ({"echo": True}, 0),
        ({"start": (26.56, 39.106), "sog_kn": 2.0, "minutes": 12.0}, 0),  # in the port of Mytilini
    ],
)
def test_f_a_small_craft_without_ais_under_way_at_night(sea: Sea, boat: dict[str, Any], n: int) -> None:
    events = found(sea, steaming(**boat), rule="f")
    assert [(event["sar_phase"], event["is_distress"], event["state"]) for event in events] == [
        ("uncertainty", True, "open")
    ] * n
    for event in events:
        assert event["started_at"].timestamp() == NIGHT
        assert event["known_at"].timestamp() == NIGHT + 600.0


def test_f_not_of_a_craft_with_ais(sea: Sea) -> None:
    track = voyage(NIGHT, (26.66, 39.25), ((26.66, 39.1), 6.0))
    assert found(sea, ais("237000001", track, **SMALL), rule="f") == []


def test_f_begins_and_ends_where_the_sun_stands_six_degrees_below_the_horizon(sea: Sea) -> None:
    """By astral, an implementation of its own."""
    for begins in ("17:00", "01:30"):
        start = at("2026-05-20", begins)
        boat = steaming(minutes=120.0, begins_s=start, sog_kn=3.0)
        (event,) = found(sea, boat, rule="f")
        here = Observer(39.2, 26.66)
        dark = [
            t
            for t in np.arange(start, start + 7201, 60.0)
            if elevation(here, datetime.fromtimestamp(t, UTC), with_refraction=False) < -6
        ]
        assert event["started_at"].timestamp() == pytest.approx(dark[0], abs=61)
        last = datetime.fromisoformat(event["evidence"]["last"]["at"]).timestamp()
        assert last == pytest.approx(dark[-1], abs=61)
        assert len(dark) < 110


def test_f_of_a_craft_whose_ais_is_off_after_a_while(sea: Sea) -> None:
    """For its first quarter of an hour an AIS vessel was at its place: no reason never to speak of it."""
    echo = [k < 15 for k in range(91)]
    (event,) = found(sea, steaming(minutes=90.0, echo=echo), rule="f")
    assert (event["known_at"] - event["started_at"]).total_seconds() == 30 * 60.0, (
        "from then on less than half of its fixes"
    )


@pytest.mark.parametrize(("pause_s", "n"), [(1800.0, 1), (3600.0, 1), (3700.0, 2)])
def test_f_is_one_matter_until_an_hour_has_passed(sea: Sea, pause_s: float, n: int) -> None:
    """It stops, and goes on after a while."""
    track = voyage(NIGHT - 2 * HOUR, (26.66, 39.25), ((26.66, 39.2), 6.0), (None, pause_s - 60.0), ((26.66, 39.1), 6.0))
    assert len(found(sea, radar(1, track), rule="f")) == n


def test_nothing_of_all_this_without_cause(sea: Sea) -> None:
    """A merchant ship by night, a yacht at anchor, a ferry, and their echoes."""
    ship = voyage(NIGHT, (26.66, 39.28), ((26.66, 38.9), 12.0))
    yacht = voyage(NIGHT, (26.65, 39.21), (None, 2 * HOUR), every_s=180.0)
    tracks = [
        ais("237000001", ship, transceiver="A", length_m=100.0),
        radar(1, ship, echo=True),
        ais("237000002", yacht, **SMALL),
        radar(2, yacht, echo=True),
    ]
    assert found(sea, *tracks) == []
