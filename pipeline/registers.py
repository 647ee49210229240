"""
Registers of vessels and watch lists: from a provider's fields to the rows of `vessel_register` and `watch_list`.

An entry is known by its IMO number before its MMSI: a hull keeps the one for life, the other is programmed. An IMO number counts only with a right
check digit. An entry can have several of either; all are kept, since each of them can be the one that is heard. Entries about anything else than a
vessel are not taken in at all.
"""

from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from pipeline import vessels
from pipeline.facts import judge, with_id
from pipeline.sources import Source
from pipeline.sources.columns import Coded, Judged, typed


def from_fields(fields: pa.Table, source: Source, judged: Judged, received_at: datetime, table: str) -> pa.Table:
    """Entries [n] of a register or watch list; rows not to be believed get a reason in `judged`."""
    columns = typed(fields, source, judged, table)
    nothing = Coded.of(pa.nulls(fields.num_rows, pa.string()))
    imo, mmsi, name = (Coded.of(columns[key]) if key in columns else nothing for key in ("imo", "mmsi", "ship_name"))
    judged.refuse(imo.missing & mmsi.missing & name.missing, "no_identity")
    read_imo, read_mmsi = each(imo, imo_number), each(mmsi, vessels.padded_mmsi)
    judged.refuse(~imo.missing & read_imo.missing, "bad_imo")
    judged.refuse(~mmsi.missing & read_mmsi.missing, "bad_mmsi")
    own = {"imo": read_imo.array, "mmsi": read_mmsi.array, "mid_country": each(read_mmsi, country).array}
    return judge(with_id(table, {**columns, **own}, fields.num_rows, source), table, judged)


def each(texts: Coded, read: Callable[[str], str | None]) -> Coded:
    """What the parts of each text, parted by semicolons, are read as: each once, in order, "" left out; null where one cannot be read."""
    return texts.with_values(pa.array([several(text, read) for text in texts.values.to_pylist()], pa.string()))


def several(text: str | None, read: Callable[[str], str | None]) -> str | None:
    """See `each`; of one text."""
    found = [] if text is None else [read(part.strip()) for part in text.split(";")]
    return None if None in found else "; ".join(sorted({one for one in found if one})) or None


def imo_number(text: str) -> str | None:
    """The seven digits of an IMO number, which is also written with "IMO" in front; None for what is none."""
    digits = text.removeprefix("IMO").strip()
    return digits if vessels.is_imo(digits) else None


def country(mmsi: str) -> str:
    """See `vessels.flag`; "" when nobody has the digits."""
    return vessels.flag(mmsi) or ""
