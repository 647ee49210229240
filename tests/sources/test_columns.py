"""From text to typed columns: nothing is guessed, units are converted, the words for unknown are counted."""

import random
import re
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts, units
from pipeline.sources import ColumnMap
from pipeline.sources.columns import Judged, numbers, our_words, repeated, times

COLUMNS = {column.name: column for column in contracts.load("reports").columns}
ISO = "%Y-%m-%dT%H:%M:%S"


def number(text: str | None, column: str = "lat", **mapped: object) -> tuple[float | None, bool, int]:
    """The value of one text, whether it is refused, and how often it was a word for unknown."""
    judged = Judged.of(1)
    described = ColumnMap.model_validate({"field": "x", **mapped})
    values, unreadable = numbers(pa.array([text], pa.string()), described, COLUMNS[column], judged)
    return values.to_pylist()[0], bool(unreadable[0]), judged.sentinels[column]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-1.5", -1.5),
        ("+1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("007", 7.0),
        ("-0", 0.0),
        ("0.1", 0.1),
        ("26.123456789012345", 26.123456789012345),
        (None, None),
    ],
)
def test_plain_decimal_numbers_are_read(text: str | None, value: float | None) -> None:
    assert number(text) == (value, False, 0)
    assert np.signbit(number("-0")[0] or 0.0) == np.False_, "minus zero would be another value with the same number"


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e5",
        "1E-3",
        "0x10",
        "1,5",
        "1.5.5",
        "1 5",
        "--1",
        "+",
        "-",
        ".",
        "1_000",
        "1/2",
        "٣",
        "½",
        "²",
        "1.5kn",
        "NULL",
        "None",
        "true",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    assert number(text) == (None, True, 0)


@given(st.text(st.sampled_from("0123456789+-.eExnaif, "), max_size=8))
@settings(max_examples=500, deadline=None)
def test_what_is_read_is_what_python_reads(text: str) -> None:
    plain = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text)
    assert number(text) == ((float(text), False, 0) if plain else (None, True, 0))


@pytest.mark.parametrize(
    ("text", "column", "unit", "value"),
    [
        ("123", "sog_kn", "0.1 kn", 12.3),
        ("10", "sog_kn", "m/s", 19.438445),
        ("18.52", "sog_kn", "km/h", 10.0),
        ("10", "sog_kn", "kn", 10.0),
        ("100", "length_m", "ft", 30.48),
    ],
)
def test_units_are_converted(text: str, column: str, unit: str, value: float) -> None:
    assert number(text, column, unit=unit)[0] == pytest.approx(value, rel=1e-6)


def test_every_factor_is_what_its_unit_means() -> None:
    metres, seconds = (
        {"kn": 1852.0, "0.1 kn": 185.2, "m/s": 1.0, "km/h": 1000.0, "m": 1.0, "ft": 0.3048, "deg": 1.0},
        3600.0,
    )
    for (theirs, ours), factor in units.FACTORS.items():
        per = {"m/s": 1.0}.get(theirs, seconds if ours == "kn" else 1.0)
        wanted = metres[theirs] / per / (metres[ours] / (seconds if ours == "kn" else 1.0))
        assert factor == pytest.approx(wanted, rel=1e-12), (theirs, ours)


@pytest.mark.parametrize(
    ("text", "unit", "found"),
    [
        ("1023", "0.1 kn", (None, False, 1)),  # the provider's word, in the provider's unit
        ("102.3", "0.1 kn", (pytest.approx(10.23), False, 0)),
        ("1023.0", "0.1 kn", (None, False, 1)),
        ("1022", "0.1 kn", (pytest.approx(102.2), False, 0)),
    ],
)
def test_sentinels_are_in_the_unit_of_the_source(text: str, unit: str, found: object) -> None:
    assert number(text, "sog_kn", unit=unit, sentinels=[1023.0]) == found


def test_minus_zero_is_the_sentinel_zero() -> None:
    assert number("-0.0", "length_m", unit="m", sentinels=[0.0]) == (None, False, 1)


