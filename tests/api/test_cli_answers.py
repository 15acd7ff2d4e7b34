from __future__ import annotations

import json
import math
import os
import re
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.api.cli_given import ROOT, Ran, run

from wearwhy.workspace import Workspace, counterfactual, find, whynot

OFFICE = ("--occasion", "work", "--date", "2026-11-24", "--weather", "8C rain wind 20km/h")
KINDS = {
    "asserted",
    "derived",
    "predicted",
    "computed",
    "absent",
    "builtin",
    "same",
    "axiom",
    "path",
    "pair",
    "opaque",
}


def wearwhy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "wearwhy", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_load_reports_items_facts_and_what_nothing_names(place: Path) -> None:
    table = "name,type,colour,shine\nRed coat,coat,redd,high\n"
    (place / "one.csv").write_text(table, "utf-8")
    ran = run(place, "load", "one.csv", "--as", "wardrobe", "--into", "wardrobe:mine", "--json")
    assert ran.code == 0, ran.out + ran.err
    found = ran.document
    assert found["items"] == 1
    assert found["facts"] > 2
    columns = {one["column"]: one for one in found["unknown"]}
    assert columns["colour"]["value"] == "redd"
    assert columns["colour"]["nearest"] == "red"
    assert columns["colour"]["row"] == 2
    assert "shine" in columns


def test_terms_of_recommended_looks_add_up_and_their_evidence_is_there(place: Path) -> None:
    ran = run(place, "recommend", *OFFICE, "-n", "2", "--json")
    assert ran.code == 0, ran.out + ran.err
    found = ran.document
    assert len(found["looks"]) == 2
    nodes = found["proof"]["nodes"]
    for look in found["looks"]:
        assert math.isclose(
            sum(t["value"] for t in look["terms"]), look["score"], rel_tol=0, abs_tol=1e-9
        )
        assert {"id", "label", "slot"} <= look["items"][0].keys()
        assert set(look["reasons"]) == {"en", "zh"}
        assert all(term["evidence"] in nodes for term in look["terms"])
    assert {node["kind"] for node in nodes.values()} <= KINDS
    assert all(p in nodes for node in nodes.values() for p in node["premises"])


def test_a_shown_look_can_be_asked_about_by_its_id(place: Path) -> None:
    shown = run(place, "recommend", *OFFICE, "-n", "1", "--json").document["looks"][0]
    ran = run(place, "why", shown["id"], "--json")
    assert ran.code == 0, ran.out + ran.err
    root = ran.document["nodes"][ran.document["root"]]
    assert root["value"] == pytest.approx(shown["score"], abs=1e-9)
    assert set(root["premises"]) == {term["evidence"] for term in shown["terms"]}


def test_a_slot_that_is_filled_already_is_told_with_what_fills_it(place: Path) -> None:
    ran = run(place, "complete", "--given", "w16", "--slot", "mid layer")
    assert ran.code == 1, ran.out + ran.err
    assert "WW-COMPLETE-TAKEN" in ran.err
    assert "Navy wool blazer fills it already" in ran.err


def test_why_a_fact_reaches_what_somebody_said(place: Path) -> None:
    ran = run(place, "why", "w03", "suits season", "winter", "--json")
    assert ran.code == 0, ran.out + ran.err
    nodes = ran.document["nodes"]
    assert nodes[ran.document["root"]]["kind"] == "derived"
    assert any(node["kind"] == "asserted" for node in nodes.values())


def test_why_of_what_does_not_hold_is_the_answer_no(place: Path) -> None:
    ran = run(place, "why", "w03", "material", "suede")
    assert ran.code == 1
    assert "WW-WHY-ABSENT" in ran.err
    assert "silk" in ran.err


@pytest.mark.slow
def test_why_not_names_what_stands_in_the_way_and_a_change_that_was_tried(place: Path) -> None:
    words = ("w46", "--occasion", "office", "--date", "2026-11-24", "--weather", "8C rain")
    ran = run(place, "why-not", *words, "--json")
    found = ran.document
    assert ran.code == (0 if found["admitted"] else 1)
    assert found["blocked_by"] or found["lost_by"] or found["admitted"]
    assert all(root in found["nodes"] for root in found["blocked_by"])
    change = found["smallest_change"]
    if change is not None:
        assert change["verified"]
        assert {"kind", "statement", "from", "to"} <= change["changes"][0].keys()


