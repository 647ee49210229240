"""Every command: what it prints, its keys as docs/commands.md lists them, and how it fails."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import cli
from pipeline.config import Home
from tests.conftest import ROOT, SAMPLE_DAY

DOCUMENT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
RADAR_HEADER = "sensor_id,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m\n"


def pharos(home: Path, *words: str, code: int = 0) -> str:
    """Standard output of a command that ends as expected, never with a traceback."""
    done = CliRunner().invoke(cli.app, ["--home", str(home), *words])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.stdout


def answer(home: Path, *words: str, code: int = 0) -> Any:
    return json.loads(pharos(home, "--json", *words, code=code))


def failure(home: Path, *words: str) -> str:
    """The one line on standard error of a command that was refused."""
    done = CliRunner().invoke(cli.app, ["--home", str(home), *words])
    assert done.exit_code == 1, done.output
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("pharos: ")
    return lines[0]


def section(command: str) -> str:
    """What docs/commands.md says of a command."""
    found = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md says nothing of {command}"
    return found[1]


def documented(command: str, document: dict[str, Any]) -> None:
    """Every key of an answer stands in the command's section."""
    text = section(command)
    missing = [key for key in document if f"`{key}`" not in text]
    assert not missing, f"docs/commands.md, {command}: undocumented keys {missing}"


def commands() -> list[str]:
    names = [info.name or info.callback.__name__ for info in cli.app.registered_commands if info.callback]
    assert len(names) >= 13
    return names


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented_with_an_example_and_help(command: str) -> None:
    assert re.search(rf"^    pharos .*{command}|^    pharos {command}", section(command), re.MULTILINE)
    done = CliRunner().invoke(cli.app, [command, "--help"])
    assert done.exit_code == 0
    assert len(done.stdout) > 100


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (\w+)$", DOCUMENT, re.MULTILINE)) == set(commands())


