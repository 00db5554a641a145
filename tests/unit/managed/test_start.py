"""What a node says when it starts us."""

from pathlib import Path

import pytest

from sluice.config.table import OPTIONS
from sluice.managed.start import VARIABLES, NotStartedByANode, start_of

ENVIRONMENT = {
    "MODULE_ID": "blvm-stratum-v2_0",
    "MODULE_NAME": "blvm-stratum-v2",
    "SOCKET_PATH": "data/modules/sockets/node.sock",
    "DATA_DIR": "/var/lib/blvm/modules/blvm-stratum-v2",
    "MODULE_CONFIG_VERSION": "0.1.0",
}


def test_paths_are_whole_whatever_the_node_s_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    start = start_of(ENVIRONMENT)
    assert start.socket == tmp_path / "data/modules/sockets/node.sock"
    assert start.data_dir == Path("/var/lib/blvm/modules/blvm-stratum-v2")
    assert start.options()["node.socket"] == str(start.socket)
    assert start.identity.module_id == "blvm-stratum-v2_0"


@pytest.mark.parametrize(
    ("loaded", "who", "permitted"), [(False, "blvm-stratum-v2_0", "no"), (True, "blvm-stratum-v2", "yes")]
)
def test_once_loaded_our_name_may_do_what_our_id_may_not(loaded: bool, who: str, permitted: str) -> None:
    options = start_of(ENVIRONMENT).options(loaded=loaded)
    assert (options["node.module_id"], options["node.publish_events"], options["node.module_api"]) == (
        who,
        permitted,
        permitted,
    )


@pytest.mark.parametrize(("given", "submit"), [(False, "queue_received_block"), (True, "both")])
def test_blocks_go_by_json_rpc_too_where_there_are_credentials(given: bool, submit: str) -> None:
    assert start_of(ENVIRONMENT).options(credentials=given)["node.submit"] == submit


def test_what_follows_is_what_may_be_given() -> None:
    for name, value in start_of(ENVIRONMENT).options(loaded=True).items():
        OPTIONS[name].decode(value)


@pytest.mark.parametrize("missing", VARIABLES)
def test_whoever_else_starts_us_is_told_what_to_do(missing: str) -> None:
    with pytest.raises(NotStartedByANode, match=f"^{missing} not set: .*sluice run"):
        start_of(ENVIRONMENT | {missing: ""})


def test_all_that_is_missing_is_named() -> None:
    with pytest.raises(NotStartedByANode, match=", ".join(VARIABLES)):
        start_of({})
