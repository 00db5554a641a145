from sluice.alarms.blocks import STEPS
from sluice.alarms.conditions import CONDITIONS
from sluice.alarms.kinds import KINDS, kinds_table
from sluice.alarms.topics import Topic
from sluice.alarms.trial import TRIAL


def test_every_kind_has_a_row_on_the_page() -> None:
    assert all(f"| `{name}` |" in kinds_table() for name in KINDS)
    assert {kind.topic for kind in KINDS.values()} == set(Topic)


def test_the_tables_of_the_rules_know_no_other() -> None:
    """The others are held to it by tests/property/test_alarms.py."""
    for step in STEPS.values():
        assert KINDS[step.kind].topic is Topic.BLOCKS
    for condition in CONDITIONS:
        assert KINDS[condition.kind].topic is KINDS[condition.over].topic is condition.topic
    assert KINDS[TRIAL.kind].topic is TRIAL.topic
