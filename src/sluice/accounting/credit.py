"""Credit: whose work it is, in whole hashes by account.

Rule: a sum of credit has no order, and what is cut from it is exactly as much as was asked for. What an account's
workers did is one sum before anything is computed of it: splitting an account up changes nothing.
"""

from collections.abc import Iterable, Mapping

Credit = Mapping[str, int]


def together(pieces: Iterable[Credit]) -> dict[str, int]:
    """All of them, added up."""
    total: dict[str, int] = {}
    for piece in pieces:
        for account, work in piece.items():
            total[account] = total.get(account, 0) + work
    return total


def cut(credit: Credit, work: int) -> dict[str, int]:
    """`work` hashes of it, from each account in proportion, and of none more than it has.

    Account by account, in the order of their names, what is cut of all so far is rounded down: so nothing is lost
    between them. ValueError if there is not so much.
    """
    total = sum(credit.values())
    if not 0 <= work <= total:
        raise ValueError(f"{work} of {total} hashes cannot be cut")
    parts: dict[str, int] = {}
    seen = given = 0
    for account in sorted(credit):
        seen += credit[account]
        upto = work * seen // total if total else 0
        parts[account], given = upto - given, upto
    return parts
