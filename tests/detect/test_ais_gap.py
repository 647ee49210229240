"""AIS gaps: of whom, from when to when, what is said of them, and that they keep their id while they last."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import pytest

from pipeline.detect import ais_gap
from pipeline.sea import Sea
from tests.detect.motions import AIS, Point, ais, at, day_by_day, fixes, in_one, radar, scene, together, voyage

NOON = at("2026-05-20", "12:00")
AT_SEA: Point = (26.62, 39.19)
IN_PORT: Point = (26.56, 39.103)
WITNESSES = [voyage(NOON - 7200, (26.63 + 0.005 * k, 39.2), (None, 60 * 3600.0), every_s=120.0) for k in range(3)]


def gaps(sea: Sea, *tracks: pa.Table) -> list[dict[str, Any]]:
    """The gaps found that begin about noon, with evidence; three ships at anchor nearby witness."""
    witnesses = [ais(f"63600000{k}", track, transceiver="A") for k, track in enumerate(WITNESSES)]
    found = [event for event in in_one(together(*tracks, *witnesses), sea).values() if event["event_type"] == "ais_gap"]
    return [
        event | {"evidence": json.loads(event["evidence"])}
        for event in found
        if event["started_at"].timestamp() <= NOON
    ]


def quiet(from_s: float = 0.0, until_s: float = 3600.0, where: Point = AT_SEA) -> dict[str, np.ndarray]:
    """At rest, silent between its fix at `from_s` and its next at `until_s` after noon."""
    return voyage(NOON - 1800, where, (None, 7200.0), silent=((NOON + from_s + 1, NOON + until_s),))


def test_a_gap_says_off_and_on_and_when_it_was_known(sea: Sea) -> None:
    (gap,) = gaps(sea, ais("237000001", quiet()))
    assert [gap[name].timestamp() - NOON for name in ("started_at", "known_at", "ended_at")] == [0.0, 1800.0, 3600.0]
    assert (gap["state"], gap["duration_s"], gap["confidence"], gap["zone_id"]) == (
        "closed",
        3600.0,
        0.9,
        "corridor_lesvos",
    )
    assert (gap["mmsi"], gap["track_id"], gap["vessel_id"]) == ("237000001", "mmsi:237000001.1", "mmsi:237000001")
    assert gap["evidence"]["off"]["at"] == "2026-05-20T12:00:00Z"
    assert gap["evidence"]["on"]["at"] == "2026-05-20T13:00:00Z"
    assert (gap["evidence"]["coverage"], gap["evidence"]["n_neighbours"], gap["evidence"]["usual_interval_s"]) == (
        "covered",
        3,
        60.0,
    )
    assert not gap["is_distress"]


def test_an_open_gap_ends_later_under_its_id(sea: Sea) -> None:
    (still_open,) = gaps(sea, ais("237000001", quiet(until_s=1e9)))
    (closed,) = gaps(
        sea, ais("237000001", voyage(NOON - 1800, AT_SEA, (None, 40 * 3600.0), silent=((NOON + 1, NOON + 100_000),)))
    )
    assert (still_open["state"], still_open["ended_at"], still_open["duration_s"], still_open["evidence"]["on"]) == (
        "open",
        None,
        None,
        None,
    )
    assert (closed["state"], closed["event_id"]) == ("closed", still_open["event_id"])


@pytest.mark.parametrize(
    ("mmsi", "is_gap"),
    [
        ("237000001", True),  # ship
        ("982370001", True),  # craft of a parent ship
        ("800000001", True),  # handheld
        ("970000001", False),
        ("972000001", False),
        ("974000001", False),
        ("111237001", False),  # SAR aircraft
        ("992370001", False),  # aid to navigation
        ("002370001", False),  # coast station
        ("023700001", False),  # group
    ],
)
def test_only_vessels_have_gaps(sea: Sea, mmsi: str, is_gap: bool) -> None:
    assert [gap["mmsi"] for gap in gaps(sea, ais(mmsi, quiet()))] == ([mmsi] if is_gap else [])


def test_a_radar_track_has_none_and_a_vessel_that_falls_silent_in_port_neither(sea: Sea) -> None:
    assert gaps(sea, radar(1, voyage(NOON - 1800, AT_SEA, (None, 1800.0)))) == []
    assert gaps(sea, ais("237000001", quiet(where=IN_PORT))) == []
    leaves_port = fixes((NOON - 60, *IN_PORT, 0, 0), (NOON, *IN_PORT, 0, 0), (NOON + 3600, *AT_SEA, 5, 0))
    comes_to_port = fixes((NOON - 60, *AT_SEA, 5, 0), (NOON, *AT_SEA, 5, 0), (NOON + 3600, *IN_PORT, 0, 0))
    assert [gap["mmsi"] for gap in gaps(sea, ais("237000001", leaves_port), ais("237000002", comes_to_port))] == [
        "237000002"
    ]


def test_unknown_coverage_lowers_confidence_and_is_said(sea: Sea) -> None:
    far: Point = (25.5, 37.0)
    (gap,) = gaps(sea, ais("237000001", quiet(where=far)))
    assert (gap["state"], gap["confidence"], gap["evidence"]["coverage"], gap["evidence"]["n_neighbours"]) == (
        "closed",
        0.5,
        "unknown",
        0,
    )


def test_where_everybody_went_quiet_the_gap_is_void(sea: Sea) -> None:
    far: Point = (25.5, 37.0)
    others = [ais(f"23800000{k}", quiet(where=far)) for k in range(3)]
    found = gaps(sea, ais("237000001", quiet(where=far)), *others)
    assert len(found) == 4
    assert {(gap["state"], gap["confidence"], gap["evidence"]["coverage"]) for gap in found} == {
        ("void_coverage", 0.0, "down")
    }


def test_what_the_vessel_can_have_done_in_between(sea: Sea) -> None:
    """Ten miles in two hours by a ship that does ten knots: an hour is unaccounted for."""
    before = voyage(NOON - 1800, (26.50, 38.80), ((26.60, 38.80), 10.0))
    last = (float(before["lon"][-1]), float(before["lat"][-1]))
    lon, lat, _ = pyproj.Geod(ellps="sphere", a=6371008.8, b=6371008.8).fwd(*last, 90.0, 10 * 1852.0)
    on_s = float(before["time"][-1]) + 7200.0
    track = {
        name: np.append(before[name], value) for name, value in zip(before, (on_s, lon, lat, 10.0, 90.0), strict=True)
    }
    (gap,) = gaps(sea, ais("237000001", track, transceiver="A"))
    evidence = gap["evidence"]
    assert (evidence["distance_nm"], evidence["implied_speed_kn"]) == (pytest.approx(10.0, abs=0.002), 5.0)
    assert evidence["slack_s"] == pytest.approx(3600.0, abs=2.0)
    assert evidence["prism"]["top_speed_kn"] == 30.0
    assert evidence["prism"]["major_axis_nm"] == pytest.approx(60.0)
    assert evidence["prism"]["minor_axis_nm"] == pytest.approx(np.sqrt(60.0**2 - 10.0**2), abs=0.01)
    assert evidence["prism"]["bearing_deg"] == pytest.approx(90.0, abs=0.2)


@pytest.mark.parametrize(("sog_kn", "slack_s"), [(1.0, 3600.0), (0.9, None)])
def test_only_fixes_under_way_make_a_typical_speed(sea: Sea, sog_kn: float, slack_s: float | None) -> None:
    track = fixes(*((NOON + t, *AT_SEA, sog_kn, 0) for t in (-120, -60, 0, 3600)))
    (gap,) = gaps(sea, ais("237000001", track))
    assert gap["evidence"]["slack_s"] == slack_s


def test_a_gap_that_was_known_before_the_day_is_not_said_again_whichever_feed_ended_it(sea: Sea) -> None:
    """
    A vessel of two feeds falls silent at one and is heard again by the other, all on the first day. On the second day fewer witnesses
    are left in the scene: judging the gap again would change what was said of it.
    """
    begins = at("2026-05-20", "08:00")
    one = voyage(begins, AT_SEA, (None, 3600.0))
    other = voyage(begins + 7200.0, AT_SEA, (None, 8 * 3600.0))
    both = {name: np.append(one[name], other[name]) for name in one}
    sources = [AIS] * len(one["time"]) + ["harbour"] * len(other["time"])
    twice = ais("237000001", both, source_id=sources)
    first_hours = [ais(f"63600000{k}", voyage(begins, (26.63, 39.2), (None, 7200.0))) for k in range(4)]
    next_day = [ais("238000001", voyage(begins + 86_400.0, AT_SEA, (None, 600.0)), source_id="harbour")]
    motion = together(twice, *first_hours, *next_day)
    assert day_by_day(motion, sea) == in_one(motion, sea)


def test_coverage_is_kept_from_the_day_on_which_it_could_be_told(sea: Sea) -> None:
    """What another scene would say of it, with fewer rows, does not count any more while the gap is open."""
    whole = scene(
        together(
            ais("237000001", quiet(until_s=1e9)), *(ais(f"63600000{k}", track) for k, track in enumerate(WITNESSES))
        ),
        sea,
    )
    first = ais_gap.detect(whole, ais_gap.Params(), [])
    alone = replace(whole, motion=whole.motion.slice(0, 31))
    again = ais_gap.detect(alone, ais_gap.Params(), first.carried)
    assert [event["evidence"] for event in again.events] == [event["evidence"] for event in first.events]
    assert len(again.carried) == len(first.carried) == 1


def test_the_witnesses_of_a_slow_reporter_are_heard_out_before_the_day_ends(sea: Sea) -> None:
    """
    It reports every quarter of an hour and may be silent for three. Silent from nine in the evening, it is judged at midnight, when
    the scene no longer holds who was heard nearby by half past.
    """
    far: Point = (25.5, 37.0)
    begins = at("2026-05-20", "12:00")
    slow = voyage(begins, far, (None, 20 * 3600.0), every_s=900.0, silent=((begins + 9.1 * 3600, begins + 17 * 3600),))
    others = [voyage(begins, (25.5 + 0.01 * k, 37.02), (None, 20 * 3600.0)) for k in range(3)]
    far_away = voyage(begins, (23.0, 35.5), (None, 20 * 3600.0))
    tracks = [ais(f"23700000{k}", track, transceiver="B") for k, track in enumerate([slow, *others, far_away])]
    motion = together(*tracks)
    one = in_one(motion, sea)
    (gap,) = [event for event in one.values() if event["mmsi"] == "237000000" and event["ended_at"] is not None]
    assert json.loads(gap["evidence"])["coverage"] == "covered"
    assert day_by_day(motion, sea) == one
