"""
AIS gap: a vessel at sea is not heard for longer than it should be.

Definition  Two consecutive positions of one AIS track more than T apart (strict), the first not in port. T by theatre (Aegean 30 min, central
            Mediterranean 2 h, Gulf of Aden and Somali Basin 6 h), and never less than 12 of the track's own median reporting intervals.
            Open while no later position is known at the end of the feed's data; closed under the same id by the next position.
Reads       motion, the feed's reach in time, outages, watch zones, ports
Emits       events, event_type "ais_gap"; state void_coverage where the feed was down there and then
Cannot see  why: most gaps are innocent or poor reception. A gap alone is an event, never an alert.
            Vessels outside the watch zones; beacons, stations, aids to navigation and aircraft are not vessels. A silence of more
            than 30 days: the track is forgotten by then, and its gap stays open
Ends        at the next position of the track
Source      definitions.md 0 and 1; the strict comparison as GFW pipe-gaps; prism: Hagerstrand's time geography
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.contracts import to_json
from pipeline.detect import silence
from pipeline.detect.contract import Detector, Found, Numbers, Scene, event_id, on_track, rounded, spot, stamp
from pipeline.geo import bearing_deg, distance_nm
from pipeline.tracks import CARRIED_FIXES, instant, speed_caps
from pipeline.units import SECONDS_PER_HOUR


@dataclass(frozen=True)
class Params:
    """The thresholds of silence stand in `pipeline.detect.silence`; the top speed of a class in `pipeline.tracks`."""

    under_way_kn: float = 1.0  # own: slower fixes do not count for the typical speed
    confidence_covered: float = 0.9  # own
    confidence_unknown: float = 0.5  # own: too few others to tell whether the feed reached there


def detect(scene: Scene, params: Params, carried: list[dict[str, Any]]) -> Found:
    """Gaps that begin, last or end in the scene. What is carried is the coverage of silences that are not over."""
    remembered = Numbers(carried)
    found = Found()
    at_sea = ~scene.is_radar & ~scene.in_port & scene.is_vessel
    silences = silence.find(scene)
    for off, on, allowed_s in zip(silences.off, silences.on, silences.allowed_s, strict=True):
        i, j = int(off), int(on)
        if at_sea[i] and not silence.was_over(scene, j):
            coverage = remembered.once(scene, i, silence.coverage)
            found.events.append(event(scene, params, i, j, float(allowed_s), scene.row(i), coverage))
    for i in silence.pending(scene):
        if at_sea[i]:
            remembered.once(scene, i, silence.coverage)
    found.carried = remembered.remembered(scene)
    return found


def event(
    scene: Scene, params: Params, i: int, j: int, allowed_s: float, row: dict[str, Any], coverage: dict[str, Any]
) -> dict[str, Any]:
    """The event of the gap after row i, ended by row j (-1: not yet)."""
    off_s = float(scene.time[i])
    is_open = j < 0
    until_s = float(scene.heard_until[i]) if is_open else float(scene.time[j])
    down = coverage["coverage"] == "down" or silence.explained_by_outage(scene, i, j, allowed_s)
    evidence = {
        "off": spot(scene, i),
        "on": None if is_open else spot(scene, j),
        "allowed_s": rounded(allowed_s, 1),
        "usual_interval_s": rounded(silence.usual_interval_s(scene, i) or np.nan, 1),
        **coverage,
        **({} if is_open else passage(scene, params, i, j)),
    }
    return {
        "event_id": event_id("ais_gap", row["track_id"], stamp(off_s)),
        "event_type": "ais_gap",
        "state": "void_coverage" if down else "open" if is_open else "closed",
        **on_track(row),
        "zone_id": scene.sea.zone_of(float(scene.lon[i]), float(scene.lat[i])) or None,
        "started_at": row["observed_at"],
        "ended_at": None if is_open else instant(until_s),
        "known_at": instant(off_s + allowed_s),
        "lon": round(float(scene.lon[i if is_open else j]), 6),
        "lat": round(float(scene.lat[i if is_open else j]), 6),
        "duration_s": None if is_open else round(until_s - off_s, 3),
        "confidence": 0.0
        if down
        else params.confidence_covered
        if coverage["coverage"] == "covered"
        else params.confidence_unknown,
        "is_distress": False,
        "source_ids": [row["source_id"]],
        "evidence": to_json(evidence),
    }


def passage(scene: Scene, params: Params, i: int, j: int) -> dict[str, Any]:
    """
    What the vessel can have done between rows i and j: the direct passage, and the prism of places it can have reached.

    `prism` is the ellipse with the two fixes as foci whose axes follow from the class's top speed. `slack_s` is the time left beyond the direct
    passage at the track's own typical speed, null when it has none.
    """
    duration_s = float(scene.time[j] - scene.time[i])
    direct_nm = float(distance_nm(scene.lat[i], scene.lon[i], scene.lat[j], scene.lon[j]))
    top_kn = float(speed_caps(scene.motion.slice(i, 1))[0])
    first = max(int(scene.first_row[i]), i - CARRIED_FIXES + 1)
    sog = scene.sog_kn[first : i + 1]
    under_way = sog[sog >= params.under_way_kn]
    slack_s = None
    if len(under_way):
        slack_s = round(duration_s - direct_nm / float(np.median(under_way)) * SECONDS_PER_HOUR, 1)
    reach_nm = max(top_kn * duration_s / SECONDS_PER_HOUR, direct_nm)
    return {
        "duration_s": rounded(duration_s, 1),
        "distance_nm": rounded(direct_nm, 3),
        "implied_speed_kn": rounded(direct_nm / duration_s * SECONDS_PER_HOUR),
        "slack_s": slack_s,
        "prism": {
            "top_speed_kn": top_kn,
            "major_axis_nm": rounded(reach_nm),
            "minor_axis_nm": rounded(float(np.sqrt(reach_nm**2 - direct_nm**2))),
            "bearing_deg": rounded(float(bearing_deg(scene.lat[i], scene.lon[i], scene.lat[j], scene.lon[j])), 1),
        },
    }


DETECTOR = Detector("ais_gap", version=1, params=Params(), detect=detect)
