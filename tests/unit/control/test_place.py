"""Where the socket is, also in a directory whose path is too long for one."""

import socket
from pathlib import Path

import pytest

from sluice.control import place
from sluice.control.place import MOST_BYTES, NAME, TooLong, address_of, connected

DEEP = "x" * 120


@pytest.fixture(params=["short", DEEP])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    directory: Path = tmp_path / request.param
    directory.mkdir()
    return directory / NAME


def test_a_connection_is_made_wherever_the_socket_is(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        with address_of(path) as address:
            assert len(address.encode()) <= MOST_BYTES
            listening.bind(address)
        assert path.is_socket()
        listening.listen()
        with connected(path, 2.0) as ours:
            theirs, _ = listening.accept()
            with theirs:
                ours.sendall(b"hello")
                assert theirs.recv(5) == b"hello"


def test_where_nobody_is_there_is_an_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        connected(path, 1.0)


def test_where_the_system_cannot_shorten_it_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "OPEN_FILES", tmp_path / "nothing")
    with pytest.raises(TooLong, match=r"choose a shorter data\.dir"), address_of(tmp_path / DEEP / NAME):
        pass
