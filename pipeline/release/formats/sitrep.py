"""
The text for a rescue centre: `sitrep.txt`, rule 1's message on one screen (24 lines of 80 characters), readable by radio and telex.
"""

from pipeline.release import text
from pipeline.release.contents import Release
from pipeline.release.distress import CONFIRM, Message

KINDS = {
    "new": "NEW",
    "update": "UPDATE, replaces the message before",
    "cancel": "CANCEL: withdrawn, later data do not bear it out",
}


def render(release: Release) -> dict[str, bytes]:
    """The message of a bundle that holds one distress event."""
    (item,) = release.items
    assert item.message is not None, "a SITREP is made from rule 1's message"
    return {"sitrep.txt": ("\n".join(_lines(release, item.message)) + "\n").encode()}


def _lines(release: Release, message: Message) -> list[str]:
    seen = f"at {text.dtg(message.seen_at)}" if message.seen_at else "time of the position not known"
    lines = [
        "SITREP - POSSIBLE DISTRESS AT SEA",
        CONFIRM,
        release.agency.marking.upper(),
        "",
        f"DTG            {text.dtg(message.known_at)}",
        f"TO             {release.agency.title}",
        f"MESSAGE        {KINDS[message.kind]}",
        f"REFERENCE      {message.reference}-{message.revision}",
        "",
        f"A PHASE        {message.phase}",
        f"B POSITION     {text.degrees_minutes(message.lon, message.lat)}  {seen}",
        f"C BEGAN        {text.dtg(message.began_at)}",
        f"D CRAFT        {message.size}",
        f"E SEEN BY      {message.seen_by}" + (f", beacon {message.beacon_mmsi}" if message.beacon_mmsi else ""),
        f"F MOTION       {message.drift.words if message.drift else 'not known'}",
        *_ahead(message),
        f"H ALSO TOLD    {', '.join(message.also_told) or 'nobody else'}",
    ]
    if message.not_reached:
        lines.append(f"I NOT REACHED  {', '.join(message.not_reached)}: not set up here, tell them")
    return [*lines, "", "END"]


def _ahead(message: Message) -> list[str]:
    places = message.ahead()
    if not places:
        return ["G DRIFT        no estimate: motion not known"]
    first = "G DRIFT        if that goes on (no wind or current model):"
    return [first, *(f"               +{hours} h  {text.degrees_minutes(lon, lat)}" for hours, lon, lat in places)]
