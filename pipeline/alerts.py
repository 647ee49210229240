"""
Alerts: what of the events is worth a person's time today, explained by indicators whose points add up.

A crossing becomes an alert when its indicators reach `ALERT_FROM` points; no indicator decides alone. Every event with
`is_distress` becomes an alert, whatever its points: no threshold and no silence holds it back. An AIS gap alone never does.

Alerts are made again from the events of a day. What changed becomes a new revision; what no longer holds is cancelled by one. Severity and
confidence are two numbers. The words are observations: machine output says Possible or Likely, never what somebody is.

Source of the points: own, set on the sample day; definitions.md 4, 7 and 15.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import config, contracts, store, vessels
from pipeline.contracts import to_json
from pipeline.errors import SettingsError
from pipeline.sea import Sea
from pipeline.sources import TLP_ORDER, Source

ALERT_FROM = 3
SEVERITY_FROM = ((7, 3), (4, 2))  # points from which a crossing has this severity; below it is 1; vanished is 4
DISTRESS_SEVERITY = {"distress": 4, "alert": 3, "uncertainty": 2}
SLOW_KN = 5.0  # own: a crossing at less is slow
NIGHT_FROM = 0.5  # own: dark fraction of a crossing by night
FAST_FOR_S = 300.0  # definitions.md 9
MOST_ALERTS = 50  # own: of a day, zone and category; nobody reads more, and a flood of false positions brings thousands

WITHDRAWN = "Withdrawn: later data took back what this alert rested on."

MMSI = re.compile(r"\d{9}")

Evidence = Mapping[str, Any]


@dataclass(frozen=True)
class Indicator:
    """One reason to look: its points, when it holds, and the words for its evidence."""

    name: str
    points: int
    holds: Callable[[Evidence], bool]
    words: Callable[[Evidence], str]


def fell_silent(evidence: Evidence) -> bool:
    """Whether the track was silent during the crossing for longer than a gap may last there."""
    return bool(evidence["longest_silence_s"] > evidence["allowed_silence_s"])


CROSSING_INDICATORS = (
    Indicator("no_ais", 2, lambda e: e["is_radar"], lambda e: "seen by radar only, no AIS at its place"),
    Indicator(
        "ais_off",
        2,
        lambda e: not e["is_radar"] and fell_silent(e),
        lambda e: f"AIS silent for {e['longest_silence_s'] / 60:.0f} min during the crossing",
    ),
    Indicator(
        "small_craft",
        1,
        lambda e: e["is_small"],
        lambda e: (
            f"about {e['length_m']:.0f} m long"
            if e["length_m"]
            else "of unknown size, as small craft are to this sensor"
        ),
    ),
    Indicator(
        "departure_away_from_port",
        1,
        lambda e: e["departure"]["from_port"] is False,
        lambda e: (
            f"left the coast {e['departure']['port_distance_nm']:.1f} nm from the nearest port, in none of them before"
        ),
    ),
    Indicator(
        "arrival_away_from_port",
        1,
        lambda e: e["last"]["to_port"] is False,
        lambda e: (
            f"reached the coast {e['last']['port_distance_nm']:.1f} nm from the nearest port, in none of them afterwards"
        ),
    ),
    Indicator(
        "night",
        1,
        lambda e: e["is_night_at_midpoint"] or e["dark_fraction"] >= NIGHT_FROM,
        lambda e: f"{e['dark_fraction']:.0%} of the crossing in the dark",
    ),
    Indicator(
        "high_speed",
        1,
        lambda e: e["fast_for_s"] >= FAST_FOR_S,
        lambda e: f"at 25 kn or more for {e['fast_for_s'] / 60:.0f} min",
    ),
    Indicator(
        "low_speed",
        1,
        lambda e: e["mean_speed_kn"] is not None and e["mean_speed_kn"] < SLOW_KN,
        lambda e: f"{e['mean_speed_kn']:.1f} kn on average",
    ),
    Indicator(
        "out_and_back",
        2,
        lambda e: e["returned_at"] is not None,
        lambda e: f"{e['returned_at']} back over the line by the same craft",
    ),
    Indicator(
        "vanished",
        2,
        lambda e: e["phase"] == "vanished",
        lambda e: f"{e['last']['at']} last heard, between the coasts",
    ),
)


def innocent(evidence: Evidence, mmsi: str | None, patrol_units: Sequence[str]) -> str:
    """Why a crossing raises no alert: a patrol unit, or conventional traffic of class A that was heard all the way; else empty."""
    ship_type = evidence["ship_type"] or 0
    if (
        ship_type in vessels.LAW_ENFORCEMENT_SHIP_TYPES
        or ship_type in vessels.SEARCH_AND_RESCUE_SHIP_TYPES
        or mmsi in patrol_units
    ):
        return "patrol or rescue unit"
    heard = not evidence["is_radar"] and not fell_silent(evidence)
    if not heard or evidence["transceiver"] != "A" or evidence["is_small"]:
        return ""
    if ship_type in vessels.MERCHANT_SHIP_TYPES:
        return "merchant ship"
    between_ports = evidence["departure"]["from_port"] is not False and evidence["last"]["to_port"] is not False
    return "passenger ship between ports of call" if ship_type in vessels.FERRY_SHIP_TYPES and between_ports else ""


def scored(evidence: Evidence) -> list[dict[str, Any]]:
    """The indicators that hold: name, points, evidence in words."""
    return [
        {"indicator": one.name, "points": one.points, "evidence": one.words(evidence)}
        for one in CROSSING_INDICATORS
        if one.holds(evidence)
    ]


def alert_id(category: str, event_id: str) -> str:
    """The id of the alert about an event."""
    return hashlib.sha256(f"alert\n{category}\n{event_id}".encode()).hexdigest()[:16]


def label(source_ids: Sequence[str], sources: Mapping[str, Source]) -> dict[str, Any]:
    """The strictest TLP and the agencies that all sources allow; a source that is not known any more allows nobody."""
    labels = [sources[name].label if name in sources else None for name in source_ids]
    tlp = min((one.tlp if one else TLP_ORDER[0] for one in labels), key=TLP_ORDER.index)
    allowed = [set(one.rel_to) if one else set() for one in labels]
    return {"tlp": tlp, "rel_to": sorted(set.intersection(*allowed)), "source_ids": sorted(source_ids)}


def crossing(
    event: Mapping[str, Any], support: Sequence[Mapping[str, Any]], sea: Sea, patrol_units: Sequence[str]
) -> dict[str, Any] | None:
    """The alert that a crossing deserves, or None."""
    evidence = {**json.loads(event["evidence"]), "phase": event["phase"]}
    indicators = scored(evidence)
    points = sum(one["points"] for one in indicators)
    if points < ALERT_FROM or innocent(evidence, event["mmsi"], patrol_units):
        return None
    corridor = next(one for one in sea.corridors if one.zone_id == event["zone_id"])
    severity = next((severity for least, severity in SEVERITY_FROM if points >= least), 1)
    dark = "Dark crossing" if evidence["is_radar"] or fell_silent(evidence) else "Crossing"
    craft = (
        "a craft of unknown size"
        if evidence["length_m"] is None
        else "a small craft"
        if evidence["is_small"]
        else "a craft"
    )
    seen = "by radar, without AIS" if evidence["is_radar"] else "by AIS"
    what = {
        "approaching": f"{craft} heads for {corridor.gate.right}",
        "completed": f"{craft} reached {corridor.gate.right}",
        "turned_back": f"{craft} turned back after crossing the median line",
        "vanished": f"{craft} is no longer heard between the coasts",
    }[event["phase"]]
    facts = [
        f"Seen {seen}: {'first seen' if evidence['departure']['kind'] == 'first_seen' else 'left the coast'} on the "
        f"side of {corridor.gate.left} at {evidence['departure']['at']}, crossed the median line at {evidence['gate']['crossed_at']}"
        f"{' (inferred between two distant fixes)' if evidence['gate']['is_inferred'] else ''}.",
        f"Last position {evidence['last']['at']}; {evidence['sailed_nm']} nm sailed at {evidence['mean_speed_kn']} kn on average.",
    ]
    if event["phase"] == "approaching" and evidence["approach"]:
        minutes = evidence["approach"]["eta_s"] / 60
        facts.append(
            f"At {evidence['approach']['at']} it was {evidence['approach']['to_go_nm']} nm off, {minutes:.0f} min from the coast."
        )
    return {
        "category": "crossing",
        "severity": 4 if event["phase"] == "vanished" else severity,
        "headline": f"{dark}, {corridor.title}: {what}",
        "facts": " ".join(facts),
        "assessment": f"{'Likely' if event['confidence'] >= 0.8 else 'Possible'} crossing outside regular traffic; {points} points. "
        "Small craft may be overloaded: safety of life first.",
        "indicators": indicators,
        "length_m": evidence["length_m"],
        "outbound_small_craft": bool(evidence["is_small"]),
        "may_carry_people": None,
        "support": support,
    }


def distress(event: Mapping[str, Any]) -> dict[str, Any]:
    """The alert that a distress event always is."""
    evidence = json.loads(event["evidence"])
    rule, phase = evidence["rule"], event["sar_phase"]
    last = evidence["last"]
    seen = "radar, without AIS" if evidence.get("is_radar") else "AIS"
    indicator, what, why = {
        "a": ("distress_transmission", "distress transmission received", "AIS distress transmission"),
        "b_stop": (
            "stopped_at_sea",
            "a craft stopped at sea",
            "from 3 kn or more to less than 1 kn, away from the coast",
        ),
        "b_vanish": ("no_longer_seen", "a craft is no longer seen", "then silent, away from the coast"),
        "f": (
            "under_way_at_night",
            "a craft without AIS under way at night",
            "under way in the dark, small, without AIS",
        ),
    }[rule]
    why = f"{last['at']} last seen; {why}"
    drift_kn = evidence.get("drift_kn")
    drifts = f" Drift {drift_kn} kn towards {evidence['set_deg']:.0f} degrees." if drift_kn else ""
    return {
        "category": "distress",
        "severity": DISTRESS_SEVERITY[phase],
        "headline": f"SAR phase {phase}: {what}",
        "facts": f"Seen by {seen}: {why}.{drifts}",
        "assessment": f"{'Likely' if rule == 'a' else 'Possible'} need for help. Confirm by GMDSS.",
        "indicators": [{"indicator": indicator, "points": DISTRESS_SEVERITY[phase], "evidence": why}],
        "length_m": evidence.get("length_m"),
        "outbound_small_craft": None,
        "may_carry_people": None,
        "support": [],
    }


def wanted(
    events: Sequence[Mapping[str, Any]], sea: Sea, sources: Mapping[str, Source], patrol_units: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The alerts that the events of one day deserve, by id: the columns of `alerts` but revision and status, and `events`."""
    valid = [event for event in events if event["state"] in ("open", "closed")]
    found = {}
    for event in valid:
        if event["is_distress"]:
            about = distress(event)
        elif event["event_type"] == "coast_crossing":
            support = [other for other in valid if other["track_id"] == event["track_id"] and during(other, event)]
            maybe = crossing(event, support, sea, patrol_units)
            if maybe is None:
                continue
            about = maybe
        else:
            continue
        support = about.pop("support")
        source_ids = sorted({name for one in (event, *support) for name in one["source_ids"]})
        name = alert_id(about["category"], event["event_id"])
        last_seen = json.loads(event["evidence"])["last"]["at"]
        found[name] = {
            "alert_id": name,
            **about,
            "indicators": to_json(about["indicators"]),
            **{
                column: event[column]
                for column in (
                    "confidence",
                    "zone_id",
                    "started_at",
                    "ended_at",
                    "lon",
                    "lat",
                    "mmsi",
                    "track_id",
                    "phase",
                    "sar_phase",
                    "is_distress",
                )
            },
            "known_at": max(event["known_at"], datetime.fromisoformat(last_seen)),
            **label(source_ids, sources),
            "events": [(event["event_id"], "subject"), *((other["event_id"], "support") for other in support)],
        }
    return bounded(found, sources)