def test_the_whole_line_from_a_terminal(tmp_path: Path, cache: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").symlink_to(cache)
    made = answer(home, "init")
    documented("init", made)
    assert made["refused"] == []
    for source in ("noaa_marinecadastre", "coastal_radar", "iom_missing_migrants"):
        files = sorted(map(str, (ROOT / "sample_data" / "inbox" / source).glob("*.csv")))
        taken = answer(home, "ingest", "--source", source, *files)
        documented("ingest", taken)
        documented("ingest", taken["taken"][0])
        assert len(taken["taken"]) == len(files)
    ran = answer(home, "day", SAMPLE_DAY)
    documented("day", ran)
    assert ran["days"] == [SAMPLE_DAY]
    assert ran["alerts"]["new"] > 0
    released = answer(home, "release", SAMPLE_DAY)
    documented("release", released)
    documented("release", released["agencies"][0])
    assert {row["state"] for row in released["agencies"]} == {"released"}
    again = answer(home, "release", SAMPLE_DAY, "--agency", "hcg")
    assert [row["state"] for row in again["agencies"]] == ["nothing_new"]
    published = answer(home, "publish")
    documented("publish", published)
    found = answer(home, "summary")
    documented("summary", found)
    assert answer(home, "reconcile")["ok"]
    why = answer(home, "explain", found["alert_id"])
    documented("explain", why)
    assert sum(one["points"] for one in why["alert"]["indicators"]) >= 2
    assert why["events"][0]["role"] == "subject"
    event = answer(home, "explain", why["events"][0]["event_id"])
    documented("explain", event)
    assert found["alert_id"] in event["alerts"]


def test_reconcile_and_rejects(finished_sample: Path) -> None:
    found = answer(finished_sample, "reconcile")
    documented("reconcile", found)
    rejected = answer(finished_sample, "rejects", "--limit", "2")
    documented("rejects", rejected)
    documented("rejects", rejected["counts"][0])
    documented("rejects", rejected["rows"][0])
    assert len(rejected["rows"]) == 2
    assert sum(row["n"] for row in rejected["counts"]) >= 12
    assert all(row["means"] and row["do"] for row in rejected["counts"])


def test_rejects_of_one_source_and_of_one_day(sample_home: Path, tmp_path: Path) -> None:
    late, wrong = tmp_path / "late.csv", tmp_path / "R9.csv"
    late.write_text(RADAR_HEADER + "R1,1,2026-06-02T00:00:00Z,39.2,26.5,5.0,90.0,\n" * 30 + "short\n")
    wrong.write_text("what\n")
    before = answer(sample_home, "rejects")
    answer(sample_home, "ingest", "--source", "coastal_radar", str(late))
    failure(sample_home, "ingest", "--source", "coastal_radar", str(wrong))
    whole = answer(sample_home, "rejects")
    assert {row["source_id"] for row in whole["counts"]} == {"noaa_marinecadastre", "coastal_radar"}
    for source in ("noaa_marinecadastre", "coastal_radar", "piraeus"):
        one = answer(sample_home, "rejects", "--source", source)
        for name in ("counts", "rows", "files"):
            assert one[name] == [row for row in whole[name] if row["source_id"] == source], (source, name)
    (refused,) = answer(sample_home, "rejects", "--source", "coastal_radar")["files"]
    documented("rejects", refused)
    assert refused["file_name"] == "R9.csv"
    assert "header differs" in refused["reason"]

    assert answer(sample_home, "rejects", "--day", SAMPLE_DAY) == before
    assert answer(sample_home, "rejects", "--day", "1999-01-01") == {"files": [], "counts": [], "rows": []}
    of_day = answer(sample_home, "rejects", "--source", "coastal_radar", "--day", "2026-06-02")
    assert [(row["file_name"], row["line"], row["raw"]) for row in of_day["rows"]] == [("late.csv", 32, "short")]
    assert of_day["files"] == [], "a file that was refused whole is of the day on which it came"
    assert answer(sample_home, "rejects", "--day", refused["received_at"][:10])["files"] == [refused]
    assert "R9.csv" in pharos(sample_home, "rejects", "--source", "coastal_radar")
    assert "unknown source 'x'" in failure(sample_home, "rejects", "--source", "x")
    assert "a day is written like" in failure(sample_home, "rejects", "--day", "x")


def test_a_check_says_what_would_become_of_a_file_and_does_nothing(sample_home: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(RADAR_HEADER + "R1,1,2026-05-16T00:00:00Z,39.2,26.5,5.0,360.0,\n" * 30 + "short\n")
    bad.write_text("what\n")
    before = answer(sample_home, "summary")
    found = answer(sample_home, "ingest", "--source", "coastal_radar", "--check", str(good), str(bad), code=1)
    documented("ingest", found)
    (checked,) = found["checked"]
    documented("ingest", {key: 0 for key in checked if key not in ("lines_in", "accepted", "rejected")})
    assert (checked["source_id"], checked["file_name"]) == ("coastal_radar", "good.csv")
    assert (checked["lines_in"], checked["accepted"], checked["duplicates"], checked["rejected"]) == (31, 1, 29, 1)
    assert checked["rows"] == {"reports": 1}
    assert checked["reasons"] == {"bad_field_count": 1}
    assert checked["sentinels"] == {"cog_deg": 30}
    assert checked["rejects"] == [{"line": 32, "item": 1, "reason": "bad_field_count", "raw": "short"}]
    assert len(found["refused"]) == 1
    assert answer(sample_home, "summary") == before
    assert "bad_field_count" in pharos(sample_home, "ingest", "--source", "coastal_radar", "--check", str(good))
    assert "bad.csv: line 1: header differs" in failure(
        sample_home, "ingest", "--source", "coastal_radar", "--check", str(bad)
    )
    assert answer(sample_home, "summary") == before


def test_sources_say_how_their_feeds_fare(sample_home: Path, tmp_path: Path) -> None:
    def of(source: str) -> dict[str, Any]:
        return next(row for row in answer(sample_home, "list", "sources")["sources"] if row["source_id"] == source)

    radar = of("coastal_radar")
    documented("list", radar)
    assert radar["health"] == "ok"
    assert radar["last_data_at"].startswith(SAMPLE_DAY)
    assert 0 <= radar["rejected_share"] < 0.05
    never = of("piraeus")
    assert (never["health"], never["last_file"], never["rejected_share"]) == ("never", None, None)
    (tmp_path / "R9.csv").write_text("what\n")
    failure(sample_home, "ingest", "--source", "coastal_radar", str(tmp_path / "R9.csv"))
    wrong = of("coastal_radar")
    assert (wrong["health"], wrong["last_file"], wrong["last_data_at"]) == (
        "quarantined",
        "R9.csv",
        radar["last_data_at"],
    )


@pytest.mark.parametrize("kind", [kind.value for kind in cli.Kind])
def test_list(finished_sample: Path, kind: str) -> None:
    rows = answer(finished_sample, "list", kind)[kind]
    assert rows
    names = (f"{kind[:-1]}_id", "agency_id", "name", "code", "format", "table")
    if kind in ("sources", "reasons"):
        documented("list", rows[0])
    identifier = next(str(rows[0][name]) for name in names if name in rows[0])
    assert identifier in pharos(finished_sample, "list", kind)
    assert kind in section("list")


def test_inbox(tmp_path: Path) -> None:
    assert answer(tmp_path, "inbox") == {"taken": [], "refused": []}
    documented("inbox", {})
    pharos(tmp_path, "inbox")


def test_simulate_to_evaluate(home: Home) -> None:
    """The four commands of the README, on the simulated folder as the home."""
    root = home.root
    made = answer(root, "simulate", str(root), "--seed", "4", "--vessels", "10")
    documented("simulate", made)
    assert "truth.json" in made["files"]
    assert "error" in json.loads(
        CliRunner().invoke(cli.app, ["--home", str(root), "--json", "evaluate", str(root / "truth.json")]).stdout
    )
    pharos(root, "inbox")
    pharos(root, "day", SAMPLE_DAY)
    page = root / "page.html"
    found = answer(root, "evaluate", str(root / "truth.json"), "--html", str(page))
    documented("evaluate", found)
    assert found["distress"]["found"] > 20
    assert f"{found['distress']['found']} of {found['distress']['expected']}" in pharos(
        root, "evaluate", str(root / "truth.json")
    )
    assert page.read_text(encoding="utf-8").count("<svg") >= len(found["false_alerts"]) > 0


def test_where_gate_and_chart_are_documented(home: Home) -> None:
    documented("where", answer(home.root, "where", "26.3", "39.4"))
    documented("chart", answer(home.root, "chart", "aegean", "--out", str(home.root / "aegean.svg")))
    documented("gate", answer(home.root, "gate", "corridor_samos"))


def test_simulate_says_what_it_cannot(home: Home) -> None:
    assert "say one of aegean" in failure(home.root, "simulate", str(home.root / "x"), "--theatre", "baltic")


def test_bench_says_what_it_measured(sample_home: Path) -> None:
    found = answer(sample_home, "bench", "--vessels", "10")
    documented("bench", found)
    assert found["records"] == 10 * 1440
    assert found["ingest_records_per_s"] > 0
    assert found["day_over_duckdb_read_and_sort"] > 0


def test_lines_for_a_person(sample_home: Path) -> None:
    assert "files: 5" in pharos(sample_home, "summary")
    assert "no_input: []" in pharos(sample_home, "day", SAMPLE_DAY)
    assert "nothing_new" in pharos(sample_home, "release", SAMPLE_DAY)
    assert "impossible_fix" in pharos(sample_home, "rejects")


def test_a_day_without_data_ends_0_and_says_no_input(sample_home: Path) -> None:
    assert answer(sample_home, "day", "2026-06-01")["no_input"] == ["2026-06-01"]


BAD_FILES = {
    "wrong header": (
        "sensor,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m\n",
        "missing sensor_id; not in the contract: sensor",
    ),
    "swapped columns": (
        "sensor_id,track_no,time_utc,lon,lat,sog_kn,cog_deg,length_m\n",
        "columns in another order: column 4 is lon, the contract says lat",
    ),
    "truncated": (
        RADAR_HEADER + "R1,1,2026-05-14T00:00:00Z,39.2,26.5,5.0,90.0,\nR1,1,2026-05-14T00:01:",
        "the file is truncated",
    ),
    "empty": ("", "the file is empty"),
    "mostly bad": (RADAR_HEADER + "R1,1,yesterday,39.2,26.5,5.0,90.0,\n" * 5, "5 of 5 records faulty"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gets_one_line_and_loses_nothing(sample_home: Path, tmp_path: Path, kind: str) -> None:
    text, said = BAD_FILES[kind]
    path = tmp_path / "R9.csv"
    path.write_text(text)
    before = answer(sample_home, "summary")
    line = failure(sample_home, "ingest", "--source", "coastal_radar", str(path))
    assert "R9.csv" in line
    assert said in line
    after = answer(sample_home, "summary")
    assert after["quarantined"] == before["quarantined"] + 1
    assert {**after, "quarantined": 0, "files": 0} == {**before, "quarantined": 0, "files": 0}
    assert answer(sample_home, "reconcile")["ok"]


def test_a_header_alone_is_a_sensor_that_saw_nothing(sample_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "R9.csv"
    path.write_text(RADAR_HEADER)
    (taken,) = answer(sample_home, "ingest", "--source", "coastal_radar", str(path))["taken"]
    assert (taken["state"], taken["lines_in"], taken["days"]) == ("accepted", 0, [])
    assert answer(sample_home, "reconcile")["ok"]


def test_a_good_file_beside_a_bad_one_is_taken_in(sample_home: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(RADAR_HEADER + "R1,1,2026-05-16T00:00:00Z,39.2,26.5,5.0,90.0,\n")
    bad.write_text("what\n")
    found = answer(sample_home, "ingest", "--source", "coastal_radar", str(bad), str(good), code=1)
    assert [row["file_name"] for row in found["taken"]] == ["good.csv"]
    assert len(found["refused"]) == 1


def test_unknown_things_are_named(sample_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_text("a\n")
    said = failure(sample_home, "ingest", "--source", "nobody", str(path))
    assert "unknown source 'nobody'; `pharos list sources`" in said
    assert "no such file" in failure(sample_home, "ingest", "--source", "coastal_radar", str(tmp_path / "nowhere.csv"))
    assert "unknown agency 'hgc'" in failure(sample_home, "release", SAMPLE_DAY, "--agency", "hgc")
    assert "no alert and no event has the id 'x'" in failure(sample_home, "explain", "x")
    assert "a day is written like" in failure(sample_home, "day", "today")
    assert json.loads(pharos(sample_home, "--json", "explain", "x", code=1))["error"].startswith("no alert")


def test_files_that_say_who_and_where_are_named_when_they_cannot_be_read(sample_home: Path) -> None:
    for kind, name, text in (
        ("sources", "coastal_radar.toml", "title = 'x'\n"),
        ("agencies", "hcg.toml", "= nothing"),
        ("zones", "corridor_samos.geojson", "[]"),
    ):
        folder = sample_home / "reference" / kind
        folder.mkdir(parents=True)
        (folder / name).write_text(text)
        word = {
            "sources": ("ingest", "--source", "coastal_radar", str(ROOT / "README.md")),
            "agencies": ("release", SAMPLE_DAY),
        }
        assert name in failure(sample_home, *word.get(kind, ("list", "gates")))
        assert name in failure(sample_home, "day", SAMPLE_DAY), "the rest works on, and the file is named"
        assert name in failure(sample_home, "list", "zones")
        (folder / name).unlink()
        folder.rmdir()


def test_wrong_usage_is_exit_2(tmp_path: Path) -> None:
    for words in (["nonsense"], ["list", "ships"], ["day"], ["rejects", "--limit", "0"]):
        assert CliRunner().invoke(cli.app, ["--home", str(tmp_path), *words]).exit_code == 2


def test_the_installed_program_answers(finished_sample: Path) -> None:
    program = Path(sys.executable).with_name("pharos")
    done = subprocess.run(
        [program, "--home", finished_sample, "--json", "list", "tables"], capture_output=True, text=True, check=True
    )
    assert len(json.loads(done.stdout)["tables"]) >= 15


def damage_parquet(home: Path) -> None:
    path = next((home / "lake" / "events").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-40])


DAMAGE = {
    "a damaged part of the lake": (damage_parquet, ("explain", "0" * 16)),
    "a ledger that is none": (lambda home: (home / "ledger.sqlite").write_bytes(b"x" * 5000), ("summary",)),
    "no home at all": (lambda home: shutil.rmtree(home), ("summary",)),
    "a list that cannot be used": (
        lambda home: (
            (home / "reference" / "lists").mkdir(parents=True),
            (home / "reference" / "lists" / "p.toml").write_text("mmsi = [1]"),
        ),
        ("day", SAMPLE_DAY),
    ),
    "a file where the home should be": (lambda home: (shutil.rmtree(home), home.write_text("x")), ("init",)),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_one_line(sample_home: Path, kind: str) -> None:
    harm, words = DAMAGE[kind]
    harm(sample_home)
    assert failure(sample_home, *words)


def test_reconcile_sees_damage_in_every_table(sample_home: Path) -> None:
    for table in sorted(path.name for path in (sample_home / "lake").iterdir()):
        path = next((sample_home / "lake" / table).rglob("*.parquet"))
        whole = path.read_bytes()
        path.write_bytes(whole[:-40])
        found = answer(sample_home, "reconcile", code=1)
        assert any(f"{table}/" in line for line in found["problems"]), table
        path.write_bytes(whole)
    assert answer(sample_home, "reconcile")["ok"]


def test_what_lies_beside_the_inbox_folders_is_named(sample_home: Path) -> None:
    (sample_home / "inbox" / "coastal_radar" / "deep").mkdir(parents=True)
    for name in ("stray.csv", "coastal_radar/deep/stray.csv"):
        (sample_home / "inbox" / name).write_text("x")
    found = answer(sample_home, "inbox", code=1)
    assert len(found["refused"]) == 2
    assert all("put it into inbox/<source>/" in line for line in found["refused"])
