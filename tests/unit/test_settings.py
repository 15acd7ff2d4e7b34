"""Settings: defaults, refusals, and where the assets are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy import settings
from wearwhy.errors import FormatError, InputError, UnknownName, ValueRefused
from wearwhy.learn.plan import read_plan
from wearwhy.rules.budget import Budget
from wearwhy.workspace.layers import budget_of


def test_a_workspace_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert settings.read(tmp_path) == settings.Settings()


def test_stated_settings_replace_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "wearwhy.toml").write_text(
        'lang = "zh"\nhemisphere = "south"\nguess_threshold = 1\nbeam = 12\n', encoding="utf-8"
    )
    read = settings.read(tmp_path)
    assert (read.lang, read.hemisphere, read.guess_threshold, read.beam) == ("zh", "south", 1.0, 12)
    assert isinstance(read.guess_threshold, float)


def test_the_budget_of_a_closing_is_set_in_the_file() -> None:
    said = "budget_seconds = 5\nbudget_conclusions = 1_000\nbudget_rounds = 7\nbudget_memory = 64\n"
    budget = budget_of(settings.parse(said))
    assert budget == Budget(seconds=5.0, conclusions=1000, rounds=7, memory=64)
    assert budget_of(settings.Settings()) == Budget()


def test_an_unknown_key_is_told_with_its_nearest_name_and_line() -> None:
    with pytest.raises(UnknownName) as caught:
        settings.parse("seed = 1\nhemispere = 'north'\n")
    assert caught.value.code == "WW-SETTINGS-KEY"
    assert "'hemisphere'" in caught.value.hint
    assert caught.value.place is not None
    assert caught.value.place.line == 2


@pytest.mark.parametrize(
    "text",
    [
        'lang = "fr"',
        "lang = 1",
        'hemisphere = "east"',
        "seed = -1",
        "seed = true",
        "beam = 0",
        "beam = 1.5",
        "guess_threshold = 1.2",
        "guess_threshold = nan",
        'guess_threshold = "high"',
        "budget_seconds = 0",
        "budget_seconds = inf",
        "budget_conclusions = 0",
        "budget_conclusions = 1e6",
        "budget_rounds = -1",
        "budget_memory = true",
        'base_iri = "not an iri"',
        'base_iri = "https://example.org"',
        'default_wardrobe = "../escape"',
        'default_wardrobe = ""',
    ],
)
def test_a_value_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused) as caught:
        settings.parse(text)
    assert caught.value.code == "WW-SETTINGS-VALUE"


@pytest.mark.parametrize("text", ["lang = ", "= 3", "lang zh", 'lang = "en"\nlang = "zh"'])
def test_text_that_is_not_toml_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        settings.parse(text)
    assert caught.value.code == "WW-SETTINGS-TOML"


def test_a_file_that_is_not_utf8_is_a_format_error(tmp_path: Path) -> None:
    (tmp_path / "wearwhy.toml").write_bytes(b'lang = "\xff"')
    with pytest.raises(FormatError):
        settings.read(tmp_path)


def test_a_base_iri_of_ones_own_is_taken() -> None:
    assert settings.parse('base_iri = "https://example.org/me/"').base_iri.endswith("/me/")


def test_the_assets_of_this_checkout_are_found() -> None:
    found = settings.assets()
    assert (found / "ontology" / "fashion.ttl").is_file()
    assert (found / "kg").is_dir()


def _pretend(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    package.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(settings, "__file__", str(package / "settings.py"))


def _parts(folder: Path) -> None:
    for part in settings.PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True)


def test_a_checkout_wins_over_the_stale_copy_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "repo" / "src" / "wearwhy"
    _pretend(monkeypatch, package)
    _parts(package / "assets")
    _parts(tmp_path / "repo")
    assert settings.assets() == tmp_path / "repo"


def test_an_installed_package_uses_its_own_assets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "wearwhy"
    _pretend(monkeypatch, package)
    _parts(package / "assets")
    _parts(tmp_path)
    assert settings.assets() == package / "assets"


def test_missing_assets_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, tmp_path / "site-packages" / "wearwhy")
    with pytest.raises(InputError) as caught:
        settings.assets()
    assert caught.value.code == "WW-ASSETS"


def test_guesses_pass_the_plans_threshold_unless_a_workspace_says_otherwise() -> None:
    plan = read_plan(Path(__file__).parents[2] / "kg" / "learn.toml")
    assert settings.Settings().guess_threshold == plan.threshold == 0.95
