"""Found blocks in words, and as JSON: what `sluice blocks` prints.

Rule: whoever has never seen a block file is told where it is and what to do with it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sluice.bitcoin.hashes import to_display
from sluice.found_blocks import Checked, Entry
from sluice.log import printable
from sluice.pool.block_life import MEANINGS, Turn
from sluice.pool.history import Noted
from sluice.pool.ports import Outcome, Sight

#: What chains show, for people.
PLACES: dict[Turn | None, str] = {
    None: "no node can tell where it is",
    Turn.BURIED: "in the chain for good",
    Turn.SHOWN: "in the chain",
    Turn.ABSENT: "not in the chain, which does not reach its height yet",
    Turn.OVERTAKEN: "not in the chain: another block is in its place",
    Turn.RIVAL_BURIED: "not in the chain: another block is in its place for good",
}


def listed(entries: Sequence[Entry], directory: object) -> Iterator[str]:
    """A table of all blocks."""
    if not entries:
        yield f"No block has been found yet; they will lie in {directory}."
        return
    open_ones = sum(entry.kept is None or not entry.kept.settled for entry in entries)
    yield f"{len(entries)} found blocks lie in {directory}; {open_ones} of them are not settled yet."
    yield f"{'height':>8}  {'found (UTC)':19}  {'stage':12}  {'by':16}  hash"
    for entry in entries:
        yield _row(entry)
    yield "`sluice blocks show HASH` (or any part of it) tells what happened to one, and where it lies as hex."


def _row(entry: Entry) -> str:
    if entry.kept is None:
        height, _, block_hash = entry.stem.partition("-")
        return f"{height:>8}  {'?':19}  {'unreadable':12}  {'?':16}  {block_hash}"
    kept = entry.kept
    found = kept.found
    user = str(printable(found.user))[:16]
    stage = kept.stage.value
    return f"{found.height:>8}  {_when(found.found_at):19}  {stage:12}  {user:16}  {to_display(found.block_hash)}"


def shown(entry: Entry) -> Iterator[str]:
    """All that is known of one block."""
    if entry.kept is None:
        yield f"Block {entry.stem} cannot be read: {entry.fault}."
        yield "What is there of it stays where it is; nothing will overwrite it."
        return
    kept = entry.kept
    found = kept.found
    yield f"Block {found.height}  {to_display(found.block_hash)}"
    yield (
        f"found {_when(found.found_at)} UTC by {printable(found.user) or 'a miner without a name'}, on template "
        f"{found.template_id}, with {len(found.transactions)} transactions and {len(found.raw):,} bytes"
    )
    yield f"{kept.stage.value}: {MEANINGS[kept.stage]}"
    yield f"It lies as hex in {kept.hex_file}"
    yield f"Any node takes it:  bitcoin-cli -stdin submitblock < {kept.hex_file}"
    if not kept.settled:
        yield "A running pool goes on offering it by itself; `sluice blocks resubmit` does so once, now."
    for noted in kept.history:
        yield f"  {_when(noted.at)}  {_happened(noted)}"


def answered(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What nodes said to a block."""
    for outcome in outcomes:
        yield _outcome(outcome)


def place_words(checked: Checked) -> str:
    """What `verify` says of one block."""
    sound = f"NOT SOUND ({checked.fault})" if checked.fault else "sound"
    where = "" if checked.entry.kept is None else f"; {PLACES[checked.turn]}"
    return f"{checked.entry.stem}: {sound}{where}"


def as_json(entry: Entry) -> dict[str, Any]:
    """One block for programs."""
    if entry.kept is None:
        return {"name": entry.stem, "readable": False, "reason": entry.fault}
    kept = entry.kept
    found = kept.found
    return {
        "name": entry.stem,
        "readable": True,
        "height": found.height,
        "block_hash": to_display(found.block_hash),
        "found_at": found.found_at,
        "user": str(printable(found.user)),
        "template_id": found.template_id,
        "transactions": len(found.transactions),
        "bytes": len(found.raw),
        "stage": kept.stage.value,
        "settled": kept.settled,
        "hex_file": str(kept.hex_file),
        "history": [_line(noted) for noted in kept.history],
    }


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    """One answer for programs."""
    return {
        "node": outcome.node,
        "route": outcome.route,
        "answer": outcome.answer.value,
        "reason": outcome.reason,
        "milliseconds": outcome.milliseconds,
    }


def checked_as_json(checked: Checked) -> dict[str, Any]:
    """What `verify` found, for programs."""
    return {
        "name": checked.entry.stem,
        "sound": not checked.fault,
        "fault": checked.fault,
        "place": checked.turn.name.lower() if checked.turn else None,
        "sights": [_sight(sight) for sight in checked.sights],
    }


def _line(noted: Noted) -> dict[str, Any]:
    what = noted.what
    if isinstance(what, Outcome):
        return {"at": noted.at, "answered": outcome_as_json(what)}
    moved = {"stage": what.stage.value, "because": what.turn.value}
    return {"at": noted.at, "moved": moved | ({"sight": _sight(what.sight)} if what.sight else {})}


def _sight(sight: Sight) -> dict[str, Any]:
    there = sight.block_hash and to_display(sight.block_hash)
    return {"node": sight.node, "block_hash": there, "tip_height": sight.tip_height}


def _happened(noted: Noted) -> str:
    what = noted.what
    if isinstance(what, Outcome):
        return _outcome(what)
    chain = f" (chain of {what.sight.node}, height {what.sight.tip_height})" if what.sight else ""
    return f"{what.stage.value}: {what.turn.value}{chain}"


def _outcome(outcome: Outcome) -> str:
    reason = f", {printable(outcome.reason)}" if outcome.reason not in ("", outcome.answer.value) else ""
    return f"{outcome.node} by {outcome.route}: {outcome.answer.value}{reason} ({outcome.milliseconds} ms)"


def _when(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}" if at else "?"
