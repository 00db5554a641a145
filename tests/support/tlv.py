"""The dialect's messages: the examples that were written down from the origin, and any others."""

from typing import Any

from hypothesis import strategies as st

from sluice.tlv.message import REGISTRY, Message
from sluice.tlv.messages import (
    HeaderFacts,
    NewMiningJob,
    OpenMiningChannel,
    OpenMiningChannelError,
    OpenMiningChannelSuccess,
    SetNewPrevHash,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
    ShareData,
    SubmitShares,
    SubmitSharesError,
    SubmitSharesSuccess,
)
from sluice.wire.side import Side

SETUP = SetupConnection(2, "m1", ("mining",))
WELCOME = SetupConnectionSuccess((2,), ("mining",))

#: From an encoder that has nothing to do with ours.
WRITTEN: tuple[tuple[Message, str], ...] = (
    (
        SETUP,
        "28000000010022000000020002000000000000006d31010000000000000006000000000000006d696e696e67",
    ),
    (WELCOME, "2600000002002000000001000000000000000200010000000000000006000000000000006d696e696e67"),
    (OpenMiningChannel(1, 42, 1), "1200000010000c000000010000002a00000001000000"),
    (
        SubmitShares(1, (ShareData(1, 1, 0, 1, bytes(32)),)),
        "460000003000400000000100000001000000000000000100000001000000000000000100000000000000" + "00" * 32,
    ),
)

U16, U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
HASHES = st.binary(min_size=32, max_size=32)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_FACTS = st.builds(HeaderFacts, U32, U32, U32, HASHES)
_SHARE = st.builds(ShareData, U32, U32, U32, st.integers(-(2**63), 2**63 - 1), HASHES)


def _tuples(element: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(element, max_size=4).map(tuple)


ANY: dict[type[Message], st.SearchStrategy[Message]] = {
    SetupConnection: st.builds(SetupConnection, U16, TEXT, _tuples(TEXT)),
    SetupConnectionSuccess: st.builds(SetupConnectionSuccess, _tuples(U16), _tuples(TEXT)),
    SetupConnectionError: st.builds(SetupConnectionError, U16, TEXT),
    OpenMiningChannel: st.builds(OpenMiningChannel, U32, U32, U32),
    OpenMiningChannelSuccess: st.builds(OpenMiningChannelSuccess, U32, U32, HASHES, U32),
    OpenMiningChannelError: st.builds(OpenMiningChannelError, U32, U16, TEXT),
    NewMiningJob: st.builds(
        NewMiningJob,
        U32,
        U32,
        HASHES,
        st.binary(max_size=50),
        st.binary(max_size=50),
        _tuples(HASHES),
        st.none() | _FACTS,
    ),
    SetNewPrevHash: st.builds(SetNewPrevHash, U32, U32, HASHES, U32),
    SubmitShares: st.builds(SubmitShares, U32, _tuples(_SHARE)),
    SubmitSharesSuccess: st.builds(SubmitSharesSuccess, U32, U32),
    SubmitSharesError: st.builds(SubmitSharesError, U32, U32, U16, TEXT),
}


def said_by(side: Side) -> st.SearchStrategy[Message]:
    """Anything that this side may say."""
    return st.one_of([ANY[cls] for cls in REGISTRY.values() if cls.sent_by is side])
