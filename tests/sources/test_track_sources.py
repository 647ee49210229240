"""Sources of positions: real files are taken in to the last record, dialects without a sample as their documentation says."""

import csv
import gzip
import json
import math
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import config, contracts, ledger, run, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sources import intake
from tests.conftest import ROOT

PACKAGED = config.PACKAGED_REFERENCE / "sources"
PAGE = (ROOT / "docs" / "canonical.md").read_text(encoding="utf-8")
NOAA_2025 = "ais/noaa_marinecadastre/marinecadastre_2025_sample.csv"
NOAA = "ais/noaa_marinecadastre/test_data_noaa_20230101.csv"
DANISH = "ais/dma/dma_aisdk_2018_sample.csv"
PELAGOS = "ais/gfw_pelagos_sample/raw_1_3_10k_points.csv.gz"
PROCESSED = "ais/gfw_pelagos_sample/processed_1_3_10k_points.csv.gz"
HEADERLESS = "ais/gfw_pelagos_sample/raw.csv"
PAIRS = "ais/gfw_gpsdio_segment/point-pair"
VOYAGE = "gfw_gpsdio_point_pair_voyage"
STATIC = ("5", "24")


def put(home: Home, source_id: str, text: str) -> dict[str, Any]:
    """Take a file of this text in, the whole way."""
    path = home.root / "came.csv"
    path.write_text(text, encoding="utf-8")
    return run.ingest(source_id, path, home)


def lines(source_id: str, *records: str) -> str:
    """A file of a delimited source: its header and these records."""
    layout = sources.parse(source_id, PACKAGED / f"{source_id}.toml").delimited
    assert layout is not None
    return "".join(f"{line}\n" for line in (layout.delimiter.join(layout.header), *records))


def counts(taken: dict[str, Any]) -> tuple[int, int, int, int]:
    """Records in, accepted, rejected, repeated; none of these files has blank ones."""
    assert taken["blank"] == 0
    assert taken["lines_in"] == taken["accepted"] + taken["rejected"] + taken["duplicates"]
    return taken["lines_in"], taken["accepted"], taken["rejected"], taken["duplicates"]


def read(home: Home, table: str) -> list[dict[str, Any]]:
    """All rows of a table, in order of the file's lines."""
    rows: list[dict[str, Any]] = store.read(store.parts(home.lake, table), table).to_pylist()
    return sorted(rows, key=lambda row: row["line"])


def stated(row: dict[str, Any]) -> dict[str, Any]:
    """What a row says of its vessel, without what is null and what is about the file; numbers to five decimals."""
    about = ("source_id", "file_sha256", "line", "item", "n_records")
    said = {name: value for name, value in row.items() if name not in about and value is not None}
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in said.items()}


def reasons(home: Home) -> list[tuple[int, str]]:
    """Line and reason of each refused record."""
    return [(row["line"], row["reason"]) for row in read(home, "rejects")]


def sentinels(home: Home) -> dict[str, int]:
    """The fields in which a word for unknown stood, of the only file."""
    with ledger.opened(home.ledger) as connection:
        (text,) = ledger.table(connection, "source_files").column("sentinels").to_pylist()
    found: dict[str, int] = json.loads(text)
    return found


