"""A plan's defaults are what any server can serve."""

from sluice.bitcoin.target import MAX_TARGET
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan, Device
from sluice.version import VERSION


def test_a_wish_takes_any_target_and_few_bytes() -> None:
    wish = ChannelWish("alice", extended=True, hash_rate=1.0)
    assert wish.max_target == MAX_TARGET
    assert 1 <= wish.min_extranonce_size <= 8  # SV1 proxies ask for 4 to 8; servers give 8 to 16


def test_a_plan_asks_for_nothing_special() -> None:
    plan = ClientPlan("pool.example", 3333, ())
    assert not plan.standard_jobs
    assert not plan.version_rolling
    assert plan.worker is None


def test_the_device_is_named_but_not_identified() -> None:
    device = Device()
    assert device.vendor
    assert VERSION in device.firmware
    assert device.device_id == ""
