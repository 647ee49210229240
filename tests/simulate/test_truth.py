"""The truth names who was seen, and leaves out what nobody saw."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from pipeline.simulate.aegean import ship
from pipeline.simulate.behaviours.behaviour import Behaviour, Expected, Incident, sailed
from pipeline.simulate.craft import DAY_S, Craft, move, stay
from pipeline.simulate.sensors import Passage, RadarTrack, Reports
from pipeline.simulate.truth import (
    Sightings,
    Silence,
    describe,
    expected_event,
    thinned,
    track_prefix,
    truth,
    write_json,
)

DAY = date(2026, 5, 14)
SHIP, BOAT = ship(1, "237", 70, 90, 14, 5.0), Craft("boat")
WAY = sailed(((25.0, 38.0), (25.1, 38.0), (25.1, 38.1)), 10.0, 100.0)
TWO = Behaviour(
    "two",
    "encounter",
    "5",
    True,
    "Two meet.",
    (Passage(SHIP, WAY), Passage(BOAT, WAY)),
    (Expected("encounter", 200.0, None, 300.0, other=1), Expected("distress", 200.0, 900.0, 300.0, rule="f", about=1)),
    (("distress", "new"),),
)
ALWAYS = np.arange(0, DAY_S, 60)
ALL_SEEN = Sightings(
    {SHIP.mmsi: ALWAYS}, {BOAT: {"radar:R:101:20260514": ALWAYS}, SHIP: {"radar:R:102:20260514": ALWAYS}}
)
NONE_SEEN = Sightings({}, {})


def test_an_event_is_about_the_ais_track_where_there_is_one_and_else_about_the_radars() -> None:
    meeting, drifting = (expected_event(DAY, TWO, event, ALL_SEEN, DAY_S) for event in TWO.events)
    assert meeting is not None
    assert drifting is not None
    assert (meeting["mmsi"], meeting["other_track_prefixes"]) == (SHIP.mmsi, ["radar:R:101:20260514"])
    assert "track_prefixes" not in meeting
    assert (drifting["track_prefixes"], drifting["is_distress"]) == (["radar:R:101:20260514"], True)
    assert meeting["is_distress"] is False


def test_a_ship_that_ais_did_not_hear_is_known_by_its_radar_tracks() -> None:
    unheard = Sightings({}, ALL_SEEN.plotted_s)
    meeting = expected_event(DAY, TWO, TWO.events[0], unheard, DAY_S)
    assert meeting is not None
    assert meeting["track_prefixes"] == ["radar:R:102:20260514"]
    by_ais = expected_event(DAY, TWO, Expected("ais_gap", 1.0, 2.0, 3.0, sensor="ais"), unheard, DAY_S)
    assert by_ais is None


def test_an_event_that_is_not_over_ends_with_the_data() -> None:
    meeting = expected_event(DAY, TWO, TWO.events[0], ALL_SEEN, DAY_S)
    assert meeting is not None
    assert (meeting["started_at"], meeting["ended_at"]) == ("2026-05-14T00:03:20Z", "2026-05-15T00:00:00Z")


def test_what_no_sensor_saw_is_left_out_and_counted() -> None:
    boat_unseen = Sightings({SHIP.mmsi: ALWAYS}, {})
    assert describe(DAY, TWO, boat_unseen, DAY_S) is None, "positive, and no event is left of it"
    told = describe(DAY, replace(TWO, is_positive=False), boat_unseen, DAY_S)
    assert told is not None
    assert told["events"] == []
    assert told["subjects"][1] == {"mmsi": None, "track_prefixes": []}
    incident, event = Incident(0.0, (25.0, 38.0), "there"), Expected("distress", 0.0, 60.0, 0.0, sensor="none")
    reported = Behaviour("report", "reported", "7", True, "A report.", events=(event,), incidents=(incident,))
    document = truth(
        theatre="aegean",
        seed=1,
        first_day=DAY,
        days=2,
        vessels=None,
        behaviours=[TWO, reported],
        seen=NONE_SEEN,
        silences=[Silence("237000001", 60.0, DAY_S + 60.0)],
        left_out=["tow_1"],
    )
    assert document["left_out"] == ["tow_1"]
    assert document["unobserved"] == 1
    assert [one["label"] for one in document["behaviours"]] == ["report"]
    assert document["silences"] == [
        {"mmsi": "237000001", "started_at": "2026-05-14T00:01:00Z", "ended_at": "2026-05-15T00:01:00Z"}
    ]
    assert (document["format"], document["days"], document["vessels"]) == ("pharos-truth/1", 2, None)


def times(event: Expected, seen: Sightings, behaviour: Behaviour = TWO) -> list[str]:
    """Of an event as told: when it began, ended and was known, without the day."""
    told = expected_event(DAY, behaviour, event, seen, DAY_S)
    return [] if told is None else [told[name][11:16] for name in ("started_at", "ended_at", "known_at")]


def plotted(*minutes: int) -> Sightings:
    return Sightings({}, {BOAT: {"radar:R:101:20260514": 60 * np.array(minutes)}})


def test_an_event_has_the_times_of_what_was_reported_of_its_craft() -> None:
    crossing = Expected("coast_crossing", 3600.0, 7200.0, 5400.0, sensor="radar", about=1)
    assert times(crossing, plotted(50, 60, 90, 120)) == ["01:00", "02:00", "01:30"]
    assert times(crossing, plotted(50, 65, 91, 110, 126)) == ["01:05", "01:50", "01:31"]
    assert times(crossing, plotted(100, 110)) == ["01:40", "01:50", "01:40"], "first seen when it was known already"
    assert times(crossing, plotted(20, 54, 126)) == [], "in its time nobody saw it"
    assert times(crossing, plotted(20, 55, 126)) != []
    lasting = replace(crossing, ended_s=None)
    assert times(lasting, plotted(65, 100)) == ["01:05", "00:00", "01:40"]


def test_a_craft_by_night_is_known_after_ten_minutes_of_reports() -> None:
    dark = Expected("distress", 3600.0, 7200.0, 3600.0, rule="f", sensor="radar", about=1)
    assert times(dark, plotted(59, 60, 66, 70, 71)) == ["01:00", "01:11", "01:10"]
    assert times(dark, plotted(59, 61, 66, 70)) == [], "nine minutes"


def test_what_a_silence_makes_begins_where_it_does() -> None:
    vanished = Expected("distress", 3600.0, None, 5400.0, rule="b_vanish", about=1)
    assert times(vanished, plotted(40, 60)) == ["01:00", "00:00", "01:30"]
    assert times(vanished, plotted(90, 100)) == [], "what was never seen did not vanish"


def test_a_track_of_another_time_does_not_bear_an_event() -> None:
    seen = Sightings(
        {}, {BOAT: {"radar:R:101:20260514": np.array([60, 120]), "radar:R:102:20260514": np.array([4000])}}
    )
    told = expected_event(DAY, TWO, Expected("loitering", 3600.0, 7200.0, 3600.0, about=1), seen, DAY_S)
    assert told is not None
    assert told["track_prefixes"] == ["radar:R:102:20260514"]


def test_single_events_that_nobody_saw_are_counted_too() -> None:
    seen = Sightings({SHIP.mmsi: ALWAYS}, {BOAT: {"radar:R:101:20260514": np.array([220, 230])}})
    document = truth(
        theatre="aegean", seed=1, first_day=DAY, days=1, vessels=None, behaviours=[TWO], seen=seen
    )  # the boat was plotted for too short a time to be one under way by night
    (told,) = document["behaviours"]
    assert [event["event_type"] for event in told["events"]] == ["encounter"]
    assert (document["unobserved"], told["alerts"]) == (1, [])


def test_a_way_is_told_by_its_turns() -> None:
    path = thinned(DAY, WAY)
    places = [(lon, lat) for _, lon, lat in path]
    assert np.abs(np.array(places) - [(25.0, 38.0), (25.1, 38.0), (25.1, 38.1)]).max() < 0.0005  # ten seconds' way
    assert thinned(DAY, move((25.0, 38.0), stay(3600.0)))[0][0] == "2026-05-14T00:00:00Z"
    zigzag = sailed([(25.0 + 0.01 * n, 38.0 + 0.01 * (n % 2)) for n in range(200)], 10.0, 0.0)
    long = thinned(DAY, zigzag)
    assert len(long) == 60
    assert (long[0][1], long[-1][1]) == (25.0, round(float(zigzag.lon[-1]), 5))


def test_a_radar_track_bears_the_day_on_which_it_begins() -> None:
    times = np.array([DAY_S - 60, DAY_S + 60])
    nowhere, zeros = np.zeros(2), np.zeros(2, dtype=np.int64)
    reports = Reports(times, nowhere, nowhere, nowhere, nowhere, zeros, zeros)
    assert track_prefix(DAY, RadarTrack("R", 7, BOAT, reports, nowhere)) == "radar:R:7:20260514"
    later = Reports(times + DAY_S, nowhere, nowhere, nowhere, nowhere, zeros, zeros)
    assert track_prefix(DAY, RadarTrack("R", 7, BOAT, later, nowhere)) == "radar:R:7:20260515"


def test_a_point_of_a_path_stands_on_one_line(tmp_path: Path) -> None:
    document = {"path": [["2026-05-14T00:00:00Z", 25.0, -38.5]], "other": ["a", "b"], "none": []}
    write_json(tmp_path / "t.json", document)
    text = (tmp_path / "t.json").read_text(encoding="utf-8")
    assert '["2026-05-14T00:00:00Z", 25.0, -38.5]' in text
    assert json.loads(text) == document
