"""Looks for a request, and why: recommend, complete, explain, why and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from wearwhy.errors import UnknownName, ValueRefused
from wearwhy.evidence import Evidence
from wearwhy.explain.document import evidence_json, look_json
from wearwhy.explain.drawing import layout
from wearwhy.explain.evidence_picture import evidence_picture
from wearwhy.explain.mermaid import mermaid
from wearwhy.explain.naming import Names
from wearwhy.explain.naming import names as names_of
from wearwhy.explain.rdf import turtle
from wearwhy.explain.whole import evidence_of
from wearwhy.explain.wording import node_text
from wearwhy.service.caller import Caller
from wearwhy.service.changing import readable
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names, sentences
from wearwhy.service.wishing import Wish, decoding, dressing, require_short, wishes
from wearwhy.workspace import find, lacking, outfits, whynot, whynot_fit
from wearwhy.workspace.lean import lean
from wearwhy.workspace.replay import replay
from wearwhy.workspace.why import why_fact

Form: TypeAlias = Literal["turtle", "mermaid", "svg"]
FORMS: tuple[Form, ...] = ("turtle", "mermaid", "svg")
Proof: TypeAlias = Literal["first", "shortest", "surest"]
DEEPEST = 100
MOST_COMPLETIONS = 100
TRIALS = 200
COMPLETED = 40


def recommend(
    service: Service,
    caller: Caller,
    wish: Wish,
    *,
    wardrobe: str | None = None,
    lang: str = "en",
    evidence: bool = False,
) -> Json:
    """Return looks for a wish, remembered so that they can be explained.

    Args:
        service: that is asked.
        caller: who asks.
        wish: what for.
        wardrobe: that is drawn on.
        lang: of labels; reasons are in every language.
        evidence: whether with the whole evidence, as `recommend --json`; it takes seconds.

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
        NoAnswer: WW-LOOK-NONE, saying what is lacking.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    asked = wishes(wish, workspace.names)
    way = decoding(wish)
    if way is None and not evidence:
        return {**lean(workspace, asked, name, lang), "revision": workspace.revision_of(name)}
    found = outfits.outcome(workspace, asked, name, tried=None if evidence else 0, decoding=way)
    whole = outfits.as_json(found, sentences(), lang)
    return {**(whole if evidence else _lean(whole)), "revision": workspace.revision_of(name)}


def complete(
    service: Service,
    caller: Caller,
    given: Sequence[str],
    wish: Wish,
    *,
    slot: str | None = None,
    wardrobe: str | None = None,
    lang: str = "en",
    evidence: bool = False,
) -> Json:
    """Return for each empty slot of a partial outfit the items that fit, best first.

    The looks that they make are remembered so that they can be explained.

    Args:
        service: that is asked.
        caller: who asks.
        given: the items that are there already.
        wish: what for; `n` is how many items a slot, what it locks is there already, too.
        slot: the one slot to fill; None: every empty one.
        wardrobe: that is drawn on.
        lang: of labels.
        evidence: whether with the whole evidence, as `complete --json`.

    Raises:
        InputError, UnknownName: naming what was not understood.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    # How many items a slot is said beside: the request itself stays one for as many looks as usual.
    asked = wishes(replace(dressing(wish, given), n=Wish().n), workspace.names)
    found = outfits.completions(workspace, asked, slot or None, wish.n, name)
    shown = [[one.look] for those in found.by_slot.values() for one in those]
    workspace.remember(shown, name, ranked=False)
    whole = outfits.completions_json(found, sentences(), lang)
    return {**(whole if evidence else _lean(whole)), "revision": workspace.revision_of(name)}


def _lean(whole: Json) -> Json:
    """Return an answer without its evidence, which can be asked for look by look."""
    kept = ("kind", "label", "value")
    return {
        **{key: value for key, value in whole.items() if key != "proof"},
        "looks": [
            {
                **{key: value for key, value in look.items() if key != "labels"},
                "terms": [{key: term[key] for key in kept} for term in look["terms"]],
            }
            for look in whole["looks"]
        ],
    }


def explain(
    service: Service,
    caller: Caller,
    look: str,
    *,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return the whole evidence of a look that was shown, and the look with all of its terms.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN.
        NoAnswer: WW-REPLAY-GONE, where an item of it is no longer there.
    """
    name = readable(caller, wardrobe)
    require_short([look])
    found = replay(service.workspace, look, name)
    return {
        **evidence_json(evidence_of(found)),
        "revision": service.workspace.revision_of(name),
        "look": look_json(found, sentences(), lang),
    }


