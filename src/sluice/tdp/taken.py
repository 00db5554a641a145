"""A provider's templates in our words: what a client makes of NewTemplate and what follows it (spec 7.2 to 7.5).

Rule: nothing is believed that can be computed: merkle path and witness commitment are those of the transactions,
or the provider lies, and no block is built on it.
"""

from dataclasses import dataclass, field

from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import BlockHash, sha256d
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.network import COIN
from sluice.bitcoin.script import OP_1, push_height, witness_commitment_script
from sluice.bitcoin.target import target_from_nbits
from sluice.bitcoin.transaction import TxOut, read_output
from sluice.bitcoin.txid import txid_of
from sluice.bitcoin.witness import witness_commitment
from sluice.sv2.messages.templates import NewTemplate, SetNewPrevHash
from sluice.work.template import Template

MAX_PREFIX = 8  # spec 7.2
MAX_PATH = 15  # 2^15 transactions are more than a block has room for
MAX_MONEY = 21_000_000 * COIN


class ProviderError(Exception):
    """What a provider said cannot be so; the text says what. Nothing that it sends is believed any more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A NewTemplate that may be so: its height and outputs, read from it."""

    message: NewTemplate
    height: int
    outputs: tuple[TxOut, ...]

    @property
    def template_id(self) -> int:
        """The provider's."""
        return self.message.template_id


def taken(message: NewTemplate) -> Taken:
    """Raises ProviderError."""
    if len(message.coinbase_prefix) > MAX_PREFIX:
        raise ProviderError(f"coinbase_prefix has {len(message.coinbase_prefix)} bytes, {MAX_PREFIX} at most")
    if len(message.merkle_path) > MAX_PATH:
        raise ProviderError(f"merkle_path has {len(message.merkle_path)} hashes, {MAX_PATH} at most")
    if message.coinbase_tx_value_remaining > MAX_MONEY:
        raise ProviderError("coinbase_tx_value_remaining is more than all bitcoin there can be")
    return Taken(message, height_of(message.coinbase_prefix), _outputs(message))


def height_of(prefix: bytes) -> int:
    """The height with which a coinbase script begins (BIP34). Raises ProviderError."""
    opcode = prefix[0] if prefix else 0
    height = opcode - OP_1 + 1 if opcode >= OP_1 else int.from_bytes(prefix[1 : 1 + opcode], "little")
    if not 0 < height < 2**31 or not prefix.startswith(push_height(height)):
        raise ProviderError(f"coinbase_prefix {prefix.hex()!r} does not begin with a height")
    return height


def _outputs(message: NewTemplate) -> tuple[TxOut, ...]:
    data, outputs, at = message.coinbase_tx_outputs, [], 0
    try:
        for _ in range(
            message.coinbase_tx_outputs_count
        ):  # each takes bytes: a lying count ends with the data
            output, at = read_output(data, at)
            outputs.append(output)
    except DecodeError as error:
        raise ProviderError(f"coinbase_tx_outputs: {error}") from None
    if at != len(data):
        raise ProviderError(f"coinbase_tx_outputs: {len(data) - at} bytes follow after the last")
    return tuple(outputs)


@dataclass(slots=True)
class Known:
    """Transactions seen so far, by wtxid: consecutive templates share most of theirs. Mutable."""

    seen: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)

    def settle(self, raws: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], list[bytes], list[bytes]]:
        """The same transactions (the same objects, if seen before), their txids and wtxids; others are forgotten.

        Raises ProviderError for what is no transaction.
        """
        now: dict[bytes, tuple[bytes, bytes]] = {}
        for index, raw in enumerate(raws):
            wtxid = sha256d(raw)
            now[wtxid] = self.seen.get(wtxid) or (raw, _txid(index, raw))
        if len(now) != len(raws):
            raise ProviderError("a transaction stands in the template twice")
        self.seen = now
        return tuple(raw for raw, _ in now.values()), [txid for _, txid in now.values()], list(now)


def _txid(index: int, raw: bytes) -> bytes:
    try:
        return txid_of(raw)
    except DecodeError as error:
        raise ProviderError(f"transaction {index} of the template: {error}") from None


def checked(one: Taken, raws: tuple[bytes, ...], known: Known) -> tuple[bytes, ...]:
    """The transactions of a template, if they are. Raises ProviderError."""
    transactions, txids, wtxids = known.settle(raws) if raws else ((), [], [])
    if coinbase_merkle_path(txids) != one.message.merkle_path:
        raise ProviderError(
            f"the transactions of template {one.template_id} are not those of its merkle_path"
        )
    committed = witness_commitment_script(witness_commitment(wtxids))
    from_before_segwit = txids == wtxids and not one.outputs
    commits = any(output.script_pubkey.startswith(committed) for output in one.outputs)
    if not commits and not from_before_segwit:
        raise ProviderError(
            f"template {one.template_id} does not commit to the witnesses of its transactions"
        )
    return transactions


@dataclass(frozen=True, slots=True)
class Turn:
    """A SetNewPrevHash that may be so, with the height of the blocks on that tip, and when it came (steady seconds)."""

    message: SetNewPrevHash
    height: int
    at: float


def turn_to(message: SetNewPrevHash, height: int, now: float, max_ntime: int) -> Turn:
    """`max_ntime` is the latest time that the network takes now, in unix seconds. Raises ProviderError."""
    try:
        target_from_nbits(message.nBits)
    except ValueError as error:
        raise ProviderError(f"SetNewPrevHash: {error}") from None
    ahead = message.header_timestamp - max_ntime
    if ahead > 0:
        raise ProviderError(f"SetNewPrevHash: header_timestamp is {ahead} s later than the network takes")
    return Turn(message, height, now)


@dataclass(frozen=True, slots=True)
class Whole:
    """A provider's template with its transactions: all that a Template needs but its tip."""

    taken: Taken
    transactions: tuple[bytes, ...]

    def on(self, turn: Turn, now: float, template_id: int, subsidy: int) -> Template:
        """Our Template, under our own id.

        `header_timestamp` is where a header's time may begin, and may grow with the time since (spec 7.7).
        """
        message, tip = self.taken.message, turn.message
        value = message.coinbase_tx_value_remaining
        return Template(
            template_id=template_id,
            height=turn.height,
            prev_hash=BlockHash(tip.prev_hash),
            nbits=tip.nBits,
            version=message.version,
            min_ntime=tip.header_timestamp,
            ntime=min(tip.header_timestamp + int(now - turn.at), 2**32 - 1),
            coinbase_value=value,
            coinbase_outputs=self.taken.outputs,
            merkle_path=message.merkle_path,
            transactions=self.transactions,
            coinbase_prefix=message.coinbase_prefix,
            coinbase_tx_version=message.coinbase_tx_version,
            coinbase_tx_sequence=message.coinbase_tx_input_sequence,
            coinbase_tx_locktime=message.coinbase_tx_locktime,
            fees=max(0, value - subsidy),
            empty_fits=not message.merkle_path,
        )
