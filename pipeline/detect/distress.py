"""
Distress: somebody may need help. Safety of life comes before everything else that Pharos does.

Definition  (a) distress     AIS navigational status 14, or a beacon's MMSI (970 SART, 972 MOB, 974 EPIRB). Status 15 on a beacon is a test: it is
                             recorded as event_type "distress_test" and is no distress
            (b) alert        stop: a small craft or radar track in a corridor drops from >= 3 kn to < 1 kn for >= 20 min, at least
                             min(1 nm, 0.3 x local width) from any coast
                             vanish: such a craft is last heard there and then silent for longer than a gap's T while the feed was not down
                             (void_coverage where it was); beacons, stations and aircraft are no craft, nor is a radar track of under 10 min
            (f) uncertainty  a small radar track without AIS under way in a corridor at night, however steadily, for >= 10 min; without AIS:
                             less than half of its positions so far had an AIS vessel at their place
            Where corridors overlap, the narrowest speaks.
Reads       motion, corridors, the sun, the feed's reach in time, outages
Emits       events, event_type "distress" (is_distress, sar_phase) and "distress_test"; the rule's letter is in the evidence
Cannot see  a craft that no sensor sees, or that a radar loses within 10 min of finding it; rules (c), (d), (e) of the definitions are not here
            yet. A radar that loses a track and gives it a new number looks like (b) vanish: a false alarm that is accepted
Ends        (a) after an hour without such a message; (b) stop: when under way again at 3 kn, at most 6 h; (b) vanish: when heard again;
            (f) after an hour without such a fix
Source      definitions.md 7; ITU-R M.1371 (status 14, 15), ITU-R M.585 (beacons); the numbers marked own
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow.compute as pc

from pipeline import sun, vessels
from pipeline.contracts import to_json
from pipeline.detect import silence
from pipeline.detect.contract import ECHO_SHARE, Detector, Found, Numbers, Scene, event_id, on_track, rounded, spot
from pipeline.geo import bearing_deg, distance_nm
from pipeline.sea import Corridor
from pipeline.tracks import instant
from pipeline.units import SECONDS_PER_HOUR

ACTIVE, TEST = 14, 15  # ITU-R M.1371, navigational status


@dataclass(frozen=True)
class Params:
    """Distances to coasts belong to the corridor's file."""

    under_way_kn: float = 3.0  # definitions.md 7 (b)
    stopped_kn: float = 1.0  # definitions.md 7 (b)
    stopped_for_s: float = 1200.0  # definitions.md 7 (b)
    drop_within_s: float = 600.0  # own: slower than that it is no drop
    longest_stop_s: float = 21_600.0  # own: the search is known of by then
    steaming_kn: float = 2.0  # own: below it a fishing boat on its nets, or noise
    steaming_for_s: float = 600.0  # own: clutter does not live so long
    followed_for_s: float = 600.0  # own: nor does what a radar loses after a shorter time have to be a craft
    pause_s: float = 3600.0  # own: the same matter again after a shorter pause
    confidence_beacon: float = 0.95  # own
    confidence_stop: float = 0.6  # own
    confidence_vanish: float = 0.6  # own
    confidence_vanish_unknown: float = 0.4  # own
    confidence_steaming: float = 0.5  # own


def detect(scene: Scene, params: Params, carried: list[dict[str, Any]]) -> Found:
    """Events of all rules. What is carried is the number of each on its day, the coverage of silences, and beacons still heard."""
    numbers = Numbers(carried)
    found = Found()
    found.events += beacons(scene, params, numbers)
    silences = silence.find(scene)
    unclaimed = np.ones(len(scene.time), dtype=np.bool_)
    for corridor in sorted(scene.sea.corridors, key=lambda corridor: corridor.local_width_nm):
        # where corridors overlap the narrower one speaks: one matter is one event
        inside = corridor.inside(scene.lon, scene.lat) & unclaimed
        if not inside.any():
            continue
        unclaimed &= ~inside
        offshore = inside & corridor.offshore(scene.lon, scene.lat)
        candidate = (scene.is_small | scene.is_radar) & scene.is_vessel
        found.events += stops(scene, params, corridor, candidate & offshore, numbers)
        found.events += vanished(scene, params, corridor, candidate & offshore, silences, numbers)
        found.events += steaming_at_night(scene, params, corridor, scene.is_small & scene.is_radar & inside, numbers)
    found.carried = numbers.remembered(scene)
    return found


