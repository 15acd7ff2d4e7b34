"""Bad input gives a clear error or an honest answer, and leaves the workspace as it was."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.api.cli_given import Ran, run

from wearwhy.errors import DiskFull
from wearwhy.store.database import Store

HEAD = "name,type,colour,price,bought on\n"
BOMB = """<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="http://x/a"><rdf:value>&d;</rdf:value></rdf:Description></rdf:RDF>
"""
CYCLE = """@prefix ww: <https://w3id.org/wearwhy/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
<https://w3id.org/wearwhy/id/mine/odd> a ww:Blazer ; schema:name "Odd" .
ww:Blazer rdfs:subClassOf ww:Odd . ww:Odd rdfs:subClassOf ww:Blazer .
"""
TABLES: dict[str, bytes] = {
    "truncated.csv": (HEAD + 'Red coat,coat,"red').encode(),
    "encoding.csv": (HEAD + "Red c").encode() + b"\x81\xff\xfe\x00\x9d" + b",coat,red,,\n",
    "duplicate.csv": b"id,name,type\na,One,coat\na,Two,coat\n",
    "class.csv": (HEAD + "Thing,spaceship,red,,\n").encode(),
    "price.csv": (HEAD + "Red coat,coat,red,-5,\n").encode(),
    "february.csv": (HEAD + "Red coat,coat,red,5,2026-02-31\n").encode(),
    "empty.csv": b"",
    "long.csv": (HEAD + "x" * 10_000_000 + ",coat,red,,\n").encode(),
}


def revision(place: Path) -> int:
    return int(run(place, "history", "-n", "1", "--json").document["revision"])


def refused(ran: Ran) -> str:
    assert ran.code == 2, ran.out + ran.err
    assert ran.err.startswith("error[WW-"), ran.err
    assert "Traceback" not in ran.err
    return ran.err.split("]")[0].removeprefix("error[")


@pytest.mark.parametrize("name", list(TABLES))
def test_a_bad_table_is_refused_whole(place: Path, name: str) -> None:
    (place / name).write_bytes(TABLES[name])
    before = revision(place)
    words = ("load", name, "--as", "wardrobe", "--into", "wardrobe:mine")
    ran = run(place, *words)
    if name == "long.csv" and ran.code == 0:  # a long name is odd, not wrong
        return
    assert refused(ran) != "WW-INTERNAL"
    assert revision(place) == before
    found = run(place, *words, "--json")
    assert found.code == 2
    assert found.document["error"]["message"]


def test_an_entity_bomb_is_refused(place: Path) -> None:
    (place / "bomb.rdf").write_text(BOMB, "utf-8")
    refused(run(place, "load", "bomb.rdf", "--as", "rdf", "--into", "wardrobe:mine"))


def test_a_cycle_of_classes_still_ends(place: Path) -> None:
    (place / "cycle.ttl").write_text(CYCLE, "utf-8")
    ran = run(place, "load", "cycle.ttl", "--as", "rdf", "--into", "wardrobe:mine")
    assert ran.code in (0, 2)
    assert run(place, "why", "w03", "type", "ww:Top").code == 0


def test_five_thousand_nested_brackets_are_refused(place: Path) -> None:
    text = "SELECT * WHERE " + "{" * 5000 + " ?s ?p ?o " + "}" * 5000
    refused(run(place, "query", text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RULE ww:r { ?x ww:p ?y } WHERE { ?x ww:q ww:z }", "WW-RULE"),
        ("RULE ww:r { ?x ww:p ?m } WHERE { ?x ww:p ?n . SET(?m := ?n + 1) }", "WW-"),
    ],
    ids=["unsafe variable", "never ends"],
)
def test_a_bad_rule_is_refused(place: Path, text: str, code: str) -> None:
    text = "PREFIX ww: <https://w3id.org/wearwhy/ns#>\nDATA { ww:a ww:p 1 }\n" + text + "\n"
    (place / "rules").mkdir()
    (place / "rules" / "mine.srl").write_text(text, "utf-8")
    ran = run(place, "rules", "check", "rules/mine.srl")
    assert ran.code == 1
    assert f"error[{code}" in ran.out
    before = revision(place)
    applied = run(place, "rules", "apply")
    assert applied.code == 2, applied.out
    assert revision(place) == before


def test_a_wardrobe_without_shoes_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("name,type,colour\nA,shirt,white\nB,trousers,navy\n", "utf-8")
    assert run(tmp_path, "init").code == 0
    assert run(tmp_path, "load", "w.csv", "--as", "wardrobe", "--into", "wardrobe:mine").code == 0
    ran = run(tmp_path, "recommend", "--occasion", "office")
    assert ran.code == 1
    assert "WW-LOOK-NONE" in ran.err
    assert "feet" in ran.err
    assert run(tmp_path, "recommend", "--occasion", "office", "--json").document["error"]["note"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("recommend", "--occasion", "ofice"), "WW-CONCEPT-UNKNOWN"),
        (("recommend", "--date", "2026-02-31"), "WW-DATE"),
        (("recommend", "--lock", "w99"), "WW-ITEM-UNKNOWN"),
        (("recommend", "--from", "elsewhere"), "WW-REQUEST-SOURCE"),
        (("set", "w03", "price", "-5"), "WW-VALUE-NEGATIVE"),
        (("set", "w03", "colur", "red"), "WW-PROPERTY-UNKNOWN"),
        (("set", "w03", "material", "slik"), "WW-VALUE-UNKNOWN"),
        (("add", "spaceship", "X"), "WW-CLASS-UNKNOWN"),
        (("query", "no-such-query"), "WW-NAMED-QUERY-UNKNOWN"),
        (("query", "SELECT ?x WHERE { ?x"), "WW-QUERY-SYNTAX"),
        (("query", "DROP ALL "), "WW-QUERY"),
        (("why", "look-000000000000"), "WW-LOOK-UNKNOWN"),
        (("rules", "show", "colur"), "WW-RULE-NONE"),
        (("rules", "edit", "colur"), "WW-TOPIC-UNKNOWN"),
        (("load", "wardrobe.csv", "--as", "wardrob", "--into", "wardrobe:mine"), "WW-MAPPING"),
        (("load", "wardrobe.csv", "--as", "wardrobe", "--into", "mine"), "WW-INTO"),
        (("--wardrobe", "mein", "recommend"), "WW-WARDROBE-NONE"),
        (("--workspace", "nowhere", "history"), "WW-STORE-NONE"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_wrong_word_is_refused_with_its_code(
    place: Path, words: tuple[str, ...], code: str
) -> None:
    before = revision(place)
    assert refused(run(place, *words)).startswith(code)
    assert revision(place) == before


def test_usage_errors_have_a_document_too(place: Path) -> None:
    ran = run(place, "set", "w03", "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == "WW-USAGE"
    assert "Usage:" in run(place, "set", "w03").err


def test_a_second_writer_is_told_who_holds_the_workspace(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                f"""
                import time
                from pathlib import Path
                from wearwhy.store.database import Store
                with Store.open(Path({str(place)!r}), write=True):
                    print("held", flush=True)
                    time.sleep(600)
                """
            ),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        open_store = Store.open
        monkeypatch.setattr(
            Store,
            "open",
            lambda path, *, write, **rest: (
                open_store(path, write=write, wait=0.1)
                if write
                else open_store(path, write=False, **rest)
            ),
        )
        ran = run(place, "wore", "w01", "--date", "2026-11-20")
        assert refused(ran) == "WW-STORE-LOCKED"
        assert str(holder.pid) in ran.err
    finally:
        holder.kill()
        holder.communicate()


def test_a_full_disk_leaves_the_workspace_as_it_was(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = revision(place)

    def no_room(*_: object, **__: object) -> Callable[[], None]:
        raise DiskFull("WW-STORE-FULL", "No space is left on the disk.")

    monkeypatch.setattr(Store, "commit", no_room)
    assert refused(run(place, "wash", "w01", "--date", "2026-11-20")) == "WW-STORE-FULL"
    monkeypatch.undo()
    assert revision(place) == before
