"""The composition root of Dagster: settings in, definitions out. Nothing happens at import. Not here: any wiring."""

import json
from collections.abc import Sequence
from typing import Any

import dagster as dg

from foundation.settings import Settings, load_settings
from models.families import families
from models.family import Family
from pipelines.assets.families import exported_marts, family_assets
from pipelines.assets.ingest import ingest_assets
from pipelines.assets.lake import lake_assets
from pipelines.assets.upkeep import upkeep
from pipelines.assets.warehouse import warehouse_assets
from pipelines.jobs import loop_jobs, schedules
from pipelines.partitions import business_days
from pipelines.transform import manifest_path


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's web server and daemon load: built when they ask, not when they import."""
    return build_defs(load_settings())


def build_defs(
    settings: Settings, *, model_families: Sequence[Family] | None = None, **overrides: Any
) -> dg.Definitions:
    """Definitions for these settings; `overrides` replace arguments of `dagster.Definitions` (tests, loggers).

    Before the dbt project was parsed (`python -m pipelines.manifest`), only ingest is there.
    """
    partitions = business_days(settings)
    assets: list[Any] = [ingest_assets()]
    manifest = manifest_path(settings)
    if manifest.exists():
        known = families() if model_families is None else tuple(model_families)
        assets.append(warehouse_assets(json.loads(manifest.read_text()), partitions))
        if known:
            assets.append(lake_assets(exported_marts(known)))
        assets.extend(part for family in known for part in family_assets(family))
    parts: dict[str, Any] = {
        "assets": [part for part in assets if not isinstance(part, dg.AssetChecksDefinition)],
        "asset_checks": [part for part in assets if isinstance(part, dg.AssetChecksDefinition)],
        "jobs": [*loop_jobs(), upkeep],
        "schedules": schedules(settings),
        "resources": {"settings": settings},
        "executor": dg.in_process_executor,
    }
    return dg.Definitions(**{**parts, **overrides})
