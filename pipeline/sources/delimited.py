"""
Delimited text (CSV, TSV), read in blocks of whole records.

Records are counted here, from the bytes, apart from the parser (pyarrow's); a file whose parser disagrees with the count is
refused. The header must be exactly the declared one. Nothing is sniffed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from pipeline.errors import SourceError
from pipeline.sources import Source

BLOCK_BYTES = 16 << 20
LONGEST_RECORD_BYTES = 1 << 16
RAW_CHARACTERS = 400  # of a rejected record that are kept
NEWLINE, CARRIAGE_RETURN, QUOTE, NUL = 10, 13, 34, 0
BLANKS = (9, 32)  # tab, space


@dataclass
class Records:
    """Records of one block: `fields` all as text, `line` the physical line on which each begins, and what was refused."""

    fields: pa.Table
    line: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    block: bytes
    n_blank: int
    rejects: list[tuple[int, str, str]] = field(default_factory=list)

    def raw(self, row: int) -> str:
        """The record as it came, its first characters."""
        return excerpt(self.block[self.starts[row] : self.ends[row]])


def excerpt(record: bytes) -> str:
    """Bounded text of a record; bytes that are no UTF-8 show as their escapes."""
    return record[: RAW_CHARACTERS * 4].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")[:RAW_CHARACTERS]


def read(path: Path, source: Source, name: str) -> Iterator[Records]:
    """The records of a file; `SourceError` when its header differs, it ends within a record or the counts disagree."""
    layout = source.delimited
    with path.open("rb") as file:
        header = file.readline(LONGEST_RECORD_BYTES)
        check_header(header, source, name)
        if layout.ends_with_newline and not header.endswith(b"\n"):
            raise truncated(name, 1)
        line = 2
        rest = b""
        while chunk := file.read(BLOCK_BYTES):
            block = rest + chunk
            cut = last_record_end(block, layout.line_breaks)
            if cut == 0 and len(block) > LONGEST_RECORD_BYTES:
                raise SourceError(
                    f"{name}: line {line}: a record longer than {LONGEST_RECORD_BYTES} bytes; "
                    f"is this a {source.title} file? The file was kept and nothing of it taken in"
                )
            block, rest = block[:cut], block[cut:]
            if block:
                yield records(block, line, source, name)
                line += block.count(b"\n")
        if rest and (layout.ends_with_newline or not last_record_end(rest + b"\n", layout.line_breaks)):
            raise truncated(name, line)
        if rest:
            yield records(rest + b"\n", line, source, name)


def truncated(name: str, line: int) -> SourceError:
    """The refusal of a file that ends too early."""
    return SourceError(
        f"{name}: ends in the middle of line {line}: the file is truncated; send it again whole, nothing of it was taken in"
    )


def no_records(source: Source) -> Records:
    """A block without records: what follows the last one."""
    fields = pa.schema([(name, pa.string()) for name in source.delimited.header]).empty_table()
    none = np.zeros(0, dtype=np.int64)
    return Records(fields, none, none, none, b"", 0)


def check_header(header: bytes, source: Source, name: str) -> None:
    """Refuse a header that is not exactly the declared one, and say how it differs."""
    layout = source.delimited
    text = header.decode("utf-8", "backslashreplace").removeprefix("\ufeff").rstrip("\r\n")
    found = (
        [word.strip('"') for word in text.split(layout.delimiter)] if layout.quotes else text.split(layout.delimiter)
    )
    if found == layout.header:
        return
    missing = [word for word in layout.header if word not in found]
    extra = [word for word in found if word not in layout.header]
    if not text:
        how = "the line is empty" if header else "the file is empty"
    elif missing or extra:
        how = "; ".join(
            [f"missing {', '.join(missing)}"] * bool(missing)
            + [f"not in the contract: {', '.join(extra)[:200]}"] * bool(extra)
        )
    else:
        at = next((i for i, (a, b) in enumerate(zip(found, layout.header, strict=False)) if a != b), len(layout.header))
        there = found[at] if at < len(found) else "nothing"
        wanted = layout.header[at] if at < len(layout.header) else "nothing"
        how = f"columns in another order: column {at + 1} is {there}, the contract says {wanted}"
    raise SourceError(
        f"{name}: line 1: header differs from the contract of {source.source_id}: {how}; "
        "use the source that fits or declare the new dialect in a TOML file"
    )


def last_record_end(block: bytes, line_breaks: bool) -> int:
    """Where the last whole record of a block ends: after its last newline that stands outside quotes."""
    if not line_breaks:
        return block.rfind(b"\n") + 1
    ends = record_ends(np.frombuffer(block, dtype=np.uint8), line_breaks)
    return int(ends[-1]) + 1 if len(ends) else 0


def record_ends(data: np.ndarray, line_breaks: bool) -> np.ndarray:
    """Offsets of the newlines that end a record."""
    newlines = np.flatnonzero(data == NEWLINE)
    if not line_breaks:
        return newlines
    quotes = np.flatnonzero(data == QUOTE)
    return np.asarray(newlines[np.searchsorted(quotes, newlines) % 2 == 0])


def records(block: bytes, first_line: int, source: Source, name: str) -> Records:
    """Split a block of whole records into fields, setting aside what cannot be parsed."""
    layout = source.delimited
    data = np.frombuffer(block, dtype=np.uint8)
    ends = record_ends(data, layout.line_breaks)
    starts = np.concatenate(([0], ends[:-1] + 1))
    newlines = np.flatnonzero(data == NEWLINE)
    line = first_line + np.searchsorted(newlines, starts)
    text_ends = ends - ((ends > starts) & (data[np.maximum(ends - 1, 0)] == CARRIAGE_RETURN))

    blank = blank_records(data, starts, text_ends)
    refused = np.full(len(starts), "", dtype=object)
    refused[text_ends - starts > LONGEST_RECORD_BYTES] = "oversized_record"
    if layout.quotes:
        refused[badly_quoted(data, starts, text_ends, ord(layout.delimiter))] = "bad_quoting"
    for row in undecodable(block, data, starts, text_ends):
        refused[row] = "bad_encoding"

    good = np.flatnonzero(~blank & (refused == ""))
    clean = block if len(good) == len(starts) else b"".join(block[starts[i] : ends[i] + 1] for i in good)
    table, parser_refused = parse(clean, source)
    for row in parser_refused:
        refused[good[row]] = "bad_field_count"
    kept = np.delete(good, parser_refused)
    if table.num_rows != len(kept):
        raise SourceError(
            f"{name}: lines {first_line} to {line[-1]}: {len(kept)} records by count, {table.num_rows} by the parser; "
            "the file does not reconcile, nothing of it was taken in"
        )
    rejects = [
        (int(line[i]), str(refused[i]), excerpt(block[starts[i] : text_ends[i]]))
        for i in np.flatnonzero((refused != "") & ~blank)
    ]
    return Records(table, line[kept], starts[kept], text_ends[kept], block, int(blank.sum()), rejects)


def blank_records(data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Records [n] of nothing but spaces and tabs."""
    blank = np.asarray(ends == starts)
    for row in np.flatnonzero(~blank & np.isin(data[starts], BLANKS)):
        blank[row] = bool(np.isin(data[starts[row] : ends[row]], BLANKS).all())
    return blank


