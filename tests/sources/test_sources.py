"""Sources are TOML files: the packaged ones are whole, a wrong one is refused by file and key, an own one needs no code."""

import re
import tomllib
from pathlib import Path

import pytest

from pipeline import config, contracts, sources
from pipeline.config import Home
from pipeline.errors import SettingsError, SourceError
from pipeline.sources import reading
from pipeline.sources.columns import EPOCHS

PACKAGED = sorted((config.PACKAGED_REFERENCE / "sources").glob("*.toml"))
RADAR = (config.PACKAGED_REFERENCE / "sources" / "coastal_radar.toml").read_text(encoding="utf-8")


def declare(home: Home, name: str, text: str) -> Path:
    """Put a source file into the home's reference folder."""
    path = home.reference / "sources" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_sources_are_these(home: Home) -> None:
    assert sources.faults(home) == {}
    assert set(sources.load_all(home)) == {path.stem for path in PACKAGED}
    assert {path.stem for path in PACKAGED} == {
        "ais_space_separated",
        "asam",
        "canonical",
        "canonical_opaque",
        "canonical_parquet",
        "coastal_radar",
        "coastal_radar_central_mediterranean",
        "coastal_radar_gulf_of_aden",
        "danish_maritime_authority",
        "danish_maritime_authority_2016",
        "danish_maritime_authority_republished",
        "followthemoney_watch_list",
        "frontex_monthly",
        "gfw_anchorages",
        "gfw_gpsdio_point_pair",
        "gfw_gpsdio_point_pair_ship_type",
        "gfw_gpsdio_point_pair_voyage",
        "gfw_gpsdio_segment",
        "gfw_pelagos",
        "gfw_pelagos_headerless",
        "gfw_pelagos_processed",
        "gfw_pipe_gaps",
        "gfw_pipe_gaps_lines",
        "gfw_sar",
        "incident_template",
        "iom_missing_migrants",
        "iom_missing_migrants_2019",
        "itu_mids_names",
        "marinetraffic",
        "mid_table_libais",
        "nga_broadcast_warnings",
        "nmea_aivdm",
        "nmea_aivdm_untimed",
        "noaa_marinecadastre",
        "noaa_marinecadastre_2025",
        "piraeus",
        "pirate_attacks",
        "ports_of_interest",
        "vessel_register",
        "viirs_night_lights",
        "visual_sightings",
        "watch_list",
        "world_port_index",
    }


