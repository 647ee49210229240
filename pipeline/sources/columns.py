"""
From a file's fields to a table's typed columns: units converted, the provider's words for "unknown" nulled and counted, and a reason for every row
whose text is not what the contract says. Nothing is guessed.

Texts are looked at once each, not once a row: a day of AIS has a million rows, but some thousand vessels, seconds and speeds.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts, units
from pipeline.sources import ColumnMap, Source
from pipeline.sources.narrative import screened

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
FIRST_YEAR = pa.scalar(datetime(1, 1, 1), pa.timestamp("us"))
TEXT = pa.dictionary(pa.int32(), pa.string())  # how texts are held
FALLBACK_REASON = "bad_number"
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}  # microseconds in one
FARTHEST_US = 253_402_300_800e6  # the year 10000: no clock shows it


@dataclass
class Judged:
    """Rows under judgement: a row has no reason while nothing speaks against it; the first reason found stays."""

    code: np.ndarray
    names: list[str] = field(default_factory=lambda: [""])
    sentinels: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, n_rows: int) -> "Judged":
        """Nothing found yet."""
        return cls(np.zeros(n_rows, dtype=np.int16))

    def refuse(self, bad: np.ndarray, reason: str) -> None:
        """Give these rows [n] of bool the reason, unless they have one."""
        if not bad.any():
            return
        if reason not in self.names:
            self.names.append(reason)
        self.code[bad & (self.code == 0)] = self.names.index(reason)

    def reason(self, row: int) -> str:
        """The reason of a row, empty when it has none."""
        return self.names[int(self.code[row])]

    @property
    def accepted(self) -> np.ndarray:
        """Rows [n] without a reason."""
        return np.asarray(self.code == 0)


@dataclass(frozen=True)
class Coded:
    """A column of text: its different values, and the number of each row's value [n], -1 where it has none."""

    values: pa.Array
    index: np.ndarray

    @classmethod
    def of(cls, column: pa.Array) -> "Coded":
        """Any column as text: trimmed, and null where nothing is stated."""
        if pa.types.is_floating(column.type):
            said = [
                None if one is None else f"{one + 0.0:.0f}" if one.is_integer() else repr(one)
                for one in column.to_pylist()
            ]
            column = pa.array(said, pa.string())
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        index = np.asarray(pc.fill_null(column.indices.cast(pa.int32()), -1))
        values = pc.utf8_trim_whitespace(column.dictionary.cast(pa.string()))
        return cls(pc.if_else(pc.equal(values, ""), None, values), index)

    def with_values(self, values: pa.Array) -> "Coded":
        """The same rows with other values, which may be null."""
        return Coded(values, self.index)

    def has(self, mask: pa.Array) -> np.ndarray:
        """Rows [n] whose value the mask over the values marks; rows without a value are not."""
        return np.asarray(np.append(true_where(mask), False)[self.index])

    @property
    def missing(self) -> np.ndarray:
        """Rows [n] that state nothing."""
        return np.asarray(np.append(np.asarray(pc.is_null(self.values)), True)[self.index])

    @property
    def array(self) -> pa.DictionaryArray:
        """The column as a dictionary in which no value is null or stands twice."""
        again = self.values.dictionary_encode()
        index = np.append(np.asarray(pc.fill_null(again.indices, -1)), -1)[self.index].astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(index, mask=index < 0), again.dictionary)


def true_where(mask: pa.Array) -> np.ndarray:
    """A mask as bool [n]; null is false."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=bool)


def field_of(fields: pa.Table, name: str) -> pa.Array:
    """A field of the records, in one piece."""
    column = fields.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def stated(fields: pa.Table, mapped: ColumnMap) -> np.ndarray:
    """Rows [n] in which the fields of a column state something."""
    said = np.zeros(fields.num_rows, dtype=bool)
    for name in mapped.sources:
        column = field_of(fields, name)
        is_text = pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)
        said |= ~Coded.of(column).missing if is_text else np.asarray(pc.is_valid(column))
    return said | (mapped.constant is not None)


def typed(fields: pa.Table, source: Source, judged: Judged, table: str) -> dict[str, pa.Array]:
    """The columns of a table that the source maps, by name, in the order of the schema; rows that cannot be read get a reason."""
    found = {}
    for column in contracts.load(table).columns:
        mapped = source.columns.get(column.name)
        if mapped is None:
            continue
        values, unreadable = read(fields, mapped, column, judged)
        judged.refuse(unreadable, column.reject or FALLBACK_REASON)
        found[column.name] = values
        if isinstance(mapped.time, dict):
            found["time_precision"] = precision(fields, mapped)
    return found


def read(fields: pa.Table, mapped: ColumnMap, column: contracts.Column, judged: Judged) -> tuple[pa.Array, np.ndarray]:
    """One column's values [n], and the rows [n] whose text is not what was declared."""
    if mapped.constant is not None:
        text = Coded(pa.array([mapped.constant]), np.zeros(fields.num_rows, dtype=np.int32))
    else:
        plain = field_of(fields, mapped.sources[0])
        if is_number(column) and (pa.types.is_floating(plain.type) or pa.types.is_integer(plain.type)):
            return numbers(plain, np.zeros(len(plain), dtype=bool), mapped, column, judged)
        if column.type == "timestamp" and pa.types.is_timestamp(plain.type):
            return plain.cast(contracts.TIMESTAMP), np.zeros(len(plain), dtype=bool)
        text = text_of(fields, mapped, column.name, judged)
    nothing = np.zeros(fields.num_rows, dtype=bool)
    if mapped.in_text:
        return pa.nulls(fields.num_rows, contracts.ARROW_TYPES[column.type]), nothing
    if column.type == "timestamp":
        values, bad = times(text.values, mapped)
        if mapped.zone != "UTC":
            twice = pc.and_(pc.is_valid(shown(text.values, mapped)), pc.is_null(values))
            judged.refuse(text.has(twice), "ambiguous_time")
        return taken(values, text.index), text.has(pa.array(bad))
    if is_number(column):
        readable = pc.match_substring_regex(text.values, NUMBER)
        said = pc.if_else(readable, text.values, None).to_pylist()
        numeric = pa.array([None if one is None else float(one) for one in said], pa.float64())
        return numbers(taken(numeric, text.index), text.has(pc.invert(readable)), mapped, column, judged)
    if mapped.screened:
        text = text.with_values(pa.array([screened(one) for one in text.values.to_pylist()], pa.string()))
    if mapped.hashed:
        text = text.with_values(pa.array([digest(one) for one in text.values.to_pylist()], pa.string()))
    return text.array, nothing


