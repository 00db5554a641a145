"""What of the pool's life goes into the journal, beside credited shares (`shares.book`), and what the record says.

Rule: without a journal nothing is noted; nothing here is on the way of a share that is good, and no best.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from sluice.accounting.name import earner_of
from sluice.bitcoin.target import Target, difficulty, work
from sluice.pool.bests import ANYTHING
from sluice.pool.effects import BlockEffect, Effect, Note, Record, Tell
from sluice.pool.events import NewBest, RecordFailing, RecordRecovered
from sluice.pool.history import Moved
from sluice.pool.inputs import RecordFailed, RecordKnows, RecordWorks, Resumed
from sluice.pool.journal import (
    NO_CHANNEL,
    CandidateAnswered,
    CandidateFound,
    CandidateMoved,
    ChannelBegan,
    ChannelEnded,
    Configured,
    Entry,
    Lost,
    Refusals,
    TargetSet,
    TemplateSeen,
    TipSeen,
)
from sluice.pool.miner import Miner
from sluice.pool.ports import FoundBlock, Outcome
from sluice.pool.state import PoolState
from sluice.work.channel import Channel
from sluice.work.template import Template
from sluice.work.verdict import Verdict


def note_template(state: PoolState, template: Template, new_tip: bool) -> None:
    """A node offered `template`."""
    journal, at = state.journal, state.unix_time
    if journal is None:
        return
    if new_tip:
        journal.entries.append(TipSeen(at, template.height, template.prev_hash, template.nbits))
    journal.entries.append(
        TemplateSeen(
            at,
            template.template_id,
            template.height,
            template.prev_hash,
            sha256(b"".join(template.merkle_path)).digest(),
            template.coinbase_value,
            template.fees,
            len(template.transactions),
        )
    )


def note_opening(state: PoolState, miner: Miner, channel: Channel) -> None:
    """`channel` was opened, or is told of again; from here on it has a number in the record."""
    channel.to_beat = state.bests.to_beat(earner_of(channel.user_identity).account)
    journal = state.journal
    if journal is None:
        return
    channel.number = channel.number or journal.number()
    kind, vendor = miner.words.kind(channel), miner.device.vendor
    began = ChannelBegan(state.unix_time, channel.number, channel.user_identity, kind, miner.address, vendor)
    journal.entries.append(began)
    note_target(state, channel)


def note_target(state: PoolState, channel: Channel) -> None:
    """`channel` has another target."""
    target = channel.target
    _note(state, TargetSet(state.unix_time, channel.number, target, work(target)))


def note_refusals(state: PoolState, channel: Channel) -> None:
    """What was refused of `channel` since this was last asked."""
    if state.journal is None:
        return
    told, refused = channel.refusals_told, channel.tally.refused
    for verdict, count in refused.items():
        more = count - told.get(verdict, 0)
        if more:
            _note(state, _refusals(state, channel.number, verdict, more))
    channel.refusals_told = refused


def note_strays(state: PoolState, miner: Miner) -> None:
    """Shares of `miner` that belong to no channel, since this was last asked."""
    strays = miner.closed.shares.get(Verdict.UNKNOWN_CHANNEL, 0)
    if more := strays - miner.strays_told:
        _note(state, _refusals(state, NO_CHANNEL, Verdict.UNKNOWN_CHANNEL, more))
        miner.strays_told = strays


def note_closing(state: PoolState, channel: Channel, reason: str) -> None:
    """`channel` ended."""
    note_refusals(state, channel)
    _note(state, ChannelEnded(state.unix_time, channel.number, reason))


def note_setting(state: PoolState, name: str, value: object) -> None:
    """An operator changed something while the pool runs."""
    _note(state, Configured(state.unix_time, name, str(value)))


def note_block(state: PoolState, effect: BlockEffect) -> None:
    """Something is done for a found block, which may be worth an entry."""
    if isinstance(effect, Record):
        _note(state, _found(effect.found))
    elif isinstance(effect, Note):
        block_hash, noted = effect.found.block_hash, effect.noted
        what = noted.what
        if isinstance(what, Outcome):
            answer = what.answer.value
            _note(
                state,
                CandidateAnswered(
                    noted.at, block_hash, what.node, what.route, answer, what.reason, what.milliseconds
                ),
            )
        else:
            _note(state, CandidateMoved(noted.at, block_hash, what.stage.value, what.turn.value))


def note_resumed(state: PoolState, resumed: Resumed) -> None:
    """A block of an earlier run is taken up: that run's last entries may not be in the record."""
    found = resumed.found
    _note(state, _found(found))
    moves = [noted for noted in resumed.history if isinstance(noted.what, Moved)]
    for noted in moves[-1:]:
        assert isinstance(noted.what, Moved)
        stage, turn = noted.what.stage.value, noted.what.turn.value
        _note(state, CandidateMoved(noted.at, found.block_hash, stage, turn))


def record_knows(state: PoolState, happened: RecordKnows, now: float) -> Iterable[Effect]:
    """What earlier runs saw is known."""
    state.bests.load(happened.bests)
    return ()


def best_share(state: PoolState, channel: Channel, worker: str, best: int) -> Sequence[Effect]:
    """A share is better than any of its channel's; whether it is its account's best, the others have to say."""
    earner = earner_of(channel.user_identity, worker)
    before = channel.to_beat = state.bests.to_beat(earner.account)
    if best >= before:
        return ()
    channel.to_beat = best
    state.bests.beat(earner.account, best)
    if state.bests.awaited:
        return ()
    shown = 0.0 if before == ANYTHING else float(difficulty(Target(before)))
    return (Tell(NewBest(*earner, float(difficulty(Target(best))), shown)),)


def record_failed(state: PoolState, happened: RecordFailed, now: float) -> Iterator[Effect]:
    """Nothing can be recorded: people are told, once for each reason."""
    known, state.record_trouble = state.record_trouble, happened.reason
    if known != happened.reason:
        yield Tell(RecordFailing(happened.reason))


def record_works(state: PoolState, happened: RecordWorks, now: float) -> Iterator[Effect]:
    """It goes on. After a hole, channels are told of again: their beginning may be in it."""
    state.record_trouble = ""
    if happened.lost:
        _note(state, Lost(state.unix_time, happened.lost))
        for miner in state.miners.values():
            for channel in miner.channels.values():
                note_opening(state, miner, channel)
    yield Tell(RecordRecovered(happened.lost))


def _note(state: PoolState, entry: Entry) -> None:
    if state.journal is not None:
        state.journal.entries.append(entry)


def _found(found: FoundBlock) -> CandidateFound:
    return CandidateFound(found.found_at, found.block_hash, found.height, found.template_id, found.user)


def _refusals(state: PoolState, channel: int, verdict: Verdict, count: int) -> Refusals:
    return Refusals(state.unix_time, channel, verdict.value, count)
