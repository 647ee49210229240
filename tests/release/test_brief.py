"""The brief: one page that says what matters, works offline, and can be read without eyes and on paper."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from theatre import DAY, Theatre, alert, at, distress

Run = Callable[..., dict[str, Any]]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIETLY = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-pdf-header-footer",
]  # fmt: skip


def brief(theatre: Theatre, result: dict[str, Any]) -> bytes:
    return theatre.files(result)["data/brief.html"]


def page(theatre: Theatre, result: dict[str, Any]) -> html.HtmlElement:
    return html.fromstring(brief(theatre, result).decode())


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def busy(theatre: Theatre, n: int = 14) -> None:
    """Crossings of both straits, each with long texts, and a distress elsewhere."""
    why = {
        "indicator": "departure_away_from_port",
        "points": 2,
        "evidence": "not heard for 46 min while it crossed the line " * 3,
    }
    reasons = json.dumps([why])
    for i in range(n):
        zone, lon, lat = (
            ("corridor_lesvos", 26.35 + 0.01 * i, 39.40) if i % 2 else ("corridor_samos", 26.85 + 0.01 * i, 37.75)
        )
        theatre.alerts(
            alert(
                f"{i:016x}",
                zone_id=zone,
                lon=lon,
                lat=lat,
                severity=1 + i % 4,
                headline="A small craft " * 8,
                indicators=reasons,
            )
        )
    theatre.alerts(distress("d" * 16, zone_id="watch_aegean", lon=25.2, lat=37.0, sar_phase="distress", severity=4))


def several(alert_id: str, **changes: Any) -> dict[str, Any]:
    """A crossing of eight points, with the words that the crossings of `pipeline.alerts` have."""
    rows = [
        ("ais_off", 2, "AIS silent for 46 min during the crossing"),
        ("departure_away_from_port", 1, "left the coast 3.1 nm from the nearest port, in none of them before"),
        ("arrival_away_from_port", 1, "reached the coast 12.4 nm from the nearest port, in none of them afterwards"),
        ("night", 1, "100% of the crossing in the dark"),
        ("small_craft", 1, "about 9 m long"),
        ("vanished", 2, "2026-05-14T03:05:00Z last heard, between the coasts"),
    ]
    indicators = [{"indicator": name, "points": points, "evidence": evidence} for name, points, evidence in rows]
    return alert(alert_id, **{"indicators": json.dumps(indicators), **changes})


def test_points_of_an_alert_add_up_to_what_is_shown(theatre: Theatre, release_day: Run) -> None:
    craft = {"track_id": "radar:R-LESVOS-N:12:20260514.1.1"}
    why = [{"indicator": "stopped_at_sea", "points": 3, "evidence": "2026-05-14T03:05:00Z last seen; then silent"}]
    theatre.alerts(
        several("a" * 16, severity=3, **craft),
        alert("b" * 16, severity=2, **craft),
        distress("d" * 16, severity=3, indicators=json.dumps(why), **craft),
    )
    (cell,) = page(theatre, release_day("hcg")).xpath("//td[@class='why']")
    assert [words(one) for one in cell] == [
        "03:05 last seen; then silent",  # no score for a distress
        "8 points: +2 AIS off: AIS silent for 46 min during the crossing; +2 vanished: 03:05 last heard, between the coasts; "
        "+1 arrival away from port: reached the coast 12.4 nm from the nearest port, in none of them afterwards; "
        "+1 departure away from port: left the coast 3.1 nm from the nearest port, in none of them before; "
        "+1 night: 100% of the crossing in the dark; +1 small craft: about 9 m long",
        "2 points: +2 no AIS: seen by radar only",
    ]


@pytest.mark.parametrize("n", [1, 14])
def test_points_add_up_whatever_the_room(theatre: Theatre, release_day: Run, n: int) -> None:
    many = [{"indicator": f"reason_{i}", "points": 1 + i % 2, "evidence": "x" * 200} for i in range(11)]
    theatre.alerts(*(alert(f"{i:016x}", indicators=json.dumps(many)) for i in range(n)))
    cells = page(theatre, release_day("hcg")).xpath("//td[@class='why']/div")
    assert cells
    for cell in cells:
        total, *points = (
            int(number)
            for number in re.findall(r"(?<![\w_ ] )(\d+) points|\+(\d+) ", words(cell))
            for number in number
            if number
        )
        assert total == sum(points) == 16


def test_the_facts_of_an_evidence_are_never_cut(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(*(several(f"{i:016x}") for i in range(14)))
    cells = page(theatre, release_day("hcg")).xpath("//td[@class='why']/div")
    assert len(cells) > 5
    assert not any("\u2026" in words(cell) for cell in cells)


def test_what_is_cancelled_comes_last_and_is_never_open(theatre: Theatre, release_day: Run) -> None:
    worst = {"severity": 4, "ended_at": None}
    both = {"track_id": "radar:R-LESVOS-N:12:20260514.1.1"}
    theatre.alerts(
        *(several(f"{i:016x}", **worst) for i in range(20)), distress("d" * 16, severity=4, ended_at=None, **both)
    )
    release_day("hcg")
    theatre.alerts(*(several(f"{i:016x}", revision=2, status="cancel", **worst) for i in range(20)))
    theatre.alerts(distress("d" * 16, revision=2, status="cancel", severity=4, ended_at=None, **both))
    theatre.alerts(alert("e" * 16, severity=1, headline="A new one"), alert("f" * 16, severity=1, **both))
    document = page(theatre, release_day("hcg"))
    rows = document.xpath("//table[contains(@class,'alerts')]/tbody/tr")
    assert [
        "cancel" in [one.get("class").split()[-1] for one in row.xpath(".//div[contains(@class,'item')]")]
        for row in rows[:3]
    ] == [
        False,
        True,  # the craft has an alert that stands, its withdrawn one comes after it
        True,
    ]
    assert "A new one" in words(rows[0])
    assert re.search(r"new Dark crossing.*cancel SAR phase alert", words(rows[1]))
    assert not any("still open" in words(row) for row in rows)
    assert "withdrawn: later data do not bear it out" in words(rows[2])
    assert "points" not in words(rows[2])
    (more,) = re.findall(r"And (\d+) more craft, less urgent or cancelled", words(document)) or ["0"]
    assert len(rows) + int(more) == 22


def test_one_row_a_craft_the_worst_first(theatre: Theatre, release_day: Run) -> None:
    track_id = "radar:R-LESVOS-N:12:20260514.1.1"
    theatre.alerts(
        alert("a" * 16, severity=1),
        alert("b" * 16, severity=2, track_id=track_id, headline="Crossing of the strait"),
        distress("d" * 16, severity=3, track_id=track_id, headline="A craft stopped"),
    )
    rows = page(theatre, release_day("hcg")).xpath("//table[contains(@class,'alerts')]/tbody/tr")
    assert len(rows) == 2
    assert re.search(r"A craft stopped.*Crossing of the strait", words(rows[0]))
    assert words(rows[0].xpath(".//td[1]")[0]) == "1"
    assert "39-18.00N 026-27.00E" in words(rows[0])
    assert "02:10 to 03:05, Lesvos strait" in words(rows[0])
    assert "2 points: +2 no AIS: seen by radar only" in words(rows[0])


def test_counts_and_phases(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16), distress("d" * 16), distress("e" * 16, sar_phase="distress"))
    release_day("hcg")
    theatre.alerts(
        alert("a" * 16, revision=2, status="update"), distress("d" * 16, revision=2, status="cancel"), alert("f" * 16)
    )
    counts = page(theatre, release_day("hcg")).xpath("//ul[@class='counts']/li")
    assert [words(li) for li in counts] == [
        "1new",
        "1updated",
        "1cancelled",
    ]  # what is cancelled is no SAR event any more


def test_the_map_shows_land_line_zone_track_and_alert(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16))
    document = page(theatre, release_day("hcg"))
    svg = next(one for one in document.xpath("//*[local-name()='svg'][@role='img']") if "Lesvos strait" in words(one))
    for name in ("land", "gate", "zone", "track", "grid"):
        (path,) = svg.xpath(f".//*[@class='{name}']")
        assert re.fullmatch(r"[MLZHV\d. -]+", path.get("d")), name
        assert len(path.get("d")) > 10, name
    assert svg.xpath(".//*[contains(@class,'symbol')]")
    assert re.search(r"\d nm", words(svg))
    assert "26\u00b0" in words(svg)
    assert "T\u00fcrkiye" in words(svg)


def test_it_loads_nothing_and_runs_nothing(theatre: Theatre, release_day: Run) -> None:
    busy(theatre)
    content = brief(theatre, release_day("hcg")).decode()
    assert "<script" not in content
    assert not re.search(r"""(src|href|action)\s*=|url\((?!#)|@import|https?:(?!//www\.w3\.org)""", content)
    assert "default-src 'none'" in content


def test_it_can_be_read_without_eyes(theatre: Theatre, release_day: Run) -> None:
    theatre.file("coastal_radar")
    busy(theatre, 3)
    document = page(theatre, release_day("hcg"))
    assert document.get("lang") == "en"
    assert document.xpath("//head/title/text()") == [f"Maritime brief {DAY}, Hellenic Coast Guard / JRCC Piraeus"]
    assert len(document.xpath("//h1")) == 1
    assert document.xpath("//th[not(@scope)]") == []
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    for svg in document.xpath("//*[local-name()='svg'][@class='map']"):
        for ref in svg.get("aria-labelledby").split():
            assert words(document.get_element_by_id(ref))
    strips = document.xpath("//*[local-name()='svg'][@class='strip']/@aria-label")
    assert strips == ["Heard in 12 of 24 hours; silent 12-24"]


def test_markings_and_attributions(theatre: Theatre, release_day: Run) -> None:
    theatre.file("coastal_radar")
    theatre.alerts(alert("a" * 16, tlp="AMBER+STRICT"))
    said = words(page(theatre, release_day("hcg")))
    assert said.count("TLP:AMBER+STRICT") == 1
    assert "For the Hellenic Coast Guard only" in said
    assert "\u00a9 OpenStreetMap contributors (ODbL)" in said
    assert "Coastal radar: Hellenic Coast Guard" in said
    assert "MarineCadastre, " not in said  # a source that brought nothing is not credited


def test_what_does_not_fit_is_counted(theatre: Theatre, release_day: Run) -> None:
    busy(theatre, 40)
    document = page(theatre, release_day("hcg"))
    rows = document.xpath("//table[contains(@class,'alerts')]/tbody/tr")
    more = int(re.search(r"And (\d+) more craft", words(document))[1])  # type: ignore[index]
    assert len(rows) + more == 41
    # every one of them is on the map
    numbers = {
        int(number)
        for number in document.xpath("//*[@class='map']//*[contains(@class,'symbol')]/*[local-name()='text']/text()")
    }
    assert numbers == set(range(1, 42))


@pytest.mark.parametrize(
    "zones",
    [
        ["corridor_lesvos"],
        ["corridor_samos", "corridor_samos"],
        ["watch_aegean", "corridor_samos"],
        ["corridor_lesvos", "corridor_samos"],
    ],
)
@pytest.mark.parametrize("n", [0, 5])
def test_every_area_has_a_map(theatre: Theatre, release_day: Run, zones: list[str], n: int) -> None:
    theatre.agency("hcg", zones=zones)
    if n:
        busy(theatre, n)
    assert page(theatre, release_day("hcg")).xpath("//*[@class='map']")


def test_an_agency_without_corridors_gets_one_map(theatre: Theatre, release_day: Run) -> None:
    theatre.agency("hcg", zones=["watch_aegean"])
    theatre.alerts(alert("a" * 16, zone_id="watch_aegean"), alert("b" * 16))
    assert [one.text for one in page(theatre, release_day("hcg")).xpath("//*[local-name()='title']")][1:] == [
        "Map of the whole area",
        "Map A: Area",
    ]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; it prints the page to count its sheets")
@pytest.mark.parametrize(("n", "besides"), [(0, ""), (5, ""), (14, ""), (40, ""), (14, "cancelled"), (14, "outages")])
def test_it_is_one_sheet_of_paper(theatre: Theatre, release_day: Run, tmp_path: Path, n: int, besides: str) -> None:
    theatre.file("coastal_radar")
    if n:
        busy(theatre, n)
    if besides == "outages":
        silent = {
            "event_type": "feed_outage", "state": "closed", "known_at": at("09:30"), "confidence": 1.0, "is_distress": False,
            "source_ids": ["coastal_radar"], "detector_version": 1, "evidence": "{}",
        }  # fmt: skip
        times = [{"event_id": f"{i:016x}", "started_at": at(f"0{i}:00"), "ended_at": at(f"0{i}:30")} for i in range(6)]
        theatre.add("events", DAY, *({**silent, **when} for when in times))
    if besides == "cancelled":
        release_day("hcg")
        theatre.alerts(*(alert(f"{i:016x}", revision=2, status="cancel") for i in range(n)))
        theatre.alerts(*(several(f"{i:x}" * 16) for i in range(1, 6)))
    result = release_day("hcg")
    source = theatre.home.root / result["bundles"][0] / "data" / "brief.html"
    target = tmp_path / "brief.pdf"
    command = [
        str(CHROMIUM),
        *QUIETLY,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--print-to-pdf={target}",
        source.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", target.read_bytes())) == 1


def test_times_of_another_day_have_their_date(theatre: Theatre, release_day: Run) -> None:
    theatre.alerts(alert("a" * 16, started_at=at("22:00", "2026-05-13"), ended_at=at("00:40"), known_at=at("00:40")))
    assert "13 May 22:00 to 00:40" in words(page(theatre, release_day("hcg")))
