"""What a server may be told: by `serve.toml` in the workspace, and by the environment.

A key of the file is a field of `Configuration`; in the environment it is `WEARWHY_SERVE_` and the
key in capitals, where a list stands with commas. The environment wins over the file, and what the
command line says over both.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final, get_type_hints
from urllib.parse import urlsplit

from wearwhy.errors import FormatError, Place, UnknownName, ValueRefused, nearest

FILE: Final = "serve.toml"
PREFIX: Final = "WEARWHY_SERVE_"
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "log": ("json", "plain"),
    "log_level": ("debug", "info", "warning", "error"),
    "metrics": ("loopback", "everyone", "off"),
}
_LEAST: Final[Mapping[str, int]] = {"port": 0, "requests_per_minute": 0}
_MOST: Final[Mapping[str, int]] = {"port": 65_535, "workers": 64}
_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a server may be told; each field is a key of `serve.toml`.

    Attributes:
        host: the address to listen on; any but a loopback one needs accounts.
        port: the port to listen on; 0 takes a free one, which is printed.
        public_url: how people reach it, such as `https://wear.example.org`, where it stands behind
            a proxy; its name is then answered to, and its cookies are kept to https.
        hosts: further names that the Host header may carry.
        proxies: addresses or networks whose `X-Forwarded-For` and `-Proto` are believed.
        origins: web origins whose pages may ask, such as that of a YASGUI elsewhere.
        workers: processes for SPARQL and for what is uploaded; they can be killed.
        query_seconds: how long one query or update may run.
        query_memory: by how many MiB a worker may grow over what the graph takes.
        query_rows: how many rows or statements an answer may have.
        query_bytes: how many bytes an answer, or a query's own text, may have.
        body_bytes: how many bytes a request may carry; 16 KiB, where neither key nor session
            stands behind it.
        upload_bytes: how many bytes an upload or a graph that is put may have.
        header_bytes: how many bytes the head of a request may have.
        header_seconds: how long a client may take to send the head of a request, and how long a
            connection may stand idle.
        body_seconds: how long a client may take over each piece of a body.
        engine_seconds: how long a piece of work may compute while all others wait for it.
        aside_seconds: how long what only looks may compute in a process beside; by the clock it may
            take six times as long, where `request_seconds` leaves it as much.
        tried_statements: from how many statements on an update is first reasoned over beside;
            axioms always are.
        request_seconds: how long a request may take until its answer begins.
        in_flight: how many requests are worked on at once; more are told to come again, and first
            whoever has as many under way as there is room left.
        requests_per_minute: how many requests one address may make, this machine itself excepted;
            0 counts none.
        session_hours: how long somebody stays signed in without asking anything.
        stop_seconds: how long what runs is waited for when the server is told to stop.
        metrics: who may read `/metrics`: `loopback`, `everyone` or `off`.
        log: how a line of the log looks, `json` or `plain`.
        log_level: from where on something is logged, `debug`, `info`, `warning` or `error`.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    workers: int = 2
    query_seconds: float = 10.0
    query_memory: int = 512
    query_rows: int = 100_000
    query_bytes: int = 16_777_216
    body_bytes: int = 1_048_576
    upload_bytes: int = 33_554_432
    header_bytes: int = 32_768
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    engine_seconds: float = 10.0
    aside_seconds: float = 50.0
    tried_statements: int = 200
    request_seconds: float = 60.0
    in_flight: int = 64
    requests_per_minute: int = 3000
    session_hours: float = 12.0
    stop_seconds: float = 15.0
    metrics: str = "loopback"
    log: str = "json"
    log_level: str = "info"

    @property
    def names(self) -> frozenset[str]:
        """The names that the Host header may carry, in small letters, without ports."""
        known = {*LOOPBACK_NAMES, *(name.lower() for name in self.hosts)}
        if self.public_url:
            known.add(urlsplit(self.public_url).hostname or "")
        if not _is_any(self.host):
            known.add(self.host.lower())
        return frozenset(known - {""})

    @property
    def secure(self) -> bool:
        """Whether people reach the server by https only."""
        return self.public_url.startswith("https:")

    @property
    def private(self) -> bool:
        """Whether nobody but who works on this machine is meant to reach it."""
        return is_loopback(self.host) and all(is_loopback(name) for name in self.names)


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Return whether a name or address is of this machine's own loopback."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def read(
    workspace: Path, environment: Mapping[str, str], *, file: Path | None = None
) -> Configuration:
    """Return what the file and the environment say; the defaults for what neither does.

    Args:
        workspace: its `serve.toml` is read, if it has one.
        environment: the process's own; of it, names that start with `WEARWHY_SERVE_`.
        file: to read in place of the workspace's, which must be there.

    Raises:
        FormatError: WW-SERVE-TOML, where the file is not TOML in UTF-8.
        UnknownName: WW-SERVE-KEY, for a key or a variable that is none, with the nearest one.
        ValueRefused: WW-SERVE-VALUE, for a value of the wrong type or out of range.
    """
    path = workspace / FILE if file is None else file
    stated = {} if file is None and not path.exists() else _stated(path)
    for key, value in stated.items():
        _require_known(key, f"'{key}' is no key of {path.name}.", Place(str(path)))
        stated[key] = _checked(key, value, Place(str(path)))
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX).lower()
            _require_known(key, f"{name} is no variable of the server.", None)
            stated[key] = _checked(key, _from_text(key, text), None)
    return Configuration(**stated)


def checked(key: str, value: Any) -> Any:
    """Return a value that the command line gives a key.

    Raises:
        ValueRefused: WW-SERVE-VALUE.
    """
    return _checked(key, value, None)


def _stated(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(
            "WW-SERVE-TOML",
            f"{path.name} is not valid TOML in UTF-8.",
            note=str(error),
            hint="A line of it is such as port = 8080.",
            place=Place(str(path)),
        ) from error


def _require_known(key: str, sentence: str, place: Place | None) -> None:
    known = [one.name for one in fields(Configuration)]
    if key not in known:
        near = nearest(key, known)
        raise UnknownName(
            "WW-SERVE-KEY",
            sentence,
            note=f"The keys are {', '.join(sorted(known))}.",
            hint=f"Did you mean '{near}'?" if near else "docs/serve.md says what each means.",
            place=place,
        )


def _from_text(key: str, text: str) -> Any:
    """Return the value that a text of the environment stands for; the text, where it is none."""
    kind = get_type_hints(Configuration)[key]
    if kind == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind is bool:
        return _WORDS.get(text.strip().lower(), text)
    for number in (int, float):
        if kind in {int, float}:
            try:
                return number(text)
            except ValueError:
                continue
    return text


def _checked(key: str, value: Any, place: Place | None) -> Any:
    kind = get_type_hints(Configuration)[key]
    wrong = _wrong(key, kind, value)
    if wrong:
        raise ValueRefused(
            "WW-SERVE-VALUE",
            f"{key} = {value!r} is refused: {wrong}.",
            hint="docs/serve.md says what each key means.",
            place=place,
        )
    if kind == tuple[str, ...]:
        return tuple(value)
    return float(value) if kind is float else value


def _wrong(key: str, kind: Any, value: Any) -> str:
    """Return what is wrong with a value, or an empty text."""
    if kind is bool:
        return "" if isinstance(value, bool) else "it must be true or false"
    if kind is int:
        return _wrong_integer(key, value)
    if kind is float:
        sound = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if sound and 0 < value < math.inf else "it must be a number above 0"
    if kind is str:
        return _wrong_text(key, value) if isinstance(value, str) else "it must be a text"
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        return "it must be a list of texts"
    return next((wrong for one in value if (wrong := _wrong_member(key, one))), "")


def _wrong_integer(key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "it must be an integer"
    least, most = _LEAST.get(key, 1), _MOST.get(key, 2**53)
    return "" if least <= value <= most else f"it must lie between {least} and {most}"


def _wrong_text(key: str, value: str) -> str:
    if key in _CHOICES:
        known = _CHOICES[key]
        return "" if value in known else f"it must be one of {', '.join(known)}"
    if key == "public_url":
        return "" if not value else _wrong_origin(value.removesuffix("/"))
    return "" if value and value.isprintable() and " " not in value else "it is no address"


def _wrong_member(key: str, value: str) -> str:
    if key == "proxies":
        try:
            ip_network(value)
        except ValueError:
            return f"'{value}' is no address or network"
        return ""
    if key == "origins":
        return _wrong_origin(value)
    plain = value.replace("-", "").replace(".", "").replace(":", "").isalnum()
    return "" if plain and value.isascii() else f"'{value}' is no name of a host"


def _wrong_origin(value: str) -> str:
    """Return what keeps a text from being an origin, such as `https://example.org`."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    plain = sound and value == f"{parts.scheme}://{parts.netloc}" and "@" not in value
    return "" if plain else f"'{value}' is no origin such as https://example.org"
