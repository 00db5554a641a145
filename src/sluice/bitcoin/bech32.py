"""Bech32 and bech32m: text with a checksum that finds up to four wrong characters (BIP173, BIP350)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKSUM_SIZE = 6
MAX_TEXT = 90  # BIP173: beyond it the checksum guarantees nothing

_VALUES = {letter: value for value, letter in enumerate(CHARSET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class Encoding(Enum):
    """The two checksums differ in the constant they must come out at."""

    BECH32 = 1
    BECH32M = 0x2BC830A3


@dataclass(frozen=True, slots=True)
class Bech32:
    """What such a text says: five-bit values under a prefix."""

    prefix: str  # "human-readable part", in lower case
    values: tuple[int, ...]  # without the checksum
    encoding: Encoding


def bech32_decode(text: str) -> Bech32:
    """ValueError says what is wrong with the text."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(text)} characters, of which {MAX_TEXT} are allowed")
    if text != text.lower() and text != text.upper():
        raise ValueError("capital and small letters are mixed")
    prefix, separator, data = text.lower().rpartition("1")
    if not separator or not prefix:
        raise ValueError("there is no prefix with a '1' after it")
    if not all("!" <= letter <= "~" for letter in prefix):
        raise ValueError("the prefix has a character that is not printable ASCII")
    for position, letter in enumerate(data, len(prefix) + 2):
        if letter not in _VALUES:
            raise ValueError(f"{letter!r} at position {position} is not a bech32 character")
    if len(data) < CHECKSUM_SIZE:
        raise ValueError("it is too short to have a checksum")
    values = tuple(_VALUES[letter] for letter in data)
    try:
        encoding = Encoding(_polymod((*_expanded(prefix), *values)))
    except ValueError:
        raise ValueError("the checksum does not match: a character is wrong or missing") from None
    return Bech32(prefix, values[:-CHECKSUM_SIZE], encoding)


def bytes_from_values(values: Sequence[int]) -> bytes:
    """Five-bit values as bytes; ValueError if what is left over is a whole value, or not zero."""
    number = 0
    for value in values:
        number = number << 5 | value
    size, left_over = divmod(5 * len(values), 8)
    if left_over >= 5 or number & (1 << left_over) - 1:
        raise ValueError("the padding is not zero, or longer than needed")
    return (number >> left_over).to_bytes(size, "big")


def bech32_text(decoded: Bech32) -> str:
    """The text that says this, in small letters: what `bech32_decode` takes apart."""
    prefix, values = decoded.prefix, decoded.values
    remainder = _polymod((*_expanded(prefix), *values, *bytes(CHECKSUM_SIZE))) ^ decoded.encoding.value
    checksum = (remainder >> 5 * (CHECKSUM_SIZE - 1 - place) & 31 for place in range(CHECKSUM_SIZE))
    return f"{prefix}1{''.join(CHARSET[value] for value in (*values, *checksum))}"


def values_from_bytes(data: bytes) -> tuple[int, ...]:
    """Bytes as five-bit values, zeros behind the last."""
    bits = 8 * len(data)
    count = -(-bits // 5)
    number = int.from_bytes(data, "big") << 5 * count - bits
    return tuple(number >> 5 * (count - 1 - place) & 31 for place in range(count))


def _expanded(prefix: str) -> Iterable[int]:
    codes = prefix.encode("ascii")
    return (*(code >> 5 for code in codes), 0, *(code & 31 for code in codes))


def _polymod(values: Iterable[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FF_FFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            if top >> place & 1:
                remainder ^= generator
    return remainder
