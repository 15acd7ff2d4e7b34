"""Facts in a person's words, to assert or to retract: whose they are, and where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wearwhy.errors import InputError, NoAnswer
from wearwhy.evidence import Kind
from wearwhy.rdf import TYPE, Fact, Literal, NamedNode, curie, expand
from wearwhy.rules.layer import Layer
from wearwhy.store.exchange import read_rdf
from wearwhy.store.quads import Patch, Quad, canonical, graph_name
from wearwhy.store.skolem import skolemise
from wearwhy.workspace import find
from wearwhy.workspace.drafts import ENDINGS, ONTOLOGY
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.ontology import OWNER
from wearwhy.workspace.state import State, owner_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

EDITED = "edits"
FACTS = (".ttl", ".nt", ".nq", ".rdf", ".owl", ".jsonld")
_WORD = re.compile(r"\"(?:[^\"\\]|\\.)*\"(?:@[A-Za-z-]+|\^\^\S+)?|'[^']*'|<[^<>\s]*>|\S+")


def stated(
    workspace: Workspace,
    layer: Layer,
    asserted: Sequence[str],
    retracted: Sequence[str],
    owner: str | None,
) -> Edit:
    """Return the edit that asserts and retracts facts.

    Args:
        workspace: open.
        layer: the graph whose names are meant.
        asserted: facts of three words (IRIs, compact names, labels, quoted literals), or files.
        retracted: likewise.
        owner: `base`, `wardrobe/NAME` or `catalogue/NAME`; None: who says most of the subject,
            or says the fact that is retracted.

    Raises:
        InputError: WW-FACT-WORDS, and what naming and reading raise.
        NoAnswer: WW-FACT-ABSENT, WW-FACT-ELSEWHERE, WW-FACT-BUNDLED.
    """
    add: list[Quad] = []
    remove: list[Quad] = []
    for text in asserted:
        for fact in _facts(layer, workspace, text):
            home = owner or _home(workspace.state, fact)
            add.append(Quad(graph_name(home, "asserted", EDITED), fact))
    for text in retracted:
        for fact in _facts(layer, workspace, text):
            remove += _said(workspace, layer, fact, owner)
    new = tuple(canonical(quad) for quad in skolemise(add))
    owners = {owner_of(quad.graph)[0] for quad in (*new, *remove)}
    said = [f"assert {_short(text)}" for text in asserted]
    said += [f"retract {_short(text)}" for text in retracted]
    scope = owners.pop() if len(owners) == 1 else OWNER
    return Edit(Patch(new, tuple(dict.fromkeys(remove))), "; ".join(said), scope)


def _facts(layer: Layer, workspace: Workspace, text: str) -> Iterator[Fact]:
    """Yield the facts that a text says, or those of the file it names."""
    if text.lower().endswith(FACTS) and (Path(text).is_file() or len(text.split()) == 1):
        yield from (quad.fact for quad in read_rdf(Path(text)))
        return
    words = _WORD.findall(text.strip().removesuffix(" ."))
    if len(words) != 3:
        raise InputError(
            "WW-FACT-WORDS",
            f"'{text}' is not a fact in three words.",
            note="A fact is a subject, a property and a value; each an IRI, a compact name, a label or a literal.",
            hint="Put names of several words in quotes: w03 'suits season' winter.",
        )
    subject, prop, value = words
    names = workspace.names
    predicate = find.property_of(names, _bare(prop))
    if value[0] in "\"'":
        scheme = predicate == TYPE or names.scope(predicate) is not None
        stated = bool(names.datatype(predicate)) and value[-1] in "\"'"
        if scheme or stated:
            value = _bare(value)
        elif value[-1] not in "\"'":
            what = find.term(layer, names, _bare(subject))
            yield Fact(what, predicate, _literal(value))
            return
    yield find.fact(layer, names, _bare(subject), predicate.value, value)


def _short(text: str) -> str:
    return Path(text).name if text.lower().endswith(FACTS) else text


def _bare(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0] else word


def _literal(text: str) -> Literal:
    """Return a literal that is written with its language or datatype."""
    quoted, _, rest = text.rpartition('"')
    plain = quoted[1:].replace('\\"', '"')
    if rest.startswith("@"):
        return Literal(plain, language=rest[1:])
    return Literal(plain, datatype=expand(rest.removeprefix("^^")))


def _home(state: State, fact: Fact) -> str:
    """Return whose fact it is: the owner's who says most of its subject; else the base's."""
    quads = state.matching(fact.subject) if isinstance(fact.subject, NamedNode) else ()
    said = Counter(owner_of(quad.graph)[0] for quad in quads)
    return max(said, key=lambda owner: (said[owner], owner), default=OWNER)


def _said(workspace: Workspace, layer: Layer, fact: Fact, fixed: str | None) -> list[Quad]:
    """Return where a fact that is to be retracted is asserted."""
    state = workspace.state
    stored = canonical(Quad(graph_name(OWNER, "asserted", EDITED), fact)).fact
    everywhere = {owner_of(graph)[0] for graph in state.graphs}
    graphs = state.where(stored, (fixed,) if fixed else everywhere)
    if graphs:
        return [Quad(graph, stored) for graph in graphs]
    words = " ".join(curie(part) for part in fact)
    elsewhere = sorted({owner_of(graph)[0] for graph in state.where(stored, everywhere)})
    if elsewhere:
        raise NoAnswer(
            "WW-FACT-ELSEWHERE",
            f"'{words}' is not asserted in {fixed}, but in {', '.join(elsewhere)}.",
            hint="Name that scope, or none.",
        )
    if layer.kind(fact) is Kind.ASSERTED:
        raise NoAnswer(
            "WW-FACT-BUNDLED",
            f"'{words}' is said by the ontology, not by this workspace.",
            hint="Change the file that says it.",
            command=f"`wearwhy rules edit {_source(workspace, fact)}` opens it to you.",
        )
    kind = layer.kind(fact)
    notes = {
        Kind.DERIVED: "A rule derives it; what it follows from can be retracted, or the rule changed.",
        Kind.PREDICTED: "A model guessed it; a guess can be rejected.",
    }
    others = sorted(curie(o) for o in layer.objects(fact.subject, fact.predicate))
    hint = ""
    if kind is None and others:
        hint = f"What holds is {', '.join(others[:6])}."
    raise NoAnswer(
        "WW-FACT-ABSENT",
        f"Nobody asserted '{words}'.",
        note=notes.get(kind, "") if kind else "",
        hint=hint,
        command=_COMMANDS.get(kind, "").format(words=words) if kind else "",
    )


_COMMANDS: Final = {
    Kind.DERIVED: "`wearwhy why {words}` says from what.",
    Kind.PREDICTED: "`wearwhy guesses reject` denies it.",
}


def _source(workspace: Workspace, fact: Fact) -> str:
    """Return the name of a bundled file that says a fact."""
    for topic, file in workspace.bundled.ontology.items():
        if fact in file.facts:
            return topic + ENDINGS[ONTOLOGY]
    return "TOPIC"
