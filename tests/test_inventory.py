"""The generated pages of sources and reasons: current, complete, and their example works as it stands."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from pipeline import inventory, run, sources
from pipeline.config import Home
from pipeline.errors import SettingsError
from tests.conftest import ROOT

REFERENCE = ROOT / "pipeline" / "reference"
PACKAGED = sorted((REFERENCE / "sources").glob("*.toml"))
REASONS = tomllib.loads((REFERENCE / "reasons.toml").read_text(encoding="utf-8"))
PARTS = [sources.Source, *(part for part in sources.Declared.__subclasses__() if part is not sources.Source)]


def page(kind: str) -> str:
    return (ROOT / "docs" / f"{kind}.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands on the page of sources under a heading of the second or third rank, up to the next one of any."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", page("sources"), re.MULTILINE | re.DOTALL)
    assert found, f"docs/sources.md has no heading {heading}"
    return found[1]


def test_there_are_sources_and_reasons() -> None:
    assert len(PACKAGED) > 10
    assert len(REASONS) > 10


@pytest.mark.parametrize("kind", ["sources", "reasons"])
def test_generated_pages_are_current(kind: str, home: Home) -> None:
    assert page(kind) == inventory.markdown(kind, home) + "\n", f"run: pharos list {kind} --markdown > docs/{kind}.md"


def test_of_other_kinds_there_is_no_page(home: Home) -> None:
    with pytest.raises(SettingsError, match="say tables, zones, detectors, sources or reasons"):
        inventory.markdown("formats", home)


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_every_packaged_source_stands_on_the_page_once_with_its_label_and_its_comment(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = tomllib.loads(text)
    label, limits = said["label"], said["limits"]
    rows = re.findall(rf"^\| `{path.stem}` \|.*$", page("sources"), re.MULTILINE)
    assert len(rows) == 1
    assert rows[0].strip("| ").split(" | ") == [
        f"`{path.stem}`",
        said["title"],
        f"`{said['table']}`",
        said["format"],
        limits["cadence"],
        label["licence"],
        label["tlp"],
        "yes" if label["onward_sharing"] else "no",
    ]
    comment = "\n".join(line[2:] for line in text.split("\ntitle = ")[0].splitlines())
    assert text.startswith("# ")
    assert comment in section(path.stem)


@pytest.mark.parametrize(
    ("heading", "source_ids"),
    [
        ("Tracks", ["canonical", "coastal_radar", "nmea_aivdm", "gfw_gpsdio_segment", "canonical_parquet"]),
        ("Sensors", ["gfw_sar", "viirs_night_lights", "visual_sightings"]),
        ("Incidents", ["incident_template", "frontex_monthly"]),
        ("Registers", ["vessel_register", "watch_list", "world_port_index", "gfw_anchorages", "itu_mids_names"]),
    ],
)
def test_sources_are_grouped_by_kind(heading: str, source_ids: list[str]) -> None:
    for source_id in source_ids:
        assert f"| `{source_id}` |" in section(heading)


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_stands_on_the_page_with_what_to_do(code: str) -> None:
    said = REASONS[code]
    ordinary = "yes" if said.get("ordinary") else "no"
    assert f"| `{code}` | {said['means']} | {said['do']} | {ordinary} |" in page("reasons")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_of_a_source_is_explained(part: type[sources.Declared]) -> None:
    wanted = [declared.alias or name for name, declared in part.model_fields.items() if name != "source_id"]
    tables = re.findall(r"\| key \| what \| if left out \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", page("sources"))
    assert wanted in [re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) for table in tables]


def example(kind: str) -> str:
    found = re.findall(rf"^```{kind}\n(.*?)^```", section("Add a source"), re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_the_example_of_the_page_is_a_source_that_takes_in_its_file(home: Home) -> None:
    folder = home.reference / "sources"
    folder.mkdir(parents=True)
    (folder / "harbour_receiver.toml").write_text(example("toml"), encoding="utf-8")
    path = home.root / "2026-05-14.csv"
    path.write_text(example("csv"), encoding="utf-8")

    checked = run.check("harbour_receiver", path, home)

    assert (checked["lines_in"], checked["accepted"], checked["rejected"]) == (2, 2, 0)
    assert checked["sentinels"] == {"ship_name": 1, "sog_kn": 1}
    assert str(checked["first_at"]) == "2026-05-14 02:40:05+00:00"  # 05:40 on a summer's clock of Athens


def test_a_source_of_the_home_is_on_its_own_page(home: Home) -> None:
    folder = home.reference / "sources"
    folder.mkdir(parents=True)
    shutil.copy(REFERENCE / "sources" / "watch_list.toml", folder / "watch_list_customs.toml")

    written = inventory.markdown("sources", home)

    assert "| `watch_list_customs` | Watch list of vessels |" in written
    assert "`watch_list_customs`" not in page("sources")
