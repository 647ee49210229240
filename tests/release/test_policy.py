"""The rules of release.md, one by one at their edges, and against an oracle that was written apart from them."""

import ast
import inspect
import json
import random
from typing import Any

import pytest
from theatre import alert, distress

from pipeline import alerts
from pipeline.release.agencies import CATEGORIES, Agency
from pipeline.release.policy import LICENCES_THAT_FLOW_ON, VERDICT, decide, is_beacon, labels_allow, strictest
from pipeline.sea import Sea
from pipeline.sources import TLP_ORDER, Label

HCG = Agency(
    agency_id="hcg",
    title="HCG",
    role="coast_guard",
    eu=True,
    cadence="daily",
    zones=["corridor_lesvos"],
    categories=["crossing", "distress", "safety"],
    min_severity=2,
    review=["safety"],
    identity_fields=["mmsi"],
    formats=["csv"],
    language="en",
    marking="x",
)
TCG = HCG.model_copy(update={"agency_id": "tcg", "eu": False})
MRCC = HCG.model_copy(
    update={
        "agency_id": "mrcc_piraeus",
        "role": "mrcc",
        "cadence": "per_event",
        "categories": [],
        "identity_fields": [],
        "formats": ["sitrep"],
    }
)


def label(**changes: Any) -> Label:
    says = {
        "originator": "x", "tlp": "AMBER", "rel_to": ["hcg", "tcg"], "onward_sharing": True, "licence": "own", "attribution": "x",
    }  # fmt: skip
    return Label.model_construct(**{**says, **changes})


def crossing(**changes: Any) -> dict[str, Any]:
    return alert("a" * 16, rel_to=["hcg", "tcg"], **changes)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"category": "encounter"}, "R2"),
        ({"category": None}, "R2"),
        ({"severity": 2}, None),
        ({"severity": 1}, "R2"),
        ({"severity": None}, "R2"),
        ({"zone_id": "corridor_samos"}, "R2"),
        ({"zone_id": None}, "R2"),
        ({"tlp": "RED"}, "R3"),
        ({"tlp": "PURPLE"}, "R3"),
        ({"rel_to": []}, "R3"),
        ({"rel_to": None}, "R3"),
        ({"rel_to": ["*"]}, "R3"),
        ({"headline": "Smugglers off Lesvos"}, "R6"),
        ({"assessment": "Possible illegal migrant boat"}, "R6"),
        ({"category": "safety"}, "R7"),
        ({"category": "safety", "review": "pending"}, "R7"),
        ({"category": "safety", "review": "rejected"}, "R7"),
        ({"category": "safety", "review": "approved"}, None),
        ({"review": "pending"}, "R7"),
        ({"review": "rejected"}, "R7"),
    ],
)
def test_one_change_of_an_alert_that_may_go(change: dict[str, Any], rule: str | None) -> None:
    decision = decide({**crossing(), **change}, [label()], HCG, [])
    assert (decision.release, decision.rule) == (rule is None, rule or "R2"), decision


