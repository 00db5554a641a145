"""What Sluice asks of a bitcoind: every method it calls, and the part of each answer that it reads.

Rule: what is not declared here is not looked at; what is declared and missing makes the answer MALFORMED.
"""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from sluice.node.bitcoind.rpc import Method

U32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Satoshi = Annotated[int, Meta(ge=0, le=21_000_000 * 10**8)]
Height = Annotated[int, Meta(ge=1, le=2**31 - 1)]

RULES = ("segwit", "signet")
"""The rules that we follow (BIP9). A signet node insists on the second, others overlook it."""


class ChainInfo(Struct, frozen=True):
    """Which chain the node is on, and how far."""

    chain: str
    pruned: bool = False
    verificationprogress: float = 1.0


class NetworkInfo(Struct, frozen=True):
    """What the node calls itself."""

    subversion: str = ""


class OfferedTransaction(Struct, frozen=True):
    """One transaction of a template (BIP22, BIP145). Hashes in display order."""

    data: str
    txid: str = ""  # nodes from before segwit have no word of it
    fee: Annotated[int, Meta(ge=0)] | None = None  # BIP22: absent means unknown
    weight: Annotated[int, Meta(ge=0)] | None = None
    sigops: Annotated[int, Meta(ge=0)] | None = None  # their cost, as BIP141 counts it


class OfferedBlock(Struct, frozen=True):
    """The answer to getblocktemplate (BIP22, BIP23, BIP145)."""

    version: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]  # signed, as in Core
    previousblockhash: str
    transactions: tuple[OfferedTransaction, ...]
    coinbasevalue: Satoshi
    bits: str
    mintime: U32
    curtime: U32
    height: Height
    rules: tuple[str, ...] = ()
    default_witness_commitment: str = ""
    longpollid: str = ""


class OfferedTip(Struct, frozen=True):
    """So much of a template as tells whether the tip has moved."""

    previousblockhash: str
    longpollid: str = ""


class Notification(Struct, frozen=True):
    """One of the node's ZMQ publishers."""

    type: str
    address: str


WORD = Decoder(str | None)

GET_BLOCKCHAIN_INFO = Method("getblockchaininfo", Decoder(ChainInfo))
GET_NETWORK_INFO = Method("getnetworkinfo", Decoder(NetworkInfo))
GET_ZMQ_NOTIFICATIONS = Method("getzmqnotifications", Decoder(tuple[Notification, ...]))
GET_BLOCK_COUNT = Method("getblockcount", Decoder(int))
GET_BLOCK_HASH = Method("getblockhash", Decoder(str))
GET_BEST_BLOCK_HASH = Method("getbestblockhash", Decoder(str))
GET_BLOCK_TEMPLATE = Method("getblocktemplate", Decoder(OfferedBlock))
LONG_POLL = Method("getblocktemplate", Decoder(OfferedTip))
PROPOSE = Method("getblocktemplate", WORD)
SUBMIT_BLOCK = Method("submitblock", WORD, repeatable=False)  # the second answer would be "duplicate"
