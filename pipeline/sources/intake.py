"""
One file from the outside into the lake: kept raw, read, accounted for. All of it or nothing.

The ledger's row is written last: a file without one was not taken in, whatever lies in the lake.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, facts, incidents, ledger, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sea import Sea
from pipeline.sources import Source
from pipeline.sources.confined import confined
from pipeline.sources.reading import TRACKED, Taken

UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp", ".done")
SETTLED_S = 60.0  # own: a file not written to for this long is complete
TIMES = ("observed_at", "occurred_at", "month_at")  # the column by which a table is dated, if it is


def waiting(home: Home, now: datetime) -> list[tuple[str, Path]]:
    """(source id, path) of the complete files in `inbox/<source>/`, in order: settled, or with a `.done` marker beside them."""
    found = []
    for path in sorted(home.inbox.glob("*/*")):
        if path.name.startswith(".") or path.suffix in UNFINISHED or not path.is_file():
            continue
        settled = now.timestamp() - path.stat().st_mtime >= SETTLED_S
        if settled or path.with_name(f"{path.name}.done").exists():
            found.append((path.parent.name, path))
    return found


def strays(home: Home) -> list[Path]:
    """Files that lie in the inbox, but not in the folder of a source where they would be taken in."""
    return [
        path
        for path in sorted(home.inbox.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and len(path.relative_to(home.inbox).parts) != 2
    ]


def take(home: Home, source_id: str, path: Path, received_at: datetime, sea: Callable[[], Sea]) -> dict[str, Any]:
    """
    Take one file in. Returns its ledger row, with `fact_table`, `days` and `is_new`.

    The same bytes again are recorded as known and not read. `SourceError` when the file is refused whole: it is then kept raw and its row says
    `quarantined` and why. `sea()` opens the geography; only incidents need it.
    """
    if not path.exists():
        raise SourceError(f"{path}: no such file; nothing was taken in")
    source = sources.load(home, source_id)
    before = path.stat()
    sha256, kept, n_bytes = store.keep_raw(home.raw, path)
    if changed(path, before):
        raise SourceError(f"{path.name}: is still being written; it stays where it is, nothing of it was taken in")
    with ledger.opened(home.ledger) as connection:
        known = ledger.known_file(connection, sha256)
        if known and known["state"] == "accepted":
            clear(home, path)
            if known["source_id"] != source_id and known["lines_in"]:
                raise SourceError(
                    f"{path.name}: these bytes came in before as {known['source_id']} ({known['file_name']}); one file has one source"
                )
            ledger.heard_again(connection, sha256, path.name, received_at)
            return {**known, "fact_tables": [source.table] if source.snapshot else [], "days": [], "is_new": False}
    name = (
        known["file_name"] if known else path.name
    )  # a refused file that is tried again from the raw store keeps its name
    record: dict[str, Any] = {"file_sha256": sha256, "source_id": source_id, "file_name": name}
    record |= {"n_bytes": n_bytes, "received_at": received_at}
    try:
        taken = confined(kept, source, name, received_at)
    except SourceError as error:
        quarantine(home, record, str(error))
        clear(home, path)
        raise
    days = write(home, source, sha256, taken, sea)
    first_at, last_at = span(taken)
    record |= {
        "state": "accepted",
        "reason": None,
        "lines_in": taken.lines_in,
        "accepted": taken.accepted,
        "rejected": taken.rejected,
        "duplicates": taken.duplicates,
        "blank": taken.blank,
        "sentinels": contracts.to_json(dict(+taken.sentinels)),
        "first_at": first_at,
        "last_at": last_at,
    }
    enter(home, record, days)
    clear(home, path)
    touched = sorted({day for _, day in days})
    tables = sorted(table for table, rows in taken.tables.items() if rows.num_rows)
    return {**record, "fact_tables": tables, "days": touched, "is_new": True}


def check(home: Home, source_id: str, path: Path, received_at: datetime) -> dict[str, Any]:
    """What would become of a file, without keeping or writing anything: its counts, its rejects by reason and the first of them, its days."""
    if not path.is_file():
        raise SourceError(f"{path}: no such file")
    taken = confined(path, sources.load(home, source_id), path.name, received_at)
    first_at, last_at = span(taken)
    known = None
    if home.ledger.is_file():
        with path.open("rb") as file, ledger.opened(home.ledger) as connection:
            known = ledger.known_file(connection, hashlib.file_digest(file, "sha256").hexdigest())
    return {
        "is_new": not (known and known["state"] == "accepted"),
        "lines_in": taken.lines_in,
        "accepted": taken.accepted,
        "rejected": taken.rejected,
        "duplicates": taken.duplicates,
        "blank": taken.blank,
        "rows": {table: rows.num_rows for table, rows in sorted(taken.tables.items())},
        "reasons": dict(sorted(weights(taken).items())),
        "sentinels": dict(sorted((+taken.sentinels).items())),
        "first_at": first_at,
        "last_at": last_at,
        "rejects": [
            {"line": one.line, "item": one.item, "reason": one.reason, "raw": one.raw} for one in taken.refused[:10]
        ],
    }


def weights(taken: Taken) -> Counter[str]:
    """Records refused, by reason."""
    found: Counter[str] = Counter()
    for one in taken.refused:
        found[one.reason] += one.n_records
    return found


def time_column(table: pa.Table) -> str | None:
    """The column by which a table's rows are dated, None where they are not."""
    return next((name for name in TIMES if name in table.column_names), None)


