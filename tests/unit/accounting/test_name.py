"""A name is an account and a worker."""

import pytest

from sluice.accounting.name import Earner, earner_of


@pytest.mark.parametrize(
    ("name", "account", "worker"),
    [
        ("alice", "alice", ""),
        ("alice.rig", "alice", "rig"),
        ("alice_rig", "alice", "rig"),
        ("alice.rig_7", "alice", "rig_7"),
        ("alice_rig.7", "alice", "rig.7"),
        ("alice.", "alice", ""),
        (".rig", "", "rig"),
        ("", "", ""),
    ],
)
def test_the_first_separator_ends_the_account(name: str, account: str, worker: str) -> None:
    assert earner_of(name) == Earner(account, worker)


def test_a_worker_named_with_the_share_outweighs_the_one_in_the_name() -> None:
    assert earner_of("alice.proxy", "rig7") == Earner("alice", "rig7")
    assert earner_of("alice.proxy", "") == Earner("alice", "proxy")
