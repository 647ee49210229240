"""
Coast crossing: a track goes from the departure coast of a corridor to its arrival coast.

Definition  The last fix within d of the departure coast precedes a crossing of the dividing gate towards the arrival coast, and that the first
            fix within d of the arrival coast, all within the corridor's time limit; d = min(1.5 nm, 0.3 x local width). A radar track that
            is first seen on the departure side counts as departed there: a radar sees a small boat late.
  approaching  the gate is crossed and the track heads for the arrival coast: bearing minus COG within 30 deg, ETA <= 2 h.
               The one to act on: it is raised while the boat is still at sea
  completed    a fix within d of the arrival coast
  turned_back  after approaching, the gate is crossed again the other way, or a fix lies within d of the departure coast
  vanished     after approaching, not heard for longer than a gap's T between the coasts, while the feed could have heard it; when it is
               heard again within the time limit, the crossing goes on
Reads       motion, corridors (coasts, gate, limit), ports, the feed's reach in time, outages
Emits       events, event_type "coast_crossing", phase as above; state open while approaching, else closed
Cannot see  a crossing by a craft that no sensor sees; who is on board; a corridor that no file describes. Joins no broken radar tracks:
            a boat whose track is lost and found again under another number is two, and one that stops its AIS while a radar follows it
            crosses twice, by either. Beacons and aircraft are no craft.
            A radar track with an AIS vessel at its place for half of its positions is that vessel's echo and is left to its AIS track
Ends        at the arrival coast, at the gate or the departure coast, at a silence, or when the corridor's limit has passed
Source      definitions.md 4 (own numbers of this project)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline import sun
from pipeline.contracts import to_json
from pipeline.detect import silence
from pipeline.detect.contract import (
    ECHO_SHARE,
    Detector,
    Found,
    Numbers,
    Scene,
    event_id,
    on_track,
    rounded,
    spot,
    stamp,
)
from pipeline.geo import angle_between_deg, distance_nm
from pipeline.sea import Corridor
from pipeline.tracks import Floats, instant
from pipeline.units import SECONDS_PER_HOUR

SETTLED_AFTER = 2.0  # own: of the time limit, from the departure on; the way back may last as long as the way there


@dataclass(frozen=True)
class Params:
    """Distances to coasts, the gate and the time limit belong to the corridor's file."""

    heading_tolerance_deg: float = 30.0  # definitions.md 4
    longest_eta_s: float = 7200.0  # definitions.md 4
    steerage_kn: float = 0.5  # own: slower craft have no course
    fast_kn: float = 25.0  # definitions.md 4 and 9
    fast_for_s: float = 300.0  # definitions.md 4 and 9
    port_call_within_s: float = 3600.0  # own: from a quay to the open band along the coast, or the other way
    away_from_port_nm: float = 1.0  # own: closer to a port nothing is said about where the craft came from or went
    confidence_radar: float = 0.8  # own: a radar track can change craft
    confidence_ais: float = 0.9  # own
    confidence_unknown: float = 0.5  # own: vanished where too few others tell whether the feed reached there


@dataclass
class Crossing:
    """One crossing as it is followed: rows of the scene, -1 where not reached."""

    departure: int
    is_first_seen: bool
    crossed: int
    approached: int = -1
    turned: int = -1
    end: int = -1
    phase: str = ""
    out_and_back: int = -1


def detect(scene: Scene, params: Params, carried: list[dict[str, Any]]) -> Found:
    """Crossings whose departure lies in the scene. What is carried is the number of each on its day, and the coverage of silences."""
    numbers = Numbers(carried)
    found = Found()
    silences = silence.find(scene)
    silent_after = dict(zip(silences.off.tolist(), silences.allowed_s.tolist(), strict=True))
    for corridor in scene.sea.corridors:
        inside = corridor.inside(scene.lon, scene.lat)
        if not inside.any():
            continue
        for crossing in crossings(scene, params, corridor, silent_after):
            event = judge(scene, params, corridor, crossing, silent_after, numbers)
            if event is not None:
                found.events.append(event)
        for i in silence.pending(scene):
            if inside[i]:
                numbers.once(scene, i, silence.coverage)
    found.carried = numbers.remembered(scene)
    return found


