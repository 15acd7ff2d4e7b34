"""What a workspace holds at rest, and its changes: each one atomic revision.

A workspace is opened for one command, and takes the store for as long as one change needs; or it
holds the store from the first moment to the last, as a server does. Where a server holds it,
another process hands its changes to the server.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wearwhy.errors import Moved
from wearwhy.store import remote
from wearwhy.store.anew import Draft
from wearwhy.store.database import Store
from wearwhy.store.forgetting import Forgettable
from wearwhy.store.quads import Patch, Revision
from wearwhy.workspace import photographs
from wearwhy.workspace.answers import Answers
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.planner import Planner
from wearwhy.workspace.state import WARDROBE, State, patched, read_state

if TYPE_CHECKING:
    from wearwhy.workspace.difference import Difference

_FEW = 64
"""So many revisions are followed one by one; beyond it everything is read again."""


class Owning(Planner):
    """The part of a workspace that reads and changes what is at rest.

    Attributes:
        folder: where it is.
        state: what it holds at the revision it was read at.
        answers: kept from one question to the next.
        writing: held while a change is being written.
        scopes: the newest revision of each scope.
    """

    def __init__(self, folder: Path, state: State, held: Store | None = None) -> None:
        self.folder = folder
        self.state = state
        self.answers = Answers()
        self.writing = Lock()
        self._held = held
        self._by = os.environ.get(remote.ACCOUNT, "")
        self._scopes: dict[str, int] | None = None
        self._shared = 0  # the newest revision of what every wardrobe sees

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the store back, where it was held; closing twice does nothing."""
        if self._held is not None:
            self._held.close()
            self._held = None

    @property
    def revision(self) -> int:
        """The revision that this workspace shows."""
        return self.state.revision

    def revision_of(self, name: str) -> int:
        """Return the newest revision that changed what a wardrobe sees: its own, or the base's."""
        scopes = self.scopes
        return max(scopes.get(WARDROBE + name, 0), self._shared)

    @property
    def scopes(self) -> dict[str, int]:
        """The newest revision of each scope."""
        if self._scopes is None:
            with self._reading() as store:
                if store.revision != self.revision:
                    self._read(store)
                self._learn(store.scopes())
        assert self._scopes is not None
        return self._scopes

    def _learn(self, scopes: dict[str, int]) -> None:
        shared = [number for scope, number in scopes.items() if not scope.startswith(WARDROBE)]
        self._shared = max(shared, default=0)
        self._scopes = scopes

    def refresh(self) -> None:
        """Show what is at rest, if another process has changed it: revision by revision."""
        with self._reading() as store:
            behind = store.revision - self.revision
            if behind < 0:
                self._read(store)
            elif behind:
                newer = store.history(min(behind, _FEW))[::-1]
                # What was forgotten went from older revisions, too, and no patch says what it was.
                if len(newer) == behind and all(one.patch for one in newer):
                    for revision in newer:
                        self.follow(revision)
                else:
                    self._read(store)

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        if self._held is not None:
            yield self._held
        else:
            with Store.open(self.folder, write=False) as store:
                yield store

    @contextmanager
    def _writing(self) -> Iterator[Store]:
        with self.writing:
            if self._held is not None:
                yield self._held
            else:
                with Store.open(self.folder, write=True) as store:
                    yield store

    @contextmanager
    def acting(self, account: str) -> Iterator[None]:
        """Have every revision that is made meanwhile say which account made it, by its id."""
        before, self._by = self._by, account
        try:
            yield
        finally:
            self._by = before

    def apply(
        self, change: Edit | Difference, *, expected: int | None = None, of: str | None = None
    ) -> Revision:
        """Make a change: one atomic revision, that can be undone.

        Args:
            change: an edit; or what `preview` returned: exactly that, of the graph it was seen from.
            expected: the revision that an edit is for, if that matters.
            of: a wardrobe: what others changed meanwhile in theirs does not matter, and `expected`
                is what `revision_of` said.

        Raises:
            Moved: WW-STORE-MOVED, where the graph is no longer at that revision.
            Locked, DiskFull: nothing was changed.
        """
        edit = change if isinstance(change, Edit) else change.required
        if edit.photographs is not None:
            photographs.keep(self.folder, edit.scope, edit.photographs)
        seen = None if isinstance(change, Edit) else change.revision
        server = None if self._held is not None else remote.server(self.folder)
        if server is not None:
            with server:
                return self._told(
                    server.commit(
                        edit.patch,
                        message=edit.message,
                        scope=edit.scope,
                        expected=expected,
                        seen=seen,
                        of=of,
                        by=self._by,
                    )
                )
        return self.commit(
            edit.patch, message=edit.message, scope=edit.scope, expected=expected, seen=seen, of=of
        )

    def commit(
        self,
        patch: Patch,
        *,
        message: str,
        scope: str,
        expected: int | None = None,
        seen: int | None = None,
        of: str | None = None,
    ) -> Revision:
        """Commit a patch; see `apply`.

        Args:
            patch: what comes and goes.
            message: what it does, in words.
            scope: to whom.
            expected: the very revision that it is for.
            seen: the revision of the whole graph at which it was looked at.
            of: a wardrobe, whose revision alone matters.

        Raises:
            Moved: WW-STORE-MOVED.
        """
        with self._writing() as store:
            at = seen if expected is None else expected
            if of is not None:
                self._require(store, of, expected, seen)
                at = None
            revision = store.commit(patch, message=message, scope=scope, expected=at, by=self._by)
            self._follow(store, revision)
        return revision

    def _require(self, store: Store, of: str, expected: int | None, seen: int | None) -> None:
        """Refuse a change for another revision of a wardrobe."""
        if store.revision != self.revision:
            self._read(store)
        now = self.revision_of(of)
        if (expected is not None and expected != now) or (seen is not None and seen < now):
            raise Moved(
                "WW-STORE-MOVED",
                f"The wardrobe is at revision {now}, the change was made for "
                f"{seen if expected is None else expected}.",
                hint="Somebody changed it meanwhile: read it, or preview the change, again.",
            )

    def undo(
        self, scope: str | None = None, *, expected: int | None = None, of: str | None = None
    ) -> Revision:
        """Take back the newest change that stands.

        Args:
            scope: of changes to that alone, such as `wardrobe/NAME`; what is newer stays.
            expected: the revision that stands, as for `apply`.
            of: a wardrobe, whose revision `expected` is; that of the scope, if None.

        Raises:
            NoAnswer: WW-UNDO-NOTHING.
            Moved: WW-STORE-MOVED.
        """
        if of is None and scope is not None and scope.startswith(WARDROBE):
            of = scope.removeprefix(WARDROBE)
        server = None if self._held is not None else remote.server(self.folder)
        if server is not None:
            with server:
                return self._told(server.undo(scope=scope, expected=expected, of=of, by=self._by))
        with self._writing() as store:
            if expected is not None and of is not None:
                self._require(store, of, expected, None)
            elif expected is not None:
                store.require(expected)
            revision = store.undo(scope, by=self._by)
            self._follow(store, revision)
        return revision

    def forget(self, gone: Forgettable) -> Revision:
        """Forget quads: here, in every revision that held them, and in what readers see.

        Returns:
            A revision that removes what was there; it cannot be undone.

        Raises:
            Locked: WW-STORE-LOCKED, where another process holds the store.
        """
        with self._forgetting() as store:
            revision = store.forget(gone)
            self._follow(store, revision)
        return revision

    def begin_forgetting(self, gone: Forgettable) -> Revision:
        """Forget quads here and in every revision; files hold them until `finish_forgetting`.

        Returns:
            A revision that removes what was there; it cannot be undone.
        """
        with self._forgetting() as store:
            revision = store.begin_forgetting(gone)
            self._follow(store, revision)
        return revision

    def finish_forgetting(self, gone: Forgettable, draft: Draft) -> Revision | None:
        """Go on with files that were made anew, and hold nothing of what was forgotten.

        Returns:
            An empty revision; None where it must be begun anew; see `Store.finish_forgetting`.
        """
        with self._forgetting() as store:
            revision = store.finish_forgetting(gone, draft)
            if revision is not None:
                self._follow(store, revision)
        return revision

    @contextmanager
    def _forgetting(self) -> Iterator[Store]:
        with self._writing() as store:
            try:
                yield store
            except BaseException:
                self._read(store)  # it may be gone from the graph, and from the files not yet
                raise
        self._scopes = None  # those of older revisions may be others now

    def history(
        self,
        limit: int | None = None,
        *,
        scope: str | None = None,
        before: int | None = None,
        by: str | None = None,
    ) -> list[Revision]:
        """Return the revisions, newest first.

        Args:
            limit: at most so many.
            scope: of that alone.
            before: only those with a smaller number.
            by: only those that an account made, by its id.
        """
        with self._reading() as store:
            return store.history(limit, scope=scope, before=before, by=by)

    def naming(self, text: str) -> list[Revision]:
        """Return the revisions in whose patches a text stands, the newest first."""
        with self._reading() as store:
            return store.naming(text)

    def _told(self, revision: Revision) -> Revision:
        """Show a revision that a server made."""
        self.refresh()
        return revision

    def _follow(self, store: Store, revision: Revision) -> None:
        """Show a revision just made: from its patch, or read anew if others wrote before it."""
        if revision.number == self.state.revision + 1:
            self.follow(revision)
        elif revision.number != self.state.revision:
            self._read(store)

    def follow(self, revision: Revision) -> None:
        """Show a revision that is the next one."""
        patch = revision.patch
        self.state = patched(self.state, patch.add, patch.remove, revision.number)
        if self.state.rest is not None:
            self.state.rest.revision = revision.number
        self.answers.follow(patch)
        if self._scopes is not None:
            self._scopes[revision.scope] = revision.number
            if not revision.scope.startswith(WARDROBE):
                self._shared = revision.number

    def _read(self, store: Store) -> None:
        self.state = read_state(store)
        self._learn(store.scopes())
        self.answers.forget()
