"""Facts: a row's id, the columns of its table, and which rows are in force when several files say something of one thing."""

import hashlib
import itertools
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts, facts, sources
from pipeline.config import Home
from pipeline.facts import Part
from pipeline.sources.columns import Judged

RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
SIGHTING = {
    "reported_at": "2026-05-14T06:00:00Z",
    "lon": "26.3",
    "lat": "39.1",
    "n_craft": "2",
    "n_people": "60",
    "length_m": "9.5",
    "reference": "w-17",
    "watch": "dawn",
}


def incident(ref: str, dead: int, source_id: str = "s") -> dict[str, Any]:
    """An incident of which only the number of dead matters."""
    return {
        "incident_id": facts.row_id("incidents", source_id, ref),
        "source_id": source_id,
        "source_ref": ref,
        "occurred_at": datetime(2026, 5, 14, tzinfo=UTC),
        "time_precision": "day",
        "lon": 26.0,
        "lat": 39.0,
        "position_precision_m": 55.6,
        "on_land": False,
        "category": "Drowning",
        "dead": dead,
    }


def count(route: str, border: str, month: int, n_people: int, source_id: str = "s") -> dict[str, Any]:
    """A month's count on a route."""
    month_at = datetime(2026, month, 1, tzinfo=UTC)
    return {
        "source_id": source_id,
        "route": route,
        "border": border,
        "month_at": month_at,
        "n_people": n_people,
        "n_records": 1,
    }


def part(
    *records: dict[str, Any],
    until: str = "2026-05-14",
    name: str = "a.csv",
    sha256: str = "0",
    received_at: str = "2026-05-15",
    table: str = "incidents",
) -> Part:
    """What a file brought; the source is that of its records."""
    rows = contracts.rows(table, list(records))
    return Part(records[0]["source_id"], until, name, received_at, sha256, rows)


def dead(parts: list[Part], snapshots: set[str] | None = None) -> dict[tuple[str, str], int]:
    """The number of dead by source and reference, of the incidents in force."""
    rows = facts.in_force(parts, "incidents", snapshots or set()).to_pylist()
    found = {(row["source_id"], row["source_ref"]): row["dead"] for row in rows}
    assert len(found) == len(rows), "a thing stands twice"
    return found


# In force -------------------------------------------------------------------------------------------------------------


def test_no_files_no_rows() -> None:
    for table in ("incidents", "route_counts"):
        found = facts.in_force([], table, set())
        assert found.num_rows == 0
        assert found.schema.equals(contracts.load(table).schema)


def test_what_one_file_says_is_in_force_as_it_is() -> None:
    only = part(incident("1", 3), incident("2", 0))
    assert dead([only]) == {("s", "1"): 3, ("s", "2"): 0}
    assert contracts.conform(facts.in_force([only], "incidents", set()), "incidents").equals(only.rows)


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ({"until": "2026-05-13"}, {"until": "2026-05-14"}),
        ({"until": ""}, {"until": "2026-05-14"}),
        ({"until": "2026-05-13", "name": "b.csv"}, {"until": "2026-05-14", "name": "a.csv"}),
        ({"name": "2026-04.csv"}, {"name": "2026-05.csv"}),
        ({"name": "a.csv", "sha256": "9"}, {"name": "b.csv", "sha256": "0"}),
        ({"sha256": "0"}, {"sha256": "1"}),
        ({"until": "2026-05-13", "received_at": "2026-05-16"}, {"until": "2026-05-14", "received_at": "2026-05-15"}),
        ({"name": "a.csv", "received_at": "2026-05-16"}, {"name": "b.csv", "received_at": "2026-05-15"}),
    ],
)
def test_the_later_file_wins_however_the_two_arrived(early: dict[str, str], late: dict[str, str]) -> None:
    first, second = part(incident("1", 3), incident("2", 5), **early), part(incident("1", 4), **late)
    expected = {("s", "1"): 4, ("s", "2"): 5}
    assert dead([first, second]) == dead([second, first]) == expected


