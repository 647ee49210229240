"""
The ledger: a SQLite file that accounts for every file, day, release and run.

One row a file with `lines_in = accepted + rejected + duplicates + blank`, enforced by the database itself. A file counts
as taken in when its row is here, and not before; whatever a killed run left in the lake without a row is ignored
and overwritten by the next run.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock, Timeout

from pipeline import contracts
from pipeline.errors import BusyError

BUSY_TIMEOUT_S = 60.0
SQL_TYPES = {"string": "TEXT", "string_list": "TEXT", "timestamp": "TEXT", "bool": "INTEGER"}
TABLES = ("source_files", "runs", "releases", "release_decisions")

OWN_TABLES = """
CREATE TABLE IF NOT EXISTS file_days (
    file_sha256 TEXT NOT NULL REFERENCES source_files (file_sha256), fact_table TEXT NOT NULL, day TEXT NOT NULL,
    n_accepted INTEGER NOT NULL, PRIMARY KEY (file_sha256, fact_table, day)) STRICT;
CREATE TABLE IF NOT EXISTS day_runs (
    day TEXT PRIMARY KEY, inputs_sha256 TEXT NOT NULL, state_sha256 TEXT NOT NULL, emitted_sha256 TEXT NOT NULL,
    health_sha256 TEXT NOT NULL, is_stale INTEGER NOT NULL DEFAULT 0,
    n_reports INTEGER NOT NULL, n_positions INTEGER NOT NULL, n_rejected INTEGER NOT NULL, n_repeated INTEGER NOT NULL,
    n_surplus INTEGER NOT NULL, CHECK (n_reports = n_positions + n_rejected + n_repeated + n_surplus)) STRICT;
CREATE TABLE IF NOT EXISTS alert_days_due (day TEXT PRIMARY KEY) STRICT
"""


def create_statement(table: str) -> str:
    """The SQLite declaration of a contract's table, with the accounting rule where it applies."""
    contract = contracts.load(table)
    columns = []
    for column in contract.columns:
        sql_type = SQL_TYPES.get(column.type, "INTEGER" if column.type.startswith("int") else "REAL")
        columns.append(f"{column.name} {sql_type}{'' if column.nullable else ' NOT NULL'}")
    columns.append(f"PRIMARY KEY ({', '.join(contract.key)})")
    if table == "source_files":
        columns.append("CHECK (lines_in = accepted + rejected + duplicates + blank)")
    return f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)}) STRICT;"


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction: committed at the end, rolled back when anything raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        for statement in (*map(create_statement, TABLES), *OWN_TABLES.split(";")):
            connection.execute(statement)
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