def digest(text: str | None) -> str | None:
    """A short hash that stands for a text."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def is_number(column: contracts.Column) -> bool:
    """Whether a column holds numbers."""
    return column.type.startswith(("int", "float"))


def taken(values: pa.Array, index: np.ndarray) -> pa.Array:
    """The values of the rows [n]; null for number -1."""
    return values.take(pa.array(index, mask=index < 0))


def text_of(fields: pa.Table, mapped: ColumnMap, name: str, judged: Judged) -> Coded:
    """The text of a column, in the steps that `ColumnMap` names."""
    parts = [known(Coded.of(field_of(fields, one)), mapped, name, judged) for one in mapped.sources]
    if len(parts) == 1:
        (text,) = parts
    else:
        texts = (taken(part.values, part.index) for part in parts)
        # The first "" is for rows without any text, which pyarrow would leave out.
        joined = pc.binary_join_element_wise("", *texts, " ", null_handling="skip")
        text = Coded.of(joined)
    values = text.values
    if mapped.prefix:
        starts = pc.starts_with(values, mapped.prefix)
        values = pc.if_else(starts, pc.utf8_slice_codeunits(values, len(mapped.prefix)), values)
        values = pc.if_else(pc.equal(values, ""), None, values)
    if mapped.words or mapped.otherwise is not None:
        said = [
            mapped.words.get(one, one if mapped.otherwise is None else mapped.otherwise) for one in values.to_pylist()
        ]
        values = pa.array([one or None for one in said], pa.string())
    if mapped.otherwise:  # also where no text is
        values = pa.concat_arrays([values, pa.array([mapped.otherwise])])
        return Coded(values, np.where(text.missing, len(values) - 1, text.index))
    return text.with_values(values)


def known(text: Coded, mapped: ColumnMap, name: str, judged: Judged) -> Coded:
    """One field's text: the piece that is asked for, null where it is the provider's word for unknown."""
    values = text.values
    if mapped.split is not None:
        pieces = [None if one is None else one.split(mapped.split) for one in values.to_pylist()]
        found = [None if one is None or mapped.part >= len(one) else one[mapped.part].strip() for one in pieces]
        values = pa.array([one or None for one in found], pa.string())
    if mapped.unknown:
        unknown = pc.is_in(values, pa.array(mapped.unknown))
        judged.sentinels[name] += int(text.has(unknown).sum())
        values = pc.if_else(unknown, None, values)
    return text.with_values(values)


def numbers(
    values: pa.Array, unreadable: np.ndarray, mapped: ColumnMap, column: contracts.Column, judged: Judged
) -> tuple[pa.Array, np.ndarray]:
    """Numbers in the column's unit; sentinels nulled and counted. Also the rows [n] that are no number that the column can hold."""
    values = pc.add(values.cast(pa.float64()), 0.0)  # -0 becomes 0
    if mapped.sentinels:
        unknown = reduce(pc.or_, [pc.equal(values, sentinel) for sentinel in mapped.sentinels])
        judged.sentinels[column.name] += pc.sum(unknown).as_py() or 0
        values = pc.if_else(unknown, None, values)
    factor = units.FACTORS[mapped.unit, column.unit] if mapped.unit and column.unit else 1.0
    if factor != 1.0:
        values = pc.multiply(values, factor)
    finite = pc.is_finite(values)
    unreadable = unreadable | true_where(pc.invert(finite))
    values = pc.if_else(finite, values, None)
    arrow_type = contracts.ARROW_TYPES[column.type]
    if pa.types.is_integer(arrow_type):
        limit = 2.0 ** (arrow_type.bit_width - 1)
        whole = pc.and_(pc.equal(values, pc.round(values)), pc.less(pc.abs(values), limit))
        unreadable |= true_where(pc.invert(whole))
        values = pc.if_else(whole, values, None)
    return pc.cast(values, arrow_type, safe=False), unreadable


