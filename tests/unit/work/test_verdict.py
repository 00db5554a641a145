"""The fates of a share, the whole table."""

import pytest

from sluice.work.verdict import Verdict

TABLE = [
    (Verdict.ACCEPTED, "accepted", True),
    (Verdict.LATE, "late", True),
    (Verdict.UNKNOWN_CHANNEL, "unknown-channel", False),
    (Verdict.UNKNOWN_JOB, "unknown-job", False),
    (Verdict.BAD_EXTRANONCE_SIZE, "bad-extranonce-size", False),
    (Verdict.BAD_VERSION, "bad-version", False),
    (Verdict.BAD_NTIME, "bad-ntime", False),
    (Verdict.STALE, "stale", False),
    (Verdict.DUPLICATE, "duplicate", False),
    (Verdict.TOO_EASY, "difficulty-too-low", False),
    (Verdict.MALFORMED, "malformed", False),
]


@pytest.mark.parametrize(("verdict", "word", "credited"), TABLE, ids=str)
def test_its_word_and_whether_it_is_paid(verdict: Verdict, word: str, credited: bool) -> None:
    assert verdict is Verdict(word)
    assert verdict.credited is credited


def test_no_fate_is_missing_here() -> None:
    assert [verdict for verdict, *_ in TABLE] == list(Verdict)


def test_it_is_counted_by() -> None:
    counts = dict.fromkeys(Verdict, 0)
    assert len(counts) == len(Verdict)
    assert counts[Verdict("stale")] == 0
