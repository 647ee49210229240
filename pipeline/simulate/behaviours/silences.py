"""Not being heard (definitions.md 0 and 1): AIS gaps and feed outages, and the silences that are neither."""

from collections.abc import Sequence
from itertools import pairwise

from pipeline.simulate.behaviours.behaviour import Behaviour, Expected, innocent, sailed, sailing_s
from pipeline.simulate.craft import DAY_S, Craft, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

OUTAGE_PAUSES = 3.0  # definitions.md 0: a whole feed silent for more than so many of its usual pauses


def ais_gap(label: str, passage: Passage, gap_s: float) -> Behaviour:
    """A merchant ship under way is not heard for a while although its neighbours are: an event, no alert."""
    off_s, on_s = passage.ais_silences[0]
    return Behaviour(
        label,
        "ais_gap",
        "1",
        True,
        f"{passage.craft.name} is not heard for {(on_s - off_s) / 60:.0f} minutes while its neighbours are. "
        "A gap alone is no alert.",
        (passage,),
        (Expected("ais_gap", off_s, on_s, off_s + gap_s, 300.0, state="closed"),),
    )


def silent_tanker(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    detour: Sequence[Point],
    onward: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    gap_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A tanker stops its AIS at the end of `path`, sails `detour` unheard, and goes on: there was time to spare in the gap (slack)."""
    off_s = begins_s + sailing_s(path, sog_kn)
    on_s = off_s + sailing_s([path[-1], *detour], sog_kn)
    way = sailed([*path, *detour, *onward], sog_kn, begins_s, until_s)
    return Behaviour(
        label,
        "silent_tanker",
        "1",
        True,
        f"{craft.name}, a tanker, is not heard for {(on_s - off_s) / 60:.0f} minutes. The straight way between the two places would have "
        "taken it much less: where was it in between?",
        (Passage(craft, way, ((off_s + 10.0, on_s),)),),
        (Expected("ais_gap", off_s, on_s, off_s + gap_s, 300.0, state="closed"),),
    )


def feed_outage(
    label: str, fleet: Sequence[Passage], starts_s: float, ends_s: float, usual_pause_s: float
) -> Behaviour:
    """A whole feed is silent for a while: one outage, and no gap of any ship. The silences are those of the passages."""
    return Behaviour(
        label,
        "feed_outage",
        "0",
        True,
        f"{len(fleet)} ships all fall silent within minutes and are all heard again {(ends_s - starts_s) / 60:.0f} minutes later. "
        "The feed was down: one outage, and no gaps.",
        tuple(fleet),
        (
            Expected(
                "feed_outage",
                starts_s,
                ends_s,
                starts_s + OUTAGE_PAUSES * usual_pause_s,
                600.0,
                state="closed",
                sensor="none",
            ),
        ),
    )


def poor_reception(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    every_s: float,
    missed: Sequence[int] = (),
    until_s: float = 0.0,
) -> Behaviour:
    """
    A ship far from the receivers is heard for a minute every `every_s`, and not at all at the `missed` ones of these times (numbered from 0). Its
    usual interval is long, and so is the silence that would be a gap.
    """
    way = sailed(path, sog_kn, begins_s, until_s)
    lasts_s = sailing_s(path, sog_kn)
    heard_s = [begins_s + every_s * n for n in range(int(lasts_s // every_s) + 1) if n not in missed]
    unheard = tuple((one_s + 60.0, next_s) for one_s, next_s in pairwise([*heard_s, begins_s + lasts_s]))
    return innocent(
        label,
        "poor_reception",
        "1",
        f"{craft.name} sails where the shore hardly hears it: now and then a report, {every_s / 60:.0f} minutes apart. It hides nothing.",
        Passage(craft, way, unheard),
    )


def clock_leap(label: str, passage: Passage, leap_s: float, ends_s: float, skew_s: int) -> Behaviour:
    """The clock that stamps a ship's reports leaps for a while: neither a gap nor an impossible jump of the ship."""
    craft, way = passage.craft, passage.motion
    return innocent(
        label,
        "clock_leap",
        "10",
        f"For {(ends_s - leap_s) / 60:.0f} minutes the clock that stamps the reports of {craft.name} is {abs(skew_s) / 60:.0f} minutes "
        f"{'fast' if skew_s > 0 else 'slow'}. The ship sails on as before.",
        Passage(craft, way, passage.ais_silences, passage.ais_interval_s, clock_skews=((leap_s, ends_s, skew_s),)),
    )


def quay_overnight(
    label: str, craft: Craft, berth: Point, silences: Sequence[tuple[float, float]], until_s: float = DAY_S
) -> Behaviour:
    """A ship at the quay keeps its AIS off by night."""
    return innocent(
        label,
        "quay_overnight",
        "1",
        f"{craft.name} lies at the quay and keeps its AIS off by night.",
        Passage(craft, move(berth, stay(until_s), 0.0, until_s), tuple(silences)),
    )


def radar_outage(label: str, path: Sequence[Point], sog_kn: float, begins_s: float, ends_s: float) -> Behaviour:
    """By day a small boat is at sea when the radar fails: all its tracks end in that minute, and what is not watched has not vanished."""
    way = move(path[0], sail(*path[1:], sog_kn=sog_kn), begins_s, ends_s)
    return innocent(
        label,
        "radar_outage",
        "0",
        "By day a small boat is in the middle of the strait when the radar fails. All its tracks end in that minute; what is not watched has "
        "not vanished.",
        Passage(Craft(label), way),
    )
