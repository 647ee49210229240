"""Names come off the air: what a ship calls itself stays text in every form, and is shown in the order in which it is stored."""

import csv
import html.parser
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from theatre import DAY, Theatre, alert, at

from pipeline.release import text

Run = Callable[..., dict[str, Any]]

HOSTILE = [
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    '"><b onclick=x>',
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r\n=1+1",
    "]]><evil/>",
    "&lol;",
    "a\nb\r\nc\u2028d",
    "SAFE\u202eGNP.EXE",
    "\u200b\ufeff\u2066=1+1",
    "\x00\x08\x1b[31mred",
    "{{ 7 * 7 }}{% raw %}",
    "x" * 5000,
    "\u0634\u0645\u0633",
    "',); DROP TABLE releases; --",
]


def with_words(word: str) -> dict[str, Any]:
    """An alert in which every free text and every name is hostile."""
    return alert(
        "a" * 16,
        mmsi="237000001",
        track_id="mmsi:237000001.1",
        source_ids=["noaa_marinecadastre"],
        headline=word,
        facts=word,
        assessment=word,
        indicators=json.dumps([{"indicator": word, "points": 2, "evidence": word}]),
    )


class Tags(html.parser.HTMLParser):
    """Elements, attributes that run code or load something, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_word_stays_inert(theatre: Theatre, release_day: Run, word: str) -> None:
    theatre.alerts(with_words(word))
    claim = {
        "vessel_id": "mmsi:237000001", "mmsi": "237000001", "ship_name": word, "call_sign": word, "source_id": "noaa_marinecadastre",
        "first_at": at("01:00"), "last_at": at("03:00"),
    }  # fmt: skip
    theatre.add("identity_claims", DAY, claim)
    files = theatre.files(release_day("hcg"))
    seen = text.plain(word)

    table = list(csv.DictReader(io.StringIO(files["data/alerts.csv"].decode("utf-8-sig"), newline="")))
    assert len(table) == 1
    for name in ("headline", "ship_name", "assessment"):
        assert table[0][name] in (seen, f"'{seen}")
    for cell in table[0].values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert files["data/alerts.csv"].count(b"\n") == 2  # no line break within a cell

    layer = json.loads(files["data/alerts.geojson"])
    assert layer["features"][0]["properties"]["ship_name"] == seen
    assert layer["features"][0]["properties"]["headline"] == seen

    cap = etree.fromstring(files[f"data/cap/{'a' * 16}-1.xml"])
    assert cap.findtext(".//{*}headline") == seen
    assert {element.tag.rpartition("}")[2] for element in cap.iter()} <= {
        "alert", "identifier", "sender", "sent", "status", "msgType", "scope", "restriction", "info", "language", "category", "event", "responseType",
        "urgency", "severity", "certainty", "effective", "onset", "expires", "senderName", "headline", "description", "instruction",
        "parameter", "valueName", "value",
        "area", "areaDesc", "circle",
    }  # fmt: skip

    page = Tags()
    page.feed(files["data/brief.html"].decode())
    assert not page.tags & {"script", "img", "iframe", "object", "link", "evil", "a", "form"}
    assert not {name for name in page.attributes if name.startswith("on") or name in ("src", "href", "xlink:href")}
    assert seen[:40] in " ".join(page.text.split())

    # nothing that draws in another order than it is stored, in any form
    for name, content in files.items():
        assert not set("\u202e\u202d\u2066\u2067\u2068\u200b\ufeff\x00\x1b") & set(content.decode("utf-8-sig")), name


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("MARIA  S", "MARIA S"),
        ("a\r\nb\tc", "a b c"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        (" = 1", "= 1"),
        ("\ud800x", "x"),
        ("\u039d\u0399\u039a\u0397", "\u039d\u0399\u039a\u0397"),
        ("\xa0x\x85y", "x y"),
    ],
)
def test_plain(said: str, seen: str) -> None:
    assert text.plain(said) == seen


def test_degrees_minutes_round_up_into_the_next_degree() -> None:
    assert text.degrees_minutes(26.35667, 39.205667) == "39-12.34N 026-21.40E"
    assert text.degrees_minutes(-0.99999, -59.99999) == "60-00.00S 001-00.00W"
    assert text.degrees_minutes(0.0, 0.0) == "00-00.00N 000-00.00E"
    assert text.degrees_minutes(180.0, -90.0) == "90-00.00S 180-00.00E"


def test_dtg_is_english_and_utc() -> None:
    assert text.dtg(at("05:07")) == "140507Z MAY 26"
