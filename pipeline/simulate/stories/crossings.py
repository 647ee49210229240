"""Stories of small craft that cross, or begin to."""

from pipeline.simulate.aegean import AYVALIK_CHANNEL, boat, ship
from pipeline.simulate.behaviours import crossings as does
from pipeline.simulate.craft import clock
from pipeline.simulate.stories.folder import (
    CALM,
    EAST_OF_LESVOS,
    LESVOS,
    NORTH_OF_LESVOS,
    NOTHING,
    OFF_SAMOS,
    SAMOS,
    SOUTH_OF_LESVOS,
    Story,
    told,
)

COASTER = ship(61, "248", 79, 98, 15, 5.8)
ACROSS = ((26.728, 39.205), (26.64, 39.18), (26.552, 39.155))
ACROSS_NORTH = ((26.3, 39.472), (26.285, 39.43), (26.255, 39.384))
FROM_DILEK = ((27.16, 37.702), (27.15, 37.698), (27.13, 37.73), (27.098, 37.755))


def stories() -> list[Story]:
    """Every phase of a crossing, and every indicator that makes one worth a look."""
    return [*_phases(), *_indicators(), *_several(), *_ships()]


def _phases() -> list[Story]:
    return [
        Story(
            told(
                does.dark_crossing("dark_crossing_completed", LESVOS, ACROSS, 8.0, clock("22:00")),
                "By night a small boat without AIS leaves a beach between Ayvalik and Dikili, passes the middle of the strait at 8 knots and "
                "reaches a cove of Lesvos, away from any port. Only the radar of Mytilini sees it.",
            ),
            ("21:50", "23:50"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.dark_approach("dark_crossing_approaching", LESVOS, ACROSS_NORTH, 5.0, clock("23:50"), 1.9),
                "When the data ends, a small boat without AIS has passed the middle of the strait north of Lesvos and heads for the island, some "
                "20 minutes off. This is the message that is worth the most: the boat is still at sea.",
            ),
            ("22:50", "23:50"),
            NORTH_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.turned_back(
                    "dark_crossing_turned_back", LESVOS, ((26.728, 39.205), (26.625, 39.18)), 8.0, clock("21:30"), 3.0
                ),
                "By night a small boat without AIS passes the middle of the strait east of Lesvos, turns and goes back to the beach that it came "
                "from.",
            ),
            ("21:20", "23:50"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.vanished("dark_crossing_vanished", SAMOS, FROM_DILEK, 6.0, clock("21:10"), 0.6),
                "By night a small boat without AIS leaves the Dilek peninsula for Samos. Past the middle the radar loses it, half a mile from "
                "any shore, and goes on seeing the others around. Someone should look.",
            ),
            ("21:00", "23:00"),
            OFF_SAMOS,
            CALM,
        ),
        Story(
            told(
                does.ais_off_crossing(
                    "ais_off_crossing",
                    LESVOS,
                    boat(62, "271", 37, 10.9),
                    ((26.338, 39.478), (26.33, 39.44), (26.235, 39.39)),
                    6.0,
                    clock("20:30"),
                    (clock("20:36"), clock("21:25")),
                ),
                "A motor yacht with a class B transponder stops sending off Assos and sends again off Lesvos. In between the radar saw it cross "
                "the strait.",
            ),
            ("20:20", "22:20"),
            NORTH_OF_LESVOS,
            ("feed_outage",),
        ),
    ]


def _indicators() -> list[Story]:
    return [
        Story(
            told(
                does.dark_crossing("fast_crossing", LESVOS, (*ACROSS[:2], (26.543, 39.155)), 33.0, clock("22:00")),
                "By night a rigid inflatable without AIS crosses the strait east of Lesvos at 33 knots, in a quarter of an hour. No fast ferry "
                "goes there at that hour.",
            ),
            ("21:50", "23:10"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.dark_crossing("slow_crossing", LESVOS, ACROSS_NORTH, 3.4, clock("20:30")),
                "By night a small boat without AIS needs more than an hour and a half for the six miles from Assos to Lesvos. So does a boat "
                "that carries too many.",
            ),
            ("20:20", "23:20"),
            NORTH_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.departure_after_loitering(
                    "departure_after_loitering",
                    LESVOS,
                    (26.69, 39.2),
                    ((26.64, 39.18), (26.552, 39.155)),
                    8.0,
                    clock("20:30"),
                    2700.0,
                    ((26.728, 39.205),),
                ),
                "By night a small boat without AIS comes out from a beach, idles two miles off it for three quarters of an hour, and then crosses "
                "to Lesvos.",
            ),
            ("20:20", "23:20"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.out_and_back(
                    "out_and_back",
                    LESVOS,
                    ((26.728, 39.205), (26.64, 39.18), (26.556, 39.165)),
                    14.0,
                    clock("21:00"),
                    420.0,
                ),
                "By night a small boat without AIS crosses to Lesvos, stays off the beach for seven minutes, and is back on the other side less "
                "than an hour after it left.",
            ),
            ("20:50", "23:20"),
            EAST_OF_LESVOS,
            CALM,
        ),
    ]


def _several() -> list[Story]:
    from_ayvalik = (*AYVALIK_CHANNEL[::-1], (26.575, 39.25), (26.505, 39.205))
    departures_s = [clock("20:00") + 86_400.0 * night for night in range(3)]
    return [
        Story(
            told(
                does.convoy("convoy", LESVOS, ACROSS, 6.0, clock("21:00"), 2),
                "By night two small boats without AIS leave the same beach a minute apart and cross to Lesvos side by side, some 300 metres "
                "apart.",
            ),
            ("20:50", "23:20"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.repeat_crossing(
                    "repeat_crossing",
                    LESVOS,
                    boat(62, "271", 37, 10.9),
                    from_ayvalik,
                    14.0,
                    departures_s,
                    1200.0,
                    240,
                ),
                "On three nights in a row a motor yacht with its AIS on goes from Ayvalik to the same beach of Lesvos, away from any port, lies "
                "there for twenty minutes and goes home. One such trip is a trip; three are a pattern.",
            ),
            ("19:50", "70:50"),
            ((26.66, 39.235),),
            ("feed_outage",),
            radars=(),
            around_every_s=840,
        ),
    ]


def _ships() -> list[Story]:
    return [
        Story(
            told(
                does.line_crossing(
                    "line_crossing",
                    LESVOS,
                    COASTER,
                    ((26.55, 38.93), (26.62, 38.72), (26.5, 38.66)),
                    10.0,
                    clock("08:00"),
                ),
                "South-east of Lesvos a coaster passes the line between the two coasts once, by day, near neither of them.",
            ),
            ("08:00", "09:40"),
            SOUTH_OF_LESVOS[:2],
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                does.zone_visit(
                    "zone_visit", LESVOS, COASTER, ((26.1, 38.9), (26.5, 38.87), (26.172, 38.54)), 12.0, clock("08:00")
                ),
                "Coming from the west, a coaster cuts through the corner of the corridor of Lesvos for an hour and a half and leaves it for the "
                "south.",
            ),
            ("08:00", "11:30"),
            SOUTH_OF_LESVOS[:2],
            NOTHING,
            radars=(),
            around_every_s=600,
        ),
    ]
