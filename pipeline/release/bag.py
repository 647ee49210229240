"""
BagIt 1.0 (RFC 8493): a folder that says what is in it and proves that nothing was changed or lost.

No clock: the bagging date is the day that the bundle speaks of, so equal content gives equal bytes.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from pipeline import store

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def pack(payload: Mapping[str, bytes], info: Mapping[str, str]) -> dict[str, bytes]:
    """All files of the bag by their path in it: payload below `data/`, `info` in `bag-info.txt` in the given order, and the manifests."""
    data = {f"data/{name}": content for name, content in payload.items()}
    octets = sum(map(len, data.values()))
    tags = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": "".join(
            f"{key}: {value}\n" for key, value in {**info, "Payload-Oxum": f"{octets}.{len(data)}"}.items()
        ).encode(),
        "manifest-sha256.txt": _manifest(data),
    }
    return {**data, **tags, "tagmanifest-sha256.txt": _manifest(tags)}


def content_sha256(bag: Mapping[str, bytes]) -> str:
    """One hash for the payload: equal where the same files hold the same bytes."""
    return hashlib.sha256(bag["manifest-sha256.txt"]).hexdigest()


def read(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def write(folder: Path, bag: Mapping[str, bytes]) -> None:
    """Write and flush every file into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in sorted(bag.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    for inner in sorted({(folder / name).parent for name in bag}):
        store.sync_folder(inner)


def publish(beside: Path, folder: Path) -> None:
    """Rename the finished folder into its place in one step."""
    beside.replace(folder)
    store.sync_folder(folder.parent)


def _manifest(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
