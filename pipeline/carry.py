"""
What a day leaves to the next: the tail of its motion, what each detector remembers, how far each feed was heard, outages.

It lies in `state/<hash>/`, named by its content; the ledger says which one a day left. So a day costs that day whatever the history, a re-run
starts from what the day before left, and a killed run leaves the former one in force.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import contracts, store
from pipeline.detect import DETECTORS
from pipeline.detect.contract import Outage


@dataclass(frozen=True)
class Carried:
    """What the days before left; empty at the beginning of the data."""

    motion: pa.Table = field(default_factory=lambda: contracts.load("motion").empty())
    detectors: Mapping[str, pa.Table] = field(
        default_factory=lambda: {detector.name: contracts.load("carried").empty() for detector in DETECTORS}
    )
    until_s: Mapping[str, float] = field(default_factory=dict)
    outages: tuple[Outage, ...] = ()


def save(state: Path, carried: Carried) -> str:
    """Keep what a day leaves; returns the name under which `load` finds it."""
    files: dict[str, bytes] = {"motion.parquet": store.parquet(carried.motion)}
    for name, table in sorted(carried.detectors.items()):
        files[f"{name}.parquet"] = store.parquet(table)
    feeds = {"until_s": dict(carried.until_s), "outages": [asdict(outage) for outage in carried.outages]}
    files["feeds.json"] = contracts.to_json(feeds).encode()
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    folder = state / digest.hexdigest()
    for name, content in files.items():
        store.replace_file(folder / name, content)
    return folder.name


def load(state: Path, name: str) -> Carried:
    """What was kept under this name."""
    folder = state / name
    feeds = json.loads((folder / "feeds.json").read_text(encoding="utf-8"))
    return Carried(
        motion=pq.read_table(folder / "motion.parquet", page_checksum_verification=True),
        detectors={
            detector.name: pq.read_table(folder / f"{detector.name}.parquet", page_checksum_verification=True)
            for detector in DETECTORS
        },
        until_s=feeds["until_s"],
        outages=tuple(Outage(**outage) for outage in feeds["outages"]),
    )


def sweep(state: Path, in_force: set[str]) -> None:
    """Remove what no day's row in the ledger names any more."""
    for folder in state.iterdir():
        if folder.is_dir() and folder.name not in in_force:
            shutil.rmtree(folder)
