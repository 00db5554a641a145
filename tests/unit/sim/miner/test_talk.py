"""Which brain and which connection belong to a plan."""

import pytest

from sluice.noise.handshake import ACT1_SIZE
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.talk import talk_of
from sluice.sim.miner.tlv_client import TlvClient, TlvPlan
from sluice.sv2 import connection as sv2
from sluice.tlv import connection as tlv
from sluice.wire.side import Side

PLANS: list[tuple[ClientPlan | TlvPlan, type, type, bool, int]] = [
    (ClientPlan("pool.example", 3333, ()), MiningClient, sv2.Connection, True, ACT1_SIZE),
    (TlvPlan("rig"), TlvClient, tlv.Connection, False, 0),
]


@pytest.mark.parametrize(("plan", "client", "connection", "shakes", "first"), PLANS)
def test_a_plan_has_its_wire(
    plan: ClientPlan | TlvPlan, client: type, connection: type, *, shakes: bool, first: int
) -> None:
    talk = talk_of(plan, None)
    assert (type(talk.client), type(talk.connection), talk.shakes) == (client, connection, shakes)
    assert len(talk.connection.data_to_send()) == first
    assert talk.client.start(0.0)
    assert isinstance(talk.connection, sv2.Connection | tlv.Connection)
    assert talk.connection.side is Side.CLIENT


def test_no_two_handshakes_have_a_key_in_common() -> None:
    plan = ClientPlan("pool.example", 3333, ())
    assert len({talk_of(plan, None).connection.data_to_send() for _ in range(3)}) == 3
