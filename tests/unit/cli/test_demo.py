import pytest
import typer

from sluice.cli.demo import demo
from sluice.cli.entry import main
from sluice.exit_codes import ExitCode


def test_a_wrong_address_is_refused_before_anything_starts() -> None:
    with pytest.raises(typer.BadParameter, match="must be host:port"):
        demo(listen="here")


@pytest.mark.parametrize(
    "flags", [["--listen", "here"], ["--miners", "-1"], ["--miners", "many"], ["--blocks", "0"]]
)
def test_what_cannot_be_is_a_usage_error(flags: list[str]) -> None:
    assert main(["demo", *flags]) == ExitCode.USAGE
