"""The demonstration: the bundled wardrobe, log, opinions, calendar and weather, and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wearwhy import settings
from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.cited import named_by_content
from wearwhy.feeds import load as feeds
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.proof.prove import prove
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import guesses
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.opinions import read_opinions
from wearwhy.workspace.outfits import Outcome, outcome
from wearwhy.workspace.workspace import Workspace

WARDROBE = "demo"
DAY = date(2026, 11, 24)
THRESHOLD = 0.80
GUESSES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the demonstration shows.

    Attributes:
        workspace: where it happened.
        items: how many are owned.
        reasoned: what closing and guessing came to, facts counted by kind.
        outcome: the looks of the day.
        guessed: what is guessed of the items of the looks; where nothing is, of other items.
    """

    workspace: Workspace
    items: int
    reasoned: guesses.Reasoned
    outcome: Outcome
    guessed: tuple[EvidenceNode, ...]


def demonstrate(folder: Path, *, tried: int | None = None) -> Shown:
    """Make a workspace of the bundled data in a folder and dress for the bundled day.

    Args:
        folder: of the workspace.
        tried: of how many terms a look, the largest first, each cited fact is withdrawn; None
            for all.

    Raises:
        StoreError: WW-STORE-EXISTS, where there is a workspace already.
    """
    workspace = Workspace.init(folder)
    _choose_threshold(workspace)
    data = workspace.bundle.folder / "data"
    owned = _fill(workspace, data)
    reasoned = guesses.reason(workspace, WARDROBE, THRESHOLD)
    workspace.apply(reasoned.edit)
    wishes = Wishes(on=DAY, calendar=data / "calendar.ics", weather=str(data / "weather.csv"))
    found = outcome(workspace, wishes, WARDROBE, tried=tried)
    # What measures compute stands where a look is judged.
    judged = [look.layer for part in found.parts for look in part.looks[:1]]
    layer = judged[0] if judged else workspace.layer(WARDROBE)
    counted = guesses.counted(workspace, WARDROBE, reasoned, layer=layer)
    return Shown(workspace, owned, counted, found, _guessed(workspace, found))


def _choose_threshold(workspace: Workspace) -> None:
    """Let whoever guesses anew in this workspace guess as the demonstration does."""
    path = workspace.folder / settings.FILE
    if not path.exists():
        path.write_text(f"guess_threshold = {THRESHOLD}\n", encoding="utf-8")
        workspace.settings = settings.read(workspace.folder)


def _fill(workspace: Workspace, data: Path) -> int:
    """Load everything bundled as one revision; return how many items are owned."""
    wardrobe = Target("wardrobe", WARDROBE)
    quads: list[Quad] = []

    def read(name: str, into: Target, known: tuple[Fact, ...] = ()) -> Loaded:
        loaded = feeds.read(
            data / f"{name}.csv",
            name,
            names=workspace.names,
            into=into,
            known=known,
            mappings=workspace.bundle.folder / "kg" / "mappings",
        )
        graph = graph_name(f"{into.kind}/{into.name}", "asserted", name)
        quads.extend(Quad(graph, fact) for fact in loaded.facts)
        return loaded

    owned = read("wardrobe", wardrobe)
    read("outfits", wardrobe, owned.facts)
    items = {
        fact.subject.value.rpartition("/")[2]: fact.subject
        for fact in owned.facts
        if fact.predicate == WW.inWardrobe and isinstance(fact.subject, NamedNode)
    }
    said = read_opinions(data / "opinions.csv", WARDROBE, items, workspace.names)
    patch = Patch(add=(*quads, *said.patch.add))
    message = "load the bundled wardrobe, log and opinions"
    workspace.apply(Edit(patch, message, f"wardrobe/{WARDROBE}"))
    return owned.items


def _guessed(workspace: Workspace, found: Outcome) -> tuple[EvidenceNode, ...]:
    layer = workspace.layer(WARDROBE)
    worn = {item for part in found.parts for look in part.looks for item in look.look.items}
    facts = [
        fact
        for fact, _ in reversed(guesses.standing(workspace, WARDROBE))
        if layer.kind(fact) is Kind.PREDICTED
    ]
    chosen = [fact for fact in facts if fact.subject in worn] or facts
    proofs = [named_by_content(prove(layer, fact), {})[0] for fact in chosen[:GUESSES]]
    return tuple(proof.nodes[proof.root] for proof in proofs)
