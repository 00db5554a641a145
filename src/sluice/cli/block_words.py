"""Found blocks in words, and as JSON: what `sluice blocks` prints.

Rule: whoever has never seen a block file is told where it is and what to do with it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sluice.bitcoin.hashes import to_display
from sluice.cli.block_lives import Life
from sluice.cli.columns import aligned, cut
from sluice.cli.pool_words import NAMELESS, short_hash
from sluice.found_blocks import Checked, Entry
from sluice.legible import coins_text, count_text, printable, several, when_text
from sluice.pool.block_life import MEANINGS, Turn
from sluice.pool.history import Noted
from sluice.pool.ports import Outcome, Sight
from sluice.web.coinbase import CoinbaseView

_MEANINGS = {stage.value: words for stage, words in MEANINGS.items()}
#: Steps of a life that are shown: a node that is away is tried for days.
STEPS_SHOWN = 200

#: What chains show, for people.
PLACES: dict[Turn | None, str] = {
    None: "no node can tell where it is",
    Turn.BURIED: "in the chain for good",
    Turn.SHOWN: "in the chain",
    Turn.ABSENT: "not in the chain, which does not reach its height yet",
    Turn.OVERTAKEN: "not in the chain: another block is in its place",
    Turn.RIVAL_BURIED: "not in the chain: another block is in its place for good",
}


#: What is left out first on a narrow screen.
SPARE = (" reward", " conf.", "found (UTC)", "stage")
HEADS = (" height", "found (UTC)", "stage", " conf.", " reward", "hash", "by")


def listed(lives: Sequence[Life], total: int, directory: object, width: int = 0) -> Iterator[str]:
    """A table of blocks, out of so many; hashes whole where there is room for any width."""
    if not total:
        yield f"No block has been found yet; they will lie in {directory}."
        return
    alive = sum(not life.settled for life in lives)
    yield f"{several(total, 'block')} found; {alive} of those shown are not settled yet. Files: {directory}"
    yield from aligned(HEADS, [_row(life, width) for life in lives], width, SPARE)
    if len(lives) < total:
        yield f"and {count_text(total - len(lives))} older ones: --limit 0 shows them all"
    yield "`sluice blocks HASH` (or any part of it) tells what happened to one, and what it is made of."


def _row(life: Life, width: int) -> list[str]:
    return [
        str(life.height),
        when_text(life.found_at),
        life.stage,
        "?" if life.confirmations is None else count_text(life.confirmations),
        coins_text(life.coinbase.total).removesuffix(" BTC") if life.coinbase else "?",
        short_hash(life.block_hash) if width else life.block_hash,
        cut(life.name) or "-",
    ]


def shown(life: Life) -> Iterator[str]:
    """All that is known of one block."""
    yield f"Block {life.height}  {life.block_hash}"
    yield f"found {when_text(life.found_at)} UTC by {cut(life.name) or NAMELESS}"
    yield f"{life.stage}: {_MEANINGS.get(life.stage, 'what is there of it cannot be read')}"
    if life.confirmations is None:
        yield "confirmations are not known, as no pool is in sight"
    elif life.confirmations:
        yield several(life.confirmations, "confirmation")
    for outcome in life.answers:
        yield f"  last said  {_outcome(outcome)}"
    if life.coinbase is not None:
        yield from _coinbase(life.coinbase)
    if life.entry is not None:
        yield from _files(life.entry)
    for noted in life.history[-STEPS_SHOWN:]:
        yield f"  {when_text(noted.at)}  {_happened(noted)}"


def _coinbase(coinbase: CoinbaseView) -> Iterator[str]:
    yield f"  pays       {coins_text(coinbase.total)}"
    for paid in coinbase.paid:
        yield f"             {coins_text(paid.value)} to {paid.whom}"
    yield f"  coinbase   {coinbase.txid}, {coinbase.size:,} bytes, of height {coinbase.height}"
    for text in coinbase.texts:
        yield f"             says {cut(text)}"
    if coinbase.extranonce is not None:
        yield f"             extranonce {coinbase.extranonce.hex}, from byte {coinbase.extranonce.place}"


def _files(entry: Entry) -> Iterator[str]:
    if entry.kept is None:
        yield f"Its files {entry.stem} cannot be read: {entry.fault}."
        yield "What is there of it stays where it is; nothing will overwrite it."
        return
    kept, found = entry.kept, entry.kept.found
    yield (
        f"It was built on template {found.template_id}, with {several(len(found.transactions), 'transaction')} "
        f"and {len(found.raw):,} bytes."
    )
    yield f"It lies as hex in {kept.hex_file}"
    yield f"Any node takes it:  bitcoin-cli -stdin submitblock < {kept.hex_file}"
    if not kept.settled:
        yield "A running pool goes on offering it by itself; `sluice blocks resubmit` does so once, now."


def answered(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What nodes said to a block."""
    for outcome in outcomes:
        yield _outcome(outcome)


def place_words(checked: Checked) -> str:
    """What `verify` says of one block."""
    sound = f"NOT SOUND ({checked.fault})" if checked.fault else "sound"
    where = "" if checked.entry.kept is None else f"; {PLACES[checked.turn]}"
    return f"{checked.entry.stem}: {sound}{where}"


def as_json(life: Life) -> dict[str, Any]:
    """One block for programs; null is what nobody knows (docs/blocks.md)."""
    entry, kept = life.entry, life.entry.kept if life.entry else None
    return {
        "height": life.height,
        "block_hash": life.block_hash,
        "found_at": life.found_at,
        "account": life.account,
        "worker": life.worker,
        "stage": life.stage,
        "settled": life.settled,
        "confirmations": life.confirmations,
        "reward": life.coinbase.total if life.coinbase else None,
        "answers": list(map(outcome_as_json, life.answers)),
        "history": [_line(noted) for noted in life.history],
        "name": entry.stem if entry else None,
        "readable": kept is not None,
        "reason": entry.fault if entry else "there are no files of it",
        "template_id": kept.found.template_id if kept else None,
        "transactions": len(kept.found.transactions) if kept else None,
        "bytes": len(kept.found.raw) if kept else None,
        "hex_file": str(kept.hex_file) if kept else None,
        "coinbase": _coinbase_as_json(life.coinbase, kept.found.coinbase) if life.coinbase and kept else None,
    }


def _coinbase_as_json(coinbase: CoinbaseView, raw: bytes) -> dict[str, Any]:
    return {
        "txid": coinbase.txid,
        "height": coinbase.height,
        "texts": list(coinbase.texts),
        "extranonce": coinbase.extranonce.hex if coinbase.extranonce else None,
        "outputs": [
            {"value": paid.value, "address": paid.whom if paid.is_address else None, "script": paid.script}
            for paid in coinbase.paid
        ],
        "raw": raw.hex(),
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
