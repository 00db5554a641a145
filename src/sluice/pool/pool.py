"""The brain: something happened, at a time; these are the effects.

Rule: which reaction an input or a message has stands in a table; a message without one has no business here.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sluice.pool import by_order, tlv_miners
from sluice.pool.candidates import BLOCK_REACTIONS
from sluice.pool.channels import close_by_client, custom_job, open_channel
from sluice.pool.departure import asked, dismiss, forget, refused
from sluice.pool.effects import Effect, Send, Tell
from sluice.pool.events import Draining, NodeTroubled, PeerConnected
from sluice.pool.inputs import (
    Ban,
    CaughtUp,
    CloseNamed,
    Connected,
    Drain,
    EndChannel,
    FixDifficulty,
    Gone,
    Input,
    MovePrefix,
    Offered,
    RecordFailed,
    RecordKnows,
    RecordWorks,
    Regroup,
    Resumed,
    Said,
    SetDifficulty,
    SetPayout,
    TakeAgain,
    Ticked,
    Troubled,
    Unban,
    Wire,
)
from sluice.pool.jobs import offered
from sluice.pool.miner import Miner
from sluice.pool.operator import end_channel, move_prefix, regroup, set_difficulty, set_payout
from sluice.pool.recording import note_resumed, note_template, record_failed, record_knows, record_works
from sluice.pool.setup import request_extensions, setup_connection
from sluice.pool.shares import acknowledge, refuse_tagged, submit_extended, submit_standard
from sluice.pool.state import PoolState
from sluice.pool.sv2_words import SV2
from sluice.pool.sweep import acknowledge_due, enlist, tick
from sluice.pool.targets import network_moved, update_channel
from sluice.pool.tlv_words import TLV
from sluice.sv2.connection import Refused, Tagged, Unknown
from sluice.sv2.messages.common import SetupConnection
from sluice.sv2.messages.extensions import RequestExtensions
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenExtendedMiningChannel,
    OpenStandardMiningChannel,
    SetCustomMiningJob,
    SubmitSharesExtended,
    SubmitSharesStandard,
    UpdateChannel,
)
from sluice.sv2.tlv import user_identity
from sluice.tlv import messages as tlv

#: How miners are told things, by their wire.
PHRASEBOOKS = {Wire.SV2: SV2, Wire.TLV: TLV}


class Pool:
    """The mining server's brain. One owner feeds it, in order."""

    __slots__ = ("state",)

    def __init__(self, state: PoolState) -> None:
        self.state = state

    def react(self, happened: Input, now: float) -> Iterable[Effect]:
        """What is to be done about `happened`; `now` is in steady seconds.

        The effects are made as they are taken: perform each in turn, and all of them.
        """
        return _REACTIONS[type(happened)](self.state, happened, now)


Reaction = Callable[[PoolState, Any, float], Iterable[Effect]]
Reply = Callable[[PoolState, Miner, Any, float], Iterable[Effect]]


def _said(state: PoolState, happened: Said, now: float) -> Iterable[Effect]:
    miner = state.miners.get(happened.peer)
    if miner is None:
        return ()
    miner.last_heard = now
    event = happened.event
    return _MESSAGES[type(event)](state, miner, event, now)


def _caught_up(state: PoolState, happened: CaughtUp, now: float) -> Iterable[Effect]:
    return acknowledge_due(state, now) if state.unacknowledged else ()


def _connected(state: PoolState, happened: Connected, now: float) -> Iterable[Effect]:
    miner = state.miners[happened.peer] = Miner(
        happened.peer, happened.address, PHRASEBOOKS[happened.wire], now
    )
    if state.draining:
        return dismiss(state, miner, "draining")
    enlist(state, miner, now)
    return (Tell(PeerConnected(happened.peer, happened.address)),)


def _gone(state: PoolState, happened: Gone, now: float) -> Iterable[Effect]:
    miner = state.miners.get(happened.peer)
    return () if miner is None else (Tell(forget(state, miner, happened.reason)),)


def _offered(state: PoolState, happened: Offered, now: float) -> Iterable[Effect]:
    before = state.book.tip
    state.offered_at = now
    yield from offered(state, happened.template, now)
    new_tip = before is None or before.prev_hash != happened.template.prev_hash
    note_template(state, happened.template, new_tip)
    state.candidates.look_again(now)  # there may be a new tip, or a node that was away
    if before is not None and before.nbits != happened.template.nbits:
        yield from network_moved(state, now)
    for miner in [miner for miner in state.miners.values() if miner.waiting]:
        waiting, miner.waiting = miner.waiting, []
        for message in waiting:
            if miner.peer in state.miners:  # a refusal too many, and it was sent away
                yield from _OPENERS[type(message)](state, miner, message, now)


