"""
Arrival order and splitting of the same files do not change one byte of the content tables.

The second half of the Aegean sample day comes in from many providers: AIS as CSV and once more as a receiver's log, three radars, incidents with a later
edition, detections with a longer edition, a register and monthly counts with two editions each. Whatever the order, the cuts, the runs in between and what
comes twice, the tables hold what they hold when everything came at once. What was said when (revisions, runs, files, rejects by file) is history.
"""

import csv
import hashlib
import random
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pyais
import pytest

from pipeline import alerts, contracts, run, store
from pipeline.config import Home
from pipeline.reconcile import reconcile
from pipeline.simulate.satellite import SCENE_HEADER
from pipeline.sources import intake
from tests.conftest import ROOT

INBOX = ROOT / "sample_data" / "inbox"
FIRST, SECOND = "2026-05-14", "2026-05-15"
LATER = timedelta(hours=3)  # the sample day's stories of the night then go over midnight
TIME = re.compile(r"2026-05-14T(\d\d):\d\d:\d\d")
FROM_HOUR = 12  # so much of it as the stories of the night need
OF_DAYS = ("positions", "tracks", "identity_claims", "feed_health")
OF_FILES = ("incidents", "detections", "route_counts", "vessel_register")
REGISTER_HEADER = "reference,imo,mmsi,ship_name,call_sign,flag,vessel_type,length_m"


@dataclass(frozen=True)
class Sent:
    """A file of a source: its name, what stands before the first record, its records. One that is whole loses its meaning in pieces."""

    source_id: str
    name: str
    head: str
    records: tuple[str, ...]
    is_whole: bool = False


# The files --------------------------------------------------------------------------------------------------------------


def later(text: str) -> str:
    """The same record three hours after; a time that is none stays as it is."""

    def moved(found: re.Match[str]) -> str:
        try:
            return (datetime.fromisoformat(found[0]) + LATER).isoformat()
        except ValueError:
            return found[0]

    return TIME.sub(moved, text)


def sample(path: Path) -> Sent:
    """A file of the sample: its second half, three hours after."""
    head, *records = path.read_text(encoding="utf-8").splitlines(keepends=True)
    hours = [int(found[1]) if (found := TIME.search(one)) else FROM_HOUR for one in records]
    kept = [later(one) for one, hour in zip(records, hours, strict=True) if hour >= FROM_HOUR]
    return Sent(path.parent.name, path.name, head, tuple(kept))


def message(**fields: Any) -> tuple[str, ...]:
    """The sentences of a message."""
    said = {**fields, "msg_type": fields["type"]}
    return tuple(pyais.encode_dict(said, sentence_type="VDM", seq_id=fields["mmsi"] % 10))


def heard(row: dict[str, str], number: int) -> list[tuple[str, ...]]:
    """The messages that a receiver heard of a row of the CSV: the position, and now and then who it is; none of a row with a fault in it."""
    try:
        at, mmsi, lat = datetime.fromisoformat(row["BaseDateTime"]), int(row["MMSI"]), float(row["LAT"])
    except ValueError:
        return []
    if abs(lat) > 90.0 or lat == 0.0 or not 0 < mmsi < 1_000_000_000:
        return []
    length_m, draught_m = (float(row[name] or 0.0) for name in ("Length", "Draft"))
    is_a = row["TransceiverClass"] == "A"
    where = {"lon": float(row["LON"]), "lat": lat, "speed": float(row["SOG"]), "course": float(row["COG"])}
    where |= {"heading": int(float(row["Heading"])), "second": at.second}
    found = [message(type=1 if is_a else 18, mmsi=mmsi, status=int(float(row["Status"] or 15)), **where)]
    who = {
        "mmsi": mmsi,
        "shipname": row["VesselName"],
        "callsign": row["CallSign"],
        "ship_type": int(row["VesselType"] or 0),
    }
    who |= {"to_bow": int(length_m), "to_stern": 0}
    if number % 12 == 0 and is_a:
        imo = int(row["IMO"].removeprefix("IMO") or 0)
        found.append(message(type=5, imo=imo, draught=draught_m, **who))
    elif number % 12 == 0:
        found += [message(type=24, partno=part, **who) for part in (0, 1)]
    time_s = int(at.replace(tzinfo=UTC).timestamp())
    return [tuple(f"{sentence},{time_s}\n" for sentence in one) for one in found]


