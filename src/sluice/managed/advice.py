"""What an operator has to know to run the module on the blvm-node of today, in plain words.

Rule: each limit of the node says what comes of it and what to do instead; docs/blvm.md has where it was seen.
"""

from collections.abc import Mapping

from sluice.module.manifest import MODULE_NAME

NODE_CONFIGURATION = f"""\
[modules]
registry_url = ""             # else the node looks this entry file up in its registry, and finds another one
{MODULE_NAME} = "*"         # once anything is pinned, only what is pinned is loaded
[module_resource_limits]
module_startup_wait_millis = 3000   # so that the module is there before the node's own connection
"""

#: By what the node cannot do; the numbers are those of docs/blvm.md.
LIMITS: Mapping[str, str] = {
    "B1": "The node serves one connection of all modules together. While this module is connected no other one is "
    "served: no DATUM, no merge-mining module beside it.",
    "B2": "Having started the module, the node opens a connection of its own for it and waits. Whichever comes first "
    "is served, the other one hangs: either the node's start waits for this module to end, or the module never gets "
    "an answer. `attach` does not have this.",
    "B3": "Who connects and leaves before the node has greeted it ends the node's module service until its next start. "
    "Sluice never does that; do not probe the socket with other tools.",
    "B4": "A call that fails ends the connection. Sluice connects again and does not repeat the call.",
    "B5": "Permissions are looked up by an id under which they were not filed: blocks, announcements and calls between "
    "modules are refused whatever module.toml asks for. Blocks go by JSON-RPC instead; the others are off.",
    "B6": "The call for submitting a block always fails. Sluice never uses it.",
    "B7": "`runmodulecli` and `unloadmodule` hang for ever, so the module's command line cannot be reached.",
}


def advice(*, limits: Mapping[str, str] = LIMITS) -> str:
    """What `sluice blvm install` says when it is done."""
    lines = ["The node's configuration needs:", "", NODE_CONFIGURATION]
    lines.append("What a node without fixes for these cannot do, and what comes of it:")
    lines += [f"  {name}: {words}" for name, words in limits.items()]
    lines += [
        "",
        (
            "On such a node, do not install the module but attach to it: `sluice run --node blvm`, which needs none of "
            "this. docs/blvm-module.md tells how."
        ),
    ]
    return "\n".join(lines)
