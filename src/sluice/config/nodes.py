"""What several nodes ask of a configuration that one does not: numbers without a gap, and names.

Rule: a single node needs none of it: no number, no name, and its flags and variables are as those of any section.
"""

from collections.abc import Iterable
from dataclasses import replace

from sluice.config.node_table import Node
from sluice.config.option import numbered
from sluice.config.sources import Found, Mistake, useless
from sluice.config.table import MAX_NODES, OPTIONS, SEVERAL, Config


def count_tables(found: Found) -> None:
    """Find what is wrong with the numbers of the tables, and what might be meant for any of them."""
    for number, place in sorted(found.numbers.items()):
        if number and number - 1 not in found.numbers:
            words = f"there is no node {number - 1} before it: nodes are counted from 0, without a gap"
            found.mistakes.append(Mistake(place, words))
    if len(found.numbers) > MAX_NODES:
        words = f"there are {len(found.numbers)} nodes, and {MAX_NODES} are the most"
        found.mistakes.append(Mistake(found.numbers[sorted(found.numbers)[MAX_NODES]], words))
    if len(found.numbers) > 1:
        for name, place in found.unnumbered.items():
            first, last = (OPTIONS[name].numbered_env(number) for number in (0, len(found.numbers) - 1))
            words = (
                f"could be meant for any of {len(found.numbers)} nodes: set {name} in the file, or by its "
                f"number, from {first} to {last}"
            )
            found.mistakes.append(Mistake(place, words))


def find_strays(config: Config, found: Found) -> None:
    """Find what was set for a node of a kind that has no use for it."""
    for number, node in enumerate(config.nodes):
        if numbered(f"{SEVERAL}.kind", number) in found.spoiled:
            continue
        for name in useless(found, number, node.kind):
            option = OPTIONS[f"{SEVERAL}.{name.rpartition('.')[2]}"]
            words = f"{option.name} is for kind {' or '.join(option.row.kinds)}, and this node is {node.kind}"
            found.mistakes.append(Mistake(found.settings[name].place, words))


def with_names(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes, each with a name: what it was given, or its kind, numbered where that is taken."""
    named = list(nodes)
    taken = {node.name for node in named}
    for at, node in enumerate(named):
        if not node.name:
            number, name = 1, str(node.kind)
            while name in taken:
                number += 1
                name = f"{node.kind}-{number}"
            taken.add(name)
            named[at] = replace(node, name=name)
    return tuple(named)
