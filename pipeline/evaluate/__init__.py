"""
Evaluation: what a home found, held against the truth about the same days.

Events      Found events in force are matched one-to-one to the true ones (`matching`). precision = found / (found + false), recall = found / expected,
            F1 = 2 found / (expected + found + false); null where there is nothing to divide by. A true event of state void_coverage is not expected:
            its feed was down. What else is found is false, but for
            silence     an AIS gap that matches a silence which the truth lists. Listed silences are matched one-to-one to all found gaps; those without
                        one are missed, and stand beside the recall of behaviours, not in it
            passage     a completed crossing of a craft that says who it is and of which the truth expects none: ferries do cross, and whom we suspect
                        shows in the alerts. Where the truth tells the way of the craft (of the first one of a behaviour; not of the background),
                        that way must lead over the dividing line then; other phases are never excused
            unlabelled  a visit of a zone or port or a line passed, by a craft of the background: the truth does not say what those did
Time        `late_s` is our `known_at` minus that of the truth; less than 0 is earlier.
Alerts      Counted once each. One is expected when it is of a category that the truth expects of its craft, and its time overlaps that of the behaviour,
            an hour before and after included; then it stands, or is a repeat where another stands for the same, or was taken back. All others are false,
            cancelled ones included: they took a person's time. raised = standing + repeats + taken back + false; standing = expected - missing.
            A vessel-day is one MMSI heard on one UTC day; radar tracks without identity are counted apart.
Cannot see  Event types, and rules of distress, that no detector emits yet are missed; they are marked, and a second total leaves them out. Real traffic
            is not labelled: whatever else is found there counts as false.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely

from pipeline import alerts, contracts, store, zones
from pipeline.config import Home
from pipeline.errors import SettingsError
from pipeline.evaluate.matching import Matches, Row, match, rule_of
from pipeline.evaluate.truth import Behaviour, TrueEvent, Truth, read
from pipeline.release.text import iso_z

IN_FORCE = ("open", "closed")
DETECTED = next(column.values for column in contracts.load("events").columns if column.name == "event_type") or ()
RULES = {"distress": ("a", "b_stop", "b_vanish", "f")}  # by event type: those that its detector has
UNLABELLED = ("zone_visit", "port_visit", "line_crossing")  # event types that the truth tells of labelled craft only
SLACK = timedelta(hours=1)  # own: how far off in time it is still the same matter

Document = dict[str, Any]
Lines = Mapping[str, shapely.LineString]  # the dividing line of each corridor, by zone_id
Verdict = Literal["found", "missed", "repeat", "silence", "passage", "unlabelled", "false"]
AlertVerdict = Literal["standing", "repeat", "taken_back", "false"]


class Outcome(NamedTuple):
    """
    What became of one event: a true one is `found` (then `row` is the event that we found) or `missed`; a found one that is nobody's match is a
    `repeat`, a `silence`, a `passage`, `unlabelled`, or `false`. `behaviour` is the one it belongs to, None for the background.
    """

    verdict: Verdict
    event_type: str
    behaviour: Behaviour | None
    event: TrueEvent | None
    row: Row | None

    @property
    def is_distress(self) -> bool:
        """Whether the truth says so of a true event, or the detector of another."""
        return self.event.is_distress if self.event else bool(self.row and self.row["is_distress"])

    @property
    def has_detector(self) -> bool:
        """Whether any detector emits such an event, by such a rule."""
        rule = self.event.rule if self.event else None
        return self.event_type in DETECTED and (rule is None or rule in RULES.get(self.event_type, (rule,)))

    @property
    def late_s(self) -> float | None:
        """How much later than the evidence sufficed it was known; None if it was not found."""
        return (self.row["known_at"] - self.event.known_at).total_seconds() if self.row and self.event else None


def evaluate(home: Home, truth_path: Path) -> Document:
    """
    The figures as one JSON-able document. `SettingsError` when the file is no truth, or the home has no positions of its days or of none of its craft.
    """
    truth = read(truth_path)
    tracks = {day: rows(home, "tracks", [day]) for day in truth.days}
    if not any(tracks.values()):
        raise SettingsError(
            f"{home.root}: no positions from {truth.days[0]} to {truth.days[-1]}, the days of {truth_path}: "
            "take the files beside it in and run `pharos day`, or say --home"
        )
    if not is_of_this_home(truth, [row for of_day in tracks.values() for row in of_day]):
        raise SettingsError(
            f"{home.root}: none of the craft of {truth_path} was heard from {truth.days[0]} to {truth.days[-1]}: "
            "it is the truth of another home; say --home, or take the files beside it in"
        )
    vessel_days = sum(len({row["mmsi"] for row in of_day} - {None}) for of_day in tracks.values())
    emitted = rows(home, "events", truth.days)
    found = [row for row in emitted if row["state"] in IN_FORCE]
    silences = matched_silences(truth, found)
    reference = zones.load([zones.PACKAGED, home.last_good, home.reference])
    lines = {gate.corridor_id: gate.geometry for gate in reference.gates}
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
        "no_input": [day for day in truth.days if not tracks[day]],
        "vessel_days": vessel_days,
        "radar_tracks": sum(
            len({row["track_id"] for row in of_day if row["mmsi"] is None}) for of_day in tracks.values()
        ),
        **of_events(truth, judged(truth, found, silences, lines)),
        "silences": {
            "listed": len(truth.silences),
            "found": len(silences.found),
            "missed": len(truth.silences) - len(silences.found),
        },
        **of_alerts(truth, sorted(raised, key=lambda row: (row["started_at"], row["alert_id"])), vessel_days),
        "retractions": {
            "events_emitted": len(emitted),
            "events_retracted": sum(row["state"] == "retracted" for row in emitted),
            "alerts_raised": len(raised),
            "alerts_cancelled": sum(row["status"] == "cancel" for row in raised),
        },
    }


def is_of_this_home(truth: Truth, tracks: Sequence[Row]) -> bool:
    """Whether any craft of the truth is among the tracks; a truth without craft is of any home."""
    craft = [one for story in truth.behaviours for one in story.subjects if one.mmsi or one.track_prefixes]
    return not craft or any(one.is_of(row["track_id"], row["mmsi"]) for one in craft for row in tracks)


def rows(home: Home, table: str, days: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of a table on these days, in order."""
    parts = [path for day in days for path in store.parts(home.lake, table, f"day={day}")]
    found: list[dict[str, Any]] = store.read(parts, table).to_pylist()
    return found


