"""Alarms to any server that takes JSON; its fields are documented in docs/alarms.md.

Rule: fields are added, never changed. With a secret the body is signed, its time included, so that a receiver can
tell us from others and an old letter from a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from urllib.parse import urlsplit

import msgspec

from sluice.alarms.message import Detail
from sluice.alarms.receiver import Letter, Outcome
from sluice.alarms.verdict import outcome_of
from sluice.alarms.web import Post, Web
from sluice.alarms.words import clean, plain

SIGNATURE = "X-Sluice-Signature"
"""`sha256=` and the HMAC-SHA256 of the body under the secret, in hex: the form that GitHub has made usual."""

VERSION = 1


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """A URL, and a secret that the server knows, too; empty for none."""

    url: str
    secret: str = ""
    name: str = "webhook"

    @property
    def where(self) -> str:
        """The server alone: what follows may be a key."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        """One POST."""
        body = body_of(letter, unix_time)
        headers = {SIGNATURE: signature(self.secret, body)} if self.secret else {}
        reply = await web.post(Post(self.url, body, headers), unix_time)
        parts = urlsplit(self.url)
        return outcome_of(reply, (self.url, parts.path.strip("/"), parts.query, self.secret))


def body_of(letter: Letter, unix_time: int) -> bytes:
    """The JSON of a letter that leaves at `unix_time`."""
    message = letter.message
    return msgspec.json.encode(
        {
            "version": VERSION,
            "id": letter.number,
            "pool": letter.pool,
            "topic": message.topic.value,
            "kind": message.kind,
            "level": message.weight.value,
            "title": plain(message.title),
            "text": plain(message.text),
            "at": letter.at,
            "sent_at": unix_time,
            "details": {key: _plain(value) for key, value in message.details.items()},
        }
    )


def signature(secret: str, body: bytes) -> str:
    """What `SIGNATURE` says of a body."""
    return f"sha256={digest(secret.encode(), body, sha256).hex()}"


def _plain(value: Detail) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return dict(value)
    return [clean(each) for each in value]
