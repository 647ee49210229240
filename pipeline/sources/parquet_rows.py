"""
Parquet rows, some ten thousand at a time.

The parser is Arrow's; the count apart from it is what the file's footer says. Texts stay; numbers become float64, decimals and whole numbers that
float64 cannot hold exactly (a batch with one beyond 2 to the 53rd) text; true and false these words; dates YYYY-MM-DD; times are UTC to the
microsecond, what is finer cut off, and a time without a zone is taken as UTC. NaN stays. A row's line is its number, from 1.

Cannot see  damage that leaves a footer or a page's header readable, or that is in a page without a checksum: the format guards nothing else
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import SourceError
from pipeline.sources import Source
from pipeline.sources.records import LONGEST_RECORD_BYTES, RAW_CHARACTERS, Records, Refused, excerpt

BATCH_ROWS = 1 << 16
MB = 1 << 20
MOST_ROW_GROUPS = 10_000  # own: one is meant to hold some 100,000 rows
TIME = pa.timestamp("us", "UTC")
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# Seconds since 1970 of the first and the last instant with a date, 0001-01-01 and 9999-12-31 (ISO 8601).
FIRST_S, LAST_S = -62_135_596_800, 253_402_300_799

# What Arrow raises about a damaged file.
UNREADABLE = (pa.ArrowException, OSError, ValueError, MemoryError, LookupError, ArithmeticError)


def read(path: Path, source: Source, name: str) -> Iterator[Records]:
    """The rows of a file; `SourceError` when its columns differ, it is damaged or encrypted, or the counts disagree."""
    n_rows = 0
    with opened(path, name) as file:
        check(file, source, name)
        batches = file.iter_batches(BATCH_ROWS, columns=source.fields, use_threads=False)
        while (batch := next_of(batches, name)) is not None:
            yield records(batch, n_rows + 1, name)
            n_rows += batch.num_rows
        if n_rows != file.metadata.num_rows:
            raise SourceError(
                f"{name}: {file.metadata.num_rows} rows by its footer, {n_rows} read; "
                "the file does not reconcile, nothing of it was taken in"
            )


def damaged(name: str, error: Exception) -> SourceError:
    """The refusal of a file that Arrow cannot read."""
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return SourceError(
        f"{name}: cannot be read as Parquet, it is damaged, encrypted or of another format: {said}; nothing of it was taken in"
    )


def opened(path: Path, name: str) -> pq.ParquetFile:
    """The file with its footer read; the checksums of pages, where they have them, are verified."""
    try:
        return pq.ParquetFile(pa.OSFile(str(path)), page_checksum_verification=True)
    except UNREADABLE as error:
        raise damaged(name, error) from error


def next_of(batches: Iterator[pa.RecordBatch], name: str) -> pa.RecordBatch | None:
    """The next batch, None after the last."""
    try:
        return next(batches, None)
    except UNREADABLE as error:
        raise damaged(name, error) from error


def check(file: pq.ParquetFile, source: Source, name: str) -> None:
    """Refuse a file whose columns are not exactly the declared ones or not of a type that is read, or whose footer declares too much."""
    assert source.parquet is not None
    try:
        schema, footer = file.schema_arrow, file.metadata
        groups = [footer.row_group(i) for i in range(min(footer.num_row_groups, MOST_ROW_GROUPS))]
        n_bytes = sum(group.total_byte_size for group in groups)
    except UNREADABLE as error:
        raise damaged(name, error) from error
    nothing = "nothing of it was taken in"
    if footer.num_row_groups > MOST_ROW_GROUPS:
        raise SourceError(
            f"{name}: {footer.num_row_groups} row groups, more than {MOST_ROW_GROUPS:,}; ask the provider for larger ones, {nothing}"
        )
    if n_bytes > source.limits.max_mb * MB:
        raise SourceError(
            f"{name}: {n_bytes // MB:,} MB unpacked, more than {source.limits.max_mb}; "
            f"split it or raise limits.max_mb of {source.source_id}, {nothing}"
        )
    if how := difference(schema.names, source.parquet.columns):
        raise SourceError(
            f"{name}: columns differ from the contract of {source.source_id}: {how}; "
            "use the source that fits or declare the new dialect in a TOML file"
        )
    for column in schema:
        if pa.types.is_nested(column.type) or (column.name in source.fields and not kind(column.type)):
            raise SourceError(
                f"{name}: column {column.name} is of type {str(column.type)[:100]}, which is not read; "
                f"ask the provider for text, numbers or times, {nothing}"
            )


def difference(found: list[str], declared: list[str]) -> str:
    """How the columns differ, empty where only their order does."""
    missing = [word for word in declared if word not in found]
    extra = sorted(set(found) - set(declared))
    twice = sorted(word for word, n_times in Counter(found).items() if n_times > 1 and word in declared)
    said = {"missing": missing, "not in the contract:": extra, "more than once": twice}
    return "; ".join(f"{how} {', '.join(words)[:200]}" for how, words in said.items() if words)


def kind(arrow_type: pa.DataType) -> str:
    """What the values of a column are: text, whole, number, time, word (what becomes text as Arrow writes it); empty when they are not read."""
    if pa.types.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    kinds = {
        "text": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
        "whole": (pa.types.is_integer,),
        "number": (pa.types.is_floating,),
        "time": (pa.types.is_timestamp,),
        "word": (pa.types.is_boolean, pa.types.is_date, pa.types.is_decimal, pa.types.is_null),
    }
    return next((found for found, among in kinds.items() if any(is_one(arrow_type) for is_one in among)), "")


def records(batch: pa.RecordBatch, first_line: int, name: str) -> Records:
    """Convert the rows of a batch, setting aside those that hold what no text or clock can."""
    try:
        columns = {column: decoded(batch.column(column)) for column in batch.schema.names}
    except UNREADABLE as error:
        raise damaged(name, error) from error
    reason = np.full(batch.num_rows, "", dtype=object)
    texts = [column for column in columns.values() if kind(column.type) == "text"]
    sizes = [np.asarray(pc.fill_null(pc.binary_length(column), 0), dtype=np.int64) for column in texts]
    reason[sum(sizes, np.zeros(batch.num_rows, dtype=np.int64)) > LONGEST_RECORD_BYTES] = "oversized_record"
    for column in columns.values():
        if kind(column.type) == "text":
            reason[(reason == "") & undecodable(column)] = "bad_encoding"
        if kind(column.type) == "time":
            reason[(reason == "") & undated(column)] = "bad_time"
    say = teller(columns)
    kept = np.flatnonzero(reason == "")
    good = (
        {column: values.take(pa.array(kept)) for column, values in columns.items()}
        if len(kept) < len(reason)
        else columns
    )
    return Records(
        pa.table({column: converted(values) for column, values in good.items()}),
        first_line + kept,
        lambda row: say(int(kept[row])),
        refused=[Refused(int(first_line + i), reason[i], say(int(i))) for i in np.flatnonzero(reason != "")],
    )


def decoded(column: pa.Array) -> pa.Array:
    """A column without its dictionary."""
    if not pa.types.is_dictionary(column.type):
        return column
    # Built again, because that looks whether the indices of a damaged file are in the dictionary.
    return pa.DictionaryArray.from_arrays(column.indices, column.dictionary).dictionary_decode()


def undecodable(column: pa.Array) -> np.ndarray:
    """Rows [n] of bool whose text is no UTF-8 or has a NUL."""
    raw = column.cast(pa.large_binary())
    bad = np.asarray(pc.fill_null(pc.match_substring(raw, b"\0"), False).to_numpy(zero_copy_only=False), dtype=bool)
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        for row, text in enumerate(raw.to_pylist()):
            try:
                (text or b"").decode()
            except UnicodeDecodeError:
                bad[row] = True
    return bad


def undated(column: pa.Array) -> np.ndarray:
    """Rows [n] of bool whose time is in no year from 1 to 9999."""
    per_second = PER_SECOND[column.type.unit]
    if per_second == PER_SECOND["ns"]:
        return np.zeros(len(column), dtype=bool)  # 64 bits reach from 1677 to 2262
    ticks = np.asarray(pc.fill_null(column.cast(pa.int64()), 0))
    return np.asarray((ticks < FIRST_S * per_second) | (ticks >= (LAST_S + 1) * per_second))


def converted(column: pa.Array) -> pa.Array:
    """A column as text, float64 or UTC time."""
    if kind(column.type) in ("text", "word"):
        return column.cast(pa.string())
    if kind(column.type) == "time":
        return column.cast(TIME, safe=False)
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:  # a whole number that float64 cannot hold
        return column.cast(pa.string())


def teller(columns: dict[str, pa.Array]) -> Callable[[int], str]:
    """What says a row as compact JSON, bounded; bytes that are no UTF-8 show as their escapes. Few batches are asked, so it prepares when it is."""

    @cache
    def prepared() -> dict[str, pa.Array]:
        return {name: sayable(column) for name, column in columns.items()}

    def say(row: int) -> str:
        said = {name: column[row].as_py() for name, column in prepared().items()}
        said = {name: excerpt(value) if isinstance(value, bytes) else value for name, value in said.items()}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))[:RAW_CHARACTERS]

    return say


def sayable(column: pa.Array) -> pa.Array:
    """A column as bytes, numbers or text."""
    match kind(column.type):
        case "text":
            return column.cast(pa.large_binary())
        case "whole":
            return column
        case "number":
            return column.cast(pa.float64())
        case "time":  # without its zone, for a file may name one that nobody knows
            return column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
        case _:
            return column.cast(pa.string())
