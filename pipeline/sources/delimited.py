"""
Delimited text (CSV, TSV, columns parted by spaces), read in blocks of whole records.

Records are counted here, from the bytes, apart from the parser (pyarrow's); a file whose parser disagrees with the count is
refused. The header must be exactly the declared one. Nothing is sniffed.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from pipeline import contracts
from pipeline.errors import SourceError
from pipeline.sources import Delimited, Source
from pipeline.sources.columns import TEXT
from pipeline.sources.records import LONGEST_RECORD_BYTES, Records, Refused, excerpt

BLOCK_BYTES = 16 << 20
NEWLINE, CARRIAGE_RETURN, QUOTE, NUL = 10, 13, 34, 0
BLANKS = (9, 32)  # tab, space


def read(path: Path, source: Source, name: str) -> Iterator[Records]:
    """The records of a file; `SourceError` when its header differs, it ends within a record or the counts disagree."""
    layout = layout_of(source)
    with path.open("rb") as file:
        line = 1
        if layout.first_line == "header":
            header = in_utf8(file.readline(LONGEST_RECORD_BYTES), layout)
            check_header(header, source, name)
            if layout.ends_with_newline and not header.endswith(b"\n"):
                raise truncated(name, 1)
            line = 2
        rest = b""
        while chunk := file.read(BLOCK_BYTES):
            if line == 1 and not rest:
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
            block = rest + in_utf8(chunk, layout)
            cut = last_record_end(block, layout.line_breaks)
            if cut == 0 and len(block) > LONGEST_RECORD_BYTES:
                raise SourceError(
                    f"{name}: line {line}: a record longer than {LONGEST_RECORD_BYTES} bytes; "
                    f"is this a {source.title} file? The file was kept and nothing of it taken in"
                )
            block, rest = block[:cut], block[cut:]
            if block:
                found, n_lines = records(block, line, source, name)
                yield found
                line += n_lines
        if rest and (layout.ends_with_newline or not last_record_end(rest + b"\n", layout.line_breaks)):
            raise truncated(name, line)
        if rest:
            yield records(rest + b"\n", line, source, name)[0]


def in_utf8(text: bytes, layout: Delimited) -> bytes:
    """Bytes of the declared encoding as UTF-8; those that it does not have stay what they are, and are refused with their record."""
    if layout.encoding == "utf-8":
        return text
    return text.decode(layout.encoding, "surrogateescape").encode("utf-8", "surrogateescape")


def layout_of(source: Source) -> Delimited:
    """The layout of a source of this format."""
    assert source.delimited is not None
    return source.delimited


def truncated(name: str, line: int) -> SourceError:
    """The refusal of a file that ends too early."""
    return SourceError(
        f"{name}: ends in the middle of line {line}: the file is truncated; send it again whole, nothing of it was taken in"
    )


def check_header(header: bytes, source: Source, name: str) -> None:
    """Refuse a header that is not exactly the declared one, and say how it differs."""
    layout = layout_of(source)
    text = header.decode("utf-8", "backslashreplace").removeprefix("\ufeff").rstrip("\r\n")
    found = text.split() if layout.delimiter == " " else text.split(layout.delimiter)
    if layout.quotes:
        found = [word.strip('"') for word in found]
    if layout.header_case == "any":
        declared = {word.casefold(): word for word in layout.header}
        found = [declared.get(word.casefold(), word) for word in found]
    if found == layout.header:
        return
    missing = [word for word in layout.header if word not in found]
    extra = [word or "a column without a name" for word in found if word not in layout.header]
    if source.names_people and extra:
        extra = [f"{len(extra)} others, not quoted: the file may name persons"]
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


def records(block: bytes, first_line: int, source: Source, name: str) -> tuple[Records, int]:
    """Split a block of whole records into fields, setting aside what cannot be parsed. Also the number of its lines."""
    layout = layout_of(source)
    data = np.frombuffer(block, dtype=np.uint8)
    ends = record_ends(data, layout.line_breaks)
    starts = np.concatenate(([0], ends[:-1] + 1))
    newlines = np.flatnonzero(data == NEWLINE) if layout.line_breaks else ends
    line = first_line + (np.searchsorted(newlines, starts) if layout.line_breaks else np.arange(len(starts)))
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
    found = Records(
        table,
        line[kept],
        lambda row: excerpt(block[starts[kept[row]] : text_ends[kept[row]]]),
        int(blank.sum()),
        [
            Refused(int(line[i]), str(refused[i]), excerpt(block[starts[i] : text_ends[i]]))
            for i in np.flatnonzero((refused != "") & ~blank)
        ],
    )
    return found, len(newlines)


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
    bad: set[int] = set()
    if b"\x00" in block or b"\r" in block:
        stray = (data[:-1] == NUL) | ((data[:-1] == CARRIAGE_RETURN) & (data[1:] != NEWLINE))
        bad.update((np.searchsorted(starts, np.flatnonzero(stray), side="right") - 1).tolist())
    if block.isascii():
        return sorted(bad)
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
    """
    The fields that the source reads, and the rows (from 0) that have another number of fields than the header.

    A field that is a plain number of one column is read as one; where a text of the block is none, all fields of it come as text, to be judged one by one.
    """
    layout = layout_of(source)
    if layout.delimiter == " ":
        block = re.sub(rb"[ \t]+", b" ", re.sub(rb"(?m)^[ \t]+|[ \t]+\r?$", b"", block))
    plain = numeric(source)
    schema = pa.schema([(name, pa.float64() if name in plain else TEXT) for name in source.fields])
    refused: list[int] = []
    if not block:
        return schema.empty_table(), refused

    def refuse(row: pacsv.InvalidRow) -> str:
        refused.append(row.number - 1)
        return "skip"

    def read(types: pa.Schema) -> pa.Table:
        refused.clear()
        return pacsv.read_csv(
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
            pacsv.ConvertOptions(
                include_columns=source.fields,
                column_types=types,
                null_values=[""],
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                decimal_point=layout.decimal,
            ),
        )

    try:
        return with_points(read(schema), source), refused
    except pa.ArrowInvalid:
        table = read(pa.schema([(name, TEXT) for name in source.fields]))
        return with_points(table, source), refused


def with_points(table: pa.Table, source: Source) -> pa.Table:
    """The table with a point as decimal mark in the texts of number fields."""
    columns = {column.name: column for column in contracts.load(source.table).columns}
    for name, mapped in source.columns.items():
        for field in mapped.sources if layout_of(source).decimal == "," and name in columns else ():
            text = table.column(field)
            if columns[name].type.startswith(("int", "float")) and pa.types.is_dictionary(text.type):
                whole = text.combine_chunks()
                unpointed = pc.replace_substring(whole.dictionary, ".", "?")  # it may part thousands: no number then
                marked = pc.replace_substring(unpointed, ",", ".")
                fixed = pa.DictionaryArray.from_arrays(whole.indices, marked)
                table = table.set_column(table.column_names.index(field), field, fixed)
    return table


def numeric(source: Source) -> set[str]:
    """Fields of reports whose text is nothing but a number of one column."""
    if not source.is_positions:
        return set()
    numbers = {column.name for column in contracts.load("reports").columns if column.type.startswith(("int", "float"))}
    read = [name for mapped in source.columns.values() for name in mapped.sources]
    read += source.identity.fields if source.identity else []
    read += [source.static.field] if source.static else []
    return {
        mapped.field
        for name, mapped in source.columns.items()
        if mapped.field is not None
        and name in numbers
        and read.count(mapped.field) == 1
        and not (mapped.split or mapped.prefix or mapped.words or mapped.unknown)
    }
