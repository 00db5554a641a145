"""The bounds of the listener, held to the reasons that stand beside them."""

from sluice.server.limits import Limits
from sluice.server.serve import LAST_SUBMISSIONS
from sluice.sv2.frame import frame
from sluice.sv2.messages.mining import NewExtendedMiningJob

#: A block of 4,000 transactions: the deepest path that a coinbase can have without being strange.
DEEPEST = NewExtendedMiningJob(1, 1, None, 0x20000000, True, (bytes(32),) * 12, bytes(100), bytes(150))


def test_a_clean_end_takes_under_five_seconds() -> None:
    assert Limits().drain_seconds + LAST_SUBMISSIONS < 5


def test_the_handshake_has_the_time_that_the_issue_gives_it() -> None:
    assert Limits().handshake_seconds == 10


def test_a_send_queue_holds_the_jobs_of_a_bad_minute() -> None:
    assert Limits().send_queue_bytes > 60 * len(frame(DEEPEST))


def test_nobody_changes_them_while_they_count() -> None:
    limits = Limits(max_connections=3)
    assert limits == Limits(max_connections=3)
    assert hash(limits) == hash(Limits(max_connections=3))
