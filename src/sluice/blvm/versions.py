"""The versions of blvm-node in which its wire changed, as its published crates have it.

Nothing on the wire negotiates; the node's version in HandshakeAck is the only sign, and the handshake itself has
never changed. Versions in between were compared: they are alike.
"""

from sluice.blvm.variant import FIRST, Version

WITNESSES: Version = (0, 1, 56)  # GetBlockAndWitnesses came in at 16, in three enums
FLOATS: Version = (0, 1, 74)  # ChainInfo's difficulty became a float, PaymentState got a reason
METADATA: Version = (0, 1, 81)  # a few at the ends

CHANGES = (FIRST, WITNESSES, FLOATS, METADATA)


def version_of(text: str) -> Version:
    """`0.1.83` -> (0, 1, 83); what is no number ends it, as in 0.1.83-rc1, and nothing at all is the oldest."""
    numbers = []
    for part in text.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits.isascii() or not digits:
            break
        numbers.append(int(digits[:9]))
        if digits != part:
            break
    return (*numbers, *FIRST)[: len(FIRST)]
