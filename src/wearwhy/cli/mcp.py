"""The verb that answers agents over stdin and stdout."""

from __future__ import annotations

import os

import click

from wearwhy.cli.session import Session, Told, verb

KEY = "WEARWHY_KEY"


@verb(
    "mcp",
    examples=("wearwhy --workspace W mcp --read-only",),
)
@click.option("--read-only", is_flag=True, help="Offer nothing that changes a wardrobe.")
def mcp(session: Session, read_only: bool) -> Told:
    """Answer an agent by the Model Context Protocol, over stdin and stdout.

    A client starts it with this line; it ends when the client closes stdin. With --wardrobe only
    that one is seen; with a key in WEARWHY_KEY only what its account may. The tools are recommend,
    complete, explain, why_not, sparql, preview_rule and apply_rule.
    """
    import logging

    import anyio

    from wearwhy.mcp.stdio import serve_stdio

    # stdout is the protocol's: what goes wrong is told on stderr.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    key = os.environ.get(KEY) or None

    async def serve() -> None:
        await serve_stdio(session.folder, wardrobe=session.named, key=key, read_only=read_only)

    anyio.run(serve)
    click.get_current_context().exit(0)
