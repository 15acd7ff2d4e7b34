"""A pytest plugin: each rule case of a project is a test, with no code to write.

A case is `RULE/NAME.data.ttl` beside `RULE/NAME.expected.ttl`, `RULE/NAME.forbidden.ttl` or both.
In the project's pytest configuration::

    wearwhy_cases = tests/rules       folders of cases, relative to the root; none: nothing is done
    wearwhy_rules = rules/            rule files, and folders of them, that the cases are about
    wearwhy_workspace = .             the workspace whose applied rules hold; none: the bundled ones

pytest loads this module in every project of an environment that has wearwhy: what it needs of the
engine is imported when a case is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace.ruletests import Case, Result

_DATA: Final = ".data.ttl"
_LAYER: Final = pytest.StashKey["Layer"]()


class RuleCaseFailed(Exception):
    """A case of a rule does not hold; carries what became of it."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.sentence)
        self.result = result


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of a project's pytest configuration."""
    parser.addini("wearwhy_cases", "folders of rule cases", type="paths", default=[])
    parser.addini(
        "wearwhy_rules", "rule files, and folders of them, under test", type="paths", default=[]
    )
    parser.addini("wearwhy_workspace", "the workspace whose applied rules hold", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return a collector for the data file of a case in one of the configured folders."""
    if not file_path.name.endswith(_DATA):
        return None
    folders: list[Path] = parent.config.getini("wearwhy_cases")
    if not any(file_path.is_relative_to(folder) for folder in folders):
        return None
    return CaseFile.from_parent(parent, path=file_path)


class CaseFile(pytest.File):
    """The data file of a case."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the case as the one test of the file."""
        from wearwhy.errors import InputError  # noqa: PLC0415
        from wearwhy.workspace.ruletests import case_of  # noqa: PLC0415

        try:
            case = case_of(self.path)
        except InputError as error:
            raise self.CollectError(str(error)) from error
        yield CaseItem.from_parent(self, name=f"{case.rule}/{case.name}", case=case)


class CaseItem(pytest.Item):
    """One case; it fails where an expected fact is missing or a forbidden one holds."""

    def __init__(self, *, case: Case, **given: Any) -> None:
        super().__init__(**given)
        self.case = case

    def runtest(self) -> None:
        """Run the case.

        Raises:
            RuleCaseFailed: where it does not hold.
        """
        from wearwhy.workspace.ruletests import run_case  # noqa: PLC0415

        result = run_case(self.case, ground(self.config))
        if not result.passed:
            raise RuleCaseFailed(result)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        """Return what is wrong, as `wearwhy rules test` tells it, instead of a traceback."""
        from wearwhy.errors import WearwhyError  # noqa: PLC0415

        if isinstance(excinfo.value, RuleCaseFailed):
            return "\n".join(excinfo.value.result.lines())
        if isinstance(excinfo.value, WearwhyError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the case stands, and its name."""
        return self.path, None, self.name


def ground(config: pytest.Config) -> Layer:
    """Return the layer that a project's cases are laid over; closed once a session.

    Raises:
        WearwhyError: where the workspace or a rule file cannot be used.
    """
    found = config.stash.get(_LAYER, None)
    if found is None:
        from wearwhy.workspace.ruletests import ground as closed  # noqa: PLC0415
        from wearwhy.workspace.workspace import Workspace  # noqa: PLC0415

        where = config.getini("wearwhy_workspace")
        workspace = Workspace.open(config.rootpath / where) if where else None
        found = config.stash[_LAYER] = closed(workspace, tuple(config.getini("wearwhy_rules")))
    return found