def _troubled(state: PoolState, happened: Troubled, now: float) -> Iterable[Effect]:
    known, state.trouble = state.trouble, happened.trouble.reason
    if known != happened.trouble.reason:
        yield Tell(NodeTroubled(happened.trouble.node, happened.trouble.reason))


def _block(state: PoolState, happened: Any, now: float) -> Iterable[Effect]:
    return state.candidates.react(happened, now)


def _resumed(state: PoolState, happened: Resumed, now: float) -> Iterable[Effect]:
    note_resumed(state, happened)
    return state.candidates.react(happened, now)


def _ticked(state: PoolState, happened: Ticked, now: float) -> Iterable[Effect]:
    state.set_time(happened.unix_time)
    yield from tick(state, now)
    yield from state.candidates.tick(now)
    if state.journal is not None:
        state.journal.hand_out()


def _drain(state: PoolState, happened: Drain, now: float) -> Iterable[Effect]:
    state.draining = True
    yield Tell(Draining(len(state.miners)))
    for pending in list(state.unacknowledged.values()):
        yield acknowledge(state, pending.peer, pending.channel)
    for miner in list(state.miners.values()):
        if miner.setup_at is None or not miner.words.leave:
            yield from dismiss(state, miner, "draining")
            continue
        for message in miner.words.leave:
            yield Send(miner.peer, message)


def _tagged(state: PoolState, miner: Miner, event: Tagged, now: float) -> Iterable[Effect]:
    if isinstance(event.message, SubmitSharesExtended):
        return submit_extended(state, miner, event.message, now, user_identity(event.tlvs) or "")
    return _MESSAGES[type(event.message)](state, miner, event.message, now)


def _unknown(state: PoolState, miner: Miner, event: Unknown, now: float) -> Iterable[Effect]:
    return refused(state, miner, now)


def _on_request(react: Reply) -> Reply:
    """`react`, to one of the requests of which a connection may make only so many."""

    def reaction(state: PoolState, miner: Miner, message: Any, now: float) -> Iterable[Effect]:
        return asked(state, miner, now) or react(state, miner, message, now)

    return reaction


_REACTIONS: dict[type[Input], Reaction] = {
    Said: _said,
    CaughtUp: _caught_up,
    Connected: _connected,
    Gone: _gone,
    Offered: _offered,
    Troubled: _troubled,
    **dict.fromkeys(BLOCK_REACTIONS, _block),
    Resumed: _resumed,
    Ticked: _ticked,
    Drain: _drain,
    MovePrefix: move_prefix,
    Regroup: regroup,
    EndChannel: end_channel,
    SetDifficulty: set_difficulty,
    FixDifficulty: by_order.fix_difficulty,
    CloseNamed: by_order.close_named,
    Ban: by_order.ban,
    Unban: by_order.unban,
    TakeAgain: by_order.take_again,
    SetPayout: set_payout,
    RecordKnows: record_knows,
    RecordFailed: record_failed,
    RecordWorks: record_works,
}

#: Requests that wait for the first template, and who grants them then.
_OPENERS: dict[type[object], Reply] = {
    OpenStandardMiningChannel: open_channel,
    OpenExtendedMiningChannel: open_channel,
    tlv.OpenMiningChannel: tlv_miners.open_channel,
}

#: What a miner may say, and who reacts. Everything else is the connection's business, or a broken rule.
_MESSAGES: dict[type[object], Reply] = {
    SubmitSharesStandard: submit_standard,
    SubmitSharesExtended: submit_extended,
    SetupConnection: setup_connection,
    RequestExtensions: _on_request(request_extensions),
    UpdateChannel: _on_request(update_channel),
    CloseChannel: _on_request(close_by_client),
    SetCustomMiningJob: _on_request(custom_job),
    Tagged: _tagged,
    Refused: refuse_tagged,
    Unknown: _unknown,
    tlv.SetupConnection: _on_request(tlv_miners.setup_connection),
    tlv.SubmitShares: tlv_miners.submit_shares,
    **{kind: _on_request(reaction) for kind, reaction in _OPENERS.items()},
}
