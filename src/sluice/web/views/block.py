"""One block: its life from the moment it was found, and what it is made of.

Rule: as long as the pool looks after it, the files of `blocks/` know most; what they do not have, the record may.
"""

from dataclasses import dataclass

from litestar.exceptions import NotFoundException

from sluice.accounting.name import earner_of
from sluice.bitcoin.hashes import from_display
from sluice.bitcoin.network import NETWORKS, REGTEST, Network
from sluice.ledger.block_record import Kept, UnreadableBlock
from sluice.legible import writable
from sluice.pool.block_life import MEANINGS
from sluice.pool.history import Moved
from sluice.pool.ports import Outcome
from sluice.web import archive
from sluice.web.coinbase import CoinbaseView, coinbase_view
from sluice.web.html import TONES
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked
from sluice.web.views.block_rows import BlockRow, confirmations, row_of

_WORDS = {stage.value: words for stage, words in MEANINGS.items()}
#: Steps of a life that are shown: a node that is away is tried for days.
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to it."""

    at: float
    words: str
    detail: str
    tone: str


@dataclass(frozen=True, slots=True)
class Made:
    """What it is made of; sizes in bytes."""

    size: int
    transactions: int
    header: str
    coinbase: CoinbaseView | None


async def block(sight: Sight, asked: Asked) -> dict[str, object]:
    """The block with that hash. Raises NotFoundException if nobody knows it."""
    block_hash = asked.text("hash").lower()
    picture = await sight.first()
    fresh = (
        next((each for each in picture.blocks if each.block_hash == block_hash), None) if picture else None
    )
    kept = await _kept(sight, block_hash)
    life = await archive.block(sight, block_hash)
    if fresh is not None and picture is not None:
        row = row_of(fresh, picture)
    elif life is not None:
        row = BlockRow(
            life.height,
            block_hash,
            life.account,
            life.worker,
            life.found_at,
            life.stage,
            confirmations(life.height, life.stage, picture),
        )
    elif kept is not None:
        earner = earner_of(writable(kept.found.user))
        stage = kept.stage.value
        row = BlockRow(
            kept.found.height,
            block_hash,
            earner.account,
            earner.worker,
            kept.found.found_at,
            stage,
            confirmations(kept.found.height, stage, picture),
        )
    else:
        raise NotFoundException
    steps = _steps_of_files(kept) if kept else _steps_of_record(life) if life else []
    return {
        "block": row,
        "meaning": _WORDS.get(row.stage, ""),
        "steps": steps[-MOST_STEPS:],
        "left_out": max(len(steps) - MOST_STEPS, 0),
        "answers": fresh.answers if fresh else (),
        "made": _made(kept, _network(picture.network if picture else "")),
        "explorer": sight.settings.explorer_url.rstrip("/"),
    }


async def _kept(sight: Sight, block_hash: str) -> Kept | None:
    try:
        from_display(block_hash)
    except ValueError:
        return None
    return await sight.memory.recall(
        ("block file", block_hash),
        2.0,
        lambda: sight.aside(lambda: _read(sight, block_hash)),
        archive.PATIENCE,
    )


def _read(sight: Sight, block_hash: str) -> Kept | None:
    stem = next((stem for stem in sight.blocks.all() if stem.endswith(f"-{block_hash}")), None)
    try:
        return sight.blocks.read(stem) if stem else None
    except (UnreadableBlock, OSError):
        return None


def _steps_of_files(kept: Kept) -> list[Step]:
    steps = [Step(kept.found.found_at, "found", f"by {writable(kept.found.user)}", "good")]
    for noted in kept.history:
        match noted.what:
            case Outcome() as outcome:
                steps.append(
                    _answered(
                        noted.at,
                        outcome.node,
                        outcome.route,
                        outcome.answer.value,
                        outcome.reason,
                        outcome.milliseconds,
                    )
                )
            case Moved() as moved:
                shown = f"as {moved.sight.node} shows" if moved.sight else ""
                words = f"{moved.turn.value}{f', {shown}' if shown else ''}"
                steps.append(Step(noted.at, moved.stage.value, words, TONES.get(moved.stage.value, "")))
    return steps


def _steps_of_record(life: archive.BlockLife) -> list[Step]:
    steps = [Step(life.found_at, "found", "", "good")]
    steps += [Step(move.at, move.stage, move.turn, TONES.get(move.stage, "")) for move in life.moves]
    steps += [
        _answered(each.at, each.node, each.route, each.answer, each.reason, each.milliseconds)
        for each in life.answers
    ]
    return sorted(steps, key=lambda step: step.at)


def _answered(at: float, node: str, route: str, answer: str, reason: str, milliseconds: int) -> Step:
    said = f"{answer}: {writable(reason)}" if reason else answer
    tone = "bad" if answer == "refused" else "good" if answer in {"accepted", "duplicate"} else ""
    return Step(at, "submitted", f"to {node} by {route}, after {milliseconds} ms: {said}", tone)


def _made(kept: Kept | None, network: Network) -> Made | None:
    if kept is None:
        return None
    found = kept.found
    return Made(
        len(found.raw),
        1 + len(found.transactions),
        found.header.hex(),
        coinbase_view(found.coinbase, network),
    )


def _network(name: str) -> Network:
    return next((network for network in NETWORKS if name in {network.name, network.chain}), REGTEST)
