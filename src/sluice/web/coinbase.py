"""A raw coinbase taken apart for people: the height it begins with, what is written in it, the extranonce, whom it pays.

Rule: it is shown what stands there, whoever wrote it; what cannot be read stays hex.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.bitcoin.address_text import address_of_script, carries_data
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.network import Network
from sluice.bitcoin.script import MAX_DIRECT_PUSH, OP_1
from sluice.bitcoin.transaction import DecodeError, Transaction
from sluice.work.extranonce import EXTRANONCE_SIZE

#: The output that commits a block to its witnesses begins so (BIP141).
_COMMITMENT = bytes.fromhex("6a24aa21a9ed")


@dataclass(frozen=True, slots=True)
class Paid:
    """An output: satoshis, to whom in words, and its script."""

    value: int
    whom: str
    is_address: bool
    script: str


#: What a part of a coinbase is; the rest of it is nothing of these.
HEIGHT, TEXT, EXTRANONCE, REST = "height", "text", "extranonce", ""


@dataclass(frozen=True, slots=True)
class Extranonce:
    """What miners rolled: its bytes as hex, and the place of the first in the coinbase, from 0."""

    hex: str
    place: int

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.hex) // 2


@dataclass(frozen=True, slots=True)
class CoinbaseView:
    """Sizes in bytes; `texts` are the readable parts of its script; `parts` is all of it, (hex, what that is)."""

    txid: str
    size: int
    height: int | None
    texts: tuple[str, ...]
    extranonce: Extranonce | None
    parts: tuple[tuple[str, str], ...]
    paid: tuple[Paid, ...]

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
    script = coinbase.inputs[0].script_sig
    height = _height(script)
    pushes = list(_pushes(script))
    kinds = [_kind(data, place, len(pushes), height) for place, (data, _) in enumerate(pushes)]
    before = raw.index(script)
    after = before + len(script)
    return CoinbaseView(
        to_display(coinbase.txid()),
        len(raw),
        height,
        tuple(data.decode() for (data, _), kind in zip(pushes, kinds, strict=True) if kind == TEXT),
        Extranonce(pushes[-1][0].hex(), after - len(pushes[-1][0])) if kinds[-1:] == [EXTRANONCE] else None,
        (
            (raw[:before].hex(), REST),
            *((whole.hex(), kind) for (_, whole), kind in zip(pushes, kinds, strict=True)),
            (raw[after:].hex(), REST),
        ),
        tuple(_paid(output.value, output.script_pubkey, network) for output in coinbase.outputs),
    )


def _kind(data: bytes, place: int, pushes: int, height: int | None) -> str:
    """Ours ends with the extranonce (`bitcoin/coinbase.py`), which may look like a text by chance."""
    if place == 0:
        return REST if height is None else HEIGHT
    readable = _is_text(data)
    if place == pushes - 1 and (len(data) == EXTRANONCE_SIZE or not readable):
        return EXTRANONCE
    return TEXT if readable else REST


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


def _is_text(data: bytes) -> bool:
    """Whether people can read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return len(text) >= 3 and text.isprintable()
