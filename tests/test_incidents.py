"""Incidents: vague places and places on land are kept and said; no free text about people is read."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline import contracts, facts, incidents, sources
from pipeline.config import Home
from pipeline.sea import Sea
from pipeline.sources.columns import Judged

SOURCE = sources.load(Home(Path("no home")), "iom_missing_migrants")
HEADER = SOURCE.offered or []
RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
INCIDENT = {
    "Main ID": "2026.MMP0001",
    "Incident ID": "2026.MMP0001",
    "incident_date_clean": "2026-05-14",
    "incident_date_precision": "day",
    "Latitude": "39.21",
    "Longitude": "26.53",
    "Cause of death (category)": "Drowning",
    "No. dead": "2",
    "No. missing": "0",
    "No. survivors": "31",
    "Route": "Eastern Mediterranean",
    "No. Female": "1",
    "Country of Origin": "a country",
    "Cause of death (reported)": "a sentence about people",
    "Location of death": "a name",
}


def judge(sea: Sea, **changed: str) -> tuple[dict[str, object], str, dict[str, int]]:
    """One row through the door: the incident, the reason against it (empty when there is none), the unknowns counted."""
    fields = {**dict.fromkeys(HEADER, ""), **INCIDENT, **changed}
    judged = Judged.of(1)
    table = incidents.from_fields(
        pa.table({name: pa.chunked_array([[text]]) for name, text in fields.items()}),
        SOURCE,
        judged,
        RECEIVED,
        "incidents",
    )
    if judged.accepted[0]:
        table = incidents.placed(table, sea)
    return table.to_pylist()[0], judged.reason(0), {name: n for name, n in judged.sentinels.items() if n}


def test_every_field_arrives_and_nothing_about_persons(sea: Sea) -> None:
    row, reason, unknown = judge(sea)
    assert (reason, unknown) == ("", {})
    assert row == {
        "incident_id": hashlib.sha256(b"incident\niom_missing_migrants\n2026.MMP0001").hexdigest()[:16],
        "source_id": "iom_missing_migrants",
        "source_ref": "2026.MMP0001",
        "occurred_at": datetime(2026, 5, 14, tzinfo=UTC),
        "time_precision": "day",
        "lon": 26.53,
        "lat": 39.21,
        "position_precision_m": 555.6,
        "on_land": False,
        "category": "Drowning",
        "dead": 2,
        "missing": 0,
        "survivors": 31,
        "zone_id": sea.zone_of(26.53, 39.21),
        "summary": "Eastern Mediterranean",
    }
    assert row["zone_id"] is not None


def test_the_source_does_not_read_columns_about_persons() -> None:
    read = {mapped.field for mapped in SOURCE.columns.values()}
    personal = {
        "No. Female",
        "No. Male",
        "No. minors",
        "Country of Origin",
        "Region of Origin",
        "Cause of death (reported)",
    }
    assert personal < set(HEADER)
    assert not read & personal


@pytest.mark.parametrize(
    ("lat", "lon", "on_land"),
    [
        ("39.2100", "26.5300", False),  # in the strait of Mytilini
        ("39.2500", "26.2500", True),  # inland on Lesvos
        ("37.9838", "23.7275", True),  # Athens
        ("27", "17", True),  # a centroid in the Libyan desert
        ("36.0", "25.0", False),
    ],
)
def test_a_place_on_land_is_kept_and_marked(sea: Sea, lat: str, lon: str, on_land: bool) -> None:
    row, reason, _ = judge(sea, Latitude=lat, Longitude=lon)
    assert (row["on_land"], reason) == (on_land, "")


@pytest.mark.parametrize(
    ("lat", "lon", "precision_m"),
    [
        ("27", "17", 55_560.0),
        ("27.0", "17.25", 5_556.0),
        ("27.", "17", 55_560.0),
        ("37.2832", "26.1234", 10.0),  # nobody at sea reports a place better
        ("37.283", "26.123", 55.56),
        ("37.2832", "26", 55_560.0),
        ("-37.28", "-26.12", 555.6),
        ("37.1234567890123456", "26.1234567890123456", 10.0),
    ],
)
def test_precision_is_half_of_the_last_decimal_of_the_coarser_coordinate(
    sea: Sea, lat: str, lon: str, precision_m: float
) -> None:
    row, reason, _ = judge(sea, Latitude=lat, Longitude=lon)
    assert reason == ""
    assert row["position_precision_m"] == pytest.approx(precision_m)


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("Main ID", "", "no_reference"),
        ("incident_date_clean", "", "bad_time"),
        ("incident_date_clean", "2026-02-30", "bad_time"),
        ("incident_date_clean", "14/05/2026", "bad_time"),
        ("incident_date_precision", "", "bad_time_precision"),
        ("incident_date_precision", "week", "bad_time_precision"),
        ("incident_date_precision", "month", ""),
        ("Latitude", "", "no_position"),
        ("Longitude", "", "no_position"),
        ("Latitude", "90.1", "bad_latitude"),
        ("Longitude", "-180.1", "bad_longitude"),
        ("Latitude", "39°N", "bad_latitude"),
        ("Cause of death (category)", "", "no_category"),
        ("No. dead", "-1", "bad_count"),
        ("No. dead", "2.5", "bad_count"),
        ("No. dead", "2.0", ""),
        ("No. missing", "some", "bad_count"),
        ("No. survivors", "3000000000", "bad_count"),
    ],
)
def test_reason_of_each_field(sea: Sea, field: str, text: str, reason: str) -> None:
    assert judge(sea, **{field: text})[1] == reason


def test_a_count_that_is_not_stated_is_null_and_counted(sea: Sea) -> None:
    row, reason, unknown = judge(sea, **{"No. dead": "NA", "No. missing": "NA", "No. survivors": "", "Route": "NA"})
    assert [row[name] for name in ("dead", "missing", "survivors", "summary")] == [None] * 4
    assert (reason, unknown) == ("", {"dead": 1, "missing": 1, "summary": 1})


def test_the_id_is_of_source_and_reference_alone(sea: Sea) -> None:
    row, _, _ = judge(sea)
    other, _, _ = judge(sea, **{"No. dead": "9", "Latitude": "36.0"})
    assert row["incident_id"] == other["incident_id"]
    assert facts.row_id("incidents", "a", "1") != facts.row_id("incidents", "b", "1")
    assert facts.row_id("incidents", "a", "1") != facts.row_id("detections", "a", "1")
    assert facts.row_id("incidents", "a", None) is None


def test_rows_become_incidents_of_the_contract(sea: Sea) -> None:
    fields = {**dict.fromkeys(HEADER, ""), **INCIDENT}
    columns = {name: pa.chunked_array([[text, text, text]]) for name, text in fields.items()}
    columns["Main ID"] = pa.chunked_array([["a", "", "b"]])
    judged = Judged.of(3)
    table = incidents.from_fields(pa.table(columns), SOURCE, judged, RECEIVED, "incidents")
    assert [judged.reason(row) for row in range(3)] == ["", "no_reference", ""]
    good = incidents.placed(table.filter(pa.array(judged.accepted)), sea)
    assert contracts.conform(good, "incidents").num_rows == 2
    assert np.all(judged.accepted == [True, False, True])
