"""A miner's life: one connection after another, the same workers all along.

Rule: between connections there is a pause, doubling and jittered, unless the server gave work since; a server that
never gave any and does not want us is not asked again.
"""

import asyncio
import random
import time
from dataclasses import dataclass, replace
from enum import IntEnum

from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.target import difficulty, meets
from sluice.legible import difficulty_text
from sluice.noise.authority import PoolUrl, encode_public_key
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.deeds import Deed, Mine, Noted, Rest, Retargeted, ShareRefused, SharesAccepted
from sluice.sim.miner.score import Score
from sluice.sim.miner.session import Ending, Kind, Session
from sluice.sim.miner.submissions import counted_as
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.miner.view import View
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sim.miner.workforce import Workforce

#: Seconds between attempts to connect, doubling; the jitter keeps a thousand miners from coming back at once.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
JITTER = 0.25
_REFRESH_SECONDS = 0.25
MAX_USER = 255  # STR0_255
MAX_WORKER = 32  # extension 0x0002


class MinerExit(IntEnum):
    """What the process says at its end."""

    OK = 0
    RULE_BROKEN = 1
    USAGE = 2
    REFUSED = 6
    WORKER_LOST = 7


_LAST_WORDS = {
    MinerExit.OK: "ended as told",
    MinerExit.RULE_BROKEN: "ended, as the server broke a rule",
    MinerExit.REFUSED: "ended, as no server gave work",
}


@dataclass(frozen=True, slots=True)
class MinerPlan:
    """What to mine, for whom, how long (None: until told to stop)."""

    url: PoolUrl
    user: str
    extended: bool
    threads: int
    seconds: float | None = None
    #: named with each extended share, where the server has extension 0x0002
    worker: str | None = None
    #: ask for standard jobs only (standard channels): the group's extended jobs otherwise
    standard_jobs: bool = True
    #: speak the TLV dialect (docs/tlv.md): no encryption, one channel
    tlv: bool = False

    def __post_init__(self) -> None:
        """ValueError where a name does not fit the wire."""
        for name, text, bound in (("user", self.user, MAX_USER), ("worker", self.worker or "", MAX_WORKER)):
            size = len(text.encode("utf-8", "surrogateescape"))
            if size > bound:
                raise ValueError(f"the {name} name has {size} bytes, {bound} are the most")

    def client_plan(self, url: PoolUrl, hash_rate: float) -> ClientPlan | TlvPlan:
        """What to ask of the server at `url`."""
        if self.tlv:
            return TlvPlan(self.user)
        return ClientPlan(
            host=url.host,
            port=url.port,
            channels=(ChannelWish(self.user, self.extended, hash_rate),),
            standard_jobs=self.standard_jobs and not self.extended,
            worker=self.worker if self.extended else None,
        )


