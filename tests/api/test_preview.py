"""A change of rules, ontology or facts: seen first, then made as it was seen, or refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.api.cli_given import Ran, run

from wearwhy.errors import Moved
from wearwhy.rdf import ID, WW, Fact, Literal
from wearwhy.rules.layer import Change
from wearwhy.store.exchange import read_rdf
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.difference import between
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.patchfile import read_patch
from wearwhy.workspace.ranked import answer
from wearwhy.workspace.week import week

ONE = '{"occasion": "office", "date": "2026-11-24", "weather": "8C rain"}\n'
LINEN = ("--retract", "w03 material silk", "--assert", "w03 material linen")
RULE = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA { rule:silk-is-fine rdfs:label "silk is fine"@en . }
RULE rule:silk-is-fine { ?x ww:fine true } WHERE { ?x ww:material ww:material-silk }
"""


@pytest.fixture
def one(place: Path) -> Path:
    """The prepared workspace, with a file of one request."""
    (place / "one.jsonl").write_text(ONE, "utf-8")
    return place


def revision(place: Path) -> int:
    return int(run(place, "history", "-n", "1", "--json").document["revision"])


def preview(place: Path, *words: str) -> Any:
    ran = run(place, "rules", "preview", *words, "--requests", "one.jsonl", "--json")
    assert ran.code == 0, ran.out + ran.err
    return ran.document


def edited(place: Path, old: str = "ww:points 0.5", new: str = "ww:points 0.7") -> Path:
    file = place / run(place, "rules", "edit", "colour").out.strip()
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file


def moved(ran: Ran, *words: str) -> None:
    assert ran.code == 2, ran.out + ran.err
    assert "WW-PREVIEW-MOVED" in ran.err
    assert all(word in ran.err for word in words), ran.err


def test_every_fact_gained_and_lost_has_its_proof(one: Path) -> None:
    before = revision(one)
    found = preview(one, *LINEN)
    assert revision(one) == before
    for side in ("gained", "lost"):
        assert found["facts"][side]
        for fact in found["facts"][side]:
            node = found["nodes"][fact["proof"]]
            assert node["statement"] == {k: fact[k] for k in ("subject", "predicate", "object")}
            assert all(premise in found["nodes"] for premise in node["premises"])
    lost = [
        n for f in found["facts"]["lost"] for n in [found["nodes"][f["proof"]]] if n["premises"]
    ]
    assert lost
    said = [n["statement"]["object"]["value"] for n in found["nodes"].values() if "statement" in n]
    assert any(value.endswith("material-silk") for value in said)


def test_the_text_tells_counts_first_and_premises_below(one: Path) -> None:
    ran = run(one, "rules", "preview", *LINEN, "--requests", "one.jsonl")
    lines = ran.out.splitlines()
    assert lines[0].startswith("Seen from revision 3, over 1 requests: facts +")
    assert any(line.startswith("  + [derived]") for line in lines)
    assert any("└─ [asserted]" in line for line in lines)
    assert "--expect preview-" in lines[-1]


def test_a_rule_file_from_anywhere_is_previewed_and_applied(one: Path, tmp_path: Path) -> None:
    file = tmp_path / "fine.srl"
    file.write_text(RULE, "utf-8")
    found = preview(one, str(file))
    gained = {fact["subject"]["value"][-3:] for fact in found["facts"]["gained"]}
    assert "w03" in gained
    assert found["rules"][0]["in_force"] == {"before": False, "after": True}
    assert found["looks"] == {"gained": [], "lost": [], "reranked": []}
    applied = run(one, "rules", "apply", "--expect", found["preview"])
    assert applied.code == 0, applied.err
    assert run(one, "why", "w03", "ww:fine", "true").code == 0


def test_an_applied_rule_file_asserts_the_data_beside_its_rules(one: Path) -> None:
    (one / "fine.srl").write_text(RULE + "DATA { ww:material-silk ww:fine true . }\n", "utf-8")
    assert run(one, "rules", "apply", "fine.srl").code == 0
    ran = run(one, "why", "ww:material-silk", "ww:fine", "true")
    assert "[asserted]" in ran.out