def log(ais: Sent) -> Sent:
    """The AIS as a receiver's log that misses a fifth of it; a message is a record, whatever its sentences."""
    rows = enumerate(csv.DictReader([ais.head, *ais.records]))
    records = ["".join(one) for number, row in rows if number % 5 for one in heard(row, number)]
    return Sent("nmea_aivdm", "receiver.nmea", "", tuple(records))


def detections(ais: Sent) -> list[Sent]:
    """Two editions of a month: the first has one scene, the second both. Ships that were seen have a radar image where AIS heard them."""
    scenes = []
    for scene, at in (("S1A_001", "2026-05-14T17"), ("S1A_002", "2026-05-15T01")):
        rows = [row for row in csv.DictReader([ais.head, *ais.records]) if row["BaseDateTime"].startswith(at)]
        places = sorted({(row["LAT"], row["LON"], row["MMSI"]) for row in rows if row["LAT"]})[::9]
        assert len(places) > 20
        start = f"{scene},{at.replace('T', ' ')}:30:00 UTC"
        scenes.append([f"{start},{lat},{lon},0.93,42.5,{mmsi},2.1,0.2,matched\n" for lat, lon, mmsi in places])
    first, second = scenes
    editions = {"sar_2026_05_a.csv": first, "sar_2026_05_b.csv": first + second}
    return [Sent("gfw_sar", name, f"{SCENE_HEADER}\n", tuple(records)) for name, records in editions.items()]


def later_edition(incidents: Sent) -> Sent:
    """What the source publishes a month later: one incident more, and the first with another number of dead."""
    rows = list(csv.reader(incidents.records))
    names = next(csv.reader([incidents.head]))
    dead, main_id, on = (names.index(name) for name in ("No. dead", "Main ID", "incident_date_clean"))
    corrected, new = list(rows[0]), list(rows[1])
    corrected[dead] = "3"
    new[main_id], new[on] = "2026.SIM00009", "2026-06-02"
    records = tuple(",".join(row) + "\n" for row in (corrected, *rows[1:], new))
    return replace(incidents, name="MissingMigrants_2026_06.csv", records=records, is_whole=True)


def whole_lists() -> list[Sent]:
    """Two editions of a register and of monthly counts: the later one by name replaces the other whole."""
    register = [f"NP-{n},,2379000{n:02},PHAROS SIM {n:02},,GR,fishing,{n}\n" for n in range(1, 40)]
    routes = (
        "Eastern Mediterranean Route,Sea,A",
        "Eastern Mediterranean Route,Sea,B",
        "Eastern Mediterranean Route,Land,A",
        "Western Mediterranean Route,Sea,A",
    )
    counts = [f"{route},{n + 7 * month},2026-{month:02}\n" for month in range(1, 5) for n, route in enumerate(routes)]
    editions = {
        ("vessel_register", "register_2026-05-01.csv"): register,
        ("vessel_register", "register_2026-05-12.csv"): [*register[5:], "NP-99,9074729,,NEW NAME,,GR,ferry,90\n"],
        ("frontex_monthly", "monthly_2026_04.csv"): counts[:12],
        ("frontex_monthly", "monthly_2026_05.csv"): counts,
    }
    heads = {"vessel_register": REGISTER_HEADER, "frontex_monthly": "route,type,nat,n,month"}
    return [
        Sent(source_id, name, f"{heads[source_id]}\n", tuple(records), is_whole=True)
        for (source_id, name), records in editions.items()
    ]


@pytest.fixture(scope="module")
def files() -> list[Sent]:
    """Everything that was sent."""
    found = [sample(path) for path in sorted(INBOX.glob("*/*.csv"))]
    assert len(found) == 5
    (ais,) = (one for one in found if one.source_id == "noaa_marinecadastre")
    (incidents,) = (one for one in found if one.source_id == "iom_missing_migrants")
    found[found.index(ais)] = replace(ais, records=tuple(one for number, one in enumerate(ais.records) if number % 9))
    return [*found, log(ais), *detections(ais), later_edition(incidents), *whole_lists()]


