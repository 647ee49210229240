"""
Days of a theatre: a fleet and labelled behaviours, as the providers' files would tell them, and the truth.

    <folder>/inbox/noaa_marinecadastre/AIS_<day>.csv            what the AIS network heard, in the order in which it arrived
    <folder>/inbox/noaa_marinecadastre/AIS_<day>_late.csv       what a station heard while its line was down
    <folder>/inbox/coastal_radar…/<sensor>_<day>.csv            one file a radar; a source a theatre
    <folder>/inbox/iom_missing_migrants/MissingMigrants_<month>.csv
    <folder>/inbox/gfw_sar/sar_vessel_detections_<day>.csv      satellite scenes
    <folder>/truth.json                                         see `truth`; and `planted`, how many faults of each kind

One day after the other is made and written: what is held of all days are the plans of the craft, not their positions.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from pipeline.simulate.behaviours.behaviour import Behaviour
from pipeline.simulate.behaviours.reports import iom_rows
from pipeline.simulate.behaviours.silences import feed_outage
from pipeline.simulate.craft import DAY_S, Craft
from pipeline.simulate.fleet import fleet
from pipeline.simulate.land import Shore
from pipeline.simulate.providers import (
    IOM_HEADER,
    RADAR_HEADER,
    in_order,
    iom_lines,
    radar_lines,
    write_ais,
    write_file,
)
from pipeline.simulate.radar_chain import RadarChain
from pipeline.simulate.reception import NEVER_DOWN, AisLines, Network, collect, misstated, spoiled
from pipeline.simulate.satellite import SCENE_HEADER, scene_lines
from pipeline.simulate.sensors import Passage, RadarTrack
from pipeline.simulate.staging import FIRST_DAY, stage
from pipeline.simulate.theatres import ToldIn
from pipeline.simulate.truth import Sightings, Silence, Times, track_prefix, truth, write_json
from pipeline.simulate.waters import Waters, open_waters

LEAST_OF_A_FEED = 20  # own: vessels from which on the silence of a feed says something
DOWN_FROM_S, DOWN_FOR_S = (1800.0, 18_000.0), (1200.0, 2400.0)  # own: when the network goes down, and for how long
USUAL_PAUSE_S = 60.0  # of each minute and craft the network keeps one report


def simulate_theatre(folder: Path, *, theatre: str, seed: int, days: int, vessels: int, cache: Path) -> None:
    """Write so many days of a theatre from FIRST_DAY on; the same arguments give the same bytes. SettingsError when the theatre is not known."""
    waters = open_waters(theatre, cache)
    down_s = _down_s(seed) if vessels >= LEAST_OF_A_FEED else NEVER_DOWN
    behaviours, left_out = stage(waters, seed, days, FIRST_DAY, down_s)
    if down_s != NEVER_DOWN:
        behaviours.append(_network_down(down_s))
    labelled = [passage for story in behaviours for passage in story.passages]
    background = list(fleet(waters, seed, vessels, days))
    watched = [*background, *labelled]
    _refuse_land(waters.ways.shore, watched)
    seen, listening, faults = Seen(labelled), Listening(waters, days, down_s), Counter[str]()
    radars = RadarChain(waters.theatre.radars, waters.ways.plane, waters.ways.shore, seed)
    for day in range(days):
        network = Network(waters.theatre.stations, waters.ways.plane, seed, day, down_s=down_s)
        heard = collect([misstated(one, seed) for one in network.hear_all(background)])
        told = collect(network.hear_all(labelled))
        listening.add(told)
        seen.add_heard(told)
        spoilt, planted = spoiled(heard, np.random.default_rng([seed, 17, day]))
        faults += planted
        listening.add(spoilt.take(spoilt.lat <= 90.0))
        write_day_of_ais(folder / "inbox", FIRST_DAY, day, spoilt.with_also(told))
        tracks = radars.watch(watched, day)
        seen.add_tracks(FIRST_DAY, tracks)
        write_day_of_radar(folder / "inbox" / waters.theatre.radar_source, FIRST_DAY, day, tracks)
        detections = scene_lines(watched, heard.mmsis | told.mmsis, waters.ways, FIRST_DAY, day, seed)
        write_scenes(folder, FIRST_DAY, day, detections)
    write_incidents(folder / "inbox", FIRST_DAY, behaviours, waters.theatre.told_in)
    document = truth(
        theatre=theatre,
        seed=seed,
        first_day=FIRST_DAY,
        days=days,
        vessels=vessels,
        behaviours=behaviours,
        seen=seen.sightings(),
        silences=listening.silences(),
        left_out=left_out,
    )
    write_json(folder / "truth.json", {**document, "planted": dict(sorted(faults.items()))})


def _down_s(seed: int) -> tuple[float, float]:
    """From when until when the whole network is down: in the night before the first morning, whatever the days and the craft."""
    rng = np.random.default_rng([seed, 18])
    from_s = round(float(rng.uniform(*DOWN_FROM_S)))
    return float(from_s), float(from_s + round(float(rng.uniform(*DOWN_FOR_S))))


def _network_down(down_s: tuple[float, float]) -> Behaviour:
    """What the outage of the network is as a behaviour."""
    from_s, until_s = down_s
    story = f"The whole AIS network says nothing for {(until_s - from_s) / 60.0:.0f} minutes, of any ship. The feed was down: one outage, and no gaps."
    return replace(feed_outage("feed_outage_1", (), from_s, until_s, USUAL_PAUSE_S), story=story)


class Seen:
    """When each of the labelled craft was reported by what, over all days."""

    def __init__(self, labelled: Iterable[Passage]) -> None:
        self._heard: dict[str, list[Times]] = {}  # by MMSI
        self._plotted: dict[Craft, dict[tuple[str, int], tuple[str, list[Times]]]] = {
            passage.craft: {} for passage in labelled
        }  # by sensor and number: how the track's id begins, and when

    def add_heard(self, lines: AisLines) -> None:
        """What AIS heard of them on a day."""
        for number, craft in enumerate(lines.crafts):
            self._heard.setdefault(craft.mmsi, []).append(lines.at_s[lines.of == number])

    def add_tracks(self, first_day: date, tracks: Iterable[RadarTrack]) -> None:
        """What radars saw on a day, of them and of others; a number that goes on from the day before is known by its beginning."""
        for track in tracks:
            if track.craft in self._plotted:
                begun = (track_prefix(first_day, track), list[Times]())
                number = track.sensor_id, track.track_no
                self._plotted[track.craft].setdefault(number, begun)[1].append(track.reports.at_s)

    def sightings(self) -> Sightings:
        """All of it."""
        return Sightings(
            {mmsi: np.sort(np.concatenate(times)) for mmsi, times in self._heard.items()},
            {
                craft: {name: np.concatenate(times) for name, times in tracks.values()}
                for craft, tracks in self._plotted.items()
            },
        )


class Report(NamedTuple):
    """When and where a craft was heard."""

    at_s: float
    lon: float
    lat: float


class Listening:
    """
    How long craft are not heard outside port: from one written report to the next, or to the end of the simulated time,
    where that is longer than an AIS gap of the theatre must be. The time for which the whole network was down does not count.
    """

    def __init__(self, waters: Waters, days: int, down_s: tuple[float, float]) -> None:
        self._gap_s, self._until_s, self._down_s = waters.theatre.gap_s, float(days * DAY_S), down_s
        self._ports = shapely.union_all([port.zone.geometry for port in waters.ports])
        shapely.prepare(self._ports)
        self._last: dict[str, Report] = {}  # by MMSI
        self._found: list[Silence] = []

    def add(self, lines: AisLines) -> None:
        """What was heard on a day."""
        lines = lines.take(np.lexsort((lines.at_s, lines.of)))
        for row in np.flatnonzero((np.diff(lines.of) == 0) & (np.diff(lines.at_s) > self._gap_s)).tolist():
            self._add_silence(lines.crafts[lines.of[row]].mmsi, _report(lines, row), float(lines.at_s[row + 1]))
        firsts = np.searchsorted(lines.of, np.arange(len(lines.crafts) + 1)).tolist()
        for craft, first, after in zip(lines.crafts, firsts[:-1], firsts[1:], strict=True):
            if first == after:
                continue  # its only report had no position
            if craft.mmsi in self._last:
                self._add_silence(craft.mmsi, self._last[craft.mmsi], float(lines.at_s[first]))
            self._last[craft.mmsi] = _report(lines, after - 1)

    def silences(self) -> list[Silence]:
        """All of them, by time and MMSI."""
        for mmsi, last in self._last.items():
            self._add_silence(mmsi, last, self._until_s)
        return sorted(self._found, key=lambda one: (one.started_s, one.mmsi))

    def _add_silence(self, mmsi: str, last: Report, until_s: float) -> None:
        if mmsi[:3] in ("970", "972", "974"):
            return  # a beacon (ITU-R M.585) falls silent as it should
        from_s, to_s = self._down_s
        down_s = max(0.0, min(until_s, to_s) - max(last.at_s, from_s))
        if until_s - last.at_s - down_s > self._gap_s and not shapely.contains_xy(self._ports, last.lon, last.lat):
            self._found.append(Silence(mmsi, last.at_s, until_s))


def _report(lines: AisLines, row: int) -> Report:
    return Report(float(lines.at_s[row]), float(lines.lon[row]), float(lines.lat[row]))


def write_day_of_ais(inbox: Path, first_day: date, day: int, lines: AisLines) -> None:
    """The file of a day, and a second one where some lines came late."""
    folder, name = inbox / "noaa_marinecadastre", f"AIS_{first_day + timedelta(days=day):%Y_%m_%d}"
    lines = lines.in_order()
    write_ais(folder / f"{name}.csv", first_day, lines.take(~lines.is_late))
    if lines.is_late.any():
        write_ais(folder / f"{name}_late.csv", first_day, lines.take(lines.is_late))


def write_day_of_radar(folder: Path, first_day: date, day: int, tracks: Sequence[RadarTrack]) -> None:
    """One file for each radar that saw something."""
    on = first_day + timedelta(days=day)
    for sensor_id in sorted({track.sensor_id for track in tracks}):
        lines = in_order(
            line for track in tracks if track.sensor_id == sensor_id for line in radar_lines(first_day, track)
        )
        write_file(folder / f"{sensor_id}_{on:%Y%m%d}.csv", RADAR_HEADER, lines)


def write_scenes(folder: Path, first_day: date, day: int, detections: Sequence[str]) -> None:
    """The detections of a day's scenes."""
    on = first_day + timedelta(days=day)
    write_file(folder / "inbox" / "gfw_sar" / f"sar_vessel_detections_{on:%Y%m%d}.csv", SCENE_HEADER, detections)


def write_incidents(inbox: Path, first_day: date, behaviours: Sequence[Behaviour], told_in: ToldIn) -> None:
    """What people reported, in one file; none where nobody did."""
    incidents = [incident for story in behaviours for incident in story.incidents]
    if incidents:
        path = inbox / "iom_missing_migrants" / f"MissingMigrants_{first_day:%Y_%m}.csv"
        write_file(path, IOM_HEADER, iom_lines(iom_rows(first_day, incidents, told_in)))


def _refuse_land(shore: Shore, passages: Iterable[Passage]) -> None:
    """ValueError when one of the craft is on land."""
    for passage in passages:
        way = passage.motion
        if (shore.nearness(way.lon, way.lat) == Shore.ASHORE).any():
            raise ValueError(f"the way of {passage.craft.name} leads over land")
