"""Measure, and print a table and one line of JSON.

    python -m benchmarks [--quick] [--requests N] [--without-peers]
    python -m benchmarks reasoner [--quick] [--only NAME]...
    python -m benchmarks looks [--quick] [--only NAME]...
    python -m benchmarks links [--graphs umls kinships] [--seeds 5]
    python -m benchmarks outfits --data FOLDER [--seeds 5] [--photos]

Times are on the clock, with one thread: run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks import peers, speed, wardrobes  # after the threads are set
from benchmarks.measure import Figure, as_json, as_table


def figures(folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    """Yield every figure, as it is measured."""
    sizes = (60, 500) if options.quick else (60, 500, 5000)
    yield from speed.demo()
    workspace = wardrobes.workspace(folder, sizes)
    yield from speed.closures(workspace, 5 if options.quick else 15)
    for size in sizes:
        yield from speed.looks(workspace, size, options.requests)
    if not options.without_peers:
        yield from peers.closure()
        yield from peers.ranking(workspace, sizes[-1])


def main() -> int:
    """Measure and print; exit 1 where a promise is not kept."""
    if sys.argv[1:2] == ["reasoner"]:
        from benchmarks import reasoner  # noqa: PLC0415 (its peers are imported with it)

        return reasoner.main(sys.argv[2:])
    if sys.argv[1:2] == ["links"]:
        from benchmarks import links  # noqa: PLC0415 (needs the extra `neural`)

        return links.main(sys.argv[2:])
    if sys.argv[1:2] == ["outfits"]:
        from benchmarks import outfits  # noqa: PLC0415 (needs the extra `neural`)

        return outfits.main(sys.argv[2:])
    if sys.argv[1:2] == ["looks"]:
        from benchmarks import looks  # noqa: PLC0415 (its peers are imported with it)

        return looks.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the two small sizes, fewer repeats")
    parser.add_argument("--requests", type=int, default=120, help="how many a size (default 120)")
    parser.add_argument("--without-peers", action="store_true", help="only our own figures")
    options = parser.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="wearwhy-bench-") as made:
        for figure in figures(Path(made) / "workspace", options):
            print(f"{figure.what}: {figure.figure:,.2f} {figure.unit}", file=sys.stderr, flush=True)
            found.append(figure)
    print(as_table(found))
    print(as_json(found))
    return int(any(figure.kept.startswith("NO") for figure in found))


if __name__ == "__main__":
    sys.exit(main())
