import inspect
import re

import pytest
from typer.testing import CliRunner

from sluice.cli.commands import app
from sluice.cli.entry import main
from sluice.cli.run import run
from sluice.config.table import OPTIONS
from sluice.exit_codes import ExitCode


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")


def test_the_flags_are_the_option_table() -> None:
    parameters = set(inspect.signature(run).parameters) - {"config"}
    with_flag = {
        name.replace(".", "__")
        for name, option in OPTIONS.items()
        if option.flag and option.section != "templates"
    }
    assert parameters == with_flag


def test_the_help_names_every_flag_and_no_secret() -> None:
    said = re.sub(r"\x1b\[[0-9;]*m", "", CliRunner().invoke(app, ["run", "--help"]).stdout)
    for option in OPTIONS.values():
        if option.flag and option.section != "templates":
            assert re.search(rf"{option.flag}\s", said), option.flag
    assert "--password" not in said


def test_without_an_address_it_refuses_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    for way_out in ("pool.address", "[pool]", "--address", "SLUICE_POOL__ADDRESS"):
        assert way_out in said


def test_mistakes_in_flags_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--address", "x", "--listen", "y", "--shard=-1", "--log-level", "loud"]
    assert main(["run", *flags]) == ExitCode.USAGE
    places = [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()]
    assert sorted(places) == ["flag --address", "flag --listen", "flag --log-level", "flag --shard"]
