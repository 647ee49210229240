"""What is in force, for `pharos list` and for the generated pages of the documentation."""

from collections.abc import Mapping
from datetime import UTC, datetime
from inspect import cleandoc
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

from pipeline import config, contracts, feeds, ledger, run, sources
from pipeline.config import Home
from pipeline.detect import DETECTORS
from pipeline.errors import SettingsError
from pipeline.reasons import REASONS
from pipeline.release import agencies
from pipeline.release.formats import FORMATS
from pipeline.sea import Sea


def listed(kind: str, home: run.Where = None) -> list[dict[str, Any]]:
    """One record for each thing of a kind, in order."""
    here = run.at(home)
    if kind == "sources":
        return _sources(here)
    if kind == "reasons":
        return [vars(reason) for reason in REASONS.values()]
    if kind == "zones":
        return [
            {
                "zone_id": zone.zone_id,
                "kind": zone.kind,
                "title": zone.title,
                "theatre": zone.theatre,
                "status": zone.status,
                "licence": zone.licence,
                "source": zone.source,
            }
            for zone in run.sea_today(here).zones
        ]
    if kind == "gates":
        return [
            {
                "gate_id": gate.gate_id,
                "title": gate.title,
                "corridor_id": gate.corridor_id,
                "left": gate.left,
                "right": gate.right,
            }
            for gate in run.sea_today(here).gates
        ]
    if kind == "detectors":
        return [
            {"name": detector.name, "version": detector.version, "what": headline(detector.definition)}
            for detector in DETECTORS
        ]
    if kind == "agencies":
        return [
            {
                "agency_id": name,
                "title": agency.title,
                "role": agency.role,
                "eu": agency.eu,
                "cadence": agency.cadence,
                "formats": agency.formats,
            }
            for name, agency in agencies.load_all(here).items()
        ]
    if kind == "formats":
        return [{"format": name, "what": headline(render.__doc__ or "")} for name, render in FORMATS.items()]
    return [
        {
            "table": name,
            "columns": len(contracts.load(name).columns),
            "key": list(contracts.load(name).key),
            "about": contracts.load(name).about,
        }
        for name in contracts.tables()
    ]


def _sources(home: Home) -> list[dict[str, Any]]:
    files: dict[str, list[dict[str, Any]]] = {}
    if home.ledger.is_file():
        with ledger.opened(home.ledger) as connection:
            for file in ledger.table(connection, "source_files").to_pylist():
                files.setdefault(file["source_id"], []).append(file)
    now = datetime.now(UTC)
    return [
        {
            "source_id": name,
            "title": source.title,
            "table": source.table,
            "format": source.format,
            "cadence": source.limits.cadence,
            "tlp": source.label.tlp,
            "licence": source.label.licence,
            "onward_sharing": source.label.onward_sharing,
            "rel_to": source.label.rel_to,
            **feeds.last_file(source, files.get(name, []), now),
        }
        for name, source in sources.load_all(home).items()
    ]


def headline(docstring: str) -> str:
    """The first line of a docstring."""
    return docstring.strip().splitlines()[0].strip()


def markdown(kind: str, home: run.Where = None) -> str:
    """
    The generated page of a kind: `tables` the data dictionary, `zones` the theatres, `detectors` what each detector means, `sources` what comes in and
    how a source is declared, `reasons` why records are refused.
    """
    if kind == "tables":
        return "\n".join(contracts.dictionary())
    if kind == "zones":
        return "\n".join(_theatres(run.sea_today(home)))
    if kind == "detectors":
        return "\n".join(_detectors())
    if kind == "sources":
        return "\n".join([*_feeds(run.at(home)), *_how_to_declare()])
    if kind == "reasons":
        return "\n".join(_reasons())
    raise SettingsError(f"{kind}: there is no page of it; say tables, zones, detectors, sources or reasons")


def _detectors() -> list[str]:
    lines = ["# Detectors", "", "Generated from the docstrings by `pharos list detectors --markdown`; a test compares."]
    for detector in DETECTORS:
        lines += [
            "",
            f"## {detector.name}",
            "",
            "```text",
            detector.definition,
            "```",
            "",
            "| parameter | default |",
            "|---|---|",
        ]
        lines += [f"| {key} | {value:g} |" for key, value in vars(detector.params).items()]
    return lines


# What the page says of the zones of a kind: its heading, the columns beside id and name, and the properties they come from.
PAGE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("corridor", "Corridors", {"from": "departure_country", "to": "arrival_country", "width, nm": "local_width_nm", "limit, s": "max_duration_s"}),
    ("srr", "Search-and-rescue regions", {"rescue centre": "mrcc", "claimed by": "claimants"}),
    ("territorial_sea", "Territorial seas (operational lines)", {"of": "country", "breadth, nm": "breadth_nm", "claimed by": "claimants"}),
    ("port", "Ports", {}),
    ("anchorage", "Anchorages", {}),
    ("ferry_line", "Ferry lines", {}),
    ("tss_lane", "Traffic lanes", {}),
    ("fishing_ground", "Fishing grounds", {}),
    ("infrastructure", "Infrastructure", {}),
)  # fmt: skip