def matched_silences(truth: Truth, found: Sequence[Row]) -> Matches:
    """The listed silences, by number, and the found AIS gaps that are these."""
    silences = [
        TrueEvent(
            event_type="ais_gap",
            mmsi=one.mmsi,
            started_at=one.started_at,
            ended_at=one.ended_at,
            known_at=one.started_at,
        )
        for one in truth.silences
    ]
    return match(silences, [row for row in found if row["event_type"] == "ais_gap"], truth.ended_at)


def judged(truth: Truth, found: Sequence[Row], silences: Matches, lines: Lines) -> list[Outcome]:
    """The outcome of every true event and of every found one in force."""
    wanted = [(story, event) for story in truth.behaviours for event in story.events if event.is_expected]
    matches = match([event for _, event in wanted], found, truth.ended_at)
    outcomes = [
        Outcome("found" if n in matches.found else "missed", event.event_type, story, event, matches.found.get(n))
        for n, (story, event) in enumerate(wanted)
    ]
    outcomes += [Outcome("repeat", row["event_type"], owner(truth, row), None, row) for row in matches.repeats]
    silent: dict[str, Verdict] = {row["event_id"]: "silence" for row in silences.found.values()}
    silent |= {row["event_id"]: "repeat" for row in silences.repeats}
    for row in matches.false:
        story = owner(truth, row)
        verdict: Verdict = "false"
        if row["event_id"] in silent:
            verdict = silent[row["event_id"]]
        elif is_passage(story, row, lines):
            verdict = "passage"
        elif story is None and row["event_type"] in UNLABELLED:
            verdict = "unlabelled"
        outcomes.append(Outcome(verdict, row["event_type"], story, None, row))
    return outcomes


def owner(truth: Truth, row: Row) -> Behaviour | None:
    """The first behaviour with a craft that a found event is about; None for the background and for feeds."""
    about = ((row["track_id"], row["mmsi"]), (row["other_track_id"], row["other_mmsi"]))
    return next((story for story in truth.behaviours if any(story.is_about(*who) for who in about)), None)


def is_passage(story: Behaviour | None, row: Row, lines: Lines) -> bool:
    """Whether a found crossing is that of a craft which did cross in the open, as the definition above has it."""
    if row["event_type"] != "coast_crossing" or row["phase"] != "completed" or row["mmsi"] is None:
        return False
    if story is None:
        return True
    if any(event.event_type == "coast_crossing" for event in story.events):
        return False
    line = lines.get(row["zone_id"])
    is_way_told = bool(story.path) and story.subjects[0].is_of(row["track_id"], row["mmsi"])
    return line is None or not is_way_told or leads_over(story, row, line)


