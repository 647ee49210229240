"""
The page for people: `brief.html`, one sheet of A4 that reads in a minute, whole in one file and without a script, so it works offline and on a phone.

What is new, updated and cancelled, where, and why; then what was not covered, because silence says nothing there. All text is escaped by the template.
"""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import jinja2

from pipeline.release import chart, text
from pipeline.release.contents import Item, Release, certainty

MAP_WIDTH_PX, MAP_HEIGHT_PX, OVERVIEW_WIDTH_PX = 596, 330, 140
FULL_ROWS = 6  # rows with their reasons; with more, each reason gets one line so that the page stays one page
MAX_ROWS = 11
WORDS = {4: "very high", 3: "high", 2: "medium", 1: "low"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(release: Release) -> dict[str, bytes]:
    """The page; for a quiet day it says so and what it rests on."""
    assert release.inputs is not None, "a brief is for an agency that is told what its bundle rests on"
    panels = chart.panels(release, MAP_WIDTH_PX, MAP_HEIGHT_PX)
    kinds = Counter(item.kind for item in release.items)
    page = ENVIRONMENT.get_template("brief.html.j2").render(
        release=release,
        inputs=release.inputs,
        title=_title(release.day),
        counts=[(kind, kinds[kind]) for kind in ("new", "update", "cancel")],
        n_distress=sum(bool(item.fields["is_distress"]) for item in release.items),
        rows=[_row(release, item) for item in release.items[:MAX_ROWS]],
        n_more=max(0, len(release.items) - MAX_ROWS),
        panels=panels,
        overview=chart.overview(release, panels, OVERVIEW_WIDTH_PX, MAP_HEIGHT_PX),
        quiet=_quiet(release),
        gap_min=round(chart.GAP.total_seconds() / 60),
        strips=[(source, _shades(source.reports)) for source in release.inputs.heard if source.reports is not None],
    )
    return {"brief.html": page.encode()}


def _title(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"


def _quiet(release: Release) -> str:
    """What the page says in place of a table when there is no alert."""
    assert release.inputs is not None
    if release.inputs.is_empty:
        return "Nothing was received for this day. This page does not say that nothing happened."
    if release.n_before:
        return f"Nothing new. {release.n_before} alerts of this day were handed over before."
    return "Nothing seen: no alert in what was received. What was not covered stands below."


def _row(release: Release, item: Item) -> dict[str, Any]:
    fields = item.fields
    n_reasons, n_chars = (3, 120) if len(release.items) <= FULL_ROWS else (2, 60)
    indicators = sorted(fields["indicators"], key=lambda row: -row["points"])
    length = f"{fields['length_m']:g} m" if fields["length_m"] else None
    identity = [
        value
        for value in (
            fields["ship_name"],
            fields["mmsi"] and f"MMSI {fields['mmsi']}",
            fields["imo"] and f"IMO {fields['imo']}",
            length,
        )
        if value
    ]
    ended = fields["ended_at"]
    return {
        "number": item.number,
        "kind": item.kind,
        "is_distress": fields["is_distress"],
        "severity": fields["severity"],
        "severity_word": WORDS[fields["severity"]],
        "certainty": certainty(fields),
        "confidence": f"{fields['confidence']:.0%}",
        "headline": text.shortened(fields["headline"], 110),
        "assessment": text.shortened(fields["assessment"], 160 if len(release.items) <= FULL_ROWS else 80),
        "reasons": [
            {
                "points": f"{row['points']:+g}",
                "name": text.shortened(row["indicator"].replace("_", " "), 40),
                "evidence": text.shortened(row["evidence"], n_chars),
            }
            for row in indicators[:n_reasons]
        ],
        "n_more_reasons": max(0, len(indicators) - n_reasons),
        "began": text.dtg(fields["started_at"])[:7],
        "ended": text.dtg(ended)[:7] if ended else None,
        "place": release.zone_title(fields["zone_id"]),
        "position": text.degrees_minutes(fields["lon"], fields["lat"]),
        "identity": text.shortened(", ".join(identity), 70) or "no identity known",
        "sar_phase": fields["sar_phase"],
    }


def _shades(reports: tuple[int, ...] | None) -> list[tuple[int, int, str]]:
    """(hour, number of reports, opacity) of each hour, the fullest hour darkest."""
    counts = reports or ()
    most = max([*counts, 1])
    return [(hour, n, f"{0.25 + 0.75 * n / most:.2f}") for hour, n in enumerate(counts)]
