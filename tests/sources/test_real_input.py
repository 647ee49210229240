"""The real files go in with the counts that an independent reading of them gives."""

import csv
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from pipeline import ledger, reconcile, run, store, tracks
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.reasons import REASONS
from pipeline.sea import Sea
from pipeline.sources import intake

RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
NOAA = "ais/noaa_marinecadastre/test_data_noaa_20230101.csv"
IOM = "incidents/iom_missing_migrants/iom_europe.csv"


def take(home: Home, source_id: str, path: Path, sea: Sea) -> dict[str, Any]:
    """Take a real file in."""
    return intake.take(home, source_id, path, RECEIVED, lambda: sea)


def read(home: Home, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    found: list[dict[str, Any]] = store.read(store.parts(home.lake, table), table).to_pylist()
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file, read by Python's own reader."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_noaa(home: Home, shared: Path, sea: Sea) -> None:
    came = rows(shared / NOAA)
    taken = take(home, "noaa_marinecadastre", shared / NOAA, sea)
    counts = {"lines_in": 1000, "accepted": 1000, "rejected": 0, "duplicates": 0, "blank": 0}
    assert {name: taken[name] for name in counts} == counts
    assert len(came) == 1000

    unknown = {
        "SOG": {102.3, 51.2, 63.0},
        "COG": {360.0},
        "Heading": {511.0},
        "VesselType": {0.0},
        "Length": {0.0},
        "Draft": {0.0},
    }
    expected = Counter(
        {name: sum(row[name] != "" and float(row[name]) in values for row in came) for name, values in unknown.items()}
    )
    said = json.loads(taken["sentinels"])
    ours = {
        "SOG": "sog_kn",
        "COG": "cog_deg",
        "Heading": "heading_deg",
        "VesselType": "ship_type",
        "Length": "length_m",
        "Draft": "draught_m",
    }
    assert {name: said[column] for name, column in ours.items()} == expected
    is_number = re.compile(r"(IMO)?(?!0{7})\d{7}").fullmatch
    assert said["imo"] == sum(row["IMO"] != "" and not is_number(row["IMO"]) for row in came)
    assert said == {
        "sog_kn": 4,
        "cog_deg": 90,
        "heading_deg": 426,
        "imo": 29,
        "ship_type": 16,
        "length_m": 19,
        "draught_m": 53,
    }

    stored = {row["line"]: row for row in read(home, "reports")}
    assert sorted(stored) == list(range(2, 1002))
    for line, row in enumerate(came, start=2):
        report = stored[line]
        assert report["mmsi"] == row["MMSI"].zfill(9)
        assert (report["lon"], report["lat"]) == (float(row["LON"]), float(row["LAT"]))
        assert report["observed_at"] == datetime.fromisoformat(row["BaseDateTime"]).replace(tzinfo=UTC)
        assert report["ship_name"] == (row["VesselName"].strip() or None)
        speed = (
            None
            if row["SOG"] == "" or float(row["SOG"]) in unknown["SOG"]
            else pytest.approx(float(row["SOG"]), abs=1e-5)
        )
        assert report["sog_kn"] == speed


def test_noaa_becomes_tracks(home: Home, shared: Path, sea: Sea) -> None:
    """One day of a thousand vessels, a report each: positions and repeats account for every report."""
    take(home, "noaa_marinecadastre", shared / NOAA, sea)
    (day,) = store.days(home.lake, "reports")
    carried = tracks.make(store.read([], "reports"), store.read([], "motion")).motion
    found = tracks.make(store.read(store.parts(home.lake, "reports"), "reports"), carried)
    assert day == "2023-01-11"
    others = [table.num_rows for table in (found.impossible, found.repeated, found.surplus)]
    assert found.n_reports == 1000 == found.positions.num_rows + sum(others)
    assert others == [0, 0, 0]
    assert found.tracks.num_rows == len({row["MMSI"] for row in rows(shared / NOAA)})


def test_iom(home: Home, shared: Path, sea: Sea) -> None:
    came = rows(shared / IOM)
    taken = take(home, "iom_missing_migrants", shared / IOM, sea)
    counts = {"lines_in": 5304, "accepted": 5299, "rejected": 5, "duplicates": 0, "blank": 0}
    assert {name: taken[name] for name in counts} == counts
    assert len(came) == 5304

    rejects = read(home, "rejects")
    assert [(row["line"], row["reason"]) for row in rejects] == [
        (line, "bad_count") for line in (330, 367, 523, 3520, 4294)
    ]
    assert all(row["raw"] == "" for row in rejects), "their locations and links may name persons"
    counted = ("No. dead", "No. missing", "No. survivors")
    assert [
        n
        for n, row in enumerate(came, start=2)
        if any(row[name] not in ("NA", "") and not row[name].isdigit() for name in counted)
    ] == [row["line"] for row in rejects]

    assert sum(row["Main ID"].startswith("\ufeff") for row in came) == 2, "byte order marks in the middle of the file"
    refused = {row["line"] for row in rejects}
    good = {row["Main ID"].removeprefix("\ufeff"): row for n, row in enumerate(came, start=2) if n not in refused}
    stored = read(home, "incidents")
    assert {row["source_ref"] for row in stored} == set(good)
    for row in stored:
        theirs = good[row["source_ref"]]
        assert (row["lon"], row["lat"]) == (float(theirs["Longitude"]), float(theirs["Latitude"]))
        assert row["dead"] == (None if theirs["No. dead"] == "NA" else int(theirs["No. dead"]))
        assert row["missing"] == (None if theirs["No. missing"] == "NA" else int(theirs["No. missing"]))
        assert f"{row['occurred_at']:%Y-%m-%d}" == theirs["incident_date_clean"]


def test_incidents_on_land_are_kept_and_marked(home: Home, shared: Path, sea: Sea) -> None:
    """Of the 5,299, 3,448 lie on land; in the Aegean an independent copy of the coastline says the same of each."""
    take(home, "iom_missing_migrants", shared / IOM, sea)
    stored = read(home, "incidents")
    assert Counter(row["on_land"] for row in stored) == {True: 3448, False: 1851}

    land = geopandas.read_parquet(shared / "reference" / "geo_aegean" / "aegean_land_osm_full.parquet")
    west, south, east, north = land.total_bounds
    here = [row for row in stored if west < row["lon"] < east and south < row["lat"] < north]
    points = shapely.points([(row["lon"], row["lat"]) for row in here])
    on_land = set(shapely.STRtree(land.geometry.values).query(points, predicate="intersects")[0].tolist())
    differ = [row["source_ref"] for n, row in enumerate(here) if row["on_land"] != (n in on_land)]
    assert len(here) > 350
    assert len(differ) <= 2, differ  # the two copies of OpenStreetMap are of different dates


@pytest.mark.parametrize(
    ("source_id", "name", "said"),
    [
        (
            "noaa_marinecadastre",
            "ais/noaa_marinecadastre/marinecadastre_2025_sample.csv",
            "missing MMSI, BaseDateTime, LAT, LON, SOG, COG, Heading, VesselName, IMO, CallSign, VesselType, Status, Length, Width, "
            "Draft, Cargo, TransceiverClass; not in the contract: mmsi, base_date_time, longitude, latitude, sog,",
        ),
        (
            "iom_missing_migrants",
            "incidents/iom_missing_migrants/iom_2019_schema.csv",
            "missing Main ID, Incident ID, Incident Type,",
        ),
        (
            "coastal_radar",
            NOAA,
            "missing sensor_id, track_no, time_utc, lat, lon, sog_kn, cog_deg, length_m; not in the contract: MMSI,",
        ),
        ("noaa_marinecadastre", "ais/dma/dma_aisdk_2018_sample.csv", "# Timestamp, Type of mobile,"),
        (
            "noaa_marinecadastre",
            "ais/gfw_pelagos_sample/raw_1_3_10k_points.csv.gz",
            "not in the contract: mmsi, longitude, latitude, timestamp, score, ",
        ),
    ],
)
def test_another_dialect_is_refused_and_says_how_it_differs(
    home: Home, shared: Path, sea: Sea, source_id: str, name: str, said: str
) -> None:
    with pytest.raises(SourceError) as raised:
        take(home, source_id, shared / name, sea)
    message = str(raised.value)
    assert message.startswith(f"{Path(name).name}: ")
    assert f"line 1: header differs from the contract of {source_id}: " in message
    assert said in message
    assert message.isprintable()
    assert read(home, "reports") == read(home, "incidents") == []


def test_real_files_through_the_shell_reconcile(home: Home, shared: Path) -> None:
    run.ingest("noaa_marinecadastre", shared / NOAA, home)
    run.ingest("iom_missing_migrants", shared / IOM, home)
    found = reconcile.reconcile(home)
    assert found["problems"] == []
    assert found["records"] == {"lines_in": 6304, "accepted": 6299, "rejected": 5, "duplicates": 0, "blank": 0}
    with ledger.opened(home.ledger) as connection:
        assert ledger.table(connection, "runs").column("state").to_pylist() == ["done", "done"]
    (counted,) = run.rejects(10, home)["counts"]
    said = {"source_id": "iom_missing_migrants", "stage": "ingest", "reason": "bad_count", "n": 5}
    assert counted == {**said, "means": REASONS["bad_count"].means, "do": REASONS["bad_count"].do}
