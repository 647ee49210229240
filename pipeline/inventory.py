"""What is in force, for `pharos list` and for the generated pages of the documentation."""

from typing import Any

from pipeline import contracts, run, sources
from pipeline.detect import DETECTORS
from pipeline.release import agencies
from pipeline.release.formats import FORMATS


def listed(kind: str, home: run.Where = None) -> list[dict[str, Any]]:
    """One record for each thing of a kind, in order."""
    here = run.at(home)
    if kind == "sources":
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
            }
            for name, source in sources.load_all(here).items()
        ]
    if kind == "zones":
        return [
            {
                "zone_id": zone.zone_id,
                "kind": zone.kind,
                "title": zone.title,
                "theatre": zone.theatre,
                "status": zone.status,
            }
            for zone in run.sea(here).zones
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
            for gate in run.sea(here).gates
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


def headline(docstring: str) -> str:
    """The first line of a docstring."""
    return docstring.strip().splitlines()[0].strip()


def markdown(kind: str) -> str:
    """The generated page of a kind: `tables` is the data dictionary, `detectors` what each detector means."""
    if kind == "tables":
        return "\n".join(contracts.dictionary())
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
    return "\n".join(lines)
