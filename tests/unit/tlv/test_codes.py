"""The origin's sentences, letter by letter."""

import pytest

from sluice.tlv import codes


@pytest.mark.parametrize(
    ("code", "reason", "sentence"),
    [
        (
            codes.SETUP_FAILED,
            codes.UNSUPPORTED_VERSION.format(1),
            (
                "Setup connection failed: Stratum V2 protocol error: "
                "Unsupported protocol version: 1. Only version 2 is supported."
            ),
        ),
        (
            codes.CHANNEL_FAILED,
            codes.NOT_REGISTERED.format("192.0.2.1:7"),
            "Failed to open channel: Stratum V2 protocol error: Miner not registered: 192.0.2.1:7",
        ),
        (
            codes.SHARES_FAILED,
            codes.CHANNEL_NOT_FOUND.format(9),
            "Failed to process shares: Stratum V2 protocol error: Channel not found: 9",
        ),
        (
            codes.SHARES_FAILED,
            codes.JOB_NOT_FOUND.format(4),
            "Failed to process shares: Stratum V2 protocol error: Job not found: 4",
        ),
    ],
)
def test_sentences(code: int, reason: str, sentence: str) -> None:
    assert codes.refusal(code, reason) == sentence


def test_codes() -> None:
    assert (
        list(codes.PREFIXES) == [1, 2, 3] == [codes.SETUP_FAILED, codes.CHANNEL_FAILED, codes.SHARES_FAILED]
    )
