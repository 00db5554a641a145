import asyncio
import socket
import ssl

import pytest

from sluice.alarms import web as web_module
from sluice.alarms.web import MOST_OF_AN_ANSWER, Post, Reply, Unreached, Web, trusted
from support.alarms import NOW, with_web
from support.bitcoind import free_port
from support.web_server import GARBAGE, HALF, HANGS, HANGS_UP, Answer, WebServer


def post(url: str, seconds: float = 5.0) -> Reply | Unreached:
    return with_web(lambda web: web.post(Post(url, b'{"a":1}', {"X-Mark": "y"}), NOW), seconds)


def test_a_post_arrives_as_it_is() -> None:
    with WebServer() as server:
        reply = post(f"{server.url}/a/b?c=d")
    assert reply == Reply(200, b"{}")
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/a/b?c=d", b'{"a":1}')
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["X-Mark"] == "y"
    assert request.headers["User-Agent"] == "sluice"


def test_nobody_listens() -> None:
    reply = post(f"http://127.0.0.1:{free_port()}/")
    assert isinstance(reply, Unreached)
    assert "connection" in reply.reason.lower()


@pytest.mark.parametrize("answer", [GARBAGE, HANGS_UP, HALF])
def test_what_is_no_answer_is_none(answer: Answer) -> None:
    with WebServer(lambda request: answer) as server:
        assert isinstance(post(server.url), Unreached)


def test_a_server_that_hangs_is_given_up() -> None:
    with WebServer(lambda request: HANGS) as server:
        assert post(server.url, seconds=0.2) == Unreached("no answer within 0.2 s")


def test_a_server_that_drips_is_given_up() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        except OSError:
            pass
        finally:
            writer.close()

    async def main() -> Reply | Unreached:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Web(ssl.create_default_context(), 0.3) as web:
            return await web.post(Post(f"http://127.0.0.1:{port}/", b""))

    assert asyncio.run(main()) == Unreached("no answer within 0.3 s")


def test_a_name_that_there_is_not_and_no_thread_to_look_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_threads(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    async def main(web: Web) -> Reply | Unreached:
        with monkeypatch.context() as patched:
            patched.setattr("threading.Thread.start", no_threads)
            return await web.post(Post("http://somewhere.invalid/", b""))

    assert with_web(main) == Unreached("can't start new thread")


def test_an_answer_is_read_up_to_a_bound() -> None:
    with WebServer(lambda request: Answer(500, b"x" * 1_000_000)) as server:
        reply = post(server.url)
    assert isinstance(reply, Reply)
    assert len(reply.body) == MOST_OF_AN_ANSWER


def test_a_redirect_is_not_followed() -> None:
    with WebServer() as other:
        moved = Answer(307, b"", (("Location", other.url),))
        with WebServer(lambda request: moved) as server:
            reply = post(server.url)
    assert isinstance(reply, Reply)
    assert reply.status == 307
    assert other.requests == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2000 22:13:30 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("9" * 400, 999_999_999.0),
        ("", None),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(header: str, seconds: float | None) -> None:
    with WebServer(lambda request: Answer(429, b"", (("Retry-After", header),))) as server:
        assert post(server.url) == Reply(429, b"", seconds)


def test_the_environment_s_proxy_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with WebServer() as proxy, WebServer() as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert isinstance(post(server.url), Reply)
    assert proxy.requests == []


def test_whoever_shows_no_certificate_is_not_believed() -> None:
    assert trusted().verify_mode is ssl.CERT_REQUIRED
    with WebServer() as server:
        reply = post(server.url.replace("http:", "https:"))
    assert isinstance(reply, Unreached)


def test_a_server_that_does_not_take_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its queue is full, as nobody accepts."""
    monkeypatch.setattr(web_module, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        where = listening.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(where)
        reply = post(f"http://127.0.0.1:{where[1]}/", seconds=1.0)
        for each in waiting:
            each.close()
    assert reply == Unreached("no connection within 0.2 s")
