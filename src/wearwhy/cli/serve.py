"""The verb that serves: a workspace over HTTP, until it is told to stop."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.session import Session, Told, as_text, verb

if TYPE_CHECKING:
    from wearwhy.service.configuration import Configuration
    from wearwhy.service.service import Service


@verb(
    "serve",
    examples=(
        "wearwhy --workspace W serve --port 8000",
        "wearwhy --workspace W serve --config /etc/wearwhy/serve.toml",
    ),
)
@click.option("--host", metavar="ADDRESS", help="The address to listen on (default: 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="The port to listen on (default: 8000); 0 takes a free one.",
)
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The file that says the rest (default: serve.toml in the workspace).",
)
def serve(session: Session, host: str | None, port: int | None, file: Path | None) -> Told:
    """Serve the workspace: REST, SPARQL, MCP and a page where people see why.

    On loopback, and as long as there is no account, reading needs no key. Any other address needs
    accounts: `wearwhy account add`. What else can be set is in docs/serve.md. Ctrl-C, or SIGTERM,
    lets what runs finish and stops.
    """
    from dataclasses import replace

    from wearwhy.service import configuration as configuring

    told = configuring.read(session.folder, os.environ, file=file)
    given = {"host": host, "port": port}
    stated = {k: configuring.checked(k, v) for k, v in given.items() if v is not None}
    _run(session, replace(told, **stated))
    if session.as_json:  # the one document was printed when the server began
        click.get_current_context().exit(0)
    return Told(dict, str)


def _run(session: Session, told: Configuration) -> None:
    """Listen, open the service, and serve until a signal."""
    # What is imported and opened stays: to look through it for garbage is in vain. The server
    # does so again once it is ready.
    gc.disable()
    try:
        _serve(session, told)
    finally:
        gc.enable()


def _serve(session: Session, told: Configuration) -> None:
    from wearwhy.http import logging as logs
    from wearwhy.http import server
    from wearwhy.service.errands import door
    from wearwhy.service.service import Service

    logs.configure(told.log, told.log_level)
    opened = server.listening(told.host, told.port)
    try:
        service = Service.open(session.folder, told, door=door)
        server.require_accounts(service, told)
        service.launch()
    except BaseException:
        opened.close()
        raise
    server.serve(service, told, opened, lambda: _tell(session, service, server.address_of(opened)))


def _tell(session: Session, service: Service, address: str) -> None:
    """Print where the server listens, and how the first account is made while there is none."""
    token = service.accounts.first_token()
    if session.as_json:
        click.echo(as_text({"url": address, "workspace": str(session.folder), "token": token}))
        return
    click.echo(session.say("serving", folder=str(session.folder), address=address))
    if token is not None:
        click.echo(session.say("first-account", address=address, token=token))
