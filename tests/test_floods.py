"""
A flood of spoofed positions does not bury the real crossings of a night.

Two kinds of flood come through the AIS of one source: one identity that sends many thousand positions an hour, all around the way of the boats; and many
invented identities, most of which cross a strait themselves. Small boats without AIS cross beside them, seen by a radar. Each boat is found and stands
in an alert, the alerts of the night stay readable, and the health of the feed says that it was flooded.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from pipeline import alerts, sources, store
from pipeline.config import Home
from pipeline.geo import distance_nm
from pipeline.reconcile import reconcile
from tests.conftest import ROOT

DAY = "2026-05-20"
AIS, RADAR = "noaa_marinecadastre", "coastal_radar"
CORRIDOR = "corridor_lesvos"
EAST = ((26.728, 39.205), (26.64, 39.18), (26.552, 39.155))  # lon, lat; from the departure coast to a cove of Lesvos
NORTH = ((26.3, 39.472), (26.285, 39.43), (26.255, 39.384))
AROUND_EAST = (26.55, 26.73, 39.15, 39.21)  # west, east, south, north
OPEN_SEA = (25.0, 26.0, 38.6, 39.0)
DUSK_S, MIDNIGHT_S = 18.5 * 3600, 24 * 3600  # of the day
SPEED_KN = 8.0
MOST_MEMORY_MB = 2048
REPORTS_AN_HOUR = 10_000  # of the AIS of this home, which has a few receivers

# Takes the files of a folder in and runs the day; says the most memory that this process and those it started had, in MB.
RUN = f"""
import resource, sys
from pathlib import Path
from pipeline import run
from pipeline.sources.confined import SERVER
home, folder = map(Path, sys.argv[1:])
for path in sorted(folder.glob("*/*")):
    run.ingest(path.parent.name, path, home)
run.day("{DAY}", home=home)
SERVER.stop()
own = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]  # ru_maxrss of itself is also that of who started it
print(max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)
"""


# What is sent -----------------------------------------------------------------------------------------------------------


def along(path: tuple[tuple[float, float], ...], sailed_nm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Longitude, latitude and course [n] after so many miles [n] of a path."""
    lon, lat = np.array(path).T
    step_nm = distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:])
    at_nm = np.append(0.0, np.cumsum(step_nm))
    leg = np.clip(np.searchsorted(at_nm, sailed_nm, side="right") - 1, 0, len(step_nm) - 1)
    east = np.diff(lon) * np.cos(np.radians(lat[:-1]))
    course = np.degrees(np.arctan2(east, np.diff(lat))) % 360.0
    return np.interp(sailed_nm, at_nm, lon), np.interp(sailed_nm, at_nm, lat), course[leg]


