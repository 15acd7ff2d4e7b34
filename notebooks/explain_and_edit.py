import marimo

__generated_with = "0.25.2"
app = marimo.App()


@app.cell
def _():
    import re
    import tempfile
    from datetime import date
    from pathlib import Path

    import marimo as mo

    from wearwhy import Wishes
    from wearwhy.explain.sentences import read
    from wearwhy.explain.text import look_text
    from wearwhy.settings import assets
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.drafts import apply_edit, drafts, edit_copy

    return (
        Path,
        Wishes,
        Workspace,
        apply_edit,
        assets,
        date,
        drafts,
        edit_copy,
        look_text,
        mo,
        re,
        read,
        tempfile,
    )


@app.cell
def _(mo):
    mo.md("""
    # Explain a look, and edit a rule

    A look's score is the sum of its terms, and every term names what it rests on. When you
    disagree with the stylist, edit the rule: first see what it would change, then apply it, and
    undo it if you do not like it.
    """)
    return


@app.cell
def _(Path, Workspace, assets, tempfile):
    folder = Path(tempfile.mkdtemp(prefix="wearwhy-")) / "workspace"
    workspace = Workspace.init(folder)
    loaded = workspace.load(assets() / "data" / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    return (workspace,)


@app.cell
def _(Wishes, date, workspace):
    wishes = Wishes(occasions=("office",), on=date(2026, 11, 24), weather="8C rain wind 20km/h")
    request = workspace.ask(wishes).requests[0]
    looks = workspace.recommend(request)
    assert looks
    return looks, request


@app.cell
def _(assets, look_text, looks, mo, read, workspace):
    explained = workspace.explain(looks[0].look)
    phrases = read(assets() / "kg" / "sentences.toml")
    for reason in looks[0].reasons("en") + looks[0].reasons("zh"):
        print("•", reason)
    mo.md(f"```text\n{look_text(explained, phrases, evidence=2)}\n```")
    return (explained,)


@app.cell
def _(mo):
    mo.md("""
    ## The terms add up
    """)
    return


@app.cell
def _(explained, looks):
    total = sum(one.term.value for one in explained.terms)
    assert abs(total - looks[0].score) < 1e-9
    [(one.term.kind, round(one.term.value, 3), one.without) for one in explained.terms[:8]]
    return


@app.cell
def _(mo):
    mo.md("""
    ## Down to what somebody said

    The evidence of the whole look is one graph of nodes; its leaves are asserted facts, axioms,
    absences and, where a guess was used, predictions.
    """)
    return


@app.cell
def _(looks):
    from collections import Counter

    evidence = looks[0].explain()
    kinds = Counter(str(node.kind) for node in evidence.nodes.values())
    assert kinds["asserted"] > 0
    assert kinds["derived"] > 0
    dict(kinds)
    return


@app.cell
def _(mo):
    mo.md("""
    ## Disagree with the stylist

    `monochrome` favours two pieces of one hue. Let us want that much more: the bundled
    file is copied into the workspace and changed there. Until it is applied it is a draft, and
    everything reasons as before.
    """)
    return


@app.cell
def _(drafts, edit_copy, re, workspace):
    path = edit_copy(workspace.folder, workspace.state, workspace.bundle, "base", "colour")
    before = path.read_text("utf-8")
    start = before.index("rule:monochrome rdfs:label")
    end = before.index("RULE rule:monochrome", start)
    block = re.sub(r"ww:points [0-9.]+\b", "ww:points 2.5", before[start:end])
    path.write_text(before[:start] + block + before[end:], "utf-8")
    changed = drafts(workspace.folder, workspace.state, workspace.bundle, "base")
    assert [draft.topic for draft in changed] == ["colour"]
    block
    return (changed,)


@app.cell
def _(mo):
    mo.md("""
    ## See what it would change

    Over the events of the bundled week: looks gained, lost and ranked anew. Nothing is written.
    """)
    return


@app.cell
def _(apply_edit, changed, request, workspace):
    edit = apply_edit(workspace.state, "base", changed)
    difference = workspace.preview(edit, requests=[request])
    assert workspace.revision == difference.revision
    {
        "facts gained": len(difference.gained),
        "facts lost": len(difference.lost),
        "looks gained": [
            [i.value.rpartition("/")[2] for i in r.items] for r in difference.looks_gained
        ],
        "looks lost": [
            [i.value.rpartition("/")[2] for i in r.items] for r in difference.looks_lost
        ],
    }
    return (edit,)


@app.cell
def _(mo):
    mo.md("""
    ## Apply it, and take it back
    """)
    return


@app.cell
def _(edit, looks, request, workspace):
    was = workspace.revision
    applied = workspace.apply(edit)
    after = workspace.recommend(request)
    undone = workspace.undo()
    again = workspace.recommend(request)
    assert (applied.number, undone.number) == (was + 1, was + 2)
    assert [(look.items, look.score) for look in again] == [
        (look.items, look.score) for look in looks
    ]
    {"before": [l.score for l in looks], "with the edit": [l.score for l in after]}
    return


if __name__ == "__main__":
    app.run()
