"""Workers: what is live beside what is kept, by whichever name."""

import pytest
from rich.cells import cell_len

from sluice.bitcoin.target import DIFFICULTY_1
from sluice.cli.columns import folded
from sluice.cli.kept import NotKept, WorkerKept
from sluice.cli.worker_words import (
    CHANNELS_SHOWN,
    HEADS,
    NOBODY,
    SPARE,
    Worker,
    account_in_full,
    and_absent,
    as_json,
    cells,
    devices_in,
    table,
    with_kept,
    workers_of,
)
from sluice.control.client import Picture
from sluice.control.words import Figures
from sluice.ledger.reading import WorkerTotals
from support.shown_pool import NOW, RUDE, channel, miner, picture

PROXY = channel("hall", 5e9, workers={"s21-7": Figures(3, {"stale": 1}, hashrates=(1.0, 2.0, 3.0))})
SHOWN = picture(
    miner(1, channel("alice.rig", 1e9), channel("alice.attic", 2e9), PROXY),
    miner(2, channel("bob.1", 9e12, fixed=True)),
    miner(3, channel("alice.rig", 3e9)),
)


def kept(account: str, worker: str = "", **changes: object) -> WorkerKept:
    fields: dict[str, object] = {
        "accepted": 1_000,
        "late": 1,
        "refused": {"stale": 9},
        "work": 1 << 70,
        "best_hash": DIFFICULTY_1 // 1_000_000,
        "best_at": int(NOW) - 86_400,
        "best_today_hash": DIFFICULTY_1 // 2_000,
        "first_at": int(NOW) - 864_000,
        "last_at": int(NOW) - 5,
        "blocks": 2,
    }
    totals = WorkerTotals(**fields | changes, account=account, worker=worker)  # type: ignore[arg-type]
    return WorkerKept(totals, (1e12, 5e11))


KEPT = {
    (each.totals.account, each.totals.worker): each
    for each in (
        kept("alice", "rig"),
        kept("alice", "cellar", last_at=7),
        kept("alice", "sold", last_at=3),
        kept("bob", "1", best_hash=None, best_today_hash=None, blocks=0),
    )
}


def asked(name: str = "", shown: Picture = SHOWN) -> list[Worker]:
    workers = with_kept(workers_of(devices_in(shown, name)), KEPT)
    return and_absent(workers, KEPT, name) if name else workers


def test_the_fastest_stand_first_and_a_worker_is_all_of_its_channels() -> None:
    workers = asked()
    assert [worker.name for worker in workers] == ["bob.1", "hall", "alice.rig", "alice.attic", "hall.s21-7"]
    rig = workers[2]
    assert len(rig.devices) == 2
    assert rig.figures.hashrates[1] == 4e9
    assert rig.day == 5e11
    assert workers[3].day is None


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("alice", ["alice.rig", "alice.attic", "alice.cellar", "alice.sold"]),
        ("alice.rig", ["alice.rig"]),
        ("alice_rig", ["alice.rig"]),
        ("alice.sold", ["alice.sold"]),
        ("alice.other", []),
        ("hall", ["hall", "hall.s21-7"]),
        ("s21-7", ["hall.s21-7"]),
        ("hall.s21-7", ["hall.s21-7"]),
        ("nobody", []),
    ],
)
def test_a_name_is_an_account_a_worker_or_one_behind_a_proxy(name: str, names: list[str]) -> None:
    assert [worker.name for worker in asked(name)] == names


def test_a_table_has_a_line_for_each_and_says_how_many_are_left_out() -> None:
    workers = asked()
    whole = list(table(workers, 0))
    assert len(whole) == 6
    assert whole[1].endswith("bob.1")
    assert len(list(table(workers, 5))) == 6
    short = list(table(workers, 1))
    assert short[-1] == "and 4 more, none of them faster: --limit 0 shows them all"
    assert list(table([], 5)) == [NOBODY]


def test_cells_are_totals_where_the_record_has_them() -> None:
    bob, hall, rig, *_ = asked()
    assert len(cells(rig)) == len(HEADS) - 1
    numbers = ("4 GH/s", "4 GH/s", "500 GH/s", "1024", "1,000", "9 (0.892 %)", "1 M", "2000", "3 s ago")
    assert cells(rig) == list(numbers)
    assert cells(bob)[3] == "1024*"
    assert cells(bob)[6:8] == ["5", "-"]  # what is live is fresher than the record
    assert cells(hall)[2:6] == ["-", "1024", "7", "0"]
    assert cells(asked("alice.sold")[0])[3] == "not here"
    assert set(SPARE) < set(HEADS)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("name", ["x" * 255, "中" * 85, "\u05d0" * 127, RUDE, "e" + "\u0301" * 127])
def test_no_name_breaks_a_narrow_screen(width: int, name: str) -> None:
    shown = picture(*(miner(peer, channel(name)) for peer in range(3)))
    lines = list(table(asked(shown=shown), 0, width))
    assert len(lines) == 2
    assert all(cell_len(line) <= width for line in lines)
    full = [
        part for line in account_in_full(asked(shown=shown), 50, width) for part in folded(line, width, 13)
    ]
    assert all(part.isprintable() for part in full)
    assert sum(map(cell_len, full)) < 5_000


def test_an_account_in_full() -> None:
    shown = "\n".join(account_in_full(asked("alice"), 50))
    for words in (
        "alice\n",
        "  mines      6 GH/s over a minute",
        "  recorded   3 TH/s over an hour, 1.5 TH/s over a day",
        "  shares     3,000 accepted (3 late), 27 refused (0.892 %: 27 stale), since 2025-11-15 07:45:00",
        "  best       1 M, 2025-11-24 07:45:00; today 2000",
        "  found      6 blocks: `sluice blocks` lists them",
        "  workers    4, of whom 2 mine now",
        "not here",
        "  sold",
    ):
        assert words in shown


def test_a_worker_in_full_with_its_channels() -> None:
    shown = "\n".join(account_in_full(asked("alice.rig"), 50))
    assert shown.startswith("alice.rig\n")
    assert shown.count("  speaks     Stratum V2, extended channel 2, connection") == 2
    assert "  recorded" in shown
    absent = "\n".join(account_in_full(asked("alice.sold"), 50))
    assert "not here   no channel of this name is open now" in absent
    fresh = "\n".join(account_in_full(asked("alice.attic"), 50))
    assert "recorded" not in fresh
    farm = picture(*(miner(peer, channel("farm")) for peer in range(CHANNELS_SHOWN + 2)))
    assert list(account_in_full(asked("farm", farm), 50))[-1] == "and 2 more channels, which --json shows"


def test_for_programs_a_worker_is_as_the_web_api_has_it_with_its_channels() -> None:
    (rig,) = as_json(asked("alice.rig"), None)
    assert (rig["account"], rig["worker"], rig["connected"]) == ("alice", "rig", 2)
    assert rig["totals"]["refused"] == {"stale": 9}
    assert rig["best"]["difficulty"] == pytest.approx(1e6)
    assert rig["hashrates"]["one_day"] == 5e11
    assert [each["peer"] for each in rig["channels"]] == [1, 3]
    (new,) = as_json(asked("alice.attic"), None)
    assert new["totals"]["accepted"] == 0
    (unknown,) = as_json(asked("alice.attic"), NotKept("it rains"))
    assert unknown["totals"] is unknown["best"] is unknown["hashrates"]["one_day"] is None
    assert unknown["hashrates"]["five_minutes"] == 2e9
