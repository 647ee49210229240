"""Contracts: every schema file is whole, `split` judges at each boundary, `conform` lets nothing through that does not conform."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts, store
from pipeline.errors import ContractError
from pipeline.reasons import REASONS

TABLES = contracts.tables()
AT = datetime(2026, 5, 14, 6, tzinfo=UTC)
REPORT = {
    "vessel_key": "mmsi:237123456",
    "observed_at": AT,
    "lon": 26.0,
    "lat": 39.0,
    "mmsi": "237123456",
    "source_id": "s",
    "file_sha256": "f",
    "line": 2,
    "item": 1,
    "n_records": 1,
}
HEALTH = {
    "source_id": "s",
    "hour_at": AT,
    "n_reports": 3,
    "n_repeated": 1,
    "n_surplus": 0,
    "n_vessels": 2,
    "longest_silence_s": 60.0,
}


def reports(**changed: object) -> pa.Table:
    """One report with these values, not yet checked."""
    return pa.Table.from_pylist([{**REPORT, **changed}], schema=contracts.load("reports").schema)


def first_reasons(table: pa.Table) -> list[str | None]:
    """The first reason of `split` against each report, None where there is none."""
    found: list[str | None] = [None] * table.num_rows
    for broken, reason in contracts.split(table, "reports"):
        assert len(broken) == table.num_rows
        found = [
            reason if said is None and is_broken else said
            for said, is_broken in zip(found, broken.tolist(), strict=True)
        ]
    return found


def test_there_are_tables() -> None:
    assert {"reports", "positions", "tracks", "events", "alerts", "rejects", "source_files"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_schema_file_is_whole(table: str) -> None:
    contract = contracts.load(table)
    assert contract.table == table
    assert contract.key
    assert contract.sort
    assert set(contract.key) <= set(contract.sort), "an order that leaves ties gives other bytes for the same rows"
    assert contract.about.endswith(".")
    known = {"name", "type", "unit", "nullable", "min", "max", "below", "values", "reject", "meaning"}
    document = yaml.safe_load((contracts.schema_folder() / f"{table}.yml").read_text(encoding="utf-8"))
    assert {key for column in document["columns"] for key in column} <= known


@pytest.mark.parametrize("table", TABLES)
def test_metadata_carries_meaning_unit_and_range(table: str) -> None:
    contract = contracts.load(table)
    assert contract.schema.metadata[b"table"] == table.encode()
    assert contract.schema.metadata[b"schema_version"] == str(contract.version).encode()
    for column, field in zip(contract.columns, contract.schema, strict=True):
        assert field.metadata[b"meaning"].decode() == column.meaning
        assert field.metadata.get(b"unit", b"").decode() == (column.unit or "")
        assert field.metadata.get(b"range", b"").decode() == column.range
        assert field.nullable == column.nullable


@pytest.mark.parametrize("table", TABLES)
def test_name_says_the_unit(table: str) -> None:
    """The suffix of a name and the declared unit say the same."""
    suffixes = {"kn": "kn", "deg": "deg", "nm": "nm", "m": "m", "s": "s"}
    for column in contracts.load(table).columns:
        suffix = column.name.rsplit("_", 1)[-1]
        if suffix in suffixes and column.name != suffix:
            assert column.unit == suffixes[suffix], column.name
        if column.type == "timestamp":
            assert column.name.endswith("_at")
        if column.type == "bool":
            assert column.name.startswith(("is_", "has_", "on_", "may_", "outbound_"))
        if column.name in ("lon", "lat"):
            assert (column.unit, column.min) == ("deg", -180 if column.name == "lon" else -90)


def test_one_name_one_unit_one_type() -> None:
    """The same quantity has the same name everywhere, so the same name is the same quantity."""
    said = defaultdict(set)
    for table in TABLES:
        for column in contracts.load(table).columns:
            said[column.name].add((column.type, column.unit))
    assert {name: kinds for name, kinds in said.items() if len(kinds) > 1} == {}


def test_reject_codes_are_the_fixed_list() -> None:
    fixed = next(column.values for column in contracts.load("rejects").columns if column.name == "reason")
    used = {column.reject for table in TABLES for column in contracts.load(table).columns if column.reject}
    assert used
    assert used <= set(fixed or ())


def test_undeclared_table_is_named() -> None:
    with pytest.raises(ContractError, match="no schema declares the table 'pings'"):
        contracts.load("pings")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("lat", -90.0, None),
        ("lat", np.nextafter(-90.0, -91), "bad_latitude"),
        ("lat", 90.0, None),
        ("lat", np.nextafter(90.0, 91), "bad_latitude"),
        ("lat", float("nan"), "bad_latitude"),
        ("lat", float("inf"), "bad_latitude"),
        ("lat", None, "bad_latitude"),
        ("lon", -180.0, None),
        ("lon", 180.0, None),
        ("lon", np.nextafter(180.0, 181), "bad_longitude"),
        ("lon", float("-inf"), "bad_longitude"),
        ("sog_kn", 0.0, None),
        ("sog_kn", -0.1, "bad_speed"),
        ("sog_kn", 102.2, None),
        ("sog_kn", 102.3, "bad_speed"),
        ("sog_kn", float("nan"), "bad_speed"),
        ("sog_kn", None, None),
        ("cog_deg", 359.9, None),
        ("cog_deg", 360.0, "bad_course"),
        ("cog_deg", 0.0, None),
        ("cog_deg", -0.1, "bad_course"),
        ("cog_deg", float("inf"), "bad_course"),
        ("heading_deg", 511.0, "bad_heading"),
        ("nav_status", 15, None),
        ("nav_status", 16, "bad_status"),
        ("nav_status", -1, "bad_status"),
        ("transceiver", "B", None),
        ("transceiver", "C", "bad_transceiver"),
        ("transceiver", None, None),
        ("length_m", 1022.0, None),
        ("length_m", 1022.5, "bad_length"),
        ("draught_m", 25.5, None),
        ("draught_m", 25.6, "bad_draught"),
        ("observed_at", None, "bad_time"),
        ("source_id", None, None),  # ours, not the provider's: not judged at the door
    ],
)
def test_split_at_each_boundary(column: str, value: object, reason: str | None) -> None:
    assert first_reasons(reports(**{column: value})) == [reason]


def test_split_names_the_first_column_in_schema_order() -> None:
    broken = [
        reason for rows, reason in contracts.split(reports(lat=91.0, sog_kn=-1.0, lon=200.0), "reports") if rows[0]
    ]
    assert broken == ["bad_longitude", "bad_latitude", "bad_speed"]
    assert first_reasons(reports(lat=91.0, sog_kn=-1.0, lon=200.0)) == ["bad_longitude"]


@given(st.lists(st.floats(width=32, allow_nan=True) | st.none(), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_split_of_course_agrees_with_plain_python(values: list[float | None]) -> None:
    table = pa.Table.from_pylist(
        [{**REPORT, "cog_deg": value} for value in values], schema=contracts.load("reports").schema
    )
    assert first_reasons(table) == [None if value is None or 0 <= value < 360 else "bad_course" for value in values]


@given(st.lists(st.sampled_from(["A", "B", "C", ""]) | st.none(), max_size=12))
@settings(max_examples=60, deadline=None)
def test_split_judges_texts_alike_however_they_are_held(values: list[str | None]) -> None:
    plain = pa.Table.from_pylist(
        [{**REPORT, "transceiver": value} for value in values], schema=contracts.load("reports").schema
    )
    at = plain.column_names.index("transceiver")
    coded = plain.set_column(at, "transceiver", plain.column("transceiver").dictionary_encode())
    expected = [None if value in (None, "A", "B") else "bad_transceiver" for value in values]
    assert first_reasons(plain) == first_reasons(coded) == expected


@pytest.mark.parametrize("coded", [False, True])
def test_split_refuses_a_text_that_has_to_be_there(coded: bool) -> None:
    titles = pa.array(["Mytilini", None, "Chios", None])
    columns = {field.name: pa.nulls(4, field.type) for field in contracts.load("ports").schema}
    columns["title"] = titles.dictionary_encode() if coded else titles
    broken = {reason: rows.tolist() for rows, reason in contracts.split(pa.table(columns), "ports")}
    assert broken["no_name"] == [False, True, False, True]


def test_conform_gives_the_declared_columns_types_and_order() -> None:
    later = {**HEALTH, "hour_at": AT + timedelta(hours=1)}
    given_rows = pa.Table.from_pylist([later, HEALTH]).select(list(reversed(HEALTH)))
    table = contracts.conform(given_rows, "feed_health")
    assert table.schema.equals(contracts.load("feed_health").schema, check_metadata=True)
    assert [row["hour_at"] for row in table.to_pylist()] == [AT, AT + timedelta(hours=1)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"n_reports": None}, "n_reports"),
        ({"n_reports": -1}, r"feed_health.n_reports: row 0 holds -1, allowed is >= 0, no null"),
        ({"longest_silence_s": float("nan")}, r"longest_silence_s: row 0 holds nan"),
        ({"longest_silence_s": 3600.1}, r"holds 3600.1, allowed is >= 0 and <= 3600"),
        ({"n_vessels": 2.5}, r"feed_health: .*2.5"),
        ({"hour_at": "yesterday"}, "feed_health: .*yesterday"),
        ({"colour": "red"}, r"feed_health: missing columns \[\], unknown columns \['colour'\]"),
    ],
)
def test_conform_says_what_is_wrong(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        contracts.conform(pa.Table.from_pylist([{**HEALTH, **changed}]), "feed_health")


def test_conform_names_a_missing_column() -> None:
    table = pa.Table.from_pylist([HEALTH]).drop_columns("n_vessels")
    with pytest.raises(ContractError, match=r"feed_health: missing columns \['n_vessels'\], unknown columns \[\]"):
        contracts.conform(table, "feed_health")


def test_conform_refuses_an_unlisted_word() -> None:
    row = {"source_id": "s", "file_sha256": "f", "line": 2, "item": 1, "stage": "ingest", "n_records": 1, "raw": ""}
    with pytest.raises(
        ContractError, match=f"rejects.reason: row 0 holds 'ugly', allowed is {', '.join(REASONS)}, no null"
    ):
        contracts.rows("rejects", [{**row, "reason": "ugly"}])


def test_rows_refuses_an_unknown_column() -> None:
    with pytest.raises(ContractError, match=r"feed_health: unknown columns \['colour'\]"):
        contracts.rows("feed_health", [{**HEALTH, "colour": "red"}])


def test_repeated_key_is_refused_where_the_key_is_the_order() -> None:
    with pytest.raises(ContractError, match="the key source_id, hour_at is repeated in 1 rows"):
        contracts.rows("feed_health", [HEALTH, {**HEALTH, "n_reports": 9}])


def test_repeated_key_is_refused_where_the_order_is_another() -> None:
    """`events` are sorted by (started_at, event_id) and known by event_id: rows of one key need not be neighbours."""
    event = {
        "event_id": "e",
        "event_type": "ais_gap",
        "state": "open",
        "started_at": AT,
        "known_at": AT,
        "confidence": 0.5,
        "is_distress": False,
        "source_ids": ["s"],
        "detector_version": 1,
        "evidence": "{}",
    }
    between = {**event, "event_id": "f", "started_at": AT + timedelta(hours=1)}
    again = {**event, "started_at": AT + timedelta(hours=2)}
    with pytest.raises(ContractError, match="the key event_id is repeated in 1 rows"):
        contracts.rows("events", [event, between, again])
    assert contracts.rows("events", [event, between]).num_rows == 2


def test_null_in_a_key_counts_as_a_value() -> None:
    claim = {"vessel_id": "v", "mmsi": "1", "source_id": "s", "first_at": AT, "last_at": AT}
    assert contracts.rows("identity_claims", [claim, {**claim, "imo": "9"}]).num_rows == 2
    with pytest.raises(ContractError, match="is repeated in 1 rows"):
        contracts.rows("identity_claims", [claim, {**claim, "last_at": AT + timedelta(hours=1)}])


def test_times_of_another_zone_become_utc() -> None:
    athens = timezone(timedelta(hours=3))
    row = {**HEALTH, "hour_at": datetime(2026, 5, 14, 9, tzinfo=athens)}
    assert contracts.rows("feed_health", [row]).to_pylist()[0]["hour_at"] == AT


@pytest.mark.parametrize("seed", range(5))
def test_same_rows_in_any_order_and_any_chunks_are_the_same_bytes(seed: int) -> None:
    rng = random.Random(seed)
    records = [
        {
            **REPORT,
            "vessel_key": f"mmsi:{rng.randrange(40)}",
            "observed_at": AT + timedelta(seconds=rng.randrange(500)),
            "sog_kn": rng.choice([None, 0.0, 7.5]),
            "line": line,
        }
        for line in range(2, 2000)
    ]
    once = contracts.rows("reports", records)
    rng.shuffle(records)
    cuts = sorted(rng.sample(range(1, len(records)), 7))
    schema = contracts.load("reports").schema
    pieces = [
        pa.Table.from_pylist(records[a:b], schema=schema)
        for a, b in zip([0, *cuts], [*cuts, len(records)], strict=True)
    ]
    again = contracts.conform(pa.concat_tables(pieces), "reports")
    assert again.equals(once)
    assert store.parquet(again) == store.parquet(once)


def test_empty_table_conforms() -> None:
    for table in TABLES:
        assert contracts.conform(contracts.load(table).empty(), table).num_rows == 0


@given(st.lists(st.text(max_size=3) | st.none(), max_size=30))
@settings(max_examples=100, deadline=None)
def test_codes_order_as_the_values(values: list[str | None]) -> None:
    codes = contracts.codes(pa.array(values, pa.string())).tolist()
    assert contracts.codes(pa.array(values, pa.string()).dictionary_encode()).tolist() == codes
    said = [(value is None, (value or "").encode()) for value in values]
    for i in range(len(values)):
        for j in range(len(values)):
            assert (codes[i] < codes[j]) == (said[i] < said[j])


@given(st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.floats(0, 2)), max_size=30), st.randoms())
@settings(max_examples=100, deadline=None)
def test_in_order_is_sorted_with_nulls_last(pairs: list[tuple[int | None, float | None]], rng: random.Random) -> None:
    table = pa.table(
        {"a": pa.array([a for a, _ in pairs], pa.int8()), "b": pa.array([b for _, b in pairs], pa.float64())}
    )
    rows = [(row["a"], row["b"]) for row in contracts.in_order(table, ["a", "b"]).to_pylist()]
    assert rows == sorted(pairs, key=lambda pair: [(value is None, value or 0) for value in pair])


def test_json_is_the_same_text_for_the_same_content() -> None:
    assert contracts.to_json({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}'
    with pytest.raises(ValueError, match="Out of range float"):
        contracts.to_json(float("nan"))


def test_dictionary_has_every_table_and_column() -> None:
    lines = list(contracts.dictionary())
    sections = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert sections == TABLES
    for table in TABLES:
        begin = lines.index(f"## {table}")
        end = next((n for n in range(begin + 1, len(lines)) if lines[n].startswith("## ")), len(lines))
        cells = [line.split(" | ") for line in lines[begin:end] if line.startswith("| ") and "---" not in line][1:]
        assert [row[0].removeprefix("| ") for row in cells] == [column.name for column in contracts.load(table).columns]
        assert all(row[-1].removesuffix(" |").strip() for row in cells), "a column without a meaning"
