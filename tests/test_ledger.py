"""The ledger: the accounting rule holds in the database itself, one run at a time, and every run leaves a row."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline import contracts, ledger
from pipeline.config import Home
from pipeline.errors import BusyError, SourceError

AT = datetime(2026, 5, 14, 6, tzinfo=UTC)
FILE = {
    "file_sha256": "aa",
    "source_id": "s",
    "file_name": "day.csv",
    "state": "accepted",
    "reason": None,
    "n_bytes": 10,
    "lines_in": 10,
    "accepted": 6,
    "rejected": 2,
    "duplicates": 1,
    "blank": 1,
    "sentinels": "{}",
    "first_at": AT,
    "last_at": AT,
    "received_at": AT,
}
DAY = {
    "day": "2026-05-14",
    "inputs_sha256": "i",
    "state_sha256": "s1",
    "emitted_sha256": "e",
    "health_sha256": "h",
    "n_reports": 8,
    "n_positions": 4,
    "n_rejected": 1,
    "n_repeated": 1,
    "n_surplus": 2,
}

HOLD = (
    "import sys, time; from pathlib import Path; from pipeline import ledger\n"
    "with ledger.only_one(Path(sys.argv[1]), 'day'):\n    print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger will be."""
    return tmp_path / "ledger.sqlite"


def test_records_that_add_up_are_entered(path: Path) -> None:
    with ledger.opened(path) as connection:
        ledger.insert(connection, "source_files", FILE)
    with ledger.opened(path) as connection:
        row = ledger.table(connection, "source_files").to_pylist()[0]
        assert row == FILE
        known = ledger.known_file(connection, "aa")
        assert known is not None
        assert known["accepted"] == 6
        assert ledger.known_file(connection, "bb") is None


def test_the_same_bytes_once_more_change_only_when_they_came(path: Path) -> None:
    later = AT + timedelta(hours=1)
    with ledger.opened(path) as connection:
        for sha256 in ("aa", "bb"):
            ledger.insert(connection, "source_files", {**FILE, "file_sha256": sha256})
        ledger.heard_again(connection, "aa", "0.csv", later)  # an earlier name is not kept
        rows = {row["file_sha256"]: row for row in ledger.table(connection, "source_files").to_pylist()}
    assert rows == {"aa": {**FILE, "received_at": later}, "bb": {**FILE, "file_sha256": "bb"}}


@pytest.mark.parametrize("count", ["lines_in", "accepted", "rejected", "duplicates", "blank"])
@pytest.mark.parametrize("off_by", [-1, 1])
def test_records_that_do_not_add_up_are_refused_by_the_database(path: Path, count: str, off_by: int) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="lines_in = accepted"), ledger.opened(path) as connection:
        ledger.insert(connection, "source_files", {**FILE, count: FILE[count] + off_by})  # type: ignore[operator]
    with ledger.opened(path) as connection:
        assert ledger.table(connection, "source_files").num_rows == 0


def test_an_update_cannot_break_the_rule_either(path: Path) -> None:
    with ledger.opened(path) as connection:
        ledger.insert(connection, "source_files", FILE)
    with pytest.raises(sqlite3.IntegrityError), ledger.opened(path) as connection:
        connection.execute("UPDATE source_files SET accepted = accepted + 1")


@pytest.mark.parametrize("count", ["n_reports", "n_positions", "n_rejected", "n_repeated", "n_surplus"])
@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_day_that_does_not_add_up_is_refused(path: Path, count: str, off_by: int) -> None:
    with ledger.opened(path) as connection:
        ledger.record_day(connection, DAY, 7)
    with pytest.raises(sqlite3.IntegrityError, match="n_reports = n_positions"), ledger.opened(path) as connection:
        ledger.record_day(connection, {**DAY, count: DAY[count] + off_by}, 7)  # type: ignore[operator]
    with ledger.opened(path) as connection:
        former = ledger.day_run(connection, "2026-05-14")
        assert former is not None
        assert former[count] == DAY[count]


@pytest.mark.parametrize("changed", [{"accepted": None}, {"file_sha256": None}, {"lines_in": "ten"}])
def test_types_and_nulls_are_enforced(path: Path, changed: dict[str, object]) -> None:
    with pytest.raises(sqlite3.IntegrityError), ledger.opened(path) as connection:
        ledger.insert(connection, "source_files", {**FILE, **changed})


def test_days_of_a_file_that_is_not_there_are_refused(path: Path) -> None:
    row = {"file_sha256": "nobody", "fact_table": "reports", "day": "2026-05-14", "n_accepted": 1}
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), ledger.opened(path) as connection:
        ledger.insert(connection, "file_days", row)


