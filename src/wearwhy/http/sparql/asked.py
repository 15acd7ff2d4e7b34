"""What a request asks by the SPARQL Protocol: its operation's text and its dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from wearwhy.errors import InputError, QueryError, Refused
from wearwhy.http.sparql.media import bare

FORM: Final = "application/x-www-form-urlencoded"
MAX_GRAPHS: Final = 200
_UTF8: Final = frozenset(("", "utf-8", "utf8"))

Parameters = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation of the protocol.

    Attributes:
        text: of the query or update; None where there is none, which asks for the description.
        default: graphs to be merged into the default graph, by the protocol's parameter.
        named: graphs to be named in the dataset.
        wardrobe: the one that is meant; None where none was named.
    """

    text: str | None
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    wardrobe: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the protocol's two operations, by its own words."""

    name: str
    media: str
    default: str
    named: str

    @property
    def headers(self) -> dict[str, str]:
        """What answers say of the media types that are taken (RFC 9110, 12.5.1; RFC 10008)."""
        taken = f"{self.media}, {FORM}"
        return {"accept-query": taken} if self is QUERY else {"accept": taken}


QUERY: Final = Operation(
    "query", "application/sparql-query", "default-graph-uri", "named-graph-uri"
)
UPDATE: Final = Operation(
    "update", "application/sparql-update", "using-graph-uri", "using-named-graph-uri"
)


def parameters(encoded: bytes) -> Parameters:
    """Return the parameters of a query string or an urlencoded body.

    Raises:
        InputError: WW-HTTP-UTF8, for bytes that are not UTF-8.
    """
    found: dict[str, list[str]] = {}
    for pair in encoded.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            found.setdefault(_text(name), []).append(_text(value))
    return {name: tuple(values) for name, values in found.items()}


def from_parameters(operation: Operation, given: Parameters) -> Asked:
    """Return what parameters ask.

    Raises:
        InputError: WW-HTTP-PARAMETER, for an operation given twice, or the other one's.
    """
    texts = given.get(operation.name, ())
    if len(texts) > 1:
        raise InputError(
            "WW-HTTP-PARAMETER",
            f"There are {len(texts)} parameters '{operation.name}'; one is asked for.",
        )
    other = UPDATE if operation is QUERY else QUERY
    if other.name in given:
        raise InputError(
            "WW-HTTP-PARAMETER",
            f"The parameter '{other.name}' has no place here.",
            hint="Queries go to /sparql, updates to /update by POST.",
        )
    wardrobes = given.get("wardrobe", ())
    if len(wardrobes) > 1:
        raise InputError(
            "WW-HTTP-PARAMETER", "A request is about one wardrobe.", hint="Name one of them."
        )
    return Asked(
        texts[0] if texts else None,
        _iris(given.get(operation.default, ())),
        _iris(given.get(operation.named, ())),
        wardrobes[0] if wardrobes else None,
    )


async def posted(request: Request, operation: Operation) -> Asked:
    """Return what the body of a request asks, with the parameters of its URL.

    Raises:
        Refused: WW-HTTP-MEDIA.
        InputError: WW-HTTP-UTF8, WW-HTTP-PARAMETER.
    """
    media, charset = bare(request.headers.get("content-type", ""))
    if media not in (FORM, operation.media) or charset not in _UTF8:
        said = media + (f" in {charset}" if charset not in _UTF8 else "") if media else "nothing"
        raise Refused(
            "WW-HTTP-MEDIA",
            f"The body is {said}; this takes {operation.media} or {FORM}, in UTF-8.",
            415,
            hint=f"Send `Content-Type: {operation.media}` and the text as it is.",
            headers=operation.headers,
        )
    body = await request.body()
    url = parameters(request.scope["query_string"])
    if media == FORM:
        given = {**url}
        for name, values in parameters(body).items():
            given[name] = (*given.get(name, ()), *values)
        asked = from_parameters(operation, given)
        if asked.text is None:
            raise InputError("WW-HTTP-PARAMETER", f"The form has no parameter '{operation.name}'.")
        return asked
    asked = from_parameters(operation, url)
    if asked.text is not None:
        raise InputError(
            "WW-HTTP-PARAMETER",
            f"There is one '{operation.name}' in the URL and one in the body; one is asked for.",
        )
    return Asked(_utf8(body), asked.default, asked.named, asked.wardrobe)


def require_text(asked: Asked, operation: Operation) -> str:
    """Return the text of an operation.

    Raises:
        QueryError: WW-QUERY-SYNTAX, where it is empty.
    """
    if not asked.text or not asked.text.strip():
        raise QueryError("WW-QUERY-SYNTAX", f"The {operation.name} is empty.")
    return asked.text


def _text(encoded: bytes) -> str:
    return _utf8(unquote_to_bytes(encoded.replace(b"+", b" ")))


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("WW-HTTP-UTF8", "The text is not UTF-8.", note=str(error)) from None


def _iris(values: Iterable[str]) -> tuple[str, ...]:
    found = tuple(values)
    if len(found) > MAX_GRAPHS:
        raise InputError(
            "WW-HTTP-PARAMETER", f"{len(found)} graphs are named; {MAX_GRAPHS} are allowed."
        )
    return found
