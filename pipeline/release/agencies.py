"""
Agencies: one TOML file each says who is told what, how often and in which forms.

Files in `<home>/reference/agencies/` extend and override the packaged ones. A file that cannot be used refuses its agency by name
(nothing is sent to it, the packaged file does not step in) and the others stay in force.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import config, contracts
from pipeline.errors import SettingsError
from pipeline.sea import Sea

CATEGORIES = next(column.values for column in contracts.load("alerts").columns if column.name == "category") or ()

# Fields that tell which craft it was. They leave only where an agency's file names them.
IDENTITY_FIELDS = ("mmsi", "imo", "ship_name", "call_sign", "vessel_id", "track_id")

# Kinds of zones to which alerts belong.
ZONE_KINDS = ("corridor", "watch")

FormatName = Literal["csv", "geojson", "cap", "sitrep", "brief"]


class Agency(BaseModel):
    """
    What one agency is told. `zones` are the ids of the corridors and watch zones of its area, `categories` what it asked for, `min_severity` 1 to 4
    (4 is the worst), `review` the categories that a person must release, `identity_fields` which of `IDENTITY_FIELDS` it may see. An `mrcc` gets
    rule 1's message only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    agency_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Annotated[str, Field(min_length=1, max_length=80)]
    role: Literal["coast_guard", "mrcc"]
    eu: bool
    cadence: Literal["daily", "per_event"]
    zones: list[str]
    categories: list[str]
    min_severity: Annotated[int, Field(ge=1, le=4)]
    review: list[str]
    identity_fields: list[str]
    formats: Annotated[list[FormatName], Field(min_length=1)]
    language: Literal["en"]
    marking: Annotated[str, Field(min_length=1, max_length=120)]

    @model_validator(mode="after")
    def holds_together(self) -> "Agency":
        """Only declared words, and the cadence and the forms that a role has."""
        for name, given, known in (
            ("categories", self.categories, CATEGORIES),
            ("review", self.review, CATEGORIES),
            ("identity_fields", self.identity_fields, IDENTITY_FIELDS),
        ):
            unknown = sorted(set(given) - set(known))
            if unknown:
                raise ValueError(f"{name} holds {', '.join(unknown)}; known are {', '.join(known)}")
        if (self.role == "mrcc") != (self.cadence == "per_event"):
            raise ValueError("cadence per_event belongs to the role mrcc, and the other way round")
        if self.role == "mrcc" and (self.categories or self.identity_fields):
            raise ValueError("an mrcc gets rule 1's message only: categories and identity_fields must be empty")
        if self.role != "mrcc" and not self.zones:
            raise ValueError("zones must name a corridor or a watch zone: without an area there is nothing to tell")
        if ("sitrep" in self.formats) != (self.role == "mrcc"):
            raise ValueError("the format sitrep belongs to the role mrcc, and the other way round")
        if self.role == "mrcc" and not set(self.formats) <= {"sitrep", "cap"}:
            raise ValueError("an mrcc's formats are sitrep and cap")
        return self


def load_all(home: config.Home) -> dict[str, Agency]:
    """Every agency in force by id, in order; those whose file cannot be used are left out and are in `faults`."""
    found, _ = _read(home)
    return found


def faults(home: config.Home) -> dict[str, str]:
    """Why a file cannot be used, one line each, by the agency's id."""
    _, refused = _read(home)
    return refused


def rescue_first(home: config.Home) -> list[str]:
    """Every agency that a file declares, in the order in which they are served: rescue centres come first."""
    found, refused = _read(home)
    return sorted({*found, *refused}, key=lambda name: (name in found and found[name].role != "mrcc", name))


def load(home: config.Home, agency_id: str) -> Agency:
    """One agency in force; `SettingsError` when no file declares it or its file cannot be used: then nothing is sent."""
    found, refused = _read(home)
    if agency_id in refused:
        raise SettingsError(refused[agency_id])
    if agency_id not in found:
        known = ", ".join(found) or "none"
        raise SettingsError(f"unknown agency {agency_id!r}, nothing was sent; known are {known}")
    return found[agency_id]


def check_zones(agency: Agency, sea: Sea) -> None:
    """`SettingsError` when the agency's area names a zone that is not in force: its alerts would be missing without a word."""
    known = [zone.zone_id for zone in sea.zones if zone.kind in ZONE_KINDS]
    unknown = sorted(set(agency.zones) - set(known))
    if unknown:
        raise SettingsError(
            f"agency {agency.agency_id}.toml: zones: unknown {', '.join(unknown)}; `pharos list zones` has the known ones; "
            "nothing was sent to it"
        )


def _read(home: config.Home) -> tuple[dict[str, Agency], dict[str, str]]:
    return config.usable(home.references("agencies"), _parse)


def _parse(agency_id: str, path: Path) -> Agency:
    document = config.read_toml(path)
    if "agency_id" in document:
        raise SettingsError(
            f"agency {path.name}: agency_id: the file's name is the id; nothing was sent to it; correct {path}"
        )
    try:
        return Agency.model_validate({**document, "agency_id": agency_id})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        said = re.sub(r"^Value error, ", "", first["msg"])
        raise SettingsError(f"agency {path.name}: {place}: {said}; nothing was sent to it; correct {path}") from error
