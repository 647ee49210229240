"""
The database for analysts, `pharos.duckdb`: built beside the former one and renamed over it, so that who reads the former one goes on
undisturbed.

All tables but positions are in it; positions are a view over the lake. Every table and column has a comment with its meaning and
unit. The SQL files of `reference/views/` become views.
"""

import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import shapely

from pipeline import contracts, ledger, store
from pipeline.config import Home
from pipeline.errors import SettingsError
from pipeline.sea import Sea
from pipeline.sources import intake
from pipeline.zones import Zone

FROM_LAKE = ("tracks", "identity_claims", "events", "alerts", "alert_events", "feed_health")
OF_SOURCES = ("incidents", "detections", "route_counts", "vessel_register", "watch_list", "ports", "anchorages", "mids")
GEOGRAPHY = "geography"  # what stands as source_id of a place that the zones declare
DICTIONARY = "Every published column with its type, unit, allowed values and meaning; the same as docs/tables.md"
NOT_PUBLISHED = ("reports", "static_reports", "motion", "carried")  # what the steps hand to each other


def build(home: Home, sea: Sea) -> dict[str, Any]:
    """
    Build the database from the lake, the ledger and the sea in force, and swap it in. Returns its path, the rows of each table, and a line for
    each view of the home that cannot be used.
    """
    for left in home.root.glob(f".{home.warehouse.name}.*"):
        left.unlink()  # by a killed run
    beside = home.root / f".{home.warehouse.name}.{os.getpid()}.tmp"
    counts: dict[str, int] = {}
    refused: list[str] = []
    with duckdb.connect(beside) as database:
        database.execute("SET TimeZone = 'UTC'")
        for name, data in contents(home, sea).items():
            create(database, name, data)
            counts[name] = data.num_rows
        counts["positions"] = create_positions(database, home.lake)
        create(database, "data_dictionary", dictionary())
        database.execute(f"COMMENT ON TABLE data_dictionary IS {literal(DICTIONARY)}")
        for path in views(home):
            try:
                create_view(database, path)
            except (SettingsError, duckdb.Error, OSError, UnicodeDecodeError) as error:
                refused.append(f"view {path.name}: {str(error).splitlines()[0]}; correct or remove {path}")
        database.execute("CHECKPOINT")
    home.warehouse.with_name(f"{home.warehouse.name}.wal").unlink(missing_ok=True)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(home.warehouse)
    store.sync_folder(home.root)
    return {"path": str(home.warehouse), "rows": dict(sorted(counts.items())), "refused": refused}


def contents(home: Home, sea: Sea) -> dict[str, pa.Table]:
    """Every table but positions, by name."""
    found = {name: store.read(store.parts(home.lake, name), name) for name in FROM_LAKE}
    found["rejects"] = rejects(home)
    for name in OF_SOURCES:
        found[name] = intake.published(home, name)
    with ledger.opened(home.ledger) as connection:
        for name in ledger.TABLES:
            found[name] = ledger.table(connection, name)
    found["zones"] = contracts.rows(
        "zones",
        [
            {
                "zone_id": zone.zone_id,
                "kind": zone.kind,
                "title": zone.title,
                "theatre": zone.theatre,
                "status": zone.status,
                "source": zone.source,
                "geometry_wkt": shapely.to_wkt(zone.geometry, rounding_precision=6),
            }
            for zone in sea.zones
        ],
    )
    for name, places in (("ports", ports(sea)), ("anchorages", anchorages(sea))):
        found[name] = pa.concat_tables([contracts.rows(name, places), found[name]])
    return {name: contracts.conform(data, name) for name, data in found.items()}


def ports(sea: Sea) -> list[dict[str, Any]]:
    """The ports of the geography, as rows of `ports`."""
    return [
        {
            **as_place("port_id", port),
            "radius_nm": float(port.properties.get("radius_nm", 0.0)),
            "of_interest": port.properties.get("of_interest"),
        }
        for port in sea.ports
    ]


def anchorages(sea: Sea) -> list[dict[str, Any]]:
    """The anchorages of the geography, as rows of `anchorages`."""
    return [as_place("anchorage_id", zone) for zone in sea.zones if zone.kind == "anchorage"]


