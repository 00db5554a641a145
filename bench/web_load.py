"""`python -m bench web_load`: what miners notice of a dashboard's visitors and of strangers at its port, and what the
web process takes for them.

Everything is real and on one machine: `sluice run`, its web process, miners, visitors; hence figures are only good beside
each other. Seconds are from a share's being sent to its answer, at the miner.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.web_load import Bench, Mined, a_bench, used_by

STRANGERS = 5_000
#: Seconds after which what visitors took should be given back.
AFTER = 20.0
MIB = 1 << 20


def row(what: str, mined: Mined) -> str:
    """One line of the table."""
    cost = 100 * mined.used.cpu / mined.seconds
    return (
        f"| {what} | {mined.part(50) * 1e3:.2f} ms | {mined.part(99) * 1e3:.2f} ms | {mined.waits[-1] * 1e3:.1f} ms "
        f"| {mined.used.resident / MIB:.0f} MiB | {mined.used.files} | {cost:.0f} % |"
    )


def rested(bench: Bench) -> str:
    """After a while without visitors."""
    time.sleep(AFTER)
    used = used_by(bench.web)
    return f"| {AFTER:.0f} s later | | | | {used.resident / MIB:.0f} MiB | {used.files} | |"


def main() -> int:
    """Print the table."""
    print("| | p50 | p99 | longest | memory | open files | processor |\n|---|---|---|---|---|---|---|")
    with a_bench() as bench:
        print(row("nobody looks on", bench.mine()), flush=True)
        loaded = bench.mine_under_load()
        print(row("1,000 streams, 200 requests a second", loaded), flush=True)
        print(rested(bench), flush=True)
        print(row("nobody looks on", bench.mine()), flush=True)
        besieged = bench.mine_besieged(STRANGERS)
        print(row(f"{STRANGERS:,} strangers", besieged), flush=True)
        print(rested(bench), flush=True)
    seen = loaded.seen
    print(
        f"\n{seen['streams']} streams were told {seen['events']} changes; answers in {seen['seconds']:.1f} s: "
        f"{seen['answers']}, half of them within {seen['answer_p50'] * 1e3:.0f} ms; {seen['not_sent']} not sent.\n"
        f"Strangers: at most {besieged.seen['most']} connected, hung up on {besieged.seen['ended']} times."
    )
    return 0
