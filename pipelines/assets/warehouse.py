"""Assets of the warehouse: one per dbt model, one check per dbt test, built by a single `dbt build`. Not here: SQL."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.asset_utils import build_dbt_specs

from foundation.settings import Settings
from pipelines.assets.history import report_partitions
from pipelines.automation import MART_FRESHNESS, rebuild_when_missing_or_stale
from pipelines.build import Built, build_warehouse
from pipelines.retries import judged
from pipelines.transform import NodeResult
from pipelines.window import Window

UNIQUE_ID = "dagster_dbt/unique_id"
Event = dg.MaterializeResult[None] | dg.AssetCheckResult


class WarehouseTranslator(DagsterDbtTranslator):
    """Places dbt models in Dagster: groups by layer, daily partitions for what is rebuilt by date."""

    def __init__(self, partitions: dg.PartitionsDefinition[str]) -> None:
        super().__init__()
        self._partitions = partitions

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Layer, and below it the department of a mart."""
        folders = dbt_resource_props["fqn"][1:-1]
        return "_".join(folders) if folders[:1] == ["marts"] else (folders or ["warehouse"])[0]

    def get_partitions_def(self, dbt_resource_props: Mapping[str, Any]) -> dg.PartitionsDefinition[str] | None:
        """Models of a window are rebuilt by business date; all others whole, or row by row."""
        is_dated = dbt_resource_props["config"].get("incremental_strategy") == "window"
        return self._partitions if is_dated else None

    def get_automation_condition(
        self, dbt_resource_props: Mapping[str, Any]
    ) -> dg.AutomationCondition[dg.AssetKey] | None:
        """Tables repair themselves when their sources moved on."""
        return rebuild_when_missing_or_stale() if dbt_resource_props["resource_type"] == "model" else None


def warehouse_assets(manifest: Mapping[str, Any], partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """All models and tests of the dbt project as one step."""
    specs, checks = build_dbt_specs(
        translator=WarehouseTranslator(partitions),
        manifest=manifest,
        select="fqn:*",
        exclude="",
        selector="",
        io_manager_key=None,
        project=None,
    )
    specs = [_with_freshness(spec) for spec in specs]

    @dg.multi_asset(
        name="warehouse",
        specs=specs,
        check_specs=checks,
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
        allow_arbitrary_check_specs=True,
    )
    @judged
    def warehouse(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Event]:
        requested = _requested(context)
        built = build_warehouse(settings, requested=requested, select=_selection(context))
        _report_late_dates(context, built, requested)
        yield from _report(context, built)
        broken = [f"{node.name}: {node.message}" for node in built.nodes if node.status == "error"]
        if broken:
            raise dg.Failure("; ".join(broken))

    return warehouse


def _with_freshness(spec: dg.AssetSpec) -> dg.AssetSpec:
    return spec.replace_attributes(freshness_policy=MART_FRESHNESS) if spec.key.path[0] == "marts" else spec


def _requested(context: dg.AssetExecutionContext) -> Window | None:
    """Business dates that the run was asked for in partitions."""
    if not context.has_partition_key and not context.has_partition_key_range:
        return None
    asked = context.partition_key_range
    return Window(date.fromisoformat(asked.start), date.fromisoformat(asked.end))


def _selection(context: dg.AssetExecutionContext) -> list[str]:
    """Names of the models of a partial run; none for all."""
    definition = context.assets_def
    if definition.keys == set(definition.node_keys_by_output_name.values()):
        return []
    return [key.path[-1] for key in context.selected_asset_keys]


def _report_late_dates(context: dg.AssetExecutionContext, built: Built, requested: Window | None) -> None:
    """Dates that were rebuilt although the run was not started for them."""
    asked = set() if requested is None else set(requested.dates())
    succeeded = {node.unique_id for node in built.nodes if node.is_ok}
    specs = [context.assets_def.specs_by_key[key] for key in context.selected_asset_keys]
    keys = [spec.key for spec in specs if spec.partitions_def and spec.metadata[UNIQUE_ID] in succeeded]
    report_partitions(context, keys, set(built.window.dates()) - asked)


def _report(context: dg.AssetExecutionContext, built: Built) -> Iterator[Event]:
    definition = context.assets_def
    by_id = {found.unique_id: found for found in built.nodes}
    keys = {definition.specs_by_key[key].metadata[UNIQUE_ID]: key for key in context.selected_asset_keys}
    # dbt finishes nodes in an order that respects their dependencies, and Dagster wants them reported in such an order.
    for found in built.nodes:
        if found.is_ok and found.unique_id in keys:
            yield dg.MaterializeResult(
                asset_key=keys[found.unique_id],
                metadata=_numbers(found),
                data_version=dg.DataVersion(str(built.load_no)),
            )
    for key in context.selected_asset_check_keys:
        test = by_id.get(definition.get_spec_for_check_key(key).metadata[UNIQUE_ID])
        if test is not None and not test.is_skipped:
            yield dg.AssetCheckResult(
                asset_key=key.asset_key, check_name=key.name, passed=test.is_ok, metadata=_numbers(test)
            )


def _numbers(node: NodeResult) -> dict[str, Any]:
    """What Dagster's pages show of a model or test."""
    shown = {"seconds": round(node.seconds, 3), "message": node.message}
    return {**shown, "failures": node.failures or 0} if node.is_test else shown
