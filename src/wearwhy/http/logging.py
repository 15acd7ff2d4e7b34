"""The log: one line an event, as JSON or for people, with the id of the request it belongs to.

A line is made of fields, each of them written as JSON, so that no text of a client can end a line
or begin another. What looks like a key is left out wherever it stands.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; empty outside one."""

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_KEY: Final = re.compile(r"(?:ww|invite)_[\w-]{16,}|(?<=[Bb]earer )\S+|(?<=[Bb]asic )\S+")
_KEY_WORDS: Final = ("ww_", "invite_", "earer ", "asic ")
# In ASCII: some readers end a line at U+2028, too.
_encoded: Final = json.JSONEncoder(default=str).encode
_HANDLER: Final = "wearwhy"
_DEEPEST: Final = 12


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, keys in the order of importance."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        return without_keys(_encoded(fields(record)))


class PlainLines(logging.Formatter):
    """Writes a record as one line for people: time, level, event, then name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        told = fields(record)
        head = f"{told.pop('time')} {told.pop('level'):<7} {_flat(told.pop('event'))}"
        rest = (f"{name}={_flat(value)}" for name, value in told.items())
        return without_keys(" ".join((head, *rest)))


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a record says, by name."""
    told: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "logger": record.name,
    }
    if request_id.get():
        told["request"] = request_id.get()
    told |= {name: value for name, value in vars(record).items() if name not in _OWN}
    if record.exc_info and record.exc_info[1] is not None:
        told["error"] = _arose(record.exc_info[1])
    return told


def _arose(error: BaseException) -> dict[str, Any]:
    """Return where an error arose: its type, text and frames, without the values they held."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return {
        "type": type(error).__name__,
        "text": str(error)[:500],
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _flat(value: object) -> str:
    text = value if isinstance(value, str) else _encoded(value)
    plain = text.isprintable() and " " not in text and '"' not in text
    return text if plain else _encoded(text)


def without_keys(line: str) -> str:
    """Return a line with what looks like a key, a token or a password left out."""
    return _KEY.sub("***", line) if any(word in line for word in _KEY_WORDS) else line


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Send what is logged from now on to a stream, stderr if None, in one form; safe to repeat.

    Args:
        form: `json` or `plain`.
        level: from where on: `debug`, `info`, `warning`, `error`.
        stream: where to.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.set_name(_HANDLER)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    # What no line tells need not be found out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    for known in [one for one in root.handlers if one.get_name() == _HANDLER]:
        root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("wearwhy").setLevel(level.upper())
    # Its lines on starting and stopping say what ours do; its access log has the query string.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