def csv_rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file, read by Python's own reader."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def said_so(text: str) -> datetime:
    """An ISO time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_every_packaged_source_can_be_used(home: Home) -> None:
    paths = sorted(PACKAGED.glob("*.toml"))
    assert len(paths) > 20
    assert [sources.parse(path.stem, path).source_id for path in paths] == [path.stem for path in paths]
    assert sources.faults(home) == {}


# --- NOAA from 2025


def test_noaa_of_2025(home: Home, shared: Path) -> None:
    assert counts(run.ingest("noaa_marinecadastre_2025", shared / NOAA_2025, home)) == (2, 2, 0, 0)
    irby, borg = read(home, "reports")
    assert (irby["line"], irby["lon"], irby["lat"]) == (2, -82.55641, 38.40362)
    assert irby["observed_at"] == datetime(2026, 3, 31, tzinfo=UTC)
    assert (irby["imo"], irby["nav_status"], irby["call_sign"]) == (None, 12, "WDK7088")
    assert stated(borg) == {
        "vessel_key": "mmsi:245299000",
        "mmsi": "245299000",
        "observed_at": datetime(2024, 7, 12, 0, 0, 3, tzinfo=UTC),
        "lon": -82.59744,
        "lat": 41.87042,
        "sog_kn": 12.1,
        "cog_deg": 285.0,
        "heading_deg": 285.0,
        "nav_status": 0,
        "transceiver": "A",
        "imo": "9466350",
        "ship_name": "ATLANTICBORG",
        "call_sign": "PCEC",
        "ship_type": 70,
        "length_m": 142.0,
        "draught_m": 9.7,
    }


@pytest.mark.parametrize(("minutes_early", "n_accepted"), [(5, 2), (6, 1)])
def test_a_report_of_the_future_is_not_believed(home: Home, shared: Path, minutes_early: int, n_accepted: int) -> None:
    received_at = datetime(2026, 3, 30, 23, 60 - minutes_early, tzinfo=UTC)
    checked = intake.check(home, "noaa_marinecadastre_2025", shared / NOAA_2025, received_at)
    assert checked["accepted"] == n_accepted
    assert checked["reasons"] == {} if n_accepted == 2 else {"time_in_future": 1}


def test_noaas_unknowns_of_2025_are_nulled_and_counted(home: Home) -> None:
    record = "366996430,2026-03-31 00:00:00,-82.5,38.4,102.3,360.0,511,,IMO0000000,,0,15,0,0,0,,B"
    put(home, "noaa_marinecadastre_2025", lines("noaa_marinecadastre_2025", record))
    (row,) = read(home, "reports")
    assert {**stated(row), "observed_at": None} == {
        "vessel_key": "mmsi:366996430",
        "mmsi": "366996430",
        "observed_at": None,
        "lon": -82.5,
        "lat": 38.4,
        "nav_status": 15,
        "transceiver": "B",
    }
    unknown = ("sog_kn", "cog_deg", "heading_deg", "imo", "ship_type", "length_m", "draught_m")
    assert sentinels(home) == dict.fromkeys(unknown, 1)


@pytest.mark.parametrize(
    ("source_id", "name", "said"),
    [
        ("noaa_marinecadastre_2025", NOAA, "missing mmsi, base_date_time, longitude, latitude, sog,"),
        ("noaa_marinecadastre", NOAA_2025, "not in the contract: mmsi, base_date_time, longitude, latitude, sog,"),
        ("danish_maritime_authority", DANISH, "missing A, B, C, D; not in the contract: "),
        ("danish_maritime_authority_2016", DANISH, "not in the contract: a column without a name;"),
        ("gfw_pelagos", PROCESSED, "not in the contract: gridcode, interval, type, next_gridcode"),
        ("gfw_pelagos_processed", PELAGOS, "missing gridcode, interval, type, next_gridcode"),
        ("gfw_gpsdio_point_pair", f"{PAIRS}/224051350.csv", "not in the contract: imo, shiptype, destination"),
        ("gfw_gpsdio_point_pair_ship_type", f"{PAIRS}/204814000.csv", "missing shiptype"),
        (VOYAGE, f"{PAIRS}/227317360.csv", "missing imo, destination"),
        ("canonical", DANISH, "missing mmsi, observed_at, lon, lat,"),
    ],
)
def test_another_dialect_is_refused_and_says_how_it_differs(
    home: Home, shared: Path, source_id: str, name: str, said: str
) -> None:
    with pytest.raises(SourceError) as raised:
        run.ingest(source_id, shared / name, home)
    message = str(raised.value)
    assert message.startswith(f"{Path(name).name}: line 1: header differs from the contract of {source_id}: ")
    assert said in message
    assert read(home, "reports") == []


@pytest.mark.parametrize(
    ("source_id", "one", "other"),
    [
        ("noaa_marinecadastre_2025", "longitude", "latitude"),
        ("danish_maritime_authority", "Latitude", "Longitude"),
        ("marinetraffic", "LAT", "LON"),
        ("piraeus", "lon", "lat"),
        ("gfw_pelagos", "longitude", "latitude"),
        ("canonical", "lon", "lat"),
        ("canonical_opaque", "lon", "lat"),
        ("ais_space_separated", "lon", "lat"),
    ],
)
def test_swapped_columns_are_refused(home: Home, source_id: str, one: str, other: str) -> None:
    header = lines(source_id)
    swapped = re.sub(rf"\b({one}|{other})\b", lambda found: other if found[1] == one else one, header, count=2)
    assert swapped != header
    with pytest.raises(
        SourceError, match=f"columns in another order: column [0-9]+ is {other}, the contract says {one}"
    ):
        put(home, source_id, swapped)


# --- Danish Maritime Authority


def test_danish_sample_as_republished(home: Home, shared: Path) -> None:
    came = csv_rows(shared / DANISH)
    assert counts(run.ingest("danish_maritime_authority_republished", shared / DANISH, home)) == (10, 10, 0, 0)
    rows = read(home, "reports")
    assert [row["mmsi"] for row in rows] == [row["MMSI"] for row in came]
    assert [(row["lon"], row["lat"]) for row in rows] == [
        (float(row["Longitude"]), float(row["Latitude"])) for row in came
    ]
    assert {row["observed_at"].date().isoformat() for row in rows} == {"2018-02-08"}  # 08/02/2018: the day comes first
    assert [row["nav_status"] for row in rows] == [0, 1, 0, 9, None, 0, 7, 0, None, 0]
    assert {row["transceiver"] for row in rows} == {"A"}
    assert {(row["imo"], row["ship_type"], row["length_m"]) for row in rows} == {(None, None, None)}
    assert sentinels(home) == {"nav_status": 2, "imo": 10, "ship_type": 10}


def danish(**fields: str) -> str:
    """A record of the Danish Maritime Authority's present dialect; other fields as given."""
    layout = sources.parse("danish_maritime_authority", PACKAGED / "danish_maritime_authority.toml").delimited
    assert layout is not None
    usual = {
        "# Timestamp": "05/03/2026 06:07:08",
        "Type of mobile": "Class A",
        "MMSI": "219000431",
        "Latitude": "54.654183",
        "Longitude": "11.350683",
        "Navigational status": "Under way using engine",
        "IMO": "Unknown",
        "Callsign": "Unknown",
        "Ship type": "Undefined",
        "Data source type": "AIS",
    }
    return ",".join({**dict.fromkeys(layout.header, ""), **usual, **fields}[name] for name in layout.header)


