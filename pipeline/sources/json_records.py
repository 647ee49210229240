"""
JSON records: one object a line, or one document that holds a list of objects.

Records are counted and cut here, from the bytes - by line breaks, or by brackets and commas outside strings - apart from the parser (Python's), which
is then given each record on its own: what is wrong with one does not reach the next. Values become text: strings as they are, numbers as they are
written (27.10 stays "27.10"), true and false by these words, null as not stated; the elements of a list are joined by "; ". A document is held in
memory whole and must be JSON around its records too; lines are not held. A byte order mark is no part of either.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pyarrow as pa

from pipeline.errors import SourceError
from pipeline.sources import Source
from pipeline.sources.records import LONGEST_RECORD_BYTES, Records, Refused, excerpt

BLOCK_BYTES = 8 << 20
LONGEST_DOCUMENT_BYTES = 512 << 20  # own: it is held in memory
DEEPEST = 20  # own: brackets inside brackets of one record
MOST_MEMBERS = 1000  # own: keys of the object around the list
SHOWN_KEYS = 10
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"  # RFC 8259, section 2

# RFC 8259 has no line breaks in strings, so one that is not closed is taken to end with its line: the damage stays there. All repeats are possessive:
# they never step back, so that the time is linear whatever the bytes.
STRING = rb'"(?:[^"\\\n]++|\\.)*+"?'
TO_BRACKET = re.compile(rb"(?:[^\"\[\]{}]++|" + STRING + rb")*+")
TO_COMMA_OR_BRACKET = re.compile(rb"(?:[^\"\[\]{},]++|" + STRING + rb")*+")
BLANK = re.compile(rb"[ \t\r\n]*+")
KEY = re.compile(rb"(" + STRING + rb")[ \t\r\n]*+:[ \t\r\n]*+")
OPENING = b"[{"
KINDS = {"{": "an object", "[": "a list", '"': "a text", "t": "true", "f": "false", "n": "null"}


class UnreadableError(ValueError):
    """A record that cannot be read; its argument is the reason's code."""


class Piece(NamedTuple):
    """
    The line on which a record begins, which record of that line it is (from 1), its bytes (of an oversized one the first), and whether it ends
    before the file does.
    """

    line: int
    item: int
    record: bytes
    is_ended: bool = True


def read(path: Path, source: Source, name: str) -> Iterator[Records]:
    """The records of a file; `SourceError` when it is no such list, ends within a record, or the counts disagree."""
    layout = source.json_
    assert layout is not None
    if not layout.lines:
        yield from blocks(pieces_of_document(document(path, name), source, name), source, name)
        return
    n_counted, n_read = count_lines(path), 0
    for block in blocks(pieces_of_lines(path), source, name):
        n_read += block.lines_in
        yield block
    if n_read != n_counted:
        raise SourceError(
            f"{name}: {n_counted} lines by count, {n_read} read; the file does not reconcile, nothing of it was taken in"
        )


def blocks(pieces: Iterable[Piece], source: Source, name: str) -> Iterator[Records]:
    """Records of pieces, some megabytes at a time."""
    block: list[Piece] = []
    n_bytes = 0
    for piece in pieces:
        block.append(piece)
        n_bytes += len(piece.record) + 64  # of the piece itself
        if n_bytes > BLOCK_BYTES:
            yield records(block, source, name)
            block, n_bytes = [], 0
    if block:
        yield records(block, source, name)


def records(pieces: list[Piece], source: Source, name: str) -> Records:
    """Parse each piece on its own, setting aside what cannot be read."""
    assert source.json_ is not None
    keys = frozenset(source.json_.keys)
    paths = [field.split(".") for field in source.fields]
    rows: list[list[str | None]] = []
    kept: list[Piece] = []
    refused: list[Refused] = []
    n_blank = 0
    for piece in pieces:
        if source.json_.lines and not piece.record.strip(BLANKS):
            n_blank += 1
            continue
        try:
            rows.append(row(piece.record, keys, paths))
            kept.append(piece)
        except UnreadableError as error:
            reason = str(error)
            if not piece.is_ended and reason != "unknown_key":
                raise truncated(name, piece.line) from error
            refused.append(Refused(piece.line, reason, excerpt(piece.record), piece.item))
    columns = zip(*rows, strict=True) if rows else [()] * len(paths)
    return Records(
        pa.table([pa.array(column, pa.string()) for column in columns], names=source.fields),
        np.array([piece.line for piece in kept], dtype=np.int64),
        lambda i: excerpt(kept[i].record),
        n_blank,
        refused,
        np.array([piece.item for piece in kept], dtype=np.int32),
    )


