"""The database for analysts: complete, commented, swapped in under readers."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from pipeline import contracts, run, warehouse
from pipeline.config import Home
from tests.conftest import ROOT, SAMPLE_DAY

NOT_OF_THE_SAMPLE = {"detections", "mids", "route_counts", "vessel_register", "watch_list"}  # no source of it has them


@pytest.fixture
def database(finished_sample: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(finished_sample / "pharos.duckdb", read_only=True)


def published() -> list[str]:
    return [name for name in contracts.tables() if name not in warehouse.NOT_PUBLISHED]


@pytest.mark.parametrize("name", published())
def test_every_table_has_its_columns_and_comments(database: duckdb.DuckDBPyConnection, name: str) -> None:
    contract = contracts.load(name)
    comments = dict(
        database.execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?", [name]).fetchall()
    )
    assert list(comments) == [column.name for column in contract.columns]
    for column in contract.columns:
        assert column.meaning in comments[column.name]
        if column.unit:
            assert f"unit: {column.unit}" in comments[column.name]
    about = database.execute(
        "SELECT comment FROM duckdb_tables() WHERE table_name = $name UNION ALL SELECT comment FROM duckdb_views() WHERE view_name = $name",
        {"name": name},
    ).fetchall()
    assert about == [(contract.about,)]


def test_times_are_utc_instants(database: duckdb.DuckDBPyConnection) -> None:
    types = database.execute(
        "SELECT DISTINCT data_type FROM duckdb_columns() WHERE column_name LIKE '%\\_at' ESCAPE '\\'"
    ).fetchall()
    assert types == [("TIMESTAMP WITH TIME ZONE",)]


def test_the_sample_day_is_there(database: duckdb.DuckDBPyConnection) -> None:
    counts = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone() for name in published()}
    assert {name for name, count in counts.items() if count == (0,)} == NOT_OF_THE_SAMPLE
    assert (
        database.execute("SELECT count(*) FROM positions").fetchone()
        == database.execute("SELECT sum(n_positions)::BIGINT FROM tracks").fetchone()
    )


def views() -> list[str]:
    names = sorted(path.stem for path in (ROOT / "pipeline" / "reference" / "views").glob("*.sql"))
    assert len(names) >= 4
    return names


@pytest.mark.parametrize("name", views())
def test_every_view_answers_and_says_what_it_is(database: duckdb.DuckDBPyConnection, name: str) -> None:
    assert database.execute(f"SELECT count(*) FROM {name}").fetchone() != (0,)
    text = (ROOT / "pipeline" / "reference" / "views" / f"{name}.sql").read_text(encoding="utf-8")
    assert [line.split(":")[0] for line in text.splitlines()[:3]] == ["-- finds", "-- in", "-- params"]


def test_a_reader_of_the_former_database_goes_on(sample_home: Path) -> None:
    with duckdb.connect(sample_home / "pharos.duckdb", read_only=True) as reader:
        before = reader.execute("SELECT count(*) FROM runs").fetchone()
        run.publish(sample_home)
        run.publish(sample_home)
        assert reader.execute("SELECT count(*) FROM runs").fetchone() == before
    with duckdb.connect(sample_home / "pharos.duckdb", read_only=True) as reader:
        after = reader.execute("SELECT count(*) FROM runs").fetchone()
    assert before
    assert after
    assert after[0] > before[0]
    assert not list(sample_home.glob(".pharos.duckdb*"))


def test_a_stale_wal_does_not_make_the_next_one_unreadable(sample_home: Path) -> None:
    (sample_home / "pharos.duckdb.wal").write_bytes(b"left by a killed writer")
    run.publish(sample_home)
    with duckdb.connect(sample_home / "pharos.duckdb", read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM events").fetchone() != (0,)


def test_a_home_with_a_quote_in_its_name(tmp_path: Path, cache: Path) -> None:
    root = tmp_path / "l'été; drop"
    root.mkdir()
    (root / "cache").symlink_to(cache)
    run.publish(root)
    radar = next((ROOT / "sample_data" / "inbox" / "coastal_radar").glob("*.csv"))
    run.ingest("coastal_radar", radar, root)
    run.day(SAMPLE_DAY, home=root)
    run.publish(root)
    with duckdb.connect(root / "pharos.duckdb", read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM positions").fetchone() != (0,)


def test_an_incident_of_two_files_is_there_once_as_the_later_file_says(tmp_path: Path, cache: Path) -> None:
    root = tmp_path / "home"
    root.mkdir()
    (root / "cache").symlink_to(cache)
    text = next((ROOT / "sample_data" / "inbox" / "iom_missing_migrants").glob("*.csv")).read_text(encoding="utf-8")
    header, first, *others = text.splitlines(keepends=True)
    early, late = tmp_path / "early.csv", tmp_path / "late.csv"
    early.write_text(header + first)
    late.write_text(header + first.replace("Drowning", "Mixed or unknown") + "".join(others))
    for path in (late, early):
        run.ingest("iom_missing_migrants", path, root)
    run.publish(root)
    with duckdb.connect(root / "pharos.duckdb", read_only=True) as reader:
        rows = reader.execute("SELECT source_ref, category FROM incidents").fetchall()
    assert len(rows) == 1 + len(others)
    categories = dict(rows)
    assert len(categories) == len(rows)
    column = header.rstrip("\n").split(",").index("Cause of death (category)")
    ref = first.split(",")[0]
    assert first.split(",")[column] == "Drowning"
    assert categories[ref] == "Mixed or unknown"
    assert Counter(categories.values()) == Counter(
        "Mixed or unknown" if line == first else line.split(",")[column] for line in (first, *others)
    )


def test_a_register_stands_beside_the_geography_and_each_list_replaces_the_former(home: Home, tmp_path: Path) -> None:
    lists = {
        ("ports_of_interest", "1.csv"): [
            "p1,Old harbour,GRC,GR OLD,39.1,26.5,reported calls",
            "p2,Cove,TUR,,39.2,26.7,",
        ],
        ("ports_of_interest", "2.csv"): ["p1,New harbour,GRC,,39.1,26.5,reported calls"],
        ("watch_list", "list.csv"): ["w1,9074729,,ALPHA,,,reported,2026-05-01"],
    }
    headers = {
        "ports_of_interest": "reference,title,country,locode,lat,lon,of_interest",
        "watch_list": "reference,imo,mmsi,ship_name,call_sign,flag,topics,listed_at",
    }
    for (source_id, name), lines in lists.items():
        (tmp_path / name).write_text("\n".join([headers[source_id], *lines]) + "\n")
        run.ingest(source_id, tmp_path / name, home)
    run.publish(home)
    with duckdb.connect(home.warehouse, read_only=True) as reader:
        ports = reader.execute("SELECT source_id, title FROM ports").fetchall()
        assert [title for source_id, title in ports if source_id == "ports_of_interest"] == ["New harbour"]
        assert sum(source_id == "geography" for source_id, _ in ports) == len(run.sea_today(home).ports) > 0
        listed = reader.execute("SELECT imo, ship_name, mmsi FROM watch_list").fetchall()
        assert listed == [("9074729", "ALPHA", None)]


def test_every_view_and_column_has_a_comment(database: duckdb.DuckDBPyConnection) -> None:
    silent = database.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND table_name <> 'data_dictionary' AND NOT internal"
    ).fetchall()
    assert silent == []
    assert (
        database.execute("SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal").fetchall() == []
    )


def test_a_view_that_cannot_be_used_is_named_and_the_database_is_published(sample_home: Path) -> None:
    folder = sample_home / "reference" / "views"
    folder.mkdir(parents=True)
    (folder / "broken.sql").write_text("SELECT nothing FROM nowhere")
    (folder / "a b; drop.sql").write_text("SELECT 1 AS one")
    (folder / "mine.sql").write_text("-- finds: one\nSELECT 1 AS one")
    refused = run.publish(sample_home)["refused"]
    assert [line.split(":")[0] for line in refused] == ["view a b; drop.sql", "view broken.sql"]
    with duckdb.connect(sample_home / "pharos.duckdb", read_only=True) as reader:
        assert reader.execute("SELECT one FROM mine").fetchall() == [(1,)]
    assert not list(sample_home.glob(".pharos.duckdb*"))


def test_instants_come_out_as_python_values(database: duckdb.DuckDBPyConnection) -> None:
    ((value,),) = database.execute("SELECT min(started_at) FROM events").fetchall()
    assert value.tzinfo is not None
