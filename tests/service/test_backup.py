from __future__ import annotations

import errno
import gzip
import io
import json
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from wearwhy.errors import FormatError, InputError, StoreError
from wearwhy.rdf import ID, WW, Fact
from wearwhy.service import backup as module
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.backup import MANIFEST, _write, backup, restore
from wearwhy.service.caller import Role, Scope
from wearwhy.service.forgetting import FORGOTTEN, forgotten_accounts
from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad, graph_name

GRAPH = graph_name("wardrobe/mine", "asserted", "edits")


def said(number: int) -> Patch:
    fact = Fact(ID[f"mine/w{number}"], WW.note, ox.Literal(f"note {number}"))
    return Patch((Quad(GRAPH, fact),), ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "w")


def workspace(made: Path) -> Path:
    Store.create(made)
    with Store.open(made, write=True) as store:
        store.commit(said(1), message="one", scope="wardrobe/mine")
    (made / "rules").mkdir()
    (made / "rules" / "mine.srl").write_text("# mine\n", "utf-8")
    (made / ".draft").write_text("left over", "utf-8")
    (made / "link").symlink_to("/etc/passwd")
    (made / "idempotency.sqlite").write_bytes(b"answers")
    return made


def test_what_is_restored_is_what_was_backed_up(folder: Path, tmp_path: Path) -> None:
    accounts = Accounts.open(folder)
    ada = accounts.add("ada", password=None, scopes=frozenset(Scope))
    key = accounts.new_key(ada.id, label="test").secret
    accounts.grant("mine", ada.id, Role.OWNER)
    accounts.close()
    file = tmp_path / "b"
    made = backup(folder, file)
    assert (made.revision, made.accounts) == (1, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    other = tmp_path / "new" / "w"
    assert restore(file, other) == made
    with Store.open(folder, write=False) as one, Store.open(other, write=False) as two:
        assert set(one.quads()) == set(two.quads())
        assert [r.message for r in two.history()] == ["one"]
    assert (other / "rules" / "mine.srl").read_text("utf-8") == "# mine\n"
    assert not (other / ".draft").exists()
    assert not (other / "link").exists()
    assert not (other / "idempotency.sqlite").exists()
    again = Accounts.open(other)
    assert again.caller_of_key(key).wardrobes == {"mine": Role.OWNER}
    again.close()
    with Store.open(other, write=True) as store:
        assert store.commit(said(2), message="two").number == 2


def test_a_backup_is_taken_while_somebody_writes(folder: Path, tmp_path: Path) -> None:
    with Store.open(folder, write=True) as store:
        for number in range(2, 6):
            store.commit(said(number), message=str(number))
            made = backup(folder, tmp_path / f"b{number}")
            assert made.revision == number
    for number in range(2, 6):
        restore(tmp_path / f"b{number}", tmp_path / f"w{number}")
        with Store.open(tmp_path / f"w{number}", write=False) as store:
            assert len(set(store.quads())) == number


def test_a_backup_replaces_none_and_needs_a_workspace(folder: Path, tmp_path: Path) -> None:
    backup(folder, tmp_path / "b")
    with pytest.raises(InputError) as told:
        backup(folder, tmp_path / "b")
    assert told.value.code == "WW-BACKUP-EXISTS"
    with pytest.raises(StoreError) as none:
        backup(tmp_path / "nowhere", tmp_path / "c")
    assert none.value.code == "WW-STORE-NONE"
    assert not (tmp_path / "c").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "w"]


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without"])
def test_a_file_that_came_meanwhile_is_replaced_only_where_there_are_no_links(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    file = tmp_path / "b"

    def meanwhile(*given: Any) -> Any:
        file.write_text("another's", "utf-8")
        return _write(*given)

    monkeypatch.setattr(module, "_write", meanwhile)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse_links)
        backup(folder, file)
        assert tarfile.is_tarfile(file)
    else:
        with pytest.raises(InputError) as told:
            backup(folder, file)
        assert told.value.code == "WW-BACKUP-EXISTS"
        assert file.read_text("utf-8") == "another's"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "w"]


def refuse_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_folder_that_holds_something_is_left_alone(folder: Path, tmp_path: Path) -> None:
    backup(folder, tmp_path / "b")
    with pytest.raises(InputError) as told:
        restore(tmp_path / "b", folder)
    assert told.value.code == "WW-RESTORE-OCCUPIED"


def test_who_was_forgotten_since_is_to_be_forgotten_again(folder: Path, tmp_path: Path) -> None:
    (folder / FORGOTTEN).write_text(json.dumps({"account_1": "2026-01-01"}), "utf-8")
    backup(folder, tmp_path / "b")
    (folder / FORGOTTEN).write_text(json.dumps({"account_2": "2026-01-02"}), "utf-8")
    restore(tmp_path / "b", tmp_path / "new", replaces=folder)
    assert set(forgotten_accounts(tmp_path / "new")) == {"account_1", "account_2"}


Members = list[tuple[tarfile.TarInfo, bytes]]


def rewritten(file: Path, change: Callable[[Members], Members]) -> None:
    with tarfile.open(file, "r:gz") as tar:
        members = [(one, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as tar:
        for member, data in change(members):
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def renamed(name: str) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        member, data = members[0]
        member.name = name
        return [(member, data), *members[1:]]

    return change


def other_type(kind: bytes) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        added = tarfile.TarInfo("rules/link")
        added.type, added.linkname = kind, "/etc/passwd"
        return [(added, b""), *members]

    return change


def manifest(**said: object) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        member, data = members[-1]
        assert member.name == MANIFEST
        return [*members[:-1], (member, json.dumps(json.loads(data) | said).encode())]

    return change


WRONG: dict[str, Callable[[Members], Members]] = {
    "a byte changed": lambda all_: [
        (m, d[::-1]) if m.name == "rules/mine.srl" else (m, d) for m, d in all_
    ],
    "a file left out": lambda all_: all_[1:],
    "no end": lambda all_: all_[:-1],
    "two ends": lambda all_: [*all_, all_[-1]],
    "out of the folder": renamed("../evil"),
    "from the root": renamed("/tmp/evil"),
    "a link": other_type(tarfile.SYMTYPE),
    "a hard link": other_type(tarfile.LNKTYPE),
    "a pipe": other_type(tarfile.FIFOTYPE),
    "another format": manifest(format=2),
    "another revision": manifest(revision=7),
    "an end that says more": manifest(more=1),
}


@pytest.fixture(scope="module")
def backed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that tests make copies of."""
    place = tmp_path_factory.mktemp("backed")
    backup(workspace(place / "w"), place / "b")
    return place / "b"


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_file_that_was_changed_is_refused_and_leaves_nothing(
    change: Callable[[Members], Members], backed: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(backed, tmp_path))
    rewritten(file, change)
    with pytest.raises(FormatError) as told:
        restore(file, tmp_path / "new")
    assert told.value.code == "WW-RESTORE-FORMAT"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_a_file_that_was_not_written_to_its_end_is_refused(
    part: float, backed: Path, tmp_path: Path
) -> None:
    file = tmp_path / "b"
    data = backed.read_bytes()
    file.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(FormatError):
        restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_is_no_backup_at_all_is_refused(tmp_path: Path) -> None:
    for text in (b"hello", gzip.compress(b"hello"), b"\x1f\x8b\x08"):
        (tmp_path / "b").write_bytes(text)
        with pytest.raises(FormatError):
            restore(tmp_path / "b", tmp_path / "new")
    shutil.rmtree(tmp_path / "new", ignore_errors=True)
