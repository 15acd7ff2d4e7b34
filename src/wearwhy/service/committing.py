"""From what a process found that a change would do to a revision of the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import Moved, Refused, ValueRefused
from wearwhy.rdf import OWL, RDFS, Fact
from wearwhy.service.caller import Caller, Role
from wearwhy.service.service import Service
from wearwhy.service.views import graph_at_rest, source_of
from wearwhy.service.workers.naming import named
from wearwhy.service.workers.shipped import View
from wearwhy.store.quads import Patch, Quad
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

_TRIES: Final = 5
_SCHEMAS: Final = (str(OWL), str(RDFS))


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did, or would do.

    Attributes:
        revision: of the wardrobe, after it.
        added: how many statements came.
        removed: how many went.
        created: whether a graph that had held nothing holds something.
    """

    revision: int
    added: int
    removed: int
    created: bool


async def carried_out(
    service: Service,
    caller: Caller,
    wardrobe: str,
    job: tuple[str, dict[str, Any], bytes],
    *,
    message: str,
    preview: bool,
    expected: int | None,
    new: str | None = None,
) -> Changed:
    """Have a job work out a patch of what a wardrobe asserts, and commit it as one revision.

    Where the wardrobe is changed meanwhile, the job works on what it has become. `new` is the IRI
    of a graph that must hold nothing before.

    Raises:
        Refused: WW-GRAPH-EXISTS, where it holds something.
        Moved: WW-STORE-MOVED, no longer at `expected`; or always changed again meanwhile.
        ValueRefused: WW-GRAPH-READ-ONLY.
        RuleError, Unavailable: where reasoning over what comes does not end.
        Others, as the job.
    """
    asking = service.asking
    name, args, body = job
    for _ in range(_TRIES):
        current = await asking.at_rest(service.engine, wardrobe)
        if expected is not None and expected != current.revision:
            break
        if new is not None and _holds(current.view, new):
            raise Refused(
                "WW-GRAPH-EXISTS",
                "The graph holds something already.",
                412,
                note="`If-None-Match: *` is for a graph that is not there yet.",
                hint="Read it, and send its ETag with If-Match.",
            )
        done = await asking.run(name, dict(args), body, current.view, who=caller.account)
        patch = _patch(wardrobe, done.body, done.value["cut"])
        created = bool(done.value["created"])
        if preview:
            return Changed(current.revision, len(patch.add), len(patch.remove), created)
        if _weighty(patch, service.configuration.tried_statements):
            cut = done.value["cut"]
            gone, come = done.body[:cut].decode(), done.body[cut:].decode()
            await service.run_slow(tried, caller, wardrobe, gone, come)
        edit = Edit(patch, message, f"wardrobe/{wardrobe}")
        changed = await service.engine.run(
            _commit,
            service,
            caller,
            wardrobe,
            edit,
            key=current.view.key,
            expected=expected,
            created=created,
        )
        if changed is not None:
            return changed
    raise Moved(
        "WW-STORE-MOVED",
        "The wardrobe has been changed since.",
        hint="Read it again, and then change it.",
    )


def _holds(view: View, graph: str) -> bool:
    """Return whether a view of what is asserted has any statement in a graph."""
    end = f"{NamedNode(graph)} .".encode()
    return any(line.endswith(end) for line in view.own)


def tried(service: Service, caller: Caller, wardrobe: str, gone: str, come: str) -> dict[str, int]:
    """Reason a change to the end, and keep nothing: axioms are facts, too.

    Args:
        service: whose workspace is looked at.
        caller: who changes it.
        wardrobe: that is changed.
        gone: statements that would go, as N-Quads.
        come: statements that would come.

    Raises:
        RuleError, Unavailable: where that does not end.
    """
    caller.wardrobe(wardrobe, Role.EDITOR)
    removed, added = gone.encode(), come.encode()
    edit = Edit(_patch(wardrobe, removed + added, len(removed)), "", f"wardrobe/{wardrobe}")
    found = service.workspace.preview(edit, name=wardrobe, requests=())
    return {"gained": len(found.gained), "lost": len(found.lost)}


def _weighty(patch: Patch, many: int) -> bool:
    """Return whether what comes may have many conclusions: axioms, or `many` facts."""
    return len(patch.add) >= many or any(
        isinstance(node, NamedNode) and node.value.startswith(_SCHEMAS)
        for quad in patch.add
        for node in (quad.fact.predicate, quad.fact.object)
    )


def _commit(
    workspace: Workspace,
    service: Service,
    caller: Caller,
    wardrobe: str,
    edit: Edit,
    *,
    key: str,
    expected: int | None,
    created: bool,
) -> Changed | None:
    """Make the change; None where it was worked out on what is no longer there."""
    service.by_now(caller).wardrobe(wardrobe, Role.EDITOR)
    if service.asking.views.at_rest(workspace, wardrobe).key != key:
        return None
    if not edit.patch:
        return Changed(workspace.revision_of(wardrobe), 0, 0, created=False)
    with workspace.acting(caller.account):
        made = workspace.apply(edit, expected=expected, of=wardrobe).patch
    return Changed(workspace.revision_of(wardrobe), len(made.add), len(made.remove), created)


def _patch(wardrobe: str, lines: bytes, cut: int) -> Patch:
    return Patch(
        add=tuple(_at_rest(wardrobe, quad) for quad in _read(lines[cut:])),
        remove=tuple(_at_rest(wardrobe, quad) for quad in _read(lines[:cut])),
    )


def _read(lines: bytes) -> ox.QuadParser:
    return ox.parse(lines, ox.RdfFormat.N_QUADS)


def _at_rest(wardrobe: str, quad: ox.Quad) -> Quad:
    graph = writable_graph(wardrobe, str(getattr(quad.graph_name, "value", "")))
    return named(Quad(graph, Fact(quad.subject, quad.predicate, quad.object)))


def writable_graph(wardrobe: str, iri: str) -> NamedNode:
    """Return the graph at rest that stands behind a name.

    Raises:
        ValueRefused: WW-GRAPH-READ-ONLY, whether or not there is such a graph.
    """
    source = source_of(wardrobe, iri)
    if source is None:
        raise ValueRefused(
            "WW-GRAPH-READ-ONLY",
            f"The graph <{iri}> is not one that can be written.",
            note="What is derived, computed or predicted follows from what is asserted.",
            hint="Write the default graph, or a graph with a name of your own.",
        )
    return graph_at_rest(wardrobe, source)
