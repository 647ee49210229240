"""Parquet: every row of the footer's count, values as the other formats have them; a file that differs or is damaged is refused in one line."""

import base64
import json
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from pipeline.errors import SourceError
from pipeline.sources import Source, parquet_rows
from pipeline.sources.records import LONGEST_RECORD_BYTES, RAW_CHARACTERS

UTC_US = pa.timestamp("us", "UTC")
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)


def source(columns: list[str], fields: list[str] | None = None, max_mb: int = 4096) -> Source:
    """A source of files with these columns that reads these fields, else all."""
    fields = fields or columns
    return Source.model_validate(
        {
            "source_id": "plain",
            "title": "plain",
            "table": "reports",
            "format": "parquet",
            "parquet": {"columns": columns},
            "columns": {
                "observed_at": {"field": fields[0], "time": "native"},
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
            "limits": {"max_reject_share": 0.5, "cadence": "daily", "usual_pause_s": 60.0, "max_mb": max_mb},
        }
    )


def read_file(path: Path, described: Source) -> dict[str, Any]:
    """All that came out of a file: fields, types and raw text of its rows by line, what was refused, the count."""
    found: dict[str, Any] = {"rows": {}, "types": set(), "raw": {}, "refused": [], "count": 0}
    for block in parquet_rows.read(path, described, path.name):
        assert block.n_blank == 0
        columns = [block.fields.column(name) for name in described.fields]
        found["types"].add(tuple(column.type for column in columns))
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        found["rows"].update(zip(block.line.tolist(), rows, strict=True))
        found["raw"].update({int(line): block.raw(row) for row, line in enumerate(block.line)})
        found["refused"] += [(one.line, one.reason, one.raw) for one in block.refused]
        found["count"] += block.lines_in
    assert found["count"] == len(found["rows"]) + len(found["refused"])
    return found


def read(folder: Path, columns: dict[str, Any], **written: Any) -> dict[str, Any]:
    """All that came out of a file of these columns, written so."""
    path = folder / "day.parquet"
    pq.write_table(pa.table(columns), path, **written)
    return read_file(path, source(list(columns)))


def refusal(path: Path, described: Source) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(SourceError) as raised:
        read_file(path, described)
    said = str(raised.value)
    assert said.startswith(f"{path.name}: ")
    assert said.isprintable()
    assert len(said) < 700
    return said


def without_check(values: list[bytes]) -> pa.Array:
    """Bytes as a column of text, whether they are UTF-8 or not."""
    raw = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(values), raw.buffers())


# Values ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "values", "arrow_type"),
    [
        (pa.array(["a", None, ""]), ["a", None, ""], pa.string()),
        (pa.array(["Λέσβος"], pa.large_string()), ["Λέσβος"], pa.string()),
        (pa.array(["b", "a", None, "b"]).dictionary_encode(), ["b", "a", None, "b"], pa.string()),
        (pa.array([1, None, -3], pa.int8()), [1.0, None, -3.0], pa.float64()),
        (pa.array([237000000], pa.uint32()), [237000000.0], pa.float64()),
        (pa.array([1.5, None, 102.3], pa.float64()), [1.5, None, 102.3], pa.float64()),
        (pa.array([1.5, 0.1], pa.float32()), [1.5, float(np.float32(0.1))], pa.float64()),
        (pa.array([np.float16(1.5)], pa.float16()), [1.5], pa.float64()),
        (pa.array([True, False, None]), ["true", "false", None], pa.string()),
        (pa.array(["27.10", None]).cast(pa.decimal128(9, 2)), ["27.10", None], pa.string()),
        (pa.array([date(2026, 5, 14), None]), ["2026-05-14", None], pa.string()),
        (pa.array([date(2026, 5, 14)], pa.date64()), ["2026-05-14"], pa.string()),
        (pa.array([NOON, None], UTC_US), [NOON, None], UTC_US),
        (pa.array([None, None], pa.null()), [None, None], pa.string()),
    ],
)
def test_values_become_text_numbers_or_times(
    tmp_path: Path, column: pa.Array, values: list[Any], arrow_type: pa.DataType
) -> None:
    found = read(tmp_path, {"a": column})
    assert [row[0] for row in found["rows"].values()] == values
    assert found["types"] == {(arrow_type,)}
    assert list(found["rows"]) == list(range(1, len(values) + 1))


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (2**53, float(2**53)),
        (-(2**53), -float(2**53)),
        (2**53 + 1, "9007199254740993"),
        (2**60, "1152921504606846976"),
        (-(2**63), "-9223372036854775808"),
    ],
)
def test_whole_numbers_that_a_float_cannot_hold_are_text(tmp_path: Path, whole: int, said: float | str) -> None:
    found = read(tmp_path, {"a": pa.array([whole, None, 5], pa.int64())})
    assert found["rows"] == {1: (said,), 2: (None,), 3: (5.0 if isinstance(said, float) else "5",)}
    assert found["raw"][1] == f'{{"a":{whole}}}'


