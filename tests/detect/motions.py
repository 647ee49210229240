"""
Motion for tests: tracks made leg by leg, put together to the table that detectors read, and cut at midnight.

Times are seconds since 1970 (UTC). A radar that lost a track for more than half an hour gives it a new number, so a radar
track with such a hole is not made here.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import carry, contracts, events
from pipeline.carry import Carried
from pipeline.detect.contract import Scene
from pipeline.geo import bearing_deg, distance_nm
from pipeline.sea import Sea
from pipeline.tracks import RADAR_BREAK_S
from pipeline.units import SECONDS_PER_HOUR

Point = tuple[float, float]  # lon, lat
Leg = tuple[Point | None, float]  # sail there at so many knots; None: stay for so many seconds

AIS, RADAR = "ais", "radar"
PAUSES = {AIS: 900.0, RADAR: 900.0, "harbour": 900.0, "noaa_marinecadastre": 300.0, "coastal_radar": 900.0}
Usual = Mapping[tuple[str, int], float]


def at(day: str, clock: str = "00:00") -> float:
    """Seconds since 1970 of a UTC day and clock."""
    return datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp()


def voyage(
    begins_s: float, start: Point, *legs: Leg, every_s: float = 60.0, silent: Sequence[tuple[float, float]] = ()
) -> dict[str, np.ndarray]:
    """Fixes along legs, one every so often from the beginning on, but none in the silences [from, until)."""
    nodes_s, points, speed, course = [begins_s], [start], [], []
    for to, how in legs:
        (lon, lat), end = points[-1], to or points[-1]
        duration_s = how if to is None else float(distance_nm(lat, lon, end[1], end[0])) / how * SECONDS_PER_HOUR
        nodes_s.append(nodes_s[-1] + duration_s)
        points.append(end)
        speed.append(0.1 if to is None else how)
        course.append(np.nan if to is None else float(bearing_deg(lat, lon, end[1], end[0])))
    time = np.arange(nodes_s[0], nodes_s[-1], every_s)
    for from_s, until_s in silent:
        time = time[(time < from_s) | (time >= until_s)]
    leg = np.clip(np.searchsorted(nodes_s, time, side="right") - 1, 0, len(legs) - 1)
    lon, lat = (np.interp(time, nodes_s, [point[axis] for point in points]) for axis in (0, 1))
    return {"time": time, "lon": lon, "lat": lat, "sog_kn": np.array(speed)[leg], "cog_deg": np.array(course)[leg]}


def ais(mmsi: str, fixes: Mapping[str, np.ndarray], source_id: str | list[str] = AIS, **claims: Any) -> pa.Table:
    """The track of an AIS transmitter; claims are nav_status, transceiver, ship_type, length_m."""
    return table(
        f"mmsi:{mmsi}.1", fixes, mmsi=mmsi, vessel_id=f"mmsi:{mmsi}", source_id=source_id, has_ais_nearby=True, **claims
    )


def radar(number: int, fixes: Mapping[str, np.ndarray], *, echo: bool = False, **claims: Any) -> pa.Table:
    """A radar track; `echo`: an AIS vessel is at its place all the time."""
    track_id = f"radar:R:{number}:{datetime.fromtimestamp(fixes['time'][0], UTC):%Y%m%d}.1"
    assert (np.diff(fixes["time"]) <= RADAR_BREAK_S).all(), "a radar gives it a new number"
    return table(track_id, fixes, vessel_id=track_id, source_id=RADAR, has_ais_nearby=echo, **claims)


def fixes(*rows: Sequence[float]) -> dict[str, np.ndarray]:
    """Fixes one by one: time, lon, lat, sog_kn, cog_deg."""
    return dict(zip(("time", "lon", "lat", "sog_kn", "cog_deg"), np.array(rows, dtype=np.float64).T, strict=True))


def table(track_id: str, fixes: Mapping[str, np.ndarray], **columns: Any) -> pa.Table:
    """Rows of motion for one track; a column is one value for all, or one for each fix."""
    n = len(fixes["time"])
    observed_at = pa.array(np.round(fixes["time"] * 1e6).astype(np.int64), contracts.TIMESTAMP)
    columns = {
        "track_id": track_id,
        "mmsi": None,
        "nav_status": None,
        "transceiver": None,
        "ship_type": None,
        "length_m": None,
        **columns,
    }
    data: dict[str, Any] = {
        name: value if isinstance(value, (list, np.ndarray)) else [value] * n for name, value in columns.items()
    }
    data |= {"observed_at": observed_at, "track_first_at": pa.repeat(observed_at[0], n)}
    data |= {"lon": fixes["lon"], "lat": fixes["lat"]}
    data |= {name: pa.array(fixes[name], pa.float32(), from_pandas=True) for name in ("sog_kn", "cog_deg")}
    schema = contracts.load("motion").schema
    return pa.table([pa.array(data[field.name], field.type) for field in schema], schema=schema)


def together(*tracks: pa.Table) -> pa.Table:
    """All tracks as one conforming table of motion."""
    return contracts.conform(pa.concat_tables([contracts.load("motion").empty(), *tracks]), "motion")


def later(motion: pa.Table, by_s: float) -> pa.Table:
    """The same motion at another time of the day: every instant moved."""
    delta = pa.scalar(round(by_s * 1e6), pa.duration("us"))
    for name in ("observed_at", "track_first_at"):
        column = pc.add(motion.column(name), delta)
        motion = motion.set_column(motion.column_names.index(name), motion.schema.field(name), column)
    return motion


def days(motion: pa.Table) -> list[str]:
    """All UTC days from the first to the last fix."""
    if not motion.num_rows:
        return []
    first, last = (
        np.datetime64(bound.as_py().replace(tzinfo=None), "D")
        for bound in pc.min_max(motion.column("observed_at")).values()
    )
    return [str(day) for day in np.arange(first, last + 1)]


def scene(motion: pa.Table, sea: Sea, pauses: Mapping[str, float] = PAUSES, usual: Usual | None = None) -> Scene:
    """One scene of all motion, with nothing carried in."""
    return events.scene_of(motion, Carried(), pauses, usual or {}, sea)


def in_one(motion: pa.Table, sea: Sea, usual: Usual | None = None) -> dict[str, dict[str, Any]]:
    """Events by id of one scene over all days."""
    found, _ = events.detect(scene(motion, sea, usual=usual), Carried(), (days(motion) or ["2026-01-01"])[-1])
    return by_id(found)


def day_by_day(
    motion: pa.Table, sea: Sea, usual: Usual | None = None, state: Path | None = None
) -> dict[str, dict[str, Any]]:
    """
    Events by id as the latest day said of each, each day resting on what the day before left: as `pipeline.run.one_day` does. With a
    folder `state`, what a day leaves goes through files.
    """
    carried, said = Carried(), {}
    day_of = pc.strftime(motion.column("observed_at"), "%Y-%m-%d")
    for day in days(motion):
        today = motion.filter(pc.equal(day_of, day))
        joined = pa.concat_tables([carried.motion.cast(today.schema), today])
        found, carried = events.detect(events.scene_of(joined, carried, PAUSES, usual or {}, sea), carried, day)
        if state is not None:
            carried = carry.load(state, carry.save(state, carried))
        said.update(by_id(found))
    return said


def by_id(found: pa.Table) -> dict[str, dict[str, Any]]:
    """Events as records, by id."""
    return {row["event_id"]: row for row in found.to_pylist()}


def differences(one: Mapping[str, Mapping[str, Any]], other: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is not the same in two sets of events, one line each."""
    lines = []
    for name in sorted({*one, *other}):
        here, there = one.get(name), other.get(name)
        if here is None or there is None:
            lines.append(f"{name} only {'there' if here is None else 'here'}: {what(here or there or {})}")
            continue
        changed = {column: (here[column], there[column]) for column in here if here[column] != there[column]}
        if changed:
            lines.append(f"{name} {what(here)}: {changed}")
    return lines


def what(event: Mapping[str, Any]) -> str:
    """An event in short."""
    return f"{event['event_type']} {event['phase'] or ''} {event['state']} {event['track_id']} {event['started_at']}"