def drawn(
    service: Service,
    caller: Caller,
    look: str,
    form: Form,
    *,
    depth: int | None = None,
    wardrobe: str | None = None,
    lang: str = "en",
) -> str:
    """Return the evidence of a look as Turtle, as a Mermaid chart or as an SVG picture.

    Args:
        service: that is asked.
        caller: who asks.
        look: its id.
        form: what is wanted.
        depth: how many steps below the root a picture shows; None for all.
        wardrobe: whose look it is.
        lang: of a picture.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN.
        NoAnswer: WW-REPLAY-GONE.
    """
    name = readable(caller, wardrobe)
    require_short([look])
    found = replay(service.workspace, look, name)
    if form == "turtle":
        return turtle(term.evidence for term in found.terms)
    named = names_of(found.layer, found.look, sentences(), lang)
    return picture(named, evidence_of(found), form, depth)


def picture(named: Names, found: Evidence, form: Form, depth: int | None = None) -> str:
    """Return evidence drawn, as Mermaid or as SVG.

    Raises:
        ValueRefused: WW-PICTURE-DEPTH.
    """
    if depth is not None and not 1 <= depth <= DEEPEST:
        raise ValueRefused("WW-PICTURE-DEPTH", f"A picture shows 1 to {DEEPEST} steps.")
    chart = layout(named, found, depth=depth)
    title = chart.nodes[0].text
    return mermaid(chart, title) if form == "mermaid" else evidence_picture(named, chart, title)


def why(
    service: Service,
    caller: Caller,
    subject: str,
    predicate: str,
    obj: str,
    *,
    proof: Proof = "first",
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return the proof of a fact in three words, and what each of its nodes says.

    Raises:
        UnknownName: where a word names nothing.
        NoAnswer: WW-WHY-ABSENT, where it does not hold.
    """
    name = readable(caller, wardrobe)
    require_short([subject, predicate, obj])
    workspace = service.workspace
    layer = workspace.layer(name)
    fact = find.fact(layer, workspace.names, subject, predicate, obj)
    found = workspace.why(fact, name) if proof == "first" else why_fact(layer, fact, proof)
    named = names(layer, lang)
    return {
        **evidence_json(found),
        "revision": workspace.revision_of(name),
        "labels": {key: node_text(named, node) for key, node in found.nodes.items()},
    }


def why_not(
    service: Service,
    caller: Caller,
    item: str,
    wish: Wish,
    *,
    given: Sequence[str] = (),
    slot: str | None = None,
    exhaustive: bool = False,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return why an item stands in no look, and the smallest change that would let it in.

    Args:
        service: that is asked.
        caller: who asks.
        item: that is asked about.
        wish: what for.
        given: with these, why it is not among what completes them.
        slot: with `given`: the one slot to fill.
        exhaustive: whether every set of up to three changes is tried, however long it takes.
        wardrobe: that is drawn on.
        lang: of labels.

    Raises:
        InputError, UnknownName: naming what was not understood.
    """
    name = readable(caller, wardrobe)
    require_short([item], given)
    if slot and not given:
        raise UnknownName("WW-SLOT-GIVEN", "A slot is for what completes some items: name them.")
    workspace, templates = service.workspace, sentences()
    asked = wishes(dressing(wish, given) if given else wish, workspace.names)
    if given:
        trials = None if exhaustive else COMPLETED
        found = whynot_fit.why_not_fit(
            workspace, item, asked, slot or None, name,
            templates=templates, lang=lang, trials=trials,
        )  # fmt: skip
    else:
        trials = None if exhaustive else TRIALS
        found = whynot.why_not(
            workspace, item, asked, name, templates=templates, lang=lang, trials=trials
        )
    named = names(found.layer, lang)
    changes = found.searched.smallest.changes if found.searched and found.searched.smallest else ()
    return {
        **whynot.as_json(found),
        "revision": workspace.revision_of(name),
        "label": named.of(found.item),
        "blocked": whynot.blocked_lines(found, named, templates),
        "changes": [whynot.change_line(step, named) for step in changes],
    }


def why_not_fact(
    service: Service,
    caller: Caller,
    subject: str,
    predicate: str,
    obj: str,
    *,
    n: int = 3,
    wardrobe: str | None = None,
) -> Json:
    """Return which rules come nearest to a fact that does not hold, and what they lack.

    Raises:
        UnknownName: where a word names nothing.
    """
    name = readable(caller, wardrobe)
    require_short([subject, predicate, obj])
    workspace = service.workspace
    layer = workspace.layer(name)
    fact = find.fact(layer, workspace.names, subject, predicate, obj)
    found = lacking.why_not_fact(layer, fact, max(1, min(n, 100)))
    return {**found.as_dict(), "revision": workspace.revision_of(name)}
