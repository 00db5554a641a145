import pytest
from litestar import Response
from litestar.exceptions import ValidationException
from litestar.testing import RequestFactory

from sluice.web.problem import Refusal
from sluice.web.rest.answering import READABLE, WRONG, readable, refusal, too_deep, unreadable

REQUEST = RequestFactory().get("/")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (
            [{"key": "limit", "message": "Expected `int` <= 1000", "source": "query"}],
            "limit: Expected `int` <= 1000.",
        ),
        ([{"key": "a", "message": "b"}, {"key": "c", "message": "d"}], "a: b; c: d."),
        ([{"message": "Missing"}], "data: Missing."),
        ([{}], WRONG),
        ({}, WRONG),
        (None, WRONG),
    ],
)
def test_what_was_wrong_is_named_and_not_shown(extra: object, words: str) -> None:
    error = ValidationException("Validation failed for GET /?<script>", extra=extra)  # type: ignore[arg-type]
    answer = unreadable(REQUEST, error)
    assert answer.status_code == 400
    assert answer.content.detail == words


def test_our_own_refusals_are_answered_as_they_are() -> None:
    answer = refusal(REQUEST, Refusal(409, "No.", ("retry-after", "3")))
    assert (answer.status_code, answer.content.detail) == (409, "No.")
    assert answer.headers["retry-after"] == "3"


def test_brackets_in_brackets_are_no_bug() -> None:
    assert too_deep(REQUEST, RecursionError()).status_code == 400


def test_an_answer_can_be_read_by_any_page() -> None:
    assert READABLE.items() <= readable(Response({})).headers.items()


def test_who_may_read_an_answer_may_read_why_there_is_none() -> None:
    assert READABLE.items() <= refusal(REQUEST, Refusal(404, "No.")).headers.items()
    command = RequestFactory().post("/")
    assert not READABLE.keys() & refusal(command, Refusal(401, "No.")).headers.keys()
