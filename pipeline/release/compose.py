"""From alerts that the policy let through to the items of a bundle: only the fields that the agency may see, as plain text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pipeline import config, vessels
from pipeline.release import craft, distress, policy, text
from pipeline.release.agencies import IDENTITY_FIELDS, Agency, load_all
from pipeline.release.contents import COLUMNS, Earlier, Item, Kind
from pipeline.release.judge import Alert, Books, Judged
from pipeline.sea import Sea
from pipeline.sources import Source

REMOVED = "[not for this agency]"

APART = timedelta(seconds=1)  # CAP 1.2 writes whole seconds

Names = Mapping[str, Mapping[str, str]]


def items(
    home: config.Home,
    history: Sequence[Alert],
    judged: Judged,
    agency: Agency,
    sea: Sea,
    known: Mapping[str, Source],
    of_agency: Books,
    names: Names,
) -> list[Item]:
    """
    The items in the order in which a person should read them: the worst first, a distress before another of the same severity, all about one craft
    together, what is cancelled last. `history` are all revisions of all alerts, `known` the sources in force, `names` what the craft call
    themselves by alert_id.
    """
    fixes = craft.fixes(home.lake, [alert for alert, _ in judged.released])
    by_revision = {(alert["alert_id"], alert["revision"]): alert for alert in history}
    allowed = {name for name, source in known.items() if policy.labels_allow([source.label], agency.agency_id)}
    told = {other.agency_id: other.title for other in load_all(home).values() if other.role == "mrcc"}
    being_told = {alert["alert_id"]: alert for alert, _ in judged.released}
    were_told = {name: (name, min(sent)) for name, sent in of_agency.sent.items()}
    first_told = being_told | {name: by_revision[key] for name, key in were_told.items() if key in by_revision}
    in_order = sorted(judged.released, key=_urgency)
    numbers: dict[str, int] = {}
    for alert, _ in in_order:
        numbers.setdefault(_craft(alert), len(numbers) + 1)
    found = []
    for alert, decision in sorted(in_order, key=lambda pair: numbers[_craft(pair[0])]):
        number = numbers[_craft(alert)]
        alert_id, revision = alert["alert_id"], alert["revision"]
        sent = sorted(of_agency.sent.get(alert_id, []))
        *times, sent_at = sent_times([by_revision[alert_id, n]["known_at"] for n in (*sent, revision)])
        earlier = tuple(map(Earlier, sent, times))
        kind: Kind = "cancel" if alert["status"] == "cancel" else "update" if earlier else "new"
        seen = fixes.get((alert_id, revision), [])
        item = Item(number, kind, alert_id, alert_id, revision, alert["started_at"], sent_at, earlier, {}, (), None)
        if decision.rule == "R1":
            name = distress.reference(agency.agency_id, first_told[alert_id])
            others = [name for name in sea.mrccs(alert["lon"], alert["lat"]) if name != agency.agency_id]
            also_told = [told[name] for name in others if name in told]
            not_reached = [name for name in others if name not in told]
            message = distress.message(
                name,
                alert,
                kind,
                sent_at,
                seen,
                sea.coast,
                also_told=also_told,
                not_reached=not_reached,
                same_craft=_same_craft(agency, alert, first_told),
            )
            found.append(replace(item, reference=name, message=message))
        else:
            shown = tuple(fix for fix in seen if fix.source_id in allowed)
            found.append(replace(item, fields=fields(alert, names.get(alert_id, {}), agency), fixes=shown))
    return found


def sent_times(known_at: Sequence[datetime]) -> list[datetime]:
    """
    When each message to an agency about one alert counts as sent: the data time of its evidence, but at least a second after the one
    before, so that a correction whose evidence is not newer still comes after what it corrects.
    """
    times: list[datetime] = []
    for instant in known_at:
        times.append(max(instant, times[-1] + APART) if times else instant)
    return times


def fields(alert: Alert, names: Mapping[str, str], agency: Agency) -> dict[str, Any]:
    """The columns that the agency may see. An identity that it may not see is taken out of the free texts too."""
    everything = identities(alert, names)
    visible = {value for name, value in everything.items() if name in agency.identity_fields}
    hidden = sorted(set(everything.values()) - visible, key=lambda word: (-len(word), word))

    def screened(value: object) -> str:
        said = text.plain(value)
        for word in hidden:
            said = said.replace(text.plain(word), REMOVED)
        return said

    shown: dict[str, Any] = {}
    for name in COLUMNS:
        value = alert.get(name)
        if name in IDENTITY_FIELDS:
            value = everything.get(name) if name in agency.identity_fields else None
        if name == "indicators":
            value = tuple(
                {
                    "indicator": screened(row["indicator"]),
                    "points": row["points"],
                    "evidence": screened(row["evidence"]),
                }
                for row in json.loads(str(value))
            )
        elif isinstance(value, float):
            value = round(value, 1 if name == "length_m" else 6)
        elif isinstance(value, str):
            value = screened(value)
        shown[name] = value
    return shown


def identities(alert: Alert, names: Mapping[str, str]) -> dict[str, str]:
    """Everything about an alert that tells which craft it was, by field; without what is not known."""
    found = {"mmsi": alert["mmsi"], "imo": alert["imo"], "track_id": alert["track_id"], **names}
    if alert["track_id"]:
        found["vessel_id"] = vessels.vessel_id(alert["track_id"])
    return {name: value for name, value in found.items() if value}


def _urgency(pair: tuple[Alert, policy.Decision]) -> tuple[Any, ...]:
    alert, _ = pair
    return (
        alert["status"] == "cancel",
        -alert["severity"],
        not alert["is_distress"],
        alert["started_at"],
        alert["alert_id"],
    )


def _craft(alert: Alert) -> str:
    return str(alert["track_id"] or alert["alert_id"])


def _same_craft(agency: Agency, alert: Alert, first_told: Mapping[str, Alert]) -> list[str]:
    """What the agency calls the other distress matters of the same transmitter that it was told or is being told, in order of their start."""
    others = [
        (first["started_at"], distress.reference(agency.agency_id, first))
        for alert_id, first in first_told.items()
        if alert_id != alert["alert_id"] and first["track_id"] and first["track_id"] == alert["track_id"]
    ]
    return [name for _, name in sorted(others)]
