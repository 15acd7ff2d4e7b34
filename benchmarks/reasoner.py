"""The reasoner against others, in one run: closures, changes, proofs, memory.

    python -m benchmarks reasoner [--only NAME]... [--quick]

Each figure of a peer is taken beside ours, turn by turn. A ratio is our time as a share of theirs:
below 1 we are faster. What the peers read is counted: we read Python's facts, nemo CSV files.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.fashion import Generated, generated
from benchmarks.measure import Figure, as_json, as_table, median, seconds

from wearwhy.rules.budget import Budget
from wearwhy.rules.bulk import close
from wearwhy.rules.descriptions import read
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Rule

TIMES: Final = 5
WIDE: Final = Budget(conclusions=1_000_000_000, seconds=3600.0)
MEMORY: Final = 2048.0


def rules_of(text: str) -> tuple[Rule, ...]:
    """Return the rules of a generated text."""
    found = read(text, "generated.srl")
    assert not found.errors
    return found.rules


def resident(shop: Generated, *, owl: bool = False) -> Layer:
    """Close a shop in the resident reading."""
    rules = rules_of(shop.owl if owl else shop.rules)
    return Layer.root(rules, (), shop.facts, budget=WIDE)


def in_turn(
    ours: Callable[[], object], theirs: Callable[[], float], times: int
) -> tuple[float, float]:
    """Return the medians of our times and of theirs, taken in turn."""
    pairs = [(seconds(ours), theirs()) for _ in range(times)]
    return median(one for one, _ in pairs), median(two for _, two in pairs)


# -- closures ------------------------------------------------------------------------------------


def nemo(shop: Generated, folder: Path, *, owl: bool = False) -> Callable[[], float]:
    """Return a call that closes a shop with nemo, reading its files, and returns how long it took."""
    import nmo_python  # noqa: PLC0415 (of the extra `peers`)

    text = shop.nemo(folder, owl_only=owl)

    def run() -> float:
        start = time.perf_counter()
        engine = nmo_python.NemoEngine(nmo_python.load_string(text))
        engine.reason()
        took = time.perf_counter() - start
        run.engine = engine  # type: ignore[attr-defined]
        return took

    run.names = re.findall(r"@export (p\d+)", text)  # type: ignore[attr-defined]
    return run


def counted(run: Callable[[], float]) -> int:
    """Return how many facts nemo's last run holds."""
    engine, names = run.engine, run.names  # type: ignore[attr-defined]
    return sum(sum(1 for _ in engine.result(name)) for name in names)


def against_nemo(size: int, times: int) -> Iterator[Figure]:
    """Yield the resident closure as a share of nemo's time."""
    shop = generated(size)
    with tempfile.TemporaryDirectory() as folder:
        theirs = nemo(shop, Path(folder))
        theirs()
        assert counted(theirs) == sum(1 for _ in resident(shop).facts()), "nemo concludes otherwise"
        one, two = in_turn(lambda: resident(shop), theirs, times)
    note = f"{one:.2f} s against {two:.2f} s, with first derivations"
    yield Figure(f"resident closure of {size:,} against nemo", one / two, "×", note, 1.0)


def bulk(times: int, size: int = 1_000_000) -> Iterator[Figure]:
    """Yield the bulk closure as a share of nemo's time, without and with derivations."""
    shop = generated(size)
    rules = rules_of(shop.rules)

    def ours(*, derivations: bool) -> None:
        with close(rules, (), shop.facts, derivations=derivations) as found:
            sizes.add(found.count)
            parts.append(found.seconds)

    with tempfile.TemporaryDirectory() as folder:
        theirs = nemo(shop, Path(folder))
        for derivations, bound in ((False, 1 / 3), (True, 1 / 1.3)):
            sizes: set[int] = set()
            parts: list[dict[str, float]] = []
            one, two = in_turn(lambda d=derivations: ours(derivations=d), theirs, times)  # type: ignore[misc]
            split = ", ".join(f"{name} {median(p[name] for p in parts):.2f}" for name in parts[0])
            note = f"{one:.2f} s ({split}) against {two:.2f} s; {sizes.pop():,} facts"
            what = "with first derivations" if derivations else "without ledger"
            promised = bound if size == 1_000_000 else None
            figure = one / two
            yield Figure(
                f"bulk closure of {size:,} against nemo, {what}", figure, "×", note, promised
            )


