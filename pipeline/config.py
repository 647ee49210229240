"""
Settings: the home folder and what lies in it, and the reference data (sources, zones, gates, agencies) in force.

Files in `<home>/reference/` extend and override the packaged ones by name.
"""

import os
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import SettingsError

Parsed = TypeVar("Parsed")

PACKAGED_REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class Home:
    """The folder that holds everything one installation of Pharos has: one property a place, declared nowhere else."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Where providers put files: `inbox/<source>/<file>`."""
        return self.root / "inbox"

    @property
    def raw(self) -> Path:
        """The content-addressed store of every file that came in."""
        return self.root / "raw"

    @property
    def lake(self) -> Path:
        """Parquet, `lake/<table>/<partition>/<part>.parquet`."""
        return self.root / "lake"

    @property
    def state(self) -> Path:
        """What a day's run carries to the next day."""
        return self.root / "state"

    @property
    def ledger(self) -> Path:
        """The SQLite file that accounts for files, days, releases and runs."""
        return self.root / "ledger.sqlite"

    @property
    def release(self) -> Path:
        """Bundles, `release/<agency>/<day>/<seq>/`."""
        return self.root / "release"

    @property
    def warehouse(self) -> Path:
        """The database for analysts."""
        return self.root / "pharos.duckdb"

    @property
    def cache(self) -> Path:
        """Things that can be computed again, by the hash of what they were computed from."""
        return self.root / "cache"

    @property
    def reference(self) -> Path:
        """The installation's own sources, zones, gates and agencies."""
        return self.root / "reference"

    @property
    def last_good(self) -> Path:
        """Copies of the installation's zone and gate files as they last were in force: see `run.sea`."""
        return self.root / "last_good"

    def create(self) -> None:
        """Make the folders that people put files into and that runs write to."""
        for folder in (self.inbox, self.raw, self.lake, self.state, self.release, self.cache, self.reference):
            folder.mkdir(parents=True, exist_ok=True)

    def references(self, kind: str) -> list[Path]:
        """Folders of one kind of reference data, the packaged one first; later ones override by file name."""
        return [PACKAGED_REFERENCE / kind, self.reference / kind]


def home(root: Path | str | None = None) -> Home:
    """The home: the given folder, else `$PHAROS_HOME`, else `./var`."""
    return Home(Path(root or os.environ.get("PHAROS_HOME") or "var").resolve())


def toml_files(folders: list[Path]) -> Iterator[tuple[str, Path]]:
    """(name, path) of every TOML file in force, in order of name; a later folder's file replaces an earlier one's."""
    found = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    yield from sorted(found.items())


def usable(folders: list[Path], parse: Callable[[str, Path], Parsed]) -> tuple[dict[str, Parsed], dict[str, str]]:
    """(what each TOML file in force declares, by name; why a file cannot be used, one line each, by name)."""
    found: dict[str, Parsed] = {}
    refused: dict[str, str] = {}
    for name, path in toml_files(folders):
        try:
            found[name] = parse(name, path)
        except SettingsError as error:
            refused[name] = str(error)
    return found, refused


def read_toml(path: Path) -> dict[str, Any]:
    """The document, or `SettingsError` that names the file and the place."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path.name}: not readable as TOML: {error}; correct or remove {path}") from error
