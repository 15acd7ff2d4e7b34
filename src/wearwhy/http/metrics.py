"""Figures for Prometheus: requests, how long they took, what went wrong, how the service stands.

Labels take values from closed lists only: methods, patterns of routes, statuses and the project's
own codes. Nothing that a client wrote is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

disable_created_metrics()  # type: ignore[no-untyped-call]

Measured = Callable[[], Mapping[str, float]]
"""Returns figures by name; a name that ends in `_total` counts, any other stands."""


class Metrics:
    """The figures of one server.

    Attributes:
        in_flight: requests that are being answered.
    """

    def __init__(self, version: str, measured: Measured) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "wearwhy_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "wearwhy_request_seconds",
            "From the request's head to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._problems = Counter(
            "wearwhy_problems", "Problems answered.", ("code",), registry=self._registry
        )
        self.in_flight = Gauge(
            "wearwhy_requests_in_flight", "Requests being answered.", registry=self._registry
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        about = Gauge("wearwhy_info", "What runs.", ("version",), registry=self._registry)
        about.labels(version).set(1)
        ProcessCollector(registry=self._registry)
        self._registry.register(_Standing(measured))

    def answered(self, method: str, route: str, status: int, seconds: float, code: str) -> None:
        """Count one request.

        Args:
            method: of HTTP, or `other`.
            route: the pattern that it matched.
            status: of the answer.
            seconds: that it took.
            code: of the problem it was answered by; empty for none.
        """
        key = (method, route, status)
        if key not in self._known:
            counted = self._requests.labels(method, route, str(status))
            self._known[key] = (counted, self._seconds.labels(route))
        counted, timed = self._known[key]
        counted.inc()
        timed.observe(seconds)
        if code:
            self._problems.labels(code).inc()

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self._registry)


class _Standing(Collector):
    """How the service stands when it is asked."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterable[Metric]:
        """Return a family for each figure."""
        for name, value in self._measured().items():
            full = f"wearwhy_{name}"
            told = name.replace("_", " ")
            if name.endswith("_total"):
                yield CounterMetricFamily(full, told, value)
            else:
                yield GaugeMetricFamily(full, told, value)