def truncated(name: str, line: int) -> SourceError:
    """The refusal of a file that ends too early."""
    return SourceError(
        f"{name}: ends in the middle of line {line}: the file is truncated; send it again whole, nothing of it was taken in"
    )


# One record -----------------------------------------------------------------------------------------------------------


def row(record: bytes, keys: frozenset[str], paths: list[list[str]]) -> list[str | None]:
    """The texts at these paths of keys; `UnreadableError` when the record is no object of these keys or a value there is no scalar."""
    found = parsed(record)
    if not isinstance(found, dict):
        raise UnreadableError("bad_json")
    if not found.keys() <= keys:
        raise UnreadableError("unknown_key")
    return [text_at(found, path) for path in paths]


def parsed(text: bytes) -> Any:
    """A JSON value, numbers as text; `UnreadableError` when it is too long, no UTF-8, no JSON, too deep or names a key twice."""
    if len(text) > LONGEST_RECORD_BYTES:
        raise UnreadableError("oversized_record")
    if b"\0" in text:
        raise UnreadableError("bad_encoding")
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("bad_encoding") from error
    if is_too_deep(text):
        raise UnreadableError("bad_json")
    try:
        return PARSER.decode(decoded)
    except ValueError as error:
        raise UnreadableError("bad_json") from error


def is_too_deep(text: bytes) -> bool:
    """Whether more than `DEEPEST` brackets are open at once."""
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    depth, at = 0, skip(TO_BRACKET, text, 0)
    while at < len(text) and depth <= DEEPEST:
        depth += 1 if text[at] in OPENING else -1
        at = skip(TO_BRACKET, text, at + 1)
    return depth > DEEPEST


def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("bad_json")
    return found


