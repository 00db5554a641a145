"""What happens because time has passed: answers that are due, vardiff, the end of the silent.

Every miner is looked at every LOOK_SECONDS, and when a deadline of its own has come.
Rule: each connection that we end is told why in the log, and counted by reason.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from sluice.bitcoin.target import work
from sluice.pool.departure import dismiss
from sluice.pool.effects import Effect
from sluice.pool.miner import Miner
from sluice.pool.recording import note_refusals, note_strays
from sluice.pool.shares import acknowledge
from sluice.pool.state import PoolState
from sluice.pool.targets import retarget

#: Seconds between two ticks of the loop that feeds us: how exactly answers are on time.
TICK_SECONDS = 0.01
#: Seconds between two looks at a miner, however many there are: vardiff was judged at this pace.
LOOK_SECONDS = 5.0
#: Looks that one tick takes at most, and at most this part of all: after a pause, they are made up for in turn.
MOST_LOOKS, LOOKED_AT_ONCE = 10, 50
#: A miner may be silent for this many times the expected time between its shares.
SILENT_SHARES = 10
#: Seconds between the shares of a miner whose wire does not tell how fast it is, until it has shown that.
UNTOLD_INTERVAL = 360.0


def enlist(state: PoolState, miner: Miner, now: float) -> None:
    """`miner` is looked at from now on."""
    heappush(state.rota, (_next_look(state, miner, now), miner.peer))


def tick(state: PoolState, now: float) -> Iterator[Effect]:
    """Do what is due at `now`, in steady seconds."""
    yield from acknowledge_due(state, now)
    yield from state.chores.work(state.miners, now)
    rota = state.rota
    looks = max(MOST_LOOKS, len(rota) // LOOKED_AT_ONCE)
    while looks and rota and rota[0][0] <= now:
        _, peer = heappop(rota)
        miner = state.miners.get(peer)
        if miner is None:
            continue
        looks -= 1
        overdue = _overdue(state, miner, now)
        if overdue:
            yield from dismiss(state, miner, overdue)
            continue
        yield from _look_after(state, miner, now)
        enlist(state, miner, now)


def acknowledge_due(state: PoolState, now: float) -> Iterator[Effect]:
    """Answer the shares that have waited long enough."""
    waiting = state.unacknowledged
    while waiting:
        first = next(iter(waiting.values()))
        if first.due > now:
            return
        yield acknowledge(state, first.peer, first.channel)


def _look_after(state: PoolState, miner: Miner, now: float) -> Iterator[Effect]:
    moves = miner.words.moves_targets
    note_strays(state, miner)
    miner.ended = dict.fromkeys(miner.ended)
    for channel in miner.channels.values():
        channel.tally.settle(now)
        note_refusals(state, channel)
        target = channel.vardiff.next_target(now)
        if target is not None and moves:
            yield from retarget(state, miner, channel, target)


def _next_look(state: PoolState, miner: Miner, now: float) -> float:
    """When it has to be looked at again: at its next deadline, if that is soon."""
    patience = state.policy.patience
    deadline = now + LOOK_SECONDS
    if miner.setup_at is None:
        deadline = miner.connected_at + patience.setup
    elif not miner.channels and not miner.waiting:
        deadline = max(miner.setup_at, miner.last_closed) + patience.channel
    return min(now + LOOK_SECONDS, deadline)


def _overdue(state: PoolState, miner: Miner, now: float) -> str:
    """Why `miner` has to go, in words; empty if it may stay."""
    patience = state.policy.patience
    if miner.setup_at is None:
        late = now - miner.connected_at >= patience.setup
        return "no SetupConnection in time" if late else ""
    if not miner.channels:
        if miner.waiting:
            # It waits for us: there is no template yet.
            return ""
        late = now - max(miner.setup_at, miner.last_closed) >= patience.channel
        return "no channel opened in time" if late else ""
    silence = now - miner.last_heard
    if silence <= patience.idle:
        return ""
    return "idle" if silence > SILENT_SHARES * _expected_interval(miner) else ""


def _expected_interval(miner: Miner) -> float:
    """Seconds between two shares of the miner, as far as its channels are known; 0 if nothing is."""
    if not miner.words.moves_targets:
        # Vardiff does not know it: what it believes of the silent, it would have told them with a target.
        since = miner.last_heard if miner.setup_at is None else miner.setup_at
        return (miner.last_heard - since + UNTOLD_INTERVAL) / (miner.accepted + 1)
    shares_a_second = sum(
        channel.vardiff.hashrate / work(channel.target) for channel in miner.channels.values()
    )
    return 1.0 / shares_a_second if shares_a_second else 0.0
