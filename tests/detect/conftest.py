"""Motion to judge: the sample day, and three days with something of every kind over both midnights."""

from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import contracts, store, tracks
from tests.detect import three_days


@pytest.fixture(scope="session")
def sample_motion(finished_sample: Path) -> pa.Table:
    """The motion of the sample day, as the tracks step makes it."""
    reports = store.read(store.parts(finished_sample / "lake", "reports"), "reports")
    return tracks.make(reports, contracts.load("motion").empty()).motion


@pytest.fixture(scope="session", params=["sample_day", "three_days"])
def motion(request: pytest.FixtureRequest) -> pa.Table:
    """Each of the two."""
    return request.getfixturevalue("sample_motion") if request.param == "sample_day" else three_days.motion()
