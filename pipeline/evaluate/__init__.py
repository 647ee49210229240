"""
Evaluation: what a home found, held against the truth about the same days.

Events      Found events in force are matched one-to-one to the true ones (`matching`). precision = found / (found + false), recall = found / expected,
            F1 = 2 found / (expected + found + false); null where there is nothing to divide by. What is found about craft that the truth does not
            label is false, but for AIS gaps that it lists as silences, and crossings of craft that say who they are: ferries do cross, and whom we
            suspect shows in the alerts. A true event of state void_coverage is not expected: its feed was down.
Time        `late_s` is our `known_at` minus that of the truth; less than 0 is earlier.
Alerts      Counted once each, cancelled ones included: they took a person's time. False is one about a craft of which the truth expects none of its
            category. A vessel-day is one vessel_id (radar tracks without identity are some) heard on one UTC day.
Cannot see  Event types that no detector emits yet are missed; they are marked, and a second total leaves them out. Real traffic is not labelled:
            whatever else is found there counts as false.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from pipeline import alerts, contracts, store
from pipeline.config import Home
from pipeline.errors import SettingsError
from pipeline.evaluate.matching import MIN_IOU, Row, iou, match, rule_of
from pipeline.evaluate.truth import Behaviour, TrueEvent, Truth, read
from pipeline.release.text import iso_z

IN_FORCE = ("open", "closed")
DETECTED = next(column.values for column in contracts.load("events").columns if column.name == "event_type") or ()

Document = dict[str, Any]


class Outcome(NamedTuple):
    """
    What became of one event: a true one is `found` (then `row` is the event that we found) or `missed`; a found one that is nobody's match is a
    `repeat`, a `silence`, a `passage`, or `false`. `behaviour` is the one it belongs to, None for the background.
    """

    verdict: Literal["found", "missed", "repeat", "silence", "passage", "false"]
    event_type: str
    behaviour: Behaviour | None
    event: TrueEvent | None
    row: Row | None

    @property
    def is_distress(self) -> bool:
        """Whether the truth says so of a true event, or the detector of another."""
        return self.event.is_distress if self.event else bool(self.row and self.row["is_distress"])

    @property
    def late_s(self) -> float | None:
        """How much later than the evidence sufficed it was known; None if it was not found."""
        return (self.row["known_at"] - self.event.known_at).total_seconds() if self.row and self.event else None


def evaluate(home: Home, truth_path: Path) -> Document:
    """The figures as one JSON-able document. `SettingsError` when the file is no truth, or the home has no positions of its days."""
    truth = read(truth_path)
    heard = {day: {row["vessel_id"] for row in rows(home, "tracks", [day])} for day in truth.days}
    vessel_days = sum(map(len, heard.values()))
    if not vessel_days:
        raise SettingsError(
            f"{home.root}: no positions from {truth.days[0]} to {truth.days[-1]}, the days of {truth_path}: "
            "take the files beside it in and run `pharos day`, or say --home"
        )
    emitted = rows(home, "events", truth.days)
    raised = alerts.last_revisions(rows(home, "alerts", truth.days)).values()
    return {
        "truth": {
            "theatre": truth.theatre,
            "seed": truth.seed,
            "days": truth.days,
            "vessels": truth.vessels,
            "behaviours": len(truth.behaviours),
            "unobserved": truth.unobserved,
        },
        "no_input": [day for day in truth.days if not heard[day]],
        "vessel_days": vessel_days,
        **of_events(truth, judged(truth, [row for row in emitted if row["state"] in IN_FORCE])),
        **of_alerts(truth, sorted(raised, key=lambda row: (row["started_at"], row["alert_id"])), vessel_days),
        "retractions": {
            "events_emitted": len(emitted),
            "events_retracted": sum(row["state"] == "retracted" for row in emitted),
            "alerts_raised": len(raised),
            "alerts_cancelled": sum(row["status"] == "cancel" for row in raised),
        },
    }


def rows(home: Home, table: str, days: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of a table on these days, in order."""
    parts = [path for day in days for path in store.parts(home.lake, table, f"day={day}")]
    found: list[dict[str, Any]] = store.read(parts, table).to_pylist()
    return found