def no_number(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise UnreadableError("bad_json")


PARSER = json.JSONDecoder(object_pairs_hook=each_key_once, parse_float=str, parse_int=str, parse_constant=no_number)


def text_at(found: dict[str, Any], path: list[str]) -> str | None:
    """The text of the value at a path of keys; what is not there is not stated."""
    value: Any = found
    for key in path:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise UnreadableError("bad_json")
        value = value.get(key)
    if isinstance(value, list):
        return "; ".join(part for part in map(text_of, value) if part)
    return text_of(value)


def text_of(value: Any) -> str | None:
    """The text of a scalar."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise UnreadableError("bad_json")
    if "\0" in value or not is_encodable(value):
        raise UnreadableError("bad_encoding")
    return value


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can hold it: JSON's escapes can also write half a surrogate pair, which is no character."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True


# Lines ----------------------------------------------------------------------------------------------------------------


def pieces_of_lines(path: Path) -> Iterator[Piece]:
    """Every line, blank ones too; of one that is too long the first bytes."""
    with path.open("rb") as file:
        for line in count(1):
            # Room for the longest record and its line end.
            text = rest = file.readline(LONGEST_RECORD_BYTES + 2)
            if not text:
                return
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(BLOCK_BYTES)
            if line == 1:
                text = text.removeprefix(BYTE_ORDER_MARK)
            yield Piece(line, 1, text.rstrip(b"\r\n"), bool(rest))


def count_lines(path: Path) -> int:
    """Lines of a file, one without a line end at last included."""
    n_lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            n_lines += block.count(b"\n")
            last = block[-1:]
    return n_lines + (last != b"\n")


# A document -----------------------------------------------------------------------------------------------------------


def document(path: Path, name: str) -> bytes:
    """All bytes of a file, which must not be too many."""
    if path.stat().st_size > LONGEST_DOCUMENT_BYTES:
        raise SourceError(
            f"{name}: one JSON document of more than {LONGEST_DOCUMENT_BYTES >> 20} MB; "
            "ask the provider for one object a line or for smaller files, nothing of it was taken in"
        )
    return path.read_bytes()


def pieces_of_document(data: bytes, source: Source, name: str) -> Iterator[Piece]:
    """Every element of the document's list of records."""
    begin, end = list_of_records(data, source, name)
    line, item, counted_to = 1, 0, 0
    for start, stop in elements(data, begin, end, name):
        n_breaks = data.count(b"\n", counted_to, start)
        line, item, counted_to = line + n_breaks, 1 if n_breaks else item + 1, start
        yield Piece(line, item, data[start : min(stop, start + LONGEST_RECORD_BYTES + 1)])


def list_of_records(data: bytes, source: Source, name: str) -> tuple[int, int]:
    """Offsets of the brackets around the records; `SourceError` when the document is no such list or no JSON outside of it."""
    assert source.json_ is not None
    begin = skip(BLANK, data, len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0)
    if data[begin : begin + 1] not in (b"[", b"{"):
        raise other_document(kind(data, begin), source, name)
    end = closing(data, begin, name)
    if skip(BLANK, data, end + 1) != len(data):
        raise other_document(f"more after {kind(data, begin)}", source, name)
    if data[begin] == ord("["):
        if source.json_.records is None:
            return begin, end
        raise other_document("a list", source, name)
    found: dict[str, tuple[int, int]] = {}
    for start, stop in elements(data, begin, end, name):
        key, value = member(data, start, name)
        if key in found:
            shown = "a key" if source.names_people else f"the key {key[:100]}"
            raise other_document(f"{shown} twice", source, name)
        if len(found) == MOST_MEMBERS:
            raise other_document(f"an object with more than {MOST_MEMBERS:,} keys", source, name)
        found[key] = value, stop
        if key != source.json_.records:
            try:
                parsed(data[value : min(stop, value + LONGEST_RECORD_BYTES + 1)])
            except UnreadableError as error:
                raise no_json(data, value, name) from error
    if source.json_.records not in found:
        keys = "(not quoted: the file may name persons)" if source.names_people else ", ".join(list(found)[:SHOWN_KEYS])
        raise other_document(f"an object with the keys {keys[:200]}" if keys else "an empty object", source, name)
    value, stop = found[source.json_.records]
    if data[value : value + 1] != b"[":
        raise other_document(f"{kind(data, value)} at the key {source.json_.records}", source, name)
    end = closing(data, value, name)
    if skip(BLANK, data, end + 1) != stop:
        raise no_json(data, end + 1, name)
    return value, end


def other_document(found: str, source: Source, name: str) -> SourceError:
    """The refusal of a document that is not the declared list."""
    assert source.json_ is not None
    wanted = "a list of records" + (f" at the key {source.json_.records}" if source.json_.records else "")
    return SourceError(
        f"{name}: {found} where {source.source_id} declares one document with {wanted}; "
        "use the source that fits or declare the new dialect in a TOML file"
    )


def no_json(data: bytes, at: int, name: str) -> SourceError:
    """The refusal of a document that is no JSON at this offset, outside its records."""
    return SourceError(
        f"{name}: line {line_of(data, at)}: no JSON, or too much of it, beside the records; "
        "the file is damaged or of another format, nothing of it was taken in"
    )


def kind(data: bytes, at: int) -> str:
    """What the value that begins here is, in words."""
    first = data[at : at + 1].decode("latin-1")
    if not first:
        return "nothing"
    return KINDS.get(first, "a number" if first in "-0123456789" else "no JSON")


def member(data: bytes, start: int, name: str) -> tuple[str, int]:
    """The key of an object's member and the offset of its value."""
    matched = KEY.match(data, start)
    if matched is None:
        raise no_json(data, start, name)
    try:
        return str(parsed(matched[1])), matched.end()
    except UnreadableError as error:
        raise no_json(data, start, name) from error


def elements(data: bytes, begin: int, end: int, name: str) -> Iterator[tuple[int, int]]:
    """Where each element between two brackets begins and ends: at the commas that are in no string and no further bracket."""
    start = skip(BLANK, data, begin + 1)
    if start == end:
        return
    at = start
    while start <= end:
        at = skip(TO_COMMA_OR_BRACKET, data, at)
        if data[at] in OPENING:
            at = closing(data, at, name) + 1
            continue
        yield start, at
        start = at = skip(BLANK, data, at + 1) if at < end else end + 1


def closing(data: bytes, at: int, name: str) -> int:
    """Offset of the bracket that closes the one at `at`; `SourceError` when none does, or one of the other kind."""
    expected = bytearray()
    while at < len(data):
        if data[at] in OPENING:
            expected.append(data[at] + 2)  # in ASCII ] is two after [, and } after {
        elif data[at] != expected.pop():
            raise SourceError(
                f"{name}: line {line_of(data, at)}: brackets that do not match; "
                "the file is damaged, nothing of it was taken in"
            )
        if not expected:
            return at
        at = skip(TO_BRACKET, data, at + 1)
    raise truncated(name, line_of(data, len(data)))


def skip(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Where a pattern that always matches, if only nothing, ends."""
    matched = pattern.match(data, at)
    assert matched is not None
    return matched.end()


def line_of(data: bytes, at: int) -> int:
    """The line of an offset, from 1."""
    return data.count(b"\n", 0, at) + 1
