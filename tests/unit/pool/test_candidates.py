"""All found blocks: from the share to the routes, when what is due, and who makes room."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import sha256d, to_display
from sluice.bitcoin.transaction import Transaction
from sluice.pool import candidates as module
from sluice.pool.block_life import Stage, Turn
from sluice.pool.candidates import KEPT, LIVE, LOOK_EVERY, LOOK_GAP, LOOK_LOST, LOOKS_A_SECOND, Candidates
from sluice.pool.effects import Effect, Look, Park, Record, Settle, Submit, Tell
from sluice.pool.events import BlockAccepted, BlockDropped, BlockFound, BlockResumed
from sluice.pool.history import Moved, Noted
from sluice.pool.inputs import (
    Answered,
    BlockInput,
    MovePrefix,
    Recorded,
    Resumed,
    Routed,
    Sighted,
    Ticked,
    Unrecorded,
)
from sluice.pool.ports import Answer, FoundBlock, Outcome, Sight
from sluice.sim.miner.client_plan import ClientPlan
from support.found import a_block, verdict
from support.pool import EXTENDED, GROUPED, STANDARD, mining
from support.work import EASY_NBITS, HEIGHT, PAYOUT, SUBSIDY, spend

T = TypeVar("T")

FULL = (spend(1), spend(2, segwit=False), spend(3))
CORE = ("core", "submitblock")
RIVAL = b"\x02" * 32


class Desk:
    """Candidates with their clock; what is to be done is kept until taken."""

    def __init__(self, *routes: tuple[str, str]) -> None:
        self.candidates = Candidates(1_700_000_000)
        self.now = 100.0
        self.effects: list[Effect] = []
        self.feed(Routed(routes or (CORE,)))

    def do(self, effects: Iterable[Effect]) -> None:
        self.effects += effects

    def feed(self, happened: BlockInput) -> None:
        self.do(self.candidates.react(happened, self.now))

    def find(self, number: int, height: int = 100, *, recorded: bool = True) -> FoundBlock:
        block = a_block(number, height)
        self.do(self.candidates.take(block, self.now))
        if recorded:
            self.feed(Recorded(block.block_hash))
        return block

    def answer(self, block: FoundBlock, word: str = "") -> None:
        self.feed(Answered(block.block_hash, verdict("core", word)))

    def silence(self, block: FoundBlock) -> None:
        self.feed(Answered(block.block_hash, Outcome(*CORE, Answer.SILENT, "nobody is there")))

    def see(self, height: int, shown: bytes | None, tip: int) -> None:
        self.feed(Sighted(height, (Sight("core", shown, tip),)))

    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.do(self.candidates.tick(self.now))

    def take(self, kind: type[T]) -> list[T]:
        taken: list[T] = [effect for effect in self.effects if isinstance(effect, kind)]
        self.effects = [effect for effect in self.effects if not isinstance(effect, kind)]
        return taken

    def told(self, kind: type[T]) -> list[T]:
        return [tell.event for tell in self.take(Tell) if isinstance(tell.event, kind)]

    def stage(self, block: FoundBlock) -> Stage:
        return self.candidates.found[block.block_hash].stage


@pytest.mark.parametrize("plan", [STANDARD, GROUPED, EXTENDED], ids=["standard", "grouped", "extended"])
@pytest.mark.parametrize("transactions", [FULL, ()], ids=["full", "empty"])
def test_the_block_is_whole(plan: ClientPlan, transactions: tuple[Transaction, ...]) -> None:
    device = mining(plan, nbits=EASY_NBITS, transactions=transactions)
    device.find()
    (found,) = device.talk.blocks
    block = Block.parse(found.raw)
    coinbase, *others = block.transactions
    assert found.block_hash == block.header.hash() == sha256d(found.raw[:80])
    assert (found.height, found.user) == (HEIGHT, "alice")
    assert tuple(others) == transactions
    assert coinbase.inputs[0].witness == (bytes(32),)
    assert coinbase.outputs[0].script_pubkey == PAYOUT.script_pubkey
    assert sum(output.value for output in coinbase.outputs) == SUBSIDY + sum(
        transaction.outputs[0].value for transaction in transactions
    )


def test_the_winning_share_s_own_prefix_is_used_after_a_move() -> None:
    device = mining(nbits=EASY_NBITS)
    unit = device.unit()
    share = next(device.shares(unit))
    device.talk.feed(MovePrefix(device.peer, 2))
    device.forge(unit, share)
    (found,) = device.talk.blocks
    assert Block.parse(found.raw).header.hash() == found.block_hash == share.hash


def test_a_coinbase_without_commitment_has_no_witness() -> None:
    device = mining(nbits=EASY_NBITS, coinbase_outputs=())
    device.find()
    coinbase, *_ = Block.parse(device.talk.blocks[0].raw).transactions
    assert coinbase.inputs[0].witness == ()


def test_a_block_is_a_block_though_its_share_is_stale_and_sets_out_once() -> None:
    device = mining(nbits=EASY_NBITS)
    unit = device.unit()
    share = next(device.shares(unit))
    device.talk.offer(HEIGHT + 1)
    device.talk.now += device.talk.state.policy.stale_grace + 1
    device.forge(unit, share)
    device.forge(unit, share)
    assert [refused.reason for refused in device.refused] == ["stale-share"] * 2
    assert [found.block_hash for found in device.talk.blocks] == [share.hash]
    (told,) = device.talk.happened(BlockFound)
    assert (told.share, told.user, told.peer) == ("stale", "alice", device.peer)


def test_the_pool_hands_on_what_happens_to_blocks() -> None:
    device = mining(nbits=EASY_NBITS)
    device.find()
    (found,) = device.talk.blocks
    device.talk.feed(Routed((CORE,)))
    (submitted,) = device.talk.feed(Recorded(found.block_hash))
    assert submitted == Submit(found, *CORE)
    device.talk.feed(Answered(found.block_hash, verdict("core")))
    (accepted,) = device.talk.happened(BlockAccepted)
    assert accepted == BlockAccepted(HEIGHT, to_display(found.block_hash), "core", "alice")
    assert device.talk.state.candidates.accepted == 1
    assert Look(HEIGHT) in device.talk.feed(Ticked(device.talk.unix_time))


def test_a_block_is_written_down_first_and_leaves_when_it_is() -> None:
    desk = Desk()
    block = desk.find(1, recorded=False)
    assert desk.effects == [Record(block)]
    desk.feed(Recorded(block.block_hash))
    assert desk.take(Submit) == [Submit(block, *CORE)]


def test_a_block_that_cannot_be_written_down_leaves_and_is_written_later() -> None:
    desk = Desk()
    block = desk.find(1, recorded=False)
    desk.take(Record)
    desk.feed(Unrecorded(block.block_hash, "no space left"))
    assert desk.take(Submit) == [Submit(block, *CORE)]
    desk.answer(block)
    desk.tick(1)
    assert desk.take(Record) == [Record(block)]


def test_the_same_block_sets_out_once() -> None:
    desk = Desk()
    block = desk.find(1)
    desk.effects.clear()
    desk.do(desk.candidates.take(block, desk.now))
    desk.feed(Resumed(block, ()))
    assert desk.effects == []


def test_what_is_heard_of_a_stranger_s_block_says_nothing() -> None:
    desk = Desk()
    for happened in (Recorded(RIVAL), Unrecorded(RIVAL, "x"), Answered(RIVAL, verdict("core"))):
        desk.feed(happened)
    desk.see(100, RIVAL, 100)
    assert desk.effects == []


def test_a_node_that_is_away_is_asked_again_and_again() -> None:
    desk = Desk()
    block = desk.find(1)
    attempts = 0
    for _ in range(36_000):
        if desk.take(Submit):
            attempts += 1
            desk.silence(block)
        desk.tick(0.1)
    assert 30 < attempts < 60  # an hour: fast at first, then every two minutes
    assert desk.stage(block) is Stage.OFFERED


def test_blocks_wait_for_routes() -> None:
    desk = Desk()
    desk.feed(Routed(()))
    block = desk.find(1)
    assert desk.take(Submit) == []
    desk.feed(Routed((CORE, ("other", "SubmitSolution"))))
    assert desk.take(Submit) == [Submit(block, *CORE), Submit(block, "other", "SubmitSolution")]


def test_chains_are_looked_at_when_there_is_news_and_now_and_then() -> None:
    desk = Desk()
    block = desk.find(1)
    desk.tick(0.1)
    assert desk.take(Look) == []
    desk.answer(block)
    desk.tick(0.01)
    assert desk.take(Look) == [Look(100)]
    desk.candidates.look_again(desk.now)
    desk.tick(10.0)
    assert desk.take(Look) == []  # a node that hangs is not asked the same again and again
    desk.see(100, block.block_hash, 100)
    desk.tick(LOOK_GAP / 2)
    assert desk.take(Look) == []
    desk.tick(LOOK_GAP / 2)
    assert desk.take(Look) == [Look(100)]  # the one that was under way may have missed the news
    desk.see(100, block.block_hash, 101)
    desk.tick(LOOK_EVERY - 0.1)
    assert desk.take(Look) == []
    desk.tick(0.2)
    assert desk.take(Look) == [Look(100)]
    desk.tick(LOOK_LOST)
    assert desk.take(Look) == [Look(100)]  # nothing came of the last


def test_a_swarm_of_heights_is_looked_at_more_slowly() -> None:
    desk = Desk()
    heights = range(100, 100 + 2 * LOOKS_A_SECOND)
    blocks = {height: desk.find(height, height) for height in heights}
    for block in blocks.values():
        desk.answer(block)
    desk.tick(0.01)
    assert {look.height for look in desk.take(Look)} == set(heights)
    for height, block in blocks.items():
        desk.see(height, block.block_hash, height)
    desk.candidates.look_again(desk.now)
    desk.tick(1.9)
    assert desk.take(Look) == []
    desk.tick(0.1)
    assert {look.height for look in desk.take(Look)} == set(heights)


def test_blocks_of_one_height_are_looked_after_by_one_look() -> None:
    desk = Desk()
    winner, loser, other = desk.find(1), desk.find(2), desk.find(3, 101)
    for block in (winner, loser, other):
        desk.answer(block, "" if block is winner else "inconclusive")
    desk.tick(0.1)
    assert sorted(look.height for look in desk.take(Look)) == [100, 101]
    desk.see(100, winner.block_hash, 100)
    assert (desk.stage(winner), desk.stage(loser)) == (Stage.IN_CHAIN, Stage.OVERTAKEN)
    desk.see(100, winner.block_hash, 105)
    assert (desk.stage(winner), desk.stage(loser)) == (Stage.BURIED, Stage.ORPHANED)
    assert [settled.found for settled in desk.take(Settle)] == [winner, loser]
    assert list(desk.candidates.live) == [other.block_hash]
    desk.tick(1_000)
    assert desk.take(Look) == [Look(101)]
    assert desk.candidates.accepted == 1


def test_an_hour_without_blocks_costs_nothing() -> None:
    desk = Desk()
    block = desk.find(1)
    desk.see(100, block.block_hash, 105)
    desk.effects.clear()
    for _ in range(100):
        desk.tick(60)
    assert desk.effects == []


def test_people_see_a_settled_block_without_its_transactions() -> None:
    desk = Desk()
    block = replace(a_block(1), transactions=(spend(1).to_bytes(),))
    desk.do(desk.candidates.take(block, desk.now))
    desk.feed(Recorded(block.block_hash))
    desk.see(100, block.block_hash, 105)
    (settled,) = desk.take(Settle)
    assert settled.found == block
    assert desk.candidates.found[block.block_hash].found == replace(block, transactions=())


def test_a_block_of_an_earlier_run_goes_on_where_it_stood() -> None:
    desk = Desk()
    block = a_block(1)
    desk.feed(Resumed(block, (Noted(1, verdict("core")),)))
    assert desk.take(Submit) == []
    assert desk.told(BlockResumed) == [BlockResumed(100, to_display(block.block_hash), "", "offered")]
    desk.tick(0.1)
    assert desk.take(Look) == [Look(100)]
    desk.see(100, None, 99)
    desk.tick(1)
    assert desk.take(Submit) == [Submit(block, *CORE)]
    assert desk.candidates.accepted == 1


def test_a_block_whose_end_was_noted_is_only_put_aside() -> None:
    desk = Desk()
    desk.feed(Resumed(a_block(1), (Noted(1, Moved(Stage.ORPHANED, Turn.RIVAL_BURIED)),)))
    assert desk.effects == [Settle(a_block(1))]
    assert desk.candidates.found == {}


def test_in_a_swarm_the_least_urgent_makes_room_and_comes_back() -> None:
    desk = Desk()
    blocks = [desk.find(number, 100 + number // 2) for number in range(LIVE)]
    assert desk.take(Park) == []
    desk.answer(blocks[40], "bad-cb-amount")
    desk.answer(blocks[50])
    newest = desk.find(LIVE, 200)
    assert desk.take(Park) == [Park(blocks[40])]  # it is refused everywhere
    assert desk.find(LIVE + 1, 50).block_hash in desk.candidates.live  # whoever is new has its turn
    assert desk.take(Park) == [Park(blocks[50])]  # it waits for a chain
    desk.find(LIVE + 2, 200)
    assert desk.take(Park) == [Park(a_block(LIVE + 1, 50))]  # the lowest
    assert len(desk.candidates.live) == LIVE
    desk.effects.clear()
    desk.feed(Resumed(blocks[40], ()))
    assert desk.take(Submit) == [Submit(blocks[40], *CORE)]
    assert desk.told(BlockResumed) == []  # it was never gone, as far as people are concerned
    assert newest.block_hash in desk.candidates.live


def test_a_block_that_is_not_on_the_disk_is_not_forgotten() -> None:
    desk = Desk()
    blocks = [desk.find(number, recorded=False) for number in range(LIVE + 20)]
    assert desk.take(Park) == []
    assert list(desk.candidates.live) == [block.block_hash for block in blocks]
    desk.feed(Recorded(blocks[3].block_hash))
    desk.find(LIVE + 20, recorded=False)
    assert desk.take(Park) == [Park(blocks[3])]


def test_even_on_a_dead_disk_there_is_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNRECORDED", LIVE + 5)
    desk = Desk()
    blocks = [desk.find(number, recorded=False) for number in range(LIVE + 6)]
    assert desk.told(BlockDropped) == [BlockDropped(100, to_display(blocks[0].block_hash))]
    assert len(desk.candidates.live) == LIVE + 5


def test_people_see_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    desk = Desk()
    waiting = desk.find(0)
    settled = [desk.find(number, 200 + number) for number in range(1, 6)]
    for block in settled:
        desk.see(block.height, block.block_hash, block.height + 5)
    last = desk.find(6, 300)
    assert list(desk.candidates.found) == [each.block_hash for each in (waiting, settled[-1], last)]
    assert KEPT >= LIVE
