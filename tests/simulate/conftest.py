"""The waters of the Aegean, opened once."""

from pathlib import Path

import pytest

from pipeline.simulate.waters import Waters, open_waters


@pytest.fixture(scope="session")
def aegean(cache: Path) -> Waters:
    """Its waterways, ports, lines and grounds."""
    return open_waters("aegean", cache)
