"""
Sources: one TOML file each says how a provider's files are read and what may be done with what is in them.

A new dialect of a known format needs no code. Files in `<home>/reference/sources/` extend and override the packaged ones.
"""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import config, contracts, units
from pipeline.errors import SettingsError, SourceError

UNWRITTEN = ("native", "epoch_s", "epoch_ms")  # times that are no text of a form
TIME_MARKS = "YymbBdejHIMSpfT"  # of strptime: what a time may be written in

# What is read of an AIS message, whatever its type: see `nmea`.
NMEA_FIELDS = (
    "mmsi", "time", "type", "transceiver", "lon", "lat", "sog", "cog", "heading", "status", "imo", "shipname", "callsign", "ship_type",
    "length", "draught", "safety_text",
)  # fmt: skip

# TLP 2.0 (FIRST, 2022), strictest first.
TLP_ORDER = ("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")


class Declared(BaseModel):
    """A part of a source's TOML: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True, validate_by_name=True)


class Delimited(Declared):
    """
    Layout of a delimited text file. `decimal` is the mark in its numbers. `header` names its fields; `first_line = "data"` says that the file itself
    has no header line, `header_case = "any"` that the provider writes it in either case. The delimiter `" "` stands for a run of spaces and tabs.
    `quotes` allows quoted fields, `line_breaks` allows line breaks inside them.
    """

    delimiter: Annotated[str, Field(pattern=r"^[\t !#-~]$")]
    encoding: Literal["utf-8", "latin-1", "windows-1252", "windows-1253", "windows-1254"]
    decimal: Literal[".", ","] = "."
    header: Annotated[list[str], Field(min_length=1)]
    first_line: Literal["header", "data"] = "header"
    header_case: Literal["exact", "any"] = "exact"
    quotes: bool
    line_breaks: bool
    ends_with_newline: bool


class Json(Declared):
    """
    Layout of a JSON file. `lines`: one object a line; else one document, in which the list of records is at `records` (a key) or is the document
    itself. `keys` are all keys that a record may have; another one is a dialect that nobody declared. A field "a.b" is key b of the object at key a;
    the values of a list are joined by "; ".
    """

    lines: bool
    records: str | None = None
    keys: Annotated[list[str], Field(min_length=1)]


class Parquet(Declared):
    """Layout of a Parquet file: its columns, all of them, in any order."""

    columns: Annotated[list[str], Field(min_length=1)]


class Nmea(Declared):
    """
    Layout of a log of NMEA 0183 sentences with AIS messages (AIVDM, AIVDO and those of other talkers).

    `clock` is where the time of a message stands: `tag_block` (c: in seconds or milliseconds), `suffix` (seconds since 1970 as the last field after
    the checksum) or `base_station` (nowhere: the last message 4 or 11 before it says the minute, the message its own second). The first that a
    message has counts.
    """

    clock: Annotated[list[Literal["tag_block", "suffix", "base_station"]], Field(min_length=1)]


class ColumnMap(Declared):
    """
    Where a column of the table comes from: the file's field, and how its text becomes the column's value.

    In this order: `split` cuts the text of a field and keeps the piece of number `part`, from 0; a text in `unknown` is not stated; several `fields` are
    joined by a space, those that state nothing left out; `prefix` is taken away where it stands; `words` translates what it names;
    `otherwise` is what stands for every other text and where none is stated ("" is not stated), so that the list of words is closed; numbers in
    `sentinels` are not stated, others are converted from `unit`. `constant` is a value that every row has. A `time` is a form in strptime's words, with %f for
    a fraction of a second, or `epoch_s`, `epoch_ms`, `native`; a table of forms says how exact each is. `zone` is the IANA name of a local time.
    `screened` is a narrative of which only words of the trade are kept; `hashed` a reference that says too much to be kept as it is; `in_text` a position
    that stands somewhere in a text.
    """

    field: str | None = None
    fields: list[str] = []
    constant: str | None = None
    split: Annotated[str, Field(min_length=1)] | None = None
    part: Annotated[int, Field(ge=0)] = 0
    unit: str | None = None
    time: str | dict[str, str] | None = None
    zone: str = "UTC"
    sentinels: list[float] = []
    unknown: list[str] = []
    prefix: str = ""
    words: dict[str, str] = {}
    otherwise: str | None = None
    screened: bool = False
    hashed: bool = False
    in_text: bool = False

    @property
    def sources(self) -> list[str]:
        """The fields that it reads."""
        return [self.field] if self.field is not None else self.fields

    @model_validator(mode="after")
    def reads_something(self) -> "ColumnMap":
        """One of field, fields and constant; a zone that exists."""
        if [bool(self.field), bool(self.fields), self.constant is not None].count(True) != 1:
            raise ValueError("say one of field, fields, constant")
        forms = [self.time] if isinstance(self.time, str) else list(self.time or ())
        for form in set(forms) - set(UNWRITTEN):
            if not re.search("%[Yy]", form) or "%f" in form.replace("%S.%f", ""):
                raise ValueError(f"{form!r} is no form of a time: it needs a year, and %f stands only behind %S.")
        unknown = sorted({mark for form in forms for mark in re.findall("%(.?)", form)} - set(TIME_MARKS))
        if unknown:
            raise ValueError(f"a time has no %{unknown[0]}; known are {', '.join(f'%{mark}' for mark in TIME_MARKS)}")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone is called {self.zone!r}") from None
        return self


class Identity(Declared):
    """
    What the provider calls a vessel: an MMSI; a `radar` and the number that it gave its track; or an `opaque` id of the provider's own, which says
    nothing of who it is.
    """

    kind: Literal["mmsi", "radar", "opaque"]
    fields: Annotated[list[str], Field(min_length=1)]


class Static(Declared):
    """Which records say who a vessel is and not where: those whose `field` holds one of `values`."""

    field: str
    values: list[str]


class Only(Declared):
    """Which records are meant: those whose `field` holds one of `values`; of the others nothing is kept."""

    field: str
    values: list[str]


class Label(Declared):
    """Who may be told what came from here (release.md, rule 3); `licence` by its SPDX-like name."""

    originator: str
    tlp: Literal["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"]
    rel_to: list[str]
    onward_sharing: bool
    licence: str
    attribution: str


class Limits(Declared):
    """
    What is usual for the feed, and what is too much.

    A larger share of faulty records quarantines a file. `cadence` is how often a file comes; `usual_pause_s` the longest pause of the whole feed that
    is no news; `area` is west, south, east, north of the places it can see; `reports_an_hour` more than which the feed is flooded. A file may be
    `max_mb` large when unpacked; reading it may take `max_memory_mb` and `max_seconds`.
    """

    max_reject_share: Annotated[float, Field(gt=0, le=1)]
    cadence: Literal["minutes", "hourly", "daily", "weekly", "monthly", "yearly", "irregular"]
    usual_pause_s: Annotated[float, Field(gt=0)] | None = None
    area: tuple[float, float, float, float] | None = None
    reports_an_hour: Annotated[int, Field(gt=0)] = 2_000_000  # own: four times the world's AIS by satellite
    max_mb: Annotated[int, Field(gt=0)] = 4096
    max_memory_mb: Annotated[int, Field(gt=0)] = 4096
    max_seconds: Annotated[int, Field(gt=0)] = 900


class Source(Declared):
    """
    One provider's feed: which table of facts its records become, in which format they come, and where each column is in them.

    `snapshot`: each file is the whole list, so that only the last one counts. `names_people`: records may hold words about persons; what is
    refused of them is then kept without its text.
    """

    source_id: str
    title: str
    table: Literal[
        "reports",
        "detections",
        "incidents",
        "route_counts",
        "vessel_register",
        "watch_list",
        "ports",
        "anchorages",
        "mids",
    ]
    format: Literal["delimited", "json", "parquet", "nmea"]
    delimited: Delimited | None = None
    json_: Annotated[Json | None, Field(alias="json")] = None
    parquet: Parquet | None = None
    nmea: Nmea | None = None
    columns: dict[str, ColumnMap]
    identity: Identity | None = None
    static: Static | None = None
    only: Only | None = None
    snapshot: bool = False
    names_people: bool = False
    label: Label
    limits: Limits

    @property
    def fields(self) -> list[str]:
        """The fields of its records that are read, each once."""
        found = [name for mapped in self.columns.values() for name in mapped.sources]
        found += self.identity.fields if self.identity else []
        found += [chosen.field for chosen in (self.static, self.only) if chosen]
        return list(dict.fromkeys(found))

    @property
    def offered(self) -> list[str]:
        """The fields that its format offers."""
        if self.delimited:
            return self.delimited.header
        if self.json_:
            return self.json_.keys
        return self.parquet.columns if self.parquet else list(NMEA_FIELDS)

    @property
    def is_positions(self) -> bool:
        """Whether it reports where vessels are."""
        return self.table == "reports"

    @model_validator(mode="after")
    def has_its_format(self) -> "Source":
        """The layout of the named format is there, and no other; the fields that are read are among those it offers."""
        layouts = {"delimited": self.delimited, "json": self.json_, "parquet": self.parquet, "nmea": self.nmea}
        given = [name for name, layout in layouts.items() if layout]
        if given != [self.format]:
            raise ValueError(f"format is {self.format}, so [{self.format}] must be there and no other layout")
        if len(set(self.offered)) != len(self.offered):
            raise ValueError("the header names a field twice")
        top = [name.split(".")[0] for name in self.fields] if self.json_ else self.fields
        missing = sorted(set(top) - set(self.offered))
        if missing:
            raise ValueError(f"fields that the header does not have: {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def fits_the_table(self) -> "Source":
        """Columns, units and identity that are declared must exist."""
        declared = {column.name: column for column in contracts.load(self.table).columns}
        if self.is_positions:
            declared |= {column.name: column for column in contracts.load("static_reports").columns}
        for name, mapped in self.columns.items():
            if name not in declared:
                raise ValueError(f"the table {self.table} has no column {name}")
            unit = declared[name].unit
            if mapped.constant is None and (mapped.unit or unit) and (mapped.unit, unit) not in units.FACTORS:
                raise ValueError(f"column {name}: no conversion from unit {mapped.unit!r} to {unit!r}")
            said = [*mapped.words.values(), mapped.constant, mapped.otherwise]
            strange = sorted({one for one in said if one} - set(declared[name].values or said))
            if strange:
                raise ValueError(
                    f"column {name}: {', '.join(strange)} is none of {', '.join(declared[name].values or ())}"
                )
            if (declared[name].type == "timestamp") != (mapped.time is not None):
                raise ValueError(f"column {name}: a time needs its format in `time`, another column has none")
        needed = {column.name for column in contracts.load(self.table).columns if column.reject and not column.nullable}
        given = set(self.columns)
        if any(isinstance(mapped.time, dict) for mapped in self.columns.values()):
            given.add("time_precision")
        if needed - given:
            raise ValueError(f"columns that every row of {self.table} needs: {', '.join(sorted(needed - given))}")
        if self.is_positions != (self.identity is not None):
            raise ValueError("a source of reports needs [identity], another has none")
        n_fields = {"mmsi": 1, "radar": 2}
        if self.identity and len(self.identity.fields) != n_fields.get(self.identity.kind, len(self.identity.fields)):
            raise ValueError("identity.fields: an MMSI is one field, a radar's are its sensor and track number")
        if self.is_positions and self.limits.usual_pause_s is None:
            raise ValueError("a source of reports needs limits.usual_pause_s")
        return self


def folders(home: config.Home) -> list[Path]:
    """Where source files are looked for."""
    return home.references("sources")


def load(home: config.Home, source_id: str) -> Source:
    """One source in force; `SourceError` when no file declares it, `SettingsError` when the file is not well formed."""
    paths = dict(config.toml_files(folders(home)))
    if source_id not in paths:
        near = get_close_matches(source_id, paths, n=1)
        meant = f", perhaps {' or '.join(near)}" if near else ""
        raise SourceError(
            f"unknown source {source_id!r}{meant}; `pharos list sources` lists those in force, or add {home.reference / 'sources' / source_id}.toml"
        )
    return parse(source_id, paths[source_id])


def parse(source_id: str, path: Path) -> Source:
    """Read and check one source file."""
    try:
        return Source.model_validate({**config.read_toml(path), "source_id": source_id})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        raise SettingsError(f"source {path.name}: {place}: {first['msg']}; correct {path}") from error


def load_all(home: config.Home) -> dict[str, Source]:
    """Every source in force by id, in order; those whose file cannot be used are left out and are in `faults`."""
    found, _ = config.usable(folders(home), parse)
    return found


def faults(home: config.Home) -> dict[str, str]:
    """Why a file cannot be used, one line each, by the source's id."""
    _, refused = config.usable(folders(home), parse)
    return refused
