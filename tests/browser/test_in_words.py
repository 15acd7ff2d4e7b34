"""The page says in its own language, and by name, what programs say by id: changes, rules, items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from string import Formatter
from typing import Any

import pytest
from starlette.testclient import TestClient

from wearwhy.explain.sentences import LANGUAGES
from wearwhy.http.app import create_app
from wearwhy.http.page import asking, frame, messages
from wearwhy.service import revising
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service
from wearwhy.settings import assets
from wearwhy.workspace.demo import demonstrate

PASSWORD = "correct horse battery"
NO_LOOK = "/page/looks?go=1&date=2026-11-24&degrees=30&lock=w26&lock=w27&lock=w28"
"""Trousers over trousers."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Ada on the page of the demonstration's wardrobe."""
    folder = tmp_path_factory.mktemp("words") / "w"
    demonstrate(folder, tried=0)
    told = Configuration(requests_per_minute=0, aside_seconds=300.0, request_seconds=400.0)
    service = Service.open(folder, told)
    with TestClient(create_app(service), base_url="http://127.0.0.1") as visitor:
        token = service.accounts.first_token()
        made = {"name": "ada", "password": PASSWORD, "token": token}
        assert visitor.post("/page/first-account", data=made).url.path == "/page/wardrobe"
        yield visitor


def _get(client: TestClient, path: str, language: str, status: int = 200) -> str:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def _post(client: TestClient, path: str, language: str, **said: str) -> str:
    token = re.search(r'<meta name="csrf" content="([^"]+)"', client.get("/page/keys").text)
    assert token is not None
    answer = client.post(f"{path}?lang={language}", data={"csrf": token[1], **said})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def _whats(text: str) -> list[tuple[str, str]]:
    """Return what the history says of each change, and how it is marked."""
    return [(says, mark) for mark, says in re.findall(r'<p class="what"([^>]*)>([^<]*)</p>', text)]


def _one(message: str) -> dict[str, Any]:
    return {
        "revision": 1,
        "message": message,
        "at": "2026-11-23T06:00:00",
        "added": 1,
        "removed": 0,
        "scope": "wardrobe/demo",
    }


@pytest.mark.parametrize(
    ("message", "en", "zh"),
    [
        (
            "wore 3 items on 2026-11-23",
            "Wore 3 items on 2026-11-23",
            "2026-11-23穿了3件单品",
        ),
        ("wore 1 item on 2026-11-23", "Wore one item on 2026-11-23", "2026-11-23穿了一件单品"),
        ("wash 1 item", "Washed one item", "洗了一件单品"),
        ("describe id:wearer/mia", "Described mia", "描述了mia"),
        ("say 11 things of id:wearer/mia", "Described mia", "描述了mia"),
        ("wash 2 items", "Washed 2 items", "洗了2件单品"),
        ("reason: 17 guesses", "Guessed anew: 17 guesses", "重新猜测：17项猜测"),
        ("add Red hat; felt", "Added: Red hat; felt", "添加了：Red hat; felt"),
        ("add a photograph", "Added a photograph", "添加了照片"),
        ("load few.csv as wardrobe", "Brought in the file few.csv", "导入了文件few.csv"),
        (
            "apply rules colour, my-own",
            "Saved rules: colour, my-own",
            "保存了规则：颜色、my-own",
        ),
        (
            "undo 12: wash 1 item",
            "Took back revision 12: Washed one item",
            "撤销了第12版：洗了一件单品",
        ),
        (
            'set schema:name of id:demo/none to "Loden coat"',
            "Corrected none: name Loden coat",
            "更正了none：名称 Loden coat",
        ),
        (
            "undo 7: like ww:colour-red; like ww:colour-blue",
            "Took back revision 7: Liked: red, blue",
            "撤销了第7版：喜欢：红色、蓝色",
        ),
        (
            'undo 7: set schema:brand of id:demo/none to "A"; set schema:size of id:demo/none to "38"',
            "Took back revision 7: Corrected none: brand A, Corrected none: size 38",
            "撤销了第7版：更正了none：品牌 A、更正了none：尺码 38",
        ),
        (
            'set schema:description of id:demo/none to "warm; like new"',
            "Corrected none: description warm; like new",
            "更正了none：描述 warm; like new",
        ),
        (
            'set schema:brand of id:demo/none to "Marks, Spencer"',
            "Corrected none: brand Marks, Spencer",
            "更正了none：品牌 Marks, Spencer",
        ),
        (
            'set schema:brand of id:demo/none to "5" inch; like new"',
            'Corrected none: brand 5" inch; like new',
            '更正了none：品牌 5" inch; like new',
        ),
        (
            'set schema:brand of id:demo/none to "A", "B"',
            "Corrected none: brand A, B",
            "更正了none：品牌 A、B",
        ),
        ("add Coat; like new", "Added: Coat; like new", "添加了：Coat; like new"),
        (
            "add Coat; undo 3: wash 1 item",
            "Added: Coat; undo 3: wash 1 item",
            "添加了：Coat; undo 3: wash 1 item",
        ),
        ("SPARQL update: DELETE", "SPARQL update: DELETE", "SPARQL 更新：DELETE"),
    ],
)
def test_a_change_is_told_by_what_its_message_says(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, *, message: str, en: str, zh: str
) -> None:
    found = {"revision": 1, "revisions": [_one(message)], "next": None}
    monkeypatch.setattr(revising, "revisions", lambda *_, **__: found)
    assert _whats(_get(client, "/page/history", "en")) == [(en, "")]
    assert _whats(_get(client, "/page/history", "zh")) == [(zh, "")]


