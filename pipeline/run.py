"""
What Pharos does, one function a task: the same from Airflow and from a terminal.

Every function takes the home (default `$PHAROS_HOME`, else `./var`) and returns a JSON-able document of counts and ids, never data. This is where the
clock is read; below here time is an argument.
"""

import csv
import hashlib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import alerts, carry, config, contracts, events, facts, feeds, ledger, sources, store, tracks, warehouse
from pipeline import where as places
from pipeline.config import Home
from pipeline.errors import PharosError, SettingsError
from pipeline.reasons import REASONS
from pipeline.release import agencies, bundle
from pipeline.sea import Sea, open_sea
from pipeline.sources import intake
from pipeline.zones import PACKAGED

Where = Home | Path | str | None


def at(home: Where) -> Home:
    """The home that is meant."""
    return home if isinstance(home, Home) else config.home(home)


def existing(home: Where = None) -> Home:
    """The home that is meant; `SettingsError` when nothing was ever taken in there."""
    here = at(home)
    if not here.ledger.is_file():
        raise SettingsError(
            f"{here.root}: no home of Pharos is here; say --home, or begin with `pharos init` and `pharos ingest`"
        )
    return here


@lru_cache(maxsize=2)
def _sea(home: Home, on: date | None, files: tuple[tuple[str, int, int], ...]) -> Sea:
    for kept in sorted(home.last_good.glob("*/*.geojson")):
        if not (home.reference / kept.parent.name / kept.name).exists():
            kept.unlink(missing_ok=True)  # it was taken away on purpose
    opened = open_sea([PACKAGED, home.last_good, home.reference], home.cache, on)
    refused = {name for name, _ in opened.refused}
    for path in sorted(home.reference.glob("zones/*.geojson")) + sorted(home.reference.glob("gates/*.geojson")):
        kept = home.last_good / path.parent.name / path.name
        if path.name not in refused and not (kept.exists() and kept.read_bytes() == path.read_bytes()):
            store.replace_file(kept, path.read_bytes())
    return opened


def sea(home: Where = None, on: str | None = None) -> Sea:
    """
    The geography in force on a day, or ever; kept for the process until a file of the home's reference data changes.

    A zone or gate file of the home that cannot be used any more stays in force as it last was.
    """
    here = at(home)
    paths = sorted(here.reference.glob("*/*.geojson"))
    files = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    return _sea(here, date.fromisoformat(on) if on else None, files)


def sea_today(home: Where = None) -> Sea:
    """The geography in force today."""
    return sea(home, str(datetime.now(UTC).date()))


def init(home: Where = None) -> dict[str, Any]:
    """Make the home's folders and the caches that need making once; the zone files that were refused are named."""
    here = at(home)
    here.create()
    opened = sea(here)
    for source_id in sources.load_all(here):
        (here.inbox / source_id).mkdir(exist_ok=True)
    return {
        "home": str(here.root),
        "zones": len(opened.zones),
        "gates": len(opened.gates),
        "ports": len(opened.ports),
        "refused": refused_reference(here),
    }


def where(points: list[tuple[float, float]], home: Where = None) -> list[dict[str, Any]]:
    """What is at each (lon, lat) today, see `pipeline.where`; `SettingsError` for what is no place on Earth."""
    for lon, lat in points:
        check_point(lon, lat)
    return places.where(sea_today(home), *zip(*points, strict=True)) if points else []


def check_point(lon: float, lat: float) -> None:
    """`SettingsError` for what is no place on Earth."""
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        raise SettingsError(f"{lon:g}, {lat:g} is no place: say longitude, then latitude, in degrees")