@pytest.mark.parametrize(
    ("complete", "said", "unsaid"),
    [(True, "The smallest change", "A small change"), (False, "A small change", "The smallest")],
)
def test_only_what_was_proved_to_be_the_smallest_is_called_so(
    place: Path, monkeypatch: pytest.MonkeyPatch, complete: bool, said: str, unsaid: str
) -> None:
    change = counterfactual.Smallest(2.0, (), ())

    def told(workspace: Workspace, item: str, *_: object, **__: object) -> whynot.WhyNot:
        searched = counterfactual.Searched(change, 3, 10, 9, 8, complete=complete)
        layer = workspace.layer("mine")
        return whynot.WhyNot(find.item(layer, item), layer, admitted=False, searched=searched)

    monkeypatch.setattr(whynot, "why_not", told)
    ran = run(place, "why-not", "w46", *OFFICE)
    assert (ran.code, said in ran.out, unsaid in ran.out) == (1, True, False), ran.out
    document = run(place, "why-not", "w46", *OFFICE, "--json").document
    assert document["complete"] is complete
    assert document["smallest_change"]["cost"] == 2.0


@pytest.mark.parametrize(
    ("complete", "said"), [(True, "no set of up to three"), (False, "not every set")]
)
def test_that_no_change_helps_is_said_only_where_all_were_tried(
    place: Path, monkeypatch: pytest.MonkeyPatch, complete: bool, said: str
) -> None:
    def told(workspace: Workspace, item: str, *_: object, **__: object) -> whynot.WhyNot:
        searched = counterfactual.Searched(None, 3, 10, 9, 8, complete=complete)
        layer = workspace.layer("mine")
        return whynot.WhyNot(find.item(layer, item), layer, admitted=False, searched=searched)

    monkeypatch.setattr(whynot, "why_not", told)
    ran = run(place, "why-not", "w46", *OFFICE)
    assert (ran.code, said in ran.out) == (1, True), ran.out


def test_why_not_of_a_forbidden_item_proves_the_verdict(place: Path) -> None:
    shown = run(place, "recommend", *OFFICE, "-n", "1", "--json").document["looks"][0]
    worn = shown["items"][-1]["id"]
    assert run(place, "wore", worn, "--date", "2026-11-23").code == 0
    again = run(place, "why-not", worn, *OFFICE, "-n", "1", "--json").document
    if not again["admitted"]:
        assert again["blocked_by"] or again["lost_by"]


@pytest.mark.slow
def test_a_preview_changes_nothing_and_an_edit_is_one_revision(place: Path) -> None:
    def revision() -> int:
        return int(run(place, "history", "-n", "1", "--json").document["revision"])

    before = revision()
    words = ("set", "w03", "material", "linen")
    seen = run(place, *words, "--preview", "--json")
    assert seen.code == 0, seen.out + seen.err
    assert set(seen.document) >= {"facts", "looks", "revision"}
    assert set(seen.document["facts"]) == {"gained", "lost", "shifted"}
    assert set(seen.document["looks"]) == {"gained", "lost", "reranked"}
    assert any("material-linen" in str(f["object"]) for f in seen.document["facts"]["gained"])
    assert revision() == before
    assert run(place, *words, "--json").document["revision"] == before + 1
    assert run(place, "undo", "--json").document["undoes"] == before + 1
    assert run(place, "why", "w03", "material", "silk").code == 0


def test_what_is_added_is_owned_and_what_is_removed_is_gone(place: Path) -> None:
    added = run(place, "add", "blazer", "Plum blazer", "--colour", "plum", "--json")
    assert added.code == 0, added.out + added.err
    item = added.document["item"]
    ask = f"ASK {{ <{item}> a ww:Blazer ; ww:colour ww:colour-plum }}"
    assert run(place, "query", ask, "--over", "asserted", "--json").document["boolean"]
    assert run(place, "remove", "Plum blazer").code == 0
    gone = run(place, "query", ask, "--json")
    assert gone.document["boolean"] is False
    assert gone.code == 1


