"""A raw coinbase taken apart for people: the height it begins with, what is written in it, whom it pays.

Rule: it is shown what stands there, whoever wrote it; what cannot be read stays hex.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.bitcoin.address_text import address_of_script, carries_data
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.network import Network
from sluice.bitcoin.script import MAX_DIRECT_PUSH, OP_1
from sluice.bitcoin.transaction import DecodeError, Transaction

#: The output that commits a block to its witnesses begins so (BIP141).
_COMMITMENT = bytes.fromhex("6a24aa21a9ed")


@dataclass(frozen=True, slots=True)
class Paid:
    """An output: satoshis, to whom in words, and its script."""

    value: int
    whom: str
    is_address: bool
    script: str


@dataclass(frozen=True, slots=True)
class CoinbaseView:
    """Sizes in bytes; `texts` are the readable parts of its script; `parts` is the script, (hex, whether it is text)."""

    txid: str
    size: int
    height: int | None
    texts: tuple[str, ...]
    parts: tuple[tuple[str, bool], ...]
    paid: tuple[Paid, ...]
    raw: str

    @property
    def total(self) -> int:
        """Satoshis that it pays."""
        return sum(each.value for each in self.paid)


def coinbase_view(raw: bytes, network: Network) -> CoinbaseView | None:
    """None for what is no coinbase."""
    try:
        coinbase = Transaction.parse(raw)
    except DecodeError:
        return None
    if not coinbase.is_coinbase:
        return None
    pushes = list(_pushes(coinbase.inputs[0].script_sig))
    texts = tuple(text for data, _ in pushes[1:] if (text := _text(data)))
    return CoinbaseView(
        to_display(coinbase.txid()),
        len(raw),
        _height(coinbase.inputs[0].script_sig),
        texts,
        tuple((whole.hex(), place > 0 and bool(_text(data))) for place, (data, whole) in enumerate(pushes)),
        tuple(_paid(output.value, output.script_pubkey, network) for output in coinbase.outputs),
        raw.hex(),
    )


def _paid(value: int, script: bytes, network: Network) -> Paid:
    address = address_of_script(script, network)
    if address is not None:
        return Paid(value, address, True, script.hex())
    if script.startswith(_COMMITMENT):
        return Paid(value, "commitment to the witnesses (BIP141)", False, script.hex())
    if carries_data(script):
        return Paid(value, "data, spendable by nobody", False, script.hex())
    return Paid(value, "a script without an address", False, script.hex())


def _pushes(script: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What is pushed, with the bytes that push it; the rest as it is when that cannot be told."""
    at = 0
    while at < len(script):
        size = script[at] if script[at] <= MAX_DIRECT_PUSH else 0
        end = at + 1 + size
        if end > len(script):
            yield script[at:], script[at:]
            return
        yield script[at + 1 : end], script[at:end]
        at = end


def _height(script: bytes) -> int | None:
    """As BIP34 has it at the beginning; None if there is none."""
    if not script:
        return None
    if script[0] == 0:
        return 0
    if OP_1 <= script[0] < OP_1 + 16:
        return script[0] - OP_1 + 1
    size = script[0]
    return int.from_bytes(script[1 : 1 + size], "little") if 1 <= size <= 5 and len(script) > size else None


def _text(data: bytes) -> str:
    """Readable text; empty if it is none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if len(text) >= 3 and text.isprintable() else ""
