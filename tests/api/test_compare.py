from __future__ import annotations

import math
from itertools import permutations
from pathlib import Path

import pytest
from tests.api.cli_given import run

from wearwhy.explain.compare import Comparison, compare, comparison_text
from wearwhy.explain.terms import ExplainedLook
from wearwhy.service.speaking import sentences
from wearwhy.workspace import Workspace
from wearwhy.workspace.asking import Wishes, parse_day


@pytest.fixture(scope="module")
def looks(space: Workspace) -> list[ExplainedLook]:
    """The looks of two requests."""
    found = []
    for occasion in ("office", "party"):
        wishes = Wishes(occasions=(occasion,), on=parse_day("2026-11-24"), weather="8C rain")
        request = space.ask(wishes).requests[0]
        found += [space.explain(look, trials=False) for look in space.suggest(request).looks]
    return found


def test_the_differences_of_terms_add_up_to_the_difference_of_scores(
    looks: list[ExplainedLook],
) -> None:
    for first, second in permutations(looks, 2):
        found = compare(first, second)
        assert math.fsum(row.difference for row in found.rows) == pytest.approx(
            first.look.score - second.look.score, abs=1e-9
        )
        assert found.difference == pytest.approx(-compare(second, first).difference, abs=1e-12)


def test_every_term_of_either_look_stands_in_one_row(looks: list[ExplainedLook]) -> None:
    found = compare(looks[0], looks[1])
    for look, side in ((looks[0], "first"), (looks[1], "second")):
        told = [t for row in found.rows if getattr(row, side) for t in getattr(row, side).terms]
        assert sorted(t.term.key for t in told) == sorted(t.term.key for t in look.terms)
    keys = [row.key for row in found.rows]
    assert len(set(keys)) == len(keys)


def test_the_parts_of_a_comparison_are_all_of_its_rows(looks: list[ExplainedLook]) -> None:
    found: Comparison = compare(looks[0], looks[1])
    parts = [found.favouring(first=True), found.favouring(first=False), found.equal()]
    assert sum(map(len, parts)) == len(found.rows)
    assert all(parts)


def test_what_speaks_for_a_look_reads_as_such(looks: list[ExplainedLook]) -> None:
    found = compare(looks[0], looks[1])
    said = comparison_text(found, sentences(), "en").splitlines()
    ids = (looks[0].look.id, looks[1].look.id)
    heads = [at for at, line in enumerate(said) if line.startswith("What speaks for ")]
    assert [said[at].split()[3].rstrip(",") for at in heads] == list(ids)
    terms = [line for line in said[heads[0] :] if line.startswith("  ")]
    assert terms
    assert all(line.startswith("  +") for line in terms)
    # A term that speaks against a look stands with what speaks for the other.
    for at, end, other in ((heads[0], heads[1], ids[1]), (heads[1], len(said), ids[0])):
        rows = found.favouring(first=other == ids[1])
        against = [r for r in rows if (r.first if other == ids[1] else r.second) is None]
        told = [line for line in said[at:end] if f"Against {other}: " in line]
        assert len(told) == len(against)
    assert any("Against" in line for line in terms)


def test_a_look_beside_itself_has_no_difference(looks: list[ExplainedLook]) -> None:
    found = compare(looks[0], looks[0])
    assert found.difference == 0.0
    assert found.equal() == list(found.rows)


def test_compare_prints_one_document_whose_evidence_is_in_it(place: Path) -> None:
    ran = run(place, "compare", "1", "2", "--json")
    assert ran.code == 0, ran.err
    found = ran.document
    assert math.fsum(row["difference"] for row in found["terms"]) == pytest.approx(
        found["first"]["score"] - found["second"]["score"], abs=1e-9
    )
    assert math.fsum(found["by_kind"].values()) == pytest.approx(found["difference"], abs=1e-9)
    nodes = found["proof"]["nodes"]
    for row in found["terms"]:
        for side in ("first", "second"):
            assert all(name in nodes for name in row["evidence"][side])
            assert (row[side] is None) == (not row["evidence"][side])


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "sum_"), [("en", "Together"), ("zh", "合计")])
def test_compare_tells_both_looks_in_both_languages(place: Path, lang: str, sum_: str) -> None:
    ran = run(place, "--lang", lang, "compare", "1", "2", "-n", "3")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1].startswith(sum_)
    # The lines printed add up as well: what is not told is told as one sum.
    assert ran.out == run(place, "--lang", lang, "compare", "1", "2", "-n", "3").out
