"""
Tracks: the positions believed to come from one transmitter.

One MMSI can be many transmitters, and a radar gives its numbers again, so every rule reads tracks and none reads MMSIs.
A fix belongs to the nearest track of its vessel that could have sailed there. A fix that no track could have sailed to starts a
track of its own when one of the next fixes of the vessel goes on from it; when none does, it is rejected as impossible.

The split is defined day by day: a fix at the end of a day is judged by the fixes of that day and the tracks of the days
before. So one run over many days and many runs over one day each are the same thing.

Source of the numbers: definitions.md, section 0; the ones marked own were set on the sample day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from pipeline import contracts, geo, vessels
from pipeline.facts import OF_THE_FILE
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

REPEAT_DEG = (
    1.5e-5  # own: two providers round one position differently; a craft under way is past it before its next message
)
REPEAT_KN = 1.0  # own: from this speed on, the same place again is the same message again
REPEAT_S = 600.0  # own: later than this it is a receiver that hangs, and the craft is heard
VESSEL_REPORTS_AN_HOUR = (
    7200  # own: one message every 2 s, the shortest interval of ITU-R M.1371, heard by four receivers
)
FLOODED_VESSEL_S, FLOODED_FEED_S = (
    2.0,
    10.0,
)  # own: in a flooded hour a vessel keeps its first report of each such interval

AIS_MATCH_NM = 0.3  # own: radar error and dead reckoning of a steady ship over one interval
AIS_MATCH_S = 600.0  # own: an AIS position older than this is not dead-reckoned

CLAIMS = ["imo", "ship_name", "call_sign", "ship_type", "length_m", "draught_m"]  # what a transmitter says of itself
ASSIGNED, IMPOSSIBLE, REPEATED = 0, 1, 2


@dataclass(frozen=True)
class Tracked:
    """
    One day's tracks. `motion` holds what was carried in and the day's positions. Every report is in one of positions, impossible, repeated and surplus;
    of the last two only the source and the time are kept.
    """

    positions: pa.Table
    motion: pa.Table
    tracks: pa.Table
    identity_claims: pa.Table
    impossible: pa.Table
    repeated: pa.Table
    surplus: pa.Table
    n_reports: int


def seconds(times: pa.ChunkedArray | pa.Array) -> Floats:
    """Times as seconds since 1970 [n] of float64, exact to the microsecond."""
    return np.asarray(times.cast(pa.int64())).astype(np.float64) / 1e6


def instant(epoch_s: float) -> datetime:
    """The UTC instant of seconds since 1970."""
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(microseconds=round(epoch_s * 1e6))


NOTHING_SAID = contracts.load("static_reports").empty()
HEARD = ["source_id", "observed_at", "vessel_key"]


def make(
    reports: pa.Table, carried: pa.Table, said: pa.Table = NOTHING_SAID, most_an_hour: Mapping[str, int] | None = None
) -> Tracked:
    """
    Split one day's reports into tracks.

    `reports`: all accepted reports of the day, in any order; `said`: its static reports, what vessels said of themselves without a position. `carried`:
    the `tail` of the motion of the day before. `most_an_hour`: reports by source, more than which are a flood.
    """
    n_reports = reports.num_rows
    reports = contracts.in_order(
        with_claims(reports, said), [column.name for column in contracts.load("reports").columns]
    )
    again = repeats_row_before(reports)
    repeated = [reports.filter(pa.array(again)).select(HEARD)]
    reports = reports.filter(pa.array(~again))
    flooded = over_the_top(reports, most_an_hour or {})
    surplus, reports = reports.filter(pa.array(flooded)).select(HEARD), reports.filter(pa.array(~flooded))
    last = last_of_each_track(carried)
    n_last = last.num_rows
    keys = pa.concat_arrays([vessel_keys(last), reports.column("vessel_key").combine_chunks()])
    group = contracts.codes(keys)
    time = np.concatenate((seconds(last.column("observed_at")), seconds(reports.column("observed_at"))))
    lon, lat, sog = (np.concatenate((floats(last, name), floats(reports, name))) for name in ("lon", "lat", "sog_kn"))
    cap = np.concatenate((speed_caps(last), speed_caps(reports)))
    is_radar = of_radar(keys)
    cog = np.concatenate((floats(last, "cog_deg"), floats(reports, "cog_deg")))

    order = np.argsort(group, kind="stable")  # carried rows come first in each group
    slot = np.empty(len(order), dtype=np.int64)
    verdict = np.empty(len(order), dtype=np.int8)
    slot[order], verdict[order] = assign(
        group[order],
        time[order],
        lon[order],
        lat[order],
        np.nan_to_num(sog[order]),
        np.nan_to_num(cog[order], nan=-1.0),
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
    repeated.append(reports.take(pa.array(np.flatnonzero(verdict == REPEATED))).select(HEARD))
    return Tracked(
        positions=contracts.conform(assigned.select(contracts.load("positions").schema.names), "positions"),
        motion=motion,
        tracks=sum_up(assigned, motion),
        identity_claims=claims(assigned, said),
        impossible=impossible,
        repeated=pa.concat_tables(repeated),
        surplus=surplus,
        n_reports=n_reports,
    )


def each_once(reports: pa.Table) -> pa.Table:
    """The reports in order, each record of a source once, in however many files it came."""
    content = [column.name for column in contracts.load("reports").columns if column.name not in OF_THE_FILE]
    reports = contracts.in_order(reports, [*content, *OF_THE_FILE])
    keys = [contracts.codes(reports.column(name)) for name in content]  # in which not stated differs from every value
    is_other = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return reports.filter(pa.array(np.append([True], is_other)[: reports.num_rows]))


def differs_from_row_before(values: pa.ChunkedArray) -> np.ndarray:
    """Rows [n] whose value is another than that of the row before; the first one is."""
    array = values.combine_chunks()
    changes = np.asarray(pc.not_equal(array[1:], array[:-1]).to_numpy(zero_copy_only=False), dtype=bool)
    return np.asarray(np.append([True], changes)[: len(array)])


def repeats_row_before(reports: pa.Table) -> np.ndarray:
    """Rows [n] of sorted reports that say the same place at the same time as the row before: they confirm nothing."""
    names = ("vessel_key", "observed_at", "lon", "lat")
    return np.asarray(~np.logical_or.reduce([differs_from_row_before(reports.column(name)) for name in names]))


def over_the_top(reports: pa.Table, most_an_hour: Mapping[str, int]) -> np.ndarray:
    """
    Rows [n] of sorted reports that a flood brought beyond measure.

    In an hour in which a vessel is heard more often than any transmitter sends, or a source brings more than is usual for it, each vessel concerned keeps
    its first report of every few seconds. What floods one vessel is set aside whole where another source heard the vessel in that hour within measure. So a
    flood cannot bury the day, and nobody who was heard is lost in it.
    """
    found = np.zeros(reports.num_rows, dtype=bool)
    if not len(found):
        return found
    time = seconds(reports.column("observed_at"))
    hour = (time // SECONDS_PER_HOUR - time.min() // SECONDS_PER_HOUR).astype(np.int64)
    vessel = np.cumsum(differs_from_row_before(reports.column("vessel_key"))) - 1
    names = sorted(pc.unique(reports.column("source_id")).to_pylist())
    source = np.asarray(pc.index_in(reports.column("source_id"), pa.array(names))).astype(np.int64)
    most = np.array([most_an_hour.get(name, len(found)) for name in names])
    pair = vessel * len(names) + source
    by_pair = pair * (hour.max() + 1) + hour
    count = np.bincount(by_pair)[by_pair]
    is_flood = count > VESSEL_REPORTS_AN_HOUR
    if is_flood.any():
        by_vessel = vessel * (hour.max() + 1) + hour
        found |= is_flood & (np.bincount(by_vessel, weights=~is_flood)[by_vessel] > 0)
    for who, limit, interval_s in (
        (vessel, np.full(vessel[-1] + 1, VESSEL_REPORTS_AN_HOUR), FLOODED_VESSEL_S),
        (source, most, FLOODED_FEED_S),
    ):
        who_and_hour = who * (hour.max() + 1) + hour
        heard = np.bincount(who_and_hour, weights=~found)[who_and_hour]
        at = np.flatnonzero((heard > limit[who]) & ~found)
        turn = np.stack((vessel[at], source[at], (time[at] // interval_s).astype(np.int64)))
        _, first = np.unique(turn, axis=1, return_index=True)
        found[np.delete(at, first)] = True
    return found


def with_claims(reports: pa.Table, said: pa.Table) -> pa.Table:
    """Sorted reports with what their vessel had last said of itself, on the same day to the same source, where they say nothing."""
    if said.num_rows == 0:
        return reports
    names = ["vessel_key", "observed_at", "source_id", *CLAIMS]
    both = pa.concat_tables([said.select(names), reports.select(names)])
    n_said = said.num_rows
    vessel, source = contracts.codes(both.column("vessel_key")), contracts.codes(both.column("source_id"))
    values = [contracts.codes(both.column(name)) for name in CLAIMS]  # of two claims in one instant the order decides
    order = np.lexsort(
        (*values[::-1], np.arange(len(vessel)) >= n_said, seconds(both.column("observed_at")), source, vessel)
    )
    begins = np.append([True], (np.diff(vessel[order]) != 0) | (np.diff(source[order]) != 0))
    start = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    of_report = place[n_said:]
    for name in CLAIMS:
        column = both.column(name).take(pa.array(order))
        is_word = np.asarray(pc.is_valid(column)) & (order < n_said)
        known = np.maximum.accumulate(np.where(is_word, np.arange(len(order)), -1))
        mask = (known < start)[of_report]
        filled = column.take(pa.array(np.where(mask, 0, known[of_report]), mask=mask))
        own = pc.coalesce(reports.column(name), filled)
        reports = reports.set_column(reports.column_names.index(name), name, own)
    return reports


def of_radar(keys: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether each key or track id [n] is a radar's: all others were heard by AIS."""
    return np.asarray(pc.starts_with(keys, "radar:").to_numpy(zero_copy_only=False), dtype=bool)


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
    track = motion.column("track_id").combine_chunks()
    without_number = pc.replace_substring_regex(track, r"\.\d+$", "")
    without_day = pc.replace_substring_regex(track, r":\d{8}\.\d+$", "")
    return pc.if_else(pc.starts_with(track, "radar:"), without_day, without_number)