def as_place(key: str, zone: Zone) -> dict[str, Any]:
    """A zone as a place of a register."""
    middle = zone.geometry.centroid
    named = {key: zone.zone_id, "source_id": GEOGRAPHY, "source_ref": zone.zone_id, "title": zone.title}
    return {**named, "country": zone.properties.get("country"), "lon": middle.x, "lat": middle.y}


def rejects(home: Home) -> pa.Table:
    """Every rejected record: those of files at the door, and those that the tracks of a day put aside."""
    paths = [*intake.parts(home, "rejects"), *store.parts(home.lake, "rejects", "day=*")]
    return store.read(paths, "rejects")


def create(database: duckdb.DuckDBPyConnection, name: str, data: pa.Table) -> None:
    """A table with its rows and comments; its name and columns are those of a contract."""
    database.register("incoming", data)
    database.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608 a contract's name
    database.unregister("incoming")
    if name in contracts.tables():
        comment(database, "TABLE", name)


def create_positions(database: duckdb.DuckDBPyConnection, lake: Path) -> int:
    """The view over the lake's positions; an empty table while there are none. Returns the rows."""
    if not store.parts(lake, "positions"):
        create(database, "positions", contracts.load("positions").empty())
        return 0
    columns = ", ".join(column.name for column in contracts.load("positions").columns)
    glob = literal(f"{lake}/positions/*/*.parquet")
    view = f"CREATE VIEW positions AS SELECT {columns} FROM read_parquet({glob}, hive_partitioning = false)"  # noqa: S608
    database.execute(view)
    comment(database, "VIEW", "positions")
    row = database.execute("SELECT count(*) FROM positions").fetchone()
    return int(row[0]) if row else 0


def create_view(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """
    A view from its SQL file, with comments: what it finds, and the meaning of each column: its own (`-- column NAME: …`), or that of the
    column of this name in the tables.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", path.stem):
        raise SettingsError("a view's name has small letters, digits and _ only")
    text = path.read_text(encoding="utf-8")
    database.execute(f'CREATE VIEW "{path.stem}" AS {text}')
    finds = re.search(r"^-- finds: (.*)$", text, re.MULTILINE)
    if finds:
        database.execute(f'COMMENT ON VIEW "{path.stem}" IS {literal(finds[1])}')
    meanings = {
        column.name: explained(column) for name in contracts.tables() for column in contracts.load(name).columns
    }
    meanings |= dict(re.findall(r"^-- column (\w+): (.*)$", text, re.MULTILINE))
    for name, *_ in database.execute(f'DESCRIBE "{path.stem}"').fetchall():
        if name in meanings:
            database.execute(f'COMMENT ON COLUMN "{path.stem}"."{name}" IS {literal(meanings[name])}')


def explained(column: contracts.Column) -> str:
    """A column's meaning with its unit and allowed values."""
    unit = f"unit: {column.unit}" if column.unit else ""
    allowed = f"allowed: {column.range}" if column.range else ""
    return "; ".join(word for word in (column.meaning, unit, allowed) if word)


def comment(database: duckdb.DuckDBPyConnection, kind: str, name: str) -> None:
    """The meaning of a table and of its columns, with units and allowed values, as the contract says."""
    contract = contracts.load(name)
    database.execute(f'COMMENT ON {kind} "{name}" IS {literal(contract.about)}')
    for column in contract.columns:
        database.execute(f'COMMENT ON COLUMN "{name}"."{column.name}" IS {literal(explained(column))}')


def literal(text: str) -> str:
    """A text as an SQL literal, for the statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def dictionary() -> pa.Table:
    """Every published column: table, schema version, column, type, unit, allowed values, meaning."""
    records = [
        {
            "table_name": name,
            "schema_version": contracts.load(name).version,
            "column_name": column.name,
            "type": column.type,
            "unit": column.unit,
            "allowed": column.range or None,
            "meaning": column.meaning,
        }
        for name in contracts.tables()
        if name not in NOT_PUBLISHED
        for column in contracts.load(name).columns
    ]
    return pa.Table.from_pylist(records)


def views(home: Home) -> list[Path]:
    """The SQL files that become views, in order of name; the home's own override the packaged ones."""
    found = {path.stem: path for folder in home.references("views") for path in sorted(folder.glob("*.sql"))}
    return [found[name] for name in sorted(found)]
