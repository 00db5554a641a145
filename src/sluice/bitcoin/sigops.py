"""What an output script costs of the 80,000 signature operations that a block may have.

Counted as consensus does it for a coinbase: legacy operations, each at four (BIP141), and a CHECKMULTISIG for
twenty, as there is no way to see how many keys it will have.
"""

from sluice.bitcoin.script import OP_PUSHDATA1, OP_PUSHDATA4

MAX_SIGOPS_COST = 80_000  # consensus, BIP141

_SCALE = 4
_CHECKSIGS = frozenset((0xAC, 0xAD))  # OP_CHECKSIG, OP_CHECKSIGVERIFY
_CHECKMULTISIGS = frozenset((0xAE, 0xAF))
_KEYS = 20  # MAX_PUBKEYS_PER_MULTISIG


def sigops_cost(script: bytes) -> int:
    """Of any bytes: a script that ends within a push has cost what came before it."""
    count = at = 0
    while at < len(script):
        opcode = script[at]
        at += 1
        if opcode < OP_PUSHDATA1:
            at += opcode
        elif opcode <= OP_PUSHDATA4:
            width = 1 << opcode - OP_PUSHDATA1
            at += width + int.from_bytes(script[at : at + width], "little")
        elif opcode in _CHECKSIGS:
            count += 1
        elif opcode in _CHECKMULTISIGS:
            count += _KEYS
    return _SCALE * count
