"""What another module asks: JSON in, JSON out, and the words for what cannot be read.

Rule: a request is an object, or nothing at all where nothing is needed; a field has the type that it must have or
the request is refused by the name of the field.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import DecodeError, json

#: A request holds a header, a coinbase, a chain's name; a coinbase of a thousand outputs is some 70 KiB of hex.
MAX_REQUEST_BYTES = 262_144


class Refusal(Exception):
    """A request that cannot be answered; the text is what the caller gets."""


Request = Mapping[str, Any]


def read_request(params: bytes) -> Request:
    """The object in `params`; an empty one if there is nothing. Raises Refusal."""
    if len(params) > MAX_REQUEST_BYTES:
        raise Refusal(f"a request has at most {MAX_REQUEST_BYTES} bytes")
    if not params.strip():
        return {}
    try:
        request = json.decode(params)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(f"not JSON: {error}") from error
    if request is None:
        return {}
    if not isinstance(request, dict):
        raise Refusal("not a JSON object")
    return request


def text_in(request: Request, key: str, longest: int) -> str:
    """A text that must be there. Raises Refusal."""
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise Refusal(f"missing {key}")
    if len(value) > longest:
        raise Refusal(f"{key} has more than {longest} characters")
    return value


def number_in(request: Request, key: str, default: int, most: int) -> int:
    """A whole number from 0 to `most`, `default` if it is not there. Raises Refusal."""
    value = request.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Refusal(f"{key} must be a whole number from 0 to {most}")
    return value


def bytes_in(request: Request, key: str, longest: int) -> bytes | None:
    """Bytes in hex, None if they are not there. Raises Refusal."""
    value = request.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 2 * longest:
        raise Refusal(f"{key} must be hex of at most {longest} bytes")
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise Refusal(f"{key} must be hex") from error


def answer(value: object) -> bytes:
    """What goes back."""
    return json.encode(value)
