"""The processes of GetIt: how each is started, what it needs, how its readiness is seen. Not here: supervision.

The order in which processes start is given by `needs`; everything without a path between them starts at once.
"""

import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from commerce.app import PREFIXES as COMMERCE_PREFIXES
from foundation.settings import Settings
from foundation.web.routing import PublicService
from getit import engines, probes

ROOT = Path(__file__).parent.parent
Probe = Callable[[], Awaitable[bool]]
SERVING_PREFIXES = ("/v1/fraud", "/v1/demand", "/v1/supply", "/serving")
QUIET = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


@dataclass(frozen=True)
class Service:
    """One process to keep running."""

    name: str
    command: Callable[[], list[str]]
    ready: Probe
    needs: tuple[str, ...] = ()
    #: Setting → port it binds; checked before the start.
    ports: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    public: PublicService | None = None
    is_engine: bool = False
    drops_root: bool = False
    #: Work that can wait: what answers shoppers gets the processor first.
    is_background: bool = False
    stop_timeout_s: float = 15.0


def python(*arguments: str) -> list[str]:
    """Command line of a module of ours, with this environment's interpreter."""
    return [sys.executable, *arguments]


def program(name: str) -> str:
    """Path of a program that was installed beside our interpreter."""
    return str(Path(sys.executable).parent / name)


def uvicorn(target: str, *, settings: Settings, port: int, workers: int) -> list[str]:
    """Command line of a web application."""
    return python(
        "-m", "uvicorn", target, "--factory", "--host", settings.host, "--port", str(port), "--workers", str(workers),
        "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "5", "--no-server-header",
    )  # fmt: skip


def engine_services(settings: Settings) -> list[Service]:
    """Embedded engines that no setting replaces."""
    services = []
    if settings.database_url is None:
        services.append(
            Service(
                "postgres",
                lambda: engines.postgres_command(settings),
                probes.postgres(settings),
                ports={"GETIT_POSTGRES_PORT": settings.postgres_port},
                is_engine=True,
                drops_root=True,
                stop_timeout_s=30.0,
            )
        )
    if settings.valkey_url is None:
        services.append(
            Service(
                "valkey",
                lambda: engines.valkey_command(settings),
                probes.port(settings.host, settings.valkey_port),
                ports={"GETIT_VALKEY_PORT": settings.valkey_port},
                is_engine=True,
            )
        )
    return services


def learning_services(settings: Settings) -> list[Service]:
    """MLflow, wanted already while the first models are trained."""
    if settings.mlflow_url is not None:
        return []
    base = f"http://{settings.host}:{settings.mlflow_port}"

    def command() -> list[str]:
        return python(
            "-m", "mlflow", "server", "--host", settings.host, "--port", str(settings.mlflow_port), "--workers", "1",
            "--backend-store-uri", settings.postgres("getit_mlflow"), "--artifacts-destination",
            str(settings.folder("mlflow")), "--static-prefix", "/mlflow", "--allowed-hosts", "*",
        )  # fmt: skip

    return [
        Service(
            "mlflow",
            command,
            probes.http(f"{base}/mlflow/"),
            needs=("postgres",),
            ports={"GETIT_MLFLOW_PORT": settings.mlflow_port},
            public=PublicService("mlflow", base, ("/mlflow",), "/health"),
            is_background=True,
        )
    ]


def application_services(settings: Settings) -> list[Service]:
    """Commerce, scoring, dashboards, orchestration, the sandbox world."""
    return [*_shop(settings), *_scoring(settings), *_consoles(settings), *_world(settings)]


def _shop(settings: Settings) -> list[Service]:
    commerce = f"http://{settings.host}:{settings.commerce_port}"
    return [
        Service(
            "commerce",
            lambda: uvicorn(
                "commerce.app:create_app", settings=settings, port=settings.commerce_port,
                workers=settings.commerce_workers,
            ),
            probes.http(f"{commerce}/health/ready"),
            needs=("postgres",),
            ports={"GETIT_COMMERCE_PORT": settings.commerce_port},
            public=PublicService("commerce", commerce, COMMERCE_PREFIXES, "/health/ready", is_streaming=True),
        ),
        Service(
            "relay",
            lambda: python("-m", "commerce.relay"),
            probes.http(f"http://{settings.host}:{settings.relay_metrics_port}/metrics"),
            needs=("postgres",),
            ports={"GETIT_RELAY_METRICS_PORT": settings.relay_metrics_port},
        ),
    ]  # fmt: skip


