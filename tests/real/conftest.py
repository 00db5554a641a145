"""What tests with real processes share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support import blvm_node, postgres
from support.bitcoind import Bitcoind, program
from support.blvm_node import BlvmNode
from support.postgres import Postgres

StartBitcoind = Callable[..., Bitcoind]


@pytest.fixture
def start_bitcoind(tmp_path: Path) -> Iterator[StartBitcoind]:
    """`start_bitcoind("-prune=550")` starts one more node on regtest, ended with the test."""
    found = program()
    if found is None:
        pytest.skip("no bitcoind here: `make bitcoind` fetches one for regtest, or set SLUICE_BITCOIND")
    with ExitStack() as stack:
        count = 0

        def start(*options: str) -> Bitcoind:
            nonlocal count
            count += 1
            return stack.enter_context(Bitcoind(found, tmp_path / f"bitcoind-{count}", *options))

        yield start


@pytest.fixture
def bitcoind(start_bitcoind: StartBitcoind) -> Bitcoind:
    """A bitcoind on regtest with an empty chain."""
    return start_bitcoind()


@pytest.fixture
def blvm_program() -> str:
    """A real blvm-node, as it is started."""
    found = blvm_node.program()
    if found is None:
        pytest.skip("no blvm-node here: `make blvm-node` builds one (cargo), or set SLUICE_BLVM_NODE")
    return found


@pytest.fixture
def blvm(blvm_program: str, tmp_path: Path) -> Iterator[BlvmNode]:
    """A blvm-node on regtest with an empty chain and no module."""
    with BlvmNode(blvm_program, tmp_path / "blvm") as node:
        yield node


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests, ended with them; under xdist each worker has its own."""
    found = postgres.programs()
    if found is None:
        pytest.skip(postgres.MISSING)
    with Postgres(found) as server:
        yield server
