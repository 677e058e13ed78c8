"""Definitions can be built where nothing exists yet: no engine, no home folder."""

import dagster as dg
import pytest

from foundation.settings import Settings
from pipelines.assets.upkeep import UPKEEP
from pipelines.definitions import build_defs
from pipelines.jobs import LIGHT, LOOP, due_keys, partition_tags


@pytest.fixture
def nowhere(tmp_path):
    return Settings(home=tmp_path / "missing", postgres_port=1)


def test_without_a_manifest_there_is_ingest(nowhere):
    defs = build_defs(nowhere)

    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}

    assert {"raw/orders__order_lines", "raw/reference__districts"} <= keys
    assert not nowhere.home.exists()


def test_every_raw_table_has_a_blocking_check(nowhere):
    graph = build_defs(nowhere).resolve_asset_graph()
    checked = {key.asset_key for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}

    assert graph.get_all_asset_keys() - checked == {dg.AssetKey(["raw", "reference__districts"])}


def test_every_job_is_scheduled(nowhere):
    repository = build_defs(nowhere).get_repository_def()

    assert {LOOP, LIGHT, UPKEEP} == {schedule.job_name for schedule in repository.schedule_defs}


def test_a_run_declares_its_days_as_partitions():
    first, last = partition_tags(days=7).values()

    assert first < last
    assert partition_tags(days=1) == dict.fromkeys(partition_tags(days=1), last)


def test_a_schedule_asks_for_what_is_due(nowhere, tmp_path):
    repository = build_defs(nowhere).get_repository_def()
    context = dg.build_schedule_context(
        instance=dg.DagsterInstance.local_temp(str(tmp_path)), repository_def=repository
    )

    (request,) = repository.get_schedule_def("light_schedule").evaluate_tick(context).run_requests

    assert set(request.asset_selection) == set(repository.get_job(LIGHT).asset_layer.selected_asset_keys)
    assert request.tags.items() >= partition_tags().items()


def test_a_family_that_was_never_trained_is_due(nowhere):
    keys = [dg.AssetKey(["marts", "fct_orders"]), dg.AssetKey(["models", "fraud", "model"])]

    assert due_keys(nowhere, keys) == keys
