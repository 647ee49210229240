"""
The demo: the sample day through the three DAGs by Airflow on its embedded database, then what came out.

`make demo` runs it in a checkout. `airflow dags test` executes one run of a DAG in a process that ends with
it, so nothing listens and nothing is left running; on a server the assets start one DAG after the other.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline import run
from pipeline.errors import PharosError

CHECKOUT = Path(__file__).resolve().parents[1]
DAGS = ("ingest", "surveillance", "dissemination")

console = Console(highlight=False, markup=False, emoji=False)  # paths are shown as they are

# What `airflow dags test` writes to its log when it begins or ends a task, and when one raised.
TASK = re.compile(r"\[DAG TEST\] (starting|end task) task_id=(\w+) map_index=(-?\d+)")
RAISED = re.compile(r"Task failed with exception.*?(?=\n\d{4}-\d\d-\d\dT|\Z)", re.DOTALL)


class AirflowError(PharosError):
    """A command of Airflow failed: which, why, and where its whole log lies."""


def airflow_env(home: Path) -> dict[str, str]:
    """The environment in which Airflow works on this home: `airflow.env`, and what depends on the home."""
    lines = (CHECKOUT / "airflow.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    paths = {
        "PHAROS_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
    }
    return {**os.environ, **settings, **paths, "PYTHONUNBUFFERED": "1"}


def log_of(arguments: tuple[str, ...], home: Path) -> Path:
    """Where the whole output of a command of Airflow is kept."""
    return home / "airflow" / "logs" / f"{'-'.join(Path(word).stem for word in arguments)}.log"


def airflow(*arguments: str, home: Path) -> Generator[str, None, None]:
    """Run one command of Airflow and give the lines of its output as they come; AirflowError if it fails. Ends it when closed early."""
    log = log_of(arguments, home)
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(  # noqa: S603 - our own Airflow, no shell
            [Path(sys.executable).with_name("airflow"), *arguments],
            env=airflow_env(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                kept.write(line)
                yield line
        except (GeneratorExit, KeyboardInterrupt):
            process.kill()  # it takes SIGTERM for the failure of a task, and goes on
            raise
    if process.returncode != 0:
        raise AirflowError(f"airflow {' '.join(arguments)}: {reason(log.read_text(encoding='utf-8'))} (its log: {log})")


def reason(log: str) -> str:
    """The line of a log that says why the first task failed; without one, its last line."""
    raised = RAISED.search(log)
    return (raised[0] if raised else log).strip().rpartition("\n")[2]


def prepare(home: Path) -> None:
    """Airflow's database and the pool of the DAGs: made, or brought up to date."""
    (home / "airflow").mkdir(mode=0o700, parents=True, exist_ok=True)  # passwords and keys lie in it
    for command in (("db", "migrate"), ("pools", "import", str(CHECKOUT / "dags" / "pools.json"))):
        for _line in airflow(*command, home=home):
            pass


def run_dag(dag: str, home: Path) -> None:
    """One run of a DAG, with a line on the console for each task; AirflowError at the first that fails, without the retries of a server."""
    command = ("dags", "test", dag)
    with console.status(dag) as status, closing(airflow(*command, home=home)) as lines:
        said, began = "", time.monotonic()
        for line in lines:
            said += line
            if not (found := TASK.search(line)):
                continue
            step, task_id, map_index = found.groups()
            task = task_id if map_index == "-1" else f"{task_id} {int(map_index) + 1}"
            if step == "starting":
                said, began = "", time.monotonic()
                status.update(f"{dag}: {task}")
            elif RAISED.search(said):
                raise AirflowError(f"{dag}, {task}: {reason(said)} (its log: {log_of(command, home)})")
            else:
                console.print(f"  {dag:<14} {task:<22} {time.monotonic() - began:5.1f} s")


def outcome(found: dict[str, Any]) -> Table:
    """What a home holds, as `run.summary` counts it."""
    table = Table(title="What came out", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("files in", f"{found['files']:,}")
    fixes = f"{found['impossible_fixes']:,} of the accepted put aside as impossible fixes"
    table.add_row("records", f"{found['accepted']:,} accepted, {found['rejected']:,} rejected\n{fixes}")
    table.add_row("tracks", f"{found['tracks']:,}")
    table.add_row("events", counted(found["events"]))
    table.add_row("alerts", counted(found["alerts"]))
    folders = Counter(
        (bundle["agency_id"], os.path.relpath(Path(bundle["path"]).parent)) for bundle in found["bundles"]
    )
    for (agency_id, folder), n_bundles in folders.items():
        table.add_row(f"bundles for {agency_id}", f"{n_bundles} in {folder}")
    table.add_row("database", os.path.relpath(found["database"]))
    return table


def counted(numbers: dict[str, int]) -> str:
    """A line for each kind and its number; "none" when there is no kind."""
    return "\n".join(f"{number:,} {kind}" for kind, number in numbers.items()) or "none"


def main() -> None:
    """Take the sample day through Airflow in `$PHAROS_HOME` (default `var/demo`) and show what came out."""
    home = Path(os.environ.get("PHAROS_HOME", "var/demo")).resolve()
    began = time.monotonic()
    try:
        run.init(home)
        shutil.copytree(CHECKOUT / "sample_data" / "inbox", home / "inbox", dirs_exist_ok=True)
        for path in sorted((home / "inbox").glob("*/*.csv")):
            path.with_name(f"{path.name}.done").touch()
        with console.status("Airflow's database"):
            prepare(home)
        for dag in DAGS:
            run_dag(dag, home)
        found = run.summary(home)
    except PharosError as error:
        sys.exit(f"error: {error}")
    console.print(outcome(found))
    console.print(f"Done in {time.monotonic() - began:.0f} s. Try next:")
    pharos = os.path.relpath(Path(sys.executable).with_name("pharos"))
    question = f"explain {found['alert_id']}" if found["alert_id"] else "list tables"
    console.print(f"  {pharos} --home {os.path.relpath(home)} {question}", soft_wrap=True)


if __name__ == "__main__":
    main()
