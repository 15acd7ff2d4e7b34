"""Generated universities: a graph in the manner of LUBM that uses every part of OWL 2 RL."""

from __future__ import annotations

import random

from pyoxigraph import RdfFormat, parse

from wearwhy.rdf import OWL, TYPE, Fact, Namespace

U = Namespace("http://university.example/")

SCHEMA = """
@prefix : <http://university.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:Person a owl:Class . :Faculty a owl:Class ; rdfs:subClassOf :Employee .
:Employee rdfs:subClassOf :Person . :Professor rdfs:subClassOf :Faculty .
:FullProfessor rdfs:subClassOf :Professor . :Lecturer rdfs:subClassOf :Faculty .
:Student rdfs:subClassOf :Person . :Undergraduate rdfs:subClassOf :Student .
:Graduate rdfs:subClassOf :Student . :Pupil owl:equivalentClass :Student .
:Department rdfs:subClassOf :Organisation . :University rdfs:subClassOf :Organisation .
:worksFor rdfs:subPropertyOf :memberOf . :headOf rdfs:subPropertyOf :worksFor .
:memberOf rdfs:range :Organisation ; owl:inverseOf :member .
:teaches rdfs:domain :Faculty ; rdfs:range :Course . :takes rdfs:domain :Student .
:subOrganisationOf a owl:TransitiveProperty . :collaborates a owl:SymmetricProperty .
:belongsTo owl:equivalentProperty :memberOf .
:studiesAt owl:propertyChainAxiom ( :advisor :worksFor :subOrganisationOf ) .
:dean a owl:FunctionalProperty . :badge a owl:InverseFunctionalProperty .
:Employee owl:hasKey ( :number :issuer ) .
:Chair owl:intersectionOf ( :Professor [ a owl:Restriction ;
    owl:onProperty :headOf ; owl:someValuesFrom :Department ] ) .
:Staff owl:unionOf ( :Lecturer :Professor ) . :Board owl:oneOf ( :p0 :p1 ) .
:Teacher owl:equivalentClass [ a owl:Restriction ;
    owl:onProperty :teaches ; owl:someValuesFrom owl:Thing ] .
:Undergraduate rdfs:subClassOf [ a owl:Restriction ;
    owl:onProperty :takes ; owl:allValuesFrom :Course ] .
:Local owl:equivalentClass [ a owl:Restriction ; owl:onProperty :campus ; owl:hasValue :north ] .
:University rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :president ;
    owl:maxCardinality "1"^^xsd:nonNegativeInteger ] .
:Department rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :head ; owl:onClass :Professor ;
    owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger ] .
:Faculty owl:disjointWith :Undergraduate .
"""

KINDS = ("FullProfessor", "Lecturer", "Undergraduate", "Graduate", "Professor", "Pupil")
LINKS = (
    *("worksFor", "headOf", "memberOf", "member", "subOrganisationOf", "president", "head"),
    *("advisor", "collaborates", "teaches", "takes", "dean", "badge", "number", "issuer"),
    *("campus", "belongsTo"),
)
PLACES = {"worksFor": "d", "headOf": "d", "memberOf": "d", "badge": "b", "number": "n"} | {
    "teaches": "c",
    "takes": "c",
    "issuer": "i",
    "campus": "place",
}


def university(size: int, seed: int) -> list[Fact]:
    """Return a university with so many statements about people, and its schema."""
    chance = random.Random(seed)
    facts = [
        Fact(quad.subject, quad.predicate, quad.object)
        for quad in parse(SCHEMA, format=RdfFormat.TURTLE)
    ]
    people = max(4, size // 5)
    facts += [Fact(U[f"p{number}"], TYPE, U[chance.choice(KINDS)]) for number in range(people)]
    for number in range(3):
        facts.append(Fact(U[f"d{number}"], TYPE, U.Department))
        facts.append(Fact(U[f"u{number}"], TYPE, U.University))
        facts.append(Fact(U[f"d{number}"], U.subOrganisationOf, U[f"u{number}"]))
        facts.append(Fact(U[f"g{number}"], U.subOrganisationOf, U[f"d{number}"]))
    while len(facts) < size:
        link = chance.choice(LINKS)
        who = U[f"p{chance.randrange(people)}"]
        if link in ("subOrganisationOf", "head", "member", "dean"):
            who = U[f"d{chance.randrange(3)}"]
        elif link == "president":
            who = U[f"u{chance.randrange(3)}"]
        elif link == "badge":
            facts.append(Fact(who, U.badge, U[f"b{chance.randrange(3 * people)}"]))
            continue
        if link == "subOrganisationOf":
            facts.append(Fact(who, U[link], U[f"u{chance.randrange(3)}"]))
        elif link == "campus":
            facts.append(Fact(who, U.campus, chance.choice((U.north, U.south))))
        elif link in PLACES:
            most = 3 if PLACES[link] == "d" else people
            facts.append(Fact(who, U[link], U[f"{PLACES[link]}{chance.randrange(most)}"]))
        elif link in ("dean", "president", "head") and chance.random() < 0.8:
            continue
        else:
            facts.append(Fact(who, U[link], U[f"p{chance.randrange(people)}"]))
    facts.append(Fact(U.p0, OWL.sameAs, U.rector))
    return list(dict.fromkeys(facts))
