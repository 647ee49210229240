"""The chart of a theatre: everything in force is on it, and it is an SVG that others can read."""

import pytest
from lxml import etree
from typer.testing import CliRunner

from pipeline import theatre_chart
from pipeline.cli import app
from pipeline.errors import SettingsError
from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=["aegean", "central_mediterranean", "gulf_of_aden"])
def theatre(request):
    return request.param


def drawn(text):
    root = etree.fromstring(text.encode())
    return [
        (element.get("class", "").split()[:1], element.findtext(f"{SVG}title"))
        for element in root.iter(f"{SVG}path", f"{SVG}circle")
    ]


def test_everything_of_the_theatre_is_drawn(sea, theatre):
    found = {(kind[0], title) for kind, title in drawn(theatre_chart.chart(sea, theatre)) if kind and title}
    for kind in ("watch", "corridor", "srr", "port", "territorial_sea", "tss_lane", "anchorage", "infrastructure"):
        titles = {zone.title for zone in sea.zones if (zone.kind, zone.theatre) == (kind, theatre)}
        assert titles
        assert {title for title in titles if (kind, title) in found} or kind == "srr"
    corridors = {zone.zone_id for zone in sea.zones if (zone.kind, zone.theatre) == ("corridor", theatre)}
    for gate in sea.gates:
        if gate.corridor_id in corridors:
            assert ("gate", gate.title) in found


def test_the_pictures_of_the_documentation_are_as_in_force(sea, theatre):
    picture = ROOT / "docs" / "pictures" / f"{theatre}.svg"
    assert picture.read_text(encoding="utf-8") == theatre_chart.chart(sea, theatre), (
        f"pharos chart {theatre} --out docs/pictures/{theatre}.svg"
    )


def test_the_command_and_an_unknown_theatre(sea, home, tmp_path):
    out = tmp_path / "aegean.svg"
    done = CliRunner().invoke(app, ["--home", str(home.root), "chart", "aegean", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8") == theatre_chart.chart(sea, "aegean")
    with pytest.raises(SettingsError, match="baltic: no such theatre; known are aegean"):
        theatre_chart.chart(sea, "baltic")
