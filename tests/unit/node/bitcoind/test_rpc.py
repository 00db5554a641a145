"""Calls to a node, and all that can stand between a call and its answer."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from sluice.node.bitcoind import rpc
from sluice.node.bitcoind.rpc import Access, Failure, Fault, Method, Rpc, read_reply
from support.scripted_node import DROP, HANG, ScriptedNode, error, http, result, scripted

COUNT = Method("getblockcount", msgspec.json.Decoder(int))
SUBMIT = Method("submitblock", msgspec.json.Decoder(str | None), repeatable=False)


def talk(node: ScriptedNode, what: Callable[[Rpc], Awaitable[object]], **access: object) -> object:
    """What comes back from one conversation with the node."""

    async def conversation() -> object:
        async with scripted(node), asyncio.timeout(20):
            client = Rpc(Access(node.url, **access))  # type: ignore[arg-type]
            try:
                return await what(client)
            finally:
                await client.close()

    return asyncio.run(conversation())


def ask(node: ScriptedNode) -> object:
    return talk(node, lambda client: client.call(COUNT), user="u", password="p")


def test_an_answer_comes_in_its_shape_and_parameters_go() -> None:
    node = ScriptedNode(getblockcount=result(7))
    assert talk(node, lambda client: client.call(COUNT, "a", 2), user="u") == 7
    assert node.calls["getblockcount"] == [["a", 2]]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (error(-28, "Loading…"), Failure(Fault.REFUSED, "Loading…", -28)),
        (
            http(200, b'{"jsonrpc":"2.0","error":{"code":-1,"message":"no"},"id":1}'),
            Failure(Fault.REFUSED, "no", -1),
        ),
        (result("seven"), Failure(Fault.MALFORMED, "Expected `int`, got `str`")),
        (result(None), Failure(Fault.MALFORMED, "Expected `int`, got `null`")),
        (http(200, b"{}"), Failure(Fault.FOREIGN, "HTTP 200, and JSON without result or error")),
        (http(200, b"<html>"), Failure(Fault.FOREIGN, "HTTP 200, and no JSON-RPC")),
        (
            http(200, b'{"error":{"code":1,"message":"\xff"}}'),
            Failure(Fault.FOREIGN, "HTTP 200, and no JSON-RPC"),
        ),
        (http(200, b'{"result":' + b"[" * 100_000), Failure(Fault.FOREIGN, "HTTP 200, and no JSON-RPC")),
        (http(302, b""), Failure(Fault.FOREIGN, "HTTP 302, and no JSON-RPC")),
        (http(404, b"not found"), Failure(Fault.FOREIGN, "HTTP 404, and no JSON-RPC")),
        (http(401, b""), Failure(Fault.CREDENTIALS, "HTTP 401")),
        (http(403, b""), Failure(Fault.FORBIDDEN, "HTTP 403")),
        (http(503, b"Work queue depth exceeded"), Failure(Fault.BUSY, "HTTP 503")),
        (DROP, Failure(Fault.DROPPED, "Server disconnected without sending a response.")),
    ],
)
def test_what_is_no_answer_is_a_failure(answer: bytes, failure: Failure) -> None:
    assert ask(ScriptedNode(getblockcount=answer)) == failure


def test_what_speaks_another_tongue_is_foreign() -> None:
    found = ask(ScriptedNode(getblockcount=b"SSH-2.0-OpenSSH_9\r\n\r\n"))
    assert isinstance(found, Failure)
    assert found.fault is Fault.FOREIGN


def test_silence_ends_with_the_deadline() -> None:
    node = ScriptedNode(getblockcount=HANG)
    found = talk(node, lambda client: client.call(COUNT, seconds=0.05), user="u")
    assert found == Failure(Fault.SILENT, "no answer within 0.05 s")


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MAX_ANSWER", 1 << 20)
    found = ask(ScriptedNode(getblockcount=http(200, b" " * (1 << 20) + b"1")))
    assert found == Failure(Fault.FOREIGN, "an answer of more than 1 MiB")


def test_an_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(b'{"result": 7}')
    packed = b"HTTP/1.1 200 x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(bomb), bomb)
    assert ask(ScriptedNode(getblockcount=packed)) == Failure(Fault.FOREIGN, "HTTP 200, and no JSON-RPC")


def test_a_kept_connection_that_died_is_made_anew_if_the_call_may_be_repeated() -> None:
    node = ScriptedNode(getblockcount=[result(1), DROP, result(2)], submitblock=[DROP, result(None)])

    async def twice(client: Rpc) -> object:
        first, second = await client.call(COUNT), await client.call(COUNT)
        return first, second, await client.call(SUBMIT, "00")

    lost = Failure(Fault.DROPPED, "Server disconnected without sending a response.")
    assert talk(node, twice, user="u") == (1, 2, lost)
    assert len(node.calls["submitblock"]) == 1


def test_nobody_listens() -> None:
    async def call_the_closed() -> tuple[object, object]:
        async with scripted(ScriptedNode()) as node:
            url = node.url
        client = Rpc(Access(url, user="u"))
        found = await client.call(COUNT)
        await client.close()
        return found, await client.call(COUNT)

    for found in asyncio.run(call_the_closed()):
        assert isinstance(found, Failure)
        assert found.fault is Fault.UNREACHABLE


def test_a_new_cookie_is_read_when_the_old_one_is_refused(tmp_path: Path) -> None:
    cookie = tmp_path / ".cookie"
    node = ScriptedNode(getblockcount=result(7))

    async def across_a_restart(client: Rpc) -> object:
        cookie.write_text(first := "__cookie__:first\n")
        node.let_in = first.strip()
        before = await client.call(COUNT)
        node.let_in = "__cookie__:second"
        stale = await client.call(COUNT)
        cookie.write_text(node.let_in)
        return before, stale, await client.call(COUNT)

    found = talk(node, across_a_restart, cookie_file=cookie)
    assert found == (7, Failure(Fault.CREDENTIALS, "HTTP 401"), 7)


def test_a_cookie_that_cannot_be_used(tmp_path: Path) -> None:
    url = "http://127.0.0.1:8332"
    absent = Access(url, cookie_file=tmp_path / "none").authorization()
    assert absent == Failure(Fault.NO_COOKIE, "No such file or directory")
    assert Access(url, cookie_file=tmp_path).authorization() == Failure(Fault.BAD_COOKIE, "Is a directory")
    (tmp_path / "other").write_text("hello")
    other = Access(url, cookie_file=tmp_path / "other").authorization()
    assert other == Failure(Fault.BAD_COOKIE, "it does not hold user:password")


def test_user_and_password_go_before_the_cookie(tmp_path: Path) -> None:
    access = Access("http://127.0.0.1:8332", "Aladdin", "open sesame", tmp_path / "none")
    assert access.authorization() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8332", "ftp://127.0.0.1", "http://", "http://a:b:c", "http://[::1"]
)
def test_an_address_is_one_that_http_can_be_spoken_to(url: str) -> None:
    with pytest.raises(ValueError, match="the node's address"):
        Access(url)


def test_an_answer_may_be_nothing() -> None:
    assert read_reply(SUBMIT, 200, b'{"result":null,"error":null,"id":1}') is None
