"""One file, whatever its format: every record stands somewhere, once, with the line on which it began."""

import gzip
import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyais import encode_dict

from pipeline import contracts, sources
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.reasons import REASONS
from pipeline.sources import Source, delimited, reading
from pipeline.sources.reading import Taken

RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
PACKAGED = sources.load_all(Home(Path("no home")))
FIELDS = ["mmsi", "at", "lat", "lon", "sog", "status", "name"]
LAYOUTS: dict[str, dict[str, Any]] = {
    "delimited": {
        "delimiter": ",",
        "encoding": "utf-8",
        "header": FIELDS,
        "quotes": True,
        "line_breaks": False,
        "ends_with_newline": False,
    },
    "json": {"lines": True, "keys": FIELDS},
    "parquet": {"columns": FIELDS},
    "nmea": {"clock": ["suffix"]},
}


def reports(kind: str = "delimited", **changed: Any) -> Source:
    """A source of reports in a format, whose files may be as faulty as they like."""
    document: dict[str, Any] = {
        "source_id": "mine",
        "title": "mine",
        "table": "reports",
        "format": kind,
        kind: LAYOUTS[kind],
        "columns": {
            "observed_at": {"field": "at", "time": "%Y-%m-%dT%H:%M:%SZ"},
            "lat": {"field": "lat", "unit": "deg"},
            "lon": {"field": "lon", "unit": "deg"},
            "sog_kn": {"field": "sog", "unit": "kn", "sentinels": [102.3]},
            "nav_status": {"field": "status"},
            "ship_name": {"field": "name"},
        },
        "identity": {"kind": "mmsi", "fields": ["mmsi"]},
        "label": {
            "originator": "own",
            "tlp": "AMBER",
            "rel_to": [],
            "onward_sharing": False,
            "licence": "own",
            "attribution": "own",
        },
        "limits": {"max_reject_share": 1.0, "cadence": "daily", "usual_pause_s": 60.0},
    }
    return Source.model_validate({**document, **changed})


def limited(source: Source, **changed: Any) -> Source:
    """The source with other limits."""
    return source.model_copy(update={"limits": source.limits.model_copy(update=changed)})


def record(mmsi: object = 237000001, **changed: object) -> dict[str, object]:
    """One report."""
    said = {"at": "2026-05-14T06:00:00Z", "lat": 39.1, "lon": 26.3, "sog": 5.5, "status": 0, "name": "Argo"}
    return {"mmsi": mmsi, **said, **changed}


def line(said: dict[str, object]) -> str:
    """A report as a line of delimited text."""
    return ",".join("" if said[name] is None else str(said[name]) for name in FIELDS)


def read(folder: Path, content: bytes, source: Source, name: str = "day.csv") -> Taken:
    """What is taken from a file of these bytes; every record is accounted for."""
    path, beside = folder / "file", folder / "unpacked"
    path.write_bytes(content)
    beside.mkdir(exist_ok=True)
    taken = reading.read(path, source, name, RECEIVED, beside)
    assert list(beside.iterdir()) == [], "what was unpacked is removed"
    assert taken.lines_in == taken.accepted + taken.rejected + taken.duplicates + taken.blank
    assert taken.accepted == sum(reading.weight(rows) for rows in taken.tables.values())
    places = [(one.line, one.item) for one in taken.refused]
    assert places == sorted(set(places)), "each record is refused once, in the order of the file"
    assert all(one.reason in REASONS for one in taken.refused)
    return taken


def csv(*records: dict[str, object] | str, header: bool = True) -> bytes:
    """A delimited file."""
    lines = [one if isinstance(one, str) else line(one) for one in records]
    return "".join(f"{one}\n" for one in ([",".join(FIELDS)] if header else []) + lines).encode()


def refused(taken: Taken) -> list[tuple[int, str]]:
    """Line and reason of each record that was refused."""
    return [(one.line, one.reason) for one in taken.refused]


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


