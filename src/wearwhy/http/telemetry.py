"""Spans for OpenTelemetry: made where its API is installed and somebody has set a provider up.

The service brings no exporter: who wants its traces runs it under `opentelemetry-instrument`, or
sets a provider before the server starts. Without one a request pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from starlette.types import Scope

_NAME: Final = "wearwhy.http"
_CARRIED: Final = frozenset((b"traceparent", b"tracestate", b"baggage"))

try:
    from opentelemetry import propagate, trace
except ImportError:  # the API is an optional part
    _INSTALLED = False
else:
    _INSTALLED = True


def traced() -> bool:
    """Return whether somebody has set a tracer provider up."""
    return _INSTALLED and not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def span(scope: Scope) -> Iterator[Any]:
    """Yield the span of a request, child of the one that its headers name."""
    carrier = {
        name.decode("latin1"): value.decode("latin1")
        for name, value in scope["headers"]
        if name in _CARRIED
    }
    with trace.get_tracer(_NAME).start_as_current_span(
        scope["method"],
        context=propagate.extract(carrier),
        kind=trace.SpanKind.SERVER,
        attributes={"http.request.method": scope["method"], "url.scheme": scope["scheme"]},
    ) as started:
        yield started


def ended(span: Any, method: str, route: str, status: int) -> None:
    """Say how a request ended; names follow OpenTelemetry's conventions for HTTP."""
    span.update_name(f"{method} {route}")
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(trace.StatusCode.ERROR)
