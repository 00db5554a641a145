"""No block is lost: whatever disk, nodes and chains do in whatever order, and however often the process ends.

Every block that reached the disk, or whose process lived on, is in the chain in the end, unless another one was in
its place before any node could be reached; its end is reached, and told once.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sluice.pool.block_life import Stage
from sluice.pool.candidates import LIVE
from sluice.pool.events import BlockBuried
from sluice.pool.history import Moved
from sluice.pool.ports import FoundBlock
from support.block_world import BlockWorld, parent_of

which = st.integers(0, 7)
node = st.integers(0, 1)
HOUR = 3_600.0


class Blocks(RuleBasedStateMachine):
    """A process, a disk, two nodes; everything may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.world = BlockWorld()
        #: All that were found; those that a process still knows, or the disk, must not be lost.
        self.found: list[FoundBlock] = []

    @rule(on=node)
    def a_block_is_found(self, on: int) -> None:
        self.found.append(self.world.find(on))

    @rule()
    def a_write_ends(self) -> None:
        self.world.write()

    @rule(of=which, answered=st.booleans())
    def an_attempt_ends(self, of: int, answered: bool) -> None:
        self.world.attempt(of, answered=answered)

    @rule(of=which)
    def a_look_ends(self, of: int) -> None:
        self.world.look(of)

    @rule(seconds=st.sampled_from([0.0, 0.3, 2.0, 31.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule()
    def there_is_a_new_tip(self) -> None:
        self.world.candidates.look_again(self.world.now)

    @rule(of=node, up=st.booleans())
    def a_node_comes_or_goes(self, of: int, up: bool) -> None:
        self.world.nodes[of].up = up

    @rule(of=node, refuses=st.booleans())
    def a_node_refuses_or_does_not(self, of: int, refuses: bool) -> None:
        self.world.nodes[of].refuses = refuses

    @rule(of=node, blocks=st.integers(1, 3))
    def a_node_forgets(self, of: int, blocks: int) -> None:
        self.world.forget(of, blocks)

    @rule(blocks=st.integers(1, 3))
    def the_power_fails(self, blocks: int) -> None:
        for of in range(2):
            self.world.forget(of, blocks)

    @rule()
    def all_that_is_under_way_happens(self) -> None:
        self.world.happen()

    @rule(of=node)
    def others_find_a_block(self, of: int) -> None:
        self.world.others_find(of)

    @rule()
    def nodes_hear_of_each_other(self) -> None:
        self.world.sync()

    @rule(full=st.booleans())
    def the_disk_is_full_or_not(self, full: bool) -> None:
        self.world.disk_full = full

    @rule()
    def the_process_is_killed_and_starts(self) -> None:
        self.world.begin()
        self._forget_the_lost()

    @rule(effects=st.integers(0, 5))
    def the_process_will_be_killed_in_the_middle_of_something(self, effects: int) -> None:
        self.world.crash_after = effects

    @precondition(lambda self: self.world.crash_after < 1_000)
    @rule()
    def and_it_is(self) -> None:
        self.world.begin()
        self._forget_the_lost()

    def _forget_the_lost(self) -> None:
        """A block that was nowhere but in a process that was killed is lost: the window that cannot be closed."""
        known = {*self.world.blocks, *self.world.candidates.live}
        self.found = [block for block in self.found if block.block_hash in known]

    @invariant()
    def few_are_looked_after_and_none_is_forgotten(self) -> None:
        world = self.world
        self._forget_the_lost()
        looked_after = {*world.candidates.live, *world.settled, *world.parked}
        assert {block.block_hash for block in self.found} <= looked_after | {
            each for each, candidate in world.candidates.found.items() if candidate.stage.settled
        }
        assert sum(each.recorded for each in world.candidates.live.values()) <= LIVE

    def teardown(self) -> None:
        world = self.world
        world.crash_after = 1 << 30
        world.disk_full = False
        for each in world.nodes:
            each.up, each.refuses = True, False
        self._forget_the_lost()
        world.settle_down(HOUR)
        assert all(candidate.recorded for candidate in world.candidates.live.values())
        tips = {each.chain[-1] for each in world.nodes}
        # Whatever can still go into a chain is in it: an hour is enough.
        assert not any(parent_of(block) in tips for block in self.found)
        for _ in range(7):
            world.others_find(0)
            world.settle_down(60)
        world.settle_down(HOUR)
        assert world.candidates.live == {}
        for block in self.found:
            self.assert_settled(block)

    def assert_settled(self, block: FoundBlock) -> None:
        """Its life has one end, which is so, and it counts once."""
        world = self.world
        assert world.settled[block.block_hash] >= 1
        history = world.histories.get(block.block_hash, ())
        ends = [
            noted.what.stage
            for noted in history
            if isinstance(noted.what, Moved) and noted.what.stage.settled
        ]
        assert len(ends) == 1
        assert world.count(BlockBuried, block) <= 1
        if world.deep_reorganisations == 0:
            in_chain = world.nodes[0].chain[block.height] == block.block_hash
            assert (ends[0] is Stage.BURIED) is in_chain


Blocks.TestCase.settings = settings(max_examples=80, stateful_step_count=50)
TestBlocks = Blocks.TestCase
