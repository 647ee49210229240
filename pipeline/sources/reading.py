"""
One file, from its bytes to judged rows: unpacked, read by its format, typed, judged, freed of what it says twice, and every record accounted for.

It runs in the child process of `confined`, holds nothing but the file and its source, and writes nothing but what it was given a folder for.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, facts, incidents, positions, registers
from pipeline.errors import SourceError
from pipeline.reasons import REASONS
from pipeline.sources import Source, archives, delimited, json_records, nmea, parquet_rows
from pipeline.sources.columns import Coded, Judged, field_of, repeats
from pipeline.sources.records import Records, Refused

FORMATS: dict[str, Callable[[Path, Source, str], Iterator[Records]]] = {
    "delimited": delimited.read,
    "json": json_records.read,
    "parquet": parquet_rows.read,
    "nmea": nmea.read,
}
TABLES: dict[str, Callable[[pa.Table, Source, Judged, datetime, str], pa.Table]] = {
    "reports": positions.from_fields,
    "static_reports": positions.from_fields,
    "detections": facts.from_fields,
    "incidents": incidents.from_fields,
    "route_counts": facts.from_fields,
    "vessel_register": registers.from_fields,
    "watch_list": registers.from_fields,
    "ports": facts.from_fields,
    "anchorages": facts.from_fields,
    "mids": facts.from_fields,
}
TRACKED = ("reports", "static_reports")


@dataclass
class Taken:
    """What was read from one file: accepted rows by table, what was refused, and the counts that must reconcile."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    lines_in: int = 0
    accepted: int = 0
    duplicates: int = 0
    blank: int = 0
    sentinels: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        """Records that were refused."""
        return sum(one.n_records for one in self.refused)


def read(path: Path, source: Source, name: str, received_at: datetime, folder: Path) -> Taken:
    """
    Read and judge every record of a file; archives are unpacked into `folder`. `SourceError` when the file is refused whole.

    Records of the members of an archive are numbered through: a line counts on from the member before.
    """
    taken = Taken()
    blocks: dict[str, list[pa.Table]] = {table: [empty(table)] for table in tables_of(source)}
    if path.stat().st_size > source.limits.max_mb << 20:
        raise SourceError(
            f"{name}: larger than the {source.limits.max_mb} MB that {source.source_id} allows; split it or raise limits.max_mb"
        )
    before = 0
    members = archives.unpacked(path, folder, name, source.limits.max_mb << 20)
    for member, unpacked in members:
        until_here = taken.lines_in
        shown = name if len(members) == 1 else f"{name}: {member}"
        for records in FORMATS[source.format](unpacked, source, shown):
            take(records, source, received_at, before, taken, blocks)
        if len(members) > 1:
            before += taken.lines_in - until_here if source.parquet else n_lines(unpacked)
        if unpacked != path:
            unpacked.unlink()
    for table, parts in blocks.items():
        rows = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        taken.tables[table] = without_repeats(rows, table, taken)
        taken.accepted += weight(taken.tables[table])
    if source.names_people:
        taken.refused = [replace(one, raw="") for one in taken.refused]
    taken.refused.sort(key=lambda one: (one.line, one.item))
    stand = taken.accepted + taken.rejected + taken.duplicates + taken.blank
    if taken.lines_in != stand:
        raise SourceError(
            f"{name}: {taken.lines_in} records by count, {stand} accounted for; the file does not reconcile, nothing of it was taken in"
        )
    check_share(taken, source, name)
    if source.snapshot and not taken.accepted:
        raise SourceError(
            f"{name}: no entry of it can be taken in, and an empty list would take off all that {source.source_id} has; send it again whole"
        )
    return taken


def tables_of(source: Source) -> tuple[str, ...]:
    """The tables that a source's records become rows of."""
    return TRACKED if source.static else (source.table,)


def empty(table: str) -> pa.Table:
    """The table without rows, as blocks have it."""
    return with_origin(facts.assemble(table, {}, 0), [np.zeros(0, np.int64)] * 3, [])


def n_lines(path: Path) -> int:
    """Physical lines of a file."""
    with path.open("rb") as file:
        found, last = 0, b"\n"
        while chunk := file.read(1 << 24):
            found, last = found + chunk.count(b"\n"), chunk[-1:]
    return found + (last != b"\n")


