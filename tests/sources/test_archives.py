"""Archives: what is in them within bounds; an archive that is damaged, hides something or is meant to do harm is refused in one line."""

import gzip
import io
import random
import shutil
import struct
import tracemalloc
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.sources.archives import MOST_MEMBERS, unpacked

PLENTY_BYTES = 1 << 40
TEXT = b"".join(b"lesvos-n,%d,2026-05-14T00:00:00Z,39.%d,26.1\n" % (i, i) for i in range(300))
STORED, DEFLATED, BZIP2 = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2


def read(folder: Path, content: bytes, name: str = "day.zip", max_bytes: int = PLENTY_BYTES) -> list[tuple[str, bytes]]:
    """(name, bytes) of the files in an archive; nothing is written outside the folder for it, and there under numbers only."""
    path, into = folder / "kept", folder / "into"
    path.write_bytes(content)
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    found = unpacked(path, into, name, max_bytes)
    assert {one.name for one in folder.iterdir()} == {"kept", "into"}
    assert all(one.name.isdigit() for one in into.iterdir())
    return [(member, one.read_bytes()) for member, one in found]


def refusal(folder: Path, content: bytes, name: str = "day.zip", max_bytes: int = PLENTY_BYTES) -> str:
    """The one line with which an archive is refused."""
    with pytest.raises(SourceError) as raised:
        read(folder, content, name, max_bytes)
    said = str(raised.value)
    assert said.startswith(f"{name}: ")
    assert said.endswith("; nothing of it was taken in")
    assert said.isprintable()
    assert len(said) < 700
    return said


@dataclass
class Entry:
    """A member of a zip file as the tests write it, true or not."""

    name: bytes
    data: bytes = TEXT
    method: int = STORED
    flags: int = 0
    mode: int = 0
    local_name: bytes | None = None
    n_bytes: int | None = None
    packed: bytes | None = None

    @property
    def body(self) -> bytes:
        """What lies in the archive."""
        return self.data if self.packed is None else self.packed

    @property
    def fields(self) -> bytes:
        """The fields that the local header and the directory share: version to lengths (APPNOTE 4.3.7)."""
        n_bytes = len(self.data) if self.n_bytes is None else self.n_bytes
        sizes = (zlib.crc32(self.data), len(self.body), n_bytes)
        return struct.pack("<HHHHHIII", 20, self.flags, self.method, 0, 33, *sizes)

    @property
    def header(self) -> bytes:
        """The local header."""
        name = self.name if self.local_name is None else self.local_name
        return b"PK\x03\x04" + self.fields + struct.pack("<HH", len(name), 0) + name

    def listed(self, offset: int) -> bytes:
        """The entry of the directory (APPNOTE 4.3.12), made on Unix."""
        rest = struct.pack("<HHHHHII", len(self.name), 0, 0, 0, 0, self.mode << 16, offset)
        return b"PK\x01\x02\x14\x03" + self.fields + rest + self.name


def zipped(*entries: Entry) -> bytes:
    """A zip file of these members."""
    body, directory = b"", b""
    for entry in entries:
        directory += entry.listed(len(body))
        body += entry.header + entry.body
    return closed(body, directory, len(entries))


