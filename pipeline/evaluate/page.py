"""
The page for people: the figures, and a map of everything that was missed and of every false alert; whole in one file, without a script, so it works offline.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import pipeline.evaluate
from pipeline import alerts, contracts, store
from pipeline.config import Home
from pipeline.evaluate import maps, matching, tables, truth
from pipeline.evaluate.maps import Fix, Ground
from pipeline.evaluate.truth import Behaviour
from pipeline.sea import Sea

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(home: Home, sea: Sea, truth_path: Path, document: tables.Document) -> str:
    """The page of an evaluation, `document`, of this home against this truth."""
    told = truth.read(truth_path)
    stories = {story.label: story for story in told.behaviours}
    ground = maps.ground(sea, told.theatre, map(way, told.behaviours), home.cache)
    raised = alerts.last_revisions(pipeline.evaluate.rows(home, "alerts", told.days))
    crafts = pipeline.evaluate.rows(home, "tracks", told.days)
    missed = {label: list(rows) for label, rows in groupby(document["misses"], lambda row: row["label"])}
    seen = {
        label: sorted({row["track_id"] for row in crafts if stories[label].is_about(row["track_id"], row["mmsi"])})
        for label in missed
    }
    false = [(row, raised[row["alert_id"]]) for row in document["false_alerts"]]
    wanted = [*(name for names in seen.values() for name in names), *(alert["track_id"] for _, alert in false)]
    tracks = fixes(home, told.days, {name for name in wanted if name})
    return ENVIRONMENT.get_template("page.html.j2").render(
        document=document,
        sentences=tables.sentences(document),
        tables=[table for table in (*tables.tables(document), *tables.lists(document)) if table.rows],
        misses=[
            {
                "story": stories[label],
                "rows": [{**row, "name": tables.event_name(row)} for row in rows],
                "map": miss_map(ground, stories[label], rows, [tracks[name] for name in seen[label]]),
            }
            for label, rows in missed.items()
        ],
        false_alerts=[
            {**row, "map": alert_map(ground, row, alert, stories.get(row["label"]), tracks)} for row, alert in false
        ],
        definitions=[definition.strip() for definition in (pipeline.evaluate.__doc__, matching.__doc__) if definition],
        clock=tables.clock,
        gap_min=round(maps.GAP.total_seconds() / 60),
    )


def fixes(home: Home, days: Iterable[str], track_ids: Iterable[str]) -> dict[str, list[Fix]]:
    """The positions of these tracks on these days, in order of time, by track id."""
    found: dict[str, list[Fix]] = {name: [] for name in sorted(track_ids)}
    for path in (path for day in days for path in store.parts(home.lake, "positions", f"day={day}")):
        table = pq.read_table(
            path,
            columns=["track_id", "observed_at", "lon", "lat"],
            schema=contracts.load("positions").schema,
            filters=pc.field("track_id").isin(pa.array(found, pa.string())),
            partitioning=None,
            page_checksum_verification=True,
        )
        for row in table.sort_by("observed_at").to_pylist():
            found[row["track_id"]].append(Fix(row["observed_at"], row["lon"], row["lat"]))
    return found


def miss_map(
    ground: Ground, story: Behaviour, rows: Sequence[Mapping[str, Any]], tracks: Sequence[Sequence[Fix]]
) -> maps.Map:
    """Where a behaviour was acted out whose events were missed; `rows` are those of the document."""
    known = [datetime.fromisoformat(row["known_at"]) for row in rows]
    ends = [datetime.fromisoformat(row["ended_at"]) for row in rows if row["ended_at"]]
    window = (min(datetime.fromisoformat(row["started_at"]) for row in rows), max(known + ends))
    spots = [
        Fix(event.known_at, event.lon, event.lat)
        for event in story.events
        if event.lon is not None and event.lat is not None
    ]
    title = f"Missed of {story.label}: {', '.join(tables.event_name(row) for row in rows)}"
    return maps.draw(ground, title, window, way(story), tracks, spots)


def alert_map(
    ground: Ground,
    row: Mapping[str, Any],
    alert: Mapping[str, Any],
    story: Behaviour | None,
    tracks: Mapping[str, Sequence[Fix]],
) -> maps.Map:
    """Where a false alert stands; `row` is that of the document."""
    window = (alert["started_at"], max(alert["known_at"], alert["ended_at"] or alert["known_at"]))
    seen = [tracks[alert["track_id"]]] if alert["track_id"] else []
    title = f"False alert about {row['label'] or 'the background'}: {alert['headline']}"
    stands = Fix(alert["known_at"], alert["lon"], alert["lat"])
    return maps.draw(ground, title, window, way(story), seen, [stands])


def way(story: Behaviour | None) -> list[Fix]:
    """The true way of the first craft of a behaviour; empty where it has none."""
    return [Fix(*point) for point in story.path] if story else []
