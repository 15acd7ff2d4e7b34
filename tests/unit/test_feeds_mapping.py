from __future__ import annotations

from pathlib import Path

import pytest
from tests.feeds_given import MAPPINGS, whole

from wearwhy.errors import InputError
from wearwhy.feeds.load import named
from wearwhy.feeds.mapping import read_mapping

MINIMAL = 'name="m"\n[source]\nkinds=["csv"]\n[item]\nid="{row}"\nclass=["type"]\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "m.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        (MINIMAL + "[colums.type]\n", "WW-MAPPING-KEY", "columns"),
        (MINIMAL + "[columns.type]\nalias=['t']\n", "WW-MAPPING-KEY", "aliases"),
        (MINIMAL + "[columns.type]\nkind='moneys'\n", "WW-MAPPING-VALUE", "money"),
        (MINIMAL.replace('["csv"]', '["cvs"]'), "WW-MAPPING-VALUE", "csv"),
        (MINIMAL.replace('id="{row}"\n', ""), "WW-MAPPING-MISSING", "id ="),
        (MINIMAL + "[columns.type]\nto='wx:colour'\n", "WW-IRI", "Known prefixes"),
        (MINIMAL + "[columns\n", "WW-MAPPING-TOML", ""),
        (MINIMAL + "[columns.type]\nto=3\n", "WW-MAPPING-VALUE", ""),
    ],
)
def test_a_bad_mapping_is_refused_with_the_nearest_known_key(
    tmp_path: Path, text: str, code: str, hint: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_mapping(written(tmp_path, text))
    assert refused.value.code == code
    assert hint in refused.value.hint


def test_an_unknown_mapping_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as refused:
        named("shopfy", MAPPINGS)
    assert refused.value.code == "WW-MAPPING-UNKNOWN"
    assert "shopify" in refused.value.hint


def test_a_mapping_name_is_never_a_path() -> None:
    with pytest.raises(InputError, match="no mapping"):
        named("../mappings/wardrobe", MAPPINGS)


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(MAPPINGS.glob("*.toml")) if p.stem != "wmo-codes"],
    ids=lambda p: p.stem,
)
def test_the_ontology_declares_every_property_of_its_own_that_a_mapping_names(path: Path) -> None:
    names, mapping = whole(), read_mapping(path)
    named_ = {p for c in mapping.columns for p in (*c.to, *c.words, *((c.rest,) if c.rest else ()))}
    ours = {p for p in named_ if p.value.startswith("https://w3id.org/wearwhy/")}
    assert {p for p in ours if not names.knows(p)} == set()


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(MAPPINGS.glob("*.toml")) if p.stem != "wmo-codes"],
    ids=lambda p: p.stem,
)
def test_every_ignored_column_states_its_reason(path: Path) -> None:
    assert all(len(reason) > 8 for reason in read_mapping(path).ignored.values())
