"""Stories of two craft close together."""

from pipeline.simulate.aegean import MYTILINI, ship
from pipeline.simulate.behaviours import meetings as does
from pipeline.simulate.behaviours.meetings import Party
from pipeline.simulate.craft import Craft, clock
from pipeline.simulate.stories.folder import EAST_OF_LESVOS, NORTH_OF_LESVOS, NOTHING, SOUTH_OF_LESVOS, Story, told

NORTH = ((26.05, 39.425), (26.34, 39.435), (26.6, 39.47))
NO_MEETING = (*NOTHING, "encounter")
TANKER, COASTER, BULKER = (
    ship(60, "538", 80, 141, 22, 8.0),
    ship(61, "248", 80, 98, 15, 5.8),
    ship(62, "636", 70, 188, 30, 10.5),
)
TUG, PILOT, FERRY = ship(63, "239", 52, 29, 9, 3.6), ship(64, "239", 50, 15, 5, 1.4), ship(65, "237", 60, 132, 22, 5.9)


def stories() -> list[Story]:
    """Two encounters, and the meetings that are none."""
    return [*_encounters(), *_none()]


def _encounters() -> list[Story]:
    far_off = (25.3, 38.95)
    off_dikili = (26.752, 39.02)
    return [
        Story(
            told(
                does.encounter(
                    "encounter",
                    Party(TANKER, ((25.45, 39.3),), ((25.5, 38.75),), 11.0),
                    Party(COASTER, ((25.55, 38.75),), ((25.4, 39.25),), 9.0),
                    far_off,
                    clock("08:30"),
                    9600.0,
                ),
                "A tanker and a smaller one come from two sides to a place 25 miles off any coast, lie side by side for two hours and forty "
                "minutes, and part.",
            ),
            ("07:00", "12:30"),
            (),
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                does.fast_transfer(
                    "fast_transfer",
                    Party(BULKER, ((26.73, 39.15),), ((26.72, 38.86),), 10.0),
                    Party(Craft("fast_transfer boat"), ((26.795, 39.075),), ((26.8, 39.07),), 16.0),
                    off_dikili,
                    clock("08:30"),
                    1080.0,
                ),
                "By day a small boat without AIS comes out from the coast of Dikili to a merchant ship that has slowed down to two knots, lies "
                "alongside for eighteen minutes and goes back.",
            ),
            ("07:40", "10:00"),
            EAST_OF_LESVOS[:3],
            NOTHING,
        ),
    ]


def _none() -> list[Story]:
    ferry_way = ((26.63, 39.038), (26.604, 38.98), (26.3, 38.665))
    return [
        Story(
            told(
                does.pilot_transfer(
                    "pilot_transfer",
                    Party(BULKER, ((26.62, 38.82),), ((26.7, 39.1),), 10.0),
                    Party(PILOT, (MYTILINI,), (MYTILINI,), 16.0),
                    (26.63, 39.038),
                    clock("08:30"),
                    900.0,
                    clock("10:30"),
                ),
                "Off Mytilini a pilot boat keeps alongside a merchant ship for a quarter of an hour at four knots and goes home.",
            ),
            ("07:20", "09:45"),
            EAST_OF_LESVOS[:3],
            NO_MEETING,
            radars=(),
        ),
        Story(
            told(
                does.fly_by("fly_by", TANKER, BULKER, NORTH, 11.0, clock("08:00")),
                "In the strait north of Lesvos two merchant ships pass each other on opposite courses, a cable apart.",
            ),
            ("08:00", "10:00"),
            NORTH_OF_LESVOS[:3],
            NO_MEETING,
            radars=(),
        ),
        Story(
            told(
                does.overtaking("overtaking", COASTER, FERRY, ferry_way, (8.0, 18.0), clock("08:00")),
                "South of Lesvos the ferry to Chios comes up behind a slow coaster, passes it a cable off, and is gone.",
            ),
            ("08:00", "11:00"),
            SOUTH_OF_LESVOS[:3],
            NO_MEETING,
            radars=(),
        ),
        Story(
            told(
                does.tow("tow", TUG, COASTER, ((25.7, 39.1), (25.71, 39.5)), 5.0, clock("06:00")),
                "West of Lesvos a tug tows a ship for almost five hours at five knots, 150 metres ahead of it.",
            ),
            ("06:00", "10:45"),
            (),
            NO_MEETING,
            radars=(),
        ),
        Story(
            told(
                does.moored_pair("moored_pair", COASTER, FERRY, (26.5655, 39.0985), clock("06:00"), clock("11:00")),
                "Two ships lie side by side at the quay of Mytilini all morning, as ships in port do.",
            ),
            ("06:00", "11:00"),
            EAST_OF_LESVOS[:2],
            NO_MEETING,
            radars=(),
            around_every_s=600,
        ),
    ]