# Accounting -----------------------------------------------------------------------------------------------------------

GOOD, OTHER, WRONG = record(1), record(2), record(3, lat=95)


def as_json(said: dict[str, object]) -> str:
    """A report as a JSON object."""
    return json.dumps(said)


def as_parquet(*records: dict[str, object]) -> bytes:
    """A Parquet file."""
    written = io.BytesIO()
    columns = {name: pa.array([one[name] for one in records]) for name in FIELDS}
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def sentence(said: dict[str, object]) -> str:
    """A report as a sentence with its time."""
    place = {name: float(str(said[name])) for name in ("lat", "lon")}
    (spoken,) = encode_dict({"type": 1, "mmsi": str(said["mmsi"]), "speed": 5.5, **place})
    return f"{spoken},{int(datetime(2026, 5, 14, 6, tzinfo=UTC).timestamp())}"


def nmea() -> Source:
    """The packaged source of logs."""
    return limited(PACKAGED["nmea_aivdm"], max_reject_share=1.0)


FILES: dict[str, tuple[Callable[[], Source], bytes, dict[str, int], list[tuple[int, str]]]] = {
    "delimited": (
        reports,
        csv(GOOD, "short,1", "", OTHER, GOOD, WRONG, "  "),
        {"lines_in": 7, "accepted": 2, "rejected": 2, "duplicates": 1, "blank": 2},
        [(3, "bad_field_count"), (7, "bad_latitude")],
    ),
    "lines of JSON": (
        lambda: reports("json"),
        "\n".join([as_json(GOOD), "{", "", as_json(OTHER), as_json(GOOD), as_json(WRONG), " ", ""]).encode(),
        {"lines_in": 7, "accepted": 2, "rejected": 2, "duplicates": 1, "blank": 2},
        [(2, "bad_json"), (6, "bad_latitude")],
    ),
    "a document of JSON": (
        lambda: reports("json", json={**LAYOUTS["json"], "lines": False}),
        f"[{as_json(GOOD)}, 7,\n{as_json(OTHER)},{as_json(GOOD)}\n,{as_json(WRONG)}]".encode(),
        {"lines_in": 5, "accepted": 2, "rejected": 2, "duplicates": 1, "blank": 0},
        [(1, "bad_json"), (3, "bad_latitude")],
    ),
    "Parquet": (
        lambda: reports("parquet"),
        as_parquet(GOOD, {**GOOD, "name": "a\0"}, OTHER, GOOD, WRONG),
        {"lines_in": 5, "accepted": 2, "rejected": 2, "duplicates": 1, "blank": 0},
        [(2, "bad_encoding"), (5, "bad_latitude")],
    ),
    "a log": (
        nmea,
        "\n".join([sentence(GOOD), "hello", "", sentence(OTHER), sentence(GOOD), "$GPZDA,1*77", " ", ""]).encode(),
        {"lines_in": 7, "accepted": 2, "rejected": 2, "duplicates": 1, "blank": 2},
        [(2, "not_nmea"), (6, "other_sentence")],
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_record_of_every_format_is_accounted_for(tmp_path: Path, kind: str) -> None:
    source, content, counts, wrong = FILES[kind]
    taken = read(tmp_path, content, source())
    assert {name: getattr(taken, name) for name in counts} == counts
    assert refused(taken) == wrong
    assert sorted(taken.tables["reports"].column("mmsi").to_pylist()) == ["000000001", "000000002"]
    assert all(one.raw for one in taken.refused)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_and_its_packed_form_are_the_same(tmp_path: Path, kind: str) -> None:
    source, content, _, _ = FILES[kind]
    plain = read(tmp_path, content, source())
    for packed in (gzip.compress(content), zipped({"day": content}), zipped({"a/": b"", "a/day": content})):
        again = read(tmp_path, packed, source())
        assert again.tables == plain.tables
        assert (again.refused, again.sentinels, again.lines_in) == (plain.refused, plain.sentinels, plain.lines_in)


@pytest.mark.parametrize("kind", FILES)
def test_lines_of_the_members_of_an_archive_are_numbered_through(tmp_path: Path, kind: str) -> None:
    source, content, counts, wrong = FILES[kind]
    first = read(tmp_path, content, source())
    n_lines = counts["lines_in"] if kind == "Parquet" else content.count(b"\n") + (not content.endswith(b"\n"))
    taken = read(tmp_path, zipped({"1": content, "2": content}), source())
    assert refused(taken) == wrong + [(at + n_lines, reason) for at, reason in wrong]
    assert taken.lines_in == 2 * counts["lines_in"]
    assert taken.duplicates == 2 * counts["duplicates"] + counts["accepted"], "the second says what the first said"
    assert taken.tables == first.tables


@pytest.mark.parametrize("kind", FILES)
def test_records_of_other_members_have_lines_of_their_own(tmp_path: Path, kind: str) -> None:
    """No two rows of a file have one place: table and ledger rest on it."""
    made: dict[str, Callable[..., bytes]] = {
        "delimited": csv,
        "lines of JSON": lambda *many: "\n".join(map(as_json, many)).encode(),
        "a document of JSON": lambda *many: f"[{','.join(map(as_json, many))}]".encode(),
        "Parquet": as_parquet,
        "a log": lambda *many: "\n".join(map(sentence, many)).encode(),
    }
    many = [record(1 + n) for n in range(90)]
    members = {str(n): made[kind](*many[n * 30 : n * 30 + 30]) for n in range(3)}
    taken = read(tmp_path, zipped(members), FILES[kind][0]())
    rows = taken.tables["reports"]
    places = {
        mmsi: place
        for mmsi, *place in zip(*(rows.column(n).to_pylist() for n in ("mmsi", "line", "item")), strict=True)
    }
    assert len(places) == len(set(map(tuple, places.values()))) == 90
    assert [places[f"{1 + n:09}"] for n in range(90)] == sorted(places.values()), "in the order of the members"


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"in.csv": content})])
def test_what_is_wrong_with_a_member_names_the_file_that_came(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SourceError, match=r"^day\.zip: .*line 1: header differs") as raised:
        read(tmp_path, pack(b"a,b\n1,2\n"), reports(), "day.zip")
    assert str(raised.value).isprintable()


