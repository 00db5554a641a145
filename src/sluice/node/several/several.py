"""Any number of nodes as the pool's one: the best of their templates, all of their routes.

Rule: nothing is decided here; what a node says goes to the `Contest`, and what comes out of that is carried out.
No node can end the others: one that cannot be used, or whose adapter breaks, is told of and tried again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from time import monotonic, time

from sluice.bitcoin.network import Network
from sluice.node.several.contest import Action, Contest, Moment
from sluice.node.several.kinship import Question, relation
from sluice.node.several.member import Member
from sluice.node.several.standing import Standing
from sluice.pool.events import Happening
from sluice.pool.ports import Node, NodeError, Route, Sight, Trouble
from sluice.work.template import Template

#: Seconds between two looks at who has gone silent, or may lead now.
TICK_SECONDS = 1.0
#: Seconds before a watch that broke begins again.
WATCH_AGAIN = 5.0
#: Seconds before a node that cannot be used is asked again: somebody may have mended it.
START_AGAIN = 60.0
WATCH_BROKE = "listening to it failed, which is a bug of ours (see the log); it is tried again"

logger = logging.getLogger(__name__)


class Several:
    """Mutable; one owner. `members` are the nodes one by one, for who gives blocks to each."""

    def __init__(
        self,
        nodes: Sequence[Node],
        tell: Callable[[Happening], None],
        fits: Callable[[Network], bool] = lambda _: True,
    ) -> None:
        """`tell` hears what people should know; `fits` says whether we can be paid on a network."""
        self.name = ", ".join(node.name for node in nodes)
        self.members = tuple(map(Member, nodes))
        self._tell = tell
        self._fits = fits
        self._network: Network | None = None
        self._contest = Contest([node.name for node in nodes], monotonic())
        # The pool takes what is here at once: it never holds more than one turn of the loop brought.
        self._news: asyncio.Queue[Template | Trouble | None] = asyncio.Queue()
        self._questions: asyncio.Queue[Question] = asyncio.Queue()
        self._closed = asyncio.Event()

    @property
    def routes(self) -> Sequence[Route]:
        return tuple(chain.from_iterable(member.routes for member in self.members))

    def standings(self) -> tuple[Standing, ...]:
        """How every node stands, for people."""
        standings = zip(self._contest.standings(monotonic()), self.members, strict=True)
        return tuple(
            replace(standing, outcomes=dict(member.outcomes), last_outcome=member.last_outcome)
            for standing, member in standings
        )

    async def start(self) -> Network:
        """The network of the first node that can be used; the others join when they can.

        A network that does not fit is answered if no node is on another. Raises NodeError if none can be used.
        """
        reasons: list[str] = []
        async with asyncio.TaskGroup() as group:
            starting = {group.create_task(_started(member)): at for at, member in enumerate(self.members)}
            pending = set(starting)
            while pending and self._network is None:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in sorted(done, key=starting.__getitem__):
                    met, member = task.result(), self.members[starting[task]]
                    if isinstance(met, NodeError):
                        reasons.append(str(met))
                    elif self._fits(met):
                        self._network = self._network or met
                        continue
                    words = str(met) if isinstance(met, NodeError) else _of_no_use(member.name, met)
                    if pending and self._network is None:
                        self._tell_of(self._contest.refuse(starting[task], words, monotonic()))
            for task in pending:
                task.cancel()
        unfit = (member.network for member in self.members if member.network is not None)
        self._network = self._network or next(unfit, None)
        if self._network is None:
            raise NodeError("; ".join(reasons))
        self._contest.open(self._network)
        return self._network

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        """The best template of all, for ever; trouble only if no node has one. One watch at a time."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._follow(node)) for node in range(len(self.members))]
            tasks += [group.create_task(self._tick()), group.create_task(self._ask(group))]
            try:
                while not self._closed.is_set() and (news := await self._news.get()) is not None:
                    yield news
            except GeneratorExit:  # the watcher left: a task group would make a group of errors of it
                pass
            finally:
                for task in tasks:
                    task.cancel()

    async def look(self, height: int) -> Sight | None:
        """What the leader's best chain shows, or that of the first node that can tell."""
        leader = self._contest.leader or 0
        for member in (self.members[leader], *self.members):
            if sight := await member.glance(height):
                return sight
        return None

    async def close(self) -> None:
        """Let go of all nodes; a watch ends."""
        self._closed.set()
        self._news.put_nowait(None)
        await asyncio.gather(*(member.close() for member in self.members))

    async def _follow(self, node: int) -> None:
        """One node, for ever: until it can be used, then all that it says."""
        member = self.members[node]
        while not self._closed.is_set():
            try:
                network = member.network or await member.start()
                if network is not self._network:
                    member.network = None
                    raise NodeError(_of_another_network(member.name, network, self._network))
                async for news in member.watch():
                    self._act(self._contest.hear(node, news, Moment(monotonic(), time())))
                if self._closed.is_set():
                    return
                logger.error("the watch of the node %s ended by itself", member.name)
            except NodeError as error:
                self._act(self._contest.refuse(node, str(error), monotonic()))
                await asyncio.sleep(START_AGAIN)
                continue
            except Exception:  # a bug in one adapter, of whatever kind, must not take the other nodes along
                logger.exception("the watch of the node %s failed", member.name)
            broke = Trouble(member.name, WATCH_BROKE)
            self._act(self._contest.hear(node, broke, Moment(monotonic(), time())))
            await asyncio.sleep(WATCH_AGAIN)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._act(self._contest.tick(monotonic()))

    async def _ask(self, group: asyncio.TaskGroup) -> None:
        while True:
            group.create_task(self._compare(await self._questions.get()))

    async def _compare(self, asked: Question) -> None:
        heights = asked.heights
        one, other = (self.members[node] for node in asked.nodes)
        seen = await asyncio.gather(*(who.glance(height) for who in (one, other) for height in heights))
        found = relation(seen[: len(heights)], seen[len(heights) :])
        self._act(self._contest.answer(asked, found, monotonic()))

    def _tell_of(self, actions: Iterable[Action]) -> None:
        """Before the pool is there to be told anything else."""
        for action in actions:
            if isinstance(action, Happening):
                self._tell(action)

    def _act(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Template() | Trouble():
                    self._news.put_nowait(action)
                case Question():
                    self._questions.put_nowait(action)
                case Happening():
                    self._tell(action)


async def _started(member: Member) -> Network | NodeError:
    try:
        return await member.start()
    except NodeError as error:
        return error
    except Exception as error:  # a bug in one adapter must not keep the pool from starting with the others
        logger.exception("starting with the node %s failed", member.name)
        return NodeError(f"starting with the node {member.name} failed, which is a bug of ours: {error!r}")


def _of_no_use(name: str, theirs: Network) -> str:
    return (
        f"the node {name} is on {theirs.name}, where pool.address cannot be paid: another one is waited for"
    )


def _of_another_network(name: str, theirs: Network, ours: Network | None) -> str:
    return (
        f"the node {name} is on {theirs.name}, and the pool mines on {ours.name if ours else 'none'}: correct where "
        "it is found, or take it out of the configuration"
    )
