"""The REST interface over a copy of the prepared workspace, and accounts that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from wearwhy.http.app import create_app
from wearwhy.service.caller import Role, Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.errands import door
from wearwhy.service.service import Service

OFFICE = {"occasions": ["office"], "date": "2026-11-24", "weather": "8C rain wind 20km/h"}
LINEN = {"retracted": ["w03 material silk"], "asserted": ["w03 material linen"]}


@dataclass(frozen=True)
class Rest:
    """A service that runs, a client of it without a key, and keys."""

    service: Service
    client: TestClient
    keys: dict[str, str]

    def __call__(self, method: str, path: str, *, who: str = "ada", **given: Any) -> Any:
        """Send a request with somebody's key, and return the answer."""
        headers = {"Authorization": f"Bearer {self.keys[who]}", **given.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **given)

    def document(self, method: str, path: str, **given: Any) -> Any:
        """Send a request that must be answered with a document, and return that."""
        answer = self(method, path, **given)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def served(folder: Path) -> Iterator[Rest]:
    """Serve a workspace: Ada owns `mine`; Bob may only read it; Eve has no part in it."""
    # A busy machine is given time: what is told is looked at, not how soon.
    told = Configuration(requests_per_minute=0, aside_seconds=300.0, request_seconds=400.0)
    service = Service.open(folder, told, door=door)
    keys = {}
    for name, scopes, role in (
        ("ada", frozenset(Scope), Role.OWNER),
        ("reader", frozenset((Scope.READ,)), Role.EDITOR),
        ("bob", frozenset((Scope.READ, Scope.WRITE, Scope.RULES)), Role.VIEWER),
        ("eve", frozenset((Scope.READ, Scope.WRITE, Scope.RULES)), None),
    ):
        account = service.accounts.add(f"{name}-of-rest", password=None, scopes=scopes)
        if role is not None:
            service.accounts.grant("mine", account.id, role)
        keys[name] = service.accounts.new_key(account.id, label="test").secret
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        yield Rest(service, client, keys)