def times(text: pa.Array, mapped: ColumnMap) -> tuple[pa.Array, np.ndarray]:
    """UTC times of exactly one of the declared forms, and which texts [n] have another, such as a 30th of February, or are no one instant."""
    clock = shown(text, mapped)
    values = pc.assume_timezone(clock, "UTC")
    if mapped.zone != "UTC":
        values = pa.array([in_zone(one, mapped.zone) for one in clock.to_pylist()], contracts.TIMESTAMP)
    return values, true_where(pc.and_(pc.is_valid(text), pc.is_null(values)))


def shown(text: pa.Array, mapped: ColumnMap) -> pa.Array:
    """What a clock of the source's zone shows [n]; null where the text has none of the declared forms."""
    forms = [mapped.time] if isinstance(mapped.time, str) else list(mapped.time or ())
    values = pa.nulls(len(text), pa.timestamp("us"))
    for form in forms:
        found = instants(text, form)
        exact = mapped.time[form] if isinstance(mapped.time, dict) else ""
        if exact in ("hour", "day", "month", "year"):  # a clock that is not believed: the start of the period is left
            found = pc.floor_temporal(found, unit=exact)
        values = pc.coalesce(values, found)
    return values


def in_zone(clock: datetime | None, zone: str) -> datetime | None:
    """The instant at which clocks of a zone show this once; None for one that they skip or show twice: nothing is guessed."""
    if clock is None:
        return None
    try:
        first, second = (clock.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:  # before the year 1 or after 9999
        return None
    return first if first == second else None


def instants(text: pa.Array, form: str) -> pa.Array:
    """What clocks show [n], microseconds; null where the text has another form."""
    if form in EPOCHS:
        readable = pc.match_substring_regex(text, r"^\d{1,16}(\.\d{1,9})?$")
        seconds = pc.multiply(pc.cast(pc.if_else(readable, text, None), pa.float64()), EPOCHS[form])
        seconds = pc.if_else(pc.less(seconds, FARTHEST_US), pc.round(seconds), None)
        return pc.cast(seconds, pa.int64()).cast(pa.timestamp("us"))
    fraction_us = pa.scalar(0, pa.int64())
    head, found, tail = form.partition("%S.%f")
    if found:
        ends = ".*" if "%" in tail else re.escape(tail)
        parts = pc.extract_regex(text, rf"^(?P<head>.*[0-9]{{2}})\.(?P<fraction>[0-9]{{1,9}})(?P<tail>{ends})$")
        before, digits, behind = (pc.struct_field(parts, name) for name in ("head", "fraction", "tail"))
        fraction_us = pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(digits, 6, "0"), 0, 6), pa.int64())
        text, form = pc.binary_join_element_wise(before, behind, ""), f"{head}%S{tail}"
    values = pc.strptime(text, format=form, unit="us", error_is_null=True)
    again = pc.strftime(pc.cast(values, pa.timestamp("s")), format=form)
    if "%e" in form:  # a day of the month without a leading zero
        again, text = (pc.replace_substring(one, " ", "") for one in (again, text))
    exact = pc.fill_null(pc.equal(pc.utf8_upper(again), pc.utf8_upper(text)), False)
    exact = pc.and_(exact, pc.fill_null(pc.greater_equal(values, FIRST_YEAR), False))
    told = pc.add(pc.cast(pc.if_else(exact, values, None), pa.int64()), fraction_us)
    return told.cast(pa.timestamp("us"))


def precision(fields: pa.Table, mapped: ColumnMap) -> pa.Array:
    """How exact each row's time is, by the form that it has [n]."""
    text = text_of(fields, mapped, "", Judged.of(0))
    found = pa.nulls(len(text.values), pa.string())
    for form, exact in mapped.time.items() if isinstance(mapped.time, dict) else ():
        found = pc.coalesce(found, pc.if_else(pc.is_valid(instants(text.values, form)), exact, None))
    return text.with_values(found).array


def repeats(data: pa.Table, same: np.ndarray, names: list[str]) -> np.ndarray:
    """
    Rows [n] that are equal in all of `names` to an earlier row of their group. `same` [n - 1] says which row, in a table in order of group, is of the
    group of the row before; few rows share a group, so that whole rows are compared only there.
    """
    found = np.zeros(data.num_rows, dtype=bool)
    at = np.flatnonzero(np.append(False, same) | np.append(same, False)) if data.num_rows else np.zeros(0, np.int64)
    subset = data.take(pa.array(at))
    seen: set[tuple[object, ...]] = set()
    contents = zip(*(subset.column(name).to_pylist() for name in names), strict=True)
    for row, content in zip(at.tolist(), contents, strict=True):
        if row == 0 or not same[row - 1]:
            seen = set()
        found[row] = content in seen
        seen.add(content)
    return found
