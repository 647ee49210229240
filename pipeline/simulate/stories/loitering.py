"""Stories of staying about one place."""

from pipeline.simulate.aegean import ASSOS, boat, ship
from pipeline.simulate.behaviours import loitering as does
from pipeline.simulate.craft import clock
from pipeline.simulate.stories.folder import NORTH_OF_LESVOS, NOTHING, SOUTH_OF_LESVOS, Story, told

NO_LOITERING = (*NOTHING, "loitering")
COASTER, BULKER = ship(61, "248", 79, 98, 15, 5.8), ship(62, "636", 70, 188, 30, 10.5)


def stories() -> list[Story]:
    """On the high sea, nearer the shore, over a cable; and at work, and at anchor."""
    return [
        Story(
            told(
                does.loitering(
                    "loitering_offshore",
                    COASTER,
                    ((25.45, 39.3),),
                    (25.25, 39.05),
                    ((25.45, 38.8),),
                    10.0,
                    clock("06:30"),
                    9000.0,
                    is_offshore=True,
                ),
                "A coaster idles for two and a half hours more than twenty miles off any shore, at little more than a knot, and goes on.",
            ),
            ("06:30", "12:00"),
            (),
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                does.loitering(
                    "loitering",
                    COASTER,
                    ((25.9, 38.65),),
                    (25.95, 38.85),
                    ((25.75, 38.65),),
                    10.0,
                    clock("06:00"),
                    16_200.0,
                    is_offshore=False,
                ),
                "South-west of Lesvos, away from any port or anchorage, a coaster idles for four and a half hours and goes on.",
            ),
            ("06:00", "12:40"),
            (),
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                does.infrastructure_loiter(
                    "infrastructure_loiter",
                    BULKER,
                    ((25.55, 39.15),),
                    (25.35, 39.325),
                    ((25.4, 39.55),),
                    10.0,
                    clock("07:30"),
                    4500.0,
                ),
                "A merchant ship slows down over the cable between the Dardanelles and Attica, goes to and fro across it for an hour and a quarter at "
                "little more than a knot, and goes on.",
            ),
            ("07:30", "11:00"),
            (),
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                does.fishing_on_the_ground(
                    "fishing_on_the_ground",
                    boat(63, "271", 30, 11.5),
                    (ASSOS, (26.338, 39.475)),
                    (26.5, 39.437),
                    0.6,
                    clock("05:00"),
                    14_400.0,
                    clock("12:00"),
                ),
                "A fishing boat of Behramkale works the ground in the mouth of the gulf of Edremit for four hours, slowly, to and fro, and goes home.",
            ),
            ("05:00", "11:00"),
            NORTH_OF_LESVOS[:1],
            NO_LOITERING,
            radars=(),
            around_every_s=600,
        ),
        Story(
            told(
                does.at_anchor("at_anchor", BULKER, (26.585, 39.085), clock("05:00"), clock("11:00")),
                "A merchant ship lies in the roads of Mytilini for six hours and waits for a berth.",
            ),
            ("05:00", "11:00"),
            SOUTH_OF_LESVOS[:2],
            NO_LOITERING,
            radars=(),
            around_every_s=600,
        ),
    ]