def event(
    scene: Scene,
    numbers: Numbers,
    rule: str,
    zone_id: str,
    started_at: datetime,
    known_s: float,
    last: int,
    **columns: Any,
) -> dict[str, Any]:
    """The columns that all rules fill alike; `ended_s` is None while it lasts."""
    row = scene.row(last)
    ended_s = columns.pop("ended_s")
    number = numbers.number(row["track_id"], zone_id, rule, started_at)
    return {
        "event_id": event_id("distress", row["track_id"], zone_id, rule, f"{started_at:%Y-%m-%d}", str(number)),
        "event_type": "distress",
        "state": "open" if ended_s is None else "closed",
        **on_track(row),
        "zone_id": zone_id or scene.sea.zone_of(float(scene.lon[last]), float(scene.lat[last])) or None,
        "started_at": started_at,
        "ended_at": None if ended_s is None else instant(ended_s),
        "known_at": instant(known_s),
        "lon": round(float(scene.lon[last]), 6),
        "lat": round(float(scene.lat[last]), 6),
        "duration_s": None if ended_s is None else round(ended_s - started_at.timestamp(), 3),
        "is_distress": True,
        "source_ids": [row["source_id"]],
        **columns,
    }


def size(scene: Scene, i: int) -> dict[str, Any]:
    """How big the craft is and how it was seen, in general words and numbers."""
    length = scene.motion.column("length_m")[i].as_py()
    return {
        "is_radar": bool(scene.is_radar[i]),
        "is_small": bool(scene.is_small[i]),
        "length_m": rounded(length, 1) if length else None,
    }


def drift(start: dict[str, Any], last: dict[str, Any]) -> dict[str, Any]:
    """Set and drift between two spots: where the craft was taken, and how fast."""
    hours = (
        datetime.fromisoformat(last["at"]) - datetime.fromisoformat(start["at"])
    ).total_seconds() / SECONDS_PER_HOUR
    if hours <= 0.0:
        return {"drift_kn": None, "set_deg": None}
    ends = (start["lat"], start["lon"], last["lat"], last["lon"])
    return {"drift_kn": rounded(float(distance_nm(*ends)) / hours), "set_deg": rounded(float(bearing_deg(*ends)), 0)}


def episodes(scene: Scene, chosen: np.ndarray, pause_s: float) -> Iterator[tuple[int, int]]:
    """
    (first row, last row) of chosen rows [n] of one track that follow each other by no more than a pause. What was over before this day was
    judged then, and the scene may no longer hold all of it.
    """
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return
    new = (scene.track[rows[1:]] != scene.track[rows[:-1]]) | (np.diff(scene.time[rows]) > pause_s)
    for first, last in zip(rows[np.append([True], new)].tolist(), rows[np.append(new, [True])].tolist(), strict=True):
        if scene.heard_since[last] - scene.time[last] <= pause_s:
            yield first, last


def ended_s(scene: Scene, last: int, pause_s: float) -> float | None:
    """The time of an episode's last row, or None while the pause after it is not over."""
    return float(scene.time[last]) if scene.heard_until[last] - scene.time[last] > pause_s else None