def closed(body: bytes, directory: bytes, n_entries: int) -> bytes:
    """Members, then the directory, then its end (APPNOTE 4.3.16)."""
    end = struct.pack("<HHHHIIH", 0, 0, n_entries, n_entries, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def packed_by_python(method: int = DEFLATED) -> bytes:
    """A zip file of four files in two folders."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for number, name in enumerate(["b.csv", "a.csv", "May/", "May/14.csv", "Λέσβος.csv"]):
            archive.writestr(name, b"" if name.endswith("/") else b"%d\n" % number + TEXT)
    return buffer.getvalue()


def zeros(n_mb: int) -> bytes:
    """A deflate stream of so many MB of zeros, a thousandth as large."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * n_mb + b"\x03\x00"


# What is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"P", b"PK", TEXT, b"\x1f", b"BZh91AY", b"x" + zipped(Entry(b"a.csv"))])
def test_a_file_that_is_no_archive_is_itself(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "day.csv.gz"
    path.write_bytes(content)
    assert unpacked(path, tmp_path, "day.csv.gz", 1) == [("day.csv.gz", path)]


def test_archives_are_known_by_their_first_bytes_whatever_their_name(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(TEXT), "day.zip") == [("day.zip", TEXT)]
    assert read(tmp_path, gzip.compress(TEXT), "day.csv.gz") == [("day.csv", TEXT)]
    assert read(tmp_path, zipped(Entry(b"a.csv")), "day.gz") == [("a.csv", TEXT)]


@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_files_come_in_the_order_of_the_archive_and_folders_are_passed_over(tmp_path: Path, method: int) -> None:
    found = read(tmp_path, packed_by_python(method))
    assert [name for name, _ in found] == ["b.csv", "a.csv", "May/14.csv", "Λέσβος.csv"]
    assert [text[:2] for _, text in found] == [b"0\n", b"1\n", b"3\n", b"4\n"]


def test_a_zip_written_to_a_stream_is_read_by_its_directory(tmp_path: Path) -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    stream = Stream()
    with zipfile.ZipFile(stream, "w", DEFLATED) as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.csv", TEXT)
    assert b"PK\x07\x08" in stream.getvalue(), "sizes after the data"
    assert read(tmp_path, stream.getvalue()) == [("a.csv", TEXT), ("b.csv", TEXT)]


def test_gzip_members_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    content = gzip.compress(b"a\n") + gzip.compress(b"") + gzip.compress(b"b\n")
    assert read(tmp_path, content, "day.csv.gz") == [("day.csv", b"a\nb\n")]


def test_an_empty_file_in_an_archive_is_a_file(tmp_path: Path) -> None:
    assert read(tmp_path, zipped(Entry(b"a.csv", b""))) == [("a.csv", b"")]
    assert read(tmp_path, gzip.compress(b""), "a.gz") == [("a", b"")]


def test_what_a_mac_packs_beside_a_file_is_passed_over_and_nothing_else_of_that_name(tmp_path: Path) -> None:
    beside = Entry(b"__MACOSX/._a.csv", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X")
    found = read(tmp_path, zipped(Entry(b"__MACOSX/", b""), beside, Entry(b"__MACOSX/b", b""), Entry(b"a.csv")))
    assert found == [("a.csv", TEXT)]
    assert read(tmp_path, zipped(Entry(b"__MACOSX/a.csv"))) == [("__MACOSX/a.csv", TEXT)]


def test_real_compressed_positions_are_unpacked(shared: Path, tmp_path: Path) -> None:
    path = shared / "ais" / "gfw_pelagos_sample" / "raw_1_3_10k_points.csv.gz"
    [(name, unpacked_path)] = unpacked(path, tmp_path, path.name, PLENTY_BYTES)
    assert name == "raw_1_3_10k_points.csv"
    assert unpacked_path.read_bytes() == gzip.decompress(path.read_bytes())


# Names and kinds of members -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (b"../a.csv", "leads out of the folder"),
        (b"May/../../a.csv", "leads out of the folder"),
        (b"..", "leads out of the folder"),
        (b"/etc/a.csv", "leads out of the folder"),
        (b"C:a.csv", "leads out of the folder"),
        (b"..\\a.csv", "a NUL or a backslash"),
        (b"May\\a.csv", "a NUL or a backslash"),
        (b"a.csv\0.exe", "a NUL or a backslash"),
        (b"\0", "a NUL or a backslash"),
        (b"", "a name that is empty"),
        (b"/", "leads out of the folder"),
    ],
)
def test_names_that_are_no_plain_ones_are_refused(tmp_path: Path, name: bytes, why: str) -> None:
    assert why in refusal(tmp_path, zipped(Entry(b"good.csv"), Entry(name)))


@pytest.mark.parametrize(
    "name", [b"..a.csv", b"a..b", b".hidden", "Σάμος.csv".encode("cp737"), b"a b.csv", b"x" * 5000]
)
def test_odd_names_that_lead_nowhere_are_read(tmp_path: Path, name: bytes) -> None:
    assert [text for _, text in read(tmp_path, zipped(Entry(name)))] == [TEXT]


def test_a_name_is_shown_as_escapes_and_bounded(tmp_path: Path) -> None:
    said = refusal(tmp_path, zipped(Entry(b"\x1b[31m\n" + b"x" * 60_000, flags=1)))
    assert r"member '\x1b[31m\nxxx" in said


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o060660, 0o010644, 0o140777, 0o040755])
def test_links_devices_and_disguised_directories_are_refused(tmp_path: Path, mode: int) -> None:
    said = refusal(tmp_path, zipped(Entry(b"a.csv", b"/etc/hostname", mode=mode)))
    assert "member 'a.csv': it is a link or a device" in said


