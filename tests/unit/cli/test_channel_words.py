"""Channels as rows, and in full."""

from sluice.cli.channel_words import HEADS, SPARE, as_json, cells, in_full, rows_of
from sluice.control.words import Figures
from support.shown_pool import RUDE, channel, miner

PROXY = channel("hall", 5e9, workers={"s21-7": Figures(3, {"stale": 1}), RUDE: Figures()}, fixed=True)
MINERS = (miner(1, channel("alice.rig"), PROXY), miner(2, channel("bob.1")))


def test_a_row_is_a_channel() -> None:
    rows = rows_of(MINERS)
    assert [(row.miner.peer, row.channel.user) for row in rows] == [
        (1, "alice.rig"),
        (1, "hall"),
        (2, "bob.1"),
    ]


def test_cells() -> None:
    (row,) = rows_of((miner(1, channel(RUDE, figures=Figures(9, {"stale": 1}), fixed=True)),))
    shown = cells(row)
    assert len(shown) == len(HEADS)
    assert shown[3:6] == ["1024*", "9", "1 (10 %)"]
    assert shown[-1] == "\\x1b[31mred\\x0a\\x202eevil\\xff"
    assert cells(rows_of((miner(1, channel("")),))[0])[-1] == "-"
    assert set(SPARE) < set(HEADS)


def test_one_in_full() -> None:
    shown = "\n".join(in_full(rows_of(MINERS)[1:2]))
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
    row = as_json(rows_of(MINERS))[1]
    assert (row["peer"], row["user"], row["fixed"]) == (1, "hall", True)
    assert row["workers"]["s21-7"]["refused"] == {"stale": 1}
    assert row["extensions"] == (2,)
