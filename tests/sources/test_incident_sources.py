"""Sources of incidents: real files are taken in to the last record, and nothing about a person gets further than the raw store."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import contracts, ledger, run, sources, store
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sources import intake
from tests.conftest import ROOT

IOM = "incidents/iom_missing_migrants/iom_europe.csv"
IOM_2019 = "incidents/iom_missing_migrants/iom_2019_schema.csv"
ASAM = ("incidents/asam/asam_sample.json", "incidents/asam/asam_sample_2.json")
WARNINGS = "incidents/asam/nga_broadcast_warn_sample.json"
PIRATES = "incidents/pirate_attacks/pirate_attacks.csv"
FRONTEX = "incidents/frontex/frontex.csv"
PAGE = (ROOT / "docs" / "incidents.md").read_text(encoding="utf-8")
FILES = {
    IOM: "iom_missing_migrants",
    IOM_2019: "iom_missing_migrants_2019",
    **dict.fromkeys(ASAM, "asam"),
    WARNINGS: "nga_broadcast_warnings",
    PIRATES: "pirate_attacks",
    FRONTEX: "frontex_monthly",
}
WHOLE_DEGREE_M = 55_560.0  # half a degree along the meridian
HEADER = "reference,occurred_at,lon,lat,category,dead,missing,survivors,narrative"


def rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file, read by Python's own reader."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(taken: dict[str, Any]) -> tuple[int, int, int, int]:
    """Records in, accepted, rejected, repeated; none of these files has blank ones."""
    assert taken["blank"] == 0
    return taken["lines_in"], taken["accepted"], taken["rejected"], taken["duplicates"]


def incidents(home: Home, source_id: str = "incident_template") -> dict[str, dict[str, Any]]:
    """The incidents in force of a source, by reference."""
    found = [row for row in intake.published(home, "incidents").to_pylist() if row["source_id"] == source_id]
    assert len({row["source_ref"] for row in found}) == len(found)
    return {row["source_ref"]: row for row in found}


def rejects(home: Home, source_id: str = "incident_template") -> list[tuple[int, str, str]]:
    """Line, reason and text of the refused records of a source."""
    stored = store.read(store.parts(home.lake, "rejects"), "rejects").to_pylist()
    return [(row["line"], row["reason"], row["raw"]) for row in stored if row["source_id"] == source_id]


def number(text: str) -> int | None:
    """A count as IOM writes it."""
    return None if text in ("NA", "") else int(text)


@dataclass(frozen=True)
class Full:
    """A home that all real files were taken into, and what was said of each. For reading only."""

    home: Home
    taken: dict[str, tuple[int, int, int, int]]
    sentinels: dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, cache: Path, shared: Path) -> Full:
    """All real files, taken in and published."""
    cache.mkdir(parents=True, exist_ok=True)
    home = Home(tmp_path_factory.mktemp("full"))
    home.cache.symlink_to(cache)
    home.create()
    taken = {path: counts(run.ingest(source_id, shared / path, home)) for path, source_id in FILES.items()}
    run.publish(home)
    with ledger.opened(home.ledger) as connection:
        files = ledger.table(connection, "source_files").to_pylist()
    return Full(home, taken, {row["file_name"]: json.loads(row["sentinels"]) for row in files})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (IOM, (5304, 5299, 5, 0)),
        (IOM_2019, (5974, 5974, 0, 0)),
        (ASAM[0], (4, 4, 0, 0)),
        (ASAM[1], (2, 2, 0, 0)),
        (WARNINGS, (2, 1, 1, 0)),
        (PIRATES, (6588, 6568, 0, 20)),
        (FRONTEX, (34273, 34273, 0, 0)),
    ],
)
def test_every_record_of_a_real_file_is_accounted_for(
    full: Full, path: str, expected: tuple[int, int, int, int]
) -> None:
    """In, accepted, rejected, repeated."""
    assert full.taken[path] == expected


# Missing Migrants Project ---------------------------------------------------------------------------------------------


def test_iom(full: Full, shared: Path) -> None:
    came = rows(shared / IOM)
    lines = (330, 367, 523, 3520, 4294)
    assert rejects(full.home, "iom_missing_migrants") == [(line, "bad_count", "") for line in lines]
    stored = incidents(full.home, "iom_missing_migrants")
    assert len(came) - len(stored) == len(lines)
    assert Counter(row["on_land"] for row in stored.values())[True] >= 3400
    fields = {"dead": "No. dead", "missing": "No. missing", "survivors": "No. survivors"}
    assert full.sentinels[Path(IOM).name] == {
        name: sum(row[field] == "NA" for row in came) for name, field in fields.items()
    }


def test_iom_places_cut_to_whole_degrees_are_half_a_degree_vague(full: Full, shared: Path) -> None:
    stored = incidents(full.home, "iom_missing_migrants")
    whole = {
        row["Main ID"].removeprefix("\ufeff")
        for row in rows(shared / IOM)
        if "." not in row["Latitude"] or "." not in row["Longitude"]
    }
    assert len(whole) == 45
    vague = {ref for ref, row in stored.items() if row["position_precision_m"] == WHOLE_DEGREE_M}
    assert vague == whole & set(stored)
    assert "2014.MMP00018" in vague  # "Ceuta waters", written as 35.8793, -5


def test_iom_record_of_several_parts_is_one_incident_under_its_main_id(full: Full, shared: Path) -> None:
    several = {row["Main ID"]: row for row in rows(shared / IOM) if "," in row["Incident ID"]}
    assert len(several) == 204
    stored = incidents(full.home, "iom_missing_migrants")
    assert set(several) - set(stored) == {"2015.MMP00513", "2015.MMP00565", "2016.MMP00134"}  # a number is negative
    for ref in set(several) & set(stored):
        assert stored[ref]["dead"] == number(several[ref]["No. dead"])
        assert stored[ref]["missing"] == number(several[ref]["No. missing"])
    assert all(re.fullmatch(r"20\d\d\.MMP\d+", ref) for ref in stored)


def test_iom_schema_until_2019(full: Full, shared: Path) -> None:
    came = {row["Web ID"]: row for row in rows(shared / IOM_2019)}
    stored = incidents(full.home, "iom_missing_migrants_2019")
    assert set(stored) == set(came)
    for ref, row in stored.items():
        theirs = came[ref]
        lat, lon = theirs["Location Coordinates"].split(",")
        assert (row["lat"], row["lon"]) == (float(lat), float(lon))
        assert row["occurred_at"] == datetime.strptime(theirs["Reported Date"], "%d-%b-%y").replace(tzinfo=UTC)
        assert row["dead"] == number(theirs["Number Dead"])
        assert row["missing"] == number(theirs["Minimum Estimated Number of Missing"])
        assert row["survivors"] == number(theirs["Number of Survivors"])
        assert row["summary"] == (theirs["Migration Route"] or None)
    assert {row["time_precision"] for row in stored.values()} == {"day"}
    assert sum(len(row["Reported Date"]) == len("5-Oct-19") for row in came.values()) == 1528  # a day of one digit

    first = stored["52519"]
    assert first["occurred_at"] == datetime(2019, 10, 29, tzinfo=UTC)
    assert [first[name] for name in ("dead", "missing", "survivors")] == [4, 1, 29]
    assert (first["category"], first["summary"]) == ("Mixed or unknown", "Western African")


def test_iom_causes_of_2019_become_the_categories_of_today(full: Full, shared: Path) -> None:
    """260 phrases, among them single persons' illnesses, become seven words."""
    found = Counter(row["category"] for row in incidents(full.home, "iom_missing_migrants_2019").values())
    today = {row["Cause of death (category)"] for row in rows(shared / IOM)}
    assert set(found) == {category for category in today if not re.search(",[A-Z]", category)}  # several, by commas
    assert len(found) == 7
    theirs = Counter(row["Cause of Death"] for row in rows(shared / IOM_2019))
    assert len(theirs) == 260
    assert found["Drowning"] == theirs["Drowning"] + theirs["Presumed drowning"] == 1473
    assert found["Mixed or unknown"] == 1815


