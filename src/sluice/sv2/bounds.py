"""How large a payload we take from a peer, message by message.

A header can announce 16 MiB; the room is given before the content is known, so each message has the bound
that its fields, or the Bitcoin network, give it. Sending has no bound but the header's own.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sluice.sv2.message import Message, declared_in
from sluice.sv2.messages import common, extensions, jobs, mining, templates
from sluice.sv2.types import MAX_PAYLOAD

ROOM_TO_GROW = 1024  # optional fields, and those that a later version may append to a message (spec 3.4.3)
MAX_UNKNOWN = (
    2**20
)  # skipped unread, so it costs no memory; but nobody shall have us decipher 16 MiB for nothing

#: A block has at most 4,000,000 weight units and no transaction fewer than 240: so many transactions.
_MOST_TRANSACTIONS = 4_000_000 // 240
_BLOCK = 4_000_000 + 3 * _MOST_TRANSACTIONS + 2**16 + ROOM_TO_GROW  # all of them, each behind its length

_TIGHTER: Mapping[type[Message], int] = {
    # two extensions are registered; nobody speaks 250 of them
    extensions.RequestExtensions: 512,
    extensions.RequestExtensionsSuccess: 512,
    extensions.RequestExtensionsError: 1024,
    # 4,000 channels on one connection; those who have more open another one
    mining.SetGroupChannel: 16 * 1024,
    # all transactions of a block by their ids, two coinbase halves, excess data
    jobs.DeclareMiningJob: 32 * _MOST_TRANSACTIONS + 3 * 2**16 + ROOM_TO_GROW,
    # all transactions of a block by their position
    jobs.ProvideMissingTransactions: 2 * _MOST_TRANSACTIONS + ROOM_TO_GROW,
    # a whole block
    jobs.ProvideMissingTransactionsSuccess: _BLOCK,
    templates.RequestTransactionDataSuccess: _BLOCK,
}

MAX_RECEIVED: Mapping[int, int] = MappingProxyType(
    {
        cls.code: _TIGHTER.get(cls, min(cls.layout.max_size, MAX_PAYLOAD) + ROOM_TO_GROW)
        for chapter in (common, mining, jobs, templates, extensions)
        for cls in declared_in(chapter)
    }
)
"""The largest payload taken from a peer, by message code: what the fields can say, or less if that is enough."""