def judged(truth: Truth, found: Sequence[Row]) -> list[Outcome]:
    """The outcome of every true event and of every found one in force."""
    wanted = [(story, event) for story in truth.behaviours for event in story.events if event.is_expected]
    matches = match([event for _, event in wanted], found, truth.ended_at)
    outcomes = [
        Outcome("found" if n in matches.found else "missed", event.event_type, story, event, matches.found.get(n))
        for n, (story, event) in enumerate(wanted)
    ]
    outcomes += [Outcome("repeat", row["event_type"], owner(truth, row), None, row) for row in matches.repeats]
    for row in matches.false:
        story = owner(truth, row)
        verdict: Literal["silence", "passage", "false"] = (
            "silence" if is_silence(truth, row) else "passage" if is_passage(story, row) else "false"
        )
        outcomes.append(Outcome(verdict, row["event_type"], story, None, row))
    return outcomes


def owner(truth: Truth, row: Row) -> Behaviour | None:
    """The first behaviour with a craft that a found event is about; None for the background and for feeds."""
    about = ((row["track_id"], row["mmsi"]), (row["other_track_id"], row["other_mmsi"]))
    return next((story for story in truth.behaviours if any(story.is_about(*who) for who in about)), None)


def is_silence(truth: Truth, row: Row) -> bool:
    """Whether a found AIS gap is a true silence that is no behaviour."""
    return row["event_type"] == "ais_gap" and any(
        silence.mmsi == row["mmsi"]
        and iou(silence.started_at, silence.ended_at, row["started_at"], row["ended_at"], truth.ended_at) >= MIN_IOU
        for silence in truth.silences
    )


def is_passage(story: Behaviour | None, row: Row) -> bool:
    """Whether a found crossing is one of a craft that says who it is and of which the truth expects none: ferries, yachts and merchant ships do cross."""
    wanted = story is not None and any(event.event_type == "coast_crossing" for event in story.events)
    return row["event_type"] == "coast_crossing" and row["mmsi"] is not None and not wanted


def of_events(truth: Truth, outcomes: Sequence[Outcome]) -> Document:
    """What is said of events: totals, by type, by behaviour, each distress, and each event that was missed or false."""
    types = sorted({one.event_type for one in outcomes})
    kinds = sorted({story.behaviour for story in truth.behaviours})
    distress = [one for one in outcomes if one.is_distress]
    return {
        "overall": figures(outcomes),
        "with_detector": figures(one for one in outcomes if one.event_type in DETECTED),
        "by_event_type": [
            {"event_type": name, "has_detector": name in DETECTED}
            | figures(one for one in outcomes if one.event_type == name)
            for name in types
        ],
        "by_behaviour": [
            {"behaviour": kind}
            | figures(one for one in outcomes if (one.behaviour and one.behaviour.behaviour) == kind)
            for kind in (*kinds, None)
        ],
        "distress": {**figures(distress), "each": [missed_or_found(one) for one in distress if one.event]},
        "silences": {"listed": len(truth.silences), "found": sum(one.verdict == "silence" for one in outcomes)},
        "passages": sum(one.verdict == "passage" for one in outcomes),
        "misses": [missed_or_found(one) for one in outcomes if one.verdict == "missed"],
        "false_events": [false_event(one) for one in outcomes if one.verdict == "false"],
    }


def figures(outcomes: Iterable[Outcome]) -> Document:
    """Counts and rates of some outcomes, and how late what was found became known: median, 90th percentile, worst."""
    these = list(outcomes)
    n = {verdict: sum(one.verdict == verdict for one in these) for verdict in ("found", "missed", "false", "repeat")}
    expected = n["found"] + n["missed"]
    late_s = [one.late_s for one in these if one.late_s is not None]
    return {
        "expected": expected,
        "found": n["found"],
        "missed": n["missed"],
        "false": n["false"],
        "repeats": n["repeat"],
        "precision": share(n["found"], n["found"] + n["false"]),
        "recall": share(n["found"], expected),
        "f1": share(2 * n["found"], expected + n["found"] + n["false"]),
        "late_s": {
            name: round(float(np.quantile(late_s, q)), 1) if late_s else None
            for name, q in (("median", 0.5), ("p90", 0.9), ("max", 1.0))
        },
    }


