import tomllib
from pathlib import Path

import pytest

from sluice.cli.config import config
from sluice.cli.entry import main
from sluice.config.table import SECTIONS
from sluice.exit_codes import ExitCode

ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def test_the_default_file_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    config()
    assert list(tomllib.loads(capsys.readouterr().out)) == list(SECTIONS)


def test_a_fine_file_is_said_to_be_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text(f"[pool]\naddress = '{ADDRESS}'\n")
    assert main(["config", "--check", str(file)]) == ExitCode.OK
    assert capsys.readouterr().out == f"{file}: fine\n"


def test_every_mistake_of_a_file_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text("[pool]\nadress = 'x'\nshard = 256\n[serv]\n")
    assert main(["config", "--check", str(file)]) == ExitCode.USAGE
    assert capsys.readouterr().err.splitlines() == [
        f'sluice: {file}, line 2: [pool] has no key adress; did you mean "address"?',
        f"sluice: {file}, line 3: pool.shard must be a whole number from 0 to 255, not 256",
        f'sluice: {file}, line 4: there is no section [serv]; did you mean "server"?',
    ]


def test_the_environment_counts_as_for_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_POOL__ADDRESS", ADDRESS)
    file = tmp_path / "sluice.toml"
    file.write_text("")
    assert main(["config", "--check", str(file)]) == ExitCode.OK
    assert "fine" in capsys.readouterr().out
