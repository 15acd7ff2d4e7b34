"""A server in a process of its own, for what measures it from outside."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlsplit

LONGEST = 120.0  # seconds until a server must be ready, on a busy machine


@dataclass(slots=True)
class Running:
    """A server that runs.

    Attributes:
        process: of the server; its workers are its children.
        url: where it listens.
        token: makes the first account; empty once there is one.
        ready_seconds: from its start until /readyz said so.
    """

    process: subprocess.Popen[str]
    url: str
    token: str
    ready_seconds: float

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        port: int = 0,
        log: IO[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Start a server on a workspace and wait until it is ready."""
        begun = time.perf_counter()
        command = [sys.executable, "-m", "wearwhy", "--json", "--workspace", str(folder)]
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=log or subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
        )
        assert process.stdout is not None
        said, depth = "", 0
        for line in process.stdout:
            said += line
            depth += line.count("{") - line.count("}")
            if said.strip() and depth == 0:
                break
        try:
            document = json.loads(said)
            url = document["url"]
        except (ValueError, KeyError):
            process.wait()
            raise RuntimeError(f"the server did not start: {said}") from None
        running = cls(process, url, document.get("token") or "", 0.0)
        running._wait(begun)
        return running

    def _wait(self, begun: float) -> None:
        while time.perf_counter() - begun < LONGEST:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            try:
                status, _ = self.ask("GET", "/readyz", seconds=LONGEST)
            except OSError:
                status = 0
            if status == 200:
                self.ready_seconds = time.perf_counter() - begun
                return
            time.sleep(0.02)
        raise RuntimeError("the server did not become ready")

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        seconds: float = 60.0,
    ) -> tuple[int, Any]:
        """Return the status and the document (or text) that the server answers."""
        status, found, text = self._asked(
            method, path, body, key=key, headers=headers, seconds=seconds
        )
        if "json" in found.get("content-type", ""):
            return status, json.loads(text)
        return status, text

    def ask_headers(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        seconds: float = 60.0,
    ) -> tuple[int, Mapping[str, str]]:
        """Return the status and the headers, in small letters, that the server answers."""
        status, found, _ = self._asked(
            method, path, body, key=key, headers=headers, seconds=seconds
        )
        return status, found

    def _asked(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        key: str,
        headers: Mapping[str, str] | None,
        seconds: float,
    ) -> tuple[int, Mapping[str, str], str]:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
        sent = dict(headers or {})
        if key:
            sent.setdefault("Authorization", f"Bearer {key}")
        data: bytes | None = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._closed()

    def stop(self, seconds: float = 120.0) -> int:
        """Tell the process to stop, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self._closed()
        return status

    def _closed(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()
