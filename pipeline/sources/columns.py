"""
From a file's text fields to a table's typed columns: units converted, the provider's words for "unknown" nulled and counted,
and a reason for every row whose text is not what the contract says. Nothing is guessed.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, units
from pipeline.sources import ColumnMap, Source

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)$"
FALLBACK_REASON = "bad_number"


@dataclass
class Judged:
    """Rows under judgement: `reason` [n] is empty while nothing speaks against a row; the first reason found stays."""

    reason: np.ndarray
    sentinels: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, n_rows: int) -> "Judged":
        """Nothing found yet."""
        return cls(np.full(n_rows, "", dtype=object))

    def refuse(self, bad: np.ndarray, reason: str) -> None:
        """Give these rows [n] of bool the reason, unless they have one."""
        self.reason[bad & (self.reason == "")] = reason

    @property
    def accepted(self) -> np.ndarray:
        """Rows [n] without a reason."""
        return np.asarray(self.reason == "")


def typed(fields: pa.Table, source: Source, judged: Judged) -> dict[str, pa.Array]:
    """The columns that the source maps, by name, in the order of the schema; rows that cannot be read get a reason."""
    found = {}
    for column in contracts.load(source.table).columns:
        mapped = source.columns.get(column.name)
        if mapped is None:
            continue
        text = pc.utf8_trim_whitespace(fields.column(mapped.field).combine_chunks())
        text = pc.if_else(pc.equal(text, ""), None, text)
        if mapped.unknown:
            unknown = pc.is_in(text, pa.array(mapped.unknown))
            judged.sentinels[column.name] += pc.sum(unknown).as_py() or 0
            text = pc.if_else(unknown, None, text)
        text = our_words(text, mapped)
        if column.type == "timestamp":
            values, unreadable = times(text, mapped.time or "")
        elif column.type == "string":
            values, unreadable = text, np.zeros(len(text), dtype=bool)
        else:
            values, unreadable = numbers(text, mapped, column, judged)
        judged.refuse(unreadable, column.reject or FALLBACK_REASON)
        found[column.name] = values
    return found


def true_where(mask: pa.Array) -> np.ndarray:
    """A mask as bool [n]; null is false."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=bool)


def numbers(text: pa.Array, mapped: ColumnMap, column: contracts.Column, judged: Judged) -> tuple[pa.Array, np.ndarray]:
    """Numbers in the column's unit; sentinels nulled and counted. Also the rows [n] whose text is no plain decimal number."""
    readable = pc.match_substring_regex(text, NUMBER)
    values = pc.add(pc.cast(pc.if_else(readable, text, None), pa.float64()), 0.0)  # -0 becomes 0
    if mapped.sentinels:
        unknown = pc.is_in(values, pa.array(mapped.sentinels, pa.float64()))
        judged.sentinels[column.name] += pc.sum(unknown).as_py() or 0
        values = pc.if_else(unknown, None, values)
    factor = units.FACTORS[mapped.unit, column.unit] if mapped.unit and column.unit else 1.0
    if factor != 1.0:
        values = pc.multiply(values, factor)
    unreadable = true_where(pc.invert(readable))
    arrow_type = contracts.ARROW_TYPES[column.type]
    if pa.types.is_integer(arrow_type):
        limit = 2 ** (arrow_type.bit_width - 1)
        whole = pc.and_(pc.equal(values, pc.round(values)), pc.less(pc.abs(values), limit))
        unreadable |= true_where(pc.invert(whole))
        values = pc.if_else(whole, values, None)
    return pc.cast(values, arrow_type, safe=False), unreadable


def times(text: pa.Array, form: str) -> tuple[pa.Array, np.ndarray]:
    """UTC times of exactly this form (strptime's words), and the rows [n] that have another, such as a 30th of February."""
    values = pc.strptime(text, format=form, unit="us", error_is_null=True)
    again = pc.strftime(pc.cast(values, pa.timestamp("s")), format=form)
    exact = pc.fill_null(pc.equal(again, text), False)
    values = pc.if_else(exact, values, None)
    return pc.assume_timezone(pc.cast(values, pa.timestamp("us")), "UTC"), true_where(
        pc.and_(pc.is_valid(text), pc.invert(exact))
    )


def our_words(text: pa.Array, mapped: ColumnMap) -> pa.Array:
    """Texts without the provider's prefix, in our words where the source maps them; a prefix that is missing is left alone."""
    if mapped.prefix:
        starts = pc.starts_with(text, mapped.prefix)
        text = pc.if_else(starts, pc.utf8_slice_codeunits(text, len(mapped.prefix)), text)
        text = pc.if_else(pc.equal(text, ""), None, text)
    for theirs, ours in mapped.words.items():
        text = pc.if_else(pc.equal(text, theirs), ours, text)
    return text


def repeated(table: pa.Table, group: list[str], content: list[str]) -> np.ndarray:
    """
    Rows [n] that repeat an earlier row: equal in all `content` columns. `group` are a few of them that rarely agree otherwise, so
    that whole rows are compared only where these do.
    """
    codes = []
    for name in group:
        values = table.column(name).combine_chunks()
        codes.append(np.asarray(pc.fill_null(values.dictionary_encode().indices, -1)))
    order = np.lexsort(codes[::-1])
    same_group = np.ones(len(order) - 1, dtype=bool) if len(order) else np.zeros(0, dtype=bool)
    for code in codes:
        same_group &= code[order[1:]] == code[order[:-1]]
    repeats = np.zeros(table.num_rows, dtype=bool)
    suspects = (
        np.flatnonzero(np.concatenate((same_group, [False])) | np.concatenate(([False], same_group)))
        if len(order)
        else order
    )
    if not len(suspects):
        return repeats
    at = np.sort(order[suspects])
    seen: set[tuple[object, ...]] = set()
    for row, values in zip(
        at, zip(*(table.column(name).take(at).to_pylist() for name in content), strict=True), strict=True
    ):
        repeats[row] = values in seen
        seen.add(values)
    return repeats