def put_danish(home: Home, *records: str) -> dict[str, Any]:
    """Take a file of these records in."""
    return put(home, "danish_maritime_authority", lines("danish_maritime_authority", *records))


def test_a_full_danish_record(home: Home) -> None:
    record = danish(
        SOG="12.3",
        COG="91.5",
        Heading="92",
        IMO="9074729",
        Callsign="OXYZ",
        Name='"STAR, NORTH"',
        Destination='"KIEL, DE"',
        Length="142",
        Draught="7.4",
        **{"Ship type": "Cargo", "Cargo type": "Category X"},
    )
    put_danish(home, record)
    (row,) = read(home, "reports")
    assert stated(row) == {
        "vessel_key": "mmsi:219000431",
        "mmsi": "219000431",
        "observed_at": datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC),
        "lon": 11.35068,
        "lat": 54.65418,
        "sog_kn": 12.3,
        "cog_deg": 91.5,
        "heading_deg": 92.0,
        "nav_status": 0,
        "transceiver": "A",
        "imo": "9074729",
        "ship_name": "STAR, NORTH",
        "call_sign": "OXYZ",
        "ship_type": 70,
        "length_m": 142.0,
        "draught_m": 7.4,
    }


STATUSES = {
    "Under way using engine": 0,
    "At anchor": 1,
    "Not under command": 2,
    "Restricted maneuverability": 3,
    "Constrained by her draught": 4,
    "Moored": 5,
    "Aground": 6,
    "Engaged in fishing": 7,
    "Under way sailing": 8,
    "Reserved for future amendment [HSC]": 9,
    "Reserved for future amendment [WIG]": 10,
    "Power-driven vessel towing astern": 11,
    "Power-driven vessel pushing ahead or towing alongside": 12,
    "Reserved for future use": 13,
    "AIS-SART (active)": 14,
    "AIS-SART": 14,
    "Unknown value": None,
    "": None,
}
TYPES = {
    "WIG": 20,
    "Fishing": 30,
    "Towing": 31,
    "Towing long/wide": 32,
    "Dredging": 33,
    "Diving": 34,
    "Military": 35,
    "Sailing": 36,
    "Pleasure": 37,
    "HSC": 40,
    "Pilot": 50,
    "SAR": 51,
    "Tug": 52,
    "Port tender": 53,
    "Anti-pollution": 54,
    "Law enforcement": 55,
    "Spare 1": 56,
    "Spare 2": 57,
    "Medical": 58,
    "Not party to conflict": 59,
    "Passenger": 60,
    "Cargo": 70,
    "Tanker": 80,
    "Other": 90,
    "Undefined": None,
    "Reserved": None,
    "a word of next year": None,
}


@pytest.mark.parametrize(
    ("field", "column", "words"), [("Navigational status", "nav_status", STATUSES), ("Ship type", "ship_type", TYPES)]
)
def test_danish_words_become_the_standards_numbers(
    home: Home, field: str, column: str, words: dict[str, int | None]
) -> None:
    put_danish(home, *(danish(MMSI=str(219000000 + n), **{field: word}) for n, word in enumerate(words)))
    assert [row[column] for row in read(home, "reports")] == list(words.values())


def test_danish_stations_buoys_aircraft_and_beacons_come_in_and_are_of_no_class(home: Home) -> None:
    kinds = {
        "Class A": ("219000431", "A"),
        "Class B": ("219012345", "B"),
        "Base Station": ("2190064", None),
        "AtoN": ("992191234", None),
        "SAR Airborne": ("111219501", None),
        "Search and Rescue Transponder": ("970012345", None),
        "Man Overboard Device": ("972012345", None),
    }
    taken = put_danish(home, *(danish(MMSI=mmsi, **{"Type of mobile": kind}) for kind, (mmsi, _) in kinds.items()))
    assert counts(taken) == (7, 7, 0, 0)
    rows = read(home, "reports")
    assert [(row["mmsi"].lstrip("0"), row["transceiver"]) for row in rows] == list(kinds.values())
    assert rows[2]["mmsi"] == "002190064"


def test_danish_records_that_are_not_believed(home: Home) -> None:
    good = [danish(MMSI=str(219000000 + n)) for n in range(100)]
    bad = {
        danish(Latitude="91", Longitude="0"): "no_position",
        danish(Latitude="", Longitude=""): "no_position",
        danish(**{"# Timestamp": "03/25/2026 00:00:00"}): "bad_time",
        danish(**{"# Timestamp": "2026-03-05 00:00:00"}): "bad_time",
        danish(**{"Navigational status": "Adrift"}): "bad_status",
        danish(MMSI="0"): "bad_mmsi",
    }
    taken = put_danish(home, *good, *bad)
    assert counts(taken) == (106, 100, 6, 0)
    assert reasons(home) == [(102 + n, reason) for n, reason in enumerate(bad.values())]


def test_danish_unknowns_are_nulled_and_counted(home: Home) -> None:
    put_danish(home, danish(SOG="102.3", COG="360.0", Heading="511", Length="0", Draught="0.0"))
    (row,) = read(home, "reports")
    assert [row[name] for name in ("sog_kn", "cog_deg", "heading_deg", "length_m", "draught_m")] == [None] * 5
    assert (row["imo"], row["call_sign"]) == (None, None)
    unknown = ("sog_kn", "cog_deg", "heading_deg", "length_m", "draught_m", "imo", "call_sign", "ship_type")
    assert sentinels(home) == dict.fromkeys(unknown, 1)


