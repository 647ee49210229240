"""
What the simulator knows of each theatre beside its zones: where ships come in and go out, who hears AIS, where radars stand,
and what sails there.

All of it is our own: stations and radars are invented and stand on heights where such things stand, the shares follow
what a chart of the traffic looks like (many ferries and yachts in the Aegean, tankers in transit off Aden). Places are
(lon, lat).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.errors import SettingsError
from pipeline.simulate.craft import Point
from pipeline.simulate.sensors import Radar


@dataclass(frozen=True)
class Station:
    """A receiver of AIS on shore; half of the transmissions of a class A ship are heard at its range."""

    name: str
    lon: float
    lat: float
    range_nm: float


class ToldIn(NamedTuple):
    """How the IOM's file names a part of the world: its region, its migration route, and a country of incidents there."""

    region: str
    route: str
    country: str


NOWHERE = ToldIn("NA", "NA", "NA")
AEGEAN_REPORTS = ToldIn("Mediterranean", "Eastern Mediterranean", "Greece")


@dataclass(frozen=True)
class Theatre:
    """
    `radar_source`: whose files the radars' are. `gap_s`: a longer silence is an AIS gap (definitions.md 1). `gates`: where ships come in and go
    out. `shares`: parts of the fleet by kind (`pipeline.simulate.fleet`), in sum 1. `flags`: digits (MID) of ships that only pass.
    `told_in`: where incidents are reported from.
    """

    gap_s: float
    gates: tuple[Point, ...]
    stations: tuple[Station, ...]
    radars: tuple[Radar, ...]
    radar_source: str
    shares: Mapping[str, float]
    flags: tuple[str, ...]
    told_in: ToldIn


OPEN_REGISTERS = (
    "636",
    "538",
    "352",
    "249",
    "215",
    "563",
    "477",
)  # Liberia, Marshall Islands, Panama, Malta (2), Singapore, Hong Kong

