"""Out of a picture of the pool: what the API says of the pool, its nodes and who is connected.

Rule: pure; nothing is said here that the picture does not show.
"""

from collections.abc import Iterable, Sequence

from sluice.bitcoin.network import NETWORKS
from sluice.control.words import HashRates as Rates
from sluice.control.words import MinerView, NodePicture, PoolPicture, TemplatePicture
from sluice.legible import seconds_to_block
from sluice.web.devices import Device
from sluice.web.rest.answers import HashRates, Network, Node, RecordState, Template
from sluice.web.rest.miner_answers import Channel, Connection
from sluice.web.rest.numbers import HASHES_OF_DIFFICULTY_1

#: Seconds that Bitcoin wants between two blocks.
BLOCK_SECONDS = 600
#: What nodes call the networks, by what we do.
_CHAINS = {network.name: network.chain for network in NETWORKS}


def hashrates(rates: Rates, one_day: float | None = None) -> HashRates:
    """Rates of now, and of the day from elsewhere."""
    return HashRates(*rates, one_day)


def summed(devices: Iterable[Device]) -> Rates:
    """Rates of all of them."""
    one = five = sixty = 0.0
    for device in devices:
        rates = device.figures.hashrates
        one, five, sixty = one + rates[0], five + rates[1], sixty + rates[2]
    return one, five, sixty


def expected_seconds(pool: PoolPicture) -> float | None:
    """Until a block, at the hash rate of the last hour, or of a shorter time if that is all there is."""
    one, five, sixty = pool.figures.hashrates
    return seconds_to_block(pool.network_difficulty, sixty or five or one)


def chain_of(pool: PoolPicture) -> str:
    """The network, as a node's `chain` has it: main, test, testnet4, signet, regtest."""
    return _CHAINS.get(pool.network, pool.network)


def network_answer(pool: PoolPicture) -> Network:
    """The chain."""
    return Network(
        network=chain_of(pool),
        height=None if pool.height is None else pool.height - 1,
        prev_hash=pool.prev_hash,
        difficulty=pool.network_difficulty,
        hashrate=network_hashrate(pool),
        template=_template(pool.template),
    )


def network_hashrate(pool: PoolPicture) -> float:
    """What finds a block in ten minutes."""
    return pool.network_difficulty * HASHES_OF_DIFFICULTY_1 / BLOCK_SECONDS


def node_answer(node: NodePicture) -> Node:
    """One node."""
    return Node(
        name=node.node,
        state=node.state,
        meaning=node.meaning,
        why=node.why,
        for_seconds=node.for_seconds,
        next_height=node.next_height,
        prev_hash=node.prev_hash,
        behind=node.behind,
        lag_seconds=node.lag,
        template_age_seconds=node.template_age,
        reward=node.reward,
        outcomes=node.outcomes,
        last_outcome=node.last_outcome,
    )


def record_answer(pool: PoolPicture) -> RecordState | None:
    """How the record stands."""
    record = pool.record
    return None if record is None else RecordState(record.queued, record.lag, record.lost, record.failing)


def connection_answer(pool: PoolPicture, miner: MinerView, *, operator: bool) -> Connection:
    """One connection; where it comes from only for an operator."""
    return Connection(
        id=miner.peer,
        address=miner.address if operator else None,
        protocol=miner.wire,
        vendor=miner.vendor,
        hardware_version=miner.hardware_version,
        firmware=miner.firmware,
        extensions=list(miner.extensions),
        connected_at=pool.at - miner.connected_for,
        heard_at=pool.at - miner.heard_ago,
        channels=len(miner.channels),
        accepted=miner.figures.accepted,
        refused=miner.figures.refused,
        hashrates=hashrates(miner.figures.hashrates),
    )


def channel_answer(device: Device) -> Channel:
    """One worker on one channel."""
    figures, channel, miner = device.figures, device.channel, device.miner
    return Channel(
        session=device.session,
        connection=miner.peer,
        channel_id=channel.channel_id,
        kind=channel.kind,
        account=device.account,
        worker=device.worker,
        difficulty=channel.difficulty,
        difficulty_fixed=channel.fixed,
        vendor=miner.vendor,
        firmware=miner.firmware,
        protocol=miner.wire,
        connected_at=device.since,
        last_share_at=device.last_share_at,
        accepted=figures.accepted,
        refused=figures.refused,
        best_difficulty=figures.best_difficulty,
        hashrates=hashrates(figures.hashrates),
    )


def newest(devices: Sequence[Device]) -> Device | None:
    """The one that came last."""
    return max(devices, key=lambda device: (device.since, device.channel.channel_id), default=None)


def last_share_at(devices: Iterable[Device]) -> float | None:
    """When any of them had a share credited."""
    times = (device.last_share_at for device in devices if device.last_share_at is not None)
    return max(times, default=None)


def _template(template: TemplatePicture | None) -> Template | None:
    if template is None:
        return None
    return Template(
        age_seconds=template.age,
        height=template.height,
        reward=template.reward,
        fees=template.fees,
        transactions=template.transactions,
    )
