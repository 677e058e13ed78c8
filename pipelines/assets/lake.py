"""Assets of the lake: marts exported as Parquet for the models. Not here: the export itself."""

from collections.abc import Iterator, Sequence

import dagster as dg

from foundation.settings import Settings
from pipelines import store
from pipelines.automation import export_when_mart_moved
from pipelines.exports import export_marts
from pipelines.retries import judged


def lake_key(mart: str) -> dg.AssetKey:
    """Asset of an exported mart."""
    return dg.AssetKey(["lake", mart])


def lake_assets(marts: Sequence[str]) -> dg.AssetsDefinition:
    """One asset per exported mart, written in one step as of one moment."""
    specs = [
        dg.AssetSpec(
            lake_key(mart),
            deps=[dg.AssetKey(["marts", mart])],
            group_name="lake",
            kinds={"parquet"},
            description=f"Mart `{mart}` as Parquet.",
            automation_condition=export_when_mart_moved(),
        )
        for mart in marts
    ]

    @dg.multi_asset(name="lake", specs=specs)
    @judged
    def export_lake(settings: dg.ResourceParam[Settings]) -> Iterator[dg.MaterializeResult[None]]:
        for mart, rows in export_marts(settings, tuple(marts)).items():
            yield dg.MaterializeResult(asset_key=lake_key(mart), metadata={"dagster/row_count": rows})
        store.publish(settings, store.MARTS)

    return export_lake
