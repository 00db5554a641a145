"""ntfy, Telegram and Discord as their documentation has them: each takes what it would take, and refuses the rest.

A service is a function from a request to an answer, for `WebServer`; what it took is kept as people would see it.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Literal

import msgspec

from support.web_server import Answer, Request


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _json(status: int, body: dict[str, Any], *headers: tuple[str, str]) -> Answer:
    return Answer(status, msgspec.json.encode(body), (("Content-Type", "application/json"), *headers))


class _NtfyMessage(msgspec.Struct, forbid_unknown_fields=True):
    topic: str
    message: str
    title: str = ""
    priority: Literal[1, 2, 3, 4, 5] = 3
    tags: list[str] = []


@dataclass
class Ntfy:
    """docs.ntfy.sh/publish: published as JSON, on a server whose topics are protected if it has a token."""

    token: str = ""
    shown: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        if request.method != "POST" or request.path != "/":
            return _json(404, {"code": 40401, "http": 404, "error": "page not found"})
        if self.token and request.headers["Authorization"] != f"Bearer {self.token}":
            return _json(403, {"code": 40301, "http": 403, "error": "forbidden"})
        try:
            said = msgspec.json.decode(request.body, type=_NtfyMessage)
        except msgspec.DecodeError:
            return _json(
                400, {"code": 40024, "http": 400, "error": "invalid request: request body must be valid JSON"}
            )
        if not re.fullmatch("[-_A-Za-z0-9]{1,64}", said.topic):
            return _json(400, {"code": 40009, "http": 400, "error": "invalid request: topic invalid"})
        if len(said.message.encode()) > 4_096:
            return _json(413, {"code": 41301, "http": 413, "error": "attachment too large"})
        self.shown.append((said.topic, said.title, said.message))
        return _json(200, {"id": "hwQ2YpKdmg", "time": 1635528741, "event": "message", "topic": said.topic})


class _Preview(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    is_disabled: bool = False


class _SendMessage(msgspec.Struct, forbid_unknown_fields=True):
    chat_id: int | str
    text: str
    parse_mode: str = ""
    link_preview_options: _Preview = _Preview()
    disable_notification: bool = False


class _Entities(HTMLParser):
    """The Bot API's HTML: few tags, each closed, and four named entities."""

    TAGS = frozenset("b strong i em u s code pre a blockquote".split())
    ENTITIES = frozenset(("lt", "gt", "amp", "quot"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.text = ""
        #: What is not code, where links and mentions are found.
        self.outside = ""
        self.wrong = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.TAGS:
            self.wrong = f'can\'t parse entities: Unsupported start tag "{tag}"'
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong = "can't parse entities: Unmatched end tag"

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            self.wrong = "can't parse entities"
        self._add(data)

    def handle_entityref(self, name: str) -> None:
        if name not in self.ENTITIES:
            self.wrong = f"can't parse entities: {name}"
        self._add({"lt": "<", "gt": ">", "amp": "&", "quot": '"'}.get(name, ""))

    def handle_charref(self, name: str) -> None:
        self._add(chr(int(name)))

    def handle_comment(self, data: str) -> None:
        self.wrong = "can't parse entities: Unsupported start tag"

    def _add(self, text: str) -> None:
        self.text += text
        if "code" not in self.open:
            self.outside += text


def telegram_text(html: str) -> str:
    """What is shown of it; AssertionError if it cannot be read."""
    entities = _Entities()
    entities.feed(html)
    entities.close()
    assert not entities.wrong
    assert not entities.open
    return entities.text


@dataclass
class Telegram:
    """core.telegram.org/bots/api, sendMessage alone."""

    token: str
    chat: str
    shown: list[str] = field(default_factory=list)
    #: What stands outside of code, where Telegram looks for links and mentions.
    outside: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        if request.path != f"/bot{self.token}/sendMessage":
            return self._error(401 if request.path.startswith("/bot") else 404, "Unauthorized")
        try:
            said = msgspec.json.decode(request.body, type=_SendMessage)
        except msgspec.DecodeError:
            return self._error(400, "Bad Request: can't parse the body")
        if str(said.chat_id) != self.chat:
            return self._error(400, "Bad Request: chat not found")
        entities = _Entities()
        if said.parse_mode == "HTML":
            entities.feed(said.text)
            entities.close()
        else:
            entities.text = entities.outside = said.text
        if entities.wrong or entities.open:
            return self._error(400, f"Bad Request: {entities.wrong}")
        if not entities.text.strip():
            return self._error(400, "Bad Request: message text is empty")
        if utf16(entities.text) > 4_096:
            return self._error(400, "Bad Request: message is too long")
        self.shown.append(entities.text)
        self.outside.append(entities.outside)
        return _json(200, {"ok": True, "result": {"message_id": len(self.shown)}})

    def _error(self, code: int, words: str, **parameters: int) -> Answer:
        return _json(code, {"ok": False, "error_code": code, "description": words})


def telegram_flood(seconds: int) -> Answer:
    words = f"Too Many Requests: retry after {seconds}"
    parameters = {"retry_after": seconds}
    return _json(429, {"ok": False, "error_code": 429, "description": words, "parameters": parameters})


def telegram_moved(chat: int) -> Answer:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    return _json(
        400,
        {"ok": False, "error_code": 400, "description": words, "parameters": {"migrate_to_chat_id": chat}},
    )


class _Mentions(msgspec.Struct, forbid_unknown_fields=True):
    parse: list[Literal["everyone", "users", "roles"]]


class _Execute(msgspec.Struct, forbid_unknown_fields=True):
    content: str
    allowed_mentions: _Mentions | None = None
    flags: int = 0


CODE = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)", re.DOTALL)


@dataclass
class Discord:
    """discord.com/developers, Execute Webhook alone."""

    path: str = "/api/webhooks/1234/TOKEN-OF-DISCORD"
    shown: list[str] = field(default_factory=list)
    mentioned: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        if request.path != self.path:
            return _json(404, {"message": "Unknown Webhook", "code": 10015})
        try:
            said = msgspec.json.decode(request.body, type=_Execute)
        except msgspec.DecodeError:
            return _json(400, {"message": "The request body contains invalid JSON.", "code": 50109})
        if not said.content.strip():
            return _json(400, {"message": "Cannot send an empty message", "code": 50006})
        if utf16(said.content) > 2_000:
            return _json(400, {"message": "Invalid Form Body", "code": 50035, "errors": {"content": {}}})
        if said.flags & ~(1 << 2 | 1 << 12):
            return _json(400, {"message": "Invalid Form Body", "code": 50035, "errors": {"flags": {}}})
        if said.allowed_mentions is None or said.allowed_mentions.parse:
            self.mentioned += re.findall(r"@everyone|@here|<@[!&]?\d+>", said.content)
        self.shown.append(said.content)
        return Answer(204, b"")


def discord_flood(seconds: float) -> Answer:
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    return _json(429, body, ("Retry-After", str(int(seconds) + 1)))