def test_a_file_in_which_nothing_stands(tmp_path: Path) -> None:
    for name, source in PACKAGED.items():
        if not source.delimited or source.snapshot:
            continue
        layout = source.delimited
        header = layout.delimiter.join(layout.header).encode() + b"\n" if layout.first_line == "header" else b""
        taken = read(tmp_path, header, source)
        assert taken.lines_in == 0, name
        for table, rows in taken.tables.items():
            named = {column.name for column in contracts.load(table).columns} - {"file_sha256"}
            assert named - set(rows.column_names) == set(), name
            assert rows.num_rows == 0, name


# Repeats and conflicts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 20])
def test_what_is_said_again_is_counted_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block_bytes)
    content = csv(GOOD, OTHER, GOOD, record(1, name="Other"), OTHER, WRONG, WRONG, record(1, at="2026-05-14T06:00:01Z"))
    taken = read(tmp_path, content, reports())
    assert (taken.accepted, taken.duplicates, taken.rejected) == (4, 2, 2)
    assert sorted(taken.tables["reports"].column("line").to_pylist()) == [2, 3, 5, 9], "the first one stays"


def sightings(*lines: str) -> bytes:
    """A file of look-outs."""
    return "\n".join(["reported_at,lon,lat,n_craft,n_people,length_m,reference,watch", *lines, ""]).encode()


