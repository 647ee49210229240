"""
Oracles: what the definitions say of a table of motion, worked out a second time.

Plain SQL where windows do it, plain Python and shapely elsewhere; geography from the outlines and shorelines themselves, on pyproj's ellipsoid. Nothing
of `pipeline.detect` is used, and every number is written out again. Slow and simple.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import duckdb
import h3
import numpy as np
import pyarrow as pa
import pyproj
import shapely
import shapely.ops
from astral import Observer
from astral.sun import elevation

from pipeline import sun
from pipeline.sea import Corridor, Sea, coast_lines
from pipeline.zones import Zone

GEOD = pyproj.Geod(ellps="WGS84")
NM_M = 1852.0
Row = dict[str, Any]
NOT_VESSELS = r"^(970|972|974|111|99|0)"

# Silences of each track: its last fix before (off), the next fix (heard, null when there is none), and the silence that is allowed.
SILENCES = """
WITH intervals AS (
    SELECT *, epoch_us(observed_at) - lag(epoch_us(observed_at)) OVER track AS interval_us, lead(observed_at) OVER track AS heard,
           max(observed_at) OVER (PARTITION BY source_id) AS feed_until
    FROM motion WINDOW track AS (PARTITION BY track_id ORDER BY observed_at)
), usual AS (
    SELECT *, median(interval_us) OVER (PARTITION BY track_id ORDER BY observed_at ROWS BETWEEN 14 PRECEDING AND CURRENT ROW) AS usual_us
    FROM intervals
), judged AS (
    SELECT *, greatest(1800e6, coalesce(12 * usual_us, 0)) AS allowed_us, epoch_us(coalesce(heard, feed_until)) - epoch_us(observed_at) AS quiet_us
    FROM usual
)
SELECT track_id, mmsi, source_id, observed_at AS off, heard, feed_until, lon, lat, allowed_us, quiet_us,
       least(coalesce(usual_us, 0), 900e6) AS due_us
FROM judged WHERE quiet_us > allowed_us ORDER BY track_id, off
"""

# Episodes of rows that follow each other within an hour: islands and gaps.
EPISODES = """
WITH chosen AS (
    SELECT track_id, observed_at, max(observed_at) OVER (PARTITION BY source_id) AS feed_until, {what} AS kind,
    FROM motion
), marked AS (
    SELECT *, CASE WHEN observed_at - lag(observed_at) OVER (PARTITION BY track_id, kind ORDER BY observed_at) <= INTERVAL 1 HOUR THEN 0 ELSE 1 END AS is_new
    FROM chosen WHERE kind IS NOT NULL
), numbered AS (
    SELECT *, sum(is_new) OVER (PARTITION BY track_id, kind ORDER BY observed_at) AS episode FROM marked
)
SELECT track_id, kind, min(observed_at) AS started_at, max(observed_at) AS last_at, max(feed_until) AS feed_until
FROM numbered GROUP BY track_id, kind, episode ORDER BY ALL
"""


def rows_of(motion: pa.Table, sql: str) -> list[Row]:
    """Result rows of a query over `motion`."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("motion", motion)
        return connection.execute(sql).to_arrow_table().to_pylist()


