"""`make airflow`: a real Airflow on loopback, in which the assets carry the sample day to the bundles."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo import CHECKOUT

pytestmark = pytest.mark.airflow_server


@dataclass
class Server:
    """A running Airflow: where it listens, the group of its processes, the token of its administrator."""

    url: str
    group: int
    token: str = ""

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """JSON in, JSON out, of the REST API; a busy server is asked again, HTTPError if it refuses."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        for tries_left in reversed(range(10)):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code < 500 or not tries_left:
                    raise
                time.sleep(1)
        raise AssertionError("the last try returns or raises")


def wait_for(what: str, look: Callable[[], Any], within_s: float) -> Any:
    """What `look` gives as soon as it is true; a server that is busy or not there yet is asked again."""
    deadline = time.monotonic() + within_s
    seen: object = None
    while time.monotonic() < deadline:
        try:
            seen = look()
            if seen:
                return seen
        except (OSError, ValueError) as error:
            seen = error
        time.sleep(0.5)
    pytest.fail(f"no {what} within {within_s} s; last seen: {seen}")


def members(group: int) -> list[int]:
    """The processes of a process group."""
    listed = subprocess.run(["ps", "-eo", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid, pgid in map(str.split, listed.splitlines()) if int(pgid) == group]


def listening_on(group: int) -> set[str]:
    """The addresses (as /proc/net writes them: hexadecimal) on which a process group accepts connections."""
    held = set()
    for pid in members(group):
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            with suppress(OSError):
                held.add(str(descriptor.readlink()))
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """`make airflow` for `home`, stopped by its process group."""
    port, log = free_port(), home / "make.log"
    # -o: the environment of these tests is the one to use; nothing is installed here.
    command = ["make", "-o", ".venv/installed", "airflow", f"BIN={Path(sys.executable).parent}"]
    with log.open("wb") as output:
        started = subprocess.Popen(
            [*command, f"PHAROS_HOME={home}", f"PORT={port}"],
            cwd=CHECKOUT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    airflow = Server(f"http://127.0.0.1:{port}", started.pid)
    try:
        wait_for("healthy Airflow", lambda: is_healthy(airflow), within_s=90)
        secret = home / "airflow" / "simple_auth_manager_passwords.json.generated"
        [(user, password)] = json.loads(secret.read_text()).items()
        airflow.token = airflow.ask("/auth/token", {"username": user, "password": password})["access_token"]
        yield airflow
    finally:
        print(log.read_text(errors="replace")[-10_000:])  # pytest shows it when the test fails
        os.killpg(started.pid, signal.SIGTERM)
        try:
            wait_for("end of Airflow", lambda: started.poll() is not None and not members(started.pid), within_s=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


def is_healthy(airflow: Server) -> bool:
    health = airflow.ask("/api/v2/monitor/health")
    return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


def runs(airflow: Server, dag_id: str) -> list[dict[str, Any]]:
    return airflow.ask(f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"]


def test_assets_carry_the_sample_day_from_the_inbox_to_the_bundles(server, home):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        Server(server.url, server.group).ask("/api/v2/dags")
    assert listening_on(server.group) == {"0100007F"}  # 127.0.0.1

    wait_for("DAGs", lambda: server.ask("/api/v2/dags")["total_entries"] == 3, within_s=60)
    assert not any(dag["is_paused"] for dag in server.ask("/api/v2/dags")["dags"])
    server.ask("/api/v2/dags/ingest/dagRuns", {"logical_date": None})

    def is_disseminated() -> bool:
        found = {dag_id: runs(server, dag_id) for dag_id in ("ingest", "surveillance", "dissemination")}
        states = {f"{dag_id} {run['state']}" for dag_id, its in found.items() for run in its}
        assert not any(state.endswith(" failed") for state in states), states
        return "dissemination success" in states

    wait_for("successful dissemination", is_disseminated, within_s=120)
    for dag_id in ("surveillance", "dissemination"):
        assert {run["run_type"] for run in runs(server, dag_id)} == {"asset_triggered"}
    released = {bundle.parts[-3] for bundle in (home / "release").glob("*/*/*") if bundle.is_dir()}
    assert released >= {"hcg", "mrcc_piraeus"}
