"""What is in force, for `pharos list` and for the generated pages of the documentation."""

from datetime import UTC, datetime
from typing import Any

from pipeline import contracts, feeds, ledger, run, sources
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
    """The generated page of a kind: `tables` the data dictionary, `zones` the theatres, `detectors` what each detector means."""
    if kind == "tables":
        return "\n".join(contracts.dictionary())
    if kind == "zones":
        return "\n".join(_theatres(run.sea_today(home)))
    if kind == "detectors":
        return "\n".join(_detectors())
    raise SettingsError(f"{kind}: there is no page of it; say tables, zones or detectors")


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
