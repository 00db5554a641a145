import pytest

from sluice.alarms import blocks
from sluice.alarms.blocks import STEPS, Blocks
from sluice.alarms.message import Message, Weight
from sluice.alarms.words import plain
from sluice.pool import events
from sluice.pool.events import Happening
from support.alarms import HOSTILE

HASH = "00" * 32
FOUND = events.BlockFound(840_000, HASH, "alice.rig", 7, "accepted")
LIFE: list[Happening] = [
    FOUND,
    events.BlockUnrecorded(840_000, HASH, "disk full"),
    events.BlockUndelivered(840_000, HASH, "connection refused"),
    events.BlockRefused(840_000, HASH, "core", "bad-txns"),
    events.BlockAccepted(840_000, HASH, "core", "alice.rig"),
    events.BlockOvertaken(840_000, HASH, "core", "11" * 32),
    events.BlockBuried(840_000, HASH, "core"),
    events.BlockOrphaned(840_000, HASH, "core", "11" * 32),
    events.BlockRejected(840_000, HASH, "core", "11" * 32),
    events.BlockDropped(840_000, HASH),
]


def told(rules: Blocks, *happenings: Happening) -> list[Message]:
    return [message for event in happenings for message in rules.told(event)]


def test_each_step_is_one_message_however_often_it_happens() -> None:
    rules = Blocks()
    messages = told(rules, *LIFE, *LIFE, *reversed(LIFE))
    assert [message.kind for message in messages] == [STEPS[type(event)].kind for event in LIFE]
    assert len({message.kind for message in messages}) == len(STEPS)


def test_a_block_that_is_found_names_who_found_it() -> None:
    [message] = told(Blocks(), FOUND)
    assert plain(message.title) == "Block 840,000 was found by alice.rig"
    assert HASH in plain(message.text)
    assert message.details == {"height": 840_000, "block_hash": HASH, "user": "alice.rig"}


@pytest.mark.parametrize("event", LIFE)
def test_every_step_says_what_is_so(event: Happening) -> None:
    [message] = told(Blocks(), event)
    assert plain(message.title).startswith("Block 840,000 ")
    assert plain(message.text).endswith(f" Its hash is {HASH}.")
    errors = {"block_unrecorded", "block_undelivered", "block_refused", "block_rejected", "block_dropped"}
    assert (message.weight is Weight.ERROR) == (message.kind in errors)


def test_two_blocks_at_one_height_are_two() -> None:
    other = events.BlockFound(840_000, "22" * 32, "bob", 8, "accepted")
    assert len(told(Blocks(), FOUND, other)) == 2


def test_what_is_everyday_is_not_told() -> None:
    everyday = (
        events.BlockAnswered(1, HASH, "core", "submitblock", "accepted", "", 3),
        events.BlockInChain(1, HASH, "core"),
        events.BlockForgotten(1, HASH, "core"),
        events.BlockResumed(1, HASH, "alice", "offered"),
        events.Draining(3),
    )
    assert told(Blocks(), *everyday) == []


def test_what_strangers_said_stays_a_name() -> None:
    [found, refused] = told(
        Blocks(),
        events.BlockFound(1, HASH, HOSTILE, 1, "accepted"),
        events.BlockRefused(1, HASH, "core", HOSTILE),
    )
    assert all(HOSTILE not in word for word in (*found.title, *refused.text) if isinstance(word, str))


def test_memory_is_bounded_and_lives_that_are_over_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 10)
    rules = Blocks()
    told(rules, FOUND)
    for number in range(1, 50):
        block_hash = f"{number:064x}"
        told(rules, events.BlockFound(number, block_hash, "a", 1, "accepted"))
        told(rules, events.BlockBuried(number, block_hash, "core"))
    assert len(rules._told) == 10
    assert told(rules, FOUND) == []  # still known, as its life is not over
