"""A change as it is looked at before it is made: facts and looks, and the button that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from wearwhy.explain.naming import Names
from wearwhy.explain.wording import said
from wearwhy.http.page.frame import Frame
from wearwhy.http.page.telling import MOST, fact_of, named_in, sentences_with
from wearwhy.rdf import SCHEMA, NamedNode
from wearwhy.service.caller import Caller
from wearwhy.service.documents import Json
from wearwhy.service.service import Service

CERTAIN: Final = 1.0
LEAST: Final = 0.005
"""Points that are told: two places behind the point."""
TERMS: Final = 2
"""So many terms of a look are told, those that moved most first."""


def names_in(facts: Sequence[Json]) -> dict[str, str]:
    """Return what facts themselves call things, by IRI: what is new has no other name yet."""
    return {
        fact["subject"]["value"]: fact["object"]["value"]
        for fact in facts
        if fact["predicate"]["value"] == SCHEMA.name.value
    }


def in_words(
    service: Service,
    caller: Caller,
    change: Json,
    *,
    wardrobe: str | None,
    language: str,
    own: Mapping[str, str] | None = None,
) -> Json:
    """Return a change with all of it that the page tells, in words.

    Args:
        service: that is asked.
        caller: who asks.
        change: the difference, as previews have it.
        wardrobe: whose names are used.
        language: of the sentences.
        own: names of what the graph does not know yet, by IRI.
    """
    facts = change["facts"]
    named = named_in(
        service, caller, wardrobe, language, {**names_in(facts["gained"]), **(own or {})}
    )
    return {
        "gained": sentences_with(named, facts["gained"]),
        "lost": sentences_with(named, facts["lost"]),
        "shifted": [
            {
                "says": said(named, fact_of(one)),
                "before": _standing(named, one["before"]),
                "after": _standing(named, one["after"]),
            }
            for one in facts["shifted"][:MOST]
        ],
        "looks": {
            side: [
                {
                    **one,
                    "asked": _request(named, one["request"]),
                    "told_terms": [term for term in one["terms"] if _seen(term)][:TERMS],
                }
                for one in those
            ]
            for side, those in change["looks"].items()
        },
        "strayed": [_request(named, one) for one in change["strayed"]],
        "silenced": [
            {**one, "asked": _request(named, one["request"])} for one in change["silenced"]
        ],
        "rules": [{**one, "label": _rule(named, one["rule"])} for one in change["rules"]],
        "nothing": not any([*facts.values(), *change["looks"].values()])
        and not (change["strayed"] or change["silenced"] or change["rules"]),
    }


def _seen(term: Json) -> bool:
    """Return whether a term's points differ by what is seen of them."""
    return bool(abs((term["before"] or 0.0) - (term["after"] or 0.0)) >= LEAST)


def _standing(named: Names, one: Json) -> Json:
    """Return how a fact stands: its kind, how sure it is in percent (None: certain), by what rule."""
    sure = one["confidence"]
    return {
        "kind": one["kind"],
        "sure": None if sure >= CERTAIN else round(100 * sure),
        "rule": _rule(named, one["rule"]) if one["rule"] else "",
    }


def _rule(named: Names, iri: str) -> str:
    return named.of(NamedNode(iri))


def _request(named: Names, one: Json) -> Json:
    """Return what a request is for, and its day; empty where it does not say."""
    about = named.say("list").join(named.of(NamedNode(iri)) for iri in one["occasions"])
    return {"about": about, "on": one.get("date", "")}


async def seen(
    frame: Frame,
    template: str,
    change: Json,
    *,
    action: str,
    carried: Sequence[tuple[str, str]],
    wardrobe: str | None,
    own: Mapping[str, str] | None = None,
    **about: Any,
) -> Response:
    """Return a page with what a change would change.

    Args:
        frame: of the visit.
        template: of the page.
        change: the difference, as previews have it.
        action: where the button sends it.
        carried: the fields that say the change again.
        wardrobe: that it is about.
        own: names of what the graph does not know yet, by IRI.
        about: what else the page shows.
    """
    told = await frame.run(in_words, change, wardrobe=wardrobe, language=frame.language, own=own)
    return frame.show(
        template,
        change=change,
        told=told,
        action=action,
        carried=[*carried, ("wardrobe", wardrobe or "")],
        **about,
    )
