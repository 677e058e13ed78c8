"""Run dbt in this process: parse the project, build the warehouse for a window. Not here: SQL (see `dbt/`), Dagster.

dbt costs seconds per process and per parse, so a pipeline run makes exactly one `dbt build`.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.errors import GetItError
from foundation.settings import Settings
from pipelines.warehouse import connection_parts
from pipelines.window import Window

PROJECT = Path(__file__).parent.parent / "dbt"
OK_STATES = frozenset({"success", "pass", "warn", "no-op"})


class UnableToTransform(GetItError):
    """dbt refused to start: the project does not parse, or the warehouse cannot be reached."""

    code = "unable-to-transform"
    message = "dbt failed before it built anything: {cause}. See the log in the `dbt` folder of GETIT_HOME."


@dataclass(frozen=True)
class NodeResult:
    """What became of one model or test."""

    unique_id: str
    status: str
    seconds: float
    message: str
    rows: int | None
    failures: int | None

    @property
    def name(self) -> str:
        """Name within the project."""
        return self.unique_id.split(".")[2]

    @property
    def is_test(self) -> bool:
        return self.unique_id.startswith("test.")

    @property
    def is_ok(self) -> bool:
        return self.status in OK_STATES

    @property
    def is_skipped(self) -> bool:
        return self.status == "skipped"


def manifest_path(settings: Settings) -> Path:
    """Where the parsed project lies, for Dagster to read."""
    return settings.home.absolute() / "dbt" / "manifest.json"


def compiled_folder(settings: Settings) -> Path:
    """Where the SQL of the last build lies, by the models' own paths."""
    return _target(settings) / "compiled" / "getit"


def prepare_manifest(settings: Settings) -> Path:
    """Parse the project and put its manifest in place at once: a reader never sees half a file."""
    _parse(settings)
    path = manifest_path(settings)
    partial = path.with_suffix(".partial")
    shutil.copyfile(_target(settings) / "manifest.json", partial)
    os.replace(partial, path)
    return path


def build(settings: Settings, window: Window, *, select: Sequence[str] = (), built_load: int = 0) -> list[NodeResult]:
    """One `dbt build` (models and tests) of the window; with `select`, of these models only.

    `built_load` is the load that the last build held: dimensions over time look again only at rows of later ones.

    Raises:
        UnableToTransform: nothing could be built.
    """
    arguments = ["build", *_options(settings), "--exclude-resource-type", "unit_test"]
    given = {"min_date": str(window.min_on), "max_date": str(window.max_on), "built_load": built_load}
    arguments += ["--vars", json.dumps(given)]
    arguments += ["--full-refresh"] if window.is_full else []
    arguments += ["--select", *select] if select else []
    # Parsed without the variables first: they are read when a model runs, and would only defeat the parse cache.
    outcome = _invoke(arguments, manifest=_parse(settings))
    return [_result(result) for result in outcome]


def run_tests(settings: Settings, names: Sequence[str] = ()) -> list[NodeResult]:
    """`dbt test` on what is built, without building: all data tests, or those of these names.

    Raises:
        UnableToTransform: nothing could be tested.
    """
    arguments = ["test", *_options(settings), "--exclude-resource-type", "unit_test"]
    arguments += ["--select", *names] if names else []
    return [_result(result) for result in _invoke(arguments, manifest=_parse(settings))]


def _parse(settings: Settings) -> Any:
    return _invoke(["parse", *_options(settings)])


def _invoke(arguments: list[str], *, manifest: Any = None) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(manifest=manifest).invoke(arguments)
    if outcome.result is None:
        raise UnableToTransform(cause=str(outcome.exception or "no result"))
    return outcome.result


def _options(settings: Settings) -> list[str]:
    parts = connection_parts(settings, "getit_warehouse")
    os.environ.update({f"GETIT_WAREHOUSE_{name.upper()}": value for name, value in parts.items()})
    os.environ["DO_NOT_TRACK"] = "1"
    return [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(_target(settings)), "--log-path", str(settings.folder("dbt", "logs"))),
        *("--log-level", "error", "--log-level-file", "info", "--no-use-colors"),
    ]


def _target(settings: Settings) -> Path:
    return settings.folder("dbt", "target")


def _result(result: Any) -> NodeResult:
    response = result.adapter_response or {}
    return NodeResult(
        unique_id=result.node.unique_id,
        status=str(result.status),
        seconds=float(result.execution_time or 0.0),
        message=str(result.message or ""),
        rows=response.get("rows_affected"),
        failures=result.failures,
    )