def _theatres(sea: Sea) -> list[str]:
    lines = [
        "# Theatres",
        "",
        "Generated by `pharos list zones --markdown`, the pictures by `pharos chart THEATRE --out docs/pictures/THEATRE.svg`; tests compare. Lines and limits",
        "are operational: they tell the right rescue centre and the right agency, and assert no sovereignty. `pharos --json list zones` has the source and",
        "the licence of every zone. Coast: © OpenStreetMap contributors, ODbL 1.0.",
    ]
    for theatre in sea.theatres:
        zones = [zone for zone in sea.zones if zone.theatre == theatre]
        (title,) = {zone.title for zone in zones if zone.kind == "watch"}
        lines += [
            "",
            f"## {title}",
            "",
            f"![{title}: coast, zones, corridors, gates and ports](pictures/{theatre}.svg)",
        ]
        for kind, heading, columns in PAGE:
            found = [zone for zone in zones if zone.kind == kind]
            if not found:
                continue
            lines += ["", f"### {heading}", ""]
            if columns:
                lines += _row(["id", "name", *columns, "status"]), "|---" * (len(columns) + 3) + "|"
                lines += [
                    _row([f"`{z.zone_id}`", z.title, *map(z.properties.get, columns.values()), z.status]) for z in found
                ]
            else:
                lines.append(f"{len(found)}: {'; '.join(sorted(zone.title for zone in found))}.")
        watched = [z for z in zones if z.kind == "port" and z.properties.get("of_interest")]
        if watched:
            lines += ["", "### Ports of interest", "", "| port | why |", "|---|---|"]
            lines += [_row([z.title, z.properties["of_interest"]]) for z in watched]
    return lines


def _row(cells: list[Any]) -> str:
    return f"| {' | '.join(', '.join(c) if isinstance(c, list) else str(c) for c in cells)} |"


# The kinds of sources: a heading, the tables that their records become rows of, and what is said of them all.
FAMILIES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "Tracks",
        ("reports",),
        "Where vessels were: AIS as CSV, JSON, Parquet and NMEA 0183, and tracks of radars. Our own forms are in [canonical.md](canonical.md).",
    ),
    (
        "Sensors",
        ("detections",),
        "What was seen in one moment, without a track: satellites and look-outs. They become rows of `detections`.",
    ),
    (
        "Incidents",
        ("incidents", "route_counts"),
        "What people reported, and monthly counts by route. The template, and what is kept of a narrative: [incidents.md](incidents.md).",
    ),
    (
        "Registers",
        ("vessel_register", "watch_list", "ports", "anchorages", "mids"),
        "Lists, of which each file is the whole. The templates, and which file counts: [registers.md](registers.md).",
    ),
)
COLUMNS = ("source", "title", "table", "format", "cadence", "licence", "TLP", "onward sharing")


def _feeds(home: Home) -> list[str]:
    lines = [
        "# Sources",
        "",
        "Generated by `pharos list sources --markdown` from the TOML files in `pipeline/reference/sources/`, whose first comments are quoted; a test",
        "compares. `pharos list sources` says when each last brought a file and how it fares, `pharos --json list sources` also which agencies it may be",
        "released to. Columns are explained in [tables.md](tables.md), refusals in [reasons.md](reasons.md); what became of real files is in",
        "[real_input.md](real_input.md).",
    ]
    known = sources.load_all(home)
    paths = dict(config.toml_files(sources.folders(home)))
    for heading, tables, about in FAMILIES:
        found = {name: source for name, source in known.items() if source.table in tables}
        lines += ["", f"## {heading}", "", about, "", _row([*COLUMNS]), "|---" * len(COLUMNS) + "|"]
        for name, source in found.items():
            label = [source.label.licence, source.label.tlp, _yes_or_no(source.label.onward_sharing)]
            about_it = [source.title, f"`{source.table}`", source.format, source.limits.cadence]
            lines.append(_row([f"`{name}`", *about_it, *label]))
        for name in found:
            lines += ["", f"### {name}", "", "```text", *_head_comment(paths[name]), "```"]
    return lines


def _head_comment(path: Path) -> list[str]:
    """The comment lines at the top of a TOML file, without their signs."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("#").strip() for line in takewhile(lambda line: line.startswith("#"), lines)]


HOW = """
## Add a source

One TOML file in `<home>/reference/sources/`; its name is the id of the source. A file with the name of a packaged one takes its place: that is how a
label is widened or a limit raised. `pharos ingest --check FILE --source ID` says what would become of a file and keeps nothing; `pharos init` makes the
inbox folder. A TOML that cannot be used is named with what is wrong in it, and the other sources stay in force. What needs code is a new format: one module
in `pipeline/sources/`.

