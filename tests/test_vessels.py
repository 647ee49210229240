"""What an MMSI and a ship type say (ITU-R M.585, ITU-R M.1371)."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from pipeline import contracts, vessels

# First digits of each kind of station, ITU-R M.585-9, annex 1; the longest match counts.
KINDS = {
    "2": "ship",
    "3": "ship",
    "4": "ship",
    "5": "ship",
    "6": "ship",
    "7": "ship",
    "0": "group",
    "00": "coast_station",
    "111": "sar_aircraft",
    "99": "aid_to_navigation",
    "98": "craft",
    "970": "beacon",
    "972": "beacon",
    "974": "beacon",
    "8": "handheld",
}


@pytest.mark.parametrize(
    ("mmsi", "kind"),
    [
        ("237123456", "ship"),
        ("201000000", "ship"),
        ("799999999", "ship"),
        ("100000000", "invalid"),
        ("110999999", "invalid"),
        ("111237001", "sar_aircraft"),
        ("112000000", "invalid"),
        ("023700000", "group"),
        ("002370000", "coast_station"),
        ("000000001", "coast_station"),
        ("992371234", "aid_to_navigation"),
        ("982371234", "craft"),
        ("970012345", "beacon"),
        ("972012345", "beacon"),
        ("974012345", "beacon"),
        ("971000000", "invalid"),
        ("973000000", "invalid"),
        ("975000000", "invalid"),
        ("900000000", "invalid"),
        ("823712345", "handheld"),
    ],
)
def test_mmsi_kind(mmsi: str, kind: str) -> None:
    assert vessels.mmsi_kind(mmsi) == kind


def test_every_three_digits_agree_with_the_recommendation() -> None:
    for number in range(1000):
        digits = f"{number:03}"
        expected = max((first for first in KINDS if digits.startswith(first)), key=len, default=None)
        assert vessels.mmsi_kind(digits + "123456") == (KINDS[expected] if expected else "invalid")


def test_kinds_are_those_of_the_contract() -> None:
    declared = next(column.values for column in contracts.load("tracks").columns if column.name == "mmsi_kind")
    assert {vessels.mmsi_kind(f"{n:03}000000") for n in range(1000)} == set(declared or ())


@pytest.mark.parametrize(
    ("mmsi", "flag"),
    [
        ("237123456", "GRC"),
        ("241123456", "GRC"),
        ("271000001", "TUR"),
        ("215000001", "MLT"),
        ("256000001", "MLT"),
        ("366000001", None),  # not one of those around the watched seas
        ("823712345", None),  # a handheld
        ("992371234", None),
        ("002370000", None),
        (None, None),
    ],
)
def test_flag(mmsi: str | None, flag: str | None) -> None:
    assert vessels.flag(mmsi) == flag


def test_flags_are_alpha_3_of_ships() -> None:
    assert all(
        re.fullmatch(r"[2-7]\d\d", mid) and re.fullmatch("[A-Z]{3}", flag) for mid, flag in vessels.FLAGS.items()
    )


def test_flags_agree_with_the_published_list(shared: Path) -> None:
    """The ITU's table of MIDs, by the English names of the countries."""
    names = {
        "GRC": "Greece",
        "TUR": "T(urkey|ürkiye)",
        "CYP": "Cyprus",
        "MLT": "Malta",
        "ITA": "Italy",
        "BGR": "Bulgaria",
        "ALB": "Albania",
        "UKR": "Ukraine",
        "RUS": "Russian",
        "ROU": "Romania",
        "LBN": "Lebanon",
        "SYR": "Syrian",
        "ISR": "Israel",
        "EGY": "Egypt",
        "LBY": "Libya",
        "TUN": "Tunisia",
        "DZA": "Algeria",
    }
    with (shared / "reference" / "mid_table" / "mid.csv").open(encoding="utf-8", newline="") as file:
        published = {row["prefix"]: row["country"] for row in csv.DictReader(file)}
    assert set(names) == set(vessels.FLAGS.values())
    for country, name in names.items():
        ours = {mid for mid, flag in vessels.FLAGS.items() if flag == country}
        assert ours == {mid for mid, said in published.items() if re.match(name, said)}, country


def test_ship_types_do_not_overlap() -> None:
    groups = [
        vessels.FERRY_SHIP_TYPES,
        vessels.MERCHANT_SHIP_TYPES,
        vessels.LAW_ENFORCEMENT_SHIP_TYPES,
        vessels.SEARCH_AND_RESCUE_SHIP_TYPES,
    ]
    numbers = [number for group in groups for number in group]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    ("length_m", "transceiver", "small"),
    [
        (19.9, "A", True),
        (20.0, "A", True),
        (20.1, "A", False),
        (20.1, "B", False),
        (20.1, None, False),
        (None, "A", False),
        (None, "B", True),
        (None, None, True),
    ],
)
def test_small_craft(length_m: float | None, transceiver: str | None, small: bool) -> None:
    length = np.array([np.nan if length_m is None else length_m])
    assert vessels.is_small(length, np.array([transceiver == "A"])).tolist() == [small]
