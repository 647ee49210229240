"""
The figures as sentences and tables of plain text, the same for a terminal, for Markdown and for the page.

Rates are in per cent, times in minutes: what is negative was known earlier than the truth says that the evidence sufficed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import rich.table
import rich.text

from pipeline.release.text import counted

NONE = "-"  # nothing to say: no such event, nothing to divide by
BACKGROUND = "(background)"
NO_DETECTOR = " (no detector yet)"

Document = Mapping[str, Any]


class Table(NamedTuple):
    """A table: the first column names the row, those from `n_words` on hold numbers."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    n_words: int = 1


COUNTS = ("expected", "found", "missed", "false", "repeats", "precision %", "recall %", "F1 %")
LATE = ("late min, median", "90th percentile", "most")


def sentences(document: Document) -> list[str]:
    """What the evaluation says, the most important first."""
    distress, overall, detected = document["distress"], document["overall"], document["with_detector"]
    alerts, silences, gone = document["alerts"], document["silences"], document["retractions"]
    reasons = [row["reason"] for row in document["false_alerts"]]
    late = distress["late_s"]
    undetected = sum(not row["has_detector"] for row in distress["each"])
    said = [
        f"Distress: found {distress['found']} of {distress['expected']}, known {minutes(late['median'])} min (median) to {minutes(late['max'])} min (most) "
        f"after the evidence sufficed{f'; {undetected} by rules without a detector yet' if undetected else ''}.",
        f"Events: found {overall['found']} of {overall['expected']}, recall {percent(overall['recall'])} %; of the types and rules that have a detector "
        f"{detected['found']} of {detected['expected']}, recall {percent(detected['recall'])} %, precision {percent(detected['precision'])} %.",
        f"Alerts: {alerts['raised']} in {counted(document['vessel_days'], 'vessel-day')} (and {counted(document['radar_tracks'], 'radar track')} without "
        f"identity), {number(alerts['per_1000_vessel_days'])} per 1,000; {alerts['standing']} of {alerts['expected']} expected ones stand, "
        f"{alerts['repeats']} more repeat one that stands, {alerts['taken_back']} taken back although their category was expected.",
        f"False alerts: {alerts['false']}; {reasons.count('negative')} about labelled craft that give no cause, {reasons.count('unexpected')} of a category "
        f"or at a time that the truth does not expect of the craft, {reasons.count('background')} about the background.",
        f"Taken back: {gone['events_retracted']} of {counted(gone['events_emitted'], 'event')} ever emitted, {gone['alerts_cancelled']} of "
        f"{counted(gone['alerts_raised'], 'alert')}.",
        f"Silences that the truth lists: {silences['found']} of {silences['listed']} found as AIS gaps, {silences['missed']} missed. Neither true nor false: "
        f"{document['passages']} completed crossings of craft that say who they are and of which the truth expects none, {document['unlabelled']} visits and "
        "lines passed by craft that it does not label.",
    ]
    if document["no_input"]:
        said.append(f"Days without data in this home: {', '.join(document['no_input'])}.")
    return said


def tables(document: Document) -> list[Table]:
    """The figures by type and behaviour, and of alerts."""
    types = [
        (row["event_type"] + NO_DETECTOR * (not row["has_detector"]), *counts(row), *late(row))
        for row in document["by_event_type"]
    ]
    totals = [
        (name, *counts(document[key]), *late(document[key]))
        for name, key in (("all", "overall"), ("all with a detector", "with_detector"))
    ]
    kinds = [(row["behaviour"] or BACKGROUND, *counts(row), *late(row)) for row in document["by_behaviour"]]
    columns = ("raised", "per 1,000 vessel-days", "standing", "repeats", "taken back", "false", "expected", "missing")
    alerts = [
        (
            row.get("category", "all"),
            str(row["raised"]),
            number(row["per_1000_vessel_days"]),
            *(str(row[name.replace(" ", "_")]) for name in columns[2:]),
        )
        for row in (*document["alerts"]["by_category"], document["alerts"])
    ]
    return [
        Table("Events by type", ("event type", *COUNTS, *LATE), [*types, *totals]),
        Table("Events by behaviour", ("behaviour", *COUNTS, *LATE), kinds),
        Table("Alerts by category", ("category", *columns), alerts),
    ]


