"""Alarms to a channel of Discord, by one of its webhooks.

Rule: names are code, so that none is a link or mark-up, and nobody is mentioned whatever stands there. The address is
the key, and stands in no word that is told.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from sluice.alarms.message import Name
from sluice.alarms.receiver import Letter, Outcome, lateness
from sluice.alarms.verdict import outcome_of, read_as
from sluice.alarms.web import Post, Web
from sluice.alarms.words import cut, markdown, utf16_length

MOST_OF_A_MESSAGE = 2_000
#: SUPPRESS_EMBEDS: no previews of links.
FLAGS = 1 << 2


class _Said(msgspec.Struct):
    """An answer that is no thanks."""

    message: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Discord:
    """The address of a webhook, as Discord shows it."""

    url: str
    name: str = "discord"

    @property
    def where(self) -> str:
        """The server alone."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        """One POST."""
        body = {
            "content": cut(_text(letter, unix_time), MOST_OF_A_MESSAGE, utf16_length),
            "allowed_mentions": {"parse": []},
            "flags": FLAGS,
        }
        reply = await web.post(Post(self.url, msgspec.json.encode(body)), unix_time)
        said = read_as(_Said, reply) or _Said()
        path = urlsplit(self.url).path
        secrets = (self.url, path, path.rpartition("/")[2])
        return outcome_of(reply, secrets, said.message or None, said.retry_after)


def _text(letter: Letter, unix_time: int) -> str:
    message = letter.message
    lines = (
        f"**{markdown((Name(letter.pool), ': ', *message.title))}**",
        markdown(message.text),
        lateness(letter, unix_time),
    )
    return "\n".join(filter(None, lines))
