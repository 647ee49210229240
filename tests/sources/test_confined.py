"""Files that nobody vouches for are read in real child processes: little memory, little time, no secrets, and they can be lost."""

import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.config import Home
from pipeline.errors import SourceError
from pipeline.sources import Source, confined, reading
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes through /proc")

RECEIVED = datetime(2026, 5, 15, 12, tzinfo=UTC)
HEADER = "sensor_id,track_no,time_utc,lat,lon,sog_kn,cog_deg,length_m\n"
PACKAGED = sources.load_all(Home(Path("no home")))
SOON_S = 20.0  # on a busy machine


def radar(**limits: int) -> Source:
    """The packaged radar with these limits."""
    source = PACKAGED["coastal_radar"]
    return source.model_copy(update={"limits": source.limits.model_copy(update=limits)})


def day(folder: Path, n_records: int, name: str = "day.csv") -> Path:
    """A file of a radar."""
    path = folder / name
    lines = (f"lesvos-n,{n},2026-05-14T06:00:00Z,39.1,26.3,5.5,90,9\n" for n in range(n_records))
    path.write_text(HEADER + "".join(lines))
    return path


def read(path: Path, source: Source) -> reading.Taken:
    """What a child process takes from a file."""
    return confined.confined(path, source, path.name, RECEIVED)


def refusal(path: Path, source: Source) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(SourceError) as raised:
        read(path, source)
    said = str(raised.value)
    assert said.startswith(f"{path.name}: ")
    assert "nothing of it" in said
    assert "taken in" in said
    assert said.isprintable()
    return said


def server(folder: Path) -> int:
    """The process that reads files for this one, once it has read one."""
    assert read(day(folder, 3), radar()).accepted == 3
    assert confined.SERVER.process is not None
    return confined.SERVER.process.pid


def children(process: int) -> list[int]:
    """The children of a process; none when it is gone."""
    with suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def is_alive(process: int) -> bool:
    """Whether a process is there and no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def soon(look: Callable[[], object]) -> bool:
    """Whether it becomes true."""
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.01)
    return False


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do something again and again in a thread beside the body."""
    is_done = threading.Event()

    def repeat() -> None:
        while not is_done.wait(0.01):
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join(SOON_S)
    assert not thread.is_alive()


def kill_readers(of: int) -> None:
    """Kill every child that reads a file for a server."""
    for child in children(of):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def reader(of: int) -> int:
    """The child that reads a file for a server, as soon as there is one."""
    assert soon(lambda: children(of))
    return children(of)[0]


def endless(folder: Path) -> Path:
    """A file that says nothing and does not end: who reads it waits."""
    path = folder / "endless.csv"
    os.mkfifo(path)
    return path


# The same as without a child ------------------------------------------------------------------------------------------


