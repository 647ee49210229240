"""Delimited text: whole records, counted apart from the parser; every refusal says how the file differs."""

import csv
import io
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.sources import Source, delimited
from pipeline.sources.columns import TEXT
from pipeline.sources.records import LONGEST_RECORD_BYTES, RAW_CHARACTERS

HEADER = ["sensor", "number", "time", "lat", "lon"]


def source(header: list[str] | None = None, **layout: Any) -> Source:
    """A source of radar reports with this layout, all fields as text; comma, no quotes, ends with a newline unless said otherwise."""
    said = {
        "delimiter": ",",
        "encoding": "utf-8",
        "header": header or HEADER,
        "quotes": False,
        "line_breaks": False,
        "ends_with_newline": True,
    }
    return Source.model_validate(
        {
            "source_id": "plain",
            "title": "plain",
            "table": "reports",
            "format": "delimited",
            "delimited": {**said, **layout},
            "columns": {
                "observed_at": {"field": "time", "time": "%Y"},
                # With a word for unknown they are no plain numbers.
                "lat": {"field": "lat", "unit": "deg", "unknown": ["?"]},
                "lon": {"field": "lon", "unit": "deg", "unknown": ["?"]},
                **({"ship_name": {"field": "more"}} if header and "more" in header else {}),
            },
            "identity": {"kind": "radar", "fields": ["sensor", "number"]},
            "label": {
                "originator": "o",
                "tlp": "CLEAR",
                "rel_to": [],
                "onward_sharing": True,
                "licence": "own",
                "attribution": "a",
            },
            "limits": {"max_reject_share": 0.5, "cadence": "daily", "usual_pause_s": 60.0},
        }
    )


def read(folder: Path, content: bytes, described: Source) -> dict[str, Any]:
    """All that came out of a file: (line, fields) of each record, rejects, blank records, raw text by line."""
    path = folder / "day.csv"
    path.write_bytes(content)
    found: dict[str, Any] = {"records": [], "rejects": [], "blank": 0, "raw": {}}
    for block in delimited.read(path, described, path.name):
        rows = list(zip(*(block.fields.column(name).to_pylist() for name in described.offered or []), strict=True))
        found["records"] += list(zip(block.line.tolist(), rows, strict=True))
        assert block.lines_in == block.fields.num_rows + len(block.refused) + block.n_blank
        found["rejects"] += [(one.line, one.reason, one.raw) for one in block.refused]
        found["blank"] += block.n_blank
        found["raw"].update({int(line): block.raw(row) for row, line in enumerate(block.line)})
    return found


def head(described: Source) -> bytes:
    """The header line that the source declares."""
    layout = delimited.layout_of(described)
    return layout.delimiter.join(layout.header).encode() + b"\n"


def refusal(folder: Path, content: bytes, described: Source) -> str:
    """The one line with which the file is refused."""
    with pytest.raises(SourceError) as raised:
        read(folder, content, described)
    said = str(raised.value)
    assert said.startswith("day.csv: ")
    assert said.isprintable()
    return said


# The header -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "how"),
    [
        (b"", "the file is empty"),
        (b"\n", "the line is empty"),
        (b"sensor,number,time,lat\n", "missing lon"),
        (b"sensor,number,time,lat,lon,sog\n", "not in the contract: sog"),
        (b"sensor,no,time,lat,lon\n", "missing number; not in the contract: no"),
        (b"sensor,number,time,lon,lat\n", "columns in another order: column 4 is lon, the contract says lat"),
        (b"sensor,number,time,lat,lon,lat\n", "columns in another order: column 6 is lat, the contract says nothing"),
        (
            b"sensor;number;time;lat;lon\n",
            "missing sensor, number, time, lat, lon; not in the contract: sensor;number;time;lat;lon",
        ),
        (b"Sensor,number,time,lat,lon\n", "missing sensor; not in the contract: Sensor"),
        (b" sensor,number,time,lat,lon\n", "missing sensor; not in the contract:  sensor"),
        (b'"sensor","number","time","lat","lon"\n', 'not in the contract: "sensor"'),
        (b"lesvos-n,1,2026,39.0,26.0\n", "not in the contract: lesvos-n, 1, 2026, 39.0, 26.0"),
        ("sensor,number,time,lat,lon\n".encode("utf-16"), r"\xff\xfes\x00e\x00"),
        (b"PK\x03\x04\x14\x00\x00\x00", r"PK\x03\x04"),
        (b"sensor\x1b[31m,number,time,lat,lon\n", r"not in the contract: sensor\x1b[31m"),
        (b"sensor,number,time,lat,lon\rx,1,2026,1,1\r", r"not in the contract: lon\rx"),
    ],
)
def test_header_that_differs_is_refused_and_says_how(tmp_path: Path, header: bytes, how: str) -> None:
    said = refusal(tmp_path, header, source())
    assert "line 1: header differs from the contract of plain: " in said
    assert how in said
    assert said.endswith("use the source that fits or declare the new dialect in a TOML file")


