"""ModuleMessage: the six kinds of frames between a node and its modules (blvm-node, module/ipc/protocol.rs).

Rule: which index a payload has depends on the node's version, so an envelope is packed and read by an Edition.
"""

from enum import IntEnum

from msgspec import Struct

from sluice.blvm.events.payload import EventPayload
from sluice.blvm.events.types import EventType
from sluice.blvm.modules import Call, LogLevel, Result
from sluice.blvm.requests import Request
from sluice.blvm.responses import Response


class Kind(IntEnum):
    """The variants of ModuleMessage."""

    REQUEST = 0
    RESPONSE = 1
    EVENT = 2
    LOG = 3
    INVOCATION = 4
    INVOCATION_RESULT = 5


class RequestMessage(Struct, frozen=True, gc=False):
    """From the module. `request_type` is the request's name; the node goes by the payload."""

    correlation_id: int
    request_type: str
    payload: Request


class ResponseMessage(Struct, frozen=True, gc=False):
    """From the node, to the request of the same number."""

    correlation_id: int
    success: bool
    payload: Response | None
    error: str | None


class EventMessage(Struct, frozen=True, gc=False):
    """From the node, if it was subscribed to."""

    event_type: EventType
    payload: EventPayload


class LogMessage(Struct, frozen=True, gc=False):
    """From the module; nothing answers it. `timestamp` in unix seconds."""

    level: LogLevel
    module_id: str
    message: str
    target: str
    timestamp: int


class InvocationMessage(Struct, frozen=True, gc=False):
    """From the node, whose numbers are other ones than those of requests."""

    correlation_id: int
    call: Call


class InvocationResultMessage(Struct, frozen=True, gc=False):
    """From the module, to the call of the same number."""

    correlation_id: int
    success: bool
    payload: Result | None
    error: str | None


Envelope = (
    RequestMessage | ResponseMessage | EventMessage | LogMessage | InvocationMessage | InvocationResultMessage
)
