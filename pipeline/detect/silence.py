"""
Silence: when a track is quiet for longer than it should be, and whether the feed could have heard it.

Shared by the rules that speak of a vessel not being heard (ais_gap, feed_outage, coast_crossing, distress), so that a feed
that went down reads as that, and never as "everybody went dark" (definitions.md, section 0 and 1).
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import h3
import numpy as np

from pipeline.detect.contract import Outage, Scene
from pipeline.tracks import CARRIED_FIXES, Floats, Ints, instant, seconds

# Silence that counts as a gap, by theatre of the watch zone (own, definitions.md 1); places outside every watch zone are not judged.
SILENCE_S = {"aegean": 1800.0, "central_mediterranean": 7200.0, "gulf_of_aden": 21_600.0}
INTERVALS = 12.0  # and never less than so many of the track's own median reporting intervals
RECENT_INTERVALS = CARRIED_FIXES - 1  # own: that median is taken over this many intervals before the silence

COVERAGE_WINDOW_S = 1800.0  # own: the time after the last fix in which others are listened for
LATEST_DUE_S = COVERAGE_WINDOW_S / 2  # own: so much of it is left for slow reporters too
COVERED_BY = 3  # own: other vessels heard in the cell of resolution 5 or its ring
H3_RESOLUTION = 5
RING_BOX_DEG = 0.6  # own: no cell of the ring reaches farther, up to 60 degrees of latitude
FEED_DOWN_SHARE = 0.1  # of the vessels that the feed usually hears at that hour
FEED_LEAST_VESSELS = 10  # own: a feed that usually hears fewer is not judged by that share

OUTAGE_WINDOW_S = 900.0
OUTAGE_SHARE = 0.5
OUTAGE_LEAST_VESSELS = 10
OUTAGE_PAUSES = 3.0  # a whole feed silent for more than so many of its usual pauses
OUTAGE_SLOWEST_S = (
    3600.0  # own: a vessel that may be silent for so much longer than is usual there says nothing about its feed
)
OUTAGE_LONGEST_S = 86_400.0  # own: half of the vessels not back after a day have left; the feed is up

LOOKS_BACK_S = (
    OUTAGE_SLOWEST_S + 2 * OUTAGE_WINDOW_S
)  # what has to be known of the time before the longest silence that was allowed


@dataclass(frozen=True)
class Silences:
    """Silences of a scene: the row after which it begins, the row that ends it (-1: none yet), and the silence that was allowed [m]."""

    off: Ints
    on: Ints
    allowed_s: Floats


def find(scene: Scene) -> Silences:
    """Every silence longer (strict) than is allowed at its place and for its track; an unended one counts up to its feed's last time."""
    n = len(scene.time)
    following = np.append(scene.time[1:], [0.0])[:n]
    quiet_s = np.where(scene.is_last, scene.heard_until, following) - scene.time
    allowed_s = base_allowed_s(scene)
    rows = np.flatnonzero(quiet_s > allowed_s)
    allowed_s = allowed_s[rows]
    for k, i in enumerate(rows):
        usual_s = usual_interval_s(scene, int(i))
        if usual_s is not None:
            allowed_s[k] = max(allowed_s[k], INTERVALS * usual_s)
    long = quiet_s[rows] > allowed_s
    rows = rows[long]
    return Silences(rows, np.where(scene.is_last[rows], -1, rows + 1), allowed_s[long])


def was_over(scene: Scene, on: int) -> bool:
    """Whether the row that ends a silence (-1: none yet) was known before this day, so that the silence was judged then."""
    return on >= 0 and bool(scene.time[on] <= scene.heard_since[on])


def pending(scene: Scene) -> list[int]:
    """
    Last rows of tracks that are quiet, if not yet for too long: what is known now of the time around them (`coverage`) a later scene need
    not hold any more.
    """
    quiet_s = np.where(scene.is_last, scene.heard_until - scene.time, 0.0)
    rows = np.flatnonzero((quiet_s >= COVERAGE_WINDOW_S) & np.isfinite(base_allowed_s(scene)))
    return [int(i) for i in np.setdiff1d(rows, find(scene).off)]


def base_allowed_s(scene: Scene) -> Floats:
    """The silence allowed at the place of each row [n]; infinite outside every watch zone."""
    allowed_s = np.full(len(scene.time), np.inf)
    for zone in scene.sea.zones:
        if zone.kind == "watch" and zone.theatre in SILENCE_S:
            inside = scene.sea.index.inside(zone.zone_id, scene.lon, scene.lat)
            allowed_s[inside] = np.minimum(allowed_s[inside], SILENCE_S[zone.theatre])
    return allowed_s


