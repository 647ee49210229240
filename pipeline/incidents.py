"""
Incidents: from a provider's fields to the rows of `incidents`.

Places on land and vague places are kept and said: a body is often reported where it was brought ashore, or a place is the centroid of a
region. No free text about people is read.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import units
from pipeline.positions import assemble, judge
from pipeline.sea import Sea
from pipeline.sources import Source
from pipeline.sources.columns import Judged, true_where, typed

CONTENT = ["incident_id", "occurred_at", "lon", "lat", "category", "dead", "missing", "survivors"]
GROUP = ["incident_id"]


def from_fields(fields: pa.Table, source: Source, judged: Judged, sea: Sea) -> pa.Table:
    """Incidents with the schema's columns but `file_sha256`; rows not to be believed get a reason in `judged`."""
    n_rows = fields.num_rows
    columns = typed(fields, source, judged)
    texts = [
        pc.utf8_trim_whitespace(fields.column(source.columns[name].field)).combine_chunks() for name in ("lon", "lat")
    ]
    judged.refuse(np.logical_or(*(true_where(pc.equal(text, "")) for text in texts)), "no_position")
    precision_m = np.maximum(*(half_of_last_decimal_m(text) for text in texts))
    data = assemble(
        source.table,
        columns,
        n_rows,
        source_id=source.source_id,
        incident_id=pa.array(
            [incident_id(source.source_id, ref) for ref in columns["source_ref"].to_pylist()], pa.string()
        ),
        position_precision_m=pa.array(precision_m),
        on_land=pa.array(np.zeros(n_rows, dtype=bool)),
    )
    data = judge(data, source.table, judged)
    good = np.flatnonzero(judged.accepted)
    lon, lat = (np.asarray(data.column(name).take(good)) for name in ("lon", "lat"))
    land = np.zeros(n_rows, dtype=bool)
    land[good] = sea.coast.on_land(lon, lat)
    zones = np.full(n_rows, "", dtype=object)
    zones[good] = [sea.zone_of(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]
    data = data.set_column(data.column_names.index("on_land"), "on_land", pa.array(land))
    zone_id = pa.array([zone or None for zone in zones], pa.string())
    return data.set_column(data.column_names.index("zone_id"), "zone_id", zone_id)


def incident_id(source_id: str, source_ref: str | None) -> str | None:
    """The id of an incident: a hash of the source and its own reference; None without one."""
    if source_ref is None:
        return None
    return hashlib.sha256(f"incident\n{source_id}\n{source_ref}".encode()).hexdigest()[:16]


def half_of_last_decimal_m(text: pa.Array) -> np.ndarray:
    """Half of the last decimal place that was written, in metres along the meridian [n]: "27" is 55.6 km, "37.2832" is 5.6 m."""
    point = np.asarray(pc.fill_null(pc.find_substring(text, "."), -1))
    length = np.asarray(pc.fill_null(pc.utf8_length(text), 0))
    decimals = np.where(point < 0, 0, length - point - 1)
    return np.round(0.5 * 10.0 ** (-decimals) * units.METRES_PER_DEGREE_OF_LATITUDE, 3)