THEATRES: Mapping[str, Theatre] = {
    "aegean": Theatre(
        gap_s=1800.0,
        gates=((28.9, 40.75), (22.6, 36.15), (22.55, 35.1), (25.6, 34.6), (28.0, 34.6), (30.1, 35.7)),
        stations=(
            Station("Alexandroupoli", 25.90, 40.87, 38.0),
            Station("Dardanelles", 26.45, 40.10, 36.0),
            Station("Marmara", 28.60, 40.98, 40.0),
            Station("Thessaloniki", 23.00, 40.60, 40.0),
            Station("Thasos", 24.65, 40.70, 42.0),
            Station("Lemnos", 25.30, 39.90, 45.0),
            Station("Volos", 23.05, 39.38, 40.0),
            Station("Lesvos", 26.35, 39.08, 48.0),
            Station("Skyros", 24.52, 38.85, 45.0),
            Station("Chios", 26.00, 38.53, 48.0),
            Station("Parnitha", 23.72, 38.17, 45.0),
            Station("Hymettus", 23.82, 37.95, 45.0),
            Station("Samos", 26.63, 37.73, 48.0),
            Station("Mykonos", 25.36, 37.47, 42.0),
            Station("Milos", 24.40, 36.67, 42.0),
            Station("Kythira", 22.98, 36.25, 42.0),
            Station("Kos", 27.20, 36.83, 45.0),
            Station("Santorini", 25.45, 36.36, 42.0),
            Station("Rhodes", 28.00, 36.22, 46.0),
            Station("Kastellorizo", 29.58, 36.14, 38.0),
            Station("Karpathos", 27.13, 35.60, 42.0),
            Station("Chania", 24.05, 35.50, 34.0),
            Station("Iraklio", 25.13, 35.30, 34.0),
        ),
        radars=(
            Radar("R-EVROS", 25.880, 40.845, 18.0),
            Radar("R-SAMOTHRAKI", 25.680, 40.440, 18.0),
            Radar("R-LEMNOS", 25.350, 39.920, 20.0),
            Radar("R-LESVOS-N", 26.300, 39.372),
            Radar("R-LESVOS-E", 26.545, 39.130),
            Radar("R-CHIOS", 26.130, 38.420),
            Radar("R-SAMOS", 26.990, 37.725),
            Radar("R-AGATHONISI", 26.970, 37.465),
            Radar("R-KALYMNOS", 26.990, 37.010),
            Radar("R-KOS", 27.330, 36.880),
            Radar("R-SYMI", 27.850, 36.610),
            Radar("R-RHODES", 28.220, 36.440, 18.0),
            Radar("R-KASTELLORIZO", 29.590, 36.145),
        ),
        radar_source="coastal_radar",
        shares={
            "merchant": 0.24, "anchored": 0.08, "ferry": 0.09, "cruise": 0.02, "fishing": 0.22, "yacht": 0.17,
            "patrol": 0.02, "service": 0.04, "moored": 0.07, "open boat": 0.05,
        },
        flags=(*OPEN_REGISTERS, "237", "240", "241", "271", "212"),
        told_in=AEGEAN_REPORTS,
    ),
    "central_mediterranean": Theatre(
        gap_s=7200.0,
        gates=((8.2, 37.75), (9.5, 38.75), (15.2, 38.75), (19.0, 38.75), (26.3, 33.9), (26.3, 32.4)),
        stations=(
            Station("Tunis", 10.25, 36.86, 40.0),
            Station("Kelibia", 11.10, 36.85, 36.0),
            Station("Sfax", 10.75, 34.73, 30.0),
            Station("Pantelleria", 12.00, 36.78, 48.0),
            Station("Trapani", 12.58, 38.04, 45.0),
            Station("Porto Empedocle", 13.53, 37.32, 40.0),
            Station("Pozzallo", 14.85, 36.75, 40.0),
            Station("Catania", 15.10, 37.65, 50.0),
            Station("Lampedusa", 12.58, 35.51, 40.0),
            Station("Gozo", 14.24, 36.05, 42.0),
            Station("Malta", 14.50, 35.86, 40.0),
            Station("Messina", 15.65, 38.12, 45.0),
            Station("Crotone", 17.10, 38.92, 42.0),
            Station("Teulada", 8.70, 38.95, 40.0),
            Station("Tripoli", 13.20, 32.87, 28.0),
            Station("Misrata", 15.15, 32.38, 26.0),
            Station("Benghazi", 20.08, 32.12, 28.0),
            Station("Zakynthos", 20.75, 37.78, 45.0),
            Station("Methoni", 21.75, 36.90, 45.0),
            Station("Kythira", 22.98, 36.25, 42.0),
            Station("Chania", 24.05, 35.50, 34.0),
            Station("Iraklio", 25.13, 35.30, 34.0),
        ),
        radars=(
            Radar("R-LAMPEDUSA", 12.610, 35.515, 22.0),
            Radar("R-LINOSA", 12.870, 35.865, 18.0),
            Radar("R-PANTELLERIA", 12.010, 36.790, 22.0),
            Radar("R-MAZARA", 12.590, 37.660, 18.0),
            Radar("R-EMPEDOCLE", 13.530, 37.295, 18.0),
            Radar("R-POZZALLO", 14.850, 36.735, 18.0),
            Radar("R-GOZO", 14.200, 36.060, 20.0),
            Radar("R-MALTA-E", 14.560, 35.840, 20.0),
            Radar("R-ROCCELLA", 16.400, 38.325, 18.0),
            Radar("R-RIZZUTO", 17.100, 38.920, 18.0),
            Radar("R-GAVDOS", 24.100, 34.830, 20.0),
            Radar("R-IERAPETRA", 25.740, 35.010, 18.0),
        ),
        radar_source="coastal_radar_central_mediterranean",
        shares={
            "merchant": 0.34, "anchored": 0.08, "ferry": 0.05, "cruise": 0.015, "fishing": 0.28, "yacht": 0.07,
            "patrol": 0.02, "service": 0.035, "moored": 0.07, "open boat": 0.04,
        },
        flags=(*OPEN_REGISTERS, "247", "248", "256", "229", "237", "271"),
        told_in=ToldIn("Mediterranean", "Central Mediterranean", "Libya"),
    ),
    "gulf_of_aden": Theatre(
        gap_s=21_600.0,
        gates=((41.2, 17.9), (59.7, 18.2), (59.7, 13.5), (59.7, 3.0), (50.0, -4.8), (41.5, -4.8)),
        stations=(
            Station("Djibouti", 43.15, 11.60, 40.0),
            Station("Perim", 43.42, 12.66, 36.0),
            Station("Aden", 45.03, 12.80, 42.0),
            Station("Mukalla", 49.13, 14.56, 38.0),
            Station("Salalah", 54.05, 17.05, 42.0),
            Station("Jizan", 42.55, 16.90, 34.0),
            Station("Berbera", 45.02, 10.40, 34.0),
            Station("Bosaso", 49.18, 11.26, 30.0),
            Station("Mogadishu", 45.33, 2.04, 30.0),
            Station("Mombasa", 39.68, -4.05, 38.0),
            Station("Victoria", 55.45, -4.63, 40.0),
        ),
        radars=(
            Radar("R-OBOCK", 43.290, 11.965, 22.0),
            Radar("R-PERIM", 43.410, 12.655, 22.0),
            Radar("R-ADEN", 45.030, 12.770, 22.0),
            Radar("R-BOSASO", 49.180, 11.280, 20.0),
        ),
        radar_source="coastal_radar_gulf_of_aden",
        shares={
            "merchant": 0.46, "anchored": 0.10, "ferry": 0.01, "cruise": 0.005, "fishing": 0.24, "yacht": 0.005,
            "patrol": 0.03, "service": 0.03, "moored": 0.07, "open boat": 0.05,
        },
        flags=(*OPEN_REGISTERS, "419", "403", "470", "422"),
        told_in=ToldIn("Western Asia", "Eastern Route to/from EHOA", "Yemen"),
    ),
}  # fmt: skip


def theatre(theatre_id: str) -> Theatre:
    """What is known of a theatre; SettingsError when it is none of the three."""
    if theatre_id not in THEATRES:
        raise SettingsError(f"no traffic is known for theatre '{theatre_id}': say one of {', '.join(sorted(THEATRES))}")
    return THEATRES[theatre_id]
