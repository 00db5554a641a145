"""The forms of option values that only alarms have.

Rule: as in `values.py`: each check raises ValueError with what was wanted. None of them repeats what it was given, as
it may be a secret.
"""

import re
from typing import Annotated
from urllib.parse import urlsplit

from sluice.alarms.topics import topics_of
from sluice.config.values import Form, parse_endpoint


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


def check_topic_url(text: str) -> None:
    """ntfy's: an address that ends with a topic, or nothing."""
    check_web_url(text)
    if text and not _TOPIC.fullmatch(text):
        raise ValueError("must end with the topic, like https://ntfy.sh/my-topic (letters, digits, - and _)")


def check_discord_url(text: str) -> None:
    """The address of a webhook, or nothing."""
    check_web_url(text)
    if text and "/webhooks/" not in text:
        raise ValueError("must be that of a webhook, like https://discord.com/api/webhooks/ID/TOKEN")


def check_token(text: str) -> None:
    """A bot's, or nothing."""
    if text and not _TOKEN.fullmatch(text):
        raise ValueError("must be a bot's token, like 123456:ABC..., as @BotFather shows it")


def check_chat(text: str) -> None:
    """The number of a chat, the name of a channel, or nothing."""
    if text and not _CHAT.fullmatch(text):
        raise ValueError("must be the number of a chat, or the @name of a channel")


def check_one_address(text: str) -> None:
    """Of e-mail, or nothing."""
    if text and not _MAILBOX.fullmatch(text):
        raise ValueError("must be an e-mail address, like me@example.org")


def check_addresses(text: str) -> None:
    """Of e-mail, with commas between them, or nothing."""
    addresses = addresses_of(text)
    if len(addresses) > MOST_ADDRESSES:
        raise ValueError(f"must be at most {MOST_ADDRESSES} addresses")
    for address in addresses:
        check_one_address(address)


def addresses_of(text: str) -> tuple[str, ...]:
    """The addresses that stand in it."""
    return tuple(text.replace(",", " ").split())


def check_mail_server(text: str) -> None:
    """`host:port`, or nothing."""
    if text and parse_endpoint(text).port == 0:
        raise ValueError("must end in the port of the server: 587 for starttls, 465 for tls")


MOST_ADDRESSES = 16
"""Whoever has more friends has a list."""

_TOPIC = re.compile(r"https?://[^?#]+/[-_A-Za-z0-9]{1,64}")
_TOKEN = re.compile(r"[0-9]{1,20}:[-_A-Za-z0-9]{1,100}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64}")
_MAILBOX = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)

Events = Annotated[str, Form("words", check_events)]
WebUrl = Annotated[str, Form("a URL", check_web_url)]
TopicUrl = Annotated[str, Form("a URL", check_topic_url)]
DiscordUrl = Annotated[str, Form("a URL", check_discord_url)]
BotToken = Annotated[str, Form("a token", check_token)]
Chat = Annotated[str, Form("a number, or @name", check_chat)]
Mailbox = Annotated[str, Form("an address", check_one_address)]
Mailboxes = Annotated[str, Form("addresses with commas between them", check_addresses)]
MailServer = Annotated[str, Form("host:port", check_mail_server)]