def test_message_about_a_long_header_is_short(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, b"x" * 200_000 + b"\n", source())) < 600


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_and_line_ending_are_no_difference(tmp_path: Path, mark: bytes, ending: bytes) -> None:
    found = read(tmp_path, mark + b"sensor,number,time,lat,lon" + ending, source(ends_with_newline=bool(ending)))
    assert found["records"] == []


def test_a_header_cut_before_its_line_end_is_truncated(tmp_path: Path) -> None:
    assert "ends in the middle of line 1" in refusal(tmp_path, b"sensor,number,time,lat,lon", source())


def test_quoted_header_is_the_header_where_quotes_are_allowed(tmp_path: Path) -> None:
    found = read(tmp_path, b'"sensor","number",time,lat,lon\na,1,2,3,4\n', source(quotes=True))
    assert found["records"] == [(2, ("a", "1", "2", "3", "4"))]


# Records --------------------------------------------------------------------------------------------------------------


def test_records_have_the_physical_line_on_which_they_begin(tmp_path: Path) -> None:
    described = source()
    found = read(tmp_path, head(described) + b"a,1,2,3,4\n\n  \t\nb,1,2,3,4\r\n\r\nc,1,2,3,4\n", described)
    assert [(line, row[0]) for line, row in found["records"]] == [(2, "a"), (5, "b"), (7, "c")]
    assert found["records"][1][1] == ("b", "1", "2", "3", "4"), "a carriage return is no part of a field"
    assert found["blank"] == 3
    assert found["raw"] == {2: "a,1,2,3,4", 5: "b,1,2,3,4", 7: "c,1,2,3,4"}


def test_line_breaks_inside_quotes_count_as_lines(tmp_path: Path) -> None:
    described = source(quotes=True, line_breaks=True)
    content = b'"a\n\nz",1,2,3,4\nb,1,"2\r\n",3,4\r\nc,1,2,3\n"d ""\n"" d",1,2,3,4\ne,1,2,3,4\n'
    found = read(tmp_path, head(described) + content, described)
    assert [(line, row[0]) for line, row in found["records"]] == [(2, "a\n\nz"), (5, "b"), (8, 'd "\n" d'), (10, "e")]
    assert found["rejects"] == [(7, "bad_field_count", "c,1,2,3")]


@pytest.mark.parametrize("ending", [b"", b"a", b"a,1,2,3,4"])
def test_a_file_that_ends_within_a_record_is_truncated(tmp_path: Path, ending: bytes) -> None:
    described = source()
    content = head(described) + b"a,1,2,3,4\nb,1,2,3,4\n" + ending
    if not ending:
        assert len(read(tmp_path, content, described)["records"]) == 2
        return
    said = refusal(tmp_path, content, described)
    assert (
        "ends in the middle of line 4: the file is truncated; send it again whole, nothing of it was taken in" in said
    )


def test_every_truncation_is_refused_or_ends_at_a_record(tmp_path: Path) -> None:
    """Cut at every byte after the header: what is read is a prefix of the records, and only when it ends with a newline."""
    described = source(quotes=True, line_breaks=True)
    content = head(described) + b'a,1,2,3,4\n"b\nb",1,2,3,4\nc,1,2,3,4\n'
    whole = read(tmp_path, content, described)["records"]
    for cut in range(len(head(described)), len(content)):
        try:
            found = read(tmp_path, content[:cut], described)["records"]
        except SourceError:
            continue
        assert content[:cut].endswith(b"\n")
        assert found == whole[: len(found)]