def bounded(found: dict[str, dict[str, Any]], sources: Mapping[str, Source]) -> dict[str, dict[str, Any]]:
    """
    The same alerts, but of each day, zone and category no more than the `MOST_ALERTS` gravest; one alert that sums up stands for the others, and their
    events are its. Distress is never summed up.
    """
    by_place: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for alert in found.values():
        if not alert["is_distress"]:
            place = (str(alert["started_at"].date()), alert["zone_id"] or "", alert["category"])
            by_place.setdefault(place, []).append(alert)
    for place, alerts in by_place.items():
        alerts.sort(key=lambda one: (-one["severity"], -score(one), -one["confidence"], one["alert_id"]))
        rest = alerts[MOST_ALERTS:]
        if rest:
            for alert in rest:
                del found[alert["alert_id"]]
            whole = summed_up(place, rest, sources)
            found[whole["alert_id"]] = whole
    return found


def score(alert: Mapping[str, Any]) -> int:
    """The points of an alert."""
    return sum(one["points"] for one in json.loads(alert["indicators"]))


def summed_up(
    place: tuple[str, str, str], rest: Sequence[Mapping[str, Any]], sources: Mapping[str, Source]
) -> dict[str, Any]:
    """One alert that stands for the others of a day, zone and category; `rest` are these, the gravest first."""
    name = alert_id(place[2], "\n".join(place))
    last_seen = [one["ended_at"] for one in rest]
    about = {column: rest[0][column] for column in ("category", "severity", "confidence", "zone_id", "lon", "lat")}
    nothing = dict.fromkeys(
        ("mmsi", "track_id", "length_m", "phase", "sar_phase", "outbound_small_craft", "may_carry_people")
    )
    return {
        "alert_id": name,
        **about,
        **nothing,
        "headline": f"{len(rest)} more alerts of the kind {place[2]} in one zone and day",
        "facts": f"{len(rest)} beyond the {MOST_ALERTS} gravest of the day; the position is that of the gravest of them.",
        "assessment": "Possible flood of false positions, or a day like no other. Look at feed_health first.",
        "indicators": to_json([]),
        "is_distress": False,
        "started_at": min(one["started_at"] for one in rest),
        "ended_at": None if None in last_seen else max(last_seen),
        "known_at": max(one["known_at"] for one in rest),
        **label(sorted({source for one in rest for source in one["source_ids"]}), sources),
        "events": sorted(
            {(event_id, "subject") for one in rest for event_id, role in one["events"] if role == "subject"}
        ),
    }


