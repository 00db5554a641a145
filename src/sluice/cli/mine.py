"""`sluice mine`: a CPU miner for any Stratum V2 server, and for those of the TLV dialect."""

import os
from typing import Annotated

import typer

from sluice.exit_codes import ExitCode, UserError

#: The dialect has no authority, so its URL has no key.
TLV_SCHEME = "tlv://"


class PoolUrlError(UserError):
    """The URL does not name a pool."""

    exit_code = ExitCode.USAGE


def mine(
    url: Annotated[
        str, typer.Argument(help="stratum2+tcp://host:port/KEY, as the pool shows it, or tlv://host:port.")
    ],
    user: Annotated[str, typer.Option(metavar="NAME", help="Who mines; the pool says what it wants here.")],
    extended: Annotated[bool, typer.Option("--extended/--standard", help="The kind of channel.")] = False,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Processes that search.", show_default="one for each core"),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="End after this long.")] = None,
    until_eof: Annotated[
        bool,
        typer.Option(
            "--until-eof",
            help="End with standard input, not with Ctrl-C: with the program that started this.",
        ),
    ] = False,
) -> None:
    """Mine on a Stratum V2 pool with this machine's processors.

    With a key in the URL, a server that cannot prove that key is refused; without, any server is believed.
    """
    from sluice.noise.authority import SCHEME, parse_pool_url

    tlv = url.startswith(TLV_SCHEME)
    try:
        pool = parse_pool_url(SCHEME + url.removeprefix("tlv") if tlv else url)
    except ValueError as error:
        raise PoolUrlError(str(error)) from error
    from sluice.sim.miner.mine import run_miner

    raise typer.Exit(
        run_miner(pool, user, extended, threads or os.cpu_count() or 1, seconds, tlv=tlv, until_eof=until_eof)
    )