def test_an_edited_ontology_file_is_a_draft_and_stands_for_the_bundled_one(one: Path) -> None:
    path = run(one, "rules", "edit", "season.ttl").out.strip()
    assert Path(path).parts[-3:] == ("ontology", "schemes", "season.ttl")
    assert run(one, "history").err == ""
    file = one / path
    file.write_text(file.read_text("utf-8").replace('"winter"@en', '"wintertide"@en'), "utf-8")
    told = run(one, "history").err
    assert "season.ttl" in told
    assert told.count("\n") == 1
    found = preview(one, "season.ttl")
    gained = {fact["object"]["value"] for fact in found["facts"]["gained"]}
    lost = {fact["object"]["value"] for fact in found["facts"]["lost"]}
    assert (gained, lost) == ({"wintertide"}, {"winter"})
    assert run(one, "rules", "apply").code == 0
    assert run(one, "history").err == ""
    assert run(one, "set", "w03", "suits season", "wintertide").code == 0
    assert run(one, "undo").code == run(one, "undo").code == 0
    assert run(one, "set", "w03", "suits season", "wintertide").code == 2


def test_an_axiom_added_to_the_ontology_gains_what_follows_and_no_more(one: Path) -> None:
    file = one / run(one, "rules", "edit", "fashion.ttl").out.strip()
    text = file.read_text("utf-8")
    axiom = "\nww:Blouse rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ww:neat ; owl:hasValue ww:very ] .\n"
    file.write_text(text + axiom, "utf-8")
    found = preview(one, "fashion.ttl")
    assert found["facts"]["lost"] == []
    said = [f for f in found["facts"]["gained"] if f["predicate"]["value"].endswith("#neat")]
    assert said
    assert all(f["object"]["value"].endswith("#very") for f in said)


def test_after_an_undo_the_text_in_force_is_taken_back(one: Path) -> None:
    file = one / run(one, "rules", "edit", "colour").out.strip()
    bundled = file.read_text("utf-8")
    file.write_text(bundled + "\n# mine\n", "utf-8")
    assert run(one, "rules", "apply", "colour").code == 0
    assert run(one, "undo").code == 0
    said = run(one, "history", "-n", "1").err
    assert "rules edit TOPIC --applied" in said
    assert run(one, "rules", "edit", "colour").code == 0
    assert file.read_text("utf-8") != bundled  # nothing of a person's is lost unasked
    assert run(one, "rules", "edit", "colour", "--applied").code == 0
    assert file.read_text("utf-8") == bundled
    assert run(one, "history", "-n", "1").err == ""
    (file.parent / "own.srl").write_text("", "utf-8")
    refused = run(one, "rules", "edit", "own", "--applied")
    assert (refused.code, "can be edited or removed" in refused.err) == (2, True)


def test_a_wardrobe_has_no_ontology_of_its_own(one: Path) -> None:
    ran = run(one, "--wardrobe", "mine", "rules", "edit", "season.ttl", "--scope", "wardrobe")
    assert ran.code == 2
    assert "WW-SCOPE-ONTOLOGY" in ran.err


def test_a_broken_ontology_file_is_refused_with_its_line(one: Path) -> None:
    (one / "ontology").mkdir()
    (one / "ontology" / "mine.ttl").write_text("ww:a ww:b ww:c .\n", "utf-8")
    ran = run(one, "rules", "preview")
    assert ran.code == 2
    assert "WW-RDF-SYNTAX" in ran.err
    assert "mine.ttl:1" in ran.err


