"""A previewed change as a file: TriG that says what would be stored and what would follow.

The default graph describes the patch: `<https://w3id.org/wearwhy/id/preview/TOKEN> a ww:Patch`
with the revision it was made for (`prov:wasRevisionOf`), its message (`dcterms:description`) and
its scope (`ww:scope`). What it changes stands in graphs below that name:

- `TOKEN/added/GRAPH` and `TOKEN/removed/GRAPH`: statements put into and taken out of the stored
  graph GRAPH, such as `wardrobe/mine/asserted/edits` or `base/rules/colour`; these are applied;
- `TOKEN/gained` and `TOKEN/lost`: every fact that comes and goes with them, derived ones among
  them; these tell what follows, and are not applied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wearwhy.errors import FormatError, Place
from wearwhy.rdf import DCTERMS, ID, PROV, TYPE, WW, BlankNode, Fact, Literal, NamedNode
from wearwhy.store.exchange import DEFAULT, read_rdf, write_rdf
from wearwhy.store.quads import GRAPHS, Patch, Quad
from wearwhy.workspace.edits import Edit

HOME = str(ID) + "preview/"
NAMED = "preview-"
REVISION = str(ID) + "revision/"


@dataclass(frozen=True, slots=True)
class PatchFile:
    """What a patch file says.

    Attributes:
        token: the preview's name.
        revision: that it was made for.
        message: what it does.
        scope: to whom.
        patch: what is applied.
        gained, lost: what follows.
    """

    token: str
    revision: int
    message: str
    scope: str
    patch: Patch
    gained: frozenset[Fact]
    lost: frozenset[Fact]


def write_patch(
    token: str, revision: int, edit: Edit, gained: Iterable[Fact], lost: Iterable[Fact]
) -> bytes:
    """Return a previewed change as TriG; facts about literals, which RDF cannot say, are left out.

    Args:
        token: the preview's name.
        revision: that it was made for.
        edit: the change.
        gained: every fact that it brings.
        lost: every fact that it takes.
    """
    node = NamedNode(HOME + token.removeprefix(NAMED))
    about = [
        Fact(node, TYPE, WW.Patch),
        Fact(node, PROV.wasRevisionOf, NamedNode(f"{REVISION}{revision}")),
        Fact(node, DCTERMS.description, Literal(edit.message)),
        Fact(node, WW.scope, Literal(edit.scope)),
    ]
    quads = [Quad(DEFAULT, fact) for fact in about]
    for name, those in (("added", edit.patch.add), ("removed", edit.patch.remove)):
        for quad in those:
            graph = NamedNode(f"{node.value}/{name}/{quad.graph.value.removeprefix(GRAPHS)}")
            quads.append(Quad(graph, quad.fact))
    for name, facts in (("gained", gained), ("lost", lost)):
        graph = NamedNode(f"{node.value}/{name}")
        quads += [Quad(graph, f) for f in facts if isinstance(f.subject, NamedNode | BlankNode)]
    return write_rdf(quads, "trig")


def read_patch(path: Path) -> PatchFile:
    """Return what a patch file says.

    Raises:
        FormatError: WW-PATCH, where it is TriG of another kind; what `read_rdf` raises.
        InputError: WW-RDF-FILE, where it cannot be read.
    """
    quads = list(read_rdf(path, "trig"))
    nodes = [q.fact.subject for q in quads if q.graph == DEFAULT and q.fact.object == WW.Patch]
    if len(nodes) != 1 or not isinstance(nodes[0], NamedNode):
        raise _refused(path, "It describes no patch, or several.")
    node = nodes[0]
    about = {q.fact.predicate: q.fact.object for q in quads if q.fact.subject == node}
    made = about.get(PROV.wasRevisionOf)
    number = made.value.removeprefix(REVISION) if isinstance(made, NamedNode) else ""
    if not number.isdigit():
        raise _refused(path, "It does not say which revision it was made for.")
    parts: dict[str, list[Quad]] = {"added": [], "removed": [], "gained": [], "lost": []}
    for quad in quads:
        if quad.graph == DEFAULT:
            continue
        part, _, graph = quad.graph.value.removeprefix(node.value + "/").partition("/")
        if part not in parts or (part in ("added", "removed")) != bool(graph):
            raise _refused(path, f"The graph {quad.graph} is none of a patch.")
        parts[part].append(Quad(NamedNode(GRAPHS + graph), quad.fact))
    said = {p: o.value for p, o in about.items() if isinstance(o, Literal)}
    return PatchFile(
        NAMED + node.value.removeprefix(HOME),
        int(number),
        said.get(DCTERMS.description, path.name),
        said.get(WW.scope, ""),
        Patch(tuple(parts["added"]), tuple(parts["removed"])),
        frozenset(quad.fact for quad in parts["gained"]),
        frozenset(quad.fact for quad in parts["lost"]),
    )


def _refused(path: Path, note: str) -> FormatError:
    return FormatError(
        "WW-PATCH",
        f"{path.name} is no patch.",
        note=note,
        hint="`wearwhy rules preview --patch FILE` writes one.",
        place=Place(str(path)),
    )
