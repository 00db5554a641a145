"""Numbers, times and strangers' texts as people read them: in the log, on a terminal, on a page.

Rule: one form for each kind of thing, wherever it is shown; a number that cannot be said is said to be unknown, and
a text that a stranger sent can neither move a cursor nor turn the direction of what stands beside it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from math import floor, isfinite, log10
from unicodedata import category

#: From one up, by thousands; the largest that the SI has is far beyond all the miners there are.
PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q")
#: Hashes that a share of difficulty 1 takes: 2^32, as everybody counts; exactly it is 1.5 in 100,000 more.
HASHES_OF_DIFFICULTY_1 = 2.0**32
SATOSHIS = 100_000_000
UNKNOWN = "?"
#: The least difficulty that is written out: some hashes; below, people count zeros no more.
SMALLEST = 1e-9
#: Marks that stand on one letter: languages have up to three; more are there to be drawn over the lines above.
MOST_MARKS = 3
_MARKS = ("Mn", "Me")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

#: Seconds, and what so many are called: one of them, several.
_SPANS: tuple[tuple[float, str, str], ...] = (
    (365.25 * 86_400, "year", "years"),
    (86_400, "day", "days"),
    (3_600, "h", "h"),
    (60, "min", "min"),
    (1, "s", "s"),
)
#: Years beyond which a time is only a number.
MOST_YEARS = 1e6


def with_unit(number: float, unit: str) -> str:
    """Three digits and a prefix: 1.85 MH/s."""
    if not isfinite(number):
        return f"{UNKNOWN} {unit}"
    for prefix in PREFIXES[:-1]:
        if abs(number) < 999.5:  # beyond, three digits would round up to four
            return f"{number:.3g} {prefix}{unit}"
        number /= 1000
    return f"{number:.3g} {PREFIXES[-1]}{unit}"


def hashrate_text(hashes_a_second: float) -> str:
    """From nothing to the whole network and beyond: 0 H/s, 1.21 TH/s, 1.5 ZH/s."""
    return with_unit(hashes_a_second, "H/s")


def difficulty_text(difficulty: float) -> str:
    """Short, for very small ones too: 0.00002525, 0.0001235, 4096, 1.27 M, 84.1 T."""
    size = abs(difficulty)
    if SMALLEST <= size < 1e-4:  # where Python would begin to write powers of ten
        return f"{difficulty:.{3 - floor(log10(size))}f}".rstrip("0")
    return f"{difficulty:.4g}" if size < 9_999.5 else with_unit(difficulty, "").rstrip()


def count_text(number: int) -> str:
    """With the thousands apart: 1,234,567."""
    return f"{number:,}"


def several(number: int, one: str, many: str = "") -> str:
    """1 miner, 12 miners."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def bytes_text(number: float) -> str:
    """In the units of disks: 1.85 GB."""
    return with_unit(number, "B")


def coins_text(satoshis: int) -> str:
    """All eight digits: 3.12500000 BTC."""
    sign = "-" if satoshis < 0 else ""
    whole, part = divmod(abs(satoshis), SATOSHIS)
    return f"{sign}{whole:,}.{part:08} BTC"


def percent_text(part: float, whole: float) -> str:
    """How much of it: 0.25 %; a dash of nothing."""
    return f"{100 * part / whole:.3g} %" if whole else "-"


def duration_text(seconds: float | None) -> str:
    """The two largest parts: 8 s, 5 min 20 s, 3 h 20 min, 2 days 4 h, 12 years."""
    if seconds is None or not isfinite(seconds):
        return UNKNOWN
    left = max(seconds, 0.0)
    years = left / _SPANS[0][0]
    if years >= 10:
        return f"{years:,.0f} years" if years < MOST_YEARS else f"{with_unit(years, '').rstrip()} years"
    if 0 < left < 1:
        return "under 1 s"
    return " ".join(islice(_parts(round(left)), 2)) or "0 s"


def _parts(left: float) -> Iterator[str]:
    """Part by part, the largest first; of many years or days the parts below say nothing any more."""
    for length, one, many in _SPANS:
        number = int(left // length)
        left %= length
        if number:
            yield f"{number} {one if number == 1 else many}"
            if number >= 10 and length > _SPANS[2][0]:
                return


def ago_text(seconds: float | None) -> str:
    """How long ago; a dash if never."""
    return "-" if seconds is None else f"{duration_text(seconds)} ago"


def when_text(unix_seconds: float | None) -> str:
    """A moment, in UTC: 2026-11-25 07:45:00; unknown if there is none that a calendar has."""
    if not unix_seconds:
        return UNKNOWN
    try:
        return f"{datetime.fromtimestamp(unix_seconds, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return UNKNOWN


def seconds_to_block(network_difficulty: float, hashes_a_second: float) -> float | None:
    """Seconds expected until a block is found, which half the time takes longer than 0.69 of them; None: never."""
    if hashes_a_second <= 0 or network_difficulty <= 0:
        return None
    return network_difficulty * HASHES_OF_DIFFICULTY_1 / hashes_a_second


def odds_text(network_difficulty: float, hashes_a_second: float, seconds: float) -> str:
    """How likely a block is in so many seconds: "1 in 3,412", or in percent once it is likely."""
    expected = seconds_to_block(network_difficulty, hashes_a_second)
    if expected is None:
        return "none"
    blocks = seconds / expected
    if blocks >= 0.1:
        many = f"{blocks:.3g}" if blocks < 999.5 else f"{blocks:,.0f}"
        return f"{many} expected" if blocks >= 1 else f"{100 * blocks:.0f} %"
    times = 1 / blocks
    return f"1 in {times:,.0f}" if times < 1e6 else f"1 in {with_unit(times, '').rstrip()}"


def words_of(class_name: str) -> str:
    """`BlockFound` -> `block found`."""
    return _WORD.sub(" ", class_name).lower()


def writable(text: str) -> str:
    """`text` as any file, socket and page takes it: what is no UTF-8, and travels in halves of letters, is spelt out."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_spelt(letter) if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def printable(text: str) -> str:
    """For a terminal: no control characters, none that turn the direction, no halves of letters, no heaps of marks."""
    if text.isascii() and text.isprintable():
        return text
    letters, marks = [], 0
    for letter in text:
        marks = marks + 1 if category(letter) in _MARKS else 0
        shown = letter.isprintable() and marks <= MOST_MARKS
        letters.append(letter if shown else f"\\x{ord(letter):02x}")
    return "".join(letters).encode("utf-8", "backslashreplace").decode()


def _spelt(half: str) -> str:
    """A byte that is no UTF-8 as a byte (PEP 383), anything else by its number."""
    number = ord(half)
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"