def during(other: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether another event of the track supports this one: each began before the other ended; an open one has not ended."""
    if other["event_id"] == event["event_id"]:
        return False
    has_begun = [
        first["ended_at"] is None or then["started_at"] <= first["ended_at"]
        for first, then in ((event, other), (other, event))
    ]
    return all(has_begun)


def patrol_units(home: config.Home) -> tuple[list[str], list[str]]:
    """(MMSIs of the lists in force, a line for each list that cannot be used)."""
    found, refused = [], []
    for _, path in config.toml_files(home.references("lists")):
        try:
            mmsis = config.read_toml(path).get("mmsi")
            if not isinstance(mmsis, list) or not all(isinstance(one, str) and MMSI.fullmatch(one) for one in mmsis):
                raise SettingsError(f"{path.name}: mmsi must be a list of texts of nine digits; correct {path}")
            found += mmsis
        except SettingsError as error:
            refused.append(f"list {error}")
    return found, refused


def update(
    home: config.Home, sea: Sea, sources: Mapping[str, Source], days: Sequence[str], as_of: datetime
) -> dict[str, int]:
    """
    Bring the alerts of these days (of the events' start) up to date. Returns how many were made new, updated and cancelled. `as_of` is the data
    time of the latest report in hand: a cancellation is known from then on.
    """
    exempt, _ = patrol_units(home)
    counts = {"new": 0, "update": 0, "cancel": 0}
    for day in sorted(days):
        events = store.read(store.parts(home.lake, "events", f"day={day}"), "events").to_pylist()
        claims = store.read(store.parts(home.lake, "identity_claims", f"day={day}"), "identity_claims").to_pylist()
        imo = {row["mmsi"]: row["imo"] for row in claims if row["is_imo_valid"]}
        found = wanted(events, sea, sources, exempt)
        history = store.read(store.parts(home.lake, "alerts", f"day={day}"), "alerts").to_pylist()
        links = store.read(store.parts(home.lake, "alert_events", f"day={day}"), "alert_events").to_pylist()
        last = last_revisions(history)
        about = {event_id for alert in found.values() for event_id, role in alert["events"] if role == "subject"}
        subject = {row["alert_id"]: row["event_id"] for row in links if row["role"] == "subject"}
        for name, alert in sorted(found.items()):
            links = [row for row in links if row["alert_id"] != name]
            links += [{"alert_id": name, "event_id": event_id, "role": role} for event_id, role in alert.pop("events")]
            alert["imo"] = imo.get(alert["mmsi"]) if alert["mmsi"] else None
            revise(history, last.get(name), alert, "update", counts)
        for name, row in sorted(last.items()):
            if name not in found and row["status"] != "cancel":
                why = (
                    "Taken up by the alert that sums up its zone and day."
                    if row["track_id"] and subject.get(name) in about
                    else WITHDRAWN
                )
                gone = {
                    **row,
                    "assessment": why,
                    "known_at": max(as_of, row["known_at"]),
                }
                revise(history, row, gone, "cancel", counts)
        store.write(home.lake, "alerts", f"day={day}", "all", contracts.rows("alerts", history))
        store.write(home.lake, "alert_events", f"day={day}", "all", contracts.rows("alert_events", links))
    return counts


def revise(
    history: list[dict[str, Any]],
    last: Mapping[str, Any] | None,
    alert: Mapping[str, Any],
    status: str,
    counts: dict[str, int],
) -> None:
    """Append a revision unless it would say what the last one said."""
    revision = (
        {"revision": 1, "status": "new"} if last is None else {"revision": last["revision"] + 1, "status": status}
    )
    row = contracts.rows("alerts", [{**alert, **revision}]).to_pylist()[0]
    if (
        last is not None
        and last["status"] != "cancel"
        and {**row, "revision": 0, "status": ""} == {**last, "revision": 0, "status": ""}
    ):
        return
    history.append(row)
    counts[str(row["status"])] += 1


def current(lake: Path) -> pa.Table:
    """The last revision of every alert, cancelled ones included."""
    rows = store.read(store.parts(lake, "alerts"), "alerts").to_pylist()
    return contracts.rows("alerts", list(last_revisions(rows).values()))


def last_revisions(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The last revision by alert: the one with the highest number, wherever late data moved its start in the order of the table."""
    return {row["alert_id"]: row for row in sorted(rows, key=lambda row: row["revision"])}
