"""
Scenario folders: one small story each, what it looks like in the providers' files, and what must come of it.

`folder` writes them; the other modules tell them, one module a family as in `pipeline.simulate.behaviours`. Each story says where and when,
who else is there, and what must not come of it.
"""

from pathlib import Path

from pipeline.simulate.stories import (
    crossings,
    distress,
    harmless,
    identity,
    loitering,
    meetings,
    patterns,
    reports,
    silences,
    speed,
)
from pipeline.simulate.stories.folder import Story, write

FAMILIES = (silences, crossings, harmless, distress, meetings, loitering, speed, identity, patterns, reports)


def scenarios(folder: Path) -> None:
    """Write every story below `folder`; the same bytes each time. ValueError when a way leads over land."""
    for story in stories():
        write(folder / story.behaviour.label, story)


def stories() -> list[Story]:
    """Every story."""
    return [story for family in FAMILIES for story in family.stories()]