def sighting(reference: str, n_craft: object = 1) -> str:
    """What a look-out saw."""
    return f"2026-05-14T06:00:00Z,26.3,39.1,{n_craft},,,{reference},pier"


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_of_two_records_of_one_reference_the_first_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block_bytes)
    lines = [sighting("b"), sighting("a"), sighting("a", 2), sighting("a"), sighting("", 3), sighting("a", 2)]
    taken = read(tmp_path, sightings(*lines), limited(PACKAGED["visual_sightings"], max_reject_share=1.0))
    assert (taken.accepted, taken.duplicates, taken.rejected) == (2, 2, 2)
    assert refused(taken) == [(4, "conflicting_reference"), (6, "no_reference")]
    assert [one.raw for one in taken.refused] == [lines[2], lines[4]]
    rows = taken.tables["detections"]
    assert dict(zip(rows.column("source_ref").to_pylist(), rows.column("n_craft").to_pylist(), strict=True)) == {
        "a": 1,
        "b": 1,
    }


# Too much that is faulty ----------------------------------------------------------------------------------------------

NO_FIX = record(lon=181)
ORDINARY = [record(lat=None), NO_FIX, record(lat=91)]


@pytest.mark.parametrize(
    ("n_good", "n_ordinary", "n_wrong", "share", "is_refused"),
    [
        (8, 0, 2, 0.2, False),
        (8, 0, 2, 0.19, True),
        (2, 6, 2, 0.2, False),  # what is ordinary is a record, but no fault
        (1, 6, 2, 0.2, True),
        (0, 9, 0, 0.01, False),
        (0, 9, 1, 0.01, False),  # one record is no share
        (0, 198, 2, 0.01, False),
        (0, 197, 2, 0.01, True),
        (0, 0, 1, 0.01, True),  # but for the only one
        (0, 0, 1, 1.0, False),
        (0, 0, 2, 0.99, True),
        (0, 0, 2, 1.0, False),
    ],
)
def test_only_what_is_faulty_counts_to_the_share_that_refuses_a_file(
    tmp_path: Path, n_good: int, n_ordinary: int, n_wrong: int, share: float, is_refused: bool
) -> None:
    source = limited(reports(), max_reject_share=share)
    records = [record(10 + n) for n in range(n_good)] + [ORDINARY[n % 3] for n in range(n_ordinary)] + [WRONG] * n_wrong
    content = csv(*records, "", "", "", "")
    if not is_refused:
        taken = read(tmp_path, content, source)
        assert (taken.accepted, taken.rejected, taken.blank) == (n_good, n_ordinary + n_wrong, 4)
        return
    n_records, first = n_good + n_ordinary + n_wrong, 2 + n_good + n_ordinary
    with pytest.raises(SourceError) as raised:
        read(tmp_path, content, source)
    assert str(raised.value) == (
        f"day.csv: {n_wrong} of {n_records} records faulty, more than the {share:.0%} that mine allows; most often bad_latitude "
        f"({REASONS['bad_latitude'].means}): {n_wrong}, first on line {first}; {REASONS['bad_latitude'].do}; nothing of it was taken in"
    )


def test_the_reason_that_is_named_is_the_most_frequent_fault(tmp_path: Path) -> None:
    source = limited(reports(), max_reject_share=0.5)
    wrong = [record(lat=95), record(sog=-1), *[NO_FIX] * 9, record(sog=-1), record(lat=95), *[record(at="now")] * 9]
    with pytest.raises(
        SourceError, match=r"13 of 22 records faulty, .*most often bad_time \(.*\): 9, first on line 15;"
    ):
        read(tmp_path, csv(*wrong), source)
    with pytest.raises(SourceError, match=r"4 of 4 records .*most often bad_latitude \(.*\): 2, first on line 2;"):
        read(tmp_path, csv(*(one for one in wrong[:13] if one != NO_FIX)), source)


