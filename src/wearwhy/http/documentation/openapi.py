"""The OpenAPI 3.1 document: what the routes declare, and what holds for all of them."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from wearwhy.http.documentation import examples, protocols
from wearwhy.http.models.words import Problem
from wearwhy.http.rest import ASKED, CHANGED, problems

_ABOUT: Final = """\
What to wear, and why: looks from a wardrobe, each proved down to what somebody said.

Names of items, occasions, colours and the like are IRIs, compact names (`ww:colour-navy`), ids
(`w03`) or labels, in any language. One request is about one wardrobe: `?wardrobe=NAME`, or the
only one that is yours. Answers about a wardrobe carry its revision as `ETag`; a change with
`If-Match` is made only at that revision. Every change takes `?preview=true`, which only looks.
What goes wrong is told as a problem (RFC 9457) with a code that never changes.
"""
TAGS: Final = (
    ("wardrobes", "Wardrobes that you own, and those that you were invited to."),
    ("items", "What is in a wardrobe, what is known of it, and from where."),
    ("looks", "What to wear, and why; what else, and why not."),
    ("rules", "The stylist's rules: a wardrobe has those of all, and its own."),
    ("revisions", "Every change is one revision, and can be taken back."),
    ("predictions", "What a model guessed: to be confirmed or rejected."),
    ("feedback", "What was worn, washed, liked, looked at and passed over."),
    ("wearers", "Who dresses: sizes, what stays covered, how warm they feel."),
    ("tasks", "Work that takes long, with its progress as server-sent events."),
    ("uploads", "Tables, RDF, photographs and calendars."),
    *protocols.TAGS,
    ("accounts", "Who may ask, and for what."),
    ("sessions", "Signing in with a password."),
    ("invitations", "Letting somebody else see a wardrobe."),
    ("people", "Everything of one person, to take along or to forget."),
    ("operation", "How the server is."),
)
_CHANGING: Final = ("post", "put", "patch", "delete")
_JSON: Final = ("application/json",)


def describe(app: FastAPI) -> None:
    """Let an application answer with the whole document, which is made when it is first asked."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = made(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's documentation has it


def made(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application's routes."""
    found = get_openapi(
        title="wearwhy",
        version=app.version,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    found["paths"] |= protocols.paths()
    used = {tag for path in found["paths"].values() for way in path.values() for tag in way["tags"]}
    found["tags"] = [{"name": n, "description": text} for n, text in TAGS if n in used]
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    found["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key, `ww_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "wearwhy",
            "description": "The cookie of a session (`__Host-wearwhy` over https); changes also "
            "need its token as the header X-CSRF-Token.",
        },
    }
    found["security"] = [{"key": []}, {"session": []}, {}]
    for ways in found["paths"].values():
        for method, way in ways.items():
            # What FastAPI would answer with 422 is a problem with 400 here.
            way["responses"].pop("422", None)
            for status, told in (CHANGED if method in _CHANGING else ASKED).items():
                way["responses"].setdefault(str(status), told)
            if "application/json" not in way.get("requestBody", {"content": _JSON})["content"]:
                way["responses"].setdefault("415", problems(415)[415])
            for told in way["responses"].values():
                if told["description"] == "Successful Response":
                    told["description"] = "What was asked for, or what was done."
    examples.show(found["paths"])
    return found
