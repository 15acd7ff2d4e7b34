"""The dataset of an update that its request chose: USING written into each operation."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import NamedNode

from wearwhy.errors import QueryError
from wearwhy.store.guard import Token

_OPENS, _CLOSES = "{", "}"


def with_using(
    text: str, words: Sequence[Token], default: Sequence[str], named: Sequence[str]
) -> str:
    """Return an update whose every WHERE is asked of the chosen graphs.

    Args:
        text: an update.
        words: its tokens.
        default: IRIs of the graphs that make up the default graph.
        named: IRIs of the graphs that may be named.

    Raises:
        QueryError: WW-QUERY-USING, where the text chooses graphs itself; WW-QUERY-GRAPH, for a
            name that is no IRI.
    """
    clause = "".join(
        f" USING {word}{_iri(iri)}"
        for word, graphs in (("", default), ("NAMED ", named))
        for iri in graphs
    )
    pieces: list[str] = []
    done = depth = 0
    templates = 0  # blocks of the operation so far
    before = ""
    for place, word in enumerate(words):
        if word.text == _OPENS:
            templates += depth == 0
            depth += 1
        elif word.text == _CLOSES:
            depth -= 1
        elif depth == 0 and word.text == ";":
            templates = 0
        elif depth == 0 and word.kind == "word":
            plain = word.text.upper()
            if plain in {"USING", "WITH"}:
                raise QueryError(
                    "WW-QUERY-USING",
                    f"The update says {plain}, and the request chooses graphs, too.",
                    hint="Choose them in one place.",
                )
            if plain == "WHERE":
                if before == "DELETE" and templates == 0:
                    # The short form has no place for USING: its pattern is also its template.
                    pattern = _block(text, words, place + 1)
                    pieces += [text[done : word.start], pattern, clause, " WHERE "]
                    done = word.start + len(word.text)
                else:
                    pieces += [text[done : word.start], clause, " "]
                    done = word.start
            before = plain
    return "".join([*pieces, text[done:]])


def _iri(iri: str) -> str:
    try:
        return str(NamedNode(iri))
    except ValueError as error:
        raise QueryError(
            "WW-QUERY-GRAPH", "The name of a chosen graph is no IRI.", note=str(error)
        ) from error


def _block(text: str, words: Sequence[Token], first: int) -> str:
    """Return the text of the braces that open at a token, or nothing where none do."""
    depth = 0
    for word in words[first:]:
        depth += {_OPENS: 1, _CLOSES: -1}.get(word.text, 0)
        if depth == 0:
            return text[words[first].start : word.start + len(word.text)]
    return ""