def span(taken: Taken) -> tuple[datetime | None, datetime | None]:
    """The first and the last time in a file's rows; None where its rows are not dated."""
    dated = [(rows, time_column(rows)) for rows in taken.tables.values() if rows.num_rows]
    ends = [pc.min_max(rows.column(name)).as_py() for rows, name in dated if name]
    ends = [one for one in ends if one["min"] is not None]
    return (min(one["min"] for one in ends), max(one["max"] for one in ends)) if ends else (None, None)


def changed(path: Path, before: os.stat_result) -> bool:
    """Whether a file was written to since."""
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns)


def clear(home: Home, path: Path) -> None:
    """Remove a kept file and its `.done` marker from the inbox; a file elsewhere is the user's and stays."""
    if path.resolve().is_relative_to(home.inbox):
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.done").unlink(missing_ok=True)


def enter(home: Home, record: dict[str, Any], days: dict[tuple[str, str], int]) -> None:
    """Write the file's row and its (table, day) counts into the ledger, in one transaction; a quarantined row before it is replaced."""
    with ledger.opened(home.ledger) as connection:
        if ledger.known_file(connection, record["file_sha256"]):
            connection.execute("DELETE FROM file_days WHERE file_sha256 = ?", (record["file_sha256"],))
            connection.execute("DELETE FROM source_files WHERE file_sha256 = ?", (record["file_sha256"],))
        ledger.insert(connection, "source_files", record)
        for (table, day), n_accepted in sorted(days.items()):
            ledger.insert(
                connection,
                "file_days",
                {"file_sha256": record["file_sha256"], "fact_table": table, "day": day, "n_accepted": n_accepted},
            )


def quarantine(home: Home, record: dict[str, Any], reason: str) -> None:
    """Remember a file that was refused whole, and why; its bytes stay in the raw store."""
    zero = dict.fromkeys(("lines_in", "accepted", "rejected", "duplicates", "blank"), 0)
    enter(home, {**record, **zero, "state": "quarantined", "reason": reason, "sentinels": "{}"}, {})


def write(home: Home, source: Source, sha256: str, taken: Taken, sea: Callable[[], Sea]) -> dict[tuple[str, str], int]:
    """Write the file's parts of the lake; returns accepted records by table and day."""
    days: dict[tuple[str, str], int] = {}
    for table, rows in taken.tables.items():
        if rows.num_rows == 0:
            continue
        if table in TRACKED:
            days |= write_days(home, table, sha256, rows)
            continue
        if table == "incidents":
            rows = incidents.placed(rows, sea())
        name = time_column(rows)
        if name:
            for day, n in by_day(rows, name).items():
                days[table, day] = n
        store.write(home.lake, table, f"file={sha256[:16]}", "all", rows.select(contracts.load(table).schema.names))
    rejects = [
        {"source_id": source.source_id, "file_sha256": sha256, "stage": "ingest", "line": one.line, "item": one.item}
        | {"reason": one.reason, "n_records": one.n_records, "raw": one.raw}
        for one in taken.refused
    ]
    store.write(home.lake, "rejects", f"file={sha256[:16]}", "ingest", contracts.rows("rejects", rejects))
    return days


def write_days(home: Home, table: str, sha256: str, rows: pa.Table) -> dict[tuple[str, str], int]:
    """Write the rows of a table that is kept by day; returns accepted records by table and day."""
    rows = rows.append_column(
        "file_sha256", pa.DictionaryArray.from_arrays(np.zeros(rows.num_rows, np.int32), [sha256])
    )
    day_of = days_of(rows, "observed_at")
    found = {}
    for day in np.unique(day_of):
        here = rows if (day_of == day).all() else rows.filter(pa.array(day_of == day))
        store.write(home.lake, table, f"day={day}", sha256[:16], here)
        found[table, str(day)] = int(pc.sum(here.column("n_records")).as_py())
    return found


def days_of(rows: pa.Table, name: str) -> np.ndarray:
    """The UTC day of each row [n]."""
    return np.asarray(rows.column(name).combine_chunks().cast(pa.timestamp("us"))).astype("datetime64[D]")


def by_day(rows: pa.Table, name: str) -> dict[str, int]:
    """Records by day of a table; rows without a time are of no day."""
    dated = rows.filter(pc.is_valid(rows.column(name)))
    days, row = np.unique(days_of(dated, name), return_inverse=True)
    weight = np.asarray(dated.column("n_records"))
    return {str(day): int(weight[row == n].sum()) for n, day in enumerate(days)}


def parts(home: Home, table: str) -> list[Path]:
    """The parts of a table that came from files which the ledger knows; a killed run may have left others."""
    with ledger.opened(home.ledger) as connection:
        known = {f"file={sha256[:16]}" for sha256 in ledger.accepted_files(connection)}
    return [path for path in store.parts(home.lake, table, "file=*") if path.parent.name in known]


def published(home: Home, table: str) -> pa.Table:
    """The rows of a table of facts that are in force, over all files of all sources."""
    with ledger.opened(home.ledger) as connection:
        files = {row["file_sha256"][:16]: row for row in ledger.table(connection, "source_files").to_pylist()}
    found = []
    for path in parts(home, table):
        file = files[path.parent.name.removeprefix("file=")]
        until = str(file["last_at"] or "")
        came = (until, file["file_name"], str(file["received_at"]), file["file_sha256"])
        found.append(facts.Part(file["source_id"], *came, store.read([path], table)))
    snapshots = {name for name, source in sources.load_all(home).items() if source.snapshot}
    return facts.in_force(found, table, snapshots)
