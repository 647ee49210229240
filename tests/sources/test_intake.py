"""One file into the lake: all of it or nothing, and every record accounted for."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import config, ledger, run, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sea import Sea
from pipeline.sources import intake

RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
RADAR_HEADER = "sensor_id,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m"
IOM_HEADER = sources.load(Home(Path("no home")), "iom_missing_migrants").offered or []


def radar(
    number: object = 1, at: str = "2026-05-14T06:00:00Z", lat: object = 39.1, lon: object = 26.3, rest: str = "5,90,9"
) -> str:
    """One record of a radar."""
    return f"lesvos-n,{number},{at},{lat},{lon},{rest}"


def radars(n: int) -> list[str]:
    """Good records of a radar, each another."""
    return [radar(number) for number in range(n)]


def incident(**changed: str) -> str:
    """One record of the IOM's file."""
    fields = {
        "Main ID": "m1",
        "incident_date_clean": "2026-05-14",
        "incident_date_precision": "day",
        "Latitude": "36.0",
        "Longitude": "25.0",
        "Cause of death (category)": "Drowning",
        "No. dead": "1",
    }
    return ",".join({**fields, **changed}.get(name, "") for name in IOM_HEADER)


def write(folder: Path, lines: list[str], header: str = RADAR_HEADER, name: str = "day.csv") -> Path:
    """A provider's file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def take(home: Home, tmp_path: Path, sea: Sea) -> Callable[..., dict[str, Any]]:
    """Take a file of these lines in, as received on 15 May 2026 at 12:00."""

    def taking(
        lines: list[str], source_id: str = "coastal_radar", header: str = RADAR_HEADER, name: str = "day.csv"
    ) -> dict[str, Any]:
        if source_id == "iom_missing_migrants":
            header = ",".join(IOM_HEADER)
        return intake.take(home, source_id, write(tmp_path / "from", lines, header, name), RECEIVED, lambda: sea)

    return taking


def rows(home: Home, table: str, partition: str = "*") -> list[dict[str, Any]]:
    """What the lake holds of a table."""
    found: list[dict[str, Any]] = store.read(store.parts(home.lake, table, partition), table).to_pylist()
    return found


def files(home: Home) -> list[dict[str, Any]]:
    """The ledger's rows of files."""
    with ledger.opened(home.ledger) as connection:
        found: list[dict[str, Any]] = ledger.table(connection, "source_files").to_pylist()
        return found


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# All or nothing -------------------------------------------------------------------------------------------------------