def test_sources_do_not_overrule_each_other() -> None:
    parts = [part(incident("1", 3, "a"), until="2026-05-13"), part(incident("1", 4, "b"), until="2026-05-14")]
    assert dead(parts) == {("a", "1"): 3, ("b", "1"): 4}


def test_of_whole_lists_only_the_last_counts() -> None:
    former = part(incident("1", 3), incident("2", 5), name="2026-04.csv")
    latest = part(incident("2", 6), incident("3", 7), name="2026-05.csv")
    beside = part(incident("1", 9, "other"), name="2026-03.csv")
    for order in itertools.permutations([former, latest, beside]):
        assert dead(list(order), {"s"}) == {("s", "2"): 6, ("s", "3"): 7, ("other", "1"): 9}
        assert ("s", "1") in dead(list(order)), "of a list that is continued what the former files say still holds"


@pytest.mark.parametrize(
    ("former", "latest"),
    [
        ({"name": "list.csv", "received_at": "2026-05-14"}, {"name": "list.csv", "received_at": "2026-05-15"}),
        ({"name": "list.csv", "sha256": "9"}, {"name": "list.csv", "received_at": "2026-05-16", "sha256": "0"}),
        (
            {"name": "2026-04.csv", "received_at": "2026-05-16"},
            {"name": "2026-05.csv", "received_at": "2026-05-15"},
        ),
        ({"name": "list.csv", "until": "2026-05-14"}, {"name": "list.csv", "until": "", "received_at": "2026-05-16"}),
    ],
)
def test_the_last_list_is_the_last_by_name_and_of_one_name_the_one_that_came_last(
    former: dict[str, str], latest: dict[str, str]
) -> None:
    parts = [part(incident("1", 3), **former), part(incident("2", 5), **latest)]
    assert dead(parts, {"s"}) == dead(parts[::-1], {"s"}) == {("s", "2"): 5}


def test_a_thing_is_told_by_all_columns_of_its_key() -> None:
    early = part(
        count("Eastern", "sea", 1, 10),
        count("Eastern", "land", 1, 20),
        count("Eastern", "sea", 2, 30),
        count("Western", "sea", 1, 40),
        table="route_counts",
    )
    late = part(count("Eastern", "sea", 1, 11), count("Western", "sea", 2, 41), name="b.csv", table="route_counts")
    other = part(count("Eastern", "sea", 1, 50, "t"), name="c.csv", table="route_counts")
    expected = sorted(
        [
            ("s", "Eastern", "sea", 1, 11),
            ("s", "Eastern", "land", 1, 20),
            ("s", "Eastern", "sea", 2, 30),
            ("s", "Western", "sea", 1, 40),
            ("s", "Western", "sea", 2, 41),
            ("t", "Eastern", "sea", 1, 50),
        ]
    )
    for order in itertools.permutations([early, late, other]):
        rows = facts.in_force(order, "route_counts", set()).to_pylist()
        found = [
            (row["source_id"], row["route"], row["border"], row["month_at"].month, row["n_people"]) for row in rows
        ]
        assert sorted(found) == expected


def test_columns_of_a_part_that_the_table_does_not_publish_are_left_out() -> None:
    more = part(incident("1", 3))
    wide = Part(
        *(more.source_id, more.until, more.file_name, more.received_at, more.file_sha256), rows=with_raw(more.rows)
    )
    assert facts.in_force([wide], "incidents", set()).equals(more.rows)


def with_raw(rows: pa.Table) -> pa.Table:
    """The rows with what each record was."""
    return rows.append_column("raw", pa.array(["a record"] * rows.num_rows))


FILES = st.lists(
    st.tuples(
        st.sampled_from(["list", "feed", "other"]),  # source
        st.sampled_from(["", "2026-05-13", "2026-05-14"]),  # until
        st.sampled_from(["a.csv", "b.csv"]),
        st.sampled_from(["2026-05-15", "2026-05-16"]),  # received
        st.dictionaries(st.sampled_from("1234"), st.integers(0, 99), min_size=1),
    ),
    max_size=8,
)


