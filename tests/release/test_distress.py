"""Rule 1's message: what a rescue centre needs on one screen, and nothing that it must not have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from theatre import DAY, Theatre, alert, at, distress, fixes

from pipeline import geo
from pipeline.release.craft import Fix
from pipeline.release.distress import Message, message, reference
from pipeline.sea import Sea

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


def told(sea: Sea, fixes: list[Fix], **changes: Any) -> Message:
    """The message about a craft that was seen at these fixes."""
    return message("m", distress("d" * 16, **changes), "new", at("03:05"), fixes, sea.coast)


def follow(theatre: Theatre, track_id: str, fixes: list[Fix]) -> None:
    """Put fixes into the lake as a radar track."""
    rows = [{**fix._asdict(), "vessel_id": track_id, "track_id": track_id} for fix in fixes]
    theatre.add("positions", DAY, *rows)


def test_the_message_on_one_screen(theatre: Theatre, release_day: Run) -> None:
    row = distress("d" * 16)
    track = fixes_of(1.5, 90, 40)
    follow(theatre, row["track_id"], track)
    theatre.add("alerts", DAY, {**row, "lon": track[-1].lon, "lat": track[-1].lat})
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
def test_drift_needs_two_minutes(sea: Sea, seconds: int) -> None:
    last = Fix(at("03:05"), 26.45, 39.30, "s")
    first = Fix(at("03:05") - timedelta(seconds=seconds), 26.449, 39.30, "s")
    said = told(sea, [first, last])
    assert (said.drift is not None) == (seconds >= 120)
    assert bool(said.ahead) == (seconds >= 120)


def test_drift_is_that_of_the_last_twenty_minutes(sea: Sea) -> None:
    before = [
        fix._replace(observed_at=fix.observed_at - timedelta(minutes=21), lon=fix.lon - 0.5)
        for fix in fixes_of(8, 10, 5)
    ]
    drift = told(sea, before + fixes_of(1.2, 225, 10)).drift
    assert drift is not None
    assert (drift.speed_kn, drift.towards_deg, drift.over_s) == (1.2, 225, 600.0)


def test_fixes_elsewhere_say_nothing_about_the_position(sea: Sea) -> None:
    away = [fix._replace(lon=fix.lon + 0.5) for fix in fixes_of(2, 90, 10)]
    said = told(sea, away)
    assert (said.drift, said.seen_at, said.ahead) == (None, None, ())


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
def test_size_in_general_words(sea: Sea, length_m: float | None, words: str) -> None:
    assert told(sea, [], length_m=length_m).size == words


@pytest.mark.parametrize(("speed_kn", "is_adrift"), [(0.0, True), (2.0, True), (2.1, False), (6.0, False)])
def test_a_boat_that_steers_is_not_adrift(theatre: Theatre, release_day: Run, speed_kn: float, is_adrift: bool) -> None:
    row = distress("d" * 16)
    follow(theatre, row["track_id"], fixes_of(speed_kn, 90, 20))
    theatre.add("alerts", DAY, row)
    lines = sitrep(theatre, release_day("mrcc_piraeus")).splitlines()
    assert any(line.startswith(f"F MOTION       {speed_kn:.1f} kn") for line in lines)
    assert ("G DRIFT        no estimate: it was under way when last seen" in lines) == (not is_adrift)
    assert any("+3 h" in line for line in lines) == is_adrift


@pytest.mark.parametrize(
    ("speed_kn", "towards_deg", "afloat_h"),
    [
        (2.0, 90, [1, 2, 3]),  # along the strait
        (2.0, 270, [1]),  # Lesvos after 2.5 nm
        (1.5, 225, [1, 2]),  # after 3.2 nm
        (2.0, 255, []),  # an islet after 0.6 nm
        (1.5, 300, []),  # an islet after 0.8 nm, and water again behind it
    ],
)
def test_the_forecast_ends_at_the_first_land(
    theatre: Theatre, release_day: Run, sea: Sea, speed_kn: float, towards_deg: float, afloat_h: list[int]
) -> None:
    track = fixes_of(speed_kn, towards_deg, 20)
    said = told(sea, track)
    assert [place.hours for place in said.ahead] == afloat_h
    assert said.meets_land == (afloat_h != [1, 2, 3])
    assert not any(sea.coast.on_land(place.lon, place.lat)[0] for place in said.ahead)
    if towards_deg == 300:
        lat, lon = geo.destination(39.30, 26.45, 300, speed_kn)
        assert not sea.coast.on_land(lon, lat)[0]  # the place alone would not have told
    row = distress("d" * 16)
    follow(theatre, row["track_id"], track)
    theatre.add("alerts", DAY, row)
    lines = sitrep(theatre, release_day("mrcc_piraeus")).splitlines()
    assert [int(line.split()[0]) for line in lines if line.startswith("               +")] == afloat_h
    assert ("               then ashore" in lines) == (0 < len(afloat_h) < 3)
    assert any("ashore within the hour" in line for line in lines) == (not afloat_h)
    assert max(map(len, lines)) <= 80


def test_a_cancel_holds_no_call_to_act(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(distress("d" * 16))
    (reference_line,) = (
        line for line in sitrep(theatre, release_day("mrcc_piraeus")).splitlines() if line.startswith("REFERENCE")
    )
    theatre.alerts(distress("d" * 16, revision=2, status="cancel"))
    result = release_day("mrcc_piraeus")
    assert sitrep(theatre, result).splitlines() == [
        "SITREP - POSSIBLE DISTRESS AT SEA",
        "This is machine information and no distress channel.",
        "FOR SEARCH AND RESCUE ONLY",
        "",
        "DTG            140305Z MAY 26",
        "TO             MRCC Piraeus",
        "MESSAGE        CANCEL",
        reference_line.replace("-1", "-2"),
        "",
        "LAST POSITION  39-18.00N 026-27.00E",
        "               withdrawn: later data do not bear it out",
        "ALSO TOLD      MRCC Ankara",
        "",
        "END",
    ]
    (cap,) = (file.decode() for name, file in theatre.files(result).items() if name.startswith("data/cap/"))
    for word in ("ALERFA", "CONFIRM BY GMDSS", "motion", "small craft"):
        assert word not in cap
    assert "Withdrawn: later data do not bear it out. Last position: 39-18.00N 026-27.00E." in cap


def references(files: dict[str, bytes]) -> str:
    (line,) = (line for line in files["data/sitrep.txt"].decode().splitlines() if line.startswith("REFERENCE"))
    return line.split()[1].rpartition("-")[0]


def test_matters_of_one_craft_name_each_other(theatre: Theatre, release_day: Run) -> None:
    craft = {"track_id": "radar:R-LESVOS-N:7:20260514.1.1"}
    theatre.alerts(
        distress("a" * 16, **craft),
        distress("b" * 16, **craft, started_at=at("02:40"), sar_phase="uncertainty"),
        distress("c" * 16),
    )
    result = release_day("mrcc_piraeus")
    first, second, alone = (theatre.files(result, index) for index in range(3))
    names = references(first), references(second)
    for files, other in ((first, names[1]), (second, names[0])):
        assert f"               same craft as REFERENCE {other}" in files["data/sitrep.txt"].decode().splitlines()
        (cap,) = (file.decode() for name, file in files.items() if name.startswith("data/cap/"))
        assert "<valueName>pharos:same_craft</valueName>" in cap
        assert f"<value>as reference {other}</value>" in cap
    assert "same craft" not in b"".join(alone.values()).decode()

    # told before counts too, in order of their start, and the line holds whatever their number
    for i, letter in enumerate("efg"):
        theatre.alerts(distress(letter * 16, **craft, started_at=at(f"03:0{i}"), sar_phase="uncertainty"))
    later = theatre.files(release_day("mrcc_piraeus"))["data/sitrep.txt"].decode()
    assert f"same craft as REFERENCE {names[0]}, {names[1]} and 2 more" in later
    assert max(map(len, later.splitlines())) <= 80
    # another centre knows them by other names
    elsewhere = sitrep(theatre, release_day("mrcc_ankara"))
    assert "same craft as REFERENCE" in elsewhere
    assert not any(name in elsewhere for name in names)


def test_matters_that_a_centre_was_not_told_are_not_named(theatre: Theatre, release_day: Run) -> None:
    craft = {"track_id": "radar:R-LESVOS-N:7:20260514.1.1"}
    theatre.alerts(
        distress("a" * 16, **craft, lon=21.0, lat=37.0),  # in no region of Ankara's
        distress("b" * 16, **craft, started_at=at("02:40")),
        alert("c" * 16, **craft),  # no distress
    )
    result = release_day("mrcc_ankara")
    assert len(result["bundles"]) == 1
    assert "same craft" not in b"".join(theatre.files(result).values()).decode()


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


def test_the_reference_holds_over_revisions_and_is_not_made_from_what_is_kept_back(
    theatre: Theatre, release_day: Run
) -> None:
    theatre.alerts(distress("d" * 16))
    first = theatre.files(release_day("mrcc_piraeus"))
    theatre.alerts(distress("d" * 16, revision=2, status="update", lon=26.31, lat=39.31))
    second = theatre.files(release_day("mrcc_piraeus"))
    names = [next(name for name in files if name.startswith("data/cap/")) for files in (first, second)]
    assert names[0].removesuffix("-1.xml") == names[1].removesuffix("-2.xml")
    assert reference("mrcc_piraeus", distress("d" * 16)) == reference(
        "mrcc_piraeus", distress("e" * 16, mmsi="237000001")
    )
    assert reference("mrcc_piraeus", distress("d" * 16)) != reference("mrcc_ankara", distress("d" * 16))
    for files in (first, second):
        assert not any(b"d" * 16 in file or "d" * 16 in name for name, file in files.items())


def test_the_longest_message_is_one_screen(theatre: Theatre, release_day: Run) -> None:
    theatre.agency("mrcc_ankara", nonsense=1)
    craft = {"track_id": "mmsi:970123456.1", "mmsi": "970123456"}
    for i, letter in enumerate("abcdef"):
        theatre.alerts(distress(letter * 16, **craft, started_at=at(f"02:0{i}")))
    theatre._rows.clear()
    follow(theatre, craft["track_id"], fixes_of(1.0, 90, 20))
    lines = sitrep(theatre, release_day("mrcc_piraeus")).splitlines()
    for start in ("               same craft", "               +3 h", "I NOT REACHED"):
        assert any(line.startswith(start) for line in lines), start
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
