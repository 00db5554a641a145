from hypothesis import given
from hypothesis import strategies as st

from sluice.web.devices import IDLE_SECONDS, MOST_NAME, Devices, devices_of, kept_name
from support.pictures import ACCOUNT, NOW, STARTED, channel, figures, miner, pool


def test_each_channel_is_a_device_of_its_account() -> None:
    devices = devices_of(
        pool(), [miner(1, channel(1), channel(2, worker="attic")), miner(2, channel(1, "other", ""))]
    )
    assert [(each.account, each.worker, each.name) for each in devices.all] == [
        (ACCOUNT, "rig", f"{ACCOUNT}.rig"),
        (ACCOUNT, "attic", f"{ACCOUNT}.attic"),
        ("other", "", "other"),
    ]
    assert devices.accounts == {ACCOUNT, "other"}
    assert devices.of(ACCOUNT) == devices.all[:2]
    assert devices.of(ACCOUNT, "attic") == devices.all[1:2]
    assert devices.of("other", "") == devices.all[2:]
    assert devices.of("nobody") == devices.of(ACCOUNT, "nobody") == ()
    assert Devices().all == ()


def test_times_are_unix_seconds() -> None:
    [device] = devices_of(pool(), [miner(1, channel(last_share_ago=4.0), connected_for=3_600.0)]).all
    assert device.since == NOW - 3_600
    assert device.last_share_at == NOW - 4


def test_who_finds_nothing_for_a_minute_is_idle() -> None:
    busy, idle, fresh, silent = devices_of(
        pool(),
        [
            miner(1, channel(1, last_share_ago=IDLE_SECONDS), channel(2, last_share_ago=IDLE_SECONDS + 1)),
            miner(2, channel(1, last_share_ago=None), connected_for=10.0),
            miner(3, channel(1, last_share_ago=None), connected_for=100.0),
        ],
    ).all
    assert [each.is_idle(NOW) for each in (busy, idle, fresh, silent)] == [False, True, False, True]


def test_a_session_is_one_workers_on_one_channel_of_one_run() -> None:
    def sessions(started_at: float) -> list[str]:
        miners = [miner(1, channel(1), channel(2)), miner(2, channel(1), channel(1, worker="b"))]
        return [each.session for each in devices_of(pool(started_at=started_at), miners).all]

    first = sessions(STARTED)
    assert len(set(first)) == 4
    assert all(len(bytes.fromhex(session)) == 4 for session in first)
    assert first == sessions(STARTED)
    assert set(first).isdisjoint(sessions(STARTED + 1))


def test_workers_behind_a_proxy_are_devices_and_what_none_of_them_did_is_the_channels() -> None:
    one = figures(accepted=5, refused={"stale": 1}, work=5 * 2.0**32, best_difficulty=99.0, late=0)
    two = figures(accepted=7, refused={}, work=7 * 2.0**32, best_difficulty=512.25, late=1)
    whole = channel(1, worker="proxy", workers={"one": one, "two": two})
    devices = devices_of(pool(), [miner(1, whole)]).all
    assert [(each.worker, each.figures.accepted) for each in devices] == [("one", 5), ("two", 7)]

    more = channel(
        1,
        worker="proxy",
        workers={"one": one, "two": two},
        accepted=20,
        work=20 * 2.0**32,
        hashrates=(4e12, 4e12, 4e12),
    )
    *_, rest = devices_of(pool(), [miner(1, more)]).all
    assert rest.worker == "proxy"
    assert rest.figures.accepted == 8
    assert rest.figures.refused == {"stale": 1}
    assert rest.figures.work == 8 * 2.0**32
    assert rest.figures.hashrates == (1e12, 1.5e12, 2e12)
    assert rest.figures.best_difficulty == 0.0


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_name_is_found_again(account: str, worker: str) -> None:
    devices = devices_of(pool(), [miner(1, channel(1, account, worker))])
    [device] = devices.of(kept_name(account), kept_name(worker))
    assert device is devices.all[0]


@given(st.text(st.characters()))
def test_a_kept_name_can_be_kept(text: str) -> None:
    name = kept_name(text)
    assert "\0" not in name
    assert len(name) <= MOST_NAME
    name.encode()
    assert kept_name(name) == name
