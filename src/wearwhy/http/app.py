"""The application: the service's routes, and what stands around all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Final

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from wearwhy import __version__
from wearwhy.http import agents
from wearwhy.http.cors import shared
from wearwhy.http.documentation.openapi import describe
from wearwhy.http.faults import told_to_people
from wearwhy.http.limits import Bounded
from wearwhy.http.metrics import Metrics
from wearwhy.http.observing import Observed
from wearwhy.http.page.refused import Readable
from wearwhy.http.problems import HANDLERS
from wearwhy.http.rating import Rated
from wearwhy.http.readiness import Readiness
from wearwhy.http.security import Secured
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service

ROUTERS: Final[tuple[str, ...]] = (
    "sparql.routes",  # first: routes are tried one after the other, and these are asked most
    "routes.wardrobes",
    "routes.items",
    "routes.looks",
    "routes.rules",
    "routes.history",
    "routes.days",
    "routes.tasks",
    "routes.docs",
    "routes.people",
    "routes.accounts",
    "routes.sessions",
    "routes.invitations",
    "routes.uploads",
    "agents",
    "health",
    "page.router",
)
"""Modules of `http` in the order in which the documentation lists them.

Each has a `router` of FastAPI's, or `routes` of Starlette's.
"""


class Application(FastAPI):
    """The routes with what stands around them, outermost first: seen, secured, read, counted, bounded."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the whole as one application."""
        told = self.state.configuration
        bounded = Bounded(super().build_middleware_stack(), told)
        rated = Rated(shared(bounded, told), told)
        return Observed(Secured(Readable(rated), told), self.state.metrics)


def create_app(service: Service, configuration: Configuration | None = None) -> Application:
    """Return the application over an open service, which it closes at the end.

    Args:
        service: open; it is ready once the application has started and prepared it.
        configuration: what the server was told; the defaults, if None.
    """
    readiness = Readiness(service)
    app = Application(
        title="wearwhy",
        version=__version__,
        lifespan=_lifespan,
        openapi_url=None,  # FastAPI's own route would write the document anew for everybody
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # or every path that is none would be looked for twice
        exception_handlers={**HANDLERS, Exception: told_to_people},
    )
    app.state.service = service
    app.state.configuration = configuration or Configuration()
    app.state.readiness = readiness
    app.state.stopping = readiness.stopping
    app.state.metrics = Metrics(__version__, readiness.figures)
    app.state.paths = {}
    for name in ROUTERS:
        # As they are: `include_router` would make each a second time, when it is first looked for.
        for route in routes_of(import_module(f"wearwhy.http.{name}")):
            app.router.routes.append(route)
            app.state.paths.setdefault(route.endpoint, route.path)
    describe(app)
    return app


def routes_of(module: ModuleType) -> Sequence[Route]:
    """Return the routes of a module of `ROUTERS`."""
    found: Sequence[Route] = module.routes if hasattr(module, "routes") else module.router.routes
    return found


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Connections are taken meanwhile, and requests wait: a client that comes early need not return.
    preparing = asyncio.create_task(app.state.readiness.prepare())
    try:
        async with agents.running(app):
            yield
    finally:
        app.state.stopping.set()
        await preparing
        await app.state.service.close()
