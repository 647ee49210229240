"""Logs of NMEA sentences: what pyais decodes comes out, timed; every sentence is accounted for, whatever the log holds."""

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any

import numpy as np
import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais.stream import FileReaderStream

from pipeline import sources
from pipeline.errors import SourceError
from pipeline.sources import Source, nmea

PACKAGED = Path(sources.__file__).parents[1] / "reference" / "sources"
NOON = 1_700_049_600  # 2023-11-15 12:00:00 UTC
SAMPLES = ("mixed.txt", "nmea_data_sample.txt", "tagblock.nmea")


def packaged(source_id: str) -> Source:
    """One of the sources that come with the project."""
    return sources.parse(source_id, PACKAGED / f"{source_id}.toml")


TIMED = packaged("nmea_aivdm")


def with_clock(*clocks: str) -> Source:
    """The timed source with another order of clocks."""
    layout = TIMED.nmea.model_copy(update={"clock": list(clocks)})  # type: ignore[union-attr]
    return TIMED.model_copy(update={"nmea": layout})


UNTIMED = with_clock("base_station")


def checksum(characters: bytes) -> bytes:
    """Two hexadecimal digits."""
    return b"%02X" % reduce(xor, characters, 0)


def sentence(characters: bytes, start: bytes = b"!") -> bytes:
    """A sentence with its checksum."""
    return start + characters + b"*" + checksum(characters)


def tagged(content: bytes, rest: bytes) -> bytes:
    """A sentence with a tag block before it."""
    return b"\\" + content + b"*" + checksum(content) + b"\\" + rest


def timed(rest: bytes, time_s: int = NOON) -> bytes:
    """A sentence with a tag block that says nothing but the time."""
    return tagged(b"c:%d" % time_s, rest)


def armoured(*numbers: tuple[int, int]) -> tuple[bytes, int]:
    """Payload and fill bits of numbers of (value, bits), by the six-bit armour of IEC 61162-1."""
    bits = "".join(format(value & ((1 << width) - 1), f"0{width}b") for value, width in numbers)
    fill = -len(bits) % 6
    bits += "0" * fill
    sixes = [int(bits[at : at + 6], 2) for at in range(0, len(bits), 6)]
    return bytes(six + 48 if six < 40 else six + 56 for six in sixes), fill


def single(payload: bytes, fill: int = 0, channel: bytes = b"A", talker: bytes = b"AIVDM") -> bytes:
    """A sentence that is a message of its own."""
    return sentence(b"%s,1,1,,%s,%s,%d" % (talker, channel, payload, fill))


def encoded(sequence: int = 1, channel: str = "A", **message: Any) -> list[bytes]:
    """The sentences of a message of these fields."""
    said = {**message, "msg_type": message["type"]}  # pyais would write 2, 3 and 11 as 1 and 4
    lines = pyais.encode_dict(said, sentence_type="VDM", radio_channel=channel, seq_id=sequence)
    return [line.encode() for line in lines]


def position(mmsi: int = 237_000_001, **message: Any) -> bytes:
    """A position report of class A, with what is said otherwise."""
    said = {
        "type": 1,
        "lon": 25.5,
        "lat": 36.25,
        "speed": 12.3,
        "course": 90.0,
        "heading": 91,
        "second": 7,
        "status": 0,
    }
    (found,) = encoded(mmsi=mmsi, **{**said, **message})
    return found


def static(mmsi: int = 237_000_001, **message: Any) -> list[bytes]:
    """What a ship of class A says of itself: a message of two sentences."""
    said = {"type": 5, "shipname": "AEGEAN STAR", "callsign": "SVAB1", "imo": 9_074_729, "ship_type": 70}
    return encoded(mmsi=mmsi, **{**said, "to_bow": 100, "to_stern": 30, "draught": 7.5, **message})


def base_station(at: datetime, mmsi: int = 2_391_000) -> bytes:
    """A base station's report of the time."""
    names = ("year", "month", "day", "hour", "minute", "second")
    (found,) = encoded(type=4, mmsi=mmsi, lon=25.0, lat=37.0, **{name: getattr(at, name) for name in names})
    return found


def read(folder: Path, content: bytes | list[bytes], source: Source = TIMED) -> dict[str, Any]:
    """All that came out of a log: rows with where they begin, what was refused, raw text, the counts."""
    path = folder / "log.nmea"
    path.write_bytes(content if isinstance(content, bytes) else b"".join(line + b"\n" for line in content))
    found: dict[str, Any] = {"rows": [], "refused": [], "raws": [], "blank": 0, "lines_in": 0}
    for records in nmea.read(path, source, "log.nmea"):
        assert records.fields.num_rows == len(records.line) == len(records.items) == len(records.weights)
        places = zip(records.line.tolist(), records.items.tolist(), records.weights.tolist(), strict=True)
        for row, (line, item, n_records) in zip(records.fields.to_pylist(), places, strict=True):
            found["rows"].append({**row, "line": line, "item": item, "n_records": n_records})
        found["raws"] += [records.raw(row) for row in range(len(records.line))]
        found["refused"] += records.refused
        found["blank"] += records.n_blank
        found["lines_in"] += records.lines_in
    return found


def reasons(found: dict[str, Any]) -> list[tuple[int, int, str, int]]:
    """Line, item, reason and number of records of all that was refused, in the order of the log."""
    return sorted((one.line, one.item, one.reason, one.n_records) for one in found["refused"])


def only_row(folder: Path, *lines: bytes, source: Source = TIMED) -> dict[str, Any]:
    """The row of a log of one message, of which nothing was refused."""
    found = read(folder, list(lines), source)
    assert found["refused"] == []
    (row,) = found["rows"]
    return dict(row)


def counted(content: bytes) -> int:
    """Records of a log: starts of sentences and lines without any, counted line by line."""
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    total = 0
    for line in lines:
        whole = len(line) > 65_536 or line.startswith(b"#")
        total += 1 if whole else max(1, len(re.findall(rb"[!$][A-Z0-9]{3}", line)))
    return total


def test_a_position_report_has_the_numbers_that_were_sent(tmp_path: Path) -> None:
    # Packed by hand, so that nobody's decoder is believed: type, repeat, MMSI, status, turn, speed, accuracy, longitude, latitude, course, heading, second.
    payload, fill = armoured(
        (1, 6), (0, 2), (237_123_456, 30), (5, 4), (-128, 8), (123, 10), (1, 1), (-15_300_000, 28), (21_750_000, 27)
    , (2705, 12), (271, 9), (42, 6), (0, 2), (0, 3), (0, 1), (0, 19))  # fmt: skip
    row = only_row(tmp_path, timed(single(payload, fill)))
    assert {name: value for name, value in row.items() if value is not None} == {
        "mmsi": "237123456",
        "time": datetime.fromtimestamp(NOON, UTC),
        "type": "1",
        "lon": -25.5,
        "lat": 36.25,
        "sog": 12.3,
        "cog": 270.5,
        "heading": 271.0,
        "status": 5.0,
        "transceiver": "A",
        "line": 1,
        "item": 1,
        "n_records": 1,
    }


