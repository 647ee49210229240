"""
Logs of NMEA 0183 sentences with AIS messages, read in blocks of whole lines and decoded by pyais.

Record      A sentence is one record. It begins at a `!` or `$` with three capital letters or digits behind it and ends at the next one, at the tag block
            of the next one or with the line; a line may hold several. A line without any is one record too: blank when it is empty or begins with #,
            else `not_nmea`. So is a line longer than 65,536 bytes (`oversized_record`), whatever is in it.
Reads       VDM and VDO of every talker, alone or in parts; messages 1-5, 9, 11, 14, 18, 19, 21, 24, 27. Others say nothing of where or who a vessel is.
Tag block   \\fields*checksum\\ directly before its sentence. The sentence falls with it when it is not closed or its checksum is not right: the time in
            it cannot be believed then. Some writers drop a leading 0, so one hexadecimal digit is a checksum, too; logs in circulation have wrong
            ones of one digit, which are refused as any wrong one.
Parts       belong together by the group of the tag block, talker, sequence number, channel and number of parts. They come in order, within 4,096
            sentences and, where both have a time, 60 s of the first. Time may stand on any of them; the first that has it counts.
Clock       `tag_block`: c:. `suffix`: the last field of digits alone after the checksum; both seconds since 1970, or milliseconds when above 10^11.
            `base_station`: the last message 4 or 11 before says the minute, the message's own second the rest. That is right while one is heard
            every half minute; a base station sends every 10 s.
Bits        Six-bit texts, units and signs are pyais's affair. A message must have the bits of its type (ITU-R M.1371-5, annex 8); pyais would
            fill those that lack with nothing.
Cannot see  ship types that pyais does not list: it gives the nearest reserved one, or 0.
Source      NMEA 0183 4.10; IEC 61162-450 for tag blocks
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyais import messages
from pyais.bit_vector import bit_vector

from pipeline import contracts
from pipeline.errors import SourceError
from pipeline.sources import Source
from pipeline.sources.records import LONGEST_RECORD_BYTES, RAW_CHARACTERS, Records, Refused, excerpt

BLOCK_BYTES = 8 << 20
PARTS_APART = 4096  # own: sentences, ten seconds of a busy national feed; so many messages at most wait for a part
PARTS_APART_US = 60_000_000  # own: parts are sent in neighbouring slots of one minute
LONGEST_HEADER = 32  # own: characters up to the payload; the standard's have 15
LONGEST_PAYLOAD = 200  # pyais: characters of one sentence that it decodes

COMMENT = ord("#")
SPECIAL = bytes(ord("!") if byte == ord("$") else byte if byte in b"\n!\\*," else 0 for byte in range(256))
CAPITAL = np.isin(np.arange(256), list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
DIGIT = np.isin(np.arange(256), list(b"0123456789"))
WORD = DIGIT | np.isin(np.arange(256) & ~32, list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
SEPARATOR = np.isin(np.arange(256), list(b",\t "))
NO_HEX = -1000  # so low that no other digit makes it a checksum
HEX = np.array([int(chr(byte), 16) if chr(byte) in "0123456789abcdefABCDEF" else NO_HEX for byte in range(256)])
ARMOUR = bytes([*range(48, 88), *range(96, 120)])  # the characters of six bits, 0 to 63 (IEC 61162-1, VDM)
GROUP = re.compile(rb"(?<=[\\,])g:\d{1,3}-\d{1,3}-([0-9A-Za-z]{1,16})(?=[,*])")
DIGITS_ALONE = re.compile(rb"(?<=[,\t ])\d+(?=[,\t \r]|$)")

UNSTATED, IMPOSSIBLE = -1, -2  # instead of a time
FARTHEST_US = 253_402_300_800_000_000  # the year 10000: no clock shows it
LONGEST_NUMBER = 15  # digits of the year 9999 in milliseconds
MILLISECONDS_FROM = 100_000_000_000  # in seconds it would be the year 5138

REASONS = ("", "bad_message", "empty_message", "bad_tag_block", "bad_checksum", "other_sentence")  # of several the last
REFUSED = -1  # instead of a kind of message

NO_SECOND = 60  # ITU-R M.1371: time stamp not available
NUMBERS = ("lon", "lat", "sog", "cog", "heading", "status", "ship_type", "length", "draught")
OTHER_NAMES = {"sog": "speed", "cog": "course"}  # pyais's
TEXTS = ("imo", "shipname", "callsign", "safety_text")
BEACON_TEXTS = ("SART ACTIVE", "SART TEST", "MOB ACTIVE", "MOB TEST", "EPIRB ACTIVE", "EPIRB TEST")  # IMO SN/Circ.322


class Kind(NamedTuple):
    """A layout of messages: type, bits at least, transceiver class (None when any may send it), pyais's attributes: numbers, and texts."""

    type: int
    bits: int
    transceiver: str | None
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    packed: Struct

    def content(self, message: Any) -> tuple[bytes, tuple[str | None, ...]]:
        """The numbers of a message as doubles side by side, in which all of them are exact, and its texts."""
        values, n_numbers = self.values(message), len(self.numbers)
        return self.packed.pack(*values[:n_numbers]), values[n_numbers:]