def test_the_parts_of_a_message_count_each(tmp_path: Path) -> None:
    """A message of two sentences is two records of the file, whether it is believed or not."""
    parts = encode_dict({"type": 5, "mmsi": "237000001", "shipname": "ARGO", "imo": 9074729})
    assert len(parts) == 2
    start = int(datetime(2026, 5, 14, 6, tzinfo=UTC).timestamp())
    taken = read(tmp_path, "".join(f"{part},{start}\n" for part in parts).encode(), nmea())
    assert (taken.lines_in, taken.accepted) == (2, 2)
    assert {table: rows.num_rows for table, rows in taken.tables.items()} == {"reports": 0, "static_reports": 1}
    assert taken.tables["static_reports"].column("n_records").to_pylist() == [2]

    untimed = "\n".join([*parts, sentence(record(1)), ""]).encode()
    taken = read(tmp_path, untimed, nmea())
    assert (taken.lines_in, taken.accepted, taken.rejected) == (3, 1, 2)
    assert [(one.reason, one.n_records) for one in taken.refused] == [("no_time", 2)]
    read(tmp_path, untimed, limited(nmea(), max_reject_share=0.67))
    with pytest.raises(SourceError, match=r"2 of 3 records faulty, .* most often no_time \(.*\): 2, first on line 1"):
        read(tmp_path, untimed, limited(nmea(), max_reject_share=0.66))


def test_a_file_that_is_larger_than_its_source_allows_is_refused(tmp_path: Path) -> None:
    source, most = limited(reports(), max_mb=1), 1 << 20
    content = csv(record(1))
    content += b"\n" * (most - len(content))
    assert read(tmp_path, content, source).accepted == 1
    with pytest.raises(SourceError, match=r"^day\.csv: larger than the 1 MB that mine allows"):
        read(tmp_path, content + b"\n", source)


# Sums, names, kinds ---------------------------------------------------------------------------------------------------


def counts_of(*lines: str) -> bytes:
    """A file of a border agency's counts."""
    return "\n".join(["route,type,nat,n,month", *lines, ""]).encode()


def test_counts_are_summed_over_what_the_table_does_not_say(tmp_path: Path) -> None:
    lines = [
        "Eastern Mediterranean,Sea,A,10,2026-01",
        "Eastern Mediterranean,Sea,B,5,2026-01",
        "Eastern Mediterranean,Sea,A,1,2026-02",
        "Eastern Mediterranean,Land,A,100,2026-01",
        "Central Mediterranean,Sea,A,1000,2026-01",
        "Eastern Mediterranean,Sea,B,5,2026-01",
        "Eastern Mediterranean,Sea,C,0,2026-01",
        "Eastern Mediterranean,Sea,C,many,2026-01",
        "Eastern Mediterranean,Air,C,7,2026-01",
        "",
    ]
    source = limited(PACKAGED["frontex_monthly"], max_reject_share=1.0)
    found = []
    for order in (lines, lines[::-1], random.Random(4).sample(lines, len(lines))):
        taken = read(tmp_path, counts_of(*order), source)
        assert (taken.lines_in, taken.accepted, taken.duplicates, taken.blank) == (10, 6, 1, 1)
        assert Counter(one.reason for one in taken.refused) == {"bad_count": 1, "no_category": 1}
        rows = taken.tables["route_counts"]
        found.append(
            {
                (row["route"], row["border"], f"{row['month_at']:%Y-%m}"): (row["n_people"], row["n_records"])
                for row in rows.to_pylist()
            }
        )
        assert rows.num_rows == len(found[-1])
    assert found[0] == {
        ("Eastern Mediterranean", "sea", "2026-01"): (15, 3),
        ("Eastern Mediterranean", "sea", "2026-02"): (1, 1),
        ("Eastern Mediterranean", "land", "2026-01"): (100, 1),
        ("Central Mediterranean", "sea", "2026-01"): (1000, 1),
    }
    assert found[0] == found[1] == found[2]


