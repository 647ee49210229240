"""
A story's folder.

    <folder>/<story>/story.md                  in words, for a reader who knows ships
    <folder>/<story>/input/<source_id>/*.csv   taken in in the order of their names
    <folder>/<story>/expected.json

expected.json
    days             the days to run, in order
    events           each must be found once: every key given must be equal, but `started_at` within `tolerance_s`, the track id must begin with
                     one of `track_prefixes`, and `rule` stands in the event's evidence. Keys as in truth.json (`pipeline.simulate.truth`)
    alerts           category and status of the last revision of an alert; each must be there, and no other
    none_of          must not be there at all: "alerts", or a type of event (a retracted or void event is none)
    no_events        events that must not be there, matched like `events` on the keys given
    after_first      only where files arrive apart: `files` that are taken in and run first, `events` found then
    not_found_yet    only where no detector finds an event of the story yet: one line that says which
    events_not_yet   those events, in the form of `events`
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from textwrap import fill
from typing import Any

from pipeline.simulate.aegean import ship
from pipeline.simulate.behaviours.behaviour import Behaviour, Expected, sailed
from pipeline.simulate.behaviours.reports import iom_rows
from pipeline.simulate.behaviours.setting import packaged
from pipeline.simulate.craft import AT_ANCHOR, DAY_S, Craft, Point, clock, move, sail, stay
from pipeline.simulate.day import Observed, observe, sightings
from pipeline.simulate.providers import (
    IOM_HEADER,
    NOAA_HEADER,
    RADAR_HEADER,
    TimedLine,
    in_order,
    iom_lines,
    noaa_lines,
    radar_lines,
    write_file,
)
from pipeline.simulate.sensors import RADARS, Passage, Radar, Reports
from pipeline.simulate.theatres import AEGEAN_REPORTS
from pipeline.simulate.truth import RAISED_BY, expected_event, write_json

DAY = date(2026, 5, 20)
SEED = 20
NOTHING = ("alerts", "ais_gap", "feed_outage")
CALM = ("feed_outage", "ais_gap")

# Ships at anchor: the others that a sensor hears, without which silence says nothing.
NORTH_OF_LESVOS = ((26.365, 39.476), (26.215, 39.448), (26.105, 39.44), (26.27, 39.462))
EAST_OF_LESVOS = ((26.66, 39.235), (26.615, 39.085), (26.8, 39.08), (26.715, 39.165))
SOUTH_OF_LESVOS = ((26.45, 38.85), (26.52, 38.86), (26.42, 38.835), (26.5, 38.9))
OFF_SAMOS = ((27.215, 37.885), (27.13, 37.79), (27.195, 37.82), (27.15, 37.735))

LESVOS, SAMOS = packaged(("corridor_lesvos", "corridor_samos"), DAY)

# What the definitions know and no detector finds yet: types of event, and rules of distress. A line goes when its detector comes.
NOT_FOUND_YET = {
    "zone_visit": "visits of zones (definitions.md 2)",
    "line_crossing": "lines passed (3)",
    "encounter": "encounters (5)",
    "loitering": "loitering (6)",
    "distress c": "craft adrift (7 c)",
    "distress d": "an object seen again (7 d)",
    "distress e": "reports with distress words (7 e)",
    "dark_vessel": "sensor detections without AIS (8)",
    "high_speed": "high speed (9)",
    "sudden_acceleration": "sudden acceleration (9)",
    "identity_conflict": "a shared MMSI (10)",
    "position_spoofing": "false positions (10)",
    "identity_change": "changed or impossible identities (10)",
    "port_visit": "calls at ports (11)",
    "port_of_interest": "calls at ports of interest (11)",
    "mothership_launch": "launches and pick-ups (12)",
    "suspicious_approach": "approaches to merchant ships (12)",
    "convoy": "convoys (12)",
    "repeat_crossing": "repeated crossings (12)",
    "off_route": "ways that nobody takes (12)",
    "infrastructure_loiter": "loitering over infrastructure (12)",
    "incident_proximity": "incidents near tracks (13)",
    "incident_surge": "surges of incidents (14)",
}


@dataclass(frozen=True)
class Story:
    """
    One folder: the behaviour that it is about, the hours of its data (24:00 is the end of the first day, 48:00 of the second), the ships at anchor
    around, and what must not come of it. `also`: what else happens. `radar_off_s`: the radars say nothing from here on. `late_s`: reports of the
    first craft that arrive in a second file.
    """

    behaviour: Behaviour
    hours: tuple[str, str]
    around: Sequence[Point] = ()
    none_of: tuple[str, ...] = ()
    no_events: tuple[Expected, ...] = ()
    radars: Sequence[Radar] = RADARS
    also: tuple[Behaviour, ...] = ()
    radar_off_s: float | None = None
    late_s: tuple[float, float] | None = None
    around_every_s: int | None = None


def write(folder: Path, story: Story) -> None:
    """Write one folder."""
    begins_s, ends_s = (clock(hour) for hour in story.hours)
    told = (story.behaviour, *story.also)
    around = [
        Passage(
            ship(80 + number, "271", 70, 92, 14, 5.3),
            move(where, stay(ends_s, AT_ANCHOR), begins_s, ends_s),
            ais_interval_s=story.around_every_s,
        )
        for number, where in enumerate(story.around)
    ]
    passages = [passage for behaviour in told for passage in behaviour.passages]
    observed = _until(observe([*passages, *around], SEED, story.radars), ends_s, story.radar_off_s or ends_s)
    expected = _expected(story, observed, ends_s)
    inputs = folder / "input"
    _write_radar(inputs / "coastal_radar", observed)
    late = _write_ais(inputs / "noaa_marinecadastre", story, observed)
    if late:
        expected["after_first"] = {
            "files": [f"noaa_marinecadastre/{late}"],
            "events": [{**event, "state": "closed"} for event in expected["events"]],
        }
    incidents = [incident for behaviour in told for incident in behaviour.incidents]
    if incidents:
        name = f"MissingMigrants_{DAY:%Y_%m}.csv"
        write_file(
            inputs / "iom_missing_migrants" / name, IOM_HEADER, iom_lines(iom_rows(DAY, incidents, AEGEAN_REPORTS))
        )
    write_json(folder / "expected.json", expected)
    title = story.behaviour.label.replace("_", " ").capitalize()
    text = fill(" ".join(behaviour.story for behaviour in told), 100)
    (folder / "story.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")


def told(behaviour: Behaviour, text: str) -> Behaviour:
    """The behaviour with the text that its folder tells."""
    return replace(behaviour, story=text)


def sailing(
    craft: Craft, route: Sequence[Point], begins: str, sog_kn: float, ends: str = "24:00", **passage: Any
) -> Passage:
    """At the first point of the route for ten minutes, along it, and at its last point until the end."""
    start_s, ends_s = clock(begins), clock(ends)
    legs = [*stay(start_s + 600.0), *sail(*route[1:], sog_kn=sog_kn), *stay(ends_s)]
    return Passage(craft, move(route[0], legs, start_s, ends_s), **passage)


def under_way(craft: Craft, route: Sequence[Point], begins: str, sog_kn: float, **passage: Any) -> Passage:
    """Along the route and gone at its end."""
    return Passage(craft, sailed(route, sog_kn, clock(begins)), **passage)


def _expected(story: Story, observed: Observed, ends_s: float) -> dict[str, Any]:
    seen = sightings(DAY, observed)
    found, not_yet, missing = [], [], {}
    for behaviour in (story.behaviour, *story.also):
        for event in behaviour.events:
            entry = expected_event(DAY, behaviour, event, seen, ends_s)
            if entry is None:
                raise ValueError(f"{behaviour.label}: no sensor sees its {event.event_type}")
            what = f"{event.event_type} {event.rule}" if event.event_type == "distress" else event.event_type
            if what in NOT_FOUND_YET:
                not_yet.append(entry)
                missing[what] = NOT_FOUND_YET[what]
            else:
                found.append(entry)
    raised_by = {entry["event_type"] for entry in found}
    alerts = dict.fromkeys(alert for behaviour in (story.behaviour, *story.also) for alert in behaviour.alerts)
    first_day, last_day = (int(clock(hour) // DAY_S) for hour in story.hours)
    last_day -= clock(story.hours[1]) % DAY_S == 0
    document: dict[str, Any] = {
        "days": [f"{DAY + timedelta(days=day)}" for day in range(first_day, last_day + 1)],
        "events": found,
        "alerts": [
            {"category": category, "status": status} for category, status in alerts if RAISED_BY[category] in raised_by
        ],
    }
    if story.none_of:
        document["none_of"] = list(story.none_of)
    if story.no_events:
        entries = [expected_event(DAY, story.behaviour, event, seen, ends_s) or {} for event in story.no_events]
        document["no_events"] = [
            {key: entry[key] for key in ("event_type", "mmsi", "track_prefixes") if key in entry} for entry in entries
        ]
    if missing:
        document["not_found_yet"] = f"no detector finds {', '.join(missing.values())} yet"
        document["events_not_yet"] = not_yet
    return document


def _until(observed: Observed, ends_s: float, radar_off_s: float) -> Observed:
    """What was observed before the end of the data."""
    ais = [(craft, _before(reports, ends_s)) for craft, reports in observed.ais]
    radar = [
        replace(
            track,
            reports=_before(track.reports, radar_off_s),
            length_m=track.length_m[track.reports.at_s < radar_off_s],
        )
        for track in observed.radar
    ]
    return Observed(ais, [track for track in radar if len(track.reports.at_s)])


def _before(reports: Reports, until_s: float) -> Reports:
    kept = reports.at_s < until_s
    return Reports(**{field.name: getattr(reports, field.name)[kept] for field in fields(Reports)})


def _write_radar(folder: Path, observed: Observed) -> None:
    for sensor_id in sorted({track.sensor_id for track in observed.radar}):
        lines = [line for track in observed.radar if track.sensor_id == sensor_id for line in radar_lines(DAY, track)]
        for day, part in _by_day(lines):
            write_file(folder / f"{sensor_id}_{day:%Y%m%d}.csv", RADAR_HEADER, in_order(part))


def _write_ais(folder: Path, story: Story, observed: Observed) -> str:
    """The name of the first file when a second one brings reports that were late; else empty."""
    lines = [(craft, line) for craft, reports in observed.ais for line in noaa_lines(DAY, craft, reports)]
    late: list[TimedLine] = []
    if story.late_s:
        about, (start_s, end_s) = story.behaviour.passages[0].craft, story.late_s
        late = [line for craft, line in lines if craft == about and start_s <= line[0] < end_s]
    for day, part in _by_day([line for _, line in lines if line not in late]):
        write_file(folder / f"AIS_{day:%Y_%m_%d}.csv", NOAA_HEADER, in_order(part))
    if not late:
        return ""
    write_file(folder / f"AIS_{DAY:%Y_%m_%d}_late.csv", NOAA_HEADER, in_order(late))
    return f"AIS_{DAY:%Y_%m_%d}.csv"


def _by_day(lines: Sequence[TimedLine]) -> list[tuple[date, list[TimedLine]]]:
    days: dict[date, list[TimedLine]] = {}
    for line in lines:
        days.setdefault(DAY + timedelta(days=line[0] // DAY_S), []).append(line)
    return sorted(days.items())
