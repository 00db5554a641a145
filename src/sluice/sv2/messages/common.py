"""The messages of every protocol (spec 3.6)."""

from sluice.sv2.message import Message, message
from sluice.sv2.types import STR0_255, U8, U16, U32
from sluice.wire.side import Side


@message(0x00, sent_by=Side.CLIENT)  # 3.6.1
class SetupConnection(Message):
    protocol: U8
    min_version: U16
    max_version: U16
    flags: U32
    endpoint_host: STR0_255
    endpoint_port: U16
    vendor: STR0_255
    hardware_version: STR0_255
    firmware: STR0_255
    device_id: STR0_255


@message(0x01, sent_by=Side.SERVER)  # 3.6.2
class SetupConnectionSuccess(Message):
    used_version: U16
    flags: U32


@message(0x02, sent_by=Side.SERVER)  # 3.6.3
class SetupConnectionError(Message):
    flags: U32
    error_code: STR0_255


@message(0x03, sent_by=Side.SERVER, channel_msg=True)  # 3.6.4
class ChannelEndpointChanged(Message):
    channel_id: U32


@message(0x04, sent_by=Side.SERVER)  # 3.6.5
class Reconnect(Message):
    new_host: STR0_255
    new_port: U16
