"""Whatever is asked of the web side, a proper answer comes: no path, header, query, name or body breaks anything."""

import asyncio
import logging
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote_from_bytes, unquote

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sluice.legible import writable
from sluice.private_file import write_private
from sluice.web.app import application
from sluice.web.rest.api import API
from sluice.web.sight import seen
from support.kept import keep_story
from support.pictures import channel, miner
from support.rest import KEY
from support.scripted_pool import ScriptedPool, scripted_pool
from support.web import settings_in

NAMES = [
    "../../etc/passwd",
    "<script>",
    "\u202eevil",
    "a/b",
    "",
    " ",
    ".",
    "..",
    "%00",
    "\0",
    "x" * 255,
    "\udcff",
    "€" * 85,
]
ROOTS = [
    b"/",
    b"/api/",
    b"/api/v1/",
    b"/api/client/",
    b"/users/",
    b"/pool/",
    b"/metrics",
    b"/static/",
    b"/live/",
]
PATHS = sorted({route.path.replace("{block_hash:str}", "00" * 32).encode() for route in API.routes})
#: What may be answered; anything else, above all a 500, is a bug.
PROPER = {200, 204, 301, 302, 303, 304, 307, 308, 400, 401, 404, 405, 406, 413, 415, 421, 429, 503}

methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
segments = st.one_of(
    st.sampled_from(
        [quote_from_bytes(name.encode("utf-8", "surrogateescape"), safe="").encode() for name in NAMES]
    ),
    st.binary(max_size=40).map(lambda raw: quote_from_bytes(raw, safe="").encode()),
    st.sampled_from([b"..", b".", b"", b"%2e%2e%2f", b"%00", b"%", b"%zz", b"~", b";a=b"]),
)
paths = st.one_of(
    st.sampled_from(PATHS),
    st.builds(
        lambda root, parts: root + b"/".join(parts), st.sampled_from(ROOTS), st.lists(segments, max_size=4)
    ),
)
parameters = st.sampled_from(
    [
        b"offset",
        b"limit",
        b"name",
        b"account",
        b"worker",
        b"connection",
        b"since",
        b"until",
        b"step",
        b"x",
        b"",
    ]
)
numbers = st.one_of(
    st.integers().map(lambda number: str(number).encode()), st.sampled_from([b"nan", b"1e9", b"-0", b"0x1"])
)
queries = st.one_of(
    st.lists(st.tuples(parameters, st.one_of(numbers, segments)), max_size=4).map(
        lambda pairs: b"&".join(name + b"=" + value for name, value in pairs)
    ),
    st.binary(max_size=40),
)
headers = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(
                [b"accept", b"authorization", b"x-forwarded-for", b"origin", b"range", b"if-none-match", b"cookie",
                 b"content-type", b"accept-encoding", b"content-length", b"transfer-encoding", b"expect", b"upgrade"]
            ),
            st.one_of(
                st.sampled_from(
                    [b"text/html", b"*/*", b"application/json", b"Bearer " + KEY.encode(), b"Bearer x", b"gzip",
                     b"127.0.0.1, ::1", b"unknown", b"x" * 8_000, b"multipart/form-data", b"multipart/form-data; boundary=",
                     b"application/x-www-form-urlencoded", b"application/msgpack", b"\xff", b"bytes=0-", b"-1"]
                ),
                st.binary(max_size=40),
            ),
        ),
        st.tuples(st.binary(min_size=1, max_size=10).map(bytes.lower), st.binary(max_size=40)),
    ),
    max_size=4,
)  # fmt: skip
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(codec="utf-8")),
        st.sampled_from(NAMES[:5]),
    ),
    lambda more: st.one_of(
        st.lists(more, max_size=3),
        st.dictionaries(st.sampled_from(["name", "what", "difficulty", "seconds", "off"]), more, max_size=3),
    ),
    max_leaves=6,
)
bodies = st.one_of(
    values.map(msgspec.json.encode), st.binary(max_size=200), st.just(b"x" * 20_000), st.just(b"[" * 5_000)
)


