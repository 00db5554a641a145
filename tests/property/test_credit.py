"""Whatever was done by whomever: no satoshi and no hash is made or lost, and nobody gains by how work is told."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sluice.accounting.credit import cut, together
from sluice.accounting.name import earner_of
from sluice.accounting.split import MILLION, Split, Terms, split
from sluice.accounting.window import Window, newest
from sluice.bitcoin.target import MAX_TARGET, Target, work

#: All coins that there will ever be, in satoshis; more work than all of Bitcoin does in years.
ALL_COINS, MOST_WORK = 2_100_000_000_000_000, 1 << 96

rewards = st.integers(0, ALL_COINS) | st.integers(0, 20)
works = st.integers(0, MOST_WORK) | st.integers(0, 9)
accounts = st.sampled_from("abcdefgh")
credits_ = st.dictionaries(accounts, works, max_size=8)
brought = st.dictionaries(accounts, st.integers(0, 9_999), max_size=4)
terms = st.builds(Terms, st.integers(0, MILLION), st.integers(0, 5_000) | st.integers(0, ALL_COINS))
shares = st.lists(st.tuples(accounts, works), max_size=20)
pieces = st.lists(credits_, max_size=10)
sizes = st.integers(1, 4 * MOST_WORK) | st.integers(1, 40)


def came_and_went(done: Split) -> tuple[int, int]:
    out = done.fee + done.rest + sum(done.paid.values()) + sum(done.carried.values())
    return done.reward + sum(done.brought.values()), out


@given(reward=rewards, credit=credits_, terms=terms, carried=brought)
def test_every_satoshi_goes_somewhere(
    reward: int, credit: dict[str, int], terms: Terms, carried: dict[str, int]
) -> None:
    done = split(reward, credit, terms, carried)
    came, went = came_and_went(done)
    assert came == went
    assert reward == done.fee + done.rest + sum(done.parts.values())
    assert done.fee <= Fraction(reward * terms.fee_ppm, MILLION) < done.fee + 1
    for satoshis in (done.rest, *done.parts.values(), *done.paid.values(), *done.carried.values()):
        assert satoshis >= 0
    if total := sum(credit.values()):
        assert done.rest < max(len(credit), 1)
        for account, satoshis in done.parts.items():
            exact = Fraction((reward - done.fee) * credit[account], total)
            assert satoshis <= exact < satoshis + 1
    assert all(satoshis >= terms.least for satoshis in done.paid.values())
    assert all(satoshis < terms.least for satoshis in done.carried.values())
    assert not done.paid.keys() & done.carried.keys()


@given(st.lists(st.tuples(rewards, credits_), max_size=6), terms)
def test_what_is_carried_from_block_to_block_is_paid_or_carried_at_last(
    blocks: list[tuple[int, dict[str, int]]], terms: Terms
) -> None:
    carried: dict[str, int] = {}
    kept = paid = 0
    for reward, credit in blocks:
        done = split(reward, credit, terms, carried)
        carried = dict(done.carried)
        kept += done.fee + done.rest
        paid += sum(done.paid.values())
    assert sum(reward for reward, _ in blocks) == kept + paid + sum(carried.values())


@given(reward=rewards, credit=credits_, terms=terms, data=st.data())
def test_the_order_of_accounts_does_not_matter(
    reward: int, credit: dict[str, int], terms: Terms, data: st.DataObject
) -> None:
    other = dict(data.draw(st.permutations(list(credit.items()))))
    assert split(reward, credit, terms) == split(reward, other, terms)
    size = data.draw(st.integers(0, sum(credit.values())))
    assert cut(credit, size) == cut(other, size)


@given(reward=rewards, credit=credits_, who=accounts, more=works)
def test_more_work_is_never_worth_less(reward: int, credit: dict[str, int], who: str, more: int) -> None:
    """To who does it; and of two accounts, to the one that did more."""
    before = split(reward, credit, Terms()).parts
    after = split(reward, together([credit, {who: more}]), Terms()).parts
    assert after.get(who, 0) >= before.get(who, 0)
    assert all(after[other] <= before[other] for other in before if other != who)
    ranked = sorted(before, key=lambda account: credit[account])
    assert sorted(before.values()) == [before[account] for account in ranked]


@given(
    reward=rewards,
    told=st.lists(st.tuples(accounts, st.sampled_from(["", ".rig", "_attic", ".x.y"]), works), max_size=20),
)
def test_workers_of_an_account_are_the_account(reward: int, told: list[tuple[str, str, int]]) -> None:
    """However an account's work is told under its workers' names, it is worth the same."""
    apart, alike = Window(), Window()
    for account, worker, done in told:
        apart.add({earner_of(account + worker).account: done})
    for account in {account for account, _, _ in told}:
        alike.add({account: sum(done for other, _, done in told if other == account)})
    assert split(reward, apart.credit, Terms()) == split(reward, alike.credit, Terms())


@given(credit=credits_, data=st.data())
def test_what_is_cut_is_exact(credit: dict[str, int], data: st.DataObject) -> None:
    total = sum(credit.values())
    size = data.draw(st.integers(0, total))
    parts = cut(credit, size)
    assert sum(parts.values()) == size
    assert parts.keys() == credit.keys()
    for account, part in parts.items():
        assert 0 <= part <= credit[account]
        assert abs(part - Fraction(credit[account] * size, total or 1)) < 1


@given(told=pieces, size=sizes)
def test_a_window_holds_its_size_unless_there_is_less(told: list[dict[str, int]], size: int) -> None:
    window, total = Window(size), together(told)
    for piece in told:
        window.add(piece)
    assert window.work == sum(window.credit.values()) == min(size, sum(total.values()))
    assert all(0 < part <= total[account] for account, part in window.credit.items())
    if sum(total.values()) <= size:
        assert window.credit == {account: part for account, part in total.items() if part}


@given(told=shares, size=sizes)
def test_the_newest_work_counts(told: list[tuple[str, int]], size: int) -> None:
    """As if each hash stood in a row, and the newest `size` of them were counted one by one."""
    window = Window(size)
    for account, done in told:
        if not window.add({account: done}):
            break
    expected: dict[str, int] = {}
    left = size
    for account, done in told:
        part = min(done, left)
        left -= part
        if part:
            expected[account] = expected.get(account, 0) + part
    assert window.credit == expected


@given(
    times=st.fractions(Fraction(1, 1000), 1000, max_denominator=1000),
    target=st.integers(1 << 128, MAX_TARGET).map(Target),
)
def test_a_window_is_as_large_as_it_is_said_to_be(times: Fraction, target: Target) -> None:
    size = newest(times, work(target))
    assert size >= 1
    assert size == 1 or size <= times * work(target) < size + 1