def test_what_is_not_available_is_left_to_who_judges(tmp_path: Path) -> None:
    row = only_row(tmp_path, timed(position(lon=181, lat=91, speed=102.3, course=360, heading=511, status=15)))
    assert [row[name] for name in ("lon", "lat", "sog", "cog", "heading", "status")] == [181, 91, 102.3, 360, 511, 15]


def test_a_static_message_of_two_sentences_is_one_row(tmp_path: Path) -> None:
    first, second = static()
    found = read(tmp_path, [timed(first), timed(second)])
    (row,) = found["rows"]
    assert (row["line"], row["item"], row["n_records"], found["lines_in"]) == (1, 1, 2, 2)
    assert (row["type"], row["transceiver"], row["shipname"], row["callsign"]) == ("5", "A", "AEGEAN STAR", "SVAB1")
    assert (row["imo"], row["ship_type"], row["length"], row["draught"]) == ("9074729", 70.0, 130.0, 7.5)
    assert row["lon"] is None
    assert found["raws"] == [f"{timed(first).decode()}\n{timed(second).decode()}"]


def test_what_a_static_message_does_not_state_is_null(tmp_path: Path) -> None:
    row = only_row(tmp_path, *map(timed, static(shipname="", callsign="", imo=0, to_bow=0, to_stern=0)))
    assert [row[name] for name in ("shipname", "callsign", "imo", "length")] == [None] * 4


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": 2}, {"type": "2", "transceiver": "A"}),
        ({"type": 3}, {"type": "3", "transceiver": "A"}),
        ({"type": 4, "year": 2023, "month": 11, "day": 15}, {"type": "4", "transceiver": None, "lon": 25.5}),
        ({"type": 11, "year": 2023, "month": 11, "day": 15}, {"type": "11", "transceiver": None, "lat": 36.25}),
        ({"type": 9, "speed": 120}, {"type": "9", "transceiver": None, "sog": 120.0, "cog": 90.0}),
        ({"type": 18}, {"type": "18", "transceiver": "B", "sog": 12.3, "heading": 91.0, "status": None}),
        ({"type": 19, "shipname": "NAIAS", "ship_type": 37, "to_bow": 9, "to_stern": 3},
         {"type": "19", "transceiver": "B", "shipname": "NAIAS", "ship_type": 37.0, "length": 12.0, "lon": 25.5}),
        ({"type": 21, "name": "BUOY OF THE NARROWS", "name_ext": ""},
         {"type": "21", "transceiver": None, "shipname": "BUOY OF THE NARROWS", "lat": 36.25}),
        ({"type": 21, "name": "TWENTY CHARACTERS AB", "name_ext": "CDE"}, {"shipname": "TWENTY CHARACTERS ABCDE"}),
        ({"type": 24, "partno": 0, "shipname": "MELTEMI"}, {"type": "24", "transceiver": "B", "shipname": "MELTEMI"}),
        ({"type": 24, "partno": 1, "callsign": "SX12", "ship_type": 36, "to_bow": 8, "to_stern": 4},
         {"type": "24", "callsign": "SX12", "ship_type": 36.0, "length": 12.0, "shipname": None}),
        ({"type": 24, "partno": 1, "mmsi": 982_370_001, "mothership_mmsi": 1, "callsign": "SX13", "ship_type": 36},
         {"mmsi": "982370001", "callsign": "SX13", "length": None}),
        ({"type": 27, "speed": 12, "course": 90}, {"type": "27", "transceiver": None, "sog": 12.0, "status": 0.0}),
    ],
)  # fmt: skip
def test_every_type_that_says_where_or_who_is_a_row(
    tmp_path: Path, message: dict[str, Any], expected: dict[str, Any]
) -> None:
    said = {"mmsi": 237_000_002, "lon": 25.5, "lat": 36.25, "speed": 12.3, "course": 90.0, "heading": 91, "status": 0}
    lines = [timed(one) for one in encoded(**{**said, **message})]
    row = only_row(tmp_path, *lines)
    assert row["n_records"] == len(lines)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("type_", [6, 7, 8, 10, 12, 13, 15, 16, 17, 20, 22, 23, 25, 26, 0, 28, 40, 63])
def test_other_types_are_refused_as_such(tmp_path: Path, type_: int) -> None:
    payload, fill = armoured((type_, 6), (0, 2), (237_000_001, 30), (0, 130))
    assert reasons(read(tmp_path, [timed(single(payload, fill))])) == [(1, 1, "other_message", 1)]


def test_whole_knots_of_an_aircraft_and_of_long_range_have_their_own_word_for_unknown(tmp_path: Path) -> None:
    row = only_row(tmp_path, timed(encoded(type=9, mmsi=111_237_001, lon=1, lat=1, speed=1023)[0]))
    assert row["sog"] is None
    row = only_row(tmp_path, timed(encoded(type=9, mmsi=111_237_001, lon=1, lat=1, speed=1022)[0]))
    assert row["sog"] == 1022.0
    row = only_row(tmp_path, timed(encoded(type=27, mmsi=237_000_001, lon=1, lat=1, speed=63, course=511)[0]))
    assert (row["sog"], row["cog"]) == (None, None)
    row = only_row(tmp_path, timed(encoded(type=27, mmsi=237_000_001, lon=1, lat=1, speed=62, course=359)[0]))
    assert (row["sog"], row["cog"]) == (62.0, 359.0)


@pytest.mark.parametrize("text", ["SART ACTIVE", "SART TEST", "MOB ACTIVE", "MOB TEST", "EPIRB ACTIVE", "EPIRB TEST"])
def test_what_a_beacon_says_is_kept(tmp_path: Path, text: str) -> None:
    assert only_row(tmp_path, timed(encoded(type=14, mmsi=970_123_456, text=text)[0]))["safety_text"] == text


@pytest.mark.parametrize("text", ["GEORGE IS ON BOARD", "SART ACTIVE GEORGE", "", "ACTIVE"])
def test_another_safety_text_is_not(tmp_path: Path, text: str) -> None:
    row = only_row(tmp_path, *map(timed, encoded(type=14, mmsi=237_000_001, text=text)))
    assert row["safety_text"] is None


def test_an_mmsi_has_nine_digits_where_it_can(tmp_path: Path) -> None:
    assert only_row(tmp_path, timed(position(mmsi=2_391_000)))["mmsi"] == "002391000"
    assert only_row(tmp_path, timed(position(mmsi=1_073_741_823)))["mmsi"] == "1073741823"