def length_nm(path: tuple[tuple[float, float], ...]) -> float:
    lon, lat = np.array(path).T
    return float(distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def times(second_of_day: np.ndarray) -> pa.Array:
    """Seconds of the day [n] as they are written, without a zone."""
    start = np.datetime64(DAY, "s").astype(np.int64)
    at = pa.array(start + second_of_day.astype(np.int64)).cast(pa.timestamp("s"))
    return pc.strftime(at, "%Y-%m-%dT%H:%M:%S")


def write(path: Path, columns: dict[str, Any]) -> None:
    """A provider's file; columns are arrays [n], or one value for all rows."""
    n_rows = max(len(values) for values in columns.values() if isinstance(values, np.ndarray))
    table = pa.table({key: [value] * n_rows if isinstance(value, str) else value for key, value in columns.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write((",".join(columns) + "\n").encode())
        pa.csv.write_csv(table, file, pa.csv.WriteOptions(include_header=False, quoting_style="none"))


def write_boats(folder: Path, n: int) -> list[str]:
    """Small boats without AIS that cross one after the other, as the radar sees them once a minute; the keys of their tracks."""
    each_s = np.arange(0.0, length_nm(EAST) / SPEED_KN * 3600, 60.0)
    last_s = MIDNIGHT_S - each_s[-1] - 600
    starts = np.linspace(DUSK_S, last_s, n).astype(int)
    lon, lat, course = along(EAST, each_s / 3600 * SPEED_KN)
    at = (starts[:, None] + each_s).ravel()
    in_time = np.argsort(at, kind="stable")
    numbers = np.repeat(np.arange(301, 301 + n), len(each_s))
    columns = {
        "sensor_id": "R-LESVOS-E",
        "track_no": numbers[in_time],
        "time_utc": pc.binary_join_element_wise(times(at[in_time]), "Z", ""),
        "lat": np.tile(lat, n)[in_time].round(5),
        "lon": np.tile(lon, n)[in_time].round(5),
        "sog_kn": np.full(len(at), SPEED_KN),
        "cog_deg": np.tile(course, n)[in_time].round(1),
        "length_m": "",
    }
    write(folder / RADAR / "R-LESVOS-E_20260520.csv", columns)
    return [f"radar:R-LESVOS-E:{number}:20260520.1" for number in range(301, 301 + n)]


def write_ais(
    folder: Path,
    mmsi: np.ndarray,
    at: np.ndarray,
    lon: np.ndarray,
    lat: np.ndarray,
    sog: np.ndarray,
    cog: np.ndarray,
) -> None:
    """Reports [n] of yachts of class B, in the order of time."""
    order = np.argsort(at, kind="stable")
    columns = {
        "MMSI": mmsi[order],
        "BaseDateTime": times(at[order]),
        "LAT": lat[order].round(5),
        "LON": lon[order].round(5),
        "SOG": sog[order].round(1),
        "COG": cog[order].round(1) % 360.0,
        "Heading": "511",
        "VesselName": "",
        "IMO": "",
        "CallSign": "",
        "VesselType": "37",
        "Status": "",
        "Length": "9",
        "Width": "",
        "Draft": "",
        "Cargo": "",
        "TransceiverClass": "B",
    }
    write(folder / AIS / "AIS_2026_05_20.csv", columns)


def write_one_identity(folder: Path, n: int, rng: np.random.Generator) -> None:
    """So many positions under one MMSI, anywhere around the boats' way at any time of the night."""
    west, east, south, north = AROUND_EAST
    lon, lat, at = (rng.uniform(first, last, n) for first, last in ((west, east), (south, north), (DUSK_S, MIDNIGHT_S)))
    write_ais(folder, np.full(n, 271000001), at, lon, lat, rng.uniform(0, 30, n), rng.uniform(0, 359, n))


def write_many_identities(folder: Path, n: int, n_crossings: int, rng: np.random.Generator) -> None:
    """
    So many positions, a thousand under each MMSI, one every 2.4 s; some of the MMSIs cross the strait north of the boats, the others go north in the
    open sea.
    """
    mmsi, each_s = 271100000 + np.arange(n // 1000), np.arange(1000) * 2.4
    start_s = rng.uniform(DUSK_S, MIDNIGHT_S - each_s[-1] - 600, len(mmsi))
    speed_kn = length_nm(NORTH) / each_s[-1] * 3600 * 1.02
    sailed_nm = each_s / 3600 * speed_kn
    west, east, south, north = OPEN_SEA
    from_lon, from_lat = (rng.uniform(first, last, (len(mmsi), 1)) for first, last in ((west, east), (south, north)))
    straight = (from_lon + 0 * sailed_nm, from_lat + sailed_nm / 60.0, 0 * from_lat + 0 * sailed_nm)
    crosses = np.arange(len(mmsi))[:, None] < n_crossings
    lon, lat, cog = (
        np.where(crosses, one, other) for one, other in zip(along(NORTH, sailed_nm), straight, strict=True)
    )
    at = (start_s[:, None] + each_s).ravel()
    write_ais(folder, np.repeat(mmsi, 1000), at, lon.ravel(), lat.ravel(), np.full(len(at), speed_kn), cog.ravel())


# What becomes of it -----------------------------------------------------------------------------------------------------


def lower_the_limit(home: Home) -> None:
    """Say in the home's own file that its AIS brings less in an hour than a flood."""
    text = (sources.folders(home)[0] / f"{AIS}.toml").read_text(encoding="utf-8")
    own = home.reference / "sources" / f"{AIS}.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(text.replace("[limits]", f"[limits]\nreports_an_hour = {REPORTS_AN_HOUR}"), encoding="utf-8")


def surveyed(home: Home, folder: Path) -> int:
    """Take the files in and run the day, in a process of its own; the memory it took in MB."""
    command = [sys.executable, "-c", RUN, str(home.root), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def rows(home: Home, table: str) -> list[dict[str, Any]]:
    """What the lake holds of a table."""
    found: list[dict[str, Any]] = store.read(store.parts(home.lake, table), table).to_pylist()
    return found


def crossings_told(home: Home) -> list[dict[str, Any]]:
    """The alerts about crossings that are in force."""
    current = alerts.current(home.lake).to_pylist()
    return [row for row in current if row["category"] == "crossing" and row["status"] != "cancel"]


def place_of(alert: dict[str, Any]) -> tuple[str, str]:
    """The day and zone of an alert."""
    return str(alert["started_at"].date()), alert["zone_id"]


def check(home: Home, boats: list[str], n_spoofed: int, memory_mb: int) -> None:
    """The boats are found and told, the alerts bounded, the flood said, everything accounted for, the memory small."""
    completed = Counter(
        row["track_id"]
        for row in rows(home, "events")
        if row["event_type"] == "coast_crossing" and row["phase"] == "completed" and row["state"] == "closed"
    )
    assert {boat: completed[boat] for boat in boats} == dict.fromkeys(boats, 1)

    told = crossings_told(home)
    assert sorted(row["track_id"] for row in told if row["track_id"] in boats) == boats
    assert max(Counter(place_of(row) for row in told if row["track_id"]).values()) <= alerts.MOST_ALERTS
    assert max(Counter(place_of(row) for row in told if not row["track_id"]).values(), default=0) <= 1

    accounted = Counter(row["source_id"] for row in rows(home, "rejects") if row["stage"] == "tracks")
    surplus = Counter[str]()
    for row in rows(home, "feed_health"):
        accounted[row["source_id"]] += row["n_reports"] + row["n_repeated"] + row["n_surplus"]
        surplus[row["source_id"]] += row["n_surplus"]
    assert accounted[AIS] == n_spoofed
    assert surplus[AIS] > n_spoofed / 4
    assert surplus[RADAR] == 0
    assert reconcile(home)["problems"] == []
    assert memory_mb < MOST_MEMORY_MB


def one_identity(home: Home, folder: Path, n: int, n_boats: int) -> None:
    boats = write_boats(folder, n_boats)
    write_one_identity(folder, n, np.random.default_rng(1))
    check(home, boats, n, surveyed(home, folder))


def many_identities(home: Home, folder: Path, n: int, n_boats: int, n_fakes: int) -> None:
    boats = write_boats(folder, n_boats)
    write_many_identities(folder, n, n_fakes, np.random.default_rng(2))
    lower_the_limit(home)
    check(home, boats, n, surveyed(home, folder))

    told = crossings_told(home)
    (whole,) = (row for row in told if not row["track_id"])
    n_more = n_boats + n_fakes - alerts.MOST_ALERTS
    assert place_of(whole) == (DAY, CORRIDOR)
    assert whole["headline"].startswith(f"{n_more} more alerts")
    assert sum(row["alert_id"] == whole["alert_id"] for row in rows(home, "alert_events")) == n_more
    assert len(told) == alerts.MOST_ALERTS + 1


def test_one_identity_that_floods_the_strait_hides_no_boat(home: Home, tmp_path: Path) -> None:
    one_identity(home, tmp_path / "sent", 60_000, 5)


def test_many_identities_that_pretend_to_cross_hide_no_boat(home: Home, tmp_path: Path) -> None:
    many_identities(home, tmp_path / "sent", 60_000, 5, 56)


@pytest.mark.soak
def test_a_million_positions_of_one_identity_hide_none_of_fifty_boats(home: Home, tmp_path: Path) -> None:
    one_identity(home, tmp_path / "sent", 1_000_000, 50)


@pytest.mark.soak
def test_a_million_positions_of_a_thousand_identities_hide_none_of_fifty_boats(home: Home, tmp_path: Path) -> None:
    many_identities(home, tmp_path / "sent", 1_000_000, 50, 200)
