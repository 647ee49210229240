"""The documentation says what is so: generated pages are current, commands in the README run, everything in force is described."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import contracts, inventory
from pipeline.cli import app
from pipeline.config import Home
from pipeline.detect import DETECTORS
from pipeline.release.formats import FORMATS
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["tables", "zones", "detectors"])
def test_generated_pages_are_current(kind: str) -> None:
    page = (ROOT / "docs" / f"{kind}.md").read_text(encoding="utf-8")
    assert page == inventory.markdown(kind) + "\n", f"run: pharos list {kind} --markdown > docs/{kind}.md"


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_every_detector_says_what_it_means_and_what_it_cannot_see(detector: object) -> None:
    definition = getattr(detector, "definition")  # noqa: B009 any object of the tuple must have it
    for word in ("Definition", "Reads", "Emits", "Cannot see", "Ends", "Source"):
        assert re.search(rf"^{word} ", definition, re.MULTILINE), word
    assert f"`{getattr(detector, 'name')}`" in README  # noqa: B009


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_described(name: str) -> None:
    assert re.search(rf"`[^`]*{name}", (ROOT / "docs" / "formats.md").read_text(encoding="utf-8"))


def packaged(kind: str, pattern: str) -> list[str]:
    names = sorted(path.stem for path in (ROOT / "pipeline" / "reference" / kind).glob(pattern))
    assert names
    return names


@pytest.mark.parametrize("name", [*packaged("agencies", "*.toml"), *packaged("views", "*.sql")])
def test_every_agency_and_view_stands_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


def test_every_table_is_in_the_dictionary() -> None:
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", page, re.MULTILINE) == contracts.tables()


def queries() -> list[str]:
    found = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    assert len(found) >= 2
    return found


@pytest.mark.parametrize("number", range(len(queries())))
def test_the_queries_of_the_readme_give_what_the_readme_shows(finished_sample: Path, number: int) -> None:
    import duckdb

    shown = re.findall(r"```sql\n.*?```\s*```text\n(.*?)```", README, re.DOTALL)[number]
    with duckdb.connect(finished_sample / "pharos.duckdb", read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        rows = database.execute(queries()[number]).fetchall()
    assert rows
    for row in rows:
        for value in row:
            assert str(value) in shown, f"the README does not show {value!r}"


def test_the_place_of_the_readme_is_what_it_shows(home: Home) -> None:
    lon, lat, shown = re.search(r"\$ pharos where (\S+) (\S+)\n(.*?)```", README, re.DOTALL).groups()  # type: ignore[union-attr]
    done = CliRunner().invoke(app, ["--home", str(home.root), "where", lon, lat])
    assert done.output == shown


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert len(pages) >= 5
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_make_knows_the_commands_of_the_readme() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = set(re.findall(r"\bmake ([a-z]+)\b", README))
    assert {"demo", "test"} <= used
    assert used <= targets


def test_nothing_that_git_tracks_is_large() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    sizes = {
        name: (ROOT / name).stat().st_size
        for name in tracked.stdout.decode().split("\0")
        if name and (ROOT / name).exists()
    }
    assert sum(size for name, size in sizes.items() if name.startswith("sample_data/")) < 5_000_000
    assert max(sizes.values()) < 3_000_000
