"""From values to HTML: the templates, and the words in which they say numbers.

Rule: everything that is put into a page is escaped, and there is no filter that says otherwise; a name that a template
uses and nobody gave is a bug, and raises.
"""

from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from sluice.legible import (
    ago_text,
    bytes_text,
    coins_text,
    count_text,
    difficulty_text,
    duration_text,
    hashrate_text,
    percent_text,
    printable,
    when_text,
)
from sluice.web.assets import path_of

#: Of a long name, the letters that are shown in a table.
HEAD, TAIL = 14, 8
#: How each stage of a block, each state of a node and each level of the log looks; what is not here is plain.
TONES = {
    "in the chain": "good",
    "held": "good",
    "buried": "good",
    "refused": "bad",
    "overtaken": "warn",
    "orphaned": "bad",
    "rejected": "bad",
    "leading": "good",
    "in step": "good",
    "slow": "warn",
    "lagging": "bad",
    "forked": "bad",
    "unproven": "warn",
    "silent": "bad",
    "in trouble": "bad",
    "unusable": "bad",
    "warning": "warn",
    "error": "bad",
    "accepted": "good",
    "duplicate": "good",
    "silent answer": "warn",
}


def iso(unix_seconds: float) -> str:
    """A moment as HTML's <time> has it; empty if no calendar has it."""
    try:
        return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return ""


def tone(word: str) -> str:
    """How it looks."""
    return TONES.get(word, "")


def short_hash(text: str) -> str:
    """The part of a block's hash that tells it apart: the zeros in front are in all of them."""
    return f"…{text[-16:]}" if len(text) > 20 else text


def shortened(text: str) -> str:
    """A long name by its two ends, as people tell addresses apart."""
    return f"{text[:HEAD]}…{text[-TAIL:]}" if len(text) > HEAD + TAIL + 2 else text


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def fact(value: object) -> str:
    """Of a happening: a number short, a text as it is."""
    if isinstance(value, float):
        return difficulty_text(value)
    return printable(str(value))


ENVIRONMENT = Environment(
    loader=PackageLoader("sluice.web"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
ENVIRONMENT.filters.update(
    rate=hashrate_text,
    difficulty=difficulty_text,
    duration=duration_text,
    ago=ago_text,
    when=when_text,
    iso=iso,
    coins=coins_text,
    count=count_text,
    size=bytes_text,
    percent=percent_text,
    name=printable,
    tone=tone,
    short_hash=short_hash,
    shortened=shortened,
    sentence=sentence,
    fact=fact,
)
ENVIRONMENT.globals.update(asset=path_of)


def page(template: str, **values: object) -> str:
    """A whole page, or a part of one."""
    return ENVIRONMENT.get_template(template).render(values)
