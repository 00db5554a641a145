"""A block's history as text: one JSON object a line.

    {"at":1700000000,"found":{"height":840000,"block_hash":"0000…","user":"alice","template_id":7,…}}
    {"at":1700000001,"answered":{"node":"bitcoind","route":"submitblock","answer":"accepted","milliseconds":12}}
    {"at":1700000002,"moved":{"stage":"in_chain","turn":"shown","sight":{"node":"bitcoind",…}}}

Rule: hashes in display order, everything else in hex. A line that cannot be read is passed over: the process may
have ended in the middle of it, and a newer Sluice may have written more kinds.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from sluice.bitcoin.hashes import from_display, to_display
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, FoundBlock, Outcome, Sight


class Found(msgspec.Struct, frozen=True):
    """The first line: what there is to be known of a block beside its transactions; `at` is when it was found."""

    height: int
    block_hash: str = ""
    user: str = ""
    template_id: int = 0
    header: str = ""
    coinbase: str = ""
    transactions: int = 0
    at: int = 0


def found_line(found: FoundBlock) -> str:
    """The first line of a block's history."""
    it = Found(
        found.height,
        to_display(found.block_hash),
        _text(found.user),
        found.template_id,
        found.header.hex(),
        found.coinbase.hex(),
        len(found.transactions),
    )
    fields = msgspec.structs.asdict(it)
    del fields["at"]
    return _line(found.found_at, "found", fields)


def noted_line(noted: Noted) -> str:
    """One more line."""
    what = noted.what
    if isinstance(what, Outcome):
        fields = msgspec.to_builtins(what) | {"reason": _text(what.reason)}
        return _line(noted.at, "answered", {name: value for name, value in fields.items() if value != ""})
    moved: dict[str, object] = {"stage": what.stage.name.lower(), "turn": what.turn.name.lower()}
    if what.sight is not None:
        sight = what.sight
        there = sight.block_hash and to_display(sight.block_hash)
        moved["sight"] = {"node": sight.node, "block_hash": there, "tip_height": sight.tip_height}
    return _line(noted.at, "moved", moved)


def read_lines(text: str) -> tuple[Found | None, tuple[Noted, ...]]:
    """The first line, if it is there, and all that can be read of the others."""
    found: Found | None = None
    history: list[Noted] = []
    for line in text.splitlines():
        read = _read(line)
        if isinstance(read, Found):
            found = read
        elif read is not None:
            history.append(read)
    return found, tuple(history)


def _text(words: str) -> str:
    """Bytes that are no UTF-8 travel as surrogates (sv2/types.py); a line has them as the log does."""
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _line(at: int, kind: str, fields: dict[str, Any]) -> str:
    return msgspec.json.encode({"at": at, kind: fields}).decode()


def _read(line: str) -> Found | Noted | None:
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
        at = int(fields.pop("at"))
        ((kind, those),) = fields.items()
        return _KINDS[kind](at, those)
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _found(at: int, those: dict[str, Any]) -> Found:
    return msgspec.convert({**those, "at": at}, Found)


def _answered(at: int, those: dict[str, Any]) -> Noted:
    answer = Answer(those["answer"])
    took = int(those.get("milliseconds", 0))
    return Noted(
        at, Outcome(str(those["node"]), str(those["route"]), answer, str(those.get("reason", "")), took)
    )


def _moved(at: int, those: dict[str, Any]) -> Noted:
    sight = None
    if seen := those.get("sight"):
        there = seen["block_hash"]
        sight = Sight(str(seen["node"]), there and from_display(there), int(seen["tip_height"]))
    return Noted(at, Moved(Stage[those["stage"].upper()], Turn[those["turn"].upper()], sight))


_KINDS: dict[str, Callable[[int, dict[str, Any]], Found | Noted]] = {
    "found": _found,
    "answered": _answered,
    "moved": _moved,
}
