from sluice.wire.inbox import Inbox


def test_what_came_whole_is_taken_as_it_is() -> None:
    inbox = Inbox()
    inbox.feed(b"abcdef")
    assert (inbox.take(2), inbox.take(0), inbox.take(4)) == (b"ab", b"", b"cdef")
    assert inbox.whole
    assert inbox.take(1) is None
    assert inbox.whole


def test_what_is_missing_is_waited_for() -> None:
    inbox = Inbox()
    for octet in (b"a", b"b", b"c"):
        inbox.feed(octet)
        assert inbox.take(4) is None
        assert not inbox.whole
    inbox.feed(b"def")
    assert inbox.take(4) == b"abcd"
    assert inbox.take(4) is None
    inbox.feed(b"gh")
    assert inbox.take(4) == b"efgh"
    assert inbox.whole


def test_nothing_received_changes_nothing() -> None:
    inbox = Inbox(b"ab")
    assert inbox.take(3) is None
    inbox.feed(b"")
    assert inbox.take(3) is None
    inbox.feed(b"c")
    assert inbox.take(3) == b"abc"


def test_drop_forgets_what_is_there_and_counts_what_is_not() -> None:
    inbox = Inbox(b"abcdef")
    assert inbox.drop(4) == 0
    assert inbox.drop(10) == 8
    assert inbox.whole
    inbox.feed(b"0123456789")
    assert inbox.drop(8) == 0
    assert inbox.take(2) == b"89"


def test_the_rest_leaves() -> None:
    inbox = Inbox(b"abc")
    assert inbox.take(1) == b"a"
    assert inbox.rest() == b"bc"
    assert inbox.whole
    inbox.feed(b"de")
    assert inbox.take(9) is None
    assert inbox.rest() == b"de"
    assert inbox.whole


def test_the_data_received_is_let_go_of() -> None:
    received = bytearray(b"abcd")  # a transport may use its buffer again
    inbox = Inbox()
    inbox.feed(bytes(received))
    assert inbox.take(3) == b"abc"
    assert inbox.take(3) is None
    received[:] = b"????"
    inbox.feed(b"ef")
    assert inbox.take(3) == b"def"
