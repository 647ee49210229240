"""Reconciliation is quiet on a good home and names each thing that is missing, altered or unreadable."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import config, ledger, reconcile, run, store
from pipeline.config import Home
from pipeline.errors import SourceError

HEADER = "sensor_id,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m"
DAY = "2026-05-14"


def write(folder: Path, name: str, lines: list[str]) -> Path:
    """A radar's file."""
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


@pytest.fixture
def filled(home: Home, tmp_path: Path) -> Home:
    """A home with two files, a rejected record, a repeated one, an impossible fix, and their day run."""
    fixes = [f"r,7,{DAY}T06:{n:02}:00Z,{39.1 + n * 0.001:.3f},26.300,5,0,9" for n in range(30)]
    fixes[20] = fixes[20].replace("39.120", "41.120")
    run.ingest("coastal_radar", write(tmp_path, "a.csv", [*fixes, "short"]), home)
    run.ingest("coastal_radar", write(tmp_path, "b.csv", [fixes[0], f"r,8,{DAY}T06:00:00Z,38.0,26.0,5,0,9"]), home)
    run.day(DAY, home=home)
    return home


def problems(home: Home) -> list[str]:
    """The lines that reconciliation finds."""
    found = reconcile.reconcile(home)
    assert found["ok"] is (found["problems"] == [])
    lines: list[str] = found["problems"]
    assert all(line.isprintable() for line in lines)
    return lines


def part(home: Home, table: str, number: int = 0) -> Path:
    """A part of the lake."""
    return store.parts(home.lake, table)[number]


def files(home: Home) -> dict[str, Any]:
    """The ledger's rows of files, by name."""
    with ledger.opened(home.ledger) as connection:
        return {row["file_name"]: row for row in ledger.table(connection, "source_files").to_pylist()}


def test_a_good_home_reconciles(filled: Home) -> None:
    found = reconcile.reconcile(filled)
    assert found == {
        "ok": True,
        "files": 2,
        "records": {"lines_in": 33, "accepted": 32, "rejected": 1, "duplicates": 0, "blank": 0},
        "days": 1,
        "days_touched": [],
        "problems": [],
    }
    with ledger.opened(filled.ledger) as connection:
        day = ledger.day_run(connection, DAY)
    assert day is not None
    assert (day["n_reports"], day["n_positions"], day["n_rejected"]) == (32, 30, 1)
    assert (day["n_repeated"], day["n_surplus"]) == (1, 0)


# Of one ship a position and, in a message of two sentences, who it is; of a boat both in one message (19) that came in two sentences.
RECEIVER_LOG = r"""
\c:1778738400*58\!AIVDM,2,1,3,A,C3R1EDh0BhMhC05U3T0p@e00L:T:BV,0*4E
\c:1778738400*58\!AIVDM,2,2,3,A,00000000000000B0H30000,0*1C
\c:1778738410*59\!AIVDM,2,1,4,A,53R1E@@2:N2U=H4;4004DLD4r1=@580000000016<PN000000Bh000000000,0*1E
\c:1778738410*59\!AIVDM,2,2,4,A,00000000000,2*20
\c:1778738420*5A\!AIVDM,1,1,,A,13R1E@@P1s1qCc0FKS03Q2n?P000,0*4F
""".lstrip()


@pytest.fixture
def received(home: Home, tmp_path: Path) -> Home:
    """A home with a receiver's log, in which messages have more than one sentence, and its day run."""
    (tmp_path / "log.nmea").write_text(RECEIVER_LOG)
    run.ingest("nmea_aivdm", tmp_path / "log.nmea", home)
    run.day(DAY, home=home)
    return home


def test_messages_of_several_sentences_reconcile(received: Home) -> None:
    """Five sentences are three messages: two positions and one word of a ship's own."""
    found = reconcile.reconcile(received)
    assert (found["ok"], found["records"]["lines_in"], found["records"]["accepted"]) == (True, 5, 5)
    with ledger.opened(received.ledger) as connection:
        day = ledger.day_run(connection, DAY)
    assert day is not None
    assert (day["n_reports"], day["n_positions"]) == (2, 2)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            "reports",
            ["log.nmea: 5 records accepted, 2 in the lake", f"{DAY}: 2 reports by the ledger, 0 in the lake"],
        ),
        ("static_reports", ["log.nmea: 5 records accepted, 3 in the lake"]),
    ],
)
def test_a_missing_part_of_a_receivers_log_is_named(received: Home, table: str, said: list[str]) -> None:
    part(received, table).unlink()
    assert problems(received) == said