def share(part: float, whole: float, of: float = 1.0) -> float | None:
    """A part of the whole, or per `of`; None where there is no whole."""
    return round(of * part / whole, 4) if whole else None


def missed_or_found(one: Outcome) -> Document:
    """A true event, and when it became known to us."""
    assert one.event
    assert one.behaviour
    return {
        "label": one.behaviour.label,
        "behaviour": one.behaviour.behaviour,
        "event_type": one.event_type,
        "has_detector": one.event_type in DETECTED,
        "phase": one.event.phase,
        "rule": one.event.rule,
        "started_at": iso_z(one.event.started_at),
        "ended_at": iso_z(one.event.ended_at) if one.event.ended_at else None,
        "known_at": iso_z(one.event.known_at),
        "event_id": one.row["event_id"] if one.row else None,
        "late_s": one.late_s,
    }


def false_event(one: Outcome) -> Document:
    """A found event that is in nobody's truth."""
    assert one.row
    return {
        "event_id": one.row["event_id"],
        "label": one.behaviour.label if one.behaviour else None,
        "event_type": one.event_type,
        "phase": one.row["phase"],
        "rule": rule_of(one.row),
        "track_id": one.row["track_id"],
        "started_at": iso_z(one.row["started_at"]),
        "ended_at": iso_z(one.row["ended_at"]) if one.row["ended_at"] else None,
    }


def of_alerts(truth: Truth, raised: Sequence[Row], vessel_days: int) -> Document:
    """What is said of alerts: how many for how much traffic, by category, and each that is false or missing."""
    expected = [
        (story, alert.category) for story in truth.behaviours for alert in story.alerts if alert.status != "cancel"
    ]
    missing = [
        {"label": story.label, "category": category}
        for story, category in expected
        if not any(
            row["category"] == category and row["status"] != "cancel" and story.is_about(row["track_id"], row["mmsi"])
            for row in raised
        )
    ]
    false = list(false_alerts(truth, raised))
    names = sorted({row["category"] for row in raised} | {category for _, category in expected})

    def counted(category: str | None = None) -> Document:
        n_raised = sum(category in (None, row["category"]) for row in raised)
        return {
            "raised": n_raised,
            "per_1000_vessel_days": share(n_raised, vessel_days, of=1000.0),
            "false": sum(category in (None, row["category"]) for row in false),
            "expected": sum(category in (None, name) for _, name in expected),
            "missing": sum(category in (None, row["category"]) for row in missing),
        }

    return {
        "alerts": counted() | {"by_category": [{"category": name} | counted(name) for name in names]},
        "missing_alerts": missing,
        "false_alerts": false,
    }


def false_alerts(truth: Truth, raised: Sequence[Row]) -> Iterator[Mapping[str, Any]]:
    """
    Every alert that the truth does not expect, and why: `negative` is about a craft that gives no cause, `unexpected` about one that gives cause for
    alerts of other categories or for events only, `background` about one that the truth does not label.
    """
    for row in raised:
        about = [story for story in truth.behaviours if story.is_about(row["track_id"], row["mmsi"])]
        if any(alert.category == row["category"] for story in about for alert in story.alerts):
            continue
        reason = "background" if not about else "unexpected" if any(story.positive for story in about) else "negative"
        yield {
            "alert_id": row["alert_id"],
            "category": row["category"],
            "status": row["status"],
            "headline": row["headline"],
            "reason": reason,
            "label": about[0].label if about else None,
            "story": about[0].story if about else None,
            "track_id": row["track_id"],
            "started_at": iso_z(row["started_at"]),
        }