# Taking them in ---------------------------------------------------------------------------------------------------------


def pieces(sent: Sent, rng: random.Random) -> list[Sent]:
    """Two to four files with the same records: cut, or dealt out in any order."""
    records, n = list(sent.records), min(rng.randint(2, 4), len(sent.records))
    if sent.is_whole or n < 2:
        return [sent]
    if rng.random() < 0.5:
        edges = [0, *sorted(rng.sample(range(1, len(records)), n - 1)), len(records)]
        shares = [records[begin:end] for begin, end in pairwise(edges)]
    else:
        rng.shuffle(records)
        shares = [records[k::n] for k in range(n)]
    stem, dot, suffix = sent.name.partition(".")
    names = (f"{stem}_{number}{dot}{suffix}" for number in rng.sample(range(100), n))
    return [replace(sent, name=name, records=tuple(share)) for name, share in zip(names, shares, strict=True)]


def part_of(sent: Sent, rng: random.Random) -> Sent:
    """Some of a file's records once more, in a file of its own."""
    return replace(sent, name=f"again_{sent.name}", records=tuple(rng.sample(sent.records, len(sent.records) // 2)))


def fresh(root: Path, cache: Path) -> Path:
    """An empty home, always in one place, so that the sea is opened once."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    cache.mkdir(parents=True, exist_ok=True)
    (root / "cache").symlink_to(cache)
    return root


def ingest(root: Path, sent: Sent) -> dict[str, Any]:
    """Take a file in."""
    path = root / "sent" / sent.name
    path.parent.mkdir(exist_ok=True)
    path.write_text(sent.head + "".join(sent.records), encoding="utf-8", newline="")
    return run.ingest(sent.source_id, path, root)


def at_once(root: Path, files: Sequence[Sent]) -> Path:
    """All files in this order, and then both days."""
    for one in files:
        ingest(root, one)
    run.day(FIRST, SECOND, home=root)
    return root


def in_some_order(root: Path, files: Sequence[Sent], seed: int) -> Path:
    """The same in pieces, in any order, with runs in between; some pieces twice under another name, some records in two files."""
    rng = random.Random(seed)
    order = [piece for one in files for piece in pieces(one, rng)]
    order += [replace(piece, name=f"copy_of_{piece.name}") for piece in rng.sample(order, 3)]
    order += [part_of(one, rng) for one in rng.sample(files, 3) if not one.is_whole]
    rng.shuffle(order)
    runs_after = set(rng.sample(range(len(order) - 1), 2))
    known: set[tuple[str, ...]] = set()
    for number, piece in enumerate(order):
        taken = ingest(root, piece)
        assert taken["is_new"] == (piece.records not in known), piece.name
        known.add(piece.records)
        if number in runs_after:
            run.day(FIRST, SECOND, home=root)
    run.day(FIRST, SECOND, home=root)
    return root


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def rows(root: Path, table: str, partition: str = "*") -> list[dict[str, Any]]:
    """What the lake holds of a table."""
    found: list[dict[str, Any]] = store.read(store.parts(root / "lake", table, partition), table).to_pylist()
    return found


def content(root: Path) -> dict[str, str]:
    """The hash of every content table: as it lies in the lake by day, else as the bytes of the rows in force."""
    lake = root / "lake"
    paths = [path for table in OF_DAYS for path in store.parts(lake, table)]
    found = {str(path.relative_to(lake)): sha256(path.read_bytes()) for path in paths}
    events = [row for row in rows(root, "events") if row["state"] != "retracted"]
    current = [row for row in alerts.current(lake).to_pylist() if row["status"] != "cancel"]
    raised = [{**row, "revision": 1, "status": "new"} for row in current]
    links = [row for row in rows(root, "alert_events") if row["alert_id"] in {row["alert_id"] for row in raised}]
    in_force = {"events": events, "alerts": raised, "alert_events": links}
    found |= {table: sha256(store.parquet(contracts.rows(table, records))) for table, records in in_force.items()}
    found |= {table: sha256(store.parquet(intake.published(Home(root), table))) for table in OF_FILES}
    impossible = sorted((row["source_id"], row["raw"]) for row in rows(root, "rejects", "day=*"))
    return {**found, "impossible fixes": sha256(repr(impossible).encode())}


def different(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The tables that are not the same."""
    return sorted(name for name in {**one, **other} if one.get(name) != other.get(name))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all homes."""
    return tmp_path_factory.mktemp("arrival") / "home"


@pytest.fixture(scope="module")
def wanted(files: list[Sent], place: Path, cache: Path) -> dict[str, str]:
    """The content when every file came whole and all before the first run."""
    root = at_once(fresh(place, cache), files)
    events = Counter(row["event_type"] for row in rows(root, "events"))
    assert {"ais_gap", "coast_crossing", "distress"} <= set(events)
    assert len(rows(root, "alerts")) >= 10
    assert set(store.days(root / "lake", "positions")) == {FIRST, SECOND}
    assert min(intake.published(Home(root), table).num_rows for table in OF_FILES) >= 5
    assert {row["source_id"] for row in rows(root, "identity_claims")} == {"noaa_marinecadastre", "nmea_aivdm"}
    return content(root)


def check(files: list[Sent], place: Path, cache: Path, wanted: dict[str, str], seed: int) -> None:
    root = in_some_order(fresh(place, cache), files, seed)
    assert different(content(root), wanted) == [], f"seed {seed}"
    assert reconcile(Home(root))["problems"] == []


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_cut_give_the_same_bytes(
    files: list[Sent], place: Path, cache: Path, wanted: dict[str, str], seed: int
) -> None:
    check(files, place, cache, wanted, seed)


@pytest.mark.soak
def test_two_hundred_orders_and_cuts_give_the_same_bytes(
    files: list[Sent], place: Path, cache: Path, wanted: dict[str, str]
) -> None:
    for seed in range(3, 203):
        check(files, place, cache, wanted, seed)


# Two providers of one message -------------------------------------------------------------------------------------------


def test_one_message_of_two_providers_is_one_position_and_is_said(files: list[Sent], place: Path, cache: Path) -> None:
    root = fresh(place, cache)
    first, late = (
        next(one for one in files if one.source_id == name) for name in ("noaa_marinecadastre", "nmea_aivdm")
    )
    at_once(root, [first])
    alone = {(row["vessel_id"], row["observed_at"]) for row in rows(root, "positions")}
    assert sum(row["n_repeated"] for row in rows(root, "feed_health")) == 0
    at_once(root, [late])

    heard_by: dict[str, set[tuple[Any, ...]]] = {first.source_id: set(), late.source_id: set()}
    for row in rows(root, "reports"):
        heard_by[row["source_id"]].add((row["vessel_key"], row["observed_at"]))
    both, either = set.intersection(*heard_by.values()), set.union(*heard_by.values())
    positions = Counter((row["vessel_id"], row["observed_at"]) for row in rows(root, "positions"))
    assert alone < set(positions) == either
    assert set(positions.values()) == {1}
    assert sum(row["n_repeated"] for row in rows(root, "feed_health")) == len(both) > 1000


# A list that goes back to what it was -----------------------------------------------------------------------------------


def test_a_list_that_goes_back_to_what_it_was_is_in_force_whatever_the_order(place: Path, cache: Path) -> None:
    """The bytes of the third edition are those of the first: its name says that it is the last."""
    before, between = ("NP-1,,237900001,A,,GR,,9\n",), ("NP-2,,237900002,B,,GR,,9\n",)
    editions = [
        Sent("vessel_register", f"register_2026-05-{day}.csv", f"{REGISTER_HEADER}\n", records)
        for day, records in ((13, before), (14, between), (15, before))
    ]
    for order in permutations(editions):
        root = fresh(place, cache)
        for one in order:
            ingest(root, one)
        (entry,) = intake.published(Home(root), "vessel_register").to_pylist()
        assert entry["source_ref"] == "NP-1", [one.name for one in order]
