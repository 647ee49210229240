"""
The sample day, 2026-05-14 UTC: what the providers of the eastern Aegean would have put into the inbox, and the truth
about it.

    <folder>/inbox/noaa_marinecadastre/AIS_2026_05_14.csv            all AIS, with the faults that such a file has
    <folder>/inbox/coastal_radar/<sensor>_20260514.csv               three radars
    <folder>/inbox/iom_missing_migrants/MissingMigrants_2026_05.csv   invented incidents
    <folder>/truth.json                                              see `truth`; and what must be rejected, repeats, sentinels

Sunset is about 17:20 UTC, and it is dark (sun below -6 degrees) until about 02:40 and from about 17:50.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.simulate.aegean import SAMPLE_DAY, ordinary_traffic, sample_behaviours, sample_incidents
from pipeline.simulate.behaviours.reports import iom_rows
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
from pipeline.simulate.theatres import AEGEAN_REPORTS
from pipeline.simulate.truth import Sightings, Times, track_prefix, truth, write_json


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
        iom_lines(iom_rows(SAMPLE_DAY, sample_incidents(), AEGEAN_REPORTS)),
    )
    document = truth(
        theatre="aegean",
        seed=seed,
        first_day=SAMPLE_DAY,
        days=1,
        vessels=len(ordinary),
        behaviours=behaviours,
        seen=sightings(SAMPLE_DAY, observed),
    )
    write_json(folder / "truth.json", {**document, **faults})


def observe(passages: Sequence[Passage], seed: int, radars: Sequence[Radar] = RADARS) -> Observed:
    """What AIS and the radars see of the craft. ValueError when one of them sails on land, or is heard there though it reports where it is."""
    with_ais = [passage for passage in passages if passage.craft.mmsi]
    ais = [
        (passage.craft, hear(passage, np.random.default_rng([seed, 2, int(passage.craft.mmsi)])))
        for passage in with_ais
    ]
    ways: list[tuple[Craft, Motion | Reports]] = [(passage.craft, passage.motion) for passage in passages]
    honest = [heard for passage, heard in zip(with_ais, ais, strict=True) if passage.reported is None]
    for craft, way in [*ways, *honest]:
        aground = on_land(way.lon, way.lat)
        if aground.any():
            at = int(np.argmax(aground))
            raise ValueError(
                f"{craft.name} would be on land at {way.lat[at]:.4f} N {way.lon[at]:.4f} E: correct its way"
            )
    rng = np.random.default_rng([seed, 3])
    return Observed(ais, [track for radar in radars for track in watch(radar, passages, rng)])


def sightings(day: date, observed: Observed) -> Sightings:
    """When each of the craft was reported by what."""
    heard: dict[str, list[Times]] = {}
    for craft, reports in observed.ais:
        if len(reports.at_s):
            heard.setdefault(craft.mmsi, []).append(reports.at_s)
    plotted: dict[Craft, dict[str, Times]] = {}
    for track in observed.radar:
        plotted.setdefault(track.craft, {})[track_prefix(day, track)] = track.reports.at_s
    return Sightings({mmsi: np.sort(np.concatenate(times)) for mmsi, times in heard.items()}, plotted)


def write_radar(inbox: Path, day: date, observed: Observed) -> None:
    """One file for each radar that saw something."""
    for sensor_id in sorted({track.sensor_id for track in observed.radar}):
        tracks = [track for track in observed.radar if track.sensor_id == sensor_id]
        lines = in_order(line for track in tracks for line in radar_lines(day, track))
        write_file(inbox / "coastal_radar" / f"{sensor_id}_{day:%Y%m%d}.csv", RADAR_HEADER, lines)


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
