"""
Alerts -> releases -> pharos.duckdb: a bundle for every agency and day that is due, each by a task of its own.

Starts when alerts were published. An agency whose bundle cannot be written fails its own task; the others get
theirs. What an agency was given already is not given again.
"""

from airflow.sdk import dag, task
from assets import ALERTS
from defaults import DEFAULTS


@dag(
    schedule=[ALERTS],
    catchup=False,
    max_active_runs=1,  # a bundle names the one before it
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["pharos", "release"],
)
def dissemination():
    @task
    def agencies_due():
        from pipeline import run

        return run.agencies_due()

    @task(map_index_template="{{ task.op_kwargs['agency_id'] }} {{ task.op_kwargs['day'] }}")
    def release(day, agency_id):
        from pipeline import run

        return run.release(day, agency_id)

    @task
    def publish():  # what was released, for the analysts; it is no news of alerts and starts nothing
        from pipeline import run

        return run.publish()

    release.expand_kwargs(agencies_due()) >> publish()


dissemination()