def overview(documents: Mapping[str, Document]) -> Table:
    """Several evaluations side by side, by name."""
    columns = (
        "run", "distress found", "late min, median", "recall %", "of types with a detector %", "precision %", "alerts per 1,000 vessel-days",
        "false alerts", "events retracted",
    )  # fmt: skip
    rows = [
        (
            name,
            f"{document['distress']['found']} of {document['distress']['expected']}",
            minutes(document["distress"]["late_s"]["median"]),
            percent(document["overall"]["recall"]),
            percent(document["with_detector"]["recall"]),
            percent(document["with_detector"]["precision"]),
            number(document["alerts"]["per_1000_vessel_days"]),
            str(document["alerts"]["false"]),
            f"{document['retractions']['events_retracted']} of {document['retractions']['events_emitted']}",
        )
        for name, document in documents.items()
    ]
    return Table("All runs", columns, rows)


def lists(document: Document) -> list[Table]:
    """Row by row: each distress, each false alert about a labelled craft, each missing alert."""
    distress = [
        (
            row["label"],
            (row["rule"] or NONE) + NO_DETECTOR * (not row["has_detector"]),
            clock(row["known_at"]),
            minutes(row["late_s"]) if row["event_id"] else "not found",
        )
        for row in document["distress"]["each"]
    ]
    false = [
        (row["label"], row["reason"], row["category"], row["headline"], row["story"])
        for row in sorted(document["false_alerts"], key=lambda row: row["reason"] != "negative")
        if row["label"]
    ]
    missing = [(row["label"], row["category"]) for row in document["missing_alerts"]]
    return [
        Table("Distress, one by one", ("label", "rule", "evidence sufficed (UTC)", "late min"), distress, n_words=3),
        Table(
            "False alerts about labelled craft", ("label", "reason", "category", "headline", "story"), false, n_words=5
        ),
        Table("Missing alerts", ("label", "category"), missing, n_words=2),
    ]


def event_name(row: Document) -> str:
    """`coast_crossing completed`, `distress f`: what an event of the document is."""
    return " ".join(word for word in (row["event_type"], row["phase"], row["rule"]) if word)


def counts(row: Document) -> Iterator[str]:
    """The cells of COUNTS."""
    yield from (str(row[name]) for name in ("expected", "found", "missed", "false", "repeats"))
    yield from (percent(row[name]) for name in ("precision", "recall", "f1"))


def late(row: Document) -> Iterator[str]:
    """The cells of LATE."""
    yield from (minutes(row["late_s"][name]) for name in ("median", "p90", "max"))


def percent(share: float | None) -> str:
    """`93.2`."""
    return NONE if share is None else f"{100 * share:.1f}"


def minutes(late_s: float | None) -> str:
    """`-4.5`."""
    return NONE if late_s is None else f"{round(late_s / 60, 1) + 0.0:.1f}"  # never -0.0


def number(value: float | None) -> str:
    """`137.1`."""
    return NONE if value is None else f"{value:,.1f}"


def clock(instant: str) -> str:
    """`2026-05-14 04:35`, from `2026-05-14T04:35:10Z`."""
    return instant[:16].replace("T", " ")


def terminal(document: Document) -> Iterator[rich.text.Text | rich.table.Table]:
    """What a terminal shows, in order."""
    yield from map(rich.text.Text, sentences(document))
    for table in (*tables(document), *lists(document)):
        if table.rows:
            shown = rich.table.Table(title=table.title, title_justify="left", show_edge=False)
            for n, name in enumerate(table.columns):
                shown.add_column(name, justify="left" if n < table.n_words else "right", overflow="fold")
            for row in table.rows:
                shown.add_row(*(rich.text.Text(cell) for cell in row))
            yield shown


def markdown(document: Document) -> str:
    """The sentences as a list, and the figures, for a page of the documentation."""
    said = "\n".join(f"- {sentence}" for sentence in sentences(document))
    return "\n\n".join([said, *(as_markdown(table) for table in tables(document))]) + "\n"


def as_markdown(table: Table) -> str:
    """A table with its title."""
    rules = ["---" if n < table.n_words else "--:" for n in range(len(table.columns))]
    lines = ("| " + " | ".join(cells) + " |" for cells in (table.columns, rules, *table.rows))
    return "\n".join([f"**{table.title}**", "", *lines])
