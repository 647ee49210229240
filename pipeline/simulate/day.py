"""
The sample day, 2026-05-14 UTC: what the providers of the eastern Aegean would have put into the inbox, and the truth
about it.

    <folder>/inbox/noaa_marinecadastre/AIS_2026_05_14.csv            all AIS, with the faults that such a file has
    <folder>/inbox/coastal_radar/<sensor>_20260514.csv               three radars
    <folder>/inbox/iom_missing_migrants/MissingMigrants_2026_05.csv   invented incidents
    <folder>/truth.json                                              labelled behaviours, what must be rejected

Sunset is about 17:20 UTC, and it is dark (sun below -6 degrees) until about 02:40 and from about 17:50.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.simulate.aegean import ordinary_traffic, sample_behaviours
from pipeline.simulate.behaviours import Behaviour, Expected
from pipeline.simulate.craft import Craft, Motion
from pipeline.simulate.land import on_land
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
from pipeline.simulate.sensors import RADARS, Passage, Radar, RadarTrack, Reports, hear, watch

SAMPLE_DAY = date(2026, 5, 14)


@dataclass(frozen=True)
class Observed:
    """What the sensors made of one day: AIS by craft, and the radars' tracks."""

    ais: list[tuple[Craft, Reports]]
    radar: list[RadarTrack]


def sample_day(folder: Path, seed: int) -> None:
    """Write the sample day; the same seed gives the same bytes. ValueError when a way leads over land."""
    behaviours = sample_behaviours(seed)
    ordinary = ordinary_traffic(seed)
    observed = observe(ordinary + [passage for story in behaviours for passage in story.passages], seed)
    rng = np.random.default_rng([seed, 1])
    n_ordinary = sum(1 for passage in ordinary if passage.craft.mmsi)
    ais, faults = _spoil([noaa_lines(SAMPLE_DAY, craft, heard) for craft, heard in observed.ais], n_ordinary, rng)
    inbox = folder / "inbox"
    write_file(inbox / "noaa_marinecadastre" / f"AIS_{SAMPLE_DAY:%Y_%m_%d}.csv", NOAA_HEADER, ais)
    write_radar(inbox, SAMPLE_DAY, observed)
    write_file(
        inbox / "iom_missing_migrants" / f"MissingMigrants_{SAMPLE_DAY:%Y_%m}.csv",
        IOM_HEADER,
        iom_lines(_incidents()),
    )
    truth = {
        "day": SAMPLE_DAY.isoformat(),
        "seed": seed,
        "behaviours": [describe(SAMPLE_DAY, story, observed) for story in behaviours],
        **faults,
    }
    write_json(folder / "truth.json", truth)


def observe(passages: Sequence[Passage], seed: int, radars: Sequence[Radar] = RADARS) -> Observed:
    """What AIS and the radars see of the craft. ValueError when one of them sails, or is heard, on land."""
    ais = [
        (passage.craft, hear(passage, np.random.default_rng([seed, 2, int(passage.craft.mmsi)])))
        for passage in passages
        if passage.craft.mmsi
    ]
    ways: list[tuple[Craft, Motion | Reports]] = [(passage.craft, passage.motion) for passage in passages]
    for craft, way in [*ways, *ais]:
        aground = on_land(way.lon, way.lat)
        if aground.any():
            at = int(np.argmax(aground))
            raise ValueError(
                f"{craft.name} would be on land at {way.lat[at]:.4f} N {way.lon[at]:.4f} E: correct its way"
            )
    rng = np.random.default_rng([seed, 3])
    return Observed(ais, [track for radar in radars for track in watch(radar, passages, rng)])


def write_radar(inbox: Path, day: date, observed: Observed) -> None:
    """One file for each radar that saw something."""
    for sensor_id in sorted({track.sensor_id for track in observed.radar}):
        tracks = [track for track in observed.radar if track.sensor_id == sensor_id]
        lines = in_order(line for track in tracks for line in radar_lines(day, track))
        write_file(inbox / "coastal_radar" / f"{sensor_id}_{day:%Y%m%d}.csv", RADAR_HEADER, lines)


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a document for people and programs: indented, in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def describe(day: date, story: Behaviour, observed: Observed) -> dict[str, Any]:
    """One entry of truth.json: the label, who and when, and what must be found or must not."""
    about = story.passages[0]
    first_s, last_s = int(about.motion.at_s[0]), int(about.motion.at_s[-1])
    return {
        "label": story.label,
        "positive": story.is_positive,
        "story": story.story,
        "mmsi": about.craft.mmsi or None,
        "radar_tracks": track_prefixes(day, about.craft, observed),
        "started_at": _instant(day, first_s),
        "ended_at": _instant(day, last_s),
        "events": [expected_event(day, story, event, observed) for event in story.events],
        "alerts": [{"category": category, "status": status} for category, status in story.alerts],
    }


def expected_event(day: date, story: Behaviour, event: Expected, observed: Observed) -> dict[str, Any]:
    """One expected event in JSON: what, whose (`mmsi`, or `track_prefix` of a radar track, or neither for a feed), when and how exactly."""
    craft = story.passages[event.about].craft
    whose: dict[str, str] = {}
    if event.sensor == "ais":
        whose["mmsi"] = craft.mmsi
    elif event.sensor == "radar":
        whose["track_prefix"] = track_prefixes(day, craft, observed)[0]
    said = {"phase": event.phase, "rule": event.rule, "state": event.state}
    return {
        "event_type": event.event_type,
        **{key: value for key, value in said.items() if value},
        **whose,
        "started_at": _instant(day, event.started_s),
        "tolerance_s": event.tolerance_s,
    }