def badly_quoted(data: np.ndarray, starts: np.ndarray, ends: np.ndarray, delimiter: int) -> np.ndarray:
    """Records [n] of bool with a quote that neither encloses a field, nor is doubled inside one, nor is closed (RFC 4180, rules 5 to 7)."""
    at = np.flatnonzero(data == QUOTE)
    record = np.searchsorted(starts, at, side="right") - 1
    opens = (np.arange(len(at)) - np.searchsorted(at, starts)[record]) % 2 == 0
    at_edge = np.where(opens, at == starts[record], at + 1 == ends[record])
    beside = data[np.where(opens, at - 1, at + 1)]
    bad = np.asarray(np.bincount(record, minlength=len(starts)) % 2 == 1)
    bad[record[~at_edge & (beside != delimiter) & (beside != QUOTE)]] = True
    return bad


def undecodable(block: bytes, data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> list[int]:
    """Records that hold a NUL, a carriage return that ends no line, or bytes that are no UTF-8."""
    stray = (data[:-1] == NUL) | ((data[:-1] == CARRIAGE_RETURN) & (data[1:] != NEWLINE))
    bad = set((np.searchsorted(starts, np.flatnonzero(stray), side="right") - 1).tolist())
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            try:
                block[start:end].decode("utf-8")
            except UnicodeDecodeError:
                bad.add(row)
    return sorted(bad)


def parse(block: bytes, source: Source) -> tuple[pa.Table, list[int]]:
    """All fields as text, and the rows (from 0) that have another number of fields than the header."""
    layout = source.delimited
    schema = pa.schema([(name, pa.string()) for name in layout.header])
    refused: list[int] = []
    if not block:
        return schema.empty_table(), refused

    def refuse(row: pacsv.InvalidRow) -> str:
        refused.append(row.number - 1)
        return "skip"

    table = pacsv.read_csv(
        pa.BufferReader(block),
        # One block, so that the parser sees what the counter saw and rows can be numbered.
        pacsv.ReadOptions(use_threads=False, column_names=layout.header, block_size=len(block) + 1),
        pacsv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char='"' if layout.quotes else False,
            newlines_in_values=layout.line_breaks,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        pacsv.ConvertOptions(column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False),
    )
    return table, refused