def kind(type_: int, bits: int, transceiver: str | None, numbers: str, texts: str = "") -> Kind:
    """A layout whose attributes are separated by spaces; every message has an MMSI."""
    names, words = ("mmsi", *numbers.split()), tuple(texts.split())
    return Kind(type_, bits, transceiver, names, words, attrgetter(*names, *words), Struct(f"{len(names)}d"))


CLASS_A = "lon lat speed course heading status second"
UTC_REPORT = "lon lat year month day hour minute second"
# Some transponders send 5 and 24 without their last bits, of which nothing is read; the others have all bits of ITU-R M.1371-5.
KINDS: dict[Any, Kind] = {
    messages.MessageType1: kind(1, 168, "A", CLASS_A),
    messages.MessageType2: kind(2, 168, "A", CLASS_A),
    messages.MessageType3: kind(3, 168, "A", CLASS_A),
    messages.MessageType4: kind(4, 168, None, UTC_REPORT),
    messages.MessageType5: kind(5, 420, "A", "imo ship_type to_bow to_stern draught", "shipname callsign"),
    messages.MessageType9: kind(9, 168, None, "lon lat speed course second"),
    messages.MessageType11: kind(11, 168, None, UTC_REPORT),
    messages.MessageType14: kind(14, 40, None, "", "text"),
    messages.MessageType18: kind(18, 168, "B", "lon lat speed course heading second"),
    messages.MessageType19: kind(
        19, 312, "B", "lon lat speed course heading second ship_type to_bow to_stern", "shipname"
    ),
    messages.MessageType21: kind(21, 272, None, "lon lat to_bow to_stern second", "name name_ext"),
    messages.MessageType24PartA: kind(24, 160, "B", "", "shipname"),
    messages.MessageType24PartB: kind(24, 162, "B", "ship_type to_bow to_stern", "callsign"),
    messages.MessageType24PartBAuxiliaryCraft: kind(24, 162, "B", "ship_type", "callsign"),
    # Ships of class A and of class B "SO" both send it (ITU-R M.1371-5, annex 4): it does not say which.
    messages.MessageType27: kind(27, 96, None, "lon lat speed course status"),
}
LAYOUTS = list(KINDS.values())
TYPE = np.array([layout.type for layout in LAYOUTS], dtype=np.int32)
TYPE_NAMES = pa.array([str(number) for number in range(28)])
TRANSCEIVER = np.array([{"A": 0, "B": 1, None: -1}[layout.transceiver] for layout in LAYOUTS], dtype=np.int32)
TRANSCEIVER_NAMES = pa.array(["A", "B"])
LAYOUT_NUMBER = {of: number for number, of in enumerate(KINDS)}
CLASS_OF = {ARMOUR[number : number + 1]: messages.MSG_CLASS[number] for number in {one.type for one in LAYOUTS}}
# "Not available" of messages that state whole knots or degrees, in which the sentinels of the others would be true values.
NOT_AVAILABLE = {9: {"speed": 1023.0}, 27: {"speed": 63.0, "course": 511.0}}


class Part(NamedTuple):
    """A sentence that is one part of a message: which part, which sentence of the file, and its times by clock."""

    number: int
    ordinal: int
    line: int
    item: int
    raw: bytes
    payload: bytes
    said_us: list[int]


@dataclass
class Heard:
    """What the file said before: parts that wait for others, by what they have in common; the last base station's time; counts of records."""

    waiting: OrderedDict[tuple[bytes, ...], list[Part]] = field(default_factory=OrderedDict)
    base_us: int = UNSTATED
    n_sentences: int = 0
    n_counted: int = 0
    n_handed_on: int = 0


