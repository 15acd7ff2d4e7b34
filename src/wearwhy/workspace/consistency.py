"""Is an ontology free of contradictions? By the rules of OWL 2 RL, and by HermiT where Java is.

The rules find a contradiction that facts lead to, and prove it. HermiT reads all of OWL 2 DL: it
also finds classes that can have no member, and contradictions that no rule of the profile finds;
it gives no reasons.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from wearwhy.evidence import Evidence, Kind
from wearwhy.explain.document import evidence_json, fact_json
from wearwhy.feeds.graphs import read_graph
from wearwhy.proof.prove import prove
from wearwhy.rdf import (
    DCTERMS,
    OWL,
    RDFS,
    SKOS,
    TYPE,
    WW,
    BlankNode,
    Fact,
    Literal,
    NamedNode,
    Triple,
)
from wearwhy.rules.layer import Layer
from wearwhy.rules.standard import clashes, closed, owl2_rl, without_blanks
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.hermit import java

SECONDS: Final = 300.0
_ANNOTATIONS: Final = (RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy)
_COMMAND: Final = (sys.executable, "-m", "wearwhy.workspace.hermit")
_SOURCES: Final = str(Path(__file__).parents[2])


@dataclass(frozen=True, slots=True)
class Hermit:
    """What HermiT says, or why it was not asked.

    Attributes:
        consistent: its verdict; None where there is none.
        unsatisfiable: the classes that can have no member.
        missing: what stood in its way: `java`, `owlready2`, `time`, or its own words.
    """

    consistent: bool | None
    unsatisfiable: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Consistency:
    """What was found.

    Attributes:
        layer: the closure under OWL 2 RL.
        facts: how many statements were checked.
        bundled: whether the bundled ontology was among them.
        clashes: each contradiction with its proof.
        hermit: its verdict.
    """

    layer: Layer
    facts: int
    bundled: bool
    clashes: tuple[tuple[Fact, Evidence], ...]
    hermit: Hermit

    @property
    def consistent(self) -> bool:
        """Whether nothing speaks against the ontology."""
        return not (self.clashes or self.hermit.consistent is False or self.hermit.unsatisfiable)

    def as_dict(self) -> dict[str, Any]:
        """Return what `ontology check --json` prints."""
        return {
            "consistent": self.consistent,
            "facts": self.facts,
            "bundled": self.bundled,
            "clashes": [
                {"statement": fact_json(fact), "proof": evidence_json(proof)}
                for fact, proof in self.clashes
            ],
            "hermit": {
                "consistent": self.hermit.consistent,
                "unsatisfiable": list(self.hermit.unsatisfiable),
                "missing": self.hermit.missing or None,
            },
        }


def gathered(of: Bundle, files: Sequence[Path]) -> tuple[tuple[Fact, ...], bool]:
    """Return the statements to check, and whether those of the bundled ontology are among them.

    Files are checked together; with the bundled ontology if they use its words, or if there are
    none.

    Raises:
        FormatError: as `feeds.graphs.read_graph`.
    """
    own = [fact for file in files for fact in read_graph(file)]
    words = any(
        isinstance(term, NamedNode) and term.value.startswith(WW) for fact in own for term in fact
    )
    bundled = words or not files
    ontology = [fact for file in of.ontology.values() for fact in file.facts] if bundled else []
    return tuple(dict.fromkeys(without_blanks((*ontology, *own)))), bundled


def check(facts: Sequence[Fact], *, bundled: bool, seconds: float = SECONDS) -> Consistency:
    """Return whether statements contradict each other, and why.

    Args:
        facts: without blank nodes.
        bundled: whether the bundled ontology is among them; it is told.
        seconds: that HermiT may take; 0 does not ask it.

    Raises:
        BudgetExceeded: the closure is beyond its budget.
    """
    layer = closed(owl2_rl(), facts)
    found = tuple(
        (fact, prove(layer, fact)) for fact in clashes(layer) if layer.kind(fact) is not Kind.SAME
    )
    return Consistency(layer, len(facts), bundled, found, asked(facts, seconds))


def asked(facts: Iterable[Fact], seconds: float) -> Hermit:
    """Return what HermiT says of statements, if Java and owlready2 are there."""
    if seconds <= 0:
        return Hermit(None, missing="unasked")
    if importlib.util.find_spec("owlready2") is None:
        return Hermit(None, missing="owlready2")
    if java() is None:
        return Hermit(None, missing="java")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ontology.nt"
        path.write_bytes(_n_triples(facts))
        return _answer(_run(path, seconds))


def _n_triples(facts: Iterable[Fact]) -> bytes:
    """Return what HermiT reads: no annotations, which no axiom reads."""
    every = tuple(facts)
    silent = {
        f.subject for f in every if f.predicate == TYPE and f.object == OWL.AnnotationProperty
    }
    triples = [
        ox.Triple(fact.subject, fact.predicate, fact.object)
        for fact in every
        if fact.predicate not in silent
        and fact.predicate not in _ANNOTATIONS
        and not fact.predicate.value.startswith((str(SKOS), str(DCTERMS)))
        and isinstance(fact.subject, NamedNode | BlankNode)
        and isinstance(fact.object, NamedNode | BlankNode | Literal)
        and not isinstance(fact.object, Triple)
    ]
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _run(path: Path, seconds: float) -> str | None:
    """Run HermiT; None when its time is up."""
    environment = os.environ | {"PYTHONPATH": _SOURCES, "PYTHONUTF8": "1"}
    with subprocess.Popen(  # noqa: S603  # our own interpreter and module
        (*_COMMAND, str(path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            out, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.communicate()
            return None
        except BaseException:  # Ctrl-C: leaving the block would wait for its end
            _kill(process)
            raise
    return out.decode("utf-8", "replace")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and the Java that it started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:  # pragma: no cover  # Windows has no process groups
        process.kill()


def _answer(text: str | None) -> Hermit:
    if text is None:
        return Hermit(None, missing="time")
    last = (text.strip().splitlines() or ["{}"])[-1]
    try:
        found = json.loads(last)
    except ValueError:
        found = {}
    if "consistent" not in found:
        return Hermit(None, missing=found.get("error") or "it ended without an answer")
    return Hermit(found["consistent"], tuple(found["unsatisfiable"]))