def test_a_ship_type_is_a_plain_number(tmp_path: Path) -> None:
    row = only_row(tmp_path, *map(timed, static(ship_type=52)))
    assert type(row["ship_type"]) is float
    assert row["ship_type"] == 52.0


@pytest.mark.parametrize(
    ("type_", "bits", "accepted"),
    [(1, 168, True), (1, 167, False), (1, 162, False), (1, 38, False), (1, 6, False), (18, 167, False), (19, 312, True),
     (19, 311, False), (27, 96, True), (27, 95, False), (5, 420, True), (5, 419, False), (21, 272, True), (21, 271, False),
     (9, 167, False), (4, 167, False), (14, 40, True), (14, 39, False)],
)  # fmt: skip
def test_a_message_needs_the_bits_of_its_type(tmp_path: Path, type_: int, bits: int, accepted: bool) -> None:
    payload, fill = armoured((type_, 6), *[(0, 1)] * (bits - 6))
    found = read(tmp_path, [timed(single(payload, fill))])
    assert reasons(found) == ([] if accepted else [(1, 1, "bad_message", 1)])


@pytest.mark.parametrize(
    ("part", "bits", "accepted"),
    [(0, 160, True), (0, 159, False), (1, 162, True), (1, 161, False), (2, 168, False), (3, 168, False)],
)
def test_a_static_report_of_class_b_needs_the_bits_of_its_part(
    tmp_path: Path, part: int, bits: int, accepted: bool
) -> None:
    payload, fill = armoured((24, 6), (0, 2), (237_000_001, 30), (part, 2), *[(0, 1)] * (bits - 40))
    assert reasons(read(tmp_path, [timed(single(payload, fill))])) == ([] if accepted else [(1, 1, "bad_message", 1)])


@pytest.mark.parametrize(
    "characters",
    [
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip",  # no fill bits
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,",
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,6",
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,a",
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,00",
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0,0",
        b"AIVDM,1,1,,A,13HOI:0P0000VOXLCnHQKwvL05Ip,0",  # X is none of the armour's characters
        b"AIVDM,1,1,,A,13HOI:0P0000VO LCnHQKwvL05Ip,0",
        b"AIVDM,1,1,,A,13HOI:0P0000VO\xc3\xa9CnHQKwvL05Ip,0",
        b"AIVDM,1,2,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,1,0,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,0,0,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,,,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,10,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,2,3,1,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,-1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,a,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip0,6",
        b"AIVDM,1,1,,A," + b"1" * 201 + b",0",
        b"AIVDM,1,1," + b"9" * 40 + b",A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
        b"AIVDM",
        b"AIVDM,",
        b"AIVDMX1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0",
    ],
)
def test_a_sentence_that_is_put_together_wrongly_is_a_bad_message(tmp_path: Path, characters: bytes) -> None:
    assert reasons(read(tmp_path, [timed(sentence(characters))])) == [(1, 1, "bad_message", 1)]


@pytest.mark.parametrize("talker", [b"AIVDM", b"AIVDO", b"BSVDM", b"SAVDM", b"ABVDM", b"ZZVDO"])
def test_any_talker_is_heard(tmp_path: Path, talker: bytes) -> None:
    payload = position().split(b",")[5]
    assert only_row(tmp_path, timed(single(payload, talker=talker)))["mmsi"] == "237000001"


@pytest.mark.parametrize(
    "characters",
    [b"GPGGA,184353.07,1929.045,S", b"PGHP,1,2008,5,9", b"AIVSI,1", b"A1VDM,1,1,,A,1,0", b"AIVDX,1,1,,A,1,0", b"ABC"],
)
def test_another_sentence_is_refused_as_such_even_when_its_checksum_is_wrong(tmp_path: Path, characters: bytes) -> None:
    lines = [sentence(characters, b"$"), sentence(characters), b"$" + characters, b"$" + characters + b"*00"]
    assert reasons(read(tmp_path, lines)) == [(line, 1, "other_sentence", 1) for line in range(1, 5)]


@pytest.mark.parametrize(
    "line",
    [b"foobar", b"!", b"$$$!!!", b"!AI", b"!AI\x00DM,1,1,,A,1,0*00", b"!aivdm,1,1,,A,1,0*23", b"\x00\xff\xfe", b"! AIVDM",
     b"\\c:1700049600*5F\\"],
)  # fmt: skip
def test_a_line_without_a_sentence_is_not_nmea(tmp_path: Path, line: bytes) -> None:
    found = read(tmp_path, [line, timed(position())])
    assert reasons(found) == [(1, 1, "not_nmea", 1)]
    assert found["rows"][0]["line"] == 2
    assert found["lines_in"] == 2


def test_empty_lines_and_remarks_are_blank(tmp_path: Path) -> None:
    lines = [b"", b"\r", b"  \t", b"# a remark", b"#" + position(), b" # no remark: it begins with a space"]
    found = read(tmp_path, lines)
    assert (found["blank"], found["lines_in"], reasons(found)) == (5, 6, [(6, 1, "not_nmea", 1)])


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, 10])
def test_a_missing_or_wrong_checksum_is_refused(tmp_path: Path, cut: int) -> None:
    whole = position()
    spoilt = whole[:-cut] if cut else whole[:-1] + (b"0" if whole[-1:] != b"0" else b"1")
    assert reasons(read(tmp_path, [timed(spoilt)])) == [(1, 1, "bad_checksum", 1)]


def test_a_changed_character_is_noticed(tmp_path: Path) -> None:
    whole = position()
    for at in range(len(b"!AIVDM,"), len(whole) - 3):
        spoilt = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        found = read(tmp_path, [timed(spoilt)])
        assert [one.reason for one in found["refused"]] == ["bad_checksum"], spoilt


def test_checksums_may_be_written_small_but_not_go_on(tmp_path: Path) -> None:
    whole = next(
        one
        for one in map(position, range(237_000_001, 237_000_100))
        if one[-2:-1] in b"1234567" and one[-1:] in b"ABCDEF"
    )
    assert only_row(tmp_path, timed(whole[:-2] + whole[-2:].lower()))["mmsi"].startswith("2370000")
    assert reasons(read(tmp_path, [timed(whole + b"0")])) == [(1, 1, "bad_checksum", 1)]


def test_an_empty_payload_is_an_empty_message(tmp_path: Path) -> None:
    lines = [sentence(b"AIVDM,1,1,,B,,0"), timed(sentence(b"AIVDM,2,1,3,B,,0")), sentence(b"AIVDM,1,1,,B,,")]
    assert reasons(read(tmp_path, lines)) == [(line, 1, "empty_message", 1) for line in (1, 2, 3)]


