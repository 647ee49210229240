"""What is read as a truth, and what is refused with one clear line."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SettingsError
from pipeline.evaluate import truth
from tests.evaluate.told import at, behaviour, true_event, write_truth


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        truth.read(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_truth_is_read(tmp_path: Path) -> None:
    told = truth.read(
        write_truth(tmp_path / "truth.json", [behaviour("a", true_event(0, None))], days=3, rejects={"bad_mmsi": 2})
    )
    assert told.days == ["2026-05-14", "2026-05-15", "2026-05-16"]
    assert told.ended_at == at(3 * 24 * 60)
    assert told.behaviours[0].events[0].ended_at is None
    assert told.behaviours[0].path[0] == (at(0), 26.30, 39.30)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "not JSON"),
        ("[1, 2]", "its format is None"),
        ('{"day": "2026-05-14"}', "its format is None, read is 'pharos-truth/1'"),
        ('{"format": "pharos-truth/2"}', "its format is 'pharos-truth/2', read is 'pharos-truth/1'"),
        ('{"format": "pharos-truth/1"}', "theatre: Field required"),
    ],
)
def test_what_is_no_truth_is_refused(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content, encoding="utf-8")
    assert why in refusal(path)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "missing.json")
    assert "directory" in refusal(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00{")
    assert "not JSON" in refusal(tmp_path / "binary")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("started_at", "noon"),
        ("started_at", "2026-05-14T00:00:00"),
        ("event_type", None),
        ("track_prefixes", [""]),
        ("known_at", 5.5e300),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, place: str, value: Any) -> None:
    one = {**true_event(0, 60), place: value}
    path = write_truth(tmp_path / "truth.json", [behaviour("a", one)])
    assert f"behaviours.0.events.0.{place}" in refusal(path)


def test_real_traffic_may_lie_in_no_theatre(tmp_path: Path) -> None:
    told = truth.read(write_truth(tmp_path / "truth.json", [], theatre=None, vessels=None))
    assert (told.theatre, told.vessels) == (None, None)


def test_no_day_is_no_truth(tmp_path: Path) -> None:
    assert "days: " in refusal(write_truth(tmp_path / "truth.json", [], days=0))


def test_unknown_keys_are_left_alone(tmp_path: Path) -> None:
    path = write_truth(tmp_path / "truth.json", [], sentinels={"sog_kn": 8})
    assert "sentinels" in json.loads(path.read_text(encoding="utf-8"))
    assert truth.read(path).behaviours == ()
