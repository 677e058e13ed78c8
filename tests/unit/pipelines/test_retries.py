"""Only what may pass by itself is tried again, and schedules wait longer after each failed run."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import psycopg
import pytest

from foundation.errors import GetItError
from foundation.settings import Settings
from models.families import families
from pipelines.assets.families import family_assets
from pipelines.assets.lake import lake_assets
from pipelines.definitions import build_defs
from pipelines.ingest.schema import IncompatibleSource
from pipelines.jobs import LIGHT, LOOP
from pipelines.retries import JUDGED, LONGEST_PAUSE, POLICY, Outcome, is_transient, judged, pause, waits_until
from pipelines.transform import UnableToTransform

START = datetime(2026, 5, 1, tzinfo=UTC)
QUICK = dg.RetryPolicy(max_retries=3, delay=0.01)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection failed: connection refused"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        psycopg.errors.SerializationFailure("could not serialize"),
        psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
        ConnectionResetError("reset by peer"),
        TimeoutError("no answer"),
        UnableToTransform(cause="Database Error: could not connect to server"),
        dg.Failure("fct_orders: Database Error deadlock detected"),
    ],
)
def test_what_may_pass_is_transient(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError('connection failed: password authentication failed for user "x"'),
        psycopg.OperationalError('connection failed: database "x" does not exist'),
        psycopg.errors.InvalidPassword("password authentication failed"),
        psycopg.errors.InsufficientPrivilege("permission denied for table orders"),
        psycopg.errors.UndefinedColumn('column "x" does not exist'),
        psycopg.errors.DiskFull("no space left on device"),
        IncompatibleSource(causes="orders.orders: column total_poisha is gone"),
        UnableToTransform(cause="Compilation Error in model fct_orders"),
        ValueError("a bug"),
        GetItError(),
    ],
)
def test_what_stays_is_permanent(error):
    assert not is_transient(error)


def tries_of(error: Exception, *, is_judged: bool = True) -> int:
    tried = []

    def body() -> None:
        tried.append(1)
        raise error

    asset = dg.asset(name="broken")(judged(body) if is_judged else body)
    job = dg.define_asset_job("job", [asset], op_retry_policy=QUICK)
    defs = dg.Definitions(assets=[asset], jobs=[job], executor=dg.in_process_executor)
    defs.resolve_job_def("job").execute_in_process(raise_on_error=False)
    return len(tried)


def test_a_lost_connection_is_tried_again_and_a_wrong_schema_is_not():
    assert tries_of(psycopg.OperationalError("connection refused")) == 4
    assert tries_of(IncompatibleSource(causes="x")) == 1


def test_without_judgement_a_wrong_schema_would_be_tried_again():
    assert tries_of(IncompatibleSource(causes="x"), is_judged=False) == 4


def test_a_failed_blocking_check_is_not_tried_again():
    tried = []

    @dg.multi_asset(
        specs=[dg.AssetSpec("money")], check_specs=[dg.AssetCheckSpec("adds_up", asset="money", blocking=True)]
    )
    @judged
    def made():
        tried.append(1)
        yield dg.MaterializeResult(asset_key="money")
        yield dg.AssetCheckResult(asset_key="money", check_name="adds_up", passed=False)

    job = dg.define_asset_job("job", [made], op_retry_policy=QUICK)
    dg.Definitions(assets=[made], jobs=[job], executor=dg.in_process_executor).resolve_job_def(
        "job"
    ).execute_in_process(raise_on_error=False)

    assert len(tried) == 1


def test_every_step_is_judged_and_every_job_has_the_policy(tmp_path):
    defs = build_defs(Settings(home=tmp_path / "missing", postgres_port=1))
    known = [part for family in families() for part in family_assets(family)]
    parts = [*defs.assets, *known, lake_assets(["fct_orders"])]

    assert [part for part in parts if not getattr(part.op.compute_fn.decorated_fn, JUDGED, False)] == []
    assert len(parts) > 10
    assert all(job.op_retry_policy == POLICY for job in defs.jobs)


def test_pauses_grow_up_to_a_limit():
    assert [pause(n) for n in (1, 2, 3)] == [timedelta(minutes=20), timedelta(minutes=40), timedelta(minutes=80)]
    assert pause(6) == pause(1_000) == LONGEST_PAUSE


def fortnight(fails, *, waits=waits_until) -> list[Outcome]:
    """Outcomes of what the two schedules start in 14 days; a run takes two minutes."""
    outcomes: list[Outcome] = []
    for minute in range(5, 14 * 24 * 60, 10):
        now, job = START + timedelta(minutes=minute), LOOP if minute % 60 == 5 else LIGHT
        until = waits(job, outcomes)
        if until is None or now >= until:
            outcomes.insert(0, Outcome(job, not fails(job, now), now + timedelta(minutes=2)))
    return outcomes


def test_a_broken_source_makes_dozens_of_runs_in_a_fortnight():
    assert 40 < len(fortnight(lambda *_: True)) < 80


def test_a_broken_model_slows_the_loop_and_nothing_else():
    runs = fortnight(lambda job, _: job == LOOP)

    assert sum(run.job == LOOP for run in runs) < 80
    assert sum(run.job == LIGHT for run in runs) > 1_600


def test_without_waiting_it_would_be_thousands():
    assert len(fortnight(lambda *_: True, waits=lambda *_: None)) == 14 * 24 * 6


def test_once_mended_every_tick_runs_again():
    mended_at = START + timedelta(days=7)
    runs = fortnight(lambda _, now: now < mended_at)

    first = min(run.ended_at for run in runs if run.is_success)
    assert first - mended_at <= LONGEST_PAUSE + timedelta(minutes=12)
    assert sum(run.ended_at > first for run in runs) > 0.98 * (START + timedelta(days=14) - first) / timedelta(
        minutes=10
    )


def test_a_schedule_skips_after_a_failed_run_and_says_until_when(tmp_path):
    repository = build_defs(Settings(home=tmp_path / "missing", postgres_port=1)).get_repository_def()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        job = repository.get_job(LIGHT)
        run = instance.create_run_for_job(job)
        instance.report_run_failed(run)
        context = dg.build_schedule_context(instance=instance, repository_def=repository)

        tick = repository.get_schedule_def("light_schedule").evaluate_tick(context)

    assert tick.run_requests == []
    assert tick.skip_message.startswith("Runs failed: tried again from ")
