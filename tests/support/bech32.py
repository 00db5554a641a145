"""The writing half of bech32, which the product has no use for (BIP173, BIP350)."""

from collections.abc import Sequence

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32, BECH32M = 1, 0x2BC830A3
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def segwit_address(hrp: str, version: int, program: bytes) -> str:
    return bech32_text(hrp, (version, *five_bits(program)), BECH32M if version else BECH32)


def bech32_text(hrp: str, values: Sequence[int], constant: int) -> str:
    expanded = [ord(letter) >> 5 for letter in hrp] + [0] + [ord(letter) & 31 for letter in hrp]
    remainder = _polymod([*expanded, *values, 0, 0, 0, 0, 0, 0]) ^ constant
    checksum = [remainder >> 5 * (5 - place) & 31 for place in range(6)]
    return hrp + "1" + "".join(CHARSET[value] for value in (*values, *checksum))


def five_bits(data: bytes) -> list[int]:
    bits = "".join(f"{byte:08b}" for byte in data)
    return [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]


def _polymod(values: Sequence[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for place in range(5):
            remainder ^= _GENERATOR[place] if top >> place & 1 else 0
    return remainder
