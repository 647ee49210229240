"""
Position reports: from a provider's fields to the rows of `reports`, with the hygiene that must hold before any rule fires
(definitions.md, section 0).
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import contracts
from pipeline.sources import Source
from pipeline.sources.columns import Judged, true_where, typed

FUTURE_TOLERANCE = timedelta(minutes=5)  # definitions.md 0
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # own: AIS is of 1998 (ITU-R M.1371-0); before it a clock was never set
NO_LONGITUDE, NO_LATITUDE = 181.0, 91.0  # ITU-R M.1371: position not available
MMSI_PATTERN = r"^\d{1,9}$"

# A report repeats another when all of this agrees; the line it stood on does not count.
CONTENT = [column.name for column in contracts.load("reports").columns if column.name not in ("file_sha256", "line")]
GROUP = ["vessel_key", "observed_at"]


def from_fields(fields: pa.Table, source: Source, judged: Judged, received_at: datetime) -> pa.Table:
    """Reports with the schema's columns but `file_sha256` and `line`; rows not to be believed get a reason in `judged`."""
    n_rows = fields.num_rows
    positions = [pc.utf8_trim_whitespace(fields.column(source.columns[name].field)) for name in ("lon", "lat")]
    judged.refuse(
        np.logical_or(*(true_where(pc.equal(text, "").combine_chunks()) for text in positions)), "no_position"
    )
    assert source.identity is not None
    identity = [pc.utf8_trim_whitespace(fields.column(name)).combine_chunks() for name in source.identity.fields]
    if source.identity.kind == "mmsi":
        valid = pc.match_substring_regex(identity[0], MMSI_PATTERN)
        mmsi = pc.utf8_lpad(pc.if_else(valid, identity[0], None), 9, "0")
        judged.refuse(~true_where(valid) | true_where(pc.equal(mmsi, "000000000")), "bad_mmsi")
        vessel_key = pc.binary_join_element_wise("mmsi", mmsi, ":")
    else:
        nameless = np.logical_or(*(true_where(pc.equal(text, "")) for text in identity))
        judged.refuse(nameless, "no_reference")
        mmsi = pa.nulls(n_rows, pa.string())
        vessel_key = pc.binary_join_element_wise("radar", *identity, ":")

    columns = typed(fields, source, judged)
    lon, lat = (np.asarray(pc.fill_null(columns[name], np.nan)) for name in ("lon", "lat"))
    judged.refuse((lon == NO_LONGITUDE) | (lat == NO_LATITUDE), "no_position")
    judged.refuse((lon == 0.0) & (lat == 0.0), "null_island")
    late = pc.greater(columns["observed_at"], pa.scalar(received_at + FUTURE_TOLERANCE, contracts.TIMESTAMP))
    judged.refuse(true_where(late), "time_in_future")
    judged.refuse(true_where(pc.less(columns["observed_at"], pa.scalar(EARLIEST, contracts.TIMESTAMP))), "bad_time")
    if source.limits.area:
        west, south, east, north = source.limits.area
        with np.errstate(invalid="ignore"):
            judged.refuse((lon < west) | (lon > east) | (lat < south) | (lat > north), "out_of_area")

    table = assemble("reports", columns, n_rows, vessel_key=vessel_key, mmsi=mmsi, source_id=source.source_id)
    return judge(table, "reports", judged)


def assemble(table: str, columns: dict[str, pa.Array], n_rows: int, **own: pa.Array | str) -> pa.Table:
    """All columns of a table but those about the file: read ones, our own, and nulls for what the source does not have."""
    arrays = {}
    for column in contracts.load(table).columns:
        if column.name in ("file_sha256", "line"):
            continue
        value = own.get(column.name, columns.get(column.name))
        if value is None:
            arrays[column.name] = pa.nulls(n_rows, contracts.ARROW_TYPES[column.type])
        elif isinstance(value, str):
            arrays[column.name] = pa.repeat(value, n_rows)
        else:
            arrays[column.name] = value
    return pa.table(arrays)


def judge(data: pa.Table, table: str, judged: Judged) -> pa.Table:
    """Give a reason to every row that breaks the table's contract; the rows come back as they were."""
    conforms, reasons = contracts.split(data, table)
    for row in np.flatnonzero(~conforms):
        if not judged.reason[row]:
            judged.reason[row] = reasons[row]
    return data
