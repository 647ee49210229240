"""Sources of detections: no real file of them may lie here, so each test writes its own in the dialect that is documented."""

import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline import config, contracts, ledger, run, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.simulate import satellite
from pipeline.sources import intake
from tests.conftest import ROOT

PACKAGED = config.PACKAGED_REFERENCE / "sources"
PAGE = (ROOT / "docs" / "canonical.md").read_text(encoding="utf-8")


def header(source_id: str) -> list[str]:
    """The fields that a source's files must have."""
    layout = sources.parse(source_id, PACKAGED / f"{source_id}.toml").delimited
    assert layout is not None
    return layout.header


def put(home: Home, source_id: str, *records: str, name: str = "came.csv") -> dict[str, Any]:
    """Take a file of these records in, the whole way."""
    path = home.root / name
    path.write_text("".join(f"{line}\n" for line in (",".join(header(source_id)), *records)), encoding="utf-8")
    return run.ingest(source_id, path, home)


def counts(taken: dict[str, Any]) -> tuple[int, int, int, int]:
    """Records in, accepted, rejected, repeated; none of these files has blank ones."""
    assert taken["blank"] == 0
    assert taken["lines_in"] == taken["accepted"] + taken["rejected"] + taken["duplicates"]
    return taken["lines_in"], taken["accepted"], taken["rejected"], taken["duplicates"]


def detections(home: Home) -> list[dict[str, Any]]:
    """The detections in force, in order of their references; numbers to four decimals, which 32 bits hold."""
    rows = intake.published(home, "detections").to_pylist()
    rounded = [{k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in rows]
    return sorted(rounded, key=lambda row: str(row["source_ref"]))


def stated(row: dict[str, Any]) -> dict[str, Any]:
    """What a detection says, without what is null, its id and where it came from."""
    left_out = ("detection_id", "source_id")
    return {name: value for name, value in row.items() if value is not None and name not in left_out}


def reasons(home: Home) -> list[tuple[int, str]]:
    """Line and reason of each refused record."""
    rows = store.read(store.parts(home.lake, "rejects"), "rejects").to_pylist()
    return sorted((row["line"], row["reason"]) for row in rows)


def sentinels(home: Home) -> dict[str, int]:
    """The fields in which a word for unknown stood, of the only file."""
    with ledger.opened(home.ledger) as connection:
        (text,) = ledger.table(connection, "source_files").column("sentinels").to_pylist()
    found: dict[str, int] = json.loads(text)
    return found


@pytest.mark.parametrize(
    ("source_id", "one", "other"),
    [("gfw_sar", "lat", "lon"), ("viirs_night_lights", "Lat_DNB", "Lon_DNB"), ("visual_sightings", "lon", "lat")],
)
def test_another_header_is_refused_and_says_how_it_differs(home: Home, source_id: str, one: str, other: str) -> None:
    path = home.root / "came.csv"
    swap = {one: other, other: one}
    path.write_text(",".join(swap.get(name, name) for name in header(source_id)) + "\n", encoding="utf-8")
    with pytest.raises(
        SourceError, match=f"columns in another order: column [0-9]+ is {other}, the contract says {one}"
    ):
        run.ingest(source_id, path, home)
    path.write_text(",".join([*header(source_id), "operator"]) + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=f"contract of {source_id}: not in the contract: operator"):
        run.ingest(source_id, path, home)
    path.write_text(",".join(header(source_id)[1:]) + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=f"contract of {source_id}: missing {header(source_id)[0]}; "):
        run.ingest(source_id, path, home)


# --- Sentinel-1

SCENE = "S1A_IW_GRDH_1SDV_20260514T043215_20260514T043240_052123_064BF2_8A2C"
SEEN = f"{SCENE},2026-05-14 04:32:27 UTC,39.120734,26.431225,0.9912,38.41,,,0.1102,unmatched"
MATCHED = f"{SCENE},2026-05-14 04:32:27 UTC,39.201100,26.510000,0.9999,142.60,239012345,212.7301,0.0321,cargo"


def test_sentinel_1(home: Home) -> None:
    assert counts(put(home, "gfw_sar", SEEN, MATCHED)) == (2, 2, 0, 0)
    unmatched, matched = detections(home)
    assert stated(unmatched) == {
        "source_ref": f"{SCENE} 39.120734 26.431225",
        "scene_id": SCENE,
        "sensor": "sar",
        "observed_at": datetime(2026, 5, 14, 4, 32, 27, tzinfo=UTC),
        "lon": 26.4312,
        "lat": 39.1207,
        "length_m": 38.41,
        "presence_score": 0.9912,
    }
    assert (matched["claimed_mmsi"], matched["length_m"]) == ("239012345", 142.6)
    assert {row["match"] for row in (unmatched, matched)} == {None}
    assert unmatched["detection_id"] != matched["detection_id"]


def test_a_month_that_is_published_again_is_the_same_detections(home: Home) -> None:
    put(home, "gfw_sar", SEEN)
    assert counts(put(home, "gfw_sar", SEEN, MATCHED, name="later.csv")) == (2, 2, 0, 0)
    assert [row["claimed_mmsi"] for row in detections(home)] == [None, "239012345"]


def test_a_gzip_file_is_read(home: Home) -> None:
    path = home.root / "sar.csv.gz"
    path.write_bytes(gzip.compress("\n".join([",".join(header("gfw_sar")), SEEN, MATCHED, ""]).encode()))
    assert counts(run.ingest("gfw_sar", path, home)) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (" UTC", "", "bad_time"),
        ("2026-05-14 04:32:27 UTC", "", "bad_time"),
        ("39.120734", "95.0", "bad_latitude"),
        ("26.431225", "", "bad_longitude"),
        (",38.41,", ",-1,", "bad_length"),
        ("0.9912", "1.0001", "bad_number"),
    ],
)
def test_a_detection_that_is_not_believed(home: Home, old: str, new: str, reason: str) -> None:
    assert SEEN.count(old) == 1
    assert counts(put(home, "gfw_sar", MATCHED, SEEN.replace(old, new))) == (2, 1, 1, 0)
    assert reasons(home) == [(3, reason)]