def _scoring(settings: Settings) -> list[Service]:
    serving = f"http://{settings.host}:{settings.serving_port}"
    return [
        Service(
            "serving",
            lambda: uvicorn(
                "serving.app:create_app", settings=settings, port=settings.serving_port, workers=settings.serving_workers
            ),
            probes.http(f"{serving}/health/ready"),
            needs=("postgres", "valkey"),
            ports={"GETIT_SERVING_PORT": settings.serving_port},
            public=PublicService("serving", serving, SERVING_PREFIXES, "/health/ready", priority=20),
        ),
        Service(
            "features", lambda: python("-m", "serving.feeder"), probes.alive, needs=("postgres", "valkey")
        ),
    ]  # fmt: skip


def _consoles(settings: Settings) -> list[Service]:
    dashboards, dagster = (
        f"http://{settings.host}:{port}" for port in (settings.dashboards_port, settings.dagster_port)
    )
    home = {"DAGSTER_HOME": str(settings.folder("dagster"))}
    workspace = ["-w", str(ROOT / "workspace.yaml")]
    return [
        Service(
            "dashboards",
            lambda: python(
                "-m", "streamlit", "run", "dashboards/app.py", "--server.address", settings.host, "--server.port",
                str(settings.dashboards_port), "--server.baseUrlPath", "dashboards", "--server.headless", "true",
                "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none", "--client.toolbarMode",
                "minimal", "--logger.level", "warning",
            ),
            probes.http(f"{dashboards}/dashboards/_stcore/health"),
            needs=("postgres",),
            ports={"GETIT_DASHBOARDS_PORT": settings.dashboards_port},
            public=PublicService("dashboards", dashboards, ("/dashboards",), "/dashboards/_stcore/health", is_streaming=True),
        ),
        Service(
            "dagster",
            lambda: [
                program("dagster-webserver"), "-h", settings.host, "-p", str(settings.dagster_port), "--path-prefix",
                "/dagster", *workspace,
            ],
            probes.http(f"{dagster}/dagster/server_info"),
            needs=("postgres",),
            ports={"GETIT_DAGSTER_PORT": settings.dagster_port},
            environment=home,
            public=PublicService("dagster", dagster, ("/dagster",), "/dagster/server_info", is_streaming=True),
            is_background=True,
        ),
        Service(
            "scheduler", lambda: [program("dagster-daemon"), "run", *workspace], probes.alive,
            needs=("postgres",), environment=home, is_background=True,
        ),
        # A process of its own: it has to notice that the scheduler died.
        Service("watch", lambda: python("-m", "pipelines.alerts.watch"), probes.alive, needs=("postgres",), is_background=True),
    ]  # fmt: skip


def _world(settings: Settings) -> list[Service]:
    sandbox = f"http://{settings.host}:{settings.sandbox_port}"
    services = []
    if None in {settings.bkash_url, settings.pathao_url, settings.bank_url, settings.messages_url}:
        services.append(
            Service(
                "sandbox",
                lambda: uvicorn("sandbox.app:create_app", settings=settings, port=settings.sandbox_port, workers=1),
                probes.port(settings.host, settings.sandbox_port),
                needs=("postgres",),
                ports={"GETIT_SANDBOX_PORT": settings.sandbox_port},
                public=PublicService("sandbox", sandbox, ("/bkash",)),
            )
        )
    if settings.market_orders_per_minute > 0:
        services.append(
            Service(
                "market", lambda: python("-m", "sandbox.market.live"), probes.alive,
                needs=("gateway", "commerce", "serving", "sandbox"),
            )
        )  # fmt: skip
    return services


def gateway_service(settings: Settings) -> Service:
    """The one front door; its configuration is generated from the services' public prefixes."""
    from getit import gateway

    return Service(
        "gateway",
        lambda: gateway.command(settings),
        probes.http(f"http://{settings.host}:{settings.gateway_admin_port}/ping"),
        ports={"GETIT_GATEWAY_PORT": settings.gateway_port, "GETIT_GATEWAY_ADMIN_PORT": settings.gateway_admin_port},
    )


def all_services(settings: Settings) -> list[Service]:
    """Everything that runs on one machine."""
    return [
        *engine_services(settings),
        *learning_services(settings),
        *application_services(settings),
        gateway_service(settings),
    ]


def child_environment(settings: Settings) -> dict[str, str]:
    """Environment of every child: our settings, telemetry off, one home."""
    return {
        **os.environ,
        **QUIET,
        "GETIT_HOME": str(settings.home.absolute()),
        "MLFLOW_TRACKING_URI": settings.mlflow,
        "PYTHONUNBUFFERED": "1",
    }
