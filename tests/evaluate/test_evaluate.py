"""Figures of a small home worked out by hand, of the sample home, and of behaviours laid into real traffic."""

import re
from pathlib import Path
from typing import Any

import pytest
import shapely

from pipeline import contracts, evaluate, run, simulate, store
from pipeline.config import Home
from pipeline.detect import DETECTORS, distress
from pipeline.errors import SettingsError
from pipeline.evaluate import page, truth
from pipeline.sea import Sea
from tests.conftest import ROOT, SAMPLE_DAY
from tests.evaluate.told import alert, at, behaviour, event, position, true_event, write_home, write_truth

HEARD = [position("mmsi:237000001.1", 0, 26.3, 39.3), position("mmsi:237000002.1", 0, 26.3, 39.3)]
NONE_LATE = {"median": None, "p90": None, "max": None}


def evaluated(home: Home, behaviours: list[dict[str, Any]], **keys: Any) -> dict[str, Any]:
    return evaluate.evaluate(home, write_truth(home.root / "truth.json", behaviours, **keys))


def row(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    """The one row that has these values."""
    (found,) = [one for one in rows if all(one[key] == value for key, value in wanted.items())]
    return found


def test_the_figures_of_a_small_home(home: Home) -> None:
    write_home(
        home,
        HEARD,
        [
            event("found", 0, 100, known_at=at(45)),
            event("repeat", 0, 50),
            event("elsewhen", 400, 500),
            event("background", 0, 100, mmsi="237000002"),
            event("void", 600, 700, state="void_coverage"),
            event("gone", 700, 800, state="retracted"),
            event("sart", 0, 30, event_type="distress", rule="a", known_at=at(20)),
        ],
    )
    document = evaluated(
        home,
        [
            behaviour("gap-1", true_event(0, 90), true_event(200, 300)),
            behaviour(
                "sart-1",
                true_event(0, 30, event_type="distress", rule="a"),
                true_event(0, 30, event_type="distress", rule="f"),
            ),
            behaviour("meeting-1", true_event(0, 90, event_type="encounter")),
        ],
    )
    assert document["truth"] == {
        "theatre": "aegean", "seed": 1, "days": ["2026-05-14"], "vessels": 2, "behaviours": 3, "unobserved": 0,
    }  # fmt: skip
    assert (document["vessel_days"], document["radar_tracks"], document["no_input"]) == (2, 0, [])
    assert document["overall"] == {
        "expected": 5,
        "found": 2,
        "missed": 3,
        "false": 2,
        "repeats": 1,
        "precision": 0.5,
        "recall": 0.4,
        "f1": round(4 / 9, 4),
        "late_s": {"median": 150.0, "p90": 750.0, "max": 900.0},  # of 15 min late and 10 min early
    }
    assert document["with_detector"] == {**document["overall"], "expected": 4, "missed": 2, "recall": 0.5, "f1": 0.5}
    assert [one["has_detector"] for one in document["misses"]] == [True, True, False]
    by_type = {one["event_type"]: one for one in document["by_event_type"]}
    assert {name: one["has_detector"] for name, one in by_type.items()} == {
        "ais_gap": True,
        "distress": True,
        "encounter": False,
    }
    gaps = by_type["ais_gap"]
    assert (gaps["expected"], gaps["found"], gaps["missed"], gaps["false"], gaps["repeats"]) == (2, 1, 1, 2, 1)
    assert (gaps["precision"], gaps["recall"], gaps["f1"]) == (round(1 / 3, 4), 0.5, 0.4)
    assert (by_type["encounter"]["precision"], by_type["encounter"]["recall"], by_type["encounter"]["late_s"]) == (
        None,
        0.0,
        NONE_LATE,
    )
    kinds = {one["behaviour"]: one for one in document["by_behaviour"]}
    assert list(kinds) == ["gap", "meeting", "sart", None]
    assert (kinds["gap"]["false"], kinds["gap"]["repeats"], kinds[None]["false"]) == (1, 1, 1)
    distress = document["distress"]
    assert (distress["found"], distress["expected"], distress["late_s"]["max"]) == (1, 2, -600.0)
    assert [(one["rule"], one["event_id"], one["late_s"]) for one in distress["each"]] == [
        ("a", "sart", -600.0),
        ("f", None, None),
    ]
    assert [(one["label"], one["started_at"]) for one in document["misses"]] == [
        ("gap-1", "2026-05-14T03:20:00Z"), ("sart-1", "2026-05-14T00:00:00Z"), ("meeting-1", "2026-05-14T00:00:00Z"),
    ]  # fmt: skip
    assert [(one["event_id"], one["label"]) for one in document["false_events"]] == [
        ("background", None),
        ("elsewhen", "gap-1"),
    ]
    assert document["retractions"] == {
        "events_emitted": 7,
        "events_retracted": 1,
        "alerts_raised": 0,
        "alerts_cancelled": 0,
    }


def test_a_silence_that_the_truth_lists_is_neither_true_nor_false(home: Home) -> None:
    write_home(
        home,
        HEARD,
        [
            event("listed", 0, 100, mmsi="237000002"),
            event("other", 0, 100, mmsi="237000003"),
            event("too_long", 500, 900, mmsi="237000002"),
            event("no_gap", 0, 100, mmsi="237000002", event_type="distress"),
            event("again", 10, 60, mmsi="237000002"),
            event("labelled", 700, 800),
            event("retracted", 1200, 1300, mmsi="237000002", state="retracted"),
        ],
    )
    silences = [
        {"mmsi": mmsi, "started_at": at(start).isoformat(), "ended_at": at(end).isoformat()}
        for mmsi, start, end in (
            ("237000002", 10, 90), ("237000002", 500, 600), ("237000002", 1200, 1300), ("237000001", 700, 800),
        )
    ]  # fmt: skip
    document = evaluated(home, [behaviour("gap-1", true_event(700, 800))], silences=silences)
    assert document["silences"] == {"listed": 4, "found": 2, "missed": 2}
    assert [one["event_id"] for one in document["false_events"]] == ["no_gap", "other", "too_long"]
    assert [document["overall"][name] for name in ("expected", "found", "repeats")] == [1, 1, 1]
    assert [document["overall"][name] for name in ("precision", "recall", "f1")] == [0.25, 1.0, 0.4]


def test_a_crossing_of_a_craft_that_says_who_it_is_is_neither_true_nor_false_where_none_is_expected(home: Home) -> None:
    crossing = {"event_type": "coast_crossing", "phase": "completed"}
    write_home(
        home,
        HEARD,
        [
            event("ferry", 0, 100, mmsi="237000002", **crossing),
            event("radar", 0, 100, mmsi=None, track_id="radar:X:1:20260514.1", **crossing),
            event("wrong_time", 500, 600, **crossing),
        ],
    )
    document = evaluated(home, [behaviour("a", true_event(0, 100, **crossing))])
    assert document["passages"] == 1
    assert sorted(one["event_id"] for one in document["false_events"]) == ["radar", "wrong_time"]


def test_only_a_completed_crossing_of_a_craft_that_may_cross_is_a_passage(home: Home) -> None:
    crossing = {"event_type": "coast_crossing", "zone_id": "corridor_lesvos"}
    phases = ("completed", "approaching", "turned_back", "vanished")
    positive, negative, second = "237000003", "237000004", "237000005"
    write_home(
        home,
        HEARD,
        [event(phase, 0, 100, mmsi="237000002", phase=phase, **crossing) for phase in phases]
        + [
            event(f"{mmsi}_{start}", start, start + 60, mmsi=mmsi, phase="completed", **crossing)
            for mmsi in (positive, negative, second)
            for start in (120, 500)
        ],
    )
    # the true way leads over the dividing line between 03:20 and 04:00, and back along the shore until 10:00
    path = [(0, 26.55, 39.05), (200, 26.60, 39.05), (240, 26.85, 39.05), (600, 26.9, 39.05)]
    way = [[at(minute).isoformat(), lon, lat] for minute, lon, lat in path]
    document = evaluated(
        home,
        [
            behaviour("port_visit-1", path=way, subjects=[{"mmsi": positive}], positive=True),
            behaviour("overtaking-1", path=way, subjects=[{"mmsi": negative}, {"mmsi": second}]),
            behaviour("gap-1"),
        ],
    )
    assert document["passages"] == 5
    assert sorted(one["event_id"] for one in document["false_events"]) == sorted(
        [*phases[1:], f"{positive}_500", f"{negative}_500"]
    )


@pytest.mark.parametrize(
    ("start", "end", "is_over"),
    [(0, 39, False), (0, 41, True), (159, 200, True), (161, 200, False), (-300, -61, False), (660, 700, False)],
)
def test_a_true_way_leads_over_a_line_within_an_hour_of_the_event(start: float, end: float, is_over: bool) -> None:
    way = [[at(minute).isoformat(), lon, 39.0] for minute, lon in ((0, 26.0), (200, 27.0), (600, 27.0))]
    story = truth.Behaviour.model_validate(behaviour("ferry-1", path=way))
    line = shapely.LineString([(26.5, 38.0), (26.5, 40.0)])  # passed after 100 min
    assert evaluate.leads_over(story, event("one", start, end), line) is is_over


def test_visits_of_craft_that_the_truth_does_not_label_are_neither_true_nor_false() -> None:
    about = behaviour("gap-1")
    told = truth.Truth.model_validate(
        {"format": "pharos-truth/1", "theatre": None, "seed": 1, "first_day": "2026-05-14", "days": 1, "vessels": 1}
        | {"behaviours": [about]}
    )
    types = (*evaluate.UNLABELLED, "encounter", "loitering")
    found = [event(f"{name}_2", 0, 60, mmsi="237000002", event_type=name) for name in types]
    found += [event(f"{name}_1", 0, 60, event_type=name) for name in types]
    outcomes = evaluate.judged(told, found, evaluate.matched_silences(told, found), {})
    unlabelled = [one.row["event_id"] for one in outcomes if one.row and one.verdict == "unlabelled"]
    assert unlabelled == ["zone_visit_2", "port_visit_2", "line_crossing_2"]
    assert sum(one.verdict == "false" for one in outcomes) == 7
    assert evaluate.of_events(told, outcomes)["unlabelled"] == 3


def test_what_an_outage_explains_is_not_expected(home: Home) -> None:
    write_home(home, HEARD, [event("void", 0, 100, state="void_coverage"), event("open", 200, None)])
    document = evaluated(
        home, [behaviour("a", true_event(0, 100, state="void_coverage"), true_event(200, 24 * 60, state="open"))]
    )
    assert (document["overall"]["expected"], document["overall"]["found"], document["overall"]["false"]) == (1, 1, 0)


def test_a_feed_is_found_by_its_time(home: Home) -> None:
    feed = {"event_type": "feed_outage", "mmsi": None, "track_id": None, "vessel_id": None}
    write_home(home, HEARD, [event("outage", 0, 100, **feed), event("other", 600, 700, **feed)])
    outage = true_event(0, 100, event_type="feed_outage", mmsi=None)
    unseen = behaviour("unseen-1", subjects=[{"mmsi": None, "track_prefixes": []}])
    document = evaluated(home, [unseen, behaviour("outage-1", outage, subjects=[])])
    assert (document["overall"]["found"], document["overall"]["false"]) == (1, 1)
    assert row(document["by_behaviour"], behaviour="unseen")["false"] == 0
    assert row(document["by_behaviour"], behaviour=None)["false"] == 1


def test_a_place_far_away_is_another_outage(home: Home) -> None:
    feed = {"event_type": "feed_outage", "mmsi": None, "track_id": None, "vessel_id": None, "lon": 26.0}
    outage = true_event(0, 100, event_type="feed_outage", mmsi=None, lon=26.0, lat=38.0)
    for lat, is_found in ((38.83, 1), (38.84, 0), (None, 1)):  # 49.8 and 50.4 nm
        write_home(home, HEARD, [event("outage", 0, 100, **feed, lat=lat)])
        document = evaluated(home, [behaviour("outage-1", outage, subjects=[])])
        assert (document["overall"]["found"], document["overall"]["false"]) == (is_found, 1 - is_found)


def test_alerts_that_the_truth_does_not_expect_are_false(home: Home) -> None:
    radar = "radar:R-SAMOS:5:20260514.1.1"
    write_home(
        home,
        HEARD,
        alerts=[
            alert("right", "237000001", "crossing"),
            alert("unexpected", "237000001", "distress"),
            alert("negative", "237000003", "crossing", started_at=at(10)),
            alert("background", None, "crossing", track_id=radar),
            alert("cancelled", None, "crossing", track_id=radar),
            alert("cancelled", None, "crossing", track_id=radar, revision=2, status="cancel"),
        ],
    )
    document = evaluated(
        home,
        [
            behaviour(
                "boat-1", alerts=[{"category": "crossing", "status": "new"}, {"category": "smuggling", "status": "new"}]
            ),
            behaviour("ferry-1", subjects=[{"mmsi": "237000003", "track_prefixes": []}]),
            behaviour(
                "late-1", alerts=[{"category": "distress", "status": "cancel"}], subjects=[{"mmsi": "237000004"}]
            ),
        ],
    )
    false = document["false_alerts"]
    assert [(one["alert_id"], one["reason"], one["label"], one["status"]) for one in false] == [
        ("negative", "negative", "ferry-1", "new"),
        ("background", "background", None, "new"),
        ("cancelled", "background", None, "cancel"),
        ("unexpected", "unexpected", "boat-1", "new"),
    ]
    assert (false[0]["story"], false[0]["headline"]) == ("The story of ferry-1.", "Headline of negative")
    assert document["missing_alerts"] == [{"label": "boat-1", "category": "smuggling"}]
    alerts = document["alerts"]
    assert {key: alerts[key] for key in alerts if key != "by_category"} == {
        "raised": 5, "per_1000_vessel_days": 2500.0, "standing": 1, "repeats": 0, "taken_back": 0, "false": 4,
        "expected": 2, "missing": 1,
    }  # fmt: skip
    keys = ("category", "raised", "per_1000_vessel_days", "standing", "false", "expected", "missing")
    assert [tuple(one[key] for key in keys) for one in alerts["by_category"]] == [
        ("crossing", 4, 2000.0, 1, 3, 1, 0),
        ("distress", 1, 500.0, 0, 1, 0, 0),
        ("smuggling", 0, 0.0, 0, 0, 1, 1),
    ]
    assert document["retractions"] == {
        "events_emitted": 0,
        "events_retracted": 0,
        "alerts_raised": 5,
        "alerts_cancelled": 1,
    }


def test_an_expected_alert_that_was_cancelled_is_missing(home: Home) -> None:
    write_home(home, HEARD, alerts=[alert("one", "237000001", "crossing", status="cancel")])
    document = evaluated(home, [behaviour("boat-1", alerts=[{"category": "crossing", "status": "new"}])])
    assert document["missing_alerts"] == [{"label": "boat-1", "category": "crossing"}]
    assert document["false_alerts"] == []
    assert [document["alerts"][key] for key in ("raised", "standing", "taken_back", "false")] == [1, 0, 1, 0]


def test_alerts_add_up(home: Home) -> None:
    """Of a behaviour from 01:40 to 10:00: the first in time stands, others repeat it, and an hour beyond it is another matter."""
    times = {"early": (0, 39), "first": (0, 41), "again": (300, 310), "other_craft": (300, 301), "late": (659, None)}
    write_home(
        home,
        HEARD,
        alerts=[
            *(
                alert(name, "237000002" if name == "other_craft" else "237000001", "crossing", started_at=at(start))
                | {"ended_at": None if end is None else at(end)}
                for name, (start, end) in times.items()
            ),
            alert("too_late", "237000001", "crossing", started_at=at(661), ended_at=at(700)),
            alert("cancelled", "237000001", "crossing", started_at=at(200), status="cancel"),
        ],
    )
    story = behaviour("boat-1", started_at=at(100).isoformat(), alerts=[{"category": "crossing", "status": "new"}])
    story["subjects"] += [{"mmsi": "237000002"}]
    document = evaluated(home, [story])
    assert [(one["alert_id"], one["reason"]) for one in document["false_alerts"]] == [
        ("early", "unexpected"),
        ("too_late", "unexpected"),
    ]
    figures = document["alerts"]
    assert [figures[key] for key in ("standing", "repeats", "taken_back", "false")] == [1, 3, 1, 2]
    for one in (figures, *figures["by_category"]):
        assert one["raised"] == one["standing"] + one["repeats"] + one["taken_back"] + one["false"] == 7
        assert one["standing"] == one["expected"] - one["missing"]


def test_only_the_days_of_the_truth_count(home: Home) -> None:
    days = [position("mmsi:237000001.1", minute, 26.3, 39.3) for minute in (-1, 0, 24 * 60, 3 * 24 * 60)]
    days += [position(name, 0, 26.3, 39.3) for name in ("mmsi:237000001.2", "radar:X:1:20260514.1.1")]
    write_home(
        home,
        days,
        [event("before", -100, 0), event("after", 24 * 60 * 3, 24 * 60 * 3 + 60)],
        [alert("before", "237000001", "crossing", started_at=at(-5))],
    )
    document = evaluated(home, [], days=3)
    assert (document["vessel_days"], document["radar_tracks"], document["no_input"]) == (2, 1, ["2026-05-16"])
    assert (document["overall"]["false"], document["alerts"]["raised"], document["retractions"]["events_emitted"]) == (
        0,
        0,
        0,
    )


def test_a_home_without_the_days_of_the_truth_is_refused(home: Home) -> None:
    with pytest.raises(SettingsError, match=r"no positions from 2026-05-14 to 2026-05-15.*pharos day") as caught:
        evaluated(home, [], days=2)
    assert "\n" not in str(caught.value)
    assert str(home.root) in str(caught.value)


def test_the_truth_of_another_home_is_refused(home: Home) -> None:
    write_home(home, [*HEARD, position("radar:R:5:20260514.1.1", 0, 26.3, 39.3)])

    def told(mmsi: str | None, *prefixes: str) -> list[dict[str, Any]]:
        return [behaviour("a", subjects=[{"mmsi": None}, {"mmsi": mmsi, "track_prefixes": prefixes}])]

    for stranger in (told("237000009"), told(None, "radar:R:6:")):
        with pytest.raises(SettingsError, match=r"none of the craft of .*another home") as caught:
            evaluated(home, stranger)
        assert "\n" not in str(caught.value)
    for ours in (told("237000002"), told("237000009", "radar:R:5:"), told(None), []):
        assert evaluated(home, ours)["vessel_days"] == 2


def test_the_rules_of_distress_are_those_of_its_detector() -> None:
    source = Path(distress.__file__).read_text(encoding="utf-8")
    emitted = {*re.findall(r'"rule": "(\w+)"', source), *re.findall(r'\("(\w+)", is_active\)', source)}
    assert emitted == set(evaluate.RULES["distress"])
    assert list(evaluate.RULES) == ["distress"]


def test_behaviours_laid_into_real_traffic(shared: Path, home: Home, sea: Sea) -> None:
    """Where no theatre is: the real ships are not known, so what is found of them is false, and the maps show the waters there."""
    real = shared / "ais" / "noaa_marinecadastre" / "test_data_noaa_20230101.csv"
    simulate.simulate(home.root, theatre="aegean", seed=1, days=1, vessels=0, cache=home.cache, into=[real])
    told = home.root / "truth.json"
    run.inbox(home.root)
    for day in truth.read(told).days:
        run.day(day, home=home.root)
    document = evaluate.evaluate(home, told)
    assert (document["truth"]["theatre"], document["truth"]["vessels"]) == (None, None)
    assert document["overall"]["expected"] > document["overall"]["found"] > 0
    text = page.render(home, sea, told, document)
    assert "<title>Evaluation, outside the theatres, 2023-01-11" in text
    assert "real traffic" in text
    assert any(len(land) > 500 for land in re.findall(r'class="land" d="([^"]*)"', text))


def test_every_type_that_a_contract_allows_has_a_detector() -> None:
    emitted = " ".join(
        line for detector in DETECTORS for line in detector.definition.splitlines() if line.startswith("Emits")
    )
    assert evaluate.DETECTED
    assert [name for name in evaluate.DETECTED if f'"{name}"' not in emitted] == []


def test_vessel_days_are_the_vessels_with_positions(finished_sample: Path) -> None:
    home = run.existing(finished_sample)
    document = evaluate.evaluate(home, ROOT / "sample_data" / "truth.json")
    positions = store.read(store.parts(home.lake, "positions", f"day={SAMPLE_DAY}"), "positions")
    pairs = set(zip(*(positions.column(name).to_pylist() for name in ("mmsi", "track_id")), strict=True))
    assert document["vessel_days"] == len({mmsi for mmsi, _ in pairs if mmsi})
    assert document["radar_tracks"] == len({track_id for mmsi, track_id in pairs if not mmsi})
    assert document["radar_tracks"] > 0


def test_the_sample_day(finished_sample: Path) -> None:
    """All that its truth expects is found, in time, and nothing innocent alerts; what is false are observations that it does not list."""
    truth_path = ROOT / "sample_data" / "truth.json"
    document = evaluate.evaluate(run.existing(finished_sample), truth_path)
    overall = document["overall"]
    assert (overall["expected"], overall["found"], overall["repeats"], document["misses"]) == (20, 20, 0, [])
    assert {one["event_type"] for one in document["false_events"]} == {"ais_gap"}
    assert document["passages"] == 15
    distress = document["distress"]
    assert (distress["found"], distress["expected"], distress["false"]) == (10, 10, 0)
    assert distress["late_s"]["max"] < 1800.0
    assert document["false_alerts"] == document["missing_alerts"] == []
    assert (document["alerts"]["raised"], document["retractions"]["events_retracted"]) == (17, 0)
    assert contracts.to_json(evaluate.evaluate(run.existing(finished_sample), truth_path)) == contracts.to_json(
        document
    )
