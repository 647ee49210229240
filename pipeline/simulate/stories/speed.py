"""Stories of speed."""

from pipeline.simulate.aegean import boat
from pipeline.simulate.behaviours import speed as does
from pipeline.simulate.craft import Craft, clock
from pipeline.simulate.stories.folder import EAST_OF_LESVOS, NORTH_OF_LESVOS, NOTHING, SEED, Story, told

THROUGH = ((25.95, 39.44), (26.1, 39.425), (26.34, 39.435), (26.6, 39.47))


def stories() -> list[Story]:
    """Fast without AIS, fast with it, fast all at once; and a regatta, which is none of these."""
    yachts = [boat(60 + n, "237" if n % 2 else "232", 36, 11.0 + 0.3 * n) for n in range(6)]
    marks = ((26.62, 39.12), (26.64, 39.16), (26.605, 39.165))
    return [
        Story(
            told(
                does.high_speed("high_speed_by_radar", Craft("high_speed_by_radar"), THROUGH, 34.0, clock("09:00")),
                "By day a craft without AIS goes through the strait north of Lesvos at 34 knots, for fifty minutes, bound for neither coast.",
            ),
            ("08:50", "10:10"),
            NORTH_OF_LESVOS,
            NOTHING,
        ),
        Story(
            told(
                does.high_speed("high_speed_by_ais", boat(62, "271", 37, 9.2), THROUGH, 28.0, clock("09:00")),
                "By day a motor yacht goes through the strait north of Lesvos at 28 knots for an hour, its AIS on.",
            ),
            ("08:50", "10:00"),
            NORTH_OF_LESVOS,
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                does.sudden_acceleration(
                    "sudden_acceleration",
                    Craft("sudden_acceleration"),
                    (26.75, 39.17),
                    ((26.76, 39.02), (26.74, 38.86)),
                    26.0,
                    clock("09:00"),
                    2400.0,
                ),
                "By day a small boat without AIS keeps about one place off the Turkish coast at two knots for forty minutes, and leaves for the "
                "south at 26 knots from one minute to the next.",
            ),
            ("08:50", "10:30"),
            EAST_OF_LESVOS[:3],
            NOTHING,
        ),
        Story(
            told(
                does.regatta("regatta", yachts, marks, 2, clock("09:00"), SEED),
                "Six yachts race twice round three marks off Mytilini: close together, now on one course and now turning, some faster than "
                "others. No convoy, no encounter, nobody in need.",
            ),
            ("09:00", "09:50"),
            EAST_OF_LESVOS[:2],
            (*NOTHING, "distress", "convoy", "encounter", "sudden_acceleration"),
            radars=(),
        ),
    ]
