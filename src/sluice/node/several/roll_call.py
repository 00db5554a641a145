"""How each node of a race stands, and what people are told of it.

Rule: a state is found from the race by one rule after the other; what is told is told once, and so is its end.
"""

from collections.abc import Callable, Iterator

from sluice.bitcoin.hashes import to_display
from sluice.node.several.kinship import Relation
from sluice.node.several.race import Lead, Race, Why
from sluice.node.several.runner import Runner
from sluice.node.several.standing import LAG_SECONDS, MEANINGS, SILENT_SECONDS, Standing, State
from sluice.pool.events import Happening
from sluice.pool.node_events import LeadTaken, NodeApart, NodeInStep, NodesAgree, NodesDisagree

#: A node that is apart, in one of these ways, is with the others again in one of those.
WELL = (State.LEADING, State.IN_STEP)
#: Where a node's chain is ours.
OURS = (*WELL, State.SLOW, State.LAGGING)
#: What a node goes on to be while it is found out anew where its chain is.
BEFORE = (State.FORKED, State.UNPROVEN, State.LAGGING, State.SILENT)
#: Changes of the leader that people are told of; a new tip, or some satoshis more, are everyday business.
FAILED_OVER = (Why.TROUBLE, Why.STALE)


class RollCall:
    """Mutable; one owner. Times are steady seconds."""

    __slots__ = ("_alarm_since", "_forked", "_leader", "_race")

    def __init__(self, race: Race) -> None:
        self._race = race
        self._leader: int | None = None
        #: Since when two chains are claimed; None while there is one.
        self._alarm_since: float | None = None
        #: Nodes that were on another chain, and have not been seen on ours since.
        self._forked: set[int] = set()

    def led(self, lead: Lead) -> Iterator[Happening]:
        """Another template is mined: a line, if it is another node's."""
        before, self._leader = self._leader, lead.node
        if before is not None and before != lead.node and lead.why in FAILED_OVER:
            yield LeadTaken(self._name(lead.node), self._name(before), lead.why.value)

    def call(self, now: float) -> Iterator[Happening]:
        """Look at every node; what has changed is told."""
        race = self._race
        for node, runner in enumerate(race.runners):
            state = state_of(race, node, now)
            if state is not runner.state:
                runner.state, runner.state_since = state, now
            yield from self._changes(node, runner, now)
        yield from self._alarm(now)

    def standing(self, node: int, now: float) -> Standing:
        """One node, for people."""
        race, runner = self._race, self._race.runners[node]
        lead_height = 0 if race.lead is None else race.lead.template.height
        return Standing(
            node=runner.name,
            state=runner.state,
            why=why(race, node),
            for_seconds=now - runner.state_since,
            next_height=runner.height,
            prev_hash=to_display(runner.tip) if runner.tip else "",
            behind=max(0, lead_height - runner.height) if runner.tip else 0,
            lag=runner.lag,
            template_age=None if runner.template is None else now - runner.offered_at,
            reward=runner.reward,
        )

    def _name(self, node: int) -> str:
        return self._race.runners[node].name

    def _changes(self, node: int, runner: Runner, now: float) -> Iterator[Happening]:
        state, told = runner.state, runner.told
        if state in WELL and told is not None:
            runner.told = None
            yield NodeInStep(runner.name, told.value, round(now - runner.told_at, 1))
        elif MEANINGS[state].told and self._is_news(runner):
            if told is None:
                runner.told_at = now
            runner.told, runner.told_why = state, runner.trouble
            yield NodeApart(runner.name, state.value, why(self._race, node))

    def _is_news(self, runner: Runner) -> bool:
        """Whether it was not told before; that nothing is left to mine on, and why, the pool itself says."""
        alone = runner.state is State.TROUBLED and not any(other.runs for other in self._race.runners)
        return not alone and (runner.state, runner.trouble) != (runner.told, runner.told_why)

    def _alarm(self, now: float) -> Iterator[Happening]:
        race = self._race
        for node, runner in enumerate(race.runners):
            if runner.state is State.FORKED:
                self._forked.add(node)
            elif runner.state in OURS:
                self._forked.discard(node)
        equals = [node for node in sorted(self._forked) if self._is_equal(node)]
        if self._alarm_since is None and equals:
            self._alarm_since = now
            yield self._disagreement(equals[0])
        if self._alarm_since is not None and not self._forked:
            yield NodesAgree(round(now - self._alarm_since, 1))
            self._alarm_since = None

    def _disagreement(self, node: int) -> NodesDisagree:
        lead, runner = self._race.lead, self._race.runners[node]
        assert lead is not None
        return NodesDisagree(
            node=runner.name,
            next_height=runner.height,
            prev_hash=to_display(runner.tip),
            leader=self._name(lead.node),
            leader_next_height=lead.template.height,
            leader_prev_hash=to_display(lead.template.prev_hash),
            why=why(self._race, node),
        )

    def _is_equal(self, node: int) -> bool:
        """Whether a forked node's chain has as much to say for itself as ours, as far as can be known."""
        lead, runner = self._race.lead, self._race.runners[node]
        if lead is None or runner.state is not State.FORKED:
            return False
        ours = lead.template
        return runner.height >= ours.height or runner.related(ours.prev_hash) is Relation.OTHER


