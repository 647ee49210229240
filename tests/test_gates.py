"""The gates that are committed are those that `pharos gate` computes."""

import json

import pytest
import shapely
from typer.testing import CliRunner

from pipeline import gates, zones
from pipeline.cli import app
from pipeline.errors import SettingsError

CORRIDORS = sorted(
    json.loads(path.read_text(encoding="utf-8"))["features"][0]["properties"]["zone_id"]
    for path in zones.PACKAGED.glob("zones/corridor_*.geojson")
)


@pytest.mark.parametrize("corridor_id", CORRIDORS)
def test_the_committed_gate_is_the_computed_one(sea, corridor_id):
    (computed,) = gates.gate(sea, corridor_id)["features"]
    committed = next(gate for gate in sea.gates if gate.corridor_id == corridor_id)
    corridor = next(zone for zone in sea.zones if zone.zone_id == corridor_id)
    tolerance_deg = 0.1 * gates.tolerance_m(corridor) / 111_000
    assert (
        shapely.LineString(computed["geometry"]["coordinates"]).hausdorff_distance(committed.geometry) < tolerance_deg
    )
    assert computed["properties"]["gate_id"] == committed.gate_id
    assert computed["properties"]["left"] == committed.left
    assert (committed.source, committed.licence) == (
        computed["properties"]["source"],
        computed["properties"]["licence"],
    )


def test_both_ends_lie_outside(sea):
    for corridor in sea.corridors:
        for end in (corridor.gate.geometry.coords[0], corridor.gate.geometry.coords[-1]):
            assert not corridor.inside(*end)[0], corridor.zone_id


def test_the_printed_file_can_be_used(sea, home, tmp_path):
    done = CliRunner().invoke(app, ["--home", str(home.root), "gate", "corridor_samos"])
    assert done.exit_code == 0
    (tmp_path / "gates").mkdir()
    (tmp_path / "gates" / "gate_samos.geojson").write_text(done.stdout, encoding="utf-8")
    loaded = zones.load([tmp_path])
    assert loaded.refused == ()
    assert [gate.corridor_id for gate in loaded.gates] == ["corridor_samos"]


def test_an_unknown_corridor(sea):
    with pytest.raises(SettingsError, match="corridor_nowhere: no corridor of this id is in force"):
        gates.gate(sea, "corridor_nowhere")
