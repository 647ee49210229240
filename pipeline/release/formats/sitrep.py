"""
The text for a rescue centre: `sitrep.txt`, rule 1's message on one screen (24 lines of 80 characters), readable by radio and telex.
"""

from collections.abc import Sequence

from pipeline.release import text
from pipeline.release.contents import Release
from pipeline.release.distress import CONFIRM, NO_CHANNEL, WITHDRAWN, Message

KINDS = {"new": "NEW", "update": "UPDATE, replaces the message before", "cancel": "CANCEL"}


def render(release: Release) -> dict[str, bytes]:
    """The message of a bundle that holds one distress event."""
    (item,) = release.items
    assert item.message is not None, "a SITREP is made from rule 1's message"
    return {"sitrep.txt": ("\n".join(_lines(release, item.message)) + "\n").encode()}


def _lines(release: Release, message: Message) -> list[str]:
    is_withdrawn = message.kind == "cancel"
    return [
        "SITREP - POSSIBLE DISTRESS AT SEA",
        NO_CHANNEL if is_withdrawn else CONFIRM,
        release.agency.marking.upper(),
        "",
        f"DTG            {text.dtg(message.sent_at)}",
        f"TO             {release.agency.title}",
        f"MESSAGE        {KINDS[message.kind]}",
        f"REFERENCE      {message.reference}-{message.revision}",
        *(_withdrawn(message) if is_withdrawn else _reported(message)),
        "",
        "END",
    ]


def _withdrawn(message: Message) -> list[str]:
    """What a cancel says: nothing in it may be read as a call to act."""
    return [
        "",
        f"LAST POSITION  {text.degrees_minutes(message.lon, message.lat)}",
        f"               {WITHDRAWN}",
        f"ALSO TOLD      {_others(message)}",
    ]


def _reported(message: Message) -> list[str]:
    seen = f"at {text.dtg(message.seen_at)}" if message.seen_at else "time of the position not known"
    lines = [f"               same craft as REFERENCE {_listed(message.same_craft)}"] if message.same_craft else []
    lines += [
        "",
        f"A PHASE        {message.phase}",
        f"B POSITION     {text.degrees_minutes(message.lon, message.lat)}  {seen}",
        f"C BEGAN        {text.dtg(message.began_at)}",
        f"D CRAFT        {message.size}",
        f"E SEEN BY      {message.seen_by}" + (f", beacon {message.beacon_mmsi}" if message.beacon_mmsi else ""),
        f"F MOTION       {message.drift.words if message.drift else 'not known'}",
        *_ahead(message),
        f"H ALSO TOLD    {_others(message)}",
    ]
    if message.not_reached:
        lines.append(f"I NOT REACHED  {', '.join(message.not_reached)}: not set up here, tell them")
    return lines


def _others(message: Message) -> str:
    return ", ".join(message.also_told) or "nobody else"


def _listed(references: Sequence[str]) -> str:
    """As many as a line has room for."""
    if len(references) <= 3:
        return ", ".join(references)
    return f"{', '.join(references[:2])} and {len(references) - 2} more"


def _ahead(message: Message) -> list[str]:
    if message.drift is None:
        return ["G DRIFT        no estimate: motion not known"]
    if message.drift.is_steered:
        return ["G DRIFT        no estimate: it was under way when last seen"]
    if not message.ahead:
        return ["G DRIFT        ashore within the hour if that goes on (no wind or current)"]
    first = "G DRIFT        if that goes on (no wind or current model):"
    places = [f"               +{h} h  {text.degrees_minutes(lon, lat)}" for h, lon, lat in message.ahead]
    return [first, *places, *(["               then ashore"] if message.meets_land else [])]
