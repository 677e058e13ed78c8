"""The gateway's configuration, generated for Traefik from the services' public prefixes. Not here: which services exist."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from foundation.settings import Settings
from foundation.web.routing import PublicService
from getit import engines


def command(settings: Settings) -> list[str]:
    """Command line of the gateway; writes its configuration first."""
    from getit.services import all_services

    public = [service.public for service in all_services(settings) if service.public is not None]
    folder = settings.folder("gateway")
    static = folder / "traefik.yml"
    _write(folder / "routes.yml", dynamic_configuration(public))
    _write(static, static_configuration(settings, folder / "routes.yml"))
    return [str(engines.traefik_binary()), f"--configFile={static}"]


def _write(path: Path, document: dict[str, Any]) -> None:
    """Replace a file at once: Traefik never reads half of one."""
    fresh = path.with_suffix(".new")
    fresh.write_text(yaml.safe_dump(document, sort_keys=False))
    os.replace(fresh, path)


def static_configuration(settings: Settings, routes: Path) -> dict[str, Any]:
    """Entry points, health and metrics. No update check, no usage statistics."""
    return {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "WARN"},
        "entryPoints": {
            "web": {
                "address": f"{settings.host}:{settings.gateway_port}",
                "transport": {
                    "respondingTimeouts": {"readTimeout": "30s", "writeTimeout": "0s", "idleTimeout": "120s"}
                },
            },
            "admin": {"address": f"{settings.host}:{settings.gateway_admin_port}"},
        },
        "ping": {"entryPoint": "admin"},
        "metrics": {"prometheus": {"entryPoint": "admin", "addRoutersLabels": True}},
        "providers": {"providersThrottleDuration": "200ms", "file": {"filename": str(routes), "watch": True}},
    }


def dynamic_configuration(services: Sequence[PublicService]) -> dict[str, Any]:
    """One router and one upstream a service; the front page leads to the dashboards."""
    routers: dict[str, Any] = {}
    upstreams: dict[str, Any] = {}
    for service in services:
        rule = " || ".join(_rule(prefix) for prefix in service.prefixes)
        routers[service.name] = {
            "rule": rule,
            "service": service.name,
            "priority": service.priority,
            "entryPoints": ["web"],
            "middlewares": ["headers", "in-flight"],
        }
        upstreams[service.name] = {
            "loadBalancer": {
                "servers": [{"url": service.url}],
                "passHostHeader": True,
                "responseForwarding": {"flushInterval": "-1" if service.is_streaming else "100ms"},
            }
        }
    routers["front-page"] = {
        "rule": "Path(`/`)", "service": "dashboards", "priority": 1, "entryPoints": ["web"], "middlewares": ["to-dashboards"],
    }  # fmt: skip
    return {"http": {"routers": routers, "services": upstreams, "middlewares": _middlewares()}}


def _rule(prefix: str) -> str:
    return f"Path(`{prefix}`) || PathPrefix(`{prefix}/`)"


def _middlewares() -> dict[str, Any]:
    return {
        "headers": {
            "headers": {"customResponseHeaders": {"Server": ""}, "frameDeny": True, "contentTypeNosniff": True}
        },
        # A wave of requests waits at the door and not in PostgreSQL.
        "in-flight": {"inFlightReq": {"amount": 1000}},
        "to-dashboards": {"redirectRegex": {"regex": "^(https?://[^/]+)/$", "replacement": "${1}/dashboards/"}},
    }