def test_a_flooded_day_reconciles(home: Home, tmp_path: Path) -> None:
    """Of thirty echoes in half a minute the first of every ten seconds is kept, when ten an hour are usual."""
    radar = (config.PACKAGED_REFERENCE / "sources" / "coastal_radar.toml").read_text(encoding="utf-8")
    declared = home.reference / "sources" / "coastal_radar.toml"
    declared.parent.mkdir(parents=True)
    declared.write_text(radar.replace("[limits]", "[limits]\nreports_an_hour = 10"), encoding="utf-8")
    lines = [f"r,7,{DAY}T06:00:{n:02}Z,{39.1 + n * 0.0001:.4f},26.300,5,0,9" for n in range(30)]
    run.ingest("coastal_radar", write(tmp_path, "flood.csv", lines), home)
    run.day(DAY, home=home)
    assert problems(home) == []
    with ledger.opened(home.ledger) as connection:
        day = ledger.day_run(connection, DAY)
    assert day is not None
    assert (day["n_reports"], day["n_positions"], day["n_surplus"]) == (30, 3, 27)
    health = store.read(store.parts(home.lake, "feed_health"), "feed_health").to_pylist()
    assert {row["hour_at"].hour: row["n_surplus"] for row in health if row["n_surplus"]} == {6: 27}


def test_an_empty_home_reconciles(home: Home) -> None:
    assert reconcile.reconcile(home)["ok"] is True


def test_a_quarantined_file_is_no_problem(filled: Home, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="header differs"):
        run.ingest("noaa_marinecadastre", write(tmp_path, "c.csv", []), filled)
    assert problems(filled) == []


def test_a_day_that_waits_for_its_run_is_named_and_no_problem(filled: Home, tmp_path: Path) -> None:
    run.ingest("coastal_radar", write(tmp_path, "late.csv", [f"r,9,{DAY}T06:00:00Z,38.0,26.1,5,0,9"]), filled)
    found = reconcile.reconcile(filled)
    assert (found["ok"], found["days_touched"], found["files"]) == (True, [DAY], 3)


def test_a_missing_part_of_reports_is_named(filled: Home) -> None:
    sha256 = files(filled)["a.csv"]["file_sha256"]
    store.part_path(filled.lake, "reports", f"day={DAY}", sha256[:16]).unlink()
    assert problems(filled) == [
        "a.csv: 30 records accepted, 0 in the lake",
        f"{DAY}: 32 reports by the ledger, 2 in the lake",
    ]


def test_a_part_with_fewer_rows_is_named(filled: Home) -> None:
    path = part(filled, "positions")
    pq.write_table(store.read([path], "positions").slice(1), path)
    assert problems(filled) == [f"{DAY}: 30 positions by the ledger, 29 in the lake"]


def test_missing_rejects_of_both_stages_are_named(filled: Home) -> None:
    for path in store.parts(filled.lake, "rejects"):
        path.unlink()
    assert problems(filled) == [
        "a.csv: 1 records rejected, 0 in rejects",
        f"{DAY}: 1 impossible fixes by the ledger, 0 in the lake",
    ]


def test_altered_and_missing_raw_files_are_named(filled: Home) -> None:
    altered, missing = (store.raw_path(filled.raw, files(filled)[name]["file_sha256"]) for name in ("a.csv", "b.csv"))
    altered.chmod(0o644)
    altered.write_bytes(altered.read_bytes()[:-2] + b"8\n")
    missing.unlink()
    assert problems(filled) == [
        f"a.csv: its raw file {altered} is not what came in",
        f"b.csv: its raw file {missing} is missing",
    ]


@pytest.mark.parametrize("damage", ["truncated", "no Parquet", "one bit"])
def test_a_part_that_cannot_be_read_is_named(filled: Home, damage: str) -> None:
    path = part(filled, "positions")
    whole = path.read_bytes()
    if damage == "one bit":
        at = whole.index(b"\x28\xb5\x2f\xfd") + 8  # inside the first compressed page
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises((OSError, pa.ArrowException)):
            store.read([path], "positions")
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "truncated" else b"day,lat\n")
    found = problems(filled)
    assert len(found) == 2
    assert found[0].startswith(f"positions/day={DAY}/all.parquet: cannot be read: ")
    assert found[1] == f"{DAY}: 30 positions by the ledger, 0 in the lake"


def test_what_a_killed_run_left_without_a_row_is_no_problem(filled: Home) -> None:
    """Its file did not come in; the next run writes it again."""
    stray = store.read([part(filled, "reports")], "reports").to_pylist()
    table = pa.Table.from_pylist(
        [{**row, "file_sha256": "dead"} for row in stray], schema=store.read([], "reports").schema
    )
    store.write(filled.lake, "reports", f"day={DAY}", "dead", table)
    assert problems(filled) == []
