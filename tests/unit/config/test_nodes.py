import pytest

from sluice.config.node_table import Node
from sluice.config.nodes import count_tables, find_strays, with_names
from sluice.config.sources import Found, from_environment, from_file, from_flags
from sluice.config.table import MAX_NODES, SECTIONS, SEVERAL, Config


def told(found: Found) -> list[str]:
    return [str(mistake) for mistake in found.mistakes]


def config(*nodes: Node) -> Config:
    return Config(**{name: cls() for name, cls in SECTIONS.items() if name != SEVERAL}, nodes=nodes)


def test_one_node_needs_no_number() -> None:
    found = from_file("[node]\nurl = 'http://a:1'", "x")
    found.lay_over(from_environment({"SLUICE_NODE__NETWORK": "main"}))
    found.lay_over(from_flags({"node.url": "http://b:1"}))
    count_tables(found)
    assert found.mistakes == []


def test_of_several_nodes_the_one_that_is_meant_must_be_named() -> None:
    found = from_file("[[node]]\n[[node]]\n[[node]]", "x")
    found.lay_over(from_environment({"SLUICE_NODE__NETWORK": "main"}))
    found.lay_over(from_flags({"node.url": "http://b:1"}))
    count_tables(found)
    assert told(found) == [
        (
            "environment SLUICE_NODE__NETWORK: could be meant for any of 3 nodes: set node.network in the file, or "
            "by its number, from SLUICE_NODE__0__NETWORK to SLUICE_NODE__2__NETWORK"
        ),
        (
            "flag --node-url: could be meant for any of 3 nodes: set node.url in the file, or by its number, from "
            "SLUICE_NODE__0__URL to SLUICE_NODE__2__URL"
        ),
    ]


def test_numbers_have_no_gap() -> None:
    found = from_file("[node]\n", "x")
    found.lay_over(from_environment({"SLUICE_NODE__1__NETWORK": "main", "SLUICE_NODE__4__NETWORK": "main"}))
    count_tables(found)
    assert told(found) == [
        "environment SLUICE_NODE__4__NETWORK: there is no node 3 before it: nodes are counted from 0, without a gap"
    ]


@pytest.mark.parametrize("count", [MAX_NODES, MAX_NODES + 1])
def test_there_is_a_most_of_nodes(count: int) -> None:
    found = from_file("[[node]]\n" * count, "x")
    count_tables(found)
    assert told(found) == [f"x, line {count}: there are {count} nodes, and 16 are the most"] * (
        count - MAX_NODES
    )


def test_what_a_kind_has_no_use_for_is_a_mistake() -> None:
    found = from_file("[[node]]\n[[node]]\nkind = 'embedded'\nnetwork = 'auto'\nuser = 'a'", "x")
    find_strays(config(Node(), Node(kind="embedded")), found)
    assert told(found) == ["x, line 5: node.user is for kind bitcoind or blvm, and this node is embedded"]


def test_a_kind_that_there_is_not_makes_no_strays() -> None:
    found = from_file("[node]\nkind = 'embeded'\nurl = 'http://a:1'", "x")
    found.mistakes.clear()
    find_strays(config(Node(kind="embedded")), found)
    assert found.mistakes == []


def test_a_name_is_the_kind_and_has_a_number_where_that_is_taken() -> None:
    given = ("", "bitcoind-2", "", "", "cellar", "cellar")
    named = with_names([Node(name=name) for name in given] + [Node(kind="embedded")])
    assert [node.name for node in named] == [
        "bitcoind",
        "bitcoind-2",
        "bitcoind-3",
        "bitcoind-4",
        "cellar",
        "cellar",
        "embedded",
    ]
