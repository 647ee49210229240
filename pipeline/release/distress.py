"""
Rule 1's message: what every MRCC whose search-and-rescue region contains a distress event is told, at once and whatever the labels say.

Phase, time, position, drift, size of craft and how it was seen in general words. No identity but a distress beacon's own, no source, no track, no origin or
destination, nothing about persons: the type has no place for them, so no form can show them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from pipeline import geo, vessels
from pipeline.coast import Coast
from pipeline.release.craft import Fix
from pipeline.release.policy import is_beacon

NO_CHANNEL = "This is machine information and no distress channel."
CONFIRM = f"CONFIRM BY GMDSS. {NO_CHANNEL}"
WITHDRAWN = "withdrawn: later data do not bear it out"

# SAR Convention (Hamburg 1979), annex 4.4, with the codewords of the IAMSAR manual.
PHASES = {"uncertainty": "UNCERTAINTY (INCERFA)", "alert": "ALERT (ALERFA)", "distress": "DISTRESS (DETRESFA)"}

# in the order of the prefixes
BEACON_WORDS = ("AIS search-and-rescue transmitter (AIS-SART)", "AIS man-overboard device", "EPIRB with AIS")
BEACONS = dict(zip(vessels.BEACON_PREFIXES, BEACON_WORDS, strict=True))

DRIFT_WINDOW = timedelta(minutes=20)  # own: the span of definitions 7 (b)
DRIFT_MIN_S = 120.0  # own: over less, the scatter of fixes outweighs the motion
SAME_PLACE_NM = 0.5  # own: a last fix farther from the alert's position is not the one it speaks of
DRIFT_LIMIT_KN = 2.0  # definitions 7 (d): what a drift explains; what moves faster steers
AHEAD_H = (1, 2, 3)
LAND_STEPS_PER_H = 10  # own: at the limit a look at the chart every 0.2 nm


@dataclass(frozen=True)
class Drift:
    """Observed motion over ground: speed, direction towards, and the time over which it was seen."""

    speed_kn: float
    towards_deg: float
    over_s: float

    @property
    def is_steered(self) -> bool:
        """Whether it is too fast for a drift."""
        return self.speed_kn > DRIFT_LIMIT_KN

    @property
    def words(self) -> str:
        """`1.2 kn towards 140 deg, seen over the last 18 min`."""
        towards = f"{round(self.towards_deg) % 360:03d} deg"
        return f"{self.speed_kn:.1f} kn towards {towards}, seen over the last {self.over_s / 60:.0f} min"


class Ahead(NamedTuple):
    """Where the craft will be, hours after its last position, if its motion goes on as seen."""

    hours: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Message:
    """
    `sent_at` is the data time of the message, `seen_at` that of the position where known. `ahead` ends before the first place on land, then
    `meets_land`; it is empty when the motion is not known or no drift. `also_told` and `not_reached` name the other MRCCs of the place, `same_craft`
    the references of the other matters about the craft.
    """

    reference: str
    revision: int
    kind: str
    phase: str
    began_at: datetime
    sent_at: datetime
    seen_at: datetime | None
    lon: float
    lat: float
    size: str
    seen_by: str
    beacon_mmsi: str | None
    drift: Drift | None
    ahead: tuple[Ahead, ...]
    meets_land: bool
    also_told: tuple[str, ...]
    not_reached: tuple[str, ...]
    same_craft: tuple[str, ...]


def reference(agency_id: str, first_told: Mapping[str, Any]) -> str:
    """
    What this agency calls the matter: a hash of what its first message says anyway. An alert's id would not do: it is a hash that begins
    with the craft's MMSI, and whoever tries all MMSIs finds it.
    """
    place = f"{first_told['lon']:.5f}\n{first_told['lat']:.5f}"
    said = (agency_id, first_told["started_at"].isoformat(), place, str(first_told["sar_phase"]))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def message(
    name: str,
    alert: Mapping[str, Any],
    kind: str,
    sent_at: datetime,
    fixes: Sequence[Fix],
    coast: Coast,
    *,
    also_told: Sequence[str] = (),
    not_reached: Sequence[str] = (),
    same_craft: Sequence[str] = (),
) -> Message:
    """
    Rule 1's message about an alert, called `name`. `fixes` are those of its track up to its position, in order of time, from which only the drift is
    taken; the coast says where a forecast ends.
    """
    mmsi = alert.get("mmsi")
    last = fixes[-1] if fixes else None
    if last and geo.distance_nm(last.lat, last.lon, alert["lat"], alert["lon"]) > SAME_PLACE_NM:
        last = None
    drift = _drift(fixes) if last else None
    ahead, meets_land = _ahead(alert["lon"], alert["lat"], drift, coast)
    return Message(
        reference=name,
        revision=alert["revision"],
        kind=kind,
        phase=PHASES.get(alert.get("sar_phase") or "", PHASES["uncertainty"]),
        began_at=alert["started_at"],
        sent_at=sent_at,
        seen_at=last.observed_at if last else None,
        lon=round(alert["lon"], 5),
        lat=round(alert["lat"], 5),
        size=_size(alert.get("length_m")),
        seen_by=_seen_by(mmsi, alert.get("track_id")),
        beacon_mmsi=mmsi if is_beacon(mmsi) else None,
        drift=drift,
        ahead=ahead,
        meets_land=meets_land,
        also_told=tuple(also_told),
        not_reached=tuple(not_reached),
        same_craft=tuple(same_craft),
    )


def _size(length_m: float | None) -> str:
    if not length_m:
        return "size not known"
    if length_m <= vessels.SMALL_CRAFT_M:
        return f"small craft, about {max(1, round(length_m))} m"
    return f"about {round(length_m / 10) * 10} m"


def _seen_by(mmsi: str | None, track_id: str | None) -> str:
    if mmsi and is_beacon(mmsi):
        return BEACONS[mmsi[:3]]
    if mmsi:
        return "its AIS transmissions"
    return "radar, no AIS" if (track_id or "").startswith("radar:") else "a report"


def _ahead(lon: float, lat: float, drift: Drift | None, coast: Coast) -> tuple[tuple[Ahead, ...], bool]:
    """The places ahead that are reached by water, and whether the way meets land."""
    if drift is None or drift.is_steered:
        return (), False
    steps = np.arange(1, AHEAD_H[-1] * LAND_STEPS_PER_H + 1)
    hours = steps / LAND_STEPS_PER_H
    lats, lons = geo.destination(lat, lon, drift.towards_deg, drift.speed_kn * hours)
    on_land = coast.on_land(lons, lats)
    meets_land = bool(on_land.any())
    afloat_h = float(hours[int(on_land.argmax())]) if meets_land else float("inf")
    at = {h: h * LAND_STEPS_PER_H - 1 for h in AHEAD_H if h < afloat_h}
    return tuple(Ahead(h, float(lons[i]), float(lats[i])) for h, i in at.items()), meets_land


def _drift(fixes: Sequence[Fix]) -> Drift | None:
    last = fixes[-1]
    window = [fix for fix in fixes if last.observed_at - fix.observed_at <= DRIFT_WINDOW]
    first = window[0]
    over_s = (last.observed_at - first.observed_at).total_seconds()
    if over_s < DRIFT_MIN_S:
        return None
    distance = float(geo.distance_nm(first.lat, first.lon, last.lat, last.lon))
    towards = float(geo.bearing_deg(first.lat, first.lon, last.lat, last.lon))
    return Drift(round(distance / over_s * 3600.0, 1), round(towards), over_s)
