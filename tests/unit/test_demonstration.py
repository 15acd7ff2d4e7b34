"""The demonstration's workspace, once it is kept: what is done there again comes to the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy import settings
from wearwhy.workspace import Workspace, guesses
from wearwhy.workspace.demo import THRESHOLD, WARDROBE, demonstrate


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration") / "w"
    demonstrate(folder, tried=0)
    return folder


def test_guessing_anew_keeps_what_was_guessed(kept: Path) -> None:
    workspace = Workspace.open(kept)
    assert guesses.standing(workspace, WARDROBE)
    again = guesses.reason(workspace, WARDROBE).edit.patch
    assert not again.add
    assert not again.remove


def test_settings_that_are_there_already_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / settings.FILE).write_text('lang = "zh"\n', encoding="utf-8")
    demonstrate(tmp_path, tried=0)
    assert (tmp_path / settings.FILE).read_text(encoding="utf-8") == 'lang = "zh"\n'


def test_the_file_says_what_the_demonstration_guesses_from(kept: Path) -> None:
    assert settings.read(kept).guess_threshold == THRESHOLD
