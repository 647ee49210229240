"""The lake: a reader sees the old file or the new one; equal rows are equal bytes; what came in is kept as it came."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import contracts, store
from pipeline.errors import ContractError, SourceError

AT = datetime(2026, 5, 14, tzinfo=UTC)

# Forks a writer for every line that it is given, and says its process id: a new interpreter for each would cost a second.
WRITERS = textwrap.dedent("""
    import os, signal, sys
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    from pipeline import contracts, store

    def rows(number):
        row = {"source_id": "s", "n_reports": number, "n_vessels": number, "longest_silence_s": 0.0, "n_repeated": 0, "n_surplus": 0}
        begin = datetime(2026, 5, 14, tzinfo=UTC)
        return [{**row, "hour_at": begin + timedelta(seconds=n)} for n in range(500 * number)]

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    tables = [contracts.rows("feed_health", rows(number)) for number in range(1, 5)]
    for _ in sys.stdin:
        writer = os.fork()
        while not writer:
            for table in tables:
                store.write(Path(sys.argv[1]), "feed_health", "day=2026-05-14", "all", table)
        print(writer, flush=True)
""")


def health(n: int, n_reports: int = 1) -> pa.Table:
    """Rows of `feed_health`, as many as are asked for."""
    row = {
        "source_id": "s",
        "n_reports": n_reports,
        "n_vessels": 1,
        "longest_silence_s": 0.0,
        "n_repeated": 0,
        "n_surplus": 0,
    }
    return contracts.rows("feed_health", [{**row, "hour_at": AT + timedelta(seconds=k)} for k in range(n)])


def kills(lake: Path, n_kills: int, seed: int) -> int:
    """Kill a writer at random moments while reading what it writes; returns how often a whole table was read."""
    path = store.part_path(lake, "feed_health", "day=2026-05-14", "all")
    rng = random.Random(seed)
    n_read = 0
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(lake)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for _ in range(n_kills):
            print("one more", file=nursery.stdin, flush=True)
            writer = int(nursery.stdout.readline())
            until = time.monotonic() + rng.uniform(0.0, 0.06)
            while time.monotonic() < until:
                n_read += check_whole(path)
            os.kill(writer, signal.SIGKILL)
            n_read += check_whole(path)
    return n_read


def check_whole(path: Path) -> int:
    """Read the part; a torn one raises, a mixed one fails. Returns 1 when there was one."""
    if not path.exists():
        return 0
    table = store.read([path], "feed_health")
    numbers = set(table.column("n_reports").to_pylist())
    assert len(numbers) == 1
    assert table.num_rows == 500 * numbers.pop()
    return 1


def test_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """60 kills here, 500 in `make soak`."""
    assert kills(tmp_path, 60, seed=1) > 60
    assert [path.name for path in store.parts(tmp_path, "feed_health")] == ["all.parquet"]


@pytest.mark.soak
def test_500_kills_leave_the_old_or_the_new(tmp_path: Path) -> None:
    assert kills(tmp_path, 500, seed=2) > 500
    assert [path.name for path in store.parts(tmp_path, "feed_health")] == ["all.parquet"]


def test_kill_between_writing_and_renaming_leaves_the_old(tmp_path: Path) -> None:
    """The temporary file lies there whole, the process is dead: readers still have the former rows."""
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(3))
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sys; from pathlib import Path; from pipeline import store\n"
            "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
            "sys.addaudithook(lambda event, args: die() if event == 'os.rename' else None)\n"
            "store.replace_file(Path(sys.argv[1]), b'half')",
            str(store.part_path(tmp_path, "feed_health", "day=2026-05-14", "all")),
        ],
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    folder = tmp_path / "feed_health" / "day=2026-05-14"
    assert len(list(folder.iterdir())) == 2, "the temporary file that the kill left, and the part"
    assert store.parts(tmp_path, "feed_health") == [folder / "all.parquet"]
    assert store.read(store.parts(tmp_path, "feed_health"), "feed_health").equals(health(3))


def test_reader_of_the_old_file_goes_on(tmp_path: Path) -> None:
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(1000, n_reports=1))
    path = store.part_path(tmp_path, "feed_health", "day=2026-05-14", "all")
    with path.open("rb") as file:
        file.read(10)
        store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(5, n_reports=2))
        file.seek(0)
        old = pq.read_table(file)
    assert old.num_rows == 1000
    assert store.read([path], "feed_health").num_rows == 5


def test_no_rows_remove_the_part(tmp_path: Path) -> None:
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(2))
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(0))
    assert store.parts(tmp_path, "feed_health") == []
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(0))
    assert store.read(store.parts(tmp_path, "feed_health"), "feed_health").equals(contracts.load("feed_health").empty())


def test_rows_that_do_not_conform_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        store.write(tmp_path, "feed_health", "day=2026-05-14", "all", pa.concat_tables([health(2), health(1)]))
    assert store.parts(tmp_path, "feed_health") == []


def test_same_rows_are_the_same_bytes_however_they_are_chunked() -> None:
    """Large enough for several pages a column: where a page ends must not depend on the chunks."""
    rng = random.Random(3)
    table = pa.table({"x": pa.array([rng.random() for _ in range(400_000)])})
    pieces = pa.concat_tables([table.slice(k, 777) for k in range(0, table.num_rows, 777)])
    assert pieces.column("x").num_chunks > 100
    assert store.parquet(pieces) == store.parquet(table)


def test_file_says_what_it_holds(tmp_path: Path) -> None:
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(2))
    schema = pq.read_schema(store.parts(tmp_path, "feed_health")[0])
    assert schema.metadata[b"table"] == b"feed_health"
    assert schema.metadata[b"schema_version"] == b"2"
    assert schema.field("longest_silence_s").metadata[b"unit"] == b"s"


def test_flipped_bytes_in_the_pages_are_detected(tmp_path: Path) -> None:
    """Every byte between the head and the footer: reading raises, or gives the same rows (a byte that carries none)."""
    store.write(tmp_path, "feed_health", "day=2026-05-14", "all", health(300))
    path = store.parts(tmp_path, "feed_health")[0]
    whole = path.read_bytes()
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    detected = 0
    for at in range(4, footer, 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            assert store.read([path], "feed_health").equals(health(300))
        except (OSError, pa.ArrowException):
            detected += 1
    assert detected > 20


def test_days_and_parts_are_in_order(tmp_path: Path) -> None:
    for day, part in (("2026-05-15", "b"), ("2026-05-14", "b"), ("2026-05-14", "a")):
        store.write(tmp_path, "feed_health", f"day={day}", part, health(1))
    assert store.days(tmp_path, "feed_health") == ["2026-05-14", "2026-05-15"]
    assert [f"{path.parent.name}/{path.stem}" for path in store.parts(tmp_path, "feed_health")] == [
        "day=2026-05-14/a",
        "day=2026-05-14/b",
        "day=2026-05-15/b",
    ]
    assert len(store.parts(tmp_path, "feed_health", "day=2026-05-14")) == 2


def test_raw_is_kept_by_its_hash_and_read_only(tmp_path: Path) -> None:
    came = tmp_path / "day.csv"
    content = os.urandom(3 * store.COPY_CHUNK_BYTES + 5)
    came.write_bytes(content)
    sha256, kept, n_bytes = store.keep_raw(tmp_path / "raw", came)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert kept == tmp_path / "raw" / sha256[:2] / sha256 == store.raw_path(tmp_path / "raw", sha256)
    assert n_bytes == len(content)
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o777 == 0o444
    assert came.read_bytes() == content, "the provider's file is not touched"


def test_the_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_bytes(b"same")
    second.write_bytes(b"same")
    _, kept, _ = store.keep_raw(tmp_path / "raw", first)
    before = kept.stat()
    assert store.keep_raw(tmp_path / "raw", second)[1] == kept
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path for path in (tmp_path / "raw").rglob("*") if path.is_file()] == [kept]


@pytest.mark.parametrize("kind", ["symlink", "broken symlink", "folder", "pipe", "nothing"])
def test_only_regular_files_are_kept(tmp_path: Path, kind: str) -> None:
    (tmp_path / "real.csv").write_bytes(b"secret")
    came = tmp_path / "came.csv"
    if kind == "symlink":
        came.symlink_to(tmp_path / "real.csv")
    elif kind == "broken symlink":
        came.symlink_to(tmp_path / "gone.csv")
    elif kind == "folder":
        came.mkdir()
    elif kind == "pipe":
        os.mkfifo(came)
    with pytest.raises(SourceError, match=r"came\.csv: not a regular file; put the file itself into the inbox"):
        store.keep_raw(tmp_path / "raw", came)
    assert not (tmp_path / "raw").exists() or not list((tmp_path / "raw").iterdir())