def test_a_line_may_hold_several_sentences(tmp_path: Path) -> None:
    first, second, third = (position(mmsi=237_000_000 + number) for number in (1, 2, 3))
    line = (
        timed(first)
        + b",rSTATION"
        + timed(second, NOON + 5)
        + third
        + b","
        + b"%d" % (NOON + 9)
        + sentence(b"GPGGA,1", b"$")
    )
    found = read(tmp_path, [b"", line + b"\r"])
    assert [(row["mmsi"], row["line"], row["item"]) for row in found["rows"]] == [
        ("237000001", 2, 1),
        ("237000002", 2, 2),
        ("237000003", 2, 3),
    ]
    assert [row["time"] for row in found["rows"]] == [datetime.fromtimestamp(NOON + s, UTC) for s in (0, 5, 9)]
    assert reasons(found) == [(2, 4, "other_sentence", 1)]
    assert found["raws"][:2] == [timed(first).decode() + ",rSTATION", timed(second, NOON + 5).decode()]
    assert found["lines_in"] == 5


def test_text_before_a_sentence_does_not_matter(tmp_path: Path) -> None:
    row = only_row(tmp_path, b"2023-11-15 12:00:00 " + timed(position()))
    assert row["mmsi"] == "237000001"


def test_raw_text_of_a_refused_sentence_has_its_tag_block(tmp_path: Path) -> None:
    line = timed(position()[:-1])
    (refused,) = read(tmp_path, [b"before " + line + b" \r"])["refused"]
    assert refused.raw == line.decode()
    (refused,) = read(tmp_path, [b"\x00\xff" * 300])["refused"]
    assert len(refused.raw) == 400
    assert "\x00" not in refused.raw


@pytest.mark.parametrize(
    ("clock", "line", "time_s"),
    [
        ("tag_block", tagged(b"c:1700049600", position()), 1_700_049_600),
        ("tag_block", tagged(b"c:1700049600123", position()), 1_700_049_600.123),
        ("tag_block", tagged(b"c:100000000000", position()), 100_000_000_000),
        ("tag_block", tagged(b"c:100000000001", position()), 100_000_000.001),
        ("tag_block", tagged(b"c:253402300799999", position()), 253_402_300_799.999),
        ("tag_block", tagged(b"g:1-2-7,n:1,s:r0036,c:1700049600,T:2023-11-15 12.00.00", position()), 1_700_049_600),
        ("tag_block", tagged(b"sc:1,xc:2,c:0", position()), 0),
        ("suffix", position() + b",1700049600", 1_700_049_600),
        ("suffix", position() + b",1700049600\r", 1_700_049_600),
        ("suffix", position() + b"\t1700049600", 1_700_049_600),
        ("suffix", position() + b" 1700049600 ", 1_700_049_600),
        ("suffix", position() + b",1700049600123", 1_700_049_600.123),
        ("suffix", position() + b",rORBCOMM000,1700049600", 1_700_049_600),
        ("suffix", position() + b",s12345,d-089,17,1700049600,r08FALN1", 1_700_049_600),
        ("suffix", position() + b",,,1700049600,", 1_700_049_600),
    ],
)
def test_the_clock_is_read(tmp_path: Path, clock: str, line: bytes, time_s: float) -> None:
    row = only_row(tmp_path, line, source=with_clock(clock))
    assert row["time"] == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(time_s * 1000))


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        ("tag_block", position()),
        ("tag_block", position() + b",1700049600"),
        ("tag_block", tagged(b"s:r0036", position())),
        ("tag_block", tagged(b"c:", position())),
        ("tag_block", tagged(b"c:-1700049600", position())),
        ("tag_block", tagged(b"c:1700049600.5", position())),
        ("tag_block", tagged(b"c:17000a9600", position())),
        ("tag_block", tagged(b"c:253402300800000", position())),
        ("tag_block", tagged(b"c:" + b"9" * 30, position())),
        ("suffix", timed(position())),
        ("suffix", position() + b","),
        ("suffix", position() + b",x1700049600"),
        ("suffix", position() + b",1700049600x"),
        ("suffix", position() + b",-1700049600"),
        ("suffix", position() + b";1700049600"),
        ("suffix", position() + b",253402300800000"),
        ("suffix", position() + b"," + b"9" * 5000),
        ("suffix", position() + b"," + b"9" * 16 + b",r"),
        ("base_station", timed(position()) + b",1700049600"),
    ],
)
def test_no_time_that_can_be_is_no_time(tmp_path: Path, clock: str, line: bytes) -> None:
    assert reasons(read(tmp_path, [line], with_clock(clock))) == [(1, 1, "no_time", 1)]


def test_the_first_clock_that_a_message_has_counts(tmp_path: Path) -> None:
    line = timed(position(), NOON) + b",%d" % (NOON + 60)
    noon = datetime.fromtimestamp(NOON, UTC)
    assert only_row(tmp_path, line, source=with_clock("tag_block", "suffix"))["time"] == noon
    assert only_row(tmp_path, line, source=with_clock("suffix", "tag_block"))["time"] == noon + timedelta(minutes=1)
    other = tagged(b"s:r0036", position()) + b",%d" % (NOON + 60)
    assert only_row(tmp_path, other)["time"] == noon + timedelta(minutes=1)
    impossible = tagged(b"c:9999999999999999", position()) + b",%d" % NOON
    assert reasons(read(tmp_path, [impossible])) == [(1, 1, "no_time", 1)]


@pytest.mark.parametrize(
    "block",
    [
        b"\\c:1700049600*00\\",
        b"\\c:1700049600*\\",
        b"\\c:1700049600\\",
        b"\\c:1700049600*5\\",
        b"\\c:1700049600*5FF\\",
        b"\\c:1700049600*5F",
        b"c:1700049600*5F\\",
        b"\\c:1700049600*5F\\ ",
        b"\\\\",
        b"\\*00\\ \\*00\\",
        tagged(b"x\\c:1700049600", b""),  # a backslash in the block: which one opens it?
    ],
)
def test_a_sentence_falls_with_its_tag_block(tmp_path: Path, block: bytes) -> None:
    found = read(tmp_path, [block + position() + b",1700049600"])
    assert reasons(found) == [(1, 1, "bad_tag_block", 1)]


def test_a_tag_block_whose_checksum_lost_its_zero_is_right(tmp_path: Path) -> None:
    content = next(
        c for c in (b"s:%c,c:1700049600" % letter for letter in b"019AKZakz") if checksum(c).startswith(b"0")
    )
    line = b"\\" + content + b"*" + checksum(content)[1:] + b"\\" + position()
    assert only_row(tmp_path, line)["time"] == datetime.fromtimestamp(NOON, UTC)


