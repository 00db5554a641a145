from sluice.config.node_table import Node
from sluice.config.table import OPTIONS, SECTIONS, SEVERAL


def test_it_is_the_section_of_which_there_may_be_several() -> None:
    assert SECTIONS[SEVERAL] is Node


def test_an_option_says_for_which_kinds_it_counts_and_a_kind_has_its_own() -> None:
    kinds = OPTIONS["node.kind"].choices
    own = {kind: [o.key for o in OPTIONS.values() if o.row.kinds == (kind,)] for kind in kinds}
    assert own["bitcoind"] == ["zmq_hashblock"]
    assert own["template_provider"] == ["encryption"]
    assert "module_name" in own["blvm"]
    assert own["embedded"] == ["block_seconds"]