class Miner:
    """Joins the connection of the moment, the workers and the view."""

    def __init__(self, plan: MinerPlan, view: View, workforce: Workforce, hash_rate: float) -> None:
        self._plan = plan
        self._view = view
        self._workforce = workforce
        self._hash_rate = hash_rate
        self._score = Score(time.monotonic())
        self._session: Session | None = None
        self._worked = False  # whether any server ever gave us work
        self._pause = FIRST_PAUSE

    async def run(self, stop: asyncio.Event) -> MinerExit:
        """Until stopped, or until there is a reason to end."""
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._workforce.listen(self._found))
            refreshing = group.create_task(self._refresh())
            stopping = group.create_task(self._stop(stop))
            code = await self._connect_forever(stop)
            for task in (listening, refreshing, stopping):
                task.cancel()
        self._view.refresh(self._score.figures(time.monotonic()), time.monotonic(), last=True)
        self._view.tell("end", _LAST_WORDS[code], exit=int(code))
        return code

    async def _connect_forever(self, stop: asyncio.Event) -> MinerExit:
        url = self._plan.url
        while not stop.is_set():
            ending = await self._connect_once(url)
            if ending.kind is Kind.STOPPED:
                break
            if ending.kind is Kind.BROKEN:
                self._view.tell("broken", ending.reason)
                return MinerExit.RULE_BROKEN
            if ending.kind is Kind.REFUSED and not self._worked:
                self._view.tell("refused", ending.reason)
                return MinerExit.REFUSED
            url = self._next_url(ending)
            await self._rest(ending, stop)
        return MinerExit.OK if self._worked else MinerExit.REFUSED

    async def _connect_once(self, url: PoolUrl) -> Ending:
        session = Session(url, self._plan.client_plan(url, self._hash_rate), self._perform)
        self._session = session
        try:
            return await session.run()
        finally:
            self._session = None
            self._score.connected = False
            self._workforce.put(None)

    def _next_url(self, ending: Ending) -> PoolUrl:
        """Where the server sends us, if it can be told from an impostor there (spec 3.6.5); home otherwise."""
        home = self._plan.url
        if ending.kind is not Kind.MOVED or home.authority_key is None:
            return home
        return replace(home, host=ending.host or home.host, port=ending.port or home.port)

    async def _rest(self, ending: Ending, stop: asyncio.Event) -> None:
        pause = self._pause * random.uniform(1, 1 + JITTER)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._view.tell("lost", f"{ending.reason}; again in {pause:.1f} s", why=ending.kind.value)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            pass

    async def _stop(self, stop: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._plan.seconds):
                await stop.wait()
        except TimeoutError:
            stop.set()
        if self._session is not None:
            self._session.stop()

    async def _refresh(self) -> None:
        while True:
            now = time.monotonic()
            self._view.refresh(self._score.figures(now), now)
            await asyncio.sleep(_REFRESH_SECONDS)

    def _found(self, hashes: int, unit: WorkUnit, shares: tuple[Share, ...]) -> None:
        self._score.hashed(hashes, time.monotonic())
        for share in shares:
            if self._session is None or not self._session.submit(unit, share):
                continue
            self._score.submitted += 1
            if meets(share.hash, unit.network_target):
                self._score.blocks += 1
                self._view.tell("block", f"BLOCK {to_display(share.hash)}", hash=to_display(share.hash))

    def _perform(self, deed: Deed) -> None:
        """The deeds that are not the connection's."""
        match deed:
            case Mine(unit):
                self._mine(unit)
            case Rest(_, reason):
                self._workforce.put(None)
                self._view.tell("rest", reason)
            case Retargeted(_, target):
                facts = difficulty(target)
                self._view.tell(
                    "target", f"difficulty {difficulty_text(float(facts))}", difficulty=float(facts)
                )
            case SharesAccepted(_, count):
                self._score.accepted += count
            case ShareRefused(_, sequence, reason, was_block):
                self._score.blocks -= was_block
                word = counted_as(reason, self._score.refused)
                self._score.refused[word] += 1
                if self._score.refused[word] == 1:  # the first of its kind; then it is in the figures
                    self._view.tell("refused", f"share {sequence} refused: {reason}", reason=reason)
            case Noted(text):
                self._view.tell("note", text)

    def _mine(self, unit: WorkUnit) -> None:
        self._workforce.put(unit)
        self._score.target = unit.target
        self._pause = FIRST_PAUSE
        if not self._score.connected:
            self._score.connected = self._worked = True
            self._view.tell("mining", self._introduction(unit), channel=unit.channel_id)

    def _introduction(self, unit: WorkUnit) -> str:
        key = self._plan.url.authority_key
        kind = "TLV" if self._plan.tlv else "extended" if self._plan.extended else "standard"
        vouched = f"vouched for by {encode_public_key(key)}" if key else "NOT AUTHENTICATED"
        return f"{kind} channel {unit.channel_id} at {self._plan.url.endpoint}, {vouched}"
