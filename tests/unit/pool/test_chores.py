"""Much is done a little at a time, each channel once, and what has ended meanwhile is let be."""

from collections.abc import Iterator
from dataclasses import replace

from sluice.pool.chores import ACT, LOOK, Chore, Chores
from sluice.pool.effects import Effect, Tell
from sluice.pool.events import ChannelsClosed
from sluice.pool.miner import Miner
from sluice.work.channel import Channel
from support.pool import EXTENDED, Device, PoolTalk, wish

THREE = replace(
    EXTENDED, channels=(wish(extended=True), wish(extended=True, user="bob"), wish(extended=True))
)


def talk_of(miners: int) -> PoolTalk:
    talk = PoolTalk()
    talk.offer()
    for _ in range(miners):
        Device(talk, THREE)
    return talk


class Seen:
    """What a chore did."""

    def __init__(self) -> None:
        self.channels: list[tuple[int, int]] = []
        self.afterwards: list[int] = []

    def chore(self, user: str = "alice") -> Chore:
        return Chore(lambda channel: channel.user_identity == user, self.act, self.told, self.after)

    def act(self, miner: Miner, channel: Channel, now: float) -> Iterator[Effect]:
        self.channels.append((miner.peer, channel.channel_id))
        return iter(())

    def after(self, miner: Miner, now: float) -> Iterator[Effect]:
        self.afterwards.append(miner.peer)
        return iter(())

    def told(self, count: int) -> ChannelsClosed:
        return ChannelsClosed("alice", count)


EVERY = [(peer, channel) for peer in (1, 2, 3) for channel in (2, 4)]


def test_a_small_pool_is_done_with_at_once() -> None:
    talk, seen, chores = talk_of(3), Seen(), Chores()
    effects = list(chores.begin(seen.chore(), talk.state.miners, talk.now))
    assert effects == [Tell(ChannelsClosed("alice", 6))]
    assert seen.channels == EVERY
    assert seen.afterwards == [1, 2, 3]
    assert len(chores) == 0


def test_a_large_one_is_done_with_in_time_each_channel_once() -> None:
    talk, seen, chores = talk_of(3), Seen(), Chores()
    chore = seen.chore()
    chore.begin(talk.state.miners)
    done: list[Effect] = []
    steps = 0
    while not chore.done:
        before = len(seen.channels)
        done += chore.work(talk.state.miners, talk.now, ACT)
        assert len(seen.channels) <= before + 1
        steps += 1
    assert (seen.channels, seen.afterwards) == (EVERY, [1, 2, 3])
    assert done == [Tell(ChannelsClosed("alice", 6))]
    assert steps > 6
    assert list(chore.work(talk.state.miners, talk.now, ACT)) == []
    assert len(chores) == 0


def test_what_ends_meanwhile_is_let_be() -> None:
    talk, seen = talk_of(3), Seen()
    chore = seen.chore()
    chore.begin(talk.state.miners)
    while not seen.channels:
        list(chore.work(talk.state.miners, talk.now, LOOK))
    talk.leave(1)
    del talk.miner(2).channels[4]
    while not chore.done:
        list(chore.work(talk.state.miners, talk.now, LOOK))
    assert seen.channels == [(1, 2), (2, 2), (3, 2), (3, 4)]
    assert seen.afterwards == [2, 3]
    assert chore.count == 4


def test_one_chore_waits_for_the_other() -> None:
    talk, first, second, chores = talk_of(2), Seen(), Seen(), Chores()
    chore = first.chore()
    chore.begin(talk.state.miners)
    chores._waiting.append(chore)
    assert list(chores.begin(second.chore("bob"), talk.state.miners, talk.now)) == []
    assert list(chores.work(talk.state.miners, talk.now)) == [Tell(ChannelsClosed("alice", 4))]
    assert second.channels == []
    assert list(chores.work(talk.state.miners, talk.now)) == [Tell(ChannelsClosed("alice", 2))]
    assert second.channels == [(1, 3), (2, 3)]
    assert list(chores.work(talk.state.miners, talk.now)) == []


def test_a_connection_as_a_whole_counts_once() -> None:
    talk = talk_of(2)
    met: list[int] = []

    def meet(miner: Miner, now: float) -> list[Effect]:
        met.append(miner.peer)
        return [Tell(ChannelsClosed("x", 0))] if miner.peer == 2 else []

    chore = Chore(lambda channel: False, Seen().act, lambda count: ChannelsClosed("all", count), meet=meet)
    effects = list(Chores().begin(chore, talk.state.miners, talk.now))
    assert met == [1, 2]
    assert effects == [Tell(ChannelsClosed("x", 0)), Tell(ChannelsClosed("all", 1))]
