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


Condition = dg.AutomationCondition[Any]


def ingest_when_late() -> Condition:
    """Raw layer: extract once when a table was never loaded or has just outlived its freshness policy."""
    late = dg.AutomationCondition.newly_missing() | dg.AutomationCondition.freshness_failed().newly_true()
    return (late & ~dg.AutomationCondition.in_progress()).with_label("raw: extract when missing or late")


def rebuild_when_missing_or_stale() -> Condition:
    """Warehouse layer: build what was never built, and what its raw tables have moved past."""
    return dg.AutomationCondition.eager().with_label("warehouse: rebuild when missing or behind its sources")


def export_when_mart_moved() -> Condition:
    """Lake layer: export a mart again when it was built anew."""
    return dg.AutomationCondition.eager().with_label("lake: export when the mart moved")


def retrain_when_old() -> Condition:
    """Begin of a model's chain: anew once the model has outlived its policy; moving marts alone are no reason."""
    old = dg.AutomationCondition.freshness_failed().newly_true() & ~dg.AutomationCondition.in_progress()
    return old.with_label("models: retrain when older than the policy allows")


def follow_the_training_set() -> Condition:
    """Rest of a model's chain: in the same run as what it is made of."""
    return dg.AutomationCondition.eager().with_label("models: follow the training set")
