"""An operator's commands, carried out."""

import asyncio
from pathlib import Path

from sluice.control.words import Done, Drain
from sluice.server.carry_out import carry_out
from support.control import hosting


def test_a_drained_pool_takes_nobody(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path) as (running, _):
            owner = running.running.owner
            answer = carry_out(owner, Drain())
            assert isinstance(answer, Done)
            assert answer.count == 0
            assert owner.pool.state.draining

    asyncio.run(main())