def test_nan_stays_for_others_to_judge(tmp_path: Path) -> None:
    found = read(tmp_path, {"a": [float("nan"), float("inf"), 1.0]})
    assert [repr(row[0]) for row in found["rows"].values()] == ["nan", "inf", "1.0"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Athens"])
def test_times_of_every_unit_and_zone_are_utc(tmp_path: Path, unit: str, zone: str | None) -> None:
    found = read(
        tmp_path,
        {"a": pa.array([NOON.timestamp()]).cast(pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp(unit, zone))},
    )
    assert found["rows"] == {1: (NOON,)}
    assert found["types"] == {(UTC_US,)}
    assert found["raw"][1].startswith('{"a":"2026-05-14 12:00:00')


def test_what_is_finer_than_a_microsecond_is_cut_off(tmp_path: Path) -> None:
    found = read(tmp_path, {"a": pa.array([1_999, -1_999], pa.timestamp("ns"))})
    ticks = [row[0].replace(tzinfo=None) - datetime(1970, 1, 1) for row in found["rows"].values()]
    assert [tick.total_seconds() for tick in ticks] == [1e-6, -1e-6]


def test_old_times_of_96_bits_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, {"a": pa.array([NOON], UTC_US)}, use_deprecated_int96_timestamps=True)
    assert found["rows"] == {1: (NOON,)}


@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [
        ("ms", -62_135_596_800_000, 253_402_300_799_999),
        ("us", -62_135_596_800_000_000, 253_402_300_799_999_999),
    ],
)
def test_times_of_no_year_are_refused(tmp_path: Path, unit: str, first: int, last: int) -> None:
    ticks = [first, first - 1, last, last + 1, 2**62, -(2**62), None, 0]
    found = read(tmp_path, {"a": pa.array(ticks, pa.timestamp(unit, "UTC")), "b": list(range(8))})
    assert [(line, reason) for line, reason, _ in found["refused"]] == [(line, "bad_time") for line in (2, 4, 5, 6)]
    assert [row[0] and row[0].year for row in found["rows"].values()] == [1, 9999, None, 1970]
    assert [row[1] for row in found["rows"].values()] == [0, 2, 6, 7]


def test_a_zone_that_nobody_knows_does_no_harm(tmp_path: Path) -> None:
    times = pa.array([0, 2**62], pa.timestamp("us", "Nowhere/Here"))
    found = read(tmp_path, {"a": times})
    assert found["rows"] == {1: (datetime(1970, 1, 1, tzinfo=UTC),)}
    assert found["refused"][0][:2] == (2, "bad_time")


@pytest.mark.parametrize("is_dictionary", [False, True])
def test_text_that_is_no_utf_8_is_refused_alone(tmp_path: Path, is_dictionary: bool) -> None:
    text = without_check([b"a", b"\xff\xfe", b"a\0b", b"", "é".encode(), b"\xed\xa0\x80"])
    column = pa.DictionaryArray.from_arrays(pa.array(range(6), pa.int32()), text) if is_dictionary else text
    found = read(tmp_path, {"a": column, "b": [1, 2, 3, 4, 5, 6]})
    assert found["rows"] == {1: ("a", 1.0), 4: ("", 4.0), 5: ("é", 5.0)}
    assert found["raw"] == {1: '{"a":"a","b":1}', 4: '{"a":"","b":4}', 5: '{"a":"é","b":5}'}
    assert found["refused"] == [
        (2, "bad_encoding", '{"a":"\\\\xff\\\\xfe","b":2}'),
        (3, "bad_encoding", '{"a":"a\\\\x00b","b":3}'),
        (6, "bad_encoding", '{"a":"\\\\xed\\\\xa0\\\\x80","b":6}'),
    ]


