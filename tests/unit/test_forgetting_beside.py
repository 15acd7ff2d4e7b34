"""The store's files are made anew beside it: nothing is lost meanwhile, and nothing comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.test_forgetting import ADAS, SECRET, folder, made, of_ada, quad, traces

from wearwhy.errors import StoreError
from wearwhy.store import anew, opening
from wearwhy.store.anew import Draft, write_beside
from wearwhy.store.database import Store
from wearwhy.store.forgetting import Forgettable
from wearwhy.store.quads import GRAPHS, Patch

__all__ = ["folder", "made"]  # fixtures
BOBS = Forgettable((f"{GRAPHS}wardrobe/bob/",))


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob(f"{opening.FRESH}*"))


def add(store: Store, owner: str, number: int, text: str, by: str = "") -> Store:
    patch = Patch(add=(quad(owner, number, text),))
    store.commit(patch, message=f"add {text}", scope=f"wardrobe/{owner}", by=by)
    return store


def change_and_change(store: Store) -> None:
    """Make changes of every kind: a long one, one that removes, an undo, a redo."""
    many = tuple(quad("bob", number, "shirt " * 9) for number in range(100, 500))
    store.commit(Patch(add=many), message="many", scope="wardrobe/bob", by="account_bob")
    store.commit(Patch(remove=many[::2], add=(quad("bob", 7, "tie"),)), message="less", scope="")
    store.undo()
    store.undo()
    store.redo()
    store.commit(Patch(remove=(quad("bob", 1, "hat"),)), message="no hat", scope="wardrobe/bob")


def test_what_is_changed_meanwhile_is_all_there_and_nothing_else(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        begun = store.begin_forgetting(ADAS)
        assert {q.fact.object.value for q in begun.patch.remove} == {SECRET, "hat"}  # type: ignore[union-attr]
        assert not any(of_ada(quad) for quad in store.quads())
        with Store.open(folder, write=False) as seen:
            assert set(seen.quads()) == set(store.quads())
        add(store, "bob", 8, "before the draft")
        draft = write_beside(folder)
        change_and_change(store)
        quads, history, scopes = set(store.quads()), store.history(), store.scopes()
        done = store.finish_forgetting(ADAS, draft)
        assert done is not None
        assert (done.number, done.patch) == (store.revision, Patch())
        assert set(store.quads()) == quads
        assert store.history()[1:] == history
        assert store.scopes() == {**scopes, "": done.number}
        assert traces(folder, SECRET, "wardrobe/ada") == []
        assert drafts(folder) == []
        assert store.undo().message.endswith("no hat")
        left = set(store.quads())
    with Store.open(folder, write=False) as seen:
        assert set(seen.quads()) == left == quads | {quad("bob", 1, "hat")}
    with Store.open(folder, write=True) as store:
        assert set(store.quads()) == left
    assert traces(folder, SECRET, "wardrobe/ada") == []


def test_without_any_change_meanwhile_readers_turn_to_the_new_files_too(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.begin_forgetting(ADAS)
        assert store.finish_forgetting(ADAS, write_beside(folder)) is not None
        assert [path.name for path in (folder / "readers").iterdir()] == [str(store.revision)]
        assert traces(folder, SECRET, "wardrobe/ada") == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda store: add(store, "ada", 9, "new"),
        lambda store: add(store, "ada", 9, "new").undo(),
        lambda store: store.begin_forgetting(BOBS),
        lambda store: store.forget(Forgettable()),
    ],
    ids=["said again", "said and unsaid", "another begun", "another done"],
)
def test_what_spoils_a_draft_has_it_made_anew(
    folder: Path, meanwhile: Callable[[Store], object]
) -> None:
    with Store.open(folder, write=True) as store:
        store.begin_forgetting(ADAS)
        draft = write_beside(folder)
        meanwhile(store)
        before = store.revision
        assert store.finish_forgetting(ADAS, draft) is None
        assert store.revision == before
        draft.discard()
        store.begin_forgetting(ADAS)
        assert store.finish_forgetting(ADAS, write_beside(folder)) is not None
        assert not any(of_ada(quad) for quad in store.quads())
    assert traces(folder, SECRET, "wardrobe/ada") == []


def test_what_the_forgotten_account_changes_meanwhile_keeps_no_name_of_it(folder: Path) -> None:
    gone = Forgettable((f"{GRAPHS}wardrobe/ada/",), author="account_of_ada_4711")
    with Store.open(folder, write=True) as store:
        store.begin_forgetting(gone)
        draft = write_beside(folder)
        add(store, "bob", 9, "new", by="account_of_ada_4711")
        assert store.finish_forgetting(gone, draft) is None
        draft.discard()
        store.begin_forgetting(gone)
        assert store.finish_forgetting(gone, write_beside(folder)) is not None
        assert quad("bob", 9, "new") in set(store.quads())
    assert traces(folder, SECRET, "account_of_ada_4711") == []


def test_a_draft_that_is_not_whole_is_never_used(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        begun = store.begin_forgetting(ADAS)
        before = set(store.quads())
        with pytest.raises(StoreError):
            store.finish_forgetting(ADAS, Draft(folder / f"{opening.FRESH}-none", begun.number))
        assert set(store.quads()) == before
        store.forget(ADAS)
        assert set(store.quads()) == before
    assert traces(folder, SECRET) == []


class Killed(BaseException):
    """What ends a process; nothing is put in order after it."""


STEPS = (
    (anew, "write_anew"),
    (anew, "apply"),
    (anew.Forgetting, "_exchange"),
    (opening, "_finish"),
    (anew.Forgetting, "_publish"),
)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "step"), STEPS, ids=[step for _, step in STEPS])
def test_stopped_at_any_step_nothing_is_lost_and_it_can_be_done_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: object, step: str, after: bool
) -> None:
    def stopped(*args: object) -> object:
        if after:
            real(*args)
        raise Killed

    real = getattr(place, step)
    store = Store.open(folder, write=True)
    store.begin_forgetting(ADAS)
    kept = set(store.quads()) | {quad("bob", 9, "meanwhile")}
    with monkeypatch.context() as broken:
        if step == "write_anew":
            broken.setattr(place, step, stopped)
            with pytest.raises(Killed):
                write_beside(folder)
            broken.undo()
        draft = write_beside(folder)
        add(store, "bob", 9, "meanwhile")
        broken.setattr(place, step, stopped)
        if step != "write_anew":
            with pytest.raises(Killed):
                store.finish_forgetting(ADAS, draft)
    # Nothing is closed in order: what the lock says and what lies about is as a kill leaves it.
    store._graph = None  # noqa: SLF001
    store._lock.close()  # noqa: SLF001
    with Store.open(folder, write=False) as seen:
        assert set(seen.quads()) == kept
    with Store.open(folder, write=True) as again:
        assert set(again.quads()) == kept
        assert drafts(folder) == []
        again.forget(ADAS)  # as `forget_again` does at the next start
        assert set(again.quads()) == kept
        assert again.undo().message.endswith("meanwhile")
    assert traces(folder, SECRET, "wardrobe/ada") == []
