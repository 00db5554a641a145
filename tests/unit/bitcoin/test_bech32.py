"""Bech32 and bech32m by the vectors of BIP173 and BIP350."""

import pytest

from sluice.bitcoin.bech32 import (
    CHARSET,
    Bech32,
    Encoding,
    bech32_decode,
    bytes_from_values,
    values_from_bytes,
)
from sluice.bitcoin.bech32 import bech32_text as written
from support.bech32 import bech32_text

LONG_PREFIX_1 = "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio"
LONG_PREFIX_2 = "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1"
ALL_VALUES = tuple(range(32))
CHECK_UP = tuple(map(CHARSET.index, "checkupstagehandshakeupstreamerranterredcaperred"))


@pytest.mark.parametrize(
    ("text", "prefix", "values", "encoding"),
    [
        ("A12UEL5L", "a", (), Encoding.BECH32),
        ("a12uel5l", "a", (), Encoding.BECH32),
        (LONG_PREFIX_1 + "1tt5tgs", LONG_PREFIX_1, (), Encoding.BECH32),
        ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", ALL_VALUES, Encoding.BECH32),
        ("11" + 82 * "q" + "c8247j", "1", (0,) * 82, Encoding.BECH32),
        (
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            "split",
            CHECK_UP,
            Encoding.BECH32,
        ),
        ("?1ezyfcl", "?", (), Encoding.BECH32),
        ("A1LQFN3A", "a", (), Encoding.BECH32M),
        ("a1lqfn3a", "a", (), Encoding.BECH32M),
        (LONG_PREFIX_2 + "1sg7hg6", LONG_PREFIX_2, (), Encoding.BECH32M),
        ("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", "abcdef", ALL_VALUES[::-1], Encoding.BECH32M),
        ("11" + 82 * "l" + "ludsr8", "1", (31,) * 82, Encoding.BECH32M),
        (
            "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
            "split",
            CHECK_UP,
            Encoding.BECH32M,
        ),
        ("?1v759aa", "?", (), Encoding.BECH32M),
    ],
)
def test_valid(text: str, prefix: str, values: tuple[int, ...], encoding: Encoding) -> None:
    decoded = bech32_decode(text)
    assert (decoded.prefix, decoded.values, decoded.encoding) == (prefix, values, encoding)
    assert bech32_text(prefix, values, encoding.value) == text.lower()


def test_every_printable_character_may_be_in_a_prefix() -> None:
    printable = "".join(chr(code) for code in range(0x21, 0x7F)).lower()
    for prefix in (printable[:48], printable[48:]):
        assert bech32_decode(bech32_text(prefix, (1, 2), 1)).prefix == prefix


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\x201nwldj5", "not printable"),
        ("\x7f1axkwrx", "not printable"),
        ("\x801eym55h", "not printable"),
        (LONG_PREFIX_1.replace("83character", "84characters") + "1569pvx", "91 characters"),
        ("pzry9x0s0muk", "no prefix"),
        ("1pzry9x0s0muk", "no prefix"),
        ("x1b4n0q5v", "'b' at position 3"),
        ("li1dgmt3", "too short"),
        ("de1lg7wt\xff", "'ÿ' at position 9"),
        ("A1G7SGD8", "checksum"),
        ("10a06t8", "no prefix"),
        ("1qzzfhee", "no prefix"),
        ("\x201xj0phk", "not printable"),
        ("\x7f1g6xzxy", "not printable"),
        ("\x801vctc34", "not printable"),
        (LONG_PREFIX_2.replace("83character", "84characters") + "1d6pts4", "91 characters"),
        ("qyrz8wqd2c9m", "no prefix"),
        ("1qyrz8wqd2c9m", "no prefix"),
        ("y1b0jsk6g", "'b' at position 3"),
        ("lt1igcx5c0", "'i' at position 4"),
        ("in1muywd", "too short"),
        ("mm1crxm3i", "'i' at position 9"),
        ("au1s5cgom", "'o' at position 8"),
        ("M1VUXWEZ", "checksum"),
        ("16plkw9", "no prefix"),
        ("1p2gdwpf", "no prefix"),
        ("A12uel5l", "mixed"),
    ],
)
def test_invalid(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        bech32_decode(text)


@pytest.mark.parametrize(
    ("values", "data"),
    [
        ((), ""),
        ((31, 28), "ff"),
        ((0, 0), "00"),
        ((0, 0, 0, 16), "0001"),
        ((1, 2, 3, 4, 5, 6, 7, 8), "08864298e8"),
    ],
)
def test_five_bits_to_eight(values: tuple[int, ...], data: str) -> None:
    assert bytes_from_values(values).hex() == data


@pytest.mark.parametrize("values", [(0,), (31, 29), (0, 1), (0, 0, 0), (0, 0, 0, 0, 0, 0)])
def test_padding_that_says_something(values: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="padding"):
        bytes_from_values(values)


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("size", range(41))
def test_what_is_written_is_read_again_and_as_others_write_it(encoding: Encoding, size: int) -> None:
    program = bytes(range(7, 7 + size))
    values = values_from_bytes(program)
    assert bytes_from_values(values) == program
    text = written(Bech32("bc", values, encoding))
    assert text == bech32_text("bc", values, encoding.value)
    assert bech32_decode(text) == Bech32("bc", values, encoding)