def test_the_danish_dialect_before_2020_has_no_antenna_offsets(home: Home) -> None:
    text = lines("danish_maritime_authority_2016", danish().removesuffix(",,,,"))
    with pytest.raises(SourceError, match="missing A, B, C, D; use the source that fits"):
        put(home, "danish_maritime_authority", text)
    assert counts(put(home, "danish_maritime_authority_2016", text)) == (1, 1, 0, 0)


# --- MarineTraffic

MARINETRAFFIC = "239923000,9229178,278093,37.23196,22.79872,128,106,105,0,05/03/2026 06:07:08,TER,7"
ANOTHER = MARINETRAFFIC.replace("239923000", "239923001")  # a file of nothing but one faulty record is refused whole


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_marinetraffic_in_either_case(home: Home, case: Callable[[str], str]) -> None:
    header, _, rest = lines("marinetraffic", MARINETRAFFIC).partition("\n")
    put(home, "marinetraffic", f"{case(header)}\n{rest}")
    (row,) = read(home, "reports")
    assert stated(row) == {
        "vessel_key": "mmsi:239923000",
        "mmsi": "239923000",
        "observed_at": datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC),
        "lon": 22.79872,
        "lat": 37.23196,
        "sog_kn": 12.8,
        "cog_deg": 105.0,
        "heading_deg": 106.0,
        "nav_status": 0,
        "imo": "9229178",
    }


def test_case_does_not_excuse_another_name(home: Home) -> None:
    with pytest.raises(SourceError, match="missing SPEED; not in the contract: sog"):
        put(home, "marinetraffic", lines("marinetraffic").lower().replace("speed", "sog"))


def test_case_matters_where_the_provider_has_one(home: Home) -> None:
    with pytest.raises(SourceError, match="missing mmsi, "):
        put(home, "noaa_marinecadastre_2025", lines("noaa_marinecadastre_2025").upper())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("05/03/2026 06:07:08", "2026-03-05T06:07:08"),
        ("05/03/2026 06:07", "2026-03-05T06:07:00"),
        ("31/03/2026 23:59", "2026-03-31T23:59:00"),
        ("2026-03-05T06:07:08", "2026-03-05T06:07:08"),
        ("03/25/2026 06:07", None),
        ("2026-03-05 06:07", None),
        ("30/02/2026 06:07", None),
    ],
)
def test_marinetraffic_writes_the_day_first(home: Home, written: str, meant: str | None) -> None:
    put(home, "marinetraffic", lines("marinetraffic", MARINETRAFFIC.replace("05/03/2026 06:07:08", written), ANOTHER))
    found = [row["observed_at"] for row in read(home, "reports") if row["mmsi"] == MARINETRAFFIC[:9]]
    assert found == ([said_so(meant)] if meant else [])
    assert reasons(home) == ([] if meant else [(2, "bad_time")])


def test_marinetraffic_unknowns_are_nulled_and_counted(home: Home) -> None:
    record = "239923000,0,278093,37.23196,22.79872,1023,{},360,96,05/03/2026 06:07,SAT,61"
    put(home, "marinetraffic", lines("marinetraffic", record.format(511), record.format(-1).replace("06:07", "06:08")))
    for row in read(home, "reports"):
        assert [row[name] for name in ("imo", "sog_kn", "cog_deg", "heading_deg", "nav_status")] == [None] * 5
    assert sentinels(home) == dict.fromkeys(("imo", "sog_kn", "cog_deg", "heading_deg", "nav_status"), 2)


@pytest.mark.parametrize(("tenths", "sog_kn"), [("0", 0.0), ("1", 0.1), ("1022", 102.2), ("1024", None)])
def test_marinetraffic_speeds_are_tenths_of_a_knot(home: Home, tenths: str, sog_kn: float | None) -> None:
    put(home, "marinetraffic", lines("marinetraffic", MARINETRAFFIC.replace(",128,", f",{tenths},"), ANOTHER))
    found = [row["sog_kn"] for row in read(home, "reports") if row["mmsi"] == MARINETRAFFIC[:9]]
    assert found == ([pytest.approx(sog_kn, abs=1e-5)] if sog_kn is not None else [])
    assert reasons(home) == ([] if sog_kn is not None else [(2, "bad_speed")])


# --- Piraeus


def test_piraeus(home: Home) -> None:
    vessel = "f2b1" * 16
    records = [
        f"1546300800123,{vessel},23.6012,37.9345,271.0,10.4,270.5",
        f"1546300801000,{vessel},23.6011,37.9345,511.0,102.3,360.0",
        "1546300802000,,23.6,37.9,271.0,10.4,270.5",
    ]
    taken = put(home, "piraeus", lines("piraeus", *records))
    assert counts(taken) == (3, 2, 1, 0)
    first, second = read(home, "reports")
    assert stated(first) == {
        "vessel_key": f"id:piraeus:{vessel}",
        "observed_at": datetime(2019, 1, 1, 0, 0, 0, 123000, tzinfo=UTC),
        "lon": 23.6012,
        "lat": 37.9345,
        "sog_kn": 10.4,
        "cog_deg": 270.5,
        "heading_deg": 271.0,
    }
    assert (second["mmsi"], second["sog_kn"], second["cog_deg"], second["heading_deg"]) == (None,) * 4
    assert reasons(home) == [(4, "no_reference")]