def test_an_error_takes_everything_back(path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), ledger.opened(path) as connection:  # noqa: PT012 two in one transaction
        ledger.insert(connection, "source_files", FILE)
        ledger.insert(connection, "source_files", FILE)
    with ledger.opened(path) as connection:
        assert ledger.known_file(connection, "aa") is None


def test_times_are_kept_in_utc_and_lists_as_json(path: Path) -> None:
    athens = timezone(timedelta(hours=3))
    decision = {
        "agency_id": "hcg",
        "alert_id": "a",
        "revision": 1,
        "is_released": True,
        "rule": "R1",
        "reason": "r",
        "fields_removed": ["mmsi", "imo"],
        "seq": None,
    }
    with ledger.opened(path) as connection:
        ledger.insert(connection, "source_files", {**FILE, "first_at": datetime(2026, 5, 14, 9, tzinfo=athens)})
        ledger.insert(connection, "release_decisions", decision)
        assert ledger.table(connection, "source_files").to_pylist()[0]["first_at"] == AT
        assert ledger.table(connection, "release_decisions").to_pylist() == [decision]


def test_a_file_name_that_is_no_utf8_can_be_entered(path: Path) -> None:
    with ledger.opened(path) as connection:
        ledger.insert(connection, "source_files", {**FILE, "file_name": os.fsdecode(b"d\xff.csv")})
        assert ledger.table(connection, "source_files").to_pylist()[0]["file_name"] == r"d\udcff.csv"


