"""Position reports, and what vessels say of themselves without one: the hygiene of definitions.md, section 0, field by field."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import positions, sources
from pipeline.config import Home
from pipeline.sources.columns import Judged

RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
AIS = {
    "MMSI": "237123456",
    "BaseDateTime": "2026-05-14T06:00:00",
    "LAT": "39.1",
    "LON": "26.3",
    "SOG": "7.5",
    "COG": "120.5",
    "Heading": "121",
    "VesselName": "AGIOS",
    "IMO": "IMO9074729",
    "CallSign": "SVAB",
    "VesselType": "70",
    "Status": "0",
    "Length": "98",
    "Width": "15",
    "Draft": "5.2",
    "Cargo": "70",
    "TransceiverClass": "A",
}
RADAR = {
    "sensor_id": "lesvos-n",
    "track_no": "17",
    "time_utc": "2026-05-14T06:00:00Z",
    "lat": "39.1",
    "lon": "26.3",
    "sog_kn": "7.5",
    "cog_deg": "120.5",
    "length_m": "9",
}


OPAQUE = {
    "vessel_id": "v.17:b",
    "observed_at": "2026-05-14T06:00:00Z",
    "lon": "26.3",
    "lat": "39.1",
    **dict.fromkeys(["sog_kn", "cog_deg", "heading_deg", "nav_status", "transceiver", "imo", "ship_name"], ""),
    **dict.fromkeys(["call_sign", "ship_type", "length_m", "draught_m"], ""),
}
VOYAGE = {
    "mmsi": "237123456",
    "timestamp": "2026-05-14T06:00:00.000000Z",
    "type": "5",
    **dict.fromkeys(["lat", "lon", "speed", "course", "heading"], ""),
    "shipname": "AGIOS",
    "callsign": "SVAB",
    "imo": "9074729.0",
    "shiptype": "70",
}


def judge(
    source_id: str, fields: dict[str, str], table: str = "reports"
) -> tuple[dict[str, object], str, dict[str, int]]:
    """One row through the door: the report, the reason against it (empty when there is none), the sentinels counted."""
    source = sources.load(Home(Path("no home")), source_id)
    judged = Judged.of(1)
    rows = positions.from_fields(
        pa.table({name: pa.chunked_array([[text]]) for name, text in fields.items()}),
        source,
        judged,
        RECEIVED,
        table,
    )
    return rows.to_pylist()[0], judged.reason(0), {name: n for name, n in judged.sentinels.items() if n}


def ais(**changed: str) -> tuple[dict[str, object], str, dict[str, int]]:
    """An AIS report with these fields changed."""
    return judge("noaa_marinecadastre", {**AIS, **changed})


def radar(**changed: str) -> tuple[dict[str, object], str, dict[str, int]]:
    """A radar's report with these fields changed; it came in on 15 May 2026 at 12:00."""
    return judge("coastal_radar", {**RADAR, **changed})


def opaque(**changed: str) -> tuple[dict[str, object], str, dict[str, int]]:
    """A report of a provider with ids of its own."""
    return judge("canonical_opaque", {**OPAQUE, **changed})


def said(**changed: str) -> tuple[dict[str, object], str, dict[str, int]]:
    """A message in which a vessel says who it is and not where."""
    return judge("gfw_gpsdio_point_pair_voyage", {**VOYAGE, **changed}, "static_reports")


def test_every_field_of_an_ais_report_arrives() -> None:
    row, reason, sentinels = ais()
    assert (reason, sentinels) == ("", {})
    assert {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()} == {
        "vessel_key": "mmsi:237123456",
        "observed_at": datetime(2026, 5, 14, 6, tzinfo=UTC),
        "lon": 26.3,
        "lat": 39.1,
        "sog_kn": 7.5,
        "cog_deg": 120.5,
        "heading_deg": 121.0,
        "nav_status": 0,
        "transceiver": "A",
        "mmsi": "237123456",
        "imo": "9074729",
        "ship_name": "AGIOS",
        "call_sign": "SVAB",
        "ship_type": 70,
        "length_m": 98.0,
        "draught_m": 5.2,
        "source_id": "noaa_marinecadastre",
    }