# --- Global Fishing Watch


@pytest.mark.parametrize(
    ("name", "expected", "n_none", "n_181"),
    [("263576000", (948, 695, 20, 233), 19, 1), ("338013000", (1253, 1023, 60, 170), 60, 0)],
)
def test_gfw_gpsdio_segment(
    home: Home, shared: Path, name: str, expected: tuple[int, ...], n_none: int, n_181: int
) -> None:
    path = shared / f"ais/gfw_gpsdio_segment/{name}.json"
    came = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(row["lat"] is None for row in came) == n_none
    assert sum(row["lat"] == 91 and row["lon"] == 181 for row in came) == n_181
    placed = [row for row in came if row["lat"] not in (None, 91)]
    kept = {(row["timestamp"], row["lon"], row["lat"], row["speed"], row["course"]): row for row in reversed(placed)}

    assert counts(run.ingest("gfw_gpsdio_segment", path, home)) == expected
    assert (len(placed), len(kept)) == (expected[1] + expected[3], expected[1])
    assert reasons(home) == [(n, "no_position") for n, row in enumerate(came, 1) if row["lat"] in (None, 91)]

    rows = read(home, "reports")
    assert {row["mmsi"] for row in rows} == {name}
    for row in rows:
        theirs = came[row["line"] - 1]
        assert (row["lon"], row["lat"]) == (theirs["lon"], theirs["lat"])
        assert row["observed_at"] == datetime.fromisoformat(theirs["timestamp"])
        assert row["sog_kn"] == pytest.approx(theirs["speed"], abs=1e-5)
        assert row["cog_deg"] == (None if theirs["course"] == 360 else pytest.approx(theirs["course"], abs=1e-4))
    speeds, courses = ([row[key] for row in came if row[key] is not None] for key in ("speed", "course"))
    unknown = {"sog_kn": sum(speed > 102.2 for speed in speeds), "cog_deg": courses.count(360.0)}
    assert sentinels(home) == {key: n for key, n in unknown.items() if n}


def test_a_key_that_nobody_declared_is_refused(home: Home) -> None:
    path = home.root / "more.json"
    known = {"ssvid": 263576000, "lat": 1.0, "lon": 2.0, "timestamp": "2015-10-15T02:39:55.000000Z"}
    path.write_text(f"{json.dumps(known)}\n{json.dumps({**known, 'altitude': 3})}\n", encoding="utf-8")
    assert counts(run.ingest("gfw_gpsdio_segment", path, home)) == (2, 1, 1, 0)
    assert reasons(home) == [(2, "unknown_key")]


PAIR_SOURCES = {
    "204814000": ("gfw_gpsdio_point_pair", (847, 789, 0, 58)),
    "205316000": ("gfw_gpsdio_point_pair", (732, 695, 0, 37)),
    "224051350": (VOYAGE, (5479, 4660, 4, 815)),
    "224108190": ("gfw_gpsdio_point_pair", (592, 439, 0, 153)),
    "227317360": ("gfw_gpsdio_point_pair_ship_type", (223, 223, 0, 0)),
    "230942350": ("gfw_gpsdio_point_pair", (758, 758, 0, 0)),
    "240000000": (VOYAGE, (3779, 3684, 1, 94)),
    "431704490": (VOYAGE, (7499, 5182, 0, 2317)),
    "538004505": ("gfw_gpsdio_point_pair", (1566, 1388, 0, 178)),
    "600011817": ("gfw_gpsdio_point_pair_ship_type", (187, 181, 0, 6)),
}


@pytest.mark.parametrize("name", PAIR_SOURCES)
def test_gfw_point_pairs(home: Home, shared: Path, name: str) -> None:
    source_id, expected = PAIR_SOURCES[name]
    path = shared / PAIRS / f"{name}.csv"
    came = csv_rows(path)
    classes = dict.fromkeys("123", "A") | {"18": "B"}

    def content(row: dict[str, str]) -> tuple[str, ...]:
        unread = ("tagblock_station", "destination", "type")
        return (*(value for key, value in row.items() if key not in unread), classes.get(row["type"], "static"))

    nowhere = {n for n, row in enumerate(came, 2) if row["type"] not in STATIC and row["lat"] == "91.0"}
    kept = {content(row) for n, row in enumerate(came, 2) if n not in nowhere}
    assert counts(run.ingest(source_id, path, home)) == expected
    assert (len(came), len(kept), len(nowhere)) == expected[:3]
    assert reasons(home) == [(n, "no_position") for n in sorted(nowhere)]

    heard, said = read(home, "reports"), read(home, "static_reports")
    assert len(said) == len({content(row) for row in came if row["type"] in STATIC})
    assert len(heard) == expected[1] - len(said)
    for row in heard:
        theirs = came[row["line"] - 2]
        assert (row["lon"], row["lat"]) == (float(theirs["lon"]), float(theirs["lat"]))
        assert row["transceiver"] == classes[theirs["type"]]
        assert row["heading_deg"] == (None if float(theirs["heading"]) == 511 else float(theirs["heading"]))
        assert row["sog_kn"] == (
            None if float(theirs["speed"]) > 102.25 else pytest.approx(float(theirs["speed"]), abs=1e-5)
        )
    for row in said:
        theirs = came[row["line"] - 2]
        assert theirs["type"] in STATIC
        assert (row["ship_name"], row["call_sign"]) == (theirs["shipname"] or None, theirs["callsign"] or None)
        assert row["mmsi"] == name


