"""What an operator tells a running pool, as it is typed."""

import json
from pathlib import Path

import pytest

from sluice.cli.entry import main
from sluice.cli.orders import set_difficulty
from sluice.exit_codes import ExitCode
from support.beside import beside

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_DATA__DIR", str(tmp_path))


def test_each_says_what_came_of_it(tmp_path: Path, capsys: Out) -> None:
    with beside(tmp_path) as owner:
        for words, said in (
            ("set-difficulty alice 1.5M", "alice mines at difficulty 1.5 M on 0 open channels"),
            ("set-difficulty alice auto", "alice mines at what vardiff finds"),
            ("close alice", "0 open channels of alice closed"),
            ("ban 192.0.2.0/24 --for 2h30m", "192.0.2.0/24 is banned for 2 h 30 min"),
            ("ban mallory", "mallory is banned for good"),
            ("bans", "for good"),
            ("unban mallory", "mallory is taken again"),
            ("drain", "no miners are taken any more"),
            ("drain --off", "miners are taken again"),
        ):
            assert main(words.split()) == ExitCode.OK, words
            assert said in capsys.readouterr().out
        assert main(["bans", "--json"]) == ExitCode.OK
        (ban,) = json.loads(capsys.readouterr().out)
        assert ban["what"] == "192.0.2.0/24"
        assert list(owner.pool.state.orders.bans) == ["192.0.2.0/24"]
        assert main(["unban", "192.0.2.0/24", "--json"]) == ExitCode.OK
        assert json.loads(capsys.readouterr().out)["count"] == 1
        assert main(["bans"]) == ExitCode.OK
        assert capsys.readouterr().out == "Nobody is banned.\n"


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ("unban nobody", ExitCode.FAILED, "is not banned"),
        ("ban 0.0.0.0/0", ExitCode.FAILED, "too much of the world"),
        ("set-difficulty alice -1", ExitCode.USAGE, "-1"),
        ("set-difficulty alice 0", ExitCode.FAILED, "above zero"),
        ("set-difficulty alice nan", ExitCode.USAGE, "auto"),
        ("set-difficulty alice hard", ExitCode.USAGE, "auto"),
        ("ban alice --for long", ExitCode.USAGE, "90s"),
        ("ban alice --for 0s", ExitCode.FAILED, "at least a second"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, capsys: Out, words: str, exit_code: ExitCode, said: str
) -> None:
    with beside(tmp_path):
        assert main(words.split()) == exit_code
        assert said in capsys.readouterr().err


def test_where_no_pool_runs_each_says_so(capsys: Out) -> None:
    for words in ("set-difficulty a 1", "close a", "ban a", "unban a", "bans", "drain"):
        assert main(words.split()) == ExitCode.NOT_RUNNING
        assert "start one with `sluice run`" in capsys.readouterr().err


def test_it_is_a_command() -> None:
    assert set_difficulty.__name__ == "set_difficulty"
