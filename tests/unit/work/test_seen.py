"""Shares already credited, by generation."""

import pytest

from sluice.work import seen as seen_shares
from sluice.work.seen import MAX_SEEN, SeenShares


def header_hash(number: int) -> bytes:
    return number.to_bytes(32)


def test_what_was_added_is_seen_and_nothing_else() -> None:
    seen = SeenShares()
    assert header_hash(1) not in seen
    seen.add(header_hash(1))
    seen.add(header_hash(2))
    assert header_hash(1) in seen
    assert header_hash(2) in seen
    assert header_hash(3) not in seen


def test_a_generation_outlives_one_turn() -> None:
    seen = SeenShares()
    seen.add(header_hash(1))
    seen.turn()
    seen.add(header_hash(2))
    assert header_hash(1) in seen
    assert header_hash(2) in seen
    seen.turn()
    assert header_hash(1) not in seen
    assert header_hash(2) in seen


def test_a_turn_without_shares_forgets_too() -> None:
    seen = SeenShares()
    seen.add(header_hash(1))
    seen.turn()
    seen.turn()
    assert header_hash(1) not in seen


def test_it_is_full_at_its_bound() -> None:
    seen = SeenShares()
    full = []
    for number in (*range(MAX_SEEN - 1), 0, MAX_SEEN):
        full.append(seen.full)
        seen.add(header_hash(number))
    assert not any(full)
    assert seen.full


def test_the_next_generation_has_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_shares, "MAX_SEEN", 1)
    seen = SeenShares()
    seen.add(header_hash(1))
    seen.turn()
    assert not seen.full
    assert header_hash(1) in seen
