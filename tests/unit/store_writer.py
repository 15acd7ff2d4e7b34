"""A writer to be killed: loads, sets and applies without end, and prints each revision it made.

Run as `python store_writer.py WORKSPACE`. Each change is large enough to be torn, and its message
carries its size, so that whoever opens the workspace afterwards can tell whether it is whole.
"""

from __future__ import annotations

import sys

from wearwhy.rdf import ID, WW, Fact, literal
from wearwhy.store import Patch, Quad, Store, graph_name

LOADED = graph_name("wardrobe/mine", "asserted", "load")
EDITED = graph_name("wardrobe/mine", "asserted", "edit")
DRAFTED = graph_name("base", "rules", "applied")
COLUMNS = 40


def main(folder: str) -> None:
    with Store.open(folder, write=True) as store:
        while True:
            number = store.revision + 1
            kind = ("load", "set", "apply")[number % 3]
            if kind == "load":
                add = [
                    Quad(LOADED, Fact(ID[f"mine/{number}-{row}"], WW[f"p{column}"], literal(row)))
                    for row in range(8)
                    for column in range(COLUMNS)
                ]
                patch = Patch(tuple(add))
            else:
                graph = EDITED if kind == "set" else DRAFTED
                old = tuple(Quad(graph, fact) for fact in store.facts(graph))
                new = tuple(
                    Quad(graph, Fact(ID[f"mine/{row}"], WW.note, literal(f"{kind} {number}")))
                    for row in range(COLUMNS)
                )
                patch = Patch(new, old)
            size = len(patch.add) + len(patch.remove)
            made = store.commit(patch, message=f"{kind} {size}", scope="wardrobe/mine")
            sys.stdout.write(f"{made.number}\n")
            sys.stdout.flush()


main(sys.argv[1])