def test_every_format_and_every_table_has_a_packaged_source(home: Home) -> None:
    known = sources.load_all(home).values()
    assert {source.format for source in known} == set(reading.FORMATS)
    assert {table for source in known for table in reading.tables_of(source)} == set(reading.TABLES)


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_source_is_whole(path: Path) -> None:
    source = sources.parse(path.stem, path)
    assert source.source_id == path.stem
    assert source.title
    assert source.label.originator
    assert source.label.licence
    assert source.label.attribution
    assert source.label.rel_to or not source.label.onward_sharing, "what may flow on says to whom"
    assert source.label.tlp in sources.TLP_ORDER
    offered = source.offered or source.fields
    assert len(offered) == len(set(offered))
    assert source.fields


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_source_says_nothing_twice(path: Path) -> None:
    """What the file says is what is in force: no key is filled in silently but by a declared default."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    dumped = sources.parse(path.stem, path).model_dump(exclude_unset=True, by_alias=True)
    dumped.pop("source_id")
    area = dumped["limits"].get("area")
    assert {**dumped, "limits": {**dumped["limits"], **({"area": list(area)} if area else {})}} == document


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dma", ""),
        ("coastal_rader", ", perhaps coastal_radar"),
        ("noaa_marine_cadastre", ", perhaps noaa_marinecadastre"),
    ],
)
def test_an_unknown_source_says_which_one_may_be_meant_and_where_all_are_listed(
    home: Home, name: str, meant: str
) -> None:
    with pytest.raises(SourceError) as raised:
        sources.load(home, name)
    assert str(raised.value) == (
        f"unknown source '{name}'{meant}; `pharos list sources` lists those in force, or add {home.reference / 'sources' / name}.toml"
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
        ('encoding = "utf-8"', 'encoding = "utf-16"', "delimited.encoding", "'utf-8', 'latin-1', "),
        ('encoding = "utf-8"', 'encoding = "utf-8"\ndecimal = ";"', "delimited.decimal", "'.' or ','"),
        ("quotes = false", "", "delimited.quotes", "Field required"),
        ("quotes = false", 'quotes = "maybe"', "delimited.quotes", "boolean"),
        ("quotes = false", "quotes = false\nquoting = 1", "delimited.quoting", "Extra inputs are not permitted"),
        ('tlp = "AMBER"', 'tlp = "PINK"', "label.tlp", "AMBER"),
        ("max_reject_share = 0.05", "max_reject_share = 0.0", "limits.max_reject_share", "greater than 0"),
        ("max_reject_share = 0.05", "max_reject_share = 1.01", "limits.max_reject_share", "less than or equal to 1"),
        ("usual_pause_s = 900.0", "usual_pause_s = 0", "limits.usual_pause_s", "greater than 0"),
        ("usual_pause_s = 900.0", "", "file", "a source of reports needs limits.usual_pause_s"),
        ("area = [18.0, 33.0, 31.0, 42.0]", "area = [18.0, 33.0]", "limits.area", "Field required"),
        ('table = "reports"', 'table = "events"', "table", "Input should be 'reports', "),
        ('format = "delimited"', 'format = "excel"', "format", "'delimited', 'json', 'parquet' or 'nmea'"),
        (
            'format = "delimited"',
            'format = "nmea"',
            "file",
            "format is nmea, so [nmea] must be there and no other layout",
        ),
        (
            "[delimited]",
            '[nmea]\nclock = ["suffix"]\n[delimited]',
            "file",
            "format is delimited, so [delimited] must be",
        ),
        ("[delimited]", '[json]\nlines = "often"\n[delimited]', "json.lines", "boolean"),
        ("[delimited]", "[json]\nlines = true\nkeys = []\n[delimited]", "json.keys", "at least 1 item"),
        ("[delimited]", "[parquet]\ncolumns = []\n[delimited]", "parquet.columns", "at least 1 item"),
        ("[delimited]", "[nmea]\nclock = []\n[delimited]", "nmea.clock", "at least 1 item"),
        (
            "[delimited]",
            '[nmea]\nclock = ["wall"]\n[delimited]',
            "nmea.clock.0",
            "'tag_block', 'suffix' or 'base_station'",
        ),
        ("quotes = false", 'quotes = false\nfirst_line = "maybe"', "delimited.first_line", "'header' or 'data'"),
        ("quotes = false", 'quotes = false\nheader_case = "lower"', "delimited.header_case", "'exact' or 'any'"),
        (
            "area = [18.0, 33.0, 31.0, 42.0]",
            "reports_an_hour = 0",
            "limits.reports_an_hour",
            "greater than 0",
        ),
        ("area = [18.0, 33.0, 31.0, 42.0]", "max_mb = 0", "limits.max_mb", "greater than 0"),
        ("area = [18.0, 33.0, 31.0, 42.0]", "max_memory_mb = 0", "limits.max_memory_mb", "greater than 0"),
        ("area = [18.0, 33.0, 31.0, 42.0]", "max_seconds = 0", "limits.max_seconds", "greater than 0"),
        ("area = [18.0, 33.0, 31.0, 42.0]", "max_seconds = 1.5", "limits.max_seconds", "integer"),
        (
            "lat = {",
            'imo = { field = "lat", constant = "1" }\nlat = {',
            "columns.imo",
            "say one of field, fields, constant",
        ),
        ("lat = {", "imo = { part = 1 }\nlat = {", "columns.imo", "say one of field, fields, constant"),
        ("lat = {", 'imo = { field = "lat", fields = ["lat"] }\nlat = {', "columns.imo", "say one of field, fields"),
        ("lat = {", 'imo = { field = "lat", part = -1 }\nlat = {', "columns.imo.part", "greater than or equal to 0"),
        ('SZ" }', 'SZ", zone = "Mars" }', "columns.observed_at", "no time zone is called 'Mars'"),
        ("[identity]", '[static]\nfield = "kind"\nvalues = ["5"]\n[identity]', "file", "does not have: kind"),
        ("[identity]", '[only]\nfield = "kind"\nvalues = ["5"]\n[identity]', "file", "does not have: kind"),
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
        ('fields = ["sensor_id", "track_no"]', "fields = []", "identity.fields", "at least 1 item"),
        (
            'fields = ["sensor_id", "track_no"]',
            'fields = ["sensor", "track_no"]',
            "file",
            "fields that the header does not have: sensor",
        ),
        ('kind = "radar"', 'kind = "mmsi"', "file", "identity.fields: an MMSI is one field"),
        ('kind = "radar"', 'kind = "imo"', "identity.kind", "'mmsi', 'radar' or 'opaque'"),
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
        declared = {
            column.name: column for table in reading.tables_of(source) for column in contracts.load(table).columns
        }
        for name, mapped in source.columns.items():
            assert name in declared
            if declared[name].type == "timestamp":
                forms = [mapped.time] if isinstance(mapped.time, str) else list(mapped.time or ())
                assert forms
                assert all(form in (*EPOCHS, "native") or re.search("%[Yy]", form) for form in forms)


# What a source of another format says ---------------------------------------------------------------------------------

REST = """
[label]
originator = "own"
tlp = "AMBER"
rel_to = []
onward_sharing = false
licence = "own"
attribution = "own"
[limits]
max_reject_share = 0.05
cadence = "irregular"
"""
JSON = (
    """
