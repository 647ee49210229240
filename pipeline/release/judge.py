"""
What the policy says of every alert that an agency has not been sent in its last form, and what the ledger remembers of the agency.

Rule 9 in practice: the last revision of an alert speaks for it, older ones that were never sent are superseded, and one that was cancelled before anyone
heard of it is not sent at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline import config, ledger, store
from pipeline.release import policy
from pipeline.release.agencies import Agency
from pipeline.sea import Sea
from pipeline.sources import Source

Alert = Mapping[str, Any]


@dataclass(frozen=True)
class Books:
    """What the ledger says of one agency: revisions sent by alert, decisions by (alert, revision), and its bundles in order of seq."""

    sent: Mapping[str, list[int]]
    decided: Mapping[tuple[str, int], Mapping[str, Any]]
    bundles: Sequence[Mapping[str, Any]]


@dataclass
class Judged:
    """Alerts to be released with their decisions, alerts withheld, and the rows of `release_decisions` for all that is not released."""

    released: list[tuple[Alert, policy.Decision]] = field(default_factory=list)
    withheld: list[Alert] = field(default_factory=list)
    not_released: list[dict[str, Any]] = field(default_factory=list)


def alerts(home: config.Home) -> list[dict[str, Any]]:
    """Every revision of every alert, in order of start, alert and revision."""
    rows = store.read(store.parts(home.lake, "alerts"), "alerts").to_pylist()
    return sorted(rows, key=lambda row: (row["started_at"], row["alert_id"], row["revision"]))


def began_on(alert: Alert) -> str:
    """The UTC day to which an alert belongs."""
    return str(alert["started_at"].date().isoformat())


def last_revisions(revisions: Iterable[Alert]) -> dict[str, Alert]:
    """The last revision of each alert, by alert_id."""
    last: dict[str, Alert] = {}
    for alert in revisions:
        if alert["alert_id"] not in last or alert["revision"] > last[alert["alert_id"]]["revision"]:
            last[alert["alert_id"]] = alert
    return last


def books(connection: Connection, agency_id: str) -> Books:
    """The agency's part of the ledger."""
    rows = [row for row in ledger.table(connection, "release_decisions").to_pylist() if row["agency_id"] == agency_id]
    sent: dict[str, list[int]] = {}
    for row in rows:
        if row["is_released"]:
            sent.setdefault(row["alert_id"], []).append(row["revision"])
    bundles = [row for row in ledger.table(connection, "releases").to_pylist() if row["agency_id"] == agency_id]
    return Books(sent, {(row["alert_id"], row["revision"]): row for row in rows}, bundles)


def judge(
    revisions: Sequence[Alert], agency: Agency, sea: Sea, known: Mapping[str, Source], of_agency: Books
) -> Judged:
    """The policy's word on the last revision of each alert that the agency has not been sent; `known` are the sources in force."""
    judged = Judged()
    by_revision = {(alert["alert_id"], alert["revision"]): alert for alert in revisions}
    for alert_id, alert in last_revisions(revisions).items():
        sent = of_agency.sent.get(alert_id, [])
        if alert["revision"] in sent:
            continue
        if alert["status"] == "cancel" and not sent:
            decision = policy.Decision(False, "R9", "cancelled before it was ever released")
        else:
            # who was told of it is told its correction, even if it has become less severe or has drifted into another region
            severity = max([alert["severity"], *(by_revision[alert_id, n]["severity"] for n in sent)])
            regions = sea.mrccs(alert["lon"], alert["lat"]) + ([agency.agency_id] if sent else [])
            is_known = all(name in known for name in alert["source_ids"])
            labels = [known[name].label for name in alert["source_ids"]] if is_known else []
            decision = policy.decide({**alert, "severity": severity}, labels, agency, regions)
        if decision.release:
            judged.released.append((alert, decision))
        else:
            judged.withheld.append(alert)
            judged.not_released.append(decision_row(agency, alert, decision, None))
        for revision in range(1, alert["revision"]):
            key = alert_id, revision
            if key in by_revision and key not in of_agency.decided:
                superseded = policy.Decision(False, "R9", f"superseded by revision {alert['revision']}")
                judged.not_released.append(decision_row(agency, by_revision[key], superseded, None))
    return judged


def decision_row(agency: Agency, alert: Alert, decision: policy.Decision, seq: int | None) -> dict[str, Any]:
    """The row of `release_decisions`; `seq` is the bundle that carried it."""
    return {
        "agency_id": agency.agency_id,
        "alert_id": alert["alert_id"],
        "revision": alert["revision"],
        "is_released": decision.release,
        "rule": decision.rule,
        "reason": decision.reason,
        "fields_removed": list(decision.fields_removed),
        "seq": seq,
    }


def record(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write decisions; one about the same agency and revision is replaced, because what was withheld may be released later."""
    for row in rows:
        key = (row["agency_id"], row["alert_id"], row["revision"])
        connection.execute("DELETE FROM release_decisions WHERE (agency_id, alert_id, revision) = (?, ?, ?)", key)
        ledger.insert(connection, "release_decisions", row)
