"""For each blvm-node the module that it takes us for."""

import asyncio
from pathlib import Path

import pytest

from sluice.alarms.alarms import Alarms
from sluice.companions import companions_of, end_with
from sluice.config import Config, read_config
from sluice.node.blvm.blvm import Blvm
from sluice.node_kinds import nodes_of
from sluice.records import Places
from sluice.server import lifeline
from sluice.server.command_socket import CommandSocket
from sluice.server.module_host import ModuleHost
from sluice.web.warden import Warden
from support.server import REGTEST_ADDRESS
from support.serving import until

PLACES = Places("record", Path("blocks"))


def configured(tmp_path: Path, nodes: str) -> Config:
    file = tmp_path / "sluice.toml"
    file.write_text(f"[pool]\naddress = '{REGTEST_ADDRESS}'\n{nodes}")
    return read_config(file, {})


def test_each_blvm_node_has_one_and_others_have_none(tmp_path: Path) -> None:
    config = configured(
        tmp_path, "[[node]]\nkind = 'embedded'\n[[node]]\nkind = 'blvm'\n[[node]]\nkind = 'blvm'\n"
    )
    nodes = nodes_of(config)
    first, second, commands, _ = companions_of(config, nodes, PLACES)
    assert isinstance(first, ModuleHost)
    assert isinstance(second, ModuleHost)
    assert isinstance(commands, CommandSocket)
    clients = [node.client for node in nodes if isinstance(node, Blvm)]
    assert [client.hooks.invoked for client in clients] == [first.invoked, second.invoked]


def test_the_web_side_has_a_warden_where_it_is_wanted_and_a_process_can_be_had(tmp_path: Path) -> None:
    wanted = configured(tmp_path, "[[node]]\nkind = 'embedded'\n")
    [warden] = companions_of(wanted, nodes_of(wanted), PLACES)
    assert isinstance(warden, Warden)
    assert companions_of(wanted, nodes_of(wanted), PLACES, managed=True) == ()
    unwanted = configured(tmp_path, "[web]\nlisten = 'off'\n[[node]]\nkind = 'embedded'\n")
    assert companions_of(unwanted, nodes_of(unwanted), PLACES) == ()


def test_alarms_are_there_if_somebody_is_to_be_told(tmp_path: Path) -> None:
    config = configured(tmp_path, "[alarms]\nwebhook_url = 'http://127.0.0.1:1/'\n[web]\nlisten = 'off'\n")
    [alarms] = companions_of(config, nodes_of(config), PLACES)
    assert isinstance(alarms, Alarms)


def test_config_path_is_the_file_that_was_read(tmp_path: Path) -> None:
    assert configured(tmp_path, "").file == tmp_path / "sluice.toml"
    assert read_config(None, {}, checks=()).file is None


def test_who_was_started_by_a_node_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifeline, "LOOK_SECONDS", 0.01)
    socket = tmp_path / "node.sock"
    config = configured(tmp_path, f"[node]\nkind = 'blvm'\nsocket = '{socket}'\n")

    async def main() -> None:
        socket.touch()
        ended: list[bool] = []
        end_with(config, nodes_of(config), lambda: ended.append(True))
        await asyncio.sleep(0.05)
        assert ended == []
        socket.unlink()
        await until(lambda: ended == [True])

    asyncio.run(main())
