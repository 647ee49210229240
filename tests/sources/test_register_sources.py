"""The packaged registers and lists: real files go in with the counts of an independent reading; the last file is the whole list; persons stay outside."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import run, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sources import intake

REFERENCE = "reference"
PORTS = "world_port_index/UpdatedPub150.csv"
ANCHORAGES = "gfw_anchorages/anchorage_overrides.csv"
MIDS = "mid_table/MaritimeIdentificationDigits.csv"
OLDER_MIDS = "mid_table/mid.csv"

LIST = "reference,imo,mmsi,ship_name,call_sign,flag,topics,listed_at"
FIRST = ("1,9074729,,ALFA,,,sanction,2026-01-05", "2,,237123456,BRAVO,,GR,embargo,2026-05-01")
SECOND = ("1,9074729,,ALFA RENAMED,,,sanction,2026-01-05", "3,,271000001,CHARLIE,,TR,embargo,2026-02-01")

PERSON, COMPANY, STREET = "Erika Beispielperson", "Beispiel Reederei GmbH", "Musterstrasse 12"


def rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file, read by Python's own reader."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def published(home: Home, table: str) -> list[dict[str, Any]]:
    """The rows of a table that are in force."""
    found: list[dict[str, Any]] = intake.published(home, table).to_pylist()
    return found


def rejects(home: Home) -> list[dict[str, Any]]:
    """What was refused, in order."""
    found: list[dict[str, Any]] = store.read(store.parts(home.lake, "rejects"), "rejects").to_pylist()
    return found


def put(home: Home, source_id: str, name: str, *lines: str) -> dict[str, Any]:
    """Take in a file of these lines."""
    path = home.root / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return run.ingest(source_id, path, home)


# Real files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source_id", "name", "lines_in", "refused"),
    [
        ("world_port_index", PORTS, 3768, {3286: "conflicting_reference", 3754: "conflicting_reference"}),
        ("gfw_anchorages", ANCHORAGES, 60410, {11449: "no_name", 11462: "bad_longitude"}),
        ("itu_mids_names", MIDS, 294, {}),
        ("mid_table_libais", OLDER_MIDS, 289, {}),
    ],
)
def test_a_real_file_reconciles(
    home: Home, shared: Path, source_id: str, name: str, lines_in: int, refused: dict[int, str]
) -> None:
    path = shared / REFERENCE / name
    counts = run.ingest(source_id, path, home)
    assert len(rows(path)) == lines_in
    assert {key: counts[key] for key in ("lines_in", "accepted", "rejected", "duplicates", "blank")} == {
        "lines_in": lines_in,
        "accepted": lines_in - len(refused),
        "rejected": len(refused),
        "duplicates": 0,
        "blank": 0,
    }
    assert {row["line"]: row["reason"] for row in rejects(home)} == refused
    assert len(published(home, sources.load(home, source_id).table)) == lines_in - len(refused)


def test_ports_are_those_of_the_index(home: Home, shared: Path) -> None:
    run.ingest("world_port_index", shared / REFERENCE / PORTS, home)
    theirs: dict[str, dict[str, str]] = {}
    for one in rows(shared / REFERENCE / PORTS):
        theirs.setdefault(one["World Port Index Number"], one)  # of a number that stands twice the first
    ours = {row["source_ref"]: row for row in published(home, "ports")}
    assert set(ours) == set(theirs)
    names = {
        "title": "Main Port Name",
        "country": "Country Code",
        "locode": "UN/LOCODE",
        "size": "Harbor Size",
    }
    for ref, row in ours.items():
        came = theirs[ref]
        assert {name: row[name] for name in names} == {name: came[key].strip() or None for name, key in names.items()}
        assert (row["lat"], row["lon"]) == (float(came["Latitude"]), float(came["Longitude"]))
    piraeus = ours["42230"]
    piraeus.pop("port_id")
    assert piraeus == {
        "source_id": "world_port_index",
        "source_ref": "42230",
        "title": "Piraievs",
        "country": "Greece",
        "locode": "GR PIR",
        "lon": 23.65,
        "lat": 37.933333,
        "radius_nm": None,
        "size": "Large",
        "of_interest": None,
    }
    assert Counter(row["size"] for row in ours.values())[None] == 70  # a single space in the file


def test_anchorages_are_those_of_the_file(home: Home, shared: Path) -> None:
    run.ingest("gfw_anchorages", shared / REFERENCE / ANCHORAGES, home)
    refused = {row["line"] for row in rejects(home)}
    came = [row for line, row in enumerate(rows(shared / REFERENCE / ANCHORAGES), start=2) if line not in refused]
    ours = published(home, "anchorages")

    def told(row: dict[str, str]) -> tuple[object, ...]:
        words = (row[name].strip() or None for name in ("label", "sublabel", "iso3"))
        return (float(row["latitude"]), float(row["longitude"]), *words)

    expected = Counter(told(row) for row in came)
    assert Counter((row["lat"], row["lon"], row["title"], row["part"], row["country"]) for row in ours) == expected
    assert len(ours) - len({row["s2id"] for row in came}) == 4528  # a cell that is named several times is kept as often
    countries = Counter(row["country"] for row in ours)
    assert {name: countries[name] for name in ("GRC", "TUR", "CYP", "ITA", None)} == {
        "GRC": 136,
        "TUR": 447,
        "CYP": 125,
        "ITA": 134,
        None: 2,
    }
    assert " USA" not in countries
    (sinop,) = (row for row in ours if row["source_ref"].startswith("408f6eb5 "))
    assert (sinop["title"], sinop["part"], sinop["country"]) == ("SINOP", None, "TUR")
    assert (sinop["lat"], sinop["lon"]) == (41.9298905462418, 35.093780734645975)


def test_digits_that_were_allocated_to_several_are_kept_for_each(home: Home, shared: Path) -> None:
    run.ingest("itu_mids_names", shared / REFERENCE / MIDS, home)
    run.ingest("mid_table_libais", shared / REFERENCE / OLDER_MIDS, home)
    found = published(home, "mids")
    assert len(found) == 294 + 289
    assert Counter(row["source_id"] for row in found if row["mid"] == 306) == {
        "itu_mids_names": 3,
        "mid_table_libais": 1,
    }
    assert {row["country"] for row in found if row["mid"] == 271} == {"Republic of Türkiye", "Turkey"}


@pytest.mark.parametrize(("digits", "accepted"), [("199", 2), ("200", 3), ("799", 3), ("800", 2), ("20x", 2), ("", 2)])
def test_digits_of_no_country_are_refused(home: Home, digits: str, accepted: int) -> None:
    counts = put(home, "mid_table_libais", "mids.csv", "prefix,country", '201,"A"', '202,"B"', f'{digits},"C"')
    assert (counts["accepted"], counts["accepted"] + counts["rejected"]) == (accepted, 3)


# The last file is the whole list --------------------------------------------------------------------------------------


def names(home: Home) -> set[str]:
    """The vessels that are listed."""
    return {row["ship_name"] for row in published(home, "watch_list")}


@pytest.mark.parametrize("newer_first", [False, True])
def test_a_newer_list_replaces_the_older_one_whole_in_whichever_order_they_come(home: Home, newer_first: bool) -> None:
    """BRAVO was listed last and is no longer in the newer list: it is not listed any more."""
    files = [("list_2026-05-14.csv", FIRST), ("list_2026-05-15.csv", SECOND)]
    for name, lines in reversed(files) if newer_first else files:
        put(home, "watch_list", name, LIST, *lines)
    assert names(home) == {"ALFA RENAMED", "CHARLIE"}
    assert len(store.parts(home.lake, "watch_list")) == 2  # the older one stays in the lake


def test_the_order_in_which_lists_come_changes_no_byte(tmp_path: Path, cache: Path) -> None:
    found = []
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        home = Home(tmp_path / "".join(map(str, order)))
        home.create()
        files = [("a_2026-05-14.csv", FIRST), ("a_2026-05-15.csv", SECOND), ("a_2026-05-16.csv", FIRST[:1])]
        for n in order:
            put(home, "watch_list", files[n][0], LIST, *files[n][1])
        found.append(store.parquet(intake.published(home, "watch_list")))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_lists_of_one_name_the_one_that_came_later_counts(home: Home, order: tuple[int, int]) -> None:
    for n in order:
        put(home, "watch_list", "list.csv", LIST, *(FIRST, SECOND)[n])
    assert names(home) == ({"ALFA", "BRAVO"}, {"ALFA RENAMED", "CHARLIE"})[order[-1]]


def test_a_list_without_entries_is_not_believed(home: Home) -> None:
    put(home, "watch_list", "list_2026-05-14.csv", LIST, *FIRST)
    with pytest.raises(SourceError, match="an empty list would take off all"):
        put(home, "watch_list", "list_2026-05-15.csv", LIST)
    assert names(home) == {"ALFA", "BRAVO"}
    put(home, "watch_list", "list_2026-05-16.csv", LIST, *SECOND)
    assert names(home) == {"ALFA RENAMED", "CHARLIE"}


def test_a_list_that_was_refused_leaves_the_one_before_in_force(home: Home) -> None:
    put(home, "watch_list", "list_2026-05-14.csv", LIST, *FIRST)
    with pytest.raises(SourceError, match="header differs"):
        put(home, "watch_list", "list_2026-05-15.csv", LIST.replace("topics", "reason"), *SECOND)
    assert names(home) == {"ALFA", "BRAVO"}


def test_a_list_of_another_source_stays(home: Home) -> None:
    put(home, "watch_list", "list_2026-05-14.csv", LIST, *FIRST)
    put(home, "followthemoney_watch_list", "entities_2026-05-15.json", json.dumps(vessel("V1", "DELTA")))
    assert names(home) == {"ALFA", "BRAVO", "DELTA"}


def test_the_same_reference_in_two_lists_is_two_entries(home: Home) -> None:
    put(home, "watch_list", "list_2026-05-14.csv", LIST, "V1,9074729,,ALFA,,,,")
    put(home, "followthemoney_watch_list", "entities_2026-05-14.json", json.dumps(vessel("V1", "ALFA")))
    assert len({row["entry_id"] for row in published(home, "watch_list")}) == 2


def test_a_date_of_listing_is_kept_and_another_form_refused(home: Home) -> None:
    good = [f"g{n},,,G{n},,,,2026-05-01" for n in range(40)]
    put(home, "watch_list", "list.csv", LIST, *good, "1,,,ALFA,,,,", "2,,,BRAVO,,,,01/05/2026")
    by_name = {row["ship_name"]: row["listed_at"] for row in published(home, "watch_list")}
    assert str(by_name["G0"]) == "2026-05-01 00:00:00+00:00"
    assert by_name["ALFA"] is None
    assert "BRAVO" not in by_name
    assert [(row["line"], row["reason"]) for row in rejects(home)] == [(43, "bad_number")]


# FollowTheMoney -------------------------------------------------------------------------------------------------------


def vessel(entity_id: str, *ship_names: str, **properties: list[str]) -> dict[str, Any]:
    """A vessel as OpenSanctions publishes one."""
    return {
        "id": entity_id,
        "caption": ship_names[0],
        "schema": "Vessel",
        "properties": {"name": list(ship_names), **properties},
        "referents": [f"ofac-{entity_id}"],
        "datasets": ["us_ofac_sdn"],
        "origin": ["xml"],
        "first_seen": "2023-04-20T11:40:03",
        "last_seen": "2026-05-14T06:10:02",
        "last_change": "2026-01-02T00:00:00",
        "target": True,
    }


def others() -> list[dict[str, Any]]:
    """What else such a file holds: persons, companies, addresses, sanctions."""
    shell = {"datasets": ["us_ofac_sdn"], "referents": [], "first_seen": "2023-04-20T11:40:03", "target": False}
    return [
        {"id": "P1", "caption": PERSON, "schema": "Person", "properties": {"name": [PERSON]}, **shell},
        {"id": "C1", "caption": COMPANY, "schema": "Company", "properties": {"name": [COMPANY]}, **shell},
        {"id": "A1", "caption": STREET, "schema": "Address", "properties": {"full": [STREET]}, **shell},
        # not a vessel is what counts, whatever else is wrong with it
        {"id": "P2", "caption": PERSON, "schema": "Person", "properties": {"name": [PERSON]}, "first_seen": "long ago"},
        {"id": "P3", "caption": PERSON, "schema": "Person", "properties": {"imoNumber": ["x"], "mmsi": ["y"]}},
        {"id": "P4", "caption": PERSON, "properties": {"name": [PERSON]}},
    ]


def test_vessels_of_such_a_list_are_kept(home: Home) -> None:
    entities = [
        vessel(
            "NK-1",
            "ALFA",
            "ALPHA ONE",
            imoNumber=["IMO9074729"],
            mmsi=["237123456", "271000001"],
            callSign=["SV1234"],
            flag=["gr", "tr"],
            topics=["sanction", "mare.shadow"],
            type=["Oil tanker"],
        ),
        vessel("NK-2", "BRAVO", imoNumber=["IMO9074729", "5000017"]),
        vessel("NK-3", "CHARLIE"),
    ]
    counts = put(home, "followthemoney_watch_list", "entities.ftm.json", *map(json.dumps, entities))
    assert (counts["accepted"], counts["rejected"]) == (3, 0)
    found = {row.pop("source_ref"): row for row in published(home, "watch_list")}
    assert {**found["NK-1"], "entry_id": "", "listed_at": str(found["NK-1"]["listed_at"])} == {
        "entry_id": "",
        "source_id": "followthemoney_watch_list",
        "imo": "9074729",
        "mmsi": "237123456; 271000001",
        "ship_name": "ALFA; ALPHA ONE",
        "call_sign": "SV1234",
        "flag": "gr; tr",
        "topics": "sanction; mare.shadow",
        "listed_at": "2023-04-20 11:40:03+00:00",
        "mid_country": "GRC; TUR",
    }
    assert found["NK-2"]["imo"] == "5000017; 9074729"
    assert [found["NK-3"][name] for name in ("imo", "mmsi", "flag", "mid_country")] == [None] * 4


def test_who_is_no_vessel_is_refused_and_only_the_line_is_kept(home: Home) -> None:
    entities = [*others(), vessel("NK-1", "ALFA")]
    counts = put(home, "followthemoney_watch_list", "entities.ftm.json", *map(json.dumps, entities))
    assert (counts["lines_in"], counts["accepted"], counts["rejected"]) == (7, 1, 6)
    assert [(row["line"], row["reason"], row["raw"]) for row in rejects(home)] == [
        (line, "not_a_vessel", "") for line in range(1, 7)
    ]


def test_persons_and_companies_reach_neither_the_lake_nor_the_database_nor_a_message(home: Home) -> None:
    entities = [*others(), vessel("NK-1", "ALFA"), vessel("NK-1", "ALFA", imoNumber=[PERSON])]
    torn = [f'{{"id": "P9", "schema": "Person", "caption": "{PERSON}"', f'{{"id": "P9", "surname": "{PERSON}"}}']
    many = [json.dumps(vessel(f"NK-{n}", f"VESSEL {n}")) for n in range(10, 90)]
    lines = [*map(json.dumps, entities), *many, *torn]
    put(home, "followthemoney_watch_list", "entities.ftm.json", *lines)
    assert {row["reason"] for row in rejects(home)} == {"not_a_vessel", "bad_imo", "bad_json", "unknown_key"}
    with pytest.raises(SourceError) as raised:
        put(home, "followthemoney_watch_list", "torn.ftm.json", *torn * 2, json.dumps(vessel("NK-1", "ALFA")))
    run.publish(home)
    checked = run.check("followthemoney_watch_list", home.root / "entities.ftm.json", home)
    kept = [*texts_of_the_lake(home), *texts_of_the_database(home), str(raised.value), json.dumps(checked, default=str)]
    kept += [path.read_bytes().decode("latin-1") for path in home.root.glob("ledger.sqlite*")]
    assert any("VESSEL 10" in text for text in kept)
    for word in (PERSON, COMPANY, STREET):
        assert not [text for text in kept if word in text], word


def texts_of_the_lake(home: Home) -> Iterator[str]:
    """Every text of every Parquet file as it is stored: also one that no row points to any more."""
    for path in sorted(home.lake.rglob("*.parquet")):
        schema = pq.read_schema(path)
        words = [field.name for field in schema if pa.types.is_string(field.type)]
        table = pq.ParquetFile(path, read_dictionary=words).read()
        for name in words:
            for chunk in table.column(name).chunks:
                yield from (str(text) for text in chunk.dictionary.to_pylist())


def texts_of_the_database(home: Home) -> Iterator[str]:
    """Every row of every table and view, as text."""
    with duckdb.connect(home.warehouse, read_only=True) as database:
        for (name,) in database.execute("SELECT table_name FROM information_schema.tables").fetchall():
            yield from (str(row) for row in database.execute(f'SELECT * FROM "{name}"').fetchall())


# The database ---------------------------------------------------------------------------------------------------------


def test_registers_and_the_geography_stand_side_by_side_in_the_database(home: Home, shared: Path) -> None:
    run.ingest("world_port_index", shared / REFERENCE / PORTS, home)
    run.ingest("gfw_anchorages", shared / REFERENCE / ANCHORAGES, home)
    put(
        home,
        "ports_of_interest",
        "ports_2026-05-14.csv",
        "reference,title,country,locode,lat,lon,of_interest",
        'LY-1,Tobruk,LBY,LYTOB,32.07,23.98,"arms embargo, UNSCR 1970"',
        "LY-2,Derna,LBY,,32.76,22.66,",
    )
    put(home, "watch_list", "list_2026-05-14.csv", LIST, *FIRST)
    counts = run.publish(home)["rows"]
    with duckdb.connect(home.warehouse, read_only=True) as database:
        ports = dict(database.execute("SELECT source_id, count(*) FROM ports GROUP BY source_id").fetchall())
        anchorages = dict(database.execute("SELECT source_id, count(*) FROM anchorages GROUP BY source_id").fetchall())
        of_interest = database.execute(
            "SELECT title, of_interest FROM ports WHERE source_id = 'ports_of_interest' ORDER BY title"
        ).fetchall()
        near_piraeus = database.execute(
            "SELECT DISTINCT source_id FROM ports WHERE abs(lat - 37.94) < 0.05 AND abs(lon - 23.63) < 0.05 ORDER BY 1"
        ).fetchall()
        listed = database.execute("SELECT ship_name, mid_country FROM watch_list ORDER BY ship_name").fetchall()
    geography = run.sea(home)
    assert ports == {"geography": len(geography.ports), "world_port_index": 3766, "ports_of_interest": 2}
    assert anchorages["gfw_anchorages"] == 60408
    assert anchorages["geography"] == sum(zone.kind == "anchorage" for zone in geography.zones) > 0
    assert counts["ports"] == sum(ports.values())
    assert of_interest == [("Derna", None), ("Tobruk", "arms embargo, UNSCR 1970")]
    assert near_piraeus == [("geography",), ("world_port_index",)]
    assert listed == [("ALFA", None), ("BRAVO", "GRC")]
