"""
The eastern Aegean of the sample day: sea routes chosen by hand on the real coast, the ships that use them, and what
some of them do.

All ships are invented: names "PHAROS SIM nn", MMSIs of real countries' digits (MID) with invented numbers, IMO
numbers with a right check digit in a range that was never issued (2,900,000 and up). Every leg keeps off land;
`day.sample_day` asserts it.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial

import numpy as np

from pipeline.simulate.behaviours import crossings, distress, ordinary, silences, speed
from pipeline.simulate.behaviours.behaviour import Behaviour, Incident, length_nm
from pipeline.simulate.behaviours.setting import packaged
from pipeline.simulate.craft import (
    AT_ANCHOR,
    DAY_S,
    FISHING,
    Craft,
    Leg,
    Point,
    clock,
    move,
    sail,
    shuttle,
    stay,
)
from pipeline.simulate.sensors import Passage

# Berths, a boat's length off the quay
MYTILINI, AYVALIK, DIKILI, PLOMARI = (26.567, 39.1025), (26.688, 39.318), (26.882, 39.07), (26.37, 38.971)
MOLYVOS, SYKAMINEAS, ASSOS = (26.17, 39.366), (26.303, 39.3775), (26.338, 39.484)
VATHY, PYTHAGOREIO, KARLOVASI, KUSADASI = (
    (26.966, 37.76),
    (26.945, 37.6865),
    (26.683, 37.799),
    (27.255, 37.868),
)
CHIOS, MARATHOKAMPOS = (26.145, 38.372), (26.698, 37.705)

SAMPLE_DAY = date(2026, 5, 14)

Route = tuple[Point, ...]
AYVALIK_CHANNEL: Route = (
    (26.6, 39.262),
    (26.6075, 39.281),
    (26.611, 39.29),
    (26.626, 39.32),
    (26.65, 39.324),
    AYVALIK,
)
MYTILINI_AYVALIK: Route = (MYTILINI, (26.58, 39.115), (26.598, 39.162), *AYVALIK_CHANNEL)
AYVALIK_MYTILINI: Route = MYTILINI_AYVALIK[::-1]
MYTILINI_DIKILI: Route = (MYTILINI, (26.58, 39.104), (26.76, 39.098), DIKILI)
MYTILINI_CHIOS: Route = (MYTILINI, (26.63, 39.038), (26.604, 38.98), (26.172, 38.54), CHIOS)
MYTILINI_PLOMARI: Route = (
    MYTILINI,
    (26.63, 39.038),
    (26.61, 38.98),
    (26.464, 38.95),
    (26.382, 38.956),
    PLOMARI,
)
VATHY_KUSADASI: Route = (VATHY, (26.954, 37.775), (26.942, 37.787), (26.966, 37.812), KUSADASI)
VATHY_KARLOVASI: Route = (
    VATHY,
    (26.954, 37.775),
    (26.942, 37.787),
    (26.872, 37.812),
    (26.772, 37.828),
    KARLOVASI,
)
PYTHAGOREIO_KUSADASI: Route = (
    PYTHAGOREIO,
    (26.98, 37.684),
    (27.02, 37.698),
    (27.074, 37.7035),
    (27.235, 37.86),
    KUSADASI,
)
PYTHAGOREIO_MARATHOKAMPOS: Route = (
    PYTHAGOREIO,
    (26.94, 37.68),
    (26.862, 37.622),
    (26.778, 37.614),
    (26.72, 37.66),
    MARATHOKAMPOS,
)
OFF_MOLYVOS: Route = (MOLYVOS, (26.16, 39.372), (26.17, 39.39), (26.3, 39.4))
WEST_OF_LESVOS: Route = ((25.72, 40.00), (25.7, 39.2), (25.75, 38.6), (25.75, 37.1))
INTO_EDREMIT: Route = ((25.6, 39.5), (26.02, 39.425), (26.34, 39.435), (26.6, 39.47), (26.88, 39.51))
OUT_OF_EDREMIT: Route = (
    (26.86, 39.5),
    (26.58, 39.44),
    (26.5, 39.33),
    (26.59, 39.2),
    (26.7, 39.000),
    (26.62, 38.8),
    (26.8, 38.82),
)
ROUND_LESVOS: Route = (
    (25.7, 39.5),
    (25.7, 38.82),
    (26.55, 38.8),
    (26.69, 38.98),
    (26.59, 39.2),
    (26.5, 39.33),
    (26.58, 39.44),
    (26.84, 39.52),
)
SAMOS_NARROWS: Route = (  # between the islands, close to the Turkish shore first and then to the Greek one
    (27.16, 37.9),
    (27.09, 37.73),
    (27.074, 37.7035),
    (27.034, 37.6935),
    (27.01, 37.7),
    (26.985, 37.69),
    (26.88, 37.58),
    (26.56, 37.45),
    (26.000, 37.35),
)
THROUGH_THE_NARROWS: Route = (  # in the middle, near neither coast
    (27.09, 37.735),
    (27.074, 37.7035),
    (27.036, 37.698),
    (27.018, 37.698),
    (26.995, 37.69),
    (26.88, 37.575),
    (26.68, 37.505),
)
IKARIA_TO_KUSADASI: Route = ((25.6, 37.75), (26.45, 37.74), (26.6, 37.85), (27.000, 37.9), KUSADASI)


def imo_number(serial: int) -> str:
    """A number in the range 29xxxxx with the check digit of IMO Resolution A.1117(30)."""
    six = f"{290_000 + serial:06d}"
    return six + str(sum(int(digit) * weight for digit, weight in zip(six, range(7, 1, -1), strict=True)) % 10)


def ship(number: int, mid: str, ship_type: int, length_m: float, width_m: float, draught_m: float) -> Craft:
    """An invented class A ship; merchant and passenger ships have an IMO number."""
    imo = imo_number(number) if ship_type >= 60 else ""
    return Craft(
        f"PHAROS SIM {number:02d}", f"{mid}9000{number:02d}", ship_type, length_m, width_m, draught_m, imo,
        f"SIM{number:03d}", "A",
    )  # fmt: skip


def boat(number: int, mid: str, ship_type: int, length_m: float) -> Craft:
    """An invented class B boat."""
    return Craft(
        f"PHAROS SIM {number:02d}", f"{mid}9000{number:02d}", ship_type, length_m, round(length_m / 3.2, 1),
        call_sign=f"SIM{number:03d}", transceiver="B",
    )  # fmt: skip


def lie(craft: Craft, where: Point, nav_status: int = AT_ANCHOR) -> Passage:
    """At anchor or at the quay the whole day."""
    return Passage(craft, move(where, stay(DAY_S, nav_status)))


def run(craft: Craft, route: Sequence[Point], departures: Sequence[str], sog_kn: float) -> Passage:
    """A ferry's day: out and back along the route at the hours of its timetable, at the quay between them."""
    route = tuple(route)
    legs = shuttle(route, [clock(hour) for hour in departures], sog_kn)
    return Passage(craft, move(route[0], [*legs, *stay(DAY_S)]))


