"""Counters of requests, errors and durations of GetIt's APIs, sampled at every ingest for the platform's reports.

The services count since they started (`/metrics`); the mart takes the differences. A service that does not answer has no
sample: that it is away is the gateway's and the alerts' business. Not here: what is counted (foundation.web.middleware).
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields

import httpx
import psycopg
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from foundation.settings import Settings

TIMEOUT_S = 2.0
SERVICE_LEVEL_S = "0.1"
REQUESTS, SECONDS = "getit_http_requests_total", "getit_http_request_seconds"


@dataclass
class Sample:
    """Counters of one route since its service started."""

    service: str
    method: str
    route: str
    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    seconds: float = 0.0
    within_100ms: int = 0


@dataclass
class _Reader:
    service: str
    samples: dict[tuple[str, str], Sample] = field(default_factory=dict)

    def of(self, labels: dict[str, str]) -> Sample:
        key = (labels["method"], labels["route"])
        return self.samples.setdefault(key, Sample(self.service, *key))

    def take(self, family: Metric) -> None:
        for name, labels, value, *_ in family.samples:
            if name == REQUESTS:
                sample, status = self.of(labels), labels["status"]
                sample.requests += int(value)
                sample.client_errors += int(value) if status.startswith("4") else 0
                sample.server_errors += int(value) if status.startswith("5") else 0
            elif name == f"{SECONDS}_sum":
                self.of(labels).seconds = value
            elif name == f"{SECONDS}_bucket" and labels["le"] == SERVICE_LEVEL_S:
                self.of(labels).within_100ms = int(value)


def read_samples(service: str, exposition: str) -> list[Sample]:
    """Samples of a service from its metrics in Prometheus' text format."""
    reader = _Reader(service)
    for family in text_string_to_metric_families(exposition):
        reader.take(family)
    return list(reader.samples.values())


def sample_traffic(settings: Settings, warehouse_url: str) -> int:
    """Write one sample of each route of each service that answers; number of routes."""
    rows = [sample for service, url in _services(settings) for sample in read_samples(service, _metrics(url))]
    with psycopg.connect(warehouse_url) as warehouse:
        _write(warehouse, rows)
    return len(rows)


def _services(settings: Settings) -> Iterable[tuple[str, str]]:
    yield "commerce", f"http://{settings.host}:{settings.commerce_port}"
    yield "serving", settings.serving


def _metrics(url: str) -> str:
    try:
        return httpx.get(f"{url}/metrics", timeout=TIMEOUT_S).raise_for_status().text
    except httpx.HTTPError:
        return ""


def _write(warehouse: psycopg.Connection, rows: list[Sample]) -> None:
    names = [one.name for one in fields(Sample)]
    with warehouse.cursor() as cursor:
        cursor.executemany(
            f"insert into quality.api_samples ({', '.join(names)}) values ({', '.join(['%s'] * len(names))})"
            " on conflict do nothing",
            [astuple(row) for row in rows],
        )
    warehouse.execute("delete from quality.api_samples where sampled_at < now() - interval '90 days'")
