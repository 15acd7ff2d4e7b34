"""Who asks: from a key, or from the cookie of a session, or from this machine itself.

A key comes as `Authorization: Bearer KEY`, or as the password of `Basic`, which is what many
SPARQL clients can send. A cookie counts for what changes something only together with the
session's CSRF token, which pages of other origins cannot know.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from wearwhy.errors import NotAllowed, NotSignedIn
from wearwhy.http.security import is_near
from wearwhy.service.accounts.sessions import LONGEST
from wearwhy.service.accounts.tokens import csrf_of as _csrf_of
from wearwhy.service.accounts.tokens import same
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service

SECURE_COOKIE: Final = "__Host-wearwhy"
COOKIE: Final = "wearwhy"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
_SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS", "QUERY"))
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def caller_of(request: Request) -> Caller:
    """Return who asks.

    Raises:
        NotSignedIn: WW-ACCESS-KEY, WW-ACCESS-KEY-UNKNOWN, WW-ACCESS-SESSION.
        NotAllowed: WW-ACCESS-CSRF.
        TooMany: WW-LIMIT-RATE, after too many keys that are not known.
    """
    caller = await _found(request)
    if caller is None:
        raise NotSignedIn(
            "WW-ACCESS-KEY",
            "This needs a key, or to be signed in.",
            hint="Send `Authorization: Bearer KEY`; who runs this server makes accounts and keys.",
            command="`wearwhy account` makes them.",
        )
    return caller


async def caller_or_nobody(request: Request) -> Caller:
    """Return who asks; somebody without any scope, where nobody is signed in."""
    try:
        return await _found(request) or Caller.nobody()
    except NotSignedIn:
        return Caller.nobody()


def caller_by_now(request: Request) -> Caller | None:
    """Return who stands behind a request while its answer goes on; None, where that has ended.

    It is neither a use of a session, which would otherwise never end, nor a guess.
    """
    accounts = service_of(request).accounts
    try:
        if (key := _key_in(request.headers.get("authorization", ""))) is not None:
            return accounts.caller_of_key(key)
        if token := session_token(request):
            idle = timedelta(hours=configuration_of(request).session_hours)
            return accounts.caller_of_session(token, idle, used=False)
    except NotSignedIn:
        return None
    return _near(request)


Asking = Annotated[Caller, Depends(caller_of)]
Maybe = Annotated[Caller, Depends(caller_or_nobody)]


def service_of(request: Request) -> Service:
    """Return the service behind the application."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


Serving = Annotated[Service, Depends(service_of)]


async def _found(request: Request) -> Caller | None:
    known = getattr(request.state, "caller", None)
    if isinstance(known, Caller):
        return known
    found = _by_key(request)
    if found is None:
        found = await _by_session(request)
    if found is None:
        found = _near(request)
    if found is not None:
        request.state.caller = found
        request.state.account = found.name
    return found


def _by_key(request: Request) -> Caller | None:
    key = _key_in(request.headers.get("authorization", ""))
    if key is None:
        return None
    accounts = service_of(request).accounts
    try:
        return accounts.caller_of_key(key)
    except NotSignedIn:
        accounts.guard.begin(address_of(request))
        raise


def _key_in(said: str) -> str | None:
    """Return the key in an Authorization header; None where there is none that we read."""
    scheme, _, rest = said.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[2]
        except ValueError:
            return ""
    return "" if said else None


async def _by_session(request: Request) -> Caller | None:
    token = session_token(request)
    if not token:
        return None
    idle = timedelta(hours=configuration_of(request).session_hours)
    found = service_of(request).accounts.caller_of_session(token, idle)
    if request.method not in _SAFE:
        await _require_csrf(request, token)
    return found


