"""
Scenario folders: one small story each, what it looks like in the providers' files, and what must come of it.

    <folder>/<story>/story.md                  in words, for a reader who knows ships
    <folder>/<story>/input/<source_id>/*.csv   taken in in the order of their names
    <folder>/<story>/expected.json

expected.json
    days          the days to run, in order
    events        each must be found once: every key given must be equal, but `started_at` within `tolerance_s`,
                  the track id must begin with `track_prefix`, and `rule` stands in the event's evidence
    alerts        category and status of the last revision of an alert; each must be there
    none_of       must not be there at all: "alerts", or a type of event (a retracted or void event is none)
    no_events     events that must not be there, matched like `events` on the keys given
    after_first   only where files arrive apart: `files` that are taken in and run first, `events` found then
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from textwrap import fill
from typing import Any

from pipeline.simulate import behaviours as does
from pipeline.simulate.aegean import (
    AYVALIK_CHANNEL,
    AYVALIK_MYTILINI,
    MYTILINI_DIKILI,
    SAMOS_NARROWS,
    VATHY_KUSADASI,
    boat,
    ship,
)
from pipeline.simulate.behaviours import Behaviour, Expected, innocent
from pipeline.simulate.craft import AT_ANCHOR, DAY_S, FISHING, Craft, Leg, Point, clock, move, sail, stay
from pipeline.simulate.day import describe, expected_event, observe, write_json, write_radar
from pipeline.simulate.providers import NOAA_HEADER, TimedLine, in_order, noaa_lines, write_file
from pipeline.simulate.sensors import RADARS, Passage, RadarTrack, Reports

DAY = date(2026, 5, 20)
SEED = 20
NOTHING = ("alerts", "ais_gap", "feed_outage")

# Four ships at anchor in each strait: the others that a sensor hears, without which silence says nothing.
NORTH_OF_LESVOS = ((26.365, 39.476), (26.215, 39.448), (26.105, 39.44), (26.27, 39.462))
EAST_OF_LESVOS = ((26.66, 39.235), (26.615, 39.085), (26.8, 39.08), (26.715, 39.165))
SAMOS = ((27.215, 37.885), (27.13, 37.79), (27.195, 37.82), (27.15, 37.735))


@dataclass(frozen=True)
class Story:
    """One folder: the behaviour that it is about, its hours of the day, the ships around, and what must not come of it."""

    behaviour: Behaviour
    hours: tuple[str, str]
    around: Sequence[Point]
    none_of: tuple[str, ...] = ()
    no_events: tuple[Expected, ...] = ()
    with_radar: bool = True
    radar_off_s: float = DAY_S  # the radars say nothing from here on
    late_s: tuple[float, float] | None = None  # reports of the first craft that arrive in a second file


def scenarios(folder: Path) -> None:
    """Write every story below `folder`; the same bytes each time. ValueError when a way leads over land."""
    for story in _stories():
        _write(folder / story.behaviour.label, story)


def _write(folder: Path, story: Story) -> None:
    told = story.behaviour
    begins_s, ends_s = (clock(hour) for hour in story.hours)
    around = [
        Passage(ship(80 + number, "271", 70, 92, 14, 5.3), move(where, stay(ends_s, AT_ANCHOR), begins_s))
        for number, where in enumerate(story.around)
    ]
    observed = observe([*told.passages, *around], SEED, RADARS if story.with_radar else ())
    observed = replace(observed, radar=[_until(track, story.radar_off_s) for track in observed.radar])
    truth = describe(DAY, told, observed)
    expected: dict[str, Any] = {
        "days": [DAY.isoformat()],
        "events": truth["events"],
        "alerts": truth["alerts"],
    }
    if story.none_of:
        expected["none_of"] = list(story.none_of)
    if story.no_events:
        entries = [expected_event(DAY, told, event, observed) for event in story.no_events]
        expected["no_events"] = [
            {key: entry[key] for key in ("event_type", "mmsi", "track_prefix") if key in entry} for entry in entries
        ]
    inputs = folder / "input"
    write_radar(inputs, DAY, observed)
    lines = {craft: noaa_lines(DAY, craft, reports) for craft, reports in observed.ais}
    late: list[TimedLine] = []
    if story.late_s:
        start_s, end_s = story.late_s
        about = told.passages[0].craft
        late = [line for line in lines[about] if start_s <= line[0] < end_s]
        lines[about] = [line for line in lines[about] if line not in late]
    name = f"AIS_{DAY:%Y_%m_%d}"
    ais = inputs / "noaa_marinecadastre"
    write_file(ais / f"{name}.csv", NOAA_HEADER, in_order(line for part in lines.values() for line in part))
    if late:
        write_file(ais / f"{name}_late.csv", NOAA_HEADER, in_order(late))
        expected["after_first"] = {
            "files": [f"noaa_marinecadastre/{name}.csv"],
            "events": [{**event, "state": "closed"} for event in truth["events"]],
        }
    write_json(folder / "expected.json", expected)
    text = fill(told.story, 100)
    (folder / "story.md").write_text(f"# {told.label.replace('_', ' ').capitalize()}\n\n{text}\n", encoding="utf-8")


def _until(track: RadarTrack, off_s: float) -> RadarTrack:
    kept = track.reports.at_s < off_s
    reports = Reports(**{field.name: getattr(track.reports, field.name)[kept] for field in fields(Reports)})
    return replace(track, reports=reports, length_m=track.length_m[kept])


def _sailing(
    craft: Craft, route: Sequence[Point], begins: str, sog_kn: float, ends: str = "24:00", **passage: Any
) -> Passage:
    """At the first point of the route for ten minutes, along it, and at its last point until the end."""
    start_s, ends_s = clock(begins), clock(ends)
    legs = [*stay(start_s + 600.0), *sail(*route[1:], sog_kn=sog_kn), *stay(ends_s)]
    return Passage(craft, move(route[0], legs, start_s, ends_s), **passage)


def _under_way(
    craft: Craft, route: Sequence[Point], begins: str, sog_kn: float, ends: str = "24:00", **passage: Any
) -> Passage:
    """Along the route and gone at its end."""
    return Passage(craft, move(route[0], sail(*route[1:], sog_kn=sog_kn), clock(begins), clock(ends)), **passage)


def _told(story: Behaviour, text: str) -> Behaviour:
    """The behaviour with the text that this folder tells."""
    return replace(story, story=text)


def _stories() -> list[Story]:
    return [*_gaps(), *_outages(), *_crossings(), *_harmless_crossings(), *_distress(), *_no_distress()]


def _gaps() -> list[Story]:
    north = ((26.05, 39.425), (26.34, 39.435), (26.6, 39.47))
    south = tuple((lon, lat - 0.012) for lon, lat in north)
    one, other = ship(60, "636", 70, 128, 19, 7.1), ship(61, "538", 80, 141, 22, 8.0)
    off_s = clock("09:00")
    minute = {"ais_interval_s": 60}
    threshold = Behaviour(
        "gap_at_threshold",
        True,
        "Two merchant ships go side by side through the strait north of Lesvos, each heard every minute. "
        "One is not heard for 31 minutes, which is a gap; the other for exactly 30, which is none: the "
        "rule says more than 30.",
        (
            _under_way(one, north, "08:15", 9.0, "10:15", ais_silences=((off_s + 10, off_s + 31 * 60),), **minute),
            _under_way(other, south, "08:15", 9.0, "10:15", ais_silences=((off_s + 10, off_s + 30 * 60),), **minute),
        ),
        (Expected("ais_gap", "closed", off_s, 10.0, "ais"),),
    )
    still_open = Behaviour(
        "gap_still_open",
        True,
        "A merchant ship has not been heard for the last 55 minutes of the data, while four ships at "
        "anchor around it have. The gap is open: nobody knows yet when it will end. A gap alone is no "
        "alert.",
        (_under_way(one, north, "08:15", 9.0, "10:15", ais_silences=((clock("09:20"), DAY_S),)),),
        (Expected("ais_gap", "open", clock("09:20"), 90.0, "ais"),),
    )
    late = Behaviour(
        "late_data_closes_gap",
        True,
        "The first file of the day lacks 50 minutes of a merchant ship: a gap. A second file brings the "
        "missing reports: there was no gap, and the event is taken back under its own id.",
        (_under_way(one, north, "08:15", 9.0, "10:15"),),
        (Expected("ais_gap", "retracted", off_s, 90.0, "ais"),),
    )
    return [
        Story(
            threshold,
            ("08:15", "10:15"),
            NORTH_OF_LESVOS,
            ("alerts", "feed_outage"),
            (Expected("ais_gap", "closed", off_s, sensor="ais", about=1),),
            with_radar=False,
        ),
        Story(still_open, ("08:15", "10:15"), NORTH_OF_LESVOS, ("alerts", "feed_outage"), with_radar=False),
        Story(
            late,
            ("08:15", "10:15"),
            NORTH_OF_LESVOS,
            ("alerts", "feed_outage"),
            with_radar=False,
            late_s=(off_s, off_s + 50 * 60),
        ),
    ]


def _outages() -> list[Story]:
    silence = ((clock("09:00"), clock("10:30")),)
    at_anchor = (*EAST_OF_LESVOS, *NORTH_OF_LESVOS, (26.45, 38.85), (26.52, 38.86))
    fleet = [
        Passage(
            ship(60 + n, "636", 70, 150, 24, 8.5),
            move(where, stay(clock("11:00"), AT_ANCHOR), clock("08:20")),
            silence,
            240,
        )
        for n, where in enumerate(at_anchor)
    ]
    fleet += [
        _under_way(
            ship(70 + n, "538", 80, 170, 28, 9.5),
            route,
            "08:20",
            8.0,
            "11:00",
            ais_silences=silence,
            ais_interval_s=240,
        )
        for n, route in enumerate(
            (
                ((26.7, 39.00), (26.5, 38.8), (26.2, 38.75)),
                ((26.05, 39.425), (26.34, 39.435), (26.6, 39.47)),
                ((26.6, 39.2), (26.7, 39.00), (26.6, 38.8)),
            )
        )
    ]
    outage = Behaviour(
        "feed_outage_everyone_silent",
        True,
        "Thirteen ships, at anchor and under way, all fall silent within minutes and are all heard again "
        "90 minutes later. The feed was down: one outage, and not thirteen gaps.",
        tuple(fleet),
        (Expected("feed_outage", "closed", clock("09:00"), 600.0, "feed"),),
    )
    quay = [(26.5655 + 0.0008 * (n % 4), 39.0985 + 0.0012 * (n // 4)) for n in range(12)]
    ships = [
        Passage(
            ship(60 + n, "237", 70, 60, 11, 3.5),
            move(where, stay(clock("24:00")), clock("17:30")),
            ((clock("18:50") + 20 * n, DAY_S),),
            600,
        )
        for n, where in enumerate(quay)
    ]
    asleep = innocent(
        "port_overnight_silence",
        "Twelve ships at Mytilini switch their AIS off within a few minutes for the night. They are in "
        "port: no gaps. And they are no outage of the feed: four ships at anchor outside go on being heard.",
        *ships,
    )
    return [
        Story(outage, ("08:20", "11:00"), (), ("alerts", "ais_gap"), with_radar=False),
        Story(asleep, ("17:30", "23:30"), EAST_OF_LESVOS, NOTHING, with_radar=False),
    ]


def _crossings() -> list[Story]:
    across = ((26.728, 39.205), (26.64, 39.18), (26.552, 39.155))
    return [
        Story(
            _told(
                does.dark_crossing("dark_crossing_completed", across, 8.0, clock("22:00")),
                "By night a small boat without AIS leaves a beach between Ayvalik and Dikili, passes the "
                "middle of the strait at 8 knots and reaches a cove of Lesvos, away from any port. Only "
                "the radar of Mytilini sees it.",
            ),
            ("21:50", "23:50"),
            EAST_OF_LESVOS,
            ("feed_outage", "ais_gap"),
        ),
        Story(
            _told(
                does.dark_approach(
                    "dark_crossing_approaching",
                    ((26.3, 39.472), (26.285, 39.43), (26.255, 39.384)),
                    5.0,
                    clock("23:50"),
                    1.9,
                ),
                "When the data ends, a small boat without AIS has passed the middle of the strait north of "
                "Lesvos and heads for the island, some 20 minutes off. This is the message that is worth "
                "the most: the boat is still at sea.",
            ),
            ("22:50", "23:50"),
            NORTH_OF_LESVOS,
            ("feed_outage", "ais_gap"),
        ),
        Story(
            _told(
                does.turned_back("dark_crossing_turned_back", ((26.728, 39.205), (26.625, 39.18)), 8.0, clock("21:30")),
                "By night a small boat without AIS passes the middle of the strait east of Lesvos, turns "
                "and goes back to the beach that it came from.",
            ),
            ("21:20", "23:50"),
            EAST_OF_LESVOS,
            ("feed_outage", "ais_gap"),
        ),
        Story(
            _told(
                does.vanished(
                    "dark_crossing_vanished",
                    ((27.16, 37.702), (27.15, 37.698), (27.13, 37.73), (27.098, 37.755)),
                    6.0,
                    clock("21:10"),
                ),
                "By night a small boat without AIS leaves the Dilek peninsula for Samos. Past the middle "
                "the radar loses it, half a mile from any shore, and goes on seeing the others around. "
                "Someone should look.",
            ),
            ("21:00", "23:00"),
            SAMOS,
            ("feed_outage", "ais_gap"),
        ),
        Story(
            _told(
                does.ais_off_crossing(
                    "ais_off_crossing",
                    boat(62, "271", 37, 10.9),
                    ((26.338, 39.478), (26.33, 39.44), (26.235, 39.39)),
                    6.0,
                    clock("20:30"),
                    (clock("20:36"), clock("21:25")),
                ),
                "A motor yacht with a class B transponder stops sending off Assos and sends again off "
                "Lesvos. In between the radar saw it cross the strait.",
            ),
            ("20:20", "22:20"),
            NORTH_OF_LESVOS,
            ("feed_outage",),
        ),
    ]


def _harmless_crossings() -> list[Story]:
    patrol_route = (*AYVALIK_CHANNEL[::-1], (26.512, 39.212), (26.6, 39.25), *AYVALIK_CHANNEL)
    to_the_line = ((26.62, 39.17), (26.65, 39.185), (26.625, 39.19), (26.655, 39.175), (26.62, 39.17))
    return [
        Story(
            innocent(
                "ferry_port_to_port",
                "The morning ferry goes from Ayvalik to Mytilini, from quay to quay.",
                _sailing(ship(62, "237", 60, 40, 10, 2.2), AYVALIK_MYTILINI, "05:20", 15.0, "07:10"),
            ),
            ("05:20", "07:10"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
        Story(
            innocent(
                "radar_double_of_ferry",
                "A catamaran crosses from Kusadasi to Vathy after dark at 32 knots. The radar sees it too "
                "and knows no name, but it is the same craft: the radar's track of a ship with AIS raises "
                "nothing.",
                _sailing(ship(62, "241", 40, 34, 10, 1.6), VATHY_KUSADASI[::-1], "19:00", 32.0, "20:20"),
            ),
            ("19:00", "20:20"),
            SAMOS,
            NOTHING,
        ),
        Story(
            innocent(
                "merchant_transit",
                "A coaster passes the narrows of Samos by night, within a quarter of a mile of both "
                "coasts. That is what ships do there.",
                _under_way(ship(62, "248", 70, 94, 14, 5.4), SAMOS_NARROWS[:7], "19:30", 10.0, "22:00"),
            ),
            ("19:30", "22:00"),
            SAMOS,
            NOTHING,
        ),
        Story(
            innocent(
                "patrol_crosses",
                "A Turkish patrol boat comes within a mile of Lesvos by night and goes back to Ayvalik.",
                _sailing(ship(62, "271", 55, 27, 6, 1.7), patrol_route, "20:00", 14.0, "21:40"),
            ),
            ("20:00", "21:40"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
        Story(
            innocent(
                "fisherman_at_the_line",
                "A fishing boat of Mytilini works by night in the middle of the strait, now on one side of "
                "the line, now on the other, and never near the other coast. It sends on class B.",
                Passage(
                    boat(62, "239", 30, 11.5),
                    move(
                        to_the_line[0],
                        sail(*to_the_line[1:], sog_kn=2.6, nav_status=FISHING),
                        clock("19:30"),
                        clock("22:00"),
                    ),
                ),
            ),
            ("19:30", "22:00"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
        Story(
            innocent(
                "yacht_by_day",
                "A yacht sails from Dikili to Mytilini in broad daylight, from port to port.",
                _sailing(boat(62, "271", 36, 12.6), MYTILINI_DIKILI[::-1], "08:00", 7.5, "10:40"),
            ),
            ("08:00", "10:40"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
    ]


def _distress() -> list[Story]:
    return [
        Story(
            _told(
                does.sart("sart_active", "970990001", (26.25, 38.85), clock("10:20"), 2400, test=False),
                "South of Lesvos a search and rescue transmitter sends for 40 minutes with status 14: active.",
            ),
            ("10:00", "12:30"),
            ((26.45, 38.85), (26.52, 38.86), (26.42, 38.835), (26.5, 38.9)),
            ("feed_outage", "ais_gap"),
            with_radar=False,
        ),
        Story(
            _told(
                does.engine_failure(
                    "engine_failure",
                    ((26.728, 39.205), (26.655, 39.19)),
                    ((26.556, 39.165),),
                    7.0,
                    clock("20:40"),
                    2400,
                ),
                "By night a small boat without AIS stops in the middle of the strait, drifts for 40 "
                "minutes, limps on and reaches the shore.",
            ),
            ("20:30", "23:30"),
            EAST_OF_LESVOS,
            ("feed_outage", "ais_gap"),
        ),
        Story(
            _told(
                does.steady_steaming(
                    "steady_steaming",
                    ((25.95, 39.44), (26.1, 39.425), (26.34, 39.435), (26.6, 39.47)),
                    6.0,
                    clock("21:30"),
                    clock("23:50"),
                ),
                "A small boat without AIS steams along the middle of the strait north of Lesvos by night "
                "at a steady 6 knots, bound for neither coast. Nothing seems wrong with it. So it was with "
                "boats that were lost: the rescue centre is told, as an uncertainty.",
            ),
            ("21:50", "23:50"),
            NORTH_OF_LESVOS,
            ("feed_outage", "ais_gap"),
        ),
    ]


def _no_distress() -> list[Story]:
    near_shore = Craft("near shore")
    rest: list[Leg] = sail((26.2345, 39.3905), sog_kn=0.4)
    fishing = [
        *sail((26.66, 39.15), sog_kn=6.0),
        *sail((26.65, 39.19), (26.655, 39.16), sog_kn=2.0, nav_status=FISHING),
    ]
    home = ((26.31, 39.415), (26.318, 39.405), (26.303, 39.3775))
    daylight = ((26.728, 39.205), (26.64, 39.18), (26.6, 39.17))
    return [
        Story(
            _told(
                does.sart("sart_test", "970990002", (26.3, 38.9), clock("10:20"), 300, test=True),
                "A ship tests its search and rescue transmitter for five minutes: status 15, name SART "
                "TEST. It is recorded, and no alarm.",
            ),
            ("10:00", "12:00"),
            ((26.45, 38.85), (26.52, 38.86), (26.42, 38.835), (26.5, 38.9)),
            ("alerts", "distress"),
            with_radar=False,
        ),
        Story(
            innocent(
                "slow_fisherman",
                "A fishing boat with class B comes out at 6 knots by night, slows down to 2 and works on "
                "at that. It is slow, it is not adrift.",
                Passage(boat(62, "239", 30, 9.8), move((26.59, 39.11), fishing, clock("20:30"), clock("22:30"))),
            ),
            ("20:30", "22:30"),
            EAST_OF_LESVOS,
            ("alerts", "distress"),
        ),
        Story(
            innocent(
                "drift_stop_near_shore",
                "By day a small boat without AIS goes along the north coast of Lesvos, stops for half an "
                "hour half a mile off the beach and goes on. So do all who fish with a line or take a swim.",
                Passage(
                    near_shore,
                    move(
                        (26.27, 39.388),
                        [*sail((26.24, 39.389), sog_kn=5.0), *rest, *sail((26.27, 39.388), sog_kn=5.0)],
                        clock("07:20"),
                    ),
                ),
            ),
            ("07:10", "09:10"),
            NORTH_OF_LESVOS,
            ("alerts", "distress", "coast_crossing"),
        ),
        Story(
            innocent(
                "home_to_harbour",
                "By day a small boat without AIS fishes two miles off Skala Sykamineas and goes home. The "
                "radar loses it in the clutter of the shore: it did not vanish, it arrived.",
                _under_way(Craft("homeward"), home, "09:00", 2.5),
            ),
            ("08:40", "11:00"),
            NORTH_OF_LESVOS,
            ("alerts", "distress", "coast_crossing"),
        ),
        Story(
            innocent(
                "radar_goes_off",
                "By day a small boat is in the middle of the strait when the radar of Mytilini fails. All "
                "its tracks end in that minute; what is not watched has not vanished.",
                _under_way(Craft("unwatched"), daylight, "08:20", 6.0, "11:00"),
            ),
            ("08:10", "11:00"),
            EAST_OF_LESVOS,
            ("alerts", "distress", "coast_crossing"),
            radar_off_s=clock("09:00"),
        ),
        Story(
            innocent(
                "steady_by_day",
                "A small boat without AIS goes through the middle of the strait north of Lesvos in broad daylight.",
                _under_way(
                    Craft("by day"),
                    ((25.95, 39.44), (26.1, 39.425), (26.34, 39.435), (26.6, 39.47)),
                    "08:30",
                    6.0,
                    "10:50",
                ),
            ),
            ("08:50", "10:50"),
            NORTH_OF_LESVOS,
            ("alerts", "distress", "coast_crossing"),
        ),
    ]