def test_a_radar_has_no_identity() -> None:
    row, reason, _ = radar()
    assert reason == ""
    assert row["vessel_key"] == "radar:lesvos-n:17"
    assert [row[name] for name in ("mmsi", "imo", "ship_name", "call_sign", "ship_type", "transceiver")] == [None] * 6
    assert row["length_m"] == 9.0


def test_an_opaque_id_is_known_by_its_source_and_says_nothing_of_who_it_is() -> None:
    row, reason, _ = opaque(ship_name="AGIOS")
    assert reason == ""
    assert (row["vessel_key"], row["mmsi"], row["ship_name"]) == ("id:canonical_opaque:v.17:b", None, "AGIOS")
    assert opaque(vessel_id=" v.17:b ")[0]["vessel_key"] == "id:canonical_opaque:v.17:b"


@pytest.mark.parametrize("vessel_id", ["", " "])
def test_an_opaque_id_that_is_not_stated_is_refused(vessel_id: str) -> None:
    assert opaque(vessel_id=vessel_id)[1] == "no_reference"


def test_an_opaque_id_of_digits_is_no_mmsi() -> None:
    row, reason, _ = opaque(vessel_id="237123456")
    assert (row["vessel_key"], row["mmsi"], reason) == ("id:canonical_opaque:237123456", None, "")


def test_what_a_vessel_says_of_itself_arrives_without_a_position() -> None:
    row, reason, sentinels = said()
    assert (reason, sentinels) == ("", {})
    assert row == {
        "vessel_key": "mmsi:237123456",
        "observed_at": datetime(2026, 5, 14, 6, tzinfo=UTC),
        "mmsi": "237123456",
        "imo": "9074729",
        "ship_name": "AGIOS",
        "call_sign": "SVAB",
        "ship_type": 70,
        "length_m": None,
        "draught_m": None,
        "safety_text": None,
        "source_id": "gfw_gpsdio_point_pair_voyage",
    }


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mmsi": "0"}, "bad_mmsi"),
        ({"timestamp": ""}, "no_time"),
        ({"timestamp": "2026-05-14"}, "bad_time"),
        ({"timestamp": "2026-05-15T12:05:00.000000Z"}, ""),
        ({"timestamp": "2026-05-15T12:05:00.000001Z"}, "time_in_future"),
        ({"timestamp": "1989-12-31T23:59:59.999999Z"}, "bad_time"),
        ({"shiptype": "256"}, "bad_ship_type"),
        ({"lat": "", "lon": ""}, ""),
        ({"lat": "0", "lon": "0"}, ""),  # a position is not asked for, and not looked at
        ({"lat": "x"}, ""),
    ],
)
def test_what_a_vessel_says_of_itself_is_judged_like_a_report(changed: dict[str, str], reason: str) -> None:
    assert said(**changed)[1] == reason


@pytest.mark.parametrize(
    ("mmsi", "padded"),
    [
        ("237123456", "237123456"),
        (" 237123456 ", "237123456"),
        ("2370001", "002370001"),  # a coast station that lost its zeros
        ("1", "000000001"),
        ("002370001", "002370001"),
    ],
)
def test_mmsi_is_padded_to_nine(mmsi: str, padded: str) -> None:
    row, reason, _ = ais(MMSI=mmsi)
    assert (row["mmsi"], row["vessel_key"], reason) == (padded, f"mmsi:{padded}", "")


@pytest.mark.parametrize(
    "mmsi",
    [
        "",
        "0",
        "000000000",
        "0000000000",
        "2371234567",
        "0237123456",
        "23712345A",
        "237-12345",
        "-23712345",
        "+23712345",
        "237123456.0",
        "٢٣٧١٢٣٤٥٦",
        "2371 23456",
    ],
)
def test_bad_mmsi(mmsi: str) -> None:
    assert ais(MMSI=mmsi)[1] == "bad_mmsi"


