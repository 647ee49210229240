"""What one bundle says: all that a format may show. Whatever the policy kept back is not in here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, NamedTuple

from pipeline.release import distress
from pipeline.release.agencies import Agency
from pipeline.release.craft import Fix
from pipeline.release.inputs import Inputs
from pipeline.sea import Sea

Kind = Literal["new", "update", "cancel"]

# Columns of the table that a human opens, in order; the same for every agency, so that a blank says nothing.
COLUMNS = (
    "alert_id", "revision", "category", "severity", "confidence", "headline", "facts", "assessment", "indicators", "zone_id",
    "started_at", "ended_at", "known_at", "lat", "lon", "mmsi", "imo", "ship_name", "call_sign", "vessel_id", "track_id",
    "length_m", "phase", "sar_phase", "is_distress", "tlp",
)  # fmt: skip


class Earlier(NamedTuple):
    """A revision that the agency was sent before, and the `sent` of that message."""

    revision: int
    sent_at: datetime


@dataclass(frozen=True)
class Item:
    """
    One alert revision as one agency sees it. `number` is that of the craft in this bundle, from 1; items of one craft stand together.

    `reference` is what the agency calls it: the alert's id, or rule 1's own. `kind` is new, update or cancel for this agency, `sent_at` later than
    that of every message before. `fields` has the keys of COLUMNS (all text is one plain line, `indicators` a list of {indicator, points, evidence})
    or is empty when `message`, rule 1's, is all that it gets.
    """

    number: int
    kind: Kind
    alert_id: str
    reference: str
    revision: int
    started_at: datetime
    sent_at: datetime
    earlier: tuple[Earlier, ...]
    fields: Mapping[str, Any]
    fixes: tuple[Fix, ...]
    message: distress.Message | None


@dataclass(frozen=True)
class Release:
    """
    What one agency is told in one bundle. `n_before` counts alerts of the day that it was told in earlier bundles.

    `inputs` and `tlp` are None for a rescue centre.
    """

    agency: Agency
    day: str
    items: tuple[Item, ...]
    inputs: Inputs | None
    n_before: int
    tlp: str | None
    attributions: tuple[str, ...]
    sea: Sea

    def zone_title(self, zone_id: str | None) -> str:
        """A zone's name for people."""
        return next((zone.title for zone in self.sea.zones if zone.zone_id == zone_id), "open sea")

    def crafts(self) -> list[list[Item]]:
        """The items craft by craft."""
        return [list(group) for _, group in groupby(self.items, key=lambda item: item.number)]


def certainty(fields: Mapping[str, Any]) -> str:
    """Rule 6: the word, `Likely` or `Possible`, with which the assessment begins; a machine has observed nothing."""
    return "Likely" if fields["assessment"].startswith("Likely") else "Possible"