# Anti-shipping messages and warnings ----------------------------------------------------------------------------------


def test_asam(full: Full) -> None:
    stored = incidents(full.home, "asam")
    other = "other or not stated"
    assert {ref: row["category"] for ref, row in stored.items()} == {
        "2022-134": other,
        "2022-138": other,
        "2022-142": other,
        "2022-143": "boarding",
        "2022-216": other,  # "Two drone explosions"
        "2022-217": "boarding",
    }
    perim = stored["2022-142"]
    assert (perim["lon"], perim["lat"]) == (43.51666666702533, 12.55000000016662)
    assert (perim["occurred_at"], perim["time_precision"]) == (datetime(2022, 5, 25, tzinfo=UTC), "day")
    assert "suspicious approach by a skiff with eight people onboard" in perim["summary"]


@pytest.mark.parametrize("name", ["GENCO", "NISSOS", "SELENA", "TARASCO", "Barbados", "Marshall", "Mexico"])
def test_asam_ships_and_flags_are_not_kept(full: Full, shared: Path, name: str) -> None:
    assert any(name in (shared / path).read_text(encoding="utf-8") for path in ASAM)
    assert not any(name.lower() in str(row).lower() for row in incidents(full.home, "asam").values())


def test_broadcast_warnings(full: Full) -> None:
    """One warning bounds two areas off Florida, the other lists the warnings in force."""
    assert rejects(full.home, "nga_broadcast_warnings") == [(21, "no_position", "")]
    ((ref, row),) = incidents(full.home, "nga_broadcast_warnings").items()
    assert (ref, row["category"]) == ("4 2022 1177", "navigational warning")
    assert (row["occurred_at"], row["time_precision"]) == (datetime(2022, 11, 7, 22, 39, tzinfo=UTC), "minute")
    west, south, east, north = -(80 + 38.33 / 60), 27 + 21 / 60, -(69 + 58 / 60), 28 + 40 / 60
    assert row["lon"] == pytest.approx((west + east) / 2, abs=1e-6)
    assert row["lat"] == pytest.approx((south + north) / 2, abs=1e-6)
    assert 500_000 < row["position_precision_m"] < 560_000


