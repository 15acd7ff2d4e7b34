"""The service's documents are those that the command line prints with --json."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.cli_given import run
from tests.api.rest_given import OFFICE, Rest, served

pytestmark = pytest.mark.slow

ASKED = ("--occasion", "office", "--date", "2026-11-24", "--weather", "8C rain wind 20km/h")


@pytest.fixture(scope="module")
def beside(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that the command line works in."""
    return Path(shutil.copytree(prepared, tmp_path_factory.mktemp("beside") / "w"))


@pytest.fixture(scope="module")
def rest(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    """A copy of the same that is served."""
    folder = tmp_path_factory.mktemp("served") / "w"
    with served(Path(shutil.copytree(prepared, folder))) as found:
        yield found


def holds(printed: Any, told: Any) -> None:
    """Require that all that is printed is told alike; the service may tell more."""
    assert {key: told[key] for key in printed} == printed


def asked(folder: Path, *words: str) -> Any:
    return run(folder, *words, "--json").document


def test_recommendations_with_evidence_are_the_command_lines(rest: Rest, beside: Path) -> None:
    told = rest.document("POST", "/recommendations?evidence=true", json=OFFICE)
    assert told == asked(beside, "recommend", *ASKED)


def test_lean_recommendations_are_the_same_without_their_evidence(rest: Rest, beside: Path) -> None:
    told = rest.document("POST", "/recommendations", json=OFFICE)
    whole = asked(beside, "recommend", *ASKED)
    assert told["request"] == whole["request"]
    for lean, look in zip(told["looks"], whole["looks"], strict=True):
        assert {key: look[key] for key in lean if key != "terms"} == {
            key: value for key, value in lean.items() if key != "terms"
        }
        assert lean["terms"] == [
            {key: term[key] for key in ("kind", "label", "value")} for term in look["terms"]
        ]


def test_drawn_looks_are_the_command_lines(rest: Rest, beside: Path) -> None:
    body = {"occasions": ["office"], "decode": "sample", "temperature": 0.2, "seed": 7}
    words = ("--occasion", "office", "--decode", "sample", "--temperature", "0.2", "--seed", "7")
    told = rest.document("POST", "/recommendations?evidence=true", json=body)
    assert told == asked(beside, "recommend", *words)


def test_completions_are_the_command_lines(rest: Rest, beside: Path) -> None:
    body = {**OFFICE, "given": ["w16", "w26"], "slot": "feet", "n": 2}
    words = ("--given", "w16", "--given", "w26", "--slot", "feet", "-n", "2", *ASKED)
    told = rest.document("POST", "/completions?evidence=true", json=body)
    assert told == asked(beside, "complete", *words)


def test_explanations_are_the_command_lines(rest: Rest, beside: Path) -> None:
    look = rest.document("POST", "/recommendations", json=OFFICE)["looks"][0]["id"]
    asked(beside, "recommend", *ASKED)
    holds(asked(beside, "why", look), rest.document("GET", f"/explanations/{look}"))


def test_proofs_of_facts_are_the_command_lines(rest: Rest, beside: Path) -> None:
    words = {"subject": "w03", "property": "suits season", "value": "winter"}
    told = rest.document("GET", "/why", params={**words, "proof": "shortest"})
    holds(asked(beside, "why", *words.values(), "--proof", "shortest"), told)
    body = {"fact": ["w03", "suits season", "summer"]}
    holds(asked(beside, "why-not", *body["fact"]), rest.document("POST", "/why-not", json=body))


def test_comparisons_replays_and_checks_are_the_command_lines(rest: Rest, beside: Path) -> None:
    looks = [one["id"] for one in rest.document("POST", "/recommendations", json=OFFICE)["looks"]]
    asked(beside, "recommend", *ASKED)
    told = rest.document("GET", "/compare", params={"first": looks[0], "second": looks[1]})
    assert told == asked(beside, "compare", *looks[:2])
    assert sum(term["difference"] for term in told["terms"]) == pytest.approx(told["difference"])
    asking: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
        ((), {}),
        (("--without", "walks", "--without", "pairs"), {"without": ["walks", "pairs"]}),
        (("--as-of", "2"), {"as_of": 2}),
    )
    for words, given in asking:
        told = rest.document("GET", "/replay", params={"look": looks[0], **given})
        assert told == asked(beside, "replay", looks[0], *words)
    assert told["shown_at"] > told["revision"] == 2
    holds(asked(beside, "validate"), rest.document("GET", "/validation"))
    for wrong, status, code in (
        ({"look": "none"}, 404, "WW-LOOK-UNKNOWN"),
        ({"look": looks[0], "without": "nothing"}, 400, "WW-WITHOUT-UNKNOWN"),
        ({"look": looks[0], "as_of": 10**6}, 404, "WW-REVISION-NONE"),
    ):
        answer = rest("GET", "/replay", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_why_not_is_the_command_lines(rest: Rest, beside: Path) -> None:
    body = {**OFFICE, "item": "w46"}
    told = rest.document("POST", "/why-not", json=body)
    printed = asked(beside, "why-not", "w46", *ASKED)
    # How many changes are tried before the time is over depends on the machine.
    for one in (printed, told):
        assert all(one["searched"].pop(name) > 0 for name in ("checked", "recommended"))
    holds(printed, told)


def test_previews_are_the_command_lines(rest: Rest, beside: Path) -> None:
    words = ("--retract", "w03 material silk", "--assert", "w03 material linen")
    body = {"retracted": ["w03 material silk"], "asserted": ["w03 material linen"]}
    printed = asked(beside, "--wardrobe", "mine", "rules", "preview", *words)
    assert rest.document("POST", "/rules/preview", json=body) == printed
    told = rest.document("PATCH", "/items/w03?preview=true", json={"values": {"material": "wool"}})
    holds(asked(beside, "set", "w03", "material", "wool", "--preview"), told)


def test_lists_are_the_command_lines(rest: Rest, beside: Path) -> None:
    printed = asked(beside, "guesses", "list")
    told = rest.document("GET", "/predictions?limit=500")
    assert told["revision"] == printed["revision"]
    for one, guess in zip(told["guesses"], printed["guesses"], strict=True):
        holds(guess, one)
    holds(asked(beside, "history"), rest.document("GET", "/revisions?limit=500"))
    holds(asked(beside, "rules", "show", "colour"), rest.document("GET", "/rules?what=colour"))
    text = (Path(__file__).parents[2] / "ontology" / "rules" / "colour.srl").read_text("utf-8")
    wrong = text + "\nRULE rule:broken { ?x ww:likes } WHERE { }\n"
    (beside / "colour.srl").write_text(wrong, "utf-8")
    printed = asked(beside, "rules", "check", "colour.srl")
    told = rest.document("POST", "/rules/check", json={"text": wrong, "topic": "colour"})
    assert sorted(told["diagnostics"], key=str) == sorted(printed, key=str)


CHANGES: tuple[tuple[tuple[str, ...], str, str, Any], ...] = (
    (
        ("add", "blazer", "Green velvet blazer", "--colour", "green"),
        "POST",
        "/items",
        {"type": "blazer", "name": "Green velvet blazer", "values": {"colour": "green"}},
    ),
    (
        ("set", "w03", "material", "linen"),
        "PATCH",
        "/items/w03",
        {"values": {"material": "linen"}},
    ),
    (
        ("wore", "w01", "w26", "--date", "2026-11-20", "--occasion", "office"),
        "POST",
        "/feedback",
        {"verb": "wore", "things": ["w01", "w26"], "date": "2026-11-20", "occasions": ["office"]},
    ),
    (
        ("wash", "w01", "--date", "2026-11-21"),
        "POST",
        "/feedback",
        {"verb": "wash", "things": ["w01"], "date": "2026-11-21"},
    ),
    (
        ("dislike", "navy", "--strength", "0.5", "--date", "2026-11-21"),
        "POST",
        "/feedback",
        {"verb": "dislike", "things": ["navy"], "strength": 0.5, "date": "2026-11-21"},
    ),
    (
        ("view", "w31", "--date", "2026-11-21"),
        "POST",
        "/feedback",
        {"verb": "view", "things": ["w31"], "date": "2026-11-21"},
    ),
    (
        ("wearer", "ines", "--size", "top=M", "--cover", "arms", "--warmth-offset", "-3"),
        "PATCH",
        "/wearers/ines",
        {"sizes": ["top=M"], "covered": ["arms"], "warmth": -3},
    ),
    (("remove", "w02"), "DELETE", "/items/w02", None),
    (("undo",), "POST", "/revisions/undo", None),
)


def test_changes_are_the_command_lines_and_leave_the_same_facts(
    prepared: Path, tmp_path: Path
) -> None:
    beside = Path(shutil.copytree(prepared, tmp_path / "cli"))
    with served(Path(shutil.copytree(prepared, tmp_path / "rest"))) as rest:
        guess = asked(beside, "guesses", "list")["guesses"][0]
        words = [guess[part]["value"] for part in ("subject", "predicate", "object")]
        body = dict(zip(("item", "property", "value"), words, strict=True))
        decided = (("guesses", "reject", *words), "POST", "/predictions/reject", body)
        for printed, method, path, sent in (*CHANGES, decided):
            told = rest.document(method, path, json=sent)
            if printed[0] == "set":  # one value a call there, several here: told alike
                assert "material of id:mine/w03 to ww:material-linen" in told["message"]
            holds(asked(beside, *printed), told)
        quads = sorted(map(str, rest.service.call(lambda s, _: list(_quads(s)), _nobody())))
    from wearwhy.workspace import Workspace

    with Workspace.open(beside) as workspace:
        assert quads == sorted(map(str, _of(workspace)))


def _quads(service: Any) -> Iterator[Any]:
    yield from _of(service.workspace)


def _of(workspace: Any) -> Iterator[Any]:
    for graph, facts in workspace.state.graphs.items():
        for fact in facts:
            yield (graph.value, *map(str, fact))


def _nobody() -> Any:
    from wearwhy.service.caller import Caller

    return Caller.nobody()
