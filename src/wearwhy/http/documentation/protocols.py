"""What the document says of the protocols that stand on routes of their own: SPARQL, graphs, agents.

Their routes are plain ones, which declare nothing; what they take and answer is said here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from wearwhy.http.sparql.asked import FORM, QUERY, UPDATE, Operation
from wearwhy.http.sparql.media import GRAPHS, RESULTS
from wearwhy.http.sparql.origin import (
    GRAPHS_PATH,
    QUERY_PATH,
    UPDATE_PATH,
    VOID_PATH,
    WARDROBES_PATH,
)

Json = dict[str, Any]
TAGS: Final = (
    ("sparql", "The SPARQL 1.1 Protocol and Graph Store Protocol; docs/sparql.md says more."),
    ("agents", "The Model Context Protocol; docs/agents.md says more."),
)
_JSON, _PROBLEM = "application/json", "application/problem+json"
_TEXT: Final[Json] = {"type": "string"}
_IRIS: Final[Json] = {"type": "array", "items": {"type": "string", "format": "uri"}}
_NODES: Final[Json] = {
    "anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]
}
_WARDROBE: Final[Json] = {
    "name": "wardrobe",
    "in": "query",
    "description": "Which one; yours, if you have one only.",
    "schema": {"type": "string", "maxLength": 64},
}
_IN_PATH: Final[Json] = {
    "name": "wardrobe",
    "in": "path",
    "required": True,
    "description": "The wardrobe that is meant.",
    "schema": {"type": "string", "maxLength": 64},
}
_IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "description": "The revision that the change is for: another one is 412.",
    "schema": _TEXT,
}


def paths() -> dict[str, Json]:
    """Return the path items of the protocols."""
    found = {**_standing("", "", [_WARDROBE])}
    found |= _standing(f"{WARDROBES_PATH}/{{wardrobe}}", "_of_wardrobe", [_IN_PATH])
    found[VOID_PATH] = {
        "get": _operation(
            "void", "What there is to ask", "Answer the VoID description of the data.",
            [], {"200": _answered(GRAPHS, "The description.")},
        )
    }  # fmt: skip
    found["/mcp"] = {
        "post": {
            **_operation(
                "mcp", "A message of an agent",
                "Answer one JSON-RPC message of the Model Context Protocol, streamable HTTP without"
                " sessions. Accept application/json, and text/event-stream.",
                [], {
                    "200": _answered((_JSON,), "The answer, as JSON-RPC has it."),
                    "202": {"description": "Heard: a notification has no answer."},
                    "400": _answered((_PROBLEM, _JSON), "It is no message, or one that is wrong."),
                    "415": _answered((_PROBLEM,), "The body is not application/json."),
                },
            ),
            "tags": ["agents"],
            "requestBody": {
                "required": True,
                "content": {_JSON: {"schema": {"type": "object"}}},
            },
        }
    }  # fmt: skip
    return found


def _standing(at: str, suffix: str, about: list[Json]) -> dict[str, Json]:
    rows = _answered((*RESULTS, *GRAPHS), "Rows, true or false, or a graph, as Accept asks.")
    asked = _parameters(QUERY)
    graph = {
        "name": "graph",
        "in": "query",
        "description": "The IRI of the graph; `default` in its place means the wardrobe's edits.",
        "schema": {"type": "string", "format": "uri"},
    }
    default = {
        "name": "default",
        "in": "query",
        "allowEmptyValue": True,
        "description": "The graph of the wardrobe's edits.",
        "schema": _TEXT,
    }
    change = [*about, graph, default, _IF_MATCH]
    document = {
        "required": True,
        "content": {
            media: {"schema": _NODES if media.endswith("json") else _TEXT} for media in GRAPHS
        },
    }
    done = {"204": {"description": "Done; ETag is the revision."}}
    made = {**done, "201": {"description": "Done; a graph that had held nothing holds something."}}
    return {
        at + QUERY_PATH: {
            "get": _operation(
                f"sparql_get{suffix}", "Ask a query",
                "Answer a query; without one, the service's description. A FROM that names no"
                " graph you may see is empty, as the same name is among the parameters, which win.",
                [*about, _named("query", "SPARQL 1.1; ours are the usual prefixes."), *asked],
                {"200": rows},
            ),
            "post": {
                **_operation(
                    f"sparql_post{suffix}", "Ask a query in a body",
                    "Answer a query that the body is, or that a form's field `query` says. The"
                    " method QUERY (RFC 10008) takes the same.",
                    [*about, *asked], {"200": rows},
                ),
                "requestBody": _body(QUERY),
            },
        },
        at + UPDATE_PATH: {
            "post": {
                **_operation(
                    f"update{suffix}", "Carry out an update",
                    "Carry out a SPARQL update as one revision; LOAD and SERVICE are refused.",
                    [*about, *_parameters(UPDATE), _IF_MATCH], done,
                ),
                "requestBody": _body(UPDATE),
            }
        },
        at + GRAPHS_PATH: {
            "get": _operation(
                f"graph_get{suffix}", "Read a graph",
                "Answer a graph; where none is named, what graphs there are.",
                [*about, graph, default], {"200": _answered(GRAPHS, "The graph.")},
            ),
            "put": {
                **_operation(
                    f"graph_put{suffix}", "Put a graph",
                    "Put statements in the place of those of a graph: one revision.",
                    change, made,
                ),
                "requestBody": document,
            },
            "post": {
                **_operation(
                    f"graph_post{suffix}", "Add to a graph",
                    "Add statements to a graph, or to a new one where none is named.",
                    change, made,
                ),
                "requestBody": document,
            },
            "delete": _operation(
                f"graph_delete{suffix}", "Empty a graph",
                "Take away every statement of a graph: one revision.", change, done,
            ),
        },
    }  # fmt: skip


def _operation(
    name: str, summary: str, about: str, parameters: list[Json], responses: Json
) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "description": about,
        "tags": ["sparql"],
        "parameters": parameters,
        "responses": {
            **responses,
            "406": _answered((_PROBLEM,), "Nothing that Accept names can be had."),
        },
    }


def _named(name: str, about: str) -> Json:
    return {"name": name, "in": "query", "description": about, "schema": _TEXT}


def _parameters(operation: Operation) -> list[Json]:
    about = (
        (operation.default, "Graphs whose union is the default graph."),
        (operation.named, "Graphs that GRAPH may name."),
    )
    return [{**_named(name, text), "schema": _IRIS} for name, text in about]


def _body(operation: Operation) -> Json:
    field = {"type": "object", "required": [operation.name], "properties": {operation.name: _TEXT}}
    return {
        "required": True,
        "content": {operation.media: {"schema": _TEXT}, FORM: {"schema": field}},
    }


def _answered(medias: Iterable[str], about: str) -> Json:
    return {
        "description": about,
        "content": {
            media: {"schema": {} if media.endswith("json") else _TEXT}
            for media in dict.fromkeys(medias)
        },
    }
