"""Who mines: the fastest first, by whichever name."""

import pytest

from sluice.cli.miner_words import NOBODY, as_json, cells, in_full, rows_of, table
from sluice.control.words import Figures
from support.shown_pool import RUDE, channel, miner

FAST, SLOW = channel("bob.1", 9e12), channel("alice.rig", 1e9)
PROXY = channel("hall", 5e9, workers={"s21-7": Figures(3, {"stale": 1}), RUDE: Figures()}, fixed=True)
MINERS = (miner(1, SLOW, PROXY), miner(2, FAST))


def test_the_fastest_stand_first() -> None:
    assert [row.channel.user for row in rows_of(MINERS)] == ["bob.1", "hall", "alice.rig"]


@pytest.mark.parametrize(
    ("name", "users"),
    [
        ("alice", ["alice.rig"]),
        ("alice.rig", ["alice.rig"]),
        ("alice_rig", ["alice.rig"]),
        ("alice.other", []),
        ("hall", ["hall"]),
        ("s21-7", ["hall"]),
        ("hall.s21-7", ["hall"]),
        ("nobody", []),
    ],
)
def test_a_name_is_an_account_a_worker_or_one_behind_a_proxy(name: str, users: list[str]) -> None:
    assert [row.channel.user for row in rows_of(MINERS, name)] == users


def test_a_table_has_a_line_for_each_and_says_how_many_are_left_out() -> None:
    rows = rows_of(MINERS)
    whole = list(table(rows, 0))
    assert len(whole) == 4
    assert whole[1].endswith("bob.1")
    assert len(list(table(rows, 3))) == 4
    short = list(table(rows, 1))
    assert short[-1] == "and 2 more, none of them faster: --limit 0 shows them all"
    assert list(table([], 5)) == [NOBODY]


def test_cells() -> None:
    (row,) = rows_of((miner(1, channel(RUDE, figures=Figures(9, {"stale": 1}), fixed=True)),))
    shown = cells(row)
    assert shown[3:6] == ["1024*", "9", "1 (10 %)"]
    assert shown[-1] == "\\x1b[31mred\\x0a\\x202eevil\\xff"
    assert cells(rows_of((miner(1, channel("")),))[0])[-1] == "-"


def test_one_in_full() -> None:
    shown = "\n".join(in_full(rows_of(MINERS, "hall")))
    for words in (
        "hall\n",
        "5 GH/s over a minute",
        "difficulty 1024, set by the operator",
        "Stratum V2, extended channel 2, connection 1",
        "192.0.2.1:1, for 1 h; heard 1 s ago",
        "bitaxe BM1370 v2.9",
        "worker     0 H/s, 3 accepted, 1 refused (25 %: 1 stale): s21-7",
        "\\x1b[31mred",
    ):
        assert words in shown
    assert "\x1b" not in shown


def test_for_programs_a_channel_has_its_connection_with_it() -> None:
    (row,) = as_json(rows_of(MINERS, "hall"))
    assert (row["peer"], row["user"], row["fixed"]) == (1, "hall", True)
    assert row["workers"]["s21-7"]["refused"] == {"stale": 1}
    assert row["extensions"] == (2,)
