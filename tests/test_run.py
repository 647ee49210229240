"""The whole line, from files to bundles: the same again, in another order, and after a kill."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline import ledger, reconcile, run
from pipeline.config import Home
from pipeline.errors import BusyError, SettingsError, SourceError
from pipeline.zones import KINDS, PACKAGED
from tests.conftest import ROOT, SAMPLE_DAY

CONTENT = ("lake", "release", "raw")


def contents(root: Path) -> dict[str, str]:
    """Hash of every file that is content: the lake, the raw store, the bundles; not who ran what and when."""
    found = {}
    for folder in CONTENT:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def fresh(root: Path, cache: Path) -> Path:
    """An empty home with the coastline at hand."""
    root.mkdir(parents=True)
    (root / "cache").symlink_to(cache)
    return root


def sample_files() -> list[Path]:
    files = sorted((ROOT / "sample_data" / "inbox").glob("*/*.csv"))
    assert len(files) >= 5
    return files


def test_a_second_run_changes_no_byte(sample_home: Path) -> None:
    before = contents(sample_home)
    assert any(name.startswith("release/hcg") for name in before)
    for path in sample_files():
        taken = run.ingest(path.parent.name, path, sample_home)
        assert not taken["is_new"]
        assert taken["days"] == []
    assert run.days_touched(sample_home) == []
    assert run.day(SAMPLE_DAY, home=sample_home)["alerts"] == {"new": 0, "update": 0, "cancel": 0}
    assert all(result["state"] == "nothing_new" for result in run.release_all(SAMPLE_DAY, sample_home)["agencies"])
    assert run.agencies_due(sample_home) == []
    assert contents(sample_home) == before


def test_files_in_any_order_and_split_into_runs_give_the_same_facts_events_and_alerts(
    finished_sample: Path, tmp_path: Path, cache: Path
) -> None:
    wanted = {
        name: digest
        for name, digest in contents(finished_sample).items()
        if name.startswith(
            (
                "lake/positions",
                "lake/tracks",
                "lake/identity_claims",
                "lake/incidents",
                "lake/feed_health",
                "lake/rejects",
            )
        )
    }
    in_force = events_in_force(finished_sample)
    for seed in range(3):
        root = fresh(tmp_path / str(seed), cache)
        files = sample_files()
        random.Random(seed).shuffle(files)
        for number, path in enumerate(files):
            run.ingest(path.parent.name, path, root)
            if (number + seed) % 2:
                run.day(SAMPLE_DAY, home=root)
        run.day(SAMPLE_DAY, home=root)
        found = contents(root)
        assert {name: found[name] for name in wanted} == wanted
        assert events_in_force(root) == in_force


def events_in_force(root: Path) -> list[dict[str, object]]:
    from pipeline import store

    rows = store.read(store.parts(root / "lake", "events"), "events").to_pylist()
    return [row for row in rows if row["state"] != "retracted"]


def test_a_day_without_data_is_no_failure_and_says_so(sample_home: Path) -> None:
    before = contents(sample_home)
    done = run.day("2026-05-15", until="2026-05-16", home=sample_home)
    assert done["no_input"] == ["2026-05-15", "2026-05-16"]
    assert done["days"] == []
    assert contents(sample_home) == before


@pytest.mark.parametrize("written", ["14.05.2026", "2026-02-30", "", "../etc"])
def test_a_day_that_is_none_is_refused(sample_home: Path, written: str) -> None:
    with pytest.raises(SettingsError, match="a day is written like 2026-05-14"):
        run.day(written, home=sample_home)
    with pytest.raises(SettingsError, match="a day is written like 2026-05-14"):
        run.release(written, "hcg", sample_home)


def test_the_last_day_may_not_lie_before_the_first(sample_home: Path) -> None:
    with pytest.raises(SettingsError, match="lies before the first"):
        run.day("2026-05-14", until="2026-05-13", home=sample_home)


def test_a_second_run_at_the_same_time_is_refused_and_loses_nothing(sample_home: Path) -> None:
    before = contents(sample_home)
    with ledger.only_one(sample_home / "state", "day"), pytest.raises(BusyError, match="nothing was done, try again"):
        run.day(SAMPLE_DAY, home=sample_home)
    assert contents(sample_home) == before
    run.day(SAMPLE_DAY, home=sample_home)


def test_an_inbox_with_one_bad_file_takes_the_others(tmp_path: Path, cache: Path) -> None:
    root = fresh(tmp_path / "home", cache)
    shutil.copytree(ROOT / "sample_data" / "inbox", root / "inbox")
    (root / "inbox" / "coastal_radar" / "broken.csv").write_text("sensor,track\n1,2\n")
    (root / "inbox" / "nobody").mkdir()
    (root / "inbox" / "nobody" / "what.csv").write_text("a,b\n1,2\n")
    for path in (root / "inbox").glob("*/*"):
        os.utime(path, (time.time() - 60, time.time() - 60))
    done = run.inbox(root)
    assert len(done["taken"]) == len(sample_files())
    assert len(done["refused"]) == 2
    assert "broken.csv: line 1: header differs" in done["refused"][0]
    assert "unknown source 'nobody'" in done["refused"][1]
    left = [path.name for path in (root / "inbox").glob("*/*")]
    assert left == ["what.csv"], "an unknown source's file stays where it is"
    assert run.summary(root)["quarantined"] == 1


def test_a_zone_file_that_cannot_be_used_is_named_and_the_former_one_stays_in_force(sample_home: Path) -> None:
    zones = sample_home / "reference" / "zones"
    zones.mkdir(parents=True)
    (zones / "corridor_lesvos.geojson").write_text("{not json")
    refused = run.refused_reference(sample_home)
    assert len(refused) == 1
    assert refused[0].startswith("corridor_lesvos.geojson: ")
    assert {"corridor_lesvos", "corridor_samos"} <= {corridor.zone_id for corridor in run.sea(sample_home).corridors}


def test_an_agency_file_that_cannot_be_used_sends_nothing_to_it_and_all_to_the_others(
    tmp_path: Path, finished_sample: Path
) -> None:
    root = Path(
        shutil.copytree(finished_sample, tmp_path / "home", symlinks=True, ignore=shutil.ignore_patterns("release"))
    )
    for table in ("releases", "release_decisions"):
        with ledger.opened(root / "ledger.sqlite") as connection:
            connection.execute(f"DELETE FROM {table}")
    (root / "reference" / "agencies").mkdir(parents=True)
    (root / "reference" / "agencies" / "hcg.toml").write_text("title = ")
    done = run.release_all(SAMPLE_DAY, root)
    assert [line for line in done["refused"] if "hcg.toml" in line] == done["refused"] != []
    assert not (root / "release" / "hcg").exists()
    assert {result["agency_id"] for result in done["agencies"]} == {"mrcc_ankara", "mrcc_piraeus"}
    with pytest.raises(SettingsError, match="unknown agency 'hgc', nothing was sent"):
        run.release(SAMPLE_DAY, "hgc", root)


def test_what_came_in_reconciles(finished_sample: Path) -> None:
    found = reconcile.reconcile(Home(finished_sample))
    assert found["problems"] == []
    assert found["ok"]
    assert found["records"]["lines_in"] == sum(path.read_bytes().count(b"\n") - 1 for path in sample_files())


def test_an_unknown_file_is_refused(sample_home: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        run.ingest("coastal_radar", sample_home / "nowhere.csv", sample_home)


WORK = """
import sys
from pathlib import Path
from pipeline import run
root = sys.argv[1]
for path in sys.argv[2:]:
    run.ingest(Path(path).parent.name, path, root)
