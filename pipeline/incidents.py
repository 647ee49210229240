"""
Incidents: from a provider's fields to the rows of `incidents`.

Places on land and vague places are kept and said: a body is often reported where it was brought ashore, or a place is the centroid of a
region. A narrative is screened before anything else sees it.
"""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import units
from pipeline.facts import judge, with_id
from pipeline.sea import Sea
from pipeline.sources import ColumnMap, Source
from pipeline.sources.columns import Coded, Judged, field_of, taken, text_of, typed
from pipeline.sources.narrative import extent, places

LEAST_PRECISION_M = (
    10.0  # own: decimals beyond this are padding or were worked out; nobody at sea reports a place better
)


def from_fields(fields: pa.Table, source: Source, judged: Judged, received_at: datetime, table: str) -> pa.Table:
    """Incidents [n], not yet held against the sea; rows not to be believed get a reason in `judged`."""
    columns = typed(fields, source, judged, table)
    lon, lat = source.columns["lon"], source.columns["lat"]
    if lon.in_text:
        columns["lon"], columns["lat"], precision_m = from_text(fields, lon)
    else:
        texts = [text_of(fields, mapped, "", Judged.of(0)) for mapped in (lon, lat)]
        judged.refuse(texts[0].missing | texts[1].missing, "no_position")
        precision_m = np.maximum(*(half_of_last_decimal_m(text) for text in texts))
    precision_m = np.maximum(precision_m, LEAST_PRECISION_M)
    judged.refuse(~np.isfinite(precision_m), "no_position")
    n_rows = fields.num_rows
    later = {"on_land": pa.array(np.zeros(n_rows, dtype=bool)), "zone_id": pa.nulls(n_rows, pa.string())}
    data = with_id(table, columns, n_rows, source, position_precision_m=pa.array(precision_m), **later)
    return judge(data, table, judged)


def from_text(fields: pa.Table, mapped: ColumnMap) -> tuple[pa.Array, pa.Array, np.ndarray]:
    """Longitude, latitude and precision in metres [n] of the area that the positions written in a text span; null and NaN without any."""
    text = Coded.of(field_of(fields, mapped.sources[0]))
    spans = [None if one is None else extent(places(one)) for one in text.values.to_pylist()]
    lon, lat, precision_m = (
        taken(pa.array([None if span is None else float(span[n]) for span in spans], pa.float64()), text.index)
        for n in range(3)
    )
    return lon, lat, np.asarray(pc.fill_null(precision_m, np.nan))


def placed(data: pa.Table, sea: Sea) -> pa.Table:
    """The same incidents with what the sea knows of their places: on land, and the corridor or watch zone."""
    lon, lat = (np.asarray(data.column(name)) for name in ("lon", "lat"))
    zones = [sea.zone_of(float(x), float(y)) or None for x, y in zip(lon, lat, strict=True)]
    for name, values in (("on_land", pa.array(sea.coast.on_land(lon, lat))), ("zone_id", pa.array(zones, pa.string()))):
        data = data.set_column(data.column_names.index(name), name, values)
    return data


def half_of_last_decimal_m(text: Coded) -> np.ndarray:
    """Half of the last decimal place that was written, in metres along the meridian [n]: "27" is 55.6 km, "37.2832" is 5.6 m."""
    point = np.asarray(pc.fill_null(pc.find_substring(text.values, "."), -1))
    length = np.asarray(pc.fill_null(pc.utf8_length(text.values), 0))
    decimals = np.where(point < 0, 0, length - point - 1)
    metres = np.round(0.5 * 10.0 ** (-decimals.astype(float)) * units.METRES_PER_DEGREE_OF_LATITUDE, 3)
    return np.asarray(np.append(metres, np.nan)[text.index])
