"""
Position reports, and what vessels say of themselves without a position: from a provider's fields to the rows of `reports` and `static_reports`, with
the hygiene that must hold before any rule fires (definitions.md, section 0).
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts
from pipeline.facts import assemble, judge
from pipeline.sources import Source
from pipeline.sources.columns import Coded, Judged, field_of, stated, true_where, typed

FUTURE_TOLERANCE = timedelta(minutes=5)  # definitions.md 0
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # own: AIS is of 1998 (ITU-R M.1371-0); before it a clock was never set
NO_LONGITUDE, NO_LATITUDE = 181.0, 91.0  # ITU-R M.1371: position not available
MMSI_PATTERN = r"^\d{1,9}$"
NOBODY = "000000000"


def from_fields(fields: pa.Table, source: Source, judged: Judged, received_at: datetime, table: str) -> pa.Table:
    """
    Rows [n] of `reports` or `static_reports` with the columns that say what was reported; rows not to be believed get a reason in `judged`.

    A report more than five minutes after `received_at` is of the future.
    """
    if table == "reports":
        judged.refuse(~(stated(fields, source.columns["lon"]) & stated(fields, source.columns["lat"])), "no_position")
    vessel_key, mmsi = identity(fields, source, judged)
    columns = typed(fields, source, judged, table)
    if "imo" in columns:
        columns["imo"] = imo_numbers(columns["imo"], judged)
    if table == "reports":
        lon, lat = (np.asarray(pc.fill_null(columns[name], np.nan)) for name in ("lon", "lat"))
        judged.refuse((lon == NO_LONGITUDE) | (lat == NO_LATITUDE), "no_position")
        judged.refuse((lon == 0.0) & (lat == 0.0), "null_island")
    untimed = ~stated(fields, source.columns["observed_at"])
    judged.refuse(untimed, "no_time")
    late = pc.greater(columns["observed_at"], pa.scalar(received_at + FUTURE_TOLERANCE, contracts.TIMESTAMP))
    judged.refuse(true_where(late), "time_in_future")
    judged.refuse(true_where(pc.less(columns["observed_at"], pa.scalar(EARLIEST, contracts.TIMESTAMP))), "bad_time")
    if table == "reports" and source.limits.area:
        west, south, east, north = source.limits.area
        with np.errstate(invalid="ignore"):
            judged.refuse((lon < west) | (lon > east) | (lat < south) | (lat > north), "out_of_area")
    data = assemble(table, columns, fields.num_rows, vessel_key=vessel_key, mmsi=mmsi, source_id=source.source_id)
    return judge(data, table, judged)


def imo_numbers(said: pa.Array, judged: Judged) -> pa.Array:
    """The seven digits of each claimed IMO number [n]; what is no such number is not stated, and counted."""
    text = Coded.of(said)
    digits = pc.struct_field(pc.extract_regex(text.values, r"^(?:IMO ?)?(?P<digits>\d{7})$"), "digits")
    numbers = text.with_values(digits)
    judged.sentinels["imo"] += int((~text.missing & numbers.missing).sum())
    return numbers.array


def identity(fields: pa.Table, source: Source, judged: Judged) -> tuple[pa.Array, pa.Array]:
    """What the provider calls each row's vessel [n], and its MMSI [n], null where the provider has none."""
    assert source.identity is not None
    parts = [Coded.of(field_of(fields, name)) for name in source.identity.fields]
    if source.identity.kind == "mmsi":
        (said,) = parts
        valid = pc.match_substring_regex(said.values, MMSI_PATTERN)
        padded = pc.utf8_lpad(pc.if_else(valid, said.values, None), 9, "0")
        mmsi = said.with_values(pc.if_else(pc.equal(padded, NOBODY), None, padded))
        judged.refuse(mmsi.missing, "bad_mmsi")
        return mmsi.with_values(pc.binary_join_element_wise("mmsi", mmsi.values, ":")).array, mmsi.array
    judged.refuse(np.logical_or.reduce([part.missing for part in parts]), "no_reference")
    texts = [part.array.dictionary_decode() for part in parts]
    stem = "radar" if source.identity.kind == "radar" else f"id:{source.source_id}"
    key = pc.binary_join_element_wise(stem, *texts, ":").dictionary_encode()
    return key, pa.nulls(fields.num_rows, pa.string())
