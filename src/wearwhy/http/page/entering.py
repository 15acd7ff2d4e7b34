"""Coming in: sign in, sign out, and the first account of a service."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from wearwhy.errors import AccessError, InputError, WearwhyError
from wearwhy.http.callers import begin, is_foreign, signed_in, signed_out
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Anybody, Frame
from wearwhy.http.page.route import pages
from wearwhy.http.problems import status_of
from wearwhy.service.accounts import operations
from wearwhy.service.caller import Caller

HOME = "/page/looks"
router = pages()


def safe(path: str) -> str:
    """Return a path of this server to go on to; home, where it leads anywhere else."""
    parts = urlsplit(path)
    ours = path.startswith("/page/") and not parts.scheme and not parts.netloc
    return path if ours and "\\" not in path and path.isprintable() else HOME


@router.get("/page/sign-in")
async def enter(frame: Anybody, next: str = HOME) -> Response:  # noqa: A002
    """Show the form to sign in; of a service without accounts, the one to make the first."""
    if not frame.service.accounts.exist():
        return frame.go("/page/first-account")
    return _form(frame, next=safe(next))


def _form(
    frame: Frame, *, next: str = HOME, first: bool = False, name: str = "", token: str = "",  # noqa: A002
    wrong: WearwhyError | None = None,
) -> Response:  # fmt: skip
    status = status_of(wrong) if wrong else 200
    about = {"next": next, "first": first, "name": name, "token": token, "wrong": wrong}
    return frame.show("enter.html", status, **about)


@router.post("/page/sign-in")
async def sign_in(frame: Anybody) -> Response:
    """Sign in."""
    form = await filled(frame)
    onwards, name = safe(form.text("next")), form.text("name").strip()
    answer = frame.go(onwards)
    try:
        await signed_in(frame.request, answer, name, form.text("password"))
    except (AccessError, InputError) as error:
        return _form(frame, next=onwards, name=name, wrong=error)
    return answer


@router.post("/page/sign-out")
async def sign_out(frame: Anybody) -> Response:
    """Sign out."""
    answer = frame.go("/page/sign-in")
    await run_in_threadpool(signed_out, frame.request, answer)
    return answer


@router.get("/page/first-account")
async def first(frame: Anybody) -> Response:
    """Show the form for an account of who holds a token: the first one's, or an invitation's."""
    return _form(frame, first=True)


@router.post("/page/first-account")
async def make_first(frame: Anybody) -> Response:
    """Make an account with a token, and sign in."""
    form = await filled(frame)
    name, token = form.text("name").strip(), form.text("token").strip()
    if is_foreign(frame.request):
        raise InputError("WW-PAGE-FORM", "This did not come from a page of this server.")
    try:
        made = await run_in_threadpool(
            operations.add_account,
            frame.service,
            Caller.nobody(),
            name,
            form.text("password"),
            token=token,
        )
    except (AccessError, InputError) as error:
        return _form(frame, first=True, name=name, token=token, wrong=error)
    answer = frame.go("/page/wardrobe", done="welcome")
    begin(frame.request, answer, made["id"])
    return answer
