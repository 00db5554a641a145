from pathlib import Path

import pytest

from sluice.cli.entry import main
from sluice.cli.keys import keys
from sluice.exit_codes import ExitCode
from sluice.keys import read_key
from sluice.noise.authority import encode_public_key, encode_secret_key


def test_a_pair_is_made_and_then_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.key"
    keys(file=file)
    made = capsys.readouterr()
    keys(file=file)
    kept = capsys.readouterr()
    public = encode_public_key(read_key(file).public)
    assert made.out == kept.out == f"{public}\n"
    assert f"made in {file}" in made.err
    assert f"kept in {file}" in kept.err
    assert f"stratum2+tcp://HOST:3333/{public}" in made.err


def test_the_secret_is_shown_only_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.key"
    keys(file=file)
    secret = encode_secret_key(read_key(file).secret)
    said = capsys.readouterr()
    assert secret not in said.out + said.err
    keys(file=file, show_secret=True)
    assert capsys.readouterr().out.splitlines()[1] == secret


def test_the_key_is_the_one_that_run_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_DATA__DIR", str(tmp_path / "data"))
    config = tmp_path / "sluice.toml"
    config.write_text('[keys]\nauthority_file = "pool.key"\n[server]\nlisten = "0.0.0.0:4444"\n')
    assert main(["keys", "--config", str(config)]) == ExitCode.OK
    assert (tmp_path / "data" / "pool.key").exists()
    assert ":4444/" in capsys.readouterr().err


def test_a_key_that_cannot_be_used_has_an_exit_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.key"
    file.write_text("rubbish")
    file.chmod(0o600)
    assert main(["keys", "--file", str(file)]) == ExitCode.KEYS
    assert capsys.readouterr().err.startswith(f"sluice: {file}: not an authority secret key")
