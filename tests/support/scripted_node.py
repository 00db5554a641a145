"""A node's RPC with whatever answers a test wants, right or wrong, over real HTTP on loopback."""

import asyncio
import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

Reply = bytes | None
HANG: Reply = None
DROP: Reply = b""
GBT = "getblocktemplate"


def http(status: int, body: bytes) -> bytes:
    """A whole HTTP response."""
    return b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def result(value: Any) -> bytes:
    return http(200, json.dumps({"result": value, "error": None, "id": 1}).encode())


def error(code: int, message: str) -> bytes:
    body = {"result": None, "error": {"code": code, "message": message}, "id": 1}
    return http(500, json.dumps(body).encode())


class ScriptedNode:
    """`answers` of a method are given in turn, the last one for ever; a long poll asks for "long poll".

    `let_in`: the user:password to be presented, empty for anyone.
    """

    def __init__(self, **answers: Reply | list[Reply]) -> None:
        self.answers = {name: each if isinstance(each, list) else [each] for name, each in answers.items()}
        self.let_in = ""
        self.url = ""
        self.calls: dict[str, list[Any]] = defaultdict(list)
        self.peers: set[asyncio.Task[None]] = set()
        self._called = asyncio.Event()

    async def called(self, name: str, times: int = 1) -> None:
        """Waits until the method was called so often."""
        while len(self.calls[name]) < times:
            self._called.clear()
            await self._called.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = asyncio.current_task()
        assert peer is not None
        self.peers.add(peer)
        try:
            while answer := await self._answer(reader):
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client has left, or the test is over
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length: ")[2].split("\r\n")[0])
        call = json.loads(await reader.readexactly(size))
        presented = head.partition("authorization: basic ")[2].split("\r\n")[0]
        if self.let_in and presented != b64encode(self.let_in.encode()).decode().lower():
            return http(401, b"")
        name, params = call["method"], call["params"]
        if name == GBT and "longpollid" in params[0]:
            name = "longpoll"
        self.calls[name].append(params)
        self._called.set()
        answers = self.answers.get(name, [error(-32601, "Method not found")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is HANG:
            await asyncio.Event().wait()
        assert answer is not None
        return answer


@asynccontextmanager
async def scripted(node: ScriptedNode) -> AsyncIterator[ScriptedNode]:
    """The node, listening at its `url`."""
    server = await asyncio.start_server(node.serve, "127.0.0.1", 0)
    node.url = "http://127.0.0.1:{1}".format(*server.sockets[0].getsockname())
    try:
        yield node
    finally:
        server.close()
        for peer in node.peers:
            peer.cancel()
        await asyncio.gather(*node.peers)
