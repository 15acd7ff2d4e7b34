"""Patches, blank nodes, literals and the record of revisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import NoAnswer, StoreError, ValueRefused
from wearwhy.rdf import ID, PROV, WW, XSD, Fact, literal
from wearwhy.store import Patch, Quad, Store, graph_name
from wearwhy.store.quads import REVISIONS

GRAPH = graph_name("wardrobe/mine", "asserted", "edit")
OTHER = graph_name("catalogue/shop", "asserted", "feed")


def quad(name: str, value: str = "x", graph: NamedNode = GRAPH) -> Quad:
    return Quad(graph, Fact(ID[f"mine/{name}"], WW.note, literal(value)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    Store.create(tmp_path / "w")
    with Store.open(
        tmp_path / "w", write=True, now=lambda: datetime(2026, 11, 21, 8, tzinfo=UTC)
    ) as opened:
        yield opened


def test_a_patch_records_only_what_it_changed(store: Store) -> None:
    store.commit(Patch((quad("a"), quad("b"))), message="load")
    made = store.commit(
        Patch((quad("a"), quad("c")), (quad("b"), quad("nowhere"))), message="again"
    )
    assert made.patch == Patch((quad("c"),), (quad("b"),))
    assert store.history()[0] == made


def test_a_patch_that_changes_nothing_makes_no_revision(store: Store) -> None:
    store.commit(Patch((quad("a"),)), message="load")
    made = store.commit(Patch((quad("a"),), (quad("b"),)), message="again")
    assert (made.number, made.patch) == (1, Patch())
    assert store.revision == 1
    assert len(store.history()) == 1


def test_what_a_patch_both_adds_and_removes_is_there_afterwards(store: Store) -> None:
    store.commit(Patch((quad("a"),), (quad("a"),)), message="both")
    assert list(store.facts(GRAPH)) == [quad("a").fact]


def test_graphs_are_kept_apart_and_the_record_is_not_among_them(store: Store) -> None:
    store.commit(Patch((quad("a"), quad("b", graph=OTHER))), message="load")
    assert store.graphs() == tuple(sorted((GRAPH, OTHER), key=str))
    assert list(store.facts(OTHER)) == [quad("b").fact]
    assert list(store.facts(graph_name("base", "asserted", "none"))) == []


def test_undo_takes_back_one_change_after_the_other_and_redo_returns_them(store: Store) -> None:
    store.commit(Patch((quad("a", "1"),)), message="one")
    store.commit(Patch((quad("a", "2"),), (quad("a", "1"),)), message="two")
    first = store.undo()
    assert (first.number, first.undoes, first.message) == (3, 2, "undo 2: two")
    assert list(store.facts(GRAPH)) == [quad("a", "1").fact]
    assert store.undo().undoes == 1
    assert list(store.quads()) == []
    with pytest.raises(NoAnswer):
        store.undo()
    again = store.redo()
    assert (again.undoes, again.message) == (4, "redo 1: one")
    assert store.redo().message == "redo 2: two"
    assert list(store.facts(GRAPH)) == [quad("a", "2").fact]
    with pytest.raises(NoAnswer):
        store.redo()


def test_a_new_change_after_an_undo_leaves_nothing_to_redo(store: Store) -> None:
    store.commit(Patch((quad("a"),)), message="one")
    store.undo()
    store.commit(Patch((quad("b"),)), message="two")
    with pytest.raises(NoAnswer, match="no undo"):
        store.redo()


def test_a_literal_cannot_be_the_subject_of_a_stored_fact(store: Store) -> None:
    fact = Fact(Literal("a"), WW.note, ID.b)
    with pytest.raises(ValueRefused, match="subject"):
        store.commit(Patch((Quad(GRAPH, fact),)), message="no")
    assert store.revision == 0


def test_the_record_of_revisions_takes_no_facts(store: Store) -> None:
    with pytest.raises(ValueRefused, match="own record"):
        store.commit(Patch((quad("a", graph=REVISIONS),)), message="no")


def test_blank_nodes_get_names_that_depend_on_what_is_said_of_them(store: Store) -> None:
    def described(label: str) -> tuple[Quad, ...]:
        node = BlankNode(label)
        return (
            Quad(GRAPH, Fact(ID.shirt, WW.about, node)),
            Quad(GRAPH, Fact(node, WW.note, literal("worn once"))),
            Quad(GRAPH, Fact(ID.reifier, WW.about, Triple(node, WW.p, node))),
        )

    store.commit(Patch(described("b0")), message="load")
    names = {fact.object for fact in store.facts(GRAPH) if fact.subject == ID.shirt}
    assert all(str(name).startswith("<https://w3id.org/wearwhy/id/.well-known/") for name in names)
    assert not store.commit(Patch(described("other")), message="load again").patch


def test_blank_nodes_described_alike_stay_two(store: Store) -> None:
    add = [Quad(GRAPH, Fact(ID.shirt, WW.about, BlankNode(label))) for label in ("a", "b", "c")]
    assert len(store.commit(Patch(tuple(add)), message="load").patch.add) == 3


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Literal("6.50", datatype=XSD.decimal), "6.5"),
        (Literal("007", datatype=XSD.integer), "7"),
        (Literal("1", datatype=XSD.boolean), "true"),
        (Literal("2026-11-21", datatype=XSD.date), "2026-11-21"),
        (Literal('a"b\\c\n\r\t\u2028\x00é𝄞'), 'a"b\\c\n\r\t\u2028\x00é𝄞'),
        (Literal("31 February", datatype=XSD.date), "31 February"),
    ],
)
def test_values_come_back_as_recorded_and_can_be_taken_out_again(
    store: Store, given: Literal, kept: str
) -> None:
    asserted = Quad(GRAPH, Fact(ID.shirt, WW.note, given))
    made = store.commit(Patch((asserted,)), message="set")
    (fact,) = store.facts(GRAPH)
    assert isinstance(fact.object, Literal)
    assert fact.object.value == kept
    assert made.patch.add == (Quad(GRAPH, fact),)
    assert store.at(1) == {Quad(GRAPH, fact)}
    store.commit(Patch((), (asserted,)), message="remove")
    assert list(store.quads()) == []


def test_a_revision_is_recorded_as_provenance(store: Store) -> None:
    store.commit(Patch((quad("a"),)), message="load", scope="wardrobe/mine")
    record = {fact.predicate: fact.object for fact in store.facts(REVISIONS) if "1" in str(fact[0])}
    assert record[PROV.generatedAtTime] == Literal("2026-11-21T08:00:00Z", datatype=XSD.dateTime)
    assert record[WW.scope] == literal("wardrobe/mine")
    assert "mine/a" in str(record[WW.added])


def test_a_store_for_reading_refuses_changes(store: Store) -> None:
    with (
        Store.open(store.folder, write=False) as reader,
        pytest.raises(StoreError, match="open for reading"),
    ):
        reader.commit(Patch((quad("a"),)), message="no")


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.quads()


def test_a_revision_that_never_was_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="no revision 7"):
        store.at(7)


def test_derived_facts_have_no_graph_at_rest() -> None:
    with pytest.raises(ValueRefused, match="not a kind"):
        graph_name("base", "derived", "rules")
