from collections.abc import Callable

import pytest

from sluice.config.alarm_values import (
    MOST_ADDRESSES,
    addresses_of,
    check_addresses,
    check_chat,
    check_discord_url,
    check_events,
    check_mail_server,
    check_one_address,
    check_token,
    check_topic_url,
    check_web_url,
)


@pytest.mark.parametrize(
    "url", ["", "https://example.org", "http://127.0.0.1:8080/a?b=c", "http://[::1]:80/", "https://h/K-_~%20"]
)
def test_these_are_addresses(url: str) -> None:
    check_web_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://h:0/",
        "https://h:99999/",
        "https://h/a b",
        "https://h/\n",
        "https://ü.example/",
        "https://[::1/",
        "https://user:SECRET@h/",
    ],
)
def test_these_are_not_and_are_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="must be like https") as error:
        check_web_url(url)
    assert "SECRET" not in str(error.value)


def test_events_are_words() -> None:
    check_events("blocks, workers")
    with pytest.raises(ValueError, match="must be words out of"):
        check_events("block")


FORMS = [
    (
        check_topic_url,
        ["", "https://ntfy.sh/my-topic_1", "http://127.0.0.1:80/a/b"],
        [
            "https://ntfy.sh/",
            "https://ntfy.sh",
            "https://ntfy.sh/a b",
            "https://ntfy.sh/a?b",
            "https://n/a.b",
        ],
    ),
    (
        check_discord_url,
        ["", "https://discord.com/api/webhooks/1/T"],
        ["https://discord.com/channels/1/2", "discord"],
    ),
    (check_token, ["", "123456:ABC-DEF_x"], ["ABC", "123:", "1:a/b", "1:a b", "bot1:a"]),
    (check_chat, ["", "5", "-1001234567890", "@my_channel"], ["me", "+5", "@a b", "1.5"]),
    (
        check_one_address,
        ["", "me@example.org", "me+pool@h"],
        ["me", "@h", "me@", "Me <me@h>", "me@h\n", "ü@h", "me@h."],
    ),
    (
        check_addresses,
        ["", "a@h, b@h", "a@h b@h"],
        ["a@h, b", "a@h; b@h", ",".join(["a@h"] * (MOST_ADDRESSES + 1))],
    ),
    (
        check_mail_server,
        ["", "mail.example.org:587", "[::1]:25"],
        ["mail.example.org", "mail.example.org:0", "::1:25", "mail:x"],
    ),
]


@pytest.mark.parametrize(("check", "good", "bad"), FORMS, ids=lambda each: getattr(each, "__name__", ""))
def test_each_form_has_its_border(check: Callable[[str], None], good: list[str], bad: list[str]) -> None:
    for text in good:
        check(text)
    for text in bad:
        with pytest.raises(ValueError, match="must"):
            check(text)


def test_addresses_have_commas_or_spaces_between_them() -> None:
    assert addresses_of(" a@h,b@h  c@h ") == ("a@h", "b@h", "c@h")
    assert addresses_of("") == ()
