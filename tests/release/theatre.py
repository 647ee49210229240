"""A home with alerts, positions and feeds of one day off Lesvos, and the means to release it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import config, contracts, ledger, store
from pipeline.config import Home

DAY = "2026-05-14"


def at(clock: str, day: str = DAY) -> datetime:
    """`at("04:35")` is that time of the day, UTC."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)


def alert(alert_id: str, **changes: Any) -> dict[str, Any]:
    """A dark crossing of the Lesvos strait by a radar track, revision 1, unless something else is said."""
    row: dict[str, Any] = {
        "alert_id": alert_id,
        "revision": 1,
        "status": "new",
        "category": "crossing",
        "severity": 2,
        "confidence": 0.8,
        "headline": "Dark crossing, Lesvos strait: a small craft heads for the Greek coast",
        "facts": "Seen by radar, without AIS.",
        "assessment": "Likely crossing outside regular traffic; 4 points.",
        "indicators": json.dumps([{"indicator": "no_ais", "points": 2, "evidence": "seen by radar only"}]),
        "zone_id": "corridor_lesvos",
        "started_at": at("02:10"),
        "ended_at": at("03:05"),
        "known_at": at("03:05"),
        "lon": 26.45,
        "lat": 39.30,
        "mmsi": None,
        "imo": None,
        "track_id": f"radar:R-LESVOS-N:{alert_id}:20260514.1.1",
        "length_m": 9.0,
        "sar_phase": None,
        "is_distress": False,
        "outbound_small_craft": True,
        "may_carry_people": None,
        "tlp": "AMBER",
        "rel_to": ["hcg", "mrcc_piraeus"],
        "source_ids": ["coastal_radar"],
    }
    return {**row, **changes}


def distress(alert_id: str, **changes: Any) -> dict[str, Any]:
    """A small craft that stopped in the strait."""
    about = {
        "category": "distress",
        "severity": 3,
        "headline": "SAR phase alert: a craft stopped at sea",
        "assessment": "Possible need for help (rule b). Confirm by GMDSS.",
        "sar_phase": "alert",
        "is_distress": True,
        "outbound_small_craft": None,
    }
    return alert(alert_id, **{**about, **changes})


def fixes(
    track_id: str, mmsi: str | None, source_id: str, start: datetime, end: datetime, path: list[tuple[float, float]]
) -> list[dict[str, Any]]:
    """Positions every minute along a path of (lon, lat)."""
    n = int((end - start).total_seconds() // 60)
    rows = []
    for i in range(n + 1):
        leg, share = divmod(i * (len(path) - 1) / n, 1.0)
        (lon1, lat1), (lon2, lat2) = path[int(leg)], path[min(int(leg) + 1, len(path) - 1)]
        row = {"vessel_id": track_id.rpartition(".")[0], "track_id": track_id, "mmsi": mmsi, "source_id": source_id}
        where = {"lon": lon1 + share * (lon2 - lon1), "lat": lat1 + share * (lat2 - lat1)}
        rows.append({**row, **where, "observed_at": start + timedelta(minutes=i)})
    return rows


class Theatre:
    """A home that tests fill with alerts, tracks, names and feeds."""

    def __init__(self, root: Path) -> None:
        self.home: Home = config.home(root)
        self.home.create()
        self._rows: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def add(self, table: str, day: str, *rows: dict[str, Any]) -> None:
        """Add rows to a partition of the lake."""
        kept = self._rows.setdefault((table, day), [])
        kept += rows
        store.write(self.home.lake, table, f"day={day}", "all", contracts.rows(table, kept))

    def alerts(self, *rows: dict[str, Any]) -> None:
        """Add alert revisions to the day on which they began, with a track each that ends at its position."""
        for row in rows:
            day = row["started_at"].date().isoformat()
            self.add("alerts", day, row)
            seen = {position["track_id"] for position in self._rows.get(("positions", day), [])}
            if row["track_id"] and row["track_id"] not in seen:
                end = (row["lon"], row["lat"])
                path = [(end[0] + 0.05, end[1] + 0.09), (end[0] + 0.02, end[1] + 0.05), end]
                track = fixes(
                    row["track_id"], row["mmsi"], row["source_ids"][0], row["started_at"], row["known_at"], path
                )
                track[-1].update(lon=row["lon"], lat=row["lat"])
                self.add("positions", day, *track)

    def file(self, source_id: str, day: str = DAY, n_rows: int = 100, table: str = "reports") -> None:
        """A file of a source came in for a day, and its feed was heard from 00 to 12 UTC."""
        sha256 = f"{source_id}-{day}".encode().hex().ljust(64, "0")[:64]
        row = {
            "file_sha256": sha256, "source_id": source_id, "file_name": f"{day}.csv", "state": "accepted", "reason": None, "n_bytes": 1,
            "lines_in": n_rows, "accepted": n_rows, "rejected": 0, "duplicates": 0, "blank": 0, "sentinels": "{}",
            "received_at": at("23:00", day),
        }  # fmt: skip
        with ledger.opened(self.home.ledger) as connection:
            ledger.insert(connection, "source_files", row)
            connection.execute("INSERT INTO file_days VALUES (?, ?, ?, ?)", (sha256, table, day, n_rows))
        if table == "reports":
            hours = [
                {
                    "source_id": source_id, "hour_at": at(f"{hour:02d}:00", day), "n_reports": 10 if hour < 12 else 0, "n_vessels": 3,
                    "n_repeated": 0, "n_surplus": 0, "longest_silence_s": 60.0 if hour < 12 else 3600.0,
                }
                for hour in range(24)
            ]  # fmt: skip
            self.add("feed_health", day, *hours)

    def ran(self, *days: str) -> None:
        """The surveillance of these days has run."""
        with ledger.opened(self.home.ledger) as connection:
            columns = [row["name"] for row in connection.execute("PRAGMA table_info(day_runs)")]
            for day in days:
                values = [day if name == "day" else 0 if name.startswith(("n_", "is_")) else "x" for name in columns]
                marks = ", ".join("?" for _ in columns)
                connection.execute(f"INSERT INTO day_runs VALUES ({marks})", values)

    def agency(self, agency_id: str, **changes: Any) -> None:
        """Override a packaged agency, or add one like hcg."""
        folder = config.PACKAGED_REFERENCE / "agencies"
        like = folder / f"{agency_id}.toml"
        document = config.read_toml(like if like.is_file() else folder / "hcg.toml")
        document.update(changes)
        target = self.home.reference / "agencies" / f"{agency_id}.toml"
        target.parent.mkdir(exist_ok=True)
        target.write_text(
            "".join(f"{key} = {json.dumps(value)}\n" for key, value in document.items()), encoding="utf-8"
        )

    def table(self, name: str) -> list[dict[str, Any]]:
        """Rows of a ledger table."""
        with ledger.opened(self.home.ledger) as connection:
            found: pa.Table = ledger.table(connection, name)
        return found.to_pylist()

    def files(self, result: dict[str, Any], index: int = 0) -> dict[str, bytes]:
        """The files of a bundle by their path in it."""
        folder = self.home.root / result["bundles"][index]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