def leads_over(story: Behaviour, row: Row, line: shapely.LineString) -> bool:
    """Whether the true way of the first craft leads over a line during a found event, an hour before and after included."""
    at_s = np.array([at.timestamp() for at, _, _ in story.path])
    began, ended = row["started_at"] - SLACK, (row["ended_at"] or row["known_at"]) + SLACK
    first_s, last_s = max(began.timestamp(), at_s[0]), min(ended.timestamp(), at_s[-1])
    if first_s >= last_s:
        return False
    shown_s = np.array([first_s, *at_s[(at_s > first_s) & (at_s < last_s)], last_s])
    lon = np.interp(shown_s, at_s, [lon for _, lon, _ in story.path])
    lat = np.interp(shown_s, at_s, [lat for _, _, lat in story.path])
    return bool(shapely.LineString(np.column_stack((lon, lat))).intersects(line))


def of_events(truth: Truth, outcomes: Sequence[Outcome]) -> Document:
    """What is said of events: totals, by type, by behaviour, each distress, and each event that was missed or false."""
    types = sorted({one.event_type for one in outcomes})
    kinds = sorted({story.behaviour for story in truth.behaviours})
    distress = [one for one in outcomes if one.is_distress]
    return {
        "overall": figures(outcomes),
        "with_detector": figures(one for one in outcomes if one.has_detector),
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
        "passages": sum(one.verdict == "passage" for one in outcomes),
        "unlabelled": sum(one.verdict == "unlabelled" for one in outcomes),
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
        "has_detector": one.has_detector,
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
    verdicts, met = judged_alerts(truth, expected, raised)
    missing = [
        {"label": story.label, "category": category} for n, (story, category) in enumerate(expected) if n not in met
    ]
    names = sorted({row["category"] for row in raised} | {category for _, category in expected})

    def counted(category: str | None = None) -> Document:
        of_category = [
            verdict for verdict, row in zip(verdicts, raised, strict=True) if category in (None, row["category"])
        ]
        return {
            "raised": len(of_category),
            "per_1000_vessel_days": share(len(of_category), vessel_days, of=1000.0),
            "standing": of_category.count("standing"),
            "repeats": of_category.count("repeat"),
            "taken_back": of_category.count("taken_back"),
            "false": of_category.count("false"),
            "expected": sum(category in (None, name) for _, name in expected),
            "missing": sum(category in (None, row["category"]) for row in missing),
        }

    return {
        "alerts": counted() | {"by_category": [{"category": name} | counted(name) for name in names]},
        "missing_alerts": missing,
        "false_alerts": [
            false_alert(truth, row) for verdict, row in zip(verdicts, raised, strict=True) if verdict == "false"
        ],
    }


def judged_alerts(
    truth: Truth, expected: Sequence[tuple[Behaviour, str]], raised: Sequence[Row]
) -> tuple[list[AlertVerdict], set[int]]:
    """The verdict on each alert, in the order given, and the numbers of the expected ones that stand; each alert stands for one of them."""
    verdicts: list[AlertVerdict] = []
    met: set[int] = set()
    for row in raised:
        theirs = [
            n for n, (story, category) in enumerate(expected) if category == row["category"] and is_during(story, row)
        ]
        open_ones = [n for n in theirs if n not in met]
        if row["status"] == "cancel" and any(
            alert.category == row["category"] and is_during(story, row)
            for story in truth.behaviours
            for alert in story.alerts
        ):
            verdicts.append("taken_back")
        elif row["status"] != "cancel" and open_ones:
            met.add(open_ones[0])
            verdicts.append("standing")
        else:
            verdicts.append("repeat" if theirs else "false")
    return verdicts, met


def is_during(story: Behaviour, row: Row) -> bool:
    """Whether an alert is about a craft of a behaviour, at about the time of the behaviour."""
    return (
        story.is_about(row["track_id"], row["mmsi"])
        and row["started_at"] <= story.ended_at + SLACK
        and (row["ended_at"] is None or row["ended_at"] >= story.started_at - SLACK)
    )


def false_alert(truth: Truth, row: Row) -> Mapping[str, Any]:
    """
    An alert that the truth does not expect, and why: `negative` is about a craft that gives no cause, `unexpected` about one that gives cause for alerts
    of other categories, at other times, that are taken back, or for events only, `background` about one that the truth does not label.
    """
    about = [story for story in truth.behaviours if story.is_about(row["track_id"], row["mmsi"])]
    reason = "background" if not about else "unexpected" if any(story.positive for story in about) else "negative"
    return {
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
