"""Every section of the definitions is acted out, both ways, and what must be found of it is consistent."""

import inspect
from collections import Counter
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import shapely

from pipeline.simulate import behaviours, stories
from pipeline.simulate.aegean import boat, ship
from pipeline.simulate.behaviours import (
    crossings,
    detections,
    distress,
    identity,
    loitering,
    meetings,
    ordinary,
    patterns,
    ports,
    reports,
    silences,
    speed,
)
from pipeline.simulate.behaviours.behaviour import Behaviour, Incident, length_nm, sailed
from pipeline.simulate.craft import DAY_S, clock
from pipeline.simulate.land import near_shore
from pipeline.simulate.sensors import hear
from pipeline.simulate.stories.folder import DAY, LESVOS, NOT_FOUND_YET, SAMOS
from pipeline.simulate.theatres import AEGEAN_REPORTS, THEATRES
from pipeline.zones import PACKAGED, load

FAMILIES: tuple[ModuleType, ...] = (
    crossings, detections, distress, identity, loitering, meetings, ordinary, patterns, ports, reports, silences, speed,
)  # fmt: skip
SECTIONS = [str(number) for number in range(15)]  # 15 is risk: nothing that a craft or a report can act out
EVENT_TYPES = {
    "ais_gap", "zone_visit", "line_crossing", "coast_crossing", "encounter", "loitering", "distress", "distress_test", "dark_vessel",
    "high_speed", "sudden_acceleration", "identity_conflict", "position_spoofing", "identity_change", "port_visit", "port_of_interest",
    "mothership_launch", "suspicious_approach", "convoy", "repeat_crossing", "off_route", "infrastructure_loiter", "incident_proximity",
    "incident_surge", "feed_outage",
}  # fmt: skip  # definitions.md

TOLD = [behaviour for story in stories.stories() for behaviour in (story.behaviour, *story.also)]
ACROSS = ((26.728, 39.205), (26.64, 39.18), (26.552, 39.155))


def acted_out(module: ModuleType) -> list[str]:
    """The functions of a module that make a behaviour."""
    return [
        name
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is Behaviour
    ]


def test_every_section_is_told_by_a_positive_story() -> None:
    positive = Counter(behaviour.section for behaviour in TOLD if behaviour.is_positive)
    assert [section for section in SECTIONS if not positive[section]] == []
    assert set(positive) <= set(SECTIONS)


def test_what_looks_like_a_section_and_is_none_is_told_too() -> None:
    negative = {behaviour.section for behaviour in TOLD if not behaviour.is_positive}
    assert {"0", "1", "4", "5", "6", "7", "9", "10"} <= negative
    names = {behaviour.name for behaviour in TOLD if not behaviour.is_positive}
    assert {
        "honest_ferry", "fast_ferry", "fisherman", "rescue", "regatta", "poor_reception", "clock_leap", "quay_overnight", "tow",
        "pilot_transfer", "fly_by", "moored_pair", "fishing_on_the_ground", "overtaking",
    } <= names  # fmt: skip


def test_every_function_has_a_story() -> None:
    told = "".join(inspect.getsource(module) for module in stories.FAMILIES)
    families = {module.__name__.rpartition(".")[2] for module in FAMILIES}
    assert all(f"\n    {family} " in (behaviours.__doc__ or "") for family in families)
    functions = [name for module in FAMILIES for name in acted_out(module)]
    assert len(functions) >= 50
    assert [name for name in functions if f".{name}(" not in told and f" {name}(" not in told] == []


def test_every_type_of_event_of_the_definitions_is_expected_somewhere() -> None:
    expected = {event.event_type for behaviour in TOLD for event in behaviour.events}
    assert expected == EVENT_TYPES
    rules = {event.rule for behaviour in TOLD for event in behaviour.events if event.event_type == "distress"}
    assert rules == {"a", "b_stop", "b_vanish", "c", "d", "e", "f"}
    phases = {event.phase for behaviour in TOLD for event in behaviour.events if event.event_type == "coast_crossing"}
    assert phases == {"approaching", "completed", "turned_back", "vanished"}
    assert {what.partition(" ")[0] for what in NOT_FOUND_YET} <= EVENT_TYPES


@pytest.mark.parametrize("behaviour", TOLD, ids=lambda behaviour: behaviour.label)
def test_events_lie_within_the_story(behaviour: Behaviour) -> None:
    assert behaviour.events or not behaviour.is_positive
    assert behaviour.is_positive or not behaviour.alerts
    assert behaviour.passages or behaviour.incidents
    for event in behaviour.events:
        assert event.started_s <= event.known_s
        if event.ended_s is not None:
            assert event.known_s <= event.ended_s or event.phase == "vanished"
        if event.sensor == "none":
            continue
        way = behaviour.passages[event.about].motion
        assert way.at_s[0] - 60 <= event.started_s <= way.at_s[-1] + 60
        assert event.other is None or event.other < len(behaviour.passages)