def state_of(race: Race, node: int, now: float) -> State:
    """What a node is to the pool: the first rule that says so."""
    return next(filter(None, (rule(race, node, now) for rule in RULES)))


def _apart(race: Race, node: int, now: float) -> State | None:
    runner = race.runners[node]
    if runner.unusable:
        return State.UNUSABLE
    if runner.trouble:
        return State.TROUBLED
    return State.WAITING if runner.template is None else None


def _with_us(race: Race, node: int, now: float) -> State | None:
    lead = race.lead
    if lead is None or race.runners[node].tip != lead.template.prev_hash:
        return None
    return State.LEADING if lead.node == node else State.IN_STEP


def _elsewhere(race: Race, node: int, now: float) -> State | None:
    lead, runner = race.lead, race.runners[node]
    if lead is None:
        return None
    ours = lead.template
    known = runner.related(ours.prev_hash)
    there = race.chain.get(runner.height, runner.tip)
    if known in (Relation.BRANCH, Relation.OTHER) or runner.height == ours.height or there != runner.tip:
        return State.FORKED
    if known is None and runner.height not in race.chain:  # it is being asked
        return runner.state if runner.state in BEFORE else State.SLOW
    if runner.height > ours.height:
        # What has our tip, and does not lead, has blocks above it that are none of our network.
        return State.UNPROVEN if known is Relation.UNKNOWN else State.FORKED
    return None


def _behind(race: Race, node: int, now: float) -> State:
    runner = race.runners[node]
    if runner.behind_since is None or now < runner.behind_since + LAG_SECONDS:
        return State.SLOW
    return State.SILENT if now >= runner.heard_at + SILENT_SECONDS else State.LAGGING


RULES: tuple[Callable[[Race, int, float], State | None], ...] = (_apart, _with_us, _elsewhere, _behind)


def why(race: Race, node: int) -> str:
    """What there is to say about a node's state beside its name."""
    words = _WORDS.get(race.runners[node].state)
    return words(race, node) if words else ""


def _trouble(race: Race, node: int) -> str:
    return race.runners[node].trouble


def _on_another_chain(race: Race, node: int) -> str:
    assert race.lead is not None
    ours, runner = race.lead.template, race.runners[node]
    known = runner.related(ours.prev_hash)
    how = f"; {known.value}" if known else ""
    leader = race.runners[race.lead.node].name
    return (
        f"it builds block {runner.height} on {to_display(runner.tip)}, and {leader} builds block {ours.height} on "
        f"{to_display(ours.prev_hash)}{how}"
    )


def _by_how_much(race: Race, node: int) -> str:
    assert race.lead is not None
    blocks = race.lead.template.height - race.runners[node].height
    return f"it is {blocks} block{'s' * (blocks != 1)} behind"


_WORDS: dict[State, Callable[[Race, int], str]] = {
    State.UNUSABLE: _trouble,
    State.TROUBLED: _trouble,
    State.FORKED: _on_another_chain,
    State.UNPROVEN: _on_another_chain,
    State.LAGGING: _by_how_much,
    State.SILENT: lambda race, node: f"nothing for {SILENT_SECONDS:g} seconds: look whether it hangs",
}