title = "lines"
table = "incidents"
format = "json"
[json]
lines = true
keys = ["id", "at", "place", "kind"]
[columns]
source_ref = { field = "id" }
occurred_at = { field = "at", time = { "%Y-%m-%d" = "day" } }
lat = { field = "place.lat", unit = "deg" }
lon = { field = "place.lon", unit = "deg" }
category = { field = "kind" }
"""
    + REST
)


def test_a_field_of_json_can_stand_inside_a_key(home: Home) -> None:
    declare(home, "lines", JSON)
    source = sources.load(home, "lines")
    assert source.fields == ["id", "at", "place.lat", "place.lon", "kind"]
    assert source.offered == ["id", "at", "place", "kind"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"place.lat"', '"spot.lat"', "fields that the header does not have: spot"),
        ('"at", "place"', '"at", "at", "place"', "the header names a field twice"),
        ('{ "%Y-%m-%d" = "day" }', '"%Y-%m-%d"', "columns that every row of incidents needs: time_precision"),
        (
            "[label]",
            '[identity]\nkind = "mmsi"\nfields = ["id"]\n[label]',
            "a source of reports needs [identity], another",
        ),
    ],
)
def test_a_wrong_source_of_json_is_refused(home: Home, old: str, new: str, said: str) -> None:
    assert JSON.count(old) == 1
    declare(home, "lines", JSON.replace(old, new))
    with pytest.raises(SettingsError) as raised:
        sources.load(home, "lines")
    assert said in str(raised.value)


def test_a_field_that_no_message_has_is_refused(home: Home) -> None:
    nmea = (config.PACKAGED_REFERENCE / "sources" / "nmea_aivdm.toml").read_text(encoding="utf-8")
    assert nmea.count('field = "sog"') == 1
    declare(home, "log", nmea.replace('field = "sog"', 'field = "speed"'))
    with pytest.raises(SettingsError, match="fields that the header does not have: speed"):
        sources.load(home, "log")


def test_fields_that_are_read_are_named_once(home: Home) -> None:
    nmea = sources.load(home, "nmea_aivdm")
    assert len(nmea.fields) == len(set(nmea.fields))
    assert "type" in nmea.fields, "by which messages that say who are told from those that say where"
    assert sources.load(home, "coastal_radar").fields[-2:] == ["sensor_id", "track_no"]