@dataclass(frozen=True)
class Sentences:
    """
    Sentences of one block [n]: `line` and `item` as in `Records`; where each begins and ends with its tag block, and where its tag block does without
    the backslashes (empty: none); the six commas [n, 6]; number of parts, which one it is, fill bits; index in REASONS; times by clock
    [n, clocks] in microseconds, UNSTATED or IMPOSSIBLE.
    """

    line: np.ndarray
    item: np.ndarray
    begin: np.ndarray
    raw_begin: np.ndarray
    raw_end: np.ndarray
    tag_begin: np.ndarray
    tag_end: np.ndarray
    commas: np.ndarray
    n_parts: np.ndarray
    part: np.ndarray
    fill: np.ndarray
    reason: np.ndarray
    said_us: np.ndarray

    def raw(self, block: bytes, row: int) -> bytes:
        """A sentence with its tag block as it came."""
        return block[self.raw_begin[row] : self.raw_end[row]].rstrip()


def read(path: Path, source: Source, name: str) -> Iterator[Records]:
    """
    The messages of a log. The last block holds the parts that waited in vain; a log without a line has only that one.

    `SourceError` when a line has no end, or when not every record that was counted was handed on.
    """
    assert source.nmea is not None
    clocks = tuple(source.nmea.clock)
    heard = Heard()
    with path.open("rb") as file:
        for block, first_line in blocks(file, name):
            found = records(block, first_line, clocks, heard)
            heard.n_handed_on += found.lines_in
            yield found
    none = np.zeros(0, dtype=np.int64)
    rest = Records(fields_of(none, [], none), none, raw=lambda row: "")
    rest.refused.extend(incomplete([part for parts in heard.waiting.values() for part in parts]))
    if heard.n_handed_on + rest.lines_in != heard.n_counted:
        raise SourceError(
            f"{name}: {heard.n_counted} records by count, {heard.n_handed_on + rest.lines_in} by the decoder; "
            "the file does not reconcile, nothing of it was taken in"
        )
    yield rest


def blocks(file: BinaryIO, name: str) -> Iterator[tuple[bytes, int]]:
    """Blocks of whole lines, each with the number of its first; a last line without an end gets one."""
    line, rest = 1, b""
    while chunk := file.read(BLOCK_BYTES):
        block = rest + chunk
        cut = block.rfind(b"\n") + 1
        if cut == 0 and len(block) > LONGEST_RECORD_BYTES:
            raise SourceError(
                f"{name}: line {line}: longer than {LONGEST_RECORD_BYTES} bytes; look whether it is a log of NMEA sentences with ends of "
                "lines; nothing of it was taken in"
            )
        block, rest = block[:cut], block[cut:]
        if block:
            yield block, line
            line += block.count(b"\n")
    if rest:
        yield rest + b"\n", line


