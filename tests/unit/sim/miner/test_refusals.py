"""A refusal names the server's code, and the way out where there is one."""

import pytest

from sluice.sim.miner.refusals import not_opened


@pytest.mark.parametrize("code", ["invalid-user-identity", "unknown-user"])
def test_a_refused_name_hears_what_names_are_taken(code: str) -> None:
    sentence = not_opened("alice", code)
    assert sentence.startswith(f"the server opens no channel for 'alice': {code} (")
    assert "address" in sentence


def test_any_other_code_stands_alone() -> None:
    assert not_opened("alice", "max-target-out-of-range").endswith("'alice': max-target-out-of-range")
