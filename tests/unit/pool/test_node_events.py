import logging
from dataclasses import fields

import pytest

from sluice.node.several.standing import State
from sluice.pool import node_events
from sluice.pool.events import Happening
from sluice.pool.node_events import NodesDisagree

KINDS = [
    kind
    for kind in vars(node_events).values()
    if isinstance(kind, type) and issubclass(kind, Happening) and kind is not Happening
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_has_a_level_a_sentence_and_plain_fields(kind: type[Happening]) -> None:
    assert kind.level.upper() in logging.getLevelNamesMapping()
    assert kind.__doc__
    assert "(" not in kind.__doc__.partition(".")[0]
    assert {field.type for field in fields(kind)} <= {int, str, float}


def test_only_the_alarm_is_an_error() -> None:
    assert [kind for kind in KINDS if kind.level == "error"] == [NodesDisagree]


def test_the_words_of_states_are_words() -> None:
    assert all(state.value.replace(" ", "").isalpha() for state in State)
