"""What the demo is made of."""

import socket
from hashlib import sha256
from pathlib import Path

from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.network import REGTEST
from sluice.config.values import Endpoint
from sluice.demonstration import ADDRESS, Wishes, demonstration, is_free
from sluice.server.control_host import ControlHost
from sluice.web.warden import Warden

ANY = Endpoint("127.0.0.1", 0)


def test_all_that_it_keeps_ends_with_it() -> None:
    with demonstration(Wishes(ANY, ANY, 2, 3), lambda words: None) as shown:
        control, warden = shown.plan.server.companions
        assert isinstance(control, ControlHost)
        assert isinstance(warden, Warden)
        assert shown.plan.server.blocks is not None
        assert shown.plan.server.scribe is not None
        kept: Path = shown.plan.server.blocks.directory.parent
        assert kept.is_dir()
        assert control.path.parent == kept
        assert (shown.plan.miners, shown.plan.blocks) == (2, 3)
    assert not kept.exists()


def test_anybody_could_spend_what_its_blocks_pay() -> None:
    assert script_for_address(ADDRESS, REGTEST) == b"\x00\x20" + sha256(b"\x51").digest()


def test_without_a_dashboard_there_is_none() -> None:
    with demonstration(Wishes(ANY, None, 0, None), lambda words: None) as shown:
        assert [type(each) for each in shown.plan.server.companions] == [ControlHost]


def test_a_port_that_somebody_has_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)
