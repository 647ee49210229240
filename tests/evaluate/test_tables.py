"""The figures in words: numbers for people, tables that a terminal and Markdown show alike."""

from typing import Any

import pytest
from rich.console import Console

from pipeline import evaluate
from pipeline.config import Home
from pipeline.evaluate import tables
from tests.evaluate.told import alert, at, behaviour, event, position, true_event, write_home, write_truth


@pytest.fixture
def document(home: Home) -> dict[str, Any]:
    write_home(
        home,
        [position("mmsi:237000001.1", 0, 26.3, 39.3)],
        [event("a", 0, 30, event_type="distress", rule="a", known_at=at(36.5)), event("b", 0, 60)],
        [alert("one", "237000001", "crossing", headline="A [bold]ship | of two [/bold]")],
    )
    told = [
        behaviour("sart-1", true_event(0, 30, event_type="distress", rule="a"), positive=False),
        behaviour(
            "meeting-1", true_event(0, 90, event_type="encounter"), alerts=[{"category": "encounter", "status": "new"}]
        ),
    ]
    return evaluate.evaluate(home, write_truth(home.root / "truth.json", told))


@pytest.mark.parametrize(
    ("late_s", "said"), [(None, "-"), (0.0, "0.0"), (-2.0, "0.0"), (-3.1, "-0.1"), (390.0, "6.5"), (-7200.0, "-120.0")]
)
def test_times_are_in_minutes(late_s: float | None, said: str) -> None:
    assert tables.minutes(late_s) == said


def test_the_sentences_begin_with_distress(document: dict[str, Any]) -> None:
    said = tables.sentences(document)
    assert said[0] == "Distress: found 1 of 1, known 6.5 min (median) to 6.5 min (most) after the evidence sufficed."
    assert said[1].startswith(
        "Events: found 1 of 2, recall 50.0 %; of the types and rules that have a detector 1 of 1, recall 100.0 %, precision 50.0 %"
    )
    assert said[2] == (
        "Alerts: 1 in 1 vessel-day (and 0 radar tracks without identity), 1,000.0 per 1,000; 0 of 1 expected ones stand, 0 more repeat one that stands, "
        "0 taken back although their category was expected."
    )
    assert not [sentence for sentence in said if "without data" in sentence]
    assert (
        tables.sentences({**document, "no_input": ["2026-05-15"]})[-1] == "Days without data in this home: 2026-05-15."
    )


def test_every_row_has_a_cell_for_each_column(document: dict[str, Any]) -> None:
    shown = [*tables.tables(document), *tables.lists(document), tables.overview({"one": document, "two": document})]
    assert [len(table.rows) for table in shown] == [5, 3, 3, 1, 1, 1, 2]
    for table in shown:
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert "encounter (no detector yet)" in [row[0] for row in shown[0].rows]


def test_a_rule_without_a_detector_says_so(home: Home) -> None:
    write_home(home, [position("mmsi:237000001.1", 0, 26.3, 39.3)])
    told = [
        behaviour(f"adrift-{rule}", true_event(0, 30, event_type="distress", rule=rule)) for rule in ("c", "b_stop")
    ]
    document = evaluate.evaluate(home, write_truth(home.root / "truth.json", told))
    assert [row[1] for row in tables.lists(document)[0].rows] == ["c (no detector yet)", "b_stop"]
    assert (document["overall"]["expected"], document["with_detector"]["expected"]) == (2, 1)
    assert tables.sentences(document)[0].endswith("sufficed; 1 by rules without a detector yet.")


def test_a_terminal_shows_text_as_it_is(document: dict[str, Any]) -> None:
    console = Console(width=400)
    with console.capture() as captured:
        for part in tables.terminal(document):
            console.print(part)
    shown = captured.get()
    assert "A [bold]ship | of two [/bold]" in shown
    assert all(sentence.split(";")[0] in shown for sentence in tables.sentences(document))


def test_markdown_has_the_cells_of_the_tables(document: dict[str, Any]) -> None:
    lines = tables.markdown(document).splitlines()
    for table in tables.tables(document):
        begin = lines.index(f"**{table.title}**") + 2
        cells = [
            tuple(cell.strip() for cell in line.strip("|").split("|"))
            for line in lines[begin : begin + 2 + len(table.rows)]
        ]
        assert cells[0] == table.columns
        assert cells[2:] == list(table.rows)
        assert [rule.endswith(":") for rule in cells[1]] == [n >= table.n_words for n in range(len(table.columns))]
