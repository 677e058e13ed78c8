"""The `getit` command: up, down, status, logs, reset, import. Parses, calls, prints; no logic of its own."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from foundation.errors import GetItError
from foundation.settings import Settings, load_settings
from getit import fraud

app = typer.Typer(no_args_is_help=True, add_completion=False, help="GetIt: marketplace and decision platform.")
imports = typer.Typer(no_args_is_help=True, help="Bring data of your own.")
app.add_typer(imports, name="import")
audit = typer.Typer(no_args_is_help=True, help="The log of what staff did and what moved money.")
app.add_typer(audit, name="audit")
features = typer.Typer(no_args_is_help=True, help="What models know of buyers, devices, phones, wallets.")
app.add_typer(features, name="features")
app.add_typer(fraud.app, name="fraud")
console = Console()


def main() -> None:
    """Entry point."""
    try:
        app()
    except GetItError as error:
        console.print(f"[red]{error}[/red]")
        sys.exit(1)


@app.command()
def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when ready and keep running.")] = False,
) -> None:
    """Start everything; on the first run import the demonstration data and train the models. Ctrl-C stops it all."""
    settings = load_settings()
    if _supervisor(settings) is not None:
        console.print("GetIt is running already here. See `getit status`; stop it with `getit down`.")
        sys.exit(1)
    if detach:
        sys.exit(_detach(settings))
    sys.exit(asyncio.run(_run(settings)))


async def _run(settings: Settings) -> int:
    from getit.bootstrap import Bootstrap
    from getit.child import PortTaken
    from getit.engines import EngineMissing
    from getit.supervisor import StartFailed, Supervisor

    pid_file = settings.folder("run") / "supervisor.pid"
    pid_file.write_text(str(os.getpid()))
    supervisor = Supervisor(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watch = asyncio.create_task(supervisor.watch())
    bootstrap = Bootstrap(settings, supervisor, console)
    work = asyncio.create_task(bootstrap.run())
    waiting = asyncio.create_task(stop.wait())
    code = 0
    try:
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
            bootstrap.summary()
            (settings.folder("run") / "ready.json").write_text(_timings(bootstrap))
            if sys.stdout.isatty():
                console.print("Ctrl-C stops everything.")
            await stop.wait()
    except (PortTaken, StartFailed, EngineMissing, OSError, TimeoutError) as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        code = 1
    finally:
        for task in (work, waiting, watch):
            task.cancel()
        await asyncio.gather(work, waiting, watch, return_exceptions=True)
        console.print("stopping …")
        await supervisor.stop()
        (settings.folder("run") / "ready.json").unlink(missing_ok=True)
        pid_file.unlink(missing_ok=True)
    return code


def _timings(bootstrap: "object") -> str:
    timings = {timing.name: round(timing.seconds, 2) for timing in bootstrap.timings}  # type: ignore[attr-defined]
    memory = bootstrap.supervisor.memory.peak_bytes  # type: ignore[attr-defined]
    return json.dumps({"seconds": timings, "peak_memory_bytes": memory})


def _detach(settings: Settings) -> int:
    """Start in the background and wait until it is ready; its output goes to a log."""
    log = settings.folder("logs") / "getit.log"
    ready = settings.folder("run") / "ready.json"
    ready.unlink(missing_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "getit", "up"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    with console.status("starting GetIt") as status:
        while not ready.exists():
            if child.poll() is not None:
                console.print(log.read_text(errors="replace"), highlight=False)
                return child.returncode or 1
            lines = log.read_text(errors="replace").strip().splitlines()
            status.update(lines[-1] if lines else "starting GetIt")
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(0.5)
    console.print(log.read_text(errors="replace"), highlight=False)
    return 0


def _supervisor(settings: Settings) -> psutil.Process | None:
    try:
        process = psutil.Process(int((settings.home.absolute() / "run" / "supervisor.pid").read_text()))
        return process if any("getit" in part for part in process.cmdline()) else None
    except (OSError, ValueError, psutil.Error):
        return None


@app.command()
def down() -> None:
    """Stop everything that runs here."""
    settings = load_settings()
    process = _supervisor(settings)
    if process is None:
        console.print("Nothing is running here.")
        return
    process.terminate()
    with console.status("stopping"):
        process.wait(timeout=120)
    console.print("GetIt is stopped.")


@app.command()
def status(*, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show every process; the exit code is 0 only if all of them run."""
    from getit.supervisor import read_state

    state = read_state(load_settings().home.absolute())
    rows: list[dict[str, object]] = state["services"] if state else []  # type: ignore[assignment]
    is_well = bool(rows) and all(row["state"] == "running" for row in rows)
    if as_json:
        print(json.dumps(state or {"services": []}))
    elif not rows:
        console.print("Nothing is running here. Start with `make up`.")
    else:
        _print_status(rows)
    sys.exit(0 if is_well else 1)


