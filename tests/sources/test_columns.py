"""From text to typed columns: nothing is guessed, units are converted, the words for unknown are counted."""

import hashlib
import math
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline import contracts, units
from pipeline.sources import ColumnMap
from pipeline.sources.columns import Coded, Judged, precision, read, repeats, stated, text_of
from pipeline.sources.narrative import screened

COLUMNS = {column.name: column for column in contracts.load("reports").columns}
ISO = "%Y-%m-%dT%H:%M:%S"


def column(values: pa.Array, name: str, **mapped: object) -> tuple[list[Any], list[bool], int]:
    """A field as a column of `reports`: its values, which are refused, and how many were a word for unknown."""
    judged = Judged.of(len(values))
    described = ColumnMap.model_validate({"field": "x", **mapped})
    found, unreadable = read(pa.table({"x": values}), described, COLUMNS[name], judged)
    assert len(found) == len(unreadable) == len(values)
    return found.to_pylist(), unreadable.tolist(), judged.sentinels[name]


def number(text: str | None, name: str = "lat", **mapped: object) -> tuple[float | None, bool, int]:
    """The value of one text, whether it is refused, and how often it was a word for unknown."""
    (value,), (refused,), n_unknown = column(pa.array([text], pa.string()), name, **mapped)
    return value, refused, n_unknown


def words(texts: list[str | None], **mapped: object) -> list[str | None]:
    """Texts as a column of text."""
    return column(pa.array(texts, pa.string()), "ship_name", **mapped)[0]


# Numbers --------------------------------------------------------------------------------------------------------------


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
        ("1e5", 100_000.0),
        ("1E-3", 0.001),
        ("2.5e+01", 25.0),
        ("-.5E1", -5.0),
        ("0e0", 0.0),
        ("1e-999", 0.0),
        ("1e308", 1e308),
        ("0" * 400 + "7", 7.0),
        ("0." + "3" * 400, 1 / 3),
        (" 1.5\t", 1.5),
        ("\u00a01.5\u2003", 1.5),
        ("", None),
        ("   ", None),
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
        "nan(1)",
        "inf",
        "+inf",
        "-Infinity",
        "1e999",
        "-1e309",
        "9" * 400,
        "e5",
        "1e",
        "1e+",
        "1e1.5",
        "1e1e1",
        "0x10",
        "1,5",
        "1.5.5",
        "1 5",
        "1\n5",
        "--1",
        "+",
        "-",
        ".",
        ".e1",
        "1_000",
        "1/2",
        "٣",
        "\uff11",  # a digit one as wide as a letter of Chinese
        "1e٣",
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
    said = text.strip(" ")
    is_number = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", said)
    if is_number and math.isfinite(float(said)):
        assert number(text) == (float(said), False, 0)
    else:
        assert number(text) == (None, said != "", 0)


@given(
    values=st.lists(st.none() | st.floats(width=64) | st.sampled_from([0.0, -0.0, 102.3, 127.0, 128.0]), max_size=20),
    name=st.sampled_from(["lat", "sog_kn", "nav_status", "ship_type", "length_m"]),
)
@settings(max_examples=400, deadline=None)
def test_numbers_and_their_texts_are_judged_the_same(values: list[float | None], name: str) -> None:
    unit = {"lat": "deg", "sog_kn": "0.1 kn", "length_m": "ft"}.get(name)
    mapped: dict[str, object] = {"unit": unit, "sentinels": [102.3, 0.0]}
    as_numbers = column(pa.array(values, pa.float64()), name, **mapped)
    texts = [None if one is None else repr(one) for one in values]
    assert column(pa.array(texts, pa.string()), name, **mapped) == as_numbers


@pytest.mark.parametrize(("value", "refused"), [(math.nan, True), (math.inf, True), (-math.inf, True), (1.5, False)])
def test_a_number_of_the_file_that_is_none_is_refused(value: float, refused: bool) -> None:
    found, unreadable, _ = column(pa.array([value, None, 2.0]), "lat", unit="deg")
    assert unreadable == [refused, False, False]
    assert found == [None if refused else value, None, 2.0]