def test_the_simulator_writes_the_providers_columns() -> None:
    assert satellite.SCENE_HEADER.split(",") == header("gfw_sar")


# --- night lights


def light(**fields: str) -> str:
    """A line of a night of lights; other fields as given."""
    usual = {
        "id": "1",
        "id_Key": "VBD_npp_d20260514_t0034120_x3912073N_y02643122E_l0412_s2210_v23",
        "Date_Proc": "2026-05-14 04:10:00",
        "Lat_DNB": "39.120734",
        "Lon_DNB": "26.431225",
        "Rad_DNB": "12.4021",
        "Date_Mscan": "2026-05-14 00:34:12",
        "Date_LTZ": "2026-05-14 02:34:12",
        "QF_Detect": "1",
        "EEZ": "Greece",
        "File_DNB": "SVDNB_npp_d20260514_t0030589_e0036393_b75001_c20260514064002.h5",
    }
    names = header("viirs_night_lights")
    return ",".join({**dict.fromkeys(names, "999999"), **usual, **fields}[name] for name in names)


def test_night_lights(home: Home) -> None:
    second = light(id="2", id_Key="VBD_2", Rad_DNB="999999", EEZ='"Joint regime area, two states"')
    assert counts(put(home, "viirs_night_lights", light(), second)) == (2, 2, 0, 0)
    dim, bright = detections(home)
    assert stated(bright) == {
        "source_ref": "VBD_npp_d20260514_t0034120_x3912073N_y02643122E_l0412_s2210_v23",
        "scene_id": "SVDNB_npp_d20260514_t0030589_e0036393_b75001_c20260514064002.h5",
        "sensor": "night_light",
        "observed_at": datetime(2026, 5, 14, 0, 34, 12, tzinfo=UTC),  # not the local time beside it
        "lon": 26.4312,
        "lat": 39.1207,
        "radiance": 12.4021,
    }
    assert (dim["source_ref"], dim["radiance"]) == ("VBD_2", None)
    assert sentinels(home) == {"radiance": 1}


