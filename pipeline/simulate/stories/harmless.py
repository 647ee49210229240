"""Stories of craft that cross, work or rest as they do every day, and raise nothing."""

from collections.abc import Sequence

from pipeline.simulate.aegean import (
    AYVALIK_CHANNEL,
    AYVALIK_MYTILINI,
    MYTILINI_DIKILI,
    SAMOS_NARROWS,
    VATHY_KUSADASI,
    boat,
    ship,
)
from pipeline.simulate.behaviours import ordinary
from pipeline.simulate.behaviours.speed import fast_ferry
from pipeline.simulate.craft import FISHING, Craft, Leg, Point, clock, move, sail
from pipeline.simulate.sensors import Passage
from pipeline.simulate.stories.folder import (
    EAST_OF_LESVOS,
    NORTH_OF_LESVOS,
    NOTHING,
    OFF_SAMOS,
    Story,
    sailing,
    told,
    under_way,
)

NO_ALARM = ("alerts", "distress", "coast_crossing")


def stories() -> list[Story]:
    """Ferries, merchant ships, patrols, fishermen, yachts and day boats."""
    return [*_with_ais(), *_small()]


def _with_ais() -> list[Story]:
    patrol_route = (*AYVALIK_CHANNEL[::-1], (26.512, 39.212), (26.6, 39.25), *AYVALIK_CHANNEL)
    to_the_line = ((26.62, 39.17), (26.65, 39.185), (26.625, 39.19), (26.655, 39.175), (26.62, 39.17))
    fishing = [
        *sail((26.66, 39.15), sog_kn=6.0),
        *sail((26.65, 39.19), (26.655, 39.16), sog_kn=2.0, nav_status=FISHING),
    ]
    return [
        Story(
            ordinary.honest_ferry(
                "ferry_port_to_port",
                "The morning ferry goes from Ayvalik to Mytilini, from quay to quay.",
                sailing(ship(62, "237", 60, 40, 10, 2.2), AYVALIK_MYTILINI, "05:20", 15.0, "07:10"),
            ),
            ("05:20", "07:10"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
        Story(
            told(
                fast_ferry(
                    "radar_double_of_ferry",
                    sailing(ship(62, "241", 40, 34, 10, 1.6), VATHY_KUSADASI[::-1], "19:00", 32.0, "20:20"),
                ),
                "A catamaran crosses from Kusadasi to Vathy after dark at 32 knots. The radar sees it too and knows no name, but it is the same "
                "craft: the radar's track of a ship with AIS raises nothing.",
            ),
            ("19:00", "20:20"),
            OFF_SAMOS,
            (*NOTHING, "high_speed", "dark_vessel"),
        ),
        Story(
            ordinary.merchant_transit(
                "merchant_transit",
                "A coaster passes the narrows of Samos by night, within a quarter of a mile of both coasts. That is what ships do there.",
                under_way(ship(62, "248", 70, 94, 14, 5.4), SAMOS_NARROWS[:7], "19:30", 10.0),
            ),
            ("19:30", "22:00"),
            OFF_SAMOS,
            NOTHING,
        ),
        Story(
            ordinary.patrol(
                "patrol_crosses",
                "A Turkish patrol boat comes within a mile of Lesvos by night and goes back to Ayvalik.",
                sailing(ship(62, "271", 55, 27, 6, 1.7), patrol_route, "20:00", 14.0, "21:40"),
            ),
            ("20:00", "21:40"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
        Story(
            ordinary.fisherman(
                "fisherman_at_the_line",
                "A fishing boat of Mytilini works by night in the middle of the strait, now on one side of the line, now on the other, and never "
                "near the other coast. It sends on class B.",
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
            ordinary.fisherman(
                "slow_fisherman",
                "A fishing boat with class B comes out at 6 knots by night, slows down to 2 and works on at that. It is slow, it is not adrift.",
                Passage(boat(62, "239", 30, 9.8), move((26.59, 39.11), fishing, clock("20:30"), clock("22:30"))),
            ),
            ("20:30", "22:30"),
            EAST_OF_LESVOS,
            ("alerts", "distress"),
        ),
        Story(
            ordinary.yacht(
                "yacht_by_day",
                "A yacht sails from Dikili to Mytilini in broad daylight, from port to port.",
                sailing(boat(62, "271", 36, 12.6), MYTILINI_DIKILI[::-1], "08:00", 7.5, "10:40"),
            ),
            ("08:00", "10:40"),
            EAST_OF_LESVOS,
            NOTHING,
        ),
    ]


def _small() -> list[Story]:
    rest: list[Leg] = sail((26.2345, 39.3905), sog_kn=0.4)
    stop = [*sail((26.24, 39.389), sog_kn=5.0), *rest, *sail((26.27, 39.388), sog_kn=5.0)]
    home = ((26.31, 39.415), (26.318, 39.405), (26.303, 39.3775))
    through = ((25.95, 39.44), (26.1, 39.425), (26.34, 39.435), (26.6, 39.47))
    return [
        Story(
            ordinary.day_boat(
                "drift_stop_near_shore",
                "By day a small boat without AIS goes along the north coast of Lesvos, stops for half an hour half a mile off the beach and goes "
                "on. So do all who fish with a line or take a swim.",
                Passage(Craft("near shore"), move((26.27, 39.388), stop, clock("07:20"))),
            ),
            ("07:10", "09:10"),
            NORTH_OF_LESVOS,
            NO_ALARM,
        ),
        Story(
            ordinary.day_boat(
                "home_to_harbour",
                "By day a small boat without AIS fishes two miles off Skala Sykamineas and goes home. The radar loses it in the clutter of the "
                "shore: it did not vanish, it arrived.",
                _boat("homeward", home, "09:00", 2.5),
            ),
            ("08:40", "11:00"),
            NORTH_OF_LESVOS,
            NO_ALARM,
        ),
        Story(
            ordinary.day_boat(
                "steady_by_day",
                "A small boat without AIS goes through the middle of the strait north of Lesvos in broad daylight.",
                _boat("by day", through, "08:30", 6.0),
            ),
            ("08:50", "10:50"),
            NORTH_OF_LESVOS,
            NO_ALARM,
        ),
    ]


def _boat(name: str, route: Sequence[Point], begins: str, sog_kn: float) -> Passage:
    return under_way(Craft(name), route, begins, sog_kn)
