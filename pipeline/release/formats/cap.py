"""
The message for other systems: CAP 1.2 (OASIS, 1 July 2010), one file an alert, `cap/<reference>-<revision>.xml`.

`sent` is the data time at which the evidence sufficed, never a clock's, and at least a second after that of the message before. It is written as the
standard wants it: `2026-05-14T05:00:00-00:00`, neither `Z` nor fractions of a second. `msgType` Alert, Update or Cancel with references to what
this agency was sent before. Scope Restricted, so `restriction` is there. The place is a circle: `lat,lon radius` in degrees and kilometres.
"""

import math
from datetime import datetime, timedelta
from typing import NamedTuple

from lxml import etree

from pipeline.release import text
from pipeline.release.contents import Item, Release, certainty
from pipeline.release.distress import CONFIRM, NO_CHANNEL, WITHDRAWN, Message
from pipeline.units import METRES_PER_NM

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "pharos@example.invalid"
SENDER_NAME = "Pharos maritime early warning"
MSG_TYPES = {"new": "Alert", "update": "Update", "cancel": "Cancel"}
OVER = ("completed", "turned_back")  # phases of a crossing
SEVERITIES = {4: "Extreme", 3: "Severe", 2: "Moderate", 1: "Minor"}
VALID_FOR = timedelta(hours=24)  # own: a day's bundle is followed by the next day's
RADIUS_NM = 1.0  # own: how well a last position still says where to look
DISTRESS_RADIUS_NM = 2.0  # own: a drift of 2 kn for an hour


class Info(NamedTuple):
    """What differs between rule 1's message and an alert with all that an agency may see."""

    categories: tuple[str, ...]
    event: str
    response_type: str
    urgency: str
    severity: str
    certainty: str
    headline: str
    description: str
    instruction: str
    parameters: tuple[tuple[str, str], ...]
    area: str
    lon: float
    lat: float
    radius_nm: float


def render(release: Release) -> dict[str, bytes]:
    """One CAP message for each alert; none when there is none."""
    return {f"cap/{item.reference}-{item.revision}.xml": _message(release, item) for item in release.items}


def identifier(agency_id: str, reference: str, revision: int) -> str:
    """The message's id: unique for a revision and an agency, the same whenever it is made again."""
    return f"pharos.{agency_id}.{reference}.{revision}"


def sent(instant: datetime) -> str:
    """A time as CAP 1.2 allows it."""
    return text.iso_z(instant).removesuffix("Z") + "-00:00"


def _message(release: Release, item: Item) -> bytes:
    agency_id = release.agency.agency_id
    marking = release.agency.marking if item.message else f"TLP:{release.tlp}. {release.agency.marking}"
    alert = etree.Element("alert", nsmap={None: NAMESPACE})
    _add(alert, "identifier", identifier(agency_id, item.reference, item.revision))
    _add(alert, "sender", SENDER)
    _add(alert, "sent", sent(item.sent_at))
    _add(alert, "status", "Actual")
    _add(alert, "msgType", MSG_TYPES[item.kind])
    _add(alert, "scope", "Restricted")
    _add(alert, "restriction", marking)
    if item.earlier:
        references = (
            f"{SENDER},{identifier(agency_id, item.reference, earlier.revision)},{sent(earlier.sent_at)}"
            for earlier in item.earlier
        )
        _add(alert, "references", " ".join(references))
    _add_info(alert, item, _distress_info(item.message) if item.message else _alert_info(release, item))
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add_info(alert: etree._Element, item: Item, about: Info) -> None:
    info = etree.SubElement(alert, "info")
    _add(info, "language", "en")
    for category in about.categories:
        _add(info, "category", category)
    _add(info, "event", about.event)
    _add(info, "responseType", about.response_type)
    _add(info, "urgency", about.urgency)
    _add(info, "severity", about.severity)
    _add(info, "certainty", about.certainty)
    _add(info, "effective", sent(item.sent_at))
    _add(info, "onset", sent(item.started_at))
    _add(info, "expires", sent(max(item.sent_at, item.started_at) + VALID_FOR))
    _add(info, "senderName", SENDER_NAME)
    _add(info, "headline", about.headline)
    _add(info, "description", about.description)
    _add(info, "instruction", about.instruction)
    for name, value in about.parameters:
        parameter = etree.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    area = etree.SubElement(info, "area")
    _add(area, "areaDesc", about.area)
    radius_km = math.ceil(about.radius_nm * METRES_PER_NM / 100.0) / 10.0
    _add(area, "circle", f"{about.lat:.5f},{about.lon:.5f} {radius_km:g}")