def track_prefixes(day: date, craft: Craft, observed: Observed) -> list[str]:
    """How the track ids of a craft's radar tracks begin: `radar:<sensor>:<track_no>:<yyyymmdd>`."""
    return [
        f"radar:{track.sensor_id}:{track.track_no}:{day:%Y%m%d}" for track in observed.radar if track.craft == craft
    ]


def _instant(day: date, at_s: float) -> str:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (midnight + timedelta(seconds=round(at_s))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _spoil(
    by_craft: Sequence[list[TimedLine]], n_hosts: int, rng: np.random.Generator
) -> tuple[list[str], dict[str, Any]]:
    """
    The lines of a day's AIS with the faults of a real file, and how many of each: repeats, sentinels, and what to
    reject by reason.

    Each fault goes into a report of its own, of one of the first `n_hosts` ships that has many.
    """
    places = [
        (host, at) for host in range(n_hosts) for at in range(20, len(by_craft[host]) - 20) if len(by_craft[host]) > 200
    ]
    chosen = iter(rng.permutation(len(places))[:100].tolist())
    lines = [list(craft_lines) for craft_lines in by_craft]
    mmsi, time, lat, lon, sog, cog, heading = range(7)

    def fault(columns: dict[int, str]) -> tuple[int, int, TimedLine]:
        """A report that has no fault yet, and what it reads like with these cells."""
        host, at = places[next(chosen)]
        at_s, line = lines[host][at]
        cells = line.split(",")
        for column, value in columns.items():
            cells[column] = value
        return host, at, (at_s, ",".join(cells))

    jumps = [
        {lat: "38.95", lon: "25.35"},
        {lat: "38.6", lon: "25.45"},
        {lat: "37.6", lon: "25.9"},
    ]  # open sea
    sentinels = [{sog: "102.3"}] * 8 + [{cog: "360.0"}] * 5 + [{heading: "511.0"}] * 5
    for columns in jumps + sentinels:
        host, at, line = fault(columns)
        lines[host][at] = line
    rejects = [
        ("no_position", {lat: "91.0", lon: "181.0"}),
        ("no_position", {lat: "", lon: ""}),
        ("no_position", {lat: "", lon: ""}),
        ("null_island", {lat: "0.0", lon: "0.0"}),
        ("bad_latitude", {lat: "391.2"}),
        ("bad_mmsi", {mmsi: "0"}),
        ("bad_mmsi", {mmsi: "23790000112"}),
        ("bad_time", {time: "2026-05-14T27:61:00"}),
        ("bad_time", {time: "not available"}),
    ]
    extra = []  # lines of their own, one second after the report that they resemble
    for _, columns in rejects:
        *_, (at_s, text) = fault(columns)
        extra.append((at_s + 1, text))
    repeats = [fault({})[2] for _ in range(12)]
    written = in_order([line for craft_lines in lines for line in craft_lines] + extra + repeats)
    cells_written = [line.split(",") for line in written]
    return written, {
        "repeats": len(repeats),
        "sentinels": {
            "sog_kn": sum(cells[sog] == "102.3" for cells in cells_written),
            "cog_deg": sum(cells[cog] == "360.0" for cells in cells_written),
            "heading_deg": sum(cells[heading] == "511.0" for cells in cells_written),
        },
        "rejects": {**Counter(reason for reason, _ in rejects), "impossible_fix": len(jumps)},
    }


def _incidents() -> Iterable[dict[str, str]]:
    """Invented incidents: two places at sea, a vague one with a month only, one on land."""
    places = [
        (
            "2026.SIM00001",
            "2026-05-12",
            "2",
            "1",
            "31",
            "39.4213",
            "26.2871",
            "Off the north coast of Lesvos",
        ),
        (
            "2026.SIM00002",
            "2026-05-01",
            "0",
            "4",
            "NA",
            "38.5",
            "25.5",
            "Unspecified place in the Aegean Sea",
        ),
        ("2026.SIM00003", "2026-05-13", "1", "0", "NA", "39.2104", "26.3902", "Lesvos, place of recovery"),
        (
            "2026.SIM00004",
            "2026-05-14",
            "0",
            "2",
            "9",
            "37.7316",
            "27.1305",
            "Between Samos and the mainland",
        ),
    ]
    for number, day, dead, missing, survivors, lat, lon, where in places:
        yield {
            "Main ID": number,
            "Incident ID": number,
            "Incident Type": "Incident",
            "Region of Incident": "Mediterranean",
            "Incident date": day,
            "Incident year": day[:4],
            "Incident month": str(int(day[5:7])),
            "No. dead": dead,
            "No. missing": missing,
            "No. dead/missing": str(int(dead) + int(missing)),
            "No. survivors": survivors,
            "Cause of death (category)": "Drowning",
            "Cause of death (reported)": "Drowning",
            "Route": "Eastern Mediterranean",
            "Country of Incident": "Greece",
            "Location of death": where,
            "UNSD region": "Uncategorized",
            "Source": "synthetic",
            "Source Quality": "1",
            "Latitude": lat,
            "Longitude": lon,
            "incident_date_clean": day,
            "incident_date_raw": day,
            "incident_date_precision": "month" if number == "2026.SIM00002" else "day",
            "source_dataset": "IOM",
        }
