"""Assets of the raw layer: one per commerce table, all brought to one horizon in one step. Not here: how (see ingest/)."""

from collections.abc import Iterator

import dagster as dg
import psycopg

from foundation.settings import Settings
from pipelines import quality
from pipelines.automation import RAW_FRESHNESS
from pipelines.checks import TableComparison, compare_tables, measure_lag
from pipelines.ingest.batch import TableLoad, ingest
from pipelines.ingest.sources import SourceTable, source_tables

DISTRICTS = dg.AssetKey(["raw", "reference__districts"])
COMPLETE = "rows_and_sums_equal_commerce"
FRESH = "is_fresh"


def raw_key(table: SourceTable) -> dg.AssetKey:
    """Asset of a raw table; dbt's sources have the same keys."""
    return dg.AssetKey(["raw", f"{table.schema}__{table.name}"])


def ingest_assets() -> dg.AssetsDefinition:
    """The extract as one step with one asset per table, each with a blocking check against commerce."""
    keys = {raw_key(table): table for table in source_tables()}
    specs = [_spec(key, f"`{table.full_name}` of commerce.") for key, table in keys.items()]
    specs.append(_spec(DISTRICTS, "Districts and divisions of Bangladesh."))
    checks = [dg.AssetCheckSpec(COMPLETE, asset=key, blocking=True) for key in keys]
    checks.append(dg.AssetCheckSpec(FRESH, asset=dg.AssetKey(["raw", "orders__order_groups"])))

    @dg.multi_asset(name="ingest", specs=specs, check_specs=checks)
    def ingest_all(settings: dg.ResourceParam[Settings]) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        for load in ingest(settings):
            yield _materialized(load)
        yield dg.MaterializeResult(asset_key=DISTRICTS)
        yield from _check(settings)

    return ingest_all


def _spec(key: dg.AssetKey, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key, description=description, group_name="raw", kinds={"postgres"}, freshness_policy=RAW_FRESHNESS
    )


def _materialized(load: TableLoad) -> dg.MaterializeResult[None]:
    metadata = {"dagster/row_count": load.rows, "lo": load.lo, "hi": load.hi, "seconds": round(load.seconds, 3)}
    return dg.MaterializeResult(asset_key=raw_key(load.table), metadata=metadata)


def _check(settings: Settings) -> Iterator[dg.AssetCheckResult]:
    source_url = settings.postgres("getit", role="getit_pipelines")
    warehouse_url = settings.postgres("getit_warehouse", role="getit_pipelines")
    comparisons = compare_tables(source_url, warehouse_url, source_tables())
    lag = measure_lag(source_url, warehouse_url)
    with psycopg.connect(warehouse_url) as warehouse:
        for found in comparisons:
            quality.record_check(
                warehouse, COMPLETE, found.table.full_name, is_passed=found.is_equal, detail=found.detail
            )
        quality.record_check(
            warehouse, FRESH, "orders.order_groups", is_passed=lag.is_fresh, detail=f"{lag.behind} behind"
        )
    yield from (_result(found) for found in comparisons)
    yield dg.AssetCheckResult(
        asset_key=dg.AssetKey(["raw", "orders__order_groups"]),
        check_name=FRESH,
        passed=lag.is_fresh,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"behind_s": lag.behind.total_seconds()},
    )


def _result(found: TableComparison) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=raw_key(found.table),
        check_name=COMPLETE,
        passed=found.is_equal,
        metadata={"detail": found.detail, "rows": found.warehouse["rows"]},
    )
