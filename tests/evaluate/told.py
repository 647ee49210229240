"""A small truth and a small home to hold against it: real files, made row by row."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline import contracts, store
from pipeline.config import Home

DAY = "2026-05-14"
MIDNIGHT = datetime(2026, 5, 14, tzinfo=UTC)


def at(minute: float) -> datetime:
    """Minutes after the midnight that the day begins with."""
    return MIDNIGHT + timedelta(minutes=minute)


def event(event_id: str, start: float, end: float | None, **columns: Any) -> dict[str, Any]:
    """A found event, times in minutes: an AIS gap of MMSI 237000001 in force, unless columns say otherwise."""
    mmsi = columns.get("mmsi", "237000001")
    about = {"mmsi": mmsi, "track_id": f"mmsi:{mmsi}.1", "vessel_id": f"mmsi:{mmsi}"}
    row = {
        "event_id": event_id,
        "event_type": "ais_gap",
        "state": "open" if end is None else "closed",
        **about,
        "started_at": at(start),
        "ended_at": None if end is None else at(end),
        "known_at": at(start + 30),
        "confidence": 0.5,
        "is_distress": columns.get("event_type") == "distress",
        "source_ids": ["test"],
        "detector_version": 1,
        "evidence": json.dumps({"rule": columns.pop("rule", None)}),
    }
    return dict.fromkeys(contracts.load("events").schema.names) | row | columns


def true_event(start: float, end: float | None, **columns: Any) -> dict[str, Any]:
    """A true event, times in minutes: an AIS gap of MMSI 237000001, unless columns say otherwise."""
    return {
        "event_type": "ais_gap",
        "started_at": at(start).isoformat(),
        "ended_at": None if end is None else at(end).isoformat(),
        "known_at": at(start + 30).isoformat(),
        "is_distress": columns.get("event_type") == "distress",
        **({} if {"track_prefixes", "mmsi"} & columns.keys() else {"mmsi": "237000001"}),
        **columns,
    }


def behaviour(label: str, *events: Mapping[str, Any], **columns: Any) -> dict[str, Any]:
    """What MMSI 237000001 did, off Lesvos, unless columns say otherwise; it is positive when it has events or alerts."""
    return {
        "label": label,
        "behaviour": label.rstrip("0123456789-"),
        "section": "1",
        "positive": bool(events or columns.get("alerts")),
        "story": f"The story of {label}.",
        "subjects": [{"mmsi": "237000001", "track_prefixes": []}],
        "started_at": at(0).isoformat(),
        "ended_at": at(600).isoformat(),
        "path": [
            [at(0).isoformat(), 26.30, 39.30],
            [at(300).isoformat(), 26.35, 39.40],
            [at(600).isoformat(), 26.4, 39.42],
        ],
        "events": list(events),
        "alerts": [],
        **columns,
    }


def alert(alert_id: str, mmsi: str | None, category: str, **columns: Any) -> dict[str, Any]:
    """A revision of an alert."""
    row = {
        "alert_id": alert_id,
        "revision": 1,
        "status": "new",
        "category": category,
        "severity": 2,
        "confidence": 0.5,
        "headline": f"Headline of {alert_id}",
        "facts": "",
        "assessment": "Possible.",
        "indicators": "[]",
        "started_at": at(60),
        "ended_at": at(90),
        "known_at": at(80),
        "lon": 26.33,
        "lat": 39.37,
        "mmsi": mmsi,
        "track_id": f"mmsi:{mmsi}.1" if mmsi else None,
        "is_distress": category == "distress",
        "tlp": "GREEN",
        "rel_to": [],
        "source_ids": ["test"],
    }
    return dict.fromkeys(contracts.load("alerts").schema.names) | row | columns


def position(track_id: str, minute: float, lon: float, lat: float) -> dict[str, Any]:
    """A position of a track."""
    vessel_id = track_id.rpartition(".")[0]
    mmsi = vessel_id.removeprefix("mmsi:") if vessel_id.startswith("mmsi:") else None
    row = {
        "track_id": track_id,
        "vessel_id": vessel_id,
        "mmsi": mmsi,
        "observed_at": at(minute),
        "lon": lon,
        "lat": lat,
        "source_id": "test",
    }
    return dict.fromkeys(contracts.load("positions").schema.names) | row


def write_truth(path: Path, behaviours: Sequence[Mapping[str, Any]], **keys: Any) -> Path:
    """A truth of one day."""
    document = {
        "format": "pharos-truth/1",
        "theatre": "aegean",
        "seed": 1,
        "first_day": DAY,
        "days": 1,
        "vessels": 2,
        "behaviours": list(behaviours),
        "silences": [],
        **keys,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def write_home(
    home: Home,
    positions: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]] = (),
    alerts: Iterable[Mapping[str, Any]] = (),
) -> Home:
    """A lake with these rows and the tracks of the positions, each on the day on which it starts."""
    fixes = list(positions)
    tracks = [
        dict.fromkeys(contracts.load("tracks").schema.names)
        | {name: fix[name] for name in ("track_id", "vessel_id", "mmsi")}
        | {"source_ids": ["test"], "first_at": fix["observed_at"], "last_at": fix["observed_at"], "n_positions": 1}
        | {"distance_nm": 0.0, "ais_share": 0.0}
        for fix in {(fix["track_id"], fix["observed_at"].date()): fix for fix in fixes}.values()
    ]
    for table, column, rows in (
        ("positions", "observed_at", fixes),
        ("tracks", "first_at", tracks),
        ("events", "started_at", events),
        ("alerts", "started_at", alerts),
    ):
        by_day: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            by_day.setdefault(str(row[column].date()), []).append(row)
        for day, of_day in by_day.items():
            store.write(home.lake, table, f"day={day}", "all", contracts.rows(table, of_day))
    return home
