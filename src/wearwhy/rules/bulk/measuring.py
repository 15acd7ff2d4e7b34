"""Measures: aggregated residently, on relations pulled from the tables."""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

import numpy as np

from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.bulk.database import Database
from wearwhy.rules.bulk.tables import Store
from wearwhy.rules.measures import Computation, Measure
from wearwhy.rules.model import Firing
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id, Interner

COMPUTED = -1
"""The way of what a measure computed."""


def measured(measure: Measure, store: Store, database: Database) -> dict[Fact, Firing]:
    """Add a measure's results to the store; return them with what they rest on."""
    interner = Interner()
    relations: dict[Id, Relation] = {}
    for predicate in measure.reads:
        relation = relations[interner.id(predicate)] = Relation()
        if store.counts.get(predicate):
            pairs = database.arrays(f"SELECT s, o FROM {store.table(predicate)} ORDER BY s, o")
            subjects, objects = (store.terms.decode(pairs[column]) for column in "so")
            for subject, obj in zip(subjects, objects, strict=True):
                relation.add(interner.id(subject), interner.id(obj))
    computation = Computation(relations, interner, lambda _: 1.0)
    found: dict[Fact, Firing] = {}
    for result in computation.results(measure):
        premises = tuple(interner.fact(row) for row in result.premises)
        found[interner.fact(result.row)] = Firing(measure.iri, premises)
    return _added(measure.iri, found, store, database)


def _added(
    predicate: NamedNode, found: dict[Fact, Firing], store: Store, database: Database
) -> dict[Fact, Firing]:
    if store.counts.get(predicate):
        rows = database.rows(f"SELECT s, o FROM {store.table(predicate)}")
        nodes = store.terms.nodes
        known = {Fact(nodes[s], predicate, nodes[o]) for s, o in rows}
        found = {fact: why for fact, why in found.items() if fact not in known}
    if not found:
        return {}
    made = store.temporary()
    arrays = {
        "s": np.array([store.id(fact.subject) for fact in found], dtype=np.int32),
        "o": np.array([store.id(fact.object) for fact in found], dtype=np.int32),
    }
    more = "".join(
        f", CAST({COMPUTED if column == 'w' else 'NULL'} AS INTEGER) AS {column}"
        for column in store.columns(predicate)[2:]
    )
    database.take(made, arrays, f"s, o{more}")
    store.id(predicate)
    store.add(predicate, made, len(found))
    database.run(f"DROP TABLE {made}")
    store.sync()
    return found
