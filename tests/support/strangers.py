"""Strangers at a port by the thousand, in a process of their own: who says nothing, who says half, who reads nothing.

    python strangers.py HOST:PORT CONNECTIONS

It prints a line when all have tried once, and goes on: who is hung up on comes again. When its standard input ends it
prints how many of the last second were connected, and how often they were hung up on.
"""

import asyncio
import json
import sys
from itertools import count

#: What each says at first, in turn; the rest of it comes a byte every TRICKLE seconds, and what is answered is not read.
GREETINGS = (
    b"",
    b"GET / HTTP/1.1\r\nHost: 127.0.0",
    b"GET /static/uplot/uPlot.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20,
    b"POST /api/v1/operator/drain HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n{",
)
TRICKLE = 2.0
#: Of those that try at the same time, and seconds until one comes again: a port's backlog is short.
AT_ONCE, AGAIN = 100, 1.0


class Strangers:
    """All of them. Mutable."""

    def __init__(self, host: str, port: int, connections: int) -> None:
        self._host = host
        self._port = port
        self._connections = connections
        self._door = asyncio.Semaphore(AT_ONCE)
        self.here = 0
        self.most = 0
        self.ended = 0
        self.tried: set[int] = set()
        self.all_tried = asyncio.Event()

    def _tried(self, number: int) -> None:
        self.tried.add(number)
        if len(self.tried) == self._connections:
            self.all_tried.set()

    async def come_for_ever(self, number: int) -> None:
        for turn in count():
            if turn:
                await asyncio.sleep(AGAIN)
            try:
                async with self._door, asyncio.timeout(10):
                    _, writer = await asyncio.open_connection(self._host, self._port)
            except OSError:
                self.ended += 1
                self._tried(number)
                continue
            self._tried(number)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await self._stay(writer, GREETINGS[number % len(GREETINGS)])

    async def _stay(self, writer: asyncio.StreamWriter, greeting: bytes) -> None:
        self.here += 1
        self.most = max(self.most, self.here)
        try:
            writer.write(greeting)
            while not writer.transport.is_closing():
                await asyncio.sleep(TRICKLE)
                writer.write(b"x")
        except OSError:
            pass
        finally:
            self.here -= 1
            self.ended += 1
            writer.transport.abort()


async def main(address: str, connections: int) -> None:
    """Until standard input ends."""
    host, _, port = address.rpartition(":")
    strangers = Strangers(host, int(port), connections)
    coming = [asyncio.create_task(strangers.come_for_ever(number)) for number in range(connections)]
    await strangers.all_tried.wait()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    sys.stdout.write(
        json.dumps({"here": strangers.here, "most": strangers.most, "ended": strangers.ended}) + "\n"
    )
    sys.stdout.flush()
    for task in coming:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
