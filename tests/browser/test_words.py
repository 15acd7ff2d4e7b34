"""The page says everything in every language, and nothing that it never says is kept."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from wearwhy.explain.sentences import LANGUAGES
from wearwhy.http.page import frame, words
from wearwhy.settings import assets

PAGE = Path(frame.__file__).parent
SAID = tomllib.loads((assets() / "kg" / "page.toml").read_text("utf-8"))
# Of `say('kind-' ~ value.kind)` the beginning is in the text; the rest is known where it is used.
_CALL = re.compile(
    r"""(?<!named\.)\b(say|count|say\.count|words)\(\s*(f?)["']([\w{}\[\]"'-]+?)["']\s*(~)?"""
)


def _sources() -> list[Path]:
    return sorted([*PAGE.rglob("*.html"), *PAGE.glob("*.py")])


def _used() -> tuple[set[str], set[str]]:
    """Return the names that are said, and the beginnings of those that are put together."""
    whole, begun = set(), set()
    for path in _sources():
        for call, formatted, name, joined in _CALL.findall(path.read_text("utf-8")):
            if joined or formatted:
                begun.add(name.partition("{")[0])
            elif "count" in call:
                whole |= {f"{name}-one", f"{name}-several"}
            else:
                whole.add(name)
    # `done-…`, `term-…` and `topic-…` are looked up by what there is: `known` is asked first.
    return whole, begun | {"done-", "term-", "topic-"}


def test_every_sentence_that_is_said_is_there() -> None:
    whole, begun = _used()
    assert len(whole) > 150
    assert whole - set(SAID) == set()
    assert {one for one in begun if not any(name.startswith(one) for name in SAID)} == set()


def test_every_sentence_that_is_there_is_said() -> None:
    whole, begun = _used()
    unsaid = {n for n in SAID if n not in whole and not any(n.startswith(b) for b in begun)}
    assert unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_in_any_language(language: str) -> None:
    assert [name for name, texts in SAID.items() if not texts[language].strip()] == []


def test_every_language_fills_the_same_slots() -> None:
    def slots(text: str) -> set[str | None]:
        return {slot for _, slot, _, _ in Formatter().parse(text) if slot is not None}

    unlike = [
        n for n, texts in SAID.items() if slots(texts["en"]) - {"n"} != slots(texts["zh"]) - {"n"}
    ]
    assert unlike == []


def test_chinese_is_chinese() -> None:
    foreign = [n for n, texts in SAID.items() if not re.search(r"[\u3001-\u9fff]", texts["zh"])]
    assert foreign == []


def test_no_text_stands_in_a_template_itself() -> None:
    known = {"wearwhy", "SPARQL", "English", "中文", "w", "?", "·", "×", "–", "→", "%", "+", "−"}
    found = {}
    for path in sorted(PAGE.rglob("*.html")):
        text = re.sub(r"\{[{%#].*?[}%#]\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", text)
        left = {word for word in text.split() if re.search(r"\w", word)} - known
        if left:
            found[path.name] = left
    assert found == {}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,de;q=0.9", "en"),
        ("fr, zh;q=0.3", "zh"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("zh;q=much", "zh"),
        (";;,,q=", "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_asks_for(accepted: str, language: str) -> None:
    assert words.preferred(accepted) == language
