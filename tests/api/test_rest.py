"""The REST interface: documents, versions, refusals, and that each wardrobe stands apart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.api.rest_given import LINEN, OFFICE, Rest, served

from wearwhy.service.caller import Scope


@pytest.fixture(scope="module")
def rest(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    """A service whose answers do not depend on the order of the tests."""
    folder = tmp_path_factory.mktemp("rest") / "w"
    with served(Path(shutil.copytree(prepared, folder))) as found:
        yield found


def revision(rest: Rest) -> int:
    found: int = rest.document("GET", "/wardrobes/mine")["revision"]
    return found


def test_looks_come_with_terms_that_add_up_and_reasons_in_both_languages(rest: Rest) -> None:
    found = rest.document("POST", "/recommendations", json=OFFICE)
    assert len(found["looks"]) == 3
    for look in found["looks"]:
        assert sum(term["value"] for term in look["terms"]) == pytest.approx(
            look["score"], abs=1e-9
        )
        assert look["reasons"]["en"]
        assert look["reasons"]["zh"]
    assert "proof" not in found


def test_locked_items_stand_in_every_look_and_excluded_ones_in_none(rest: Rest) -> None:
    body = {**OFFICE, "locked": ["w16"], "excluded": ["w53"]}
    for look in rest.document("POST", "/recommendations", json=body)["looks"]:
        items = {item["id"].rpartition("/")[2] for item in look["items"]}
        assert "w16" in items
        assert "w53" not in items


def test_the_weather_can_be_said_in_figures(rest: Rest) -> None:
    words = rest.document("POST", "/recommendations", json=OFFICE)
    figures = {"temperature": 8, "wind": 20, "conditions": ["rain", "wind"]}
    numbers = rest.document("POST", "/recommendations", json={**OFFICE, "weather": figures})
    assert numbers["request"]["weather"] == words["request"]["weather"]
    assert [look["id"] for look in numbers["looks"]] == [look["id"] for look in words["looks"]]


def test_entries_of_a_calendar_become_occasions_of_parts_of_the_day(rest: Rest) -> None:
    entries = [
        {"summary": "office", "start": "2026-11-24T09:00:00", "end": "2026-11-24T17:00:00"},
        {"summary": "dinner with friends", "start": "2026-11-24T19:30:00"},
        {"summary": "qqq", "start": "2026-11-24T12:00:00"},
    ]
    body = {"date": "2026-11-24", "weather": "8C", "calendar": entries}
    found = rest.document("POST", "/recommendations", json=body)
    named = {one.rpartition("#")[2] for one in found["request"]["occasions"]}
    assert named == {"occasion-office", "occasion-dinner"}
    assert found["unrecognised"] == ["qqq"]


@pytest.mark.parametrize("calendar", [[{"summary": "office"}], "upload-1"])
def test_a_calendar_without_a_day_is_refused(rest: Rest, calendar: Any) -> None:
    answer = rest("POST", "/recommendations", json={"calendar": calendar})
    assert (answer.status_code, answer.json()["code"]) == (400, "WW-CALENDAR-DAY")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"occasions": ["ofice"]}, "WW-CONCEPT-UNKNOWN"),
        ({"weather": "/etc/passwd"}, "WW-WEATHER-WORD"),
        ({"weather": "weather.csv"}, "WW-WEATHER-WORD"),
        ({"locked": ["nothing of mine"]}, "WW-ITEM-UNKNOWN"),
        ({"wearer": "nobody"}, "WW-WEARER-UNKNOWN"),
        ({"n": 0}, "WW-HTTP-INPUT"),
        ({"n": "3"}, "WW-HTTP-INPUT"),
        ({"n": True}, "WW-HTTP-INPUT"),
        ({"filters": {"in_stock": 0}}, "WW-HTTP-INPUT"),
        ({"surprise": 1}, "WW-HTTP-INPUT"),
        ({"occasions": ["x" * 501]}, "WW-HTTP-INPUT"),
    ],
)
def test_what_is_not_understood_is_a_problem_with_a_code(
    rest: Rest, change: dict[str, Any], code: str
) -> None:
    answer = rest("POST", "/recommendations", json={**OFFICE, **change})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.slow
def test_a_look_is_explained_down_to_what_somebody_said(rest: Rest) -> None:
    look = rest.document("POST", "/recommendations", json=OFFICE)["looks"][0]
    found = rest.document("GET", f"/explanations/{look['id']}")
    assert found["root"] == look["id"]
    assert found["look"]["score"] == pytest.approx(look["score"], abs=1e-9)
    assert {node["kind"] for node in found["nodes"].values()} >= {"asserted", "derived"}
    ends = [node for node in found["nodes"].values() if not node["premises"]]
    assert all(node["kind"] != "derived" or node.get("rule") for node in ends)


def test_no_look_of_that_name_is_404_and_names_none(rest: Rest) -> None:
    answer = rest("GET", "/explanations/look-nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "WW-LOOK-UNKNOWN")


def test_pages_of_items_hold_each_item_once(rest: Rest) -> None:
    seen: list[str] = []
    path = "/items?limit=25"
    while path:
        page = rest.document("GET", path)
        seen += [item["id"] for item in page["items"]]
        path = f"/items?limit=25&cursor={page['next']}" if page["next"] else ""
    assert len(seen) == len(set(seen)) == page["total"]
    assert seen == sorted(seen)


@pytest.mark.parametrize("slot", ["feet", "top", "outer", "mid"])
def test_a_slot_leaves_what_is_worn_there_and_only_that(rest: Rest, slot: str) -> None:
    every = rest.document("GET", "/items?limit=200")["items"]
    there = {
        item["id"]
        for item in every
        if any(s["id"].endswith(f"#slot-{slot}") for s in item["slots"])
    }
    found = rest.document("GET", f"/items?limit=200&slot={slot}")
    assert {item["id"] for item in found["items"]} == there
    assert 0 < found["total"] == len(there) < len(every)


def test_filters_together_leave_what_fits_them_all(rest: Rest) -> None:
    found = rest.document("GET", "/items?slot=top&kind=shirt&text=linen%20shirt")
    assert [item["label"] for item in found["items"]] == ["Pale blue linen shirt"]
    assert rest.document("GET", "/items?slot=feet&kind=shirt&text=linen")["total"] == 0


def test_every_item_of_the_bundled_wardrobe_has_a_slot_of_its_kind(rest: Rest) -> None:
    found = {
        item["label"]: {slot["label"] for slot in item["slots"]}
        for item in rest.document("GET", "/items?limit=200")["items"]
    }
    assert all(found.values())
    assert found["White cotton poplin shirt"] == {"top"}


def test_an_item_says_of_each_value_where_it_is_from(rest: Rest) -> None:
    found = rest.document("GET", "/items/w03")
    material = found["attributes"]["ww:material"]["values"]
    assert {(one["label"], one["kind"]) for one in material} >= {("silk", "asserted")}
    kinds = {v["kind"] for a in found["attributes"].values() for v in a["values"]}
    assert "derived" in kinds
    listed = next(i for i in rest.document("GET", "/items?text=w03")["items"])
    assert {v["kind"] for a in listed["attributes"].values() for v in a["values"]} <= {
        "asserted",
        "predicted",
    }


def test_an_answer_that_the_client_has_is_not_sent_again(rest: Rest) -> None:
    first = rest("GET", "/items/w03")
    again = rest("GET", "/items/w03", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    chinese = rest("GET", "/items/w03?lang=zh", headers={"If-None-Match": first.headers["etag"]})
    assert chinese.status_code == 200


def test_labels_are_in_the_language_that_is_accepted(rest: Rest) -> None:
    answer = rest("GET", "/items/w03", headers={"Accept-Language": "de, zh;q=0.9, en;q=0.5"})
    assert answer.headers["content-language"] == "zh"
    assert answer.json()["type"]["label"] != rest.document("GET", "/items/w03")["type"]["label"]


def test_an_item_is_added_corrected_and_removed_and_each_can_be_undone(rest: Rest) -> None:
    body = {"type": "scarf", "name": "Red wool scarf", "values": {"colour": "red"}}
    made = rest("POST", "/items", json=body)
    assert made.status_code == 201
    place = made.headers["location"]
    said = rest.document("PATCH", place, json={"values": {"material": "wool", "colour": None}})
    assert (said["added"], said["removed"]) == (1, 1)
    item = rest.document("GET", place)
    assert "ww:colour" not in item["attributes"]
    assert item["attributes"]["ww:material"]["values"][0]["label"] == "wool"
    rest.document("DELETE", place)
    assert rest("GET", place).status_code == 404
    for _ in range(3):
        rest.document("POST", "/revisions/undo")
    assert rest("GET", place).status_code == 404


def test_a_change_for_another_revision_is_refused_and_nothing_is_changed(rest: Rest) -> None:
    before = revision(rest)
    body = {"values": {"material": "linen"}}
    answer = rest("PATCH", "/items/w03", json=body, headers={"If-Match": f'"r{before - 1}"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "WW-STORE-MOVED")
    for look in ("PATCH", "DELETE"):
        sent: dict[str, Any] = {} if look == "DELETE" else {"json": body}
        stale = {"If-Match": f'"r{before - 1}"'}
        answer = rest(look, "/items/w03?preview=true", headers=stale, **sent)
        assert (answer.status_code, answer.json()["code"]) == (412, "WW-STORE-MOVED")
    assert revision(rest) == before
    for wrong in ("r1", 'W/"r1"', '"x"', '"r1", "r2"'):
        answer = rest("PATCH", "/items/w03", json=body, headers={"If-Match": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "WW-HTTP-ETAG")
    done = rest("PATCH", "/items/w03", json=body, headers={"If-Match": f'"r{before}-en"'})
    assert done.headers["etag"] == f'"r{done.json()["revision"]}"' != f'"r{before}"'
    rest.document("POST", "/revisions/undo", headers={"If-Match": done.headers["etag"]})


def test_an_item_cannot_be_moved_out_or_given_a_picture_by_name(rest: Rest) -> None:
    for values in (
        {"ww:inWardrobe": "id:wardrobe/bobs"},
        {"schema:image": "../../x.jpg"},
        {"owl:sameAs": "id:mine/w04"},
    ):
        answer = rest("PATCH", "/items/w03", json={"values": values})
        assert answer.status_code == 400, answer.text


def test_a_change_that_is_sent_twice_with_one_key_is_made_once(rest: Rest) -> None:
    body = {"verb": "wore", "things": ["w01", "w26"], "date": "2026-11-19"}
    key = {"Idempotency-Key": "once-1"}
    first = rest("POST", "/feedback", json=body, headers=key)
    again = rest("POST", "/feedback", json=body, headers=key)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert revision(rest) == first.json()["revision"]
    other = rest("POST", "/feedback", json={**body, "things": ["w01"]}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "WW-IDEMPOTENCY-OTHER")
    elsewhere = rest("POST", "/feedback", json=body, headers=key, who="eve")
    assert elsewhere.status_code in (400, 404), elsewhere.text


@pytest.mark.parametrize("key", ["", "k" * 256, "sch\xf6n", "a\x7fb"], ids=ascii)
def test_a_key_that_is_no_line_of_printable_characters_is_refused(rest: Rest, key: str) -> None:
    body, before = {"verb": "wore", "things": ["w01"], "date": "2026-11-19"}, revision(rest)
    answer = rest("POST", "/feedback", json=body, headers={"Idempotency-Key": key.encode("latin1")})
    assert (answer.status_code, answer.json()["code"]) == (400, "WW-IDEMPOTENCY-KEY")
    assert revision(rest) == before


def test_a_key_of_a_refused_change_can_be_used_again(rest: Rest) -> None:
    key = {"Idempotency-Key": "once-2"}
    wrong = {"verb": "wore", "things": ["no such thing"]}
    assert rest("POST", "/feedback", json=wrong, headers=key).status_code == 400
    right = {"verb": "wash", "things": ["w01"], "date": "2026-11-20"}
    assert rest("POST", "/feedback", json=right, headers=key).status_code == 200


def test_a_rule_change_is_previewed_applied_as_previewed_and_undone(rest: Rest) -> None:
    before = revision(rest)
    seen = rest.document("POST", "/rules/preview", json={**LINEN, "request": OFFICE})
    assert seen["facts"]["gained"]
    assert seen["requests"] == 1
    assert revision(rest) == before
    stale = rest("POST", "/rules", json={**LINEN, "preview": "preview-000000000000"})
    assert (stale.status_code, stale.json()["code"]) == (409, "WW-PREVIEW-MOVED")
    done = rest.document("POST", "/rules", json={**LINEN, "preview": seen["preview"]})
    assert done["scope"] == "wardrobe/mine"
    rest.document("POST", "/revisions/undo")


def test_a_topic_of_a_wardrobes_own_is_applied_and_taken_back(rest: Rest) -> None:
    bundled = rest.document("GET", "/rules/colour")
    assert bundled["scope"] == "bundled"
    text = bundled["text"] + "\n# of my own\n"
    rest.document("POST", "/rules", json={"topic": "colour", "text": text})
    mine = rest.document("GET", "/rules/colour")
    assert (mine["scope"], mine["text"]) == ("wardrobe", text)
    rest.document("POST", "/rules", json={"topic": "colour"})
    assert rest.document("GET", "/rules/colour")["scope"] == "bundled"


def test_a_wrong_rule_text_is_told_with_its_places_and_not_applied(rest: Rest) -> None:
    text = "PREFIX ww: <https://w3id.org/wearwhy/ns#>\nRULE ww:r { ?x ww:likes } WHERE { ?x a ww:Item }"
    found = rest.document("POST", "/rules/check", json={"text": text})
    assert not found["sound"]
    assert found["diagnostics"][0]["line"] == 2
    answer = rest("POST", "/rules", json={"topic": "mine", "text": text})
    assert answer.status_code == 400
    assert answer.json()["place"]["line"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"asserted": ["/etc/passwd.ttl"]},
        {"asserted": ["wardrobe.nt"]},
        {"topic": "../../x", "text": ""},
        {"topic": "a b", "text": ""},
        {"topic": ".hidden", "text": ""},
        {"topic": "a//b", "text": ""},
        {"topic": "mine", "text": "\ufffd"},
        {"text": "RULE"},
        {},
    ],
)
def test_no_rule_change_names_a_file_or_leaves_its_place(rest: Rest, body: dict[str, Any]) -> None:
    before = revision(rest)
    assert rest("POST", "/rules", json=body).status_code == 400
    assert rest("POST", "/rules/preview", json=body).status_code == 400
    assert revision(rest) == before


def test_everybodys_rules_need_admin(rest: Rest) -> None:
    answer = rest("POST", "/rules", json={**LINEN, "scope": "base"}, who="bob")
    assert (answer.status_code, answer.json()["code"]) == (403, "WW-ACCESS-SCOPE")


def test_a_guess_is_rejected_and_what_followed_goes_with_it(rest: Rest) -> None:
    guess = rest.document("GET", "/predictions?limit=1")["guesses"][0]
    body = {
        "item": guess["item"]["id"],
        "property": guess["property"]["id"],
        "value": guess["object"]["value"],
    }
    done = rest.document("POST", "/predictions/reject", json=body)
    assert done["follows"]["lost"]
    gone = rest("POST", "/predictions/confirm", json=body)
    assert (gone.status_code, gone.json()["code"]) == (404, "WW-GUESS-NONE")
    rest.document("POST", "/revisions/undo")
    assert rest.document("GET", "/predictions?limit=1")["guesses"][0] == guess


def test_what_was_recorded_is_listed_newest_day_first(rest: Rest) -> None:
    rest.document(
        "POST", "/feedback", json={"verb": "skip", "things": ["w15"], "date": "2026-11-23"}
    )
    found = rest.document("GET", "/feedback?limit=500")["events"]
    days = [one["date"] for one in found]
    assert days == sorted(days, reverse=True)
    assert any(one["verb"] == "skip" and one["date"] == "2026-11-23" for one in found)
    assert {one["verb"] for one in found} >= {"wore", "skip"}


@pytest.mark.parametrize(
    ("things", "said"), [(["w01"], "1 item on"), (["w01", "w02"], "2 items on")]
)
def test_the_history_says_how_much_was_worn(rest: Rest, things: list[str], said: str) -> None:
    body = {"verb": "wore", "things": things, "date": "2026-11-19"}
    assert said in rest.document("POST", "/feedback", json=body)["message"]
    rest.document("POST", "/revisions/undo")


def test_feedback_about_a_look_is_about_its_items(rest: Rest) -> None:
    look = rest.document("POST", "/recommendations", json=OFFICE)["looks"][0]
    body = {"verb": "wore", "look": look["id"], "date": "2026-11-24", "occasions": ["office"]}
    rest.document("POST", "/feedback", json=body)
    newest = rest.document("GET", "/feedback?limit=1")["events"][0]
    assert {one["id"] for one in newest["things"]} == {one["id"] for one in look["items"]}
    rest.document("POST", "/revisions/undo")


def recorded(rest: Rest, body: dict[str, Any]) -> dict[str, Any]:
    """Record feedback, and return the one event that it made."""
    before = {one["id"] for one in rest.document("GET", "/feedback?limit=200")["events"]}
    rest.document("POST", "/feedback", json=body)
    after = rest.document("GET", "/feedback?limit=200")["events"]
    (new,) = (one for one in after if one["id"] not in before)
    return dict(new)


@pytest.mark.parametrize(
    ("said", "told"), [([], "occasion-office"), (["dinner"], "occasion-dinner")]
)
def test_a_look_is_worn_to_what_it_was_asked_for(rest: Rest, said: list[str], told: str) -> None:
    look = rest.document("POST", "/recommendations", json=OFFICE)["looks"][0]["id"]
    body = {"verb": "wore", "look": look, "date": "2025-03-18", "occasions": said}
    worn = recorded(rest, body)
    assert [one["id"].rpartition("#")[2] for one in worn["occasions"]] == [told]
    rest.document("POST", "/revisions/undo")


def test_what_was_worn_may_leave_the_wardrobe_and_all_is_still_well_formed(rest: Rest) -> None:
    recorded(rest, {"verb": "wore", "things": ["w05", "w06"], "date": "2025-03-17"})
    rest.document("DELETE", "/items/w06")
    assert rest.document("GET", "/validation")["conforms"]
    rest.document("POST", "/revisions/undo")
    rest.document("POST", "/revisions/undo")


def test_a_wearer_is_described_and_forgotten(rest: Rest) -> None:
    body = {"sizes": ["top=M"], "warmth": -3}
    rest.document("PATCH", "/wearers/ines", json=body)
    (said,) = rest.document("GET", "/wearers/ines")["wearers"]
    assert said["warmth_offset"] == -3
    rest.document("DELETE", "/wearers/ines")
    assert rest("GET", "/wearers/ines").status_code == 404


def test_a_key_without_the_scope_and_a_role_without_the_right_change_nothing(rest: Rest) -> None:
    body = {"verb": "wash", "things": ["w01"]}
    for who, code in (("reader", "WW-ACCESS-SCOPE"), ("bob", "WW-ACCESS-ROLE")):
        answer = rest("POST", "/feedback", json=body, who=who)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert rest("GET", "/items", who="bob").status_code == 200


def test_without_a_key_nothing_is_told(rest: Rest) -> None:
    for path in ("/items", "/wardrobes", "/rules", "/tasks", "/explanations/x"):
        answer = rest.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "WW-ACCESS-KEY")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_another_wardrobe_and_none_are_told_alike(rest: Rest) -> None:
    said = []
    for name in ("mine", "nothing-of-that-name"):
        for path in ("/items", "/revisions", "/predictions", "/feedback", "/rules", "/wearers"):
            answer = rest("GET", f"{path}?wardrobe={name}", who="eve")
            assert answer.status_code == 404
            said.append(answer.json()["title"].replace(name, "NAME"))
    assert len(set(said)) == 1


def test_a_wardrobe_of_ones_own_stands_apart_and_its_name_is_not_given_twice(rest: Rest) -> None:
    made = rest("POST", "/wardrobes", json={"name": "eves"}, who="eve")
    assert made.status_code == 201
    body = {"type": "coat", "name": "Secret coat"}
    rest.document("POST", "/items?wardrobe=eves", json=body, who="eve")
    mine = [item["label"] for item in rest.document("GET", "/items?limit=500")["items"]]
    assert "Secret coat" not in mine
    place = f"/items/{quote('id:eves/Secret-coat', safe='')}"
    assert rest("GET", place).status_code == 404
    assert rest("GET", f"{place}?wardrobe=eves").status_code == 404
    taken = rest("POST", "/wardrobes", json={"name": "eves"})
    assert taken.json()["code"] == "WW-WARDROBE-EXISTS"
    rest.document("DELETE", "/wardrobes/eves", who="eve")
    again = rest("POST", "/wardrobes", json={"name": "eves"})
    assert again.json()["code"] == "WW-WARDROBE-EXISTS"


def test_what_another_wardrobe_asserts_is_not_told_by_an_error(rest: Rest) -> None:
    rest("POST", "/wardrobes", json={"name": "bare"}, who="eve")
    said = []
    for fact in (
        "id:mine/w03 ww:material ww:material-silk",
        "id:no/w0 ww:material ww:material-silk",
    ):
        answer = rest("POST", "/rules?wardrobe=bare", json={"retracted": [fact]}, who="eve")
        said.append((answer.status_code, answer.json()["code"], answer.json()["title"]))
    assert said[0] == said[1]


def test_an_admin_who_sees_no_wardrobe_looks_at_everybodys_rules_alone(rest: Rest) -> None:
    service = rest.service
    account = service.accounts.add("operator", password=None, scopes=frozenset(Scope))
    key = service.accounts.new_key(account.id, label="test").secret
    headers = {"Authorization": f"Bearer {key}"}
    bundled = rest.document("GET", "/rules/colour")["text"]
    body = {"topic": "colour", "text": bundled.replace("0.3", "0.4", 1), "scope": "base"}
    seen = rest.client.post("/rules/preview", json=body, headers=headers)
    assert seen.status_code == 200, seen.text
    assert seen.json()["wardrobe"] is None
    assert seen.json()["looks"] == {"gained": [], "lost": [], "reranked": []}
    assert "id/mine" not in seen.text
    assert rest.client.get("/items?wardrobe=mine", headers=headers).status_code == 404


def test_of_a_text_that_is_wrong_all_over_the_first_faults_are_told(rest: Rest) -> None:
    told = rest.document("POST", "/rules/check", json={"text": "RULE <#a> " * 20_000})
    assert (len(told["diagnostics"]) in range(50, 201), told["more"]) == (True, True)
    assert not rest.document("POST", "/rules/check", json={"text": "RULE"})["more"]


@pytest.mark.parametrize(
    ("lang", "told"), [("en", {"comfort", "neural"}), ("zh", {"舒适", "学得的相近"})]
)
def test_terms_without_a_rule_are_called_in_the_language_asked_for(
    rest: Rest, lang: str, told: set[str]
) -> None:
    looks = rest.document("POST", f"/recommendations?lang={lang}", json=OFFICE)["looks"]
    shown = rest.document("GET", f"/explanations/{looks[0]['id']}?lang={lang}")
    for terms in (looks[0]["terms"], shown["look"]["terms"]):
        assert {one["label"] for one in terms if one["kind"] in ("comfort", "neural")} <= told
        assert {one["label"] for one in terms} & told
