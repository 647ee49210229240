"""
Archives: the files that a gzip or zip file holds, unpacked within bounds. What is one is known by its first bytes, never by its name.

Python's zlib and zipfile do the parsing; what they do not look at is looked at here: that a member has the size its archive says, that members do not
share bytes, and that no bytes of a zip file belong to none. Members are written under numbers, never under their own names.
"""

import gzip
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipeline.errors import SourceError

GZIP = b"\x1f\x8b"  # RFC 1952
ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"  # APPNOTE 4.3.7, 4.3.16
BESIDE = "__MACOSX/"
APPLE_DOUBLE = b"\x00\x05\x16\x07"  # RFC 1740: what a Mac knows of a file, packed beside it

MOST_MEMBERS = 1_000  # own
MOST_TIMES = 200  # own, of the packed size: logs pack 5 to 50 times, deflate at most 1,032 times
ALWAYS_ALLOWED_BYTES = 10 << 20  # own: a small file of zeros is no bomb
CHUNK_BYTES = 1 << 20
LONGEST_SHOWN_NAME = 200

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of the others Python unpacks chunks of any size at once
ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # APPNOTE 4.4.4: the member, strongly so, its header
LOCAL_HEADER_BYTES = 30  # APPNOTE 4.3.7, without name and extra field
LONGEST_DESCRIPTOR_BYTES = 24  # APPNOTE 4.3.9

Stream = IO[bytes] | gzip.GzipFile

# What Python raises about a damaged archive.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)


def unpacked(path: Path, into: Path, name: str, max_bytes: int) -> list[tuple[str, Path]]:
    """
    The files to read as (name, path), in the archive's order, unpacked into a folder; a file that is no archive is itself.

    `SourceError` when the file unpacks to more than `max_bytes` or, past 10 MB, to more than 200 times its size, when the archive is damaged, encrypted
    or holds no file, or when a member is no plain file of a plain name, is an archive itself, or shares its bytes with another. Directories are passed
    over, and what a Mac keeps beside a file.
    """
    n_packed = path.stat().st_size
    start = first_bytes(path)
    if not is_archive(start):
        return [(name, path)]
    most_bytes = min(max_bytes, max(ALWAYS_ALLOWED_BYTES, MOST_TIMES * n_packed))
    if start.startswith(GZIP):
        return unpacked_gzip(path, into, name, most_bytes)
    return unpacked_zip(path, into, name, most_bytes)


def first_bytes(path: Path) -> bytes:
    """By which a file is known."""
    with path.open("rb") as file:
        return file.read(4)


def is_archive(start: bytes) -> bool:
    """Whether a file that starts so is a gzip or zip file."""
    return start.startswith((GZIP, ZIP, EMPTY_ZIP))


def refusal(name: str, member: str, why: str) -> SourceError:
    """The refusal of an archive for one of its members, or as a whole where that is empty."""
    place = f"member {member[:LONGEST_SHOWN_NAME]!r}: " if member else ""
    return SourceError(f"{name}: {place}{why}; nothing of it was taken in")


def damaged(name: str, member: str, error: Exception) -> SourceError:
    """The refusal of an archive that cannot be unpacked."""
    said = " ".join(str(error).split())[:LONGEST_SHOWN_NAME] or type(error).__name__
    return refusal(name, member, f"cannot be unpacked, it is damaged or truncated: {said}; send it again whole")


def unpacked_gzip(path: Path, into: Path, name: str, most_bytes: int) -> list[tuple[str, Path]]:
    """The one file of a gzip file; what was packed in several members is one file, too (RFC 1952, 2.2)."""
    member = name.removesuffix(".gz") or name
    target = into / "1"
    with gzip.open(path) as stream:
        write(stream, target, most_bytes, name, member)
    return [(member, target)]


def unpacked_zip(path: Path, into: Path, name: str, most_bytes: int) -> list[tuple[str, Path]]:
    """The files of a zip file."""
    try:
        archive = zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise damaged(name, "", error) from error
    found = []
    with archive:
        members = archive.infolist()
        check_members(members, name)
        check_places(path, members, archive.start_dir, name)
        for number, info in enumerate(members, 1):
            if info.is_dir():
                continue
            target = into / str(number)
            try:
                stream = archive.open(info)
            except UNREADABLE as error:
                raise damaged(name, info.filename, error) from error
            with stream:
                n_bytes = write(stream, target, most_bytes, name, info.filename)
            most_bytes -= n_bytes
            if n_bytes != info.file_size:
                raise refusal(
                    name,
                    info.filename,
                    f"{n_bytes} bytes where the archive says {info.file_size}, it is damaged; send it again whole",
                )
            if info.filename.startswith(BESIDE) and first_bytes(target) in (b"", APPLE_DOUBLE):
                target.unlink()
            else:
                found.append((info.filename, target))
    if not found:
        raise refusal(name, "", "the archive holds no file; send it again with its files")
    return found


