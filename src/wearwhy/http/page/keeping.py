"""What is kept: bring it in, take it elsewhere, have it forgotten."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from wearwhy.errors import AccessError, ValueRefused, WearwhyError
from wearwhy.http.callers import address_of, signed_out
from wearwhy.http.page.changes import seen
from wearwhy.http.page.forms import Filled, filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.http.page.wardrobe import shown
from wearwhy.http.problems import status_of
from wearwhy.http.routes.people import export as exported
from wearwhy.service.accounts import operations as operations_of_accounts
from wearwhy.service.documents import Json
from wearwhy.service.forgetting import forget_everything
from wearwhy.service.uploads import jobs, operations
from wearwhy.service.uploads.limits import Kind
from wearwhy.service.uploads.targets import Meant

router = pages()


def _about(chosen: str = "") -> dict[str, Any]:
    """Return what the page always shows: the ways to read a file, and the one that was chosen."""
    return {"formats": [name for name in jobs.mappings() if name != "rdf"], "format": chosen}


@router.get("/page/data")
async def data(frame: Looking) -> Response:
    """Show how to bring in, take out and forget."""
    return frame.show("data.html", **_about())


@router.post("/page/upload")
async def upload(frame: Looking) -> Response:
    """Read a file and show what it would change; then make it one revision."""
    form = await filled(frame)
    if form.does == "save":
        await frame.run(
            operations.apply, form.text("upload"), expected=form.expected, lang=frame.language
        )
        return frame.go("/page/wardrobe", done="loaded")
    item = form.text("item")
    try:
        return await (_photograph(frame, form, item) if item else _table(frame, form))
    except AccessError:
        raise
    except WearwhyError as error:
        # What is wrong with the file is told where it was chosen.
        if status_of(error) == 500:
            raise
        if not item:
            about = _about(form.text("format"))
            return frame.show("data.html", status_of(error), wrong=error, **about)
        return await shown(frame, item, form.wardrobe, wrong=error)


async def _sent(frame: Frame, form: Filled, meant: Meant) -> Json:
    file = form.file("file")
    return await operations.send(
        frame.service,
        frame.caller,
        await file.read(),
        name=file.filename or "",
        media=file.content_type or "",
        meant=meant,
    )


async def _photograph(frame: Frame, form: Filled, item: str) -> Response:
    sent = await _sent(frame, form, Meant(None, None, item, form.wardrobe))
    if sent["kind"] != Kind.PHOTOGRAPH:
        raise ValueRefused("WW-PAGE-PHOTOGRAPH", "This file is no photograph.")
    await frame.run(operations.apply, sent["id"], lang=frame.language)
    return frame.go(f"/page/items/{item}", done="photographed")


async def _table(frame: Frame, form: Filled) -> Response:
    chosen = form.text("format")
    sent = await _sent(frame, form, Meant(chosen or None, None, None, form.wardrobe))
    if sent["kind"] == Kind.CALENDAR:
        raise ValueRefused(
            "WW-PAGE-CALENDAR",
            "This is a calendar: it says what a day holds, and nothing of a wardrobe.",
            hint="Send it where looks are asked for.",
        )
    found = await frame.slow(operations.apply, sent["id"], preview=True, lang=frame.language)
    return await seen(
        frame,
        "data.html",
        found,
        action="/page/upload",
        carried=[("upload", sent["id"])],
        wardrobe=form.wardrobe,
        sent=sent,
        **_about(chosen),
    )


@router.get("/page/export")
async def export(frame: Looking) -> Response:
    """Return everything that is the caller's as one archive."""
    return await exported(frame.service, frame.caller)


@router.post("/page/forget")
async def forget(frame: Looking) -> Response:
    """Forget everything that is the caller's; it cannot be undone."""
    form = await filled(frame)
    account = operations_of_accounts.themselves(frame.service, frame.caller)
    await run_in_threadpool(
        operations_of_accounts.require_password,
        frame.service,
        account,
        form.text("password") or None,
        address_of(frame.request),
    )
    await forget_everything(frame.service, frame.caller, confirm=form.text("confirm"))
    answer = frame.go("/page/sign-in", done="forgotten")
    signed_out(frame.request, answer)
    return answer
