"""What the conformance tests of OWL, RDFS and the entailment regimes share."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from wearwhy.rdf import Fact

SUITES = Path(__file__).parents[3] / "shared" / "suites"
_EXCEPTIONS = Path(__file__).parent / "exceptions"
_FORMATS = {
    ".rdf": RdfFormat.RDF_XML,
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
}


def exceptions(file: str, section: str) -> dict[str, str]:
    """Return the tests of a section that are expected to differ, with the reasons."""
    text = (_EXCEPTIONS / f"{file}.toml").read_text("utf-8")
    found: dict[str, str] = tomllib.loads(text).get(section, {})
    return found


def facts(path: Path) -> list[Fact]:
    """Return what a file of a suite says."""
    base = f"http://example.org/{path.parent.name}"
    quads = parse(path=str(path), format=_FORMATS[path.suffix], base_iri=base)
    return [Fact(quad.subject, quad.predicate, quad.object) for quad in quads]


def cases(names: Iterable[str]) -> list[object]:
    """Return parameters for tests by name; one that skips where the suites are absent."""
    found: list[object] = [pytest.param(name, id=name) for name in sorted(names)]
    absent = pytest.mark.skip(reason="the suites are not beside this checkout")
    return found or [pytest.param("", id="absent", marks=absent)]


def judge(name: str, *, passed: bool, expected: dict[str, str]) -> None:
    """Break on a failure that no reason was given for, and on a pass where one was."""
    if name in expected:
        assert not passed, f"{name} passes: take it off the list of exceptions"
    else:
        assert passed, name
