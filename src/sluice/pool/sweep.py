"""What happens because time has passed: answers that are due, vardiff, the end of the silent.

Every tick looks at a part of the miners, so that all have been seen after SWEEP_SECONDS and no tick is long.
Rule: each connection that we end is told why in the log, and counted by reason.
"""

from collections.abc import Iterator
from math import ceil

from sluice.bitcoin.target import work
from sluice.pool.departure import dismiss
from sluice.pool.effects import Effect
from sluice.pool.miner import Miner
from sluice.pool.shares import acknowledge
from sluice.pool.state import PoolState
from sluice.pool.targets import retarget

#: Seconds between two ticks of the loop that feeds us: how exactly answers are on time.
TICK_SECONDS = 0.01
#: Seconds between two parts of the sweep.
PART_SECONDS = 0.1
#: Seconds in which every miner is looked at once.
SWEEP_SECONDS = 5.0
#: A miner may be silent for this many times the expected time between its shares.
SILENT_SHARES = 10


def tick(state: PoolState, now: float) -> Iterator[Effect]:
    """Do what is due at `now`, in steady seconds."""
    yield from _acknowledge_due(state, now)
    if now - state.swept_at < PART_SECONDS:
        return
    state.swept_at = now
    for _ in range(ceil(len(state.rota) * PART_SECONDS / SWEEP_SECONDS)):
        peer = state.rota.popleft()
        miner = state.miners.get(peer)
        if miner is None:
            continue
        overdue = _overdue(state, miner, now)
        if overdue:
            yield from dismiss(state, miner, overdue)
            continue
        state.rota.append(peer)
        yield from _look_after(state, miner, now)


def _acknowledge_due(state: PoolState, now: float) -> Iterator[Effect]:
    waiting = state.unacknowledged
    while waiting:
        first = next(iter(waiting.values()))
        if first.due > now:
            return
        yield acknowledge(state, first.peer, first.channel)


def _look_after(state: PoolState, miner: Miner, now: float) -> Iterator[Effect]:
    for channel in miner.channels.values():
        channel.tally.settle(now)
        target = channel.vardiff.next_target(now)
        if target is not None:
            yield from retarget(state, miner, channel, target)


def _overdue(state: PoolState, miner: Miner, now: float) -> str:
    """Why `miner` has to go, in words; empty if it may stay."""
    patience = state.policy.patience
    if miner.setup_at is None:
        late = now - miner.connected_at > patience.setup
        return "no SetupConnection in time" if late else ""
    if not miner.channels:
        if miner.waiting:
            # It waits for us: there is no template yet.
            return ""
        late = now - max(miner.setup_at, miner.last_closed) > patience.channel
        return "no channel opened in time" if late else ""
    silence = now - miner.last_heard
    if silence <= patience.idle:
        return ""
    return "idle" if silence > SILENT_SHARES * _expected_interval(miner) else ""


def _expected_interval(miner: Miner) -> float:
    """Seconds between two shares of the miner, as far as its channels are known; 0 if nothing is."""
    shares_a_second = sum(
        channel.vardiff.hashrate / work(channel.target) for channel in miner.channels.values()
    )
    return 1.0 / shares_a_second if shares_a_second else 0.0
