"""Every fault has a sentence that says what is wrong, and after the colon the way out."""

from pathlib import Path

import pytest

from sluice.node.bitcoind.hindrance import CODES, FAULTS, Hindrance, hindrance
from sluice.node.bitcoind.rpc import Access, Failure, Fault

ACCESS = Access("http://127.0.0.1:8332", cookie_file=Path("/home/satoshi/.cookie"))
WITH_USER = Access("http://127.0.0.1:8332", "alice", "secret")

ALL = [Failure(fault, "{its words}") for fault in Fault] + [
    Failure(Fault.REFUSED, "{its words}", code) for code in CODES
]


@pytest.mark.parametrize("failure", ALL, ids=lambda failure: f"{failure.fault.name} {failure.code}")
@pytest.mark.parametrize("access", [ACCESS, WITH_USER], ids=["cookie", "user"])
def test_every_failure_has_its_sentence(failure: Failure, access: Access) -> None:
    found = hindrance(failure, "getblocktemplate", access)
    wrong, colon, way_out = found.reason.rpartition(": ")
    assert colon
    assert access.url in wrong or str(access.cookie_file) in wrong
    assert any(word in way_out for word in ("node.", "-", "debug.log", "finish"))
    assert "secret" not in found.reason
    assert found.passing is way_out.endswith("it is tried again")


def test_no_fault_is_forgotten() -> None:
    assert set(FAULTS) == set(Fault)


@pytest.mark.parametrize(
    ("failure", "access", "found"),
    [
        (
            Failure(Fault.CREDENTIALS, "HTTP 401"),
            WITH_USER,
            Hindrance(
                "the node at http://127.0.0.1:8332 does not accept user 'alice' with the password given: "
                "correct node.user and node.password",
                passing=False,
            ),
        ),
        (
            Failure(Fault.REFUSED, "Loading block index…", -28),
            ACCESS,
            Hindrance(
                "the node at http://127.0.0.1:8332 is still starting (Loading block index…): let it finish; "
                "it is tried again",
                passing=True,
            ),
        ),
        (
            Failure(Fault.REFUSED, "Out of memory", -7),
            ACCESS,
            Hindrance(
                "the node at http://127.0.0.1:8332 refuses getblocktemplate with error -7, 'Out of memory': "
                "look into its debug.log; it is tried again",
                passing=True,
            ),
        ),
    ],
)
def test_in_words(failure: Failure, access: Access, found: Hindrance) -> None:
    assert hindrance(failure, "getblocktemplate", access) == found
