"""Who asks, and what is theirs: told, taken elsewhere, forgotten."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from wearwhy.http.callers import Asking, Serving, address_of, csrf_of, signed_out
from wearwhy.http.models.words import Sent
from wearwhy.service import forgetting, people
from wearwhy.service.accounts import operations
from wearwhy.service.people import Exported

router = APIRouter(tags=["people"])
Json = dict[str, Any]
_IN_MEMORY: Final = 8 << 20
_PIECE: Final = 1 << 16


class NewPassword(Sent):
    """The password that was, if there was one, and the one to be."""

    old: str | None = Field(None, max_length=256)
    new: str = Field(max_length=256)


class Forgetting(Sent):
    """Proof that everything is really to be forgotten: the account's own name, and its password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"confirm": "ada", "password": "correct horse battery"}]},
    )
    confirm: str = Field(max_length=64)
    password: str | None = Field(None, max_length=256)


@router.get("/me")
def me(service: Serving, caller: Asking, request: Request) -> Json:
    """Tell who asks: scopes, wardrobes with the role in each, and the session's CSRF token."""
    return {**operations.me(service, caller), "csrf": csrf_of(request) or None}


@router.put("/me/password", status_code=status.HTTP_204_NO_CONTENT)
def set_password(
    service: Serving, caller: Asking, request: Request, wanted: NewPassword
) -> Response:
    """Set the caller's password; every session ends."""
    operations.set_password(service, caller, wanted.old, wanted.new, address=address_of(request))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/me/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "Everything, as files."}},
)
async def export(service: Serving, caller: Asking) -> StreamingResponse:
    """Return everything that is the caller's as one archive, of formats that others read."""
    found = await service.run(people.export_everything, caller)
    packed = await run_in_threadpool(_packed, found)
    return StreamingResponse(
        _pieces(packed),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{found.name}"'},
    )


@router.post("/me/forget")
async def forget(
    service: Serving, caller: Asking, request: Request, response: Response, sure: Forgetting
) -> Json:
    """Forget everything that is the caller's, and the account; it cannot be undone."""
    account = operations.themselves(service, caller)
    await run_in_threadpool(
        operations.require_password, service, account, sure.password, address_of(request)
    )
    found = await forgetting.forget_everything(service, caller, confirm=sure.confirm)
    signed_out(request, response)
    return found


def _packed(found: Exported) -> IO[bytes]:
    """Return files as one archive; a large one stands on disk, without a name."""
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed when it was sent
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in found.files:
                archive.writestr(zipfile.ZipInfo(name, found.at.timetuple()[:6]), content)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
