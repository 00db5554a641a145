"""What an operator is told."""

import tomllib

from sluice.managed.advice import LIMITS, NODE_CONFIGURATION, advice


def test_the_configuration_is_one_that_a_node_can_read() -> None:
    said = tomllib.loads(NODE_CONFIGURATION)
    assert said["modules"] == {"registry_url": "", "blvm-stratum-v2": "*"}
    assert said["module_resource_limits"]["module_startup_wait_millis"] == 3000


def test_every_limit_is_named_with_its_words() -> None:
    text = advice()
    assert NODE_CONFIGURATION in text
    assert list(LIMITS) == [f"B{number}" for number in range(1, 8)]
    assert all(f"  {name}: {words}" in text for name, words in LIMITS.items())


def test_limits_that_a_node_has_not_are_left_out() -> None:
    assert "B1" not in advice(limits={})
