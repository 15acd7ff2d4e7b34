"""Write `data/catalogue.csv`, the feed of a shop that does not exist.

Archetypes (`archetypes.txt`) and single pieces (`singles.txt`) are written by hand; this script
varies the archetypes with a fixed seed and then spoils the feed as real feeds are spoilt: labels
are left out, a few are wrong, some attributes stand only in the title. The labels come from the
archetypes, never from the rules of the engine.

    python tools/catalogue.py            # rewrites data/catalogue.csv
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "data" / "catalogue.csv"
SEED = 20261121
HEADER = [
    "id",
    "title",
    "brand",
    "type",
    "colour",
    "material",
    "pattern",
    "sleeve",
    "length",
    "neckline",
    "fit",
    "season",
    "occasion",
    "formality",
    "warmth",
    "price",
    "stock",
    "sizes",
    "department",
    "tags",
    "description",
]

SEASONS = {"p": "spring", "s": "summer", "a": "autumn", "w": "winter"}
FORMALITIES = (
    "casual",
    "smart casual",
    "business casual",
    "business",
    "cocktail",
    "black tie",
)
WARMTHS = ("very light", "light", "medium", "warm", "very warm")
BRANDS = {
    "b": ("Norrbo", "Plain Dept", "Aldis"),
    "c": ("Halden & Grey", "Albright", "Fell & Fold"),
    "d": ("Maison Orfée", "Vantaggio"),
    "o": ("Tarn", "Saltmarsh", "Kestrel Road"),
    "s": ("Strida", "Pulsar"),
    "r": ("Lumi", "Port Lann", "Flora Nyström"),
}
# How often a brand's feed leaves a label out: some never send any.
CARELESS = {"Norrbo": 0.25, "Plain Dept": 0.75, "Tarn": 0.35, "Vantaggio": 0.7, "Pulsar": 0.65}
MISSING = {
    "season": 0.44,
    "occasion": 0.48,
    "formality": 0.52,
    "warmth": 0.5,
    "material": 0.08,
    "pattern": 0.16,
    "sleeve": 0.14,
    "length": 0.24,
    "neckline": 0.25,
    "fit": 0.3,
    "colour": 0.02,
}
# Words copywriters reach for, by how warm a thing is; they err too.
WARM_WORDS = (
    ("airy", "featherlight", "holiday", "sunny"),
    ("light", "everyday", "soft", "transitional"),
    ("midweight", "layering", "soft", "transitional"),
    ("cosy", "brushed", "chunky", "snug"),
    ("insulating", "heavyweight", "snug", "frost-proof"),
)
CODE_WORDS = {
    "home": ("comfortable", "relaxed"),
    "sport": ("sweat-wicking", "stretch", "performance"),
    "casual": ("weekend", "easy", "relaxed", "everyday"),
    "smart casual": ("smart", "refined", "versatile"),
    "business casual": ("desk-to-dinner", "refined", "polished"),
    "business": ("tailored", "sharp", "formal"),
    "cocktail": ("statement", "evening", "festive"),
    "black tie": ("red-carpet", "evening", "formal"),
}
FOOTWEAR = (
    "boots",
    "shoes",
    "trainers",
    "loafers",
    "flats",
    "pumps",
    "sandals",
    "espadrilles",
    "mules",
    "slippers",
)
# What the shop's people wrote, in the words of the feed.
FEED = {
    "pattern": {"cable knit": "cable", "quilted": "textured", "sequined": "textured"},
    "neckline": {
        "stand collar": "mock neck",
        "tie neck": "V-neck",
        "shawl lapel": "lapel",
        "hooded": "",
    },
    "fit": {"tailored": "fitted"},
    "warmth": {"very light": "none"},
}
SIZES = {"shoes": "37;38;39;40;41", "clothes": "XS;S;M;L;XL", "one": "one size"}


@dataclass(frozen=True, slots=True)
class Archetype:
    """One line of `archetypes.txt`."""

    type: str
    materials: tuple[tuple[str, str, str, int], ...]
    colours: tuple[str, ...]
    patterns: tuple[str, ...]
    sleeves: tuple[str, ...]
    lengths: tuple[str, ...]
    necklines: tuple[str, ...]
    fits: tuple[str, ...]
    occasions: tuple[tuple[str, ...], ...]
    formality: str
    price: tuple[int, int]
    adjectives: tuple[str, ...]
    titles: tuple[str, ...]
    brands: str
    departments: tuple[str, ...]
    number: int


def words(text: str) -> tuple[str, ...]:
    """Return space-separated values; a hyphen within one stands for a space."""
    return tuple("" if w == "none" else w.replace("-", " ") for w in text.split())


def listed(text: str, separator: str = ",") -> tuple[str, ...]:
    """Return separated values as they stand."""
    return tuple("" if w.strip() == "none" else w.strip() for w in text.split(separator))


def archetype(line: str) -> Archetype:
    """Return the archetype that one line describes."""
    part = line.rstrip("\n").split(" | ")
    materials = []
    for text in part[1].split(", "):
        name, seasons, warmth = text.split(":")
        name, _, word = name.removesuffix("]").partition("[")
        materials.append((name, word, seasons, int(warmth)))
    low, high = part[10].split("-")
    return Archetype(
        part[0],
        tuple(materials),
        words(part[2]),
        words(part[3]),
        words(part[4]),
        words(part[5]),
        listed(part[6]),
        words(part[7]),
        tuple(words(o) for o in listed(part[8])),
        part[9].replace("-", " "),
        (int(low), int(high)),
        tuple(part[11].split()),
        listed(part[12], ";"),
        part[13],
        tuple(part[14].split()),
        int(part[15]),
    )


def neighbour(rng: random.Random, value: str, scale: tuple[str, ...]) -> str:
    """Return the value one step up or down the scale."""
    if value not in scale:
        return "casual"
    at = scale.index(value) + rng.choice((-1, 1))
    return scale[min(max(at, 0), len(scale) - 1)]


def labels(rng: random.Random, kind: Archetype, seasons: str, warmth: int) -> dict[str, str]:
    """Return what this shop's people would tick for the item, mistakes included."""
    ticked = set(seasons)
    slip = rng.random()
    if slip < 0.06 and len(ticked) > 1:
        ticked.discard(rng.choice(sorted(ticked)))
    elif slip < 0.12:
        ticked.add(rng.choice("psaw"))
    elif slip < 0.15:
        ticked = set("psaw")
    occasions = kind.occasions[0] if rng.random() < 0.6 else rng.choice(kind.occasions)
    if rng.random() < 0.3:
        occasions = occasions[:1]
    if rng.random() < 0.06:
        occasions = ("everyday",)
    formality = kind.formality
    if rng.random() < 0.09:
        formality = neighbour(rng, formality, FORMALITIES)
    felt = WARMTHS[warmth]
    if rng.random() < 0.1:
        felt = neighbour(rng, felt, WARMTHS)
    return {
        "season": ";".join(name for key, name in SEASONS.items() if key in ticked),
        "occasion": ";".join(occasions),
        "formality": formality,
        "warmth": felt,
    }