@dataclass(frozen=True)
class Oracle:
    """The definitions over one table of motion."""

    motion: pa.Table
    sea: Sea
    usual_pause_s: dict[str, float]

    @cached_property
    def tracks(self) -> dict[str, list[Row]]:
        """Rows of each track in order of time."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows_of(self.motion, "SELECT * FROM motion ORDER BY track_id, observed_at"):
            found[row["track_id"]].append(row)
        return dict(found)

    @cached_property
    def feeds(self) -> dict[str, list[Row]]:
        """Rows of each source in order of time."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows_of(self.motion, "SELECT * FROM motion ORDER BY source_id, observed_at, track_id"):
            found[row["source_id"]].append(row)
        return dict(found)

    @cached_property
    def silences(self) -> list[Row]:
        """All silences that are too long, in the watch zone."""
        watch = [zone.geometry for zone in self.sea.zones if zone.kind == "watch"]
        return [
            row
            for row in rows_of(self.motion, SILENCES)
            if any(area.covers(shapely.Point(row["lon"], row["lat"])) for area in watch)
        ]

    @cached_property
    def until(self) -> dict[str, datetime]:
        """How far each source is heard."""
        return {name: rows[-1]["observed_at"] for name, rows in self.feeds.items()}

    @cached_property
    def grounds(self) -> dict[str, "Ground"]:
        """Each corridor, with what it says of every row."""
        every_row = [row for rows in self.tracks.values() for row in rows]
        return {corridor.zone_id: Ground(corridor, self.sea, every_row) for corridor in self.corridors}

    @cached_property
    def corridors(self) -> list[Corridor]:
        """Those that a row lies in: in the others nobody can have been near a coast, or offshore."""
        places = shapely.points([(row["lon"], row["lat"]) for rows in self.tracks.values() for row in rows])
        return [corridor for corridor in self.sea.corridors if shapely.covers(corridor.zone.geometry, places).any()]

    @cached_property
    def ports(self) -> Any:
        """All ports as one shape."""
        area = shapely.union_all([port.geometry for port in self.sea.ports])
        shapely.prepare(area)
        return area

    def ais_gaps(self) -> set[tuple[Any, ...]]:
        """(track, off, on or None, whether the feed was down)."""
        vessels = rows_of(
            self.motion,
            f"SELECT DISTINCT track_id FROM motion WHERE mmsi IS NOT NULL AND NOT regexp_matches(mmsi, '{NOT_VESSELS}')",
        )
        names = {row["track_id"] for row in vessels}
        return {
            (row["track_id"], row["off"], row["heard"], self.is_void(row))
            for row in self.silences
            if row["track_id"] in names and not self.in_port(row)
        }

    def in_port(self, row: Row) -> bool:
        """Whether a row lies within the declared radius of a port."""
        return bool(self.ports.covers(shapely.Point(row["lon"], row["lat"])))

    def is_void(self, silence: Row) -> bool:
        """Whether the feed was down there and then, or an outage explains the silence."""
        return self.coverage(silence)[0] == "down" or self.explained(silence)

    def coverage(self, silence: Row) -> tuple[str, int]:
        """covered, down or unknown, and how many others were heard in the half hour after, from when the next report was due."""
        ring = h3.grid_disk(h3.latlng_to_cell(silence["lat"], silence["lon"], 5), 1)
        heard: dict[bool, set[str]] = {False: set(), True: set()}
        for row in self.feeds[silence["source_id"]]:
            away = (row["observed_at"] - silence["off"]).total_seconds()
            in_time = -1800 < away <= 0 or silence["due_us"] / 1e6 < away <= 1800
            if (
                in_time
                and row["track_id"] != silence["track_id"]
                and h3.latlng_to_cell(row["lat"], row["lon"], 5) in ring
            ):
                heard[away > 0].add(row["track_id"])
        after, before = len(heard[True]), len(heard[False])
        return ("covered" if after >= 3 else "down" if after == 0 and before >= 3 else "unknown"), after

    def explained(self, silence: Row) -> bool:
        """Whether less than what is allowed is left of the silence without the outages that were known before it ended."""
        off, end = silence["off"], silence["heard"] or silence["feed_until"]
        counted = (
            off + timedelta(microseconds=silence["allowed_us"])
            if silence["mmsi"] is None and silence["heard"] is None
            else end
        )
        down = [
            (start, min(counted, ended or counted))
            for source_id, _, start, known, ended in self.outages
            if source_id == silence["source_id"] and known <= end
        ]
        edges = sorted({off, *(edge for period in down for edge in period if off < edge < counted), counted})
        down_us = sum(
            (later - earlier) / timedelta(microseconds=1)
            for earlier, later in pairwise(edges)
            if any(start <= earlier and later <= until for start, until in down)
        )
        return down_us > 0 and (counted - off) / timedelta(microseconds=1) - down_us <= silence["allowed_us"]

    @cached_property
    def outages(self) -> list[tuple[str, str, datetime, datetime, datetime | None]]:
        """(source, rule, start, known, end or None)."""
        found = []
        for name in self.feeds:
            found += [(name, "feed_silent", *times) for times in self.feed_silent(name)]
            found += self.many_silent(name)
        return found

    def feed_silent(self, name: str) -> list[tuple[datetime, datetime, datetime]]:
        """(start, known, end) of the pauses of a whole feed longer than three of its usual ones."""
        longest = timedelta(seconds=3 * self.usual_pause_s[name])
        times = [row["observed_at"] for row in self.feeds[name]]
        return [(one, one + longest, other) for one, other in pairwise(times) if other - one > longest]

    def many_silent(self, name: str) -> Iterator[tuple[str, str, datetime, datetime, datetime | None]]:
        """More than half of at least ten vessels outside ports falling silent in a quarter of an hour, as the silences become known."""
        quarter = timedelta(minutes=15)
        silences = [
            row
            for row in self.silences
            if row["source_id"] == name and not self.in_port(row) and row["allowed_us"] <= 5400e6
        ]
        for row in silences:
            row["known"] = row["off"] + timedelta(microseconds=row["allowed_us"])
        silences.sort(key=lambda row: (row["known"], row["off"], row["track_id"]))
        times: list[tuple[datetime, datetime | None]] = [(start, end) for start, _, end in self.feed_silent(name)]
        for silence in silences:
            seen = [row for row in silences if row["known"] <= silence["known"]]
            if any(
                start - quarter < silence["off"] and (end is None or silence["off"] <= max(end, start + quarter))
                for start, end in times
            ):
                continue
            for start in sorted(row["off"] for row in seen if silence["off"] - quarter < row["off"] <= silence["off"]):
                fell = [row for row in seen if start <= row["off"] < start + quarter]
                active = {
                    row["track_id"]
                    for row in self.feeds[name]
                    if start - quarter < row["observed_at"] <= start + quarter and not self.in_port(row)
                }
                if len(active) >= 10 and 2 * len(fell) > len(active):
                    end = self.half_back(name, start, fell)
                    times.append((start, end))
                    yield name, "many_silent", start, silence["known"], end
                    break

    def half_back(self, name: str, start: datetime, fell: list[Row]) -> datetime | None:
        """When half of them were heard again, or new radar tracks in their stead; at the latest after a day."""
        back = [row["heard"] for row in fell if row["heard"]]
        if fell[0]["mmsi"] is None:
            births = sorted(
                {
                    (rows[0]["track_first_at"], track)
                    for track, rows in self.tracks.items()
                    if rows[0]["source_id"] == name
                }
            )
            back += [born for born, _ in births if born > start + timedelta(minutes=15)]
        needed, latest = (len(fell) + 1) // 2, start + timedelta(days=1)
        end = min([sorted(back)[needed - 1]] if len(back) >= needed else [latest])
        return None if min(end, latest) > self.until[name] else min(end, latest)

    def crossings(self) -> set[tuple[Any, ...]]:
        """(track, corridor, departure, end or None, phase, whether the feed was down)."""
        found = set()
        for corridor in self.corridors:
            ground = self.grounds[corridor.zone_id]
            for name, rows in self.tracks.items():
                if rows[0]["mmsi"] is None or not rows_match(rows[0]["mmsi"]):
                    found |= set(self.crossings_of(name, rows, ground))
        return found

    def crossings_of(self, name: str, rows: list[Row], ground: "Ground") -> Iterator[tuple[Any, ...]]:
        """Those of one track in one corridor."""
        inside, leaving, landing = (ground.of(rows, what) for what in ("inside", "near_departure", "near_arrival"))
        if not any(inside):
            return
        over = [0, *(ground.over_the_gate(a, b) for a, b in pairwise(rows))]
        if 1 not in over:
            return
        is_radar, limit = rows[0]["mmsi"] is None, timedelta(hours=6)
        is_born_here = (
            is_radar
            and rows[0]["observed_at"] == rows[0]["track_first_at"]
            and inside[0]
            and ground.on_departure_side(rows[0])
        )
        born_only = {0} if is_born_here and not leaving[0] else set()
        leaving[0] = leaving[0] or is_born_here
        silent = {row["off"]: row for row in self.silences if row["track_id"] == name}
        i = 0
        while i < len(rows):
            if over[i] != 1:
                i += 1
                continue
            before = [k for k in range(i) if leaving[k]]
            if (
                not before
                or rows[i]["observed_at"] - rows[before[-1]]["observed_at"] > limit
                or 1 in over[before[-1] + 1 : i]
            ):
                i += 1
                continue
            first = before[-1]
            deadline = rows[first]["observed_at"] + limit
            j, approached, turned = i, None, None
            phase, end = "", None
            while j < len(rows) and not phase:
                if rows[j]["observed_at"] > deadline:
                    j -= 1
                    phase = "vanished" if rows[j]["observed_at"] in silent and inside[j] else "approaching"
                    end = j
                    break
                turned = j if over[j] == -1 else None if over[j] == 1 else turned
                if landing[j]:
                    phase, end = "completed", j
                elif turned is None and approached is None and ground.heads_for_arrival(rows[j]):
                    approached = j
                if not phase and leaving[j] and j not in born_only:
                    phase, end = "turned_back", j
                j += 1
            resume = (end if end is not None else len(rows)) + 1
            last = len(rows) - 1
            if not phase:
                phase = "vanished" if rows[last]["observed_at"] in silent and inside[last] else "approaching"
                end = last if phase == "vanished" or self.until[rows[0]["source_id"]] > deadline else None
            if turned is not None and phase != "completed":
                phase, end = "turned_back", turned
            known = approached if approached is not None else end
            echo = (
                is_radar
                and known is not None
                and 2 * sum(row["has_ais_nearby"] for row in rows[first : known + 1]) >= known + 1 - first
            )
            if (approached is not None or phase == "completed") and not echo:
                void = phase == "vanished" and self.is_void(silent[rows[end or last]["observed_at"]])
                at = None if end is None or void else rows[end]["observed_at"]
                yield (
                    name,
                    ground.corridor.zone_id,
                    rows[first]["observed_at"],
                    at,
                    "approaching" if void else phase,
                    void,
                )
            i = resume

    def beacons(self) -> set[tuple[Any, ...]]:
        """(track, distress or distress_test, first, last when it is over)."""
        what = "CASE WHEN mmsi SIMILAR TO '97[024].*' THEN if(nav_status = 15, 'distress_test', 'distress') WHEN nav_status = 14 THEN 'distress' END"
        return {
            (row["track_id"], row["kind"], row["started_at"], over(row["last_at"], row["feed_until"]))
            for row in rows_of(self.motion, EPISODES.format(what=what))
        }

    def vanished(self) -> set[tuple[Any, ...]]:
        """Rule (b), vanish: (track, last fix, heard again or None, whether the feed was down)."""
        found = set()
        for corridor in self.corridors:
            ground = self.grounds[corridor.zone_id]
            for silence in self.silences:
                row = next(row for row in self.tracks[silence["track_id"]] if row["observed_at"] == silence["off"])
                if not is_candidate(row) or not ground.of([row], "offshore")[0]:
                    continue
                half_hour = [
                    r
                    for r in self.tracks[silence["track_id"]]
                    if timedelta(0) <= row["observed_at"] - r["observed_at"] <= timedelta(minutes=30)
                ]
                if row["mmsi"] is None and 2 * sum(r["has_ais_nearby"] for r in half_hour) >= len(half_hour):
                    continue
                if row["mmsi"] is None and row["observed_at"] - row["track_first_at"] < timedelta(minutes=10):
                    continue
                found.add((silence["track_id"], silence["off"], silence["heard"], self.is_void(silence)))
        return found

    def stops(self) -> set[tuple[Any, ...]]:
        """Rule (b), stop: (track, first slow fix, fix at which it was known, end or None)."""
        found = set()
        for corridor in self.corridors:
            ground = self.grounds[corridor.zone_id]
            for name, rows in self.tracks.items():
                found |= set(self.stops_of(name, rows, ground))
        return found

    def stops_of(self, name: str, rows: list[Row], ground: "Ground") -> Iterator[tuple[Any, ...]]:
        """Those of one track in one corridor."""
        time = [row["observed_at"] for row in rows]
        speed = [np.nan if row["sog_kn"] is None else row["sog_kn"] for row in rows]
        last_fast, seen = [], datetime.min.replace(tzinfo=UTC)
        for moment, sog_kn in zip(time, speed, strict=True):
            last_fast.append(seen)
            seen = moment if sog_kn >= 3.0 else seen
        slow = [speed[i] < 1.0 and is_candidate(row) and ground.of([row], "offshore")[0] for i, row in enumerate(rows)]
        i = 0
        while i < len(rows):
            if not slow[i] or time[i] - last_fast[i] > timedelta(minutes=10):
                i += 1
                continue
            run = i
            while run + 1 < len(rows) and slow[run + 1] and time[run] - time[i] < timedelta(minutes=20):
                run += 1
            if time[run] - time[i] < timedelta(minutes=20):
                i = run + 1
                continue
            later = [k for k in range(run, len(rows)) if speed[k] >= 3.0 or time[k] - time[i] > timedelta(hours=6)]
            last = later[0] - 1 if later else len(rows) - 1
            is_over = bool(later) or self.until[rows[0]["source_id"]] - time[i] > timedelta(hours=6)
            echo = (
                rows[0]["mmsi"] is None and 2 * sum(row["has_ais_nearby"] for row in rows[i : run + 1]) >= run + 1 - i
            )
            if not echo:
                yield name, time[i], time[run], time[last] if is_over else None
            i = last + 1

    def steaming(self) -> set[tuple[Any, ...]]:
        """Rule (f): (track, first, fix at which it was known, last when it is over)."""
        found = set()
        for corridor in self.corridors:
            ground = self.grounds[corridor.zone_id]
            for name, rows in self.tracks.items():
                if rows[0]["mmsi"] is not None:
                    continue
                chosen = [i for i, row in enumerate(rows) if self.is_steaming(row, ground)]
                breaks = [
                    n
                    for n in range(1, len(chosen))
                    if rows[chosen[n]]["observed_at"] - rows[chosen[n - 1]]["observed_at"] > timedelta(hours=1)
                ]
                for part in np.split(np.array(chosen, dtype=int), breaks):
                    if not len(part):
                        continue
                    start = rows[part[0]]["observed_at"]
                    known = [
                        i
                        for i in part
                        if rows[i]["observed_at"] - start >= timedelta(minutes=10)
                        and 2 * sum(row["has_ais_nearby"] for row in rows[part[0] : i + 1]) < i + 1 - part[0]
                    ]
                    last = rows[part[-1]]["observed_at"]
                    if known:
                        found.add(
                            (name, start, rows[known[0]]["observed_at"], over(last, self.until[rows[0]["source_id"]]))
                        )
        return found

    def is_steaming(self, row: Row, ground: "Ground") -> bool:
        """A small craft at two knots or more, in the corridor, out of port, in the dark."""
        if row["sog_kn"] is None or row["sog_kn"] < 2.0 or (row["length_m"] or 0.0) > 20.0:
            return False
        if not ground.of([row], "own")[0] or self.in_port(row):
            return False
        height = elevation(Observer(row["lat"], row["lon"]), row["observed_at"], with_refraction=False)
        if abs(height + 6.0) < 0.01:  # closer than two ways of working it out agree (tests/test_sun.py)
            return bool(sun.is_night(row["lon"], row["lat"], row["observed_at"].timestamp()))
        return bool(height < -6.0)


