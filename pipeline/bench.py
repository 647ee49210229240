"""
Measurement of ingest and detection on a synthetic day, beside what the libraries below need for the same data.

Prints ratios, since seconds mean little on another machine. Each figure is the median of several rounds, taken in turns in one process; a first
round that compiles is not counted.
"""

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import shapely
from pyais.stream import FileReaderStream

from pipeline import config, run, simulate, store
from pipeline.sea import Sea
from pipeline.sources import confined

DAY = date(2026, 5, 14)
ROUNDS = 5
KIB = 1024
ZONE_POINTS = 1_000_000
NMEA_MESSAGES = 100_000


def measure(vessels: int, home: run.Where = None) -> dict[str, Any]:
    """
    Ingest and run one synthetic day of `vessels` x 1,440 positions in homes of its own; rates, ratios, the peak memory of the process.

    Of `home` only the cache of the coastline is used. What a file costs in the child process that reads it is counted in.
    """
    run.init(home)
    cache = run.at(home).cache
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        csv = simulate.traffic(root, seed=1, vessels=vessels, day=DAY)
        log, n_messages = simulate.nmea_log(root, seed=1, messages=NMEA_MESSAGES, day=DAY)
        n_records = sum(1 for _ in csv.open("rb")) - 1
        fixed = root / "whole.parquet"

        def fresh(name: str) -> Path:
            here = root / name
            here.mkdir()
            (here / "cache").symlink_to(cache)
            return here

        def read_and_sort(home: Path) -> float:
            glob = [str(path) for path in store.parts(config.home(home).lake, "positions")]
            query = "SELECT * FROM read_parquet(?) ORDER BY track_id, observed_at"
            return timed(lambda: duckdb.execute(query, [glob]).to_arrow_table())

        def one_round(number: int) -> tuple[float, ...]:
            here, there = fresh(f"home{number}"), fresh(f"nmea{number}")
            ingest_s = timed(lambda: run.ingest("noaa_marinecadastre", csv, here))
            csv_s = timed(lambda: pq.write_table(pacsv.read_csv(csv), fixed))
            nmea_s = timed(lambda: run.ingest("nmea_aivdm", log, there))
            pyais_s = timed(lambda: decode(log))
            return ingest_s, csv_s, nmea_s, pyais_s, timed(lambda: run.day(str(DAY), home=here)), read_and_sort(here)

        one_round(0)
        rounds = [one_round(number) for number in range(1, ROUNDS + 1)]
        ingest_s, csv_s, nmea_s, pyais_s, judge_s, sort_s = map(statistics.median, zip(*rounds, strict=True))
    return {
        **zone_index(run.sea(home)),
        "records": n_records,
        "rounds": ROUNDS,
        "ingest_records_per_s": round(n_records / ingest_s),
        "ingest_over_pyarrow_csv_to_parquet": round(ingest_s / csv_s, 2),
        "nmea_messages_per_s": round(n_messages / nmea_s),
        "nmea_over_pyais_decode_loop": round(nmea_s / pyais_s, 2),
        "day_records_per_s": round(n_records / judge_s),
        "day_over_duckdb_read_and_sort": round(judge_s / sort_s, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB),
    }


def decode(log: Path) -> None:
    """What pyais alone needs to read and decode a log."""
    with FileReaderStream(str(log)) as stream:
        for message in stream:
            message.decode()


def zone_index(sea: Sea) -> dict[str, float]:
    """
    All zones of all theatres at a million points of the Aegean: how many times faster than shapely, asked zone by zone (prepared, and only for points in
    the zone's box; its tree of zones does not prepare them and takes minutes).
    """
    zones = [zone.geometry for zone in sea.zones if zone.kind != "coast"]
    shapely.prepare(zones)
    west, south, east, north = next(zone for zone in sea.zones if zone.kind == "watch").geometry.bounds
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(west, east, ZONE_POINTS), rng.uniform(south, north, ZONE_POINTS)

    def one_by_one() -> None:
        for zone in zones:
            west, south, east, north = zone.bounds
            near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            shapely.intersects_xy(zone, lon[near], lat[near])

    sea.index.words(lon, lat)  # builds its grids
    rounds = [(timed(lambda: sea.index.words(lon, lat)), timed(one_by_one)) for _ in range(ROUNDS)]
    ours_s, theirs_s = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "zones": len(zones),
        "zone_points_per_s": round(ZONE_POINTS / ours_s),
        "shapely_over_zone_index": round(theirs_s / ours_s, 1),
    }


def timed(work: Callable[[], Any]) -> float:
    """CPU seconds that a piece of work took, in this process and in those that read files for it."""
    began = time.process_time() + confined.SERVER.cpu_s
    work()
    return time.process_time() + confined.SERVER.cpu_s - began
