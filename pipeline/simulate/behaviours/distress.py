"""People who may need help (definitions.md 7), beyond the crossings that vanish or steam on, and those who come to help."""

from collections.abc import Sequence

from pipeline.geo import destination
from pipeline.simulate.behaviours.behaviour import (
    CROSSING_AND_DISTRESS,
    DISTRESS,
    ENDLESS_S,
    Behaviour,
    Expected,
    Incident,
    innocent,
    sailing_s,
)
from pipeline.simulate.behaviours.crossings import completed, under_way_by_night
from pipeline.simulate.behaviours.setting import Setting
from pipeline.simulate.craft import DAY_S, SART_ACTIVE, UNDEFINED, Craft, Leg, Motion, Point, move, sail, stay
from pipeline.simulate.sensors import Passage

DRIFT_KN = 0.5  # an open boat without engine in a light breeze
DRIFT_DEG = 315.0  # to the north-west, with the current of the eastern Aegean
STOPPED_FOR_S = 1200.0  # definitions.md 7 b
NOT_UNDER_COMMAND = 2  # ITU-R M.1371-5 table 47

BEACONS = {
    "970": ("sart", "SART", "A search and rescue transmitter"),
    "972": ("man_overboard", "MOB", "A man-overboard device"),
    "974": ("epirb", "EPIRB", "A ship's emergency beacon"),
}


def beacon(label: str, mmsi: str, place: Point, begins_s: float, duration_s: float) -> Behaviour:
    """A beacon (MMSI 970 SART, 972 man overboard, 974 EPIRB) drifts and sends in earnest: status 14."""
    name, text, what = BEACONS[mmsi[:3]]
    craft = Craft(f"{text} ACTIVE", mmsi, length_m=None, transceiver="A")
    way = move(place, drift(place, duration_s, SART_ACTIVE), begins_s, ENDLESS_S)
    return Behaviour(
        label,
        name,
        "7",
        True,
        f"{what} sends in earnest for {duration_s / 60:.0f} minutes.",
        (Passage(craft, way),),
        (Expected("distress", begins_s, begins_s + duration_s, begins_s, 120.0, rule="a", state="closed"),),
        DISTRESS,
    )


def beacon_test(label: str, mmsi: str, place: Point, begins_s: float, duration_s: float) -> Behaviour:
    """A ship tests such a beacon: status 15, and a name that says so. It is recorded and no alarm."""
    name, text, what = BEACONS[mmsi[:3]]
    craft = Craft(f"{text} TEST", mmsi, length_m=None, transceiver="A")
    way = move(place, stay(begins_s + duration_s, UNDEFINED), begins_s, ENDLESS_S)
    return Behaviour(
        label,
        f"{name}_test",
        "7",
        False,
        f"{what} is tested for {duration_s / 60:.0f} minutes.",
        (Passage(craft, way),),
        (Expected("distress_test", begins_s, begins_s + duration_s, begins_s, 120.0, state="closed"),),
    )


def engine_failure(
    label: str,
    setting: Setting,
    path: Sequence[Point],
    onward: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    drift_s: float,
) -> Behaviour:
    """A small craft without AIS stops in mid strait by night, drifts, and goes on slowly along `onward` to the other shore."""
    stops_s = begins_s + sailing_s(path, sog_kn)
    legs = [*sail(*path[1:], sog_kn=sog_kn), *drift(path[-1], drift_s), *sail(*onward, sog_kn=0.6 * sog_kn)]
    way = move(path[0], legs, begins_s, ENDLESS_S)
    return Behaviour(
        label,
        "engine_failure",
        "7",
        True,
        f"A small boat without AIS stops in mid strait, drifts for {drift_s / 60:.0f} minutes and limps on to the shore.",
        (Passage(Craft(label), way),),
        (
            Expected(
                "distress", stops_s, stops_s + drift_s, stops_s + STOPPED_FOR_S, 600.0, rule="b_stop", state="closed"
            ),
            *under_way_by_night(setting, way),
            completed(setting, way),
        ),
        CROSSING_AND_DISTRESS,
    )


