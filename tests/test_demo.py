"""The demo: the sample day through all three DAGs, twice."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from pipeline import run
from pipeline.demo import CHECKOUT, reason


def demo(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.demo"],
        cwd=CHECKOUT,
        env={**os.environ, "PHAROS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def released(home: Path) -> dict[str, str]:
    """Every file under release/ and the hash of its bytes."""
    files = sorted(path for path in (home / "release").rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_demo_reaches_the_agencies_and_a_second_one_changes_nothing(tmp_path):
    said = demo(tmp_path)
    for task in ("ingest_file", "survey_day", "publish", "release"):
        assert f" {task} " in said
    first, bundles = run.summary(tmp_path), released(tmp_path)
    assert bundles
    assert {bundle["agency_id"] for bundle in first["bundles"]} == {"hcg", "mrcc_piraeus"}
    assert first["accepted"] > 0
    assert sum(first["alerts"].values()) > 0

    demo(tmp_path)
    assert run.summary(tmp_path) == first
    assert released(tmp_path) == bundles


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
