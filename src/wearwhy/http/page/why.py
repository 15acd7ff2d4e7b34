"""Why: a look's reasons level by level, the proof of a fact, and why an item is in no look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from wearwhy.http.page.calendars import entries_of
from wearwhy.http.page.evidence import Shelf, node_of, told
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.looks import asked_again, wish_of
from wearwhy.http.page.proofs import proof
from wearwhy.http.page.route import pages
from wearwhy.http.page.whynot import why_not
from wearwhy.service.documents import Json
from wearwhy.service.wardrobes import wardrobe as wardrobe_document

LARGE: Final = 0.04
"""Terms of fewer points are folded away, until somebody opens them."""
DEEPEST: Final = 4
router = pages()


async def _evidence(frame: Frame, look: str) -> Json:
    """Return a look's evidence in words: kept, as long as the wardrobe stands where it stood."""
    shelf: Shelf | None = getattr(frame.request.app.state, "page_shelf", None)
    if shelf is None:
        shelf = frame.request.app.state.page_shelf = Shelf()
    name = frame.caller.wardrobe(frame.wardrobe)
    now = await frame.run(wardrobe_document, name)
    key = (name, look, frame.language, str(now["revision"]))
    known = shelf.get(key)
    if known is not None:
        return known
    return shelf.put(key, await frame.slow(told, look, name, frame.language))


@router.get("/page/looks/{look}")
async def why_look(frame: Looking, look: str, depth: int = 0, term: str = "") -> Response:
    """Show why a look is one: reasons, terms, and the tree of what they rest on.

    Its largest term is what is drawn first: the whole score takes seconds.
    """
    found = await _evidence(frame, look)
    most = max((abs(term["value"]) for term in found["terms"]), default=1.0) or 1.0
    depth = min(DEEPEST, max(0, depth))
    terms = sorted(found["terms"], key=lambda term: -term["value"])
    return frame.show(
        "why.html",
        look=found,
        most=most,
        below=any(term["value"] < 0 for term in terms),
        large=[term for term in terms if abs(term["value"]) >= LARGE],
        small=[term for term in terms if abs(term["value"]) < LARGE],
        depth=depth,
        term=term or _largest(terms),
    )


def _largest(terms: Sequence[Json]) -> str:
    """Return the evidence of the term of the most points; of a look without terms, all there is."""
    most = max(terms, key=lambda term: abs(term["value"]), default=None)
    return "all" if most is None or abs(most["value"]) < LARGE else str(most["evidence"])


@router.get("/page/looks/{look}/nodes/{node}")
async def why_node(frame: Looking, look: str, node: str) -> Response:
    """Show what one node of the evidence rests on."""
    found = await _evidence(frame, look)
    part = "X-Part" in frame.request.headers
    said = node_of(found, node)
    is_term = any(term["evidence"] == node for term in found["terms"])
    return frame.show("node.html", look=found, node=said, asked_of=is_term or not part)


@router.get("/page/why")
async def why_fact(frame: Looking, s: str, p: str, o: str) -> Response:
    """Show the proof of a fact."""
    found = await frame.slow(proof, s, p, o, wardrobe=frame.wardrobe, language=frame.language)
    return frame.show("fact.html", root=found["root"], nodes=found["nodes"], back=s)


@router.get("/page/why-not")
async def why_not_item(frame: Looking, item: str) -> Response:
    """Show why an item stands in no look, and the smallest change that would let it in."""
    asked = asked_again(frame.request)
    events = await entries_of(frame, asked["calendar"], asked["date"])
    locked, excluded = (
        tuple(frame.request.query_params.getlist(name)) for name in ("lock", "exclude")
    )
    wish = wish_of(asked, events, locked, excluded)
    answer = await frame.slow(why_not, item, wish, wardrobe=frame.wardrobe, language=frame.language)
    back = urlencode({name: value for name, value in asked.items() if value} | {"go": "1"})
    return frame.show("whynot.html", answer=answer, back=back)
