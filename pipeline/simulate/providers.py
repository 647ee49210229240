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
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.simulate.craft import Craft
from pipeline.simulate.reception import AisLines
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

LINES_AT_ONCE = 200_000  # lines made into text at one time
TENTHS = pa.array([f"{tenths / 10:.1f}" for tenths in range(5111)])
STATUSES = pa.array(["", *(f"{status}.0" for status in range(16))])

TimedLine = tuple[int, str]  # seconds of the day, the line


def noaa_lines(day: date, craft: Craft, reports: Reports) -> list[TimedLine]:
    """One line for each AIS report."""
    class_b = craft.transceiver == "B"
    who, rest = _static_columns(craft)
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
    return [
        (
            at_s,
            f"{craft.mmsi},{stamp},{lat!r},{lon!r},{sog!r},{cog!r},{heading}.0,{who},"
            f"{'' if class_b else f'{status}.0'},{rest}",
        )
        for at_s, stamp, lat, lon, sog, cog, heading, status in rows
    ]


def write_ais(path: Path, first_day: date, lines: AisLines) -> None:
    """A whole file of AIS lines in their order, many at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(f"{NOAA_HEADER}\n".encode())
        for start in range(0, len(lines), LINES_AT_ONCE):
            some = lines.take(np.arange(start, min(start + LINES_AT_ONCE, len(lines))))
            file.write("".join(ais_lines(first_day, some).to_pylist()).encode())


def ais_lines(first_day: date, lines: AisLines) -> pa.StringArray:
    """The text of AIS lines [n], each with its line feed; as `noaa_lines`, made for many craft at one time."""
    class_b = np.array([craft.transceiver == "B" for craft in lines.crafts], dtype=np.bool_)
    static = [_static_columns(craft) for craft in lines.crafts]
    of = pa.array(lines.of)
    stamps = np.datetime64(first_day, "s") + lines.at_s.astype("timedelta64[s]")
    status = np.where(class_b[lines.of], -1, lines.nav_status)
    return pc.binary_join_element_wise(
        pa.array([craft.mmsi for craft in lines.crafts], pa.string()).take(of),
        pc.strftime(pa.array(stamps), "%Y-%m-%dT%H:%M:%S"),
        pc.cast(pa.array(lines.lat), pa.string()),
        pc.cast(pa.array(lines.lon), pa.string()),
        TENTHS.take(pa.array(np.round(lines.sog_kn * 10.0).astype(np.int64))),
        TENTHS.take(pa.array(np.round(lines.cog_deg * 10.0).astype(np.int64))),
        TENTHS.take(pa.array(lines.heading_deg * 10)),
        pa.array([who for who, _ in static], pa.string()).take(of),
        STATUSES.take(pa.array(status + 1)),
        pa.array([f"{rest}\n" for _, rest in static], pa.string()).take(of),
        ",",
    )


def _static_columns(craft: Craft) -> tuple[str, str]:
    """The columns before the status (name, IMO number, call sign, type) and those after it (sizes, cargo, class)."""
    imo = f"IMO{craft.imo}" if craft.imo else ""
    ship_type = "" if craft.ship_type is None else str(craft.ship_type)
    cargo = "" if craft.transceiver == "B" or craft.ship_type is None else f"{craft.ship_type:.1f}"
    sizes = ",".join(_number(value) for value in (craft.length_m, craft.width_m, craft.draught_m))
    return f"{craft.name},{imo},{craft.call_sign},{ship_type}", f"{sizes},{cargo},{craft.transceiver}"


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
