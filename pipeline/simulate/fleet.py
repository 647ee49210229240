"""
Who sails in a theatre: so many craft for a seed, each with a plan from before the first day to the end of the last.

merchant   in by one gate of the theatre and out by another, at 9 to 19 kn, two in five with a call at a port; hours later in again
anchored   a merchant ship at anchor
ferry      to and fro along a ferry line by a timetable, at the line's speed
cruise     by night from port to port, in port by day
fishing    from a small port to a ground, at work there at 2 to 4 kn for half a day, and home
yacht      by day from port to port, at 5 to 8 kn under sail, at up to 22 kn with a motor; half of them with their AIS off in port
patrol     a coast guard's loops off its port, by day and by night
service    pilots and tugs, out to ships off their port and back
moored     at its berth all the time
open boat  no AIS, by day, within 2 nm of its harbour

Craft n is the same, and does the same, in a fleet of any size and for any number of days: all is drawn from (seed, n),
in order of time. Its names and numbers are invented: "PHAROS SIM 00042", the digits (MID) of a country with a number
that begins with 9, IMO numbers that were never issued. No way leads over land: routes come from the waterways, and
whatever is drawn around them is checked against the polygons.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.geo import FloatArray, distance_nm
from pipeline.simulate.aegean import imo_number
from pipeline.simulate.craft import AT_ANCHOR, DAY_S, FISHING, MOORED, UNDER_WAY, Craft, Plan, Point
from pipeline.simulate.sensors import Passage
from pipeline.simulate.waters import Ground, Waters

HOUR_S = 3600.0
HARBOUR_KN, HARBOUR_NM = 8.0, 1.0  # own: nobody is faster so near to a berth
FAST_FERRY_KN = 30.0
CLASS_A_M = 15.0  # fishing vessels from this length on carry class A (Directive 2002/59/EC as amended)
# own: how far ships keep from the line of others, by Shore.nearness
STRAY_DEG = np.array([0.0, 0.0, 0.0, 0.0005, 0.002, 0.007])
TRANSIT_SHARE = 0.6  # own: of the ships that come in, those that go out again without a call
N_SERVED = 12  # own: ports at which ships that come in by one gate call
GOLDEN = 0.6180339887498949  # its multiples spread the kinds evenly over the numbers

CRUISE_FLAGS = ("249", "256", "310", "311", "247")  # Malta (2), Bermuda, Bahamas, Italy

Rng = np.random.Generator
T = TypeVar("T")


class Numbered(NamedTuple):
    """A place in the fleet: its number, how many of its kind came before it, its own randomness, and when the simulated time ends."""

    number: int
    ordinal: int
    rng: Rng
    until_s: float


def fleet(waters: Waters, seed: int, vessels: int, days: int) -> Iterator[Passage]:
    """The passages of so many craft over so many days."""
    ordinals = dict.fromkeys(KINDS, 0)
    for number in range(vessels):
        kind = _kind(waters, number)
        rng = np.random.default_rng([seed, 10, number])
        yield KINDS[kind](waters, Numbered(number, ordinals[kind], rng, days * DAY_S))
        ordinals[kind] += 1


def _kind(waters: Waters, number: int) -> str:
    """Kinds by the theatre's shares; merchant ships where it has no ferry lines."""
    share, kinds = (number + 0.5) * GOLDEN % 1.0, list(waters.theatre.shares)
    bounds = np.cumsum(list(waters.theatre.shares.values()))
    kind = kinds[min(int(np.searchsorted(bounds, share, side="right")), len(kinds) - 1)]
    return "merchant" if kind == "ferry" and not waters.ferry_lines else kind