def title_of(rng: random.Random, kind: Archetype, row: dict[str, str], word: str) -> str:
    """Return a title as a shop writes it: some of the facts, some of the poetry."""
    noun = rng.choice(kind.titles)
    parts = []
    if rng.random() < 0.45:
        parts.append(rng.choice(kind.adjectives))
    if row["pattern"] not in ("", "plain") and rng.random() < 0.6:
        parts.append(row["pattern"])
    if rng.random() < 0.3 and row["colour"]:
        parts.append(row["colour"])
    if word and rng.random() < 0.8:
        parts.append(word)
    elif row["material"] and rng.random() < 0.5 and row["material"] not in noun.lower():
        parts.append(row["material"])
    text = " ".join([*parts, noun])
    return text[0].upper() + text[1:]


def vary(rng: random.Random, kind: Archetype, index: int) -> dict[str, str]:
    """Return one complete row of an archetype, labels and all."""
    material, word, seasons, warmth = rng.choice(kind.materials)
    metal = material in ("gold", "silver")
    row = dict.fromkeys(HEADER, "")
    row |= {
        "type": kind.type,
        "brand": rng.choice(BRANDS[rng.choice(kind.brands)]),
        "colour": material if metal else rng.choice(kind.colours),
        "material": "" if metal else material,
        "pattern": rng.choice(kind.patterns),
        "sleeve": rng.choice(kind.sleeves),
        "length": rng.choice(kind.lengths),
        "neckline": rng.choice(kind.necklines),
        "fit": rng.choice(kind.fits),
        "department": kind.departments[index % len(kind.departments)],
    }
    row |= labels(rng, kind, seasons, warmth)
    row["title"] = title_of(rng, kind, row, word)
    said = []
    if rng.random() < 0.6:
        said.append(
            rng.choice(WARM_WORDS[warmth] if rng.random() < 0.8 else rng.choice(WARM_WORDS))
        )
    if rng.random() < 0.55:
        said.append(rng.choice(CODE_WORDS[kind.formality]))
    rng.shuffle(said)
    row["tags"] = ";".join(said[: rng.choice((0, 1, 1, 2))])
    row["description"] = " ".join(
        dict.fromkeys([*rng.sample(kind.adjectives, min(2, len(kind.adjectives))), *said, word])
    ).strip()
    low, high = kind.price
    row["price"] = f"{rng.randint(low, high) - rng.choice((0.0, 0.05, 0.1)):.2f}"
    return row


