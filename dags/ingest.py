"""
Inbox -> tables of facts: every complete file in `inbox/<source>/` is taken in by a task of its own.

A file that is refused fails its own task, and so the run; the other files are taken in all the same. When all
were tried, the tables that got something new are announced as assets, and that starts `surveillance`. An
empty inbox announces nothing. Runs every quarter of an hour, and when triggered.
"""

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task
from assets import FACTS, TABLE
from defaults import DEFAULTS


@dag(
    schedule="*/15 * * * *",
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["pharos", "facts"],
)
def ingest():
    @task
    def inbox_files():
        from pipeline import run

        return run.inbox_files()

    @task(map_index_template="{{ task.op_kwargs['path'] }}")
    def ingest_file(source_id, path):
        from pipeline import run

        return run.ingest(source_id, path)

    @task(outlets=[FACTS], trigger_rule="all_done")
    def announce(files, *, outlet_events):
        changed = {table for file in files for table in file["fact_tables"]}
        for name in sorted(changed):
            outlet_events[FACTS].add(TABLE[name])

    ingested = ingest_file.expand_kwargs(inbox_files())
    announce(ingested)
    # The last tasks decide the state of a run, and `announce` follows a refused file too: this one does not.
    ingested >> EmptyOperator(task_id="no_file_refused")


ingest()
