"""Entries wait in the journal until they are handed out."""

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from sluice.pool.journal import NO_CHANNEL, Credited, Entry, Journal, Lost, Refusals


def test_entries_go_to_every_reader_once_and_in_order() -> None:
    journal = Journal()
    one: list[Entry] = []
    other: list[Entry] = []
    journal.readers += [one.extend, other.extend]
    entries = [Lost(number, number) for number in range(5)]
    for each in entries:
        journal.entries.append(each)
        if each.at == 2:
            journal.hand_out()
            assert journal.entries == []
    journal.hand_out()
    journal.hand_out()
    assert one == other == entries


def test_nothing_is_not_handed_out() -> None:
    journal = Journal()
    handed: list[object] = []
    journal.readers.append(handed.append)
    journal.hand_out()
    assert handed == []


def test_channels_of_a_run_have_numbers_and_none_has_nothing() -> None:
    journal = Journal()
    numbers = [journal.number() for _ in range(3)]
    assert (numbers, NO_CHANNEL in numbers) == ([1, 2, 3], False)


def test_entries_are_values() -> None:
    refused = Refusals(1, 2, "stale", 3)
    assert refused == Refusals(1, 2, "stale", 3)
    with pytest.raises((AttributeError, FrozenInstanceError)):
        refused.count = 4  # type: ignore[misc]
    assert all("at" in kind.__struct_fields__ for kind in get_args(Entry))
    assert Credited(1, "a", "", 1, 1, bytes(32), 1, False, 7).at == 7