def records(block: bytes, first_line: int, clocks: tuple[str, ...], heard: Heard) -> Records:
    """The messages that end in a block of whole lines, and what was refused of it; parts whose message goes on stay in `heard`."""
    sentences, refused, n_blank = split(block, first_line, clocks)
    heard.n_counted += len(sentences.line) + len(refused) + n_blank
    for row in np.flatnonzero(sentences.reason).tolist():
        text = excerpt(sentences.raw(block, row))
        refused.append(
            Refused(int(sentences.line[row]), REASONS[sentences.reason[row]], text, int(sentences.item[row]))
        )

    joined, lost = join(block, sentences, heard)
    refused += incomplete(lost)
    heard.n_sentences += len(sentences.line)

    good = sentences.reason == 0
    at = np.sort(np.append(np.flatnonzero(good & (sentences.n_parts == 1)), list(joined)).astype(np.int64))
    begins, ends = (sentences.commas[at, 4] + 1).tolist(), (sentences.commas[at, 5] + 2).tolist()
    texts = [block[begin:end] for begin, end in zip(begins, ends, strict=True)]
    line, item, said_us = sentences.line[at], sentences.item[at], sentences.said_us[at]
    n_records = np.ones(len(at), dtype=np.int32)
    raws = {}
    for last, parts in joined.items():
        row = int(np.searchsorted(at, last))
        texts[row] = b"".join(part.payload for part in parts) + texts[row][-2:]
        line[row], item[row], n_records[row] = parts[0].line, parts[0].item, len(parts)
        said_us[row] = [first_stated(times) for times in zip(*(part.said_us for part in parts), strict=True)]
        raws[last] = b"\n".join(part.raw for part in parts)

    def raw_of(row: int) -> str:
        sentence = int(at[row])
        return excerpt(raws.get(sentence) or sentences.raw(block, sentence))

    # Stations hear the same message: what a block repeats is decoded once.
    once = {text: decode(text) for text in dict.fromkeys(texts)}
    decoded = [once[text] for text in texts]
    kinds = np.array([one[0] for one in decoded], dtype=np.int64)
    if "base_station" in clocks:
        said_us[:, clocks.index("base_station")] = base_station_times(kinds, decoded, heard)
    time_us = said_us[np.arange(len(at)), (said_us != UNSTATED).argmax(axis=1)]

    kept = (kinds != REFUSED) & (time_us >= 0) & (time_us < FARTHEST_US)
    for row in np.flatnonzero(~kept).tolist():
        reason = decoded[row][1] if kinds[row] == REFUSED else "no_time"
        refused.append(Refused(int(line[row]), reason, raw_of(row), int(item[row]), int(n_records[row])))
    rows = np.flatnonzero(kept)
    return Records(
        fields=fields_of(kinds[rows], [decoded[row] for row in rows.tolist()], time_us[rows]),
        line=line[rows],
        raw=lambda row: raw_of(int(rows[row])),
        n_blank=n_blank,
        refused=refused,
        item=item[rows],
        n_records=n_records[rows],
    )


def first_stated(times_us: Iterable[int]) -> int:
    """The first time that is stated, possible or not."""
    return next((time for time in times_us if time != UNSTATED), UNSTATED)


def incomplete(parts: list[Part]) -> list[Refused]:
    """Parts without their message, each for itself."""
    return [Refused(part.line, "incomplete_message", excerpt(part.raw), part.item) for part in parts]


def split(block: bytes, first_line: int, clocks: tuple[str, ...]) -> tuple[Sentences, list[Refused], int]:
    """The sentences of a block, the lines that are none, and how many are blank."""
    data = np.frombuffer(block, dtype=np.uint8)
    special = np.frombuffer(block.translate(SPECIAL), dtype=np.uint8)
    places = np.flatnonzero(special)
    newlines, marks, backslashes, stars, commas = (places[special[places] == byte] for byte in b"\n!\\*,")
    line_begin = np.append(0, newlines[:-1] + 1)
    is_long = newlines - line_begin > LONGEST_RECORD_BYTES
    is_comment = (data[line_begin] == COMMENT) & ~is_long

    line_of = np.searchsorted(newlines, marks)
    behind = [byte_at(data, marks + offset) for offset in (1, 2, 3)]
    is_start = (
        np.logical_and.reduce([CAPITAL[byte] | DIGIT[byte] for byte in behind]) & ~(is_long | is_comment)[line_of]
    )
    begin, line_of = marks[is_start], line_of[is_start]
    refused, n_blank = other_lines(block, first_line, line_begin, newlines, is_long, is_comment, line_of)

    before = np.maximum(line_begin[line_of], np.append(0, begin[:-1])[: len(begin)])
    end = np.minimum(newlines[line_of], np.append(begin[1:], len(data))[: len(begin)])
    end = next_of(backslashes, begin, end)
    star = next_of(stars, begin, end)
    tag_begin, tag_end, raw_begin, bad_tag = tag_blocks(data, backslashes, stars, before, begin)
    # Six commas belong to the sentence, the seventh is behind it.
    spread = np.append(commas, np.full(7, len(data)))[np.searchsorted(commas, begin)[:, None] + np.arange(7)]
    n_parts, part, fill = (HEX[byte_at(data, spread[:, k] + 1)] for k in (0, 1, 5))
    reason = np.zeros(len(begin), dtype=np.int8)
    for why, wrong in {
        "bad_message": ~well_formed(begin, spread, star, n_parts, part, fill),
        "empty_message": (spread[:, 5] < star) & (spread[:, 4] + 1 == spread[:, 5]),
        "bad_tag_block": bad_tag,
        "bad_checksum": ~has_checksum(data, begin, star, end),
        "other_sentence": ~is_ais(data, begin),
    }.items():
        reason[wrong] = REASONS.index(why)

    said_us = np.full((len(begin), len(clocks)), UNSTATED, dtype=np.int64)
    if "tag_block" in clocks:
        said_us[:, clocks.index("tag_block")] = tag_times(data, commas, tag_begin, tag_end)
    if "suffix" in clocks:
        with_suffix = np.flatnonzero((reason == 0) & SEPARATOR[byte_at(data, star + 3)])
        said_us[with_suffix, clocks.index("suffix")] = suffix_times(
            block, data, star[with_suffix] + 3, end[with_suffix]
        )
    sentences = Sentences(
        line=first_line + line_of,
        item=np.arange(1, len(begin) + 1) - np.searchsorted(line_of, line_of),
        begin=begin,
        raw_begin=raw_begin,
        raw_end=end,
        tag_begin=tag_begin,
        tag_end=tag_end,
        commas=spread[:, :6],
        n_parts=n_parts,
        part=part,
        fill=fill,
        reason=reason,
        said_us=said_us,
    )
    return sentences, refused, n_blank