def test_a_query_answers_in_each_format(place: Path) -> None:
    text = "SELECT ?i WHERE { ?i a ww:Blazer } ORDER BY ?i"
    found = run(place, "query", text, "--json").document
    assert found["head"]["vars"] == ["i"]
    table = run(place, "query", text, "--format", "csv").out.splitlines()
    assert table[0] == "i"
    assert len(table) - 1 == len(found["results"]["bindings"])
    names = run(place, "query", "--json").document["queries"]
    assert len(names) >= 15


def test_two_runs_print_the_same_bytes(place: Path) -> None:
    for words in (
        ("recommend", *OFFICE, "-n", "1", "--json"),
        ("why", "w03", "suits season", "winter", "--json"),
        ("guesses", "list", "--json"),
        ("rules", "show", "colour", "--json"),
    ):
        assert run(place, *words).out == run(place, *words).out


def test_options_stand_before_or_after_the_verb(place: Path, tmp_path: Path) -> None:
    after = run(tmp_path, "history", "--workspace", str(place), "--json", "--lang", "zh")
    before = run(tmp_path, "--workspace", str(place), "--json", "--lang", "zh", "history")
    assert after.code == before.code == 0
    assert after.out == before.out


def test_chinese_answers_are_chinese(place: Path) -> None:
    ran = run(place, "--lang", "zh", "recommend", *OFFICE, "-n", "1", "--evidence", "none")
    assert ran.code == 0, ran.err
    assert sum("\u4e00" <= char <= "\u9fff" for char in ran.out) > 20


