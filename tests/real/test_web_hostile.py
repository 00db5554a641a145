"""Raw bytes at the web process: whatever comes, it answers properly or hangs up, and goes on."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.web.settings import encode
from support.server import PATIENCE
from support.web import settings_in

#: Seconds after which nothing more is expected on a connection that is still open.
SILENCE = 0.3
HOST = b"Host: 127.0.0.1\r\n"
CASES = [
    b"",
    b"\r\n",
    b"\0" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300),  # TLS
    b'{"id":1,"method":"mining.subscribe","params":[]}\n',
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    b"GET  HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /api/v1/pool\r\n\r\n",
    b"G\xff\xfeT / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"a: b\r\n" * 5_000 + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X\0: y\r\n\r\n",
    b"GET /../../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /static/..%2f..%2fsettings.py HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /users/%00%ff%c0%ae HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://elsewhere/ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT elsewhere:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\nx",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /api/v1/operator/drain HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000,
    b"POST /api/v1/operator/drain HTTP/1.1\r\n"
    + HOST
    + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /api/v1/pool HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\xff\r\n\r\n",
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a web process without a pool; it lives through all of this and says nothing of a bug."""
    data = tmp_path_factory.mktemp("data")
    with socket.create_server(("127.0.0.1", 0)) as listening, (data / "log").open("w+b") as log:
        given_settings = msgspec.structs.replace(settings_in(data), descriptor=listening.fileno())
        process = subprocess.Popen(
            [sys.executable, "-m", "sluice.web.process"],
            stdin=subprocess.PIPE,
            stderr=log,
            pass_fds=[listening.fileno()],
        )
        try:
            assert process.stdin is not None
            process.stdin.write(encode(given_settings))
            process.stdin.flush()
            number = listening.getsockname()[1]
            assert said(number, b"GET / HTTP/1.0\r\n" + HOST + b"\r\n", PATIENCE).startswith(b"HTTP/1.1 200")
            yield number
            assert process.poll() is None
            assert "Traceback" not in Path(log.name).read_text()
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(PATIENCE)


def said(port: int, sent: bytes, silence: float = SILENCE) -> bytes:
    """What comes back until the connection ends, or is silent."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        answer = b""
        try:
            connection.sendall(sent)
            connection.settimeout(silence)
            while more := connection.recv(65_536):
                answer += more
        except (TimeoutError, ConnectionError):
            pass
        return answer


def check(answer: bytes) -> None:
    """It is HTTP, and no mistake of ours; or nothing."""
    if answer:
        version, status, *_ = answer.split(b" ", 2)
        assert version == b"HTTP/1.1"
        assert status.isdigit()
        assert int(status) < 500 or int(status) == 503
        assert b"Traceback" not in answer
        assert b"root:" not in answer


@pytest.mark.parametrize("sent", CASES, ids=range(len(CASES)))
def test_what_is_no_proper_request(port: int, sent: bytes) -> None:
    check(said(port, sent))


@settings(max_examples=40)
@given(
    sent=st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=100).map(lambda raw: b"GET /" + raw + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    )
)
def test_any_bytes(port: int, sent: bytes) -> None:
    check(said(port, sent, 0.02))


def test_who_sends_slowly_or_not_at_all_holds_up_nobody(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(100)]
    try:
        for place, each in enumerate(slow):
            each.sendall(b"GET / HTTP/1.1\r\nHost: 127"[: place % 26])
        began = time.monotonic()
        assert said(port, b"GET /api/v1/openapi.json HTTP/1.0\r\n" + HOST + b"\r\n", PATIENCE).startswith(
            b"HTTP/1.1 200"
        )
        assert time.monotonic() - began < PATIENCE
    finally:
        for each in slow:
            each.close()


def test_it_goes_on_after_all_of_it(port: int) -> None:
    answer = said(port, b"HEAD /api/v1/openapi.json HTTP/1.0\r\n" + HOST + b"\r\n", PATIENCE)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")
