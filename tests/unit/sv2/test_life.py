"""The life tables, asked for every state, protocol, side and message there is."""

import pytest

from sluice.sv2.flags import Protocol
from sluice.sv2.life import CHANGES, CHAPTERS, FLOWING_STATES, FLOWS, Life, State, life_tables, mermaid
from sluice.sv2.message import Message, declared_in
from sluice.sv2.messages.common import (
    ChannelEndpointChanged,
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensions, RequestExtensionsSuccess
from sluice.wire.errors import ProtocolError
from sluice.wire.side import Side
from support.messages import ALL_MESSAGES, example
from support.wire import setup

SIDES = (Side.CLIENT, Side.SERVER)
STRANGE = 7  # a protocol nobody defined


def life_in(state: State, protocol: int | None) -> Life:
    life = Life(state)
    life.protocol = protocol
    return life


def listed(state: State, protocol: int, side: Side, cls: type[Message]) -> bool:
    """What the tables and the declarations say, found the slow way."""
    if (side, cls) in CHANGES[state]:
        return (protocol, cls) != (STRANGE, SetupConnectionSuccess)
    if state not in FLOWING_STATES or protocol == STRANGE:
        return False
    chapter = [known for module in CHAPTERS[Protocol(protocol)] for known in declared_in(module)]
    return cls in chapter and cls not in _CHANGING and cls.sent_by in (side, Side.EITHER)


_CHANGING = (SetupConnection, SetupConnectionSuccess, SetupConnectionError, Reconnect)


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
@pytest.mark.parametrize("protocol", [*Protocol, STRANGE])
@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.value)
def test_every_message_at_every_moment(state: State, protocol: int, side: Side) -> None:
    for cls in ALL_MESSAGES:
        life = life_in(state, protocol)
        if listed(state, protocol, side, cls):
            life.admits(side, cls)
            life.passes(side, example(cls))
            assert life.state is CHANGES[state].get((side, cls), state), cls.wire_name
        else:
            with pytest.raises(ProtocolError, match=cls.wire_name):
                life.passes(side, example(cls))
            assert (life.state, life.protocol) == (state, protocol), cls.wire_name


def test_every_message_has_its_moment() -> None:
    for cls in ALL_MESSAGES:
        assert any(
            listed(state, protocol, side, cls) for state in State for protocol in Protocol for side in SIDES
        ), f"{cls.wire_name} can never be sent"


def test_the_tables_agree_with_the_declarations_on_who_sends() -> None:
    for changes in CHANGES.values():
        for side, cls in changes:
            assert cls.sent_by is side
    for (_, side), flow in FLOWS.items():
        assert all(cls.sent_by in (side, Side.EITHER) for cls in flow.values())


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.value)
def test_a_quiet_message_passes_and_leaves_no_trace(state: State, protocol: Protocol, side: Side) -> None:
    quiet = life_in(state, protocol).quiet(side)
    for cls in quiet.values():
        life = life_in(state, protocol)
        before = (life.state, life.protocol, life.negotiated)
        life.passes(side, example(cls))
        assert (life.state, life.protocol, life.negotiated) == before
    assert bool(quiet) is (state in FLOWING_STATES)


def test_the_way_of_a_mining_connection() -> None:
    life = Life(State.HANDSHAKE)
    life.secured()
    way = [life.state]
    for side, message in (
        (Side.CLIENT, setup(Protocol.MINING)),
        (Side.SERVER, SetupConnectionSuccess(2, 0)),
        (Side.CLIENT, RequestExtensions(1, (2, 3, 4))),
        (Side.SERVER, RequestExtensionsSuccess(1, (2, 4))),
        (Side.SERVER, Reconnect("", 0)),
    ):
        life.passes(side, message)
        way.append(life.state)
    assert way == [State.SETUP, State.ANSWER, State.OPEN, State.OPEN, State.OPEN, State.LEAVING]
    assert life.negotiated == {2, 4}
    life.passes(Side.SERVER, ChannelEndpointChanged(1))  # 3.6.4
    assert life.negotiated == frozenset()


def test_a_protocol_nobody_knows_can_only_be_refused() -> None:
    life = Life(State.SETUP)
    life.passes(Side.CLIENT, setup(STRANGE))
    with pytest.raises(ProtocolError):
        life.passes(Side.SERVER, SetupConnectionSuccess(2, 0))
    life.passes(Side.SERVER, SetupConnectionError(0, "unsupported-protocol"))
    assert life.state is State.CLOSED


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_where_a_message_we_do_not_know_may_come(state: State) -> None:
    if state in (State.ANSWER, *FLOWING_STATES):
        life_in(state, None).admits_unknown()
    else:
        with pytest.raises(ProtocolError, match="an unknown message"):
            life_in(state, None).admits_unknown()


def test_the_diagram_shows_every_change_once() -> None:
    lines = mermaid().splitlines()
    assert lines[0] == "stateDiagram-v2"
    arrows = [line.strip() for line in lines if ": " in line]
    assert len(arrows) == 1 + sum(map(len, CHANGES.values()))
    assert "SETUP --> ANSWER: client sends SetupConnection" in arrows
    assert "ANSWER --> CLOSED: server sends SetupConnection.Error" in arrows


def test_the_printed_tables_name_every_state_and_every_message() -> None:
    text = life_tables()
    for state in State:
        assert f"| {state.name} | {state.value} |" in text
    for cls in ALL_MESSAGES:
        assert f"{cls.wire_name} " in text, cls.wire_name
