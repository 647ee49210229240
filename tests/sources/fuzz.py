"""
Files that are nearly right: every reader is given thousands of them, seeded, and must neither break, nor lose a record, nor believe nonsense.

    python -m tests.sources.fuzz FILES SENTENCES SEED      prints one JSON document; `wrong` must be empty

Whatever a provider's file becomes on its way - bits turned, pieces lost, doubled or swapped, lines of another file, numbers that no sea has - reading it
ends with a `SourceError` or with every record accounted for. Nothing of it is written anywhere.
"""

import gzip
import io
import json
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyais
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import config, contracts, sources
from pipeline.errors import SourceError
from pipeline.sources import Source, reading

RECEIVED_AT = datetime(2026, 6, 1, tzinfo=UTC)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2026, 6, 1, 0, 5, tzinfo=UTC)
SENTENCES_A_LOG = 10_000
KIB = 1024
HOSTILE = (
    b"\x00", b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\t", b"\\", b"'", b"nan", b"NaN", b"inf", b"-inf", b"1e999", b"1e-999", b"91", b"-90.000001",
    b"181", b"-180.1", b"0", b"-0.0", b"999999999", b"1234567890", b"000000000", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", "\u0663".encode(), b"9" * 400,
    b"{", b"}", b"[", b"]", b"null", b"true", b'{"a":', b"[" * 2000, b"2026-02-30T00:00:00Z", b"9999-12-31T23:59:59Z", b"0001-01-01", b"=cmd()", b"$", b"!",
    b"!AIVDM,1,1,,A,,0*26", b"*00", b"\\c:99999999999999*00\\", b"#", b" " * 300, b"\xe2\x80\xae", b"PAR1", b"\x1f\x8b", b"PK\x03\x04", b"<!DOCTYPE x>",
)  # fmt: skip


def mutated(data: bytes, others: list[bytes], rng: np.random.Generator) -> bytes:
    """A file with a few faults."""
    for _ in range(1 + int(rng.exponential(1.5))):
        n = len(data)
        at = int(rng.integers(n + 1))
        end = min(n, at + int(rng.integers(1, 60)))
        kind = int(rng.integers(9))
        if kind == 0 and n:
            one = bytearray(data)
            one[min(at, n - 1)] ^= 1 << int(rng.integers(8))
            data = bytes(one)
        elif kind == 1:
            data = data[:at] + data[end:]
        elif kind == 2:
            data = data[:at] + data[at:end] * int(rng.integers(2, 5)) + data[end:]
        elif kind == 3:
            data = data[:at] + HOSTILE[int(rng.integers(len(HOSTILE)))] + data[at:]
        elif kind == 4:
            data = data[:at] + HOSTILE[int(rng.integers(len(HOSTILE)))] + data[end:]
        elif kind == 5:
            lines = data.split(b"\n")
            one, other = rng.integers(len(lines), size=2)
            lines[one], lines[other] = lines[other], lines[one]
            data = b"\n".join(lines)
        elif kind == 6:
            other_file = others[int(rng.integers(len(others)))]
            start = int(rng.integers(len(other_file)))
            data = data[:at] + other_file[start : start + int(rng.integers(1, 200))] + data[at:]
        elif kind == 7:
            data = data[:at] if rng.random() < 0.3 else data
        else:
            data = gzip.compress(data, mtime=0) if rng.random() < 0.1 else data + data[at:end]
    return data


def seeds(source: Source) -> bytes:
    """A small right file of a source: a dozen records made from what its TOML declares."""
    values = {name: sample_of(source, name) for name in source.fields}
    rows = [{name: value(k) for name, value in values.items()} for k in range(12)]
    if source.nmea:
        first = {"type": 4, "mmsi": 2_391_000, "year": 2026, "month": 5, "day": 14, "hour": 3, "lon": 24.0, "lat": 36.0}
        log = pyais.encode_dict(first, talker_id="AI")[0].encode() + b",1778716800\n"
        return log + b"".join(sentences(rng=np.random.default_rng(1), n=12))
    if source.delimited:
        layout = source.delimited
        mark = layout.delimiter
        quoted = '"{}"' if layout.quotes else "{}"
        cells = [[row.get(name, "x") for name in layout.header] for row in rows]
        lines = [mark.join(quoted.format(cell) if mark in cell else cell for cell in row) for row in cells]
        head = [mark.join(layout.header)] if layout.first_line == "header" else []
        return ("\n".join([*head, *lines]) + "\n").encode()
    if source.json_:
        records = [nested(row) for row in rows]
        if source.json_.lines:
            return "".join(json.dumps(one) + "\n" for one in records).encode()
        document = {source.json_.records: records} if source.json_.records else records
        return json.dumps(document, indent=1).encode()
    assert source.parquet
    columns = {name: [row.get(name, "x") for row in rows] for name in source.parquet.columns}
    numbers = {"lon", "lat", "sog_kn", "cog_deg", "heading_deg", "length_m", "draught_m", "nav_status", "ship_type"}
    typed = {
        name: pa.array([float(one) for one in texts]) if name in numbers
        else pa.array([datetime(2026, 5, 14, 0, 0, k, tzinfo=UTC) for k in range(12)]) if name == "observed_at"
        else pa.array(texts)
        for name, texts in columns.items()
    }  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(pa.table(typed), sink, write_page_checksum=True)
    return sink.getvalue()