@pytest.mark.slow
def test_a_measure_of_an_ontology_file_is_in_force_once_it_is_applied(one: Path) -> None:
    path = run(one, "rules", "edit", "measures.ttl").out.strip()
    text = (one / path).read_text("utf-8")
    new = (
        "\nww:pieces a ww:Measure ; rdfs:label 'pieces'@en, '件数'@zh ; ww:over ww:Look ;"
        " ww:path ( ww:hasItem ) ; ww:aggregate ww:count .\n"
    )
    (one / path).write_text(text + new, "utf-8")
    rule = RULE.replace("silk-is-fine", "few-pieces").replace(
        "?x ww:fine true", "?x ww:violates rule:few-pieces"
    )
    rule = rule.replace(
        "?x ww:material ww:material-silk", "?x a ww:Look ; ww:pieces ?n FILTER(?n < 5)"
    )
    (one / "rules").mkdir()
    (one / "rules" / "few.srl").write_text(rule, "utf-8")
    found = preview(one)
    assert all(len(look["items"]) >= 5 for look in found["looks"]["gained"])
    lost = found["looks"]["lost"]
    assert any(look["forbidden_by"] for look in lost if len(look["items"]) < 5)
    assert run(one, "rules", "apply").code == 0
    words = ("--occasion", "office", "--date", "2026-11-24", "--weather", "8C rain")
    looks = run(one, "recommend", *words, "--evidence", "none", "--json").document["looks"]
    assert all(len(look["items"]) >= 5 for look in looks)


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (("--retract", "w03 'suits season' autumn"), "WW-FACT-ABSENT", 1),
        (("--retract", "ww:Blazer rdfs:subClassOf ww:MidLayer"), "WW-FACT-BUNDLED", 1),
        (("--scope", "base", "--retract", "w03 material silk"), "WW-FACT-ELSEWHERE", 1),
        (("--assert", "w03 material"), "WW-FACT-WORDS", 2),
        (("--assert", "w03 material slik"), "WW-VALUE-UNKNOWN", 2),
        (("colur",), "WW-DRAFT-UNKNOWN", 1),
        (("nowhere/x.srl",), "WW-DRAFT-FILE", 2),
        ((), "WW-DRAFT-NONE", 1),
    ],
    ids=str,
)
def test_what_cannot_be_previewed_is_refused(
    one: Path, words: tuple[str, ...], code: str, status: int
) -> None:
    ran = run(one, "rules", "preview", *words, "--requests", "one.jsonl")
    assert (ran.code, f"error[{code}]" in ran.err) == (status, True), ran.err + ran.out


def test_facts_of_a_file_are_asserted_where_their_subject_is_described(one: Path) -> None:
    (one / "more.ttl").write_text(
        f"{ID['mine/w03']} {WW.neat} true . {WW.Blazer} {WW.neat} true .", "utf-8"
    )
    ran = run(one, "rules", "apply", "--assert", "more.ttl", "--json")
    assert ran.document["added"] == 2
    graphs = Workspace.open(one).state.graphs
    assert any(
        f.predicate == WW.neat for f in graphs[graph_name("wardrobe/mine", "asserted", "edits")]
    )
    assert any(f.predicate == WW.neat for f in graphs[graph_name("base", "asserted", "edits")])