def _print_status(rows: list[dict[str, object]]) -> None:
    table = Table("service", "state", "pid", "restarts", "for", "detail")
    colours = {"running": "green", "starting": "yellow", "restarting": "yellow", "failing": "red"}
    for row in rows:
        since = timedelta(seconds=round(time.time() - float(row["since"]))) if row["since"] else ""  # type: ignore[arg-type]
        colour = colours.get(str(row["state"]), "dim")
        table.add_row(
            str(row["name"]), f"[{colour}]{row['state']}[/]", str(row["pid"] or ""), str(row["restarts"]), str(since),
            str(row["detail"]),
        )  # fmt: skip
    console.print(table)


@app.command()
def logs(
    service: Annotated[str, typer.Argument(help="A name from `getit status`.")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 100,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
) -> None:
    """Show the log of a service."""
    folder = load_settings().folder("logs")
    path = folder / f"{service}.log"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none yet"
        console.print(f"There is no log of {service!r}. Logs: {known}.")
        sys.exit(1)
    if follow:
        os.execvp("tail", ["tail", "-n", str(lines), "-F", str(path)])  # noqa: S606
    for line in path.read_text(errors="replace").splitlines()[-lines:]:
        print(line)


@app.command()
def reset(*, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete all state of this installation: data, models, logs, secrets."""
    settings = load_settings()
    home = settings.home.absolute()
    if _supervisor(settings) is not None:
        console.print("GetIt is running here: stop it first with `getit down`.")
        sys.exit(1)
    if not home.exists():
        console.print("There is nothing to delete.")
        return
    if settings.database_url:
        console.print("Your own PostgreSQL (GETIT_DATABASE_URL) is left alone: drop its getit* databases yourself.")
    if not yes and not typer.confirm(f"Delete {home} with all data in it?"):
        console.print("Nothing was deleted.")
        sys.exit(1)
    shutil.rmtree(home)
    console.print(f"Deleted {home}.")


@imports.command("orders")
def import_orders(
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV or Parquet files; default: those the mapping names.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help="YAML that says what each column means.")
    ] = None,
) -> None:
    """Import order history from files: every row is imported or listed as rejected with its reason."""
    from commerce.imports.command import import_command

    sys.exit(import_command(load_settings(), mapping_path=mapping, files=tuple(files or ())))


@audit.command("verify")
def verify_audit() -> None:
    """Recompute the chain over every record and check its signatures; exit code 1 when anything was changed."""
    from commerce.audit.command import verify_command

    sys.exit(verify_command(load_settings()))


@features.command("rebuild")
def rebuild_features() -> None:
    """Build the online features anew from the shop's history; decisions use the present ones meanwhile."""
    from serving.feeder import ask_rebuild

    is_asked = asyncio.run(ask_rebuild(load_settings()))
    console.print(
        "The feeder builds them anew." if is_asked else "They were never built: the feeder does so when it runs."
    )


@features.command("backfill")
def backfill_features() -> None:
    """Compute new and changed features for every checkout in the lake."""
    from foundation.clock import system_clock
    from models.features.backfill import backfill

    done = backfill(load_settings().folder("lake"), as_of=system_clock())
    console.print(f"{len(done.names)} features, {done.rows} checkouts: {done.file or 'nothing was due'}")


if __name__ == "__main__":
    main()
