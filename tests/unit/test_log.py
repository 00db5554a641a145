import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from io import StringIO
from typing import ClassVar

import msgspec
import pytest
import structlog

from sluice.legible import words_of
from sluice.log import configure_log, log_event, log_line, plain, printable


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Reason(Enum):
    LOW_DIFFICULTY = 1


@dataclass(frozen=True, slots=True)
class BlockFound:
    level: ClassVar[str] = "error"
    height: int
    block_hash: bytes
    user: str = "alice"


class ChannelOpened(msgspec.Struct, frozen=True):
    channel_id: int


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def told(event: object, level: str = "info") -> dict[str, object]:
    stream = StringIO()
    configure_log(level, "json", stream)
    log_event(event)
    (line,) = lines(stream)
    said: dict[str, object] = json.loads(line)
    return said


def test_an_event_is_its_name_its_level_and_its_fields() -> None:
    said = told(BlockFound(7, b"\xab\xcd"))
    assert said.pop("timestamp")
    assert said == {
        "level": "error", "event": "block found", "height": 7, "block_hash": "abcd", "user": "alice"
    }  # fmt: skip


def test_a_struct_without_level_is_information() -> None:
    assert told(ChannelOpened(3)) | {"timestamp": ""} == {
        "timestamp": "", "level": "info", "event": "channel opened", "channel_id": 3
    }  # fmt: skip


def test_what_has_no_fields_is_no_event() -> None:
    with pytest.raises(TypeError, match="str is no event"):
        log_event("hello")


def test_what_matters_less_than_the_level_is_not_told() -> None:
    stream = StringIO()
    configure_log("warning", "json", stream)
    log_event(ChannelOpened(3))
    log_event(BlockFound(7, b""))
    (line,) = lines(stream)
    assert json.loads(line)["event"] == "block found"


@pytest.mark.parametrize(
    ("name", "words"),
    [("BlockFound", "block found"), ("Draining", "draining"), ("Sv2PeerLeft", "sv2 peer left")],
)
def test_a_class_name_becomes_words(name: str, words: str) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (2.5, 2.5),
        (Fraction(1, 4), 0.25),
        (b"\x00\xff", "00ff"),
        (Reason.LOW_DIFFICULTY, "low_difficulty"),
        ((b"\x01", 2), ["01", 2]),
        ("caf\udce9", r"caf\xe9"),
        (ValueError("no"), "no"),
    ],
)
def test_a_value_becomes_plain(value: object, shown: object) -> None:
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (4.6565423739069247e-10, "4.657e-10"),
        (0.5, "0.5"),
        (999.96, "1000"),
        (1974146.125, "1974146"),
        (1.3e14, "130000000000000"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        (7, 7),
    ],
)
def test_people_get_short_numbers(number: float, shown: object) -> None:
    assert printable(number) == shown


def test_a_terminal_gets_a_line_for_people_and_a_pipe_gets_json() -> None:
    terminal, pipe = Terminal(), StringIO()
    for stream in (terminal, pipe):
        configure_log("info", "auto", stream)
        log_event(BlockFound(7, b"", "bob"))
    assert "block found" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert json.loads(pipe.getvalue())["user"] == "bob"


def test_each_form_can_be_asked_for() -> None:
    stream = StringIO()
    configure_log("info", "human", stream)
    log_event(BlockFound(7, b"", "bob"))
    assert "height=7" in stream.getvalue()
    assert "user=bob" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_the_wish_for_no_colour_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure_log("info", "auto", stream)
    log_event(BlockFound(7, b""))
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_stranger_cannot_begin_a_line_or_move_the_cursor(form: str) -> None:
    stream = StringIO()
    configure_log("info", form, stream)
    log_event(BlockFound(7, b"", "bob\nforged line\r\x1b[2J\x9b\u2028\udcff"))
    assert len(lines(stream)) == 1
    assert stream.getvalue().rstrip("\n").isprintable()


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_bug_is_told_with_its_traceback_and_without_its_variables(form: str) -> None:
    stream = StringIO()
    configure_log("info", form, stream)
    authority_secret = "5ecre7"
    try:
        raise LookupError(len(authority_secret))
    except LookupError as error:
        log_line("error", "a bug", exc_info=error)
    assert "Traceback" in stream.getvalue()
    assert "LookupError: 6" in stream.getvalue()
    assert authority_secret not in stream.getvalue()
    assert form == "human" or len(lines(stream)) == 1


def test_libraries_speak_in_our_lines_from_warnings_on() -> None:
    stream = StringIO()
    configure_log("debug", "json", stream)
    logging.getLogger("asyncio").error("task %s was lost", 5)
    logging.getLogger("asyncio").log(35, "a level of its own")
    logging.getLogger("httpx").info("chatter")
    error, between = map(json.loads, lines(stream))
    assert (error["event"], error["level"], error["source"]) == ("task 5 was lost", "error", "asyncio")
    assert (between["event"], between["level"]) == ("a level of its own", "warning")


def test_a_library_s_traceback_comes_along() -> None:
    stream = StringIO()
    configure_log("debug", "json", stream)
    try:
        raise LookupError("gone")
    except LookupError:
        logging.getLogger("asyncio").exception("broken")
    assert "LookupError: gone" in json.loads(stream.getvalue())["exception"]


class Gone(StringIO):
    def write(self, line: str, /) -> int:
        raise BrokenPipeError


def closed_stream() -> StringIO:
    stream = StringIO()
    stream.close()
    return stream


def test_a_reader_that_is_gone_does_not_stop_the_pool() -> None:
    for stream in (Gone(), closed_stream()):
        configure_log("debug", "json", stream)
        for level in ("debug", "info", "warning", "error", "critical"):
            log_line(level, "hello")
