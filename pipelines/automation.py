"""When assets refresh by themselves, by layer, and how old each layer may grow. Not here: jobs and their schedules.

Money is on schedules (see `jobs`): a condition decides per asset, a schedule brings the whole loop to one horizon.
The conditions below repair: they are evaluated by one sensor that is off unless an operator turns it on.
"""

from datetime import timedelta
from typing import Any

import dagster as dg

from pipelines import freshness

RAW_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=freshness.RAW_FAILED, warn_window=freshness.RAW_LATE)
MART_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=freshness.MART_FAILED, warn_window=freshness.MART_LATE)
# In the hourly loop a model is trained anew when it is older than this: an hour of orders teaches it nothing.
RETRAIN_AFTER = timedelta(hours=20)
MODEL_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=freshness.MODEL_FAILED, warn_window=freshness.MODEL_LATE)


def rebuild_when_missing_or_stale() -> dg.AutomationCondition[Any]:
    """Warehouse layer: build what was never built, and what its raw tables have moved past."""
    condition = dg.AutomationCondition.eager()
    return condition.with_label("warehouse: rebuild when missing or behind its sources")


def retrain_when_old() -> dg.AutomationCondition[Any]:
    """Model layer: train again when the model has outlived its freshness policy, never twice at once."""
    condition = dg.AutomationCondition.freshness_failed() & ~dg.AutomationCondition.in_progress()
    return condition.with_label("models: retrain when older than the policy allows")
