"""The page: whole in itself, readable without eyes, and a map of everything that was missed and of every false alert."""

import re
from itertools import pairwise
from typing import Any

import pytest
from lxml import html

from pipeline import evaluate
from pipeline.config import Home
from pipeline.evaluate import maps, page, tables
from pipeline.evaluate.maps import Fix, Ground
from pipeline.sea import Sea
from tests.evaluate.told import alert, at, behaviour, event, position, true_event, write_home, write_truth

RADAR = "radar:R-SAMOS:5:20260514.1.1"
HOSTILE = "</title><script>alert('x')</script>"


@pytest.fixture
def written(home: Home, sea: Sea) -> tuple[dict[str, Any], str]:
    """(document, page) of a home that missed things and alerted for nothing."""
    track = [
        position("mmsi:237000001.1", minute, 26.3 + minute / 6000, 39.3 + minute / 5000) for minute in range(0, 300, 10)
    ]
    dot = [position(RADAR, 60, 26.33, 39.37)]
    write_home(
        home,
        track + dot,
        [event("false", 500, 600)],
        [
            alert("negative", "237000001", "crossing"),
            alert("nobody", None, "surge"),
            alert("background", None, "distress", track_id=RADAR, headline=HOSTILE),
        ],
    )
    outage = true_event(0, 100, event_type="feed_outage", mmsi=None)
    surge = true_event(0, 600, event_type="incident_surge", mmsi=None, lon=26.5, lat=39.0)
    told = write_truth(
        home.root / "truth.json",
        [
            behaviour("gap-1", true_event(0, 90), true_event(200, 300), positive=False),
            behaviour("outage-1", outage, subjects=[], path=[]),
            behaviour("surge-1", surge, subjects=[], path=[]),
        ],
    )
    document = evaluate.evaluate(home, told)
    return document, page.render(home, sea, told, document)


def test_every_miss_and_every_false_alert_has_a_map_with_a_title(written: tuple[dict[str, Any], str]) -> None:
    document, text = written
    root = html.document_fromstring(text)
    titles = [one.text for one in root.iterfind(".//svg/title")]
    assert [one["label"] for one in document["misses"]] == ["gap-1", "gap-1", "outage-1", "surge-1"]
    assert titles == [
        "Missed of gap-1: ais_gap, ais_gap",
        "Missed of outage-1: feed_outage",
        "Missed of surge-1: incident_surge",
        f"False alert about the background: {HOSTILE}",
        "False alert about gap-1: Headline of negative",
        "False alert about the background: Headline of nobody",
    ]
    for one in document["misses"]:
        assert any(one["label"] in title and tables.event_name(one) in title for title in titles)
    for one in document["false_alerts"]:
        assert any(one["headline"] in title for title in titles)
    paths = [
        {name: svg.find(f"path[@class='{name}']").get("d").count("M") for name in ("way", "seen", "pause")}
        for svg in root.iterfind(".//figure/svg")
    ]
    assert [tuple(one.values()) for one in paths] == [(1, 1, 0), (0, 0, 0), (0, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 0)]
    spots = [len(svg.findall("path[@class='spot']")) for svg in root.iterfind(".//figure/svg")]
    assert spots == [0, 0, 1, 1, 1, 1]
    for svg in root.iterfind(".//figure/svg"):
        assert svg.get("role") == "img"
        assert svg.get("aria-labelledby") == svg.find("title").get("id")
        assert len(svg.find("path[@class='land']").get("d")) > 100


def test_it_is_whole_and_without_a_script(written: tuple[dict[str, Any], str]) -> None:
    _, text = written
    root = html.document_fromstring(text)
    assert root.find(".//script") is None
    assert root.xpath("//@src | //link | //object | //iframe") == []
    assert [target for target in root.xpath("//@href") if not target.startswith("#")] == []
    assert "url(" not in text
    assert "http" not in re.sub(r'http-equiv="Content-Security-Policy"', "", text)


