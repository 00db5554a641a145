"""What an operator has to know to run the module on the blvm-node of today, in plain words.

Rule: each limit of the node says what comes of it and what to do instead; docs/blvm.md has where it was seen.
"""

from collections.abc import Mapping

from sluice.module.manifest import MODULE_NAME

NODE_CONFIGURATION = f"""\
[modules]
registry_url = ""             # or its registry has a say in which file may be started
{MODULE_NAME} = "*"         # what is not pinned is not loaded, as there are pins by default
[module_resource_limits]
module_startup_wait_millis = 3000   # with the default of 100 the node's own connection is faster than Python
"""

#: By what the node cannot do; the numbers are those of docs/blvm.md.
LIMITS: Mapping[str, str] = {
    "B1": "It serves one module process at a time. While this one is connected no other is: no DATUM, no merge-mining "
    "module beside it.",
    "B2": "Having started the module it wants a connection of its own, for which it waits. Sluice lets it have one and "
    "takes the place back, if it was there first: hence module_startup_wait_millis.",
    "B3": "Whoever connects to its socket and leaves before being greeted ends its service for modules until its next "
    "start. Sluice does not; do not try the socket out with other tools.",
    "B4": "A call that it does not permit ends the connection. Sluice connects again and leaves that call alone.",
    "B5": "Permissions count for the module's name once it is loaded, for its id never. Sluice changes over to the "
    "name by itself; a module that attaches itself without being loaded has none beyond reading the chain.",
    "B6": "Its call for submitting a block always fails. Sluice hands blocks over as if they came from the network, and "
    "by JSON-RPC where it has credentials.",
    "B7": "`runmodulecli`, `getmoduleclispecs` and `unloadmodule` hang for ever: the module's command line cannot be "
    "reached through it. `sluice blvm ask` reaches it; what happens is in module.log in the module's data directory.",
}


def advice(*, limits: Mapping[str, str] = LIMITS) -> str:
    """What `sluice blvm install` says when it is done."""
    lines = ["The node's configuration needs:", "", NODE_CONFIGURATION]
    lines.append("What a node without fixes for these cannot do, and what comes of it:")
    lines += [f"  {name}: {words}" for name, words in limits.items()]
    lines += [
        "",
        "Without any of this Sluice can attach itself to a node: `sluice run --node blvm`. docs/blvm-module.md has both.",
    ]
    return "\n".join(lines)
