"""A generated shop of any size: graph and rules for the reasoner, and the same for nemo.

Classes six deep, subproperties, transitive parts, property chains, domains and ranges, an inverse
and a symmetric property; about thirty rules without negation, all of confidence 1. The closure is
about four times what is asserted. The same size and seed give the same graph.

    python -m benchmarks.fashion 10000 FOLDER    # writes graph.nt, rules.srl, program.rls, *.csv
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

from wearwhy.rdf import OWL, RDF, RDFS, TYPE, BlankNode, Fact, Literal, NamedNode, Node

_Say: TypeAlias = Callable[[Node | str, NamedNode | str, Node | str], None]

NS: Final = "https://example.org/shop#"
_LEVELS: Final = (4, 2, 2, 2, 2, 3)
_HEAD: Final = f"""PREFIX : <{NS}>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
"""

# Rules of the OWL 2 RL tables: name, head, body.
_OWL: Final = (
    ("cax-sco", "?x a ?d", "?c rdfs:subClassOf ?d . ?x a ?c"),
    ("scm-sco", "?c rdfs:subClassOf ?e", "?c rdfs:subClassOf ?d . ?d rdfs:subClassOf ?e"),
    ("scm-spo", "?p rdfs:subPropertyOf ?r", "?p rdfs:subPropertyOf ?q . ?q rdfs:subPropertyOf ?r"),
    ("prp-spo1", "?x ?q ?y", "?p rdfs:subPropertyOf ?q . ?x ?p ?y"),
    ("prp-dom", "?x a ?c", "?p rdfs:domain ?c . ?x ?p ?y"),
    ("prp-rng", "?y a ?c", "?p rdfs:range ?c . ?x ?p ?y"),
    ("prp-trp", "?x ?p ?z", "?p a owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z"),
    ("prp-symp", "?y ?p ?x", "?p a owl:SymmetricProperty . ?x ?p ?y"),
    ("prp-inv1", "?y ?q ?x", "?p owl:inverseOf ?q . ?x ?p ?y"),
    ("prp-inv2", "?y ?p ?x", "?p owl:inverseOf ?q . ?x ?q ?y"),
    (
        "prp-spo2",
        "?x ?p ?z",
        (
            "?p owl:propertyChainAxiom ?l . ?l rdf:first ?a . ?l rdf:rest ?m . "
            "?m rdf:first ?b . ?m rdf:rest rdf:nil . ?x ?a ?y . ?y ?b ?z"
        ),
    ),
)

# Rules about clothes of this shop: name, head, body.
_SHOP: Final = (
    ("warm-cloth", "?x :warmth ?w", "?x :mainMaterial ?m . ?m :warmthOf ?w"),
    ("season-of-warmth", "?x :season ?s", "?x :warmth ?w . ?w :forSeason ?s"),
    ("season-of-class", "?x :season ?s", "?x a ?c . ?c :classSeason ?s"),
    ("formality-of-class", "?x :formality ?f", "?x a ?c . ?c :classFormality ?f"),
    ("occasion-of-formality", "?x :suits ?o", "?x :formality ?f . ?f :allows ?o"),
    ("neutral-item", "?x a :NeutralItem", "?x :mainColour ?c . ?c a :Neutral"),
    ("calm-item", "?x a :CalmItem", "?x a :NeutralItem . ?x :pattern :plain"),
    ("delicate", "?x a :Delicate", "?x :hasMaterial ?m . ?m :care :handWash"),
    ("part-delicate", "?x a :NeedsCare", "?p :partOf ?x . ?p a :Delicate"),
    ("branded-style", "?x :style ?s", "?x :brand ?b . ?b :houseStyle ?s"),
    ("style-occasion", "?x :suits ?o", "?x :style ?s . ?s :styleOccasion ?o"),
    ("set-formality", "?y :formality ?f", "?x :sameSet ?y . ?x :formality ?f"),
    ("winter-office", "?x a :WinterOffice", "?x :season :winter . ?x :suits :office"),
    ("summer-calm", "?x a :SummerCalm", "?x :season :summer . ?x a :CalmItem"),
    ("goes-by-family", "?x :familyOfSet ?f", "?x :sameSet ?y . ?y :colourFamily ?f"),
    ("tonal", "?x a :TonalSet", "?x :familyOfSet ?f . ?x :colourFamily ?f"),
    ("shown", "?x :shownFor ?o", "?x :inLine ?l . ?l :lineOccasion ?o"),
    ("shown-suits", "?x a :Proper", "?x :shownFor ?o . ?x :suits ?o"),
    ("lined", "?x a :Lined", "?p :partOf ?x . ?p a :Lining"),
)

_SUBPROPERTIES: Final = (
    ("mainMaterial", "hasMaterial"),
    ("liningMaterial", "hasMaterial"),
    ("hasMaterial", "attribute"),
    ("mainColour", "hasColour"),
    ("accentColour", "hasColour"),
    ("hasColour", "attribute"),
    ("pattern", "attribute"),
)
_DOMAINS: Final = (("mainMaterial", "Item"), ("inLine", "Item"), ("brand", "Branded"))
_RANGES: Final = (("hasMaterial", "Material"), ("hasColour", "Colour"), ("brand", "House"))
_CHAIN: Final = ("colourFamily", "mainColour", "familyOf")


@dataclass(frozen=True, slots=True)
class Generated:
    """A graph and its rules.

    Attributes:
        facts: what is asserted, axioms included; each once.
        rules: all the rules, as one `.srl` text.
        owl: those of OWL 2 RL alone.
    """

    facts: tuple[Fact, ...]
    rules: str
    owl: str

    def nemo(self, folder: Path, *, owl_only: bool = False) -> str:
        """Return graph and rules as one nemo program, with one predicate a property.

        The facts are written into the folder, one CSV file a predicate, and imported: nemo takes
        a minute to parse 100,000 facts in a program's text. Nemo's names are made here; none of a
        user's text is in them. Every predicate is exported, so that its rows can be counted.
        """
        return _nemo(self.facts, (*_OWL, *(() if owl_only else _SHOP)), folder)


def generated(asserted: int, seed: int = 7) -> Generated:
    """Return a shop with about that many asserted facts (within some tens)."""
    random = Random(seed)
    facts: dict[Fact, None] = {}

    def say(subject: Node | str, predicate: NamedNode | str, obj: Node | str) -> None:
        fact = Fact(
            _name(subject),
            predicate if isinstance(predicate, NamedNode) else _named(predicate),
            _name(obj),
        )
        facts[fact] = None

    leaves = _schema(say, random, asserted)
    item = 0
    while len(facts) < asserted:
        _item(say, random, item, leaves)
        item += 1
    return Generated(tuple(facts), _text((*_OWL, *_SHOP)), _text(_OWL))


def _named(text: str) -> NamedNode:
    return NamedNode(NS + text)


def _name(value: Node | str) -> Node:
    return _named(value) if isinstance(value, str) else value


def _schema(say: _Say, random: Random, asserted: int) -> list[str]:
    level = ["Item"]
    for depth, fanout in enumerate(_LEVELS):
        below = [f"C{depth}_{n}" for n in range(min(len(level) * fanout, 2 + asserted // 60))]
        for n, child in enumerate(below):
            say(child, RDFS.subClassOf, level[n % len(level)])
            if depth == 1:
                say(child, "classFormality", f"formality{n % 5}")
            if depth == 3 and n % 2:
                say(child, "classSeason", ("winter", "summer")[n % 4 // 2])
        level = below
    for sub, sup in _SUBPROPERTIES:
        say(sub, RDFS.subPropertyOf, sup)
    for prop, cls in _DOMAINS:
        say(prop, RDFS.domain, cls)
    for prop, cls in _RANGES:
        say(prop, RDFS.range, cls)
    say("partOf", TYPE, OWL.TransitiveProperty)
    say("sameSet", TYPE, OWL.SymmetricProperty)
    say("partOf", OWL.inverseOf, "hasPart")
    first, second = BlankNode("chain1"), BlankNode("chain2")
    say(_CHAIN[0], OWL.propertyChainAxiom, first)
    for node, value, rest in ((first, _CHAIN[1], second), (second, _CHAIN[2], RDF.nil)):
        say(node, RDF.first, value)
        say(node, RDF.rest, rest)
    _vocabulary(say, random)
    return level


def _vocabulary(say: _Say, random: Random) -> None:
    for n in range(40):
        say(f"material{n}", "warmthOf", f"warmth{n % 5}")
        if n % 4 == 0:
            say(f"material{n}", "care", "handWash")
    for n in range(5):
        say(f"warmth{n}", "forSeason", ("summer", "summer", "spring", "winter", "winter")[n])
        say(f"formality{n}", "allows", ("office", "party", "home", "sport", "gala")[n])
    for n in range(60):
        say(f"colour{n}", "familyOf", f"family{n % 9}")
        if n % 5 == 0:
            say(f"colour{n}", TYPE, "Neutral")
    for n in range(200):
        say(f"brand{n}", "houseStyle", f"style{n % 12}")
    for n in range(12):
        say(f"style{n}", "styleOccasion", ("office", "party", "home", "sport")[n % 4])
    for n in range(30):
        say(f"line{n}", "lineOccasion", random.choice(("office", "party", "home", "sport", "gala")))


def _item(say: _Say, random: Random, number: int, leaves: list[str]) -> None:
    item = f"item{number}"
    say(item, TYPE, random.choice(leaves))
    say(item, "name", Literal(f"Item {number}"))
    say(item, "mainMaterial", f"material{_skewed(random, 40)}")
    say(item, "mainColour", f"colour{_skewed(random, 60)}")
    say(item, "brand", f"brand{_skewed(random, 200)}")
    say(item, "pattern", random.choice(("plain", "plain", "stripe", "check")))
    if random.random() < 0.4:
        say(item, "accentColour", f"colour{_skewed(random, 60)}")
    if random.random() < 0.3:
        say(item, "inLine", f"line{random.randrange(30)}")
    if number % 2 and random.random() < 0.3:
        say(item, "sameSet", f"item{number - 1}")
    if random.random() < 0.25:
        below = item
        for part in range(random.randint(1, 4)):
            name = f"part{number}_{part}"
            say(name, "partOf", below)
            if random.random() < 0.3:
                say(name, "liningMaterial", f"material{_skewed(random, 40)}")
                say(name, TYPE, "Lining")
            below = name


def _skewed(random: Random, size: int) -> int:
    """Draw an index, small ones more often, as brands and materials are."""
    return int(size * random.random() ** 2)


def _text(rules: tuple[tuple[str, str, str], ...]) -> str:
    body = "\n".join(f"RULE :{name} {{ {head} }} WHERE {{ {body} }}" for name, head, body in rules)
    return f"{_HEAD}\n{body}\n"


# -- the same for nemo ---------------------------------------------------------------------------


def _nemo(facts: tuple[Fact, ...], rules: tuple[tuple[str, str, str], ...], folder: Path) -> str:
    predicates = _Names()
    terms = _Terms()
    lines: list[str] = []
    for _, head, body in rules:
        lines += [
            f"{_atoms(h, predicates, terms)} :- {_atoms(b, predicates, terms)} ."
            for h, b in _specialised(head, body)
        ]
    rows: dict[str, list[str]] = {}
    for fact in facts:
        name = predicates.of(fact.predicate.value)
        rows.setdefault(name, []).append(f"{terms.of(fact.subject)},{terms.of(fact.object)}\n")
    for name, some in rows.items():
        (folder / f"{name}.csv").write_text("".join(some), encoding="ascii")
        place = (folder / f"{name}.csv").as_posix()
        lines.append(f'@import {name} :- csv{{resource="{place}", format=(string,string)}} .')
    exports = [f"@export {name} :- csv {{}} ." for name in predicates.known.values()]
    return "\n".join((*exports, *lines)) + "\n"


class _Names:
    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def of(self, iri: str) -> str:
        return self.known.setdefault(iri, f"p{len(self.known)}")


class _Terms:
    def __init__(self) -> None:
        self.known: dict[Node, str] = {}

    def of(self, node: Node) -> str:
        return self.known.setdefault(node, f"t{len(self.known)}")


_PREFIXES: Final = {
    "": NS,
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "owl": str(OWL),
}


def _expanded(word: str) -> NamedNode:
    if word == "a":
        return TYPE
    prefix, _, local = word.partition(":")
    return NamedNode(_PREFIXES[prefix] + local)


def _atoms(text: str, predicates: _Names, terms: _Terms) -> str:
    found = []
    for atom in text.split(" . "):
        subject, predicate, obj = atom.split()
        ends = [w if w.startswith("?") else f'"{terms.of(_expanded(w))}"' for w in (subject, obj)]
        found.append(f"{predicates.of(_expanded(predicate).value)}({ends[0]}, {ends[1]})")
    return ", ".join(found)


def _specialised(head: str, body: str) -> list[tuple[str, str]]:
    """Return the rule once for each way the schema names its variable predicates."""
    first = body.split(" . ", maxsplit=1)[0].split()
    if not any(
        atom.split()[1].startswith("?") for atom in (*head.split(" . "), *body.split(" . "))
    ):
        return [(head, body)]
    answers: list[dict[str, str]]
    if first[1] == "rdfs:subPropertyOf":
        # The closed hierarchy: what scm-spo adds counts as well.
        closed = {*_SUBPROPERTIES, ("mainMaterial", "attribute"), ("liningMaterial", "attribute")}
        closed |= {("mainColour", "attribute"), ("accentColour", "attribute")}
        answers = [{"?p": ":" + a, "?q": ":" + b} for a, b in sorted(closed)]
    elif first[1] in ("rdfs:domain", "rdfs:range"):
        pairs = _DOMAINS if first[1] == "rdfs:domain" else _RANGES
        answers = [{"?p": ":" + a, "?c": ":" + b} for a, b in pairs]
    elif first[2] == "owl:TransitiveProperty":
        answers = [{"?p": ":partOf"}]
    elif first[2] == "owl:SymmetricProperty":
        answers = [{"?p": ":sameSet"}]
    elif first[1] == "owl:inverseOf":
        answers = [{"?p": ":partOf", "?q": ":hasPart"}]
    else:
        p, a, b = (":" + name for name in _CHAIN)
        answers = [{"?p": p, "?a": a, "?b": b}]
    return [(_filled(head, answer), _filled(body, answer)) for answer in answers]


def _filled(text: str, answer: dict[str, str]) -> str:
    return " ".join(answer.get(word, word) for word in text.split(" "))


def main() -> int:
    """Write a shop into a folder."""
    size, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    shop = generated(size)
    lines = (f"{f.subject} {f.predicate} {f.object} ." for f in shop.facts)
    (folder / "graph.nt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "rules.srl").write_text(shop.rules, encoding="utf-8")
    (folder / "program.rls").write_text(shop.nemo(folder), encoding="utf-8")
    print(f"{len(shop.facts):,} facts in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
