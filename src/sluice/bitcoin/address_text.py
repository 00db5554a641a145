"""A script becomes the address that people know it by, on one network: the way back from `address`.

Rule: for people to read; nothing is paid by what is written here.
"""

from sluice.bitcoin.base58 import base58check_encode
from sluice.bitcoin.bech32 import Bech32, Encoding, bech32_text, values_from_bytes
from sluice.bitcoin.network import Network
from sluice.bitcoin.script import OP_0, OP_1, OP_RETURN

_LAST_VERSION = 16
_KEY_HASH = (b"\x76\xa9\x14", b"\x88\xac", 20)
_SCRIPT_HASH = (b"\xa9\x14", b"\x87", 20)


def address_of_script(script: bytes, network: Network) -> str | None:
    """The address; None for a script that has none (OP_RETURN, bare keys, whatever is not standard)."""
    if key_hash := _between(script, *_KEY_HASH):
        return base58check_encode(bytes((network.p2pkh_version,)) + key_hash)
    if script_hash := _between(script, *_SCRIPT_HASH):
        return base58check_encode(bytes((network.p2sh_version,)) + script_hash)
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return None
    version = 0 if script[0] == OP_0 else script[0] - OP_1 + 1
    program = script[2:]
    if not 0 <= version <= _LAST_VERSION or (version == 0 and script[0] != OP_0):
        return None
    if version == 0 and len(program) not in {20, 32}:
        return None
    encoding = Encoding.BECH32M if version else Encoding.BECH32
    return bech32_text(Bech32(network.bech32_hrp, (version, *values_from_bytes(program)), encoding))


def carries_data(script: bytes) -> bool:
    """Whether nobody can ever spend it."""
    return script[:1] == bytes((OP_RETURN,))


def _between(script: bytes, before: bytes, after: bytes, size: int) -> bytes:
    fits = len(script) == len(before) + size + len(after)
    return (
        script[len(before) : -len(after)]
        if fits and script.startswith(before) and script.endswith(after)
        else b""
    )