def test_a_last_record_without_newline_counts_where_the_source_says_so(tmp_path: Path) -> None:
    described = source(ends_with_newline=False)
    found = read(tmp_path, head(described) + b"a,1,2,3,4\nb,1,2,3,4", described)
    assert [(line, row[0]) for line, row in found["records"]] == [(2, "a"), (3, "b")]


def test_a_quote_that_is_never_closed_truncates_the_file_there_too(tmp_path: Path) -> None:
    described = source(quotes=True, line_breaks=True, ends_with_newline=False)
    said = refusal(tmp_path, head(described) + b'a,1,2,3,4\n"b,1,2,3,4\nc,1,2,3,4\n', described)
    assert "ends in the middle of line 3" in said


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"a,1,2,3", "bad_field_count"),
        (b"a,1,2,3,4,", "bad_field_count"),
        (b"a", "bad_field_count"),
        (b",,,,,,,,,", "bad_field_count"),
        (b'"a,1,2,3,4', "bad_quoting"),
        (b'a,1,2,3,4"', "bad_quoting"),
        (b'a"b,1,2,3,4', "bad_quoting"),
        (b'a"b,"1,2,3,4', "bad_quoting"),  # an even number of quotes, and still one is open at the end
        (b'a "b" c,1,2,3,4', "bad_quoting"),
        (b'"a"b,1,2,3,4', "bad_quoting"),
        (b'"a" ,1,2,3,4', "bad_quoting"),
        (b'"a"",1,2,3,4', "bad_quoting"),
        (b"a\x00,1,2,3,4", "bad_encoding"),
        (b"a\xff,1,2,3,4", "bad_encoding"),
        (b"\xed\xa0\x80,1,2,3,4", "bad_encoding"),  # half of a surrogate pair
        (b"a\rb,1,2,3,4", "bad_encoding"),
        (b"a,1\r,2,3", "bad_encoding"),
        (b"a,1,2,3,4\r\r", "bad_encoding"),
        (b"\r\r", "bad_encoding"),
        (b"x" * 300_000 + b",1,2,3,4", "oversized_record"),
        (b"x" * (LONGEST_RECORD_BYTES - 7) + b",1,2,3,4", "oversized_record"),
    ],
)
@pytest.mark.parametrize("where", ["first", "middle", "last", "alone"])
def test_a_bad_record_costs_itself_and_no_other(tmp_path: Path, record: bytes, reason: str, where: str) -> None:
    described = source(quotes=True)
    good = b'a,1,2,3,4\n"b ""B"", b",1,2,3,4\r\n'
    before, after = {"first": (b"", good), "middle": (good, good), "last": (good, b""), "alone": (b"", b"")}[where]
    found = read(tmp_path, head(described) + before + record + b"\n" + after, described)
    assert [(line, why) for line, why, _ in found["rejects"]] == [(2 + before.count(b"\n"), reason)]
    assert len(found["records"]) == before.count(b"\n") + after.count(b"\n")
    assert all(row == (("a", 'b "B", b')[n % 2], "1", "2", "3", "4") for n, (_, row) in enumerate(found["records"]))


def test_a_record_of_the_greatest_length_is_read(tmp_path: Path) -> None:
    described = source()
    record = b"x" * (LONGEST_RECORD_BYTES - 8) + b",1,2,3,4"
    assert len(record) == LONGEST_RECORD_BYTES
    assert len(read(tmp_path, head(described) + record + b"\r\n", described)["records"]) == 1


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (b'"a,b",1,2,3,4', "a,b"),
        (b'"a""b",1,2,3,4', 'a"b'),
        (b'"""",1,2,3,4', '"'),
        (b'"",1,2,3,4', ""),
        (b",1,2,3,4", ""),
        (b" a ,1,2,3,4", " a "),
        ("Μυτιλήνη,1,2,3,4".encode(), "Μυτιλήνη"),
        (b"null,1,2,3,4", "null"),
        (b"NaN,1,2,3,4", "NaN"),
        (b"#N/A,1,2,3,4", "#N/A"),
    ],
)
def test_fields_are_text_as_they_came(tmp_path: Path, record: bytes, field: str) -> None:
    described = source(quotes=True)
    found = read(tmp_path, head(described) + record + b"\n", described)
    assert found["records"] == [(2, (field, "1", "2", "3", "4"))]


