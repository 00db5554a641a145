"""How the measuring process asks a measured one: a command a line on stdin, JSON on stdout.

CPU time and memory are added to every answer.
"""

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Mapping
from os import sysconf
from pathlib import Path
from time import process_time

Commands = Mapping[str, Callable[[], dict[str, float]]]


def resident() -> int:
    """Bytes of memory that this process has in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * sysconf("SC_PAGE_SIZE")


async def answer_commands(port: int, commands: Commands) -> None:
    """Tell the port, then answer until stdin ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print(json.dumps({"port": port}), flush=True)
    while line := await lines.readline():
        gc.collect()
        answer = commands[line.decode().strip()]()
        print(json.dumps({"cpu": process_time(), "rss": resident()} | answer), flush=True)
