"""A home for Airflow, and Airflow in a process of its own: importing it configures the whole process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.demo import CHECKOUT, airflow_env

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def sample_inbox() -> Path:
    """The sample day as the providers send it: `<source>/<file>`."""
    return CHECKOUT / "sample_data" / "inbox"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sample_inbox: Path, cache: Path) -> Path:
    """A Pharos home whose inbox holds the sample day; the tests of a module share it, and all share the cache of the coast."""
    root = tmp_path_factory.mktemp("home")
    cache.mkdir(parents=True, exist_ok=True)
    (root / "cache").symlink_to(cache)
    shutil.copytree(sample_inbox, root / "inbox")
    for path in (root / "inbox").glob("*/*"):
        os.utime(path, (0, 0))  # written long ago: complete
    return root


@pytest.fixture(scope="module")
def python(home: Path) -> Run:
    """Run this Python with arguments in the environment of Airflow for `home`."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=airflow_env(home),
            capture_output=True,
            text=True,
            check=False,
        )

    return run
