"""
The lake: Parquet files `lake/<table>/<partition>/<part>.parquet`, each replaced whole.

A file is written beside its place, flushed to disk and renamed over the former one, so a reader sees the old or
the new and never half of either, and a kill at any point leaves one of the two. Equal rows give equal bytes.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import contracts
from pipeline.errors import SourceError

COPY_CHUNK_BYTES = 1 << 20


def replace_file(path: Path, data: bytes) -> None:
    """Write bytes so that readers see the former file or this one, and that it survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename in it survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def parquet(data: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file with page checksums."""
    sink = pa.BufferOutputStream()
    # In one chunk: where a page ends depends on the chunks, and these on the order in which files came.
    stepping = [
        field.name for field in data.schema if pa.types.is_timestamp(field.type) or pa.types.is_int64(field.type)
    ]
    repeating = [
        field.name for field in data.schema if field.name not in stepping and not pa.types.is_float64(field.type)
    ]
    pq.write_table(
        data.combine_chunks(),
        sink,
        compression="zstd",
        write_page_checksum=True,
        store_schema=True,
        use_dictionary=repeating,
        column_encoding=dict.fromkeys(stepping, "DELTA_BINARY_PACKED"),
    )
    return bytes(memoryview(sink.getvalue()))


def write_parquet(path: Path, data: pa.Table) -> None:
    """Write a table as Parquet, replacing the former file atomically."""
    replace_file(path, parquet(data))


def part_path(lake: Path, table: str, partition: str, part: str) -> Path:
    """Where a part lies, for example `lake/positions/day=2026-05-14/all.parquet`."""
    return lake / table / partition / f"{part}.parquet"


def write(lake: Path, table: str, partition: str, part: str, data: pa.Table) -> None:
    """Replace one part of a table by these rows, checked against the contract; no rows remove the part."""
    path = part_path(lake, table, partition, part)
    if data.num_rows == 0:
        path.unlink(missing_ok=True)
        return
    write_parquet(path, contracts.conform(data, table))


def parts(lake: Path, table: str, partition: str = "*") -> list[Path]:
    """The Parquet files of a table, of one partition or of all, in order of path."""
    return sorted((lake / table).glob(f"{partition}/*.parquet"))


def read(paths: Iterable[Path], table: str) -> pa.Table:
    """All rows of these parts in order of path, with the table's schema; no parts give the empty table."""
    contract = contracts.load(table)
    found = [
        pq.read_table(path, schema=contract.schema, page_checksum_verification=True, partitioning=None)
        for path in paths
    ]
    return pa.concat_tables(found) if found else contract.empty()


def days(lake: Path, table: str) -> list[str]:
    """The days (ISO dates) for which a table has a partition, in order."""
    return sorted({path.parent.name.removeprefix("day=") for path in parts(lake, table, "day=*")})


def raw_path(raw: Path, sha256: str) -> Path:
    """Where the raw store keeps the file with this hash."""
    return raw / sha256[:2] / sha256


def keep_raw(raw: Path, source: Path) -> tuple[str, Path, int]:
    """
    Copy a file into the content-addressed store `raw/<aa>/<sha256>`, read-only.

    Returns (sha256, path of the copy, size in bytes). The same bytes again change nothing. `SourceError` when the file
    cannot be read or is no regular file.
    """
    if source.is_symlink() or not source.is_file():
        raise SourceError(
            f"{source.name}: not a regular file; put the file itself into the inbox, not a link or a folder"
        )
    digest = hashlib.sha256()
    raw.mkdir(parents=True, exist_ok=True)
    beside = raw / f".incoming.{os.getpid()}"
    try:
        with source.open("rb") as incoming, beside.open("wb") as copy:
            while chunk := incoming.read(COPY_CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        sha256 = digest.hexdigest()
        size = beside.stat().st_size
        kept = raw_path(raw, sha256)
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            beside.chmod(0o444)
            beside.replace(kept)
            sync_folder(kept.parent)
    except OSError as error:
        raise SourceError(f"{source.name}: cannot be read or kept: {error.strerror}; nothing was taken in") from error
    finally:
        beside.unlink(missing_ok=True)
    return sha256, kept, size
