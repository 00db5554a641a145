import pytest

from sluice.config.alarm_values import check_events, check_web_url


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
