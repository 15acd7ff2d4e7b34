"""The same work done by others, in the same run, with the same result."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Final

import networkx as nx
import numpy as np
import rdflib
from benchmarks.measure import Figure, median, repeated, seconds
from benchmarks.wardrobes import name
from scipy.sparse import csr_array

from wearwhy import Workspace
from wearwhy.evidence import Kind
from wearwhy.rules.descriptions import load
from wearwhy.rules.equality import apart_from_sameness
from wearwhy.rules.layer import Layer
from wearwhy.rules.reference import infer
from wearwhy.settings import assets
from wearwhy.store.interchange import to_rdflib
from wearwhy.store.quads import graph_name
from wearwhy.walk import matrix, pagerank
from wearwhy.workspace.bundle import bundle

# How far a rank may be from its limit, in single precision.
ERROR: Final = 1e-4
SEEDS: Final = 20


def closure() -> Iterator[Figure]:
    """Yield how long others take for the OWL part of the ontology, as multiples of ours.

    The reference concludes the same facts, which is checked. owlrl applies all of OWL 2 RL and
    the axiomatic triples, so that it concludes more.
    """
    facts = bundle().facts
    files = sorted((assets() / "ontology" / "rules" / "owl2-rl").glob("*.srl"))
    rules = apart_from_sameness(rule for rule in load(files).rules if not rule.description.off)
    ours = median(repeated(lambda: Layer.root(rules, (), facts), 3))
    yield Figure(
        "closure under OWL rules: wearwhy", ours, "s", f"{len(facts):,} facts, median of 3"
    )

    layer = Layer.root(rules, (), facts)
    derived = {fact for fact in layer.facts() if layer.kind(fact) is Kind.DERIVED}
    found: set[object] = set()
    reference = seconds(lambda: found.update(infer(rules, facts)))
    assert derived == found, "the reference concludes something else"
    yield Figure("  SPARQL to fixpoint", reference / ours, "×", f"{reference:.2f} s, same facts")

    if importlib.util.find_spec("owlrl"):
        import owlrl  # noqa: PLC0415  # of the extra `peers`

        dataset = to_rdflib({graph_name("base", "asserted", "ontology"): facts})
        graph = rdflib.Graph()
        for triple in dataset.triples((None, None, None)):
            graph.add(triple)
        expand = owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand
        took = seconds(lambda: expand(graph))
        yield Figure("  rdflib + owlrl", took / ours, "×", f"{took:.2f} s, all of OWL 2 RL")


def ranking(workspace: Workspace, size: int) -> Iterator[Figure]:
    """Yield how long networkx takes for personalised PageRank, as a multiple of ours."""
    layer = workspace.layer(name(size))
    properties = {f.predicate for f in layer.facts() if f.predicate.value.startswith("https")}
    matrices = matrix.build(layer, properties)
    moves = pagerank.transition(matrices)
    seeds = [int(n) for n in np.argsort(-moves.root, kind="stable")[:SEEDS]]
    ours = median(repeated(lambda: pagerank.personalised(moves, seeds), 5)) / SEEDS
    found = pagerank.personalised(moves, seeds[:1])[:, 0]

    around = csr_array((len(matrices.nodes), len(matrices.nodes)))
    for matrix_ in matrices.forward.values():
        around = around + matrix_ + matrix_.T
    graph = nx.from_scipy_sparse_array(around, create_using=nx.DiGraph)
    given: dict[int, float] = {}

    def theirs() -> None:
        given.update(nx.pagerank(graph, personalization={seeds[0]: 1.0}, tol=1e-9, max_iter=500))

    took = seconds(theirs)
    error = max(abs(given[n] - float(found[n])) for n in given)
    assert error < ERROR, f"networkx ranks otherwise by {error:.1e}"
    size_note = f"{graph.number_of_nodes():,} nodes, {graph.number_of_edges():,} edges"
    yield Figure("personalised PageRank, a seed: wearwhy", ours * 1000, "ms", size_note)
    yield Figure("  networkx", took / ours, "×", f"{took:.2f} s, ranks within {error:.0e}")
