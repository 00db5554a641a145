"""A pool on one screen."""

import pytest

from sluice.bitcoin.target import DIFFICULTY_1
from sluice.cli import pool_words
from sluice.cli.kept import NotKept, PoolKept
from sluice.cli.pool_words import (
    expected_text,
    found_text,
    headline,
    line,
    miners_text,
    node_text,
    record_text,
    shares_text,
    short_hash,
    status,
    status_as_json,
)
from sluice.control.words import BlockPicture, Figures, NodePicture, PoolPicture, RecordPicture
from sluice.ledger.reading import Best, Totals
from support.shown_pool import FIGURES, RUDE, picture, pool


def screen(**changes: object) -> str:
    return "\n".join(status(picture(**changes)))


def test_all_that_people_ask_about_is_on_it() -> None:
    shown = screen()
    for words in (
        "Sluice 1.2.3 on main, up 3 h 20 min",
        "Mining block 900000.",
        "url        stratum2+tcp://pool.example:3333/key",
        "pays       bc1qpool, as pool; its blocks say 'Sluice'",
        "1.2 TH/s over a minute, 1.1 TH/s over 5, 1 TH/s over an hour",
        "2 with 2 channels; 3 of 10,000 connections are open",
        "1,234 accepted (2 late), 3 refused (0.243 %: 2 stale, 1 duplicate)",
        "best       4096",
        "network difficulty 84.1 T; 3.12500000 BTC, 2,500 transactions, 3 s old",
        "expected   a block in 10,405 years; one today: 1 in 3.8 M",
        "node       core: leading, builds block 900000, template 3 s old",
        "found      block 899999 in the chain",
        "record     in step, 7 entries wait",
        "banned     2: `sluice bans` lists them",
        "fixed      alice at 8",
    ):
        assert words in shown
    assert len(shown.splitlines()) <= 24


def test_why_nothing_is_mined_stands_first() -> None:
    assert screen(trouble="no miner is connected: give one the URL").splitlines()[1] == (
        "No miner is connected: give one the URL."
    )


def test_where_the_dashboard_is_stands_with_the_url() -> None:
    assert "  dashboard  http://127.0.0.1:8080/" in screen(dashboard="http://127.0.0.1:8080/").splitlines()
    assert "dashboard" not in screen()


def test_what_is_not_there_is_left_out() -> None:
    bare = "\n".join(
        status(
            picture(
                **dict.fromkeys(("nodes", "blocks", "bans", "fixed"), ()),
                height=None,
                template=None,
                record=None,
                figures=Figures(),
            )
        )
    )
    for word in ("node ", "found", "banned", "fixed", "record", "expected", "best"):
        assert f"  {word}" not in bare
    assert list(status(picture(height=900_000, template=None)))


def test_a_key_that_is_lost_is_told() -> None:
    assert "until it ends: its key could not be kept" in screen(key_temporary=True)


def test_parts() -> None:
    assert headline(pool(at=10.0, started_at=9.5)) == "Sluice 1.2.3 on main, up under 1 s"
    assert miners_text(pool(miners=1, channels=1)).startswith("1 with 1 channel;")
    assert shares_text(Figures()) == "0 accepted, 0 refused"
    many = Figures(1, {f"reason-{number}": number for number in range(1, 9)})
    assert shares_text(many).count("reason") == pool_words.REASONS_SHOWN
    assert expected_text(pool(figures=Figures())) == "no block: nobody mines"
    apart = NodePicture("b", "lagging", why="it is 2 blocks behind", next_height=5, behind=2, lag=61.0)
    assert (
        node_text(apart)
        == "b: lagging, it is 2 blocks behind, builds block 5, 2 behind, heard 1 min 1 s later"
    )
    refused = found_text(pool().blocks[1])
    assert "block 899998 refused (" in refused
    nobody = BlockPicture(7, "aa", "", 0, "offered", False, False, False)
    assert found_text(nobody).endswith("by a miner without a name")
    failing = record_text(pool(record=RecordPicture(7, 0.1, 3, "the disk is full")))
    assert failing == "fails, and mining goes on: the disk is full; 3 entries are lost so far"
    assert (
        record_text(pool(record=RecordPicture(0, 0.0, 2))) == "in step, 0 entries wait; 2 entries were lost"
    )
    assert "and 2 more" in screen(fixed=pool().fixed * 5)


def test_one_line_for_where_there_is_no_terminal() -> None:
    words = line(picture())
    assert words.startswith("2025-11-25 07:45:00 1.2 TH/s, 2 miners, 1,234 accepted (2 late)")
    assert words.endswith("1 block; block 900000")
    assert line(picture(trouble="it rains")).endswith("it rains")


KEPT = PoolKept(
    Totals(
        accepted=5_000_000,
        late=7,
        refused={"stale": 9, "duplicate": 1},
        work=1 << 90,
        first_at=1_763_000_000,
        last_at=1_764_056_690,
        blocks=3,
    ),
    Best("bob", "", DIFFICULTY_1 // 10**9, 1_763_500_000),
    Best(RUDE, "rig", DIFFICULTY_1 // 10**6, 1_764_056_000),
    (1.3e12, 1.4e12),
)


def test_what_the_record_says_stands_beside_what_is_live() -> None:
    shown = "\n".join(status(picture(), KEPT))
    for words in (
        "recorded   1.3 TH/s over an hour, 1.4 TH/s over a day",
        "5,000,000 accepted (7 late), 10 refused (0.0002 %: 9 stale, 1 duplicate), since 2025-11-13 02:13:20",
        "best       1 G, 0.00119 % of a block, 2025-11-18 21:06:40, by bob",
        "today      1 M, 1.19e-06 % of a block, by \\x1b[31mred",
    ):
        assert words in shown
    assert "best       4096" not in shown
    assert len(shown.splitlines()) <= 24
    assert f"totals     are not known: {RUDE}" in "\n".join(status(picture(), NotKept(RUDE)))
    nobody = PoolKept(Totals(), None, None, (0.0, 0.0))
    assert "since" not in "\n".join(status(picture(), nobody))


def test_for_programs_the_record_is_as_the_web_api_has_it() -> None:
    kept = status_as_json(picture(), KEPT)["kept"]
    assert kept["totals"]["refused"] == {"stale": 9, "duplicate": 1}
    assert kept["best"]["difficulty"] == pytest.approx(1e9)
    assert kept["best_today"]["account"] == RUDE
    assert (kept["hashrate_1h"], kept["hashrate_24h"], kept["blocks"]) == (1.3e12, 1.4e12, 3)
    assert kept["first_share_at"] == 1_763_000_000
    unknown = status_as_json(picture(), NotKept("it rains"))
    assert (unknown["kept"], unknown["kept_trouble"]) == (None, "it rains")


def test_a_hash_is_known_by_its_end() -> None:
    assert short_hash("0" * 48 + "0123456789abcdef") == "…0123456789abcdef"
    assert short_hash("00cd") == "00cd"
    assert short_hash("") == ""


def test_for_programs_it_is_the_picture_and_what_follows_from_it() -> None:
    fields = status_as_json(picture())
    assert set(fields) == set(PoolPicture.__struct_fields__) - {"counters", "whole"} | {"seconds_to_block"}
    assert fields["figures"]["hashrates"] == FIGURES.hashrates
    assert fields["blocks"][1]["user"] == RUDE
    assert status_as_json(picture(figures=Figures()))["seconds_to_block"] is None
