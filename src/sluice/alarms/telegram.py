"""Alarms by a Telegram bot: sendMessage of the Bot API.

Rule: names are code in HTML, so that none is a link, a mention or mark-up; the token, which is part of the address,
stands in no word that is told.
"""

from dataclasses import dataclass

import msgspec

from sluice.alarms.message import Name, Weight
from sluice.alarms.receiver import Letter, Outcome, lateness
from sluice.alarms.verdict import outcome_of, read_as
from sluice.alarms.web import Post, Web
from sluice.alarms.words import html

#: What a message may have, in UTF-16 units, mark-up not counted. Names and reasons are bounded so that all have less.
MOST_OF_A_MESSAGE = 4_096


class _Parameters(msgspec.Struct):
    """What to do about it."""

    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Said(msgspec.Struct):
    """An answer that is no thanks."""

    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


@dataclass(frozen=True, slots=True, repr=False)
class Telegram:
    """A bot's token, the chat that it writes to, and the Bot API's server."""

    token: str
    chat: str
    url: str
    name: str = "telegram"

    @property
    def where(self) -> str:
        """The chat, and by whom."""
        return f"chat {self.chat} by {self.url}"

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        """One call of sendMessage."""
        body = {
            "chat_id": self.chat,
            "text": _text(letter, unix_time),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "disable_notification": letter.message.weight is Weight.INFO,
        }
        post = Post(f"{self.url.rstrip('/')}/bot{self.token}/sendMessage", msgspec.json.encode(body))
        reply = await web.post(post, unix_time)
        said = read_as(_Said, reply)
        if said is None:
            return outcome_of(reply, (self.token,))
        return outcome_of(reply, (self.token,), _words(said), said.parameters.retry_after)


def _text(letter: Letter, unix_time: int) -> str:
    message = letter.message
    lines = (
        f"<b>{html((Name(letter.pool),))}: {html(message.title)}</b>",
        html(message.text),
        lateness(letter, unix_time),
    )
    return "\n".join(filter(None, lines))


def _words(said: _Said) -> str:
    moved = said.parameters.migrate_to_chat_id
    return f"{said.description} (set alarms.telegram_chat to {moved})" if moved else said.description
