"""What is told on stderr: one line for each event that matters.

Rule: people read lines on a terminal, machines read JSON elsewhere; what a stranger sent (a name, a version) can
neither begin a line of its own nor colour the terminal, and a traceback shows no variables, as these hold keys.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, TextIO

import msgspec
import structlog
from structlog.processors import JSONRenderer, TimeStamper, add_log_level, format_exc_info
from structlog.typing import Processor, WrappedLogger

from sluice.legible import words_of

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def configure_log(level: str = "info", form: str = "auto", stream: TextIO | None = None) -> None:
    """Begin to log to `stream` (stderr); `form` is auto, human or json. Libraries' warnings come along."""
    target = stream or sys.stderr
    if form == "auto":
        form = "human" if target.isatty() else "json"
    structlog.configure(
        processors=[add_log_level, *(_for_people(target) if form == "human" else _FOR_MACHINES)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: _Lines(target),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries(logging.WARNING)], level=logging.WARNING, force=True)


def log_event(event: object) -> None:
    """One line for a frozen struct or dataclass: the class's name, its fields, and its `level` (info)."""
    fields_of = _fields(event)
    structlog.get_logger().log(
        LEVELS[getattr(event, "level", "info")], words_of(type(event).__name__), **fields_of
    )


def log_line(level: str, words: str, **more: object) -> None:
    """One line that has no event of its own; `exc_info=error` adds the traceback of a bug."""
    structlog.get_logger().log(LEVELS[level], words, **more)


def _fields(event: object) -> dict[str, Any]:
    if is_dataclass(event):
        return {entry.name: getattr(event, entry.name) for entry in fields(event)}
    if isinstance(event, msgspec.Struct):
        return msgspec.structs.asdict(event)
    raise TypeError(f"{type(event).__name__} is no event: it has no declared fields")


def plain(value: object) -> object:
    """`value` as a line can hold it: numbers, words, hex."""
    match value:
        case None | bool():
            return value
        case Enum():
            return value.name.lower()
        case int() | float():
            return value
        case Fraction():
            return float(value)
        case bytes():
            return value.hex()
        case tuple() | list() | frozenset() | set():
            return [plain(item) for item in value]
    # Bytes that are no UTF-8 travel as surrogates (sv2/types.py); a line has them as \xff.
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def printable(value: object) -> object:
    """`value` for people: a number short, a text without anything that moves a cursor."""
    if isinstance(value, float):
        return f"{value:.0f}" if 1_000 <= abs(value) < 1e15 else f"{value:.4g}"
    if isinstance(value, str) and not value.isprintable():
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    return value


_Event = MutableMapping[str, Any]
_KEPT = frozenset({"exc_info", "exception"})


def _plainly(_logger: WrappedLogger, _method: str, event: _Event) -> _Event:
    return {name: value if name in _KEPT else plain(value) for name, value in event.items()}


def _printably(_logger: WrappedLogger, _method: str, event: _Event) -> _Event:
    return {name: value if name in _KEPT else printable(value) for name, value in event.items()}


def _for_people(stream: TextIO) -> list[Processor]:
    return [
        _plainly,
        _printably,
        TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty() and "NO_COLOR" not in os.environ,
            sort_keys=False,
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


def _headed(_logger: WrappedLogger, _method: str, event: _Event) -> _Event:
    return {name: event[name] for name in ("timestamp", "level", "event")} | dict(event)


_FOR_MACHINES: list[Processor] = [
    _plainly,
    TimeStamper(fmt="iso"),
    format_exc_info,
    _headed,
    JSONRenderer(),
]


class _Lines:
    """Where lines end. A reader that is gone, or a full disk, does not stop the pool."""

    __slots__ = ("_stream",)

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = _write


class _Libraries(logging.Handler):
    """Lets the standard library's loggers (asyncio's, above all) speak in our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        more = {"exc_info": record.exc_info} if record.exc_info else {}
        level = max(known for known in LEVELS.values() if known <= record.levelno)
        structlog.get_logger().log(level, record.getMessage(), source=record.name, **more)