def beacons(scene: Scene, params: Params, numbers: Numbers) -> Iterator[dict[str, Any]]:
    """Rule (a), and tests of beacons."""
    mmsi, status = scene.motion.column("mmsi"), scene.motion.column("nav_status")
    is_beacon = np.zeros(len(scene.time), dtype=bool)
    for prefix in vessels.BEACON_PREFIXES:
        is_beacon |= np.asarray(pc.fill_null(pc.starts_with(mmsi, prefix), False))
    is_test = is_beacon & np.asarray(pc.fill_null(pc.equal(status, TEST), False))
    is_active = (is_beacon & ~is_test) | np.asarray(pc.fill_null(pc.equal(status, ACTIVE), False))
    for rule, chosen in (("a", is_active), ("test", is_test)):
        for first, last in episodes(scene, chosen, params.pause_s):
            started_at, start = numbers.begun(scene, "", rule, first, last, params.pause_s)
            found = event(
                scene,
                numbers,
                rule,
                "",
                started_at,
                started_at.timestamp(),
                last,
                ended_s=ended_s(scene, last, params.pause_s),
                confidence=params.confidence_beacon,
                sar_phase="distress",
                evidence=to_json(
                    {
                        "rule": rule,
                        "nav_status": status[last].as_py(),
                        "mmsi_kind": vessels.mmsi_kind(mmsi[last].as_py() or ""),
                        "beacon_mmsi": mmsi[last].as_py() if is_beacon[last] else None,
                        "last": spot(scene, last),
                        **drift(start, spot(scene, last)),
                    }
                ),
            )
            if rule == "test":
                found |= {"event_type": "distress_test", "is_distress": False, "sar_phase": None}
            yield found


def stops(
    scene: Scene, params: Params, corridor: Corridor, chosen: np.ndarray, numbers: Numbers
) -> Iterator[dict[str, Any]]:
    """Rule (b), stop."""
    slow = chosen & (scene.sog_kn < params.stopped_kn)
    fast = scene.sog_kn >= params.under_way_kn
    for track in np.unique(scene.track[slow]):
        begin, end = np.searchsorted(scene.track, [track, track + 1])
        last_fast_s, since, known = -np.inf, -1, -1
        for i in range(int(begin), int(end)):
            if since >= 0 and known < 0 and not slow[i]:
                since = -1
            if since < 0 and slow[i] and scene.time[i] - last_fast_s <= params.drop_within_s:
                since = i
            if since >= 0 and known < 0 and scene.time[i] - scene.time[since] >= params.stopped_for_s:
                known = i
            if known >= 0 and (fast[i] or scene.time[i] - scene.time[since] > params.longest_stop_s):
                yield from stop(scene, params, corridor, since, known, i - 1, True, numbers)
                since, known = -1, -1
            if fast[i]:
                last_fast_s = scene.time[i]
        if known >= 0:
            yield from stop(scene, params, corridor, since, known, int(end) - 1, False, numbers)


def stop(
    scene: Scene, params: Params, corridor: Corridor, since: int, known: int, last: int, is_over: bool, numbers: Numbers
) -> Iterator[dict[str, Any]]:
    """The event of one stop, unless the track is the echo of an AIS vessel."""
    if scene.is_radar[since] and scene.ais_share(since, known) >= ECHO_SHARE:
        return
    over = is_over or scene.heard_until[last] - scene.time[since] > params.longest_stop_s
    yield event(
        scene,
        numbers,
        "b_stop",
        corridor.zone_id,
        instant(scene.time[since]),
        float(scene.time[known]),
        last,
        ended_s=float(scene.time[last]) if over else None,
        confidence=params.confidence_stop,
        sar_phase="alert",
        evidence=to_json(
            {
                "rule": "b_stop",
                "stopped": spot(scene, since),
                "last": spot(scene, last),
                "stopped_for_s": rounded(float(scene.time[last] - scene.time[since]), 0),
                **drift(spot(scene, since), spot(scene, last)),
                **size(scene, last),
            }
        ),
    )