def transit(craft: Craft, route: Sequence[Point], begins: str, sog_kn: float, *, then_anchors: bool = False) -> Passage:
    """A way along a route from a time on; the ship is there from its first position and gone after its last, or anchors there."""
    legs = sail(*route[1:], sog_kn=sog_kn) + (stay(DAY_S, AT_ANCHOR) if then_anchors else [])
    return Passage(craft, move(route[0], legs, clock(begins)))


def fish(
    craft: Craft,
    home: Sequence[Point],
    ground: Point,
    radius_nm: float,
    hours: tuple[str, str],
    sog_kn: float,
    seed: int,
) -> Passage:
    """From a harbour (first of `home`) out to a fishing ground, to and fro there at working speed between two hours, and home."""
    rng = np.random.default_rng([seed, int(craft.mmsi)])
    legs: list[Leg] = [*stay(clock(hours[0])), *sail(*home[1:], ground, sog_kn=8.0)]
    worked_s = (clock(hours[1]) - clock(hours[0])) - 3600.0
    turns = int(worked_s / 3600.0 * sog_kn / (1.6 * radius_nm)) + 1  # a turn leads across the ground
    for turn in range(turns):
        reach, angle = radius_nm * rng.uniform(0.6, 1.0), np.pi * (turn + rng.uniform(-0.3, 0.3))
        lon = ground[0] + reach * np.sin(angle) / 60.0 / np.cos(np.radians(ground[1]))
        legs += sail((float(lon), ground[1] + float(reach * np.cos(angle)) / 60.0), sog_kn=sog_kn, nav_status=FISHING)
    legs += [*sail(ground, *home[::-1], sog_kn=8.0), *stay(DAY_S)]
    return Passage(craft, move(home[0], legs))


