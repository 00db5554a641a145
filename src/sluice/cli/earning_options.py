"""The options of `sluice earnings`, and their texts as exact numbers.

Rule: no binary fraction stands between what is typed and what is computed.
"""

from fractions import Fraction
from typing import Annotated

import typer

SCHEMES = ("proportional", "pplns")
PPM_OF_A_PERCENT = 10_000
#: Of a window, in times what a block takes: beyond, nobody's record is long enough.
MOST_TIMES = 1_000_000
#: All coins that there will ever be, in satoshis.
ALL_COINS = 2_100_000_000_000_000

BLOCK = Annotated[
    str,
    typer.Option(
        "--block",
        metavar="HASH",
        help="A found block's height or hash, or a part of it; the last one if left out.",
    ),
]
NEXT = Annotated[bool, typer.Option("--next", help="The next block, as if it were found now.")]
REWARD = Annotated[
    int | None,
    typer.Option(
        "--reward",
        metavar="SATOSHIS",
        min=0,
        max=ALL_COINS,
        help="What the block pays, fees included; without --block, the next one. Looked up if left out.",
    ),
]
SCHEME = Annotated[
    str,
    typer.Option(
        "--scheme",
        metavar="|".join(SCHEMES),
        help="The work of the block's round counts, or the newest work, however old.",
    ),
]
WINDOW = Annotated[
    str,
    typer.Option("--window", metavar="N", help="pplns: N times what a block takes counts; 2 if left out."),
]
FEE = Annotated[
    str,
    typer.Option(
        "--fee", metavar="PERCENT", help="What the pool keeps, up to four decimals; nothing if left out."
    ),
]
LEAST = Annotated[
    int,
    typer.Option(
        "--least",
        metavar="SATOSHIS",
        min=0,
        max=ALL_COINS,
        help="What is below is carried to the next block.",
    ),
]
AS_CSV = Annotated[bool, typer.Option("--csv", help="A line for each account, exact.")]


def times_of(scheme: str, window: str) -> Fraction | None:
    """How many times what a block takes; None if the round counts. Raises BadParameter."""
    if scheme not in SCHEMES:
        raise typer.BadParameter(f"is one of {', '.join(SCHEMES)}, not {scheme!r}", param_hint="--scheme")
    if scheme == SCHEMES[0]:
        if window:
            raise typer.BadParameter("goes with --scheme pplns", param_hint="--window")
        return None
    times = _decimal(window or "2", "--window")
    if not 0 < times <= MOST_TIMES:
        raise typer.BadParameter(f"is more than 0, and at most {MOST_TIMES:,}", param_hint="--window")
    return times


def ppm_of_fee(fee: str) -> int:
    """In parts of a million. Raises BadParameter."""
    ppm = _decimal(fee, "--fee") * PPM_OF_A_PERCENT
    if ppm.denominator != 1 or not 0 <= ppm <= 100 * PPM_OF_A_PERCENT:
        raise typer.BadParameter("is 0 to 100, with four decimals at most", param_hint="--fee")
    return int(ppm)


def _decimal(text: str, flag: str) -> Fraction:
    """Exactly the number that was written."""
    whole, _, part = text.partition(".")
    digits = whole + part
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 20:
        raise typer.BadParameter(f"is a number such as 2 or 0.5, not {text!r}", param_hint=flag)
    return Fraction(int(digits), 10 ** len(part))
