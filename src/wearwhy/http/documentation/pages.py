"""The pages that show the documentation: made here as HTML, without a script or another's server."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from wearwhy.errors import UnknownName
from wearwhy.workspace import errorpages

HERE: Final = Path(__file__).parent
STYLE: Final = HERE / "docs.css"
_CODE: Final = re.compile(r"WW(-[A-Z0-9]+)+")
_BARE: Final = "What is wrong is said by the problem that has this code: its title, note and hint."
_ORDER: Final = ("get", "post", "put", "patch", "delete")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(document: dict[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    return (
        _templates()
        .get_template("docs.html")
        .render(
            info=document["info"],
            about=_paragraphs(document["info"]["description"]),
            groups=_groups(document),
        )
    )


def _groups(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations by tag, in the order in which the document names tags."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, ways in document["paths"].items():
        for method in _ORDER:
            if method in ways:
                for tag in ways[method]["tags"]:
                    found.setdefault(tag, []).append(_operation(document, path, method))
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    return [
        {"name": name, "about": about.get(name, ""), "operations": those}
        for name, those in found.items()
        if those
    ]


def _operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    way = document["paths"][path][method]
    return {
        "id": way["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": way.get("summary", ""),
        "about": _paragraphs(way.get("description", "")),
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "required": one.get("required", False),
                "type": _type(one["schema"]),
                "about": one.get("description") or one["schema"].get("description", ""),
                "example": one.get("example", ""),
            }
            for one in way.get("parameters", ())
        ],
        "body": _body(document, way),
        "responses": [
            {
                "status": status,
                "about": one.get("description", ""),
                "media": ", ".join(one.get("content", {})),
                "examples": [
                    _shown(said["example"])
                    for said in one.get("content", {}).values()
                    if "example" in said
                ],
            }
            for status, one in sorted(way["responses"].items())
        ],
    }


def _body(document: dict[str, Any], way: dict[str, Any]) -> dict[str, Any] | None:
    content = way.get("requestBody", {}).get("content", {})
    if not content:
        return None
    media, said = next(iter(content.items()))
    schema = _resolved(document, said.get("schema", {}))
    required = schema.get("required", ())
    return {
        "media": ", ".join(content) if len(content) > 1 else media,
        "about": _paragraphs(schema.get("description", "")),
        "fields": [
            {
                "name": name,
                "required": name in required,
                "type": _type(one),
                "about": one.get("description", ""),
            }
            for name, one in schema.get("properties", {}).items()
        ],
        "examples": [
            *(_shown(one) for one in schema.get("examples", ())),
            # One that the schema shows already is not shown again.
            *(
                _shown(one["example"])
                for one in content.values()
                if "example" in one and one["example"] not in schema.get("examples", ())
            ),
        ],
    }


def _shown(example: Any) -> str:
    """Return an example as it is read: a text as it is, a document in lines."""
    return (
        example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
    )


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _type(schema: dict[str, Any]) -> str:
    """Return what a schema takes, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _paragraphs(text: str) -> Markup:
    """Return a text as paragraphs, its `code` marked."""
    parts = []
    for paragraph in text.strip().split("\n\n"):
        pieces = " ".join(paragraph.split()).split("`")
        marked = [
            Markup("<code>{}</code>").format(piece) if n % 2 else escape(piece)
            for n, piece in enumerate(pieces)
        ]
        parts.append(Markup("<p>{}</p>").format(Markup("").join(marked)))
    return Markup("").join(parts) if text.strip() else Markup("")


def error_page(code: str) -> str:
    """Return the page of an error code; a bare one, where the problem itself says all there is.

    Raises:
        UnknownName: WW-CODE-UNKNOWN, where it is no code.
    """
    known = errorpages.pages().get(code)
    if known is None and not _CODE.fullmatch(code):
        raise UnknownName("WW-CODE-UNKNOWN", "That is no error code.")
    told = known.as_dict() if known is not None else {"code": code, "title": _BARE, "law": ""}
    return _templates().get_template("code.html").render(page={"bad": "", "good": "", **told})