def cruise(craft: Craft, route: Sequence[Point], departure: str, sog_kn: float) -> Passage:
    """A yacht's passage from port to port by day; its AIS is on from a quarter of an hour before it until as long after it."""
    departure_s = clock(departure)
    arrival_s = departure_s + length_nm(route) / sog_kn * 3600.0
    legs = [*stay(departure_s), *sail(*route[1:], sog_kn=sog_kn), *stay(arrival_s + 900.0)]
    return Passage(craft, move(route[0], legs, departure_s - 900.0))


def ordinary_traffic(seed: int) -> list[Passage]:
    """The ships of the day that do nothing in particular."""
    catch = partial(fish, seed=seed)
    return [
        # ferries and cruise
        run(ship(2, "271", 60, 38, 9, 2.1), AYVALIK_MYTILINI, ("06:30", "08:40", "15:00", "17:10"), 15.0),
        run(ship(3, "239", 60, 42, 10, 2.4), MYTILINI_DIKILI, ("06:10", "09:00", "13:40", "16:20"), 14.0),
        run(ship(4, "240", 60, 36, 9, 2.0), PYTHAGOREIO_KUSADASI, ("06:00", "08:30", "14:30", "17:00"), 13.0),
        run(ship(5, "237", 60, 44, 10, 2.3), VATHY_KUSADASI, ("05:40", "08:10", "14:00", "16:10"), 15.0),
        run(ship(6, "241", 60, 176, 26, 6.7), MYTILINI_CHIOS, ("05:00", "16:20"), 19.0),
        transit(ship(7, "249", 69, 238, 30, 7.2), IKARIA_TO_KUSADASI, "00:00", 14.0, then_anchors=True),
        # merchant ships
        transit(ship(8, "636", 70, 189, 32, 11.2), WEST_OF_LESVOS, "00:00", 8.0),
        transit(ship(9, "538", 80, 183, 32, 10.4), WEST_OF_LESVOS[::-1], "00:00", 9.5),
        transit(ship(10, "271", 70, 108, 16, 6.1), INTO_EDREMIT, "00:00", 10.0, then_anchors=True),
        transit(ship(11, "215", 70, 132, 20, 7.4), OUT_OF_EDREMIT, "08:20", 10.5, then_anchors=True),
        transit(ship(12, "256", 79, 118, 18, 6.4), SAMOS_NARROWS[::-1], "12:00", 10.0),
        # at anchor
        lie(ship(13, "636", 80, 176, 31, 9.8), (26.52, 38.86)),
        lie(ship(14, "538", 70, 169, 27, 9.0), (26.45, 38.85)),
        lie(ship(15, "271", 70, 96, 15, 5.2), (26.8, 39.08)),
        lie(ship(16, "271", 70, 88, 13, 5.0), (26.4, 39.488)),
        lie(ship(17, "248", 79, 112, 17, 6.2), (26.215, 39.448)),
        lie(ship(18, "271", 70, 99, 15, 5.6), (27.215, 37.885)),
        lie(ship(19, "352", 70, 138, 21, 7.9), (27.13, 37.79)),
        lie(ship(20, "239", 89, 84, 13, 4.8), (26.615, 39.085)),
        lie(ship(37, "636", 70, 190, 32, 10.1), (26.42, 38.835)),
        lie(ship(38, "271", 80, 102, 16, 6.0), (26.66, 39.235)),
        lie(ship(39, "271", 70, 79, 12, 4.4), (26.52, 39.5)),
        # service craft
        lie(ship(21, "239", 52, 28, 9, 3.4), MYTILINI, nav_status=5),
        run(ship(22, "271", 50, 15, 5, 1.4), (KUSADASI, (27.15, 37.89), KUSADASI), ("05:20",), 14.0),
        run(ship(23, "237", 51, 18, 5, 1.2), OFF_MOLYVOS + OFF_MOLYVOS[-2::-1], ("09:00",), 12.0),
        lie(ship(24, "241", 55, 24, 6, 1.6), PYTHAGOREIO, nav_status=5),
        # fishing boats
        catch(boat(25, "239", 30, 11.5),
              (SYKAMINEAS, (26.303, 39.388)), (26.27, 39.394), 0.5, ("00:00", "04:20"), 2.4),
        catch(ship(26, "240", 30, 23, 7, 2.8),
              (PLOMARI, (26.372, 38.95)), (26.42, 38.9), 2.6, ("02:00", "12:30"), 2.9),
        catch(ship(27, "271", 30, 21, 6, 2.6),
              (ASSOS, (26.338, 39.475)), (26.48, 39.49), 1.2, ("01:00", "11:00"), 3.1),
        catch(boat(28, "271", 30, 12.5),
              AYVALIK_CHANNEL[::-1], (26.575, 39.24), 0.8, ("16:00", "23:10"), 2.2),
        catch(boat(29, "237", 30, 10.5),
              (KARLOVASI, (26.683, 37.815)), (26.8, 37.85), 1.4, ("03:00", "09:30"), 2.6),
        catch(boat(30, "271", 30, 13.0),
              (KUSADASI, (27.235, 37.86)), (27.19, 37.8), 1.6, ("16:30", "23:20"), 2.3),
        catch(boat(31, "239", 30, 9.5),
              (MYTILINI, (26.59, 39.104)), (26.61, 39.14), 0.9, ("00:10", "05:30"), 2.0),
        # yachts
        cruise(boat(32, "232", 36, 13.4), MYTILINI_PLOMARI, "07:30", 6.0),
        cruise(boat(33, "211", 36, 12.1), PYTHAGOREIO_MARATHOKAMPOS, "06:45", 6.4),
        cruise(boat(34, "247", 37, 15.8), VATHY_KARLOVASI, "11:00", 9.0),
        # left with their AIS on
        lie(boat(35, "239", 36, 14.2), PYTHAGOREIO, nav_status=5),
        lie(boat(36, "237", 37, 11.0), MOLYVOS, nav_status=5),
        # without AIS, by day, off their own shores
        transit(Craft("a", length_m=6.0), ((26.2, 39.376), (26.21, 39.39), (26.27, 39.388), (26.278, 39.3765)), "07:00", 3.5),
        transit(Craft("b", length_m=8.0), ((26.5375, 39.17), (26.57, 39.19), (26.575, 39.15), (26.5375, 39.17)), "13:10", 2.5),
        transit(Craft("c", length_m=5.0), ((27.2625, 37.82), (27.18, 37.78), (27.205, 37.835), (27.2625, 37.82)), "09:20", 4.0),
        transit(Craft("d", length_m=7.0), ((26.884, 37.65), (26.93, 37.66), (26.91, 37.64), (26.884, 37.65)), "14:00", 3.0),
    ]  # fmt: skip