def test_no_text_is_kept_of_what_may_name_persons(tmp_path: Path) -> None:
    """Neither of what could not be split, nor of what was not believed, nor of what conflicts."""
    content = csv("Jane Doe", record(1), record("Jane Doe"), record(2, name="Jane Doe", lat=95))
    kept = read(tmp_path, content, reports())
    blanked = read(tmp_path, content, reports(names_people=True))
    assert all("Jane Doe" in one.raw for one in kept.refused)
    assert refused(blanked) == refused(kept) == [(2, "bad_field_count"), (4, "bad_mmsi"), (5, "bad_latitude")]
    assert [one.raw for one in blanked.refused] == ["", "", ""]
    sighted = limited(PACKAGED["visual_sightings"], max_reject_share=1.0).model_copy(update={"names_people": True})
    (conflicting,) = read(tmp_path, sightings(sighting("a"), sighting("a", 2)), sighted).refused
    assert (conflicting.reason, conflicting.raw) == ("conflicting_reference", "")


def test_records_that_say_who_and_those_that_say_where_are_told_apart(tmp_path: Path) -> None:
    source = reports(static={"field": "status", "values": ["5", "24"]})
    content = csv(
        record(1), record(1, status=5), record(2, status=24, lat=None), record(3, status="5 "), record(4, status=6)
    )
    taken = read(tmp_path, content, source)
    lines = {table: sorted(rows.column("line").to_pylist()) for table, rows in taken.tables.items()}
    assert lines == {"reports": [2, 6], "static_reports": [3, 4, 5]}
    assert (taken.accepted, taken.rejected) == (5, 0), "who a vessel is needs no position"


def test_of_other_records_than_those_that_are_meant_nothing_is_kept(tmp_path: Path) -> None:
    source = reports(only={"field": "name", "values": ["vessel"]})
    taken = read(tmp_path, csv(record(1, name="vessel"), record(2, name="person"), record(3, name=None)), source)
    assert taken.accepted == 1
    assert refused(taken) == [(3, "not_a_vessel"), (4, "not_a_vessel")]


# Two ways to a number -------------------------------------------------------------------------------------------------

PLAIN = [
    "", "0", "-0", "26.3", "+26.3", " 26.3", "26.3\t", "91", "181", ".5", "5.", "007", "3.0", "3.5", "127", "128", "0.1", "2.675",
    "102.2", "102.3", "102.30", "9007199254740993", '"5"', '"5.5"', '" 5.5 "', '""', "9" * 400, "0" * 300 + "7", "0." + "1" * 300,
]  # fmt: skip
ODD = [
    "1e1", "1E+1", "1e-1", "4e0", "1e22", "1e99", "1e100", "1e-100", "1e999", "1e-999", "0e999", "nan", "NaN", "inf", "-inf",
    "Infinity", "x",
]  # fmt: skip
NUMBERS = st.floats(allow_nan=True).map(repr) | st.sampled_from(PLAIN) | st.sampled_from(ODD)
RECORDS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=12)


