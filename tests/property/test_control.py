"""The control socket: every word comes back as it was said, and whatever is said to it, the pool does not suffer.

What is hostile here may come from who may command the pool anyway: a script with a fault must get a clear answer, and
must not hold up those who mine.
"""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import json

from sluice.control import words
from sluice.control.client import look_now
from sluice.control.place import NAME
from sluice.control.words import (
    Answer,
    Done,
    Happened,
    Look,
    PictureEnd,
    PoolPicture,
    Refused,
    Request,
    Watch,
)
from sluice.server.control_host import MOST_LINE
from support.beside import beside

ANSWERS = json.Decoder(Answer)
REQUESTS = json.Decoder(Request)

#: All that travels.
SPOKEN = [each for each in vars(words).values() if isinstance(each, type) and issubclass(each, words.Line)]
TAGS = sorted(str(each.__struct_config__.tag) for each in SPOKEN if each is not words.Line)

numbers = st.integers(-(2**63), 2**64 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20)


def value_of(declared: Any) -> st.SearchStrategy[Any]:
    """Anything that a field may hold."""
    kind = msgspec.inspect.type_info(declared) if not isinstance(declared, msgspec.inspect.Type) else declared
    inspect = msgspec.inspect
    match kind:
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return numbers
        case inspect.FloatType():
            return floats
        case inspect.StrType():
            return texts
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType():
            return st.one_of([value_of(each) for each in kind.types])
        case inspect.VarTupleType() | inspect.ListType():
            many = st.lists(value_of(kind.item_type), max_size=2)
            return many.map(tuple) if isinstance(kind, inspect.VarTupleType) else many
        case inspect.TupleType():
            return st.tuples(*map(value_of, kind.item_types))
        case inspect.DictType():
            return st.dictionaries(value_of(kind.key_type), value_of(kind.value_type), max_size=2)
        case inspect.StructType():
            return st.builds(kind.cls, **{each.name: value_of(each.type) for each in kind.fields})
    raise AssertionError(f"{kind} travels, and is not tried here")


@pytest.mark.parametrize("word", [each for each in SPOKEN if each is not words.Line])
def test_every_word_comes_back_as_it_was_said(word: Any) -> None:
    decoder = REQUESTS if issubclass(word, Request.__args__) else ANSWERS

    @given(value_of(word))
    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
    def tried(said: Any) -> None:
        line = json.encode(said)
        assert b"\n" not in line
        assert decoder.decode(line) == said

    tried()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a pool that runs all the while."""
    directory = tmp_path_factory.mktemp("pool")
    with beside(directory):
        yield directory / NAME


def answers(path: Path, *lines: bytes) -> list[Any]:
    """All that is said to these, by one who says no more."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        try:
            connection.sendall(b"".join(line + b"\n" for line in lines))
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        said = b""
        try:
            while more := connection.recv(1 << 20):
                said += more
        except ConnectionResetError:
            pass
    return [ANSWERS.decode(line) for line in said.splitlines()]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("type", "name", "what", "seconds", "difficulty", "after", "run_at", "off")
nearly = st.dictionaries(
    st.sampled_from(FIELDS), anything | st.sampled_from(TAGS) | st.just(10**400) | st.just(1e308), max_size=5
).flatmap(lambda fields: st.sampled_from(TAGS).map(lambda tag: {"type": tag} | fields))


def as_line(value: Any) -> bytes:
    """As other programs would write it; numbers may be such as no computer holds."""
    import json as plain

    return plain.dumps(value).encode()


lines = st.one_of(
    st.binary(max_size=200).map(lambda raw: raw.replace(b"\n", b"")).filter(bool),
    anything.map(as_line),
    nearly.map(as_line),
    st.integers(1, 6_000).map(lambda depth: b"[" * depth),
    st.integers(1, 800).map(lambda depth: b'{"type":' * depth),
    st.integers(300, 6_000).map(lambda digits: b'{"type":"Ban","what":"x","seconds":' + b"9" * digits + b"}"),
)


def understood(line: bytes) -> bool:
    try:
        return bool(REQUESTS.decode(line))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


@given(st.lists(lines, min_size=1, max_size=4))
@example([b'{"type":"Ban","what":"x","seconds":1e308}'])
@example([b'{"type":"Ban","what":"1.2.3.4/9999999999","seconds":1}'])
@example([b'{"type":"SetDifficulty","name":"\\ud800","difficulty":1}'])
@example([b'{"type":"SetDifficulty","name":"a","difficulty":1e-320}'])
@example([b'{"type":"Watch","seconds":-1e308,"after":-5,"run_at":1e308}'])
@example([b"\xff\xfe", b'{"type":"Look"}'])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_said_is_answered_and_the_pool_goes_on(
    pool: Path, caplog: pytest.LogCaptureFixture, said: list[bytes]
) -> None:
    with caplog.at_level(logging.WARNING):
        heard = iter(answers(pool, *said))
        for line in said:
            request = REQUESTS.decode(line) if understood(line) else None
            first = next(heard)
            if request is None:
                assert isinstance(first, Refused)
                assert first.words.startswith("that is no request")
            elif isinstance(request, Watch):
                break
            elif isinstance(request, Look):
                assert isinstance(first, PoolPicture)
                assert any(isinstance(each, PictureEnd) for each in heard)
            else:
                assert isinstance(first, Done | Refused)
                assert first.words.isprintable()
        else:
            assert list(heard) == []
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert look_now(pool).pool.height


@pytest.mark.parametrize("size", [MOST_LINE + 1, 10 * MOST_LINE])
def test_a_line_that_is_too_long_is_refused_with_the_bound(pool: Path, size: int) -> None:
    (only,) = answers(pool, b"x" * size)
    assert isinstance(only, Refused)
    assert str(MOST_LINE) in only.words
    assert look_now(pool).pool.height


def test_what_is_not_said_to_its_end_is_no_request(pool: Path) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(pool))
        connection.sendall(b'{"type":"Ban","what":"mallory"')
    assert "mallory" not in {each.what for each in look_now(pool).pool.bans}


def test_a_happening_of_any_facts_is_a_line() -> None:
    fact = value_of(words.Fact)

    @given(st.dictionaries(texts, fact, max_size=4))
    def tried(facts: dict[str, Any]) -> None:
        line = Happened(1, 0.0, "BlockFound", "block found", "info", facts)
        assert ANSWERS.decode(json.encode(line)) == line

    tried()
