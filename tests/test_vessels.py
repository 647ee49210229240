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
        ("366000001", "USA"),
        ("538000001", "MHL"),
        ("636000001", "LBR"),
        ("231000001", "FRO"),  # a territory with a code of its own
        ("236000001", "GIB"),
        ("310000001", "BMU"),
        ("319000001", "CYM"),
        ("477000001", "HKG"),
        ("204000001", "PRT"),  # the Azores and Madeira have none
        ("255000001", "PRT"),
        ("306000001", "NLD"),  # allocated to three parts of the Kingdom together
        ("299000001", None),  # digits that nobody has
        ("200000000", None),
        ("799999999", None),
        ("823712345", None),  # a handheld: its country's digits stand elsewhere
        ("982371234", None),
        ("992371234", None),
        ("002370000", None),
        ("", None),
        (None, None),
    ],
)
def test_flag(mmsi: str | None, flag: str | None) -> None:
    assert vessels.flag(mmsi) == flag


def test_the_list_of_digits_is_in_order_and_has_each_once() -> None:
    lines = [line for line in vessels.MIDS_FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "mid,alpha3"
    assert all(re.fullmatch(r"[2-7]\d\d,[A-Z]{3}", line) for line in lines[1:])
    digits = [line[:3] for line in lines[1:]]
    assert digits == sorted(set(digits)) == list(vessels.MIDS)


def published_mids(shared: Path) -> list[tuple[str, str]]:
    """(digits, name of whom they were allocated to) of a published copy of the ITU's table."""
    path = shared / "reference" / "mid_table" / "MaritimeIdentificationDigits.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(row["MID"], row["Allocated_to"]) for row in csv.DictReader(file)]


def test_every_published_digit_has_a_country_and_no_other_has(shared: Path) -> None:
    assert set(vessels.MIDS) == {mid for mid, _ in published_mids(shared)}
    assert len(vessels.MIDS) == 292


def test_one_name_of_the_published_list_is_one_code_of_ours(shared: Path) -> None:
    """A slip of a digit would give a name two codes, or a code two names; those that share one on purpose are named."""
    names: dict[str, set[str]] = {}
    codes: dict[str, set[str]] = {}
    for mid, name in published_mids(shared):
        codes.setdefault(name, set()).add(vessels.MIDS[mid])
        names.setdefault(vessels.MIDS[mid], set()).add(name)
    assert {name for name, found in codes.items() if len(found) > 1} == set()
    shared_codes = {code: len(found) for code, found in names.items() if len(found) > 1}
    assert shared_codes == {
        "PRT": 3,  # with the Azores and Madeira
        "NLD": 4,  # with the three that have 306
        "USA": 2,  # with Alaska
        "FRA": 2,  # with Adelie Land
        "ATF": 3,  # Crozet, Kerguelen, Saint Paul and Amsterdam
        "SHN": 2,  # Saint Helena, Ascension
    }


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("GRC", "Greece"),
        ("TUR", "Republic of Türkiye"),
        ("CYP", "Cyprus (Republic of)"),
        ("MLT", "Malta"),
        ("ITA", "Italy"),
        ("LBY", "Libya (State of)"),
        ("TUN", "Tunisia"),
        ("EGY", "Egypt (Arab Republic of)"),
        ("YEM", "Yemen (Republic of)"),
        ("DJI", "Djibouti (Republic of)"),
        ("SOM", "Somalia (Federal Republic of)"),
        ("ERI", "Eritrea"),
        ("PAN", "Panama (Republic of)"),
        ("LBR", "Liberia (Republic of)"),
        ("PRK", "Democratic People's Republic of Korea"),
        ("KOR", "Korea (Republic of)"),
        ("COG", "Congo (Republic of the)"),
        ("COD", "Democratic Republic of the Congo"),
        ("DMA", "Dominica (Commonwealth of)"),
        ("DOM", "Dominican Republic"),
        ("NER", "Niger (Republic of the)"),
        ("NGA", "Nigeria (Federal Republic of)"),
        ("AUS", "Australia"),
        ("AUT", "Austria"),
        ("SVK", "Slovak Republic"),
        ("SVN", "Slovenia (Republic of)"),
        ("GIN", "Guinea (Republic of)"),
        ("GNB", "Guinea-Bissau (Republic of)"),
        ("GNQ", "Equatorial Guinea (Republic of)"),
    ],
)
def test_digits_of_a_country_are_those_of_the_published_list(shared: Path, code: str, name: str) -> None:
    """Those around the watched seas, large registers, and names that are easily confused."""
    expected = {mid for mid, said in published_mids(shared) if said == name}
    assert expected
    assert {mid for mid, flag in vessels.MIDS.items() if flag == code} == expected


@pytest.mark.parametrize("first_six", [*range(100_000, 100_050), *range(907_400, 907_500), 999_999, 500_000])
def test_of_ten_last_digits_one_makes_an_imo_number(first_six: int) -> None:
    digits = [int(digit) for digit in str(first_six)]
    check = (
        7 * digits[0] + 6 * digits[1] + 5 * digits[2] + 4 * digits[3] + 3 * digits[4] + 2 * digits[5]
    ) % 10  # Resolution A.1117(30)
    assert [last for last in range(10) if vessels.is_imo(f"{first_six}{last}")] == [check]


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("9074729", True),
        ("9074728", False),
        ("9047729", False),  # two digits changed places
        ("907472", False),
        ("90747290", False),
        ("0000000", False),  # its check digit is right
        ("", False),
        ("IMO9074729", False),
        (" 9074729", False),
        ("907472٩", False),  # a digit, but not of ASCII
        ("-074729", False),
        ("907.729", False),
    ],
)
def test_imo_number(number: str, valid: bool) -> None:
    assert vessels.is_imo(number) is valid


@pytest.mark.parametrize(
    ("text", "mmsi"),
    [
        ("237123456", "237123456"),
        ("2371234567", None),
        ("2370000", "002370000"),  # leading zeros get lost in spreadsheets
        ("1", "000000001"),
        ("0", None),
        ("000000000", None),
        ("", None),
        ("-1", None),
        ("237 12345", None),
        ("23712345A", None),
        ("23712345٦", None),
        ("2.37e8", None),
    ],
)
def test_padded_mmsi(text: str, mmsi: str | None) -> None:
    assert vessels.padded_mmsi(text) == mmsi


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