@pytest.mark.parametrize(
    ("text", "name", "unit", "value"),
    [
        ("123", "sog_kn", "0.1 kn", 12.3),
        ("10", "sog_kn", "m/s", 19.438445),
        ("18.52", "sog_kn", "km/h", 10.0),
        ("10", "sog_kn", "kn", 10.0),
        ("100", "length_m", "ft", 30.48),
    ],
)
def test_units_are_converted(text: str, name: str, unit: str, value: float) -> None:
    assert number(text, name, unit=unit)[0] == pytest.approx(value, rel=1e-6)


def test_every_factor_is_what_its_unit_means() -> None:
    metres, seconds = (
        {"kn": 1852.0, "0.1 kn": 185.2, "m/s": 1.0, "km/h": 1000.0, "m": 1.0, "ft": 0.3048, "nm": 1852.0, "deg": 1.0},
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
    ("text", "name", "value", "refused"),
    [
        ("3", "nav_status", 3, False),
        ("3.0", "nav_status", 3, False),
        ("30e-1", "nav_status", 3, False),
        ("3.5", "nav_status", None, True),
        ("127", "nav_status", 127, False),
        ("128", "nav_status", None, True),
        ("-127", "nav_status", -127, False),
        ("9" * 400, "nav_status", None, True),
        ("1e300", "nav_status", None, True),
        ("32767", "ship_type", 32767, False),
        ("32768", "ship_type", None, True),
    ],
)
def test_whole_numbers(text: str, name: str, value: int | None, refused: bool) -> None:
    assert number(text, name) == (value, refused, 0)


def test_a_time_where_a_number_belongs_is_refused() -> None:
    """A Parquet file brings its own types, and nobody promised that they fit."""
    times_of_a_file = pa.array([datetime(2026, 5, 14, tzinfo=UTC), None], contracts.TIMESTAMP)
    assert column(times_of_a_file, "lat", unit="deg")[:2] == ([None, None], [True, False])


# Times ----------------------------------------------------------------------------------------------------------------


def time_of(text: str | None, form: str | dict[str, str], zone: str = "UTC") -> datetime | str | None:
    """The time of a text, "refused", or "not once" where clocks of the zone skip it or show it twice."""
    judged = Judged.of(1)
    fields = pa.table({"x": pa.array([text], pa.string())})
    values, bad = read(fields, ColumnMap(field="x", time=form, zone=zone), COLUMNS["observed_at"], judged)
    assert values.type == contracts.TIMESTAMP
    value: datetime | None = values.to_pylist()[0]
    assert not (bad[0] and value), "what is refused has no value"
    if judged.reason(0):
        assert (judged.reason(0), value) == ("ambiguous_time", None)
        return "not once"
    return "refused" if bad[0] else value


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("2026-05-14T06:07:08", ISO, datetime(2026, 5, 14, 6, 7, 8, tzinfo=UTC)),
        ("2024-02-29T00:00:00", ISO, datetime(2024, 2, 29, tzinfo=UTC)),
        ("14/05/2026 06:07", "%d/%m/%Y %H:%M", datetime(2026, 5, 14, 6, 7, tzinfo=UTC)),
        ("20260514", "%Y%m%d", datetime(2026, 5, 14, tzinfo=UTC)),
        ("1901-01-01T00:00:00", ISO, datetime(1901, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00", ISO, datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59", ISO, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-05", "%Y-%m", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026", "%Y", datetime(2026, 1, 1, tzinfo=UTC)),
        ("14-May-26", "%d-%b-%y", datetime(2026, 5, 14, tzinfo=UTC)),
        ("14-MAY-26", "%d-%b-%y", datetime(2026, 5, 14, tzinfo=UTC)),
    ],
)
def test_times_of_the_declared_form(text: str, form: str, found: datetime) -> None:
    assert time_of(text, form) == found


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00",
        "2025-02-29T00:00:00",
        "2026-04-31T00:00:00",
        "2026-13-01T00:00:00",
        "2026-00-10T00:00:00",
        "0000-01-01T00:00:00",
        "10000-01-01T00:00:00",
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
        "-026-05-14T06:07:08",
        "14/05/2026 06:07:08",
        "٢٠٢٦-05-14T06:07:08",
        "1778738828",
        "now",
    ],
)
def test_times_of_any_other_form_are_refused(text: str) -> None:
    assert time_of(text, ISO) == "refused"


