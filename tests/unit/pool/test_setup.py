"""SetupConnection and the extensions, as transcripts (spec 3.6.1 to 3.6.3, extension 0x0001)."""

import pytest

from sluice.pool.events import MinerArrived, PeerLeft, SetupRefused
from sluice.pool.setup import SUPPORTED_FLAGS, VERSION
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnectionError, SetupConnectionSuccess
from sluice.sv2.messages.extensions import (
    RequestExtensions,
    RequestExtensionsError,
    RequestExtensionsSuccess,
)
from sluice.sv2.messages.jobs import AllocateMiningJobToken
from support.pool import PoolTalk, setup

NOT_SUPPORTED = 0xFFFF_FFF8


@pytest.mark.parametrize(
    ("flags", "answer"),
    [
        (0b000, 0b00),
        (0b001, 0b00),
        (0b010, 0b10),  # REQUIRES_EXTENDED_CHANNELS: jobs of one's own need them
        (0b100, 0b00),  # never REQUIRES_FIXED_VERSION
        (0b101, 0b00),
        (0b110, 0b10),
    ],
)
def test_a_miner_is_accepted(flags: int, answer: int) -> None:
    talk = PoolTalk()
    peer = talk.connect()
    assert talk.say(peer, setup(flags)) == [SetupConnectionSuccess(VERSION, answer)]
    assert talk.miner(peer).flags == flags
    assert talk.closed == {}


@pytest.mark.parametrize("versions", [(2, 2), (1, 2), (2, 3), (0, 65_535)])
def test_the_one_version_is_used_if_it_was_offered(versions: tuple[int, int]) -> None:
    talk = PoolTalk()
    assert talk.say(talk.connect(), setup(versions=versions)) == [SetupConnectionSuccess(2, 0)]


@pytest.mark.parametrize(
    ("message", "flags", "word"),
    [
        (setup(protocol=1), 0, "unsupported-protocol"),
        (setup(protocol=2), 0, "unsupported-protocol"),
        (setup(protocol=255, versions=(3, 3)), 0, "unsupported-protocol"),
        (setup(versions=(3, 3)), 0, "protocol-version-mismatch"),
        (setup(versions=(0, 1)), 0, "protocol-version-mismatch"),
        (setup(versions=(3, 1)), 0, "protocol-version-mismatch"),
        (setup(0xFFFF_FFFF), NOT_SUPPORTED, "unsupported-feature-flags"),
        (setup(0b1000), NOT_SUPPORTED, "unsupported-feature-flags"),
        (setup(0b011), NOT_SUPPORTED | 0b10, "unsupported-feature-flags"),
    ],
)
def test_a_refusal_has_its_word_and_ends_the_connection(message: Message, flags: int, word: str) -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.feed_said(peer, message)
    assert talk.take(peer) == [SetupConnectionError(flags, word)]
    assert talk.closed == {peer: f"setup refused: {word}"}
    assert talk.happened(SetupRefused) == [SetupRefused(peer, f"192.0.2.1:{peer}", word)]
    assert [left.reason for left in talk.happened(PeerLeft)] == [f"setup refused: {word}"]
    assert talk.state.miners == {}
    assert talk.state.closings == {"setup refused": 1}


def test_what_is_not_supported_is_all_that_is_not_supported() -> None:
    assert int(SUPPORTED_FLAGS) ^ NOT_SUPPORTED == 0xFFFF_FFFF


def test_people_are_told_what_a_miner_says_of_itself() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.say(peer, setup(0b101))
    (arrived,) = talk.happened(MinerArrived)
    assert (arrived.vendor, arrived.hardware_version, arrived.firmware) == ("Sluice", "CPU", "1.0")
    assert arrived.flags == "REQUIRES_STANDARD_JOBS|REQUIRES_VERSION_ROLLING"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ((2,), RequestExtensionsSuccess(7, (2,))),
        ((3, 2, 4), RequestExtensionsSuccess(7, (2,))),
        ((3, 4), RequestExtensionsError(7, (3, 4), ())),
        ((), RequestExtensionsError(7, (), ())),
    ],
)
def test_extensions_are_granted_as_far_as_we_speak_them(asked: tuple[int, ...], answer: Message) -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.say(peer, setup())
    assert talk.say(peer, RequestExtensions(7, asked)) == [answer]


def test_the_peer_of_another_protocol_was_never_a_miner() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.say(peer, setup(protocol=1))
    assert talk.say(peer, AllocateMiningJobToken("alice", 1)) == []
