"""Visitors of a dashboard by the thousand, in a process of their own: event streams that are read, and requests.

    python visitors.py HOST:PORT STREAMS REQUESTS_A_SECOND

It prints a line when all streams are open, and what it has seen when its standard input ends. Requests come at their rate
whether or not those before are answered, as those of strangers do; beyond a bound they are counted as not sent.
"""

import asyncio
import json
import sys
from collections import Counter
from time import perf_counter

#: Topics of streams and requests; one in ten of the streams is of a topic that nobody else looks at.
STREAMS = (
    "/live/home",
    "/live/miners",
    "/live/blocks",
    "/live/nodes",
    "/live/log",
    "/live/miners?order=name",
)
OWN = "/live/miners?q={}"
PAGES = (
    "/",
    "/miners",
    "/blocks",
    "/nodes",
    "/log",
    "/api/v1/pool",
    "/api/v1/channels",
    "/api/info",
    "/api/network",
    "/pool/pool.status",
    "/metrics",
)
#: Requests under way; a real browser gives up, too.
MOST_UNDER_WAY = 400
#: Streams that are opened at the same time: fewer than a listening socket's backlog.
AT_ONCE = 50
#: Seconds for all of them to open.
OPEN_SECONDS = 60.0


class Visitors:
    """All of them. Mutable."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self.streams = 0
        self.events = 0
        self.not_sent = 0
        self.statuses: Counter[str] = Counter()
        self.seconds: list[float] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def look_on(self, path: str) -> asyncio.Task[None]:
        """Open a stream; the task reads it until it ends."""
        reader, writer = await self._asked(path, "keep-alive")
        status = await reader.readline()
        assert status.startswith(b"HTTP/1.1 200"), status
        self.streams += 1
        return asyncio.create_task(self._read(reader, writer))

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                self.events += data.count(b"event: parts")
        except ConnectionError:
            pass
        finally:
            self.streams -= 1
            writer.close()

    async def ask_for_ever(self, rate: float) -> None:
        """So many requests a second, at their times."""
        began = perf_counter()
        number = 0
        while True:
            number += 1
            await asyncio.sleep(max(0.0, began + number / rate - perf_counter()))
            if len(self._under_way) >= MOST_UNDER_WAY:
                self.not_sent += 1
                continue
            task = asyncio.create_task(self._ask(PAGES[number % len(PAGES)]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _ask(self, path: str) -> None:
        began = perf_counter()
        try:
            reader, writer = await self._asked(path, "close")
            answer = await reader.read(-1)
            writer.close()
        except OSError as error:
            self.statuses[type(error).__name__] += 1
            return
        self.statuses[answer[9:12].decode("latin-1")] += 1
        self.seconds.append(perf_counter() - began)

    async def _asked(self, path: str, how: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nConnection: {how}\r\n\r\n".encode())
        return reader, writer


def topic(number: int) -> str:
    """What the visitor of this number looks at."""
    return STREAMS[number % len(STREAMS)] if number % 10 else OWN.format(number)


def say(line: str) -> None:
    """To whoever started us."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(address: str, streams: int, rate: float) -> None:
    """Until standard input ends."""
    host, _, port = address.rpartition(":")
    visitors = Visitors(host, int(port))
    reading: list[asyncio.Task[None]] = []
    async with asyncio.timeout(OPEN_SECONDS):
        for first in range(0, streams, AT_ONCE):
            several = range(first, min(first + AT_ONCE, streams))
            reading += await asyncio.gather(*(visitors.look_on(topic(each)) for each in several))
    asking = asyncio.create_task(visitors.ask_for_ever(rate))
    say("ready")
    began = perf_counter()
    await asyncio.to_thread(sys.stdin.read)
    asking.cancel()
    seconds = perf_counter() - began
    answered = sorted(visitors.seconds) or [0.0]
    seen = {
        "streams": visitors.streams,
        "events": visitors.events,
        "seconds": seconds,
        "not_sent": visitors.not_sent,
        "answers": visitors.statuses,
        "answer_p50": answered[len(answered) // 2],
    }
    say(json.dumps(seen))
    for task in reading:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
