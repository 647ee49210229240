"""Alerts: which events become one, what it says and how bad it is, and how it changes when its event does."""

import ast
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import alerts, config, contracts, run, sources, store
from pipeline.sea import Sea
from pipeline.sources import TLP_ORDER
from tests.conftest import ROOT

DAY = "2026-05-20"
NIGHT = datetime(2026, 5, 20, 21, 0, tzinfo=UTC)
AS_OF = datetime(2026, 5, 21, 0, 0, tzinfo=UTC)
AIS_SOURCE, RADAR_SOURCE = "noaa_marinecadastre", "coastal_radar"
ACCUSING = (
    "smuggl", "illegal", "illicit", "migrant", "refugee", "asylum", "traffick", "criminal", "crime", "suspect", "terror", "clandestine",
    "guilt", "offend", "perpetrat", "invad", "alien", "pirate", "facilitator", "unlawful", "intruder", "infiltrat",
)  # fmt: skip

QUIET: dict[str, Any] = {
    "departure": {"at": "2026-05-20T21:00:00Z", "kind": "coast", "from_port": None, "port_distance_nm": 5.0},
    "gate": {"crossed_at": "2026-05-20T21:20:00Z", "is_inferred": False},
    "approach": {"at": "2026-05-20T21:25:00Z", "to_go_nm": 2.5, "eta_s": 1500.0},
    "last": {"at": "2026-05-20T21:50:00Z", "to_port": None, "port_distance_nm": 4.0},
    "returned_at": None,
    "sailed_nm": 8.0,
    "mean_speed_kn": 9.6,
    "fast_for_s": 0.0,
    "allowed_silence_s": 1800.0,
    "longest_silence_s": 60.0,
    "is_radar": False,
    "is_small": False,
    "length_m": 30.0,
    "ship_type": 36,
    "transceiver": "B",
    "is_night_at_midpoint": False,
    "dark_fraction": 0.0,
}
NIGHT_BOAT: dict[str, Any] = {
    **QUIET,
    "is_radar": True,
    "is_small": True,
    "length_m": None,
    "transceiver": None,
    "ship_type": None,
    "dark_fraction": 1.0,
}


