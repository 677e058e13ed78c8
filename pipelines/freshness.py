"""How old each layer may grow, as durations: for Dagster's policies and for the alerts. Not here: who looks, Dagster."""

from datetime import timedelta

# Late: somebody should look. Failed: what is shown is no longer today's business.
RAW_LATE, RAW_FAILED = timedelta(hours=3), timedelta(hours=24)
MART_LATE, MART_FAILED = timedelta(hours=3), timedelta(hours=24)
MODEL_LATE, MODEL_FAILED = timedelta(days=2), timedelta(days=8)
