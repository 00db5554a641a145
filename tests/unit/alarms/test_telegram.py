import pytest

from sluice.alarms.message import Name, Weight, reason
from sluice.alarms.receiver import Later, Never, Sent
from sluice.alarms.telegram import Telegram
from support.alarms import HOSTILE, NOW, letter, message, send
from support.services import Telegram as Service
from support.services import telegram_flood, telegram_moved
from support.web_server import GARBAGE, HANGS, Answer, WebServer

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
CHAT = "-1001234567890"


def test_a_letter_is_shown_as_it_is() -> None:
    service = Service(TOKEN, CHAT)
    with WebServer(service) as server:
        assert send(Telegram(TOKEN, CHAT, server.url)) == Sent()
        assert send(Telegram(TOKEN, CHAT, f"{server.url}/"), unix_time=NOW + 300) == Sent()
        assert server.requests[0].json["disable_notification"] is True
    first, second = service.shown
    assert first == "My Pool: Block 5 was found by alice.rig\nIt is on its way."
    assert second == f"{first}\nThis was 5 min ago."


def test_what_matters_makes_a_sound() -> None:
    with WebServer(Service(TOKEN, CHAT)) as server:
        send(Telegram(TOKEN, CHAT, server.url), letter(message(weight=Weight.ERROR)))
        assert server.requests[0].json["disable_notification"] is False


def test_no_name_is_mark_up_a_link_or_a_mention() -> None:
    service = Service(TOKEN, CHAT)
    names = (
        HOSTILE,
        "@somebody http://evil.test t.me/x",
        "</code><a href='http://x'>y</a>",
        "&lt;&#60;&bogus;",
        "",
    )
    with WebServer(service) as server:
        for name in names:
            words = ("Worker ", Name(name), " < & > ", reason(name))
            assert send(Telegram(TOKEN, CHAT, server.url), letter(message(words, words))) == Sent()
    assert set(service.outside) == {": Worker  < & > \nWorker  < & > "}


def test_the_longest_message_is_not_too_long() -> None:
    service = Service(TOKEN, CHAT)
    names: list[str | Name] = [Name("🙂&" * 500)] * 5
    words = (*names, *[reason("<" * 5_000)] * 3)
    with WebServer(service) as server:
        assert send(Telegram(TOKEN, CHAT, server.url), letter(message(words, words))) == Sent()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (telegram_flood(17), Later("HTTP 429: Too Many Requests: retry after 17", 17.0)),
        (
            telegram_moved(-100987),
            Never(
                "HTTP 400: Bad Request: group chat was upgraded to a supergroup chat "
                "(set alarms.telegram_chat to -100987)"
            ),
        ),
        (Answer(502, b"<html>Bad Gateway</html>"), Later("HTTP 502: <html>Bad Gateway</html>")),
        (Answer(500, b"[1, 2]"), Later("HTTP 500: [1, 2]")),
    ],
)
def test_what_it_says_is_heeded(answer: Answer, outcome: object) -> None:
    with WebServer(lambda request: answer) as server:
        assert send(Telegram(TOKEN, CHAT, server.url)) == outcome


@pytest.mark.parametrize(("token", "chat"), [("123456:WRONG", CHAT), (TOKEN, "5")])
def test_a_wrong_token_or_chat_is_final(token: str, chat: str) -> None:
    with WebServer(Service(TOKEN, CHAT)) as server:
        outcome = send(Telegram(token, chat, server.url))
    assert isinstance(outcome, Never)


@pytest.mark.parametrize("answer", [GARBAGE, HANGS])
def test_a_server_that_is_none_is_tried_again(answer: Answer) -> None:
    with WebServer(lambda request: answer) as server:
        assert isinstance(send(Telegram(TOKEN, CHAT, server.url), seconds=0.3), Later)


def test_the_token_stays_secret() -> None:
    telegram = Telegram(TOKEN, CHAT, "https://api.test")
    assert telegram.where == f"chat {CHAT} by https://api.test"
    assert TOKEN not in repr(telegram) + telegram.where
    with WebServer(lambda request: Answer(404, request.path.encode())) as server:
        assert send(Telegram(TOKEN, CHAT, server.url)) == Never("HTTP 404: /bot***/sendMessage")
