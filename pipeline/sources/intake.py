"""
One file from the outside into the lake: kept raw, read, judged, accounted for. All of it or nothing.

The ledger's row is written last: a file without one was not taken in, whatever lies in the lake.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, incidents, ledger, positions, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sea import Sea
from pipeline.sources import Source, delimited
from pipeline.sources.columns import Judged, repeated

UNFINISHED = (".part", ".tmp", ".done")
SETTLED_S = 5.0  # own: a file not written to for this long is complete


@dataclass
class Taken:
    """What was read from one file: accepted rows, rejects (line, reason, raw) and the counts that must reconcile."""

    rows: pa.Table
    rejects: list[tuple[int, str, str]]
    lines_in: int
    duplicates: int
    blank: int
    sentinels: Counter[str]


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
    sha256, _, n_bytes = store.keep_raw(home.raw, path)
    with ledger.opened(home.ledger) as connection:
        known = ledger.known_file(connection, sha256)
        if known and known["state"] == "accepted":
            clear(home, path)
            if known["source_id"] != source_id:
                raise SourceError(
                    f"{path.name}: these bytes came in before as {known['source_id']} ({known['file_name']}); one file has one source"
                )
            return {**known, "fact_table": source.table, "days": [], "is_new": False}
    record: dict[str, Any] = {"file_sha256": sha256, "source_id": source_id, "file_name": path.name, "n_bytes": n_bytes}
    try:
        taken = read(home, source, path.name, sha256, received_at, sea)
        check_share(taken, source, path.name)
    except SourceError as error:
        quarantine(home, record, str(error))
        clear(home, path)
        raise
    days = write(home, source, sha256, taken)
    times = taken.rows.column(time_column(source))
    record |= {
        "state": "accepted",
        "reason": None,
        "lines_in": taken.lines_in,
        "accepted": taken.rows.num_rows,
        "rejected": len(taken.rejects),
        "duplicates": taken.duplicates,
        "blank": taken.blank,
        "sentinels": contracts.to_json(dict(taken.sentinels)),
        "first_at": pc.min(times).as_py(),
        "last_at": pc.max(times).as_py(),
    }
    enter(home, record, source.table, days)
    clear(home, path)
    return {**record, "fact_table": source.table, "days": sorted(days), "is_new": True}


def clear(home: Home, path: Path) -> None:
    """Remove a kept file and its `.done` marker from the inbox; a file elsewhere is the user's and stays."""
    if path.resolve().is_relative_to(home.inbox):
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.done").unlink(missing_ok=True)


def enter(home: Home, record: dict[str, Any], fact_table: str, days: dict[str, int]) -> None:
    """Write the file's row and its days into the ledger, in one transaction; a quarantined row before it is replaced."""
    with ledger.opened(home.ledger) as connection:
        if ledger.known_file(connection, record["file_sha256"]):
            connection.execute("DELETE FROM file_days WHERE file_sha256 = ?", (record["file_sha256"],))
            connection.execute("DELETE FROM source_files WHERE file_sha256 = ?", (record["file_sha256"],))
        ledger.insert(connection, "source_files", record)
        for day, n_accepted in sorted(days.items()):
            ledger.insert(
                connection,
                "file_days",
                {"file_sha256": record["file_sha256"], "fact_table": fact_table, "day": day, "n_accepted": n_accepted},
            )


def quarantine(home: Home, record: dict[str, Any], reason: str) -> None:
    """Remember a file that was refused whole, and why; its bytes stay in the raw store."""
    zero = dict.fromkeys(("lines_in", "accepted", "rejected", "duplicates", "blank"), 0)
    enter(home, {**record, **zero, "state": "quarantined", "reason": reason, "sentinels": "{}"}, "", {})