def crossings(scene: Scene, params: Params, corridor: Corridor, silent_after: dict[int, float]) -> Iterator[Crossing]:
    """Every crossing of the gate after a departure, followed to its end, in order of track and time."""
    n = len(scene.time)
    if n < 2:
        return
    at_sea = scene.is_vessel
    direction, _ = corridor.crossings(scene.lon[:-1], scene.lat[:-1], scene.lon[1:], scene.lat[1:])
    direction = np.append([0], np.where(scene.is_last[:-1] | ~at_sea[1:], 0, direction))
    bits = corridor.areas.bits(scene.lon, scene.lat)
    near_departure = bits & corridor.NEAR_DEPARTURE != 0
    near_arrival = bits & corridor.NEAR_ARRIVAL != 0
    departure_side, arrival_side = bits & corridor.DEPARTURE_SIDE != 0, bits & corridor.ARRIVAL_SIDE != 0
    born_here = scene.is_radar & departure_side & (scene.followed_s == 0.0)
    limit_s = corridor.max_duration_s

    crossing_tracks = np.unique(scene.track[direction > 0])
    heads_there = approaching(scene, params, corridor, arrival_side & np.isin(scene.track, crossing_tracks))
    for track in crossing_tracks:
        first, last = np.searchsorted(scene.track, [track, track + 1])
        departure, is_first_seen = -1, False
        now: Crossing | None = None
        done: Crossing | None = None
        for i in range(first, last):
            if now and scene.time[i] - scene.time[now.departure] > limit_s:
                yield given_up(scene, corridor, now, i - 1, silent_after)
                now = None
            if done and (direction[i] > 0 or scene.time[i] - scene.time[done.departure] > SETTLED_AFTER * limit_s):
                yield done
                done = None
            if direction[i] < 0 and now:
                now.turned = i
            elif direction[i] < 0 and done:
                done.out_and_back = i
                yield done
                done = None
            if direction[i] > 0 and now:
                now.turned = -1  # it only wavered about the line
            elif direction[i] > 0 and departure >= 0 and scene.time[i] - scene.time[departure] <= limit_s:
                now = Crossing(departure, is_first_seen, i)
                departure = -1
            if now and near_arrival[i]:
                done, now = end_at(now, i, "completed"), None
            elif now and now.turned < 0 and now.approached < 0 and heads_there[i]:
                now.approached = i
            if near_departure[i]:
                if now:
                    yield end_at(now, i, "turned_back")
                    now = None
                departure, is_first_seen = i, False
            elif born_here[i]:
                departure, is_first_seen = i, True
        if done:
            yield done
        if now:
            yield last_seen(scene, corridor, now, int(last) - 1, silent_after)


def end_at(crossing: Crossing, row: int, phase: str) -> Crossing:
    """The crossing with its end; one that had gone back over the line has turned back there."""
    if crossing.turned >= 0 and phase != "completed":
        row, phase = crossing.turned, "turned_back"
    crossing.end, crossing.phase = row, phase
    return crossing


def last_seen(
    scene: Scene, corridor: Corridor, crossing: Crossing, last: int, silent_after: dict[int, float]
) -> Crossing:
    """The track's last known fix lies between the coasts, or it has left the corridor, or nothing more is known yet."""
    ended = given_up(scene, corridor, crossing, last, silent_after)
    too_late = scene.heard_until[last] - scene.time[crossing.departure] > corridor.max_duration_s
    if ended.phase == "approaching" and not too_late:
        ended.end = -1
    return ended


def given_up(
    scene: Scene, corridor: Corridor, crossing: Crossing, last: int, silent_after: dict[int, float]
) -> Crossing:
    """The crossing of which row `last` is the last that counts: vanished when silence between the coasts follows it."""
    inside = bool(corridor.inside(scene.lon[last], scene.lat[last])[0])
    return end_at(crossing, last, "vanished" if last in silent_after and inside else "approaching")


