"""A running pool is asked; that there is none, or that it will not, is a sentence and an exit code."""

import json
import os
from pathlib import Path

import pytest

from sluice.cli.running import NotDone, NotRunning, print_json, print_lines, seen, tell
from sluice.config import Config, read_config
from sluice.control.words import Ban, Unban
from sluice.exit_codes import ExitCode
from support.beside import beside

Said = pytest.CaptureFixture[str]


def config(directory: Path) -> Config:
    return read_config(None, os.environ, {"data.dir": str(directory)}, checks=())


def test_a_pool_is_seen_and_told(tmp_path: Path, capsys: Said) -> None:
    with beside(tmp_path):
        assert seen(config(tmp_path)).pool.height
        assert tell(config(tmp_path), Ban("mallory"), as_json=False).count == 0
        assert capsys.readouterr().out == "mallory is banned for good; 0 open channels closed\n"
        tell(config(tmp_path), Unban("mallory"), as_json=True)
        assert json.loads(capsys.readouterr().out) == {"words": "mallory is taken again", "count": 1}
        with pytest.raises(NotDone, match="is not banned") as caught:
            tell(config(tmp_path), Unban("\x1b[31m"), as_json=False)
        assert "\x1b" not in str(caught.value)
        assert caught.value.exit_code == ExitCode.FAILED


def test_where_there_is_none_the_way_out_is_named(tmp_path: Path) -> None:
    for ask in (lambda: seen(config(tmp_path)), lambda: tell(config(tmp_path), Ban("a"), as_json=False)):
        with pytest.raises(NotRunning, match=f"{tmp_path}.*sluice run") as caught:
            ask()
        assert caught.value.exit_code == ExitCode.NOT_RUNNING


def test_what_is_printed_cannot_draw(capsys: Said) -> None:
    print_lines(["a\x1b[31mb", "c"])
    print_json({"name": "\x1b\u202e中"})
    out = capsys.readouterr().out
    assert out.startswith("a\\x1b[31mb\nc\n")
    assert "\x1b" not in out
    assert out.isascii()
