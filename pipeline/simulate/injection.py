"""
Labelled behaviours laid into real traffic: files of MarineCadastre's AIS (the dialect up to 2024), kept line for line, with the reports of
labelled craft between them in order of time.

    <folder>/inbox/noaa_marinecadastre/AIS_<day>.csv   real and labelled lines of each day
    <folder>/inbox/coastal_radar…/<sensor>_<day>.csv   labelled craft only, and clutter: no radar saw the real ones
    <folder>/inbox/iom_missing_migrants/…              as reported of the labelled
    <folder>/truth.json                                `vessels` is null, `silences` are empty: what real ships did is not known

Where most of the positions lie in the frame of the theatre, its behaviours are staged on its coasts, its stations hear and its radars watch them.
Elsewhere the stage is the box of BOX_DEG in which the most positions lie: its coast is cut, its harbours are where real ships lie at rest, all
is heard, no radar watches, and what needs a corridor is left out; `theatre` is then null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import shapely

from pipeline.errors import SourceError
from pipeline.simulate.craft import DAY_S
from pipeline.simulate.providers import LINES_AT_ONCE, NOAA_HEADER, ais_lines
from pipeline.simulate.radar_chain import RadarChain
from pipeline.simulate.reception import AisLines, Network, collect
from pipeline.simulate.staging import stage
from pipeline.simulate.theatre_days import Seen, write_day_of_radar, write_incidents
from pipeline.simulate.theatres import NOWHERE, OPEN_REGISTERS, Station, Theatre, theatre
from pipeline.simulate.truth import truth, write_json
from pipeline.simulate.waters import Waters, open_waters
from pipeline.simulate.waterways import open_waterways
from pipeline.zones import PACKAGED, Zone, load

BOX_DEG = 3.0
CELL_DEG = 0.05  # own: ships at rest in one cell make a harbour
N_HARBOURS = 12
AT_REST_KN = 0.5
OVER_ALL = 1.0e4  # nm; a station that hears the whole box


@dataclass(frozen=True)
class RealTraffic:
    """The lines of real files [n], each with its line feed, and of each its time (since 1970, NaT where unreadable), place and speed."""

    lines: pa.LargeBinaryArray
    at: npt.NDArray[np.datetime64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    sog_kn: npt.NDArray[np.float64]

    @property
    def first_day(self) -> date:
        """The UTC day of the earliest line."""
        first: date = np.nanmin(self.at).astype("datetime64[D]").item()
        return first

    @property
    def days(self) -> int:
        """From the first day to that of the latest line."""
        last: date = np.nanmax(self.at).astype("datetime64[D]").item()
        return (last - self.first_day).days + 1


def inject(folder: Path, files: Sequence[Path], *, theatre_id: str, seed: int, cache: Path) -> None:
    """
    Write the files' traffic with labelled behaviours in it. SourceError when a file is not there or none of MarineCadastre's, or when none of them
    has a position; SettingsError when the theatre is not known.
    """
    theatre(theatre_id)
    real = read_real(files)
    waters = _waters_of(real, theatre_id, cache)
    behaviours, left_out = stage(waters, seed, real.days, real.first_day)
    labelled = [passage for story in behaviours for passage in story.passages]
    seen = Seen(labelled)
    chain = (
        RadarChain(waters.theatre.radars, waters.ways.plane, waters.ways.shore, seed) if waters.theatre.radars else None
    )
    at_s = _seconds_of(real)
    for day in range(real.days):
        heard = collect(
            Network(waters.theatre.stations, waters.ways.plane, seed, day, undisturbed=True).hear_all(labelled)
        )
        seen.add_heard(heard)
        _write_day(folder / "inbox", real, np.flatnonzero(at_s // DAY_S == day), at_s, day, heard)
        if chain:
            tracks = chain.watch(labelled, day)
            seen.add_tracks(real.first_day, tracks)
            write_day_of_radar(folder / "inbox" / waters.theatre.radar_source, real.first_day, day, tracks)
    write_incidents(folder / "inbox", real.first_day, behaviours, waters.theatre.told_in)
    document = truth(
        theatre=theatre_id,
        seed=seed,
        first_day=real.first_day,
        days=real.days,
        vessels=None,
        behaviours=behaviours,
        seen=seen.sightings(),
        left_out=left_out,
    )
    write_json(folder / "truth.json", document if chain else {**document, "theatre": None})


def read_real(files: Sequence[Path]) -> RealTraffic:
    """All lines of the files, one file after the other. SourceError when they have no position."""
    parts = [_read(path) for path in files]
    real = RealTraffic(
        pa.concat_arrays([part.lines for part in parts]),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("at", "lon", "lat", "sog_kn")),
    )
    if not (~np.isnat(real.at) & (np.abs(real.lat) <= 90.0) & (np.abs(real.lon) <= 180.0)).any():
        names = ", ".join(path.name for path in files)
        raise SourceError(f"{names}: no positions to lay behaviours among; give a day of real traffic")
    return real


def _read(path: Path) -> RealTraffic:
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file; give files of MarineCadastre's AIS")
    content = path.read_bytes()
    header, _, body = content.partition(b"\n")
    if header.rstrip(b"\r").decode("utf-8-sig", "replace") != NOAA_HEADER:
        raise SourceError(
            f"{path.name}: not a MarineCadastre file of the dialect up to 2024: its first line must be {NOAA_HEADER}"
        )
    body = body if body.endswith(b"\n") else body + b"\n"
    ends = np.flatnonzero(np.frombuffer(body, dtype=np.uint8) == ord("\n")) + 1
    offsets = np.concatenate(([0], ends)).astype(np.int64)
    lines = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(body)]
    )
    columns = NOAA_HEADER.split(",")
    table = pacsv.read_csv(
        pa.BufferReader(body),
        pacsv.ReadOptions(column_names=columns),
        pacsv.ParseOptions(ignore_empty_lines=False),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), include_columns=["BaseDateTime", "LAT", "LON", "SOG"]
        ),
    )
    if table.num_rows != len(ends):
        raise SourceError(
            f"{path.name}: {len(ends)} lines, {table.num_rows} records: it has line feeds within quotes; leave this file out"
        )
    at = pc.strptime(table["BaseDateTime"], "%Y-%m-%dT%H:%M:%S", "s", error_is_null=True)
    lon, lat, sog_kn = (_numbers(table[name]) for name in ("LON", "LAT", "SOG"))
    return RealTraffic(lines, at.to_numpy(), lon, lat, sog_kn)


def _numbers(text: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Numbers [n], NaN where the text is none."""
    readable = pc.match_substring_regex(text, r"^[+-]?(\d+\.?\d*|\.\d+)$")
    return np.asarray(pc.cast(pc.if_else(readable, text, None), pa.float64()).to_numpy(), dtype=np.float64)


