"""A block's history as text: what was written is read, whatever else stands there."""

import json

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.ledger.block_lines import found_line, noted_line, read_lines
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, FoundBlock, Outcome, Sight
from support.found import a_block, verdict

BLOCK = FoundBlock(
    b"\x01" * 32, 840_000, bytes(80), b"coinbase", (b"a", b"b"), 7, "alice\udcff.é", 1_700_000_000
)
HISTORY = (
    Noted(1, Outcome("core", "submitblock", Answer.REFUSED, 'a "word"\nand a line', 12)),
    *(Noted(2, Outcome("core", "submitblock", answer)) for answer in Answer),
    *(Noted(3, Moved(stage, turn)) for stage in Stage for turn in Turn),
    Noted(4, Moved(Stage.OFFERED, Turn.FORGOTTEN, Sight("core", None, 99))),
    Noted(5, Moved(Stage.OVERTAKEN, Turn.OVERTAKEN, Sight("core", b"\x02" * 32, 100))),
)


def test_what_was_written_is_read() -> None:
    found, history = read_lines("\n".join((found_line(BLOCK), *map(noted_line, HISTORY))))
    assert history == HISTORY
    assert found is not None
    assert (found.height, found.at, found.template_id, found.transactions) == (840_000, 1_700_000_000, 7, 2)
    assert found.block_hash == to_display(BLOCK.block_hash)
    assert (found.header, found.coinbase) == (BLOCK.header.hex(), BLOCK.coinbase.hex())
    assert found.user == "alice\\xff.é"  # bytes that are no UTF-8, as the log has them


@pytest.mark.parametrize("noted", HISTORY[:10], ids=str)
def test_a_line_is_one_object_on_one_line(noted: Noted) -> None:
    (line,) = noted_line(noted).splitlines()
    ((first, at), (kind, fields)) = json.loads(line).items()
    assert (first, at) == ("at", noted.at)
    assert kind in ("answered", "moved")
    assert "" not in fields.values()


@pytest.mark.parametrize(
    "torn",
    [
        '{"at":1,"answered":{"node":"co',
        "",
        "\x00\x00\x00",
        "[]",
        '{"at":1}',
        '{"at":1,"paid":{"a":1}}',
        '{"at":1,"moved":{"stage":"in_heaven","turn":"shown"}}',
        '{"at":1,"moved":{"stage":"offered"}}',
        '{"at":1,"moved":{"stage":"offered","turn":"shown","sight":{"node":"a","block_hash":"x","tip_height":1}}}',
        '{"at":1,"answered":{"node":"a","route":"b","answer":"perhaps"}}',
        '{"at":"now","answered":{"node":"a","route":"b","answer":"silent"}}',
        '{"at":1,"answered":7}',
        '{"at":1,"found":{"height":"high"}}',
        "[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_passed_over(torn: str) -> None:
    lines = (found_line(a_block(1)), torn, noted_line(Noted(1, verdict("core"))))
    found, history = read_lines("\n".join(lines))
    assert found is not None
    assert history == (Noted(1, verdict("core")),)


def test_there_may_be_nothing() -> None:
    assert read_lines("") == (None, ())
