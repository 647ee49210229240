"""
Tracks: the positions believed to come from one transmitter.

One MMSI can be many transmitters, and a radar gives its numbers again, so every rule reads tracks and none reads MMSIs.
A fix belongs to the nearest track of its vessel that could have sailed there. A fix that no track could have sailed to starts a
track of its own when one of the next fixes of the vessel goes on from it; when none does, it is rejected as impossible.

The split is defined day by day: a fix at the end of a day is judged by the fixes of that day and the tracks of the days
before. So one run over many days and many runs over one day each are the same thing.

Source of the numbers: definitions.md, section 0; the ones marked own were set on the sample day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from pipeline import contracts, geo, vessels
from pipeline.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CAP_KN = 30.0  # class A and unknown craft
FAST_CAP_KN = 60.0  # high-speed craft, pleasure craft, radar tracks
AIRCRAFT_CAP_KN = 250.0  # own: SAR helicopters and aeroplanes, MMSI 111
REPORTED_SPEED_FACTOR = 1.3
FAST_SHIP_TYPES = (36, 37, *range(40, 50))  # ITU-R M.1371 table 53: sailing, pleasure craft, high-speed craft
NOISE_NM = 0.1  # own: two honest fixes may be this much farther apart than the speed allows
LOOK_AHEAD = 3  # own: fixes of the vessel that may confirm a new track
MOST_TRANSMITTERS = 32  # own: more on one MMSI are noise
RADAR_BREAK_S = 1800.0  # own: a radar's track number that was silent this long is given to another craft

LOOKBACK_S = 7200.0  # every position this close to the end of a day is carried to the next
CARRIED_FIXES = 16  # of each track whatever their age: its usual interval is known from them
FORGET_AIS_S = 30 * SECONDS_PER_DAY
FORGET_RADAR_S = SECONDS_PER_DAY

AIS_MATCH_NM = 0.3  # own: radar error and dead reckoning of a steady ship over one interval
AIS_MATCH_S = 600.0  # own: an AIS position older than this is not dead-reckoned

ASSIGNED, IMPOSSIBLE, REPEATED = 0, 1, 2


@dataclass(frozen=True)
class Tracked:
    """One day's tracks. `motion` holds what was carried in and the day's positions; the counts add up to the reports."""

    positions: pa.Table
    motion: pa.Table
    tracks: pa.Table
    identity_claims: pa.Table
    impossible: pa.Table
    n_reports: int
    n_repeated: int


def seconds(times: pa.ChunkedArray | pa.Array) -> Floats:
    """Times as seconds since 1970 [n] of float64, exact to the microsecond."""
    return np.asarray(times.cast(pa.int64())).astype(np.float64) / 1e6


def instant(epoch_s: float) -> datetime:
    """The UTC instant of seconds since 1970."""
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(microseconds=round(epoch_s * 1e6))


def make(reports: pa.Table, carried: pa.Table) -> Tracked:
    """
    Split one day's reports into tracks.

    `reports`: all accepted reports of the day, in any order. `carried`: the `tail` of the motion of the day before.
    """
    n_reports = reports.num_rows
    reports = distinct(contracts.in_order(reports, [column.name for column in contracts.load("reports").columns]))
    last = last_of_each_track(carried)
    n_last = last.num_rows
    keys = pa.concat_arrays([vessel_keys(last), reports.column("vessel_key").combine_chunks()])
    group = contracts.codes(keys)
    time = np.concatenate((seconds(last.column("observed_at")), seconds(reports.column("observed_at"))))
    lon, lat, sog = (np.concatenate((floats(last, name), floats(reports, name))) for name in ("lon", "lat", "sog_kn"))
    cap = np.concatenate((speed_caps(last), speed_caps(reports)))
    is_radar = np.asarray(pc.starts_with(keys, "radar:").to_numpy(zero_copy_only=False), dtype=bool)

    order = np.argsort(group, kind="stable")  # carried rows come first in each group
    slot = np.empty(len(order), dtype=np.int64)
    verdict = np.empty(len(order), dtype=np.int8)
    slot[order], verdict[order] = assign(
        group[order],
        time[order],
        lon[order],
        lat[order],
        np.nan_to_num(sog[order]),
        cap[order],
        is_radar[order],
        order < n_last,
    )
    track_ids = name_tracks(keys, group, slot, verdict, time, last)[n_last:]
    verdict = verdict[n_last:]

    kept = np.flatnonzero(verdict == ASSIGNED)
    assigned = reports.take(pa.array(kept))
    track_id = track_ids.take(pa.array(kept))
    names = track_id.dictionary_encode()
    vessel_ids = pa.array([vessels.vessel_id(name) for name in names.dictionary.to_pylist()], pa.string())
    vessel_id = pa.DictionaryArray.from_arrays(names.indices, vessel_ids).dictionary_decode()
    assigned = assigned.append_column("track_id", track_id).append_column("vessel_id", vessel_id)
    motion = derive(assigned, carried)
    impossible = reports.take(pa.array(np.flatnonzero(verdict == IMPOSSIBLE)))
    return Tracked(
        positions=contracts.conform(assigned.select(contracts.load("positions").schema.names), "positions"),
        motion=motion,
        tracks=sum_up(assigned, motion),
        identity_claims=claims(assigned),
        impossible=impossible,
        n_reports=n_reports,
        n_repeated=n_reports - assigned.num_rows - impossible.num_rows,
    )


def distinct(reports: pa.Table) -> pa.Table:
    """Sorted reports without those that say the same place at the same time as the row before: they confirm nothing."""
    key = reports.column("vessel_key").combine_chunks()
    again = np.asarray(pc.equal(key[1:], key[:-1]).to_numpy(zero_copy_only=False), dtype=bool)
    for values in (seconds(reports.column("observed_at")), floats(reports, "lon"), floats(reports, "lat")):
        again &= values[1:] == values[:-1]
    return reports.filter(pa.array(np.append([True], ~again)[: reports.num_rows]))


def floats(table: pa.Table, name: str) -> Floats:
    """A numeric column as float64 [n], null as NaN."""
    return np.asarray(pc.fill_null(table.column(name).cast(pa.float64()), np.nan), dtype=np.float64)


def last_of_each_track(motion: pa.Table) -> pa.Table:
    """The last row of every track, in order of track."""
    track = contracts.codes(motion.column("track_id"))
    is_last = np.append(track[1:] != track[:-1], [True]) if len(track) else np.zeros(0, dtype=bool)
    return motion.filter(pa.array(is_last))


def vessel_keys(motion: pa.Table) -> pa.Array:
    """What the provider called the vessel of each row's track: the track's id without its own number."""
    return pc.replace_substring_regex(motion.column("track_id").combine_chunks(), r"(\.\d+|:\d{8}\.\d+)$", "")


def speed_caps(table: pa.Table) -> Floats:
    """Top speed [n] in knots that is believed of each row's craft, before its own reported speed is heard."""
    ship_type = pc.fill_null(table.column("ship_type"), 0)
    fast = np.asarray(pc.is_in(ship_type, pa.array(FAST_SHIP_TYPES, pa.int16())))
    mmsi = table.column("mmsi")
    is_radar = np.asarray(pc.is_null(mmsi))
    aircraft = np.asarray(pc.fill_null(pc.starts_with(mmsi, "111"), False))
    return np.where(aircraft, AIRCRAFT_CAP_KN, np.where(fast | is_radar, FAST_CAP_KN, CAP_KN))


