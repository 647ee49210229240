"""What holds for every DAG, task and file in dags/."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo import CHECKOUT, DAGS
from pipeline.sources import reading

FILES = sorted((CHECKOUT / "dags").glob("*.py"))


@pytest.fixture(scope="module")
def described(python) -> dict[str, Any]:
    """The DAG bag as Airflow reads it."""
    done = python(str(Path(__file__).with_name("describe.py")))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(params=DAGS)
def dag(request: pytest.FixtureRequest, described: dict[str, Any]) -> dict[str, Any]:
    return described["dags"][request.param]


def test_the_dags_import_and_are_the_three(described):
    assert described["import_errors"] == {}
    assert set(described["dags"]) == set(DAGS)


def test_reading_the_dags_imports_nothing_heavy(described):
    """The scheduler reads these files all the time: besides Airflow only our words for what was refused."""
    ours = {
        name
        for name in described["imports"]
        if name.partition(".")[0] not in {"airflow", "packaging"} and not name.startswith("unusual_prefix_")
    }
    assert ours == {"assets", "defaults", "pipeline", "pipeline.errors"}


def test_a_dag_says_what_it_is_and_does_not_overlap_itself(dag):
    assert len(dag["doc_md"].strip().splitlines()) > 1
    assert "pharos" in dag["tags"]
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False


def test_a_task_is_owned_bounded_and_tried_again(dag):
    pools = json.loads((CHECKOUT / "dags" / "pools.json").read_text())
    assert dag["tasks"]
    for name, task in dag["tasks"].items():
        assert task["owner"] == "pharos", name
        assert task["retries"] > 0, name
        assert task["retry_delay_s"] >= 30, name
        assert task["retry_backoff"] > 1, name
        assert 0 < task["execution_timeout_s"] <= 4 * 3600, name
        assert task["pool"] in pools, name


def test_what_would_fail_again_is_not_tried_again(dag):
    for task in dag["tasks"].values():
        for_a_person = {error for error, again in task["retried"].items() if not again}
        assert for_a_person == {"SourceError", "SettingsError", "ContractError"}
        assert {"BusyError", "DeliveryError"} <= set(task["retried"]) - for_a_person


def test_assets_join_the_dags(described):
    ingest, surveillance, dissemination = (described["dags"][dag_id] for dag_id in DAGS)
    assert ingest["starts_on"] is None
    assert surveillance["starts_on"] == ["AssetAny", *sorted(reading.TABLES)], (
        "every table that a file can bring rows of"
    )
    assert {"incidents", "reports"} <= set(reading.TABLES)
    assert dissemination["starts_on"] == ["AssetAll", "alerts"]
    outlets = {
        f"{dag_id}.{name}": task["outlets"]
        for dag_id, dag in described["dags"].items()
        for name, task in dag["tasks"].items()
    }
    assert {name: assets for name, assets in outlets.items() if assets} == {
        "ingest.announce": ["facts"],
        "surveillance.publish": ["alerts"],
    }


def test_work_is_mapped_per_file_day_and_agency(described):
    mapped = {n for dag in described["dags"].values() for n, task in dag["tasks"].items() if task["is_mapped"]}
    assert mapped == {"ingest_file", "survey_day", "release"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_imports_only_airflow_sdk_at_the_top(file):
    allowed = {
        "airflow.sdk",
        "airflow.providers.standard.operators.empty",
        "datetime",
        "assets",
        "defaults",
    }
    imported = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    assert imported <= allowed


def test_a_task_body_is_one_call_into_pipeline_run():
    bodies = {
        f"{file.stem}.{node.name}": node
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name not in DAGS
    }
    assert len(bodies) == 9
    announce = bodies.pop("ingest.announce")  # it speaks to Airflow only
    assert not any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(announce))
    for name, body in bodies.items():
        first, second = body.body
        assert ast.unparse(first) == "from pipeline import run", name
        assert ast.unparse(second).startswith("return run."), name
        assert sum(isinstance(node, ast.Call) for node in ast.walk(second)) == 1, name