def approach(scene: Scene, corridor: Corridor, rows: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """(distance in nm, time in s, bearing off the COG in degrees) to the arrival coast at these rows [m]; NaN without speed or course."""
    to_go_nm, bearing = corridor.to_arrival(scene.lon[rows], scene.lat[rows])
    with np.errstate(divide="ignore"):
        eta_s = to_go_nm / scene.sog_kn[rows] * SECONDS_PER_HOUR
    return to_go_nm, eta_s, angle_between_deg(bearing, scene.cog_deg[rows])


def approaching(scene: Scene, params: Params, corridor: Corridor, chosen: np.ndarray) -> np.ndarray:
    """Whether the craft heads for the arrival coast and would be there in time, at those of the rows [n] that are chosen."""
    heads_there = chosen & (scene.sog_kn >= params.steerage_kn)
    rows = np.flatnonzero(heads_there)
    _, eta_s, off_deg = approach(scene, corridor, rows)
    heads_there[rows] = (off_deg <= params.heading_tolerance_deg) & (eta_s <= params.longest_eta_s)
    return heads_there


def judge(
    scene: Scene,
    params: Params,
    corridor: Corridor,
    crossing: Crossing,
    silent_after: dict[int, float],
    numbers: Numbers,
) -> dict[str, Any] | None:
    """
    The event of a crossing; None when it is an echo of an AIS vessel, when it never was more than a crossing of the gate, and when it was settled
    before this day: the scene may no longer hold all of it.
    """
    first = crossing.departure
    if scene.heard_since[first] - scene.time[first] > SETTLED_AFTER * corridor.max_duration_s:
        return None
    is_completed = crossing.phase == "completed"
    known = crossing.approached if crossing.approached >= 0 else crossing.end
    if (crossing.approached < 0 and not is_completed) or (
        scene.is_radar[first] and scene.ais_share(first, known) >= ECHO_SHARE
    ):
        return None
    last = crossing.end if crossing.end >= 0 else int(np.searchsorted(scene.track, scene.track[first] + 1)) - 1
    row = scene.row(last)
    departed_at = instant(scene.time[first])
    number = numbers.number(row["track_id"], corridor.zone_id, "crossing", departed_at)
    phase = crossing.phase
    coverage = numbers.once(scene, last, silence.coverage) if phase == "vanished" else {}
    heard_at = -1 if scene.is_last[last] else last + 1
    down = phase == "vanished" and (
        coverage["coverage"] == "down" or silence.explained_by_outage(scene, last, heard_at, silent_after[last])
    )
    is_open = crossing.end < 0 or down
    confidence = params.confidence_radar if scene.is_radar[last] else params.confidence_ais
    if coverage.get("coverage") == "unknown":
        confidence = params.confidence_unknown
    return {
        "event_id": event_id(
            "coast_crossing", row["track_id"], corridor.zone_id, f"{departed_at:%Y-%m-%d}", str(number)
        ),
        "event_type": "coast_crossing",
        "state": "void_coverage" if down else "open" if is_open else "closed",
        "phase": "approaching" if down else phase,
        **on_track(row),
        "zone_id": corridor.zone_id,
        "started_at": departed_at,
        "ended_at": None if is_open else instant(scene.time[last]),
        "known_at": instant(scene.time[known]),
        "lon": round(float(scene.lon[last]), 6),
        "lat": round(float(scene.lat[last]), 6),
        "duration_s": None if is_open else round(float(scene.time[last] - scene.time[first]), 3),
        "confidence": confidence,
        "is_distress": False,
        "source_ids": [row["source_id"]],
        "evidence": to_json(
            {**evidence(scene, params, corridor, crossing, first, last, row, silent_after), **coverage}
        ),
    }


def evidence(
    scene: Scene,
    params: Params,
    corridor: Corridor,
    crossing: Crossing,
    first: int,
    last: int,
    row: dict[str, Any],
    silent_after: dict[int, float],
) -> dict[str, Any]:
    """The numbers that the rule used, and those that an alert's indicators will speak of."""
    rows = slice(first, last + 1)
    steps_s = np.diff(scene.time[rows])
    sailed_nm = float(
        distance_nm(
            scene.lat[first:last],
            scene.lon[first:last],
            scene.lat[first + 1 : last + 1],
            scene.lon[first + 1 : last + 1],
        ).sum()
    )
    duration_s = float(scene.time[last] - scene.time[first])
    middle = first + int(np.searchsorted(scene.time[rows], scene.time[first] + duration_s / 2))
    dark = sun.dark_fraction(
        scene.lon[first], scene.lat[first], scene.time[first], scene.lon[last], scene.lat[last], scene.time[last]
    )
    before = crossing.crossed - 1
    _, share = corridor.crossings(
        scene.lon[before], scene.lat[before], scene.lon[crossing.crossed], scene.lat[crossing.crossed]
    )
    crossed_s = scene.time[before] + float(share[0]) * (scene.time[crossing.crossed] - scene.time[before])
    return {
        "departure": {
            **spot(scene, first),
            "kind": "first_seen" if crossing.is_first_seen else "coast",
            "from_port": None if crossing.is_first_seen else came_from_port(scene, params, first),
            **nearest_port(scene, first),
        },
        "gate": {"crossed_at": stamp(crossed_s), "is_inferred": before in silent_after},
        "approach": None if crossing.approached < 0 else approach_evidence(scene, corridor, crossing.approached),
        "last": {
            **spot(scene, last),
            "to_port": went_to_port(scene, params, last) if crossing.phase == "completed" else None,
            **nearest_port(scene, last),
        },
        "returned_at": None if crossing.out_and_back < 0 else stamp(scene.time[crossing.out_and_back]),
        "sailed_nm": rounded(sailed_nm),
        "mean_speed_kn": rounded(sailed_nm / duration_s * SECONDS_PER_HOUR) if duration_s > 0 else None,
        "fast_for_s": rounded(fast_for_s(scene, params, first, last), 0),
        "allowed_silence_s": silence.SILENCE_S[corridor.zone.theatre],
        "longest_silence_s": rounded(float(steps_s.max()) if len(steps_s) else 0.0, 0),
        "n_positions": last - first + 1,
        "ais_share": rounded(scene.ais_share(first, last)),
        "is_radar": bool(scene.is_radar[last]),
        "is_small": bool(scene.is_small[last]),
        "length_m": rounded(row["length_m"], 1) if row["length_m"] is not None else None,
        "ship_type": row["ship_type"],
        "transceiver": row["transceiver"],
        "is_night_at_midpoint": bool(
            sun.is_night(scene.lon[middle], scene.lat[middle], scene.time[first] + duration_s / 2)
        ),
        "dark_fraction": rounded(float(dark)),
    }


def approach_evidence(scene: Scene, corridor: Corridor, i: int) -> dict[str, Any]:
    """Where the craft was when it headed for the arrival coast, and how far and how long it still had to go."""
    to_go_nm, eta_s, off_deg = (float(values[0]) for values in approach(scene, corridor, np.array([i])))
    numbers = {"to_go_nm": rounded(to_go_nm), "eta_s": rounded(eta_s, 0), "bearing_off_cog_deg": rounded(off_deg, 1)}
    return {**spot(scene, i), **numbers}


def nearest_port(scene: Scene, i: int) -> dict[str, Any]:
    """The port nearest to a row."""
    nearest = scene.sea.nearest_port(float(scene.lon[i]), float(scene.lat[i]))
    return {"nearest_port": nearest.port_id, "port_distance_nm": rounded(nearest.distance_nm)}


def came_from_port(scene: Scene, params: Params, i: int) -> bool | None:
    """Whether the track was in a port in the hours before row i; None when it was not, but row i lies close to one."""
    rows = np.arange(scene.first_row[i], i + 1)
    rows = rows[scene.time[rows] >= scene.time[i] - params.port_call_within_s]
    return port_call(scene, params, rows, i)


def went_to_port(scene: Scene, params: Params, i: int) -> bool | None:
    """Whether the track was in a port in the hours after row i; None while that cannot be said."""
    end = int(np.searchsorted(scene.track, scene.track[i] + 1))
    rows = np.arange(i, end)
    rows = rows[scene.time[rows] <= scene.time[i] + params.port_call_within_s]
    if not scene.in_port[rows].any() and scene.heard_until[i] - scene.time[i] < params.port_call_within_s:
        return None
    return port_call(scene, params, rows, int(rows[-1]))


def port_call(scene: Scene, params: Params, rows: np.ndarray, nearest: int) -> bool | None:
    """True when one of the rows lies in a port, False when none does and row `nearest` is away from every port, else None."""
    if scene.in_port[rows].any():
        return True
    distance_nm = scene.sea.nearest_port(float(scene.lon[nearest]), float(scene.lat[nearest])).distance_nm
    return False if distance_nm >= params.away_from_port_nm else None


def fast_for_s(scene: Scene, params: Params, first: int, last: int) -> float:
    """The longest time without a fix below the fast speed."""
    best_s, since = 0.0, -1
    for i in range(first, last + 1):
        if not scene.sog_kn[i] >= params.fast_kn:
            since = -1
            continue
        since = i if since < 0 else since
        best_s = max(best_s, float(scene.time[i] - scene.time[since]))
    return best_s


DETECTOR = Detector("coast_crossing", version=1, params=Params(), detect=detect)