def test_a_tag_block_belongs_to_the_sentence_behind_it_alone(tmp_path: Path) -> None:
    spoilt = b"\\c:1*00\\"
    found = read(tmp_path, [spoilt + position() + timed(position(mmsi=237_000_002))])
    assert reasons(found) == [(1, 1, "bad_tag_block", 1)]
    assert found["rows"][0]["mmsi"] == "237000002"


def test_base_stations_are_the_clock_of_a_log_without_times(tmp_path: Path) -> None:
    at = datetime(2023, 11, 15, 12, 0, 50, tzinfo=UTC)
    lines = [
        position(second=1),
        base_station(at),
        position(second=52),
        position(second=3),
        position(second=20),
        position(second=21),
        position(second=60),
        position(second=63),
        *static(),
        base_station(at + timedelta(minutes=5), mmsi=2_392_000),
        position(second=50),
    ]
    found = read(tmp_path, lines, UNTIMED)
    assert reasons(found) == [(1, 1, "no_time", 1)]
    shifts = [(row["time"] - at).total_seconds() for row in found["rows"]]
    assert shifts == [0, 2, 13, 30, -29, 0, 0, 0, 300, 300]


def test_a_message_without_a_clock_of_its_own_type_takes_the_base_stations_time(tmp_path: Path) -> None:
    at = datetime(2023, 12, 31, 23, 59, 58, tzinfo=UTC)
    lines = [base_station(at), position(second=2), encoded(type=27, mmsi=237_000_001, lon=1, lat=1)[0]]
    found = read(tmp_path, lines, UNTIMED)
    assert [row["time"] - at for row in found["rows"]] == [timedelta(0), timedelta(seconds=4), timedelta(0)]
    assert found["rows"][1]["time"].year == 2024


@pytest.mark.parametrize(
    "date",
    [{"year": 0}, {"month": 0}, {"month": 13}, {"day": 0}, {"month": 2, "day": 30}, {"hour": 24},
     {"minute": 60}, {"second": 60}, {"year": 10_000}, {"year": 1969}],
)  # fmt: skip
def test_a_base_station_without_the_time_is_no_clock(tmp_path: Path, date: dict[str, int]) -> None:
    said = {"year": 2023, "month": 11, "day": 15, "hour": 12, "minute": 0, "second": 0, **date}
    report: dict[str, Any] = {"type": 4, "mmsi": 2_391_000, "lon": 25.0, "lat": 37.0, **said}
    lines = [*encoded(**report), position()]
    assert reasons(read(tmp_path, lines, UNTIMED)) == [(1, 1, "no_time", 1), (2, 1, "no_time", 1)]
    at = datetime(2023, 11, 15, 12, tzinfo=UTC)
    assert [row["time"].hour for row in read(tmp_path, [base_station(at), *lines], UNTIMED)["rows"]] == [12, 12, 12]


def test_times_beyond_the_years_of_a_clock_are_refused(tmp_path: Path) -> None:
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    found = read(tmp_path, [base_station(end), position(second=5)], UNTIMED)
    assert [row["time"] for row in found["rows"]] == [end]
    assert reasons(found) == [(2, 1, "no_time", 1)]
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    assert reasons(read(tmp_path, [base_station(begin), position(second=55)], UNTIMED)) == [(2, 1, "no_time", 1)]


def test_a_clock_in_another_block_is_remembered(tmp_path: Path) -> None:
    at = datetime(2023, 11, 15, 12, tzinfo=UTC)
    found = read(tmp_path, in_another_block([base_station(at)], [position(second=5)]), UNTIMED)
    assert [row["time"] - at for row in found["rows"]] == [timedelta(0), timedelta(seconds=5)]


def in_another_block(before: list[bytes], behind: list[bytes]) -> bytes:
    """A log in which remarks fill the rest of the block of the first lines."""
    remarks = (b"#" + b"-" * 99 + b"\n") * (nmea.BLOCK_BYTES // 100 + 1)
    return b"".join(line + b"\n" for line in before) + remarks + b"".join(line + b"\n" for line in behind)


def test_parts_in_different_blocks_find_each_other(tmp_path: Path) -> None:
    first, second = static()
    found = read(tmp_path, in_another_block([timed(first)], [timed(second)]))
    (row,) = found["rows"]
    assert (row["line"], row["n_records"], row["shipname"]) == (1, 2, "AEGEAN STAR")
    assert found["raws"] == [f"{timed(first).decode()}\n{timed(second).decode()}"]


@pytest.mark.parametrize("block_bytes", [1, 7, 64, 65, 100, 1000])
def test_where_blocks_end_does_not_matter(tmp_path: Path, block_bytes: int) -> None:
    log = [*generated(seed=11, n_messages=60), b"", b"noise", b"# remark", timed(static()[0])]
    whole = read(tmp_path, log)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nmea, "BLOCK_BYTES", block_bytes)
        apart = read(tmp_path, log)
    assert apart["rows"] == whole["rows"]
    assert apart["raws"] == whole["raws"]
    assert sorted(apart["refused"], key=str) == sorted(whole["refused"], key=str)
    assert (apart["lines_in"], apart["blank"]) == (whole["lines_in"], whole["blank"])


def test_time_may_stand_on_any_part_and_the_first_counts(tmp_path: Path) -> None:
    first, second = static()
    noon = datetime.fromtimestamp(NOON, UTC)
    group = [tagged(b"g:1-2-99,s:r1,c:%d" % NOON, first), tagged(b"g:2-2-99,n:5", second)]
    assert only_row(tmp_path, *group)["time"] == noon
    assert only_row(tmp_path, first, timed(second))["time"] == noon
    assert only_row(tmp_path, timed(first), timed(second, NOON + 3))["time"] == noon
    assert reasons(read(tmp_path, [first, second])) == [(1, 1, "no_time", 2)]


def test_groups_keep_two_stations_apart(tmp_path: Path) -> None:
    ours, theirs = static(shipname="OURS"), static(mmsi=237_000_002, shipname="THEIRS")
    lines = [
        tagged(b"g:1-2-1,c:%d" % NOON, ours[0]),
        tagged(b"g:1-2-2,c:%d" % NOON, theirs[0]),
        tagged(b"g:2-2-1", ours[1]),
        tagged(b"n:7,g:2-2-2", theirs[1]),
    ]
    found = read(tmp_path, lines)
    assert [(row["shipname"], row["line"]) for row in found["rows"]] == [("OURS", 1), ("THEIRS", 2)]
    assert found["refused"] == []


@pytest.mark.parametrize(
    "second",
    [
        {"sequence": 2},
        {"channel": "B"},
    ],
)
def test_parts_of_another_sequence_or_channel_are_not_joined(tmp_path: Path, second: dict[str, Any]) -> None:
    lines = [timed(static()[0]), timed(encoded(type=5, mmsi=237_000_001, shipname="X", **second)[1])]
    assert reasons(read(tmp_path, lines)) == [(1, 1, "incomplete_message", 1), (2, 1, "incomplete_message", 1)]


