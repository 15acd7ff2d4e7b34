"""A pytest plugin: every property with fresh examples, and TIMES as many of them.

`make fuzz TIMES=10` loads it with -p. What fails is kept in .hypothesis, and comes first in the
next run of that test.
"""

from __future__ import annotations

import os
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

TIMES: Final = int(os.environ.get("TIMES", "10"))
_KEPT: Final = "_hypothesis_internal_use_settings"


def scaled(old: settings) -> settings:
    """Return settings with TIMES as many examples, which may take their time."""
    return settings(
        old,
        max_examples=TIMES * old.max_examples,
        deadline=None,
        suppress_health_check=[*old.suppress_health_check, HealthCheck.too_slow],
    )


def pytest_configure() -> None:
    """Let tests take what they do not say themselves from a profile of fresh examples.

    Where CI is set, the profile that they would take it from has the same examples each time.
    """
    settings.register_profile("fuzz", settings.get_profile("default"))
    settings.load_profile("fuzz")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Scale the settings of each property, and leave out the tests that are none."""
    tests: dict[pytest.Item, Any] = {
        item: item.obj
        for item in items
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)
    }
    done: set[object] = set()
    for item, test in tests.items():
        machine = getattr(item, "cls", None)
        # A state machine's settings stand on its class, those of a property on its function: there
        # is no public way to say them again. Cases of one test share it.
        owner, name = (machine, "settings") if hasattr(machine, "settings") else (test, _KEPT)
        owner = getattr(owner, "__func__", owner)
        if owner not in done:
            setattr(owner, name, scaled(getattr(owner, name)))
            done.add(owner)
    config.hook.pytest_deselected(items=[item for item in items if item not in tests])
    items[:] = tests