def test_many_processes_at_once_lose_nothing(path: Path) -> None:
    """Also the very first opening, when the tables are made."""
    code = (
        "import sys; from pathlib import Path; from pipeline import ledger\n"
        "sys.stdin.readline()\n"
        "for n in range(20):\n"
        "    with ledger.logged(Path(sys.argv[1]), 'ingest', str(n)): pass"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go\n")
        child.stdin.close()
        child.stdin = None
    for child in children:
        _, complaint = child.communicate(timeout=60)
        assert child.returncode == 0, complaint.decode()
    with ledger.opened(path) as connection:
        runs = ledger.table(connection, "runs").to_pylist()
    assert [run["run_id"] for run in runs] == list(range(1, 81))
    assert {run["state"] for run in runs} == {"done"}


def test_a_second_run_gets_busy_at_once_and_a_killed_one_frees_the_lock(tmp_path: Path) -> None:
    state = tmp_path / "home" / "state"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with (
            pytest.raises(BusyError, match=r"another 'day' run is at work in .*home; nothing was done, try again"),
            ledger.only_one(state, "day"),
        ):
            pytest.fail("two runs at once")
        with ledger.only_one(state, "publish"):
            pass  # another kind of work is not held up
        child.send_signal(signal.SIGKILL)
    with ledger.only_one(state, "day"):
        pass


def test_a_lock_can_be_waited_for(tmp_path: Path) -> None:
    code = HOLD.replace("sleep(60)", "sleep(0.3)")
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with ledger.only_one(tmp_path, "day", wait_s=30.0):
            pass
        assert child.wait() == 0


def test_a_failed_run_says_why(path: Path) -> None:
    with ledger.logged(path, "ingest", "s/day.csv") as counts:
        counts["accepted"] = 6
    with pytest.raises(SourceError), ledger.logged(path, "ingest", "s/bad.csv"):
        raise SourceError("bad.csv: the file is empty")
    with pytest.raises(KeyboardInterrupt), ledger.logged(path, "day", "2026-05-14"):
        raise KeyboardInterrupt
    with ledger.opened(path) as connection:
        runs = ledger.table(connection, "runs").to_pylist()
    assert [(run["run_id"], run["step"], run["subject"], run["state"]) for run in runs] == [
        (1, "ingest", "s/day.csv", "done"),
        (2, "ingest", "s/bad.csv", "failed"),
        (3, "day", "2026-05-14", "failed"),
    ]
    assert runs[0]["detail"] == '{"accepted":6}'
    assert runs[1]["detail"] == "SourceError: bad.csv: the file is empty"
    assert all(run["began_at"] <= run["finished_at"] for run in runs)


def test_a_killed_run_stays_running(path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from pipeline import ledger\n"
        "with ledger.logged(Path(sys.argv[1]), 'day', 'd'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -signal.SIGKILL
    with ledger.opened(path) as connection:
        run = ledger.table(connection, "runs").to_pylist()[0]
    assert (run["state"], run["detail"], run["finished_at"]) == ("running", None, None)


def test_a_day_is_touched_until_its_run_rests_on_all_its_files(path: Path) -> None:
    with ledger.opened(path) as connection:
        for sha256, day, table in (
            ("aa", "2026-05-14", "reports"),
            ("bb", "2026-05-15", "reports"),
            ("cc", "2026-05-16", "incidents"),
            ("dd", "2026-05-17", "static_reports"),
        ):
            ledger.insert(connection, "source_files", {**FILE, "file_sha256": sha256})
            row = {"file_sha256": sha256, "fact_table": table, "day": day, "n_accepted": 6}
            ledger.insert(connection, "file_days", row)
        assert ledger.report_days(connection) == ["2026-05-14", "2026-05-15"]
        assert ledger.days_touched(connection) == ["2026-05-14", "2026-05-15"]

        inputs = ledger.inputs(connection, "2026-05-14")
        assert inputs == {"reports": ["aa"], "static_reports": []}
        ledger.record_day(connection, {**DAY, "inputs_sha256": ledger.digest(inputs)}, 7)
        assert ledger.days_touched(connection) == ["2026-05-15"]

        ledger.insert(connection, "source_files", {**FILE, "file_sha256": "0a"})
        late = {"file_sha256": "0a", "fact_table": "reports", "day": "2026-05-14", "n_accepted": 6}
        ledger.insert(connection, "file_days", late)
        assert ledger.inputs(connection, "2026-05-14") == {"reports": ["0a", "aa"], "static_reports": []}
        assert ledger.days_touched(connection) == ["2026-05-14", "2026-05-15"]


def test_what_vessels_say_of_themselves_touches_a_day_and_incidents_do_not(path: Path) -> None:
    day = "2026-05-14"
    came = [
        ("bb", "reports", True),
        ("bb", "static_reports", True),
        ("aa", "static_reports", True),
        ("cc", "incidents", False),
        ("bb", "incidents", False),
    ]
    with ledger.opened(path) as connection:
        for sha256 in ("aa", "bb", "cc"):
            ledger.insert(connection, "source_files", {**FILE, "file_sha256": sha256})
        for sha256, table, touches in came:
            row = {"file_sha256": sha256, "fact_table": table, "day": day, "n_accepted": 6}
            ledger.insert(connection, "file_days", row)
            assert ledger.is_touched(connection, day) is touches
            assert ledger.days_touched(connection) == ([day] if touches else [])
            ledger.record_day(connection, {**DAY, "inputs_sha256": ledger.digest(ledger.inputs(connection, day))}, 7)
        assert ledger.inputs(connection, day) == {"reports": ["bb"], "static_reports": ["aa", "bb"]}
        assert ledger.files_of_day(connection, day) == {"aa", "bb", "cc"}


def test_the_digest_tells_in_which_table_a_file_is() -> None:
    files = [{"reports": ["a", "b"], "static_reports": []}, {"reports": ["a"], "static_reports": ["b"]}]
    assert ledger.digest(files[0]) != ledger.digest(files[1])
    assert ledger.digest(files[0]) == ledger.digest(dict(reversed(files[0].items())))


def test_days_know_the_run_before_and_what_is_in_force(path: Path) -> None:
    with ledger.opened(path) as connection:
        assert ledger.day_run(connection, "2026-05-14") is None
        ledger.record_day(connection, DAY, 7)
        ledger.alerts_become_due(connection, {"2026-05-14"})
        ledger.record_day(connection, {**DAY, "day": "2026-05-20", "state_sha256": "s2"}, 7)
        ledger.alerts_become_due(connection, {"2026-05-20", "2026-05-14"})
        before = ledger.day_before(connection, "2026-05-20")
        assert before is not None
        assert before["day"] == "2026-05-14", "days without data lie between"
        assert ledger.day_before(connection, "2026-05-14") is None
        assert ledger.states(connection) == {"s1", "s2"}
        ledger.record_day(connection, {**DAY, "state_sha256": "s3"}, 7)
        assert ledger.states(connection) == {"s2", "s3"}
        assert ledger.alert_days_due(connection) == ["2026-05-14", "2026-05-20"]
        ledger.alerts_made(connection, ["2026-05-14"])
        assert ledger.alert_days_due(connection) == ["2026-05-20"]


def test_every_ledger_table_is_a_contract(home: Home) -> None:
    with ledger.opened(home.ledger) as connection:
        for name in ledger.TABLES:
            assert ledger.table(connection, name).schema.equals(contracts.load(name).schema, check_metadata=True)
