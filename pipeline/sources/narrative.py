"""
Narratives: what is kept of a free text about an incident, and the positions that stand in it.

A report can name people, say where they live and whose child they are, in any spelling. Nobody can list all that, so `screened` lists the opposite:
it keeps words of the trade (`reference/words/`), numbers and positions in places where a report of an incident has them, and nothing else. What
was not foreseen is left out. It cannot tell a master called North from the north: such words pass in lower case only, so that "captain north" does.
A role ("the master") passes, and so does a woman called June in "June 25". A word that is missing in the lists is lost until somebody adds it.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from pipeline import geo, units

WORDS = Path(__file__).parents[1] / "reference" / "words"
LONGEST_RESULT = 1000
LONGEST_CHUNK = 40  # characters; own: no word of the lists is half as long
GAP = "…"


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


NUMERALS = _set("""
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty
    fifty sixty seventy eighty ninety
""")
MONTHS = _set("""
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
""")
# These would be names or initials anywhere else than behind a number.
MEASURES = _set("ft km kn kts m mile miles nm")
# What a number in front of them counts, so that it is nobody's age or house.
COUNTED = _set("""
    barrels boats bodies children containers craft crew crewmembers cubic days dead degrees dhows dinghies drones engines explosions feet fishermen gmt
    hostages hours injured km kn knots kts lifejackets litres liters liferafts local lt members meters metres migrants mile miles minutes missiles
    missing nautical nm occupants passengers people perpetrators persons pirates rafts robbers rounds seafarers ships shots skiffs speedboats survivors
    tonnes tons utc vessels
""")
COMPASS = _set("""
    north south east west northeast northwest southeast southwest
    n nne ne ene e ese se sse s ssw sw wsw w wnw nw nnw
""")
BEFORE_A_CLOCK = _set("about after around at before between by from since thru to until")
# Which word says that the name behind it is a place, and what must stand before that word: "coast of Yemen" is one, "fisherman of Yemen" a person.
BEARINGS = COMPASS | _set("""
    anchorage coast coasts end harbor harbour island islands off part port roads shore shores tip vicinity waters
""")
DEPARTURES = MEASURES | _set("departed departing embarked left metres meters sailed sailing")
ARRIVALS = _set("""
    bound brought crossing enroute escorted headed heading passage proceeded proceeding returned route sailed sailing towed transferred transiting
    transported voyage
