"""A miner that knows each of its shares by hash, and when it saw it acknowledged.

Rule: the hash is computed here, from the job as the miner was told it, never asked of the server.
"""

import asyncio
from functools import partial
from time import monotonic

from bench.load import LoadMiner
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.target import MAX_TARGET, target_to_wire
from sluice.sv2.connection import Event
from sluice.sv2.messages.mining import (
    NewMiningJob,
    OpenStandardMiningChannel,
    SetNewPrevHash,
    SubmitSharesSuccess,
)

VERSION = 0x20000000


class CountingMiner(LoadMiner):
    """On a standard channel: a share, its answer, a pause, the next. `pause` in seconds."""

    def __init__(self, pause: float, user: str) -> None:
        super().__init__(extended=False, whole=True)
        self.pause = pause
        self.user = user
        #: Hash of each share acknowledged, in display order -> when, by the monotonic clock.
        self.seen: dict[bytes, float] = {}
        self._root = b""
        self._tip: SetNewPrevHash | None = None

    def hash_of(self, number: int) -> bytes:
        """Of the share with this sequence number, in display order: it is its nonce, too."""
        assert self._tip is not None
        header = header_bytes(
            VERSION, self._tip.prev_hash, self._root, self.min_ntime, self._tip.nbits, number
        )
        return sha256d(header)[::-1]

    def _heard(self, event: Event) -> None:
        match event:
            case NewMiningJob() if not self.job_id:
                self._root = event.merkle_root
            case SetNewPrevHash() if self._tip is None:
                self._tip = event
            case SubmitSharesSuccess():
                last, count = event.last_sequence_number, event.new_submits_accepted_count
                for number in range(last - count + 1, last + 1):
                    self.seen[self.hash_of(number)] = monotonic()
        super()._heard(event)

    def _request(self) -> OpenStandardMiningChannel:
        return OpenStandardMiningChannel(1, self.user, 1.0, target_to_wire(MAX_TARGET))

    def _next(self) -> None:
        asyncio.get_running_loop().call_later(self.pause, self._send)

    def _send(self) -> None:
        if not self.transport.is_closing() and self._frames:
            self.transport.write(self._frames.pop())


async def connect(port: int, count: int, pause: float) -> list[CountingMiner]:
    """`count` miners, each with a channel under a name of its own."""
    miners = [CountingMiner(pause, f"miner.{number}") for number in range(count)]
    for miner in miners:
        await asyncio.get_running_loop().create_connection(partial(_itself, miner), "127.0.0.1", port)
    await asyncio.gather(*(miner.ready for miner in miners))
    return miners


def _itself(miner: CountingMiner) -> CountingMiner:
    return miner
