"""Outfits that stylists composed: ours beside black boxes trained on the same rows, and ablations.

    python -m benchmarks outfits --data ../shared/data/mango [--seeds 5] [--photos]
        [--only ours transformer lightgcn ablations] [--workspace FOLDER]

The folder has `products.csv`, `outfits.csv` (with a split), `photos/`, `fitb-*.jsonl` and
`compatibility-*.jsonl`; `--as` names the formats of the two tables. A workspace is made and loaded
as a user would, and `learn outfits` is run in it once a seed; with --photos also `learn images`,
whose vectors every model then gets. Figures are means over seeds with the 95 % interval of the
mean (Student's t), or of one model with its interval by bootstrap over questions; the ensemble is
the mean of the seeds' standardised scores, shown apart. Needs the extra `neural`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
from benchmarks.outfits_data import Floats, Images, Inputs, Questions, Scorer, inputs, questions
from benchmarks.outfits_lightgcn import lightgcn
from benchmarks.outfits_transformer import transformer

from wearwhy.evaluate.controls.outfits import controls
from wearwhy.evaluate.court import PARTS, Court, court
from wearwhy.evaluate.ranking import area, credit, mean
from wearwhy.learn.images.pictures import Pictures
from wearwhy.learn.metrics import Figure
from wearwhy.workspace import Workspace

STUDENT: Final = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Two-sided 95 % points of Student's t, by number of seeds."""
NAME: Final = "benchmark"
Answers = Mapping[str, Floats]
"""The scores of every set that is asked: of each file of blanks, and "compatibility"."""


@dataclass(slots=True)
class Row:
    """One line of the table: a method, its figures seed by seed, and the same of its ensemble."""

    method: str
    figures: dict[str, list[Figure]] = field(default_factory=dict)
    ensemble: dict[str, Figure] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    explained: list[float] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the line as it is printed in JSON."""
        return {
            "method": self.method,
            "seeds": {k: [round(f.value, 4) for f in found] for k, found in self.figures.items()},
            "interval": {
                k: [round(end, 4) for end in ends(found)] for k, found in self.figures.items()
            },
            "ensemble": {k: f.as_dict() for k, f in self.ensemble.items()},
            "seconds": [round(s, 1) for s in self.seconds],
            "explained": [round(e, 4) for e in self.explained],
        }

    def __str__(self) -> str:
        cells = []
        for found in self.figures.values():
            low, high = ends(found)
            cells.append(f"{statistics.fmean(f.value for f in found):.3f} ({low:.3f}–{high:.3f})")
        line = f"{self.method:<34}" + "".join(f"{cell:<22}" for cell in cells)
        if self.explained:
            line += f" explained {statistics.fmean(self.explained):.2f}"
        if self.seconds:
            line += f"  {statistics.fmean(self.seconds):,.0f} s"
        if self.ensemble:
            whole = "".join(f"{f.value:<22.3f}" for f in self.ensemble.values())
            line += f"\n{f'  ensemble of {len(self.seconds)}':<34}{whole}"
        return line.rstrip()


def ends(found: Sequence[Figure]) -> tuple[float, float]:
    """Return the interval of a mean over seeds; of one model, its own over questions."""
    if len(found) == 1:
        return found[0].low, found[0].high
    values = [f.value for f in found]
    half = STUDENT.get(len(values), 1.96) * statistics.stdev(values) / len(values) ** 0.5
    return statistics.fmean(values) - half, statistics.fmean(values) + half


def asked(score: Scorer, asks: Questions) -> dict[str, Floats]:
    """Return the scores of every set of every question."""
    found = {
        name: score([one for options, _ in rows for one in options])
        for name, rows in asks.blanks.items()
    }
    return {**found, "compatibility": score(asks.sets)}


def figures(answers: Answers, asks: Questions) -> dict[str, Figure]:
    """Return accuracy by file, and the area under the ROC curve."""
    found = {}
    for name, rows in asks.blanks.items():
        at, credits_ = 0, []
        for options, answer in rows:
            credits_.append(credit(answers[name][at : at + len(options)], answer))
            at += len(options)
        found[name] = mean(np.array(credits_))
    return {**found, "compatibility": area(answers["compatibility"], asks.together)}


def together(answers: Sequence[Answers]) -> dict[str, Floats]:
    """Return the mean of several models' scores, each standardised."""
    return {
        name: np.mean(
            [
                (one[name] - one[name].mean()) / max(float(one[name].std()), 1e-12)
                for one in answers
            ],
            axis=0,
        )
        for name in answers[0]
    }


def measured(method: str, make: Callable[[int], Scorer], asks: Questions, seeds: int) -> Row:
    """Return the line of a method that is trained anew for each seed; print as it goes."""
    row, kept = Row(method), []
    for seed in range(seeds):
        start = time.perf_counter()
        score = make(seed)
        row.seconds.append(time.perf_counter() - start)
        kept.append(asked(score, asks))
        for name, figure in figures(kept[-1], asks).items():
            row.figures.setdefault(name, []).append(figure)
        said = ", ".join(f"{name} {found[-1].value:.3f}" for name, found in row.figures.items())
        print(f"{method}, seed {seed}: {said}", file=sys.stderr, flush=True)
    if seeds > 1:
        row.ensemble = figures(together(kept), asks)
    return row