def test_lights_that_are_no_boats_are_not_kept(home: Home) -> None:
    classes = [*map(str, range(1, 12)), "999999"]
    boats = {"1", "2", "3", "10"}
    taken = put(home, "viirs_night_lights", *(light(id_Key=f"VBD_{one}", QF_Detect=one) for one in classes))
    assert counts(taken) == (12, 4, 8, 0)
    assert {row["source_ref"] for row in detections(home)} == {f"VBD_{one}" for one in boats}
    assert reasons(home) == [(n, "not_a_vessel") for n, one in enumerate(classes, 2) if one not in boats]


def test_a_night_without_lights_has_no_boats(home: Home) -> None:
    """The provider writes one line of its number for unknown then."""
    unknown = ("Lat_DNB", "Lon_DNB", "Rad_DNB", "QF_Detect")
    nothing = light(id="0", id_Key="", Date_Mscan="", Date_LTZ="", EEZ="", **dict.fromkeys(unknown, "999999"))
    assert counts(put(home, "viirs_night_lights", nothing)) == (1, 0, 1, 0)
    assert reasons(home) == [(2, "not_a_vessel")]


# --- look-outs


def example() -> str:
    """The page's example of a file of sightings."""
    (found,) = re.findall(r"```csv\n(reported_at.+?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_pages_example_of_sightings(home: Home) -> None:
    path = home.root / "watch.csv"
    path.write_text(example().removesuffix("\n"), encoding="utf-8")  # an editor may leave the last line open
    assert counts(run.ingest("visual_sightings", path, home)) == (2, 2, 0, 0)
    one, two = detections(home)
    assert stated(one) == {
        "source_ref": "V-0207",
        "scene_id": "P-114",
        "sensor": "visual",
        "observed_at": datetime(2026, 5, 14, 2, 55, tzinfo=UTC),
        "lon": 26.48,
        "lat": 39.15,
        "length_m": 8.0,
        "n_craft": 1,
        "n_people": 35,
    }
    assert (two["n_craft"], two["n_people"], two["length_m"]) == (2, None, None)


SIGHTING = "2026-05-14T02:55:00Z,26.48,39.15,1,35,8,V-0207,P-114"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2026-05-14T02:55:00Z", "", "bad_time"),
        ("2026-05-14T02:55:00Z", "14/05/2026 02:55", "bad_time"),
        ("26.48", "181", "bad_longitude"),
        ("39.15", "", "bad_latitude"),
        (",1,", ",0,", "bad_count"),
        ("35", "about 35", "bad_count"),
        ("35", "-1", "bad_count"),
        (",8,", ",1023,", "bad_length"),
        ("V-0207", "", "no_reference"),
    ],
)
def test_the_page_says_why_a_sighting_is_refused(home: Home, old: str, new: str, reason: str) -> None:
    assert SIGHTING.count(old) == 1
    assert counts(put(home, "visual_sightings", SIGHTING.replace(old, new), SIGHTING)) == (2, 1, 1, 0)
    assert reasons(home) == [(2, reason)]
    assert f"`{reason}`" in PAGE.split("\n## Sightings")[1]


def test_a_later_file_corrects_a_sighting(home: Home) -> None:
    put(home, "visual_sightings", SIGHTING)
    put(home, "visual_sightings", SIGHTING.replace("35", "41"), name="later.csv")
    (row,) = detections(home)
    assert (row["source_ref"], row["n_people"]) == ("V-0207", 41)


def test_two_things_said_of_one_sighting_are_a_conflict(home: Home) -> None:
    taken = put(home, "visual_sightings", SIGHTING, SIGHTING.replace("35", "41"), SIGHTING)
    assert counts(taken) == (3, 1, 1, 1)
    assert reasons(home) == [(3, "conflicting_reference")]


def test_the_page_and_the_source_name_the_same_columns() -> None:
    assert example().split("\n")[0].split(",") == header("visual_sightings")
    described = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.split("\n## Sightings")[1], re.MULTILINE)
    assert [name.strip("`") for cell in described for name in cell.split(", ")] == header("visual_sightings")
    kinds = next(column for column in contracts.load("detections").columns if column.name == "sensor").values
    assert {"sar", "night_light", "visual"} <= set(kinds or ())