def test_plain_files_and_directories_of_unix_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, zipped(Entry(b"May/", b"", mode=0o040755), Entry(b"May/a.csv", mode=0o100644)))
    assert found == [("May/a.csv", TEXT)]


@pytest.mark.parametrize("flags", [0x1, 0x40, 0x41, 0x2000])
def test_encrypted_members_are_refused(tmp_path: Path, flags: int) -> None:
    assert "member 'a.csv': it is encrypted" in refusal(tmp_path, zipped(Entry(b"a.csv", flags=flags)))


def test_a_directory_that_holds_data_is_refused(tmp_path: Path) -> None:
    assert "a directory that holds data" in refusal(tmp_path, zipped(Entry(b"May/")))


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, zipped(Entry(b"a.csv"), Entry(b"b.csv"), Entry(b"a.csv", b"other")))
    assert "member 'a.csv': stands in the archive 2 times" in said


def test_compression_that_python_unpacks_without_bounds_is_refused(tmp_path: Path) -> None:
    assert "member 'b.csv': compression method 12, which is not read" in refusal(tmp_path, packed_by_python(BZIP2))


@pytest.mark.parametrize("inner", [zipped(Entry(b"a.csv")), gzip.compress(TEXT), closed(b"", b"", 0)])
def test_archives_in_archives_are_refused(tmp_path: Path, inner: bytes) -> None:
    assert "member 'a.csv': an archive in an archive" in refusal(tmp_path, zipped(Entry(b"a.csv", inner)))
    assert "member 'day.csv': an archive in an archive" in refusal(tmp_path, gzip.compress(inner), "day.csv.gz")


@pytest.mark.parametrize("content", [closed(b"", b"", 0), zipped(Entry(b"May/", b""))])
def test_an_archive_without_a_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == (
        "day.zip: the archive holds no file; send it again with its files; nothing of it was taken in"
    )


# Bounds ---------------------------------------------------------------------------------------------------------------


def test_as_many_members_as_allowed_and_one_more(tmp_path: Path) -> None:
    entries = [Entry(b"%d.csv" % i, b"") for i in range(MOST_MEMBERS + 1)]
    assert len(read(tmp_path, zipped(*entries[:-1]))) == MOST_MEMBERS
    assert "1001 members, more than 1,000" in refusal(tmp_path, zipped(*entries))


def test_the_bound_holds_for_all_members_together(tmp_path: Path) -> None:
    content = zipped(Entry(b"a.csv"), Entry(b"b.csv"))
    assert len(read(tmp_path, content, max_bytes=2 * len(TEXT))) == 2
    assert "member 'b.csv': with it more is unpacked" in refusal(tmp_path, content, max_bytes=2 * len(TEXT) - 1)
    packed = gzip.compress(TEXT)
    assert len(read(tmp_path, packed, "day.gz", max_bytes=len(TEXT))) == 1
    assert "member 'day': with it more is unpacked" in refusal(tmp_path, packed, "day.gz", max_bytes=len(TEXT) - 1)