async def _require_csrf(request: Request, token: str) -> None:
    said = request.headers.get(CSRF_HEADER, "")
    if not said and request.headers.get("content-type", "").lower().startswith(_FORMS):
        field = (await request.form()).get(CSRF_FIELD, "")
        said = "" if isinstance(field, UploadFile) else field
    if not same(said, _csrf_of(token)) or is_foreign(request):
        raise NotAllowed(
            "WW-ACCESS-CSRF",
            "This change did not come from a page of this session.",
            note="What a cookie signs in needs the session's token beside it.",
            hint=f"Send it as the header {CSRF_HEADER}; GET /me says it. A key needs none.",
        )


def _near(request: Request) -> Caller | None:
    """Return who works on this machine, as long as there are no accounts."""
    service = service_of(request)
    if not configuration_of(request).private or not is_near(request.scope):
        return None
    if service.accounts.exist():
        return None
    wardrobes = dict.fromkeys(service.workspace.wardrobes(), Role.VIEWER)
    return Caller("", "nobody", frozenset((Scope.READ,)), wardrobes)


def configuration_of(request: Request) -> Configuration:
    """Return the configuration that the application runs with."""
    found = getattr(request.app.state, "configuration", None)
    return found if isinstance(found, Configuration) else Configuration()


def address_of(request: Request) -> str:
    """Return the address that a request came from, as far as it is known."""
    return request.client.host if request.client else ""


def is_foreign(request: Request) -> bool:
    """Return whether a browser says that a page of another origin sent a request."""
    if request.headers.get("sec-fetch-site", "").lower() in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    public = configuration_of(request).public_url.rstrip("/")
    here = f"{request.url.scheme}://{request.headers.get('host', '')}"
    # An empty one is nobody's, not that of a service without a public address.
    return not origin or origin.lower() not in {here.lower(), public.lower()}


# -- sessions ------------------------------------------------------------------------------------


def session_token(request: Request) -> str:
    """Return the token in the session's cookie, or an empty text."""
    return request.cookies.get(SECURE_COOKIE if _secure(request) else COOKIE, "")


def has_session(request: Request) -> bool:
    """Return whether a session that lasts stands behind the request's cookie.

    Of who says so without one, no body need be read.

    Raises:
        NotSignedIn: WW-ACCESS-SESSION, where it has ended.
    """
    token = session_token(request)
    if not token or "authorization" in request.headers:
        return False
    idle = timedelta(hours=configuration_of(request).session_hours)
    service_of(request).accounts.session_of(token, idle)
    return True


def csrf_of(request: Request) -> str:
    """Return the token that forms of this session carry; an empty text without a session."""
    token = session_token(request)
    return _csrf_of(token) if token else ""


async def signed_in(request: Request, response: Response, name: str, password: str) -> Caller:
    """Sign somebody in: check the password, and set the cookie of a new session.

    Raises:
        NotSignedIn: WW-ACCESS-PASSWORD.
        NotAllowed: WW-ACCESS-CSRF, where another origin's page sent it.
        TooMany: WW-LIMIT-RATE, after too many that were wrong.
    """
    if is_foreign(request):
        raise NotAllowed("WW-ACCESS-CSRF", "This did not come from a page of this server.")
    accounts = service_of(request).accounts
    account = await run_in_threadpool(accounts.check, name, password, address_of(request))
    await run_in_threadpool(end_here, request)
    begin(request, response, account.id)
    return accounts.caller(account.id)


def begin(request: Request, response: Response, account: str) -> None:
    """Begin a session of an account, and set its cookie."""
    session = service_of(request).accounts.session(account)
    secure = _secure(request)
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        session.token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    request.state.csrf = session.csrf


def signed_out(request: Request, response: Response) -> None:
    """End the session of the request's cookie, and clear it."""
    end_here(request)
    secure = _secure(request)
    response.delete_cookie(
        SECURE_COOKIE if secure else COOKIE,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def end_here(request: Request) -> None:
    """End the session of the request's cookie, if there is one."""
    token = session_token(request)
    if not token:
        return
    accounts = service_of(request).accounts
    try:
        found = accounts.session_of(token)
    except NotSignedIn:
        return
    accounts.end_session(found.account, found.id)


def _secure(request: Request) -> bool:
    return request.url.scheme == "https" or configuration_of(request).secure
