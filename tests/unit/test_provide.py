"""`sluice templates`, built from a configuration."""

import json
import signal
from dataclasses import fields
from pathlib import Path

import pytest

from sluice.app import CannotListen, NodeUnusable
from sluice.config import Config, read_config
from sluice.exit_codes import ExitCode
from sluice.noise.authority import parse_pool_url
from sluice.provide import limits_of, policy_of, run_templates
from sluice.server.limits import Limits
from sluice.server.templates import SEND_QUEUE
from sluice.tdp.desk import DeskPolicy
from support.signals import once


def configured(data: Path | None = None, **settings: object) -> Config:
    """A configuration with these settings, `templates__listen` for templates.listen; nobody is to be paid."""
    given = {name.replace("__", "."): str(value) for name, value in settings.items()}
    directory = {"data.dir": str(data)} if data else {}
    return read_config(None, {"HOME": "/nonexistent"}, directory | given, checks=())


def test_the_desk_does_what_the_operator_set() -> None:
    given = configured(templates__fee_growth=7, templates__fee_pause=8, server__setup_timeout=9)
    assert policy_of(given) == DeskPolicy(fee_growth=7, pause=8.0, setup=9.0)
    assert policy_of(configured()) == DeskPolicy()


def test_the_listener_does_what_the_operator_set() -> None:
    given = configured(templates__max_clients=7, server__handshake_timeout=8, server__drain_timeout=9)
    assert limits_of(given) == Limits(
        7, handshake_seconds=8.0, send_queue_bytes=SEND_QUEUE, drain_seconds=9.0
    )
    kept = {field.name for field in fields(Limits)} - {"max_connections", "send_queue_bytes"}
    assert all(getattr(limits_of(configured()), name) == getattr(Limits(), name) for name in kept)


@pytest.mark.parametrize("encryption", ["noise", "none"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.OK), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_it_runs_until_it_is_told_to_stop(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    code: ExitCode,
    encryption: str,
) -> None:
    settings = {"templates__listen": "127.0.0.1:0", "templates__encryption": encryption}
    with once("tip changed", number):
        assert run_templates(configured(tmp_path, node__kind="embedded", **settings)) == code
    said = capsys.readouterr()
    (url,) = said.out.splitlines()
    assert (parse_pool_url(url).authority_key is not None) is (encryption == "noise")
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert "worth nothing" in lines[0]["event"]
    assert [line["event"] for line in lines[1:]] == ["clients connect to", "tip changed", "draining"]


def test_a_node_that_is_not_there_is_waited_for_until_we_are_told_to_stop(tmp_path: Path) -> None:
    nobody = configured(tmp_path, node__url="http://127.0.0.1:1", node__user="u", node__password="p")
    with once("127.0.0.1:1", signal.SIGTERM):
        assert run_templates(nobody) == ExitCode.OK


def test_what_the_operator_can_mend(tmp_path: Path) -> None:
    elsewhere = {"node__kind": "embedded", "templates__listen": "192.0.2.1:8442"}
    with pytest.raises(CannotListen, match=r"^cannot listen on 192\.0\.2\.1:8442: "):
        run_templates(configured(tmp_path, **elsewhere))
    provider = {"node__kind": "template_provider", "node__url": "stratum2+tcp://127.0.0.1:1"}
    with pytest.raises(NodeUnusable, match="set the node's network"):
        run_templates(configured(tmp_path, **provider))