def test_no_time_is_null_and_not_unreadable() -> None:
    assert time_of(None, ISO) is None
    assert time_of("", ISO) is None
    assert time_of(" ", ISO) is None


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
@settings(max_examples=300, deadline=None)
def test_every_second_of_the_calendar_is_read_back(at: datetime) -> None:
    at = at.replace(microsecond=0)
    assert time_of(at.isoformat(), ISO) == at.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4-May-26", datetime(2026, 5, 4, tzinfo=UTC)),
        ("14-May-26", datetime(2026, 5, 14, tzinfo=UTC)),
        ("04-May-26", "refused"),
        ("0-May-26", "refused"),
        ("31-Apr-26", "refused"),
        ("1 4-May-26", "refused"),
        ("4-May-2026", "refused"),
    ],
)
def test_a_day_of_the_month_without_a_leading_zero(text: str, found: object) -> None:
    assert time_of(text, "%e-%b-%y") == found


@given(digits=st.text(st.sampled_from("0123456789"), max_size=11), after=st.sampled_from(["", "Z"]))
@settings(max_examples=300, deadline=None)
def test_a_fraction_of_a_second_has_one_to_nine_digits(digits: str, after: str) -> None:
    at = datetime(2026, 5, 14, 6, 7, 8, int(digits[:6].ljust(6, "0")), tzinfo=UTC)
    form = f"{ISO}.%f{after}"
    assert time_of(f"2026-05-14T06:07:08.{digits}{after}", form) == (at if 1 <= len(digits) <= 9 else "refused")
    assert time_of(f"2026-05-14T06:07:08{after}", form) == "refused"


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-14T06:07:.12345678908",  # without nine digits in its middle it would be a time
        "2026-05-14T06:07:0.1234567898",
        "2026.5-05-14T06:07:08",
        ".52026-05-14T06:07:08",
        "2026-05-14T06:07:08.5.5",
        "2026-05-14T06:07:08.5Z",
        "2026-05-14T06:07:08,5",
        "2026-05-14T06:07:60.5",
    ],
)
def test_a_fraction_stands_behind_the_second(text: str) -> None:
    assert time_of(text, f"{ISO}.%f") == "refused"


@pytest.mark.parametrize("text", ["2026-05-14T06:07:08Z.5", "2026-05-14T06:07:08.5", "2026-05-14T06:07:08.5X"])
def test_what_stands_behind_a_fraction_is_asked_for(text: str) -> None:
    assert time_of(text, f"{ISO}.%fZ") == "refused"