@pytest.mark.parametrize(
    ("text", "column", "value", "refused"),
    [
        ("3", "nav_status", 3, False),
        ("3.0", "nav_status", 3, False),
        ("3.5", "nav_status", None, True),
        ("127", "nav_status", 127, False),
        ("128", "nav_status", None, True),
        ("-127", "nav_status", -127, False),
        ("9" * 400, "nav_status", None, True),
        ("32767", "ship_type", 32767, False),
        ("32768", "ship_type", None, True),
    ],
)
def test_whole_numbers(text: str, column: str, value: int | None, refused: bool) -> None:
    assert number(text, column) == (value, refused, 0)


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("2026-05-14T06:07:08", ISO, datetime(2026, 5, 14, 6, 7, 8, tzinfo=UTC)),
        ("2024-02-29T00:00:00", ISO, datetime(2024, 2, 29, tzinfo=UTC)),
        ("14/05/2026 06:07", "%d/%m/%Y %H:%M", datetime(2026, 5, 14, 6, 7, tzinfo=UTC)),
        ("20260514", "%Y%m%d", datetime(2026, 5, 14, tzinfo=UTC)),
        ("1901-01-01T00:00:00", ISO, datetime(1901, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_of_the_declared_form(text: str, form: str, found: datetime) -> None:
    values, unreadable = times(pa.array([text]), form)
    assert (values.to_pylist(), unreadable.tolist()) == ([found], [False])
    assert values.type == contracts.TIMESTAMP


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00",
        "2025-02-29T00:00:00",
        "2026-04-31T00:00:00",
        "2026-13-01T00:00:00",
        "2026-00-10T00:00:00",
        "2026-05-14T24:00:00",
        "2026-05-14T23:60:00",
        "2026-05-14T23:59:60",
        "2026-05-14T06:07:08Z",
        "2026-05-14T06:07:08.5",
        "2026-05-14T06:07:08 and more",
        "2026-05-14T06:07",
        "2026-05-14 06:07:08",
        "2026-5-14T6:7:8",
        "26-05-14T06:07:08",
        "+2026-05-14T06:07:08",
        "14/05/2026 06:07:08",
        "1778738828",
        "",
        "now",
    ],
)
def test_times_of_any_other_form_are_refused(text: str) -> None:
    values, unreadable = times(pa.array([text]), ISO)
    assert (values.to_pylist(), unreadable.tolist()) == ([None], [True])


def test_no_time_is_null_and_not_unreadable() -> None:
    values, unreadable = times(pa.array([None], pa.string()), ISO)
    assert (values.to_pylist(), unreadable.tolist()) == ([None], [False])


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
@settings(max_examples=300, deadline=None)
def test_every_second_of_the_calendar_is_read_back(at: datetime) -> None:
    at = at.replace(microsecond=0)
    values, unreadable = times(pa.array([at.isoformat()]), ISO)
    assert values.to_pylist() == [at.replace(tzinfo=UTC)]
    assert not unreadable[0]


def test_prefix_and_words() -> None:
    text = pa.array(["IMO9074729", "9074729", "IMO", "klasse a", None])
    values = our_words(text, ColumnMap(field="x", prefix="IMO", words={"klasse a": "A"}))
    assert values.to_pylist() == ["9074729", "9074729", None, "A", None]


def test_the_first_reason_stays_and_refused_rows_are_not_accepted() -> None:
    judged = Judged.of(3)
    judged.refuse(np.array([True, False, False]), "bad_time")
    judged.refuse(np.array([True, True, False]), "bad_speed")
    assert judged.reason.tolist() == ["bad_time", "bad_speed", ""]
    assert judged.accepted.tolist() == [False, False, True]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["v", "w", ""]), st.none() | st.integers(0, 2), st.none() | st.sampled_from([0.0, 0.5, 1.0])
        ),
        max_size=40,
    )
)
@settings(max_examples=300, deadline=None)
def test_repeated_agrees_with_a_plain_dictionary(rows: list[tuple[str, int | None, float | None]]) -> None:
    table = pa.table(
        {
            "key": pa.array([row[0] for row in rows], pa.string()),
            "time": pa.array([row[1] for row in rows], pa.int64()),
            "value": pa.array([row[2] for row in rows], pa.float64()),
        }
    )
    seen: dict[tuple[object, ...], int] = {}
    expected = [seen.setdefault(row, n) != n for n, row in enumerate(rows)]
    assert repeated(table, ["key", "time"], ["key", "time", "value"]).tolist() == expected


def test_repeated_over_many_rows_and_chunks() -> None:
    rng = random.Random(4)
    rows = [(rng.randrange(300), rng.randrange(30), rng.randrange(3)) for _ in range(20_000)]
    whole = pa.table({name: [row[n] for row in rows] for n, name in enumerate("abc")})
    chunked = pa.concat_tables([whole.slice(n, 333) for n in range(0, len(rows), 333)])
    seen: set[tuple[int, ...]] = set()
    expected = [row in seen or seen.add(row) is not None for row in rows]  # type: ignore[func-returns-value]
    assert repeated(chunked, ["a", "b"], ["a", "b", "c"]).tolist() == expected
    assert sum(expected) > 1000
