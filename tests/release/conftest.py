"""Fixtures of the release tests; `theatre.py` says what is in the home."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from theatre import DAY, Theatre

from pipeline.release import bundle
from pipeline.sea import Sea


@pytest.fixture
def theatre(tmp_path: Path) -> Theatre:
    """An empty home."""
    return Theatre(tmp_path / "home")


@pytest.fixture
def release_day(theatre: Theatre, sea: Sea) -> Callable[..., dict[str, Any]]:
    """`release_day("hcg")` releases the day to an agency."""

    def run(agency_id: str, day: str = DAY) -> dict[str, Any]:
        return bundle.release(theatre.home, sea, day, agency_id)

    return run