# Pirate attacks -------------------------------------------------------------------------------------------------------


def test_pirate_attacks(full: Full, shared: Path) -> None:
    came = rows(shared / PIRATES)
    assert len((shared / PIRATES).read_bytes().splitlines()) > len(came) + 1  # line breaks in texts
    assert len(came) - len({tuple(row.values()) for row in came}) == 20
    assert full.sentinels[Path(PIRATES).name] == {
        "occurred_at": sum(row["time"] == "NA" for row in came),
        "category": sum(row["attack_type"] == "NA" for row in came),
        "summary": sum((row["location_description"] == "NA") + (row["attack_description"] == "NA") for row in came),
    }
    stored = incidents(full.home, "pirate_attacks").values()
    once = Counter(row["attack_type"] for row in {tuple(row.values()): row for row in came}.values())
    assert Counter(row["category"] for row in stored) == {
        "not stated" if word == "NA" else word.lower(): n for word, n in once.items()
    }
    red_sea = [row for row in came if row["location_description"] == "Red Sea" and row["attack_description"] == "NA"]
    assert sum(row["summary"] == "Red Sea" for row in stored) == len(red_sea) > 30


def test_pirate_attacks_believe_a_clock_only_with_its_zone(full: Full, shared: Path) -> None:
    came = rows(shared / PIRATES)
    zoned = sorted(f"{row['date']} {row['time']}" for row in came if row["time"].endswith("UTC"))
    local = [row for row in came if row["time"] != "NA" and not row["time"].endswith("UTC")]
    assert (len(zoned), len(local)) == (9, 236)
    stored = incidents(full.home, "pirate_attacks").values()
    exact = [row["occurred_at"] for row in stored if row["time_precision"] == "minute"]
    assert sorted(f"{time:%Y-%m-%d %H:%M} UTC" for time in exact) == zoned
    days = [row["occurred_at"] for row in stored if row["time_precision"] == "day"]
    assert len(days) + len(exact) == len(stored)
    assert {(time.hour, time.minute) for time in days} == {(0, 0)}


