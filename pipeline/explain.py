"""
Explanation: everything that an alert or an event rests on, for a person who has to act on it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow.compute as pc

from pipeline import store
from pipeline.config import Home
from pipeline.errors import PharosError

SHOWN_POSITIONS = 12  # spread over the time of the event


def explain(home: Home, wanted_id: str) -> dict[str, Any]:
    """
    The alert with all its revisions, its indicators and their points, its events with their evidence, and positions along the track.

    An event's id gives that event and the alerts that rest on it. `PharosError` when neither is known.
    """
    events = {row["event_id"]: row for row in store.read(store.parts(home.lake, "events"), "events").to_pylist()}
    revisions = store.read(store.parts(home.lake, "alerts"), "alerts").to_pylist()
    links = store.read(store.parts(home.lake, "alert_events"), "alert_events").to_pylist()
    mine = [row for row in revisions if row["alert_id"] == wanted_id]
    if mine:
        about = {row["event_id"]: row["role"] for row in links if row["alert_id"] == wanted_id}
        last = mine[-1]
        return {
            "alert": {**told(last), "indicators": json.loads(last["indicators"])},
            "revisions": [
                {
                    "revision": row["revision"],
                    "status": row["status"],
                    "known_at": told(row)["known_at"],
                    "headline": row["headline"],
                }
                for row in mine
            ],
            "events": [
                {"role": about[name], **event(events[name])}
                for name in sorted(about, key=lambda name: (about[name] != "subject", name))
            ],
            "positions": positions(home, last),
        }
    if wanted_id in events:
        found = events[wanted_id]
        return {
            "event": event(found),
            "alerts": sorted({row["alert_id"] for row in links if row["event_id"] == wanted_id}),
            "positions": positions(home, found),
        }
    raise PharosError(f"no alert and no event has the id {wanted_id!r}; ids stand in the tables alerts and events")


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its times as text."""
    return {key: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value for key, value in row.items()}


def event(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event with its evidence opened."""
    return {**told(row), "evidence": json.loads(row["evidence"])}


def positions(home: Home, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Positions of the track from the start of the event or alert to its end, at most `SHOWN_POSITIONS`, first and last included."""
    end = row["ended_at"] or row["known_at"]
    days = [
        name
        for name in store.days(home.lake, "positions")
        if f"{row['started_at']:%Y-%m-%d}" <= name <= f"{end:%Y-%m-%d}"
    ]
    paths = [path for name in days for path in store.parts(home.lake, "positions", f"day={name}")]
    table = store.read(paths, "positions")
    time = table.column("observed_at")
    on_track = pc.equal(table.column("track_id"), row["track_id"] or "")
    within = pc.and_(pc.greater_equal(time, row["started_at"]), pc.less_equal(time, end))
    rows = table.filter(pc.and_(on_track, within)).to_pylist()
    step = max(1, -(-len(rows) // SHOWN_POSITIONS))
    chosen = rows[::step] + (rows[-1:] if rows and (len(rows) - 1) % step else [])
    names = ("observed_at", "lon", "lat", "sog_kn", "cog_deg", "source_id")
    return [{name: told(one)[name] for name in names} for one in chosen]
