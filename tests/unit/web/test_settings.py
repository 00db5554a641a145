"""What the web process is told travels whole."""

from pathlib import Path

import msgspec
import pytest

from sluice.web.settings import decode, encode
from support.web import settings_in


def test_it_is_one_line_and_comes_out_as_it_went_in(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, public_url="a\nb ☃", database="postgresql://u:secret@h/d")
    line = encode(settings)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == settings


def test_the_socket_is_in_the_data_directory(tmp_path: Path) -> None:
    assert settings_in(tmp_path).socket == tmp_path / "sluice.sock"


def test_what_is_no_settings_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(b"")
