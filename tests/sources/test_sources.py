"""Sources are TOML files: the packaged ones are whole, a wrong one is refused by file and key, an own one needs no code."""

import re
import tomllib
from pathlib import Path

import pytest

from pipeline import config, contracts, sources
from pipeline.config import Home
from pipeline.errors import SettingsError, SourceError

PACKAGED = sorted((config.PACKAGED_REFERENCE / "sources").glob("*.toml"))
RADAR = (config.PACKAGED_REFERENCE / "sources" / "coastal_radar.toml").read_text(encoding="utf-8")


def declare(home: Home, name: str, text: str) -> Path:
    """Put a source file into the home's reference folder."""
    path = home.reference / "sources" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_sources_are_these(home: Home) -> None:
    assert set(sources.load_all(home)) == {
        "coastal_radar",
        "coastal_radar_central_mediterranean",
        "coastal_radar_gulf_of_aden",
        "iom_missing_migrants",
        "noaa_marinecadastre",
    }


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_source_is_whole(path: Path) -> None:
    source = sources.parse(path.stem, path)
    assert source.source_id == path.stem
    assert source.title
    assert source.label.originator
    assert source.label.licence
    assert source.label.attribution
    assert source.label.rel_to
    assert source.label.tlp in sources.TLP_ORDER
    assert len(source.delimited.header) == len(set(source.delimited.header))


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_source_says_nothing_twice(path: Path) -> None:
    """What the file says is what is in force: no key is filled in silently but by a declared default."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    dumped = sources.parse(path.stem, path).model_dump(exclude_unset=True)
    dumped.pop("source_id")
    area = dumped["limits"].get("area")
    assert {**dumped, "limits": {**dumped["limits"], **({"area": list(area)} if area else {})}} == document


def test_an_unknown_source_names_the_known_ones(home: Home) -> None:
    with pytest.raises(SourceError) as raised:
        sources.load(home, "dma")
    assert str(raised.value) == (
        "unknown source 'dma'; known are coastal_radar, coastal_radar_central_mediterranean, coastal_radar_gulf_of_aden, "
        "iom_missing_migrants, noaa_marinecadastre; "
        f"add {home.reference / 'sources' / 'dma'}.toml"
    )


@pytest.mark.parametrize("name", ["../coastal_radar", "", "coastal_radar.toml", "/etc/passwd", "coastal_radar\x00"])
def test_a_source_is_a_name_and_never_a_path(home: Home, name: str) -> None:
    with pytest.raises(SourceError, match="unknown source"):
        sources.load(home, name)


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('delimiter = ","', 'delimiter = ",,"', "delimited.delimiter", "pattern"),
        ('delimiter = ","', 'delimiter = ""', "delimited.delimiter", "pattern"),
        ('delimiter = ","', "delimiter = '\"'", "delimited.delimiter", "pattern"),
        ('delimiter = ","', 'delimiter = "\\n"', "delimited.delimiter", "pattern"),
        ('delimiter = ","', 'delimiter = "§"', "delimited.delimiter", "pattern"),
        ('encoding = "utf-8"', 'encoding = "latin-1"', "delimited.encoding", "utf-8"),
        ("quotes = false", "", "delimited.quotes", "Field required"),
        ("quotes = false", 'quotes = "maybe"', "delimited.quotes", "boolean"),
        ("quotes = false", "quotes = false\nquoting = 1", "delimited.quoting", "Extra inputs are not permitted"),
        ('tlp = "AMBER"', 'tlp = "PINK"', "label.tlp", "AMBER"),
        ("max_reject_share = 0.05", "max_reject_share = 0.0", "limits.max_reject_share", "greater than 0"),
        ("max_reject_share = 0.05", "max_reject_share = 1.01", "limits.max_reject_share", "less than or equal to 1"),
        ("usual_pause_s = 900.0", "usual_pause_s = 0", "limits.usual_pause_s", "greater than 0"),
        ("usual_pause_s = 900.0", "", "file", "a source of reports needs limits.usual_pause_s"),
        ("area = [18.0, 33.0, 31.0, 42.0]", "area = [18.0, 33.0]", "limits.area", "Field required"),
        ('table = "reports"', 'table = "events"', "table", "'reports' or 'incidents'"),
        ('format = "delimited"', 'format = "nmea"', "format", "delimited"),
        (
            'field = "sog_kn", unit = "kn"',
            'field = "sog_kn"',
            "file",
            "column sog_kn: no conversion from unit None to 'kn'",
        ),
        (
            'field = "sog_kn", unit = "kn"',
            'field = "sog_kn", unit = "mph"',
            "file",
            "column sog_kn: no conversion from unit 'mph' to 'kn'",
        ),
        (
            'field = "sog_kn", unit = "kn"',
            'field = "sog_kn", unit = "m"',
            "file",
            "column sog_kn: no conversion from unit 'm' to 'kn'",
        ),
        ('field = "sog_kn"', 'field = "speed"', "file", "fields that the header does not have: speed"),
        ("sog_kn = {", "speed = {", "file", "the table reports has no column speed"),
        ('lat = { field = "lat", unit = "deg" }', "", "file", "columns that every row of reports needs: lat"),
        (', time = "%Y-%m-%dT%H:%M:%SZ"', "", "file", "column observed_at: a time needs its format in `time`"),
        (
            'field = "lat", unit = "deg"',
            'field = "lat", unit = "deg", time = "%Y"',
            "file",
            "column lat: a time needs its format",
        ),
        ('"cog_deg", "length_m"]', '"cog_deg", "length_m", "lat"]', "file", "the header names a field twice"),
        (
            'fields = ["sensor_id", "track_no"]',
            'fields = ["track_no"]',
            "file",
            "identity.fields: an MMSI is one field",
        ),
        ('fields = ["sensor_id", "track_no"]', "fields = []", "file", "identity.fields: an MMSI is one field"),
        (
            'fields = ["sensor_id", "track_no"]',
            'fields = ["sensor", "track_no"]',
            "file",
            "fields that the header does not have: sensor",
        ),
        ('kind = "radar"', 'kind = "mmsi"', "file", "identity.fields: an MMSI is one field"),
        ('kind = "radar"', 'kind = "imo"', "identity.kind", "'mmsi' or 'radar'"),
        (
            '[identity]\nkind = "radar"\nfields = ["sensor_id", "track_no"]',
            "",
            "file",
            "a source of reports needs [identity]",
        ),
        ("[columns]", "[columns", "", "not readable as TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(home: Home, old: str, new: str, key: str, said: str) -> None:
    assert RADAR.count(old) == 1
    path = declare(home, "wrong", RADAR.replace(old, new))
    with pytest.raises(SettingsError) as raised:
        sources.load(home, "wrong")
    message = str(raised.value)
    assert message.isprintable()
    assert said in message
    assert message.endswith(f"{'remove ' if not key else 'correct '}{path}")
    if key:
        assert message.startswith(f"source wrong.toml: {key}")


def test_a_wrong_file_leaves_the_other_sources_to_be_loaded(home: Home) -> None:
    declare(home, "wrong", "a =")
    assert sources.load(home, "coastal_radar").source_id == "coastal_radar"
    assert "coastal_radar" in sources.load_all(home)
    assert "wrong" not in sources.load_all(home)
    (line,) = sources.faults(home).values()
    assert "wrong.toml" in line


def test_an_own_file_overrides_the_packaged_one_of_its_name(home: Home) -> None:
    declare(home, "coastal_radar", RADAR.replace("max_reject_share = 0.05", "max_reject_share = 0.5"))
    assert sources.load(home, "coastal_radar").limits.max_reject_share == 0.5
    assert sources.load_all(home)["coastal_radar"].limits.max_reject_share == 0.5


def test_a_source_is_known_by_its_file_and_by_no_other_name(home: Home) -> None:
    declare(home, "mine", 'source_id = "noaa_marinecadastre"\n' + RADAR)
    assert sources.load(home, "mine").source_id == "mine"


def test_every_column_of_a_source_is_one_of_its_table() -> None:
    for path in PACKAGED:
        source = sources.parse(path.stem, path)
        declared = {column.name: column for column in contracts.load(source.table).columns}
        for name, mapped in source.columns.items():
            assert name in declared
            if declared[name].type == "timestamp":
                assert re.search("%Y", mapped.time or "")