def other_lines(
    block: bytes,
    first_line: int,
    begin: np.ndarray,
    end: np.ndarray,
    is_long: np.ndarray,
    is_comment: np.ndarray,
    line_of: np.ndarray,
) -> tuple[list[Refused], int]:
    """The lines [n] that hold no sentence, refused, and how many of them are blank; `line_of` is the line of each sentence."""
    is_none = np.bincount(line_of, minlength=len(end)) == 0
    is_blank = is_comment | (begin == end)
    n_blank = int(is_blank.sum())
    refused = []
    for row in np.flatnonzero(is_none & ~is_blank).tolist():
        text = block[begin[row] : end[row]].strip()
        if is_long[row]:
            refused.append(Refused(first_line + row, "oversized_record", excerpt(text)))
        elif text:
            refused.append(Refused(first_line + row, "not_nmea", excerpt(text)))
        else:
            n_blank += 1
    return refused, n_blank


def well_formed(
    begin: np.ndarray, commas: np.ndarray, star: np.ndarray, n_parts: np.ndarray, part: np.ndarray, fill: np.ndarray
) -> np.ndarray:
    """Whether a sentence [n] has the six fields of a VDM behind its address, with numbers of one digit and a length that can be."""
    good = (commas[:, 5] < star) & (commas[:, 6] > star)
    good &= (commas[:, 1] == commas[:, 0] + 2) & (commas[:, 2] == commas[:, 1] + 2) & (star == commas[:, 5] + 2)
    good &= (part >= 1) & (part <= n_parts) & (n_parts <= 9) & (fill >= 0) & (fill <= 5)
    good &= (commas[:, 4] - begin <= LONGEST_HEADER) & (commas[:, 5] - commas[:, 4] - 1 <= LONGEST_PAYLOAD)
    return np.asarray(good)


