"""An address becomes the script that pays to it, on one network.

Rule: who mistypes an address loses a block reward, so every refusal says in a sentence what is wrong and,
where the address is another network's, whose. Kinds: p2pkh, p2sh (base58check); p2wpkh, p2wsh (BIP173);
p2tr (BIP350). Witness programs without rules are refused: anyone could spend what is paid to them.
"""

from sluice.bitcoin.base58 import base58check_decode
from sluice.bitcoin.bech32 import Bech32, Encoding, bech32_decode, bytes_from_values
from sluice.bitcoin.network import NETWORKS, Network
from sluice.bitcoin.script import OP_0, OP_1, push

#: In small letters.
SEGWIT_BEGINNINGS = tuple(dict.fromkeys(f"{network.bech32_hrp}1" for network in NETWORKS))
_BASE58_BEGINNINGS = ("1", "3", "m", "n", "2")  # what the version bytes of `network` turn into

#: Letters that a base58 address has, or one from which some were lost, or to which some were added.
_BASE58_LETTERS = range(25, 41)

_KEY_HASH_SIZE = 20

_PAY_TO_KEY_HASH = (bytes.fromhex("76a9"), bytes.fromhex("88ac"))  # DUP HASH160 · EQUALVERIFY CHECKSIG
_PAY_TO_SCRIPT_HASH = (bytes.fromhex("a9"), bytes.fromhex("87"))  # HASH160 · EQUAL

_SPENDABLE = {  # witness version: program sizes that have rules
    0: (20, 32),  # p2wpkh, p2wsh
    1: (32,),  # p2tr
}
_MAX_WITNESS_VERSION = 16
_PROGRAM_SIZES = range(2, 41)


class AddressError(ValueError):
    """The sentence says what is wrong with the address."""


def script_for_address(text: str, network: Network) -> bytes:
    """The output script; AddressError otherwise.

    The sentence does not repeat the text: it ends up in logs, and people paste private keys here, too.
    """
    try:
        if text.lower().startswith(SEGWIT_BEGINNINGS):
            return _segwit_script(text, network)
        if text.startswith(_BASE58_BEGINNINGS):
            return _base58_script(text, network)
        known = ", ".join((*_BASE58_BEGINNINGS, *SEGWIT_BEGINNINGS))
        raise ValueError(f"it begins like no Bitcoin address; those begin with {known}")
    except ValueError as error:
        raise AddressError(f"not an address for {network.name}: {error}") from None


def looks_like_address(text: str) -> bool:
    """Whether people would take `text` for an address, be it damaged or another network's.

    Base58 has capitals and small letters in any order: a name of that length, beginning and mixture is an accident.
    """
    if text.lower().startswith(SEGWIT_BEGINNINGS):
        return True
    return (
        len(text) in _BASE58_LETTERS
        and text.startswith(_BASE58_BEGINNINGS)
        and text.isascii()
        and text.isalnum()
        and text not in (text.lower(), text.upper())
    )


def decode_witness_program(decoded: Bech32) -> tuple[int, bytes]:
    """Version and program of a segwit address (BIP173, BIP350); ValueError if it is none."""
    if not decoded.values:
        raise ValueError("there is no witness version in it")
    version, program = decoded.values[0], bytes_from_values(decoded.values[1:])
    if version > _MAX_WITNESS_VERSION:
        raise ValueError(f"witness version {version} is above {_MAX_WITNESS_VERSION}")
    wanted = Encoding.BECH32M if version else Encoding.BECH32
    if decoded.encoding is not wanted:
        raise ValueError(
            f"witness version {version} is written in {_name(wanted)}, this is {_name(decoded.encoding)}"
        )
    if len(program) not in _PROGRAM_SIZES or (version == 0 and len(program) not in _SPENDABLE[0]):
        raise ValueError(f"witness version {version} has no program of {len(program)} bytes")
    return version, program


def _segwit_script(text: str, network: Network) -> bytes:
    decoded = bech32_decode(text)
    theirs = [other for other in NETWORKS if other.bech32_hrp == decoded.prefix]
    _require(network, theirs, f"the prefix {decoded.prefix!r}")
    version, program = decode_witness_program(decoded)
    if len(program) not in _SPENDABLE.get(version, ()):
        raise ValueError(
            f"witness version {version} with {len(program)} bytes has no rules yet: anyone could spend it"
        )
    return bytes((OP_1 - 1 + version if version else OP_0,)) + push(program)


def _base58_script(text: str, network: Network) -> bytes:
    payload = base58check_decode(text)
    version, key_hash = payload[:1], payload[1:]
    if len(key_hash) != _KEY_HASH_SIZE:
        raise ValueError(f"{len(payload)} bytes are in it, an address has {1 + _KEY_HASH_SIZE}")
    theirs = [other for other in NETWORKS if version[0] in (other.p2pkh_version, other.p2sh_version)]
    _require(network, theirs, f"the version byte {version[0]}")
    is_key = version[0] == network.p2pkh_version
    before, after = _PAY_TO_KEY_HASH if is_key else _PAY_TO_SCRIPT_HASH
    return before + push(key_hash) + after


def _require(network: Network, theirs: list[Network], mark: str) -> None:
    if not theirs:
        raise ValueError(f"{mark} is of no Bitcoin network")
    if network not in theirs:
        names = ", ".join(other.name for other in theirs)
        raise ValueError(f"{mark} is right for {names}")


def _name(encoding: Encoding) -> str:
    return encoding.name.lower()