def test_ledger_and_lake_agree(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    lines = [*radars(40), radar(3), "", radar(lat=95), radar(50, at="2026-05-13T23:59:59Z"), "short,1"]
    taken = take(lines)
    counts = {"lines_in": 45, "accepted": 41, "rejected": 2, "duplicates": 1, "blank": 1}
    assert {name: taken[name] for name in counts} == counts
    assert taken["days"] == ["2026-05-13", "2026-05-14"]
    assert (taken["is_new"], taken["fact_tables"], taken["state"]) == (True, ["reports"], "accepted")

    (entered,) = files(home)
    assert {name: entered[name] for name in counts} == counts
    assert entered["n_bytes"] == (home.root.parent / "from" / "day.csv").stat().st_size
    assert entered["first_at"] == datetime(2026, 5, 13, 23, 59, 59, tzinfo=UTC)
    assert entered["last_at"] == datetime(2026, 5, 14, 6, tzinfo=UTC)
    assert store.raw_path(home.raw, entered["file_sha256"]).is_file()
    with ledger.opened(home.ledger) as connection:
        days = {row["day"]: row["n_accepted"] for row in connection.execute("SELECT * FROM file_days")}
    assert days == {"2026-05-13": 1, "2026-05-14": 40}
    assert {day: len(rows(home, "reports", f"day={day}")) for day in days} == days
    assert [(row["line"], row["stage"], row["reason"], row["raw"]) for row in rows(home, "rejects")] == [
        (44, "ingest", "out_of_area", lines[42]),
        (46, "ingest", "bad_field_count", "short,1"),
    ]


def test_every_report_knows_its_file_and_line(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    taken = take([radar(7), "", radar(8), radar(7), radar(9)])
    assert {row["vessel_key"]: row["line"] for row in rows(home, "reports")} == {
        "radar:lesvos-n:7": 2,
        "radar:lesvos-n:8": 4,
        "radar:lesvos-n:9": 6,
    }
    assert {row["file_sha256"] for row in rows(home, "reports")} == {taken["file_sha256"]}


@pytest.mark.parametrize(
    ("header", "lines", "said"),
    [
        (
            RADAR_HEADER.replace("lat,lon", "lon,lat"),
            radars(3),
            "columns in another order: column 4 is lon, the contract says lat",
        ),
        (RADAR_HEADER.replace("track_no", "track"), radars(3), "missing track_no; not in the contract: track"),
    ],
)
def test_a_file_that_differs_is_refused_whole_and_kept(
    home: Home, take: Callable[..., dict[str, Any]], header: str, lines: list[str], said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        take(lines, header=header)
    (entered,) = files(home)
    assert entered["state"] == "quarantined"
    assert said in entered["reason"]
    assert entered["lines_in"] == 0
    assert store.raw_path(home.raw, entered["file_sha256"]).is_file()
    assert snapshot(home.lake) == {}


def test_a_truncated_file_is_refused_whole(home: Home, tmp_path: Path, sea: Sea) -> None:
    path = write(tmp_path, radars(100))
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(SourceError, match=r"day\.csv: ends in the middle of line 101: the file is truncated"):
        intake.take(home, "coastal_radar", path, RECEIVED, lambda: sea)
    assert snapshot(home.lake) == {}
    assert path.exists(), "a file outside the inbox is the user's"


def test_nothing_of_a_missing_file_or_an_unknown_source(home: Home, tmp_path: Path, sea: Sea) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv: no such file; nothing was taken in"):
        intake.take(home, "coastal_radar", tmp_path / "gone.csv", RECEIVED, lambda: sea)
    path = write(home.inbox / "nobody", radars(3))
    with pytest.raises(SourceError, match=r"unknown source 'nobody'; `pharos list sources` .*, or add .*nobody\.toml"):
        intake.take(home, "nobody", path, RECEIVED, lambda: sea)
    assert path.exists(), "nothing is lost"
    assert files(home) == []
    assert snapshot(home.raw) == {}


def test_a_file_that_is_still_being_written_is_left_where_it_is(home: Home, sea: Sea) -> None:
    path, is_done = write(home.inbox / "coastal_radar", radars(20_000)), threading.Event()

    def append() -> None:
        with path.open("ab", buffering=0) as file:
            while not is_done.is_set():
                file.write(b"\n")

    writer = threading.Thread(target=append)
    writer.start()
    try:
        with pytest.raises(SourceError, match=r"day\.csv: is still being written; it stays where it is"):
            intake.take(home, "coastal_radar", path, RECEIVED, lambda: sea)
    finally:
        is_done.set()
        writer.join()
    assert files(home) == []
    assert snapshot(home.lake) == {}
    assert intake.take(home, "coastal_radar", path, RECEIVED, lambda: sea)["accepted"] == 20_000


def test_a_link_is_not_followed(home: Home, tmp_path: Path, sea: Sea) -> None:
    target = write(tmp_path / "elsewhere", radars(3))
    link = home.inbox / "coastal_radar" / "day.csv"
    link.parent.mkdir()
    link.symlink_to(target)
    with pytest.raises(SourceError, match="not a regular file"):
        intake.take(home, "coastal_radar", link, RECEIVED, lambda: sea)
    assert target.exists()
    assert files(home) == []


def test_a_file_name_of_any_bytes_is_taken_in(home: Home, tmp_path: Path, sea: Sea) -> None:
    """No traceback, no second line in a message, no path out of the home."""
    for name in (b"d\xffy.csv", b"a\nb.csv", b"..csv", b"'; DROP TABLE source_files; --.csv", b"\xe2\x80\xa8.csv"):
        path = write(tmp_path, [radar(name.hex())], name=os.fsdecode(name))
        assert intake.take(home, "coastal_radar", path, RECEIVED, lambda: sea)["accepted"] == 1
        wrong = write(tmp_path, [], name=os.fsdecode(b"2" + name))
        with pytest.raises(SourceError) as raised:
            intake.take(home, "noaa_marinecadastre", wrong, RECEIVED, lambda: sea)
        assert str(raised.value).isprintable()
    assert Counter(row["state"] for row in files(home)) == {"accepted": 5, "quarantined": 1}


# What would become of it ----------------------------------------------------------------------------------------------


def test_a_check_says_what_taking_in_would_do_and_does_nothing(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    lines = [*radars(230), radar(3), "", radar(90, lat=95), *["short"] * 9, "a,b", radar(91, rest="5,360,0")]
    path = write(home.inbox / "coastal_radar", lines)
    before = snapshot(home.root)
    found = intake.check(home, "coastal_radar", path, RECEIVED)
    assert snapshot(home.root) == before
    first = found["rejects"][0]
    assert first == {"line": 234, "item": 1, "reason": "out_of_area", "raw": lines[232]}
    assert [row["line"] for row in found["rejects"]] == list(range(234, 244)), "the first ten"
    assert found["reasons"] == {"bad_field_count": 10, "out_of_area": 1}
    assert found["sentinels"] == {"cog_deg": 1, "length_m": 1}
    assert found["rows"] == {"reports": 231}
    taken = take(lines)
    counts = ("lines_in", "accepted", "rejected", "duplicates", "blank", "first_at", "last_at")
    assert {name: found[name] for name in counts} == {name: taken[name] for name in counts}


def test_a_check_refuses_what_taking_in_would_refuse(home: Home, tmp_path: Path) -> None:
    faulty = write(tmp_path, ["short"] * 9)
    before = snapshot(home.root)
    for path, said in (
        (faulty, r"day\.csv: 9 of 9 records faulty"),
        (tmp_path / "gone.csv", r"gone\.csv: no such file"),
        (tmp_path, "no such file"),
    ):
        with pytest.raises(SourceError, match=said):
            intake.check(home, "coastal_radar", path, RECEIVED)
    assert snapshot(home.root) == before


# The same bytes again -------------------------------------------------------------------------------------------------


def test_the_same_bytes_again_are_known_and_change_nothing(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    first = take([*radars(40), radar(lat=95)])
    before = snapshot(home.lake), snapshot(home.raw), files(home)
    again = take([*radars(40), radar(lat=95)], name="another.csv")
    assert (again["is_new"], again["days"], again["file_name"]) == (False, [], "day.csv")
    assert {name: again[name] for name in ("lines_in", "accepted", "rejected")} == {
        name: first[name] for name in ("lines_in", "accepted", "rejected")
    }
    assert (snapshot(home.lake), snapshot(home.raw), files(home)) == before


def test_the_same_bytes_under_another_source_are_refused(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    take(radars(3))
    other = home.reference / "sources" / "other_radar.toml"
    other.parent.mkdir()
    other.write_text((config.PACKAGED_REFERENCE / "sources" / "coastal_radar.toml").read_text())
    path = write(home.inbox / "other_radar", radars(3))
    before = snapshot(home.lake), files(home)
    with pytest.raises(
        SourceError, match=r"these bytes came in before as coastal_radar \(day\.csv\); one file has one source"
    ):
        intake.take(home, "other_radar", path, RECEIVED, lambda: pytest.fail("no sea needed"))
    assert (snapshot(home.lake), files(home)) == before
    assert not path.exists(), "its bytes are kept, so it does not lie in the inbox to be refused again and again"


def test_records_that_another_file_brought_are_accepted(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    """They are stored once by the tracks step; the file's own account does not depend on what came before."""
    take(radars(10))
    second = take([*radars(10), radar(99)], name="second.csv")
    assert (second["accepted"], second["duplicates"]) == (11, 0)
    assert len(rows(home, "reports")) == 21


# Quarantine by share --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_records", "n_bad", "share", "refused"),
    [
        (40, 2, "0.05", False),
        (40, 3, "0.05", True),
        (39, 2, "0.05", True),
        (100, 29, "0.29", False),  # 0.29 * 100 is less than 29 in binary
        (100, 30, "0.29", True),
        (1, 1, "0.05", True),
        (2, 1, "0.05", False),  # one bad record beside others is no share
        (10, 1, "0.05", False),
        (10, 2, "0.05", True),
        (3, 3, "1.0", False),
    ],
)
def test_the_share_of_rejects_that_refuses_a_file(
    home: Home, take: Callable[..., dict[str, Any]], n_records: int, n_bad: int, share: str, refused: bool
) -> None:
    path = home.reference / "sources" / "coastal_radar.toml"
    path.parent.mkdir()
    packaged = (config.PACKAGED_REFERENCE / "sources" / "coastal_radar.toml").read_text()
    path.write_text(packaged.replace("max_reject_share = 0.05", f"max_reject_share = {share}"))
    lines = [*radars(n_records - n_bad), "", *([radar(lat=95)] * (n_bad - 1)), "short"]
    if not refused:
        assert take(lines)["rejected"] == n_bad
        return
    most = "out_of_area" if n_bad > 2 else "bad_field_count"
    with pytest.raises(
        SourceError, match=rf"day\.csv: {n_bad} of {n_records} records faulty, more than the .*; most often {most} \("
    ):
        take(lines)
    assert snapshot(home.lake) == {}
    assert files(home)[0]["state"] == "quarantined"


def test_a_quarantined_file_can_be_taken_in_after_the_contract_was_corrected(
    home: Home, take: Callable[..., dict[str, Any]]
) -> None:
    header = RADAR_HEADER.replace("track_no", "track")
    with pytest.raises(SourceError):
        take(radars(5), header=header)
    path = home.reference / "sources" / "coastal_radar.toml"
    path.parent.mkdir()
    path.write_text(
        (config.PACKAGED_REFERENCE / "sources" / "coastal_radar.toml").read_text().replace('"track_no"', '"track"')
    )
    taken = take(radars(5), header=header)
    assert (taken["is_new"], taken["accepted"]) == (True, 5)
    (entered,) = files(home)
    assert (entered["state"], entered["reason"], entered["lines_in"]) == ("accepted", None, 5)


# A new dialect --------------------------------------------------------------------------------------------------------

DIALECT = """
title = "A harbour's radar"
table = "reports"
format = "delimited"
[delimited]
delimiter = "\\t"
encoding = "utf-8"
header = ["Nr", "Zeit", "Breite", "Laenge", "Fahrt", "Kurs", "Radar", "Klasse"]
quotes = true
line_breaks = true
ends_with_newline = false
[identity]
kind = "radar"
fields = ["Radar", "Nr"]
[columns]
observed_at = { field = "Zeit", time = "%d.%m.%Y %H:%M:%S" }
lat = { field = "Breite", unit = "deg" }
lon = { field = "Laenge", unit = "deg" }
sog_kn = { field = "Fahrt", unit = "0.1 kn", sentinels = [1023.0] }
cog_deg = { field = "Kurs", unit = "deg", unknown = ["-", "n/a"] }
transceiver = { field = "Klasse", words = { "erste" = "A", "zweite" = "B" } }
[label]
originator = "a harbour"
tlp = "AMBER"
rel_to = ["hcg"]
onward_sharing = false
licence = "own"
attribution = "a harbour"
[limits]
max_reject_share = 0.5
cadence = "daily"
usual_pause_s = 60.0
"""


def test_a_new_dialect_needs_a_file_and_no_code(home: Home, tmp_path: Path, sea: Sea) -> None:
    (home.reference / "sources").mkdir()
    (home.reference / "sources" / "harbour.toml").write_text(DIALECT, encoding="utf-8")
    path = tmp_path / "tag.tsv"
    path.write_text(
        "Nr\tZeit\tBreite\tLaenge\tFahrt\tKurs\tRadar\tKlasse\r\n"
        '1\t14.05.2026 06:07:08\t39.1\t26.3\t123\t-\t"Mole\nNord"\terste\r\n'
        "2\t14.05.2026 06:07:08\t39.1\t26.3\t1023\t90\tMole\tzweite\r\n"
        "3\t2026-05-14 06:07:08\t39.1\t26.3\t50\t90\tMole\tdritte\r\n"
        "4\t14.05.2026 06:07:09\t39.1\t26.3\t50\tn/a\tMole\t",
        encoding="utf-8",
    )
    taken = intake.take(home, "harbour", path, RECEIVED, lambda: sea)
    assert (taken["lines_in"], taken["accepted"], taken["rejected"]) == (4, 3, 1)
    assert json.loads(taken["sentinels"]) == {"cog_deg": 2, "sog_kn": 1}
    found = {row["vessel_key"]: row for row in rows(home, "reports")}
    assert set(found) == {"radar:Mole\nNord:1", "radar:Mole:2", "radar:Mole:4"}
    assert found["radar:Mole\nNord:1"]["sog_kn"] == pytest.approx(12.3)
    assert found["radar:Mole:2"]["observed_at"] == datetime(2026, 5, 14, 6, 7, 8, tzinfo=UTC)
    assert [found[f"radar:Mole:{n}"]["transceiver"] for n in (2, 4)] == ["B", None]
    assert [(row["line"], row["reason"]) for row in rows(home, "rejects")] == [(5, "bad_time")]
    assert found["radar:Mole:4"]["line"] == 6


# Incidents ------------------------------------------------------------------------------------------------------------


def test_incidents_lie_by_file(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    lines = [incident(), incident(**{"Main ID": "m2", "incident_date_clean": "2026-05-01"})]
    taken = take(lines, "iom_missing_migrants")
    assert (taken["accepted"], taken["days"], taken["fact_tables"]) == (2, ["2026-05-01", "2026-05-14"], ["incidents"])
    assert [path.parent.name for path in store.parts(home.lake, "incidents")] == [f"file={taken['file_sha256'][:16]}"]
    assert [row["source_ref"] for row in rows(home, "incidents")] == ["m2", "m1"]


def test_two_incidents_of_one_reference_cannot_both_hold(home: Home, take: Callable[..., dict[str, Any]]) -> None:
    """
    The same record twice is a duplicate; another one under the same reference is rejected, and the first stays. Of the rejected one no text is kept,
    for the source may name persons.
    """
    other = incident(**{"No. dead": "7"})
    taken = take([incident(), incident(), other, incident(**{"Main ID": "m2"})], "iom_missing_migrants")
    assert {name: taken[name] for name in ("lines_in", "accepted", "rejected", "duplicates")} == {
        "lines_in": 4,
        "accepted": 2,
        "rejected": 1,
        "duplicates": 1,
    }
    assert {row["source_ref"]: row["dead"] for row in rows(home, "incidents")} == {"m1": 1, "m2": 1}
    assert [(row["line"], row["reason"], row["raw"]) for row in rows(home, "rejects")] == [
        (4, "conflicting_reference", "")
    ]


def test_a_conflicting_record_is_kept_as_it_came_where_nobody_is_named(
    home: Home, take: Callable[..., dict[str, Any]]
) -> None:
    header = "reported_at,lon,lat,n_craft,n_people,length_m,reference,watch"
    first, other = (f"2026-05-14T06:00:00Z,26.3,39.1,{n},,,s1,pier" for n in (1, 2))
    taken = take([first, other], "visual_sightings", header)
    assert (taken["accepted"], taken["rejected"], taken["fact_tables"]) == (1, 1, ["detections"])
    assert [(row["line"], row["reason"], row["raw"]) for row in rows(home, "rejects")] == [
        (3, "conflicting_reference", other)
    ]


# The inbox ------------------------------------------------------------------------------------------------------------


def test_only_complete_files_wait(home: Home) -> None:
    now = datetime.now(UTC)
    folder = home.inbox / "coastal_radar"

    def put(name: str, age_s: float) -> None:
        at = (now - timedelta(seconds=age_s)).timestamp()
        os.utime(write(folder, radars(1), name=name), (at, at))

    put("settled.csv", 60)
    put("just_settled.csv", intake.SETTLED_S)
    put("fresh.csv", intake.SETTLED_S - 0.5)
    put("fresh_but_done.csv", 0)
    put("fresh_but_done.csv.done", 0)
    put("of_a_fast_clock.csv", -3600)
    put("uploading.csv.part", 60)
    put("uploading.csv.tmp", 60)
    put(".hidden.csv", 60)
    (folder / "a_folder").mkdir()
    (folder / "gone.csv").symlink_to(folder / "nowhere")
    write(home.inbox, radars(1), name="in_no_folder.csv")
    waiting = [(source_id, path.name) for source_id, path in intake.waiting(home, now)]
    assert waiting == [("coastal_radar", name) for name in ("fresh_but_done.csv", "just_settled.csv", "settled.csv")]


def test_files_wait_in_order_of_source_and_name(home: Home) -> None:
    for source_id, name in (("b", "1.csv"), ("a", "2.csv"), ("a", "1.csv")):
        write(home.inbox / source_id, [], name=name)
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert [(source_id, path.name) for source_id, path in intake.waiting(home, later)] == [
        ("a", "1.csv"),
        ("a", "2.csv"),
        ("b", "1.csv"),
    ]


@pytest.mark.parametrize("lines", [radars(3), ["short"] * 9])
def test_a_file_leaves_the_inbox_with_its_marker_once_its_bytes_are_kept(
    home: Home, sea: Sea, lines: list[str]
) -> None:
    path = write(home.inbox / "coastal_radar", lines)
    marker = path.with_name("day.csv.done")
    marker.touch()
    try:
        intake.take(home, "coastal_radar", path, RECEIVED, lambda: sea)
    except SourceError:
        assert lines[0] == "short"
    assert not path.exists()
    assert not marker.exists()
    assert store.raw_path(home.raw, files(home)[0]["file_sha256"]).is_file()


def test_one_bad_file_does_not_hold_up_the_inbox(home: Home) -> None:
    write(home.inbox / "coastal_radar", ["short"] * 9, name="1.csv")
    write(home.inbox / "coastal_radar", radars(3), name="2.csv")
    write(home.inbox / "nobody", radars(4), name="3.csv")
    for path in home.inbox.glob("*/*"):
        os.utime(path, (0, 0))
    answer = run.inbox(home)
    assert [file["file_name"] for file in answer["taken"]] == ["2.csv"]
    assert len(answer["refused"]) == 2
    assert any(
        "most often bad_field_count (another number of fields than the header): 9, first on line 2" in line
        for line in answer["refused"]
    )
    assert any("unknown source 'nobody'" in line for line in answer["refused"])


# Kills and company ----------------------------------------------------------------------------------------------------

# For each line "<root> <n>" on its input: a fork takes the file of that home in and is killed at its n-th step; says the status.
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.config import Home
from pipeline.sources import intake

def take(root, left):
    def count(event, args):
        nonlocal left
        if event in ("os.rename", "os.remove", "sqlite3.connect"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    home = Home(Path(root))
    intake.take(home, "coastal_radar", home.inbox / "coastal_radar" / "day.csv", datetime(2026, 5, 15, 12, tzinfo=UTC), None)

for line in sys.stdin:
    root, left = line.split()
    child = os.fork()
    if not child:
        take(root, int(left))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def test_a_kill_at_every_step_loses_nothing(home: Home, tmp_path: Path) -> None:
    """Killed before each rename, removal and ledger transaction in turn; the next run gives what an undisturbed run gives."""
    lines = [*radars(40), radar(lat=95), radar(77, at="2026-05-13T06:00:00Z")]
    undisturbed = Home(tmp_path / "undisturbed")
    undisturbed.create()
    whole = intake.take(undisturbed, "coastal_radar", write(tmp_path, lines), RECEIVED, lambda: pytest.fail("no sea"))
    n_kills = 0
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        while True:
            killed = Home(tmp_path / f"killed{n_kills}")
            killed.create()
            path = write(killed.inbox / "coastal_radar", lines)
            print(killed.root, n_kills, file=nursery.stdin, flush=True)
            status = int(nursery.stdout.readline())
            if status == 0:
                break
            assert status == signal.SIGKILL
            assert path.exists() or store.raw_path(killed.raw, whole["file_sha256"]).is_file()
            path = path if path.exists() else write(tmp_path, lines)
            assert intake.take(killed, "coastal_radar", path, RECEIVED, lambda: pytest.fail("no sea"))["accepted"] == 41
            lake = {name: content for name, content in snapshot(killed.lake).items() if not name.endswith(".tmp")}
            assert lake == snapshot(undisturbed.lake)
            assert files(killed) == files(undisturbed)
            n_kills += 1
    assert n_kills >= 6


def test_two_at_once_take_a_file_in_once(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, radars(2000))
    code = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from pipeline.config import Home; from pipeline.sources import intake\n"
        "intake.take(Home(Path(sys.argv[1])), 'coastal_radar', Path(sys.argv[2]), datetime(2026, 5, 15, 12, tzinfo=UTC), None)"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(home.root), str(path)]) for _ in range(3)]
    assert [child.wait(timeout=60) for child in children] == [0, 0, 0]
    assert len(files(home)) == 1
    assert len(rows(home, "reports")) == 2000


# Any file at all ------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *radars(3),
        radar(lat=95),
        radar(at="soon"),
        "",
        "  ",
        "a,b",
        '"',
        ",,,,,,,",
        "\x00",
        "é",
        "nan," * 8,
        radar(rest="1,2,3\r\n"),
        "\r",
    ]
)


@given(lines=st.lists(PIECES, max_size=12), ends_well=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_accounted_for_or_refused_in_one_line(tmp_path: Path, lines: list[str], ends_well: bool) -> None:
    home = Home(tmp_path / str(len(list(tmp_path.iterdir()))))
    home.create()
    path = home.root / "day.csv"
    path.write_bytes("\n".join([RADAR_HEADER, *lines]).encode() + b"\n" * ends_well)
    try:
        taken = intake.take(home, "coastal_radar", path, RECEIVED, lambda: pytest.fail("no sea"))
    except SourceError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.startswith("day.csv: ")
        assert refused.isprintable()
        assert snapshot(home.lake) == {}
        return
    assert taken["lines_in"] == path.read_bytes().count(b"\n") - 1
    assert taken["lines_in"] == taken["accepted"] + taken["rejected"] + taken["duplicates"] + taken["blank"]
    assert (len(rows(home, "reports")), len(rows(home, "rejects"))) == (taken["accepted"], taken["rejected"])
    physical = path.read_bytes().split(b"\n")
    for row in rows(home, "rejects"):
        assert row["raw"][:1] == physical[row["line"] - 1].decode().replace("\x00", "\\x00")[:1]