def test_what_was_previewed_last_is_applied_where_nothing_else_is_named(one: Path) -> None:
    found = preview(one, *LINEN)
    ran = run(one, "rules", "apply", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["message"] == found["message"]
    assert run(one, "why", "w03", "material", "linen").code == 0


def test_a_text_that_changed_since_its_preview_is_not_applied(one: Path) -> None:
    file = edited(one)
    shown = preview(one, "colour")
    before = revision(one)
    file.write_text(file.read_text("utf-8") + "# more\n", "utf-8")
    moved(run(one, "rules", "apply", "colour"), "rules/colour.srl says something else now")
    moved(run(one, "rules", "apply", "--expect", shown["preview"]), "rules/colour.srl")
    assert revision(one) == before
    again = preview(one, "colour")
    assert again["preview"] != shown["preview"]
    assert run(one, "rules", "apply", "colour").code == 0


def test_a_graph_that_moved_since_a_preview_is_not_changed(one: Path) -> None:
    edited(one)
    shown = preview(one, "colour")
    assert run(one, "like", "w03").code == 0
    moved(run(one, "rules", "apply", "colour"), "revision 4", "preview was of 3")
    moved(run(one, "rules", "apply", "--expect", shown["preview"]), "revision 4")
    assert revision(one) == 4
    preview(one, "colour")
    assert run(one, "rules", "apply").code == 0


def test_more_than_was_previewed_is_not_applied(one: Path) -> None:
    edited(one)
    preview(one)
    (one / "rules" / "fine.srl").write_text(RULE, "utf-8")
    moved(run(one, "rules", "apply"), "fine.srl was not previewed")


def test_an_unknown_preview_is_told_with_the_nearest(one: Path) -> None:
    shown = preview(one, *LINEN)["preview"]
    ran = run(one, "rules", "apply", "--expect", shown[:-1] + "z")
    assert ran.code == 2
    assert f"Did you mean '{shown}'" in ran.err


def test_a_patch_reads_back_and_is_applied_of_its_own_revision_only(one: Path) -> None:
    found = preview(one, *LINEN, "--patch", "p.trig")
    patch = read_patch(one / "p.trig")
    assert (patch.token, patch.revision) == (found["preview"], 3)
    asserted = graph_name("wardrobe/mine", "asserted", "edits")
    linen = Fact(ID["mine/w03"], WW.material, WW["material-linen"])
    assert patch.patch.add == (Quad(asserted, linen),)
    assert len(patch.gained) == len(found["facts"]["gained"])
    assert len(patch.lost) == len(found["facts"]["lost"])
    assert {quad.graph for quad in read_rdf(one / "p.trig")}
    (one / "again.trig").write_bytes((one / "p.trig").read_bytes())
    assert run(one, "rules", "apply", "p.trig").code == 0
    assert run(one, "why", "w03", "material", "linen").code == 0
    ran = run(one, "rules", "apply", "again.trig")
    assert ran.code == 2
    assert "WW-PATCH-MOVED" in ran.err


def test_another_process_that_commits_in_between_makes_the_apply_refuse(one: Path) -> None:
    workspace = Workspace.open(one)
    graph = graph_name("wardrobe/mine", "asserted", "edits")
    edit = Edit(
        Patch(add=(Quad(graph, Fact(ID["mine/w03"], WW.neat, Literal(True))),)),
        "neat",
        "wardrobe/mine",
    )
    seen = workspace.preview(edit, requests=())
    script = "import sys; from wearwhy.cli import main; main(sys.argv[1:])"
    words = ["--workspace", str(one), "like", "w03"]
    subprocess.run([sys.executable, "-c", script, *words], check=True, capture_output=True)
    with pytest.raises(Moved) as error:
        workspace.apply(seen)
    assert error.value.code == "WW-STORE-MOVED"
    workspace.refresh()
    assert workspace.revision == 4
    assert workspace.apply(workspace.preview(edit, requests=())).number == 5


def test_a_preview_says_the_same_in_python_as_at_the_command_line(one: Path) -> None:
    from wearwhy.workspace.applying import look
    from wearwhy.workspace.proposal import Wanted

    found, kept = look(
        Workspace.open(one),
        Wanted(asserted=("w03 material linen",), retracted=("w03 material silk",)),
        (),
    )
    shown = run(one, "rules", "preview", *LINEN, "--requests", "one.jsonl", "--json").document
    assert kept.token == shown["preview"]
    assert len(found.gained) == len(shown["facts"]["gained"])
    evidence = found.why(found.lost[0])
    assert evidence.nodes[evidence.root].statement == found.lost[0]


def test_other_changes_are_previewed_alike(one: Path) -> None:
    shown = run(one, "set", "w03", "material", "linen", "--preview", "--json").document
    direct = json.loads(json.dumps(preview(one, *LINEN)))
    assert shown["facts"] == direct["facts"]
    assert shown["nodes"] == direct["nodes"]


def test_looks_that_the_search_alone_misses_are_not_told_as_the_changes(space: Workspace) -> None:
    request, resources = next(iter(week(space.bundle))), space.resources
    before = space.layer("mine")
    note = Fact(ID["mine/w01"], WW.note, Literal("no matter"))
    after = before.child(Change(add=(note,)))
    shown = answer(after, request, resources)
    first, *others = shown.looks
    # As if the search had not come upon the first of them.
    after.cache["answer", request, resources] = replace(
        shown, looks={items: shown.looks[items] for items in others}
    )
    found = between(before, after, (request,), resources, 1)
    assert found.strayed == (request,)
    assert [*found.looks_gained, *found.looks_lost, *found.reranked, *found.silenced] == []
    assert found.gained == (note,)
    # Without one of its items the look is gone for what was changed, and told so.
    owned = Fact(first[0], WW.inWardrobe, ID["wardrobe/mine"])
    changed = between(before, before.child(Change(remove=(owned,))), (request,), resources, 1)
    assert changed.strayed == ()
    assert first in {one.items for one in changed.looks_lost}
