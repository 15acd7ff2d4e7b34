"""Verbs of accounts: who may use the service, with which keys, and what is theirs.

Whoever can run them can read and write the workspace's files, so they ask for no key themselves.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import table

if TYPE_CHECKING:
    from wearwhy.service.accounts.accounts import Accounts
    from wearwhy.service.caller import Scope

SCOPES: Final = ("read", "write", "rules", "admin")
scope_option = click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    help="What it may be used for; give it several times.",
)


@click.group("account")
def account() -> None:
    """Accounts of the service: their keys, wardrobes and invitations; export and forget."""


def _accounts(session: Session) -> Accounts:
    from wearwhy.service.accounts.accounts import Accounts

    session.open()  # says what is wrong where there is no workspace
    return Accounts.open(session.folder)


def _scopes(words: tuple[str, ...]) -> frozenset[Scope] | None:
    from wearwhy.service.accounts.records import scopes_of

    return scopes_of(words) if words else None


@verb("add", examples=("wearwhy account add alan --scope read --scope write",))
@click.argument("name")
@scope_option
@click.option("--password", "asks", is_flag=True, help="Ask for a password, to sign in with.")
def add(session: Session, name: str, scopes: tuple[str, ...], asks: bool) -> Told:
    """Make an account. The first one may do everything and owns every wardrobe there is."""
    from wearwhy.service.accounts.accounts import USUAL
    from wearwhy.service.caller import Scope

    accounts = _accounts(session)
    first = not accounts.exist()
    password = _password() if asks else None
    granted = _scopes(scopes) or (frozenset(Scope) if first else USUAL)
    made = accounts.add(name, password=password, scopes=granted)
    if first:
        accounts.adopt(made.id, session.open().wardrobes())
    return Told(made.as_dict, lambda: session.say("account-made", name=made.name))


def _password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


@verb("list", examples=("wearwhy account list", "wearwhy account list --json"))
def list_(session: Session) -> Told:
    """List the accounts, with their scopes and wardrobes."""
    accounts = _accounts(session)
    found = [
        {
            **one.as_dict(),
            "wardrobes": {n: r.name.lower() for n, r in accounts.roles(one.id).items()},
        }
        for one in accounts.everyone()
    ]

    def text() -> str:
        if not found:
            return session.say("no-accounts")
        head = [session.say(f"account-{name}") for name in ("name", "scopes", "wardrobes", "state")]
        return table(head, [_row(session, one) for one in found])

    return Told(lambda: {"accounts": found}, text)


def _row(session: Session, one: dict[str, Any]) -> list[str]:
    wardrobes = ", ".join(f"{name} ({role})" for name, role in one["wardrobes"].items())
    state = session.say("account-off") if one["disabled"] else ""
    return [one["name"], " ".join(one["scopes"]), wardrobes, state]


@verb("change", examples=("wearwhy account change grace --off",))
@click.argument("name")
@scope_option
@click.option("--off/--on", "off", default=None, help="Switch it off, or on again.")
def change(session: Session, name: str, scopes: tuple[str, ...], off: bool | None) -> Told:
    """Change what an account may do; one that is switched off signs nobody in."""
    accounts = _accounts(session)
    found = accounts.find(name)
    accounts.change(found.id, scopes=_scopes(scopes), disabled=off)
    told = accounts.find(name)
    return Told(told.as_dict, lambda: session.say("account-changed", name=told.name))


@verb("password", examples=("wearwhy account password --help",))
@click.argument("name")
def password(session: Session, name: str) -> Told:
    """Ask for a new password of an account; where it is signed in, it is so no longer."""
    accounts = _accounts(session)
    found = accounts.find(name)
    accounts.set_password(found.id, _password())
    told = accounts.find(name)
    return Told(told.as_dict, lambda: session.say("account-changed", name=told.name))


@verb(
    "key",
    examples=(
        "wearwhy account key ada --label phone --scope read --days 90",
        "wearwhy account key ada --json",
    ),
)
@click.argument("name")
@click.option("--label", default="", help="What it is for.")
@scope_option
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=365,
    show_default=True,
    help="How long it works.",
)
def key(session: Session, name: str, label: str, scopes: tuple[str, ...], days: int) -> Told:
    """Make a key of an account. It is shown this once: only a digest is kept."""
    accounts = _accounts(session)
    made = accounts.new_key(accounts.find(name).id, label=label, scopes=_scopes(scopes), days=days)
    return Told(made.as_dict, lambda: session.say("key-made", secret=made.secret, id=made.id))


@verb("keys", examples=("wearwhy account keys ada",))
@click.argument("name")
def keys(session: Session, name: str) -> Told:
    """List the keys of an account, without their secrets."""
    accounts = _accounts(session)
    found = [one.as_dict() for one in accounts.keys(accounts.find(name).id)]
    head = [session.say(f"key-{name}") for name in ("id", "label", "scopes", "expires", "used")]
    rows = [
        [
            one["id"],
            one["label"],
            " ".join(one["scopes"]),
            (one["expires"] or "")[:10],
            (one["used"] or "")[:10],
        ]
        for one in found
    ]
    return Told(lambda: {"keys": found}, lambda: table(head, rows))


@verb("revoke", examples=("wearwhy account revoke --help",))
@click.argument("name")
@click.argument("which", metavar="KEY")
def revoke(session: Session, name: str, which: str) -> Told:
    """End a key of an account, named by its id; it stops working at once."""
    accounts = _accounts(session)
    accounts.revoke(accounts.find(name).id, which)
    return Told(lambda: {"revoked": which}, lambda: session.say("key-revoked", id=which))


@verb("grant", examples=("wearwhy --wardrobe mine account grant grace --role viewer",))
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "editor", "owner", "none"]),
    required=True,
    help="What they may do in it; 'none' ends their part.",
)
def grant(session: Session, name: str, role: str) -> Told:
    """Give an account a part in the wardrobe; a new owner takes the place of the one before."""
    from wearwhy.service.caller import Role

    accounts = _accounts(session)
    found = accounts.find(name)
    wardrobe = session.open(usual=True).wardrobe(session.named)
    if role == "none":
        accounts.part(wardrobe, found.id)
    else:
        accounts.grant(wardrobe, found.id, Role[role.upper()])
    return Told(
        lambda: {"wardrobe": wardrobe, "account": found.name, "role": role},
        lambda: session.say("granted", name=found.name, wardrobe=wardrobe, role=role),
    )


@verb("invite", examples=("wearwhy account invite --scope read --hours 24",))
@scope_option
@click.option(
    "--hours",
    type=click.IntRange(1, 720),
    default=72,
    show_default=True,
    help="How long it stands.",
)
def invite(session: Session, scopes: tuple[str, ...], hours: int) -> Told:
    """Invite somebody to have an account; the token is shown this once."""
    from wearwhy.service.accounts.accounts import USUAL

    made = _accounts(session).invite("", scopes=_scopes(scopes) or USUAL, hours=hours)
    return Told(made.as_dict, lambda: session.say("invited", token=made.token, hours=hours))


@verb("audit", examples=("wearwhy account audit -n 5",))
@click.option("-n", "limit", type=click.IntRange(1, 10_000), default=50, help="So many at most.")
def audit(session: Session, limit: int) -> Told:
    """List who did what with accounts, keys and invitations, the newest first."""
    accounts = _accounts(session)
    names = {one.id: one.name for one in accounts.everyone()}
    found = [one.as_dict() for one in accounts.audit(limit)]
    head = [session.say(f"audit-{name}") for name in ("at", "who", "what", "about", "outcome")]
    rows = [
        [
            one["at"][:19],
            names.get(one["account"], one["account"]),
            one["what"],
            names.get(one["about"], one["about"]),
            one["outcome"],
        ]
        for one in found
    ]
    return Told(lambda: {"entries": found}, lambda: table(head, rows))


@verb("export", examples=("wearwhy account export ada ada.zip",))
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export(session: Session, name: str, file: Path) -> Told:
    """Write everything that is an account's into a zip file: facts, history, looks, photographs."""
    from wearwhy.service import people

    service = _service(session)
    try:
        caller = service.accounts.caller(service.accounts.find(name).id)
        with working(session.say("writing", file=file.name)), zipfile.ZipFile(file, "w") as archive:
            found = service.call(people.export_everything, caller)
            for path, content in found.files:
                archive.writestr(path, content, zipfile.ZIP_DEFLATED)
            files = len(archive.namelist())
    finally:
        _closed(service)
    return Told(
        lambda: {"file": str(file), "files": files},
        lambda: session.say("exported", n=files, file=str(file)),
    )


