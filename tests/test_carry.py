"""What a day leaves: named by its content, read back as it was, swept when no day names it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import carry, contracts
from pipeline.carry import Carried
from pipeline.detect import DETECTORS
from pipeline.detect.contract import Outage

AT = datetime(2026, 5, 14, 6, tzinfo=UTC)


def motion(n: int) -> pa.Table:
    """Rows of one track."""
    row = {
        "track_id": "t.1",
        "vessel_id": "t",
        "source_id": "s",
        "lon": 26.0,
        "lat": 39.1,
        "track_first_at": AT,
        "has_ais_nearby": False,
    }
    return contracts.rows(
        "motion", [{**row, "observed_at": AT + timedelta(seconds=k), "sog_kn": 5.1} for k in range(n)]
    )


def left(n: int = 3) -> Carried:
    """Everything that a day can leave."""
    remembered = {"track_id": "t.1", "zone_id": "", "rule": "r", "started_at": AT, "number": 1, "note": '{"a":0.1}'}
    tables = dict(Carried().detectors)
    tables[DETECTORS[0].name] = contracts.rows("carried", [remembered])
    outages = (
        Outage("ais", "many_silent", 0.1, 900.2, None, 12, {"t.1": None, "t.2": 1_778_738_400.123456}),
        Outage("radar", "feed_silent", 0.0, 1.0, 2.0, 0, {}),
    )
    return Carried(motion(n), tables, {"ais": 1_778_738_400.123456}, outages)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = left()
    found = carry.load(tmp_path, carry.save(tmp_path, saved))
    assert found.motion.equals(saved.motion)
    assert found.motion.schema.equals(contracts.load("motion").schema, check_metadata=True)
    assert set(found.detectors) == {detector.name for detector in DETECTORS}
    assert all(found.detectors[name].equals(table) for name, table in saved.detectors.items())
    assert found.until_s == saved.until_s
    assert found.outages == saved.outages


def test_nothing_can_be_left(tmp_path: Path) -> None:
    found = carry.load(tmp_path, carry.save(tmp_path, Carried()))
    assert found.motion.num_rows == 0
    assert (found.until_s, found.outages) == ({}, ())


def test_the_name_is_the_content(tmp_path: Path) -> None:
    name = carry.save(tmp_path, left())
    pieces = pa.concat_tables([left().motion.slice(0, 1), left().motion.slice(1)])
    same = Carried(pieces, left().detectors, left().until_s, left().outages)
    assert carry.save(tmp_path, same) == name, "the same rows in other chunks are the same content"
    others = [
        left(4),
        Carried(left().motion, Carried().detectors, left().until_s, left().outages),
        Carried(left().motion, left().detectors, {"ais": 1_778_738_400.123457}, left().outages),
        Carried(left().motion, left().detectors, left().until_s, left().outages[:1]),
    ]
    names = {carry.save(tmp_path, other) for other in others}
    assert len(names | {name}) == 5
    assert len(list(tmp_path.iterdir())) == 5


def test_saving_again_repairs_what_a_killed_run_left_half(tmp_path: Path) -> None:
    name = carry.save(tmp_path, left())
    (tmp_path / name / "feeds.json").unlink()
    (tmp_path / name / "motion.parquet").write_bytes(b"half")
    assert carry.save(tmp_path, left()) == name
    assert carry.load(tmp_path, name).outages == left().outages


def test_sweep_removes_only_what_no_day_names(tmp_path: Path) -> None:
    first, second, third = (carry.save(tmp_path, left(n)) for n in (1, 2, 3))
    (tmp_path / "day.lock").touch()
    carry.sweep(tmp_path, {first, third, "never there"})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first, third, "day.lock"])
    with pytest.raises(FileNotFoundError):
        carry.load(tmp_path, second)
    assert carry.load(tmp_path, third).motion.num_rows == 3
