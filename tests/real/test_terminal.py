"""Every command on a running pool, as people type it and as programs read it, and what each says where it cannot."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import termios
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from sluice.cli.alarms import alarms
from sluice.cli.commands import COMMANDS
from sluice.cli.entry import main
from sluice.cli.pool_words import INDENT
from sluice.control.place import NAME
from sluice.exit_codes import ExitCode
from support.privileges import NOBODY
from support.processes import SLUICE
from support.server import ServerProcess, sluice_server
from support.terminal_page import SAID, assert_as_said
from support.waiting import wait_for

Answer = subprocess.CompletedProcess[str]
#: What a miner may be called: colours, another direction, wide letters, a heap of marks; 255 bytes at most.
RUDE = "\x1b[31m\u202e" + "\u4e2d" * 40 + "e" + "\u0301" * 50


@pytest.fixture(scope="module")
def pool() -> Iterator[ServerProcess]:
    """A pool on the embedded chain, and a miner who has found blocks, so that all there is to show is there."""
    with sluice_server(pool__shares_per_minute=600, web__listen="127.0.0.1:0") as server:
        mine = [*SLUICE, "mine", str(server.url), "--threads", "1", "--user"]
        with ExitStack() as miners:
            for name in ("alice.rig", RUDE):
                miner = miners.enter_context(
                    subprocess.Popen([*mine, name], stderr=subprocess.DEVNULL, start_new_session=True)
                )
                miners.callback(os.killpg, miner.pid, signal.SIGKILL)
                wait_for(partial(_has_something_to_show, server, name.partition(".")[0]), pause=0.5)
                os.killpg(miner.pid, signal.SIGSTOP)  # it stays, and leaves the processors to the tests
            yield server


def _has_something_to_show(server: ServerProcess, account: str) -> bool:
    kept = asked(server, "status", "--json")["kept"]
    workers = [each for each in asked(server, "miners", "--json") if each["account"] == account]
    return bool(kept and kept["blocks"] and any(each["totals"]["accepted"] for each in workers))


def sluice(*arguments: str, **environ: str) -> Answer:
    """A command, in this process: the pool is one of its own."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as surroundings:
        for name, value in environ.items():
            surroundings.setenv(name, value)
        code = main(arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def told(server: ServerProcess, *arguments: str) -> Answer:
    return sluice(*arguments, "--data-dir", str(server.data))


def asked(server: ServerProcess, *arguments: str) -> Any:
    """What a command says to a program."""
    answer = told(server, *arguments)
    assert answer.returncode == ExitCode.OK, answer.stderr
    return json.loads(answer.stdout)


def test_the_page_names_every_command_that_speaks_json() -> None:
    words = {command.__name__.replace("_", "-") for command in COMMANDS}
    words |= {"blocks", "alarms"} | {f"alarms {each.name}" for each in alarms.registered_commands}
    words |= {f"blocks {word}" for word in ("resubmit", "verify")}
    silent = {"demo", "run", "templates", "mine", "keys", "config"}
    assert set(SAID) == words - silent


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("status", ()),
        ("miners", ()),
        ("miners", ("alice",)),
        ("miners", ("alice.rig",)),
        ("blocks", ("--limit", "3")),
        ("set-difficulty", ("carol", "1.5M")),
        ("close", ("nobody",)),
        ("ban", ("mallory", "--for", "10m")),
        ("bans", ()),
        ("unban", ("mallory",)),
        ("drain", ("--off",)),
    ],
)
def test_each_command_says_to_programs_what_the_page_says(
    pool: ServerProcess, command: str, arguments: tuple[str, ...]
) -> None:
    if command == "unban":
        told(pool, "ban", "mallory")
    value = asked(pool, command, *arguments, "--json")
    assert_as_said(command, value)
    assert value
    text = told(pool, command, *arguments)
    assert text.returncode == (ExitCode.FAILED if command == "unban" else ExitCode.OK)
    assert all(line.isprintable() for line in (text.stdout + text.stderr).splitlines())


def test_what_reads_the_record_says_what_the_page_says(pool: ServerProcess, tmp_path: Path) -> None:
    """Of an embedded chain, it is where its pool says."""
    replayed = json.loads(told(pool, "replay", "--json").stdout)
    assert_as_said("replay", replayed)
    assert replayed["shares"] > 0
    exported = asked(pool, "export", str(tmp_path / "shares.csv"), "--json")
    assert_as_said("export", exported)
    assert exported["rows"] > 0
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        where = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
    receiver = {"SLUICE_ALARMS__WEBHOOK_URL": where}
    assert_as_said("alarms", json.loads(sluice("alarms", "--json", **receiver).stdout))
    tried = sluice("alarms", "test", "--json", **receiver)
    assert tried.returncode == ExitCode.FAILED
    assert_as_said("alarms test", json.loads(tried.stdout))


def test_where_the_dashboard_is_is_told(pool: ServerProcess) -> None:
    url = wait_for(lambda: asked(pool, "status", "--json")["dashboard"])
    with urllib.request.urlopen(url, timeout=30) as page:
        assert page.status == 200
    assert f"  dashboard  {url}" in told(pool, "status").stdout


