"""
Three days in the Lesvos strait in which something of every kind goes over both midnights.

AIS: ships at anchor and under way that witness to the coverage, of which most fall silent together at the second midnight. A harbour's own
AIS feed, down over the first midnight. A radar that sees some of the ships, and the boats without AIS.
"""

import numpy as np
import pyarrow as pa

from pipeline.units import SECONDS_PER_DAY as DAY_S
from tests.detect.motions import Leg, Point, ais, at, radar, together, voyage

FIRST_DAY = "2026-05-20"
BEACH, MIDDLE, COVE = (
    (26.728, 39.205),
    (26.655, 39.195),
    (26.556, 39.165),
)  # departure coast, before the line, arrival coast
ACROSS: tuple[Point, ...] = (MIDDLE, (26.6, 39.185), COVE)
ANCHORAGES = (
    (26.60, 39.21), (26.61, 39.23), (26.59, 39.24), (26.62, 39.20), (26.60, 39.26), (26.63, 39.25), (26.58, 39.25),
    (26.61, 39.16), (26.64, 39.15), (26.60, 39.14), (26.63, 39.13), (26.65, 39.22), (26.64, 39.27), (26.66, 39.26),
)  # fmt: skip
RESTING = {"transceiver": "A", "ship_type": 70, "length_m": 120.0, "nav_status": 1}
MERCHANT = {"transceiver": "A", "ship_type": 70, "length_m": 150.0, "nav_status": 0}
YACHT = {"transceiver": "B", "ship_type": 36, "length_m": 12.0}


def t(day: int, clock: str) -> float:
    """A clock on the first (0), second or third day."""
    return at(FIRST_DAY, clock) + day * DAY_S


def rest(where: Point, **when: object) -> dict[str, np.ndarray]:
    """At anchor for three days, heard every five minutes."""
    return voyage(t(0, "00:00"), where, (None, 3 * DAY_S), every_s=300.0, **when)  # type: ignore[arg-type]


def sail(sog_kn: float, *points: Point) -> list[Leg]:
    """Legs through points at one speed."""
    return [(point, sog_kn) for point in points]


def motion() -> pa.Table:
    """All of it."""
    tracks = []
    for number, where in enumerate(ANCHORAGES):
        # twelve of fourteen fall silent within a quarter of an hour, and are heard again after the second midnight
        off = ((t(1, "23:40") + 60 * number, t(2, "01:20") + 120 * number),) if number < 12 else ()
        tracks.append(ais(f"6369000{number:02}", rest(where, silent=off), **RESTING))
        if number >= 9 or number < 4:
            tracks.append(radar(100 + number, rest(where), echo=True, length_m=110.0))
    harbour = ((t(0, "23:20"), t(1, "01:10")),)
    for number, where in enumerate(ANCHORAGES[:3]):
        moored = rest((where[0] + 0.003, where[1]), silent=harbour)
        tracks.append(ais(f"2379000{number:02}", moored, source_id="harbour", **RESTING))

    round_trip = [*sail(11.0, (26.60, 39.30), (26.62, 39.12)) * 45]
    merchants = {
        "538000001": ((t(0, "23:41"), t(1, "00:55")),),
        "538000002": ((t(0, "20:00"), t(1, "22:00")),),  # 26 hours
        "538000003": ((t(2, "21:00"), t(3, "00:00")),),  # still open at the end
    }
    for mmsi, silent in merchants.items():
        tracks.append(
            ais(mmsi, voyage(t(0, "04:00"), (26.62, 39.12), *round_trip, every_s=120.0, silent=silent), **MERCHANT)
        )

    boats = {
        1: voyage(t(0, "23:10"), BEACH, *sail(7.0, *ACROSS)),  # over the line before midnight, on the beach after
        2: voyage(t(0, "23:40"), BEACH, *sail(7.0, *ACROSS)),  # over the line after midnight
        3: voyage(
            t(0, "23:00"), BEACH, *sail(6.5, MIDDLE, (26.615, 39.19))
        ),  # lost past the line, just before midnight
        4: voyage(t(0, "23:25"), BEACH, *sail(7.0, MIDDLE, (26.61, 39.185), MIDDLE, BEACH)),  # turns back
        5: voyage(
            t(0, "23:20"), BEACH, *sail(7.0, MIDDLE), ((26.654, 39.19), 0.4), *sail(4.0, *ACROSS[1:])
        ),  # its engine fails
        6: voyage(t(1, "21:30"), (26.66, 39.28), *sail(5.0, (26.66, 39.05))),  # bound for neither coast
        7: voyage(t(1, "23:05"), BEACH, *sail(7.0, *ACROSS)),
        8: voyage(t(1, "23:58"), (26.67, 39.24), *sail(5.0, (26.66, 39.05))),
        9: voyage(t(0, "23:30"), (26.70, 39.20), *sail(7.0, *ACROSS)),  # first seen off the departure coast
        10: voyage(t(2, "22:50"), BEACH, *sail(7.0, MIDDLE, (26.60, 39.185))),  # lost before the end of the data
        11: voyage(t(2, "23:00"), BEACH, *sail(7.0, *ACROSS)),  # still at sea at the end of the data
    }
    tracks += [radar(number, fixes) for number, fixes in boats.items()]

    there_and_back = voyage(
        t(0, "22:30"), BEACH, *sail(9.0, *ACROSS), (None, 1800.0), *sail(9.0, *ACROSS[-2::-1], BEACH)
    )
    tracks.append(ais("271000001", there_and_back, **YACHT))
    dark_middle = voyage(t(1, "23:00"), BEACH, *sail(6.0, *ACROSS), silent=((t(1, "23:20"), t(2, "00:10")),))
    tracks.append(ais("271000002", dark_middle, **YACHT))
    lost_yacht = voyage(
        t(0, "08:00"),
        (26.62, 39.21),
        *sail(5.0, *((26.66, 39.12), (26.62, 39.21)) * 60),
        silent=((t(0, "22:00"), t(2, "03:00")),),
    )
    tracks.append(ais("271000003", lost_yacht, **YACHT))

    drift = voyage(t(0, "23:10"), (26.64, 39.17), ((26.62, 39.16), 0.5))
    tracks.append(ais("970000001", drift, nav_status=14))
    tests = voyage(t(1, "23:45"), (26.60, 39.20), (None, 1800.0))
    tracks.append(ais("972000001", tests, nav_status=15))
    return kept_until(together(*tracks), t(3, "00:00"))


def kept_until(motion: pa.Table, end_s: float) -> pa.Table:
    """The rows before the end of the data."""
    time = np.asarray(motion.column("observed_at").cast("int64")) / 1e6
    return motion.filter(pa.array(time < end_s))
