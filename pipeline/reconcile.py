"""
Reconciliation: does every record that ever came in stand somewhere, and does what the ledger says agree with what lies on disk?
"""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import ledger, store
from pipeline.config import Home

SHARED_CONTRACT = {"emitted": "events"}  # tables of the lake with the columns of another


def reconcile(home: Home) -> dict[str, Any]:
    """
    Compare ledger, raw store and lake. Returns {"ok", "files", "records", "days", "problems"}; a problem is one line.

    Every file: its raw bytes have its hash, and its accepted and rejected records lie in the lake, none of one refused whole. Every day that ran:
    reports = positions + impossible fixes + repeats + surplus, and the positions lie in the lake. Every part of the lake can be read.
    """
    with ledger.opened(home.ledger) as connection:
        files = ledger.table(connection, "source_files").to_pylist()
        days = [dict(row) for row in connection.execute("SELECT * FROM day_runs ORDER BY day")]
        reports = {day["day"]: ledger.inputs(connection, day["day"]) for day in days}
        touched = set(ledger.days_touched(connection))
    in_part, records, problems = rows_in_lake(home.lake)
    accepted, rejected = Counter[str](), Counter[str]()
    for path, n in records.items():
        sha16 = file_of(path)
        if sha16:
            (rejected if path.parent.parent.name == "rejects" else accepted)[sha16] += n
    for row in files:
        sha256, name = row["file_sha256"], row["file_name"]
        kept = store.raw_path(home.raw, sha256)
        if not kept.is_file():
            problems.append(f"{name}: its raw file {kept} is missing")
        else:
            with kept.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    problems.append(f"{name}: its raw file {kept} is not what came in")
        if accepted[sha256[:16]] != row["accepted"]:
            problems.append(f"{name}: {row['accepted']} records accepted, {accepted[sha256[:16]]} in the lake")
        if rejected[sha256[:16]] != row["rejected"]:
            problems.append(f"{name}: {row['rejected']} records rejected, {rejected[sha256[:16]]} in rejects")
    for day in days:
        if day["day"] in touched:
            continue
        partition = f"day={day['day']}"
        stored = in_part[store.part_path(home.lake, "positions", partition, "all")]
        impossible = in_part[store.part_path(home.lake, "rejects", partition, "tracks")]
        parts = [
            store.part_path(home.lake, "reports", partition, sha256[:16]) for sha256 in reports[day["day"]]["reports"]
        ]
        came = sum(in_part[path] for path in parts)
        for what, said, found in (
            ("reports", day["n_reports"], came),
            ("positions", day["n_positions"], stored),
            ("impossible fixes", day["n_rejected"], impossible),
        ):
            if said != found:
                problems.append(f"{day['day']}: {said} {what} by the ledger, {found} in the lake")
    return {
        "ok": not problems,
        "files": len(files),
        "records": {
            name: sum(row[name] for row in files)
            for name in ("lines_in", "accepted", "rejected", "duplicates", "blank")
        },
        "days": len(days),
        "days_touched": sorted(touched),
        "problems": problems,
    }


def file_of(path: Path) -> str:
    """The first 16 digits of the hash of the file that brought a part; empty where it came of a day's run."""
    kind, _, name = path.parent.name.partition("=")
    if kind == "file":
        return name
    return path.stem if path.parent.parent.name in ledger.TRACKED else ""


def rows_in_lake(lake: Path) -> tuple[Counter[Path], Counter[Path], list[str]]:
    """Rows by part, records of the files by part, and a line for each part that cannot be read."""
    rows: Counter[Path] = Counter()
    records: Counter[Path] = Counter()
    problems = []
    for table in sorted(folder.name for folder in lake.iterdir()) if lake.is_dir() else []:
        for path in store.parts(lake, table):
            try:
                data = store.read([path], SHARED_CONTRACT.get(table, table))
            except (OSError, pa.ArrowException) as error:
                problems.append(f"{path.relative_to(lake)}: cannot be read: {str(error).splitlines()[0]}")
                continue
            rows[path] = records[path] = data.num_rows
            if "n_records" in data.column_names:
                records[path] = int(pc.sum(data.column("n_records")).as_py())
    return rows, records, problems