A new dialect, `harbour_receiver.toml`: semicolons, local times, metres per second, texts for the class of the transceiver.

```toml
# AIS of the harbour's own receiver, one CSV an hour. Times are those of the clock on the wall. 99.9 stands for no speed.
title = "Harbour AIS"
table = "reports"
format = "delimited"

[delimited]
delimiter = ";"
encoding = "utf-8"
header = ["when", "mmsi", "north", "east", "speed", "course", "class", "name"]
quotes = false
line_breaks = false
ends_with_newline = true

[identity]
kind = "mmsi"
fields = ["mmsi"]

[columns]
observed_at = { field = "when", time = "%d.%m.%Y %H:%M:%S", zone = "Europe/Athens" }
lat = { field = "north", unit = "deg" }
lon = { field = "east", unit = "deg" }
sog_kn = { field = "speed", unit = "m/s", sentinels = [99.9] }
cog_deg = { field = "course", unit = "deg" }
transceiver = { field = "class", words = { "large" = "A", "small" = "B" }, otherwise = "" }
ship_name = { field = "name", unknown = ["-"] }

[label]
originator = "harbour office"
tlp = "AMBER"
rel_to = ["hcg"]
onward_sharing = false
licence = "own"
attribution = "AIS: harbour office"

[limits]
max_reject_share = 0.05
cadence = "hourly"
usual_pause_s = 600.0
area = [25.0, 37.0, 28.0, 40.0]
```

```csv
when;mmsi;north;east;speed;course;class;name
14.05.2026 05:40:05;239012345;39.1207;26.4312;5.8;274.5;large;EXAMPLE STAR
14.05.2026 05:40:09;239700001;39.2000;26.5000;99.9;;small;-
```

## Keys

As `pipeline/sources/__init__.py` declares them; another key is refused. In `[columns]` each key is a column of the source's table of facts, and its value
says where that comes from.
"""


def _how_to_declare() -> list[str]:
    lines = HOW.rstrip("\n").split("\n")
    lines += _keys("Top of the file", sources.Source)
    for name, declared in sources.Source.model_fields.items():
        if part := _part(declared.annotation):
            lines += _keys(f"`[{declared.alias or name}]`", part)
    return lines


def _part(annotation: Any) -> type[sources.Declared] | None:
    """The part of a source's TOML that a type stands for or holds."""
    if isinstance(annotation, type) and issubclass(annotation, sources.Declared):
        return annotation
    return next((part for one in get_args(annotation) if (part := _part(one))), None)


def _keys(heading: str, part: type[sources.Declared]) -> list[str]:
    schema = part.model_json_schema()
    needed = schema.get("required", [])
    rows = [
        [f"`{key}`", _what(one), "must be there" if key in needed else _default(one["default"])]
        for key, one in schema["properties"].items()
        if key != "source_id"  # the name of the file
    ]
    about = cleandoc(part.__doc__ or "").split("\n")
    return ["", f"### {heading}", "", *about, "", "| key | what | if left out |", "|---|---|---|", *map(_row, rows)]


def _what(schema: Mapping[str, Any], s: str = "") -> str:
    """What may stand for a key, in words, from its JSON schema; `s` makes them plural."""
    if "anyOf" in schema:
        return " or ".join(_what(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "$ref" in schema:
        return f"table{s}, see below"
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])} numbers"
    if schema["type"] == "array":
        return f"list of {_what(schema['items'], 's')}"
    if schema["type"] == "object":
        return f"table of {_what(schema['additionalProperties'], 's')}"
    words = {"string": f"text{s}", "number": f"number{s}", "integer": f"whole number{s}", "boolean": "true or false"}
    bounds = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}
    limits = [f"{word} {schema[key]:g}" for key, word in bounds.items() if key in schema]
    return " ".join([words[schema["type"]], *limits])


def _default(value: Any) -> str:
    return "nothing" if value in (None, "", [], {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _yes_or_no(said: bool) -> str:
    return "yes" if said else "no"


def _reasons() -> list[str]:
    return [
        "# Why records are refused",
        "",
        "Generated by `pharos list reasons --markdown` from `pipeline/reference/reasons.toml`; a test compares. `pharos rejects --source ID --day DAY`",
        "says which records were refused and why. *Ordinary* reasons belong to the medium - a radio channel brings messages without a position - and do",
        "not count towards the share of faulty records above which a file is refused whole (`limits.max_reject_share`, [operations.md](operations.md)).",
        "",
        "| reason | what it means | what to do | ordinary |",
        "|---|---|---|---|",
        *(_row([f"`{one.code}`", one.means, one.do, _yes_or_no(one.ordinary)]) for one in REASONS.values()),
    ]