def sample_behaviours(seed: int) -> list[Behaviour]:
    """The labelled craft of the sample day."""
    catch = partial(fish, seed=seed)
    lesvos, samos = packaged(("corridor_lesvos", "corridor_samos"), SAMPLE_DAY)
    round_lesvos = [*sail(*ROUND_LESVOS[1:], sog_kn=9.0), *stay(DAY_S, AT_ANCHOR)]
    gap = Passage(
        ship(50, "636", 70, 154, 24, 8.8),
        move(ROUND_LESVOS[0], round_lesvos),
        ((clock("08:30"), clock("09:20")),),
    )
    silent = ship(51, "240", 70, 92, 14, 5.1)
    hellenic, turkish = ship(52, "237", 55, 27, 6, 1.7), ship(53, "271", 55, 25, 6, 1.6)
    return [
        crossings.dark_crossing(
            "dark_crossing", lesvos, ((26.295, 39.471), (26.32, 39.43), (26.352, 39.387)), 6.0, clock("00:35")
        ),
        crossings.dark_approach(
            "dark_approach", lesvos, ((26.45, 39.513), (26.425, 39.44), (26.376, 39.382)), 5.0, DAY_S - 300, 2.2
        ),
        crossings.turned_back(
            "turned_back",
            samos,
            ((27.16, 37.702), (27.15, 37.698), (27.13, 37.73), (27.098, 37.76)),
            6.5,
            clock("20:40"),
        ),
        crossings.vanished(
            "vanished", lesvos, ((26.728, 39.205), (26.66, 39.195), (26.585, 39.185)), 7.0, clock("21:10")
        ),
        crossings.ais_off_crossing(
            "ais_off_crossing",
            lesvos,
            boat(54, "271", 37, 11.8),
            (*AYVALIK_CHANNEL[-2::-1], (26.575, 39.25), (26.505, 39.205)),
            6.0,
            clock("19:00"),
            (clock("19:50"), clock("20:35")),
        ),
        distress.beacon("sart", "970990001", (26.25, 38.85), clock("14:05"), 2400),
        distress.engine_failure(
            "engine_failure",
            lesvos,
            ((26.15, 39.452), (26.158, 39.415)),
            ((26.215, 39.386),),
            6.0,
            clock("20:30"),
            2700,
        ),
        silences.ais_gap("merchant_gap", gap, lesvos.gap_s),
        crossings.steady_steaming(
            "steady_steaming",
            samos,
            ((26.7, 37.88), (27.0, 37.85), (27.085, 37.79), *THROUGH_THE_NARROWS),
            6.5,
            clock("17:10"),
        ),
        ordinary.honest_ferry(
            "ferry",
            "The morning and afternoon ferry between Mytilini and Ayvalik.",
            run(ship(1, "237", 60, 40, 10, 2.2), MYTILINI_AYVALIK, ("05:30", "07:40", "13:30", "15:40"), 15.0),
        ),
        speed.fast_ferry(
            "fast_ferry",
            run(ship(55, "241", 40, 34, 10, 1.6), VATHY_KUSADASI, ("07:10", "12:00", "17:30", "18:50"), 32.0),
        ),
        ordinary.merchant_transit(
            "merchant_narrows",
            "A coaster passes the narrows of Samos, close to both coasts.",
            transit(ship(56, "248", 70, 94, 14, 5.4), SAMOS_NARROWS, "04:30", 9.0),
        ),
        ordinary.patrol(
            "hellenic_patrol",
            "A Hellenic patrol passes the middle of the strait and comes back.",
            run(
                hellenic,
                (MYTILINI, (26.58, 39.104), (26.6, 39.19), (26.66, 39.19), (26.6, 39.21), (26.58, 39.104), MYTILINI),
                ("18:10", "22:00"),
                13.0,
            ),
        ),
        ordinary.patrol(
            "turkish_patrol",
            "A Turkish patrol comes near the coast of Lesvos and goes home.",
            run(turkish, (*AYVALIK_CHANNEL[::-1], (26.512, 39.212), (26.6, 39.25), *AYVALIK_CHANNEL), ("01:10",), 14.0),
        ),
        ordinary.fisherman(
            "fisherman_at_the_line",
            "A fishing boat of Samos works up to the line by night and beyond it, never near the other coast.",
            catch(
                boat(57, "240", 30, 12.0),
                (VATHY, (26.954, 37.775), (26.942, 37.787), (26.966, 37.806)),
                (27.15, 37.805),
                1.1,
                ("17:00", "22:20"),
                2.7,
            ),
        ),
        ordinary.yacht(
            "yacht_by_day",
            "A yacht goes from Ayvalik to Mytilini by day, port to port.",
            cruise(boat(58, "271", 36, 12.6), AYVALIK_MYTILINI, "09:30", 6.5),
        ),
        distress.beacon_test("sart_test", "970990002", (26.3, 38.78), clock("10:00"), 300),
        silences.quay_overnight(
            "quiet_at_the_quay", silent, (26.558, 39.104), ((0.0, clock("04:40")), (clock("19:20"), DAY_S))
        ),
    ]


def sample_incidents() -> list[Incident]:
    """What people reported around the sample day: two places at sea, a vague one with a month only, one on land."""
    return [
        Incident(-2 * DAY_S, (26.2871, 39.4213), "Off the north coast of Lesvos", 2, 1, 31),
        Incident(-13 * DAY_S, (25.5, 38.5), "Unspecified place in the Aegean Sea", 0, 4, decimals=1, precision="month"),
        Incident(-1 * DAY_S, (26.3902, 39.2104), "Lesvos, place of recovery", 1, 0),
        Incident(0, (27.1305, 37.7316), "Between Samos and the mainland", 0, 2, 9),
    ]