def test_labels_are_used_once() -> None:
    assert max(Counter(behaviour.label for behaviour in TOLD).values()) == 1


def test_a_crossing_lasts_from_shore_band_to_shore_band() -> None:
    behaviour = crossings.dark_crossing("one", LESVOS, ACROSS, 8.0, clock("22:00"))
    way, (crossing, *_) = behaviour.passages[0].motion, behaviour.events
    assert crossing.ended_s is not None
    near = near_shore(way.lon, way.lat, LESVOS.coast_band_nm)
    between = (way.at_s > crossing.started_s + 120) & (way.at_s < crossing.ended_s - 120)
    assert between.any()
    assert not near[between].any()
    assert near[way.at_s <= crossing.started_s].all()
    assert near[way.at_s >= crossing.ended_s].all()
    assert crossing.started_s < crossing.known_s < crossing.ended_s


def test_a_crossing_is_known_two_hours_before_the_far_shore_at_the_earliest() -> None:
    slow = crossings.dark_crossing("slow", LESVOS, ACROSS, 0.9, clock("12:00")).events[0]
    assert slow.ended_s is not None
    assert slow.known_s == slow.ended_s - 7200.0
    fast = crossings.dark_crossing("fast", LESVOS, ACROSS, 8.0, clock("12:00"))
    assert fast.events[0].known_s == LESVOS.crossed_s(fast.passages[0].motion)


def test_a_way_that_does_not_pass_the_line_is_no_crossing() -> None:
    with pytest.raises(ValueError, match="does not pass the dividing line of corridor_samos"):
        crossings.dark_crossing("elsewhere", SAMOS, ACROSS, 8.0, clock("22:00"))


def test_by_day_a_boat_without_ais_is_nobodys_business() -> None:
    by_day = crossings.dark_crossing("by day", LESVOS, ACROSS, 8.0, clock("09:00"))
    assert [event.event_type for event in by_day.events] == ["coast_crossing"]
    at_dusk = crossings.dark_crossing("at dusk", LESVOS, ACROSS, 4.0, clock("16:30"))
    (night,) = [event for event in at_dusk.events if event.event_type == "distress"]
    assert clock("17:40") < night.started_s < clock("18:10")  # civil twilight ends at 17:55 UTC


def test_a_convoy_stays_in_company() -> None:
    two = crossings.convoy("two", LESVOS, ACROSS, 6.0, clock("21:00"), 2)
    one, other = (passage.motion for passage in two.passages)
    same = np.intersect1d(one.at_s, other.at_s)[:-60]
    apart_nm = [
        length_nm([(float(a.lon[i]), float(a.lat[i])), (float(b.lon[j]), float(b.lat[j]))])
        for a, b, i, j in ((one, other, np.searchsorted(one.at_s, t), np.searchsorted(other.at_s, t)) for t in same)
    ]
    assert max(apart_nm) < 0.5
    assert {event.event_type for event in two.events} == {"coast_crossing", "distress", "convoy"}


def test_an_encounter_is_as_long_and_as_close_as_it_says() -> None:
    (behaviour,) = [one for one in TOLD if one.label == "encounter"]
    (event,) = behaviour.events
    one, other = (passage.motion for passage in behaviour.passages)
    times = np.arange(event.started_s + 60, (event.ended_s or 0.0) - 60, 60).astype(np.int64)
    a, b = one.at(times), other.at(times)
    apart_m = 1852.0 * 60.0 * np.hypot(a.lat - b.lat, (a.lon - b.lon) * np.cos(np.radians(a.lat)))
    assert apart_m.max() < 500.0
    assert np.median([a.sog_kn, b.sog_kn]) < 2.0
    assert event.known_s == event.started_s + 7200.0


def test_a_false_position_is_only_told() -> None:
    (behaviour,) = [one for one in TOLD if one.label == "implausible_jump"]
    (passage,), (event,) = behaviour.passages, behaviour.events
    assert passage.reported is not None
    told_falsely = passage.reported.lon != passage.motion.lon
    assert passage.motion.at_s[told_falsely].min() == event.started_s
    assert passage.motion.at_s[told_falsely].max() < event.ended_s == passage.motion.at_s[told_falsely].max() + 10


