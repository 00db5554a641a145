"""The pool and one miner of the dialect, whatever it says and whatever happens meanwhile."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.pool.inputs import MovePrefix, Said, Wire
from sluice.pool.policy import Patience
from sluice.tlv.connection import Connection
from sluice.tlv.frame import frame
from sluice.tlv.message import Message
from sluice.tlv.messages import (
    OpenMiningChannel,
    OpenMiningChannelError,
    OpenMiningChannelSuccess,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
    ShareData,
    SubmitShares,
    SubmitSharesError,
    SubmitSharesSuccess,
)
from sluice.wire.side import Side
from support.pool import POLICY, PoolTalk
from support.work import EASY_NBITS, HEIGHT

ANSWERS: dict[type[Message], tuple[type[Message], type[Message]]] = {
    SetupConnection: (SetupConnectionSuccess, SetupConnectionError),
    OpenMiningChannel: (OpenMiningChannelSuccess, OpenMiningChannelError),
    SubmitShares: (SubmitSharesSuccess, SubmitSharesError),
}
SMALL = st.integers(0, 3)
SHARES = st.builds(
    ShareData, SMALL, st.integers(0, 12), SMALL, st.integers(-(2**63), 2**63 - 1), st.just(bytes(32))
)
SAID = st.one_of(
    st.builds(SetupConnection, st.sampled_from([2, 2, 2, 1]), st.just("rig"), st.just(())),
    st.builds(OpenMiningChannel, SMALL, SMALL, st.sampled_from([0, 1, 2**32 - 1])),
    st.builds(SubmitShares, SMALL, st.lists(SHARES, max_size=3).map(tuple)),
)
HAPPENS = st.one_of(SAID, st.sampled_from(["tip", "template", "tick", "move", "honest"]))
PATIENT = replace(POLICY, patience=Patience(setup=1e9, channel=1e9, idle=1e9, refusals_per_minute=10**9))


class Miner:
    """One end of the wire; what the pool says is held to the life of a connection."""

    def __init__(self) -> None:
        self.talk = PoolTalk(PATIENT)
        self.peer = self.talk.connect(Wire.TLV)
        self.server, self.client = Connection(Side.SERVER), Connection(Side.CLIENT)
        self.height = HEIGHT
        self.heard: list[Message] = []

    def pass_on(self) -> list[Any]:
        for message in self.talk.take(self.peer):
            self.server.send(message)  # type: ignore[arg-type]
        self.client.receive_data(self.server.data_to_send())
        heard = self.client.events()
        self.heard += heard
        return heard

    def say(self, message: Message) -> list[Any]:
        self.client.send(message)
        self.server.receive_data(self.client.data_to_send())
        for event in self.server.events():
            self.talk.feed(Said(self.peer, event))
        return self.pass_on()

    def happen(self, what: str) -> None:
        match what:
            case "tip":
                self.height += 1
                self.talk.offer(self.height, nbits=EASY_NBITS)
            case "template":
                self.talk.offer(self.height, nbits=EASY_NBITS)
            case "tick":
                self.talk.tick(7.0)
            case "move":
                for channel_id in list(self.talk.miner(self.peer).channels):
                    self.talk.feed(MovePrefix(self.peer, channel_id))
            case "honest":
                self.submit_something_good()
        self.pass_on()

    def submit_something_good(self) -> None:
        """The first nonces of the newest job of each channel: on regtest, half of them are blocks."""
        for channel_id, channel in list(self.talk.miner(self.peer).channels.items()):
            issued = next(reversed(channel.jobs.values()), None)
            if issued is None or issued.merkle_root is None:
                continue
            job_id, version = issued.job.job_id, issued.job.version
            before = channel.tally.accepted
            shares = tuple(
                ShareData(channel_id, job_id, nonce, version, issued.merkle_root) for nonce in range(8)
            )
            answer = self.say(SubmitShares(channel_id, shares))
            assert answer == [SubmitSharesSuccess(channel_id, job_id)]
            assert channel.tally.accepted >= before


@settings(max_examples=150)
@given(st.lists(HAPPENS, max_size=25))
def test_every_request_has_one_answer_and_nothing_is_said_out_of_turn(happens: list[Any]) -> None:
    miner, waiting = Miner(), 0
    for each in happens:
        if isinstance(each, str):
            miner.happen(each)
            if each in ("tip", "template"):
                waiting = 0
            continue
        answers = [heard for heard in miner.say(each) if isinstance(heard, ANSWERS[type(each)])]
        waits = len(miner.talk.miner(miner.peer).waiting)
        assert len(answers) == 1 or (answers == [] and waits == waiting + 1)
        waiting = waits
    assert miner.talk.closed == {}


@given(st.lists(SAID, max_size=10))
def test_who_leaves_leaves_nothing_behind(said: list[Message]) -> None:
    miner = Miner()
    miner.happen("tip")
    for message in said:
        assert frame(message)
        miner.say(message)
    miner.talk.leave(miner.peer)
    state = miner.talk.state
    assert (state.miners, state.ungrouped, state.payees.house.grouped, state.unacknowledged) == (
        {},
        {},
        {},
        {},
    )
    assert state.space.held == 0