def read_points(path: Path) -> list[tuple[float, float]]:
    """The points of a CSV file, `lon,lat` a row, with or without that header; `SettingsError` names the first line that is none."""
    points: list[tuple[float, float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            for row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                if rows.line_num == 1 and [cell.strip().lower() for cell in row[:2]] == ["lon", "lat"]:
                    continue
                try:
                    lon, lat = (float(cell) for cell in row[:2])
                    check_point(lon, lat)
                except (ValueError, SettingsError) as fault:
                    why = (
                        str(fault) if isinstance(fault, SettingsError) else "write lon,lat in degrees, a header only so"
                    )
                    raise SettingsError(
                        f"{path.name}, line {rows.line_num}: {','.join(row)!r} is no point: {why}"
                    ) from None
                points.append((lon, lat))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise SettingsError(f"{path}: cannot be read as CSV in UTF-8: {fault}") from None
    return points


def inbox_files(home: Where = None) -> list[dict[str, str]]:
    """Files in `inbox/<source>/` that are complete and wait to be taken in, in order."""
    here = at(home)
    return [{"source_id": source_id, "path": str(path)} for source_id, path in intake.waiting(here, datetime.now(UTC))]


def ingest(source_id: str, path: str | Path, home: Where = None) -> dict[str, Any]:
    """
    Take one file in. Returns its counts and the days that it touched. `SourceError` when it is refused whole.

    A file of the inbox is removed from there once its bytes are kept, whether it was accepted or refused.
    """
    here, path = at(home), Path(path)
    with ledger.logged(here.ledger, "ingest", f"{source_id}/{path.name}") as counts:
        taken = intake.take(here, source_id, path, datetime.now(UTC), lambda: sea(here))
        names = ("lines_in", "accepted", "rejected", "duplicates", "blank")
        counts.update({name: taken[name] for name in names})
        return {
            "source_id": source_id,
            "file_name": path.name,
            "fact_tables": taken["fact_tables"],
            "state": taken["state"],
            **counts,
            "days": taken["days"],
            "is_new": taken["is_new"],
        }


def inbox(home: Where = None) -> dict[str, Any]:
    """Take in everything that waits in the inbox; a refused file is named and the others go on."""
    taken: list[dict[str, Any]] = []
    refused = [
        f"{path.relative_to(at(home).root)}: in no source's folder; put it into inbox/<source>/"
        for path in intake.strays(at(home))
    ]
    for file in inbox_files(home):
        try:
            taken.append(ingest(file["source_id"], file["path"], home))
        except PharosError as error:
            refused.append(str(error))
    return {"taken": taken, "refused": refused}


def days_touched(home: Where = None) -> list[str]:
    """Days whose position reports changed since their last run, in order (ISO dates)."""
    with ledger.opened(at(home).ledger) as connection:
        return ledger.days_touched(connection)


def day(day: str, until: str | None = None, home: Where = None) -> dict[str, Any]:
    """
    Tracks, events and alerts of a day, or of the days from `day` to `until`.

    Days before that were touched come first, since a day rests on what the day before left; days after it that have run are run again where
    what they rest on has changed. A day without data is named in `no_input`.
    """
    here = at(home)
    asked = days_between(day, until)
    with ledger.only_one(here.state, "day"), ledger.logged(here.ledger, "day", f"{asked[0]}..{asked[-1]}") as counts:
        with ledger.opened(here.ledger) as connection:
            with_data = ledger.report_days(connection)
        totals = {"tracks": 0, "events": 0, "positions": 0, "impossible": 0}
        done: list[str] = []
        for name in with_data:
            with ledger.opened(here.ledger) as connection:
                is_touched = ledger.is_touched(connection, name)
                has_run = ledger.day_run(connection, name) is not None
            # a later day that has not run yet is not begun
            if name in asked or (is_touched and (name <= asked[-1] or has_run)):
                result = one_day(here, name)
                totals = {key: totals[key] + result[key] for key in totals}
                done.append(name)
        made = bring_alerts_up_to_date(here)
        counts.update(
            {"days": done, "no_input": [name for name in asked if name not in with_data], **totals, "alerts": made}
        )
        return dict(counts)


def days_between(first: str, last: str | None = None) -> list[str]:
    """ISO dates from the first to the last day, or the one; `SettingsError` when they are no dates or in the wrong order."""
    start, end = (as_date(written) for written in (first, first if last is None else last))
    if end < start:
        raise SettingsError(f"the last day {last} lies before the first, {first}")
    return [str(start + timedelta(days=n)) for n in range((end - start).days + 1)]


def as_date(written: str) -> date:
    """The day that is meant."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise SettingsError(f"{written!r}: a day is written like 2026-05-14") from None


def one_day(home: Home, name: str) -> dict[str, Any]:
    """One day from its reports to its events; its row in the ledger comes last and makes it count."""
    with ledger.opened(home.ledger) as connection:
        files = ledger.inputs(connection, name)
        before = ledger.day_before(connection, name)
    carried = carry.load(home.state, before["state_sha256"]) if before else carry.Carried()
    reports, said = (
        store.read((store.part_path(home.lake, table, f"day={name}", sha256[:16]) for sha256 in those), table)
        for table, those in files.items()
    )
    known = sources.load_all(home)
    most_an_hour = {key: source.limits.reports_an_hour for key, source in known.items()}
    tracked = tracks.make(tracks.each_once(reports), carried.motion, said, most_an_hour)
    pauses: defaultdict[str, float] = defaultdict(
        lambda: np.inf
    )  # of a source whose file cannot be read any more nothing is usual
    pauses.update({key: source.limits.usual_pause_s or np.inf for key, source in known.items()})
    usual = feeds.usual_vessels(home.lake, name)
    scene = events.scene_of(tracked.motion, carried, pauses, usual, sea(home, name))
    found, left = events.detect(scene, carried, name)

    partition = f"day={name}"
    store.write(home.lake, "positions", partition, "all", tracked.positions)
    store.write(home.lake, "tracks", partition, "all", tracked.tracks)
    store.write(home.lake, "identity_claims", partition, "all", tracked.identity_claims)
    health = feeds.health(tracked.positions, tracked.repeated, tracked.surplus, name)
    store.write(home.lake, "feed_health", partition, "all", health)
    store.write(home.lake, "rejects", partition, "tracks", impossible_fixes(tracked.impossible))
    with ledger.opened(home.ledger) as connection:
        ledger.alerts_become_due(connection, events.affected(home.lake, name, found))
        due = ledger.alert_days_due(connection)
    events.emit(home.lake, name, found, due)
    state_sha256 = carry.save(home.state, left)
    row = {
        "day": name,
        "inputs_sha256": ledger.digest(files),
        "state_sha256": state_sha256,
        "health_sha256": hashlib.sha256(store.parquet(health.select(feeds.BASELINE_COLUMNS))).hexdigest(),
        "emitted_sha256": hashlib.sha256(store.parquet(found)).hexdigest(),
        "n_reports": reports.num_rows,
        "n_positions": tracked.positions.num_rows,
        "n_rejected": tracked.impossible.num_rows,
        "n_repeated": tracked.repeated.num_rows + reports.num_rows - tracked.n_reports,
        "n_surplus": tracked.surplus.num_rows,
    }
    with ledger.opened(home.ledger) as connection:
        ledger.record_day(connection, row, feeds.BASELINE_DAYS)
        in_force = ledger.states(connection)
    carry.sweep(home.state, in_force)
    return {
        "tracks": tracked.tracks.num_rows,
        "events": found.num_rows,
        "positions": tracked.positions.num_rows,
        "impossible": tracked.impossible.num_rows,
    }


def impossible_fixes(fixes: pa.Table) -> pa.Table:
    """Fixes that no track could have sailed to, as rows of `rejects` with what was read from them."""
    marks = {"stage": "tracks", "reason": "impossible_fix"}
    records = []
    for row in fixes.to_pylist():
        said = {key: value for key, value in row.items() if value is not None and key not in facts.OF_THE_FILE}
        raw = contracts.to_json({**said, "observed_at": row["observed_at"].isoformat()})
        records.append(
            {"source_id": row["source_id"], **{key: row[key] for key in facts.OF_THE_FILE}, **marks, "raw": raw}
        )
    return contracts.rows("rejects", records)


def bring_alerts_up_to_date(home: Home) -> dict[str, int]:
    """Make the alerts of every day whose events may have changed since they were last made."""
    with ledger.opened(home.ledger) as connection:
        due = ledger.alert_days_due(connection)
        as_of = ledger.heard_until(connection)
    made = Counter({"new": 0, "update": 0, "cancel": 0})
    for name in due:
        made.update(alerts.update(home, sea(home, name), sources.load_all(home), [name], as_of))
        with ledger.opened(home.ledger) as connection:
            ledger.alerts_made(connection, [name])
    return dict(made)


def publish(home: Where = None) -> dict[str, Any]:
    """Build `pharos.duckdb` beside the former one and swap it in."""
    here = at(home)
    with ledger.only_one(here.state, "publish"), ledger.logged(here.ledger, "publish", here.warehouse.name) as counts:
        counts.update(warehouse.build(here, sea(here)))
        return dict(counts)


def agencies_due(home: Where = None) -> list[dict[str, str]]:
    """(agency, day) pairs for which there is something to release."""
    return bundle.due(at(home))


def release(day: str, agency_id: str, home: Where = None) -> dict[str, Any]:
    """Write the bundles of a day for one agency."""
    here = at(home)
    days_between(day)
    with ledger.logged(here.ledger, "release", f"{agency_id}/{day}") as counts:
        counts.update(bundle.release(here, sea(here, day), day, agency_id))
        return dict(counts)


def release_all(day: str, home: Where = None) -> dict[str, Any]:
    """Write the bundles of a day for every agency; one that cannot be served is named in `refused` and the others get theirs."""
    here = at(home)
    days_between(day)
    results, refused = [], []
    for agency_id in agencies.rescue_first(here):
        try:
            results.append(release(day, agency_id, here))
        except PharosError as error:
            refused.append(str(error))
    return {"day": day, "agencies": results, "refused": refused}


def refused_reference(home: Where = None) -> list[str]:
    """
    Files of the reference data that cannot be used, a line each; all others are in force.

    A zone or gate that such a file would have replaced stays in force; of a source nothing is taken in, to an agency nothing is sent.
    """
    here = at(home)
    places = [f"{name}: {reason}" for name, reason in sea(here).refused]
    _, lists = alerts.patrol_units(here)
    return [*places, *sources.faults(here).values(), *agencies.faults(here).values(), *lists]


def check(source_id: str, path: str | Path, home: Where = None) -> dict[str, Any]:
    """What would become of a file if it were taken in, see `intake.check`. Nothing is kept or written; `SourceError` when it would be refused whole."""
    path = Path(path)
    return {
        "source_id": source_id,
        "file_name": path.name,
        **intake.check(at(home), source_id, path, datetime.now(UTC)),
    }


def rejects(limit: int, home: Where = None, source_id: str | None = None, day: str | None = None) -> dict[str, Any]:
    """
    What was not believed, of all sources or one, ever or of one UTC day: files refused whole; records by source, stage and reason, with what the reason
    means and what to do; the first `limit` records. A file is of the days that its records are of, and of the day on which it came in.
    """
    here = at(home)
    if source_id is not None:
        sources.load(here, source_id)
    if day is not None:
        as_date(day)
    with ledger.opened(here.ledger) as connection:
        files = ledger.table(connection, "source_files").to_pylist()
        of_day = ledger.files_of_day(connection, day) if day else set()
    meant = {
        file["file_sha256"]: file
        for file in files
        if source_id in (None, file["source_id"])
        and (day is None or file["file_sha256"] in of_day or str(file["received_at"].date()) == day)
    }
    rows = [row for row in warehouse.rejects(here).to_pylist() if row["file_sha256"] in meant]
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        counted[row["source_id"], row["stage"], row["reason"]] += row["n_records"]
    return {
        "files": [
            {key: file[key] for key in ("source_id", "file_name", "received_at", "reason")}
            for file in meant.values()
            if file["state"] == "quarantined"
        ],
        "counts": [
            {"source_id": name, "stage": stage, "reason": reason, "n": n}
            | {"means": REASONS[reason].means, "do": REASONS[reason].do}
            for (name, stage, reason), n in sorted(counted.items())
        ],
        "rows": [
            {"file_name": meant[row["file_sha256"]]["file_name"], **row}
            for row in sorted(rows, key=lambda row: (row["source_id"], row["file_sha256"], row["line"], row["item"]))[
                :limit
            ]
        ],
    }


def summary(home: Where = None) -> dict[str, Any]:
    """What the home holds; `alert_id` is the gravest alert in force, None when there is none."""
    here = at(home)
    with ledger.opened(here.ledger) as connection:
        files = ledger.table(connection, "source_files").to_pylist()
        bundles = ledger.table(connection, "releases").to_pylist()
        days = ledger.report_days(connection)
    found = [
        row
        for row in store.read(store.parts(here.lake, "events"), "events").to_pylist()
        if row["state"] in ("open", "closed")
    ]
    current = [row for row in alerts.current(here.lake).to_pylist() if row["status"] != "cancel"]
    gravest = min(current, key=lambda row: (-row["severity"], -row["confidence"], row["alert_id"]), default=None)
    return {
        "home": str(here.root),
        "days": days,
        "files": len(files),
        "quarantined": sum(row["state"] == "quarantined" for row in files),
        "accepted": sum(row["accepted"] for row in files),
        "rejected": sum(row["rejected"] for row in files),
        "duplicates": sum(row["duplicates"] for row in files),
        "impossible_fixes": store.read(store.parts(here.lake, "rejects", "day=*"), "rejects").num_rows,
        "tracks": store.read(store.parts(here.lake, "tracks"), "tracks").num_rows,
        "events": dict(sorted(Counter(row["event_type"] for row in found).items())),
        "alerts": dict(sorted(Counter(row["category"] for row in current).items())),
        "bundles": [
            {
                "agency_id": row["agency_id"],
                "seq": row["seq"],
                "day": row["day"],
                "n_alerts": row["n_alerts"],
                "path": str(here.root / row["path"]),
            }
            for row in bundles
        ],
        "database": str(here.warehouse) if here.warehouse.exists() else None,
        "alert_id": gravest["alert_id"] if gravest else None,
    }
