"""The table and the map layer: read back by a spreadsheet's rules and by GDAL."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
from theatre import Theatre, alert, at, distress, fixes

from pipeline.release.contents import COLUMNS
from pipeline.release.formats.geojson import cut_at_180

Run = Callable[..., dict[str, Any]]


def test_csv(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(
        alert("a" * 16, lon=-5.25, lat=39.3), distress("d" * 16, track_id=alert("a" * 16)["track_id"], severity=1)
    )
    content = theatre.files(release_day("hcg"))["data/alerts.csv"]
    assert content.startswith(b"\xef\xbb\xbfnumber,message,alert_id")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == ["number", "message", *COLUMNS]
    crossing, stopped = rows
    # both are about one craft, so they share the number; the worse stands first
    assert [(row["number"], row["category"]) for row in rows] == [("1", "crossing"), ("1", "distress")]
    assert (crossing["lon"], crossing["lat"], crossing["started_at"]) == ("-5.25", "39.3", "2026-05-14T02:10:00Z")
    assert crossing["indicators"] == "no_ais (+2): seen by radar only"
    assert (crossing["mmsi"], crossing["sar_phase"], crossing["is_distress"], stopped["is_distress"]) == (
        "",
        "",
        "false",
        "true",
    )


def test_the_phase_of_a_crossing(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16, phase="vanished"), distress("d" * 16))
    files = theatre.files(release_day("hcg"))
    rows = list(csv.DictReader(io.StringIO(files["data/alerts.csv"].decode("utf-8-sig"), newline="")))
    assert {row["alert_id"][0]: row["phase"] for row in rows} == {"a": "vanished", "d": ""}
    points = [
        one["properties"]
        for one in json.loads(files["data/alerts.geojson"])["features"]
        if one["properties"]["layer"] == "alert"
    ]
    assert {one["alert_id"][0]: one["phase"] for one in points} == {"a": "vanished", "d": None}


def test_columns_are_the_same_whatever_an_agency_may_see(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16, mmsi="237000001"))
    theatre.agency("hcg", identity_fields=[])
    content = theatre.files(release_day("hcg"))["data/alerts.csv"].decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(content))) == ["number", "message", *COLUMNS]


def test_geojson_is_read_by_gdal(theatre: Theatre, release_day: Run, tmp_path: Path) -> None:
    theatre.file("coastal_radar")
    theatre.alerts(alert("a" * 16), distress("d" * 16, lon=26.3))
    content = theatre.files(release_day("hcg"))["data/alerts.geojson"]
    document = json.loads(content)
    assert set(document) == {"type", "agency_id", "day", "tlp", "marking", "attribution", "features"}
    assert document["tlp"] == "TLP:AMBER"
    assert "Coastal radar: Hellenic Coast Guard" in document["attribution"]
    path = tmp_path / "alerts.geojson"
    path.write_bytes(content)
    layer = geopandas.read_file(path)
    assert layer.crs.to_epsg() == 4326
    assert sorted(layer.geom_type) == ["LineString", "LineString", "Point", "Point"]
    point = layer[(layer.layer == "alert") & (layer.category == "crossing")].iloc[0]
    line = layer[(layer.layer == "track") & (layer.alert_id == "a" * 16)].iloc[0]
    assert (point.geometry.x, point.geometry.y) == (26.45, 39.3)
    assert line.geometry.coords[-1] == (26.45, 39.3)


def test_a_track_shows_only_what_the_agency_may_see_of_it(theatre: Theatre, release_day: Run) -> None:
    track_id = "mmsi:237000001.1"
    theatre.alerts(alert("a" * 16, mmsi="237000001", track_id=track_id, source_ids=["noaa_marinecadastre"]))
    secret = fixes(track_id, "237000001", "commercial_feed", at("00:10"), at("01:00"), [(27.0, 38.7), (26.9, 38.8)])
    theatre.add("positions", "2026-05-14", *secret)
    document = json.loads(theatre.files(release_day("hcg"))["data/alerts.geojson"])
    (track,) = [feature for feature in document["features"] if feature["properties"]["layer"] == "track"]
    assert min(lat for _, lat in track["geometry"]["coordinates"]) > 39.0
    assert track["properties"]["first_at"] == "2026-05-14T02:10:00Z"


def test_a_track_ends_at_the_position_of_its_alert(theatre: Theatre, release_day: Run) -> None:
    row = alert("a" * 16)
    theatre.alerts(row)
    later = fixes(row["track_id"], None, "coastal_radar", at("03:30"), at("05:00"), [(26.4, 39.2), (26.3, 39.1)])
    theatre.add("positions", "2026-05-14", *later)
    document = json.loads(theatre.files(release_day("hcg"))["data/alerts.geojson"])
    assert document["features"][1]["geometry"]["coordinates"][-1] == [26.45, 39.3]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ([(1.0, 2.0), (3.0, 4.0)], [[(1.0, 2.0), (3.0, 4.0)]]),
        ([(179.0, 0.0), (-179.0, 2.0)], [[(179.0, 0.0), (180.0, 1.0)], [(-180.0, 1.0), (-179.0, 2.0)]]),
        ([(-179.0, 0.0), (179.0, 2.0)], [[(-179.0, 0.0), (-180.0, 1.0)], [(180.0, 1.0), (179.0, 2.0)]]),
        ([(180.0, 5.0), (-180.0, 5.0)], [[(180.0, 5.0), (180.0, 5.0)], [(-180.0, 5.0), (-180.0, 5.0)]]),
    ],
)
def test_a_line_is_cut_at_the_antimeridian(
    line: list[tuple[float, float]], parts: list[list[tuple[float, float]]]
) -> None:
    assert cut_at_180(line) == parts
