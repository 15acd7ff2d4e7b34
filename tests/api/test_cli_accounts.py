"""Accounts on the command line: keys, wardrobes, invitations, export and forget."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.api.cli_given import inside, run

from wearwhy.cli.app import main
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.caller import Role, Scope
from wearwhy.workspace import Workspace

GOOD = "correct horse battery"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one item in the wardrobe `mine`; each test makes accounts of its own."""
    folder = tmp_path_factory.mktemp("accounts")
    assert run(folder, "init").code == 0
    assert run(folder, "--wardrobe", "mine", "add", "coat", "Blue coat").code == 0
    return folder


@pytest.fixture
def folder(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty, tmp_path / "w"))


def typed(folder: Path, text: str, *words: str) -> str:
    """Run a command line that asks, and return what it printed."""
    with inside(folder):
        result = CliRunner().invoke(main, list(words), input=text)
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_the_first_account_may_do_everything_and_owns_what_there_is(folder: Path) -> None:
    made = run(folder, "account", "add", "ada", "--json").document
    assert made["scopes"] == ["read", "write", "rules", "admin"]
    second = run(folder, "account", "add", "bob", "--json").document
    assert second["scopes"] == ["read", "write", "rules"]
    listed = run(folder, "account", "list", "--json").document["accounts"]
    assert [(one["name"], one["wardrobes"]) for one in listed] == [
        ("ada", {"mine": "owner"}),
        ("bob", {}),
    ]
    assert "mine (owner)" in run(folder, "account", "list").out


def test_a_key_is_shown_once_and_ends_when_revoked(folder: Path) -> None:
    run(folder, "account", "add", "ada")
    made = run(
        folder, "account", "key", "ada", "--label", "phone", "--scope", "read", "--json"
    ).document
    caller = Accounts.open(folder).caller_of_key(made["key"])
    assert (caller.name, caller.scopes) == ("ada", frozenset((Scope.READ,)))
    listed = run(folder, "account", "keys", "ada")
    assert "phone" in listed.out
    assert made["key"] not in listed.out
    assert run(folder, "account", "revoke", "ada", made["id"]).code == 0
    assert run(folder, "account", "revoke", "ada", made["id"]).code == 2
    assert run(folder, "account", "keys", "ada", "--json").document == {"keys": []}


def test_a_password_is_asked_for_and_never_printed(folder: Path) -> None:
    twice = f"{GOOD}\n{GOOD}\n"
    assert GOOD not in typed(folder, twice, "account", "add", "ada", "--password")
    assert Accounts.open(folder).check("ada", GOOD, "127.0.0.1").name == "ada"
    another = "another horse battery"
    assert another not in typed(folder, f"{another}\n{another}\n", "account", "password", "ada")
    assert Accounts.open(folder).check("ada", another, "127.0.0.1").name == "ada"


def test_a_wardrobe_is_shared_and_taken_back(folder: Path) -> None:
    run(folder, "account", "add", "ada")
    run(folder, "account", "add", "bob")
    words = ("--wardrobe", "mine", "account", "grant", "bob", "--role")
    accounts = Accounts.open(folder)
    bob = accounts.find("bob").id
    assert run(folder, *words, "viewer").code == 0
    assert accounts.roles(bob) == {"mine": Role.VIEWER}
    assert run(folder, *words, "none").code == 0
    assert accounts.roles(bob) == {}
    assert run(folder, *words, "owner").code == 0
    assert accounts.roles(bob) == {"mine": Role.OWNER}
    assert run(folder, "--wardrobe", "nothere", *words[2:], "viewer").code == 2


def test_an_invitation_makes_an_account(folder: Path) -> None:
    run(folder, "account", "add", "ada")
    token = run(folder, "account", "invite", "--scope", "read", "--json").document["token"]
    assert Accounts.open(folder).join(token, "bob", None).scopes == frozenset((Scope.READ,))


def test_what_was_done_is_listed_by_name(folder: Path) -> None:
    run(folder, "account", "add", "ada")
    run(folder, "account", "key", "ada")
    out = run(folder, "account", "audit").out
    assert "make account" in out
    assert "ada" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("account", "key", "nobody"), "WW-ACCOUNT-UNKNOWN"),
        (("account", "add", "a b"), "WW-ACCOUNT-NAME"),
        (("account", "forget", "ada"), "WW-USAGE"),
        (("account", "change", "ada", "--off"), "WW-ACCOUNT-LAST"),
    ],
)
def test_what_cannot_be_done_says_why(folder: Path, words: tuple[str, ...], code: str) -> None:
    run(folder, "account", "add", "ada")
    ran = run(folder, *words, "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == code


def test_a_name_slightly_wrong_is_told_the_right_one(folder: Path) -> None:
    run(folder, "account", "add", "josephine")
    ran = run(folder, "account", "key", "josefine", "--json")
    assert ran.document["error"]["hint"] == "Did you mean 'josephine'?"


def test_everything_is_exported_and_forgotten(folder: Path) -> None:
    run(folder, "account", "add", "ada")
    run(folder, "account", "add", "bob", "--scope", "admin")
    assert run(folder, "account", "export", "ada", "ada.zip").code == 0
    with zipfile.ZipFile(folder / "ada.zip") as archive:
        assert b"Blue coat" in archive.read("wardrobes/mine/graphs.nq")
    done = run(folder, "account", "forget", "ada", "--yes", "--json").document
    assert done["forgotten"]["wardrobes"] == ["mine"]
    assert Workspace.open(folder).wardrobes() == []
    left = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".zip"]
    assert not any(b"Blue coat" in path.read_bytes() for path in left)
    assert [
        one["name"] for one in run(folder, "account", "list", "--json").document["accounts"]
    ] == ["bob"]
