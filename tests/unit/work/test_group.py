"""Who is in which group of a connection."""

from sluice.work.group import FIRST_GROUP_ID, Groups


def test_a_channel_joins_and_leaves() -> None:
    groups = Groups()
    groups.join(FIRST_GROUP_ID, 2)
    groups.join(FIRST_GROUP_ID, 3)
    assert groups.members == {1: {2, 3}}
    groups.leave(2)
    assert groups.members == {1: {3}}


def test_it_is_in_one_group_only() -> None:
    groups = Groups()
    groups.join(1, 2)
    groups.join(1, 3)
    groups.join(4, 2)
    assert groups.members == {1: {3}, 4: {2}}
    groups.join(4, 2)
    assert groups.members == {1: {3}, 4: {2}}


def test_an_empty_group_is_forgotten() -> None:
    groups = Groups()
    groups.join(1, 2)
    groups.join(5, 2)
    assert groups.members == {5: {2}}
    groups.leave(2)
    assert groups.members == {}


def test_a_stranger_leaves_nothing() -> None:
    groups = Groups()
    groups.join(1, 2)
    groups.leave(3)
    assert groups.members == {1: {2}}
