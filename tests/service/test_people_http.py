"""Everything that is a person's, taken elsewhere and forgotten over HTTP."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient
from tests.service.people_given import SECRET, client, made, people, problem, service

from wearwhy.cli.app import main
from wearwhy.errors import Unavailable
from wearwhy.http.routes import people as routes
from wearwhy.rdf import ID, SCHEMA, WW, Fact, Literal, NamedNode
from wearwhy.rules.budget import Interrupted
from wearwhy.service import wardrobes
from wearwhy.service.belongings import wearer_of
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.forgetting import FORGOTTEN, forget_again
from wearwhy.service.people import Exported
from wearwhy.service.service import Service
from wearwhy.store.quads import GRAPHS, Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.remembered import folder_of

LIKED = "Papagenos bunter Federhut von nebenan"
__all__ = ["client", "made", "people", "service"]  # fixtures


def exported(client: TestClient, who: dict[str, str]) -> dict[str, bytes]:
    response = client.get("/me/export", headers=who)
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def fill(service: Service) -> None:
    """Put a look, a photograph and a rule file of Ada's beside the graph; a like into Bob's."""
    for place, name in (("looks/adas", "look-1.json"), ("rules/wardrobe/adas", "colour.srl")):
        path = service.folder / place / name
        path.parent.mkdir(parents=True)
        path.write_text(f'{{"item": "{SECRET}"}}', "utf-8")
    picture = service.folder / "photographs" / "adas" / f"{'a' * 32}.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(SECRET.encode())
    ada = service.accounts.find("ada").id
    graph = graph_name("wardrobe/bobs", "asserted", "log")
    event = ID["opinion/1"]
    facts = (
        Fact(event, WW.wearer, wearer_of(service.workspace, ada)),
        Fact(event, SCHEMA.name, Literal(LIKED)),
    )
    edit = Edit(Patch(add=tuple(Quad(graph, f) for f in facts)), "like", "wardrobe/bobs")
    service.call(lambda s, _: s.workspace.apply(edit), service.accounts.caller(ada))


def test_a_revision_says_which_account_made_it(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    service.accounts.grant("bobs", service.accounts.find("ada").id, Role.EDITOR)
    item = {"type": "Coat", "name": "by ada"}
    made = client.post("/items?wardrobe=bobs", headers=people["ada"], json=item)
    assert made.status_code == 201, made.text
    item["name"] = "by bob"
    assert client.post("/items", headers=people["bob"], json=item).is_success
    assert client.post("/revisions/undo", headers=people["bob"]).is_success

    def authors() -> list[str | None]:
        found = client.get("/revisions?wardrobe=bobs", headers=people["bob"]).json()
        return [one.get("by") for one in found["revisions"]]

    # What the command line made, as the first, says nothing of accounts.
    assert authors() == ["bob", "bob", "ada", None]
    one = client.get("/revisions/3?wardrobe=bobs", headers=people["bob"]).json()
    assert (one["by"], one["revision"]) == ("ada", 3)
    # Who made a change is told to those alone who may read the wardrobe, while they may.
    for path in ("/revisions?wardrobe=bobs", "/revisions/3?wardrobe=bobs"):
        assert client.get(path, headers=people["ada"]).status_code == 200
        service.accounts.part("bobs", service.accounts.find("ada").id)
        refused = client.get(path, headers=people["ada"])
        assert (refused.status_code, refused.json()["code"]) == (404, "WW-WARDROBE-NONE")
        assert '"by"' not in refused.text
        assert client.get(path).status_code == 401
        service.accounts.grant("bobs", service.accounts.find("ada").id, Role.EDITOR)
    told = CliRunner().invoke(main, ["--workspace", str(service.folder), "history", "--json"])
    assert [one.get("by") for one in json.loads(told.output)["revisions"]] == [
        *("bob", "bob", "ada"),
        *(None, None),
    ]
    files = exported(client, people["ada"])
    assert [one["revision"] for one in json.loads(files["shared/changes.json"])] == [3]
    history = json.loads(exported(client, people["bob"])["wardrobes/bobs/history.json"])
    assert [one["by"] for one in history] == ["bob", "bob", "ada", None]

    service.accounts.change(service.accounts.find("bob").id, scopes=frozenset(Scope))
    # Bob's things stay, and what is said of them; that it was Ada who said it does not.
    assert client.post("/me/forget", headers=people["ada"], json={"confirm": "ada"}).is_success
    assert authors() == ["bob", "bob", None, None]
    kept = client.get("/revisions/3?wardrobe=bobs", headers=people["bob"]).json()
    assert "by ada" in kept["quads"]["added"]


@pytest.mark.parametrize("where", ["bobs/asserted/log", "adas/asserted/log", "adas/asserted/edits"])
def test_nobody_makes_anothers_things_their_own_by_saying_so(
    service: Service, client: TestClient, people: dict[str, dict[str, str]], where: str
) -> None:
    service.accounts.grant("adas", service.accounts.find("bob").id, Role.EDITOR)
    bob = service.accounts.find("bob").id
    # The item is said to be an outfit that Bob wore, where he may write.
    graph = NamedNode(f"{GRAPHS}wardrobe/{where}")
    whose = wearer_of(service.workspace, bob)
    edit = Edit(Patch(add=(Quad(graph, Fact(ID["adas/x"], WW.wearer, whose)),)), "", "")
    service.call(lambda s, _: s.workspace.apply(edit), service.accounts.caller(bob))
    service.accounts.part("adas", bob)
    assert SECRET not in str(exported(client, people["bob"]))
    said = client.post("/me/forget", headers=people["bob"], json={"confirm": "bob"})
    assert said.is_success, said.text
    items = client.get("/items?wardrobe=adas", headers=people["ada"]).json()["items"]
    assert [one["label"] for one in items] == [SECRET]
    assert SECRET in str(exported(client, people["ada"])["wardrobes/adas/history.json"])


def traces(folder: Path, *words: str) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(word.encode() in path.read_bytes() for word in words)
    ]


def test_what_is_cleared_away_meanwhile_keeps_nobody_from_their_export(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    # Each is listed, and gone when it is opened.
    looks, pictures = folder_of(service.folder, "adas"), service.folder / "photographs" / "adas"
    for path in (looks / "look-0.json", pictures / f"{'0' * 32}.jpg"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(service.folder / "nowhere")
    (looks / "look-1.json").write_bytes(b"{}")
    files = exported(client, people["ada"])
    assert {name for name in files if "/looks/" in name} == {"wardrobes/adas/looks/look-1.json"}
    assert not [name for name in files if "/photographs/" in name]


def test_an_export_that_fails_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []

    def spooled(**given: Any) -> Any:
        opened.append(tempfile.SpooledTemporaryFile(**given))  # noqa: SIM115  # it is looked at after
        return opened[-1]

    def files() -> Iterator[tuple[str, bytes]]:
        yield "a", b"x"
        raise OSError

    monkeypatch.setattr(routes, "SpooledTemporaryFile", spooled)
    with pytest.raises(OSError):  # noqa: PT011  # it has no words
        routes._packed(Exported("x", datetime.now(UTC), files()))  # noqa: SLF001
    assert [one.closed for one in opened] == [True]


def test_a_wardrobe_that_was_made_stays_its_makers_though_its_making_was_given_up(
    service: Service, people: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, ada = Workspace.apply, service.accounts.find("ada").id

    def late(*args: Any, **given: Any) -> None:
        apply(*args, **given)
        raise Interrupted

    monkeypatch.setattr(Workspace, "apply", late)
    with pytest.raises(Unavailable):
        service.call(wardrobes.create, service.accounts.caller(ada), "new")
    assert "new" in service.workspace.wardrobes()
    assert "new" in service.accounts.owned_by(ada)


def test_everything_is_exported_in_one_call(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    fill(service)
    files = exported(client, people["ada"])
    assert sorted(files) == [
        "README.txt",
        "account.json",
        "shared/changes.json",
        "shared/graphs.nq",
        "wardrobes/adas/files/colour.srl",
        "wardrobes/adas/graphs.nq",
        "wardrobes/adas/history.json",
        "wardrobes/adas/looks/look-1.json",
        f"wardrobes/adas/photographs/{'a' * 32}.png",
    ]
    assert SECRET in files["wardrobes/adas/graphs.nq"].decode()
    assert LIKED in files["shared/graphs.nq"].decode()
    assert json.loads(files["account.json"])["name"] == "ada"
    key = people["ada"]["Authorization"].removeprefix("Bearer ")
    assert key.encode() not in b"".join(files.values())
    changes = json.loads(files["wardrobes/adas/history.json"])
    assert SECRET in changes[0]["patch"]["added"]
    assert SECRET not in str(exported(client, people["bob"]))


def test_everything_is_forgotten_in_one_call(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    service.accounts.change(service.accounts.find("bob").id, scopes=frozenset(Scope))
    fill(service)
    ada = service.accounts.find("ada").id
    problem(
        client.post("/me/forget", headers=people["ada"], json={"confirm": "bob"}),
        400,
        "WW-FORGET-CONFIRM",
    )
    said = client.post("/me/forget", headers=people["ada"], json={"confirm": "ada"}).json()
    assert said["forgotten"] == {
        "account": "ada",
        "wardrobes": ["adas"],
        "facts": 5,
        "changes": 1,
        "looks": 1,
        "photographs": 1,
        "rule_files": 1,
        "previews": 0,
        "uploads": 0,
        "learned": [],
    }
    problem(client.get("/me", headers=people["ada"]), 401, "WW-ACCESS-KEY-UNKNOWN")
    assert service.workspace.wardrobes() == ["bobs"]
    assert traces(service.folder, SECRET, LIKED, "wardrobe/adas", "wardrobe%2Fadas") == []
    assert traces(service.folder, ada) == [service.folder / FORGOTTEN]
    messages = [one.message for one in service.workspace.history()]
    assert messages == [*["forgotten"] * 3, "add hat", "forgotten"]
    assert client.get("/me", headers=people["bob"]).json()["wardrobes"] == {"bobs": "owner"}
    # The name is free again: nothing of what it meant is left.
    service.accounts.own(service.accounts.find("bob").id, "adas")


def test_a_restored_backup_is_forgotten_again(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    # Ada is who runs the service: she is forgotten all the same.
    ada = service.accounts.find("ada").id
    (service.folder / FORGOTTEN).write_text(json.dumps({ada: "2026-11-22T12:00:00+00:00"}), "utf-8")
    nobody = Caller.nobody()
    assert service.call(lambda s, _: forget_again(s), nobody) == [ada]
    assert service.workspace.wardrobes() == ["bobs"]
    problem(client.get("/me", headers=people["ada"]), 401, "WW-ACCESS-KEY-UNKNOWN")
    assert service.call(lambda s, _: forget_again(s), nobody) == []


def test_who_runs_the_service_forgets_an_account_without_seeing_it(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    said = client.delete("/accounts/bob", headers=people["ada"]).json()
    assert said["forgotten"]["wardrobes"] == ["bobs"]
    assert service.workspace.wardrobes() == ["adas"]


def test_the_last_who_runs_the_service_cannot_leave_others_alone(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    refused = client.post("/me/forget", headers=people["ada"], json={"confirm": "ada"})
    problem(refused, 409, "WW-ACCOUNT-LAST")
    assert service.workspace.wardrobes() == ["adas", "bobs"]
    assert not (service.folder / FORGOTTEN).exists()


def test_a_lesser_key_exports_and_forgets_nothing(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    bob = service.accounts.find("bob").id
    key = service.accounts.new_key(bob, scopes=frozenset((Scope.READ,))).secret
    lesser = {"Authorization": f"Bearer {key}"}
    problem(client.get("/me/export", headers=lesser), 403, "WW-ACCESS-WHOLE")
    forget = client.post("/me/forget", headers=lesser, json={"confirm": "bob"})
    problem(forget, 403, "WW-ACCESS-WHOLE")
    assert people
