from sluice.exit_codes import MEANINGS, ExitCode, UserError
from sluice.sim.miner.miner import MinerExit


def test_success_is_zero_and_wrong_usage_two_as_everywhere() -> None:
    assert int(ExitCode.OK) == 0
    assert int(ExitCode.USAGE) == 2
    assert int(ExitCode.INTERRUPTED) == 128 + 2


def test_each_says_what_it_means_in_a_sentence() -> None:
    assert list(MEANINGS) == list(ExitCode)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


def test_an_error_of_the_user_carries_its_code() -> None:
    class WrongWordError(UserError):
        exit_code = ExitCode.USAGE

    assert UserError("no").exit_code is ExitCode.FAILED
    assert WrongWordError("no").exit_code is ExitCode.USAGE


def test_the_miner_ends_with_codes_of_this_table() -> None:
    """It lives below and has its own names for them."""
    for ending in MinerExit:
        assert ExitCode(ending.value).name in (ending.name, "FAILED")
