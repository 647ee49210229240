"""Stories of not being heard: gaps, outages, and silences that are neither."""

from pipeline.simulate.aegean import ship
from pipeline.simulate.behaviours import silences as does
from pipeline.simulate.behaviours.behaviour import Behaviour, Expected
from pipeline.simulate.craft import AT_ANCHOR, DAY_S, clock, move, stay
from pipeline.simulate.sensors import Passage
from pipeline.simulate.stories.folder import (
    CALM,
    EAST_OF_LESVOS,
    LESVOS,
    NORTH_OF_LESVOS,
    NOTHING,
    SOUTH_OF_LESVOS,
    Story,
    told,
    under_way,
)

NORTH = ((26.05, 39.425), (26.34, 39.435), (26.6, 39.47))
SOUTH_OF_IT = tuple((lon, lat - 0.012) for lon, lat in NORTH)
GAP_S = LESVOS.gap_s
MERCHANT, TANKER = ship(60, "636", 70, 128, 19, 7.1), ship(61, "538", 80, 141, 22, 8.0)


def stories() -> list[Story]:
    """Silences of ships, of feeds, and of neither."""
    return [*_gaps(), *_outages(), *_neither()]


def _gaps() -> list[Story]:
    off_s = clock("09:00")
    minute = {"ais_interval_s": 60}
    threshold = Behaviour(
        "gap_at_threshold",
        "ais_gap",
        "1",
        True,
        "Two merchant ships go side by side through the strait north of Lesvos, each heard every minute. One is not heard for 31 minutes, which "
        "is a gap; the other for exactly 30, which is none: the rule says more than 30.",
        (
            under_way(MERCHANT, NORTH, "08:15", 9.0, ais_silences=((off_s + 10, off_s + 31 * 60),), **minute),
            under_way(TANKER, SOUTH_OF_IT, "08:15", 9.0, ais_silences=((off_s + 10, off_s + 30 * 60),), **minute),
        ),
        (Expected("ais_gap", off_s, off_s + 31 * 60, off_s + GAP_S, 10.0, state="closed"),),
    )
    still_open = Behaviour(
        "gap_still_open",
        "ais_gap",
        "1",
        True,
        "A merchant ship has not been heard for the last 55 minutes of the data, while four ships at anchor around it have. The gap is open: "
        "nobody knows yet when it will end. A gap alone is no alert.",
        (under_way(MERCHANT, NORTH, "08:15", 9.0, ais_silences=((clock("09:20"), DAY_S),)),),
        (Expected("ais_gap", clock("09:20"), None, clock("09:20") + GAP_S, 90.0, state="open"),),
    )
    late = Behaviour(
        "late_data_closes_gap",
        "ais_gap",
        "1",
        True,
        "The first file of the day lacks 50 minutes of a merchant ship: a gap. A second file brings the missing reports: there was no gap, and "
        "the event is taken back under its own id.",
        (under_way(MERCHANT, NORTH, "08:15", 9.0),),
        (Expected("ais_gap", off_s, off_s + 50 * 60, off_s + GAP_S, 90.0, state="retracted"),),
    )
    tanker = does.silent_tanker(
        "silent_tanker",
        TANKER,
        ((25.72, 39.62), (25.705, 39.32)),
        ((25.35, 39.25), (25.69, 39.14)),
        ((25.72, 38.8),),
        11.0,
        clock("06:30"),
        GAP_S,
    )
    other = under_way(MERCHANT, NORTH, "08:15", 9.0)
    return [
        Story(
            threshold,
            ("08:15", "10:15"),
            NORTH_OF_LESVOS,
            ("alerts", "feed_outage"),
            (Expected("ais_gap", off_s, off_s, off_s, about=1),),
            radars=(),
        ),
        Story(
            told(
                does.ais_gap(
                    "gap_closed",
                    under_way(MERCHANT, NORTH, "08:15", 9.0, ais_silences=((off_s, off_s + 50 * 60),)),
                    GAP_S,
                ),
                "A merchant ship under way north of Lesvos is not heard for 50 minutes, while four ships at anchor around it are, and then again. "
                "A gap alone is no alert.",
            ),
            ("08:15", "10:15"),
            NORTH_OF_LESVOS,
            ("alerts", "feed_outage"),
            radars=(),
        ),
        Story(still_open, ("08:15", "10:15"), NORTH_OF_LESVOS, ("alerts", "feed_outage"), radars=()),
        Story(
            Behaviour(late.label, late.name, late.section, True, late.story, (other,), late.events),
            ("08:15", "10:15"),
            NORTH_OF_LESVOS,
            ("alerts", "feed_outage"),
            radars=(),
            late_s=(off_s, off_s + 50 * 60),
        ),
        Story(
            told(
                tanker,
                "West of Lesvos a tanker stops its AIS and starts it again three hours later, eleven miles on. At its speed it had two hours to "
                "spare: it had gone out to the west and come back. An event, with the time to spare in its evidence; no alert by itself.",
            ),
            ("06:30", "12:30"),
            SOUTH_OF_LESVOS,
            ("alerts", "feed_outage"),
            radars=(),
            around_every_s=600,
        ),
    ]


