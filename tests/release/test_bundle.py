"""Bundles: what goes into which, that nothing new makes nothing new, and that a kill, a late file or a wrong setting loses nothing."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pytest
from theatre import DAY, Theatre, alert, at, distress

from pipeline.errors import DeliveryError, SettingsError
from pipeline.release import bag, bundle, guard
from pipeline.sea import Sea

Run = Callable[..., dict[str, Any]]


def tree(folder: Path) -> dict[str, str]:
    """Name and hash of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def decisions(theatre: Theatre, agency_id: str) -> dict[tuple[str, int], tuple[bool, str, int | None]]:
    rows = [row for row in theatre.table("release_decisions") if row["agency_id"] == agency_id]
    return {(row["alert_id"][0], row["revision"]): (row["is_released"], row["rule"], row["seq"]) for row in rows}


def full(theatre: Theatre) -> None:
    theatre.file("coastal_radar")
    theatre.ran(DAY)
    theatre.alerts(
        alert("a" * 16),
        distress("d" * 16, started_at=at("04:00"), ended_at=None, known_at=at("04:30"), lon=26.38, lat=39.28),
        alert("n" * 16, source_ids=["coastal_radar"], rel_to=["frontex"], track_id="radar:R-LESVOS-E:77:20260514.1.1"),
    )