def _alert_info(release: Release, item: Item) -> Info:
    fields = item.fields
    distress = bool(fields["is_distress"])
    vanished = fields["phase"] == "vanished"
    shown = (
        "category", "severity", "confidence", "mmsi", "imo", "ship_name", "call_sign", "length_m", "phase", "sar_phase",
    )  # fmt: skip
    parameters = [(f"pharos:{name}", str(fields[name])) for name in shown if fields[name] is not None]
    parameters += [
        (f"pharos:indicator:{row['indicator']}", f"{row['points']:+g}: {row['evidence']}")
        for row in fields["indicators"]
    ]
    if vanished:  # between the coasts: whoever was in it may need help
        categories: tuple[str, ...] = ("Rescue", "Security")
    else:
        categories = ("Rescue" if distress else "Safety" if fields["category"] == "safety" else "Security",)
    return Info(
        categories=categories,
        event=fields["category"].replace("_", " "),
        response_type="Assess" if distress or vanished else "Monitor",
        urgency=_urgency(item),
        severity=SEVERITIES[fields["severity"]],
        certainty=certainty(fields),
        headline=fields["headline"],
        description=f"Observed: {fields['facts']} Assessment: {fields['assessment']}",
        instruction="This alert is withdrawn."
        if item.kind == "cancel"
        else "Machine output: check before acting on it.",
        parameters=tuple(parameters),
        area=f"{release.zone_title(fields['zone_id'])}, last position {text.degrees_minutes(fields['lon'], fields['lat'])}",
        lon=fields["lon"],
        lat=fields["lat"],
        radius_nm=DISTRESS_RADIUS_NM if distress else RADIUS_NM,
    )


def _urgency(item: Item) -> str:
    if item.kind == "cancel":
        return "Past"
    if item.fields["is_distress"] or item.fields["phase"] == "vanished":
        return "Immediate"
    return "Past" if item.fields["phase"] in OVER else "Expected"


def _distress_info(message: Message) -> Info:
    position = text.degrees_minutes(message.lon, message.lat)
    is_withdrawn = message.kind == "cancel"
    said = {"last_position": position} if is_withdrawn else _reported(message, position)
    said["also_told"] = ", ".join(message.also_told) or "nobody else"
    return Info(
        categories=("Rescue",),
        event="possible distress at sea",
        response_type="Assess",
        urgency="Past" if is_withdrawn else "Immediate",
        severity="Extreme" if message.phase.startswith("DISTRESS") else "Severe",
        certainty="Likely" if message.phase.startswith("DISTRESS") else "Possible",
        headline=f"Withdrawn: possible distress {position}" if is_withdrawn else f"{message.phase} {position}",
        description=(f"{WITHDRAWN.capitalize()}. " if is_withdrawn else "")
        + ". ".join(f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in said.items())
        + ".",
        instruction=NO_CHANNEL if is_withdrawn else CONFIRM,
        parameters=tuple((f"pharos:{name}", value) for name, value in said.items()),
        area=f"Position {position}",
        lon=message.lon,
        lat=message.lat,
        radius_nm=DISTRESS_RADIUS_NM,
    )


def _reported(message: Message, position: str) -> dict[str, str]:
    said = {
        "phase": message.phase,
        "position": position,
        "position_at": text.iso_z(message.seen_at) if message.seen_at else "not known",
        "craft": message.size,
        "seen_by": message.seen_by,
        "motion": message.drift.words if message.drift else "not known",
    }
    if message.beacon_mmsi:
        said["beacon"] = message.beacon_mmsi
    if message.same_craft:
        said["same_craft"] = f"as reference {', '.join(message.same_craft)}"
    if message.not_reached:
        said["not_reached"] = ", ".join(message.not_reached)
    return said


def _add(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = text.plain(value)