@pytest.mark.parametrize(("sensor", "number"), [("", "17"), ("lesvos-n", ""), (" ", "17")])
def test_a_radar_track_without_its_name_is_refused(sensor: str, number: str) -> None:
    assert radar(sensor_id=sensor, track_no=number)[1] == "no_reference"


@pytest.mark.parametrize(
    ("lat", "lon", "reason"),
    [
        ("", "26.3", "no_position"),
        ("39.1", " ", "no_position"),
        ("91", "181", "no_position"),
        ("91.0", "26.3", "no_position"),
        ("39.1", "181.000", "no_position"),
        ("0", "0", "null_island"),
        ("-0.0", "0.000000", "null_island"),
        ("0", "0.000001", ""),
        ("0", "26.3", ""),
        ("90", "180", ""),
        ("-90", "-180", ""),
        ("90.000001", "26.3", "bad_latitude"),
        ("-90.000001", "26.3", "bad_latitude"),
        ("90.999", "26.3", "bad_latitude"),
        ("39.1", "180.000001", "bad_longitude"),
        ("39.1", "-181", "bad_longitude"),
        ("nan", "26.3", "bad_latitude"),
        ("39.1", "inf", "bad_longitude"),
        ("39,1", "26.3", "bad_latitude"),
        ("39.1N", "26.3", "bad_latitude"),
        ("3.91e1", "26.3", ""),  # as programs write numbers
        ("3.91e", "26.3", "bad_latitude"),
        ("3.91e400", "26.3", "bad_latitude"),
        ("9" * 400, "26.3", "bad_latitude"),
    ],
)
def test_place(lat: str, lon: str, reason: str) -> None:
    assert ais(LAT=lat, LON=lon)[1] == reason


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (RECEIVED, ""),
        (RECEIVED + timedelta(minutes=5), ""),
        (RECEIVED + timedelta(minutes=5, seconds=1), "time_in_future"),
        (datetime(2999, 12, 31, tzinfo=UTC), "time_in_future"),
        (datetime(1990, 1, 1, tzinfo=UTC), ""),
        (datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC), "bad_time"),
        (datetime(1970, 1, 1, tzinfo=UTC), "bad_time"),  # a clock that was never set
        (datetime(1, 1, 1, tzinfo=UTC), "bad_time"),
    ],
)
def test_time_must_lie_before_the_receipt_and_after_ais_began(at: datetime, reason: str) -> None:
    text = f"{at.year:04}{at:-%m-%dT%H:%M:%S}"
    assert ais(BaseDateTime=text)[1] == reason
    assert radar(time_utc=f"{text}Z")[1] == reason


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T06:00:00",
        "2026-05-14T24:00:00",
        "2026-05-14 06:00:00",
        "2026-05-14T06:00:00Z",
        "2026-05-14T06:00",
        "14/05/2026 06:00:00",
        "1778738400",
        "2026-05-14T06:00:60",
    ],
)
def test_bad_time(text: str) -> None:
    assert ais(BaseDateTime=text)[1] == "bad_time"


@pytest.mark.parametrize("text", ["", " "])
def test_no_time(text: str) -> None:
    assert ais(BaseDateTime=text)[1] == "no_time"
    assert radar(time_utc=text)[1] == "no_time"


@pytest.mark.parametrize(
    ("field", "text", "column"),
    [
        ("SOG", "102.3", "sog_kn"),
        ("SOG", "51.2", "sog_kn"),
        ("SOG", "63.0", "sog_kn"),
        ("SOG", "63", "sog_kn"),
        ("COG", "360.0", "cog_deg"),
        ("Heading", "511.0", "heading_deg"),
        ("Heading", "511", "heading_deg"),
        ("IMO", "IMO0000000", "imo"),
        ("VesselType", "0", "ship_type"),
        ("Length", "0", "length_m"),
        ("Draft", "0.0", "draught_m"),
        ("Draft", "-0.0", "draught_m"),
    ],
)
def test_the_word_for_unknown_is_nulled_and_counted(field: str, text: str, column: str) -> None:
    row, reason, sentinels = ais(**{field: text})
    assert (row[column], reason, sentinels) == (None, "", {column: 1})