def _craft(of: Numbered, mid: str, ship_type: int, length_m: float, *, transceiver: str = "A") -> Craft:
    length_m = round(length_m, 0 if length_m > 20 else 1)
    with_imo = ship_type >= 60 and of.number < 8_000
    return Craft(
        name=f"PHAROS SIM {of.number:05d}",
        mmsi=f"{mid}9{10_000 + of.number % 90_000:05d}",
        ship_type=ship_type,
        length_m=length_m,
        width_m=round(length_m / (6.5 if length_m > 50 else 3.4), 1),
        draught_m=round(length_m / 18.0, 1) if transceiver == "A" else None,
        imo=imo_number(1_000 + of.number) if with_imo else "",
        call_sign=f"SIM{of.number:05d}",
        transceiver=transceiver,
    )


def merchant(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    craft = _cargo_ship(of, waters.theatre.flags)
    sog_kn = float(np.clip(rng.normal(13.0, 2.2), 9.0, 19.0))
    gate = _one_of(rng, waters.gates)
    plan = Plan(gate, -float(rng.uniform(1.0, 60.0)) * HOUR_S)
    while plan.now_s < of.until_s:
        if rng.random() < TRANSIT_SHARE:
            leaves_by = _one_of(rng, _far_gates(waters, gate))
            _go(waters, rng, plan, waters.route(gate, leaves_by), sog_kn)
        else:
            port = _one_of(rng, waters.nearest_ports(gate, waters.large_ports, N_SERVED))
            leaves_by = _one_of(rng, waters.gates)
            _go(waters, rng, plan, [*waters.route(gate, port.quay), waters.berth(port, rng)], sog_kn)
            plan.stay(plan.now_s + float(rng.uniform(8.0, 30.0)) * HOUR_S, MOORED)
            _go(waters, rng, plan, [plan.where, *waters.route(port.quay, leaves_by)], sog_kn)
        gate = _one_of(rng, waters.gates)
        plan.leave(plan.now_s + float(rng.uniform(2.0, 10.0)) * HOUR_S, gate)
    return Passage(craft, plan.motion())


def _far_gates(waters: Waters, gate: Point) -> list[Point]:
    """The gates but for this one and the one next to it."""
    lon, lat = np.array(waters.gates).T
    order = np.argsort(distance_nm(gate[1], gate[0], lat, lon), kind="stable")
    return [waters.gates[i] for i in order[2:]]


def anchored(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    lon, lat = _place_of(rng, _one_of(rng, waters.anchorages))
    reach_deg = STRAY_DEG[waters.ways.shore.nearness([lon], [lat])[0]] / 2.0
    plan = Plan((lon + rng.uniform(-reach_deg, reach_deg), lat + rng.uniform(-reach_deg, reach_deg)), 0.0)
    plan.stay(of.until_s, AT_ANCHOR)
    return Passage(_cargo_ship(of, waters.theatre.flags), plan.motion())


def ferry(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    line = waters.ferry_lines[of.ordinal % len(waters.ferry_lines)]
    fast = line.sog_kn >= FAST_FERRY_KN
    craft = _craft(of, line.flag, 40 if fast else 60, rng.uniform(36.0, 100.0) if fast else rng.uniform(40.0, 190.0))
    path = line.path if of.ordinal // len(waters.ferry_lines) % 2 == 0 else line.path[::-1]
    sog_kn = line.sog_kn * float(rng.uniform(0.98, 1.0))
    first_s = float(rng.uniform(4.0, 6.5)) * HOUR_S
    pause_s = float(rng.uniform(20.0, 45.0)) * 60.0
    interval_s = 17.0 * HOUR_S / max(line.crossings_per_day, 1.0)
    plan = Plan(path[0], -2.0 * DAY_S)
    due_s = -2.0 * DAY_S + first_s
    while due_s < of.until_s:
        plan.stay(due_s, MOORED)
        _go(waters, rng, plan, path, sog_kn)
        path = path[::-1]
        due_s = max(due_s + interval_s, plan.now_s + pause_s)
        if (due_s - first_s) % DAY_S > 16.5 * HOUR_S:  # the next one goes in the morning
            due_s += DAY_S - (due_s - first_s) % DAY_S
    plan.stay(max(of.until_s, plan.now_s + 60.0), MOORED)
    return Passage(craft, plan.motion())


def cruise(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    craft = _craft(of, _one_of(rng, CRUISE_FLAGS), 69, rng.uniform(150.0, 330.0))
    port = _one_of(rng, waters.large_ports)
    plan = Plan(waters.berth(port, rng), -DAY_S)
    for day in _days(of):
        departs_s = day * DAY_S + float(rng.uniform(15.0, 18.0)) * HOUR_S
        bound = _one_of(rng, waters.nearest_ports(port.quay, waters.large_ports, 3))
        if plan.now_s > departs_s:
            continue  # still on its way
        path = [*waters.route(port.quay, bound.quay), waters.berth(bound, rng)]
        plan.stay(departs_s, MOORED)
        _go(waters, rng, plan, [plan.where, *path], float(np.clip(length_nm(path) / 11.0, 8.0, 20.0)))
        port = bound
    return _passage(craft, plan, of)


def fishing(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    ground = waters.grounds[of.ordinal % len(waters.grounds)]
    length_m = float(np.clip(rng.normal(15.0, 5.0), 8.0, 32.0))
    craft = _craft(of, ground.port.flag(rng), 30, length_m, transceiver="A" if length_m >= CLASS_A_M else "B")
    out = waters.route(ground.port.quay, ground.entry)
    leaves_h = _one_of(rng, (2.0, 14.0))
    plan = Plan(waters.berth(ground.port, rng), -DAY_S)
    for day in _days(of):
        leaves_s = day * DAY_S + (leaves_h + float(rng.uniform(0.0, 3.0))) * HOUR_S
        works_s, sog_kn = float(rng.uniform(7.0, 14.0)) * HOUR_S, float(rng.uniform(7.5, 9.5))
        if plan.now_s > leaves_s or rng.random() < 0.15:
            continue  # not back yet, or a day in port
        plan.stay(leaves_s, MOORED)
        _go(waters, rng, plan, [plan.where, *out], sog_kn)
        _work(waters, rng, plan, ground, plan.now_s + works_s)
        _go(waters, rng, plan, [plan.where, *out[-2::-1], waters.berth(ground.port, rng)], sog_kn)
    return _passage(craft, plan, of)


def _work(waters: Waters, rng: Rng, plan: Plan, ground: Ground, until_s: float) -> None:
    """To and fro over a ground from its entry on, and back to the entry."""
    sog_kn = float(rng.uniform(2.2, 3.8))
    visited = [plan.where]
    while plan.now_s < until_s:
        lon, lat = plan.where
        away_nm = distance_nm(lat, lon, ground.places[:, 1], ground.places[:, 0])
        near = ground.places[(away_nm > 0.5) & (away_nm < 4.0)]
        turns = rng.permutation(near)[:5]
        turns = turns[waters.clear(plan.where, turns)]
        if not len(turns):
            plan.stay(until_s, FISHING)  # it lies to its nets
            break
        to = (float(turns[0, 0]), float(turns[0, 1]))
        plan.sail([plan.where, to], sog_kn, FISHING)
        visited.append(to)
    home = [visited[-1], visited[0]] if _clear(waters, visited[-1], visited[0]) else visited[::-1]
    if len(visited) > 1:
        plan.sail(home, HARBOUR_KN)


def yacht(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    port = _one_of(rng, waters.ports)
    with_motor, off_in_port = rng.random() < 0.35, rng.random() < 0.5
    sog_kn = float(rng.uniform(10.0, 22.0) if with_motor else rng.uniform(5.0, 7.8))
    craft = _craft(of, port.flag(rng), 37 if with_motor else 36, rng.uniform(9.0, 24.0), transceiver="B")
    plan = Plan(waters.berth(port, rng), -DAY_S)
    silences, quiet_from_s = [], float(-DAY_S)
    for day in _days(of):
        departs_s = day * DAY_S + float(rng.uniform(6.0, 9.0)) * HOUR_S
        bound = _one_of(rng, waters.nearest_ports(port.quay, waters.ports, 3))
        path = [*waters.route(port.quay, bound.quay), waters.berth(bound, rng)]
        if rng.random() < 0.3 or length_nm(path) / sog_kn > 9.0:
            continue  # a day in port
        plan.stay(departs_s, MOORED)
        silences.append((quiet_from_s, departs_s - 900.0))
        _go(waters, rng, plan, [plan.where, *path], sog_kn)
        quiet_from_s, port = plan.now_s + 1800.0, bound
    silences.append((quiet_from_s, of.until_s))
    return _passage(craft, plan, of, tuple(silences) if off_in_port else ())


def patrol(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    port = _one_of(rng, waters.large_ports)
    craft = _craft(of, port.flag(rng), 55, rng.uniform(17.0, 58.0))
    loop, sog_kn = waters.offing(port, 3.0, 14.0), float(rng.uniform(12.0, 22.0))
    plan = Plan(waters.berth(port, rng), -DAY_S)
    for day in _days(of):
        for hour in sorted(rng.uniform(0.0, 22.0, 2)):
            one, other = _place_of(rng, loop), _place_of(rng, loop)
            if plan.now_s > day * DAY_S + hour * HOUR_S:
                continue  # still out
            plan.stay(day * DAY_S + hour * HOUR_S, MOORED)
            turns = [one, other] if _clear(waters, one, other) else [one]
            _go(waters, rng, plan, [plan.where, port.quay, *turns, port.quay, waters.berth(port, rng)], sog_kn)
    return _passage(craft, plan, of)


def service(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    port = _one_of(rng, waters.large_ports)
    pilots = of.ordinal % 2 == 0
    craft = _craft(
        of, port.flag(rng), 50 if pilots else 52, rng.uniform(12.0, 18.0) if pilots else rng.uniform(22.0, 34.0)
    )
    outside, sog_kn = (
        waters.offing(port, 1.0, 4.0),
        float(rng.uniform(12.0, 18.0) if pilots else rng.uniform(8.0, 11.0)),
    )
    plan = Plan(waters.berth(port, rng), -DAY_S)
    for day in _days(of):
        for hour in sorted(rng.uniform(0.0, 22.5, 4)):
            place = _place_of(rng, outside)
            if plan.now_s > day * DAY_S + hour * HOUR_S:
                continue  # still out
            plan.stay(day * DAY_S + hour * HOUR_S, MOORED)
            _go(waters, rng, plan, [plan.where, port.quay, place], sog_kn)
            plan.stay(plan.now_s + float(rng.uniform(5.0, 25.0)) * 60.0, UNDER_WAY)
            _go(waters, rng, plan, [plan.where, port.quay, waters.berth(port, rng)], sog_kn)
    return _passage(craft, plan, of)


def moored(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    port = _one_of(rng, waters.large_ports)
    ship_type = int(_one_of(rng, (30, 37, 52, 60, 70, 80, 90)))
    small = ship_type in (30, 37)
    length_m = float(rng.uniform(9.0, 24.0) if small else rng.uniform(25.0, 140.0))
    craft = _craft(of, port.flag(rng), ship_type, length_m, transceiver="B" if small else "A")
    return _passage(craft, Plan(waters.berth(port, rng), -DAY_S), of)


def open_boat(waters: Waters, of: Numbered) -> Passage:
    rng = of.rng
    port = _one_of(rng, waters.ports)
    craft = Craft(f"open boat {of.number}", length_m=round(float(rng.uniform(4.5, 9.0)), 1))
    outside, sog_kn = waters.offing(port, 0.3, 2.0), float(rng.uniform(4.0, 8.0))
    plan = Plan(waters.berth(port, rng), -DAY_S)
    for day in _days(of):
        leaves_s = day * DAY_S + float(rng.uniform(5.0, 11.0)) * HOUR_S
        place, other = _place_of(rng, outside), _place_of(rng, outside)
        rests_s = float(rng.uniform(0.3, 2.0)) * HOUR_S
        plan.stay(leaves_s, MOORED)
        _go(waters, rng, plan, [plan.where, port.quay, place], sog_kn)
        plan.stay(plan.now_s + rests_s, UNDER_WAY)  # with a line out
        if _clear(waters, place, other):
            _go(waters, rng, plan, [plan.where, other], sog_kn)
        _go(waters, rng, plan, [plan.where, port.quay, waters.berth(port, rng)], sog_kn)
    return _passage(craft, plan, of)


KINDS: Mapping[str, Callable[[Waters, Numbered], Passage]] = {
    "merchant": merchant,
    "anchored": anchored,
    "ferry": ferry,
    "cruise": cruise,
    "fishing": fishing,
    "yacht": yacht,
    "patrol": patrol,
    "service": service,
    "moored": moored,
    "open boat": open_boat,
}


def length_nm(path: Sequence[Point]) -> float:
    """Length of a path in nautical miles."""
    lon, lat = np.array(path, dtype=np.float64).T
    return float(distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def _days(of: Numbered) -> range:
    """The days on which a craft that comes home every night may go out, the one before the first included."""
    return range(-1, int(of.until_s // DAY_S))


def _passage(craft: Craft, plan: Plan, of: Numbered, silences: tuple[tuple[float, float], ...] = ()) -> Passage:
    """What was planned, and at the berth from then on."""
    plan.stay(of.until_s, MOORED)
    return Passage(craft, plan.motion(), silences)


def _cargo_ship(of: Numbered, flags: Sequence[str]) -> Craft:
    tanker = of.rng.random() < 0.4
    return _craft(
        of, _one_of(of.rng, flags), 80 if tanker else int(of.rng.choice((70, 70, 74, 79))), of.rng.uniform(85.0, 290.0)
    )


def _go(waters: Waters, rng: Rng, plan: Plan, path: Sequence[Point], sog_kn: float) -> None:
    """Along a path at a speed, a little off the line of others where there is room, slowly in the harbours at its ends."""
    way = _strayed(waters, rng, np.array(path, dtype=np.float64))
    lon, lat = way.T
    along_nm = np.concatenate(([0.0], np.cumsum(distance_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]))))
    slow_nm = min(HARBOUR_NM, along_nm[-1] / 3.0)
    cuts_nm = np.array([slow_nm, along_nm[-1] - slow_nm])
    all_nm = np.concatenate((along_nm, cuts_nm))
    order = np.argsort(all_nm, kind="stable")
    points = np.column_stack((np.interp(all_nm, along_nm, lon), np.interp(all_nm, along_nm, lat)))[order].tolist()
    out, back = (int(np.flatnonzero(order == len(along_nm) + k)[0]) for k in range(2))
    for first, last, speed_kn in (
        (0, out, min(sog_kn, HARBOUR_KN)),
        (out, back, sog_kn),
        (back, len(points) - 1, min(sog_kn, HARBOUR_KN)),
    ):
        plan.sail(points[first : last + 1], speed_kn)


def _strayed(waters: Waters, rng: Rng, way: FloatArray) -> FloatArray:
    """The way with its inner points moved, the less the nearer the shore; unmoved where it would touch land."""
    reach_deg = STRAY_DEG[waters.ways.shore.nearness(way[:, 0], way[:, 1])]
    reach_deg[[0, -1]] = 0.0
    moved = way + reach_deg[:, None] * rng.uniform(-1.0, 1.0, way.shape)
    return way if waters.ways.shore.touched(moved).any() else moved


def _one_of(rng: Rng, some: Sequence[T]) -> T:
    return some[int(rng.integers(len(some)))]


def _clear(waters: Waters, start: Point, end: Point) -> bool:
    return bool(waters.clear(start, np.array([end])).all())


def _place_of(rng: Rng, places: FloatArray) -> Point:
    lon, lat = places[rng.integers(len(places))]
    return float(lon), float(lat)
