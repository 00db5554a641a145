import pytest

from sluice.alarms.receiver import Later, Never, Outcome, Sent
from sluice.alarms.verdict import outcome_of
from sluice.alarms.web import Reply, Unreached


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(200, b""), Sent()),
        (Reply(204, b""), Sent()),
        (Reply(429, b"slow down", 7.0), Later("HTTP 429: slow down", 7.0)),
        (Reply(500, b""), Later("HTTP 500")),
        (Reply(503, b"", 5.0), Later("HTTP 503", 5.0)),
        (Reply(408, b""), Later("HTTP 408")),
        (Reply(400, b"what\n  is\x00 this"), Never("HTTP 400: what is\\x00 this")),
        (Reply(302, b""), Never("HTTP 302")),
        (Reply(404, b"\xff\xfe"), Never("HTTP 404: \ufffd\ufffd")),
        (Unreached("all is dark in HUSH"), Later("all is dark in ***")),
    ],
)
def test_an_answer_is_an_outcome(reply: Reply | Unreached, outcome: Outcome) -> None:
    assert outcome_of(reply, ("HUSH",)) == outcome


def test_a_server_s_own_words_are_told_without_our_secrets() -> None:
    assert outcome_of(Reply(401, b"{}"), ("HUSH",), "bad HUSH") == Never("HTTP 401: bad ***")
    long = outcome_of(Reply(401, b"x" * 10_000), ())
    assert isinstance(long, Never)
    assert len(long.reason) < 250
