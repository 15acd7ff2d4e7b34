"""Signing in and out with a password, for the page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response, status
from pydantic import ConfigDict, Field

from wearwhy.http.callers import Asking, Serving, signed_in, signed_out
from wearwhy.http.models.words import Sent
from wearwhy.service.accounts import operations

router = APIRouter(tags=["sessions"])
Json = dict[str, Any]


class Credentials(Sent):
    """A name and its password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "ada", "password": "correct horse battery"}]},
    )
    name: str = Field(max_length=64)
    password: str = Field(max_length=256)


@router.post("/sessions", status_code=status.HTTP_201_CREATED)
async def sign_in(
    service: Serving, request: Request, response: Response, credentials: Credentials
) -> Json:
    """Sign in: sets the session's cookie and tells the CSRF token that changes need beside it."""
    caller = await signed_in(request, response, credentials.name, credentials.password)
    return {**operations.me(service, caller), "csrf": request.state.csrf}


@router.get("/sessions")
def list_sessions(service: Serving, caller: Asking) -> Json:
    """List where the caller is signed in."""
    return operations.sessions(service, caller)


@router.delete("/sessions/current", status_code=status.HTTP_204_NO_CONTENT)
def sign_out(caller: Asking, request: Request) -> Response:
    """Sign out: ends the session of the request's cookie."""
    del caller
    response = Response(status_code=status.HTTP_204_NO_CONTENT)
    signed_out(request, response)
    return response


@router.delete("/sessions/{session}", status_code=status.HTTP_204_NO_CONTENT)
def end_session(
    service: Serving, caller: Asking, session: Annotated[str, Path(max_length=64)]
) -> Response:
    """Sign the caller out somewhere else."""
    operations.end_session(service, caller, session)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
