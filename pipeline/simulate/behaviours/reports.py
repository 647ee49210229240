"""What people report: incidents near a track and their number (definitions.md 13 and 14)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from pipeline.geo import destination
from pipeline.simulate.behaviours.behaviour import Behaviour, Expected, Incident
from pipeline.simulate.craft import DAY_S, Point
from pipeline.simulate.theatres import ToldIn


def incident_near_track(behaviour: Behaviour, incident: Incident) -> Behaviour:
    """The same craft, near which an incident is reported of the same day or the next."""
    way = behaviour.passages[0].motion
    first_s, last_s = float(way.at_s[0]), float(way.at_s[-1])
    near = Expected("incident_proximity", first_s, last_s, max(first_s, incident.at_s), DAY_S)
    return replace(
        behaviour,
        name="incident_near_track",
        section="13",
        story=f"{behaviour.story} An incident is reported of the same day: {incident.place}.",
        events=(*behaviour.events, near),
        incidents=(incident,),
    )


def incident_surge(
    label: str,
    place: Point,
    place_name: str,
    usual_a_day: int,
    surge: int,
    surge_day: int,
    seed: int,
    usual_days: int = 10,
) -> Behaviour:
    """Some incidents a day for a week and more, and then many on one day (`surge_day`, 0 is the first): an early warning."""
    rng = np.random.default_rng([seed, 23])
    incidents = []
    for day in range(surge_day - usual_days, surge_day + 1):
        for _ in range(surge if day == surge_day else int(rng.poisson(usual_a_day))):
            lat, lon = destination(place[1], place[0], rng.uniform(0.0, 360.0), rng.uniform(0.0, 1.0))
            incidents.append(
                Incident(
                    day * DAY_S,
                    (round(float(lon), 4), round(float(lat), 4)),
                    place_name,
                    missing=int(rng.integers(0, 3)),
                    survivors=int(rng.integers(5, 40)),
                )
            )
    begins_s = float(surge_day * DAY_S)
    return Behaviour(
        label,
        "incident_surge",
        "14",
        True,
        f"{place_name}: some {usual_a_day} incidents a day for {usual_days} days, and {surge} on the next.",
        events=(
            Expected("incident_surge", begins_s, begins_s + DAY_S, begins_s + DAY_S, DAY_S, sensor="none", where=place),
        ),
        incidents=tuple(incidents),
    )


def vague_reports(label: str, incidents: Sequence[Incident]) -> Behaviour:
    """Incidents of which little is known, neither the day nor more of the place than a degree or a tenth of one: near no track, of no day."""
    return Behaviour(
        label,
        "vague_reports",
        "13",
        False,
        f"{len(incidents)} incidents are reported of which only the month and roughly the place are known. They belong to no track and to no day.",
        incidents=tuple(incidents),
    )


def iom_rows(first_day: date, incidents: Sequence[Incident], told_in: ToldIn) -> list[dict[str, str]]:
    """The incidents as rows of the file of the IOM Missing Migrants Project, numbered in the order given; columns left out are not known."""
    rows = []
    for number, incident in enumerate(incidents, 1):
        day = first_day + timedelta(days=int(incident.at_s // DAY_S))
        lon, lat = (f"{round(value, incident.decimals):.{incident.decimals}f}" for value in incident.where)
        if incident.precision == "month":
            day = day.replace(day=1)
        cause = incident.cause or ("Drowning" if incident.dead + incident.missing else "Mixed or unknown")
        name = f"{day.year}.SIM{number:05d}"
        rows.append(
            {
                "Main ID": name,
                "Incident ID": name,
                "Incident Type": "Incident",
                "Region of Incident": told_in.region,
                "Incident date": f"{day}",
                "Incident year": f"{day.year}",
                "Incident month": f"{day.month}",
                "No. dead": f"{incident.dead}",
                "No. missing": f"{incident.missing}",
                "No. dead/missing": f"{incident.dead + incident.missing}",
                "No. survivors": "NA" if incident.survivors is None else f"{incident.survivors}",
                "Cause of death (category)": cause,
                "Cause of death (reported)": cause,
                "Route": told_in.route,
                "Country of Incident": told_in.country,
                "Location of death": incident.place,
                "UNSD region": "Uncategorized",
                "Source": "synthetic",
                "Source Quality": "1",
                "Latitude": lat,
                "Longitude": lon,
                "incident_date_clean": f"{day}",
                "incident_date_raw": f"{day}",
                "incident_date_precision": incident.precision,
                "source_dataset": "IOM",
            }
        )
    return rows