def usual_interval_s(scene: Scene, i: int) -> float | None:
    """The median of the track's last reporting intervals before row i; None when it is the first."""
    first = max(int(scene.first_row[i]), i - RECENT_INTERVALS)
    return float(np.median(np.diff(scene.time[first : i + 1]))) if i > first else None


def coverage(scene: Scene, i: int) -> dict[str, Any]:
    """
    Whether the feed of row i would have heard the vessel in the half hour after it: covered, down or unknown, and the number of others heard
    there once the vessel's own next report was due. When a feed fails, the last reports of its vessels are spread over one interval: who was heard
    within it says nothing.

    down: nobody is heard there where enough were in the half hour before, or the whole feed hears less than a tenth of what is usual.
    """
    source = int(scene.source[i])
    name, start_s = scene.sources[source], float(scene.time[i])
    due_s = start_s + min(usual_interval_s(scene, i) or 0.0, LATEST_DUE_S)
    after = heard_near(scene, i, due_s, start_s + COVERAGE_WINDOW_S)
    usual = scene.usual_vessels.get((name, instant(start_s).hour), 0.0)
    feed_down = False
    if usual >= FEED_LEAST_VESSELS:
        rows = heard(scene, source, start_s, start_s + COVERAGE_WINDOW_S)
        feed_down = len(np.unique(scene.track[rows])) < FEED_DOWN_SHARE * usual
    if after >= COVERED_BY and not feed_down:
        word = "covered"
    elif feed_down or (after == 0 and heard_near(scene, i, start_s - COVERAGE_WINDOW_S, start_s) >= COVERED_BY):
        word = "down"
    else:
        word = "unknown"
    return {"coverage": word, "n_neighbours": after}


def heard_near(scene: Scene, i: int, from_s: float, until_s: float) -> int:
    """How many other vessels the same feed heard in the cell of row i or its ring, in (from, until]."""
    rows = heard(scene, int(scene.source[i]), from_s, until_s)
    rows = rows[
        (np.abs(scene.lat[rows] - scene.lat[i]) < RING_BOX_DEG)
        & (np.abs(scene.lon[rows] - scene.lon[i]) < RING_BOX_DEG)
    ]
    ring = set(h3.grid_disk(cell(float(scene.lat[i]), float(scene.lon[i])), 1))
    others: set[int] = set()
    for row in rows:
        track = int(scene.track[row])
        if (
            track != scene.track[i]
            and track not in others
            and cell(float(scene.lat[row]), float(scene.lon[row])) in ring
        ):
            others.add(track)
    return len(others)


@lru_cache(maxsize=1 << 16)
def cell(lat: float, lon: float) -> str:
    """The H3 cell of a place."""
    return str(h3.latlng_to_cell(lat, lon, H3_RESOLUTION))


def heard(scene: Scene, source: int, from_s: float, until_s: float) -> Ints:
    """The rows of a source with from < time <= until."""
    rows, times = scene.by_time[source]
    first, last = np.searchsorted(times, [from_s, until_s], side="right")
    return rows[first:last]


def explained_by_outage(scene: Scene, off: int, on: int, allowed_s: float) -> bool:
    """
    Whether the silence after row `off`, ended by row `on` (-1: not yet), would be no longer than allowed if the feed's outages were not counted.

    An outage that was found only after the silence had ended explains nothing. A radar gives a new number to what it lost, so of its tracks
    only the time for which it would have followed them counts.
    """
    off_s = float(scene.time[off])
    until_s = float(scene.heard_until[off]) if on < 0 else float(scene.time[on])
    counted_until_s = off_s + allowed_s if on < 0 and scene.is_radar[off] else until_s
    down_s, reached_s = 0.0, off_s  # outages can overlap
    for outage in sorted(scene.outages, key=lambda one: one.started_s):
        if outage.source_id == scene.sources[scene.source[off]] and outage.known_s <= until_s:
            end_s = counted_until_s if outage.ended_s is None else min(counted_until_s, outage.ended_s)
            down_s += max(0.0, end_s - max(reached_s, outage.started_s))
            reached_s = max(reached_s, end_s)
    return down_s > 0.0 and counted_until_s - off_s - down_s <= allowed_s


def find_outages(scene: Scene, known: tuple[Outage, ...]) -> tuple[Outage, ...]:
    """All outages of the feeds: the known ones brought up to date, and those that this scene shows."""
    found = [heard_again(scene, outage, scene.since_s.get(outage.source_id, -np.inf)) for outage in known]
    silences = find(scene)
    for source, name in enumerate(scene.sources):
        found += whole_feed_silent(scene, source, name)
        found += many_silent(scene, source, name, silences, [outage for outage in found if outage.source_id == name])
    return tuple(sorted(found, key=lambda outage: (outage.started_s, outage.source_id, outage.rule)))


