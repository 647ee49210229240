"""
Reading a file that nobody vouches for: in a child process that has little memory, little time, no secrets, and can be lost.

One server process is started once and imports what reading needs; it forks a child for every file. So a file costs milliseconds, and no fork is
made of a process that has threads or memory of its own. The server ends with the process that started it.
"""

import atexit
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.errors import SourceError
from pipeline.sources import Source
from pipeline.sources.reading import Taken, read
from pipeline.sources.records import Refused

PASSED_ON = (
    "PATH",
    "PYTHONPATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "TZDIR",
    "TMPDIR",
)  # of the environment: no secrets
MB = 1 << 20
RESULT = "result.json"
ATTEMPTS = 2
ENDED = "ended from outside"
COUNTS = ("lines_in", "accepted", "duplicates", "blank")


class Server:
    """The process that forks a child for every file, and how to ask it; one a process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[str] | None = None
        self.owner = 0
        self.cpu_s = 0.0

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """How a job ended. The server is started when there is none, and once more when it is lost; `SourceError` when it is lost again."""
        with self.lock:
            for _ in range(ATTEMPTS):
                if self.process is None or self.owner != os.getpid() or self.process.poll() is not None:
                    self.start()
                line = self.answer(json.dumps(job))
                if line:
                    answer: dict[str, Any] = json.loads(line)
                    self.cpu_s += answer["cpu_s"]
                    return answer
                self.process = None
        raise SourceError(
            f"{job['name']}: the process that reads files was ended from outside; nothing of it was taken in, try again"
        )

    def answer(self, line: str) -> str:
        """What the server answers to a line; nothing when it is lost."""
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return ""
        return self.process.stdout.readline()

    def start(self) -> None:
        """Start the server process."""
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment["ARROW_DEFAULT_MEMORY_POOL"] = (
            "system"  # a child reads one file: keeping memory for later is lost time
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.sources.confined"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.owner = os.getpid()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the server that this process started."""
        if self.process is not None and self.owner == os.getpid():
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait()
            self.process = None


SERVER = Server()


def confined(path: Path, source: Source, name: str, received_at: datetime) -> Taken:
    """
    What `reading.read` makes of a file, read in a child process within the source's limits.

    `SourceError` when the file is refused whole, or when reading it takes more memory or time than the source allows.
    """
    with tempfile.TemporaryDirectory(prefix="pharos-") as folder:
        job = {
            "path": str(path.resolve()),
            "source": source.model_dump(mode="json", by_alias=True),
            "name": name,
            "received_at": received_at.isoformat(),
            "folder": folder,
        }
        answer = SERVER.ask(job)
        if answer["refused"] == ENDED:
            raise SourceError(
                f"{name}: the process that reads it was ended from outside, twice; is the machine out of memory? Try again; "
                "the file was kept and nothing of it taken in"
            )
        if answer["refused"]:
            raise SourceError(answer["refused"])
        return kept(Path(folder))


def keep(taken: Taken, folder: Path) -> None:
    """Write what was read into a folder."""
    for table, rows in taken.tables.items():
        with pa.OSFile(str(folder / f"{table}.arrow"), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
    said = {
        "tables": list(taken.tables),
        "refused": [asdict(one) for one in taken.refused],
        "counts": {name: getattr(taken, name) for name in COUNTS},
        "sentinels": taken.sentinels,
    }
    (folder / RESULT).write_text(json.dumps(said), encoding="utf-8")


def kept(folder: Path) -> Taken:
    """What `keep` wrote."""
    said = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    tables = {}
    for table in said["tables"]:
        with pa.memory_map(str(folder / f"{table}.arrow")) as file:
            tables[table] = pa.ipc.open_file(file).read_all()
    refused = [Refused(**one) for one in said["refused"]]
    return Taken(tables=tables, refused=refused, sentinels=Counter(said["sentinels"]), **said["counts"])


def serve() -> None:
    """Read jobs from standard input, one a line, and answer each with a line: why the file was refused, if it was, and the processor time."""
    for line in sys.stdin:
        job = json.loads(line)
        limits = Source.model_validate(job["source"]).limits
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(ATTEMPTS):
            refused = attempt(job, limits.max_memory_mb, limits.max_seconds)
            if refused != ENDED:
                break
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        try:
            print(json.dumps({"refused": refused, "cpu_s": cpu_s}), flush=True)  # noqa: T201 the answer to who started us
        except BrokenPipeError:
            os._exit(0)  # nobody waits any more


def attempt(job: dict[str, Any], memory_mb: int, seconds: int) -> str:
    """Let a child do a job; why the file was refused, empty when it was not."""
    alive, held = os.pipe()  # the child holds the one end for as long as it lives
    child = os.fork()
    if child == 0:
        os.close(alive)
        work(job, memory_mb, seconds)
    os.close(held)
    in_time = bool(select.select([alive], [], [], 2.0 * seconds)[0])
    os.close(alive)
    return outcome(child, in_time, job["name"], Path(job["folder"]), memory_mb, seconds)


def work(job: dict[str, Any], memory_mb: int, seconds: int) -> None:
    """Read one file within its limits and end the process: 0 done, 1 refused, 2 out of memory."""
    code = 2
    try:
        os.dup2(
            os.open(os.devnull, os.O_RDWR), 1
        )  # answers are the server's: who waits for one sees at once when it is lost
        signal.alarm(2 * seconds)  # and then nobody is left to end this
        pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
        most = pages * resource.getpagesize() + memory_mb * MB
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # a signal of its own, then the end
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        folder = Path(job["folder"])
        source = Source.model_validate(job["source"])
        received_at = datetime.fromisoformat(job["received_at"])
        keep(read(Path(job["path"]), source, job["name"], received_at, folder), folder)
        code = 0
    except SourceError as error:
        (Path(job["folder"]) / RESULT).write_text(str(error), encoding="utf-8")
        code = 1
    except (MemoryError, pa.ArrowMemoryError):
        code = 2
    except BaseException:
        code = 3
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def outcome(child: int, in_time: bool, name: str, folder: Path, memory_mb: int, seconds: int) -> str:
    """Why a child's file was refused, empty when it was not; a child that is not done in time, on a clock too, is ended."""
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    nothing = "the file was kept and nothing of it taken in"
    if code == 0:
        return ""
    if code == 1:
        return (folder / RESULT).read_text(encoding="utf-8")
    if code in (-signal.SIGXCPU, -signal.SIGALRM) or not in_time:
        return f"{name}: reading it takes more than {seconds} s; split it or raise limits.max_seconds of the source; {nothing}"
    if code == -signal.SIGKILL:
        return ENDED
    if code == 2 or code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
        return f"{name}: reading it takes more than {memory_mb} MB of memory; split it or raise limits.max_memory_mb of the source; {nothing}"
    return f"{name}: reading it failed by a fault of Pharos, see the traceback; {nothing}"


if __name__ == "__main__":
    serve()