""")
LEADS: dict[str, frozenset[str] | None] = {
    **dict.fromkeys(("around", "between", "near", "off", "toward", "towards")),
    "from": DEPARTURES,
    "of": BEARINGS,
    "to": ARRIVALS,
}
WHERE = ("at", "in")  # lead to a harbour or an island, but not to a state: that may be where somebody lives
LOWER_IN_NAMES = ("al", "and", "el", "of", "the")

AGE = re.compile(r"(?<![a-z])(?:age[ds]?|born|birth|birthday|dob|old|older|years?|yrs?|yo|y/o)(?![a-z])", re.IGNORECASE)
AGE_REACH = 6  # chunks; own: "aged, as they stated, between 23 and 40"
COUNT = re.compile("[0-9]{1,3}")
LONG_NUMBER = re.compile("[0-9]{4}|[0-9]{2}:")
NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?|[0-9]{1,2}-[0-9]{1,2}|[0-2][0-9](?::[0-5][0-9]Z?|[0-5][0-9]Z)")
MEASURED = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?-?(?:nm|km|kn|kts|NM)")
DAY = re.compile(r"0?[1-9]|[12][0-9]|3[01]")
CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):?[0-5][0-9]Z?")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")
POSITION = re.compile(r"[0-9]{1,3}-[0-5][0-9](?:\.[0-9]{1,4}|-[0-5][0-9](?:\.[0-9]{1,2})?)?[NSEW]")
ABBREVIATION = re.compile(r"[A-Z][a-z]{0,3}")  # Mr. Capt. J.: no end of a sentence

Kind = Literal["plain", "title", "upper", "double", "number", "digits", "measured", "month", "measure", "other"]


class Chunk(NamedTuple):
    """
    What stands between two spaces: its `core` without brackets, quotes and marks, `key` the same in small letters and without 's, the first `mark`
    behind it, the `kind` of thing it is, and whether anything parts it from the chunk before it (`opens`) and behind it (`closes`),
    and whether it says that a number near it is an age.
    """

    core: str
    key: str
    mark: str
    kind: Kind
    opens: bool
    closes: bool
    tells_age: bool


UNREAD = Chunk("", "", "", "digits", opens=True, closes=True, tells_age=False)


class Text(NamedTuple):
    """A text in chunks; `shouted` when all of it is in capitals, which then say nothing; the chunks where a number may be an age."""

    chunks: list[Chunk]
    shouted: bool
    near_age: frozenset[int]

    def before(self, i: int) -> Chunk | None:
        """The chunk before i, if nothing parts them."""
        return self.chunks[i - 1] if i > 0 and not (self.chunks[i - 1].closes or self.chunks[i].opens) else None

    def behind(self, i: int) -> Chunk | None:
        """The chunk behind i, if nothing parts them."""
        return self.chunks[i + 1] if i + 1 < len(self.chunks) and self.before(i + 1) else None


def screened(text: str | None) -> str | None:
    """
    A narrative with only words of the trade, numbers of at most four digits and positions; one "…" for each run of anything else.

    None for nothing. At most 1,000 characters: ASCII letters and digits, space, . , ; : ! ? - ' and "…". What comes out is its own screening.
    """
    text = text or ""
    # A chunk can pass because of a neighbour that itself does not; what is left is asked again until all of it passes.
    while (left := _passed(text)) != text:
        text = left
    return text if any(c.isalnum() for c in text) else None


def _passed(text: str) -> str:
    """What passes of a text as it stands."""
    read = _split(text)
    pieces: list[str] = []
    kept: list[bool] = []
    length = -1
    for i, chunk in enumerate(read.chunks):
        if i == len(kept):
            n_passing = 1 if chunk.kind == "plain" else _n_passing(i, read, kept)
            kept += [True] * n_passing or [False]
        if kept[i]:
            pieces.append(chunk.core + chunk.mark)
        else:
            if i and not kept[i - 1]:
                length -= len(pieces.pop()) + 1
            pieces.append(GAP + chunk.mark)
        length += len(pieces[-1]) + 1
        if length > LONGEST_RESULT:
            return f"{' '.join(pieces)[: LONGEST_RESULT - 1].rpartition(' ')[0]} {GAP}"
    return " ".join(pieces)


def _split(text: str) -> Text:
    straight = text.replace("\u2018", "'").replace("\u2019", "'").replace("\u201c", '"').replace("\u201d", '"')
    chunks = [_read(piece) if len(piece) <= LONGEST_CHUNK else UNREAD for piece in straight.split()]
    near_age = [range(i - AGE_REACH, i + AGE_REACH + 1) for i, chunk in enumerate(chunks) if chunk.tells_age]
    return Text(chunks, text == text.upper(), frozenset().union(*near_age))


@lru_cache(maxsize=1 << 14)
def _read(piece: str) -> Chunk:
    opened = piece.lstrip("([\"'")
    core = opened.rstrip(".,;:!?)]\"'")
    closing = opened[len(core) :]
    mark = next((c for c in closing if c in ".,;:!?"), "")
    key = core.lower().removesuffix("'s") if core.isascii() else ""  # the Kelvin sign's small letter is k
    return Chunk(core, key, mark, _kind(core, key), opened != piece, bool(closing), AGE.search(core) is not None)


def _kind(core: str, key: str) -> Kind:
    parts = key.split("-")
    if POSITION.fullmatch(core):
        return "plain"
    if MEASURED.fullmatch(core) or (COUNT.fullmatch(parts[0]) and "-".join(parts[1:]) in words("trade")):
        return "measured"
    if NUMBER.fullmatch(core) or (len(parts) <= 2 and NUMERALS.issuperset(parts)):
        return "number"
    if key in MONTHS or key in MEASURES:
        return "month" if key in MONTHS else "measure"
    if core == core.lower() and (_is_of_the_trade(parts) or key in words("terms")):
        return "plain"
    if not _is_of_the_trade(parts):
        return "digits" if any(c.isdigit() for c in core) else "other"
    if core == core.upper() and len(core) > 1:
        return "upper" if words("doubles").isdisjoint(parts) else "double"
    return "title" if core[1:] == core[1:].lower() and words("doubles").isdisjoint(parts) else "other"


def _is_of_the_trade(parts: list[str]) -> bool:
    """A word of the lists, or several of at least two letters with hyphens between, of which the first can be a numeral."""
    rest = parts[1:] if len(parts) > 1 and parts[0] in NUMERALS else parts
    listed = all(part in words("trade") or part in words("doubles") for part in rest)
    return listed and (len(parts) == 1 or min(map(len, parts)) > 1)


def _n_passing(i: int, text: Text, kept: list[bool]) -> int:
    """How many chunks from i on pass, as a name of a place may be made of several; `kept` says which of those before it passed [i]."""
    chunk, before, behind = text.chunks[i], text.before(i), text.behind(i)
    starts = _starts_sentence(i, text, kept)
    passes = False
    match chunk.kind:
        case "title":
            passes = starts or text.shouted
        case "upper":
            passes = text.shouted
        case "double":
            passes = text.shouted and (before is None or kept[-1]) and (behind is None or _can_pass(behind, text))
        case "measured":
            passes = i not in text.near_age
        case "number":
            passes = _number_passes(i, text, kept, starts)
        case "month":
            passes = any(one is not None and DAY.fullmatch(one.core) is not None for one in (before, behind))
        case "measure":
            passes = before is not None and (before.kind == "number" or before.key == "nautical")
    is_direction = chunk.key in COMPASS and behind is not None and behind.key == "of"
    named = _name_length("terms", i, text) or _place_length(i, text, kept, starts)
    return named or int(passes or is_direction)


def _starts_sentence(i: int, text: Text, kept: list[bool]) -> bool:
    if i == 0:
        return True
    before = text.chunks[i - 1]
    is_abbreviated = before.mark == "." and not kept[-1] and ABBREVIATION.fullmatch(before.core) is not None
    return before.mark in tuple(".!?:") and not is_abbreviated


def _can_pass(chunk: Chunk, text: Text) -> bool:
    """Whether a chunk could pass in the middle of a sentence."""
    alike = ("title", "upper", "double") if text.shouted else ()
    return chunk.kind in ("plain", "number", "measured", "measure", "month", *alike)


def _number_passes(i: int, text: Text, kept: list[bool], starts: bool) -> bool:
    """
    Whether a number is that of a count, a clock, a date or a measure: beside a word that passes, and beside none that does not. Numbers side by side
    may be a telephone's or a document's; numbers behind a name, an age or a house.
    """
    chunk, before, behind = text.chunks[i], text.before(i), text.behind(i)
    beside = [text.chunks[k] for k in (i - 1, i + 1) if 0 <= k < len(text.chunks)]
    if i in text.near_age or any(one.kind in ("number", "digits") for one in beside):
        return False
    in_words = chunk.core[0].isalpha()
    if in_words and not (text.shouted or chunk.core == chunk.key or (starts and chunk.core == chunk.key.capitalize())):
        return False
    behind_that = text.behind(i + 1) if behind is not None and behind.kind == "plain" else None
    if any(one is not None and one.key in COUNTED for one in (behind, behind_that)):
        return True
    led = before is not None and kept[-1]
    if LONG_NUMBER.match(chunk.core):
        is_year = before is not None and before.kind == "month" and YEAR.fullmatch(chunk.core)
        is_clock = before is not None and before.key in BEFORE_A_CLOCK and CLOCK.fullmatch(chunk.core)
        return led and bool(is_year or is_clock)
    followed = behind is not None and _can_pass(behind, text)
    return (led and (behind is None or followed)) or (starts and followed)


def _name_length(kind: str, i: int, text: Text) -> int:
    """Of how many chunks the longest name of a list is that stands at i; 0 for none."""
    for name in names(kind).get(text.chunks[i].key, ()):
        run = text.chunks[i : i + len(name)]
        is_name = [chunk.key for chunk in run] == name and all(text.before(k) for k in range(i + 1, i + len(name)))
        if is_name and (text.shouted or all(one.core[0].isupper() or one.core in LOWER_IN_NAMES for one in run)):
            return len(name)
    return 0


def _place_length(i: int, text: Text, kept: list[bool], starts: bool) -> int:
    """Of how many chunks the name at i is, if it is a place's and its neighbours say that a place is meant; else 0."""
    is_state = _name_length("states", i, text)
    length = is_state or _name_length("places", i, text)
    if not length:
        return 0
    behind = text.behind(i + length - 1)
    if behind is not None and behind.core[:1].isupper() and not _can_pass(behind, text):
        return 0
    if starts and text.chunks[i + length - 1].mark in tuple(".:"):
        return length
    if text.chunks[i].core.isupper() and not text.shouted:
        return 0  # so a report writes ships' names
    if length > 1 and not is_state:
        return length
    lead = text.before(i)
    if lead is None or not kept[-1]:
        return 0
    asked = text.before(i - 1)
    asked_key = asked.key if asked is not None and kept[-2] else ""
    if lead.key in LEADS:
        needed = LEADS[lead.key]
        leads = needed is None or asked_key in needed
    elif lead.key == "and":
        leads = asked_key in words("places") or asked_key in words("states")
    else:
        leads = lead.key in WHERE and asked_key != "" and not is_state
    return length if leads else 0


