"""XML that declares a document type is refused before anything else reads it.

Only a document type can declare entities; without one there is nothing that could expand.
"""

from __future__ import annotations

from xml.parsers import expat  # reads no further than the root element's start tag

from wearwhy.errors import FormatError, Place


class _Rooted(Exception):
    """The root element has begun: no document type can follow."""


def refuse_doctype(data: bytes, file: str) -> None:
    """Raise WW-XML-DOCTYPE where an XML document declares a document type.

    Whatever else is wrong with the document is left to its reader.
    """
    parser = expat.ParserCreate()

    def doctype(*_: object) -> None:
        raise FormatError(
            "WW-XML-DOCTYPE",
            "The document declares a document type.",
            note="Entity declarations are refused.",
            place=Place(file),
        )

    def element(*_: object) -> None:
        raise _Rooted

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        parser.Parse(data, True)
    except (_Rooted, expat.ExpatError):
        return