@pytest.mark.parametrize(
    ("text", "imo"),
    [
        ("IMO9074729", "9074729"),
        ("IMO 9074729", "9074729"),
        ("9074729", "9074729"),
        ("9074728", "9074728"),  # a wrong check digit is told where it is claimed
        ("907472", None),
        ("90747290", None),
        ("imo9074729", None),
        ("9074729A", None),
        ("٩٠٧٤٧٢٩", None),
    ],
)
def test_what_is_no_imo_number_is_not_stated_and_the_report_stays(text: str, imo: str | None) -> None:
    row, reason, sentinels = ais(IMO=text)
    assert (row["imo"], reason) == (imo, "")
    assert sentinels == ({} if imo else {"imo": 1})


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("SOG", "102.2", ""),
        ("SOG", "102.4", "bad_speed"),
        ("SOG", "-0.1", "bad_speed"),
        ("SOG", "51.1", ""),
        ("SOG", "51.3", ""),
        ("COG", "359.9", ""),
        ("COG", "360.1", "bad_course"),
        ("COG", "-0.1", "bad_course"),
        ("Heading", "359", ""),
        ("Heading", "360", "bad_heading"),
        ("Heading", "512", "bad_heading"),
        ("Status", "15", ""),
        ("Status", "16", "bad_status"),
        ("Status", "1.5", "bad_status"),
        ("TransceiverClass", "B", ""),
        ("TransceiverClass", "a", "bad_transceiver"),
        ("VesselType", "255", ""),
        ("VesselType", "256", "bad_ship_type"),
        ("VesselType", "40000", "bad_ship_type"),
        ("Length", "1022", ""),
        ("Length", "1023", "bad_length"),
        ("Draft", "25.5", ""),
        ("Draft", "25.6", "bad_draught"),
    ],
)
def test_range_of_each_field(field: str, text: str, reason: str) -> None:
    assert ais(**{field: text})[1] == reason


def test_empty_fields_are_null_and_not_counted() -> None:
    optional = [
        "SOG",
        "COG",
        "Heading",
        "VesselName",
        "IMO",
        "CallSign",
        "VesselType",
        "Status",
        "Length",
        "Draft",
        "TransceiverClass",
    ]
    row, reason, sentinels = ais(**dict.fromkeys(optional, ""))
    assert (reason, sentinels) == ("", {})
    assert sum(value is None for value in row.values()) == len(optional)


@pytest.mark.parametrize(
    ("lat", "lon", "reason"),
    [
        ("33", "18", ""),
        ("42", "31", ""),
        ("42.000001", "25", "out_of_area"),
        ("32.999999", "25", "out_of_area"),
        ("39", "17.999999", "out_of_area"),
        ("39", "31.000001", "out_of_area"),
        ("26.3", "39.1", "out_of_area"),  # latitude and longitude exchanged
    ],
)
def test_a_radar_sees_no_farther_than_its_area(lat: str, lon: str, reason: str) -> None:
    assert radar(lat=lat, lon=lon)[1] == reason


def test_the_first_reason_stays() -> None:
    assert ais(MMSI="x", LAT="", SOG="-1")[1] == "no_position"
    assert ais(MMSI="x", SOG="-1")[1] == "bad_mmsi"
    assert ais(LAT="0", LON="0", SOG="-1")[1] == "null_island"
    assert ais(LAT="91", LON="181", SOG="-1")[1] == "no_position"


def test_no_rows_give_no_rows() -> None:
    source = sources.load(Home(Path("no home")), "noaa_marinecadastre")
    fields = pa.table({name: pa.array([], pa.string()) for name in source.offered or []})
    for table in ("reports", "static_reports"):
        assert positions.from_fields(fields, source, Judged.of(0), RECEIVED, table).num_rows == 0
