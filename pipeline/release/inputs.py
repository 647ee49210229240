"""
What a bundle rests on: which sources spoke on the day, how much and in which hours, and where nobody listened.

A nil report is only worth something with this beside it: "nothing seen" is not "nothing received". Sources whose labels keep them from the agency
are not named, not even as missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

from pipeline import config, store
from pipeline.release.policy import labels_allow, strictest
from pipeline.sources import Source

OWN_TLP = "AMBER"  # own: of a bundle that names no source


@dataclass(frozen=True)
class Heard:
    """
    One source on one day. `n_files` and `n_rows` are of that day; `n_refused` files of the source that stand quarantined, whatever their day;
    `reports` are counts per hour [24], None for a source that is no feed of positions.
    """

    source_id: str
    title: str
    attribution: str
    cadence: str
    n_files: int
    n_rows: int
    n_refused: int
    reports: tuple[int, ...] | None

    @property
    def hours(self) -> int:
        """Hours of the day in which anything was heard."""
        return sum(1 for n in self.reports or () if n)

    @property
    def silent(self) -> str:
        """The silent hours as `00-03, 14-15`, in UTC; empty when there is none."""
        spans: list[list[int]] = []
        for hour, n in enumerate(self.reports or ()):
            if n == 0 and spans and spans[-1][1] == hour:
                spans[-1][1] = hour + 1
            elif n == 0:
                spans.append([hour, hour + 1])
        return ", ".join(f"{first:02d}-{last:02d}" for first, last in spans)


@dataclass(frozen=True)
class Outage:
    """A feed that was silent: no alert can come from that place and time."""

    title: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Inputs:
    """All that may be said to one agency about one day."""

    heard: tuple[Heard, ...]
    outages: tuple[Outage, ...]
    tlp: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was received for the day."""
        return not any(source.n_files for source in self.heard)

    @property
    def missing(self) -> tuple[Heard, ...]:
        """Sources from which nothing came for the day although something is due every day."""
        return tuple(source for source in self.heard if not source.n_files and source.cadence == "daily")


def read(home: config.Home, connection: Connection, day: str, sources: Mapping[str, Source], agency_id: str) -> Inputs:
    """What the sources that the agency may know of brought for a UTC day."""
    known = {row["source_id"] for row in connection.execute("SELECT DISTINCT source_id FROM source_files")}
    allowed = {
        name: source for name, source in sources.items() if name in known and labels_allow([source.label], agency_id)
    }
    counts = {
        row["source_id"]: (row["n_files"], row["n_rows"])
        for row in connection.execute(
            "SELECT source_id, count(DISTINCT file_sha256) AS n_files, sum(n_accepted) AS n_rows FROM file_days JOIN source_files USING (file_sha256)"
            " WHERE day = ? GROUP BY source_id",
            (day,),
        )
    }
    refused = dict(
        connection.execute(
            "SELECT source_id, count(*) FROM source_files WHERE state = 'quarantined' GROUP BY source_id"
        ).fetchall()
    )
    hours: dict[str, list[int]] = {}
    for row in store.read(store.parts(home.lake, "feed_health", f"day={day}"), "feed_health").to_pylist():
        hours.setdefault(row["source_id"], [0] * 24)[row["hour_at"].hour] += row["n_reports"]
    heard = tuple(
        Heard(
            source_id=name,
            title=source.title,
            attribution=source.label.attribution,
            cadence=source.limits.cadence,
            n_files=counts.get(name, (0, 0))[0],
            n_rows=counts.get(name, (0, 0))[1],
            n_refused=refused.get(name, 0),
            reports=tuple(hours.get(name, [0] * 24)) if source.table == "reports" else None,
        )
        for name, source in sorted(allowed.items())
    )
    tlp = strictest([source.label.tlp for source in allowed.values()]) if allowed else OWN_TLP
    return Inputs(heard, _outages(home, day, allowed), tlp)


def _outages(home: config.Home, day: str, allowed: Mapping[str, Source]) -> tuple[Outage, ...]:
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC)
    end = begin + timedelta(days=1)
    found = []
    for partition in ((begin - timedelta(days=1)).date().isoformat(), day):
        for row in store.read(store.parts(home.lake, "events", f"day={partition}"), "events").to_pylist():
            over = row["ended_at"] is not None and row["ended_at"] <= begin
            if row["event_type"] != "feed_outage" or row["state"] == "retracted" or over or row["started_at"] >= end:
                continue
            if row["source_ids"] and set(row["source_ids"]) <= set(allowed):
                title = ", ".join(allowed[name].title for name in row["source_ids"])
                found.append(Outage(title, row["started_at"], row["ended_at"]))
    return tuple(sorted(found, key=lambda outage: (outage.started_at, outage.title)))


def attributions(inputs: Inputs) -> tuple[str, ...]:
    """The lines that the data's licences ask for, of the sources that spoke, and of the map."""
    return (
        *(source.attribution for source in inputs.heard if source.n_files),
        "Coastline © OpenStreetMap contributors (ODbL)",
    )
