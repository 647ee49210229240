"""What holds for every detector, whatever it looks for. A new detector gets all of it by being listed in `DETECTORS`."""

import json
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline import contracts, events, store, vessels
from pipeline.carry import Carried
from pipeline.detect import DETECTORS
from pipeline.detect.contract import Detector, Scene
from pipeline.sea import Sea
from tests.detect import three_days, wanderers
from tests.detect.motions import (
    AIS,
    PAUSES,
    ais,
    at,
    by_id,
    day_by_day,
    differences,
    in_one,
    later,
    scene,
    together,
    voyage,
)

SECTIONS = ("Definition", "Reads", "Emits", "Cannot see", "Ends", "Source")
HOURS = (0.0, 3.0, 5.5, 11.5, 17.0, 22.3, 23.7)
USUAL = {(AIS, hour): 14.0 for hour in range(24)}
SEEDS = (*range(1, 30), 40, 78)  # the last two showed what the first do not
RESTS_ON_OTHERS = ("state", "phase", "ended_at", "duration_s", "confidence", "evidence")

every_detector = pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)


def nothing() -> pa.Table:
    """What a detector remembers at the beginning of the data."""
    return contracts.load("carried").empty()


def only(detector: Detector, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The events of one detector: their type begins with its name."""
    return {name: event for name, event in found.items() if event["event_type"].startswith(detector.name)}


@every_detector
def test_definition_comes_first_and_parameters_are_fixed(detector: Detector) -> None:
    lines = detector.definition.splitlines()
    assert all(any(line.startswith(section) for line in lines) for section in SECTIONS)
    name = fields(detector.params)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(detector.params, name, 0.0)
    assert detector.version >= 1


@every_detector
def test_events_conform_and_agree_with_themselves(detector: Detector, motion: pa.Table, sea: Sea) -> None:
    everything = scene(motion, sea)
    found, carried = detector.run(everything, nothing())
    assert found.schema.equals(contracts.load("events").schema)
    assert carried.schema.equals(contracts.load("carried").schema)
    for event in found.to_pylist():
        assert event["event_type"].startswith(detector.name)
        assert event["detector_version"] == detector.version
        assert event["known_at"] >= event["started_at"]
        assert event["state"] in ("open", "closed", "void_coverage")
        assert (event["state"] == "open") <= (event["ended_at"] is None)
        assert (event["state"] == "closed") <= (event["ended_at"] is not None)
        if event["ended_at"] is not None:
            assert event["duration_s"] == pytest.approx(
                (event["ended_at"] - event["started_at"]).total_seconds(), abs=1e-3
            )
        assert set(event["source_ids"]) <= set(everything.sources)
        assert event["source_ids"]
        assert (event["sar_phase"] is not None) == event["is_distress"]
        assert json.loads(event["evidence"])
        assert (event["track_id"] is None) == (event["event_type"] == "feed_outage")


@pytest.mark.parametrize("where", ["sample_day", "three_days"])
def test_the_motion_holds_every_event_type_and_phase(where: str, sample_motion: pa.Table, sea: Sea) -> None:
    """Otherwise the battery would pass for want of anything to judge."""
    found = in_one(sample_motion if where == "sample_day" else three_days.motion(), sea).values()
    types = {event["event_type"] for event in found}
    assert {event["phase"] for event in found} >= {"approaching", "completed", "turned_back", "vanished"}
    assert {json.loads(event["evidence"]).get("rule") for event in found} >= {"a", "b_stop", "b_vanish", "f", "test"}
    assert types >= {"ais_gap", "coast_crossing", "distress", "distress_test"}
    if where == "three_days":
        assert "feed_outage" in types
        assert {event["state"] for event in found} == {"open", "closed", "void_coverage"}


def with_ids_of_their_own(motion: pa.Table) -> pa.Table:
    """The same motion from a provider that calls every ship by an id of its own; beacons keep their MMSI."""
    rows = motion.to_pylist()
    for row in rows:
        if row["mmsi"] and vessels.mmsi_kind(row["mmsi"]) == "ship":
            for name in ("track_id", "vessel_id"):
                row[name] = row[name].replace("mmsi:", "id:x:", 1)
            row["mmsi"] = None
    return contracts.conform(pa.Table.from_pylist(rows, schema=motion.schema), "motion")


def test_a_ship_is_judged_alike_by_its_mmsi_and_by_an_id_of_its_providers_own(motion: pa.Table, sea: Sea) -> None:
    def said(found: dict[str, dict[str, Any]]) -> list[str]:
        kept = [{**event, "event_id": "", "mmsi": None, "evidence": ""} for event in found.values()]
        return sorted(str(event).replace("mmsi:", "id:x:") for event in kept)

    known, unknown = in_one(motion, sea), in_one(with_ids_of_their_own(motion), sea)
    assert any((event["track_id"] or "").startswith("id:x:") for event in unknown.values())
    assert all(event["mmsi"] is None for event in unknown.values() if (event["track_id"] or "").startswith("id:"))
    assert said(known) == said(unknown)


@every_detector
def test_empty_in_empty_out(detector: Detector, sea: Sea) -> None:
    found, carried = detector.run(scene(contracts.load("motion").empty(), sea), nothing())
    assert (found.num_rows, carried.num_rows) == (0, 0)


@every_detector
def test_shuffled_rows_and_a_second_run_give_the_same_bytes(detector: Detector, motion: pa.Table, sea: Sea) -> None:
    order = np.random.default_rng(7).permutation(motion.num_rows)
    runs = [
        detector.run(scene(rows, sea), nothing())
        for rows in (motion, motion, motion.take(pa.array(order)), motion[::-1])
    ]
    for k in (0, 1):
        assert len({store.parquet(tables[k]) for tables in runs}) == 1


def part_of(whole: Scene, keep: np.ndarray) -> Scene:
    """Some of a scene's rows, with all that it knows of feeds and outages."""
    return replace(whole, motion=whole.motion.filter(pa.array(keep)))


@every_detector
def test_split_by_vessel_gives_the_same_events(detector: Detector, motion: pa.Table, sea: Sea) -> None:
    """
    One track at a time, with the feeds' reach and outages given. Whether others were heard nearby (coverage) cannot be told from one track, so what
    rests on it is not compared: state, confidence, and whether a crossing vanished or its feed was down.
    """
    whole = scene(motion, sea)
    together_found = by_id(detector.run(whole, nothing())[0])
    apart: dict[str, dict[str, Any]] = {}
    for track in np.unique(whole.track):
        apart |= by_id(detector.run(part_of(whole, whole.track == track), nothing())[0])
    assert set(apart) == set(together_found)
    for name, event in together_found.items():
        unsure = RESTS_ON_OTHERS if "coverage" in json.loads(event["evidence"]) else ()
        assert {k: v for k, v in event.items() if k not in unsure} == {
            k: v for k, v in apart[name].items() if k not in unsure
        }


@every_detector
def test_split_by_place_gives_the_same_events_whole(detector: Detector, sample_motion: pa.Table, sea: Sea) -> None:
    """
    Tracks that stay about Lesvos and tracks that stay about Samos: nobody of the one is a neighbour of the other, so every column is the same.
    """
    everything = scene(sample_motion, sea)
    south, north = (np.unique(everything.track[rows]) for rows in (everything.lat < 38.2, everything.lat > 38.2))
    whole = part_of(everything, ~np.isin(everything.track, np.intersect1d(south, north)))
    is_south = whole.lat < 38.2
    assert 5000 < is_south.sum() < len(is_south) - 5000
    apart = [by_id(detector.run(part_of(whole, keep), nothing())[0]) for keep in (is_south, ~is_south)]
    assert differences(by_id(detector.run(whole, nothing())[0]), apart[0] | apart[1]) == []


@pytest.mark.parametrize("hours", HOURS)
def test_day_by_day_is_one_batch_wherever_midnight_falls(hours: float, sea: Sea, tmp_path: Path) -> None:
    """The same three days begin at different hours, so that midnight cuts each event somewhere; what a day leaves goes through files."""
    motion = later(three_days.motion(), hours * 3600.0)
    one, many = in_one(motion, sea), day_by_day(motion, sea, state=tmp_path)
    assert len(one) > 30
    for detector in DETECTORS:
        assert differences(only(detector, one), only(detector, many)) == []
    assert differences(one, many) == []


@pytest.mark.parametrize("hours", [4.0, 12.0])
def test_day_by_day_is_one_batch_of_the_sample_day_cut_in_two(hours: float, sample_motion: pa.Table, sea: Sea) -> None:
    motion = later(sample_motion, hours * 3600.0)
    one, many = in_one(motion, sea), day_by_day(motion, sea)
    assert len(one) > 10
    assert differences(one, many) == []


def check_random_traffic(seed: int, sea: Sea) -> int:
    motion = wanderers.motion(seed)
    usual = USUAL if seed % 3 == 0 else None
    one = in_one(motion, sea, usual)
    assert differences(one, day_by_day(motion, sea, usual)) == [], f"seed {seed}"
    return len(one)


def test_day_by_day_is_one_batch_of_random_traffic(sea: Sea) -> None:
    assert min(check_random_traffic(seed, sea) for seed in SEEDS) > 5


@pytest.mark.soak
def test_day_by_day_is_one_batch_of_much_random_traffic(sea: Sea) -> None:
    assert min(check_random_traffic(seed, sea) for seed in range(31, 531)) > 0


def test_what_is_carried_does_not_grow(sea: Sea) -> None:
    """Twelve days of ships at anchor, of which one fell silent on the first: the state of every day has the same size."""
    day_s, begins_s = 86_400.0, at("2026-05-20")
    ships = [voyage(begins_s, where, (None, 12 * day_s), every_s=300.0) for where in three_days.ANCHORAGES[:5]]
    gone = voyage(begins_s, (26.66, 39.2), (None, 7 * 3600.0), every_s=300.0)
    motion = together(
        *(ais(f"23700000{number}", fixes, transceiver="B") for number, fixes in enumerate([*ships, gone]))
    )
    carried, sizes = Carried(), set()
    day_of = pc.strftime(motion.column("observed_at"), "%Y-%m-%d")
    for day in sorted(set(day_of.to_pylist())):
        joined = pa.concat_tables([carried.motion, motion.filter(pc.equal(day_of, day))])
        found, carried = events.detect(events.scene_of(joined, carried, PAUSES, {}, sea), carried, day)
        assert {event["state"] for event in found.to_pylist()} == {"open"}
        if day > "2026-05-21":
            sizes.add((carried.motion.num_rows, *(table.num_rows for table in carried.detectors.values())))
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("detector", "noted"),
    [("ais_gap", {"coverage"}), ("coast_crossing", {"coverage"}), ("distress", {"coverage", "echo"})],
)
def test_what_was_heard_around_a_last_fix_is_noted_before_its_silence_is_too_long(
    detector: str, noted: set[str], sea: Sea
) -> None:
    """A yacht in the strait that reports every ten minutes may be silent for two hours; after one, the day ends."""
    begins_s = at("2026-05-20", "12:00")
    yacht = voyage(begins_s, (26.66, 39.19), (None, 3 * 3600.0 + 1), every_s=600.0)
    other = voyage(begins_s, (26.67, 39.2), (None, 4 * 3600.0))
    here = scene(together(ais("237000001", yacht, transceiver="B"), ais("237000002", other, transceiver="A")), sea)
    (found,) = [one.run(here, nothing()) for one in DETECTORS if one.name == detector]
    assert found[0].num_rows == 0
    assert {row["rule"] for row in found[1].to_pylist() if row["track_id"] == "mmsi:237000001.1"} == noted
