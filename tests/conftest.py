"""Where the tests find real inputs, and a fresh home for each test that needs one."""

import os
from pathlib import Path

import pytest

from pipeline import zones
from pipeline.sea import Sea, open_sea

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real inputs that may not be committed: `PHAROS_SHARED`, else `../shared/data`."""
    folder = Path(os.environ.get("PHAROS_SHARED", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real inputs are not here: {folder} (set PHAROS_SHARED)")
    return folder


@pytest.fixture(scope="session")
def cache() -> Path:
    """
    Where what is costly to derive (the land of a theatre) is kept between runs: `PHAROS_CACHE`, else
    var/cache.
    """
    return Path(os.environ.get("PHAROS_CACHE", ROOT / "var" / "cache"))


@pytest.fixture(scope="session")
def sea(cache: Path) -> Sea:
    """The packaged sea."""
    return open_sea([zones.PACKAGED], cache)
