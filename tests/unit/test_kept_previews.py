"""Previews as they are kept and named; blank nodes of an edited file; what of a rule changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from wearwhy.errors import FormatError, Moved, NoAnswer, UnknownName
from wearwhy.outfit.index import Resources
from wearwhy.rdf import ID, PROV, WW, BlankNode, Fact, Literal, NamedNode
from wearwhy.rules.descriptions import read
from wearwhy.rules.layer import Change, Layer
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.blanks import named_like
from wearwhy.workspace.bundle import GENID
from wearwhy.workspace.difference import Difference, between, rules_between
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.patchfile import read_patch, write_patch
from wearwhy.workspace.previews import (
    KEPT,
    Preview,
    forget,
    keep,
    kept,
    named,
    require_same,
    standing,
    token_of,
)
from wearwhy.workspace.proposal import Wanted

GRAPH = graph_name("base", "rules", "colour")
OTHER = graph_name("wardrobe/mine", "asserted", "edits")
RULE = "PREFIX ww: <https://w3id.org/wearwhy/ns#>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"


def edit(text: str, graph: NamedNode = GRAPH) -> Edit:
    return Edit(Patch(add=(Quad(graph, Fact(ID.x, WW.text, Literal(text))),)), "apply", "base")


def preview(text: str, revision: int = 3, engine: str = "e", graph: NamedNode = GRAPH) -> Preview:
    one = edit(text, graph)
    token = token_of(revision, one, engine)
    return Preview(token, revision, engine, one, Wanted(files=("colour",), wardrobe="mine"))


def test_a_name_tells_one_change_of_one_graph_by_one_engine() -> None:
    one = preview("a")
    assert one.token == preview("a").token
    others = {preview("b").token, preview("a", 4).token, preview("a", engine="f").token}
    assert len(others | {one.token}) == 4
    assert token_of(3, replace(one.edit, message="in other words"), "e") == one.token


def test_a_kept_preview_comes_back_as_it_was(tmp_path: Path) -> None:
    keep(tmp_path, preview('a "quoted"\ntext · 中'))
    assert kept(tmp_path) == [preview('a "quoted"\ntext · 中')]
    forget(tmp_path, preview('a "quoted"\ntext · 中').token)
    assert kept(tmp_path) == []


def test_the_newest_preview_about_the_same_file_stands(tmp_path: Path) -> None:
    keep(tmp_path, preview("a"))
    keep(tmp_path, preview("other", graph=OTHER))
    keep(tmp_path, preview("b"))
    keep(tmp_path, preview("a"))
    assert len(kept(tmp_path)) == 3
    assert standing(tmp_path, edit("c")) == preview("a")
    assert standing(tmp_path, edit("c", graph_name("base", "rules", "season"))) is None


def test_only_the_latest_few_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        keep(tmp_path, preview(f"text {number}"))
    assert [one.edit for one in kept(tmp_path)] == [
        edit(f"text {number}") for number in range(KEPT + 4, 4, -1)
    ]


def test_a_broken_file_of_a_preview_is_named(tmp_path: Path) -> None:
    keep(tmp_path, preview("a"))
    (path,) = (tmp_path / "previews").glob("*.json")
    path.write_text("{", "utf-8")
    with pytest.raises(FormatError) as found:
        kept(tmp_path)
    assert found.value.code == "WW-PREVIEW-FILE"
    with pytest.raises(UnknownName):
        named(tmp_path / "elsewhere", "preview-0")


@pytest.mark.parametrize(
    ("revision", "engine", "now", "told"),
    [
        (4, "e", edit("a"), "revision 4"),
        (3, "f", edit("a"), "others now"),
        (3, "e", edit("b"), "base rules/colour.srl says something else now"),
        (3, "e", edit("a", OTHER), "was not previewed"),
        (3, "e", replace(edit("a"), scope="wardrobe/mine"), "scope"),
    ],
)
def test_what_moved_since_a_preview_is_named(
    revision: int, engine: str, now: Edit, told: str
) -> None:
    require_same(preview("a"), 3, "e", edit("a"))
    with pytest.raises(Moved) as found:
        require_same(preview("a"), revision, engine, now)
    assert found.value.code == "WW-PREVIEW-MOVED"
    assert told in found.value.note


def test_a_patch_comes_back_without_what_rdf_cannot_say(tmp_path: Path) -> None:
    gained = [Fact(ID.x, WW.p, Literal(1)), Fact(Literal("a"), WW.p, ID.x)]
    one = edit("a")
    (tmp_path / "p.trig").write_bytes(write_patch("preview-12", 7, one, gained, [gained[0]]))
    found = read_patch(tmp_path / "p.trig")
    assert (found.token, found.revision, found.patch) == ("preview-12", 7, one.patch)
    assert (found.message, found.scope) == ("apply", "base")
    assert found.gained == found.lost == frozenset((gained[0],))


@pytest.mark.parametrize(
    "text",
    [
        "<http://e/a> <http://e/b> <http://e/c> .",
        f"{ID['preview/1']} a {WW.Patch} .",
        f"{ID['preview/1']} a {WW.Patch} ; {PROV.wasRevisionOf} {ID['revision/3']} . {ID['preview/1/kept']} {{ {ID.a} {ID.b} {ID.c} }}",
    ],
    ids=["no patch", "no revision", "a foreign graph"],
)
def test_other_trig_is_no_patch(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.trig").write_text(text, "utf-8")
    with pytest.raises(FormatError) as found:
        read_patch(tmp_path / "p.trig")
    assert found.value.code == "WW-PATCH"


def shape(*lines: tuple[str, str, str]) -> tuple[Fact, ...]:
    def node(text: str) -> NamedNode | BlankNode:
        return BlankNode(text[2:]) if text.startswith("_:") else ID[text]

    return tuple(Fact(node(s), ID[p], node(o)) for s, p, o in lines)


def known(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    def name(node: object) -> object:
        return NamedNode(f"{GENID}f-{node.value}") if isinstance(node, BlankNode) else node

    return tuple(Fact(name(s), p, name(o)) for s, p, o in facts)  # type: ignore[arg-type]


def test_blank_nodes_keep_their_names_whatever_they_are_called_and_wherever_they_stand() -> None:
    one = shape(("a", "sub", "_:0"), ("_:0", "on", "p"), ("b", "sub", "_:1"), ("_:1", "on", "p"))
    other = shape(("b", "sub", "_:x"), ("_:x", "on", "p"), ("a", "sub", "_:y"), ("_:y", "on", "p"))
    assert set(named_like(other, known(one), "f")) == set(known(one))


def test_a_blank_node_whose_content_changes_keeps_its_name_by_its_place() -> None:
    one = known(shape(("a", "sub", "_:0"), ("_:0", "on", "p"), ("_:0", "value", "v")))
    new = named_like(
        shape(("a", "sub", "_:z"), ("_:z", "on", "p"), ("_:z", "value", "w")), one, "f"
    )
    assert len(set(new) - set(one)) == len(set(one) - set(new)) == 1


def test_new_blank_nodes_are_named_by_content_twins_apart() -> None:
    facts = shape(("_:0", "on", "p"), ("_:1", "on", "p"), ("_:2", "next", "_:2"))
    new = named_like(facts, (), "f")
    assert new == named_like(facts, (), "f")
    assert len({fact.subject for fact in new}) == 3


def test_a_long_list_is_named_at_all() -> None:
    chain = shape(*((f"_:{n}", "rest", f"_:{n + 1}") for n in range(3000)))
    assert len(set(named_like(chain, (), "f"))) == 3000


def layer(text: str, facts: tuple[Fact, ...] = ()) -> Layer:
    return Layer.root(read(RULE + text).rules, (), facts)


def test_what_of_a_rule_changes_is_told_and_words_weigh_nothing() -> None:
    text = 'DATA {{ ww:r ww:points {points} ; rdfs:label "{label}"@en . }} RULE ww:r {{ ?x ww:favouredBy ww:r }} WHERE {{ ?x a ww:Look }}'
    old = layer(text.format(points=1.0, label="one"))
    worded = old.child(Change(rules_add=read(RULE + text.format(points=1.0, label="two")).rules))
    weighed = old.child(Change(rules_add=read(RULE + text.format(points=2.0, label="one")).rules))
    gone = old.child(Change(rules_remove=(WW.r,)))
    (words,), (points,), (none,) = (rules_between(old, one) for one in (worded, weighed, gone))
    assert (words.parts, words.weighs) == (("label",), False)
    assert (points.parts, points.weighs) == (("points",), True)
    assert (none.after, none.weighs) == (None, True)
    assert rules_between(old, old) == ()


def test_a_difference_proves_what_came_and_what_went() -> None:
    fact, other = Fact(ID.x, WW.p, ID.y), Fact(ID.x, WW.q, ID.y)
    old = layer("RULE ww:r { ?x ww:q ?y } WHERE { ?x ww:p ?y }", (fact,))
    found = between(old, old.child(Change(remove=(fact,))), (), Resources(), 1)
    assert (found.gained, set(found.lost)) == ((), {fact, other})
    proof = found.why(other)
    assert proof.nodes[proof.root].rule == WW.r
    with pytest.raises(NoAnswer):
        found.why(Fact(ID.x, WW.z, ID.y))
    with pytest.raises(NoAnswer):
        _ = found.required
    assert not Difference(1, (), ())
