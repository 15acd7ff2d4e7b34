"""Occasion rules beside what was rented for which occasion."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wearwhy.errors import InputError
from wearwhy.evaluate.lift import Lift, lifts
from wearwhy.evaluate.rules import Compared
from wearwhy.feeds import load
from wearwhy.feeds.load import named
from wearwhy.feeds.loaded import Target
from wearwhy.feeds.mapping import Mapping
from wearwhy.feeds.names import CLASSES
from wearwhy.outfit.request import Request
from wearwhy.rdf import TYPE, WW, NamedNode
from wearwhy.rules.batch import Batch
from wearwhy.rules.columns import Ints
from wearwhy.rules.layer import Change
from wearwhy.rules.model import Rule
from wearwhy.rules.opinions import verdict_of
from wearwhy.workspace.workspace import Workspace

_OCCASIONS = WW["occasion-scheme"]
Floats = NDArray[np.float64]


def rented(workspace: Workspace, path: Path, *, least: int = 30, seed: int = 0) -> Compared:
    """Return the lift of every rule about an item and an occasion, on rentals.

    Chosen is how many rentals were of a category, for an occasion, that a rule speaks of; chance
    is how many there would be if occasions were dealt out to rentals whatever their category.
    Clusters are wearers. Categories are items that nothing is known of but their class.

    Args:
        workspace: whose rules are meant.
        path: a Parquet or CSV file with the columns user_id, category and rented_for.
        least: rules that speak of the rentals of fewer wearers are left out.
        seed: of the bootstrap.

    Raises:
        InputError: WW-EVALUATE-RENTALS, where the file cannot be read so.
    """
    table = _read(path)
    mapping = named("rentals", workspace.bundle.folder / "kg" / "mappings")
    table["occasion"] = pd.Series(_occasions(workspace, mapping, table["rented_for"]), dtype=object)
    into = Target("catalogue", "rented")
    categories = pd.DataFrame({"category": sorted(table["category"].dropna().unique())})
    goods = load.read(categories, mapping, names=workspace.names, into=into)
    known = {
        f.subject.value
        for f in goods.facts
        if f.predicate == TYPE and f.object != CLASSES and isinstance(f.subject, NamedNode)
    }
    table["item"] = pd.Series([into.item(str(c)).value for c in table["category"]], dtype=object)
    table = table[table["occasion"].notna() & table["item"].isin(known)]
    items = [NamedNode(text) for text in sorted(set(table["item"]))]
    occasions = [NamedNode(text) for text in sorted(set(table["occasion"]))]
    layer = workspace.base.child(Change(add=goods.facts))
    spoken: dict[Rule, Floats] = defaultdict(lambda: np.zeros((len(items), len(occasions))))
    for column, occasion in enumerate(occasions):
        request = Request(occasions=(occasion,))
        found = Batch(layer.child(Change(add=request.facts())), items).items()
        for row, number in zip(found.row.tolist(), found.rule.tolist(), strict=True):
            spoken[found.rules[number]][row, column] = 1.0
    judged = {rule: cells for rule, cells in spoken.items() if verdict_of(rule) is not None}
    dealt = _Dealt(
        pd.factorize(table["user_id"])[0],
        pd.Categorical(table["item"], [i.value for i in items]).codes.astype(np.int64),
        pd.Categorical(table["occasion"], [o.value for o in occasions]).codes.astype(np.int64),
    )
    compared = _lifts(dealt, judged, least=least, seed=seed)
    order = {"wrong": 0, "right": 1, "open": 2}
    compared.sort(key=lambda x: (order[x.side], -x.clusters, x.rule.iri.value))
    return Compared(
        "rentals, by category and occasion",
        "occasions dealt out to rentals whatever their category",
        len(table),
        tuple(compared),
    )


@dataclass(frozen=True, slots=True)
class _Dealt:
    """Rentals as positions of wearer, category and occasion."""

    who: Ints
    item: Ints
    occasion: Ints


def _lifts(dealt: _Dealt, spoken: dict[Rule, Floats], *, least: int, seed: int) -> list[Lift]:
    rules = tuple(sorted(spoken, key=lambda rule: rule.iri.value))
    if not rules:
        return []
    cells = np.stack([spoken[rule] for rule in rules])
    share = np.bincount(dealt.occasion, minlength=cells.shape[2]) / len(dealt.occasion)
    size = int(dealt.who.max()) + 1
    chosen, chance = np.zeros((size, len(rules))), np.zeros((size, len(rules)))
    for k, cell in enumerate(cells):
        met = cell[dealt.item, dealt.occasion]
        chosen[:, k] = np.bincount(dealt.who, weights=met, minlength=size)
        chance[:, k] = np.bincount(dealt.who, weights=(cell @ share)[dealt.item], minlength=size)
    return lifts(rules, chosen, chance, least=least, seed=seed, rounds=300)


def _read(path: Path) -> pd.DataFrame:
    try:
        with duckdb.connect() as database:
            read = database.from_parquet if path.suffix == ".parquet" else database.from_csv_auto
            found: pd.DataFrame = read(str(path)).select("user_id, category, rented_for").df()
            return found
    except duckdb.Error as error:
        raise InputError(
            "WW-EVALUATE-RENTALS",
            f"{path.name} cannot be read as rentals.",
            note=str(error).splitlines()[0],
            hint="Rentals are a Parquet or CSV file with user_id, category and rented_for.",
        ) from error


def _occasions(workspace: Workspace, mapping: Mapping, said: pd.Series[str]) -> list[str | None]:
    column = next(c for c in mapping.columns if c.name == "rented_for")
    words, found = column.values, dict[str, str | None]()  # noqa: PD011  # a dict's values
    for text in said.dropna().unique():
        concept = workspace.names.find(words.get(text, text), _OCCASIONS)
        found[text] = concept.value if concept is not None and text not in column.empty else None
    return [found.get(text) for text in said]
