"""
Facts: from a provider's fields to the rows of a table, whatever the table; and which rows are in force when several files say something of one thing.

Where the source has a reference of its own, a row's id is a hash of source and reference, so that the same thing reported again, in the same file or
a later one, is one row.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from pipeline import contracts
from pipeline.sources import Source
from pipeline.sources.columns import TEXT, Coded, Judged, typed

OF_THE_FILE = ("file_sha256", "line", "item", "n_records")  # columns that say where a row came from


def from_fields(fields: pa.Table, source: Source, judged: Judged, received_at: datetime, table: str) -> pa.Table:
    """Rows [n] of a table with the columns that say what was reported; rows not to be believed get a reason in `judged`."""
    columns = typed(fields, source, judged, table)
    return judge(with_id(table, columns, fields.num_rows, source), table, judged)


def with_id(table: str, columns: dict[str, pa.Array], n_rows: int, source: Source, **own: pa.Array | str) -> pa.Table:
    """`assemble`, with the hash of source and reference as the table's key where it has one."""
    key = contracts.load(table).key
    if len(key) == 1 and "source_ref" in columns:
        ref = Coded.of(columns["source_ref"])
        ids = [row_id(table, source.source_id, one) for one in ref.values.to_pylist()]
        own[key[0]] = ref.with_values(pa.array(ids, pa.string())).array
    return assemble(table, columns, n_rows, source_id=source.source_id, **own)


def row_id(table: str, source_id: str, source_ref: str | None) -> str | None:
    """The id of a row: a hash of its table, source and reference; None without one."""
    if source_ref is None:
        return None
    word = "incident" if table == "incidents" else table
    return hashlib.sha256(f"{word}\n{source_id}\n{source_ref}".encode()).hexdigest()[:16]


def assemble(table: str, columns: dict[str, pa.Array], n_rows: int, **own: pa.Array | str) -> pa.Table:
    """All columns of a table but those about the file, texts as dictionaries: read ones, our own, and nulls for what the source does not have."""
    arrays = {}
    for column in contracts.load(table).columns:
        if column.name in OF_THE_FILE:
            continue
        value = own.get(column.name, columns.get(column.name))
        arrow_type = TEXT if column.type == "string" else contracts.ARROW_TYPES[column.type]
        if isinstance(value, str):
            zeros = pa.array(np.zeros(n_rows, dtype=np.int32))
            arrays[column.name] = pa.DictionaryArray.from_arrays(zeros, pa.array([value]))
        elif value is None:
            arrays[column.name] = pa.nulls(n_rows, arrow_type)
        else:
            arrays[column.name] = value.dictionary_encode() if pa.types.is_string(value.type) else value
    return pa.table(arrays)


def judge(data: pa.Table, table: str, judged: Judged) -> pa.Table:
    """Give a reason to every row that breaks the table's contract; the rows come back as they were."""
    for broken, reason in contracts.split(data, table):
        judged.refuse(broken, reason)
    return data


@dataclass(frozen=True)
class Part:
    """What one file brought of a table; `until` is the latest time in it."""

    source_id: str
    until: str
    file_name: str
    received_at: str
    file_sha256: str
    rows: pa.Table

    def order(self, is_snapshot: bool) -> tuple[str, ...]:
        """Later files come later, however they arrived; of whole lists that come under one name, the one that came last."""
        if is_snapshot:
            return self.file_name, self.received_at, self.file_sha256
        return self.until, self.file_name, self.file_sha256


def in_force(parts: Iterable[Part], table: str, snapshots: set[str]) -> pa.Table:
    """
    Each thing once: as the later file says, when several files of its source have it. Of a source in `snapshots` every file is the whole list, and
    only the last one counts.
    """
    ordered = sorted(parts, key=lambda part: (part.source_id, part.order(part.source_id in snapshots)))
    last = {part.source_id: part for part in ordered}
    kept = [part for part in ordered if part.source_id not in snapshots or part is last[part.source_id]]
    contract = contracts.load(table)
    rows = pa.concat_tables([contract.empty(), *(part.rows.select(contract.schema.names) for part in reversed(kept))])
    if rows.num_rows == 0:
        return rows
    keys = [contracts.codes(rows.column(name)) for name in contract.key]
    order = np.lexsort(keys[::-1])  # stable: of equal keys the row of the latest file comes first
    again = np.logical_and.reduce([key[order[1:]] == key[order[:-1]] for key in keys])
    return contracts.in_order(rows.take(pa.array(order[np.append(True, ~again)])), contract.sort)