def test_pirate_attacks_are_told_apart_by_a_hash_and_no_ship_is_named(full: Full, shared: Path) -> None:
    stored = incidents(full.home, "pirate_attacks")
    assert all(re.fullmatch("[0-9a-f]{16}", ref) for ref in stored)
    for name in ("Maersk", "Petrobulk", "Norbulk", "Actuaria"):
        assert any(name in row["vessel_name"] for row in rows(shared / PIRATES))
        assert not any(name.lower() in str(row).lower() for row in stored.values())


# Monthly counts -------------------------------------------------------------------------------------------------------


def test_frontex(full: Full, shared: Path) -> None:
    came = rows(shared / FRONTEX)
    stored = intake.published(full.home, "route_counts").to_pylist()
    people: Counter[tuple[str, str, str]] = Counter()
    records: Counter[tuple[str, str, str]] = Counter()
    for row in came:
        people[row["route"], row["type"].lower(), row["month"]] += int(float(row["n"]))
        records[row["route"], row["type"].lower(), row["month"]] += 1
    keys = [(row["route"], row["border"], f"{row['month_at']:%Y-%m}") for row in stored]
    assert len(stored) == len(people) == 1792
    assert dict(zip(keys, (row["n_people"] for row in stored), strict=True)) == people
    assert dict(zip(keys, (row["n_records"] for row in stored), strict=True)) == records
    assert sum(row["n_people"] for row in stored) == sum(people.values()) == 4_966_869


