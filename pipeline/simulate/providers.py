"""
Reports written as the providers write them: the text of their files, line by line.

noaa_marinecadastre  daily AIS of MarineCadastre.gov, the dialect up to 2024 (17 columns)
coastal_radar        one file a sensor and day
iom_missing_migrants incidents, 31 columns, "NA" for what is not known
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.simulate.craft import Craft
from pipeline.simulate.sensors import RadarTrack, Reports

NOAA_HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,"
    "VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"
)
RADAR_HEADER = "sensor_id,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m"
IOM_HEADER = (
    "Main ID,Incident ID,Incident Type,Region of Incident,Incident date,Incident year,Incident month,No. "
    "dead,"
    "No. missing,No. dead/missing,No. survivors,No. Female,No. Male,No. minors,Country of Origin,Region of "
    "Origin,"
    "Cause of death (category),Cause of death (reported),Route,Country of Incident,Location of death,UNSD "
    "region,"
    "Source,Link,Source "
    "Quality,Latitude,Longitude,incident_date_clean,incident_date_raw,incident_date_precision,"
    "source_dataset"
)

TimedLine = tuple[int, str]  # seconds of the day, the line


def noaa_lines(day: date, craft: Craft, reports: Reports) -> list[TimedLine]:
    """One line for each AIS report."""
    class_b = craft.transceiver == "B"
    imo = f"IMO{craft.imo}" if craft.imo else ""
    ship_type = "" if craft.ship_type is None else str(craft.ship_type)
    cargo = "" if class_b or craft.ship_type is None else f"{craft.ship_type:.1f}"
    sizes = ",".join(_number(value) for value in (craft.length_m, craft.width_m, craft.draught_m))
    stamps = _stamps(day, reports.at_s)
    rows = zip(
        reports.at_s.tolist(),
        stamps,
        reports.lat.tolist(),
        reports.lon.tolist(),
        reports.sog_kn.tolist(),
        reports.cog_deg.tolist(),
        reports.heading_deg.tolist(),
        reports.nav_status.tolist(),
        strict=True,
    )
    who = f"{craft.name},{imo},{craft.call_sign},{ship_type}"
    return [
        (
            at_s,
            f"{craft.mmsi},{stamp},{lat!r},{lon!r},{sog!r},{cog!r},{heading}.0,{who},"
            f"{'' if class_b else f'{status}.0'},{sizes},{cargo},{craft.transceiver}",
        )
        for at_s, stamp, lat, lon, sog, cog, heading, status in rows
    ]


def radar_lines(day: date, track: RadarTrack) -> list[TimedLine]:
    """One line for each plot of a radar track."""
    reports = track.reports
    return [
        (
            at_s,
            f"{track.sensor_id},{track.track_no},{stamp}Z,{lat!r},{lon!r},{sog!r},{cog!r},"
            f"{'' if np.isnan(length_m) else repr(length_m)}",
        )
        for at_s, stamp, lat, lon, sog, cog, length_m in zip(
            reports.at_s.tolist(),
            _stamps(day, reports.at_s),
            reports.lat.tolist(),
            reports.lon.tolist(),
            reports.sog_kn.tolist(),
            reports.cog_deg.tolist(),
            track.length_m.tolist(),
            strict=True,
        )
    ]


def iom_lines(rows: Iterable[dict[str, str]]) -> list[str]:
    """One line for each incident, given by column; columns left out are "NA"."""
    columns = next(csv.reader([IOM_HEADER]))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="NA", lineterminator="\n")
    writer.writerows(rows)
    return text.getvalue().splitlines()


def in_order(lines: Iterable[TimedLine]) -> list[str]:
    """The lines by time; those of one second by their text."""
    return [line for _, line in sorted(lines)]


def write_file(path: Path, header: str, lines: Sequence[str]) -> None:
    """Write a provider's file: header, lines, line feeds, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join([header, *lines]) + "\n").encode())


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _stamps(day: date, at_s: np.ndarray) -> list[str]:
    midnight = datetime(day.year, day.month, day.day)
    return [(midnight + timedelta(seconds=second)).isoformat() for second in at_s.tolist()]