def vanished(
    scene: Scene, params: Params, corridor: Corridor, chosen: np.ndarray, silences: silence.Silences, numbers: Numbers
) -> Iterator[dict[str, Any]]:
    """Rule (b), vanish."""
    chosen = chosen & (~scene.is_radar | (scene.followed_s >= params.followed_for_s))
    for i in silence.pending(scene):
        if chosen[i]:
            numbers.once(scene, i, silence.coverage)
            numbers.once(scene, i, echo)
    for off, on, allowed_s in zip(silences.off, silences.on, silences.allowed_s, strict=True):
        i, j = int(off), int(on)
        if not chosen[i] or silence.was_over(scene, j) or numbers.once(scene, i, echo)["is_echo"]:
            continue
        coverage = numbers.once(scene, i, silence.coverage)
        down = coverage["coverage"] == "down" or silence.explained_by_outage(scene, i, j, float(allowed_s))
        covered = coverage["coverage"] == "covered"
        found = event(
            scene,
            numbers,
            "b_vanish",
            corridor.zone_id,
            instant(scene.time[i]),
            float(scene.time[i] + allowed_s),
            i,
            ended_s=None if j < 0 else float(scene.time[j]),
            confidence=0.0 if down else params.confidence_vanish if covered else params.confidence_vanish_unknown,
            sar_phase="alert",
            evidence=to_json(
                {
                    "rule": "b_vanish",
                    "last": spot(scene, i),
                    "heard_again": None if j < 0 else spot(scene, j),
                    "allowed_s": rounded(float(allowed_s), 0),
                    **coverage,
                    **size(scene, i),
                }
            ),
        )
        yield found | {"state": "void_coverage"} if down else found


def echo(scene: Scene, i: int) -> dict[str, Any]:
    """Whether the radar track of row i was the echo of an AIS vessel in the half hour before."""
    first = int(scene.first_row[i])
    recent = first + int(np.searchsorted(scene.time[first : i + 1], scene.time[i] - silence.COVERAGE_WINDOW_S))
    return {"is_echo": bool(scene.is_radar[i]) and scene.ais_share(recent, i) >= ECHO_SHARE}


def steaming_at_night(
    scene: Scene, params: Params, corridor: Corridor, chosen: np.ndarray, numbers: Numbers
) -> Iterator[dict[str, Any]]:
    """Rule (f)."""
    rows = np.flatnonzero(chosen & (scene.sog_kn >= params.steaming_kn) & ~scene.in_port)
    dark = np.zeros(len(scene.time), dtype=bool)
    dark[rows] = sun.is_night(scene.lon[rows], scene.lat[rows], scene.time[rows])
    for first, last in episodes(scene, dark, params.pause_s):
        steamed = np.flatnonzero(dark[first : last + 1]) + first
        share_so_far = np.cumsum(scene.has_ais_nearby[first : last + 1]) / np.arange(1, last - first + 2)
        without_ais = share_so_far[steamed - first] < ECHO_SHARE
        enough = np.flatnonzero((scene.time[steamed] - scene.time[first] >= params.steaming_for_s) & without_ais)
        if not len(enough):
            continue
        known = int(steamed[enough[0]])
        started_at, start = numbers.begun(scene, corridor.zone_id, "f", first, last, params.pause_s)
        yield event(
            scene,
            numbers,
            "f",
            corridor.zone_id,
            started_at,
            float(scene.time[known]),
            last,
            ended_s=ended_s(scene, last, params.pause_s),
            confidence=params.confidence_steaming,
            sar_phase="uncertainty",
            evidence=to_json(
                {
                    "rule": "f",
                    "first": start,
                    "last": spot(scene, last),
                    "median_sog_kn": rounded(float(np.median(scene.sog_kn[steamed])), 1),
                    "cog_deg": rounded(float(scene.cog_deg[last]), 0),
                    **size(scene, last),
                }
            ),
        )


DETECTOR = Detector("distress", version=2, params=Params(), detect=detect)