def test_who_vessels_say_they_are(home: Home, shared: Path) -> None:
    """Static messages have no position and are none: an IMO number written as a fraction is one, 0.0 is none."""
    for name in ("224051350", "240000000", "431704490"):
        run.ingest(VOYAGE, shared / PAIRS / f"{name}.csv", home)
    found = {
        (row["mmsi"], row["imo"], row["ship_name"], row["call_sign"], row["ship_type"])
        for row in read(home, "static_reports")
    }
    assert found == {
        ("224051350", "8822404", "BALUEIRO SEGUNDO", "EHPX", 30),
        ("431704490", "8921107", "DAIKICHIMARU NO.1", "JJVU", 30),
        ("240000000", None, "IMPALA MAGDALENA", r"P\0000", None),
        ("240000000", None, "WARSHIP M71", "WU.", None),
        ("240000000", None, "WARSHIP M71", "WARSHIP", None),
    }


@pytest.mark.parametrize(
    ("source_id", "name", "expected", "nowhere"),
    [
        ("gfw_pipe_gaps", "sample_messages.json", (84, 83, 1, 0), 1),
        ("gfw_pipe_gaps_lines", "sample_messages_lines.json", (85, 83, 2, 0), 2),
    ],
)
def test_gfw_pipe_gaps(
    home: Home, shared: Path, source_id: str, name: str, expected: tuple[int, ...], nowhere: int
) -> None:
    path = shared / "ais/gfw_pipe_gaps" / name
    text = path.read_text(encoding="utf-8")
    came = json.loads(text) if source_id == "gfw_pipe_gaps" else [json.loads(line) for line in text.splitlines()]
    placed = [row for row in came if row["lat"] is not None and row["lon"] is not None]
    assert len(came) - len(placed) == nowhere
    assert counts(run.ingest(source_id, path, home)) == expected
    assert Counter(reason for _, reason in reasons(home)) == {"no_position": nowhere}
    assert sorted((row["mmsi"], row["observed_at"].timestamp()) for row in read(home, "reports")) == sorted(
        (row["ssvid"], float(row["timestamp"])) for row in placed
    )
    assert {(row["lon"], row["lat"], row["transceiver"]) for row in read(home, "reports")} == {(80.6, 45.4, "A")}


@pytest.mark.parametrize(
    ("source_id", "other"), [("gfw_pipe_gaps", "sample_messages_lines"), ("gfw_pipe_gaps_lines", "sample_messages")]
)
def test_lines_are_no_array_and_an_array_is_no_lines(home: Home, shared: Path, source_id: str, other: str) -> None:
    with pytest.raises(SourceError, match=f"^{other}.json: "):
        run.ingest(source_id, shared / f"ais/gfw_pipe_gaps/{other}.json", home)
    assert read(home, "reports") == []


def test_gfw_pelagos(home: Home, shared: Path) -> None:
    came = csv_rows(shared / PELAGOS)
    nowhere = [n for n, row in enumerate(came, 2) if row["longitude"] == "181.0"]
    assert counts(run.ingest("gfw_pelagos", shared / PELAGOS, home)) == (10000, 9280, 720, 0)
    assert reasons(home) == [(n, "no_position") for n in nowhere]
    expected = {"sog": ("sog_kn", "102.3"), "cog": ("cog_deg", "360.0"), "hdg": ("heading_deg", "511.0")}
    unknown = {ours: sum(row[theirs] == text for row in came) for theirs, (ours, text) in expected.items()}
    assert unknown == {"sog_kn": 720, "cog_deg": 2488, "heading_deg": 7253} == sentinels(home)

    rows = read(home, "reports")
    for row in rows:
        theirs = came[row["line"] - 2]
        assert (row["vessel_key"], row["mmsi"]) == (f"id:gfw_pelagos:{theirs['mmsi']}", None)
        assert (row["lon"], row["lat"]) == (float(theirs["longitude"]), float(theirs["latitude"]))
        assert row["observed_at"].timestamp() == int(theirs["timestamp"])
        assert row["nav_status"] == float(theirs["navstat"])
    assert Counter(row["vessel_key"].removeprefix("id:gfw_pelagos:") for row in rows) == {
        "701000002": 5069,
        "701000015": 2055,
        "700000151": 1326,
        "701000001": 830,
    }


def test_gfw_pelagos_processed_says_the_same(home: Home, shared: Path) -> None:
    """The program took out the messages without a position and nothing else, so both files leave the same reports."""
    run.ingest("gfw_pelagos", shared / PELAGOS, home)
    assert counts(run.ingest("gfw_pelagos_processed", shared / PROCESSED, home)) == (9280, 9280, 0, 0)
    found: dict[str, Counter[tuple[Any, ...]]] = {"gfw_pelagos": Counter(), "gfw_pelagos_processed": Counter()}
    for row in read(home, "reports"):
        vessel = row["vessel_key"].rpartition(":")[2]
        found[row["source_id"]][vessel, *stated({**row, "vessel_key": None}).values()] += 1
    assert found["gfw_pelagos"] == found["gfw_pelagos_processed"]


