"""Stories of people who may need help, and of those who come to help."""

from pipeline.simulate.aegean import MYTILINI, ship
from pipeline.simulate.behaviours import distress as does
from pipeline.simulate.behaviours.behaviour import Incident
from pipeline.simulate.behaviours.crossings import steady_steaming
from pipeline.simulate.craft import clock
from pipeline.simulate.stories.folder import (
    CALM,
    EAST_OF_LESVOS,
    LESVOS,
    NORTH_OF_LESVOS,
    SOUTH_OF_LESVOS,
    Story,
    told,
)

STOPS = ((26.728, 39.205), (26.655, 39.19))


def stories() -> list[Story]:
    """Rules a to f, the tests of beacons, and a rescue."""
    return [*_beacons(), *_craft(), *_help()]


def _beacons() -> list[Story]:
    return [
        Story(
            told(
                does.beacon("sart_active", "970990001", (26.25, 38.85), clock("10:20"), 2400),
                "South of Lesvos a search and rescue transmitter sends for 40 minutes with status 14: active.",
            ),
            ("10:00", "12:30"),
            SOUTH_OF_LESVOS,
            CALM,
            radars=(),
        ),
        Story(
            told(
                does.beacon("man_overboard", "972990003", (26.3, 38.9), clock("10:20"), 1500),
                "South of Lesvos a man-overboard device sends for 25 minutes: somebody is in the water.",
            ),
            ("10:00", "12:10"),
            SOUTH_OF_LESVOS,
            CALM,
            radars=(),
        ),
        Story(
            told(
                does.beacon("epirb", "974990004", (25.9, 38.75), clock("10:20"), 3600),
                "South-west of Lesvos a ship's emergency beacon floats free and sends for an hour.",
            ),
            ("10:00", "12:50"),
            SOUTH_OF_LESVOS,
            CALM,
            radars=(),
        ),
        Story(
            told(
                does.beacon_test("sart_test", "970990002", (26.3, 38.9), clock("10:20"), 300),
                "A ship tests its search and rescue transmitter for five minutes: status 15, name SART TEST. It is recorded, and no alarm.",
            ),
            ("10:00", "12:00"),
            SOUTH_OF_LESVOS,
            ("alerts", "distress"),
            radars=(),
        ),
    ]


def _craft() -> list[Story]:
    through = ((25.95, 39.44), (26.1, 39.425), (26.34, 39.435), (26.6, 39.47))
    off_lesvos, onward = ((25.72, 39.45), (25.71, 39.3)), ((25.72, 39.0),)
    return [
        Story(
            told(
                does.engine_failure("engine_failure", LESVOS, STOPS, ((26.556, 39.165),), 7.0, clock("20:40"), 2400),
                "By night a small boat without AIS stops in the middle of the strait, drifts for 40 minutes, limps on and reaches the shore.",
            ),
            ("20:30", "23:30"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                steady_steaming("steady_steaming", LESVOS, through, 6.0, clock("21:30"), clock("23:50")),
                "A small boat without AIS steams along the middle of the strait north of Lesvos by night at a steady 6 knots, bound for neither "
                "coast. Nothing seems wrong with it. So it was with boats that were lost: the rescue centre is told, as an uncertainty.",
            ),
            ("21:50", "23:50"),
            NORTH_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.adrift(
                    "adrift", ship(62, "248", 70, 88, 13, 5.0), off_lesvos, onward, 10.0, clock("08:00"), 5400.0
                ),
                "West of Lesvos a coaster under way stops and is carried off sideways for an hour and a half: it goes north-west while its bow "
                "points north-east.",
            ),
            ("08:00", "11:30"),
            SOUTH_OF_LESVOS[:2],
            CALM,
            radars=(),
        ),
        Story(
            told(
                does.not_under_command(
                    "not_under_command",
                    ship(62, "248", 80, 103, 16, 6.2),
                    off_lesvos,
                    onward,
                    10.0,
                    clock("08:00"),
                    5400.0,
                ),
                "West of Lesvos a small tanker says that it is not under command and drifts for an hour and a half before it goes on.",
            ),
            ("08:00", "11:30"),
            SOUTH_OF_LESVOS[:2],
            CALM,
            radars=(),
        ),
        Story(
            told(
                does.seen_again("seen_again", LESVOS, (26.42, 39.432), clock("06:30"), 1800.0, 10_800.0, 1200.0, 265.0),
                "By day the radar sees a small object drift in the middle of the strait north of Lesvos for half an hour, and loses it. Three "
                "hours later it sees a small object a mile and a half down the current. It may be the same boat, without an engine.",
            ),
            ("06:20", "10:20"),
            NORTH_OF_LESVOS,
            CALM,
            around_every_s=600,
        ),
        Story(
            told(
                does.reported(
                    "reported",
                    Incident(0.0, (26.41, 39.43), "Boat in distress north of Lesvos, engine failed, people on board"),
                ),
                "An incident report of the day speaks of a boat in distress north of Lesvos. No sensor saw it. The words are enough for the "
                "rescue centre to be told.",
            ),
            ("08:00", "09:00"),
            NORTH_OF_LESVOS,
            CALM,
            radars=(),
        ),
    ]


def _help() -> list[Story]:
    boat_adrift = does.engine_failure("boat_adrift", LESVOS, STOPS, ((26.556, 39.165),), 7.0, clock("20:40"), 3300)
    rescuers = does.rescue(
        "rescue",
        boat_adrift,
        ship(63, "237", 51, 26, 7, 2.0),
        (MYTILINI, (26.58, 39.115), (26.652, 39.199)),
        ship(64, "636", 70, 128, 19, 7.1),
        ((26.7, 39.0), (26.69, 39.12), (26.668, 39.201)),
        clock("21:40"),
        clock("22:00"),
    )
    return [
        Story(
            told(
                rescuers,
                "By night a boat drifts in the middle of the strait east of Lesvos. A rescue vessel comes from Mytilini, a merchant ship turns "
                "towards it; both stand by and leave again. The boat is in distress; who helps it raises nothing.",
            ),
            ("20:30", "23:20"),
            EAST_OF_LESVOS[:2],
            CALM,
            around_every_s=600,
            also=(boat_adrift,),
        ),
    ]