def test_incidents_are_as_vague_as_they_were_reported() -> None:
    vague = Incident(14 * DAY_S, (25.51, 38.49), "somewhere", 1, 2, decimals=0, precision="month")
    told = [vague, replace(vague, decimals=4, precision="day", survivors=7)]
    (row, exact) = reports.iom_rows(DAY, told, THEATRES["gulf_of_aden"].told_in)
    assert (row["Latitude"], row["Longitude"], row["incident_date_clean"]) == ("38", "26", "2026-06-01")
    assert (exact["Latitude"], exact["Longitude"], exact["incident_date_clean"]) == ("38.4900", "25.5100", "2026-06-03")
    assert (row["No. dead/missing"], row["No. survivors"], exact["No. survivors"]) == ("3", "NA", "7")
    assert (row["Main ID"], exact["Main ID"]) == ("2026.SIM00001", "2026.SIM00002")
    assert (row["Region of Incident"], row["Country of Incident"]) == ("Western Asia", "Yemen")


def test_nobody_drowns_in_a_report_of_nobody_dead_or_missing() -> None:
    told = [Incident(0.0, (25.5, 38.5), "Boat in distress"), Incident(0.0, (25.5, 38.5), "there", missing=1)]
    rows = reports.iom_rows(DAY, told, AEGEAN_REPORTS)
    assert [row["Cause of death (category)"] for row in rows] == ["Mixed or unknown", "Drowning"]


def test_a_crossing_that_never_comes_near_the_other_shore_is_refused() -> None:
    whole = sailed(ACROSS, 8.0, clock("22:00"))
    assert crossings.completed(LESVOS, whole).phase == "completed"
    with pytest.raises(ValueError, match="comes near no shore past the line of corridor_lesvos"):
        crossings.completed(LESVOS, sailed([*ACROSS[:2], (26.62, 39.175)], 8.0, clock("22:00")))


def test_a_pattern_of_trips_is_known_with_the_third() -> None:
    departures_s = [clock("20:00") + DAY_S * night for night in range(4)]
    trips = crossings.repeat_crossing("trips", LESVOS, boat(1, "271", 37, 10.0), ACROSS, 9.0, departures_s)
    crossed = [event for event in trips.events if event.event_type == "coast_crossing"]
    (pattern,) = [event for event in trips.events if event.event_type == "repeat_crossing"]
    assert len(crossed) == 4
    assert pattern.known_s == crossed[2].known_s
    assert (pattern.started_s, pattern.ended_s) == (crossed[0].started_s, crossed[3].ended_s)


def test_a_call_is_three_kilometres_in_and_four_out() -> None:
    berth, off = (26.567, 39.1025), (26.63, 39.038)
    (visit,) = ports.port_visit(
        "call", ship(1, "248", 70, 98, 15, 5.8), (off,), berth, (off,), 10.0, 0.0, 3600.0
    ).events
    there_s = length_nm([off, berth]) / 10.0 * 3600.0
    assert visit.started_s == pytest.approx(there_s - 3.0 / 18.52 * 3600.0, abs=20.0)
    assert visit.known_s == there_s
    assert visit.ended_s == pytest.approx(there_s + 3600.0 + 4.0 / 18.52 * 3600.0, abs=20.0)


def test_a_craft_adrift_goes_where_its_bow_does_not_point() -> None:
    (behaviour,) = [one for one in TOLD if one.label == "adrift"]
    (passage,), (event,) = behaviour.passages, behaviour.events
    heard = hear(passage, np.random.default_rng(1))
    off_deg = np.abs((heard.cog_deg - heard.heading_deg + 180.0) % 360.0 - 180.0)
    drifting = (heard.at_s >= event.started_s + 10) & (heard.at_s < (event.ended_s or 0.0))
    assert off_deg[drifting].min() > 40.0
    assert off_deg[~drifting & (heard.sog_kn > 2.0)].max() < 40.0
    assert drifting.sum() > 20


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("at_anchor", "anchorage"),
        ("fishing_on_the_ground", "fishing_ground"),
        ("infrastructure_loiter", "infrastructure"),
        ("port_visit", "port"),
        ("port_of_interest", "port"),
    ],
)
def test_what_happens_in_a_zone_happens_in_one(label: str, kind: str) -> None:
    (behaviour,) = [one for one in TOLD if one.label == label]
    way = behaviour.passages[0].motion
    at = len(way.at_s) // 3 if label == "fishing_on_the_ground" else int(np.argmin(way.sog_kn))
    here = [zone for zone in load([PACKAGED]).zones if zone.geometry.covers(shapely.Point(way.lon[at], way.lat[at]))]
    (zone,) = [zone for zone in here if zone.kind == kind]
    assert ("of_interest" in zone.properties) == (label == "port_of_interest")
