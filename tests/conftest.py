"""Where the tests find real inputs, and a fresh home for each test that needs one."""

import os
import shutil
from pathlib import Path

import pytest

from pipeline import run, zones
from pipeline.config import Home
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


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Home:
    """A fresh home; its cache is the shared one, so that the land is not cut again."""
    cache.mkdir(parents=True, exist_ok=True)
    fresh = Home(tmp_path / "fresh")
    fresh.root.mkdir()
    fresh.cache.symlink_to(cache)
    fresh.create()
    return fresh


SAMPLE_DAY = "2026-05-14"


@pytest.fixture(scope="session")
def finished_sample(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A home that the sample day went through to the bundles. For reading only: copy it by `sample_home`."""
    root = tmp_path_factory.mktemp("sample")
    (root / "cache").symlink_to(cache)
    for path in sorted((ROOT / "sample_data" / "inbox").glob("*/*.csv")):
        run.ingest(path.parent.name, path, root)
    run.day(SAMPLE_DAY, home=root)
    run.release_all(SAMPLE_DAY, root)
    run.publish(root)
    return root


@pytest.fixture
def sample_home(finished_sample: Path, tmp_path: Path) -> Path:
    """A copy of the finished sample home that a test may change."""
    return Path(shutil.copytree(finished_sample, tmp_path / "home", symlinks=True))
