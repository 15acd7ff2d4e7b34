"""A workspace in one file, taken while it is used; and a workspace made from such a file.

The file is a compressed tar: the store as it stood at one revision, the accounts, and every other
file of the folder that is to last. Its last member names them all with their digests, and the revision: a file
without it was not written to its end. The store is that of the readers' copy, which nobody writes
to; so neither a server nor the command line need stop.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final

from wearwhy import __version__
from wearwhy.errors import FormatError, InputError, StoreError
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.accounts.database import FILE as ACCOUNTS
from wearwhy.service.forgetting import FORGOTTEN, forgotten_accounts
from wearwhy.service.idempotency import FILE as IDEMPOTENCY
from wearwhy.service.tasks.records import FILE as TASKS
from wearwhy.store import copies
from wearwhy.store.database import Store
from wearwhy.store.faults import disk
from wearwhy.store.opening import GRAPH, LOCK, READERS

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_OWN: Final = frozenset((GRAPH, READERS, LOCK, ACCOUNTS))
# Answers and results that were kept may be of changes after the store's revision.
_LEFT_OUT: Final = (".", f"{ACCOUNTS}-", IDEMPOTENCY, TASKS)
_COMPRESSION: Final = 6
_LONGEST: Final = 64 << 20  # of a manifest


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        format: of the backup.
        version: of the program that made it.
        at: when, in UTC, ISO 8601.
        revision: of the store.
        accounts: whether it holds accounts.
        files: every other member with its SHA-256, in hexadecimal.
    """

    format: int
    version: str
    at: str
    revision: int
    accounts: bool
    files: Mapping[str, str]


def backup(folder: Path, target: Path) -> Manifest:
    """Write a workspace into a new file, readable by its owner only, and return what it holds.

    Raises:
        StoreError: WW-STORE-NONE, WW-STORE-NO-COPY.
        InputError: WW-BACKUP-EXISTS.
        DiskFull: WW-STORE-FULL; no file is left.
    """
    if target.exists():
        raise _exists(target)
    draft = target.with_name(f".{target.name}-{os.getpid()}")
    with disk("backing it up"):
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                made = _write(folder, out)
                out.flush()
                os.fsync(out.fileno())
            _put(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    return made


def _put(draft: Path, target: Path) -> None:
    """Give a file its name, unless another has come by it meanwhile."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without hard links
        draft.rename(target)


def _exists(target: Path) -> InputError:
    return InputError(
        "WW-BACKUP-EXISTS",
        f"'{target}' is there already.",
        hint="A backup replaces none: name another file.",
    )


def _write(folder: Path, out: IO[bytes]) -> Manifest:
    digests: dict[str, str] = {}
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=_COMPRESSION) as tar:
        # The store comes first: what somebody makes meanwhile is then in neither, or has an owner
        # and nothing else, but never nobody to own it.
        with _copy(folder) as (copy, revision):
            for path in sorted(copy.iterdir()):
                _add(tar, f"{GRAPH}/{path.name}", path, digests)
        with tempfile.TemporaryDirectory() as made:
            accounts = Path(made) / ACCOUNTS
            has_accounts = _accounts(folder, accounts)
            if has_accounts:
                _add(tar, ACCOUNTS, accounts, digests)
        for name, path in _others(folder):
            _add(tar, name, path, digests)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(FORMAT, __version__, at, revision, has_accounts, digests)
        _add_bytes(tar, MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
    return manifest


@contextmanager
def _copy(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the folder of the newest copy for readers, held, and its revision."""
    with Store.open(folder, write=False):
        found = copies.newest(folder / READERS)
    if found is None:
        raise StoreError(
            "WW-STORE-NO-COPY",
            "The workspace has no copy for readers yet.",
            hint="Try again when the process that is writing has ended.",
        )
    path, held = found
    try:
        yield path, int(path.name)
    finally:
        os.close(held)


def _accounts(folder: Path, target: Path) -> bool:
    accounts = Accounts.open(folder)
    try:
        return accounts.backup(target)
    finally:
        accounts.close()


def _others(folder: Path) -> Iterator[tuple[str, Path]]:
    """Return every other file of a workspace; links, sockets and drafts are left out."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        first = inside.parts[0]
        if first in _OWN or first.startswith(_LEFT_OUT) or path.is_symlink():
            continue
        if path.is_file():
            yield inside.as_posix(), path


def _add(tar: tarfile.TarFile, name: str, path: Path, digests: dict[str, str]) -> None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return  # a remembered look, say, that was cleared away since it was listed
    digests[name] = hashlib.sha256(data).hexdigest()
    _add_bytes(tar, name, data)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))


def restore(file: Path, folder: Path, *, replaces: Path | None = None) -> Manifest:
    """Make a workspace from a backup, whole or not at all, and return what it holds.

    Args:
        file: that `backup` wrote.
        folder: new, or empty.
        replaces: the workspace that this one is to stand for: whoever was forgotten there since
            the backup is forgotten again by the next server that opens this one.

    Raises:
        InputError: WW-RESTORE-OCCUPIED, where the folder holds something.
        FormatError: WW-RESTORE-FORMAT, where the file is no whole backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(
            "WW-RESTORE-OCCUPIED",
            f"The folder '{folder}' is not empty.",
            hint="A backup is restored into a new folder: name another with --workspace.",
        )
    with disk("restoring it"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            manifest = _read(file, draft)
            with Store.open(draft, write=False) as store:
                _require(store.revision == manifest.revision, "the store is of another revision")
            if replaces is not None:
                _forget_again(replaces, draft)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _forget_again(replaces: Path, draft: Path) -> None:
    known = forgotten_accounts(draft) | forgotten_accounts(replaces)
    if known:
        (draft / FORGOTTEN).write_text(json.dumps(known, indent=1), "utf-8")


def _read(file: Path, draft: Path) -> Manifest:
    """Write the members of a backup into a folder and return its manifest, once all agree."""
    digests: dict[str, str] = {}
    manifest = b""
    try:
        with tarfile.open(file, mode="r:gz") as tar:
            for member in tar:
                _require(not manifest, "something stands after its end")
                _require(_plain(member), f"'{member.name}' is no file of a backup")
                opened = tar.extractfile(member)
                assert opened is not None
                if member.name == MANIFEST:
                    _require(member.size < _LONGEST, "its end is too long")
                    manifest = opened.read()
                else:
                    digests[member.name] = _keep(opened, draft / member.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, EOFError) and error.errno:
            raise
        raise _no_backup(str(error)) from error
    _require(bool(manifest), "it ends too soon")
    try:
        found = Manifest(**json.loads(manifest))
    except (ValueError, TypeError) as error:
        raise _no_backup("its end cannot be read") from error
    _require(found.format == FORMAT, f"it has format {found.format}, this reads {FORMAT}")
    _require(found.files == digests, "its files are not those that were written")
    return found


def _plain(member: tarfile.TarInfo) -> bool:
    """Return whether a member is a file inside the folder, by a name that says so."""
    parts = PurePosixPath(member.name).parts
    inside = bool(parts) and not PurePosixPath(member.name).is_absolute() and ".." not in parts
    return member.isreg() and inside and "\\" not in member.name


def _keep(opened: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while piece := opened.read(1 << 20):
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def _require(held: bool, wrong: str) -> None:
    if not held:
        raise _no_backup(wrong)


def _no_backup(wrong: str) -> FormatError:
    return FormatError(
        "WW-RESTORE-FORMAT",
        "The file is no whole backup of a workspace.",
        note=f"{wrong[:1].upper()}{wrong[1:]}." if wrong else "",
        hint="Take one that `wearwhy backup` wrote to its end.",
    )
