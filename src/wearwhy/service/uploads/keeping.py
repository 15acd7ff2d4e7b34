"""What was sent and not yet applied: what a worker made of it, by account, for a day.

The file itself is not kept. What is kept lies under names of ours: a hash of the account, and an
id that cannot be guessed. What was seen in a preview is therefore exactly what is applied.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from wearwhy.errors import FormatError, Place, TooLarge, UnknownName
from wearwhy.service.uploads.limits import HOURS, WAITING, WAITING_SIZE

Json: TypeAlias = dict[str, Any]
FOLDER: Final = "uploads"
READY: Final = "ready"
_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of one file.

    Attributes:
        id: its name, 128 random bits.
        kind: `table`, `rdf`, `photograph` or `calendar`.
        name: what its sender called it, for people to see.
        created: when it was sent, as ISO 8601 in UTC.
        owner: whom it is for: `wardrobe/NAME` or `catalogue/NAME`.
        said: what was found in it, as the document tells it.
        state: `ready` or `applied`.
        ending: of what is kept beside it; empty where nothing is.
    """

    id: str
    kind: str
    name: str
    created: str
    owner: str
    said: Json
    state: str = READY
    ending: str = ""

    @property
    def expires(self) -> datetime:
        """When it is thrown away."""
        return datetime.fromisoformat(self.created) + timedelta(hours=HOURS)


def keep(folder: Path, account: str, one: Upload, data: bytes) -> Upload:
    """Write down what became of a file and return it, with an id.

    Args:
        folder: of the workspace.
        account: whose it is; empty for nobody.
        one: without id and time.
        data: what a worker made of it; empty where there is nothing beside the document.

    Raises:
        TooLarge: WW-UPLOAD-WAITING, where the account has too much waiting.
    """
    own = _own(folder, account)
    waiting = [one for one in held(folder, account) if one.state == READY]
    size = sum(map(_size, own.iterdir())) if own.is_dir() else 0
    if len(waiting) >= WAITING or size + len(data) > WAITING_SIZE:
        raise TooLarge(
            "WW-UPLOAD-WAITING",
            f"{len(waiting)} files were sent and wait: no more are taken.",
            note=f"At most {WAITING} files and {WAITING_SIZE:,} bytes wait at a time.",
            hint="Apply or withdraw what was sent.",
        )
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = replace(one, id=secrets.token_hex(16), created=_now().isoformat(timespec="seconds"))
    if data:
        _write(own / f"{made.id}{made.ending}", data)
    _write(own / f"{made.id}.json", json.dumps(asdict(made), ensure_ascii=False).encode())
    return made


def held(folder: Path, account: str) -> list[Upload]:
    """Return what an account has sent, the newest first; what is too old is thrown away."""
    own = _own(folder, account)
    found = []
    for path in sorted(own.glob("*.json")) if own.is_dir() else ():
        one = _read(path)
        if one is not None and one.expires < _now():
            drop(folder, account, one)
        elif one is not None:
            found.append(one)
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


def find(folder: Path, account: str, name: str) -> Upload:
    """Return what an account has sent, by its id.

    Raises:
        UnknownName: WW-UPLOAD-NONE; for another account's in the same words.
    """
    if _ID.fullmatch(name):
        one = _read(_own(folder, account) / f"{name}.json")
        if one is not None and one.expires >= _now():
            return one
        if one is not None:
            drop(folder, account, one)
    raise _gone()


def _gone() -> UnknownName:
    return UnknownName(
        "WW-UPLOAD-NONE",
        "You have sent no file of that id, or it is gone.",
        note=f"What is sent is kept for {HOURS} hours.",
    )


def data_of(folder: Path, account: str, one: Upload) -> bytes:
    """Return what a worker made of a file.

    Raises:
        UnknownName: WW-UPLOAD-NONE, where it has just been withdrawn or swept away.
    """
    try:
        return (_own(folder, account) / f"{one.id}{one.ending}").read_bytes() if one.ending else b""
    except FileNotFoundError as error:
        raise _gone() from error


def done(folder: Path, account: str, one: Upload) -> Upload:
    """Write down that a file was applied: what lay beside it is not needed any more."""
    own = _own(folder, account)
    if one.ending:
        (own / f"{one.id}{one.ending}").unlink(missing_ok=True)
    now = replace(one, state="applied", ending="")
    _write(own / f"{one.id}.json", json.dumps(asdict(now), ensure_ascii=False).encode())
    return now


def drop(folder: Path, account: str, one: Upload) -> None:
    """Throw away what became of a file."""
    own = _own(folder, account)
    (own / f"{one.id}.json").unlink(missing_ok=True)
    if one.ending:
        (own / f"{one.id}{one.ending}").unlink(missing_ok=True)


def forget(folder: Path, account: str) -> int:
    """Throw away all that an account has sent; return how many files that were."""
    many = len(held(folder, account))
    shutil.rmtree(_own(folder, account), ignore_errors=True)
    return many


def _own(folder: Path, account: str) -> Path:
    return folder / FOLDER / sha256(account.encode()).hexdigest()[:32]


def _now() -> datetime:
    return datetime.now(UTC)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.touch(mode=0o600)
    partial.write_bytes(data)
    partial.replace(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read(path: Path) -> Upload | None:
    """Return what a file says of an upload; None where another has thrown it away meanwhile."""
    try:
        return Upload(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise FormatError(
            "WW-UPLOAD-FILE",
            f"{path.name} does not say what was sent.",
            note=type(error).__name__,
            hint="Remove the file.",
            place=Place(path.name),
        ) from error
