"""A socket for its owner alone; what is left over makes room, what lives does not."""

import socket
import stat
from pathlib import Path

import pytest

from sluice.server.private_socket import private_socket


@pytest.mark.parametrize("name", ["data", "x" * 120])
def test_it_is_for_its_owner_alone_and_goes_at_the_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "a.sock"
    with private_socket(path) as bound:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.is_socket()
        bound.listen()
    assert not path.exists()


def test_what_an_ended_process_left_makes_room(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert path.is_socket()
    with private_socket(path):
        pass
    assert not path.exists()


def test_who_lives_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with private_socket(path) as first:
        first.listen()
        with (
            pytest.raises(OSError, match="another Sluice runs with this data directory"),
            private_socket(path),
        ):
            pass
        assert path.exists()


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    path.write_text("mine")
    with pytest.raises(OSError, match="move it away"), private_socket(path):
        pass
    assert path.read_text() == "mine"


def test_the_file_of_a_successor_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with private_socket(path):
        path.unlink()
        with socket.socket(socket.AF_UNIX) as successor:
            successor.bind(str(path))
    assert path.exists()
