"""Between Sluice and a real node: an RPC port that is down, hangs, answers garbage or refuses, until it is mended.

It serves whole HTTP exchanges, one a connection; while nothing is wrong, each goes to the node and back.
"""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from support.scripted_node import http, result

#: A call's bytes, and what to do with it on this connection; it may ask the node behind.
Fault = Callable[["FaultProxy", socket.socket, bytes], None]


class FaultProxy:
    """`with FaultProxy(node_url) as proxy:` listens at `proxy.url`; `fault` is what it does instead of passing on."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._behind = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:{1}".format(*self._listening.getsockname())
        self.fault: Fault | None = None
        #: Calls of submitblock that came.
        self.submissions = 0
        self._over = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listening.close()

    def ask_node(self, call: bytes) -> bytes:
        """What the node behind says to a call."""
        with socket.create_connection(self._behind, 20) as node:
            node.sendall(call)
            return read_message(node)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):
            while call := read_message(peer):
                self.submissions += b'"submitblock"' in call
                if self.fault is not None:
                    self.fault(self, peer, call)
                    return
                answer = self.ask_node(call)
                if not answer:  # the node is gone, and so is this connection
                    return
                peer.sendall(answer)

    def hang(self) -> None:
        """Until the test is over."""
        self._over.wait()


def read_message(sock: socket.socket) -> bytes:
    """A whole HTTP message with a Content-Length; empty at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65_536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < size:
        more = sock.recv(65_536)
        if not more:
            return b""
        body += more
    return head + b"\r\n\r\n" + body


def is_submission(call: bytes) -> bool:
    return bool(json.loads(call.partition(b"\r\n\r\n")[2])["method"] == "submitblock")


def down(proxy: FaultProxy, peer: socket.socket, call: bytes) -> None:
    """The connection breaks."""


def hanging(proxy: FaultProxy, peer: socket.socket, call: bytes) -> None:
    """No answer, ever."""
    proxy.hang()


def garbage(proxy: FaultProxy, peer: socket.socket, call: bytes) -> None:
    """Something else listens there."""
    peer.sendall(http(200, b"<html>\xff\x00" + b"?" * 1_000))


def refusing(proxy: FaultProxy, peer: socket.socket, call: bytes) -> None:
    """A node that is wrong about blocks, and cannot be seen otherwise."""
    peer.sendall(result("bad-cb-amount") if is_submission(call) else http(503, b""))


def answer_lost(proxy: FaultProxy, peer: socket.socket, call: bytes) -> None:
    """The node hears, and is not heard."""
    proxy.ask_node(call)


FAULTS: dict[str, Fault] = {
    "down": down,
    "hanging": hanging,
    "garbage": garbage,
    "refusing": refusing,
    "answer lost": answer_lost,
}
