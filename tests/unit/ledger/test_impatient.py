import socket
import threading
import time

import psycopg
import pytest

from sluice.ledger.impatient import SETTINGS, SILENT_SECONDS, Impatient


def test_the_kernel_is_as_patient_as_we_are() -> None:
    assert SETTINGS["tcp_user_timeout"] == SILENT_SECONDS * 1000
    assert (
        SETTINGS["keepalives_idle"] + SETTINGS["keepalives_interval"] * SETTINGS["keepalives_count"]
        == SILENT_SECONDS
    )


def _a_server_that_hangs(listening: socket.socket, ends: threading.Event) -> None:
    """It takes a client in as PostgreSQL does, and says nothing more."""
    peer, _ = listening.accept()
    with peer:
        peer.recv(4096)
        if peer.getsockname():
            authenticated, idle = b"R\0\0\0\x08\0\0\0\0", b"Z\0\0\0\x05I"
            peer.sendall(authenticated + idle)
        ends.wait(20)


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Impatient, "silent_seconds", 0.3)
    ends = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_a_server_that_hangs, args=(listening, ends))
        thread.start()
        try:
            port = listening.getsockname()[1]
            where = f"host=127.0.0.1 port={port} user=x dbname=x sslmode=disable gssencmode=disable"
            with Impatient.connect(where, autocommit=True) as connection:
                before = time.monotonic()
                with pytest.raises(psycopg.OperationalError, match=r"not said a word for 0\.3 s"):
                    connection.execute("SELECT 1")
                assert 0.3 <= time.monotonic() - before < 10
                assert connection.closed
        finally:
            ends.set()
            thread.join(20)