def test_gfw_pelagos_without_a_header(home: Home, shared: Path) -> None:
    """The first line is a record. Courses follow the way from place to place, which they would not with longitude and latitude swapped."""
    assert counts(run.ingest("gfw_pelagos_headerless", shared / HEADERLESS, home)) == (2071, 2071, 0, 0)
    rows = read(home, "reports")
    assert {row["mmsi"] for row in rows} == {"204211000"}
    assert {row["nav_status"] for row in rows} == {7, 15}
    assert stated(rows[0]) == {
        "vessel_key": "mmsi:204211000",
        "mmsi": "204211000",
        "observed_at": datetime.fromtimestamp(1325810870, UTC),
        "lon": -9.36715,
        "lat": 39.35474,
        "sog_kn": 0.0,
        "cog_deg": 0.0,
        "nav_status": 15,
    }
    off_deg = []
    for one, other in pairwise(rows):
        apart_s = (other["observed_at"] - one["observed_at"]).total_seconds()
        if 0 < apart_s < 600 and min(one["sog_kn"], other["sog_kn"]) > 3:
            east = (other["lon"] - one["lon"]) * math.cos(math.radians(one["lat"]))
            way_deg = math.degrees(math.atan2(east, other["lat"] - one["lat"]))
            off_deg.append(abs((way_deg - one["cog_deg"] + 180) % 360 - 180))
    assert len(off_deg) > 1000
    assert sorted(off_deg)[len(off_deg) // 2] < 10


# --- our own forms


def example(source_id: str) -> str:
    """The example that the page gives for a source."""
    section = next(part for part in PAGE.split("\n## ") if f": `{source_id}`" in part.split("\n")[0])
    return str(re.findall(r"```(?:csv|text)\n(.+?)```", section, re.DOTALL)[0])


def test_the_pages_example_of_canonical(home: Home) -> None:
    assert counts(put(home, "canonical", example("canonical"))) == (3, 3, 0, 0)
    star, yacht, buoy = read(home, "reports")
    assert stated(star) == {
        "vessel_key": "mmsi:239012345",
        "mmsi": "239012345",
        "observed_at": datetime(2026, 5, 14, 2, 40, 5, tzinfo=UTC),
        "lon": 26.4312,
        "lat": 39.1207,
        "sog_kn": 11.3,
        "cog_deg": 274.5,
        "heading_deg": 275.0,
        "nav_status": 0,
        "transceiver": "A",
        "imo": "9074729",
        "ship_name": "EXAMPLE STAR",
        "call_sign": "SVAB1",
        "ship_type": 70,
        "length_m": 142.0,
        "draught_m": 7.4,
    }
    assert (yacht["transceiver"], yacht["ship_type"], yacht["length_m"]) == ("B", 37, 9.5)
    assert set(stated(buoy)) == {"vessel_key", "mmsi", "observed_at", "lon", "lat"}
    assert sentinels(home) == {}


def test_the_pages_example_of_opaque_ids(home: Home) -> None:
    put(home, "canonical_opaque", example("canonical_opaque"))
    (row,) = read(home, "reports")
    assert (row["vessel_key"], row["mmsi"]) == ("id:canonical_opaque:5f3a09", None)
    assert (row["lon"], row["lat"], row["heading_deg"]) == (26.4312, 39.1207, 275.0)


def test_the_pages_example_of_a_decoder(home: Home) -> None:
    assert counts(put(home, "ais_space_separated", example("ais_space_separated"))) == (2, 2, 0, 0)
    one, other = read(home, "reports")
    assert stated(one) == {
        "vessel_key": "mmsi:239012345",
        "mmsi": "239012345",
        "observed_at": datetime(2026, 5, 14, 2, 40, 5, tzinfo=UTC),
        "lon": 26.4312,
        "lat": 39.1207,
        "sog_kn": 11.3,
        "cog_deg": 274.5,
        "heading_deg": 275.0,
        "nav_status": 0,
    }
    assert other["observed_at"] == datetime(2026, 5, 14, 2, 40, 9, 250000, tzinfo=UTC)
    assert [other[name] for name in ("sog_kn", "cog_deg", "heading_deg", "nav_status")] == [
        pytest.approx(4.2),
        None,
        None,
        None,
    ]
    assert sentinels(home) == {"cog_deg": 1, "heading_deg": 1, "nav_status": 1}


def test_spaces_and_tabs_part_columns_in_any_number(home: Home) -> None:
    records = [
        "  1778726405\t239012345   26.4312 39.1207  -  -  -  -  ",
        "1778726406 239012345 181 91 11.3 274.5 275 0",
        "1778726407 239012345 26.4312 39.1207 11.3 274.5 275",
    ]
    taken = put(home, "ais_space_separated", lines("ais_space_separated", *records))
    assert counts(taken) == (3, 1, 2, 0)
    assert reasons(home) == [(3, "no_position"), (4, "bad_field_count")]
    assert sentinels(home) == dict.fromkeys(("sog_kn", "cog_deg", "heading_deg", "nav_status"), 1)


FULL = "239012345,2026-05-14T02:40:05Z,26.4312,39.1207,11.3,274.5,275,0,A,9074729,STAR,SVAB1,70,142,7.4"


@pytest.mark.parametrize(
    ("at", "text", "reason"),
    [
        (0, "", "bad_mmsi"),
        (0, "1234567890", "bad_mmsi"),
        (1, "", "no_time"),
        (1, "2026-05-14 02:40:05", "bad_time"),
        (1, "2026-05-14T02:40:05", "bad_time"),
        (1, "2999-05-14T02:40:05Z", "time_in_future"),
        (2, "", "no_position"),
        (2, "181", "no_position"),
        (2, "180.1", "bad_longitude"),
        (2, "26,4", "bad_field_count"),
        (3, "91", "no_position"),
        (3, "90.1", "bad_latitude"),
        (4, "102.4", "bad_speed"),
        (5, "-1", "bad_course"),
        (6, "360", "bad_heading"),
        (7, "16", "bad_status"),
        (8, "a", "bad_transceiver"),
        (12, "256", "bad_ship_type"),
        (13, "1023", "bad_length"),
        (14, "25.6", "bad_draught"),
    ],
)
def test_the_page_says_why_a_record_is_refused(home: Home, at: int, text: str, reason: str) -> None:
    fields = FULL.split(",")
    fields[at] = text
    assert counts(put(home, "canonical", lines("canonical", ",".join(fields), FULL))) == (2, 1, 1, 0)
    assert reasons(home) == [(2, reason)]
    if reason != "bad_field_count":
        assert f"`{reason}`" in PAGE


def test_ais_own_values_for_unknown_are_understood_and_counted(home: Home) -> None:
    record = "239012345,2026-05-14T02:40:05Z,26.4312,39.1207,102.3,360,511,15,,0,,,0,0,0"
    put(home, "canonical", lines("canonical", record))
    (row,) = read(home, "reports")
    assert set(stated(row)) == {"vessel_key", "mmsi", "observed_at", "lon", "lat", "nav_status"}
    unknown = ("sog_kn", "cog_deg", "heading_deg", "imo", "ship_type", "length_m", "draught_m")
    assert sentinels(home) == dict.fromkeys(unknown, 1)


def test_a_file_that_was_cut_off_is_refused(home: Home) -> None:
    with pytest.raises(SourceError, match="ends in the middle of line 4: the file is truncated"):
        put(home, "canonical", example("canonical").removesuffix("\n"))


@pytest.mark.parametrize("mmsi_type", [pa.string(), pa.int64()])
def test_parquet_says_what_csv_says(home: Home, mmsi_type: pa.DataType) -> None:
    """The same reports, from columns in another order and of other types."""
    put(home, "canonical", example("canonical"))
    came = list(csv.DictReader(example("canonical").splitlines()))
    texts = {name: [row[name] or None for row in came] for name in came[0]}
    columns = {
        name: pa.array(values).cast(pa.float64())
        for name, values in texts.items()
        if name.endswith(("_kn", "_deg", "_m"))
    }
    columns |= {name: pa.array(texts[name]).cast(pa.int32()) for name in ("nav_status", "ship_type")}
    columns |= {name: pa.array(texts[name]).cast(pa.float64()) for name in ("lon", "lat")}
    columns |= {name: pa.array(texts[name], pa.string()) for name in ("transceiver", "ship_name", "call_sign")}
    columns |= {name: pa.array(texts[name]).cast(mmsi_type) for name in ("imo", "mmsi")}
    times = [datetime.fromisoformat(text or "") for text in texts["observed_at"]]
    columns["observed_at"] = pa.array(times, pa.timestamp("ns", "Europe/Athens"))
    assert set(columns) == set(came[0])
    path = home.root / "came.parquet"
    pq.write_table(pa.table(columns), path)
    assert counts(run.ingest("canonical_parquet", path, home)) == (3, 3, 0, 0)
    found: dict[str, list[dict[str, Any]]] = {"canonical": [], "canonical_parquet": []}
    for row in read(home, "reports"):
        found[row["source_id"]].append(stated(row))
    assert found["canonical_parquet"] == found["canonical"]


def test_parquet_with_other_columns_is_refused(home: Home) -> None:
    path = home.root / "came.parquet"
    pq.write_table(pa.table({"mmsi": ["239012345"], "longitude": [26.4]}), path)
    with pytest.raises(
        SourceError,
        match=r"columns differ from the contract of canonical_parquet: missing observed_at, lon, .*; not in the contract: longitude",
    ):
        run.ingest("canonical_parquet", path, home)


def test_the_page_and_the_sources_name_the_same_columns() -> None:
    for source_id in ("canonical", "canonical_opaque", "ais_space_separated"):
        assert example(source_id).split("\n")[0] == lines(source_id).rstrip("\n")
    layout = sources.parse("canonical_parquet", PACKAGED / "canonical_parquet.toml").parquet
    assert layout is not None
    assert ",".join(layout.columns) == example("canonical").split("\n")[0]
    section = PAGE.split("\n## Positions: `canonical`")[1].split("\n## ")[0]
    described = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert described == layout.columns
    declared = {column.name: column for column in contracts.load("reports").columns}
    for name in described:
        reject = declared[name].reject
        assert reject is None or f"`{reject}`" in section
