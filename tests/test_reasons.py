"""Why records are refused: the list is whole, every code that is given is on it, and none is on it that nobody gives."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import contracts, reasons
from pipeline.reasons import REASONS
from tests.conftest import ROOT

MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
AT_THE_DOOR = [  # where records are read and judged, and no other code is written in the form of a reason
    *sorted((ROOT / "pipeline" / "sources").glob("*.py")),
    *(ROOT / "pipeline" / f"{name}.py" for name in ("contracts", "facts", "incidents", "positions", "registers")),
]
GIVE = ("refuse", "Refused", "UnreadableError")  # functions that give a record its reason
WORDS = "ambiguous|bad|no|not|null|other|unknown|oversized|incomplete|empty|out|time|conflicting|impossible"
LOOKS_LIKE_ONE = re.compile(rf"({WORDS})(_[a-z]+)+")
NO_REASONS = {"time_precision"}  # a column, which looks like one


def texts(path: Path) -> set[str]:
    """Every string literal of a module."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def given(path: Path) -> Iterator[str]:
    """Every literal that a module hands to a function that gives a record its reason."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in GIVE:
            for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def rejects_of_the_schemas() -> set[str]:
    """Every code that a contract gives to a row that breaks it."""
    columns = (column for table in contracts.tables() for column in contracts.load(table).columns)
    return {column.reject for column in columns if column.reject}


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_says_what_it_means_and_what_to_do(code: str) -> None:
    reason = REASONS[code]
    assert reason.code == code
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", code)
    for words in (reason.means, reason.do):
        assert words.strip() == words != ""
        assert words.isprintable(), "one line"
        assert not words.endswith("."), "it stands in the middle of a sentence"


def test_the_list_says_nothing_else() -> None:
    document = tomllib.loads(reasons.FILE.read_text(encoding="utf-8"))
    assert list(REASONS) == sorted(document)
    assert len({said["means"] for said in document.values()}) == len(document), "two reasons that mean the same"
    assert {key for said in document.values() for key in said} == {"means", "do", "ordinary"}


def test_a_reference_to_another_reason_is_to_one_of_the_list() -> None:
    referred = [reason.do.removeprefix("as ") for reason in REASONS.values() if reason.do.startswith("as ")]
    assert referred
    for code in referred:
        assert code in REASONS
        assert not REASONS[code].do.startswith("as "), "one step is enough"


def test_these_belong_to_the_medium_and_do_not_quarantine_a_file() -> None:
    assert {code for code, reason in REASONS.items() if reason.ordinary} == {
        "ambiguous_time",
        "empty_message",
        "impossible_fix",
        "incomplete_message",
        "no_position",
        "not_a_vessel",
        "other_message",
        "other_sentence",
    }


def test_rejects_can_hold_every_reason_and_no_other() -> None:
    (allowed,) = (column.values for column in contracts.load("rejects").columns if column.name == "reason")
    assert allowed == tuple(REASONS)


def test_every_code_that_the_contracts_give_is_on_the_list() -> None:
    assert len(rejects_of_the_schemas()) > 15
    assert rejects_of_the_schemas() <= set(REASONS)


def test_every_code_that_the_program_gives_is_on_the_list() -> None:
    found = {code for path in MODULES for code in given(path)}
    assert len(found) > 10
    assert found - set(REASONS) == set()


def test_every_text_in_the_form_of_a_code_is_on_the_list() -> None:
    """Also those that reach `Refused` by way of a table or a variable."""
    found = {text for path in AT_THE_DOOR for text in texts(path) if LOOKS_LIKE_ONE.fullmatch(text)}
    assert len(found) > 25
    assert found - NO_REASONS - set(REASONS) == set()


def test_no_code_is_on_the_list_that_nobody_gives() -> None:
    used = rejects_of_the_schemas() | {text for path in MODULES for text in texts(path)}
    assert set(REASONS) - used == set()


def test_the_form_of_a_code_is_the_one_looked_for() -> None:
    assert [code for code in REASONS if not LOOKS_LIKE_ONE.fullmatch(code)] == []
