"""Product and oracles side by side: the events of each rule as tuples of what a definition fixes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from pipeline.sea import Sea
from tests.detect.motions import PAUSES
from tests.detect.oracles import Oracle

Facts = dict[str, set[tuple[Any, ...]]]


def wanted(motion: pa.Table, sea: Sea) -> Facts:
    """What the oracles say."""
    oracle = Oracle(motion, sea, PAUSES)
    return {
        "ais_gap": oracle.ais_gaps(),
        "feed_outage": set(oracle.outages),
        "coast_crossing": oracle.crossings(),
        "beacon": oracle.beacons(),
        "vanish": oracle.vanished(),
        "stop": oracle.stops(),
        "steaming": oracle.steaming(),
    }


def found(events: Mapping[str, Mapping[str, Any]]) -> Facts:
    """What the product says."""
    facts: Facts = {
        name: set() for name in ("ais_gap", "feed_outage", "coast_crossing", "beacon", "vanish", "stop", "steaming")
    }
    for event in events.values():
        evidence = json.loads(event["evidence"])
        rule, is_void, track = evidence.get("rule"), event["state"] == "void_coverage", event["track_id"]
        start, end, known = (utc(event[name]) for name in ("started_at", "ended_at", "known_at"))
        if event["event_type"] == "ais_gap":
            facts["ais_gap"].add((track, start, end, is_void))
        elif event["event_type"] == "feed_outage":
            facts["feed_outage"].add((event["source_ids"][0], rule, start, known, end))
        elif event["event_type"] == "coast_crossing":
            facts["coast_crossing"].add((track, event["zone_id"], start, end, event["phase"], is_void))
        elif rule == "b_vanish":
            facts["vanish"].add((track, start, end, is_void))
        elif rule == "b_stop":
            facts["stop"].add((track, start, known, end))
        elif rule == "f":
            facts["steaming"].add((track, start, known, end))
        else:
            facts["beacon"].add((track, event["event_type"], start, end))
    return facts


def utc(moment: datetime | None) -> datetime | None:
    """The same instant with one kind of UTC."""
    return moment.astimezone(UTC) if moment else None