def test_parts_of_another_talker_or_group_are_not_joined(tmp_path: Path) -> None:
    first, second = static()
    other = sentence(b"BS" + second[3:-3])
    groups = [tagged(b"g:1-2-5,c:%d" % NOON, first), tagged(b"g:2-2-6,c:%d" % NOON, second)]
    for lines in ([timed(first), timed(other)], groups):
        assert reasons(read(tmp_path, lines)) == [(1, 1, "incomplete_message", 1), (2, 1, "incomplete_message", 1)]


def test_parts_come_in_order(tmp_path: Path) -> None:
    first, second = static()
    found = read(tmp_path, [timed(second), timed(first)])
    assert reasons(found) == [(1, 1, "incomplete_message", 1), (2, 1, "incomplete_message", 1)]


def test_the_fill_bits_of_the_last_part_are_no_bits_of_the_message(tmp_path: Path) -> None:
    for bits, refused in ((420, []), (419, [(1, 1, "bad_message", 2)])):
        payload, fill = armoured((5, 6), *[(0, 1)] * (bits - 6))
        parts = sentence(b"AIVDM,2,1,4,B,%s,0" % payload[:50]), sentence(b"AIVDM,2,2,4,B,%s,%d" % (payload[50:], fill))
        assert reasons(read(tmp_path, list(map(timed, parts)))) == refused


def test_a_new_first_part_gives_up_the_old_one(tmp_path: Path) -> None:
    first, second = static()
    found = read(tmp_path, [timed(first), timed(first, NOON + 1), timed(second), timed(second)])
    assert reasons(found) == [(1, 1, "incomplete_message", 1), (4, 1, "incomplete_message", 1)]
    assert [(row["line"], row["n_records"]) for row in found["rows"]] == [(2, 2)]


def test_a_group_number_may_be_used_again(tmp_path: Path) -> None:
    lines = []
    for number in range(50):
        first, second = static(shipname=f"SHIP {number}")
        lines += [tagged(b"g:1-2-3,c:%d" % (NOON + number), first), tagged(b"g:2-2-3", second)]
    found = read(tmp_path, lines)
    assert [row["shipname"] for row in found["rows"]] == [f"SHIP {number}" for number in range(50)]
    assert found["refused"] == []


def test_a_part_that_fails_its_checksum_leaves_the_others_incomplete(tmp_path: Path) -> None:
    first, second = static()
    found = read(tmp_path, [timed(first), timed(second[:-1])])
    assert reasons(found) == [(1, 1, "incomplete_message", 1), (2, 1, "bad_checksum", 1)]


def test_all_parts_share_the_outcome_of_their_message(tmp_path: Path) -> None:
    payload, fill = armoured((8, 6), *[(0, 1)] * 500)
    halves = [sentence(b"AIVDM,2,1,4,B,%s,0" % payload[:50]), sentence(b"AIVDM,2,2,4,B,%s,%d" % (payload[50:], fill))]
    short = [sentence(b"AIVDM,2,1,5,B,53@o0E,0"), sentence(b"AIVDM,2,2,5,B,0000,0")]
    found = read(tmp_path, [*map(timed, halves), *map(timed, short)])
    assert reasons(found) == [(1, 1, "other_message", 2), (3, 1, "bad_message", 2)]
    assert found["refused"][0].raw == "\n".join(timed(half).decode() for half in halves)
    assert found["lines_in"] == 4


def test_three_parts_are_joined(tmp_path: Path) -> None:
    payload = b"".join(one.split(b",")[5] for one in static())
    cuts = [payload[:30], payload[30:40], payload[40:]]
    lines = [timed(sentence(b"AIVDM,3,%d,7,A,%s,%d" % (n, cut, 2 if n == 3 else 0))) for n, cut in enumerate(cuts, 1)]
    row = only_row(tmp_path, *lines)
    assert (row["n_records"], row["shipname"], row["draught"]) == (3, "AEGEAN STAR", 7.5)
    assert reasons(read(tmp_path, [lines[0], lines[2], lines[1]])) == [
        (1, 1, "incomplete_message", 1),
        (2, 1, "incomplete_message", 1),
        (3, 1, "incomplete_message", 1),
    ]


@pytest.mark.parametrize(("apart_s", "joined"), [(0, True), (60, True), (-60, True), (61, False), (-61, False)])
def test_parts_are_at_most_a_minute_apart(tmp_path: Path, apart_s: int, joined: bool) -> None:
    first, second = static()
    found = read(tmp_path, [timed(first), timed(second, NOON + apart_s)])
    assert len(found["rows"]) == joined
    assert len(found["refused"]) == (0 if joined else 2)


@pytest.mark.parametrize(("between", "joined"), [(4095, True), (4096, False)])
def test_parts_are_a_bounded_number_of_sentences_apart(tmp_path: Path, between: int, joined: bool) -> None:
    first, second = static()
    found = read(tmp_path, [timed(first), *[sentence(b"GPGGA,1", b"$")] * between, timed(second)])
    assert [row["n_records"] for row in found["rows"]] == [2] * joined
    assert Counter(one.reason for one in found["refused"])["incomplete_message"] == (0 if joined else 2)


def test_endless_groups_do_not_pile_up(tmp_path: Path) -> None:
    first = static()[0]
    lines = [tagged(b"g:1-2-%d,c:%d" % (number, NOON), first) for number in range(20_000)]
    path = tmp_path / "log.nmea"
    path.write_bytes(b"\n".join(lines))
    *blocks, rest = nmea.read(path, TIMED, "log.nmea")
    assert len(rest.refused) == nmea.PARTS_APART + 1
    assert sum(one.lines_in for one in [*blocks, rest]) == 20_000


def test_groups_with_impossible_numbers_are_read_by_their_sentences(tmp_path: Path) -> None:
    first, second = static()
    for group in (b"g:9-1-4", b"g:0-0-4", b"g:x", b"g:1-2-", b"g:", b"g:1-2-" + b"9" * 500):
        row = only_row(tmp_path, tagged(group + b",c:%d" % NOON, first), tagged(group, second))
        assert row["shipname"] == "AEGEAN STAR"


def test_a_line_longer_than_a_record_may_be_is_one_record(tmp_path: Path) -> None:
    longest = b"x" * (65_536 - len(position())) + position()
    lines = [longest, b"x" + longest, timed(position())]
    found = read(tmp_path, lines)
    assert reasons(found) == [(1, 1, "no_time", 1), (2, 1, "oversized_record", 1)]
    assert found["rows"][0]["line"] == 3
    assert found["lines_in"] == 3
    endless = (timed(position()) + b" ") * 4000
    assert reasons(read(tmp_path, timed(position()) + b"\n" + endless)) == [(2, 1, "oversized_record", 1)]


