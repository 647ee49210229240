"""Files of two days in any order, with runs in between: the events in force and the alerts are those of one run over all of them."""

import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline import alerts, run, store
from tests.detect import three_days

FIRST, SECOND = "2026-05-20", "2026-05-21"
AIS_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"
RADAR_HEADER = "sensor_id,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m"


def text(value: Any) -> str:
    return "" if value is None else f"{value:g}"


def ais_line(row: dict[str, Any], at: datetime) -> str:
    cells = [
        row["mmsi"],
        f"{at:%Y-%m-%dT%H:%M:%S}",
        f"{row['lat']:.5f}",
        f"{row['lon']:.5f}",
        text(row["sog_kn"] or 0.0),
    ]
    course = 360.0 if row["cog_deg"] is None else round(row["cog_deg"], 1) % 360.0
    said = (row["ship_type"], row["nav_status"], row["length_m"])
    return ",".join(
        [*cells, f"{course:.1f}", "511.0", "", "", "", *map(text, said), "", "", "", row["transceiver"] or ""]
    )


def radar_line(row: dict[str, Any], at: datetime) -> str:
    _, sensor, number, _ = row["track_id"].split(":")
    course = 360.0 if row["cog_deg"] is None else round(row["cog_deg"], 1) % 360.0
    return f"{sensor},{number},{at:%Y-%m-%dT%H:%M:%S}Z,{row['lat']:.5f},{row['lon']:.5f},{row['sog_kn']:.1f},{course:.1f},{text(row['length_m'])}"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """
    The night between the first two of the three days, in providers' files: AIS of each day in two files that share its rows out at random, radar of
    each day in one.
    """
    motion = three_days.motion()
    time = np.asarray(motion.column("observed_at").cast("int64")) / 1e6
    is_night = (time >= three_days.t(0, "22:20")) & (time < three_days.t(1, "02:10"))
    share = random.Random(5)
    lines: dict[tuple[str, str], list[str]] = {}
    for row in motion.filter(pa.array(is_night)).to_pylist():
        at = row["observed_at"]
        if row["source_id"] == "radar":
            lines.setdefault(("coastal_radar", f"R_{at:%Y%m%d}"), []).append(radar_line(row, at))
        elif row["source_id"] == "ais":
            lines.setdefault(("noaa_marinecadastre", f"AIS_{at:%Y_%m_%d}_{share.randint(1, 2)}"), []).append(
                ais_line(row, at)
            )
    folder = tmp_path_factory.mktemp("night")
    for (source_id, name), content in lines.items():
        path = folder / source_id / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        header = RADAR_HEADER if source_id == "coastal_radar" else AIS_HEADER
        path.write_text("\n".join([header, *content]) + "\n", encoding="utf-8")
    found = sorted(folder.glob("*/*.csv"))
    assert len(found) == 6
    return found


def outcome(root: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(events in force, alerts in force without the number and kind of their last revision)."""
    events = store.read(store.parts(root / "lake", "events"), "events").to_pylist()
    raised = alerts.current(root / "lake").to_pylist()
    return (
        [event for event in events if event["state"] != "retracted"],
        [{**alert, "revision": 0, "status": ""} for alert in raised if alert["status"] != "cancel"],
    )


def take(root: Path, cache: Path, order: list[Path], runs_after: set[int]) -> Path:
    """Take the files into an empty home, with a run of both days after some of them and at the end."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    (root / "cache").symlink_to(cache)
    for number, path in enumerate(order):
        run.ingest(path.parent.name, path, root)
        if number in runs_after:
            run.day(FIRST, SECOND, home=root)
    run.day(FIRST, SECOND, home=root)
    return root


def arrivals(files: list[Path], seeds: range) -> Iterator[tuple[list[Path], set[int]]]:
    for seed in seeds:
        rng = random.Random(seed)
        order = list(files)
        rng.shuffle(order)
        yield order, set(rng.sample(range(len(order) - 1), rng.randint(1, 2)))


def check(files: list[Path], cache: Path, folder: Path, seeds: range) -> None:
    events, raised = outcome(take(folder / "home", cache, files, set()))
    assert {event["event_type"] for event in events} == {"ais_gap", "coast_crossing", "distress"}
    assert {event["phase"] for event in events} >= {"completed", "turned_back", "vanished"}
    assert len(raised) >= 10
    assert len(set(map(str, (order for order, _ in arrivals(files, seeds))))) >= len(seeds) * 0.8
    for number, (order, runs_after) in enumerate(arrivals(files, seeds)):
        found_events, found_alerts = outcome(take(folder / "home", cache, order, runs_after))
        assert found_events == events, f"seed {seeds[number]}"
        assert found_alerts == raised, f"seed {seeds[number]}"


def test_ten_orders_of_arrival(files: list[Path], cache: Path, tmp_path: Path) -> None:
    check(files, cache, tmp_path, range(10))


@pytest.mark.soak
def test_two_hundred_orders_of_arrival(files: list[Path], cache: Path, tmp_path: Path) -> None:
    check(files, cache, tmp_path, range(10, 210))
