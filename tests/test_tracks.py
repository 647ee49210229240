"""Tracks: positions of one transmitter, against an oracle in plain Python, at each boundary, in any order, day by day."""

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import carry, contracts, run, store, tracks
from pipeline.config import Home

DAY = datetime(2026, 5, 14, tzinfo=UTC)
DAY_S = 86_400.0
NO_MOTION = contracts.load("motion").empty()
NM = 1 / 60  # of latitude, in degrees


def report(at_s: float, lat: float, lon: float = 0.0, mmsi: str = "237123456", **more: Any) -> dict[str, Any]:
    """A report of an AIS vessel of class A, so many seconds after the day began."""
    fixed = {"source_id": "ais", "file_sha256": "f", "transceiver": "A", "mmsi": mmsi, "vessel_key": f"mmsi:{mmsi}"}
    return {
        **fixed,
        "item": 1,
        "n_records": 1,
        "observed_at": DAY + timedelta(seconds=at_s),
        "lat": lat,
        "lon": lon,
        **more,
    }


def echo(at_s: float, lat: float, lon: float = 0.0, number: object = 7, **more: Any) -> dict[str, Any]:
    """A report of a radar's track."""
    radar = {"source_id": "radar", "mmsi": None, "transceiver": None, "vessel_key": f"radar:r:{number}"}
    return report(at_s, lat, lon, **{**radar, **more})


def saying(at_s: float, mmsi: str = "237123456", **more: Any) -> dict[str, Any]:
    """What an AIS vessel says of itself without a position."""
    fixed = {"source_id": "ais", "file_sha256": "f", "mmsi": mmsi, "vessel_key": f"mmsi:{mmsi}"}
    return {**fixed, "item": 1, "n_records": 1, "observed_at": DAY + timedelta(seconds=at_s), **more}


def table(records: list[dict[str, Any]], name: str = "reports") -> pa.Table:
    """Reports, numbered in this order."""
    numbered = [{"line": line, **record} for line, record in enumerate(records, start=2)]
    return pa.Table.from_pylist(numbered, schema=contracts.load(name).schema)


def split(
    records: list[dict[str, Any]],
    carried: pa.Table = NO_MOTION,
    said: list[dict[str, Any]] | None = None,
    most_an_hour: dict[str, int] | None = None,
) -> tracks.Tracked:
    """The tracks of these reports, each of which is in one of four tables with its source and time."""
    found = tracks.make(table(records), carried, table(said or [], "static_reports"), most_an_hour)
    kept = (found.positions, found.impossible, found.repeated, found.surplus)
    assert found.n_reports == len(records) == sum(part.num_rows for part in kept)
    heard = Counter((record["source_id"], record["observed_at"]) for record in records)
    assert Counter((row["source_id"], row["observed_at"]) for part in kept for row in part.to_pylist()) == heard
    assert found.repeated.column_names == found.surplus.column_names == tracks.HEARD
    return found


def ids(found: tracks.Tracked) -> list[str]:
    """The track of each position, in order of time."""
    rows = sorted(found.positions.to_pylist(), key=lambda row: (row["observed_at"], row["track_id"]))
    return [row["track_id"] for row in rows]


def next_day(found: tracks.Tracked, day: int = 1, keep_s: float = 0.0) -> pa.Table:
    """What a day leaves to the next one."""
    end_s = (DAY + timedelta(days=day)).timestamp()
    return tracks.tail(found.motion, end_s, np.full(found.motion.num_rows, keep_s))


def names_of(track_ids: list[str]) -> list[str]:
    """The ids without their common stem."""
    return [track_id.rsplit(":", 1)[-1].removeprefix("237123456") for track_id in track_ids]


# One transmitter ------------------------------------------------------------------------------------------------------


def test_no_reports_make_no_tracks() -> None:
    found = split([])
    tables = (found.positions, found.motion, found.tracks, found.identity_claims, found.impossible)
    assert [part.num_rows for part in (*tables, found.repeated, found.surplus)] == [0] * 7


def test_a_day_without_reports_leaves_what_was_carried() -> None:
    before = split([report(80_000, 39.0), report(80_060, 39.001)])
    carried = next_day(before)
    assert split([], carried).motion.equals(carried)
    assert split([], carried).tracks.num_rows == 0


@pytest.mark.parametrize(
    ("craft", "cap_kn"),
    [
        ({}, 30.0),
        ({"ship_type": 70}, 30.0),
        ({"transceiver": "B"}, 30.0),
        ({"ship_type": 35}, 30.0),
        ({"ship_type": 36}, 60.0),
        ({"ship_type": 37}, 60.0),
        ({"ship_type": 38}, 30.0),
        ({"ship_type": 39}, 30.0),
        ({"ship_type": 40}, 60.0),
        ({"ship_type": 49}, 60.0),
        ({"ship_type": 50}, 30.0),
        ({"sog_kn": 20.0}, 30.0),
        ({"sog_kn": 40.0}, 52.0),  # 1.3 times what it reports
        ({"sog_kn": 50.0, "ship_type": 40}, 65.0),
        ({"mmsi": "111237001", "vessel_key": "mmsi:111237001"}, 250.0),
        ({"mmsi": None, "vessel_key": "radar:r:1"}, 60.0),
    ],
)
@pytest.mark.parametrize("off_nm", [-0.01, 0.01])
def test_speed_that_is_believed(craft: dict[str, Any], cap_kn: float, off_nm: float) -> None:
    """In ten minutes it may have come as far as its cap says and 0.1 nm of noise; a little farther is an impossible fix."""
    far = (cap_kn / 6 + 0.1 + off_nm) * NM
    found = split([report(0, 10.0, **craft), report(600, 10.0 + far, **craft), report(610, 10.0 + far, **craft)])
    assert found.impossible.column("line").to_pylist() == ([] if off_nm < 0 else [3])
    assert len(set(ids(found))) == 1, "the third fix can have come from the first"


@pytest.mark.parametrize(("implied_kn", "n_tracks"), [(29.0, 1), (31.0, 2)])
def test_a_class_a_ship_at_29_and_at_31_knots(implied_kn: float, n_tracks: int) -> None:
    fixes = [report(n * 3600, 10.0 + n * implied_kn * NM) for n in range(3)] + [
        report(7300, 10.0 + 2 * implied_kn * NM)
    ]
    assert len(set(ids(split(fixes)))) == n_tracks


def test_a_rigid_inflatable_that_reports_its_45_knots_is_one_track() -> None:
    fixes = [report(n * 60, 38.0 + 45.0 * n * 60 / 3600 * NM, sog_kn=45.0, transceiver="B") for n in range(180)]
    assert set(ids(split(fixes))) == {"mmsi:237123456.1"}
    silent = [{**fix, "sog_kn": None} for fix in fixes]
    assert len(ids(split(silent))) < len(fixes), (
        "without its own word for it, 45 kn are not believed of an unknown craft"
    )


def test_a_single_outlier_that_returns_is_impossible() -> None:
    fixes = [report(n * 60, 39.0 + n * 0.001, 26.0) for n in range(10)]
    fixes[5] = report(300, 43.0, 26.0)
    found = split(fixes)
    assert set(ids(found)) == {"mmsi:237123456.1"}
    assert found.impossible.column("line").to_pylist() == [7]


@pytest.mark.parametrize(("n_between", "n_tracks"), [(2, 2), (3, 1)])
def test_a_new_track_is_confirmed_by_one_of_the_next_three_fixes(n_between: int, n_tracks: int) -> None:
    """Two fixes of a second transmitter with so many of the first between them."""
    fixes = [report(n * 60, 39.0) for n in range(10)]
    fixes += [report(61, 45.0), report(61 + 60 * n_between, 45.0)]
    found = split(fixes)
    assert len(set(ids(found))) == n_tracks
    assert found.impossible.num_rows == (0 if n_tracks == 2 else 2)


def test_two_transmitters_with_one_mmsi_are_two_tracks_without_a_leap() -> None:
    rng = random.Random(1)
    fixes = []
    for at_s in range(0, 40_000, 60):
        fixes.append(report(at_s + rng.randrange(20), 38.0 + at_s * 1e-6, 24.0, sog_kn=12.0))
        fixes.append(report(at_s + 30 + rng.randrange(20), 35.0, 14.0 + at_s * 1e-6, sog_kn=11.0))
    found = split(fixes)
    assert Counter(ids(found)) == {"mmsi:237123456.1": 667, "mmsi:237123456.2": 667}
    assert found.impossible.num_rows == found.repeated.num_rows == 0
    assert found.tracks.column("vessel_id").to_pylist() == ["mmsi:237123456"] * 2
    assert max(implied_kn(found)) < 30.0