def zipped(*contents: str) -> bytes:
    """A zip file of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(str(number), content)
    return packed.getvalue()


GOOD = "lesvos-n,1,2026-05-14T06:00:00Z,39.1,26.3,5.5,360,9\n"
WRONG = "lesvos-n,2,now,39.1,26.3,5.5,90,9\n"
FILES = {
    "a table by day": ("coastal_radar", (HEADER + GOOD * 2 + "\n" + WRONG + GOOD.replace(",1,", ",3,") * 30).encode()),
    "an archive": ("coastal_radar", zipped(HEADER + GOOD, HEADER + GOOD.replace(",1,", ",4,") + WRONG)),
    "two tables": ("nmea_aivdm", b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23,1778738828\n$GPZDA,1*77\n"),
    "facts, with a text that is no UTF-8": (
        "visual_sightings",
        b"reported_at,lon,lat,n_craft,n_people,length_m,reference,watch\n2026-05-14T06:00:00Z,26.3,39.1,1,,,a,\xff\n"
        + "2026-05-14T06:00:00Z,26.3,39.1,1,,,b,Μυτιλήνη\n".encode(),
    ),
    "nothing": ("coastal_radar", HEADER.encode()),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_child_process_takes_what_reading_takes(tmp_path: Path, kind: str) -> None:
    source_id, content = FILES[kind]
    path, unpacked = tmp_path / "day", tmp_path / "unpacked"
    path.write_bytes(content)
    unpacked.mkdir()
    here = reading.read(path, PACKAGED[source_id], "day", RECEIVED, unpacked)
    there = read(path, PACKAGED[source_id])
    assert there == here, "every row, refusal and count"
    assert {name: rows.schema for name, rows in there.tables.items()} == {
        name: rows.schema for name, rows in here.tables.items()
    }


def test_a_file_that_is_refused_is_refused_with_the_same_line(tmp_path: Path) -> None:
    path = tmp_path / "day\u2028\udcff.csv"
    path.write_text("a,b\n")
    with pytest.raises(SourceError) as here:
        reading.read(path, radar(), path.name, RECEIVED, tmp_path)
    with pytest.raises(SourceError) as there:
        read(path, radar())
    assert str(there.value) == str(here.value)
    assert "header differs" in str(there.value)


def test_one_server_reads_many_files_and_says_what_they_cost(tmp_path: Path) -> None:
    first, before = server(tmp_path), confined.SERVER.cpu_s
    with ThreadPoolExecutor(4) as threads:
        sizes = list(range(1, 13))
        paths = [day(tmp_path, n, f"{n}.csv") for n in sizes]
        assert [taken.accepted for taken in threads.map(lambda path: read(path, radar()), paths)] == sizes
    assert server(tmp_path) == first
    assert confined.SERVER.cpu_s > before


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    taken = read(day(tmp_path, 100), radar())
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n")
    with pytest.raises(SourceError):
        read(wrong, radar())
    assert list(beside.iterdir()) == []
    assert taken.tables["reports"].num_rows == 100, "what was taken does not rest on the folder"


# Memory and time ------------------------------------------------------------------------------------------------------


def test_a_file_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    first = server(tmp_path)
    large = day(tmp_path, 400_000, "large.csv")
    said = refusal(large, radar(max_memory_mb=20))
    assert "reading it takes more than 20 MB of memory; split it or raise limits.max_memory_mb of the source" in said
    assert read(large, radar()).accepted == 400_000
    assert server(tmp_path) == first, "it took no harm"


def test_a_file_that_needs_too_much_time_is_refused(tmp_path: Path) -> None:
    """Time of the processor, so that a busy machine refuses nothing."""
    first = server(tmp_path)
    source = PACKAGED["gfw_pipe_gaps_lines"]
    hurried = source.model_copy(update={"limits": source.limits.model_copy(update={"max_seconds": 1})})
    assert hurried.offered
    long = tmp_path / "long.json"
    long.write_text((json.dumps(dict.fromkeys(hurried.offered, "0")) + "\n") * 600_000)
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    said = refusal(long, hurried)
    assert "reading it takes more than 1 s; split it or raise limits.max_seconds of the source" in said
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - spent < 1.0, "not in this process"
    assert server(tmp_path) == first


def test_a_file_that_never_ends_is_refused(tmp_path: Path) -> None:
    """A reader that waits spends no time of the processor: it is ended by the clock."""
    first = server(tmp_path)
    began = time.monotonic()
    assert "reading it takes more than 1 s" in refusal(endless(tmp_path), radar(max_seconds=1))
    assert 1.0 <= time.monotonic() - began < SOON_S
    assert soon(lambda: not children(first)), "nobody reads on"
    assert server(tmp_path) == first


def test_a_reader_has_its_limits_and_writes_no_core(tmp_path: Path) -> None:
    first, found = server(tmp_path), dict[str, str]()

    def look() -> None:
        for child in children(first):
            with suppress(OSError):
                lines = Path(f"/proc/{child}/limits").read_text().splitlines()[1:]
                limits = {line[:25].strip(): line[25:].split()[0] for line in lines}
                found.update(limits if limits["Max cpu time"] != "unlimited" else {})
        if found:
            kill_readers(first)

    with meanwhile(look):
        refusal(endless(tmp_path), radar(max_seconds=7, max_memory_mb=123))
    assert found["Max cpu time"] == "7"
    assert found["Max core file size"] == "0"
    assert 123 << 20 < int(found["Max address space"]) < 8 << 30


# Lost processes -------------------------------------------------------------------------------------------------------


def test_a_reader_that_is_killed_costs_its_file_and_no_other(tmp_path: Path) -> None:
    """The kernel kills who needs the memory that the machine does not have."""
    first = server(tmp_path)
    with meanwhile(lambda: kill_readers(first)):
        assert "ended from outside" in refusal(endless(tmp_path), radar(max_seconds=7))
    assert server(tmp_path) == first


def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    first = server(tmp_path)
    os.kill(first, signal.SIGKILL)
    second = server(tmp_path)
    assert second != first
    assert server(tmp_path) == second


def test_a_server_that_is_killed_while_it_reads_is_one_clear_line(tmp_path: Path) -> None:
    """However often it is started again for the file."""
    path, began = endless(tmp_path), time.monotonic()

    def kill() -> None:
        process = confined.SERVER.process
        if process is not None and children(process.pid):
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        if time.monotonic() - began > SOON_S:  # the end, for whoever still reads
            with suppress(OSError):
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))

    server(tmp_path)
    with meanwhile(kill):
        assert "ended from outside" in refusal(path, radar(max_seconds=60))
    assert time.monotonic() - began < SOON_S, "nobody waits for a reader whose server is gone"
    server(tmp_path)


def test_a_fault_of_ours_shows_where_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    confined.SERVER.stop()  # the next one writes its errors where this test looks
    said = refusal(tmp_path / "gone.csv", radar())
    assert "reading it failed by a fault of Pharos, see the traceback" in said
    errors = capfd.readouterr().err
    assert "Traceback (most recent call last)" in errors
    assert "FileNotFoundError" in errors
    confined.SERVER.stop()


# Secrets --------------------------------------------------------------------------------------------------------------


def environment(process: int) -> dict[str, str]:
    """What a process was started with."""
    words = Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if word)


def test_no_secret_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"AIRFLOW_CONN_X": "postgres://a:b@c", "PHAROS_SECRET": "s3cr3t", "AWS_SECRET_ACCESS_KEY": "k3y"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TZDIR", "/usr/share/zoneinfo")
    confined.SERVER.stop()
    first = server(tmp_path)
    given = [environment(first)]

    def look() -> None:
        for child in children(first):
            with suppress(OSError):
                given.append(environment(child))
        kill_readers(first)

    with meanwhile(look):
        refusal(endless(tmp_path), radar(max_seconds=7))
    assert len(given) >= 2
    for found in given:
        assert found["TZDIR"] == "/usr/share/zoneinfo"
        assert not set(found) & set(secrets)
        assert not set(found.values()) & set(secrets.values())
        assert set(found) & set(os.environ) <= set(confined.PASSED_ON)
    confined.SERVER.stop()


# Who started it -------------------------------------------------------------------------------------------------------

FIRST = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline import sources
from pipeline.config import Home
from pipeline.sources import confined

def read(path, **limits):
    source = sources.load(Home(Path("no home")), "coastal_radar")
    source = source.model_copy(update={"limits": source.limits.model_copy(update=limits)})
    return confined.confined(Path(path), source, "day.csv", datetime(2026, 5, 15, 12, tzinfo=UTC)).accepted

print(os.getpid(), read(sys.argv[1]), confined.SERVER.process.pid, flush=True)
"""
FORKED = """
child = os.fork()
print(os.getpid(), read(sys.argv[1]), confined.SERVER.process.pid, flush=True)
if child:
    os.waitpid(child, 0)
    print(os.getpid(), read(sys.argv[1]), confined.SERVER.process.pid, flush=True)
else:
    os._exit(0)
"""