def test_a_table_to_fill_in_has_chinese_headers_on_demand(tmp_path: Path) -> None:
    ran = run(tmp_path, "--lang", "zh", "init", "--template", "t.csv")
    assert ran.code == 0, ran.err
    head = (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[0]
    assert any("\u4e00" <= char <= "\u9fff" for char in head)


@pytest.mark.parametrize("folder", [".", "my clothes"])
def test_the_way_to_load_the_table_leads_into_the_same_workspace(
    tmp_path: Path, folder: str
) -> None:
    ran = run(tmp_path, "--workspace", folder, "init", "--template", "t.csv")
    (told,) = re.findall("`wearwhy (.+?)`", ran.out)
    words = shlex.split(told)
    assert words[-6:] == ["load", "t.csv", "--as", "wardrobe", "--into", "wardrobe:mine"]
    assert words[:-6] == ([] if folder == "." else ["--workspace", folder])


def test_several_errors_of_a_rule_file_are_told_with_marks_under_their_places(place: Path) -> None:
    (place / "bad.srl").write_text(
        "PREFIX ww: <https://w3id.org/wearwhy/ns#>\n"
        "RULE ww:one { ?x ww:p ?y } WHERE { ?x ww:q ww:r }\n"
        "RULE ww:two { ?x ww:p ww:r } WHERE { ?x ww:q }\n",
        "utf-8",
    )
    ran = run(place, "rules", "check", "bad.srl")
    assert ran.code == 1
    assert ran.out.count("error[") >= 2
    assert "^" in ran.out
    found = run(place, "rules", "check", "bad.srl", "--json").document
    assert len(found) >= 2
    keys = {"file", "line", "column", "end", "code", "message", "note", "hint"}
    keys |= {"endLine", "endColumn", "severity"}
    assert all(set(one) == keys for one in found)


def test_an_edited_rule_file_is_a_draft_until_it_is_applied(place: Path) -> None:
    path = Path(run(place, "rules", "edit", "colour", "--json").document["file"])
    file = place / path
    file.write_text(file.read_text("utf-8").replace("ww:points 0.5", "ww:points 0.7", 1), "utf-8")
    told = run(place, "history")
    assert "colour" in told.err
    assert "rules preview" in told.err
    assert "rules preview" not in told.out
    assert run(place, "rules", "apply", "colour").code == 0
    assert run(place, "history").err == ""


def test_rule_cases_that_fail_are_named(place: Path) -> None:
    assert run(place, "rules", "test", "cases", "--junit", "out.xml").code == 0
    assert "<testsuite" in (place / "out.xml").read_text("utf-8")
    case = place / "cases" / "monochrome" / "wrong"
    case.with_name("wrong.data.ttl").write_text("", "utf-8")
    case.with_name("wrong.expected.ttl").write_text(
        "<https://w3id.org/wearwhy/id/x> <https://w3id.org/wearwhy/ns#p> 1 .", "utf-8"
    )
    ran = run(place, "rules", "test", "cases", "--json")
    assert ran.code == 1
    assert [c["case"] for c in ran.document["cases"] if not c["passed"]] == ["wrong"]


def test_an_exported_table_loads_again_as_it_was(place: Path, tmp_path: Path) -> None:
    assert run(place, "export", "out.csv", "--format", "csv").code == 0
    assert run(place, "--workspace", "other", "init").code == 0
    words = ("load", "out.csv", "--as", "wardrobe", "--into", "wardrobe:mine", "--json")
    ran = run(place, "--workspace", "other", *words)
    assert ran.document["items"] == 66
    assert ran.document["unknown"] == []


@pytest.mark.parametrize("form", ["turtle", "trig", "nquads", "jsonld"])
def test_a_wardrobe_is_written_as_rdf(place: Path, form: str) -> None:
    ran = run(place, "export", f"out.{form}", "--format", form, "--json")
    assert ran.code == 0, ran.out + ran.err
    assert ran.document["written"] > 900


def test_two_wardrobes_do_not_see_each_other(place: Path) -> None:
    (place / "two.csv").write_text("name,type,colour\nOnly here,blazer,plum\n", "utf-8")
    words = ("load", "two.csv", "--as", "wardrobe", "--into", "wardrobe:other")
    assert run(place, *words).code == 0
    ask = 'ASK { ?i schema:name "Only here" }'
    assert run(place, "--wardrobe", "mine", "query", ask).code == 1
    assert run(place, "--wardrobe", "other", "query", ask).code == 0


def test_a_real_process_answers_with_one_document_and_its_status(place: Path) -> None:
    done = wearwhy(place, "history", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["revisions"]
    assert done.stderr == ""
    refused = wearwhy(place, "why", "nonsense", "material", "silk", "--json")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["error"]["code"].startswith("WW-")


def test_help_starts_in_a_blink(place: Path) -> None:
    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    times = []
    for _ in range(3):
        began = spent()
        assert wearwhy(place, "--help").returncode == 0
        times.append(spent() - began)
    assert min(times) < 3  # a fifteenth of it on a machine that does nothing else


HELPED = """
import sys
from wearwhy.cli import main
try:
    main(["--help"])
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
    print(*sorted(name for name in sys.modules if name.startswith("wearwhy.")), file=sys.stderr)
"""


def test_help_imports_nothing_of_what_it_helps_with() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", HELPED], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    imported, ours = (line.split() for line in done.stderr.splitlines())
    heavy = {"numpy", "scipy", "pandas", "duckdb", "pyoxigraph", "rdflib", "fastapi", "torch"}
    assert not heavy & set(imported)
    assert "wearwhy.cli.app" in ours
    assert not [name for name in ours if not name.startswith(("wearwhy.cli", "wearwhy.errors"))]


def test_a_reader_that_goes_away_is_no_error(place: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m wearwhy rules show colour --json | head -n 1"],
        cwd=place,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_an_unforeseen_fault_is_told_in_a_sentence(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEARWHY_DEBUG", raising=False)

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("wearwhy.workspace.workspace.Workspace.history", fails)
    ran: Ran = run(place, "history")
    assert ran.code == 3
    assert "WW-INTERNAL" in ran.err
    assert "Traceback" not in ran.err
    assert run(place, "history", "--json").document["error"]["code"] == "WW-INTERNAL"
