"""
The command line, `pharos`: the functions of `pipeline.run` from a terminal.

`--json` prints one document; otherwise lines for a person. Exit 0 done, 1 refused or failed with one clear line on standard error, 2 wrong
usage. docs/commands.md documents every command and its keys; a test compares.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import PharosError, SettingsError

app = typer.Typer(
    help="Maritime early warning that agencies can share.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
PIPED_WIDTH = 160  # columns where no terminal says how wide it is
screen = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)
NOT_SHOWN = (
    "rel_to",
    "source",
    "last_received_at",
    "last_data_at",
    "rejected_share",
)  # of `pharos list`: too long for a terminal; --json has them
chosen: dict[str, Any] = {"home": None, "json": False}


class Kind(StrEnum):
    """What `pharos list` lists."""

    sources = "sources"
    zones = "zones"
    gates = "gates"
    detectors = "detectors"
    agencies = "agencies"
    formats = "formats"
    tables = "tables"
    reasons = "reasons"


@app.callback()
def options(
    home: Annotated[
        Path | None, typer.Option(help="Folder of the installation; default $PHAROS_HOME, else ./var.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Options of every command."""
    chosen.update({"home": home, "json": as_json})


def answer(document: Any, show: Callable[[Any], None]) -> None:
    """Print a result: as JSON when asked, else as `show` shows it."""
    if chosen["json"]:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True, default=str))
    else:
        show(document)


@contextmanager
def one_line_on_failure() -> Iterator[None]:
    """A refusal, or a failure of disk or files, is one line on standard error and exit 1; a bug keeps its traceback."""
    import duckdb
    import pyarrow as pa

    try:
        yield
    except PharosError as error:
        refuse(str(error))
    except (OSError, sqlite3.Error, duckdb.Error, pa.ArrowException) as error:
        home = chosen["home"] or "$PHAROS_HOME or ./var"
        refuse(f"a file of the home ({home}) cannot be used: {error}; mend or restore it, then try again")


def refuse(message: str) -> None:
    """Say why, and exit 1."""
    if chosen["json"]:
        typer.echo(json.dumps({"error": one_line(message)}, ensure_ascii=False))
    complain([message])


def complain(messages: list[str]) -> None:
    """A line on standard error for each thing that was refused, and exit 1 when there is one."""
    for message in messages:
        complaints.print(f"pharos: {one_line(message)}", markup=False)
    if messages:
        raise typer.Exit(1)


def one_line(message: str) -> str:
    """A message on one line, whatever was in it."""
    return " ".join(message.split())


