"""What a shopper rules out beforehand: by price, stock, size and brand.

A filter lets an item pass by what is known of it. What is owned has been paid for and is at hand:
price and stock refuse it nothing, and a size or brand that nobody told of it neither. Of a
catalogue's item a filter wants to be told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from wearwhy.rdf import SCHEMA, WW, XSD, Fact, Node
from wearwhy.walk.graph import Graph, as_number

PRICE: Final = SCHEMA.price
STOCK: Final = SCHEMA.inventoryLevel
SIZE: Final = SCHEMA["size"]
BRAND: Final = SCHEMA.brand
BETWEEN_SIZES: Final = ";"

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a request draws on no further than this.

    Attributes:
        max_price: the most that an item costs, in the catalogue's own currency.
        in_stock: whether it must be in stock.
        sizes: it comes in one of them; none: in any.
        brands: it is of one of them; none: of any.
        not_brands: it is of none of them.
    """

    max_price: float | None = None
    in_stock: bool = False
    sizes: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    not_brands: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is filtered at all."""
        return self != Filters()

    def said(self) -> list[tuple[NamedNode, Node]]:
        """Return the properties and values that say this of a request."""
        found: list[tuple[NamedNode, Node]] = []
        if self.max_price is not None:
            written = Literal(_written(self.max_price), datatype=XSD.decimal)
            found.append((WW.maxPrice, written))
        if self.in_stock:
            found.append((WW.inStockOnly, Literal("true", datatype=XSD.boolean)))
        found += [(WW.wantedSize, Literal(size)) for size in self.sizes]
        found += [(WW.wantedBrand, Literal(brand)) for brand in self.brands]
        return found + [(WW.unwantedBrand, Literal(brand)) for brand in self.not_brands]

    def as_json(self) -> dict[str, Any]:
        """Return what is filtered, as documents hold it."""
        found: dict[str, Any] = {}
        if self.max_price is not None:
            found["max_price"] = self.max_price
        if self.in_stock:
            found["in_stock"] = True
        for name in ("sizes", "brands", "not_brands"):
            if getattr(self, name):
                found[name] = list(getattr(self, name))
        return found


def filters_from(said: Mapping[str, Any]) -> Filters:
    """Return the filters that `Filters.as_json` wrote."""
    return Filters(
        said.get("max_price"),
        bool(said.get("in_stock", False)),
        tuple(said.get("sizes", ())),
        tuple(said.get("brands", ())),
        tuple(said.get("not_brands", ())),
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """A filter that refuses an item.

    Attributes:
        filter: `max-price`, `in-stock`, `size`, `brand` or `not-brand`: the option's name.
        wanted: what the request says: the property and value of `Filters.said`.
        fact: what is known of the item that refuses it; None where nothing is known.
    """

    filter: str
    wanted: tuple[tuple[NamedNode, Node], ...]
    fact: Fact | None


def refused(graph: Graph, filters: Filters, item: NamedNode) -> tuple[Refused, ...]:
    """Return the filters that refuse an item, read from the graph fact by fact; none: it passes."""
    owned = bool(graph.objects(item, WW.inWardrobe))
    said = filters.said()
    known = {p: _first(graph, item, p) for p in (PRICE, STOCK, SIZE, BRAND)}
    found = []
    for name, predicate, about in _NAMED:
        wanted = tuple((p, value) for p, value in said if p == about)
        value = known[predicate]
        if wanted and not _passes(filters, name, value, owned=owned):
            fact = None if value is None else Fact(item, predicate, value)
            found.append(Refused(name, wanted, fact))
    return tuple(found)


_NAMED: Final = (
    ("max-price", PRICE, WW.maxPrice),
    ("in-stock", STOCK, WW.inStockOnly),
    ("size", SIZE, WW.wantedSize),
    ("brand", BRAND, WW.wantedBrand),
    ("not-brand", BRAND, WW.unwantedBrand),
)


def _passes(filters: Filters, name: str, value: Node | None, *, owned: bool) -> bool:
    if name in ("max-price", "in-stock"):
        if owned:
            return True
        number = as_number(value)
        if number is None:
            return False
        most = math.inf if filters.max_price is None else filters.max_price
        return number <= most if name == "max-price" else number > 0
    if value is None:
        return owned or name == "not-brand"
    text = value.value if isinstance(value, Literal | NamedNode) else ""
    if name == "size":
        return bool(_sizes(text) & {_plain(size) for size in filters.sizes})
    listed = {
        _plain(brand) for brand in (filters.brands if name == "brand" else filters.not_brands)
    }
    return (_plain(text) in listed) == (name == "brand")


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """What is known of items that filters read, as arrays.

    Attributes:
        owned: whether an item is in a wardrobe.
        price, stock: numbers; NaN where nothing is known.
        size, brand: the row of the text in `sizes`, `brands`; −1 where nothing is known.
    """

    owned: Bools
    price: NDArray[np.float64]
    stock: NDArray[np.float64]
    size: NDArray[np.int64]
    brand: NDArray[np.int64]
    sizes: tuple[frozenset[str], ...]
    brands: tuple[str, ...]

    def passing(self, filters: Filters) -> Bools:
        """Return which items pass; the same as those that `refused` names no filter for."""
        fine = np.ones(len(self.owned), dtype=bool)
        if filters.max_price is not None:
            fine &= self.owned | (self.price <= filters.max_price)
        if filters.in_stock:
            fine &= self.owned | (self.stock > 0)
        if filters.sizes:
            wanted = {_plain(size) for size in filters.sizes}
            fine &= self._listed(self.size, [bool(wanted & known) for known in self.sizes])
        if filters.brands:
            listed = {_plain(brand) for brand in filters.brands}
            fine &= self._listed(self.brand, [brand in listed for brand in self.brands])
        if filters.not_brands:
            listed = {_plain(brand) for brand in filters.not_brands}
            unwanted = np.array([*(brand in listed for brand in self.brands), False])
            fine &= ~unwanted[self.brand]
        return fine

    def _listed(self, rows: NDArray[np.int64], wanted: Sequence[bool]) -> Bools:
        return np.where(rows < 0, self.owned, np.array([*wanted, False])[rows])


def shelf(graph: Graph, at: Mapping[NamedNode, int], owned: Bools) -> Shelf:
    """Return what filters read of the items numbered by `at`."""
    texts: dict[NamedNode, list[str | None]] = {}
    for predicate in (PRICE, STOCK, SIZE, BRAND):
        found: list[tuple[str, Node] | None] = [None] * len(at)
        for fact in graph.match(None, predicate, None):
            place = at.get(fact.subject) if isinstance(fact.subject, NamedNode) else None
            if place is not None:
                one, before = (str(fact.object), fact.object), found[place]
                found[place] = one if before is None or one[0] < before[0] else before
        texts[predicate] = [None if one is None else _text(one[1]) for one in found]
    size, sizes = _coded(texts[SIZE])
    brand, brands = _coded(texts[BRAND])
    return Shelf(
        owned,
        np.array([_number(text) for text in texts[PRICE]], dtype=np.float64),
        np.array([_number(text) for text in texts[STOCK]], dtype=np.float64),
        size,
        brand,
        tuple(_sizes(text) for text in sizes),
        tuple(_plain(text) for text in brands),
    )


def _first(graph: Graph, item: NamedNode, predicate: NamedNode) -> Node | None:
    return graph.value(item, predicate)


def _text(node: Node) -> str:
    return node.value if isinstance(node, Literal | NamedNode) else ""


def _number(text: str | None) -> float:
    found = None if text is None else as_number(Literal(text))
    return math.nan if found is None else found


def _coded(texts: Sequence[str | None]) -> tuple[NDArray[np.int64], list[str]]:
    known = sorted({text for text in texts if text is not None})
    at = {text: n for n, text in enumerate(known)}
    rows = [-1 if text is None else at[text] for text in texts]
    return np.array(rows, dtype=np.int64), known


def _plain(text: str) -> str:
    return text.strip().casefold()


def _sizes(text: str) -> frozenset[str]:
    return frozenset(_plain(part) for part in text.split(BETWEEN_SIZES))


def _written(price: float) -> str:
    return format(Decimal(str(price)).normalize(), "f")
