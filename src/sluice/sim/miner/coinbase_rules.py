"""Whether an extended job's two halves make a coinbase, before any work is spent on it (spec 5.3.16).

Rule: the bytes must hold without trust: BIP141 stripped, the script as long as it says, the extranonce within it.
"""

from sluice.bitcoin.compact import DecodeError, read_compact_size
from sluice.bitcoin.transaction import Transaction
from sluice.sim.miner.rules import Rule, RuleBroken

#: version, input count, previous output: what stands before the length of the script
_SCRIPT_LENGTH_AT = 4 + 1 + 36
_SCRIPT_LENGTHS = range(2, 101)  # consensus (bad-cb-length)


def check_coinbase(prefix: bytes, extranonce_size: int, suffix: bytes) -> None:
    """RuleBroken unless prefix, `extranonce_size` bytes and suffix are one stripped coinbase transaction."""
    if prefix[4:5] == b"\x00":
        raise RuleBroken(Rule.COINBASE_STRIPPED, "the coinbase still has BIP141's marker and flag")
    try:
        length, script_at = read_compact_size(prefix, _SCRIPT_LENGTH_AT)
    except DecodeError:
        raise RuleBroken(Rule.COINBASE_PARSES, "the coinbase ends before its script begins") from None
    used = len(prefix) - script_at + extranonce_size
    if length not in _SCRIPT_LENGTHS or used > length:
        raise RuleBroken(
            Rule.COINBASE_SCRIPT_LENGTH,
            f"the coinbase's script says it has {length} bytes, the extranonce in it ends at byte {used}",
        )
    try:
        coinbase = Transaction.parse(prefix + bytes(extranonce_size) + suffix)
    except DecodeError as error:
        raise RuleBroken(Rule.COINBASE_PARSES, f"the coinbase is not a transaction: {error}") from None
    if not coinbase.is_coinbase:
        raise RuleBroken(Rule.COINBASE_PARSES, "the coinbase spends an output, or has several inputs")
    if not coinbase.outputs:
        raise RuleBroken(Rule.COINBASE_PARSES, "the coinbase pays nobody")