@contextmanager
def only_one(state: Path, work: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock for one kind of work; `BusyError` when another process still holds it after `wait_s`. A killed run frees it."""
    state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(state / f"{work}.lock")
    try:
        lock.acquire(timeout=wait_s)
    except Timeout:
        raise BusyError(
            f"another '{work}' run is at work in {state.parent}; nothing was done, try again when it has ended"
        ) from None
    try:
        yield
    finally:
        lock.release()


def insert(connection: sqlite3.Connection, table: str, record: Mapping[str, Any]) -> None:
    """Add one row of a contract's table; lists are kept as JSON, times as ISO text."""
    names = list(record)
    values = [stored(value) for value in record.values()]
    marks = ", ".join("?" for _ in names)
    connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608 names are ours


def stored(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (list, tuple)):
        return contracts.to_json(list(value))
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()  # a file's name need not be UTF-8
    return value


def table(connection: sqlite3.Connection, name: str) -> pa.Table:
    """All rows of a contract's table, as Arrow."""
    contract = contracts.load(name)
    records = []
    for row in connection.execute(f"SELECT * FROM {name}"):  # noqa: S608 name is one of TABLES
        record = dict(row)
        for column in contract.columns:
            value = record[column.name]
            if value is None:
                continue
            if column.type == "timestamp":
                record[column.name] = datetime.fromisoformat(value)
            elif column.type == "string_list":
                record[column.name] = json.loads(value)
            elif column.type == "bool":
                record[column.name] = bool(value)
        records.append(record)
    return contracts.rows(name, records)


def known_file(connection: sqlite3.Connection, file_sha256: str) -> dict[str, Any] | None:
    """The row of a file that came in before, or None."""
    row = connection.execute("SELECT * FROM source_files WHERE file_sha256 = ?", (file_sha256,)).fetchone()
    return dict(row) if row else None


def heard_again(connection: sqlite3.Connection, file_sha256: str, file_name: str, received_at: datetime) -> None:
    """
    The same bytes came once more: nothing new is in them, but the feed is alive, and of lists that replace each other this one may be the last.
    Bytes that came under several names have the last of them.
    """
    connection.execute(
        "UPDATE source_files SET received_at = ?, file_name = max(file_name, ?) WHERE file_sha256 = ?",
        (stored(received_at), stored(file_name), file_sha256),
    )


def accepted_files(connection: sqlite3.Connection) -> list[str]:
    """SHA-256 of every accepted file, in order."""
    rows = connection.execute("SELECT file_sha256 FROM source_files WHERE state = 'accepted' ORDER BY file_sha256")
    return [row["file_sha256"] for row in rows]


def heard_until(connection: sqlite3.Connection) -> datetime:
    """The latest time of any accepted record; the beginning of time when there is none."""
    last = connection.execute("SELECT max(last_at) FROM source_files WHERE state = 'accepted'").fetchone()[0]
    return datetime.fromisoformat(last) if last else datetime.fromtimestamp(0, UTC)


TRACKED = ("reports", "static_reports")  # tables of facts that the tracks of a day are made from


def inputs(connection: sqlite3.Connection, day: str) -> dict[str, list[str]]:
    """SHA-256 of the accepted files with rows of a day, in order, by table of facts that its tracks are made from."""
    rows = connection.execute(
        "SELECT fact_table, file_sha256 FROM file_days WHERE day = ? ORDER BY file_sha256", (day,)
    )
    found: dict[str, list[str]] = {table: [] for table in TRACKED}
    for row in rows:
        if row["fact_table"] in found:
            found[row["fact_table"]].append(row["file_sha256"])
    return found


def files_of_day(connection: sqlite3.Connection, day: str) -> set[str]:
    """SHA-256 of the accepted files with records of a day, of whatever table."""
    rows = connection.execute("SELECT DISTINCT file_sha256 FROM file_days WHERE day = ?", (day,))
    return {row["file_sha256"] for row in rows}


def digest(files: Mapping[str, list[str]]) -> str:
    """One hash over the inputs of a day: files by table."""
    return hashlib.sha256(contracts.to_json(files).encode()).hexdigest()


def report_days(connection: sqlite3.Connection) -> list[str]:
    """All days with position reports, in order."""
    rows = connection.execute("SELECT DISTINCT day FROM file_days WHERE fact_table = 'reports' ORDER BY day")
    return [row["day"] for row in rows]


def is_touched(connection: sqlite3.Connection, day: str) -> bool:
    """Whether a day's files differ from those of its last run, or it rested on days that have changed since."""
    former = day_run(connection, day)
    return former is None or bool(former["is_stale"]) or former["inputs_sha256"] != digest(inputs(connection, day))


def days_touched(connection: sqlite3.Connection) -> list[str]:
    """Days with reports that are touched, in order."""
    return [day for day in report_days(connection) if is_touched(connection, day)]


def day_run(connection: sqlite3.Connection, day: str) -> dict[str, Any] | None:
    """What the last run of a day rested on and left, or None when it never ran."""
    row = connection.execute("SELECT * FROM day_runs WHERE day = ?", (day,)).fetchone()
    return dict(row) if row else None


def day_before(connection: sqlite3.Connection, day: str) -> dict[str, Any] | None:
    """The run of the last day before this one that has data, or None."""
    row = connection.execute("SELECT * FROM day_runs WHERE day < ? ORDER BY day DESC LIMIT 1", (day,)).fetchone()
    return dict(row) if row else None


def record_day(connection: sqlite3.Connection, record: Mapping[str, Any], baseline_days: int) -> None:
    """
    Replace the row of a day's run. Days that ran before and rested on what has changed now become stale: the next one on what this day leaves, those
    of the next `baseline_days` on how much its feeds said.
    """
    day = record["day"]
    former = day_run(connection, day) or {}
    connection.execute("DELETE FROM day_runs WHERE day = ?", (day,))
    insert(connection, "day_runs", record)
    if any(former.get(name) != record[name] for name in ("state_sha256", "emitted_sha256")):
        following = "SELECT min(day) FROM day_runs WHERE day > ?"
        connection.execute(f"UPDATE day_runs SET is_stale = 1 WHERE day = ({following})", (day,))  # noqa: S608
    if former.get("health_sha256") != record["health_sha256"]:
        last = str(date.fromisoformat(day) + timedelta(days=baseline_days))
        connection.execute("UPDATE day_runs SET is_stale = 1 WHERE day > ? AND day <= ?", (day, last))


def alerts_become_due(connection: sqlite3.Connection, days: Iterable[str]) -> None:
    """The events of these days are about to change: their alerts have to be made again, whatever happens to this run."""
    connection.executemany("INSERT OR IGNORE INTO alert_days_due (day) VALUES (?)", [(day,) for day in sorted(days)])


def states(connection: sqlite3.Connection) -> set[str]:
    """The names of what all days left."""
    return {row["state_sha256"] for row in connection.execute("SELECT state_sha256 FROM day_runs")}


def alert_days_due(connection: sqlite3.Connection) -> list[str]:
    """Days whose alerts have to be made again, in order."""
    return [row["day"] for row in connection.execute("SELECT day FROM alert_days_due ORDER BY day")]


def alerts_made(connection: sqlite3.Connection, days: list[str]) -> None:
    """The alerts of these days are up to date."""
    connection.executemany("DELETE FROM alert_days_due WHERE day = ?", [(day,) for day in days])


@contextmanager
def logged(path: Path, step: str, subject: str) -> Iterator[dict[str, Any]]:
    """Write a row of `runs` around a piece of work; the dict that it yields becomes the row's counts."""
    with opened(path) as connection:
        last = connection.execute("SELECT coalesce(max(run_id), 0) FROM runs").fetchone()[0]
        run = {"run_id": last + 1, "step": step, "subject": subject, "state": "running", "began_at": datetime.now(UTC)}
        insert(connection, "runs", run)
    counts: dict[str, Any] = {}
    state, detail = "failed", "killed"
    try:
        yield counts
        state, detail = "done", contracts.to_json(counts)
    except BaseException as error:
        detail = f"{type(error).__name__}: {error}"
        raise
    finally:
        with opened(path) as connection:
            connection.execute(
                "UPDATE runs SET state = ?, detail = ?, finished_at = ? WHERE run_id = ?",
                (state, detail, datetime.now(UTC).isoformat(), last + 1),
            )
