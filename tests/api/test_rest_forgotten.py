"""What is asked for again after somebody's forgetting has taken the first answer along."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.rest_given import Rest, served


@pytest.fixture
def rest(prepared: Path, tmp_path: Path) -> Iterator[Rest]:
    with served(Path(shutil.copytree(prepared, tmp_path / "w"))) as found:
        yield found


def test_an_answer_that_was_forgotten_is_told_as_that_and_the_change_is_not_made_again(
    rest: Rest,
) -> None:
    key = {"Idempotency-Key": "forgotten-1"}
    body = {"verb": "wore", "things": ["w01"], "date": "2026-11-18"}
    assert rest("POST", "/feedback", json=body, headers=key).status_code == 200
    made = rest.document("GET", "/revisions")["revision"]
    rest.service.idempotency.forget("somebody")
    again = rest("POST", "/feedback", json=body, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "WW-IDEMPOTENCY-FORGOTTEN")
    assert rest.document("GET", "/revisions")["revision"] == made