def write_page(path: Path, text: str) -> None:
    """Write a file that the user named; `SettingsError` when its folder is not there."""
    if not path.parent.is_dir():
        raise SettingsError(f"{path.parent}: no such folder to write {path.name} into")
    path.write_text(text, encoding="utf-8")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal that something is going on; elsewhere one plain line."""
    if chosen["json"]:
        yield
    elif screen.is_terminal:
        with screen.status(what):
            yield
    else:
        screen.print(what, markup=False)
        yield


def show_fields(document: Mapping[str, Any]) -> None:
    """One line a key."""
    for key, value in document.items():
        screen.print(
            f"{key}: {value if not isinstance(value, (list, dict)) else json.dumps(value, ensure_ascii=False, default=str)}",
            markup=False,
        )


def show_rows(rows: list[dict[str, Any]]) -> None:
    """A table with a column a key; the first one, the id, stays whole."""
    if not rows:
        screen.print("none")
        return
    table = Table(show_edge=False)
    for number, name in enumerate(rows[0]):
        table.add_column(name, no_wrap=number == 0)
    for row in rows:
        table.add_row(
            *(
                ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
                for value in row.values()
            )
        )
    screen.print(table)


@app.command()
def init() -> None:
    """Make the home: folders, and the cache of the coast (about a minute and 1.1 GB of memory, once)."""
    from pipeline import run

    with one_line_on_failure(), working("opening the sea; the first time the coast is cut, about a minute"):
        done = run.init(chosen["home"])
    answer(done, show_fields)
    complain(done["refused"])


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files to take in.")],
    source: Annotated[str, typer.Option(help="Id of the source whose contract the files follow.")],
    check: Annotated[bool, typer.Option("--check", help="Say what would happen, and do nothing.")] = False,
) -> None:
    """Take files in: kept raw, judged, accounted for. A refused file ends with exit 1, the others are taken in all the same."""
    from pipeline import run

    taken, refused = [], []
    with one_line_on_failure():
        for path in paths:
            try:
                with working(f"{'checking' if check else 'taking in'} {path.name}"):
                    taken.append((run.check if check else run.ingest)(source, path, chosen["home"]))
            except PharosError as error:
                refused.append(str(error))
    if check:
        answer({"checked": taken, "refused": refused}, show_checked)
        complain(refused)
    else:
        conclude(taken, refused)


def show_checked(document: dict[str, Any]) -> None:
    """What would become of each file, a line a key."""
    for checked in document["checked"]:
        show_fields(checked)


@app.command()
def inbox() -> None:
    """Take in all complete files that lie in inbox/<source>/."""
    from pipeline import run

    with one_line_on_failure(), working("taking in the inbox"):
        done = run.inbox(chosen["home"])
    conclude(done["taken"], done["refused"])


def conclude(taken: list[dict[str, Any]], refused: list[str]) -> None:
    """Show what was taken in; exit 1 with a line for each file that was refused."""

    def show(document: dict[str, Any]) -> None:
        show_rows(
            [
                {key: value for key, value in row.items() if key not in ("days", "state", "fact_tables")}
                for row in document["taken"]
            ]
        )

    if taken or not refused or chosen["json"]:
        answer({"taken": taken, "refused": refused}, show)
    complain(refused)


@app.command()
def day(
    first: Annotated[str, typer.Argument(metavar="DAY", help="UTC day, like 2026-05-14.")],
    until: Annotated[str | None, typer.Option(help="Last day of a run over several days.")] = None,
    publish: Annotated[bool, typer.Option(help="Build pharos.duckdb afterwards.")] = True,
) -> None:
    """Tracks, events and alerts of a day, then the database. A day without data ends 0 and says no_input."""
    from pipeline import run

    with one_line_on_failure(), working(f"surveillance of {first}" + (f" to {until}" if until else "")):
        done = run.day(first, until, chosen["home"])
        if publish:
            run.publish(chosen["home"])
        refused = run.refused_reference(chosen["home"])
    answer(done, show_fields)
    complain(refused)


@app.command()
def publish() -> None:
    """Build pharos.duckdb beside the former one and swap it in."""
    from pipeline import run

    with one_line_on_failure(), working("building pharos.duckdb"):
        done = run.publish(chosen["home"])
    answer(done, show_fields)
    complain(done["refused"])


@app.command()
def release(
    day: Annotated[str, typer.Argument(metavar="DAY", help="UTC day, like 2026-05-14.")],
    agency: Annotated[str | None, typer.Option(help="Only this agency; default all.")] = None,
) -> None:
    """Write the bundles of a day, what each agency may see and has not been given yet; then the database."""
    from pipeline import run

    with one_line_on_failure(), working(f"releasing {day}"):
        if agency:
            done: dict[str, Any] = {"day": day, "agencies": [run.release(day, agency, chosen["home"])], "refused": []}
        else:
            done = run.release_all(day, chosen["home"])
        run.publish(chosen["home"])
    answer(done, lambda document: show_rows(document["agencies"]))
    complain(done["refused"])


@app.command()
def explain(identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of an alert or an event.")]) -> None:
    """Everything that an alert or an event rests on: indicators and points, events with their numbers, positions."""
    from pipeline import explain, run

    with one_line_on_failure():
        found = explain.explain(run.existing(chosen["home"]), identifier)
    answer(found, lambda document: screen.print_json(data=document, default=str))


@app.command()
def reconcile() -> None:
    """Check that every record that came in stands somewhere; exit 1 and a line for each that does not."""
    from pipeline import reconcile, run

    with one_line_on_failure(), working("reconciling"):
        found = reconcile.reconcile(run.existing(chosen["home"]))
    answer(found, show_fields)
    complain(found["problems"])


@app.command()
def rejects(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    day: Annotated[
        str | None, typer.Option(help="Only of files with records of this UTC day, or that came in on it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most records to show.")] = 50,
) -> None:
    """What was not believed: files refused whole, records by reason with what to do about it, and the first of them."""
    from pipeline import run

    with one_line_on_failure():
        found = run.rejects(limit, run.existing(chosen["home"]), source, day)

    def show(document: dict[str, Any]) -> None:
        for name in ("files", "counts", "rows"):
            screen.print(f"{name}:")
            show_rows(document[name])

    answer(found, show)


@app.command("list")
def list_(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    markdown: Annotated[
        bool, typer.Option(help="The sources, zones, detectors, tables or reasons as the Markdown of docs/.")
    ] = False,
) -> None:
    """What is in force: sources, zones, gates, detectors, agencies, formats, tables, or the reasons for which records are refused."""
    from pipeline import inventory, run

    with one_line_on_failure():
        if markdown:
            typer.echo(inventory.markdown(kind.value, chosen["home"]))
            return
        found = inventory.listed(kind.value, chosen["home"])
        refused = run.refused_reference(chosen["home"])
    answer(
        {kind.value: found},
        lambda document: show_rows(
            [{key: row[key] for key in row if key not in NOT_SHOWN} for row in document[kind.value]]
        ),
    )
    complain(refused)


@app.command(context_settings={"ignore_unknown_options": True})
def where(
    lon: Annotated[float | None, typer.Argument(help="Longitude, degrees east.")] = None,
    lat: Annotated[float | None, typer.Argument(help="Latitude, degrees north.")] = None,
    file: Annotated[Path | None, typer.Option(help="A CSV file of many points, lon,lat a row.")] = None,
) -> None:
    """What is at a place: land or sea, coast, zones, corridors and sides, rescue regions, the nearest port."""
    from pipeline import run

    if (file is None) == (lat is None) or (file and lon is not None):
        raise typer.BadParameter("say LON LAT, or --file")
    with one_line_on_failure():
        points = run.read_points(file) if file else [(float(lon or 0.0), float(lat or 0.0))]
        found = run.where(points, chosen["home"])
    if file:
        answer({"points": found}, show_places)
    else:
        answer(found[0], show_fields)


def show_places(document: dict[str, Any]) -> None:
    """One line a place, whole."""
    for place in document["points"]:
        said = {key: " ".join(value) if isinstance(value, list) else value for key, value in place.items()}
        typer.echo("  ".join(f"{key}={value}" for key, value in said.items() if value not in (None, "")))


@app.command()
def gate(corridor: Annotated[str, typer.Argument(metavar="CORRIDOR", help="Id of a corridor in force.")]) -> None:
    """Compute the median line of a corridor's coasts and print it as a file for reference/gates/."""
    from pipeline import gates, run

    with one_line_on_failure():
        found = gates.gate(run.sea_today(chosen["home"]), corridor)
    answer(found, lambda document: typer.echo(gates.written(document)))


