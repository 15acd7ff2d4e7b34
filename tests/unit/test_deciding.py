"""What `rules coverage` says where telling whether a condition decides costs too much."""

from __future__ import annotations

from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.budget import Budget
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Negation, Rule, Var
from wearwhy.rules.mutate import without
from wearwhy.workspace.coverage import Condition, Coverage, Covered
from wearwhy.workspace.coverwords import as_document, as_text
from wearwhy.workspace.deciding import Scene, decides

EX = "https://example.org/"
P, Q, N = (NamedNode(EX + name) for name in "pqn")
A, B = Var("a"), Var("b")
RULE = Rule(NamedNode(EX + "r"), (Atom(A, Q, N),), (Atom(A, P, B), Atom(B, P, A)))


def test_a_condition_that_costs_more_than_allowed_is_neither_idle_nor_decisive() -> None:
    rule = Rule(RULE.iri, RULE.head, (*RULE.body, Atom(A, P, A)))
    base = Layer.root((rule,), (), ())
    scene = Scene(base.child(Change(add=(Fact(N, P, P), Fact(P, P, N)))), base)
    looser = without(rule, 2)
    assert looser is not None
    assert decides(rule, looser, [scene]) is True
    assert decides(rule, looser, [scene], Budget(conclusions=0)) is None


def test_what_is_not_judged_is_told_apart_from_what_never_decides() -> None:
    idle = Condition(0, "?a ex:p ?b .", decides=False, in_week=None)
    dear = Condition(1, "?b ex:p ?a .", decides=None, in_week=None, judged=False)
    found = Coverage((Covered(RULE, 1, None, (idle, dear)),))
    document = as_document(found, None, ())
    assert [one["condition"] for one in document["never_decide"]] == [idle.text]
    assert [one["condition"] for one in document["not_judged"]] == [dear.text]
    text = as_text(found, None, (), lambda key, **slots: key)
    assert text.index("coverage-never-decide") < text.index(idle.text)
    assert text.index(idle.text) < text.index("coverage-not-judged") < text.index(dear.text)


def test_without_the_pattern_before_it_a_not_reads_what_the_next_one_binds() -> None:
    denied = Negation((Atom(A, P, A),))
    rule = Rule(RULE.iri, RULE.head, (Atom(B, P, A), denied, Atom(A, Q, B)))
    looser = without(rule, 0)
    assert looser is not None
    assert looser.body == (Atom(A, Q, B), denied)