def has_checksum(data: np.ndarray, begin: np.ndarray, star: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether two hexadecimal digits behind the star are what the characters of the sentence [n] come to."""
    stated = 16 * HEX[byte_at(data, star + 1)] + HEX[byte_at(data, star + 2)]
    right = (star < end) & ~WORD[byte_at(data, star + 3)] & (stated == checksums(data, begin + 1, star))
    return np.asarray(right)


def is_ais(data: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Whether a sentence [n] is a VDM or VDO of any talker."""
    letters = [byte_at(data, begin + offset) for offset in range(1, 6)]
    right = CAPITAL[letters[0]] & CAPITAL[letters[1]] & (letters[2] == ord("V")) & (letters[3] == ord("D"))
    return np.asarray(right & ((letters[4] == ord("M")) | (letters[4] == ord("O"))))


def byte_at(data: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The bytes at places [n]; beyond the end the last one, which is a newline."""
    return np.asarray(data[np.minimum(places, len(data) - 1)])


def next_of(places: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The first of the sorted places in begin <= place < end [n]; `end` where there is none."""
    return np.asarray(np.minimum(np.append(places, np.iinfo(np.int64).max)[np.searchsorted(places, begin)], end))


def checksums(data: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """All bytes of begin <= place < end joined by exclusive or [n]; the ranges stand in order and overlap nowhere."""
    if not len(begin):
        return np.zeros(0, dtype=np.uint8)
    joined = np.bitwise_xor.reduceat(data, np.column_stack((begin, end)).ravel())[::2]
    return np.where(end > begin, joined, 0)


def tag_blocks(
    data: np.ndarray, backslashes: np.ndarray, stars: np.ndarray, before: np.ndarray, begin: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Where the tag block of each sentence begins and ends, without the backslashes and its checksum (both at `begin` where there is none); where the
    sentence begins with it; and whether it is not to be believed. `before` is where the sentence before begins, or the line.
    """
    first, past = np.searchsorted(backslashes, before), np.searchsorted(backslashes, begin)
    some = np.flatnonzero(past > first)
    tag_begin, tag_end, raw_begin, bad = begin.copy(), begin.copy(), begin.copy(), np.zeros(len(begin), dtype=bool)
    raw_begin[some] = backslashes[first[some]]
    closed = (past[some] - first[some] == 2) & (backslashes[past[some] - 1] == begin[some] - 1)
    bad[some[~closed]] = True
    some = some[closed]
    opens, closes = backslashes[first[some]] + 1, begin[some] - 1
    star = next_of(stars, opens, closes)
    digits = closes - star - 1
    high, low = HEX[byte_at(data, star + 1)], HEX[byte_at(data, star + 2)]
    stated = np.select([digits == 2, digits == 1], [16 * high + low, high], NO_HEX)
    bad[some] = stated != checksums(data, opens, star)
    tag_begin[some], tag_end[some] = opens, star
    return tag_begin, tag_end, raw_begin, bad


def tag_times(data: np.ndarray, commas: np.ndarray, tag_begin: np.ndarray, tag_end: np.ndarray) -> np.ndarray:
    """The time of field c of each tag block [n]; of several the last."""
    time_us = np.full(len(tag_begin), UNSTATED, dtype=np.int64)
    tagged = np.flatnonzero(tag_end > tag_begin)
    if not len(tagged):
        return time_us
    begins = np.append(tag_begin[tagged], commas + 1)
    begins = np.sort(begins[(byte_at(data, begins) == ord("c")) & (byte_at(data, begins + 1) == ord(":"))])
    owner = tagged[np.maximum(np.searchsorted(tag_begin[tagged], begins, side="right") - 1, 0)]
    inside = (begins >= tag_begin[owner]) & (begins < tag_end[owner])
    begins, owner = begins[inside] + 2, owner[inside]
    ends = next_of(commas, begins, tag_end[owner])
    number, n_digits = number_before(data, ends)
    time_us[owner] = np.where((n_digits > 0) & (n_digits == ends - begins), instants(number), IMPOSSIBLE)
    return time_us


def suffix_times(block: bytes, data: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The last field of digits alone in each begin <= place < end as a time [n]; fields end at commas, tabs and spaces."""
    end = end - (byte_at(data, end - 1) == ord("\r"))
    number, n_digits = number_before(data, end)
    is_last = (n_digits > 0) & SEPARATOR[byte_at(data, end - n_digits - 1)]
    for row in np.flatnonzero(~is_last).tolist():
        found = DIGITS_ALONE.findall(block, int(begin[row]), int(end[row]))
        number[row] = UNSTATED
        if found:
            number[row] = int(found[-1]) if len(found[-1]) <= LONGEST_NUMBER else FARTHEST_US
    return np.where(number == UNSTATED, UNSTATED, instants(number))


def number_before(data: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The decimal number that ends before each place [n], and of how many digits it is; of a longer one its last fifteen."""
    number, n_digits = np.zeros(len(end), dtype=np.int64), np.zeros(len(end), dtype=np.int64)
    goes_on = np.ones(len(end), dtype=bool)
    for k in range(LONGEST_NUMBER):
        byte = byte_at(data, end - 1 - k)
        goes_on &= DIGIT[byte]
        if not goes_on.any():
            break
        number += np.where(goes_on, byte.astype(np.int64) - ord("0"), 0) * 10**k
        n_digits += goes_on
    return number, n_digits


def instants(number: np.ndarray) -> np.ndarray:
    """Seconds or milliseconds since 1970 [n] as microseconds; IMPOSSIBLE from the year 10000 on."""
    scale = np.where(number > MILLISECONDS_FROM, 1_000, 1_000_000)
    possible = number < FARTHEST_US // scale
    return np.where(possible, np.where(possible, number, 0) * scale, IMPOSSIBLE)


def join(block: bytes, sentences: Sentences, heard: Heard) -> tuple[dict[int, list[Part]], list[Part]]:
    """Messages of several sentences by the row of their last, and the parts that are given up."""
    joined: dict[int, list[Part]] = {}
    lost: list[Part] = []
    waiting = heard.waiting
    rows = np.flatnonzero((sentences.reason == 0) & (sentences.n_parts > 1))
    columns = (sentences.part, sentences.n_parts, sentences.line, sentences.item, sentences.said_us, sentences.commas)
    places = (sentences.begin, sentences.raw_begin, sentences.raw_end, sentences.tag_begin, sentences.tag_end)
    for row, number, n_parts, line, item, said_us, commas, begin, raw_begin, raw_end, tag_begin, tag_end in zip(
        rows.tolist(), *(column[rows].tolist() for column in (*columns, *places)), strict=True
    ):
        payload = block[commas[4] + 1 : commas[5]]
        raw = block[raw_begin : min(raw_end, raw_begin + RAW_CHARACTERS)].rstrip()
        part = Part(number, heard.n_sentences + row, line, item, raw, payload, said_us)
        while waiting and part.ordinal - next(iter(waiting.values()))[0].ordinal > PARTS_APART:
            lost += waiting.popitem(last=False)[1]
        group = GROUP.search(block, tag_begin, tag_end + 1) if tag_end > tag_begin else None
        # Address and number of parts; sequence number and channel.
        key = (group[1] if group else b"", block[begin : commas[1]], block[commas[2] : commas[4]])
        if number == 1:
            lost += waiting.pop(key, [])
            waiting[key] = [part]
        elif follows(waiting.get(key, []), part):
            waiting[key].append(part)
            if number == n_parts:
                joined[row] = waiting.pop(key)
        else:
            lost.append(part)
    return joined, lost


def follows(parts: list[Part], part: Part) -> bool:
    """Whether a part is the next of a message, and not too late to be of the same."""
    if len(parts) + 1 != part.number:
        return False
    times = first_stated(parts[0].said_us), first_stated(part.said_us)
    return min(times) < 0 or abs(times[1] - times[0]) <= PARTS_APART_US


def decode(text: bytes) -> tuple[int, Any, tuple[str | None, ...]]:
    """The kind of a message and its content, see `Kind`; or REFUSED and why. `text` is the payload, a comma and the number of fill bits."""
    payload, fill = text[:-2], text[-1] - ord("0")
    if payload.translate(None, ARMOUR):
        return REFUSED, "bad_message", ()
    of = CLASS_OF.get(payload[:1])
    if of is None:
        return REFUSED, "other_message", ()
    try:
        bits = bit_vector(payload, fill)
        message = of.from_vector(bits)
        number = LAYOUT_NUMBER[type(message)]
        if len(bits) < LAYOUTS[number].bits:
            return REFUSED, "bad_message", ()
        return number, *LAYOUTS[number].content(message)
    except Exception:  # pyais raises its own, ValueError, KeyError, ...: all mean that the bits are none of the type
        return REFUSED, "bad_message", ()


def base_station_times(kinds: np.ndarray, decoded: list[tuple[int, Any, Any]], heard: Heard) -> np.ndarray:
    """
    Time of each message [n] by the last base station heard before it or in it: the one nearest to it that has the message's own second, its very
    time where the message has none; UNSTATED before the first.
    """
    base_us = np.full(len(kinds), UNSTATED, dtype=np.int64)
    second = np.full(len(kinds), NO_SECOND, dtype=np.int64)
    for rows, layout, numbers in by_kind(kinds, decoded):
        if "second" in layout.numbers:
            second[rows] = numbers["second"]
        if "year" in layout.numbers:
            at = layout.numbers.index("year")
            base_us[rows] = [utc_us(layout.packed.unpack(decoded[row][1])[at:]) for row in rows.tolist()]
    last = np.maximum.accumulate(np.where(base_us >= 0, np.arange(len(kinds)), -1))
    base_us = np.where(last >= 0, base_us[last], heard.base_us)
    if len(base_us):
        heard.base_us = int(base_us[-1])
    # From 29 s before to 30 s after it.
    shift_s = (second - base_us // 1_000_000 % 60 + 29) % 60 - 29
    return np.where((second < NO_SECOND) & (base_us >= 0), base_us + shift_s * 1_000_000, base_us)


def by_kind(
    kinds: np.ndarray, decoded: list[tuple[int, Any, Any]]
) -> Iterator[tuple[np.ndarray, Kind, dict[str, np.ndarray]]]:
    """The rows [m] of each kind of message that occurs, its layout, and its numbers by attribute, each [m]."""
    for number, layout in enumerate(LAYOUTS):
        rows = np.flatnonzero(kinds == number)
        if len(rows):
            packed = np.frombuffer(b"".join([decoded[row][1] for row in rows.tolist()]), dtype=np.float64)
            columns = packed.reshape(len(rows), len(layout.numbers)).T
            yield rows, layout, dict(zip(layout.numbers, columns, strict=True))


def utc_us(fields: tuple[float, ...]) -> int:
    """Year, month, day, hour, minute, second as microseconds since 1970; UNSTATED when they are no time, as 0, 24 and 60 for "not available"."""
    try:
        year, month, day, hour, minute, second = map(int, fields)
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:
        return UNSTATED


def fields_of(kinds: np.ndarray, decoded: list[tuple[int, Any, Any]], time_us: np.ndarray) -> pa.Table:
    """The fields of decoded messages [n] of these kinds, with their times; null where a message does not have a field."""
    mmsi = np.zeros(len(kinds), dtype=np.int64)
    numbers = {name: np.full(len(kinds), np.nan) for name in NUMBERS}
    texts: dict[str, list[tuple[np.ndarray, list[str]]]] = {name: [] for name in TEXTS}
    for rows, layout, said in by_kind(kinds, decoded):
        mmsi[rows] = said["mmsi"]
        for attribute, missing in NOT_AVAILABLE.get(layout.type, {}).items():
            said[attribute] = np.where(said[attribute] == missing, np.nan, said[attribute])
        if "to_bow" in said:
            length_m = said["to_bow"] + said["to_stern"]
            said["length"] = np.where(length_m > 0, length_m, np.nan)
        for name in NUMBERS:
            if OTHER_NAMES.get(name, name) in said:
                numbers[name][rows] = said[OTHER_NAMES.get(name, name)]
        if "imo" in said:
            texts["imo"].append((rows, [str(int(imo)) if imo else "" for imo in said["imo"].tolist()]))
        if layout.texts:
            spoken = dict(zip(layout.texts, zip(*(decoded[row][2] for row in rows.tolist()), strict=True), strict=True))
            for name in ("shipname", "callsign"):
                if name in spoken:
                    texts[name].append((rows, list(spoken[name])))
            if "name" in spoken:
                halves = zip(spoken["name"], spoken["name_ext"], strict=True)
                texts["shipname"].append((rows, [name + (rest or "") for name, rest in halves]))
            if "text" in spoken:
                # Another text may name persons: it is not handed on.
                words = [(text or "").strip("@ ").upper() for text in spoken["text"]]
                texts["safety_text"].append((rows, [text if text in BEACON_TEXTS else "" for text in words]))
    encoded = pa.array(mmsi).dictionary_encode()
    padded = pc.utf8_lpad(encoded.dictionary.cast(pa.string()), 9, "0")
    transceiver = TRANSCEIVER[kinds]
    columns: dict[str, pa.Array] = {
        "mmsi": pa.DictionaryArray.from_arrays(encoded.indices, padded),
        "time": pa.array(time_us).cast(contracts.TIMESTAMP),
        "type": pa.DictionaryArray.from_arrays(pa.array(TYPE[kinds]), TYPE_NAMES),
        "transceiver": pa.DictionaryArray.from_arrays(pa.array(transceiver, mask=transceiver < 0), TRANSCEIVER_NAMES),
    }
    columns |= {name: pa.array(column, from_pandas=True) for name, column in numbers.items()}
    columns |= {name: text_column(pieces, len(kinds)) for name, pieces in texts.items()}
    return pa.table(columns)


def text_column(pieces: list[tuple[np.ndarray, list[str]]], n_rows: int) -> pa.Array:
    """A column [n] of the texts of some rows, without the @ that fills them; null where nothing is left and in all other rows."""
    if not pieces:
        return pa.nulls(n_rows, pa.string())
    values = pc.utf8_trim(pa.array([text for _, texts in pieces for text in texts], pa.string()), "@ ")
    index = np.full(n_rows, -1, dtype=np.int32)
    index[np.concatenate([rows for rows, _ in pieces])] = np.arange(len(values))
    return pc.if_else(pc.equal(values, ""), None, values).take(pa.array(index, mask=index < 0))
