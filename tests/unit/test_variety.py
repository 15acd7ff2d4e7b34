"""What variety costs, and the ways of decoding compared, on the bundled wardrobe."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from wearwhy import Request, Workspace
from wearwhy.errors import NoAnswer
from wearwhy.evaluate.decodings import decodings, ways
from wearwhy.evaluate.variety import curve
from wearwhy.rdf import WW
from wearwhy.settings import assets

REQUESTS = tuple(
    Request((WW[f"occasion-{name}"],), date(2026, 11, 24))
    for name in ("office", "dinner", "travel")
)


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.init(tmp_path_factory.mktemp("variety"))
    data = Path(assets()) / "data"
    made.load(data / "wardrobe.csv", "wardrobe", "wardrobe:demo")
    made.load(data / "outfits.csv", "outfits", "wardrobe:demo")
    return made


def test_more_weight_on_the_score_gives_better_and_less_varied_looks(dressed: Workspace) -> None:
    found = curve(dressed.layer("demo"), REQUESTS, dressed.resources)
    assert found.requests == len(REQUESTS)
    assert list(found.at) == sorted(found.at)
    first, last = found.at[0.0], found.at[1.0]
    assert last.score >= first.score
    assert first.ild >= last.ild
    for one in found.at.values():
        assert 0 <= one.gini <= 1
        assert 0 < one.coverage <= 1
        assert one.entropy >= 0
    assert "<svg" in found.picture("a", "b", "c", "d")
    assert len(found.as_dict()["curve"]) == len(found.at)


def test_looks_drawn_at_random_score_less(dressed: Workspace) -> None:
    found = decodings(dressed.layer("demo"), REQUESTS, dressed.resources, ways(0.1, 0))
    assert set(found.ways) == {"beam", "greedy", "sample", "random"}
    assert found.ways["beam"].best > found.ways["random"].best
    assert found.ways["beam"].like is not None
    assert found.as_dict()["n"] == len(REQUESTS)


def test_no_answer_to_measure_is_told(dressed: Workspace) -> None:
    with pytest.raises(NoAnswer):
        curve(dressed.layer("demo"), (), dressed.resources)
