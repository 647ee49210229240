"""
Vessels: what an MMSI says about its bearer (ITU-R M.585), and what a ship-type number means (ITU-R M.1371, table 53).

An MMSI is a radio identity: shared, wrong, reused. What stands here is a claim, never an identification.
"""

import csv
from pathlib import Path

import numpy as np

MIDS_FILE = Path(__file__).parent / "reference" / "mids.csv"


def read_mids(path: Path) -> dict[str, str]:
    """ISO 3166-1 alpha-3 of the country or territory that each MID was allocated to; lines that begin with # are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["mid"]: row["alpha3"] for row in csv.DictReader(line for line in lines if not line.startswith("#"))}


MIDS = read_mids(MIDS_FILE)  # maritime identification digits (ITU, Table of Maritime Identification Digits)
BEACON_PREFIXES = ("970", "972", "974")  # AIS-SART, MOB device, EPIRB-AIS
FERRY_SHIP_TYPES = (*range(40, 50), *range(60, 70))  # high-speed craft, passenger ships
MERCHANT_SHIP_TYPES = range(70, 90)
LAW_ENFORCEMENT_SHIP_TYPES = (55,)
SEARCH_AND_RESCUE_SHIP_TYPES = (51,)
SMALL_CRAFT_M = 20.0  # definitions.md: small craft are no longer than this


def flag(mmsi: str | None) -> str | None:
    """ISO 3166-1 alpha-3 of the country or territory whose digits (MID) a ship's MMSI carries; None when nobody has them."""
    return MIDS.get(mmsi[:3]) if mmsi and mmsi_kind(mmsi) == "ship" else None


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
    return track_id if track_id.startswith("radar:") else track_id.rpartition(".")[0]


def is_small(length_m: np.ndarray, is_class_a: np.ndarray) -> np.ndarray:
    """Small craft [n]: at most 20 m, or of unknown length (NaN) and not AIS class A (definitions.md)."""
    return np.where(np.isnan(length_m), ~is_class_a, length_m <= SMALL_CRAFT_M)


def is_imo(number: str) -> bool:
    """
    Whether a text is an IMO number: seven digits, the last of which is the check digit (IMO Resolution A.1117(30)). Seven zeros, which pass that test,
    stand for no number.
    """
    if not (len(number) == 7 and number.isascii() and number.isdigit()) or int(number) == 0:
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(number[:6], range(7, 1, -1), strict=True))
    return weighted % 10 == int(number[6])


def padded_mmsi(text: str) -> str | None:
    """An MMSI as nine characters; None for what is no number of at most nine digits, or zero."""
    if not (1 <= len(text) <= 9 and text.isascii() and text.isdigit()) or int(text) == 0:
        return None
    return text.rjust(9, "0")
