"""Alarms to phones by ntfy (ntfy.sh, or a server of one's own): published as JSON, so that no text is ever a header.

Rule: the topic is as good as a password, and treated so.
"""

from dataclasses import dataclass

import msgspec

from sluice.alarms.message import Weight
from sluice.alarms.receiver import Letter, Outcome, lateness
from sluice.alarms.verdict import outcome_of, read_as
from sluice.alarms.web import Post, Web
from sluice.alarms.words import cut, plain, utf8_length

#: Bytes of a message; a longer one would become a file. And of a title, which a phone shows on one line.
MOST_OF_A_MESSAGE, MOST_OF_A_TITLE = 4_096, 250
#: Of five; 3 is the usual one, 5 makes a noise until somebody looks.
PRIORITIES = {Weight.INFO: 3, Weight.WARNING: 4, Weight.ERROR: 5}
#: Its names for small pictures.
TAGS = {Weight.INFO: "pick", Weight.WARNING: "warning", Weight.ERROR: "rotating_light"}


class _Said(msgspec.Struct):
    """Why not, in the server's words."""

    error: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Ntfy:
    """`url` ends with the topic; `token` is an access token, empty for none."""

    url: str
    token: str = ""
    name: str = "ntfy"

    @property
    def where(self) -> str:
        """The server, without the topic."""
        return self._server

    @property
    def _server(self) -> str:
        return self.url.rpartition("/")[0]

    @property
    def _topic(self) -> str:
        return self.url.rpartition("/")[2]

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        """One POST."""
        message = letter.message
        text = " ".join(filter(None, (plain(message.text), lateness(letter, unix_time))))
        body = {
            "topic": self._topic,
            "title": cut(f"{letter.pool}: {plain(message.title)}", MOST_OF_A_TITLE, utf8_length),
            "message": cut(text, MOST_OF_A_MESSAGE, utf8_length),
            "priority": PRIORITIES[message.weight],
            "tags": [TAGS[message.weight]],
        }
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        reply = await web.post(Post(self._server + "/", msgspec.json.encode(body), headers), unix_time)
        said = read_as(_Said, reply)
        return outcome_of(reply, (self._topic, self.token), said.error if said and said.error else None)