def test_it_reads_without_eyes(written: tuple[dict[str, Any], str]) -> None:
    _, text = written
    root = html.document_fromstring(text)
    assert root.get("lang") == "en"
    assert len(root.findall(".//h1")) == 1
    levels = [int(one.tag[1]) for one in root.iter("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in root.xpath("//@href")} <= set(ids)
    assert set(root.xpath("//@aria-labelledby")) <= set(ids)
    found = root.findall(".//table")
    assert len(found) >= 4
    for table in found:
        assert table.findtext("caption")
        columns = table.findall("thead/tr/th")
        assert all(one.get("scope") == "col" for one in columns)
        for row in table.findall("tbody/tr"):
            assert row[0].tag == "th"
            assert row[0].get("scope") == "row"
            assert len(row) == len(columns)


def test_the_figures_stand_in_it(written: tuple[dict[str, Any], str]) -> None:
    document, text = written
    root = html.document_fromstring(text)
    shown = {table.findtext("caption"): table for table in root.iterfind(".//table")}
    for table in (*tables.tables(document), *tables.lists(document)):
        if table.rows:
            cells = [tuple(cell.text_content() for cell in row) for row in shown[table.title].iterfind("tbody/tr")]
            assert cells == table.rows
    for said in tables.sentences(document):
        assert said in root.text_content()


def test_the_same_home_gives_the_same_page(home: Home, sea: Sea, written: tuple[dict[str, Any], str]) -> None:
    document, text = written
    assert page.render(home, sea, home.root / "truth.json", document) == text


def test_nothing_missed_and_nothing_false_says_so(home: Home, sea: Sea) -> None:
    write_home(home, [position("mmsi:237000001.1", 0, 26.3, 39.3)])
    told = write_truth(home.root / "truth.json", [], vessels=None)
    root = html.document_fromstring(page.render(home, sea, told, evaluate.evaluate(home, told)))
    assert root.xpath("//h2[@id='misses' or @id='false']/following-sibling::p[1]/text()") == ["None.", "None."]
    assert root.find(".//figure") is None
    assert "0 labelled behaviours among real traffic." in root.findtext("body/header/p")


@pytest.fixture
def ground(home: Home, sea: Sea) -> Ground:
    return maps.ground(sea, "aegean", [], home.cache)


def numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?[\d.]+", path)]


def test_a_map_is_true_to_scale(ground: Ground) -> None:
    north = [Fix(at(0), 26.4, 39.3), Fix(at(10), 26.4, 39.4)]  # 6.00 nm on the sphere
    drawn = maps.draw(ground, "t", (at(0), at(10)), north, [], [])
    x1, y1, x2, y2 = numbers(drawn.way)
    assert x1 == x2 == maps.WIDTH_PX / 2
    assert y1 > y2
    assert (y1 - y2) / drawn.scale_px * drawn.scale_nm == pytest.approx(6.0, rel=0.01)
    east = [Fix(at(0), 26.4, 39.3), Fix(at(10), 26.5, 39.3)]  # 4.643 nm
    drawn = maps.draw(ground, "t", (at(0), at(10)), east, [], [])
    x1, y1, x2, y2 = numbers(drawn.way)
    assert y1 == y2
    assert (x2 - x1) / drawn.scale_px * drawn.scale_nm == pytest.approx(4.643, rel=0.01)


def test_a_long_pause_is_drawn_apart_and_a_lone_fix_is_a_dot(ground: Ground) -> None:
    track = [Fix(at(minute), 26.4 + minute / 1000, 39.3) for minute in (0, 20, 41)]
    drawn = maps.draw(ground, "t", (at(0), at(60)), [], [track], [])
    assert drawn.seen.count("M") == 2  # 20 min joined, 21 min not
    assert drawn.pauses.count("M") == 1
    *_, x1, y1, x2, y2 = numbers(drawn.seen)
    assert (x1, y1) == (x2, y2)


def test_a_map_shows_an_hour_around_the_time(ground: Ground) -> None:
    way = [Fix(at(minute), 26.4, 39.3 + minute / 10_000) for minute in range(-61, 122)]
    drawn = maps.draw(ground, "t", (at(0), at(60)), way, [], [])
    assert [mark.text for mark in drawn.ends] == ["23:00", "02:00"]
    assert all(0 < mark.y < maps.HEIGHT_PX for mark in drawn.ends)


def test_a_map_of_nothing_shows_the_theatre(ground: Ground) -> None:
    drawn = maps.draw(ground, "t", (at(0), at(60)), [], [], [])
    assert (drawn.way, drawn.seen, drawn.spots) == ("", "", [])
    assert len(drawn.land) > 1000


def test_a_map_of_nothing_outside_the_theatres_shows_the_waters_of_the_truth(home: Home, sea: Sea) -> None:
    ways = [[Fix(at(0), 26.3, 39.3)], [], [Fix(at(0), 25.9, 38.9)]]
    assert maps.ground(sea, None, ways, home.cache).frame == (24.0, 36.0, 27.0, 42.0)
    watched = maps.ground(sea, None, [[]], home.cache)
    assert watched.coast is sea.coast
    assert watched.frame[0] < watched.frame[2]
