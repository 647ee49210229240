"""Who a craft says that it is, and where (definitions.md 10)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.simulate.behaviours.behaviour import Behaviour, Expected, beside, length_nm, sailed, sailing_s, to_and_fro
from pipeline.simulate.craft import Craft, Motion, Point, move
from pipeline.simulate.sensors import Passage

OVERLAP_S = 3600.0  # definitions.md 10
FOLLOWS_S = 240.0  # between ships of one string
SECOND_FIX_S = 180.0  # until the second report, which confirms the first


def shared_mmsi(
    label: str,
    one: Craft,
    paths: tuple[Sequence[Point], Sequence[Point]],
    sog_kn: float,
    begins_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """Two craft far apart send under one MMSI at one time."""
    ways = [sailed(path, sog_kn, begins_s + 40.0 * number, until_s) for number, path in enumerate(paths)]
    ends_s = until_s or min(float(way.at_s[-1]) for way in ways)
    return Behaviour(
        label,
        "shared_mmsi",
        "10",
        True,
        f"Two craft send under the MMSI {one.mmsi} at one time, {length_nm([paths[0][0], paths[1][0]]):.0f} nautical miles apart.",
        tuple(Passage(one, way) for way in ways),
        (Expected("identity_conflict", begins_s + 40.0, ends_s, begins_s + 40.0 + OVERLAP_S),),
    )


def implausible_jump(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    elsewhere: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    jump: tuple[float, float],
    until_s: float = 0.0,
) -> Behaviour:
    """For a while a ship's AIS says that it is somewhere else, many miles off, and sails there; then it is back."""
    way = sailed(path, sog_kn, begins_s, until_s)
    false = sailed(elsewhere, 0.5 * sog_kn, jump[0], jump[1])
    return Behaviour(
        label,
        "implausible_jump",
        "10",
        True,
        f"For {(jump[1] - jump[0]) / 60:.0f} minutes the AIS of {craft.name} says that it sails {length_nm([path[0], elsewhere[0]]):.0f} "
        "nautical miles away; then it is back where it could be.",
        (Passage(craft, way, reported=_with(way, false, jump)),),
        (Expected("position_spoofing", jump[0], jump[1], jump[0] + SECOND_FIX_S, 600.0),),
    )


def on_land(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    inland: Point,
    sog_kn: float,
    begins_s: float,
    jump: tuple[float, float],
    until_s: float = 0.0,
) -> Behaviour:
    """For a while a ship's AIS says that it circles miles inland."""
    way = sailed(path, sog_kn, begins_s, until_s)
    false = move(inland, to_and_fro(inland, jump[1] - jump[0], 0.5, 8.0), jump[0], jump[1])
    return Behaviour(
        label,
        "on_land",
        "10",
        True,
        f"For {(jump[1] - jump[0]) / 60:.0f} minutes the AIS of {craft.name} says that it circles miles inland.",
        (Passage(craft, way, reported=_with(way, false, jump)),),
        (Expected("position_spoofing", jump[0], jump[1], jump[0] + SECOND_FIX_S, 600.0),),
    )


def gnss_interference(
    label: str,
    crafts: Sequence[Craft],
    path: Sequence[Point],
    target: Point,
    sog_kn: float,
    begins_s: float,
    jump: tuple[float, float],
    until_s: float = 0.0,
) -> Behaviour:
    """All ships of a string say that they are at one place far away, for as long as something disturbs their satellite positions."""
    passages, events = [], []
    for number, craft in enumerate(crafts):
        way = sailed(path, sog_kn, begins_s + FOLLOWS_S * number, until_s)
        own = (jump[0] + 60.0 * number, jump[1] + 30.0 * number)
        (about,) = beside([target], 0.3 * number, 120.0 * number)
        false = move(about, to_and_fro(about, own[1] - own[0], 0.4, 6.0), own[0], own[1])
        passages.append(Passage(craft, way, reported=_with(way, false, own)))
        known_s = jump[0] + 60.0 + SECOND_FIX_S  # when the second ship has gone the same way
        events.append(Expected("position_spoofing", *own, max(known_s, own[0]), 600.0, about=number))
    return Behaviour(
        label,
        "gnss_interference",
        "10",
        True,
        f"{len(crafts)} ships near each other say for {(jump[1] - jump[0]) / 60:.0f} minutes that they are at one place, far away. "
        "Something disturbs their satellite positions.",
        tuple(passages),
        tuple(events),
    )


def identity_change(
    label: str,
    before: Craft,
    after: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    changes_s: float,
    gap_s: float,
    until_s: float,
) -> Behaviour:
    """A ship goes on under another MMSI, name and flag; its IMO number stays what it was. The former MMSI is not heard again."""
    way = sailed(path, sog_kn, begins_s, until_s)
    return Behaviour(
        label,
        "identity_change",
        "10",
        True,
        f"At sea {before.name} (MMSI {before.mmsi}) becomes {after.name} (MMSI {after.mmsi}). The IMO number is the same: {before.imo}.",
        (
            Passage(after, way, ((begins_s, changes_s),)),
            Passage(before, way, ((changes_s, until_s),)),
        ),
        (
            Expected("identity_change", changes_s, until_s, changes_s, 600.0),
            Expected("ais_gap", changes_s, None, changes_s + gap_s, 300.0, state="open", about=1),
        ),
    )


def invalid_identity(
    label: str, craft: Craft, path: Sequence[Point], sog_kn: float, begins_s: float, until_s: float = 0.0
) -> Behaviour:
    """A ship whose MMSI begins with the digits of no country, or whose IMO number fails its check digit."""
    way = sailed(path, sog_kn, begins_s, until_s)
    return Behaviour(
        label,
        "invalid_identity",
        "10",
        True,
        f"{craft.name} sends the MMSI {craft.mmsi} and the IMO number {craft.imo or 'of none'}: no country or no ship has such a number.",
        (Passage(craft, way),),
        (Expected("identity_change", begins_s, until_s or begins_s + sailing_s(path, sog_kn), begins_s, 600.0),),
    )


def _with(way: Motion, false: Motion, during: tuple[float, float]) -> Motion:
    """A way as it is reported: the false one for as long as that lasts."""
    is_false = (way.at_s >= during[0]) & (way.at_s < during[1])
    at = np.clip(np.searchsorted(false.at_s, way.at_s), 0, len(false.at_s) - 1)
    return replace(
        way,
        lon=np.where(is_false, false.lon[at], way.lon),
        lat=np.where(is_false, false.lat[at], way.lat),
        sog_kn=np.where(is_false, false.sog_kn[at], way.sog_kn),
        cog_deg=np.where(is_false, false.cog_deg[at], way.cog_deg),
    )
