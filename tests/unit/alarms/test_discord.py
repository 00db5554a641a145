import pytest

from sluice.alarms.discord import Discord
from sluice.alarms.message import Name, reason
from sluice.alarms.receiver import Later, Never, Sent
from support.alarms import HOSTILE, NOW, letter, message, send
from support.services import CODE, discord_flood
from support.services import Discord as Service
from support.web_server import Answer, WebServer

PATH = Service().path


def test_a_letter_is_shown_as_it_is() -> None:
    service = Service()
    with WebServer(service) as server:
        assert send(Discord(server.url + PATH), unix_time=NOW + 300) == Sent()
    assert service.shown == [
        "**`My Pool`: Block 5 was found by `alice.rig`**\nIt is on its way.\nThis was 5 min ago."
    ]


def test_nobody_is_mentioned_and_no_name_is_mark_up() -> None:
    service = Service()
    with WebServer(service) as server:
        for name in (HOSTILE, "@everyone <@123> @here", "`**x**` ``y`` ```z", "", "`"):
            words = ("by ", Name(name), ".")
            assert send(Discord(server.url + PATH), letter(message(words, words))) == Sent()
    assert service.mentioned == []
    for shown in service.shown:
        assert CODE.sub("", shown) == "**: by .**\nby ."


def test_what_is_too_long_is_cut() -> None:
    service = Service()
    words = tuple(reason("🙂" * 5_000) for _ in range(20))
    with WebServer(service) as server:
        assert send(Discord(server.url + PATH), letter(message(words, words))) == Sent()
    assert service.shown[0].endswith("…")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (discord_flood(0.35), Later("HTTP 429: You are being rate limited.", 0.35)),
        (Answer(429, b"error code: 1015", (("Retry-After", "12"),)), Later("HTTP 429: error code: 1015", 12.0)),
        (Answer(401, b'{"message": "Invalid Webhook Token", "code": 50027}'), Never("HTTP 401: Invalid Webhook Token")),
        (Answer(503, b'{"message": ""}'), Later('HTTP 503: {"message": ""}')),
    ],
)  # fmt: skip
def test_what_it_says_is_heeded(answer: Answer, outcome: object) -> None:
    with WebServer(lambda request: answer) as server:
        assert send(Discord(server.url + PATH)) == outcome


def test_the_address_stays_secret() -> None:
    with WebServer(
        lambda request: Answer(404, b"no " + request.path.encode() + b" TOKEN-OF-DISCORD")
    ) as server:
        discord = Discord(server.url + PATH)
        assert send(discord) == Never("HTTP 404: no *** ***")
        assert discord.where == server.url
        assert "TOKEN" not in repr(discord) + discord.where
