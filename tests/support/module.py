"""A pool as the module sees it."""

from sluice.module.sight import Place, Sight
from sluice.pool.policy import Policy
from support.pool import POLICY, STANDARD, Device, PoolTalk

PLACE = Place("0.0.0.0:3333", "data/blvm-stratum-v2/config.toml")


def sight_of(talk: PoolTalk) -> Sight:
    return Sight(talk.state, PLACE, talk.now)


def seen_at_work(miners: int = 0, shares: int = 0, policy: Policy = POLICY) -> Sight:
    """A pool with work; each of its miners has found so many shares, the first has one refused besides."""
    talk = PoolTalk(policy)
    talk.offer()
    devices = [Device(talk, STANDARD) for _ in range(miners)]
    for device in devices:
        device.find(shares)
    for device in devices[:1]:
        unit = device.unit()
        share = next(device.shares(unit))
        device.submit(unit, share)
        device.submit(unit, share)
    return sight_of(talk)
