"""The eleven messages, held to the origin's table and to bytes that another encoder wrote."""

import pytest

from sluice.tlv import messages
from sluice.tlv.frame import frame, opened
from sluice.tlv.message import REGISTRY, Message
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side
from support.tlv import WRITTEN

#: Tag, sender, name and fields, from src/messages.rs of the origin.
ORIGIN = """
0x0001 client SetupConnection: protocol_version endpoint capabilities
0x0002 server SetupConnection.Success: supported_versions capabilities
0x0003 server SetupConnection.Error: error_code error_message
0x0010 client OpenMiningChannel: channel_id request_id min_difficulty
0x0011 server OpenMiningChannel.Success: channel_id request_id target max_jobs
0x0012 server OpenMiningChannel.Error: request_id error_code error_message
0x0020 server NewMiningJob: channel_id job_id prev_hash coinbase_prefix coinbase_suffix merkle_path
0x0021 server SetNewPrevHash: channel_id job_id prev_hash min_txn_count
0x0030 client SubmitShares: channel_id shares
0x0031 server SubmitShares.Success: channel_id last_job_id
0x0032 server SubmitShares.Error: channel_id job_id error_code error_message
"""


def row(cls: type[Message]) -> str:
    fields = [name for name in cls.__struct_fields__ if (cls, name) != (messages.NewMiningJob, "facts")]
    return f"{cls.tag:#06x} {cls.sent_by.value} {cls.wire_name}: {' '.join(fields)}"


def test_the_messages_are_the_origin_s() -> None:
    assert [row(cls) for cls in REGISTRY.values()] == ORIGIN.strip().splitlines()


@pytest.mark.parametrize(("message", "written"), WRITTEN, ids=lambda given: type(given).__name__)
def test_the_written_examples(message: Message, written: str) -> None:
    wire = bytes.fromhex(written)
    assert frame(message) == wire
    tag, payload = opened(wire[4:])
    assert REGISTRY[tag].layout.read(payload, 0) == (message, len(payload))


def test_the_examples_have_the_sizes_that_were_written_down() -> None:
    assert [len(written) // 2 for _, written in WRITTEN] == [44, 42, 22, 74]


def test_a_job_may_come_without_facts_and_an_old_decoder_sees_none() -> None:
    facts = messages.HeaderFacts(0x20000000, 7, 0x207FFFFF, b"t" * 32)
    fields = (1, 2, b"p" * 32, b"head", b"tail", (b"a" * 32, b"b" * 32))
    bare, whole = messages.NewMiningJob(*fields, None), messages.NewMiningJob(*fields, facts)
    short, long = (message.layout.write(message) for message in (bare, whole))
    assert long[: len(short)] == short
    assert len(long) == len(short) + 44
    assert bare.layout.read(short, 0) == (bare, len(short))
    assert bare.layout.read(long, 0) == (whole, len(long))
    # What somebody else may have put there is not taken for facts.
    assert bare.layout.read(short + b"x" * 43, 0) == (bare, len(short))


def test_more_capabilities_than_anybody_has_are_refused_unread() -> None:
    flood = (2).to_bytes(2, "little") + bytes(8) + (100_000).to_bytes(8, "little") + bytes(800_000)
    with pytest.raises(RemoteProtocolError, match="100000 elements in a sequence of at most 256"):
        messages.SetupConnection.layout.read(flood, 0)


def test_server_and_client_say_different_things() -> None:
    assert {cls.sent_by for cls in REGISTRY.values()} == {Side.CLIENT, Side.SERVER}
