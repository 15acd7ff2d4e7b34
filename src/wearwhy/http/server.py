"""The server: one process that listens, answers, and stops in order when it is told to."""

from __future__ import annotations

import contextlib
import errno
import gc
import logging
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

import uvicorn
from starlette.applications import Starlette

from wearwhy.errors import InputError, NotAllowed
from wearwhy.http.app import create_app
from wearwhy.http.wire import CONNECTIONS, bounded
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service

_LOG: Final = logging.getLogger("wearwhy.http")
_BACKLOG: Final = 1024
_SENDING: Final = 128 << 10
_OWN_FILES: Final = 256
"""Files that the process may hold open beside its connections."""


class Server(uvicorn.Server):
    """Serves an application until a signal, then finishes what runs and takes nothing new."""

    def __init__(self, app: Starlette, configuration: Configuration) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=bounded(
                    configuration.header_seconds,
                    configuration.header_bytes,
                    configuration.body_seconds,
                    room_for(CONNECTIONS),
                ),
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=_BACKLOG,
                proxy_headers=bool(configuration.proxies),
                forwarded_allow_ips=list(configuration.proxies),
                timeout_keep_alive=round(configuration.header_seconds) or 1,
                timeout_graceful_shutdown=round(configuration.stop_seconds) or 1,
            )
        )
        self._app = app
        self._frozen = False

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop: told to, or without hope of becoming ready."""
        readiness = getattr(self._app.state, "readiness", None)
        if readiness is not None and not self._frozen and all(readiness.parts().values()):
            # What was made to become ready stays: no collection need look at it again.
            gc.freeze()
            gc.enable()  # where whoever started it had it wait until now
            self._frozen = True
        return await super().on_tick(counter) or (readiness is not None and bool(readiness.failed))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the long answers first, then as uvicorn does: let what runs finish."""
        _LOG.info("stopping")
        self._app.state.stopping.set()
        await super().shutdown(sockets)
        _LOG.info("stopped")

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT, and end as one who did what was asked: with status 0."""
        if threading.current_thread() is not threading.main_thread():
            yield  # no other thread is told of signals: whoever runs it there sets `should_exit`
            return
        before = {one: signal.signal(one, self._told) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def room_for(connections: int) -> int:
    """Return for how many connections there are files, of which as many are asked for as allowed.

    Without one, neither a connection could be taken nor a process be started.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return (
        connections
        if soft == resource.RLIM_INFINITY
        else max(1, min(soft - _OWN_FILES, connections))
    )


def require_accounts(service: Service, configuration: Configuration) -> None:
    """Refuse to be reached from elsewhere while there is nobody who could sign in.

    Raises:
        NotAllowed: WW-SERVE-ACCOUNTS.
    """
    if configuration.private or service.accounts.exist():
        return
    raise NotAllowed(
        "WW-SERVE-ACCOUNTS",
        "Others could reach this server, and there is no account yet.",
        note="Without accounts a server listens on loopback only, and answers to its names only.",
        hint="Make one first: `wearwhy account add NAME`.",
    )


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        InputError: WW-SERVE-ADDRESS-TAKEN, WW-SERVE-ADDRESS-NONE.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind)
    except OSError as error:
        raise _no_address(host, error) from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Each connection inherits it. What the system holds of an answer counts for nothing here:
        # neither as memory nor as taken, so it may not be the megabytes that it would come to.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENDING)
        opened.bind(address)
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                "WW-SERVE-ADDRESS-TAKEN",
                f"Something listens on {host}, port {port}, already.",
                hint="Take another with --port; --port 0 takes a free one.",
            ) from error
        raise _no_address(host, error) from error
    opened.set_inheritable(False)
    return opened


def _no_address(host: str, error: OSError) -> InputError:
    return InputError(
        "WW-SERVE-ADDRESS-NONE",
        f"This machine cannot listen on '{host}'.",
        note=error.strerror or str(error),
    )


def address_of(opened: socket.socket) -> str:
    """Return where a socket is reached, as a browser is told."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    service: Service, configuration: Configuration, opened: socket.socket, begun: Callable[[], None]
) -> None:
    """Serve until a signal; returns once all is given back.

    Args:
        service: open; closed at the end.
        configuration: what the server was told.
        opened: a listening socket; closed at the end.
        begun: called once, when requests are about to be taken.

    Raises:
        WearwhyError: what kept the service from becoming ready.
    """
    app = create_app(service, configuration)
    begun()
    Server(app, configuration).run(sockets=[opened])
    if app.state.readiness.failed is not None:
        raise app.state.readiness.failed
