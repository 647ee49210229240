"""
Matching: which found event is which true one.

Definition  A found event matches a true one of the same type (and phase and rule, where the truth gives them) when it is about the same craft
            and their times overlap by at least 0.3 of what they span together (IoU). Of all pairs that match, the best overlap is taken first and
            each event at most once. A found event left over that matches a true one already taken repeats it: neither true nor false.
Times       An event without an end lasts until the end of the data. A moment, or a time shorter than 10 minutes, is widened to 10 minutes around
            its middle: else a difference of a minute would decide.
Pairs       Of two craft, either may stand first. Where the truth names one only, it may be either of the two.
Places      An event about no craft must stand within 50 nm of where the truth has it, where both have a place.
Source      definitions.md, "How good is good" (time IoU); the widening and the 50 nm are own
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pipeline.evaluate.truth import TrueEvent
from pipeline.geo import distance_nm

MIN_IOU = 0.3  # definitions.md, "How good is good"
MIN_SPAN = timedelta(minutes=10)  # own
MAX_APART_NM = 50.0  # own: of events about no craft

Row = Mapping[str, Any]  # of the table `events`


class Matches(NamedTuple):
    """Found event by number of the true one, the found events that repeat one of these, and those that match none; in the order given."""

    found: dict[int, Row]
    repeats: list[Row]
    false: list[Row]


def match(true: Sequence[TrueEvent], found: Sequence[Row], data_end: datetime) -> Matches:
    """One-to-one, best overlap first; of equal ones the earlier true event, then the smaller event id."""
    pairs = sorted(
        (-overlap, number, row["event_id"], n)
        for number, event in enumerate(true)
        for n, row in enumerate(found)
        if is_alike(event, row)
        and (overlap := iou(event.started_at, event.ended_at, row["started_at"], row["ended_at"], data_end)) >= MIN_IOU
    )
    matched: dict[int, int] = {}
    used: set[int] = set()
    for _, number, _, n in pairs:
        if number not in matched and n not in used:
            matched[number] = n
            used.add(n)
    matching = {n for _, _, _, n in pairs}
    return Matches(
        found={number: found[n] for number, n in sorted(matched.items())},
        repeats=[row for n, row in enumerate(found) if n in matching - used],
        false=[row for n, row in enumerate(found) if n not in matching],
    )


def is_alike(event: TrueEvent, row: Row) -> bool:
    """Whether a found event is of the same kind and about the same craft, whenever it was."""
    return (
        event.event_type == row["event_type"]
        and event.phase in (None, row["phase"])
        and is_about(event, row)
        and is_near(event, row)
        and event.rule in (None, rule_of(row))
    )


def rule_of(row: Row) -> str | None:
    """The rule that found an event, where its detector has several."""
    rule: str | None = json.loads(row["evidence"]).get("rule")
    return rule


def is_about(event: TrueEvent, row: Row) -> bool:
    """Whether a found event is about the craft that the true one is about."""
    one, other = (row["track_id"], row["mmsi"]), (row["other_track_id"], row["other_mmsi"])
    if event.other is None:
        return event.is_of(*one) or (other != (None, None) and event.is_of(*other))
    return (event.is_of(*one) and event.other.is_of(*other)) or (event.is_of(*other) and event.other.is_of(*one))


def is_near(event: TrueEvent, row: Row) -> bool:
    """Whether a found event stands where the true one does; the craft say it, so this is asked of events about none."""
    if row["track_id"] or row["mmsi"] or event.lon is None or event.lat is None or None in (row["lon"], row["lat"]):
        return True
    return bool(distance_nm(event.lat, event.lon, row["lat"], row["lon"]) <= MAX_APART_NM)


def iou(
    start: datetime, end: datetime | None, other_start: datetime, other_end: datetime | None, data_end: datetime
) -> float:
    """Intersection over union of two spans of time, 0 to 1."""
    (a, b), (c, d) = span(start, end, data_end), span(other_start, other_end, data_end)
    shared = min(b, d) - max(a, c)
    return max(shared / (max(b, d) - min(a, c)), 0.0)


def span(start: datetime, end: datetime | None, data_end: datetime) -> tuple[datetime, datetime]:
    """The time that counts for an event: open ones until the end of the data, short ones widened."""
    end = data_end if end is None else end
    lacking = MIN_SPAN - (end - start)
    return (start - lacking / 2, end + lacking / 2) if lacking > timedelta(0) else (start, end)
