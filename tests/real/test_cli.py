"""The command line as a user meets it: processes, files, exit codes, what is on which stream."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sluice.exit_codes import ExitCode
from sluice.noise.authority import parse_pool_url, parse_public_key
from sluice.version import VERSION

MAIN_ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
REGTEST_ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
Answer = subprocess.CompletedProcess[str]


@pytest.fixture(autouse=True)
def _a_new_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home and a directory of their own, and no setting of Sluice in the environment."""
    for name in [name for name in os.environ if name.startswith(("SLUICE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def sluice(*arguments: str, **environ: str) -> Answer:
    return subprocess.run(
        [sys.executable, "-m", "sluice.cli", *arguments],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


def assert_refused(answer: Answer, code: ExitCode) -> list[str]:
    """The lines of stderr, each an error in the one form that errors have."""
    lines = answer.stderr.splitlines()
    assert answer.returncode == code
    assert answer.stdout == ""
    assert lines
    assert all(line.startswith("sluice: ") for line in lines), answer.stderr
    return [line.removeprefix("sluice: ") for line in lines]


def test_the_version_comes_before_anything_large_is_imported() -> None:
    program = "import sys; from sluice.cli import main; main(['--version']); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    version, modules = said.splitlines()
    assert version == f"sluice {VERSION}"
    assert not {"typer", "rich", "msgspec", "structlog", "asyncio", "cryptography"} & set(modules.split())


def test_a_command_imports_what_it_needs_and_not_what_another_does() -> None:
    """The list of commands has the options of all of them; HTTP, databases and pages are for those who use them."""
    program = "import sys, sluice.cli.commands; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not {"httpx", "sqlalchemy", "litestar", "structlog", "aiosmtplib", "rich"} & set(said.split())


def test_from_the_printed_file_to_a_fine_one(tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text(sluice("config").stdout)
    (missing,) = assert_refused(sluice("config", "--check", "sluice.toml"), ExitCode.USAGE)
    assert missing.startswith("sluice.toml: pool.address is not set")
    file.write_text(file.read_text().replace('#address = ""', f'address = "{MAIN_ADDRESS}"'))
    fine = sluice("config", "--check", "sluice.toml")
    assert (fine.returncode, fine.stdout, fine.stderr) == (0, "sluice.toml: fine\n", "")


def test_every_mistake_of_a_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "sluice.toml").write_text(
        f'[server]\nlisen = "0.0.0.0:3333"\nmax_connections = "many"\n\n[pol]\ntag = "x\ny"\n'
        f'[pool]\naddress = "{MAIN_ADDRESS}"\n[node]\nnetwork = "regtest"\nkind = "bitcoin"\n'
    )
    lines = assert_refused(sluice("config", "--check", "sluice.toml"), ExitCode.USAGE)
    assert [(line.split(": ")[0], line.split("; ")[-1]) for line in lines if "; did" in line] == [
        ("sluice.toml, line 2", 'did you mean "listen"?'),
        ("sluice.toml, line 5", 'did you mean "pool"?'),
        ("sluice.toml, line 12", 'did you mean "bitcoind"?'),
    ]
    assert [line.split(": ")[0].removeprefix("sluice.toml, ") for line in lines] == [
        f"line {number}" for number in (2, 3, 5, 6, 7, 12)
    ]


def test_the_network_of_the_address_is_checked_as_soon_as_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "sluice.toml").write_text(
        f'[pool]\naddress = "{MAIN_ADDRESS}"\n[node]\nnetwork = "regtest"\n'
    )
    (line,) = assert_refused(sluice("config", "--check", "sluice.toml"), ExitCode.USAGE)
    assert line.startswith("sluice.toml, line 2: pool.address cannot be paid: not an address for regtest")
    assert sluice("config", "--check", "sluice.toml", SLUICE_NODE__NETWORK="main").returncode == 0


def test_run_without_an_address_names_the_three_ways_out() -> None:
    (line,) = assert_refused(sluice("run"), ExitCode.USAGE)
    for way_out in ("[pool]", "--address", "SLUICE_POOL__ADDRESS"):
        assert way_out in line


@pytest.mark.parametrize(
    "arguments",
    [("run", "--config", "no.toml"), ("keys", "--config", "no.toml"), ("config", "--check", "no.toml")],
)
def test_a_missing_file_is_a_sentence(arguments: tuple[str, ...]) -> None:
    (line,) = assert_refused(sluice(*arguments), ExitCode.USAGE)
    assert line.startswith("no.toml: cannot be read: No such file or directory; ")


def test_the_configuration_file_can_come_from_the_environment() -> None:
    (line,) = assert_refused(sluice("run", SLUICE_CONFIG="other.toml"), ExitCode.USAGE)
    assert line.startswith("other.toml: cannot be read")


def test_a_key_is_made_in_the_home_of_its_user_and_kept(tmp_path: Path) -> None:
    first, second = sluice("keys"), sluice("keys")
    file = tmp_path / ".local" / "share" / "sluice" / "authority.key"
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sluice("keys", XDG_DATA_HOME=str(tmp_path / "xdg")).stdout != first.stdout
    assert (tmp_path / "xdg" / "sluice" / "authority.key").exists()


def test_a_key_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    sluice("keys", "--file", "a.key")
    (tmp_path / "a.key").chmod(0o644)
    (line,) = assert_refused(sluice("keys", "--file", "a.key"), ExitCode.KEYS)
    assert line == "the key file a.key is open to others (mode 0644): `chmod 600 a.key`"


@contextmanager
def running_pool(*flags: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The URL that a pool on a made-up chain prints, and its process; ended with SIGTERM at the latest."""
    command = [sys.executable, "-m", "sluice.cli", "run", "--node", "embedded", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--address", REGTEST_ADDRESS, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().rstrip(), process
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_the_key_of_the_first_start_is_kept_and_shown(tmp_path: Path) -> None:
    urls = []
    for _ in range(2):
        with running_pool() as (url, process):
            urls.append(parse_pool_url(url))
        assert process.returncode == ExitCode.OK
    shown = sluice("keys").stdout.strip()
    assert [url.authority_key for url in urls] == [parse_public_key(shown)] * 2
    file = tmp_path / ".local" / "share" / "sluice" / "authority.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_that_cannot_be_kept_is_warned_about(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no directory")
    with running_pool("--data-dir", "data") as (url, process):
        assert parse_pool_url(url).authority_key
        process.terminate()
        assert process.stderr
        warnings = [json.loads(line) for line in process.stderr if '"warning"' in line]
    assert any("is lost when this process ends" in warning["event"] for warning in warnings)


def test_a_pool_with_a_rubbish_key_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "authority.key").write_text("rubbish")
    (tmp_path / "authority.key").chmod(0o600)
    answer = sluice("run", "--node", "embedded", "--address", REGTEST_ADDRESS, "--data-dir", ".")
    (line,) = assert_refused(answer, ExitCode.KEYS)
    assert "Restore it from a backup" in line


def test_a_misspelt_command_is_guessed() -> None:
    answer = sluice("cofnig")
    assert answer.returncode == ExitCode.USAGE
    assert "Did you mean 'config'?" in answer.stderr


def test_a_reader_that_leaves_early_is_no_bug() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sluice.cli", "config"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("typed", "offered"), [("co", "config"), ("run --lis", "--listen"), ("mine --ex", "--extended")]
)
def test_the_shell_completes(typed: str, offered: str) -> None:
    words = f"sluice {typed}"
    answer = sluice(
        _SLUICE_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1)
    )
    assert answer.stdout.split() == [offered]


def test_logs_of_a_process_that_is_not_on_a_terminal_are_json() -> None:
    program = (
        "from sluice.log import configure_log, log_line\n"
        "configure_log('info', 'auto'); log_line('info', 'hello', name='a b')"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == ""
    assert json.loads(answer.stderr)["event"] == "hello"
