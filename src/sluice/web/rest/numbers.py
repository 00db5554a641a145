"""Numbers and times as programs read them: our own API's, public-pool's and ckpool's.

Rule: a number that JavaScript would round travels as text; what cannot be said in a dialect's form is said in the
nearest one that its readers take, never in a new one.
"""

from datetime import UTC, datetime
from math import isfinite

from sluice.bitcoin.target import DIFFICULTY_1

#: Hashes that a share of difficulty 1 takes, as public-pool and ckpool count.
HASHES_OF_DIFFICULTY_1 = 2**32
#: The largest whole number that every reader of JSON keeps as it is (RFC 8259, 6).
EXACT = 2**53

#: ckpool's suffixes of powers of a thousand; it has none beyond.
_SUFFIXES = "KMGTPE"


def difficulty_of_hash(share_hash: int | None) -> float:
    """The difficulty that a hash, as a number, would just meet; 0.0 if there is none."""
    return 0.0 if share_hash is None else DIFFICULTY_1 / max(share_hash, 1)


def difficulty_of_work(work: int) -> float:
    """Work in hashes as the difficulties of its shares, added up."""
    return work / HASHES_OF_DIFFICULTY_1


def js_number(number: float) -> int | float:
    """As JavaScript writes it: a whole number has no `.0`. What is no number is 0."""
    if not isfinite(number):
        return 0
    return int(number) if abs(number) < EXACT and float(number).is_integer() else number


def iso_time(unix_seconds: float) -> str:
    """As JavaScript's `toISOString`: 2026-06-14T13:43:19.504Z."""
    moment = datetime.fromtimestamp(_in_the_calendar(unix_seconds), UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def sql_time(unix_seconds: float) -> str:
    """As SQLite's `datetime()`, in UTC: 2026-06-14 13:43:19."""
    return f"{datetime.fromtimestamp(_in_the_calendar(unix_seconds), UTC):%Y-%m-%d %H:%M:%S}"


def suffixed(number: float) -> str:
    """Ckpool's form: three digits and a suffix, `1.23T`, `142K`, `17.4P`; below a thousand a whole number, `0`."""
    if not isfinite(number) or number < 1:
        return "0"
    if number < 1000:
        return str(int(number))
    scaled, power = number / 1000, 0
    while scaled >= 1000 and power < len(_SUFFIXES) - 1:
        scaled, power = scaled / 1000, power + 1
    return f"{scaled:.3g}{_SUFFIXES[power]}"


def _in_the_calendar(unix_seconds: float) -> float:
    """The nearest moment that a calendar has."""
    return min(max(unix_seconds, 0.0), 253_402_300_799.0) if isfinite(unix_seconds) else 0.0