def speed_caps(table: pa.Table) -> Floats:
    """Top speed [n] in knots that is believed of each row's craft, before its own reported speed is heard."""
    ship_type = pc.fill_null(table.column("ship_type"), 0)
    fast = np.asarray(pc.is_in(ship_type, pa.array(FAST_SHIP_TYPES, pa.int16())))
    mmsi = table.column("mmsi")
    is_radar = of_radar(table.column("vessel_id" if "vessel_id" in table.column_names else "vessel_key"))
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
    cog: Floats,
    cap: Floats,
    is_radar: npt.NDArray[np.bool_],
    is_carried: npt.NDArray[np.bool_],
) -> tuple[Ints, npt.NDArray[np.int8]]:
    """
    For rows sorted by (vessel, carried first, time): the number of the track within the vessel, and the verdict, each [n].

    A carried row is the last fix of a known track. Two fixes in one second at one place are one report that came twice; so are two of a craft under way
    that say the same place, speed and course within minutes: another provider, or a receiver that sends what it heard again.
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
            if best >= 0:
                h = head[best]
                said_again = (
                    not is_radar[i]
                    and sog[i] >= REPEAT_KN
                    and sog[i] == sog[h]
                    and cog[i] == cog[h]
                    and time[i] - time[h] <= REPEAT_S
                    and abs(lon[i] - lon[h]) <= REPEAT_DEG
                    and abs(lat[i] - lat[h]) <= REPEAT_DEG
                )
                if time[i] == time[h] or said_again:
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
    day = day.append_column("has_ais_nearby", pa.array(~of_radar(day.column("track_id"))))
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

    is_radar = of_radar(motion.column("track_id"))
    is_ais = np.asarray(motion.column("has_ais_nearby")) & ~is_radar
    asked = np.flatnonzero(is_radar & (order >= n_carried))
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
        track[by_time],
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
    ais_track: Ints,
) -> npt.NDArray[np.bool_]:
    """
    For radar fixes [n]: whether an AIS vessel was there. AIS positions [m] in order of time are dead-reckoned from their
    report to the radar's time, at most `AIS_MATCH_S`; only earlier reports are used, so that later data change nothing.
    """
    found = np.zeros(len(time), dtype=np.bool_)
    asked_by = np.full(ais_track.max() + 1 if len(ais_track) else 0, -1)
    for i in range(len(time)):
        j = np.searchsorted(ais_time, time[i], side="right") - 1
        while j >= 0 and time[i] - ais_time[j] <= AIS_MATCH_S:
            if asked_by[ais_track[j]] == i:
                j -= 1
                continue
            asked_by[ais_track[j]] = i
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
    is_radar = of_radar(motion.column("track_id"))
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


def claims(assigned: pa.Table, said: pa.Table) -> pa.Table:
    """The day's rows of `identity_claims`: what each transmitter said of itself, with its positions or without any."""
    heard = assigned.filter(pa.array(~of_radar(assigned.column("vessel_id"))))
    told = with_claims(said, said)
    told = told.append_column("vessel_id", told.column("vessel_key"))
    what = ["vessel_id", "mmsi", *CLAIMS, "source_id"]
    both = pa.concat_tables([one.select([*what, "observed_at"]) for one in (heard, told)])
    grouped = both.group_by(what, use_threads=False).aggregate([("observed_at", "min"), ("observed_at", "max")])
    grouped = grouped.rename_columns([*what, "first_at", "last_at"])
    flags = pa.array([vessels.flag(mmsi) for mmsi in grouped.column("mmsi").to_pylist()], pa.string())
    imo = grouped.column("imo").to_pylist()
    valid = pa.array([None if one is None else vessels.is_imo(one) for one in imo], pa.bool_())
    return contracts.conform(
        grouped.append_column("flag", flags).append_column("is_imo_valid", valid), "identity_claims"
    )