def test_what_is_not_recognised_stands_as_it_is_marked_as_english(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = (
        "turn the wardrobe over",
        "wash 1 item; turn it over",
        "undo 3: turn it over",
        "undo 1: " * 2_000 + "wash 1 item",
    )
    found = {"revision": 1, "revisions": [_one(one) for one in odd], "next": None}
    monkeypatch.setattr(revising, "revisions", lambda *_, **__: found)
    assert _whats(_get(client, "/page/history", "zh")) == [(one, ' lang="en"') for one in odd]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "said", "other"),
    [("en", "learned likeness", ">neural<"), ("zh", "舒适度", "神经")],
)
def test_terms_without_a_rule_have_the_words_of_the_page(
    client: TestClient, language: str, said: str, other: str
) -> None:
    path = "/page/looks?go=1&date=2026-11-24&degrees=8&occasion=ww:occasion-office"
    (look, *_) = re.findall(r'href="(/page/looks/look-\w+)"', _get(client, path, language))
    text = _get(client, look, language)
    assert said in text
    assert other not in text


def test_things_are_named_in_the_history_as_elsewhere(client: TestClient) -> None:
    shirt = re.findall(r"<h1>([^<]*)</h1>", _get(client, "/page/items/w09", "en"))[0]
    _post(client, "/page/feedback", "en", verb="like", thing="id:demo/w09")
    _post(client, "/page/items/w09", "en", do="save", property="ww:suitsSeason", value="autumn")
    told = [says for says, _ in _whats(_get(client, "/page/history", "zh"))]
    assert told[0] == f"更正了{shirt}：适穿季节 秋季"
    assert told[1] == f"喜欢：{shirt}"
    assert not any(re.search(r"\b(id|ww|schema):", one) for one in told)


def test_one_verb_of_several_things_is_told_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "like id:demo/a; like id:demo/b; dislike id:demo/c"
    found = {"revision": 1, "revisions": [_one(said)], "next": None}
    monkeypatch.setattr(revising, "revisions", lambda *_, **__: found)
    assert _whats(_get(client, "/page/history", "en")) == [
        ("Liked: a, b", ""),
        ("Disliked: c", ""),
    ]
    assert _whats(_get(client, "/page/history", "zh")) == [("喜欢：a、b", ""), ("不喜欢：c", "")]


def test_every_language_says_the_groups_of_a_pattern() -> None:
    unlike = {}
    for name, one in messages.patterns().items():
        groups = set(one.message.groupindex)
        for language in LANGUAGES:
            slots = {slot for _, slot, _, _ in Formatter().parse(one.texts[language]) if slot}
            if slots != groups:
                unlike[name, language] = slots ^ groups
    assert unlike == {}


@pytest.mark.parametrize(
    "query",
    [n for n, q in asking.named_queries().items() if any(p.name == "lang" for p in q.parameters)],
)
def test_named_queries_ask_for_labels_in_the_language_of_the_page(
    client: TestClient, query: str
) -> None:
    needs = any(one.default is None for one in asking.named_queries()[query].parameters)
    said = [("zh", "", "zh"), ("en", "", "en")] + ([] if needs else [("zh", "&p.lang=en", "en")])
    for language, more, wanted in said:
        text = _get(client, f"/page/ask?name={query}{more}", language)
        field = re.search(r'<input id="p-lang" name="p.lang" value="([^"]*)"', text)
        assert field is not None
        assert field[1] == wanted
        assert 'class="problem"' not in text, "who has said nothing yet has done nothing wrong"
        sparql = text.partition("<textarea")[2].partition("</textarea>")[0]
        assert ("$lang" if needs else f'"{wanted}"') in sparql