def test_as_much_text_in_a_row_as_allowed_and_one_byte_more(tmp_path: Path) -> None:
    half = "x" * (LONGEST_RECORD_BYTES // 2)
    found = read(tmp_path, {"a": [half, half, "c"], "b": [half, half + "x", "c"]})
    assert list(found["rows"]) == [1, 3]
    assert found["refused"][0][:2] == (2, "oversized_record")
    assert len(found["refused"][0][2]) == RAW_CHARACTERS


def test_raw_text_is_a_row_of_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    columns = {
        "id": pa.array([7], pa.int64()),
        "name": ["Άγιος"],
        "at": pa.array([NOON], UTC_US),
        "on": [date(2026, 5, 14)],
        "is_fast": [True],
        "sog": [1.5],
        "none": pa.array([None], pa.string()),
        "other": ["x"],
    }
    pq.write_table(pa.table(columns), path)
    found = read_file(path, source(list(columns), list(columns)[:-1]))
    assert json.loads(found["raw"][1]) == {
        "id": 7,
        "name": "Άγιος",
        "at": "2026-05-14 12:00:00.000000",
        "on": "2026-05-14",
        "is_fast": "true",
        "sog": 1.5,
        "none": None,
    }
    assert " :" not in found["raw"][1]
    assert found["raw"][1].startswith('{"id":7,"name":"Άγιος",')


# Rows -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_rows", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_rows_are_numbered_through_batches_and_row_groups(tmp_path: Path, n_rows: int) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.table({"a": pa.array(np.arange(n_rows), pa.int64())}), path, row_group_size=30_000)
    lines, values = [np.zeros(0, np.int64)], [np.zeros(0)]
    for block in parquet_rows.read(path, source(["a"]), path.name):
        assert block.fields.num_rows <= 65_536
        lines.append(block.line)
        values.append(block.fields.column("a").to_numpy())
    assert np.array_equal(np.concatenate(lines), np.arange(1, n_rows + 1))
    assert np.array_equal(np.concatenate(values), np.arange(n_rows))


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_every_compression_and_page_version_is_read(tmp_path: Path, compression: str, version: str) -> None:
    found = read(tmp_path, {"a": ["x", "y"], "b": [1, 2]}, compression=compression, data_page_version=version)
    assert found["rows"] == {1: ("x", 1.0), 2: ("y", 2.0)}


def test_a_footer_that_says_another_number_of_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.table({"a": pa.array(range(100), pa.int32())}), path)
    content = path.read_bytes()
    hundred, ninety_nine = b"\x16\xc8\x01", b"\x16\xc6\x01"  # a 64-bit number of Thrift's compact protocol, doubled
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    path.write_bytes(content[:footer] + content[footer:].replace(hundred, ninety_nine, 1))
    assert pq.read_metadata(path).num_rows == 99
    assert "99 rows by its footer, 100 read; the file does not reconcile" in refusal(path, source(["a"]))


# Columns --------------------------------------------------------------------------------------------------------------


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.table({"b": [1], "c": ["x"], "a": [2]}), path)
    assert read_file(path, source(["a", "b", "c"]))["rows"] == {1: (2.0, 1.0, "x")}


@pytest.mark.parametrize(
    ("names", "how"),
    [
        (["a"], "missing b, a.c"),
        (["a", "b", "a.c", "d"], "not in the contract: d"),
        (["A", "b", "a.c"], "missing a; not in the contract: A"),
        (["a", "b", "b", "a.c"], "more than once b"),
        ([], "missing a, b, a.c"),
        ([f"\x1b[31m{i}" for i in range(2000)], "missing a, b, a.c; not in the contract: \\x1b[31m0, "),
    ],
)
def test_columns_that_differ_are_refused_and_it_says_how(tmp_path: Path, names: list[str], how: str) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1])] * len(names), names=names), path)
    said = refusal(path, source(["a", "b", "a.c"]))
    assert said.startswith(f"day.parquet: columns differ from the contract of plain: {how}")
    assert said.endswith("; use the source that fits or declare the new dialect in a TOML file")


def test_a_name_with_a_dot_is_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, {"a": [1], "a.c": [2]})["rows"] == {1: (1.0, 2.0)}


@pytest.mark.parametrize(
    ("column", "named"),
    [
        (pa.array([[1, 2]]), "list<"),
        (pa.array([{"x": 1}]), "struct<"),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "map<"),
    ],
)
def test_nested_columns_are_refused_even_where_they_are_not_read(tmp_path: Path, column: pa.Array, named: str) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.table({"a": [1], "b": column}), path)
    assert f"column b is of type {named}" in refusal(path, source(["a", "b"], ["a"]))


@pytest.mark.parametrize("arrow_type", [pa.binary(), pa.binary(4), pa.time64("us"), pa.duration("us")])
def test_types_without_a_meaning_here_are_refused_where_they_are_read(tmp_path: Path, arrow_type: pa.DataType) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.table({"a": [1], "b": pa.array([None], arrow_type)}), path)
    assert f"column b is of type {arrow_type}, which is not read" in refusal(path, source(["a", "b"]))
    assert read_file(path, source(["a", "b"], ["a"]))["rows"] == {1: (1.0,)}


# Bounds ---------------------------------------------------------------------------------------------------------------


def test_more_than_the_source_allows_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(pa.table({"a": [0] * 300_000}), path, use_dictionary=False, compression="zstd")
    assert path.stat().st_size < 1 << 20
    assert len(read_file(path, source(["a"], max_mb=3))["rows"]) == 300_000
    assert "2 MB unpacked, more than 1; split it or raise limits.max_mb of plain" in refusal(
        path, source(["a"], max_mb=1)
    )


