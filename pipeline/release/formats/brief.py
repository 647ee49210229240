"""
The page for people: `brief.html`, one sheet of A4 that reads in a minute, whole in one file and without a script, so it works offline and on a phone.

What is new, updated and cancelled, where, and why, one row a craft and the reasons alert by alert; then what was not covered, because silence says nothing
there. All text is escaped by the template.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from pipeline.release import chart, text
from pipeline.release.contents import Item, Release, certainty
from pipeline.release.distress import WITHDRAWN

MAX_REASONS = 8
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ACRONYM = re.compile(r"\bais\b")
ISO_TIME = re.compile(r"\b(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2})?Z")


class Setting(NamedTuple):
    """
    How the table is set: whether it is the small one, lines that the page has for it, characters of a line in its three columns (measured in
    Chromium), reasons of a scored alert that have their evidence beside them, and the longest evidence: longer than the facts of `pipeline.alerts`.
    """

    is_small: bool
    lines: int
    what: int
    where: int
    why: int
    n_explained: int
    evidence: int


# The first in which every craft has room is taken, else the last.
SETTINGS = (
    Setting(False, 35, 50, 26, 46, 7, 140),
    *(Setting(True, 44, 61, 31, 53, n_explained, 100) for n_explained in (7, 4, 2, 1, 0)),
)
LINES_OF_THE_REST = 2  # own: that there are more craft
LINES_OF_AN_OUTAGE = 2  # own: what is said of it below the table takes room from the table
USUAL_SOURCES = 3  # own: each source more takes a line

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
    narrow, wide = chart.panels(release)
    crafts = release.crafts()
    for setting in SETTINGS:
        rows = _fitting(release, setting)
        if len(rows) == len(crafts):
            break
    kinds = Counter(item.kind for item in release.items)
    phases = Counter(
        item.fields["sar_phase"] for item in release.items if item.fields["is_distress"] and item.kind != "cancel"
    )
    page = ENVIRONMENT.get_template("brief.html.j2").render(
        release=release,
        inputs=release.inputs,
        title=_title(release.day),
        counts=[(kinds["new"], "new"), (kinds["update"], "updated"), (kinds["cancel"], "cancelled")],
        phases=[(phases[phase], phase) for phase in ("distress", "alert", "uncertainty")],
        is_small=setting.is_small,
        rows=rows,
        n_more=len(crafts) - len(rows),
        narrow=narrow,
        wide=wide,
        quiet=_quiet(release),
        shades={source.source_id: _shades(source.reports) for source in release.inputs.heard},
        gap_min=round(chart.GAP.total_seconds() / 60),
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
        return f"Nothing new. Alerts of this day that were handed over before: {release.n_before}."
    return "Nothing seen: no alert in what was received. What was not covered stands below."


def _fitting(release: Release, setting: Setting) -> list[dict[str, Any]]:
    """The rows, from the first, that the page has room for."""
    assert release.inputs is not None
    rows = [_row(release, craft, setting) for craft in release.crafts()]
    room = setting.lines - LINES_OF_AN_OUTAGE * len(release.inputs.outages)
    room -= max(0, len(release.inputs.heard) - USUAL_SOURCES)
    ends = list(accumulate(_lines(row, setting) for row in rows))
    if not rows or ends[-1] <= room:
        return rows
    return rows[: max(1, sum(end <= room - LINES_OF_THE_REST for end in ends))]


def _lines(row: dict[str, Any], setting: Setting) -> float:
    """Lines that a row takes, with half a line around it."""
    said = (
        f"{item['kind']}  {item['headline']} severity 1, {item['certainty']} 100% {item['assessment']}"
        for item in row["items"]
    )
    what = sum(-(-len(line) // setting.what) for line in said)
    where = 1 + sum(
        -(-len(line) // setting.where)
        for line in (f"{row['began']} to {row['ended']}, {row['place']}", row["identity"])
    )
    why = sum(-(-len(_said(item["why"])) // setting.why) for item in row["items"])
    return float(max(what, where, why)) + 0.5


def _said(why: dict[str, Any]) -> str:
    reasons = (f"{reason['points']} {reason['name']}: {reason['evidence']}".rstrip(": ") for reason in why["reasons"])
    return f"{why['points']}: {'; '.join(reasons)} {why['words']}"


def _row(release: Release, craft: Sequence[Item], setting: Setting) -> dict[str, Any]:
    fields = craft[0].fields
    unknown = "" if setting.is_small else "no identity known"
    length = f"{fields['length_m']:g} m" if fields["length_m"] else None
    names = (
        fields["ship_name"],
        fields["mmsi"] and f"MMSI {fields['mmsi']}",
        fields["imo"] and f"IMO {fields['imo']}",
        length,
    )
    is_cancelled = all(item.kind == "cancel" for item in craft)
    standing = [item for item in craft if is_cancelled or item.kind != "cancel"]
    ends = [item.fields["ended_at"] for item in standing]
    return {
        "number": craft[0].number,
        "severity": fields["severity"],
        "is_distress": any(item.fields["is_distress"] for item in craft),
        "is_cancelled": is_cancelled,
        "items": [
            {
                "kind": item.kind,
                "severity": item.fields["severity"],
                "certainty": certainty(item.fields),
                "confidence": f"{item.fields['confidence']:.0%}",
                "headline": text.shortened(item.fields["headline"], 110),
                "assessment": "" if setting.is_small else text.shortened(item.fields["assessment"], 120),
                "why": _why(item, setting, release.day),
            }
            for item in craft
        ],
        "began": _clock(min(item.started_at for item in standing), release.day),
        "ended": None if None in ends else _clock(max(ends), release.day),
        "place": release.zone_title(fields["zone_id"]),
        "position": text.degrees_minutes(fields["lon"], fields["lat"]),
        "identity": text.shortened(", ".join(name for name in names if name), 60) or unknown,
    }


def _why(item: Item, setting: Setting, day: str) -> dict[str, Any]:
    """
    Why one alert stands there. `points` and the `reasons` that add up to them, or `words` alone: a distress needs no score, and what is withdrawn has no reason
    left.
    """
    if item.kind == "cancel":
        return {"points": "", "reasons": [], "words": WITHDRAWN}
    in_order = sorted(item.fields["indicators"], key=lambda row: (-row["points"], row["indicator"], row["evidence"]))
    evidence = [text.shortened(_short_times(row["evidence"], day), setting.evidence) for row in in_order]
    if item.fields["is_distress"]:
        return {"points": "", "reasons": [], "words": "; ".join(evidence[:MAX_REASONS])}
    rest = in_order[MAX_REASONS:]
    return {
        "points": text.counted(sum(row["points"] for row in in_order), "point"),
        "reasons": [
            {
                "points": f"{row['points']:+g}",
                "name": text.shortened(ACRONYM.sub("AIS", row["indicator"].replace("_", " ")), 40),
                "evidence": evidence[i] if i < setting.n_explained else "",
            }
            for i, row in enumerate(in_order[:MAX_REASONS])
        ],
        "words": f"{sum(row['points'] for row in rest):+g} {len(rest)} more" if rest else "",
    }


def _clock(instant: datetime, day: str) -> str:
    """`04:35`, with the date in front when it is another day's."""
    said = text.iso_z(instant)
    return (
        said[11:16] if said.startswith(day) else f"{said[8:10]} {text.MONTHS[int(said[5:7]) - 1].title()} {said[11:16]}"
    )


def _short_times(said: str, day: str) -> str:
    return ISO_TIME.sub(lambda found: found[2] if found[1] == day else f"{found[1]} {found[2]}", said)


def _shades(reports: tuple[int, ...] | None) -> list[tuple[int, int, str]]:
    """(hour, number of reports, opacity) of each hour, the fullest hour darkest."""
    counts = reports or ()
    most = max([*counts, 1])
    return [(hour, n, f"{0.25 + 0.75 * n / most:.2f}") for hour, n in enumerate(counts)]