def test_what_is_locked_has_its_name_where_no_look_is_found(client: TestClient) -> None:
    text = _get(client, NO_LOOK, "en")
    assert 'class="code">WW-LOOK-NONE' in text
    assert 'id="source"' not in text
    assert "if you have a catalogue" in text, "there is none, and so no field to choose it in"
    chips = re.findall(r'<li class="chip kept">.*?aria-label="([^"]*)"', text)
    assert len(chips) == 3
    assert not any(re.search(r"\bw2\d\b", one) for one in chips)


def test_a_piece_that_is_said_twice_is_locked_once(client: TestClient) -> None:
    text = _get(client, f"{NO_LOOK}&lock=id:demo/w26&lock=w28&exclude=id:demo/w27", "en")
    boxes = re.findall(r'name="(lock|exclude)" value="([^"]*)" checked', text)
    assert boxes == [
        ("lock", "id:demo/w26"),
        ("lock", "id:demo/w28"),
        ("exclude", "id:demo/w27"),
    ]


def test_a_filter_tells_how_many_it_leaves_and_why_there_are_none(client: TestClient) -> None:
    def grid(path: str) -> str:
        return _get(client, path, "en").partition('<section id="grid"')[2]

    assert "66 items" in grid("/page/wardrobe")
    few = grid("/page/wardrobe?text=scarf")
    number = few.count('class="tile"')
    assert 0 < number < 66
    assert f'<p class="help counted">{"One item" if number == 1 else f"{number} items"}</p>' in few
    for none in ("text=xyzzy", "text=xyzzy&slot=ww:slot-top"):
        text = grid(f"/page/wardrobe?{none}")
        assert "No item fits what you filter by." in text
        assert "Nothing here yet" not in text
        assert "Add an item" not in text


@pytest.mark.slow
def test_a_preview_of_new_rules_calls_them_as_their_text_does(client: TestClient) -> None:
    text = (assets() / "kg" / "new-rules.srl").read_text("utf-8")
    page = _post(client, "/page/rules/my-own", "zh", do="preview", text=text)
    gained = re.findall(r"<li>([^<]*)</li>", page.partition('id="facts-gained"')[2])
    assert any("夏天穿亚麻" in one for one in gained)
    assert not any("my linen in summer" in one for one in gained)
    assert "<li>夏天穿亚麻 <code>rule:my-linen-in-summer</code>" in page


@pytest.mark.parametrize(
    "path",
    [
        "/page/looks?go=1&n=many",
        "/page/looks?go=1&degrees=nan",
        "/page/looks?go=1&wind=inf",
        "/page/looks?go=1&degrees=1_0",
        "/page/looks?seed=1e999",
        "/page/looks?seed=-1",
        "/page/looks?seed=1.5",
        "/page/looks?seed=9999999999",
        "/page/why-not?item=w09&n=many",
    ],
)
def test_what_is_no_number_is_told_in_words_with_a_hint(client: TestClient, path: str) -> None:
    for language, hint in (("en", "Write it in digits"), ("zh", "请用数字填写")):
        text = _get(client, path, language, 400)
        assert "WW-PAGE-NUMBER" in text
        assert hint in text
        assert "literal" not in text
        assert "convert" not in text


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The look has {?n} colour [family|families].", "The look has ‹n› colour families."),
        ("[One accessory finishes|{?n} accessories finish] it.", "‹n› accessories finish it."),
        ("{?x} [was|were] worn; it rests {?n} [day|days].", "‹x› was worn; it rests ‹n› days."),
        (
            "{?x} [was|were] worn {?d} [day|days] ago; the rest is {?n} [day|days].",
            "‹x› was worn ‹d› days ago; the rest is ‹n› days.",
        ),
        (
            "{?x} [has|have] not been worn for {?d} [day|days].",
            "‹x› has not been worn for ‹d› days.",
        ),
        ("{?a} [is|are] {?m} and {?b} {?n}.", "‹a› is ‹m› and ‹b› ‹n›."),
    ],
)
def test_a_word_that_is_counted_is_in_the_plural(sentence: str, said: str) -> None:
    assert frame.spoken(sentence) == said
