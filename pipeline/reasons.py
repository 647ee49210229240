"""Why records are not believed: the fixed list of reason codes, each with what it means and what to do about it (`reference/reasons.toml`)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "reference" / "reasons.toml"


@dataclass(frozen=True)
class Reason:
    """One code. An `ordinary` one belongs to the medium and does not count towards the share that quarantines a file."""

    code: str
    means: str
    do: str
    ordinary: bool = False


REASONS = {code: Reason(code, **said) for code, said in sorted(tomllib.loads(FILE.read_text(encoding="utf-8")).items())}
