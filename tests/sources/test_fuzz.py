"""Files and sentences that are nearly right, in a process of their own: see `tests.sources.fuzz`."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT

MOST_MB = 2048


def fuzzed(n_files: int, n_sentences: int, seed: int) -> dict[str, Any]:
    """What came of so many files and sentences."""
    command = [sys.executable, "-m", "tests.sources.fuzz", str(n_files), str(n_sentences), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("n_files", "n_sentences"), [(1_000, 50_000), pytest.param(20_000, 1_000_000, marks=pytest.mark.soak)]
)
def test_no_file_breaks_a_reader_or_loses_a_record_or_brings_nonsense_in(n_files: int, n_sentences: int) -> None:
    found = fuzzed(n_files, n_sentences, seed=4)
    assert found["wrong"] == []
    assert found["counts"]["read"] > n_files / 4
    assert found["counts"]["refused"] > n_files / 10
    assert found["counts"]["sentences"] == n_sentences
    assert found["peak_rss_mb"] < MOST_MB
