"""Evidence as a Mermaid flowchart, in which no label can be anything but a label.

Mermaid reads its labels for markup, entities, directives and ends of statements. So every sign of
a label that is no letter, no digit, no space and none of a few harmless marks is written as its
code (`#34;`); names of nodes are made here and never from data.
"""

from __future__ import annotations

import re
from typing import Final

from wearwhy.evidence import Kind
from wearwhy.explain.drawing import DASHED, PAINTS, Drawn, Layout

_PLAIN: Final = frozenset(" .,+-_/=°·–−—…，。、：；（）“”？！")
_SHAPES: Final = {
    Kind.ASSERTED: ('["', '"]'),
    Kind.AXIOM: ('["', '"]'),
    Kind.PREDICTED: ('(["', '"])'),
    Kind.OPAQUE: ('{{"', '"}}'),
    Kind.ABSENT: ('[/"', '"/]'),
}
_ROUND: Final = ('("', '")')
_SPACES: Final = re.compile(r"\s+")


def mermaid(drawn: Layout, title: str) -> str:
    """Return evidence as the text of a Mermaid file; the same evidence gives the same text.

    Args:
        drawn: laid out.
        title: what the chart is called, for those who do not see it.
    """
    lines = ["flowchart LR", f"  accTitle: {_bare(title)}"]
    lines += [f"  n{n}{_shaped(one)}" for n, one in enumerate(drawn.nodes)]
    lines += [
        f"  n{edge.above} {'-.->' if edge.again else '-->'} n{edge.below}" for edge in drawn.edges
    ]
    for kind in Kind:
        those = [f"n{n}" for n, one in enumerate(drawn.nodes) if one.node.kind is kind]
        if those:
            lines.append(f"  classDef {kind.value} {_style(kind)}")
            lines.append(f"  class {','.join(those)} {kind.value}")
    return "\n".join([*lines, ""])


def escaped(text: str) -> str:
    """Return a label's text with every sign that Mermaid could read as its code."""
    plain = _SPACES.sub(" ", text).strip()
    return "".join(s if s.isalnum() or s in _PLAIN else _code(s) for s in plain)


def _code(sign: str) -> str:
    return f"#{ord(sign)};" if sign.isprintable() else " "


def _shaped(one: Drawn) -> str:
    left, right = _SHAPES.get(one.node.kind, _ROUND)
    more = f" … +{one.hidden}" if one.hidden else ""
    return f"{left}{escaped(one.text + more)}{right}"


def _style(kind: Kind) -> str:
    fill, line = PAINTS[kind]
    dashes = ",stroke-dasharray:4 3" if kind in DASHED else ""
    return f"fill:{fill},stroke:{line},color:#1b1b1f{dashes}"


def _bare(text: str) -> str:
    """Return a text for a line of its own: nothing but letters, digits and harmless marks."""
    plain = _SPACES.sub(" ", text).strip()
    return "".join(s if s.isalnum() or s in _PLAIN else " " for s in plain).strip() or "—"