def _waters_of(real: RealTraffic, theatre_id: str, cache: Path) -> Waters:
    """The theatre's waters where most of the positions lie in its frame, else those of the box in which the most lie."""
    west, south, east, north = load([PACKAGED]).frames[theatre_id]
    inside = (real.lon >= west) & (real.lon <= east) & (real.lat >= south) & (real.lat <= north)
    if inside.mean() > 0.5:
        return open_waters(theatre_id, cache)
    known = np.isfinite(real.lon) & np.isfinite(real.lat) & (np.abs(real.lat) < 80.0) & (np.abs(real.lon) <= 180.0)
    west, south = _fullest(real.lon[known], real.lat[known], BOX_DEG, 1)[0]
    frame = (west, south, west + BOX_DEG, south + BOX_DEG)
    resting = (
        known
        & (real.sog_kn < AT_REST_KN)
        & (real.lon >= west)
        & (real.lon < frame[2])
        & (real.lat >= south)
        & (real.lat < frame[3])
    )
    harbours = [
        _harbour(n, cell) for n, cell in enumerate(_fullest(real.lon[resting], real.lat[resting], CELL_DEG, N_HARBOURS))
    ]
    whole = Station("all of it", west + BOX_DEG / 2.0, south + BOX_DEG / 2.0, OVER_ALL)
    stage_there = Theatre(
        gap_s=1800.0,
        gates=(),
        stations=(whole,),
        radars=(),
        radar_source="",
        shares={},
        flags=OPEN_REGISTERS,
        told_in=NOWHERE,
    )
    return Waters(stage_there, open_waterways(frame, [], cache), harbours, cache)


def _fullest(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], size_deg: float, n: int
) -> list[tuple[float, float]]:
    """South-west corners of the cells of a grid that hold the most points, the fullest first."""
    cells, counts = np.unique(
        np.floor(np.column_stack((lon, lat)) / size_deg).astype(np.int64), axis=0, return_counts=True
    )
    order = np.argsort(-counts, kind="stable")[:n]
    return [(round(float(x) * size_deg, 6), round(float(y) * size_deg, 6)) for x, y in cells[order]]


def _harbour(number: int, corner: tuple[float, float]) -> Zone:
    """A port zone for staging; the pipeline does not know it."""
    area = shapely.box(*corner, corner[0] + CELL_DEG, corner[1] + CELL_DEG)
    properties = {"country": "GRC", "zone_id": f"harbour_{number}"}
    return Zone(
        zone_id=f"harbour_{number}", kind="port", title=f"harbour {number}", theatre="", geometry=area, drawn=area, valid_from=None,
        valid_until=None, source="where real ships lie at rest", licence="own", status="own", properties=properties,
    )  # fmt: skip


def _seconds_of(real: RealTraffic) -> npt.NDArray[np.int64]:
    """Seconds [n] since 00:00 UTC of the first day; of a line without a time, that of the line before it."""
    known = np.flatnonzero(~np.isnat(real.at))
    at_s = (real.at[known] - np.datetime64(real.first_day)).astype("timedelta64[s]").astype(np.int64)
    return np.asarray(at_s[np.maximum(np.searchsorted(known, np.arange(len(real.at)), side="right") - 1, 0)])


def _write_day(
    inbox: Path,
    real: RealTraffic,
    rows: npt.NDArray[np.int64],
    at_s: npt.NDArray[np.int64],
    day: int,
    labelled: AisLines,
) -> None:
    """The file of one day: the real lines of these rows and the labelled ones by time, the real ones first where it is the same."""
    ours = pc.cast(ais_lines(real.first_day, labelled), pa.large_binary())
    lines = pa.concat_arrays([real.lines.take(pa.array(rows)), ours])
    order = np.argsort(np.concatenate((at_s[rows], labelled.at_s)), kind="stable")
    path = inbox / "noaa_marinecadastre" / f"AIS_{real.first_day + timedelta(days=day):%Y_%m_%d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(f"{NOAA_HEADER}\n".encode())
        for start in range(0, len(order), LINES_AT_ONCE):
            file.write(b"".join(lines.take(pa.array(order[start : start + LINES_AT_ONCE])).to_pylist()))
