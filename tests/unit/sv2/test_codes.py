from sluice.sv2.codes import MEANINGS, STALE_CHAIN_TIP
from sluice.sv2.message import REGISTRY
from sluice.sv2.messages.jobs import DeclareMiningJobError
from sluice.sv2.messages.mining import SetCustomMiningJobError, SubmitSharesError


def test_every_message_with_an_error_code_has_its_words() -> None:
    with_code = {cls for cls in REGISTRY.values() if "error_code" in cls.__struct_fields__}
    assert set(MEANINGS) == with_code
    assert all(MEANINGS.values())


def test_words_are_fit_for_the_wire() -> None:  # 3.5
    for words in MEANINGS.values():
        for word, meaning in words.items():
            assert word.isascii()
            assert word.isprintable()
            assert len(word) <= 255
            assert meaning


def test_the_word_that_keeps_a_job_declarator() -> None:
    assert STALE_CHAIN_TIP == "stale-chain-tip"
    assert STALE_CHAIN_TIP in MEANINGS[SetCustomMiningJobError]
    assert STALE_CHAIN_TIP in MEANINGS[DeclareMiningJobError]


def test_the_words_that_peers_count() -> (
    None
):  # SRI's client share accounting; all others are "unknown" to it
    assert set(MEANINGS[SubmitSharesError]) == {
        "invalid-channel-id",
        "invalid-share",
        "stale-share",
        "invalid-job-id",
        "difficulty-too-low",
        "duplicate-share",
        "bad-extranonce-size",
        "version-rolling-not-allowed",
        "invalid-non-rollable-version-bit",
    }
