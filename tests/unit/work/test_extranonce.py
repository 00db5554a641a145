"""Prefixes of one shard, and where SRI's allocator and ours agree."""

from typing import Any

import pytest

from sluice.work import extranonce
from sluice.work.extranonce import (
    CAPACITY,
    EXTRANONCE_SIZE,
    PREFIX_SIZE,
    ROLLABLE_SIZE,
    ExtranonceSpace,
)
from support.vectors import case_name, vector_cases


def taken(space: ExtranonceSpace) -> bytes:
    prefix = space.take()
    assert prefix is not None
    return prefix


def test_the_layout_is_shard_index_rollable() -> None:
    assert (EXTRANONCE_SIZE, PREFIX_SIZE, ROLLABLE_SIZE) == (16, 4, 12)
    space = ExtranonceSpace(0xAB)
    assert [taken(space).hex() for _ in range(3)] == ["ab000000", "ab000001", "ab000002"]
    assert space.shard == 0xAB


@pytest.mark.parametrize("shard", [0, 255])
def test_every_byte_is_a_shard(shard: int) -> None:
    assert taken(ExtranonceSpace(shard)) == bytes((shard, 0, 0, 0))


@pytest.mark.parametrize("shard", [-1, 256])
def test_nothing_else_is_a_shard(shard: int) -> None:
    with pytest.raises(ValueError, match=f"0 to 255, not {shard}"):
        ExtranonceSpace(shard)


def test_what_is_given_back_rests_until_the_tip_changes() -> None:
    space = ExtranonceSpace(1)
    first, second = taken(space), taken(space)
    space.give_back(first)
    assert taken(space) not in (first, second)
    space.tip_changed()
    assert taken(space) == first
    space.tip_changed()
    assert taken(space) not in (first, second)


def test_what_rests_or_is_ready_is_not_held() -> None:
    space = ExtranonceSpace(1)
    first, _ = taken(space), taken(space)
    assert space.held == 2
    space.give_back(first)
    resting = space.held
    space.tip_changed()
    assert resting == space.held == 1


def test_held_is_what_was_taken_and_not_given_back() -> None:
    space = ExtranonceSpace(1)
    prefixes = [taken(space) for _ in range(3)]
    assert space.held == 3
    space.give_back(prefixes[0])
    assert space.held == 2
    space.tip_changed()
    assert space.held == 2
    taken(space)
    assert space.held == 3


def test_a_standard_channel_gives_back_its_first_four_bytes() -> None:
    space = ExtranonceSpace(1)
    for _ in range(0x102):
        taken(space)
    space.give_back(b"\x01\x00\x01\x01" + bytes(ROLLABLE_SIZE))
    space.tip_changed()
    assert taken(space) == b"\x01\x00\x01\x01"


def test_a_full_shard_has_none_until_one_came_back_and_the_tip_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extranonce, "CAPACITY", 0x102)  # all 2^24 would take seconds
    space = ExtranonceSpace(9)
    for _ in range(0x101):
        taken(space)
    last = taken(space)
    assert last == b"\x09\x00\x01\x01"
    assert space.take() is None
    space.give_back(last)
    assert space.take() is None
    space.tip_changed()
    assert taken(space) == last
    assert space.take() is None


def test_all_values_of_the_index_are_used() -> None:
    assert CAPACITY == 256 ** (PREFIX_SIZE - 1)


# SRI's allocator takes lengths at run time and hands a freed index out at once; ours has one layout, and
# lets it rest. What is left to compare: the order of indices, big-endian, the zeros of a standard channel.
ALLOCATED = [
    case
    for case in vector_cases("sri_jobs.json", "extranonce_allocator")
    if "results" in case["expected"] and all(op[0] in ("ext", "std") for op in case["inputs"]["ops"])
]


@pytest.mark.parametrize("case", ALLOCATED, ids=case_name)
def test_indices_come_in_the_order_of_sris_allocator(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    fixed = len(bytes.fromhex(inputs["upstream_prefix"] + inputs["local_prefix"]))
    width = (inputs["max_channels"] - 1).bit_length() // 8
    space = ExtranonceSpace(0)
    for (kind, *_), result in zip(inputs["ops"], case["expected"]["results"], strict=True):
        theirs = bytes.fromhex(result)
        ours = taken(space) + (bytes(ROLLABLE_SIZE) if kind == "std" else b"")
        index = theirs[fixed : fixed + width]
        assert int.from_bytes(ours[1:PREFIX_SIZE]) == int.from_bytes(index)
        assert any(ours[PREFIX_SIZE:]) is any(theirs[fixed + width :]) is False
        if kind == "std":
            assert len(ours) == EXTRANONCE_SIZE
            assert len(theirs) == inputs["total_extranonce_len"]


def test_the_index_has_the_bytes_that_sri_finds_needed() -> None:
    (case,) = vector_cases("sri_jobs.json", "local_index_len")
    needed = dict(zip(case["inputs"]["max_channels"], case["expected"]["bytes"], strict=True))
    assert needed[CAPACITY] == PREFIX_SIZE - 1
