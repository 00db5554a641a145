"""What the pool asks of a node is what the adapters have."""

from dataclasses import FrozenInstanceError

import pytest

from sluice.bitcoin.block import Block
from sluice.node.bitcoind.bitcoind import Bitcoind
from sluice.node.embedded.chain import ChainPlan
from sluice.node.embedded.embedded import Embedded
from sluice.pool.ports import Answer, Node, NodeError, Outcome, Trouble
from support.found import a_block


def test_an_adapter_is_a_node() -> None:
    node: Node = Embedded(ChainPlan(1_000), lambda: 1_700_000_000.0)
    assert node.name == "embedded"


@pytest.mark.parametrize("adapter", [Embedded, Bitcoind])
def test_every_adapter_has_all_that_is_asked(adapter: type) -> None:
    asked = {name for name in vars(Node) if not name.startswith("_")}
    assert asked == {"routes", "start", "watch", "look", "close"}
    assert all(hasattr(adapter, name) for name in asked)


def test_news_of_a_node_are_values() -> None:
    trouble, outcome = (
        Trouble("core", "it is still syncing"),
        Outcome("core", "submitblock", Answer.REFUSED, "high-hash"),
    )
    assert trouble == Trouble("core", "it is still syncing")
    assert outcome != Outcome("core", "submitblock", Answer.ACCEPTED)
    with pytest.raises(FrozenInstanceError):
        trouble.reason = "something else"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        outcome.answer = Answer.ACCEPTED  # type: ignore[misc]


def test_what_waiting_does_not_mend_says_the_way_out() -> None:
    assert str(NodeError("the node prunes blocks; start it with -prune=0")).endswith("-prune=0")


def test_a_found_block_is_whole() -> None:
    found = a_block(7)
    assert Block.parse(found.raw).header.to_bytes() == found.header
    assert found.raw.endswith(found.coinbase)


@pytest.mark.parametrize("answer", Answer)
def test_only_one_answer_is_an_acceptance(answer: Answer) -> None:
    assert Outcome("core", "submitblock", answer).accepted == (answer is Answer.ACCEPTED)
