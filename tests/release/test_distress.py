"""Rule 1's message: what a rescue centre needs on one screen, and nothing that it must not have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from theatre import DAY, Theatre, at, distress, fixes

from pipeline import geo
from pipeline.release.craft import Fix
from pipeline.release.distress import message, reference

Run = Callable[..., dict[str, Any]]


def sitrep(theatre: Theatre, result: dict[str, Any], index: int = 0) -> str:
    return theatre.files(result, index)["data/sitrep.txt"].decode()


def fixes_of(speed_kn: float, towards_deg: float, minutes: int) -> list[Fix]:
    """A fix a minute that ends at 39.30 N 26.45 E at 03:05."""
    found = []
    for i in range(minutes, -1, -1):
        lat, lon = geo.destination(39.30, 26.45, (towards_deg + 180) % 360, speed_kn * i / 60)
        found.append(Fix(at("03:05") - timedelta(minutes=i), float(lon), float(lat), "coastal_radar"))
    return found


def test_the_message_on_one_screen(theatre: Theatre, release_day: Run) -> None:
    row = distress("d" * 16)
    track = [
        {**fix._asdict(), "vessel_id": "radar:R-LESVOS-N:d:1", "track_id": row["track_id"]}
        for fix in fixes_of(1.5, 90, 40)
    ]
    theatre.add("positions", DAY, *track)
    theatre.add("alerts", DAY, {**row, "lon": track[-1]["lon"], "lat": track[-1]["lat"]})
    said = sitrep(theatre, release_day("mrcc_piraeus"))
    lines = said.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert said.isascii()
    for line in (
        "CONFIRM BY GMDSS. This is machine information and no distress channel.",
        "DTG            140305Z MAY 26",
        "TO             MRCC Piraeus",
        "MESSAGE        NEW",
        "A PHASE        ALERT (ALERFA)",
        "B POSITION     39-18.00N 026-27.00E  at 140305Z MAY 26",
        "C BEGAN        140210Z MAY 26",
        "D CRAFT        small craft, about 9 m",
        "E SEEN BY      radar, no AIS",
        "F MOTION       1.5 kn towards 090 deg, seen over the last 20 min",
        "               +1 h  39-18.00N 026-28.94E",
        "H ALSO TOLD    MRCC Ankara",
    ):
        assert line in lines, said


def test_no_identity_no_source_no_track_no_origin_and_nothing_about_persons(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(
        distress(
            "d" * 16,
            mmsi="237000001",
            imo="9074729",
            track_id="mmsi:237000001.1",
            source_ids=["noaa_marinecadastre"],
            headline="Forty people from Ayvalik",
            facts="Left the TUR coast",
            assessment="Possible people",
            zone_id="corridor_lesvos",
        )
    )
    claim = {
        "vessel_id": "mmsi:237000001",
        "mmsi": "237000001",
        "ship_name": "AEGEAN STAR",
        "source_id": "noaa_marinecadastre",
        "first_at": at("01:00"),
        "last_at": at("03:00"),
    }
    theatre.add("identity_claims", DAY, claim)
    everything = b"".join(theatre.files(release_day("mrcc_ankara")).values()).decode().lower()
    for word in (
        "237000001",
        "9074729",
        "aegean star",
        "noaa",
        "coastal_radar",
        "people",
        "person",
        "ayvalik",
        "tur coast",
        "lesvos",
        "corridor",
        "tlp",
    ):
        assert word not in everything, word
    assert "its ais transmissions" in everything


@pytest.mark.parametrize(
    ("mmsi", "seen_by"), [("970123456", "AIS-SART"), ("972123456", "man-overboard"), ("974123456", "EPIRB")]
)
def test_a_beacon_says_who_it_is(theatre: Theatre, release_day: Run, mmsi: str, seen_by: str) -> None:
    theatre.alerts(
        distress(
            "d" * 16, mmsi=mmsi, track_id=f"mmsi:{mmsi}.1", sar_phase="distress", source_ids=["noaa_marinecadastre"]
        )
    )
    files = theatre.files(release_day("mrcc_piraeus"))
    assert f"beacon {mmsi}" in files["data/sitrep.txt"].decode()
    assert seen_by in files["data/sitrep.txt"].decode()
    (cap,) = (file for name, file in files.items() if name.startswith("data/cap/"))
    assert mmsi.encode() in cap
    assert b"Extreme" in cap


@pytest.mark.parametrize("seconds", [119, 120])
def test_drift_needs_two_minutes(seconds: int) -> None:
    last = Fix(at("03:05"), 26.45, 39.30, "s")
    first = Fix(at("03:05") - timedelta(seconds=seconds), 26.44, 39.30, "s")
    told = message("m", distress("d" * 16), "new", [first, last], [], [])
    assert (told.drift is not None) == (seconds >= 120)
    assert bool(told.ahead()) == (seconds >= 120)


def test_drift_is_that_of_the_last_twenty_minutes() -> None:
    before = [
        fix._replace(observed_at=fix.observed_at - timedelta(minutes=21), lon=fix.lon - 0.5)
        for fix in fixes_of(8, 10, 5)
    ]
    drift = message("m", distress("d" * 16), "new", before + fixes_of(1.2, 225, 10), [], []).drift
    assert drift is not None
    assert (drift.speed_kn, drift.towards_deg, drift.over_s) == (1.2, 225, 600.0)


def test_fixes_elsewhere_say_nothing_about_the_position() -> None:
    away = [fix._replace(lon=fix.lon + 0.5) for fix in fixes_of(2, 90, 10)]
    told = message("m", distress("d" * 16), "new", away, [], [])
    assert (told.drift, told.seen_at) == (None, None)


@pytest.mark.parametrize(
    ("length_m", "words"),
    [
        (None, "size not known"),
        (0.0, "size not known"),
        (0.4, "small craft, about 1 m"),
        (20.0, "small craft, about 20 m"),
        (20.1, "about 20 m"),
        (182.4, "about 180 m"),
    ],
)
def test_size_in_general_words(length_m: float | None, words: str) -> None:
    assert message("m", distress("d" * 16, length_m=length_m), "new", [], [], []).size == words


def test_a_centre_that_is_not_set_up_is_named(theatre: Theatre, release_day: Run) -> None:
    theatre.agency("mrcc_ankara", nonsense=1)
    theatre.alerts(distress("d" * 16))
    said = sitrep(theatre, release_day("mrcc_piraeus"))
    assert "H ALSO TOLD    nobody else" in said
    assert "I NOT REACHED  mrcc_ankara: not set up here, tell them" in said


def test_update_and_cancel_say_so(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(distress("d" * 16))
    release_day("mrcc_piraeus")
    theatre.alerts(distress("d" * 16, revision=2, status="update", sar_phase="distress"))
    assert "MESSAGE        UPDATE" in sitrep(theatre, release_day("mrcc_piraeus"))
    theatre.alerts(distress("d" * 16, revision=3, status="cancel"))
    result = release_day("mrcc_piraeus")
    assert "MESSAGE        CANCEL" in sitrep(theatre, result)
    (cap,) = (file.decode() for name, file in theatre.files(result).items() if name.startswith("data/cap/"))
    assert cap.count("pharos.mrcc_piraeus.") == 3  # its own identifier and both earlier ones
    assert "<urgency>Past</urgency>" in cap


def test_positions_across_midnight_are_found(theatre: Theatre, release_day: Run) -> None:
    row = distress("d" * 16, started_at=at("23:50"), ended_at=None, known_at=at("00:20", "2026-05-15"))
    theatre.add("alerts", DAY, row)
    track = fixes(
        row["track_id"], None, "coastal_radar", at("23:50"), at("00:20", "2026-05-15"), [(26.40, 39.30), (26.45, 39.30)]
    )
    track[-1].update(lon=26.45, lat=39.30)
    for day in (DAY, "2026-05-15"):
        theatre.add("positions", day, *(fix for fix in track if fix["observed_at"].date().isoformat() == day))
    said = sitrep(theatre, release_day("mrcc_piraeus"))
    assert "at 150020Z MAY 26" in said
    assert "kn towards" in said


def test_the_reference_holds_over_revisions_and_is_not_made_from_what_is_kept_back(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(distress("d" * 16))
    first = theatre.files(release_day("mrcc_piraeus"))
    theatre.alerts(distress("d" * 16, revision=2, status="update", lon=26.31, lat=39.31))
    second = theatre.files(release_day("mrcc_piraeus"))
    names = [next(name for name in files if name.startswith("data/cap/")) for files in (first, second)]
    assert names[0].removesuffix("-1.xml") == names[1].removesuffix("-2.xml")
    assert reference("mrcc_piraeus", distress("d" * 16)) == reference("mrcc_piraeus", distress("e" * 16, mmsi="237000001"))
    assert reference("mrcc_piraeus", distress("d" * 16)) != reference("mrcc_ankara", distress("d" * 16))
    for files in (first, second):
        assert not any(b"d" * 16 in file or "d" * 16 in name for name, file in files.items())