def run(code: str, *arguments: object) -> tuple[subprocess.CompletedProcess[str], list[tuple[int, int, int]]]:
    """A Python of its own that ran this code; the processes, counts and servers that it printed."""
    command = [sys.executable, "-c", FIRST + code, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    said = [line.split() for line in done.stdout.splitlines()]
    return done, [(int(process), int(count), int(server)) for process, count, server in said]


def test_a_fork_has_a_server_of_its_own(tmp_path: Path) -> None:
    done, said = run(FORKED, day(tmp_path, 5))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [count for _, count, _ in said] == [5, 5, 5, 5][: len(said)]
    (parent, _, first), *rest = said
    servers: dict[int, set[int]] = {}
    for process, _, of in said:
        servers.setdefault(process, set()).add(of)
    assert len(rest) == 3
    assert servers[parent] == {first}, "the parent goes on with the one it had"
    (child,) = set(servers) - {parent}
    assert servers[child] != {first}
    assert len(servers[child]) == 1
    assert soon(lambda: not any(is_alive(pid) for pids in servers.values() for pid in pids))


@pytest.mark.parametrize(
    "ending", ["", "sys.exit(3)", "raise ValueError", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_no_server_stays_when_who_started_it_has_ended(tmp_path: Path, ending: str) -> None:
    _, ((_, count, of),) = run(ending, day(tmp_path, 4))
    assert count == 4
    assert soon(lambda: not is_alive(of))


def test_no_server_stays_when_who_started_it_is_killed_while_a_file_is_read(tmp_path: Path) -> None:
    code = FIRST + "read(sys.argv[2], max_seconds=1)"
    command = [sys.executable, "-c", code, str(day(tmp_path, 4)), str(endless(tmp_path))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        of = int(process.stdout.readline().split()[2])
        child = reader(of)
        process.kill()
    assert soon(lambda: not is_alive(of))
    assert soon(lambda: not is_alive(child))