def changed(evidence: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Evidence with other values; `departure__from_port` goes one level down."""
    result = json.loads(json.dumps(evidence))
    for name, value in changes.items():
        outer, _, inner = name.partition("__")
        if inner:
            result[outer][inner] = value
        else:
            result[outer] = value
    return result


def crossing(
    evidence: Mapping[str, Any] = NIGHT_BOAT,
    *,
    phase: str = "completed",
    state: str = "closed",
    number: int = 1,
    **columns: Any,
) -> dict[str, Any]:
    """An event as pipeline.detect.coast_crossing emits it."""
    is_radar = evidence["is_radar"]
    track = f"radar:R:{number}:20260520.1" if is_radar else f"mmsi:23700000{number}.1"
    event = {
        "event_id": f"{number:016}",
        "event_type": "coast_crossing",
        "state": state,
        "phase": phase,
        "track_id": track,
        "vessel_id": track,
        "mmsi": None if is_radar else f"23700000{number}",
        "zone_id": "corridor_lesvos",
        "started_at": NIGHT,
        "ended_at": None if state == "open" else NIGHT + timedelta(minutes=50),
        "known_at": NIGHT + timedelta(minutes=25),
        "lon": 26.56,
        "lat": 39.165,
        "duration_s": None if state == "open" else 3000.0,
        "confidence": 0.8,
        "is_distress": False,
        "source_ids": [RADAR_SOURCE if is_radar else AIS_SOURCE],
        "detector_version": 1,
        "evidence": json.dumps(evidence),
    }
    return {**event, **columns}


def distress(rule: str, phase: str, *, number: int = 7, **columns: Any) -> dict[str, Any]:
    """An event as pipeline.detect.distress emits it."""
    evidence = {
        "rule": rule,
        "last": {"at": "2026-05-20T21:40:00Z"},
        "is_radar": rule != "a",
        "length_m": None,
        "drift_kn": 0.4,
        "set_deg": 310.0,
    }
    columns = {"sar_phase": phase, "is_distress": True, "event_type": "distress", "phase": None, **columns}
    return {**crossing(number=number), **columns, "evidence": json.dumps(evidence)}


DISTRESS = (("a", "distress", 4), ("b_stop", "alert", 3), ("b_vanish", "alert", 3), ("f", "uncertainty", 2))


@pytest.fixture
def home(tmp_path: Path) -> config.Home:
    made = config.Home(tmp_path / "home")
    made.create()
    return made


def put(home: config.Home, *events: dict[str, Any]) -> None:
    store.write(home.lake, "events", f"day={DAY}", "all", contracts.rows("events", list(events)))


def update(home: config.Home, sea: Sea, *events: dict[str, Any]) -> dict[str, int]:
    """Put these events in force and bring the day's alerts up to date."""
    put(home, *events)
    return alerts.update(home, sea, sources.load_all(home), [DAY], AS_OF)


def history(home: config.Home) -> list[dict[str, Any]]:
    return store.read(store.parts(home.lake, "alerts"), "alerts").to_pylist()


def made_of(
    sea: Sea, home: config.Home, *events: dict[str, Any], patrol_units: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The alerts that events deserve."""
    rows = contracts.rows("events", list(events)).to_pylist()
    return list(alerts.wanted(rows, sea, sources.load_all(home), patrol_units).values())


# Indicators


@pytest.mark.parametrize(
    ("name", "points", "holds", "does_not"),
    [
        ("no_ais", 2, {"is_radar": True}, {"is_radar": False}),
        ("ais_off", 2, {"longest_silence_s": 1801.0}, {"longest_silence_s": 1800.0}),
        ("ais_off", 2, {"longest_silence_s": 1801.0}, {"longest_silence_s": 9000.0, "is_radar": True}),
        ("small_craft", 1, {"is_small": True}, {"is_small": False}),
        ("departure_away_from_port", 1, {"departure__from_port": False}, {"departure__from_port": None}),
        ("departure_away_from_port", 1, {"departure__from_port": False}, {"departure__from_port": True}),
        ("arrival_away_from_port", 1, {"last__to_port": False}, {"last__to_port": None}),
        ("arrival_away_from_port", 1, {"last__to_port": False}, {"last__to_port": True}),
        ("night", 1, {"dark_fraction": 0.5}, {"dark_fraction": 0.49}),
        ("night", 1, {"is_night_at_midpoint": True}, {"is_night_at_midpoint": False}),
        ("high_speed", 1, {"fast_for_s": 300.0}, {"fast_for_s": 299.0}),
        ("low_speed", 1, {"mean_speed_kn": 4.99}, {"mean_speed_kn": 5.0}),
        ("low_speed", 1, {"mean_speed_kn": 4.99}, {"mean_speed_kn": None}),
        ("out_and_back", 2, {"returned_at": "2026-05-20T23:00:00Z"}, {"returned_at": None}),
        ("vanished", 2, {"phase": "vanished"}, {"phase": "completed"}),
    ],
)
def test_each_indicator_at_its_threshold(
    name: str, points: int, holds: dict[str, Any], does_not: dict[str, Any]
) -> None:
    base = {**QUIET, "phase": "completed"}
    assert alerts.scored(base) == []
    (found,) = [one for one in alerts.scored(changed(base, **holds)) if one["indicator"] == name]
    assert found["points"] == points
    assert found["evidence"]
    assert name not in [one["indicator"] for one in alerts.scored(changed(base, **does_not))]


def test_no_indicator_decides_alone_and_they_add_up(sea: Sea, home: config.Home) -> None:
    assert all(one.points < alerts.ALERT_FROM for one in alerts.CROSSING_INDICATORS)
    two = changed(QUIET, is_small=True, dark_fraction=1.0)
    three = changed(two, departure__from_port=False)
    assert made_of(sea, home, crossing(two)) == []
    (alert,) = made_of(sea, home, crossing(three))
    indicators = json.loads(alert["indicators"])
    assert sum(one["points"] for one in indicators) == alerts.ALERT_FROM == 3
    assert "3 points" in alert["assessment"]
    assert {one["indicator"] for one in indicators} == {"small_craft", "night", "departure_away_from_port"}


@pytest.mark.parametrize(
    ("changes", "points", "severity"),
    [
        ({"is_small": True, "dark_fraction": 1.0, "departure__from_port": False}, 3, 1),
        ({"is_small": True, "dark_fraction": 1.0, "departure__from_port": False, "last__to_port": False}, 4, 2),
        (
            {
                "is_radar": True,
                "is_small": True,
                "dark_fraction": 1.0,
                "departure__from_port": False,
                "last__to_port": False,
            },
            6,
            2,
        ),
        (
            {
                "is_radar": True,
                "is_small": True,
                "dark_fraction": 1.0,
                "departure__from_port": False,
                "last__to_port": False,
                "mean_speed_kn": 4.0,
            },
            7,
            3,
        ),
    ],
)
def test_severity_by_points(sea: Sea, home: config.Home, changes: dict[str, Any], points: int, severity: int) -> None:
    (alert,) = made_of(sea, home, crossing(changed(QUIET, **changes)))
    assert sum(one["points"] for one in json.loads(alert["indicators"])) == points
    assert alert["severity"] == severity


def test_a_craft_that_vanished_is_the_worst_whatever_its_points(sea: Sea, home: config.Home) -> None:
    (alert,) = made_of(sea, home, crossing(changed(QUIET, is_small=True), phase="vanished"))
    assert (alert["severity"], sum(one["points"] for one in json.loads(alert["indicators"]))) == (4, 3)


# Who raises none

SUSPICIOUS = changed(
    QUIET,
    is_small=False,
    dark_fraction=1.0,
    fast_for_s=400.0,
    returned_at="2026-05-20T23:00:00Z",
    transceiver="A",
    ship_type=36,
)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ship_type": 55}, "patrol or rescue unit"),
        ({"ship_type": 51}, "patrol or rescue unit"),
        ({"ship_type": 55, "longest_silence_s": 9000.0, "transceiver": "B"}, "patrol or rescue unit"),
        ({"ship_type": 54}, ""),
        ({"ship_type": 70}, "merchant ship"),
        ({"ship_type": 89}, "merchant ship"),
        ({"ship_type": 69}, "passenger ship between ports of call"),
        ({"ship_type": 90}, ""),
        ({"ship_type": 70, "longest_silence_s": 1800.0}, "merchant ship"),
        ({"ship_type": 70, "longest_silence_s": 1801.0}, ""),
        ({"ship_type": 70, "transceiver": "B"}, ""),
        ({"ship_type": 70, "is_small": True}, ""),
        ({"ship_type": 70, "is_radar": True}, ""),
        ({"ship_type": 60}, "passenger ship between ports of call"),
        (
            {"ship_type": 40, "departure__from_port": True, "last__to_port": True},
            "passenger ship between ports of call",
        ),
        ({"ship_type": 60, "departure__from_port": False}, ""),
        ({"ship_type": 60, "last__to_port": False}, ""),
        ({"ship_type": 60, "longest_silence_s": 1801.0}, ""),
        ({"ship_type": None}, ""),
    ],
)
def test_conventional_traffic_and_patrols_raise_none(
    sea: Sea, home: config.Home, changes: dict[str, Any], reason: str
) -> None:
    evidence = changed(SUSPICIOUS, **changes)
    assert alerts.innocent(evidence, "237000001", ()) == reason
    assert (made_of(sea, home, crossing(evidence)) == []) == bool(reason)


def test_listed_patrol_units_raise_none(sea: Sea, home: config.Home) -> None:
    event = crossing(SUSPICIOUS)
    assert made_of(sea, home, event, patrol_units=("237000001",)) == []
    assert len(made_of(sea, home, event, patrol_units=("237000002",))) == 1
    lists = home.reference / "lists"
    lists.mkdir(parents=True)
    (lists / "patrol_units.toml").write_text('mmsi = ["237000001"]\n', encoding="utf-8")
    assert update(home, sea, event) == {"new": 0, "update": 0, "cancel": 0}


def test_a_gap_or_an_outage_alone_is_never_an_alert(sea: Sea, home: config.Home) -> None:
    gap = crossing(event_type="ais_gap", phase=None, number=3)
    outage = crossing(event_type="feed_outage", phase=None, number=4, track_id=None)
    test = crossing(event_type="distress_test", phase=None, number=5)
    assert made_of(sea, home, gap, outage, test) == []


@pytest.mark.parametrize("state", ["void_coverage", "retracted"])
def test_what_does_not_hold_raises_none(sea: Sea, home: config.Home, state: str) -> None:
    assert made_of(sea, home, crossing(state=state), distress("f", "uncertainty", state=state)) == []


# Distress


@pytest.mark.parametrize(("rule", "phase", "severity"), DISTRESS)
def test_every_distress_event_is_an_alert(sea: Sea, home: config.Home, rule: str, phase: str, severity: int) -> None:
    event = distress(rule, phase, confidence=0.01, mmsi="237000001", zone_id=None)
    (alert,) = made_of(sea, home, event, patrol_units=("237000001",))
    assert (alert["category"], alert["severity"], alert["sar_phase"], alert["is_distress"]) == (
        "distress",
        severity,
        phase,
        True,
    )
    assert alert["confidence"] == 0.01
    assert phase in alert["headline"]
    assert "GMDSS" in alert["assessment"]


# Support, labels, words


def test_events_of_the_same_track_and_time_support_it(sea: Sea, home: config.Home) -> None:
    about = crossing()
    gap = {"event_type": "ais_gap", "phase": None, "track_id": about["track_id"]}
    during = crossing(number=2, started_at=NIGHT + timedelta(minutes=40), **gap)
    before = crossing(number=3, started_at=NIGHT - timedelta(hours=3), ended_at=NIGHT - timedelta(seconds=1), **gap)
    touching = crossing(number=4, started_at=NIGHT - timedelta(hours=3), ended_at=NIGHT, **gap)
    still_open = crossing(
        number=5, started_at=NIGHT - timedelta(hours=3), state="open", known_at=NIGHT - timedelta(hours=2), **gap
    )
    void = crossing(number=6, state="void_coverage", **gap)
    other_track = crossing(number=8, event_type="ais_gap", phase=None)
    (alert,) = made_of(sea, home, about, during, before, touching, still_open, void, other_track)
    assert alert["events"][0] == (about["event_id"], "subject")
    assert {name for name, role in alert["events"] if role == "support"} == {
        during["event_id"],
        touching["event_id"],
        still_open["event_id"],
    }


def test_the_label_is_the_strictest_and_the_agencies_are_those_that_all_allow(home: config.Home) -> None:
    known = sources.load_all(home)
    ais, radar = known[AIS_SOURCE].label, known[RADAR_SOURCE].label
    both = alerts.label([RADAR_SOURCE, AIS_SOURCE], known)
    assert both["tlp"] == min(ais.tlp, radar.tlp, key=TLP_ORDER.index) == "AMBER"
    assert both["rel_to"] == sorted(set(ais.rel_to) & set(radar.rel_to))
    assert set(both["rel_to"]) < set(ais.rel_to)
    assert both["source_ids"] == [RADAR_SOURCE, AIS_SOURCE]
    assert alerts.label([AIS_SOURCE], known)["tlp"] == "CLEAR"


def test_a_source_that_is_not_known_any_more_allows_nobody(sea: Sea, home: config.Home) -> None:
    known = sources.load_all(home)
    assert alerts.label([AIS_SOURCE, "retired"], known) == {
        "tlp": "RED",
        "rel_to": [],
        "source_ids": [AIS_SOURCE, "retired"],
    }
    (alert,) = made_of(sea, home, crossing(source_ids=["retired"]))
    assert (alert["tlp"], alert["rel_to"]) == ("RED", [])


def test_the_label_of_support_counts_too(sea: Sea, home: config.Home) -> None:
    about = crossing(changed(QUIET, is_small=True, dark_fraction=1.0, departure__from_port=False))
    assert made_of(sea, home, about)[0]["tlp"] == "CLEAR"
    support = crossing(
        number=2, event_type="ais_gap", phase=None, track_id=about["track_id"], source_ids=[RADAR_SOURCE]
    )
    assert made_of(sea, home, about, support)[0]["tlp"] == "AMBER"


def all_texts(sea: Sea, home: config.Home) -> Iterator[str]:
    """Every text that the module can make: each phase, each indicator, each rule, seen by radar and by AIS."""
    loud = changed(
        NIGHT_BOAT, longest_silence_s=4000.0, departure__from_port=False, last__to_port=False, fast_for_s=400.0, mean_speed_kn=4.0,
        returned_at="2026-05-20T23:00:00Z", gate__is_inferred=True,
    )  # fmt: skip
    for phase in ("approaching", "completed", "turned_back", "vanished"):
        for changes in (
            {},
            {"is_radar": False, "length_m": 11.0},
            {"is_small": False, "departure__kind": "first_seen", "longest_silence_s": 10.0},
        ):
            for confidence in (0.9, 0.5):
                (alert,) = made_of(sea, home, crossing(changed(loud, **changes), phase=phase, confidence=confidence))
                yield from (alert["headline"], alert["facts"], alert["assessment"], alert["indicators"])
    for rule, phase, _ in DISTRESS:
        (alert,) = made_of(sea, home, distress(rule, phase))
        yield from (alert["headline"], alert["facts"], alert["assessment"], alert["indicators"])


def constants(path: Path) -> Iterator[str]:
    """Every string in a module that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    docstrings = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    yield from (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    )


def test_words_describe_and_never_accuse(sea: Sea, home: config.Home) -> None:
    made = list(all_texts(sea, home))
    assert len(made) == 4 * (4 * 3 * 2 + len(DISTRESS))
    assert all(made)
    assert not [text for text in made if "None" in text or "nan" in text.split()]
    modules = [ROOT / "pipeline" / "alerts.py", *sorted((ROOT / "pipeline" / "detect").glob("*.py"))]
    assert len(modules) >= 6
    texts = [*made, *(text for path in modules for text in constants(path))]
    assert [text for text in texts for word in ACCUSING if word in text.lower()] == []
    assert {text.split()[0] for text in made[2::4]} == {"Likely", "Possible"}


# Revisions


def test_the_same_events_again_make_no_revision_and_no_byte(sea: Sea, home: config.Home) -> None:
    events = (crossing(), distress("f", "uncertainty"))
    assert update(home, sea, *events) == {"new": 2, "update": 0, "cancel": 0}
    before = {path: path.read_bytes() for path in home.lake.rglob("*.parquet")}
    assert update(home, sea, *events) == {"new": 0, "update": 0, "cancel": 0}
    assert update(home, sea, *reversed(events)) == {"new": 0, "update": 0, "cancel": 0}
    assert {path: path.read_bytes() for path in home.lake.rglob("*.parquet")} == before


def test_from_approaching_to_completed_is_an_update_of_one_alert(sea: Sea, home: config.Home) -> None:
    update(home, sea, crossing(phase="approaching", state="open"))
    assert update(home, sea, crossing()) == {"new": 0, "update": 1, "cancel": 0}
    first, second = history(home)
    assert (first["alert_id"], first["revision"], first["status"]) == (second["alert_id"], 1, "new")
    assert (second["revision"], second["status"]) == (2, "update")
    assert "a craft of unknown size heads for" in first["headline"]
    assert "a craft of unknown size reached" in second["headline"]


def test_late_data_that_move_its_start_are_a_revision_and_the_last_one_counts(sea: Sea, home: config.Home) -> None:
    """The table is in order of start, so the later revision comes first in it."""
    begins = distress("a", "distress", started_at=NIGHT)
    begins_before = {**begins, "started_at": NIGHT - timedelta(minutes=1)}
    update(home, sea, begins)
    assert update(home, sea, begins_before) == {"new": 0, "update": 1, "cancel": 0}
    assert update(home, sea, begins_before) == {"new": 0, "update": 0, "cancel": 0}
    assert update(home, sea, begins) == {"new": 0, "update": 1, "cancel": 0}
    assert sorted(row["revision"] for row in history(home)) == [1, 2, 3]
    (current,) = alerts.current(home.lake).to_pylist()
    assert (current["revision"], current["started_at"]) == (3, NIGHT)


@pytest.mark.parametrize(
    "gone",
    [(), (crossing(state="retracted"),), (crossing(state="void_coverage"),), (crossing(QUIET),)],
    ids=["absent", "retracted", "void", "harmless"],
)
def test_late_data_that_kill_it_cancel_it_and_back_again_is_an_update(
    sea: Sea, home: config.Home, gone: tuple[dict[str, Any], ...]
) -> None:
    other = distress("b_stop", "alert")
    update(home, sea, crossing(), other)
    assert update(home, sea, *gone, other) == {"new": 0, "update": 0, "cancel": 1}
    assert update(home, sea, *gone, other) == {"new": 0, "update": 0, "cancel": 0}, "cancelled once"
    current = {row["category"]: row for row in alerts.current(home.lake).to_pylist()}
    assert (current["crossing"]["status"], current["crossing"]["revision"]) == ("cancel", 2)
    assert current["crossing"]["assessment"].startswith("Withdrawn")
    assert current["distress"]["revision"] == 1
    assert update(home, sea, crossing(), other) == {"new": 0, "update": 1, "cancel": 0}
    revisions = [row for row in history(home) if row["category"] == "crossing"]
    assert [(row["revision"], row["status"]) for row in revisions] == [(1, "new"), (2, "cancel"), (3, "update")]
    assert len({row["alert_id"] for row in revisions}) == 1


def test_distress_is_cancelled_like_any_other_when_its_event_is_taken_back(sea: Sea, home: config.Home) -> None:
    update(home, sea, distress("b_vanish", "alert"))
    assert update(home, sea, distress("b_vanish", "alert", state="void_coverage")) == {
        "new": 0,
        "update": 0,
        "cancel": 1,
    }


def test_the_id_rests_on_category_and_event_only(sea: Sea, home: config.Home) -> None:
    (one,), (other,) = made_of(sea, home, crossing()), made_of(sea, home, crossing(phase="vanished", confidence=0.5))
    assert one["alert_id"] == other["alert_id"] == alerts.alert_id("crossing", crossing()["event_id"])
    assert len(one["alert_id"]) == 16
    assert alerts.alert_id("distress", crossing()["event_id"]) != one["alert_id"]


def test_the_links_say_which_events_it_rests_on(sea: Sea, home: config.Home) -> None:
    about = crossing()
    support = crossing(number=2, event_type="ais_gap", phase=None, track_id=about["track_id"])
    update(home, sea, about, support)
    links = {
        (row["event_id"], row["role"])
        for row in store.read(store.parts(home.lake, "alert_events"), "alert_events").to_pylist()
    }
    assert links == {(about["event_id"], "subject"), (support["event_id"], "support")}
    update(home, sea, about)
    links = {
        (row["event_id"], row["role"])
        for row in store.read(store.parts(home.lake, "alert_events"), "alert_events").to_pylist()
    }
    assert links == {(about["event_id"], "subject")}


@pytest.mark.parametrize("text", ["", "mmsi = [271900054]", 'mmsi = "271900054"', 'mmsi = ["27190005"]', "mmsi = ["])
def test_a_list_of_patrol_units_that_cannot_be_used_is_named_and_exempts_nobody(home: config.Home, text: str) -> None:
    folder = home.reference / "lists"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ours.toml").write_text(text)
    found, refused = alerts.patrol_units(home)
    assert found == []
    assert len(refused) == 1
    assert "ours.toml" in refused[0]


# Many

MANY = alerts.MOST_ALERTS
LESSER = changed(
    QUIET, is_small=True, dark_fraction=1.0, departure__from_port=False
)  # 3 points; by AIS, which may go to all


def several(n: int, *, first: int = 1, **columns: Any) -> list[dict[str, Any]]:
    """So many dark crossings of the Lesvos strait, of 4 points and severity 2 each unless something else is said."""
    return [crossing(number=number, **columns) for number in range(first, first + n)]


def split(made: list[dict[str, Any]]) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """(alerts about one crossing by event, those that sum others up)."""
    alone = {one["events"][0][0]: one for one in made if one["track_id"]}
    return alone, [one for one in made if not one["track_id"] and not one["is_distress"]]


def summed(alert: Mapping[str, Any]) -> set[str]:
    """The events that a summing alert stands for."""
    assert {role for _, role in alert["events"]} == {"subject"}
    return {event_id for event_id, _ in alert["events"]}


@pytest.mark.parametrize("n", [MANY - 1, MANY, MANY + 1, MANY + 30])
def test_no_more_than_fifty_stand_and_one_sums_up_the_rest(sea: Sea, home: config.Home, n: int) -> None:
    events = several(n)
    alone, sums = split(made_of(sea, home, *events))
    assert MANY == 50
    assert len(alone) == min(n, MANY)
    assert len(sums) == (n > MANY)
    for whole in sums:
        assert set(alone) | summed(whole) == {event["event_id"] for event in events}
        assert set(alone) & summed(whole) == set()
        assert whole["headline"].startswith(f"{n - MANY} more alerts of the kind crossing")
        assert not any(
            word in f"{whole['headline']} {whole['facts']} {whole['assessment']}".lower() for word in ACCUSING
        )
        assert (whole["zone_id"], whole["category"], whole["severity"]) == ("corridor_lesvos", "crossing", 2)


VANISHED = {"evidence": changed(QUIET, is_small=True), "phase": "vanished"}  # severity 4, 3 points
STRONG = changed(NIGHT_BOAT, departure__from_port=False, last__to_port=False)  # severity 2, 6 points


@pytest.mark.parametrize(
    ("graver", "lesser"),
    [
        (VANISHED, {"evidence": STRONG, "confidence": 0.9}),
        ({"evidence": STRONG, "confidence": 0.5}, {"confidence": 0.9}),
        ({"confidence": 0.81}, {"confidence": 0.8}),
    ],
    ids=["severity", "points", "confidence"],
)
@pytest.mark.parametrize("lesser_first", [True, False])
def test_the_gravest_stand(
    sea: Sea, home: config.Home, graver: dict[str, Any], lesser: dict[str, Any], lesser_first: bool
) -> None:
    many = several(MANY, first=2 if lesser_first else 1, **graver)
    one = crossing(number=1 if lesser_first else MANY + 1, **lesser)
    alone, (whole,) = split(made_of(sea, home, *many, one))
    assert set(alone) == {event["event_id"] for event in many}
    assert summed(whole) == {one["event_id"]}


def test_of_equals_the_ids_decide_whatever_the_order_of_events(sea: Sea, home: config.Home) -> None:
    events = several(MANY + 3)
    by_id = sorted(events, key=lambda event: alerts.alert_id("crossing", event["event_id"]))
    for order in (events, events[::-1]):
        alone, (whole,) = split(made_of(sea, home, *order))
        assert list(map(summed, [whole])) == [{event["event_id"] for event in by_id[MANY:]}]
        assert set(alone) == {event["event_id"] for event in by_id[:MANY]}


def test_it_has_the_place_and_time_of_what_it_sums_up_and_no_identity(sea: Sea, home: config.Home) -> None:
    late, later = NIGHT + timedelta(minutes=10), NIGHT + timedelta(minutes=20)
    place: dict[str, Any] = {"lon": 26.6, "lat": 39.1, "confidence": 0.7}
    rest = [
        crossing(number=91, **place, started_at=later, ended_at=later + timedelta(hours=1)),
        crossing(LESSER, number=92, confidence=0.9, started_at=late, ended_at=late + timedelta(minutes=5)),
    ]
    _, (whole,) = split(made_of(sea, home, *several(MANY), *rest))
    assert summed(whole) == {event["event_id"] for event in rest}
    assert (whole["started_at"], whole["ended_at"]) == (late, later + timedelta(hours=1))
    assert (whole["lon"], whole["lat"], whole["severity"], whole["confidence"]) == (26.6, 39.1, 2, 0.7), (
        "of the gravest"
    )
    assert [whole[name] for name in ("mmsi", "track_id", "phase", "sar_phase", "length_m")] == [None] * 5
    assert whole["outbound_small_craft"] is whole["may_carry_people"] is None, "unknown counts as true"
    _, (still,) = split(made_of(sea, home, *several(MANY), rest[0], {**rest[1], "state": "open", "ended_at": None}))
    assert still["ended_at"] is None


def test_distress_is_never_summed_up(sea: Sea, home: config.Home) -> None:
    calls = [distress("f", "uncertainty", number=number) for number in range(201, 201 + MANY + 20)]
    made = made_of(sea, home, *several(MANY + 2), *calls)
    alone, (whole,) = split(made)
    assert [one["is_distress"] for one in made].count(True) == MANY + 20
    assert {event["event_id"] for event in calls} <= set(alone)
    assert len(summed(whole)) == 2
    assert not summed(whole) & {event["event_id"] for event in calls}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"zone_id": "corridor_samos"},
        {"zone_id": None},
        {"started_at": NIGHT + timedelta(hours=3)},
        {"category": "surge"},
    ],
    ids=["zone", "no zone", "day", "category"],
)
def test_each_zone_day_and_category_has_its_own_fifty(sea: Sea, home: config.Home, elsewhere: dict[str, Any]) -> None:
    known = sources.load_all(home)
    here, there = (
        {f"{mark}{number}": one | {"alert_id": f"{mark}{number}"} | changes for number, one in enumerate(made_of(sea, home, *several(MANY)))}
        for mark, changes in (("a", {}), ("b", elsewhere))
    )  # fmt: skip
    both = {**here, **there}
    assert set(alerts.bounded(dict(both), known)) == set(both)
    one_more = {**both, "b50": {**there["b49"], "alert_id": "b50", "events": [("e", "subject")]}}
    found = alerts.bounded(dict(one_more), known)
    (whole,) = (one for name, one in found.items() if name not in one_more)
    assert {name: whole[name] for name in elsewhere} == elsewhere
    assert set(both) - set(found) == {"b9"}, "the last by its id"