@pytest.mark.parametrize(
    "word",
    [
        "smuggler", "smugglers", "smuggling", "trafficker", "trafficking", "migrant", "migrants", "migrant boat", "suspect", "suspects", "suspected",
        "suspicious", "criminal", "criminals", "criminality", "illegal", "illegals", "illegally", "guilty", "Suspicious", "SMUGGLING",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["headline", "facts", "assessment", "indicators"])
def test_a_verdict_stays_home(word: str, field: str) -> None:
    said = f"Possible {word}, off Lesvos"
    text = json.dumps([{"indicator": "x", "points": 1, "evidence": said}]) if field == "indicators" else said
    decision = decide({**crossing(), field: text}, [label()], HCG, [])
    assert (decision.release, decision.rule) == (False, "R6")
    assert field in decision.reason


def test_the_words_of_our_own_alerts_are_no_verdicts(sea: Sea) -> None:
    literals = [node.value for node in ast.walk(ast.parse(inspect.getsource(alerts))) if isinstance(node, ast.Constant)]
    docstrings = {ast.get_docstring(ast.parse(inspect.getsource(alerts)))}
    texts = [text for text in literals if isinstance(text, str) and text.strip() not in docstrings]
    texts += [zone.title for zone in sea.zones] + [side for gate in sea.gates for side in (gate.left, gate.right)]
    assert len(texts) > 200
    assert "Dark crossing" in texts
    assert [text for text in texts if VERDICT.search(text)] == []


@pytest.mark.parametrize(
    "labels",
    [
        [],
        [label(tlp="RED")],
        [label(tlp="red")],
        [label(tlp="")],
        [label(rel_to=[])],
        [label(rel_to=["*"])],
        [label(rel_to=["ALL"])],
        [label(rel_to=["HCG"])],
        [label(rel_to=["hcg2"])],
        [label(onward_sharing=False)],
        [label(onward_sharing=None)],
        [label(licence="CC-BY-NC-4.0")],
        [label(licence="cc-by-4.0")],
        [label(licence="")],
        [label(), label(rel_to=["tcg"])],
        [label(), label(tlp="RED")],
    ],
)
def test_a_label_that_does_not_allow_it(labels: list[Label]) -> None:
    decision = decide(crossing(), labels, HCG, [])
    assert (decision.release, decision.rule) == (False, "R3")
    assert not labels_allow(labels, "hcg")


@pytest.mark.parametrize("licence", LICENCES_THAT_FLOW_ON)
@pytest.mark.parametrize("tlp", TLP_ORDER[1:])
def test_labels_that_allow_it(licence: str, tlp: str) -> None:
    assert decide(crossing(), [label(licence=licence, tlp=tlp), label()], HCG, []).release


def test_a_licence_wins_over_a_flag_that_allows() -> None:
    assert not labels_allow([label(licence="CC-BY-NC-4.0", onward_sharing=True)], "hcg")


@pytest.mark.parametrize("outbound", [True, None, False])
@pytest.mark.parametrize("people", [True, None, False])
@pytest.mark.parametrize("category", ["crossing", "distress"])
def test_non_refoulement_counts_unknown_as_yes(outbound: bool | None, people: bool | None, category: str) -> None:
    about = crossing(
        outbound_small_craft=outbound, may_carry_people=people, category=category, is_distress=category == "distress"
    )
    outside = decide(about, [label()], TCG, [])
    held = outbound is not False and people is not False
    assert (outside.release, outside.rule) == (not held, "R5" if held else "R2")
    assert decide(about, [label()], HCG, []).release


def test_identities_leave_only_where_the_agency_may_see_them() -> None:
    decision = decide(crossing(mmsi="237000001", imo="9074729"), [label()], HCG, [])
    assert decision.release
    assert decision.fields_removed == ("imo", "track_id")
    assert "R4" in decision.reason


def test_nothing_holds_a_distress_back_from_its_rescue_centre() -> None:
    worst = distress(
        "b" * 16,
        severity=1,
        tlp="RED",
        rel_to=[],
        zone_id="nowhere",
        headline="illegal",
        mmsi="237000001",
        category="nonsense",
        review="rejected",
    )
    for labels in ([], [label(tlp="RED", rel_to=[], onward_sharing=False, licence="?")]):
        decision = decide(worst, labels, MRCC, ["mrcc_ankara", "mrcc_piraeus"])
        assert (decision.release, decision.rule) == (True, "R1")
        assert {"mmsi", "track_id", "headline", "facts", "assessment", "indicators", "source_ids", "zone_id"} <= set(
            decision.fields_removed
        )


def test_a_rescue_centre_gets_nothing_else() -> None:
    assert decide(distress("b" * 16), [label()], MRCC, ["mrcc_ankara"]).rule == "R2"
    assert decide(crossing(), [label(rel_to=["mrcc_piraeus"])], MRCC, ["mrcc_piraeus"]).rule == "R2"
    assert not decide(crossing(), [label(rel_to=["mrcc_piraeus"])], MRCC, ["mrcc_piraeus"]).release


@pytest.mark.parametrize(
    ("mmsi", "beacon"),
    [
        ("970123456", True),
        ("972123456", True),
        ("974123456", True),
        ("971123456", False),
        ("237000001", False),
        ("97012345", False),
        (None, False),
    ],
)
def test_only_a_beacons_own_number_may_be_told(mmsi: str | None, beacon: bool) -> None:
    assert is_beacon(mmsi) == beacon
    removed = decide(distress("b" * 16, mmsi=mmsi), [], MRCC, ["mrcc_piraeus"]).fields_removed
    assert ("mmsi" in removed) == (mmsi is not None and not beacon)


def test_strictest() -> None:
    assert strictest(["CLEAR", "AMBER", "GREEN"]) == "AMBER"
    assert strictest(["AMBER", "AMBER+STRICT"]) == "AMBER+STRICT"
    assert strictest([]) == "RED"
    assert strictest(["CLEAR", "MAUVE"]) == "RED"


# The oracle: release.md read again as one table of conditions, without a look at the code. It names the first rule that says no.
def oracle(
    case: dict[str, Any], labels: list[dict[str, Any]], agency: dict[str, Any], srr_of: list[str]
) -> tuple[bool, str]:
    me = agency["agency_id"]
    if agency["role"] == "mrcc":
        goes = case["is_distress"] is True and me in srr_of
        return goes, "R1" if goes else "R2"
    no = {
        "R2": not (
            case["category"] in agency["categories"]
            and case["severity"] >= agency["min_severity"]
            and case["zone_id"] in agency["zones"]
        ),
        "R3": not labels
        or case["tlp"] not in ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT")
        or me not in case["rel_to"]
        or any(
            one["tlp"] not in ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT")
            or me not in one["rel_to"]
            or not one["onward_sharing"]
            or one["licence"] not in ("CC0-1.0", "CC-BY-4.0", "public-domain", "own")
            for one in labels
        ),
        "R5": not agency["eu"]
        and case["outbound_small_craft"] in (True, None)
        and case["may_carry_people"] in (True, None),
        "R6": any(word in case["headline"].lower() for word in ("smuggl", "illegal", "traffick", "migrant")),
        "R7": case["review"] in ("pending", "rejected")
        or (case["review"] == "none" and case["category"] in agency["review"]),
    }
    first = next((rule for rule in ("R2", "R3", "R5", "R6", "R7") if no[rule]), None)
    return first is None, first or "R2"


def test_generated_cases_against_the_oracle() -> None:
    random_ = random.Random(20260514)
    pick = random_.choice
    seen: dict[tuple[bool, str], int] = {}
    for _ in range(20_000):
        some_zones, some_categories = ["corridor_lesvos", "corridor_samos", "watch_aegean"], list(CATEGORIES)
        role = pick(["coast_guard", "coast_guard", "coast_guard", "mrcc"])
        agency = {
            **HCG.model_dump(),
            "agency_id": pick(["hcg", "tcg", "mrcc_ankara", "mrcc_piraeus"]),
            "role": role,
            "eu": pick([True, False]),
            "zones": random_.sample(some_zones, random_.randint(1, 3)),
            "categories": random_.sample(some_categories, random_.randint(6, 13)),
            "min_severity": random_.randint(1, 3),
            "review": random_.sample(some_categories, random_.randint(0, 4)),
        }
        case = crossing(
            category=pick(some_categories),
            severity=random_.randint(1, 4),
            zone_id=pick([*some_zones, None]),
            is_distress=pick([True, False]),
            outbound_small_craft=pick([True, False, None]),
            may_carry_people=pick([True, False, None]),
            tlp=pick([*TLP_ORDER, "AMBER", "AMBER", "GREEN", "CLEAR"]),
            headline=pick(
                ["Dark crossing, Lesvos strait"] * 6 + ["Illegal crossing", "A smuggler's boat", "Migrant boat"]
            ),
        )
        case["rel_to"] = pick([["hcg", "tcg", "mrcc_piraeus", "mrcc_ankara"]] * 4 + [["hcg"], ["*"], []])
        case["review"] = pick(["none", "none", "approved", "pending", "rejected"])
        labels = [
            {
                "tlp": pick([*TLP_ORDER[1:], *TLP_ORDER[1:], *TLP_ORDER, "PINK"]),
                "rel_to": pick([["hcg", "tcg", "mrcc_piraeus", "mrcc_ankara"]] * 6 + [["tcg"], ["*"]]),
                "onward_sharing": pick([True] * 8 + [False]),
                "licence": pick([*LICENCES_THAT_FLOW_ON] * 3 + ["CC-BY-NC-4.0", "unknown"]),
            }
            for _ in range(pick([0, 1, 1, 1, 2, 2, 3]))
        ]
        srr_of = random_.sample(["mrcc_ankara", "mrcc_piraeus"], random_.randint(0, 2))
        decision = decide(case, [label(**one) for one in labels], Agency.model_construct(**agency), srr_of)
        expected = oracle(case, labels, agency, srr_of)
        assert (decision.release, decision.rule) == expected, (case, labels, agency, srr_of, decision)
        seen[expected] = seen.get(expected, 0) + 1
    # the cases reach every outcome
    assert set(seen) == {
        (True, "R1"),
        (True, "R2"),
        (False, "R2"),
        (False, "R3"),
        (False, "R5"),
        (False, "R6"),
        (False, "R7"),
    }
    assert min(seen.values()) >= 50, seen