def test_a_quote_is_a_character_where_there_are_no_quotes(tmp_path: Path) -> None:
    described = source()
    found = read(tmp_path, head(described) + b'5" gun,1,2,3,4\n"a",1,2,3,4\n', described)
    assert [row[0] for _, row in found["records"]] == ['5" gun', '"a"']


@pytest.mark.parametrize("delimiter", ["\t", ";", "|", " "])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    described = source(delimiter=delimiter, quotes=True)
    record = delimiter.join(["a", "1", f'"2{delimiter}2"', "3,0", "4"]).encode()
    found = read(tmp_path, head(described) + record + b"\n", described)
    assert found["records"] == [(2, ("a", "1", f"2{delimiter}2", "3,0", "4"))]


def test_raw_text_of_a_reject_is_bounded_and_readable(tmp_path: Path) -> None:
    described = source()
    content = head(described) + "é".encode() * 5000 + b"\n" + b"b\x00\xff,1\n" + b"c,1,2\r\n"
    found = read(tmp_path, content, described)
    assert found["rejects"] == [
        (2, "bad_field_count", "é" * RAW_CHARACTERS),
        (3, "bad_encoding", r"b\x00\xff,1"),
        (4, "bad_field_count", "c,1,2"),
    ]


# Fields that are read ---------------------------------------------------------------------------------------------------


def plain(**layout: Any) -> Source:
    """The source with plain numbers where latitude and longitude stand."""
    described = source([*HEADER, "not read"], **layout)
    numbers = {name: described.columns[name].model_copy(update={"unknown": []}) for name in ("lat", "lon")}
    return described.model_copy(update={"columns": {**described.columns, **numbers}})


def types(folder: Path, records: bytes, described: Source) -> list[dict[str, pa.DataType]]:
    """The types of the fields by block."""
    path = folder / "day.csv"
    path.write_bytes(head(described) + records)
    blocks = delimited.read(path, described, path.name)
    return [dict(zip(block.fields.column_names, block.fields.schema.types, strict=True)) for block in blocks]


def test_only_fields_that_the_source_maps_are_read(tmp_path: Path) -> None:
    (found,) = types(tmp_path, b"a,1,2026,3,4,x\n", plain())
    assert set(found) == set(HEADER)


