"""`ingest` by itself: a refused file, and an empty inbox."""

import os
import sqlite3
from pathlib import Path

import pytest

from pipeline.demo import AirflowError, airflow, prepare


@pytest.fixture(scope="module")
def home(home: Path) -> Path:
    """A home in which one file of the inbox does not keep its source's contract, and one brings what has nothing to do with tracks."""
    wrong, seen = (home / "inbox" / name for name in ("coastal_radar/wrong_header.csv", "visual_sightings/seen.csv"))
    seen.parent.mkdir()
    wrong.write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    seen.write_text(
        "reported_at,lon,lat,n_craft,n_people,length_m,reference,watch\n2026-05-14T06:00:00Z,26.3,39.1,1,,,a,pier\n",
        encoding="utf-8",
    )
    for path in (wrong, seen):
        os.utime(path, (0, 0))  # written long ago: complete
    prepare(home)
    return home


def ingest(home: Path) -> None:
    for _line in airflow("dags", "test", "ingest", home=home):
        pass


def asked(home: Path, question: str) -> list[tuple]:
    """Rows of Airflow's own database."""
    with sqlite3.connect(home / "airflow" / "airflow.db") as database:
        return database.execute(question).fetchall()


def test_the_pool_of_the_dags_is_made_and_lets_one_task_write_at_a_time(home):
    assert asked(home, "SELECT slots FROM slot_pool WHERE pool = 'pharos_home'") == [(1,)]


def test_a_refused_file_fails_its_own_task_and_an_empty_inbox_announces_nothing(home):
    files = len(list((home / "inbox").glob("*/*")))
    with pytest.raises(AirflowError, match=r"dags test ingest: pipeline\.errors\.SourceError: .*wrong_header\.csv"):
        ingest(home)
    tries = asked(home, "SELECT state, try_number FROM task_instance WHERE task_id = 'ingest_file'")
    assert sorted(tries) == [("failed", 1)] + [("success", 1)] * (files - 1)
    assert asked(home, "SELECT state FROM dag_run") == [("failed",)]
    announced = "SELECT name FROM asset_event JOIN asset ON asset.id = asset_id ORDER BY name"
    assert asked(home, announced) == [("detections",), ("incidents",), ("reports",)]

    (home / "inbox" / "coastal_radar" / "wrong_header.csv").unlink(missing_ok=True)
    ingest(home)
    assert asked(home, "SELECT state FROM dag_run ORDER BY id") == [("failed",), ("success",)]
    assert asked(home, announced) == [("detections",), ("incidents",), ("reports",)]