def whole_feed_silent(scene: Scene, source: int, name: str) -> list[Outage]:
    """Pauses of a whole feed longer than three of its usual ones, among the times that are new in this scene."""
    since_s = scene.since_s.get(name, -np.inf)
    times = np.unique(scene.time[(scene.source == source) & (scene.time > since_s)])
    if np.isfinite(since_s):
        times = np.append([since_s], times)
    longest_s = OUTAGE_PAUSES * scene.usual_pause_s.get(name, np.inf)
    return [
        Outage(name, "feed_silent", float(a), float(a) + longest_s, float(b), 0, {})
        for a, b in pairwise(times)
        if b - a > longest_s
    ]


def many_silent(scene: Scene, source: int, name: str, silences: Silences, known: list[Outage]) -> list[Outage]:
    """
    More than half of a feed's vessels that are not in port, at least ten of them, falling silent within a quarter of an hour.

    The silences are taken in the order in which they become known, so that an outage is found at the same moment of the data whatever day
    that falls on; each is an outage when enough of those known by then began in one quarter of an hour with it.
    """
    usable = (scene.source[silences.off] == source) & ~scene.in_port[silences.off]
    usable &= silences.allowed_s <= base_allowed_s(scene)[silences.off] + OUTAGE_SLOWEST_S
    off, on = silences.off[usable], silences.on[usable]
    known_s = scene.time[off] + silences.allowed_s[usable]
    order = np.lexsort((off, scene.time[off], known_s))
    off, on, known_s, off_s = off[order], on[order], known_s[order], scene.time[off][order]
    found: list[Outage] = []
    for k in np.flatnonzero(known_s >= scene.since_s.get(name, -np.inf)):
        if any(is_part_of(outage, float(off_s[k])) for outage in (*known, *found)):
            continue
        by_now = off_s[known_s <= known_s[k]]
        for start_s in np.unique(by_now[(by_now > off_s[k] - OUTAGE_WINDOW_S) & (by_now <= off_s[k])]):
            fell = np.flatnonzero((by_now >= start_s) & (by_now < start_s + OUTAGE_WINDOW_S))
            if len(fell) <= OUTAGE_SHARE * OUTAGE_LEAST_VESSELS:
                continue
            rows = heard(scene, source, start_s - OUTAGE_WINDOW_S, start_s + OUTAGE_WINDOW_S)
            active = len(np.unique(scene.track[rows[~scene.in_port[rows]]]))
            if active < OUTAGE_LEAST_VESSELS or len(fell) <= OUTAGE_SHARE * active:
                continue
            silent = {
                scene.motion.column("track_id")[int(off[m])].as_py(): float(scene.time[on[m]]) if on[m] >= 0 else None
                for m in fell
            }
            outage = Outage(name, "many_silent", float(start_s), float(known_s[k]), None, active, silent)
            found.append(heard_again(scene, outage, -np.inf))
            break
    return found


def is_part_of(outage: Outage, off_s: float) -> bool:
    """Whether a silence that begins then is one of those of an outage."""
    ended_s = np.inf if outage.ended_s is None else outage.ended_s
    return outage.started_s - OUTAGE_WINDOW_S < off_s <= max(outage.started_s + OUTAGE_WINDOW_S, ended_s)


def heard_again(scene: Scene, outage: Outage, since_s: float) -> Outage:
    """
    An outage with the returns that this scene shows, and its end: when half of those that fell silent were heard again, at the latest
    after a day. A radar gives new numbers, so there each track that begins (after `since_s`) stands for one that was lost.
    """
    if outage.ended_s is not None or outage.source_id not in scene.sources:
        return outage
    silent = dict(outage.silent)
    begins_s = outage.started_s + OUTAGE_WINDOW_S
    last_rows = np.flatnonzero(scene.is_last & (scene.source == scene.sources.index(outage.source_id)))
    for i, track in zip(last_rows, scene.motion.column("track_id").take(last_rows).to_pylist(), strict=True):
        later = scene.time[scene.first_row[i] : i + 1]
        later = later[later > begins_s]
        if len(later) and track in silent and silent[track] is None:
            silent[track] = float(later[0])
    lost = sorted(track for track, back in silent.items() if back is None and track.startswith("radar:"))
    if lost:
        born = np.sort(seconds(scene.motion.column("track_first_at").take(last_rows)))
        silent.update(zip(lost, born[born > max(begins_s, since_s)].tolist(), strict=False))
    back = sorted(time for time in silent.values() if time is not None)
    half = (len(silent) + 1) // 2
    latest_s = outage.started_s + OUTAGE_LONGEST_S
    ended_s = min(back[half - 1] if len(back) >= half else np.inf, latest_s)
    is_over = ended_s < latest_s or scene.until_s[outage.source_id] >= latest_s
    return replace(outage, ended_s=ended_s if is_over else None, silent=silent)