def over(last: datetime, until: datetime) -> datetime | None:
    """The end of an episode, once an hour has passed after it."""
    return last if until - last > timedelta(hours=1) else None


def rows_match(mmsi: str) -> bool:
    """Whether an MMSI is not that of a vessel."""
    return mmsi.startswith(("970", "972", "974", "111", "99", "0"))


def is_candidate(row: Row) -> bool:
    """A radar track, or a small craft: at most 20 m, or of unknown length and not class A."""
    if row["mmsi"] is None:
        return True
    small = row["length_m"] <= 20.0 if row["length_m"] is not None else row["transceiver"] != "A"
    return bool(small and not rows_match(row["mmsi"]))


class Ground:
    """One corridor as shapes: degrees for the outline and the gate, metres for distances."""

    def __init__(self, corridor: Corridor, sea: Sea, rows: list[Row]) -> None:
        self.corridor = corridor
        zone: Zone = corridor.zone
        centre = zone.geometry.centroid
        self.plane = pyproj.Proj(proj="aeqd", lat_0=centre.y, lon_0=centre.x, ellps="WGS84")
        width_nm = float(zone.properties["local_width_nm"])
        band_m, off_m = min(1.5, 0.3 * width_nm) * NM_M, min(1.0, 0.3 * width_nm) * NM_M
        departure, self.arrival = (
            self.flat(shapely.MultiLineString(coast_lines(zone, sea.zones, sea.coast, side)))
            for side in ("departure", "arrival")
        )
        land = self.flat(shapely.MultiPolygon(sea.coast.land_near(zone.geometry.buffer(0.1))))
        self.gate = shapely.get_coordinates(corridor.gate.geometry)
        halves = shapely.ops.split(zone.geometry, corridor.gate.geometry).geoms
        self.departure_side = min(
            halves, key=lambda half: shapely.distance(shapely.Point(self.plane(*half.centroid.coords[0])), departure)
        )
        lon, lat = (np.array([row[name] for row in rows]) for name in ("lon", "lat"))
        for shape in (zone.geometry, departure, self.arrival, land):
            shapely.prepare(shape)
        inside = shapely.covers(zone.geometry, shapely.points(lon, lat))
        places = shapely.points(*self.plane(lon, lat))
        own = inside.copy()
        for other in sea.corridors:
            if (
                other.local_width_nm < corridor.local_width_nm
            ):  # where corridors overlap, distress belongs to the narrower
                own &= ~shapely.covers(other.zone.geometry, shapely.points(lon, lat))

        def near(shore: Any, by_band: np.ndarray) -> np.ndarray:
            """Within the band; closer to its edge than its outline is exact (tests/test_sea.py), as the outline has it."""
            return (
                inside
                & shapely.dwithin(shore, places, band_m + 1.0)
                & (by_band | shapely.dwithin(shore, places, band_m - 1.0))
            )

        facts = {
            "inside": inside,
            "near_departure": near(departure, corridor.near_departure(lon, lat)),
            "near_arrival": near(self.arrival, corridor.near_arrival(lon, lat)),
            "own": own,
            "offshore": own & ~shapely.dwithin(land, places, off_m),
        }
        keys = [(row["track_id"], row["observed_at"]) for row in rows]
        self.facts = {what: dict(zip(keys, values.tolist(), strict=True)) for what, values in facts.items()}

    def of(self, rows: list[Row], what: str) -> list[bool]:
        """inside, own, near_departure, near_arrival or offshore, for each row."""
        return [self.facts[what][row["track_id"], row["observed_at"]] for row in rows]

    def flat(self, shape: Any) -> Any:
        """A shape in metres."""
        return shapely.transform(shape, lambda xy: np.column_stack(self.plane(xy[:, 0], xy[:, 1])))

    def point(self, row: Row) -> Any:
        """A row's place in metres."""
        return shapely.Point(self.plane(row["lon"], row["lat"]))

    def over_the_gate(self, one: Row, other: Row) -> int:
        """+1 when the segment passes the gate from left to right, -1 back, 0 not at all or there and back."""
        a, b = np.array([one["lon"], one["lat"]]), np.array([other["lon"], other["lat"]])
        p, q = self.gate[:-1], self.gate[1:]
        here, there = left_of(p, q, a), left_of(p, q, b)
        passes = (here != there) & (left_of(a, b, p) != left_of(a, b, q))
        return int(np.where(here, 1, -1)[passes].sum())

    def on_departure_side(self, row: Row) -> bool:
        """Whether a row lies on that half of the corridor whose middle is nearer to the departure coast."""
        return bool(self.departure_side.covers(shapely.Point(row["lon"], row["lat"])))

    def heads_for_arrival(self, row: Row) -> bool:
        """Whether the course is within 30 degrees of the nearest point of the arrival coast, and that within two hours at this speed."""
        if row["sog_kn"] is None or row["cog_deg"] is None or row["sog_kn"] < 0.5:
            return False
        nearest = shapely.ops.nearest_points(self.arrival, self.point(row))[0]
        lon, lat = self.plane(nearest.x, nearest.y, inverse=True)
        bearing, _, away_m = GEOD.inv(row["lon"], row["lat"], lon, lat)
        off = abs((bearing - row["cog_deg"] + 180) % 360 - 180)
        return off <= 30.0 and away_m / NM_M / row["sog_kn"] <= 2.0


def left_of(a: np.ndarray, b: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Whether P lies left of, or on, A -> B; points are [2] or [n, 2]."""
    to_b, to_p = b - a, p - a
    return to_b[..., 0] * to_p[..., 1] - to_b[..., 1] * to_p[..., 0] >= 0
