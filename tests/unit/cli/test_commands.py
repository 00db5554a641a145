import re

import pytest
from typer.testing import CliRunner

from sluice.cli.commands import app
from sluice.version import VERSION

COMMANDS = tuple(
    "demo run status top miners set-difficulty close ban unban bans drain templates mine keys config blocks blvm alarms".split()
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # some CI services ask for it


def said(*arguments: str) -> str:
    answer = CliRunner().invoke(app, arguments, prog_name="sluice")
    assert answer.exit_code == 0
    return COLOUR.sub("", answer.stdout)


def test_every_command_is_listed_with_what_it_is_for() -> None:
    for command in COMMANDS:
        assert re.search(rf"{command}\s+[A-Z]", said("--help"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command: str) -> None:
    assert f"sluice {command}" in said(command, "--help")


def test_the_version_can_stand_beside_other_options() -> None:
    assert said("--version", "run") == f"sluice {VERSION}\n"
