"""
Records: what a reader of a format hands on, a block at a time. Every format is one module with one function,

    read(path, source, name) -> Iterator[Records]

which yields the records of one unpacked file in its order, raises `SourceError` when the file as a whole is not what the source declares, and
sets aside with a reason what it cannot read. It believes nothing and converts nothing: that is done in `columns` and by the fact's module.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

RAW_CHARACTERS = 400  # of a rejected record that are kept
LONGEST_RECORD_BYTES = 1 << 16


@dataclass(frozen=True)
class Refused:
    """
    A record that could not be read: the physical line on which it begins, which record of that line it is (from 1), a reason of
    `reference/reasons.toml`, its first characters, and how many records of the file it stands for (the parts of one message).
    """

    line: int
    reason: str
    raw: str
    item: int = 1
    n_records: int = 1


@dataclass(frozen=True)
class Records:
    """
    Records of one block [n].

    `fields`: the source's fields by name, each as text (plain or dictionary), as numbers or, where the file has such, as UTC times; null and ""
    are both "not stated". `line`, `item`: where each begins, see `Refused`. `n_records`: how many records of the file make up each row (an AIS
    message of two sentences: 2). `raw(i)` is the i-th as it came. `n_blank` records of the file held nothing.
    """

    fields: pa.Table
    line: np.ndarray
    raw: Callable[[int], str]
    n_blank: int = 0
    refused: list[Refused] = field(default_factory=list)
    item: np.ndarray | None = None
    n_records: np.ndarray | None = None

    @property
    def items(self) -> np.ndarray:
        """Which record of its line each is, from 1 [n]."""
        return np.ones(len(self.line), dtype=np.int32) if self.item is None else self.item.astype(np.int32)

    @property
    def weights(self) -> np.ndarray:
        """How many records of the file each row stands for [n]."""
        return np.ones(len(self.line), dtype=np.int32) if self.n_records is None else self.n_records.astype(np.int32)

    @property
    def lines_in(self) -> int:
        """Records of the file in this block, whatever became of them."""
        return int(self.weights.sum()) + self.n_blank + sum(one.n_records for one in self.refused)


def excerpt(record: bytes) -> str:
    """Bounded text of a record; bytes that are no UTF-8 and NULs show as their escapes."""
    return record[: RAW_CHARACTERS * 4].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")[:RAW_CHARACTERS]
