"""CAP 1.2: what the schema of the standard asks for and what it forgets to ask for, checked on finished files."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from theatre import DAY, Theatre, alert, at, distress

from pipeline.release.formats import cap

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
Run = Callable[..., dict[str, Any]]

# OASIS CAP 1.2, 3.2: the elements of each block in their order; a star may repeat.
ALERT = [
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code*",
    "note",
    "references",
    "incidents",
    "info*",
]
INFO = [
    "language",
    "category*",
    "event",
    "responseType*",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "eventCode*",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "contact",
    "parameter*",
    "resource*",
    "area*",
]
AREA = ["areaDesc", "polygon*", "circle*", "geocode*", "altitude", "ceiling"]
REQUIRED = {
    "alert": {"identifier", "sender", "sent", "status", "msgType", "scope"},
    "info": {"category", "event", "urgency", "severity", "certainty"},
    "area": {"areaDesc"},
}
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    },
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
NO_SPACE = re.compile(r"[^\s,<&]+")


def faults(message: bytes) -> list[str]:
    """What is wrong with a CAP message; empty when nothing is."""
    root = etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True))
    found = [] if root.tag == f"{CAP}alert" else ["not an alert of CAP 1.2"]
    blocks = [
        ("alert", root, ALERT),
        *(("info", info, INFO) for info in root.iter(f"{CAP}info")),
        *(("area", area, AREA) for area in root.iter(f"{CAP}area")),
    ]
    for block, element, order in blocks:
        names = [child.tag.removeprefix(CAP) for child in element]
        allowed = [name.rstrip("*") for name in order]
        found += [f"{block}: unknown element {name}" for name in names if name not in allowed]
        known = [name for name in names if name in allowed]
        found += [f"{block}: wrong order"] if known != sorted(known, key=allowed.index) else []
        found += [f"{block}: {name} repeated" for name in order if "*" not in name and names.count(name) > 1]
        found += [f"{block}: no {name}" for name in REQUIRED[block] - set(names)]
        for child in element:
            name, said = child.tag.removeprefix(CAP), child.text or ""
            if name in VALUES and said not in VALUES[name]:
                found.append(f"{name} is {said}")
            if name in ("sent", "effective", "onset", "expires") and not TIME.fullmatch(said):
                found.append(f"{name} is {said}")
            if name in ("identifier", "sender") and not NO_SPACE.fullmatch(said):
                found.append(f"{name} is {said}")

    def say(name: str) -> str | None:
        return root.findtext(f".//{CAP}{name}")

    found += ["Restricted without restriction"] if say("scope") == "Restricted" and not say("restriction") else []
    found += ["Private without addresses"] if say("scope") == "Private" and not say("addresses") else []
    needs = say("msgType") in ("Update", "Cancel")
    references = (say("references") or "").split()
    found += ["references where none belong, or none"] if needs != bool(references) else []
    found += [f"reference {one}" for one in references if not re.fullmatch(rf"[^\s,]+,[^\s,]+,{TIME.pattern}", one)]
    onset, expires = say("onset"), say("expires")
    if onset and expires and datetime.fromisoformat(onset) >= datetime.fromisoformat(expires):
        found.append("expires before its onset")
    for polygon in root.iter(f"{CAP}polygon"):
        pairs = [tuple(map(float, pair.split(","))) for pair in (polygon.text or "").split()]
        if len(pairs) < 4 or pairs[0] != pairs[-1] or any(abs(lat) > 90 or abs(lon) > 180 for lat, lon in pairs):
            found.append("polygon")
    for circle in root.iter(f"{CAP}circle"):
        place = re.fullmatch(r"(-?\d+\.?\d*),(-?\d+\.?\d*) (\d+\.?\d*)", circle.text or "")
        if not place or abs(float(place[1])) > 90 or abs(float(place[2])) > 180 or float(place[3]) <= 0:
            found.append(f"circle {circle.text}")
    return found


def messages(theatre: Theatre, result: dict[str, Any]) -> list[bytes]:
    return [
        content
        for index in range(len(result["bundles"]))
        for name, content in sorted(theatre.files(result, index).items())
        if "data/cap/" in name
    ]


def test_messages_of_another_publisher_pass_our_check(shared: Path) -> None:
    # a check that refuses a good message, or passes a bad one, would be no check
    good = (shared / "standards" / "cap_google_canada.xml").read_bytes()
    assert faults(good) == []
    assert faults(good.replace(b"<msgType>Update", b"<msgType>Alert")) != []
    assert faults(good.replace(b"42.3481,-82.9314 42.3363", b"42.3481,-82.9315 42.3363")) != []
    assert faults(good.replace(b"2012-05-02T23:21:04-00:00", b"2012-05-02T23:21:04Z")) != []
    assert faults(good.replace(b"<urgency>Past", b"<urgency>Later")) != []
    assert faults((shared / "standards" / "cap_google_earthquake.xml").read_bytes()) != []  # CAP 1.1


def test_every_message_is_sound(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(
        alert("a" * 16, mmsi="237000001", imo="9074729", track_id="mmsi:237000001.1"),
        alert("b" * 16, category="safety", ended_at=None),
        distress("d" * 16, mmsi="970123456", track_id="mmsi:970123456.1", sar_phase="distress", ended_at=None),
    )
    first = {agency_id: messages(theatre, release_day(agency_id)) for agency_id in ("hcg", "mrcc_piraeus")}
    theatre.alerts(alert("a" * 16, revision=2, status="update"), distress("d" * 16, revision=2, status="cancel"))
    then = {agency_id: messages(theatre, release_day(agency_id)) for agency_id in ("hcg", "mrcc_piraeus")}
    assert [len(found) for found in (*first.values(), *then.values())] == [3, 1, 2, 1]
    for message in [one for found in (*first.values(), *then.values()) for one in found]:
        assert faults(message) == [], message.decode()
    assert b"<msgType>Cancel</msgType>" in then["mrcc_piraeus"][0]
    assert b"<msgType>Update</msgType>" in then["hcg"][0]


def test_times_are_the_datas_in_the_form_of_the_standard(theatre: Theatre, release_day: Run) -> None:
    late = at("23:59").replace(microsecond=999_999)
    theatre.alerts(alert("a" * 16, known_at=late, started_at=at("23:30"), ended_at=None))
    root = etree.fromstring(messages(theatre, release_day("hcg"))[0])
    said = {name: root.findtext(f".//{CAP}{name}") for name in ("sent", "effective", "onset", "expires")}
    assert said == {
        "sent": f"{DAY}T23:59:00-00:00", "effective": f"{DAY}T23:59:00-00:00", "onset": f"{DAY}T23:30:00-00:00", "expires": "2026-05-15T23:59:00-00:00",
    }  # fmt: skip


def test_sent_is_utc_whatever_the_zone() -> None:
    assert cap.sent(datetime(2026, 5, 14, 5, tzinfo=UTC)) == "2026-05-14T05:00:00-00:00"
    from datetime import timezone

    assert cap.sent(datetime(2026, 5, 14, 8, tzinfo=timezone(timedelta(hours=3)))) == "2026-05-14T05:00:00-00:00"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": "crossing"}, ("Security", "Expected", "Moderate", "Likely")),
        ({"category": "safety"}, ("Safety", "Expected", "Moderate", "Likely")),
        ({"ended_at": at("03:05")}, ("Security", "Expected", "Moderate", "Likely")),
        ({"phase": "approaching"}, ("Security", "Expected", "Moderate", "Likely")),
        ({"phase": "approaching", "ended_at": at("03:05")}, ("Security", "Expected", "Moderate", "Likely")),
        ({"phase": "completed"}, ("Security", "Past", "Moderate", "Likely")),
        ({"phase": "turned_back"}, ("Security", "Past", "Moderate", "Likely")),
        ({"phase": "vanished", "ended_at": at("03:05")}, ("Rescue", "Immediate", "Moderate", "Likely")),
        (
            {"is_distress": True, "sar_phase": "uncertainty", "category": "distress", "ended_at": at("03:05")},
            ("Rescue", "Immediate", "Moderate", "Likely"),
        ),
        ({"severity": 4}, ("Security", "Expected", "Extreme", "Likely")),
        ({"severity": 1}, ("Security", "Expected", "Minor", "Likely")),
        ({"assessment": "Possible crossing."}, ("Security", "Expected", "Moderate", "Possible")),
        ({"assessment": "Withdrawn."}, ("Security", "Expected", "Moderate", "Possible")),
        (
            {"is_distress": True, "sar_phase": "alert", "category": "distress"},
            ("Rescue", "Immediate", "Moderate", "Likely"),
        ),
    ],
)
def test_words(theatre: Theatre, release_day: Run, change: dict[str, Any], said: tuple[str, ...]) -> None:
    theatre.alerts(alert("a" * 16, **{"ended_at": None, **change}))
    root = etree.fromstring(messages(theatre, release_day("hcg"))[0])
    assert tuple(root.findtext(f".//{CAP}{name}") for name in ("category", "urgency", "severity", "certainty")) == said


def test_a_vanished_crossing_is_a_matter_of_rescue_too(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16, phase="vanished", severity=4), alert("b" * 16, phase="completed"))
    vanished, completed = (etree.fromstring(message) for message in messages(theatre, release_day("hcg")))

    def words(root: etree._Element) -> tuple[list[str], str]:
        return [one.text for one in root.iter(f"{CAP}category")], root.findtext(f".//{CAP}responseType")

    assert words(vanished) == (["Rescue", "Security"], "Assess")
    assert words(completed) == (["Security"], "Monitor")


@pytest.mark.parametrize("agency_id", ["hcg", "mrcc_piraeus"])
def test_a_cancel_is_past(theatre: Theatre, release_day: Run, agency_id: str) -> None:
    theatre.alerts(distress("d" * 16, ended_at=None), alert("a" * 16, phase="vanished"))
    release_day(agency_id)
    theatre.alerts(
        *(
            make(letter * 16, revision=2, status="cancel", ended_at=None)
            for make, letter in ((distress, "d"), (alert, "a"))
        )
    )
    found = messages(theatre, release_day(agency_id))
    assert len(found) == (2 if agency_id == "hcg" else 1)
    assert {etree.fromstring(message).findtext(f".//{CAP}urgency") for message in found} == {"Past"}


@pytest.mark.parametrize("agency_id", ["hcg", "mrcc_piraeus"])
def test_sent_grows_with_every_message_whatever_the_data_times(
    theatre: Theatre, release_day: Run, agency_id: str
) -> None:
    known = [at("03:05"), at("03:05"), at("03:04"), at("03:05").replace(microsecond=1), at("04:00"), at("03:59")]
    said: list[tuple[str, str, str, str]] = []
    for i, known_at in enumerate(known):
        status = "new" if i == 0 else "cancel" if i == len(known) - 1 else "update"
        theatre.alerts(distress("d" * 16, revision=i + 1, status=status, known_at=known_at))
        if i == 2:
            continue  # a revision that is never sent is no part of the chain
        result = release_day(agency_id)
        (message,) = messages(theatre, result)
        assert faults(message) == []
        root = etree.fromstring(message)
        said.append(tuple(root.findtext(f".//{CAP}{name}") for name in ("identifier", "sent", "effective", "expires")))  # type: ignore[arg-type]
        references = (root.findtext(f"{CAP}references") or "").split()
        assert references == [f"pharos@example.invalid,{name},{sent}" for name, sent, *_ in said[:-1]]
        if agency_id == "mrcc_piraeus":
            dtg = datetime.fromisoformat(said[-1][1]).strftime("%d%H%MZ MAY 26")
            assert f"DTG            {dtg}" in theatre.files(result)["data/sitrep.txt"].decode()
    assert [sent[11:19] for _, sent, *_ in said] == ["03:05:00", "03:05:01", "03:05:02", "04:00:00", "04:00:01"]
    for _, sent, effective, expires in said:
        assert effective == sent
        assert datetime.fromisoformat(expires) - datetime.fromisoformat(sent) == timedelta(hours=24)


def test_machine_output_is_never_observed(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(
        *(
            distress(letter * 16, sar_phase=phase)
            for letter, phase in zip("abc", ("uncertainty", "alert", "distress"), strict=True)
        )
    )
    for agency_id in ("hcg", "mrcc_piraeus"):
        for message in messages(theatre, release_day(agency_id)):
            assert etree.fromstring(message).findtext(f".//{CAP}certainty") in ("Possible", "Likely")


def test_the_circle_is_lat_lon_and_kilometres(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16, lon=26.45, lat=39.3), distress("d" * 16, lon=26.45, lat=39.3))
    circles = [
        etree.fromstring(message).findtext(f".//{CAP}circle") for message in messages(theatre, release_day("hcg"))
    ]
    assert circles == ["39.30000,26.45000 1.9", "39.30000,26.45000 3.8"]


def test_the_identifier_of_a_revision_differs_by_agency_and_never_moves() -> None:
    ids = {cap.identifier(agency, "a" * 16, revision) for agency in ("hcg", "tcg") for revision in (1, 2)}
    assert len(ids) == 4
    assert cap.identifier("hcg", "a" * 16, 1) == "pharos.hcg.aaaaaaaaaaaaaaaa.1"