def test_its_id_stays_while_the_number_changes_and_it_goes_with_the_flood(sea: Sea, home: config.Home) -> None:
    enough = several(MANY)
    flood = several(8, first=100, evidence=LESSER)
    assert update(home, sea, *enough, *flood[:1]) == {"new": MANY + 1, "update": 0, "cancel": 0}
    assert update(home, sea, *enough, *flood) == {"new": 0, "update": 1, "cancel": 0}
    assert update(home, sea, *reversed(flood), *enough) == {"new": 0, "update": 0, "cancel": 0}
    assert update(home, sea, *enough) == {"new": 0, "update": 0, "cancel": 1}
    assert update(home, sea, *enough, *flood[:3]) == {"new": 0, "update": 1, "cancel": 0}
    of_sum = sorted((row for row in history(home) if row["track_id"] is None), key=lambda row: row["revision"])
    assert len({row["alert_id"] for row in of_sum}) == 1
    said = [(row["revision"], row["status"], row["headline"].split()[0]) for row in of_sum]
    assert said == [(1, "new", "1"), (2, "update", "8"), (3, "cancel", "8"), (4, "update", "3")]
    links = store.read(store.parts(home.lake, "alert_events"), "alert_events").to_pylist()
    assert {row["event_id"] for row in links if row["alert_id"] == of_sum[0]["alert_id"]} == {
        event["event_id"] for event in flood[:3]
    }


