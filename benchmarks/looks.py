"""Looks at the size of a catalogue: completing, personalised PageRank, nearest vectors.

    python -m benchmarks looks [--quick] [--only complete|pagerank|vectors|rate]...

Each figure of a peer is taken beside ours in the same run and printed as a multiple of ours: above
1 we are faster. `cpu` in a note is time on the processor: on a machine that does nothing else it
is the time on the clock.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from benchmarks import catalogue
from benchmarks.measure import MILLI, Figure, as_json, as_table, median, percentile
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, csr_matrix, diags_array

from wearwhy.explain.several import explain_several
from wearwhy.learn import nearest
from wearwhy.outfit.complete import complete
from wearwhy.outfit.index import Resources
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW
from wearwhy.rules.layer import Layer
from wearwhy.walk import pagerank

Timed = tuple[float, float]
DAMPING: Final = 0.85
BATCH: Final = 32
NODES: Final = 200_000
EDGES: Final = 2_000_000
SLOT: Final = WW["slot-feet"]


def timed(work: Callable[[], object]) -> Timed:
    """Return the milliseconds that a call takes on the clock and on the processor."""
    clock, cpu = time.perf_counter(), time.thread_time()
    work()
    return (time.perf_counter() - clock) * MILLI, (time.thread_time() - cpu) * MILLI


def best(work: Callable[[], object], times: int) -> Timed:
    """Return the least clock and processor time of several calls, after one not counted."""
    work()
    found = [timed(work) for _ in range(times)]
    return min(clock for clock, _ in found), min(cpu for _, cpu in found)


# -- personalised PageRank -----------------------------------------------------------------------


def graph(nodes: int, edges: int, seed: int = 7) -> csr_array:
    """Return items and values, a few of which are on very many items."""
    rng = np.random.default_rng(seed)
    items = nodes * 3 // 4
    one = rng.integers(0, items, edges)
    other = items + ((nodes - items) * rng.random(edges) ** 3).astype(np.int64)
    return csr_array(coo_array((np.ones(edges, np.float32), (one, other)), shape=(nodes, nodes)))


def walks(*, quick: bool) -> Iterator[Figure]:
    """Yield what one seed takes alone and among others, and what it takes others."""
    nodes, edges = (NODES // 10, EDGES // 10) if quick else (NODES, EDGES)
    drawn = graph(nodes, edges)
    moves = pagerank.moves_of(drawn)
    seeds = [int(n) for n in np.random.default_rng(1).integers(0, nodes, BATCH)]
    alone = best(lambda: pagerank.personalised(moves, seeds[:1]), 5)
    together = best(lambda: pagerank.personalised(moves, seeds), 2)
    around = csr_array(drawn + drawn.T)
    degree = np.asarray(around.sum(axis=0)).ravel()
    share = np.divide(1.0, degree, out=np.zeros(nodes), where=degree > 0)
    steps = csr_array(around @ diags_array(share)).astype(np.float32)

    def powers(rounds: int, kind: type = np.float32) -> NDArray[np.floating]:
        table = steps.astype(kind)
        start: NDArray[np.floating] = np.zeros(nodes, kind)
        start[seeds[0]] = 1.0
        found = start.copy()
        for _ in range(rounds):
            found = kind(DAMPING) * (table @ found) + kind(1.0 - DAMPING) * start
        return found

    exact = _first(powers(150, np.float64))
    same = len(exact & _first(pagerank.personalised(moves, seeds[:1])[:, 0]))
    size = f"{nodes:,} nodes, {edges:,} edges; {same} of the first 100 as exact"
    yield Figure(
        "personalised PageRank, one seed", alone[0], "ms", f"cpu {alone[1]:.1f}; {size}", 60
    )
    yield Figure(
        f"personalised PageRank, a seed of {BATCH}",
        together[0] / BATCH,
        "ms",
        f"cpu {together[1] / BATCH:.1f}",
        25,
    )
    for name, work in _walkers(around, seeds[0], powers):
        theirs = best(work, 1)
        yield Figure(
            f"  {name}",
            theirs[1] / alone[1],
            "×",
            f"cpu {theirs[1]:,.0f} ms; {theirs[1] * BATCH / together[1]:.1f} × a seed of a batch",
        )


def _first(values: NDArray[np.floating]) -> set[int]:
    return set(np.argsort(-values, kind="stable")[:100].tolist())


def _walkers(
    around: csr_array, seed: int, powers: Callable[[int], object]
) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "scipy, 30 rounds in single precision", lambda: powers(30)
    if importlib.util.find_spec("sknetwork"):
        from sknetwork.ranking import PageRank  # noqa: PLC0415  # where it is installed

        table = csr_matrix(around)
        yield "scikit-network", lambda: PageRank(DAMPING, n_iter=30).fit(table, {seed: 1.0})
    pairs = np.stack(coo_array(around).coords, axis=1)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    if importlib.util.find_spec("igraph"):
        import igraph  # noqa: PLC0415

        linked = igraph.Graph(around.shape[0], pairs.tolist())
        yield "igraph", lambda: linked.personalized_pagerank(reset_vertices=[seed], damping=DAMPING)
    if importlib.util.find_spec("rustworkx"):
        import rustworkx  # noqa: PLC0415

        made = rustworkx.PyDiGraph()
        made.add_nodes_from(range(around.shape[0]))
        made.extend_from_edge_list([tuple(p) for p in np.vstack((pairs, pairs[:, ::-1])).tolist()])
        yield (
            "rustworkx",
            lambda: rustworkx.pagerank(made, alpha=DAMPING, personalization={seed: 1.0}),
        )


# -- completing ----------------------------------------------------------------------------------


def requests(size: int, count: int, seed: int = 3) -> list[Request]:
    """Return different partial outfits: a top and a bottom of the catalogue."""
    rng = np.random.default_rng(seed)
    wide = len(catalogue.PLACES)
    drawn = (size * rng.random((count, 2)) ** 2).astype(int)
    drawn -= drawn % wide
    return [
        Request(
            locked=(catalogue.item(int(top)), catalogue.item(int(bottom) + 1)),
            source=catalogue.SOURCE,
        )
        for top, bottom in drawn
    ]


def prepared(size: int) -> tuple[Layer, Resources]:
    """Return a catalogue closed and indexed, with a model."""
    layer = catalogue.layer(size, size * 3 // 10)
    resources = Resources(pairing_model=catalogue.model())
    resources.index(layer)
    gc.collect()
    gc.freeze()
    return layer, resources


def completing(size: int, count: int, *, promised: bool) -> Iterator[Figure]:
    """Yield what completing takes, warm: ten items for a slot, with their evidence."""
    start = time.thread_time()
    layer, resources = prepared(size)
    made = time.thread_time() - start
    edges = sum(1 for _ in layer.match(None, None, None))
    asked = requests(size, count + 8)
    found, told = [], []
    for number, request in enumerate(asked):
        results: list[Any] = []

        def find(request: Request = request, results: list[Any] = results) -> None:
            results.append(complete(layer, request, resources, slot=SLOT, n=10))

        def tell(results: list[Any] = results) -> None:
            over, by_slot = results[0]
            explain_several(over, [one.look for one in by_slot[SLOT]], resources)

        one, other = timed(find), timed(tell)
        if number >= 8:
            found.append(one)
            told.append((one[0] + other[0], one[1] + other[1]))
    what = f"complete, {size:,} items"
    note = f"{edges:,} facts, closed and indexed in {made:.0f} s of cpu"
    for name, times, bounds in (
        ("ranked", found, (None, None)),
        ("with full evidence", told, (30.0, 100.0) if promised else (None, None)),
    ):
        clock, cpu = [t[0] for t in times], [t[1] for t in times]
        yield Figure(
            f"{what}, {name}, median",
            median(clock),
            "ms",
            f"cpu {median(cpu):.1f}; {note}",
            bounds[0],
        )
        slow = f"cpu {percentile(cpu, 0.99):.1f}"
        yield Figure(f"{what}, {name}, p99", percentile(clock, 0.99), "ms", slow, bounds[1])


def rate(size: int, count: int) -> Iterator[Figure]:
    """Yield how many different requests a second one process completes, ranked."""
    layer, resources = prepared(size)
    asked = requests(size, count + 8)

    def run(some: list[Request]) -> None:
        for request in some:
            complete(layer, request, resources, slot=SLOT, n=10)

    run(asked[:8])
    clock, cpu = timed(lambda: run(asked[8:]))
    yield Figure(
        f"complete, {size:,} items, requests a second",
        count / clock * MILLI,
        "/s",
        f"{count / cpu * MILLI:.1f} a second of cpu; promised 100",
    )


# -- nearest vectors -----------------------------------------------------------------------------


def vectors(size: int, width: int = 128, asked: int = 200) -> Iterator[Figure]:
    """Yield what finding ten neighbours takes exactly, and by a graph of neighbours."""
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(size // 200, width))
    rows = (
        centres[rng.integers(0, len(centres), size)] + rng.normal(0, 0.7, (size, width))
    ).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    queries = rows[rng.integers(0, size, asked)]
    exact = nearest.Exact(rows)
    right = [set(exact.nearest(q, 10)[0].tolist()) for q in queries]
    took = best(lambda: [exact.nearest(q, 10) for q in queries], 1)
    yield Figure(
        f"nearest of {size:,} vectors, exactly", took[0] / asked, "ms", "numpy, 10 of each"
    )
    if nearest.graph_of_neighbours() is None:
        return
    start = time.perf_counter()
    linked = nearest.Linked(rows)
    built = time.perf_counter() - start
    hits = [
        len(known & set(linked.nearest(q, 10)[0].tolist()))
        for known, q in zip(right, queries, strict=True)
    ]
    fast = best(lambda: [linked.nearest(q, 10) for q in queries], 1)
    yield Figure(
        f"nearest of {size:,} vectors, by HNSW",
        fast[0] / asked,
        "ms",
        f"recall {sum(hits) / 10 / asked:.3f}, built in {built:.0f} s; exact is {took[1] / fast[1]:.1f} ×",
    )


def main(words: list[str]) -> int:
    """Measure and print; exit 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="benchmarks looks")
    parser.add_argument("--quick", action="store_true", help="a tenth of every size")
    parser.add_argument("--only", action="append", help="complete, pagerank, vectors or rate")
    parser.add_argument("--requests", type=int, default=100)
    options = parser.parse_args(words)
    small = options.quick
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "pagerank": lambda: walks(quick=small),
        "vectors": lambda: vectors(10_000 if small else 100_000),
        "rate": lambda: rate(1_000 if small else 10_000, options.requests),
        "complete": lambda: completing(
            10_000 if small else 100_000, options.requests, promised=not small
        ),
    }
    found: list[Figure] = []
    for name in options.only or parts:
        for figure in parts[name]():
            shown = f"{figure.what}: {figure.figure:,.2f} {figure.unit}  ({figure.note})"
            print(shown, file=sys.stderr, flush=True)
            found.append(figure)
    print(as_table(found))
    print(as_json(found))
    return int(any(figure.kept.startswith("NO") for figure in found))
