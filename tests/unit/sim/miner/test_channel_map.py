"""Ids, groups and what they stand for."""

import pytest

from sluice.bitcoin.target import MAX_TARGET
from sluice.sim.miner.channel_map import ChannelMap
from sluice.sim.miner.client_channel import ClientChannel, Terms
from sluice.sim.miner.rules import Rule, RuleBroken
from support.mining import EASY


def channel(channel_id: int, group_id: int = 1, prefix: bytes | None = None) -> ClientChannel:
    terms = Terms(channel_id, group_id, extended=True, max_target=MAX_TARGET, extranonce_size=12)
    return ClientChannel(terms, EASY, bytes([channel_id]) * 4 if prefix is None else prefix)


def with_channels(*channels: ClientChannel) -> ChannelMap:
    channels_map = ChannelMap()
    for each in channels:
        channels_map.add(each)
    return channels_map


def test_an_id_stands_for_one_and_a_group_for_its_members() -> None:
    two, three, four = channel(2), channel(3), channel(4, group_id=50)
    channels = with_channels(two, three, four)
    assert channels.addressed(2) == (two,)
    assert channels.addressed(1) == (two, three)
    assert channels.addressed(50) == (four,)
    assert channels.is_group(50)
    assert not channels.is_group(4)
    assert list(channels) == [two, three, four]
    assert len(channels) == 3


def test_a_group_outlives_its_members() -> None:
    channels = with_channels(channel(2))
    channels.close(2, by_server=True)
    assert channels.addressed(1) == ()
    assert len(channels) == 0


def test_a_channel_moves_and_is_addressed_through_its_new_group() -> None:
    two, three = channel(2), channel(3)
    channels = with_channels(two, three)
    channels.regroup(50, (2,))
    assert channels.addressed(50) == (two,)
    assert channels.addressed(1) == (three,)


def test_an_empty_group_is_one() -> None:
    channels = with_channels(channel(2))
    channels.regroup(50, ())
    assert channels.addressed(50) == ()


def test_a_closed_id_may_be_given_again() -> None:
    channels = with_channels(channel(2))
    channels.close(2, by_server=True)
    again = channel(2)
    channels.add(again)
    assert channels.addressed(2) == (again,)


@pytest.mark.parametrize("by_server", [True, False])
def test_a_message_after_the_end_is_forgiven_only_if_it_was_our_end(by_server: bool) -> None:
    channels = with_channels(channel(2))
    channels.close(2, by_server=by_server)
    assert channels.find(2) is None
    if by_server:
        with pytest.raises(RuleBroken) as caught:
            channels.one(2)
        assert caught.value.rule is Rule.CHANNEL_CLOSED
    else:
        assert channels.one(2) is None
        assert channels.addressed(2) == ()


def test_closing_a_group_closes_its_members() -> None:
    two, three, four = channel(2), channel(3), channel(4, group_id=50)
    channels = with_channels(two, three, four)
    assert channels.close(1, by_server=True) == (two, three)
    assert list(channels) == [four]


def test_ids_and_prefixes_are_nobody_elses() -> None:
    cases = [
        (channel(2), Rule.CHANNEL_ID_FREE),
        (channel(1, group_id=50), Rule.CHANNEL_ID_FREE),
        (channel(3, group_id=2), Rule.GROUP_ID_FREE),
        (channel(3, group_id=3), Rule.GROUP_ID_FREE),
        (channel(3, prefix=b"\x02" * 4), Rule.EXTRANONCE_OWN),
        (channel(3, prefix=b"\x03" * 5), Rule.GROUP_SIZE),
    ]
    for other, rule in cases:
        channels = with_channels(channel(2))
        with pytest.raises(RuleBroken) as caught:
            channels.add(other)
        assert caught.value.rule is rule
