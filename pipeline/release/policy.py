"""
Who may be told what: release.md's rules 1 to 9, in their order, as one pure function. What no rule releases stays home.

    R1  a distress alert goes to every MRCC whose search-and-rescue region contains it, as the fixed message of `pipeline.release.distress`;
        nothing below holds it back
    R2  default deny: the agency asked for the category, the severity reaches its minimum, the zone is in its area
    R3  every source's label allows it: TLP known and not RED, the agency named in `rel_to`, onward sharing allowed by flag and licence
    R4  no persons: the tables have no field for one; identities of craft leave only where the agency's file names the field
    R5  non-refoulement: nothing about an outbound small craft that may carry people goes to an agency outside the EU; unknown counts as yes
    R6  observations, not verdicts: a text that passes a verdict stays home
    R7  categories that the agency's file marks for review wait for a person's yes

R8 (silence is a statement) and R9 (nothing is overwritten) are about bundles: see `pipeline.release.bundle`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import vessels
from pipeline.release.agencies import IDENTITY_FIELDS, Agency
from pipeline.sources import TLP_ORDER, Label

# Licences whose terms let data flow on to a third party (release.md, "Words of a decision").
LICENCES_THAT_FLOW_ON = ("CC0-1.0", "CC-BY-4.0", "public-domain", "own")

# What rule 1's message is made from; everything else of the alert stays home.
DISTRESS_FIELDS = (
    "alert_id",
    "revision",
    "status",
    "sar_phase",
    "is_distress",
    "started_at",
    "known_at",
    "lon",
    "lat",
    "length_m",
)

TEXT_FIELDS = ("headline", "facts", "assessment", "indicators")
VERDICT = re.compile(
    r"\b(smugglers?|smuggling|traffickers?|trafficking|migrants?|suspects?|suspected|suspicious|criminals?|criminality|illegals?|illegally|guilty)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Decision:
    """Whether an alert goes to an agency, the rule that decided, why in words, and the fields that stay home if it goes."""

    release: bool
    rule: str
    reason: str
    fields_removed: tuple[str, ...] = ()


def decide(alert: Mapping[str, Any], labels: Sequence[Label], agency: Agency, srr_of: Sequence[str]) -> Decision:
    """
    What the rules say about one alert and one agency.

    `labels` are those of all sources that the alert rests on, none if one of them is not known; `srr_of` the agency ids of the MRCCs whose
    search-and-rescue region contains it. Optional in `alert`: `review` (none, pending, approved, rejected).
    """
    if agency.role == "mrcc":
        return _distress_message(alert, agency, srr_of)
    for rule, objection in (
        ("R2", _not_asked_for(alert, agency)),
        ("R3", _label_forbids(alert, labels, agency)),
        ("R5", _non_refoulement(alert, agency)),
        ("R6", _passes_verdict(alert)),
        ("R7", _waits_for_review(alert, agency)),
    ):
        if objection:
            return Decision(False, rule, objection)
    removed = tuple(
        name for name in IDENTITY_FIELDS if alert.get(name) is not None and name not in agency.identity_fields
    )
    kept_back = f"; R4 keeps back {', '.join(removed)}" if removed else ""
    return Decision(True, "R2", f"asked for, in its area, and every label allows it{kept_back}", removed)


def labels_allow(labels: Sequence[Label], agency_id: str) -> bool:
    """Rule 3 alone, for what is no alert: a source's name, its volume, its positions."""
    return not _forbidden_by(labels, agency_id)


def strictest(tlps: Sequence[str]) -> str:
    """The strictest of some TLP 2.0 labels; RED when there is none or one is unknown."""
    if not tlps or any(tlp not in TLP_ORDER for tlp in tlps):
        return TLP_ORDER[0]
    return min(tlps, key=TLP_ORDER.index)


def is_beacon(mmsi: object) -> bool:
    """Whether an MMSI is a distress beacon's: what such a beacon broadcasts is meant for everyone."""
    return isinstance(mmsi, str) and len(mmsi) == 9 and mmsi.startswith(vessels.BEACON_PREFIXES)


def _distress_message(alert: Mapping[str, Any], agency: Agency, srr_of: Sequence[str]) -> Decision:
    if not alert.get("is_distress"):
        return Decision(False, "R2", "no distress, and an MRCC gets nothing else")
    if agency.agency_id not in srr_of:
        return Decision(False, "R2", "outside its search-and-rescue region")
    allowed = {*DISTRESS_FIELDS, "mmsi"} if is_beacon(alert.get("mmsi")) else set(DISTRESS_FIELDS)
    removed = tuple(name for name in alert if name not in allowed and alert[name] is not None)
    return Decision(True, "R1", "distress in its search-and-rescue region", removed)


def _not_asked_for(alert: Mapping[str, Any], agency: Agency) -> str | None:
    if alert.get("category") not in agency.categories:
        return f"category {alert.get('category')} is not among those it gets"
    severity = alert.get("severity")
    if not isinstance(severity, int) or severity < agency.min_severity:
        return f"severity {severity} is below its minimum of {agency.min_severity}"
    if alert.get("zone_id") not in agency.zones:
        return f"zone {alert.get('zone_id')} is not in its area"
    return None


def _label_forbids(alert: Mapping[str, Any], labels: Sequence[Label], agency: Agency) -> str | None:
    if objection := _forbidden_by(labels, agency.agency_id):
        return objection
    # the row carries what its sources said when it was made; it may only narrow
    if "tlp" in alert and (alert["tlp"] not in TLP_ORDER or alert["tlp"] == "RED"):
        return f"marked TLP {alert['tlp']}"
    if "rel_to" in alert and agency.agency_id not in (alert["rel_to"] or ()):
        return "its rel_to does not name the agency"
    return None


def _forbidden_by(labels: Sequence[Label], agency_id: str) -> str | None:
    if not labels:
        return "no label, or a source that is not known"
    for label in labels:
        if label.tlp not in TLP_ORDER:
            return f"unknown TLP label {label.tlp}"
        if label.tlp == "RED":
            return "a source is TLP:RED"
        if agency_id not in label.rel_to:
            return "a source's rel_to does not name the agency"
        if label.onward_sharing is not True:
            return "a source forbids onward sharing"
        if label.licence not in LICENCES_THAT_FLOW_ON:
            return f"a source's licence {label.licence} does not let it flow on"
    return None


def _non_refoulement(alert: Mapping[str, Any], agency: Agency) -> str | None:
    outbound, people = alert.get("outbound_small_craft"), alert.get("may_carry_people")
    if agency.eu or outbound is False or people is False:
        return None
    return "an outbound small craft that may carry people, and the agency is outside the EU"


def _passes_verdict(alert: Mapping[str, Any]) -> str | None:
    for name in TEXT_FIELDS:
        if found := VERDICT.search(str(alert.get(name) or "")):
            return f"its {name} passes a verdict ({found.group().lower()})"
    return None


def _waits_for_review(alert: Mapping[str, Any], agency: Agency) -> str | None:
    review = alert.get("review") or "none"
    if review == "approved" or (review == "none" and alert.get("category") not in agency.review):
        return None
    return "a person said no" if review == "rejected" else "pending: waits for a person's yes"
