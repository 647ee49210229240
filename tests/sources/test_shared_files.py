"""Every file of observations, incidents and registers that is at hand is taken in by a packaged source, and the documentation says what came of it."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.sources import shared_files


@pytest.fixture(scope="module")
def found(shared: Path) -> dict[str, dict[str, object]]:
    return shared_files.taken_in(shared)


def test_every_file_has_a_source(shared: Path) -> None:
    """Not the geometry, which the geography reads, nor what is no input by its provenance."""
    there = {
        str(path.relative_to(shared))
        for path in sorted(shared.rglob("*"))
        if path.suffix in shared_files.READ
        and path.name not in shared_files.NO_SOURCE
        and "standards" not in path.parts
    }
    assert there == set(shared_files.SOURCE_OF)
    assert len(there) == 34


def test_none_is_refused_and_every_record_is_accounted_for(found: dict[str, dict[str, int]]) -> None:
    for path, one in found.items():
        assert "refused" not in one, path
        assert one["lines_in"] == one["accepted"] + one["rejected"] + one["duplicates"] + one["blank"], path
        assert one["accepted"] > 0, path


def test_the_page_says_what_came_of_them(found: dict[str, dict[str, object]]) -> None:
    assert (ROOT / "docs" / "real_input.md").read_text(encoding="utf-8") == shared_files.page(found)
