from pathlib import Path

from sluice.ledger.lives import Answered, Move, life_of
from sluice.ledger.record import Record
from sluice.pool.journal import CandidateAnswered, CandidateFound, CandidateMoved
from support.entries import T0, start


def test_a_life_is_whole_before_any_view_has_caught_up(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    block = bytes(range(32))
    record.append(run, 1, [CandidateFound(T0, block, 7, 3, "alice.attic")])
    record.append(
        run, 2, [CandidateAnswered(T0 + 1, block, "cellar", "submitblock", "refused", "high-hash", 12)]
    )
    record.append(run, 3, [CandidateMoved(T0 + 2, block, "in chain", "shown")])
    life = life_of(record.database, block[::-1].hex().upper())
    assert life is not None
    assert (life.height, life.account, life.worker, life.template, life.stage) == (
        7,
        "alice",
        "attic",
        3,
        "in chain",
    )
    assert life.block_hash == block[::-1].hex()
    assert life.moves == (Move(T0 + 2, "in chain", "shown"),)
    assert life.answers == (Answered(T0 + 1, "cellar", "submitblock", "refused", "high-hash", 12),)
    for other in ("", "zz", "00" * 32, "../../etc"):
        assert life_of(record.database, other) is None
    record.close()
