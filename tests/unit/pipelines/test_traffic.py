"""Counters of a service as its own middleware writes them become one sample a route."""

from prometheus_client import CollectorRegistry, generate_latest

from foundation.web.middleware import RedMetrics
from pipelines.traffic import Sample, read_samples


class Route:
    path = "/v1/orders/{order_id}"


def test_samples_are_what_the_middleware_counted():
    registry = CollectorRegistry()
    metrics = RedMetrics(registry)
    for status, seconds in ((200, 0.05), (404, 0.1), (503, 2.0)):
        metrics.observe({"method": "GET", "route": Route}, status, seconds)
    metrics.observe({"method": "POST"}, 201, 0.01)

    found = read_samples("commerce", generate_latest(registry).decode())

    assert sorted(found, key=lambda one: one.method) == [
        Sample("commerce", "GET", Route.path, 3, 1, 1, 2.15, 2),
        Sample("commerce", "POST", "unmatched", 1, 0, 0, 0.01, 1),
    ]


def test_a_service_that_is_away_has_no_sample():
    assert read_samples("serving", "") == []