run.day("2026-05-14", home=root)
run.publish(root)
run.release_all("2026-05-14", root)
"""


def killed_runs_end_like_an_undisturbed_one(wanted: dict[str, str], root: Path, kills: int, seed: int) -> None:
    """Kill the whole line at random moments, then let it end: the same bytes."""
    moments = random.Random(seed)
    command = [sys.executable, "-c", WORK, str(root), *map(str, sample_files())]
    usual_s = 0.0
    for _ in range(2):  # the first time warms up
        began = time.monotonic()
        subprocess.run(command, check=True, cwd=ROOT)
        usual_s = time.monotonic() - began
        for folder in (*CONTENT, "state"):
            shutil.rmtree(root / folder)
        for path in root.glob("*.sqlite*"):
            path.unlink()
    landed = 0
    for _ in range(kills):
        with subprocess.Popen(command, cwd=ROOT) as process:
            time.sleep(moments.uniform(0.3, 0.9) * usual_s)
            landed += process.poll() is None
            process.send_signal(signal.SIGKILL)
    assert landed >= kills / 2, "most kills should hit a run at work"
    subprocess.run(command, check=True, cwd=ROOT)
    assert contents(root) == wanted


def test_killed_runs_end_like_an_undisturbed_one(finished_sample: Path, tmp_path: Path, cache: Path) -> None:
    killed_runs_end_like_an_undisturbed_one(contents(finished_sample), fresh(tmp_path / "home", cache), kills=4, seed=1)


@pytest.mark.soak
def test_many_killed_runs_end_like_an_undisturbed_one(finished_sample: Path, tmp_path: Path, cache: Path) -> None:
    killed_runs_end_like_an_undisturbed_one(
        contents(finished_sample), fresh(tmp_path / "home", cache), kills=100, seed=2
    )


KILLED_AT = """
import os, sys
from pipeline import events, ledger, run, store
where = {"ledger.record_day": ledger, "ledger.alerts_made": ledger, "store.write": store, "events.in_force": events}[sys.argv[2]]
setattr(where, sys.argv[2].split(".")[1], lambda *_: os._exit(9))
run.day(sys.argv[3], home=sys.argv[1])
"""


@pytest.mark.parametrize(
    "step", ["undisturbed", "store.write", "events.in_force", "ledger.record_day", "ledger.alerts_made"]
)
def test_a_retraction_survives_a_kill(tmp_path: Path, cache: Path, step: str) -> None:
    """A boat vanished, and was announced; a late file shows that it did not. The run that finds out is killed at a step of its own, and run again."""
    root, day = fresh(tmp_path / "home", cache), "2026-05-20"
    story = ROOT / "sample_data" / "scenarios" / "dark_crossing_vanished"
    for path in sorted((story / "input").glob("*/*.csv")):
        run.ingest(path.parent.name, path, root)
    run.day(day, home=root)
    run.release_all(day, root)
    vanished = [row for row in events_in_force(root) if '"rule":"b_vanish"' in str(row["evidence"])]
    assert len(vanished) == 1

    radar = next((story / "input" / "coastal_radar").glob("*.csv"))
    header, *rows = radar.read_text(encoding="utf-8").splitlines()
    number = str(vanished[0]["track_id"]).split(":")[2]
    last = [row.split(",") for row in rows if row.split(",")[1] == number][-1]
    began = datetime.fromisoformat(last[2])
    end = max(datetime.fromisoformat(row.split(",")[2]) for row in rows)
    late = []
    while (began := began + timedelta(minutes=1)) <= end:
        late.append(",".join([*last[:2], f"{began:%Y-%m-%dT%H:%M:%SZ}", *last[3:]]))
    (tmp_path / "late.csv").write_text("\n".join([header, *late, ""]))
    run.ingest("coastal_radar", tmp_path / "late.csv", root)
    if step != "undisturbed":
        killed = subprocess.run([sys.executable, "-c", KILLED_AT, root, step, day], cwd=ROOT, check=False)
        assert killed.returncode == 9
    run.day(day, home=root)
    assert not [row for row in events_in_force(root) if row["event_id"] == vanished[0]["event_id"]]
    done = run.release_all(day, root)
    assert done["refused"] == []
    text = "".join(path.read_text(encoding="utf-8") for path in (root / "release").glob("mrcc_*/*/*/data/sitrep.txt"))
    assert text.count("CANCEL") >= 1
    assert reconcile.reconcile(Home(root))["ok"]


AIS_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"


def ais(path: Path, day: str, hours: dict[int, range], every_min: int = 10) -> Path:
    """A file in which vessel n lies at its place in the open Aegean and is heard in its hours."""
    rows = [
        f"{237000000 + n},{day}T{hour:02}:{minute:02}:{n:02},{38.5 + n * 0.01:.5f},25.5,0.1,360.0,511.0,,,,70.0,0.0,90.0,,,,A"
        for n, heard in hours.items()
        for hour in heard
        for minute in range(0, 60, every_min)
    ]
    path.write_text("\n".join([AIS_HEADER, *rows, ""]))
    return path


def two_days_and_a_late_file(root: Path, folder: Path) -> None:
    """Two days that have run, and a late file for the first one that moves a gap over midnight."""
    folder.mkdir()
    everybody = {n: range(24) for n in range(1, 6)}
    first = ais(folder / "first.csv", "2026-05-20", {**everybody, 0: range(22)})
    second = ais(folder / "second.csv", "2026-05-21", {**everybody, 0: range(3, 24)})
    for path in (first, second):
        run.ingest("noaa_marinecadastre", path, root)
    run.day("2026-05-20", "2026-05-21", root)
    run.ingest("noaa_marinecadastre", ais(folder / "late.csv", "2026-05-20", {0: range(22, 23)}), root)


KILLED_IN_THE_SECOND_DAY = """
import os, sys
from pipeline import run
whole, days = run.one_day, []
def one_day(home, name):
    days.append(name)
    return whole(home, name) if len(days) == 1 else os._exit(9)
