"""
Text for other people's programs and eyes: what comes off the air or out of a file is made one plain line, and numbers and times get their words.

Escaping for HTML, XML, JSON and CSV is the formats' own; this is what all of them need before it.
"""

import unicodedata
from datetime import UTC, datetime

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def plain(text: object) -> str:
    """
    One line of visible characters: line breaks, tabs and controls become a space; what is invisible (direction marks and overrides, zero
    width, unassigned, surrogates) is dropped, so nothing is shown in another order than it is stored.
    """
    kept = []
    for char in str(text):
        category = unicodedata.category(char)
        if category in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif category[0] != "C":
            kept.append(char)
    return " ".join("".join(kept).split())


def shortened(text: str, n_chars: int) -> str:
    """The text, or its beginning and an ellipsis where it is longer than `n_chars`."""
    return text if len(text) <= n_chars else text[: n_chars - 1].rstrip() + "…"


def counted(n: float, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return f"{n:g} {noun}" if n == 1 else f"{n:g} {noun}s"


def iso_z(instant: datetime) -> str:
    """`2026-05-14T05:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def dtg(instant: datetime) -> str:
    """Date-time group of the radio services, `140500Z MAY 26`: day and time of day, zone, month, year; English whatever the locale."""
    utc = instant.astimezone(UTC)
    return f"{utc:%d%H%M}Z {MONTHS[utc.month - 1]} {utc:%y}"


def degrees_minutes(lon: float, lat: float) -> str:
    """`39-12.34N 026-21.40E`: degrees and decimal minutes, as charts and radio have them (0.01' is 19 m)."""
    parts = []
    for value, width, sides in ((lat, 2, "NS"), (lon, 3, "EW")):
        hundredths = round(abs(value) * 6000)
        degrees, rest = divmod(hundredths, 6000)
        parts.append(f"{degrees:0{width}d}-{rest // 100:02d}.{rest % 100:02d}{sides[value < 0]}")
    return " ".join(parts)
