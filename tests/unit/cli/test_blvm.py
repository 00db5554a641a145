"""`sluice blvm`, as a user types it."""

from pathlib import Path

import pytest

from sluice.cli.blvm import NobodyAnswers, ask, check, install
from sluice.cli.entry import main
from sluice.exit_codes import ExitCode
from sluice.managed.advice import advice


def test_a_module_is_laid_out_and_found_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--modules-dir", str(tmp_path)]
    assert main(["blvm", "install", *where, "--address", "bc1q"]) == ExitCode.OK
    said = capsys.readouterr()
    assert said.out == f"{tmp_path}/blvm-stratum-v2\n"
    assert advice() in said.err
    assert 'payout_address = "bc1q"' in (tmp_path / "blvm-stratum-v2" / "config.toml").read_text()
    assert main(["blvm", "check", *where]) == ExitCode.OK
    assert capsys.readouterr().out == f"{tmp_path}/blvm-stratum-v2: fine\n"


def test_what_is_wrong_is_named_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["blvm", "check", "--modules-dir", str(tmp_path)]) == ExitCode.FAILED
    assert "module.toml cannot be read" in capsys.readouterr().err


def test_where_nobody_is_to_be_asked_one_sentence_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["blvm", "ask", "--data-dir", str(tmp_path), "set-difficulty", "--difficulty=8"])
        == ExitCode.FAILED
    )
    assert "no Sluice that is a module answers" in capsys.readouterr().err
    with pytest.raises(NobodyAnswers):
        ask(tmp_path, ["status"])


def test_each_word_says_what_it_is_for() -> None:
    assert install.__doc__
    assert check.__doc__
