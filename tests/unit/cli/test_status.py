"""`sluice status`, `miners` and `top`, as a user types them."""

import json
from pathlib import Path

import pytest

from sluice.cli.entry import main
from sluice.cli.status import miners, status, top
from sluice.exit_codes import ExitCode
from sluice.pool.inputs import Connected, Said
from sluice.server.loop import Owner
from support.beside import beside
from support.pool import open_extended, setup

Out = pytest.CaptureFixture[str]
RUDE = "al\x1b[31mice.\u202erig"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_DATA__DIR", str(tmp_path))


def three_miners(owner: Owner) -> None:
    for peer, user in enumerate(("alice.1", "alice_2", RUDE), 1_000):
        owner.feed(Connected(peer, f"192.0.2.1:{peer}"))
        owner.feed(Said(peer, setup()))
        owner.feed(Said(peer, open_extended(user=user)))


def test_a_pool_on_one_screen(tmp_path: Path, capsys: Out) -> None:
    with beside(tmp_path, three_miners):
        assert main(["status"]) == ExitCode.OK
        out = capsys.readouterr().out
        assert "Sluice 1.2.3 on regtest" in out
        assert "3 with 3 channels" in out
        assert "totals     are not known: no record is kept" in out
        assert main(["status", "--json"]) == ExitCode.OK
        shown = json.loads(capsys.readouterr().out)
        assert shown["channels"] == 3
        assert shown["kept"] is None
        assert shown["kept_trouble"] == "no record is kept (ledger.url is off)"


def test_miners_are_listed_and_one_is_shown_in_full(tmp_path: Path, capsys: Out) -> None:
    with beside(tmp_path, three_miners):
        assert main(["miners"]) == ExitCode.OK
        out = capsys.readouterr().out
        assert len(out.splitlines()) == 5
        assert out.endswith("are of what is connected: no record is kept (ledger.url is off)\n")
        assert "al\\x1b[31mice.\\x202erig" in out
        assert "\x1b" not in out
        assert main(["miners", "--limit", "1"]) == ExitCode.OK
        assert "and 2 more" in capsys.readouterr().out
        assert main(["miners", "alice"]) == ExitCode.OK
        out = capsys.readouterr().out
        assert "workers    2, of whom 2 mine now" in out
        assert [line.split()[-1] for line in out.splitlines()[4:7]] == ["worker", "1", "2"]
        assert main(["miners", "alice.2"]) == ExitCode.OK
        assert "speaks     Stratum V2, extended channel" in capsys.readouterr().out
        assert main(["miners", "alice.2", "--json"]) == ExitCode.OK
        said = capsys.readouterr()
        (only,) = json.loads(said.out)
        assert (only["account"], only["worker"], only["totals"]) == ("alice", "2", None)
        assert only["channels"][0]["user"] == "alice_2"
        assert "no record is kept" in said.err
        assert main(["miners", "nobody"]) == ExitCode.FAILED
        assert "nobody of that name" in capsys.readouterr().out
        assert main(["miners", "nobody", "--json"]) == ExitCode.FAILED
        assert json.loads(capsys.readouterr().out) == []


def test_where_no_pool_runs_each_says_so(tmp_path: Path, capsys: Out) -> None:
    for command in (["status"], ["miners"], ["top"], ["status", "--json"], ["top", "--json"]):
        assert main(command) == ExitCode.NOT_RUNNING
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("sluice: no Sluice runs with this data directory")


def test_they_are_commands() -> None:
    assert [command.__name__ for command in (status, miners, top)] == ["status", "miners", "top"]
