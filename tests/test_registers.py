"""Registers and watch lists: which entries are believed, and what is kept of them."""

from pathlib import Path
from typing import Any

import pytest

from pipeline import registers, run, store, vessels
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sources import intake

HEADERS = {
    "vessel_register": "reference,imo,mmsi,ship_name,call_sign,flag,vessel_type,length_m",
    "watch_list": "reference,imo,mmsi,ship_name,call_sign,flag,topics,listed_at",
}
MANY = 400  # good entries, so that the bad ones are no large share of the file


def imo(first_six: int) -> str:
    """The IMO number that begins with these digits."""
    return next(f"{first_six}{last}" for last in range(10) if vessels.is_imo(f"{first_six}{last}"))


def enter(home: Home, *lines: str, source_id: str = "vessel_register") -> dict[str, Any]:
    """Take in a file of these lines among many good ones."""
    good = [f"good-{n},{imo(910000 + n)},,GOOD {n},,,," for n in range(MANY)]
    path = home.root / f"{source_id}.csv"
    path.write_text("\n".join([HEADERS[source_id], *good, *lines]) + "\n", encoding="utf-8")
    return run.ingest(source_id, path, home)


def entries(home: Home) -> dict[str, dict[str, Any]]:
    """The register's entries by their reference."""
    return {row["source_ref"]: row for row in intake.published(home, "vessel_register").to_pylist()}


def reasons(home: Home) -> list[tuple[int, str]]:
    """(line, reason) of what was refused."""
    rows = store.read(store.parts(home.lake, "rejects"), "rejects").to_pylist()
    return [(row["line"], row["reason"]) for row in rows]


def test_an_entry_becomes_a_row(home: Home) -> None:
    counts = enter(home, "GR-1,9074729,237123456,AGIOS NIKOLAOS,SV1234,GR,fishing,17.5")
    assert {name: counts[name] for name in ("lines_in", "accepted", "rejected", "duplicates", "blank")} == {
        "lines_in": MANY + 1,
        "accepted": MANY + 1,
        "rejected": 0,
        "duplicates": 0,
        "blank": 0,
    }
    row = entries(home)["GR-1"]
    assert len(row.pop("entry_id")) == 16
    assert row == {
        "source_id": "vessel_register",
        "source_ref": "GR-1",
        "imo": "9074729",
        "mmsi": "237123456",
        "ship_name": "AGIOS NIKOLAOS",
        "call_sign": "SV1234",
        "flag": "GR",
        "vessel_type": "fishing",
        "length_m": 17.5,
        "mid_country": "GRC",
    }


BAD_NUMBERS = {
    "9074728,": "bad_imo",  # the check digit of 9074729, less one
    "907472,": "bad_imo",
    "90747290,": "bad_imo",
    "0000000,": "bad_imo",
    "9074729; 9074728,": "bad_imo",  # one of two
    "9074729;,": "bad_imo",
    ",0": "bad_mmsi",
    ",2371234567": "bad_mmsi",
    ",SV1234": "bad_mmsi",
    ",237123456; x": "bad_mmsi",
    "9074728,x": "bad_imo",  # the first fault is named
}


@pytest.mark.parametrize("source_id", ["vessel_register", "watch_list"])
def test_a_number_that_is_none_refuses_the_entry(home: Home, source_id: str) -> None:
    lines = [f"bad-{n},{numbers},A NAME,,,," for n, numbers in enumerate(BAD_NUMBERS)]
    counts = enter(home, *lines, source_id=source_id)
    assert (counts["accepted"], counts["rejected"]) == (MANY, len(BAD_NUMBERS))
    assert reasons(home) == [(MANY + 2 + n, reason) for n, reason in enumerate(BAD_NUMBERS.values())]


def test_an_entry_that_cannot_be_used_is_refused(home: Home) -> None:
    bad = {
        "x1,,,,CALL,GR,fishing,12": "no_identity",
        "x2,  , , ,CALL,GR,fishing,12": "no_identity",
        ",9074729,,A NAME,,,,": "no_reference",
        "x3,9074729,,A NAME,,,,long": "bad_length",
        "x4,9074729,,A NAME,,,,-1": "bad_length",
        "x5,9074729,,A NAME,,,,1023": "bad_length",
        "good-0,9074729,,A NAME,,,,": "conflicting_reference",
    }
    enter(home, *bad)
    assert reasons(home) == [(MANY + 2 + n, reason) for n, reason in enumerate(bad.values())]


