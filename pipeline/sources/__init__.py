"""
Sources: one TOML file each says how a provider's files are read and what may be done with what is in them.

A new dialect of a known format needs no code. Files in `<home>/reference/sources/` extend and override the packaged ones.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import config, contracts, units
from pipeline.errors import SettingsError, SourceError

# TLP 2.0 (FIRST, 2022), strictest first.
TLP_ORDER = ("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")


class Declared(BaseModel):
    """A part of a source's TOML: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Delimited(Declared):
    """Layout of a delimited text file. `quotes` allows quoted fields, `line_breaks` allows line breaks inside them."""

    delimiter: Annotated[str, Field(pattern=r"^[\t !#-~]$")]
    encoding: Literal["utf-8"]
    header: Annotated[list[str], Field(min_length=1)]
    quotes: bool
    line_breaks: bool
    ends_with_newline: bool


class ColumnMap(Declared):
    """Where a column of the table comes from: the file's field, and how its text becomes the column's value."""

    field: str
    unit: str | None = None
    time: str | None = None
    sentinels: list[float] = []
    unknown: list[str] = []
    prefix: str = ""
    words: dict[str, str] = {}


class Identity(Declared):
    """What the provider calls a vessel: an MMSI, or a sensor and the number that the sensor gave its track."""

    kind: Literal["mmsi", "radar"]
    fields: list[str]


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
    What is usual for the feed. A larger share of rejects quarantines a file. `usual_pause_s` is the longest pause of the
    whole feed that is no news; `area` is west, south, east, north of the places it can see.
    """

    max_reject_share: Annotated[float, Field(gt=0, le=1)]
    cadence: str
    usual_pause_s: Annotated[float, Field(gt=0)] | None = None
    area: tuple[float, float, float, float] | None = None


class Source(Declared):
    """One provider's feed."""

    source_id: str
    title: str
    table: Literal["reports", "incidents"]
    format: Literal["delimited"]
    delimited: Delimited
    columns: dict[str, ColumnMap]
    identity: Identity | None = None
    label: Label
    limits: Limits

    @model_validator(mode="after")
    def fits_the_table(self) -> "Source":
        """Columns, units and fields that are declared must exist."""
        declared = {column.name: column for column in contracts.load(self.table).columns}
        for name, mapped in self.columns.items():
            if name not in declared:
                raise ValueError(f"the table {self.table} has no column {name}")
            unit = declared[name].unit
            if (mapped.unit or unit) and (mapped.unit, unit) not in units.FACTORS:
                raise ValueError(f"column {name}: no conversion from unit {mapped.unit!r} to {unit!r}")
            if (declared[name].type == "timestamp") != (mapped.time is not None):
                raise ValueError(f"column {name}: a time needs its format in `time`, another column has none")
        needed = [column.name for column in declared.values() if column.reject and not column.nullable]
        unmapped = sorted(set(needed) - set(self.columns))
        if unmapped:
            raise ValueError(f"columns that every row of {self.table} needs: {', '.join(unmapped)}")
        fields = [mapped.field for mapped in self.columns.values()] + (self.identity.fields if self.identity else [])
        if len(set(self.delimited.header)) != len(self.delimited.header):
            raise ValueError("the header names a field twice")
        missing = sorted(set(fields) - set(self.delimited.header))
        if missing:
            raise ValueError(f"fields that the header does not have: {', '.join(missing)}")
        if (self.table == "reports") != (self.identity is not None):
            raise ValueError("a source of reports needs [identity], another has none")
        if self.identity and len(self.identity.fields) != {"mmsi": 1, "radar": 2}[self.identity.kind]:
            raise ValueError("identity.fields: an MMSI is one field, a radar's are its sensor and track number")
        if self.table == "reports" and self.limits.usual_pause_s is None:
            raise ValueError("a source of reports needs limits.usual_pause_s")
        return self


def folders(home: config.Home) -> list[Path]:
    """Where source files are looked for."""
    return home.references("sources")


def load(home: config.Home, source_id: str) -> Source:
    """One source in force; `SourceError` when no file declares it, `SettingsError` when the file is not well formed."""
    paths = dict(config.toml_files(folders(home)))
    if source_id not in paths:
        raise SourceError(
            f"unknown source {source_id!r}; known are {', '.join(paths)}; add {home.reference / 'sources' / source_id}.toml"
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
