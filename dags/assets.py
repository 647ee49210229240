"""What joins the DAGs: an asset per table of facts that a file can bring, and the alerts; named as their tables."""

from airflow.sdk import Asset, AssetAlias

TABLES = (
    "reports", "static_reports", "detections", "incidents", "route_counts", "vessel_register", "watch_list", "ports", "anchorages",
    "mids",
)  # fmt: skip
TABLE = {name: Asset(name) for name in TABLES}
ALERTS = Asset("alerts")

# Which tables of facts a run of `ingest` changes is known only when it has read its files; through an alias it
# announces just those, and none when it took in nothing new.
FACTS = AssetAlias("facts")
