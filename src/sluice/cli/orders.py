"""What an operator tells a running pool: difficulties, ends, bans, the drain.

Rule: each is one line on the control socket, and prints what came of it.
"""

from typing import Annotated

import typer

from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR, a_difficulty, a_duration, settings_of

WHOM = Annotated[str, typer.Argument(metavar="NAME", help="An account, or one worker of it: account.worker.")]
WHAT = Annotated[
    str,
    typer.Argument(
        metavar="WHAT", help="An account, a worker, an address (192.0.2.7) or a network (192.0.2.0/24)."
    ),
]


def set_difficulty(
    name: WHOM,
    difficulty: Annotated[
        str, typer.Argument(metavar="DIFF|auto", help="0.001, 65536, 1.5M; auto: as vardiff finds.")
    ],
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """Fix the difficulty of a name's channels, of those to come too, within what device and network allow."""
    from sluice.cli.running import tell
    from sluice.control.words import SetDifficulty

    tell(settings_of(config, data_dir), SetDifficulty(name, a_difficulty(difficulty)), as_json=as_json)


def close(
    name: WHOM, config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False
) -> None:
    """Close a name's channels, and connections that have no others; it may come again at once."""
    from sluice.cli.running import tell
    from sluice.control.words import CloseChannels

    tell(settings_of(config, data_dir), CloseChannels(name), as_json=as_json)


def ban(
    what: WHAT,
    how_long: Annotated[
        str, typer.Option("--for", metavar="TIME", help="90s, 10m, 2h30m, 7d; without it, for good.")
    ] = "",
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """Close what belongs to a name, an address or a network, and take it no more. Holds over a restart."""
    from sluice.cli.running import tell
    from sluice.control.words import Ban

    seconds = a_duration(how_long) if how_long else None
    tell(settings_of(config, data_dir), Ban(what, seconds), as_json=as_json)


def unban(
    what: WHAT, config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False
) -> None:
    """Take a name, an address or a network again."""
    from sluice.cli.running import tell
    from sluice.control.words import Unban

    tell(settings_of(config, data_dir), Unban(what), as_json=as_json)


def bans(config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False) -> None:
    """Who is banned, and until when."""
    from sluice.cli.columns import aligned, cut
    from sluice.cli.running import print_json, print_lines, seen
    from sluice.legible import when_text

    banned = seen(settings_of(config, data_dir)).pool.bans
    if as_json:
        print_json(banned)
    elif banned:
        print_lines(
            aligned(
                ("until (UTC)", "what"),
                [
                    ["for good" if each.until is None else when_text(each.until), cut(each.what)]
                    for each in banned
                ],
            )
        )
    else:
        print_lines(["Nobody is banned."])


def drain(
    off: Annotated[bool, typer.Option("--off", help="Take miners again.")] = False,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """Send every miner elsewhere and take no new ones, until told otherwise; blocks are looked after all the same."""
    from sluice.cli.running import tell
    from sluice.control.words import Drain

    tell(settings_of(config, data_dir), Drain(off), as_json=as_json)
