"""
Rule 1's message: what every MRCC whose search-and-rescue region contains a distress event is told, at once and whatever the labels say.

Phase, time, position, drift, size of craft and how it was seen in general words. No identity but a distress beacon's own, no source, no track, no origin or
destination, nothing about persons: the type has no place for them, so no form can show them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline import geo
from pipeline.release.craft import Fix
from pipeline.release.policy import is_beacon

CONFIRM = "CONFIRM BY GMDSS. This is machine information and no distress channel."

# SAR Convention (Hamburg 1979), annex 4.4, with the codewords of the IAMSAR manual.
PHASES = {"uncertainty": "UNCERTAINTY (INCERFA)", "alert": "ALERT (ALERFA)", "distress": "DISTRESS (DETRESFA)"}

BEACONS = {
    "970": "AIS search-and-rescue transmitter (AIS-SART)",
    "972": "AIS man-overboard device",
    "974": "EPIRB with AIS",
}

DRIFT_WINDOW = timedelta(minutes=20)  # own: the span of definitions 7 (b)
DRIFT_MIN_S = 120.0  # own: over less, the scatter of fixes outweighs the motion
SAME_PLACE_NM = 0.5  # own: a last fix farther from the alert's position is not the one it speaks of
AHEAD_H = (1, 2, 3)


@dataclass(frozen=True)
class Drift:
    """Observed motion over ground: speed, direction towards, and the time over which it was seen."""

    speed_kn: float
    towards_deg: float
    over_s: float

    @property
    def words(self) -> str:
        """`1.2 kn towards 140 deg, seen over the last 18 min`."""
        return f"{self.speed_kn:.1f} kn towards {round(self.towards_deg) % 360:03d} deg, seen over the last {self.over_s / 60:.0f} min"


@dataclass(frozen=True)
class Message:
    """`seen_at` is the time of the position where known; `also_told` and `not_reached` name the other MRCCs of the place."""

    reference: str
    revision: int
    kind: str
    phase: str
    began_at: datetime
    known_at: datetime
    seen_at: datetime | None
    lon: float
    lat: float
    size: str
    seen_by: str
    beacon_mmsi: str | None
    drift: Drift | None
    also_told: tuple[str, ...]
    not_reached: tuple[str, ...]

    def ahead(self) -> list[tuple[int, float, float]]:
        """(hours, lon, lat) at which the craft will be if its motion goes on as seen; empty where that is not known."""
        if self.drift is None:
            return []
        places = [geo.destination(self.lat, self.lon, self.drift.towards_deg, self.drift.speed_kn * h) for h in AHEAD_H]
        return [(h, float(lon), float(lat)) for h, (lat, lon) in zip(AHEAD_H, places, strict=True)]


def reference(agency_id: str, first_told: Mapping[str, Any]) -> str:
    """
    What this agency calls the matter: a hash of what its first message says anyway. An alert's id would not do: it is a hash that begins
    with the craft's MMSI, and whoever tries all MMSIs finds it.
    """
    said = (agency_id, first_told["started_at"].isoformat(), f"{first_told['lon']:.5f}", f"{first_told['lat']:.5f}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def message(
    name: str, alert: Mapping[str, Any], kind: str, fixes: Sequence[Fix], also_told: Sequence[str], not_reached: Sequence[str]
) -> Message:
    """Rule 1's message about an alert, called `name`; `fixes` are those of its track up to `known_at`, in order of time, from which only the drift is taken."""
    mmsi = alert.get("mmsi")
    last = fixes[-1] if fixes else None
    if last and geo.distance_nm(last.lat, last.lon, alert["lat"], alert["lon"]) > SAME_PLACE_NM:
        last = None
    return Message(
        reference=name,
        revision=alert["revision"],
        kind=kind,
        phase=PHASES.get(alert.get("sar_phase") or "", PHASES["uncertainty"]),
        began_at=alert["started_at"],
        known_at=alert["known_at"],
        seen_at=last.observed_at if last else None,
        lon=round(alert["lon"], 5),
        lat=round(alert["lat"], 5),
        size=_size(alert.get("length_m")),
        seen_by=_seen_by(mmsi, alert.get("track_id")),
        beacon_mmsi=mmsi if is_beacon(mmsi) else None,
        drift=_drift(fixes) if last else None,
        also_told=tuple(also_told),
        not_reached=tuple(not_reached),
    )


def _size(length_m: float | None) -> str:
    if not length_m:
        return "size not known"
    if length_m <= 20:  # definitions: small craft
        return f"small craft, about {max(1, round(length_m))} m"
    return f"about {round(length_m / 10) * 10} m"


def _seen_by(mmsi: str | None, track_id: str | None) -> str:
    if mmsi and is_beacon(mmsi):
        return BEACONS[mmsi[:3]]
    if mmsi:
        return "its AIS transmissions"
    return "radar, no AIS" if (track_id or "").startswith("radar:") else "a report"


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
