"""JSON: every record of a file counted from its bytes, its line known, its values as they are written; hostile files cost one refusal each."""

import json
import random
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.sources import Source, json_records
from pipeline.sources.records import LONGEST_RECORD_BYTES, RAW_CHARACTERS

KEYS = ["a", "b", "c"]
DEEPEST = json_records.DEEPEST


def source(
    lines: bool, records: str | None = None, keys: list[str] | None = None, fields: list[str] | None = None
) -> Source:
    """A source of this layout that reads these fields, else all keys."""
    fields = fields or keys or KEYS
    layout = {"lines": lines, "records": records, "keys": keys or KEYS}
    return Source.model_validate(
        {
            "source_id": "plain",
            "title": "plain",
            "table": "reports",
            "format": "json",
            "json": layout,
            "columns": {
                "observed_at": {"field": fields[0], "time": "%Y"},
                "lat": {"field": fields[0], "unit": "deg"},
                "lon": {"field": fields[0], "unit": "deg"},
            },
            "identity": {"kind": "opaque", "fields": fields},
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


LINES, LIST, AT_KEY = source(True), source(False), source(False, "records")


def read_file(path: Path, described: Source) -> dict[str, Any]:
    """All that came out of a file: (line, item, *fields) of each record, (line, item, reason, raw) of each refused, how many were blank and of any kind."""
    found: dict[str, Any] = {"records": [], "refused": [], "blank": 0, "raw": [], "count": 0}
    for block in json_records.read(path, described, path.name):
        assert block.fields.column_names == described.fields
        columns = [block.fields.column(name).to_pylist() for name in described.fields]
        found["records"] += list(zip(block.line.tolist(), block.items.tolist(), *columns, strict=True))
        found["refused"] += [(one.line, one.item, one.reason, one.raw) for one in block.refused]
        found["raw"] += [block.raw(row) for row in range(len(block.line))]
        found["blank"] += block.n_blank
        found["count"] += block.lines_in
    return found


def read(folder: Path, content: bytes, described: Source) -> dict[str, Any]:
    """All that came out of these bytes."""
    path = folder / "day.json"
    path.write_bytes(content)
    return read_file(path, described)


def values(found: dict[str, Any]) -> list[tuple[str | None, ...]]:
    """The fields of the records."""
    return [row[2:] for row in found["records"]]


def reasons(found: dict[str, Any]) -> list[tuple[int, str]]:
    """Line and reason of what was refused."""
    return [(line, reason) for line, _, reason, _ in found["refused"]]


def refusal(folder: Path, content: bytes, described: Source) -> str:
    """The one line with which the file is refused."""
    with pytest.raises(SourceError) as raised:
        read(folder, content, described)
    said = str(raised.value)
    assert said.startswith("day.json: ")
    assert said.isprintable()
    assert len(said) < 600
    return said


def nested(depth: int) -> bytes:
    """A record in which so many brackets are open at once."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


# Values ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b'"27"', "27"),
        (b"27", "27"),
        (b"27.10", "27.10"),
        (b"-0.0", "-0.0"),
        (b"1E400", "1E400"),
        (b"9" * 5000, "9" * 5000),
        (b"true", "true"),
        (b"false", "false"),
        (b"null", None),
        (b'""', ""),
        (b'" a "', " a "),
        (b'"a\\u00e9\\n\\"\\\\\\/"', 'aé\n"\\/'),
        ('"Λέσβος"'.encode(), "Λέσβος"),
        (b'"\\ud83d\\udea2"', "\U0001f6a2"),
        (b'"NaN"', "NaN"),
        (b'["a", 1, 2.50, true, null, ""]', "a; 1; 2.50; true"),
        (b"[]", ""),
        (b"[null]", ""),
    ],
)
def test_values_are_the_text_that_is_written(tmp_path: Path, written: bytes, text: str | None) -> None:
    found = read(tmp_path, b'{"a": ' + written + b', "b": "z"}\n', LINES)
    assert values(found) == [(text, "z", None)]
    assert read(tmp_path, b'[{"a": ' + written + b', "b": "z"}]', LIST)["records"] == found["records"]


@pytest.mark.parametrize("written", [b"{}", b'{"b": 1}', b"[{}]", b"[1, [2]]", b"[[]]"])
def test_an_object_or_a_list_of_lists_is_no_value(tmp_path: Path, written: bytes) -> None:
    found = read(tmp_path, b'{"a": ' + written + b"}\n" + b'{"b": 1}\n', LINES)
    assert reasons(found) == [(1, "bad_json")]
    assert values(found) == [(None, "1", None)]


def test_dotted_fields_are_keys_of_objects(tmp_path: Path) -> None:
    described = source(True, keys=["type", "properties"], fields=["properties.imo", "properties.flag.iso", "type"])
    content = (
        b'{"type": "Vessel", "properties": {"imo": ["IMO9074729", "IMO1"], "flag": {"iso": "gr"}, "name": {"not": "read"}}}\n'
        b'{"type": "Vessel", "properties": {"flag": null}}\n'
        b'{"type": "Vessel", "properties": null}\n'
        b'{"type": "Vessel"}\n'
        b'{"type": "Vessel", "properties": "none"}\n'
        b'{"type": "Vessel", "properties": [{"imo": 1}]}\n'
        b'{"type": "Vessel", "properties": {"flag": "gr"}}\n'
    )
    found = read(tmp_path, content, described)
    assert values(found) == [("IMO9074729; IMO1", "gr", "Vessel"), *[(None, None, "Vessel")] * 3]
    assert reasons(found) == [(5, "bad_json"), (6, "bad_json"), (7, "bad_json")]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"5", "bad_json"),
        (b'"a"', "bad_json"),
        (b"null", "bad_json"),
        (b"[]", "bad_json"),
        (b'[{"a": 1}]', "bad_json"),
        (b"{", "bad_json"),
        (b"}", "bad_json"),
        (b"{'a': 1}", "bad_json"),
        (b'{"a": 1,}', "bad_json"),
        (b'{"a": 01}', "bad_json"),
        (b'{"a": 1} x', "bad_json"),
        (b'{"a": 1}{"a": 2}', "bad_json"),
        (b'{"a": NaN}', "bad_json"),
        (b'{"a": Infinity}', "bad_json"),
        (b'{"a": -Infinity}', "bad_json"),
        (b'{"a": 1, "a": 1}', "bad_json"),
        (b'{"a": 1, "\\u0061": 2}', "bad_json"),
        (b'{"c": {"x": 1, "x": 2}}', "bad_json"),
        (b'{"a": "tab\tin it"}', "bad_json"),
        (b'{"a": "\\x"}', "bad_json"),
        (b'{"a": "\xff"}', "bad_encoding"),
        (b'{"a": "\xc3"}', "bad_encoding"),
        (b'{"a": "\xed\xa0\x80"}', "bad_encoding"),
        (b'{"a": "\0"}', "bad_encoding"),
        (b'{"a": "\\u0000"}', "bad_encoding"),
        (b'{"a": "\\ud800"}', "bad_encoding"),
        (b'{"a": ["\\udfff"]}', "bad_encoding"),
        (b'{"a": 1, "d": 1}', "unknown_key"),
        (b'{"": 1}', "unknown_key"),
        (b'{"A": 1}', "unknown_key"),
    ],
)
def test_records_that_cannot_be_read_are_refused_and_their_neighbours_are_not(
    tmp_path: Path, record: bytes, reason: str
) -> None:
    found = read(tmp_path, b'{"a": 1}\n' + record + b'\n{"a": 3}\n', LINES)
    assert reasons(found) == [(2, reason)]
    assert [row[:3] for row in found["records"]] == [(1, 1, "1"), (3, 1, "3")]
    if record not in (b"{", b"}"):  # a bracket too many is damage to the document
        found = read(tmp_path, b'[{"a": 1},\n' + record + b',\n{"a": 3}]', LIST)
        assert reasons(found) == [(2, reason)]
        assert [row[:3] for row in found["records"]] == [(1, 1, "1"), (3, 1, "3")]


@pytest.mark.parametrize(
    ("content", "lines", "key"),
    [(b"%s\n", True, None), (b"[%s]", False, None), (b'{"records": [%s]}', False, "records")],
)
def test_as_deep_as_allowed_and_one_deeper(tmp_path: Path, content: bytes, lines: bool, key: str | None) -> None:
    described = source(lines, key, fields=["b"])
    assert len(read(tmp_path, content % nested(DEEPEST), described)["records"]) == 1
    assert reasons(read(tmp_path, content % nested(DEEPEST + 1), described)) == [(1, "bad_json")]
    in_text = b'{"b": "' + b"[" * 1000 + b'", "a": "\\"{{{{{{{{{{{{{{{{{{{{{{{{{{{"}'
    assert values(read(tmp_path, content % in_text, described)) == [("[" * 1000,)]


@pytest.mark.parametrize(("depth", "reason"), [(30_000, "bad_json"), (100_000, "oversized_record")])
def test_brackets_without_end_cost_one_record(tmp_path: Path, depth: int, reason: str) -> None:
    opened, closed = b"[" * depth, b"[" * depth + b"]" * depth
    assert reasons(read(tmp_path, opened + b'\n{"a": 1}\n', LINES)) == [(1, reason)]
    assert reasons(read(tmp_path, closed[: len(opened) + 10] + b"\n", LINES)) == [(1, reason)]
    assert reasons(read(tmp_path, b'[{"a": 1},' + closed + b"]", LIST)) == [(1, reason)]
    assert "ends in the middle of line 1" in refusal(tmp_path, opened, LIST)
    objects = b'{"a":' * depth
    assert reasons(read(tmp_path, objects + b"\n", LINES)) == [(1, reason if depth > 99_000 else "oversized_record")]


@pytest.mark.parametrize(("content", "described"), [(b"%s\n", LINES), (b"[%s]", LIST)])
def test_as_long_as_allowed_and_one_longer(tmp_path: Path, content: bytes, described: Source) -> None:
    record = b'{"a": "' + b"x" * (LONGEST_RECORD_BYTES - 9) + b'"}'
    assert len(record) == LONGEST_RECORD_BYTES
    assert len(read(tmp_path, content % record, described)["records"]) == 1
    found = read(tmp_path, content % record.replace(b"x", b"xx", 1), described)
    assert reasons(found) == [(1, "oversized_record")]
    assert len(found["refused"][0][3]) == RAW_CHARACTERS


def test_text_is_kept_as_it_came(tmp_path: Path) -> None:
    found = read(tmp_path, b' {"a" : 1.0}\r\n{"a": "\xff\0"}\n', LINES)
    assert found["raw"] == [' {"a" : 1.0}']
    assert found["refused"] == [(2, 1, "bad_encoding", '{"a": "\\xff\\x00"}')]
    assert read(tmp_path, b'[ {"a" : 1.0} \n]', LIST)["raw"] == ['{"a" : 1.0} \n']


# Lines ----------------------------------------------------------------------------------------------------------------


def test_blank_lines_are_counted_and_lines_numbered(tmp_path: Path) -> None:
    found = read(tmp_path, b'\xef\xbb\xbf\n{"a": 1}\r\n \t\r\n\n{"a": 2}\n', LINES)
    assert [row[:3] for row in found["records"]] == [(2, 1, "1"), (5, 1, "2")]
    assert (found["blank"], found["count"]) == (3, 5)


def test_a_byte_order_mark_is_no_part_of_the_first_record(tmp_path: Path) -> None:
    assert len(read(tmp_path, b'\xef\xbb\xbf{"a": 1}\n', LINES)["records"]) == 1
    assert len(read(tmp_path, b'\xef\xbb\xbf[{"a": 1}]', LIST)["records"]) == 1


@pytest.mark.parametrize("content", [b'{"a": 1}\n{"a": 2}', b'{"a": 1}\n{"d": 2}', b'{"a": 1}\n ', b'{"a": 1}\r'])
def test_a_whole_last_line_without_its_end_counts(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content, LINES)["count"] == content.count(b"\n") + 1


def test_every_other_end_is_a_truncated_file(tmp_path: Path) -> None:
    content = '{"a": 1}\n{"a": {"x": "é"}, "b": [1]}'.encode()
    for end in range(content.index(b"\n") + 2, len(content)):
        assert "ends in the middle of line 2: the file is truncated" in refusal(tmp_path, content[:end], LINES)
    assert "ends in the middle of line 2" in refusal(tmp_path, b'{"a": 1}\n' + bytes(4096), LINES)
    assert "ends in the middle of line 1" in refusal(tmp_path, b"x" * 200_000, LINES)


def test_a_file_without_lines_holds_no_records(tmp_path: Path) -> None:
    assert read(tmp_path, b"", LINES)["count"] == 0


def test_a_line_of_300_mb_costs_one_record_and_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    with path.open("wb") as file:
        file.write(b'{"a": 1}\n{"a": "')
        file.seek(300 << 20)
        file.write(b'"}\n{"a": 3}\n')
    tracemalloc.start()
    found = read_file(path, LINES)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reasons(found) == [(2, "oversized_record")]
    assert [row[:3] for row in found["records"]] == [(1, 1, "1"), (3, 1, "3")]
    assert peak < 48 << 20


def test_a_day_of_lines_is_read_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    record = b'{"a": "lesvos-n", "b": 39.123456, "c": 26.123456}\n'
    path.write_bytes(record * 300_000)
    n_blocks, n_records = 0, 0
    for block in json_records.read(path, LINES, "day.json"):
        n_blocks, n_records = n_blocks + 1, n_records + block.lines_in
        assert block.line[0] == n_records - block.lines_in + 1
    assert n_records == 300_000
    assert n_blocks > 1


# Documents ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (b"[]", []),
        (b" [ \n ] \n", []),
        (b"[{}]", [(1, 1)]),
        (b"[{},{}]\n", [(1, 1), (1, 2)]),
        (b'[\n{"a": "],[{"},\n\n {"a": "\\"}", "b": [1, 2]}, {}\n]', [(2, 1), (4, 1), (4, 2)]),
        (b'[{\n"a": 1}, {"a": 2},\n{}]', [(1, 1), (2, 1), (3, 1)]),
    ],
)
def test_records_have_the_line_on_which_they_begin_and_their_place_on_it(
    tmp_path: Path, content: bytes, places: list[tuple[int, int]]
) -> None:
    assert [row[:2] for row in read(tmp_path, content, LIST)["records"]] == places
    at_key = b'{"n": {"x": [1, {}]}, "records": ' + content + b', "next": null}'
    assert [row[:2] for row in read(tmp_path, at_key, AT_KEY)["records"]] == places


@pytest.mark.parametrize("key", [b'"records"', b'"\\u0072ecords"'])
def test_the_list_is_found_at_its_key_wherever_it_stands(tmp_path: Path, key: bytes) -> None:
    """Not where its name is a text, nor deeper, nor the end of another key."""
    others = b'"a": "records", "b": {"records": [{}]}, "my\\"records": [{}], "c": "\\"records\\": [{}"'
    for content in (b"{%s : [{}, {}], %s}" % (key, others), b"{%s, %s:[{}, {}]}" % (others, key)):
        assert read(tmp_path, content, AT_KEY)["count"] == 2


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "nothing"),
        (b" \n", "nothing"),
        (b"5", "a number"),
        (b"-1", "a number"),
        (b'"records"', "a text"),
        (b"null", "null"),
        (b"true", "true"),
        (b"{}", "an empty object"),
        (b'{"a": 1, "b": 2}', "an object with the keys a, b"),
        (b'{"records": {}}', "an object at the key records"),
        (b'{"records": null}', "null at the key records"),
        (b'{"records": "[]"}', "a text at the key records"),
        (b'{"records": [], "records": []}', "the key records twice"),
        (b"[{}]", "a list"),
        (b'{"records": []}\n{"records": []}', "more after an object"),
        (b'{"records": []} x', "more after an object"),
        (b"a;b\n1;2\n", "no JSON"),
        (b"PK\x03\x04", "no JSON"),
        ('{"records": []}'.encode("utf-16"), "no JSON"),
        (b"{%s}" % b",".join(b'"%d": 1' % i for i in range(1001)), "an object with more than 1,000 keys"),
        (b'{"%s": 1}' % (b"k" * 9999), "an object with the keys kkkk"),
    ],
)
def test_a_document_that_is_no_such_list_is_refused_and_says_what_it_is(
    tmp_path: Path, content: bytes, found: str
) -> None:
    said = refusal(tmp_path, content, AT_KEY)
    assert said.startswith(f"day.json: {found}")
    assert (
        " where plain declares one document with a list of records at the key records; use the source that fits" in said
    )


def test_lists_at_a_key_are_not_the_document_itself(tmp_path: Path) -> None:
    said = refusal(tmp_path, b'{"records": [{}]}', LIST)
    assert said.startswith(
        "day.json: an object with the keys records where plain declares one document with a list of records; "
    )


@pytest.mark.parametrize(
    "content",
    [
        b'{"records": [{}] x}',
        b'{"records": [{}], "a": x}',
        b'{"records": [{}], a: 1}',
        b'{"records": [{}],}',
        b'{"records": [{}], "a"}',
        b'{"records": [{}], "a": NaN}',
        b'{"records": [{}], "a": %s}' % nested(DEEPEST + 1),
        b'{"records": [{}], "a": "%s"}' % (b"x" * LONGEST_RECORD_BYTES),
        b'{"records": [{}], "\xff": 1}',
    ],
)
def test_what_is_no_json_beside_the_records_refuses_the_document(tmp_path: Path, content: bytes) -> None:
    assert "line 1: no JSON, or too much of it, beside the records" in refusal(tmp_path, content, AT_KEY)


@pytest.mark.parametrize("content", [b'[{"a": [1}, {}]', b"[{}, {}}", b'[{"a": 1]]', b"[{}\n, )}]"])
def test_brackets_that_do_not_match_refuse_the_document(tmp_path: Path, content: bytes) -> None:
    assert "brackets that do not match" in refusal(tmp_path, content, LIST)


def test_every_truncated_document_is_refused(tmp_path: Path) -> None:
    content = b'{"n": 2, "records": [{"a": "x\\"y"},\n {"b": [1, 2]}], "next": null}'
    for end in range(1, len(content)):
        assert "ends in the middle of line" in refusal(tmp_path, content[:end], AT_KEY)


@pytest.mark.parametrize("content", [b'[{"a": 1},]', b'[,{"a": 1}]'])
def test_a_comma_too_many_is_a_record_that_is_no_json(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content, LIST)
    assert [reason for _, reason in reasons(found)] == ["bad_json"]
    assert found["count"] == 2


def test_a_quote_that_is_not_closed_damages_only_its_own_record_where_lines_part_them(tmp_path: Path) -> None:
    content = b'[\n{"a": "1"},\n{"a": "2},\n{"a": "3"}\n]'
    assert "line 5: brackets that do not match" in refusal(tmp_path, content, LIST), "a bracket is lost with the line"
    content = b'[\n{"a": "1"},\n{"a": "2\n},\n{"a": "3"}\n]'
    found = read(tmp_path, content, LIST)
    assert reasons(found) == [(3, "bad_json")]
    assert [row[2] for row in found["records"]] == ["1", "3"]


def test_a_document_larger_than_memory_allows_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    with path.open("wb") as file:
        file.truncate(json_records.LONGEST_DOCUMENT_BYTES + 1)
    with pytest.raises(
        SourceError, match="one JSON document of more than 512 MB; ask the provider for one object a line"
    ):
        read_file(path, LIST)


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b'\\"' * 1_000_000 + b"]",
        b'["' + b"\\\\" * 1_000_000 + b"]",
        b"[" + b'"' * 2_000_001 + b"]",
        b"[" + b"[]" * 500_000 + b"]",
        b"[" * 1_000_000 + b"]" * 1_000_000,
        b"[" + b"," * 200_000 + b"]",
        b"[" + b"}" * 1_000_000,
        b'{"records":' * 200_000,
        b"[" + b"{" + b'"a":1,' * 300_000 + b"}]",
    ],
    ids=lambda content: repr(content[:16]),
)
def test_documents_made_to_be_slow_are_not(tmp_path: Path, content: bytes) -> None:
    for described in (LIST, LINES):
        started = time.process_time()
        try:
            found = read(tmp_path, content + b"\n", described)
            assert found["count"] == len(found["refused"]) > 0
        except SourceError:
            pass
        assert time.process_time() - started < 10


# Any bytes ------------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=8
)
RECORD = st.dictionaries(st.sampled_from(KEYS), SCALAR | st.lists(SCALAR, max_size=3))
OTHER: st.SearchStrategy[Any] = (
    st.lists(JSON, max_size=3) | SCALAR | st.fixed_dictionaries({"a": st.just({})}) | st.just({"d": 1})
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.just(True), RECORD) | st.tuples(st.just(False), OTHER), max_size=6), st.booleans(), JSON)
def test_any_list_is_cut_as_the_parser_cuts_it(
    tmp_path: Path, elements: list[tuple[bool, Any]], is_pretty: bool, beside: Any
) -> None:
    """Whatever the values, there are as many records as in the list, and those that are objects of scalars are read."""
    rows = [one for _, one in elements]
    text = json.dumps(rows, indent=1 if is_pretty else None, ensure_ascii=is_pretty).encode()
    found = read(tmp_path, text, LIST)
    assert found["count"] == len(elements)
    assert len(found["records"]) == sum(is_good for is_good, _ in elements)
    at_key = read(tmp_path, json.dumps({"x": beside, "records": rows}).encode(), AT_KEY)
    assert at_key["count"] == len(elements)
    assert values(at_key) == values(found)


PARTS = [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b" ", b'"a"', b"1", b"\xff", b"\0"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_any_bytes_are_accounted_for_or_refused(tmp_path: Path, parts: list[bytes]) -> None:
    for described in (LINES, LIST, AT_KEY):
        try:
            found = read(tmp_path, b"".join(parts), described)
        except SourceError:
            continue
        assert found["count"] == len(found["records"]) + len(found["refused"]) + found["blank"]


def test_flipped_bits_give_as_many_records_or_refuse_the_document(tmp_path: Path) -> None:
    """3,000 seeded flips: of a pretty document a damaged record is refused alone or the document is; what is no JSON is never read without a word."""
    rows = [{"a": f"vessel {i}", "b": 39 + i / 100, "c": [i, "x"]} for i in range(12)]
    content = json.dumps({"n": 12, "records": rows}, indent=1).encode()
    rng = random.Random(4)
    n_refused = 0
    for _ in range(3000):
        flipped = bytearray(content)
        flipped[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        try:
            found = read(tmp_path, bytes(flipped), AT_KEY)
        except SourceError:
            n_refused += 1
            continue
        try:
            n_parsed = len(json.loads(bytes(flipped))["records"])
        except ValueError:
            assert found["refused"]
        else:
            assert n_parsed == found["count"]
    assert 0 < n_refused < 1500


# Real files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "n_records"),
    [
        ("gfw_gpsdio_segment/263576000.json", 948),
        ("gfw_gpsdio_segment/338013000.json", 1253),
        ("gfw_pipe_gaps/sample_messages_lines.json", 85),
    ],
)
def test_real_lines_are_all_read(shared: Path, name: str, n_records: int) -> None:
    path = shared / "ais" / name
    rows = [json.loads(line, parse_float=str, parse_int=str) for line in path.read_text().splitlines()]
    keys = sorted({key for row in rows for key in row})
    found = read_file(path, source(True, keys=keys))
    assert values(found) == [tuple(row.get(key) for key in keys) for row in rows]
    assert [row[0] for row in found["records"]] == list(range(1, n_records + 1))
    assert (found["refused"], found["blank"]) == ([], 0)


@pytest.mark.parametrize(
    ("name", "key", "n_records", "first_line"),
    [
        ("ais/gfw_pipe_gaps/sample_messages.json", None, 84, 2),
        ("incidents/asam/asam_sample.json", "asam", 4, 3),
        ("incidents/asam/asam_sample_2.json", "asam", 2, 3),
        ("incidents/asam/nga_broadcast_warn_sample.json", "broadcast-warn", 2, 4),
    ],
)
def test_real_documents_are_all_read(shared: Path, name: str, key: str | None, n_records: int, first_line: int) -> None:
    path = shared / name
    document = json.loads(path.read_text(), parse_float=str, parse_int=str)
    rows = document[key] if key else document
    keys = sorted({one for row in rows for one in row})
    found = read_file(path, source(False, key, keys))
    assert values(found) == [tuple(row.get(one) for one in keys) for row in rows]
    assert len(found["records"]) == n_records
    assert found["records"][0][0] == first_line
    lines = path.read_text().splitlines()
    assert all(lines[row[0] - 1].strip() == "{" for row in found["records"])
    assert found["refused"] == []