def owl(times: int) -> Iterator[Figure]:
    """Yield the OWL part as a share of what `reasonable` and owlrl take."""
    if importlib.util.find_spec("reasonable"):
        import reasonable  # noqa: PLC0415 (of the extra `peers`)

        shop = generated(100_000)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.ttl"
            lines = (f"{f.subject} {f.predicate} {f.object} ." for f in shop.facts)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")

            def theirs() -> float:
                reasoner = reasonable.PyReasoner()
                reasoner.load_file(str(path))
                return seconds(reasoner.reason)

            one, two = in_turn(lambda: resident(shop, owl=True), theirs, times)
        note = f"{one:.2f} s against {two:.2f} s, its reading of the file not counted"
        yield Figure("OWL part, 100,000, against reasonable", one / two, "×", note, 1 / 3)
    if importlib.util.find_spec("owlrl"):
        import owlrl  # noqa: PLC0415 (of the extra `peers`)
        import rdflib  # noqa: PLC0415

        small = generated(10_000)
        text = "\n".join(f"{f.subject} {f.predicate} {f.object} ." for f in small.facts)

        def expand() -> float:
            graph = rdflib.Graph().parse(data=text, format="nt")
            return seconds(lambda: owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph))

        one = median(seconds(lambda: resident(small, owl=True)) for _ in range(times))
        two = expand()
        note = f"{one:.3f} s against {two:.1f} s (once), all of OWL 2 RL there"
        yield Figure("OWL part, 10,000, against owlrl", one / two, "×", note, 1 / 200)


# -- memory --------------------------------------------------------------------------------------

_PROBE: Final = """
import resource, sys
from benchmarks import reasoner
shop = reasoner.generated(int(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
layer = reasoner.resident(shop) if sys.argv[2] == "resident" else reasoner.close(
    reasoner.rules_of(shop.rules), (), shop.facts, derivations=True)
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def memory(size: int = 1_000_000) -> Iterator[Figure]:
    """Yield the peak memory of a process that closes a million facts, the generator's included."""
    for which in ("resident", "bulk"):
        command = [sys.executable, "-c", _PROBE, str(size), which]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        before, peak = (int(part) / 1024 for part in done.stdout.split())
        note = f"peak of the process; {before:,.0f} MiB of it the generated facts"
        bound = MEMORY if which == "resident" else None
        yield Figure(f"memory, {which}, {size:,} asserted", peak, "MiB", note, bound)


# -- all -----------------------------------------------------------------------------------------


def parts(*, quick: bool) -> dict[str, Callable[[], Iterator[Figure]]]:
    """Return what can be measured, by name."""
    from benchmarks import changes  # noqa: PLC0415 (it measures what this module closes)

    times = 1 if quick else TIMES
    sizes = (10_000,) if quick else (10_000, 100_000, 1_000_000)

    def nemos() -> Iterator[Figure]:
        for size in sizes[:2]:
            yield from against_nemo(size, times)

    return {
        "nemo": nemos,
        "bulk": lambda: bulk(times, 100_000 if quick else 1_000_000),
        "owl": lambda: owl(times),
        "wardrobes": changes.wardrobes,
        "facts": lambda: changes.facts(sizes),
        "rules": lambda: changes.rules(10_000 if quick else 100_000),
        "proofs": lambda: changes.proofs(10_000 if quick else 100_000),
        "candidates": changes.candidates,
        "memory": lambda: memory(100_000 if quick else 1_000_000),
    }


def main(words: list[str]) -> int:
    """Measure and print; exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks reasoner", description="The reasoner.")
    parser.add_argument("--quick", action="store_true", help="small sizes, once each")
    parser.add_argument("--only", action="append", help="a part; may be repeated")
    options = parser.parse_args(words)
    known = parts(quick=options.quick)
    chosen = options.only or list(known)
    for name in chosen:
        if name not in known:
            parser.error(f"--only takes one of {', '.join(known)}")
    found: list[Figure] = []
    for name in chosen:
        for figure in known[name]():
            line = f"{figure.what}: {figure.figure:,.3f} {figure.unit}  {figure.note}"
            print(line, file=sys.stderr, flush=True)
            found.append(figure)
    print(as_table(found))
    print(as_json(found))
    return int(any(figure.kept.startswith("NO") for figure in found))
