"""Set-up before Dagster starts: warehouse, dbt manifest, first business date, instance. `python -m pipelines.manifest`."""

from foundation.settings import Settings, load_settings
from pipelines.instance import write_instance
from pipelines.partitions import remember_history
from pipelines.transform import prepare_manifest
from pipelines.warehouse import prepare_warehouse


def prepare(settings: Settings) -> None:
    """Everything that definitions and runs expect to find; repeatable at every start."""
    prepare_warehouse(settings)
    prepare_manifest(settings)
    remember_history(settings)
    write_instance(settings)


if __name__ == "__main__":
    prepare(load_settings())
