"""The tools for agents, asked by the SDK's own client over both transports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.types import CallToolResult
from tests.api.cli_given import run
from tests.service.agents_given import (
    DAY,
    TOOLS,
    WRONG,
    Served,
    over_http,
    over_stdio,
    refused,
)

from wearwhy.mcp.depth import cut
from wearwhy.service.caller import Role, Scope
from wearwhy.service.errands import door
from wearwhy.service.service import Service

RULE = """\
PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX wwr: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA {
    wwr:agents-own rdfs:label "of an agent"@en .
}
RULE wwr:agents-own { ?item ww:note "seen" } WHERE { ?item ww:inWardrobe ?wardrobe }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the bundled wardrobe as `mine`, of Ada, and an empty one of Bob."""
    place = tmp_path_factory.mktemp("agents")
    data = Path(__file__).parents[2] / "data"
    shutil.copy(data / "wardrobe.csv", place)
    for words in (
        ("init",),
        ("load", "wardrobe.csv", "--as", "wardrobe", "--into", "wardrobe:mine"),
        ("--wardrobe", "bobs", "add", "coat", "Bobs very own coat"),
    ):
        ran = run(place, *words)
        assert ran.code == 0, ran.out + ran.err
    return place


@pytest.fixture(scope="module")
def served(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = Path(shutil.copytree(folder, tmp_path_factory.mktemp("served") / "w"))
    found = Served(Service.open(place, door=door))
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def keys(served: Served) -> dict[str, str]:
    """Keys: Ada's whole, Ada's for reading, and Bob's."""
    accounts = served.service.accounts
    ada, bob = accounts.add("ada", scopes=frozenset(Scope)), accounts.add("bob")
    accounts.grant("mine", ada.id, Role.OWNER)
    accounts.grant("bobs", bob.id, Role.OWNER)
    reading = accounts.new_key(ada.id, scopes=frozenset((Scope.READ,)))
    return {
        "ada": accounts.new_key(ada.id).secret,
        "reading": reading.secret,
        "bob": accounts.new_key(bob.id).secret,
    }


