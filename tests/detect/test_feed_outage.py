"""Feed outages: when a feed is down, from when to when, and what that does to the gaps and disappearances of its vessels."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.sea import Sea
from tests.detect.motions import (
    AIS,
    RADAR,
    Point,
    ais,
    at,
    day_by_day,
    differences,
    fixes,
    in_one,
    later,
    radar,
    together,
    voyage,
)
from tests.detect.three_days import BEACH, MIDDLE

NOON = at("2026-05-20", "12:00")
AT_SEA: Point = (26.62, 39.19)
IN_PORT: Point = (26.56, 39.103)
FAR: Point = (19.0, 55.0)
BACK_S = 5400.0
GONE = 1e9


def lying(
    off_s: float | None, back_s: float = BACK_S, where: Point = AT_SEA, hours: float = 4.0
) -> dict[str, np.ndarray]:
    """At rest around noon, heard every minute; with its last fix before a silence at exactly `off_s` after noon."""
    phase = (off_s or 0.0) % 60.0
    silent = () if off_s is None else ((NOON + off_s + 0.5, NOON + back_s),)
    return voyage(NOON - 3600.0 + phase, where, (None, (hours + 1.0) * 3600.0), silent=silent)


def outages(sea: Sea, *tracks: pa.Table, rule: str = "many_silent") -> list[dict[str, Any]]:
    found = in_one(together(*tracks), sea).values()
    events = [
        event | {"evidence": json.loads(event["evidence"])} for event in found if event["event_type"] == "feed_outage"
    ]
    return [event for event in events if event["evidence"]["rule"] == rule]


def after_noon(moment: Any) -> float | None:
    return None if moment is None else moment.timestamp() - NOON


def fleet(n_silent: int, n_heard: int, spread_s: float = 0.0, where: Point = AT_SEA, **how: Any) -> list[pa.Table]:
    """Vessels of which the first fall silent, the last of those `spread_s` after the first."""
    offs = np.linspace(0.0, spread_s, n_silent) if n_silent else []
    tracks = [lying(float(off_s), where=where, **how) for off_s in offs] + [lying(None) for _ in range(n_heard)]
    return [ais(f"2370000{k:02}", track, transceiver="A") for k, track in enumerate(tracks)]


@pytest.mark.parametrize(
    ("n_silent", "n_heard", "spread_s", "is_outage"),
    [
        (10, 10, 0.0, False),  # half is not more than half
        (11, 9, 0.0, True),
        (11, 10, 0.0, True),
        (6, 4, 0.0, True),
        (5, 5, 0.0, False),
        (6, 3, 0.0, False),  # nine vessels are too few
        (11, 9, 899.0, True),
        (11, 9, 900.0, False),  # the eleventh is not of the same quarter of an hour
    ],
)
def test_more_than_half_of_ten_or_more_within_a_quarter_of_an_hour(
    sea: Sea, n_silent: int, n_heard: int, spread_s: float, is_outage: bool
) -> None:
    found = outages(sea, *fleet(n_silent, n_heard, spread_s))
    assert len(found) == is_outage
    if is_outage:
        assert found[0]["evidence"]["n_active"] == n_silent + n_heard
        assert after_noon(found[0]["started_at"]) == 0.0
        fell = found[0]["evidence"]["n_fell_silent"]
        assert fell > (n_silent + n_heard) / 2
        assert after_noon(found[0]["known_at"]) == 1800.0 + spread_s * (fell - 1) / max(n_silent - 1, 1)


def test_ships_quiet_in_port_are_no_outage_and_do_not_count(sea: Sea) -> None:
    assert outages(sea, *fleet(12, 8, where=IN_PORT)) == []
    moored = [ais(f"2390000{k:02}", lying(None, where=IN_PORT)) for k in range(30)]
    assert len(outages(sea, *fleet(11, 9), *moored)) == 1


def test_vessels_that_report_too_rarely_say_nothing_in_time(sea: Sea) -> None:
    for interval_s, is_outage in ((450.0, True), (460.0, False)):  # may be silent for 90 and for 92 minutes
        rare = [
            ais(
                f"2370000{k:02}",
                voyage(
                    NOON - 10 * interval_s,
                    AT_SEA,
                    (None, 6 * 3600.0),
                    every_s=interval_s,
                    silent=((NOON + 1, NOON + 10_000),),
                ),
            )
            for k in range(11)
        ]
        heard = [ais(f"2380000{k:02}", lying(None, hours=5)) for k in range(9)]
        assert len(outages(sea, *rare, *heard)) == is_outage


@pytest.mark.parametrize(("n_silent", "needed"), [(11, 6), (12, 6), (13, 7)])
def test_it_ends_when_half_are_heard_again(sea: Sea, n_silent: int, needed: int) -> None:
    silent = [ais(f"2370000{k:02}", lying(0.0, back_s=BACK_S + 60.0 * k)) for k in range(n_silent)]
    heard = [ais(f"2380000{k:02}", lying(None)) for k in range(8)]
    (found,) = outages(sea, *silent, *heard)
    assert (found["state"], after_noon(found["ended_at"])) == ("closed", BACK_S + 60.0 * (needed - 1))
    assert found["confidence"] == 0.8


@pytest.mark.parametrize(("hours", "ended_s"), [(23.0, None), (25.0, 86_400.0)])
def test_it_lasts_no_longer_than_a_day_when_they_never_come_back(sea: Sea, hours: float, ended_s: float | None) -> None:
    """Else a fleet that left would silence every later gap and disappearance for ever."""
    silent = [ais(f"2370000{k:02}", lying(0.0, back_s=GONE, hours=hours)) for k in range(11)]
    heard = [ais(f"2380000{k:02}", lying(None, hours=hours)) for k in range(9)]
    (found,) = outages(sea, *silent, *heard)
    assert (found["state"], after_noon(found["ended_at"])) == ("open" if ended_s is None else "closed", ended_s)


def test_an_outage_voids_the_gaps_that_it_explains_and_no_other(sea: Sea) -> None:
    longer = ais("247000001", lying(0.0, back_s=BACK_S + 1801.0))
    as_long = ais("247000002", lying(0.0, back_s=BACK_S + 1800.0))
    events = in_one(together(*fleet(11, 7), longer, as_long), sea).values()
    gaps = {event["mmsi"]: event for event in events if event["event_type"] == "ais_gap"}
    assert len(gaps) == 13
    assert {event["state"] for mmsi, event in gaps.items() if mmsi != "247000001"} == {"void_coverage"}
    assert {event["confidence"] for mmsi, event in gaps.items() if mmsi != "247000001"} == {0.0}
    assert gaps["247000001"]["state"] == "closed"
    assert sum(event["event_type"] == "feed_outage" for event in events) == 1


@pytest.mark.parametrize(("pause_s", "is_outage"), [(2700.0, False), (2701.0, True)])
def test_a_whole_feed_silent_for_more_than_three_of_its_pauses(sea: Sea, pause_s: float, is_outage: bool) -> None:
    track = ais("237000001", fixes((NOON - 60, *FAR, 5, 0), (NOON, *FAR, 5, 0), (NOON + pause_s, *FAR, 5, 0)))
    found = outages(sea, track, rule="feed_silent")
    assert len(found) == is_outage
    if is_outage:
        (event,) = found
        assert [after_noon(event[name]) for name in ("started_at", "known_at", "ended_at")] == [0.0, 2700.0, pause_s]
        assert (event["source_ids"], event["confidence"], event["duration_s"]) == ([AIS], 1.0, pause_s)


def test_feeds_are_judged_apart_and_a_source_that_is_not_known_any_more_is_never_called_down(sea: Sea) -> None:
    times = (NOON - 60, NOON, NOON + 50_000)
    gone = ais("237000001", fixes(*((t, *FAR, 5, 0) for t in times)), source_id="retired")
    other = ais("237000002", voyage(NOON - 600, FAR, (None, 60_000.0)))
    assert outages(sea, gone, other, rule="feed_silent") == []
    assert (
        outages(
            sea, ais("237000001", fixes(*((t, *FAR, 5, 0) for t in times))), radar(1, other_fixes()), rule="feed_silent"
        )
        != []
    )


def other_fixes() -> dict[str, np.ndarray]:
    return voyage(NOON - 600, FAR, (None, 60_000.0))


def radar_outage(new_tracks: int) -> list[pa.Table]:
    """Twelve of fourteen radar tracks are lost at noon; forty minutes later new ones begin, one a minute. A boat leaves the beach at half past two."""
    lost = [radar(k, voyage(NOON - 3600.0, AT_SEA, (None, 3601.0))) for k in range(12)]
    kept = [radar(20 + k, lying(None)) for k in range(2)]
    new = [radar(40 + k, voyage(NOON + 2400.0 + 60.0 * k, AT_SEA, (None, 3 * 3600.0))) for k in range(new_tracks)]
    boat = radar(99, voyage(NOON + 9000.0, BEACH, (MIDDLE, 7.0), every_s=60.0))
    return [*lost, *kept, *new, boat]


def test_an_outage_of_a_radar_ends_when_as_many_new_tracks_begin(sea: Sea) -> None:
    """Its numbers never come back: waiting for them would hold back every later disappearance."""
    (found,) = outages(sea, *radar_outage(12))
    assert (found["source_ids"], found["state"], after_noon(found["ended_at"])) == (
        [RADAR],
        "closed",
        2400.0 + 60.0 * 5,
    )
    (found,) = outages(sea, *radar_outage(4))
    assert found["state"] == "open", "four new tracks and the boat are not half of twelve"


def test_what_a_radar_loses_in_its_outage_is_void_and_what_it_loses_later_is_not(sea: Sea) -> None:
    events = in_one(together(*radar_outage(12)), sea).values()
    vanished = {event["track_id"]: event for event in events if json.loads(event["evidence"]).get("rule") == "b_vanish"}
    states = {track: event["state"] for track, event in vanished.items()}
    assert [states[f"radar:R:{k}:20260520.1"] for k in range(12)] == ["void_coverage"] * 12
    assert states["radar:R:99:20260520.1"] == "open"


def test_a_slow_reporter_that_fell_silent_just_before_is_part_of_the_same_outage(sea: Sea) -> None:
    """It is known to be silent half an hour later than the others; that is no second outage."""
    slow = voyage(NOON - 12 * 300.0, AT_SEA, (None, 5 * 3600.0), every_s=300.0, silent=((NOON + 1, NOON + BACK_S),))
    silent = [ais(f"2370000{k:02}", lying(300.0)) for k in range(12)]
    heard = [ais(f"2380000{k:02}", lying(None)) for k in range(7)]
    (found,) = outages(sea, ais("247000001", slow), *silent, *heard)
    assert (after_noon(found["started_at"]), found["evidence"]["n_fell_silent"]) == (300.0, 12)


def test_new_tracks_of_a_radar_count_once_when_midnight_falls_between_them(sea: Sea) -> None:
    motion = later(together(*radar_outage(12)), 11 * 3600.0 + 17 * 60.0 + 30.0)
    one = in_one(motion, sea)
    assert any(event["event_type"] == "feed_outage" and event["state"] == "closed" for event in one.values())
    assert differences(one, day_by_day(motion, sea)) == []
