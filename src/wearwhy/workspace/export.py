"""A wardrobe taken elsewhere: as a table that loads again, or as RDF with its graphs apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wearwhy.errors import InputError
from wearwhy.feeds.export_table import export as as_table
from wearwhy.feeds.load import named
from wearwhy.feeds.loaded import Target
from wearwhy.feeds.template import write_template
from wearwhy.rdf import Fact, Triple
from wearwhy.store.exchange import write_rdf
from wearwhy.store.quads import Quad
from wearwhy.workspace import dataset as seen
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.state import asserted, owner_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

MAPPING = "wardrobe"
ENDINGS = {"turtle": "turtle", "trig": "trig", "nquads": "nq", "jsonld": "jsonld"}


@dataclass(frozen=True, slots=True)
class Written:
    """How many statements (or rows of a table) were written, and what the form cannot hold."""

    written: int
    left_out: tuple[Fact, ...] = ()


def write_wardrobe_template(known: Bundle, path: Path, lang: str) -> None:
    """Write a wardrobe table to fill in, with headers in a language.

    Raises:
        FormatError: WW-TEMPLATE-KIND, where the file is neither .csv nor .xlsx.
        InputError: WW-EXPORT-EXISTS, where there is a file of that name: it may be filled in.
    """
    if path.exists():
        raise InputError(
            "WW-EXPORT-EXISTS",
            f"{path.name} exists.",
            hint="Give another name, or move it away: it may be filled in.",
        )
    mapping = named(MAPPING, known.folder / "kg" / "mappings")
    write_template(path, mapping, known.names, "zh" if lang == "zh" else "en")


def export(
    workspace: Workspace,
    path: Path,
    form: str,
    *,
    name: str | None = None,
    over: str | None = None,
    lang: str = "en",
) -> Written:
    """Write a wardrobe to a file.

    Args:
        workspace: open.
        path: of the file; replaced if it is there.
        form: `csv`, `turtle`, `trig`, `nquads` or `jsonld`.
        name: the wardrobe.
        over: a kind of fact, for RDF of what is seen; None for what is at rest.
        lang: of the headers of a table.

    Raises:
        InputError: WW-EXPORT-FORM, for a form that there is not; WW-EXPORT-OVER.
    """
    chosen = workspace.wardrobe(name)
    if form == "csv":
        if over is not None:
            raise InputError("WW-EXPORT-OVER", "A table holds what is asserted; --over is for RDF.")
        target = Target("wardrobe", chosen, workspace.settings.base_iri)
        mapping = named(MAPPING, workspace.bundle.folder / "kg" / "mappings")
        facts = asserted(workspace.state, f"wardrobe/{chosen}")
        table = as_table(facts, mapping, workspace.names, target, "zh" if lang == "zh" else "en")
        path.write_text(table.text, "utf-8", newline="")
        return Written(max(0, table.text.count("\n") - 1), table.left_out)
    if form not in ENDINGS:
        raise InputError(
            "WW-EXPORT-FORM",
            f"'{form}' is no form that a wardrobe is written in.",
            hint="Write csv, " + ", ".join(ENDINGS) + ".",
        )
    quads = list(_at_rest(workspace, chosen) if over is None else _seen(workspace, chosen, over))
    left: list[Quad] = []
    if form == "jsonld":
        # JSON-LD has no triple terms; a guess without its statement would say nothing.
        told = {quad.fact.subject for quad in quads if isinstance(quad.fact.object, Triple)}
        left = [quad for quad in quads if quad.fact.subject in told]
        quads = [quad for quad in quads if quad.fact.subject not in told]
    path.write_bytes(write_rdf(quads, ENDINGS[form]))
    return Written(len(quads), tuple(quad.fact for quad in left))


def _at_rest(workspace: Workspace, name: str) -> Iterator[Quad]:
    for graph, facts in workspace.state.graphs.items():
        if owner_of(graph)[0] == f"wardrobe/{name}":
            yield from (Quad(graph, fact) for fact in facts)


def _seen(workspace: Workspace, name: str, over: str) -> Iterator[Quad]:
    for graph, facts in seen.graphs(workspace.layer(name), over).items():
        yield from (Quad(graph, fact) for fact in facts)
