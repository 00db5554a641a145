from dataclasses import replace

from sluice.alarms.rules import Rules
from sluice.alarms.topics import Topic
from sluice.pool.events import BlockFound, Draining, NewBest, PeerLeft, TakingAgain, TipChanged
from sluice.pool.node_events import NodeApart
from support.alarms import NOW, PLAN, counts, look, opened

FOUND = BlockFound(5, "aa", "alice", 1, "accepted")


def kinds(rules: Rules, start: float, end: float) -> list[str]:
    return [
        message.kind
        for now in range(int(start), int(end), 5)
        for message in rules.tick(float(now), NOW + now)
    ]


def test_a_block_is_told_at_once() -> None:
    assert [message.kind for message in Rules(PLAN).told(FOUND, 0.0)] == ["block_found"]


def test_what_was_not_chosen_is_not_told() -> None:
    rules = Rules(replace(PLAN, topics=frozenset({Topic.WORKERS})))
    assert list(rules.started()) == list(rules.told(FOUND, 0.0)) == list(rules.told(Draining(1), 0.0)) == []
    rules = Rules(replace(PLAN, topics=frozenset({Topic.POOL})))
    assert [message.kind for message in rules.started()] == ["pool_started"]
    assert [message.kind for message in rules.told(Draining(3), 0.0)] == ["pool_drains"]


def test_every_rule_hears_what_it_needs() -> None:
    rules = Rules(PLAN)
    events = (opened(1, "alice"), TipChanged(5, "aa", 1.0, 0, 0), NewBest("alice", "", 9.0, 0.0))
    assert [message for event in events for message in rules.told(event, 0.0)] == []
    look(rules, 0.0, counts(1, "alice", accepted=1, stale=100))
    list(rules.told(PeerLeft(1, "192.0.2.1", "gone", 1, 100), 1.0))
    list(rules.told(NodeApart("cellar", "lagging", ""), 1.0))
    told = kinds(rules, 0, 1_000)
    assert sorted(told) == ["new_best", "node_apart", "refusals_over", "refusals_rising", "workers_gone"]


def test_a_pool_that_sends_miners_away_misses_nobody() -> None:
    rules = Rules(PLAN)
    list(rules.told(opened(1, "alice"), 0.0))
    look(rules, 0.0, counts(1, "alice"))
    list(rules.told(Draining(1), 2.0))
    list(rules.told(PeerLeft(1, "192.0.2.1", "draining", 1, 0), 3.0))
    assert kinds(rules, 0, 1_000) == []
    assert [message.kind for message in rules.told(TakingAgain(), 1_000.0)] == ["pool_takes_again"]
    assert [message.kind for message in rules.told(FOUND, 4.0)] == ["block_found"]