def told(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return dict(result.structured_content)


async def whole_day(client: Client) -> str:
    """Go through every tool as an agent would, and return the wardrobe's rule as it is then."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(tools) == TOOLS
    for name, tool in tools.items():
        assert tool.annotations is not None
        assert tool.annotations.destructive_hint is (name == "apply_rule")
        assert tool.annotations.read_only_hint is (name != "apply_rule")
        assert tool.description
    mine = {"wardrobe": "mine"}
    looks = told(await client.call_tool("recommend", {**DAY, **mine}))["looks"]
    assert 1 <= len(looks) <= 3
    assert looks[0]["reasons"]["zh"]
    worn = [item["id"] for item in looks[0]["items"]]
    evidence = told(await client.call_tool("explain", {"look": looks[0]["id"], **mine}))
    assert evidence["look"]["score"] == pytest.approx(looks[0]["score"])
    below = next(node for node in evidence["nodes"].values() if node.get("deeper"))
    inside = next(name for name, node in evidence["nodes"].items() if node is below)
    deeper = {"look": looks[0]["id"], "node": inside, **mine}
    more = told(await client.call_tool("explain", deeper))
    assert more["root"] == inside
    assert len(more["nodes"][inside]["premises"]) == below["deeper"]
    added = told(await client.call_tool("complete", {"given": worn[:1], **DAY, **mine}))["looks"]
    assert all(look["adds"]["id"] not in worn[:1] for look in added)
    why = told(await client.call_tool("explain", {"look": added[0]["id"], **mine}))
    assert why["look"]["score"] == pytest.approx(added[0]["score"])
    counted = "SELECT (COUNT(*) AS ?n) WHERE { ?item ww:inWardrobe ?wardrobe }"
    rows = told(await client.call_tool("sparql", {"query": counted, **mine}))
    assert int(rows["results"]["bindings"][0]["n"]["value"]) > 0
    graph = "CONSTRUCT { ?item a ww:Coat } WHERE { ?item a ww:Coat }"
    assert "Coat" in told(await client.call_tool("sparql", {"query": graph, **mine}))["turtle"]
    wanted = {"topic": "agents", "text": RULE, **DAY, **mine}
    seen = told(await client.call_tool("preview_rule", wanted))
    assert seen["facts"]["gained"]
    applied = {"topic": "agents", "text": RULE, "preview": seen["preview"], **mine}
    revision = told(await client.call_tool("apply_rule", applied))
    assert revision["scope"] == "wardrobe/mine"
    noted = 'ASK { ?item ww:note "seen" }'
    assert told(await client.call_tool("sparql", {"query": noted, **mine}))["boolean"] is True
    return str(revision["message"])


@pytest.mark.slow
def test_an_agent_uses_every_tool_over_stdio(folder: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "w"))
    assert "agents" in over_stdio(place, whole_day)
    history = run(place, "history", "-n", "1", "--json").document
    assert history["revisions"][0]["scope"] == "wardrobe/mine"


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_agent_uses_every_tool_over_http(
    served: Served, keys: dict[str, str], mode: str
) -> None:
    assert "agents" in over_http(served, keys["ada"], whole_day, mode)
    served.service.call(
        lambda service, _: service.workspace.undo("wardrobe/mine"),
        served.service.accounts.caller_of_key(keys["ada"]),
    )


@pytest.mark.slow
def test_over_stdio_beside_a_server_a_change_goes_through_it(
    served: Served, keys: dict[str, str]
) -> None:
    mine = {"topic": "agents", "text": RULE, "wardrobe": "mine"}
    noted = {"query": 'ASK { ?item ww:note "seen" }', "wardrobe": "mine"}

    async def change(client: Client) -> int:
        seen = told(await client.call_tool("preview_rule", {**mine, **DAY}))
        applied = {**mine, "preview": seen["preview"]}
        return int(told(await client.call_tool("apply_rule", applied))["revision"])

    async def look(client: Client) -> dict[str, Any]:
        return told(await client.call_tool("sparql", noted))

    revision = over_stdio(served.service.folder, change)
    after = over_http(served, keys["ada"], look)
    assert (after["boolean"], after["revision"]) == (True, revision)
    served.service.call(
        lambda service, _: service.workspace.undo("wardrobe/mine"),
        served.service.accounts.caller_of_key(keys["ada"]),
    )
    assert over_http(served, keys["ada"], look)["boolean"] is False


@pytest.mark.slow
def test_why_not_names_what_blocks_and_the_smallest_change(folder: Path) -> None:
    async def work(client: Client) -> dict[str, Any]:
        looks = told(await client.call_tool("recommend", {**DAY, "wardrobe": "mine"}))
        worn = {item["id"] for look in looks["looks"] for item in look["items"]}
        query = "SELECT ?item WHERE { ?item ww:inWardrobe ?wardrobe } ORDER BY ?item"
        rows = told(await client.call_tool("sparql", {"query": query, "wardrobe": "mine"}))
        found = (row["item"]["value"] for row in rows["results"]["bindings"])
        item = next(one for one in found if one not in worn)
        asked = {"item": item, **DAY, "wardrobe": "mine"}
        return told(await client.call_tool("why_not", asked))

    answer = over_stdio(folder, work, "--read-only")
    assert answer["admitted"] is False
    assert answer["blocked_by"] or answer["lost_by"]
    below = [*answer["blocked_by"], *(one["evidence"] for one in answer["lost_by"])]
    assert set(below) <= answer["nodes"].keys()
    # An agent reads it whole: the evidence of every term to its end would be seven times as much.
    assert len(json.dumps(answer)) < 60_000
    assert any(node.get("deeper") for node in answer["nodes"].values())


@pytest.mark.slow
def test_reading_only_changes_nothing(folder: Path) -> None:
    async def work(client: Client) -> None:
        wanted = {"topic": "agents", "text": RULE, "preview": "x", "wardrobe": "mine"}
        error = refused(await client.call_tool("apply_rule", wanted), "WW-ACCESS-KEY")
        assert "key" in error["message"]

    over_stdio(folder, work, "--read-only")


@pytest.mark.slow
def test_over_stdio_a_key_limits_what_is_seen(folder: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "w"))
    assert run(place, "account", "add", "ada").code == 0
    assert run(place, "account", "add", "bob").code == 0
    assert run(place, "--wardrobe", "bobs", "account", "grant", "bob", "--role", "owner").code == 0
    key = run(place, "account", "key", "bob", "--json").document["key"]

    async def work(client: Client) -> None:
        query = {"query": "SELECT ?item WHERE { ?item ww:inWardrobe ?w }"}
        rows = told(await client.call_tool("sparql", query))["results"]["bindings"]
        assert len(rows) == 1
        hidden = await client.call_tool("sparql", {**query, "wardrobe": "mine"})
        refused(hidden, "WW-WARDROBE-NONE")

    over_stdio(place, work, env={"WEARWHY_KEY": key})


@pytest.mark.slow
def test_over_http_each_sees_their_own(served: Served, keys: dict[str, str]) -> None:
    query = "SELECT ?name WHERE { GRAPH ?g { ?item schema:name ?name } }"

    async def work(client: Client) -> list[str]:
        for name in ("mine", "nothere"):
            hidden = await client.call_tool("sparql", {"query": query, "wardrobe": name})
            error = refused(hidden, "WW-WARDROBE-NONE")
            assert error["message"] == f"There is no wardrobe '{name}' that you may see."
        rows = told(await client.call_tool("sparql", {"query": query}))["results"]["bindings"]
        return [row["name"]["value"] for row in rows]

    found = over_http(served, keys["bob"], work)
    assert found.count("Bobs very own coat") >= 1
    assert not any("blazer" in name.lower() for name in found)


@pytest.mark.slow
def test_over_http_the_key_decides_what_may_be_changed(
    served: Served, keys: dict[str, str]
) -> None:
    async def work(client: Client) -> None:
        wanted = {"topic": "agents", "text": RULE, "preview": "x", "wardrobe": "mine"}
        refused(await client.call_tool("apply_rule", wanted), "WW-ACCESS-SCOPE")

    over_http(served, keys["reading"], work)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "WW-QUERY-UPDATE"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "WW-QUERY-REMOTE"),
        ("SELECT * WHERE { ?s ?p ?o", "WW-QUERY-SYNTAX"),
        ("SELECT * WHERE { ?s ?p ?o . ?t ?q ?r }", "WW-QUERY-BUDGET"),
    ],
)
def test_what_only_reads_and_is_bounded_refuses_the_rest(
    served: Served, keys: dict[str, str], query: str, code: str
) -> None:
    async def work(client: Client) -> None:
        refused(await client.call_tool("sparql", {"query": query}), code)
        asked = told(await client.call_tool("sparql", {"query": "ASK {}"}))
        assert asked["boolean"] is True

    over_http(served, keys["bob"], work)


@pytest.mark.slow
def test_a_rule_that_is_wrong_is_told_with_its_place(served: Served, keys: dict[str, str]) -> None:
    async def work(client: Client) -> dict[str, Any]:
        wanted = {"topic": "agents", "text": "RULE nonsense {", **DAY}
        result = await client.call_tool("preview_rule", wanted)
        assert result.is_error
        assert result.structured_content is not None
        return dict(result.structured_content["error"])

    error = over_http(served, keys["bob"], work)
    assert error["code"].startswith("WW-")
    assert error["place"]["line"] == 1


@pytest.mark.slow
def test_what_is_not_in_the_schema_is_refused_over_both_transports(
    served: Served, keys: dict[str, str], folder: Path
) -> None:
    async def work(client: Client) -> list[dict[str, Any]]:
        return [
            refused(await client.call_tool(tool, arguments), "WW-MCP-INPUT")
            for tool, arguments, _, _ in WRONG
        ]

    over = over_http(served, keys["bob"], work)
    assert over == over_stdio(folder, work)
    assert all(hint in error["hint"] for error, (*_, hint) in zip(over, WRONG, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer ww_wrong"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_without_a_key_or_from_elsewhere_no_message_is_read(
    served: Served, keys: dict[str, str], headers: dict[str, str], status: int
) -> None:
    assert keys
    answer = httpx2.post(served.url, headers=headers, json={"jsonrpc": "2.0"}, timeout=60)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.slow
@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", None])
def test_what_is_no_json_is_refused(
    served: Served, keys: dict[str, str], media: str | None
) -> None:
    headers = {"Authorization": f"Bearer {keys['bob']}"} | (
        {"Content-Type": media} if media else {}
    )
    answer = httpx2.post(served.url, headers=headers, content=b"{}", timeout=60)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "WW-HTTP-MEDIA"


@pytest.mark.slow
@pytest.mark.parametrize("accept", ["text/html", "text/event-stream", "application/xml, text/*"])
def test_who_takes_no_json_is_refused(served: Served, keys: dict[str, str], accept: str) -> None:
    headers = {"Authorization": f"Bearer {keys['bob']}", "Accept": accept}
    answer = httpx2.post(served.url, headers=headers, json={"jsonrpc": "2.0"}, timeout=60)
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "WW-HTTP-ACCEPT"


@pytest.mark.slow
def test_only_messages_are_taken(served: Served) -> None:
    assert httpx2.get(served.url, timeout=60).status_code == 405


def test_evidence_is_cut_at_a_depth() -> None:
    nodes = {
        "a": {"premises": ["b", "c"]},
        "b": {"premises": ["c", "d"]},
        "c": {"premises": ["a"]},
        "d": {"premises": []},
    }
    whole: dict[str, Any] = {"root": "a", "nodes": nodes, "revision": 1, "look": {}}
    assert cut(whole, 10)["nodes"] == nodes
    shallow = cut(whole, 1)["nodes"]
    assert list(shallow) == ["a", "b", "c"]
    assert shallow["b"] == {"premises": [], "deeper": 2}
    assert cut(whole, 1, "b") == {
        "root": "b",
        "revision": 1,
        "nodes": {
            "b": {"premises": ["c", "d"]},
            "c": {"premises": [], "deeper": 1},
            "d": nodes["d"],
        },
    }
    assert whole["nodes"]["b"] == {"premises": ["c", "d"]}


def test_evidence_of_several_things_is_cut_below_each() -> None:
    nodes = {
        "a": {"premises": ["c"]},
        "b": {"premises": ["a"]},
        "c": {"premises": ["d"]},
        "d": {"premises": []},
    }
    whole: dict[str, Any] = {"nodes": nodes, "blocked_by": ["a"], "lost_by": [{"evidence": "b"}]}
    found = cut(whole, 1)
    assert found["nodes"] == {
        "a": nodes["a"],
        "b": nodes["b"],
        "c": {"premises": [], "deeper": 1},
    }
    assert found["blocked_by"] == ["a"]
