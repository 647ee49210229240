"""The database for analysts: complete, commented, swapped in under readers."""

from pathlib import Path

import duckdb
import pytest

from pipeline import contracts, run, warehouse
from pipeline.config import Home
from tests.conftest import ROOT, SAMPLE_DAY


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
    assert all(count and count[0] > 0 for name, count in counts.items()), counts
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
    rows = warehouse.incidents(Home(root)).to_pylist()
    assert len(rows) == 1 + len(others)
    assert sum(row["file_sha256"] == rows[0]["file_sha256"] for row in rows) == len(rows)


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
