"""The options of who is credited and paid: a section by itself, as `table.py` is long enough.

Rule: as in `table.py`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from sluice.config.option import row, section
from sluice.config.values import Address


@section
class Accounts:
    """Who is credited with the work, and who is paid."""

    names: Literal["address", "any"] = row(
        "Which user names may mine: address takes address or address.worker (also with _), valid on this network; any "
        "takes others, too, but nothing that looks like an address and is none here.",
        default="address",
        flag="--names",
    )
    mode: Literal["pool", "solo"] = row(
        "Whom blocks pay: pool.address, with each account's work on the record (pool), or the address of who finds them "
        "(solo), where names are addresses whatever accounts.names says.",
        default="pool",
        flag="--mode",
    )
    fee_percent: Annotated[float, Meta(ge=0, le=50, extra={"unit": "percent"})] = row(
        "Of each block found in solo mode, what the operator keeps, rounded down to a satoshi; the finder always has the "
        "larger part. A fee below 546 satoshis is not taken.",
        default=0.0,
    )
    fee_address: Address = row("Where the fee goes; pool.address if it is not set.", default="")
