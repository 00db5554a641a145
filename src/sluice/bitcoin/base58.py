"""Base58Check: bytes as text that a person can copy, with four bytes of checksum."""

from sluice.bitcoin.hashes import sha256d

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CHECKSUM_SIZE = 4
MAX_TEXT = 512  # decoding is quadratic; nothing we read in this form has 100 characters

_DIGITS = {letter: digit for digit, letter in enumerate(ALPHABET)}


def base58check_encode(payload: bytes) -> str:
    """The payload and its checksum as text."""
    data = payload + _checksum(payload)
    zeros = len(data) - len(data.lstrip(b"\0"))  # a leading zero byte is written as a leading "1"
    number = int.from_bytes(data, "big")
    letters = []
    while number:
        number, digit = divmod(number, 58)
        letters.append(ALPHABET[digit])
    return ALPHABET[0] * zeros + "".join(reversed(letters))


def base58check_decode(text: str) -> bytes:
    """The payload without its checksum; ValueError says what is wrong with the text."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(text)} characters are too long for base58")
    number = 0
    for position, letter in enumerate(text):
        if letter not in _DIGITS:
            raise ValueError(f"{letter!r} at position {position + 1} is not a base58 character")
        number = number * 58 + _DIGITS[letter]
    zeros = len(text) - len(text.lstrip(ALPHABET[0]))
    data = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(data) < CHECKSUM_SIZE:
        raise ValueError(f"{len(text)} characters are too short for base58 with a checksum")
    payload, checksum = data[:-CHECKSUM_SIZE], data[-CHECKSUM_SIZE:]
    if checksum != _checksum(payload):
        raise ValueError("the checksum does not match: a character is wrong or missing")
    return payload


def _checksum(payload: bytes) -> bytes:
    return sha256d(payload)[:CHECKSUM_SIZE]