def test_frontex_nationalities_do_not_pass_the_door(full: Full, shared: Path) -> None:
    codes = {row["nat"] for row in rows(shared / FRONTEX)}
    assert len(codes) == 159
    (path,) = store.parts(full.home.lake, "route_counts")
    data = pq.read_table(path)
    uncompressed = io.BytesIO()
    with pa.ipc.new_file(uncompressed, data.schema) as writer:
        writer.write_table(data)
    with duckdb.connect(full.home.warehouse, read_only=True) as database:
        published = database.execute("SELECT * FROM route_counts").fetchall()
    assert len(published) == data.num_rows == 1792
    said = [uncompressed.getvalue().decode("latin-1"), str(data.schema), str(data.schema.metadata), str(published)]
    assert not codes & set(re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", "\n".join(said)))


def test_frontex_a_border_of_another_kind_is_refused(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "frontex.csv"
    lines = [f"Western African Route,Sea,AAA,{n}.0,2024-01" for n in range(1, 40)]
    path.write_text("\n".join(["route,type,nat,n,month", *lines, "Western African Route,Air,AAA,1.0,2024-01", ""]))
    assert counts(run.ingest("frontex_monthly", path, home)) == (40, 39, 1, 0)
    assert rejects(home, "frontex_monthly") == [(41, "no_category", "")]


# The template ---------------------------------------------------------------------------------------------------------


def template(folder: Path, *lines: str) -> Path:
    """A file by the template."""
    path = folder / "reports.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def block(language: str, number: int = 0) -> str:
    """A block of the page."""
    found: str = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]
    return found


def test_the_example_of_the_page_is_taken_in_and_screened_as_the_page_says(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "example.csv"
    path.write_text(block("csv"), encoding="utf-8")
    assert counts(run.ingest("incident_template", path, home)) == (3, 3, 0, 0)
    stored = incidents(home)
    before, after = block("text", 0).strip(), block("text", 1).strip()
    assert before in block("csv")
    assert stored["A-0118"]["summary"] == after
    assert "Ioannis" in before
    assert "Ioannis" not in after
    assert stored["A-0118"]["occurred_at"] == datetime(2026, 5, 14, 2, 40, tzinfo=UTC)
    assert [row["time_precision"] for _, row in sorted(stored.items())] == ["minute", "day", "month"]
    assert [stored["A-0119"][name] for name in ("dead", "missing", "survivors")] == [0, 12, 4]
    assert [stored["A-0120"][name] for name in ("dead", "missing", "survivors", "summary")] == [None] * 4
    assert [row["position_precision_m"] for _, row in sorted(stored.items())] == [10.0, 5556.0, WHOLE_DEGREE_M]


def test_the_page_names_every_category_and_every_source() -> None:
    known = sources.load_all(Home(Path("no home")))
    words = known["incident_template"].columns["category"].words
    assert re.findall(r"^\| `(\w+)` \| [a-z]", PAGE.split("### Categories")[1].split("## ")[0], re.MULTILINE) == list(
        words
    )
    for source_id, source in known.items():
        if source.table in ("incidents", "route_counts"):
            assert f"`{source_id}`" in PAGE
            assert source.names_people


@pytest.mark.parametrize(
    ("written", "stands_for", "precision"),
    [
        ("2026-05-14T02:40:07Z", datetime(2026, 5, 14, 2, 40, 7, tzinfo=UTC), "minute"),
        ("2026-05-14T02:40Z", datetime(2026, 5, 14, 2, 40, tzinfo=UTC), "minute"),
        ("2026-05-14", datetime(2026, 5, 14, tzinfo=UTC), "day"),
        ("2026-05", datetime(2026, 5, 1, tzinfo=UTC), "month"),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), "year"),
    ],
)
def test_a_time_is_as_exact_as_it_is_written(
    home: Home, tmp_path: Path, written: str, stands_for: datetime, precision: str
) -> None:
    run.ingest("incident_template", template(tmp_path, f"1,{written},26.5,39.2,distress,,,,"), home)
    (row,) = incidents(home).values()
    assert (row["occurred_at"], row["time_precision"]) == (stands_for, precision)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (",2026-05-14,26.5,39.2,distress,,,,", "no_reference"),
        ("1,,26.5,39.2,distress,,,,", "bad_time"),
        ("1,14.05.2026,26.5,39.2,distress,,,,", "bad_time"),
        ("1,2026-05-14T02:40,26.5,39.2,distress,,,,", "bad_time"),
        ("1,2026-05-14,,39.2,distress,,,,", "no_position"),
        ('1,2026-05-14,"26,5",39.2,distress,,,,', "bad_longitude"),
        ("1,2026-05-14,26.5,91,distress,,,,", "bad_latitude"),
        ("1,2026-05-14,26.5,39.2,,,,,", "no_category"),
        ("1,2026-05-14,26.5,39.2,Distress,,,,", "no_category"),
        ("1,2026-05-14,26.5,39.2,a boat in distress,,,,", "no_category"),
        ("1,2026-05-14,26.5,39.2,distress,-1,,,", "bad_count"),
        ("1,2026-05-14,26.5,39.2,distress,,about 20,,", "bad_count"),
        ("1,2026-05-14,26.5,39.2,distress,,,2.5,", "bad_count"),
        ("1,2026-05-14,26.5,39.2,distress,,,", "bad_field_count"),
    ],
)
def test_a_record_that_is_not_filled_in_as_the_page_says_is_refused(
    home: Home, tmp_path: Path, record: str, reason: str
) -> None:
    """One faulty record never quarantines a file, and its text is not kept."""
    good = "2,2026-05-14,26.5,39.2,distress,,,,"
    assert counts(run.ingest("incident_template", template(tmp_path, good, record), home)) == (2, 1, 1, 0)
    assert rejects(home) == [(3, reason, "")]


def test_a_file_from_a_spreadsheet_is_taken_in(home: Home, tmp_path: Path) -> None:
    """Byte order mark, CRLF, a line break inside a narrative, no end of line at the end."""
    path = tmp_path / "spreadsheet.csv"
    lines = [HEADER, '1,2026-05-14,26.5,39.2,sinking,,,,"Boat sinking.\nMayday."', "2,2026-05-14,26.5,39.2,other,,,,"]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert counts(run.ingest("incident_template", path, home)) == (2, 2, 0, 0)
    stored = incidents(home)
    assert stored["1"]["category"] == "sinking"
    assert "sinking" in stored["1"]["summary"]


