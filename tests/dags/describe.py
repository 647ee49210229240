"""
Prints as JSON what Airflow reads in dags/.

A program of its own, since importing Airflow configures the logging and the database of its whole process.
"""

import json
import sys

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import RetryAction
from airflow.settings import DAGS_FOLDER

imported_by_airflow = set(sys.modules)
bag = BundleDagBag(dag_folder=DAGS_FOLDER, bundle_path=DAGS_FOLDER, bundle_name="dags-folder")
imported_by_dags = set(sys.modules) - imported_by_airflow

from pipeline import errors  # noqa: E402 - after the imports of the DAGs were noted


def starts_on(condition) -> list[str]:
    """The kind of condition and the assets that it names; nothing for a schedule by the clock."""
    return condition and [type(condition).__name__, *sorted(asset.name for asset in condition.objects)]


def seconds(duration) -> float | None:
    return duration and duration.total_seconds()


def retried(policy) -> dict[str, bool]:
    """For each of our errors, whether a task that raised it is tried again."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    decided = {kind.__name__: policy.evaluate(kind("why"), try_number=1, max_tries=3) for kind in kinds}
    return {name: decision.action is not RetryAction.FAIL for name, decision in decided.items()}


json.dump(
    {
        "import_errors": bag.import_errors,
        "imports": sorted(imported_by_dags),
        "dags": {
            dag_id: {
                "doc_md": dag.doc_md,
                "tags": sorted(dag.tags),
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "starts_on": starts_on(dag.timetable.asset_condition),
                "tasks": {
                    task.task_id: {
                        "owner": task.owner,
                        "retries": task.retries,
                        "retry_delay_s": seconds(task.retry_delay),
                        "retry_backoff": task.retry_exponential_backoff,
                        "execution_timeout_s": seconds(task.execution_timeout),
                        "pool": task.pool,
                        "is_mapped": task.is_mapped,
                        "retried": retried(task.retry_policy),
                        "outlets": sorted(outlet.name for outlet in task.outlets),
                    }
                    for task in dag.tasks
                },
            }
            for dag_id, dag in bag.dags.items()
        },
    },
    sys.stdout,
)