def adrift(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    onward: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    drift_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A craft with AIS and a compass is carried off sideways: it goes where its bow does not point (rule c)."""
    stops_s = begins_s + sailing_s(path, sog_kn)
    way = _adrift(path, onward, sog_kn, begins_s, drift_s, until_s, 0)
    bow_deg = (DRIFT_DEG + 90.0) % 360.0
    return Behaviour(
        label,
        "adrift",
        "7",
        True,
        f"{craft.name} drifts for {drift_s / 60:.0f} minutes: it is carried to the north-west while its bow points to the north-east.",
        (Passage(craft, way, headings=((stops_s, stops_s + drift_s, bow_deg),)),),
        (Expected("distress", stops_s, stops_s + drift_s, stops_s, 900.0, rule="c"),),
        DISTRESS,
    )


def not_under_command(
    label: str,
    craft: Craft,
    path: Sequence[Point],
    onward: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    drift_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A ship says by its status that it is not under command, and drifts (rule c)."""
    stops_s = begins_s + sailing_s(path, sog_kn)
    way = _adrift(path, onward, sog_kn, begins_s, drift_s, until_s, NOT_UNDER_COMMAND)
    return Behaviour(
        label,
        "not_under_command",
        "7",
        True,
        f"{craft.name} says that it is not under command and drifts for {drift_s / 60:.0f} minutes.",
        (Passage(craft, way),),
        (Expected("distress", stops_s, stops_s + drift_s, stops_s, 900.0, rule="c"),),
        DISTRESS,
    )


def seen_again(
    label: str,
    setting: Setting,
    place: Point,
    begins_s: float,
    first_seen_s: float,
    unseen_s: float,
    seen_s: float,
    set_deg: float = DRIFT_DEG,
) -> Behaviour:
    """A small object is seen for a while, then not, and hours later a mile or two off: as far as a drift would have taken it (rule d)."""
    duration_s = first_seen_s + unseen_s + seen_s
    way = move(place, drift(place, duration_s, 0, set_deg), begins_s, ENDLESS_S)
    lost_s = begins_s + first_seen_s
    again_s = lost_s + unseen_s
    return Behaviour(
        label,
        "seen_again",
        "7",
        True,
        f"A small object without AIS is seen, then not for {unseen_s / 3600:.1f} hours, and again as far off as a slow drift takes it.",
        (Passage(Craft(label), way, radar_silences=((lost_s, again_s),)),),
        (
            Expected("distress", again_s, again_s + seen_s, again_s, 900.0, rule="d"),
            Expected("distress", lost_s, again_s, lost_s + setting.gap_s, 900.0, rule="b_vanish"),
        ),
        DISTRESS,
    )


def reported(label: str, incident: Incident) -> Behaviour:
    """People report a boat in distress, in the words of an incident report (rule e)."""
    return Behaviour(
        label,
        "reported",
        "7",
        True,
        f"An incident report speaks of a boat in distress: {incident.place}.",
        events=(
            Expected(
                "distress",
                incident.at_s,
                incident.at_s + DAY_S,
                incident.at_s,
                DAY_S,
                rule="e",
                sensor="none",
                where=incident.where,
            ),
        ),
        alerts=DISTRESS,
        incidents=(incident,),
    )


def rescue(
    label: str,
    distressed: Behaviour,
    unit: Craft,
    unit_path: Sequence[Point],
    merchant: Craft,
    merchant_path: Sequence[Point],
    arrives_s: float,
    leaves_s: float,
    until_s: float = 0.0,
) -> Behaviour:
    """A rescue unit and a merchant ship come to a boat that drifts, stand by, and go: they raise nothing. The boat is a behaviour of its own."""
    passages = []
    for craft, path, sog_kn in ((unit, unit_path, 18.0), (merchant, merchant_path, 11.0)):
        legs = [
            *sail(*path[1:], sog_kn=sog_kn),
            *stay(leaves_s, 0),
            *sail(*path[-2::-1], sog_kn=sog_kn),
            *stay(until_s),
        ]
        passages.append(Passage(craft, move(path[0], legs, arrives_s - sailing_s(path, sog_kn), ENDLESS_S)))
    return innocent(
        label,
        "rescue",
        "7",
        f"{unit.name}, a rescue unit, and {merchant.name}, a merchant ship, stand by the boat of '{distressed.label}', which drifts, and leave.",
        *passages,
    )


def drift(
    place: Point, duration_s: float, nav_status: int = 0, set_deg: float = DRIFT_DEG, drift_kn: float = DRIFT_KN
) -> list[Leg]:
    """Adrift with the current."""
    lat, lon = destination(place[1], place[0], set_deg, drift_kn * duration_s / 3600.0)
    return sail((float(lon), float(lat)), sog_kn=drift_kn, nav_status=nav_status)


def _adrift(
    path: Sequence[Point],
    onward: Sequence[Point],
    sog_kn: float,
    begins_s: float,
    drift_s: float,
    until_s: float,
    nav_status: int,
) -> Motion:
    legs = [
        *sail(*path[1:], sog_kn=sog_kn),
        *drift(path[-1], drift_s, nav_status, drift_kn=1.2),
        *sail(*onward, sog_kn=sog_kn),
        *stay(until_s),
    ]
    return move(path[0], legs, begins_s, ENDLESS_S)
