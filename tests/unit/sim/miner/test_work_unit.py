"""Work units against SRI's vectors and the specification's own words."""

import pickle

import pytest

from sluice.bitcoin.hashes import BlockHash, MerkleRoot, sha256d
from sluice.bitcoin.header import Header
from sluice.bitcoin.target import Target
from sluice.sim.miner.work_unit import ROLLABLE_BITS, ExtendedJob, StandardJob, Tip, WorkUnit

TIP = Tip(BlockHash(b"\x11" * 32), nbits=0x1D00FFFF, min_ntime=1_000, since=50.0)
STANDARD = StandardJob(7, 0x20000000, ROLLABLE_BITS, MerkleRoot(b"\x22" * 32))


def unit(ntime: int = 1_000) -> WorkUnit:
    return WorkUnit(2, STANDARD, TIP, ntime, Target(1 << 200))


def test_the_mask_is_that_of_bip323() -> None:
    assert ROLLABLE_BITS == 0x1FFFFFE0
    assert ROLLABLE_BITS.bit_count() == 24


def test_a_standard_jobs_root_is_what_the_server_said() -> None:
    assert STANDARD.merkle_root(b"") == b"\x22" * 32
    assert STANDARD.extranonce_size == 0


def test_an_extended_jobs_root_is_folded_from_its_coinbase() -> None:
    job = ExtendedJob(7, 2, 0, b"head", b"tail", (b"\x01" * 32, b"\x02" * 32), 3)
    txid = sha256d(b"headabctail")
    assert job.merkle_root(b"abc") == sha256d(sha256d(txid + b"\x01" * 32) + b"\x02" * 32)


def test_the_header_has_its_fields_in_place() -> None:
    header = Header.parse(unit().header(b"", 0x20000020, 1_005, 0xDEADBEEF))
    assert header == Header(0x20000020, TIP.prev_hash, STANDARD.root, 1_005, 0x1D00FFFF, 0xDEADBEEF)


@pytest.mark.parametrize(
    ("ntime", "now", "lead"),
    [
        (1_000, 50.0, 0),
        (1_000, 50.9, 0),
        (1_000, 52.0, 2),
        (1_000, 650.0, 600),
        (1_030, 79.0, 0),  # a job sent 30 s after the tip begins at its own time
        (1_030, 85.0, 5),
        (1_030, 50.0, 0),  # and one from the future waits for it
    ],
)
def test_time_runs_no_faster_than_the_clock(ntime: int, now: float, lead: int) -> None:
    assert unit(ntime).ntime_lead(now) == lead


def test_the_network_target_is_that_of_nbits() -> None:
    assert unit().network_target == 0xFFFF << 208


def test_it_survives_a_pipe() -> None:
    assert pickle.loads(pickle.dumps(unit())) == unit()
