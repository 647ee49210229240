"""
Vessels: what an MMSI says about its bearer (ITU-R M.585), and what a ship-type number means (ITU-R M.1371, table 53).

An MMSI is a radio identity: shared, wrong, reused. What stands here is a claim, never an identification.
"""

import numpy as np

# Maritime identification digits of the countries around the watched seas (ITU, Table of MIDs).
FLAGS = {
    **dict.fromkeys(("237", "239", "240", "241"), "GRC"),
    "271": "TUR",
    **dict.fromkeys(("209", "210", "212"), "CYP"),
    **dict.fromkeys(("215", "229", "248", "249", "256"), "MLT"),
    "247": "ITA",
    "207": "BGR",
    "201": "ALB",
    "272": "UKR",
    "273": "RUS",
    "264": "ROU",
    "450": "LBN",
    "468": "SYR",
    "428": "ISR",
    "622": "EGY",
    "642": "LBY",
    "672": "TUN",
    "605": "DZA",
}

BEACON_PREFIXES = ("970", "972", "974")  # AIS-SART, MOB device, EPIRB-AIS
FERRY_SHIP_TYPES = (*range(40, 50), *range(60, 70))  # high-speed craft, passenger ships
MERCHANT_SHIP_TYPES = range(70, 90)
LAW_ENFORCEMENT_SHIP_TYPES = (55,)
SEARCH_AND_RESCUE_SHIP_TYPES = (51,)
SMALL_CRAFT_M = 20.0  # definitions.md: small craft are no longer than this


def flag(mmsi: str | None) -> str | None:
    """ISO 3166-1 alpha-3 of the country whose digits a ship's MMSI carries; None when it is not one of those listed."""
    return FLAGS.get(mmsi[:3]) if mmsi and mmsi_kind(mmsi) == "ship" else None


def mmsi_kind(mmsi: str) -> str:
    """What kind of station a nine-character MMSI belongs to."""
    kinds = {
        "111": "sar_aircraft",
        **dict.fromkeys(BEACON_PREFIXES, "beacon"),
        "00": "coast_station",
        "99": "aid_to_navigation",
        "98": "craft",
        "0": "group",
        "8": "handheld",
        **dict.fromkeys("234567", "ship"),
    }
    return next((kinds[mmsi[:n]] for n in (3, 2, 1) if mmsi[:n] in kinds), "invalid")


def vessel_id(track_id: str) -> str:
    """The vessel of a track: for AIS its id without the number of the transmitter; a radar track is a vessel of its own."""
    return track_id.rpartition(".")[0] if track_id.startswith("mmsi:") else track_id


def is_small(length_m: np.ndarray, is_class_a: np.ndarray) -> np.ndarray:
    """Small craft [n]: at most 20 m, or of unknown length (NaN) and not AIS class A (definitions.md)."""
    return np.where(np.isnan(length_m), ~is_class_a, length_m <= SMALL_CRAFT_M)