def nested(row: dict[str, str]) -> dict[str, Any]:
    """A flat record with its dotted fields as objects."""
    found: dict[str, Any] = {}
    for name, text in row.items():
        head, _, rest = name.partition(".")
        if rest:
            found.setdefault(head, {})[rest] = [text]
        else:
            found[name] = text
    return found


def sample_of(source: Source, name: str) -> Callable[[int], str]:
    """What the k-th record says in a field."""
    west, south, east, north = source.limits.area or (20.0, 34.0, 28.0, 38.0)
    allowed = {column.name: column.values for column in contracts.load(source.table).columns}
    for column, mapped in source.columns.items():
        if name in mapped.sources:
            form = next(iter(mapped.time)) if isinstance(mapped.time, dict) else mapped.time
            if form in ("epoch_s", "epoch_ms"):
                return lambda k: str((1_778_716_800 + 60 * k) * (1000 if form == "epoch_ms" else 1))
            if form and form != "native":
                form = form.replace("%e", "%d").replace(".%f", ".000000")
                form = form.split(" ")[mapped.sources.index(name)] if len(mapped.sources) > 1 else form
                return lambda k: datetime(2026, 5, 14, 3, k).strftime(form)
            if allowed.get(column) and not mapped.words:
                return lambda k: allowed[column][0]
            if mapped.in_text:
                return lambda k: f"IN POSITION 36-{10 + k}.50N 024-{20 + k}.25E"
            if mapped.split:
                return lambda k: f"{36 + k / 100:.4f}{mapped.split} {24 + k / 100:.4f}"
            if mapped.words and column not in ("lon", "lat"):
                return lambda k: list(mapped.words)[k % len(mapped.words)]
            if column in ("lon", "lat"):
                return lambda k: f"{(west + east if column == 'lon' else south + north) / 2 + k / 100:.5f}"
            if column == "source_ref" and source.table == "mids":
                return lambda k: str(201 + k)
            if column == "imo":
                return lambda k: "9074729"
            if column in ("mmsi", "claimed_mmsi"):
                return lambda k: str(237_000_000 + k)
    if source.identity and name in source.identity.fields:
        return lambda k: str(237_000_000 + k % 3)
    for chosen in (source.static, source.only):
        if chosen and name == chosen.field:
            return lambda k: chosen.values[0] if chosen is source.only or k % 4 == 0 else "1"
    return lambda k: str(k + 1)


def sentences(rng: np.random.Generator, n: int) -> Iterator[bytes]:
    """Lines of a log, with and without tag blocks: every kind of message that is read."""
    for k in range(n):
        kind = (1, 3, 5, 18, 19, 24, 4, 9, 21, 27, 14)[int(rng.integers(11))]
        said: dict[str, Any] = {"mmsi": int(rng.integers(200_000_000, 780_000_000)), "type": kind}
        if kind == 5:
            said |= {"shipname": "PHAROS FUZZ", "callsign": "FUZZ", "imo": 9_074_729, "ship_type": 70}
        elif kind == 24:
            said |= {"partno": int(rng.integers(2)), "shipname": "FUZZ"}
        elif kind == 14:
            said |= {"text": "SART TEST"}
        elif kind == 4:
            said |= {"year": 2026, "month": 5, "day": 14, "hour": 3, "minute": 4, "second": 5, "lon": 24.0, "lat": 36.0}
        else:
            said |= {"lon": float(rng.uniform(-180, 181)), "lat": float(rng.uniform(-90, 91))}
        at_s = 1_778_716_800 + k
        for sentence in pyais.encode_dict(said, talker_id="AI", seq_id=k % 10):
            yield f"{sentence},{at_s}\n".encode()