@pytest.mark.parametrize("content", [b"\x00" * 300_000, b"x" * 300_000, (b"!AIVDM," * 50_000)])
def test_a_file_without_lines_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(
        SourceError, match=r"^log.nmea: line 1: longer than 65536 bytes; .*; nothing of it was taken in$"
    ):
        read(tmp_path, content)


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n"])
def test_a_log_in_which_nothing_was_heard_is_read(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content)
    assert (found["rows"], found["refused"], found["blank"]) == ([], [], content.count(b"\n"))


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    found = read(tmp_path, timed(position()) + b"\r\n" + timed(position(mmsi=237_000_002)))
    assert [row["mmsi"] for row in found["rows"]] == ["237000001", "237000002"]
    assert found["lines_in"] == 2


def test_repeated_messages_are_rows_of_their_own(tmp_path: Path) -> None:
    found = read(tmp_path, [timed(position(), NOON), timed(position(), NOON + 1), position() + b",%d" % (NOON + 2)])
    assert [row["time"].second for row in found["rows"]] == [0, 1, 2]


def generated(seed: int, n_messages: int) -> list[bytes]:
    """Sentences of random messages of every type that is read, timed in tag blocks and behind checksums, some in groups."""
    chance = random.Random(seed)
    lines = []
    for number in range(n_messages):
        said: dict[str, Any] = {
            "type": chance.choice([1, 2, 3, 4, 5, 9, 11, 14, 18, 19, 21, 24, 27]),
            "mmsi": chance.choice([chance.randrange(1, 1 << 30), 982_370_001]),
            "mothership_mmsi": 237_000_001,
            "lon": chance.uniform(-180, 181),
            "lat": chance.uniform(-90, 91),
            "course": chance.randrange(0, 3601) / 10,
            "heading": chance.choice([*range(360), 511]),
            "second": chance.randrange(64),
            "status": chance.randrange(16),
            "imo": chance.choice([0, 9_074_729, chance.randrange(1 << 30)]),
            "ship_type": chance.randrange(256),
            "to_bow": chance.choice([0, chance.randrange(512)]),
            "to_stern": chance.choice([0, chance.randrange(512)]),
            "draught": chance.randrange(256) / 10,
            "partno": chance.randrange(2),
            "text": chance.choice(["SART TEST", "HELLO", "EPIRB ACTIVE"]),
            "year": chance.choice([2023, 0]),
        }
        said["speed"] = chance.randrange(64) if said["type"] in (9, 27) else chance.randrange(1024) / 10
        for name, longest in (("shipname", 20), ("callsign", 7), ("name", 20), ("name_ext", 14), ("destination", 20)):
            said[name] = "".join(chance.choices("ABC 123@-", k=chance.randrange(longest + 1)))
        parts = encoded(sequence=number % 10, channel=chance.choice("AB"), **said)
        how = chance.randrange(3)
        for at, part in enumerate(parts, 1):
            group = b"g:%d-%d-%d," % (at, len(parts), number) if how == 0 and len(parts) > 1 else b""
            lines.append(
                part + b",rSTATION,%d" % (NOON + number)
                if how == 1
                else tagged(group + b"c:%d" % (NOON + number), part)
            )
    return lines


def plain(message: Any) -> dict[str, Any] | None:
    """The fields that a message decoded by pyais ought to become; None for types that are not read."""
    said = message.asdict(enum_as_int=True)
    type_ = said["msg_type"]
    if type_ not in (1, 2, 3, 4, 5, 9, 11, 14, 18, 19, 21, 24, 27):
        return None

    def text(*names: str) -> str | None:
        return "".join(said.get(name) or "" for name in names).strip("@ ") or None

    def number(name: str, unknown: dict[int, float] | None = None) -> float | None:
        value = said.get(name)
        return None if value is None or value == (unknown or {}).get(type_) else float(value)

    spoken = (said.get("text") or "").strip("@ ").upper()
    beacons = ("SART ACTIVE", "SART TEST", "MOB ACTIVE", "MOB TEST", "EPIRB ACTIVE", "EPIRB TEST")
    return {
        "mmsi": str(said["mmsi"]).zfill(9),
        "type": str(type_),
        "lon": number("lon"),
        "lat": number("lat"),
        "sog": number("speed", {9: 1023, 27: 63}),
        "cog": number("course", {27: 511}),
        "heading": number("heading"),
        "status": number("status"),
        "transceiver": {1: "A", 2: "A", 3: "A", 5: "A", 18: "B", 19: "B", 24: "B"}.get(type_),
        "imo": str(said["imo"]) if said.get("imo") else None,
        "shipname": text("shipname") if type_ != 21 else text("name", "name_ext"),
        "callsign": text("callsign"),
        "ship_type": number("ship_type"),
        "length": float((said.get("to_bow") or 0) + (said.get("to_stern") or 0)) or None,
        "draught": number("draught"),
        "safety_text": spoken if spoken in beacons else None,
    }


def by_pyais(path: Path) -> list[dict[str, Any]]:
    """What pyais itself decodes of a log, of the types that are read, those whose bits are too few left out."""
    found = []
    with FileReaderStream(path) as stream:
        for heard in stream:
            if not heard.payload or not heard.is_valid:
                continue
            fields = plain(heard.decode())
            if fields is not None:
                found.append(fields)
    return found


def test_generated_messages_are_what_pyais_makes_of_them(tmp_path: Path) -> None:
    log = generated(seed=5, n_messages=3000)
    found = read(tmp_path, log)
    assert found["refused"] == []
    # pyais takes a suffix for the checksum field, so it is given the bare sentences.
    bare = tmp_path / "bare.nmea"
    bare.write_bytes(b"".join(re.search(rb"!.*\*..", line)[0] + b"\n" for line in log))  # type: ignore[index]
    expected = by_pyais(bare)
    assert len(expected) == 3000
    assert sum(row["n_records"] for row in found["rows"]) == len(log)
    assert [{name: row[name] for name in expected[0]} for row in found["rows"]] == expected
    assert {row["type"] for row in found["rows"]} == {str(n) for n in (1, 2, 3, 4, 5, 9, 11, 14, 18, 19, 21, 24, 27)}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_logs_are_what_pyais_makes_of_them(shared: Path, tmp_path: Path, name: str) -> None:
    log = (shared / "ais" / "nmea_samples" / name).read_bytes()
    # A tag block with a time before every bare sentence, so that none is refused for want of one.
    bare = [line for line in re.sub(rb"\\[^\\\n]*\\", b"", log).splitlines() if line.startswith(b"!")]
    found = read(tmp_path, list(map(timed, bare)))
    plain_log = tmp_path / "bare.nmea"
    plain_log.write_bytes(b"\n".join(bare))
    expected = by_pyais(plain_log)
    assert expected
    assert [{name: row[name] for name in expected[0]} for row in found["rows"]] == expected


