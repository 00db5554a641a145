"""The forms of option values that only alarms have.

Rule: as in `values.py`: each check raises ValueError with what was wanted. None of them repeats what it was given, as
it may be a secret.
"""

from typing import Annotated
from urllib.parse import urlsplit

from sluice.alarms.topics import topics_of
from sluice.config.values import Form


def check_events(text: str) -> None:
    """Words that are topics, or none."""
    topics_of(text)


def check_web_url(text: str) -> None:
    """Where HTTP can be spoken to, or nothing."""
    if not text:
        return
    wanted = "must be like https://example.org/path"
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"{wanted}, in plain characters")
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise ValueError(wanted) from error
    if url.scheme not in ("http", "https") or not url.hostname or port == 0:
        raise ValueError(wanted)
    if url.username is not None:
        raise ValueError(f"{wanted}, without user and password")


Events = Annotated[str, Form("words", check_events)]
SecretUrl = Annotated[str, Form("a URL", check_web_url)]
