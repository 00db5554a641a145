"""An HTTP server in a thread, on loopback: it keeps what it was sent, and answers, or fails, as a test wants."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from msgspec import json


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.decode(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: a status and a body, or raw bytes instead of HTTP; after the server was let go, if it hangs."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    hangs: bool = False


HANGS = Answer(hangs=True)
GARBAGE = Answer(raw=b"\x16\x03\x01 this is not HTTP\r\n\r\n")
HANGS_UP = Answer(raw=b"")
HALF = Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


@dataclass
class WebServer:
    """`answer` judges each request; what is in `answers` comes first, one for each. Used as a context."""

    answer: Callable[[Request], Answer] = lambda request: Answer()
    answers: deque[Answer] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner._serve(self)

            def log_message(self, *_: object) -> None:
                """Tests look at what was asked."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        request = Request(handler.command, handler.path, handler.headers, body)
        self.requests.append(request)
        answer = self.answers.popleft() if self.answers else self.answer(request)
        if answer.hangs:
            self.let_go.wait()
            handler.close_connection = True
            return
        if answer.raw is not None:
            handler.wfile.write(answer.raw)
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)
