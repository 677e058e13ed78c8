"""One run at a time, by hand too; what a dead machine left in progress blocks nobody."""

import threading

import dagster as dg
import pytest

from pipelines.turns import AnotherRun, end_orphans, wait_for_turn


@dg.op
def nothing() -> None:
    pass


@dg.job
def work() -> None:
    nothing()


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def a_run(instance, status):
    return instance.create_run_for_job(work, status=status)


def status(instance, run):
    return instance.get_run_by_id(run.run_id).status


def test_who_starts_by_hand_waits_for_the_run_in_progress(instance):
    run, said = a_run(instance, dg.DagsterRunStatus.STARTED), []
    waiting = threading.Thread(target=wait_for_turn, args=(instance, said.append))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    instance.report_run_canceled(run)
    waiting.join(20)
    assert not waiting.is_alive()
    assert said == [f"waiting for run {run.run_id} of job work"]


def test_ended_runs_are_not_waited_for(instance):
    a_run(instance, dg.DagsterRunStatus.FAILURE)
    a_run(instance, dg.DagsterRunStatus.SUCCESS)
    wait_for_turn(instance, print, most_s=0)


def test_a_run_that_never_ends_is_told_by_name(instance):
    run = a_run(instance, dg.DagsterRunStatus.STARTED)
    with pytest.raises(AnotherRun, match=f"{run.run_id} of job work.*stop and start GetIt"):
        wait_for_turn(instance, print, most_s=0)


def test_what_died_in_progress_is_ended_and_the_rest_stays(instance):
    dead, done = a_run(instance, dg.DagsterRunStatus.STARTED), a_run(instance, dg.DagsterRunStatus.SUCCESS)
    assert end_orphans(instance) == [dead.run_id]
    assert (status(instance, dead), status(instance, done)) == (
        dg.DagsterRunStatus.CANCELED,
        dg.DagsterRunStatus.SUCCESS,
    )
    wait_for_turn(instance, print, most_s=0)
