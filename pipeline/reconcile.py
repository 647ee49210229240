"""
Reconciliation: does every record that ever came in stand somewhere, and does what the ledger says agree with what lies on disk?
"""

import hashlib
from collections import Counter
from typing import Any

import pyarrow.parquet as pq

from pipeline import ledger, store
from pipeline.config import Home


def reconcile(home: Home) -> dict[str, Any]:
    """
    Compare ledger, raw store and lake. Returns {"ok", "files", "records", "days", "problems"}; a problem is one line.

    Every accepted file: its raw bytes have its hash, and its accepted and rejected records lie in the lake. Every day that ran:
    reports = positions + impossible fixes + repeats, and the positions lie in the lake.
    """
    with ledger.opened(home.ledger) as connection:
        files = [row for row in ledger.table(connection, "source_files").to_pylist() if row["state"] == "accepted"]
        days = [dict(row) for row in connection.execute("SELECT * FROM day_runs ORDER BY day")]
        reports = {day["day"]: ledger.inputs(connection, day["day"]) for day in days}
        touched = set(ledger.days_touched(connection))
    in_lake = accepted_by_file(home)
    rejected = Counter(
        row["file_sha256"] for row in store.read(store.parts(home.lake, "rejects", "file=*"), "rejects").to_pylist()
    )
    problems = []
    for row in files:
        sha256, name = row["file_sha256"], row["file_name"]
        kept = home.raw / sha256[:2] / sha256
        if not kept.is_file():
            problems.append(f"{name}: its raw file {kept} is missing")
        elif hashlib.sha256(kept.read_bytes()).hexdigest() != sha256:
            problems.append(f"{name}: its raw file {kept} is not what came in")
        if in_lake[sha256] != row["accepted"]:
            problems.append(f"{name}: {row['accepted']} records accepted, {in_lake[sha256]} in the lake")
        if rejected[sha256] != row["rejected"]:
            problems.append(f"{name}: {row['rejected']} records rejected, {rejected[sha256]} in rejects")
    for day in days:
        if day["day"] in touched:
            continue
        partition = f"day={day['day']}"
        stored = rows_in(home, "positions", partition, "all")
        impossible = rows_in(home, "rejects", partition, "tracks")
        came = sum(rows_in(home, "reports", partition, sha256[:16]) for sha256 in reports[day["day"]])
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


def rows_in(home: Home, table: str, partition: str, part: str) -> int:
    """Rows of one part of the lake; 0 where there is none."""
    path = store.part_path(home.lake, table, partition, part)
    return int(pq.read_metadata(path).num_rows) if path.is_file() else 0


def accepted_by_file(home: Home) -> Counter[str]:
    """Accepted records in the lake, by the file that brought them."""
    found: Counter[str] = Counter()
    for table in ("reports", "incidents"):
        for path in store.parts(home.lake, table):
            names = pq.read_table(path, columns=["file_sha256"], partitioning=None).column("file_sha256")
            for row in names.value_counts().to_pylist():
                found[row["values"]] += row["counts"]
    return found
