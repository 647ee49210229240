"""Stories of several craft together, and of ways that nobody takes."""

from pipeline.simulate.aegean import ship
from pipeline.simulate.behaviours import patterns as does
from pipeline.simulate.craft import clock
from pipeline.simulate.sensors import Radar
from pipeline.simulate.stories.folder import NORTH_OF_LESVOS, NOTHING, SOUTH_OF_LESVOS, Story, told

ON_THE_HEIGHT = (Radar("R-SIGRI", 25.845, 39.214, range_nm=40.0, first_track_no=701),)  # stands high and sees far
BULKER, TRAWLER = ship(62, "636", 70, 188, 30, 10.5), ship(66, "271", 30, 24, 7, 3.0)


def stories() -> list[Story]:
    """Launches and pick-ups, an approach to a merchant ship, a way that nobody takes."""
    out, meeting_place = (24.95, 39.3), (25.4, 39.12)
    to_the_coast = ((25.62, 39.14), (25.8, 39.16))
    return [
        Story(
            told(
                does.mothership_launch(
                    "mothership_launch",
                    TRAWLER,
                    (out,),
                    meeting_place,
                    (out,),
                    to_the_coast,
                    (9.0, 12.0),
                    clock("06:30"),
                    2400.0,
                ),
                "A trawler comes from the west to a place twenty miles off Lesvos and slows down. A small boat without AIS, which nobody has seen "
                "come, leaves it for the coast, and the trawler goes back to where it came from.",
            ),
            ("06:30", "11:30"),
            SOUTH_OF_LESVOS[:1],
            NOTHING,
            radars=ON_THE_HEIGHT,
            around_every_s=600,
        ),
        Story(
            told(
                does.pick_up(
                    "pick_up",
                    TRAWLER,
                    (out,),
                    meeting_place,
                    (out,),
                    to_the_coast[::-1],
                    (9.0, 12.0),
                    clock("06:30"),
                    2400.0,
                ),
                "A trawler waits twenty miles off Lesvos. A small boat without AIS comes to it from the coast and is seen no more; the trawler "
                "goes away to the west.",
            ),
            ("06:30", "11:30"),
            SOUTH_OF_LESVOS[:1],
            NOTHING,
            radars=ON_THE_HEIGHT,
            around_every_s=600,
        ),
        Story(
            told(
                does.suspicious_approach(
                    "suspicious_approach",
                    BULKER,
                    ((26.05, 39.425), (26.34, 39.44), (26.6, 39.47)),
                    12.0,
                    clock("08:30"),
                    ((26.5, 39.51), (26.42, 39.47)),
                    ((26.42, 39.475), (26.5, 39.51)),
                    30.0,
                    clock("09:30"),
                ),
                "By day a small boat without AIS comes from the Turkish coast straight up to a merchant ship under way, at 30 knots, is within "
                "two cables of it, and goes back.",
            ),
            ("08:30", "10:20"),
            NORTH_OF_LESVOS[:3],
            ("feed_outage", "ais_gap"),
        ),
        Story(
            told(
                does.off_route(
                    "off_route",
                    BULKER,
                    ((25.72, 39.7), (25.7, 39.35), (25.3, 39.3), (25.15, 39.05), (25.4, 38.9), (25.2, 38.7)),
                    11.0,
                    clock("06:00"),
                    clock("08:00"),
                ),
                "A merchant ship on its way south leaves the way that ships take west of Lesvos and winds about where none of them goes.",
            ),
            ("06:00", "13:00"),
            (),
            NOTHING,
            radars=(),
        ),
    ]
