"""Stories of what people report."""

from pipeline.simulate.behaviours import reports as does
from pipeline.simulate.behaviours.behaviour import Incident
from pipeline.simulate.behaviours.crossings import dark_crossing
from pipeline.simulate.craft import clock
from pipeline.simulate.stories.crossings import ACROSS
from pipeline.simulate.stories.folder import CALM, EAST_OF_LESVOS, LESVOS, NORTH_OF_LESVOS, NOTHING, SEED, Story, told


def stories() -> list[Story]:
    """An incident near a crossing, many on one day, and some of no day."""
    crossing = dark_crossing("incident_near_track", LESVOS, ACROSS, 7.0, clock("21:00"))
    report = Incident(0.0, (26.62, 39.17), "Off the east coast of Lesvos", dead=1, missing=3, survivors=17, decimals=2)
    months = [
        Incident(
            0.0, (26.42, 39.41), "Unspecified place in the Aegean Sea", dead, missing, decimals=n, precision="month"
        )
        for dead, missing, n in ((1, 0, 0), (0, 6, 1), (2, 3, 1))
    ]
    return [
        Story(
            told(
                does.incident_near_track(crossing, report),
                "By night a small boat without AIS crosses to Lesvos. An incident is reported of that day, without an hour, a mile or so from its "
                "track: one dead, three missing.",
            ),
            ("20:50", "23:50"),
            EAST_OF_LESVOS,
            CALM,
        ),
        Story(
            told(
                does.incident_surge("incident_surge", (26.42, 39.43), "Off the north coast of Lesvos", 1, 12, 10, SEED),
                "Off the north coast of Lesvos one incident a day or two are reported for ten days, and twelve on the next. No track is needed to "
                "see that this is another kind of day.",
            ),
            ("240:00", "264:00"),
            (),
            CALM,
            radars=(),
        ),
        Story(
            told(
                does.vague_reports("vague_reports", months),
                "Three incidents are reported of which no more is known than the month, and the place to a degree or to a tenth of one. They belong "
                "to no track and to no day, and nobody can be sent anywhere.",
            ),
            ("08:00", "09:00"),
            NORTH_OF_LESVOS,
            (*NOTHING, "incident_proximity", "incident_surge", "distress"),
            radars=(),
        ),
    ]
