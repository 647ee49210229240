"""What holds for every task of Pharos: who owns it, when it is tried again, and how many may write."""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

# A file or a setting that was refused is refused again, and a bug of ours stays one: a person has to look, so
# these fail at once. All else (another run holds the lock, a full disk, a killed worker) may pass.
NEEDS_A_PERSON = RetryRule(
    exception=[f"pipeline.errors.{name}" for name in ("SourceError", "SettingsError", "ContractError")],
    action=RetryAction.FAIL,
    reason="trying again would fail again",
)

DEFAULTS = {
    "owner": "pharos",
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy(rules=[NEEDS_A_PERSON]),
    "execution_timeout": timedelta(hours=1),
    "pool": "pharos_home",
}