@verb("forget", examples=("wearwhy account forget grace --yes",))
@click.argument("name")
@click.option("--yes", is_flag=True, help="It is meant: nothing of it can be undone.")
def forget(session: Session, name: str, yes: bool) -> Told:
    """Forget an account and everything that is theirs, in the history too; needs --yes.

    Backups that were made before still hold it, until they are deleted.
    """
    from wearwhy.store import remote

    if not yes:
        raise click.UsageError("This cannot be undone: say --yes if it is meant.")
    server = remote.server(session.open().folder)
    with working(session.say("forgetting")):
        if server is None:
            done = _forgotten(session, name)
        else:
            with server:
                done = server.forget(name)
    told = done["forgotten"]
    return Told(
        lambda: done,
        lambda: session.say(
            "forgotten", name=told["account"], facts=told["facts"], changes=told["changes"]
        ),
    )


def _forgotten(session: Session, name: str) -> dict[str, Any]:
    """Forget an account here, since no server holds the workspace."""
    from wearwhy.service import forgetting

    service = _service(session)
    try:
        found = service.accounts.find(name)
        done: dict[str, Any] = service.engine.call(lambda _: forgetting.forget(service, found))
        return done
    finally:
        _closed(service)


def _service(session: Session) -> Any:
    from wearwhy.service.service import Service

    session.open()
    return Service.open(session.folder, hold=False)


def _closed(service: Any) -> None:
    import asyncio

    asyncio.run(service.close())


for _verb in (
    add,
    list_,
    change,
    password,
    key,
    keys,
    revoke,
    grant,
    invite,
    audit,
    export,
    forget,
):
    account.add_command(_verb)
