"""The options of who is credited and paid: a section by itself, as `table.py` is long enough.

Rule: as in `table.py`.
"""

from typing import Literal

from sluice.config.option import row, section


@section
class Accounts:
    """Who is credited with the work, and who is paid."""

    names: Literal["address", "any"] = row(
        "Which user names may mine: address takes address or address.worker (also with _), valid on this network; any "
        "takes others, too, but nothing that looks like an address and is none here.",
        default="address",
        flag="--names",
    )