def write(stream: Stream, target: Path, most_bytes: int, name: str, member: str) -> int:
    """Unpack a member to a path; how many bytes it has."""
    n_bytes = 0
    with target.open("xb") as file:
        for chunk in chunks(stream, name, member):
            n_bytes += len(chunk)
            if n_bytes > most_bytes:
                raise refusal(
                    name,
                    member,
                    f"with it more is unpacked than limits.max_mb of the source or, past {ALWAYS_ALLOWED_BYTES >> 20} MB, "
                    f"{MOST_TIMES} times the archive's size; split the archive if it is not meant to do harm",
                )
            file.write(chunk)
    if is_archive(first_bytes(target)):
        raise refusal(name, member, "an archive in an archive; send what is in it")
    return n_bytes


def chunks(stream: Stream, name: str, member: str) -> Iterator[bytes]:
    """The bytes of a member, its checksum verified at their end."""
    while True:
        try:
            chunk = stream.read(CHUNK_BYTES)
        except UNREADABLE as error:
            raise damaged(name, member, error) from error
        if not chunk:
            return
        yield chunk


def check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a zip file of too many members, of two with one name, or with one that is no plain file of a plain name."""
    if len(members) > MOST_MEMBERS:
        raise refusal(name, "", f"{len(members)} members, more than {MOST_MEMBERS:,}; split the archive")
    for member, n_times in Counter(info.orig_filename for info in members).items():
        if n_times > 1:
            raise refusal(name, member, f"stands in the archive {n_times} times; send it with each file once")
    for info in members:
        if why := fault(info):
            raise refusal(name, info.orig_filename, f"{why}; send an archive of plain files")


def fault(info: zipfile.ZipInfo) -> str:
    """Why a member is not read, empty when nothing speaks against it."""
    member = info.orig_filename  # as it stands there: zipfile itself cuts a name at a NUL
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not member or "\0" in member or "\\" in member:
        return "a name that is empty, or has a NUL or a backslash"
    if member.startswith("/") or member[1:2] == ":" or ".." in member.split("/"):
        return "a name that leads out of the folder it is unpacked in"
    if info.flag_bits & ENCRYPTED:
        return "it is encrypted"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR and not info.is_dir()):
        return "it is a link or a device"
    if info.is_dir() and info.file_size:
        return "it is a directory that holds data"
    if info.compress_type not in METHODS:
        return f"compression method {info.compress_type}, which is not read"
    return ""


def check_places(path: Path, members: list[zipfile.ZipInfo], end: int, name: str) -> None:
    """Refuse a zip file whose members share bytes, as in a bomb, or with bytes before its directory, which begins at `end`, that belong to no member."""
    at = 0
    previous = ""
    with path.open("rb") as file:
        for info in sorted(members, key=lambda info: info.header_offset):
            check_gap(at, info.header_offset, previous, name)
            file.seek(info.header_offset + LOCAL_HEADER_BYTES - 4)
            lengths = file.read(4)
            if len(lengths) < 4:
                raise refusal(name, info.filename, "lies outside the archive, which is damaged; send it again whole")
            at = info.header_offset + LOCAL_HEADER_BYTES + sum(struct.unpack("<HH", lengths)) + info.compress_size
            previous = info.filename
    check_gap(at, end, previous, name)


def check_gap(at: int, following: int, previous: str, name: str) -> None:
    """Refuse a gap before what follows a member that is negative, or so large that another member may lie in it."""
    gap = following - at
    if gap < 0:
        why = (
            "shares its bytes with what follows it"
            if previous
            else "its directory lists what lies before its first byte"
        )
        raise refusal(name, previous, f"{why}; send the archive packed anew")
    if gap > (LONGEST_DESCRIPTOR_BYTES if previous else 0):
        why = f"{gap} bytes {'after it' if previous else 'at its start'} belong to no member"
        raise refusal(name, previous, f"{why}; send the archive packed anew")
