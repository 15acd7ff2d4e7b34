import marimo

__generated_with = "0.25.2"
app = marimo.App()


@app.cell
def _():
    import tempfile
    from pathlib import Path

    import marimo as mo
    import pandas as pd
    import rdflib

    from wearwhy import Workspace
    from wearwhy.settings import assets

    return Path, Workspace, assets, mo, pd, rdflib, tempfile


@app.cell
def _(mo):
    mo.md("""
    # Ask the graph

    A wardrobe goes in as a DataFrame, a few more pieces as an rdflib graph. What comes out is
    asked in SPARQL, and handed to pandas, rdflib, networkx and owlready2.
    """)
    return


@app.cell
def _(Path, Workspace, assets, pd, tempfile):
    folder = Path(tempfile.mkdtemp(prefix="wearwhy-"))
    workspace = Workspace.init(folder / "workspace")
    table = pd.read_csv(assets() / "data" / "wardrobe.csv", dtype=str).fillna("")
    loaded = workspace.load(table, "wardrobe", "wardrobe:mine")
    assert loaded.items == len(table)
    table[["name", "type", "colour", "material"]].head(8)
    return loaded, workspace


@app.cell
def _(loaded, mo):
    mo.md(f"""
    {loaded.items} items, {len(loaded.facts)} facts. Columns and values that nothing names are
    reported, never dropped; here there are {len(loaded.unknown)}.
    """)
    return


@app.cell
def _(mo):
    mo.md("""
    ## RDF in

    A shop's description in schema.org words is read by the mapping `rdf`.
    """)
    return


@app.cell
def _(rdflib, workspace):
    more = rdflib.Graph().parse(
        format="turtle",
        data="""
        @prefix schema: <https://schema.org/> .
        @prefix shop: <https://shop.example/> .
        shop:1 a schema:Product ; schema:name "Quilted jacket" ; schema:category "quilted jacket" ;
            schema:color "olive" ; schema:material "nylon" .
        shop:2 a schema:Product ; schema:name "Red wool beanie" ; schema:category "beanie" ;
            schema:color "red" ; schema:material "wool" .
        """,
    )
    added = workspace.load(more, "rdf", "wardrobe:mine")
    assert added.items == 2
    return


@app.cell
def _(mo):
    mo.md("""
    ## SPARQL, over a chosen kind of fact

    Nobody said of any of these that it suits winter; rules concluded it.
    """)
    return


@app.cell
def _(workspace):
    winter = workspace.query(
        """
        SELECT ?name ?colour WHERE {
            ?item ww:suitsSeason ww:season-winter ; schema:name ?name .
            OPTIONAL { ?item ww:colour/skos:prefLabel ?colour FILTER(LANG(?colour) = "en") }
        } ORDER BY ?name
        """
    ).to_pandas()
    said = workspace.query("ASK { ?item ww:suitsSeason ww:season-winter }", over="asserted")
    concluded = workspace.query("ASK { ?item ww:suitsSeason ww:season-winter }", over="derived")
    assert len(winter) > 0
    assert concluded
    winter
    return (said,)


@app.cell
def _(mo, said):
    mo.md(f"Did anybody *assert* that something suits winter? {'Yes.' if said else 'No.'}")
    return


@app.cell
def _(mo):
    mo.md("""
    ## pandas: how much of what
    """)
    return


@app.cell
def _(workspace):
    colours = workspace.query(
        """
        SELECT ?item ?family ?slot WHERE {
            ?item ww:inWardrobe ?w ; ww:colour/ww:family ?f ; ww:slot ?s .
            ?f skos:prefLabel ?family . ?s skos:prefLabel ?slot .
            FILTER(LANG(?family) = "en" && LANG(?slot) = "en")
        }
        """
    ).to_pandas()
    counted = colours.pivot_table(index="family", columns="slot", values="item", aggfunc="count")
    assert counted.size > 0
    counted.fillna(0).astype(int)
    return


@app.cell
def _(mo):
    mo.md("""
    ## rdflib: the four kinds of fact as named graphs
    """)
    return


@app.cell
def _(rdflib, workspace):
    dataset = workspace.graph("all")
    assert isinstance(dataset, rdflib.Dataset)
    sizes = {str(graph.identifier): len(graph) for graph in dataset.graphs() if len(graph)}
    assert len(sizes) >= 2
    sizes
    return


@app.cell
def _(mo):
    mo.md("""
    ## networkx: which values hold the wardrobe together

    PageRank over what is asserted and derived of the items; colours, materials and seasons that
    many items share come first.
    """)
    return


@app.cell
def _(workspace):
    import networkx as nx

    everything = workspace.to_networkx("all")
    owned = {node for node in everything if node.startswith("id:mine/")}
    assert owned
    near = owned.union(*(everything.successors(node) for node in owned))
    around = nx.DiGraph(everything.subgraph(near)).to_undirected()
    ranks = nx.pagerank(around)
    hubs = sorted((n for n in around if n.startswith("ww:")), key=ranks.get, reverse=True)
    assert hubs
    [(name, round(ranks[name], 4)) for name in hubs[:12]]
    return


@app.cell
def _(mo):
    mo.md("""
    ## owlready2: the ontology as Python classes
    """)
    return


@app.cell
def _(workspace):
    ontology = workspace.ontology()
    blazer = ontology.search_one(iri="*#Blazer")
    assert blazer is not None
    {
        "ancestors of Blazer": sorted(one.name for one in blazer.ancestors()),
        "classes": len(list(ontology.classes())),
    }
    return


if __name__ == "__main__":
    app.run()