def test_too_many_row_groups_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    n_rows = parquet_rows.MOST_ROW_GROUPS + 1
    pq.write_table(pa.table({"a": pa.array(range(n_rows), pa.int32())}), path, row_group_size=1)
    assert "10001 row groups, more than 10,000" in refusal(path, source(["a"]))


# Damage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"a,b\n1,2\n",
        b"PAR1" + bytes(100) + b"PAR1",
        bytes(1000),
        b"PAR1\xff\xff\xff\x7fPAR1",
    ],
)
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "day.parquet"
    path.write_bytes(content)
    said = refusal(path, source(["a"]))
    assert said.startswith("day.parquet: cannot be read as Parquet, it is damaged, encrypted or of another format: ")
    assert str(tmp_path) not in said


class Keys(pe.KmsClient):  # type: ignore[misc]
    """Keeps keys as they are: the tests have nobody to hide them from."""

    def __init__(self, _: pe.KmsConnectionConfig) -> None:
        super().__init__()

    def wrap_key(self, key: bytes, _: str) -> bytes:
        return base64.b64encode(key)

    def unwrap_key(self, key: bytes, _: str) -> bytes:
        return base64.b64decode(key)


@pytest.mark.parametrize("is_footer_plain", [True, False])
def test_encrypted_files_are_refused(tmp_path: Path, is_footer_plain: bool) -> None:
    path = tmp_path / "day.parquet"
    table = pa.table({"a": [1, 2], "b": ["x", "y"]})
    how = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["b"]}, plaintext_footer=is_footer_plain)
    properties = pe.CryptoFactory(Keys).file_encryption_properties(pe.KmsConnectionConfig(), how)
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    assert "encrypted" in refusal(path, source(["a", "b"]))


def sample() -> pa.Table:
    """60 rows of every kind of column."""
    n_rows = 60
    return pa.table(
        {
            "at": pa.array([1_778_716_800_000_000 + i * 1_000_001 for i in range(n_rows)], UTC_US),
            "on": pa.array([19_000 + i for i in range(n_rows)], pa.date32()),
            "lat": [39 + i / 100 for i in range(n_rows)],
            "sog": [None if i % 7 == 0 else i / 10 for i in range(n_rows)],
            "sensor": pa.array([f"lesvos-{i % 5}" for i in range(n_rows)]).dictionary_encode(),
            "number": pa.array(range(n_rows), pa.int64()),
            "is_fast": [i % 3 == 0 for i in range(n_rows)],
            "name": [f"Άγιος {i}" for i in range(n_rows)],
            "size": pa.array([f"{i}.10" for i in range(n_rows)]).cast(pa.decimal128(9, 2)),
        }
    )


@pytest.mark.parametrize(
    "written",
    [
        {"compression": "snappy"},
        {"compression": "none", "use_dictionary": False},
        {"compression": "zstd", "data_page_version": "2.0"},
    ],
    ids=["snappy", "plain", "zstd, pages of version 2"],
)
def test_flipped_bits_in_pages_with_checksums_never_give_other_rows(tmp_path: Path, written: dict[str, Any]) -> None:
    """2,000 seeded single flips each; those in the footer, which has no checksum, may, but give one of three outcomes, too."""
    path = tmp_path / "day.parquet"
    pq.write_table(sample(), path, row_group_size=20, write_page_checksum=True, **written)
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    described = source(sample().column_names)
    whole = read_file(path, described)
    rng = random.Random(4)
    n_refused = 0
    for i in range(2000):
        flipped = bytearray(content)
        at = rng.randrange(footer) if i % 2 else rng.randrange(footer, len(content))
        flipped[at] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            found = read_file(path, described)
        except SourceError:
            n_refused += 1
            continue
        assert at >= footer or found["refused"] or found["rows"] == whole["rows"], at
    assert n_refused > 800


def test_flipped_bits_in_pages_without_checksums_break_nothing(tmp_path: Path) -> None:
    """They may give other rows: nothing in such a file tells."""
    path = tmp_path / "day.parquet"
    pq.write_table(sample(), path, row_group_size=20, compression="none")
    content = path.read_bytes()
    rng = random.Random(4)
    for _ in range(1000):
        flipped = bytearray(content)
        flipped[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            assert read_file(path, source(sample().column_names))["count"] > 0
        except SourceError:
            continue


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    pq.write_table(sample(), path)
    content = path.read_bytes()
    for end in range(0, len(content), 37):
        path.write_bytes(content[:end])
        assert "cannot be read as Parquet" in refusal(path, source(sample().column_names))
