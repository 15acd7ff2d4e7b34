"""What nobody foresaw: a page for people, a problem for programs, its text for nobody."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.api.rest_given import served


def test_a_fault_is_a_page_to_people_a_problem_to_programs_and_its_text_to_nobody(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(request: Request) -> Response:
        raise RuntimeError("adas-secret")

    def fails_too(*_: object) -> None:
        raise RuntimeError("another-secret")

    with served(Path(shutil.copytree(prepared, tmp_path / "w"))) as found:
        found.client.app.router.routes.insert(0, Route("/fails", fails))  # type: ignore[attr-defined]
        told = found("GET", "/fails")
        assert (told.status_code, told.json()["code"]) == (500, "WW-INTERNAL")
        for language in ("en", "zh"):
            headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": language}
            shown = found("GET", "/fails", headers=headers)
            assert shown.status_code == 500
            assert shown.headers["content-type"].startswith("text/html")
            assert f'<html lang="{language}' in shown.text
            assert "secret" not in shown.text + told.text
        monkeypatch.setattr("wearwhy.http.faults.told_as_page", fails_too)
        bare = found("GET", "/fails", headers={"Accept": "text/html"})
        assert (bare.status_code, "secret" in bare.text) == (500, False)
        assert "<h1>" in bare.text