@dataclass(frozen=True, slots=True)
class Ours:
    """A workspace that learns outfits, as a judge of sets of product numbers."""

    folder: Path
    ids: tuple[str, ...]

    def run(self, *words: str) -> None:
        """Run a command line in the workspace, as a user would."""
        subprocess.run(
            [sys.executable, "-m", "wearwhy", "--workspace", str(self.folder), *words],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def made(self, data: Path, products: str, outfits: str, *, photos: bool) -> None:
        """Make the workspace and load what is sold and what was composed."""
        self.run("init")
        into = ("--into", f"catalogue:{NAME}")
        self.run("load", str(data / "products.csv"), "--as", products, *into)
        self.run("load", str(data / "outfits.csv"), "--as", outfits, *into)
        if photos:
            self.run("learn", "images")

    def court(self, without: Sequence[str] = ()) -> Court:
        """Return the engine as judge, with what it has learned by now."""
        return court(Workspace.open(self.folder), without=without)

    def scorer(self, judge: Court, row: Row | None = None, *, named: bool = False) -> Scorer:
        """Return what the judge thinks of sets; its explained share goes to the row."""
        at = {item.value.rpartition("/")[2]: item for item in judge.items}
        nodes = [at[one] for one in self.ids]

        def score(sets: Sequence[Sequence[int]]) -> Floats:
            thought = judge.judge([[nodes[n] for n in one] for one in sets])
            if row is not None:
                row.explained.append(float(thought.explained.mean()))
            return thought.named if named else thought.total

        return score

    def images(self) -> Images | None:
        """Return the photographs' vectors by product number, where `learn images` made them."""
        pictures = Pictures.load(self.folder / "model")
        if pictures is None:
            return None
        at = {item.value.rpartition("/")[2]: item for item in self.court().items}
        return pictures.matrix([at[one] for one in self.ids])[0]


def ours(home: Ours, asks: Questions, seeds: int, without: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the line of the engine, learned anew for each seed, and of its named facts alone."""
    parts = [word for part in without for word in ("--without", part)]
    name = "wearwhy" + "".join(f" without {part}" for part in without)
    whole, plain, kept = Row(name), Row("  named facts alone"), []
    for seed in range(seeds):
        start = time.perf_counter()
        home.run("learn", "outfits", "--seed", str(seed), *parts)
        whole.seconds.append(time.perf_counter() - start)
        judge = home.court(without)
        kept.append(asked(home.scorer(judge, whole), asks))
        for row, answers in (
            (whole, kept[-1]),
            (plain, asked(home.scorer(judge, named=True), asks)),
        ):
            for what, figure in figures(answers, asks).items():
                row.figures.setdefault(what, []).append(figure)
        said = ", ".join(f"{what} {found[-1].value:.3f}" for what, found in whole.figures.items())
        print(f"{name}, seed {seed}: {said}", file=sys.stderr, flush=True)
    if seeds > 1:
        whole.ensemble = figures(together(kept), asks)
    yield whole
    if not without:
        yield plain


def counted(home: Ours, asks: Questions) -> Iterator[Row]:
    """Yield the lines of what only counts."""
    judge = home.court()
    at = {item.value.rpartition("/")[2]: item for item in judge.items}
    nodes = [at[one] for one in home.ids]
    for name, control in controls(judge.past).items():

        def score(sets: Sequence[Sequence[int]], control: Any = control) -> Floats:
            return np.asarray(control([[nodes[n] for n in one] for one in sets]))

        found = figures(asked(score, asks), asks)
        yield Row(name, {what: [figure] for what, figure in found.items()})


def rows(options: argparse.Namespace, home: Ours, asks: Questions, given: Inputs) -> Iterator[Row]:
    """Yield the lines that are wanted, ours last: its ablations leave another model behind."""
    yield from counted(home, asks)
    if "lightgcn" in options.only:
        yield measured("LightGCN", lambda s: lightgcn(given, s), asks, options.seeds)
    if "transformer" in options.only:
        yield measured("outfit transformer", lambda s: transformer(given, s), asks, options.seeds)
    if "ablations" in options.only:
        for part in PARTS:
            if part != "photos" or given.images is not None:
                yield from ours(home, asks, 1, (part,))
    if "ours" in options.only:
        yield from ours(home, asks, options.seeds)


def main(arguments: list[str]) -> int:
    """Measure and print a table, then one line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks outfits", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of tables, questions")
    parser.add_argument("--as", dest="formats", nargs=2, default=("mango", "mango-outfits"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--photos", action="store_true", help="embed photographs, for all models")
    parser.add_argument("--workspace", type=Path, help="one that is loaded already; it is changed")
    parts = ("ours", "transformer", "lightgcn", "ablations")
    parser.add_argument("--only", nargs="*", choices=parts, default=parts)
    options = parser.parse_args(arguments)
    given = inputs(options.data)
    asks = questions(options.data, given.at)
    with tempfile.TemporaryDirectory(prefix="wearwhy-bench-") as made:
        home = Ours(options.workspace or Path(made) / "workspace", given.ids)
        if options.workspace is None:
            home.made(options.data, *options.formats, photos=options.photos)
        images = home.images() if options.photos else None
        given = inputs(options.data, images)
        head = [*asks.blanks, "compatibility"]
        sizes = [*(len(found) for found in asks.blanks.values()), len(asks.sets)]
        print(
            f"{'':<34}" + "".join(f"{f'{a} ({b:,})':<22}" for a, b in zip(head, sizes, strict=True))
        )
        found = []
        for row in rows(options, home, asks, given):
            print(row, flush=True)
            found.append(row.as_dict())
    print(json.dumps({"questions": dict(zip(head, sizes, strict=True)), "rows": found}))
    return 0
