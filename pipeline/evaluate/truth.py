"""
Truth: what a home should have found, as `truth.json` of the simulator (format "pharos-truth/1") tells it.

A behaviour is what labelled craft acted out, with the events and alerts that it should lead to, or that it should lead to none. Keys that
say nothing to an evaluation (the sample day's rejects, for example) are left alone.
"""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import SettingsError

FORMAT = "pharos-truth/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Subject(_Part):
    """A craft: its MMSI, and how the ids of its radar tracks begin. With neither it stands for nobody, as a feed does."""

    mmsi: str | None = None
    track_prefixes: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    def is_of(self, track_id: str | None, mmsi: str | None) -> bool:
        """Whether a track, or a maritime identity, is this craft's."""
        if self.mmsi is None and not self.track_prefixes:
            return track_id is None and mmsi is None
        return (mmsi is not None and mmsi == self.mmsi) or (track_id or "").startswith(self.track_prefixes)


class TrueEvent(Subject):
    """
    An event that should be found. `ended_at` None lasts until the end of the data; `known_at` is when the evidence first sufficed; `lon` and `lat` are the
    place of an event about no craft.
    """

    event_type: str
    phase: str | None = None
    rule: str | None = None
    state: str | None = None
    other_mmsi: str | None = None
    other_track_prefixes: tuple[str, ...] = ()
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    known_at: AwareDatetime
    is_distress: bool = False
    lon: float | None = None
    lat: float | None = None

    @property
    def is_expected(self) -> bool:
        """Whether it should be found in force: what a feed that was down explains, or later data take back, should not."""
        return self.state not in ("void_coverage", "retracted")

    @cached_property
    def other(self) -> Subject | None:
        """The second craft of a pair."""
        if self.other_mmsi is None and not self.other_track_prefixes:
            return None
        return Subject(mmsi=self.other_mmsi, track_prefixes=self.other_track_prefixes)


class TrueAlert(_Part):
    """A kind of alert that a behaviour should lead to; `status` cancel where it should be taken back again."""

    category: str
    status: str


class Behaviour(_Part):
    """What labelled craft did. `path` is the way of the first of them: (time, lon, lat), thinned."""

    label: str
    behaviour: str
    positive: bool
    story: str
    started_at: AwareDatetime
    ended_at: AwareDatetime
    subjects: tuple[Subject, ...]
    path: tuple[tuple[AwareDatetime, float, float], ...] = ()
    events: tuple[TrueEvent, ...]
    alerts: tuple[TrueAlert, ...]

    def is_about(self, track_id: str | None, mmsi: str | None) -> bool:
        """Whether one of its craft is meant; never true of nobody."""
        return (track_id or mmsi) is not None and any(one.is_of(track_id, mmsi) for one in self.subjects)


class Silence(_Part):
    """A craft was truly not heard at sea for long, whether that is a behaviour or not."""

    mmsi: str
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class Truth(_Part):
    """
    The truth about `n_days` days from `first_day` on. `theatre` is None where real traffic lies in none; `vessels` counts the simulated craft of the
    background, None where it is real traffic; `unobserved` the behaviours that no sensor saw anything of, which are left out.
    """

    format: Literal["pharos-truth/1"]
    theatre: str | None
    seed: int
    first_day: date
    n_days: Annotated[int, Field(ge=1, alias="days")]
    vessels: int | None
    behaviours: tuple[Behaviour, ...]
    silences: tuple[Silence, ...] = ()
    unobserved: int = 0

    @property
    def days(self) -> list[str]:
        """Its days as ISO dates."""
        return [str(self.first_day + timedelta(days=n)) for n in range(self.n_days)]

    @property
    def ended_at(self) -> datetime:
        """The end of its last day."""
        last = self.first_day + timedelta(days=self.n_days)
        return datetime(last.year, last.month, last.day, tzinfo=UTC)


def read(path: Path) -> Truth:
    """The truth in a file; `SettingsError` when the file is no truth, or one of another format."""
    where = f"{path}: no truth to evaluate against"
    mend = "name the truth.json that `pharos simulate` wrote"
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{where}: cannot be read: {error.strerror}; {mend}") from error
    except ValueError as error:
        raise SettingsError(f"{where}: not JSON: {error}; {mend}") from error
    said = document.get("format") if isinstance(document, dict) else None
    if said != FORMAT:
        raise SettingsError(f"{where}: its format is {said!r}, read is {FORMAT!r}; {mend}")
    try:
        return Truth.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{where}: {place}: {first['msg']}; write it anew with `pharos simulate`") from error
