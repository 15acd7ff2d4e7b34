"""PyKEEN's bundled graphs, five seeds: our ComplEx beside PyKEEN's own defaults, and rules.

    python -m benchmarks links [--graphs umls kinships] [--seeds 5] [--without-rules] [--default-epochs 100]

Filtered mean reciprocal rank, realistic, both sides, on the test part, with the 95 % interval of
the mean over seeds (Student's t). Exit 1 where ComplEx stays below what was promised, or a
combination of rules and embedding below one of its parents.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from wearwhy.learn.additive import Floats
from wearwhy.learn.embeddings import links, neural_parts
from wearwhy.learn.mined import links as mined

PROMISED = {"umls": 0.93, "kinships": 0.87}
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Two-sided 95 % points of Student's t, by number of seeds."""


def pykeen_default(graph: links.LinkGraph, seed: int, epochs: int) -> links.Scorer:
    """Return ComplEx as PyKEEN trains it when it is told nothing but the epochs."""
    torch, _ = neural_parts()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pykeen.pipeline import pipeline  # noqa: PLC0415

        model = pipeline(
            dataset=graph.name,
            model="ComplEx",
            random_seed=seed,
            device="cpu",
            training_kwargs={"num_epochs": epochs, "use_tqdm": False, "pin_memory": False},
            evaluation_kwargs={"use_tqdm": False},
        ).model

    def scores(triples: links.Triples, side: links.Side) -> Floats:
        rows = torch.as_tensor(triples)
        with torch.no_grad():
            found = model.score_t(rows[:, :2]) if side == "tail" else model.score_h(rows[:, 1:])
        return np.asarray(found.numpy(), dtype=np.float64)

    return scores


def line(name: str, found: list[float], note: str = "") -> str:
    """Return a line of the table: mean, interval, each seed."""
    mean = statistics.fmean(found)
    half = (
        STUDENT.get(len(found), 1.96) * statistics.stdev(found) / len(found) ** 0.5
        if len(found) > 1
        else float("nan")
    )
    each = " ".join(f"{value:.4f}" for value in found)
    return f"{name:<34} {mean:.4f} ± {half:.4f}   {each}  {note}"


def measured(name: str, seeds: int, *, rules: bool, default: int) -> dict[str, list[float]]:
    """Return the ranks of every model on a graph, one a seed; print as they come."""
    graph = links.link_graph(name)
    known = mined.mined(graph) if rules else None
    found: dict[str, list[float]] = {}
    for seed in range(1, seeds + 1):
        start = time.perf_counter()
        model = links.link_model(name, seed)
        took = time.perf_counter() - start
        scorers: dict[str, links.Scorer] = {"ComplEx": model.scores}
        if known is not None:
            scorers |= mined.scorers(graph, model, known)
        if default:
            scorers["PyKEEN's default ComplEx"] = pykeen_default(graph, seed, default)
        for what, scorer in scorers.items():
            found.setdefault(what, []).append(links.filtered_mrr(graph, scorer))
        last = ", ".join(f"{what} {values[-1]:.4f}" for what, values in found.items())
        print(f"{name}, seed {seed}: {last} ({took:.0f} s)", file=sys.stderr, flush=True)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; exit 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(
        prog="benchmarks links", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--graphs", nargs="+", default=["umls", "kinships"], choices=links.NAMES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--without-rules", action="store_true", help="embeddings alone")
    parser.add_argument(
        "--default-epochs", type=int, default=100, help="of PyKEEN's own settings; 0: leave it out"
    )
    options = parser.parse_args(arguments)
    kept, figures = True, {}
    for name in options.graphs:
        found = measured(
            name, options.seeds, rules=not options.without_rules, default=options.default_epochs
        )
        figures[name] = found
        mean = {what: statistics.fmean(values) for what, values in found.items()}
        promised = PROMISED.get(name, 0.0)
        kept &= mean["ComplEx"] >= promised
        together = mean.get("rules and embedding")
        if together is not None:
            kept &= together >= max(mean["ComplEx"], mean["rules"])
        print(name)
        for what, values in found.items():
            print("  " + line(what, values, f"(promised {promised})" if what == "ComplEx" else ""))
    print(json.dumps({"filtered realistic MRR": figures}, ensure_ascii=False))
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
