"""The messages of extension 0x0001, Extensions Negotiation."""

from sluice.sv2.message import Message, message
from sluice.sv2.types import SEQ0_64K, U16
from sluice.wire.side import Side


@message(0x00, sent_by=Side.CLIENT, extension=0x0001)  # 0x0001, section 2
class RequestExtensions(Message):
    request_id: U16
    requested_extensions: SEQ0_64K[U16]


@message(0x01, sent_by=Side.SERVER, extension=0x0001)  # 0x0001, section 2
class RequestExtensionsSuccess(Message):
    request_id: U16
    supported_extensions: SEQ0_64K[U16]


@message(0x02, sent_by=Side.SERVER, extension=0x0001)  # 0x0001, section 2
class RequestExtensionsError(Message):
    request_id: U16
    unsupported_extensions: SEQ0_64K[U16]
    required_extensions: SEQ0_64K[U16]