def test_a_day_with_alerts(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    result = release_day("hcg")
    assert result == {
        "agency_id": "hcg", "day": DAY, "bundles": [f"release/hcg/{DAY}/1"], "n_alerts": 2, "n_withheld": 1, "state": "released",
    }  # fmt: skip
    json.dumps(result)
    files = theatre.files(result)
    assert {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"} <= set(files)
    assert sorted(name for name in files if name.startswith("data/")) == [
        "data/alerts.csv", "data/alerts.geojson", "data/brief.html", f"data/cap/{'a' * 16}-1.xml", f"data/cap/{'d' * 16}-1.xml",
    ]  # fmt: skip
    assert decisions(theatre, "hcg") == {
        ("a", 1): (True, "R2", 1),
        ("d", 1): (True, "R2", 1),
        ("n", 1): (False, "R3", None),
    }
    everything = b"".join(files.values())
    assert b"R-LESVOS-E:77" not in everything
    assert b"n" * 16 not in everything


def test_a_bag_is_valid_for_the_reference_library(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    for agency_id in ("hcg", "mrcc_piraeus"):
        folder = theatre.home.root / release_day(agency_id)["bundles"][0]
        assert bagit.Bag(str(folder)).validate()
        info = bagit.Bag(str(folder)).info
        assert info["Bagging-Date"] == DAY
        assert info["External-Identifier"] == f"{agency_id}/{DAY}/1"
    victim = folder / "data" / "sitrep.txt"
    victim.write_bytes(victim.read_bytes().replace(b"ALERT", b"ALARM"))
    assert not bagit.Bag(str(folder)).is_valid()


def test_again_changes_no_byte_and_makes_no_seq(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    for agency_id in ("hcg", "mrcc_piraeus", "mrcc_ankara"):
        release_day(agency_id)
    before, rows = tree(theatre.home.release), theatre.table("releases")
    for agency_id in ("hcg", "mrcc_piraeus", "mrcc_ankara"):
        again = release_day(agency_id)
        assert (again["state"], again["bundles"], again["n_alerts"]) == ("nothing_new", [], 0)
    assert tree(theatre.home.release) == before
    assert theatre.table("releases") == rows


def test_made_again_elsewhere_from_the_same_inputs_it_is_byte_identical(tmp_path: Path, sea: Sea) -> None:
    trees = []
    for name in ("one", "two"):
        there = Theatre(tmp_path / name)
        full(there)
        for agency_id in ("hcg", "mrcc_piraeus"):
            bundle.release(there.home, sea, DAY, agency_id)
        trees.append(tree(there.home.release))
    assert trees[0] == trees[1]
    assert len(trees[0]) > 10


def test_a_revision_is_an_update_with_references(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    release_day("hcg")
    theatre.alerts(alert("a" * 16, revision=2, status="update", severity=3, known_at=at("03:20")))
    theatre.alerts(alert("a" * 16, revision=3, status="update", severity=4, known_at=at("03:40")))
    result = release_day("hcg")
    assert (result["bundles"], result["n_alerts"]) == ([f"release/hcg/{DAY}/2"], 1)
    cap = theatre.files(result)[f"data/cap/{'a' * 16}-3.xml"].decode()
    assert "<msgType>Update</msgType>" in cap
    earlier = f"pharos@example.invalid,pharos.hcg.{'a' * 16}.1,{DAY}T03:05:00-00:00"
    assert f"<references>{earlier}</references>" in cap
    # the revision in between was never sent and is superseded
    assert decisions(theatre, "hcg")["a", 2] == (False, "R9", None)
    assert decisions(theatre, "hcg")["a", 3] == (True, "R2", 2)


def test_a_cancel_reaches_who_was_told_and_nobody_else(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    release_day("hcg")
    gone = {"revision": 2, "status": "cancel", "severity": 1}
    theatre.alerts(alert("a" * 16, **gone))
    theatre.alerts(alert("z" * 16), alert("z" * 16, **gone))
    theatre.agency(
        "hcg", min_severity=2
    )  # its severity fell below what the agency asked for: it was told of it, so it is told the end
    result = release_day("hcg")
    assert [name for name in theatre.files(result) if "cap/" in name] == [f"data/cap/{'a' * 16}-2.xml"]
    assert b"<msgType>Cancel</msgType>" in theatre.files(result)[f"data/cap/{'a' * 16}-2.xml"]
    assert decisions(theatre, "hcg")["z", 2] == (False, "R9", None)
    assert decisions(theatre, "hcg")["z", 1] == (False, "R9", None)


def test_status_is_relative_to_the_agency(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16), alert("a" * 16, revision=2, status="update"))
    cap = theatre.files(release_day("hcg"))[f"data/cap/{'a' * 16}-2.xml"]
    assert b"<msgType>Alert</msgType>" in cap
    assert b"<references>" not in cap


def test_alerts_of_days_before_that_were_not_sent_yet_come_along(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(
        alert("a" * 16, started_at=at("22:00", "2026-05-12"), known_at=at("22:30", "2026-05-12"), ended_at=None)
    )
    theatre.alerts(
        alert("b" * 16, started_at=at("00:00", "2026-05-15"), known_at=at("00:30", "2026-05-15"), ended_at=None)
    )
    assert release_day("hcg")["n_alerts"] == 1
    assert release_day("hcg", "2026-05-15")["n_alerts"] == 1


def test_a_quiet_day_gives_one_nil_report_that_says_what_it_rests_on(theatre: Theatre, release_day: Run) -> None:
    theatre.file("coastal_radar", n_rows=1234)
    theatre.file("noaa_marinecadastre", day="2026-05-01")  # a feed that is known, and brought nothing for the day
    result = release_day("hcg")
    assert (result["state"], result["n_alerts"]) == ("nil", 0)
    files = theatre.files(result)
    page = files["data/brief.html"].decode()
    assert "Nothing seen" in page
    assert "1,234" in page
    assert "12 h silent" in page
    assert "Nothing received for this day" in page  # of the AIS feed
    assert json.loads(files["data/alerts.geojson"])["features"] == []
    assert files["data/alerts.csv"].count(b"\r\n") == 1
    assert b"Nil report" in files["bag-info.txt"]
    assert release_day("hcg")["state"] == "nothing_new"
    assert [row["seq"] for row in theatre.table("releases")] == [1]


def test_nothing_received_is_not_nothing_seen(theatre: Theatre, release_day: Run) -> None:
    page = theatre.files(release_day("hcg"))["data/brief.html"].decode()
    assert "Nothing was received for this day" in page
    assert "Nothing seen" not in page


def test_a_nil_report_that_rested_on_less_is_made_again(theatre: Theatre, release_day: Run) -> None:
    assert release_day("hcg")["bundles"] == [f"release/hcg/{DAY}/1"]
    theatre.file("coastal_radar")
    assert release_day("hcg")["bundles"] == [f"release/hcg/{DAY}/2"]
    assert release_day("hcg")["state"] == "nothing_new"
    theatre.alerts(alert("a" * 16))
    assert release_day("hcg")["bundles"] == [f"release/hcg/{DAY}/3"]
    theatre.file("noaa_marinecadastre")
    assert release_day("hcg")["state"] == "nothing_new"  # alerts went out for the day: it is no nil report any more


def test_seq_counts_per_agency_over_all_days(theatre: Theatre, release_day: Run) -> None:
    for day in ("2026-05-14", "2026-05-15", "2026-05-16"):
        release_day("hcg", day)
    assert sorted(path.relative_to(theatre.home.release / "hcg").as_posix() for path in theatre.home.release.glob("hcg/*/*")) == [
        "2026-05-14/1", "2026-05-15/2", "2026-05-16/3",
    ]  # fmt: skip


def test_sources_that_an_agency_may_not_know_are_not_named(theatre: Theatre, release_day: Run) -> None:
    folder = theatre.home.reference / "sources"
    folder.mkdir()
    packaged = Path(bundle.__file__).parents[1] / "reference" / "sources" / "coastal_radar.toml"
    secret = packaged.read_text().replace("Coastal radar", "Hidden radar").replace('rel_to = ["hcg", ', "rel_to = [")
    (folder / "hidden.toml").write_text(secret)
    theatre.file("hidden")
    theatre.file("coastal_radar")
    assert b"Hidden radar" not in b"".join(theatre.files(release_day("hcg")).values())


def test_outages_are_said(theatre: Theatre, release_day: Run) -> None:
    theatre.file("coastal_radar")
    silent = {
        "event_id": "e" * 16, "event_type": "feed_outage", "state": "closed", "started_at": at("06:00"), "ended_at": at("07:30"), "known_at": at("06:30"),
        "confidence": 1.0, "is_distress": False, "source_ids": ["coastal_radar"], "detector_version": 1, "evidence": "{}",
    }  # fmt: skip
    theatre.add(
        "events",
        DAY,
        silent,
        {**silent, "event_id": "f" * 16, "state": "retracted", "started_at": at("09:00"), "ended_at": at("10:00")},
    )
    page = theatre.files(release_day("hcg"))["data/brief.html"].decode()
    assert "Feed silent: Coastal radar tracks, 14 06:00 to 14 07:30 UTC" in page
    assert "14 09:00" not in page
    assert "No feed was found silent" not in page


def test_each_distress_goes_to_every_rescue_centre_in_a_bundle_of_its_own(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    theatre.alerts(
        distress(
            "e" * 16,
            tlp="RED",
            rel_to=[],
            source_ids=["no_such_source"],
            zone_id=None,
            severity=1,
            started_at=at("05:00"),
            known_at=at("05:10"),
            ended_at=None,
        )
    )
    for agency_id in ("mrcc_piraeus", "mrcc_ankara"):
        result = release_day(agency_id)
        assert (result["n_alerts"], result["n_withheld"]) == (2, 2)
        assert result["bundles"] == [f"release/{agency_id}/{DAY}/1", f"release/{agency_id}/{DAY}/2"]
        for index in range(2):
            names = sorted(name for name in theatre.files(result, index) if name.startswith("data/"))
            assert [name.split("-")[0][:9] for name in names] == ["data/cap/", "data/sitr"]
    assert decisions(theatre, "mrcc_ankara")["e", 1] == (True, "R1", 2)
    assert decisions(theatre, "mrcc_ankara")["a", 1] == (False, "R2", None)


def test_a_rescue_centre_has_nothing_on_a_quiet_day(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16))
    assert release_day("mrcc_piraeus")["state"] == "nothing_new"
    assert not (theatre.home.release / "mrcc_piraeus").exists()


def test_a_distress_that_drifts_out_of_a_region_is_still_told_to_who_knew(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(distress("d" * 16, known_at=at("03:30")))
    release_day("mrcc_ankara")
    theatre.alerts(distress("d" * 16, revision=2, status="update", known_at=at("09:00"), lon=21.0, lat=37.0))
    result = release_day("mrcc_ankara")
    assert "UPDATE" in theatre.files(result)["data/sitrep.txt"].decode()


def test_a_source_file_that_cannot_be_read_holds_no_rescue_message_back(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    folder = theatre.home.reference / "sources"
    folder.mkdir()
    (folder / "coastal_radar.toml").write_text("title = ")
    assert release_day("mrcc_piraeus")["n_alerts"] == 1
    # its label is not known, so nothing that rests on it goes anywhere else
    assert release_day("hcg")["n_alerts"] == 0
    assert decisions(theatre, "hcg")["d", 1] == (False, "R3", None)


def test_an_unknown_agency_and_an_unreadable_policy_send_nothing(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    with pytest.raises(SettingsError, match="unknown agency 'hgc'"):
        release_day("hgc")
    theatre.agency("hcg", nonsense=1)
    with pytest.raises(SettingsError, match="nonsense"):
        release_day("hcg")
    assert not list(theatre.home.release.iterdir())
    assert theatre.table("release_decisions") == []


def test_killed_between_rename_and_ledger_the_folder_is_taken_over(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    undisturbed = release_day("hcg"), release_day("mrcc_piraeus")
    before, rows = tree(theatre.home.release), theatre.table("releases")
    connection = sqlite3.connect(theatre.home.ledger)
    with connection:
        connection.execute("DELETE FROM releases")
        connection.execute("DELETE FROM release_decisions")
    connection.close()
    assert (release_day("hcg"), release_day("mrcc_piraeus")) == undisturbed
    assert tree(theatre.home.release) == before
    assert theatre.table("releases") == rows


def test_killed_before_the_rename_nothing_is_left(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    half = theatre.home.release / "hcg" / DAY / ".1.tmp"
    half.mkdir(parents=True)
    (half / "bagit.txt").write_bytes(b"half")
    release_day("hcg")
    assert sorted(path.name for path in half.parent.iterdir()) == ["1"]
    assert bagit.Bag(str(half.parent / "1")).is_valid()


def test_a_folder_that_the_ledger_does_not_know_is_never_overwritten(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    strange = theatre.home.release / "hcg" / DAY / "1"
    strange.mkdir(parents=True)
    (strange / "note.txt").write_text("not ours")
    assert release_day("hcg")["bundles"] == [f"release/hcg/{DAY}/2"]
    assert (strange / "note.txt").read_text() == "not ours"


def test_what_was_withheld_is_released_when_the_policy_changes(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    theatre.agency("hcg", review=["crossing"])
    assert release_day("hcg")["n_alerts"] == 1
    assert decisions(theatre, "hcg")["a", 1] == (False, "R7", None)
    theatre.agency("hcg", review=[])
    assert release_day("hcg")["n_alerts"] == 1
    assert decisions(theatre, "hcg")["a", 1] == (True, "R2", 2)


def test_due(theatre: Theatre, release_day: Run) -> None:
    full(theatre)
    theatre.ran("2026-05-13", "2026-05-15")
    days = [
        ("mrcc_ankara", DAY),  # rescue centres first
        ("mrcc_piraeus", DAY),
        ("hcg", "2026-05-13"),
        ("hcg", "2026-05-14"),
        ("hcg", "2026-05-15"),
    ]

    def pairs() -> list[tuple[str, str]]:
        return [(row["agency_id"], row["day"]) for row in bundle.due(theatre.home)]

    assert pairs() == days
    for agency_id, day in days:
        release_day(agency_id, day)
    assert pairs() == []
    theatre.alerts(
        distress("d" * 16, revision=2, status="update", started_at=at("04:00"), known_at=at("05:30"), ended_at=None)
    )
    assert pairs() == [("mrcc_ankara", DAY), ("mrcc_piraeus", DAY), ("hcg", DAY)]
    theatre.agency("mrcc_piraeus", nonsense=1)
    assert ("mrcc_piraeus", "2026-05-15") in pairs()  # the run that tries says what is wrong


def test_a_day_on_which_nothing_was_received_gets_its_nil_report(theatre: Theatre, release_day: Run) -> None:
    days = ["2026-04-29", "2026-04-30", "2026-05-01", "2026-05-02"]
    for day in (days[0], days[-1]):
        theatre.file("coastal_radar", day)
    assert bundle.due(theatre.home) == []  # no day ran
    theatre.ran(days[0], days[-1])
    assert bundle.due(theatre.home) == [{"agency_id": "hcg", "day": day} for day in days]
    for pair in bundle.due(theatre.home):
        assert release_day(pair["agency_id"], pair["day"])["state"] == "nil"
    assert bundle.due(theatre.home) == []
    bundles = {row["day"]: theatre.home.root / row["path"] for row in theatre.table("releases")}
    assert list(bundles) == days
    pages = {day: (folder / "data" / "brief.html").read_text() for day, folder in bundles.items()}
    assert ["Nothing was received for this day" in page for page in pages.values()] == [False, True, True, False]
    assert ["Nothing seen: no alert" in page for page in pages.values()] == [True, False, False, True]
    assert bagit.Bag(str(bundles[days[1]])).validate()


@pytest.mark.parametrize(("n", "said"), [(1, "1 alert for "), (2, "2 alerts for ")])
def test_the_description_counts_in_words(theatre: Theatre, release_day: Run, n: int, said: str) -> None:
    theatre.alerts(*(alert(letter * 16) for letter in "ab"[:n]))
    folder = theatre.home.root / release_day("hcg")["bundles"][0]
    assert bagit.Bag(str(folder)).info["External-Description"].startswith(said)


def test_an_alert_whose_start_late_data_moved_back_over_midnight(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16, started_at=at("00:10", "2026-05-15"), known_at=at("00:40", "2026-05-15")))
    release_day("hcg", "2026-05-15")
    theatre.alerts(
        alert("a" * 16, revision=2, status="update", started_at=at("23:50"), known_at=at("00:40", "2026-05-15"))
    )
    cap = theatre.files(release_day("hcg"))[f"data/cap/{'a' * 16}-2.xml"].decode()
    assert f"pharos.hcg.{'a' * 16}.1,2026-05-15T00:40:00-00:00" in cap
    assert release_day("hcg", "2026-05-15")["state"] == "nothing_new"


def test_an_identity_that_an_agency_may_not_see_is_nowhere_in_its_bundle(theatre: Theatre, release_day: Run) -> None:
    theatre.agency("hcg", identity_fields=[])
    ship = {
        "mmsi": "237000001",
        "imo": "9074729",
        "track_id": "mmsi:237000001.1",
        "source_ids": ["noaa_marinecadastre"],
    }
    theatre.alerts(
        alert("a" * 16, **ship, headline="Crossing by 237000001 AEGEAN STAR", facts="Seen: AEGEAN STAR (IMO 9074729).")
    )
    claim = {
        "vessel_id": "mmsi:237000001", "mmsi": "237000001", "imo": "9074729", "ship_name": "AEGEAN STAR", "call_sign": "SVXX",
        "source_id": "noaa_marinecadastre", "first_at": at("01:00"), "last_at": at("03:00"),
    }  # fmt: skip
    theatre.add("identity_claims", DAY, claim)
    everything = b"".join(theatre.files(release_day("hcg")).values())
    for word in (b"237000001", b"9074729", b"AEGEAN STAR", b"SVXX"):
        assert word not in everything
    assert b"[not for this agency]" in everything
    assert theatre.table("release_decisions")[0]["fields_removed"] == ["mmsi", "imo", "track_id"]


def test_names_are_shown_to_who_may_see_them_if_the_label_of_their_source_allows(
    theatre: Theatre, release_day: Run
) -> None:
    theatre.alerts(alert("a" * 16, mmsi="237000001", track_id="mmsi:237000001.1", source_ids=["noaa_marinecadastre"]))
    claim = {"vessel_id": "mmsi:237000001", "mmsi": "237000001", "first_at": at("01:00"), "last_at": at("03:00")}
    theatre.add("identity_claims", DAY, {**claim, "ship_name": "AEGEAN STAR", "source_id": "noaa_marinecadastre"})
    theatre.add(
        "identity_claims",
        DAY,
        {**claim, "ship_name": "OTHER NAME", "source_id": "commercial_feed", "last_at": at("04:00")},
    )
    everything = b"".join(theatre.files(release_day("hcg")).values())
    assert b"AEGEAN STAR" in everything
    assert b"OTHER NAME" not in everything


def test_the_guard_stops_a_bundle_that_betrays_a_withheld_alert(theatre: Theatre, release_day: Run) -> None:
    hidden = {"mmsi": "237000009", "track_id": "mmsi:237000009.1", "rel_to": ["frontex"]}
    theatre.alerts(alert("a" * 16, facts="Seen beside 237000009."), alert("h" * 16, **hidden))
    with pytest.raises(DeliveryError, match=r"guard found what hcg may not see in data/alerts\.csv"):
        release_day("hcg")
    assert not list(theatre.home.release.glob("hcg/*/[0-9]*"))
    assert theatre.table("releases") == []
    assert [row["is_released"] for row in theatre.table("release_decisions")] == [False]


@pytest.mark.parametrize(
    ("word", "content", "found"),
    [
        ("237000009", b"x 237000009 y", True),
        ("237000009", b"12370000091", False),
        ("A & B", b"<td>A &amp; B</td>", True),
        ('JO"E', b'"JO\\"E"', True),
        ("\u039d\u0399\u039a\u0397", json.dumps("\u039d\u0399\u039a\u0397").encode(), True),
        ("AMBER", b"TLP:AMBER", False),  # a word of every bundle
        ("AB", b"AB", False),  # too short to tell
    ],
)
def test_guard(word: str, content: bytes, found: bool) -> None:
    assert bool(guard.betrayed({"data/a.txt": content}, {word}, {"data/a.txt": b"TLP:AMBER"})) == found


def test_guard_reads_names_of_files() -> None:
    assert guard.betrayed({"data/237000009.txt": b""}, {"237000009"}, {})


def test_a_full_disk_leaves_the_other_messages_going_and_is_said(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(distress("d" * 16), distress("e" * 16))
    blocked = theatre.home.release / "mrcc_piraeus" / DAY / ".1.tmp"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where the folder should be")
    with pytest.raises(DeliveryError, match="not written"):
        release_day("mrcc_piraeus")
    blocked.unlink()
    assert len(release_day("mrcc_piraeus")["bundles"]) == 2


def test_bag_manifests_are_right() -> None:
    packed = bag.pack({"a.txt": b"1", "cap/b.xml": b"22"}, {"Bagging-Date": DAY})
    assert list(packed) == [
        "data/a.txt",
        "data/cap/b.xml",
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
    ]
    assert b"Payload-Oxum: 3.2\n" in packed["bag-info.txt"]
    assert packed["manifest-sha256.txt"].splitlines()[0] == f"{hashlib.sha256(b'1').hexdigest()}  data/a.txt".encode()
    assert bag.content_sha256(packed) == bag.content_sha256(
        bag.pack({"cap/b.xml": b"22", "a.txt": b"1"}, {"Bagging-Date": "2027-01-01"})
    )


def test_leftovers_of_another_day_are_not_touched(theatre: Theatre, release_day: Run) -> None:
    release_day("hcg", "2026-05-13")
    before = tree(theatre.home.release / "hcg" / "2026-05-13")
    release_day("hcg")
    assert tree(theatre.home.release / "hcg" / "2026-05-13") == before
    shutil.rmtree(theatre.home.release / "hcg" / "2026-05-13")
    assert (
        release_day("hcg", "2026-05-13")["state"] == "nothing_new"
    )  # what was handed over is in the ledger, not on the disk
