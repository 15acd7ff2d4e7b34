"""What is learned, and from what: `kg/learn.toml` as data.

The file names properties, never Python. A plan that would let an attribute see itself, or an
identifier, is refused when it is read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, InputError, Place, nearest
from wearwhy.rdf import WW, curie, expand


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property whose missing values are guessed.

    Attributes:
        iri: the property.
        scheme: the scheme its values come from; None for a source's own words.
        many: whether several values hold at once; then each value has a verdict of its own.
        hidden: properties that are no evidence for it, itself among them.
        label: the source column's name, where it is one.
    """

    iri: NamedNode
    scheme: NamedNode | None
    many: bool
    hidden: frozenset[NamedNode]
    label: str = ""

    @property
    def name(self) -> str:
        """The property's local name, as reports print it: `formality`, `column/myntra/usage`."""
        return self.iri.value.removeprefix(WW)

    @property
    def said(self) -> bool:
        """Whether its values are what a source said, not concepts of the ontology."""
        return self.scheme is None

    @property
    def relation(self) -> str:
        """The relation of tokens that hold its values."""
        return f"ww:{self.name}"

    @property
    def hides(self) -> frozenset[str]:
        """The relations of tokens that are no evidence for it."""
        return frozenset(
            f"ww:{one.value.removeprefix(WW)}" if one.value.startswith(WW) else curie(one)
            for one in self.hidden
        )


@dataclass(frozen=True, slots=True)
class Training:
    """What is held out, and what is learned at all: every setting pinned.

    Attributes:
        folds: how many parts the items fall into; each is held out in its turn.
        seed: of the folds and of all that is drawn.
        positives: items that a value of a many-valued attribute needs.
        once: above this many items one fold is held out, not each in turn.
    """

    folds: int
    seed: int
    positives: int
    once: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole of `kg/learn.toml`."""

    attributes: tuple[Attribute, ...]
    threshold: float
    demo_threshold: float
    floor: float
    concepts: frozenset[NamedNode]
    names: frozenset[NamedNode]
    words: frozenset[NamedNode]
    openings: frozenset[NamedNode]
    up: tuple[NamedNode, ...]
    membership: tuple[NamedNode, ...]
    least: int
    stop_words: frozenset[str]
    training: Training
    judged_occasions: frozenset[str]

    def attribute(self, name: str) -> Attribute:
        """Return the attribute with a local name or CURIE.

        Raises:
            InputError: WW-LEARN-ATTRIBUTE, where the plan guesses no such attribute.
        """
        plain = name.removeprefix("ww:").removeprefix(WW)
        for attribute in self.attributes:
            if attribute.name == plain:
                return attribute
        near = nearest(plain, [a.name for a in self.attributes])
        raise InputError(
            "WW-LEARN-ATTRIBUTE",
            f"'{name}' is not an attribute that is guessed.",
            hint=f"Did you mean '{near}'?" if near else "kg/learn.toml lists those that are.",
        )


def _refuse_leaks(plan: Plan, never: frozenset[NamedNode], place: Place) -> None:
    for leak in sorted((plan.concepts | plan.names | plan.words) & never, key=str):
        raise InputError(
            "WW-LEARN-LEAK",
            f"{leak.value} may not be a feature.",
            note="It identifies an item or gives its label away.",
            hint="Take it out of [features] or, knowingly, out of `never`.",
            place=place,
        )
    for attribute in plan.attributes:
        for leak in sorted(attribute.hidden & (plan.names | plan.words), key=str):
            raise InputError(
                "WW-LEARN-LEAK",
                f"{leak.value} is text and cannot be hidden from {attribute.name}.",
                note="An attribute never sees itself.",
                place=place,
            )


def plan_of(tree: Mapping[str, Any], file: str = "learn.toml") -> Plan:
    """Return the plan that a parsed TOML document describes.

    Raises:
        FormatError: WW-LEARN-PLAN, where a table or key is missing or has the wrong shape.
        InputError: WW-LEARN-LEAK, where a feature identifies items or gives a label away.
    """

    def nodes(texts: list[str]) -> frozenset[NamedNode]:
        return frozenset(expand(text) for text in texts)

    try:
        features = tree["features"]
        attributes = tuple(
            Attribute(
                expand(a["property"]),
                WW[f"{a['scheme']}-scheme"],
                bool(a["many"]),
                nodes([a["property"], *a["not_evidence"]]),
            )
            for a in tree["attribute"]
        )
        plan = Plan(
            attributes,
            float(tree["threshold"]),
            float(tree["demo_threshold"]),
            float(tree["floor"]),
            nodes(features["concepts"]),
            nodes(features["names"]),
            nodes(features["words"]),
            nodes(features["openings"]),
            tuple(expand(text) for text in features["up"]),
            tuple(expand(text) for text in features["membership"]),
            int(features["least"]),
            frozenset(features["stop_words"]),
            Training(**tree["training"]),
            frozenset(tree["truth"]["occasions"]),
        )
        never = nodes(features["never"])
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            "WW-LEARN-PLAN",
            f"{file} is not a learning plan.",
            note=f"{type(error).__name__}: {error}",
            place=Place(file),
        ) from error
    _refuse_leaks(plan, never, Place(file))
    return plan


def read_plan(path: Path) -> Plan:
    """Return the plan in a TOML file.

    Raises:
        FormatError: WW-LEARN-PLAN, where the file is no TOML or no plan.
        InputError: WW-LEARN-LEAK, where a feature identifies items or gives a label away.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(
            "WW-LEARN-PLAN", f"{path.name} is not TOML.", note=str(error), place=Place(path.name)
        ) from error
    return plan_of(tree, path.name)
