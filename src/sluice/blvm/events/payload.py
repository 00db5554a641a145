"""EventPayload: what a node tells its modules, and modules each other (blvm-node, module/ipc/protocol.rs).

Rule: its indices are not those of EventType, which comes before it in the same message.
"""

from sluice.blvm.events.types import EventType
from sluice.blvm.variant import Variant


class EventPayload(Variant, frozen=True, gc=False):
    """What happened. The subclasses are in the other files of this room, by what they are about."""


def event_type_of(payload: EventPayload) -> EventType:
    """The word under which such news is subscribed to: the same name, another index."""
    return EventType[payload.wire_name]