def test_the_real_logs_are_accounted_for(shared: Path, tmp_path: Path) -> None:
    folder = shared / "ais" / "nmea_samples"
    tags = read(tmp_path, (folder / "tagblock.nmea").read_bytes())
    assert [(row["mmsi"], row["line"], row["n_records"]) for row in tags["rows"]] == [
        ("224651000", 2, 1),
        ("219005012", 1, 2),
        ("224651000", 4, 1),
        ("224651000", 5, 1),
    ]
    assert tags["refused"] == []
    assert tags["rows"][0]["time"] == datetime(2014, 12, 10, 0, 41, 53, tzinfo=UTC)
    mixed = read(tmp_path, (folder / "mixed.txt").read_bytes())
    assert [(row["shipname"], row["line"], row["n_records"]) for row in mixed["rows"]] == [("MARE ISLAND", 24, 2)]
    assert [one for one in reasons(mixed) if one[2] not in ("no_time", "other_sentence")] == [
        (14, 1, "not_nmea", 1),
        (21, 1, "not_nmea", 1),
        (23, 1, "bad_checksum", 1),
        (26, 1, "bad_tag_block", 1),
        (27, 1, "bad_tag_block", 1),
    ]
    for name in SAMPLES:
        log = (folder / name).read_bytes()
        assert read(tmp_path, log)["lines_in"] == counted(log)
        assert read(tmp_path, log, UNTIMED)["lines_in"] == counted(log)


def mutated(log: list[bytes], chance: random.Random) -> bytes:
    """A log with some lines out of place and some bytes changed, lost, repeated or put in."""
    lines = [log[at] for at in sorted(chance.sample(range(len(log)), min(len(log), chance.randrange(1, 25))))]
    if chance.random() < 0.3:
        chance.shuffle(lines)
    content = bytearray(b"\n".join(lines) + b"\n" * chance.randrange(2))
    for _ in range(chance.choice([0, 1, 2, 5, 20])):
        at = chance.randrange(len(content) + 1)
        length = chance.choice([1, 1, 2, 5, 80])
        new = chance.choice(
            [
                bytes(chance.choices(b"!$\\*,\n\r\x00#\xff0Ac: ", k=length)),
                bytes(chance.choices(range(256), k=length)),
                b"",
                bytes(content[at : at + length] * 2),
            ]
        )
        content[at : at + length * chance.randrange(2)] = new
    return bytes(content)


def check_accounts(folder: Path, content: bytes, source: Source) -> Counter[str]:
    """Every record of a log is a row, refused, or blank, in places that the log has, whatever it holds; returns how many of each."""
    found = read(folder, content, source)
    assert found["lines_in"] == counted(content), content
    places = [(row["line"], row["item"]) for row in found["rows"]]
    places += [(one.line, one.item) for one in found["refused"]]
    assert len(set(places)) == len(places), content
    assert all(1 <= line <= content.count(b"\n") + 1 and item >= 1 for line, item in places)
    assert all(row["time"] is not None and row["mmsi"] is not None for row in found["rows"])
    assert all(len(raw) <= 400 for raw in [*found["raws"], *(one.raw for one in found["refused"])])
    outcomes = Counter(one.reason for one in found["refused"])
    outcomes["row"] = len(found["rows"])
    return outcomes


def test_spoilt_logs_are_accounted_for(tmp_path: Path) -> None:
    log = [
        *generated(seed=3, n_messages=200),
        b"",
        b"# remark",
        b"noise",
        sentence(b"GPGGA,1", b"$"),
        sentence(b"AIVDM,1,1,,A,,0"),
        single(b"8030"),
        single(b"13HOI:0P"),
        position(),
        *static(),
    ]
    log += [base_station(datetime(2023, 11, 15, 12, tzinfo=UTC)), timed(position()) + timed(position(), NOON + 1)]
    outcomes: Counter[str] = Counter()
    for seed in range(1500):
        chance = random.Random(seed)
        outcomes += check_accounts(tmp_path, mutated(log, chance), chance.choice([TIMED, UNTIMED]))
    assert set(outcomes) == {
        "row",
        "no_time",
        "not_nmea",
        "other_sentence",
        "other_message",
        "empty_message",
        "bad_message",
        "bad_checksum",
        "bad_tag_block",
        "incomplete_message",
    }


def test_spoilt_real_logs_are_accounted_for(shared: Path, tmp_path: Path) -> None:
    for name in SAMPLES:
        log = (shared / "ais" / "nmea_samples" / name).read_bytes().splitlines()
        for seed in range(1000):
            chance = random.Random(f"{name} {seed}")
            check_accounts(tmp_path, mutated(log, chance), chance.choice([TIMED, UNTIMED]))


@settings(max_examples=300, deadline=None)
@given(payload=st.binary(max_size=220).map(lambda raw: raw.translate(None, b"\n,*!$\\")), fill=st.integers(0, 5))
def test_no_payload_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, payload: bytes, fill: int) -> None:
    folder = tmp_path_factory.mktemp("payload")
    check_accounts(folder, timed(single(payload, fill)) + b"\n", TIMED)


@settings(max_examples=500, deadline=None)
@given(type_=st.sampled_from(sorted(nmea.TYPE.tolist())), bits=st.integers(0, 1 << 200), width=st.integers(0, 440))
def test_no_bits_break_the_decoder(type_: int, bits: int, width: int) -> None:
    payload, fill = armoured((type_, 6), (bits, width))
    number, content, _ = nmea.decode(payload + b",%d" % fill)
    assert number == nmea.REFUSED or len(content) % 8 == 0


def test_the_packaged_sources_are_read_by_this_reader() -> None:
    none = np.zeros(0, dtype=np.int64)
    columns = nmea.fields_of(none, [], none).column_names
    for source_id, has_base_stations in (("nmea_aivdm", False), ("nmea_aivdm_untimed", True)):
        source = packaged(source_id)
        assert source.nmea is not None
        assert ("base_station" in source.nmea.clock) == has_base_stations
        assert set(source.fields) == set(columns)


def test_with_all_three_clocks_base_stations_serve_what_states_no_time(tmp_path: Path) -> None:
    at = datetime(2023, 11, 15, 12, tzinfo=UTC)
    lines = [timed(base_station(at), NOON + 3600), position(second=5), timed(position(second=5), NOON + 99)]
    found = read(tmp_path, lines, with_clock("tag_block", "suffix", "base_station"))
    assert [(row["time"] - at).total_seconds() for row in found["rows"]] == [3600, 5, 99]
