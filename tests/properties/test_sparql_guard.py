"""Whatever passes the guard, the engine does not reach out for.

The oracle is the engine itself: a SERVICE that it runs fails here with an `OSError` (port 1 is
one that its HTTP client refuses without connecting).
"""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wearwhy.errors import QueryError
from wearwhy.store.guard import guard

PIECES = st.sampled_from(
    [
        *[
            "SERVICE",
            "service",
            "SILENT",
            "<http://127.0.0.1:1/>",
            "{?x ?y ?z}",
            "{",
            "}",
            "(",
            ")",
        ],
        *[
            "?s ?p ",
            "1",
            ".",
            ";",
            ",",
            "a:",
            "a:b",
            "a:b-",
            "_:a",
            "?v",
            "$v",
            "'",
            '"',
            "'''",
            "\\",
        ],
        *["<", ">", "<a:b>", "#", "\n", " ", "FILTER(1<2)", "FILTER(?a<?b)", "'x'@en", "-", "\\'"],
        *[
            "UNION",
            "OPTIONAL",
            "BIND(1 AS ?q)",
            "VALUES ?a {1}",
            "true",
            "1e5",
            "^^",
            "@",
            "%41",
            "é",
        ],
    ]
)


def reaches_out(text: str) -> bool:
    try:
        list(ox.Store().query(text, prefixes={"a": "urn:a:"}))  # type: ignore[arg-type]
    except OSError:
        return True
    except (SyntaxError, TypeError, ValueError):
        return False
    return False


@settings(max_examples=400, deadline=None)
@example(["SERVICE", "<http://127.0.0.1:1/>", "{?x ?y ?z}"])
@given(st.lists(PIECES, max_size=14))
def test_no_text_that_passes_makes_the_engine_reach_out(pieces: list[str]) -> None:
    for ending in ("", "SERVICE<http://127.0.0.1:1/>{?x ?y ?z}"):
        text = "SELECT * {" + "".join(pieces) + ending + "}"
        if reaches_out(text):
            try:
                guard(text)
            except QueryError:
                continue
            raise AssertionError(text)
