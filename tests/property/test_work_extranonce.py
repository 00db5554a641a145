"""No two channels ever search the same space: prefixes, and prefixes together with jobs."""

from collections.abc import Callable
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from sluice.work.book import JobBook, MineNow, SendAhead, TurnTo
from sluice.work.channel import Channel
from sluice.work.extranonce import PREFIX_SIZE, ROLLABLE_SIZE, ExtranonceSpace
from support.work import HEIGHT, PAYOUT, SUBSIDY, channel, template

MAX_JOBS = 3
shards = st.integers(0, 255)


@given(shards, st.lists(st.one_of(st.just("take"), st.just("tip"), st.integers(0, 40))))
def test_a_prefix_has_one_holder_and_rests_in_between(shard: int, deeds: list[str | int]) -> None:
    space = ExtranonceSpace(shard)
    held: list[bytes] = []
    resting: set[bytes] = set()
    for deed in deeds:
        if deed == "take":
            prefix = space.take()
            assert prefix is not None
            assert (len(prefix), prefix[0]) == (PREFIX_SIZE, shard)
            assert prefix not in held
            assert prefix not in resting
            held.append(prefix)
        elif deed == "tip":
            space.tip_changed()
            resting.clear()
        elif isinstance(deed, int) and held:
            given_back = held.pop(deed % len(held))
            space.give_back(given_back)
            resting.add(given_back)


@given(st.lists(st.sampled_from(["take", "cycle", "tip"]), max_size=200))
def test_no_index_is_fresh_while_one_is_ready(deeds: list[str]) -> None:
    space = ExtranonceSpace(0)
    for deed in deeds:
        prefix = space.take()
        assert prefix is not None
        assert int.from_bytes(prefix) < len(deeds)
        if deed != "take":
            space.give_back(prefix)
        if deed == "tip":
            space.tip_changed()


@given(shards, shards, st.integers(1, 300))
def test_shards_never_meet(one: int, other: int, number: int) -> None:
    first, second = ExtranonceSpace(one), ExtranonceSpace(other)
    meet = {first.take() for _ in range(number)} & {second.take() for _ in range(number)}
    assert bool(meet) is (one == other)


class Hall:
    """Channels that come, go and move while templates come, as the pool lets them."""

    def __init__(self) -> None:
        ids: Callable[[], int] = count(1).__next__
        self.book = JobBook(PAYOUT, ids, lambda _: SUBSIDY)
        self.space = ExtranonceSpace(3)
        self.channels: list[Channel] = []
        #: What each miner has, whether it may be mined by now or not: job id and prefix.
        self.told: dict[Channel, set[tuple[int, bytes]]] = {}
        self.height, self.fork = HEIGHT, 0
        self.offer("block")

    def offer(self, kind: str) -> None:
        self.height += kind == "block"
        self.fork += kind == "reorg"
        for step in self.book.offer(template(self.height, self.fork)):
            for each in self.channels:
                if isinstance(step, TurnTo):
                    each.turn_to(step.job, 0.0)
                elif isinstance(step, MineNow):
                    each.issue(step.job, MAX_JOBS)
                if isinstance(step, SendAhead | MineNow):
                    self.tell(each, step.job.job_id)
            if isinstance(step, TurnTo):
                self.space.tip_changed()

    def send_ahead_again(self) -> None:
        job = self.book.ahead_again().job
        for each in self.channels:
            self.tell(each, job.job_id)

    def open(self, *, is_standard: bool) -> None:
        prefix = self.space.take()
        assert prefix is not None
        assert self.book.current is not None
        assert self.book.future is not None
        opened = channel(prefix + bytes(ROLLABLE_SIZE) if is_standard else prefix)
        self.channels.append(opened)
        self.told[opened] = set()
        opened.issue(self.book.current, MAX_JOBS)
        self.tell(opened, self.book.current.job_id)
        self.tell(opened, self.book.future.job_id)

    def close(self, closing: Channel) -> None:
        self.channels.remove(closing)
        del self.told[closing]
        self.space.give_back(closing.extranonce_prefix)

    def move(self, moving: Channel) -> None:
        prefix = self.space.take()
        assert prefix is not None
        self.space.give_back(moving.extranonce_prefix)
        moving.move_to(prefix + moving.extranonce_prefix[PREFIX_SIZE:], self.book.future)
        self.retarget(moving)

    def retarget(self, retargeted: Channel) -> None:
        job = self.book.again()
        retargeted.issue(job, MAX_JOBS)
        self.tell(retargeted, job.job_id)

    def tell(self, to: Channel, job_id: int) -> None:
        self.told[to].add((job_id, to.extranonce_prefix[:PREFIX_SIZE]))

    def check(self) -> None:
        everything = [work for told in self.told.values() for work in told]
        assert len(everything) == len(set(everything))
        for each in self.channels:
            issued = {**each.past, **each.jobs}
            judged_by = {(number, job.prefix[:PREFIX_SIZE]) for number, job in issued.items()}
            assert judged_by <= self.told[each]


DEEDS: dict[str, Callable[[Hall, Channel], None]] = {
    "close": Hall.close,
    "move": Hall.move,
    "retarget": Hall.retarget,
}


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["standard", "extended", "refresh", "block", "reorg", "ahead again"]),
            st.tuples(st.sampled_from(list(DEEDS)), st.integers(0, 9)),
        ),
        max_size=40,
    )
)
def test_no_work_is_given_to_two_channels(deeds: list[str | tuple[str, int]]) -> None:
    hall = Hall()
    for deed in deeds:
        if isinstance(deed, tuple):
            if hall.channels:
                DEEDS[deed[0]](hall, hall.channels[deed[1] % len(hall.channels)])
        elif deed in ("standard", "extended"):
            hall.open(is_standard=deed == "standard")
        elif deed == "ahead again":
            hall.send_ahead_again()
        else:
            hall.offer(deed)
        hall.check()
