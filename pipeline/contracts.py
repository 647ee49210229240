"""
Contracts: what every table holds, from `schemas/<table>.yml`, the only place where a column is declared.

`split` stands at the door: rows from outside that conform, and a reason for each that does not.
`conform` stands inside: our own row that does not conform is a bug and raises.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from pipeline.errors import ContractError
from pipeline.reasons import REASONS

TIMESTAMP = pa.timestamp("us", tz="UTC")
ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "string_list": pa.list_(pa.string()),
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "timestamp": TIMESTAMP,
}


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, unit, range and meaning. `below` is a strict upper bound, `max` an inclusive one."""

    name: str
    type: str
    meaning: str
    unit: str | None = None
    nullable: bool = True
    min: float | None = None
    max: float | None = None
    below: float | None = None
    values: tuple[str, ...] | None = None
    reject: str | None = None

    @property
    def field(self) -> pa.Field:
        """The Arrow field with unit, range and meaning in its metadata."""
        said = {"meaning": self.meaning, "unit": self.unit, "range": self.range or None}
        metadata = {key: value for key, value in said.items() if value is not None}
        return pa.field(self.name, ARROW_TYPES[self.type], nullable=self.nullable, metadata=metadata)

    @property
    def range(self) -> str:
        """The permitted values in words, empty when all are."""
        if self.values is not None:
            return ", ".join(self.values)
        parts = []
        if self.min is not None:
            parts.append(f">= {self.min:g}")
        if self.max is not None:
            parts.append(f"<= {self.max:g}")
        if self.below is not None:
            parts.append(f"< {self.below:g}")
        return " and ".join(parts)

    def violates(self, values: pa.ChunkedArray | pa.Array) -> np.ndarray:
        """Rows [n] that break the column's own rule: null where none may be, out of range, not a listed value."""
        if pa.types.is_dictionary(values.type):
            whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
            index = np.asarray(pc.fill_null(whole.indices, -1))
            return np.asarray(np.append(self.violates(whole.dictionary), not self.nullable)[index])
        missing = np.asarray(pc.is_null(values, nan_is_null=True))
        bad = missing & (not self.nullable)
        checks = []
        if self.min is not None:
            checks.append(pc.less(values, self.min))
        if self.max is not None:
            checks.append(pc.greater(values, self.max))
        if self.below is not None:
            checks.append(pc.greater_equal(values, self.below))
        if self.values is not None:
            checks.append(pc.invert(pc.is_in(values, pa.array(self.values))))
        if self.type.startswith("float"):
            checks.append(pc.invert(pc.is_finite(values)))
        for check in checks:
            bad |= np.asarray(pc.fill_null(check, False)) & ~missing
        is_nan = np.asarray(pc.is_null(values)) != missing
        return np.asarray(bad | is_nan, dtype=bool)


@dataclass(frozen=True)
class Contract:
    """One table: what it is about, its key, its order and its columns."""

    table: str
    version: int
    about: str
    key: tuple[str, ...]
    sort: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; its metadata carries the table's name, version and meaning."""
        metadata = {"table": self.table, "schema_version": str(self.version), "meaning": self.about}
        return pa.schema([column.field for column in self.columns], metadata=metadata)

    def empty(self) -> pa.Table:
        """The table without rows."""
        return self.schema.empty_table()


def schema_folder() -> Path:
    """Where the YAML files lie: inside the installed package, or at the top of a checkout."""
    packaged = Path(__file__).parent / "schemas"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "schemas"


def tables() -> list[str]:
    """Names of all declared tables, in order."""
    return sorted(path.stem for path in schema_folder().glob("*.yml"))


@cache
def load(table: str) -> Contract:
    """The contract of a table; `ContractError` when it is not declared or not well formed."""
    path = schema_folder() / f"{table}.yml"
    if not path.is_file():
        raise ContractError(f"no schema declares the table {table!r} (looked for {path.name})")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    columns = []
    for item in document["columns"]:
        values = list(REASONS) if item.get("values") == "reasons" else item.get("values")
        item.pop("values", None)
        columns.append(Column(**item, values=tuple(values) if values else None))
    contract = Contract(
        table=document["table"],
        version=document["version"],
        about=document["about"],
        key=tuple(document["key"]),
        sort=tuple(document["sort"]),
        columns=tuple(columns),
    )
    names = {column.name for column in columns}
    unknown = [name for name in (*contract.key, *contract.sort) if name not in names]
    if contract.table != table or unknown or len(names) != len(columns):
        raise ContractError(f"{path.name}: table name, key, sort or column names do not agree: {unknown or table}")
    return contract


def split(raw: pa.Table, table: str) -> Iterator[tuple[np.ndarray, str]]:
    """
    Judge rows from outside: for each column that they break, in the order of the schema, which rows [n] of bool do, and the column's `reject` code.

    `raw` has the table's columns with their types; columns without a `reject` code are ours and are not judged.
    """
    for column in load(table).columns:
        if column.reject is not None:
            yield column.violates(raw.column(column.name)), column.reject


