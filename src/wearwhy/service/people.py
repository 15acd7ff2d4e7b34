"""All that is a person's, taken elsewhere in one call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import NotSignedIn, UnknownName
from wearwhy.service import belongings
from wearwhy.service.accounts.operations import me, themselves
from wearwhy.service.belongings import Belongings
from wearwhy.service.caller import Caller
from wearwhy.service.documents import revision_json
from wearwhy.service.service import Service
from wearwhy.service.uploads import photographs
from wearwhy.store.quads import Quad, Revision, to_text
from wearwhy.workspace.state import rule_texts

Json = dict[str, Any]
_README: Final = """\
Everything that wearwhy keeps of you.

account.json                    your account, keys, sessions, invitations (no secret is kept)
wardrobes/NAME/graphs.nq        what is said, guessed and ruled in your wardrobe, as N-Quads
wardrobes/NAME/rules/           your rules
wardrobes/NAME/files/           rule files that were not applied
wardrobes/NAME/looks/           looks that were recommended
wardrobes/NAME/photographs/     photographs
wardrobes/NAME/history.json     every change, with what it added and removed
shared/graphs.nq                what is said of you in wardrobes of others
shared/changes.json             when you changed wardrobes of others, and what belongs to all
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """Everything that is a person's, as files; `files` can be read once, in any thread."""

    name: str
    at: datetime
    files: Iterator[tuple[str, bytes]]


def export_everything(service: Service, caller: Caller) -> Exported:
    """Return everything that is the caller's, as files in formats that others read.

    Raises:
        NotSignedIn: WW-ACCESS-KEY.
        NotAllowed: WW-ACCESS-WHOLE, for a key that may do less than its account.
    """
    account = themselves(service, caller)
    theirs = belongings_of(service, account.id)
    workspace = service.workspace
    told = _told(service, caller)
    quads = belongings.said(workspace.state, theirs)
    rules = {name: rule_texts(workspace.state, f"wardrobe/{name}") for name in theirs.wardrobes}
    changes = belongings.histories(workspace, sorted(theirs.wardrobes))
    elsewhere = _elsewhere(service, theirs)
    names = {one.id: one.name for one in service.accounts.everyone()}
    service.accounts.note(caller, "export everything", account.id)

    def files() -> Iterator[tuple[str, bytes]]:
        yield "README.txt", _README.encode()
        yield "account.json", _json(told)
        for name in sorted(theirs.wardrobes):
            yield from _wardrobe(service.folder, name, quads.get(name, []), rules[name])
            yield (
                f"wardrobes/{name}/history.json",
                _json([_change(r, names) for r in changes[name]]),
            )
        yield "shared/graphs.nq", to_text(quads.get("", [])).encode()
        yield "shared/changes.json", _json(elsewhere)

    return Exported(f"wearwhy-{account.name}.zip", datetime.now(UTC), files())


def _wardrobe(
    folder: Path, name: str, quads: list[Quad], rules: dict[str, str]
) -> Iterator[tuple[str, bytes]]:
    at = f"wardrobes/{name}"
    yield f"{at}/graphs.nq", to_text(quads).encode()
    for topic, text in sorted(rules.items()):
        yield f"{at}/rules/{topic}.srl", text.encode()
    rules_folder = belongings.rules_folder(folder, name)
    for path in belongings.rule_files(folder, name):
        yield from _held(f"{at}/files/{path.relative_to(rules_folder)}", path)
    for path in belongings.looks(folder, name):
        yield from _held(f"{at}/looks/{path.name}", path)
    for picture in photographs.names(folder, name):
        path = folder / photographs.FOLDER / name / picture
        yield from _held(f"{at}/photographs/{picture}", path)


def _held(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what a file holds, by a name; a look, say, may be cleared away since it was listed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    yield name, data


def _told(service: Service, caller: Caller) -> Json:
    accounts = service.accounts
    return {
        **me(service, caller),
        "keys": [one.as_dict() for one in accounts.keys(caller.account)],
        "sessions": [one.as_dict() for one in accounts.sessions(caller.account)],
        "invitations": [one.as_dict() for one in accounts.invitations(caller.account)],
        "audit": [
            one.as_dict() for one in accounts.audit(100_000) if one.account == caller.account
        ],
    }


def _elsewhere(service: Service, theirs: Belongings) -> list[Json]:
    """Return the person's changes of what is not theirs; what they changed there is others'."""
    own = {f"wardrobe/{name}" for name in theirs.wardrobes}
    return [
        {"revision": one.number, "at": one.at.isoformat(), "scope": one.scope}
        for one in service.workspace.history(by=theirs.account)
        if one.scope not in own
    ]


def _change(revision: Revision, names: Mapping[str, str]) -> Json:
    return {
        **revision_json(revision),
        "at": revision.at.isoformat(),
        "by": names.get(revision.by),
        "patch": {"added": to_text(revision.patch.add), "removed": to_text(revision.patch.remove)},
    }


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def belongings_of(service: Service, account: str) -> Belongings:
    """Return what is an account's person's.

    Raises:
        NotSignedIn: WW-ACCESS-KEY.
        UnknownName: WW-ACCOUNT-UNKNOWN.
    """
    if not account:
        raise NotSignedIn("WW-ACCESS-KEY", "This needs a key, or to be signed in.")
    if service.accounts.get(account) is None:
        raise UnknownName("WW-ACCOUNT-UNKNOWN", "There is no such account.")
    own = service.accounts.owned_by(account)
    return belongings.belongings(service.workspace, account, own)
