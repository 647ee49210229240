"""
Stories with their expected events and alerts, through the real ingest and day; and the labelled craft of the sample day.

Of every event type that a story speaks of, what is expected and nothing else may be in force; the kinds of alert have to be exactly those expected
(one distress event, one alert: a story names each kind once).

What no detector finds yet is a strict expected failure, and only that: everything else that such a story says must hold today, and on the day its
events are found the test turns red, so that the line in `pipeline.simulate.stories.folder.NOT_FOUND_YET` goes.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import alerts, run, store
from pipeline.detect import DETECTORS
from tests.conftest import ROOT

STORIES = sorted(path.parent for path in (ROOT / "sample_data" / "scenarios").glob("*/expected.json"))
TRUTH = json.loads((ROOT / "sample_data" / "truth.json").read_text(encoding="utf-8"))
IN_FORCE = ("open", "closed")
Record = Mapping[str, Any]


class NotFoundYetError(AssertionError):
    """Events that no detector finds yet are not there."""


def expectation(story: Path) -> dict[str, Any]:
    return json.loads((story / "expected.json").read_text(encoding="utf-8"))


def cases() -> list[Any]:
    """Every story; those with events that no detector finds yet must fail, by these alone."""
    return [
        pytest.param(
            story,
            id=story.name,
            marks=[pytest.mark.xfail(raises=NotFoundYetError, strict=True, reason=reason)] if reason else [],
        )
        for story in STORIES
        for reason in [expectation(story).get("not_found_yet")]
    ]


def events(root: Path) -> list[dict[str, Any]]:
    rows = store.read(store.parts(root / "lake", "events"), "events").to_pylist()
    return [row | {"rule": json.loads(row["evidence"]).get("rule")} for row in rows]


def current_alerts(root: Path) -> list[dict[str, Any]]:
    return [row for row in alerts.current(root / "lake").to_pylist() if row["status"] != "cancel"]


def fits(event: Record, wanted: Record) -> bool:
    """Whether an event is the one that is wanted; what a story leaves open may be anything, but the event must hold."""
    if event["event_type"] != wanted["event_type"]:
        return False
    states = (wanted["state"],) if "state" in wanted else IN_FORCE
    about = tuple(wanted.get("track_prefixes", [f"mmsi:{wanted['mmsi']}."] if "mmsi" in wanted else [""]))
    away_s = abs((event["started_at"] - datetime.fromisoformat(wanted["started_at"])).total_seconds())
    return (
        event["state"] in states
        and event["phase"] == wanted.get("phase")
        and ("rule" not in wanted or event["rule"] == wanted["rule"])
        and (event["track_id"] or "").startswith(about)
        and away_s <= wanted["tolerance_s"]
    )


def compare(found: Sequence[Record], wanted: Sequence[Record], none_of: Sequence[str]) -> list[str]:
    """What differs, one line each: an expected event that is not there or twice, an event of a type spoken of that nobody expects."""
    problems, matched = [], set()
    for one in wanted:
        fitting = [event["event_id"] for event in found if fits(event, one)]
        matched.update(fitting)
        if len(fitting) != 1:
            problems.append(f"{len(fitting)} events fit {one}")
    spoken_of = {one["event_type"] for one in wanted} | set(none_of)
    return problems + [
        f"not expected: {event['event_type']} {event['phase']} {event['rule']} {event['state']} {event['track_id']} {event['started_at']}"
        for event in found
        if event["event_type"] in spoken_of and event["state"] in IN_FORCE and event["event_id"] not in matched
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for the homes of all stories, so that the sea is opened once."""
    return tmp_path_factory.mktemp("stories") / "home"


