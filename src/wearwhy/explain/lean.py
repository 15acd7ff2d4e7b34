"""Looks with their reasons and no more: what their terms are called and worth, why in a sentence.

Nothing is proved, no fact is withdrawn, and of what stands behind a term only that is found which
a sentence tells. What is said is what the whole explanation says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wearwhy.explain.naming import Names, Templates
from wearwhy.explain.reasons import told
from wearwhy.explain.sentences import LANGUAGES, label_of, reasons
from wearwhy.explain.telling import Telling
from wearwhy.explain.terms import ExplainedLook, in_a_row
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.rules.layer import Layer

Json = dict[str, Any]


def outlined(
    request_layer: Layer, looks: Sequence[Look], resources: Resources, templates: Templates
) -> tuple[ExplainedLook, ...]:
    """Return looks of one request with what each term tells, and without its evidence.

    Args:
        request_layer: the layer of their request.
        looks: in the order they are shown.
        resources: as they were found with.
        templates: of sentences.
    """
    telling = Telling(request_layer, looks, resources)
    found = in_a_row([ExplainedLook(look, request_layer, ()) for look in looks])
    for at, one in enumerate(found):
        named = _names(one, templates, LANGUAGES[0], telling)
        one.kept["told"] = [
            told(named, term, telling.slots(at, term))
            for term in one.look.terms
            if term.kind != "neural"
        ]
        one.kept["telling"] = telling
    return found


def _names(look: ExplainedLook, templates: Templates, language: str, telling: Telling) -> Names:
    """Return the names for the sentences and labels of a look, none of which speaks of itself."""
    words, forms = telling.words(language)
    return Names(look.layer, language, {}, templates, look.look.items, words, forms)


def look_json(look: ExplainedLook, templates: Templates, language: str) -> Json:
    """Return a look, as `outlined` made it, with its terms and reasons."""
    telling = look.kept["telling"]
    assert isinstance(telling, Telling)
    words = {
        lang: _names(look, templates, lang, telling)
        for lang in dict.fromkeys((language, *LANGUAGES))
    }
    named = words[language]
    return {
        "id": look.look.id,
        "score": look.look.score,
        "template": look.look.template.value,
        "items": [
            {"id": p.item.value, "label": named.of(p.item), "slot": p.slot.value}
            for p in look.look.placed
        ],
        "terms": [
            {"kind": term.kind, "label": label_of(named, term), "value": term.value}
            for term in look.look.terms
        ],
        "reasons": {lang: reasons(look, templates, lang, words[lang]) for lang in LANGUAGES},
    }