@cache
def words(kind: str) -> frozenset[str]:
    """The words and names of one list, in small letters."""
    lines = (WORDS / f"{kind}.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def names(kind: str) -> dict[str, list[list[str]]]:
    """The names of one list word by word, by their first word, longest first."""
    found: dict[str, list[list[str]]] = {}
    for name in sorted((entry.split() for entry in words(kind)), key=len, reverse=True):
        found.setdefault(name[0], []).append(name)
    return found


class Place(NamedTuple):
    """A place in degrees WGS 84, and how far from it the truth can lie as it was written."""

    lon: float
    lat: float
    precision_m: float


def _angle(name: str, sides: str) -> str:
    """Pattern of a latitude or longitude: degrees, minutes with decimals or with seconds, and the side of the equator or of Greenwich."""
    minute, second = r"\s?['\u2032\u2019]", r"\s?(?:[\"\u2033\u201d]|''|\u2032\u2032)"
    return (
        rf"(?P<{name}_deg>[0-9]{{1,3}})(?:\s?[-:\u00b0\u00ba]\s?|\s)(?P<{name}_min>[0-9]{{1,2}})"
        rf"(?:(?P<{name}_of_min>\.[0-9]{{1,6}})(?:{minute})?"
        rf"|(?:{minute}\s?|\s?[-:]\s?|\s)(?P<{name}_sec>[0-9]{{1,2}}(?P<{name}_of_sec>\.[0-9]{{1,6}})?)(?:{second})?"
        rf"|(?:{minute})?)"
        rf"\s?(?P<{name}_side>[{sides}])"
    )


PAIR = re.compile(
    rf"(?<!\w)(?<![0-9][-:.]){_angle('lat', 'NS')}[\s,;/\u2013-]{{0,20}}{_angle('lon', 'EW')}(?!\w)", re.IGNORECASE
)


def places(text: str) -> list[Place]:
    """
    The positions written in a text, in its order: latitude and longitude in degrees and minutes or degrees, minutes and seconds, each with its
    side ("12-33N 043-31E", "28-39.92N 080-38.33W", "12 33.5 N, 043 31.2 E"). Such as no chart has (minute 75, latitude 91) are left out.

    Each is as exact as half of the last digit that was written in its coarser half, as a length along the meridian.
    """
    found = []
    for pair in PAIR.finditer(text):
        lat, lon = _degrees(pair, "lat", 90.0), _degrees(pair, "lon", 180.0)
        if lat is not None and lon is not None:
            last_digit_deg = max(_last_digit_deg(pair, "lat"), _last_digit_deg(pair, "lon"))
            precision_m = last_digit_deg / 2.0 * units.METRES_PER_DEGREE_OF_LATITUDE
            found.append(Place(lon, lat, round(precision_m, 3)))
    return found


def _degrees(pair: re.Match[str], name: str, most: float) -> float | None:
    minutes = float(pair[f"{name}_min"] + (pair[f"{name}_of_min"] or ""))
    seconds = float(pair[f"{name}_sec"] or 0.0)
    degrees = int(pair[f"{name}_deg"]) + minutes / 60.0 + seconds / 3600.0
    if minutes >= 60.0 or seconds >= 60.0 or degrees > most:
        return None
    return -degrees if pair[f"{name}_side"] in "SsWw" else degrees


def _last_digit_deg(pair: re.Match[str], name: str) -> float:
    if pair[f"{name}_sec"]:
        return float(10.0 ** -len((pair[f"{name}_of_sec"] or ".")[1:]) / 3600.0)
    return float(10.0 ** -len((pair[f"{name}_of_min"] or ".")[1:]) / 60.0)


def extent(found: Sequence[Place]) -> Place | None:
    """
    Positions as one place: the centre of the box round them, the short way round the world, and half its diagonal (on the side nearer to the
    equator, where it is longest) or the coarsest precision among them, whichever is more. One position is itself; none is None.
    """
    if len(found) < 2:
        return found[0] if found else None
    lat = np.array([place.lat for place in found])
    lon = np.sort([place.lon for place in found])
    gaps_deg = np.diff(lon, append=lon[0] + 360.0)
    widest = int(gaps_deg.argmax())
    west, width_deg = lon[(widest + 1) % len(lon)], 360.0 - gaps_deg[widest]
    centre_lat, centre_lon = (lat.min() + lat.max()) / 2.0, float(geo.wrap_lon(west + width_deg / 2.0))
    to_corners_nm = geo.distance_nm(centre_lat, centre_lon, np.array([lat.min(), lat.max()]), west)
    half_diagonal_m = round(float(to_corners_nm.max()) * units.METRES_PER_NM, 3)
    return Place(centre_lon, float(centre_lat), max(half_diagonal_m, *(place.precision_m for place in found)))