def read(home: Home, source: Source, name: str, sha256: str, received_at: datetime, sea: Callable[[], Sea]) -> Taken:
    """Read and judge every record of a kept file."""
    accepted: list[pa.Table] = []
    rejects: list[tuple[int, str, str]] = []
    sentinels: Counter[str] = Counter()
    blank = lines_in = 0
    batches = delimited.read(store.raw_path(home.raw, sha256), source, name)
    for records in chain(batches, [delimited.no_records(source)]):  # a header alone is a sensor that saw nothing
        judged = Judged.of(records.fields.num_rows)
        if source.table == "reports":
            data = positions.from_fields(records.fields, source, judged, received_at)
        else:
            data = incidents.from_fields(records.fields, source, judged, sea())
        lines_in += len(judged.reason) + len(records.rejects) + records.n_blank
        blank += records.n_blank
        rejects += records.rejects
        rejects += [
            (int(records.line[i]), judged.reason[i], records.raw(int(i))) for i in np.flatnonzero(~judged.accepted)
        ]
        sentinels += judged.sentinels
        data = data.append_column("file_sha256", pa.repeat(sha256, data.num_rows))
        data = data.append_column("line", pa.array(records.line))
        accepted.append(data.filter(pa.array(judged.accepted)))
    rows = pa.concat_tables(accepted)
    module = positions if source.table == "reports" else incidents
    repeats = repeated(rows, module.GROUP, module.CONTENT)
    rows = rows.filter(pa.array(~repeats))
    if source.table == "incidents":
        conflicts = repeated(rows, incidents.GROUP, incidents.GROUP)
        raw = raw_records(home, sha256, rows.column("line").filter(pa.array(conflicts)).to_pylist())
        rejects += [(line, "conflicting_reference", text) for line, text in raw.items()]
        rows = rows.filter(pa.array(~conflicts))
    return Taken(rows, sorted(rejects), lines_in, int(repeats.sum()), blank, sentinels)


def check_share(taken: Taken, source: Source, name: str) -> None:
    """Refuse a file of which more was rejected than the source allows."""
    n_records = taken.lines_in - taken.blank
    if len(taken.rejects) <= 1 or len(taken.rejects) / n_records <= source.limits.max_reject_share:
        return
    reasons = Counter(reason for _, reason, _ in taken.rejects)
    most, count = min(reasons.items(), key=lambda item: (-item[1], item[0]))
    line = next(line for line, reason, _ in taken.rejects if reason == most)
    raise SourceError(
        f"{name}: {len(taken.rejects)} of {n_records} records rejected, more than the {source.limits.max_reject_share:.0%} that "
        f"{source.source_id} allows; most often {most} ({count}, first on line {line}); nothing of it was taken in"
    )


def time_column(source: Source) -> str:
    """The column by which the source's table is dated."""
    return "observed_at" if source.table == "reports" else "occurred_at"


def write(home: Home, source: Source, sha256: str, taken: Taken) -> dict[str, int]:
    """Write the file's parts of the lake; returns accepted rows by day."""
    rows = taken.rows
    day_of = np.asarray(rows.column(time_column(source)).combine_chunks().cast(pa.timestamp("us"))).astype(
        "datetime64[D]"
    )
    days = {str(day): int(n) for day, n in zip(*np.unique(day_of, return_counts=True), strict=True)}
    if source.table == "reports":
        for day in days:
            store.write(
                home.lake, "reports", f"day={day}", sha256[:16], rows.filter(pa.array(day_of == np.datetime64(day)))
            )
    else:
        store.write(home.lake, "incidents", f"file={sha256[:16]}", "all", rows.drop_columns("line"))
    rejects = [
        {
            "source_id": source.source_id,
            "file_sha256": sha256,
            "line": line,
            "stage": "ingest",
            "reason": reason,
            "raw": raw,
        }
        for line, reason, raw in taken.rejects
    ]
    store.write(home.lake, "rejects", f"file={sha256[:16]}", "ingest", contracts.rows("rejects", rejects))
    return days


def parts(home: Home, table: str) -> list[Path]:
    """The parts of a table that came from files which the ledger knows; a killed run may have left others."""
    with ledger.opened(home.ledger) as connection:
        known = {f"file={sha256[:16]}" for sha256 in ledger.accepted_files(connection)}
    return [path for path in store.parts(home.lake, table, "file=*") if path.parent.name in known]


def raw_records(home: Home, file_sha256: str, lines: list[int]) -> dict[int, str]:
    """The records of a kept file that begin on these physical lines, bounded; records of one line each."""
    wanted = set(lines)
    with store.raw_path(home.raw, file_sha256).open("rb") as file:
        return {
            number: delimited.excerpt(text.rstrip(b"\r\n"))
            for number, text in enumerate(file, start=1)
            if number in wanted
        }