def test_plain_numbers_are_parsed_as_such_unless_one_of_the_block_is_none(tmp_path: Path) -> None:
    number, text = pa.float64(), TEXT
    good, bad = b"a,1,2026,3.5,,x\n", b"a,1,2026,3.5,4 deg,x\n"
    (found,) = types(tmp_path, good, plain())
    assert found == {"sensor": text, "number": text, "time": text, "lat": number, "lon": number}
    (found,) = types(tmp_path, good + bad, plain())
    assert found == dict.fromkeys(HEADER, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", len(good))
        first, second = types(tmp_path, good + bad, plain())
    assert (first["lat"], second["lat"]) == (number, text)


def test_a_field_of_two_columns_or_with_words_stays_text() -> None:
    assert delimited.numeric(plain()) == {"lat", "lon"}
    for changed in (
        {"lon": {"field": "lat", "unit": "deg"}},
        {"lon": {"field": "lon", "unit": "deg", "words": {"none": ""}}},
        {"lon": {"field": "lon", "unit": "deg", "prefix": "E"}},
        {"lon": {"field": "lon", "unit": "deg", "split": " "}},
        {"lon": {"fields": ["lon", "not read"], "unit": "deg"}},
        {"lon": {"field": "number", "unit": "deg"}},
    ):
        document = plain().model_dump(by_alias=True)
        described = Source.model_validate({**document, "columns": {**document["columns"], **changed}})
        assert delimited.numeric(described) <= {"lat"}, changed


# Without a header, in any case, parted by spaces ------------------------------------------------------------------------


def test_a_file_without_a_header_begins_with_its_first_record(tmp_path: Path) -> None:
    described = source(first_line="data")
    found = read(tmp_path, b"a,1,2,3,4\n\nb,1,2,3,4\nc,1\n", described)
    assert found["records"] == [(1, ("a", "1", "2", "3", "4")), (3, ("b", "1", "2", "3", "4"))]
    assert found["rejects"] == [(4, "bad_field_count", "c,1")]
    assert found["blank"] == 1


def test_a_header_where_none_should_be_is_a_record(tmp_path: Path) -> None:
    described = source(first_line="data")
    found = read(tmp_path, head(described) + b"a,1,2,3,4\n", described)
    assert [line for line, _ in found["records"]] == [1, 2]
    assert found["records"][0] == (1, tuple(HEADER))


def test_a_byte_order_mark_is_no_part_of_the_first_record(tmp_path: Path) -> None:
    found = read(tmp_path, b"\xef\xbb\xbfa,1,2,3,4\n", source(first_line="data"))
    assert found["records"] == [(1, ("a", "1", "2", "3", "4"))]
    assert found["raw"] == {1: "a,1,2,3,4"}
    found = read(tmp_path, b'\xef\xbb\xbf"a",1,2,3,4\n', source(first_line="data", quotes=True))
    assert found["records"] == [(1, ("a", "1", "2", "3", "4"))]


def test_an_empty_file_without_a_header_has_no_records(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\xef\xbb\xbf"):
        found = read(tmp_path, content, source(first_line="data"))
        assert (found["records"], found["rejects"], found["blank"]) == ([], [], content.count(b"\n"))


def test_a_file_without_a_header_can_end_within_its_first_record(tmp_path: Path) -> None:
    assert "ends in the middle of line 1" in refusal(tmp_path, b"a,1,2", source(first_line="data"))
    found = read(tmp_path, b"a,1,2,3,4", source(first_line="data", ends_with_newline=False))
    assert [line for line, _ in found["records"]] == [1]


@pytest.mark.parametrize(
    "header", [b"SENSOR,NUMBER,TIME,LAT,LON", b"Sensor,number,tImE,lat,LON", b",".join([b"x"] * 5)]
)
def test_a_header_in_any_case(tmp_path: Path, header: bytes) -> None:
    content = header + b"\na,1,2,3,4\n"
    if b"x" in header:
        assert "missing sensor, number, time, lat, lon" in refusal(tmp_path, content, source(header_case="any"))
        return
    assert read(tmp_path, content, source(header_case="any"))["records"] == [(2, ("a", "1", "2", "3", "4"))]
    assert "header differs" in refusal(tmp_path, content, source())


@pytest.mark.parametrize(
    ("header", "how"),
    [
        (b"SENSOR,NUMBER,TIME,LON,LAT", "columns in another order: column 4 is lon, the contract says lat"),
        (b"SENSOR,NUMBER,TIME,LAT,LON,Lat", "columns in another order: column 6 is lat, the contract says nothing"),
        (b"SENSOR,NUMBER,TIME,LAT,LON,SOG", "not in the contract: SOG"),
        (b"SENSOR,NUMBER,TIME,LAT", "missing lon"),
    ],
)
def test_a_header_in_any_case_still_names_every_field_once_and_in_order(
    tmp_path: Path, header: bytes, how: str
) -> None:
    assert how in refusal(tmp_path, header + b"\n", source(header_case="any"))


def test_columns_parted_by_runs_of_spaces_and_tabs(tmp_path: Path) -> None:
    described = source(delimiter=" ")
    content = b"  sensor number\ttime   lat lon \r\n" + (
        b"a 1 2 3 4\n  b\t1  2 \t 3    4  \r\n\n \t \r\nc 1 2 3\nd 1 2 3 4 5\n\te 1 2 3 4\n"
    )
    found = read(tmp_path, content, described)
    assert found["records"] == [(line, (name, "1", "2", "3", "4")) for line, name in ((2, "a"), (3, "b"), (8, "e"))]
    assert [(line, reason) for line, reason, _ in found["rejects"]] == [(6, "bad_field_count"), (7, "bad_field_count")]
    assert found["blank"] == 2
    assert found["raw"][3] == "  b\t1  2 \t 3    4  ", "raw is as it came"


@given(
    rows=st.lists(
        st.lists(
            st.tuples(st.text("ab1.", min_size=1, max_size=4), st.text(" \t", min_size=1, max_size=3)),
            min_size=1,
            max_size=7,
        ),
        max_size=12,
    ),
    before=st.text(" \t", max_size=2),
    ending=st.sampled_from(["\n", "\r\n"]),
    block_bytes=st.integers(1, 100),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_runs_of_spaces_agree_with_a_plain_split(
    tmp_path: Path, rows: list[list[tuple[str, str]]], before: str, ending: str, block_bytes: int
) -> None:
    described = source(delimiter=" ", first_line="data")
    lines = [before + "".join(f"{word}{run}" for word, run in row) for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", block_bytes)
        found = read(tmp_path, "".join(f"{line}{ending}" for line in lines).encode(), described)
    fields = [(number, tuple(line.split())) for number, line in enumerate(lines, 1)]
    assert found["records"] == [(number, words) for number, words in fields if len(words) == len(HEADER)]
    assert [line for line, _, _ in found["rejects"]] == [n for n, words in fields if len(words) != len(HEADER)]


# Hostile sizes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_header", [True, False])
def test_a_file_that_is_one_line_of_40_mb_is_refused_quickly_in_little_memory(
    tmp_path: Path, with_header: bool
) -> None:
    described = source()
    content = (head(described) if with_header else b"") + b"x" * 40_000_000
    (tmp_path / "day.csv").write_bytes(content)
    del content
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(SourceError, match="a record longer than 65536 bytes" if with_header else "header differs"):
        list(delimited.read(tmp_path / "day.csv", described, "day.csv"))
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 2.0
    assert peak < 4 * delimited.BLOCK_BYTES


def test_nothing_but_quotes_and_blank_lines_takes_no_time(tmp_path: Path) -> None:
    described = source(quotes=True)
    began = time.perf_counter()
    found = read(tmp_path, head(described) + b'"""\n' * 100_000 + b"\n \n" * 100_000, described)
    assert time.perf_counter() - began < 10.0
    assert (len(found["rejects"]), found["blank"]) == (100_000, 200_000)


# Blocks ---------------------------------------------------------------------------------------------------------------

BYTES = st.sampled_from(
    [b"a", b"1", b",", b",", b",", b",", b"\n", b"\n", b"\r\n", b'"', b'""', b" ", b"\x00", b"\xff", "é".encode()]
)


@given(
    content=st.lists(BYTES, max_size=120).map(b"".join),
    block_bytes=st.integers(1, 200),
    line_breaks=st.booleans(),
    header_size=st.integers(5, 6),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_block_size_gives_the_same(
    tmp_path: Path, content: bytes, block_bytes: int, line_breaks: bool, header_size: int
) -> None:
    described = source([*HEADER, "more"][:header_size], quotes=True, line_breaks=line_breaks)

    def outcome() -> object:
        try:
            return read(tmp_path, head(described) + content, described)
        except SourceError as error:
            return str(error)

    whole = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", block_bytes)
        assert outcome() == whole
    assert isinstance(whole, str) == (
        (not content.endswith(b"\n") and content != b"") or open_quote(content, line_breaks)
    )


def open_quote(content: bytes, line_breaks: bool) -> bool:
    """Whether the last newline of the content stands inside quotes."""
    return line_breaks and content.count(b'"') % 2 == 1


FIELD = st.text(st.sampled_from('ab1.,;" é\t-\n'), max_size=6)


@given(
    rows=st.lists(st.lists(FIELD, min_size=5, max_size=5) | st.lists(FIELD, min_size=2, max_size=7), max_size=30),
    block_bytes=st.integers(1, 200),
    ending=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_records_and_lines_agree_with_the_csv_module(
    tmp_path: Path, rows: list[list[str]], block_bytes: int, ending: str
) -> None:
    """Well-formed files with line breaks in their fields, against an independent reader."""
    described = source(quotes=True, line_breaks=True)
    text = io.StringIO()
    csv.writer(text, lineterminator=ending).writerows([HEADER, *rows])
    expected_records, expected_rejects, blank = [], [], 0
    reader = csv.reader(io.StringIO(text.getvalue(), newline=""))
    next(reader)
    line = reader.line_num + 1
    for fields in reader:
        if not "".join(fields).strip(" \t") and len(fields) == 1 and reader.line_num == line:
            blank += 1 if '"' not in text.getvalue().splitlines(keepends=True)[line - 1] else 0
        elif len(fields) == len(HEADER):
            expected_records.append((line, tuple(fields)))
        if len(fields) != len(HEADER):
            expected_rejects.append(line)
        line = reader.line_num + 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", block_bytes)
        found = read(tmp_path, text.getvalue().encode(), described)
    assert found["records"] == expected_records
    assert found["blank"] == blank
    assert len(found["rejects"]) + found["blank"] == len(expected_rejects)
    assert {line for line, _, _ in found["rejects"]} <= set(expected_rejects)