def wrong_in(taken: reading.Taken) -> list[str]:
    """What must never be in a table and is."""
    found = []
    stand = taken.accepted + taken.rejected + taken.duplicates + taken.blank
    if taken.lines_in != stand:
        found.append(f"{taken.lines_in} records, {stand} accounted for")
    for table, rows in taken.tables.items():
        for name, limit in (("lon", 180.0), ("lat", 90.0)):
            if name in rows.column_names and rows.num_rows:
                values = np.asarray(rows.column(name))
                if not (np.abs(values) <= limit).all():
                    found.append(f"{table}.{name} out of range")
        for name, arrow_type in zip(rows.schema.names, rows.schema.types, strict=True):
            if pa.types.is_floating(arrow_type) and pc.all(pc.is_finite(rows.column(name))).as_py() is False:
                found.append(f"{table}.{name} holds what is no number")
        if "mmsi" in rows.column_names:
            said = [one for one in rows.column("mmsi").unique().to_pylist() if one is not None]
            parts = [part for one in said for part in one.split("; ")]
            found += [f"{table}.mmsi {one!r}" for one in parts if not (re.fullmatch("[0-9]{9}", one) and int(one))]
        for name in ("observed_at", "occurred_at"):
            if name in rows.column_names and rows.num_rows and table in reading.TRACKED:
                ends = pc.min_max(rows.column(name)).as_py()
                if ends["min"] < EARLIEST or ends["max"] > LATEST:
                    found.append(f"{table}.{name} from {ends['min']} to {ends['max']}")
    return found


def tried(path: Path, source: Source, folder: Path) -> tuple[str, list[str]]:
    """How reading a file ended, and what was wrong with that."""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as unpacked:
            taken = reading.read(path, source, "fuzz", RECEIVED_AT, Path(unpacked))
    except SourceError as error:
        # A Parquet footer has no checksum: that rows are missing is seen by nothing but the count.
        lost = "does not reconcile" in str(error) and not source.parquet
        return "refused", [str(error)] if lost or "\n" in str(error) else []
    except Exception:
        return "broke", [traceback.format_exc().splitlines()[-1], traceback.format_exc()[-600:]]
    return "read" if taken.accepted else "nothing", wrong_in(taken)


def run(n_files: int, n_sentences: int, seed: int) -> dict[str, Any]:
    """Mutate and read so many files and sentences; counts, and the first things that were wrong."""
    known = sources.load_all(config.home(tempfile.gettempdir()))
    lenient = {
        name: one.model_copy(update={"limits": one.limits.model_copy(update={"max_reject_share": 1.0})})
        for name, one in known.items()
    }
    files = {name: seeds(one) for name, one in lenient.items()}
    counts: Counter[str] = Counter()
    wrong: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "file"
        for source_id, data in files.items():
            path.write_bytes(data)
            ended, why = tried(path, lenient[source_id], folder)
            if ended != "read" or why:
                wrong.append({"source_id": source_id, "unchanged": True, "why": [ended, *why]})
        names = sorted(files)
        for k in range(n_files):
            rng = np.random.default_rng([seed, k])
            source_id = names[k % len(names)]
            path.write_bytes(mutated(files[source_id], list(files.values()), rng))
            ended, why = tried(path, lenient[source_id], folder)
            counts[ended] += 1
            wrong += [{"source_id": source_id, "seed": [seed, k], "why": why}] if why else []
        for k in range(0, n_sentences, SENTENCES_A_LOG):
            rng = np.random.default_rng([seed, k, 1])
            lines = list(sentences(rng, 400))
            n = min(SENTENCES_A_LOG, n_sentences - k)
            path.write_bytes(
                b"".join(mutated(lines[int(rng.integers(len(lines)))], lines, rng) + b"\n" for _ in range(n))
            )
            ended, why = tried(path, lenient["nmea_aivdm"], folder)
            counts[f"log {ended}"] += 1
            counts["sentences"] += n
            wrong += [{"source_id": "nmea_aivdm", "seed": [seed, k, 1], "why": why}] if why else []
    # Not ru_maxrss, which is also that of the process which started this one.
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // KIB
    return {"counts": dict(sorted(counts.items())), "n_wrong": len(wrong), "wrong": wrong[:20], "peak_rss_mb": peak}


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:4])), indent=1))