def test_what_graver_ones_push_out_is_not_withdrawn_but_summed_up(sea: Sea, home: config.Home) -> None:
    """An agency that was told of it must not read that it never was."""
    told = several(MANY)
    update(home, sea, *told)
    assert update(home, sea, *told, crossing(STRONG, number=300)) == {"new": 2, "update": 0, "cancel": 1}
    (gone,) = (row for row in alerts.current(home.lake).to_pylist() if row["status"] == "cancel")
    assert "Withdrawn" not in gone["assessment"]
    assert "sums" in gone["assessment"]
    assert update(home, sea, *told) == {"new": 0, "update": 1, "cancel": 2}, "it stands again"
    gone_now = [row for row in alerts.current(home.lake).to_pylist() if row["status"] == "cancel"]
    assert all(row["assessment"].startswith("Withdrawn") for row in gone_now)


def test_its_label_is_the_strictest_and_it_goes_where_all_it_sums_up_may_go(sea: Sea, home: config.Home) -> None:
    known = sources.load_all(home)
    ais, radar = known[AIS_SOURCE].label, known[RADAR_SOURCE].label
    by_ais = several(3, first=100, evidence=LESSER, source_ids=[AIS_SOURCE])
    by_radar = crossing(number=120, confidence=0.1)
    _, (open_,) = split(made_of(sea, home, *several(MANY), *by_ais))
    assert (open_["tlp"], open_["rel_to"], open_["source_ids"]) == ("CLEAR", sorted(ais.rel_to), [AIS_SOURCE])
    _, (strict,) = split(made_of(sea, home, *several(MANY), *by_ais, by_radar))
    assert (strict["tlp"], strict["rel_to"]) == ("AMBER", sorted(set(ais.rel_to) & set(radar.rel_to)))
    assert strict["source_ids"] == [RADAR_SOURCE, AIS_SOURCE]
    gone = crossing(number=121, confidence=0.1, source_ids=["retired"])
    _, (nobody,) = split(made_of(sea, home, *several(MANY), *by_ais, by_radar, gone))
    assert (nobody["tlp"], nobody["rel_to"]) == ("RED", [])


def test_a_day_with_a_summing_alert_is_released(sea: Sea, home: config.Home, cache: Path) -> None:
    home.cache.rmdir()
    home.cache.symlink_to(cache)
    update(home, sea, *several(MANY + 4), distress("b_stop", "alert", number=200))
    done = run.release_all(DAY, home)
    assert done["refused"] == []
    counts = {result["agency_id"]: result["n_alerts"] for result in done["agencies"]}
    assert counts["hcg"] == MANY + 2
    texts = [
        path.read_text(encoding="utf-8")
        for path in (home.release / "hcg").rglob("*")
        if path.suffix in (".json", ".csv", ".html")
    ]
    assert len(texts) > 1
    assert [text for text in texts if "4 more alerts of the kind crossing" in text]
    assert not [text for text in texts if "None" in text]
