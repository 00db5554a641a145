"""How the API answers: who may read it, and in which words a request is refused.

Rule: what was sent is never in the answer; which parameter was wrong, and what it should be, is.
"""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import ValidationException

from sluice.web.problem import Problem, ProblemDetails, Refusal

#: A page of anybody's may read the answers, as the page that a device serves does.
READABLE = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
#: What is said where it is not known what is wrong.
WRONG = "This request is not right."


def readable(response: Response[Any]) -> Response[Any]:
    """An answer that any page may read."""
    response.headers.update(READABLE)
    return response


def refusal(request: Request[Any, Any, Any], error: Refusal) -> Response[ProblemDetails]:
    """Of ours."""
    return _said(request, error.problem)


def unreadable(request: Request[Any, Any, Any], error: ValidationException) -> Response[ProblemDetails]:
    """A parameter or a body that is not as it should be: which, and how it should be; not what it was."""
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [f"{each.get('key', 'data')}: {each['message']}" for each in extra if "message" in each]
    return _said(request, Problem(400, "; ".join(faults) + "." if faults else WRONG))


def too_deep(request: Request[Any, Any, Any], _: RecursionError) -> Response[ProblemDetails]:
    """A body of brackets in brackets."""
    return _said(request, Problem(400, WRONG))


def _said(request: Request[Any, Any, Any], problem: Problem) -> Response[ProblemDetails]:
    """Who may read an answer may read why there is none."""
    response = problem.response()
    return readable(response) if request.method == "GET" else response


EXCEPTIONS: dict[int | type[Exception], Any] = {
    Refusal: refusal,
    ValidationException: unreadable,
    RecursionError: too_deep,
}
