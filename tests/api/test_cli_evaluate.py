"""`wearwhy evaluate rules`: the bundled log, small rentals, and shared data where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.cli_given import DATA, ROOT, run

SHARED = ROOT / ".." / "shared" / "data"
MANGO, RENTALS = SHARED / "mango", SHARED / "rentals" / "rentals.parquet"
LOG, SEATTLE = SHARED / "wardrobes" / "sheworewhat", SHARED / "weather" / "seattle-weather.csv"
OWN = (
    *("--items", str(DATA / "wardrobe.csv"), "--outfits", str(DATA / "outfits.csv")),
    *("--deals", "2"),
)


@pytest.mark.slow
def test_the_bundled_log_is_compared_by_what_was_worn_together_and_again(tmp_path: Path) -> None:
    found = run(tmp_path, "--json", "evaluate", "rules", *OWN, "--least", "5").document
    together, again = found["compared"]
    assert (together["what"], again["what"][:13]) == ("outfits composed", "outfits worn,")
    named = {rule["rule"].rpartition("#")[2]: rule for rule in together["rules"]}
    assert named["formality-agrees"]["low"] > 1
    for one in (*together["rules"], *again["rules"]):
        assert one["low"] <= one["ratio"] <= one["high"]
        assert one["clusters"] >= 5


def test_without_a_workspace_the_bundled_rules_are_meant_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    assert run(tmp_path, "evaluate", "rules", *OWN, "--least", "5").code in (0, 1)
    assert not list(tmp_path.iterdir())


def test_rentals_planted_for_their_occasions_favour_the_rules_that_say_so(tmp_path: Path) -> None:
    lines = ["user_id,category,rented_for"]
    lines += [f"{n},gown,formal affair" for n in range(60)]
    lines += [f"{n},leggings,everyday" for n in range(60, 120)]
    (tmp_path / "rentals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = run(tmp_path, "--json", "evaluate", "rules", "--rentals", "rentals.csv")
    (found,) = ran.document["compared"]
    sides = {rule["rule"].rpartition("#")[2]: rule["side"] for rule in found["rules"]}
    assert found["cases"] == 120
    assert sides["suits-the-occasion"] == "right"
    assert set(sides.values()) == {"right"}


def test_rentals_dealt_the_other_way_round_put_rules_on_the_wrong_side(tmp_path: Path) -> None:
    lines = ["user_id,category,rented_for"]
    lines += [f"{n},gown,everyday" for n in range(60)]
    lines += [f"{n},leggings,formal affair" for n in range(60, 120)]
    (tmp_path / "rentals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = run(tmp_path, "--json", "evaluate", "rules", "--rentals", "rentals.csv")
    assert ran.code == 1
    assert not ran.document["answered"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--items", str(DATA / "wardrobe.csv")), "WW-USAGE"),
        ((*OWN, "--within", "colur"), "WW-EVALUATE-COLUMN"),
        (("--rentals", str(DATA / "wardrobe.csv")), "WW-EVALUATE-RENTALS"),
        ((*OWN, "--weather", str(DATA / "wardrobe.csv")), "WW-EVALUATE-WEATHER"),
    ],
)
def test_files_that_say_something_else_are_refused_with_a_hint(
    tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    ran = run(tmp_path, "--json", "evaluate", "rules", *words)
    assert (ran.code, ran.document["error"]["code"]) == (2, code)
    assert ran.document["error"]["hint"] or ran.document["error"]["note"] or code == "WW-USAGE"


@pytest.mark.slow
@pytest.mark.skipif(not MANGO.exists(), reason="the shared data is not beside the checkout")
@pytest.mark.parametrize(
    "words",
    [
        (
            *("--items", str(MANGO / "products.csv"), "--as", "mango", "--within", "collection"),
            *("--outfits", str(MANGO / "outfits.csv"), "--outfits-as", "mango-outfits"),
        ),
        ("--rentals", str(RENTALS)),
        (
            *("--items", str(LOG / "ClosetData.csv"), "--as", "sheworewhat"),
            *("--outfits", str(LOG / "2023Data.csv"), "--outfits-as", "sheworewhat-log"),
            *("--weather", str(SEATTLE)),
        ),
    ],
    ids=["stylists", "rentals", "worn"],
)
def test_every_rule_on_the_wrong_side_of_real_choices_says_why_it_stays(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ran = run(tmp_path, "--json", "evaluate", "rules", *words)
    wrong = [
        (rule["rule"], rule["low"], rule["high"])
        for one in ran.document["compared"]
        for rule in one["rules"]
        if rule["side"] == "wrong" and not rule["kept_because"]
    ]
    assert wrong == []
    assert any(rule["side"] == "right" for one in ran.document["compared"] for rule in one["rules"])
