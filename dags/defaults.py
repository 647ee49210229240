"""What holds for every task of Pharos: who owns it, when it is tried again, and how many may write."""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

# A file or a setting that was refused is refused again: a person has to look, so these fail at once.
# All else (another run holds the lock, a full disk, a killed worker) may pass and is tried again.
REFUSED = RetryRule(
    exception=["pipeline.errors.SourceError", "pipeline.errors.SettingsError"],
    action=RetryAction.FAIL,
    reason="refused; trying again would refuse it again",
)

DEFAULTS = {
    "owner": "pharos",
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy(rules=[REFUSED]),
    "execution_timeout": timedelta(hours=1),
    "pool": "pharos_home",
}
