"""
Facts -> positions, tracks -> events -> alerts -> pharos.duckdb, for the days that new data touched.

Starts when a file brought facts of any kind. Late data touch an earlier day: that day is done again, and
its alerts are revised or retracted. What touches no day, such as incidents or registers, is published all the same.
"""

from airflow.sdk import AssetAny, dag, task
from assets import ALERTS, TABLE
from defaults import DEFAULTS


@dag(
    schedule=AssetAny(*TABLE.values()),
    catchup=False,
    max_active_runs=1,  # a day carries its state to the next: one run after the other
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["pharos", "judgement"],
)
def surveillance():
    @task
    def days_touched():
        from pipeline import run

        return run.days_touched()

    @task(max_active_tis_per_dagrun=1, map_index_template="{{ task.op_kwargs['day'] }}")
    def survey_day(day):
        from pipeline import run

        return run.day(day)

    @task(outlets=[ALERTS], trigger_rule="none_failed")
    def publish():
        from pipeline import run

        return run.publish()

    survey_day.expand(day=days_touched()) >> publish()


surveillance()