def test_one_of_imo_number_mmsi_and_name_is_enough(home: Home) -> None:
    assert enter(home, "a,9074729,,,,,,", "b,,237123456,,,,,", "c,,,A NAME,,,,")["rejected"] == 0
    known = {ref: row for ref, row in entries(home).items() if ref in "abc"}
    assert {ref: (row["imo"], row["mmsi"], row["ship_name"]) for ref, row in known.items()} == {
        "a": ("9074729", None, None),
        "b": (None, "237123456", None),
        "c": (None, None, "A NAME"),
    }


MMSIS = {  # as written: (as kept, the country of its digits)
    "237123456": ("237123456", "GRC"),
    "310000001": ("310000001", "BMU"),
    "299123456": ("299123456", None),  # digits that nobody has
    "982371234": ("982371234", None),  # a craft of a parent ship
    "111237001": ("111237001", None),  # an aircraft
    "2370000": ("002370000", None),  # a coast station that lost its zeros
    "100000000": ("100000000", None),  # of no kind of station
    "271000001; 237123456": ("237123456; 271000001", "GRC; TUR"),
    "237123456;240123456": ("237123456; 240123456", "GRC"),
    "237123456; 237123456": ("237123456", "GRC"),
    "299123456; 271000001": ("271000001; 299123456", "TUR"),
    "299123456; 298123456": ("298123456; 299123456", None),
}


def test_every_mmsi_is_kept_and_its_country_said(home: Home) -> None:
    assert enter(home, *(f"{written},,{written},,,,," for written in MMSIS))["rejected"] == 0
    found = entries(home)
    assert {written: (found[written]["mmsi"], found[written]["mid_country"]) for written in MMSIS} == MMSIS


IMO_NUMBERS = {
    "9074729": "9074729",
    "IMO9074729": "9074729",
    "IMO 9074729": "9074729",
    "IMO9074729; IMO5000017": "5000017; 9074729",
    "9074729; 9074729": "9074729",
}


def test_every_imo_number_is_kept_in_one_form(home: Home) -> None:
    assert enter(home, *(f"{written},{written},,,,,," for written in IMO_NUMBERS))["rejected"] == 0
    found = entries(home)
    assert {written: found[written]["imo"] for written in IMO_NUMBERS} == IMO_NUMBERS


def test_the_same_entry_twice_counts_once(home: Home) -> None:
    counts = enter(home, "x,9074729,,A NAME,,,,", "x,IMO 9074729,,A NAME,,,,")
    assert (counts["accepted"], counts["duplicates"], counts["rejected"]) == (MANY + 1, 1, 0)


def test_a_length_of_zero_is_not_stated(home: Home) -> None:
    lengths = {"0": None, "": None, "0.5": 0.5, "1022": 1022.0}
    enter(home, *(f"long{written},9074729,,,,,,{written}" for written in lengths))
    found = entries(home)
    assert {written: found[f"long{written}"]["length_m"] for written in lengths} == lengths


def test_a_register_of_mostly_wrong_numbers_is_refused_whole(home: Home) -> None:
    with pytest.raises(SourceError) as raised:
        enter(home, *(f"bad-{n},9074728,,A NAME,,,," for n in range(22)))
    assert str(raised.value).startswith("vessel_register.csv: 22 of 422 records faulty")
    assert intake.published(home, "vessel_register").num_rows == 0


def test_several_is_one_text_in_one_order() -> None:
    assert registers.several("b; a;a ", str.upper) == "A; B"
    assert registers.several(None, str.upper) is None
    assert registers.several("a", lambda _: "") is None
    assert registers.several("a; b", lambda one: None if one == "b" else one) is None


def test_the_templates_of_the_documentation_go_in(home: Home, tmp_path: Path) -> None:
    """Every example of docs/registers.md is taken in whole by the source that it stands under."""
    page = (Path(__file__).parents[1] / "docs" / "registers.md").read_text(encoding="utf-8")
    examples = 0
    for section in page.split("\n## ")[1:]:
        for part in section.split("\n### ")[1:]:
            source_id, _, body = part.partition("\n")
            if "```text\n" not in body:
                continue
            text = body.split("```text\n")[1].split("```")[0]
            path = tmp_path / f"{source_id.strip('`')}_2026-05-14.txt"
            path.write_text(text, encoding="utf-8")
            counts = run.ingest(source_id.strip("`"), path, home)
            assert counts["accepted"] > 0, source_id
            expected = 2 if source_id.strip("`") == "followthemoney_watch_list" else 0  # a person and a company
            assert counts["rejected"] == expected, source_id
            examples += 1
    assert examples == 4
