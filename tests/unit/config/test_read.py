from pathlib import Path

import pytest

from sluice.config.read import MAX_FILE_BYTES, ConfigError, read_config
from sluice.config.table import Config
from sluice.exit_codes import ExitCode

ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def file_with(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "sluice.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def mistakes(tmp_path: Path, text: str | bytes, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_config(file_with(tmp_path, text), environ)
    assert str(caught.value) == "\n".join(map(str, caught.value.mistakes))
    assert caught.value.exit_code is ExitCode.USAGE
    return [str(mistake).removeprefix(f"{tmp_path}/") for mistake in caught.value.mistakes]


def test_an_address_is_all_that_is_needed() -> None:
    config = read_config(None, {}, {"pool.address": ADDRESS})
    assert isinstance(config, Config)
    assert config.pool.address == ADDRESS
    assert str(config.server.listen) == "0.0.0.0:3333"


def test_paths_have_their_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config = read_config(None, {}, checks=())
    assert config.authority_file == tmp_path / ".local/share/sluice/authority.key"
    assert config.nodes[0].cookie_file == tmp_path / ".bitcoin/.cookie"


SEVERAL = """
[[node]]
url = "http://127.0.0.1:18443"

[[node]]
kind = "embedded"
"""


def test_several_nodes_are_several_tables(tmp_path: Path) -> None:
    first, second = read_config(file_with(tmp_path, SEVERAL), {}, checks=()).nodes
    assert (first.kind, first.url, first.name) == ("bitcoind", "http://127.0.0.1:18443", "bitcoind")
    assert (second.kind, second.name) == ("embedded", "embedded")


def test_without_a_table_there_is_one_node() -> None:
    (node,) = read_config(None, {}, checks=()).nodes
    assert (node.kind, node.name) == ("bitcoind", "bitcoind")


def test_a_node_of_many_is_set_by_its_number_and_by_nothing_else(tmp_path: Path) -> None:
    environ = {"SLUICE_NODE__1__NETWORK": "regtest", "SLUICE_NODE__2__NAME": "third"}
    nodes = read_config(file_with(tmp_path, SEVERAL), environ, checks=()).nodes
    assert [(node.name, node.network) for node in nodes] == [
        ("bitcoind", "auto"),
        ("embedded", "regtest"),
        ("third", "auto"),
    ]
    with pytest.raises(
        ConfigError, match=r"flag --node-url: could be meant for any of 2 nodes: set node.url in"
    ):
        read_config(file_with(tmp_path, SEVERAL), {}, {"node.url": "http://a:1"}, checks=())


def test_a_mistake_in_one_of_many_nodes_is_told_at_its_place(tmp_path: Path) -> None:
    text = (
        f"[pool]\naddress = '{ADDRESS}'\n{SEVERAL}network = 'main'\n[[node]]\nuser = 'x'\nname = 'bitcoind'"
    )
    assert mistakes(
        tmp_path, f"{text}\n[[node]]\nname = 'bitcoind'\nkind = 'embeded'\nurl = 'http://a:1'"
    ) == [
        (
            "sluice.toml, line 9: node.network must be auto or regtest, as the embedded node is always on regtest "
            "(node.kind)"
        ),
        "sluice.toml, line 11: node.password is not set, though node.user is; leave out both to use the cookie file",
        'sluice.toml, line 14: node.name "bitcoind" is taken by an earlier node: each needs its own',
        (
            'sluice.toml, line 15: node.kind must be one of "bitcoind", "blvm", "template_provider", "embedded", not "embeded"; did you mean '
            '"embedded"?'
        ),
    ]


def test_a_flag_outweighs_the_environment_and_that_the_file_and_that_the_default(tmp_path: Path) -> None:
    file = file_with(tmp_path, "[pool]\nshard = 1\nmax_jobs = 21\nack_shares = 31\n")
    environ = {"SLUICE_POOL__SHARD": "2", "SLUICE_POOL__MAX_JOBS": "22"}
    pool = read_config(file, environ, {"pool.shard": "3"}, checks=()).pool
    assert (pool.shard, pool.max_jobs, pool.ack_shares, pool.shares_per_minute) == (3, 22, 31, 6)


def test_the_platform_s_data_directory_is_only_a_default(tmp_path: Path) -> None:
    file = file_with(tmp_path, "[data]\ndir = '/there'\n")
    environ = {"XDG_DATA_HOME": "/here"}
    assert read_config(None, environ, checks=()).data.dir == Path("/here/sluice")
    assert read_config(file, environ, checks=()).data.dir == Path("/there")


def test_without_an_address_the_way_out_is_named(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, "")
    assert said.startswith("sluice.toml: pool.address is not set")
    with pytest.raises(ConfigError, match=r"^configuration: pool.address is not set"):
        read_config(None, {})


def test_all_mistakes_of_all_sources_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        f"[pool]\naddress = '{ADDRESS}'\nx = 1\nlisten = 5\n[node]\nnetwork = 'regtest'\nurl = oops\n[serv\n"
    )
    said = mistakes(tmp_path, text, SLUICE_LOG__LEVEL="loud", SLUICE_NODE__PASSWORD="x")
    assert [line.split(": ")[0] for line in said] == [
        "sluice.toml, line 2",
        "sluice.toml, line 3",
        "sluice.toml, line 4",
        "sluice.toml, line 7",
        "sluice.toml, line 8",
        "environment SLUICE_LOG__LEVEL",
        "environment SLUICE_NODE__PASSWORD",
    ]
    assert "regtest" in said[0]


def test_one_mistake_is_not_told_twice_by_a_check(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, "[pool]\nadress = 'x'\n")) == 1
    assert len(mistakes(tmp_path, f"[pool]\naddress = '{ADDRESS}'\n[node]\nnetwork = 'regtst'\n")) == 1


def test_a_check_can_be_left_out(tmp_path: Path) -> None:
    assert read_config(file_with(tmp_path, ""), {}, checks=()).pool.address == ""


def test_a_file_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="cannot be read: No such file or directory; `sluice config` prints one"
    ):
        read_config(tmp_path / "no.toml", {})
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_config(tmp_path, {})


def test_a_file_that_is_no_text_is_said_to_be(tmp_path: Path) -> None:
    assert mistakes(tmp_path, b"[pool]\ntag = '\xff'\n") == ["sluice.toml, line 2: is not UTF-8 text"]


def test_a_file_that_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    read_config(file_with(tmp_path, "#" * MAX_FILE_BYTES), {}, checks=())
    assert mistakes(tmp_path, "#" * (MAX_FILE_BYTES + 1)) == [
        "sluice.toml: is longer than 65536 bytes: not a configuration"
    ]


def test_the_mark_that_some_editors_write_first_is_no_mistake(tmp_path: Path) -> None:
    file = file_with(tmp_path, b"\xef\xbb\xbf[pool]\nshard = 1\n")
    assert read_config(file, {}, checks=()).pool.shard == 1
