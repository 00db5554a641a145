"""The table is whole: every message has its place in it, and no state is without a way on."""

from sluice.tlv.life import CHANGES, FLOWS, State
from sluice.tlv.message import REGISTRY
from sluice.wire.side import Side

TOLD_BEFORE_SETUP = {
    "SetupConnection.Success",
    "SetupConnection.Error",
    "OpenMiningChannel.Error",
    "SubmitShares.Error",
}


def names(state: State, side: Side) -> set[str]:
    return {cls.wire_name for cls in FLOWS[state][side].values()}


def test_a_client_may_ask_anything_at_any_time() -> None:
    asked = {cls.wire_name for cls in REGISTRY.values() if cls.sent_by is Side.CLIENT}
    assert all(names(state, Side.CLIENT) == asked for state in State)


def test_before_the_setup_a_server_can_but_welcome_or_refuse() -> None:
    assert names(State.SETUP, Side.SERVER) == TOLD_BEFORE_SETUP
    assert names(State.OPEN, Side.SERVER) == {
        cls.wire_name for cls in REGISTRY.values() if cls.sent_by is Side.SERVER
    }


def test_every_state_is_in_both_tables_and_changes_only_by_what_flows() -> None:
    assert set(CHANGES) == set(FLOWS) == set(State)
    for state, changes in CHANGES.items():
        for cls, following in changes.items():
            assert cls.tag in FLOWS[state][cls.sent_by]
            assert following in State
