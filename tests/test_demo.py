"""The demo: the sample day through all three DAGs, twice."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import run
from pipeline.demo import CHECKOUT, reason


def demo(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.demo"],
        cwd=CHECKOUT,
        env={**os.environ, "PHAROS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def place(tmp_path: Path, cache: Path) -> Path:
    """An empty home; the coast is not cut again."""
    cache.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(cache)
    return tmp_path


def released(home: Path) -> dict[str, str]:
    """Every file under release/ and the hash of its bytes."""
    files = sorted(path for path in (home / "release").rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_demo_reaches_the_agencies_and_a_second_one_changes_nothing(place):
    done = demo(place)
    assert done.returncode == 0, done.stdout + done.stderr
    for task in ("ingest_file", "survey_day", "publish", "release"):
        assert f" {task} " in done.stdout
    first, bundles = run.summary(place), released(place)
    assert bundles
    assert {bundle["agency_id"] for bundle in first["bundles"]} >= {"hcg", "mrcc_piraeus"}
    assert first["accepted"] > 0
    assert sum(first["alerts"].values()) > 0

    again = demo(place)
    assert again.returncode == 0, again.stdout + again.stderr
    assert run.summary(place) == first
    assert released(place) == bundles


def test_the_demo_ends_with_one_line_at_the_first_task_that_fails(place):
    wrong = place / "inbox" / "coastal_radar" / "wrong_header.csv"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    done = demo(place)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ingest, ingest_file ")
    assert "SourceError: wrong_header.csv" in line
    assert "surveillance" not in done.stdout


def test_the_reason_is_the_line_that_was_raised():
    log = (
        "2026-11-24T10:25:06.861022Z [error    ] Task failed with exception     [task]\n"
        "Traceback (most recent call last):\n"
        '  File "run.py", line 18, in ingest\n'
        "pipeline.errors.SourceError: radar.csv: the header differs\n"
        "2026-11-24T10:25:06.864020Z [info     ] ::group::Post Execute          [task]\n"
        "DagRun failed\n"
    )
    assert reason(log) == "pipeline.errors.SourceError: radar.csv: the header differs"


def test_without_a_failed_task_the_reason_is_the_last_line():
    assert reason("2026-11-24 starting\nDag 'ingest' could not be found\n") == "Dag 'ingest' could not be found"