def implied_kn(found: tracks.Tracked) -> Iterator[float]:
    """The speed that each step of each track needs, less the noise."""
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(found.positions.to_pylist(), key=lambda row: row["observed_at"]):
        before = last.get(row["track_id"])
        if before:
            hours = (row["observed_at"] - before["observed_at"]).total_seconds() / 3600
            yield max(0.0, great_circle_nm(before, row) - 0.1) / hours
        last[row["track_id"]] = row


def great_circle_nm(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Distance on the sphere, by the haversine."""
    lat1, lat2 = math.radians(a["lat"]), math.radians(b["lat"])
    d_lon = math.radians(b["lon"] - a["lon"])
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(d_lon / 2) ** 2
    return 2 * math.degrees(math.asin(math.sqrt(h))) * 60


def test_the_antimeridian_is_no_leap() -> None:
    fixes = [report(n * 60, -17.0, (179.99 + n * 0.001 + 180) % 360 - 180) for n in range(20)]
    assert {row["lon"] > 0 for row in fixes} == {True, False}
    assert set(ids(split(fixes))) == {"mmsi:237123456.1"}


def test_many_transmitters_on_one_mmsi_end_at_32() -> None:
    fixes = [report(n * 600 + k, -60.0 + n * 3) for n in range(40) for k in (0, 60)]
    found = split(fixes)
    assert found.tracks.num_rows == tracks.MOST_TRANSMITTERS
    assert found.impossible.num_rows == 2 * (40 - tracks.MOST_TRANSMITTERS)


# Repeats --------------------------------------------------------------------------------------------------------------


def test_what_another_file_brought_again_is_stored_once() -> None:
    fixes = [report(n * 60, 39.0 + n * 0.001, file_sha256="b") for n in range(10)]
    again = [{**fix, "file_sha256": "a", "source_id": "other", "ship_name": "X"} for fix in fixes]
    found = split(fixes + again)
    assert (found.positions.num_rows, found.repeated.num_rows, found.impossible.num_rows) == (10, 10, 0)
    assert len(set(found.positions.column("source_id").to_pylist())) == 1


@pytest.mark.parametrize(
    ("apart_nm", "n_positions", "n_repeated", "n_impossible"), [(0.0, 2, 1, 0), (0.09, 2, 1, 0), (0.11, 2, 0, 1)]
)
def test_two_fixes_in_one_second(apart_nm: float, n_positions: int, n_repeated: int, n_impossible: int) -> None:
    found = split([report(0, 39.0), report(60, 39.0), report(60, 39.0 + apart_nm * NM)])
    assert (found.positions.num_rows, found.repeated.num_rows, found.impossible.num_rows) == (
        n_positions,
        n_repeated,
        n_impossible,
    )


def test_repeats_confirm_nothing_and_hide_nothing() -> None:
    """Two transmitters whose reports each of five files brings: the same tracks as from one file, and no fix called impossible."""
    fixes = []
    for n in range(20):
        fixes += [report(n * 60, 39.0), report(n * 60 + 30, 45.0)]
    once = split(fixes)
    five = split([{**fix, "file_sha256": f"f{k}"} for fix in fixes for k in range(5)])
    assert ids(five) == ids(once)
    assert (five.repeated.num_rows, five.impossible.num_rows) == (4 * len(fixes), 0)

    outlier = [report(n * 60, 39.0 if n != 5 else 45.0) for n in range(10)]
    found = split([{**fix, "file_sha256": f"f{k}"} for fix in outlier for k in range(5)])
    assert found.impossible.num_rows == 1, "one outlier, however often it was brought"


UNDER_WAY: dict[str, Any] = {"sog_kn": 12.0, "cog_deg": 90.0}


def heard_twice(first: dict[str, Any], second: dict[str, Any], apart_s: float = 4.0, off_deg: float = 0.0) -> int:
    """How many of two reports are one message, the second from another provider so many seconds later."""
    fixes = [report(0, 39.0, 26.0, **first), report(apart_s, 39.0, 26.0 + off_deg, source_id="other", **second)]
    found = split(fixes)
    assert found.impossible.num_rows == found.surplus.num_rows == 0
    assert len(set(ids(found))) == 1
    if found.repeated.num_rows:
        assert found.repeated.to_pylist() == [{name: fixes[1][name] for name in tracks.HEARD}]
    return int(found.repeated.num_rows)


def test_a_message_that_another_source_heard_some_seconds_later_is_stored_once() -> None:
    assert heard_twice(UNDER_WAY, UNDER_WAY) == 1
    assert heard_twice({"sog_kn": 12.0}, {"sog_kn": 12.0}) == 1, "nor does a course that is not stated differ"


@pytest.mark.parametrize(
    "changed",
    [{"sog_kn": 12.1}, {"sog_kn": None}, {"cog_deg": 90.1}, {"cog_deg": None}, {"sog_kn": 0.0, "cog_deg": None}],
)
def test_a_message_that_says_something_else_is_another(changed: dict[str, Any]) -> None:
    assert heard_twice(UNDER_WAY, {**UNDER_WAY, **changed}) == 0
    assert heard_twice({**UNDER_WAY, **changed}, UNDER_WAY) == 0


@pytest.mark.parametrize(
    ("sog_kn", "n_repeated"),
    [(None, 0), (0.0, 0), (float(np.nextafter(np.float32(1), np.float32(0))), 0), (1.0, 1), (1.1, 1), (30.0, 1)],
)
def test_from_one_knot_on_the_same_place_is_the_same_message(sog_kn: float | None, n_repeated: int) -> None:
    """A moored vessel says the same again and again, and is heard each time."""
    craft = {"sog_kn": sog_kn, "cog_deg": 90.0}
    assert heard_twice(craft, craft) == n_repeated


@pytest.mark.parametrize(
    ("off_deg", "n_repeated"), [(0.0, 1), (1.49e-5, 1), (1.51e-5, 0), (-1.49e-5, 1), (-1.51e-5, 0)]
)
@pytest.mark.parametrize("axis", ["lon", "lat"])
def test_two_providers_may_round_a_place_differently(off_deg: float, n_repeated: int, axis: str) -> None:
    place: dict[str, Any] = {"lat": 39.0, "lon": 26.0}
    found = split([report(0, **place, **UNDER_WAY), report(4, **{**place, axis: place[axis] + off_deg}, **UNDER_WAY)])
    assert found.repeated.num_rows == n_repeated


@pytest.mark.parametrize(("apart_s", "n_repeated"), [(0.1, 1), (599.9, 1), (600.0, 1), (600.1, 0), (3600.0, 0)])
def test_a_receiver_that_hangs_is_heard_after_ten_minutes(apart_s: float, n_repeated: int) -> None:
    assert heard_twice(UNDER_WAY, UNDER_WAY, apart_s) == n_repeated


def test_a_message_is_held_against_what_was_stored_and_not_against_its_repeats() -> None:
    """A craft that says the same for an hour is stored every ten minutes; each time the first report after them."""
    found = split([report(n * 90, 39.0, 26.0, **UNDER_WAY) for n in range(40)])
    kept = [(row["observed_at"] - DAY).total_seconds() for row in found.positions.to_pylist()]
    assert kept == [0, 630, 1260, 1890, 2520, 3150]


def test_a_moored_vessel_that_two_sources_hear_is_stored_as_often_as_it_is_heard() -> None:
    fixes = [
        report(n * 180 + k, 39.0, 26.0, source_id=f"s{k}", sog_kn=0.1, cog_deg=90.0) for n in range(9) for k in (0, 3)
    ]
    assert (split(fixes).positions.num_rows, split(fixes).repeated.num_rows) == (18, 0)


def test_the_same_message_is_not_looked_for_in_another_track() -> None:
    """Two transmitters under one MMSI in turn, and a vessel beside: nobody's report is taken for another's."""
    fixes = [report(n * 60 + k, 39.0 + k * 0.2, 26.0 + n * 0.004, **UNDER_WAY) for n in range(9) for k in (0, 30)]
    fixes += [report(n * 60, 39.0, 26.0 + n * 0.004, mmsi="237000009", **UNDER_WAY) for n in range(9)]
    assert split(fixes).repeated.num_rows == 0


def test_a_radar_says_what_it_sees_however_often() -> None:
    assert split([echo(n * 4, 39.0, 26.0, **UNDER_WAY) for n in range(5)]).repeated.num_rows == 0


def test_a_message_of_the_evening_before_is_not_stored_again_after_midnight() -> None:
    before = split([report(DAY_S - 2, 39.0, 26.0, **UNDER_WAY)])
    found = split([report(DAY_S + 2, 39.0, 26.0, source_id="other", **UNDER_WAY)], next_day(before))
    assert (found.positions.num_rows, found.repeated.num_rows) == (0, 1)


# Radar ----------------------------------------------------------------------------------------------------------------


def test_a_radar_track_is_a_vessel_without_identity() -> None:
    found = split([echo(0, 39.0), echo(30, 39.001)])
    row = found.positions.to_pylist()[0]
    assert (row["track_id"], row["vessel_id"], row["mmsi"]) == ("radar:r:7:20260514.1", "radar:r:7:20260514.1", None)
    assert found.identity_claims.num_rows == 0
    assert found.tracks.to_pylist()[0]["mmsi_kind"] is None


@pytest.mark.parametrize(("silent_s", "n_tracks"), [(1799, 1), (1800, 1), (1801, 2)])
def test_a_number_that_was_silent_for_half_an_hour_is_another_craft(silent_s: float, n_tracks: int) -> None:
    found = split([echo(0, 39.0), echo(60, 39.0), echo(60 + silent_s, 39.0), echo(120 + silent_s, 39.0)])
    assert len(set(ids(found))) == n_tracks
    assert found.impossible.num_rows == 0


def test_a_single_echo_under_a_number_given_again_is_kept() -> None:
    """A number's first echo is a vessel; so is the first one after its break, even when none follows."""
    found = split([echo(0, 39.0), echo(60, 39.0), echo(4000, 39.2)])
    assert names_of(ids(found)) == ["20260514.1", "20260514.1", "20260514.2"]


def test_a_number_can_be_given_again_all_day() -> None:
    fixes = [echo(n * 1900 + k, 39.0 + 0.1 * (n % 3)) for n in range(45) for k in (0, 30)]
    found = split([*fixes, echo(0, 39.0, number=8)])
    assert (found.tracks.num_rows, found.impossible.num_rows) == (46, 0)
    again = split([echo(DAY_S + 3600 + k, 39.0) for k in (0, 30)], next_day(found))
    assert ids(again) == ["radar:r:7:20260515.1"] * 2
    assert again.impossible.num_rows == 0


def test_two_radars_with_one_number_are_two_vessels() -> None:
    found = split([echo(0, 39.0), echo(10, 39.0, vessel_key="radar:other:7"), echo(20, 39.0)])
    assert sorted(set(ids(found))) == ["radar:other:7:20260514.1", "radar:r:7:20260514.1"]


@pytest.mark.parametrize(("silent_s", "track_id"), [(1700, "radar:r:7:20260514.1"), (1900, "radar:r:7:20260515.1")])
def test_a_radar_track_goes_on_over_midnight(silent_s: float, track_id: str) -> None:
    before = split([echo(DAY_S - 60, 39.0), echo(DAY_S - 10, 39.0)])
    after = split([echo(DAY_S - 10 + silent_s, 39.0)], next_day(before))
    assert ids(after) == [track_id]


# Ids of the provider's own ---------------------------------------------------------------------------------------------


def opaque(at_s: float, lat: float, lon: float = 0.0, name: str = "x", **more: Any) -> dict[str, Any]:
    """A report of a provider that does not tell MMSIs."""
    return report(at_s, lat, lon, **{"source_id": "src", "mmsi": None, "vessel_key": f"id:src:{name}", **more})


@pytest.mark.parametrize("name", ["x", "7", "x.1", "a:b.20260514.1", "radar:r:7"])
def test_an_opaque_id_is_one_track_over_days(name: str) -> None:
    """It keeps its name whatever that is made of, after half an hour's silence and after three days of it."""
    carried = NO_MOTION
    for day, times in enumerate([(0, 60, 4000), (DAY_S + 60,), (4 * DAY_S, 4 * DAY_S + 9000)]):
        found = split([opaque(at_s, 39.0, name=name) for at_s in times], carried)
        assert set(ids(found)) == {f"id:src:{name}.1"}
        assert set(found.positions.column("vessel_id").to_pylist()) == {f"id:src:{name}"}
        assert found.motion.column("track_first_at").to_pylist()[-1] == DAY
        carried = next_day(found, (1, 2, 5)[day])


def test_an_opaque_id_is_heard_by_ais_and_is_nobody() -> None:
    found = split([opaque(0, 39.0, 26.0, sog_kn=0.0, cog_deg=0.0, ship_name="ALPHA"), echo(60, 39.0, 26.0)])
    near_of = {row["track_id"]: row["has_ais_nearby"] for row in found.motion.to_pylist()}
    assert near_of == {"id:src:x.1": True, "radar:r:7:20260514.1": True}
    (track,) = (row for row in found.tracks.to_pylist() if row["track_id"].startswith("id:"))
    assert (track["mmsi"], track["mmsi_kind"], track["ais_share"]) == (None, None, 1.0)
    (claim,) = found.identity_claims.to_pylist()
    assert (claim["vessel_id"], claim["mmsi"], claim["flag"], claim["ship_name"]) == ("id:src:x", None, None, "ALPHA")


@pytest.mark.parametrize(("craft", "cap_kn"), [({}, 30.0), ({"ship_type": 40}, 60.0), ({"sog_kn": 40.0}, 52.0)])
@pytest.mark.parametrize("off_nm", [-0.01, 0.01])
def test_an_opaque_id_is_believed_as_fast_as_an_mmsi(craft: dict[str, Any], cap_kn: float, off_nm: float) -> None:
    far = (cap_kn / 6 + 0.1 + off_nm) * NM
    fixes = [opaque(0, 10.0, **craft), opaque(600, 10.0 + far, **craft), opaque(610, 10.0 + far, **craft)]
    assert split(fixes).impossible.column("line").to_pylist() == ([] if off_nm < 0 else [3])


@pytest.mark.parametrize("silent_s", [DAY_S + 1, 30 * DAY_S, 30 * DAY_S + 1])
def test_an_opaque_id_is_remembered_for_thirty_days(silent_s: float) -> None:
    left = tracks.tail(split([opaque(0, 39.0)]).motion, DAY.timestamp() + silent_s, np.zeros(1))
    assert left.num_rows == (1 if silent_s <= 30 * DAY_S else 0)


def test_two_providers_with_one_id_are_two_vessels() -> None:
    found = split([opaque(0, 39.0), opaque(10, 39.0, vessel_key="id:other:x", source_id="other"), opaque(20, 39.0)])
    assert sorted(Counter(ids(found)).items()) == [("id:other:x.1", 1), ("id:src:x.1", 2)]


# Day by day -----------------------------------------------------------------------------------------------------------


def test_carried_tracks_keep_their_names_and_new_ones_take_the_next() -> None:
    first = split(
        [report(DAY_S - 120, 39.0), report(DAY_S - 110, 45.0), report(DAY_S - 60, 39.0), report(DAY_S - 50, 45.0)]
    )
    assert names_of(ids(first)) == [".1", ".2", ".1", ".2"]
    later = [report(DAY_S + 60, 45.0), report(DAY_S + 70, 39.0), report(DAY_S + 80, -20.0), report(DAY_S + 90, -20.0)]
    second = split(later, next_day(first))
    assert names_of(ids(second)) == [".2", ".1", ".3", ".3"]
    rows = {row["track_id"]: row for row in second.motion.to_pylist()}
    assert rows["mmsi:237123456.2"]["track_first_at"] == DAY + timedelta(seconds=DAY_S - 110)
    assert rows["mmsi:237123456.3"]["track_first_at"] == DAY + timedelta(seconds=DAY_S + 80)


def test_claims_are_carried_along_a_track() -> None:
    first = split([report(0, 39.0, ship_type=70, length_m=90.0), report(DAY_S - 60, 39.0, transceiver=None)])
    second = split(
        [report(DAY_S + 60, 39.0, transceiver=None), report(DAY_S + 120, 39.0, length_m=91.0)], next_day(first)
    )
    motion = [row for row in second.motion.to_pylist() if row["observed_at"] >= DAY + timedelta(days=1)]
    assert [(row["transceiver"], row["ship_type"], row["length_m"]) for row in motion] == [
        ("A", 70, 90.0),
        ("A", 70, 91.0),
    ]
    assert second.tracks.to_pylist()[0]["ship_type"] == 70


def traffic(seed: int, day: int, n: int = 60) -> list[dict[str, Any]]:
    """A day of vessels that share MMSIs and radar numbers, leap, repeat themselves and fall silent."""
    rng = random.Random(seed * 1000 + day)
    places = [(38.0, 24.0), (38.05, 24.0), (41.0, 19.7), (38.0, 24.4), (-10.0, 179.99), (-10.0, -179.99)]
    fixes = []
    for _ in range(n):
        lat, lon = rng.choice(places)
        at_s = day * DAY_S + rng.choice([rng.randrange(600), rng.randrange(43_200), 86_000 + rng.randrange(400)])
        sog = rng.choice([None, 5.0, 45.0])
        make = rng.choice([report, report, echo])
        more: dict[str, Any] = {"sog_kn": sog, "file_sha256": rng.choice("fg"), "ship_type": rng.choice([None, 37, 70])}
        if make is echo:
            more = {**more, "number": rng.choice([7, 8]), "ship_type": None}
        else:
            more["mmsi"] = rng.choice(["237000001", "237000002", "111237000"])
            more["cog_deg"] = rng.choice([None, 90.0])
            if rng.random() < 0.2:
                more |= {"mmsi": None, "vessel_key": f"id:x:7.{rng.randrange(2)}"}
        fix = make(at_s, lat + rng.randrange(3) * 0.004, lon, **more)
        fixes += [fix] * rng.choice([1, 1, 1, 2])
    return fixes


@pytest.mark.parametrize("seed", range(8))
def test_days_in_a_row_are_what_a_later_run_of_the_last_gives(tmp_path: Path, seed: int) -> None:
    """The third day from what was saved after the second, in another order of its rows: the same in every table."""
    carried, third = NO_MOTION, None
    saved = ""
    for day in range(3):
        if day == 2:
            saved = carry.save(tmp_path, carry.Carried(motion=carried))
        third = split(traffic(seed, day), carried)
        carried = next_day(third, day + 1)
    shuffled = table(traffic(seed, 2))
    order = list(range(shuffled.num_rows))
    random.Random(seed).shuffle(order)
    again = tracks.make(shuffled.take(order), carry.load(tmp_path, saved).motion)
    assert third is not None
    same(third, again)


def same(one: tracks.Tracked, other: tracks.Tracked) -> None:
    """Equal in every table, to the byte where it is stored."""
    for name in ("positions", "motion", "tracks", "identity_claims", "impossible", "repeated", "surplus"):
        assert getattr(one, name).equals(getattr(other, name)), name
        assert store.parquet(getattr(one, name)) == store.parquet(getattr(other, name)), name


@given(seed=st.integers(0, 10**6), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter(seed: int, shuffle: random.Random) -> None:
    reports = table(traffic(seed, 0))
    order = list(range(reports.num_rows))
    shuffle.shuffle(order)
    pieces = pa.concat_tables([reports.take(order[:20]), reports.take(order[20:])])
    same(tracks.make(reports, NO_MOTION), tracks.make(pieces, NO_MOTION))


@pytest.mark.parametrize("seed", range(4))
def test_vessels_do_not_disturb_each_other(seed: int) -> None:
    """Each vessel alone gives the tracks that it has among the others; only a radar's match with AIS looks at others."""

    def of(found: tracks.Tracked, key: str) -> list[dict[str, Any]]:
        rows = found.motion.drop_columns("has_ais_nearby").to_pylist()
        return [row for row in rows if tracks_key(row["track_id"]) == key]

    fixes = traffic(seed, 0)
    whole = split(fixes)
    for key in sorted({fix["vessel_key"] for fix in fixes}):
        assert of(split([fix for fix in fixes if fix["vessel_key"] == key]), key) == of(whole, key) != []


def tracks_key(track_id: str) -> str:
    """What the provider calls the vessel of a track."""
    return track_id.rsplit(":", 1)[0] if track_id.startswith("radar:") else track_id.rsplit(".", 1)[0]


# The oracle -----------------------------------------------------------------------------------------------------------


@dataclass
class Going:
    """A track of the oracle: its fixes, the last one is where it was seen last."""

    fixes: list[dict[str, Any]] = field(default_factory=list)


def cap_kn(fix: dict[str, Any], *reported: float | None) -> float:
    """The speed that is believed of the craft of a fix."""
    fast = is_radar(fix) or fix.get("ship_type") in (36, 37, *range(40, 50))
    own = 250.0 if (fix["mmsi"] or "").startswith("111") else 60.0 if fast else 30.0
    return max(own, *(1.3 * (speed or 0.0) for speed in reported))


def is_radar(fix: dict[str, Any]) -> bool:
    """Whether a fix is a radar's."""
    return bool(fix["vessel_key"].startswith("radar:"))


def is_said_again(before: dict[str, Any], fix: dict[str, Any]) -> bool:
    """Whether the message of a craft under way was heard a second time, by another provider or from a receiver's memory."""
    return bool(
        not is_radar(fix)
        and (fix["sog_kn"] or 0.0) >= 1.0
        and (fix["sog_kn"], fix["cog_deg"]) == (before["sog_kn"], before["cog_deg"])
        and (fix["observed_at"] - before["observed_at"]).total_seconds() <= 600
        and max(abs(fix["lon"] - before["lon"]), abs(fix["lat"] - before["lat"])) <= 1.5e-5
    )


def reaches(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether the craft at `a` can have come to `b`."""
    hours = (b["observed_at"] - a["observed_at"]).total_seconds() / 3600
    return bool(great_circle_nm(a, b) <= 0.1 + hours * cap_kn(b, a.get("sog_kn"), b.get("sog_kn")))


def oracle(fixes: list[dict[str, Any]]) -> tuple[list[list[int]], list[int], int]:
    """Lines of each track in order of its beginning, lines of the impossible fixes, and how many repeat; of one vessel on one day."""
    distinct: dict[tuple[Any, ...], dict[str, Any]] = {}
    for fix in fixes:
        distinct.setdefault((fix["observed_at"], fix["lon"], fix["lat"]), fix)
    ordered = [distinct[key] for key in sorted(distinct)]
    every: list[Going] = []
    impossible = []
    for i, fix in enumerate(ordered):
        brk = timedelta(minutes=30) if is_radar(fix) else timedelta.max
        going = [track for track in every if fix["observed_at"] - track.fixes[-1]["observed_at"] <= brk]
        near = [track for track in going if reaches(track.fixes[-1], fix)]
        if near:
            nearest = min(near, key=lambda track: great_circle_nm(track.fixes[-1], fix))
            before = nearest.fixes[-1]
            if before["observed_at"] != fix["observed_at"] and not is_said_again(before, fix):
                nearest.fixes.append(fix)
            continue
        confirmed = any(
            later["observed_at"] > fix["observed_at"]
            and reaches(fix, later)
            and not any(
                reaches(track.fixes[-1], later)
                for track in going
                if later["observed_at"] - track.fixes[-1]["observed_at"] <= brk
            )
            for later in ordered[i + 1 : i + 4]
        )
        if confirmed or not going:
            every.append(Going([fix]))
        else:
            impossible.append(fix)
    lines = [[fix["line"] for fix in track.fixes] for track in every]
    return lines, [fix["line"] for fix in impossible], len(fixes) - sum(map(len, lines)) - len(impossible)


@pytest.mark.parametrize("seed", range(60))
def test_the_split_agrees_with_the_oracle(seed: int) -> None:
    numbered = table(traffic(seed, 0, n=100)).to_pylist()
    numbered.sort(
        key=lambda row: tuple(
            (row[c.name] is None, row[c.name] or 0) for c in contracts.load("reports").columns if c.name != "mmsi"
        )
    )
    found = tracks.make(pa.Table.from_pylist(numbered, schema=contracts.load("reports").schema), NO_MOTION)
    line_of = {
        (row["vessel_key"], row["observed_at"], row["lon"], row["lat"]): row["line"] for row in reversed(numbered)
    }
    ours: dict[str, list[int]] = {}
    for row in found.motion.to_pylist():
        key = tracks_key(row["track_id"])
        ours.setdefault(row["track_id"], []).append(line_of[key, row["observed_at"], row["lon"], row["lat"]])
    n_repeated, impossible = 0, []
    for key in sorted({row["vessel_key"] for row in numbered}):
        lines, bad, repeats = oracle([row for row in numbered if row["vessel_key"] == key])
        n_repeated += repeats
        impossible += bad
        names = [f"{key}{':20260514' if key.startswith('radar') else ''}.{n}" for n in range(1, len(lines) + 1)]
        assert {name: ours[name] for name in names} == dict(zip(names, lines, strict=True))
        assert sum(tracks_key(name) == key for name in ours) == len(lines)
    assert sorted(found.impossible.column("line").to_pylist()) == sorted(impossible)
    assert found.repeated.num_rows == n_repeated


def test_the_oracle_meets_every_case() -> None:
    """The traffic of the seeds above has shared MMSIs, leaps, repeats and numbers given again: else it would prove nothing."""
    found = [split(traffic(seed, 0, n=100)) for seed in range(60)]
    assert min(day.impossible.num_rows for day in found) > 0
    assert min(day.repeated.num_rows for day in found) > 0
    assert {track_id.split(":")[0] for day in found for track_id in ids(day)} == {"mmsi", "radar", "id"}
    numbers = [
        int(track_id.rsplit(".", 1)[1]) for day in found for track_id in day.tracks.column("track_id").to_pylist()
    ]
    assert max(numbers) > 5


# Radar against AIS ----------------------------------------------------------------------------------------------------


def near(fixes: list[dict[str, Any]], carried: pa.Table = NO_MOTION) -> list[bool]:
    """Whether an AIS vessel was at each radar fix of the day."""
    rows = split(fixes, carried).motion.to_pylist()
    begin = min(fix["observed_at"] for fix in fixes)
    return [row["has_ais_nearby"] for row in rows if row["mmsi"] is None and row["observed_at"] >= begin]


@pytest.mark.parametrize(("apart_nm", "found"), [(0.0, True), (0.299, True), (0.301, False)])
@pytest.mark.parametrize("bearing", ["north", "east"])
def test_matching_distance(apart_nm: float, found: bool, bearing: str) -> None:
    lat, lon = (
        (39.0 + apart_nm * NM, 26.0)
        if bearing == "north"
        else (39.0, 26.0 + apart_nm * NM / math.cos(math.radians(39.0)))
    )
    assert near([report(0, 39.0, 26.0, sog_kn=0.0, cog_deg=10.0), echo(60, lat, lon)]) == [found]


@pytest.mark.parametrize(("old_s", "found"), [(0, True), (599, True), (600, True), (601, False), (-1, False)])
def test_only_an_earlier_report_of_the_last_ten_minutes_counts(old_s: float, found: bool) -> None:
    """Not a later one: what comes in tomorrow changes nothing today."""
    assert near([report(1000, 39.0, 26.0, sog_kn=0.0, cog_deg=10.0), echo(1000 + old_s, 39.0, 26.0)]) == [found]


@pytest.mark.parametrize(
    ("ahead_nm", "found"), [(1.0, True), (1.29, True), (1.31, False), (0.71, True), (0.69, False), (0.0, False)]
)
def test_a_ship_is_where_it_would_be_by_now(ahead_nm: float, found: bool) -> None:
    """12 kn eastward for five minutes is one mile."""
    lon = 26.0 + ahead_nm * NM / math.cos(math.radians(39.0))
    assert near([report(0, 39.0, 26.0, sog_kn=12.0, cog_deg=90.0), echo(300, 39.0, lon)]) == [found]


@pytest.mark.parametrize("unknown", [{"sog_kn": None, "cog_deg": 90.0}, {"sog_kn": 12.0, "cog_deg": None}])
def test_without_speed_or_course_a_ship_is_taken_where_it_was(unknown: dict[str, Any]) -> None:
    assert near([report(0, 39.0, 26.0, **unknown), echo(300, 39.0, 26.0)]) == [True]
    assert near([report(0, 39.0, 26.0, **unknown), echo(300, 39.0 + NM, 26.0)]) == [False]


def test_a_ship_of_the_evening_before_counts_after_midnight() -> None:
    evening = split([report(DAY_S - 120, 39.0, 26.0, sog_kn=0.0, cog_deg=0.0)])
    assert near([echo(DAY_S + 60, 39.0, 26.0)], next_day(evening)) == [True]


def test_one_of_many_ships_is_enough_and_ais_is_near_itself() -> None:
    ships = [report(n, 30.0 + n, 26.0, mmsi=f"23700000{n}", sog_kn=0.0, cog_deg=0.0) for n in range(9)]
    found = split([*ships, echo(60, 34.0, 26.0), echo(61, 34.5, 26.0, number=8)])
    near_of = {row["track_id"]: row["has_ais_nearby"] for row in found.motion.to_pylist()}
    assert near_of.pop("radar:r:8:20260514.1") is False
    assert set(near_of.values()) == {True}
    assert {row["track_id"]: row["ais_share"] for row in found.tracks.to_pylist()}["radar:r:8:20260514.1"] == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_matching_agrees_with_all_pairs(seed: int) -> None:
    rng = random.Random(seed)
    ships = [
        report(
            rng.randrange(3600),
            38 + rng.random() / 16,
            26 + rng.random() / 16,
            mmsi=f"2370{n:05}",
            sog_kn=rng.choice([0.0, 10.0, 20.0]),
            cog_deg=rng.uniform(0, 359),
        )
        for n in range(60)
    ]
    echoes = [echo(rng.randrange(3600), 38 + rng.random() / 16, 26 + rng.random() / 16, number=n) for n in range(60)]
    found = {row["track_id"]: row["has_ais_nearby"] for row in split(ships + echoes).motion.to_pylist()}
    some = []
    for n, seen in enumerate(echoes):
        expected = False
        for ship in ships:
            age_s = (seen["observed_at"] - ship["observed_at"]).total_seconds()
            sailed = ship["sog_kn"] * age_s / 3600 * NM
            lat = ship["lat"] + sailed * math.cos(math.radians(ship["cog_deg"]))
            lon = ship["lon"] + sailed * math.sin(math.radians(ship["cog_deg"])) / math.cos(math.radians(ship["lat"]))
            expected |= 0 <= age_s <= 600 and great_circle_nm(seen, {"lat": lat, "lon": lon}) <= 0.3
        some.append(expected)
        assert found[f"radar:r:{n}:20260514.1"] == expected
    assert 5 < sum(some) < 55


# The tail -------------------------------------------------------------------------------------------------------------


@given(
    ages=st.lists(
        st.lists(
            st.integers(1, 200_000) | st.sampled_from([7200, 7201, 60_000, 60_003]),
            min_size=1,
            max_size=30,
            unique=True,
        ),
        min_size=1,
        max_size=4,
    ),
    keep=st.sampled_from([0.0, 3600.0, 60_000.0]),
    radar=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_the_tail_is_the_end_of_each_track_without_holes(ages: list[list[int]], keep: float, radar: bool) -> None:
    """Against the words of the docstring, row by row."""
    end = DAY + timedelta(days=1)
    records, keep_s = [], []
    stem = "radar:r" if radar else "id:x"
    for track, when in enumerate(ages):
        for age_s in sorted(when, reverse=True):
            asked = keep if age_s % 3 == 0 else 0.0
            track_id = f"{stem}:{track}"
            name = {"track_id": track_id, "vessel_id": track_id, "source_id": "s", "mmsi": None}
            at = end - timedelta(seconds=age_s)
            records.append(
                {**name, "observed_at": at, "track_first_at": at, "lon": 0.0, "lat": 0.0, "has_ais_nearby": False}
            )
            keep_s.append(asked)
    motion = contracts.rows("motion", records)
    kept = tracks.tail(motion, end.timestamp(), np.array(keep_s)).to_pylist()
    expected = []
    for track, when in enumerate(ages):
        order = sorted(when)
        reach = max([7200.0, *(keep for age_s in when if age_s % 3 == 0 and age_s <= keep)])
        known = order[0] <= (86_400 if radar else 30 * 86_400)
        expected += [
            (f"{stem}:{track}", age_s) for n, age_s in enumerate(order) if age_s <= reach or (n < 16 and known)
        ]
    found = [(row["track_id"], round((end - row["observed_at"]).total_seconds())) for row in kept]
    assert sorted(found) == sorted(expected)
    for track, when in enumerate(ages):
        mine = sorted(age_s for name, age_s in found if name == f"{stem}:{track}")
        assert mine == sorted(when)[: len(mine)], "a hole"


@pytest.mark.parametrize(("mmsi", "silent_s"), [("237123456", 30 * DAY_S), (None, DAY_S)])
def test_a_silent_track_is_forgotten(mmsi: str | None, silent_s: float) -> None:
    found = split([report(0, 39.0)] if mmsi else [echo(0, 39.0)])
    keep = np.zeros(1)
    begin = DAY.timestamp()
    assert tracks.tail(found.motion, begin + silent_s, keep).num_rows == 1
    assert tracks.tail(found.motion, begin + silent_s + 1, keep).num_rows == 0


@pytest.mark.parametrize(("asked_s", "kept"), [(49_999.0, False), (50_000.0, True), (50_001.0, True)])
def test_a_corridor_keeps_what_is_as_old_as_it_asks(asked_s: float, kept: bool) -> None:
    """Twenty fixes are carried anyway; the one of 50,000 s before the end only when it asks for that long."""
    found = split(
        [report(DAY_S - 50_001, 39.0), report(DAY_S - 50_000, 39.0), *(report(DAY_S - 20 + n, 39.0) for n in range(20))]
    )
    left = tracks.tail(found.motion, DAY.timestamp() + DAY_S, np.array([0.0, asked_s] + [0.0] * 20))
    assert left.num_rows == 20 + (1 if kept else 0) + (1 if asked_s > 50_000 else 0)


def test_an_empty_tail() -> None:
    assert tracks.tail(NO_MOTION, 0.0, np.zeros(0)).num_rows == 0


# Sums and claims ------------------------------------------------------------------------------------------------------


def test_a_track_is_summed_up_over_its_own_day() -> None:
    before = split([report(DAY_S - 60, 39.0, sog_kn=29.0)])
    later = [
        report(DAY_S + 0, 39.0, sog_kn=10.0, ship_type=70, source_id="b"),
        report(DAY_S + 3600, 39.0 + 10 * NM, sog_kn=None, length_m=120.0, source_id="a"),
        report(DAY_S + 7200, 39.0 + 10 * NM, sog_kn=12.5, source_id="a"),
    ]
    (row,) = split(later, next_day(before)).tracks.to_pylist()
    assert row.pop("distance_nm") == pytest.approx(10.0, rel=2e-3)
    assert row == {
        "track_id": "mmsi:237123456.1",
        "vessel_id": "mmsi:237123456",
        "mmsi": "237123456",
        "mmsi_kind": "ship",
        "source_ids": ["a", "b"],
        "first_at": DAY + timedelta(days=1),
        "last_at": DAY + timedelta(days=1, hours=2),
        "n_positions": 3,
        "max_sog_kn": 12.5,
        "transceiver": "A",
        "ship_type": 70,
        "length_m": 120.0,
        "ais_share": 1.0,
    }


def test_a_speed_that_was_never_reported_is_null() -> None:
    assert split([report(0, 39.0)]).tracks.to_pylist()[0]["max_sog_kn"] is None


def test_each_claim_is_a_row() -> None:
    fixes = [
        report(0, 39.0, ship_name="ALPHA", imo="9074729", length_m=90.0),
        report(60, 39.0, ship_name="ALPHA", imo="9074729", length_m=90.0),
        report(120, 39.0, ship_name="BRAVO", imo="9074729", length_m=90.0),
        report(180, 39.0, ship_name="ALPHA", imo="9074729", length_m=90.0),
        report(200, 39.0),
        echo(0, 38.0, length_m=9.0),
    ]
    said = split(fixes).identity_claims.to_pylist()
    assert [(row["ship_name"], row["first_at"], row["last_at"], row["flag"]) for row in said] == [
        ("ALPHA", DAY, DAY + timedelta(seconds=180), "GRC"),
        ("BRAVO", DAY + timedelta(seconds=120), DAY + timedelta(seconds=120), "GRC"),
        (None, DAY + timedelta(seconds=200), DAY + timedelta(seconds=200), "GRC"),
    ]


@pytest.mark.parametrize(
    ("imo", "is_valid"), [("9074729", True), ("9074728", False), ("907472", False), ("0000000", False), (None, None)]
)
def test_a_claimed_imo_number_is_kept_and_its_check_digit_told(imo: str | None, is_valid: bool | None) -> None:
    (said,) = split([report(0, 39.0, imo=imo)]).identity_claims.to_pylist()
    assert (said["imo"], said["is_imo_valid"]) == (imo, is_valid)


# What vessels say without a position ----------------------------------------------------------------------------------

SAID: dict[str, Any] = {
    "imo": "9074729",
    "ship_name": "ALPHA",
    "call_sign": "SVAB",
    "ship_type": 70,
    "length_m": 90.0,
    "draught_m": 5.5,
}


def joined(fixes: list[dict[str, Any]], said: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """What is known of its vessel at each report, in order of time."""
    reports = contracts.in_order(table(fixes), ["vessel_key", "observed_at"])
    found = tracks.with_claims(reports, table(said, "static_reports"))
    assert found.drop_columns(tracks.CLAIMS).equals(reports.drop_columns(tracks.CLAIMS))
    return [tuple(row[name] for name in names) for row in found.to_pylist()]


def claimed(found: tracks.Tracked, *names: str) -> set[tuple[Any, ...]]:
    """The day's different claims."""
    return {tuple(row[name] for name in names) for row in found.identity_claims.to_pylist()}


def test_what_a_vessel_said_last_is_joined_to_its_later_positions() -> None:
    fixes = [report(n * 60, 39.0) for n in range(4)]
    nothing, everything = (None,) * 6, tuple(SAID.values())
    assert joined(fixes, [saying(90, **SAID)], *SAID) == [nothing, nothing, everything, everything]
    found = split(fixes, said=[saying(90, **SAID)])
    assert claimed(found, *SAID) == {nothing, everything}
    motion = found.motion.select(["ship_type", "length_m"]).to_pylist()
    assert [tuple(row.values()) for row in motion] == [(None, None), (None, None), (70, 90.0), (70, 90.0)]


@pytest.mark.parametrize(("said_s", "name"), [(59.9, "ALPHA"), (60.0, "ALPHA"), (60.1, None)])
def test_what_is_said_in_the_same_instant_counts_and_later_words_do_not(said_s: float, name: str | None) -> None:
    assert joined([report(60, 39.0)], [saying(said_s, **SAID)], "ship_name") == [(name,)]


def test_a_later_word_takes_the_place_of_the_former_column_by_column() -> None:
    """Parts A and B of message 24 come apart, and each leaves what the other said."""
    said = [saying(10, ship_name="ALPHA"), saying(70, call_sign="SVAB", ship_type=37), saying(130, ship_name="BRAVO")]
    assert joined([report(n * 60, 39.0) for n in range(4)], said, "ship_name", "call_sign", "ship_type") == [
        (None, None, None),
        ("ALPHA", None, None),
        ("ALPHA", "SVAB", 37),
        ("BRAVO", "SVAB", 37),
    ]


def test_what_a_position_itself_says_is_not_overwritten() -> None:
    fix = report(60, 39.0, ship_name="BRAVO", draught_m=4.0)
    assert joined([fix], [saying(0, **SAID)], "ship_name", "call_sign", "draught_m") == [("BRAVO", "SVAB", 4.0)]


@pytest.mark.parametrize(
    "other",
    [
        {"mmsi": "237000009", "vessel_key": "mmsi:237000009"},  # another vessel
        {"source_id": "other"},  # another source
    ],
)
def test_words_are_joined_within_one_vessel_and_one_source(other: dict[str, Any]) -> None:
    alone = split([report(60, 39.0), report(120, 39.0)])
    found = split([report(60, 39.0), report(120, 39.0)], said=[saying(0, **{**SAID, **other})])
    assert found.positions.equals(alone.positions)
    assert found.motion.equals(alone.motion)
    assert found.tracks.equals(alone.tracks)


def test_what_one_vessel_says_changes_nothing_of_what_another_said() -> None:
    """Of a vessel whose provider states its name in some of its positions, whatever another one says that day."""
    fixes = [report(0, 39.0, ship_name="ALPHA", ship_type=70), report(60, 39.0), report(120, 39.0, call_sign="SVAB")]

    def of(found: tracks.Tracked) -> list[dict[str, Any]]:
        return [row for row in found.identity_claims.to_pylist() if row["mmsi"] == "237123456"]

    assert of(split(fixes, said=[saying(0, "237000009", **SAID)])) == of(split(fixes))


def test_a_vessel_that_is_heard_without_a_position_is_in_the_claims() -> None:
    found = split([report(0, 39.0)], said=[saying(10, "237000009", **SAID), saying(20, "237000009", **SAID)])
    (row,) = (row for row in found.identity_claims.to_pylist() if row["mmsi"] == "237000009")
    assert {name: row[name] for name in SAID} == SAID
    assert (row["vessel_id"], row["flag"], row["is_imo_valid"]) == ("mmsi:237000009", "GRC", True)
    assert (row["first_at"], row["last_at"]) == (DAY + timedelta(seconds=10), DAY + timedelta(seconds=20))
    assert set(ids(found)) == {"mmsi:237123456.1"}


def test_a_word_after_the_last_position_of_the_day_is_in_the_claims() -> None:
    found = split([report(0, 39.0)], said=[saying(60, **SAID)])
    assert ("ALPHA", 70) in claimed(found, "ship_name", "ship_type")


def test_words_of_a_day_without_positions() -> None:
    found = split([], said=[saying(10, **SAID)])
    assert claimed(found, "ship_name") == {("ALPHA",)}
    assert found.tracks.num_rows == 0


def test_words_end_with_the_day_and_a_track_remembers_them() -> None:
    first = split([report(DAY_S - 60, 39.0)], said=[saying(0, **SAID)])
    second = split([report(DAY_S + 60, 39.0)], next_day(first))
    assert claimed(second, "ship_name") == {(None,)}
    last = second.motion.to_pylist()[-1]
    assert (last["observed_at"].day, last["ship_type"], last["length_m"]) == (15, 70, 90.0)


def test_a_ship_that_says_it_is_fast_is_believed_from_then_on() -> None:
    """Forty knots over ten minutes: of an unknown craft it is no single track, of a high-speed craft it is."""
    fixes = [report(n * 600, 39.0 + n * 40 / 6 * NM) for n in range(6)]
    assert set(ids(split(fixes, said=[saying(0, ship_type=40)]))) == {"mmsi:237123456.1"}
    assert split(fixes).impossible.num_rows > 0


def wordy(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Positions and words of three vessels that two sources hear, many in one instant, some of them partial."""
    rng = random.Random(seed)

    def words() -> dict[str, Any]:
        return {
            "ship_name": rng.choice([None, "ALPHA", "BRAVO"]),
            "ship_type": rng.choice([None, 37, 70]),
            "draught_m": rng.choice([None, 4.5, 5.5]),
        }

    who = [f"23700000{n}" for n in range(3)]
    said = [saying(rng.randrange(60), rng.choice(who), source_id=rng.choice("ab"), **words()) for _ in range(40)]
    silent: dict[str, Any] = {"ship_name": None, "ship_type": None, "draught_m": None}
    fixes = [
        report(
            rng.randrange(60), 39.0 + rng.random() / 1000, mmsi=rng.choice(who), source_id=rng.choice("ab"), **silent
        )
        for _ in range(40)
    ]
    return fixes, said


@given(seed=st.integers(0, 10**6), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_words_does_not_matter(seed: int, shuffle: random.Random) -> None:
    fixes, said = wordy(seed)
    reports, words = table(fixes), table(said, "static_reports")
    mixed = []
    for one in (reports, words):
        order = list(range(one.num_rows))
        shuffle.shuffle(order)
        mixed.append(pa.concat_tables([one.take(order[:9]), one.take(order[9:])]))
    same(tracks.make(reports, NO_MOTION, words), tracks.make(mixed[0], NO_MOTION, mixed[1]))


@pytest.mark.parametrize("seed", range(20))
def test_joined_words_agree_with_plain_python(seed: int) -> None:
    """Of a later word each stated column counts; of several in one instant the greatest, null last as nothing stated."""
    fixes, said = wordy(seed)
    names = ("ship_name", "ship_type", "draught_m")
    said.sort(key=lambda row: (row["observed_at"], [(row[name] is None, row[name] or 0) for name in names]))
    reports = contracts.in_order(table(fixes), ["vessel_key", "observed_at", "lat"])
    found = tracks.with_claims(reports, table(said, "static_reports"))
    assert found.drop_columns(names).equals(reports.drop_columns(names))
    for row in found.to_pylist():
        heard = [
            word
            for word in said
            if (word["vessel_key"], word["source_id"]) == (row["vessel_key"], row["source_id"])
            and word["observed_at"] <= row["observed_at"]
        ]
        for name in names:
            expected = [word[name] for word in heard if word[name] is not None]
            assert row[name] == (expected[-1] if expected else None), name


# Floods ---------------------------------------------------------------------------------------------------------------


def swarm(n: int, at_s: float = 0.0, over_s: float = 3600.0, **more: Any) -> list[dict[str, Any]]:
    """So many reports of one vessel at different places and times."""
    return [report(at_s + i * over_s / n, 39.0 + 1e-6 * i, 26.0, **more) for i in range(n)]


def surplus_of(found: tracks.Tracked) -> int:
    """How many reports a flood brought beyond measure."""
    return int(found.surplus.num_rows)


@pytest.mark.parametrize(("n", "is_flood"), [(7199, False), (7200, False), (7201, True)])
def test_a_vessel_is_a_flood_when_it_is_heard_more_than_7200_times_an_hour(n: int, is_flood: bool) -> None:
    found = split(swarm(n))
    assert surplus_of(found) == (n - 1800 if is_flood else 0)
    assert found.impossible.num_rows == 0


def test_of_a_flood_the_first_report_of_every_two_seconds_is_kept() -> None:
    found = split(swarm(9000, over_s=3600.0))
    kept = sorted((row["observed_at"] - DAY).total_seconds() for row in found.positions.to_pylist())
    assert kept == [pytest.approx(2.0 * n) for n in range(1800)]


@pytest.mark.parametrize("off", [0, 1])
def test_a_flood_is_of_one_hour(off: int) -> None:
    """The hours before and after stay as they are."""
    found = split([*swarm(7200, 0.0), *swarm(7200 + off, 3600.0), *swarm(7200, 7200.0)])
    hours = Counter(row["observed_at"].hour for row in found.surplus.to_pylist())
    assert hours == ({1: 7201 - 1800} if off else {})


def beside(n: int = 20, at_s: float = 0.0) -> list[dict[str, Any]]:
    """What another source hears of the same vessel on its way in the same hour."""
    times = (7.3 + 60 * n for n in range(n))
    return [report(at_s + after_s, 39.0 + 2e-6 * after_s, 26.0, source_id="honest") for after_s in times]


@pytest.mark.parametrize(("n", "n_surplus"), [(7200, 7220 - 1800 - 20), (7201, 7201)])
def test_a_flood_that_another_source_does_not_hear_is_set_aside_whole(n: int, n_surplus: int) -> None:
    """Up to 7,200 of one source the two together are too many, and each is thinned out; from then on only the flood goes."""
    found = split([*swarm(n), *beside()])
    assert surplus_of(found) == n_surplus
    kept = Counter(row["source_id"] for row in found.positions.to_pylist())
    assert kept["honest"] == 20 or n == 7200
    assert set(found.surplus.column("source_id").to_pylist()) == {"ais"}


def test_a_flood_is_set_aside_whole_only_in_the_hour_in_which_another_source_heard_the_vessel() -> None:
    found = split(
        [*swarm(9000), *swarm(9000, 3600.0), *beside(), report(60, 39.2, mmsi="237000009", source_id="honest")]
    )
    assert Counter(row["observed_at"].hour for row in found.surplus.to_pylist()) == {0: 9000, 1: 9000 - 1800}


def test_of_two_floods_of_one_vessel_each_keeps_its_share() -> None:
    """No source heard it within measure: both are thinned out."""
    other = [{**fix, "source_id": "other", "lat": fix["lat"] + 0.0005} for fix in swarm(9000)]
    found = split([*swarm(9000), *other])
    heard = Counter(row["source_id"] for row in found.surplus.to_pylist())
    assert heard == {"ais": 7200, "other": 7200}


def test_an_hour_is_one_of_the_clock_whoever_else_is_heard() -> None:
    """Else a vessel that begins at another minute would move the hours of all others."""
    flood = swarm(7201, 3600.0)
    other = report(1800, 10.0, mmsi="237000009")
    assert surplus_of(split(flood)) == surplus_of(split([other, *flood])) == 7201 - 1800


@pytest.mark.parametrize(("n_each", "is_flood"), [(10, False), (11, True)])
def test_a_source_is_flooded_above_its_own_limit(n_each: int, is_flood: bool) -> None:
    """Of 100 vessels that are heard in turn, once a second each; the limit is 1,000 reports an hour."""
    fixes = [
        report(i, 39.0 + 1e-5 * i, 26.0, mmsi=f"2370{v:05}", source_id="s") for v in range(100) for i in range(n_each)
    ]
    beside = [report(i, 38.0 + 1e-5 * i, 26.0, mmsi="237999999", source_id="calm") for i in range(50)]
    found = split(fixes + beside, most_an_hour={"s": 1000, "calm": 50})
    kept = Counter(row["source_id"] for row in found.positions.to_pylist())
    assert kept == {"s": 200 if is_flood else 1000, "calm": 50}
    assert set(found.surplus.column("source_id").to_pylist()) == ({"s"} if is_flood else set())


def test_a_source_without_a_limit_is_not_flooded() -> None:
    fixes = [report(i % 60, 39.0 + 1e-5 * i, 26.0, mmsi=f"237{i % 3000:06}", source_id="s") for i in range(9000)]
    assert surplus_of(split(fixes, most_an_hour={"other": 1})) == 0


def test_nobody_who_was_heard_in_a_flooded_hour_is_lost_in_it() -> None:
    """Every vessel keeps its first report of each ten seconds, from each source that heard it."""
    rng = random.Random(3)
    fixes = [
        report(rng.randrange(36_000) / 10, 39.0, 26.0, mmsi=f"2370{rng.randrange(200):05}", source_id=rng.choice("ab"))
        for _ in range(6000)
    ]
    fixes = list({(fix["mmsi"], fix["observed_at"]): fix for fix in fixes}.values())
    found = split(fixes, most_an_hour={"a": 100, "b": 100})

    def turn(row: dict[str, Any]) -> tuple[Any, ...]:
        return row["mmsi"], row["source_id"], int(row["observed_at"].timestamp() // 10)

    first: dict[tuple[Any, ...], datetime] = {}
    for fix in sorted(fixes, key=lambda fix: fix["observed_at"]):
        first.setdefault(turn(fix), fix["observed_at"])
    assert surplus_of(found) > 0
    assert {turn(row): row["observed_at"] for row in found.positions.to_pylist()} == first


def test_one_vessels_flood_is_not_its_sources_once_it_is_put_aside() -> None:
    """2,000 reports of the others are within the source's 10,000; 20,000 of one vessel are not, and 1,800 of them stay."""
    others = [report(at_s, 38.0, 26.0, mmsi=f"2370{v:05}") for v in range(40) for at_s in range(0, 100, 2)]
    found = split([*swarm(20_000), *others], most_an_hour={"ais": 10_000})
    kept = Counter(row["mmsi"] for row in found.positions.to_pylist())
    assert kept.pop("237123456") == 1800
    assert set(kept.values()) == {50}


def test_200_000_spoofed_positions_of_one_vessel_leave_50_others_as_they_are() -> None:
    rng = np.random.default_rng(5)
    n = 200_000
    spoofed = {
        "observed_at": pa.array(DAY.timestamp() * 1e6 + rng.integers(0, 3600_000_000, n)).cast(pa.int64()),
        "lon": pa.array(rng.uniform(-180, 180, n)),
        "lat": pa.array(rng.uniform(-89, 89, n)),
        "line": pa.array(np.arange(2, n + 2)),
    }
    schema = contracts.load("reports").schema
    (like,) = table([report(0, 0.0)]).to_pylist()
    columns = {
        name: pa.array([like[name]] * n, schema.field(name).type) for name in schema.names if name not in spoofed
    }
    columns |= {name: values.cast(schema.field(name).type) for name, values in spoofed.items()}
    others = [
        report(at_s, 38.0 + 0.01 * v, 26.0 + 1e-4 * at_s, mmsi=f"2370{v:05}", sog_kn=0.5)
        for v in range(50)
        for at_s in range(0, 3600, 30)
    ]
    calm = tracks.make(table(others), NO_MOTION)
    flood = pa.concat_tables([table(others), pa.table(columns, schema=schema)])
    found = tracks.make(flood, NO_MOTION, most_an_hour={"ais": 2_000_000})

    of_others = pc.not_equal(found.positions.column("mmsi"), "237123456")
    assert found.positions.filter(of_others).equals(calm.positions)
    assert found.motion.filter(pc.not_equal(found.motion.column("mmsi"), "237123456")).equals(calm.motion)
    n_kept = sum(part.num_rows for part in (found.positions, found.impossible, found.repeated))
    assert n_kept <= 50 * 120 + 1801
    assert found.surplus.num_rows + n_kept == found.n_reports == flood.num_rows


def test_the_sums_of_flooded_days_add_up() -> None:
    """Day by day and over both, with repeats, impossible fixes and a flood over midnight."""
    flood = swarm(30_000, DAY_S - 3600, 7200.0, source_id="s")
    noise = [report(DAY_S - 3000 + n, 10.0 * (n % 7), 26.0, source_id="s") for n in range(0, 6000, 60)]
    again = [{**fix, "source_id": "t"} for fix in flood[::100]]
    days: list[list[dict[str, Any]]] = [[], []]
    for fix in (*flood, *noise, *again):
        days[int(fix["observed_at"] >= DAY + timedelta(days=1))].append(fix)
    carried, parts = NO_MOTION, []
    for day, fixes in enumerate(days):
        found = split(fixes, carried)
        parts.append([found.positions, found.impossible, found.repeated, found.surplus])
        carried = next_day(found, day + 1)
        assert min(part.num_rows for part in parts[-1]) > 0
    assert sum(part.num_rows for day in parts for part in day) == len(flood) + len(noise) + len(again)


# Through the shell ----------------------------------------------------------------------------------------------------


def test_an_impossible_fix_is_in_rejects_with_what_was_read_from_it(home: Home, tmp_path: Path) -> None:
    header = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"
    lines = [
        f"237123456,2026-05-14T06:{n:02}:00,{39 + n * 0.001:.3f},26.000,5,0,0,ALPHA,,,70,0,90,,,,A" for n in range(30)
    ]
    lines[20] = lines[20].replace("39.020", "43.020")
    (tmp_path / "day.csv").write_text("\n".join([header, *lines]) + "\n")
    run.ingest("noaa_marinecadastre", tmp_path / "day.csv", home)
    done = run.day("2026-05-14", home=home)
    assert (done["positions"], done["impossible"], done["tracks"]) == (29, 1, 1)
    (row,) = store.read(store.parts(home.lake, "rejects", "day=2026-05-14"), "rejects").to_pylist()
    assert (row["line"], row["item"], row["n_records"]) == (22, 1, 1)
    assert (row["stage"], row["reason"]) == ("tracks", "impossible_fix")
    assert json.loads(row["raw"]) == {
        "vessel_key": "mmsi:237123456",
        "observed_at": "2026-05-14T06:20:00+00:00",
        "lat": 43.02,
        "lon": 26.0,
        "sog_kn": 5.0,
        "cog_deg": 0.0,
        "heading_deg": 0.0,
        "nav_status": 0,
        "transceiver": "A",
        "mmsi": "237123456",
        "ship_name": "ALPHA",
        "ship_type": 70,
        "length_m": 90.0,
        "source_id": "noaa_marinecadastre",
    }
    assert store.read(store.parts(home.lake, "positions"), "positions").num_rows == 29
