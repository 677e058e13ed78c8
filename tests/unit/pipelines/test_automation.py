"""What each layer's condition asks for, evaluated by Dagster itself on a chain that has one asset of each layer."""

import time

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange

from foundation.settings import Settings
from pipelines import automation
from pipelines.definitions import build_defs

RAW, MART, LAKE, TRAINING_SET, MODEL = "raw", "mart", "lake", "training_set", "model"
ORDER = (RAW, MART, LAKE, TRAINING_SET, MODEL)
CONDITIONS = {
    RAW: automation.ingest_when_late(),
    MART: automation.rebuild_when_missing_or_stale(),
    LAKE: automation.export_when_mart_moved(),
    TRAINING_SET: automation.retrain_when_old(),
    MODEL: automation.follow_the_training_set(),
}
POLICIES = {RAW: automation.RAW_FRESHNESS, TRAINING_SET: automation.MODEL_FRESHNESS}


def chain(**conditions) -> dg.Definitions:
    assets = []
    for place, name in enumerate(ORDER):
        condition = {**CONDITIONS, **conditions}[name]

        @dg.asset(
            name=name, deps=ORDER[:place][-1:], automation_condition=condition, freshness_policy=POLICIES.get(name)
        )
        def step() -> None:
            pass

        assets.append(step)
    return dg.Definitions(assets)


class Sensor:
    """Evaluates the conditions tick after tick, as the daemon's sensor does."""

    def __init__(self, instance: dg.DagsterInstance, defs: dg.Definitions | None = None) -> None:
        self.instance, self.defs, self.cursor = instance, defs or chain(), None

    def tick(self) -> set[str]:
        found = dg.evaluate_automation_conditions(defs=self.defs, instance=self.instance, cursor=self.cursor)
        self.cursor = found.cursor
        return {name for name in ORDER if found.get_num_requested(dg.AssetKey(name))}

    def run(self, *names: str) -> None:
        assert (
            self.defs.resolve_implicit_global_asset_job_def()
            .execute_in_process(instance=self.instance, asset_selection=[dg.AssetKey(name) for name in names])
            .success
        )

    def becomes(self, name: str, state: FreshnessState) -> None:
        self.instance.report_runless_asset_event(
            FreshnessStateChange(
                key=dg.AssetKey(name), new_state=state, previous_state=FreshnessState.UNKNOWN,
                state_change_timestamp=time.time(),
            )
        )  # fmt: skip


@pytest.fixture
def sensor():
    with dg.DagsterInstance.ephemeral() as instance:
        sensor = Sensor(instance)
        sensor.run(*ORDER)
        sensor.tick()
        assert sensor.tick() == set(), "what is there and fresh is left alone"
        yield sensor


def test_an_empty_warehouse_is_loaded_once_and_built_when_it_is():
    with dg.DagsterInstance.ephemeral() as instance:
        sensor = Sensor(instance)
        assert sensor.tick() == {RAW}
        assert sensor.tick() == set()
        sensor.run(RAW)
        assert sensor.tick() == {MART, LAKE}


def test_a_late_source_is_extracted_once_and_everything_behind_it_follows(sensor):
    sensor.becomes(RAW, FreshnessState.FAIL)
    assert sensor.tick() == {RAW, MART, LAKE}
    assert sensor.tick() == set(), "a source that stays late is the schedules' and the alerts' business, not a loop"


def test_a_late_source_that_is_only_warned_of_is_left_alone(sensor):
    sensor.becomes(RAW, FreshnessState.WARN)
    assert sensor.tick() == set()


def test_marts_follow_what_was_loaded_and_no_model_does(sensor):
    sensor.run(RAW)
    assert sensor.tick() == {MART, LAKE}


def test_the_lake_follows_a_mart(sensor):
    sensor.run(MART)
    assert sensor.tick() == {LAKE}


def test_an_old_model_is_trained_anew_with_its_whole_chain(sensor):
    sensor.becomes(TRAINING_SET, FreshnessState.FAIL)
    assert sensor.tick() == {TRAINING_SET, MODEL}
    assert sensor.tick() == set()


def test_nothing_is_asked_twice_while_it_runs(sensor):
    job = sensor.defs.resolve_implicit_global_asset_job_def()
    sensor.instance.create_run_for_job(
        job, status=dg.DagsterRunStatus.STARTED, asset_selection=frozenset({dg.AssetKey(RAW)})
    )
    sensor.becomes(RAW, FreshnessState.FAIL)
    assert RAW not in sensor.tick()


def test_a_chain_that_trains_whenever_a_mart_moved_is_noticed():
    """Negative control: the eager twin retrains with every load."""
    with dg.DagsterInstance.ephemeral() as instance:
        sensor = Sensor(instance, chain(**{TRAINING_SET: dg.AutomationCondition.eager()}))
        sensor.run(*ORDER)
        sensor.tick()
        sensor.run(RAW)
        assert sensor.tick() == {MART, LAKE, TRAINING_SET, MODEL}


def test_every_asset_has_the_condition_of_its_layer(tmp_path):
    graph = build_defs(Settings(home=tmp_path / "missing", postgres_port=1)).resolve_asset_graph()
    wanted = {"raw": CONDITIONS[RAW], "lake": CONDITIONS[LAKE], "models": CONDITIONS[MODEL]}
    found = {}
    for key in graph.get_all_asset_keys():
        condition = graph.get(key).automation_condition
        expected = (
            CONDITIONS[TRAINING_SET] if key.path[-1] == "training_set" else wanted.get(key.path[0], CONDITIONS[MART])
        )
        found.setdefault(condition == expected, []).append(key.to_user_string())
    assert found.get(False) is None
    assert len(found[True]) > 30