def take(
    records: Records,
    source: Source,
    received_at: datetime,
    before: int,
    taken: Taken,
    blocks: dict[str, list[pa.Table]],
) -> None:
    """Judge a block of records: accepted rows go to `blocks`, everything is counted in `taken`."""
    taken.lines_in += records.lines_in
    taken.blank += records.n_blank
    taken.refused += [replace(one, line=one.line + before) for one in records.refused]
    says_who = np.zeros(len(records.line), dtype=bool)
    if source.static:
        said = Coded.of(field_of(records.fields, source.static.field))
        says_who = said.has(pc.is_in(said.values, pa.array(source.static.values)))
    for table in tables_of(source):
        at = np.flatnonzero(says_who == (table == "static_reports"))
        if not len(at):
            continue
        fields = records.fields if len(at) == len(says_who) else records.fields.take(pa.array(at))
        judged = Judged.of(len(at))
        if source.only:
            kind = Coded.of(field_of(fields, source.only.field))
            judged.refuse(~kind.has(pc.is_in(kind.values, pa.array(source.only.values))), "not_a_vessel")
        data = TABLES[table](fields, source, judged, received_at, table)
        origin = [records.line[at] + before, records.items[at], records.weights[at]]
        taken.refused += [
            Refused(
                int(origin[0][i]), judged.reason(int(i)), records.raw(int(at[i])), int(origin[1][i]), int(origin[2][i])
            )
            for i in np.flatnonzero(~judged.accepted)
        ]
        taken.sentinels += judged.sentinels
        raws = [records.raw(int(i)) for i in at] if table not in TRACKED else []
        data = with_origin(data, origin, raws)
        blocks[table].append(data if judged.accepted.all() else data.filter(pa.array(judged.accepted)))


def with_origin(data: pa.Table, origin: list[np.ndarray], raws: list[str]) -> pa.Table:
    """Rows with where they came from: line, item, how many records, and for facts that are not tracked what the record was."""
    names, types = ("line", "item", "n_records"), (pa.int64(), pa.int32(), pa.int32())
    for name, values, arrow_type in zip(names, origin, types, strict=True):
        data = data.append_column(name, pa.array(values, arrow_type))
    return data if "vessel_key" in data.column_names else data.append_column("raw", pa.array(raws, pa.string()))


def without_repeats(rows: pa.Table, table: str, taken: Taken) -> pa.Table:
    """The rows in order of their thing, each content once; what says the same again is counted, what says something else of it is refused."""
    if table == "route_counts":
        return summed(rows, taken)
    group = ["vessel_key", "observed_at"] if table in TRACKED else list(contracts.load(table).key)
    keys = [contracts.codes(rows.column(name)) for name in group]
    order = np.lexsort(keys[::-1])
    same = (
        np.logical_and.reduce([key[order[1:]] == key[order[:-1]] for key in keys]) if len(order) else order.astype(bool)
    )
    rows = rows.take(pa.array(order))
    content = [name for name in rows.column_names if name not in (*facts.OF_THE_FILE, "raw")]
    again = repeats(rows, same, content)
    if again.any():
        taken.duplicates += weight(rows.filter(pa.array(again)))
        rows = rows.filter(pa.array(~again))
    if table in TRACKED:
        return rows
    keys = [contracts.codes(rows.column(name)) for name in group]
    other = np.append(False, np.logical_and.reduce([key[1:] == key[:-1] for key in keys])) if rows.num_rows else again
    for row in rows.filter(pa.array(other)).to_pylist():
        taken.refused.append(Refused(row["line"], "conflicting_reference", row["raw"], row["item"], row["n_records"]))
    return rows.filter(pa.array(~other))


def summed(rows: pa.Table, taken: Taken) -> pa.Table:
    """Monthly counts summed over everything that the table does not say; the same record twice counts once."""
    record = contracts.codes(rows.column("raw"))
    _, first = np.unique(record, return_index=True)
    taken.duplicates += rows.num_rows - len(first)
    key = ["source_id", "route", "border", "month_at"]
    kept = rows.take(pa.array(np.sort(first)))
    plain = kept.set_column(0, "source_id", kept.column("source_id").cast(pa.string()))
    for name in ("route", "border"):
        plain = plain.set_column(plain.column_names.index(name), name, plain.column(name).cast(pa.string()))
    total = plain.group_by(key, use_threads=False).aggregate([("n_people", "sum"), ("n_records", "sum")])
    return total.rename_columns([*key, "n_people", "n_records"])


def weight(rows: pa.Table) -> int:
    """Records of the file that these rows stand for."""
    return int(pc.sum(rows.column("n_records")).as_py() or 0)


def check_share(taken: Taken, source: Source, name: str) -> None:
    """Refuse a file of which more was faulty than the source allows; what is ordinary on the medium does not count."""
    n_records = taken.lines_in - taken.blank
    faulty: Counter[str] = Counter()
    for one in taken.refused:
        if not REASONS[one.reason].ordinary:
            faulty[one.reason] += one.n_records
    total = sum(faulty.values())
    if not total or total <= min(1, n_records - 1) or total / n_records <= source.limits.max_reject_share:
        return
    most, count = min(faulty.items(), key=lambda item: (-item[1], item[0]))
    line = next(one.line for one in taken.refused if one.reason == most)
    raise SourceError(
        f"{name}: {total} of {n_records} records faulty, more than the {source.limits.max_reject_share:.0%} that "
        f"{source.source_id} allows; most often {most} ({REASONS[most].means}): {count}, first on line {line}; {REASONS[most].do}; "
        "nothing of it was taken in"
    )