def spoil(rng: random.Random, row: dict[str, str]) -> None:
    """Leave out of a row what its brand's feed leaves out."""
    careless = CARELESS.get(row["brand"], 0.5) - 0.5
    for column, share in MISSING.items():
        extra = careless * 0.6 if column in ("season", "occasion", "formality", "warmth") else 0
        if rng.random() < share + extra:
            row[column] = ""


def fed(row: dict[str, str]) -> None:
    """Put a row into the words of the feed, and mend titles that say a word twice."""
    for column, words_of in FEED.items():
        row[column] = words_of.get(row[column], row[column])
    said = row["title"].split()
    kept = [w for n, w in enumerate(said) if n == 0 or w.lower() != said[n - 1].lower()]
    row["title"] = " ".join(kept)


def sizes_of(type_: str, sized: frozenset[str]) -> str:
    """Return the sizes on offer; `sized` names the types that come in clothes sizes."""
    if type_.endswith(FOOTWEAR):
        return SIZES["shoes"]
    return SIZES["clothes"] if type_ in sized else SIZES["one"]


def catalogue() -> list[dict[str, str]]:
    """Return every row of the shop, in the order of the file."""
    rng = random.Random(SEED)
    rows: list[dict[str, str]] = []
    sized = set()
    for line in (HERE / "archetypes.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        kind = archetype(line)
        if any((*kind.fits, *kind.sleeves)):
            sized.add(kind.type)
        rows.extend(vary(rng, kind, index) for index in range(kind.number))
    rng.shuffle(rows)
    for row in rows:
        spoil(rng, row)
    for line in (HERE / "singles.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        names = [
            "title",
            "brand",
            "type",
            "colour",
            "material",
            "pattern",
            "sleeve",
            "length",
            "neckline",
            "fit",
            "price",
            "department",
            "description",
        ]
        values = (v.strip() for v in line.split("|"))
        single = dict.fromkeys(HEADER, "") | dict(zip(names, values, strict=True))
        rows.insert(rng.randrange(len(rows)), single)
    for number, row in enumerate(rows, 1):
        fed(row)
        row["id"] = f"s{number:03d}"
        row["stock"] = str(rng.choice((0, 0, 1, 2, 3, 5, 8, 12, 20)))
        row["sizes"] = sizes_of(row["type"], frozenset(sized))
    return rows


def main() -> None:
    """Write the file and say how full it is."""
    rows = catalogue()
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} items")
    for column in MISSING:
        share = sum(not row[column] for row in rows) / len(rows)
        print(f"  {column:10} {share:.0%} missing")


if __name__ == "__main__":
    main()
