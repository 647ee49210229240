"""Stories of who a craft says that it is, and where; of a ship that no AIS tells of; of calls at ports."""

from dataclasses import replace

from pipeline.simulate.aegean import MYTILINI, imo_number, ship
from pipeline.simulate.behaviours import detections, identity, ports
from pipeline.simulate.craft import clock
from pipeline.simulate.stories.folder import (
    EAST_OF_LESVOS,
    LESVOS,
    NOTHING,
    SOUTH_OF_LESVOS,
    Story,
    told,
)

SOUTHWARD = ((25.72, 39.75), (25.7, 39.2), (25.75, 38.6))
COASTER, BULKER = ship(61, "248", 79, 98, 15, 5.8), ship(62, "636", 70, 188, 30, 10.5)
QUIET = ("alerts", "feed_outage")


def stories() -> list[Story]:
    """Identities, positions, detections, calls."""
    return [*_positions(), *_identities(), *_seen_and_called()]


def _positions() -> list[Story]:
    jump = (clock("08:40"), clock("10:00"))
    fleet = [ship(70 + n, mid, 70, 140 + 10 * n, 23, 8.0) for n, mid in enumerate(("636", "538", "249", "271"))]
    return [
        Story(
            told(
                identity.implausible_jump(
                    "implausible_jump", BULKER, SOUTHWARD, ((25.25, 38.9), (25.2, 38.7)), 12.0, clock("07:30"), jump
                ),
                "For 80 minutes the AIS of a merchant ship west of Lesvos says that it sails forty miles further to the south-west; then it is "
                "back where it could be.",
            ),
            ("07:30", "11:30"),
            SOUTH_OF_LESVOS[:2],
            QUIET,
            radars=(),
        ),
        Story(
            told(
                identity.on_land("position_on_land", BULKER, SOUTHWARD, (27.1, 39.3), 12.0, clock("07:30"), jump),
                "For 80 minutes the AIS of a merchant ship west of Lesvos says that it circles in the hills of Anatolia, ten miles from any sea.",
            ),
            ("07:30", "11:30"),
            SOUTH_OF_LESVOS[:2],
            QUIET,
            radars=(),
        ),
        Story(
            told(
                identity.gnss_interference(
                    "gnss_interference", fleet, SOUTHWARD, (27.157, 38.292), 12.0, clock("07:30"), jump
                ),
                "Four merchant ships near each other west of Lesvos say for 80 minutes that they are at one airport, eighty miles off. One such "
                "ship would be a fault of its own; four are interference with their satellite positions.",
            ),
            ("07:30", "10:50"),
            SOUTH_OF_LESVOS[:2],
            QUIET,
            radars=(),
        ),
    ]


def _identities() -> list[Story]:
    renamed = replace(COASTER, name="PHAROS SIM 66", mmsi="352900066", call_sign="SIM066")
    no_country = replace(ship(63, "248", 70, 104, 16, 6.0), mmsi="200900063")
    digit = str((int(imo_number(64)[-1]) + 1) % 10)
    no_ship = replace(ship(64, "248", 70, 104, 16, 6.0), imo=imo_number(64)[:-1] + digit)
    return [
        Story(
            told(
                identity.shared_mmsi(
                    "shared_mmsi",
                    BULKER,
                    (SOUTHWARD, ((26.62, 37.46), (26.0, 37.35), (25.7, 37.3))),
                    12.0,
                    clock("07:30"),
                    clock("11:00"),
                ),
                "One ship west of Lesvos and another south of Samos, 140 miles apart, send under one MMSI for hours.",
            ),
            ("07:30", "10:40"),
            SOUTH_OF_LESVOS[:2],
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                identity.identity_change(
                    "identity_change",
                    COASTER,
                    renamed,
                    SOUTHWARD,
                    11.0,
                    clock("07:30"),
                    clock("09:00"),
                    LESVOS.gap_s,
                    clock("11:30"),
                ),
                "West of Lesvos a coaster goes on under another MMSI, name and flag from one minute to the next. Its IMO number is still the same, "
                "and the former MMSI is not heard again.",
            ),
            ("07:30", "11:00"),
            SOUTH_OF_LESVOS[:3],
            QUIET,
            radars=(),
        ),
        Story(
            told(
                identity.invalid_identity("mid_of_no_country", no_country, SOUTHWARD, 11.0, clock("08:00")),
                "A merchant ship sends an MMSI that begins with 200: no country has these digits.",
            ),
            ("08:00", "10:30"),
            SOUTH_OF_LESVOS[:2],
            NOTHING,
            radars=(),
        ),
        Story(
            told(
                identity.invalid_identity("imo_of_no_ship", no_ship, SOUTHWARD, 11.0, clock("08:00")),
                "A merchant ship sends an IMO number whose check digit is wrong: no ship has such a number.",
            ),
            ("08:00", "10:30"),
            SOUTH_OF_LESVOS[:2],
            NOTHING,
            radars=(),
        ),
    ]


def _seen_and_called() -> list[Story]:
    in_and_out = ((26.63, 39.038), (26.604, 38.98), (26.4, 38.78))
    return [
        Story(
            told(
                detections.dark_vessel(
                    "dark_vessel", ((26.68, 38.9), (26.72, 39.05), (26.66, 39.16), (26.6, 39.24)), 8.0, clock("08:00")
                ),
                "By day a ship of some 60 metres goes up the strait east of Lesvos. Only the radar of Mytilini sees it: no AIS comes from there, "
                "although a ship of that size has to send it.",
            ),
            ("07:50", "10:20"),
            EAST_OF_LESVOS[:3],
            NOTHING,
        ),
        Story(
            told(
                ports.port_visit(
                    "port_visit", COASTER, in_and_out[::-1], MYTILINI, in_and_out, 10.0, clock("06:00"), 7200.0
                ),
                "A coaster comes from the south, lies at the quay of Mytilini for two hours, and leaves.",
            ),
            ("06:00", "12:00"),
            EAST_OF_LESVOS[:2],
            NOTHING,
            radars=(),
            around_every_s=600,
        ),
        Story(
            told(
                ports.port_visit(
                    "port_of_interest",
                    COASTER,
                    ((24.15, 32.35), (24.03, 32.06)),
                    (24.0, 32.07),
                    ((24.03, 32.06), (24.15, 32.35)),
                    10.0,
                    clock("06:00"),
                    7200.0,
                    of_interest="UN arms embargo on Libya (UNSCR 1970)",
                ),
                "A coaster lies at Tobruk for two hours. Libya is under an arms embargo of the United Nations, so calls at its ports are watched. "
                "A call is a call, and says nothing about the cargo.",
            ),
            ("06:00", "13:00"),
            SOUTH_OF_LESVOS[:2],
            NOTHING,
            radars=(),
            around_every_s=600,
        ),
    ]
