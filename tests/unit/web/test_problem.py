import asyncio
from typing import Any

import msgspec
import pytest
from litestar import Response, get
from litestar.testing import create_test_client

from sluice.web.problem import MEDIA_TYPE, Problem, ProblemDetails, Refusal

GONE = Problem(404, "There is no such block.", headers=(("retry-after", "7"),))


def sent(problem: Problem, method: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read of a request that is refused")

    scope: Any = {"type": "http", "method": method}
    asyncio.run(problem_app(problem, scope, receive, send))
    return messages


async def problem_app(problem: Problem, scope: Any, receive: Any, send: Any) -> None:
    await problem(scope, receive, send)


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    start, body = sent(GONE, "GET")
    assert start["status"] == 404
    headers = dict(start["headers"])
    assert headers[b"content-type"].startswith(MEDIA_TYPE.encode())
    assert headers[b"retry-after"] == b"7"
    assert int(headers[b"content-length"]) == len(body["body"])
    assert msgspec.json.decode(body["body"]) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no such block.",
    }


def test_who_asks_for_the_head_gets_no_body() -> None:
    start, body = sent(GONE, "HEAD")
    assert body["body"] == b""
    assert int(dict(start["headers"])[b"content-length"]) > 0


def test_a_handler_can_answer_with_it() -> None:
    @get("/", sync_to_thread=False)
    def handler() -> Response[ProblemDetails]:
        return GONE.response()

    with create_test_client([handler]) as client:
        answer = client.get("/")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(MEDIA_TYPE)
    assert answer.headers["retry-after"] == "7"
    assert msgspec.json.decode(answer.content, type=ProblemDetails) == GONE.details


def test_a_problem_can_be_raised() -> None:
    with pytest.raises(Refusal, match="no such block") as raised:
        raise Refusal(404, "There is no such block.", ("retry-after", "7"))
    assert raised.value.problem == GONE