async def asked(
    app: Any, method: str, path: bytes, query: bytes, more: list[tuple[bytes, bytes]], body: bytes
) -> tuple[int, dict[bytes, bytes], bytes]:
    """As uvicorn asks it: one request, and what came back."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1:8080"), *more],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    inbox = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[dict[str, Any]] = []
    ended = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if inbox:
            return inbox.pop()
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()
        elif len(sent) > 1:
            ended.set()  # a stream: one piece of it is enough

    await asyncio.wait_for(app(scope, receive, send), 20)
    start, *pieces = sent
    return start["status"], dict(start["headers"]), b"".join(piece.get("body", b"") for piece in pieces)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    write_private(made / "operator.key", "", KEY)
    return made


@pytest.fixture(scope="module")
def runner(directory: Path) -> Any:
    """The application with a pool of hostile names behind it, for the whole module."""
    crowd = [
        miner(place + 1, channel(1, name, other))
        for place, (name, other) in enumerate(pairwise(map(writable, NAMES)))
    ]
    with asyncio.Runner() as loop:
        pool = scripted_pool(directory, ScriptedPool(miners=crowd))
        loop.run(pool.__aenter__())
        sight = seen(
            settings_in(
                directory,
                operator_key_file=str(directory / "operator.key"),
                database=keep_story(directory, 1_000_000),
            )
        )
        app = application(loop.run(sight.__aenter__()))
        yield lambda *request: loop.run(asked(cast("Any", app), *request))
        loop.run(sight.__aexit__(None, None, None))
        loop.run(pool.__aexit__(None, None, None))


def check(path: bytes, status: int, said: dict[bytes, bytes], body: bytes) -> None:
    assert status in PROPER
    assert b"default-src 'none'" in said[b"content-security-policy"]
    assert said[b"x-content-type-options"] == b"nosniff"
    kind = said.get(b"content-type", b"").partition(b";")[0]
    if status >= 400 and body and b"content-encoding" not in said:
        assert kind in {b"application/problem+json", b"text/html", b"text/plain"}
        if kind == b"application/problem+json":
            problem = msgspec.json.decode(body)
            assert problem["status"] == status
            assert problem["detail"]
    if status == 200 and kind == b"application/json" and body and b"content-encoding" not in said:
        for line in body.strip().split(b"\n") if path.endswith(b".status") else [body]:
            msgspec.json.decode(line)


@settings(max_examples=300)
@given(method=methods, path=paths, query=queries, more=headers, body=bodies)
@example("GET", b"/users/%ff%00", b"", [], b"")
@example("GET", b"/api/client/a/b/c/d", b"", [], b"")
@example(
    "POST",
    b"/api/v1/operator/ban",
    b"",
    [(b"authorization", b"Bearer " + KEY.encode())],
    b'{"what": "\\ud800"}',
)
@example("GET", b"/api/v1/channels", b"account=%00", [], b"")
@example("GET", b"/api/v1/log", b"offset=1&offset=2", [], b"")
def test_any_request_has_a_proper_answer(
    runner: Any, method: str, path: bytes, query: bytes, more: list[tuple[bytes, bytes]], body: bytes
) -> None:
    check(path, *runner(method, path, query, more, body))


@settings(max_examples=150)
@given(command=st.sampled_from([path for path in PATHS if b"operator" in path]), body=bodies)
def test_any_command_has_a_proper_answer(runner: Any, command: bytes, body: bytes) -> None:
    key = [(b"authorization", b"Bearer " + KEY.encode()), (b"content-type", b"application/json")]
    check(command, *runner("POST", command, b"", key, body))


@pytest.fixture(autouse=True)
def _no_bug_in_the_log(caplog: pytest.LogCaptureFixture) -> Any:
    with caplog.at_level(logging.ERROR):
        yield
    assert [
        record for record in caplog.records if record.levelno >= logging.ERROR and "failed" in record.message
    ] == []
