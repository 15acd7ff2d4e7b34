"""Whatever is told of a look is told from its evidence, and its evidence holds in the graph."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from wearwhy.errors import NoAnswer
from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.choosing import choose
from wearwhy.explain.labelled import label_sentence
from wearwhy.explain.naming import names
from wearwhy.explain.reasons import clause, sentence
from wearwhy.explain.sentences import LANGUAGES, read, reasons, told_sentence
from wearwhy.explain.terms import ExplainedLook, in_a_row
from wearwhy.outfit.request import Request
from wearwhy.rdf import NamedNode, Node
from wearwhy.rules.layer import Layer
from wearwhy.workspace import Workspace
from wearwhy.workspace.week import week

REQUESTS = 12


def requests(space: Workspace) -> Iterator[Request]:
    """The bundled week, and others drawn from its occasions, days and items."""
    bundled = week(space.bundled)
    yield from bundled
    rng = random.Random(5)
    items = space.resources.index(space.layer()).items
    for _ in range(REQUESTS):
        one = rng.choice(bundled)
        day = date(2026, rng.randrange(1, 13), 15) + timedelta(days=rng.randrange(14))
        locked = tuple(rng.sample(items, rng.choice((0, 1))))
        yield replace(one, date=day, locked=locked, entries=())


@pytest.fixture(scope="module")
def looks(space: Workspace) -> list[ExplainedLook]:
    """Every look of many requests, explained, each knowing the one above it."""
    found: list[ExplainedLook] = []
    for request in requests(space):
        try:
            shown = space.suggest(request).looks
        except NoAnswer:
            continue
        found += in_a_row(space.explain(look, trials=False) for look in shown)
    assert len(found) > REQUESTS
    return found


def test_every_statement_of_the_evidence_holds_in_the_graph_that_the_look_stands_in(
    looks: list[ExplainedLook],
) -> None:
    for look in looks:
        for node in look.nodes.values():
            if node.statement is not None:
                assert look.layer.holds(node.statement), node
                kind = look.layer.kind(node.statement)
                assert kind is node.kind or node.kind in (Kind.AXIOM, Kind.SAME, Kind.BUILTIN), node


def test_every_name_that_the_evidence_binds_is_known_to_the_graph(
    looks: list[ExplainedLook],
) -> None:
    for look in looks:
        for node in look.nodes.values():
            for _, value in node.bindings:
                assert not isinstance(value, NamedNode) or known(look.layer, value), (node, value)


def known(layer: Layer, node: NamedNode) -> bool:
    """Return whether a graph says anything of a node, or with it."""
    return (
        next(iter(layer.match(node, None, None)), None) is not None
        or next(iter(layer.match(None, None, node)), None) is not None
        or layer.rule(node) is not None
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_told_of_what_its_terms_evidence_names(
    space: Workspace, looks: list[ExplainedLook], language: str
) -> None:
    templates = read(space.bundle.folder / "kg" / "sentences.toml")
    for look in looks:
        named = names(look.layer, look.look, templates, language)
        told = list(dict.fromkeys(told_sentence(named, t, templates) for t in look.look.told))
        cited = mentioned(look)
        for one in choose(named, look):
            against = one.value < 0 and not one.template.startswith("comfort")
            told.append(
                named.say("against-it", sentence=clause(named, one))
                if against
                else sentence(named, one)
            )
            for nodes in one.slots.values():
                assert set(nodes) <= cited | set(look.look.items), one
        assert reasons(look, templates, language) == list(dict.fromkeys(told))
        for text in [*told, *(label_sentence(named, label) for label in look.labels)]:
            assert text.strip()
            assert "{" not in text
            assert "http" not in text


def mentioned(look: ExplainedLook) -> set[Node]:
    """Return every node that stands in the evidence of a look."""
    found: set[Node] = set()
    nodes: list[EvidenceNode] = list(look.nodes.values())
    for node in nodes:
        found |= {value for _, value in node.bindings}
        if node.statement is not None:
            found |= set(node.statement)
        if isinstance(node.rule, NamedNode):
            found.add(node.rule)
    return found


def test_every_label_is_borne_by_its_measure_and_some_label_by_every_look(
    looks: list[ExplainedLook],
) -> None:
    for look in looks:
        borne = [one for one in look.labels if one.borne]
        assert borne
        assert len(look.labels) == 3
        for one in look.labels:
            assert 0.0 <= one.value <= 1.0
            assert one.borne or one.value < one.least
            assert one.evidence.nodes[one.evidence.root].value == one.value
        assert len(borne) == 1 or all(one.value >= one.least for one in borne)
