"""Write the pages of docs/ that are made from the code; with --check only say which of them differ.

A whole page, or the part of one between `<!-- printed: NAME -->` and `<!-- /printed -->`.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from math import inf
from pathlib import Path

from sluice.alarms.kinds import kinds_table
from sluice.alarms.topics import topics_table
from sluice.config.module_keys import MODULE_KEYS
from sluice.config.option import written
from sluice.config.render import configuration_page, readme_table
from sluice.managed.advice import LIMITS, NODE_CONFIGURATION
from sluice.node.several.standing import states_table
from sluice.pool.block_life import mermaid as mermaid_of_blocks
from sluice.pool.block_life import stage_table
from sluice.pool.errand import PACES
from sluice.sim.miner.rules import conformance_page
from sluice.sv2.bounds import MAX_RECEIVED, MAX_UNKNOWN
from sluice.sv2.codes import MEANINGS
from sluice.sv2.life import life_tables, mermaid
from sluice.sv2.message import REGISTRY
from sluice.web.metric_table import metric_rows

ROOT = Path(__file__).parents[1]


def protocol_page() -> str:
    """docs/protocol.md."""
    return f"""\
# The protocol, as Sluice keeps it

*Printed from the tables in `src/sluice/sv2` by `make docs`; a test holds this page to them.*

## The life of a connection

```mermaid
{mermaid()}```

{life_tables()}
## How much we take

A header may announce 16 MiB. What we take is bounded per message by what its fields can say, or by what a
block can hold; a message we do not know is skipped up to {MAX_UNKNOWN:,} bytes. The five largest bounds:

{_bounds()}
## Error words

SRI's strings, verbatim, because peers act on them.

| in | word | says |
|---|---|---|
{_error_words()}"""


def _bounds() -> str:
    largest = sorted(MAX_RECEIVED.items(), key=lambda row: -row[1])[:5]
    rows = "".join(f"| {REGISTRY[code].wire_name} | {size:,} |\n" for code, size in largest)
    return f"| message | bytes |\n|---|---|\n{rows}"


def _error_words() -> str:
    return "".join(
        f"| {cls.wire_name} | `{word}` | {meaning} |\n"
        for cls, words in MEANINGS.items()
        for word, meaning in words.items()
    )


def module_keys_table() -> str:
    """The keys of a module's config.toml."""
    rows = (
        f"| `{key.key}` | {f'`{written(key.default)}`' if key.default is not None else ''} | `{key.option}` | {key.help} |"
        for key in MODULE_KEYS
    )
    return "\n".join(("| key | default | is Sluice's | |", "|---|---|---|---|", *rows)) + "\n"


def block_life() -> str:
    """The picture of a found block's life, and what its stages mean."""
    return f"```mermaid\n{mermaid_of_blocks()}```\n\n{stage_table()}"


def block_paces() -> str:
    """When a block goes to a node again, by the node's last answer."""
    rows = "".join(
        f"| {answer.value} | {', '.join('never' if pause == inf else f'{pause:g}' for pause in pace)} |\n"
        for answer, pace in PACES.items()
    )
    return f"| the last answer | seconds until the next attempt; the last number counts for all that follow |\n|---|---|\n{rows}"


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/configuration.md": configuration_page,
    "docs/conformance.md": conformance_page,
    "docs/protocol.md": protocol_page,
}
PARTS: Mapping[str, Callable[[], str]] = {
    "configuration": readme_table,
    "states": states_table,
    "topics": topics_table,
    "kinds": kinds_table,
    "module_keys": module_keys_table,
    "node_configuration": lambda: f"```toml\n{NODE_CONFIGURATION}```\n",
    "limits": lambda: "".join(f"- **{name}.** {words}\n" for name, words in LIMITS.items()),
    "block_life": block_life,
    "block_paces": block_paces,
    "metrics": metric_rows,
}
WITH_PARTS = (
    "README.md",
    "docs/nodes.md",
    "docs/blocks.md",
    "docs/metrics.md",
    "docs/blvm-module.md",
    "docs/alarms.md",
)
PART = re.compile(r"(<!-- printed: (\w+) -->\n).*?(<!-- /printed -->)", re.DOTALL)


def printed() -> Iterator[tuple[Path, str]]:
    """Each page with the text that it should have."""
    for name, page in PAGES.items():
        yield ROOT / name, page()
    for name in WITH_PARTS:
        text = (ROOT / name).read_text()
        yield ROOT / name, PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[3]}", text)


def main(*arguments: str) -> int:
    """Write what differs, or only say so; 1 if --check found something."""
    differing = [(path, text) for path, text in printed() if not path.exists() or path.read_text() != text]
    for path, text in differing:
        print(path.relative_to(ROOT))
        if "--check" not in arguments:
            path.write_text(text)
    return int(bool(differing) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
