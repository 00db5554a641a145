"""The bounds on receipt: low where a stranger sends, high enough for what honest peers send."""

import pytest

from sluice.sv2.bounds import MAX_RECEIVED, MAX_UNKNOWN, ROOM_TO_GROW
from sluice.sv2.flags import Protocol
from sluice.sv2.life import FLOWS
from sluice.sv2.message import REGISTRY, Message, encode
from sluice.sv2.messages.common import SetupConnection
from sluice.sv2.messages.extensions import RequestExtensions
from sluice.sv2.messages.jobs import (
    DeclareMiningJob,
    ProvideMissingTransactions,
    ProvideMissingTransactionsSuccess,
)
from sluice.sv2.messages.mining import SetGroupChannel
from sluice.sv2.messages.templates import RequestTransactionDataSuccess
from sluice.sv2.types import MAX_PAYLOAD
from sluice.wire.side import Side


def test_every_message_has_its_bound_well_under_16_mib() -> None:
    assert set(MAX_RECEIVED) == set(REGISTRY)
    assert max(MAX_RECEIVED.values()) < MAX_PAYLOAD / 3
    assert MAX_UNKNOWN < MAX_PAYLOAD / 3


def test_who_is_not_set_up_yet_is_given_little_room() -> None:
    assert MAX_RECEIVED[SetupConnection.code] < 4096


def test_a_miner_is_given_little_room() -> None:
    assert max(MAX_RECEIVED[code] for code in FLOWS[Protocol.MINING, Side.CLIENT]) < 80_000


def test_a_bound_leaves_all_that_the_fields_can_say_or_the_block_can_hold() -> None:
    tighter = {
        cls for code, cls in REGISTRY.items() if MAX_RECEIVED[code] < cls.layout.max_size + ROOM_TO_GROW
    }
    assert tighter == {type(message) for message in LARGE_BUT_HONEST} | _ANSWERS


_ANSWERS = {REGISTRY[0x0101], REGISTRY[0x0102]}  # RequestExtensions.Success and .Error

TRANSACTIONS = 16_000  # more than any block ever had
LARGE_BUT_HONEST: list[Message] = [
    RequestExtensions(1, tuple(range(200))),
    SetGroupChannel(1, tuple(range(4_000))),
    DeclareMiningJob(
        1, bytes(255), 1, bytes(60_000), bytes(60_000), (bytes(32),) * TRANSACTIONS, bytes(60_000)
    ),
    ProvideMissingTransactions(1, tuple(range(TRANSACTIONS))),
    ProvideMissingTransactionsSuccess(1, (bytes(4_000_000 // TRANSACTIONS),) * TRANSACTIONS),
    RequestTransactionDataSuccess(1, bytes(65_000), (bytes(4_000_000 // TRANSACTIONS),) * TRANSACTIONS),
]


@pytest.mark.parametrize("message", LARGE_BUT_HONEST, ids=lambda message: message.wire_name)
def test_large_but_honest(message: Message) -> None:
    assert len(encode(message)) <= MAX_RECEIVED[message.code]
