"""Solo pools for tests: addresses of regtest of every kind, and whether a block pays as it should."""

from dataclasses import replace
from fractions import Fraction

from sluice.accounting.name import Names, earner_of
from sluice.accounting.payout import DUST
from sluice.accounting.scheme import Solo
from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.base58 import base58check_encode
from sluice.bitcoin.network import REGTEST
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.pool.ports import FoundBlock
from support.bech32 import segwit_address
from support.pool import POLICY

FEE_SCRIPT = bytes.fromhex("0014") + b"\xfe" * 20
FREE = Solo()
#: Two parts in three hundred: no share of any value is a whole number of satoshis.
WITH_FEE = Solo(Fraction(2, 300), FEE_SCRIPT)
SOLO = replace(POLICY, names=Names.ADDRESS, scheme=WITH_FEE)


def address(number: int) -> str:
    """P2WPKH, P2WSH, P2TR, P2PKH and P2SH in turn."""
    key = bytes((number,)) * 20
    return (
        segwit_address("bcrt", 0, key),
        segwit_address("bcrt", 0, key + key[:12]),
        segwit_address("bcrt", 1, key + key[:12]),
        base58check_encode(bytes((REGTEST.p2pkh_version,)) + key),
        base58check_encode(bytes((REGTEST.p2sh_version,)) + key),
    )[number % 5]


def script_of(user: str) -> bytes:
    """What the name's address stands for."""
    return script_for_address(earner_of(user).account, REGTEST)


def rewards(found: FoundBlock) -> list[TxOut]:
    """What its coinbase pays, without the node's own output."""
    return [each for each in Transaction.parse(found.coinbase).outputs if each.value]


def assert_pays_its_finder(found: FoundBlock, value: int, scheme: Solo = WITH_FEE) -> None:
    """The finder's output first, the fee behind it, together the whole value."""
    fee = value * scheme.fee.numerator // scheme.fee.denominator
    fee = fee if fee >= DUST else 0
    wanted = [TxOut(value - fee, script_of(found.user)), TxOut(fee, scheme.fee_script)]
    assert rewards(found) == wanted[: 2 if fee else 1]
