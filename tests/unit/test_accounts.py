"""Accounts, keys, sessions and invitations, as the service and the command line use them."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wearwhy.errors import (
    InputError,
    NotAllowed,
    NotSignedIn,
    StoreError,
    TooMany,
    UnknownName,
    ValueRefused,
)
from wearwhy.service.accounts import passwords
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.accounts.database import FILE, Database
from wearwhy.service.accounts.tokens import csrf_of, digest
from wearwhy.service.caller import Caller, Role, Scope

GOOD = "correct horse battery"
READ = frozenset((Scope.READ,))


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **passed: float) -> None:
        self.at += timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    return Accounts.open(tmp_path, clock)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob(FILE + "*"))


def test_nothing_is_written_before_the_first_change(tmp_path: Path) -> None:
    accounts = Accounts.open(tmp_path)
    assert not accounts.exist()
    assert accounts.everyone() == []
    with pytest.raises(NotSignedIn):
        accounts.caller_of_key("ww_something")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_alone(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("ada")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_key_says_who_asks_and_stands_nowhere(accounts: Accounts, tmp_path: Path) -> None:
    ada = accounts.add("Ada")
    accounts.grant("mine", ada.id, Role.OWNER)
    key = accounts.new_key(ada.id, label="phone", scopes=READ)
    caller = accounts.caller_of_key(key.secret)
    assert caller == Caller(ada.id, "Ada", READ, {"mine": Role.OWNER})
    assert key.secret.encode() not in everything_in(tmp_path)
    assert key.secret not in repr(accounts.keys(ada.id))


def test_keys_differ_and_are_long(accounts: Accounts) -> None:
    assert digest("x" * 201) == digest("") != digest("x" * 200)
    ada = accounts.add("ada")
    made = {accounts.new_key(ada.id).secret for _ in range(50)}
    assert len(made) == 50
    assert all(len(secret) >= 46 for secret in made)


def test_a_key_ends_when_it_is_revoked_too_old_or_its_account_is_off(
    accounts: Accounts, clock: Clock
) -> None:
    ada = accounts.add("ada", scopes=frozenset(Scope))
    bob = accounts.add("bob")
    revoked, old, off = (accounts.new_key(one, days=2) for one in (ada.id, ada.id, bob.id))
    accounts.revoke(ada.id, revoked.id)
    accounts.change(bob.id, disabled=True)
    for key in (revoked, off):
        with pytest.raises(NotSignedIn, match="WW-ACCESS-KEY-UNKNOWN"):
            accounts.caller_of_key(key.secret)
    assert accounts.caller_of_key(old.secret).name == "ada"
    clock.on(days=2)
    with pytest.raises(NotSignedIn):
        accounts.caller_of_key(old.secret)


def test_a_key_of_another_cannot_be_revoked(accounts: Accounts) -> None:
    ada, bob = accounts.add("ada"), accounts.add("bob")
    key = accounts.new_key(ada.id)
    with pytest.raises(UnknownName):
        accounts.revoke(bob.id, key.id)
    assert accounts.caller_of_key(key.secret).name == "ada"


@pytest.mark.parametrize("scopes", [frozenset((Scope.ADMIN,)), frozenset[Scope]()])
def test_a_key_has_no_more_than_its_account(accounts: Accounts, scopes: frozenset[Scope]) -> None:
    ada = accounts.add("ada")
    with pytest.raises(ValueRefused, match="WW-KEY-SCOPE"):
        accounts.new_key(ada.id, scopes=scopes)


def test_a_scope_taken_from_an_account_is_taken_from_its_keys(accounts: Accounts) -> None:
    accounts.add("root", scopes=frozenset(Scope))
    ada = accounts.add("ada")
    key = accounts.new_key(ada.id)
    accounts.change(ada.id, scopes=READ)
    assert accounts.caller_of_key(key.secret).scopes == READ


def test_the_password_signs_in_and_stands_nowhere(accounts: Accounts, tmp_path: Path) -> None:
    ada = accounts.add("Ada", password=GOOD)
    assert accounts.check(" ADA", GOOD, "127.0.0.1").id == ada.id
    held = everything_in(tmp_path)
    assert GOOD.encode() not in held
    assert b"$argon2id$" in held


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong horse battery"), ("eve", GOOD)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    accounts: Accounts, name: str, password: str
) -> None:
    accounts.add("ada", password=GOOD)
    with pytest.raises(NotSignedIn) as told:
        accounts.check(name, password, "127.0.0.1")
    assert told.value.as_dict()["message"] == "The name or the password is wrong."
    assert told.value.code == "WW-ACCESS-PASSWORD"


@pytest.mark.parametrize(
    "password",
    ["short", "a" * 20, "aaaabbbbaaaabbbb", "abcdefghijklmnop", "x adabcd y z!", "x" * 300],
)
def test_passwords_that_are_tried_early_are_refused(password: str, tmp_path: Path) -> None:
    with pytest.raises(ValueRefused, match="WW-PASSWORD"):
        passwords.require_good(password, "adabcd", tmp_path)


def test_the_same_password_typed_otherwise_is_the_same() -> None:
    kept = passwords.hashed("Stra\u00dfencaf\u00e9 am Eck")
    assert passwords.matches(kept, "Stra\u00dfencafe\u0301 am Eck")
    assert not passwords.matches(kept, "strassencaf\u00e9 am Eck")


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "<script>", "x" * 65, "a\nb", "a\u202eb"])
def test_a_name_is_one_plain_word(accounts: Accounts, name: str) -> None:
    with pytest.raises(ValueRefused, match="WW-ACCOUNT-NAME"):
        accounts.add(name)


@pytest.mark.parametrize("name", ["\u0430da", "Alan\u03bf", "\u0412ob", "\u13aada"])
def test_no_name_mixes_letters_that_look_alike(accounts: Accounts, name: str) -> None:
    with pytest.raises(ValueRefused, match="WW-ACCOUNT-NAME"):
        accounts.add(name)


@pytest.mark.parametrize(
    "name", ["\u0410\u0434\u0430", "\u7231\u8fbe.ada", "Zo\u00eb_2", "\u039b\u03ac"]
)
def test_a_name_is_of_any_alphabet(accounts: Accounts, name: str) -> None:
    assert accounts.add(name).name == name


@pytest.mark.parametrize("name", ["ADA", "ada ", "\uff41da"])
def test_no_two_names_look_the_same(accounts: Accounts, name: str) -> None:
    accounts.add("ada")
    with pytest.raises(InputError, match="WW-ACCOUNT-EXISTS"):
        accounts.add(name)


def test_the_first_token_makes_one_account_that_owns_what_there_is(accounts: Accounts) -> None:
    stale = accounts.first_token()
    token = accounts.first_token()
    assert stale
    assert token
    with pytest.raises(NotAllowed, match="WW-INVITATION-OVER"):
        accounts.join(stale, "eve", None)
    ada = accounts.join(token, "ada", None, ["mine", "demo"])
    assert ada.scopes == frozenset(Scope)
    assert accounts.roles(ada.id) == {"demo": Role.OWNER, "mine": Role.OWNER}
    assert accounts.first_token() is None
    with pytest.raises(NotAllowed):
        accounts.join(token, "eve", None)
    assert [one.name for one in accounts.everyone()] == ["ada"]


def test_the_first_token_is_worth_nothing_once_there_is_an_account(accounts: Accounts) -> None:
    token = accounts.first_token()
    assert token
    accounts.add("ada")
    with pytest.raises(NotAllowed):
        accounts.join(token, "eve", None, ["mine"])


def test_an_invitation_to_a_wardrobe_works_once_and_can_be_withdrawn(accounts: Accounts) -> None:
    ada, bob, eve = (accounts.add(name) for name in ("ada", "bob", "eve"))
    accounts.own(accounts.caller(ada.id), "mine")
    offer = accounts.invite(ada.id, wardrobe="mine", role=Role.EDITOR)
    assert accounts.accept(bob.id, offer.token).role is Role.EDITOR
    with pytest.raises(NotAllowed, match="WW-INVITATION-OVER"):
        accounts.accept(eve.id, offer.token)
    assert accounts.roles(bob.id) == {"mine": Role.EDITOR}
    accounts.withdraw(ada.id, offer.id)
    assert accounts.roles(bob.id) == {}
    assert accounts.roles(ada.id) == {"mine": Role.OWNER}


def test_an_invitation_becomes_too_old(accounts: Accounts, clock: Clock) -> None:
    ada, bob = accounts.add("ada"), accounts.add("bob")
    offer = accounts.invite(ada.id, wardrobe="mine", role=Role.VIEWER, hours=2)
    clock.on(hours=2)
    with pytest.raises(NotAllowed):
        accounts.accept(bob.id, offer.token)


def test_an_invitation_to_an_account_gives_no_wardrobe_and_the_other_no_account(
    accounts: Accounts,
) -> None:
    ada, bob = accounts.add("ada", scopes=frozenset(Scope)), accounts.add("bob")
    to_account = accounts.invite(ada.id, scopes=READ)
    to_wardrobe = accounts.invite(ada.id, wardrobe="mine", role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        accounts.accept(bob.id, to_account.token)
    with pytest.raises(NotAllowed):
        accounts.join(to_wardrobe.token, "eve", None)
    eve = accounts.join(to_account.token, "eve", None, ["nobodys"])
    assert eve.scopes == READ
    assert accounts.roles(eve.id) == {}


def test_an_owner_who_accepts_an_invitation_to_their_own_stays_owner(accounts: Accounts) -> None:
    ada = accounts.add("ada")
    accounts.own(ada.id, "mine")
    offer = accounts.invite(ada.id, wardrobe="mine", role=Role.VIEWER)
    assert accounts.accept(ada.id, offer.token).role is Role.OWNER
    accounts.withdraw(ada.id, offer.id)
    assert accounts.roles(ada.id) == {"mine": Role.OWNER}


def test_a_wardrobe_has_one_owner(accounts: Accounts) -> None:
    ada, bob = accounts.add("ada"), accounts.add("bob")
    accounts.own(ada.id, "mine")
    with pytest.raises(InputError, match="WW-WARDROBE-EXISTS"):
        accounts.own(bob.id, "mine")
    accounts.grant("mine", bob.id, Role.OWNER)
    assert accounts.owner("mine") == bob.id
    assert accounts.roles(ada.id) == {"mine": Role.EDITOR}
    with pytest.raises(UnknownName):
        accounts.part("mine", bob.id)


def test_what_a_former_owner_offered_is_offered_no_more(accounts: Accounts) -> None:
    ada, bob, eve = (accounts.add(name) for name in ("ada", "bob", "eve"))
    accounts.own(ada.id, "mine")
    waiting = accounts.invite(ada.id, wardrobe="mine", role=Role.EDITOR).token
    kept = accounts.invite(ada.id, scopes=frozenset((Scope.READ,))).token
    accounts.grant("mine", bob.id, Role.OWNER)
    with pytest.raises(NotAllowed, match="WW-INVITATION-OVER"):
        accounts.accept(eve.id, waiting or "")
    assert accounts.join(kept or "", "carol", None).name == "carol"


def test_the_name_of_a_wardrobe_that_was_given_up_is_not_used_again(accounts: Accounts) -> None:
    ada, bob = accounts.add("ada"), accounts.add("bob")
    accounts.own(ada.id, "mine")
    accounts.grant("mine", bob.id, Role.VIEWER)
    accounts.disown("mine")
    assert accounts.roles(ada.id) == accounts.roles(bob.id) == {}
    assert accounts.owned("mine")
    assert accounts.owned_by(ada.id) == ["mine"]
    with pytest.raises(InputError):
        accounts.own(bob.id, "mine")
    accounts.adopt(bob.id, ["mine"])
    assert accounts.roles(bob.id) == {}


def test_a_session_ends_when_left_alone_or_too_long(accounts: Accounts, clock: Clock) -> None:
    ada = accounts.add("ada")
    idle, busy = accounts.session(ada.id), accounts.session(ada.id)
    for _ in range(28):
        clock.on(hours=11)
        assert accounts.caller_of_session(busy.token).account == ada.id
    with pytest.raises(NotSignedIn, match="WW-ACCESS-SESSION"):
        accounts.caller_of_session(idle.token)
    clock.on(days=2)
    with pytest.raises(NotSignedIn):
        accounts.caller_of_session(busy.token)


def test_an_account_has_so_many_sessions_keys_and_waiting_invitations(accounts: Accounts) -> None:
    ada = accounts.add("ada")
    for _ in range(21):
        newest = accounts.session(ada.id)
    assert len(accounts.sessions(ada.id)) == 20
    assert accounts.caller_of_session(newest.token).account == ada.id
    for _ in range(100):
        accounts.new_key(ada.id)
        accounts.invite(ada.id, scopes=frozenset((Scope.READ,)))
    with pytest.raises(InputError, match="WW-KEY-MANY"):
        accounts.new_key(ada.id)
    with pytest.raises(InputError, match="WW-INVITATION-MANY"):
        accounts.invite(ada.id, scopes=frozenset((Scope.READ,)))


def test_a_session_of_an_account_that_is_off_signs_nobody_in(accounts: Accounts) -> None:
    accounts.add("ada", scopes=frozenset(Scope))
    bob = accounts.add("bob")
    token = accounts.session(bob.id).token
    with accounts._db.changing() as db:  # noqa: SLF001  # as one that began at the same moment
        db.execute("UPDATE account SET disabled = 1 WHERE id = ?", (bob.id,))
    with pytest.raises(NotSignedIn, match="WW-ACCESS-SESSION"):
        accounts.caller_of_session(token)


def test_a_new_password_ends_every_session(accounts: Accounts) -> None:
    ada = accounts.add("ada")
    session = accounts.session(ada.id)
    accounts.set_password(ada.id, GOOD)
    with pytest.raises(NotSignedIn):
        accounts.caller_of_session(session.token)


def test_the_csrf_token_comes_from_the_session_alone(accounts: Accounts) -> None:
    ada = accounts.add("ada")
    one, other = accounts.session(ada.id), accounts.session(ada.id)
    assert one.csrf == csrf_of(one.token) != other.csrf
    assert one.token not in one.csrf


def test_the_last_who_runs_the_service_stays(accounts: Accounts) -> None:
    ada, bob = accounts.add("ada", scopes=frozenset(Scope)), accounts.add("bob")
    for change in ({"disabled": True}, {"scopes": READ}):
        with pytest.raises(InputError, match="WW-ACCOUNT-LAST"):
            accounts.change(ada.id, **change)
    with pytest.raises(InputError):
        accounts.erase(ada.id)
    assert accounts.find("ada").scopes == frozenset(Scope)
    accounts.erase(bob.id)
    accounts.erase(ada.id)
    assert not accounts.exist()


def test_an_erased_account_leaves_no_trace(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("root", scopes=frozenset(Scope))
    bob = accounts.add("Bobadilla", password=GOOD)
    accounts.own(bob.id, "bobs-secret-wardrobe")
    accounts.new_key(bob.id, label="the bobadilla phone")
    accounts.session(bob.id)
    accounts.invite(bob.id, wardrobe="bobs-secret-wardrobe", role=Role.VIEWER)
    accounts.erase(bob.id, ["bobs-secret-wardrobe"])
    held = everything_in(tmp_path).lower()
    for trace in (bob.id, "bobadilla", "bobs-secret"):
        assert trace.encode() not in held
    assert any(entry.account == "forgotten" for entry in accounts.audit())


def test_the_audit_tells_what_was_done_without_secrets(accounts: Accounts) -> None:
    ada = accounts.add("ada", password=GOOD)
    key = accounts.new_key(ada.id, label="phone")
    with pytest.raises(NotSignedIn):
        accounts.check("ada", "a wrong password", "127.0.0.1")
    said = [(entry.what, entry.outcome) for entry in accounts.audit()]
    assert said == [("sign in", "refused"), ("make key", "done"), ("make account", "done")]
    text = repr(accounts.audit())
    assert key.secret not in text
    assert "a wrong password" not in text
    accounts.note(accounts.caller(ada.id), "two\nlines", "\x1b[31mred")
    assert (accounts.audit(1)[0].what, accounts.audit(1)[0].about) == ("two lines", "[31mred")


def test_a_name_that_nobody_has_is_written_down_like_one_that_somebody_has(
    accounts: Accounts,
) -> None:
    with pytest.raises(NotSignedIn):
        accounts.check("nobody", "a wrong password", "127.0.0.1")
    assert [(e.what, e.about, e.outcome) for e in accounts.audit()] == [("sign in", "", "refused")]


def test_however_a_name_is_spelt_its_attempts_are_counted_together(accounts: Accounts) -> None:
    accounts.add("ada", password=GOOD)
    refused: list[type[Exception]] = []
    for name in ("ada", " ada", "ADA", "\N{FULLWIDTH LATIN SMALL LETTER A}da", "ada ", "Ada"):
        try:
            accounts.check(name, "a wrong password", "203.0.113.7")
        except (NotSignedIn, TooMany) as error:
            refused.append(type(error))
    assert refused == [NotSignedIn] * 5 + [TooMany]


def test_two_processes_see_each_others_changes(tmp_path: Path) -> None:
    server, command_line = Accounts.open(tmp_path), Accounts.open(tmp_path)
    assert not server.exist()
    ada = command_line.add("ada")
    key = command_line.new_key(ada.id)
    assert server.caller_of_key(key.secret).name == "ada"
    command_line.revoke(ada.id, key.id)
    with pytest.raises(NotSignedIn):
        server.caller_of_key(key.secret)


def test_what_is_known_of_a_key_is_never_older_than_the_last_change(
    accounts: Accounts, tmp_path: Path, clock: Clock
) -> None:
    ada = accounts.add("ada")
    key = accounts.new_key(ada.id, days=2).secret
    other = Accounts.open(tmp_path, clock)
    for changed_by, role in ((accounts, Role.VIEWER), (other, Role.EDITOR), (accounts, Role.OWNER)):
        assert accounts.caller_of_key(key) == accounts.caller_of_key(key)
        changed_by.grant("mine", ada.id, role)
        assert accounts.caller_of_key(key).wardrobes == {"mine": role}
    clock.on(days=1)
    assert accounts.caller_of_key(key).name == "ada"
    assert accounts.keys(ada.id)[0].used == clock.at
    clock.on(days=1)
    with pytest.raises(NotSignedIn):
        accounts.caller_of_key(key)


def test_a_change_is_made_whole_or_not_at_all(accounts: Accounts) -> None:
    token = accounts.first_token()
    assert token
    accounts.add("ada")
    accounts.erase(accounts.find("ada").id)
    with pytest.raises(ValueRefused):
        accounts.join(token, "not a name", None, ["mine"])
    assert accounts.join(token, "ada", None, ["mine"]).name == "ada"


def test_a_copy_holds_the_same(accounts: Accounts, tmp_path: Path) -> None:
    ada = accounts.add("ada")
    key = accounts.new_key(ada.id)
    (tmp_path / "copy").mkdir()
    assert accounts.backup(tmp_path / "copy" / FILE)
    copy = Accounts.open(tmp_path / "copy")
    assert copy.caller_of_key(key.secret).account == ada.id
    assert stat.S_IMODE((tmp_path / "copy" / FILE).stat().st_mode) == 0o600


def test_a_file_that_is_no_database_or_a_newer_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(StoreError, match="WW-ACCOUNTS-FILE"):
        Accounts.open(tmp_path).exist()
    (tmp_path / FILE).unlink()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="WW-ACCOUNTS-FORMAT"):
        Database(tmp_path).row("SELECT 1")
