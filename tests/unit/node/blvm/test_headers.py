"""What the next block's header must have, computed against Core's rules on made-up and real numbers."""

import asyncio
from dataclasses import replace

import pytest

from sluice.bitcoin.hashes import BlockHash, MerkleRoot, from_display
from sluice.bitcoin.header import Header
from sluice.bitcoin.network import MAINNET, REGTEST, SIGNET, TESTNET, TESTNET4, Network
from sluice.bitcoin.target import nbits_from_target, target_from_nbits
from sluice.blvm import structures as s
from sluice.node.blvm.headers import (
    EASIEST,
    EASY_AFTER,
    GENESIS,
    PERIOD,
    Following,
    Headers,
    header_of,
)

START = 1_600_000_000
NBITS = 0x1B04864C
EASY_NBITS = nbits_from_target(EASIEST)


class MadeUp:
    """A chain of headers, ten minutes apart unless said otherwise."""

    def __init__(self, length: int, nbits: int = NBITS, spacing: int = 600) -> None:
        self.headers: list[Header] = []
        for index in range(length):
            self.add(START + index * spacing, nbits)

    def add(self, ntime: int, nbits: int) -> None:
        before = self.headers[-1].hash() if self.headers else BlockHash(bytes(32))
        self.headers.append(Header(1, before, MerkleRoot(bytes(32)), ntime, nbits, len(self.headers)))

    async def by_hash(self, block_hash: BlockHash) -> Header:
        return next(header for header in self.headers if header.hash() == block_hash)

    async def at_height(self, height: int) -> Header:
        return self.headers[height]

    def following(self, network: Network, now: int = START) -> Following:
        headers = Headers(network, self.by_hash, self.at_height)
        return asyncio.run(headers.following(self.headers[-1].hash(), len(self.headers), now))


@pytest.mark.parametrize("network", [MAINNET, SIGNET, REGTEST, TESTNET, TESTNET4])
def test_within_a_period_the_target_stays(network: Network) -> None:
    assert MadeUp(40).following(network).nbits == NBITS


def test_the_earliest_time_is_after_the_median_of_eleven() -> None:
    chain = MadeUp(40)
    assert chain.following(MAINNET).min_ntime == chain.headers[-6].ntime + 1
    assert MadeUp(1).following(MAINNET).min_ntime == START + 1
    assert MadeUp(4).following(MAINNET).min_ntime == START + 2 * 600 + 1


def test_the_median_is_of_times_in_order() -> None:
    chain = MadeUp(11)
    chain.headers[3] = replace(chain.headers[3], ntime=START + 10**6)
    for index in range(4, 11):
        chain.headers[index] = replace(chain.headers[index], prev_hash=chain.headers[index - 1].hash())
    times = sorted(header.ntime for header in chain.headers)
    assert chain.following(MAINNET).min_ntime == times[5] + 1


def period(spacing: int, nbits: int = NBITS) -> MadeUp:
    return MadeUp(PERIOD, nbits, spacing)


def test_a_retarget_as_mainnet_had_it() -> None:
    """Block 32256, from 32255 and 30240: Core's pow_tests, get_next_work."""
    chain = period(1)
    chain.headers[0] = replace(chain.headers[0], ntime=1261130161)
    before = chain.headers[-2].hash()
    chain.headers[-1] = replace(chain.headers[-1], ntime=1262152739, nbits=0x1D00FFFF, prev_hash=before)
    assert chain.following(MAINNET).nbits == 0x1D00D86A


@pytest.mark.parametrize(
    ("spacing", "nbits", "factor"),
    [(600, NBITS, 1), (60, NBITS, 1 / 4), (30, NBITS, 1 / 4), (6_000, NBITS, 4), (1_200, NBITS, 2)],
)
def test_a_retarget_goes_by_the_time_taken_and_no_further_than_fourfold(
    spacing: int, nbits: int, factor: float
) -> None:
    after = target_from_nbits(period(spacing, nbits).following(MAINNET).nbits)
    assert after / target_from_nbits(nbits) == pytest.approx(factor, rel=2e-3)


def test_no_target_is_easier_than_the_networks() -> None:
    assert period(6_000, EASY_NBITS).following(MAINNET).nbits == EASY_NBITS
    assert period(6_000, 0x1E0377AE).following(SIGNET).nbits == 0x1E0377AE


def test_regtest_never_retargets() -> None:
    assert period(1, 0x207FFFFF).following(REGTEST).nbits == 0x207FFFFF


@pytest.mark.parametrize("network", [TESTNET, TESTNET4])
def test_test_networks_take_an_easy_block_after_twenty_minutes(network: Network) -> None:
    chain = MadeUp(40)
    late = chain.headers[-1].ntime + EASY_AFTER + 1
    assert chain.following(network, late) == Following(EASY_NBITS, late)
    assert chain.following(network, late - 1).nbits == NBITS
    assert chain.following(MAINNET, late).nbits == NBITS


@pytest.mark.parametrize("network", [TESTNET, TESTNET4])
def test_easy_blocks_do_not_count_for_the_next(network: Network) -> None:
    chain = MadeUp(40)
    for _ in range(3):
        chain.add(chain.headers[-1].ntime + 1_300, EASY_NBITS)
    assert chain.following(network, chain.headers[-1].ntime).nbits == NBITS


def test_testnet4_retargets_from_the_first_of_the_period() -> None:
    chain = period(600)
    before = chain.headers[-2].hash()
    chain.headers[-1] = replace(chain.headers[-1], nbits=EASY_NBITS, prev_hash=before)
    retargeted = target_from_nbits(chain.following(TESTNET4).nbits)
    assert retargeted / target_from_nbits(NBITS) == pytest.approx(1, rel=1e-3)
    assert chain.following(TESTNET).nbits == nbits_from_target(
        type(EASIEST)(EASIEST * (2015 * 600) // (2016 * 600))
    )


FIRST_COINBASE = MerkleRoot(from_display("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"))
TESTNET4_COINBASE = MerkleRoot(
    from_display("7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e")
)


@pytest.mark.parametrize(
    ("network", "root", "ntime", "nbits", "nonce"),
    [
        (MAINNET, FIRST_COINBASE, 1231006505, 0x1D00FFFF, 2083236893),
        (TESTNET, FIRST_COINBASE, 1296688602, 0x1D00FFFF, 414098458),
        (TESTNET4, TESTNET4_COINBASE, 1714777860, 0x1D00FFFF, 393743547),
        (SIGNET, FIRST_COINBASE, 1598918400, 0x1E0377AE, 52613770),
        (REGTEST, FIRST_COINBASE, 1296688602, 0x207FFFFF, 2),
    ],
    ids=lambda each: getattr(each, "name", None),
)
def test_each_network_is_known_by_its_first_block(
    network: Network, root: MerkleRoot, ntime: int, nbits: int, nonce: int
) -> None:
    first = Header(1, BlockHash(bytes(32)), root, ntime, nbits, nonce)
    assert GENESIS[first.hash()] is network
    assert len(GENESIS) == 5


def test_a_header_of_96_bytes_becomes_one_of_80() -> None:
    told = s.BlockHeader(-1, b"\1" * 32, b"\2" * 32, START, NBITS, 7)
    assert header_of(told) == Header(
        0xFFFFFFFF, BlockHash(b"\1" * 32), MerkleRoot(b"\2" * 32), START, NBITS, 7
    )
    with pytest.raises(OverflowError):
        header_of(s.BlockHeader(1, bytes(32), bytes(32), 2**32, NBITS, 7))