def _outages() -> list[Story]:
    starts_s, ends_s = clock("09:00"), clock("10:30")
    silence = ((starts_s, ends_s),)
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
        under_way(ship(70 + n, "538", 80, 170, 28, 9.5), route, "08:20", 8.0, ais_silences=silence, ais_interval_s=240)
        for n, route in enumerate(
            (
                ((26.7, 39.00), (26.5, 38.8), (26.2, 38.75)),
                ((26.05, 39.425), (26.34, 39.435), (26.6, 39.47)),
                ((26.6, 39.2), (26.7, 39.00), (26.6, 38.8)),
            )
        )
    ]
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
    asleep = Behaviour(
        "port_overnight_silence",
        "quay_overnight",
        "0",
        False,
        "Twelve ships at Mytilini switch their AIS off within a few minutes for the night. They are in port: no gaps. And they are no outage of "
        "the feed: four ships at anchor outside go on being heard.",
        tuple(ships),
    )
    return [
        Story(
            told(
                does.feed_outage("feed_outage_everyone_silent", fleet, starts_s, ends_s, 300.0),
                "Thirteen ships, at anchor and under way, all fall silent within minutes and are all heard again 90 minutes later. The feed was "
                "down: one outage, and not thirteen gaps.",
            ),
            ("08:20", "11:00"),
            (),
            ("alerts", "ais_gap"),
            radars=(),
        ),
        Story(asleep, ("17:30", "23:30"), EAST_OF_LESVOS, NOTHING, radars=()),
        Story(
            told(
                does.radar_outage(
                    "radar_goes_off",
                    ((26.728, 39.205), (26.64, 39.18), (26.6, 39.17)),
                    6.0,
                    clock("08:20"),
                    clock("11:00"),
                ),
                "By day a small boat is in the middle of the strait when the radar of Mytilini fails. All its tracks end in that minute; what is "
                "not watched has not vanished.",
            ),
            ("08:10", "11:00"),
            EAST_OF_LESVOS,
            ("alerts", "distress", "coast_crossing"),
            radar_off_s=clock("09:00"),
        ),
    ]


def _neither() -> list[Story]:
    faint = does.poor_reception(
        "poor_reception", MERCHANT, ((23.6, 34.72), (25.3, 34.68)), 14.0, clock("06:00"), 1260.0, (5, 9, 10)
    )
    leaps_s = clock("09:10")
    leap = does.clock_leap("clock_leap", under_way(MERCHANT, NORTH, "08:15", 9.0), leaps_s, leaps_s + 1200.0, 900)
    return [
        Story(
            told(
                faint,
                "A merchant ship sails south of Crete, where stations on the shore hear it every twenty minutes or so, once not for 42 minutes, once for 63. "
                "Its usual interval is long, and so is the silence that would be a gap.",
            ),
            ("06:00", "11:30"),
            SOUTH_OF_LESVOS,
            NOTHING,
            radars=(),
            around_every_s=600,
        ),
        Story(
            told(
                leap,
                "The clock that stamps a merchant ship's reports leaps a quarter of an hour ahead for twenty minutes and back again. The ship "
                "sails on as before: no gap, no jump, no second ship of that MMSI.",
            ),
            ("08:15", "10:15"),
            NORTH_OF_LESVOS,
            (*NOTHING, "position_spoofing", "identity_conflict"),
            radars=(),
        ),
        Story(
            told(
                does.quay_overnight(
                    "quay_overnight",
                    ship(62, "240", 70, 92, 14, 5.1),
                    (26.558, 39.104),
                    ((clock("18:00"), clock("25:00")),),
                    clock("26:00"),
                ),
                "A coaster at the quay of Mytilini keeps its AIS off from the evening until after midnight. An alert at the quayside would be a "
                "defect.",
            ),
            ("17:00", "26:00"),
            EAST_OF_LESVOS[:2],
            (*CALM, "alerts"),
            radars=(),
            around_every_s=800,
        ),
    ]