def test_live_it_is_an_object_a_line(pool: ServerProcess) -> None:
    with subprocess.Popen(
        [*SLUICE, "top", "--json", "--seconds", "0.2", "--data-dir", str(pool.data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        lines = (json.loads(line) for line in process.stdout)
        pictures: list[dict[str, Any]] = []
        while len(pictures) < 2:
            line = next(lines)
            if line["type"] == "Picture":
                pictures.append(line)
        process.terminate()
    fields = SAID["status"][1] - {"kept", "kept_trouble"} | {"type"}
    assert all(set(picture) == fields for picture in pictures)


def test_totals_are_those_of_the_record_and_outlast_the_connection(pool: ServerProcess) -> None:
    mine = [*SLUICE, "mine", str(pool.url), "--threads", "1", "--user", "dave.rig", "--seconds", "4"]
    subprocess.run(mine, stderr=subprocess.DEVNULL, check=False, timeout=120)
    gone = wait_for(lambda: absent(pool, "dave"), pause=0.5)
    assert gone
    assert gone["channels"] == []
    assert gone["best"]["difficulty"] > 0
    full = told(pool, "miners", "dave.rig").stdout
    assert "not here" in full
    assert re.search(r"shares +[1-9][0-9,]* accepted", full)


def absent(server: ServerProcess, name: str) -> dict[str, Any] | None:
    """A worker that has gone, once the record has caught up."""
    answer = told(server, "miners", name, "--json")
    workers: list[dict[str, Any]] = json.loads(answer.stdout)
    return next((each for each in workers if not each["connected"] and each["totals"]["accepted"]), None)


def test_a_block_is_shown_with_who_found_it_and_its_coinbase(pool: ServerProcess) -> None:
    newest, *_ = asked(pool, "blocks", "--json")
    (same,) = asked(pool, "blocks", newest["block_hash"], "--json")
    assert_as_said("blocks", [same])
    assert same["answers"]
    assert same["coinbase"]["outputs"][0]["address"].startswith("bcrt1")
    assert same["reward"] == sum(output["value"] for output in same["coinbase"]["outputs"])
    assert any(block["confirmations"] for block in asked(pool, "blocks", "--json", "--limit", "0"))
    text = told(pool, "blocks", newest["block_hash"][-20:]).stdout
    assert f"Block {newest['height']}  {newest['block_hash']}" in text
    assert "  pays       " in text


def on_a_terminal(columns: int, *arguments: str) -> str:
    """What a command prints on a terminal of that width."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environ = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [*SLUICE, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environ | {"TERM": "xterm"}
    )
    os.close(theirs)
    drawn = b""
    with suppress(OSError):  # the other end is closed
        while more := os.read(ours, 65_536):
            drawn += more
    os.close(ours)
    assert process.wait(60) == ExitCode.OK
    return drawn.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("columns", "command"),
    [(80, ("status",)), (80, ("miners",)), (50, ("miners",)), (80, ("blocks",)), (50, ("miners", "alice"))],
)
def test_it_fits_a_terminal_whatever_miners_are_called(
    pool: ServerProcess, columns: int, command: Sequence[str]
) -> None:
    lines = on_a_terminal(columns, *command, "--data-dir", str(pool.data)).splitlines()
    assert lines
    assert all(line.isprintable() for line in lines)
    for line in lines:  # what is wider is a word that has room in no line, to be copied
        assert cell_len(line) <= columns or cell_len(line.split()[-1]) > columns - INDENT
    if command == ("status",) and columns == 80:
        assert len(lines) <= 40


def test_where_no_pool_runs_each_says_where_it_looked_and_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "stale").mkdir()
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(str(tmp_path / "stale" / NAME))
    for directory, why in (
        (tmp_path, "No such file or directory"),
        (tmp_path / "none", "No such file or directory"),
        (tmp_path / "stale", "Connection refused"),
    ):
        for command in (["status"], ["miners", "--json"], ["top"], ["ban", "x"], ["drain", "--json"]):
            answer = sluice(*command, "--data-dir", str(directory))
            assert answer.returncode == ExitCode.NOT_RUNNING
            assert answer.stdout == ""
            (line,) = answer.stderr.splitlines()
            assert line.startswith(f"sluice: no Sluice runs with this data directory ({directory}: {why})")
            assert "`sluice run`" in line
            assert "--data-dir" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can be somebody else")
def test_another_user_is_told_whose_it_is(pool: ServerProcess) -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("this needs setpriv (util-linux)")
    kept = "+dac_read_search"  # the interpreter may lie where only the administrator looks
    somebody = [
        setpriv,
        f"--reuid={NOBODY}",
        "--clear-groups",
        f"--inh-caps={kept}",
        f"--ambient-caps={kept}",
    ]
    answer = subprocess.run(
        [*somebody, *SLUICE, "status", "--data-dir", str(pool.data)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == ExitCode.NOT_RUNNING
    assert f"sluice: this user may not look at the Sluice of {pool.data}" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("miners", "nobody"), ExitCode.FAILED, "nobody of that name mines here now, or has: nobody"),
        (("blocks", "f" * 64), ExitCode.USAGE, "no block here has"),
        (("unban", "nobody"), ExitCode.FAILED, "nobody is not banned: `sluice bans` lists who is"),
        (("ban", "0.0.0.0/1"), ExitCode.FAILED, "too much of the world"),
        (("set-difficulty", "alice", "much"), ExitCode.USAGE, "must be a number"),
        (("set-difficulty", "alice", "0"), ExitCode.FAILED, "above zero"),
        (("ban", "x", "--for", "soon"), ExitCode.USAGE, "must be a time"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    pool: ServerProcess, arguments: tuple[str, ...], code: ExitCode, words: str
) -> None:
    answer = told(pool, *arguments)
    assert answer.returncode == code
    said = " ".join((answer.stdout + answer.stderr).replace("\u2502", " ").split())
    assert words in said
    assert "Traceback" not in said