def test_a_later_file_says_what_an_incident_was_whichever_comes_first(home: Home, tmp_path: Path) -> None:
    """Of files that reach equally far in time the one whose name comes last is the later one."""
    earlier = template(tmp_path, "1,2026-05-14,26.5,39.2,missing_boat,,12,,").rename(
        tmp_path / "reports-2026-05-14.csv"
    )
    later = template(tmp_path, "1,2026-05-14,26.5,39.2,sinking,3,0,9,").rename(tmp_path / "reports-2026-05-15.csv")
    for path in (later, earlier):
        run.ingest("incident_template", path, home)
    (row,) = incidents(home).values()
    assert (row["category"], row["dead"], row["missing"], row["survivors"]) == ("sinking", 3, 0, 9)


def test_a_reference_that_stands_twice_in_a_file_is_refused_the_second_time(home: Home, tmp_path: Path) -> None:
    first, other = "1,2026-05-14,26.5,39.2,drifting,,,12,", "1,2026-05-14,26.5,39.2,sinking,3,,9,"
    assert counts(run.ingest("incident_template", template(tmp_path, first, first, other), home)) == (3, 1, 1, 1)
    assert rejects(home) == [(4, "conflicting_reference", "")]
    assert incidents(home)["1"]["category"] == "drifting"


# Nothing about a person gets in ---------------------------------------------------------------------------------------

PLANTED = "Zebedea Quillfeather, Ruritanian, zebedea@example.org, passport XK4471903Z"
TRACES = ("zebedea", "quillfeather", "ruritania", "example.org", "xk4471903")
N_GOOD = 200


@dataclass(frozen=True)
class Form:
    """
    A source's record as it must be to be accepted: `kept` are its fields that are kept as they stand (references, and words of a list that the
    provider keeps), `told_by` the one in which records differ, `judged` those in which anything else is refused. All others may hold anything.
    """

    source_id: str
    told_by: str
    kept: dict[str, str]
    judged: dict[str, str]
    anywhere: str = ""


FORMS = [
    Form(
        "iom_missing_migrants",
        "Main ID",
        {"Cause of death (category)": "Drowning", "Route": "Eastern Mediterranean"},
        {
            "incident_date_clean": "2024-05-14",
            "incident_date_precision": "day",
            "Latitude": "39.21",
            "Longitude": "26.53",
            "No. dead": "1",
            "No. missing": "0",
            "No. survivors": "NA",
        },
    ),
    Form(
        "iom_missing_migrants_2019",
        "Web ID",
        {"Migration Route": "Eastern Mediterranean"},
        {
            "Reported Date": "5-Oct-19",
            "Location Coordinates": "39.21, 26.53",
            "Number Dead": "1",
            "Minimum Estimated Number of Missing": "",
            "Number of Survivors": "",
        },
    ),
    Form("asam", "reference", {}, {"date": "2022-05-25", "latitude": "12.55", "longitude": "43.5"}),
    Form(
        "nga_broadcast_warnings",
        "msgNumber",
        {"navArea": "3", "msgYear": "2022"},
        {"issueDate": "072239Z NOV 2022", "text": "DRIFTING BOAT IN 36-30.0N 026-10.0E. "},
        anywhere="text",
    ),
    Form("pirate_attacks", "longitude", {}, {"date": "2015-01-14", "time": "21:30 UTC", "latitude": "12.5"}),
    Form("frontex_monthly", "n", {"route": "Western African Route"}, {"type": "Sea", "month": "2024-01"}),
    Form(
        "incident_template",
        "reference",
        {},
        {
            "occurred_at": "2026-05-14",
            "lon": "26.5",
            "lat": "39.2",
            "category": "distress",
            "dead": "",
            "missing": "",
            "survivors": "",
        },
    ),
]