@njit(cache=True)
def between_nm(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Distance in nm, flat over short ranges (< 0.1 % off below 60 nm at 60 degrees); antimeridian-safe."""
    d_lon = (lon2 - lon1 + 540.0) % 360.0 - 180.0
    east = d_lon * np.cos(np.radians(0.5 * (lat1 + lat2)))
    return float(np.hypot(east, lat2 - lat1) * 60.0)


@njit(cache=True)
def could_sail(distance_nm: float, duration_s: float, cap_kn: float) -> bool:
    """Whether a craft of this top speed can have covered the distance."""
    return distance_nm - NOISE_NM <= cap_kn * duration_s / SECONDS_PER_HOUR


@njit(cache=True)
def assign(
    group: Ints,
    time: Floats,
    lon: Floats,
    lat: Floats,
    sog: Floats,
    cap: Floats,
    is_radar: npt.NDArray[np.bool_],
    is_carried: npt.NDArray[np.bool_],
) -> tuple[Ints, npt.NDArray[np.int8]]:
    """
    For rows sorted by (vessel, carried first, time): the number of the track within the vessel, and the verdict, each [n].

    A carried row is the last fix of a known track. Two fixes in one second at one place are one report that came twice.
    A radar's track that was silent for `RADAR_BREAK_S` has ended: what comes under its number is another craft.
    """
    n = len(time)
    slot = np.full(n, -1, dtype=np.int64)
    verdict = np.zeros(n, dtype=np.int8)
    head = np.zeros(MOST_TRANSMITTERS + is_carried.sum(), dtype=np.int64)  # row of the last fix of each going track
    number = np.zeros_like(head)  # of that track within the vessel
    n_tracks = n_numbers = 0
    for i in range(n):
        if i == 0 or group[i] != group[i - 1]:
            n_tracks = n_numbers = 0
        if is_radar[i] and not is_carried[i]:
            n_going = 0
            for s in range(n_tracks):
                if time[i] - time[head[s]] <= RADAR_BREAK_S:
                    head[n_going], number[n_going] = head[s], number[s]
                    n_going += 1
            n_tracks = n_going
        best, best_nm = -1, np.inf
        if not is_carried[i]:
            for s in range(n_tracks):
                h = head[s]
                d_nm = between_nm(lon[h], lat[h], lon[i], lat[i])
                top_kn = max(cap[i], REPORTED_SPEED_FACTOR * max(sog[i], sog[h]))
                if could_sail(d_nm, time[i] - time[h], top_kn) and d_nm < best_nm:
                    best, best_nm = s, d_nm
            if best >= 0 and time[i] == time[head[best]]:
                slot[i], verdict[i] = number[best], REPEATED
                continue
        if best < 0:
            goes_on = n_tracks == 0 or is_carried[i]
            if not goes_on and n_tracks < MOST_TRANSMITTERS:
                for j in range(i + 1, min(i + 1 + LOOK_AHEAD, n)):
                    if group[j] != group[i]:
                        break
                    top_kn = max(cap[j], REPORTED_SPEED_FACTOR * max(sog[i], sog[j]))
                    from_here = could_sail(between_nm(lon[i], lat[i], lon[j], lat[j]), time[j] - time[i], top_kn)
                    from_known = False
                    for s in range(n_tracks):
                        h = head[s]
                        fresh = not is_radar[j] or time[j] - time[h] <= RADAR_BREAK_S
                        d_nm = between_nm(lon[h], lat[h], lon[j], lat[j])
                        top_kn = max(cap[j], REPORTED_SPEED_FACTOR * max(sog[h], sog[j]))
                        from_known = from_known or (fresh and could_sail(d_nm, time[j] - time[h], top_kn))
                    if from_here and not from_known and time[j] > time[i]:
                        goes_on = True
                        break
            if not goes_on:
                verdict[i] = IMPOSSIBLE
                continue
            best = n_tracks
            number[best] = n_numbers
            n_tracks += 1
            n_numbers += 1
        head[best] = i
        slot[i] = number[best]
    return slot, verdict


def name_tracks(
    keys: pa.Array, group: Ints, slot: Ints, verdict: npt.NDArray[np.int8], time: Floats, last: pa.Table
) -> pa.Array:
    """
    The track id of each row [n], null where it has none.

    A carried track keeps its id. A new one of an MMSI takes the next number of that MMSI; a new one of a radar's
    track number takes the day on which it begins and the next number of that day.
    """
    known = last.column("track_id").to_pylist()
    pair = np.where(verdict == IMPOSSIBLE, -1, group * len(time) + slot)
    pairs, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    names: list[str | None] = [None] * len(pairs)
    numbers: dict[str, int] = {}
    for track in known:
        stem, _, number = track.rpartition(".")
        numbers[stem] = max(numbers.get(stem, 0), int(number))
    for i in np.lexsort((time[first], first >= len(known))):
        if pairs[i] == -1:
            continue
        row = int(first[i])
        if row < len(known):
            names[i] = known[row]
            continue
        stem = keys[row].as_py()
        if stem.startswith("radar:"):
            stem = f"{stem}:{instant(time[row]):%Y%m%d}"
        numbers[stem] = numbers.get(stem, 0) + 1
        names[i] = f"{stem}.{numbers[stem]}"
    return pa.DictionaryArray.from_arrays(
        pa.array(inverse.reshape(-1)), pa.array(names, pa.string())
    ).dictionary_decode()


def derive(assigned: pa.Table, carried: pa.Table) -> pa.Table:
    """Carried rows and the day's assigned rows as `motion`: claims carried forward along each track, radar matched to AIS."""
    n_carried = carried.num_rows
    day = assigned.append_column("track_first_at", assigned.column("observed_at"))
    day = day.append_column("has_ais_nearby", pc.starts_with(day.column("track_id"), "mmsi:"))
    names = contracts.load("motion").schema.names
    schema = pa.schema([(field.name, field.type) for field in contracts.load("motion").schema])
    motion = pa.concat_tables([carried.select(names).cast(schema), day.select(names).cast(schema)])
    track = contracts.codes(motion.column("track_id"))
    time = seconds(motion.column("observed_at"))
    order = np.lexsort((time, track))
    motion, track, time = motion.take(pa.array(order)), track[order], time[order]
    start = np.maximum.accumulate(
        np.where(np.append([True], track[1:] != track[:-1])[: len(track)], np.arange(len(track)), 0)
    )
    for name in ("transceiver", "ship_type", "length_m"):
        column = motion.column(name)
        known = np.maximum.accumulate(np.where(np.asarray(pc.is_valid(column)), np.arange(len(track)), -1))
        filled = column.take(pa.array(np.where(known >= start, known, 0), mask=known < start))
        motion = motion.set_column(motion.column_names.index(name), name, filled)
    motion = motion.set_column(
        motion.column_names.index("track_first_at"),
        "track_first_at",
        motion.column("track_first_at").take(pa.array(start)),
    )

    is_ais = np.asarray(motion.column("has_ais_nearby")) & np.asarray(pc.is_valid(motion.column("mmsi")))
    asked = np.flatnonzero(~np.asarray(pc.is_valid(motion.column("mmsi"))) & (order >= n_carried))
    by_time = np.flatnonzero(is_ais)[np.argsort(time[is_ais], kind="stable")]
    lon, lat, sog, cog = (floats(motion, name) for name in ("lon", "lat", "sog_kn", "cog_deg"))
    near = np.array(motion.column("has_ais_nearby"))
    near[asked] = match_ais(
        time[asked],
        lon[asked],
        lat[asked],
        time[by_time],
        lon[by_time],
        lat[by_time],
        np.nan_to_num(np.where(np.isnan(cog), 0.0, sog)[by_time]),  # without a course it is taken where it was
        np.nan_to_num(cog[by_time]),
    )
    motion = motion.set_column(motion.column_names.index("has_ais_nearby"), "has_ais_nearby", pa.array(near))
    return motion.cast(contracts.load("motion").schema)


@njit(cache=True)
def match_ais(
    time: Floats,
    lon: Floats,
    lat: Floats,
    ais_time: Floats,
    ais_lon: Floats,
    ais_lat: Floats,
    ais_sog: Floats,
    ais_cog: Floats,
) -> npt.NDArray[np.bool_]:
    """
    For radar fixes [n]: whether an AIS vessel was there. AIS positions [m] in order of time are dead-reckoned from their
    report to the radar's time, at most `AIS_MATCH_S`; only earlier reports are used, so that later data change nothing.
    """
    found = np.zeros(len(time), dtype=np.bool_)
    for i in range(len(time)):
        j = np.searchsorted(ais_time, time[i], side="right") - 1
        while j >= 0 and time[i] - ais_time[j] <= AIS_MATCH_S:
            sailed_deg = ais_sog[j] * (time[i] - ais_time[j]) / SECONDS_PER_HOUR / 60.0
            if abs(ais_lat[j] - lat[i]) <= sailed_deg + AIS_MATCH_NM / 60.0:
                there_lat = ais_lat[j] + sailed_deg * np.cos(np.radians(ais_cog[j]))
                there_lon = ais_lon[j] + sailed_deg * np.sin(np.radians(ais_cog[j])) / np.cos(np.radians(ais_lat[j]))
                if between_nm(lon[i], lat[i], there_lon, there_lat) <= AIS_MATCH_NM:
                    found[i] = True
                    break
            j -= 1
    return found


def tail(motion: pa.Table, day_end_s: float, keep_s: Floats) -> pa.Table:
    """
    What of `motion` is carried past the end of a day: the end of every track, without holes.

    That is its rows of the last `LOOKBACK_S`, its last `CARRIED_FIXES` while it is not forgotten, and where one of its rows is younger than
    that row's `keep_s` [n] (a corridor asks for it), all its rows that are younger than that.
    """
    track = contracts.codes(motion.column("track_id"))
    n = len(track)
    if n == 0:
        return motion
    age_s = day_end_s - seconds(motion.column("observed_at"))
    starts = np.append([0], np.flatnonzero(track[1:] != track[:-1]) + 1)
    sizes = np.diff(np.append(starts, [n]))
    to_end = np.repeat(starts + sizes - 1, sizes) - np.arange(n)
    silent_s = np.repeat(age_s[starts + sizes - 1], sizes)
    asked_s = np.repeat(np.maximum.reduceat(np.where(age_s <= keep_s, keep_s, 0.0), starts), sizes)
    is_radar = np.asarray(pc.is_null(motion.column("mmsi")))
    remembered = silent_s <= np.where(is_radar, FORGET_RADAR_S, FORGET_AIS_S)
    return motion.filter(pa.array((age_s <= np.maximum(LOOKBACK_S, asked_s)) | ((to_end < CARRIED_FIXES) & remembered)))


def sum_up(assigned: pa.Table, motion: pa.Table) -> pa.Table:
    """The day's rows of `tracks`."""
    if assigned.num_rows == 0:
        return contracts.load("tracks").empty()
    begins = pc.min(assigned.column("observed_at"))
    day = motion.filter(pc.greater_equal(motion.column("observed_at"), begins))
    track = contracts.codes(day.column("track_id"))
    starts = np.append([0], np.flatnonzero(track[1:] != track[:-1]) + 1)
    ends = np.append(starts[1:], [len(track)]) - 1
    lon, lat, sog = (floats(day, name) for name in ("lon", "lat", "sog_kn"))
    step_nm = np.append([0.0], geo.distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]))
    step_nm[starts] = 0.0
    first, last = day.take(pa.array(starts)), day.take(pa.array(ends))
    top = np.fmax.reduceat(sog, starts)
    near = np.add.reduceat(np.asarray(day.column("has_ais_nearby")).astype(np.float64), starts)
    count = ends - starts + 1
    sources = assigned.group_by("track_id").aggregate([("source_id", "distinct")])
    sources = {row["track_id"]: sorted(row["source_id_distinct"]) for row in sources.to_pylist()}
    mmsi = first.column("mmsi").to_pylist()
    table = pa.table(
        {
            "track_id": first.column("track_id"),
            "vessel_id": first.column("vessel_id"),
            "mmsi": first.column("mmsi"),
            "mmsi_kind": pa.array([vessels.mmsi_kind(value) if value else None for value in mmsi], pa.string()),
            "source_ids": pa.array([sources[track_id] for track_id in first.column("track_id").to_pylist()]),
            "first_at": first.column("observed_at"),
            "last_at": last.column("observed_at"),
            "n_positions": pa.array(count),
            "distance_nm": pa.array(np.round(np.add.reduceat(step_nm, starts), 3)),
            "max_sog_kn": pa.array(top.astype(np.float32), mask=np.isnan(top)),
            "transceiver": last.column("transceiver"),
            "ship_type": last.column("ship_type"),
            "length_m": last.column("length_m"),
            "ais_share": pa.array(np.round(near / count, 4)),
        }
    )
    return contracts.conform(table, "tracks")


def claims(assigned: pa.Table) -> pa.Table:
    """The day's rows of `identity_claims`: what each MMSI said of itself."""
    said = assigned.filter(pc.is_valid(assigned.column("mmsi")))
    what = ["vessel_id", "mmsi", "imo", "ship_name", "call_sign", "ship_type", "length_m", "draught_m", "source_id"]
    grouped = said.group_by(what, use_threads=False).aggregate([("observed_at", "min"), ("observed_at", "max")])
    grouped = grouped.rename_columns([*what, "first_at", "last_at"])
    flags = pa.array([vessels.flag(mmsi) for mmsi in grouped.column("mmsi").to_pylist()], pa.string())
    return contracts.conform(grouped.append_column("flag", flags), "identity_claims")