@given(rows=RECORDS, block_bytes=st.sampled_from([1, 60, 1 << 20]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_are_the_same_whether_the_parser_reads_them_or_we_do(
    tmp_path: Path, rows: list[tuple[str, ...]], block_bytes: int
) -> None:
    """In a block with a text among the numbers they are judged one by one, else the parser reads them: it must make no difference."""
    records = [
        record(1 + n, lat=lat, lon=lon, sog=sog, status=status) for n, (lat, lon, sog, status) in enumerate(rows)
    ]
    spoiling = [record(900, **{name: "x"}) for name in ("lat", "lon", "sog", "status")]
    source = reports()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", block_bytes)
        parsed = read(tmp_path, csv(*records), source)
    judged = read(tmp_path, csv(*records, *spoiling), source)
    assert judged.refused[:-4] == parsed.refused
    assert judged.tables["reports"].to_pylist() == parsed.tables["reports"].to_pylist()
    assert judged.sentinels == parsed.sentinels
    assert (judged.accepted, judged.duplicates) == (parsed.accepted, parsed.duplicates)


def test_a_bad_number_costs_its_own_record_and_no_other(tmp_path: Path) -> None:
    good = [record(1 + n, lat=f"39.{n:06}") for n in range(500)]
    for name, reason in (
        ("lat", "bad_latitude"),
        ("lon", "bad_longitude"),
        ("sog", "bad_speed"),
        ("status", "bad_status"),
    ):
        for text in ("x", "nan", "1e999", "1;5", "٣"):
            taken = read(tmp_path, csv(*good[:250], record(900, **{name: text}), *good[250:]), reports())
            assert refused(taken) == [(252, reason)]
            assert taken.accepted == 500


def with_commas(*records: dict[str, object]) -> bytes:
    """A file whose fields are parted by semicolons and whose numbers have commas."""
    lines = [line(one).replace(",", ";").replace(".", ",") for one in records]
    return "\n".join([";".join(FIELDS), *lines, ""]).encode()


COMMAS = {**LAYOUTS["delimited"], "delimiter": ";", "decimal": ","}


@pytest.mark.parametrize("spoiling", [[], [record(900, lat="x")]], ids=["by the parser", "one by one"])
def test_numbers_with_a_comma_are_those_with_a_point(tmp_path: Path, spoiling: list[dict[str, object]]) -> None:
    records = [record(1 + n, lat=f"39.{n:06}", lon=-0.5 * n, sog=f".{n}") for n in range(9)] + [record(10, sog="1e1")]
    plain = read(tmp_path, csv(*records, *spoiling), reports())
    comma = read(tmp_path, with_commas(*records, *spoiling), reports(delimited=COMMAS))
    assert comma.tables == plain.tables
    assert refused(comma) == refused(plain) == [(12, "bad_latitude")] * len(spoiling)
    assert comma.accepted == 10


@pytest.mark.parametrize("text", ["39.1", "1.234,5", "39,1,2", ",", "1,234.5"])
def test_where_numbers_have_a_comma_no_other_mark_is_guessed(tmp_path: Path, text: str) -> None:
    """A point may part thousands."""
    wrong = with_commas(record(2)).decode().splitlines()[1].replace("39,1", text)
    taken = read(tmp_path, with_commas(record(1)) + f"{wrong}\n".encode(), reports(delimited=COMMAS))
    assert (taken.accepted, refused(taken)) == (1, [(3, "bad_latitude")])


@pytest.mark.parametrize(
    ("encoding", "codec", "name"),
    [
        ("utf-8", "utf-8", "Μυτιλήνη é ğ"),
        ("latin-1", "latin-1", "Málaga"),
        ("windows-1252", "cp1252", "Málaga, 5 €"),
        ("windows-1253", "cp1253", "Μυτιλήνη"),
        ("windows-1254", "cp1254", "Çeşme"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_texts_of_the_declared_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, codec: str, name: str, block_bytes: int
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block_bytes)
    source = reports(delimited={**LAYOUTS["delimited"], "encoding": encoding})
    text = csv(record(1, name=f'"{name}"'), record(2, lat=95, name=f'"{name}"')).decode()
    taken = read(tmp_path, text.encode(codec), source)
    assert taken.tables["reports"].column("ship_name").to_pylist() == [name]
    assert name in taken.refused[0].raw


def test_bytes_that_the_declared_encoding_does_not_have_cost_their_record(tmp_path: Path) -> None:
    source = reports(delimited={**LAYOUTS["delimited"], "encoding": "windows-1252"})
    content = csv(record(1, name="\x00")).replace(b"\x00", b"\x81") + csv(record(2, name="ok"), header=False)
    taken = read(tmp_path, content, source)
    assert (taken.accepted, refused(taken)) == (1, [(2, "bad_encoding")])