@app.command()
def chart(
    theatre: Annotated[str, typer.Argument(metavar="THEATRE", help="Id of a theatre, like aegean.")],
    out: Annotated[Path, typer.Option(help="The SVG file to write.")],
) -> None:
    """Draw a theatre as it is in force: coast, zones, corridors, gates, ports."""
    from pipeline import run, theatre_chart

    with one_line_on_failure(), working(f"drawing {theatre}"):
        write_page(out, theatre_chart.chart(run.sea_today(chosen["home"]), theatre))
    answer({"theatre": theatre, "path": str(out)}, show_fields)


@app.command()
def summary() -> None:
    """What a home holds: files, records, tracks, events, alerts, bundles, the database."""
    from pipeline import run

    with one_line_on_failure():
        found = run.summary(run.existing(chosen["home"]))
    answer(found, show_fields)


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="Where the files are written, as inbox/<source>/… and truth.json.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    days: Annotated[int | None, typer.Option(min=1, help="Days from 2026-05-14 on; default 1.")] = None,
    vessels: Annotated[int | None, typer.Option(min=0, help="Vessels of ordinary traffic; default 150.")] = None,
    theatre: Annotated[str | None, typer.Option(help="Id of a theatre; default aegean.")] = None,
    into: Annotated[
        list[Path] | None,
        typer.Option(
            help="A real AIS file (noaa_marinecadastre) to lay the behaviours into, in place of days and vessels; may be repeated."
        ),
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="The small day and the scenarios of sample_data/ instead.")
    ] = False,
) -> None:
    """Write simulated days with labelled behaviours, in the providers' own formats, and the truth about them."""
    from pipeline import run, simulate

    if into and (days or vessels is not None):
        raise typer.BadParameter("days and vessels are those of the files of --into")
    if sample and (into or days or vessels is not None or theatre):
        raise typer.BadParameter("--sample is one day of its own: say nothing but DIR and --seed")
    with one_line_on_failure(), working(f"simulating into {folder}"):
        if sample:
            simulate.sample_day(folder, seed)
            simulate.scenarios(folder / "scenarios")
        else:
            simulate.simulate(
                folder,
                theatre=theatre or "aegean",
                seed=seed,
                days=days or 1,
                vessels=150 if vessels is None else vessels,
                cache=run.at(chosen["home"]).cache,
                into=into or (),
            )
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    answer({"folder": str(folder), "seed": seed, "files": files}, show_fields)


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Argument(help="The truth.json that `pharos simulate` wrote beside the files.")],
    html: Annotated[
        Path | None, typer.Option(help="Also write a page with a map of every miss and every false alert.")
    ] = None,
) -> None:
    """Hold what the home found against the truth: precision, recall, time to detect, alerts, negatives that alerted."""
    from pipeline import run
    from pipeline.evaluate import evaluate, page, tables

    with one_line_on_failure(), working(f"evaluating against {truth}"):
        here = run.existing(chosen["home"])
        found = evaluate(here, truth)
        if html:
            write_page(html, page.render(here, run.sea(here), truth, found))
    answer(found, lambda document: screen.print(*tables.terminal(document), sep="\n"))


@app.command()
def bench(
    vessels: Annotated[int, typer.Option(min=10, help="Vessels of the synthetic day; each has 1,440 positions.")] = 700,
) -> None:
    """Measure ingest and detection on a synthetic day, beside what pyarrow and DuckDB need for reading the same data."""
    from pipeline import bench

    with one_line_on_failure(), working(f"measuring with {vessels} vessels"):
        found = bench.measure(vessels, chosen["home"])
    answer(found, show_fields)