def planted(form: Form, folder: Path, home: Home) -> Path:
    """
    A file of a source in which every field that may hold anything names a person: in records that are accepted, and in one for each judged field
    that is refused for the person who stands there.
    """
    source = sources.load(home, form.source_id)
    assert source.offered is not None
    anyone = dict.fromkeys(source.offered, PLANTED)
    judged = form.judged
    if form.anywhere:
        judged = {**judged, form.anywhere: judged[form.anywhere] + PLANTED.upper()}
    good = [{**anyone, **form.kept, **judged, form.told_by: f"{n + 1}"} for n in range(N_GOOD)]
    if form.told_by == "longitude":
        good = [{**row, "longitude": f"{n / 10}"} for n, row in enumerate(good)]
    refused = [{**anyone, **judged, name: PLANTED} for name in judged]
    path = folder / f"{form.source_id}.{source.format}"
    if source.json_:
        path.write_text(json.dumps({str(source.json_.records): [*good, *refused]}), encoding="utf-8")
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, source.offered, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*good, *refused])
    return path


def test_a_person_named_anywhere_in_a_record_reaches_no_table(home: Home, tmp_path: Path) -> None:
    for form in FORMS:
        taken = run.ingest(form.source_id, planted(form, tmp_path, home), home)
        assert counts(taken) == (N_GOOD + len(form.judged), N_GOOD, len(form.judged), 0), form.source_id
        assert len(rejects(home, form.source_id)) == len(form.judged)
    run.publish(home)

    raw = b"".join(path.read_bytes() for path in home.raw.rglob("*") if path.is_file()).decode().lower()
    assert found_in(raw) == list(TRACES)  # they did come in
    assert found_in(words_of_the_lake(home)) == []
    assert found_in(words_of_the_database(home)) == []
    assert found_in(home.warehouse.read_bytes().decode("latin-1").lower()) == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form.source_id))
def test_a_person_named_where_a_file_should_begin_reaches_no_table(home: Home, tmp_path: Path, form: Form) -> None:
    """A file without its header, or with more than its list, is refused whole; why is kept and published, and must not quote it."""
    path = planted(form, tmp_path, home)
    text = path.read_text(encoding="utf-8")
    if sources.load(home, form.source_id).format == "json":
        damaged = [PLANTED + text, text + PLANTED, f'{{"{PLANTED}": []}}', f'{{"{PLANTED}": 1, "{PLANTED}": 2}}']
    else:
        damaged = [text.partition("\n")[2]]
    for content in damaged:
        path.write_text(content, encoding="utf-8")
        with pytest.raises(SourceError) as raised:
            run.ingest(form.source_id, path, home)
        assert found_in(str(raised.value).lower()) == []
    with ledger.opened(home.ledger) as connection:
        kept = [ledger.table(connection, name).to_pylist() for name in ("source_files", "runs")]
    assert [len(one) for one in kept] == [len(damaged)] * 2
    assert found_in(str(kept).lower()) == []


def found_in(words: str) -> list[str]:
    """The traces of the planted person."""
    return [trace for trace in TRACES if trace in words]


def words_of_the_lake(home: Home) -> str:
    """All texts of all Parquet files of the lake, and what their schemas say, in small letters."""
    parts = sorted(home.lake.rglob("*.parquet"))
    assert parts
    found = []
    for path in parts:
        data = pq.read_table(path)
        found += [str(data.to_pydict()), str(data.schema), str(data.schema.metadata)]
    return "\n".join(found).lower()


def words_of_the_database(home: Home) -> str:
    """All that the published database shows, in small letters."""
    found = []
    with duckdb.connect(home.warehouse, read_only=True) as database:
        names = [name for (name,) in database.execute("SHOW TABLES").fetchall()]
        assert set(contracts.tables()) & set(names) >= {"incidents", "rejects", "source_files", "runs"}
        for name in names:
            found += [str(row) for row in database.execute(f'SELECT * FROM "{name}"').fetchall()]
    return "\n".join(found).lower()
