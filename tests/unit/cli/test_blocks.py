"""`sluice blocks`, as a user types it."""

import json
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.cli.blocks import blocks
from sluice.cli.entry import main
from sluice.exit_codes import ExitCode
from support.entries import recorded
from support.recorded import a_sound_block, beside, kept
from support.scripted_node import ScriptedNode, result

BLOCK = a_sound_block()
HASH = to_display(BLOCK.block_hash)

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_DATA__DIR", str(tmp_path))
    monkeypatch.setenv("SLUICE_NODE__USER", "u")
    monkeypatch.setenv("SLUICE_NODE__PASSWORD", "p")


def test_there_are_four_words() -> None:
    assert {
        command.name or command.callback.__name__
        for command in blocks.registered_commands
        if command.callback
    } == {
        "list",
        "show",
        "resubmit",
        "verify",
    }


def test_before_the_first_block(capsys: Said) -> None:
    assert main(["blocks", "list"]) == ExitCode.OK
    assert "No block has been found yet" in capsys.readouterr().out
    assert main(["blocks", "list", "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == []


def test_a_block_is_listed_and_shown(tmp_path: Path, capsys: Said) -> None:
    kept(tmp_path, BLOCK)
    assert main(["blocks", "list"]) == ExitCode.OK
    assert HASH in capsys.readouterr().out
    assert main(["blocks", "show", HASH[-10:]]) == ExitCode.OK
    assert "bitcoin-cli -stdin submitblock <" in capsys.readouterr().out
    assert main(["blocks", "show", HASH, "--json"]) == ExitCode.OK
    (shown,) = json.loads(capsys.readouterr().out)
    assert Path(shown["hex_file"]).read_text() == BLOCK.raw.hex()


def test_the_data_directory_can_be_named(tmp_path: Path, capsys: Said) -> None:
    kept(tmp_path / "elsewhere", BLOCK)
    assert main(["blocks", "list", "--data-dir", str(tmp_path / "elsewhere")]) == ExitCode.OK
    assert HASH in capsys.readouterr().out


def test_a_block_that_is_not_there_is_a_sentence(capsys: Said) -> None:
    assert main(["blocks", "show", "abcdef"]) == ExitCode.USAGE
    assert "no block here has 'abcdef'" in capsys.readouterr().err
    assert main(["blocks", "abcdef"]) == ExitCode.USAGE
    assert "no block here has 'abcdef'" in capsys.readouterr().err


def test_the_word_may_be_left_out(tmp_path: Path, capsys: Said) -> None:
    kept(tmp_path, BLOCK)
    for arguments in ((), ("--json",), ("list", "--limit", "1")):
        assert main(["blocks", *arguments]) == ExitCode.OK
        assert HASH in capsys.readouterr().out
    for asked in ([HASH[-10:]], [str(BLOCK.height)], ["--json", HASH.upper()]):
        assert main(["blocks", *asked]) == ExitCode.OK
        assert BLOCK.coinbase.hex()[:20] in (out := capsys.readouterr().out) or "bitcoin-cli" in out


def test_a_word_that_is_misspelt_is_guessed_and_help_is_help(capsys: Said) -> None:
    assert main(["blocks", "resubmitt", HASH]) == ExitCode.USAGE
    assert "resubmit" in capsys.readouterr().err
    assert main(["blocks", "--help"]) == ExitCode.OK
    assert "sluice blocks HASH" in " ".join(capsys.readouterr().out.split())


def test_what_the_record_knows_is_there_and_that_it_cannot_be_read_is_said(
    tmp_path: Path, capsys: Said
) -> None:
    kept(tmp_path, BLOCK)
    assert main(["blocks", "--json"]) == ExitCode.OK
    assert "what the record knows is left out: the record cannot be read" in capsys.readouterr().err
    recorded(tmp_path / "record.sqlite").close()
    assert main(["blocks", "--json", "--limit", "0"]) == ExitCode.OK
    said = capsys.readouterr()
    assert said.err == ""
    assert {(each["block_hash"] == HASH, each["readable"]) for each in json.loads(said.out)} == {
        (True, True),
        (False, False),
    }


@pytest.mark.parametrize(("word", "code"), [(None, ExitCode.OK), ("high-hash", ExitCode.FAILED)])
def test_resubmitting(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch, word: str | None, code: ExitCode
) -> None:
    kept(tmp_path, BLOCK)
    with beside(ScriptedNode(submitblock=result(word))) as node:
        monkeypatch.setenv("SLUICE_NODE__URL", node.url)
        assert main(["blocks", "resubmit", HASH]) == code
        assert (
            f"bitcoind by submitblock: {'refused, high-hash' if word else 'accepted'}"
            in capsys.readouterr().out
        )
        assert main(["blocks", "resubmit", HASH, "--json"]) == code
        assert json.loads(capsys.readouterr().out)[0]["reason"] == (word or "")


def test_what_cannot_be_read_is_not_submitted(tmp_path: Path, capsys: Said) -> None:
    record = kept(tmp_path, BLOCK)
    (record.directory / "9-torn.hex").write_text("<html>")
    assert main(["blocks", "resubmit", "torn"]) == ExitCode.USAGE
    assert "cannot be read: it is not hex" in capsys.readouterr().err


def test_verifying(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    record = kept(tmp_path, BLOCK)
    with beside(ScriptedNode(getblockcount=result(BLOCK.height - 1))) as node:
        monkeypatch.setenv("SLUICE_NODE__URL", node.url)
        assert main(["blocks", "verify"]) == ExitCode.OK
        assert "sound; not in the chain, which does not reach its height yet" in capsys.readouterr().out
        (record.directory / "9-torn.hex").write_text("<html>")
        assert main(["blocks", "verify", HASH]) == ExitCode.OK
        capsys.readouterr()
        assert main(["blocks", "verify", "--json"]) == ExitCode.FAILED
        assert [each["sound"] for each in json.loads(capsys.readouterr().out)] == [True, False]
