"""Which of several nodes the pool mines on: first the race for the tip, then for the reward.

    Ahead, and on our chain ──► its tip is turned to      the same tip, a better reward ──► its template is mined
    ahead, and who knows    ──► both are asked            the leader is in trouble      ──► the next best at once

Rule: pure, with the time as an argument. A higher tip wins at once if its node was on our tip before, and is asked
afterwards; of any other node it has to be shown first that its chain has our tip, or parted from it a few blocks
ago. Of two chains that have had nothing in common for longer, that of most nodes is ours (`_outranks`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sluice.bitcoin.target import target_from_nbits
from sluice.node.several.kinship import Question, Relation, question
from sluice.node.several.runner import Runner, agree
from sluice.work.template import Template

#: Seconds that a tip is held of which only a node knew that is in trouble now: others hear of it, or it returns.
HOLD_SECONDS = 30.0
#: Seconds between two changes of the leader for the reward alone: a job has to live long enough to be worth it.
CALM_SECONDS = 5.0
#: Seconds for which a template's reward counts as that of its node; the usual refresh is every thirty.
FRESH_SECONDS = 90.0
#: How much easier than ours the blocks of a chain may be and still be of our network: what one retarget can do.
EASIER = 4
#: Seconds from the first template in which all nodes have their say, and the order of the configuration counts.
BEGINNING_SECONDS = 10.0
#: Tips that are remembered, of those that were led to and of those that were seen: more than nodes lag behind.
REMEMBERED_TIPS = 64


class Why(Enum):
    """What makes a template the one to be mined."""

    FIRST = "it was the first"
    TIP = "it has the best tip"
    REFRESHED = "it was refreshed"
    TROUBLE = "the leader is in trouble"
    STALE = "the leader has nothing fresh on this tip"
    REWARD = "its reward is better"


@dataclass(frozen=True, slots=True)
class Lead:
    """Mine this: the template of the node with this number."""

    node: int
    template: Template
    why: Why


@dataclass(frozen=True, slots=True)
class Fall:
    """No node has anything to mine on; this one said so last."""

    node: int
    reason: str


Decision = Lead | Fall | Question


class Race:
    """Mutable; one owner. Nodes are numbers, in the order of the configuration."""

    def __init__(self, names: Sequence[str], now: float) -> None:
        self.runners = [Runner(name, now) for name in names]
        #: Whether the nbits of a chain say nothing about it, as on networks with blocks for nothing.
        self.any_nbits = False
        #: What is mined; None before the first template.
        self.lead: Lead | None = None
        #: The tips that were led to, by the height of the block to be found on them.
        self.chain: dict[int, bytes] = {}
        self._began = now
        self._led_at = now
        self._fallen = False
        #: A step to a next block that was believed: the tip before, and the height of the block to be found on it.
        self._stepped_from: tuple[bytes, int] | None = None
        self._first_seen: dict[bytes, float] = {}

    def offered(self, node: int, template: Template, now: float) -> list[Decision]:
        """A node offers a template that can be."""
        runner = self.runners[node]
        if template.prev_hash not in self._first_seen:
            self._first_seen[template.prev_hash] = now
            if len(self._first_seen) > REMEMBERED_TIPS:
                del self._first_seen[next(iter(self._first_seen))]
        if template.prev_hash != runner.tip:
            runner.lag = now - self._first_seen[template.prev_hash]
        runner.take(template, now)
        return self._decide(now)

    def troubled(self, node: int, reason: str, now: float) -> list[Decision]:
        """A node has nothing for us, and says why."""
        self.runners[node].fail(reason, now)
        if not any(runner.runs for runner in self.runners):
            self._fallen = True
            return [Fall(node, reason)]
        return self._decide(now)

    def unusable(self, node: int, reason: str, now: float) -> list[Decision]:
        """A node cannot be used at all, and waiting does not mend it."""
        self.runners[node].unusable = True
        return self.troubled(node, reason, now)

    def compared(self, asked: Question, found: Relation, now: float) -> list[Decision]:
        """An answer; it counts if the two are still where they were."""
        runner, reference = (self.runners[node] for node in asked.nodes)
        decisions: list[Decision] = []
        if runner.tip == asked.tips[0] and reference.tip == asked.tips[1]:
            runner.relation = (*asked.tips, found)
            if found is Relation.OTHER:
                runner.tips = {runner.height: runner.tip}
                if runner.tip == self._our_tip and reference.runs:  # it was believed too soon
                    decisions.append(self._turn(asked.nodes[1], Why.TIP, now))
        return decisions + self._decide(now)

    def passed(self, now: float) -> list[Decision]:
        """Time has passed."""
        return self._decide(now)

    def _decide(self, now: float) -> list[Decision]:
        decisions: list[Decision] = []
        chosen = self._choose(now)
        if chosen is not None and (why := self._worth(chosen, now)):
            decisions.append(self._turn(chosen, why, now))
        self._keep_times(now)
        decisions += self._questions()
        return decisions

    def _turn(self, node: int, why: Why, now: float) -> Lead:
        runner = self.runners[node]
        assert runner.template is not None
        if self.lead is None:
            self._began = now
        if runner.tip != self._our_tip:
            follows = self._is_next(runner) or runner.related(self._our_tip) is Relation.SAME
            self._stepped_from = None
            if self.lead is not None and self._is_next(runner):
                self._stepped_from = self._our_tip, self.lead.template.height
            # On another branch, our tips are not of the chain any more; the node's own are.
            self.chain = self.chain | {runner.height: runner.tip} if follows else dict(runner.tips)
            self.chain = {at: tip for at, tip in self.chain.items() if at <= runner.height}
            if len(self.chain) > REMEMBERED_TIPS:
                del self.chain[min(self.chain)]
        self.lead = Lead(node, runner.template, why)
        self._led_at, self._fallen = now, False
        return self.lead

    def _worth(self, node: int, now: float) -> Why | None:
        """Why the chosen node's template is to be mined instead of what is; None if it is not worth a job."""
        lead, runner = self.lead, self.runners[node]
        if lead is None:
            return Why.FIRST
        if runner.tip != self._our_tip:
            return Why.TIP
        if node == lead.node:
            return None if runner.template is lead.template and not self._fallen else Why.REFRESHED
        leader = self.runners[lead.node]
        if leader.trouble or self._fallen:
            return Why.TROUBLE
        if leader.tip != runner.tip or now >= leader.offered_at + FRESH_SECONDS:
            return Why.STALE
        better = runner.reward > leader.reward and now >= self._led_at + CALM_SECONDS
        return Why.REWARD if better else None

    def _choose(self, now: float) -> int | None:
        """The node whose template is the best to mine; None to leave everything as it is."""
        running = [node for node, runner in enumerate(self.runners) if runner.runs]
        if self.lead is None or not running:
            return self._best(running, now)
        if rivals := [node for node in running if self._outranks(node, now)]:
            return self._best(rivals, now)
        contenders = [node for node in running if self._may_lead(node)]
        if self._is_held(contenders, now):
            return None
        # Our chain is nobody's any more: any other is better than none.
        return self._best(contenders or running, now)

    def _best(self, nodes: Iterable[int], now: float) -> int | None:
        """The highest; of as high ones those on our tip, else on that seen first; of these the best reward."""
        ours = self._our_tip
        order = sorted(nodes, key=lambda node: self._place(self.runners[node], ours))
        if not order:
            return None
        team = [node for node in order if self.runners[node].tip == self.runners[order[0]].tip]
        leader = self.lead.node if self.lead is not None and self.lead.node in team else team[0]
        # On test networks the nbits change with the clock, under one tip: who is first turns to others.
        nbits = self.runners[leader].nbits
        alike = [node for node in team if self.runners[node].nbits == nbits]
        fresh = [node for node in alike if now < self.runners[node].offered_at + FRESH_SECONDS] or alike
        return max(fresh, key=lambda node: (self.runners[node].reward, node == leader, -node))

    def _place(self, runner: Runner, ours: bytes) -> tuple[int, bool, float]:
        return -runner.height, runner.tip != ours, self._first_seen.get(runner.tip, 0.0)

    @property
    def _our_tip(self) -> bytes:
        return b"" if self.lead is None else self.lead.template.prev_hash

    def _may_lead(self, node: int) -> bool:
        """Whether a node may be on our chain; if it is ahead, whether it is known to be."""
        assert self.lead is not None
        ours, runner = self.lead.template, self.runners[node]
        known = runner.related(ours.prev_hash)
        if runner.tip == ours.prev_hash or (known is None and self._is_next(runner)):
            return True
        if runner.height <= ours.height or self.reference(node) is None:
            return known is not Relation.OTHER
        return known in (Relation.SAME, Relation.BRANCH, Relation.UNKNOWN) and not self._is_easier(
            runner.nbits, ours.nbits
        )

    def _is_next(self, runner: Runner) -> bool:
        """Whether it was on our tip, and is now on a block above it, as happens every ten minutes."""
        if self.lead is None:
            return False
        ours = self.lead.template
        stepped = runner.came_from == ours.prev_hash and runner.height == ours.height + 1
        return stepped and runner.nbits == ours.nbits

    def _is_easier(self, nbits: int, than: int) -> bool:
        """Whether blocks of these nbits are so much easier that they are not of our network."""
        return not self.any_nbits and target_from_nbits(nbits) > EASIER * target_from_nbits(than)

    def _outranks(self, node: int, now: float) -> bool:
        """Whether a node's chain, that has nothing in common with ours, has more to say for itself.

        By the nodes on it, in trouble or not; then by the difficulty, if one of them cannot be of our network;
        then, in the beginning, by the order of the configuration.
        """
        assert self.lead is not None
        ours, runner = self.lead.template, self.runners[node]
        if runner.related(ours.prev_hash) is not Relation.OTHER:
            return False
        theirs, our_side = self._side(runner.tips) | {node}, self._side(self.chain)
        if len(theirs) != len(our_side):
            return len(theirs) > len(our_side)
        if self._is_easier(runner.nbits, ours.nbits) or self._is_easier(ours.nbits, runner.nbits):
            return self._is_easier(ours.nbits, runner.nbits)
        return now < self._began + BEGINNING_SECONDS and min(theirs) < min(
            our_side, default=len(self.runners)
        )

    def _side(self, tips: Mapping[int, bytes]) -> set[int]:
        return {node for node, runner in enumerate(self.runners) if agree(runner.tips, tips)}

    def reference(self, node: int) -> int | None:
        """A node on our tip with which another one can be compared; the leader if it is one."""
        assert self.lead is not None
        on_tip = [
            other
            for other, runner in enumerate(self.runners)
            if other != node and runner.runs and runner.tip == self._our_tip
        ]
        return self.lead.node if self.lead.node in on_tip else next(iter(on_tip), None)

    def _is_held(self, contenders: Sequence[int], now: float) -> bool:
        """Whether the leading tip is kept though no node has it that runs: who had it may come back."""
        assert self.lead is not None
        ours = self.lead.template
        if any(self.runners[node].height >= ours.height for node in contenders):
            return False
        return any(
            runner.trouble and runner.tip == ours.prev_hash and now < runner.trouble_at + HOLD_SECONDS
            for runner in self.runners
        )

    def _keep_times(self, now: float) -> None:
        for runner in self.runners:
            if runner.tip and runner.tip == self._our_tip:
                runner.behind_since = None
            elif runner.behind_since is None:
                runner.behind_since = now

    def _questions(self) -> Iterator[Question]:
        """What is not known of the chains of nodes that are on other tips; each pair of tips is asked about once."""
        if self.lead is None:
            return
        ours = self.lead.template
        if self._stepped_from is not None:
            (before, height), self._stepped_from = self._stepped_from, None
            stayed = [
                node for node, runner in enumerate(self.runners) if runner.runs and runner.tip == before
            ]
            if stayed:
                yield question((self.lead.node, stayed[0]), (ours.prev_hash, before), height - 1)
        for node, runner in enumerate(self.runners):
            pair = (runner.tip, ours.prev_hash)
            if not runner.runs or runner.tip == ours.prev_hash or self.chain.get(runner.height) == runner.tip:
                continue
            if runner.relation is not None and runner.relation[:2] == pair:
                continue
            reference = self.reference(node)
            if reference is not None:
                runner.relation = (*pair, None)
                yield question((node, reference), pair, min(runner.height, ours.height) - 1)
