"""Orders for names and addresses: the closest counts, and what cannot be is refused with a sentence."""

import pytest

from sluice.pool import orders as module
from sluice.pool.orders import OrderRefused, Orders, Standing, name_of, names_of, network_of

NOW = 1_000_000


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ("alice", ("alice",)),
        ("alice.rig", ("alice.rig", "alice")),
        ("alice_rig", ("alice.rig", "alice")),
        ("alice.rig_2", ("alice.rig_2", "alice")),
        ("a\udcffb.\x1b", ("a\\xffb.\x1b", "a\\xffb")),
        ("", ("",)),
    ],
)
def test_a_channel_is_ordered_by_its_worker_then_by_its_account(user: str, names: tuple[str, ...]) -> None:
    assert names_of(user) == names


def test_the_order_for_a_worker_counts_before_that_for_its_account() -> None:
    orders = Orders()
    assert orders.difficulty_for("alice.rig") is None
    assert orders.fix("alice", 8) == "alice"
    assert orders.fix("alice_rig", 64) == "alice.rig"
    assert [
        orders.difficulty_for(user) for user in ("alice", "alice.rig", "alice_rig", "alice.other", "bob")
    ] == [
        8.0,
        64.0,
        64.0,
        8.0,
        None,
    ]
    orders.fix("alice.rig", None)
    assert orders.difficulty_for("alice.rig") == 8.0
    orders.fix("nobody", None)


@pytest.mark.parametrize("difficulty", [0.0, -1.0, float("inf"), float("nan"), 1e19])
def test_what_is_no_difficulty_is_refused(difficulty: float) -> None:
    with pytest.raises(OrderRefused, match="a difficulty is above zero"):
        Orders().fix("alice", difficulty)


@pytest.mark.parametrize("name", ["", "x" * 1_021])
def test_what_is_no_name_is_refused(name: str) -> None:
    words = "a name has 1 to 1020 letters"
    with pytest.raises(OrderRefused, match=words):
        Orders().fix(name, 1.0)
    with pytest.raises(OrderRefused, match=words):
        Orders().ban(name, None, NOW)
    with pytest.raises(OrderRefused, match=words):
        name_of(name)


@pytest.mark.parametrize(
    ("what", "known", "inside", "outside"),
    [
        ("192.0.2.7", "192.0.2.7", ["192.0.2.7:1", "[::ffff:192.0.2.7]:9"], ["192.0.2.8:1", "unknown"]),
        (
            "192.0.2.7/24",
            "192.0.2.0/24",
            ["192.0.2.0:1", "192.0.2.255:65535"],
            ["192.0.3.1:1", "[2001:db8::1]:1"],
        ),
        ("2001:db8::/32", "2001:db8::/32", ["[2001:db8:1::9]:3333"], ["[2001:db9::]:1", "192.0.2.7:1"]),
        ("192.0.2.7:3333", "192.0.2.7", ["192.0.2.7:1"], ["192.0.2.6:3333"]),
        ("::ffff:192.0.2.7", "192.0.2.7", ["192.0.2.7:1"], ["192.0.2.6:3333"]),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24", ["192.0.2.7:1", "[::ffff:192.0.2.9]:9"], ["192.0.3.7:1"]),
        ("[2001:db8::1]", "2001:db8::1", ["[2001:db8::1]:3333"], ["[2001:db8::2]:1"]),
    ],
)
def test_addresses_and_networks(what: str, known: str, inside: list[str], outside: list[str]) -> None:
    orders = Orders()
    assert orders.bans_address(inside[0], NOW) == ""
    assert orders.ban(what, None, NOW) == known
    assert [orders.bans_address(address, NOW) for address in inside] == [known] * len(inside)
    assert [orders.bans_address(address, NOW) for address in outside] == [""] * len(outside)
    assert orders.unban(known) == known
    assert orders.bans_address(inside[0], NOW) == ""
    assert orders._networks == {}


def test_a_ban_of_a_name_is_of_its_workers_too() -> None:
    orders = Orders()
    orders.ban("alice", None, NOW)
    orders.ban("bob.rig", None, NOW)
    banned = [
        orders.bans_name(user, NOW) for user in ("alice", "alice.1", "alice_1", "bob", "bob_rig", "bob.2")
    ]
    assert banned == [True, True, True, False, True, False]


def test_a_ban_ends_by_itself() -> None:
    orders = Orders()
    orders.ban("alice", NOW + 10, NOW)
    orders.ban("192.0.2.0/24", NOW + 20, NOW)
    assert orders.bans_name("alice", NOW + 9)
    assert not orders.bans_name("alice", NOW + 10)
    assert orders.bans_address("192.0.2.1:1", NOW + 19)
    assert not orders.bans_address("192.0.2.1:1", NOW + 20)
    assert orders.standing(NOW + 15) == Standing({}, {"192.0.2.0/24": NOW + 20})
    assert orders.standing(NOW + 25) == Standing()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("192.0.2.0/33", "no address and no network"),
        ("0.0.0.0/0", "too much of the world"),
        ("::/0", "too much of the world"),
        ("10.0.0.0/7", "8 bits or more"),
    ],
)
def test_a_slip_of_the_pen_is_refused(what: str, words: str) -> None:
    with pytest.raises(OrderRefused, match=words):
        Orders().ban(what, None, NOW)


def test_what_is_not_banned_cannot_be_taken_back() -> None:
    for what in ("alice", "192.0.2.1"):
        with pytest.raises(OrderRefused, match="is not banned"):
            Orders().unban(what)


def test_there_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ORDERS", 2)
    orders = Orders()
    for name in ("a", "b"):
        orders.fix(name, 1)
        orders.ban(name, NOW + 5, NOW)
    orders.fix("a", 2)
    orders.ban("a", None, NOW)
    with pytest.raises(OrderRefused, match="2 orders of this kind"):
        orders.fix("c", 1)
    with pytest.raises(OrderRefused, match="2 orders of this kind"):
        orders.ban("c", None, NOW)
    orders.ban("c", None, NOW + 6)  # that of b is over


def test_orders_come_back_and_what_cannot_be_is_told() -> None:
    orders = Orders()
    orders.fix("alice.1", 8)
    orders.ban("192.0.2.0/24", NOW + 60, NOW)
    orders.ban("mallory", None, NOW)
    again = Orders()
    assert list(again.restore(orders.standing(NOW), NOW)) == []
    assert again.standing(NOW) == orders.standing(NOW)
    assert again.bans_address("192.0.2.9:1", NOW)
    told = list(Orders().restore(Standing({"": 1.0, "a": -1.0, "b": 2.0}, {"0.0.0.0/0": None}), NOW))
    assert len(told) == 3


def test_names_are_no_networks() -> None:
    for name in ("alice", "bc1qexample", "10", "1.2", "rig:1", "a/b", ""):
        assert network_of(name) is None


def test_a_clock_that_is_ahead_for_a_moment_ends_no_ban() -> None:
    orders = Orders()
    orders.ban("alice", 2_000, 1_000)
    assert orders.standing(10**9).bans == {}
    assert orders.bans_name("alice.rig", 1_001)
    assert orders.standing(1_001).bans == {"alice": 2_000}


def test_bans_that_are_over_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.pool.orders.MOST_ORDERS", 2)
    orders = Orders()
    orders.ban("alice", 2_000, 1_000)
    orders.ban("192.0.2.7", 3_000, 1_000)
    with pytest.raises(OrderRefused, match="which are the most"):
        orders.ban("bob", None, 1_500)
    orders.ban("bob", None, 2_500)
    assert orders.standing(2_500).bans == {"192.0.2.7": 3_000, "bob": None}
