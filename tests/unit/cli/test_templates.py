import inspect

import pytest

from sluice.cli.entry import main
from sluice.cli.templates import SECTIONS, templates
from sluice.config.table import OPTIONS
from sluice.exit_codes import ExitCode


def test_the_flags_are_the_rows_of_its_sections() -> None:
    parameters = set(inspect.signature(templates).parameters) - {"config"}
    assert parameters == {
        name.replace(".", "__")
        for name, option in OPTIONS.items()
        if option.flag and option.section in SECTIONS
    }
    assert {"templates__listen", "node__url"} <= parameters
    assert "pool__address" not in parameters


def test_mistakes_are_told_and_whom_to_pay_is_none_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "--node", "template_provider", "--templates-listen", "x"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "flag --templates-listen" in said
    assert "node.network is auto" in said
    assert "pool.address" not in said
