"""What the OpenAPI document promises holds for what schemathesis thinks of, in all its phases."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import fuzz_api


@pytest.mark.slow
def test_the_interface_keeps_what_its_document_promises(tmp_path: Path) -> None:
    # What is not reached by then is left out: the rest is for `make fuzz-api`.
    ran = fuzz_api.run(tmp_path, examples=5, seconds=240, seed=1)
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-4_000:]
    assert "Stateful" in ran.stdout