@given(FILES, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_order_of_files_gives_the_same_rows(
    files: list[tuple[str, str, str, str, dict[str, int]]], shuffle: random.Random
) -> None:
    """Against plain Python: files in order, each overwriting the former ones; of a whole list only the last."""
    parts = [
        part(
            *(incident(ref, n, source_id) for ref, n in content.items()),
            until=until,
            name=name,
            received_at=received_at,
            sha256=f"{number:02}",
        )
        for number, (source_id, until, name, received_at, content) in enumerate(files)
    ]
    expected: dict[tuple[str, str], int] = {}
    numbered = list(enumerate(files))
    for _, (source_id, _, _, _, content) in sorted(numbered, key=lambda one: (one[1][1], one[1][2], one[0])):
        if source_id != "list":
            expected |= {(source_id, ref): n for ref, n in content.items()}
    lists = [one for one in numbered if one[1][0] == "list"]
    if lists:
        _, (*_, content) = max(lists, key=lambda one: (one[1][2], one[1][3], one[0]))
        expected |= {("list", ref): n for ref, n in content.items()}
    assert dead(parts, {"list"}) == expected

    once = facts.in_force(parts, "incidents", {"list"})
    shuffle.shuffle(parts)
    assert facts.in_force(parts, "incidents", {"list"}).equals(once), "also their order is the same"


# Rows -----------------------------------------------------------------------------------------------------------------


def judge(**changed: str) -> tuple[dict[str, Any], str]:
    """One sighting through the door: its row and the reason against it, empty when there is none."""
    source = sources.load(Home(Path("no home")), "visual_sightings")
    judged = Judged.of(1)
    fields = pa.table({name: [text] for name, text in {**SIGHTING, **changed}.items()})
    rows = facts.from_fields(fields, source, judged, RECEIVED, "detections")
    return rows.to_pylist()[0], judged.reason(0)


def test_every_field_arrives_and_what_the_source_does_not_have_is_null() -> None:
    assert judge() == (
        {
            "detection_id": hashlib.sha256(b"detections\nvisual_sightings\nw-17").hexdigest()[:16],
            "source_id": "visual_sightings",
            "source_ref": "w-17",
            "scene_id": "dawn",
            "sensor": "visual",
            "observed_at": datetime(2026, 5, 14, 6, tzinfo=UTC),
            "lon": 26.3,
            "lat": 39.1,
            "length_m": 9.5,
            "presence_score": None,
            "radiance": None,
            "n_craft": 2,
            "n_people": 60,
            "claimed_mmsi": None,
            "match": None,
            "track_id": None,
        },
        "",
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"reference": ""}, "no_reference"),
        ({"reported_at": "2026-05-14"}, "bad_time"),
        ({"lon": "181"}, "bad_longitude"),
        ({"lat": "90.1"}, "bad_latitude"),
        ({"length_m": "1022.5"}, "bad_length"),
        ({"n_craft": "0"}, "bad_count"),
        ({"n_craft": "1"}, ""),
        ({"n_people": "-1"}, "bad_count"),
        ({"n_people": ""}, ""),
        ({"lat": "90.1", "reference": ""}, "no_reference"),
    ],
)
def test_a_row_that_breaks_the_contract_gets_the_columns_reason(changed: dict[str, str], reason: str) -> None:
    assert judge(**changed)[1] == reason


def test_the_id_is_of_table_source_and_reference_alone() -> None:
    assert judge()[0]["detection_id"] == judge(n_people="9")[0]["detection_id"]
    ids = [
        facts.row_id(table, source_id, ref)
        for table in ("detections", "ports", "incidents")
        for source_id in ("a", "b")
        for ref in ("1", "2")
    ]
    assert len(set(ids)) == 12
    assert facts.row_id("ports", "a", None) is None
    assert judge(reference="")[0]["detection_id"] is None
