"""What is tried again, how often, and when a schedule waits instead. The one place of such rules. Not here: alerts.

Inside a run: only what may pass by itself (a lost connection, a deadlock, a full server) is tried again. Everything else,
a schema that does not fit, wrong credentials, a bug, fails at once: trying a permanent fault again costs hours and mends
nothing. Between runs: after failed runs in a row a schedule skips ticks, longer each time. A public platform made 368,000
runs in fourteen days from one broken asset; here it is some dozens.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import dagster as dg
import psycopg

POLICY = dg.RetryPolicy(max_retries=3, delay=15, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=6)
# A streak longer than this waits no longer than this one.
LONGEST_STREAK = 8
JUDGED = "_getit_is_judged"
PERMANENT_SQLSTATES = ("28", "3D", "42", "53100")
PASSING = re.compile(
    r"could not connect|connection (refused|reset|timed out)|server closed the connection|deadlock detected"
    r"|too many (clients|connections)|remaining connection slots|the database system is (starting|shutting|in recovery)"
    r"|terminating connection|canceling statement due to (lock|statement) timeout",
    re.IGNORECASE,
)
Function = TypeVar("Function", bound=Callable[..., Any])


def is_transient(error: BaseException) -> bool:
    """Whether the same step may succeed in a minute, with nothing changed by anybody."""
    if isinstance(error, psycopg.OperationalError):
        state = error.sqlstate or ""
        # Before there is a session there is no state, only words.
        is_refused = "authentication failed" in str(error) or ("does not exist" in str(error) and not state)
        return not state.startswith(PERMANENT_SQLSTATES) and not is_refused
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    if _status_of(error) >= 500:
        return True
    return PASSING.search(str(error)) is not None


def _status_of(error: BaseException) -> int:
    """HTTP status that MLflow's errors carry, 0 for others: it is not imported for this."""
    status = getattr(error, "get_http_status_code", None)
    return int(status()) if callable(status) and type(error).__module__.startswith("mlflow") else 0


def judged(function: Function) -> Function:
    """The function of an asset or check, with failures that must not be tried again marked so for Dagster."""
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generate(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from function(*args, **kwargs)
            except Exception as error:
                raise _verdict(error) from error

        wrapped: Any = generate
    else:

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                raise _verdict(error) from error

        wrapped = call
    setattr(wrapped, JUDGED, True)
    return wrapped  # type: ignore[no-any-return]


def _verdict(error: Exception) -> dg.Failure:
    text = str(error.description) if isinstance(error, dg.Failure) else f"{type(error).__name__}: {error}"
    return dg.Failure(text, allow_retries=is_transient(error))


@dataclass(frozen=True)
class Outcome:
    """How a run of a job ended."""

    job: str
    is_success: bool
    ended_at: datetime


def waits_until(job: str, outcomes: Sequence[Outcome]) -> datetime | None:
    """When a schedule of a job may run again; None for now. `outcomes` of all scheduled jobs, newest first.

    A job whose own last run succeeded never waits. Else two streaks count: the job's own (a broken model fails the loop
    while the light job succeeds between), and that of all jobs together (broken ingest fails both, and they need not both
    find that out each time).
    """
    own = [outcome for outcome in outcomes if outcome.job == job]
    if not own or own[0].is_success:
        return None
    ends = [_streak_end(own), _streak_end(outcomes)]
    return max((end for end in ends if end is not None), default=None)


def _streak_end(outcomes: Sequence[Outcome]) -> datetime | None:
    failures = next((place for place, outcome in enumerate(outcomes) if outcome.is_success), len(outcomes))
    return outcomes[0].ended_at + pause(failures) if failures else None


def pause(failures: int) -> timedelta:
    """How long a schedule waits after so many failed runs in a row."""
    return min(FIRST_PAUSE * int(2 ** min(failures, LONGEST_STREAK)), LONGEST_PAUSE)


def recent_outcomes(instance: dg.DagsterInstance, jobs: Sequence[str]) -> list[Outcome]:
    """Ends of the last runs of jobs, newest first; cancelled and running ones do not count."""
    statuses = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    found = []
    for job in jobs:
        filters = dg.RunsFilter(job_name=job, statuses=statuses)
        for record in instance.get_run_records(filters, limit=LONGEST_STREAK):
            # A run that could not even start has no end.
            ended_at = (
                record.create_timestamp if record.end_time is None else datetime.fromtimestamp(record.end_time, UTC)
            )
            is_success = record.dagster_run.status is dg.DagsterRunStatus.SUCCESS
            found.append(Outcome(job, is_success, ended_at.replace(tzinfo=ended_at.tzinfo or UTC)))
    return sorted(found, key=lambda outcome: outcome.ended_at, reverse=True)
