import sys
from types import ModuleType

import pytest

from sluice.cli.entry import main
from sluice.exit_codes import ExitCode
from sluice.version import VERSION


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out == f"sluice {VERSION}\n"


def test_what_the_user_can_mend_is_a_sentence_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--check", "/no/such/file"]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("sluice: /no/such/file: cannot be read")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["rum"], ["run", "--no-such-flag"], ["mine"]])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    assert main(arguments) == ExitCode.USAGE


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-h"]) == ExitCode.OK
    assert "Commands" in capsys.readouterr().out


def test_arguments_are_the_process_s_own_unless_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["sluice", "--version"])
    assert main() == ExitCode.OK
    assert VERSION in capsys.readouterr().out


def test_an_interrupt_while_it_loads_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loading(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "sluice.cli.commands", Loading("sluice.cli.commands"))
    assert main(["demo"]) == ExitCode.INTERRUPTED