def test_ten_mb_of_zeros_are_read_and_more_are_not(tmp_path: Path) -> None:
    assert len(read(tmp_path, gzip.compress(bytes(10 << 20)), "day.gz")[0][1]) == 10 << 20
    assert "200 times the archive's size" in refusal(tmp_path, gzip.compress(bytes((10 << 20) + 1)), "day.gz")


def test_a_large_file_that_packs_well_is_read(tmp_path: Path) -> None:
    text = random.Random(1).randbytes(1 << 17) + bytes(24 << 20)
    [(_, found)] = read(tmp_path, gzip.compress(text), "day.gz")
    assert found == text


@pytest.mark.parametrize("kind", ["zip", "gzip", "zip that says it is small"])
def test_ten_gb_of_zeros_in_ten_mb_are_refused_with_little_memory_and_disk(tmp_path: Path, kind: str) -> None:
    packed = zeros(10 << 10)
    assert len(packed) < 11 << 20
    if kind == "gzip":
        content = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + bytes(8)
    else:
        said = 1000 if "says" in kind else 10 << 30
        content = zipped(Entry(b"a.csv", b"", DEFLATED, n_bytes=min(said, 0xFFFFFFFE), packed=packed))
    tracemalloc.start()
    refusal(tmp_path, content, "bomb", max_bytes=128 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    written = sum(one.stat().st_size for one in (tmp_path / "into").iterdir())
    assert written <= 128 << 20


def test_a_gb_of_zeros_in_a_mb_is_refused_though_the_source_allows_more(tmp_path: Path) -> None:
    content = zipped(Entry(b"a.csv", b"", DEFLATED, n_bytes=1 << 30, packed=zeros(1 << 10)))
    assert "200 times the archive's size" in refusal(tmp_path, content)
    assert sum(one.stat().st_size for one in (tmp_path / "into").iterdir()) <= 200 * len(content)


def test_a_bomb_in_a_bomb_is_refused_at_the_first(tmp_path: Path) -> None:
    inner = zipped(Entry(b"0.csv", b"", DEFLATED, n_bytes=1 << 30, packed=zeros(1 << 10)))
    outer = zipped(*(Entry(b"%d.zip" % i, inner) for i in range(16)))
    assert "member '0.zip': an archive in an archive" in refusal(tmp_path, outer)


def quoting(n_files: int) -> bytes:
    """
    A zip file each of whose members holds, as an uncompressed block of its deflate stream, the local header of the next, and shares the rest with it
    (the construction of D. Fifield, A better zip bomb, WOOT 2019). It is a valid zip file.
    """
    data = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    entry = Entry(b"last", data, DEFLATED, packed=packer.compress(data) + packer.flush())
    chain = [entry]
    for number in range(n_files - 1):
        quoted = struct.pack("<BHH", 0, len(entry.header), len(entry.header) ^ 0xFFFF) + entry.header
        entry = Entry(b"%d" % number, entry.header + entry.data, DEFLATED, packed=quoted + entry.body)
        chain.insert(0, entry)
    directory, offset = b"", 0
    for entry, following in zip(chain, [*chain[1:], None], strict=True):
        directory += entry.listed(offset)
        offset += len(entry.header) + (
            len(entry.body) - len(following.body) - len(following.header) if following else 0
        )
    return closed(chain[0].header + chain[0].body, directory, n_files)


def test_members_that_quote_each_other_are_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    content = quoting(9)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None, "Python's own reader sees nothing wrong"
    assert "member '7': shares its bytes with what follows it" in refusal(tmp_path, content)
    assert not list((tmp_path / "into").iterdir())


def test_two_names_for_the_same_bytes_are_refused(tmp_path: Path) -> None:
    entry, other = Entry(b"a.csv"), Entry(b"b.csv")
    content = closed(entry.header + entry.body, entry.listed(0) + other.listed(0), 2)
    assert "shares its bytes" in refusal(tmp_path, content)


# Damage ---------------------------------------------------------------------------------------------------------------


def test_bytes_that_belong_to_no_member_are_refused(tmp_path: Path) -> None:
    """Such as a member that the directory does not list, before, between or after those that it does."""
    first, hidden, last = Entry(b"a.csv"), Entry(b"hidden.csv"), Entry(b"b.csv")
    parts = [one.header + one.body for one in (first, hidden, last)]
    between = closed(b"".join(parts), first.listed(0) + last.listed(len(parts[0] + parts[1])), 2)
    assert "member 'a.csv': " in refusal(tmp_path, between)
    after = closed(parts[0] + parts[1], first.listed(0), 1)
    assert f"{len(parts[1])} bytes after it belong to no member" in refusal(tmp_path, after)
    two = zipped(hidden) + zipped(first)
    assert f"{len(zipped(hidden))} bytes at its start belong to no member" in refusal(tmp_path, two)


def test_a_directory_that_points_outside_the_archive_is_refused(tmp_path: Path) -> None:
    entry = Entry(b"a.csv")
    for offset in (1, 10_000, 0xFFFFFFF0):
        refusal(tmp_path, closed(entry.header + entry.body, entry.listed(offset), 1))


def test_headers_that_disagree_are_refused(tmp_path: Path) -> None:
    assert "differ" in refusal(tmp_path, zipped(Entry(b"a.csv", local_name=b"b.csv")))


@pytest.mark.parametrize("n_bytes", [len(TEXT) + 1, len(TEXT) - 1, 0, 1 << 30])
@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_a_size_that_is_not_the_members_is_refused(tmp_path: Path, n_bytes: int, method: int) -> None:
    packed = TEXT if method == STORED else zlib.compress(TEXT, wbits=-15)
    refusal(tmp_path, zipped(Entry(b"a.csv", method=method, n_bytes=n_bytes, packed=packed)))


def test_every_truncation_of_a_gzip_file_is_refused(tmp_path: Path) -> None:
    content = gzip.compress(TEXT)
    for end in range(2, len(content)):
        assert "damaged or truncated" in refusal(tmp_path, content[:end], "day.gz")


def test_every_truncation_of_a_zip_file_is_refused(tmp_path: Path) -> None:
    content = packed_by_python()
    for end in range(4, len(content), 7):
        assert "damaged or truncated" in refusal(tmp_path, content[:end])


@pytest.mark.parametrize("garbage", [b"x", b"\n", TEXT, b"\x1f\x8b", gzip.compress(TEXT)[:-1]])
def test_what_follows_a_gzip_file_and_is_none_is_refused(tmp_path: Path, garbage: bytes) -> None:
    refusal(tmp_path, gzip.compress(TEXT) + garbage, "day.gz")


@pytest.mark.parametrize(
    "content",
    [
        packed_by_python(),
        packed_by_python(STORED),
        gzip.compress(TEXT),
        gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]),
    ],
    ids=["zip", "stored zip", "gzip", "gzip in two"],
)
def test_flipped_bits_never_give_other_files(tmp_path: Path, content: bytes) -> None:
    """2,000 seeded single flips each: the same files, a refusal, or, where the first bytes are hit, a file that is no archive."""
    rng = random.Random(4)
    whole = read(tmp_path, content)
    n_refused = 0
    for _ in range(2000):
        flipped = bytearray(content)
        flipped[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        try:
            found = read(tmp_path, bytes(flipped))
        except SourceError:
            n_refused += 1
            continue
        assert found in (whole, [("day.zip", bytes(flipped))])
    assert n_refused > 1500