def test_a_fraction_in_a_date_with_points() -> None:
    form = "%d.%m.%Y %H:%M:%S.%f"
    assert time_of("14.05.2026 06:07:08.25", form) == datetime(2026, 5, 14, 6, 7, 8, 250_000, tzinfo=UTC)
    assert time_of("14.05.2026 06:07:08", form) == "refused"


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("0", "epoch_s", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1778738828", "epoch_s", datetime(2026, 5, 14, 6, 7, 8, tzinfo=UTC)),
        ("1778738828.123456", "epoch_s", datetime(2026, 5, 14, 6, 7, 8, 123_456, tzinfo=UTC)),
        ("1778738828.0", "epoch_s", datetime(2026, 5, 14, 6, 7, 8, tzinfo=UTC)),
        ("253402300799", "epoch_s", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("253402300800", "epoch_s", "refused"),
        ("9" * 16, "epoch_s", "refused"),
        ("9" * 17, "epoch_s", "refused"),
        ("9" * 400, "epoch_s", "refused"),
        ("-1", "epoch_s", "refused"),
        ("+1", "epoch_s", "refused"),
        ("1e9", "epoch_s", "refused"),
        ("1.", "epoch_s", "refused"),
        ("1." + "1" * 10, "epoch_s", "refused"),
        ("٣", "epoch_s", "refused"),
        ("nan", "epoch_s", "refused"),
        ("1778738828123", "epoch_ms", datetime(2026, 5, 14, 6, 7, 8, 123_000, tzinfo=UTC)),
        ("253402300799000", "epoch_ms", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("253402300800000", "epoch_ms", "refused"),
        ("0.5", "epoch_ms", datetime(1970, 1, 1, 0, 0, 0, 500, tzinfo=UTC)),
    ],
)
def test_seconds_and_milliseconds_since_1970(text: str, form: str, found: object) -> None:
    assert time_of(text, form) == found


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
@settings(max_examples=300, deadline=None)
def test_every_microsecond_since_1970_is_read_back(at: datetime) -> None:
    us = (at - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    assert time_of(f"{us // 10**6}.{us % 10**6:06}", "epoch_s") == at.replace(tzinfo=UTC)


def test_numbers_of_seconds_are_read_as_their_texts() -> None:
    seconds = pa.array([1778738828.0, 1778738828.5, 1e300, math.nan, None])
    at = datetime(2026, 5, 14, 6, 7, 8, tzinfo=UTC)
    values, refused, _ = column(seconds, "observed_at", time="epoch_s")
    assert values == [at, at.replace(microsecond=500_000), None, None, None]
    assert refused == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("local", "zone", "found"),
    [
        # Athens skips 03:00 to 03:59 on 29 March 2026 and shows it twice on 25 October.
        ("2026-03-29 02:59", "Europe/Athens", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29 03:00", "Europe/Athens", "not once"),
        ("2026-03-29 03:59", "Europe/Athens", "not once"),
        ("2026-03-29 04:00", "Europe/Athens", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25 02:59", "Europe/Athens", datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        ("2026-10-25 03:00", "Europe/Athens", "not once"),
        ("2026-10-25 03:59", "Europe/Athens", "not once"),
        ("2026-10-25 04:00", "Europe/Athens", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("2026-05-14 05:30", "Asia/Kolkata", datetime(2026, 5, 14, tzinfo=UTC)),
        ("2026-03-29 03:30", "UTC", datetime(2026, 3, 29, 3, 30, tzinfo=UTC)),
        ("2011-12-30 12:00", "Pacific/Apia", "not once"),  # a whole day that Samoa skipped
        ("2026-02-30 03:00", "Europe/Athens", "refused"),
    ],
)
def test_local_times_that_a_clock_shows_once(local: str, zone: str, found: object) -> None:
    assert time_of(local, "%Y-%m-%d %H:%M", zone) == found


@pytest.mark.parametrize(
    ("local", "zone"), [("0001-01-01 00:00", "Europe/Athens"), ("9999-12-31 23:59", "America/New_York")]
)
def test_local_times_that_are_of_the_year_0_or_10000_in_utc_are_none(local: str, zone: str) -> None:
    assert time_of(local, "%Y-%m-%d %H:%M", zone) in ("refused", "not once")


@given(st.datetimes(datetime(1991, 1, 1), datetime(2037, 12, 31)))
@settings(max_examples=300, deadline=None)
def test_a_local_time_is_the_one_instant_at_which_the_clock_shows_it(shown: datetime) -> None:
    shown, zone = shown.replace(microsecond=0), ZoneInfo("Europe/Athens")
    instants = [shown.replace(tzinfo=UTC) - timedelta(hours=offset) for offset in range(1, 5)]
    right = [at for at in instants if at.astimezone(zone).replace(tzinfo=None) == shown]
    assert time_of(shown.isoformat(), ISO, zone.key) == (right[0] if len(right) == 1 else "not once")


def test_of_several_forms_the_first_that_fits_counts_and_says_how_exact_it_is() -> None:
    forms = {"%Y-%m-%d %H:%M": "hour", "%Y-%m-%d": "day", "%Y-%m": "month", "%Y": "year", "%d/%m/%Y": "minute"}
    texts = ["2026-05-14 06:07", "2026-05-14", "2026-05", "2026", "14/05/2026", "May 2026", None, "2026-05-14"]
    mapped = ColumnMap(field="x", time=forms)
    values, bad = read(pa.table({"x": pa.array(texts, pa.string())}), mapped, COLUMNS["observed_at"], Judged.of(8))
    assert [str(one)[:16] for one in values.to_pylist()] == [
        "2026-05-14 06:00",
        "2026-05-14 00:00",
        "2026-05-01 00:00",
        "2026-01-01 00:00",
        "2026-05-14 00:00",
        "None",
        "None",
        "2026-05-14 00:00",
    ]
    assert bad.tolist() == [False] * 5 + [True, False, False]
    exact = precision(pa.table({"x": pa.array(texts, pa.string())}), mapped)
    assert exact.to_pylist() == ["hour", "day", "month", "year", "minute", None, None, "day"]


@pytest.mark.parametrize(
    ("exact", "found"),
    [
        ("minute", "2026-05-14 06:07:08"),
        ("unknown", "2026-05-14 06:07:08"),
        ("hour", "2026-05-14 06:00:00"),
        ("day", "2026-05-14 00:00:00"),
        ("month", "2026-05-01 00:00:00"),
        ("year", "2026-01-01 00:00:00"),
    ],
)
def test_of_a_clock_that_is_not_believed_the_start_of_the_period_is_left(exact: str, found: str) -> None:
    assert str(time_of("2026-05-14T06:07:08", {ISO: exact})) == f"{found}+00:00"


def test_times_of_the_file_itself_stay_as_they_are() -> None:
    at = datetime(2026, 5, 14, 6, 7, 8, 9, tzinfo=UTC)
    values = pa.array([at, None], pa.timestamp("us", "UTC"))
    assert column(values, "observed_at", time="native") == ([at, None], [False, False], 0)


def test_a_text_where_the_file_should_have_a_time_is_refused() -> None:
    assert column(pa.array(["2026-05-14", None, "1778738828"]), "observed_at", time="native")[:2] == (
        [None, None, None],
        [True, False, True],
    )


@pytest.mark.parametrize("form", ["", "x", "%H:%M", "%Q", "%Y-%m-%dT%H:%M:%S%z", "%Y.%f-%m", "epoch", "native "])
def test_a_form_that_names_no_date_is_refused_when_the_source_is_read(form: str) -> None:
    with pytest.raises(ValidationError, match="time"):
        ColumnMap(field="x", time=form)


@pytest.mark.parametrize("zone", ["Europe", "", "../UTC", "Mars/Olympus", "a" * 300])
def test_a_zone_that_nobody_knows_is_refused_when_the_source_is_read(zone: str) -> None:
    with pytest.raises(ValidationError, match="no time zone is called"):
        ColumnMap(field="x", time=ISO, zone=zone)


# Words ----------------------------------------------------------------------------------------------------------------


def test_prefix_and_words() -> None:
    texts = ["IMO9074729", "9074729", "IMO", "klasse a", None]
    assert words(texts, prefix="IMO", words={"klasse a": "A"}) == ["9074729", "9074729", None, "A", None]


def test_a_prefix_is_taken_away_once_and_only_at_the_start() -> None:
    assert words(["ab", "aab", "ba", "é-x"], prefix="a") == ["b", "ab", "ba", "é-x"]
    assert words(["é-x", "éx"], prefix="é-") == ["x", "éx"]


def test_words_are_translated_at_once_and_not_one_after_the_other() -> None:
    assert words(["A", "B", "C", None], words={"A": "B", "B": "A"}) == ["B", "A", "C", None]


def test_a_word_can_mean_that_nothing_is_stated() -> None:
    assert words(["A", "none"], words={"none": ""}) == ["A", None]


def test_otherwise_closes_the_list_of_words() -> None:
    texts = ["one", "two", "", None, "1"]
    assert words(texts, words={"one": "1"}, otherwise="other") == ["1", "other", "other", "other", "other"]
    assert words(texts, words={"one": "1"}, otherwise="") == ["1", None, None, None, None]
    assert words(texts, otherwise="other") == ["other"] * 5
    assert words(texts, words={"one": "1", "two": ""}, otherwise="other")[:2] == ["1", None]


def test_what_is_unknown_is_counted_before_it_is_translated() -> None:
    found = column(pa.array(["NA", "x", "NA", None]), "ship_name", unknown=["NA"], words={"NA": "y"}, otherwise="o")
    assert found == (["o", "o", "o", "o"], [False] * 4, 2)
    assert column(pa.array([" NA ", "na"]), "ship_name", unknown=["NA"]) == ([None, "na"], [False] * 2, 1)


def test_unknown_is_the_whole_text_before_its_prefix_is_taken_away() -> None:
    assert words(["IMO0", "IMO1", "0"], unknown=["IMO0"], prefix="IMO") == [None, "1", "0"]


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("26.5, 39.1", 0, "26.5"),
        ("26.5, 39.1", 1, "39.1"),
        ("26.5, 39.1", 2, None),
        ("26.5", 0, "26.5"),
        ("26.5", 1, None),
        (",39.1", 0, None),
        (",39.1", 1, "39.1"),
        (",", 1, None),
        ("", 0, None),
        (None, 0, None),
    ],
)
def test_a_piece_of_a_text(text: str | None, part: int, found: str | None) -> None:
    assert words([text], split=",", part=part) == [found]


def test_a_piece_can_be_unknown() -> None:
    assert column(pa.array(["0.0", "7.5"]), "ship_name", split=".", unknown=["0"]) == ([None, "7"], [False] * 2, 1)


def test_a_text_cannot_be_split_at_nothing() -> None:
    with pytest.raises(ValidationError, match="split"):
        ColumnMap(field="x", split="")


def test_several_fields_are_joined_and_what_is_not_stated_is_left_out() -> None:
    fields = pa.table(
        {
            "a": pa.array(["1", "1", None, "", "NA", " 1 "], pa.string()),
            "b": pa.array(["2", "NA", "2", " ", "NA", "2"], pa.string()).dictionary_encode(),
            "c": pa.array([3.0, None, 3.0, None, None, 3.5]),
        }
    )
    mapped = ColumnMap(fields=["a", "b", "c"], unknown=["NA"])
    judged = Judged.of(6)
    found = text_of(fields, mapped, "ship_name", judged)
    assert found.array.to_pylist() == ["1 2 3", "1", "2 3", None, None, "1 2 3.5"]
    assert found.missing.tolist() == [False, False, False, True, True, False]
    assert judged.sentinels["ship_name"] == 3


def test_a_constant_stands_in_every_row() -> None:
    fields = pa.table({"x": pa.array([None, "a", ""], pa.string())})
    for name, constant, value in (("ship_name", "Argo", "Argo"), ("nav_status", "15", 15)):
        mapped = ColumnMap(constant=constant)
        values, refused = read(fields, mapped, COLUMNS[name], Judged.of(3))
        assert (values.to_pylist(), refused.tolist()) == ([value] * 3, [False] * 3)
        assert stated(fields, mapped).tolist() == [True] * 3


def test_a_hashed_text_is_told_from_others_and_not_readable() -> None:
    first, second, third, missing = words(["a name", "another", "a name", None], hashed=True)
    assert first == third == hashlib.sha256(b"a name").hexdigest()[:16]
    assert first != second
    assert missing is None


def test_of_a_screened_text_only_words_of_the_trade_are_left() -> None:
    texts = ["Capsized boat off Lesvos, the skipper Mario Rossi missing", "", None]
    found = words(texts, screened=True)
    assert found == [screened(texts[0]), None, None]
    assert "Rossi" not in str(found[0])


def test_a_position_in_a_text_is_left_to_the_table() -> None:
    assert column(pa.array(["at 39-10N 026-20E", None]), "lat", unit="deg", in_text=True) == (
        [None, None],
        [False, False],
        0,
    )


# Texts, each looked at once -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (pa.array(["a", " a ", "\u00a0a\t", "", "  ", None]), ["a", "a", "a", None, None, None]),
        (pa.array(["b", "a", "b"]).dictionary_encode(), ["b", "a", "b"]),
        (pa.nulls(2), [None, None]),
        (pa.array([], pa.string()), []),
        (pa.array([237000001.0, None, 7.0]), ["237000001", None, "7"]),
        (pa.array([237000001.0, 1.5, 7.0]), ["237000001", "1.5", "7"]),
        (pa.array([237000001.0, math.inf, math.nan]), ["237000001", "inf", "nan"]),
        (pa.array([237000001.0, 1e19]), ["237000001", "1" + "0" * 19]),
        (pa.array([-0.0, 1e300])[:1], ["0"]),
        (pa.array([7, None]), ["7", None]),
        (pa.array([True, None]), ["true", None]),
    ],
)
def test_any_column_as_text(values: pa.Array, found: list[str | None]) -> None:
    """A number that is whole has no point, whatever stands in the rows beside it."""
    text = Coded.of(values)
    assert text.array.to_pylist() == found
    assert text.missing.tolist() == [one is None for one in found]
    assert text.array.dictionary.null_count == 0
    assert len(set(text.array.dictionary.to_pylist())) == len(text.array.dictionary)


