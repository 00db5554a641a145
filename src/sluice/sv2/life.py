"""The life of a connection: two tables, and the rules on top of them (spec 3.6, chapters 5 to 7).

`CHANGES` has the messages that change the state. `CHAPTERS` has those that flow in OPEN and LEAVING without
changing it; who sends which of them is in the declarations. A message that neither lists is a protocol
error. This file does not know which side we are. The diagram in docs/protocol.md is printed from here.

Rules on top: SetupConnection says which chapter flows; a protocol we do not know can only be answered with
an Error; nothing comes before SetupConnection, not even a message we do not know (3.6.1);
RequestExtensions.Success says what is negotiated, ChannelEndpointChanged resets it (3.6.4). There is no
state of failure: an offence ends what is heard from the offender (`connection`), not what may be said.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType, ModuleType

from sluice.sv2.flags import Protocol
from sluice.sv2.message import Message, declared_in
from sluice.sv2.messages import common, extensions, jobs, mining, templates
from sluice.sv2.messages.common import (
    ChannelEndpointChanged,
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensionsSuccess
from sluice.wire.errors import ProtocolError
from sluice.wire.side import Side


class State(Enum):
    """Where a connection is in its life; the value is what people read."""

    HANDSHAKE = "the Noise acts are under way"
    SETUP = "the client is to set up the connection"
    ANSWER = "the server is to answer that"
    OPEN = "the chapter's messages flow"
    LEAVING = "they still flow, but the client was asked to reconnect"
    CLOSED = "the server has refused the setup"


CHANGES: Mapping[State, Mapping[tuple[Side, type[Message]], State]] = MappingProxyType(
    {
        State.HANDSHAKE: {},  # left by `secured`: the acts are no messages
        State.SETUP: {(Side.CLIENT, SetupConnection): State.ANSWER},
        State.ANSWER: {
            (Side.SERVER, SetupConnectionSuccess): State.OPEN,
            (Side.SERVER, SetupConnectionError): State.CLOSED,
        },
        State.OPEN: {(Side.SERVER, Reconnect): State.LEAVING},
        State.LEAVING: {(Side.SERVER, Reconnect): State.LEAVING},  # asked again, to go somewhere else
        State.CLOSED: {},
    }
)

CHAPTERS: Mapping[Protocol, tuple[ModuleType, ...]] = MappingProxyType(
    {
        Protocol.MINING: (common, mining, extensions),
        Protocol.JOB_DECLARATION: (common, jobs, extensions),
        Protocol.TEMPLATE_DISTRIBUTION: (common, templates, extensions),
    }
)

FLOWING_STATES = (State.OPEN, State.LEAVING)

Flow = Mapping[int, type[Message]]
Flows = Mapping[tuple[int | None, Side], Flow]  # by protocol, known or not, and by sender
_NOTHING: Flow = MappingProxyType({})


def _chapter(protocol: Protocol, side: Side) -> Iterator[type[Message]]:
    changing = {cls for changes in CHANGES.values() for _, cls in changes}
    for module in CHAPTERS[protocol]:
        for cls in declared_in(module):
            if cls.sent_by in (side, Side.EITHER) and cls not in changing:
                yield cls


FLOWS: Flows = MappingProxyType(
    {
        (protocol, side): MappingProxyType({cls.code: cls for cls in _chapter(protocol, side)})
        for protocol in Protocol
        for side in (Side.CLIENT, Side.SERVER)
    }
)
"""What each side may send while its chapter flows, by message code."""

#: They flow, but something is remembered of them, so they take the long way through `passes`.
_NOTED = (RequestExtensionsSuccess, ChannelEndpointChanged)
_QUIET: Flows = MappingProxyType(
    {
        key: MappingProxyType({code: cls for code, cls in flow.items() if cls not in _NOTED})
        for key, flow in FLOWS.items()
    }
)


class Life:
    """One connection's state, moved only by the messages that pass, whoever sends them."""

    __slots__ = ("negotiated", "protocol", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self.protocol: int | None = None  # what SetupConnection asked for; perhaps none that we know
        self.negotiated: frozenset[int] = frozenset()

    def secured(self) -> None:
        """The handshake is done."""
        self.state = State.SETUP

    def admits(self, side: Side, cls: type[Message]) -> None:
        """ProtocolError unless `side` may send such a message now."""
        if (side, cls) in CHANGES[self.state] and not self._opens_the_unknown(cls):
            return
        if cls.code not in self._flow(side, FLOWS):
            raise ProtocolError(
                f"{cls.wire_name} from the {side.value} while {self.state.value}" + self._under_protocol()
            )

    def admits_unknown(self) -> None:
        """ProtocolError where even a message that we do not know is out of place."""
        if self.state not in (State.ANSWER, *FLOWING_STATES):
            raise ProtocolError(f"an unknown message while {self.state.value}")

    def passes(self, side: Side, message: Message) -> None:
        """The only move: ProtocolError, and nothing changes, if the message may not be sent now."""
        cls = type(message)
        self.admits(side, cls)
        self.state = CHANGES[self.state].get((side, cls), self.state)
        if isinstance(message, SetupConnection):
            self.protocol = message.protocol
        elif isinstance(message, RequestExtensionsSuccess):
            self.negotiated = frozenset(message.supported_extensions)
        elif isinstance(message, ChannelEndpointChanged):
            self.negotiated = frozenset()

    def quiet(self, side: Side) -> Flow:
        """The messages, by code, that `side` may send now and that leave no trace here: no need to ask."""
        return self._flow(side, _QUIET)

    def _flow(self, side: Side, flows: Flows) -> Flow:
        return flows.get((self.protocol, side), _NOTHING) if self.state in FLOWING_STATES else _NOTHING

    def _opens_the_unknown(self, cls: type[Message]) -> bool:
        return cls is SetupConnectionSuccess and self.protocol not in tuple(Protocol)

    def _under_protocol(self) -> str:
        return "" if self.protocol is None else f" (protocol {self.protocol})"


def mermaid() -> str:
    """The states and what changes them, as a Mermaid diagram."""
    lines = ["stateDiagram-v2", "    [*] --> HANDSHAKE", "    HANDSHAKE --> SETUP: Noise acts 1 and 2"]
    for state, changes in CHANGES.items():
        for (side, cls), following in changes.items():
            lines.append(f"    {state.name} --> {following.name}: {side.value} sends {cls.wire_name}")
    lines += [f"    {last.name} --> [*]" for last in (State.LEAVING, State.CLOSED)]
    return "\n".join(lines) + "\n"


def life_tables() -> str:
    """Who may send what in which state, as Markdown tables."""
    lines = ["| state | meaning | the client may send | the server may send |", "|---|---|---|---|"]
    for state, changes in CHANGES.items():
        cells = [_cell(state, changes, side) for side in (Side.CLIENT, Side.SERVER)]
        lines.append(f"| {state.name} | {state.value} | {cells[0]} | {cells[1]} |")
    for protocol in Protocol:
        title = protocol.name.replace("_", " ").capitalize()
        lines += ["", f"Messages of the chapter, protocol {protocol.value} ({title}):", ""]
        lines += ["| message | code | sent by | channel |", "|---|---|---|---|"]
        flowing = {**FLOWS[protocol, Side.CLIENT], **FLOWS[protocol, Side.SERVER]}
        for cls in flowing.values():
            channel = "yes" if cls.channel_msg else ""
            lines.append(f"| {cls.wire_name} | {cls.code:#06x} | {cls.sent_by.value} | {channel} |")
    return "\n".join(lines) + "\n"


def _cell(state: State, changes: Mapping[tuple[Side, type[Message]], State], side: Side) -> str:
    cells = [f"{cls.wire_name} → {new.name}" for (sender, cls), new in changes.items() if sender is side]
    if state in FLOWING_STATES:
        cells.insert(0, "the chapter's")
    return ", ".join(cells) or "nothing"
