"""Scripts, byte for byte as Core writes them."""

import pytest

from sluice.bitcoin.script import op_return, push, push_height, witness_commitment_script


@pytest.mark.parametrize(
    ("size", "opcode"),
    [
        (0, "00"),
        (1, "01"),
        (75, "4b"),
        (76, "4c4c"),
        (255, "4cff"),
        (256, "4d0001"),
        (65535, "4dffff"),
        (65536, "4e00000100"),
    ],
)
def test_push(size: int, opcode: str) -> None:
    data = b"x" * size
    assert push(data) == bytes.fromhex(opcode) + data


@pytest.mark.parametrize(
    ("height", "script"),
    [
        (0, "00"),
        (1, "51"),
        (2, "52"),
        (15, "5f"),
        (16, "60"),
        (17, "0111"),
        (127, "017f"),
        (128, "028000"),
        (255, "02ff00"),
        (256, "020001"),
        (32767, "02ff7f"),
        (32768, "03008000"),
        (65535, "03ffff00"),
        (65536, "03000001"),
        (227931, "035b7a03"),  # the first block that BIP34 binds
        (840000, "0340d10c"),
        (8388607, "03ffff7f"),
        (8388608, "0400008000"),
        (2**31 - 1, "04ffffff7f"),
        (2**31, "050000008000"),
    ],
)
def test_push_height(height: int, script: str) -> None:
    assert push_height(height).hex() == script


def test_no_height_below_zero() -> None:
    with pytest.raises(ValueError, match="height -1"):
        push_height(-1)


def test_op_return() -> None:
    assert op_return(b"sluice").hex() == "6a06" + b"sluice".hex()


def test_witness_commitment() -> None:
    assert witness_commitment_script(b"\x11" * 32).hex() == "6a24aa21a9ed" + "11" * 32
