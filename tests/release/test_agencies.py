"""Agency files: the packaged ones, and each way in which one can be wrong."""

from pathlib import Path
from typing import Any

import pytest
from theatre import Theatre

from pipeline import config
from pipeline.errors import SettingsError
from pipeline.release import agencies, bundle
from pipeline.sea import Sea


def test_the_packaged_agencies(theatre: Theatre) -> None:
    found = agencies.load_all(theatre.home)
    assert list(found) == ["hcg", "mrcc_ankara", "mrcc_piraeus"]
    assert found["hcg"].eu
    assert found["hcg"].cadence == "daily"
    assert [found[name].role for name in ("mrcc_ankara", "mrcc_piraeus")] == ["mrcc", "mrcc"]
    assert agencies.faults(theatre.home) == {}


def test_a_file_of_the_home_overrides(theatre: Theatre) -> None:
    theatre.agency("hcg", min_severity=3)
    assert agencies.load(theatre.home, "hcg").min_severity == 3


def test_a_misspelt_agency(theatre: Theatre) -> None:
    with pytest.raises(
        SettingsError, match=r"^unknown agency 'hgc', nothing was sent; known are hcg, mrcc_ankara, mrcc_piraeus$"
    ):
        agencies.load(theatre.home, "hgc")


@pytest.mark.parametrize("agency_id", ["../hcg", "hcg/../hcg", "", "hcg\n"])
def test_a_path_is_no_agency(theatre: Theatre, agency_id: str) -> None:
    with pytest.raises(SettingsError):
        agencies.load(theatre.home, agency_id)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"min_severity": 0}, "min_severity"),
        ({"min_severity": 5}, "min_severity"),
        ({"categories": ["crossing", "smugling"]}, "smugling"),
        ({"review": ["everything"]}, "everything"),
        ({"identity_fields": ["name_of_master"]}, "name_of_master"),
        ({"formats": ["pdf"]}, "formats"),
        ({"formats": []}, "formats"),
        ({"formats": ["sitrep"]}, "sitrep"),
        ({"role": "mrcc"}, "per_event"),
        ({"cadence": "per_event"}, "per_event"),
        ({"cadence": "hourly"}, "cadence"),
        ({"eu": "maybe"}, "eu"),
        ({"zone": ["corridor_lesvos"]}, "zone"),
        ({"zones": []}, "zones"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_wrong_file_refuses_its_agency_and_no_other(theatre: Theatre, change: dict[str, Any], said: str) -> None:
    theatre.agency("hcg", **change)
    with pytest.raises(SettingsError) as error:
        agencies.load(theatre.home, "hcg")
    assert said in str(error.value)
    assert "hcg.toml" in str(error.value)
    assert "\n" not in str(error.value)
    # the packaged file does not step in: it may allow more
    assert list(agencies.load_all(theatre.home)) == ["mrcc_ankara", "mrcc_piraeus"]
    assert list(agencies.faults(theatre.home)) == ["hcg"]


@pytest.mark.parametrize(
    "change", [{"categories": ["crossing"]}, {"identity_fields": ["mmsi"]}, {"formats": ["sitrep", "csv"]}]
)
def test_a_rescue_centre_cannot_be_given_more(theatre: Theatre, change: dict[str, Any]) -> None:
    theatre.agency("mrcc_piraeus", **change)
    with pytest.raises(SettingsError):
        agencies.load(theatre.home, "mrcc_piraeus")


def test_a_file_that_claims_another_id(theatre: Theatre) -> None:
    theatre.agency("hcg")
    path = theatre.home.reference / "agencies" / "hcg.toml"
    path.write_text('agency_id = "mrcc_piraeus"\n' + path.read_text())
    with pytest.raises(SettingsError, match="the file's name is the id"):
        agencies.load(theatre.home, "hcg")


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe", b""])
def test_an_unreadable_file(theatre: Theatre, content: bytes) -> None:
    path = theatre.home.reference / "agencies" / "hcg.toml"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"hcg\.toml"):
        agencies.load(theatre.home, "hcg")


def test_every_packaged_file_is_used() -> None:
    files = {path.stem for path in (config.PACKAGED_REFERENCE / "agencies").iterdir()}
    assert files == set(agencies.load_all(config.home(Path("nowhere"))))


@pytest.mark.parametrize("zone_id", ["corridor_lesbos", "port_mytilini", "srr_greece", ""])
def test_a_zone_that_no_alert_can_belong_to_is_refused_by_name(theatre: Theatre, sea: Sea, zone_id: str) -> None:
    theatre.agency("hcg", zones=["corridor_samos", zone_id])
    theatre.ran("2026-05-14")
    said = f"agency hcg.toml: zones: unknown {zone_id}; `pharos list zones` has the known ones; nothing was sent to it"
    with pytest.raises(SettingsError) as error:
        bundle.release(theatre.home, sea, "2026-05-14", "hcg")
    assert str(error.value) == said
    assert not list(theatre.home.release.iterdir())
    # without a sea it cannot be known: the agency stays due, so that the run that tries says what is wrong
    assert agencies.faults(theatre.home) == {}
    assert {"agency_id": "hcg", "day": "2026-05-14"} in bundle.due(theatre.home)


def test_a_rescue_centre_needs_no_zone(theatre: Theatre, sea: Sea) -> None:
    agency = agencies.load(theatre.home, "mrcc_piraeus")
    assert agency.zones == []
    agencies.check_zones(agency, sea)
