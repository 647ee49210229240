"""
The table: `alerts.csv`, one row an alert, for a spreadsheet.

UTF-8 with a byte order mark, comma, CRLF (RFC 4180), times in UTC. A text that a spreadsheet would take for a formula gets an apostrophe in front: names of
vessels come off the air.
"""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.release import text
from pipeline.release.contents import COLUMNS, Item, Release

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render(release: Release) -> dict[str, bytes]:
    """The header and a row for each alert; the header alone when there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("number", "message", *COLUMNS))
    for item in release.items:
        writer.writerow(_row(item))
    return {"alerts.csv": b"\xef\xbb\xbf" + out.getvalue().encode()}


def _row(item: Item) -> list[str]:
    return [str(item.number), item.kind, *(_cell(item.fields[name]) for name in COLUMNS)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return text.iso_z(value)
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return _inert("; ".join(map(_indicator, value)))
    return _inert(str(value))


def _indicator(indicator: Mapping[str, Any]) -> str:
    return f"{indicator['indicator']} ({indicator['points']:+g}): {indicator['evidence']}"


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
