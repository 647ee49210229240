"""The committed sample data is what the generator makes, and it is true to what it says of itself."""

import csv
import json
from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.geo import distance_nm
from pipeline.sea import Sea
from pipeline.simulate import sample_day, scenarios, traffic
from pipeline.simulate.aegean import ordinary_traffic, sample_behaviours
from pipeline.simulate.craft import MOORED, STEP_S
from pipeline.simulate.land import on_land

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
AIS = SAMPLE / "inbox" / "noaa_marinecadastre" / "AIS_2026_05_14.csv"
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
STORIES = sorted(path.parent for path in SAMPLE.glob("scenarios/*/expected.json"))
DETECTED = ("ais_gap", "feed_outage", "coast_crossing", "distress")
SAY_THAT_THEY_ARE_ASHORE = ("position_on_land", "gnss_interference")

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tree(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    assert found
    return found


def radar_rows(folder: Path) -> list[Row]:
    return [row for path in sorted(folder.glob("coastal_radar/*.csv")) for row in rows(path)]


def prefix(row: Row) -> str:
    day = row["time_utc"][:10].replace("-", "")
    return f"radar:{row['sensor_id']}:{row['track_no']}:{day}"


def fault(row: Row) -> str:
    """The reason to reject a line of AIS, felt for without the pipeline; empty for a good one."""
    if not row["MMSI"].isdigit() or int(row["MMSI"]) == 0 or len(row["MMSI"]) > 9:
        return "bad_mmsi"
    try:
        datetime.fromisoformat(row["BaseDateTime"])
    except ValueError:
        return "bad_time"
    if not row["LAT"] or (row["LAT"], row["LON"]) == ("91.0", "181.0"):
        return "no_position"
    if (row["LAT"], row["LON"]) == ("0.0", "0.0"):
        return "null_island"
    return "" if -90.0 <= float(row["LAT"]) <= 90.0 else "bad_latitude"


@pytest.fixture(scope="module")
def ais() -> list[Row]:
    """All lines of the sample day's AIS."""
    return rows(AIS)


@pytest.fixture(scope="module")
def good_ais(ais: list[Row]) -> list[Row]:
    """Its lines without a fault and without repeats."""
    return list({tuple(row.values()): row for row in ais if not fault(row)}.values())


def test_the_committed_day_is_what_its_seed_makes(tmp_path: Path) -> None:
    sample_day(tmp_path, TRUTH["seed"])
    committed = {name: content for name, content in tree(SAMPLE).items() if not name.startswith("scenarios/")}
    assert tree(tmp_path) == committed


def test_another_seed_makes_another_day(tmp_path: Path) -> None:
    sample_day(tmp_path, TRUTH["seed"] + 1)
    assert (tmp_path / AIS.relative_to(SAMPLE)).read_bytes() != AIS.read_bytes()
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["rejects"] == TRUTH["rejects"]


def test_the_committed_scenarios_are_what_the_generator_makes(tmp_path: Path) -> None:
    scenarios(tmp_path)
    assert tree(tmp_path) == tree(SAMPLE / "scenarios")


def test_it_stays_small() -> None:
    assert sum(len(content) for content in tree(SAMPLE).values()) < 4_500_000
    for story in STORIES:
        assert sum(len(content) for content in tree(story).values()) < 65_000, story.name


def test_nothing_is_on_land(good_ais: list[Row]) -> None:
    inputs = [SAMPLE / "inbox", *(story / "input" for story in STORIES)]
    seen = [(row["lon"], row["lat"]) for folder in inputs for row in radar_rows(folder)]
    honest = [story for story in STORIES if story.name not in SAY_THAT_THEY_ARE_ASHORE]
    told = [row for story in honest for path in story.glob("input/noaa_marinecadastre/*.csv") for row in rows(path)]
    heard = [(row["LON"], row["LAT"]) for row in [*good_ais, *told]]
    points = np.array(seen + heard, dtype=np.float64)
    assert len(points) > 20_000
    assert not on_land(points[:, 0], points[:, 1]).any()


def test_craft_sail_no_faster_than_craft_can() -> None:
    seed = TRUTH["seed"]
    passages = ordinary_traffic(seed) + [passage for story in sample_behaviours(seed) for passage in story.passages]
    for passage in passages:
        motion = passage.motion
        step_nm = distance_nm(motion.lat[:-1], motion.lon[:-1], motion.lat[1:], motion.lon[1:])
        fastest_kn = step_nm.max() / STEP_S * 3600.0
        assert fastest_kn < 1.01 * motion.sog_kn.max() + 0.01 <= 35.0, passage.craft.name


def test_who_is_moored_lies_in_a_port(sea: Sea) -> None:
    for passage in ordinary_traffic(1):
        moored = passage.motion.nav_status == MOORED
        inside = sea.in_port(passage.motion.lon[moored], passage.motion.lat[moored])
        assert inside.all(), passage.craft.name


def test_the_faults_are_those_that_truth_counts(ais: list[Row], good_ais: list[Row]) -> None:
    reasons = Counter(fault(row) for row in ais)
    n_good = reasons.pop("")
    assert reasons | {"impossible_fix": TRUTH["rejects"]["impossible_fix"]} == TRUTH["rejects"]
    assert n_good - len(good_ais) == TRUTH["repeats"] == 12
    assert sum(row["SOG"] == "102.3" for row in ais) == TRUTH["sentinels"]["sog_kn"]
    assert sum(row["COG"] == "360.0" for row in ais) == TRUTH["sentinels"]["cog_deg"]
    assert sum(row["Heading"] == "511.0" for row in ais) == TRUTH["sentinels"]["heading_deg"]


def test_only_the_impossible_fixes_jump(good_ais: list[Row]) -> None:
    tracks: dict[str, list[Row]] = {}
    for row in good_ais:
        tracks.setdefault(row["MMSI"], []).append(row)
    jumps = 0
    for track in tracks.values():
        for one, other in pairwise(track):
            hours = (
                datetime.fromisoformat(other["BaseDateTime"]) - datetime.fromisoformat(one["BaseDateTime"])
            ).seconds / 3600
            sailed_nm = distance_nm(float(one["LAT"]), float(one["LON"]), float(other["LAT"]), float(other["LON"]))
            jumps += sailed_nm / hours > 40.0
    assert jumps == 2 * TRUTH["rejects"]["impossible_fix"]  # there and back


def test_every_label_has_its_fixes(good_ais: list[Row]) -> None:
    heard = {row["MMSI"] for row in good_ais}
    seen = {prefix(row) for row in radar_rows(SAMPLE / "inbox")}
    for told in TRUTH["behaviours"]:
        mmsis = {subject["mmsi"] for subject in told["subjects"]} - {None}
        prefixes = {prefix for subject in told["subjects"] for prefix in subject["track_prefixes"]}
        assert mmsis or prefixes, told["label"]
        assert mmsis <= heard
        assert prefixes <= seen
        for mmsi in mmsis:
            times = [row["BaseDateTime"] + "Z" for row in good_ais if row["MMSI"] == mmsi]
            assert any(told["started_at"] <= time <= told["ended_at"] for time in times), told["label"]
        for event in told["events"]:
            assert event.get("mmsi") in mmsis | {None}
            assert set(event.get("track_prefixes", [])) <= prefixes
            assert told["started_at"] <= event["started_at"] <= event["known_at"], told["label"]
            assert event["started_at"] <= event["ended_at"] <= "2026-05-15T00:00:00Z"


def test_the_way_of_a_label_is_short_and_in_order() -> None:
    for told in TRUTH["behaviours"]:
        times = [time for time, _, _ in told["path"]]
        assert times == sorted(times)
        assert (times[0], times[-1]) == (told["started_at"], told["ended_at"])
        assert 2 <= len(times) <= 60


def test_positive_labels_expect_something_and_negative_ones_no_alert() -> None:
    assert len({told["label"] for told in TRUTH["behaviours"]}) == len(TRUTH["behaviours"]) >= 16
    for told in TRUTH["behaviours"]:
        assert told["events"] or not told["positive"]
        assert not told["alerts"] or told["positive"]


def test_every_detector_has_a_positive_and_a_negative_story() -> None:
    expected = [json.loads((story / "expected.json").read_text(encoding="utf-8")) for story in STORIES]
    for event_type in DETECTED:
        assert any(event["event_type"] == event_type for story in expected for event in story["events"])
        assert any({event_type, "alerts"} & set(story.get("none_of", [])) and not story["events"] for story in expected)
    phases = {event.get("phase") for story in expected for event in story["events"]}
    assert {"approaching", "completed", "turned_back", "vanished"} <= phases
    rules = {event.get("rule") for story in expected for event in story["events"]}
    assert {"a", "b_stop", "b_vanish", "f"} <= rules


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_a_story_names_only_who_is_in_its_files(story: Path) -> None:
    expected = json.loads((story / "expected.json").read_text(encoding="utf-8"))
    heard = {row["MMSI"] for path in story.glob("input/noaa_marinecadastre/*.csv") for row in rows(path)}
    seen = {prefix(row) for row in radar_rows(story / "input")}
    later = expected.get("after_first", {"events": [], "files": []})
    not_yet = expected.get("events_not_yet", [])
    for event in [*expected["events"], *not_yet, *expected.get("no_events", []), *later["events"]]:
        assert {event.get("mmsi"), event.get("other_mmsi")} <= heard | {None}
        assert {*event.get("track_prefixes", []), *event.get("other_track_prefixes", [])} <= seen
    assert all((story / "input" / name).is_file() for name in later["files"])
    assert len((story / "story.md").read_text(encoding="utf-8")) > 80
    assert expected["events"] or not_yet or expected["none_of"]


def test_the_gap_at_the_threshold_is_exact() -> None:
    longest_s = {}
    for row in rows(SAMPLE / "scenarios/gap_at_threshold/input/noaa_marinecadastre/AIS_2026_05_20.csv"):
        longest_s.setdefault(row["MMSI"], []).append(datetime.fromisoformat(row["BaseDateTime"]))
    gaps_s = {mmsi: max((b - a).seconds for a, b in pairwise(times)) for mmsi, times in longest_s.items()}
    assert (gaps_s["636900060"], gaps_s["538900061"]) == (31 * 60, 30 * 60)


def test_traffic_for_measuring(tmp_path: Path) -> None:
    path = traffic(tmp_path / "one", seed=3, vessels=4, day=date(2026, 5, 14))
    again = traffic(tmp_path / "two", seed=3, vessels=4, day=date(2026, 5, 14))
    assert path.read_bytes() == again.read_bytes()
    walked = rows(path)
    assert len(walked) == 4 * 1440
    assert Counter(row["MMSI"] for row in walked).most_common()[0][1] == 1440
    times = [row["BaseDateTime"] for row in walked]
    assert times == sorted(times)
    assert {time[:10] for time in times} == {"2026-05-14"}
    assert all(24.5 <= float(row["LON"]) <= 26.8 and 36.5 <= float(row["LAT"]) <= 39.5 for row in walked)
