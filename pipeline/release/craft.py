"""What the lake knows about the craft of an alert: the fixes of its track and what it called itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from pipeline import contracts, store

BEFORE = timedelta(hours=3)  # own: how much of a track is shown before the event

AFTER = timedelta(days=1)  # own: the position of an alert that is still open may be this much later than its evidence


class Fix(NamedTuple):
    """One position of a track, and the source that reported it."""

    observed_at: datetime
    lon: float
    lat: float
    source_id: str


def fixes(lake: Path, alerts: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], list[Fix]]:
    """
    By (alert_id, revision), in order of time: the fixes of the alert's track from three hours before it began to its position.

    The position of an alert is that of a fix; where none is there, the fixes go to its last known instant.
    """
    wanted = [alert for alert in alerts if alert.get("track_id")]
    tracks = sorted({alert["track_id"] for alert in wanted})
    by_track: dict[str, list[Fix]] = defaultdict(list)
    columns = ["track_id", "observed_at", "lon", "lat", "source_id"]
    for row in _rows(lake, "positions", _days(wanted), columns, "track_id", tracks):
        by_track[row["track_id"]].append(Fix(row["observed_at"], row["lon"], row["lat"], row["source_id"]))
    found = {}
    for alert in wanted:
        seen = sorted(fix for fix in by_track[alert["track_id"]] if alert["started_at"] - BEFORE <= fix.observed_at)
        there = [fix.observed_at for fix in seen if (fix.lon, fix.lat) == (alert["lon"], alert["lat"])]
        last = max(there) if there else _until(alert)
        found[alert["alert_id"], alert["revision"]] = [fix for fix in seen if fix.observed_at <= last]
    return found


def names(lake: Path, alerts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """
    `ship_name` and `call_sign` by alert_id: the last claim of the alert's MMSI on the days that it touches. Only claims heard by
    sources that the alert rests on count, so their labels are the alert's own.
    """
    wanted = [alert for alert in alerts if alert.get("mmsi")]
    columns = ["mmsi", "ship_name", "call_sign", "source_id", "first_at", "last_at"]
    mmsis = sorted({alert["mmsi"] for alert in wanted})
    claims: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(lake, "identity_claims", _days(wanted), columns, "mmsi", mmsis):
        claims[row["mmsi"]].append(row)
    found = {}
    for alert in wanted:
        own = [claim for claim in claims[alert["mmsi"]] if claim["source_id"] in alert["source_ids"]]
        own.sort(key=lambda claim: (claim["last_at"], claim["ship_name"] or "", claim["call_sign"] or ""))
        found[alert["alert_id"]] = {
            name: claim[name] for claim in own for name in ("ship_name", "call_sign") if claim[name]
        }
    return found


def _until(alert: Mapping[str, Any]) -> datetime:
    known_at: datetime = alert["known_at"]
    return max(known_at, alert["ended_at"] or known_at)


def _days(alerts: Iterable[Mapping[str, Any]]) -> list[str]:
    days: set[date] = set()
    for alert in alerts:
        day = (alert["started_at"] - BEFORE).date()
        while day <= (_until(alert) + AFTER).date():
            days.add(day)
            day += timedelta(days=1)
    return [day.isoformat() for day in sorted(days)]


def _rows(
    lake: Path, table: str, days: Iterable[str], columns: list[str], key: str, values: Collection[str]
) -> Iterable[dict[str, Any]]:
    if not values:
        return
    schema = contracts.load(table).schema
    for day in days:
        for path in store.parts(lake, table, f"day={day}"):
            data = pq.read_table(
                path, columns=columns, schema=schema, filters=[(key, "in", list(values))], partitioning=None,
                page_checksum_verification=True,
            )  # fmt: skip
            yield from data.to_pylist()