run.one_day = one_day
run.day("2026-05-20", home=sys.argv[1])
"""


def test_a_kill_between_two_days_leaves_the_second_to_be_done(tmp_path: Path, cache: Path) -> None:
    undisturbed, root = fresh(tmp_path / "undisturbed", cache), fresh(tmp_path / "killed", cache)
    two_days_and_a_late_file(undisturbed, tmp_path / "a")
    two_days_and_a_late_file(root, tmp_path / "b")
    assert run.day("2026-05-20", home=undisturbed)["days"] == ["2026-05-20", "2026-05-21"]
    killed = subprocess.run([sys.executable, "-c", KILLED_IN_THE_SECOND_DAY, root], cwd=ROOT, check=False)
    assert killed.returncode == 9
    assert run.days_touched(root) == ["2026-05-21"]
    for day in run.days_touched(root):
        run.day(day, home=root)
    gaps = [event for event in events_in_force(root) if event["event_type"] == "ais_gap"]
    assert len(gaps) == 1
    assert (str(gaps[0]["started_at"])[:16], str(gaps[0]["ended_at"])[:16]) == ("2026-05-20 22:50", "2026-05-21 03:00")
    assert events_in_force(root) == events_in_force(undisturbed)
    assert run.days_touched(root) == []


def test_days_are_judged_again_when_what_was_usual_before_them_has_changed(tmp_path: Path, cache: Path) -> None:
    root, folder = fresh(tmp_path / "home", cache), tmp_path / "files"
    folder.mkdir()
    days = [f"2026-05-{20 + n}" for n in range(5)]
    for day in days:
        run.ingest("noaa_marinecadastre", ais(folder / f"{day}.csv", day, {n: range(24) for n in range(3)}), root)
    run.day(days[0], days[-1], root)
    run.ingest("noaa_marinecadastre", ais(folder / "late.csv", days[0], {9: range(2, 3)}), root)
    assert run.day(days[0], home=root)["days"] == days, (
        "one more vessel heard moves the baseline of the seven days after it"
    )
    assert run.days_touched(root) == []


def test_a_zone_file_that_becomes_bad_stays_in_force_as_it_was_until_it_is_taken_away(home: Home) -> None:
    """And the first to open the sea after that knows it."""
    path = home.reference / "zones" / "mine.geojson"
    path.parent.mkdir()
    packaged = json.loads((PACKAGED / "zones" / "srr_turkey.geojson").read_text(encoding="utf-8"))
    packaged["features"][0]["properties"] |= {"zone_id": "srr_mine", "title": "Mine"}
    good = json.dumps(packaged)

    def mine() -> list[str]:
        return [zone.title for zone in run.sea(home).zones if zone.zone_id == "srr_mine"]

    path.write_text(good, encoding="utf-8")
    assert (mine(), run.refused_reference(home)) == (["Mine"], [])
    path.write_text(good.replace('"srr"', '"moon"'), encoding="utf-8")
    assert mine() == ["Mine"]
    assert run.refused_reference(home) == [
        "mine.geojson: 'srr_mine': unknown kind 'moon' (one of " + ", ".join(KINDS) + ")"
    ]
    path.write_text(good.replace("Mine", "Redrawn"), encoding="utf-8")
    assert mine() == ["Redrawn"]
    path.unlink()
    assert mine() == []
    assert run.refused_reference(home) == []
