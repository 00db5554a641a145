"""All events in one table. New ones have come at its end only, so one table serves every version of the node."""

from itertools import chain
from typing import Annotated

from sluice.blvm.events import chain as chain_events
from sluice.blvm.events import modules, network, relay
from sluice.blvm.events.payload import EventPayload
from sluice.blvm.variant import choice, declared_in

EVENTS = tuple(
    chain.from_iterable(declared_in(file, EventPayload) for file in (chain_events, network, modules, relay))
)
EVENT_PAYLOAD = Annotated[EventPayload, choice("EventPayload", *EVENTS)]