def home(root: Path, cache: Path) -> Path:
    """An empty home."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    (root / "cache").symlink_to(cache)
    return root


def take(root: Path, story: Path, files: Sequence[Path]) -> None:
    for path in files:
        run.ingest(path.parent.name, path, root)
    for day in expectation(story)["days"]:
        run.day(day, home=root)


@pytest.mark.parametrize("story", cases())
def test_story(story: Path, place: Path, cache: Path) -> None:
    expected = expectation(story)
    files = sorted((story / "input").glob("*/*"))
    assert files
    root = home(place, cache)
    first = expected.get("after_first", {})
    if first:
        early = [path for path in files if str(path.relative_to(story / "input")) in first["files"]]
        assert 0 < len(early) < len(files)
        take(root, story, early)
        assert compare(events(root), first["events"], []) == []
        files = [path for path in files if path not in early]
    ids_before = {event["event_id"] for event in events(root)}
    take(root, story, files)
    found = events(root)
    assert compare(found, expected["events"], expected.get("none_of", ())) == []
    assert ids_before <= {event["event_id"] for event in found}, "an event is taken back under its id, never dropped"
    for one in expected.get("no_events", ()):
        assert not [
            event for event in found if event["event_type"] == one["event_type"] and event["mmsi"] == one["mmsi"]
        ]
    raised = {(alert["category"], alert["status"]) for alert in current_alerts(root)}
    assert raised == {(alert["category"], alert["status"]) for alert in expected["alerts"]}
    if "alerts" in expected.get("none_of", ()):
        assert expected["alerts"] == []
    not_yet = expected.get("events_not_yet", ())
    assert [one for one in not_yet if any(fits(event, one) for event in found)] == [], "found: its line has to go"
    if not_yet:
        raise NotFoundYetError(expected["not_found_yet"])


def test_every_story_is_told_and_every_detector_has_a_yes_and_a_no() -> None:
    assert len(STORIES) >= 70
    for story in STORIES:
        assert ("not_found_yet" in expectation(story)) == bool(expectation(story).get("events_not_yet"))
    assert all((story / "story.md").read_text(encoding="utf-8").startswith("# ") for story in STORIES)
    for detector in DETECTORS:
        yes = [
            story.name
            for story in STORIES
            if any(one["event_type"].startswith(detector.name) for one in expectation(story)["events"])
        ]
        no = [
            story.name
            for story in STORIES
            if detector.name in expectation(story).get("none_of", ())
            or any(one["event_type"] == detector.name for one in expectation(story).get("no_events", ()))
        ]
        assert yes, detector.name
        assert no, detector.name
    phases = {one.get("phase") for story in STORIES for one in expectation(story)["events"]}
    rules = {one.get("rule") for story in STORIES for one in expectation(story)["events"]}
    assert phases >= {"approaching", "completed", "turned_back", "vanished"}
    assert rules >= {"a", "b_stop", "b_vanish", "f"}


def of_behaviour(behaviour: Record, rows: Sequence[Record]) -> list[Record]:
    """The rows whose track is that of one of the behaviour's craft, by radar or by AIS."""
    tracks = [prefix for subject in behaviour["subjects"] for prefix in subject["track_prefixes"]]
    tracks += [f"mmsi:{subject['mmsi']}." for subject in behaviour["subjects"] if subject["mmsi"]]
    return [row for row in rows if row["track_id"] and row["track_id"].startswith(tuple(tracks))]


@pytest.mark.parametrize("behaviour", TRUTH["behaviours"], ids=lambda behaviour: behaviour["label"])
def test_the_sample_day_holds_what_its_truth_says(behaviour: dict[str, Any], finished_sample: Path) -> None:
    found, raised = (
        of_behaviour(behaviour, rows) for rows in (events(finished_sample), current_alerts(finished_sample))
    )
    for wanted in behaviour["events"]:
        assert sum(fits(event, wanted) for event in found) == 1, wanted
    if behaviour["positive"]:
        assert {alert["category"] for alert in raised} == {alert["category"] for alert in behaviour["alerts"]}
        assert behaviour["events"]
    else:
        assert raised == []


def test_the_sample_day_raises_no_alert_that_no_label_explains(finished_sample: Path) -> None:
    explained = {
        row["alert_id"]
        for one in TRUTH["behaviours"]
        if one["positive"]
        for row in of_behaviour(one, current_alerts(finished_sample))
    }
    assert [row["headline"] for row in current_alerts(finished_sample) if row["alert_id"] not in explained] == []
    assert len([one for one in TRUTH["behaviours"] if one["positive"]]) >= 6
    assert len([one for one in TRUTH["behaviours"] if not one["positive"]]) >= 6