def conform(data: pa.Table, table: str) -> pa.Table:
    """
    The same rows with exactly the table's columns, types and metadata, in the declared order of rows; texts that come as dictionaries stay so.

    Raises `ContractError` for a missing or unknown column, a value out of range or a repeated key: our own bug.
    """
    contract = load(table)
    names = [column.name for column in contract.columns]
    if set(data.column_names) != set(names):
        missing = sorted(set(names) - set(data.column_names))
        unknown = sorted(set(data.column_names) - set(names))
        raise ContractError(f"{table}: missing columns {missing}, unknown columns {unknown}")
    data = data.select(names)
    try:  # texts may come as dictionaries, and are checked as such: each text once
        data = data.cast(pa.schema([as_it_came(data, column) for column in contract.columns]))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise ContractError(f"{table}: {error}") from error
    for column in contract.columns:
        bad = column.violates(data.column(column.name))
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            value = data.column(column.name)[row].as_py()
            raise ContractError(
                f"{table}.{column.name}: row {row} holds {value!r}, allowed is {column.range or 'any'}{'' if column.nullable else ', no null'}"
            )
    data = in_order(data, contract.sort)
    _, n_ties = order(data, contract.key)
    if n_ties:
        raise ContractError(f"{table}: the key {', '.join(contract.key)} is repeated in {n_ties} rows")
    return data.replace_schema_metadata(contract.schema.metadata)


def as_it_came(data: pa.Table, column: Column) -> pa.Field:
    """The field of a column, of dictionary type where its texts came so."""
    came = data.schema.field(column.name).type
    return column.field.with_type(came) if column.type == "string" and pa.types.is_dictionary(came) else column.field


def codes(values: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Numbers [n] in the order of the values, equal where these are equal; null comes last."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    if pa.types.is_dictionary(array.type):
        rank = np.empty(len(array.dictionary) + 1, dtype=np.int64)
        rank[np.asarray(pc.sort_indices(array.dictionary))] = np.arange(len(array.dictionary))
        rank[-1] = len(array.dictionary)
        return np.asarray(rank[np.asarray(pc.fill_null(array.indices, -1))])
    if pa.types.is_list(array.type):
        array = pa.array(["\n".join(value) if value is not None else None for value in array.to_pylist()], pa.string())
    if pa.types.is_string(array.type):
        encoded = array.dictionary_encode()
        rank = np.empty(len(encoded.dictionary) + 1, dtype=np.int64)
        rank[np.asarray(pc.sort_indices(encoded.dictionary))] = np.arange(len(encoded.dictionary))
        rank[-1] = len(encoded.dictionary)
        return np.asarray(rank[np.asarray(pc.fill_null(encoded.indices, -1))])
    if array.null_count == 0:
        return np.asarray(array)
    distinct, ranks = np.unique(np.asarray(pc.drop_null(array)), return_inverse=True)
    found = np.full(len(array), len(distinct), dtype=np.int64)
    found[np.asarray(pc.is_valid(array))] = ranks.reshape(-1)
    return found


def order(data: pa.Table, names: Sequence[str]) -> tuple[np.ndarray, int]:
    """
    (indices [n] of the rows in ascending order of these columns, number of rows equal in all of them to the row before); equal rows stay as they
    came. Columns that are the same in all rows are passed over; those after the second of the others are looked at only where the first two are equal.
    """
    n = data.num_rows
    told = ((name, codes(data.column(name))) for name in names)
    varied = [(name, key) for name, key in told if n and key.min() != key.max()]
    if not varied:
        return np.arange(n), max(n - 1, 0)
    keys = [key for _, key in varied[:2]]
    rest = [name for name, _ in varied[2:]]
    indices = np.arange(n) if ascending(keys) else np.lexsort(keys[::-1])
    ties = np.logical_and.reduce([key[indices[1:]] == key[indices[:-1]] for key in keys])
    if not rest or not ties.any():
        return indices, int(ties.sum())
    group = np.cumsum(np.append([True], ~ties))
    tied = np.flatnonzero(np.append([False], ties) | np.append(ties, [False]))
    subset = data.take(pa.array(indices[tied]))
    keys = [group[tied], *(codes(subset.column(name)) for name in rest)]
    within = np.lexsort(keys[::-1])
    indices[tied] = indices[tied][within]
    same = np.logical_and.reduce([key[within[1:]] == key[within[:-1]] for key in keys])
    return indices, int(same.sum())


def ascending(keys: Sequence[np.ndarray]) -> bool:
    """Whether rows are in order of one or two keys already."""
    first, last = keys[0], keys[-1]
    return bool(((first[1:] > first[:-1]) | ((first[1:] == first[:-1]) & (last[1:] >= last[:-1]))).all())


def in_order(data: pa.Table, names: Sequence[str]) -> pa.Table:
    """The rows in ascending order of these columns; nulls last; already sorted input is left as it is."""
    indices, _ = order(data, names)
    return data if bool((indices[1:] > indices[:-1]).all()) else data.take(pa.array(indices))


def rows(table: str, records: list[dict[str, Any]]) -> pa.Table:
    """A conforming table from Python records; keys not given are null."""
    contract = load(table)
    names = {column.name for column in contract.columns}
    for record in records:
        unknown = sorted(set(record) - names)
        if unknown:
            raise ContractError(f"{table}: unknown columns {unknown}")
    return conform(pa.Table.from_pylist(records, schema=contract.schema), table)


def to_json(document: Any) -> str:
    """JSON as Pharos stores it: sorted keys, no spaces, no NaN, so that equal content is equal bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def dictionary() -> Iterator[str]:
    """The data dictionary as lines of Markdown, one section a table."""
    yield "# Data dictionary"
    yield ""
    yield "Generated from `schemas/*.yml` by `pharos list tables --markdown`; a test compares. Times are UTC."
    for name in tables():
        contract = load(name)
        yield ""
        yield f"## {name}"
        yield ""
        yield contract.about
        yield ""
        yield f"Key: {', '.join(contract.key)}. Order: {', '.join(contract.sort)}. Schema version {contract.version}."
        yield ""
        yield "| column | type | unit | allowed | null | meaning |"
        yield "|---|---|---|---|---|---|"
        for column in contract.columns:
            null = "yes" if column.nullable else "no"
            cells = (column.name, column.type, column.unit or "", column.range, null, column.meaning)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
