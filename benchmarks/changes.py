"""What a change of a fact or a rule costs, a proof, and the rules over candidate looks."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, islice
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from benchmarks.fashion import NS, generated
from benchmarks.measure import MILLI, Figure, median, seconds
from benchmarks.reasoner import TIMES, WIDE, resident, rules_of
from benchmarks.wardrobes import requests
from benchmarks.wardrobes import workspace as made

from wearwhy.evidence import Kind
from wearwhy.proof.backward import derivations
from wearwhy.proof.choose import shortest
from wearwhy.proof.prove import Prover
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.rules.batch import Batch
from wearwhy.rules.columnar.forest import forest
from wearwhy.rules.layer import Change, Layer
from wearwhy.settings import assets
from wearwhy.workspace.state import asserted, predicted

_EDITS: Final = 200
_FACT: Final = {10_000: 0.1, 100_000: 0.3, 1_000_000: 1.0}
_DOUBTFUL: Final = f"""PREFIX : <{NS}>
DATA {{ :plain <https://w3id.org/wearwhy/ns#confidence> 0.9 . }}
RULE :plain {{ ?x a :Plain }} WHERE {{ ?x :mainColour ?c . NOT {{ ?x :colourFamily :family1 }} }}
"""


def facts(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the median time of adding, retracting and correcting one fact."""
    for size in sizes:
        shop = generated(size)
        for doubtful in (False, True):
            known = rules_of(shop.rules) + (rules_of(_DOUBTFUL) if doubtful else ())
            layer = Layer.root(known, (), shop.facts, budget=WIDE)
            bound = None if doubtful else _FACT[size]
            what = " with negation and confidence" if doubtful else ""
            for name, changes in _edits(shop.facts):
                times = [seconds(partial(layer.child, change)) for change in changes]
                label = f"one fact {name}, {size:,}{what}"
                note = f"median of {len(times)}"
                yield Figure(label, median(times) * MILLI, "ms", note, bound)


def _edits(known: Sequence[Fact]) -> Iterator[tuple[str, list[Change]]]:
    random = Random(11)
    wanted = NamedNode(f"{NS}mainMaterial")
    some = [fact for fact in known if fact.predicate == wanted]
    chosen = random.sample(some, min(_EDITS, len(some)))
    others = [NamedNode(f"{NS}material{random.randrange(40)}") for _ in chosen]
    new = [f._replace(object=o) for f, o in zip(chosen, others, strict=True)]
    pairs = [(a, r) for a, r in zip(new, chosen, strict=True) if a != r]
    yield "added", [Change(add=(fact,)) for fact, _ in pairs]
    yield "retracted", [Change(remove=(fact,)) for _, fact in pairs]
    yield "corrected", [Change(add=(a,), remove=(r,)) for a, r in pairs]


def rules(size: int) -> Iterator[Figure]:
    """Yield the median time of adding, removing and editing a typical rule, and the subclass rule."""
    layer = resident(generated(size))
    named = {rule.iri.value.removeprefix(NS): rule for rule in layer.sources}
    for name, bound in (("winter-office", 30.0), ("cax-sco", 400.0)):
        rule = named[name]
        without = layer.child(Change(rules_remove=(rule.iri,)), budget=WIDE)
        # One condition more: the first pattern once again.
        narrowed = replace(rule, body=(*rule.body, rule.body[0]))
        for what, over, change in (
            ("removed", layer, Change(rules_remove=(rule.iri,))),
            ("added", without, Change(rules_add=(rule,))),
            ("edited", layer, Change(rules_add=(narrowed,))),
        ):
            work = partial(over.child, change, budget=WIDE)
            times = [seconds(work) for _ in range(TIMES)]
            label = f"rule {name} {what}, {size:,}"
            yield Figure(label, median(times) * MILLI, "ms", f"median of {TIMES}", bound)


def proofs(size: int) -> Iterator[Figure]:
    """Yield the time of a canonical proof, of all derivations, of the proofs of all facts."""
    shop = generated(size)
    start = time.perf_counter()
    layer = resident(shop)
    closing = time.perf_counter() - start
    every = [fact for fact in layer.facts() if layer.kind(fact) is Kind.DERIVED]
    some = Random(5).sample(every, 500)
    shortest(layer, some[0])
    one = median(seconds(partial(shortest, layer, fact)) for fact in some)
    yield Figure(f"a canonical proof, {size:,}", one * MILLI, "ms", "median of 500", 0.1)
    all_of = median(seconds(partial(_all, layer, fact)) for fact in some)
    yield Figure(f"all derivations of a fact, {size:,}", all_of * MILLI, "ms", "median of 500", 1.0)

    took = median(seconds(lambda: forest(layer).heights()) for _ in range(TIMES))
    note = f"as arrays, with their heights: {took:.2f} s against a closing of {closing:.2f} s"
    yield Figure(f"proofs of all facts, {size:,}, by closing", took / closing, "×", note, 2.0)

    def prove_all() -> None:
        prover = Prover(layer)
        for fact in layer.facts():
            prover.node(fact)

    took = seconds(prove_all)
    note = f"{took:.1f} s; ready to be printed"
    yield Figure(f"the same as evidence nodes, {size:,}, by closing", took / closing, "×", note)


def _all(layer: Layer, fact: Fact) -> int:
    return sum(1 for _ in derivations(layer, fact))


def wardrobes() -> Iterator[Figure]:
    """Yield the closure of the demo wardrobe over a closed base, and of a second one."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = made(Path(folder) / "workspace", (60,))
        workspace.load(assets() / "data" / "wardrobe.csv", "wardrobe", "wardrobe:demo")
        base = workspace.base
        for owner, what, bound in (
            ("wardrobe/demo", "the demo wardrobe, warm", 100.0),
            ("wardrobe/of60", "a second wardrobe over a closed base", 20.0),
        ):
            change = Change(
                add=asserted(workspace.state, owner), predict=predicted(workspace.state, owner)
            )
            base.child(change)
            took = median(seconds(partial(base.child, change)) for _ in range(TIMES)) * MILLI
            note = f"{len(change.add):,} facts, median of {TIMES}"
            yield Figure(f"closure of {what}", took, "ms", note, bound)


def candidates(count: int = 5000) -> Iterator[Figure]:
    """Yield the time of the pair and look rules over candidate looks."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = made(Path(folder) / "workspace", (60,))
        layer = workspace.layer("of60")
        request = requests(workspace, 60, 1)[0]
        scratch = layer.child(Change(add=request.facts()))
        home = [n for n in layer.instances(WW.Item) if isinstance(n, NamedNode)][:40]
        batch = Batch(scratch, sorted(home, key=str))
        random = Random(3)
        looks = [sorted(random.sample(range(len(home)), 4)) for _ in range(count)]
        pairs = list(islice(combinations(range(len(home)), 2), count))
        first, second = (np.array(side) for side in zip(*pairs, strict=True))
        batch.items()

        def run() -> None:
            batch.pairs(first, second)
            batch.looks(looks)

        run()
        took = median(seconds(run) for _ in range(TIMES)) * MILLI
    note = f"{count:,} looks of four items, {len(pairs)} pairs, median of {TIMES}"
    yield Figure("pair and look rules for candidate looks", took, "ms", note, 20.0)
