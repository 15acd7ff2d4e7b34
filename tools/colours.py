"""Write `ontology/schemes/colour.ttl` from the table `ontology/sources/colours.csv`.

Usage: `python tools/colours.py` (needs coloraide, of the `test` extra). The table's `words` are
separated by semicolons; a word is German where it begins with `de:`, Chinese where it has a
Chinese character, else English. OKLCH is rounded to four places, hue to two; a colour without
chroma has no hue.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from coloraide import Color

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "ontology" / "sources" / "colours.csv"
TARGET = ROOT / "ontology" / "schemes" / "colour.ttl"
LEAST_CHROMA = 0.003
CHINESE = re.compile(r"[\u4e00-\u9fff]")

HEAD = """\
@prefix ww:      <https://w3id.org/wearwhy/ns#> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .

# Named colours. Written by tools/colours.py from ontology/sources/colours.csv: edit that table.
#
# Values marked xkcd are those of the xkcd colour survey (Randall Munroe, CC0 1.0); those marked
# css are the named colours of CSS Color Module Level 4 (W3C); the others are the project's own.
# Coordinates are OKLCH (lightness 0 to 1, chroma, hue in degrees), computed with coloraide.

ww:colour-scheme
    a                   skos:ConceptScheme ;
    skos:prefLabel      "colours"@en, "颜色"@zh ;
    skos:definition     "Named colours of clothing, with their coordinates and families."@en,
                        "服装的颜色名称及其坐标与色系。"@zh ;
    ww:valuesOf         ww:Colour .
"""


def oklch(value: str) -> tuple[float, float, float | None]:
    """Return OKLCH lightness (0–1), chroma and hue in degrees (None without chroma) of a hex colour."""
    lightness, chroma, hue = Color(value).convert("oklch").coords(nans=False)
    if chroma < LEAST_CHROMA:
        return round(lightness, 4), 0.0, None
    return round(lightness, 4), round(chroma, 4), round(hue, 2)


def literal(text: str) -> str:
    """Return a word as a Turtle literal with its language."""
    if text.startswith("de:"):
        return f'"{text[3:]}"@de'
    return f'"{text}"@{"zh" if CHINESE.search(text) else "en"}'


def wrapped(literals: list[str], width: int = 68) -> str:
    """Return literals separated by commas, broken into aligned lines."""
    lines = [""]
    for one in literals:
        if lines[-1] and len(lines[-1]) + len(one) > width:
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + one
    return (",\n" + " " * 24).join(lines)


def concept(row: dict[str, str]) -> str:
    """Return one row of the table as a Turtle concept."""
    seen = {row["en"].lower(), row["zh"]}
    words: list[str] = []
    for word in (part.strip() for part in row["words"].split(";")):
        if word and word.removeprefix("de:").lower() not in seen:
            seen.add(word.removeprefix("de:").lower())
            words.append(literal(word))
    lines = [
        ("a", "skos:Concept, ww:Colour"),
        ("skos:inScheme", "ww:colour-scheme"),
        ("skos:topConceptOf", "ww:colour-scheme"),
        ("skos:prefLabel", f'"{row["en"]}"@en, "{row["zh"]}"@zh'),
        ("skos:definition", f'"{row["definition_en"]}"@en, "{row["definition_zh"]}"@zh'),
    ]
    if words:
        lines.append(("skos:altLabel", wrapped(words)))
    if row["hex"]:
        lightness, chroma, hue = oklch(row["hex"])
        lines.append(("ww:hex", f'"{row["hex"]}"'))
        lines.append(("ww:lightness", f"{lightness:.4f}"))
        lines.append(("ww:chroma", f"{chroma:.4f}"))
        if hue is not None:
            lines.append(("ww:hue", f"{hue:.2f}"))
    lines.append(("ww:family", f"ww:colour-family-{row['family']}"))
    lines.append(("ww:neutral", row["neutral"]))
    if row["origin"] != "own":
        lines.append(("dcterms:source", f'"{row["origin"]}"'))
    body = " ;\n".join(f"    {name:<19} {value}" for name, value in lines)
    return f"ww:colour-{row['slug']}\n{body} .\n"


def document(rows: list[dict[str, str]]) -> str:
    """Return the whole scheme, the colours grouped by family as the table orders them."""
    parts = [HEAD]
    family = ""
    for row in rows:
        if row["family"] != family:
            family = row["family"]
            parts.append(f"\n# {family.capitalize()}\n")
        parts.append(concept(row))
    return "\n".join(parts)


def main() -> None:
    """Read the table, write the scheme."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    TARGET.write_text(document(rows), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(rows)} colours")


if __name__ == "__main__":
    main()
