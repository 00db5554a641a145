"""JSON from other modules, and the words for what it is not."""

from collections.abc import Callable
from typing import Any

import pytest

from sluice.module.request import (
    MAX_REQUEST_BYTES,
    Refusal,
    answer,
    bytes_in,
    number_in,
    read_request,
    text_in,
)


@pytest.mark.parametrize(
    ("params", "request_"), [(b"", {}), (b" \n", {}), (b"null", {}), (b'{"a":1}', {"a": 1})]
)
def test_an_object_or_nothing(params: bytes, request_: dict[str, Any]) -> None:
    assert read_request(params) == request_


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        (b"{", "not JSON: "),
        (b"\xff\xfe", "not JSON: "),
        (b"[]", "not a JSON object"),
        (b'"x"', "not a JSON object"),
        (b"[" * 100_000, "not JSON: "),
        (b" " * (MAX_REQUEST_BYTES + 1), f"a request has at most {MAX_REQUEST_BYTES} bytes"),
    ],
)
def test_anything_else_is_refused_in_words(params: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=f"^{reason}"):
        read_request(params)


@pytest.mark.parametrize(
    ("read", "value", "is_", "reason"),
    [
        (lambda request: text_in(request, "k", 3), "abc", "abc", ""),
        (lambda request: text_in(request, "k", 3), None, None, "missing k"),
        (lambda request: text_in(request, "k", 3), "", None, "missing k"),
        (lambda request: text_in(request, "k", 3), 7, None, "missing k"),
        (lambda request: text_in(request, "k", 3), "abcd", None, "k has more than 3 characters"),
        (lambda request: number_in(request, "k", 5, 9), None, 5, ""),
        (lambda request: number_in(request, "k", 5, 9), 0, 0, ""),
        (lambda request: number_in(request, "k", 5, 9), 10, None, "k must be a whole number from 0 to 9"),
        (lambda request: number_in(request, "k", 5, 9), -1, None, "k must be a whole number from 0 to 9"),
        (lambda request: number_in(request, "k", 5, 9), True, None, "k must be a whole number from 0 to 9"),
        (lambda request: number_in(request, "k", 5, 9), 1.0, None, "k must be a whole number from 0 to 9"),
        (lambda request: bytes_in(request, "k", 2), None, None, ""),
        (lambda request: bytes_in(request, "k", 2), "0aFF", b"\x0a\xff", ""),
        (lambda request: bytes_in(request, "k", 2), "0aff00", None, "k must be hex of at most 2 bytes"),
        (lambda request: bytes_in(request, "k", 2), 1, None, "k must be hex of at most 2 bytes"),
        (lambda request: bytes_in(request, "k", 2), "xy", None, "k must be hex"),
    ],
)
def test_a_field_is_what_it_must_be(
    read: Callable[[dict[str, Any]], object], value: object, is_: object, reason: str
) -> None:
    request = {} if value is None else {"k": value}
    if reason:
        with pytest.raises(Refusal, match=f"^{reason}$"):
            read(request)
    else:
        assert read(request) == is_


def test_an_answer_is_json() -> None:
    assert answer({"ok": True, "rewards": []}) == b'{"ok":true,"rewards":[]}'
