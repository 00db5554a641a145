"""What channels are told when a node offers a template: the whole table of cases."""

from collections.abc import Callable
from itertools import count

import pytest

from sluice.bitcoin.transaction import Transaction
from sluice.work.book import JobBook, MineNow, SendAhead, Step, TurnTo
from sluice.work.job import Job
from sluice.work.template import Template, tip_of
from support.work import EASY_NBITS, HEIGHT, NTIME, PAYOUT, SUBSIDY, spend, template

FULL = (spend(1), spend(2))


def opened_book() -> JobBook:
    ids: Callable[[], int] = count(1).__next__
    return JobBook(PAYOUT, ids, lambda height: SUBSIDY + height)


def kinds(steps: list[Step]) -> list[type[Step]]:
    return [type(step) for step in steps]


def is_empty_at(job: Job, height: int) -> bool:
    return job.height == height and job.template.transactions == () and job.template.merkle_path == ()


def test_before_the_first_template_there_is_nothing() -> None:
    book = opened_book()
    assert (book.tip, book.current, book.future) == (None, None, None)
    with pytest.raises(ValueError, match="no job yet"):
        book.again()
    with pytest.raises(ValueError, match="no job ahead yet"):
        book.ahead_again()


def test_the_first_template_is_sent_ahead_then_turned_to() -> None:
    book = opened_book()
    offered = template(transactions=FULL)
    ahead, turn, next_ahead = book.offer(offered)
    assert isinstance(ahead, SendAhead)
    assert isinstance(turn, TurnTo)
    assert isinstance(next_ahead, SendAhead)
    assert ahead.job.template is offered
    assert (turn.job.job_id, turn.job.split) == (ahead.job.job_id, ahead.job.split)
    assert turn.job is book.current
    assert next_ahead.job is book.future
    assert is_empty_at(next_ahead.job, HEIGHT + 1)
    assert book.tip == tip_of(offered)


def test_the_empty_job_ahead_pays_the_subsidy_of_its_own_height() -> None:
    book = opened_book()
    book.offer(template(transactions=FULL))
    assert book.future is not None
    coinbase = Transaction.parse(book.future.coinbase(bytes(16)))
    assert sum(output.value for output in coinbase.outputs) == SUBSIDY + HEIGHT + 1


def test_a_refresh_is_mined_now_on_the_same_tip() -> None:
    book = opened_book()
    book.offer(template())
    tip, future = book.tip, book.future
    offered = template(transactions=FULL, ntime=NTIME + 30)
    (step,) = book.offer(offered)
    assert isinstance(step, MineNow)
    assert step.job is book.current
    assert step.job.template is offered
    assert step.job.tip is tip
    assert step.job.min_ntime == NTIME + 30
    assert book.future is future


def test_the_next_block_turns_to_the_job_sent_ahead_then_to_the_full_one() -> None:
    book = opened_book()
    book.offer(template(transactions=FULL))
    sent = book.future
    assert sent is not None
    offered = template(HEIGHT + 1, transactions=FULL, ntime=NTIME + 600)
    turn, mine, ahead = book.offer(offered)
    assert isinstance(turn, TurnTo)
    assert isinstance(mine, MineNow)
    assert isinstance(ahead, SendAhead)
    assert (turn.job.job_id, turn.job.template, turn.job.split) == (sent.job_id, sent.template, sent.split)
    assert turn.job.tip == mine.job.tip == tip_of(offered) == book.tip
    assert turn.job.min_ntime == mine.job.min_ntime == NTIME + 600
    assert mine.job.template is offered
    assert mine.job is book.current
    assert ahead.job is book.future
    assert is_empty_at(ahead.job, HEIGHT + 2)


UNPREPARED: list[tuple[str, Template]] = [
    ("another block of this height", template(fork=1)),
    ("a longer chain that forked off before", template(HEIGHT + 2, fork=1)),
    ("a shorter one", template(HEIGHT - 1, fork=1)),
    ("other nbits", template(nbits=EASY_NBITS)),
    ("a node that would not take the empty block", template(HEIGHT + 1, empty_fits=False)),
]


@pytest.mark.parametrize(
    "offered", [offered for _, offered in UNPREPARED], ids=[why for why, _ in UNPREPARED]
)
def test_what_was_not_prepared_for_is_sent_first(offered: Template) -> None:
    book = opened_book()
    book.offer(template())
    steps = book.offer(offered)
    assert kinds(steps) == [SendAhead, TurnTo, SendAhead]
    sent, turn, ahead = (step.job for step in steps)
    assert turn.job_id == sent.job_id
    assert turn.template is offered
    assert turn is book.current
    assert book.tip == tip_of(offered)
    assert is_empty_at(ahead, offered.height + 1)
    assert ahead is book.future


def test_nobody_mines_before_the_time_the_network_allows() -> None:
    book = opened_book()
    book.offer(template(ntime=NTIME, min_ntime=NTIME + 9))
    assert book.current is not None
    assert book.current.min_ntime == NTIME + 9


def test_again_is_the_current_work_under_another_id_and_coinbase() -> None:
    book = opened_book()
    book.offer(template(transactions=FULL))
    current = book.current
    assert current is not None
    again = book.again()
    assert again.job_id != current.job_id
    assert (again.template, again.tip, again.min_ntime) == (current.template, current.tip, current.min_ntime)
    assert again.coinbase(bytes(16)) != current.coinbase(bytes(16))
    assert book.current is current


def test_the_job_ahead_again_is_the_one_that_the_next_tip_turns_to() -> None:
    book = opened_book()
    book.offer(template())
    first = book.future
    assert first is not None
    again = book.ahead_again().job
    assert again is book.future
    assert again.job_id != first.job_id
    assert again.template is first.template
    assert again.coinbase(bytes(16)) != first.coinbase(bytes(16))
    turn = book.offer(template(HEIGHT + 1))[0]
    assert isinstance(turn, TurnTo)
    assert turn.job.job_id == again.job_id


def test_the_job_ahead_again_is_the_same_work_under_another_id_and_what_a_tip_turns_to() -> None:
    book = opened_book()
    book.offer(template(transactions=FULL))
    before = book.future
    assert before is not None
    step = book.ahead_again()
    assert step.job is book.future
    assert step.job.job_id != before.job_id
    assert step.job.template is before.template
    assert step.job.coinbase(bytes(16)) != before.coinbase(bytes(16))
    turn, *_ = book.offer(template(HEIGHT + 1))
    assert isinstance(turn, TurnTo)
    assert turn.job.job_id == step.job.job_id


def test_no_two_jobs_share_an_id_but_a_job_and_its_turn() -> None:
    book = opened_book()
    offers = [
        template(),
        template(),
        template(HEIGHT + 1),
        template(HEIGHT + 1, fork=1),
        template(HEIGHT + 2),
    ]
    steps = [step for offered in offers for step in book.offer(offered)]
    cut_ids = [step.job.job_id for step in steps if not isinstance(step, TurnTo)] + [book.again().job_id]
    assert len(cut_ids) == len(set(cut_ids))
    sent = {step.job.job_id for step in steps if isinstance(step, SendAhead)}
    assert {step.job.job_id for step in steps if isinstance(step, TurnTo)} <= sent