@pytest.mark.parametrize("mapped", [{"field": "x"}, {"fields": ["x", "y"]}])
def test_what_is_stated(mapped: dict[str, Any]) -> None:
    texts = pa.table({"x": ["1", "", " ", None, "?"], "y": pa.array([None] * 5, pa.float64())})
    assert stated(texts, ColumnMap(**mapped)).tolist() == [True, False, False, False, True]
    numbers = pa.table({"x": pa.array([0.0, None, math.nan]), "y": pa.array([None] * 3, pa.string())})
    assert stated(numbers, ColumnMap(**mapped)).tolist() == [True, False, True]


def test_the_first_reason_stays_and_refused_rows_are_not_accepted() -> None:
    judged = Judged.of(3)
    judged.refuse(np.array([True, False, False]), "bad_time")
    judged.refuse(np.array([True, True, False]), "bad_speed")
    judged.refuse(np.array([False, False, False]), "bad_course")
    assert [judged.reason(row) for row in range(3)] == ["bad_time", "bad_speed", ""]
    assert judged.accepted.tolist() == [False, False, True]


# Repeats --------------------------------------------------------------------------------------------------------------


def repeated(table: pa.Table, group: list[str], content: list[str]) -> list[bool]:
    """`repeats` on a table in any order: for each row [n] whether it repeats one before it."""
    keys = [contracts.codes(table.column(name)) for name in group]
    order = np.lexsort(keys[::-1])
    same = (
        np.logical_and.reduce([key[order[1:]] == key[order[:-1]] for key in keys])
        if len(order)
        else np.zeros(0, dtype=bool)
    )
    found = np.zeros(len(order), dtype=bool)
    found[order] = repeats(table.take(pa.array(order)), same, content)
    return [bool(one) for one in found]


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
    assert repeated(table, ["key", "time"], ["key", "time", "value"]) == expected


def test_repeated_over_many_rows_and_chunks() -> None:
    rng = random.Random(4)
    rows = [(rng.randrange(300), rng.randrange(30), rng.randrange(3)) for _ in range(20_000)]
    whole = pa.table({name: [row[n] for row in rows] for n, name in enumerate("abc")})
    chunked = pa.concat_tables([whole.slice(n, 333) for n in range(0, len(rows), 333)])
    seen: set[tuple[int, ...]] = set()
    expected = [row in seen or seen.add(row) is not None for row in rows]  # type: ignore[func-returns-value]
    assert repeated(chunked, ["a", "b"], ["a", "b", "c"]) == expected
    assert sum(expected) > 1000
